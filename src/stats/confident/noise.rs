//! How the labels came to be noisy: prior of the true labels, P(given | true) and P(true | given).
//!
//! Source: Northcutt et al. 2021 §3 and cleanlab's `estimate_latent`. Noise rates are kept in 0..=0.9999 and
//! columns sum to 1 (or 0, for a label that nothing speaks of).

use super::NoiseModel;
use super::joint::{TINY, total};
use crate::stats::Undefined;
use crate::stats::linear::solve;

/// No label's prior is below this.
const LEAST_PRIOR: f64 = 1e-6;

/// The same after converging.
const LEAST_PRIOR_CONVERGED: f64 = 1e-5;

/// How the prior of the true labels is estimated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PriorMethod {
    /// From the diagonals alone: P(true = given) / P(given = true) × P(given). Robust.
    #[default]
    Cnt,
    /// Solves P(given | true) · P(true) = P(given). Undefined where the matrix has no inverse.
    Eqn,
    /// Column sums of the joint.
    Marginal,
    /// P(true | given) · P(given).
    MarginalPs,
}

type Matrix = Vec<Vec<f64>>;

/// The noise model of a joint. `joint` is labels × labels, rows given, columns true (usually the calibrated one);
/// `class_counts` has one entry a label and does not sum to 0. With `converge`, prior and matrices are made to agree with each other
/// by 3 × 5 alternating updates.
///
/// # Errors
/// [`PriorMethod::Eqn`] with a noise matrix that has no inverse, and matrices of the wrong shape.
pub fn estimate_noise(
    joint: &[Vec<u64>],
    class_counts: &[u64],
    method: PriorMethod,
    converge: bool,
) -> Result<NoiseModel, Undefined> {
    let k = joint.len();
    let items = total(class_counts);
    if k == 0 || class_counts.len() != k || joint.iter().any(|row| row.len() != k) || items == 0.0 {
        return Err(Undefined::Because("the joint does not fit the label counts".into()));
    }
    let given: Vec<f64> = class_counts.iter().map(|&n| n as f64 / items).collect();
    let given_sums: Vec<f64> = joint.iter().map(total).collect();
    let true_sums: Vec<f64> = (0..k).map(|t| total(joint.iter().map(|row| &row[t]))).collect();
    let matrix = |f: &dyn Fn(usize, usize) -> f64| -> Matrix {
        (0..k).map(|i| (0..k).map(|j| f(i, j)).collect()).collect()
    };
    let noise = matrix(&|g, t| joint[g][t] as f64 / true_sums[t].max(TINY));
    let inverse = matrix(&|t, g| joint[g][t] as f64 / given_sums[g].max(TINY));
    let prior = match method {
        PriorMethod::Cnt => prior_from_diagonals(&given, &noise, &inverse),
        PriorMethod::Eqn => solve(noise.clone(), given.clone())
            .ok_or_else(|| Undefined::Because("the noise matrix has no inverse".into()))?,
        PriorMethod::Marginal => {
            let sum = true_sums.iter().sum::<f64>().max(TINY);
            true_sums.iter().map(|n| n / sum).collect()
        }
        PriorMethod::MarginalPs => inverse.iter().map(|row| dot(row, &given)).collect(),
    };
    let mut model = NoiseModel {
        prior: clip_prior(prior, LEAST_PRIOR),
        noise_matrix: clip_rates(noise),
        inverse_noise_matrix: clip_rates(inverse),
    };
    if converge {
        model = converged(&given, model);
    }
    Ok(model)
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

fn prior_from_diagonals(given: &[f64], noise: &Matrix, inverse: &Matrix) -> Vec<f64> {
    given.iter().enumerate().map(|(k, p)| inverse[k][k] / noise[k][k].max(TINY) * p).collect()
}

/// Keeps each within `least..=1` and makes them sum to 1.
fn clip_prior(prior: Vec<f64>, least: f64) -> Vec<f64> {
    let clipped: Vec<f64> = prior.into_iter().map(|p| p.clamp(least, 1.0)).collect();
    let sum = clipped.iter().sum::<f64>().max(TINY);
    clipped.into_iter().map(|p| p / sum).collect()
}

/// Keeps what is off the diagonal within 0..=0.9999 and makes columns sum to 1.
fn clip_rates(mut matrix: Matrix) -> Matrix {
    for (i, row) in matrix.iter_mut().enumerate() {
        for (j, rate) in row.iter_mut().enumerate() {
            if i != j {
                *rate = rate.clamp(0.0, 0.9999);
            }
        }
    }
    let mut sums = vec![0.0; matrix.len()];
    for row in &matrix {
        sums.iter_mut().zip(row).for_each(|(sum, rate)| *sum += rate);
    }
    for row in &mut matrix {
        row.iter_mut().zip(&sums).for_each(|(rate, sum)| *rate /= sum.max(TINY));
    }
    matrix
}

/// `to[j][i] = from[i][j] · weight[j] / max(norm[i], tiny)`, clipped: Bayes' rule from one matrix to the other.
fn inverted(from: &Matrix, weight: &[f64], norm: &[f64]) -> Matrix {
    let k = from.len();
    clip_rates((0..k).map(|j| (0..k).map(|i| from[i][j] * weight[j] / norm[i].max(TINY)).collect()).collect())
}

fn converged(given: &[f64], model: NoiseModel) -> NoiseModel {
    let NoiseModel { mut prior, mut noise_matrix, mut inverse_noise_matrix } = model;
    for _ in 0..3 {
        for _ in 0..5 {
            inverse_noise_matrix = inverted(&noise_matrix, &prior, given);
            let diagonals = prior_from_diagonals(given, &noise_matrix, &inverse_noise_matrix);
            prior = clip_prior(diagonals, LEAST_PRIOR);
        }
        noise_matrix = inverted(&inverse_noise_matrix, given, &prior);
    }
    NoiseModel {
        prior: clip_prior(prior, LEAST_PRIOR_CONVERGED),
        noise_matrix: clip_rates(noise_matrix),
        inverse_noise_matrix: clip_rates(inverse_noise_matrix),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joint() -> Vec<Vec<u64>> {
        vec![vec![6, 3, 0], vec![1, 3, 1], vec![1, 0, 3]]
    }

    fn prior(method: PriorMethod, converge: bool) -> Vec<f64> {
        estimate_noise(&joint(), &[9, 5, 4], method, converge).unwrap().prior
    }

    fn assert_close(got: &[f64], want: &[f64]) {
        assert_eq!(got.len(), want.len());
        assert!(got.iter().zip(want).all(|(a, b)| (a - b).abs() < 1e-12), "{got:?} {want:?}");
    }

    /// Where the joint's rows sum to the label counts, all four ways agree.
    #[test]
    fn a_calibrated_joint_has_one_prior() {
        for method in [PriorMethod::Cnt, PriorMethod::Eqn, PriorMethod::Marginal, PriorMethod::MarginalPs] {
            assert_close(&prior(method, false), &[8.0 / 18.0, 6.0 / 18.0, 4.0 / 18.0]);
        }
    }

    /// Printed by cleanlab 2.9 for an uncalibrated joint.
    #[test]
    #[allow(clippy::unreadable_literal)]
    fn an_uncalibrated_joint_has_four() {
        let joint = [vec![5, 3, 0], vec![1, 2, 1], vec![1, 0, 2]];
        let of = |method| estimate_noise(&joint, &[9, 5, 4], method, false).unwrap().prior;
        assert_close(&of(PriorMethod::Cnt), &[0.4344827586206897, 0.3448275862068966, 0.2206896551724138]);
        assert_close(&of(PriorMethod::Eqn), &[0.41176470588235276, 0.343137254901961, 0.24509803921568624]);
        assert_close(&of(PriorMethod::Marginal), &[0.4666666666666667, 0.3333333333333333, 0.2]);
        assert_close(
            &of(PriorMethod::MarginalPs),
            &[0.4560185185185185, 0.3263888888888889, 0.2175925925925926],
        );
    }

    #[test]
    fn a_matrix_without_an_inverse_is_undefined_by_equation_only() {
        let joint = [vec![2, 2, 0], vec![2, 2, 0], vec![0, 0, 0]];
        let of = |method| estimate_noise(&joint, &[4, 4, 0], method, false);
        assert!(of(PriorMethod::Eqn).is_err());
        assert!(of(PriorMethod::Cnt).is_ok());
        assert!(estimate_noise(&[], &[], PriorMethod::Cnt, false).is_err());
    }

    #[test]
    fn converging_keeps_distributions() {
        let model = estimate_noise(&joint(), &[9, 5, 4], PriorMethod::Cnt, true).unwrap();
        assert!((model.prior.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        for matrix in [&model.noise_matrix, &model.inverse_noise_matrix] {
            for c in 0..3 {
                assert!((matrix.iter().map(|row| row[c]).sum::<f64>() - 1.0).abs() < 1e-12);
            }
        }
    }
}
