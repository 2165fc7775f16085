//! A share of what was counted, with the interval of Wilson (1927).

use super::estimate::{Estimate, Method, Statistic, Undefined};

/// 97.5 % point of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// `hits` of `n` with a 95 % interval that is never without width, even where all or none are hits.
///
/// Undefined for n = 0, with `nothing` as the reason.
pub fn share(hits: usize, n: usize, nothing: &str) -> Statistic {
    if n == 0 {
        return Undefined::Because(nothing.to_owned()).into();
    }
    let (p, count) = (hits as f64 / n as f64, n as f64);
    let centre = (p + Z * Z / (2.0 * count)) / (1.0 + Z * Z / count);
    let half = Z * (p * (1.0 - p) / count + Z * Z / (4.0 * count * count)).sqrt() / (1.0 + Z * Z / count);
    Statistic::Defined(Estimate {
        ci: Some(((centre - half).max(0.0), (centre + half).min(1.0))),
        se: Some((p * (1.0 - p) / count).sqrt()),
        method: Some(Method::Analytic),
        ..Estimate::new(p, n, 0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

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
