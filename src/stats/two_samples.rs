//! Two samples: t with and without a common variance, and how much the data speak for a difference rather than for none.

use crate::stats::correlation::two_sided_p;

/// Step of the integral, in ln g.
const STEP: f64 = 0.01;

/// Size, mean and variance (n − 1) of a sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// Size.
    pub n: f64,
    /// Mean.
    pub mean: f64,
    /// Variance, divided by n − 1.
    pub variance: f64,
}

impl Sample {
    /// Of values that each occur some number of times; `None` for fewer than two.
    pub fn of(values: impl Iterator<Item = (f64, f64)> + Clone) -> Option<Self> {
        let (n, sum) = values.clone().fold((0.0, 0.0), |(n, sum), (v, times)| (n + times, sum + times * v));
        if n < 2.0 {
            return None;
        }
        let mean = sum / n;
        let squares: f64 = values.clone().map(|(v, times)| times * (v - mean).powi(2)).sum();
        // Rounding of the mean must not make a spread where there is none.
        let mut known = values.filter(|v| v.1 > 0.0).map(|v| v.0);
        let first = known.next();
        let is_constant = known.all(|v| Some(v) == first);
        Some(Self { n, mean, variance: if is_constant { 0.0 } else { squares / (n - 1.0) } })
    }
}

/// A test of two means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TTest {
    /// t, above 0 where the first mean is larger.
    pub t: f64,
    /// Degrees of freedom; no whole number for Welch's.
    pub df: f64,
    /// Two-sided p-value.
    pub p_value: f64,
}

/// Welch's (1947) t of two samples. `None` where neither varies.
pub fn welch(a: &Sample, b: &Sample) -> Option<TTest> {
    let (va, vb) = (a.variance / a.n, b.variance / b.n);
    let df = (va + vb).powi(2) / (va * va / (a.n - 1.0) + vb * vb / (b.n - 1.0));
    test(a.mean - b.mean, va + vb, df)
}

/// Student's t, which takes both variances for the same. `None` where neither varies.
pub fn student(a: &Sample, b: &Sample) -> Option<TTest> {
    let pooled = pooled_variance(a, b);
    test(a.mean - b.mean, pooled / a.n + pooled / b.n, a.n + b.n - 2.0)
}

/// Cohen's d: the difference of means over the common standard deviation. `None` where neither varies.
pub fn cohen_d(a: &Sample, b: &Sample) -> Option<f64> {
    let d = (a.mean - b.mean) / pooled_variance(a, b).sqrt();
    d.is_finite().then_some(d)
}

fn pooled_variance(a: &Sample, b: &Sample) -> f64 {
    ((a.n - 1.0) * a.variance + (b.n - 1.0) * b.variance) / (a.n + b.n - 2.0)
}

fn test(difference: f64, squared_error: f64, df: f64) -> Option<TTest> {
    let t = difference / squared_error.sqrt();
    (squared_error > 0.0 && t.is_finite() && df.is_finite()).then(|| TTest {
        t,
        df,
        p_value: two_sided_p(t, df),
    })
}

/// ln BF₁₀ of a t of two samples of sizes n₁ and n₂: the Bayes factor of Rouder et al. (2009, eq. 1) with a Cauchy prior of scale `r` (√½ is usual) on
/// the standardised difference. Above 0 for a difference, below for none. `None` for sizes below 2, a scale of 0, or a t that is not finite.
///
/// The integral over g is taken by the trapezoidal rule in ln g, where it is smooth and falls off on both sides.
pub fn ln_bayes_factor(t: f64, n1: f64, n2: f64, r: f64) -> Option<f64> {
    let usable = |x: f64| x.is_finite() && x > 0.0;
    let sizes = n1 >= 2.0 && n2 >= 2.0 && usable(n1) && usable(n2);
    if !(t.is_finite() && sizes && usable(r)) {
        return None;
    }
    let (n, df) = (n1 * n2 / (n1 + n2), n1 + n2 - 2.0);
    let power = -0.5 * (df + 1.0);
    let term = |x: f64| {
        let g = x.exp();
        let wide = 1.0 + n * g * r * r;
        // g^(-3/2) dg = g^(-1/2) d ln g.
        -0.5 * wide.ln() + power * (t * t / (wide * df)).ln_1p()
            - 0.5 * x
            - 0.5 / g
            - 0.5 * std::f64::consts::TAU.ln()
    };
    let logs: Vec<f64> = (-1_000..=8_000).map(|i| term(f64::from(i) * STEP)).collect();
    let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = logs.iter().map(|l| (l - most).exp()).sum();
    Some(most + (sum * STEP).ln() - power * (t * t / df).ln_1p())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected: `pingouin.bayesfactor_ttest(3.5, 20, 20)`, whose scale is .707, is 26.743 in its documentation.
    #[test]
    fn the_bayes_factor_is_the_published_one() {
        let found = ln_bayes_factor(3.5, 20.0, 20.0, 0.707).unwrap().exp();
        assert!((found - 26.743).abs() < 5e-4, "{found}");
    }

    #[test]
    fn no_difference_speaks_for_none_the_more_the_larger_the_samples() {
        let of = |n: f64| ln_bayes_factor(0.0, n, n, 0.5_f64.sqrt()).unwrap();
        assert!(of(10.0) < 0.0 && of(1000.0) < of(100.0) && of(100.0) < of(10.0));
        assert!(ln_bayes_factor(1e6, 1e6, 1e6, 0.7).unwrap().is_finite());
        assert_eq!(ln_bayes_factor(f64::NAN, 9.0, 9.0, 0.7), None);
        assert_eq!((ln_bayes_factor(1.0, 1.0, 9.0, 0.7), ln_bayes_factor(1.0, 9.0, 9.0, 0.0)), (None, None));
    }

    /// Groups (.10, .20, .15, .25) and (.40, .30, .35): t −4.0415, df 4.96, p .01008.
    #[test]
    fn welch_by_hand() {
        let once = |v: &'static [f64]| Sample::of(v.iter().map(|&v| (v, 1.0))).unwrap();
        let found = welch(&once(&[0.10, 0.20, 0.15, 0.25]), &once(&[0.40, 0.30, 0.35])).unwrap();
        assert!((found.t + 4.0415).abs() < 5e-5 && (found.df - 4.96).abs() < 5e-3, "{found:?}");
        assert!((found.p_value - 0.010_08).abs() < 5e-6, "{found:?}");
        assert_eq!(welch(&once(&[1.0, 1.0]), &once(&[2.0, 2.0])), None);
        assert_eq!(Sample::of([(1.0, 1.0)].into_iter()), None);
        let twice = Sample::of([(1.0, 2.0), (4.0, 1.0)].into_iter()).unwrap();
        assert_eq!((twice.n, twice.mean, twice.variance), (3.0, 2.0, 3.0));
    }
}
