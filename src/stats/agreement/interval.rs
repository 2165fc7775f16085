//! How an interval is made: of which draws (items or raters), and by which method.
//!
//! - *Analytic*: Gwet's linearised variance with Student's t (Gwet 2014, ch. 5–6).
//! - *Jackknife*: θ ± t_{n−1} se, se² = (n − 1)/n Σ (θ_(−i) − mean)² (Hughes 2022, arXiv:2210.13265).
//! - *Bootstrap*: percentiles of resamples of whole items (or raters). Never of pairs of ratings: those are not
//!   independent, and such intervals cover 54–86 % where they say 95 %.
//!
//! All are of 95 %. With few items, or a rare label, all are too narrow; [`advise`](super::advise) says so.

use super::student;
use crate::stats::estimate::Method;

/// What the data are a sample of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Over {
    /// Items: how would this team agree on other items?
    #[default]
    Items,
    /// Raters: how would other raters agree on these items?
    Raters,
}

/// How the interval is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntervalKind {
    /// None.
    None,
    /// By linearisation, where the coefficient has one; else by the jackknife. Over raters: by the jackknife.
    #[default]
    Analytic,
    /// By leaving out one after the other.
    Jackknife,
    /// By drawing anew.
    Bootstrap {
        /// Resamples, such as 1000; at most a million are drawn.
        replicates: u32,
        /// Seed; the same gives the same interval, whatever the number of threads.
        seed: u64,
    },
}

/// What interval is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct IntervalSpec {
    /// The method.
    pub kind: IntervalKind,
    /// What is drawn.
    pub over: Over,
    /// How many items (or raters) there are in all, where that is known and finite: variances shrink by
    /// 1 − n/N. Bootstraps take no notice.
    pub population: Option<u64>,
}

impl IntervalSpec {
    /// Over items, of an endless supply.
    pub fn new(kind: IntervalKind) -> Self {
        Self { kind, ..Self::default() }
    }

    /// 1 − n/N, in 0..=1.
    pub(super) fn remaining(&self, n: f64) -> f64 {
        self.population.map_or(1.0, |all| (1.0 - n / all as f64).clamp(0.0, 1.0))
    }
}

/// A standard error and what is made of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Spread {
    pub se: f64,
    pub ci: (f64, f64),
    pub method: Method,
}

impl Spread {
    /// `value` ± t(`df`) se, at most 1. `None` without degrees of freedom.
    pub(super) fn student(value: f64, variance: f64, df: usize, method: Method) -> Option<Self> {
        let se = variance.max(0.0).sqrt();
        let half = student::t_975(df) * se;
        (df > 0 && half.is_finite()).then(|| Self { se, ci: (value - half, (value + half).min(1.0)), method })
    }

    /// From (coefficient without one, how many such): jackknife-t. `None` for fewer than two, and where one of them
    /// is undefined: then a single item (or rater) carries all variation, and nobody can say how far it may move.
    pub(super) fn jackknife(
        value: f64,
        without: impl Iterator<Item = (Option<f64>, f64)> + Clone,
        remaining: f64,
    ) -> Option<Self> {
        // Of differences from the value: those of millions of items are far smaller than the values themselves.
        let (mut n, mut sum) = (0.0, 0.0);
        for (x, times) in without.clone() {
            n += times;
            sum += times * (x? - value);
        }
        if n < 2.0 {
            return None;
        }
        let mean = sum / n;
        let squares: f64 =
            without.map(|(x, times)| times * (x.map_or(0.0, |x| x - value - mean)).powi(2)).sum();
        let variance = remaining * (n - 1.0) / n * squares;
        Self::student(value, variance, n as usize - 1, Method::Jackknife)
    }

    /// Percentiles of resamples; `None` where more than half are undefined, or there are fewer than two.
    pub(crate) fn percentiles(draws: &[Option<f64>]) -> Option<Self> {
        let mut values: Vec<f64> = draws.iter().copied().flatten().collect();
        if values.len() < 2 || 2 * values.len() < draws.len() {
            return None;
        }
        values.sort_by(f64::total_cmp);
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let se = (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
        let ci = (quantile(&values, 0.025), quantile(&values, 0.975));
        let dropped = (draws.len() - values.len()) as f64 / draws.len() as f64;
        let method = Method::Bootstrap { replicates: draws.len() as u32, dropped: dropped as f32 };
        Some(Self { se, ci, method })
    }
}

/// The quantile of ascending values, with linear interpolation (Hyndman & Fan 1996, definition 7).
pub(crate) fn quantile(sorted: &[f64], p: f64) -> f64 {
    let at = p * (sorted.len() - 1) as f64;
    let below = at.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (at - below as f64) * (sorted[above] - sorted[below])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_interpolated() {
        let values: Vec<f64> = (0..=40).map(f64::from).collect();
        assert_eq!((quantile(&values, 0.025), quantile(&values, 0.975)), (1.0, 39.0));
        assert_eq!(quantile(&[3.0], 0.5), 3.0);
    }

    #[test]
    fn undefined_resamples_are_dropped_and_their_share_is_told() {
        let draws: Vec<_> = (0..10).map(|i| (i != 3).then_some(f64::from(i))).collect();
        let spread = Spread::percentiles(&draws).unwrap();
        assert_eq!(spread.method, Method::Bootstrap { replicates: 10, dropped: 0.1 });
        assert!(Spread::percentiles(&[None, None, Some(1.0)]).is_none());
    }

    #[test]
    fn the_jackknife_of_a_mean_is_its_standard_error() {
        let x = [1.0, 2.0, 4.0, 9.0];
        let without = x.iter().map(|v| (Some((16.0 - v) / 3.0), 1.0));
        let spread = Spread::jackknife(4.0, without, 1.0).unwrap();
        // sd²/n with squares 9 + 4 + 0 + 25.
        assert!((spread.se - (38.0_f64 / 3.0 / 4.0).sqrt()).abs() < 1e-12);
        // Differences far below the last digits of a sum of the values.
        let (n, tiny) = (1_000_000_u32, 1e-12);
        let without = (0..n).map(|i| (Some(1.0 + tiny * f64::from(i % 2)), 1.0));
        let spread = Spread::jackknife(1.0, without, 1.0).unwrap();
        assert!((spread.se / (tiny * 0.5 * f64::from(n).sqrt()) - 1.0).abs() < 1e-3, "{}", spread.se);
        assert!(Spread::jackknife(0.0, [(Some(1.0), 5.0), (None, 1.0)].into_iter(), 1.0).is_none());
    }
}
