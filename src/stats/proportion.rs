//! A share of what was counted, with the interval of Wilson (1927).

use super::estimate::{Estimate, Method, Statistic, Undefined, Z_975};

/// The 95 % interval of the share `p` of `n`: never without width, even where all or none are. `remaining` is the share of a finite
/// population that was not counted, 1 for an endless one.
pub(crate) fn wilson(p: f64, n: f64, remaining: f64) -> (f64, f64) {
    let z2 = Z_975 * Z_975 * remaining;
    let centre = (p + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = (z2 * (p * (1.0 - p) / n + z2 / (4.0 * n * n))).sqrt() / (1.0 + z2 / n);
    ((centre - half).max(0.0), (centre + half).min(1.0))
}

/// [`wilson`] of `hits` out of `n`; 0..=1 for none.
pub(crate) fn wilson_of(hits: u64, n: u64) -> (f64, f64) {
    if n == 0 { (0.0, 1.0) } else { wilson(hits as f64 / n as f64, n as f64, 1.0) }
}

/// `hits` of `n` with its interval.
///
/// Undefined for n = 0, with `nothing` as the reason.
pub fn share(hits: usize, n: usize, nothing: &str) -> Statistic {
    if n == 0 {
        return Undefined::Because(nothing.to_owned()).into();
    }
    let (p, count) = (hits as f64 / n as f64, n as f64);
    Statistic::Defined(Estimate {
        ci: Some(wilson(p, count, 1.0)),
        se: Some((p * (1.0 - p) / count).sqrt()),
        method: Some(Method::Analytic),
        ..Estimate::new(p, n, 0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_cases_are_worth_little() {
        for (hits, n, want) in [(9, 10, 0.5958), (9, 9, 0.7009), (10, 10, 0.7225), (9, 11, 0.5230)] {
            assert!((wilson_of(hits, n).0 - want).abs() < 5e-5, "{hits} of {n}");
        }
        assert_eq!((wilson_of(0, 0), wilson_of(0, 5).0, wilson_of(5, 5).1), ((0.0, 1.0), 0.0, 1.0));
    }

    #[test]
    fn intervals_are_wilson_s() {
        let half = share(5, 10, "");
        let (low, high) = half.estimate().and_then(|e| e.ci).unwrap();
        assert!((low - 0.236_593).abs() < 1e-6 && (high - 0.763_407).abs() < 1e-6, "{low} {high}");
        let none = share(0, 30, "");
        let (low, high) = none.estimate().and_then(|e| e.ci).unwrap();
        assert!(low == 0.0 && (high - 0.113_5).abs() < 1e-4, "{high}");
        assert_eq!(share(0, 0, "nothing was reviewed").reason().as_deref(), Some("nothing was reviewed"));
    }
}
