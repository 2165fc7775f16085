//! Whether the given labels stand beside the rows they were made for: blocks of the file in which they fit other rows' predictions better.
//!
//! It looks at the labels as they came: a decision moves no row.

use std::sync::Arc;

use super::Given;
use crate::dataset::{Dataset, NO_LABEL};
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;
use crate::stats::shifted::{Block, Kind, shifted_labels};

/// Blocks of the file.
#[derive(Debug, Clone)]
pub struct ShiftedReport {
    /// Those in which labels are shifted or dealt anew first, then by row.
    pub blocks: Vec<Block>,
    /// The items of each.
    pub items: Vec<Arc<[u32]>>,
    /// How many are shifted or dealt anew.
    pub n_flagged: usize,
    /// All their items, ascending.
    pub flagged: Arc<[u32]>,
}

/// Looks at every block of the file.
///
/// Undefined without predictions that have a column a label, and without labels.
///
/// # Errors
/// If it was cancelled.
pub fn shifted(
    dataset: &Dataset,
    given: &Given,
    progress: &Progress,
) -> Result<Result<ShiftedReport, Undefined>, Cancelled> {
    let labels = &given.original;
    let because = |words: &str| Ok(Err(Undefined::Because(words.to_owned())));
    let Some(probabilities) = &dataset.probabilities else { return Ok(Err(Undefined::NoProbabilities)) };
    if probabilities.cols() != dataset.labels.len() || probabilities.rows() != labels.len() {
        return because("the model has no probability for each item and label");
    }
    if dataset.sets.is_some() {
        return because("items have several labels");
    }
    if labels.iter().all(|&l| l == NO_LABEL) {
        return because("no item has a label");
    }
    let mut blocks = shifted_labels(labels, probabilities, progress)?;
    blocks.sort_by_key(|b| (b.kind == Kind::Straight, b.rows.start));
    let items: Vec<Arc<[u32]>> =
        blocks.iter().map(|b| (b.rows.start as u32..b.rows.end as u32).collect()).collect();
    let n_flagged = blocks.iter().filter(|b| b.kind != Kind::Straight).count();
    let flagged = items[..n_flagged].iter().flat_map(|i| i.iter().copied()).collect();
    Ok(Ok(ShiftedReport { blocks, items, n_flagged, flagged }))
}
