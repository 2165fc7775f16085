//! IBCC (Kim & Ghahramani 2012): Dawid–Skene with Dirichlet priors, by variational Bayes.
//!
//! Label shares κ ~ Dirichlet(ν₀), each row of a rater's error matrix π_w[c, ·] ~ Dirichlet(α₀) with more on the
//! diagonal. With expected counts N under the posterior:
//!
//! - M: ν = ν₀ + N_c, α_w[c, l] = α₀[c, l] + N_w[c, l];
//! - E: posterior of c ∝ exp(E ln κ_c + Σ E ln π_w[c, l]), E ln of a Dirichlet being ψ(a) − ψ(Σ a);
//! - objective: the lower bound of the evidence, Σ_i ln Σ_c exp(…) − KL(κ) − Σ KL(π), which never falls.
//!
//! Unlike Dawid–Skene it shrinks the matrices of raters with few annotations towards the prior, and says how sure it is
//! of them: each cell has a Beta marginal.

use statrs::function::beta::inv_beta_reg;
use statrs::function::gamma::{digamma, ln_gamma};

use super::Layout;
use super::em::{self, Model, StoppingRule};
use super::tables::{self, Tables};
use crate::dataset::LabelId;
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;

/// How [`ibcc`] fits.
#[derive(Debug, Clone, Copy)]
pub struct IbccOptions<'a> {
    /// When to stop.
    pub rule: StoppingRule,
    /// ν₀: prior count of each label; above 0.
    pub label_prior: f64,
    /// α₀ of the right label; above 0.
    pub right: f64,
    /// α₀ of each wrong label; above 0.
    pub wrong: f64,
    /// Trusted labels, one an item: their rows stay certain.
    pub gold: Option<&'a [LabelId]>,
}

impl Default for IbccOptions<'_> {
    fn default() -> Self {
        Self { rule: StoppingRule::default(), label_prior: 1.0, right: 2.0, wrong: 1.0, gold: None }
    }
}

/// What the model says.
#[derive(Debug, Clone, PartialEq)]
pub struct Ibcc {
    /// P(true label), items × labels, row-major. An item without a vote has the expected label shares.
    pub posterior: Vec<f64>,
    /// ν: prior plus expected counts of each true label.
    pub label_counts: Vec<f64>,
    /// α: prior plus expected counts, raters × true × said; the prior alone for a rater without annotations.
    pub counts: Vec<f64>,
    /// Rounds of M and E.
    pub iterations: usize,
    /// Lower bound of the log evidence, natural logarithm.
    pub lower_bound: f64,
    /// Whether it stopped because nothing was gained any more.
    pub converged: bool,
    /// Number of labels.
    pub n_labels: usize,
}

impl Ibcc {
    /// Expected P(said | true) of `rater`.
    pub fn error(&self, rater: usize, truth: LabelId, said: LabelId) -> Option<f64> {
        let row = self.row(rater, truth)?;
        Some(row.get(said as usize)? / row.iter().sum::<f64>())
    }

    /// 95 % credible interval of P(said | true) of `rater`: the 2.5 % and 97.5 % points of its Beta marginal.
    pub fn error_interval(&self, rater: usize, truth: LabelId, said: LabelId) -> Option<(f64, f64)> {
        let row = self.row(rater, truth)?;
        let a = *row.get(said as usize)?;
        let b = row.iter().sum::<f64>() - a;
        (b > 0.0).then(|| (inv_beta_reg(a, b, 0.025), inv_beta_reg(a, b, 0.975)))
    }

    /// Expected P(rater says the true label), weighted by the expected label shares.
    pub fn accuracy(&self, rater: usize) -> Option<f64> {
        let total: f64 = self.label_counts.iter().sum();
        let labels = self.label_counts.iter().enumerate();
        labels.map(|(c, nu)| Some(nu / total * self.error(rater, c as LabelId, c as LabelId)?)).sum()
    }

    fn row(&self, rater: usize, truth: LabelId) -> Option<&[f64]> {
        let k = self.n_labels;
        if truth as usize >= k {
            return None;
        }
        let at = (rater * k + truth as usize) * k;
        self.counts.get(at..at + k)
    }
}

/// Fits the model from the shares of votes. Undefined as [`super::dawid_skene`], and for priors that are not above 0.
pub fn ibcc(
    layout: &Layout,
    options: IbccOptions,
    progress: &Progress,
) -> Result<Result<Ibcc, Undefined>, Cancelled> {
    if let Err(reason) = layout.check().and_then(|()| layout.check_tables()) {
        return Ok(Err(reason));
    }
    let positive = |x: f64| x > 0.0 && x.is_finite();
    if ![options.label_prior, options.right, options.wrong].into_iter().all(positive) {
        return Ok(Err(Undefined::Because("prior counts are above 0".to_owned())));
    }
    progress.stage("IBCC", options.rule.max_iterations as u64);
    let k = layout.n_labels();
    let mut model = Dirichlets {
        label_prior: options.label_prior,
        right: options.right,
        wrong: options.wrong,
        nu: vec![options.label_prior; k],
        log_prior: vec![0.0; k],
        counts: Tables::new(layout, options.wrong),
        logs: Tables::new(layout, 0.0),
        divergence: 0.0,
    };
    model.counts.add_to_diagonal(options.right - options.wrong);
    let em_options = em::Options { rule: options.rule, gold: options.gold, ..em::Options::default() };
    let fit = em::fit(&mut model, layout, layout.vote_shares(), em_options, progress)?;
    Ok(Ok(Ibcc {
        lower_bound: fit.objective(),
        posterior: fit.posterior,
        label_counts: model.nu,
        counts: model.counts.by_truth(model.logs),
        iterations: fit.iterations,
        converged: fit.converged,
        n_labels: k,
    }))
}

struct Dirichlets {
    label_prior: f64,
    right: f64,
    wrong: f64,
    nu: Vec<f64>,
    log_prior: Vec<f64>,
    counts: Tables,
    logs: Tables,
    divergence: f64,
}

/// KL(Dirichlet(a) ‖ Dirichlet(b)), given E ln x under a.
pub(super) fn divergence(a: &[f64], b: impl Fn(usize) -> f64, expected_logs: impl Fn(usize) -> f64) -> f64 {
    let (mut sum_a, mut sum_b, mut kl) = (0.0, 0.0, 0.0);
    for (i, &a) in a.iter().enumerate() {
        let b = b(i);
        sum_a += a;
        sum_b += b;
        kl += ln_gamma(b) - ln_gamma(a) + (a - b) * expected_logs(i);
    }
    kl + ln_gamma(sum_a) - ln_gamma(sum_b)
}

impl Model for Dirichlets {
    fn maximise(&mut self, layout: &Layout, posterior: &[f64], progress: &Progress) {
        let k = layout.n_labels();
        let n = layout.n_voted() as f64;
        let shares = em::mean_posterior(layout, posterior);
        self.nu = shares.iter().map(|p| self.label_prior + n * p).collect();
        let total = digamma(self.nu.iter().sum());
        self.log_prior = self.nu.iter().map(|&nu| digamma(nu) - total).collect();
        let (right, wrong) = (self.right, self.wrong);
        let finish = |_: &[bool], counts: &mut [f64], logs: &mut [f64]| {
            for (label, column) in counts.chunks_exact_mut(k).enumerate() {
                for (truth, count) in column.iter_mut().enumerate() {
                    *count += if truth == label { right } else { wrong };
                }
            }
            for truth in 0..k {
                let row = (0..k).map(|label| counts[label * k + truth]);
                let total = digamma(row.sum());
                for label in 0..k {
                    logs[label * k + truth] = digamma(counts[label * k + truth]) - total;
                }
            }
        };
        tables::count(layout, posterior, &mut self.counts, &mut self.logs, progress, finish);
        let own = divergence(&self.nu, |_| self.label_prior, |c| self.log_prior[c]);
        let kl = |rater: usize| {
            let (counts, logs) = (self.counts.of_rater(rater), self.logs.of_rater(rater));
            let mut row = vec![0.0; k];
            let rows = (0..k).map(|truth| {
                row.iter_mut().enumerate().for_each(|(label, x)| *x = counts[label * k + truth]);
                let prior = |label: usize| if label == truth { right } else { wrong };
                divergence(&row, prior, |label| logs[label * k + truth])
            });
            rows.sum::<f64>()
        };
        let active = (0..layout.n_raters()).filter(|&w| !layout.answers(w).is_empty());
        self.divergence = own + active.map(kl).sum::<f64>();
    }

    fn log_joint(&self, layout: &Layout, item: usize, row: &mut [f64]) -> f64 {
        self.logs.log_joint(&self.log_prior, layout.votes(item), row);
        0.0
    }

    fn prior(&self, row: &mut [f64]) {
        let total: f64 = self.nu.iter().sum();
        row.iter_mut().zip(&self.nu).for_each(|(r, nu)| *r = nu / total);
    }

    fn parameter_term(&self) -> f64 {
        -self.divergence
    }
}
