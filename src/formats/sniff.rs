//! How a delimited file is written, from its first 256 KiB: delimiter, quoting, line end, encoding.

use std::path::Path;

use super::delimited::{Dialect, QuoteStyle, RecordReader, parse_number};
use super::error::FormatError;
use super::text::{Encoding, TextReader};
use crate::progress::Progress;

/// Records looked at.
const RECORDS: usize = 500;

/// What reading the sample with one delimiter shows.
struct Trial {
    dialect: Dialect,
    columns: usize,
    /// Share of records that have as many fields as the header.
    regular: f64,
    /// A quoted cell goes on after its closing quote, or never closes.
    odd_quotes: bool,
}

/// The dialect of the table at `path`.
pub(crate) fn sniff(path: &Path) -> Result<Dialect, FormatError> {
    sniff_as(path, None)
}

/// The same for text in an encoding that somebody chose.
pub(crate) fn sniff_as(path: &Path, encoding: Option<Encoding>) -> Result<Dialect, FormatError> {
    let progress = Progress::new();
    let mut text = TextReader::open(path, &progress)?.encoded(encoding);
    let mut sample = Vec::new();
    text.fill(&mut sample)?;
    let whole = !text.fill(&mut Vec::new())?;
    Ok(sniff_text(&sample, whole, text.encoding()))
}

/// The dialect of a sample of text, `whole` if it is the whole file.
pub(crate) fn sniff_text(sample: &[u8], whole: bool, encoding: Encoding) -> Dialect {
    let mut best: Option<Trial> = None;
    for delimiter in [b',', b'\t', b';', b'|'] {
        let mut found = trial(sample, whole, Dialect { delimiter, encoding, ..Dialect::default() });
        if delimiter == b'\t' && found.odd_quotes {
            // Tab-separated files often know no quotes: then a quotation mark is a character.
            let dialect = Dialect { quoting: QuoteStyle::Literal, ..found.dialect };
            let literal = trial(sample, whole, dialect);
            if literal.regular >= found.regular {
                found =
                    Trial { dialect: Dialect { quoting: QuoteStyle::Literal, ..literal.dialect }, ..literal };
            }
        }
        let better = match &best {
            None => true,
            Some(b) if b.columns < 2 => found.columns >= 2,
            Some(b) => {
                found.columns >= 2
                    && (found.regular > b.regular
                        || (found.regular == b.regular && found.columns > b.columns))
            }
        };
        if better {
            best = Some(found);
        }
    }
    best.map_or_else(Dialect::default, |t| t.dialect)
}

fn trial(sample: &[u8], whole: bool, dialect: Dialect) -> Trial {
    let progress = Progress::new();
    // The sample is UTF-8 already; a byte order mark inside it would be text.
    let text = TextReader::new(Box::new(sample), Path::new(""), &progress);
    let mut records = RecordReader::new(text, &dialect);
    let mut trial = Trial { dialect, columns: 0, regular: 0.0, odd_quotes: false };
    let (mut n, mut regular, mut consumed) = (0usize, 0usize, 0usize);
    let (mut quoted, mut bare_numbers, mut bare_words) = (0usize, 0usize, 0usize);
    while n < RECORDS {
        let record = match records.next_record() {
            Ok(Some(record)) => record,
            Ok(None) => break,
            Err(_) => {
                trial.odd_quotes |= whole;
                break;
            }
        };
        consumed += record.raw.len();
        if record.is_empty() {
            continue;
        }
        // The last record of a cut sample may be cut too.
        if !whole && n > 0 && consumed == sample.len() {
            break;
        }
        if n == 0 {
            trial.columns = record.len();
            trial.dialect.line_end = match record.line_end() {
                "\r\n" => "\r\n",
                "\r" => "\r",
                _ => "\n",
            };
        }
        n += 1;
        regular += usize::from(record.len() == trial.columns);
        for i in 0..record.len() {
            let raw = record.raw_field(i);
            if record.is_quoted(i) {
                quoted += 1;
                trial.odd_quotes |= raw.len() < 2 || !raw.ends_with('"');
            } else if parse_number(raw, true).is_some() {
                bare_numbers += 1;
            } else if !raw.is_empty() {
                bare_words += 1;
            }
        }
    }
    if n > 0 {
        trial.regular = regular as f64 / n as f64;
    }
    if dialect.quoting == QuoteStyle::Necessary && quoted > 0 && bare_words == 0 {
        trial.dialect.quoting = if bare_numbers > 0 { QuoteStyle::NonNumeric } else { QuoteStyle::Always };
    }
    trial
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> (char, QuoteStyle, &'static str) {
        let d = sniff_text(text.as_bytes(), true, Encoding::Utf8);
        (d.delimiter as char, d.quoting, d.line_end)
    }

    #[test]
    fn delimiter_quoting_and_line_end() {
        assert_eq!(of("id,text,label\r\n1,a;b;c,x\r\n"), (',', QuoteStyle::Necessary, "\r\n"));
        assert_eq!(of("id;p\n1;0,25\n2;0,75\n"), (';', QuoteStyle::Necessary, "\n"));
        assert_eq!(of("a|b\r1|2\r"), ('|', QuoteStyle::Necessary, "\r"));
        assert_eq!(of("\"a\"\t\"b\"\n\"1\"\t\"2\"\n"), ('\t', QuoteStyle::Always, "\n"));
        assert_eq!(of("\"a\",\"b\"\n\"x\",2\n"), (',', QuoteStyle::NonNumeric, "\n"));
        assert_eq!(of("label\nx\n"), (',', QuoteStyle::Necessary, "\n"));
    }

    #[test]
    fn tables_without_quoting_are_recognised() {
        assert_eq!(of("id\ttext\n1\t\"quoted\" start\n2\t5\"\n").1, QuoteStyle::Literal);
        assert_eq!(of("id\ttext\n1\t\"open\n2\tx\n").1, QuoteStyle::Literal);
        assert_eq!(of("id\ttext\n1\t\"a\tb\"\n2\tx\n").1, QuoteStyle::Necessary);
    }
}
