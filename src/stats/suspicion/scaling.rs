//! A model scaled to the labels that were given: one temperature, and one offset a label.
//!
//! q_ik ∝ exp(T ln p_ik + b_k): vector scaling (Guo et al. 2017, *On calibration of modern neural networks*) with a common
//! temperature. Offsets are raised until the model expects each label as often as it was given (iterative scaling; Darroch
//! & Ratcliff 1972), the temperature by Newton's method on the likelihood of the given labels. A model that favours a label,
//! or that is too sure, is put right before its word is held against anybody.

use rayon::prelude::*;

use crate::dataset::{LabelId, Probabilities};
use crate::progress::{Cancelled, Progress};

/// Numbers that the fit looks at, at most: rows at equal distances.
const CELLS: usize = 1 << 21;
/// Rounds of offsets and temperature.
const ROUNDS: usize = 40;
/// Rows that are added up at once.
const CHUNK: usize = 2048;
/// Least probability: what a model calls impossible is not taken at its word.
pub(super) const LEAST: f64 = 1e-9;
/// How strongly the temperature is drawn to 1: where a few items are all told apart, a likelihood would have it endless.
const PRIOR: f64 = 20.0;
/// What the temperature stays within.
const RANGE: (f64, f64) = (0.05, 20.0);

/// How a model was scaled.
#[derive(Debug, Clone, PartialEq)]
pub struct Scaling {
    /// T: above 1 where the model was not sure enough.
    pub temperature: f64,
    /// b, one a label: above 0 where the model named it too rarely.
    pub offsets: Vec<f64>,
}

/// What one pass adds up: expected counts of labels, and the likelihood's first two derivatives by the temperature.
struct Pass {
    expected: Vec<f64>,
    slope: f64,
    curvature: f64,
}

/// Fits temperature and offsets to `labels` (one an item; others than columns take no part). Probabilities below 1e-9 count as 1e-9.
/// The same on any number of threads.
///
/// # Errors
/// Cancellation.
pub fn scaling(
    labels: &[LabelId],
    probabilities: &Probabilities,
    progress: &Progress,
) -> Result<Scaling, Cancelled> {
    let k = probabilities.cols();
    let labelled: Vec<u32> =
        (0..labels.len() as u32).filter(|&i| (labels[i as usize] as usize) < k).collect();
    let wanted = (CELLS / k.max(1)).max(200);
    let step = labelled.len().div_ceil(wanted).max(1);
    let rows: Vec<u32> = labelled.into_iter().step_by(step).collect();
    let mut logs = vec![0.0_f64; rows.len() * k];
    logs.par_chunks_mut(CHUNK * k).zip(rows.par_chunks(CHUNK)).try_for_each(|(logs, rows)| {
        progress.check()?;
        for (log, &row) in logs.chunks_exact_mut(k).zip(rows) {
            probabilities.read(row as usize, log);
            log.iter_mut().for_each(|p| *p = p.max(LEAST).ln());
        }
        Ok(())
    })?;
    let mut observed = vec![1.0; k];
    rows.iter().for_each(|&row| observed[labels[row as usize] as usize] += 1.0);
    let mut found = Scaling { temperature: 1.0, offsets: vec![0.0; k] };
    progress.stage("Scaling the model to the labels", ROUNDS as u64);
    for _ in 0..ROUNDS {
        progress.check()?;
        let pass = pass(&found, &logs, &rows, labels, progress)?;
        let mut moved: f64 = 0.0;
        for ((offset, expected), observed) in found.offsets.iter_mut().zip(&pass.expected).zip(&observed) {
            let by = (observed / (expected + 1.0)).ln();
            moved = moved.max(by.abs());
            *offset += by;
        }
        // Half as much again or less at once: far from the top the parabola is a bad picture.
        let slope = pass.slope + PRIOR * (1.0 - found.temperature);
        let newton = found.temperature + slope / (pass.curvature.max(0.0) + PRIOR);
        let next = newton.clamp(found.temperature / 1.5, found.temperature * 1.5);
        let next = next.clamp(RANGE.0, RANGE.1);
        moved = moved.max((next / found.temperature).ln().abs());
        found.temperature = next;
        progress.add(1);
        if moved < 1e-6 {
            break;
        }
    }
    Ok(found)
}

fn pass(
    scaling: &Scaling,
    logs: &[f64],
    rows: &[u32],
    labels: &[LabelId],
    progress: &Progress,
) -> Result<Pass, Cancelled> {
    let k = scaling.offsets.len();
    let part = |(logs, rows): (&[f64], &[u32])| {
        progress.check()?;
        let mut pass = Pass { expected: vec![0.0; k], slope: 0.0, curvature: 0.0 };
        let mut q = vec![0.0; k];
        for (log, &row) in logs.chunks_exact(k).zip(rows) {
            let mut top = f64::NEG_INFINITY;
            for ((q, z), b) in q.iter_mut().zip(log).zip(&scaling.offsets) {
                *q = scaling.temperature * z + b;
                top = top.max(*q);
            }
            let mut sum = 0.0;
            q.iter_mut().for_each(|q| {
                *q = (*q - top).exp();
                sum += *q;
            });
            let (mut mean, mut square) = (0.0, 0.0);
            for ((q, z), expected) in q.iter().zip(log).zip(&mut pass.expected) {
                let q = q / sum;
                *expected += q;
                mean += q * z;
                square += q * z * z;
            }
            pass.slope += log[labels[row as usize] as usize] - mean;
            pass.curvature += square - mean * mean;
        }
        Ok(pass)
    };
    // Parts of fixed size, added in order.
    let parts: Vec<Pass> =
        logs.par_chunks(CHUNK * k).zip(rows.par_chunks(CHUNK)).map(part).collect::<Result<_, Cancelled>>()?;
    let mut whole = Pass { expected: vec![0.0; k], slope: 0.0, curvature: 0.0 };
    for part in parts {
        whole.expected.iter_mut().zip(&part.expected).for_each(|(w, p)| *w += p);
        whole.slope += part.slope;
        whole.curvature += part.curvature;
    }
    Ok(whole)
}
