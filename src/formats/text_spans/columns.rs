//! Files of one token a line: which columns there are, and where each cell stands.
//!
//! Columns are separated by one TAB, or by spaces. Sentences are separated by blank lines, documents by lines that
//! begin with `-DOCSTART-`; lines that begin with `#` and do not have the columns of a token are comments, of which
//! `# global.columns = …` names the columns.

use std::ops::Range;
use std::path::Path;

use super::super::error::FormatError;
use crate::dataset::tags::{is_blank, is_tag, parts};

/// How tokens' lines are laid out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) tabs: bool,
    /// Cells of a line.
    pub(super) width: usize,
    /// Names of the columns; empty where the file has none.
    pub(super) names: Vec<String>,
    /// Whether the names stand in a line that looks like a token's.
    header: bool,
    /// Which column holds the token.
    pub(super) token: usize,
    /// Which columns hold tags.
    pub(super) tags: Vec<usize>,
    /// Whether lines of documents or blank lines were seen.
    pub(super) divided: bool,
    /// Whether it is laid out as Label Studio does it.
    pub(super) label_studio: bool,
}

/// Most columns.
const MAX_COLUMNS: usize = 200;

impl Shape {
    /// Of the first lines of a file; `None` where no column holds tags.
    pub(super) fn of(head: &str) -> Option<Self> {
        let mut names = Vec::new();
        let mut divided = false;
        let mut lines: Vec<&str> = Vec::new();
        for line in head.lines().map(|l| l.trim_end_matches('\r')) {
            if line.trim().is_empty() {
                divided |= !lines.is_empty();
            } else if line.starts_with("-DOCSTART-") {
                divided = true;
            } else if let Some(columns) = line.strip_prefix("# global.columns =") {
                names = columns.split_whitespace().map(str::to_owned).collect();
            } else {
                lines.push(line);
            }
        }
        let first = lines.iter().find(|l| !l.starts_with('#'))?;
        let tabs = first.contains('\t');
        let width = cells(first, 0, tabs).len();
        if !(2..=MAX_COLUMNS).contains(&width) {
            return None;
        }
        let rows: Vec<Vec<&str>> = lines
            .iter()
            .map(|line| cells(line, 0, tabs).into_iter().map(|r| &line[r]).collect::<Vec<&str>>())
            .zip(&lines)
            .filter(|(row, line)| !is_comment(line, row, width))
            .map(|(row, _)| row)
            .collect();
        let (head, mut body) = rows.split_first()?;
        let says_tag = |cell: &str| is_tag(cell) || is_blank(cell);
        let header = names.is_empty() && !body.is_empty() && head.iter().skip(1).all(|c| !says_tag(c));
        if header {
            names = head.iter().map(|c| (*c).to_owned()).collect();
        } else {
            body = &rows;
        }
        if body.iter().any(|row| row.len() != width) || (!names.is_empty() && names.len() != width) {
            return None;
        }
        let is_tags = |c: usize| body.iter().all(|row| says_tag(row[c]));
        let marks = |c: usize| body.iter().any(|row| parts(row[c]).is_some());
        let called = |c: usize, of: &[&str]| {
            names.get(c).is_some_and(|n| of.contains(&n.trim().to_lowercase().as_str()))
        };
        let token_names = ["token", "tokens", "word", "words", "form", "text"];
        let token = (0..width).find(|&c| called(c, &token_names)).unwrap_or(0);
        let others: Vec<usize> = (0..width).filter(|&c| c != token).collect();
        let tags: Vec<usize> = if names.is_empty() {
            if others.iter().all(|&c| is_tags(c)) { others } else { vec![width - 1] }
        } else {
            let not_names = ["chunk", "chunks", "chunk_tag", "chunk_tags", "pos"];
            others.into_iter().filter(|&c| is_tags(c) && !called(c, &not_names)).collect()
        };
        if !tags.iter().all(|&c| is_tags(c)) || !tags.iter().any(|&c| marks(c)) {
            return None;
        }
        // A table of items with tags as labels has a header, too, but no sentences.
        if header && !divided && !called(token, &token_names[..5]) {
            return None;
        }
        let label_studio = width == 4 && body.iter().all(|row| row[1] == "-X-" && row[2] == "_");
        Some(Self { tabs, width, names, header, token, tags, divided, label_studio })
    }

    /// What a column is called.
    pub(super) fn name(&self, column: usize) -> String {
        self.names.get(column).cloned().unwrap_or_else(|| format!("column_{}", column + 1))
    }
}

impl Columns {
    /// Whether a comment of `text` would be taken for a token if there were one column more.
    pub(super) fn is_ambiguous(&self, text: &str) -> bool {
        let comments = text.lines().filter(|line| line.starts_with('#'));
        comments.filter(|line| !line.starts_with("# global.columns")).any(|line| {
            let row: Vec<&str> = cells(line, 0, self.shape.tabs).into_iter().map(|r| &line[r]).collect();
            is_comment(line, &row, self.shape.width) && !is_comment(line, &row, self.shape.width + 1)
        })
    }
}

fn is_comment(line: &str, row: &[&str], width: usize) -> bool {
    line.starts_with('#') && (row.len() != width || !row.last().is_some_and(|c| is_tag(c) || is_blank(c)))
}

/// Where the cells of a line stand; the line begins at byte `at`.
fn cells(line: &str, at: usize, tabs: bool) -> Vec<Range<usize>> {
    let mut list = Vec::new();
    let mut start = 0;
    for (end, _) in line.match_indices(if tabs { '\t' } else { ' ' }).chain([(line.len(), "")]) {
        if tabs || end > start {
            list.push(at + start..at + end);
        }
        start = end + 1;
    }
    list
}

/// One token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    /// From 1; 0 where the file does not divide documents.
    pub(super) document: u32,
    /// From 1 in each document.
    pub(super) sentence: u32,
    /// From 1 in each sentence.
    pub(super) place: u32,
    pub(super) line: u64,
    pub(super) token: Range<usize>,
    /// One a column of tags.
    pub(super) tags: Vec<Range<usize>>,
    /// Where the line ends, without its line end.
    pub(super) end: usize,
}

impl Row {
    /// What the item is called.
    pub(super) fn key(&self) -> String {
        format!("{}:{}", self.sentence_key(), self.place)
    }

    /// What its sentence is called.
    pub(super) fn sentence_key(&self) -> String {
        match self.document {
            0 => self.sentence.to_string(),
            document => format!("{document}:{}", self.sentence),
        }
    }
}

/// A file, cut into tokens.
#[derive(Debug)]
pub(super) struct Columns {
    pub(super) shape: Shape,
    pub(super) rows: Vec<Row>,
    /// Where the line ends that names the columns.
    pub(super) header_end: Option<usize>,
}

/// Bytes that decide how a file is laid out.
const HEAD: usize = 1 << 18;

/// The beginning of a text, cut at a line end where it goes on.
pub(super) fn head_of(text: &str) -> &str {
    if text.len() < HEAD {
        return text;
    }
    let end = text.as_bytes()[..HEAD].iter().rposition(|&b| b == b'\n').unwrap_or(0);
    &text[..end]
}

impl Columns {
    /// Of the text of the file at `path`.
    ///
    /// # Errors
    /// No column of tags, or a line with another number of cells than the others.
    pub(super) fn read(path: &Path, text: &str) -> Result<Self, FormatError> {
        let shape = Shape::of(head_of(text)).ok_or_else(|| {
            let what = "no column holds one tag a token (O, B-…, I-…), with as many columns in every line";
            FormatError::of(path, what, "open it as a table, or mend its columns")
        })?;
        let mut rows: Vec<Row> = Vec::new();
        let (mut document, mut sentence, mut place) = (1, 1, 0);
        let mut header_end = None;
        let mut at = 0;
        for (number, whole) in text.split_inclusive('\n').enumerate() {
            let line = whole.trim_end_matches(['\n', '\r']);
            let start = at;
            at += whole.len();
            let mut next_sentence = |sentence: &mut u32| {
                *sentence += u32::from(place > 0);
                place = 0;
            };
            if line.trim().is_empty() {
                next_sentence(&mut sentence);
                continue;
            }
            if line.starts_with("-DOCSTART-") {
                document += u32::from(rows.last().is_some_and(|r| r.document == document));
                (sentence, place) = (1, 0);
                continue;
            }
            if line.starts_with("# global.columns =") {
                header_end = Some(start + line.len());
                continue;
            }
            let ranges = cells(line, start, shape.tabs);
            let row: Vec<&str> = ranges.iter().map(|r| &text[r.clone()]).collect();
            if is_comment(line, &row, shape.width) {
                continue;
            }
            if shape.header && header_end.is_none() {
                header_end = Some(start + line.len());
                continue;
            }
            if row.len() != shape.width {
                let what = format!("this line has {} columns, the others have {}", row.len(), shape.width);
                let remedy = "give every token as many columns, and put a blank line between sentences";
                return Err(FormatError::of(path, what, remedy).at_line(number as u64 + 1));
            }
            place += 1;
            rows.push(Row {
                document,
                sentence,
                place,
                line: number as u64 + 1,
                token: ranges[shape.token].clone(),
                tags: shape.tags.iter().map(|&c| ranges[c].clone()).collect(),
                end: start + line.len(),
            });
        }
        if document == 1 || rows.last().is_none_or(|r| r.document == 1) {
            rows.iter_mut().for_each(|r| r.document = 0);
        }
        Ok(Self { shape, rows, header_end })
    }

    /// Its sentences, each a slice of rows.
    pub(super) fn sentences(&self) -> impl Iterator<Item = &[Row]> {
        self.rows.chunk_by(|a, b| (a.document, a.sentence) == (b.document, b.sentence))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn columns_of_tags_are_told_from_others() {
        for (text, expected) in [
            ("Ada\tB-PER\nmet\tO\n\n", Some(vec![1])),
            ("-DOCSTART- -X- -X- O\n\nAda NNP I-NP I-PER\nmet VBD I-VP O\n", Some(vec![3])),
            ("token\tana\tben\tchi\nAda\tB-PER\tO\t?\n", Some(vec![1, 2, 3])),
            ("Ada\tB-PER\tO\t?\nmet\tO\tO\t?\n", Some(vec![1, 2, 3])),
            ("# id = 1\nAda\tB-PER\n#\tO\n", Some(vec![1])),
            ("text\tlabel\nAda\tB-12\nBo\tO\n", None),
            ("a\tb\nc\td\n", None),
            ("Ada\tO\nmet\tO\n", None),
            ("Ada\tB-PER\nmet\n", None),
            ("", None),
        ] {
            assert_eq!(Shape::of(text).map(|s| s.tags), expected, "{text}");
        }
    }

    #[test]
    fn tokens_are_counted_in_sentences_and_documents() {
        let text = "-DOCSTART- O\n\na O\nb B-X\n\n\n-DOCSTART- O\n\nc O\r\n\r\nd O\r\n";
        let columns = Columns::read(Path::new("x"), text).unwrap();
        let keys: Vec<String> = columns.rows.iter().map(Row::key).collect();
        assert_eq!(keys, ["1:1:1", "1:1:2", "2:1:1", "2:2:1"]);
        assert_eq!(&text[columns.rows[2].tags[0].clone()], "O");
        let e = Columns::read(Path::new("x"), &format!("{}c\n", "a B-X\n".repeat(60_000))).unwrap_err();
        assert!(e.to_string().starts_with("x, line 60001: this line has 1 columns"), "{e}");
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "(a B-X\n|[a#BO -]{0,5}[\t\r\n])*") {
            if let Ok(columns) = Columns::read(Path::new("x"), &text) {
                prop_assert!(columns.rows.iter().all(|r| text.get(r.token.clone()).is_some()));
            }
        }
    }
}
