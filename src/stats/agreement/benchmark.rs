//! Words for values, with their uncertainty: how likely is the true coefficient in each range of a published scale?
//!
//! Gwet's (2014, ch. 6) membership of the range from a to b: [Φ((κ − a)/se) − Φ((κ − b)/se)]/[Φ((κ + 1)/se) −
//! Φ((κ − 1)/se)], added up from the top; the word is that of the highest range whose sum reaches 95 %. The scales are
//! conventions of their authors, not facts about data.

use statrs::function::erf::erfc;

/// A published scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BenchmarkScale {
    /// Its authors.
    pub name: &'static str,
    /// (lower end × 100, word), from the top; the last begins at −100.
    ranges: &'static [(i32, &'static str)],
}

/// Landis & Koch (1977).
pub const LANDIS_KOCH: BenchmarkScale = BenchmarkScale {
    name: "Landis & Koch (1977)",
    ranges: &[
        (80, "almost perfect"),
        (60, "substantial"),
        (40, "moderate"),
        (20, "fair"),
        (0, "slight"),
        (-100, "poor"),
    ],
};

/// Fleiss (1981).
pub const FLEISS_SCALE: BenchmarkScale = BenchmarkScale {
    name: "Fleiss (1981)",
    ranges: &[(75, "excellent"), (40, "intermediate to good"), (-100, "poor")],
};

/// Altman (1991).
pub const ALTMAN: BenchmarkScale = BenchmarkScale {
    name: "Altman (1991)",
    ranges: &[(80, "very good"), (60, "good"), (40, "moderate"), (20, "fair"), (-100, "poor")],
};

/// Krippendorff (2004): what conclusions may rest on.
pub const KRIPPENDORFF_SCALE: BenchmarkScale = BenchmarkScale {
    name: "Krippendorff (2004)",
    ranges: &[(80, "reliable"), (67, "tentative conclusions only"), (-100, "not reliable")],
};

/// A range and how likely the coefficient is in it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Membership {
    /// The word.
    pub word: &'static str,
    /// Lower end of the range.
    pub from: f64,
    /// Upper end of the range.
    pub to: f64,
    /// Probability of the range, in 0..=1.
    pub probability: f64,
    /// Probability of this range or a higher one.
    pub cumulative: f64,
}

/// All ranges from the top, and the number of the one to report: the highest with a cumulative probability of 95 %.
/// `None` for a standard error that is not above 0: then only the value's own range can be told.
pub fn benchmark(value: f64, se: f64, scale: &BenchmarkScale) -> Option<(Vec<Membership>, usize)> {
    if !(se > 0.0 && se.is_finite() && value.is_finite()) {
        return None;
    }
    let below = |x: f64| 0.5 * erfc(-(value - x) / (se * std::f64::consts::SQRT_2));
    let whole = below(-1.0) - below(1.0);
    let (mut to, mut cumulative) = (1.0, 0.0);
    let mut ranges = Vec::with_capacity(scale.ranges.len());
    for &(from, word) in scale.ranges {
        let from = f64::from(from) / 100.0;
        let probability = (below(from) - below(to)) / whole;
        cumulative += probability;
        ranges.push(Membership { word, from, to, probability, cumulative });
        to = from;
    }
    let chosen = ranges.iter().position(|r| r.cumulative >= 0.95).unwrap_or(ranges.len() - 1);
    Some((ranges, chosen))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memberships_add_up_and_uncertainty_lowers_the_word() {
        let (ranges, sharp) = benchmark(0.85, 0.001, &LANDIS_KOCH).unwrap();
        assert!((ranges.last().unwrap().cumulative - 1.0).abs() < 1e-12);
        assert_eq!(ranges[sharp].word, "almost perfect");
        let (ranges, blunt) = benchmark(0.85, 0.1, &LANDIS_KOCH).unwrap();
        assert_eq!(ranges[blunt].word, "substantial");
        assert!(benchmark(0.85, 0.0, &ALTMAN).is_none());
    }

    #[test]
    fn ac1_of_gwet_s_example_is_moderate() {
        // .77544 with a standard error of .14295: cumulative .55, .90, .99 from the top (irrCAC).
        let (ranges, chosen) = benchmark(0.77544, 0.14295, &ALTMAN).unwrap();
        assert_eq!(ranges[chosen].word, "moderate");
    }
}
