//! A delimited file as header and numbered rows, with escaped cells restored. Loading, inspecting and writing
//! all read through this, so that a row has the same number and the same cells for each of them.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::path::Path;

use super::delimited::{Dialect, Record, RecordReader};
use super::error::{FormatError, visible};
use super::neutralise::Escapes;
use super::notes::{Notes, Place};
use super::text::{Encoding, TextReader, digest_of};
use crate::dataset::SourceFile;
use crate::progress::Progress;

/// Reads a table once.
pub(crate) struct Table<'a> {
    records: RecordReader<'a>,
    /// Column names, unique.
    pub(crate) names: Vec<String>,
    /// The header as it stands in the text, with blank lines before it.
    pub(crate) header: Header,
    rows: u64,
    undo: HashMap<u64, Vec<u32>>,
}

/// The header record.
#[derive(Debug, Default)]
pub(crate) struct Header {
    /// Everything up to the end of the last name, blank lines before it included.
    pub(crate) raw: String,
    /// Line end of the record.
    pub(crate) line_end: String,
    /// For each column, its cell as it stands in the text.
    pub(crate) raw_cells: Vec<String>,
    /// For each column, what the cell says (repeats and blanks as they are).
    pub(crate) cells: Vec<String>,
    /// For each column, whether the cell carries an apostrophe that export put there.
    pub(crate) escaped: Vec<bool>,
}

/// One row that is not blank.
pub(crate) struct Row<'r> {
    /// Its record.
    pub(crate) record: Record<'r>,
    /// From 1, the header and blank lines not counted.
    pub(crate) number: u64,
    undone: &'r [u32],
}

impl<'r> Row<'r> {
    /// What a cell says.
    pub(crate) fn cell(&self, column: usize) -> Cow<'r, str> {
        let cell = self.record.get(column);
        if self.is_escaped(column) { unescape(cell) } else { cell }
    }

    /// Whether the cell carries an apostrophe that export put there.
    pub(crate) fn is_escaped(&self, column: usize) -> bool {
        self.undone.contains(&(column as u32))
    }
}

/// Takes the apostrophe away that export put before a cell.
pub(super) fn unescape(cell: Cow<'_, str>) -> Cow<'_, str> {
    match cell {
        Cow::Borrowed(c) => Cow::Borrowed(c.strip_prefix('\'').unwrap_or(c)),
        Cow::Owned(c) => Cow::Owned(c.strip_prefix('\'').map(str::to_owned).unwrap_or(c)),
    }
}

/// What comes next in a table.
pub(crate) enum Next<'r> {
    /// A row.
    Row(Row<'r>),
    /// A blank line as it stands.
    Blank(&'r str),
    /// The end.
    End,
}

impl<'a> Table<'a> {
    /// Opens a table and reads its header. What is odd about the header is noted.
    pub(crate) fn open(
        path: &Path,
        dialect: &Dialect,
        notes: &mut Notes,
        progress: &'a Progress,
    ) -> Result<Self, FormatError> {
        let undo = match Escapes::read(path)? {
            None => HashMap::new(),
            Some(escapes) if digest_of(path, &Progress::new())?.digest == escapes.digest => escapes.by_row(),
            Some(escapes) => {
                notes.add("escapes_stale", Place::FILE, escapes.cells.len() as u64, || {
                    (
                        "The file changed since its formula cells were escaped, so the apostrophes stay"
                            .into(),
                        "Export again, or delete the .escapes.json file".into(),
                    )
                });
                HashMap::new()
            }
        };
        let mut records =
            RecordReader::new(TextReader::open(path, progress)?.encoded(Some(dialect.encoding)), dialect);
        let mut header = Header::default();
        let escaped = undo.get(&0).map_or(&[][..], Vec::as_slice);
        loop {
            let Some(record) = records.next_record()? else {
                return Err(FormatError::of(
                    path,
                    "the file holds no header",
                    "begin it with a row of column names",
                ));
            };
            if record.is_empty() {
                header.raw.push_str(record.raw);
                continue;
            }
            record.line_end().clone_into(&mut header.line_end);
            header.raw.push_str(&record.raw[..record.raw.len() - header.line_end.len()]);
            header.raw_cells = (0..record.len()).map(|i| record.raw_field(i).to_owned()).collect();
            for i in 0..record.len() {
                let cell = record.get(i);
                let is_escaped = escaped.contains(&(i as u32));
                let cell = if is_escaped { unescape(cell) } else { cell };
                header.cells.push(cell.into_owned());
                header.escaped.push(is_escaped);
            }
            break;
        }
        let names = unique_names(&header.cells, notes);
        Ok(Self { records, names, header, rows: 0, undo })
    }

    /// The next row or blank line.
    pub(crate) fn next(&mut self) -> Result<Next<'_>, FormatError> {
        match self.records.next_record()? {
            None => Ok(Next::End),
            Some(record) if record.is_empty() => Ok(Next::Blank(record.raw)),
            Some(record) => {
                self.rows += 1;
                let undone = self.undo.get(&self.rows).map_or(&[][..], Vec::as_slice);
                Ok(Next::Row(Row { record, number: self.rows, undone }))
            }
        }
    }

    /// The next row that is not blank.
    pub(crate) fn next_row(&mut self) -> Result<Option<Row<'_>>, FormatError> {
        let Some(record) = self.records.next_row()? else { return Ok(None) };
        self.rows += 1;
        let undone = self.undo.get(&self.rows).map_or(&[][..], Vec::as_slice);
        Ok(Some(Row { record, number: self.rows, undone }))
    }

    /// Number of columns of the header.
    pub(crate) fn width(&self) -> usize {
        self.names.len()
    }

    /// Rows read so far.
    pub(crate) fn rows(&self) -> u64 {
        self.rows
    }

    /// How the text is encoded.
    pub(crate) fn encoding(&self) -> Encoding {
        self.records.encoding()
    }

    /// Row → columns of the cells that carry an apostrophe that export put there; the header is row 0.
    pub(crate) fn take_escapes(&mut self) -> HashMap<u64, Vec<u32>> {
        std::mem::take(&mut self.undo)
    }

    /// Whether any cell of the file carries an apostrophe that export put there.
    pub(crate) fn has_escapes(&self) -> bool {
        !self.undo.is_empty()
    }

    /// Reads what is left and says what the whole file was.
    pub(crate) fn finish(self) -> Result<SourceFile, FormatError> {
        self.records.finish()
    }
}

/// Names made unique, as in headers.
pub(crate) fn unique(names: &[String]) -> Vec<String> {
    unique_names(names, &mut Notes::new(Path::new("")))
}

/// Repeated names get `.2`, `.3`, …; blank ones `column 3`.
fn unique_names(cells: &[String], notes: &mut Notes) -> Vec<String> {
    let taken: HashSet<&str> = cells.iter().map(String::as_str).collect();
    let mut names: Vec<String> = Vec::with_capacity(cells.len());
    let mut used: HashSet<String> = HashSet::new();
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for (i, cell) in cells.iter().enumerate() {
        let mut name = if cell.is_empty() { format!("column {}", i + 1) } else { cell.clone() };
        while used.contains(&name) {
            let n = counts.entry(cell).or_insert(1);
            *n += 1;
            let renamed = format!("{cell}.{n}");
            if taken.contains(renamed.as_str()) {
                continue;
            }
            name = renamed;
        }
        if !cell.is_empty() && name != *cell {
            notes.add("duplicate_header", Place { line: Some(1), column: Some(&name) }, 1, || {
                (
                    format!(
                        "Two columns are called “{}”; the later one is called “{}” here",
                        visible(cell),
                        visible(&name)
                    ),
                    "Rename one of them in the file".into(),
                )
            });
        }
        used.insert(name.clone());
        names.push(name);
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_and_blank_headers_get_names_of_their_own() {
        let mut notes = Notes::new(Path::new("t.csv"));
        let cells: Vec<String> = ["a", "a", "", "a.2", "a"].map(str::to_owned).to_vec();
        assert_eq!(unique_names(&cells, &mut notes), ["a", "a.3", "column 3", "a.2", "a.4"]);
        let warnings = notes.into_warnings();
        assert_eq!(warnings.len(), 2);
        assert_eq!(warnings[0].code, "duplicate_header");
    }
}
