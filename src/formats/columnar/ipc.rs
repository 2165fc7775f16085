//! Arrow files (also called Feather 2) and Arrow streams.
//!
//! Lengths are checked against the file before anything is allocated, also those of compressed buffers, which
//! say themselves how long they will be.

use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use arrow::ipc::reader::{FileReader, StreamReader};
use arrow::ipc::{Message, MessageHeader, root_as_footer, root_as_message};
use memmap2::Mmap;

use super::super::delimited::MAX_COLUMNS;
use super::super::error::FormatError;
use super::super::npy::map;
use super::super::text::open_regular;
use super::{Look, Parts, Step, guarded};

/// What an Arrow file begins and ends with.
pub(crate) const MAGIC: &[u8] = b"ARROW1";
/// Rows of one step, at most.
const STEP_ROWS: usize = 1 << 16;
/// Bytes that one message may unpack to.
const MAX_UNPACKED: u64 = 4 << 30;

fn damaged(path: &Path, why: &dyn std::fmt::Display) -> FormatError {
    FormatError::of(
        path,
        format!("this Arrow file cannot be read ({why})"),
        "write it again, or use another copy",
    )
}

/// The bytes of a file, mapped, after its lengths were checked; and whether it is a stream.
pub(crate) fn bytes_of(path: &Path) -> Result<(Arc<Mmap>, bool), FormatError> {
    let (file, length) = open_regular(path)?;
    if length < 8 {
        return Err(damaged(path, &"it is too short"));
    }
    let bytes = map(&file).map_err(|e| FormatError::io(path, "map", &e))?;
    let stream = !bytes.starts_with(MAGIC);
    guarded(path, || {
        let checked = if stream { check_stream(&bytes) } else { check_file(&bytes) };
        checked.map_err(|why| damaged(path, &why))
    })?;
    Ok((Arc::new(bytes), stream))
}

fn le32(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at.checked_add(4)?)?.try_into().ok().map(u32::from_le_bytes)
}

const CUT: &str = "it is cut off";
const FALSE: &str = "its lengths are not those of the file";

fn check_stream(bytes: &[u8]) -> Result<(), String> {
    let mut at = 0usize;
    while at < bytes.len() {
        let (length, end) = message_length(bytes, at).ok_or(CUT)?;
        if length == 0 {
            break;
        }
        let meta = bytes.get(end..end.checked_add(length).ok_or(FALSE)?).ok_or(CUT)?;
        let message = root_as_message(meta).map_err(|e| e.to_string())?;
        let body_at = end + length;
        let body_length = usize::try_from(message.bodyLength()).map_err(|_| FALSE)?;
        let body = bytes.get(body_at..body_at.checked_add(body_length).ok_or(FALSE)?).ok_or(CUT)?;
        check_message(&message, body)?;
        at = body_at + body_length;
    }
    Ok(())
}

/// The length of a message's description, and where it begins.
fn message_length(bytes: &[u8], at: usize) -> Option<(usize, usize)> {
    match le32(bytes, at)? {
        u32::MAX => Some((le32(bytes, at + 4)? as usize, at + 8)),
        // As written before version 0.15.
        length => Some((length as usize, at + 4)),
    }
}

fn check_file(bytes: &[u8]) -> Result<(), String> {
    let n = bytes.len();
    if n < 18 || &bytes[n - 6..] != MAGIC {
        return Err(CUT.to_owned());
    }
    let length = le32(bytes, n - 10).ok_or(CUT)? as usize;
    let start = (n - 10).checked_sub(length).ok_or(FALSE)?;
    let footer = root_as_footer(&bytes[start..n - 10]).map_err(|e| e.to_string())?;
    let blocks =
        footer.dictionaries().into_iter().flatten().chain(footer.recordBatches().into_iter().flatten());
    for block in blocks {
        let at = usize::try_from(block.offset()).map_err(|_| FALSE)?;
        let meta = usize::try_from(block.metaDataLength()).map_err(|_| FALSE)?;
        let body = usize::try_from(block.bodyLength()).map_err(|_| FALSE)?;
        let body_at = at.checked_add(meta).ok_or(FALSE)?;
        let end = body_at.checked_add(body).filter(|&end| end <= n).ok_or(FALSE)?;
        let (length, begin) = message_length(bytes, at).ok_or(CUT)?;
        let message = bytes.get(begin..begin.checked_add(length).ok_or(FALSE)?).ok_or(CUT)?;
        check_message(&root_as_message(message).map_err(|e| e.to_string())?, &bytes[body_at..end])?;
    }
    Ok(())
}

fn check_message(message: &Message<'_>, body: &[u8]) -> Result<(), String> {
    let batch = match message.header_type() {
        MessageHeader::RecordBatch => message.header_as_record_batch(),
        MessageHeader::DictionaryBatch => message.header_as_dictionary_batch().and_then(|d| d.data()),
        _ => None,
    };
    let Some(batch) = batch else { return Ok(()) };
    if !(0..=i64::from(u32::MAX)).contains(&batch.length()) {
        return Err("it claims more rows than can be read".to_owned());
    }
    let (packed, mut total) = (batch.compression().is_some(), 0u64);
    for buffer in batch.buffers().into_iter().flatten() {
        let at = usize::try_from(buffer.offset()).map_err(|_| FALSE)?;
        let length = usize::try_from(buffer.length()).map_err(|_| FALSE)?;
        let part = body.get(at..at.checked_add(length).ok_or(FALSE)?).ok_or(FALSE)?;
        if let (true, Some(head)) = (packed, part.first_chunk::<8>()) {
            total = total.saturating_add(i64::from_le_bytes(*head).max(0) as u64);
        }
    }
    if total > MAX_UNPACKED { Err("a part of it would unpack to more than 4 GiB".to_owned()) } else { Ok(()) }
}

/// Readable bytes that keep the mapping alive.
#[derive(Clone)]
pub(crate) struct Mapped(pub(crate) Arc<Mmap>);

impl AsRef<[u8]> for Mapped {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

type Bytes = Cursor<Mapped>;

/// Either kind of file.
pub(crate) enum Either {
    File(FileReader<Bytes>),
    Stream(StreamReader<Bytes>),
}

impl Either {
    /// Opens the columns of `projection`, or all.
    pub(crate) fn open(
        bytes: Arc<Mmap>,
        stream: bool,
        projection: Option<Vec<usize>>,
    ) -> Result<Self, ArrowError> {
        let bytes = Cursor::new(Mapped(bytes));
        Ok(if stream {
            Self::Stream(StreamReader::try_new(bytes, projection)?)
        } else {
            Self::File(FileReader::try_new(bytes, projection)?)
        })
    }

    /// Its columns.
    pub(crate) fn schema(&self) -> SchemaRef {
        match self {
            Self::File(reader) => reader.schema(),
            Self::Stream(reader) => reader.schema(),
        }
    }

    /// The next rows.
    pub(crate) fn next(&mut self) -> Option<Result<RecordBatch, ArrowError>> {
        match self {
            Self::File(reader) => reader.next(),
            Self::Stream(reader) => reader.next(),
        }
    }
}

/// What a file says about itself. The number of rows is counted from the heads of its messages.
pub(crate) fn look(path: &Path) -> Result<Look, FormatError> {
    let (bytes, stream) = bytes_of(path)?;
    let rows = rows_of(&bytes, stream);
    let schema = guarded(path, || {
        Either::open(bytes, stream, None).map(|r| r.schema()).map_err(|e| damaged(path, &e))
    })?;
    if schema.fields().len() > MAX_COLUMNS {
        let what = format!("this Arrow file has more than {MAX_COLUMNS} columns");
        return Err(FormatError::of(path, what, "keep the columns that matter"));
    }
    Ok(Look { known: schema.metadata().into(), schema, rows })
}

/// How the first packed message of a file is packed.
pub(crate) fn packing(bytes: &[u8], stream: bool) -> Option<arrow::ipc::CompressionType> {
    let mut at = if stream { 0 } else { 8 };
    while let Some((length, begin)) = message_length(bytes, at).filter(|(length, _)| *length > 0) {
        let message = root_as_message(bytes.get(begin..begin.checked_add(length)?)?).ok()?;
        if let Some(batch) = message.header_as_record_batch() {
            return batch.compression().map(|c| c.codec());
        }
        at = begin + length + usize::try_from(message.bodyLength()).ok()?;
    }
    None
}

fn rows_of(bytes: &[u8], stream: bool) -> u64 {
    let rows_at = |at: usize| -> Option<(u64, usize)> {
        let (length, begin) = message_length(bytes, at)?;
        let meta = bytes.get(begin..begin.checked_add(length)?)?;
        let message = root_as_message(meta).ok().filter(|_| length > 0)?;
        let rows = message.header_as_record_batch().map_or(0, |b| b.length().max(0) as u64);
        Some((rows, begin + length + usize::try_from(message.bodyLength()).ok()?))
    };
    if stream {
        let (mut at, mut rows) = (0, 0u64);
        while let Some((n, next)) = rows_at(at) {
            (at, rows) = (next, rows.saturating_add(n));
        }
        return rows;
    }
    let n = bytes.len();
    let footer = le32(bytes, n - 10).and_then(|l| bytes.get((n - 10).checked_sub(l as usize)?..n - 10));
    let Some(footer) = footer.and_then(|f| root_as_footer(f).ok()) else { return 0 };
    let blocks = footer.recordBatches().into_iter().flatten();
    blocks.filter_map(|b| rows_at(usize::try_from(b.offset()).ok()?)).map(|(rows, _)| rows).sum()
}

/// Opens the columns `roots` of a file.
pub(crate) fn open(path: &Path, roots: &[bool]) -> Result<Box<dyn Parts>, FormatError> {
    let (bytes, stream) = bytes_of(path)?;
    let wanted: Vec<usize> = (0..roots.len()).filter(|&r| roots[r]).collect();
    let projection = if wanted.is_empty() { None } else { Some(wanted.clone()) };
    let source = guarded(path, || Either::open(bytes, stream, projection).map_err(|e| damaged(path, &e)))?;
    Ok(Box::new(Reader { path: path.to_owned(), source, wanted, width: roots.len(), rest: None }))
}

struct Reader {
    path: PathBuf,
    source: Either,
    wanted: Vec<usize>,
    width: usize,
    /// What is left of a large batch.
    rest: Option<RecordBatch>,
}

impl Parts for Reader {
    fn next(&mut self, _threads: usize) -> Result<Option<Step>, FormatError> {
        let batch = match self.rest.take() {
            Some(batch) => batch,
            None => match self.source.next().transpose().map_err(|e| damaged(&self.path, &e))? {
                Some(batch) => batch,
                None => return Ok(None),
            },
        };
        let rows = batch.num_rows().min(STEP_ROWS);
        if rows < batch.num_rows() {
            self.rest = Some(batch.slice(rows, batch.num_rows() - rows));
        }
        let step = batch.slice(0, rows);
        let mut arrays: Vec<Option<ArrayRef>> = vec![None; self.width];
        for (i, &root) in self.wanted.iter().enumerate() {
            arrays[root] = step.columns().get(i).cloned();
        }
        Ok(Some(Step { rows, arrays }))
    }
}
