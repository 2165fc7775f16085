//! How far numbers that were given are from numbers that were to be expected.
//!
//! Two scores in 0..=1, low for suspicious ones: exp(−|prediction − given|), which is in the unit of the numbers; and OUTRE (Zhou, Mueller & others
//! 2023), for which a residual is suspicious where residuals of similar numbers are small: points (z(given), 5 z(residual)), mean Euclidean distance
//! a to the nearer half of all points, exp(−a / median a).

use rayon::prelude::*;

use crate::progress::{Cancelled, Progress};

/// How much more residuals count than the numbers.
const RESIDUALS: f64 = 5.0;
/// Standard deviations and medians are at least this.
const TINY: f64 = 1e-6;
/// Most numbers of which all pairs are looked at.
pub const MOST: usize = 20_000;
/// A score below this share of the median is flagged.
const BELOW: f64 = 0.05;

/// exp(−|prediction − given|), one a pair.
pub fn residual_scores(given: &[f64], predicted: &[f64]) -> Vec<f64> {
    given.iter().zip(predicted).map(|(y, p)| (-(p - y).abs()).exp()).collect()
}

/// OUTRE, one a pair; `None` for fewer than two, or more than [`MOST`].
pub fn outre_scores(
    given: &[f64],
    predicted: &[f64],
    progress: &Progress,
) -> Result<Option<Vec<f64>>, Cancelled> {
    let n = given.len();
    if !(2..=MOST).contains(&n) {
        return Ok(None);
    }
    let residual: Vec<f64> = given.iter().zip(predicted).map(|(y, p)| p - y).collect();
    let (x, y) = (standard(given), standard(&residual));
    // The nearer half holds the point itself, at distance 0.
    let k = n.div_ceil(2);
    progress.stage("Comparing residuals", n as u64);
    let distance: Vec<f64> = (0..n)
        .into_par_iter()
        .map(|i| {
            progress.check()?;
            progress.add(1);
            let to = |j: usize| f64::hypot(x[i] - x[j], RESIDUALS * (y[i] - y[j]));
            let mut all: Vec<f64> = (0..n).map(to).collect();
            all.select_nth_unstable_by(k - 1, f64::total_cmp);
            // In order, so that the sum is the same however they were selected.
            all.truncate(k);
            all.sort_by(f64::total_cmp);
            Ok(all.iter().sum::<f64>() / k as f64)
        })
        .collect::<Result<_, Cancelled>>()?;
    let median = median(&distance).unwrap_or(0.0).max(TINY);
    let none = (100.0 * f64::EPSILON).sqrt();
    let score = |d: f64| if d < none { 1.0 } else { (-d / median).exp() };
    Ok(Some(distance.into_iter().map(score).collect()))
}

/// Positions of scores below a twentieth of the median, where the residual is larger than the median one: where most points are the
/// same, OUTRE is 0 for every other, whether it is as expected or not.
pub fn flagged(scores: &[f64], given: &[f64], predicted: &[f64]) -> Vec<usize> {
    let limit = BELOW * median(scores).unwrap_or(0.0);
    let residual: Vec<f64> = given.iter().zip(predicted).map(|(y, p)| (p - y).abs()).collect();
    let usual = median(&residual).unwrap_or(0.0);
    (0..scores.len()).filter(|&i| scores[i] < limit && residual[i] > usual).collect()
}

fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().checked_sub(1)?;
    Some(f64::midpoint(sorted[last / 2], sorted[last.div_ceil(2)]))
}

/// Mean 0, standard deviation 1.
fn standard(values: &[f64]) -> Vec<f64> {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let sd = (values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n).sqrt();
    values.iter().map(|x| (x - mean) / (sd + TINY)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_are_those_of_cleanlab() {
        let given = [1.0, 2.0, 2.5, 3.0, 4.0, 4.0, 5.0, 1.5, 3.5, 2.0];
        let predicted = [1.1, 2.2, 2.4, 3.3, 3.8, 1.0, 4.7, 1.6, 3.4, 4.5];
        let residual = residual_scores(&given, &predicted);
        assert!((residual[5] - 0.049_787_068_367_863_94).abs() < 1e-12);
        let want = [
            0.380_177,
            0.464_648,
            0.387_802,
            0.305_271,
            0.355_979,
            0.000_080_2,
            0.208_708,
            0.471_106,
            0.389_366,
            0.000_426_0,
        ];
        let outre = outre_scores(&given, &predicted, &Progress::new()).unwrap().unwrap();
        for (i, (found, want)) in outre.iter().zip(want).enumerate() {
            assert!((found - want).abs() < 2e-6, "{i}: {found} beside {want}");
        }
        assert_eq!(flagged(&outre, &given, &predicted), [5, 9]);
    }

    #[test]
    fn one_number_and_equal_numbers() {
        let progress = Progress::new();
        assert_eq!(outre_scores(&[1.0], &[1.0], &progress).unwrap(), None);
        assert_eq!(outre_scores(&[2.0; 4], &[2.0; 4], &progress).unwrap().unwrap(), [1.0; 4]);
        assert!(flagged(&[], &[], &[]).is_empty());
    }

    #[test]
    fn where_most_ratings_are_the_same_those_that_are_as_expected_are_not_flagged() {
        let mut given = vec![1.0; 30];
        let mut predicted = given.clone();
        (given[3], predicted[3]) = (4.0, 4.0);
        (given[8], predicted[8]) = (1.0, 4.0);
        let outre = outre_scores(&given, &predicted, &Progress::new()).unwrap().unwrap();
        assert!(outre[3] < 1e-6 && outre[0] == 1.0);
        assert_eq!(flagged(&outre, &given, &predicted), [8]);
    }
}
