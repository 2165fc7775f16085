//! The confident joint: how often a row with one given label is confidently guessed to have another.
//!
//! Matrices have rows for the given label and columns for the guess.

use rayon::prelude::*;

use super::ConfidentError;
use super::scan::{SLACK, block_rows, count_labels};
use super::sums::{argmax, pairwise_sum};
use crate::dataset::{LabelId, NO_LABEL, Probabilities};
use crate::progress::{Cancelled, Progress};

/// Denominators are at least this.
pub(super) const TINY: f64 = 1e-100;

/// Counts of confident guesses and the rows off the diagonal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfidentJoint {
    /// Labels × labels, rows given, columns guessed; the diagonal is at least 1.
    pub counts: Vec<Vec<u64>>,
    /// Items whose confident guess is another label than the given one, ascending; before the veto for given
    /// labels within 1e-6 of the most probable one.
    pub off_diagonal: Vec<u32>,
}

/// The confident joint for thresholds of your own (Northcutt et al. 2021, eq. 1, with the argmax over all labels
/// where several are confident, as cleanlab does).
///
/// A label is confident in a row if its probability is at least its threshold − 1e-6. `thresholds` has one entry a
/// label. Probabilities are not validated here.
///
/// # Errors
/// Labels and probabilities that do not fit, thresholds of another number than labels, cancellation.
pub fn confident_joint(
    labels: &[LabelId],
    probabilities: &Probabilities,
    thresholds: &[f64],
    progress: &Progress,
) -> Result<ConfidentJoint, ConfidentError> {
    let cols = count_labels(labels, probabilities, progress)?.len();
    if thresholds.len() != cols {
        let found = thresholds.len();
        return Err(ConfidentError::Parameter(format!("{found} thresholds were given for {cols} labels")));
    }
    let guesses = guesses(labels, probabilities, thresholds, progress)?;
    let counts = count_pairs(labels, &guesses, cols, progress)?;
    let off_diagonal = (0..labels.len())
        .filter(|&i| guesses[i] != NO_LABEL && guesses[i] != labels[i])
        .map(|i| i as u32)
        .collect();
    Ok(ConfidentJoint { counts, off_diagonal })
}

/// The confident guess for each item; `NO_LABEL` where no label is confident, or none is given.
pub(super) fn guesses(
    labels: &[LabelId],
    probabilities: &Probabilities,
    thresholds: &[f64],
    progress: &Progress,
) -> Result<Vec<LabelId>, Cancelled> {
    let k = thresholds.len();
    let block = block_rows(k);
    progress.stage("Counting confident guesses", labels.len() as u64);
    let floors: Vec<f64> = thresholds.iter().map(|t| t - SLACK).collect();
    let mut guesses = vec![NO_LABEL; labels.len()];
    guesses.par_chunks_mut(block).zip(labels.par_chunks(block)).enumerate().try_for_each_init(
        || vec![0.0; block * k],
        |numbers, (b, (guesses, ids))| {
            progress.check()?;
            let numbers = &mut numbers[..ids.len() * k];
            probabilities.read(b * block, numbers);
            for ((guess, row), &label) in guesses.iter_mut().zip(numbers.chunks_exact(k)).zip(ids) {
                if label != NO_LABEL {
                    *guess = confident_guess(row, &floors);
                }
            }
            progress.add(ids.len() as u64);
            Ok(())
        },
    )?;
    Ok(guesses)
}

fn confident_guess(row: &[f64], floors: &[f64]) -> LabelId {
    let mut confident =
        row.iter().zip(floors).enumerate().filter(|(_, (p, floor))| p >= floor).map(|(k, _)| k);
    match (confident.next(), confident.next()) {
        (None, _) => NO_LABEL,
        (Some(only), None) => only as LabelId,
        (Some(_), Some(_)) => argmax(row) as LabelId,
    }
}

/// Counts of (given, guess), with a diagonal of at least 1.
pub(super) fn count_pairs(
    labels: &[LabelId],
    guesses: &[LabelId],
    cols: usize,
    progress: &Progress,
) -> Result<Vec<Vec<u64>>, Cancelled> {
    let mut counts = confusion(labels, guesses, cols, progress)?;
    for (k, row) in counts.iter_mut().enumerate() {
        row[k] = row[k].max(1);
    }
    Ok(counts)
}

/// Counts of (given, predicted): the joint of a baseline that takes every prediction at its word.
///
/// `labels` and `predicted` have one entry an item, [`NO_LABEL`] (and anything else that is not below `cols`)
/// takes no part. Calibrate it with [`calibrate`] and hand it to
/// [`confident_learning_with`](super::confident_learning_with) as its `joint`.
///
/// # Errors
/// Cancellation.
pub fn confusion(
    labels: &[LabelId],
    predicted: &[LabelId],
    cols: usize,
    progress: &Progress,
) -> Result<Vec<Vec<u64>>, Cancelled> {
    let mut counts = vec![vec![0_u64; cols]; cols];
    for (given, guess) in labels.chunks(1 << 16).zip(predicted.chunks(1 << 16)) {
        progress.check()?;
        for (&y, &g) in given.iter().zip(guess) {
            if let Some(cell) = counts.get_mut(y as usize).and_then(|row| row.get_mut(g as usize)) {
                *cell += 1;
            }
        }
    }
    Ok(counts)
}

/// A joint scaled so that each row sums to the number of items with that label, and rounded to whole items with
/// row sums kept (ties between remainders: the highest column gains, the lowest loses). Labels without items get a
/// row of zeros. `joint` is labels × labels, counted by [`confident_joint`] or [`confusion`]; `class_counts` has one
/// entry a label.
///
/// Source: Northcutt et al. 2021, eq. 3; sums and rounding as in cleanlab's `calibrate_confident_joint` with
/// stable sorts.
pub fn calibrate(joint: &[Vec<u64>], class_counts: &[u64]) -> Vec<Vec<u64>> {
    let k = joint.len();
    let scaled = scaled(joint, class_counts);
    let mut column_major = vec![0.0; k * k];
    column_major
        .par_chunks_mut(k.max(1))
        .enumerate()
        .for_each(|(j, column)| column.iter_mut().zip(&scaled).for_each(|(to, row)| *to = row[j]));
    rounded(scaled, &column_major, class_counts)
}

/// The same for a joint that comes from elsewhere. Both differ only in the order in which the matrix is summed,
/// which follows numpy's memory order and decides between remainders that are equal but for the last bit.
pub fn calibrate_supplied(joint: &[Vec<u64>], class_counts: &[u64]) -> Vec<Vec<u64>> {
    let scaled = scaled(joint, class_counts);
    let row_major = scaled.concat();
    rounded(scaled, &row_major, class_counts)
}

/// Rows scaled to the number of items with that label.
fn scaled(joint: &[Vec<u64>], class_counts: &[u64]) -> Vec<Vec<f64>> {
    let rows = joint.par_iter().zip(class_counts);
    rows.map(|(row, &n)| {
        let sum = total(row).max(TINY);
        row.iter().map(|&c| c as f64 / sum * n as f64).collect()
    })
    .collect()
}

/// Scaled rows, once more scaled to the number of all items, as whole numbers. `flat` holds the same numbers in the
/// order of their summation.
fn rounded(mut scaled: Vec<Vec<f64>>, flat: &[f64], class_counts: &[u64]) -> Vec<Vec<u64>> {
    let sum = pairwise_sum(flat).max(TINY);
    let n = total(class_counts);
    scaled
        .par_iter_mut()
        .map(|row| {
            for a in row.iter_mut() {
                *a = *a / sum * n;
            }
            round_preserving_sum(row).into_iter().map(|r| r as u64).collect()
        })
        .collect()
}

/// A joint distribution of given and true labels: a joint, whether supplied or already calibrated, is calibrated
/// (again) and divided by its sum. Sums to 1.
pub fn estimate_joint(joint: &[Vec<u64>], class_counts: &[u64]) -> Vec<Vec<f64>> {
    distribution(&calibrate_supplied(joint, class_counts))
}

/// The sum of counts; a joint of somebody else's making may hold any number.
pub(super) fn total<'a>(counts: impl IntoIterator<Item = &'a u64>) -> f64 {
    counts.into_iter().fold(0_u64, |sum, &c| sum.saturating_add(c)) as f64
}

/// Counts over their sum.
pub(super) fn distribution(counts: &[Vec<u64>]) -> Vec<Vec<f64>> {
    let sum = total(counts.iter().flatten()).max(TINY);
    counts.iter().map(|row| row.iter().map(|&c| c as f64 / sum).collect()).collect()
}

/// Estimated number of label issues of any joint: (1 − trace of [`estimate_joint`]) × items, half to even.
pub fn off_diagonal_of(joint: &[Vec<u64>], class_counts: &[u64]) -> u64 {
    // Of [`estimate_joint`], only what is on the diagonal.
    let calibrated = calibrate_supplied(joint, class_counts);
    let sum = total(calibrated.iter().flatten()).max(TINY);
    let diagonal: Vec<f64> = calibrated.iter().enumerate().map(|(k, row)| row[k] as f64 / sum).collect();
    let n = total(class_counts);
    ((1.0 - pairwise_sum(&diagonal)) * n).round_ties_even() as u64
}

/// Rounds to integers whose sum is the rounded sum. Rows with something that is not finite are rounded one by one.
pub(super) fn round_preserving_sum(row: &[f64]) -> Vec<f64> {
    let mut rounded: Vec<f64> = row.iter().map(|a| a.round_ties_even()).collect();
    let want = pairwise_sum(row).round_ties_even();
    // One pass is enough for counts; the bound keeps absurd magnitudes from going round for ever.
    for _ in 0..16 {
        let missing = (want - pairwise_sum(&rounded).round_ties_even()).round_ties_even();
        if missing.is_nan() || missing.abs() <= SLACK {
            break;
        }
        let changes = (missing.abs() as usize).min(row.len());
        let rest: Vec<f64> = row.iter().zip(&rounded).map(|(a, r)| a - r).collect();
        let mut order: Vec<usize> = (0..row.len()).collect();
        let up = missing > 0.0;
        let step = if up { 1.0 } else { -1.0 };
        let compare = |&i: &usize, &j: &usize| {
            // Of equal remainders the highest index gains and the lowest loses: one stable ascending sort read
            // from either end.
            let ascending = rest[i].total_cmp(&rest[j]).then(i.cmp(&j));
            if up { ascending.reverse() } else { ascending }
        };
        if changes < row.len() {
            order.select_nth_unstable_by(changes, compare);
        }
        for &i in &order[..changes] {
            rounded[i] += step;
        }
    }
    rounded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_keeps_the_sum_and_prefers_the_highest_column_for_gains() {
        // Remainders 0.4, 0.4, 0.4 (sum 4.2 → 4, rounded 3): the last gains.
        assert_eq!(round_preserving_sum(&[1.4, 1.4, 1.4]), [1.0, 1.0, 2.0]);
        // 1.6 + 1.6 + 1.6 = 4.8 → 5, rounded 6: the first loses.
        assert_eq!(round_preserving_sum(&[1.6, 1.6, 1.6]), [1.0, 2.0, 2.0]);
        // Half to even.
        assert_eq!(round_preserving_sum(&[0.5, 1.5, 2.0]), [0.0, 2.0, 2.0]);
        assert!(round_preserving_sum(&[f64::NAN, 2.2])[0].is_nan());
        assert_eq!(round_preserving_sum(&[f64::NAN, 2.2])[1], 2.0);
    }

    #[test]
    fn one_confident_label_is_the_guess_and_several_leave_it_to_the_argmax() {
        assert_eq!(confident_guess(&[0.6, 0.3, 0.1], &[0.7, 0.4, 0.1]), 2);
        assert_eq!(confident_guess(&[0.5, 0.3, 0.2], &[0.7, 0.2, 0.1]), 0);
        assert_eq!(confident_guess(&[0.5, 0.3, 0.2], &[0.7, 0.4, 0.3]), NO_LABEL);
    }

    #[test]
    fn calibration_keeps_the_given_counts_and_repeats_itself() {
        let counts = [9, 7, 14, 0];
        let joint = [vec![6, 2, 1, 0], vec![1, 7, 2, 3], vec![2, 1, 8, 1], vec![0, 0, 0, 1]];
        let calibrated = calibrate(&joint, &counts);
        for (row, n) in calibrated.iter().zip(counts) {
            assert_eq!(row.iter().sum::<u64>(), n);
        }
        assert_eq!(calibrate(&calibrated, &counts), calibrated);
        assert_eq!(calibrate_supplied(&calibrated, &counts), calibrated);
    }
}
