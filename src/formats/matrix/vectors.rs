//! A file of numbers taken as embeddings: any numbers, one row an item.

use std::path::Path;

use super::super::error::FormatError;
use super::super::notes::Notes;
use super::{Matrix, read, read_table};
use crate::dataset::{Dataset, Embeddings};
use crate::progress::Progress;

/// Most numbers that are held.
const MOST: usize = 1 << 30;

/// Gives `dataset` the embeddings in a file: an array in the order of its items, or a table with their keys.
///
/// # Errors
/// A file that cannot be read, rows that do not fit the items, more than 2³⁰ numbers, one that is not finite.
pub(crate) fn attach_embeddings(
    dataset: &mut Dataset,
    path: &Path,
    progress: &Progress,
) -> Result<(), FormatError> {
    let mut notes = Notes::new(path);
    let ends = |end: &str| path.extension().is_some_and(|e| e.eq_ignore_ascii_case(end));
    let read = if ends("npy") || ends("npz") {
        read(path, None, false, &mut notes, progress)?
    } else {
        read_table(path, None, true, &mut notes, progress)?
    };
    let mut matrix = Matrix { noun: "embeddings", ..read };
    matrix.choose_keys(dataset);
    let order = matrix.match_rows(dataset, true, &mut notes)?;
    let (rows, cols) = (dataset.n_items(), matrix.numbers.stored_cols());
    if rows.checked_mul(cols).is_none_or(|n| n > MOST) {
        let what = format!("{rows} rows of {cols} numbers are more than are held");
        return Err(matrix.error(what, "reduce their dimension, by principal components for instance"));
    }
    progress.stage("Reading embeddings", rows as u64);
    let mut values = Vec::with_capacity(rows * cols);
    let mut row = vec![0.0; cols];
    for item in 0..rows {
        if item % 4096 == 0 {
            progress.check()?;
            progress.add(4096);
        }
        matrix.numbers.read(order.as_ref().map_or(item, |o| o[item] as usize), &mut row);
        values.extend(row.iter().map(|&x| x as f32));
    }
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let found = Embeddings::new(name, values, rows, cols)
        .map_err(|e| matrix.error(e.to_string(), "replace it by a number, or leave the item out"))?;
    dataset.embeddings = Some(found);
    dataset.source.embeddings = Some(path.to_owned());
    dataset.warnings.extend(notes.into_warnings());
    Ok(())
}
