//! Confident learning where an item has any number of labels: class by class, each against the rest.
//!
//! Each class is a question of its own, "is it there?", with probabilities 1 − p and p (Thyagarajan et al. 2023); an
//! item is flagged if any of its classes is. Probabilities of a row need not sum to 1, and a repair that makes them
//! do so is not applied. An answer that is missing is no "no": it takes no part, neither in counts nor in scores.
//!
//! A class that every item has, or none, has no confident guess against it, so that the filters which count by the
//! joint flag nothing there; [`Filter::PredictedNeqGiven`] still compares. The two `low` filters take as many items
//! as [`Filter::ConfidentLearning`] flags, those of lowest pooled self-confidence.

mod answers;

pub use answers::SetLabels;

use rayon::prelude::*;

use super::order::{Lowest, sorted_rows};
use super::pooling::Pooling;
use super::run::{Picked, pick};
use super::scan::{SLACK, block_rows, scan_any, score};
use super::{ConfidentError, Filter, Options, Quality};
use crate::dataset::{NO_LABEL, Probabilities};
use crate::progress::{Cancelled, Progress};

/// What can be chosen. The default is what cleanlab does by default.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MultiLabelOptions {
    /// Share of the estimated issues to flag, in 0..=1; see [`Options::frac_noise`].
    pub frac_noise: f64,
    /// See [`Options::min_examples_per_class`]; of items that have a class, and of those that have it not.
    pub min_examples_per_class: u64,
    /// How the scores of an item's classes become one.
    pub pooling: Pooling,
}

impl Default for MultiLabelOptions {
    fn default() -> Self {
        Self { frac_noise: 1.0, min_examples_per_class: 1, pooling: Pooling::OF_CLASSES }
    }
}

/// An item and a class that some filter flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClassFlag {
    /// Item number.
    pub item: u32,
    /// One bit a [`Filter`].
    pub bits: u8,
    /// Whether the item is given the class; it is suspected that the opposite holds.
    pub given: bool,
}

/// One class. Matrices are [given][true]; index 1 is "has the class".
#[derive(Debug, Clone, PartialEq)]
pub struct ClassIssues {
    /// Which.
    pub class: u32,
    /// Items that have it.
    pub n_given: u64,
    /// Items of which it is known whether they have it.
    pub n_known: u64,
    /// Mean of 1 − p over items without it, of p over items with it (2 where there is none: never confident).
    pub thresholds: [f64; 2],
    /// Counts; the diagonal is at least 1.
    pub confident_joint: [[u64; 2]; 2],
    /// The same, calibrated to the given counts and rounded.
    pub calibrated_joint: [[u64; 2]; 2],
    /// Items that some filter flags, ascending. The `low` bits are those of this class alone.
    pub flags: Vec<ClassFlag>,
    /// Items that each filter flags.
    pub counts: [u64; 7],
    /// See [`ConfidentLearning::ties_at_cut`](super::ConfidentLearning::ties_at_cut).
    pub ties_at_cut: [u64; 7],
}

impl ClassIssues {
    /// A class of which nothing is known.
    fn unknown(class: u32) -> Self {
        Self {
            class,
            n_given: 0,
            n_known: 0,
            thresholds: [2.0; 2],
            confident_joint: [[1, 0], [0, 1]],
            calibrated_joint: [[0; 2]; 2],
            flags: Vec::new(),
            counts: [0; 7],
            ties_at_cut: [0; 7],
        }
    }

    /// Items that `filter` flags here, ascending.
    pub fn items(&self, filter: Filter) -> impl Iterator<Item = u32> + '_ {
        self.flags.iter().filter(move |f| f.bits & filter.bit() != 0).map(|f| f.item)
    }

    /// Flagged items that have the class (true) or have it not (false).
    pub fn count(&self, filter: Filter, given: bool) -> u64 {
        let flagged = self.flags.iter().filter(|f| f.bits & filter.bit() != 0);
        flagged.filter(|f| f.given == given).count() as u64
    }

    /// 1 − the share of known items that have the class and should not; `None` where nothing is known.
    pub fn quality(&self, filter: Filter) -> Option<f64> {
        self.share(self.count(filter, true)).map(|noise| 1.0 - noise)
    }

    /// `n` over the items of which something is known.
    pub fn share(&self, n: u64) -> Option<f64> {
        (self.n_known > 0).then(|| n as f64 / self.n_known as f64)
    }
}

/// One kind of mistake: a class that is given and should not be, or the other way round.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClassMistake {
    /// Which class.
    pub class: u32,
    /// Whether it is given (and should not be).
    pub given: bool,
    /// Items.
    pub n: u64,
    /// Their share of the items of which the class is known; `None` where there is none.
    pub share: Option<f64>,
}

/// Everything that confident learning says about sets of labels.
#[derive(Debug, Clone, PartialEq)]
pub struct MultiLabelIssues {
    /// One entry a class, in their order.
    pub classes: Vec<ClassIssues>,
    /// One entry an item: one bit a [`Filter`]; any class for most, the lowest pooled scores for the `low` ones.
    pub issues: Vec<u8>,
    /// Items that each filter flags.
    pub counts: [u64; 7],
    /// Rows tied with the last one taken but not taken themselves: of all classes, and of items for the `low` filters.
    pub ties_at_cut: [u64; 7],
    /// Items with a known answer about some class.
    pub n_known: u64,
    /// Pooled self-confidence; NaN inside where nothing is known, go through [`Self::score_of`].
    scores: Vec<f64>,
}

impl MultiLabelIssues {
    /// Whether `filter` flags `item`.
    pub fn is_issue(&self, item: usize, filter: Filter) -> bool {
        self.issues.get(item).is_some_and(|bits| bits & filter.bit() != 0)
    }

    /// The pooled self-confidence of `item`, in 0..=1, low = suspicious; `None` where nothing is known of it.
    pub fn score_of(&self, item: usize) -> Option<f64> {
        self.scores.get(item).copied().filter(|s| !s.is_nan())
    }

    /// Items that `filter` flags, the lowest pooled self-confidence first, ties by item.
    ///
    /// # Errors
    /// Cancellation.
    pub fn ranked(&self, filter: Filter, progress: &Progress) -> Result<Vec<u32>, Cancelled> {
        let flagged = (0..self.issues.len()).filter(|&i| self.is_issue(i, filter));
        sorted_rows(flagged.map(|i| (self.scores[i], i as u32)).collect(), progress)
    }

    /// 1 − the share of known items that `filter` flags.
    pub fn health(&self, filter: Filter) -> f64 {
        1.0 - self.counts[filter as usize] as f64 / self.n_known as f64
    }

    /// Both kinds of mistake of every class, the most frequent first; ties by class, given ones first.
    pub fn mistakes(&self, filter: Filter) -> Vec<ClassMistake> {
        let kinds = |class: &ClassIssues| {
            [true, false].map(|given| {
                let n = class.count(filter, given);
                ClassMistake { class: class.class, given, n, share: class.share(n) }
            })
        };
        let mut rows: Vec<ClassMistake> = self.classes.iter().flat_map(kinds).collect();
        rows.sort_by_key(|row| std::cmp::Reverse(row.n));
        rows
    }

    /// Classes, the lowest quality first, ties by class; those of which nothing is known last.
    pub fn by_quality(&self, filter: Filter) -> Vec<u32> {
        let quality = |k: u32| self.classes[k as usize].quality(filter).unwrap_or(f64::INFINITY);
        let mut order: Vec<(f64, u32)> = (0..self.classes.len() as u32).map(|k| (quality(k), k)).collect();
        order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        order.into_iter().map(|(_, k)| k).collect()
    }
}

/// Which given classes are probably wrong, by all seven filters.
///
/// `probabilities` is items × classes, each within 0..=1 by 1e-6. Memory is about 60 bytes an item beside the flags,
/// one class at a time; the matrix is never copied. The result does not depend on the number of threads. Source:
/// Thyagarajan et al. 2023; ties as in [`confident_learning`](super::confident_learning); equal to cleanlab 2.9 with
/// stable sorts where that has an answer.
///
/// # Errors
/// Lengths that differ, nothing known, probabilities that are no probabilities, options that do not fit, cancellation.
pub fn multilabel_issues(
    labels: &SetLabels,
    probabilities: &Probabilities,
    options: &MultiLabelOptions,
    progress: &Progress,
) -> Result<MultiLabelIssues, ConfidentError> {
    let binary = Options {
        frac_noise: options.frac_noise,
        min_examples_per_class: options.min_examples_per_class,
        ..Options::default()
    };
    binary.check(2)?;
    let scores = pooled(labels, probabilities, Quality::SelfConfidence, options.pooling, progress)?;
    let n = labels.n_items();
    let n_known = scores.iter().filter(|s| !s.is_nan()).count() as u64;
    if n_known == 0 {
        return Err(ConfidentError::NoLabels);
    }
    let by_class = labels.by_class();
    let mut answers = vec![NO_LABEL; n];
    let mut pair = vec![0.0; 2 * n];
    let mut classes = Vec::with_capacity(labels.n_classes());
    let mut issues = vec![0_u8; n];
    let low = Filter::LowNormalizedMargin.bit() | Filter::LowSelfConfidence.bit();
    for class in 0..labels.n_classes() {
        labels.fill(&by_class[class], &mut answers);
        complement(probabilities, class, &mut pair, progress)?;
        // The buffer goes there and back: no copy.
        let two = Probabilities::from_f64(std::mem::take(&mut pair), n, 2)
            .map_err(|error| ConfidentError::Parameter(error.to_string()))?;
        let found = one_class(class as u32, &answers, &two, &binary, progress)?;
        pair = two.into_f64().unwrap_or_else(|| vec![0.0; 2 * n]);
        for flag in &found.flags {
            issues[flag.item as usize] |= flag.bits & !low;
        }
        classes.push(found);
    }
    let mut counts = [0_u64; 7];
    let mut ties_at_cut: [u64; 7] = std::array::from_fn(|f| classes.iter().map(|c| c.ties_at_cut[f]).sum());
    let take = issues.iter().filter(|&&bits| bits & Filter::ConfidentLearning.bit() != 0).count();
    let mut tied = 0;
    if take > 0 {
        let mut lowest = Lowest::new(take);
        let known = || scores.iter().enumerate().filter(|(_, s)| !s.is_nan());
        for (i, &s) in known() {
            lowest.push(s, i as u32, progress)?;
        }
        let cut = lowest.cut(std::iter::empty(), progress)?;
        for (i, &s) in known() {
            if cut.takes(s, i as u32) {
                issues[i] |= low;
            } else if cut.ties(s, i as u32) {
                tied += 1;
            }
        }
    }
    for filter in Filter::ALL {
        counts[filter as usize] = issues.iter().filter(|&&bits| bits & filter.bit() != 0).count() as u64;
        if low & filter.bit() != 0 {
            ties_at_cut[filter as usize] = tied;
        }
    }
    Ok(MultiLabelIssues { classes, issues, counts, ties_at_cut, n_known, scores })
}

/// One class as a question of two answers: `answers` is 1 (there), 0 (not there) or [`NO_LABEL`] for each item.
pub(super) fn one_class(
    class: u32,
    answers: &[u32],
    two: &Probabilities,
    options: &Options,
    progress: &Progress,
) -> Result<ClassIssues, ConfidentError> {
    let scan = match scan_any(answers, two, progress) {
        Err(ConfidentError::NoLabels) => return Ok(ClassIssues::unknown(class)),
        other => other.map_err(|error| in_column(error, class))?,
    };
    let Picked { confident_joint, calibrated_joint, flags, .. } =
        pick(answers, two, &scan, options, progress)?;
    let square = |m: &[Vec<u64>]| [[m[0][0], m[0][1]], [m[1][0], m[1][1]]];
    let flagged = flags.issues.iter().enumerate().filter(|(_, bits)| **bits != 0);
    Ok(ClassIssues {
        class,
        n_given: scan.class_counts[1],
        n_known: scan.class_counts.iter().sum(),
        thresholds: [scan.thresholds[0], scan.thresholds[1]],
        confident_joint: square(&confident_joint),
        calibrated_joint: square(&calibrated_joint),
        flags: flagged.map(|(i, &bits)| ClassFlag { item: i as u32, bits, given: answers[i] == 1 }).collect(),
        counts: flags.counts,
        ties_at_cut: flags.ties_at_cut,
    })
}

/// An error of a class's two columns told of the column it comes from.
fn in_column(error: ConfidentError, class: u32) -> ConfidentError {
    match error {
        ConfidentError::NotANumber { item, .. } => ConfidentError::NotANumber { item, label: class },
        ConfidentError::OutOfRange { item, label, value } => {
            let value = if label == 0 { 1.0 - value } else { value };
            ConfidentError::OutOfRange { item, label: class, value }
        }
        other => other,
    }
}

/// 1 − p and p of one class, side by side.
fn complement(
    probabilities: &Probabilities,
    class: usize,
    out: &mut [f64],
    progress: &Progress,
) -> Result<(), Cancelled> {
    let column = probabilities.clone().with_columns(vec![probabilities.columns()[class]]).with_repair(None);
    let block = block_rows(1);
    out.par_chunks_mut(2 * block).enumerate().try_for_each_init(
        || vec![0.0; block],
        |numbers, (b, out)| {
            progress.check()?;
            let numbers = &mut numbers[..out.len() / 2];
            column.read(b * block, numbers);
            for (two, &p) in out.chunks_exact_mut(2).zip(numbers.iter()) {
                two.copy_from_slice(&[1.0 - p, p]);
            }
            Ok(())
        },
    )
}

/// The scores of one item's classes, `None` where an answer is missing.
pub fn class_scores(
    labels: &SetLabels,
    probabilities: &Probabilities,
    item: usize,
    quality: Quality,
) -> Vec<Option<f64>> {
    let mut terms = [0.0; 2];
    let row = probabilities.clone().with_repair(None).row(item);
    row.iter()
        .enumerate()
        .map(|(k, &p)| {
            let there = labels.answer(item, k as u32)?;
            Some(score(quality, &[1.0 - p, p], usize::from(there), LN_2, &mut terms))
        })
        .collect()
}

const LN_2: f64 = std::f64::consts::LN_2;

/// One score an item: `quality` of each class whose answer is known, pooled. `None` where none is.
///
/// # Errors
/// As [`multilabel_issues`].
pub fn item_scores(
    labels: &SetLabels,
    probabilities: &Probabilities,
    quality: Quality,
    pooling: Pooling,
    progress: &Progress,
) -> Result<Vec<Option<f64>>, ConfidentError> {
    let scores = pooled(labels, probabilities, quality, pooling, progress)?;
    Ok(scores.into_iter().map(|s| (!s.is_nan()).then_some(s)).collect())
}

/// NaN where nothing is known. Reads and checks every row.
fn pooled(
    labels: &SetLabels,
    probabilities: &Probabilities,
    quality: Quality,
    pooling: Pooling,
    progress: &Progress,
) -> Result<Vec<f64>, ConfidentError> {
    let (n, k) = (labels.n_items(), labels.n_classes());
    if n != probabilities.rows() {
        return Err(ConfidentError::LengthMismatch { labels: n, rows: probabilities.rows() });
    }
    if u32::try_from(n).is_err() {
        return Err(ConfidentError::TooManyItems(n));
    }
    if k == 0 || k != probabilities.cols() {
        let cols = probabilities.cols();
        let words = format!("there are {k} classes and {cols} columns of predicted probabilities");
        return Err(ConfidentError::Parameter(words));
    }
    if !pooling.is_valid() {
        return Err(ConfidentError::Parameter(format!("{pooling:?} has a parameter out of range")));
    }
    let plain = probabilities.clone().with_repair(None);
    let block = block_rows(k);
    progress.stage("Scoring sets of labels", n as u64);
    let mut scores = vec![f64::NAN; n];
    let bad = scores
        .par_chunks_mut(block)
        .enumerate()
        .map_init(
            || (vec![0.0; block * k], vec![None; k], Vec::with_capacity(k)),
            |(numbers, answers, known), (b, scores)| {
                progress.check()?;
                let numbers = &mut numbers[..scores.len() * k];
                plain.read(b * block, numbers);
                for (i, (row, slot)) in numbers.chunks_exact(k).zip(scores.iter_mut()).enumerate() {
                    let item = b * block + i;
                    if let Some(class) = row.iter().position(|&p| !(-SLACK..=1.0 + SLACK).contains(&p)) {
                        return Ok(Some((item, class as u32, row[class])));
                    }
                    labels.answers_of(item, answers);
                    known.clear();
                    let mut terms = [0.0; 2];
                    for (&p, there) in row.iter().zip(answers.iter()) {
                        if let Some(there) = *there {
                            let two = [1.0 - p, p];
                            known.push(score(quality, &two, usize::from(there), LN_2, &mut terms));
                        }
                    }
                    *slot = pooling.pool(known).unwrap_or(f64::NAN);
                }
                progress.add(scores.len() as u64);
                Ok::<_, Cancelled>(None)
            },
        )
        // The first bad row, whichever thread finds one first.
        .try_reduce(
            || None,
            |a, b| {
                Ok(match (a, b) {
                    (Some(a), Some(b)) => Some(if a.0 <= b.0 { a } else { b }),
                    (a, b) => a.or(b),
                })
            },
        )?;
    match bad {
        None => Ok(scores),
        Some((item, label, value)) if value.is_nan() => Err(ConfidentError::NotANumber { item, label }),
        Some((item, label, value)) => Err(ConfidentError::OutOfRange { item, label, value }),
    }
}

#[cfg(test)]
mod tests;
