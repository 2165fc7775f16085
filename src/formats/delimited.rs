//! Delimited text → records, each with its raw bytes, so that an unchanged row is copied and not rewritten.
//!
//! The scanner reads what the `csv` crate reads (a property test compares the two), and says three things more
//! that writing back and good messages need: where each field lies in the raw record, on which line a record
//! begins, and that a quote was never closed. Line ends may be LF, CRLF or CR, mixed. A line without any
//! character is a blank record: it has no fields, and it is copied too.

use std::borrow::Cow;
use std::path::PathBuf;

use super::error::FormatError;
use super::text::{Encoding, TextReader};

/// Largest field.
pub(super) const MAX_FIELD: usize = 16 << 20;
/// A quoted field with line breaks in it that is longer than this was never closed.
pub(super) const MAX_QUOTED_LINES: usize = 1 << 20;
/// Largest record.
pub(super) const MAX_RECORD: usize = 64 << 20;
/// Most fields in a record.
pub(crate) const MAX_COLUMNS: usize = 10_000;

/// Which cells a writer quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum QuoteStyle {
    /// Those that need it.
    #[default]
    Necessary,
    /// All but numbers.
    NonNumeric,
    /// All.
    Always,
    /// None: a quotation mark is a character like any other (some tab-separated files).
    Literal,
}

/// How a table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    /// Between fields.
    pub delimiter: u8,
    /// Whether cells are quoted.
    pub quoting: QuoteStyle,
    /// The first line's end.
    pub line_end: &'static str,
    /// Of the text.
    pub encoding: Encoding,
}

impl Default for Dialect {
    fn default() -> Self {
        Self { delimiter: b',', quoting: QuoteStyle::Necessary, line_end: "\n", encoding: Encoding::Utf8 }
    }
}

impl Dialect {
    /// In words: `comma-separated, UTF-8, CRLF line ends`.
    pub fn describe(&self) -> String {
        let delimiter = match self.delimiter {
            b',' => "comma",
            b'\t' => "tab",
            b';' => "semicolon",
            _ => "bar",
        };
        let line_end = match self.line_end {
            "\r\n" => "CRLF",
            "\r" => "CR",
            _ => "LF",
        };
        format!("{delimiter}-separated, {}, {line_end} line ends", self.encoding.name())
    }

    /// Whether encoding or line ends are worth a word: a byte order mark, UTF-16, or lone carriage returns.
    pub fn is_unusual(&self) -> bool {
        self.encoding != Encoding::Utf8 || self.line_end == "\r"
    }

    pub(super) fn quote(&self) -> Option<u8> {
        (self.quoting != QuoteStyle::Literal).then_some(b'"')
    }

    /// Appends `cell` to `out`, quoted if it must be, if the style says so, or if `was_quoted`.
    /// In a dialect without quotes, `false` if the cell cannot be written.
    pub fn push_cell(&self, cell: &str, was_quoted: bool, out: &mut String) -> bool {
        let breaks = |c: char| c == self.delimiter as char || c == '\n' || c == '\r';
        if self.quoting == QuoteStyle::Literal {
            out.push_str(cell);
            return !cell.contains(breaks);
        }
        let styled = match self.quoting {
            QuoteStyle::Always => true,
            QuoteStyle::NonNumeric => parse_number(cell, false).is_none(),
            _ => false,
        };
        if was_quoted || styled || cell.contains(|c| c == '"' || breaks(c)) {
            out.push('"');
            out.push_str(&cell.replace('"', "\"\""));
            out.push('"');
        } else {
            out.push_str(cell);
        }
        true
    }
}

/// The number that a cell says, finite; with `decimal_comma`, `0,25` is one too.
pub(crate) fn parse_number(cell: &str, decimal_comma: bool) -> Option<f64> {
    let plain = |c: u8| matches!(c, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E' | b',');
    if cell.is_empty() || !cell.bytes().all(plain) {
        return None;
    }
    let number = match (decimal_comma, cell.split_once(',')) {
        (true, Some((whole, part))) if !part.contains(['.', ',']) && !whole.contains('.') => {
            format!("{whole}.{part}").parse::<f64>().ok()?
        }
        _ => cell.parse().ok()?,
    };
    number.is_finite().then_some(number)
}

/// Where a field lies in its record (or the text that it was cut from), quotes included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) quoted: bool,
    /// Whether the content differs from the bytes between its quotes.
    pub(super) escaped: bool,
}

impl Span {
    /// What the field says.
    pub(super) fn content(self, text: &str) -> Cow<'_, str> {
        let raw = &text[self.start..self.end];
        if !self.quoted {
            return Cow::Borrowed(raw);
        }
        if !self.escaped {
            return Cow::Borrowed(&raw[1..raw.len() - 1]);
        }
        // Past the closing quote, everything is taken as it stands.
        let mut content = String::with_capacity(raw.len());
        let mut rest = &raw[1..];
        while let Some(at) = rest.find('"') {
            content.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            match rest.strip_prefix('"') {
                Some(after) => {
                    content.push('"');
                    rest = after;
                }
                None => break,
            }
        }
        content.push_str(rest);
        Cow::Owned(content)
    }
}

/// One record, borrowed from the reader.
#[derive(Debug, Clone, Copy)]
pub struct Record<'r> {
    /// The record as it stands in the text, with its line end.
    pub raw: &'r str,
    fields: &'r [Span],
    /// Line on which it begins, from 1.
    pub line: u64,
}

impl<'r> Record<'r> {
    /// Number of fields; 0 for a blank line.
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Whether it is a blank line.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// What field `i` says; the empty string past the last.
    pub fn get(&self, i: usize) -> Cow<'r, str> {
        self.fields.get(i).map_or(Cow::Borrowed(""), |span| span.content(self.raw))
    }

    /// Field `i` as it stands in the text, quotes included.
    pub fn raw_field(&self, i: usize) -> &'r str {
        self.fields.get(i).map_or("", |s| &self.raw[s.start..s.end])
    }

    /// Where field `i` lies in [`Self::raw`], quotes included.
    pub fn range(&self, i: usize) -> Option<std::ops::Range<usize>> {
        self.fields.get(i).map(|s| s.start..s.end)
    }

    /// Whether field `i` is quoted.
    pub fn is_quoted(&self, i: usize) -> bool {
        self.fields.get(i).is_some_and(|s| s.quoted)
    }

    /// The record's own line end, empty at the end of a file without one.
    pub fn line_end(&self) -> &'r str {
        match self.fields.last() {
            Some(last) => &self.raw[last.end..],
            None => self.raw,
        }
    }
}

/// Cuts the text of a [`TextReader`] into records.
pub struct RecordReader<'a> {
    text: TextReader<'a>,
    delimiter: u8,
    quote: Option<u8>,
    /// Bytes that end a stretch of ordinary ones outside quotes.
    stops: [bool; 256],
    buffer: Vec<u8>,
    start: usize,
    ended: bool,
    line: u64,
    fields: Vec<Span>,
    path: PathBuf,
}

enum State {
    FieldStart,
    Plain,
    Quoted,
    /// After a quote inside a quoted field.
    Quote,
}

impl<'a> RecordReader<'a> {
    /// Reads `text` in `dialect`.
    pub fn new(text: TextReader<'a>, dialect: &Dialect) -> Self {
        let mut stops = [false; 256];
        for b in [dialect.delimiter, b'\n', b'\r'] {
            stops[b as usize] = true;
        }
        let path = text.path().to_owned();
        Self {
            text,
            delimiter: dialect.delimiter,
            quote: dialect.quote(),
            stops,
            buffer: Vec::new(),
            start: 0,
            ended: false,
            line: 1,
            fields: Vec::new(),
            path,
        }
    }

    /// The same, of text that begins on `line`.
    pub(super) fn beginning_on(self, line: u64) -> Self {
        Self { line, ..self }
    }

    /// How the text is encoded; known after the first record.
    pub fn encoding(&self) -> Encoding {
        self.text.encoding()
    }

    /// Reads what is left and says what the whole file was.
    pub fn finish(self) -> Result<crate::dataset::SourceFile, FormatError> {
        self.text.finish()
    }

    /// Gets more text behind what is there; `false` at the end of the file. Offsets from `self.start` keep
    /// their meaning.
    fn refill(&mut self) -> Result<bool, FormatError> {
        if self.ended {
            return Ok(false);
        }
        self.buffer.drain(..self.start);
        self.start = 0;
        if self.buffer.len() > MAX_RECORD {
            return Err(self
                .error("a record is longer than 64 MiB", "check the quotation marks")
                .at_line(self.line));
        }
        let more = self.text.fill(&mut self.buffer)?;
        self.ended = !more;
        Ok(more)
    }

    fn error(&self, what: impl Into<String>, remedy: impl Into<String>) -> FormatError {
        FormatError::of(&self.path, what, remedy)
    }

    /// The next record; `None` at the end.
    pub fn next_record(&mut self) -> Result<Option<Record<'_>>, FormatError> {
        let Some(end) = self.scan()? else { return Ok(None) };
        self.take(end).map(Some)
    }

    /// The next record that is not blank; `None` at the end.
    pub fn next_row(&mut self) -> Result<Option<Record<'_>>, FormatError> {
        loop {
            let Some(end) = self.scan()? else { return Ok(None) };
            if !self.fields.is_empty() {
                return self.take(end).map(Some);
            }
            self.line += 1;
            self.start += end;
        }
    }

    /// Lends the scanned record of `end` bytes and moves behind it.
    fn take(&mut self, end: usize) -> Result<Record<'_>, FormatError> {
        let line = self.line;
        let bytes = &self.buffer[self.start..self.start + end];
        let raw = match std::str::from_utf8(bytes) {
            Ok(raw) => raw,
            Err(e) => return Err(self.not_utf8(bytes, e.valid_up_to())),
        };
        self.line += lines_in(bytes);
        self.start += end;
        Ok(Record { raw, fields: &self.fields, line })
    }

    /// Finds the end of the next record and fills `self.fields`.
    fn scan(&mut self) -> Result<Option<usize>, FormatError> {
        let mut state = State::FieldStart;
        let mut span = Span { start: 0, end: 0, quoted: false, escaped: false };
        let mut at = 0;
        self.fields.clear();
        loop {
            if self.start + at >= self.buffer.len() && !self.refill()? {
                break;
            }
            let text = &self.buffer[self.start..];
            match state {
                State::FieldStart => {
                    span = Span { start: at, end: at, quoted: false, escaped: false };
                    if Some(text[at]) == self.quote {
                        span.quoted = true;
                        state = State::Quoted;
                        at += 1;
                    } else {
                        state = State::Plain;
                    }
                }
                State::Plain => {
                    let stretch = text[at..].iter().position(|&b| self.stops[b as usize]);
                    at += stretch.unwrap_or(text.len() - at);
                    if stretch.is_none() {
                        self.check_field(at - span.start)?;
                        continue;
                    }
                    let stop = text[at];
                    span.end = at;
                    self.close_field(span)?;
                    if stop == self.delimiter {
                        at += 1;
                        state = State::FieldStart;
                        // A delimiter at the very end of the file opens one more, empty field.
                        if self.start + at >= self.buffer.len() && !self.refill()? {
                            self.close_field(Span { start: at, end: at, quoted: false, escaped: false })?;
                            return Ok(Some(at));
                        }
                        continue;
                    }
                    return self.end_of_line(at, stop).map(Some);
                }
                State::Quoted => {
                    let quote = self.quote.unwrap_or(b'"');
                    let stretch = text[at..].iter().position(|&b| b == quote);
                    at += stretch.unwrap_or(text.len() - at);
                    if stretch.is_some() {
                        at += 1;
                        state = State::Quote;
                    } else if at - span.start > MAX_FIELD
                        || (at - span.start > MAX_QUOTED_LINES && text[span.start..at].contains(&b'\n'))
                    {
                        return Err(self.unclosed(span.start));
                    }
                }
                State::Quote => {
                    if Some(text[at]) == self.quote {
                        span.escaped = true;
                        at += 1;
                        state = State::Quoted;
                    } else {
                        // Anything but a stop after the closing quote is taken as it stands.
                        span.escaped |= !self.stops[text[at] as usize];
                        state = State::Plain;
                    }
                }
            }
        }
        // The file ended.
        match state {
            State::FieldStart if at == 0 => Ok(None),
            State::Quoted => Err(self.unclosed(span.start)),
            _ => {
                span.end = at;
                self.close_field(span)?;
                Ok(Some(at))
            }
        }
    }

    fn close_field(&mut self, span: Span) -> Result<(), FormatError> {
        self.check_field(span.end - span.start)?;
        if self.fields.len() >= MAX_COLUMNS {
            let what = format!("a row has more than {MAX_COLUMNS} columns");
            return Err(self
                .error(what, "tables have one row an item or annotation; transpose it")
                .at_line(self.line));
        }
        self.fields.push(span);
        Ok(())
    }

    fn check_field(&self, len: usize) -> Result<(), FormatError> {
        if len <= MAX_FIELD {
            return Ok(());
        }
        Err(self.error("a cell is longer than 16 MiB", "shorten it").at_line(self.line))
    }

    /// The record's length with its line end; a line without a character has no fields.
    fn end_of_line(&mut self, mut at: usize, stop: u8) -> Result<usize, FormatError> {
        at += 1;
        if stop == b'\r' {
            let there = self.start + at < self.buffer.len() || self.refill()?;
            if there && self.buffer[self.start + at] == b'\n' {
                at += 1;
            }
        }
        if self.fields.len() == 1 && self.fields[0].end == 0 {
            self.fields.clear();
        }
        Ok(at)
    }

    fn unclosed(&self, opened: usize) -> FormatError {
        let before = &self.buffer[self.start..self.start + opened];
        let column = (self.fields.len() + 1).to_string();
        self.error(
            "a quotation mark opens a cell here and is never closed",
            "close it, or double it if it is part of the text",
        )
        .at_line(self.line + lines_in(before))
        .in_column(column)
    }

    fn not_utf8(&self, bytes: &[u8], valid: usize) -> FormatError {
        let before = &bytes[..valid];
        let line_start = before.iter().rposition(|&b| b == b'\n' || b == b'\r').map_or(0, |i| i + 1);
        let column = String::from_utf8_lossy(&before[line_start..]).chars().count() + 1;
        let what = format!("byte 0x{:02X} is not valid UTF-8", bytes[valid]);
        self.error(what, super::encoding::remedy(bytes, valid))
            .at_line(self.line + lines_in(before))
            .in_column(column.to_string())
    }
}

/// Line ends in `bytes`: LF, CRLF and CR count one each.
pub(super) fn lines_in(bytes: &[u8]) -> u64 {
    // Nearly every record has one line end, at its end.
    let mut n = 0;
    for (i, &b) in bytes.iter().enumerate() {
        n += u64::from(b == b'\n' || (b == b'\r' && bytes.get(i + 1) != Some(&b'\n')));
    }
    n
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::progress::Progress;

    fn read(text: &[u8], dialect: &Dialect) -> Result<Vec<Vec<String>>, FormatError> {
        let progress = Progress::new();
        let reader = TextReader::new(Box::new(text), std::path::Path::new("t.csv"), &progress);
        let mut records = RecordReader::new(reader, dialect);
        let (mut out, mut raw) = (Vec::new(), String::new());
        while let Some(r) = records.next_record()? {
            raw.push_str(r.raw);
            if !r.is_empty() {
                out.push((0..r.len()).map(|i| r.get(i).into_owned()).collect());
            }
        }
        assert_eq!(raw.as_bytes(), text, "raw records make up the file");
        Ok(out)
    }

    fn comma(text: &str) -> Result<Vec<Vec<String>>, FormatError> {
        read(text.as_bytes(), &Dialect::default())
    }

    #[test]
    fn quotes_line_ends_and_blank_lines() {
        let rows = comma("a,\"b \"\"x\"\"\",\r\n\n\"l1\nl2\",\"\"\r,\"q\"z\r\n").unwrap();
        assert_eq!(rows, [vec!["a", "b \"x\"", ""], vec!["l1\nl2", ""], vec!["", "qz"]]);
        assert_eq!(comma("a,").unwrap(), [["a", ""]]);
        assert_eq!(comma("").unwrap(), Vec::<Vec<String>>::new());
    }

    #[test]
    fn an_unclosed_quote_names_the_line_where_it_opened() {
        let e = comma("a,b\n\"x\ny\",\"z\nz\nz").unwrap_err().to_string();
        assert!(e.starts_with("t.csv, line 3, column 2: a quotation mark"), "{e}");
    }

    #[test]
    fn an_unclosed_quote_stops_after_a_mebibyte() {
        let text = format!("a\n\"x\n{}", "row\n".repeat(1 << 20));
        let e = comma(&text).unwrap_err().to_string();
        assert!(e.contains("line 2"), "{e}");
        let long = format!("a\n\"{}\"\n", "x".repeat(3 << 20));
        assert_eq!(comma(&long).unwrap()[1][0].len(), 3 << 20);
    }

    #[test]
    fn invalid_utf8_is_named_by_line_column_and_byte() {
        let e = read(b"id,text\n1,caf\xe9\n", &Dialect::default()).unwrap_err().to_string();
        assert!(e.starts_with("t.csv, line 2, column 6: byte 0xE9"), "{e}");
        assert!(e.contains("“1,café”") && e.contains("--encoding"), "{e}");
    }

    #[test]
    fn too_many_columns_and_too_long_cells_are_refused() {
        assert!(comma(&",".repeat(MAX_COLUMNS)).unwrap_err().to_string().contains("columns"));
        assert!(comma(&"x".repeat(MAX_FIELD + 1)).unwrap_err().to_string().contains("16 MiB"));
    }

    #[test]
    fn literal_quotes_are_characters() {
        let dialect = Dialect { delimiter: b'\t', quoting: QuoteStyle::Literal, ..Dialect::default() };
        assert_eq!(read(b"\"a\t5\"\n", &dialect).unwrap(), [["\"a", "5\""]]);
        let mut out = String::new();
        assert!(dialect.push_cell("\"x", false, &mut out) && !dialect.push_cell("x\ty", false, &mut out));
    }

    #[test]
    fn numbers_are_finite_and_plain() {
        assert_eq!(parse_number("0,25", true), Some(0.25));
        assert_eq!(parse_number("0,25", false), None);
        assert_eq!(parse_number("-1.5e3", false), Some(-1500.0));
        for no in ["", "nan", "inf", "1e999", "1,2,3", "1.000,5", "0x1"] {
            assert_eq!(parse_number(no, true), None, "{no}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        /// The csv crate is the oracle for what fields say.
        #[test]
        fn reads_what_the_csv_crate_reads(text in "[ab,\"\r\né]{0,40}") {
            let mut oracle = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
            let expected: Vec<Vec<String>> =
                oracle.records().map(|r| r.unwrap().iter().map(str::to_owned).collect()).collect();
            // Where the crate reads an unclosed quote to the end, the scanner says so.
            if let Ok(rows) = comma(&text) {
                prop_assert_eq!(rows, expected);
            }
        }

        #[test]
        fn what_is_written_is_read_again(cells in prop::collection::vec("[ab,;\t\"\r\n| é]{0,6}", 1..6),
            delimiter in prop::sample::select(vec![b',', b';', b'\t', b'|']), always in any::<bool>()) {
            let quoting = if always { QuoteStyle::Always } else { QuoteStyle::Necessary };
            let dialect = Dialect { delimiter, quoting, ..Dialect::default() };
            let mut line = String::new();
            for (i, cell) in cells.iter().enumerate() {
                if i > 0 { line.push(delimiter as char); }
                prop_assert!(dialect.push_cell(cell, false, &mut line));
            }
            line.push('\n');
            prop_assume!(line != "\n");
            prop_assert_eq!(read(line.as_bytes(), &dialect).unwrap(), [cells]);
        }
    }
}
