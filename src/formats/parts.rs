//! A stretch of text → columns of codes. Stretches are read side by side: each begins where a record probably
//! begins, and what was read of it is thrown away if the stretch before turns out to end elsewhere.

use super::batch::{Coded, NO_CELL};
use super::delimited::{Dialect, Span};
use super::intern::Interner;
use super::neutralise::is_risky;
use super::scan::{Found, Scanner};
use super::table::unescape;

/// Rows after which a column that hardly repeats itself is no longer looked up.
const TRIAL: usize = 2048;

/// How reading a stretch ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// At the next stretch.
    Done,
    /// In a record that the text does not hold wholly.
    Cut,
    /// At a record that cannot be read.
    Trouble,
}

/// How often something was met in a stretch, and on which of its lines first.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Met {
    pub(super) count: u64,
    pub(super) first: u64,
}

impl Met {
    fn hit(&mut self, line: u64) {
        if self.count == 0 {
            self.first = line;
        }
        self.count += 1;
    }
}

/// What was read of a stretch.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) start: usize,
    /// Where the first record begins that was not read.
    pub(super) end: usize,
    pub(super) stop: Stop,
    pub(super) rows: usize,
    pub(super) columns: Vec<Coded>,
    /// One a row, the stretch's first line being 0.
    pub(super) lines: Vec<u64>,
    /// Line ends in all.
    pub(super) n_lines: u64,
    pub(super) short: Vec<(u32, u32)>,
    pub(super) ragged: Met,
    pub(super) nul: Met,
    pub(super) formula: Met,
}

/// How to read stretches.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading<'t> {
    pub(super) text: &'t str,
    /// Whether the text is the file's last.
    pub(super) last: bool,
    pub(super) dialect: &'t Dialect,
    pub(super) wanted: &'t [bool],
}

impl Reading<'_> {
    /// Reads from `start` until a record begins at `limit` or behind it. `undone` says of which cells of a row (from
    /// 0) an apostrophe is taken away that export put there.
    pub(super) fn part<'u>(&self, start: usize, limit: usize, undone: impl Fn(usize) -> &'u [u32]) -> Part {
        let bytes = self.text.as_bytes();
        let scanner = Scanner::new(self.dialect);
        let mut fields: Vec<Span> = Vec::new();
        let mut coders: Vec<Option<Coder>> = self.wanted.iter().map(|&w| w.then(Coder::default)).collect();
        let width = coders.len();
        let risks = Risks::default();
        let has_nul = bytes[start..limit.max(start)].contains(&0);
        let mut part = Part {
            start,
            end: start,
            stop: Stop::Done,
            rows: 0,
            columns: Vec::new(),
            lines: Vec::new(),
            n_lines: 0,
            short: Vec::new(),
            ragged: Met::default(),
            nul: Met::default(),
            formula: Met::default(),
        };
        while part.end < limit {
            let (end, lines) = match scanner.next(bytes, part.end, self.last, &mut fields) {
                Found::Record { end, lines } => (end, lines),
                Found::Cut => {
                    part.stop = Stop::Cut;
                    break;
                }
                Found::Trouble => {
                    part.stop = Stop::Trouble;
                    break;
                }
            };
            let (begin, line) = (part.end, part.n_lines);
            part.end = end;
            part.n_lines += lines;
            if fields.is_empty() {
                continue;
            }
            if fields.len() != width {
                part.ragged.hit(line);
                if fields.len() < width {
                    part.short.push((part.rows as u32, fields.len() as u32));
                }
            }
            let raw = &self.text[begin..end];
            // The row that crosses the limit was not looked at as a whole.
            if (has_nul || end > limit) && raw.contains('\0') {
                part.nul.hit(line);
            }
            let undone = undone(part.rows);
            let mut risky = false;
            for (i, field) in fields.iter().enumerate() {
                let coder = coders.get_mut(i).and_then(Option::as_mut);
                let first = bytes.get(field.start + usize::from(field.quoted)).copied().unwrap_or(0);
                if undone.is_empty() && !field.escaped && !risks.0[first as usize] {
                    if let Some(coder) = coder {
                        let quote = usize::from(field.quoted);
                        coder.push(&self.text[field.start + quote..field.end - quote]);
                    }
                    continue;
                }
                let mut cell = field.content(self.text);
                if undone.contains(&(i as u32)) {
                    cell = unescape(cell);
                }
                risky = risky || is_risky(&cell);
                if let Some(coder) = coder {
                    coder.push(&cell);
                }
            }
            if risky && raw.contains(['=', '+', '-', '@', '＝', '＋', '－', '＠']) {
                part.formula.hit(line);
            }
            for coder in coders.iter_mut().skip(fields.len()).flatten() {
                coder.codes.push(NO_CELL);
            }
            part.lines.push(line);
            part.rows += 1;
        }
        part.columns = coders.into_iter().map(|c| c.map_or_else(Coded::default, Coder::finish)).collect();
        part
    }
}

/// Whether a cell may begin a formula, by its first byte.
struct Risks([bool; 256]);

impl Default for Risks {
    fn default() -> Self {
        let mut risks = [false; 256];
        // A byte order mark and the wide signs begin with 0xEF.
        for b in *b"\t\r\0 ;=+-@\xef" {
            risks[b as usize] = true;
        }
        Self(risks)
    }
}

/// Gives cells their codes.
#[derive(Debug, Default)]
struct Coder {
    codes: Vec<u32>,
    values: Interner,
    /// A column that hardly repeats itself: what it says, without looking whether that was said before.
    plain: Option<crate::dataset::TextColumn>,
}

impl Coder {
    fn push(&mut self, cell: &str) {
        if let Some(values) = &mut self.plain {
            let code = match self.codes.last() {
                Some(&last) if last != NO_CELL && values.get(last as usize) == cell => last,
                _ => values.push(cell) as u32,
            };
            self.codes.push(code);
            return;
        }
        // A stretch is shorter than four billion rows.
        self.codes.push(self.values.intern(cell).map_or(NO_CELL, |(code, _)| code));
        if self.codes.len() == TRIAL && self.values.len() * 4 > TRIAL * 3 {
            self.plain = Some(std::mem::take(&mut self.values).into_strings());
        }
    }

    fn finish(self) -> Coded {
        Coded { codes: self.codes, values: self.plain.unwrap_or_else(|| self.values.into_strings()) }
    }
}
