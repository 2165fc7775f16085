//! Plackett–Luce: whole or partial rankings (Luce 1959; Plackett 1975), by minorisation and maximisation (Hunter 2004).
//!
//! A ranking picks its options one after the other, each with probability π_i/Σ of those left:
//! log L = Σ_{k < n} [r_(k) − ln Σ_{i ≥ k} e^{r_(i)}], r = ln π. Two options make it Bradley–Terry.

use super::bradley_terry::centre;
use super::{Comparison, Outcome, Pairs, components_of};
use crate::stats::Undefined;

/// Change of any logarithm that ends the rounds, and the most rounds.
const TOLERANCE: f64 = 1e-12;
const MAX_ROUNDS: usize = 100_000;

/// One rater's order, the best first. Options that are not named were not ranked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranking {
    /// Options, the best first, each once.
    pub options: Vec<u32>,
    /// Rater number.
    pub rater: u32,
}

/// The fitted model.
#[derive(Debug, Clone, PartialEq)]
pub struct PlackettLuce {
    /// θ = ln π, one an option; their mean is 0.
    pub theta: Vec<f64>,
    /// Natural logarithm.
    pub log_likelihood: f64,
    /// Rounds.
    pub iterations: usize,
    /// Whether worths stopped moving.
    pub converged: bool,
}

/// log L of one ranking under scores, one an option; `None` where it names an option without a score.
pub fn ranking_log_likelihood(options: &[u32], theta: &[f64]) -> Option<f64> {
    let scores: Vec<f64> = options.iter().map(|&o| theta.get(o as usize).copied()).collect::<Option<_>>()?;
    let mut sum = 0.0;
    // ln Σ of those left, from the end.
    let mut left = f64::NEG_INFINITY;
    for &r in scores.iter().rev() {
        let (low, high) = (left.min(r), left.max(r));
        left = high + (low - high).exp().ln_1p();
        sum += r - left;
    }
    Some(sum)
}

/// A ranking as comparisons, each of weight 1/C(n, 2) so that a ranking counts once.
pub fn ranking_pairs(ranking: &Ranking) -> Vec<(Comparison, f64)> {
    let n = ranking.options.len();
    let weight = if n < 2 { 0.0 } else { 2.0 / (n * (n - 1)) as f64 };
    let pair = |i: usize, j: usize| {
        let (left, right) = (ranking.options[i], ranking.options[j]);
        (Comparison { left, right, outcome: Outcome::Left, rater: ranking.rater }, weight)
    };
    (0..n).flat_map(|i| (i + 1..n).map(move |j| (i, j))).map(|(i, j)| pair(i, j)).collect()
}

/// Fits worths.
///
/// Undefined without a ranking of two options, where one names an option twice or from `n_options` on, and where options
/// do not hang together by who is placed above whom.
pub fn plackett_luce(n_options: usize, rankings: &[Ranking]) -> Result<PlackettLuce, Undefined> {
    let mut met = vec![usize::MAX; n_options];
    for (number, ranking) in rankings.iter().enumerate() {
        for &option in &ranking.options {
            match met.get_mut(option as usize) {
                Some(last) if *last != number => *last = number,
                _ => {
                    return Err(Undefined::Because(
                        "a ranking names an option twice, or one that does not exist".to_owned(),
                    ));
                }
            }
        }
    }
    let used: Vec<&[u32]> = rankings.iter().map(|r| r.options.as_slice()).filter(|o| o.len() > 1).collect();
    if used.is_empty() {
        return Err(Undefined::Because("there are no comparisons".to_owned()));
    }
    // Neighbours are enough: who is above whom follows by chains.
    let edges: Vec<(u32, u32)> = used.iter().flat_map(|o| o.windows(2).map(|w| (w[0], w[1]))).collect();
    let n_groups = components_of(n_options, &edges).into_iter().max().map_or(0, |m| m + 1);
    if n_groups > 1 {
        return Err(Undefined::Because(format!(
            "options fall into {n_groups} groups, of which none both beats and is beaten by another"
        )));
    }
    let mut wins = vec![0.0; n_options];
    used.iter().for_each(|o| o[..o.len() - 1].iter().for_each(|&i| wins[i as usize] += 1.0));
    let mut theta = vec![0.0; n_options];
    let (mut iterations, mut converged) = (0, false);
    while iterations < MAX_ROUNDS && !converged {
        iterations += 1;
        let worth: Vec<f64> = theta.iter().map(|t: &f64| t.exp()).collect();
        let mut bound = vec![0.0; n_options];
        let mut left = Vec::new();
        for options in &used {
            left.clear();
            left.resize(options.len(), 0.0);
            let mut sum = 0.0;
            for (l, &o) in left.iter_mut().zip(*options).rev() {
                sum += worth[o as usize];
                *l = sum;
            }
            let mut inverse = 0.0;
            for (stage, &o) in options.iter().enumerate() {
                if stage + 1 < options.len() {
                    inverse += 1.0 / left[stage];
                }
                bound[o as usize] += inverse;
            }
        }
        let mut next: Vec<f64> = (0..n_options).map(|i| (wins[i] / bound[i]).ln()).collect();
        centre(&mut next);
        converged = next.iter().zip(&theta).all(|(a, b)| (a - b).abs() < TOLERANCE);
        theta = next;
    }
    let log_likelihood = used.iter().filter_map(|o| ranking_log_likelihood(o, &theta)).sum();
    Ok(PlackettLuce { theta, log_likelihood, iterations, converged })
}

impl Pairs {
    /// Rankings as comparisons of two, each ranking counting once.
    pub fn of_rankings(n_options: usize, rankings: &[Ranking]) -> Self {
        Self::weighted(n_options, rankings.iter().flat_map(ranking_pairs))
    }
}

#[cfg(test)]
mod tests {
    use super::super::bradley_terry;
    use super::super::tests::wins;
    use super::*;

    fn ranking(options: &[u32]) -> Ranking {
        Ranking { options: options.to_vec(), rater: 0 }
    }

    #[test]
    fn a_worked_likelihood() {
        let l = ranking_log_likelihood(&[0, 1, 2], &[1.2, 0.4, -0.3]).unwrap();
        assert!((l + 0.917_481).abs() < 5e-7, "{l}");
        assert_eq!(ranking_log_likelihood(&[3], &[1.2]), None);
    }

    #[test]
    fn rankings_of_two_are_bradley_terry() {
        let comparisons = wins(&[(0, 1, 6), (1, 0, 2), (1, 2, 5), (2, 1, 3), (0, 2, 4)]);
        let rankings: Vec<_> = comparisons.iter().map(|c| ranking(&[c.left, c.right])).collect();
        let pl = plackett_luce(3, &rankings).unwrap();
        let bt = bradley_terry(&Pairs::new(3, &comparisons), 0.0).unwrap();
        assert!(pl.theta.iter().zip(&bt.theta).all(|(a, b)| (a - b).abs() < 1e-8));
        assert_eq!(Pairs::of_rankings(3, &rankings).total(), 20.0);
    }

    #[test]
    fn at_the_maximum_no_step_helps() {
        let rankings: Vec<_> = [[0, 1, 2, 3], [1, 0, 3, 2], [3, 2, 1, 0], [0, 2, 1, 3], [1, 3, 0, 2]]
            .iter()
            .map(|o| ranking(o))
            .collect();
        let pl = plackett_luce(4, &rankings).unwrap();
        let at = |theta: &[f64]| {
            rankings.iter().map(|r| ranking_log_likelihood(&r.options, theta).unwrap()).sum::<f64>()
        };
        assert!((at(&pl.theta) - pl.log_likelihood).abs() < 1e-12 && pl.converged);
        for i in 0..4 {
            for step in [-1e-3, 1e-3] {
                let mut theta = pl.theta.clone();
                theta[i] += step;
                assert!(at(&theta) < pl.log_likelihood);
            }
        }
    }

    #[test]
    fn bad_rankings_say_why() {
        assert!(plackett_luce(2, &[ranking(&[0, 0])]).is_err());
        assert!(plackett_luce(2, &[ranking(&[0, 7])]).is_err());
        assert!(plackett_luce(2, &[ranking(&[0])]).is_err());
        assert!(plackett_luce(3, &[ranking(&[0, 1, 2])]).is_err(), "nobody beats the first");
    }
}
