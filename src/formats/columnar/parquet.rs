//! Parquet files: each wanted column is decoded by itself, some rows at a time.

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ::parquet::arrow::ProjectionMask;
use ::parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use ::parquet::basic::Encoding;
use ::parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData};
use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, Field, Schema};

use super::super::delimited::MAX_COLUMNS;
use super::super::error::FormatError;
use super::super::text::open_regular;
use super::{Look, Parts, Step, guarded, in_parallel_mut};

/// Bytes of values that one step decodes, about.
const STEP_BYTES: u64 = 32 << 20;
/// Rows that one step decodes, at most.
const STEP_ROWS: usize = 1 << 16;

const REMEDY: &str = "write it again, or use another copy";

fn damaged(path: &Path, why: &dyn std::fmt::Display) -> FormatError {
    FormatError::of(path, format!("this Parquet file cannot be read ({why})"), REMEDY)
}

/// The footer of a file, checked against its length.
pub(crate) fn footer(path: &Path) -> Result<(File, ArrowReaderMetadata), FormatError> {
    let (file, length) = open_regular(path)?;
    let metadata = guarded(path, || {
        ArrowReaderMetadata::load(&file, ArrowReaderOptions::new()).map_err(|e| damaged(path, &e))
    })?;
    if metadata.schema().fields().len() > MAX_COLUMNS {
        let what = format!("this Parquet file has more than {MAX_COLUMNS} columns");
        return Err(FormatError::of(path, what, "keep the columns that matter"));
    }
    for group in metadata.metadata().row_groups() {
        let inside = |column: &ColumnChunkMetaData| {
            let start = column.dictionary_page_offset().unwrap_or(column.data_page_offset());
            let start = start.min(column.data_page_offset());
            let size = column.compressed_size();
            start >= 0 && size >= 0 && start.checked_add(size).is_some_and(|end| end as u64 <= length)
        };
        if group.num_rows() < 0 || !group.columns().iter().all(inside) {
            return Err(damaged(path, &"its table of contents points outside the file"));
        }
    }
    Ok((file, metadata))
}

/// What a file says about itself.
pub(crate) fn look(path: &Path) -> Result<Look, FormatError> {
    let (_, metadata) = footer(path)?;
    let rows = metadata.metadata().row_groups().iter().map(|g| g.num_rows().max(0) as u64).sum();
    let schema = metadata.schema().clone();
    let mut known: HashMap<String, String> = schema.metadata().into();
    for pair in metadata.metadata().file_metadata().key_value_metadata().into_iter().flatten() {
        if let Some(value) = &pair.value {
            known.entry(pair.key.clone()).or_insert_with(|| value.clone());
        }
    }
    Ok(Look { schema, rows, known })
}

/// Opens the columns `roots` of a file.
pub(crate) fn open(path: &Path, roots: &[bool]) -> Result<Box<dyn Parts>, FormatError> {
    let (_, metadata) = footer(path)?;
    let metadata = hinted(metadata);
    let parquet = metadata.metadata().clone();
    let leaves = leaves(&parquet, roots.len());
    let rows: u64 = parquet.row_groups().iter().map(|g| g.num_rows().max(0) as u64).sum();
    let wanted = |root: usize| roots.get(root) == Some(&true);
    let bytes: u64 = parquet
        .row_groups()
        .iter()
        .flat_map(|g| {
            leaves
                .iter()
                .enumerate()
                .filter(|(root, _)| wanted(*root))
                .flat_map(|(_, l)| l)
                .map(|&l| g.column(l))
        })
        .map(|c| c.uncompressed_size().max(0) as u64)
        .sum();
    let each = (bytes / rows.max(1)).max(1);
    let step = ((STEP_BYTES / each) as usize).clamp(64, STEP_ROWS);
    let mut readers = Vec::new();
    for root in (0..roots.len()).filter(|&r| wanted(r)) {
        // Readers that share a file share its position too, so each opens its own.
        let (file, _) = open_regular(path)?;
        let metadata = metadata.clone();
        let reader = guarded(path, || {
            let mask = ProjectionMask::roots(metadata.parquet_schema(), [root]);
            ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata)
                .with_projection(mask)
                .with_batch_size(step)
                .build()
                .map_err(|e| damaged(path, &e))
        })?;
        readers.push((root, reader));
    }
    Ok(Box::new(Reader { path: path.to_owned(), readers, width: roots.len(), step, left: rows }))
}

/// For each column of the schema, the columns that it is stored in.
fn leaves(metadata: &ParquetMetaData, roots: usize) -> Vec<Vec<usize>> {
    let schema = metadata.file_metadata().schema_descr();
    let mut leaves = vec![Vec::new(); roots];
    for leaf in 0..schema.num_columns() {
        if let Some(list) = leaves.get_mut(schema.get_column_root_idx(leaf)) {
            list.push(leaf);
        }
    }
    leaves
}

/// Whether every value of a column was written by its place in a dictionary.
fn is_dictionary(column: &ColumnChunkMetaData) -> bool {
    #[allow(deprecated)] // Old files still use it.
    let by_place = |e: Encoding| matches!(e, Encoding::RLE_DICTIONARY | Encoding::PLAIN_DICTIONARY);
    if let Some(mask) = column.page_encoding_stats_mask() {
        return column.dictionary_page_offset().is_some() && mask.encodings().all(by_place);
    }
    match column.page_encoding_stats() {
        Some(pages) => {
            let data = |p: &&::parquet::file::metadata::PageEncodingStats| {
                matches!(
                    p.page_type,
                    ::parquet::basic::PageType::DATA_PAGE | ::parquet::basic::PageType::DATA_PAGE_V2
                )
            };
            pages.iter().filter(data).all(|p| by_place(p.encoding))
        }
        None => false,
    }
}

/// Asks for dictionaries where the file has them: then no string is copied or looked at twice.
fn hinted(metadata: ArrowReaderMetadata) -> ArrowReaderMetadata {
    let parquet = metadata.metadata().clone();
    let schema = metadata.schema();
    let leaves = leaves(&parquet, schema.fields().len());
    let fields: Vec<Arc<Field>> = schema
        .fields()
        .iter()
        .enumerate()
        .map(|(root, field)| {
            let text = matches!(field.data_type(), DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View);
            let coded = |leaf: usize| parquet.row_groups().iter().all(|g| is_dictionary(g.column(leaf)));
            match leaves[root].as_slice() {
                &[leaf] if text && coded(leaf) => {
                    let kind = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
                    Arc::new(field.as_ref().clone().with_data_type(kind))
                }
                _ => field.clone(),
            }
        })
        .collect();
    let hint = Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()));
    let options = ArrowReaderOptions::new().with_schema(hint);
    ArrowReaderMetadata::try_new(parquet, options).unwrap_or(metadata)
}

struct Reader {
    path: PathBuf,
    readers: Vec<(usize, ParquetRecordBatchReader)>,
    width: usize,
    step: usize,
    /// Rows that were not read yet.
    left: u64,
}

impl Parts for Reader {
    fn next(&mut self, threads: usize) -> Result<Option<Step>, FormatError> {
        let mut arrays: Vec<Option<ArrayRef>> = vec![None; self.width];
        if self.readers.is_empty() {
            let rows = self.left.min(self.step as u64) as usize;
            self.left -= rows as u64;
            return Ok((rows > 0).then_some(Step { rows, arrays }));
        }
        let read = |(root, reader): &mut (usize, ParquetRecordBatchReader)| (*root, reader.next());
        let mut rows: Option<Option<usize>> = None;
        for (root, batch) in in_parallel_mut(&mut self.readers, threads, &read) {
            let batch = batch.transpose().map_err(|e| damaged(&self.path, &e))?;
            let n = batch.as_ref().map(arrow::array::RecordBatch::num_rows);
            if *rows.get_or_insert(n) != n {
                return Err(damaged(&self.path, &"its columns differ in length"));
            }
            arrays[root] = batch.and_then(|b| b.columns().first().cloned());
        }
        Ok(rows.flatten().map(|rows| Step { rows, arrays }))
    }
}
