//! Tables as they are loaded, whatever file they come from: rows in batches, each column as codes into a
//! dictionary of its own. A cell that repeats costs four bytes, and whatever depends on a value (is it a
//! label? does it count?) is asked once a value, not once a row.

use super::error::FormatError;
use super::notes::Notes;
use crate::dataset::{Role, SourceFile, TextColumn};
use crate::progress::Progress;

/// "There is no cell here": a null, or a row that is too short. Loading takes it for an empty cell.
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
    /// What the cell in `row` says; the empty string where there is none.
    pub(crate) fn get(&self, row: usize) -> &str {
        match self.codes.get(row) {
            Some(&code) if code != NO_CELL => self.values.get(code as usize),
            _ => "",
        }
    }

    /// The code of the cell in `row`.
    pub(crate) fn code(&self, row: usize) -> u32 {
        self.codes.get(row).copied().unwrap_or(NO_CELL)
    }
}

/// Consecutive rows of a table.
#[derive(Debug, Clone, Default)]
pub(crate) struct Batch {
    /// Number of rows.
    pub(crate) rows: usize,
    /// One an entry of the table's columns, in order; those that were not asked for may be empty.
    pub(crate) columns: Vec<Coded>,
    /// The line of each row, from 1, where the source has lines; else empty, and rows are called by their number.
    pub(crate) lines: Vec<u64>,
    /// Rows that end early, ascending: (row, number of its cells). Only text can have such rows.
    pub(crate) short: Vec<(u32, u32)>,
    /// How long these rows are in the source; 0 where that says nothing about the rows to come.
    pub(crate) bytes: u64,
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

    /// Whether the next batch is there already, so that getting it costs nothing.
    fn is_ready(&self) -> bool {
        false
    }

    /// Number of rows of the whole table, where the source says so.
    fn row_count(&self) -> Option<u64> {
        None
    }

    /// What the source itself says its columns mean, where it does: one entry a column, or none at all.
    fn roles(&self) -> Vec<Option<Role>> {
        Vec::new()
    }

    /// Labels of a column in the order that the source declares.
    fn declared(&self, _column: usize) -> Option<&[String]> {
        None
    }

    /// Reads what is left and says what the whole file was.
    fn finish(self: Box<Self>, progress: &Progress) -> Result<SourceFile, FormatError>;
}
