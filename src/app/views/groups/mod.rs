//! Groups of raters: who answers otherwise than whom, whether that is more than chance, whose majority serves whom.

mod one;

use std::sync::Arc;

use egui::{Align2, Rect, Ui, UiBuilder, pos2, vec2};

use crate::analysis::compare::Side;
use crate::analysis::rater_groups::{GroupPair, GroupsAsked, GroupsReport};
use crate::app::command::Command;
use crate::app::document::Document;
use crate::app::panels::{Kind as Panel, Wanted};
use crate::app::request::Request;
use crate::app::views::empty;
use crate::app::widgets::paint::{Button, number, text, text_cut, two_panes};
use crate::app::widgets::table::{Column, Table, TableState};
use crate::app::widgets::theme::{Theme, font};
use crate::stats::Undefined;
use crate::stats::rater_groups::Permuted;

/// Seed of permutations and juries.
const SEED: u64 = 42;
/// Height of the line above.
const LINE: f32 = 44.0;

const COLUMNS: [Column<'static>; 8] = [
    Column::new("A", 0.0),
    Column::new("B", 118.0),
    Column::new("A − B", 120.0).right().hint("Mean over shared items of the difference of the groups’ mean ratings; where labels are no numbers, of the share of the label on which they differ most clearly, in points"),
    Column::new("p", 62.0).right().hint("Of that difference, over permutations of whole raters; adjusted over all labels and pairs"),
    Column::new("within", 62.0).right().hint("Chance that two raters of one of the groups differ on an item"),
    Column::new("between", 66.0)
        .right()
        .hint("Chance that a rater of the one and a rater of the other differ on an item"),
    Column::new("more", 62.0).right().hint("Φ: between less within"),
    Column::new("p", 62.0).right().hint("Of Φ, over permutations of whole raters; adjusted over all pairs"),
];

/// What the view remembers.
#[derive(Debug, Default)]
pub struct GroupsState {
    attribute: usize,
    row: usize,
    reveal: bool,
    table: TableState,
}

impl GroupsState {
    /// What is to be computed.
    pub fn wanted(&self, doc: &Document) -> Vec<Wanted> {
        if doc.dataset.raters.attributes.is_empty() {
            return Vec::new();
        }
        let attribute = self.attribute.min(doc.dataset.raters.attributes.len() - 1);
        vec![Wanted::Groups(GroupsAsked { settings: doc.settings.clone(), attribute, seed: SEED })]
    }

    fn report(&self, doc: &Document) -> Option<Arc<GroupsReport>> {
        let found = doc.panels.groups()?;
        let report = found.as_ref().as_ref().ok()?;
        (report.asked.attribute == self.attribute).then(|| Arc::clone(report))
    }

    /// Moves to the row below, or above.
    pub fn step(&mut self, doc: &Document, by: i64) {
        if let Some(report) = self.report(doc) {
            let last = report.pairs.len().saturating_sub(1) as i64;
            self.row = (self.row as i64).saturating_add(by).clamp(0, last) as usize;
            self.reveal = true;
        }
    }

    /// The comparison of the two groups under the cursor.
    pub fn behind(&self, doc: &Document) -> Option<Request> {
        let report = self.report(doc)?;
        let pair = report.pairs.get(self.row)?;
        let side = |at: usize| Side::Group(self.attribute, report.values[pair.groups[at]].clone());
        Some(Request::CompareSides([side(0), side(1)]))
    }
}

/// Paints the view.
pub fn ui(ui: &mut Ui, doc: &Document, state: &mut GroupsState, out: &mut Vec<Request>) {
    let full = ui.max_rect();
    if doc.analysis.is_none() {
        empty::loading(ui, full);
        return;
    }
    let attributes = &doc.dataset.raters.attributes;
    if attributes.is_empty() {
        let why =
            "It takes facts about raters: columns that are constant for each, or a side table of raters.";
        let ways = vec![("Change columns…".to_owned(), Request::Run(Command::Reload))];
        empty::nothing(ui, full, "Nothing is known of the raters", why, ways, out);
        return;
    }
    state.attribute = state.attribute.min(attributes.len() - 1);
    let theme = Theme::of(ui.ctx());
    let line = Rect::from_min_size(full.min, vec2(full.width(), LINE));
    let body = Rect::from_min_max(line.left_bottom(), full.max);
    let mut x = line.left() + 16.0;
    for (at, (name, _)) in attributes.iter().enumerate() {
        let button = Button::new(name).on(at == state.attribute);
        if x + button.width(ui.painter()) > line.right() - 16.0 {
            break;
        }
        let (response, right) = button.show(ui, pos2(x, line.top() + 8.0), ("attribute", at));
        if response.clicked() && at != state.attribute {
            (state.attribute, state.row, state.table) = (at, 0, TableState::default());
        }
        x = right + 4.0;
    }
    ui.painter().hline(full.x_range(), line.bottom(), theme.border());
    let found = doc.panels.groups();
    let reason = found.as_ref().and_then(|f| f.as_ref().as_ref().err());
    let Some(report) = state.report(doc) else {
        match reason {
            Some(reason) if !doc.panels.is_news_of(Panel::Groups, &state.wanted(doc)) => {
                let why = format!("{}.", super::capital(&reason.to_string()));
                empty::nothing(ui, body, "No groups to hold against each other", &why, Vec::new(), out);
            }
            _ if doc.panels.is_stopped(Panel::Groups) => {
                let again = vec![("Compute again".to_owned(), Request::Run(Command::ShowGroups))];
                empty::nothing(ui, body, "Stopped before the end", "Nothing else waits for it.", again, out);
            }
            _ => empty::loading(ui, body),
        }
        return;
    };
    let words = finding(doc, &report);
    let room = Rect::from_min_max(pos2(x + 12.0, line.top()), line.max);
    text_cut(ui.painter(), room.left_center(), room.width() - 14.0, &words, font::body(), theme.text);
    let response =
        ui.interact(room.shrink2(vec2(0.0, 12.0)), ui.scope_id().with("finding"), egui::Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &words));
    response.on_hover_text(&words);
    let (left, right) = two_panes(ui, body, 0.6, (420.0, 1100.0));
    list_ui(ui, left, state, &report, out, doc);
    let Some(pair) = report.pairs.get(state.row) else { return };
    ui.scope_builder(UiBuilder::new().max_rect(right).id_salt("two"), |ui| {
        one::ui(ui, right.shrink2(vec2(16.0, 14.0)), doc, state, &report, pair, out);
    });
}

/// The p-value of a test.
fn p_of(test: Option<&Result<Permuted, Undefined>>) -> Option<f64> {
    Some(test?.as_ref().ok()?.p_value)
}

/// What was found, in a sentence.
fn finding(doc: &Document, report: &GroupsReport) -> String {
    let least = |of: fn(&GroupPair) -> Option<f64>| {
        let known = report.pairs.iter().filter_map(|p| Some((p, of(p)?)));
        known.min_by(|a, b| a.1.total_cmp(&b.1))
    };
    let names = |p: &GroupPair| format!("{} and {}", report.values[p.groups[0]], report.values[p.groups[1]]);
    let gap = least(|p| p.clearest()?.2).filter(|g| g.1 < 0.05);
    let phi = least(|p| p.adjusted[1]).filter(|g| g.1 < 0.05);
    match (gap, phi) {
        (Some((pair, p)), _) => {
            let p = if p < 0.001 { "p below .001".to_owned() } else { format!("p {}", number(p, 3)) };
            match pair.clearest() {
                Some((Some(label), found, _)) => {
                    let [mut a, mut b] = pair.groups.map(|g| report.values[g].as_str());
                    if found.gap < 0.0 {
                        std::mem::swap(&mut a, &mut b);
                    }
                    let points = number(100.0 * found.gap.abs(), 1);
                    format!("{a} says {} more often than {b}: by {points} points ({p})", doc.label(label))
                }
                Some((None, found, _)) => {
                    format!("{} rate {} apart ({p})", names(pair), number(found.gap.abs(), 2))
                }
                None => String::new(),
            }
        }
        (None, Some((pair, p))) => {
            format!("{} differ more between than within (p {})", names(pair), number(p, 3))
        }
        _ if report.pairs.iter().all(|p| p.adjusted[1].is_none()) => {
            "Too few raters or shared items to be tested: five a group and thirty items".to_owned()
        }
        _ => format!("No two groups by {} differ by more than the people in them would", report.attribute),
    }
}

/// The clearest difference of two groups.
fn gap_words(doc: &Document, pair: &GroupPair) -> String {
    let sign = |v: f64| if v > 0.0 { "+" } else { "" };
    match pair.clearest() {
        Some((Some(label), found, _)) => {
            let points = 100.0 * found.gap;
            format!("{} {}{}", doc.label(label), sign(points), number(points, 1))
        }
        Some((None, found, _)) => format!("{}{}", sign(found.gap), number(found.gap, 2)),
        None => "—".to_owned(),
    }
}

fn list_ui(
    ui: &mut Ui,
    r: Rect,
    state: &mut GroupsState,
    report: &GroupsReport,
    out: &mut Vec<Request>,
    doc: &Document,
) {
    let theme = Theme::of(ui.ctx());
    let area = Rect::from_min_max(r.min, pos2(r.right(), r.bottom() - 58.0));
    state.row = state.row.min(report.pairs.len().saturating_sub(1));
    if std::mem::take(&mut state.reveal) {
        state.table.reveal(state.row as u64);
    }
    let table = Table {
        name: "Pairs of groups",
        columns: &COLUMNS,
        rows: report.pairs.len() as u64,
        selected: Some(state.row as u64),
        sorted: None,
    };
    let group = |at: usize| format!("{} ({})", report.values[at], report.n_raters[at]);
    let digits = |v: Option<f64>, n: usize| v.map_or_else(|| "—".to_owned(), |v| number(v, n));
    let name_of = |row: u64| {
        let pair = &report.pairs[row as usize];
        let gap = gap_words(doc, pair);
        format!("{} and {}: {gap}", report.values[pair.groups[0]], report.values[pair.groups[1]])
    };
    let mut place = std::mem::take(&mut state.table);
    let events = table.show(ui, area, &mut place, name_of, |ui, row, cells, _| {
        let pair = &report.pairs[row as usize];
        let p = ui.painter();
        let y = cells[0].center().y;
        for i in 0..2 {
            let at = pos2(cells[i].left(), y);
            text_cut(p, at, cells[i].width(), &group(pair.groups[i]), font::body(), theme.text);
        }
        let apart = pair.apart.as_ref().ok();
        let clear = pair.clearest().and_then(|c| c.2);
        let numbers = [
            gap_words(doc, pair),
            digits(clear, 3),
            digits(apart.map(|a| a.within), 2),
            digits(apart.map(|a| a.between), 2),
            digits(apart.map(|a| a.phi), 3),
            digits(pair.adjusted[1], 3),
        ];
        for (i, words) in numbers.iter().enumerate() {
            let told = if i < 2 { clear } else { pair.adjusted[1] };
            let ink = if told.is_some_and(|p| p < 0.05) { theme.text } else { theme.text_2 };
            text(p, cells[i + 2].right_center(), Align2::RIGHT_CENTER, words, font::mono(), ink);
        }
    });
    state.table = place;
    if let Some(row) = events.clicked.or(events.opened) {
        state.row = row as usize;
    }
    if events.opened.is_some() {
        out.extend(state.behind(doc));
    }
    let p = ui.painter();
    p.hline(r.x_range(), area.bottom(), theme.border());
    let mut notes = vec![format!("{} permutations of whole raters", report.permutations)];
    if report.n_more > 0 {
        notes.push(format!("{} smaller groups are left out", report.n_more));
    }
    if report.n_without > 0 {
        notes.push(format!("{} raters have no {}", report.n_without, report.attribute));
    }
    let at = pos2(r.left() + 16.0, area.bottom() + 18.0);
    text_cut(p, at, r.width() - 32.0, &notes.join(" · "), font::caption(), theme.text_3);
    let more = "Agreement within and between the groups: Agreement, cut by group";
    text_cut(p, at + vec2(0.0, 20.0), r.width() - 32.0, more, font::caption(), theme.text_3);
}
