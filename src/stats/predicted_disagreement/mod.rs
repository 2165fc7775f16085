//! How well a judge predicts where people disagree, beside what can be reached at all with so few votes an item.
//!
//! π are shares of votes, q predicted probabilities (or shares of labels that a judge was asked for repeatedly: see [`probabilities_of_votes`]).
//!
//! - *VarCorr* is Pearson's correlation over items of 1 − Σ π² and 1 − Σ q²: with two labels, twice the variances p(1 − p).
//! - *DistAlign* is the mean total variation distance of π and q, lower being better.
//! - *F1* asks for the side of one half: q ≥ ½ against p ≥ ½ for a label. Items with p = ½ exactly have no side.
//!
//! Shares of four votes are noisy: a judge who knew the true probabilities would not reach a VarCorr of 1. [`attainable`] fits the distribution
//! of true probabilities and says how far such a judge gets; VarCorr without it says nothing.

mod attainable;
mod dirichlet;
#[cfg(test)]
mod tests;

pub use attainable::{Attainable, attainable};
pub use dirichlet::{DirichletFit, fit_dirichlet_multinomial};

use super::correlation::Correlation;
use super::human_distribution::{Halves, Range, fill, fits, halves_of, is_distribution, mean, repeats};
use super::variation::VoteCounts;
use super::{Estimate, Statistic, Undefined};
use crate::dataset::{LabelId, Probabilities};
use crate::progress::{Cancelled, Progress};

/// How far a row may be from a sum of 1.
const TOLERANCE: f64 = 1e-2;
/// Items that are read in one go.
const BLOCK: usize = 1 << 11;
/// Most numbers that are made out of votes.
const MAX_CELLS: usize = 1 << 28;

/// Disagreement on one item, as it is and as it was predicted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PredictedItem {
    /// The item.
    pub item: u32,
    /// Votes on it, at least 1.
    pub n_votes: u32,
    /// 1 − Σ π².
    pub human: f64,
    /// 1 − Σ q².
    pub predicted: f64,
    /// Total variation distance of π and q.
    pub distance: f64,
}

/// Whether a label is on the right side of one half.
#[derive(Debug, Clone, PartialEq)]
pub struct SideOfHalf {
    /// 2 tp/(2 tp + fp + fn); undefined where neither people nor the judge ever have the label on the upper side.
    pub f1: Statistic,
    /// Items with p = ½: left out, unless ties were to be kept (then they are on the upper side).
    pub n_tied: usize,
    /// True and false positives, false negatives.
    pub counts: [usize; 3],
}

/// What a judge predicts of people's disagreement.
#[derive(Debug, Clone, PartialEq)]
pub struct PredictedDisagreement {
    /// Items with a vote and a usable row, ascending.
    pub items: Vec<PredictedItem>,
    /// VarCorr, with a bootstrap interval over items where replicates were asked for.
    pub var_corr: Statistic,
    /// DistAlign.
    pub dist_align: Statistic,
    /// F1 of the positive label, where one was named.
    pub side: Option<SideOfHalf>,
    /// Items with two votes or more that are not all for one label.
    pub n_disagreed: usize,
    /// Items with two votes or more.
    pub n_pairable: usize,
    /// Items with votes whose row is no distribution.
    pub n_bad_rows: usize,
}

/// What can be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Choices {
    /// The label whose side of one half is compared.
    pub positive: Option<LabelId>,
    /// Whether items with p = ½ are kept, on the upper side.
    pub keep_ties: bool,
    /// Resamples of items, and their seed.
    pub bootstrap: (u32, u64),
}

/// Compares disagreement with what was predicted. Undefined as [`calibrate`](super::human_distribution::calibrate) is.
pub fn predicted_disagreement(
    votes: &VoteCounts,
    n_labels: usize,
    model: &Probabilities,
    choices: Choices,
    progress: &Progress,
) -> Result<Result<PredictedDisagreement, Undefined>, Cancelled> {
    if let Err(reason) = fits(votes, n_labels, model) {
        return Ok(Err(reason));
    }
    progress.stage("comparing disagreement", votes.n_items() as u64);
    let (mut row, mut counts) = (vec![0.0; n_labels], vec![0_u32; n_labels]);
    let (mut items, mut n_bad_rows, mut sides) = (Vec::new(), 0, Sides::default());
    for item in 0..votes.n_items() {
        if item % BLOCK == 0 {
            progress.check()?;
            progress.add(BLOCK.min(votes.n_items() - item) as u64);
        }
        let n_votes = votes.total(item);
        if n_votes == 0 {
            continue;
        }
        model.read(item, &mut row);
        if !is_distribution(&row, TOLERANCE) {
            n_bad_rows += 1;
            continue;
        }
        fill(votes, item, &mut counts);
        let total = f64::from(n_votes);
        let distance: f64 = counts.iter().zip(&row).map(|(&n, q)| (q - f64::from(n) / total).abs()).sum();
        items.push(PredictedItem {
            item: item as u32,
            n_votes,
            human: gini(counts.iter().map(|&n| f64::from(n) / total)),
            predicted: gini(row.iter().copied()),
            distance: (0.5 * distance).min(1.0),
        });
        if let Some((&n, &q)) =
            choices.positive.and_then(|l| Some((counts.get(l as usize)?, row.get(l as usize)?)))
        {
            sides.add(n, n_votes, q, choices.keep_ties);
        }
    }
    if items.is_empty() {
        return Ok(Err(Undefined::NoAnnotations));
    }
    let human: Vec<f64> = items.iter().map(|i| i.human).collect();
    let predicted: Vec<f64> = items.iter().map(|i| i.predicted).collect();
    let var_corr = Correlation::Pearson.with_interval((&human, &predicted), choices.bootstrap, progress)?;
    let pairable = |i: &&PredictedItem| i.n_votes > 1;
    Ok(Ok(PredictedDisagreement {
        var_corr: var_corr.into(),
        dist_align: mean(items.iter().map(|i| i.distance), "no item"),
        side: choices.positive.map(|_| sides.finish()),
        n_disagreed: items.iter().filter(pairable).filter(|i| i.human > 0.0).count(),
        n_pairable: items.iter().filter(pairable).count(),
        n_bad_rows,
        items,
    }))
}

/// 1 − Σ p²: the probability that two draws differ.
fn gini(p: impl Iterator<Item = f64>) -> f64 {
    let squares: f64 = p.map(|p| p * p).sum();
    // Not a rounding below 0 for a single label.
    (1.0 - squares).max(0.0)
}

#[derive(Debug, Default)]
struct Sides {
    n_tied: usize,
    counts: [usize; 3],
}

impl Sides {
    fn add(&mut self, n: u32, total: u32, q: f64, keep_ties: bool) {
        let tied = 2 * u64::from(n) == u64::from(total);
        self.n_tied += usize::from(tied);
        if tied && !keep_ties {
            return;
        }
        match (2 * u64::from(n) >= u64::from(total), q >= 0.5) {
            (true, true) => self.counts[0] += 1,
            (false, true) => self.counts[1] += 1,
            (true, false) => self.counts[2] += 1,
            (false, false) => {}
        }
    }

    fn finish(self) -> SideOfHalf {
        let [tp, wrong, missed] = self.counts;
        let n = tp + wrong + missed;
        let f1 = if n == 0 {
            Undefined::Because("neither people nor the judge give the label to half an item".to_owned())
                .into()
        } else {
            Estimate::new(2.0 * tp as f64 / (tp + n) as f64, n, 0).into()
        };
        SideOfHalf { f1, n_tied: self.n_tied, counts: self.counts }
    }
}

/// VarCorr and DistAlign of half of the people as the judge of the other half; `None` for VarCorr where it is undefined in every repetition.
/// Undefined where no item has two votes.
pub fn human_halves(
    votes: &VoteCounts,
    n_labels: usize,
    halves: Halves,
    progress: &Progress,
) -> Result<Result<(Option<Range>, Range), Undefined>, Cancelled> {
    let rounds: Vec<(Option<f64>, Option<f64>)> = repeats(halves, progress, |rng| {
        let (mut first, mut second, mut distance) = (Vec::new(), Vec::new(), 0.0);
        halves_of(votes, n_labels, halves.size, rng, progress, |_, a, b| {
            let totals = [a, b].map(|c| f64::from(c.iter().sum::<u32>()));
            first.push(gini(a.iter().map(|&n| f64::from(n) / totals[0])));
            second.push(gini(b.iter().map(|&n| f64::from(n) / totals[1])));
            let apart =
                a.iter().zip(b).map(|(&x, &y)| (f64::from(x) / totals[0] - f64::from(y) / totals[1]).abs());
            distance += 0.5 * apart.sum::<f64>();
        })?;
        let n = first.len();
        Ok((Correlation::Pearson.of(&first, &second).ok(), (n > 0).then(|| distance / n as f64)))
    })?;
    let distance = Range::of(rounds.iter().filter_map(|r| r.1).collect());
    let var_corr = Range::of(rounds.iter().filter_map(|r| r.0).collect());
    Ok(distance.map(|d| (var_corr, d)).ok_or(Undefined::NoPairableItem))
}

/// Shares of votes as a model's rows, items × labels: a judge who was asked repeatedly. Rows without a vote are zeros, which no comparison
/// takes for a distribution. Undefined without labels, and where there are too many.
pub fn probabilities_of_votes(votes: &VoteCounts, n_labels: usize) -> Result<Probabilities, Undefined> {
    let cells = votes.n_items().checked_mul(n_labels).filter(|&c| c <= MAX_CELLS);
    let too_many = || Undefined::Because("too many items and labels to be held".to_owned());
    let mut rows = vec![0.0; cells.ok_or_else(too_many)?];
    for (item, row) in rows.chunks_exact_mut(n_labels.max(1)).enumerate() {
        for (label, share) in votes.shares(item) {
            if let Some(slot) = row.get_mut(label as usize) {
                *slot = share;
            }
        }
    }
    Probabilities::from_f64(rows, votes.n_items(), n_labels).map_err(|e| Undefined::Because(e.to_string()))
}
