//! Label errors and nothing else, for data that is a column of given labels beside probabilities: ten million items
//! need no tables then.

use crate::dataset::Dataset;
use crate::progress::{Cancelled, Progress};
use crate::stats::confident::{ConfidentError, Summary, confident_summary};

/// What confident learning says beyond single items. `None` where that is not all that [`run`](super::run) would have to
/// say about label errors: the data has votes, no column of given labels or no probabilities, or these cannot be used.
pub fn only_confident(dataset: &Dataset, progress: &Progress) -> Result<Option<Summary>, Cancelled> {
    let (Some(given), Some(probabilities)) = (&dataset.given, &dataset.probabilities) else {
        return Ok(None);
    };
    if !dataset.annotations.is_empty() || given.ids.len() != dataset.n_items() {
        return Ok(None);
    }
    match confident_summary(&given.ids, probabilities, progress) {
        Ok(summary) => Ok(Some(summary)),
        Err(ConfidentError::Cancelled(cancelled)) => Err(cancelled),
        // Why it cannot be used, and what is said instead, is told by the whole analysis.
        Err(_) => Ok(None),
    }
}
