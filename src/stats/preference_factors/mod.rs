//! What does a preference reward? Properties of what was compared (a length, a tone) against who won.
//!
//! The pairwise logistic model with a Gaussian prior and a control for length ([`pairwise`], Li et al. 2024; Movva et al. 2025), raters with weights of
//! their own ([`personal`]), and how often the winner has more of a property ([`concordance`], Oh et al. 2024).

pub mod concordance;
pub mod pairwise;

pub use concordance::{Concordance, concordance};
pub use pairwise::{Comparison, Personal, Weight, Weights, pairwise, personal};
