//! One opened dataset and all that is known and wanted about it: what the views read.
//!
//! Canonical: the dataset, the session, the query, the cursor, the queue. Derived by jobs: analysis, overview,
//! rater map, rows; each carries what it was made from, and the old one stays until the new one is whole.

use std::collections::HashMap;
use std::sync::Arc;

use crate::analysis::conditions::{self, ways};
use crate::analysis::cuts::By;
use crate::analysis::difficulty::condition_columns;
use crate::analysis::drift::columns;
use crate::analysis::judge_validation::Cut;
use crate::analysis::metrics::MetricColumns;
use crate::analysis::neighbours::NeighboursReport;
use crate::analysis::preferences::reading;
use crate::analysis::routing::Who;
use crate::analysis::score_rewards::may_reward;
use crate::analysis::validation::{Validation, validation};
use crate::analysis::versions::has_tags;
use crate::analysis::what_wins::compares_sides;
use crate::analysis::{Analysis, ConsensusMethod, FlagMethod, GivenSource, Settings};
use crate::app::blinding::Blinds;
use crate::app::panels::{self, Panels};
use crate::app::pictures::Pictures;
use crate::app::query::{Query, SharedRows};
use crate::app::queues::{Queues, audit_of};
use crate::app::state::Place;
use crate::app::views::{grid, overview, raters};
use crate::dataset::{Dataset, Edits, LabelId};
use crate::report::About;
use crate::review::event::Blind;
use crate::review::{Codebook, Queue, Saved, Session};
use crate::stats::Undefined;

/// What is derived from an analysis for the views, on the worker.
#[derive(Debug)]
pub struct Derived {
    /// The decisions that it was derived with.
    pub edits: Arc<Edits>,
    /// The overview.
    pub overview: overview::model::Overview,
    /// The map of raters.
    pub raters: raters::model::Raters,
    /// What the decisions say of flags and labels.
    pub validation: Validation,
    /// Items of the random audit, in its order.
    pub audit: Arc<[u32]>,
    /// Flagged items that are alike.
    pub groups: Vec<grid::model::Group>,
    /// All items in file order, with their histograms.
    pub all_rows: SharedRows,
}

impl Derived {
    /// Computes them; part of the analysis job.
    pub fn build(
        dataset: &Dataset,
        analysis: &Analysis,
        edits: &Edits,
        audits: &[Arc<Queue>],
        progress: &crate::progress::Progress,
    ) -> Result<Self, crate::progress::Cancelled> {
        progress.stage("Overview", 0);
        let overview = overview::model::build(dataset, analysis);
        progress.check()?;
        let raters = raters::model::build(dataset, analysis);
        let audit: Arc<[u32]> = audit_of(dataset, edits, audits).into();
        let validation = validation(edits, analysis, &audit);
        progress.check()?;
        let all_rows =
            Arc::new(crate::app::query::run(dataset, analysis, edits, &Query::default(), progress)?);
        let groups = grid::model::groups(analysis, edits);
        Ok(Self { edits: Arc::new(edits.clone()), overview, raters, validation, audit, groups, all_rows })
    }
}

/// The last decision, in the words of the strip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastDecision {
    /// The item's key.
    pub key: String,
    /// The label before.
    pub from: Option<LabelId>,
    /// The label after, if it is one other label.
    pub to: Option<LabelId>,
    /// What happened, where labels do not say it.
    pub words: String,
    /// Whether confidence and a reason can be added to it: it is no note.
    pub decides: bool,
}

/// One opened dataset.
pub struct Document {
    /// The data.
    pub dataset: Arc<Dataset>,
    /// Item numbers by key.
    pub index: Arc<HashMap<String, u32>>,
    /// Number of items given (or, without a given column, voted) each label.
    pub label_counts: Vec<u64>,
    /// Characters of the longest key, up to a limit.
    pub longest_key: usize,
    /// What statistics are computed with.
    pub settings: Settings,
    /// The reviewer's work.
    pub session: Session,
    /// The newest whole analysis.
    pub analysis: Option<Arc<Analysis>>,
    /// What is derived from it.
    pub derived: Option<Arc<Derived>>,
    /// Whether the items compare two options.
    pub is_preferences: bool,
    /// Whether they compare two sides, be they named options or not.
    pub compares_sides: bool,
    /// Whether labels are scores and something may be flagged beside them.
    pub has_scores: bool,
    /// Whether items are tokens with tags of entities.
    pub has_tags: bool,
    /// What judges can be held against people by.
    pub judge_cuts: Arc<[Cut]>,
    /// Who can be routed around, and held against whom.
    pub who: Who,
    /// Metrics, and what says which system and source items are of; `None` without a metric or a score of people.
    pub metric_columns: Option<Arc<MetricColumns>>,
    /// Columns about items whose values may be conditions of difficulty.
    pub difficulty_conditions: Vec<usize>,
    /// Columns about items that make batches.
    pub batches: Vec<usize>,
    /// Conditions under which items come again.
    pub conditions: Vec<conditions::By>,
    /// Reasons why versions differ: the user's book, or the one that comes with the program.
    pub codebook: Codebook,
    /// Whether it is the user's.
    pub own_codebook: bool,
    /// What people say of the dataset, or why that cannot be read.
    pub about: Result<About, String>,
    /// What agreement can be cut by.
    pub cuts: Vec<By>,
    /// What is computed only when somebody looks at it.
    pub panels: Panels,
    /// What is shown, in which order.
    pub query: Query,
    /// The rows of the newest finished query.
    pub rows: Option<SharedRows>,
    /// All items, for the grey part of the histograms.
    pub all_rows: Option<SharedRows>,
    /// The item under the cursor.
    pub selected: Option<u32>,
    /// Its row, if it is shown.
    pub row: Option<usize>,
    /// A row to scroll to in this frame.
    pub reveal: Option<usize>,
    /// The rater under the cursor.
    pub rater: Option<u32>,
    /// Every queue, side by side.
    pub queues: Queues,
    /// The one under review.
    pub queue: Option<Arc<Queue>>,
    /// The position in it.
    pub position: usize,
    /// Items of the queue kept, changed, unsure.
    pub queue_counts: (usize, usize, usize),
    /// What is hidden in Review, by kind of queue.
    pub blinds: Blinds,
    /// Pictures of items, as far as they are known.
    pub pictures: parking_lot::Mutex<Pictures>,
    /// The last decision of this window.
    pub last: Option<LastDecision>,
    /// Decisions of this window.
    pub n_decided: usize,
    /// Whether logs of other reviewers stand beside the source.
    pub others_beside: bool,
    /// Logs of other reviewers that stand elsewhere.
    pub added_logs: Vec<std::path::PathBuf>,
}

impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Document").field("name", &self.dataset.name).finish_non_exhaustive()
    }
}

impl Document {
    /// The decisions.
    pub fn edits(&self) -> &Edits {
        self.session.edits()
    }

    /// The part of its text that an item is about, in code points.
    pub fn focus(&self, item: u32) -> Option<std::ops::Range<u32>> {
        self.dataset.focus.as_ref().and_then(|f| f.get(item as usize)).cloned()
    }

    /// Whether decisions are on the disk.
    pub fn saved(&self) -> Saved {
        self.session.saved()
    }

    /// The name of a label.
    pub fn label(&self, label: LabelId) -> &str {
        self.dataset.labels.name(label)
    }

    /// Whether the labels under review are what the raters' votes come to, and not a column of the data.
    pub fn given_is_votes(&self) -> bool {
        self.analysis.as_ref().is_some_and(|a| matches!(a.given.source, GivenSource::Consensus(_)))
    }

    /// The name of a rater.
    pub fn rater_name(&self, rater: u32) -> &str {
        self.dataset.raters.names.get(rater as usize).map_or("", String::as_str)
    }

    /// The group of a rater: the attribute that the map is grouped by.
    pub fn rater_group(&self, rater: u32) -> &str {
        let Some(name) = self.derived.as_ref().and_then(|d| d.raters.grouped_by.as_deref()) else {
            return "";
        };
        self.dataset
            .raters
            .attributes
            .iter()
            .find(|(n, _)| n == name)
            .and_then(|(_, values)| values.get(rater as usize))
            .map_or("", String::as_str)
    }

    /// How flags came about, in words.
    pub fn flag_method_words(&self) -> &'static str {
        match self.analysis.as_ref().map(|a| a.items.method) {
            Some(FlagMethod::ConfidentLearning) => "confident learning",
            Some(FlagMethod::DawidSkenePosterior) => "Dawid–Skene",
            _ => "nothing",
        }
    }

    /// How the consensus came about, in words.
    pub fn consensus_words(&self) -> &'static str {
        match self.settings.consensus {
            ConsensusMethod::MajorityVote => "majority vote",
            ConsensusMethod::DawidSkene => "Dawid–Skene",
        }
    }

    /// Why there is no label quality.
    pub fn quality_missing_words(&self) -> String {
        let percent = |share: f64| format!("{:.1}", 100.0 * share);
        let reason =
            self.analysis.as_ref().and_then(|a| a.confident.as_ref().as_ref().err().map(ToString::to_string));
        format!(
            "Undefined: {}. {}",
            reason.unwrap_or_else(|| "needs votes or predicted probabilities".to_owned()),
            match &self.dataset.learned {
                Some(learned) => format!(
                    "The model of {} is not used: it is right on {} %, and the commonest label is on {} %",
                    learned.from.words(),
                    percent(learned.accuracy),
                    percent(learned.majority)
                ),
                None => "Add a model's predicted probabilities (a CSV or .npy, one row an item) under File, Change \
                         columns…"
                    .to_owned(),
            }
        )
    }

    /// What neighbours say of the labels as they stand now, if that was asked for.
    pub fn alike(&self) -> Option<Arc<Result<NeighboursReport, Undefined>>> {
        let answered = self.panels.answered(panels::Kind::Neighbours);
        let Some(panels::Wanted::Neighbours(of)) = answered else { return None };
        let is_now = self.analysis.as_ref().is_some_and(|now| Arc::ptr_eq(&now.given, &of.analysis.given));
        self.panels.neighbours().filter(|_| is_now)
    }

    /// Size of the random audit.
    pub fn audit_size(&self) -> usize {
        self.dataset.n_items().min(crate::review::AUDITED)
    }

    /// Width of the column of keys.
    pub fn key_width(&self) -> f32 {
        (self.longest_key as f32 * 7.3 + 14.0).clamp(48.0, 130.0)
    }

    /// The queue in words.
    pub fn queue_words(&self) -> String {
        use crate::review::Reached;
        let Some(q) = &self.queue else { return String::new() };
        if !q.how.is_empty() {
            return q.how.clone();
        }
        match q.reached {
            Reached::Flag => {
                let controls = if q.controls.is_empty() { "" } else { ", 5 % controls mixed in" };
                format!("flagged by {}, lowest quality first{controls}", self.flag_method_words())
            }
            Reached::Audit => "a simple random sample: the only basis for an error rate".to_owned(),
            _ => "in this order until the queue is made anew".to_owned(),
        }
    }

    /// Median seconds a decision, once there are three.
    pub fn pace_s(&self) -> Option<f64> {
        let counts = self.session.counts();
        (counts.decided() >= 3)
            .then(|| self.session.median_dwell_ms())
            .flatten()
            .map(|ms| (ms as f64 / 1000.0).max(1.0))
    }

    /// Reasons for decisions: the user's book, or the one for decisions that comes with the program.
    pub fn reasons(&self) -> &Codebook {
        static OF_THE_PROGRAM: std::sync::LazyLock<Codebook> =
            std::sync::LazyLock::new(|| Codebook::preset(2));
        if self.own_codebook { &self.codebook } else { &OF_THE_PROGRAM }
    }

    /// The last decision of this window.
    pub fn last_decision(&self) -> Option<&LastDecision> {
        self.last.as_ref()
    }

    /// Metadata of an item on one line, to read above its text.
    pub fn item_context(&self, item: u32) -> String {
        let i = item as usize;
        self.dataset
            .metadata
            .iter()
            .map(|(name, column)| (name, column.get(i)))
            .filter(|(_, v)| !v.is_empty() && v.chars().count() <= 60)
            .take(3)
            .map(|(name, v)| format!("{name}: {v}"))
            .collect::<Vec<_>>()
            .join("  ·  ")
    }

    /// Finds the selected item's row among the rows shown.
    pub fn find_row(&mut self) {
        self.row =
            self.selected.and_then(|s| self.rows.as_ref().and_then(|r| r.items.iter().position(|&i| i == s)));
        self.reveal = self.row;
    }

    /// Whether there is anybody's decisions but this reviewer's.
    pub fn has_others(&self) -> bool {
        self.others_beside || !self.added_logs.is_empty()
    }

    /// Where the reviewer is, to be kept.
    pub fn place(&self, view: crate::app::state::View) -> Place {
        Place {
            view,
            item: self.selected.map(|i| self.dataset.keys.get(i as usize).to_owned()),
            query: self.query.lasting(),
            queues: self.queues.placed(self.position),
            active: self.queues.active_id(),
            queue: None,
            position: self.position,
            blind: self.blind() != Blind::Open,
            blinds: Some(self.blinds),
            pictures: self.pictures.lock().root().map(std::path::Path::to_owned),
            switched: self.settings.switched.clone(),
            learned: self.dataset.learned.is_some(),
            added_logs: self.added_logs.clone(),
        }
    }

    /// Goes where the reviewer was.
    pub fn restore(&mut self, mut place: Place) {
        let (queues, active) = place.all_queues();
        self.selected = place.item.as_deref().and_then(|k| self.index.get(k)).copied();
        self.query = place.query;
        self.restore_queues(queues, active);
        self.blinds = place
            .blinds
            .unwrap_or_else(|| Blinds::of_first_version(place.blind, self.queue.as_ref().map(|q| q.reached)));
        self.added_logs = place.added_logs;
        self.pictures.lock().set_root(place.pictures);
        // Who was named on the command line goes first; nobody is switched who is not there.
        if self.settings.switched.is_empty() {
            self.settings.switched = place.switched;
        }
        let names = &self.dataset.raters.names;
        self.settings.switched.retain(|name| names.contains(name));
    }
}

/// Everything about a freshly loaded dataset that takes a pass over it.
#[derive(Debug)]
pub struct Prepared {
    /// Item numbers by key.
    pub index: HashMap<String, u32>,
    /// Number of items given (or, without a given column, voted) each label.
    pub label_counts: Vec<u64>,
    /// Characters of the longest key, up to a limit.
    pub longest_key: usize,
    /// Whether the items compare two options.
    pub is_preferences: bool,
    /// Whether they compare two sides, be they named options or not.
    pub compares_sides: bool,
    /// Whether labels are scores and something may be flagged beside them.
    pub has_scores: bool,
    /// Whether items are tokens with tags of entities.
    pub has_tags: bool,
    /// What judges can be held against people by.
    pub judge_cuts: Arc<[Cut]>,
    /// Who can be routed around, and held against whom.
    pub who: Who,
    /// Metrics, and what says which system and source items are of; `None` without a metric or a score of people.
    pub metric_columns: Option<Arc<MetricColumns>>,
    /// Columns about items whose values may be conditions of difficulty.
    pub difficulty_conditions: Vec<usize>,
    /// Columns about items that make batches.
    pub batches: Vec<usize>,
    /// Conditions under which items come again.
    pub conditions: Vec<conditions::By>,
    /// The user's codebook, or why it cannot be read; `None` where there is none.
    pub codebook: Option<Result<Codebook, String>>,
    /// What people say of the dataset, or why that cannot be read.
    pub about: Result<About, String>,
    /// What agreement can be cut by.
    pub cuts: Vec<By>,
    /// Correction logs beside the source, whoever's.
    pub logs_beside: Vec<std::path::PathBuf>,
}

/// Passes over `dataset`; done on the worker.
pub fn prepare(dataset: &Dataset) -> Prepared {
    let index = dataset.keys.iter().enumerate().map(|(i, k)| (k.to_owned(), i as u32)).collect();
    let mut counts = vec![0u64; dataset.labels.len()];
    let mut count = |l: LabelId| {
        if let Some(c) = counts.get_mut(l as usize) {
            *c += 1;
        }
    };
    match &dataset.given {
        Some(given) => given.ids.iter().for_each(|&l| count(l)),
        None => (0..dataset.n_items())
            .for_each(|i| dataset.annotations.labels_of(i).iter().for_each(|&l| count(l))),
    }
    let longest = dataset.keys.iter().take(100_000).map(|k| k.chars().count()).max().unwrap_or(0);
    Prepared {
        index,
        label_counts: counts,
        longest_key: longest,
        is_preferences: reading(dataset).is_some(),
        compares_sides: compares_sides(dataset),
        has_scores: may_reward(dataset),
        has_tags: has_tags(dataset),
        judge_cuts: Cut::all(dataset).into(),
        who: Who::of(dataset),
        metric_columns: MetricColumns::of(dataset).map(Arc::new),
        difficulty_conditions: condition_columns(dataset),
        batches: columns(dataset),
        conditions: ways(dataset),
        codebook: Codebook::beside(&dataset.source.table.path),
        about: About::beside(&dataset.source.table.path),
        cuts: By::all(dataset),
        logs_beside: crate::review::place::beside_all(&dataset.source.table.path),
    }
}
