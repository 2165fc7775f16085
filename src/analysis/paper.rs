//! Confident learning by the letter of the paper, of the labels under suspicion as they stand.

use crate::dataset::{Dataset, LabelId};
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;
use crate::stats::confident::{ConfidentError, PaperLearning, paper_learning};

/// What the paper computes of `given`, which is [`Given::current`](super::Given).
///
/// Undefined without probabilities and as [`paper_learning`].
pub fn paper(
    dataset: &Dataset,
    given: &[LabelId],
    progress: &Progress,
) -> Result<Result<PaperLearning, Undefined>, Cancelled> {
    let Some(probabilities) = &dataset.probabilities else { return Ok(Err(Undefined::NoProbabilities)) };
    match paper_learning(given, probabilities, progress) {
        Ok(found) => Ok(Ok(found)),
        Err(ConfidentError::Cancelled(cancelled)) => Err(cancelled),
        Err(why) => Ok(Err(Undefined::Because(why.to_string()))),
    }
}
