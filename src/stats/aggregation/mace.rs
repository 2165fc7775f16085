//! MACE (Hovy, Berg-Kirkpatrick, Vaswani & Hovy 2013): with probability θ_w a rater knows and says the true label;
//! otherwise they spam, and say l with probability ξ_w[l] whatever the truth. Labels have equal prior shares.
//!
//! P(l | c) = (1 − θ) ξ[l] + θ 1[l = c]. Every annotation weighs all labels alike but the one that was said, so the E
//! step is one look-up an annotation, and the M step needs only S_w[l], the sum of P(true = l) over w's annotations
//! with l: of these S_w[l] θ/(θ + (1 − θ) ξ[l]) are known, the rest is spam.
//!
//! - EM: θ and ξ are the expected counts plus a smoothing, normalised;
//! - VB: θ ~ Beta(½, ½), ξ ~ Dirichlet(10, …): exp(ψ(count + prior) − ψ(sum)).
//!
//! A stopping rule reads the log-likelihood plus the log prior that the smoothing amounts to, or the lower bound of the
//! evidence: neither falls. Restarts are compared by the likelihood, as the authors do.
//!
//! Each restart draws its own start: (1 + U/2), normalised. The restart with the largest log-likelihood is kept, the
//! first on ties.

use rayon::prelude::*;
use statrs::function::gamma::digamma;

use super::Layout;
use super::em::{self, Model, StoppingRule};
use super::ibcc::divergence;
use super::random::Stream;
use super::softmax::{Evidence, normalise};
use crate::dataset::LabelId;
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;

/// How parameters follow from expected counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum MaceUpdate {
    /// Variational Bayes with Beta(`spam`, `know`) and a symmetric Dirichlet(`strategy`).
    Variational {
        /// Prior count of spam.
        spam: f64,
        /// Prior count of knowing.
        know: f64,
        /// Prior count of each label among the spam.
        strategy: f64,
    },
    /// Maximum likelihood with so much added to every count.
    Smoothed(f64),
}

impl MaceUpdate {
    /// The authors' priors: Beta(½, ½) and Dirichlet(10).
    pub const VARIATIONAL: Self = Self::Variational { spam: 0.5, know: 0.5, strategy: 10.0 };
}

/// One explicit start.
#[derive(Debug, Clone, PartialEq)]
pub struct MaceStart {
    /// P(spam), P(know) of each rater.
    pub theta: Vec<[f64; 2]>,
    /// Spam label distribution, raters × labels.
    pub xi: Vec<f64>,
}

/// How [`mace`] fits.
#[derive(Debug, Clone)]
pub struct MaceOptions<'a> {
    /// How parameters follow from expected counts.
    pub update: MaceUpdate,
    /// When each restart stops.
    pub rule: StoppingRule,
    /// How many random starts; 0 counts as 1. Of no effect with `start`.
    pub restarts: usize,
    /// Seed of the random starts.
    pub seed: u64,
    /// One start instead of random ones.
    pub start: Option<MaceStart>,
    /// Trusted labels, one an item: their rows stay certain (the authors' *controls*).
    pub gold: Option<&'a [LabelId]>,
}

impl Default for MaceOptions<'_> {
    fn default() -> Self {
        Self {
            update: MaceUpdate::VARIATIONAL,
            rule: StoppingRule::exactly(50),
            restarts: 10,
            seed: 0,
            start: None,
            gold: None,
        }
    }
}

/// What the model says.
#[derive(Debug, Clone, PartialEq)]
pub struct Mace {
    /// P(true label), items × labels, row-major; 1/K each for an item without a vote.
    pub posterior: Vec<f64>,
    /// θ: how often the rater knows, in 0..=1; `None` without annotations. Under VB the geometric mean of the
    /// posterior, as the authors report it.
    pub competence: Vec<Option<f64>>,
    /// ξ: what the rater says when spamming, raters × labels, rows sum to 1; under VB the posterior's geometric mean,
    /// normalised.
    pub strategy: Vec<f64>,
    /// Iterations of the restart that was kept.
    pub iterations: usize,
    /// Its log-likelihood, natural logarithm.
    pub log_likelihood: f64,
    /// Log-likelihood plus the term of the priors that a stopping rule reads; the log-likelihood alone under a rule that
    /// reads nothing.
    pub objective: f64,
    /// Log-likelihood of every restart, in order.
    pub restarts: Vec<f64>,
    /// Whether the kept restart stopped because nothing was gained any more.
    pub converged: bool,
    /// Number of labels.
    pub n_labels: usize,
}

/// Fits the model. Undefined without annotations, with fewer than two raters, where raters × labels is beyond 2²⁵,
/// or where an explicit start has the wrong size or numbers outside 0..=1.
pub fn mace(
    layout: &Layout,
    options: &MaceOptions,
    progress: &Progress,
) -> Result<Result<Mace, Undefined>, Cancelled> {
    if let Err(reason) = layout.check().and_then(|()| check(layout, options)) {
        return Ok(Err(reason));
    }
    let n = if options.start.is_some() { 1 } else { options.restarts.max(1) };
    progress.stage("MACE", (n * options.rule.max_iterations) as u64);
    let em_options = em::Options { rule: options.rule, gold: options.gold, ..em::Options::default() };
    let mut likelihoods = Vec::with_capacity(n);
    let mut kept: Option<(em::Fit, Strategies)> = None;
    for restart in 0..n {
        let start =
            options.start.clone().unwrap_or_else(|| random_start(layout, options.seed, restart as u64));
        let mut model = Strategies::new(layout, options, &start);
        let mut posterior = vec![0.0; layout.n_items() * layout.n_labels()];
        em::expect(&model, layout, &mut posterior, em_options, false, progress);
        let fit = em::fit(&mut model, layout, posterior, em_options, progress)?;
        likelihoods.push(fit.log_likelihood);
        if kept.as_ref().is_none_or(|(k, _)| fit.log_likelihood > k.log_likelihood) {
            kept = Some((fit, model));
        }
    }
    let Some((fit, model)) = kept else {
        return Ok(Err(Undefined::NoAnnotations));
    };
    let k = layout.n_labels();
    let objective = fit.objective();
    let active = |rater: usize| !layout.answers(rater).is_empty();
    let mut strategy = model.xi;
    for row in strategy.chunks_exact_mut(k) {
        let sum: f64 = row.iter().sum();
        row.iter_mut().for_each(|x| *x /= sum);
    }
    Ok(Ok(Mace {
        posterior: fit.posterior,
        competence: model.theta.iter().enumerate().map(|(w, t)| active(w).then_some(t[1])).collect(),
        strategy,
        iterations: fit.iterations,
        log_likelihood: fit.log_likelihood,
        objective,
        restarts: likelihoods,
        converged: fit.converged,
        n_labels: k,
    }))
}

fn check(layout: &Layout, options: &MaceOptions) -> Result<(), Undefined> {
    let (n, k) = (layout.n_raters(), layout.n_labels());
    if n.checked_mul(k).is_none_or(|cells| cells > super::layout::MAX_TABLE_CELLS) {
        return Err(Undefined::Because(format!("{n} strategies of {k} labels are too many numbers")));
    }
    if let Some(start) = &options.start {
        let probability = |x: &f64| (0.0..=1.0).contains(x);
        let sized = start.theta.len() == n && start.xi.len() == n * k;
        if !sized || !start.theta.iter().flatten().chain(&start.xi).all(probability) {
            return Err(Undefined::Because(
                "the start does not hold two probabilities and one strategy a rater".to_owned(),
            ));
        }
    }
    Ok(())
}

fn random_start(layout: &Layout, seed: u64, restart: u64) -> MaceStart {
    let mut stream = Stream::new(seed, restart);
    let mut draw = |row: &mut [f64]| {
        row.iter_mut().for_each(|x| *x = 1.0 + 0.5 * stream.uniform());
        let sum: f64 = row.iter().sum();
        row.iter_mut().for_each(|x| *x /= sum);
    };
    let mut theta = vec![[0.0; 2]; layout.n_raters()];
    theta.iter_mut().for_each(|t| draw(t));
    let mut xi = vec![0.0; layout.n_raters() * layout.n_labels()];
    xi.chunks_exact_mut(layout.n_labels()).for_each(draw);
    MaceStart { theta, xi }
}

struct Strategies {
    update: MaceUpdate,
    theta: Vec<[f64; 2]>,
    xi: Vec<f64>,
    /// For each (rater, said): ln of saying it where it is wrong, and how many times as probable it is where it is
    /// right, at least 1.
    ratios: Vec<(f64, f64)>,
    /// Whether a rule reads the objective, and what the parameters add to it.
    watched: bool,
    term: f64,
}

impl Strategies {
    fn new(layout: &Layout, options: &MaceOptions, start: &MaceStart) -> Self {
        let mut model = Self {
            update: options.update,
            watched: options.rule.gain_per_annotation.is_finite(),
            term: 0.0,
            theta: start.theta.clone(),
            xi: start.xi.clone(),
            ratios: vec![(0.0, 1.0); start.xi.len()],
        };
        let k = layout.n_labels();
        for ((theta, xi), ratios) in
            model.theta.iter().zip(model.xi.chunks_exact(k)).zip(model.ratios.chunks_exact_mut(k))
        {
            weigh(*theta, xi, ratios);
        }
        model
    }
}

fn weigh([spam, know]: [f64; 2], xi: &[f64], ratios: &mut [(f64, f64)]) {
    for (xi, ratio) in xi.iter().zip(ratios) {
        // A rater who never spams still has to be able to be wrong.
        let wrong = (spam * xi).max(f64::MIN_POSITIVE);
        *ratio = (wrong.ln(), 1.0 + know / wrong);
    }
}

impl MaceUpdate {
    /// Probabilities from counts.
    fn theta(self, counts: [f64; 2]) -> [f64; 2] {
        match self {
            Self::Variational { spam, know, .. } => {
                let [s, k] = [counts[0] + spam, counts[1] + know];
                let all = digamma(s + k);
                [(digamma(s) - all).exp(), (digamma(k) - all).exp()]
            }
            Self::Smoothed(extra) => {
                let [s, k] = [counts[0] + extra, counts[1] + extra];
                [s / (s + k), k / (s + k)]
            }
        }
    }

    /// What a rater's parameters add to the objective, from the expected counts that they were made of and the
    /// parameters.
    fn term(self, known: f64, spam_counts: &[f64], theta: [f64; 2], xi: &[f64]) -> f64 {
        match self {
            Self::Variational { spam, know, strategy } => {
                let theta_counts = [spam_counts.iter().sum::<f64>() + spam, known + know];
                let xi_counts: Vec<f64> = spam_counts.iter().map(|c| c + strategy).collect();
                -divergence(&theta_counts, |i| [spam, know][i], |i| theta[i].ln())
                    - divergence(&xi_counts, |_| strategy, |l| xi[l].ln())
            }
            Self::Smoothed(extra) if extra > 0.0 => {
                extra * theta.iter().chain(xi).map(|p| p.max(f64::MIN_POSITIVE).ln()).sum::<f64>()
            }
            Self::Smoothed(_) => 0.0,
        }
    }

    fn xi(self, counts: &mut [f64]) {
        let extra = match self {
            Self::Variational { strategy, .. } => strategy,
            Self::Smoothed(extra) => extra,
        };
        counts.iter_mut().for_each(|c| *c += extra);
        let sum: f64 = counts.iter().sum();
        match self {
            Self::Variational { .. } => {
                let all = digamma(sum);
                counts.iter_mut().for_each(|c| *c = (digamma(*c) - all).exp());
            }
            Self::Smoothed(_) => counts.iter_mut().for_each(|c| *c /= sum),
        }
    }
}

impl Model for Strategies {
    fn maximise(&mut self, layout: &Layout, posterior: &[f64], progress: &Progress) {
        let k = layout.n_labels();
        let (update, watched) = (self.update, self.watched);
        let terms: Vec<f64> = self
            .theta
            .par_iter_mut()
            .zip(self.xi.par_chunks_mut(k))
            .zip(self.ratios.par_chunks_mut(k))
            .enumerate()
            .map_init(
                || (vec![0.0; k], vec![0_u32; k]),
                |(right, said), (rater, ((theta, xi), ratios))| {
                    let own = layout.answers(rater);
                    if own.is_empty() || progress.is_cancelled() {
                        return 0.0;
                    }
                    right.fill(0.0);
                    said.fill(0);
                    for answer in own {
                        let label = answer.label as usize;
                        right[label] += posterior[answer.item as usize * k + label];
                        said[label] += 1;
                    }
                    let mut known = 0.0;
                    for (label, xi) in xi.iter_mut().enumerate() {
                        let knows = theta[1] / (theta[1] + theta[0] * *xi).max(f64::MIN_POSITIVE);
                        let knowing = if said[label] == 0 { 0.0 } else { right[label] * knows };
                        known += knowing;
                        *xi = f64::from(said[label]) - knowing;
                    }
                    *theta = update.theta([own.len() as f64 - known, known]);
                    right.copy_from_slice(xi);
                    update.xi(xi);
                    weigh(*theta, xi, ratios);
                    if watched { update.term(known, right, *theta, xi) } else { 0.0 }
                },
            )
            .collect();
        self.term = terms.iter().sum();
    }

    fn log_joint(&self, layout: &Layout, item: usize, row: &mut [f64]) -> f64 {
        let k = row.len();
        row.fill(0.0);
        let mut shift = -(k as f64).ln();
        for vote in layout.votes(item) {
            let (wrong, times) = self.ratios[vote.rater as usize * k + vote.label as usize];
            shift += wrong;
            row[vote.label as usize] += times.ln();
        }
        shift
    }

    fn assign(&self, layout: &Layout, item: usize, row: &mut [f64]) -> Evidence {
        let k = row.len();
        row.fill(1.0);
        let mut shift = -(k as f64).ln();
        for vote in layout.votes(item) {
            let (wrong, times) = self.ratios[vote.rater as usize * k + vote.label as usize];
            shift += wrong;
            row[vote.label as usize] *= times;
        }
        let sum: f64 = row.iter().sum();
        if !sum.is_finite() {
            let log = self.log_joint(layout, item, row) + normalise(row);
            return Evidence { log, factor: 1.0 };
        }
        let scale = 1.0 / sum;
        row.iter_mut().for_each(|p| *p *= scale);
        Evidence { log: shift, factor: sum }
    }

    fn parameter_term(&self) -> f64 {
        self.term
    }
}
