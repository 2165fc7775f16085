//! Groups of raters: who answers otherwise than whom, whether that is more than chance, whose majority serves whom; and labels
//! batch by batch; the same items under different conditions.

mod conditions;
mod covariates;
mod data;
mod drift;
mod one;

use std::sync::Arc;

use egui::{Align2, Rect, Ui, UiBuilder, pos2, vec2};

use crate::analysis::compare::Side;
use crate::analysis::conditions::{By, ConditionsAsked, ConditionsReport};
use crate::analysis::covariates::{CovariatesAsked, CovariatesReport, Disagreement};
use crate::analysis::drift::{Batches, DriftAsked, DriftReport};
use crate::analysis::rater_groups::{GroupPair, GroupsAsked, GroupsReport};
use crate::app::command::Command;
use crate::app::document::Document;
use crate::app::panels::{Kind as Panel, OfGiven, Wanted};
use crate::app::request::Request;
use crate::app::views::empty;
use crate::app::views::tabs::{Choice, absent_ui, finding_ui, tabs_ui};
use crate::app::widgets::paint::{narrowed, number, text, text_cut, two_panes};
use crate::app::widgets::table::{Column, HEAD, Table, TableState, row_height};
use crate::app::widgets::theme::{Theme, font};
use crate::stats::Undefined;
use crate::stats::rater_groups::Permuted;

/// Seed of permutations and juries.
const SEED: u64 = 42;

/// Height of the notes below the list.
const NOTES: f32 = 58.0;

const COLUMNS: [Column<'static>; 8] = [
    Column::new("A", 0.0),
    Column::new("B", 108.0),
    Column::new("A − B", 112.0).right().hint("Mean over shared items of the difference of the groups’ mean ratings; where labels are no numbers, of the share of the label on which they differ most clearly, in points"),
    Column::new("p", 62.0).right().hint("Of that difference, over permutations of whole raters; adjusted over all labels and pairs"),
    Column::new("within", 62.0).right().hint("Chance that two raters of one of the groups differ on an item"),
    Column::new("between", 66.0)
        .right()
        .hint("Chance that a rater of the one and a rater of the other differ on an item"),
    Column::new("more", 62.0).right().hint("Φ: between less within"),
    Column::new("p", 62.0).right().hint("Of Φ, over permutations of whole raters; adjusted over all pairs"),
];

/// What is held against each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tab {
    /// Raters, by an attribute of theirs.
    Raters(usize),
    /// Labels, by batch.
    Batches(Batches),
    /// The same items, by condition.
    Conditions(By),
    /// Disagreement, by properties of the items.
    Properties(Disagreement),
}

/// What the view remembers.
#[derive(Debug, Default)]
pub struct GroupsState {
    /// What was chosen; the first that the data has if `None`.
    tab: Option<Tab>,
    row: usize,
    reveal: bool,
    table: TableState,
    things: conditions::Things,
}

impl GroupsState {
    fn tab(&self, doc: &Document) -> Tab {
        let by_batch = || {
            doc.batches.first().map_or(Tab::Batches(Batches::Parts), |&c| Tab::Batches(Batches::Column(c)))
        };
        self.tab.unwrap_or_else(|| match (doc.dataset.raters.attributes.is_empty(), doc.conditions.first()) {
            (false, _) => Tab::Raters(0),
            (true, Some(&by)) => Tab::Conditions(by),
            (true, None) => by_batch(),
        })
    }

    /// Shows what goes with disagreement.
    pub fn show_properties(&mut self) {
        self.take(Tab::Properties(Disagreement::Votes));
    }

    /// Shows the same items under conditions, the first way that the data allows.
    pub fn show_conditions(&mut self, by: By) {
        self.take(Tab::Conditions(by));
    }

    /// Shows drift by parts of the file, or by a column about items.
    pub fn show_batches(&mut self, by: Batches) {
        self.take(Tab::Batches(by));
    }

    fn take(&mut self, tab: Tab) {
        (self.tab, self.row, self.table) = (Some(tab), 0, TableState::default());
        self.things = conditions::Things::default();
    }

    /// What is to be computed.
    pub fn wanted(&self, doc: &Document) -> Vec<Wanted> {
        let settings = doc.settings.clone();
        match (self.tab(doc), doc.analysis.clone()) {
            (Tab::Raters(attribute), _) => {
                vec![Wanted::Groups(GroupsAsked { settings, attribute, seed: SEED })]
            }
            (Tab::Batches(by), Some(analysis)) => {
                vec![Wanted::Drift(OfGiven { asked: DriftAsked { settings, by, seed: SEED }, analysis })]
            }
            (Tab::Conditions(by), Some(analysis)) => {
                vec![Wanted::Conditions(OfGiven { asked: ConditionsAsked { settings, by }, analysis })]
            }
            (Tab::Properties(of), _) => vec![Wanted::Covariates(CovariatesAsked { settings, of })],
            _ => Vec::new(),
        }
    }

    fn covariates(&self, doc: &Document) -> Option<Arc<CovariatesReport>> {
        let found = doc.panels.covariates()?;
        let report = found.as_ref().as_ref().ok()?;
        (self.tab(doc) == Tab::Properties(report.asked.of)).then(|| Arc::clone(report))
    }

    fn conditions(&self, doc: &Document) -> Option<Arc<ConditionsReport>> {
        let found = doc.panels.conditions()?;
        let report = found.as_ref().as_ref().ok()?;
        (self.tab(doc) == Tab::Conditions(report.asked.by)).then(|| Arc::clone(report))
    }

    fn report(&self, doc: &Document) -> Option<Arc<GroupsReport>> {
        let found = doc.panels.groups()?;
        let report = found.as_ref().as_ref().ok()?;
        (self.tab(doc) == Tab::Raters(report.asked.attribute)).then(|| Arc::clone(report))
    }

    fn drift(&self, doc: &Document) -> Option<Arc<DriftReport>> {
        let found = doc.panels.drift()?;
        let report = found.as_ref().as_ref().ok()?;
        (self.tab(doc) == Tab::Batches(report.asked.by)).then(|| Arc::clone(report))
    }

    /// Moves to the row below, or above.
    pub fn step(&mut self, doc: &Document, by: i64) {
        let n = match self.tab(doc) {
            Tab::Raters(_) => self.report(doc).map(|r| r.pairs.len()),
            Tab::Batches(_) => self.drift(doc).map(|r| r.found.batches.len()),
            Tab::Conditions(_) => self.conditions(doc).map(|r| r.pairs.len()),
            Tab::Properties(_) => self.covariates(doc).map(|r| r.rows.len()),
        };
        let last = n.unwrap_or(0).saturating_sub(1) as i64;
        let before = self.row;
        self.row = (self.row as i64).saturating_add(by).clamp(0, last) as usize;
        self.reveal = true;
        if self.row != before {
            self.things = conditions::Things::default();
        }
    }

    /// The comparison of the two groups under the cursor, the items of the batch, or those that moved.
    pub fn behind(&self, doc: &Document) -> Option<Request> {
        let attribute = match self.tab(doc) {
            Tab::Raters(attribute) => attribute,
            Tab::Batches(_) => return drift::behind(&*self.drift(doc)?, self.row),
            Tab::Conditions(_) => return conditions::behind(&*self.conditions(doc)?, self.row),
            Tab::Properties(_) => return covariates::behind(&*self.covariates(doc)?, self.row),
        };
        let report = self.report(doc)?;
        let pair = report.pairs.get(self.row)?;
        let side = |at: usize| Side::Group(attribute, report.values[pair.groups[at]].clone());
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
    let shown = state.tab(doc);
    let choices = choices(doc);
    let seen: Vec<Choice<'_>> = choices.iter().map(|c| c.1).collect();
    let on = choices.iter().position(|c| c.0 == shown);
    let (picked, x, body) = tabs_ui(ui, full, &seen, on);
    if let Some(at) = picked {
        state.take(choices[at].0);
    }
    let reveal = std::mem::take(&mut state.reveal);
    if let Some(report) = state.covariates(doc) {
        finding_ui(ui, body, x, &covariates::finding(&report));
        covariates::ui(ui, body, (&mut state.row, &mut state.table, reveal), &report, out);
        return;
    }
    if let Some(report) = state.conditions(doc) {
        finding_ui(ui, body, x, &conditions::finding(&report));
        let things = &mut state.things;
        conditions::ui(ui, body, doc, (&mut state.row, &mut state.table, reveal, things), &report, out);
        return;
    }
    if let Some(report) = state.drift(doc) {
        finding_ui(ui, body, x, &drift::finding(&report));
        drift::ui(ui, body, doc, (&mut state.row, &mut state.table, reveal), &report, out);
        return;
    }
    let Some(report) = state.report(doc) else {
        let panels = &doc.panels;
        let (panel, reason) = match state.tab(doc) {
            Tab::Raters(_) => {
                (Panel::Groups, panels.groups().and_then(|f| f.as_ref().as_ref().err().cloned()))
            }
            Tab::Batches(_) => {
                (Panel::Drift, panels.drift().and_then(|f| f.as_ref().as_ref().err().cloned()))
            }
            Tab::Properties(_) => {
                (Panel::Covariates, panels.covariates().and_then(|f| f.as_ref().as_ref().err().cloned()))
            }
            Tab::Conditions(_) => {
                (Panel::Conditions, panels.conditions().and_then(|f| f.as_ref().as_ref().err().cloned()))
            }
        };
        let why = ("Nothing to hold against each other", reason.as_ref());
        absent_ui(ui, body, doc, (panel, &state.wanted(doc)), why, Command::ShowGroups, out);
        return;
    };
    finding_ui(ui, body, x, &finding(doc, &report));
    let (left, right) = two_panes(ui, body, 0.6, (420.0, 1100.0));
    if reveal {
        state.table.reveal(state.row as u64);
    }
    let rows = HEAD + row_height(ui) * report.pairs.len() as f32 + NOTES;
    let list = Rect::from_min_max(left.min, pos2(left.right(), left.top() + rows.min(left.height() * 0.55)));
    list_ui(ui, list, state, &report, out, doc);
    let Some(pair) = report.pairs.get(state.row) else { return };
    let below = Rect::from_min_max(list.left_bottom(), left.max);
    ui.painter().hline(left.x_range(), below.top(), Theme::of(ui.ctx()).border());
    one::juries_ui(ui, below.shrink2(vec2(16.0, 14.0)), &report, pair);
    ui.scope_builder(UiBuilder::new().max_rect(right).id_salt("two"), |ui| {
        one::ui(ui, narrowed(right.shrink2(vec2(16.0, 14.0))), doc, state, &report, pair, out);
    });
}

/// What may be held against each other.
fn choices(doc: &Document) -> Vec<(Tab, Choice<'_>)> {
    let column = |at: usize| doc.dataset.metadata[at].0.as_str();
    let choice = |tab, group, name| (tab, Choice { group, name, hint: "" });
    let voted = !doc.dataset.annotations.is_empty();
    let properties =
        voted.then(|| choice(Tab::Properties(Disagreement::Votes), "disagreement by", "properties of items"));
    let is_marked = doc.dataset.spans.is_some() && doc.dataset.raters.len() > 1;
    let texts = is_marked
        .then(|| choice(Tab::Properties(Disagreement::Highlights), "highlights by", "properties of texts"));
    let again = doc.conditions.iter().map(|&by| {
        let name = match by {
            By::Column(at, _) => column(at),
            By::Questions => "question",
        };
        choice(Tab::Conditions(by), "the same items by", name)
    });
    let attributes = doc.dataset.raters.attributes.iter().enumerate();
    let raters = attributes.map(|(at, (name, _))| choice(Tab::Raters(at), "raters by", name.as_str()));
    let batches = doc.batches.iter().map(|&at| (Batches::Column(at), column(at)));
    let batches = batches.chain([(Batches::Parts, "parts of the file")]);
    let batches = batches.map(|(by, name)| choice(Tab::Batches(by), "labels by", name));
    properties.into_iter().chain(texts).chain(again).chain(raters).chain(batches).collect()
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
    let area = Rect::from_min_max(r.min, pos2(r.right(), r.bottom() - NOTES));
    state.row = state.row.min(report.pairs.len().saturating_sub(1));
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
