//! Numbers from data. Knows no file and no screen; one statistic, one file, with its tests beside it.
//!
//! Functions take plain views (slices, [`Annotations`](crate::dataset::Annotations),
//! [`Probabilities`](crate::dataset::Probabilities)) and return plain structs. What cannot be computed is an
//! [`Undefined`] with its reason: never NaN, never 0.

pub mod aggregation;
pub mod agreement;
pub mod category_reliability;
pub mod comparison;
pub mod conditions;
pub mod confident;
pub mod control_variates;
pub mod correlation;
pub mod covariates;
pub mod destabilised;
pub mod detector_per_rater;
pub mod difficulty;
pub mod drift;
pub mod error_consistency;
pub mod error_or_variation;
pub(crate) mod estimate;
pub mod gold_support;
pub mod human_distribution;
pub mod judge_validation;
pub mod label_ranking;
pub mod label_relations;
pub mod learned;
pub mod least_squares;
pub(crate) mod linear;
pub mod metric_reliability;
pub mod neighbours;
pub mod norm_ratings;
pub mod nutrition;
pub(crate) mod permutation;
pub mod predicted_disagreement;
pub mod prediction_powered;
pub mod preference_factors;
pub mod proportion;
pub(crate) mod random;
pub mod rater_groups;
pub mod rationales;
pub mod residuals;
pub mod roc;
pub mod routing;
pub mod runs;
pub mod scale_use;
pub mod shifted;
pub mod skill;
pub mod soft_targets;
pub mod suspicion;
pub mod tastes;
pub mod tf_idf;
pub mod trusted_labels;
pub mod two_samples;
pub mod uncertainty;
pub mod variation;
pub mod versions;

pub use estimate::{Estimate, Method, Statistic, Undefined};
