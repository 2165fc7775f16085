//! How votes on one item vary: counts, shares and entropy.
//!
//! Every annotation is a vote, repeats by one rater included. Nothing here needs to know who voted.

mod entropy;
mod votes;

pub use entropy::{entropy_bits, vote_entropy_bits};
pub use votes::VoteCounts;
