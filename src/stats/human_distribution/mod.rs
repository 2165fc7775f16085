//! Calibration to the human distribution: does a model spread its probability over labels as people spread their votes (Baan et al. 2022,
//! *Stop Measuring Calibration When Humans Disagree*)?
//!
//! An item has votes n_k with shares π_k = n_k/Σn, and a row p of predicted probabilities.
//!
//! - *DistCE* is the total variation distance ½ Σ |p_k − π_k|, in 0..=1.
//! - *EntCE* is H(p) − H(π): below 0 where the model is surer than people are. Its mean says in which direction, the mean of its absolute
//!   value how far. One vote has no entropy to speak of, so that items with a single vote take no part.
//! - *RankCS* is the share of items whose labels the model puts in the order in which people put them, under two rules for ties:
//!   [`ItemScore::ranked`] asks only for the order of labels with different votes, [`ItemScore::ranked_by_index`] compares the two
//!   orders with ties broken by the number of the label, as the authors' code does.
//! - *ECE* compares confidence with agreement with the majority, over bins (a, b] of equal width. Where t labels tie for the majority, a
//!   prediction of one of them counts 1/t; the authors credit the lowest label alone, which is kept beside it.
//!
//! A model can be calibrated to the majority and far from people: that contrast is what these numbers are for. What people reach among
//! themselves is in [`human_ceiling`].

mod ceiling;
mod item;
mod reliability;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use rayon::prelude::*;

pub use ceiling::{Ceiling, Halves, Range, human_ceiling};
pub(crate) use ceiling::{halves_of, repeats};
pub use item::{ItemScore, score};
pub use reliability::{ConfidenceBin, ece, reliability_bins};

use super::proportion;
use super::variation::VoteCounts;
use super::{Estimate, Method, Statistic, Undefined, estimate::Z_975};
use crate::dataset::Probabilities;
use crate::progress::{Cancelled, Progress};

/// Items that are read in one go.
const BLOCK: usize = 1 << 11;
/// Bins of the histogram of DistCE.
pub const HISTOGRAM_BINS: usize = 20;
/// Most rows that are listed as unusable.
const MAX_LISTED: usize = 100;

/// What entropy is measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EntropyUnit {
    /// Natural logarithms.
    #[default]
    Nats,
    /// Logarithms to base 2.
    Bits,
    /// The share of ln K, the most that K labels allow.
    OfMost,
}

impl EntropyUnit {
    /// What nats are multiplied by, for K labels.
    pub fn factor(self, n_labels: usize) -> f64 {
        match self {
            Self::Nats => 1.0,
            Self::Bits => std::f64::consts::LOG2_E,
            // With one label every entropy is 0.
            Self::OfMost => 1.0 / (n_labels.max(2) as f64).ln(),
        }
    }
}

/// What can be chosen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// What EntCE is measured in.
    pub unit: EntropyUnit,
    /// Bins of confidence, at least 1.
    pub bins: usize,
    /// How far from 1 a row may sum. Half precision needs 1e-2.
    pub tolerance: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self { unit: EntropyUnit::Nats, bins: 10, tolerance: 1e-3 }
    }
}

/// Calibration of one model to the votes.
#[derive(Debug, Clone, PartialEq)]
pub struct HumanCalibration {
    /// Items with a vote and a usable row, by ascending item: the columns that a table of items sorts by.
    pub items: Vec<ItemScore>,
    /// Mean DistCE.
    pub distance: Statistic,
    /// Mean EntCE.
    pub entropy_signed: Statistic,
    /// Mean |EntCE|.
    pub entropy_absolute: Statistic,
    /// RankCS where labels with the same number of votes may be in any order.
    pub ranked: Statistic,
    /// RankCS where ties are broken by label number on both sides.
    pub ranked_by_index: Statistic,
    /// Agreement of predictions with the majority, a tied majority credited 1/t.
    pub accuracy: Statistic,
    /// The same, a tied majority being its lowest label.
    pub accuracy_lowest: Statistic,
    /// ECE against the majority, a tied majority credited 1/t.
    pub ece: Statistic,
    /// The same, a tied majority being its lowest label.
    pub ece_lowest: Statistic,
    /// Bins of confidence, lowest first.
    pub bins: Vec<ConfidenceBin>,
    /// Items whose DistCE is in each twentieth of 0..=1; 1 is in the last.
    pub by_distance: Vec<Arc<[u32]>>,
    /// Items on which labels tie for the majority.
    pub n_tied_majority: usize,
    /// Items on which two labels have the same number of votes, none included: those on which the two rules for ties may differ.
    pub n_tied_votes: usize,
    /// Items whose largest probability belongs to several labels; the lowest is taken for the prediction.
    pub n_tied_predictions: usize,
    /// Items with a single vote, which take no part in EntCE.
    pub n_single: usize,
    /// Items without a vote.
    pub n_without_votes: usize,
    /// Items with votes whose row is negative, not finite, or does not sum to 1 within the tolerance.
    pub n_bad_rows: usize,
    /// The first of them.
    pub bad_rows: Vec<u32>,
}

/// Compares a model with the votes. Undefined without a label or a vote, where the model has another number of labels or of items, and where
/// no voted item has a usable row.
pub fn calibrate(
    votes: &VoteCounts,
    n_labels: usize,
    model: &Probabilities,
    options: &Options,
    progress: &Progress,
) -> Result<Result<HumanCalibration, Undefined>, Cancelled> {
    if let Err(reason) = fits(votes, n_labels, model) {
        return Ok(Err(reason));
    }
    let (items, out) = score_items(votes, n_labels, model, options, progress)?;
    if items.is_empty() && out.n_bad_rows == 0 {
        return Ok(Err(Undefined::NoAnnotations));
    }
    if items.is_empty() {
        return Ok(Err(Undefined::Because("no item with votes has probabilities that sum to 1".to_owned())));
    }
    let bins = reliability_bins(&items, options.bins);
    let mut by_distance = vec![Vec::new(); HISTOGRAM_BINS];
    for item in &items {
        // Sums of shares round; what is at an edge belongs above it.
        let bin = ((item.distance * HISTOGRAM_BINS as f64 + 1e-9) as usize).min(HISTOGRAM_BINS - 1);
        by_distance[bin].push(item.item);
    }
    let count = |of: fn(&ItemScore) -> bool| items.iter().filter(|i| of(i)).count();
    let of_ranks = |of: fn(&ItemScore) -> bool| proportion::share(count(of), items.len(), "no item");
    let entropies = || items.iter().filter_map(|i| i.entropy_difference);
    let no_entropy = "no item has two votes, and one vote has no entropy";
    let whole = |value: f64| Statistic::from(Estimate::new(value, items.len(), 0));
    Ok(Ok(HumanCalibration {
        distance: mean(items.iter().map(|i| i.distance), "no item"),
        entropy_signed: mean(entropies(), no_entropy),
        entropy_absolute: mean(entropies().map(f64::abs), no_entropy),
        ranked: of_ranks(|i| i.ranked),
        ranked_by_index: of_ranks(|i| i.ranked_by_index),
        accuracy: mean(items.iter().map(|i| i.credit), "no item"),
        accuracy_lowest: mean(items.iter().map(|i| i.credit_lowest), "no item"),
        ece: whole(ece(&bins, |b| b.accuracy)),
        ece_lowest: whole(ece(&bins, |b| b.accuracy_lowest)),
        bins,
        by_distance: by_distance.into_iter().map(Into::into).collect(),
        n_tied_majority: count(|i| i.n_majority > 1),
        n_tied_votes: count(|i| i.tied_votes),
        n_tied_predictions: count(|i| i.tied_prediction),
        n_single: count(|i| i.n_votes == 1),
        n_without_votes: out.n_without_votes,
        n_bad_rows: out.n_bad_rows,
        bad_rows: out.bad_rows,
        items,
    }))
}

/// Whether the model speaks of the same labels and items as the votes do.
pub(crate) fn fits(votes: &VoteCounts, n_labels: usize, model: &Probabilities) -> Result<(), Undefined> {
    if model.cols() != n_labels || n_labels == 0 {
        return Err(Undefined::Because(format!(
            "the model has probabilities for {} labels; the votes are over {n_labels}",
            model.cols()
        )));
    }
    if model.rows() != votes.n_items() {
        return Err(Undefined::Because(format!(
            "the model has {} rows; there are {} items",
            model.rows(),
            votes.n_items()
        )));
    }
    Ok(())
}

/// Items that were left out.
#[derive(Debug, Default)]
struct LeftOut {
    n_without_votes: usize,
    n_bad_rows: usize,
    bad_rows: Vec<u32>,
}

fn score_items(
    votes: &VoteCounts,
    n_labels: usize,
    model: &Probabilities,
    options: &Options,
    progress: &Progress,
) -> Result<(Vec<ItemScore>, LeftOut), Cancelled> {
    progress.stage("comparing with the votes", votes.n_items() as u64);
    let factor = options.unit.factor(n_labels);
    let blocks: Vec<(Vec<ItemScore>, Vec<u32>)> = (0..votes.n_items().div_ceil(BLOCK))
        .into_par_iter()
        .map(|block| {
            progress.check()?;
            let (mut scores, mut bad) = (Vec::new(), Vec::new());
            let (mut row, mut counts) = (vec![0.0; n_labels], vec![0_u32; n_labels]);
            let items = block * BLOCK..((block + 1) * BLOCK).min(votes.n_items());
            progress.add(items.len() as u64);
            for item in items {
                if votes.total(item) == 0 {
                    continue;
                }
                model.read(item, &mut row);
                if !is_distribution(&row, options.tolerance) {
                    bad.push(item as u32);
                    continue;
                }
                fill(votes, item, &mut counts);
                scores.extend(score(item as u32, &counts, &row, factor));
            }
            Ok((scores, bad))
        })
        .collect::<Result<_, Cancelled>>()?;
    let mut out = LeftOut {
        n_without_votes: (0..votes.n_items()).filter(|&i| votes.total(i) == 0).count(),
        ..LeftOut::default()
    };
    let mut scores = Vec::with_capacity(blocks.iter().map(|b| b.0.len()).sum());
    for (of_block, bad) in blocks {
        scores.extend(of_block);
        out.n_bad_rows += bad.len();
        out.bad_rows.extend(bad.into_iter().take(MAX_LISTED - out.bad_rows.len()));
    }
    Ok((scores, out))
}

/// Votes for every label, those without one too. Labels outside `counts` take no part.
pub(crate) fn fill(votes: &VoteCounts, item: usize, counts: &mut [u32]) {
    counts.fill(0);
    for (label, n) in votes.of_item(item) {
        if let Some(slot) = counts.get_mut(label as usize) {
            *slot = n;
        }
    }
}

/// Whether numbers are finite, not negative, and sum to 1.
pub(crate) fn is_distribution(row: &[f64], tolerance: f64) -> bool {
    row.iter().all(|p| p.is_finite() && *p >= 0.0) && (row.iter().sum::<f64>() - 1.0).abs() <= tolerance
}

/// Mean of one number an item, with a large-sample interval for two or more; undefined for none.
pub(crate) fn mean(values: impl Iterator<Item = f64> + Clone, nothing: &str) -> Statistic {
    let (n, sum) = values.clone().fold((0_usize, 0.0), |(n, sum), v| (n + 1, sum + v));
    if n == 0 {
        return Undefined::Because(nothing.to_owned()).into();
    }
    let count = n as f64;
    let mean = sum / count;
    let se = (n > 1).then(|| {
        let squares: f64 = values.map(|v| (v - mean).powi(2)).sum();
        (squares / (count - 1.0) / count).sqrt()
    });
    Statistic::Defined(Estimate {
        ci: se.map(|se| (mean - Z_975 * se, mean + Z_975 * se)),
        se,
        method: se.map(|_| Method::Analytic),
        ..Estimate::new(mean, n, 0)
    })
}
