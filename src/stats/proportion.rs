//! What a share of few cases is worth.

/// Two-sided 95 % of the standard normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// Wilson's 95 % interval of `hits` out of `n`; 0..=1 for none.
pub(crate) fn wilson(hits: u64, n: u64) -> (f64, f64) {
    if n == 0 {
        return (0.0, 1.0);
    }
    let (n, p) = (n as f64, hits as f64 / n as f64);
    let z2 = Z * Z / n;
    let centre = (p + z2 / 2.0) / (1.0 + z2);
    let half = Z * (p * (1.0 - p) / n + z2 / (4.0 * n)).sqrt() / (1.0 + z2);
    ((centre - half).max(0.0), (centre + half).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_cases_are_worth_little() {
        let low = |hits: u64, n: u64| wilson(hits, n).0;
        for (hits, n, want) in [(9, 10, 0.5958), (9, 9, 0.7009), (10, 10, 0.7225), (9, 11, 0.5230)] {
            assert!((low(hits, n) - want).abs() < 5e-5, "{hits} of {n}");
        }
        assert_eq!((wilson(0, 0), wilson(0, 5).0, wilson(5, 5).1), ((0.0, 1.0), 0.0, 1.0));
    }
}
