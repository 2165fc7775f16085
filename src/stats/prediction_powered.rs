//! A mean over all items from a few that people have judged and a machine's word on all of them: prediction-powered inference (Angelopoulos et
//! al. 2023, *Science* 382; Angelopoulos, Duchi & Zrnic 2023, *PPI++*).
//!
//! θ = λ · mean of f over the rest + mean of (y − λ f) over the judged. λ is estimated, so that a machine that knows nothing
//! costs nothing (λ = 0 is the plain mean of y) and one that knows everything makes the interval that of all items. The judged must be a random
//! sample, and f must not have been learned from their y.

use super::Undefined;
use super::estimate::Z_975;

/// A prediction-powered mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PoweredMean {
    /// θ.
    pub value: f64,
    /// Its standard error.
    pub se: f64,
    /// 95 % interval; may leave the range of y.
    pub ci: (f64, f64),
    /// How far the machine is believed, in 0..=1.
    pub lambda: f64,
    /// Judged items that a plain mean would need for the same standard error; `None` where that is 0.
    pub effective_n: Option<f64>,
    /// Mean of y over the judged alone.
    pub classical: f64,
    /// Its standard error.
    pub classical_se: f64,
}

/// Estimates the mean of y over all items. `judged` are (y, f) of judged items, `rest` is f of all others; all are in 0..=1.
///
/// Undefined without two judged items, or without others.
pub fn powered_mean(
    judged: &[(f64, f64)],
    rest: impl Iterator<Item = f64>,
) -> Result<PoweredMean, Undefined> {
    if judged.len() < 2 {
        return Err(Undefined::Because("two items must have been judged".to_owned()));
    }
    let n = judged.len() as f64;
    let mean = |of: &dyn Fn(&(f64, f64)) -> f64| judged.iter().map(of).sum::<f64>() / n;
    let (y, f) = (mean(&|j| j.0), mean(&|j| j.1));
    let variance = |of: &dyn Fn(&(f64, f64)) -> f64| {
        let centre = mean(of);
        judged.iter().map(|j| (of(j) - centre).powi(2)).sum::<f64>() / n
    };
    // Deviations from the judged items' mean, lest digits are lost.
    let (mut count, mut sum, mut squares) = (0.0, 0.0, 0.0);
    for value in rest {
        count += 1.0;
        sum += value - f;
        squares += (value - f).powi(2);
    }
    if count < 1.0 {
        return Err(Undefined::Because("every item was judged".to_owned()));
    }
    let of_rest = f + sum / count;
    let rest_variance = (squares / count - (sum / count).powi(2)).max(0.0);
    let all = n + count;
    let judged_squares: f64 = judged.iter().map(|j| (j.1 - f).powi(2)).sum();
    let pooled = ((squares + judged_squares) - sum * sum / all) / (all - 1.0);
    let covariance = judged.iter().map(|j| (j.0 - y) * (j.1 - f)).sum::<f64>() / n;
    // A machine that always says the same varies by rounding only.
    let lambda =
        if pooled > 1e-18 { (covariance / ((1.0 + n / count) * pooled)).clamp(0.0, 1.0) } else { 0.0 };
    let value = lambda * of_rest + mean(&|j| j.0 - lambda * j.1);
    let square = lambda * lambda * rest_variance / count + variance(&|j| j.0 - lambda * j.1) / n;
    let se = square.sqrt();
    let classical_variance = variance(&|j| j.0) / n;
    Ok(PoweredMean {
        value,
        se,
        ci: (value - Z_975 * se, value + Z_975 * se),
        lambda,
        effective_n: (square > 0.0).then(|| n * classical_variance / square),
        classical: y,
        classical_se: classical_variance.sqrt(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-6
    }

    /// Expected: `ppi_py.ppi_mean_pointestimate` and `ppi_mean_ci` with alpha = 0.05.
    #[test]
    fn accuracy_of_a_judge() {
        let y = [1.0, 1.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0];
        let f = [1.0, 1.0, 0.0, 1.0, 1.0, 1.0, 0.0, 0.0];
        let judged: Vec<(f64, f64)> = y.into_iter().zip(f).collect();
        let rest = (0..24).map(|i| f64::from(u8::from(i < 17)));
        let m = powered_mean(&judged, rest).unwrap();
        assert!(near(m.lambda, 0.369_886) && near(m.value, 0.655_824) && near(m.se, 0.156_105), "{m:?}");
        assert!(near(m.ci.0, 0.349_863) && near(m.ci.1, 0.961_784), "{m:?}");
        assert!(near(m.classical, 0.625) && near(m.classical_se, 0.171_163), "{m:?}");
        assert!(m.effective_n.is_some_and(|n| (n - 9.62).abs() < 0.005), "{m:?}");
    }

    #[test]
    fn a_judge_that_is_turned_round_or_constant_is_not_believed() {
        let y = [1.0, 0.5, 0.0, 1.0, 1.0, 0.5, 1.0, 0.0, 1.0, 1.0];
        let f = [1.0, 1.0, 0.0, 1.0, 0.5, 0.5, 1.0, 0.0, 1.0, 0.0];
        let rest = [
            1.0, 1.0, 0.0, 1.0, 0.5, 1.0, 0.0, 1.0, 1.0, 0.0, 0.5, 1.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 0.5,
            1.0,
        ];
        let with = |turn: &dyn Fn(f64) -> f64| {
            let judged: Vec<(f64, f64)> = y.into_iter().zip(f.map(turn)).collect();
            powered_mean(&judged, rest.iter().map(|&x| turn(x))).unwrap()
        };
        let straight = with(&|x| x);
        assert!(near(straight.lambda, 0.364_126) && near(straight.value, 0.727_309), "{straight:?}");
        assert!(near(straight.ci.0, 0.511_907) && near(straight.ci.1, 0.942_712), "{straight:?}");
        for other in [with(&|x| 1.0 - x), with(&|_| 0.3)] {
            assert!(other.lambda == 0.0 && near(other.value, 0.70) && near(other.se, other.classical_se));
        }
    }

    /// A machine that is off by far and follows people: of 1,000 audits, the 90 % interval holds the truth in about 900.
    #[test]
    fn intervals_hold_the_truth_as_often_as_they_say() {
        use crate::stats::random::Stream;
        let mut rng = Stream::new(17, 0);
        let all: Vec<(f64, f64)> = (0..2_500)
            .map(|_| {
                let people = 5.4 + rng.normal();
                (people, people + 0.86 + 0.7 * rng.normal())
            })
            .collect();
        let truth = all.iter().map(|a| a.0).sum::<f64>() / all.len() as f64;
        for (n, least) in [(50, 1.5), (100, 1.5), (200, 1.5)] {
            let (mut hits, mut narrower) = (0, 0.0);
            for draw in 0..1_000 {
                let mut items: Vec<usize> = (0..all.len()).collect();
                Stream::new(23, draw).shuffle(&mut items);
                let judged: Vec<(f64, f64)> = items[..n].iter().map(|&i| all[i]).collect();
                let m = powered_mean(&judged, items[n..].iter().map(|&i| all[i].1)).unwrap();
                let half = 1.644_854 * m.se;
                hits += u32::from((m.value - truth).abs() <= half);
                narrower += m.effective_n.unwrap() / n as f64 / 1_000.0;
            }
            assert!((870..=935).contains(&hits), "{n}: {hits}");
            assert!(narrower > least, "{n}: {narrower}");
        }
    }

    #[test]
    fn too_little_has_no_value() {
        assert!(powered_mean(&[(1.0, 1.0)], [1.0].into_iter()).is_err());
        assert!(powered_mean(&[(1.0, 1.0), (0.0, 1.0)], std::iter::empty()).is_err());
    }
}
