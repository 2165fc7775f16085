//! How far raters agree, beyond chance or not.
//!
//! Every function takes the [`Annotations`] and the number of labels; labels outside the set take no part.
//! Repeats by one rater are counted as they stand (resolve them first,
//! [`Annotations::resolved`](crate::dataset::Annotations::resolved)), but for Cohen's kappa, which needs one
//! label a rater. A coefficient that cannot be computed says why, in this order: no annotations, fewer than two
//! raters, no item with two annotations, no variation. With a single item there is an estimate but no interval.
//!
//! Intervals are 95 %: Gwet's linearised variance with Student's t for percent agreement, Fleiss' kappa and
//! Krippendorff's alpha (Gwet 2014, *Handbook of Inter-Rater Reliability*, 4th ed., ch. 5–6), the large-sample
//! variance of Fleiss, Cohen & Everitt (1969) for Cohen's. Below about 50 items they are too optimistic.

mod alpha;
mod clusters;
mod cohen;
mod fleiss;
mod percent;
mod student;

pub use alpha::{krippendorff_alpha_nominal, krippendorff_alpha_per_label};
pub use clusters::{MAX_CLUSTERED, cluster_order};
pub use cohen::{CohenKappa, KappaPair, PairwiseKappa, cohen_kappa, pairwise_cohen_kappa};
pub use fleiss::fleiss_kappa;
pub use percent::percent_agreement;

use crate::dataset::Annotations;
use crate::stats::variation::VoteCounts;
use crate::stats::{Estimate, Undefined};

/// Vote counts with the sample sizes that coefficients report.
struct Sample {
    votes: VoteCounts,
    /// Items with a vote.
    n_rated: usize,
    /// Items with two votes or more.
    n_pairable: usize,
    /// Raters with a vote.
    n_raters: usize,
    /// Raters with a vote on a pairable item.
    n_raters_pairable: usize,
}

impl Sample {
    /// Counts, and refuses what no coefficient can be computed from.
    fn new(annotations: &Annotations, n_labels: usize) -> Result<Self, Undefined> {
        let votes = VoteCounts::new(annotations, n_labels);
        let mut rated = vec![false; annotations.n_raters()];
        let mut pairable = vec![false; annotations.n_raters()];
        let (mut n_rated, mut n_pairable) = (0, 0);
        for item in 0..votes.n_items() {
            let total = votes.total(item);
            n_rated += usize::from(total >= 1);
            n_pairable += usize::from(total >= 2);
            for a in annotations.of_item(item).filter(|a| (a.label as usize) < n_labels) {
                rated[a.rater as usize] = true;
                pairable[a.rater as usize] |= total >= 2;
            }
        }
        let count = |flags: &[bool]| flags.iter().filter(|&&f| f).count();
        let (n_raters, n_raters_pairable) = (count(&rated), count(&pairable));
        if n_rated == 0 {
            Err(Undefined::NoAnnotations)
        } else if n_raters < 2 {
            Err(Undefined::FewerThanTwoRaters)
        } else if n_pairable == 0 {
            Err(Undefined::NoPairableItem)
        } else {
            Ok(Self { votes, n_rated, n_pairable, n_raters, n_raters_pairable })
        }
    }

    fn items(&self) -> std::ops::Range<usize> {
        0..self.votes.n_items()
    }
}

/// Number of ordered pairs of agreeing votes, Σ n (n − 1).
fn agreeing_pairs(counts: &[u32]) -> f64 {
    counts.iter().map(|&n| f64::from(n) * (f64::from(n) - 1.0)).sum()
}

/// `value` ± t(`df`) · se with the upper limit at most 1, where the variance can be estimated (`n` ≥ 2).
/// `sum_of_squares` is Σ (linearised value − value)² over the `n` items.
fn linearised(value: f64, sum_of_squares: f64, n: usize, df: usize) -> Option<(f64, f64)> {
    if n < 2 {
        return None;
    }
    let n = n as f64;
    let half = student::t_975(df) * (sum_of_squares / (n * (n - 1.0))).sqrt();
    half.is_finite().then(|| (value - half, (value + half).min(1.0)))
}

/// An estimate on the sample.
fn estimate(value: f64, ci: Option<(f64, f64)>, n_items: usize, n_raters: usize) -> Estimate {
    Estimate { value, ci, n_items, n_raters }
}

#[cfg(test)]
mod tests;
