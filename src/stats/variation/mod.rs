//! How labels vary: votes on one item (counts, shares, entropy), and labels of the same words in several places.
//!
//! Every annotation is a vote, repeats by one rater included. Nothing here needs to know who voted.

mod entropy;
mod ngrams;
mod surface;
mod votes;

pub use entropy::{entropy_bits, vote_entropy_bits};
pub use ngrams::{RepeatFinding, Repeats, variation_ngrams};
pub use surface::{SurfaceVariation, surface_variation};
pub use votes::VoteCounts;
