//! GLAD (Whitehill et al. 2009): a rater is right with probability σ(α_w e^{b_i}), where α_w is the rater's ability and
//! b_i the item's ease; a wrong answer is any other label alike. Labels have equal prior shares.
//!
//! Maximum a posteriori with α and b ~ N(1, 1), from α = b = 1. With s = e^b, x = α s and q = P(true label = what was
//! said), the expected complete log-posterior is Σ [q ln σ(x) + (1 − q) ln(1 − σ(x))] + ln N(α) + ln N(b). The M step
//! goes up by the quadratic bound of the logistic function (Jaakkola & Jordan 2000), which touches it at the present x:
//!
//! ln σ(x) ≥ const + x/2 − λ(x₀) x²/2, λ(x) = (σ(x) − ½)/x.
//!
//! Under the bound α_w = (1 + Σ (q − ½) s)/(1 + Σ λ s²) in closed form, and b_i is the maximum of
//! A e^b − B e^{2b}/2 − (b − 1)²/2 with A = Σ (q − ½) α and B = Σ λ α²: one pass over the annotations each. So the
//! objective ln P(annotations) + ln P(α, b) never falls, whereas implementations that stop on the expected
//! complete-data value may stop when it dips.
//!
//! The E step needs one exponential an annotation: Σ ln(1 + e^x) of an item is ln Π (1 + e^x).

use rayon::prelude::*;

use super::Layout;
use super::em::{self, CHUNK, Model, StoppingRule};
use crate::dataset::LabelId;
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;

/// Mean of both priors; their variance is 1.
const PRIOR_MEAN: f64 = 1.0;
/// Most steps for the ease of one item in one M step; two or three are the rule.
const MAX_STEPS: usize = 50;
/// What b is kept within, so that e^b stays a number.
const MAX_EASE: f64 = 30.0;

/// What the model says.
#[derive(Debug, Clone, PartialEq)]
pub struct Glad {
    /// P(true label), items × labels, row-major; 1/K each for an item without a vote.
    pub posterior: Vec<f64>,
    /// α: the rater's ability, one a rater; 0 guesses, below 0 misleads; `None` without annotations.
    pub ability: Vec<Option<f64>>,
    /// b: the item's ease, the logarithm of 1/difficulty, one an item; `None` without a vote.
    pub ease: Vec<Option<f64>>,
    /// Rounds of M and E.
    pub iterations: usize,
    /// Observed log-likelihood, natural logarithm.
    pub log_likelihood: f64,
    /// Log-likelihood plus the log densities of the abilities and eases of those that took part.
    pub objective: f64,
    /// Whether it stopped because nothing was gained any more.
    pub converged: bool,
    /// Number of labels.
    pub n_labels: usize,
}

impl Glad {
    /// P(`rater` is right on an item of ease `ease`).
    pub fn accuracy(&self, rater: usize, ease: f64) -> Option<f64> {
        let ability = (*self.ability.get(rater)?)?;
        Some(1.0 / (1.0 + (-ability * ease.exp()).exp()))
    }
}

/// Fits the model. `gold` clamps items to trusted labels. Undefined as [`super::one_coin`].
pub fn glad(
    layout: &Layout,
    rule: StoppingRule,
    gold: Option<&[LabelId]>,
    progress: &Progress,
) -> Result<Result<Glad, Undefined>, Cancelled> {
    if let Err(reason) = layout.check() {
        return Ok(Err(reason));
    }
    if layout.n_labels() < 2 {
        return Ok(Err(Undefined::Because("there is only one label, so nobody could be wrong".to_owned())));
    }
    progress.stage("GLAD", rule.max_iterations as u64);
    let mut model = Abilities {
        ability: vec![PRIOR_MEAN; layout.n_raters()],
        ease: vec![PRIOR_MEAN; layout.n_items()],
        factor: vec![PRIOR_MEAN.exp(); layout.n_items()],
        log_densities: 0.0,
        log_others: ((layout.n_labels() - 1) as f64).ln(),
    };
    let mut posterior = vec![0.0; layout.n_items() * layout.n_labels()];
    let options = em::Options { rule, gold, ..em::Options::default() };
    em::expect(&model, layout, &mut posterior, options, false, progress);
    let fit = em::fit(&mut model, layout, posterior, options, progress)?;
    let objective = fit.objective();
    let rater = |w: usize| (!layout.answers(w).is_empty()).then(|| model.ability[w]);
    let item = |i: usize| (!layout.votes(i).is_empty()).then(|| model.ease[i]);
    Ok(Ok(Glad {
        ability: (0..layout.n_raters()).map(rater).collect(),
        ease: (0..layout.n_items()).map(item).collect(),
        posterior: fit.posterior,
        iterations: fit.iterations,
        log_likelihood: fit.log_likelihood,
        objective,
        converged: fit.converged,
        n_labels: layout.n_labels(),
    }))
}

struct Abilities {
    ability: Vec<f64>,
    ease: Vec<f64>,
    /// e^b.
    factor: Vec<f64>,
    log_densities: f64,
    /// ln(K − 1).
    log_others: f64,
}

/// (σ(x) − ½)/x: half the curvature of the bound that touches at ±x.
#[inline]
fn curvature(x: f64) -> f64 {
    let x = x.abs();
    if x < 1e-4 {
        return 0.25 - x * x / 48.0;
    }
    let e = (-x).exp();
    0.5 * (1.0 - e) / ((1.0 + e) * x)
}

/// The b that maximises A e^b − B e^{2b}/2 − (b − 1)²/2, from `b` uphill. B is not below 0.
fn climb(b: f64, up: f64, bend: f64) -> f64 {
    let value = |b: f64| {
        let s = b.exp();
        s * (up - 0.5 * bend * s) - 0.5 * (b - PRIOR_MEAN) * (b - PRIOR_MEAN)
    };
    let (mut b, mut now) = (b, value(b));
    for _ in 0..MAX_STEPS {
        let s = b.exp();
        let slope = s * (up - bend * s) - (b - PRIOR_MEAN);
        let curve = s * (up - 2.0 * bend * s) - 1.0;
        // Where the function bends upwards, along the slope.
        let mut step = (if curve < 0.0 { -slope / curve } else { slope }).clamp(-2.0, 2.0);
        if step.abs() < 1e-10 {
            break;
        }
        let mut gained = false;
        for _ in 0..40 {
            let next = (b + step).clamp(-MAX_EASE, MAX_EASE);
            let then = value(next);
            if then > now {
                (b, now, gained) = (next, then, true);
                break;
            }
            step *= 0.5;
        }
        if !gained {
            break;
        }
    }
    b
}

fn log_density(x: f64) -> f64 {
    -0.5 * ((x - PRIOR_MEAN) * (x - PRIOR_MEAN) + std::f64::consts::TAU.ln())
}

impl Model for Abilities {
    fn maximise(&mut self, layout: &Layout, posterior: &[f64], progress: &Progress) {
        let k = layout.n_labels();
        let factor = &self.factor;
        let raters: Vec<f64> = self
            .ability
            .par_iter_mut()
            .enumerate()
            .map(|(rater, ability)| {
                let own = layout.answers(rater);
                if own.is_empty() || progress.is_cancelled() {
                    return 0.0;
                }
                let (mut up, mut bend) = (PRIOR_MEAN, 1.0);
                for answer in own {
                    let item = answer.item as usize;
                    let s = factor[item];
                    up += (posterior[item * k + answer.label as usize] - 0.5) * s;
                    bend += curvature(*ability * s) * s * s;
                }
                *ability = up / bend;
                log_density(*ability)
            })
            .collect();
        let ability = &self.ability;
        let items: Vec<f64> = self
            .ease
            .par_chunks_mut(CHUNK)
            .zip(self.factor.par_chunks_mut(CHUNK))
            .enumerate()
            .map(|(chunk, (eases, factors))| {
                let mut sum = 0.0;
                if progress.is_cancelled() {
                    return sum;
                }
                for ((ease, factor), item) in eases.iter_mut().zip(factors).zip(chunk * CHUNK..) {
                    let votes = layout.votes(item);
                    if votes.is_empty() {
                        continue;
                    }
                    let (mut up, mut bend) = (0.0, 0.0);
                    for vote in votes {
                        let a = ability[vote.rater as usize];
                        up += (posterior[item * k + vote.label as usize] - 0.5) * a;
                        bend += curvature(a * *factor) * a * a;
                    }
                    *ease = climb(*ease, up, bend);
                    *factor = ease.exp();
                    sum += log_density(*ease);
                }
                sum
            })
            .collect();
        self.log_densities = raters.iter().sum::<f64>() + items.iter().sum::<f64>();
    }

    fn log_joint(&self, layout: &Layout, item: usize, row: &mut [f64]) -> f64 {
        let votes = layout.votes(item);
        let start = -(row.len() as f64).ln();
        row.fill(start);
        let factor = self.factor[item];
        // ln Π (1 + e^x), with the product taken out before it overflows.
        let (mut product, mut taken_out) = (1.0_f64, 0.0);
        for vote in votes {
            let x = self.ability[vote.rater as usize] * factor;
            row[vote.label as usize] += x + self.log_others;
            if x < 300.0 {
                product *= 1.0 + x.exp();
                if product > 1e150 {
                    taken_out += product.ln();
                    product = 1.0;
                }
            } else {
                taken_out += x;
            }
        }
        -(taken_out + product.ln()) - self.log_others * votes.len() as f64
    }

    fn parameter_term(&self) -> f64 {
        self.log_densities
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curvature_is_that_of_the_logistic_function() {
        for x in [1e-5_f64, 0.5, 3.0, 40.0] {
            let sigma = 1.0 / (1.0 + (-x).exp());
            assert!((curvature(x) - (sigma - 0.5) / x).abs() < 1e-9, "{x}");
            assert_eq!(curvature(x), curvature(-x));
        }
        assert_eq!(curvature(0.0), 0.25);
    }

    #[test]
    fn climbing_ends_where_the_slope_is_zero() {
        for (b, up, bend) in [(1.0, 3.0, 0.7), (1.0, -4.0, 2.0), (0.0, 50.0, 0.01), (1.0, 0.0, 0.0)] {
            let b = climb(b, up, bend);
            let s = f64::exp(b);
            assert!((s * (up - bend * s) - (b - 1.0)).abs() < 1e-5, "{up} {bend}: {b}");
        }
    }
}
