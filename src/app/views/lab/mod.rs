//! Aggregation: every way to make one label an item out of votes, side by side; where they part; one of them explained.

mod methods;
mod one;
mod pairs;

use egui::{Rect, Ui, pos2};

use self::methods::methods_ui;
use self::one::one_ui;
use self::pairs::pairs_ui;
use crate::analysis::lab::Lab;
use crate::app::command::Command;
use crate::app::document::Document;
use crate::app::query::{Condition, Labellings};
use crate::app::request::Request;
use crate::app::views::empty;
use crate::app::widgets::table::TableState;
use crate::app::widgets::theme::Theme;
use crate::stats::aggregation::{AGGREGATORS, Which};

/// What the view remembers.
#[derive(Debug)]
pub struct LabState {
    /// The method that is explained.
    pub selected: usize,
    /// Where the table is.
    table: TableState,
}

impl Default for LabState {
    fn default() -> Self {
        // The first after the majority that tells most from it, as a rule.
        let selected = AGGREGATORS.iter().position(|a| a.which == Which::DawidSkene).unwrap_or(0);
        Self { selected, table: TableState::default() }
    }
}

impl LabState {
    /// Moves to the method below, or above.
    pub fn step(&mut self, doc: &Document, by: i64) {
        let last = doc.lab.as_ref().map_or(0, |lab| lab.methods.len().saturating_sub(1));
        self.selected = (self.selected as i64).saturating_add(by).clamp(0, last as i64) as usize;
    }

    /// The items that the selected method labels otherwise than the majority.
    pub fn condition(&self, doc: &Document) -> Option<Condition> {
        let lab = doc.lab.as_deref()?;
        parted(lab, 0, self.selected)
    }
}

/// Items that two methods label differently.
fn parted(lab: &Lab, a: usize, b: usize) -> Option<Condition> {
    let of = |i: usize| {
        let method = lab.methods.get(i)?;
        Some((method.which.row().name, &method.outcome.as_ref().ok()?.labels))
    };
    let ((first, a_labels), (second, b_labels)) = (of(a)?, of(b)?);
    let words = format!("{first} and {second} differ");
    (a != b).then(|| Condition::MethodsPart(Labellings::new(words, a_labels.clone(), b_labels.clone())))
}

/// Paints the view.
pub fn ui(ui: &mut Ui, doc: &Document, state: &mut LabState, out: &mut Vec<Request>) {
    let full = ui.max_rect();
    if doc.dataset.annotations.is_empty() {
        let why = "The data has one label an item and no votes to make labels out of. Open a table with one row a vote, \
                   or with one column a rater.";
        let change = vec![("Change columns…".to_owned(), Request::Run(Command::Reload))];
        empty::nothing(ui, full, "No votes in this data", why, change, out);
        return;
    }
    let Some(lab) = doc.lab.clone() else {
        if doc.lab_stopped {
            let why = "Some of these models take long on large data. Nothing else waits for them.";
            let again = vec![("Compute again".to_owned(), Request::Run(Command::ShowAggregation))];
            empty::nothing(ui, full, "Stopped before the end", why, again, out);
        } else {
            empty::loading(ui, full);
        }
        return;
    };
    let theme = Theme::of(ui.ctx());
    state.selected = state.selected.min(lab.methods.len().saturating_sub(1));
    let wanted = methods::height(&lab);
    let top = Rect::from_min_max(full.min, pos2(full.right(), full.top() + wanted.min(full.height() * 0.58)));
    let below = Rect::from_min_max(pos2(full.left(), top.bottom()), full.max);
    let middle = (full.left() + (full.width() * 0.5).min(below.height() + 220.0)).round();
    methods_ui(ui, top, doc, &lab, state, out);
    ui.painter().hline(full.x_range(), below.top(), theme.border());
    ui.painter().vline(middle, below.y_range(), theme.border());
    let left = Rect::from_min_max(below.min, pos2(middle, below.bottom()));
    let right = Rect::from_min_max(pos2(middle, below.top()), below.max);
    pairs_ui(ui, left, &lab, state, out);
    one_ui(ui, right, doc, &lab, state, out);
}

/// The page that explains a method.
fn page(which: Which) -> &'static str {
    match which {
        Which::MajorityVote => "majority_vote",
        Which::Wawa | Which::ZeroBasedSkill => "weighted_vote",
        Which::OneCoin
        | Which::DawidSkene
        | Which::FastDawidSkene
        | Which::HybridDawidSkene
        | Which::Ibcc => "dawid_skene",
        Which::Glad => "glad",
        Which::Mace | Which::MaceEm => "mace",
        Which::Mmsr | Which::Kos => "spectral_crowd",
    }
}
