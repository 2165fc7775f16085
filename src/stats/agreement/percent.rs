//! Observed agreement.

use super::{Sample, agreeing_pairs, estimate, linearised};
use crate::dataset::Annotations;
use crate::stats::{Estimate, Statistic, Undefined};

/// Share of agreeing pairs of votes, averaged over items with two votes or more, each item alike:
/// p = (1/n′) Σ_i Σ_k n_ik (n_ik − 1) / (r_i (r_i − 1)), in 0..=1 (Gwet 2014, eq. 5.1).
///
/// The interval is Gwet's, over all n items with a vote, cut to 0..=1; `n_items` is n′.
/// Undefined without annotations, with fewer than two raters, or where no item has two votes.
pub fn percent_agreement(annotations: &Annotations, n_labels: usize) -> Statistic {
    compute(annotations, n_labels).into()
}

fn compute(annotations: &Annotations, n_labels: usize) -> Result<Estimate, Undefined> {
    let sample = Sample::new(annotations, n_labels)?;
    let agreement = |item: usize| {
        let r = f64::from(sample.votes.total(item));
        if r < 2.0 { 0.0 } else { agreeing_pairs(sample.votes.counts_of(item)) / (r * (r - 1.0)) }
    };
    let value = sample.items().map(agreement).sum::<f64>() / sample.n_pairable as f64;
    let scale = sample.n_rated as f64 / sample.n_pairable as f64;
    let squares: f64 = sample
        .items()
        .filter(|&item| sample.votes.total(item) > 0)
        .map(|item| (scale * agreement(item) - value).powi(2))
        .sum();
    let ci = linearised(value, squares, sample.n_rated, sample.n_rated - 1)
        .map(|(low, high)| (low.max(0.0), high));
    Ok(estimate(value, ci, sample.n_pairable, sample.n_raters_pairable))
}
