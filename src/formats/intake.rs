//! Whole text files, decoded and hashed: what readers of documents begin with.

use std::path::{Path, PathBuf};

use super::encoding;
use super::error::FormatError;
use super::json::{JsonError, Repairs, line_of};
use super::magic::refuse_document_type;
use super::notes::{Notes, Place};
use super::text::{Encoding, TextReader};
use crate::dataset::SourceFile;
use crate::progress::Progress;

/// Largest text that is read as a whole, in bytes.
const MAX_BYTES: u64 = 4 << 30;

/// One file to read, and what its place says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputFile {
    /// Where it is.
    pub path: PathBuf,
    /// What to call it: its path below the folder that was opened, with `/`, or its file name.
    pub name: String,
    /// The rater whose labels it holds, where its name or its folder's says so.
    pub rater: Option<String>,
    /// How its text is encoded, where somebody said so.
    pub encoding: Option<Encoding>,
}

impl InputFile {
    /// A file that was named by itself.
    pub fn alone(path: &Path) -> Self {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        Self { path: path.to_owned(), name, rater: None, encoding: None }
    }

    /// Its name without folder and extensions: `ana` of `x/ana.jsonl.gz`.
    pub fn stem(&self) -> &str {
        let file = self.name.rsplit('/').next().unwrap_or_default();
        file.split_once('.').map_or(file, |(stem, _)| if stem.is_empty() { file } else { stem })
    }
}

/// A text with what it was read from.
#[derive(Debug)]
#[allow(clippy::struct_field_names)] // A text is what it is called everywhere.
pub(crate) struct Text {
    pub(crate) text: String,
    pub(crate) encoding: Encoding,
    pub(crate) file: SourceFile,
}

impl Text {
    /// The bytes of `text` in this file's encoding, with its byte order mark.
    ///
    /// # Errors
    /// A character that the encoding cannot hold.
    pub(crate) fn encoded(&self, text: &str) -> Result<Vec<u8>, FormatError> {
        let mut bytes = self.encoding.bom().to_vec();
        self.encoding
            .encode(text, &mut bytes)
            .map_err(|e| FormatError::of(&self.file.path, e.to_string(), "save the source as UTF-8 first"))?;
        Ok(bytes)
    }
}

/// What to read as text: a path, or better an [`InputFile`], which knows its encoding.
pub(crate) struct Wanted<'a> {
    path: &'a Path,
    encoding: Option<Encoding>,
}

impl<'a> From<&'a InputFile> for Wanted<'a> {
    fn from(file: &'a InputFile) -> Self {
        Self { path: &file.path, encoding: file.encoding }
    }
}

impl<'a> From<&'a Path> for Wanted<'a> {
    fn from(path: &'a Path) -> Self {
        Self { path, encoding: None }
    }
}

impl<'a> From<&'a PathBuf> for Wanted<'a> {
    fn from(path: &'a PathBuf) -> Self {
        Self { path, encoding: None }
    }
}

/// The whole text of a file.
///
/// # Errors
/// A file that cannot be opened, is larger than 4 GiB, or is not text.
pub(crate) fn text_of<'a>(wanted: impl Into<Wanted<'a>>, progress: &Progress) -> Result<Text, FormatError> {
    let Wanted { path, encoding } = wanted.into();
    let mut reader = TextReader::open(path, progress)?.encoded(encoding);
    let mut bytes = Vec::new();
    while reader.fill(&mut bytes)? {
        if bytes.len() as u64 > MAX_BYTES {
            return Err(FormatError::of(path, "this file holds more than 4 GiB of text", "split it"));
        }
    }
    let encoding = reader.encoding();
    let file = reader.finish()?;
    let text = String::from_utf8(bytes).map_err(|e| {
        let (bytes, valid) = (e.as_bytes(), e.utf8_error().valid_up_to());
        let line = bytes[..valid].split(|&b| b == b'\n').count() as u64;
        let what = format!("byte 0x{:02X} is not valid UTF-8", bytes[valid]);
        FormatError::of(path, what, encoding::remedy(bytes, valid)).at_line(line)
    })?;
    if text.trim_start_matches('\u{feff}').starts_with("<?xml") {
        refuse_document_type(path, &text)?;
    }
    Ok(Text { text, encoding, file })
}

/// A fault in JSON, at its line.
pub(crate) fn json_error(path: &Path, text: &str, error: &JsonError) -> FormatError {
    FormatError::of(
        path,
        format!("this is not valid JSON: {}", error.what),
        "mend this place, or export again",
    )
    .at_line(line_of(text, error.at))
}

/// Tells what had to be passed over.
pub(crate) fn note_repairs(notes: &mut Notes, text: &str, repairs: &Repairs) {
    let mut tell = |code: &str, seen: super::json::Seen, message: &str, remedy: &str| {
        let place = Place { line: (seen.count > 0).then(|| line_of(text, seen.first)), column: None };
        notes.add(code, place, seen.count, || (message.into(), remedy.into()));
    };
    tell(
        "json_trailing_comma",
        repairs.trailing_commas,
        "A comma stands before a closing bracket, which JSON does not allow; it was passed over",
        "Nothing to do here; other programs may refuse the file",
    );
    tell(
        "json_comment",
        repairs.comments,
        "Comments were passed over",
        "Nothing to do here; other programs may refuse the file",
    );
    tell(
        "json_not_a_number",
        repairs.odd_numbers,
        "NaN, Infinity and numbers beyond what a double holds count as missing",
        "Put a number there, or null",
    );
    tell(
        "json_duplicate_key",
        repairs.duplicate_keys,
        "A key stands twice in one object; the last one counts",
        "Rename or remove one of them",
    );
}
