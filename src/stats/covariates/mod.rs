//! What goes with a number of each item, such as how far its raters agree: one test for each property of the items.
//!
//! For a property that an item has or has not: the two means, Welch's t (which does not take both spreads for equal),
//! Student's t (which does), the test of Mann & Whitney on ranks, and Cohen's d. For a number: Pearson's r and Spearman's
//! ρ. With several properties, p-values are adjusted by Benjamini & Hochberg (1995).
//!
//! Items count as independent. Values that are not finite count as missing.

mod ranks;
#[cfg(test)]
mod tests;

pub use ranks::MannWhitney;
use ranks::mann_whitney;

use super::Undefined;
use super::agreement::benjamini_hochberg;
use super::correlation::{Correlation, correlation_p_value};
use super::two_samples::{Sample, TTest, cohen_d, student, welch};

/// A property of items, one value an item.
#[derive(Debug, Clone, Copy)]
pub enum Covariate<'a> {
    /// One that an item has or has not.
    Binary(&'a [Option<bool>]),
    /// A number.
    Numeric(&'a [Option<f64>]),
}

/// One of two groups.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Side {
    /// Values.
    pub n: usize,
    /// Their mean; `None` for none.
    pub mean: Option<f64>,
}

/// Two groups, compared. Everything is the first less the second. All tests are undefined where a group has fewer than
/// two values.
#[derive(Debug, Clone, PartialEq)]
pub struct TwoGroups {
    /// Items without the property.
    pub first: Side,
    /// Items with it.
    pub second: Side,
    /// Welch's t (1947), the one to report. Undefined where neither group varies.
    pub welch: Result<TTest, Undefined>,
    /// Student's t with a common variance, as undefined.
    pub student: Result<TTest, Undefined>,
    /// Mann & Whitney (1947). Undefined where all values are equal.
    pub mann_whitney: Result<MannWhitney, Undefined>,
    /// Cohen's d: the difference over the common standard deviation; undefined as the t are.
    pub cohen_d: Result<f64, Undefined>,
}

/// A correlation with its test against 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Correlated {
    /// −1..=1.
    pub r: f64,
    /// Two-sided, t = r √((n − 2)/(1 − r²)) with n − 2 degrees of freedom; `None` for two items. For ρ an approximation,
    /// rough below about ten items.
    pub p_value: Option<f64>,
}

/// A number beside another. Undefined for fewer than two items, and where one of the two does not vary.
#[derive(Debug, Clone, PartialEq)]
pub struct TwoNumbers {
    /// Items with both numbers.
    pub n: usize,
    /// Pearson's r.
    pub pearson: Result<Correlated, Undefined>,
    /// Spearman's ρ, mid-ranks for ties.
    pub spearman: Result<Correlated, Undefined>,
}

/// What was found for a property.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// For one that items have or have not.
    Groups(TwoGroups),
    /// For a number.
    Numbers(TwoNumbers),
}

/// The test of one property.
#[derive(Debug, Clone, PartialEq)]
pub struct CovariateTest {
    /// Means or correlations.
    pub found: Found,
    /// Items left out because the number or the property is missing.
    pub n_missing: usize,
    /// Adjusted p-value of Welch's t or Pearson's r, over all properties that have one.
    pub adjusted: Option<f64>,
    /// Adjusted p-value of Mann & Whitney or Spearman's ρ.
    pub adjusted_rank: Option<f64>,
}

impl CovariateTest {
    /// Not adjusted: of Welch's t or Pearson's r, and of ranks.
    pub fn p_values(&self) -> (Option<f64>, Option<f64>) {
        match &self.found {
            Found::Groups(groups) => (
                groups.welch.as_ref().ok().map(|t| t.p_value),
                groups.mann_whitney.as_ref().ok().map(|m| m.p_value),
            ),
            Found::Numbers(two) => {
                let p = |c: &Result<Correlated, Undefined>| c.as_ref().ok().and_then(|c| c.p_value);
                (p(&two.pearson), p(&two.spearman))
            }
        }
    }
}

/// Tests each property against `outcome`, one number an item. Items beyond the shorter of the two are missing.
pub fn covariate_tests(outcome: &[Option<f64>], covariates: &[Covariate<'_>]) -> Vec<CovariateTest> {
    let finite = |i: usize| outcome.get(i).copied().flatten().filter(|y| y.is_finite());
    let mut tests: Vec<CovariateTest> = covariates
        .iter()
        .map(|covariate| {
            let mut n = 0;
            let found = match covariate {
                Covariate::Binary(values) => {
                    let (mut first, mut second) = (Vec::new(), Vec::new());
                    for (i, has) in values.iter().enumerate() {
                        if let (Some(has), Some(y)) = (*has, finite(i)) {
                            if has { second.push(y) } else { first.push(y) }
                        }
                    }
                    n += first.len() + second.len();
                    Found::Groups(two_groups(&first, &second))
                }
                Covariate::Numeric(values) => {
                    let known =
                        |(i, x): (usize, &Option<f64>)| Some((x.filter(|x| x.is_finite())?, finite(i)?));
                    let (x, y): (Vec<f64>, Vec<f64>) = values.iter().enumerate().filter_map(known).unzip();
                    n += x.len();
                    Found::Numbers(two_numbers(&x, &y))
                }
            };
            CovariateTest {
                found,
                n_missing: outcome.len().saturating_sub(n),
                adjusted: None,
                adjusted_rank: None,
            }
        })
        .collect();
    adjust(tests.iter_mut().collect());
    tests
}

/// Adjusts the p-values of tests over all of them (Benjamini & Hochberg 1995).
pub fn adjust(tests: Vec<&mut CovariateTest>) {
    let adjusted = benjamini_hochberg(tests.iter().map(|t| t.p_values().0).collect::<Vec<_>>());
    let ranks = benjamini_hochberg(tests.iter().map(|t| t.p_values().1).collect::<Vec<_>>());
    for (test, (adjusted, rank)) in tests.into_iter().zip(adjusted.into_iter().zip(ranks)) {
        (test.adjusted, test.adjusted_rank) = (adjusted, rank);
    }
}

/// Compares two groups of finite numbers.
pub fn two_groups(first: &[f64], second: &[f64]) -> TwoGroups {
    let side = |values: &[f64]| Side {
        n: values.len(),
        mean: (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64),
    };
    let sample = |values: &[f64]| {
        let few = || Undefined::Because("one of the two groups has fewer than two values".to_owned());
        Sample::of(values.iter().map(|&v| (v, 1.0))).ok_or_else(few)
    };
    let constant = || Undefined::Because("the values of either group are all equal".to_owned());
    let both = || Ok((sample(first)?, sample(second)?));
    let test =
        |of: fn(&Sample, &Sample) -> Option<TTest>| both().and_then(|(a, b)| of(&a, &b).ok_or_else(constant));
    TwoGroups {
        first: side(first),
        second: side(second),
        welch: test(welch),
        student: test(student),
        mann_whitney: both().and_then(|_| mann_whitney(first, second)),
        cohen_d: both().and_then(|(a, b)| cohen_d(&a, &b).ok_or_else(constant)),
    }
}

/// Compares two numbers of the same items, pair by pair.
pub fn two_numbers(x: &[f64], y: &[f64]) -> TwoNumbers {
    let n = x.len().min(y.len());
    let (x, y) = (&x[..n], &y[..n]);
    let of = |which: Correlation| {
        let r = which.of(x, y)?;
        if r.is_nan() {
            let why = "the numbers are too large or too close to each other";
            return Err(Undefined::Because(why.to_owned()));
        }
        // Rounding may put r beyond 1.
        Ok(Correlated { r, p_value: correlation_p_value(r.clamp(-1.0, 1.0), n) })
    };
    TwoNumbers { n, pearson: of(Correlation::Pearson), spearman: of(Correlation::Spearman) }
}
