//! A score of every unit (how likely is it an error, a hate word, a bad segment?) held against each rater by itself.
//!
//! Put together, raters hide how far a detector's figures hang on whose marks are the truth. Here each rater is the truth
//! once: average precision (AP), the best F1 over all thresholds (F1*), and F1 at the threshold that the other raters would
//! choose, which is the honest one. Beside them stand what another rater reaches (the ceiling) and what chance reaches (the
//! floor), and how far the score goes with the number of raters that mark a unit.
//!
//! A unit is flagged where its score is at or above the threshold; equal scores are flagged together. Raters without a
//! mark have no AP and no F1, and are left out of means. Units that a rater did not judge do not count for that rater;
//! units without a score (NaN) do not count for that detector.

mod counts;
mod curve;
mod humans;
mod ranks;
#[cfg(test)]
mod tests;

pub use counts::SizeCorrelation;
pub use curve::{BestF1, ChosenF1};
pub use humans::RaterCeiling;
pub use ranks::{Flip, RankTable};

use rayon::prelude::*;

use super::Undefined;
use crate::progress::{Cancelled, Progress};

/// Most raters and most detectors.
const MOST: usize = 512;
/// Most units times raters.
const MOST_CELLS: usize = 2_000_000_000;

/// Which raters marked which units.
#[derive(Debug, Clone)]
pub struct RaterMarks {
    n_units: usize,
    n_raters: usize,
    /// Unit by unit, one a rater: [`NO`], [`YES`] or [`UNJUDGED`].
    cells: Vec<u8>,
}

const NO: u8 = 0;
const YES: u8 = 1;
const UNJUDGED: u8 = 2;

impl RaterMarks {
    /// Nobody judged anything yet. Undefined for more than 512 raters, and for more units times raters than can be held.
    pub fn new(n_units: usize, n_raters: usize) -> Result<Self, Undefined> {
        let n = n_units.checked_mul(n_raters).filter(|&n| n <= MOST_CELLS && n_raters <= MOST);
        let Some(n) = n.filter(|_| u32::try_from(n_units).is_ok()) else {
            let reason = format!("{n_units} units of {n_raters} raters are too many");
            return Err(Undefined::Because(reason));
        };
        Ok(Self { n_units, n_raters, cells: vec![UNJUDGED; n] })
    }

    /// What a rater says of a unit; the last word counts. Units and raters that do not exist are passed over.
    pub fn judge(&mut self, rater: usize, unit: usize, marked: bool) {
        if rater < self.n_raters && unit < self.n_units {
            self.cells[unit * self.n_raters + rater] = if marked { YES } else { NO };
        }
    }

    /// All that was said of a unit, one a rater.
    fn of_unit(&self, unit: usize) -> &[u8] {
        &self.cells[unit * self.n_raters..(unit + 1) * self.n_raters]
    }

    /// Number of units.
    pub fn n_units(&self) -> usize {
        self.n_units
    }

    /// Number of raters.
    pub fn n_raters(&self) -> usize {
        self.n_raters
    }
}

/// How chance is drawn, and how many groups of raters are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct DetectorOptions {
    /// Random scores drawn for the floor of F1*; at most 1000.
    pub draws: u32,
    /// Groups of raters of each size; where there are more, so many are drawn. At most 10 000.
    pub subsets: u32,
    /// The seed of both.
    pub seed: u64,
}

impl Default for DetectorOptions {
    fn default() -> Self {
        Self { draws: 10, subsets: 100, seed: 0 }
    }
}

/// Mean, least and greatest of some values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    /// Values.
    pub n: usize,
    /// Their mean.
    pub mean: f64,
    /// The least.
    pub min: f64,
    /// The greatest.
    pub max: f64,
}

impl Summary {
    /// `nothing` is the reason where there is no value.
    fn of(values: impl Iterator<Item = f64>, nothing: &str) -> Result<Self, Undefined> {
        let (mut n, mut sum, mut min, mut max) = (0, 0.0, f64::INFINITY, f64::NEG_INFINITY);
        for value in values {
            n += 1;
            sum += value;
            min = f64::min(min, value);
            max = f64::max(max, value);
        }
        if n == 0 {
            return Err(Undefined::Because(nothing.to_owned()));
        }
        Ok(Self { n, mean: sum / n as f64, min, max })
    }
}

/// A detector with one rater as the truth.
#[derive(Debug, Clone, PartialEq)]
pub struct AgainstRater {
    /// Units that the rater judged and the detector scored.
    pub n_units: u64,
    /// Units among them that the rater marked.
    pub n_marked: u64,
    /// Average precision Σ (R_i − R_{i−1}) P_i over thresholds, in 0..=1. Undefined where the rater marked nothing.
    pub average_precision: Result<f64, Undefined>,
    /// The best F1 of all thresholds, chosen on these very marks. Undefined as [`Self::average_precision`] is.
    pub best: Result<BestF1, Undefined>,
    /// F1 at the threshold at which F1 is best for the marks of all other raters put together. Undefined also where the
    /// others marked nothing.
    pub chosen: Result<ChosenF1, Undefined>,
}

/// One detector.
#[derive(Debug, Clone, PartialEq)]
pub struct DetectorReport {
    /// Units without a score.
    pub n_unscored: usize,
    /// One a rater.
    pub raters: Vec<AgainstRater>,
    /// AP over raters that have one.
    pub average_precision: Result<Summary, Undefined>,
    /// F1* over raters.
    pub best_f1: Result<Summary, Undefined>,
    /// F1 at the threshold of the others, over raters.
    pub chosen_f1: Result<Summary, Undefined>,
    /// Spearman's ρ of the score and the number of marks, for groups of raters of each size from 1.
    pub counts: Vec<SizeCorrelation>,
}

/// Detectors beside raters.
#[derive(Debug, Clone, PartialEq)]
pub struct DetectorsPerRater {
    /// One a detector.
    pub detectors: Vec<DetectorReport>,
    /// What other raters and chance reach with each rater as the truth.
    pub ceilings: Vec<RaterCeiling>,
    /// Spearman's ρ of the marks of a rater outside of the group and the number of marks within it; the last size, of all
    /// raters, has none.
    pub human_counts: Vec<SizeCorrelation>,
    /// How raters rank the detectors by AP.
    pub ranks: Result<RankTable, Undefined>,
}

/// Holds detectors against each rater: `scores` one slice a detector, one number a unit; units beyond a slice have no
/// score. Work: units × (log units + raters) a detector and a draw, and units × raters² once.
///
/// Undefined where there is nothing to compare or there are more than 512 detectors.
pub fn detectors_per_rater(
    scores: &[&[f64]],
    marks: &RaterMarks,
    options: DetectorOptions,
    progress: &Progress,
) -> Result<Result<DetectorsPerRater, Undefined>, Cancelled> {
    if marks.n_raters == 0 || marks.n_units == 0 {
        return Ok(Err(Undefined::NoAnnotations));
    }
    if scores.is_empty() || scores.len() > MOST {
        let reason = format!("there are {} detectors; one to {MOST} can be compared", scores.len());
        return Ok(Err(Undefined::Because(reason)));
    }
    let subsets = counts::subsets(marks.n_raters, options.subsets.clamp(1, 10_000) as usize, options.seed);
    progress.stage("Comparing detectors with raters", scores.len() as u64);
    let detectors: Vec<DetectorReport> = scores
        .par_iter()
        .map(|scores| {
            let report = detector(scores, marks, &subsets, progress)?;
            progress.add(1);
            Ok(report)
        })
        .collect::<Result<_, Cancelled>>()?;
    let ceilings = humans::ceilings(marks, options, progress)?;
    let human_counts = counts::of_humans(marks, &subsets, progress)?;
    let ranks = ranks::table(&detectors);
    Ok(Ok(DetectorsPerRater { detectors, ceilings, human_counts, ranks }))
}

fn detector(
    scores: &[f64],
    marks: &RaterMarks,
    subsets: &[Vec<Vec<usize>>],
    progress: &Progress,
) -> Result<DetectorReport, Cancelled> {
    let scores = &scores[..scores.len().min(marks.n_units)];
    let order = curve::descending(scores);
    progress.check()?;
    let raters = curve::against_each(&order, scores, marks, progress)?;
    let nothing = "no rater marked anything";
    Ok(DetectorReport {
        n_unscored: marks.n_units - order.len(),
        average_precision: Summary::of(
            raters.iter().filter_map(|r| r.average_precision.as_ref().ok().copied()),
            nothing,
        ),
        best_f1: Summary::of(raters.iter().filter_map(|r| r.best.as_ref().ok().map(|b| b.f1)), nothing),
        chosen_f1: Summary::of(
            raters.iter().filter_map(|r| r.chosen.as_ref().ok().map(|c| c.f1)),
            "a threshold of the others needs two raters with marks",
        ),
        counts: counts::of_scores(&order, scores, marks, subsets, progress)?,
        raters,
    })
}
