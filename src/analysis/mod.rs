//! Which statistics a dataset's shape allows, computed as sections that are shared, cached and shown.
//!
//! Agreement and aggregation look at the raters' votes, which no decision changes; confident learning and the
//! tables look at the given labels, which decisions do change. [`run`] takes the previous [`Analysis`] and
//! keeps every section whose inputs are the same.

pub mod audit_estimates;
pub mod before_after;
pub mod benchmark;
pub mod candidate;
pub mod categories;
pub mod certificate;
pub mod coefficients;
pub mod compare;
pub mod conditions;
mod counted;
pub mod covariates;
mod crowd;
pub mod cuts;
pub mod difficulty;
pub mod drift;
pub mod entities;
pub mod judge_validation;
pub mod judges;
pub mod lab;
pub mod learned;
pub mod metrics;
pub mod mistakes;
pub mod models;
pub mod multilabel;
pub mod neighbours;
pub mod next_label;
pub mod nutrition;
mod only_confident;
pub mod paper;
pub mod passages;
pub mod per_rater;
pub mod practice;
pub mod preferences;
mod questions;
pub mod rater_groups;
mod raters;
pub mod ratings;
pub mod relations;
pub mod repeats;
pub mod routing;
mod run;
pub mod scale_use;
pub mod score_rewards;
pub mod sets;
pub mod shifted;
pub mod soft;
pub mod spans;
pub mod tastes;
pub mod validation;
pub mod verdicts;
pub mod versions;
pub mod votes;
pub mod what_wins;

use std::collections::BTreeSet;
use std::sync::Arc;

pub use crowd::crowd;
pub use only_confident::only_confident;
pub use run::run;

use crate::dataset::{DuplicateRule, LabelId};
use crate::stats::aggregation::{DawidSkene, MajorityVote};
use crate::stats::agreement::PairwiseKappa;
use crate::stats::confident::ConfidentLearning;
use crate::stats::suspicion::Suspicion;
use crate::stats::{Statistic, Undefined};

/// How a consensus label is made out of votes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsensusMethod {
    /// Most votes; a tied item has none.
    #[default]
    MajorityVote,
    /// The best label of the Dawid–Skene posterior.
    DawidSkene,
}

/// What the user chose.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Settings {
    /// What stands in for a given label where the data has none.
    pub consensus: ConsensusMethod,
    /// What agreement does with several annotations of one item by one rater (Dawid–Skene keeps them all).
    pub duplicates: DuplicateRule,
    /// Names of raters who were switched: people out, models in.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub switched: BTreeSet<String>,
}

/// Where the labels under suspicion come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GivenSource {
    /// A column of the data.
    Column(String),
    /// The raters' votes.
    Consensus(ConsensusMethod),
}

/// The labels under suspicion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// Where they come from.
    pub source: GivenSource,
    /// Before any decision; [`NO_LABEL`](crate::dataset::NO_LABEL) where there is none.
    pub original: Vec<LabelId>,
    /// With the decisions applied.
    pub current: Vec<LabelId>,
    /// Items without a label because their votes are tied.
    pub n_tied: usize,
}

/// How far raters agree.
#[derive(Debug, Clone, PartialEq)]
pub struct Agreement {
    /// Share of agreeing pairs, averaged over items with two annotations or more.
    pub percent_agreement: Statistic,
    /// Fleiss kappa.
    pub fleiss_kappa: Statistic,
    /// Krippendorff alpha, nominal.
    pub krippendorff_alpha_nominal: Statistic,
    /// Cohen kappa of each pair of raters.
    pub cohen_kappa: PairwiseKappa,
    /// Krippendorff alpha of "this label or another", one a label.
    pub per_label: Vec<Statistic>,
    /// Annotations that repeat an (item, rater) pair.
    pub n_duplicates: usize,
    /// How they were resolved.
    pub duplicates: DuplicateRule,
}

/// Labels made out of votes.
#[derive(Debug, Clone, PartialEq)]
pub struct Aggregation {
    /// Majority vote.
    pub majority: MajorityVote,
    /// Dawid–Skene, or why there is none.
    pub dawid_skene: Result<DawidSkene, Undefined>,
    /// Accuracy of each against gold (a tie counts 1/t for a tied right label).
    pub accuracy_majority: Statistic,
    /// Accuracy of each against gold.
    pub accuracy_dawid_skene: Statistic,
}

/// Why items are flagged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlagMethod {
    /// Predicted probabilities: confident learning's default filter, prune by noise rate.
    ConfidentLearning,
    /// No probabilities: tied, or the Dawid–Skene posterior's best label is another.
    DawidSkenePosterior,
    /// Neither votes nor probabilities: nothing can be flagged.
    Nothing,
}

/// One column an item, in item order. What is missing is `None` or [`NO_LABEL`](crate::dataset::NO_LABEL).
#[derive(Debug, Clone, PartialEq)]
pub struct ItemTable {
    /// How `flagged` and `quality` came about.
    pub method: FlagMethod,
    /// Whether the given label is under suspicion.
    pub flagged: Vec<bool>,
    /// Label quality in 0..=1, low = suspicious: by odds of the scaled model, or the Dawid–Skene posterior; NaN inside where
    /// there is none, go through [`Self::quality`].
    pub label_quality: Vec<f64>,
    /// What to put instead (also where nothing is flagged); `NO_LABEL` where nothing can be said.
    pub suggested: Vec<LabelId>,
    /// Entropy of the votes in bits; NaN inside where there is no vote, go through [`Self::entropy`].
    pub vote_entropy_bits: Vec<f64>,
    /// Number of annotations.
    pub n_annotations: Vec<u32>,
}

impl ItemTable {
    /// Label quality of `item`.
    pub fn quality(&self, item: usize) -> Option<f64> {
        self.label_quality.get(item).copied().filter(|q| !q.is_nan())
    }

    /// Vote entropy of `item` in bits.
    pub fn entropy(&self, item: usize) -> Option<f64> {
        self.vote_entropy_bits.get(item).copied().filter(|q| !q.is_nan())
    }
}

/// What one rater did.
#[derive(Debug, Clone, PartialEq)]
pub struct RaterSummary {
    /// Number of annotations.
    pub n_annotations: usize,
    /// Votes for each label.
    pub label_counts: Vec<u64>,
    /// Share of the rater's labels that equal the majority of *all* votes, on items without a tie.
    pub agreement_with_majority: Statistic,
    /// Probability of giving the true label under Dawid–Skene: prior-weighted diagonal of the error matrix.
    pub dawid_skene_accuracy: Statistic,
    /// Counts against the consensus: rows consensus, columns what the rater said; items without a consensus
    /// take no part.
    pub confusion: Vec<Vec<u64>>,
    /// Median seconds an annotation, where the data has durations.
    pub median_duration_s: Option<f64>,
    /// How the rater went on: parts of equal size in the order of the file; empty for few annotations.
    pub course: Vec<CoursePart>,
}

/// One part of what a rater did.
#[derive(Debug, Clone, PartialEq)]
pub struct CoursePart {
    /// First and last item.
    pub items: (u32, u32),
    /// Annotations.
    pub n_annotations: usize,
    /// Share of them that equal the majority of all votes, on items without a tie.
    pub agreement_with_majority: Option<f64>,
    /// Median seconds an annotation.
    pub median_duration_s: Option<f64>,
}

/// Every statistic of a dataset.
#[derive(Debug, Clone)]
pub struct Analysis {
    /// What it was computed with.
    pub settings: Settings,
    /// Revision of the edits it was computed with.
    pub edits_revision: u64,
    /// The labels under suspicion.
    pub given: Arc<Given>,
    /// How far raters agree.
    pub agreement: Arc<Agreement>,
    /// Labels made out of votes.
    pub aggregation: Arc<Aggregation>,
    /// The consensus by the chosen method, one label an item.
    pub consensus: Arc<Vec<LabelId>>,
    /// Label errors, or why nothing can be said.
    pub confident: Arc<Result<ConfidentLearning, Undefined>>,
    /// What other detectors say of given labels, or why nothing can be said.
    pub suspicion: Arc<Result<Suspicion, Undefined>>,
    /// One row an item.
    pub items: Arc<ItemTable>,
    /// One row a rater.
    pub raters: Arc<Vec<RaterSummary>>,
}
