//! A table that is in memory as a whole, because its file has to be.

use std::path::{Path, PathBuf};

use super::batch::{Batch, Batches, Coded};
use super::error::FormatError;
use super::notes::Notes;
use super::text::digest_of;
use crate::dataset::{Role, SourceFile};
use crate::progress::Progress;

/// The table.
#[derive(Debug)]
pub(crate) struct Held {
    path: PathBuf,
    names: Vec<String>,
    roles: Vec<Option<Role>>,
    batch: Option<Batch>,
}

impl Held {
    /// Of the file at `path`.
    pub(crate) fn new(path: &Path, names: Vec<String>, columns: Vec<Coded>, rows: usize) -> Self {
        let batch = Batch { rows, columns, ..Batch::default() };
        Self { path: path.to_owned(), names, roles: Vec::new(), batch: Some(batch) }
    }

    /// Says what the columns mean.
    pub(crate) fn with_roles(mut self, roles: Vec<Option<Role>>) -> Self {
        self.roles = roles;
        self
    }

    /// Says on which line each row is.
    pub(crate) fn with_lines(mut self, lines: Vec<u64>) -> Self {
        if let Some(batch) = &mut self.batch {
            batch.lines = lines;
        }
        self
    }
}

impl Batches for Held {
    fn names(&self) -> &[String] {
        &self.names
    }

    fn roles(&self) -> Vec<Option<Role>> {
        self.roles.clone()
    }

    fn row_count(&self) -> Option<u64> {
        self.batch.as_ref().map(|b| b.rows as u64)
    }

    fn next_batch(
        &mut self,
        _wanted: &[bool],
        _notes: &mut Notes,
        progress: &Progress,
    ) -> Result<Option<Batch>, FormatError> {
        progress.check()?;
        Ok(self.batch.take())
    }

    fn finish(self: Box<Self>, progress: &Progress) -> Result<SourceFile, FormatError> {
        digest_of(&self.path, progress)
    }
}
