//! The same items under different conditions: two by two, what their variance is of, and the items that moved.

use std::collections::BTreeSet;

use egui::{Align2, Rect, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use crate::analysis::conditions::{By, ConditionsReport, LEVEL, LIMITS, Link, PairRow, Same, Systems};
use crate::app::document::Document;
use crate::app::query::Condition;
use crate::app::request::Request;
use crate::app::widgets::fact::{FACT, Fact};
use crate::app::widgets::lasso::{Lasso, encloses};
use crate::app::widgets::paint::{
    Button, count, heading, link, number, p_value, text, text_block, text_cut, thousands, two_panes,
};
use crate::app::widgets::table::{Column, Table, TableState};
use crate::app::widgets::text::elide;
use crate::app::widgets::theme::{Theme, font};
use crate::stats::Statistic;
use crate::stats::conditions::Components;

/// Most points that are painted.
const MOST_POINTS: usize = 4_000;
/// Height of a row of the table of pairs, and of its head.
const ROW: f32 = 30.0;

const PAIRS: [Column<'static>; 7] = [
    Column::new("A", 0.0),
    Column::new("B", 100.0),
    Column::new("items", 60.0).right().hint("Items with a rating under both"),
    Column::new("r", 54.0).right().hint("Pearson’s correlation of their mean ratings"),
    Column::new("ρ", 54.0).right().hint("Spearman’s"),
    Column::new("corrected", 76.0).right().hint("r over the root of both reliabilities: near 1 the conditions agree and ratings are noisy, clearly below 1 the condition changes what is rated"),
    Column::new("moved", 60.0).right().hint("Items whose mean moved by more than chance, p adjusted over all items"),
];

const ITEMS: [Column<'static>; 6] = [
    Column::new("item", 0.0),
    Column::new("A", 56.0).right().hint("Mean rating under A"),
    Column::new("B", 56.0).right(),
    Column::new("A − B", 62.0).right(),
    Column::new("z", 62.0).right().hint("The shift in units of its standard error"),
    Column::new("p", 62.0).right().hint("Two-sided, adjusted over all items; outright where the raters of either are of one mind and the two differ"),
];

/// What the tab remembers beside the pair.
#[derive(Debug, Default)]
pub(super) struct Things {
    row: usize,
    place: TableState,
    lasso: Lasso,
}

/// What was found, in a sentence.
pub(super) fn finding(report: &ConditionsReport) -> String {
    let name = |p: &PairRow, side: usize| &report.conditions[p.conditions[side]].name;
    let most = report.pairs.first().filter(|p| p.n_moved > 0);
    let known = report.pairs.iter().filter_map(|p| Some((p, p.found.corrected.value()?)));
    let lowest = known.min_by(|a, b| a.1.total_cmp(&b.1));
    match (lowest, most) {
        (Some((p, r)), most) => {
            let verdict = match p.found.n_items {
                0..10 => "too few items for a verdict",
                _ if r < 0.9 => "something else is rated",
                _ => "the same is rated",
            };
            let moved = most.map_or_else(String::new, |m| {
                format!("; {} moved from {} to {}", count(m.n_moved, "item", "items"), name(m, 0), name(m, 1))
            });
            format!("{} and {}: r {} corrected, {verdict}{moved}", name(p, 0), name(p, 1), number(r, 2))
        }
        (None, _) => {
            let known = report.pairs.iter().filter_map(|p| Some((p, p.found.pearson.value()?)));
            match known.min_by(|a, b| a.1.total_cmp(&b.1)) {
                Some((p, r)) => format!("{} and {} agree least: r {}", name(p, 0), name(p, 1), number(r, 2)),
                None => "No two conditions can be correlated".to_owned(),
            }
        }
    }
}

/// The items that moved between the two conditions under the cursor; all that both have where none did.
pub(super) fn behind(report: &ConditionsReport, row: usize) -> Option<Request> {
    let pair = report.pairs.get(row)?;
    let [a, b] = pair.conditions.map(|c| &report.conditions[c].name);
    if pair.n_moved > 0 {
        let words = format!("moved from {a} to {b}");
        return Some(Request::Filter(vec![Condition::among(words, pair.moved.clone())]));
    }
    let mean = |side: usize, thing: usize| report.conditions[pair.conditions[side]].means[thing];
    let both = (0..report.things.len()).filter(|&t| mean(0, t).is_some() && mean(1, t).is_some());
    let items = both.flat_map(|t| report.behind[t].iter().copied());
    let mut items: Vec<u32> = items.filter(|&i| report.is_under(i, pair.conditions)).collect();
    items.sort_unstable();
    items.dedup();
    Some(Request::Filter(vec![Condition::among(format!("under {a} and {b}"), items.into())]))
}

/// Paints the tab.
pub(super) fn ui(
    ui: &mut Ui,
    body: Rect,
    doc: &Document,
    (row, place, reveal, things): (&mut usize, &mut TableState, bool, &mut Things),
    report: &ConditionsReport,
    out: &mut Vec<Request>,
) {
    let (left, right) = two_panes(ui, body, 0.5, (420.0, 1100.0));
    *row = (*row).min(report.pairs.len().saturating_sub(1));
    if reveal {
        place.reveal(*row as u64);
    }
    let rows = ROW * (report.pairs.len() + 1) as f32;
    let split = left.top() + rows.min(left.height() * 0.45);
    let before = *row;
    pairs_ui(ui, Rect::from_min_max(left.min, pos2(left.right(), split)), row, place, report, out);
    if *row != before {
        *things = Things::default();
    }
    ui.painter().hline(left.x_range(), split, Theme::of(ui.ctx()).border());
    let below = Rect::from_min_max(pos2(left.left(), split), left.max).shrink2(vec2(16.0, 12.0));
    facts_ui(ui, below, report, *row, out);
    let Some(pair) = report.pairs.get(*row) else { return };
    let side = (right.width() - 80.0).min(right.height() * 0.5 - 60.0).clamp(120.0, 460.0);
    let plot = Rect::from_min_size(right.min + vec2(16.0, 12.0), vec2(right.width() - 32.0, side + 64.0));
    plot_ui(ui, plot, side, things, (report, pair), out);
    let list = Rect::from_min_max(pos2(right.left(), plot.bottom() + 6.0), right.max);
    ui.painter().hline(list.x_range(), list.top(), Theme::of(ui.ctx()).border());
    items_ui(ui, list, doc, things, report, pair, out);
}

fn told(value: &Statistic) -> String {
    value.value().map_or_else(|| "—".to_owned(), |v| number(v, 3))
}

fn pairs_ui(
    ui: &mut Ui,
    area: Rect,
    row: &mut usize,
    place: &mut TableState,
    report: &ConditionsReport,
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let table = Table {
        name: "Pairs of conditions",
        columns: &PAIRS,
        rows: report.pairs.len() as u64,
        selected: Some(*row as u64),
        sorted: None,
    };
    let name = |p: &PairRow, side: usize| &report.conditions[p.conditions[side]].name;
    let name_of = |at: u64| {
        let p = &report.pairs[at as usize];
        let moved = thousands(p.n_moved as u64);
        format!("{} and {}: r {}, {moved} moved", name(p, 0), name(p, 1), told(&p.found.pearson))
    };
    let events = table.show(ui, area, place, name_of, |ui, at, cells, _| {
        let pair = &report.pairs[at as usize];
        let p = ui.painter();
        for side in 0..2 {
            let at = cells[side].left_center();
            text_cut(p, at, cells[side].width(), name(pair, side), font::body(), theme.text);
        }
        let f = &pair.found;
        let numbers = [
            thousands(f.n_items as u64),
            told(&f.pearson),
            told(&f.spearman),
            told(&f.corrected),
            thousands(pair.n_moved as u64),
        ];
        for (words, cell) in numbers.iter().zip(&cells[2..]) {
            text(p, cell.right_center(), Align2::RIGHT_CENTER, words, font::mono(), theme.text_2);
        }
    });
    if let Some(at) = events.clicked.or(events.opened) {
        *row = at as usize;
    }
    if events.opened.is_some() {
        out.extend(behind(report, *row));
    }
}

/// What the variance is of, and how reliable each condition is.
fn facts_ui(ui: &Ui, r: Rect, report: &ConditionsReport, row: usize, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let mut y = r.top() + 8.0;
    let of = if report.by_votes { "shares of variance" } else { "given labels: nobody voted" };
    heading(p, theme, pos2(r.left(), y), "What ratings vary by", of);
    y += 22.0;
    let line = |y: f32| Rect::from_min_size(pos2(r.left(), y), vec2(r.width(), FACT));
    match &report.components {
        Err(reason) => {
            text_cut(p, pos2(r.left(), y), r.width(), &format!("— {reason}"), font::caption(), theme.text_3);
            y += 20.0;
        }
        Ok(found) => {
            for (i, (what, share, hint)) in shares(found).into_iter().enumerate() {
                Fact { what, value: &share, opens: false, selected: false, hint: &hint }.show(
                    ui,
                    line(y),
                    ("share", i),
                );
                y += FACT;
            }
        }
    }
    y += 26.0;
    heading(p, theme, pos2(r.left(), y), "How reliable means are", "1 − error over variance; α of votes");
    y += 22.0;
    let shown = report.pairs.get(row).map_or([usize::MAX; 2], |p| p.conditions);
    for (i, condition) in report.conditions.iter().enumerate() {
        if y + FACT > r.bottom() - 76.0 {
            break;
        }
        let (value, hint) = match &condition.reliability {
            Ok(value) => (number(*value, 3), String::new()),
            Err(reason) => ("—".to_owned(), format!("Not defined: {reason}")),
        };
        let alpha = told(&condition.alpha);
        let value = format!(
            "{value}   α {alpha}   {} ratings, {} items",
            thousands(condition.n_ratings as u64),
            thousands(condition.n_items as u64)
        );
        let selected = shown.contains(&i);
        Fact { what: &condition.name, value: &value, opens: false, selected, hint: &hint }.show(
            ui,
            line(y),
            ("condition", i),
        );
        y += FACT;
    }
    y += 8.0;
    let sure = format!("{} of {}", thousands(report.n_reliable[0] as u64), thousands(report.n_judged as u64));
    let limits: Vec<String> =
        LIMITS.iter().zip(report.n_reliable).map(|(l, n)| format!("{n} below {l}")).collect();
    let hint = format!(
        "Items whose largest disagreement under any of their conditions, as a share of the most that the scale allows, is below .5: {}. Click for the items",
        limits.join(", ")
    );
    let what = "items on which raters agree under all";
    let fact = Fact { what, value: &sure, opens: !report.reliable.is_empty(), selected: false, hint: &hint };
    if fact.show(ui, line(y), "reliable") {
        let words = "raters agree under all conditions".to_owned();
        out.push(Request::Filter(vec![Condition::among(words, report.reliable.clone())]));
    }
    if let Some(systems) = &report.systems {
        let below = Rect::from_min_max(pos2(r.left(), y + FACT + 14.0), pos2(r.right(), r.bottom() - 24.0));
        systems_ui(ui, below, report, systems, out);
    }
    if link(ui, pos2(r.left(), r.bottom() - 8.0), "How this is computed", "page").clicked() {
        out.push(Request::Explain("conditions"));
    }
}

/// In what order systems come out: those that change places, then each with its means.
fn systems_ui(ui: &Ui, r: Rect, report: &ConditionsReport, systems: &Systems, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let mut y = r.top() + 8.0;
    if y + 20.0 > r.bottom() {
        return;
    }
    let caption = match systems.turned.len() {
        0 => "no two change places by more than chance".to_owned(),
        n => format!("{} {} places", count(n, "pair", "pairs"), if n == 1 { "changes" } else { "change" }),
    };
    let title = format!("In what order: {}", systems.by);
    heading(ui.painter(), theme, pos2(r.left(), y), &title, &caption);
    y += 20.0;
    let under = |conditions: &[usize]| {
        conditions.iter().map(|&c| report.conditions[c].name.as_str()).collect::<Vec<_>>().join(", ")
    };
    for (i, turned) in systems.turned.iter().enumerate() {
        if y + FACT > r.bottom() {
            return;
        }
        let [a, b] = turned.systems.map(|s| &systems.names[s]);
        let what = format!(
            "{a} above {b}: {}; below: {}",
            under(&turned.conditions[0]),
            under(&turned.conditions[1])
        );
        let hint = format!(
            "{what}. Wilcoxon’s signed ranks over what both were rated on, Holm’s p at most .05 both ways. Click for their items"
        );
        let value = thousands(turned.items.len() as u64);
        let line = Rect::from_min_size(pos2(r.left(), y), vec2(r.width(), FACT));
        let fact = Fact { what: &what, value: &value, opens: true, selected: false, hint: &hint };
        if fact.show(ui, line, ("turned", i)) {
            let words = format!("{a} and {b} change places");
            out.push(Request::Filter(vec![Condition::among(words, turned.items.clone())]));
        }
        y += FACT;
    }
    for (i, name) in systems.names.iter().enumerate() {
        if y + FACT > r.bottom() {
            return;
        }
        let means = systems.means.iter().zip(&report.conditions).map(|(means, condition)| {
            let mean = means[i].map_or_else(|| "—".to_owned(), |m| number(m, 2));
            format!("{} {mean}", elide(&condition.name, 10))
        });
        let value = means.collect::<Vec<_>>().join("  ");
        let line = Rect::from_min_size(pos2(r.left(), y), vec2(r.width(), FACT));
        let hint = "Mean over what it was rated on under each condition";
        Fact { what: name, value: &value, opens: false, selected: false, hint }.show(ui, line, ("system", i));
        y += FACT;
    }
}

fn shares(found: &Components) -> [(&'static str, String, String); 4] {
    let about =
        if found.balanced { "" } else { "; approximate, for cells differ in their numbers of ratings" };
    [
        ("items differ", found.item),
        ("conditions differ", found.condition),
        ("conditions change the order of items", found.interaction),
        ("raters, and chance", found.error),
    ]
    .map(|(what, part)| {
        let below = if part.negative { ". Estimated below 0, taken for 0" } else { "" };
        let hint = format!(
            "Variance {}, over {} items with two ratings or more under every condition{about}{below}",
            number(part.variance, 3),
            found.n_items
        );
        (what, format!("{} %", number(100.0 * part.share, 1)), hint)
    })
}

/// Means of items under the one against those under the other.
fn plot_ui(
    ui: &Ui,
    r: Rect,
    side: f32,
    things: &mut Things,
    (report, pair): (&ConditionsReport, &PairRow),
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let [a, b] = pair.conditions.map(|c| &report.conditions[c]);
    let caption = if pair.points.len() == pair.found.n_items {
        "a point an item".to_owned()
    } else {
        format!(
            "{} of {} items, and those that moved",
            pair.points.len(),
            thousands(pair.found.n_items as u64)
        )
    };
    let title = format!("{} against {}", a.name, b.name);
    heading(p, theme, pos2(r.left(), r.top() + 8.0), &title, &caption);
    let mean = |of: usize, thing: u32| report.conditions[of].means[thing as usize];
    let at_row = |at: usize| {
        let s = pair.found.shifts.get(at)?;
        Some([mean(pair.conditions[0], s.item)?, mean(pair.conditions[1], s.item)?])
    };
    let moved = (0..pair.found.shifts.len().min(MOST_POINTS))
        .take_while(|&at| pair.found.shifts[at].is_moved(LEVEL))
        .filter_map(at_row);
    let moved: Vec<[f64; 2]> = moved.collect();
    let values = || pair.points.iter().chain(&moved).flatten().copied();
    let (low, high) = (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max));
    if low > high {
        return;
    }
    let area = Rect::from_min_size(pos2(r.left() + 44.0, r.top() + 28.0), vec2(side, side));
    let span = (high - low).max(1e-9);
    let share = |v: f64| (0.04 + 0.92 * (v - low) / span) as f32;
    let at = |x: f64, y: f64| pos2(area.left() + side * share(x), area.bottom() - side * share(y));
    for v in [low, f64::midpoint(low, high), high] {
        let point = at(v, v);
        p.hline(area.x_range(), point.y, Stroke::new(1.0, theme.grid));
        p.vline(point.x, area.y_range(), Stroke::new(1.0, theme.grid));
        let words = number(v, 1);
        let left = pos2(area.left() - 6.0, point.y);
        text(p, left, Align2::RIGHT_CENTER, &words, font::mono_small(), theme.text_3);
        let below = pos2(point.x, area.bottom() + 9.0);
        text(p, below, Align2::CENTER_CENTER, &words, font::mono_small(), theme.text_3);
    }
    p.line_segment([at(low, low), at(high, high)], Stroke::new(1.0, theme.line_strong));
    for &[x, y] in &pair.points {
        p.circle_stroke(at(x, y), 2.5, Stroke::new(1.0, theme.mark));
    }
    for &[x, y] in &moved {
        p.circle_filled(at(x, y), 3.5, theme.text);
    }
    if let Some([x, y]) = at_row(things.row) {
        p.circle_stroke(at(x, y), 7.0, Stroke::new(2.0, theme.accent));
    }
    let x = area.right() + 18.0;
    let room = r.right() - x;
    if room > 90.0 {
        let mut y = area.top() + 8.0;
        let shift = &pair.found.mean_shift;
        let lines = [
            ("across", a.name.clone()),
            ("up", b.name.clone()),
            ("filled", format!("moved, {} items", thousands(pair.n_moved as u64))),
            ("A − B", shift.value().map_or_else(|| "—".to_owned(), |v| number(v, 2))),
            ("its SD", pair.found.sd_shift.map_or_else(|| "—".to_owned(), |v| number(v, 2))),
            ("τ", told(&pair.found.kendall)),
        ];
        for (what, value) in lines {
            text(p, pos2(x, y), Align2::LEFT_CENTER, what, font::caption(), theme.text_3);
            text_cut(p, pos2(x + 48.0, y), room - 48.0, &value, font::body(), theme.text_2);
            y += 22.0;
        }
        if pair.found.exceeds_one() {
            let words = "Corrected above 1: reliabilities are too low, or chance helped";
            text_block(p, pos2(x, y - 6.0), room, words, font::caption(), theme.text_3);
        }
    }
    let response = ui.interact(area, ui.scope_id().with("scatter"), Sense::click_and_drag());
    let words = format!("{title}: {} items", thousands(pair.found.n_items as u64));
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &words));
    things.lasso.button_ui(ui, Rect::from_min_max(r.min, pos2(area.right(), r.bottom())));
    if let Some(outline) = things.lasso.drawn(ui, &response) {
        let within = (0..report.things.len() as u32).filter(|&thing| {
            let both = mean(pair.conditions[0], thing).zip(mean(pair.conditions[1], thing));
            both.is_some_and(|(x, y)| encloses(&outline, at(x, y)))
        });
        let items = within.flat_map(|thing| report.behind[thing as usize].iter().copied());
        let items: BTreeSet<u32> = items.filter(|&i| report.is_under(i, pair.conditions)).collect();
        if !items.is_empty() {
            let words = format!("outlined in {title}");
            out.push(Request::Filter(vec![Condition::among(words, items.into_iter().collect())]));
        }
    }
    if let Some(pointer) = response.interact_pointer_pos().filter(|_| response.clicked()) {
        let rows = 0..pair.found.shifts.len();
        let near = rows.filter_map(|row| at_row(row).map(|[x, y]| (at(x, y).distance(pointer), row)));
        if let Some((_, row)) = near.filter(|n| n.0 < 12.0).min_by(|a, b| a.0.total_cmp(&b.0)) {
            things.row = row;
            things.place.reveal(row as u64);
        }
    }
}

/// The items that both have, those that moved most first.
fn items_ui(
    ui: &mut Ui,
    r: Rect,
    doc: &Document,
    things: &mut Things,
    report: &ConditionsReport,
    pair: &PairRow,
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let area = Rect::from_min_max(r.min, pos2(r.right(), r.bottom() - 48.0));
    let shifts = &pair.found.shifts;
    things.row = things.row.min(shifts.len().saturating_sub(1));
    let table = Table {
        name: "Items under both conditions",
        columns: &ITEMS,
        rows: shifts.len() as u64,
        selected: Some(things.row as u64),
        sorted: None,
    };
    let is_text = matches!(report.asked.by, By::Column(_, Link { same: Same::Text, .. }));
    // Where the same things are told by a key that says nothing, the text says more.
    let name = |thing: u32| {
        let own = report.things[thing as usize].as_str();
        let first = report.behind[thing as usize].first().copied();
        match (&doc.dataset.texts, first) {
            (Some(texts), Some(item)) if !is_text && !texts.get(item as usize).is_empty() => {
                format!("{own}  {}", texts.get(item as usize).replace('\n', " "))
            }
            _ => own.to_owned(),
        }
    };
    let mean = |side: usize, thing: u32| report.conditions[pair.conditions[side]].means[thing as usize];
    let digits = |v: Option<f64>, n: usize| v.map_or_else(|| "—".to_owned(), |v| number(v, n));
    let name_of = |at: u64| {
        let s = &shifts[at as usize];
        format!("{}: {} apart", report.things[s.item as usize], number(s.shift, 2))
    };
    let events = table.show(ui, area, &mut things.place, name_of, |ui, at, cells, _| {
        let s = &shifts[at as usize];
        let p = ui.painter();
        let moved = s.is_moved(LEVEL);
        let ink = if moved { theme.text } else { theme.text_2 };
        text_cut(p, cells[0].left_center(), cells[0].width(), &name(s.item), font::body(), ink);
        let numbers = [
            digits(mean(0, s.item), 2),
            digits(mean(1, s.item), 2),
            format!("{}{}", if s.shift > 0.0 { "+" } else { "" }, number(s.shift, 2)),
            digits(s.z, 2),
            match s.adjusted {
                None if s.outright => "outright".to_owned(),
                p => p_value(p),
            },
        ];
        for (words, cell) in numbers.iter().zip(&cells[1..]) {
            text(p, cell.right_center(), Align2::RIGHT_CENTER, words, font::mono(), ink);
        }
    });
    if let Some(at) = events.clicked.or(events.opened) {
        things.row = at as usize;
    }
    let own = |things: &Things| {
        let thing = shifts.get(things.row)?.item as usize;
        let words = format!("{} is {}", report.link, elide(&report.things[thing], 60));
        Some(Request::Filter(vec![Condition::among(words, report.behind[thing].clone())]))
    };
    if events.opened.is_some() {
        out.extend(own(things));
    }
    let p = ui.painter();
    p.hline(r.x_range(), area.bottom(), theme.border());
    let at = pos2(r.left() + 16.0, area.bottom() + 9.0);
    let words = match pair.n_moved {
        0 => "Open the items of both".to_owned(),
        1 => "Open the item that moved".to_owned(),
        n => format!("Open the {} that moved", thousands(n as u64)),
    };
    let (response, right) = Button::primary(&words).key("Enter").show(ui, at, "open moved");
    if response.clicked() {
        let row = report.pairs.iter().position(|p| p.conditions == pair.conditions);
        out.extend(row.and_then(|row| behind(report, row)));
    }
    if Button::new("Open this one").show(ui, pos2(right + 8.0, at.y), "open one").0.clicked() {
        out.extend(own(things));
    }
}
