//! Fleiss' kappa, generalised to missing votes.

use super::percent::nominal;
use super::sums::Form;
use crate::dataset::Annotations;
use crate::stats::Statistic;

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
    nominal(Form::Fleiss, annotations, n_labels)
}
