//! Bradley & Terry (1952) by minorisation and maximisation (Hunter 2004).
//!
//! π_i ← W_i / Σ_j n_ij/(π_i + π_j), W_i the points of i, until no ln π moves by more than 1e-12; the geometric mean of π
//! is 1. The log-likelihood Σ w_ij ln P_ij never falls.
//!
//! Standard errors come from the pseudo-inverse of the information I_ii = Σ n_ij P_ij P_ji, I_ij = −n_ij P_ij P_ji: only
//! differences of θ have any.

use super::Pairs;
use crate::stats::Undefined;

/// Change of ln π that ends the rounds, and the most rounds.
const TOLERANCE: f64 = 1e-12;
const MAX_ROUNDS: usize = 100_000;
/// Most options for which the matrix of variances is made: 8 MB, and a second of work.
const MAX_WITH_VARIANCE: usize = 1000;

/// The fitted model.
#[derive(Debug, Clone, PartialEq)]
pub struct BradleyTerry {
    /// θ = ln π, one an option; their mean is 0.
    pub theta: Vec<f64>,
    /// Σ w_ij ln P_ij over all wins, ties as halves; without the wins of a prior.
    pub log_likelihood: f64,
    /// Wins added in each direction of every compared pair; 0 for maximum likelihood.
    pub prior: f64,
    /// Rounds.
    pub iterations: usize,
    /// Whether worths stopped moving.
    pub converged: bool,
    /// Variances of θ under Σ θ = 0, options × options; empty beyond 1000 options.
    variance: Vec<f64>,
}

impl BradleyTerry {
    /// Forgets variances, which hold only where comparisons are independent of each other.
    pub fn forget_variances(&mut self) {
        self.variance = Vec::new();
    }
}

/// Fits worths. `prior` wins, 0 or more, are added in each direction of every compared pair ("regularised"); 0.1 keeps
/// worths finite where somebody never loses.
///
/// Undefined without comparisons, where options do not hang together by wins, and for a prior below 0.
pub fn bradley_terry(pairs: &Pairs, prior: f64) -> Result<BradleyTerry, Undefined> {
    if prior.is_nan() || prior < 0.0 {
        return Err(Undefined::Because("a prior is 0 or more wins".to_owned()));
    }
    let fitted = pairs.with_prior(prior);
    fitted.check()?;
    let n = pairs.n_options();
    let (log_worth, iterations, converged) = maximise(&fitted, vec![0.0; n], MAX_ROUNDS);
    let mut model = BradleyTerry {
        log_likelihood: log_likelihood(pairs, &log_worth),
        theta: log_worth,
        prior,
        iterations,
        converged,
        variance: Vec::new(),
    };
    if n <= MAX_WITH_VARIANCE {
        model.variance = model.variance(&fitted);
    }
    Ok(model)
}

/// Rounds from ln π; returns ln π with mean 0, the rounds, and whether they ended by themselves.
pub(super) fn maximise(pairs: &Pairs, mut theta: Vec<f64>, max_rounds: usize) -> (Vec<f64>, usize, bool) {
    let n = theta.len();
    let mut points = vec![0.0; n];
    for p in pairs.as_slice() {
        let (first, second) = p.points();
        points[p.first as usize] += first;
        points[p.second as usize] += second;
    }
    let mut worth = vec![0.0; n];
    let mut bound = vec![0.0; n];
    for round in 1..=max_rounds {
        worth.iter_mut().zip(&theta).for_each(|(w, t)| *w = t.exp());
        bound.fill(0.0);
        for p in pairs.as_slice() {
            let (i, j) = (p.first as usize, p.second as usize);
            let share = p.total() / (worth[i] + worth[j]);
            bound[i] += share;
            bound[j] += share;
        }
        let mut next: Vec<f64> = (0..n)
            .map(|i| if bound[i] > 0.0 && points[i] > 0.0 { (points[i] / bound[i]).ln() } else { theta[i] })
            .collect();
        centre(&mut next);
        let moved = next.iter().zip(&theta).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        theta = next;
        if moved < TOLERANCE {
            return (theta, round, true);
        }
    }
    (theta, max_rounds, false)
}

pub(super) fn centre(theta: &mut [f64]) {
    let mean = theta.iter().sum::<f64>() / theta.len().max(1) as f64;
    theta.iter_mut().for_each(|t| *t -= mean);
}

/// ln P(i beats j) = −ln(1 + e^(θ_j − θ_i)).
pub(super) fn log_beats(theta_i: f64, theta_j: f64) -> f64 {
    let x = theta_j - theta_i;
    -(x.max(0.0) + (-x.abs()).exp().ln_1p())
}

/// Σ points × ln P.
pub(super) fn log_likelihood(pairs: &Pairs, theta: &[f64]) -> f64 {
    let of = |p: &super::Pair| {
        let (i, j) = (theta[p.first as usize], theta[p.second as usize]);
        let (first, second) = p.points();
        first * log_beats(i, j) + second * log_beats(j, i)
    };
    pairs.as_slice().iter().map(of).sum()
}

impl BradleyTerry {
    /// Worths that sum to 1.
    pub fn worth(&self) -> Vec<f64> {
        let mut worth = self.theta.clone();
        super::super::softmax::normalise(&mut worth);
        worth
    }

    /// P(`i` beats `j`), in 0..=1; `None` for options that do not exist.
    pub fn beats(&self, i: usize, j: usize) -> Option<f64> {
        Some(log_beats(*self.theta.get(i)?, *self.theta.get(j)?).exp())
    }

    /// Standard error of θ_i under Σ θ = 0; `None` past the end and beyond 1000 options.
    pub fn se(&self, i: usize) -> Option<f64> {
        let n = self.theta.len();
        if i >= n {
            return None;
        }
        self.variance.get(i * n + i).map(|v| v.max(0.0).sqrt())
    }

    /// Standard error of θ_i − θ_j.
    pub fn se_difference(&self, i: usize, j: usize) -> Option<f64> {
        let n = self.theta.len();
        if i >= n || j >= n {
            return None;
        }
        let v = |a: usize, b: usize| self.variance.get(a * n + b).copied();
        Some((v(i, i)? + v(j, j)? - 2.0 * v(i, j)?).max(0.0).sqrt())
    }

    /// The pseudo-inverse of the information: (I + 11ᵀ/n)⁻¹ − 11ᵀ/n, as the vector of ones is all that I annihilates.
    fn variance(&self, pairs: &Pairs) -> Vec<f64> {
        let n = self.theta.len();
        let ones = 1.0 / n as f64;
        let mut information = vec![ones; n * n];
        for p in pairs.as_slice() {
            let (i, j) = (p.first as usize, p.second as usize);
            let beats = log_beats(self.theta[i], self.theta[j]).exp();
            let weight = p.total() * beats * (1.0 - beats);
            information[i * n + i] += weight;
            information[j * n + j] += weight;
            information[i * n + j] -= weight;
            information[j * n + i] -= weight;
        }
        match inverse(information, n) {
            Some(inverse) => inverse.into_iter().map(|v| v - ones).collect(),
            None => Vec::new(),
        }
    }
}

/// Inverse of a symmetric positive definite matrix by Cholesky's factors; `None` where it is not, within rounding.
fn inverse(mut a: Vec<f64>, n: usize) -> Option<Vec<f64>> {
    for j in 0..n {
        for i in j..n {
            let dot: f64 = (0..j).map(|k| a[i * n + k] * a[j * n + k]).sum();
            let value = a[i * n + j] - dot;
            if i == j {
                if value <= 0.0 {
                    return None;
                }
                a[j * n + j] = value.sqrt();
            } else {
                a[i * n + j] = value / a[j * n + j];
            }
        }
    }
    // Columns of the inverse, one after the other, stored as rows: it is symmetric.
    let mut inverse = vec![0.0; n * n];
    for (c, x) in inverse.chunks_exact_mut(n).enumerate() {
        x[c] = 1.0;
        for i in c..n {
            let dot: f64 = (c..i).map(|k| a[i * n + k] * x[k]).sum();
            x[i] = (x[i] - dot) / a[i * n + i];
        }
        for i in (0..n).rev() {
            let dot: f64 = (i + 1..n).map(|k| a[k * n + i] * x[k]).sum();
            x[i] = (x[i] - dot) / a[i * n + i];
        }
    }
    Some(inverse)
}

#[cfg(test)]
mod tests {
    use super::super::tests::wins;
    use super::*;

    #[test]
    fn a_worked_example() {
        let rows = wins(&[(0, 1, 8), (1, 0, 2), (1, 2, 7), (2, 1, 3), (0, 2, 6), (2, 0, 4)]);
        let bt = bradley_terry(&Pairs::new(3, &rows), 0.0).unwrap();
        let near = |x: f64, y: f64| assert!((x - y).abs() < 5e-7, "{x} {y}");
        for (theta, expected) in bt.theta.iter().zip([0.567_541, -0.142_161, -0.425_380]) {
            near(*theta, expected);
        }
        near(bt.beats(0, 1).unwrap(), 0.670_335);
        near(bt.beats(1, 2).unwrap(), 0.570_335);
        near(bt.beats(0, 2).unwrap(), 0.729_665);
        near(bt.log_likelihood, -19.007_532);
        near(bt.se_difference(0, 1).unwrap(), 0.550_256);
        assert!(bt.converged && bt.se(3).is_none() && bt.beats(0, 3).is_none());
        assert!((bt.worth().iter().sum::<f64>() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn who_never_loses_needs_a_prior() {
        let pairs = Pairs::new(2, &wins(&[(0, 1, 3)]));
        assert!(bradley_terry(&pairs, 0.0).is_err());
        let bt = bradley_terry(&pairs, 0.1).unwrap();
        assert!((bt.beats(0, 1).unwrap() - 3.1 / 3.2).abs() < 1e-9);
        assert!(bradley_terry(&pairs, f64::NAN).is_err());
        assert!(bradley_terry(&Pairs::new(0, &[]), 0.0).is_err());
    }
}
