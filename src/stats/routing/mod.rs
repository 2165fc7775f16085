//! Which items are worth a person? A budget of looks, spent where they are likeliest to change something.
//!
//! [`route`] learns from items that people labelled which properties go with the machine's mistakes, ridge regression of d (1 where the machine's
//! label is not people's) on them, and orders items by gain w·x (Miranda et al. 2025, *Hybrid Preferences*, with an item's mistake in the place of
//! a trained model's score, which is this program's own). What the order is worth is told by items that it was not learned from.
//! [`bend`] finds where sorted margins bend (Satopää et al. 2011, Kneedle; Xu et al. 2025, RLTHF); [`most_different`] takes items on which two
//! sources differ most and which are unlike each other (Feng et al. 2025, after Wang & Simoncelli's maximum differentiation); [`kl`] and
//! [`jensen_shannon`](crate::stats::aggregation::jensen_shannon) put first those that tell two systems apart (Boubdir et al. 2023), and [`ties_saved`]
//! says what that is worth.

mod design;
mod learned;
mod orders;

pub use design::{Design, Feature};
pub use learned::{LEAST_ITEMS, Routed, SHARES, Step, route};
pub use orders::{Bend, TiesSaved, bend, kl, most_different, ties_saved};

/// Scores are compared to this many units, so that what is equal but for the order of sums is equal.
const UNIT: f64 = 1e12;

/// `score` without the digits that the order of sums makes.
pub fn settled(score: f64) -> f64 {
    (score * UNIT).round() / UNIT
}
