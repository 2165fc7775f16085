//! A mean over all items from a few that people have judged, made steadier by a judge's score of every item: control variates (Zhou et al. 2025,
//! *Accelerating Unbiased LLM Evaluation via Synthetic Feedback*).
//!
//! θ = mean of z over the judged − α (mean of s over the judged − mean of s over all), α = Cov(z, s)/Var(s); its variance is σ_z²/n [1 − ρ² (1 − n/N)].
//! So a judge that correlates ρ with people saves ρ² (1 − n/N) of the labels. The judged must be a random sample. Prediction-powered inference
//! ([`powered_mean`](super::prediction_powered::powered_mean)) comes to the same but for how far the judge is believed.

use super::Undefined;
use super::estimate::Z_975;

/// Judged items below which α is hardly known.
pub const FEW: usize = 10;

/// A mean with its control variate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ControlledMean {
    /// θ.
    pub value: f64,
    /// Its standard error, σ_z by n − 1.
    pub se: f64,
    /// 95 % interval.
    pub ci: (f64, f64),
    /// α; 0 for a judge that always says the same.
    pub alpha: f64,
    /// Correlation of judge and people on the judged items; 0 where one of them is constant.
    pub rho: f64,
    /// Share of labels that the judge saves here, ρ² (1 − n/N).
    pub saving: f64,
    /// The same with endlessly many items.
    pub saving_at_best: f64,
    /// Labels that a plain mean would need.
    pub effective_n: f64,
    /// The plain mean.
    pub plain: f64,
}

/// `judged` are (z, s) of judged items, `mean_of_all` the judge's mean over all `n_all` items, those among them.
///
/// Undefined without two judged items, or where there are more of them than items.
pub fn controlled_mean(
    judged: &[(f64, f64)],
    mean_of_all: f64,
    n_all: usize,
) -> Result<ControlledMean, Undefined> {
    let n = judged.len();
    if n < 2 {
        return Err(Undefined::Because("two items must have been judged".to_owned()));
    }
    if n > n_all {
        return Err(Undefined::Because("more items were judged than there are".to_owned()));
    }
    let mean = |of: fn(&(f64, f64)) -> f64| judged.iter().map(of).sum::<f64>() / n as f64;
    let (z, s) = (mean(|j| j.0), mean(|j| j.1));
    let (mut zz, mut ss, mut zs) = (0.0, 0.0, 0.0);
    for (a, b) in judged {
        zz += (a - z).powi(2);
        ss += (b - s).powi(2);
        zs += (a - z) * (b - s);
    }
    // What is equal but for rounding is constant.
    let varies = |sum: f64| sum > 1e-18 * n as f64;
    let alpha = if varies(ss) { zs / ss } else { 0.0 };
    let rho = if varies(ss) && varies(zz) { (zs / (ss * zz).sqrt()).clamp(-1.0, 1.0) } else { 0.0 };
    let saving_at_best = rho * rho;
    let saving = saving_at_best * (1.0 - n as f64 / n_all as f64);
    let value = z - alpha * (s - mean_of_all);
    let se = (zz / (n - 1) as f64 / n as f64 * (1.0 - saving)).sqrt();
    Ok(ControlledMean {
        value,
        se,
        ci: (value - Z_975 * se, value + Z_975 * se),
        alpha,
        rho,
        saving,
        saving_at_best,
        effective_n: n as f64 / (1.0 - saving).max(1e-12),
        plain: z,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worked_example() {
        let z = [1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 0.0, 1.0];
        let s = [0.9, 0.2, 0.7, 0.4, 0.3, 0.8, 0.1, 0.6];
        let judged: Vec<(f64, f64)> = z.into_iter().zip(s).collect();
        let m = controlled_mean(&judged, 0.525, 20).unwrap();
        let near = |a: f64, b: f64, e: f64| (a - b).abs() < e;
        assert!(
            near(m.plain, 0.625, 1e-12) && near(m.alpha, 1.5, 1e-9) && near(m.value, 0.6625, 1e-9),
            "{m:?}"
        );
        assert!(near(m.rho, 0.8485, 5e-5) && near(m.saving_at_best, 0.72, 5e-5), "{m:?}");
        assert!(near(m.saving, 0.432, 5e-5) && near(m.effective_n, 14.08, 5e-3), "{m:?}");
    }

    #[test]
    fn a_constant_judge_changes_nothing() {
        let judged = [(1.0, 0.3), (0.0, 0.3), (1.0, 0.3)];
        let m = controlled_mean(&judged, 0.3, 9).unwrap();
        assert!((m.alpha, m.rho, m.saving) == (0.0, 0.0, 0.0) && (m.value - 2.0 / 3.0).abs() < 1e-12);
        assert!(controlled_mean(&judged[..1], 0.3, 9).is_err() && controlled_mean(&judged, 0.3, 2).is_err());
    }
}
