//! Items that are like no other.

use super::{Neighbours, quantile, sorted};
use crate::dataset::{LabelId, NO_LABEL, Probabilities};
use crate::progress::{Cancelled, Progress};

/// A mean distance this many interquartile ranges above the upper quartile is an outlier's: 1 / 0.37037 − 1.
const RANGES: f64 = 1.0 / 0.37037 - 1.0;
/// The median is at least this.
const TINY: f64 = 1e-6;
/// An item is an outlier by probabilities where its score is below this share of the median.
const BELOW: f64 = 0.13;

/// Outliers among items.
#[derive(Debug, Clone, PartialEq)]
pub struct Outliers {
    /// Mean distance to the neighbours, one an item; `None` for items without any.
    pub distance: Vec<Option<f64>>,
    /// exp(−distance / median distance), in 0..=1: low is far from all others.
    pub score: Vec<Option<f64>>,
    /// Distances above this are outliers'.
    pub threshold: f64,
    /// Outliers, the farthest first, ties by item.
    pub items: Vec<u32>,
}

/// Items whose neighbours are far (cleanlab's rule: mean distance above Q3 + 1.7 · IQR).
pub fn outliers(neighbours: &Neighbours) -> Outliers {
    let mean = |item: usize| {
        let (near, distances) = neighbours.of(item);
        (!near.is_empty()).then(|| distances.iter().sum::<f64>() / near.len() as f64)
    };
    let distance: Vec<Option<f64>> = (0..neighbours.len()).map(mean).collect();
    let all = sorted(distance.iter().flatten().copied());
    let at = |p: f64| quantile(&all, p).unwrap_or(0.0);
    let median = at(0.5).max(TINY);
    let threshold = at(0.75) + RANGES * (at(0.75) - at(0.25));
    let none = neighbours.metric.tolerance();
    let score = |d: &Option<f64>| d.map(|d| if d < none { 1.0 } else { (-d / median).exp() });
    let score = distance.iter().map(score).collect();
    let far = |&item: &u32| distance[item as usize].is_some_and(|d| d > threshold);
    let mut items: Vec<u32> = (0..distance.len() as u32).filter(far).collect();
    items.sort_by(|&a, &b| {
        let of = |i: u32| distance[i as usize].unwrap_or(0.0);
        of(b).total_cmp(&of(a)).then(a.cmp(&b))
    });
    Outliers { distance, score, threshold, items }
}

/// Score and outliers by probabilities alone: 1 − entropy ÷ its maximum, after the labels' mean probabilities where given have been
/// taken off, clipped at the lowest and rescaled; an outlier where it is below 0.13 of the median.
///
/// `labels` as for confident learning. Rows without a label are scored too.
pub fn outliers_by_probabilities(
    labels: &[LabelId],
    probabilities: &Probabilities,
    progress: &Progress,
) -> Result<(Vec<f64>, Vec<bool>), Cancelled> {
    let (n, k) = (probabilities.rows(), probabilities.cols());
    let (mut sums, mut counts) = (vec![0.0; k], vec![0.0; k]);
    for item in (0..n).filter(|&i| labels[i] != NO_LABEL) {
        if item % 4096 == 0 {
            progress.check()?;
        }
        let label = labels[item] as usize;
        sums[label] += probabilities.row(item)[label];
        counts[label] += 1.0;
    }
    let mean: Vec<f64> = sums.iter().zip(&counts).map(|(s, &n)| if n > 0.0 { s / n } else { 0.0 }).collect();
    let highest = mean.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut scores = Vec::with_capacity(n);
    for item in 0..n {
        if item % 4096 == 0 {
            progress.check()?;
        }
        let mut row = probabilities.row(item);
        row.iter_mut().zip(&mean).for_each(|(p, m)| *p += highest - m);
        let sum: f64 = row.iter().sum();
        let entropy: f64 = row.iter().map(|p| p / sum).filter(|&p| p > 0.0).map(|p| -p * p.ln()).sum();
        scores.push((1.0 - entropy / (k as f64).ln()).clamp(0.0, 1.0));
    }
    let median = quantile(&sorted(scores.iter().copied()), 0.5).unwrap_or(0.0);
    let flags = scores.iter().map(|&s| s < BELOW * median).collect();
    Ok((scores, flags))
}
