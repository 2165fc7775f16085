//! Do two raters (a person and a model, two models) err on the same items, beyond what their accuracies bring about?
//!
//! Geirhos, Meding & Wichmann (2020): with accuracies p₁ and p₂, both are right or both wrong on a share
//! c_exp = p₁p₂ + (1 − p₁)(1 − p₂) of items if errors are independent; κ = (c_obs − c_exp)/(1 − c_exp). It is Cohen's kappa
//! of right and wrong.

use super::agreement::cohen_kappa;
use super::estimate::{Estimate, Method, Statistic, Undefined, Z_975};

/// Items that two raters answered, by who is right.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RightAndWrong {
    /// Both are right.
    pub both_right: u64,
    /// Only the first is.
    pub first_right: u64,
    /// Only the second is.
    pub second_right: u64,
    /// Both are wrong, be it with the same label or not.
    pub both_wrong: u64,
}

impl RightAndWrong {
    /// Items.
    pub fn n(&self) -> u64 {
        self.both_right + self.first_right + self.second_right + self.both_wrong
    }

    /// Shares of items on which the first, and the second, is right; `None` without items.
    pub fn accuracies(&self) -> Option<(f64, f64)> {
        let n = self.n() as f64;
        let right = |own: u64| (self.both_right + own) as f64 / n;
        (self.n() > 0).then(|| (right(self.first_right), right(self.second_right)))
    }

    /// c_obs and c_exp; `None` without items.
    pub fn shares(&self) -> Option<(f64, f64)> {
        let (p, q) = self.accuracies()?;
        let observed = (self.both_right + self.both_wrong) as f64 / self.n() as f64;
        Some((observed, p * q + (1.0 - p) * (1.0 - q)))
    }

    /// κ with its large-sample interval (Fleiss, Cohen & Everitt 1969), cut to 1. Undefined where one is always right,
    /// or always wrong.
    pub fn consistency(&self) -> Statistic {
        if self.n() == 0 {
            return Undefined::NoPairableItem.into();
        }
        let cells = [
            (1, 1, self.both_right),
            (1, 0, self.first_right),
            (0, 1, self.second_right),
            (0, 0, self.both_wrong),
        ];
        let cells: Vec<(u32, u32, u64)> = cells.into_iter().filter(|c| c.2 > 0).collect();
        let right = [self.both_right + self.first_right, self.both_right + self.second_right];
        if right.iter().any(|&n| n == 0 || n == self.n()) {
            let reason = "one is always right, or always wrong, so that errors cannot go together";
            return Undefined::Because(reason.to_owned()).into();
        }
        let Some(found) = cohen_kappa(&cells) else {
            let reason = "both are always right, or both always wrong, so all consistency is chance";
            return Undefined::Because(reason.to_owned()).into();
        };
        let half = Z_975 * found.se;
        let estimate = Estimate::new(found.kappa, self.n() as usize, 2);
        if self.n() < 2 {
            return estimate.into();
        }
        let ci = Some((found.kappa - half, (found.kappa + half).min(1.0)));
        Estimate { ci, se: Some(found.se), method: Some(Method::Analytic), ..estimate }.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worked_example() {
        let table = RightAndWrong { both_right: 6, first_right: 1, second_right: 1, both_wrong: 2 };
        let (observed, expected) = table.shares().unwrap();
        assert!((observed - 0.8).abs() < 1e-12 && (expected - 0.58).abs() < 1e-12);
        assert!((table.consistency().value().unwrap() - 0.5238).abs() < 5e-5);
        assert!((table.accuracies().unwrap().0 - 0.7).abs() < 1e-12);
    }

    #[test]
    fn always_right_has_no_consistency() {
        let right = RightAndWrong { both_right: 9, ..RightAndWrong::default() };
        assert!(right.consistency().value().is_none());
        let wrong = RightAndWrong { both_wrong: 9, ..RightAndWrong::default() };
        assert!(wrong.consistency().value().is_none());
        assert!(
            RightAndWrong::default().consistency().value().is_none()
                && RightAndWrong::default().shares().is_none()
        );
        let one = RightAndWrong { both_right: 4, second_right: 5, ..RightAndWrong::default() };
        assert!(one.consistency().value().is_none(), "one is always right");
    }
}
