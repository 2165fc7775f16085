//! Metrics against people: over items, within sources and over systems, with and without those far off; which say the same.

use egui::{Align2, Rect, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::{Chosen, ModelsState};
use crate::analysis::metrics::{MetricRow, MetricsReport};
use crate::app::document::Document;
use crate::app::query::Condition;
use crate::app::request::Request;
use crate::app::views::lab::pair_map::PairMap;
use crate::app::widgets::fact::{FACT, Fact};
use crate::app::widgets::forest::{self, Forest};
use crate::app::widgets::paint::{
    Button, count, heading, link, narrowed, number, p_value, spoken, text, text_block, text_cut, thousands,
    two_panes,
};
use crate::app::widgets::theme::{Theme, font};
use crate::report::metrics::{best_words, change};
use crate::stats::metric_reliability::{Level, OrderTest, Three};
use crate::stats::{Statistic, Undefined};

/// Height of the line of choices.
const LINE: f32 = 40.0;
/// Height of the plot.
const PLOT: f32 = 210.0;
const LETTERS: [&str; 3] = ["r", "ρ", "τ_b"];

/// People's score, the metric, whether it is far off, and its name.
type Point = (f64, f64, bool, String);

/// Over what metrics are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Over {
    #[default]
    Items,
    Within,
    Systems,
}

impl Over {
    const ALL: [(Self, &'static str, &'static str); 3] = [
        (Self::Items, "Items", "Over all items"),
        (Self::Within, "Within sources", "Which of one source’s items is better: the mean over sources"),
        (Self::Systems, "Systems", "Over the means of systems"),
    ];

    fn three(self, row: &MetricRow) -> Option<&Three> {
        match self {
            Self::Items => Some(&row.found.items.three),
            Self::Within => row.found.within.as_ref().map(|w| &w.three),
            Self::Systems => row.found.systems.as_ref().map(|s| &s.level.three),
        }
    }

    fn is_there(self, report: &MetricsReport) -> bool {
        report.rows.iter().any(|row| self.three(row).is_some())
    }
}

fn dash(v: Option<f64>, digits: usize) -> String {
    v.map_or_else(|| "—".to_owned(), |v| number(v, digits))
}

/// What was found, in a sentence: metrics that change places first.
pub(super) fn finding(report: &MetricsReport) -> String {
    let Some(first) = report.rows.first() else { return "There is no metric".to_owned() };
    let rho = |row: &MetricRow, without: bool| {
        let level = &row.found.items;
        let three = if without { &level.without_far.as_ref()?.three } else { &level.three };
        three[1].value().map(f64::abs)
    };
    let left = |row: &MetricRow| rho(row, true).or_else(|| rho(row, false));
    let best =
        report.rows.iter().filter_map(|row| Some((row, left(row)?))).max_by(|a, b| a.1.total_cmp(&b.1));
    let Some(value) = rho(first, false) else {
        return "No metric can be held against people".to_owned();
    };
    let best_of = if report.rows.len() > 1 { " best" } else { "" };
    let own = format!("{} follows people{best_of}, |ρ| {}", first.name, number(value, 2));
    match best {
        Some((row, value)) if row.name != first.name && !first.far.is_empty() => format!(
            "{own}; without {} far off it is {}, {}",
            count(first.far.len(), "item", "items"),
            row.name,
            number(value, 2)
        ),
        _ => match first.found.systems.as_ref().and_then(|s| s.level.three[1].value()) {
            Some(v) => format!(
                "{own} over items, ρ {} over {}",
                number(v, 2),
                count(report.systems.len(), "system", "systems")
            ),
            None => format!("{own} over {}", count(first.n, "item", "items")),
        },
    }
}

/// The items that people and the metric under the cursor rank farthest apart.
pub(super) fn behind(report: &MetricsReport, row: usize) -> Option<Request> {
    let row = report.rows.get(row)?;
    let words = format!("{} and people rank items farthest apart", row.name);
    (!row.apart.is_empty()).then(|| Request::Filter(vec![Condition::listed(words, row.apart.clone())]))
}

/// Paints the tab.
pub(super) fn ui(
    ui: &mut Ui,
    body: Rect,
    doc: &Document,
    state: &mut ModelsState,
    report: &MetricsReport,
    out: &mut Vec<Request>,
) {
    let has_choice = doc.metric_columns.as_ref().is_some_and(|c| !c.sources.is_empty());
    let line = if has_choice { LINE } else { 0.0 };
    if has_choice {
        choices_ui(ui, body, doc, state, report);
    }
    let rest = Rect::from_min_max(pos2(body.left(), body.top() + line), body.max);
    state.category = state.category.min(report.rows.len().saturating_sub(1));
    let over = if state.level.is_there(report) { state.level } else { Over::Items };
    let (left, right) = two_panes(ui, rest, 0.6, (520.0, 1200.0));
    let left = left.shrink2(vec2(16.0, 12.0));
    let rows: Vec<forest::Row> = report.rows.iter().map(|r| row(over, r)).collect();
    let columns = [
        ("r", "Pearson’s"),
        ("τ_b", "Kendall’s, with ties"),
        (
            "pairs",
            "Share of pairs that the metric orders as people do; its ties count ½, those of people are left out",
        ),
        ("n", "Items, or sources, or systems"),
    ];
    let plot = Forest {
        title: ("Metrics", "Spearman’s ρ with people’s score"),
        columns: &columns,
        rows: &rows,
        selected: Some(state.category),
        whole: None,
        quiet: false,
        open: false,
    };
    let several = report.rows.len() > 1;
    let wanted = 76.0 + forest::STEP * rows.len() as f32;
    let most = if several { left.height() * 0.5 } else { left.height() };
    let upper = Rect::from_min_size(left.min, vec2(left.width(), wanted.min(most)));
    if let Some(row) = plot.show(ui, upper, std::mem::take(&mut state.reveal)) {
        state.category = row;
    }
    if several {
        map_ui(ui, Rect::from_min_max(pos2(left.left(), upper.bottom() + 8.0), left.max), state, report);
    }
    let inner = narrowed(right.shrink2(vec2(16.0, 14.0)));
    ui.scope_builder(egui::UiBuilder::new().max_rect(inner).id_salt("metric"), |ui| {
        egui::ScrollArea::vertical().id_salt(("metric", state.category)).auto_shrink(false).show(ui, |ui| {
            let top = ui.cursor().min;
            let r = Rect::from_min_size(top, vec2(inner.width() - 12.0, inner.height()));
            let bottom = facts_ui(ui, r, over, state, report, out);
            ui.allocate_space(vec2(r.width(), bottom - top.y));
        });
    });
}

/// Over what, and which columns say system and source.
fn choices_ui(ui: &Ui, body: Rect, doc: &Document, state: &mut ModelsState, report: &MetricsReport) {
    let theme = Theme::of(ui.ctx());
    let (mut x, y) = (body.left() + 16.0, body.top() + 6.0);
    let caption = |x: f32, words: &str| {
        let at = pos2(x, y + 14.0);
        text(ui.painter(), at, Align2::LEFT_CENTER, words, font::caption(), theme.text_3).right() + 8.0
    };
    let levels: Vec<_> = Over::ALL.into_iter().filter(|l| l.0.is_there(report)).collect();
    if levels.len() > 1 {
        x = caption(x, "over");
        for (over, name, hint) in levels {
            let (response, right) = Button::new(name).on(state.level == over).show(ui, pos2(x, y), name);
            if response.clicked() {
                state.level = over;
            }
            response.on_hover_text(hint);
            x = right + 4.0;
        }
        x += 14.0;
    }
    let Some(columns) = &doc.metric_columns else { return };
    let now = state.columns(columns);
    let among = [("systems by", &columns.systems), ("sources by", &columns.sources)];
    for (which, (words, candidates)) in among.into_iter().enumerate() {
        if candidates.is_empty() {
            continue;
        }
        x = caption(x, words);
        let name = |at: Option<usize>| {
            at.and_then(|at| doc.dataset.metadata.get(at)).map_or("nothing", |column| column.0.as_str())
        };
        let (response, right) = Button::new(name(now[which])).show(ui, pos2(x, y), words);
        egui::Popup::menu(&response).show(|ui| {
            let all = std::iter::once(None).chain(candidates.iter().copied().map(Some));
            for at in all.filter(|at| at.is_none() || *at != now[1 - which]) {
                if ui.selectable_label(at == now[which], name(at)).clicked() {
                    state.by[which] = at.map_or(Chosen::Nothing, Chosen::Column);
                }
            }
        });
        x = right + 14.0;
    }
    ui.painter().hline(body.x_range(), body.top() + LINE, theme.border());
}

fn row(over: Over, row: &MetricRow) -> forest::Row {
    let none = || {
        let why = "no source or system is known of two of its items";
        Statistic::Undefined(Undefined::Because(why.to_owned()))
    };
    let three = over.three(row);
    let value = |which: usize| three.and_then(|t| t[which].value());
    let (pairs, n) = match over {
        Over::Items => (row.found.items.pairs, row.n),
        Over::Within => (None, row.found.within.as_ref().map_or(0, |w| w.n_sources)),
        Over::Systems => {
            let systems = row.found.systems.as_ref();
            (systems.and_then(|s| s.level.pairs), systems.map_or(0, |s| s.means.len()))
        }
    };
    forest::Row {
        name: row.name.clone(),
        statistic: three.map_or_else(none, |t| t[1].clone()),
        cells: vec![
            dash(value(0), 2),
            dash(value(2), 2),
            dash(pairs.map(|p| p.share), 2),
            thousands(n as u64),
        ],
        ringed: false,
    }
}

/// Which metrics say the same.
fn map_ui(ui: &Ui, r: Rect, state: &mut ModelsState, report: &MetricsReport) {
    let theme = Theme::of(ui.ctx());
    if r.height() < 90.0 {
        return;
    }
    heading(
        ui.painter(),
        theme,
        pos2(r.left(), r.top() + 8.0),
        "Metrics with each other",
        "Spearman’s ρ over items",
    );
    let names: Vec<&str> = report.rows.iter().map(|row| row.name.as_str()).collect();
    let cell = |a: usize, b: usize| {
        let rho = report.between.get(a)?.get(b).copied().flatten()?;
        Some((rho.abs() as f32, number(rho, 2)))
    };
    let area = Rect::from_min_max(pos2(r.left(), r.top() + 24.0), r.max);
    let map = PairMap {
        title: "Metrics with each other",
        names: &names,
        selected: Some(state.category),
        cell: &cell,
        room: (area.height(), 44.0),
    };
    let (map, _) = map.show(ui, area);
    if let Some((a, b)) = map.hovered {
        let words = if a == b {
            names[a].to_owned()
        } else {
            let rho = cell(a, b).map_or_else(|| "no ρ".to_owned(), |c| format!("ρ {}", c.1));
            format!("{} and {}: {rho}", names[a], names[b])
        };
        map.response.clone().on_hover_text_at_pointer(words);
    }
    if let Some((a, _)) = map.clicked {
        state.category = a;
    }
}

/// One level: each coefficient with its interval, and without those far off; where it ends.
fn level_ui(ui: &Ui, r: Rect, mut y: f32, three: &Three, level: Option<&Level>) -> f32 {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let without = level.and_then(|l| l.without_far.as_ref());
    let columns = [r.left() + 84.0, r.left() + 198.0, r.left() + 276.0, r.left() + 344.0];
    if without.is_some() {
        for (x, words) in columns.iter().zip(["all", "", "without", "Δ"]) {
            text(p, pos2(*x, y), Align2::RIGHT_CENTER, words, font::caption(), theme.text_3);
        }
        y += 18.0;
    }
    for (which, letter) in LETTERS.into_iter().enumerate() {
        let s = &three[which];
        let line = Rect::from_min_size(pos2(r.left(), y - FACT / 2.0), vec2(r.width(), FACT));
        text(p, pos2(r.left(), y), Align2::LEFT_CENTER, letter, font::body(), theme.text_2);
        let words = match s {
            Statistic::Undefined(reason) => {
                let words = format!("— {reason}");
                text_cut(
                    p,
                    pos2(columns[0] - 30.0, y),
                    r.right() - columns[0] + 30.0,
                    &words,
                    font::body(),
                    theme.text_3,
                );
                format!("{letter}: {reason}")
            }
            Statistic::Defined(e) => {
                let right = |x: f32, words: &str, color| {
                    text(p, pos2(x, y), Align2::RIGHT_CENTER, words, font::mono(), color);
                };
                right(columns[0], &number(e.value, 3), theme.text);
                let mut told = format!("{letter}: {}", number(e.value, 3));
                if let Some((low, high)) = e.ci {
                    let words = format!("{} to {}", number(low, 2), number(high, 2));
                    text(
                        p,
                        pos2(columns[1], y),
                        Align2::RIGHT_CENTER,
                        &words,
                        font::mono_small(),
                        theme.text_3,
                    );
                    told.push_str(&format!(", {words}"));
                }
                if let Some(without) = without {
                    let left = &without.three[which];
                    right(columns[2], &dash(left.value(), 3), theme.text);
                    let delta = change(s, left);
                    let sign = if delta.is_some_and(|d| d > 0.0) { "+" } else { "" };
                    right(columns[3], &format!("{sign}{}", dash(delta, 3)), theme.text_2);
                    told.push_str(&format!("; without those far off {}", dash(left.value(), 3)));
                }
                told
            }
        };
        spoken(ui, line, &words);
        y += 22.0;
    }
    y - 6.0
}

/// Points of people's score and the metric; a click opens the items of a system.
fn plot_ui(ui: &Ui, r: Rect, over: Over, report: &MetricsReport, row: &MetricRow, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let systems = row.found.systems.as_ref().filter(|_| over == Over::Systems);
    let points: Vec<Point> = match systems {
        Some(s) => {
            let far = s.level.without_far.as_ref();
            let is_far = |at: usize| far.is_some_and(|w| w.far.iter().any(|f| f.0 == at));
            let name = |system: u32| report.systems.get(system as usize).cloned().unwrap_or_default();
            s.means.iter().enumerate().map(|(at, m)| (m.1, m.2, is_far(at), name(m.0))).collect()
        }
        None => {
            row.points.iter().map(|&(item, h, m)| (h, m, row.far.contains(&item), String::new())).collect()
        }
    };
    let range = |of: &dyn Fn(&Point) -> f64| {
        let (low, high) = points.iter().map(of).fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(v), h.max(v)));
        let pad = if high > low { 0.06 * (high - low) } else { 1.0 };
        (low - pad, high + pad)
    };
    if points.is_empty() {
        return;
    }
    let (x, y) = (range(&|p| p.0), range(&|p| p.1));
    let area = Rect::from_min_max(pos2(r.left() + 42.0, r.top()), pos2(r.right(), r.bottom() - 36.0));
    p.rect_stroke(area, 0.0, theme.border(), egui::StrokeKind::Inside);
    let share = |v: f64, (low, high): (f64, f64)| ((v - low) / (high - low)) as f32;
    let at = |h: f64, m: f64| {
        pos2(area.left() + area.width() * share(h, x), area.bottom() - area.height() * share(m, y))
    };
    let digits = |(low, high): (f64, f64)| if high - low < 10.0 { 2 } else { 0 };
    for part in [0.1, 0.5, 0.9] {
        let (h, m) = (x.0 + part * (x.1 - x.0), y.0 + part * (y.1 - y.0));
        p.vline(at(h, m).x, area.y_range(), Stroke::new(1.0, theme.grid));
        p.hline(area.x_range(), at(h, m).y, Stroke::new(1.0, theme.grid));
        let (below, beside) = (pos2(at(h, m).x, area.bottom() + 9.0), pos2(area.left() - 5.0, at(h, m).y));
        text(p, below, Align2::CENTER_CENTER, &number(h, digits(x)), font::mono_small(), theme.text_3);
        text(p, beside, Align2::RIGHT_CENTER, &number(m, digits(y)), font::mono_small(), theme.text_3);
    }
    let words = format!("across: {}; up: {}; ringed: far off", report.human, row.name);
    text_cut(p, pos2(area.left(), area.bottom() + 25.0), area.width(), &words, font::caption(), theme.text_3);
    for (h, m, far, _) in &points {
        if systems.is_some() {
            p.circle_filled(at(*h, *m), 4.0, theme.text);
        } else {
            p.circle_stroke(at(*h, *m), 2.5, Stroke::new(1.0, theme.mark));
        }
        if *far {
            p.circle_stroke(at(*h, *m), 7.0, Stroke::new(1.5, theme.accent));
        }
    }
    let response = ui.interact(area, ui.scope_id().with("plot"), Sense::click());
    let what = if systems.is_some() { "systems" } else { "items" };
    let told = format!("{} against people: {} {what}", row.name, thousands(points.len() as u64));
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &told));
    let Some(pointer) = response.hover_pos() else { return };
    let near = points.iter().enumerate().map(|(i, p)| (at(p.0, p.1).distance(pointer), i));
    let Some((_, i)) = near.filter(|n| n.0 < 12.0).min_by(|a, b| a.0.total_cmp(&b.0)) else { return };
    let (h, m, _, name) = &points[i];
    let (name, opened) = match systems {
        Some(s) => {
            let items = report.of_system.get(s.means[i].0 as usize).cloned().unwrap_or_default();
            (name.clone(), Condition::among(format!("the system is {name}"), items))
        }
        None => {
            let item = row.points[i].0;
            (format!("item {}", item + 1), Condition::among("it is this item".to_owned(), [item].into()))
        }
    };
    if response.clicked() {
        out.push(Request::Filter(vec![opened]));
    }
    response.on_hover_text_at_pointer(format!(
        "{name}: people {}, {} {}",
        number(*h, 2),
        row.name,
        number(*m, 3)
    ));
}

fn far_words(level: &Level) -> String {
    match &level.without_far {
        Some(w) => thousands(w.far.len() as u64),
        None if level.no_spread => "—  half of people’s scores are the same".to_owned(),
        None => "none".to_owned(),
    }
}

/// What is known of the metric under the cursor; where it ends.
fn facts_ui(
    ui: &Ui,
    r: Rect,
    over: Over,
    state: &ModelsState,
    report: &MetricsReport,
    out: &mut Vec<Request>,
) -> f32 {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let Some(row) = report.rows.get(state.category) else { return r.top() };
    let mut y = r.top() + 8.0;
    let fact = |y: &mut f32, what: &str, value: &str, opens: bool, hint: &str| {
        let line = Rect::from_min_size(pos2(r.left(), *y), vec2(r.width(), FACT));
        let clicked =
            Fact { what, value, opens, selected: false, hint }.show(ui, line, ("fact", what, y.to_bits()));
        *y += FACT;
        clicked
    };
    let caption = format!("against the {}", report.human);
    heading(p, theme, pos2(r.left(), y), &row.name, &caption);
    y += 16.0;
    plot_ui(ui, Rect::from_min_size(pos2(r.left(), y), vec2(r.width(), PLOT)), over, report, row, out);
    y += PLOT + 14.0;
    let button = format!("Open {}, ranked farthest apart first", count(row.apart.len(), "item", "items"));
    if Button::new(&button).key("Enter").show(ui, pos2(r.left(), y), "open apart").0.clicked() {
        out.extend(behind(report, state.category));
    }
    y += 46.0;

    let items = &row.found.items;
    heading(p, theme, pos2(r.left(), y), "Over items", &thousands(row.n as u64));
    y = level_ui(ui, r, y + 22.0, &items.three, Some(items));
    let hint = "Robust z of people’s score above 2.5: |h − median|/(1.483 MAD)";
    if fact(&mut y, "Items far off", &far_words(items), !row.far.is_empty(), hint) {
        let words = "people’s score is far from the median".to_owned();
        out.push(Request::Filter(vec![Condition::listed(words, row.far.clone())]));
    }
    if let Some(pairs) = items.pairs {
        let hint = "Pairs of items; ties of the metric count ½, those of people are left out";
        let value =
            format!("{} %, {} tied by people", number(100.0 * pairs.share, 1), thousands(pairs.n_tied));
        fact(&mut y, "Pairs ordered alike", &value, false, hint);
    }
    if let Some(corrected) = row.corrected {
        let hint = "r over items as it would be if people’s means had no noise, r/√reliability; above 1 the reliability is too low to be true";
        fact(&mut y, "r without people’s noise", &number(corrected, 3), false, hint);
    }
    if row.n_unread > 0 {
        let hint = "Values of the column that are there and are no numbers";
        fact(&mut y, "Not read as numbers", &thousands(row.n_unread as u64), false, hint);
    }
    if let Some(auc) = &row.auc {
        let value = match auc {
            Statistic::Defined(e) => match e.ci {
                Some((low, high)) => {
                    format!("{}  ({} to {})", number(e.value, 3), number(low, 2), number(high, 2))
                }
                None => number(e.value, 3),
            },
            Statistic::Undefined(reason) => format!("— {reason}"),
        };
        let hint = "How well the metric tells people’s majorities apart, with DeLong’s interval; tied majorities are left out";
        fact(&mut y, "AUC", &value, false, hint);
    }
    if let Some(within) = &row.found.within {
        y += 18.0;
        let by = report.by[1].as_deref().unwrap_or("source");
        heading(p, theme, pos2(r.left(), y), "Within sources", &format!("mean over {by}"));
        y = level_ui(ui, r, y + 22.0, &within.three, None);
        let value = thousands(within.n_constant as u64);
        fact(
            &mut y,
            "Constant sources, passed over",
            &value,
            false,
            "On whose items people, or the metric, say one number",
        );
    }
    if let Some(systems) = &row.found.systems {
        y += 18.0;
        let by = report.by[0].as_deref().unwrap_or("system");
        let caption = format!("{}, by {by}", thousands(systems.means.len() as u64));
        heading(p, theme, pos2(r.left(), y), "Over systems", &caption);
        y = level_ui(ui, r, y + 22.0, &systems.level.three, Some(&systems.level));
        let far = systems.level.without_far.as_ref().map_or(&[][..], |w| &w.far);
        if fact(&mut y, "Systems far off", &far_words(&systems.level), !far.is_empty(), hint) {
            let of = far.iter().filter_map(|f| report.of_system.get(systems.means.get(f.0)?.0 as usize));
            let items = of.flat_map(|items| items.iter().copied()).collect();
            out.push(Request::Filter(vec![Condition::among("the system is far off".to_owned(), items)]));
        }
        if let Some(pairs) = systems.level.pairs {
            let value = format!("{} %", number(100.0 * pairs.share, 1));
            fact(&mut y, "Pairs ordered alike", &value, false, "Pairs of systems");
        }
        if let Some(tests) = &systems.tests {
            let told = tests.iter().map(|t| p_value(Some(t.p))).collect::<Vec<_>>().join("  ");
            let which = if tests[0].is_exact { "all" } else { "drawn" };
            let hint = format!(
                "Share of {which} orders of the systems with |r|, |ρ|, |τ_b| as large: {} orders",
                thousands(tests[0].n_orders)
            );
            fact(&mut y, "p of r, ρ, τ_b", &told, false, &hint);
            let OrderTest { least, n_orders, .. } = tests[1];
            let value = format!("{}, of {} orders", number(least, 4), thousands(n_orders));
            fact(
                &mut y,
                "Least p that ρ could have",
                &value,
                false,
                "With so few systems p cannot be smaller",
            );
        }
    }
    let block = |y: f32, words: &str| {
        let area = text_block(p, pos2(r.left(), y), r.width(), words, font::body(), theme.text_2);
        spoken(ui, area, words);
        area.bottom()
    };
    if let Some(words) = best_words(report) {
        y += 18.0;
        heading(p, theme, pos2(r.left(), y), "The two best", "by r over items");
        y = block(y + 14.0, &words);
    }
    let spoiled = report.perturbed.iter().filter(|s| s.metric == row.name);
    for (at, s) in spoiled.enumerate() {
        if at == 0 {
            y += 22.0;
            heading(p, theme, pos2(r.left(), y), "Spoiled items", "mean drop; share that drop");
            y += 14.0;
        }
        let value = format!("{}  {} %", number(s.mean_drop, 3), number(100.0 * s.share, 1));
        if fact(&mut y, &s.column, &value, !s.blind.is_empty(), "Opens the items on which it does not drop") {
            let words = format!("{} is no lower than {}", s.column, s.metric);
            out.push(Request::Filter(vec![Condition::among(words, s.blind.clone())]));
        }
    }
    y += 26.0;
    if link(ui, pos2(r.left(), y), "How this is computed", "page").clicked() {
        out.push(Request::Explain("metric_reliability"));
    }
    y + 20.0
}
