//! Who agrees with whom: the map (pattern), the table (ranking), one rater (explanation); and what each makes of the scale, of practice,
//! of taste.

mod course;
mod data;
mod map;
pub mod model;
mod one;
mod practice;
mod ranking;
mod scale;
mod tastes;

use std::sync::Arc;

use anyhow::Context as _;
use egui::{Rect, Ui, pos2};

use self::map::map_ui;
use self::one::rater_ui;
use self::practice::PracticeState;
use self::ranking::step;
use self::ranking::table_ui;
use self::tastes::TastesState;
use crate::analysis::judge_validation::Suspect;
use crate::analysis::tastes::{Of, TastesAsked, TastesReport};
use crate::app::command::Command;
use crate::app::document::Document;
use crate::app::panels::{Kind as Panel, Wanted};
use crate::app::query::Condition;
use crate::app::request::Request;
use crate::app::views::empty;
use crate::app::views::tabs::{Choice, absent_ui, finding_ui, tabs_ui};
use crate::app::widgets::table::TableState;
use crate::app::widgets::theme::Theme;

/// Seed of everything that is drawn.
const SEED: u64 = 42;

/// What the colours of the map show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Shows {
    /// Cohen kappa, shrunk.
    #[default]
    Kappa,
    /// Percent agreement.
    Percent,
    /// Items in common.
    Items,
}

/// What the table is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RaterSort {
    /// Name.
    Name,
    /// Number of votes.
    Votes,
    /// Competence.
    #[default]
    Competence,
    /// Agreement with the majority.
    Majority,
    /// Seconds a vote.
    Duration,
}

/// What is asked of raters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tab {
    /// Who agrees with whom.
    #[default]
    Agreement,
    /// How each uses the scale.
    Scale,
    /// Whether they get better.
    Practice,
    /// What raters differ in beyond being strict.
    Tastes,
}

impl Tab {
    /// The tab of this name, as the view shows it or its last word in lower case.
    pub fn of(name: &str) -> anyhow::Result<Self> {
        let last = |n: &str| n.rsplit(' ').next().unwrap_or_default().to_lowercase();
        let found = TABS.iter().find(|(_, n, _)| *n == name || last(n) == name);
        found.map(|(tab, ..)| *tab).with_context(|| {
            let known = TABS.iter().map(|(_, n, _)| last(n)).collect::<Vec<_>>().join(", ");
            format!("--tab {name}: there are {known}")
        })
    }
}

/// Tabs, with what they are called and what they show.
const TABS: [(Tab, &str, &str); 4] = [
    (
        Tab::Agreement,
        "Who agrees with whom",
        "The map of raters, their ranking, and one of them against others",
    ),
    (
        Tab::Scale,
        "Use of the scale",
        "Who rates lower or higher than others, and what is left of disagreement once each is put on one scale",
    ),
    (Tab::Practice, "Practice", "Whether raters get better: right and wrong in the order of their answers"),
    (Tab::Tastes, "Tastes", "Dimensions that explain the votes beyond the means of raters and items"),
];

/// What the view remembers.
#[derive(Debug, Default)]
pub struct RatersState {
    /// What is shown.
    pub tab: Tab,
    tastes: TastesState,
    /// What the map shows.
    pub shows: Shows,
    /// Where the table is.
    pub table: TableState,
    /// How it is sorted.
    pub sort: RaterSort,
    /// Whether the largest is first.
    pub descending: bool,
    /// The other side of the comparison; everybody else where there is none.
    pub other: Option<u32>,
    /// Where the tab of practice is.
    pub practice: PracticeState,
    /// Rows of the table; kept while what they depend on stays the same.
    rows: Vec<u32>,
    key: Option<(usize, RaterSort, bool)>,
    /// Last selection that was scrolled to.
    seen: Option<u32>,
    scale: scale::ScaleState,
}

impl RatersState {
    /// What is to be computed.
    pub fn wanted(&self, doc: &Document) -> Vec<Wanted> {
        let settings = doc.settings.clone();
        match self.tab {
            Tab::Agreement => vec![Wanted::Turned(settings)],
            Tab::Scale => scale::wanted(doc),
            Tab::Practice if doc.dataset.raters.anonymous => Vec::new(),
            Tab::Practice => vec![self.practice.wanted(doc)],
            Tab::Tastes => {
                let (of, label) = (self.tastes.of(doc), self.tastes.label);
                vec![Wanted::Tastes(TastesAsked { settings, of, label, seed: SEED })]
            }
        }
    }

    fn tastes(doc: &Document) -> Option<Arc<TastesReport>> {
        doc.panels.tastes()?.as_ref().as_ref().ok().cloned()
    }

    /// What was found of a rater whose labels look turned round.
    fn suspect(doc: &Document, rater: u32) -> Option<Suspect> {
        let found = doc.panels.turned()?;
        found.as_ref().as_ref().ok()?.iter().find(|s| s.rater == rater).cloned()
    }

    /// What lies behind the row under the cursor.
    pub fn behind(&self, doc: &Document) -> Option<Request> {
        match self.tab {
            Tab::Agreement => Some(Request::Filter(vec![Condition::Rater(doc.rater?)])),
            Tab::Scale => scale::behind(doc),
            Tab::Practice => practice::behind(doc),
            Tab::Tastes => tastes::behind(&*Self::tastes(doc)?, self.tastes.row),
        }
    }

    /// Moves to the row below, or above.
    pub fn step(&mut self, doc: &mut Document, by: i64) {
        match self.tab {
            Tab::Agreement => doc.rater = step(doc, self, by).or(doc.rater),
            Tab::Scale => doc.rater = self.scale.step(doc, by).or(doc.rater),
            Tab::Practice => doc.rater = self.practice.step(doc, by).or(doc.rater),
            Tab::Tastes => {
                let n = Self::tastes(doc).map_or(0, |r| r.found.dimensions.len());
                let state = &mut self.tastes;
                let last = n.saturating_sub(1) as i64;
                state.row = (state.row as i64).saturating_add(by).clamp(0, last) as usize;
                state.reveal = true;
            }
        }
    }
}

/// Paints the view.
pub fn ui(ui: &mut Ui, doc: &Document, state: &mut RatersState, out: &mut Vec<Request>) {
    let full = ui.max_rect();
    if doc.dataset.raters.anonymous {
        let why = "The source counts votes without saying whose they are, so nothing can be said about any one \
                   rater. What the votes say together is in Overview and Items.";
        let show = vec![("Show items".to_owned(), Request::Run(Command::ShowItems))];
        empty::nothing(ui, full, "Raters are not known", why, show, out);
        return;
    }
    if doc.dataset.raters.is_empty() {
        let why = "The data has one label an item and says nothing of who gave it. Open a table with a column of \
                   raters, or with one column a rater.";
        let change = vec![("Change columns…".to_owned(), Request::Run(Command::Reload))];
        empty::nothing(ui, full, "No raters in this data", why, change, out);
        return;
    }
    if doc.derived.is_none() {
        empty::loading(ui, full);
        return;
    }
    let choices = TABS.map(|(_, name, hint)| Choice { group: "", name, hint });
    let on = TABS.iter().position(|t| t.0 == state.tab);
    let (picked, x, body) = tabs_ui(ui, full, &choices, on);
    if let Some(at) = picked {
        state.tab = TABS[at].0;
    }
    match state.tab {
        Tab::Agreement => agreement_ui(ui, body, doc, state, out),
        Tab::Scale => scale::ui(ui, (body, x), doc, &mut state.scale, out),
        Tab::Practice => practice_ui(ui, body, x, doc, state, out),
        Tab::Tastes => match RatersState::tastes(doc).filter(|r| r.asked.of == state.tastes.of(doc)) {
            Some(report) => {
                finding_ui(ui, body, x, &tastes::finding(doc, &report));
                let body = tastes::choices_ui(ui, body, doc, &mut state.tastes, report.label);
                tastes::ui(ui, body, doc, &mut state.tastes, &report, out);
            }
            None => {
                let reason = doc.panels.tastes().and_then(|f| f.as_ref().as_ref().err().cloned());
                let label = state.tastes.label.filter(|_| state.tastes.of(doc) == Of::Raters);
                let body = tastes::choices_ui(ui, body, doc, &mut state.tastes, label);
                let why = ("No tastes to be told", reason.as_ref());
                absent_ui(ui, body, doc, (Panel::Tastes, &state.wanted(doc)), why, Command::ShowRaters, out);
            }
        },
    }
}

/// Right and wrong in the order of answers.
fn practice_ui(
    ui: &mut Ui,
    body: Rect,
    x: f32,
    doc: &Document,
    state: &mut RatersState,
    out: &mut Vec<Request>,
) {
    let found = practice::report(doc);
    let below = practice::strip_ui(ui, body, doc, &mut state.practice, found.as_deref());
    match found {
        Some(report) => {
            finding_ui(ui, body, x, &practice::finding(&report));
            practice::ui(ui, below, doc, &mut state.practice, &report, out);
        }
        None => {
            let reason = doc.panels.practice().and_then(|f| f.as_ref().as_ref().err().cloned());
            let why = ("Nobody to follow", reason.as_ref());
            absent_ui(ui, below, doc, (Panel::Practice, &state.wanted(doc)), why, Command::ShowRaters, out);
        }
    }
}

/// The map, the table, one rater.
fn agreement_ui(ui: &mut Ui, full: Rect, doc: &Document, state: &mut RatersState, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let map_width = (full.width() * 0.46).min(full.height() * 0.72).clamp(320.0, 640.0);
    let map = Rect::from_min_max(full.min, pos2(full.left() + map_width, full.bottom()));
    let right = Rect::from_min_max(pos2(map.right(), full.top()), full.max);
    ui.painter().vline(map.right(), full.y_range(), theme.border());
    map_ui(ui, map, doc, state, out);
    let share = if right.height() > 700.0 { 0.5 } else { 0.4 };
    let table =
        Rect::from_min_max(right.min, pos2(right.right(), right.top() + (right.height() * share).round()));
    let one = Rect::from_min_max(pos2(right.left(), table.bottom()), right.max);
    table_ui(ui, table, doc, state, out);
    ui.painter().hline(right.x_range(), one.top(), theme.border());
    rater_ui(ui, one, doc, state, out);
}
