//! Confident learning: which given labels are probably wrong (Northcutt et al. 2021, JAIR). For single labels, for
//! sets of them ([`multilabel_issues`]), for tags of tokens ([`tokens`]); and for entities without any model
//! ([`entities`]).
//!
//! Rows whose label is [`NO_LABEL`](crate::dataset::NO_LABEL) take no part and are counted. Ties are broken by
//! the lowest row, sorts are stable, sums have a fixed order: the same answer on every machine.

pub mod entities;
mod error;
mod grouped;
mod health;
mod joint;
mod multilabel;
mod noise;
mod order;
mod paper;
mod pooling;
mod prune;
mod quality;
mod rows;
mod run;
mod scan;
mod summary;
mod sums;
pub mod tokens;

pub use error::ConfidentError;
pub use health::{label_health, overlapping_labels};
pub use joint::{
    ConfidentJoint, calibrate, calibrate_supplied, confident_joint, confusion, estimate_joint,
    off_diagonal_of,
};
pub use multilabel::{
    ClassFlag, ClassIssues, ClassMistake, MultiLabelIssues, MultiLabelOptions, SetLabels, class_scores,
    item_scores, multilabel_issues,
};
pub use noise::{PriorMethod, estimate_noise};
pub use paper::{PAPER_FILTERS, PaperLearning, paper_learning};
pub use pooling::Pooling;
pub use prune::Options;
pub use quality::{Weighting, adjusted_quality, ensemble_quality, lowest_scores};
pub use run::{confident_learning, confident_learning_with};
pub use summary::{Summary, confident_summary};

use crate::dataset::LabelId;
use crate::progress::{Cancelled, Progress};

/// The seven ways to pick label issues.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Filter {
    /// For each class, as many of its least self-confident rows as the calibrated joint counts as wrong.
    PruneByClass,
    /// For each off-diagonal cell, as many rows with the largest margin as the calibrated joint counts.
    PruneByNoiseRate,
    /// Both of the former.
    Both,
    /// The off-diagonal of the confident joint.
    ConfidentLearning,
    /// The prediction differs.
    PredictedNeqGiven,
    /// The n lowest normalised margins.
    LowNormalizedMargin,
    /// The n lowest self-confidences.
    LowSelfConfidence,
}

impl Filter {
    /// All of them, in the order of their bits in [`ConfidentLearning::issues`].
    pub const ALL: [Self; 7] = [
        Self::PruneByClass,
        Self::PruneByNoiseRate,
        Self::Both,
        Self::ConfidentLearning,
        Self::PredictedNeqGiven,
        Self::LowNormalizedMargin,
        Self::LowSelfConfidence,
    ];

    /// Key in reports: `prune_by_class`, …
    pub fn key(self) -> &'static str {
        match self {
            Self::PruneByClass => "prune_by_class",
            Self::PruneByNoiseRate => "prune_by_noise_rate",
            Self::Both => "both",
            Self::ConfidentLearning => "confident_learning",
            Self::PredictedNeqGiven => "predicted_neq_given",
            Self::LowNormalizedMargin => "low_normalized_margin",
            Self::LowSelfConfidence => "low_self_confidence",
        }
    }

    /// Name and meaning for people.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::PruneByClass => {
                ("by class", "Of each label the least probable, as many as the joint says are wrong")
            }
            Self::PruneByNoiseRate => (
                "by noise rate",
                "Of each pair of given and true label the clearest, as many as the joint says",
            ),
            Self::Both => ("both", "By class and by noise rate"),
            Self::ConfidentLearning => ("confident joint", "Confidently guessed to have another label"),
            Self::PredictedNeqGiven => ("prediction differs", "Another label is the most probable"),
            Self::LowNormalizedMargin => {
                ("lowest margins", "As many as are off the confident joint's diagonal, by margin")
            }
            Self::LowSelfConfidence => (
                "least probable",
                "As many as are off the confident joint's diagonal, by probability of the given label",
            ),
        }
    }

    /// Its bit in [`ConfidentLearning::issues`].
    pub fn bit(self) -> u8 {
        1 << (self as u8)
    }
}

/// The three label quality scores (Kuan & Mueller 2022).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Quality {
    /// P(given label).
    SelfConfidence,
    /// (P(given) − max P(other) + 1) / 2.
    NormalizedMargin,
    /// Entropy weighted by self-confidence.
    ConfidenceWeightedEntropy,
}

impl Quality {
    /// All of them, in the order of [`ConfidentLearning::quality`].
    pub const ALL: [Self; 3] =
        [Self::SelfConfidence, Self::NormalizedMargin, Self::ConfidenceWeightedEntropy];

    /// Key in reports: `self_confidence`, …
    pub fn key(self) -> &'static str {
        match self {
            Self::SelfConfidence => "self_confidence",
            Self::NormalizedMargin => "normalized_margin",
            Self::ConfidenceWeightedEntropy => "confidence_weighted_entropy",
        }
    }
}

/// One label's health, from the calibrated joint.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelHealth {
    /// Which.
    pub label: LabelId,
    /// Rows given this label that probably have another.
    pub label_issues: u64,
    /// Rows given another label that probably have this one.
    pub inverse_label_issues: u64,
    /// Share of the former; `None` where no row has the label.
    pub label_noise: Option<f64>,
    /// Share of the latter; `None` where no row truly has the label.
    pub inverse_label_noise: Option<f64>,
    /// 1 − `label_noise`.
    pub quality: Option<f64>,
}

/// Two labels that are taken for each other.
#[derive(Debug, Clone, PartialEq)]
pub struct Overlap {
    /// The lower label.
    pub a: LabelId,
    /// The higher label.
    pub b: LabelId,
    /// Rows in both off-diagonal cells.
    pub n: u64,
    /// Their share of all rows.
    pub joint_probability: f64,
}

/// How the labels came to be noisy: all matrices row-major, labels × labels.
#[derive(Debug, Clone, PartialEq)]
pub struct NoiseModel {
    /// P(true label).
    pub prior: Vec<f64>,
    /// P(given | true), rows given, columns true.
    pub noise_matrix: Vec<Vec<f64>>,
    /// P(true | given), rows true, columns given.
    pub inverse_noise_matrix: Vec<Vec<f64>>,
}

/// Everything that confident learning says about a dataset. Per-item columns have one entry an *item*.
#[derive(Debug, Clone, PartialEq)]
pub struct ConfidentLearning {
    /// Items that have a label, ascending: the rows that took part.
    pub rows: Vec<u32>,
    /// Items that have none and were left out.
    pub n_left_out: usize,
    /// Mean self-confidence per label (2 where no row has the label: never confident).
    pub thresholds: Vec<f64>,
    /// Counts, rows given, columns guessed.
    pub confident_joint: Vec<Vec<u64>>,
    /// The same, calibrated to the given counts and rounded.
    pub calibrated_joint: Vec<Vec<u64>>,
    /// One bit a [`Filter`]; 0 for items left out.
    pub issues: Vec<u8>,
    /// One column a [`Quality`]; NaN inside for items left out, so go through [`Self::quality_of`].
    pub quality: [Vec<f64>; 3],
    /// Most probable label of each item (the lowest on ties), whether it has a given label or not.
    pub predicted: Vec<LabelId>,
    /// Rows that each filter flags.
    pub counts: [u64; 7],
    /// Rows tied with the last one taken but not taken themselves, for each filter that cuts a sorted list (of all
    /// rows, or one for each label or cell; a row tied in two cells counts twice). Rows that the veto would clear, or
    /// that another cell flags, do not count. 0 for the filters that cut none.
    pub ties_at_cut: [u64; 7],
    /// Estimated number of issues: off-diagonal of the confident joint, after the veto.
    pub num_off_diagonal: u64,
    /// Estimated number of issues: from the calibrated joint.
    pub num_off_diagonal_calibrated: u64,
    /// 1 − `num_off_diagonal` / rows.
    pub health_score: f64,
    /// One entry a label, lowest quality first (ties: lowest label).
    pub per_label: Vec<LabelHealth>,
    /// Pairs, most rows first (ties: lowest labels).
    pub overlapping: Vec<Overlap>,
    /// Prior and noise matrices.
    pub noise: NoiseModel,
}

impl ConfidentLearning {
    /// Whether `filter` flags `item`.
    pub fn is_issue(&self, item: usize, filter: Filter) -> bool {
        self.issues.get(item).is_some_and(|bits| bits & filter.bit() != 0)
    }

    /// The label quality of `item`, in 0..=1, low = suspicious; `None` if it was left out.
    pub fn quality_of(&self, item: usize, quality: Quality) -> Option<f64> {
        self.quality[quality as usize].get(item).copied().filter(|q| !q.is_nan())
    }

    /// Items that `filter` flags, worst `quality` first, ties by item.
    ///
    /// # Errors
    /// Cancellation.
    pub fn ranked(
        &self,
        filter: Filter,
        quality: Quality,
        progress: &Progress,
    ) -> Result<Vec<u32>, Cancelled> {
        let scores = &self.quality[quality as usize];
        let flagged = self.rows.iter().filter(|&&item| self.is_issue(item as usize, filter));
        order::sorted_rows(flagged.map(|&item| (scores[item as usize], item)).collect(), progress)
    }
}

#[cfg(test)]
mod tests;
