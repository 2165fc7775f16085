//! How far raters agree, beyond chance or not.
//!
//! Every function takes the [`Annotations`](crate::dataset::Annotations) and the number of labels; labels outside the set take no part.
//! Repeats by one rater are counted as they stand (resolve them first,
//! [`Annotations::resolved`](crate::dataset::Annotations::resolved)), but for Cohen's kappa, which needs one
//! label a rater. A coefficient that cannot be computed says why, in this order: no annotations, fewer than two
//! raters, no item with two annotations, no variation. With a single item there is an estimate but no interval.
//!
//! Intervals are 95 %: Gwet's linearised variance with Student's t for percent agreement, Fleiss' kappa and
//! Krippendorff's alpha (Gwet 2014, *Handbook of Inter-Rater Reliability*, 4th ed., ch. 5–6), the large-sample
//! variance of Fleiss, Cohen & Everitt (1969) for Cohen's. Below about 50 items they are too optimistic.

mod advise;
mod alpha;
mod benchmark;
mod breakdown;
mod clusters;
mod coefficient;
mod cohen;
mod complete;
mod compute;
mod conger;
mod counted;
mod distance;
mod fleiss;
mod groups;
mod icc;
mod interval;
mod kendall;
mod levels;
mod ordinal;
mod pairs;
mod pairwise;
mod percent;
mod rank;
mod raters;
mod reliability;
mod resample;
mod student;
mod sums;
mod table;
mod tally;
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
pub use groups::{CrossReplication, GroupReport, benjamini_hochberg, cross_replication, group_reports};
pub use icc::{IccForm, MeanSquares};
pub use interval::{IntervalKind, IntervalSpec, Over};
pub use kendall::{KendallW, concordance};
pub use levels::Levels;
pub use pairwise::{PairStatistic, fisher_mean, pairwise};
pub use percent::percent_agreement;
pub use rank::{kendall_tau_b, lin_concordance, pearson, spearman};
pub use reliability::ReliabilityData;
pub use table::{TwoRaters, two_raters};
pub use tally::Tally;
pub use weights::{Metric, WeightMatrix, Weights};

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;
