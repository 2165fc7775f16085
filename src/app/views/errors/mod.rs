//! Label errors: how labels were checked, and everything else that speaks against some of them.
//!
//! A tab is shown where the data has what it looks at. All but the first are sheets: see [`sheet`].

mod data;
mod entities;
mod judges;
mod learned;
mod mistakes;
mod neighbours;
mod next;
mod ratings;
mod relations;
mod repeats;
mod sets;
mod sheet;
mod shifted;
mod verdicts;
mod votes;

use std::sync::Arc;

use anyhow::Context as _;
use egui::{Rect, Ui, pos2, vec2};

use self::entities::{Entities, List};
use self::judges::Judges;
use self::mistakes::Likely;
use self::neighbours::Alikes;
use self::next::Next;
use self::ratings::Ratings;
use self::relations::Relations;
use self::repeats::Repeats;
use self::sets::{Choices, Sets};
use self::sheet::{Place, Sheet};
use self::shifted::Shifted;
use self::verdicts::Judged;
use self::votes::Votes;
use crate::analysis::entities::EntitiesAsked;
use crate::analysis::judges::JudgesAsked;
use crate::analysis::lab::SEED;
use crate::analysis::mistakes::{MistakesAsked, Prior};
use crate::analysis::neighbours::Known;
use crate::analysis::relations::RelationsAsked;
use crate::analysis::verdicts::VerdictsAsked;
use crate::app::command::Command;
use crate::app::document::Document;
use crate::app::panels::{Kind as Panel, OfGiven, Wanted};
use crate::app::query::Condition;
use crate::app::request::Request;
use crate::app::views::{capital, empty};
use crate::app::widgets::paint::Button;
use crate::app::widgets::theme::Theme;
use crate::dataset::{RaterKind, Scale};
use crate::stats::Undefined;

/// What is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    /// Confident learning.
    Learned,
    /// Wrong labels where an item has several.
    Sets,
    /// Entities that contradict each other.
    Entities,
    /// Tokens that are labelled otherwise elsewhere.
    Repeats,
    /// What items that are alike say.
    Neighbours,
    /// What several models say together.
    Judges,
    /// Which votes are mistakes, and which are readings.
    Votes,
    /// Whether labels stand beside their rows.
    Shifted,
    /// How likely labels are mistakes.
    Mistakes,
    /// Ratings that are far off.
    Ratings,
    /// What raters say of given labels.
    Verdicts,
    /// How labels relate.
    Relations,
    /// What to have labelled next.
    Next,
}

impl Tab {
    const ALL: [Self; 13] = [
        Self::Learned,
        Self::Votes,
        Self::Mistakes,
        Self::Sets,
        Self::Entities,
        Self::Repeats,
        Self::Neighbours,
        Self::Judges,
        Self::Shifted,
        Self::Ratings,
        Self::Verdicts,
        Self::Relations,
        Self::Next,
    ];

    /// Name on the command line, name on the tab, what it is.
    fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Learned => {
                ("labels", "Labels", "Confident learning: joint of given and true labels, filters, health")
            }
            Self::Sets => ("sets", "Sets", "Which labels of a set should go, and which should come"),
            Self::Entities => ("entities", "Entities", "Marks, words and tags that contradict each other"),
            Self::Votes => ("votes", "Votes", "Which votes are mistakes, and which are legitimate readings"),
            Self::Repeats => {
                ("repeats", "Repeats", "Tokens that are labelled otherwise than the same words elsewhere")
            }
            Self::Ratings => ("ratings", "Ratings", "Ratings on a scale that are far from what was expected"),
            Self::Judges => ("judges", "Judges", "What several models say together, by how sure they are"),
            Self::Shifted => ("rows", "Rows", "Whether labels stand beside the rows they were made for"),
            Self::Mistakes => ("mistakes", "Mistakes", "How likely each label is wrong, and how many are"),
            Self::Neighbours => (
                "neighbours",
                "Neighbours",
                "Duplicates with different labels, neighbours that disagree, outliers",
            ),
            Self::Verdicts => ("verdicts", "Verdicts", "What votes say of the labels that items are given"),
            Self::Relations => {
                ("relations", "Relations", "Labels that are one, within another, or never together")
            }
            Self::Next => ("next", "Label next", "Items for which another label helps most"),
        }
    }

    /// The tab of this name, as the view shows it or as the command line has it.
    pub fn of(name: &str) -> anyhow::Result<Self> {
        let found = Self::ALL.into_iter().find(|t| t.words().0 == name || t.words().1 == name);
        found.with_context(|| {
            let known = Self::ALL.map(|t| t.words().0).join(", ");
            format!("--tab {name}: there are {known}")
        })
    }

    /// Whether the data has what it looks at.
    fn fits(self, doc: &Document) -> bool {
        let data = &doc.dataset;
        match self {
            Self::Learned => true,
            Self::Sets => data.sets.is_some(),
            Self::Entities => data.spans.is_some() || data.focus.is_some(),
            Self::Repeats => data.focus.is_some() && data.texts.is_some(),
            Self::Neighbours => data.embeddings.is_some() || (data.texts.is_some() && data.focus.is_none()),
            Self::Judges => {
                let models = data.raters.kinds.iter().filter(|k| **k == RaterKind::Model).count();
                models + usize::from(data.probabilities.is_some() && models > 0) > 1
            }
            Self::Votes => !data.annotations.is_empty(),
            Self::Mistakes | Self::Shifted => data.probabilities.is_some(),
            Self::Ratings => {
                let scaled = data.labels.scale != Scale::Nominal || data.labels.values().is_some();
                scaled && data.sets.is_none() && data.labels.len() > 2
            }
            Self::Verdicts => data.given.is_some() && !data.annotations.is_empty(),
            Self::Relations => data.labels.len() > 1 && (data.sets.is_some() || !data.annotations.is_empty()),
            Self::Next => !data.annotations.is_empty(),
        }
    }

    fn panel(self) -> Panel {
        match self {
            Self::Learned => Panel::Paper,
            Self::Sets => Panel::WrongSets,
            Self::Entities => Panel::Entities,
            Self::Repeats => Panel::Repeats,
            Self::Neighbours => Panel::Neighbours,
            Self::Judges => Panel::Judges,
            Self::Votes => Panel::Votes,
            Self::Shifted => Panel::Shifted,
            Self::Mistakes => Panel::Mistakes,
            Self::Ratings => Panel::Ratings,
            Self::Verdicts => Panel::Verdicts,
            Self::Relations => Panel::Relations,
            Self::Next => Panel::NextLabel,
        }
    }
}

/// What the view remembers.
#[derive(Debug, Default)]
pub struct ErrorsState {
    /// What is shown; what fits the data where nothing was chosen.
    pub tab: Option<Tab>,
    sets: Choices,
    entities: List,
    /// Words, not tokens.
    by_word: bool,
    guidelines: bool,
    alike: neighbours::List,
    equal_counts: bool,
    single: Option<bool>,
    prior: Prior,
    /// Where the reader is in the list.
    place: Place,
}

impl ErrorsState {
    /// What is shown.
    fn tab(&self, doc: &Document) -> Tab {
        let fits = [Tab::Sets, Tab::Entities].into_iter().find(|t| t.fits(doc)).unwrap_or(Tab::Learned);
        self.tab.filter(|t| t.fits(doc)).unwrap_or(fits)
    }

    /// What is to be computed.
    pub fn wanted(&self, doc: &Document) -> Vec<Wanted> {
        let settings = doc.settings.clone();
        let Some(analysis) = doc.analysis.clone() else { return Vec::new() };
        vec![match self.tab(doc) {
            Tab::Learned => Wanted::Paper(OfGiven { asked: (), analysis }),
            Tab::Sets => Wanted::WrongSets(OfGiven { asked: self.sets.asked.clone(), analysis }),
            Tab::Entities => Wanted::Entities(OfGiven { asked: EntitiesAsked { settings }, analysis }),
            Tab::Votes => Wanted::Votes(settings),
            Tab::Repeats => Wanted::Repeats(OfGiven { asked: (), analysis }),
            Tab::Neighbours => {
                // Who is near whom does not change with a decision.
                let found = doc.panels.neighbours();
                let known = found.and_then(|f| f.as_ref().as_ref().ok().map(|f| Arc::clone(&f.neighbours)));
                Wanted::Neighbours(OfGiven { asked: Known(known), analysis })
            }
            Tab::Ratings => Wanted::Ratings(OfGiven { asked: settings, analysis }),
            Tab::Judges => {
                let derived = doc.derived.as_ref();
                let decided = derived.map_or_else(|| Arc::from([]), |d| d.validation.decided.clone());
                let asked = JudgesAsked { settings, equal_counts: self.equal_counts, decided };
                Wanted::Judges(OfGiven { asked, analysis })
            }
            Tab::Shifted => Wanted::Shifted(OfGiven { asked: (), analysis }),
            Tab::Mistakes => {
                let asked = MistakesAsked { prior: self.prior, seed: SEED };
                Wanted::Mistakes(OfGiven { asked, analysis })
            }
            Tab::Verdicts => {
                let asked = VerdictsAsked { settings, population: None };
                Wanted::Verdicts(OfGiven { asked, analysis })
            }
            Tab::Relations => Wanted::Relations(OfGiven { asked: RelationsAsked::new(settings), analysis }),
            Tab::Next => Wanted::NextLabel(settings),
        }]
    }

    /// Gives `look` the sheet that is shown, where it is computed and can be.
    fn with_sheet<T>(&self, doc: &Document, look: impl FnOnce(&dyn Sheet) -> T) -> Shown<T> {
        fn perhaps<R, T>(found: Option<&Result<R, Undefined>>, look: impl FnOnce(&R) -> T) -> Shown<T> {
            match found {
                None => Shown::NotYet,
                Some(Err(reason)) => Shown::Undefined(reason.to_string()),
                Some(Ok(report)) => Shown::Is(look(report)),
            }
        }
        let panels = &doc.panels;
        match self.tab(doc) {
            Tab::Learned => Shown::NotYet,
            Tab::Sets => perhaps(panels.wrong_sets().as_deref(), |report| {
                look(&Sets { doc, report, choices: &self.sets })
            }),
            Tab::Entities => perhaps(panels.entities().as_deref(), |report| {
                look(&Entities { doc, report, list: self.entities })
            }),
            Tab::Votes => perhaps(panels.votes().as_deref(), |report| {
                look(&Votes { doc, report, guidelines: self.guidelines })
            }),
            Tab::Repeats => perhaps(panels.repeats().as_deref(), |report| {
                look(&Repeats { doc, report, by_word: self.by_word })
            }),
            Tab::Neighbours => perhaps(panels.neighbours().as_deref(), |report| {
                look(&Alikes { doc, report, list: self.alike })
            }),
            Tab::Judges => perhaps(panels.judges().as_deref(), |report| look(&Judges { doc, report })),
            Tab::Shifted => perhaps(panels.shifted().as_deref(), |report| look(&Shifted { report })),
            Tab::Mistakes => perhaps(panels.mistakes().as_deref(), |report| look(&Likely { doc, report })),
            Tab::Ratings => perhaps(panels.ratings().as_deref(), |report| {
                look(&Ratings { doc, report, chosen: self.single })
            }),
            Tab::Verdicts => perhaps(panels.verdicts().as_deref(), |report| look(&Judged { doc, report })),
            Tab::Relations => perhaps(panels.relations().as_deref(), |report| look(&Relations { report })),
            Tab::Next => perhaps(panels.next_label().as_deref(), |report| look(&Next { doc, report })),
        }
    }

    /// Moves to the row below, or above.
    pub fn step(&mut self, doc: &Document, by: i64) {
        if let Shown::Is(n) = self.with_sheet(doc, |sheet| sheet.n_rows()) {
            let last = n.saturating_sub(1) as i64;
            self.place.row = (self.place.row as i64).saturating_add(by).clamp(0, last) as usize;
            self.place.reveal = true;
        }
    }

    /// What lies behind the row under the cursor.
    pub fn behind(&self, doc: &Document) -> Option<Request> {
        if self.tab(doc) == Tab::Learned {
            return Some(Request::Filter(vec![Condition::Flagged]));
        }
        match self.with_sheet(doc, |sheet| sheet::behind(sheet, self.place.row)) {
            Shown::Is(request) => request,
            _ => None,
        }
    }

    fn take(&mut self, tab: Tab, (group, choice): (usize, usize)) {
        match tab {
            Tab::Sets => self.sets.take((group, choice)),
            Tab::Ratings => self.single = Some(choice == 1),
            Tab::Judges => self.equal_counts = choice == 1,
            Tab::Mistakes => self.prior = if choice == 1 { Prior::Labels } else { Prior::Model },
            Tab::Votes => self.guidelines = choice == 1,
            Tab::Repeats => self.by_word = choice == 1,
            Tab::Neighbours => self.alike = neighbours::List::ALL.get(choice).copied().unwrap_or_default(),
            Tab::Entities => self.entities = List::ALL.get(choice).copied().unwrap_or_default(),
            _ => {}
        }
        self.place = Place::default();
    }
}

/// A sheet, or why there is none.
enum Shown<T> {
    Is(T),
    Undefined(String),
    NotYet,
}

/// Height of the line of tabs.
const LINE: f32 = 44.0;

/// Paints the view.
pub fn ui(ui: &mut Ui, doc: &Document, state: &mut ErrorsState, out: &mut Vec<Request>) {
    let full = ui.max_rect();
    let theme = Theme::of(ui.ctx());
    let line = Rect::from_min_size(full.min, vec2(full.width(), LINE));
    let mut x = line.left() + 16.0;
    let shown = state.tab(doc);
    for tab in Tab::ALL.into_iter().filter(|t| t.fits(doc)) {
        let (_, name, hint) = tab.words();
        let (response, right) =
            Button::new(name).on(shown == tab).show(ui, pos2(x, line.top() + 8.0), ("tab", name));
        if response.clicked() {
            (state.tab, state.place) = (Some(tab), Place::default());
        }
        response.on_hover_text(hint);
        x = right + 4.0;
    }
    ui.painter().hline(full.x_range(), line.bottom(), theme.border());
    let body = Rect::from_min_max(line.left_bottom(), full.max);
    let tab = state.tab(doc);
    if tab == Tab::Learned {
        learned::ui(ui, body, doc, out);
        return;
    }
    let mut place = std::mem::take(&mut state.place);
    let shown = state.with_sheet(doc, |sheet| sheet::ui(ui, body, sheet, &mut place, out));
    state.place = place;
    match shown {
        Shown::Is(taken) => {
            if let Some(taken) = taken {
                state.take(tab, taken);
            }
        }
        Shown::Undefined(reason) => {
            empty::nothing(
                ui,
                body,
                "Cannot be told from these data",
                &format!("{}.", capital(&reason)),
                Vec::new(),
                out,
            );
        }
        Shown::NotYet if doc.panels.is_stopped(tab.panel()) => {
            let again = vec![("Compute again".to_owned(), Request::Run(Command::ShowErrors))];
            empty::nothing(ui, body, "Stopped before the end", "Nothing else waits for it.", again, out);
        }
        Shown::NotYet => empty::loading(ui, body),
    }
}
