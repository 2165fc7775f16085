//! Which items are worth a person: what an order learned from a machine's mistakes is worth, by budget; and three orders beside it.

mod orders;
mod plot;

use std::sync::Arc;

use egui::{Align2, Rect, Stroke, Ui, pos2, vec2};

use super::ModelsState;
use crate::analysis::routing::{Learned, Machine, Order, RoutingAsked, RoutingReport};
use crate::app::document::Document;
use crate::app::panels::{OfGiven, Wanted};
use crate::app::query::Condition;
use crate::app::request::Request;
use crate::app::widgets::paint::{
    Button, count, heading, link, narrowed, number, spoken, text, text_block, text_cut, thousands, two_panes,
};
use crate::app::widgets::table::{Column, Table};
use crate::app::widgets::theme::{Theme, font};

const COLUMNS: [Column<'static>; 4] = [
    Column::new("property", 0.0).hint("In three bins of as many items where it is a number"),
    Column::new("weight", 190.0)
        .hint("What it adds to the gain: ridge regression of the machine’s mistakes on all properties"),
    Column::new("wrong", 64.0).right().hint("Share of its labelled items on which the machine is wrong"),
    Column::new("items", 70.0).right().hint("Items that have it, labelled or not"),
];
/// Budgets that are offered.
const BUDGETS: [f64; 4] = [0.05, 0.1, 0.2, 0.5];

/// What the tab remembers.
#[derive(Debug)]
pub(super) struct RoutingState {
    /// What is asked for.
    pub(super) asked: RoutingAsked,
    /// Share of the worklist that is opened.
    budget: f64,
}

impl Default for RoutingState {
    fn default() -> Self {
        Self { asked: RoutingAsked::default(), budget: 0.1 }
    }
}

/// What the cursor goes over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    /// The first items of the worklist.
    Worklist,
    Feature(usize),
    Below,
    Differing,
    Decisive,
}

fn lines(report: &RoutingReport) -> Vec<Line> {
    let mut lines = Vec::new();
    if let Some((_, order)) = order(report) {
        lines.push(Line::Worklist);
        lines.extend((0..order.rows.len()).map(Line::Feature));
    }
    let others = [
        (Line::Below, report.below.as_ref().is_ok_and(|b| !b.items.is_empty())),
        (Line::Differing, report.differing.is_ok()),
        (Line::Decisive, report.decisive.is_ok()),
    ];
    lines.extend(others.into_iter().filter(|o| o.1).map(|o| o.0));
    lines
}

/// Lines of the tab.
pub(super) fn n_rows(report: &RoutingReport) -> usize {
    lines(report).len()
}

fn order(report: &RoutingReport) -> Option<(&Learned, &Order)> {
    let learned = report.learned.as_ref().ok()?;
    Some((learned, learned.order.as_ref().ok()?))
}

/// What is to be computed.
pub(super) fn wanted(doc: &Document, state: &RoutingState) -> Vec<Wanted> {
    let Some(analysis) = &doc.analysis else { return Vec::new() };
    vec![Wanted::Routing(OfGiven { asked: state.asked.clone(), analysis: Arc::clone(analysis) })]
}

/// What came of it.
pub(super) fn report(doc: &Document) -> Option<Arc<RoutingReport>> {
    doc.panels.routing()?.as_ref().as_ref().ok().cloned()
}

fn percent(share: f64) -> String {
    format!("{} %", number(100.0 * share, 1))
}

/// What was found, in a sentence.
pub(super) fn finding(doc: &Document, report: &RoutingReport) -> String {
    let learned = match &report.learned {
        Ok(learned) => learned,
        Err(reason) => return format!("No order can be learned: {reason}"),
    };
    let name = learned.machine.name(&doc.dataset);
    match &learned.order {
        Err(_) => format!(
            "{name} is wrong on {} of {}: no order is learned",
            thousands(learned.n_wrong as u64),
            count(learned.n_known, "labelled item", "labelled items")
        ),
        Ok(order) if order.routed.area <= 0.0 => {
            format!("No better than random: nothing known of the items goes with mistakes of {name}")
        }
        Ok(order) => {
            let at = order.at(0.1);
            format!(
                "{} are right after a look at 10 %, {} at random, {} without",
                percent(at.learned),
                percent(at.random),
                percent(1.0 - order.routed.mistakes)
            )
        }
    }
}

/// What lies behind a line.
pub(super) fn behind(
    doc: &Document,
    state: &RoutingState,
    report: &RoutingReport,
    row: usize,
) -> Option<Request> {
    let listed =
        |words: String, items: Arc<[u32]>| Some(Request::Filter(vec![Condition::listed(words, items)]));
    match *lines(report).get(row)? {
        Line::Worklist => {
            let (_, order) = order(report)?;
            first_items(doc, report, order.budget(state.budget))
        }
        Line::Feature(at) => {
            let row = order(report)?.1.rows.get(at)?;
            Some(Request::Filter(vec![Condition::among(row.name.clone(), row.items.clone())]))
        }
        Line::Below => {
            let below = report.below.as_ref().ok()?;
            let name = below.model.name(&doc.dataset);
            listed(format!("{name}’s margin is below the knee"), below.items.as_slice().into())
        }
        Line::Differing => {
            let d = report.differing.as_ref().ok()?;
            listed(format!("{} differ most", both(doc, d.pair)), d.items.as_slice().into())
        }
        Line::Decisive => {
            let d = report.decisive.as_ref().ok()?;
            listed(format!("{}, told apart first", both(doc, d.pair)), d.items.as_slice().into())
        }
    }
}

/// The first `n` of the worklist.
fn first_items(doc: &Document, report: &RoutingReport, n: usize) -> Option<Request> {
    let (learned, order) = order(report)?;
    let items: Arc<[u32]> = order.worklist.get(..n).filter(|items| !items.is_empty())?.into();
    let words = format!("worth a person first, by {}’s mistakes", learned.machine.name(&doc.dataset));
    Some(Request::Filter(vec![Condition::listed(words, items)]))
}

fn both(doc: &Document, pair: (Machine, Machine)) -> String {
    format!("{} and {}", pair.0.name(&doc.dataset), pair.1.name(&doc.dataset))
}

/// A button that opens a list of who can be chosen, its right edge, and who was.
fn choose_ui(
    ui: &Ui,
    (at, width): (egui::Pos2, f32),
    doc: &Document,
    (all, on): (&[Machine], Machine),
    id: &str,
) -> (Option<Machine>, f32) {
    let chars = (width / 7.5).max(6.0) as usize;
    let name = on.name(&doc.dataset);
    let shown = crate::app::widgets::text::elide(&name, chars);
    // What is cut ends in dots already.
    let words = if shown == name { format!("{name} …") } else { shown.to_string() };
    let (response, right) = Button::new(&words).show(ui, at, id);
    let mut chosen = None;
    egui::Popup::menu(&response).show(|ui| {
        egui::ScrollArea::vertical().max_height(360.0).show(ui, |ui| {
            for &machine in all {
                if ui.selectable_label(machine == on, machine.name(&doc.dataset)).clicked() {
                    chosen = Some(machine);
                }
            }
        });
    });
    (chosen, right)
}

/// Paints the tab.
pub(super) fn ui(
    ui: &mut Ui,
    body: Rect,
    doc: &Document,
    state: &mut ModelsState,
    report: &RoutingReport,
    out: &mut Vec<Request>,
) {
    let (left, right) = two_panes(ui, body, 0.6, (500.0, 1300.0));
    state.category = state.category.min(n_rows(report).saturating_sub(1));
    learned_ui(ui, left.shrink2(vec2(16.0, 12.0)), doc, state, report, out);
    let mut inner = right.shrink2(vec2(16.0, 12.0));
    inner.set_width(inner.width().min(720.0));
    orders::ui(ui, inner, doc, state, report, out);
}

fn learned_ui(
    ui: &mut Ui,
    r: Rect,
    doc: &Document,
    state: &mut ModelsState,
    report: &RoutingReport,
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter().clone();
    let x = heading(&p, theme, pos2(r.left(), r.top() + 12.0), "Learned from mistakes", "of");
    let learned = match &report.learned {
        Ok(learned) => learned,
        Err(reason) => {
            let words = format!("— {reason}");
            let at = pos2(r.left(), r.top() + 34.0);
            let block = text_block(&p, at, r.width(), &words, font::body(), theme.text_2);
            spoken(ui, block, &words);
            return;
        }
    };
    let at = pos2(x + 8.0, r.top() - 2.0);
    let (chosen, _) =
        choose_ui(ui, (at, r.right() - x - 60.0), doc, (&doc.who.machines, learned.machine), "machine");
    if let Some(machine) = chosen {
        state.routing.asked.machine = Some(machine);
    }
    let mut y = r.top() + 36.0;
    let words = known_words(learned);
    let block = text_block(&p, pos2(r.left(), y), r.width(), &words, font::body(), theme.text_2);
    spoken(ui, block, &words);
    y = block.bottom() + 12.0;
    let order = match &learned.order {
        Ok(order) => order,
        Err(reason) => {
            let words = format!("— No order is learned: {reason}.");
            let block = text_block(&p, pos2(r.left(), y), r.width(), &words, font::body(), theme.text);
            spoken(ui, block, &words);
            return;
        }
    };
    let height = ((r.bottom() - y) * 0.44).clamp(130.0, 420.0);
    let area = Rect::from_min_max(pos2(r.left(), y), pos2(r.right(), y + height));
    if let Some(share) = plot::curve_ui(ui, area, order, state.routing.budget) {
        (state.routing.budget, state.category) = (share, 0);
        out.extend(first_items(doc, report, order.budget(share)));
    }
    y = area.bottom() + 8.0;
    y = budget_ui(
        ui,
        Rect::from_min_max(pos2(r.left(), y), r.max),
        doc,
        state,
        (report, learned, order),
        out,
    );
    let list = Rect::from_min_max(pos2(r.left() - 8.0, y + 8.0), r.right_bottom());
    if list.height() > 60.0 {
        features_ui(ui, narrowed(list), doc, state, report, order, out);
    }
}

fn known_words(learned: &Learned) -> String {
    let base = 1.0 - learned.n_wrong as f64 / learned.n_known.max(1) as f64;
    let open = match learned.n_open {
        0 => "No item waits for people.".to_owned(),
        n => format!("{} for people’s label.", count(n, "item waits", "items wait")),
    };
    format!(
        "Right on {} of {}. {open}",
        percent(base),
        count(learned.n_known, "labelled item", "labelled items")
    )
}

/// The budget, what it is worth, and the button that opens its items.
fn budget_ui(
    ui: &Ui,
    r: Rect,
    doc: &Document,
    state: &mut ModelsState,
    (report, learned, order): (&RoutingReport, &Learned, &Order),
    out: &mut Vec<Request>,
) -> f32 {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let (mut x, y) = (r.left(), r.top());
    x = text(p, pos2(x, y + 14.0), Align2::LEFT_CENTER, "budget", font::caption(), theme.text_3).right()
        + 8.0;
    for share in BUDGETS {
        let words = format!("{} %", number(100.0 * share, 0));
        let on = (state.routing.budget - share).abs() < 1e-9;
        let (response, right) = Button::new(&words).on(on).show(ui, pos2(x, y), ("budget", words.as_str()));
        if response.clicked() {
            (state.routing.budget, state.category) = (share, 0);
        }
        x = right + 4.0;
    }
    let n = order.budget(state.routing.budget);
    let words =
        format!("Open the first {} of {}", thousands(n as u64), thousands(order.worklist.len() as u64));
    let button = Button::new(&words);
    let key = lines(report).get(state.category) == Some(&Line::Worklist);
    let button = if key { button.key("Enter") } else { button };
    if button.show(ui, pos2(x + 8.0, y), "open worklist").0.clicked() {
        out.extend(first_items(doc, report, n));
    }
    let at = order.at(state.routing.budget);
    let mut words = format!(
        "A look at {} makes {} right; at random {}, at best {}, in-sample {}.",
        percent(at.share),
        percent(at.learned),
        percent(at.random),
        percent(at.best),
        percent(at.in_sample)
    );
    if let Some(person) = learned.person.filter(|&h| h < 1.0) {
        let own = at.learned - (1.0 - person) * at.share;
        words.push_str(&format!(
            " With people as right as one is by the others ({}): {}.",
            percent(person),
            percent(own)
        ));
    }
    if order.routed.area <= 0.0 {
        words.push_str(" No better than random: draw items at random.");
    } else {
        words.push_str(&format!(
            " Area over random {} (in-sample {}).",
            number(order.routed.area, 4),
            number(order.routed.area_in_sample, 4)
        ));
    }
    if order.of_known {
        words.push_str(
            " All items are labelled: the list is of those, each placed by what was learned from others.",
        );
    }
    let block = text_block(p, pos2(r.left(), y + 36.0), r.width(), &words, font::caption(), theme.text_2);
    spoken(ui, block, &words);
    block.bottom()
}

fn features_ui(
    ui: &mut Ui,
    r: Rect,
    doc: &Document,
    state: &mut ModelsState,
    report: &RoutingReport,
    order: &Order,
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let selected = match lines(report).get(state.category) {
        Some(&Line::Feature(at)) => Some(at as u64),
        _ => None,
    };
    let mut place = std::mem::take(&mut state.table);
    if let Some(at) = selected {
        place.reveal(at);
    }
    let table = Table {
        name: "Properties",
        columns: &COLUMNS,
        rows: order.rows.len() as u64,
        selected,
        sorted: None,
    };
    let most = order.rows.iter().map(|r| r.weight.abs()).fold(1e-9, f64::max);
    let name_of = |row: u64| {
        let row = &order.rows[row as usize];
        format!("{}: {}", row.name, number(row.weight, 3))
    };
    let events = table.show(ui, r, &mut place, name_of, |ui, row, cells, _| {
        let row = &order.rows[row as usize];
        let p = ui.painter();
        text_cut(p, cells[0].left_center(), cells[0].width() - 8.0, &row.name, font::body(), theme.text);
        let right = |cell: Rect, words: &str| {
            text(p, cell.right_center(), Align2::RIGHT_CENTER, words, font::mono(), theme.text);
        };
        right(cells[1], &number(row.weight, 3));
        let bar = Rect::from_min_max(cells[1].min, pos2(cells[1].right() - 56.0, cells[1].bottom()));
        let (middle, half) = (bar.center().x, bar.width() / 2.0);
        let end = middle + half * (row.weight / most) as f32;
        let y = bar.center().y;
        p.rect_filled(
            Rect::from_min_max(pos2(middle.min(end), y - 4.0), pos2(middle.max(end), y + 4.0)),
            0.0,
            theme.mark,
        );
        p.vline(middle, (y - 7.0)..=(y + 7.0), Stroke::new(1.0, theme.line_strong));
        let wrong = if row.n == 0 { "—".to_owned() } else { percent(row.n_wrong as f64 / row.n as f64) };
        right(cells[2], &wrong);
        right(cells[3], &thousands(row.items.len() as u64));
    });
    state.table = place;
    if let Some(row) = events.clicked.or(events.opened) {
        state.category = 1 + row as usize;
    }
    if events.opened.is_some() {
        out.extend(behind(doc, &state.routing, report, state.category));
    }
}

/// The link to the page, left centre at `pos`.
fn page_ui(ui: &Ui, pos: egui::Pos2, out: &mut Vec<Request>) {
    if link(ui, pos, "How this is computed", "routing page").clicked() {
        out.push(Request::Explain("routing"));
    }
}
