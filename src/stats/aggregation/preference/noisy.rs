//! Bradley–Terry with raters who do not always look (after Bugakova et al. 2019): with probability r_w the rater's
//! choice follows the worths, otherwise they choose the left option with probability b_w, whatever it is.
//!
//! P(left wins) = r π_i/(π_i + π_j) + (1 − r) b, by expectation maximisation: E, how likely it is that a comparison was
//! looked at; M, r_w and b_w as weighted shares and worths as in Bradley–Terry with these likelihoods as weights.
//! A Beta(2, 2) on every r and b and a few wins on every pair keep parameters inside; the penalised log-likelihood never
//! falls. A tie is half a win for each.

use super::bradley_terry::{log_beats, maximise};
use super::{Comparison, Outcome, Pairs};
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;

/// Gain of the penalised log-likelihood, per comparison, that ends the rounds; and the most rounds.
const TOLERANCE: f64 = 1e-10;
const MAX_ROUNDS: usize = 5000;
/// Rounds for the worths within one round.
const INNER_ROUNDS: usize = 10;
/// Wins of the prior in each direction of every compared pair, and added to each count of r and b.
const PRIOR_WINS: f64 = 0.1;
const PRIOR_COUNT: f64 = 1.0;

/// The fitted model.
#[derive(Debug, Clone, PartialEq)]
pub struct NoisyBradleyTerry {
    /// θ = ln π, one an option; their mean is 0.
    pub theta: Vec<f64>,
    /// Raters with comparisons, ascending; `reliability` and `left_bias` are in this order.
    pub raters: Vec<u32>,
    /// r_w: share of comparisons that follow the worths, in 0..=1.
    pub reliability: Vec<f64>,
    /// b_w: share of left choices among the others, in 0..=1; ½ where there is no sign of any.
    pub left_bias: Vec<f64>,
    /// Without the prior, natural logarithm.
    pub log_likelihood: f64,
    /// Rounds.
    pub iterations: usize,
    /// Whether it stopped because nothing was gained any more.
    pub converged: bool,
}

/// Fits worths and raters. Comparisons of an option with itself, or with one from `n_options` on, take no part.
///
/// Undefined without comparisons, and where some options were never compared, even through others.
pub fn noisy_bradley_terry(
    n_options: usize,
    comparisons: &[Comparison],
    progress: &Progress,
) -> Result<Result<NoisyBradleyTerry, Undefined>, Cancelled> {
    let in_set = |c: &&Comparison| c.left != c.right && (c.left.max(c.right) as usize) < n_options;
    let rows: Vec<Comparison> = comparisons.iter().filter(in_set).copied().collect();
    if let Err(reason) = Pairs::new(n_options, &rows).with_prior(PRIOR_WINS).check() {
        return Ok(Err(reason));
    }
    let mut raters: Vec<u32> = rows.iter().map(|c| c.rater).collect();
    raters.sort_unstable();
    raters.dedup();
    let rater_of: Vec<usize> = rows.iter().map(|c| raters.partition_point(|&r| r < c.rater)).collect();
    progress.stage("Noisy Bradley–Terry", 0);

    let compared = Pairs::new(n_options, &rows);
    let mut theta = vec![0.0; n_options];
    let mut reliability = vec![0.75; raters.len()];
    let mut left_bias = vec![0.5; raters.len()];
    let (mut last, mut iterations, mut converged) = (f64::NEG_INFINITY, 0, false);
    let mut log_likelihood = f64::NEG_INFINITY;
    while iterations < MAX_ROUNDS && !converged {
        progress.check()?;
        iterations += 1;
        // E: for each comparison what it counts for the worths.
        let mut looked = vec![(0.0, 0.0); rows.len()];
        let mut sums = vec![[0.0; 3]; raters.len()];
        log_likelihood = 0.0;
        for ((c, &w), looked) in rows.iter().zip(&rater_of).zip(&mut looked) {
            let (left, right) = c.halves();
            let (i, j) = (theta[c.left as usize], theta[c.right as usize]);
            for (points, log_worth, bias, own) in [
                (left, log_beats(i, j), left_bias[w], &mut looked.0),
                (right, log_beats(j, i), 1.0 - left_bias[w], &mut looked.1),
            ] {
                if points > 0.0 {
                    let (follows, blind) = (reliability[w] * log_worth.exp(), (1.0 - reliability[w]) * bias);
                    let all = follows + blind;
                    log_likelihood += points * all.ln();
                    *own = points * follows / all;
                    sums[w][0] += *own;
                }
            }
            sums[w][1] += left - looked.0;
            sums[w][2] += right - looked.1;
        }
        let next = log_likelihood + penalty(&compared, &theta, &reliability, &left_bias);
        converged = next - last < TOLERANCE * rows.len() as f64;
        last = next;
        if converged {
            break;
        }
        // M.
        for ((r, b), [follows, left, right]) in reliability.iter_mut().zip(&mut left_bias).zip(&sums) {
            *r = (follows + PRIOR_COUNT) / (follows + left + right + 2.0 * PRIOR_COUNT);
            *b = (left + PRIOR_COUNT) / (left + right + 2.0 * PRIOR_COUNT);
        }
        let sided = rows.iter().zip(&looked).flat_map(|(c, &(left, right))| {
            [
                (Comparison { outcome: Outcome::Left, ..*c }, left),
                (Comparison { outcome: Outcome::Right, ..*c }, right),
            ]
        });
        let weighted = Pairs::weighted(n_options, sided).with_prior(PRIOR_WINS);
        theta = maximise(&weighted, theta, INNER_ROUNDS).0;
        progress.add(1);
    }
    Ok(Ok(NoisyBradleyTerry { theta, raters, reliability, left_bias, log_likelihood, iterations, converged }))
}

impl Comparison {
    /// Points of the left and of the right option.
    fn halves(self) -> (f64, f64) {
        match self.outcome {
            Outcome::Left => (1.0, 0.0),
            Outcome::Right => (0.0, 1.0),
            Outcome::Tie => (0.5, 0.5),
        }
    }
}

fn penalty(compared: &Pairs, theta: &[f64], reliability: &[f64], left_bias: &[f64]) -> f64 {
    let wins = compared.as_slice().iter().map(|p| {
        let (i, j) = (theta[p.first as usize], theta[p.second as usize]);
        PRIOR_WINS * (log_beats(i, j) + log_beats(j, i))
    });
    let inside = reliability.iter().chain(left_bias).map(|p| PRIOR_COUNT * (p.ln() + (1.0 - p).ln()));
    wins.sum::<f64>() + inside.sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::super::tests::wins;
    use super::*;

    #[test]
    fn who_always_clicks_left_is_found_out() {
        // Two careful raters who agree that 0 beats 1 beats 2, shown in both orders; one who always takes the left.
        let mut rows = Vec::new();
        for rater in 0..3 {
            for (i, j) in [(0, 1), (1, 2), (0, 2)] {
                for _ in 0..8 {
                    let taken = |turned: bool| match (rater, turned) {
                        (2, _) | (_, false) => Outcome::Left,
                        _ => Outcome::Right,
                    };
                    rows.push(Comparison { left: i, right: j, outcome: taken(false), rater });
                    rows.push(Comparison { left: j, right: i, outcome: taken(true), rater });
                }
            }
        }
        let found = noisy_bradley_terry(3, &rows, &Progress::new()).unwrap().unwrap();
        assert!(found.theta[0] > found.theta[1] && found.theta[1] > found.theta[2], "{found:?}");
        assert!(found.reliability[0] > 0.9 && found.reliability[2] < 0.3, "{found:?}");
        assert!(found.left_bias[2] > 0.85 && found.converged, "{found:?}");
    }

    #[test]
    fn what_was_not_compared_cannot_be_placed() {
        let p = Progress::new();
        assert!(noisy_bradley_terry(3, &wins(&[(0, 1, 4)]), &p).unwrap().is_err());
        assert!(noisy_bradley_terry(2, &[], &p).unwrap().is_err());
        // No rater numbers are allocated for.
        let rows = [Comparison { left: 0, right: 1, outcome: Outcome::Tie, rater: u32::MAX }];
        assert_eq!(noisy_bradley_terry(2, &rows, &p).unwrap().unwrap().raters, [u32::MAX]);
    }
}
