//! Why confident learning refuses its input, in words for the person who opened the file.

use crate::progress::Cancelled;

/// Why confident learning could not be computed. Items are numbered from 0 in the fields, from 1 in words.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ConfidentError {
    /// The user stopped it.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// Labels and probabilities are not of the same items.
    #[error("there are {labels} items but {rows} rows of predicted probabilities")]
    LengthMismatch {
        /// Items.
        labels: usize,
        /// Rows of probabilities.
        rows: usize,
    },
    /// Nothing is labelled.
    #[error("no item has a label")]
    NoLabels,
    /// There is nothing to mistake a label for.
    #[error("only one label is used, so there is no other label to mistake it for")]
    OneLabel,
    /// A label that the model knows nothing about.
    #[error("item {} has label number {label}, but there are predicted probabilities for only {cols} labels", .item + 1)]
    LabelWithoutColumn {
        /// The first such item.
        item: usize,
        /// Its label.
        label: u32,
        /// Columns of probabilities.
        cols: usize,
    },
    /// A probability that is not a number.
    #[error("row {} of the predicted probabilities has no number for label number {label}", .item + 1)]
    NotANumber {
        /// The first such row.
        item: usize,
        /// The first such label in it.
        label: u32,
    },
    /// A probability below 0 or above 1 by more than 1e-6.
    #[error(
        "row {} of the predicted probabilities has {value} for label number {label}, \
         which is not between 0 and 1",
        .item + 1
    )]
    OutOfRange {
        /// The first such row.
        item: usize,
        /// The first such label in it.
        label: u32,
        /// The value.
        value: f64,
    },
    /// A row that cannot be scaled to sum to 1.
    #[error("row {} of the predicted probabilities sums to 0", .item + 1)]
    EmptyRow {
        /// The first such row.
        item: usize,
    },
    /// Matrices of labels × labels would be larger than the data.
    #[error("{labels} labels are too many for {items} items")]
    TooManyLabels {
        /// Columns of probabilities.
        labels: usize,
        /// Rows.
        items: usize,
    },
    /// More items than can be numbered.
    #[error("{0} items are too many, at most 4294967295 can be numbered")]
    TooManyItems(usize),
    /// A parameter of the wrong length or out of range.
    #[error("{0}")]
    Parameter(String),
}
