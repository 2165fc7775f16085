//! CROWDLAB of the votes that count and the data's probabilities, and nothing else.

use super::Settings;
use crate::dataset::{Dataset, Probabilities};
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;
use crate::stats::aggregation::{Crowdlab, Layout, crowdlab};

/// The votes that count beside the model, for methods that need to know whose they are.
pub(super) fn votes_and_model<'a>(
    dataset: &'a Dataset,
    settings: &Settings,
) -> Result<(Layout, &'a Probabilities), Undefined> {
    let Some(probabilities) = &dataset.probabilities else { return Err(Undefined::NoProbabilities) };
    if dataset.raters.anonymous {
        return Err(Undefined::AnonymousVotes);
    }
    Ok((Layout::new(&settings.counted(dataset), dataset.labels.len()), probabilities))
}

/// What raters and the model say together, or why that cannot be said.
pub fn crowd(
    dataset: &Dataset,
    settings: &Settings,
    progress: &Progress,
) -> Result<Result<Crowdlab, Undefined>, Cancelled> {
    match votes_and_model(dataset, settings) {
        Ok((layout, model)) => crowdlab(&layout, &[model], progress),
        Err(reason) => Ok(Err(reason)),
    }
}
