//! The numbers of a dataset nutrition label: what stands in each column, how columns go together, how balanced labels are.
//!
//! Holland, Hosny, Newman, Joseph, Chmielinski (2018), "The Dataset Nutrition Label". Columns are read in a stream: a [`Tally`]
//! keeps as many different values as it is allowed to and says so where there were more; [`Pair`] reads the stream a second
//! time, on the [`Axis`] that the tallies gave. Rows count in their order, so that equal files give equal bytes.

mod axis;
mod dependence;
mod imbalance;
mod tally;

pub use axis::{Axis, BINS, MAX_WORDS, Reading, Ticks};
pub use dependence::{Dependence, Grid, Measure, Pair};
pub use imbalance::{FEW, Imbalance, MANY, imbalance};
pub use tally::{ColumnStats, Frequent, MAX_KEPT, MAX_VALUES, Median, Numbers, Tally};
