//! How balanced classes are: one number for the ends, three for the whole, and the shots of long-tailed recognition.
//!
//! Yang & Xu (2020), "Rethinking the Value of Labels for Improving Class-Imbalanced Learning": ρ = n_max / n_min, and classes with
//! many, medium and few examples.

use crate::stats::{Estimate, Statistic, Undefined};

/// A class with more items than this has many.
pub const MANY: u64 = 100;
/// A class with fewer items than this has few.
pub const FEW: u64 = 20;

/// How balanced classes are.
#[derive(Debug, Clone, PartialEq)]
pub struct Imbalance {
    /// Items with a class.
    pub n: u64,
    /// n_max / n_min, at least 1. Undefined with an empty class: it would be infinite.
    pub ratio: Statistic,
    /// Classes without an item, by number.
    pub empty: Vec<usize>,
    /// Entropy over ln K, in 0..=1; undefined for fewer than two classes.
    pub evenness: Statistic,
    /// e to the entropy in nats, in 1..=K: as many equally large classes are as diverse.
    pub effective: Statistic,
    /// 1 − Σ p², in 0..=1 − 1/K: the chance that two items drawn with replacement are of different classes.
    pub gini: Statistic,
    /// Classes with more than [`MANY`] items.
    pub many: usize,
    /// Classes with [`FEW`] to [`MANY`] items.
    pub medium: usize,
    /// Classes with fewer than [`FEW`] items.
    pub few: usize,
}

/// Of the numbers of items, one a class. Everything is undefined where no item has a class.
pub fn imbalance(counts: &[u64]) -> Imbalance {
    let n: u64 = counts.iter().sum();
    let empty: Vec<usize> = (0..counts.len()).filter(|&c| counts[c] == 0).collect();
    let share = |of: u64| of as f64 / n as f64;
    let shares = || counts.iter().filter(|&&c| c > 0).map(|&c| share(c));
    // As a sum of p ln(1/p), so that a single class has an entropy of 0 and not of −0.
    let entropy: f64 = shares().map(|p| p * (1.0 / p).ln()).sum();
    let defined = |value: f64| Statistic::from(Estimate::new(value, n as usize, 0));
    let nothing = || Statistic::from(Undefined::Because("no item has a label".to_owned()));
    let (least, most) =
        (counts.iter().copied().min().unwrap_or(0), counts.iter().copied().max().unwrap_or(0));
    let ratio = match (n, empty.len()) {
        (0, _) => nothing(),
        (_, 0) => defined(most as f64 / least as f64),
        (_, 1) => Undefined::Because("one label has no item, so the ratio is infinite".to_owned()).into(),
        (_, k) => Undefined::Because(format!("{k} labels have no item, so the ratio is infinite")).into(),
    };
    let evenness = match (n, counts.len()) {
        (0, _) => nothing(),
        (_, 1) => Undefined::Because("there is only one label".to_owned()).into(),
        (_, k) => defined(entropy / (k as f64).ln()),
    };
    let (effective, gini) = if n == 0 {
        (nothing(), nothing())
    } else {
        (defined(entropy.exp()), defined(1.0 - shares().map(|p| p * p).sum::<f64>()))
    };
    let many = counts.iter().filter(|&&c| c > MANY).count();
    let few = counts.iter().filter(|&&c| c < FEW).count();
    Imbalance { n, ratio, empty, evenness, effective, gini, many, medium: counts.len() - many - few, few }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worked_example_of_the_paper() {
        let found = imbalance(&[50, 30, 15, 5]);
        let value = |s: &Statistic| s.value().unwrap();
        assert_eq!(value(&found.ratio), 10.0);
        assert!((value(&found.evenness) - 0.823_865).abs() < 5e-7, "{:?}", found.evenness);
        assert!((value(&found.effective) - 3.1334).abs() < 5e-5, "{:?}", found.effective);
        assert!((value(&found.gini) - 0.635).abs() < 1e-12);
        assert_eq!((found.many, found.medium, found.few, found.n), (0, 2, 2, 100));
    }

    #[test]
    fn the_shots_are_counted_at_their_ends() {
        let found = imbalance(&[101, 100, 20, 19]);
        assert_eq!((found.many, found.medium, found.few), (1, 2, 1));
    }

    #[test]
    fn empty_classes_are_listed_and_leave_the_ratio_undefined() {
        let found = imbalance(&[4, 0, 4, 0]);
        assert_eq!(found.empty, [1, 3]);
        assert!(found.ratio.reason().unwrap().contains("2 labels have no item"));
        assert!((found.effective.value().unwrap() - 2.0).abs() < 1e-12);
        assert!((found.evenness.value().unwrap() - 0.5).abs() < 1e-12);
        let nothing = imbalance(&[0, 0]);
        assert!(nothing.gini.value().is_none() && nothing.ratio.value().is_none());
        let one = imbalance(&[7]);
        assert_eq!(
            (one.ratio.value(), one.effective.value(), one.gini.value()),
            (Some(1.0), Some(1.0), Some(0.0))
        );
        assert!(one.evenness.value().is_none());
        assert!(imbalance(&[]).ratio.value().is_none());
    }

    proptest::proptest! {
        #[test]
        fn everything_stays_within_its_bounds(counts in proptest::collection::vec(0_u64..1000, 2..30)) {
            let found = imbalance(&counts);
            let k = counts.len() as f64;
            if found.n > 0 {
                let within = |s: &Statistic, low: f64, high: f64| s.value().is_some_and(|v| v >= low - 1e-9 && v <= high + 1e-9);
                proptest::prop_assert!(within(&found.evenness, 0.0, 1.0));
                proptest::prop_assert!(within(&found.effective, 1.0, k));
                proptest::prop_assert!(within(&found.gini, 0.0, 1.0 - 1.0 / k));
            }
            proptest::prop_assert_eq!(found.many + found.medium + found.few, counts.len());
        }
    }
}
