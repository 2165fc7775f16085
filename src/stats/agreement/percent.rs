//! Observed agreement.

use super::counted::Counted;
use super::sums::{Form, Rule};
use super::tally::Tally;
use crate::dataset::Annotations;
use crate::stats::{Statistic, Undefined};

/// Share of agreeing pairs of votes, averaged over items with two votes or more, each item alike:
/// p = (1/n′) Σ_i Σ_k n_ik (n_ik − 1) / (r_i (r_i − 1)), in 0..=1 (Gwet 2014, eq. 5.1).
///
/// The interval is Gwet's, over all n items with a vote, cut to 0..=1; `n_items` is n′.
/// Undefined without annotations, with fewer than two raters, or where no item has two votes.
pub fn percent_agreement(annotations: &Annotations, n_labels: usize) -> Statistic {
    nominal(Form::Percent, annotations, n_labels)
}

/// A coefficient of counts with identity weights, with its analytic interval.
pub(super) fn nominal(form: Form, annotations: &Annotations, n_labels: usize) -> Statistic {
    let compute = || {
        let tally = Tally::new(annotations, n_labels)?;
        Ok::<_, Undefined>(Counted::new(&tally, Rule::nominal(form, n_labels))?.analysed())
    };
    compute().into()
}
