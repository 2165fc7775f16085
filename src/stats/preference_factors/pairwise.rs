//! Which properties win? P(A is preferred) = σ(β₀ + wᵀ(x_A − x_B)) with a Gaussian prior on w (Li et al. 2024, *Dissecting Human and LLM Preferences*), controls such as the
//! length without one (Movva et al. 2025, *What's In My Human Feedback?*), and raters with weights of their own that are drawn to those of all.
//!
//! Differences are divided by their standard deviation, so that weights can be compared; β₀ is the lean to the side shown first. Fitted by Newton's
//! method, which the prior keeps finite under separation; controls have a faint one. Ties are left out and counted by whoever calls.

use nalgebra::{DMatrix, DVector};
use rayon::prelude::*;

use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;
use crate::stats::estimate::Z_975;
use crate::stats::random::Stream;

/// One comparison without a tie.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Properties of A minus those of B, in the order of the columns.
    pub difference: Vec<f64>,
    /// Whether A is preferred.
    pub first: bool,
    /// Who.
    pub rater: u32,
}

/// A column of the model.
#[derive(Debug, Clone, PartialEq)]
pub struct Weight {
    /// Which column.
    pub column: usize,
    /// w of one standard deviation, all columns together.
    pub joint: f64,
    /// 95 % interval.
    pub ci: (f64, f64),
    /// w with the controls alone.
    pub alone: f64,
    /// Mean change of P(A is preferred) in favour of what has more of it.
    pub gain: f64,
}

/// A fit.
#[derive(Debug, Clone, PartialEq)]
pub struct Weights {
    /// One a column that varies, in the order of the columns.
    pub weights: Vec<Weight>,
    /// Columns that are constant, left out.
    pub constant: Vec<usize>,
    /// β₀ with its interval: above 0 leans to what was shown first.
    pub side: (f64, (f64, f64)),
    /// Comparisons.
    pub n: usize,
    /// Share in which A is preferred.
    pub first: f64,
}

/// λ of a weight, and of a control or β₀, for numbers in standard deviations.
const RIDGE: f64 = 1.0;
const FAINT: f64 = 1e-6;
const ROUNDS: usize = 100;

/// Rows of differences in standard deviations; what is constant is `None` among the scales.
struct Scaled {
    rows: Vec<Vec<f64>>,
    scales: Vec<Option<f64>>,
}

impl Scaled {
    fn of(all: &[Comparison], n_columns: usize) -> Self {
        let n = all.len() as f64;
        let scales: Vec<Option<f64>> = (0..n_columns)
            .map(|c| {
                let mean = all.iter().map(|a| a.difference[c]).sum::<f64>() / n;
                let variance = all.iter().map(|a| (a.difference[c] - mean).powi(2)).sum::<f64>() / n;
                (variance > 1e-18).then(|| variance.sqrt())
            })
            .collect();
        // Not centred: a difference of 0 stays one.
        let rows = all
            .iter()
            .map(|a| a.difference.iter().zip(&scales).map(|(d, s)| s.map_or(0.0, |s| d / s)).collect())
            .collect();
        Self { rows, scales }
    }
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// Newton's method on β₀ and the weights of `columns`; the weights, and the inverse of the information.
fn newton(
    rows: &[Vec<f64>],
    first: &[bool],
    columns: &[usize],
    penalty: &dyn Fn(usize) -> f64,
) -> Option<(DVector<f64>, DMatrix<f64>)> {
    let k = columns.len() + 1;
    let mut beta = DVector::<f64>::zeros(k);
    let value = |row: &[f64], at: usize| if at == 0 { 1.0 } else { row[columns[at - 1]] };
    let ridge = |at: usize| if at == 0 { FAINT } else { penalty(columns[at - 1]) };
    let mut inverse = DMatrix::<f64>::identity(k, k);
    for _ in 0..ROUNDS {
        let (mut gradient, mut hessian) = (DVector::<f64>::zeros(k), DMatrix::<f64>::zeros(k, k));
        for (row, &first) in rows.iter().zip(first) {
            let score: f64 = (0..k).map(|a| beta[a] * value(row, a)).sum();
            let p = sigmoid(score);
            let (off, weight) = (f64::from(u8::from(first)) - p, p * (1.0 - p));
            for a in 0..k {
                let x = value(row, a);
                gradient[a] += off * x;
                for b in 0..=a {
                    hessian[(a, b)] += weight * x * value(row, b);
                }
            }
        }
        for a in 0..k {
            gradient[a] -= ridge(a) * beta[a];
            hessian[(a, a)] += ridge(a);
            for b in 0..a {
                hessian[(b, a)] = hessian[(a, b)];
            }
        }
        inverse = hessian.cholesky()?.inverse();
        let mut step = &inverse * gradient;
        // Steps of separated data are long; half of one goes too far less often.
        let longest = step.amax();
        if longest > 3.0 {
            step *= 3.0 / longest;
        }
        beta += &step;
        if step.amax() < 1e-9 {
            break;
        }
    }
    Some((beta, inverse))
}

/// Fits all columns together and each with the controls alone. `controls` are columns without a prior.
///
/// Undefined for fewer than ten comparisons, for rows of different lengths, with a number that is not finite, and where no column varies.
pub fn pairwise(all: &[Comparison], n_columns: usize, controls: &[usize]) -> Result<Weights, Undefined> {
    check(all, n_columns)?;
    let scaled = Scaled::of(all, n_columns);
    let first: Vec<bool> = all.iter().map(|a| a.first).collect();
    let varying: Vec<usize> = (0..n_columns).filter(|&c| scaled.scales[c].is_some()).collect();
    if varying.is_empty() {
        return Err(Undefined::Because("no property differs between the two sides".to_owned()));
    }
    let penalty = |c: usize| if controls.contains(&c) { FAINT } else { RIDGE };
    let singular = || Undefined::Because("the properties determine each other".to_owned());
    let (beta, inverse) = newton(&scaled.rows, &first, &varying, &penalty).ok_or_else(singular)?;
    let n = all.len() as f64;
    let mut weights = Vec::new();
    for (at, &column) in varying.iter().enumerate() {
        let own: Vec<usize> =
            varying.iter().copied().filter(|&c| c == column || controls.contains(&c)).collect();
        let (single, _) = newton(&scaled.rows, &first, &own, &penalty).ok_or_else(singular)?;
        let place = own.iter().position(|&c| c == column).unwrap_or(0);
        let (joint, half) = (beta[at + 1], Z_975 * inverse[(at + 1, at + 1)].max(0.0).sqrt());
        // What P would be if both sides had as much of it.
        let gain = scaled
            .rows
            .iter()
            .map(|row| {
                let score: f64 =
                    beta[0] + varying.iter().enumerate().map(|(k, &c)| beta[k + 1] * row[c]).sum::<f64>();
                (sigmoid(score) - sigmoid(score - joint * row[column])) * row[column].signum()
            })
            .sum::<f64>()
            / n;
        weights.push(Weight {
            column,
            joint,
            ci: (joint - half, joint + half),
            alone: single[place + 1],
            gain,
        });
    }
    let half = Z_975 * inverse[(0, 0)].max(0.0).sqrt();
    Ok(Weights {
        weights,
        constant: (0..n_columns).filter(|&c| scaled.scales[c].is_none()).collect(),
        side: (beta[0], (beta[0] - half, beta[0] + half)),
        n: all.len(),
        first: first.iter().filter(|&&f| f).count() as f64 / n,
    })
}

fn check(all: &[Comparison], n_columns: usize) -> Result<(), Undefined> {
    let undefined = |words: &str| Err(Undefined::Because(words.to_owned()));
    if all.len() < 10 {
        return undefined("fewer than ten comparisons without a tie");
    }
    if all.iter().any(|a| a.difference.len() != n_columns || a.difference.iter().any(|d| !d.is_finite())) {
        return undefined("a property is missing or not finite");
    }
    Ok(())
}

/// Comparisons of a rater below which no weights of one's own are fitted.
pub const LEAST_PAIRS: usize = 20;

/// Do raters reward different things?
#[derive(Debug, Clone, PartialEq)]
pub struct Personal {
    /// Area under the curve of comparisons held out, by the weights of all.
    pub shared: f64,
    /// The same by each rater's own.
    pub own: f64,
    /// Comparisons held out.
    pub n: usize,
    /// Raters with weights of their own, and how far each column's is from that of all, in the order of the columns.
    pub raters: Vec<(u32, Vec<f64>)>,
}

/// β of all, and of each rater with one of their own, by rater.
type Fitted = (DVector<f64>, Vec<(u32, DVector<f64>)>);

/// Weights of all and, drawn to them by `pull`, of each rater with [`LEAST_PAIRS`] comparisons, scored by five folds.
///
/// Undefined as [`pairwise`] is, without such a rater, and where all held out go one way.
///
/// # Errors
/// If it was cancelled.
pub fn personal(
    all: &[Comparison],
    n_columns: usize,
    pull: f64,
    seed: u64,
    progress: &Progress,
) -> Result<Result<Personal, Undefined>, Cancelled> {
    if let Err(why) = check(all, n_columns) {
        return Ok(Err(why));
    }
    let scaled = Scaled::of(all, n_columns);
    let varying: Vec<usize> = (0..n_columns).filter(|&c| scaled.scales[c].is_some()).collect();
    let mut raters: Vec<u32> = all.iter().map(|a| a.rater).collect();
    raters.sort_unstable();
    let large: Vec<u32> =
        raters.chunk_by(|a, b| a == b).filter(|c| c.len() >= LEAST_PAIRS).map(|c| c[0]).collect();
    if large.is_empty() || varying.is_empty() {
        return Ok(Err(Undefined::Because(format!("no rater has {LEAST_PAIRS} comparisons"))));
    }
    let fit = |keep: &dyn Fn(usize) -> bool| -> Option<Fitted> {
        let chosen: Vec<usize> = (0..all.len()).filter(|&i| keep(i)).collect();
        let rows: Vec<Vec<f64>> = chosen.iter().map(|&i| scaled.rows[i].clone()).collect();
        let first: Vec<bool> = chosen.iter().map(|&i| all[i].first).collect();
        let shared = newton(&rows, &first, &varying, &|_| RIDGE)?.0;
        let own = large
            .par_iter()
            .filter_map(|&rater| {
                let of: Vec<usize> = chosen.iter().copied().filter(|&i| all[i].rater == rater).collect();
                Some((rater, drawn_to(&scaled.rows, all, &of, &varying, &shared, pull)?))
            })
            .collect();
        Some((shared, own))
    };
    let mut places: Vec<usize> = (0..all.len()).collect();
    Stream::new(seed, 0).shuffle(&mut places);
    let mut fold_of = vec![0; all.len()];
    places.iter().enumerate().for_each(|(at, &i)| fold_of[i] = at % 5);
    let (mut shared_scores, mut own_scores) = (Vec::new(), Vec::new());
    for fold in 0..5 {
        progress.check()?;
        let Some((shared, own)) = fit(&|i| fold_of[i] != fold) else {
            return Ok(Err(Undefined::Because("the properties determine each other".to_owned())));
        };
        for i in (0..all.len()).filter(|&i| fold_of[i] == fold) {
            let Ok(at) = own.binary_search_by_key(&all[i].rater, |o| o.0) else { continue };
            let score = |beta: &DVector<f64>| {
                beta[0]
                    + varying.iter().enumerate().map(|(k, &c)| beta[k + 1] * scaled.rows[i][c]).sum::<f64>()
            };
            shared_scores.push((score(&shared), all[i].first));
            own_scores.push((score(&own[at].1), all[i].first));
        }
    }
    let (Some(shared), Some(own)) = (area_under_curve(&shared_scores), area_under_curve(&own_scores)) else {
        return Ok(Err(Undefined::Because("all comparisons that were held out go one way".to_owned())));
    };
    let Some((of_all, each)) = fit(&|_| true) else {
        return Ok(Err(Undefined::Because("the properties determine each other".to_owned())));
    };
    let raters = each
        .into_iter()
        .map(|(rater, beta)| {
            let mut away = vec![0.0; n_columns];
            varying.iter().enumerate().for_each(|(k, &c)| away[c] = beta[k + 1] - of_all[k + 1]);
            (rater, away)
        })
        .collect();
    Ok(Ok(Personal { shared, own, n: own_scores.len(), raters }))
}

/// A rater's weights: those of all, moved as far as the rater's comparisons move them against `pull`.
fn drawn_to(
    rows: &[Vec<f64>],
    all: &[Comparison],
    of: &[usize],
    columns: &[usize],
    shared: &DVector<f64>,
    pull: f64,
) -> Option<DVector<f64>> {
    let k = shared.len();
    let mut beta = shared.clone();
    for _ in 0..ROUNDS {
        let (mut gradient, mut hessian) = (DVector::<f64>::zeros(k), DMatrix::<f64>::identity(k, k) * pull);
        for &i in of {
            let x = |a: usize| if a == 0 { 1.0 } else { rows[i][columns[a - 1]] };
            let p = sigmoid((0..k).map(|a| beta[a] * x(a)).sum());
            let (off, weight) = (f64::from(u8::from(all[i].first)) - p, p * (1.0 - p));
            for a in 0..k {
                gradient[a] += off * x(a);
                for b in 0..k {
                    hessian[(a, b)] += weight * x(a) * x(b);
                }
            }
        }
        gradient -= (&beta - shared) * pull;
        let step = hessian.cholesky()?.solve(&gradient);
        beta += &step;
        if step.amax() < 1e-9 {
            break;
        }
    }
    Some(beta)
}

/// (Σ 1[s⁺ > s⁻] + ½ ties)/(n⁺ n⁻); `None` where all go one way.
pub fn area_under_curve(scores: &[(f64, bool)]) -> Option<f64> {
    let mut sorted = scores.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut below, mut wins) = (0.0, 0.0);
    for run in sorted.chunk_by(|a, b| a.0 == b.0) {
        let up = run.iter().filter(|r| r.1).count() as f64;
        let down = run.len() as f64 - up;
        wins += up * (below + 0.5 * down);
        below += down;
    }
    let ups = scores.len() as f64 - below;
    (ups > 0.0 && below > 0.0).then(|| wins / (ups * below))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(n: usize, tastes: &[f64], n_raters: u32) -> Vec<Comparison> {
        let mut rng = Stream::new(11, 0);
        (0..n)
            .map(|i| {
                let rater = i as u32 % n_raters;
                let difference = vec![rng.normal(), 3.0 * rng.normal(), 5.0];
                let taste = tastes[rater as usize % tastes.len()];
                let p = sigmoid(0.3 + taste * difference[0]);
                Comparison { first: rng.uniform() < p, difference, rater }
            })
            .collect()
    }

    #[test]
    fn what_is_rewarded_is_found_with_the_lean_to_one_side() {
        let found = pairwise(&made(2_000, &[1.0], 5), 3, &[1]).unwrap();
        assert_eq!(found.constant, [2]);
        let w = &found.weights[0];
        assert!((w.joint - 1.0).abs() < 0.15 && w.ci.0 < 1.0 && 1.0 < w.ci.1 && w.gain > 0.1, "{w:?}");
        assert!(found.weights[1].joint.abs() < 0.15 && (found.side.0 - 0.3).abs() < 0.15, "{found:?}");
        assert!((w.alone - w.joint).abs() < 0.05);
    }

    #[test]
    fn separation_keeps_finite() {
        let all: Vec<Comparison> = (0..40)
            .map(|i| {
                let d = f64::from(i) - 19.5;
                Comparison { difference: vec![d, d], first: d > 0.0, rater: 0 }
            })
            .collect();
        let found = pairwise(&all, 2, &[]).unwrap();
        assert!(found.weights.iter().all(|w| w.joint.is_finite() && w.joint > 0.5));
        assert!(pairwise(&all[..5], 2, &[]).is_err());
        let flat: Vec<Comparison> =
            all.iter().map(|a| Comparison { difference: vec![1.0, 1.0], ..a.clone() }).collect();
        assert!(pairwise(&flat, 2, &[]).is_err());
    }

    #[test]
    fn raters_of_opposite_tastes_need_their_own_weights_and_others_do_not() {
        let run =
            |tastes: &[f64]| personal(&made(1_200, tastes, 6), 3, 1.0, 1, &Progress::new()).unwrap().unwrap();
        let opposite = run(&[2.0, -2.0]);
        assert!(opposite.own > opposite.shared + 0.15, "{} {}", opposite.own, opposite.shared);
        assert!(opposite.raters[0].1[0] > 0.5 && opposite.raters[1].1[0] < -0.5);
        let alike = run(&[2.0]);
        assert!(alike.own < alike.shared + 0.02, "{} {}", alike.own, alike.shared);
        let few = personal(&made(60, &[1.0], 6), 3, 1.0, 1, &Progress::new()).unwrap();
        assert!(few.is_err());
    }

    #[test]
    fn area() {
        assert_eq!(area_under_curve(&[(1.0, true), (0.0, false)]), Some(1.0));
        assert_eq!(area_under_curve(&[(1.0, true), (1.0, false)]), Some(0.5));
        assert_eq!(area_under_curve(&[(1.0, true)]), None);
    }
}
