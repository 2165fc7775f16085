//! Tables as they are loaded, whatever file they come from: rows in batches, each column as codes into a
//! dictionary of its own. A cell that repeats costs four bytes, and whatever depends on a value (is it a
//! label? does it count?) is asked once a value, not once a row.

use super::error::FormatError;
use super::notes::Notes;
use crate::dataset::{SourceFile, TextColumn};
use crate::progress::Progress;

/// "There is no cell here": a null, or a row that is too short. An empty cell is a value.
pub(crate) const NO_CELL: u32 = u32::MAX;

/// One column of a batch.
#[derive(Debug, Clone, Default)]
pub(crate) struct Coded {
    /// One entry a row: an index into `values`, or [`NO_CELL`].
    pub(crate) codes: Vec<u32>,
    /// What the cells say. Not every value need occur, and one may stand there twice.
    pub(crate) values: TextColumn,
}

impl Coded {
    /// What the cell in `row` says; `None` where there is none.
    pub(crate) fn get(&self, row: usize) -> Option<&str> {
        self.codes.get(row).filter(|&&c| c != NO_CELL).map(|&c| self.values.get(c as usize))
    }
}

/// Consecutive rows of a table.
#[derive(Debug, Clone, Default)]
pub(crate) struct Batch {
    /// Number of rows.
    pub(crate) rows: usize,
    /// The columns that were asked for, in the table's order; columns that were not are empty.
    pub(crate) columns: Vec<Coded>,
    /// The line of each row, from 1, where the source has lines; else empty, and rows are called by their number.
    pub(crate) lines: Vec<u64>,
}

/// A table that is read batch by batch, in the order of its rows.
pub(crate) trait Batches: Send {
    /// Names of the columns, unique.
    fn names(&self) -> &[String];

    /// The next rows, of which only the columns in `wanted` (one entry a column) need be filled; `None` at the end.
    fn next_batch(
        &mut self,
        wanted: &[bool],
        notes: &mut Notes,
        progress: &Progress,
    ) -> Result<Option<Batch>, FormatError>;

    /// Reads what is left and says what the whole file was.
    fn finish(self: Box<Self>, progress: &Progress) -> Result<SourceFile, FormatError>;
}
