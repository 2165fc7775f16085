//! How far raters agree, beyond chance or not.
//!
//! [`coefficient`] is the one door: [`ReliabilityData`] (who said what, what the labels are worth), a [`Spec`] out of the
//! list [`COEFFICIENTS`] with its [`Weights`] or [`Metric`], an [`IntervalSpec`]; back comes a value with its interval,
//! or the reason why there is none. [`advise`] says which to take. Breakdowns: [`per_label`], [`per_item`] (with the
//! influence of each), [`pairwise`], [`leave_one_rater_out`], [`by_item_group`], [`group_reports`].
//!
//! Labels outside the set take no part. Repeats by one rater are counted as they stand (resolve them first,
//! [`Annotations::resolved`](crate::dataset::Annotations::resolved)), but for coefficients that need one label a rater
//! (Cohen's, Conger's, Light's and Hubert's kappa, correlations): there the last counts. A coefficient that cannot be
//! computed says why, in this order: no annotations, fewer than two raters, no item with two annotations, no variation.
//! With a single item there is an estimate but no interval.
//!
//! Missing ratings follow each coefficient's own literature. Percent agreement averages over items with two ratings or
//! more, each item alike; Fleiss, Gwet, Conger and Brennan–Prediger take chance from all rated items, each alike (Gwet
//! 2014, *Handbook of Inter-Rater Reliability*, 4th ed., ch. 5–6); Krippendorff weighs items with two ratings or more by
//! their ratings; intraclass correlations and Kendall's W leave out items that somebody skipped, but for the
//! three correlations of all ratings.
//!
//! Inside, all is disagreement δ = 1 − w, counted once for items alike; each coefficient of counts is a handful of sums,
//! so that leaving out an item or a rater is a closed form.
//!
//! Intervals are 95 %. Below about 50 items, or with a rare label, they are too optimistic, all of them.

mod advise;
mod alpha;
mod benchmark;
mod breakdown;
mod clusters;
mod coefficient;
mod cohen;
mod comparisons;
mod complete;
mod compute;
mod conger;
mod correlations;
mod counted;
mod distance;
mod fleiss;
mod groups;
mod icc;
mod interval;
mod kendall;
mod levels;
mod ordinal;
mod pair_sums;
mod pair_terms;
mod pairs;
mod pairwise;
mod percent;
mod rank;
mod raters;
mod reliability;
mod resample;
pub mod spans;
mod student;
mod sums;
mod table;
mod tally;
mod unbalanced;
mod weights;

pub use advise::{Advice, advise};
pub use alpha::{krippendorff_alpha_nominal, krippendorff_alpha_per_label};
pub use benchmark::{
    ALTMAN, BenchmarkScale, FLEISS_SCALE, KRIPPENDORFF_SCALE, LANDIS_KOCH, Membership, benchmark,
};
pub use breakdown::{
    ItemAgreement, ItemsAgreement, LabelAgreement, WithoutRater, by_item_group, fleiss_null_se,
    leave_one_rater_out, per_item, per_label,
};
pub use clusters::{MAX_CLUSTERED, cluster_order};
pub use coefficient::{COEFFICIENTS, Coefficient, Kind, Spec, Takes};
pub use cohen::{CohenKappa, KappaPair, PairwiseKappa, cohen_kappa, pairwise_cohen_kappa};
pub use compute::coefficient;
pub use fleiss::fleiss_kappa;
pub use groups::{
    CrossReplication, GroupReport, WithIntervals, benjamini_hochberg, cross_replication,
    cross_replication_intervals, group_reports,
};
pub use icc::{IccForm, MeanSquares};
pub use interval::{IntervalKind, IntervalSpec, Over};
pub(crate) use interval::{Spread, quantile};
pub use kendall::{KendallW, concordance};
pub use levels::Levels;
pub use pairwise::{PairStatistic, fisher_mean, pairwise};
pub use percent::percent_agreement;
pub use rank::{kendall_tau_b, lin_concordance, pearson, spearman};
pub use reliability::ReliabilityData;
pub(crate) use resample::resample;
pub(crate) use student::t_975;
pub(crate) use table::Cell as TableCell;
pub use table::{TwoRaters, two_raters};
pub use tally::Tally;
pub use weights::{Metric, WeightMatrix, Weights};

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;
