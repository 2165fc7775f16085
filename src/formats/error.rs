//! Why a file could not be read or written: where, what, and what to do about it.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::progress::Cancelled;

/// Why a file could not be used.
#[derive(Debug, thiserror::Error)]
pub enum FormatError {
    /// The user asked for a stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// Something in a file, or about it.
    #[error("{0}")]
    File(Box<FileError>),
}

/// One trouble with one file. Its `Display` is one sentence: file, line, column, what, remedy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileError {
    /// Path as given.
    pub file: PathBuf,
    /// Line, from 1.
    pub line: Option<u64>,
    /// Column number or name.
    pub column: Option<String>,
    /// What happened, without a full stop.
    pub what: String,
    /// What to do about it, without a full stop; empty where there is nothing to say.
    pub remedy: String,
}

impl std::error::Error for FileError {}

/// Why a stream goes no further, on its way through [`std::io::Error`].
#[derive(Debug, thiserror::Error)]
#[error("{what}; {remedy}")]
pub(crate) struct Refused {
    what: String,
    remedy: &'static str,
}

impl Refused {
    /// For a reader that must answer with an error of the operating system's kind.
    pub(crate) fn io(what: String, remedy: &'static str) -> std::io::Error {
        std::io::Error::other(Self { what, remedy })
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&visible_path(&self.file))?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        if let Some(column) = &self.column {
            write!(f, ", column {}", visible(column))?;
        }
        write!(f, ": {}", self.what)?;
        if !self.remedy.is_empty() {
            write!(f, "; {}", self.remedy)?;
        }
        Ok(())
    }
}

impl FormatError {
    /// A trouble with the whole file.
    pub fn of(file: &Path, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        let (file, what, remedy) = (file.to_owned(), what.into(), remedy.into());
        Self::File(Box::new(FileError { file, line: None, column: None, what, remedy }))
    }

    /// The operating system refused, or a stream did ([`Refused`]).
    pub fn io(file: &Path, doing: &str, error: &std::io::Error) -> Self {
        if let Some(refused) = error.get_ref().and_then(|e| e.downcast_ref::<Refused>()) {
            return Self::of(file, refused.what.clone(), refused.remedy);
        }
        Self::of(file, format!("cannot {doing} this file ({error})"), "")
    }

    /// The same trouble, at a line.
    #[must_use]
    pub fn at_line(mut self, line: u64) -> Self {
        if let Self::File(e) = &mut self {
            e.line = Some(line);
        }
        self
    }

    /// The same trouble, in a column.
    #[must_use]
    pub fn in_column(mut self, column: impl Into<String>) -> Self {
        if let Self::File(e) = &mut self {
            e.column = Some(column.into());
        }
        self
    }

    /// The place and the remedy, unless the work was cancelled.
    pub fn detail(&self) -> Option<&FileError> {
        match self {
            Self::File(e) => Some(e),
            Self::Cancelled(_) => None,
        }
    }
}

/// Whether `c` takes no ink: controls, bidi marks, zero-width characters, the soft hyphen.
pub(crate) fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// `text` with what takes no ink written out, cut after 80 characters: for messages, never for data.
pub(crate) fn visible(text: &str) -> String {
    let mut out = String::new();
    for (n, c) in text.chars().enumerate() {
        if n == 80 {
            out.push('…');
            break;
        }
        match c {
            '\0' => out.push('␀'),
            c if is_invisible(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out
}

/// A path as [`visible`] text; of a long one the end, which names the file.
pub(crate) fn visible_path(path: &Path) -> String {
    let text = path.display().to_string();
    match text.char_indices().rev().nth(79) {
        Some((at, _)) if at > 0 => format!("…{}", visible(&text[at..])),
        _ => visible(&text),
    }
}

/// `3 rows`, `1 row`: a count with its noun.
pub(crate) fn plural(n: u64, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_one_sentence_with_its_place_and_remedy() {
        let e = FormatError::of(Path::new("data.csv"), "a quote is never closed", "close it");
        assert_eq!(
            e.at_line(4).in_column("3").to_string(),
            "data.csv, line 4, column 3: a quote is never closed; close it"
        );
    }

    #[test]
    fn what_takes_no_ink_is_written_out() {
        assert_eq!(visible("a\u{202e}b\0"), "a\\u{202e}b␀");
        assert_eq!(visible(&"x".repeat(99)).chars().count(), 81);
        let long = Path::new("a/folder/whose/name/is/long").join("y".repeat(70)).join("data.csv");
        let short = visible_path(&long);
        assert!(short.starts_with('…') && short.ends_with("y/data.csv") && short.chars().count() == 81);
        assert_eq!(visible_path(Path::new("data.csv")), "data.csv");
    }
}
