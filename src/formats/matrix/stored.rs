//! Probabilities in tables that are stored by column.

use std::path::Path;

use super::super::batch::Batches;
use super::super::columnar::Columnar;
use super::super::error::FormatError;
use super::super::notes::Notes;
use super::super::schema::is_key_name;
use super::{Matrix, Numbers, parse_cell, shown, telling};
use crate::progress::Progress;

/// Reads the columns whose names say probabilities, or logits.
pub(super) fn read(
    path: &Path,
    item_name: Option<&str>,
    notes: &mut Notes,
    progress: &Progress,
) -> Result<Matrix, FormatError> {
    let mut batches: Box<dyn Batches> = Box::new(Columnar::open(path, notes)?);
    let names = batches.names().to_vec();
    let (columns, logits) = telling(&names);
    if columns.len() < 2 {
        let what = format!("no columns of probabilities were found among {}", shown(&names));
        return Err(FormatError::of(path, what, "name them prob_LABEL, one a label"));
    }
    let free = |i: usize| !columns.iter().any(|&(c, _)| c == i);
    let named = names.iter().position(|n| Some(n.as_str()) == item_name).filter(|&i| free(i));
    let key = named.or_else(|| (0..names.len()).find(|&i| free(i) && is_key_name(&names[i])));
    let wanted: Vec<bool> = (0..names.len()).map(|i| !free(i) || key == Some(i)).collect();
    let (mut values, mut keys, mut rows) = (Vec::new(), Vec::new(), 0usize);
    while let Some(batch) = batches.next_batch(&wanted, notes, progress)? {
        for row in 0..batch.rows {
            for (i, _) in &columns {
                let number = parse_cell(path, batch.columns[*i].get(row), false)
                    .map_err(|e| e.at_line((rows + row + 1) as u64).in_column(names[*i].as_str()))?;
                values.push(number);
            }
            if let Some(key) = key {
                keys.push(batch.columns[key].get(row).to_owned());
            }
        }
        rows += batch.rows;
    }
    let file = batches.finish(progress)?;
    if rows == 0 {
        return Err(FormatError::of(path, "this file holds no row", "write one row an item"));
    }
    let numbers = Numbers { values, cols: columns.len(), logits, raw: false };
    let labels = columns.into_iter().map(|(_, l)| l).collect();
    Matrix::of_numbers(path, numbers, Some(labels), true, key.map(|_| keys), Some(file), notes)
}
