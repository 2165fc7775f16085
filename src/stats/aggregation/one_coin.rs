//! The one-coin model: a rater is right with one probability, and otherwise says any other label alike.
//!
//! P(l | c) = s_w where l = c, else (1 − s_w)/(K − 1); label shares p are free. It is Dawid–Skene with one parameter
//! a rater, known as *homogeneous* or ZenCrowd (Demartini, Difallah & Cudré-Mauroux 2012) among other names.
//!
//! - start: shares of votes;
//! - M: p = mean posterior over items with a vote, s_w = mean posterior of what w said, kept in 1e-10..=1 − 1e-10;
//! - E and stop: as in [`super::dawid_skene`].
//!
//! With one accuracy for all raters ([`OneCoinOptions::shared`]) it is the model of the majority-vote certificate.

use rayon::prelude::*;

use super::Layout;
use super::em::{self, Model, StoppingRule};
use crate::dataset::LabelId;
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;

/// How near to 0 and 1 an accuracy may come.
const EDGE: f64 = 1e-10;

/// How [`one_coin`] fits.
#[derive(Debug, Clone, Copy, Default)]
pub struct OneCoinOptions<'a> {
    /// When to stop.
    pub rule: StoppingRule,
    /// Whether all raters share one accuracy.
    pub shared: bool,
    /// Trusted labels, one an item: their rows stay certain.
    pub gold: Option<&'a [LabelId]>,
}

/// What the model says.
#[derive(Debug, Clone, PartialEq)]
pub struct OneCoin {
    /// P(true label), items × labels, row-major. An item without a vote has the prior.
    pub posterior: Vec<f64>,
    /// Share of each true label.
    pub prior: Vec<f64>,
    /// P(rater is right), one a rater; `None` without annotations.
    pub accuracy: Vec<Option<f64>>,
    /// Rounds of M and E.
    pub iterations: usize,
    /// Observed log-likelihood, natural logarithm.
    pub log_likelihood: f64,
    /// Whether it stopped because nothing was gained any more.
    pub converged: bool,
    /// Number of labels.
    pub n_labels: usize,
}

/// Fits the model. Undefined without annotations, with fewer than two raters, or with one label only (nobody could
/// be wrong).
pub fn one_coin(
    layout: &Layout,
    options: OneCoinOptions,
    progress: &Progress,
) -> Result<Result<OneCoin, Undefined>, Cancelled> {
    if let Err(reason) = layout.check() {
        return Ok(Err(reason));
    }
    if layout.n_labels() < 2 {
        return Ok(Err(Undefined::Because("there is only one label, so nobody could be wrong".to_owned())));
    }
    progress.stage("One coin", options.rule.max_iterations as u64);
    let mut model = Coins::new(layout, options.shared);
    let OneCoinOptions { rule, gold, .. } = options;
    let em_options = em::Options { rule, gold, ..em::Options::default() };
    let fit = em::fit(&mut model, layout, layout.vote_shares(), em_options, progress)?;
    let active = |rater: usize| !layout.answers(rater).is_empty();
    Ok(Ok(OneCoin {
        accuracy: model.accuracy.iter().enumerate().map(|(w, &s)| active(w).then_some(s)).collect(),
        prior: model.prior,
        posterior: fit.posterior,
        iterations: fit.iterations,
        log_likelihood: fit.log_likelihood,
        converged: fit.converged,
        n_labels: layout.n_labels(),
    }))
}

struct Coins {
    shared: bool,
    accuracy: Vec<f64>,
    prior: Vec<f64>,
    log_prior: Vec<f64>,
    /// ln of a wrong label, and what a right one weighs more; one pair a rater.
    logs: Vec<(f64, f64)>,
}

impl Coins {
    fn new(layout: &Layout, shared: bool) -> Self {
        let (n, k) = (layout.n_raters(), layout.n_labels());
        Self {
            shared,
            accuracy: vec![0.0; n],
            prior: vec![0.0; k],
            log_prior: vec![0.0; k],
            logs: vec![(0.0, 0.0); n],
        }
    }
}

impl Model for Coins {
    fn maximise(&mut self, layout: &Layout, posterior: &[f64], _: &Progress) {
        let k = layout.n_labels();
        self.prior = em::mean_posterior(layout, posterior);
        self.log_prior = self.prior.iter().map(|p| p.ln()).collect();
        self.accuracy.par_iter_mut().enumerate().for_each(|(rater, s)| {
            let right =
                layout.answers(rater).iter().map(|a| posterior[a.item as usize * k + a.label as usize]);
            *s = right.sum();
        });
        let all: f64 = self.accuracy.iter().sum();
        let others = (k - 1) as f64;
        for (rater, (s, logs)) in self.accuracy.iter_mut().zip(&mut self.logs).enumerate() {
            let share = if self.shared {
                all / layout.len() as f64
            } else {
                *s / layout.answers(rater).len().max(1) as f64
            };
            *s = share.clamp(EDGE, 1.0 - EDGE);
            let wrong = ((1.0 - *s) / others).ln();
            *logs = (wrong, s.ln() - wrong);
        }
    }

    fn log_joint(&self, layout: &Layout, item: usize, row: &mut [f64]) -> f64 {
        row.copy_from_slice(&self.log_prior);
        let mut shift = 0.0;
        for vote in layout.votes(item) {
            let (wrong, more) = self.logs[vote.rater as usize];
            shift += wrong;
            row[vote.label as usize] += more;
        }
        shift
    }

    fn prior(&self, row: &mut [f64]) {
        row.copy_from_slice(&self.prior);
    }
}
