//! Copies a one-dimensional label array with the decisions applied.

use super::super::error::{FormatError, plural, visible};
use super::super::npy::Array;
use super::super::text::digest_of;
use super::{Decisions, Outlet, WriteSummary};
use crate::dataset::{Dataset, SourceFile};
use crate::progress::Progress;

/// Copies the source of `dataset` and says what was read. Elements keep their type.
pub(super) fn copy(
    dataset: &Dataset,
    decisions: &Decisions,
    outlet: &mut Outlet,
    summary: &mut WriteSummary,
    progress: &Progress,
) -> Result<SourceFile, FormatError> {
    let path = &dataset.source.table.path;
    let mut array = Array::open(path)?;
    let (labels, bytes) = array.labels(progress)?;
    let head = array.head(progress)?;
    let header = &array.header;
    let dropped = decisions.iter().filter(|(_, d)| d.dropped).count();
    summary.rows_in = labels.len() as u64;
    summary.rows_out = (labels.len() - dropped) as u64;
    let source = digest_of(path, progress)?;
    if dropped == 0 {
        // The header as it stands; decisions change elements in their place.
        outlet.bytes(&head)?;
    } else {
        outlet.bytes(&header.write_vector(labels.len() - dropped))?;
    }
    for (item, element) in bytes.chunks_exact(header.item_size).enumerate() {
        let Some(decision) = decisions.get(item) else {
            outlet.bytes(element)?;
            continue;
        };
        if decision.dropped {
            continue;
        }
        match &decision.label {
            Some(label) if *label != labels[item] => {
                let Some(new) = header.element(label) else {
                    let what = format!(
                        "the label “{}” does not fit into elements of type {}",
                        visible(label),
                        header.descr
                    );
                    return Err(FormatError::of(
                        path,
                        what,
                        "save the labels as a CSV or as a wider type and open that",
                    ));
                };
                outlet.bytes(&new)?;
            }
            _ => outlet.bytes(element)?,
        }
    }
    let kept = decisions.iter().filter(|(_, d)| d.status == "excluded" && !d.dropped).count() as u64;
    if kept > 0 {
        summary
            .notes
            .push(format!("{} kept: an array has no place for a status", plural(kept, "excluded item")));
    }
    Ok(source)
}
