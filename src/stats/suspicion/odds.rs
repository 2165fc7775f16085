//! The odds of another label against the given one.
//!
//! With q the scaled model ([`scaling`](super::scaling)) and N the noise matrix of confident learning, a label k ≠ y speaks against
//! the given label y with q_k · N[y|k]^β, the given label for itself with q_y · N[y|y]^β, and the quality of the label is
//! s / (s + r), s its own and r the Euclidean norm of the others. The norm stands between the best other label (what a margin looks at) and the
//! sum of all (what self-confidence looks at): a single rival counts for more than many faint ones. β is small: that
//! cats are often called dogs makes a cat's "dog" more suspicious, but the joint also counts what the model only finds hard.

use rayon::prelude::*;

use super::scaling::{LEAST, Scaling};
use crate::dataset::{LabelId, Probabilities};
use crate::progress::{Cancelled, Progress};

/// How far the noise matrix is believed.
const BETA: f64 = 0.15;
/// Labels up to which the noise matrix is held as weights.
const MOST_LABELS: usize = 4096;

/// Label quality by odds, one an item, in 0..=1, low = suspicious; NaN where `labels` has no column.
///
/// `joint` is the calibrated joint (labels × labels, rows given, columns true).
///
/// # Errors
/// Cancellation.
pub fn odds_quality(
    labels: &[LabelId],
    probabilities: &Probabilities,
    scaling: &Scaling,
    joint: &[Vec<u64>],
    progress: &Progress,
) -> Result<Vec<f64>, Cancelled> {
    let k = probabilities.cols();
    let weights = weights(joint, k);
    let block = (32_768 / k.max(1)).clamp(1, 4096);
    let mut quality = vec![f64::NAN; labels.len()];
    progress.stage("Weighing labels against each other", labels.len() as u64);
    quality.par_chunks_mut(block).zip(labels.par_chunks(block)).enumerate().try_for_each_init(
        || vec![0.0; block * k],
        |numbers, (b, (quality, ids))| {
            progress.check()?;
            let numbers = &mut numbers[..ids.len() * k];
            probabilities.read(b * block, numbers);
            for ((quality, row), &label) in quality.iter_mut().zip(numbers.chunks_exact_mut(k)).zip(ids) {
                let y = label as usize;
                if y < k {
                    *quality = of_row(row, y, scaling, weights.as_deref());
                }
            }
            progress.add(ids.len() as u64);
            Ok(())
        },
    )?;
    Ok(quality)
}

/// s / (s + r); `row` is used up.
fn of_row(row: &mut [f64], y: usize, scaling: &Scaling, weights: Option<&[f64]>) -> f64 {
    let mut top = f64::NEG_INFINITY;
    for (j, (p, offset)) in row.iter_mut().zip(&scaling.offsets).enumerate() {
        let weight = weights.map_or(0.0, |w| w[y * scaling.offsets.len() + j]);
        *p = scaling.temperature * p.max(LEAST).ln() + offset + weight;
        top = top.max(*p);
    }
    let own = (row[y] - top).exp();
    let others: f64 =
        row.iter().enumerate().filter(|(j, _)| *j != y).map(|(_, p)| (2.0 * (p - top)).exp()).sum();
    own / (own + others.sqrt())
}

/// β ln N[y|k], labels × labels, rows given. Counts off the diagonal are drawn towards their mean, half of the way where a cell has as many as that.
fn weights(joint: &[Vec<u64>], k: usize) -> Option<Vec<f64>> {
    if k > MOST_LABELS || joint.len() != k || k < 2 {
        return None;
    }
    let off = |y: usize, t: usize| if y == t { 0 } else { joint[y][t] };
    let total: u64 = (0..k).flat_map(|y| (0..k).map(move |t| off(y, t))).sum();
    let mean = total as f64 / (k * (k - 1)) as f64;
    let count = |y: usize, t: usize| joint[y][t] as f64 + if y == t { 0.0 } else { mean };
    let columns: Vec<f64> = (0..k).map(|t| (0..k).map(|y| count(y, t)).sum()).collect();
    let weight = |y: usize, t: usize| {
        // A label that is never given, or that nothing is taken for, has no pattern.
        let share = if columns[t] > 0.0 { count(y, t) / columns[t] } else { 0.0 };
        if share > 0.0 { BETA * share.ln() } else { BETA * LEAST.ln() }
    };
    Some((0..k).flat_map(|y| (0..k).map(move |t| (y, t))).map(|(y, t)| weight(y, t)).collect())
}
