//! Davidson (1970): Bradley–Terry with a parameter for ties.
//!
//! P(i beats j) = π_i/D, P(tie) = ν √(π_i π_j)/D, D = π_i + π_j + ν √(π_i π_j). Rounds set in turn the expected points of
//! every option to the observed (π_i ← π_i × points/expected) and the expected ties to the observed (ν likewise); each is
//! a step of generalised iterative scaling, so the log-likelihood never falls.

use super::Pairs;
use super::bradley_terry::centre;
use crate::stats::Undefined;

/// Change of any logarithm that ends the rounds, and the most rounds.
const TOLERANCE: f64 = 1e-12;
const MAX_ROUNDS: usize = 100_000;

/// The fitted model.
#[derive(Debug, Clone, PartialEq)]
pub struct Davidson {
    /// θ = ln π, one an option; their mean is 0.
    pub theta: Vec<f64>,
    /// ν: odds of a tie between equals are ν to 2; 0 where nothing tied.
    pub tie: f64,
    /// Natural logarithm.
    pub log_likelihood: f64,
    /// Rounds.
    pub iterations: usize,
    /// Whether parameters stopped moving.
    pub converged: bool,
}

impl Davidson {
    /// (P(i wins), P(tie), P(j wins)); `None` for options that do not exist.
    pub fn outcome(&self, i: usize, j: usize) -> Option<(f64, f64, f64)> {
        Some(outcome(*self.theta.get(i)?, *self.theta.get(j)?, self.tie))
    }
}

fn outcome(i: f64, j: f64, tie: f64) -> (f64, f64, f64) {
    // About their middle, so that neither overflows alone.
    let (a, b) = ((0.5 * (i - j)).exp(), (0.5 * (j - i)).exp());
    let all = a + b + tie;
    (a / all, tie / all, b / all)
}

/// Fits worths and ties. Undefined as [`super::bradley_terry`] without a prior, and where everything tied.
pub fn davidson(pairs: &Pairs) -> Result<Davidson, Undefined> {
    pairs.check()?;
    let ties: f64 = pairs.as_slice().iter().map(|p| p.ties).sum();
    if pairs.as_slice().iter().all(|p| p.wins_first + p.wins_second == 0.0) {
        return Err(Undefined::Because("every comparison is a tie".to_owned()));
    }
    let n = pairs.n_options();
    let mut points = vec![0.0; n];
    for p in pairs.as_slice() {
        let (first, second) = p.points();
        points[p.first as usize] += first;
        points[p.second as usize] += second;
    }
    let (mut theta, mut tie) = (vec![0.0; n], f64::from(u8::from(ties > 0.0)));
    let (mut iterations, mut converged) = (0, false);
    while iterations < MAX_ROUNDS && !converged {
        iterations += 1;
        let mut expected = vec![0.0; n];
        for p in pairs.as_slice() {
            let (i, j) = (p.first as usize, p.second as usize);
            let (wins, tied, loses) = outcome(theta[i], theta[j], tie);
            expected[i] += p.total() * (wins + 0.5 * tied);
            expected[j] += p.total() * (loses + 0.5 * tied);
        }
        let mut next: Vec<f64> = (0..n).map(|i| theta[i] + (points[i] / expected[i]).ln()).collect();
        centre(&mut next);
        let mut moved = next.iter().zip(&theta).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        theta = next;
        if ties > 0.0 {
            let expected = pairs
                .as_slice()
                .iter()
                .map(|p| p.total() * outcome(theta[p.first as usize], theta[p.second as usize], tie).1);
            let factor = ties / expected.sum::<f64>();
            tie *= factor;
            moved = moved.max(factor.ln().abs());
        }
        converged = moved < TOLERANCE;
    }
    let of = |p: &super::Pair| {
        let (wins, tied, loses) = outcome(theta[p.first as usize], theta[p.second as usize], tie);
        let term = |n: f64, p: f64| if n > 0.0 { n * p.ln() } else { 0.0 };
        term(p.wins_first, wins) + term(p.ties, tied) + term(p.wins_second, loses)
    };
    let log_likelihood = pairs.as_slice().iter().map(of).sum();
    Ok(Davidson { theta, tie, log_likelihood, iterations, converged })
}

#[cfg(test)]
mod tests {
    use super::super::tests::wins;
    use super::super::{Comparison, Outcome, bradley_terry};
    use super::*;

    #[test]
    fn expected_points_and_ties_are_the_observed() {
        let mut rows = wins(&[(0, 1, 6), (1, 0, 2), (1, 2, 5), (2, 1, 3), (0, 2, 7), (2, 0, 1)]);
        rows.extend([Comparison { left: 0, right: 1, outcome: Outcome::Tie, rater: 0 }; 4]);
        let pairs = Pairs::new(3, &rows);
        let found = davidson(&pairs).unwrap();
        assert!(found.converged && found.tie > 0.0);
        let expected: f64 = pairs
            .as_slice()
            .iter()
            .map(|p| p.total() * found.outcome(p.first as usize, p.second as usize).unwrap().1)
            .sum();
        assert!((expected - 4.0).abs() < 1e-9, "{expected}");
    }

    #[test]
    fn without_ties_it_is_bradley_terry() {
        let pairs = Pairs::new(3, &wins(&[(0, 1, 6), (1, 0, 2), (1, 2, 5), (2, 1, 3)]));
        let (d, bt) = (davidson(&pairs).unwrap(), bradley_terry(&pairs, 0.0).unwrap());
        assert_eq!(d.tie, 0.0);
        assert!(d.theta.iter().zip(&bt.theta).all(|(a, b)| (a - b).abs() < 1e-8));
        assert!((d.log_likelihood - bt.log_likelihood).abs() < 1e-8);
    }

    #[test]
    fn nothing_but_ties_says_so() {
        let ties = [Comparison { left: 0, right: 1, outcome: Outcome::Tie, rater: 0 }; 4];
        assert_eq!(davidson(&Pairs::new(2, &ties)).unwrap_err().to_string(), "every comparison is a tie");
    }
}
