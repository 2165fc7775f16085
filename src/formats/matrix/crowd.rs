//! A file of shares of labels taken as what another crowd said.

use std::path::Path;

use super::super::error::FormatError;
use super::super::load::LoadOptions;
use super::super::notes::Notes;
use super::read;
use crate::dataset::Dataset;
use crate::progress::Progress;

/// Gives `dataset` the shares in a file, read and matched as probabilities are.
///
/// # Errors
/// As for probabilities.
pub(crate) fn attach_crowd(
    dataset: &mut Dataset,
    path: &Path,
    name: &str,
    progress: &Progress,
) -> Result<(), FormatError> {
    let mut notes = Notes::new(path);
    let matrix = read(path, None, false, &mut notes, progress)?;
    // What belongs to the model stands aside while the crowd's is matched.
    let model = (
        dataset.probabilities.take(),
        dataset.member_probabilities.take(),
        dataset.source.probabilities.take(),
    );
    let options = LoadOptions { probabilities_name: name.to_owned(), ..LoadOptions::default() };
    let attached = matrix.attach(dataset, true, &options, &mut notes, progress);
    dataset.crowd = dataset.member_probabilities.take().or_else(|| dataset.probabilities.take());
    (dataset.probabilities, dataset.member_probabilities, dataset.source.probabilities) = model;
    attached?;
    dataset.source.crowd = Some(path.to_owned());
    dataset.warnings.extend(notes.into_warnings());
    Ok(())
}
