//! First pass over the probabilities: validation, label quality, predictions, thresholds.
//!
//! The matrix is read in blocks of rows, each on some thread, and never held as a whole.

use rayon::prelude::*;

use super::sums::{argmax, pairwise_sum};
use super::{ConfidentError, Quality};
use crate::dataset::{LabelId, NO_LABEL, Probabilities};
use crate::progress::{Cancelled, Progress};

/// Slack of comparisons between probabilities: of the valid range, of thresholds, of the veto.
pub(super) const SLACK: f64 = 1e-6;

/// Threshold of a label that no row has: no probability reaches it.
pub(super) const NEVER: f64 = 2.0;

/// Labels counted between two checks.
const COUNTED: usize = 1 << 16;

/// Rows of a block: about 32 Ki numbers, a fraction of a millisecond of work.
pub(super) fn block_rows(cols: usize) -> usize {
    (32_768 / cols.max(1)).clamp(1, 4096)
}

/// Rows that have each label, after checking that labels and probabilities belong together and that there are two
/// labels to mistake for each other.
pub(super) fn count_labels(
    labels: &[LabelId],
    probabilities: &Probabilities,
    progress: &Progress,
) -> Result<Vec<u64>, ConfidentError> {
    let counts = count_any_labels(labels, probabilities, progress)?;
    if counts.iter().filter(|&&n| n > 0).count() == 1 {
        return Err(ConfidentError::OneLabel);
    }
    Ok(counts)
}

/// The same where one label may be all there is.
fn count_any_labels(
    labels: &[LabelId],
    probabilities: &Probabilities,
    progress: &Progress,
) -> Result<Vec<u64>, ConfidentError> {
    let (rows, cols) = (probabilities.rows(), probabilities.cols());
    if labels.len() != rows {
        return Err(ConfidentError::LengthMismatch { labels: labels.len(), rows });
    }
    if u32::try_from(rows).is_err() {
        return Err(ConfidentError::TooManyItems(rows));
    }
    // A matrix of labels × labels is then at most as large as the probabilities, or small.
    if cols > 2048 && cols > rows {
        return Err(ConfidentError::TooManyLabels { labels: cols, items: rows });
    }
    // Counts, and the first label without a column.
    let nothing = || (vec![0_u64; cols], None);
    let share = rows.div_ceil(rayon::current_num_threads()).next_multiple_of(COUNTED).max(COUNTED);
    let counted = labels.par_chunks(share).enumerate().map(|(part, labels)| {
        let (mut counts, mut misfit) = nothing();
        for (block, ids) in labels.chunks(COUNTED).enumerate() {
            progress.check()?;
            for (i, &label) in ids.iter().enumerate() {
                match counts.get_mut(label as usize) {
                    Some(count) => *count += 1,
                    None if label == NO_LABEL || misfit.is_some() => {}
                    None => misfit = Some((part * share + block * COUNTED + i, label)),
                }
            }
        }
        Ok::<_, Cancelled>((counts, misfit))
    });
    let (counts, misfit) = counted.try_reduce(nothing, |mut a, b| {
        a.0.iter_mut().zip(&b.0).for_each(|(a, b)| *a += b);
        Ok((a.0, a.1.or(b.1)))
    })?;
    if let Some((item, label)) = misfit {
        return Err(ConfidentError::LabelWithoutColumn { item, label, cols });
    }
    if counts.iter().all(|&n| n == 0) { Err(ConfidentError::NoLabels) } else { Ok(counts) }
}

/// What the first pass knows. Columns have one entry an item.
#[derive(Debug)]
pub(super) struct Scan {
    /// Rows that have each label.
    pub(super) class_counts: Vec<u64>,
    /// One column a [`Quality`]; NaN where there is no label.
    pub(super) quality: [Vec<f64>; 3],
    /// The most probable label.
    pub(super) predicted: Vec<LabelId>,
    /// Given label within [`SLACK`] of the most probable one (or no label): never an issue.
    pub(super) vetoed: Vec<bool>,
    /// Mean self-confidence of each label.
    pub(super) thresholds: Vec<f64>,
}

/// A probability that cannot be one. Ordered by position.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bad {
    pub(super) item: usize,
    pub(super) label: u32,
    pub(super) value: f64,
}

impl Bad {
    /// The first number of a row that is none, or outside of 0..=1 by more than [`SLACK`].
    pub(super) fn first(item: usize, row: impl IntoIterator<Item = f64>) -> Option<Self> {
        let allowed = -SLACK..=1.0 + SLACK;
        let found = row.into_iter().enumerate().find(|(_, p)| !allowed.contains(p));
        found.map(|(label, value)| Self { item, label: label as u32, value })
    }
}

impl From<Bad> for ConfidentError {
    fn from(Bad { item, label, value }: Bad) -> Self {
        if value.is_nan() {
            Self::NotANumber { item, label }
        } else {
            Self::OutOfRange { item, label, value }
        }
    }
}

/// Reads every row once.
pub(super) fn scan(
    labels: &[LabelId],
    probabilities: &Probabilities,
    progress: &Progress,
) -> Result<Scan, ConfidentError> {
    let class_counts = count_labels(labels, probabilities, progress)?;
    scan_counted(labels, probabilities, class_counts, progress)
}

/// The same where one label may be all there is: a class that every row has, or none.
pub(super) fn scan_any(
    labels: &[LabelId],
    probabilities: &Probabilities,
    progress: &Progress,
) -> Result<Scan, ConfidentError> {
    let class_counts = count_any_labels(labels, probabilities, progress)?;
    scan_counted(labels, probabilities, class_counts, progress)
}

fn scan_counted(
    labels: &[LabelId],
    probabilities: &Probabilities,
    class_counts: Vec<u64>,
    progress: &Progress,
) -> Result<Scan, ConfidentError> {
    let (n, k) = (labels.len(), class_counts.len());
    let block = block_rows(k);
    progress.stage("Scoring labels", n as u64);
    let mut quality = [vec![f64::NAN; n], vec![f64::NAN; n], vec![f64::NAN; n]];
    let mut predicted = vec![NO_LABEL; n];
    let mut vetoed = vec![true; n];
    let [self_confidence, margin, entropy] = &mut quality;
    let ln_k = (k as f64).ln();
    let bad = (
        labels.par_chunks(block),
        self_confidence.par_chunks_mut(block),
        margin.par_chunks_mut(block),
        entropy.par_chunks_mut(block),
        predicted.par_chunks_mut(block),
        vetoed.par_chunks_mut(block),
    )
        .into_par_iter()
        .enumerate()
        .map_init(
            || (vec![0.0; block * k], vec![0.0; k]),
            |(numbers, terms), (b, (ids, confidence, margin, entropy, predicted, vetoed))| {
                progress.check()?;
                let numbers = &mut numbers[..ids.len() * k];
                probabilities.read(b * block, numbers);
                for (i, (row, &label)) in numbers.chunks_exact(k).zip(ids).enumerate() {
                    if let Some(bad) = Bad::first(b * block + i, row.iter().copied()) {
                        return Ok(Some(bad));
                    }
                    predicted[i] = argmax(row) as LabelId;
                    if label != NO_LABEL {
                        let y = label as usize;
                        confidence[i] = row[y];
                        margin[i] = normalized_margin(row, y);
                        entropy[i] = weighted_entropy(row, y, ln_k, terms);
                        vetoed[i] = wins_with_slack(row, y);
                    }
                }
                progress.add(ids.len() as u64);
                Ok::<_, Cancelled>(None)
            },
        )
        // The first bad row, whichever thread finds one first.
        .try_reduce(|| None, |a, b| Ok(first_bad(a, b)))?;
    if let Some(bad) = bad {
        return Err(bad.into());
    }
    let thresholds = thresholds(labels, &quality[0], &class_counts, progress)?;
    Ok(Scan { class_counts, quality, predicted, vetoed, thresholds })
}

pub(super) fn first_bad(a: Option<Bad>, b: Option<Bad>) -> Option<Bad> {
    match (a, b) {
        (Some(a), Some(b)) => Some(if a.item <= b.item { a } else { b }),
        (a, b) => a.or(b),
    }
}

/// Mean self-confidence of the rows of each label; [`NEVER`] where there is none; at least 2e-6
/// (Northcutt et al. 2021, eq. 2).
fn thresholds(
    labels: &[LabelId],
    self_confidence: &[f64],
    class_counts: &[u64],
    progress: &Progress,
) -> Result<Vec<f64>, Cancelled> {
    let mut starts = Vec::with_capacity(class_counts.len());
    let mut total = 0;
    for &n in class_counts {
        starts.push(total);
        total += n as usize;
    }
    // Self-confidences grouped by label, rows ascending: the sums need them side by side.
    let mut grouped = vec![0.0; total];
    let mut next = starts.clone();
    for (ids, values) in labels.chunks(1 << 16).zip(self_confidence.chunks(1 << 16)) {
        progress.check()?;
        for (&label, &value) in ids.iter().zip(values) {
            if label != NO_LABEL {
                let slot = &mut next[label as usize];
                grouped[*slot] = value;
                *slot += 1;
            }
        }
    }
    starts
        .par_iter()
        .zip(class_counts)
        .map(|(&start, &n)| {
            progress.check()?;
            let mean = match n as usize {
                0 => NEVER,
                n => pairwise_sum(&grouped[start..start + n]) / n as f64,
            };
            Ok(mean.max(2.0 * SLACK))
        })
        .collect()
}

/// (P(given) − max P(other) + 1) / 2.
pub(super) fn normalized_margin(row: &[f64], y: usize) -> f64 {
    let other = row[..y].iter().chain(&row[y + 1..]).fold(f64::NEG_INFINITY, |m, &p| m.max(p));
    f64::midpoint(row[y] - other, 1.0)
}

/// Normalised entropy over self-confidence, mapped to 0..=1 (Kuan & Mueller 2022). Probabilities a hair outside
/// 0..=1 count as 0 or 1 here. `terms` is scratch of the row's length.
fn weighted_entropy(row: &[f64], y: usize, ln_k: f64, terms: &mut [f64]) -> f64 {
    for (term, &p) in terms.iter_mut().zip(row) {
        *term = if p > 0.0 { p.min(1.0) * p.min(1.0).ln() } else { 0.0 };
    }
    let ratio = -pairwise_sum(terms) / ln_k / row[y].max(SLACK);
    (ratio + 1.0).ln() / ratio.max(SLACK)
}

/// Whether the given label would be the (first) most probable one with [`SLACK`] added.
pub(super) fn wins_with_slack(row: &[f64], y: usize) -> bool {
    let given = row[y] + SLACK;
    row[..y].iter().all(|&p| p < given) && row[y + 1..].iter().all(|&p| p <= given)
}

/// The score of one row; `ln_k` is ln(labels), `terms` scratch of the row's length.
pub(super) fn score(quality: Quality, row: &[f64], y: usize, ln_k: f64, terms: &mut [f64]) -> f64 {
    match quality {
        Quality::SelfConfidence => row[y],
        Quality::NormalizedMargin => normalized_margin(row, y),
        Quality::ConfidenceWeightedEntropy => weighted_entropy(row, y, ln_k, terms),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scanned(labels: &[LabelId], values: &[f64], cols: usize) -> Result<Scan, ConfidentError> {
        let p = Probabilities::from_f64(values.to_vec(), values.len() / cols, cols).unwrap();
        scan(labels, &p, &Progress::new())
    }

    #[test]
    fn input_that_cannot_be_used_is_refused_in_words() {
        let ok = [0.5, 0.5, 0.2, 0.8];
        let words = |labels: &[LabelId], values: &[f64]| scanned(labels, values, 2).unwrap_err().to_string();
        assert_eq!(words(&[0], &ok), "there are 1 items but 2 rows of predicted probabilities");
        assert_eq!(words(&[NO_LABEL, NO_LABEL], &ok), "no item has a label");
        assert_eq!(words(&[], &[]), "no item has a label");
        assert!(words(&[1, 1], &ok).starts_with("only one label is used"));
        assert!(words(&[0, NO_LABEL], &ok).starts_with("only one label is used"));
        assert!(words(&[0, 2], &ok).starts_with("item 2 has label number 2"));
        assert!(words(&[0, 1], &[0.5, 0.5, 0.2, f64::NAN]).starts_with("row 2 of the predicted"));
        assert!(words(&[0, 1], &[0.5, 0.5, 0.2, 1.1]).contains("has 1.1 for label number 1"));
        assert!(words(&[0, 1], &[0.5, f64::INFINITY, 0.2, 1.1]).contains("row 1 of"));
        assert_eq!(
            scanned(&[0, 1], &vec![0.0; 6000], 3000).unwrap_err(),
            ConfidentError::TooManyLabels { labels: 3000, items: 2 }
        );
    }

    #[test]
    fn the_first_bad_row_is_named_although_blocks_run_in_parallel() {
        let n = 100_000;
        let mut values = vec![0.5; 2 * n];
        values[2 * 70_001] = f64::NAN;
        values[2 * 99_000 + 1] = 2.0;
        let labels: Vec<LabelId> = (0..n as u32).map(|i| i % 2).collect();
        assert_eq!(
            scanned(&labels, &values, 2).unwrap_err(),
            ConfidentError::NotANumber { item: 70_001, label: 0 }
        );
    }

    #[test]
    fn a_hair_outside_the_range_is_accepted() {
        let s = scanned(&[0, 1], &[1.000_001, -0.000_001, 0.0, 1.0], 2).unwrap();
        assert_eq!(s.predicted, [0, 1]);
        assert!(s.quality.iter().flatten().all(|q| q.is_finite()));
    }

    #[test]
    fn the_veto_spares_given_labels_within_a_millionth_of_the_top() {
        assert!(wins_with_slack(&[0.5, 0.5], 1));
        assert!(wins_with_slack(&[0.499_999_6, 0.500_000_4], 0));
        assert!(!wins_with_slack(&[0.499_999, 0.500_001], 0));
        // Exactly the slack apart: the lower label wins.
        assert!(wins_with_slack(&[0.0, SLACK], 0));
        assert!(!wins_with_slack(&[SLACK, 0.0], 1));
    }
}
