//! Which table a path gives: the one place that knows all kinds of files that hold rows and columns.

use std::path::Path;

use super::batch::Batches;
use super::blocks::Blocks;
use super::delimited::Dialect;
use super::error::FormatError;
use super::notes::Notes;
use super::sniff::sniff;

/// An opened table, before its first row.
pub(crate) struct Tabular {
    /// Its rows.
    pub(crate) batches: Box<dyn Batches>,
    /// How it is written; the default where it is not delimited text.
    pub(crate) dialect: Dialect,
    /// What kind of file it is, with an article.
    pub(crate) name: &'static str,
    /// Continues "because …".
    pub(crate) because: String,
}

impl Tabular {
    /// Whether `0,25` is a number there.
    pub(crate) fn decimal_comma(&self) -> bool {
        self.dialect.delimiter != b','
    }
}

/// Opens the table at `path`. What is odd about its header is noted.
pub(crate) fn table_of(path: &Path, notes: &mut Notes) -> Result<Tabular, FormatError> {
    let dialect = sniff(path)?;
    let batches = Box::new(Blocks::open(path, &dialect, notes)?);
    let because = format!("its lines have {} cells, {}", batches.names().len(), dialect.describe());
    Ok(Tabular { batches, dialect, name: "a delimited table", because })
}
