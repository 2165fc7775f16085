//! The grammar of WebAnno TSV 3 (3.1 to 3.3), with the place of everything in the file.
//!
//! A header names layers and their columns; then come sentences, each a `#Text=` and a row a token: number, range in
//! UTF-16 units, token, cells. A cell is `_` (nothing) or annotations separated by `|`; `*` is one without a value;
//! `[n]` at the end ties the pieces of one annotation together, over tokens and sentences. Rows `1-3.1` are parts of
//! tokens. In values, `\ [ ] | _ -> ; * TAB LF` stand after a backslash.

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;

use super::super::error::{FormatError, visible};
use super::super::notes::Tally;

/// How files of this format begin.
pub(super) const MAGIC: &str = "#FORMAT=WebAnno TSV 3";

/// What a layer's annotations are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LayerKind {
    Span,
    Chain,
    Relation,
}

/// A layer and its columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layer {
    pub(super) kind: LayerKind,
    pub(super) name: String,
    /// Columns of the row's cells that belong to it.
    pub(super) columns: Range<usize>,
    /// Features that hold plain values, with their columns. A layer without features has one without a name.
    pub(super) features: Vec<(String, usize)>,
}

/// A token or a part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unit {
    pub(super) line: u64,
    /// `1-3` or `1-3.1`.
    pub(super) id: Range<usize>,
    pub(super) is_part: bool,
    /// In UTF-16 units.
    pub(super) begin: u32,
    pub(super) end: u32,
    pub(super) token: Range<usize>,
    pub(super) cells: Vec<Range<usize>>,
    /// The row without its line end.
    pub(super) row: Range<usize>,
}

/// One annotation in a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) value: Range<usize>,
    pub(super) number: Option<u32>,
    /// With its number.
    pub(super) whole: Range<usize>,
}

/// One annotation, put together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) begin: u32,
    pub(super) end: u32,
    /// `None` where it has no value.
    pub(super) value: Option<String>,
    /// Number of the unit and of the entry in its cell.
    pub(super) pieces: Vec<(usize, usize)>,
}

/// A file.
#[derive(Debug)]
pub(super) struct Tsv {
    pub(super) layers: Vec<Layer>,
    pub(super) units: Vec<Unit>,
    /// The document, put together from its sentences and the tokens' offsets.
    pub(super) text: String,
    /// Sentences whose text is not what their tokens say; the tokens count.
    pub(super) odd_sentences: Tally,
}

/// A value as it stands in a cell.
pub(super) fn escape(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut rest = value.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\\' | '[' | ']' | '|' | '_' | ';' | '*' => out.extend(['\\', c]),
            '-' if rest.peek() == Some(&'>') => out.extend(['\\', '-']),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            c => out.push(c),
        }
    }
    out
}

/// What a cell's value says.
pub(super) fn unescape(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut rest = value.chars();
    while let Some(c) = rest.next() {
        match c {
            '\\' => match rest.next() {
                Some('t') => out.push('\t'),
                Some('n') => out.push('\n'),
                Some('r') => out.push('\r'),
                Some(c) => out.push(c),
                None => out.push('\\'),
            },
            c => out.push(c),
        }
    }
    out
}

/// The text of a sentence written as a Java string is, as version 3.1 does.
fn unescape_java(text: &str) -> String {
    let mut units = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        units.extend(rest[..at].encode_utf16());
        rest = &rest[at + 1..];
        let code = rest.strip_prefix('u').map(|r| r.trim_start_matches('u'));
        let hex = code.and_then(|r| r.get(..4)).and_then(|h| u16::from_str_radix(h, 16).ok());
        if let (Some(unit), Some(code)) = (hex, code) {
            units.push(unit);
            rest = &code[4..];
        } else if let Some(c) = rest.chars().next() {
            let said = match c {
                't' => '\t',
                'n' => '\n',
                'r' => '\r',
                'b' => '\u{8}',
                'f' => '\u{c}',
                c => c,
            };
            units.extend(said.encode_utf16(&mut [0; 2]).iter());
            rest = &rest[c.len_utf8()..];
        }
    }
    units.extend(rest.encode_utf16());
    String::from_utf16_lossy(&units)
}

/// The annotations of a cell that stands at byte `at`.
pub(super) fn entries(cell: &str, at: usize) -> Vec<Entry> {
    if cell == "_" || cell.is_empty() {
        return Vec::new();
    }
    let mut list = Vec::new();
    let (mut start, mut escaped) = (0, false);
    for (end, c) in cell.char_indices().chain([(cell.len(), '|')]) {
        if escaped && end < cell.len() {
            escaped = false;
            continue;
        }
        match c {
            '\\' => escaped = true,
            '|' => {
                list.push(entry(&cell[start..end], at + start));
                start = end + 1;
            }
            _ => {}
        }
    }
    list
}

fn entry(text: &str, at: usize) -> Entry {
    let number = (|| {
        let inner = text.strip_suffix(']')?;
        let open = inner.rfind('[')?;
        let before = inner[..open].bytes().rev().take_while(|&b| b == b'\\').count();
        let number = &inner[open + 1..];
        let digits = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
        (before % 2 == 0 && digits).then(|| number.parse().ok().map(|n| (open, n))).flatten()
    })();
    let end = number.map_or(text.len(), |(open, _)| open);
    Entry { value: at..at + end, number: number.map(|(_, n)| n), whole: at..at + text.len() }
}

impl Tsv {
    /// Of the text of the file at `path`.
    ///
    /// # Errors
    /// Not this format, or a row that does not follow it.
    pub(super) fn read(path: &Path, text: &str) -> Result<Self, FormatError> {
        let fault = |line: u64, what: String| {
            FormatError::of(path, what, "mend this row, or export the document again").at_line(line)
        };
        if !text.starts_with(MAGIC) {
            return Err(fault(1, format!("this does not begin with “{MAGIC}”")));
        }
        let mut layers: Vec<Layer> = Vec::new();
        let mut width = 0;
        let mut units: Vec<Unit> = Vec::new();
        let mut sentences: Vec<(Vec<&str>, usize)> = Vec::new();
        let mut at = 0;
        for (number, whole) in text.split_inclusive('\n').enumerate() {
            let line = number as u64 + 1;
            let content = whole.trim_end_matches(['\n', '\r']);
            let start = at;
            at += whole.len();
            if let Some(layer) = layer_of(content, width) {
                width = layer.columns.end;
                layers.push(layer);
            } else if let Some(sentence) = content.strip_prefix("#Text=") {
                match sentences.last_mut() {
                    Some((lines, first)) if *first == units.len() => lines.push(sentence),
                    _ => sentences.push((vec![sentence], units.len())),
                }
            } else if !content.starts_with('#') && !content.is_empty() {
                let unit = unit_of(content, start, line, width);
                let unit =
                    unit.ok_or_else(|| fault(line, "this row is not number, range, token, cells".into()))?;
                let limit = text.len() as u64 * 4 + (1 << 16);
                if unit.begin > unit.end || u64::from(unit.end) > limit {
                    return Err(fault(line, "the offsets of this row cannot be".into()));
                }
                if unit.cells.len() != width {
                    let what = format!("this row has {} cells, the header names {width}", unit.cells.len());
                    return Err(fault(line, what));
                }
                units.push(unit);
            }
        }
        let mut odd_sentences = Tally::default();
        let text = document(text, &sentences, &units, &mut odd_sentences);
        Ok(Self { layers, units, text, odd_sentences })
    }

    /// The annotations of one column, by their first token. `source` is the file's text.
    pub(super) fn stretches(&self, source: &str, column: usize) -> Vec<Stretch> {
        let mut list: Vec<Stretch> = Vec::new();
        let mut known: HashMap<u32, usize> = HashMap::new();
        for (row, unit) in self.units.iter().enumerate() {
            let Some(cell) = unit.cells.get(column) else { continue };
            for (place, entry) in entries(&source[cell.clone()], cell.start).into_iter().enumerate() {
                let value = &source[entry.value.clone()];
                if value == "_" {
                    continue;
                }
                let open = entry.number.and_then(|n| known.get(&n).copied());
                if let Some(stretch) = open.and_then(|at| list.get_mut(at)) {
                    stretch.begin = stretch.begin.min(unit.begin);
                    stretch.end = stretch.end.max(unit.end);
                    stretch.pieces.push((row, place));
                    continue;
                }
                if let Some(number) = entry.number {
                    known.insert(number, list.len());
                }
                list.push(Stretch {
                    begin: unit.begin,
                    end: unit.end,
                    value: (!matches!(value, "*" | "")).then(|| unescape(value)),
                    pieces: vec![(row, place)],
                });
            }
        }
        list
    }
}

/// A line of the header that names a layer whose columns begin at `first`.
fn layer_of(line: &str, first: usize) -> Option<Layer> {
    let (mark, rest) = line.split_once('=')?;
    let kind = match mark {
        "#T_SP" => LayerKind::Span,
        "#T_CH" => LayerKind::Chain,
        "#T_RL" => LayerKind::Relation,
        _ => return None,
    };
    let mut parts = rest.split('|');
    let name = parts.next().unwrap_or_default().to_owned();
    let names: Vec<&str> = parts.filter(|p| !p.is_empty()).collect();
    let width = names.len().max(1);
    let mut features = Vec::new();
    if kind == LayerKind::Span {
        let mut slots = false;
        for (at, feature) in names.iter().enumerate() {
            // A feature with slots has two columns: roles, and what they point at.
            let target = std::mem::replace(&mut slots, feature.starts_with("ROLE_"));
            if !target && !slots {
                features.push(((*feature).to_owned(), first + at));
            }
        }
        if names.is_empty() {
            features.push((String::new(), first));
        }
    }
    Some(Layer { kind, name, columns: first..first + width, features })
}

fn unit_of(content: &str, start: usize, line: u64, width: usize) -> Option<Unit> {
    let mut ranges = Vec::with_capacity(width + 4);
    let mut from = 0;
    for (end, _) in content.match_indices('\t').chain([(content.len(), "")]) {
        ranges.push(start + from..start + end);
        from = end + 1;
    }
    // Rows end in a TAB.
    if ranges.len() == width + 4 && ranges.last().is_some_and(Range::is_empty) {
        ranges.pop();
    }
    let cell = |k: usize| ranges.get(k).map(|r| &content[r.start - start..r.end - start]);
    let id = cell(0)?;
    let (sentence, token) = id.split_once('-')?;
    let (token, part) = token.split_once('.').map_or((token, None), |(t, p)| (t, Some(p)));
    let whole = |text: &str| text.parse::<u32>().is_ok();
    if !whole(sentence) || !whole(token) || !part.is_none_or(whole) {
        return None;
    }
    let (begin, end) = cell(1)?.split_once('-')?;
    Some(Unit {
        line,
        id: ranges[0].clone(),
        is_part: part.is_some(),
        begin: begin.parse().ok()?,
        end: end.parse().ok()?,
        token: ranges.get(2)?.clone(),
        cells: ranges.get(3..)?.to_vec(),
        row: start..start + content.len(),
    })
}

/// Puts the document together. Between sentences stands a line feed, then spaces, as far as offsets leave room.
fn document(source: &str, sentences: &[(Vec<&str>, usize)], units: &[Unit], odd: &mut Tally) -> String {
    let length = units.iter().map(|u| u.end).max().unwrap_or(0) as usize;
    let mut buffer = vec![u16::from(b' '); length];
    let write = |buffer: &mut Vec<u16>, at: usize, text: &[u16]| {
        if buffer.len() < at + text.len() {
            buffer.resize(at + text.len(), u16::from(b' '));
        }
        buffer[at..at + text.len()].copy_from_slice(text);
    };
    let mut end: Option<usize> = None;
    let ends = sentences.iter().skip(1).map(|s| s.1).chain([units.len()]);
    for ((lines, first), last) in sentences.iter().zip(ends) {
        let tokens: Vec<&Unit> = units[*first..last].iter().filter(|u| !u.is_part).collect();
        let Some(begin) = tokens.iter().map(|u| u.begin as usize).min() else { continue };
        if let Some(end) = end.filter(|&e| e < begin) {
            buffer[end] = u16::from(b'\n');
        }
        let raw = lines.join("\n");
        let fits = |text: &str| -> Option<(usize, Vec<u16>)> {
            let text: Vec<u16> = text.encode_utf16().collect();
            let space = text.iter().take_while(|&&u| matches!(u, 0x20 | 0x9 | 0xa | 0xd)).count();
            let good = |lead: &usize| {
                *lead <= begin
                    && tokens.iter().all(|token| {
                        let from = token.begin as usize - begin + lead;
                        let here = text.get(from..from + (token.end - token.begin) as usize);
                        let says =
                            |word: &str| here.is_some_and(|h| word.encode_utf16().eq(h.iter().copied()));
                        let word = &source[token.token.clone()];
                        says(word) || says(&unescape(word))
                    })
            };
            [0, space].into_iter().find(good).map(|lead| (begin - lead, text))
        };
        let found = fits(&unescape(&raw)).or_else(|| fits(&raw)).or_else(|| fits(&unescape_java(&raw)));
        match found {
            Some((at, text)) => {
                write(&mut buffer, at, &text);
                end = Some(at + text.len());
            }
            None => {
                odd.hit(tokens[0].line);
                for token in &tokens {
                    let word: Vec<u16> = source[token.token.clone()].encode_utf16().collect();
                    let room = ((token.end - token.begin) as usize).min(word.len());
                    write(&mut buffer, token.begin as usize, &word[..room]);
                    end = Some(token.end as usize);
                }
            }
        }
    }
    String::from_utf16_lossy(&buffer)
}

/// What a file is called in messages about layers.
pub(super) fn short(name: &str) -> String {
    visible(name.rsplit('.').next().unwrap_or(name))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Tsv {
        Tsv::read(Path::new("x.tsv"), text).unwrap()
    }

    #[test]
    fn cells_hold_stacked_numbered_and_empty_annotations() {
        let of = |cell: &str| -> Vec<(String, Option<u32>)> {
            entries(cell, 0).into_iter().map(|e| (cell[e.value].to_owned(), e.number)).collect()
        };
        let one = |value: &str, number| (value.to_owned(), number);
        assert_eq!(of("_"), []);
        assert_eq!(of("A|B[2]|*[13]"), [one("A", None), one("B", Some(2)), one("*", Some(13))]);
        assert_eq!(of("a\\|b\\[1\\]"), [one("a\\|b\\[1\\]", None)]);
        assert_eq!(of("a\\\\[1]"), [one("a\\\\", Some(1))]);
        assert_eq!(
            unescape("keep\\_under\\[1\\]\\|pipe\\->arrow\\;semi\\*star"),
            "keep_under[1]|pipe->arrow;semi*star"
        );
    }

    #[test]
    fn layers_have_their_columns_and_numbers_join_tokens_and_sentences() {
        let text = "#FORMAT=WebAnno TSV 3.2\n#T_SP=a.B|x|ROLE_a.B:args_L|a.C|y\n#T_CH=k.Link|r|t\n#T_RL=d.Dep|f|BT_a.B\n\n\n\
            #Text=One two.\n1-1\t0-3\tOne\tA[1]\t_\t_\t*[1]\t_\t_\t_\t_\t\n1-2\t4-8\ttwo.\tA[1]\t_\t_\t*[1]\t_\t_\t_\t_\t\n\
            1-2.1\t4-7\ttwo\tB|C\t_\t_\tq\t_\t_\t_\t_\t\n\n#Text=Three\n2-1\t10-15\tThree\tA[1]\t_\t_\t*[1]\t_\t_\t_\t_\t\n";
        let tsv = read(text);
        assert_eq!(tsv.layers[0].features, [("x".to_owned(), 0), ("y".to_owned(), 3)]);
        assert_eq!((tsv.layers[1].columns.clone(), tsv.layers[2].columns.clone()), (4..6, 6..8));
        let list: Vec<(u32, u32, Option<String>)> =
            tsv.stretches(text, 0).into_iter().map(|s| (s.begin, s.end, s.value)).collect();
        assert_eq!(list, [(0, 15, Some("A".into())), (4, 7, Some("B".into())), (4, 7, Some("C".into()))]);
        assert_eq!(tsv.stretches(text, 3)[0].value, None);
        assert_eq!(tsv.text, "One two.\n Three");
    }

    #[test]
    fn texts_are_understood_as_each_version_writes_them() {
        for sentence in ["a\\\\b\\tc", "a\\\\b\\u0009c"] {
            let text = format!("{MAGIC}.1\n\n\n#Text={sentence}\n1-1\t2-5\ta\\\\b\t\n1-2\t6-7\tc\t\n");
            let tsv = read(&text.replace("\t\n", "\n"));
            assert_eq!((tsv.text.as_str(), tsv.odd_sentences.count), ("  a\\b\tc", 0), "{sentence}");
        }
        let tsv = read(&format!("{MAGIC}.3\n\n\n#Text=xyz\n1-1\t0-2\tab\n"));
        assert_eq!((tsv.text.as_str(), tsv.odd_sentences.count), ("ab", 1));
    }

    #[test]
    fn rows_that_cannot_be_are_named() {
        for row in ["1-1\t0-1", "x\t0-1\ta", "1-1\t5-1\ta", "1-1\t0-4294967295\ta", "1-1\t0-1\ta\tb\tc"] {
            let text = format!("{MAGIC}.3\n\n\n#Text=a\n{row}\n");
            let e = Tsv::read(Path::new("x.tsv"), &text).unwrap_err().to_string();
            assert!(e.starts_with("x.tsv, line 5: "), "{row}: {e}");
        }
    }

    proptest! {
        #[test]
        fn values_go_there_and_back(value in "([a-z\\\\\\[\\]|_;*>-]|\t|\n|\r|😊|é){0,12}") {
            let escaped = escape(&value);
            prop_assert_eq!(&unescape(&escaped), &value);
            let cell = format!("{escaped}[7]|{escaped}|x");
            let list = entries(&cell, 0);
            prop_assert_eq!(list.len(), 3);
            prop_assert_eq!(unescape(&cell[list[0].value.clone()]), value.clone());
            prop_assert_eq!(list[0].number, Some(7));
            prop_assert_eq!(list[1].number, None);
        }

        #[test]
        fn no_row_panics(rows in "(([0-9]-[0-9](\\.1)?\t[0-9]-[0-9]{1,2}\t[a-z😊]{0,2}\t([A*_|\\\\]|\\[1\\]){0,4}\t?)?\n|#Text=[a 😊\\\\u]{0,4}\n){0,6}") {
            let text = format!("{MAGIC}.3\n#T_SP=a|b\n\n\n{rows}");
            if let Ok(tsv) = Tsv::read(Path::new("x"), &text) {
                tsv.stretches(&text, 0);
            }
        }
    }
}
