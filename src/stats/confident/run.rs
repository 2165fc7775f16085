//! All of confident learning in four passes over the probabilities, none of which holds them as a whole.
//!
//! Scores and thresholds; confident guesses; candidates for each cut; flags. Memory is about 40 bytes an item, and
//! matrices of labels × labels.

use super::joint::{calibrate, count_pairs, distribution, guesses, off_diagonal_of, total};
use super::prune::{Flags, Pruner, prune_counts};
use super::scan::{Scan, scan};
use super::{
    ConfidentError, ConfidentLearning, Options, PriorMethod, estimate_noise, label_health, overlapping_labels,
};
use crate::dataset::{LabelId, NO_LABEL, Probabilities};
use crate::progress::Progress;

/// Confident learning with cleanlab's default settings: see [`confident_learning_with`].
///
/// # Errors
/// See [`ConfidentError`].
pub fn confident_learning(
    labels: &[LabelId],
    probabilities: &Probabilities,
    progress: &Progress,
) -> Result<ConfidentLearning, ConfidentError> {
    confident_learning_with(labels, probabilities, &Options::default(), progress)
}

/// Which given labels are probably wrong, by all seven filters, with scores and tables.
///
/// `labels` has one entry an item, [`NO_LABEL`] where it has none: such items are left out and counted.
/// `probabilities` is items × labels, each within 0..=1 by 1e-6; rows need not sum to 1 and are taken as they are.
/// Computed in `f64`. The result does not depend on the number of threads. Source: Northcutt et al. 2021; Kuan &
/// Mueller 2022; with ties broken by the lowest row, equal to cleanlab 2.9 with stable sorts.
///
/// `options` change the three prune filters only.
///
/// # Errors
/// Lengths that differ, labels without a column, fewer than two labels in use, probabilities that are no
/// probabilities, options that do not fit, cancellation.
pub fn confident_learning_with(
    labels: &[LabelId],
    probabilities: &Probabilities,
    options: &Options,
    progress: &Progress,
) -> Result<ConfidentLearning, ConfidentError> {
    options.check(probabilities.cols())?;
    let scan = scan(labels, probabilities, progress)?;
    let Picked { confident_joint, calibrated_joint, flags, num_off_diagonal } =
        pick(labels, probabilities, &scan, options, progress)?;
    let Flags { issues, counts, ties_at_cut } = flags;

    let rows: Vec<u32> = (0..labels.len()).filter(|&i| labels[i] != NO_LABEL).map(|i| i as u32).collect();
    let items = total(&scan.class_counts) as u64;
    let joint = distribution(&calibrated_joint);
    progress.check()?;
    let per_label = label_health(&joint, items);
    let overlapping = overlapping_labels(&joint, items);
    progress.check()?;
    let num_off_diagonal_calibrated = off_diagonal_of(&calibrated_joint, &scan.class_counts);
    progress.check()?;
    let noise = estimate_noise(&calibrated_joint, &scan.class_counts, PriorMethod::Cnt, false)
        .map_err(|reason| ConfidentError::Parameter(reason.to_string()))?;
    Ok(ConfidentLearning {
        n_left_out: labels.len() - rows.len(),
        rows,
        thresholds: scan.thresholds,
        confident_joint,
        calibrated_joint,
        issues,
        quality: scan.quality,
        predicted: scan.predicted,
        counts,
        ties_at_cut,
        num_off_diagonal,
        num_off_diagonal_calibrated,
        health_score: 1.0 - num_off_diagonal as f64 / items as f64,
        per_label,
        overlapping,
        noise,
    })
}

/// What follows from a scan: the joint, and who is flagged.
pub(super) struct Picked {
    pub(super) confident_joint: Vec<Vec<u64>>,
    pub(super) calibrated_joint: Vec<Vec<u64>>,
    pub(super) flags: Flags,
    pub(super) num_off_diagonal: u64,
}

/// Counts confident guesses, calibrates them and flags rows by every filter.
pub(super) fn pick(
    labels: &[LabelId],
    probabilities: &Probabilities,
    scan: &Scan,
    options: &Options,
    progress: &Progress,
) -> Result<Picked, ConfidentError> {
    let guesses = guesses(labels, probabilities, &scan.thresholds, progress)?;
    let confident_joint = count_pairs(labels, &guesses, scan.class_counts.len(), progress)?;
    let num_off_diagonal = labels
        .iter()
        .zip(&guesses)
        .zip(&scan.vetoed)
        .filter(|&((label, guess), vetoed)| *guess != NO_LABEL && guess != label && !vetoed)
        .count() as u64;
    progress.check()?;
    let calibrated_joint = calibrate(&confident_joint, &scan.class_counts);
    progress.check()?;
    let prune_by = options.joint.as_ref().unwrap_or(&calibrated_joint);
    let prune_counts = prune_counts(prune_by, &scan.class_counts, options);
    let pruner = Pruner {
        labels,
        probabilities,
        scan,
        guesses: &guesses,
        prune_counts: &prune_counts,
        min_examples_per_class: options.min_examples_per_class,
        num_off_diagonal,
        progress,
    };
    Ok(Picked { flags: pruner.flag()?, confident_joint, calibrated_joint, num_off_diagonal })
}
