//! Norms: how sure is the mean that people give an item, and how well could anything agree with it at best?
//!
//! Split-half reliability: raters of each item in two random halves, Pearson's r_h of the halves' means over items, stepped up by Spearman
//! (1910) and Brown (1910) to r = 2 r_h/(1 + r_h). Where only means, SDs and numbers of raters are known, 1 − mean(SD²/n)/Var(means).
//! √r is the ceiling of a correlation with the means, and r_xy/√r what it would be without the raters' noise (Spearman 1904);
//! above 1 it is shown as it is, since then one of the two is misjudged. (Conde et al. 2025, *Adding LLMs to the psycholinguistic norming
//! toolbox*.)

use rayon::prelude::*;

use super::Undefined;
use super::correlation::Correlation;
use super::random::Stream;
use crate::dataset::Annotations;
use crate::progress::{Cancelled, Progress};

/// Raters below which an item's mean is hardly known.
pub const FEW: u32 = 5;

/// What people say of an item.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Norm {
    /// Mean of the ratings.
    pub mean: f64,
    /// Their standard deviation (n − 1); `None` for one.
    pub sd: Option<f64>,
    /// Ratings.
    pub n: u32,
}

impl Norm {
    /// Standard error of the mean.
    pub fn sem(&self) -> Option<f64> {
        self.sd.map(|sd| sd / f64::from(self.n).sqrt())
    }
}

/// One an item; `None` without a rating. `values` has a number a label.
pub fn norms(votes: &Annotations, values: &[f64]) -> Vec<Option<Norm>> {
    (0..votes.n_items())
        .map(|item| {
            let own = || votes.labels_of(item).iter().filter_map(|&l| values.get(l as usize));
            let n = own().count();
            let mean = own().sum::<f64>() / n as f64;
            let squares: f64 = own().map(|v| (v - mean).powi(2)).sum();
            (n > 0).then(|| Norm {
                mean,
                sd: (n > 1).then(|| (squares / (n - 1) as f64).sqrt()),
                n: n as u32,
            })
        })
        .collect()
}

/// Reliability of the means by halves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SplitHalf {
    /// Mean over splits, stepped up to all raters.
    pub reliability: f64,
    /// From the 2.5th to the 97.5th percentile of splits.
    pub interval: (f64, f64),
    /// Splits that count.
    pub splits: u32,
    /// Splits without a value: constant halves, or r_h = −1.
    pub dropped: u32,
    /// Items with two ratings or more.
    pub n_items: usize,
}

const MOST_SPLITS: u64 = 1_000;
const WORK: u64 = 200_000_000;

/// Halves every item's ratings again and again.
///
/// # Errors
/// If it was cancelled.
pub fn split_half(
    votes: &Annotations,
    values: &[f64],
    seed: u64,
    progress: &Progress,
) -> Result<Result<SplitHalf, Undefined>, Cancelled> {
    let items: Vec<usize> = (0..votes.n_items()).filter(|&i| votes.count(i) > 1).collect();
    if items.len() < 3 {
        return Ok(Err(Undefined::Because("fewer than three items have two ratings".to_owned())));
    }
    let splits = (WORK / (votes.len() as u64).max(1)).clamp(20, MOST_SPLITS);
    let found: Vec<Result<Option<f64>, Cancelled>> = (0..splits)
        .into_par_iter()
        .map(|split| {
            progress.check()?;
            let mut rng = Stream::new(seed, split);
            let (mut first, mut second, mut own) = (Vec::new(), Vec::new(), Vec::new());
            for &item in &items {
                own.clear();
                own.extend(votes.labels_of(item).iter().filter_map(|&l| values.get(l as usize).copied()));
                if own.len() < 2 {
                    continue;
                }
                rng.shuffle(&mut own);
                let (a, b) = own.split_at(own.len() / 2);
                let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
                // With an odd number, either half is the larger one.
                let (a, b) = if rng.below(2) == 0 { (a, b) } else { (b, a) };
                first.push(mean(a));
                second.push(mean(b));
            }
            Ok(stepped_up(&first, &second))
        })
        .collect();
    let found: Vec<Option<f64>> = found.into_iter().collect::<Result<_, _>>()?;
    let mut known: Vec<f64> = found.iter().flatten().copied().collect();
    known.sort_unstable_by(f64::total_cmp);
    let n = known.len();
    if n == 0 {
        return Ok(Err(Undefined::Because("halves of the ratings are constant".to_owned())));
    }
    let at = |share: f64| known[((share * (n - 1) as f64).round() as usize).min(n - 1)];
    Ok(Ok(SplitHalf {
        reliability: known.iter().sum::<f64>() / n as f64,
        interval: (at(0.025), at(0.975)),
        splits: n as u32,
        dropped: splits as u32 - n as u32,
        n_items: items.len(),
    }))
}

/// Spearman and Brown's 2r/(1 + r) of two halves' means.
fn stepped_up(first: &[f64], second: &[f64]) -> Option<f64> {
    let r = Correlation::Pearson.of(first, second).ok()?;
    (1.0 + r > 1e-12).then(|| 2.0 * r / (1.0 + r))
}

/// Reliability of means from their SDs and numbers of raters alone: 1 − mean(SD²/n)/Var(means), the variance by n − 1.
///
/// Undefined for fewer than two items, and for means that do not vary. Items without an SD are left out.
pub fn reliability_of_means(norms: &[Norm]) -> Result<f64, Undefined> {
    let known: Vec<(f64, f64)> =
        norms.iter().filter_map(|n| n.sem().map(|sem| (n.mean, sem * sem))).collect();
    if known.len() < 2 {
        return Err(Undefined::Because("fewer than two items have an SD".to_owned()));
    }
    let n = known.len() as f64;
    let mean = known.iter().map(|k| k.0).sum::<f64>() / n;
    let variance = known.iter().map(|k| (k.0 - mean).powi(2)).sum::<f64>() / (n - 1.0);
    let noise = known.iter().map(|k| k.1).sum::<f64>() / n;
    if variance > 0.0 {
        Ok(1.0 - noise / variance)
    } else {
        Err(Undefined::Because("all means are equal".to_owned()))
    }
}

/// A correlation as it would be without the raters' noise; may exceed 1. `None` for a reliability of 0 or less.
pub fn disattenuated(r: f64, reliability: f64) -> Option<f64> {
    (reliability > 0.0).then(|| r / reliability.sqrt())
}

/// How far a machine's ratings are from the means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Offset {
    /// Mean of machine minus people.
    pub bias: f64,
    /// Mean distance.
    pub mae: f64,
    /// Items with both.
    pub n: usize,
}

/// Of pairs (people's mean, machine); `None` without one.
pub fn offset(pairs: &[(f64, f64)]) -> Option<Offset> {
    let n = pairs.len();
    (n > 0).then(|| Offset {
        bias: pairs.iter().map(|p| p.1 - p.0).sum::<f64>() / n as f64,
        mae: pairs.iter().map(|p| (p.1 - p.0).abs()).sum::<f64>() / n as f64,
        n,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::AnnotationsBuilder;

    const RATINGS: [[u32; 4]; 6] =
        [[1, 2, 1, 2], [3, 3, 4, 2], [5, 4, 5, 5], [2, 2, 3, 1], [4, 5, 4, 3], [6, 7, 6, 5]];

    fn votes() -> (Annotations, Vec<f64>) {
        let mut builder = AnnotationsBuilder::new();
        for (item, labels) in RATINGS.iter().enumerate() {
            labels.iter().enumerate().for_each(|(r, &l)| builder.push(item as u32, r as u32, l, None));
        }
        (builder.finish(6, 4), (0..8).map(f64::from).collect())
    }

    #[test]
    fn halves_of_the_worked_example() {
        let half = |raters: [usize; 2]| -> Vec<f64> {
            RATINGS.iter().map(|r| raters.iter().map(|&k| f64::from(r[k])).sum::<f64>() / 2.0).collect()
        };
        for (a, b, want) in
            [([0, 1], [2, 3], 0.973_780), ([0, 2], [1, 3], 0.950_947), ([0, 3], [1, 2], 0.962_119)]
        {
            let found = stepped_up(&half(a), &half(b)).unwrap();
            assert!((found - want).abs() < 1e-6, "{found} {want}");
        }
        let (votes, values) = votes();
        let found = split_half(&votes, &values, 1, &Progress::new()).unwrap().unwrap();
        assert!((0.90..0.99).contains(&found.reliability) && found.dropped == 0, "{found:?}");
        assert!(found.interval.0 < found.reliability && found.reliability < found.interval.1);
    }

    #[test]
    fn means_and_their_errors() {
        let (votes, values) = votes();
        let all: Vec<Norm> = norms(&votes, &values).into_iter().flatten().collect();
        assert_eq!(all.iter().map(|n| n.mean).collect::<Vec<_>>(), [1.5, 3.0, 4.75, 2.0, 4.0, 6.0]);
        assert!(
            (all[0].sd.unwrap() - 0.577_350).abs() < 1e-6 && (all[0].sem().unwrap() - 0.288_675).abs() < 1e-6
        );
        // Of a complete table it is ICC(1,k).
        let reliability = reliability_of_means(&all).unwrap();
        assert!((reliability - 0.953_472).abs() < 1e-6, "{reliability}");
        assert!((reliability.sqrt() - 0.976_459).abs() < 1e-6);
        assert!((disattenuated(0.963_965, reliability).unwrap() - 0.987_205).abs() < 2e-6);
        let pairs: Vec<(f64, f64)> = all.iter().map(|n| n.mean).zip([2.0, 3.0, 6.0, 3.0, 4.0, 7.0]).collect();
        assert!((offset(&pairs).unwrap().bias - 0.625).abs() < 1e-12);
    }

    #[test]
    fn too_little_is_undefined() {
        let norm = |mean, sd| Norm { mean, sd, n: 3 };
        assert!(reliability_of_means(&[norm(1.0, Some(1.0))]).is_err());
        assert!(reliability_of_means(&[norm(1.0, Some(1.0)), norm(1.0, Some(2.0))]).is_err());
        assert!(disattenuated(0.5, -0.1).is_none() && offset(&[]).is_none());
    }
}
