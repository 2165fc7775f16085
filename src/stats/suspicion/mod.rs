//! How suspicious a given label is: the order in which a reviewer should look, and what other detectors say.
//!
//! Confident learning ([`confident`](super::confident)) says *which* labels to flag. Here they are *ordered*, by the odds of
//! another label against the given one ([`odds`]), after the model has been scaled to the labels that were given
//! ([`scaling`]); a mixture of losses ([`mixture`]) is a second opinion that looks at one label at a time, and
//! [`borda`] adds up the ranks of all of them. All is computed from given labels and predicted probabilities.

mod borda;
mod mixture;
mod odds;
mod scaling;

use std::collections::HashMap;

use rayon::prelude::*;

pub use borda::{High, borda};
pub use mixture::{LossMixture, Mixture, loss_mixture};
pub use odds::odds_quality;
pub use scaling::{Scaling, scaling};

use super::confident::{ConfidentLearning, Quality};
use crate::dataset::{LabelId, NO_LABEL, Probabilities};
use crate::progress::{Cancelled, Progress};

/// What says something about a given label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Detector {
    /// Odds of another label after scaling: the default order.
    Odds,
    /// One of confident learning's label qualities.
    Quality(Quality),
    /// Posterior of the high-loss component, by label.
    Mixture,
    /// Sum of ranks over all others.
    Borda,
}

/// One row of the table of detectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DetectorRow {
    /// Which.
    pub detector: Detector,
    /// Key in tables and reports.
    pub key: &'static str,
    /// Its name on screen.
    pub name: &'static str,
    /// What it looks at, in a sentence.
    pub words: &'static str,
}

/// All detectors, the default order first.
pub const DETECTORS: [DetectorRow; 6] = [
    DetectorRow {
        detector: Detector::Odds,
        key: "odds",
        name: "odds",
        words: "the other labels' odds against the given one, the model scaled to the given labels; the default order",
    },
    DetectorRow {
        detector: Detector::Quality(Quality::SelfConfidence),
        key: "self_confidence",
        name: "self-confidence",
        words: "the model's probability of the given label",
    },
    DetectorRow {
        detector: Detector::Quality(Quality::NormalizedMargin),
        key: "normalized_margin",
        name: "margin",
        words: "the same, less the probability of the best other label",
    },
    DetectorRow {
        detector: Detector::Quality(Quality::ConfidenceWeightedEntropy),
        key: "confidence_weighted_entropy",
        name: "weighted entropy",
        words: "self-confidence beside how sure the model is of anything",
    },
    DetectorRow {
        detector: Detector::Mixture,
        key: "loss_mixture",
        name: "loss mixture",
        words: "whether the item's loss belongs to the higher of two groups of losses of its label",
    },
    DetectorRow {
        detector: Detector::Borda,
        key: "borda",
        name: "Borda",
        words: "the ranks by all of these, added up",
    },
];

/// Everything that is said about given labels beyond confident learning. Columns have one entry an item, NaN where it has no
/// label: go through the accessors.
#[derive(Debug, Clone, PartialEq)]
pub struct Suspicion {
    /// How the model was scaled.
    pub scaling: Scaling,
    /// Quality by odds, in 0..=1, low = suspicious.
    quality: Vec<f64>,
    /// Two groups of losses, for all labels together and for each.
    pub mixture: LossMixture,
    /// Mean rank by all detectors, in 0..=1, 1 = most suspicious.
    borda: Vec<f64>,
    /// Rank among the items of the same given and most probable label, from 0; `u32::MAX` where these are the same.
    cell_rank: Vec<u32>,
    /// Number of such items.
    cells: HashMap<(LabelId, LabelId), u32>,
}

impl Suspicion {
    /// Quality of the given label by odds, in 0..=1, low = suspicious.
    pub fn quality(&self, item: usize) -> Option<f64> {
        self.quality.get(item).copied().filter(|q| !q.is_nan())
    }

    /// Mean rank by all detectors, in 0..=1, 1 = most suspicious.
    pub fn borda(&self, item: usize) -> Option<f64> {
        self.borda.get(item).copied().filter(|q| !q.is_nan())
    }

    /// What `detector` says of `item`, high = suspicious, in 0..=1.
    pub fn of(&self, detector: Detector, confident: &ConfidentLearning, item: usize) -> Option<f64> {
        match detector {
            Detector::Odds => self.quality(item).map(|q| 1.0 - q),
            Detector::Quality(which) => confident.quality_of(item, which).map(|q| 1.0 - q),
            Detector::Mixture => self.mixture.by_label_of(item),
            Detector::Borda => self.borda(item),
        }
    }

    /// Rank of `item` (1 = largest margin) among those with its given and its most probable label, and their number. `None`
    /// where the two labels are the same.
    pub fn place_in_cell(&self, item: usize, given: LabelId, predicted: LabelId) -> Option<(u32, u32)> {
        let rank = self.cell_rank.get(item).copied().filter(|&r| r != u32::MAX)?;
        Some((rank + 1, self.cells.get(&(given, predicted)).copied()?))
    }
}

/// Computes all detectors from what confident learning has found.
///
/// `labels` and `confident` are of the same items and `probabilities`, as
/// [`confident_learning`](super::confident::confident_learning) has taken them. Time is O(items × labels).
///
/// # Errors
/// Cancellation.
pub fn suspicion(
    labels: &[LabelId],
    probabilities: &Probabilities,
    confident: &ConfidentLearning,
    progress: &Progress,
) -> Result<Suspicion, Cancelled> {
    let scaling = scaling(labels, probabilities, progress)?;
    let quality = odds_quality(labels, probabilities, &scaling, &confident.calibrated_joint, progress)?;
    let mixture = loss_mixture(labels, &confident.quality[0], &confident.thresholds, progress)?;
    progress.stage("Adding up ranks", 0);
    let trusted = std::iter::once(&quality).chain(&confident.quality);
    let mut columns: Vec<(&[f64], High)> = trusted.map(|c| (c.as_slice(), High::Trusted)).collect();
    if mixture.by_label.iter().any(Option::is_some) {
        columns.push((&mixture.of_label, High::Suspicious));
    }
    let borda = borda(&columns, progress)?;
    let (cell_rank, cells) = places(labels, confident, progress)?;
    Ok(Suspicion { scaling, quality, mixture, borda, cell_rank, cells })
}

/// Ranks within cells of (given, most probable label), by margin, ties by item; sizes of the cells.
#[expect(clippy::type_complexity, reason = "two columns that are taken apart at once")]
fn places(
    labels: &[LabelId],
    confident: &ConfidentLearning,
    progress: &Progress,
) -> Result<(Vec<u32>, HashMap<(LabelId, LabelId), u32>), Cancelled> {
    progress.check()?;
    let margin = &confident.quality[Quality::NormalizedMargin as usize];
    let mut parted: Vec<u32> = (0..labels.len() as u32)
        .filter(|&i| labels[i as usize] != NO_LABEL && confident.predicted[i as usize] != labels[i as usize])
        .collect();
    let cell = |i: u32| (labels[i as usize], confident.predicted[i as usize]);
    parted.par_sort_unstable_by(|&a, &b| {
        let by_margin = margin[a as usize].total_cmp(&margin[b as usize]);
        cell(a).cmp(&cell(b)).then(by_margin).then(a.cmp(&b))
    });
    progress.check()?;
    let mut ranks = vec![u32::MAX; labels.len()];
    let mut sizes = HashMap::new();
    for &item in &parted {
        let size = sizes.entry(cell(item)).or_insert(0);
        ranks[item as usize] = *size;
        *size += 1;
    }
    Ok((ranks, sizes))
}

#[cfg(test)]
mod tests;
