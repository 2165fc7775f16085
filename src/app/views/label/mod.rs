//! The nutrition label of the dataset: what people say of it, what its columns hold, which go together, how it was annotated.

mod about;
mod annotation;
mod columns;
pub mod model;
mod pairs;

use egui::{Ui, pos2};

use super::{empty, tabs};
use crate::analysis::nutrition::{ColumnsAsked, ColumnsReport, PairPlot};
use crate::app::command::Command;
use crate::app::document::Document;
use crate::app::panels::{Kind as Panel, OfGiven, Wanted};
use crate::app::request::Request;
use crate::app::widgets::paint::Button;
use crate::app::widgets::table::TableState;
use crate::report::About;

/// Parts of the view.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tab {
    /// What people say.
    #[default]
    About,
    /// What the columns hold.
    Columns,
    /// Which columns go together.
    Pairs,
    /// How it was annotated.
    Annotation,
}

impl Tab {
    const ALL: [Self; 4] = [Self::About, Self::Columns, Self::Pairs, Self::Annotation];

    /// Its name on the command line, and its words.
    fn row(self) -> (&'static str, tabs::Choice<'static>) {
        let choice = |name, hint| tabs::Choice { group: "", name, hint };
        match self {
            Self::About => (
                "about",
                choice("About", "Where the data is from, its licence, what its columns mean: for you to say"),
            ),
            Self::Columns => ("columns", choice("Columns", "What stands in each column of the source")),
            Self::Pairs => ("pairs", choice("Pairs", "Which columns go together, and how")),
            Self::Annotation => (
                "annotation",
                choice("Annotation", "Raters, votes, agreement, and how balanced the labels are"),
            ),
        }
    }

    /// The tab of this name.
    ///
    /// # Errors
    /// No tab is called so.
    pub fn of(name: &str) -> anyhow::Result<Self> {
        let found = Self::ALL.into_iter().find(|t| t.row().0 == name);
        found.ok_or_else(|| anyhow::anyhow!("--tab {name}: the label has about, columns, pairs, annotation"))
    }
}

/// What the view remembers.
#[derive(Debug, Clone, Default)]
pub struct LabelState {
    /// The part that is shown.
    pub tab: Tab,
    /// What is typed; `None` before anything is.
    draft: Option<About>,
    column: usize,
    /// Place in the list of pairs, once there is one.
    pair: Option<usize>,
    /// Pairs of columns that go into the label, by their numbers.
    pinned: Vec<(usize, usize)>,
    table: TableState,
    list: TableState,
    length: usize,
}

impl LabelState {
    /// What is needed.
    pub fn wanted(&self, doc: &Document) -> Vec<Wanted> {
        let kinds = doc.about.as_ref().map(About::kinds).unwrap_or_default();
        let mut list = vec![Wanted::Columns(ColumnsAsked { pairs: Vec::new(), kinds })];
        if let Some(analysis) = &doc.analysis {
            list.push(Wanted::Annotation(OfGiven { asked: (), analysis: analysis.clone() }));
        }
        list
    }

    /// What is typed and not yet said.
    pub fn typed(&self) -> Option<About> {
        self.draft.clone()
    }

    /// Pairs that were chosen for the label; none for the program's choice.
    pub fn pinned(
        &self,
        found: &Result<std::sync::Arc<ColumnsReport>, crate::stats::Undefined>,
    ) -> Vec<PairPlot> {
        let Ok(columns) = found else { return Vec::new() };
        let of = |p: &&PairPlot| self.pinned.contains(&(p.x, p.y));
        columns.dependence.iter().filter(of).cloned().collect()
    }

    /// Moves the cursor.
    pub fn step(&mut self, _doc: &Document, by: i64) {
        let (at, state) = match self.tab {
            Tab::Columns => (&mut self.column, &mut self.table),
            Tab::Pairs => (self.pair.get_or_insert(0), &mut self.list),
            _ => return,
        };
        let last = self.length.saturating_sub(1) as i64;
        *at = (*at as i64).saturating_add(by).clamp(0, last) as usize;
        state.reveal(*at as u64);
    }
}

/// Paints the label.
pub fn ui(ui: &mut Ui, doc: &Document, state: &mut LabelState, out: &mut Vec<Request>) {
    let choices = Tab::ALL.map(|t| t.row().1);
    let on = Tab::ALL.iter().position(|t| *t == state.tab);
    let (picked, x, body) = tabs::tabs_ui(ui, ui.max_rect(), &choices, on);
    if let Some(tab) = picked.and_then(|at| Tab::ALL.get(at)) {
        state.tab = *tab;
    }
    let found = doc.panels.columns();
    let ready = found.is_some() && doc.panels.annotation().is_some();
    let reason = if doc.about.is_err() {
        Some("The file beside the source cannot be read")
    } else if ready {
        None
    } else {
        Some("It is still being computed")
    };
    let save = Button::primary("Save label").disabled(reason);
    let left = body.right() - save.width(ui.painter()) - 16.0;
    let (response, _) = save.show(ui, pos2(left, body.top() - tabs::LINE + 8.0), "save label");
    if response.clicked() {
        out.push(Request::Run(Command::SaveLabel));
    }
    response.on_hover_text("Writes it beside the original as HTML, Markdown and JSON");
    let explain = Button::new("What is this?");
    let left = left - explain.width(ui.painter()) - 8.0;
    if explain.show(ui, pos2(left, body.top() - tabs::LINE + 8.0), "explain label").0.clicked() {
        out.push(Request::Explain("nutrition_label"));
    }
    let columns: Option<&ColumnsReport> = found.as_deref().and_then(|f| f.as_ref().ok()).map(AsRef::as_ref);
    if let Some(columns) = columns {
        let room = egui::Rect::from_min_max(body.min, pos2(left, body.bottom()));
        tabs::finding_ui(ui, room, x, &model::finding(columns));
    }
    let wanted = state.wanted(doc);
    let mut absent = |kind: Panel, title: &str, why: Option<&crate::stats::Undefined>| {
        let own: Vec<Wanted> = wanted.iter().filter(|w| w.kind() == kind).cloned().collect();
        tabs::absent_ui(ui, body, doc, (kind, &own), (title, why), Command::ShowLabel, out);
    };
    match state.tab {
        Tab::About => about::ui(ui, body, doc, columns, &mut state.draft, out),
        Tab::Columns | Tab::Pairs => match (columns, found.as_deref()) {
            (Some(columns), _) if state.tab == Tab::Columns => {
                state.length = columns.columns.len();
                columns::ui(ui, body, columns, (&mut state.column, &mut state.table));
            }
            (Some(columns), _) => {
                state.length = columns.dependence.len();
                let at = state.pair.get_or_insert_with(|| model::first_pair(columns));
                pairs::ui(ui, body, columns, (at, &mut state.list), &mut state.pinned);
            }
            (None, found) => {
                let why = found.and_then(|f| f.as_ref().err());
                absent(Panel::Columns, "The columns cannot be read", why);
            }
        },
        Tab::Annotation => match doc.panels.annotation() {
            Some(part) => annotation::ui(ui, body, doc, &part, out),
            None if doc.analysis.is_none() => empty::loading(ui, body),
            None => absent(Panel::Annotation, "Annotation", None),
        },
    }
}
