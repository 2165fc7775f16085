//! What does a preference reward? Properties of what was compared (an error, a length, a tone) against who won, or against a single score.
//!
//! Four looks at one table: the Lasso on absolute scores ([`lasso`], Hosking, Blunsom & Bartolo 2024), the pairwise logistic model with a
//! Gaussian prior and a control for length ([`pairwise`], Li et al. 2024; Movva et al. 2025), factors that beat each other
//! ([`factor_wins`], Hu et al. 2023), and how often the winner has more of a property ([`concordance`], Oh et al. 2024). [`cardinal`] asks whether
//! counting wins and adding up their strength name the same winner (Aslam et al. 2025).

pub mod cardinal;
pub mod concordance;
pub mod factor_wins;
pub mod lasso;
pub mod pairwise;

pub use cardinal::{Cardinal, Verdict, cardinal};
pub use concordance::{Concordance, concordance};
pub use factor_wins::factor_wins;
pub use lasso::{Lasso, Moments, lasso_intervals};
pub use pairwise::{Comparison, Personal, Weight, Weights, pairwise, personal};
