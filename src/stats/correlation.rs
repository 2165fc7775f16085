//! Correlation and concordance of two lists of numbers, one pair an item, and how surprising a correlation is.
//!
//! The coefficients are those of two raters' tables in [`agreement`](super::agreement), with each number a label of its own. Numbers that
//! are not finite have no place in an order, so that everything is undefined with one of them.

use statrs::function::beta::beta_reg;

use super::agreement::{self, Spread, TableCell};
use super::{Estimate, Undefined};
use crate::progress::{Cancelled, Progress};

/// Pairs from which a correlation says anything about its population.
pub const LEAST_PAIRS: usize = 3;

/// Which coefficient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Correlation {
    /// Pearson's r.
    Pearson,
    /// Spearman's ρ, with mid-ranks for ties.
    Spearman,
    /// Kendall's τ_b.
    KendallTauB,
    /// Lin's concordance correlation coefficient, moments divided by n.
    Lin,
}

impl Correlation {
    /// Of pairs (x_i, y_i). Undefined for lists of different lengths, for fewer than two pairs, with a number that is not finite, and where
    /// one side is constant (for Lin's: where both are, at one and the same value).
    pub fn of(self, x: &[f64], y: &[f64]) -> Result<f64, Undefined> {
        if x.len() != y.len() {
            return Err(Undefined::Because("the two lists have different lengths".to_owned()));
        }
        // Cells name labels by 32 bits.
        if x.len() < 2 || x.len() > (u32::MAX / 2) as usize {
            return Err(Undefined::Because(format!("{} pairs of numbers cannot be correlated", x.len())));
        }
        if x.iter().chain(y).any(|v| !v.is_finite()) {
            return Err(Undefined::Because("a number is not finite".to_owned()));
        }
        let n = x.len() as u32;
        let values: Vec<f64> = x.iter().chain(y).copied().collect();
        let cells: Vec<TableCell> = (0..n).map(|i| (i, n + i, 1)).collect();
        match self {
            Self::Pearson => agreement::pearson(&cells, &values),
            Self::Spearman => agreement::spearman(&cells, &values),
            Self::KendallTauB => agreement::kendall_tau_b(&cells, &values),
            Self::Lin => agreement::lin_concordance(&cells, &values),
        }
    }

    /// [`Self::of`] with a percentile interval from `replicates` resamples of pairs. Resamples on which it is undefined are dropped and their
    /// share is told; there is no interval where more than half are.
    pub fn with_interval(
        self,
        (x, y): (&[f64], &[f64]),
        (replicates, seed): (u32, u64),
        progress: &Progress,
    ) -> Result<Result<Estimate, Undefined>, Cancelled> {
        let value = match self.of(x, y) {
            Ok(value) => value,
            Err(reason) => return Ok(Err(reason)),
        };
        let units: Vec<u32> = (0..x.len() as u32).collect();
        let draws = agreement::resample(&units, units.len(), (replicates, seed), progress, |times| {
            let pick = |v: &[f64]| -> Vec<f64> {
                let drawn = v.iter().zip(times);
                drawn.flat_map(|(&v, &t)| std::iter::repeat_n(v, t as usize)).collect()
            };
            self.of(&pick(x), &pick(y)).ok()
        })?;
        let spread = Spread::percentiles(&draws);
        Ok(Ok(Estimate {
            ci: spread.map(|s| s.ci),
            se: spread.map(|s| s.se),
            method: spread.map(|s| s.method),
            ..Estimate::new(value, x.len(), 0)
        }))
    }
}

/// Ranks from 1 on, in the order of `values`; those that are the same share the mean of theirs.
pub(crate) fn mid_ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    // 0.0 and -0.0 are one value.
    order.sort_by(|&a, &b| (values[a] + 0.0).total_cmp(&(values[b] + 0.0)));
    let (mut ranks, mut below) = (vec![0.0; values.len()], 0.0);
    for tied in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let n = tied.len() as f64;
        tied.iter().for_each(|&i| ranks[i] = below + 0.5 * (n + 1.0));
        below += n;
    }
    ranks
}

/// P(|R| ≥ |r|) of `n` pairs without correlation: Student's t with n − 2 degrees of freedom. Exact for Pearson's r of normal numbers, an
/// approximation for Spearman's. `None` for fewer than three pairs.
pub fn correlation_p_value(r: f64, n: usize) -> Option<f64> {
    (n >= LEAST_PAIRS && (-1.0..=1.0).contains(&r))
        .then(|| two_sided_p(r * ((n - 2) as f64 / (1.0 - r * r)).sqrt(), (n - 2) as f64))
}

/// P(|T| ≥ |t|) of Student's t with `df` degrees of freedom, which may be a fraction; 0 for an infinite t.
pub(crate) fn two_sided_p(t: f64, df: f64) -> f64 {
    if t.is_infinite() { 0.0 } else { beta_reg(0.5 * df, 0.5, (df / (df + t * t)).clamp(0.0, 1.0)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_lists_correlate_as_their_table_does() {
        let (x, y) = ([1.0, 2.0, 3.0, 4.0, 5.0], [2.0, 2.0, 4.0, 4.0, 6.0]);
        assert!((Correlation::Lin.of(&x, &y).unwrap() - 0.869_565).abs() < 1e-6);
        assert!((Correlation::Pearson.of(&x, &y).unwrap() - 0.944_911).abs() < 1e-6);
        assert!((Correlation::Spearman.of(&x, &y).unwrap() - 9.0 / 90.0_f64.sqrt()).abs() < 1e-12);
        // 8 of 10 pairs are concordant, two are tied in y.
        assert!((Correlation::KendallTauB.of(&x, &y).unwrap() - 8.0 / 80.0_f64.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn what_is_tied_shares_its_ranks() {
        assert_eq!(mid_ranks(&[3.0, 1.0, 3.0, 0.0, -0.0]), [4.5, 3.0, 4.5, 1.5, 1.5]);
        assert!(mid_ranks(&[]).is_empty());
    }

    #[test]
    fn what_cannot_be_ordered_has_no_correlation() {
        for which in [Correlation::Pearson, Correlation::Spearman, Correlation::KendallTauB, Correlation::Lin]
        {
            assert!(which.of(&[1.0, f64::NAN], &[1.0, 2.0]).is_err());
            assert!(which.of(&[1.0], &[1.0]).is_err() && which.of(&[], &[]).is_err());
            assert!(which.of(&[1.0, 2.0], &[1.0]).is_err());
            assert!(which.of(&[3.0, 3.0], &[3.0, 3.0]).is_err());
        }
        assert!(Correlation::Pearson.of(&[0.0, -0.0], &[1.0, 2.0]).is_err(), "both zeros are one value");
    }

    /// Expected: published tables of r, 5 % two-sided: 0.878 for 5 pairs, 0.632 for 10, 0.361 for 30.
    #[test]
    fn p_values_are_those_of_tables() {
        for (n, r) in [(5, 0.8783), (10, 0.6319), (30, 0.3610)] {
            let p = correlation_p_value(r, n).unwrap();
            assert!((p - 0.05).abs() < 2e-4, "{n}: {p}");
        }
        assert_eq!((correlation_p_value(0.5, 2), correlation_p_value(1.0, 9)), (None, Some(0.0)));
        assert!((two_sided_p(-4.041_5, 4.96) - 0.010_08).abs() < 5e-5);
    }

    #[test]
    fn the_interval_holds_the_value_and_is_repeated() {
        let x: Vec<f64> = (0..40).map(f64::from).collect();
        let y: Vec<f64> = x.iter().map(|v| v + 12.0 * (v * 7.0).sin()).collect();
        let run = || {
            let found = Correlation::Spearman.with_interval((&x, &y), (200, 3), &Progress::new());
            found.unwrap().unwrap()
        };
        let (low, high) = run().ci.unwrap();
        assert!(low < run().value && run().value < high && high - low < 0.5);
        assert_eq!(run(), run());
    }
}
