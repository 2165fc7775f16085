//! Is one metric nearer to people than another, of the same items?

use super::clusters;
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;
use crate::stats::agreement::{Spread, resample};
use crate::stats::correlation::{Correlation, two_sided_p};

/// Items from which Williams' t says anything.
pub const LEAST_WILLIAMS: usize = 10;

/// Two metrics of the same items against people. Signs are left out: a metric that falls as people's scores rise is turned round first.
#[derive(Debug, Clone, PartialEq)]
pub struct TwoMetrics {
    /// Pearson's r of each with people.
    pub r: [f64; 2],
    /// Of both with each other.
    pub between: f64,
    /// Items that both have.
    pub n: usize,
    /// Williams' t of the difference and its two-sided p.
    pub williams: Result<(f64, f64), Undefined>,
    /// Interval of the difference of the two r, over sources (or items) drawn anew.
    pub ci: Option<(f64, f64)>,
}

/// Holds `a` and `b` against `human`, all one an item; items of one `source` are drawn together.
///
/// Undefined where one of the three is constant.
///
/// # Errors
/// If it was cancelled.
pub fn two_metrics(
    human: &[f64],
    [a, b]: [&[f64]; 2],
    sources: &[Option<u32>],
    (draws, seed): (u32, u64),
    progress: &Progress,
) -> Result<Result<TwoMetrics, Undefined>, Cancelled> {
    let r = |x: &[f64], y: &[f64]| Correlation::Pearson.of(x, y);
    let upright = |metric: &[f64]| {
        let own = r(human, metric)?;
        let turned: Vec<f64> = metric.iter().map(|m| if own < 0.0 { -m } else { *m }).collect();
        Ok((own.abs(), turned))
    };
    let found = upright(a).and_then(|a| Ok((a, upright(b)?)));
    let ((ra, a), (rb, b)) = match found {
        Ok(found) => found,
        Err(reason) => return Ok(Err(reason)),
    };
    let between = match r(&a, &b) {
        Ok(between) => between,
        Err(reason) => return Ok(Err(reason)),
    };
    let groups = clusters(sources);
    let units: Vec<u32> = (0..groups.len() as u32).collect();
    let differences = resample(&units, units.len(), (draws, seed), progress, |times| {
        let mut drawn: [Vec<f64>; 3] = Default::default();
        for (group, &times) in groups.iter().zip(times) {
            for _ in 0..times as usize {
                for &i in group {
                    drawn[0].push(human[i]);
                    drawn[1].push(a[i]);
                    drawn[2].push(b[i]);
                }
            }
        }
        Some(r(&drawn[0], &drawn[1]).ok()? - r(&drawn[0], &drawn[2]).ok()?)
    })?;
    Ok(Ok(TwoMetrics {
        r: [ra, rb],
        between,
        n: human.len(),
        williams: williams([ra, rb, between], human.len()),
        ci: Spread::percentiles(&differences).map(|s| s.ci),
    }))
}

/// Williams' t (Graham & Baldwin 2014) of correlations r12 and r13 of two metrics with people and r23 of both with each other, over n items: t with
/// n − 3 degrees of freedom, and its two-sided p.
///
/// Undefined for fewer than ten items, and where the three cannot be correlations of one set of items or both metrics say the same.
pub fn williams([r12, r13, r23]: [f64; 3], n: usize) -> Result<(f64, f64), Undefined> {
    if n < LEAST_WILLIAMS {
        return Err(Undefined::Because(format!("Williams’ t takes {LEAST_WILLIAMS} items")));
    }
    let nf = n as f64;
    let k = 1.0 - r12 * r12 - r13 * r13 - r23 * r23 + 2.0 * r12 * r13 * r23;
    let mean = f64::midpoint(r12, r13);
    let square = 2.0 * k * (nf - 1.0) / (nf - 3.0) + mean * mean * (1.0 - r23).powi(3);
    if square <= 1e-12 || k < -1e-9 {
        return Err(Undefined::Because("both metrics say the same".to_owned()));
    }
    let t = (r12 - r13) * ((nf - 1.0) * (1.0 + r23) / square).sqrt();
    Ok((t, two_sided_p(t, nf - 3.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn williams_t_of_the_worked_example() {
        let (t, p) = williams([0.60, 0.45, 0.70], 50).unwrap();
        assert!((t - 1.652_746).abs() < 1e-6 && (p - 0.1050).abs() < 5e-5, "{t} {p}");
        assert!(williams([0.5, 0.4, 0.3], 9).is_err() && williams([0.5, 0.5, 1.0], 20).is_err());
    }

    #[test]
    fn the_nearer_metric_is_told_from_the_other_whatever_its_sign() {
        let human: Vec<f64> = (0..60).map(|i| f64::from(i % 12)).collect();
        let near: Vec<f64> = human.iter().enumerate().map(|(i, h)| -h + (i * 7 % 3) as f64).collect();
        let far: Vec<f64> = human.iter().enumerate().map(|(i, h)| h + 3.0 * (i * 5 % 11) as f64).collect();
        let sources: Vec<Option<u32>> = (0..60).map(|i| Some(i / 4)).collect();
        let run = |n: usize| {
            let found =
                two_metrics(&human[..n], [&near[..n], &far[..n]], &sources[..n], (300, 1), &Progress::new());
            found.unwrap().unwrap()
        };
        let found = run(60);
        assert!(
            found.r[0] > 0.9 && found.r[1] < 0.6 && found.williams.as_ref().unwrap().0 > 2.0,
            "{found:?}"
        );
        assert!(found.ci.unwrap().0 > 0.0);
        let few = run(8);
        assert!(few.williams.is_err() && few.ci.is_some());
    }
}
