//! A file of shares of labels beside the model's: what a further model says, or another crowd.

use std::path::Path;

use super::super::error::FormatError;
use super::super::load::LoadOptions;
use super::super::notes::Notes;
use super::read;
use crate::dataset::{Dataset, Probabilities};
use crate::progress::Progress;

/// The shares in a file, read and matched to `dataset` as probabilities are, which stay what they are.
///
/// # Errors
/// As for probabilities.
pub(crate) fn read_beside(
    dataset: &mut Dataset,
    path: &Path,
    name: &str,
    progress: &Progress,
) -> Result<Option<Probabilities>, FormatError> {
    let mut notes = Notes::new(path);
    let matrix = read(path, None, false, &mut notes, progress)?;
    // What belongs to the model stands aside while these are matched.
    let model = (
        dataset.probabilities.take(),
        dataset.member_probabilities.take(),
        dataset.source.probabilities.take(),
    );
    let options = LoadOptions { probabilities_name: name.to_owned(), ..LoadOptions::default() };
    let attached = matrix.attach(dataset, true, &options, &mut notes, progress);
    let shares = dataset.member_probabilities.take().or_else(|| dataset.probabilities.take());
    (dataset.probabilities, dataset.member_probabilities, dataset.source.probabilities) = model;
    attached?;
    dataset.warnings.extend(notes.into_warnings());
    Ok(shares)
}
