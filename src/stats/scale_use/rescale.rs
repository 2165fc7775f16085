//! Putting raters on one scale without asking them again, and interval alpha of the numbers that come of it.

use rayon::prelude::*;

use super::{Bins, RaterUse};
use crate::dataset::Annotations;
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;

/// Ratings that a rater needs to be rescaled by what they gave.
pub const LEAST_RATINGS: usize = 5;
/// The rubric of Wadhwa et al. (2024): how complete an answer is, and what that is worth out of 100.
pub const RUBRIC: [(&str, f64); 4] =
    [("complete", 100.0), ("missing_minor", 70.0), ("missing_major", 30.0), ("missing_all", 0.0)];
/// Items that are added up together; sums run over such chunks in order, whatever the number of threads.
const CHUNK: usize = 8192;
/// Numbers that are this close, in units of their scale, are taken for the same.
const ROUNDING: f64 = 1e-9;

/// The anchors of labels that are all words of [`RUBRIC`]; `None` for any others.
pub fn rubric_values(names: &[String]) -> Option<Vec<f64>> {
    let anchor = |name: &String| RUBRIC.iter().find(|r| r.0 == name).map(|r| r.1);
    if names.is_empty() { None } else { names.iter().map(anchor).collect() }
}

/// A way to rescale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rescaling {
    /// As they were given.
    AsGiven,
    /// (value − the rater's mean)/the rater's standard deviation (n − 1).
    StandardScore,
    /// (mid-rank − ½)/n among the rater's values: the middle of each step of their distribution function, in 0..=1.
    MidRank,
}

impl Rescaling {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::AsGiven, Self::StandardScore, Self::MidRank];
}

/// Why a rater's ratings are as they were.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeftRaw {
    /// Fewer than [`LEAST_RATINGS`].
    Few,
    /// All the same: their standard deviation is 0.
    Constant,
}

/// What each rater's values become.
#[derive(Debug, Clone)]
pub struct Scales {
    of_rater: Vec<Option<Scale>>,
    /// How far apart numbers typically are: 1, or the length of the scale.
    unit: f64,
}

#[derive(Debug, Clone)]
enum Scale {
    AsGiven,
    Standard {
        mean: f64,
        sd: f64,
    },
    /// Values, ascending, with what they become.
    Ranks(Vec<(f64, f64)>),
}

impl Scales {
    /// As they were given, by everybody.
    pub fn given(votes: &Annotations, bins: &Bins) -> Self {
        let (low, high) = bins.range();
        Self { of_rater: vec![Some(Scale::AsGiven); votes.n_raters()], unit: high - low }
    }

    /// Of the raters of `votes`, as [`scale_use`](super::scale_use) found them. Those that are left raw have none: next to rescaled numbers
    /// theirs would be on another scale.
    pub fn new(
        votes: &Annotations,
        values: &[f64],
        bins: &Bins,
        raters: &[RaterUse],
        how: Rescaling,
    ) -> Self {
        let made: Vec<(usize, Scale)> = raters
            .par_iter()
            .filter(|r| r.left_raw.is_none())
            .map(|r| {
                let scale = match how {
                    Rescaling::AsGiven => Scale::AsGiven,
                    // Who is not left raw has five ratings, of which two differ.
                    Rescaling::StandardScore => Scale::Standard { mean: r.mean, sd: r.sd.unwrap_or(1.0) },
                    Rescaling::MidRank => {
                        let own = votes.of_rater(r.rater as usize).map(|a| values[a.label as usize] + 0.0);
                        Scale::Ranks(ranks(own.collect()))
                    }
                };
                (r.rater as usize, scale)
            })
            .collect();
        let mut of_rater = vec![None; votes.n_raters()];
        made.into_iter().for_each(|(rater, scale)| of_rater[rater] = Some(scale));
        let unit = if how == Rescaling::AsGiven { Self::given(votes, bins).unit } else { 1.0 };
        Self { of_rater, unit }
    }

    /// What a value of a rater becomes; `None` for a rater who is left raw.
    pub fn of(&self, rater: u32, value: f64) -> Option<f64> {
        Some(match self.of_rater.get(rater as usize)?.as_ref()? {
            Scale::AsGiven => value,
            Scale::Standard { mean, sd } => (value - mean) / sd,
            Scale::Ranks(ranks) => ranks.get(ranks.partition_point(|r| r.0 < value))?.1,
        })
    }
}

fn ranks(mut values: Vec<f64>) -> Vec<(f64, f64)> {
    values.sort_by(f64::total_cmp);
    let n = values.len() as f64;
    let mut below = 0.0;
    let step = |run: &[f64]| {
        let own = run.len() as f64;
        let rank = (run[0], (below + 0.5 * own) / n);
        below += own;
        rank
    };
    values.chunk_by(|a, b| a == b).map(step).collect()
}

/// Krippendorff's alpha with the interval metric, of numbers that need not be labels.
///
/// α = 1 − (n − 1)/n · Σ_u m_u SS_u/(m_u − 1) / SS over items u with m_u ≥ 2 numbers, n of them in all, SS about the means of items and about
/// that of all. Undefined where no item has two numbers, and where all numbers are the same but for rounding.
pub fn interval_alpha(
    votes: &Annotations,
    values: &[f64],
    scales: &Scales,
    progress: &Progress,
) -> Result<Result<f64, Undefined>, Cancelled> {
    let numbers = |item: usize, own: &mut Vec<f64>| {
        own.clear();
        own.extend(votes.of_item(item).filter_map(|a| scales.of(a.rater, values[a.label as usize])));
    };
    // Of each chunk, what `of` makes of the numbers of every item with two or more.
    let over_items = |of: &(dyn Fn(&[f64]) -> [f64; 2] + Sync)| -> Result<[f64; 2], Cancelled> {
        let chunks: Vec<[f64; 2]> = (0..votes.n_items().div_ceil(CHUNK))
            .into_par_iter()
            .map(|chunk| {
                progress.check()?;
                let (mut sums, mut own) = ([0.0; 2], Vec::new());
                for item in chunk * CHUNK..((chunk + 1) * CHUNK).min(votes.n_items()) {
                    numbers(item, &mut own);
                    if own.len() > 1 {
                        sums.iter_mut().zip(of(&own)).for_each(|(sum, v)| *sum += v);
                    }
                }
                Ok(sums)
            })
            .collect::<Result<_, Cancelled>>()?;
        let mut sums = [0.0; 2];
        chunks.iter().for_each(|chunk| sums.iter_mut().zip(chunk).for_each(|(sum, v)| *sum += v));
        Ok(sums)
    };
    let [n, sum] = over_items(&|own| [own.len() as f64, own.iter().sum()])?;
    if n == 0.0 {
        return Ok(Err(Undefined::NoPairableItem));
    }
    let centre = sum / n;
    let [within, whole] = over_items(&|own| {
        let m = own.len() as f64;
        let mean = own.iter().sum::<f64>() / m;
        let squares = |about: f64| own.iter().map(|v| (v - about).powi(2)).sum::<f64>();
        [m / (m - 1.0) * squares(mean), squares(centre)]
    })?;
    if whole <= n * (ROUNDING * scales.unit).powi(2) {
        return Ok(Err(Undefined::NoVariation));
    }
    Ok(Ok(1.0 - (n - 1.0) / n * within / whole))
}
