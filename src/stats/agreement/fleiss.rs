//! Fleiss' kappa, generalised to missing votes.

use super::{Sample, agreeing_pairs, estimate, linearised};
use crate::dataset::Annotations;
use crate::stats::{Estimate, Statistic, Undefined};

/// κ = (p_a − p_e) / (1 − p_e), at most 1.
///
/// p_a averages the share of agreeing pairs over items with two votes or more; p_e = Σ_k π_k²,
/// π_k = (1/n) Σ_i n_ik / r_i over all n items with a vote, each item alike (Gwet 2014, ch. 5). With equally
/// many votes on every item this is Fleiss (1971). `n_items` is n.
///
/// Interval: κ*_i = κ_i − 2 (1 − κ)(e_i − p_e)/(1 − p_e) with κ_i = (n/n′)(a_i − p_e)/(1 − p_e), or 0 for an
/// item with one vote, and e_i = Σ_k π_k n_ik / r_i; var = Σ (κ*_i − κ)² / (n (n − 1)); t with n − 1 degrees of
/// freedom; upper limit cut to 1.
///
/// Undefined where nothing can be paired, and where only one label is used (p_e = 1).
pub fn fleiss_kappa(annotations: &Annotations, n_labels: usize) -> Statistic {
    compute(annotations, n_labels).into()
}

fn compute(annotations: &Annotations, n_labels: usize) -> Result<Estimate, Undefined> {
    let sample = Sample::new(annotations, n_labels)?;
    let votes = &sample.votes;
    let (n, n_pairable) = (sample.n_rated as f64, sample.n_pairable as f64);
    let mut pi = vec![0.0; n_labels];
    let mut observed = 0.0;
    for item in sample.items() {
        let r = f64::from(votes.total(item));
        for (label, count) in votes.of_item(item) {
            pi[label as usize] += f64::from(count) / r;
        }
        if r >= 2.0 {
            observed += agreeing_pairs(votes.counts_of(item)) / (r * (r - 1.0));
        }
    }
    if pi.iter().filter(|&&p| p > 0.0).count() < 2 {
        return Err(Undefined::NoVariation);
    }
    pi.iter_mut().for_each(|p| *p /= n);
    observed /= n_pairable;
    let expected: f64 = pi.iter().map(|p| p * p).sum();
    let room = 1.0 - expected;
    let kappa = (observed - expected) / room;

    let mut squares = 0.0;
    for item in sample.items() {
        let r = f64::from(votes.total(item));
        if r == 0.0 {
            continue;
        }
        let own = if r >= 2.0 {
            let agreement = agreeing_pairs(votes.counts_of(item)) / (r * (r - 1.0));
            n / n_pairable * (agreement - expected) / room
        } else {
            0.0
        };
        let chance: f64 = votes.of_item(item).map(|(label, c)| pi[label as usize] * f64::from(c) / r).sum();
        squares += (own - 2.0 * (1.0 - kappa) * (chance - expected) / room - kappa).powi(2);
    }
    let ci = linearised(kappa, squares, sample.n_rated, sample.n_rated - 1);
    Ok(estimate(kappa, ci, sample.n_rated, sample.n_raters))
}
