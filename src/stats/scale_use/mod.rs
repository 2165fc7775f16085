//! How raters use a scale: where on it their ratings lie, how far they are from those of others on the same items, in which order they put
//! items, and how far raters agree once each is put on one scale.
//!
//! A rater who is only stricter, or keeps to the middle, gives the items the order that others give them: Kendall's τ_b of two raters on
//! the items of both does not see it, interval alpha does. Standard scores and mid-ranks within raters take such differences away and keep
//! each rater's order, so that alpha moves with them and τ_b does not (Wadhwa, M. et al. 2024, *Using Natural Language Explanations to
//! Rescale Human Judgments*).

mod bins;
mod rescale;
#[cfg(test)]
mod tests;

use rayon::prelude::*;

pub use bins::{Bins, MOST_BINS};
pub use rescale::{LEAST_RATINGS, LeftRaw, RUBRIC, Rescaling, Scales, interval_alpha, rubric_values};

use super::agreement::{Kind, Levels, ReliabilityData, Spec, benjamini_hochberg, pairwise};
use super::correlation::two_sided_p;
use super::{Statistic, Undefined};
use crate::dataset::Annotations;
use crate::progress::{Cancelled, Progress};

/// Most raters who are looked at one by one.
pub const MOST_RATERS: usize = 200_000;
/// Most raters who are compared two by two.
pub const MOST_PAIRED: usize = 1_000;
/// Most items that are kept of those on which a rater is farthest from the others.
pub const MOST_FARTHEST: usize = 200;
/// Items of both that two raters need for their τ_b to count.
pub const LEAST_COMMON: usize = 10;

/// How far a rater is from the others of the same items.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Severity {
    /// Mean over items of the rater's number less the mean of the others', in units of the scale.
    pub mean: f64,
    /// Items that others rated too.
    pub n_items: usize,
    /// P(as far from 0, if it were 0) by Student's t over items; `None` for a single item.
    pub p_value: Option<f64>,
    /// The same, adjusted over all raters (Benjamini & Hochberg 1995).
    pub adjusted: Option<f64>,
}

/// How one rater uses the scale.
#[derive(Debug, Clone, PartialEq)]
pub struct RaterUse {
    /// The rater.
    pub rater: u32,
    /// Ratings.
    pub n: usize,
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation (n − 1); `None` for a single rating.
    pub sd: Option<f64>,
    /// Shares of the ratings at the lowest and at the highest label of the scale.
    pub ends: (f64, f64),
    /// Ratings by bin.
    pub counts: Vec<u32>,
    /// What others said of the same items: shares by bin, each item alike. Empty where nobody else rated them.
    pub others: Vec<f64>,
    /// How far from the others; `None` where no item was rated by anybody else.
    pub severity: Option<Severity>,
    /// Items on which the rater is farthest from the mean of the others, from the farthest on, ties by item; at most [`MOST_FARTHEST`].
    pub farthest: Vec<u32>,
    /// Why the rater's numbers cannot be rescaled, where they cannot.
    pub left_raw: Option<LeftRaw>,
}

/// Every rater with a rating, by number.
///
/// `votes` have one label a rater and item; `values` has a finite number for every label. Undefined without ratings and for more than
/// [`MOST_RATERS`] raters.
pub fn scale_use(
    votes: &Annotations,
    values: &[f64],
    bins: &Bins,
    progress: &Progress,
) -> Result<Result<Vec<RaterUse>, Undefined>, Cancelled> {
    if votes.is_empty() {
        return Ok(Err(Undefined::NoAnnotations));
    }
    if votes.n_raters() > MOST_RATERS {
        let why = format!("there are more than {MOST_RATERS} raters");
        return Ok(Err(Undefined::Because(why)));
    }
    progress.stage("Raters on the scale", votes.n_raters() as u64);
    let value = |label: u32| values[label as usize];
    let width = bins.len();
    // Of each item Σ of its numbers; of each rater what others said, by bin.
    let mut sums = vec![0.0; votes.n_items()];
    let mut others = vec![0.0; votes.n_raters() * width];
    let mut own = vec![0_u32; width];
    for (item, sum) in sums.iter_mut().enumerate() {
        if item % 4096 == 0 {
            progress.check()?;
        }
        let labels = votes.labels_of(item);
        *sum = labels.iter().map(|&l| value(l)).sum();
        if labels.len() < 2 {
            continue;
        }
        own.fill(0);
        labels.iter().for_each(|&l| own[bins.of(l)] += 1);
        let each = 1.0 / (labels.len() - 1) as f64;
        for (&rater, &label) in votes.raters_of(item).iter().zip(labels) {
            let row = &mut others[rater as usize * width..][..width];
            row.iter_mut().zip(&own).for_each(|(sum, &n)| *sum += each * f64::from(n));
            row[bins.of(label)] -= each;
        }
    }
    let (low, high) = bins.range();
    let used = (0..votes.n_raters()).into_par_iter().map(|rater| {
        progress.check()?;
        progress.add(1);
        let n = votes.rows_of_rater(rater).len();
        if n == 0 {
            return Ok(None);
        }
        let numbers = || votes.of_rater(rater).map(|a| value(a.label));
        let mean = numbers().sum::<f64>() / n as f64;
        let squares: f64 = numbers().map(|v| (v - mean).powi(2)).sum();
        let share = |end: f64| numbers().filter(|&v| v == end).count() as f64 / n as f64;
        let mut counts = vec![0_u32; width];
        votes.of_rater(rater).for_each(|a| counts[bins.of(a.label)] += 1);
        let first = value(votes.at(votes.rows_of_rater(rater)[0] as usize).label);
        let left_raw = if n < LEAST_RATINGS {
            Some(LeftRaw::Few)
        } else {
            numbers().all(|v| v == first).then_some(LeftRaw::Constant)
        };
        let mut apart: Vec<(f64, u32)> = votes
            .of_rater(rater)
            .filter_map(|a| {
                let rest = (votes.count(a.item as usize) - 1) as f64;
                let v = value(a.label);
                (rest > 0.0).then(|| (v - (sums[a.item as usize] - v) / rest, a.item))
            })
            .collect();
        let severity = severity(&apart);
        let mut shares = Vec::new();
        if let Some(severity) = &severity {
            let row = &others[rater * width..][..width];
            // What was taken off again may leave a trace of rounding below 0.
            shares.extend(row.iter().map(|sum| (sum / severity.n_items as f64).max(0.0)));
        }
        let farthest = farthest(&mut apart);
        Ok(Some(RaterUse {
            rater: rater as u32,
            n,
            mean,
            sd: (n > 1).then(|| (squares / (n - 1) as f64).sqrt()),
            ends: (share(low), share(high)),
            counts,
            others: shares,
            severity,
            farthest,
            left_raw,
        }))
    });
    let used: Vec<Option<RaterUse>> = used.collect::<Result<_, Cancelled>>()?;
    let mut used: Vec<RaterUse> = used.into_iter().flatten().collect();
    let adjusted = benjamini_hochberg(used.iter().map(|u| u.severity?.p_value));
    for (rater, adjusted) in used.iter_mut().zip(adjusted) {
        if let Some(severity) = &mut rater.severity {
            severity.adjusted = adjusted;
        }
    }
    Ok(Ok(used))
}

/// The mean of differences and its test.
fn severity(apart: &[(f64, u32)]) -> Option<Severity> {
    let n = apart.len();
    if n == 0 {
        return None;
    }
    let mean = apart.iter().map(|a| a.0).sum::<f64>() / n as f64;
    let squares: f64 = apart.iter().map(|a| (a.0 - mean).powi(2)).sum();
    let p_value = (n >= LEAST_RATINGS).then(|| {
        let se = (squares / (n - 1) as f64 / n as f64).sqrt();
        if mean == 0.0 {
            1.0
        } else if se <= 1e-9 * mean.abs() {
            // Always just as far: the spread says nothing, the signs do.
            0.5_f64.powi((n - 1).min(1_000) as i32)
        } else {
            two_sided_p(mean / se, (n - 1) as f64)
        }
    });
    Some(Severity { mean, n_items: n, p_value, adjusted: None })
}

/// The items of the largest differences.
fn farthest(apart: &mut Vec<(f64, u32)>) -> Vec<u32> {
    let order = |a: &(f64, u32), b: &(f64, u32)| b.0.abs().total_cmp(&a.0.abs()).then(a.1.cmp(&b.1));
    apart.retain(|a| a.0 != 0.0);
    if apart.len() > MOST_FARTHEST {
        apart.select_nth_unstable_by(MOST_FARTHEST, order);
        apart.truncate(MOST_FARTHEST);
    }
    apart.sort_unstable_by(order);
    apart.iter().map(|a| a.1).collect()
}

/// Two raters.
#[derive(Debug, Clone, PartialEq)]
pub struct RaterPair {
    /// The lower number.
    pub a: u32,
    /// The higher number.
    pub b: u32,
    /// Items that both rated.
    pub n_items: usize,
    /// Kendall's τ_b on them; undefined where one of the two gives one value throughout.
    pub tau: Result<f64, Undefined>,
}

/// In how far raters put items in the same order.
#[derive(Debug, Clone, PartialEq)]
pub struct PairwiseTau {
    /// Pairs with enough items in common, by number.
    pub pairs: Vec<RaterPair>,
    /// Mean of the defined τ_b, each pair alike.
    pub mean: Result<f64, Undefined>,
    /// Pairs with fewer items in common, but at least one.
    pub n_few: usize,
}

/// τ_b of every two raters with at least `least` items in common ([`LEAST_COMMON`] is usual).
///
/// Undefined for fewer than two raters, more than [`MOST_PAIRED`], and where nothing can be paired.
pub fn pairwise_tau(votes: &Annotations, values: &[f64], least: usize) -> Result<PairwiseTau, Undefined> {
    let n_raters = (0..votes.n_raters()).filter(|&r| !votes.rows_of_rater(r).is_empty()).count();
    if n_raters < 2 {
        return Err(Undefined::FewerThanTwoRaters);
    }
    if n_raters > MOST_PAIRED {
        return Err(Undefined::Because(format!(
            "more than {MOST_PAIRED} raters are not compared two by two"
        )));
    }
    let finite = || Undefined::Because("a number is not finite".to_owned());
    let data = ReliabilityData::new(votes, Levels::new(values.to_vec()).ok_or_else(finite)?);
    let mut n_few = 0;
    let mut pairs = Vec::new();
    for pair in pairwise(&data, &Spec::new(Kind::KendallTau))? {
        if pair.n_items < least.max(2) {
            n_few += 1;
            continue;
        }
        let tau = match pair.value {
            Statistic::Defined(e) => Ok(e.value),
            Statistic::Undefined(reason) => Err(reason),
        };
        pairs.push(RaterPair { a: pair.a, b: pair.b, n_items: pair.n_items, tau });
    }
    let known = || pairs.iter().filter_map(|p| p.tau.as_ref().ok());
    let n = known().count();
    let mean = if n > 0 {
        Ok(known().sum::<f64>() / n as f64)
    } else {
        Err(Undefined::Because(format!("no two raters have {least} items in common on which both vary")))
    };
    Ok(PairwiseTau { pairs, mean, n_few })
}
