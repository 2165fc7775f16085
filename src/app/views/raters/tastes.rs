//! Tastes: the dimensions that explain the votes, who stands where on one of them, and the items that tell raters apart.

use egui::{Align2, Rect, Stroke, Ui, pos2, vec2};

use crate::analysis::tastes::{Ends, Of, TastesReport};
use crate::app::document::Document;
use crate::app::query::Condition;
use crate::app::request::Request;
use crate::app::widgets::fact::{FACT, Fact};
use crate::app::widgets::lasso::{Lasso, encloses};
use crate::app::widgets::paint::{
    Button, bar_bare, count, heading, hit_as, link, number, p_value, text, text_cut, thousands, two_panes,
};
use crate::app::widgets::table::{Column, HEAD, Table, TableState, row_height};
use crate::app::widgets::theme::{Theme, font};
use crate::dataset::LabelId;
use crate::stats::tastes::LEAST_ROWS;

const COLUMNS: [Column<'static>; 5] = [
    Column::new("", 20.0),
    Column::new("explains", 0.0)
        .hint("Share of what is left beyond the means; the tick is what chance explains in 19 of 20 tables"),
    Column::new("share", 64.0).right(),
    Column::new("chance", 64.0)
        .right()
        .hint("The 95 % point of the share in tables at random: tastes with their signs flipped; of scales, columns permuted"),
    Column::new("", 76.0).right().hint("Kept while it, and all before it, explain more than chance"),
];
/// Most values of an attribute that have a colour each.
const COLOURS: usize = 8;

/// What the tab remembers.
#[derive(Debug, Default)]
pub(super) struct TastesState {
    /// What the table is of; by the data if `None`.
    of: Option<Of>,
    /// The label that counts 1; chosen by the data if `None`.
    pub label: Option<LabelId>,
    /// The attribute that colours points; the one that goes with the dimension if `None`.
    attribute: Option<usize>,
    /// The dimension under the cursor.
    pub row: usize,
    pub reveal: bool,
    place: TableState,
    lasso: Lasso,
}

impl TastesState {
    /// What the table is of: raters, but for few raters of several scales.
    pub(super) fn of(&self, doc: &Document) -> Of {
        let is_of_scales = doc.dataset.questions.len() > 1 && doc.dataset.raters.len() < LEAST_ROWS;
        self.of.unwrap_or(if is_of_scales { Of::Scales } else { Of::Raters })
    }
}

fn percent(share: f64) -> String {
    format!("{} %", number(100.0 * share, 1))
}

/// What was found, in a sentence.
pub(super) fn finding(doc: &Document, report: &TastesReport) -> String {
    let kept = report.found.n_kept;
    let what = match report.asked.of {
        Of::Raters => count(report.rows.len(), "rater", "raters"),
        Of::Scales => count(report.scales.len(), "scale", "scales"),
    };
    let Some(first) = report.found.dimensions.first().filter(|_| kept > 0) else {
        return match report.asked.of {
            Of::Raters => format!(
                "No taste beyond chance among {what}: they differ by how strict they are, and by noise"
            ),
            Of::Scales => format!("The {what} have nothing in common beyond chance"),
        };
    };
    let with = report.ends[0].with.first().filter(|w| w.p.is_some_and(|p| p < 0.05));
    let with = with.map_or_else(String::new, |w| {
        format!("; {} of it goes with {}", percent(w.share), doc.dataset.raters.attributes[w.attribute].0)
    });
    match report.asked.of {
        Of::Raters => {
            let all = kept == report.found.dimensions.len();
            let many = if all { format!("{kept} tastes or more") } else { count(kept, "taste", "tastes") };
            format!("{many} beyond chance among {what}; the first explains {}{with}", percent(first.share))
        }
        Of::Scales => {
            format!(
                "{what} measure {}; the first explains {}",
                count(kept, "thing", "things"),
                percent(first.share)
            )
        }
    }
}

fn name_of(at: usize) -> String {
    format!("dimension {}", at + 1)
}

/// The items at both ends of a dimension.
pub(super) fn behind(report: &TastesReport, row: usize) -> Option<Request> {
    let [upper, lower] = &report.ends.get(row)?.items;
    let both: Vec<u32> = upper.iter().chain(lower.iter()).copied().collect();
    let words = format!("at either end of {}", name_of(row));
    (!both.is_empty()).then(|| Request::Filter(vec![Condition::listed(words, both.into())]))
}

/// Paints the tab.
pub(super) fn ui(
    ui: &mut Ui,
    body: Rect,
    doc: &Document,
    state: &mut TastesState,
    report: &TastesReport,
    out: &mut Vec<Request>,
) {
    state.row = state.row.min(report.found.dimensions.len().saturating_sub(1));
    let (left, right) = two_panes(ui, body, 0.42, (400.0, 900.0));
    let rows = report.found.dimensions.len() as f32;
    let height = (HEAD + row_height(ui) * rows + 4.0).min(left.height() * 0.5);
    let list = Rect::from_min_size(left.min, vec2(left.width(), height));
    list_ui(ui, list, state, report, out);
    let below = Rect::from_min_max(list.left_bottom(), left.max);
    ui.painter().hline(left.x_range(), below.top(), Theme::of(ui.ctx()).border());
    telling_ui(ui, below.shrink2(vec2(16.0, 12.0)), doc, report, out);
    let Some(ends) = report.ends.get(state.row) else { return };
    one_ui(ui, right.shrink2(vec2(16.0, 14.0)), doc, state, report, ends, out);
}

/// What the table is of, and which label counts, where there is a choice; gives what is below.
pub(super) fn choices_ui(
    ui: &Ui,
    body: Rect,
    doc: &Document,
    state: &mut TastesState,
    label: Option<LabelId>,
) -> Rect {
    let theme = Theme::of(ui.ctx());
    let is_several = doc.dataset.questions.len() > 1;
    if !is_several && label.is_none() {
        return body;
    }
    let (mut x, y) = (body.left() + 16.0, body.top() + 6.0);
    if is_several {
        let now = state.of(doc);
        for (of, name, hint) in [
            (Of::Raters, "Raters", "Raters × items: what raters differ in beyond being strict"),
            (Of::Scales, "Scales", "Items × the questions of the source: what the scales measure together"),
        ] {
            let (response, right) = Button::new(name).on(now == of).show(ui, pos2(x, y), ("of", name));
            if response.clicked() {
                (state.of, state.row) = (Some(of), 0);
            }
            response.on_hover_text(hint);
            x = right + 4.0;
        }
        x += 12.0;
    }
    if let Some(label) = label {
        let words = "a vote counts where it says";
        let at = pos2(x, y + 14.0);
        x = text(ui.painter(), at, Align2::LEFT_CENTER, words, font::caption(), theme.text_3).right() + 8.0;
        let (response, _) = Button::new(doc.label(label)).show(ui, pos2(x, y), "label that counts");
        egui::Popup::menu(&response).show(|ui| {
            for other in 0..doc.dataset.labels.len() as LabelId {
                if ui.selectable_label(other == label, doc.label(other)).clicked() {
                    state.label = Some(other);
                }
            }
        });
    }
    ui.painter().hline(body.x_range(), body.top() + 40.0, theme.border());
    Rect::from_min_max(body.left_top() + vec2(0.0, 40.0), body.max)
}

fn list_ui(ui: &mut Ui, r: Rect, state: &mut TastesState, report: &TastesReport, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let found = &report.found.dimensions;
    if std::mem::take(&mut state.reveal) {
        state.place.reveal(state.row as u64);
    }
    let table = Table {
        name: "Dimensions",
        columns: &COLUMNS,
        rows: found.len() as u64,
        selected: Some(state.row as u64),
        sorted: None,
    };
    let most = found.iter().map(|d| d.share.max(d.by_chance)).fold(1e-9, f64::max);
    let spoken = |at: u64| {
        let (at, d) = (at as usize, &found[at as usize]);
        let kept = if at < report.found.n_kept { "kept" } else { "no more than chance" };
        format!("{}: {}, {kept}", name_of(at), percent(d.share))
    };
    let events = table.show(ui, r, &mut state.place, spoken, |ui, at, cells, _| {
        let (at, d) = (at as usize, &found[at as usize]);
        let is_kept = at < report.found.n_kept;
        let p = ui.painter();
        let ink = if is_kept { theme.text } else { theme.text_2 };
        let index = (at + 1).to_string();
        text(p, cells[0].left_center(), Align2::LEFT_CENTER, &index, font::mono(), ink);
        let space = Rect::from_center_size(cells[1].center(), vec2(cells[1].width(), 12.0));
        let colour = if is_kept { theme.accent } else { theme.mark };
        bar_bare(p, space, (d.share / most) as f32, colour);
        let x = space.left() + space.width() * (d.by_chance / most) as f32;
        p.vline(x, space.expand2(vec2(0.0, 3.0)).y_range(), Stroke::new(2.0, theme.text_2));
        let told =
            [percent(d.share), percent(d.by_chance), if is_kept { "kept" } else { "chance" }.to_owned()];
        for (i, words) in told.iter().enumerate() {
            let style = if i == 2 { font::caption() } else { font::mono() };
            text(p, cells[i + 2].right_center(), Align2::RIGHT_CENTER, words, style, ink);
        }
    });
    if let Some(at) = events.clicked.or(events.opened) {
        state.row = at as usize;
    }
    if events.opened.is_some() {
        out.extend(behind(report, state.row));
    }
}

/// Items that tell raters apart, or what was looked at.
fn telling_ui(ui: &Ui, r: Rect, doc: &Document, report: &TastesReport, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let foot = r.bottom() - 40.0;
    let mut y = r.top() + 8.0;
    if !report.telling.is_empty() {
        heading(
            p,
            theme,
            pos2(r.left(), y),
            "Items that tell raters apart",
            "chosen one by one; explained so far",
        );
        y += 20.0;
        for (i, &(item, share)) in report.telling.iter().enumerate() {
            if y + FACT > foot - 8.0 {
                break;
            }
            let line = Rect::from_min_size(pos2(r.left(), y), vec2(r.width(), FACT));
            let value = percent(share);
            let what = words_of(doc, item);
            let hint =
                "Each explains most of what those before it leave. Click for all of them, in this order";
            if (Fact { what: &what, value: &value, opens: true, selected: false, hint }).show(
                ui,
                line,
                ("telling", i),
            ) {
                let order: Vec<u32> = report.telling.iter().map(|t| t.0).collect();
                let words = "raters are told apart".to_owned();
                out.push(Request::Filter(vec![Condition::listed(words, order.into())]));
                out.push(Request::Select(item));
            }
            y += FACT;
        }
    }
    let [rows, columns] = report.n_left_out;
    let (row, column) = match report.asked.of {
        Of::Raters => ("raters", "items"),
        Of::Scales => ("items", "scales"),
    };
    let mut words = format!(
        "{} {row} × {} {column}",
        thousands(report.rows.len() as u64),
        thousands(report.columns.len() as u64)
    );
    if rows + columns > 0 {
        words.push_str(&format!(
            " · {} {row} and {} {column} left out",
            thousands(rows as u64),
            thousands(columns as u64)
        ));
    }
    if report.n_filled > 0 {
        let share = report.n_filled as f64 / (report.rows.len() * report.columns.len()).max(1) as f64;
        words.push_str(&format!(" · {} filled in by means", percent(share)));
    }
    text_cut(p, pos2(r.left(), foot + 10.0), r.width(), &words, font::caption(), theme.text_3);
    if link(ui, pos2(r.left(), r.bottom() - 6.0), "How this is computed", "page").clicked() {
        out.push(Request::Explain("tastes"));
    }
}

/// An item in a line: its text, or its key.
fn words_of(doc: &Document, item: u32) -> String {
    let key = doc.dataset.keys.get(item as usize);
    match doc.dataset.texts.as_ref().map(|t| t.get(item as usize)).filter(|t| !t.is_empty()) {
        Some(words) => words.chars().take(200).map(|c| if c.is_control() { ' ' } else { c }).collect(),
        None => key.to_owned(),
    }
}

/// One dimension: who stands where, what goes with it, what is at its ends.
fn one_ui(
    ui: &mut Ui,
    r: Rect,
    doc: &Document,
    state: &mut TastesState,
    report: &TastesReport,
    ends: &Ends,
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let other = if state.row + 1 < report.found.dimensions.len() { state.row + 1 } else { 0 };
    let side = (r.height() * 0.5).min(r.width() * 0.5).clamp(150.0, 460.0);
    let plot = Rect::from_min_size(r.min, vec2(side, side + 28.0));
    let attribute = state.attribute.or_else(|| ends.with.first().map(|w| w.attribute));
    let attribute = attribute.filter(|_| report.asked.of == Of::Raters);
    points_ui(ui, plot, doc, (state.row, other, attribute), &mut state.lasso, report, out);
    let beside = Rect::from_min_max(pos2(plot.right() + 20.0, r.top()), pos2(r.right(), plot.bottom()));
    match report.asked.of {
        Of::Raters => with_ui(ui, beside, doc, state, report, (attribute, ends)),
        Of::Scales => loadings_ui(ui, beside, state.row, report),
    }
    let lists = Rect::from_min_max(pos2(r.left(), plot.bottom() + 18.0), pos2(r.right(), r.bottom() - 34.0));
    let middle = lists.center().x;
    for (i, name) in ["To the right", "To the left"].into_iter().enumerate() {
        let (from, to) = if i == 0 { (lists.left(), middle - 10.0) } else { (middle + 10.0, lists.right()) };
        let half = Rect::from_min_max(pos2(from, lists.top()), pos2(to, lists.bottom()));
        let caption = match report.asked.of {
            Of::Raters => "rated higher by raters on this side",
            Of::Scales => "items farthest on this side",
        };
        heading(ui.painter(), theme, pos2(half.left(), half.top() + 6.0), name, caption);
        let mut y = half.top() + 22.0;
        for (at, &item) in ends.items[i].iter().enumerate() {
            if y + FACT > half.bottom() {
                break;
            }
            let line = Rect::from_min_size(pos2(half.left(), y), vec2(half.width(), FACT));
            let what = words_of(doc, item);
            let fact = Fact {
                what: &what,
                value: "",
                opens: true,
                selected: false,
                hint: "Click for the items of this side",
            };
            if fact.show(ui, line, (name, at)) {
                let words = format!("on one side of {}", name_of(state.row));
                out.push(Request::Filter(vec![Condition::listed(words, ends.items[i].clone())]));
                out.push(Request::Select(item));
            }
            y += FACT;
        }
    }
    let n = ends.items[0].len() + ends.items[1].len();
    let words = format!("Open {n} items");
    let (response, _) =
        Button::primary(&words).key("Enter").show(ui, pos2(r.left(), r.bottom() - 28.0), "open both");
    if response.clicked() {
        out.extend(behind(report, state.row));
    }
}

/// The values that the raters of the table have of an attribute, ascending.
fn values_of<'a>(doc: &'a Document, report: &TastesReport, attribute: usize) -> Vec<&'a str> {
    let own = &doc.dataset.raters.attributes[attribute].1;
    let values = report.rows.iter().filter_map(|&r| own.get(r as usize)).map(String::as_str);
    let mut values: Vec<&str> = values.filter(|v| !v.is_empty()).collect();
    values.sort_unstable();
    values.dedup();
    values
}

/// Each row at its scores on two dimensions.
fn points_ui(
    ui: &Ui,
    r: Rect,
    doc: &Document,
    (across, up, attribute): (usize, usize, Option<usize>),
    lasso: &mut Lasso,
    report: &TastesReport,
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let of = match report.asked.of {
        Of::Raters => "a point a rater",
        Of::Scales => "a point an item",
    };
    let title = format!("Dimension {} across, {} up", across + 1, up + 1);
    // On a narrow plot the caption leaves its room to the button.
    heading(p, theme, pos2(r.left(), r.top() + 8.0), &title, if r.width() > 340.0 { of } else { "" });
    lasso.button_ui(ui, r);
    let area = Rect::from_min_max(pos2(r.left(), r.top() + 26.0), r.max);
    p.rect_stroke(area, 0.0, theme.border(), egui::StrokeKind::Inside);
    let found = &report.found.dimensions;
    let (x, y) = (&found[across].scores, &found[up].scores);
    // Of very many points, evenly chosen ones.
    let step = report.rows.len().div_ceil(3_000).max(1);
    let most = x.iter().chain(y).step_by(step).map(|v| v.abs()).fold(1e-9, f64::max) * 1.08;
    let at = |i: usize| {
        area.center()
            + vec2((x[i] / most) as f32 * area.width() / 2.0, -(y[i] / most) as f32 * area.height() / 2.0)
    };
    p.hline(area.x_range(), area.center().y, Stroke::new(1.0, theme.grid));
    p.vline(area.center().x, area.y_range(), Stroke::new(1.0, theme.grid));
    let values = attribute.map(|a| values_of(doc, report, a)).filter(|v| v.len() <= COLOURS);
    for i in (0..report.rows.len()).step_by(step) {
        let row = report.rows[i];
        let value = attribute.and_then(|a| doc.dataset.raters.attributes[a].1.get(row as usize));
        let place = values.as_ref().zip(value).and_then(|(all, v)| all.binary_search(&v.as_str()).ok());
        let colour = place.map_or(theme.mark, |k| theme.label(k as u32));
        let selected = report.asked.of == Of::Raters && doc.rater == Some(row);
        p.circle_filled(at(i), if selected { 6.0 } else { 3.5 }, colour);
        if selected {
            p.circle_stroke(at(i), 7.5, Stroke::new(2.0, theme.text));
        }
    }
    let response = ui.interact(area, ui.scope_id().with("points"), egui::Sense::click_and_drag());
    let click = if report.asked.of == Of::Raters { ". Click a point for the rater" } else { "" };
    let words = format!("{title}, {of}{click}. Drag with Shift around some");
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &words));
    if let Some(outline) = lasso.drawn(ui, &response) {
        let within = (0..report.rows.len()).filter(|&i| encloses(&outline, at(i)));
        let mut within: Vec<u32> = within.map(|i| report.rows[i]).collect();
        within.sort_unstable();
        let condition = match report.asked.of {
            Of::Raters => Condition::AnyRater(within.clone()),
            Of::Scales => {
                let words = format!("outlined in dimensions {} and {}", across + 1, up + 1);
                Condition::among(words, within.as_slice().into())
            }
        };
        if !within.is_empty() {
            out.push(Request::Filter(vec![condition]));
        }
    }
    // While a line is drawn, points keep their names to themselves.
    if report.asked.of == Of::Scales || response.dragged() {
        return;
    }
    let Some(mouse) = response.hover_pos() else { return };
    let nearest =
        (0..report.rows.len()).map(|i| (i, at(i).distance(mouse))).min_by(|a, b| a.1.total_cmp(&b.1));
    let Some((i, _)) = nearest.filter(|n| n.1 < 12.0) else { return };
    let rater = report.rows[i];
    if response.clicked() {
        out.push(Request::SelectRater(rater));
    }
    let mut told = doc.rater_name(rater).to_owned();
    for (name, values) in &doc.dataset.raters.attributes {
        if let Some(value) = values.get(rater as usize).filter(|v| !v.is_empty()) {
            told.push_str(&format!("\n{name}: {value}"));
        }
    }
    response.on_hover_text(told);
}

/// What goes with the dimension, and what its colours are.
fn with_ui(
    ui: &Ui,
    r: Rect,
    doc: &Document,
    state: &mut TastesState,
    report: &TastesReport,
    (shown, ends): (Option<usize>, &Ends),
) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let mut y = r.top() + 8.0;
    heading(p, theme, pos2(r.left(), y), "What goes with it", "share of it between groups, p");
    y += 20.0;
    if ends.with.is_empty() {
        let words = if doc.dataset.raters.attributes.is_empty() {
            "Nothing is known of raters"
        } else {
            "Asked of dimensions that are kept"
        };
        text_cut(p, pos2(r.left(), y + 8.0), r.width(), words, font::caption(), theme.text_3);
        y += FACT;
    }
    for with in &ends.with {
        if y + FACT > r.bottom() {
            return;
        }
        let name = &doc.dataset.raters.attributes[with.attribute].0;
        let value = format!("{}  p {}", percent(with.share), p_value(with.p));
        let line = Rect::from_min_size(pos2(r.left(), y), vec2(r.width(), FACT));
        let hint = "Share of the variance of scores between its values (η²); p over 2,000 deals of scores to raters, adjusted over all attributes and kept dimensions. Click to colour the points by it";
        let selected = shown == Some(with.attribute);
        if (Fact { what: name, value: &value, opens: true, selected, hint }).show(
            ui,
            line,
            ("with", with.attribute),
        ) {
            state.attribute = Some(with.attribute);
        }
        y += FACT;
    }
    let Some(shown) = shown else { return };
    let values = values_of(doc, report, shown);
    y += 14.0;
    if values.len() > COLOURS {
        let words =
            format!("{} has too many values for a colour each", doc.dataset.raters.attributes[shown].0);
        text_cut(p, pos2(r.left(), y), r.width(), &words, font::caption(), theme.text_3);
        return;
    }
    for (k, value) in values.iter().enumerate() {
        if y + 20.0 > r.bottom() {
            return;
        }
        p.circle_filled(pos2(r.left() + 5.0, y + 6.0), 4.5, theme.label(k as u32));
        text_cut(p, pos2(r.left() + 18.0, y + 6.0), r.width() - 18.0, value, font::body(), theme.text_2);
        y += 20.0;
    }
}

/// How each scale goes with the dimension.
fn loadings_ui(ui: &Ui, r: Rect, row: usize, report: &TastesReport) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let mut y = r.top() + 8.0;
    heading(p, theme, pos2(r.left(), y), "Scales on it", "correlation with the dimension");
    y += 20.0;
    let over = (report.rows.len() as f64).sqrt();
    let Some(d) = report.found.dimensions.get(row) else { return };
    let mut order: Vec<usize> = (0..report.scales.len()).collect();
    order.sort_by(|&a, &b| d.loadings[b].abs().total_cmp(&d.loadings[a].abs()));
    for at in order {
        if y + FACT > r.bottom() {
            return;
        }
        let line = Rect::from_min_size(pos2(r.left(), y), vec2(r.width(), FACT));
        let constant = report.found.constant.contains(&at);
        let loading = d.loadings[at] / over;
        let value = if constant { "does not vary".to_owned() } else { number(loading, 2) };
        let words = format!("{}: {value}", report.scales[at]);
        hit_as(ui, line, ui.scope_id().with(("scale", at)), &words, None).on_hover_text(&words);
        let axis = Rect::from_min_max(
            pos2(line.left() + line.width() * 0.45, line.top() + 5.0),
            pos2(line.right() - 52.0, line.bottom() - 5.0),
        );
        text_cut(
            p,
            line.left_center(),
            line.width() * 0.45 - 8.0,
            &report.scales[at],
            font::body(),
            theme.text_2,
        );
        let zero = axis.center().x;
        let end = zero + axis.width() / 2.0 * loading as f32;
        let bar = Rect::from_x_y_ranges(zero.min(end)..=zero.max(end), axis.y_range());
        p.rect_filled(bar, 1.0, if loading.abs() > 0.5 { theme.accent } else { theme.mark });
        p.vline(zero, line.y_range(), Stroke::new(1.0, theme.line_strong));
        text(p, line.right_center(), Align2::RIGHT_CENTER, &value, font::mono(), theme.text);
        y += FACT;
    }
}
