//! Expectation maximisation, once for all models: start, M, E, objective, stop, progress, cancellation.
//!
//! A [`Model`] says how its parameters follow from a posterior and what an item's annotations weigh under each true
//! label; this module turns that into a posterior. The objective is the observed log-likelihood
//! Σ_i ln Σ_c P(c) P(annotations of i | c), plus what the model adds for its parameters (a log prior, or minus a
//! divergence in variational models). It never falls, beyond what a model's floors cost, and the loop stops on it and
//! on nothing else.
//!
//! Items are taken in chunks of a fixed size whose sums are added in order, so the result is the same on any number
//! of threads.

use rayon::prelude::*;

use super::Layout;
use super::softmax::{Evidence, LogSum, softmax};
use crate::dataset::{LabelId, NO_LABEL};
use crate::progress::{Cancelled, Progress};

/// Items that one task takes; fixed, so that sums do not depend on the number of threads.
pub(super) const CHUNK: usize = 2048;

/// When to stop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StoppingRule {
    /// Stop when an iteration gains less of the objective than this, per annotation. Negative infinity: never.
    pub gain_per_annotation: f64,
    /// Stop after so many iterations in any case; 0 counts as 1.
    pub max_iterations: usize,
}

impl Default for StoppingRule {
    fn default() -> Self {
        Self { gain_per_annotation: 1e-7, max_iterations: 1000 }
    }
}

impl StoppingRule {
    /// Exactly `n` iterations.
    pub fn exactly(n: usize) -> Self {
        Self { gain_per_annotation: f64::NEG_INFINITY, max_iterations: n }
    }
}

/// How the E step assigns items to labels.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Assignment {
    /// By the posterior.
    #[default]
    Soft,
    /// Wholly to the most probable label, the lowest on ties (Sinha, Rao & Balasubramanian 2018, *Fast
    /// Dawid–Skene*).
    Hard,
    /// By the posterior until the label shares move by less than 0.005 in sum, then wholly (ibid., *Hybrid*).
    Hybrid,
}

/// Sum of changes in label shares below which [`Assignment::Hybrid`] turns hard.
const HYBRID_SWITCH: f64 = 0.005;

/// What a fit is told beyond its model.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Options<'a> {
    pub rule: StoppingRule,
    pub assignment: Assignment,
    /// Trusted labels, one an item, [`NO_LABEL`] where there is none: those rows are clamped.
    pub gold: Option<&'a [LabelId]>,
}

impl Options<'_> {
    fn gold_of(&self, item: usize, k: usize) -> Option<usize> {
        let label = *self.gold?.get(item)?;
        (label != NO_LABEL && (label as usize) < k).then_some(label as usize)
    }
}

/// A model of raters.
pub(super) trait Model: Sync {
    /// Parameters from the posterior (items × labels).
    fn maximise(&mut self, layout: &Layout, posterior: &[f64], progress: &Progress);

    /// Fills `row` with ln P(c) + ln P(the item's annotations | c) for each label c, and returns what is to be added
    /// to all of them (0, unless a model can save the addition).
    fn log_joint(&self, layout: &Layout, item: usize, row: &mut [f64]) -> f64;

    /// Fills `row` with the posterior of an item and returns its evidence. Models that can do it without logarithms do.
    fn assign(&self, layout: &Layout, item: usize, row: &mut [f64]) -> Evidence {
        let more = self.log_joint(layout, item, row);
        let Evidence { log, factor } = softmax(row);
        Evidence { log: log + more, factor }
    }

    /// The posterior of an item without annotations.
    fn prior(&self, row: &mut [f64]) {
        let share = 1.0 / row.len() as f64;
        row.fill(share);
    }

    /// What the objective holds beyond the log-likelihood.
    fn parameter_term(&self) -> f64 {
        0.0
    }
}

/// Where a fit ended.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fit {
    /// Items × labels.
    pub posterior: Vec<f64>,
    pub iterations: usize,
    /// Σ ln evidence after the last E step.
    pub log_likelihood: f64,
    /// The objective after each iteration.
    pub history: Vec<f64>,
    pub converged: bool,
}

impl Fit {
    /// The objective after the last iteration.
    pub(super) fn objective(&self) -> f64 {
        self.history.last().copied().unwrap_or(self.log_likelihood)
    }
}

/// Alternates M and E from `posterior` until the rule says stop. The caller names the stage; one unit of progress
/// is one iteration.
pub(super) fn fit<M: Model>(
    model: &mut M,
    layout: &Layout,
    mut posterior: Vec<f64>,
    options: Options,
    progress: &Progress,
) -> Result<Fit, Cancelled> {
    let k = layout.n_labels();
    clamp(&mut posterior, k, options);
    let threshold = options.rule.gain_per_annotation * layout.len() as f64;
    let mut hard = options.assignment == Assignment::Hard;
    let mut shares = label_shares(&posterior, k);
    let mut history = Vec::new();
    let mut log_likelihood = f64::NEG_INFINITY;
    let mut last = f64::NEG_INFINITY;
    let mut converged = false;
    while history.len() < options.rule.max_iterations.max(1) && !converged {
        progress.check()?;
        model.maximise(layout, &posterior, progress);
        log_likelihood = expect(model, layout, &mut posterior, options, hard, progress);
        progress.check()?;
        let next = log_likelihood + model.parameter_term();
        converged = next - last < threshold;
        last = next;
        history.push(next);
        if options.assignment == Assignment::Hybrid && !hard {
            let now = label_shares(&posterior, k);
            hard = now.iter().zip(&shares).map(|(a, b)| (a - b).abs()).sum::<f64>() < HYBRID_SWITCH;
            // The hard objective is compared with itself only.
            (converged, last) = if hard { (false, f64::NEG_INFINITY) } else { (converged, last) };
            shares = now;
        }
        progress.add(1);
    }
    Ok(Fit { posterior, iterations: history.len(), log_likelihood, history, converged })
}

/// The E step: rewrites the posterior and returns the observed log-likelihood.
pub(super) fn expect<M: Model>(
    model: &M,
    layout: &Layout,
    posterior: &mut [f64],
    options: Options,
    hard: bool,
    progress: &Progress,
) -> f64 {
    let k = layout.n_labels();
    let parts: Vec<f64> = posterior
        .par_chunks_mut(CHUNK * k)
        .enumerate()
        .map(|(chunk, rows)| {
            if progress.is_cancelled() {
                return 0.0;
            }
            let mut sum = LogSum::default();
            for (row, item) in rows.chunks_exact_mut(k).zip(chunk * CHUNK..) {
                let gold = options.gold_of(item, k);
                if layout.votes(item).is_empty() {
                    model.prior(row);
                } else if let Some(label) = gold {
                    let log = model.log_joint(layout, item, row) + row[label];
                    sum.add(Evidence { log, factor: 1.0 });
                } else {
                    sum.add(model.assign(layout, item, row));
                }
                if let Some(label) = gold {
                    one_hot(row, label);
                } else if hard {
                    one_hot(row, best(row) as usize);
                }
            }
            sum.total()
        })
        .collect();
    parts.iter().sum()
}

fn clamp(posterior: &mut [f64], k: usize, options: Options) {
    if options.gold.is_none() || k == 0 {
        return;
    }
    for (item, row) in posterior.chunks_exact_mut(k).enumerate() {
        if let Some(label) = options.gold_of(item, k) {
            one_hot(row, label);
        }
    }
}

fn one_hot(row: &mut [f64], label: usize) {
    row.fill(0.0);
    row[label] = 1.0;
}

/// Mean row of a posterior.
fn label_shares(posterior: &[f64], k: usize) -> Vec<f64> {
    let mut sum = vec![0.0; k];
    for row in posterior.chunks_exact(k.max(1)) {
        sum.iter_mut().zip(row).for_each(|(s, p)| *s += p);
    }
    let n = (posterior.len() / k.max(1)).max(1) as f64;
    sum.iter_mut().for_each(|s| *s /= n);
    sum
}

/// Sum of the posterior's rows over items with a vote, divided by their number.
pub(super) fn mean_posterior(layout: &Layout, posterior: &[f64]) -> Vec<f64> {
    let k = layout.n_labels();
    let sums: Vec<Vec<f64>> = posterior
        .par_chunks(CHUNK * k)
        .enumerate()
        .map(|(chunk, rows)| {
            let mut sum = vec![0.0; k];
            for (row, item) in rows.chunks_exact(k).zip(chunk * CHUNK..) {
                if !layout.votes(item).is_empty() {
                    sum.iter_mut().zip(row).for_each(|(s, p)| *s += p);
                }
            }
            sum
        })
        .collect();
    let mut mean = vec![0.0; k];
    for sum in &sums {
        mean.iter_mut().zip(sum).for_each(|(p, s)| *p += s);
    }
    let n = layout.n_voted() as f64;
    mean.iter_mut().for_each(|p| *p /= n);
    mean
}

/// The largest entry, the first on ties.
pub(super) fn best(row: &[f64]) -> LabelId {
    let mut best = 0;
    for (label, &p) in row.iter().enumerate() {
        if p > row[best] {
            best = label;
        }
    }
    best as LabelId
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_equals_is_best() {
        assert_eq!(best(&[0.2, 0.4, 0.4]), 1);
        assert_eq!(best(&[0.5, 0.5]), 0);
    }
}
