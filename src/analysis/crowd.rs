//! CROWDLAB of the votes that count and the data's probabilities, and nothing else.

use super::Settings;
use crate::dataset::Dataset;
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;
use crate::stats::aggregation::{Crowdlab, Layout, crowdlab};

/// What raters and the model say together, or why that cannot be said.
pub fn crowd(
    dataset: &Dataset,
    settings: &Settings,
    progress: &Progress,
) -> Result<Result<Crowdlab, Undefined>, Cancelled> {
    let Some(probabilities) = &dataset.probabilities else { return Ok(Err(Undefined::NoProbabilities)) };
    if dataset.raters.anonymous {
        return Ok(Err(Undefined::AnonymousVotes));
    }
    let layout = Layout::new(&settings.counted(dataset), dataset.labels.len());
    crowdlab(&layout, &[probabilities], progress)
}
