//! A delimited file as [`Batches`]: blocks of a few megabytes, hashed and cut into records on all cores.
//!
//! What comes out does not depend on how many cores there are: blocks and stretches are cut by length, and a
//! stretch counts only if it begins where the one before ends.

use std::collections::{HashMap, VecDeque};
use std::io::Read;
use std::path::{Path, PathBuf};

use encoding_rs::Decoder;
use parking_lot::Mutex;
use rayon::prelude::*;
use sha2::{Digest as _, Sha256};

use super::archive::{self, Disk};
use super::batch::{Batch, Batches};
use super::delimited::{Dialect, MAX_RECORD, RecordReader, lines_in};
use super::error::FormatError;
use super::notes::{Notes, Place, Tally};
use super::parts::{Met, Part, Reading, Stop};
use super::scan::probable_starts;
use super::table::Table;
use super::text::{TextReader, decode, hex_digest, malformed};
use crate::dataset::SourceFile;
use crate::progress::Progress;

/// Bytes read at once.
const BLOCK: usize = 4 << 20;
/// Bytes of a stretch.
const STRETCH: usize = 512 << 10;

/// What is met in rows and told at the end.
#[derive(Default)]
struct Tallies {
    formula: Tally,
    ragged: Tally,
    nul: Tally,
}

/// Reads a delimited file once.
pub(super) struct Blocks {
    path: PathBuf,
    dialect: Dialect,
    names: Vec<String>,
    undo: HashMap<u64, Vec<u32>>,
    /// Locked only so that stretches may look at the rest of this from several threads.
    file: Mutex<Box<dyn Read + Send>>,
    /// The packed file, where the text comes out of an archive, and how much of it was told to the progress.
    disk: Option<Disk>,
    told: u64,
    decoder: Option<Decoder>,
    hasher: Sha256,
    bytes: u64,
    /// Decoded text that was not cut yet, from `start`.
    text: Vec<u8>,
    start: usize,
    /// Bytes of the header that are still to be passed over.
    header: usize,
    ended: bool,
    /// Of the first record that was not read.
    line: u64,
    rows: u64,
    ready: VecDeque<Batch>,
    trouble: Option<FormatError>,
    tallies: Tallies,
    begun: bool,
}

impl Blocks {
    /// Opens the table at `path`. What is odd about its header is noted.
    pub(super) fn open(path: &Path, dialect: &Dialect, notes: &mut Notes) -> Result<Self, FormatError> {
        let progress = Progress::new();
        let mut table = Table::open(path, dialect, notes, &progress)?;
        let header = table.header.raw.len() + table.header.line_end.len();
        let line = 1 + lines_in(table.header.raw.as_bytes()) + u64::from(!table.header.line_end.is_empty());
        let opened = archive::open(path)?;
        Ok(Self {
            path: path.to_owned(),
            dialect: *dialect,
            names: std::mem::take(&mut table.names),
            undo: table.take_escapes(),
            file: Mutex::new(opened.reader),
            disk: opened.disk,
            told: 0,
            decoder: dialect.encoding.decoder(),
            hasher: Sha256::new(),
            bytes: 0,
            text: Vec::new(),
            start: 0,
            header,
            ended: false,
            line,
            rows: 0,
            ready: VecDeque::new(),
            trouble: None,
            tallies: Tallies::default(),
            begun: false,
        })
    }

    /// Reads the next bytes of the file behind `out`; how many.
    fn read(&mut self, out: &mut Vec<u8>, progress: &Progress) -> Result<usize, FormatError> {
        progress.check()?;
        let read = self.file.get_mut().take(BLOCK as u64).read_to_end(out);
        let n = read.map_err(|e| FormatError::io(&self.path, "read", &e))?;
        self.bytes += n as u64;
        match self.disk.as_ref().map(Disk::position) {
            Some(now) => progress.add(now - std::mem::replace(&mut self.told, now)),
            None => progress.add(n as u64),
        }
        self.ended = n < BLOCK;
        Ok(n)
    }

    /// Reads and cuts one more block.
    fn block(&mut self, wanted: &[bool], progress: &Progress) -> Result<(), FormatError> {
        let mut text = std::mem::take(&mut self.text);
        text.drain(..self.start);
        self.start = 0;
        let first = self.bytes == 0;
        // The raw bytes are hashed while the text is cut.
        let mut raw = Vec::new();
        let mut fresh = text.len();
        match self.decoder.take() {
            None => {
                text.reserve(BLOCK);
                self.read(&mut text, progress)?;
                if first {
                    self.start = self.dialect.encoding.bom().len();
                }
            }
            Some(mut decoder) => {
                self.read(&mut raw, progress)?;
                let bom = if first { self.dialect.encoding.bom().len() } else { 0 };
                let before = self.bytes - (raw.len() - bom) as u64;
                decode(&mut decoder, &raw[bom..], self.ended, &mut text)
                    .map_err(|at| malformed(&self.path, self.dialect.encoding, before + at))?;
                self.decoder = Some(decoder);
                fresh = text.len();
            }
        }
        // The header is shorter than what was read of it when the file was opened, and may yet span blocks.
        let passed = self.header.min(text.len() - self.start);
        self.header -= passed;
        self.start += passed;
        let mut hasher = std::mem::take(&mut self.hasher);
        let parts = rayon::scope(|scope| {
            scope.spawn(|_| {
                hasher.update(&raw);
                hasher.update(&text[fresh..]);
            });
            self.parts(&text[self.start..], wanted)
        });
        self.hasher = hasher;
        self.text = text;
        let (parts, bad) = parts;
        self.accept(parts, bad);
        Ok(())
    }

    /// Cuts a block side by side. `true` if it holds bytes that are no text behind what was cut.
    fn parts(&self, bytes: &[u8], wanted: &[bool]) -> (Vec<Part>, bool) {
        let (text, bad) = match std::str::from_utf8(bytes) {
            Ok(text) => (text, false),
            Err(e) => {
                let text = std::str::from_utf8(&bytes[..e.valid_up_to()]).unwrap_or_default();
                // A character that goes on in the next block is no fault.
                (text, e.error_len().is_some() || self.ended)
            }
        };
        let reading = Reading { text, last: self.ended && !bad, dialect: &self.dialect, wanted };
        if !self.undo.is_empty() {
            // Which cells carry an apostrophe is known by the number of the row.
            let undone = |row| self.undo.get(&(self.rows + row as u64 + 1)).map_or(&[][..], Vec::as_slice);
            return (vec![reading.part(0, text.len(), undone)], bad);
        }
        let starts = probable_starts(text.as_bytes(), &self.dialect, STRETCH);
        let limit = |i: usize| starts.get(i + 1).copied().unwrap_or(text.len());
        let tried: Vec<Part> =
            (0..starts.len()).into_par_iter().map(|i| reading.part(starts[i], limit(i), |_| &[])).collect();
        let mut parts: Vec<Part> = Vec::with_capacity(tried.len());
        for (i, part) in tried.into_iter().enumerate() {
            let begin = parts.last().map_or(0, |p| p.end);
            if begin >= limit(i) && begin > 0 {
                continue;
            }
            let part = if part.start == begin { part } else { reading.part(begin, limit(i), |_| &[]) };
            let stop = part.stop;
            parts.push(part);
            if stop != Stop::Done {
                break;
            }
        }
        (parts, bad)
    }

    fn accept(&mut self, parts: Vec<Part>, bad: bool) {
        let (mut end, mut stop) = (0, Stop::Done);
        for mut part in parts {
            (end, stop) = (part.end, part.stop);
            let from = self.line;
            part.lines.iter_mut().for_each(|line| *line += from);
            let tell = |tally: &mut Tally, met: Met| tally.add(met.count, from + met.first);
            tell(&mut self.tallies.formula, part.formula);
            tell(&mut self.tallies.ragged, part.ragged);
            tell(&mut self.tallies.nul, part.nul);
            self.line += part.n_lines;
            self.rows += part.rows as u64;
            if part.rows > 0 {
                self.ready.push_back(Batch {
                    rows: part.rows,
                    columns: part.columns,
                    lines: part.lines,
                    short: part.short,
                    bytes: (part.end - part.start) as u64,
                });
            }
        }
        self.start += end;
        let long = self.text.len() - self.start > MAX_RECORD;
        if stop == Stop::Trouble || bad || long {
            self.trouble = Some(self.trouble_at(self.start));
        }
    }

    /// What is wrong with the record at `at`, in the words of the reader that is used everywhere else.
    fn trouble_at(&mut self, at: usize) -> FormatError {
        let progress = Progress::new();
        let rest = std::io::Cursor::new(&self.text[at..]);
        let text = match self.decoder {
            None => TextReader::of_text(Box::new(rest.chain(self.file.get_mut())), &self.path, &progress),
            Some(_) => TextReader::of_text(Box::new(rest), &self.path, &progress),
        };
        match RecordReader::new(text, &self.dialect).beginning_on(self.line).next_record() {
            Err(e) => e,
            Ok(_) => FormatError::of(&self.path, "this row cannot be read", "check its quotation marks")
                .at_line(self.line),
        }
    }

    fn tell(&mut self, notes: &mut Notes) {
        let tallies = std::mem::take(&mut self.tallies);
        let mut add = |code, tally: Tally, message: &str, remedy: &str| {
            notes.add(code, tally.place(None), tally.count, || (message.to_owned(), remedy.to_owned()));
        };
        add(
            "formula_cell",
            tallies.formula,
            "Rows have cells that a spreadsheet would run as formulas",
            "Export with --spreadsheet-safe if a spreadsheet will open the cleaned file",
        );
        add(
            "ragged_row",
            tallies.ragged,
            "Rows have more or fewer cells than the header",
            "Check the quotation marks and delimiters of these rows",
        );
        add(
            "nul_character",
            tallies.nul,
            "Cells hold NUL characters, shown as ␀",
            "Check the program that wrote the file",
        );
    }
}

impl Batches for Blocks {
    fn names(&self) -> &[String] {
        &self.names
    }

    fn next_batch(
        &mut self,
        wanted: &[bool],
        notes: &mut Notes,
        progress: &Progress,
    ) -> Result<Option<Batch>, FormatError> {
        if !self.begun {
            self.begun = true;
            let dialect = self.dialect;
            let unusual = u64::from(dialect.is_unusual());
            notes.add("dialect", Place { line: Some(1), column: None }, unusual, || {
                (
                    format!("The file was read as {}", dialect.describe()),
                    "The cleaned file is written alike".into(),
                )
            });
        }
        loop {
            if let Some(batch) = self.ready.pop_front() {
                return Ok(Some(batch));
            }
            if let Some(trouble) = self.trouble.take() {
                return Err(trouble);
            }
            if self.ended {
                self.tell(notes);
                return Ok(None);
            }
            self.block(wanted, progress)?;
        }
    }

    fn is_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    fn finish(mut self: Box<Self>, progress: &Progress) -> Result<SourceFile, FormatError> {
        let mut raw = Vec::new();
        while !self.ended {
            raw.clear();
            self.read(&mut raw, progress)?;
            self.hasher.update(&raw);
        }
        if let Some(disk) = self.disk.take() {
            let file = disk.rewound().map_err(|e| FormatError::io(&self.path, "read", &e))?;
            return TextReader::new(Box::new(file), &self.path, &Progress::new()).finish();
        }
        Ok(SourceFile { path: self.path, digest: hex_digest(self.hasher), bytes: self.bytes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_stops_between_blocks() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t.csv");
        std::fs::write(&path, format!("id,label\n{}", "1,a\n".repeat(5 << 20))).unwrap();
        let (mut notes, progress) = (Notes::new(&path), Progress::new());
        let mut blocks = Blocks::open(&path, &Dialect::default(), &mut notes).unwrap();
        let first = blocks.next_batch(&[true, false], &mut notes, &progress).unwrap().unwrap();
        assert!((first.rows * 4).abs_diff(STRETCH) < 8, "{}", first.rows);
        assert_eq!((first.lines[0], first.columns[0].get(7)), (2, "1"));
        assert!(first.columns[1].codes.is_empty(), "nobody asked for it");
        progress.cancel();
        while blocks.is_ready() {
            assert!(blocks.next_batch(&[true, false], &mut notes, &progress).unwrap().is_some());
        }
        let e = blocks.next_batch(&[true, false], &mut notes, &progress).unwrap_err();
        assert!(matches!(e, FormatError::Cancelled(_)));
    }
}
