//! Two sides in one grammar: how they label, what one calls what the other calls otherwise, how far they agree, and the items
//! where they part.
//!
//! A is left, rows, solid; B is right, columns, outlined; whatever A and B are.

mod agree;
mod bars;
mod cells;
mod data;
mod head;
mod parted;

use std::sync::Arc;

use egui::{Rect, Ui, UiBuilder, pos2, vec2};

use crate::analysis::compare::{CompareAsked, CompareReport, FEW, Side};
use crate::app::command::Command;
use crate::app::document::Document;
use crate::app::panels::{Kind as Panel, OfGiven, Wanted};
use crate::app::request::Request;
use crate::app::views::empty;
use crate::app::widgets::palette::Choice;
use crate::app::widgets::table::TableState;
use crate::app::widgets::theme::Theme;
use crate::dataset::LabelId;

/// Height of the line of sides.
const HEAD: f32 = 66.0;

/// What the view remembers.
#[derive(Debug, Default)]
pub struct CompareState {
    /// Who is compared; `None` until something is known of the data.
    sides: Option<[Side; 2]>,
    /// The cell that narrows the list: what A says, what B says.
    brush: Option<(LabelId, LabelId)>,
    /// The row under the cursor.
    row: usize,
    reveal: bool,
    table: TableState,
}

impl CompareState {
    /// Who is compared.
    pub fn sides(&self) -> Option<&[Side; 2]> {
        self.sides.as_ref()
    }

    /// The cell that narrows the list: what A says, what B says.
    pub fn brush(&self) -> Option<(LabelId, LabelId)> {
        self.brush
    }

    /// Takes two sides to begin with, if none were taken.
    pub fn begin(&mut self, doc: &Document) {
        if let (None, Some(analysis)) = (&self.sides, &doc.analysis) {
            self.sides = Side::first_two(&doc.dataset, analysis).map(|(a, b)| [a, b]);
        }
    }

    /// Takes a side (0 or 1). The side that was there changes places where both would be the same.
    pub fn set(&mut self, at: usize, side: Side) {
        if let Some(sides) = &mut self.sides {
            if sides[1 - at] == side {
                sides.swap(0, 1);
            } else {
                sides[at] = side;
            }
            self.anew();
        }
    }

    /// Takes both sides.
    pub fn set_both(&mut self, sides: [Side; 2]) {
        self.sides = Some(sides);
        self.anew();
    }

    /// A and B change places.
    pub fn swap(&mut self) {
        if let Some(sides) = &mut self.sides {
            sides.swap(0, 1);
            let brush = self.brush.map(|(a, b)| (b, a));
            self.anew();
            self.brush = brush;
        }
    }

    fn anew(&mut self) {
        (self.brush, self.row, self.reveal) = (None, 0, true);
        self.table = TableState::default();
    }

    fn brush_on(&mut self, cell: Option<(LabelId, LabelId)>) {
        self.anew();
        self.brush = cell;
    }

    /// What is to be computed.
    pub fn wanted(&self, doc: &Document) -> Vec<Wanted> {
        let (Some(sides), Some(analysis)) = (self.sides.clone(), doc.analysis.clone()) else {
            return Vec::new();
        };
        let asked = CompareAsked { settings: doc.settings.clone(), sides };
        vec![Wanted::Compare(OfGiven { asked, analysis })]
    }

    /// The items of the list, the widest gap first.
    pub fn listed(&self, report: &CompareReport) -> Arc<[u32]> {
        match self.brush {
            Some((a, b)) => report.cell(a, b).cloned().unwrap_or_else(|| Arc::from([])),
            None => report.parted.clone(),
        }
    }

    /// Moves to the row below, or above.
    pub fn step(&mut self, doc: &Document, by: i64) {
        if let Some(report) = self.report(doc).as_deref() {
            let last = self.listed(report).len().saturating_sub(1) as i64;
            self.row = (self.row as i64).saturating_add(by).clamp(0, last) as usize;
            self.reveal = true;
        }
    }

    /// Goes to the next pair of labels that part, the commonest first; after the last, and before the first, there is no brush.
    pub fn step_pair(&mut self, doc: &Document, by: i64) {
        let Some(report) = self.report(doc) else { return };
        let pairs = &report.pairs;
        let n = pairs.len() as i64 + 1;
        let here = self.brush.and_then(|b| pairs.iter().position(|p| *p == b)).map_or(0, |at| at as i64 + 1);
        let next = (here + by).rem_euclid(n);
        let brush = usize::try_from(next - 1).ok().and_then(|at| pairs.get(at).copied());
        self.brush_on(brush);
    }

    /// A review of exactly these items, from the one under the cursor on.
    pub fn behind(&self, doc: &Document) -> Option<Request> {
        let report = self.report(doc)?;
        let items = self.listed(&report);
        let from = items.get(self.row).copied()?;
        Some(Request::ReviewList { name: self.words(doc, &report), items, from })
    }

    /// What the list is, in words.
    fn words(&self, doc: &Document, report: &CompareReport) -> String {
        let [a, b] = [0, 1].map(|s| report.asked.sides[s].words(&doc.dataset));
        match self.brush {
            Some((x, y)) => format!("{a} says {}, {b} says {}", doc.label(x), doc.label(y)),
            None => format!("{a} and {b} part"),
        }
    }

    /// The report on the sides that are shown, if it is there and could be made.
    fn report(&self, doc: &Document) -> Option<Arc<CompareReport>> {
        let found = doc.panels.compare()?;
        let report = found.as_ref().as_ref().ok()?;
        (Some(&report.asked.sides) == self.sides.as_ref()).then(|| Arc::clone(report))
    }

    /// All sides that can be chosen, for the palette.
    pub fn choices(doc: &Document) -> Vec<(Side, Choice)> {
        let data = &doc.dataset;
        let all = Side::all(data).into_iter();
        all.map(|side| {
            let (name, hint) = (side.words(data), side.kind(data));
            (side, Choice { name, hint, key: String::new() })
        })
        .collect()
    }
}

/// Paints the view.
pub fn ui(ui: &mut Ui, doc: &Document, state: &mut CompareState, out: &mut Vec<Request>) {
    let full = ui.max_rect();
    if doc.analysis.is_none() {
        empty::loading(ui, full);
        return;
    }
    state.begin(doc);
    let Some(sides) = state.sides.clone() else {
        let why =
            "It takes two raters, groups of raters, models, columns of labels, or votes beside one of these.";
        let ways = vec![("Change columns…".to_owned(), Request::Run(Command::Reload))];
        empty::nothing(ui, full, "Nothing to compare", why, ways, out);
        return;
    };
    let head = Rect::from_min_size(full.min, vec2(full.width(), HEAD));
    let body = Rect::from_min_max(head.left_bottom(), full.max);
    let found = doc.panels.compare();
    let reason = found.as_ref().and_then(|f| f.as_ref().as_ref().err());
    let report = state.report(doc);
    head::ui(ui, head, doc, &sides, report.as_deref(), out);
    let Some(report) = report else {
        match reason {
            Some(reason) if !doc.panels.is_news_of(Panel::Compare, &state.wanted(doc)) => {
                let why = format!("{}.", super::capital(&reason.to_string()));
                empty::nothing(ui, body, "These two cannot be compared", &why, Vec::new(), out);
            }
            _ if doc.panels.is_stopped(Panel::Compare) => {
                let again = vec![("Compute again".to_owned(), Request::Run(Command::ShowCompare))];
                empty::nothing(ui, body, "Stopped before the end", "Nothing else waits for it.", again, out);
            }
            _ => empty::loading(ui, body),
        }
        return;
    };
    body_ui(ui, body, doc, state, &report, out);
}

fn body_ui(
    ui: &mut Ui,
    body: Rect,
    doc: &Document,
    state: &mut CompareState,
    report: &CompareReport,
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let labels = report.in_play.as_slice();
    // With few items the list matters more than what can be said of them all.
    let few = report.found.n_items < FEW;
    let wanted = (112.0 + 44.0 * labels.len() as f32).clamp(240.0, 400.0);
    let height = wanted.min(body.height() * if few { 0.42 } else { 0.56 });
    let upper = Rect::from_min_size(body.min, vec2(body.width(), height));
    let lower = Rect::from_min_max(upper.left_bottom(), body.max);
    let p = ui.painter().clone();
    p.hline(upper.x_range(), upper.bottom(), theme.border());
    let middle = (upper.width() * 0.28).clamp(230.0, height + 60.0);
    let right = (upper.width() * 0.29).clamp(250.0, 460.0);
    let x1 = upper.right() - right;
    let x0 = x1 - middle;
    let columns = [
        Rect::from_min_max(upper.min, pos2(x0, upper.bottom())),
        Rect::from_min_max(pos2(x0, upper.top()), pos2(x1, upper.bottom())),
        Rect::from_min_max(pos2(x1, upper.top()), upper.max),
    ];
    for column in &columns[1..] {
        p.vline(column.left(), column.y_range(), theme.border());
    }
    let inner = columns.map(|c| c.shrink2(vec2(16.0, 12.0)));
    bars::ui(ui, inner[0], doc, report, labels, out);
    if let Some(cell) = cells::ui(ui, inner[1], doc, report, labels, state.brush) {
        state.brush_on((state.brush != Some(cell)).then_some(cell));
    }
    agree::ui(ui, inner[2], doc, report, labels, out);
    ui.scope_builder(UiBuilder::new().max_rect(lower).id_salt("parted"), |ui| {
        parted::ui(ui, lower, doc, state, report, right, out);
    });
}
