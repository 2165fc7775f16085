//! How often does what is preferred have more of a property? C pairs in which it has, D in which it has less, T in which both have as much: s = (C − D)/(C + D + T), and
//! P = C/(C + D) with Wilson's interval. Of people and of a machine side by side, the orders of properties are compared by Kendall's τ_b. A plainer
//! form of the factor score of Oh et al. (2024, PROFILE).

use crate::stats::Undefined;
use crate::stats::correlation::Correlation;
use crate::stats::proportion::wilson_of;

/// A property against choices.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Concordance {
    /// Pairs whose winner has more, has less, has as much.
    pub counts: (u64, u64, u64),
}

impl Concordance {
    /// s, in −1..=1; `None` without a pair that differs.
    pub fn score(&self) -> Option<f64> {
        let (c, d, t) = self.counts;
        (c + d > 0).then(|| (c as f64 - d as f64) / (c + d + t) as f64)
    }

    /// P with its interval; `None` without a pair that differs.
    pub fn share(&self) -> Option<(f64, (f64, f64))> {
        let (c, d, _) = self.counts;
        (c + d > 0).then(|| (c as f64 / (c + d) as f64, wilson_of(c, c + d)))
    }
}

/// Of pairs (property of the winner minus that of the loser).
pub fn concordance(differences: impl IntoIterator<Item = f64>) -> Concordance {
    let mut counts = (0, 0, 0);
    for d in differences {
        if d > 0.0 {
            counts.0 += 1;
        } else if d < 0.0 {
            counts.1 += 1;
        } else {
            counts.2 += 1;
        }
    }
    Concordance { counts }
}

/// Kendall's τ_b of two judges' scores of the same properties, of those that both have.
///
/// Undefined with fewer than two.
pub fn order_agreement(a: &[Concordance], b: &[Concordance]) -> Result<f64, Undefined> {
    let (x, y): (Vec<f64>, Vec<f64>) = a.iter().zip(b).filter_map(|(a, b)| a.score().zip(b.score())).unzip();
    Correlation::KendallTauB.of(&x, &y)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worked_example() {
        // 8 longer, 2 shorter, 2 as long.
        let found = concordance([1.0; 8].into_iter().chain([-1.0; 2]).chain([0.0; 2]));
        assert!((found.score().unwrap() - 0.5).abs() < 1e-12);
        let (p, (_, high)) = found.share().unwrap();
        assert!((p - 0.8).abs() < 1e-12 && high > 0.9);
        let five = concordance([1.0; 4].into_iter().chain([-1.0]).chain([0.0]));
        let (p, (low, high)) = five.share().unwrap();
        assert!((p - 0.8).abs() < 1e-12 && (low - 0.376).abs() < 5e-4 && (high - 0.964).abs() < 5e-4);
        assert!((five.score().unwrap() - 0.5).abs() < 1e-12);
        let ties = concordance([0.0; 3]);
        assert!(ties.score().is_none() && ties.share().is_none());
        assert!(
            (order_agreement(&[found, five, ties], &[five, found, ties]).is_err()),
            "equal scores have no order"
        );
    }
}
