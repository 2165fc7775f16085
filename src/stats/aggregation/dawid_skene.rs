//! Dawid & Skene (1979, *Applied Statistics* 28): one error matrix a rater, by expectation maximisation.
//!
//! With p_c the share of true label c and e_w[c, l] the probability that rater w says l where c is true:
//!
//! - start: an item's posterior is its shares of votes;
//! - M: p = mean posterior over items with a vote; e_w[c, l] ∝ Σ (posterior of c) over w's annotations with l,
//!   floored at 1e-10 for labels that w ever uses (a label that w never uses has probability 0);
//! - E: posterior of c ∝ p_c Π e_w[c, l] over the item's annotations, repeats included;
//! - stop: the observed log-likelihood Σ_i ln Σ_c p_c Π e_w[c, l] grows by less than the stated tolerance.
//!
//! Unlike implementations that stop on another quantity, the log-likelihood never falls (beyond the floor).
//! Sums have a fixed order, so the result does not depend on the number of threads.

use rayon::prelude::*;

use crate::dataset::{Annotations, LabelId, NO_LABEL};
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;
use crate::stats::variation::VoteCounts;

/// Items that one task takes; fixed, so that sums do not depend on the number of threads.
const CHUNK: usize = 2048;
/// Smallest expected count of a label that a rater uses.
const FLOOR: f64 = 1e-10;
/// Most numbers in all error matrices (raters × labels²): 256 MiB, held twice.
const MAX_ERROR_CELLS: usize = 1 << 25;
/// Most numbers in the posterior (items × labels): 2 GiB.
const MAX_POSTERIOR_CELLS: usize = 1 << 28;

/// When to stop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StoppingRule {
    /// Stop when an iteration gains less log-likelihood than this, per annotation.
    pub gain_per_annotation: f64,
    /// Stop after so many iterations in any case.
    pub max_iterations: usize,
}

impl Default for StoppingRule {
    fn default() -> Self {
        Self { gain_per_annotation: 1e-7, max_iterations: 1000 }
    }
}

/// What the model says.
#[derive(Debug, Clone, PartialEq)]
pub struct DawidSkene {
    /// P(true label), items × labels, row-major; rows sum to 1. An item without a vote has the prior.
    pub posterior: Vec<f64>,
    /// Share of each true label, over items with a vote.
    pub prior: Vec<f64>,
    /// P(said | true), raters × true × said. Rows sum to 1; all 0 for a rater without annotations.
    pub errors: Vec<f64>,
    /// Most probable label (the lowest on ties); [`NO_LABEL`] for an item without a vote.
    pub labels: Vec<LabelId>,
    /// Rounds of M and E.
    pub iterations: usize,
    /// Observed log-likelihood after the last round, natural logarithm.
    pub log_likelihood: f64,
    /// Whether it stopped because nothing was gained any more, rather than for the number of iterations.
    pub converged: bool,
    /// Number of labels: the width of all matrices.
    pub n_labels: usize,
}

impl DawidSkene {
    /// Posterior of `item`, one number a label; empty past the end.
    pub fn posterior_of(&self, item: usize) -> &[f64] {
        self.posterior.get(item * self.n_labels..(item + 1) * self.n_labels).unwrap_or_default()
    }

    /// Posterior of the most probable label; `None` for an item without a vote.
    pub fn confidence(&self, item: usize) -> Option<f64> {
        let label = self.labels.get(item).copied().filter(|&l| l != NO_LABEL)?;
        self.posterior_of(item).get(label as usize).copied()
    }

    /// P(said | true) of `rater`; `None` for one that does not exist.
    pub fn error(&self, rater: usize, truth: LabelId, said: LabelId) -> Option<f64> {
        let k = self.n_labels;
        let (truth, said) = (truth as usize, said as usize);
        if truth >= k || said >= k {
            return None;
        }
        self.errors.get((rater * k + truth) * k + said).copied()
    }

    /// P(rater says the true label) = Σ_c p_c e[c, c], in 0..=1.
    pub fn accuracy(&self, rater: usize) -> Option<f64> {
        let diagonal =
            (0..self.n_labels).map(|c| Some(self.prior[c] * self.error(rater, c as u32, c as u32)?));
        diagonal.sum()
    }
}

/// Fits the model with the default [`StoppingRule`]. Annotations with a label outside the set take no part.
///
/// Undefined without annotations, with fewer than two raters (nothing tells a rater's errors from the truth), or
/// where the matrices are beyond 2²⁵ (raters × labels²) or 2²⁸ (items × labels) numbers.
pub fn dawid_skene(
    annotations: &Annotations,
    n_labels: usize,
    progress: &Progress,
) -> Result<Result<DawidSkene, Undefined>, Cancelled> {
    dawid_skene_until(annotations, n_labels, StoppingRule::default(), progress)
}

/// [`dawid_skene`] with another rule.
pub fn dawid_skene_until(
    annotations: &Annotations,
    n_labels: usize,
    rule: StoppingRule,
    progress: &Progress,
) -> Result<Result<DawidSkene, Undefined>, Cancelled> {
    let mut fit = match Fit::new(annotations, n_labels) {
        Ok(fit) => fit,
        Err(reason) => return Ok(Err(reason)),
    };
    progress.stage("Dawid–Skene", rule.max_iterations as u64);
    let mut log_likelihood = f64::NEG_INFINITY;
    let mut iterations = 0;
    let mut converged = false;
    while iterations < rule.max_iterations && !converged {
        progress.check()?;
        fit.maximise(progress);
        let next = fit.expect(progress);
        progress.check()?;
        converged = next - log_likelihood < rule.gain_per_annotation * fit.votes.len() as f64;
        log_likelihood = next;
        iterations += 1;
        progress.add(1);
    }
    Ok(Ok(fit.finish(iterations, log_likelihood, converged)))
}

/// One annotation as the E step reads it: where its rater's column for the label starts.
type Vote = u32;

/// The state between iterations.
struct Fit {
    k: usize,
    /// `item_starts[i]..item_starts[i + 1]` in `votes` are the annotations of item i.
    item_starts: Vec<usize>,
    /// rater × labels + label, by item.
    votes: Vec<Vote>,
    /// `rater_starts[w]..rater_starts[w + 1]` in `by_rater` are the annotations of rater w, as (item, label).
    rater_starts: Vec<usize>,
    by_rater: Vec<(u32, LabelId)>,
    n_voted: usize,
    posterior: Vec<f64>,
    prior: Vec<f64>,
    /// e_w[c, l] at (w × labels + l) × labels + c: contiguous in c, as the E step reads it.
    errors: Vec<f64>,
    /// ln of the same.
    log_errors: Vec<f64>,
}

impl Fit {
    fn new(annotations: &Annotations, k: usize) -> Result<Self, Undefined> {
        let (n_items, n_raters) = (annotations.n_items(), annotations.n_raters());
        let counts = VoteCounts::new(annotations, k);
        let in_set = |label: LabelId| (label as usize) < k;
        let rater_starts: Vec<usize> = std::iter::once(0)
            .chain((0..n_raters).scan(0, |sum, rater| {
                *sum += annotations.of_rater(rater).filter(|a| in_set(a.label)).count();
                Some(*sum)
            }))
            .collect();
        let n_active = rater_starts.windows(2).filter(|w| w[0] < w[1]).count();
        match n_active {
            0 => return Err(Undefined::NoAnnotations),
            1 => return Err(Undefined::FewerThanTwoRaters),
            _ => {}
        }
        let error_cells = n_raters.checked_mul(k).and_then(|n| n.checked_mul(k));
        if error_cells.is_none_or(|n| n > MAX_ERROR_CELLS) {
            return Err(Undefined::Because(format!(
                "{n_raters} error matrices of {k} × {k} labels are more than {MAX_ERROR_CELLS} numbers"
            )));
        }
        if n_items.checked_mul(k).is_none_or(|n| n > MAX_POSTERIOR_CELLS) {
            return Err(Undefined::Because(format!(
                "a posterior of {n_items} items × {k} labels is more than {MAX_POSTERIOR_CELLS} numbers"
            )));
        }
        let mut item_starts = Vec::with_capacity(n_items + 1);
        item_starts.push(0);
        let mut votes = Vec::with_capacity(annotations.len());
        let mut posterior = vec![0.0; n_items * k];
        for item in 0..n_items {
            let own = annotations.of_item(item).filter(|a| in_set(a.label));
            votes.extend(own.map(|a| a.rater * k as u32 + a.label));
            item_starts.push(votes.len());
            for (label, share) in counts.shares(item) {
                posterior[item * k + label as usize] = share;
            }
        }
        let by_rater = (0..n_raters)
            .flat_map(|rater| {
                annotations.of_rater(rater).filter(|a| in_set(a.label)).map(|a| (a.item, a.label))
            })
            .collect();
        let cells = n_raters * k * k;
        Ok(Self {
            k,
            n_voted: item_starts.windows(2).filter(|w| w[0] < w[1]).count(),
            item_starts,
            votes,
            rater_starts,
            by_rater,
            posterior,
            prior: vec![0.0; k],
            errors: vec![0.0; cells],
            log_errors: vec![f64::NEG_INFINITY; cells],
        })
    }

    /// Prior and error matrices from the posterior.
    fn maximise(&mut self, progress: &Progress) {
        let k = self.k;
        let (posterior, item_starts) = (&self.posterior, &self.item_starts);
        let sums: Vec<Vec<f64>> = posterior
            .par_chunks(CHUNK * k)
            .enumerate()
            .map(|(chunk, rows)| {
                let mut sum = vec![0.0; k];
                for (row, item) in rows.chunks_exact(k).zip(chunk * CHUNK..) {
                    if item_starts[item] < item_starts[item + 1] {
                        sum.iter_mut().zip(row).for_each(|(s, p)| *s += p);
                    }
                }
                sum
            })
            .collect();
        self.prior.fill(0.0);
        for sum in &sums {
            self.prior.iter_mut().zip(sum).for_each(|(p, s)| *p += s);
        }
        let n_voted = self.n_voted as f64;
        self.prior.iter_mut().for_each(|p| *p /= n_voted);

        let (rater_starts, by_rater) = (&self.rater_starts, &self.by_rater);
        self.errors
            .par_chunks_mut(k * k)
            .zip(self.log_errors.par_chunks_mut(k * k))
            .enumerate()
            .for_each_init(
                || (vec![false; k], vec![0.0; k]),
                |(used, totals), (rater, (errors, logs))| {
                    let own = &by_rater[rater_starts[rater]..rater_starts[rater + 1]];
                    if own.is_empty() || progress.is_cancelled() {
                        return;
                    }
                    used.fill(false);
                    errors.fill(0.0);
                    for &(item, label) in own {
                        let (item, label) = (item as usize, label as usize);
                        used[label] = true;
                        let row = &posterior[item * k..(item + 1) * k];
                        errors[label * k..(label + 1) * k].iter_mut().zip(row).for_each(|(e, p)| *e += p);
                    }
                    totals.fill(0.0);
                    for (label, column) in errors.chunks_exact_mut(k).enumerate() {
                        if used[label] {
                            for (e, total) in column.iter_mut().zip(totals.iter_mut()) {
                                *e = e.max(FLOOR);
                                *total += *e;
                            }
                        }
                    }
                    for (column, logs) in errors.chunks_exact_mut(k).zip(logs.chunks_exact_mut(k)) {
                        for ((e, total), log) in column.iter_mut().zip(totals.iter()).zip(logs) {
                            *e /= total;
                            *log = e.ln();
                        }
                    }
                },
            );
    }

    /// The posterior from prior and error matrices; returns the observed log-likelihood.
    fn expect(&mut self, progress: &Progress) -> f64 {
        let k = self.k;
        let log_prior: Vec<f64> = self.prior.iter().map(|p| p.ln()).collect();
        let (log_errors, item_starts, votes, prior) =
            (&self.log_errors, &self.item_starts, &self.votes, &self.prior);
        let parts: Vec<f64> = self
            .posterior
            .par_chunks_mut(CHUNK * k)
            .enumerate()
            .map(|(chunk, rows)| {
                if progress.is_cancelled() {
                    return 0.0;
                }
                let mut log_likelihood = 0.0;
                for (row, item) in rows.chunks_exact_mut(k).zip(chunk * CHUNK..) {
                    let own = &votes[item_starts[item]..item_starts[item + 1]];
                    if own.is_empty() {
                        row.copy_from_slice(prior);
                        continue;
                    }
                    row.copy_from_slice(&log_prior);
                    for &vote in own {
                        let column = &log_errors[vote as usize * k..(vote as usize + 1) * k];
                        row.iter_mut().zip(column).for_each(|(r, e)| *r += e);
                    }
                    log_likelihood += normalise(row);
                }
                log_likelihood
            })
            .collect();
        parts.iter().sum()
    }

    fn finish(self, iterations: usize, log_likelihood: f64, converged: bool) -> DawidSkene {
        let k = self.k;
        let labels = self
            .posterior
            .chunks_exact(k)
            .zip(self.item_starts.windows(2))
            .map(|(row, w)| if w[0] < w[1] { best(row) } else { NO_LABEL })
            .collect();
        // By true label first, as it is read.
        let mut errors = self.log_errors;
        for (to, from) in errors.chunks_exact_mut(k * k).zip(self.errors.chunks_exact(k * k)) {
            for truth in 0..k {
                for said in 0..k {
                    to[truth * k + said] = from[said * k + truth];
                }
            }
        }
        DawidSkene {
            posterior: self.posterior,
            prior: self.prior,
            errors,
            labels,
            iterations,
            log_likelihood,
            converged,
            n_labels: k,
        }
    }
}

/// Turns logarithms into probabilities that sum to 1, and returns ln Σ exp.
fn normalise(row: &mut [f64]) -> f64 {
    let max = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut sum = 0.0;
    for x in row.iter_mut() {
        *x = (*x - max).exp();
        sum += *x;
    }
    row.iter_mut().for_each(|x| *x /= sum);
    max + sum.ln()
}

/// The largest entry, the first on ties.
fn best(row: &[f64]) -> LabelId {
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
    use proptest::prelude::*;

    use super::*;
    use crate::dataset::AnnotationsBuilder;

    fn table(rows: &[(u32, u32, u32)], n_items: usize, n_raters: usize) -> Annotations {
        let mut b = AnnotationsBuilder::new();
        for &(item, rater, label) in rows {
            b.push(item, rater, label, None);
        }
        b.finish(n_items, n_raters)
    }

    fn fit(annotations: &Annotations, k: usize) -> DawidSkene {
        dawid_skene(annotations, k, &Progress::new()).unwrap().unwrap()
    }

    fn any_rows() -> impl Strategy<Value = Vec<(u32, u32, u32)>> {
        prop::collection::vec((0..12_u32, 0..4_u32, 0..3_u32), 4..80)
    }

    proptest! {
        #[test]
        fn rows_sum_to_one(rows in any_rows()) {
            let a = table(&rows, 14, 4);
            if let Ok(ds) = dawid_skene(&a, 3, &Progress::new()).unwrap() {
                for item in 0..14 {
                    let sum: f64 = ds.posterior_of(item).iter().sum();
                    prop_assert!((sum - 1.0).abs() < 1e-9, "{sum}");
                    prop_assert_eq!(ds.labels[item] == NO_LABEL, a.count(item) == 0);
                }
                for rater in (0..4).filter(|&r| a.of_rater(r).len() > 0) {
                    for row in ds.errors[rater * 9..(rater + 1) * 9].chunks(3) {
                        prop_assert!((row.iter().sum::<f64>() - 1.0).abs() < 1e-9, "{row:?}");
                    }
                    prop_assert!((0.0..=1.0 + 1e-9).contains(&ds.accuracy(rater).unwrap()));
                }
            }
        }

        #[test]
        fn log_likelihood_never_falls(rows in any_rows()) {
            if let Ok(mut fit) = Fit::new(&table(&rows, 12, 4), 3) {
                let mut last = f64::NEG_INFINITY;
                for _ in 0..40 {
                    fit.maximise(&Progress::new());
                    let next = fit.expect(&Progress::new());
                    // The floor of 1e-10 may cost that much an annotation.
                    prop_assert!(next >= last - 1e-7, "{last} → {next}");
                    last = next;
                }
            }
        }

        #[test]
        fn renaming_labels_renames_the_posterior(rows in any_rows(), by in 0..3_u32) {
            let turned: Vec<_> = rows.iter().map(|&(i, r, l)| (i, r, (l + by) % 3)).collect();
            let rule = StoppingRule { gain_per_annotation: 0.0, max_iterations: 20 };
            let fit = |rows| dawid_skene_until(&table(rows, 12, 4), 3, rule, &Progress::new()).unwrap();
            if let (Ok(x), Ok(y)) = (fit(&rows), fit(&turned)) {
                prop_assume!(x.iterations == y.iterations);
                for item in 0..12 {
                    for l in 0..3 {
                        let (p, q) = (x.posterior_of(item)[l], y.posterior_of(item)[(l + by as usize) % 3]);
                        prop_assert!((p - q).abs() < 1e-6, "{p} {q}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_careless_rater_is_outvoted_and_known() {
        // Two raters agree on ten items; the third always says 0.
        let rows: Vec<_> = (0..10)
            .flat_map(|i| [(i, 0, i % 2), (i, 1, i % 2), (i, 2, 0)])
            .chain([(10, 1, 1), (10, 2, 0)])
            .collect();
        let ds = fit(&table(&rows, 11, 3), 2);
        assert_eq!(ds.labels[10], 1, "the careful rater is believed");
        assert!(ds.accuracy(0).unwrap() > 0.99 && ds.accuracy(2).unwrap() < 0.6);
        assert!(ds.error(2, 1, 0).unwrap() > 0.99);
        assert!(ds.converged);
    }

    #[test]
    fn an_item_without_votes_has_the_prior_and_no_label() {
        let ds = fit(&table(&[(0, 0, 0), (0, 1, 0), (2, 0, 1), (2, 1, 1)], 4, 3), 2);
        assert_eq!(ds.labels, [0, NO_LABEL, 1, NO_LABEL]);
        assert_eq!(ds.posterior_of(1), ds.prior);
        assert_eq!(ds.confidence(1), None);
        assert_eq!(ds.errors[8..], [0.0; 4], "a rater without annotations has no matrix");
    }

    #[test]
    fn what_cannot_be_fitted_says_why() {
        let why = |a: &Annotations, k| dawid_skene(a, k, &Progress::new()).unwrap().unwrap_err();
        assert_eq!(why(&table(&[], 3, 2), 2), Undefined::NoAnnotations);
        assert_eq!(why(&table(&[(0, 1, 0), (1, 1, 1)], 2, 3), 2), Undefined::FewerThanTwoRaters);
        let reason = why(&table(&[(0, 0, 0), (0, 1, 0)], 1, 2), 5000).to_string();
        assert_eq!(reason, "2 error matrices of 5000 × 5000 labels are more than 33554432 numbers");
    }

    #[test]
    fn a_cancelled_fit_stops() {
        let progress = Progress::new();
        progress.cancel();
        assert_eq!(dawid_skene(&table(&[(0, 0, 0), (0, 1, 0)], 1, 2), 2, &progress), Err(Cancelled));
    }

    #[test]
    fn threads_change_nothing() {
        let rows: Vec<_> =
            (0..30_000_u32).map(|i| (i % 9000, i % 7, (i.wrapping_mul(2_654_435_761) >> 16) % 4)).collect();
        let a = table(&rows, 9000, 7);
        let on = |n| {
            let rule = StoppingRule { gain_per_annotation: 1e-7, max_iterations: 15 };
            let pool = rayon::ThreadPoolBuilder::new().num_threads(n).build().unwrap();
            pool.install(|| dawid_skene_until(&a, 4, rule, &Progress::new())).unwrap().unwrap()
        };
        assert_eq!(on(1), on(8));
    }
}
