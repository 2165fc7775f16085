//! Labels made out of votes, and how well they match a trusted column.
//!
//! Every annotation is a vote, repeats by one rater included. Ties are values of their own: an item whose votes
//! tie has no majority label, and counts for 1/t against gold where t labels tie.

mod accuracy;
mod dawid_skene;
mod majority;

pub use accuracy::{accuracy, majority_accuracy};
pub use dawid_skene::{DawidSkene, StoppingRule, dawid_skene, dawid_skene_until};
pub use majority::{MajorityVote, majority_vote};
