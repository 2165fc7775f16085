//! Aggregation: every way to make one label, or a soft one, out of votes; who may join the raters; when a majority is
//! safe; preferences.

mod bars;
mod candidate;
mod certificate;
mod data;
mod methods;
mod one;
pub(super) mod pair_map;
mod pairs;
mod preferences;
mod scores;
mod sets;
mod soft;
mod strengths;
mod what_wins;

use anyhow::Context as _;
use egui::{Rect, Ui, pos2, vec2};

use self::methods::methods_ui;
use self::one::one_ui;
use self::pairs::pairs_ui;
use crate::analysis::candidate::{Candidate, CandidateAsked};
use crate::analysis::lab::{Lab, SEED};
use crate::analysis::preferences::PreferencesAsked;
use crate::analysis::score_rewards::ScoreRewardsAsked;
use crate::analysis::sets::SetsAsked;
use crate::analysis::soft::{Component, SoftAsked};
use crate::analysis::what_wins::WhatWinsAsked;
use crate::app::command::Command;
use crate::app::document::Document;
use crate::app::panels::{Kind as Panel, Wanted};
use crate::app::query::{Condition, Labellings};
use crate::app::request::Request;
use crate::app::state::View;
use crate::app::views::empty;
use crate::app::widgets::paint::{Button, link, text_width};
use crate::app::widgets::table::TableState;
use crate::app::widgets::theme::{Theme, font};
use crate::dataset::Task;
use crate::stats::aggregation::Which;

/// What is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tab {
    /// Every aggregator side by side.
    #[default]
    Methods,
    /// Distributions, and their average.
    Soft,
    /// Answers of several labels as candidates.
    Sets,
    /// Somebody beside, or in the place of, the raters.
    Candidate,
    /// When the majority is safe.
    Certificate,
    /// Which of two is better.
    Preferences,
    /// Which properties win.
    WhatWins,
    /// What a score rewards.
    Scores,
}

impl Tab {
    const ALL: [(Self, &'static str, &'static str); 8] = [
        (Self::Methods, "Methods", "Every aggregator side by side"),
        (Self::Soft, "Soft labels", "Distributions over labels, and the average of those that are ticked"),
        (Self::Sets, "Candidate sets", "Answers of several labels, narrowed down to one"),
        (Self::Candidate, "Extra rater", "A model or a person added to the raters, or in the place of each"),
        (Self::Certificate, "Certificate", "Where no weighting of the raters could overrule the majority"),
        (Self::Preferences, "Preferences", "Which of two is better, and by whose taste"),
        (Self::WhatWins, "What wins", "Which properties of the two sides are rewarded"),
        (Self::Scores, "Scores", "How many points each flagged error costs"),
    ];

    /// The tab of this name, as the view shows it or its first word in lower case.
    pub fn of(name: &str) -> anyhow::Result<Self> {
        let first = |n: &str| n.split(' ').next().unwrap_or_default().to_lowercase();
        let found = Self::ALL.iter().find(|(_, n, _)| *n == name || first(n) == name);
        found.map(|(tab, ..)| *tab).with_context(|| {
            let known = Self::ALL.iter().map(|(_, n, _)| first(n)).collect::<Vec<_>>().join(", ");
            format!("--tab {name}: there are {known}")
        })
    }

    fn panel(self) -> Panel {
        match self {
            Self::Methods => Panel::Lab,
            Self::Soft => Panel::Soft,
            Self::Sets => Panel::Sets,
            Self::Candidate => Panel::Candidate,
            Self::Certificate => Panel::Certificate,
            Self::Preferences => Panel::Preferences,
            Self::WhatWins => Panel::WhatWins,
            Self::Scores => Panel::ScoreRewards,
        }
    }
}

/// What the view remembers.
#[derive(Debug)]
pub struct LabState {
    /// What is shown; what fits the data where nothing was chosen.
    pub tab: Option<Tab>,
    /// The method that is explained; the first beyond the majority that could be run where none was chosen.
    pub selected: Option<usize>,
    /// What is averaged.
    pub ticked: Vec<Component>,
    /// Whether components are multiplied, not averaged.
    pub multiplied: bool,
    /// Who stands for a place; the first that there is where nobody was chosen.
    pub candidate: Option<Candidate>,
    /// ε of the alternative annotator test, in thousandths.
    pub epsilon_thousandths: u32,
    /// What is added to every label's count in candidate sets, in tenths.
    pub extra_tenths: u32,
    /// The penalty on costs of flags, in millionths.
    pub penalty_millionths: u32,
    /// The row under the cursor, in tabs other than the first.
    row: usize,
    /// Whether the cursor is to be brought into view.
    reveal: bool,
    /// Where the table is.
    table: TableState,
}

impl Default for LabState {
    fn default() -> Self {
        Self {
            tab: None,
            selected: None,
            ticked: Component::usual(),
            multiplied: false,
            candidate: None,
            epsilon_thousandths: 200,
            extra_tenths: 0,
            penalty_millionths: 10_000,
            row: 0,
            reveal: false,
            table: TableState::default(),
        }
    }
}

impl LabState {
    /// What is shown.
    pub fn tab(&self, doc: &Document) -> Tab {
        let fits = match doc.dataset.task {
            Task::Pairwise => Tab::Preferences,
            _ if doc.has_scores && doc.dataset.annotations.is_empty() => Tab::Scores,
            _ => Tab::Methods,
        };
        self.tab.unwrap_or(fits)
    }

    /// What is to be computed.
    pub fn wanted(&self, doc: &Document) -> Vec<Wanted> {
        let settings = doc.settings.clone();
        match self.tab(doc) {
            Tab::Methods => vec![Wanted::Lab(settings)],
            Tab::Soft => {
                let ticked = Component::all().into_iter().filter(|c| self.ticked.contains(c)).collect();
                vec![Wanted::Soft(SoftAsked { settings, ticked, multiplied: self.multiplied })]
            }
            Tab::Sets => vec![Wanted::Sets(SetsAsked { settings, extra_tenths: self.extra_tenths })],
            Tab::Candidate => {
                let first = || Candidate::all(&doc.dataset).first().copied();
                let asked = |candidate| CandidateAsked {
                    settings,
                    candidate,
                    measure: None,
                    epsilon_thousandths: self.epsilon_thousandths,
                    seed: SEED,
                };
                self.candidate.or_else(first).map(|c| Wanted::Candidate(asked(c))).into_iter().collect()
            }
            Tab::Certificate => vec![Wanted::Certificate(settings)],
            Tab::Preferences => vec![Wanted::Preferences(PreferencesAsked { settings, seed: SEED })],
            Tab::WhatWins => vec![Wanted::WhatWins(WhatWinsAsked { settings, seed: SEED })],
            Tab::Scores => {
                let alpha = f64::from(self.penalty_millionths) / 1e6;
                vec![Wanted::ScoreRewards(ScoreRewardsAsked { settings, alpha, seed: SEED })]
            }
        }
    }

    /// The method that is explained.
    fn method(&self, lab: &Lab) -> usize {
        // The first after the majority that tells most from it, as a rule; what was not run tells nothing.
        let ran = |which: Which| lab.methods.iter().position(|m| m.which == which && m.outcome.is_ok());
        let at = self.selected.or_else(|| ran(Which::DawidSkene)).unwrap_or(0);
        at.min(lab.methods.len().saturating_sub(1))
    }

    /// Moves to the row below, or above.
    pub fn step(&mut self, doc: &Document, by: i64) {
        let next = |at: usize, n: usize| {
            (at as i64).saturating_add(by).clamp(0, n.saturating_sub(1) as i64) as usize
        };
        self.reveal = true;
        match (self.tab(doc), doc.panels.lab()) {
            (Tab::Methods, Some(lab)) => self.selected = Some(next(self.method(&lab), lab.methods.len())),
            (Tab::Methods, None) => {}
            (Tab::Soft, _) => self.row = next(self.row, Component::all().len()),
            (Tab::Sets, _) => {
                let n = doc.panels.sets().map_or(0, |s| s.as_ref().as_ref().map_or(0, |s| s.members.len()));
                self.row = next(self.row, n);
            }
            (Tab::Candidate, _) => {
                let n = doc.panels.candidate().map_or(0, |c| candidate::n_rows(&c));
                self.row = next(self.row, n);
            }
            (Tab::Certificate, _) => self.row = next(self.row, certificate::N_ROWS),
            (Tab::Preferences, _) => {
                let n = doc
                    .panels
                    .preferences()
                    .map_or(0, |p| p.as_ref().as_ref().map_or(0, |p| preferences::n_rows(p)));
                self.row = next(self.row, n);
            }
            (Tab::WhatWins, _) => {
                let found = doc.panels.what_wins();
                let n = found.map_or(0, |w| w.as_ref().as_ref().map_or(0, |w| what_wins::n_rows(w)));
                self.row = next(self.row, n);
            }
            (Tab::Scores, _) => {
                let found = doc.panels.score_rewards();
                let n = found.map_or(0, |s| s.as_ref().as_ref().map_or(0, |s| s.rows.len()));
                self.row = next(self.row, n);
            }
        }
    }

    /// What lies behind the row under the cursor.
    pub fn behind(&self, doc: &Document) -> Vec<Request> {
        let found = match self.tab(doc) {
            Tab::Methods => doc
                .panels
                .lab()
                .and_then(|lab| parted(&lab, 0, self.method(&lab)).map(|c| Request::Filter(vec![c]))),
            Tab::Soft => doc.panels.soft().and_then(|soft| soft::behind(&soft, self.row)),
            Tab::Sets => doc
                .panels
                .sets()
                .and_then(|s| s.as_ref().as_ref().ok().and_then(|s| sets::behind(s, self.row))),
            Tab::Candidate => doc.panels.candidate().and_then(|c| candidate::behind(&c, self.row)),
            Tab::Certificate => doc
                .panels
                .certificate()
                .and_then(|c| c.as_ref().as_ref().ok().and_then(|c| certificate::behind(c, self.row))),
            Tab::Preferences => doc
                .panels
                .preferences()
                .and_then(|p| p.as_ref().as_ref().ok().and_then(|p| preferences::behind(p, self.row))),
            Tab::WhatWins => doc
                .panels
                .what_wins()
                .and_then(|w| w.as_ref().as_ref().ok().and_then(|w| what_wins::behind(w, self.row))),
            Tab::Scores => doc
                .panels
                .score_rewards()
                .and_then(|s| s.as_ref().as_ref().ok().and_then(|s| scores::behind(s, self.row))),
        };
        found.into_iter().collect()
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

/// Height of the line of tabs.
const LINE: f32 = 44.0;

/// Paints the view.
pub fn ui(ui: &mut Ui, doc: &Document, state: &mut LabState, out: &mut Vec<Request>) {
    let full = ui.max_rect();
    if doc.dataset.annotations.is_empty() && !(doc.has_scores && state.tab(doc) == Tab::Scores) {
        let why = "The data has one label an item and no votes to make labels out of. Open a table with one row a vote, \
                   or with one column a rater.";
        let change = vec![("Change columns…".to_owned(), Request::Run(Command::Reload))];
        empty::nothing(ui, full, "No votes in this data", why, change, out);
        return;
    }
    let theme = Theme::of(ui.ctx());
    let tabs = Rect::from_min_size(full.min, vec2(full.width(), LINE));
    tabs_ui(ui, tabs, doc, state, out);
    ui.painter().hline(full.x_range(), tabs.bottom(), theme.border());
    let body = Rect::from_min_max(tabs.left_bottom(), full.max);
    let tab = state.tab(doc);
    let shown = match tab {
        Tab::Methods => doc.panels.lab().map(|lab| lab_ui(ui, body, doc, &lab, state, out)),
        Tab::Soft => doc.panels.soft().map(|soft| soft::ui(ui, body, doc, &soft, state, out)),
        Tab::Sets => doc.panels.sets().map(|s| match s.as_ref() {
            Ok(s) => sets::ui(ui, body, s, state, out),
            Err(reason) => {
                let why = format!("{reason}.");
                empty::nothing(ui, body, "No candidate sets", &why, Vec::new(), out);
            }
        }),
        Tab::Candidate => doc.panels.candidate().map(|c| candidate::ui(ui, body, doc, &c, state, out)),
        Tab::Certificate => doc.panels.certificate().map(|c| match c.as_ref() {
            Ok(c) => certificate::ui(ui, body, doc, c, state, out),
            Err(reason) => {
                let why = format!("{reason}.");
                empty::nothing(ui, body, "No certificate for these votes", &why, Vec::new(), out);
            }
        }),
        Tab::Preferences => doc.panels.preferences().map(|p| match p.as_ref() {
            Ok(p) => preferences::ui(ui, body, doc, p, state, out),
            Err(reason) => {
                let why = format!("{reason}.");
                empty::nothing(ui, body, "No preferences in these data", &why, Vec::new(), out);
            }
        }),
        Tab::WhatWins => doc.panels.what_wins().map(|w| match w.as_ref() {
            Ok(w) => what_wins::ui(ui, body, doc, w, state, out),
            Err(reason) => {
                let why = format!("{reason}.");
                empty::nothing(ui, body, "No properties to compare", &why, Vec::new(), out);
            }
        }),
        Tab::Scores => doc.panels.score_rewards().map(|s| match s.as_ref() {
            Ok(s) => scores::ui(ui, body, doc, s, state, out),
            Err(reason) => {
                empty::nothing(ui, body, "No flags beside the score", &scores::why(reason), Vec::new(), out);
            }
        }),
    };
    if shown.is_none() {
        if tab == Tab::Candidate && state.wanted(doc).is_empty() {
            let why = "Nobody to put to the test: the votes are anonymous, and there is no model and no given label.";
            empty::nothing(ui, body, "No candidate", why, Vec::new(), out);
        } else if doc.panels.is_stopped(tab.panel()) {
            let why = "Some of these models take long on large data. Nothing else waits for them.";
            let again = vec![("Compute again".to_owned(), Request::Run(Command::ShowAggregation))];
            empty::nothing(ui, body, "Stopped before the end", why, again, out);
        } else {
            empty::loading(ui, body);
        }
    }
}

fn tabs_ui(ui: &Ui, rect: Rect, doc: &Document, state: &mut LabState, out: &mut Vec<Request>) {
    let mut x = rect.left() + 16.0;
    for (tab, name, hint) in Tab::ALL {
        // Nobody looks for preferences in other data, and looking costs a pass over the labels' names only.
        if tab == Tab::Preferences && state.tab(doc) != tab && !doc.is_preferences {
            continue;
        }
        if tab == Tab::WhatWins && state.tab(doc) != tab && !doc.compares_sides {
            continue;
        }
        if tab == Tab::Scores && state.tab(doc) != tab && !doc.has_scores {
            continue;
        }
        // Everything else is made of votes.
        if tab != Tab::Scores && doc.has_scores && doc.dataset.annotations.is_empty() {
            continue;
        }
        if tab == Tab::Sets && state.tab(doc) != tab && doc.dataset.sets.is_none() {
            continue;
        }
        let (response, right) =
            Button::new(name).on(state.tab(doc) == tab).show(ui, pos2(x, rect.top() + 8.0), ("tab", name));
        if response.clicked() {
            (state.tab, state.row) = (Some(tab), 0);
        }
        response.on_hover_text(hint);
        x = right + 4.0;
    }
    let left_out = doc.settings.left_out(&doc.dataset.raters).len();
    if left_out > 0 {
        let words = format!("{left_out} of {} raters not counted", doc.dataset.raters.len());
        let width = text_width(ui.painter(), &words, font::body());
        let at = pos2((rect.right() - 16.0 - width).max(x), rect.center().y);
        if link(ui, at, &words, "left out").clicked() {
            out.push(Request::Show(View::Raters));
        }
    }
}

/// Every aggregator, where pairs of them part, and one of them explained.
fn lab_ui(ui: &mut Ui, full: Rect, doc: &Document, lab: &Lab, state: &mut LabState, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let wanted = methods::height(ui, lab);
    let top = Rect::from_min_max(full.min, pos2(full.right(), full.top() + wanted.min(full.height() * 0.58)));
    let below = Rect::from_min_max(pos2(full.left(), top.bottom()), full.max);
    let middle = (full.left() + (full.width() * 0.5).min(below.height() + 220.0)).round();
    methods_ui(ui, top, doc, lab, state, out);
    ui.painter().hline(full.x_range(), below.top(), theme.border());
    ui.painter().vline(middle, below.y_range(), theme.border());
    let left = Rect::from_min_max(below.min, pos2(middle, below.bottom()));
    let right = Rect::from_min_max(pos2(middle, below.top()), below.max);
    pairs_ui(ui, left, lab, state, out);
    one_ui(ui, right, doc, lab, state, out);
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
        Which::CrowdTruth => "crowd_truth",
        Which::Crowdlab => "crowdlab",
    }
}
