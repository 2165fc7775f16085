//! Two groups of losses, the low of right labels and the high of wrong ones: for all labels together (Li, Socher & Hoi 2020,
//! *DivideMix*) and label by label, because a label that is hard has high losses without being wrong.
//!
//! The loss of an item is −ln p(given), out of sample. Losses are scaled to 0..=1 and two normal distributions are fitted by
//! expectation maximisation, from a split at the middle of the range. An item is flagged if the higher one has at least half of it, but only where there are two groups at all: Ashman's D
//! of at least 3, a Bayesian information criterion that is better by at least 6 than that of one normal distribution (losses of right labels alone are
//! roughly exponential, which the criterion takes for two groups, but with D = 2.5), and a probability below the label's threshold.

use rayon::prelude::*;

use crate::dataset::LabelId;
use crate::progress::{Cancelled, Progress};

/// Rounds, the change of the mean log-likelihood at which they end, and what is added to variances.
const ROUNDS: usize = 10;
const STOP: f64 = 1e-2;
const RIDGE: f64 = 5e-4;
/// Items that a label must have.
const LEAST_ITEMS: usize = 10;
/// Ashman's D and the difference of the criteria from which on there are two groups.
const LEAST_D: f64 = 3.0;
const LEAST_BIC: f64 = 6.0;
/// Least probability.
const LEAST: f64 = 1e-12;

/// Two groups of losses.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mixture {
    /// Items.
    pub n: usize,
    /// Means of the scaled losses, the lower first.
    pub means: [f64; 2],
    /// Their variances.
    pub variances: [f64; 2],
    /// Share of the higher group.
    pub share: f64,
    /// Ashman's D: how far the groups are apart.
    pub ashman_d: f64,
    /// By how much two groups describe the losses better than one, in units of the Bayesian information criterion.
    pub bic_gain: f64,
    lowest: f64,
    range: f64,
}

impl Mixture {
    /// Whether there are two groups.
    pub fn is_parted(&self) -> bool {
        self.ashman_d >= LEAST_D && self.bic_gain >= LEAST_BIC
    }

    /// Posterior of the higher group.
    fn high(&self, loss: f64) -> f64 {
        // No loss is suspicious for being lower than right labels' losses are.
        let x = ((loss - self.lowest) / self.range).max(self.means[0]);
        let log = |c: usize, share: f64| {
            share.ln()
                - 0.5 * self.variances[c].ln()
                - (x - self.means[c]).powi(2) / (2.0 * self.variances[c])
        };
        let difference = log(0, 1.0 - self.share) - log(1, self.share);
        1.0 / (1.0 + difference.exp())
    }

    /// Fits `losses`, which must vary.
    fn fit(losses: &[f64]) -> Option<Self> {
        let n = losses.len();
        let (lowest, highest) =
            losses.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), &x| (l.min(x), h.max(x)));
        let range = highest - lowest;
        if n < 2 || !range.is_finite() || range <= 0.0 {
            return None;
        }
        let scaled: Vec<f64> = losses.iter().map(|x| (x - lowest) / range).collect();
        let mut high: Vec<f64> = scaled.iter().map(|&x| if x > 0.5 { 1.0 } else { 0.0 }).collect();
        let mut fitted = Self {
            n,
            means: [0.0; 2],
            variances: [0.0; 2],
            share: 0.0,
            ashman_d: 0.0,
            bic_gain: 0.0,
            lowest,
            range,
        };
        fitted.maximise(&scaled, &high);
        let mut before = f64::NEG_INFINITY;
        let mut likelihood = f64::NEG_INFINITY;
        for _ in 0..ROUNDS {
            likelihood = fitted.expect(&scaled, &mut high);
            fitted.maximise(&scaled, &high);
            if (likelihood - before).abs() < STOP {
                break;
            }
            before = likelihood;
        }
        if fitted.means[0] > fitted.means[1] {
            fitted.means.swap(0, 1);
            fitted.variances.swap(0, 1);
            fitted.share = 1.0 - fitted.share;
        }
        let [low, up] = fitted.variances;
        fitted.ashman_d = std::f64::consts::SQRT_2 * (fitted.means[1] - fitted.means[0]) / (low + up).sqrt();
        let count = n as f64;
        let mean = scaled.iter().sum::<f64>() / count;
        let variance = scaled.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / count + RIDGE;
        let one: f64 = scaled.iter().map(|x| normal(*x, mean, variance)).sum();
        // Two parameters against five.
        fitted.bic_gain = 2.0 * (likelihood * count - one) - 3.0 * count.ln();
        Some(fitted)
    }

    fn maximise(&mut self, scaled: &[f64], high: &[f64]) {
        let n = scaled.len() as f64;
        let weight: f64 = high.iter().sum();
        // As scikit-learn does, lest an empty group divides by nothing.
        let sizes = [n - weight + 10.0 * f64::EPSILON, weight + 10.0 * f64::EPSILON];
        for (c, size) in sizes.into_iter().enumerate() {
            let of = |h: f64| if c == 1 { h } else { 1.0 - h };
            let mean = scaled.iter().zip(high).map(|(x, &h)| of(h) * x).sum::<f64>() / size;
            let spread = scaled.iter().zip(high).map(|(x, &h)| of(h) * (x - mean).powi(2)).sum::<f64>();
            self.means[c] = mean;
            self.variances[c] = spread / size + RIDGE;
        }
        self.share = sizes[1] / n;
    }

    /// Posteriors of the second group, and the mean log-likelihood.
    fn expect(&self, scaled: &[f64], high: &mut [f64]) -> f64 {
        let mut sum = 0.0;
        for (x, h) in scaled.iter().zip(high) {
            let a =
                (1.0 - self.share).max(f64::MIN_POSITIVE).ln() + normal(*x, self.means[0], self.variances[0]);
            let b = self.share.max(f64::MIN_POSITIVE).ln() + normal(*x, self.means[1], self.variances[1]);
            let top = a.max(b);
            let both = top + ((a - top).exp() + (b - top).exp()).ln();
            *h = (b - both).exp();
            sum += both;
        }
        sum / scaled.len() as f64
    }
}

fn normal(x: f64, mean: f64, variance: f64) -> f64 {
    -0.5 * ((2.0 * std::f64::consts::PI * variance).ln() + (x - mean).powi(2) / variance)
}

/// Mixtures of losses over all labels and by label. Columns have one entry an item, NaN where there is no label.
#[derive(Debug, Clone, PartialEq)]
pub struct LossMixture {
    /// All labels together; `None` where losses do not vary.
    pub global: Option<Mixture>,
    /// One a label; `None` for fewer than ten items or losses that do not vary.
    pub by_label: Vec<Option<Mixture>>,
    /// Posterior of the higher group of the label's losses; 0 where the label has too few items to be fitted.
    pub(super) of_label: Vec<f64>,
    /// What all losses together flag.
    flags_of_all: Vec<bool>,
    /// What losses by label flag.
    flags_of_label: Vec<bool>,
}

impl LossMixture {
    /// Posterior of the higher group of the label's losses.
    pub fn by_label_of(&self, item: usize) -> Option<f64> {
        self.of_label.get(item).copied().filter(|p| !p.is_nan())
    }

    /// Whether it is flagged: by its label's losses, or by all of them.
    pub fn flags(&self, item: usize, by_label: bool) -> bool {
        let flags = if by_label { &self.flags_of_label } else { &self.flags_of_all };
        flags.get(item).copied().unwrap_or(false)
    }

    /// Items that both flag, that only all losses together flag, that only losses by label flag.
    pub fn overlap(&self) -> [usize; 3] {
        let mut counts = [0; 3];
        for (&all, &label) in self.flags_of_all.iter().zip(&self.flags_of_label) {
            match (all, label) {
                (true, true) => counts[0] += 1,
                (true, false) => counts[1] += 1,
                (false, true) => counts[2] += 1,
                (false, false) => {}
            }
        }
        counts
    }
}

/// Fits both. `self_confidence` has one entry an item (NaN without a label), `thresholds` one a label: the mean self-confidence of its
/// items.
///
/// # Errors
/// Cancellation.
pub fn loss_mixture(
    labels: &[LabelId],
    self_confidence: &[f64],
    thresholds: &[f64],
    progress: &Progress,
) -> Result<LossMixture, Cancelled> {
    progress.stage("Fitting losses", thresholds.len() as u64);
    let n = labels.len();
    let mut members: Vec<Vec<u32>> = vec![Vec::new(); thresholds.len()];
    for (item, (&label, p)) in labels.iter().zip(self_confidence).enumerate() {
        if let Some(of_label) = members.get_mut(label as usize).filter(|_| !p.is_nan()) {
            of_label.push(item as u32);
        }
    }
    let loss = |item: u32| -self_confidence[item as usize].max(LEAST).ln();
    let below = |item: u32| self_confidence[item as usize] < thresholds[labels[item as usize] as usize];
    let by_label: Vec<Option<Mixture>> = members
        .par_iter()
        .map(|items| {
            progress.check()?;
            progress.add(1);
            let losses: Vec<f64> = items.iter().map(|&i| loss(i)).collect();
            Ok((items.len() >= LEAST_ITEMS).then(|| Mixture::fit(&losses)).flatten())
        })
        .collect::<Result<_, Cancelled>>()?;
    let all: Vec<u32> = members.iter().flatten().copied().collect();
    let global = Mixture::fit(&all.iter().map(|&i| loss(i)).collect::<Vec<f64>>());
    progress.check()?;
    let mut mixture = LossMixture {
        global,
        by_label,
        of_label: vec![f64::NAN; n],
        flags_of_all: vec![false; n],
        flags_of_label: vec![false; n],
    };
    for &item in &all {
        let i = item as usize;
        let own = mixture.by_label[labels[i] as usize];
        let high = |fit: Option<Mixture>| fit.map_or(0.0, |m| m.high(loss(item)));
        let flags = |fit: Option<Mixture>, posterior: f64| {
            posterior >= 0.5 && below(item) && fit.is_some_and(|m| m.is_parted())
        };
        let posterior = high(own);
        mixture.of_label[i] = posterior;
        mixture.flags_of_label[i] = flags(own, posterior);
        mixture.flags_of_all[i] = flags(mixture.global, high(mixture.global));
    }
    Ok(mixture)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EASY: [f64; 7] = [0.02, 0.03, 0.05, 0.04, 0.06, 0.90, 1.10];
    const HARD: [f64; 7] = [0.70, 0.80, 0.75, 0.85, 0.90, 2.2, 2.6];

    fn flagged(fit: &Mixture, losses: &[f64]) -> Vec<usize> {
        (0..losses.len()).filter(|&i| fit.high(losses[i]) >= 0.5).collect()
    }

    /// Expected: `GaussianMixture(2, max_iter=10, tol=1e-2, reg_covar=5e-4)` of scikit-learn 1.9 over the same scaled losses.
    #[test]
    fn errors_of_an_easy_label_are_seen_only_label_by_label() {
        let all: Vec<f64> = EASY.into_iter().chain(HARD).collect();
        let global = Mixture::fit(&all).unwrap();
        let near =
            |fit: &Mixture, means: [f64; 2]| fit.means.iter().zip(means).all(|(a, b)| (a - b).abs() < 5e-4);
        assert!(near(&global, [0.1926, 0.9225]), "{global:?}");
        assert_eq!(flagged(&global, &all), [12, 13]);
        let (easy, hard) = (Mixture::fit(&EASY).unwrap(), Mixture::fit(&HARD).unwrap());
        assert!(near(&easy, [0.0185, 0.9074]) && near(&hard, [0.0526, 0.8947]), "{easy:?} {hard:?}");
        assert_eq!(flagged(&easy, &EASY), [5, 6]);
        assert_eq!(flagged(&hard, &HARD), [5, 6]);
        assert!(easy.is_parted() && hard.is_parted());
    }

    #[test]
    fn losses_of_right_labels_alone_are_one_group() {
        let losses: Vec<f64> = (0..2000).map(|i| -((f64::from(i) + 0.5) / 2000.0).ln()).collect();
        let fit = Mixture::fit(&losses).unwrap();
        assert!(fit.bic_gain > LEAST_BIC && !fit.is_parted(), "{fit:?}");
    }

    #[test]
    fn few_items_and_equal_losses_flag_nothing() {
        let labels: Vec<LabelId> = (0..40).map(|i| u32::from(i >= 31)).collect();
        let mut confidence = vec![0.9; 40];
        confidence[35] = 0.01;
        let found = loss_mixture(&labels, &confidence, &[0.9, 0.8], &Progress::new()).unwrap();
        assert_eq!(found.by_label, [None, None]);
        assert!(found.flags_of_label.iter().all(|f| !f));
        assert!(found.flags_of_all[35], "all losses together have two groups");
        assert_eq!(found.overlap(), [0, 1, 0]);
    }
}
