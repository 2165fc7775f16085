//! The distribution of votes as the target: how far a predicted distribution is from it, and whether the labels that most people chose are
//! among its k best.
//!
//! π are shares of votes, q the prediction. KL(π‖q) = Σ π ln(π/q) and cross entropy KL + H(π) are in nats, with q raised to 10⁻¹² where people
//! gave a label that was held for impossible; Jensen–Shannon divergence is in bits, in 0..=1; TVD is ½ Σ |π − q|.
//!
//! The *consensus* S of an item is every label with the most votes. Acc_k is the mean of |S ∩ Top_k(q)|/|S|: a tied consensus is split evenly. The
//! strict figure beside it is over items whose consensus is one label. Equal q are taken in the order of labels, and items where that decided
//! are counted. Mass_k is the mean share of votes inside Top_k.

mod item;
mod slices;
#[cfg(test)]
mod tests;

use rayon::prelude::*;

pub use item::{TargetItem, compare};
pub use slices::{Slice, by_entropy, near_misses};

use super::human_distribution::{fill, fits, mean};
use super::proportion::{share, wilson};
use super::variation::VoteCounts;
use super::{Estimate, Method, Statistic, Undefined};
use crate::dataset::Probabilities;
use crate::progress::{Cancelled, Progress};

/// Items that are read in one go.
const BLOCK: usize = 1 << 11;
/// How far from 1 a row may sum before it is renormalised and counted.
const TOLERANCE: f64 = 1e-3;
/// Most k.
pub const MOST_K: usize = 10;

/// One k of the k best.
#[derive(Debug, Clone, PartialEq)]
pub struct KBest {
    /// k, below the number of labels.
    pub k: usize,
    /// Acc_k with Wilson's interval.
    pub accuracy: Statistic,
    /// The share of items with a single consensus label that have it among the k best.
    pub strict: Statistic,
    /// Mass_k.
    pub mass: Statistic,
    /// Items on which the k-th and the next prediction are equal, so that the order of labels decided.
    pub n_boundary_ties: usize,
    /// Recall of each label: the share of its items (each 1/|S|) that have it among the k best; `None` for labels that are no item's consensus.
    pub recall: Vec<Option<f64>>,
    /// Their mean, each label alike.
    pub mean_recall: Statistic,
}

/// A prediction against the distribution of votes.
#[derive(Debug, Clone, PartialEq)]
pub struct SoftTargets {
    /// Items with a vote and a usable row, ascending.
    pub items: Vec<TargetItem>,
    /// Mean KL(π‖q), nats.
    pub kl: Statistic,
    /// Mean cross entropy, nats.
    pub cross_entropy: Statistic,
    /// Mean Jensen–Shannon divergence, bits.
    pub jensen_shannon: Statistic,
    /// Mean total variation distance.
    pub distance: Statistic,
    /// By k, from 1.
    pub k_best: Vec<KBest>,
    /// Labels with votes whose prediction was raised to 10⁻¹², over all items.
    pub n_clipped: u64,
    /// Rows that were renormalised.
    pub n_renormalised: usize,
    /// Rows with a number that is negative or not finite, or that sum to 0: left out.
    pub n_bad_rows: usize,
    /// Number of labels K.
    pub n_labels: usize,
}

/// Compares a prediction with the votes for k = 1..=`most_k` (at most K − 1 and [`MOST_K`]). Undefined as
/// [`calibrate`](super::human_distribution::calibrate) is.
pub fn soft_targets(
    votes: &VoteCounts,
    n_labels: usize,
    model: &Probabilities,
    most_k: usize,
    progress: &Progress,
) -> Result<Result<SoftTargets, Undefined>, Cancelled> {
    if let Err(reason) = fits(votes, n_labels, model) {
        return Ok(Err(reason));
    }
    let most_k = most_k.min(MOST_K).min(n_labels.saturating_sub(1));
    progress.stage("comparing distributions", votes.n_items() as u64);
    let blocks: Vec<Block> = (0..votes.n_items().div_ceil(BLOCK))
        .into_par_iter()
        .map(|b| {
            progress.check()?;
            let items = b * BLOCK..((b + 1) * BLOCK).min(votes.n_items());
            progress.add(items.len() as u64);
            Ok(block(votes, n_labels, model, most_k, items))
        })
        .collect::<Result<_, Cancelled>>()?;
    let mut all = Block::new(n_labels, most_k);
    blocks.into_iter().for_each(|b| all.append(b));
    if all.items.is_empty() {
        let reason = match all.n_bad_rows {
            0 => Undefined::NoAnnotations,
            _ => Undefined::Because("no item with votes has usable probabilities".to_owned()),
        };
        return Ok(Err(reason));
    }
    let items = all.items;
    let over = |of: fn(&TargetItem) -> f64| mean(items.iter().map(of), "no item");
    let k_best = (1..=most_k)
        .map(|k| {
            let single = items.iter().filter(|i| i.n_consensus == 1);
            let hits = single.clone().filter(|i| i.best_rank as usize <= k).count();
            let recall: Vec<Option<f64>> =
                all.recall[k - 1].iter().map(|r| (r.1 > 0.0).then(|| r.0 / r.1)).collect();
            KBest {
                k,
                accuracy: fraction(items.iter().map(|i| i.credit(k))),
                strict: share(hits, single.count(), "every item's consensus is tied"),
                mass: mean(items.iter().map(|i| i.mass[k - 1]), "no item"),
                n_boundary_ties: all.boundary[k - 1],
                mean_recall: mean(recall.iter().copied().flatten(), "no label is a consensus"),
                recall,
            }
        })
        .collect();
    Ok(Ok(SoftTargets {
        kl: over(|i| i.kl),
        cross_entropy: over(|i| i.cross_entropy),
        jensen_shannon: over(|i| i.jensen_shannon),
        distance: over(|i| i.distance),
        k_best,
        n_clipped: items.iter().map(|i| u64::from(i.n_clipped)).sum(),
        n_renormalised: all.n_renormalised,
        n_bad_rows: all.n_bad_rows,
        n_labels,
        items,
    }))
}

/// Mean of numbers in 0..=1 with Wilson's interval of a share: credits of a tie are fractions.
pub(super) fn fraction(credits: impl Iterator<Item = f64>) -> Statistic {
    let (n, sum) = credits.fold((0_usize, 0.0), |(n, sum), c| (n + 1, sum + c));
    if n == 0 {
        return Undefined::Because("no item".to_owned()).into();
    }
    let p = (sum / n as f64).clamp(0.0, 1.0);
    Statistic::Defined(Estimate {
        ci: Some(wilson(p, n as f64, 1.0)),
        method: Some(Method::Analytic),
        ..Estimate::new(p, n, 0)
    })
}

/// What some of the items add up to.
struct Block {
    items: Vec<TargetItem>,
    /// (hits, all) by k and label.
    recall: Vec<Vec<(f64, f64)>>,
    boundary: Vec<usize>,
    n_renormalised: usize,
    n_bad_rows: usize,
}

impl Block {
    fn new(n_labels: usize, most_k: usize) -> Self {
        Self {
            items: Vec::new(),
            recall: vec![vec![(0.0, 0.0); n_labels]; most_k],
            boundary: vec![0; most_k],
            n_renormalised: 0,
            n_bad_rows: 0,
        }
    }

    fn append(&mut self, other: Self) {
        self.items.extend(other.items);
        for (own, more) in self.recall.iter_mut().flatten().zip(other.recall.iter().flatten()) {
            own.0 += more.0;
            own.1 += more.1;
        }
        self.boundary.iter_mut().zip(&other.boundary).for_each(|(own, more)| *own += more);
        self.n_renormalised += other.n_renormalised;
        self.n_bad_rows += other.n_bad_rows;
    }
}

fn block(
    votes: &VoteCounts,
    n_labels: usize,
    model: &Probabilities,
    most_k: usize,
    items: std::ops::Range<usize>,
) -> Block {
    let mut found = Block::new(n_labels, most_k);
    let (mut row, mut counts) = (vec![0.0; n_labels], vec![0_u32; n_labels]);
    for item in items {
        if votes.total(item) == 0 {
            continue;
        }
        model.read(item, &mut row);
        let sum: f64 = row.iter().sum();
        if row.iter().any(|q| !q.is_finite() || *q < 0.0) || !sum.is_finite() || sum <= 0.0 {
            found.n_bad_rows += 1;
            continue;
        }
        if (sum - 1.0).abs() > TOLERANCE {
            found.n_renormalised += 1;
            row.iter_mut().for_each(|q| *q /= sum);
        }
        fill(votes, item, &mut counts);
        let Some(compared) = compare(item as u32, &counts, &row, most_k) else { continue };
        for (label, rank) in item::consensus_ranks(&counts, &row) {
            for k in 1..=most_k {
                let slot = &mut found.recall[k - 1][label];
                let part = 1.0 / f64::from(compared.n_consensus);
                slot.0 += if rank <= k { part } else { 0.0 };
                slot.1 += part;
            }
        }
        for k in 1..=most_k {
            found.boundary[k - 1] += usize::from(compared.tied_at & (1 << k) != 0);
        }
        found.items.push(compared);
    }
    found
}
