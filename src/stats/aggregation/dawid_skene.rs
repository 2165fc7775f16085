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

use super::Layout;
use super::em::{self, Assignment, Model, StoppingRule, best};
use super::tables::{self, Tables};
use crate::dataset::{Annotations, LabelId, NO_LABEL};
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;

/// Smallest expected count of a label that a rater uses.
const FLOOR: f64 = 1e-10;

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

/// How [`dawid_skene_on`] fits.
#[derive(Debug, Clone, Copy, Default)]
pub struct DawidSkeneOptions<'a> {
    /// When to stop.
    pub rule: StoppingRule,
    /// Soft for the model of 1979; hard and hybrid for *Fast Dawid–Skene*, whose log-likelihood is that of the
    /// parameters found.
    pub assignment: Assignment,
    /// Trusted labels, one an item, [`NO_LABEL`] where there is none: their rows stay certain.
    pub gold: Option<&'a [LabelId]>,
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
    let options = DawidSkeneOptions { rule, ..DawidSkeneOptions::default() };
    dawid_skene_on(&Layout::new(annotations, n_labels), options, progress)
}

/// [`dawid_skene`] on a layout, with a choice of assignment and of trusted labels.
pub fn dawid_skene_on(
    layout: &Layout,
    options: DawidSkeneOptions,
    progress: &Progress,
) -> Result<Result<DawidSkene, Undefined>, Cancelled> {
    if let Err(reason) = layout.check().and_then(|()| layout.check_tables()) {
        return Ok(Err(reason));
    }
    progress.stage("Dawid–Skene", options.rule.max_iterations as u64);
    let mut model = Matrices::new(layout);
    let DawidSkeneOptions { rule, assignment, gold } = options;
    let fit =
        em::fit(&mut model, layout, layout.vote_shares(), em::Options { rule, assignment, gold }, progress)?;
    Ok(Ok(model.finish(layout, fit)))
}

/// The parameters between iterations.
struct Matrices {
    prior: Vec<f64>,
    log_prior: Vec<f64>,
    /// Probabilities, and their logarithms.
    errors: Tables,
    log_errors: Tables,
}

impl Matrices {
    fn new(layout: &Layout) -> Self {
        let k = layout.n_labels();
        Self {
            prior: vec![0.0; k],
            log_prior: vec![0.0; k],
            errors: Tables::new(layout, 0.0),
            log_errors: Tables::new(layout, f64::NEG_INFINITY),
        }
    }

    fn finish(self, layout: &Layout, fit: em::Fit) -> DawidSkene {
        let k = layout.n_labels();
        let rows = fit.posterior.chunks_exact(k).enumerate();
        let labels = rows
            .map(|(item, row)| if layout.votes(item).is_empty() { NO_LABEL } else { best(row) })
            .collect();
        DawidSkene {
            labels,
            posterior: fit.posterior,
            prior: self.prior,
            errors: self.errors.by_truth(self.log_errors),
            iterations: fit.iterations,
            log_likelihood: fit.log_likelihood,
            converged: fit.converged,
            n_labels: k,
        }
    }
}

impl Model for Matrices {
    fn maximise(&mut self, layout: &Layout, posterior: &[f64], progress: &Progress) {
        let k = layout.n_labels();
        self.prior = em::mean_posterior(layout, posterior);
        self.log_prior = self.prior.iter().map(|p| p.ln()).collect();
        let finish = |used: &[bool], errors: &mut [f64], logs: &mut [f64]| {
            let mut totals = vec![0.0; k];
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
        };
        tables::count(layout, posterior, &mut self.errors, &mut self.log_errors, progress, finish);
    }

    fn log_joint(&self, layout: &Layout, item: usize, row: &mut [f64]) -> f64 {
        self.log_errors.log_joint(&self.log_prior, layout.votes(item), row);
        0.0
    }

    fn prior(&self, row: &mut [f64]) {
        row.copy_from_slice(&self.prior);
    }
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
            let layout = Layout::new(&table(&rows, 12, 4), 3);
            if layout.check().is_ok() {
                let options = em::Options { rule: StoppingRule::exactly(40), ..em::Options::default() };
                let start = layout.vote_shares();
                let fit = em::fit(&mut Matrices::new(&layout), &layout, start, options, &Progress::new()).unwrap();
                prop_assert_eq!(fit.history.len(), 40);
                for w in fit.history.windows(2) {
                    // The floor of 1e-10 may cost that much an annotation.
                    prop_assert!(w[1] >= w[0] - 1e-7, "{} → {}", w[0], w[1]);
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
