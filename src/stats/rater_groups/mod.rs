//! Groups of raters: do people of one group answer otherwise than people of another, and is that more than the people who happen to be in them?
//!
//! Agreement within and across groups (xRR, GAI) is in [`agreement`](super::agreement::group_reports). Here are the rest:
//!
//! - [`mean_gap`]: the mean over shared items of the difference of the groups' mean ratings;
//! - [`heterogeneity`]: D_within and D_between, the probabilities that two raters of the same and of different groups choose differently on the same
//!   item, and Φ = D_between − D_within;
//! - [`number_gap`]: a number that each rater has, compared between two groups;
//! - [`whose_majority`]: how well a group is served by the majority of a jury that is drawn from another;
//! - [`mantel`]: do raters with different profiles disagree more?
//!
//! All tests permute whole raters. Ratings of one rater are not independent, so that a test that takes each for itself finds differences everywhere.
//! Where a rater rated an item twice, the last counts.

mod juries;
mod mantel;
mod permutation;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

pub use juries::{Juries, Seats, whose_majority};
pub use mantel::{
    MantelReport, PairMatrix, PairTally, Profile, mantel, pair_disagreement, profile_dissimilarity,
};
pub use permutation::{
    GapTest, Heterogeneity, NumberGap, Permuted, TestOptions, heterogeneity, mean_gap, number_gap,
};

use super::Undefined;
use super::aggregation::Layout;
use crate::dataset::{Annotations, DuplicateRule};

/// Who said what, one label a rater and item, with what labels are worth.
#[derive(Debug, Clone)]
pub struct Ratings {
    layout: Layout,
    values: Vec<f64>,
}

impl Ratings {
    /// Labels from `values.len()` on take no part. For labels without numbers, their positions do: only [`mean_gap`] reads them. Undefined without
    /// annotations of the set, and for a value that is not finite.
    pub fn new(annotations: &Annotations, values: &[f64]) -> Result<Self, Undefined> {
        if values.iter().any(|v| !v.is_finite()) {
            return Err(Undefined::Because("a label has no number".to_owned()));
        }
        let single = if annotations.n_duplicates() > 0 {
            Cow::Owned(annotations.resolved(DuplicateRule::Last))
        } else {
            Cow::Borrowed(annotations)
        };
        let layout = Layout::new(&single, values.len());
        if layout.is_empty() {
            return Err(Undefined::NoAnnotations);
        }
        Ok(Self { layout, values: values.to_vec() })
    }

    /// The ratings, by item and by rater.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    fn has_rated(&self, rater: usize) -> bool {
        rater < self.layout.n_raters() && !self.layout.answers(rater).is_empty()
    }
}
