//! Files ↔ [`Dataset`]: what a file is, what its columns mean, reading it, and writing the cleaned copy.
//!
//! The way in: [`inspect`] (kind, dialect, roles with reasons) → [`load`]; [`open`] does both. The way out:
//! [`write`] copies the source with the decisions applied (an untouched row keeps its bytes) and [`plan`] says
//! what it would do; [`write_consensus`] gives one row an item. A source is only ever opened for reading.
//!
//! ```text
//! text        bytes → text: encodings, digest          magic       what a file is by its first bytes
//! delimited   text → records with their raw bytes      sniff       delimiter, quoting, line end
//! table       header, numbered rows                    npy         NumPy arrays
//! batch       rows in columns of codes, of any source  tabular     which table a path gives
//! blocks      delimited files on all cores             scan, parts records and cells of text in memory
//! columns     column numbers by role                   meanings    what a value of a column is
//! merging     batches → items, raters, labels          asking      which of several questions
//! schema/     what each column means, and why          load        table or array → Dataset
//! matrix      predicted probabilities → Dataset        write       Dataset + Edits → the file again
//! consensus   one row an item                          atomic      whole files or none
//! neutralise  cells that spreadsheets would run        error       file, line, column, what, remedy
//! ```
//!
//! Tests of whole files are in `tests/formats.rs`, of hostile ones in `tests/hostile.rs`.

mod asking;
mod atomic;
mod batch;
mod blocks;
mod columns;
mod consensus;
mod constant;
mod delimited;
mod document;
mod error;
mod gather;
mod intake;
mod intern;
mod json;
mod listed;
mod load;
mod magic;
mod matrix;
mod meanings;
mod merging;
mod neutralise;
mod notes;
mod npy;
mod parts;
mod registry;
mod scan;
mod schema;
mod sniff;
mod table;
mod tabular;
mod tallies;
mod text;
mod write;

use std::path::Path;

pub use consensus::write_consensus;
pub use delimited::{Dialect, QuoteStyle, Record, RecordReader};
pub use error::{FileError, FormatError};
pub use load::{LoadOptions, load};
pub use magic::FileKind;
pub use matrix::majority;
pub use neutralise::is_risky;
pub use npy::{
    Header as NpyHeader, Kind as NpyKind, Refusal as NpyRefusal, parse_header as parse_npy_header,
};
pub use registry::{FORMATS, Format, format_of};
pub use schema::{ColumnInspection, Detected, Inspection, Layout, Overrides, PreviewRow, inspect};
pub use text::{Encoding, TextReader, digest_of};
pub use write::{Excluded, WriteOptions, WriteSummary, plan, write};

use crate::dataset::Dataset;
use crate::progress::Progress;

/// [`inspect`] and [`load`] in one: for the command line, and for reopening a file whose roles are known.
pub fn open(
    path: &Path,
    overrides: &Overrides,
    options: &LoadOptions,
    progress: &Progress,
) -> Result<Dataset, FormatError> {
    let inspection = inspect(path, overrides, progress)?;
    load(path, &inspection, options, progress)
}
