//! Finds the records of text that is in memory, as [`RecordReader`](super::delimited::RecordReader) does of text
//! that is read as it goes. What is wrong with a record is not said here: whoever scans lets that reader say it.

use super::delimited::{
    Dialect, MAX_COLUMNS, MAX_FIELD, MAX_QUOTED_LINES, MAX_RECORD, QuoteStyle, Span, lines_in,
};

const LOW: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// A record, or a blank line if it has no fields.
    Record {
        /// Where the next one begins.
        end: usize,
        /// Line ends in it.
        lines: u64,
    },
    /// The text ends before the record does.
    Cut,
    /// This is no record that can be read.
    Trouble,
}

/// Cuts text in one dialect.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scanner {
    delimiter: u8,
    quote: Option<u8>,
    needles: [u64; 3],
}

impl Scanner {
    /// For text in `dialect`.
    pub(super) fn new(dialect: &Dialect) -> Self {
        let needles = [dialect.delimiter, b'\n', b'\r'].map(|b| u64::from(b) * LOW);
        Self { delimiter: dialect.delimiter, quote: dialect.quote(), needles }
    }

    /// The record that begins at `begin`, which is before the end of `text`; its fields lie in `fields`. `last` says
    /// that nothing follows `text`.
    pub(super) fn next(&self, text: &[u8], begin: usize, last: bool, fields: &mut Vec<Span>) -> Found {
        fields.clear();
        let (mut at, mut lines) = (begin, 0);
        loop {
            if at >= text.len() {
                if !last {
                    return Self::cut(text, begin, at);
                }
                // A delimiter at the very end of the file opens one more, empty field.
                let closed = Self::close(fields, at, at, false, false);
                return if closed { Found::Record { end: at, lines } } else { Found::Trouble };
            }
            let start = at;
            let (mut quoted, mut escaped) = (false, false);
            if Some(text[at]) == self.quote {
                quoted = true;
                at += 1;
                loop {
                    let Some(n) = find(&text[at..], text[start]) else {
                        let lines = || text[start..].contains(&b'\n');
                        let len = text.len() - start;
                        return if last || len > MAX_FIELD || (len > MAX_QUOTED_LINES && lines()) {
                            Found::Trouble
                        } else {
                            Self::cut(text, begin, start)
                        };
                    };
                    at += n + 1;
                    if at < text.len() && text[at] == text[start] {
                        escaped = true;
                        at += 1;
                        continue;
                    }
                    break;
                }
                lines += lines_in(&text[start..at]);
            }
            let stop = self.stop(text, at);
            // Anything but a stop after the closing quote is taken as it stands.
            escaped |= quoted && stop > at;
            at = stop;
            if at == text.len() {
                if !last {
                    return Self::cut(text, begin, start);
                }
                let closed = Self::close(fields, start, at, quoted, escaped);
                return if closed { Found::Record { end: at, lines } } else { Found::Trouble };
            }
            if !Self::close(fields, start, at, quoted, escaped) {
                return Found::Trouble;
            }
            let stop = text[at];
            at += 1;
            if stop == self.delimiter {
                continue;
            }
            if stop == b'\r' {
                match text.get(at) {
                    Some(b'\n') => at += 1,
                    Some(_) => {}
                    None if last => {}
                    None => return Found::Cut,
                }
            }
            if fields.len() == 1 && fields[0].end == begin {
                fields.clear();
            }
            return Found::Record { end: at, lines: lines + 1 };
        }
    }

    /// More text may complete it, unless it is too long already.
    fn cut(text: &[u8], begin: usize, field: usize) -> Found {
        let long = text.len() - begin > MAX_RECORD || text.len() - field > MAX_FIELD;
        if long { Found::Trouble } else { Found::Cut }
    }

    fn close(fields: &mut Vec<Span>, start: usize, end: usize, quoted: bool, escaped: bool) -> bool {
        if fields.len() >= MAX_COLUMNS || end - start > MAX_FIELD {
            return false;
        }
        fields.push(Span { start, end, quoted, escaped });
        true
    }

    /// Where the stretch of ordinary characters from `at` ends.
    fn stop(&self, text: &[u8], mut at: usize) -> usize {
        while let Some(chunk) = text[at..].first_chunk::<8>() {
            let word = u64::from_le_bytes(*chunk);
            let hits = self.needles.iter().fold(0, |hits, needle| {
                let x = word ^ needle;
                hits | (x.wrapping_sub(LOW) & !x & HIGH)
            });
            if hits != 0 {
                return at + (hits.trailing_zeros() / 8) as usize;
            }
            at += 8;
        }
        let stops = |&b: &u8| b == self.delimiter || b == b'\n' || b == b'\r';
        text[at..].iter().position(stops).map_or(text.len(), |n| at + n)
    }
}

/// Where `byte` is first in `text`.
fn find(text: &[u8], byte: u8) -> Option<usize> {
    let needle = u64::from(byte) * LOW;
    let mut at = 0;
    while let Some(chunk) = text[at..].first_chunk::<8>() {
        let x = u64::from_le_bytes(*chunk) ^ needle;
        let hits = x.wrapping_sub(LOW) & !x & HIGH;
        if hits != 0 {
            return Some(at + (hits.trailing_zeros() / 8) as usize);
        }
        at += 8;
    }
    text[at..].iter().position(|&b| b == byte).map(|n| at + n)
}

/// Places at which records probably begin, about `step` apart, the first at 0. A place inside a quoted cell is
/// possible, so that whoever uses them must check that the record before ends there.
pub(super) fn probable_starts(text: &[u8], dialect: &Dialect, step: usize) -> Vec<usize> {
    let end = if dialect.line_end == "\r" { b'\r' } else { b'\n' };
    let quotes = dialect.quoting != QuoteStyle::Literal;
    let (mut starts, mut from, mut inside) = (vec![0], 0, false);
    while text.len() - from > step + step / 2 {
        let target = from + step;
        if quotes {
            inside ^= text[from..target].iter().fold(false, |odd, &b| odd ^ (b == b'"'));
        }
        let mut at = target;
        loop {
            match text.get(at) {
                None => return starts,
                Some(b'"') if quotes => inside = !inside,
                Some(&b) if b == end && !inside => break,
                Some(_) => {}
            }
            at += 1;
        }
        from = at + 1;
        starts.push(from);
    }
    starts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::delimited::RecordReader;
    use super::super::text::TextReader;
    use super::*;
    use crate::progress::Progress;

    fn oracle(text: &str, dialect: &Dialect) -> Option<Vec<(Vec<String>, u64)>> {
        let progress = Progress::new();
        let reader = TextReader::of_text(Box::new(text.as_bytes()), std::path::Path::new("t"), &progress);
        let mut records = RecordReader::new(reader, dialect);
        let mut out = Vec::new();
        while let Some(r) = records.next_record().ok()? {
            out.push(((0..r.len()).map(|i| r.get(i).into_owned()).collect(), r.line));
        }
        Some(out)
    }

    fn scanned(text: &str, dialect: &Dialect) -> Option<Vec<(Vec<String>, u64)>> {
        let (scanner, mut fields, mut at, mut line) = (Scanner::new(dialect), Vec::new(), 0, 1);
        let mut out = Vec::new();
        while at < text.len() {
            let Found::Record { end, lines } = scanner.next(text.as_bytes(), at, true, &mut fields) else {
                return None;
            };
            out.push((fields.iter().map(|f| f.content(text).into_owned()).collect(), line));
            (at, line) = (end, line + lines);
        }
        Some(out)
    }

    #[test]
    fn too_much_is_trouble_and_too_little_is_cut() {
        let scanner = Scanner::new(&Dialect::default());
        let mut fields = Vec::new();
        let mut next = |text: &str, last| scanner.next(text.as_bytes(), 0, last, &mut fields);
        assert_eq!(next("a,\"b", false), Found::Cut);
        assert_eq!(next("a,\"b", true), Found::Trouble);
        assert_eq!(next("a,b\r", false), Found::Cut);
        assert_eq!(next("a,b\r", true), Found::Record { end: 4, lines: 1 });
        assert_eq!(next("a,", false), Found::Cut);
        assert_eq!(next(&",".repeat(MAX_COLUMNS), true), Found::Trouble);
        assert_eq!(next(&"x".repeat(MAX_FIELD + 1), false), Found::Trouble);
        assert_eq!(next(&format!("\"{}", "row\n".repeat(1 << 19)), false), Found::Trouble);
    }

    #[test]
    fn probable_starts_are_outside_of_quotes() {
        let text = "a,\"x\ny\nz\"\n".repeat(100);
        let starts = probable_starts(text.as_bytes(), &Dialect::default(), 64);
        assert!(starts.len() > 10 && starts.iter().all(|s| s % 10 == 0), "{starts:?}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]

        #[test]
        fn finds_what_the_reader_finds(text in "[abcdefgh,;\"\r\n é]{0,60}", quoted in any::<bool>()) {
            let quoting = if quoted { QuoteStyle::Necessary } else { QuoteStyle::Literal };
            let dialect = Dialect { quoting, ..Dialect::default() };
            prop_assert_eq!(scanned(&text, &dialect), oracle(&text, &dialect));
        }
    }
}
