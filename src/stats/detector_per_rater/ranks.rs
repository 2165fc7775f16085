//! Which detector is best, rater by rater.

use super::DetectorReport;
use crate::dataset::AnnotationsBuilder;
use crate::stats::Undefined;
use crate::stats::agreement::{KendallW, Levels, ReliabilityData, concordance};

/// Two detectors that not all raters put in one order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flip {
    /// Numbers of the detectors, the lower first.
    pub detectors: (usize, usize),
    /// Raters for whom the first is the better one, and for whom the second is.
    pub n_raters: (u64, u64),
}

/// Detectors ranked by AP with each rater as the truth.
#[derive(Debug, Clone, PartialEq)]
pub struct RankTable {
    /// Numbers of raters for whom all detectors have an AP, ascending.
    pub raters: Vec<usize>,
    /// For each of them, the rank of each detector: 1 for the highest AP, mid-ranks for ties.
    pub ranks: Vec<Vec<f64>>,
    /// Mean rank of each detector.
    pub mean_ranks: Vec<f64>,
    /// Kendall's W of the rankings: 1 where all raters rank alike. Undefined with one rater, and where all detectors are
    /// tied for each.
    pub concordance: Result<KendallW, Undefined>,
    /// Pairs of detectors that two raters put in opposite orders, by number.
    pub flips: Vec<Flip>,
    /// Pairs of raters and pairs of detectors that are in opposite orders.
    pub n_flips: u64,
    /// Pairs of raters times pairs of detectors.
    pub n_comparisons: u64,
}

/// Undefined for one detector, and where no rater has an AP for all.
pub(super) fn table(detectors: &[DetectorReport]) -> Result<RankTable, Undefined> {
    let n = detectors.len();
    if n < 2 {
        return Err(Undefined::Because("a ranking needs two detectors".to_owned()));
    }
    let precision =
        |d: usize, rater: usize| detectors[d].raters[rater].average_precision.as_ref().ok().copied();
    let n_raters = detectors[0].raters.len();
    let raters: Vec<usize> = (0..n_raters).filter(|&r| (0..n).all(|d| precision(d, r).is_some())).collect();
    if raters.is_empty() {
        return Err(Undefined::Because("no rater marked anything that all detectors scored".to_owned()));
    }
    let of_rater = |&rater: &usize| -> Vec<f64> { (0..n).filter_map(|d| precision(d, rater)).collect() };
    let values: Vec<Vec<f64>> = raters.iter().map(of_rater).collect();
    let doubled: Vec<Vec<u32>> = values.iter().map(|v| doubled_ranks(v)).collect();
    let halved = |ranks: &Vec<u32>| ranks.iter().map(|&r| 0.5 * f64::from(r)).collect::<Vec<f64>>();
    let ranks: Vec<Vec<f64>> = doubled.iter().map(halved).collect();
    let mean = |d: usize| ranks.iter().map(|r| r[d]).sum::<f64>() / raters.len() as f64;
    let (mut flips, mut n_flips) = (Vec::new(), 0);
    for a in 0..n {
        for b in a + 1..n {
            let better = doubled.iter().filter(|r| r[a] < r[b]).count() as u64;
            let worse = doubled.iter().filter(|r| r[a] > r[b]).count() as u64;
            if better > 0 && worse > 0 {
                flips.push(Flip { detectors: (a, b), n_raters: (better, worse) });
                n_flips += better * worse;
            }
        }
    }
    let pairs = |n: usize| (n * (n - 1) / 2) as u64;
    Ok(RankTable {
        mean_ranks: (0..n).map(mean).collect(),
        concordance: kendall_w(&doubled, n),
        flips,
        n_flips,
        n_comparisons: pairs(n) * pairs(raters.len()),
        raters,
        ranks,
    })
}

/// Twice the mid-ranks, the greatest value first.
fn doubled_ranks(values: &[f64]) -> Vec<u32> {
    let above = |v: f64| values.iter().filter(|x| **x > v).count();
    let tied = |v: f64| values.iter().filter(|x| **x == v).count();
    values.iter().map(|&v| (2 * above(v) + tied(v) + 1) as u32).collect()
}

fn kendall_w(doubled: &[Vec<u32>], n_detectors: usize) -> Result<KendallW, Undefined> {
    let mut all = AnnotationsBuilder::new();
    for (rater, ranks) in (0..).zip(doubled) {
        (0..).zip(ranks).for_each(|(detector, &rank)| all.push(detector, rater, rank, None));
    }
    let annotations = all.finish(n_detectors, doubled.len());
    concordance(&ReliabilityData::new(&annotations, Levels::positions(2 * n_detectors + 1)))
}
