//! One point a category: people's agreement with each other, and with the model.

use egui::{Align2, Rect, Stroke, Ui, pos2, vec2};

use super::{ModelsState, behind_category};
use crate::analysis::categories::CategoriesReport;
use crate::app::request::Request;
use crate::app::widgets::paint::{
    Button, heading, hit_as, link, number, text, text_cut, text_width, thousands, two_panes,
};
use crate::app::widgets::table::{Column, Table};
use crate::app::widgets::theme::{Theme, font};
use crate::stats::Statistic;
use crate::stats::category_reliability::{CategoryPoint, Zone};

const COLUMNS: [Column<'static>; 6] = [
    Column::new("category", 0.0),
    Column::new("people", 62.0).right().hint("Mean of Cohen’s kappa over pairs of people"),
    Column::new("95 % interval", 108.0).right(),
    Column::new("with model", 76.0).right().hint("Mean of Cohen’s kappa over pairs of a person and a model"),
    Column::new("95 % interval", 108.0).right(),
    Column::new("says", 116.0)
        .hint("Above .9 and .7: may be automated. People below .7: to be defined better"),
];

pub(super) fn zone(zone: Zone) -> &'static str {
    match zone {
        Zone::Automate => "automate",
        Zone::Review => "review",
        Zone::Define => "define better",
        Zone::Unknown => "—",
    }
}

/// What was found, in a sentence.
pub(super) fn finding(report: &CategoriesReport) -> String {
    let of = |z: Zone| report.found.points.iter().filter(|p| p.zone == z).count();
    let all = report.found.points.len();
    let r = match &report.found.pearson {
        Statistic::Defined(e) => format!(
            "; over categories r {} ({})",
            number(e.value, 2),
            report.found.pearson_p.map_or_else(|| "—".to_owned(), |p| format!("p {}", number(p, 4)))
        ),
        Statistic::Undefined(_) => String::new(),
    };
    format!(
        "{} of {all} categories may be automated, {} are to be reviewed, {} to be defined better first{r}",
        of(Zone::Automate),
        of(Zone::Review),
        of(Zone::Define)
    )
}

/// Paints the tab.
pub(super) fn ui(
    ui: &mut Ui,
    body: Rect,
    state: &mut ModelsState,
    report: &CategoriesReport,
    out: &mut Vec<Request>,
) {
    let (left, right) = two_panes(ui, body, 0.45, (360.0, 900.0));
    state.category = state.category.min(report.found.points.len().saturating_sub(1));
    plot_ui(ui, left.shrink2(vec2(16.0, 12.0)), state, report, out);
    list_ui(ui, right, state, report, out);
}

fn plot_ui(ui: &Ui, r: Rect, state: &mut ModelsState, report: &CategoriesReport, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let caption = "by agreement of both";
    heading(p, theme, pos2(r.left(), r.top() + 8.0), "Which categories could it take over", caption);
    if link(ui, pos2(r.left(), r.bottom() - 8.0), "How this is computed", "page").clicked() {
        out.push(Request::Explain("category_reliability"));
    }
    let points = &report.found.points;
    let values = points.iter().flat_map(|p| [p.human_human.value(), p.human_model.value()]).flatten();
    let low = (values.fold(0.4_f64, f64::min) * 5.0).floor() / 5.0;
    let low = low.max(-1.0);
    let side = (r.width() - 40.0).min(r.height() - 90.0);
    let area = Rect::from_min_size(pos2(r.left() + 34.0, r.top() + 30.0), vec2(side, side));
    let share = |v: f64| ((v - low) / (1.0 - low)).clamp(0.0, 1.0) as f32;
    let at = |x: f64, y: f64| pos2(area.left() + side * share(x), area.bottom() - side * share(y));
    // The zones.
    let l = report.limits;
    let automate = Rect::from_two_pos(at(l.people_sure, l.model_sure), at(1.0, 1.0));
    p.rect_filled(automate, 0.0, theme.raised);
    let define = Rect::from_two_pos(at(low, low), at(l.people_usable, 1.0));
    p.rect_filled(define, 0.0, theme.raised);
    text(
        p,
        define.left_top() + vec2(6.0, 12.0),
        Align2::LEFT_CENTER,
        "define better",
        font::caption(),
        theme.text_3,
    );
    text(
        p,
        automate.right_top() + vec2(-6.0, -8.0),
        Align2::RIGHT_CENTER,
        "automate",
        font::caption(),
        theme.text_3,
    );
    let mut v = low;
    while v <= 1.0 + 1e-9 {
        let point = at(v, v);
        p.hline(area.x_range(), point.y, Stroke::new(1.0, theme.grid));
        p.vline(point.x, area.y_range(), Stroke::new(1.0, theme.grid));
        let words = number(v, 1);
        text(
            p,
            pos2(area.left() - 6.0, point.y),
            Align2::RIGHT_CENTER,
            &words,
            font::mono_small(),
            theme.text_3,
        );
        text(
            p,
            pos2(point.x, area.bottom() + 9.0),
            Align2::CENTER_CENTER,
            &words,
            font::mono_small(),
            theme.text_3,
        );
        v += 0.2;
    }
    text(
        p,
        pos2(area.right(), area.bottom() + 24.0),
        Align2::RIGHT_CENTER,
        "κ between people",
        font::caption(),
        theme.text_2,
    );
    if let Ok(line) = &report.found.line
        && let Some(Some(term)) = line.terms.first()
    {
        let y = |x: f64| line.intercept + term.coefficient * x;
        p.line_segment([at(low, y(low)), at(1.0, y(1.0))], Stroke::new(1.0, theme.line_strong));
    }
    let both = |point: &CategoryPoint| Some(at(point.human_human.value()?, point.human_model.value()?));
    let dot = |centre| Rect::from_center_size(centre, vec2(12.0, 12.0));
    let dots: Vec<Rect> = points.iter().filter_map(both).map(dot).collect();
    let mut names: Vec<Rect> = Vec::new();
    for (i, point) in points.iter().enumerate() {
        let (Some(x), Some(y)) = (point.human_human.value(), point.human_model.value()) else { continue };
        let on = state.category == i;
        let centre = at(x, y);
        let cross = |s: &Statistic| s.estimate().and_then(|e| e.ci);
        let ink = if on { theme.text } else { theme.line_strong };
        if let Some((a, b)) = cross(&point.human_human).filter(|_| on) {
            p.line_segment([at(a, y), at(b, y)], Stroke::new(1.5, ink));
        }
        if let Some((a, b)) = cross(&point.human_model).filter(|_| on) {
            p.line_segment([at(x, a), at(x, b)], Stroke::new(1.5, ink));
        }
        if point.is_rare() {
            p.circle(centre, 5.0, theme.panel, Stroke::new(1.5, theme.text));
        } else {
            p.circle_filled(centre, 5.0, if on { theme.accent } else { theme.text });
        }
        let words = &point.name;
        let width = text_width(p, words, font::caption());
        // Where neither another name nor another point stands: at the right, at the left, below, above.
        let half = width / 2.0;
        let around = [(9.0, -7.0), (-9.0 - width, -7.0), (-half, 7.0), (-half, -21.0)];
        let around = around.map(|(dx, dy)| Rect::from_min_size(centre + vec2(dx, dy), vec2(width, 14.0)));
        let is_free = |r: &&Rect| {
            r.right() <= area.right() && !names.iter().chain(&dots).any(|n: &Rect| n.intersects(**r))
        };
        let place = *around.iter().find(is_free).unwrap_or(&around[0]);
        text(p, place.left_center(), Align2::LEFT_CENTER, words, font::caption(), theme.text_2);
        names.push(place);
        let words = format!("{words}: people {}, with model {}", number(x, 3), number(y, 3));
        let hit = Rect::from_center_size(centre, vec2(18.0, 18.0));
        let response = hit_as(ui, hit, ui.scope_id().with(("point", i)), &words, Some(on));
        if response.clicked() {
            state.category = i;
        }
        if response.double_clicked() {
            out.extend(behind_category(report, i));
        }
        response.on_hover_text(words);
    }
}

fn list_ui(ui: &mut Ui, r: Rect, state: &mut ModelsState, report: &CategoriesReport, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let points = &report.found.points;
    let foot = 96.0;
    let area = Rect::from_min_max(r.min, pos2(r.right(), r.bottom() - foot));
    let mut place = std::mem::take(&mut state.table);
    place.reveal(state.category as u64);
    let table = Table {
        name: "Categories",
        columns: &COLUMNS,
        rows: points.len() as u64,
        selected: Some(state.category as u64),
        sorted: None,
    };
    let digits = |s: &Statistic| s.value().map_or_else(|| "—".to_owned(), |v| number(v, 3));
    let interval = |s: &Statistic| {
        let ci = s.estimate().and_then(|e| e.ci);
        ci.map_or_else(|| "—".to_owned(), |(a, b)| format!("[{}, {}]", number(a, 2), number(b, 2)))
    };
    let name_of = |row: u64| {
        let point = &points[row as usize];
        format!("{}: {}, {}", point.name, digits(&point.human_human), digits(&point.human_model))
    };
    let events = table.show(ui, area, &mut place, name_of, |ui, row, cells, _| {
        let point = &points[row as usize];
        let p = ui.painter();
        let [name, people, low, model, high, says] = *cells else { return };
        text_cut(p, name.left_center(), name.width(), &point.name, font::body(), theme.text);
        let right = |cell: Rect, words: &str, ink| {
            text(p, cell.right_center(), Align2::RIGHT_CENTER, words, font::mono(), ink);
        };
        right(people, &digits(&point.human_human), theme.text);
        right(low, &interval(&point.human_human), theme.text_3);
        right(model, &digits(&point.human_model), theme.text);
        right(high, &interval(&point.human_model), theme.text_3);
        let words = zone(point.zone);
        let words = if point.is_rare() { format!("{words}, rare") } else { words.to_owned() };
        text_cut(p, says.left_center(), says.width(), &words, font::body(), theme.text_2);
    });
    state.table = place;
    if let Some(row) = events.clicked.or(events.opened) {
        state.category = row as usize;
    }
    if events.opened.is_some() {
        out.extend(behind_category(report, state.category));
    }
    let p = ui.painter();
    p.hline(r.x_range(), area.bottom(), theme.border());
    let Some(point) = points.get(state.category) else { return };
    let y = area.bottom() + 18.0;
    let left = r.left() + 16.0;
    let prevalence = point.prevalence.map_or_else(|| "—".to_owned(), |v| number(100.0 * v, 1));
    let words = format!(
        "{}: {prevalence} % of people’s answers, {} in all",
        point.name,
        thousands(point.n_positive as u64)
    );
    text_cut(p, pos2(left, y), r.width() - 32.0, &words, font::body(), theme.text);
    let who = format!(
        "{} people; {}; {} resamples of items",
        thousands(report.people.len() as u64),
        report.models.join(", "),
        thousands(u64::from(report.replicates))
    );
    text_cut(p, pos2(left, y + 20.0), r.width() - 32.0, &who, font::caption(), theme.text_3);
    let name = match &report.behind[state.category] {
        crate::analysis::categories::BehindCategory::Items(_, items) => {
            format!("Open {} items where they part", thousands(items.len() as u64))
        }
        crate::analysis::categories::BehindCategory::Question(_) => "Read this question".to_owned(),
    };
    if Button::new(&name).key("Enter").show(ui, pos2(left, y + 36.0), "open category").0.clicked() {
        out.extend(behind_category(report, state.category));
    }
}
