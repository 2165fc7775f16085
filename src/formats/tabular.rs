//! Which table a path gives: the one place that knows all kinds of files that hold rows and columns.

use std::io::Read as _;
use std::path::Path;

use super::archive;
use super::batch::Batches;
use super::blocks::Blocks;
use super::columnar::{self, Columnar};
use super::delimited::Dialect;
use super::error::FormatError;
use super::magic::{HEAD, file_kind};
use super::notes::Notes;
use super::npz::{self, Bundle};
use super::sniff::sniff_as;
use super::text::Encoding;
use super::{json_rows, xlsx};

/// What a table is stored in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Storage {
    /// Delimited text.
    Text,
    /// Parquet, Arrow, or a folder of them.
    Columnar,
    /// An Excel workbook.
    Workbook,
    /// JSON records.
    Records,
    /// A NumPy archive.
    Bundle,
}

/// What the table at `path` is stored in, and how many bytes it has; refuses what is no table.
pub(crate) fn storage_of(path: &Path) -> Result<(Storage, u64), FormatError> {
    if path.is_dir() {
        return Ok((Storage::Columnar, 0));
    }
    let opened = archive::open(path)?;
    let (packing, bytes) = (opened.packing, opened.bytes);
    let mut head = Vec::new();
    opened.reader.take(HEAD as u64).read_to_end(&mut head).map_err(|e| FormatError::io(path, "read", &e))?;
    file_kind(path, &head)?;
    let storage = match head.as_slice() {
        h if columnar::is_columnar(h) => Storage::Columnar,
        h if xlsx::is_one(h) => Storage::Workbook,
        h if Bundle::is_one(h) => Storage::Bundle,
        h if json_rows::is_json(h) => Storage::Records,
        _ => Storage::Text,
    };
    if let (Storage::Columnar, Some(packing)) = (storage, packing) {
        let what = format!("this is a columnar file inside {}", packing.words());
        return Err(FormatError::of(path, what, "unpack it; such files are compressed inside already"));
    }
    Ok((storage, bytes))
}

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
    /// How many files belong to it.
    pub(crate) files: usize,
}

impl Tabular {
    /// Whether `0,25` is a number there.
    pub(crate) fn decimal_comma(&self) -> bool {
        self.dialect.delimiter != b','
    }
}

/// Opens the table at `path`. What is odd about its header is noted.
pub(crate) fn table_of(
    path: &Path,
    encoding: Option<Encoding>,
    notes: &mut Notes,
) -> Result<Tabular, FormatError> {
    let whole = |batches: Box<dyn Batches>, name: &'static str, because: String| {
        let dialect = Dialect::default();
        Ok(Tabular { batches, dialect, name, because, files: 1 })
    };
    match storage_of(path)?.0 {
        Storage::Text => {
            let dialect = sniff_as(path, encoding)?;
            let batches = Box::new(Blocks::open(path, &dialect, notes)?);
            let because = format!("its lines have {} cells, {}", batches.names().len(), dialect.describe());
            Ok(Tabular { batches, dialect, name: "a delimited table", because, files: 1 })
        }
        Storage::Columnar => {
            let table = Columnar::open(path, notes)?;
            let (name, because, files) = (table.name(), table.because(), table.parts().len());
            Ok(Tabular { batches: Box::new(table), dialect: Dialect::default(), name, because, files })
        }
        Storage::Workbook => whole(
            Box::new(xlsx::table(path, notes)?),
            "an Excel workbook",
            "it is a zip of sheets".to_owned(),
        ),
        Storage::Records => {
            let because = "it holds JSON objects that no tool is known to write".to_owned();
            whole(Box::new(json_rows::table(path, notes)?), "JSON records", because)
        }
        Storage::Bundle => {
            let because = "it is a zip of arrays, one of them called labels".to_owned();
            whole(Box::new(npz::table(path)?), "a NumPy archive", because)
        }
    }
}
