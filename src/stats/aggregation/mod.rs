//! Labels made out of votes, and how well they match a trusted column.
//!
//! Every annotation is a vote, repeats by one rater included. Ties are values of their own: an item whose votes
//! tie has no majority label, and counts for 1/t against gold where t labels tie.

mod accuracy;
mod active;
mod aggregate;
mod aggregators;
mod alternative;
mod candidates;
mod certificate;
mod crowd_truth;
mod crowdlab;
mod dawid_skene;
mod em;
mod extra_rater;
mod glad;
mod ibcc;
mod kos;
mod layout;
mod mace;
mod majority;
mod mmsr;
#[cfg(test)]
mod monotone_tests;
mod one_coin;
pub mod preference;
mod quality;
use super::random;
mod soft;
mod softmax;
mod tables;
mod weighted;

pub use accuracy::{accuracy, majority_accuracy};
pub use active::{ActiveLab, Calibration, active_lab};
pub use aggregate::{AggregateOptions, Aggregation, aggregate};
pub use aggregators::{AGGREGATORS, Aggregator, Needs, Which};
pub use alternative::{
    AlternativeOptions, AlternativeTest, Duel, MatchScore, alternative_annotator_test, benjamini_yekutieli,
    rater_as_candidate,
};
pub use candidates::{CandidateFit, SetQuality, candidate_sets, set_quality};
pub use certificate::{
    Certificate, CertifyOptions, GlobalCertificate, Verdicts, certify, coin_weight, coins_margin,
    equal_coins_margin, prior_reach, two_coins_margin,
};
pub use crowd_truth::{CrowdTruth, crowd_truth};
pub use crowdlab::{Crowdlab, crowdlab};
pub use dawid_skene::{DawidSkene, DawidSkeneOptions, dawid_skene, dawid_skene_on, dawid_skene_until};
pub use em::{Assignment, StoppingRule};
pub use extra_rater::{ExtraRater, Level, PoolSize, Replacement, extra_rater, scarce_pool};
pub use glad::{Glad, glad};
pub use ibcc::{Ibcc, IbccOptions, ibcc};
pub use kos::{Kos, KosOptions, kos};
pub use layout::{Answer, Layout, Vote};
pub use mace::{Mace, MaceOptions, MaceStart, MaceUpdate, mace};
pub use majority::{MajorityVote, majority_vote};
pub use mmsr::{Mmsr, mmsr};
pub use one_coin::{OneCoin, OneCoinOptions, one_coin};
pub use quality::{
    item_consistency, item_uncertainty, monotonous_raters, rater_uncertainty, spam_score, trace,
};
pub use soft::{
    Divergence, SoftScore, average, conflation, divergences, entropy_nats, item_divergence, jensen_shannon,
    most_probable, soft_score, softmax_of_counts,
};
pub use weighted::{WeightedVote, majority_skill, wawa, zero_based_skill};
