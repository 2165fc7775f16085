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
//! registry    formats that say themselves what they    document    finding, inspecting, loading those
//!             hold: recognised, read, written          gather      what their readers hand over → Dataset
//! json/       JSON with places, patched in place       intake      whole texts, decoded and hashed
//! several     N files as one source                    join        side tables by key
//! matrix      predicted probabilities → Dataset        write       Dataset + Edits → the file again
//! corpora/    published collections, servers’ folders
//! consensus   one row an item                          atomic      whole files or none
//! media       pictures that data names: paths and pixels
//! archive/    gzip, zstd, zip as what is in them       encoding    text that is not Unicode, by name
//! tools/      what annotation tools export as JSON
//! offsets     places in texts, in three units       text_spans/ CoNLL, brat, WebAnno TSV, CAS JSON
//! neutralise  cells that spreadsheets would run        error       file, line, column, what, remedy
//! columnar/   Parquet, Arrow, datasets folders   json_rows   JSON records as a table
//! xlsx        workbooks                           npz         NumPy archives
//! raw         every column of a source again
//! votes       matrices of votes or counts         held        a table in memory
//! ```
//!
//! Tests of whole files: in `tests/formats`, `examples` reads one data set in every format, `write_back` has every writer
//! change one label, `hostile` is about hostile files.

mod alike;
mod archive;
mod asking;
mod atomic;
mod batch;
mod blocks;
mod columnar;
mod columns;
mod consensus;
mod constant;
mod corpora;
mod delimited;
mod document;
mod encoding;
mod error;
#[doc(hidden)]
pub mod fuzzing;
mod gather;
mod held;
mod intake;
mod intern;
mod join;
mod json;
mod json_rows;
mod listed;
mod load;
mod magic;
mod matrix;
mod meanings;
pub mod media;
mod merging;
mod models;
mod moments;
mod neutralise;
mod notes;
mod npy;
mod npz;
mod offsets;
mod parts;
mod raw;
mod registry;
mod scan;
mod schema;
mod several;
mod sniff;
mod table;
mod tabular;
mod tallies;
mod text;
mod text_spans;
mod tools;
mod votes;
mod words;
mod write;
mod xlsx;

use std::path::{Path, PathBuf};

pub use alike::spelling as merge_target;
pub use archive::Packing;
pub use atomic::refuse_source;
pub use consensus::write_consensus;
pub use delimited::{Dialect, QuoteStyle, Record, RecordReader};
pub use encoding::{Named, Unencodable};
pub use error::{FileError, FormatError};
pub use load::{LoadOptions, load};
pub use magic::FileKind;
pub use matrix::majority;
pub use neutralise::is_risky;
pub use npy::{
    Header as NpyHeader, Kind as NpyKind, Refusal as NpyRefusal, parse_header as parse_npy_header,
};
pub use raw::{RawColumn, RawRows, RawTable, RowIs, numbers_of};
pub use registry::{FORMATS, Format, format_of};
pub use schema::{
    ColumnInspection, Detected, Inspection, Layout, Overrides, PreviewRow, inspect, inspect_all,
};
pub use text::{Encoding, TextReader, digest_of};
pub use write::{Excluded, SeveralAre, WriteOptions, WriteRule, WriteSummary, plan, write};

use crate::dataset::{Dataset, Source};
use crate::progress::Progress;

/// [`inspect`] and [`load`] in one: for the command line, and for reopening a file whose roles are known.
pub fn open(
    path: &Path,
    overrides: &Overrides,
    options: &LoadOptions,
    progress: &Progress,
) -> Result<Dataset, FormatError> {
    open_all(&[path.to_owned()], overrides, options, progress)
}

/// [`open`] for several files that are one source: several raters of the same items, or parts.
pub fn open_all(
    paths: &[PathBuf],
    overrides: &Overrides,
    options: &LoadOptions,
    progress: &Progress,
) -> Result<Dataset, FormatError> {
    let inspection = inspect_all(paths, overrides, progress)?;
    load(&inspection.path, &inspection, options, progress)
}

/// Reads another question of a source that was read before, everything else as it was.
pub fn reopen(source: &Source, question: &str, progress: &Progress) -> Result<Dataset, FormatError> {
    let mut overrides = Overrides::of(source);
    overrides.question = Some(question.to_owned());
    let options = LoadOptions { question: question.to_owned(), ..LoadOptions::of(source) };
    let mut paths = vec![source.table.path.clone()];
    paths.extend(source.more.iter().cloned());
    open_all(&paths, &overrides, &options, progress)
}
