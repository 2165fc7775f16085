//! Factors that beat each other: of two texts with lists of factors, those that both have are cancelled, and each that is left of the preferred one
//! beats each that is left of the other (Hu et al. 2023, DecipherPref). Worths of the factors are then Bradley & Terry's; where some factor never
//! loses they have none, and α wins are added to every cell, compared or not.

use std::collections::HashSet;

use crate::stats::aggregation::preference::{Comparison, Outcome, Pairs};

/// α, where it is needed.
pub const PRIOR: f64 = 0.1;

/// Wins of factors over factors. `choices` are the factors of the preferred and of the other text, below `n_factors`.
pub fn factor_wins<'a>(n_factors: usize, choices: impl IntoIterator<Item = (&'a [u32], &'a [u32])>) -> Pairs {
    let mut wins = Vec::new();
    for (won, lost) in choices {
        let (a, b): (HashSet<u32>, HashSet<u32>) =
            (won.iter().copied().collect(), lost.iter().copied().collect());
        let left_of = |x: &HashSet<u32>, y: &HashSet<u32>| {
            let mut left: Vec<u32> = x.difference(y).copied().collect();
            left.sort_unstable();
            left
        };
        let losers = left_of(&b, &a);
        for left in left_of(&a, &b) {
            wins.extend(losers.iter().map(|&right| Comparison {
                left,
                right,
                outcome: Outcome::Left,
                rater: 0,
            }));
        }
    }
    Pairs::new(n_factors, &wins)
}

/// The same with α wins more in every cell.
pub fn with_prior(pairs: &Pairs, alpha: f64) -> Pairs {
    let n = pairs.n_options() as u32;
    let win = |left: u32, right: u32| Comparison { left, right, outcome: Outcome::Left, rater: 0 };
    let known = pairs
        .as_slice()
        .iter()
        .flat_map(|p| [(win(p.first, p.second), p.wins_first), (win(p.second, p.first), p.wins_second)]);
    let more = (0..n).flat_map(|a| (0..n).filter(move |&b| a != b).map(move |b| (win(a, b), alpha)));
    Pairs::weighted(n as usize, known.chain(more))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::aggregation::preference::bradley_terry;

    /// Factors: aligned, hallucinated, long, short.
    #[test]
    fn the_worked_example() {
        let wins: [(u32, u32, usize); 7] =
            [(0, 1, 2), (0, 2, 2), (1, 3, 1), (2, 1, 2), (2, 3, 2), (3, 1, 1), (3, 2, 2)];
        let choices: Vec<([u32; 1], [u32; 1])> =
            wins.iter().flat_map(|&(a, b, n)| std::iter::repeat_n(([a], [b]), n)).collect();
        let pairs = factor_wins(4, choices.iter().map(|(a, b)| (a.as_slice(), b.as_slice())));
        assert_eq!(pairs.total() as usize, 12);
        assert!(bradley_terry(&pairs, 0.0).is_err(), "aligned never loses");
        let worth = bradley_terry(&with_prior(&pairs, PRIOR), 0.0).unwrap().worth();
        let sum: f64 = worth.iter().sum();
        let found: Vec<f64> = worth.iter().map(|w| w / sum).collect();
        for (found, want) in found.iter().zip([0.821, 0.029, 0.087, 0.064]) {
            assert!((found - want).abs() < 1e-3, "{found} {want}");
        }
    }

    #[test]
    fn shared_factors_are_cancelled() {
        let pairs = factor_wins(3, [(&[0, 1][..], &[1, 2][..]), (&[1][..], &[1][..])]);
        assert_eq!(pairs.as_slice().len(), 1);
        assert!(pairs.as_slice()[0].first == 0 && pairs.as_slice()[0].wins_first == 1.0);
    }
}
