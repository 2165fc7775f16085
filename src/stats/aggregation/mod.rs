//! Labels made out of votes, and how well they match a trusted column.
//!
//! Every annotation is a vote, repeats by one rater included. Ties are values of their own: an item whose votes
//! tie has no majority label, and counts for 1/t against gold where t labels tie.

mod accuracy;
mod dawid_skene;
mod em;
mod glad;
mod ibcc;
mod layout;
mod mace;
mod majority;
mod one_coin;
mod random;
mod tables;
mod weighted;

pub use accuracy::{accuracy, majority_accuracy};
pub use dawid_skene::{DawidSkene, DawidSkeneOptions, dawid_skene, dawid_skene_on, dawid_skene_until};
pub use em::{Assignment, StoppingRule};
pub use glad::{Glad, glad};
pub use ibcc::{Ibcc, IbccOptions, ibcc};
pub use layout::{Answer, Layout, Vote};
pub use mace::{Mace, MaceOptions, MaceStart, MaceUpdate, mace};
pub use majority::{MajorityVote, majority_vote};
pub use one_coin::{OneCoin, OneCoinOptions, one_coin};
pub use weighted::{WeightedVote, majority_skill, wawa, zero_based_skill};
