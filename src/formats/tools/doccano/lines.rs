//! doccano's CSV, which joins labels with `#`, and fastText's lines, which it writes too. Both hold given labels.

use super::super::super::delimited::RecordReader;
use super::super::super::error::FormatError;
use super::super::super::gather::{Gathering, Value};
use super::super::super::intake::{InputFile, text_of};
use super::super::super::json::{Kind, Node};
use super::super::super::notes::Place;
use super::super::super::registry::{Evidence, Format, Look, Product};
use super::super::super::sniff::sniff;
use super::super::super::text::TextReader;
use super::super::super::write::WriteBack;
use super::super::fields::Fields;
use super::super::passed::Passed;
use super::super::records::question_of;
use super::write::decided;
use crate::dataset::Task;
use crate::progress::Progress;

/// doccano's CSV.
pub(in super::super::super) static CSV: Format = Format {
    id: "doccano-csv",
    name: "doccano CSV",
    reads: "labels joined with #",
    writes: "the labels changed",
    extensions: &["csv"],
    detect: detect_csv,
    read: read_csv,
    write: Some(write_csv),
};

/// fastText's training files.
pub(in super::super::super) static FASTTEXT: Format = Format {
    id: "fasttext",
    name: "fastText lines",
    reads: "__label__ words before each text",
    writes: "the labels changed",
    extensions: &["txt", "ft"],
    detect: detect_lines,
    read: read_lines,
    write: Some(write_lines),
};

const PREFIX: &str = "__label__";
const QUESTION: &str = "label";

fn detect_csv(look: &Look<'_>) -> Option<Evidence> {
    let header = look.text.lines().next()?;
    let names: Vec<&str> = header.split(',').map(|n| n.trim().trim_matches('"')).collect();
    let is = ["text", "label", "Comments"].iter().all(|n| names.contains(n));
    is.then(|| Evidence::file(look, "its columns are text, label and Comments")).flatten()
}

fn detect_lines(look: &Look<'_>) -> Option<Evidence> {
    let labelled = |l: &str| l.starts_with(PREFIX) && labels_of(l).1 > 0;
    let mut lines = look.text.lines().filter(|l| !l.is_empty()).take(10).peekable();
    let is = lines.peek().is_some() && lines.all(labelled);
    is.then(|| Evidence::file(look, "its lines begin with __label__")).flatten()
}

/// Labels of a cell. A cell with nothing between two `#` is one label, as `C#` is.
fn cell_labels(cell: &str) -> Vec<String> {
    match cell {
        "" => Vec::new(),
        _ if cell.split('#').any(str::is_empty) => vec![cell.to_owned()],
        _ => cell.split('#').map(str::to_owned).collect(),
    }
}

/// Hands over given labels, of one kind for all items.
fn give(gathering: &mut Gathering, rows: &[(u32, Vec<String>)]) -> Result<(), FormatError> {
    let several = rows.iter().any(|(_, labels)| labels.len() > 1);
    let question = gathering.question(QUESTION, if several { Task::MultiLabel } else { Task::Single });
    for (item, labels) in rows {
        match labels.as_slice() {
            [] => {}
            labels if several => gathering.given(question, *item, Value::Set(labels))?,
            [label, ..] => gathering.given(question, *item, Value::One(label))?,
        }
    }
    Ok(())
}

fn read_csv(files: &[InputFile], gathering: &mut Gathering, progress: &Progress) -> Result<(), FormatError> {
    let mut rows = Vec::new();
    let mut fields = Fields::default();
    for file in files {
        let dialect = sniff(&file.path)?;
        let mut reader = RecordReader::new(TextReader::open(&file.path, progress)?, &dialect);
        let names = header(&mut reader, &file.path)?;
        let place = |name: &str| names.iter().position(|n| n == name);
        let (id, text, label) = (place("id"), place("text"), place(QUESTION));
        let mut number = 0;
        while let Some(record) = reader.next_row()? {
            number += 1;
            let cell = |i: Option<usize>| i.map_or_else(Default::default, |i| record.get(i));
            let key = match cell(id) {
                key if key.is_empty() => format!("row {number}"),
                key => key.into_owned(),
            };
            let item = gathering.item(&key)?;
            gathering.text(item, &cell(text))?;
            rows.push((item, cell_labels(&cell(label))));
            for (i, name) in names.iter().enumerate() {
                if ![id, text, label].contains(&Some(i)) && !record.get(i).is_empty() {
                    let value = Node { kind: Kind::Text(record.get(i).into_owned()), range: 0..0 };
                    fields.take(gathering, item, name, &value, &mut Passed::default())?;
                }
            }
        }
        gathering.files.push(reader.finish()?);
    }
    fields.settle_key(gathering, None);
    give(gathering, &rows)
}

fn header(reader: &mut RecordReader<'_>, path: &std::path::Path) -> Result<Vec<String>, FormatError> {
    let Some(header) = reader.next_row()? else {
        return Err(FormatError::of(path, "this file is empty", "name another file"));
    };
    let clean = |name: std::borrow::Cow<'_, str>| name.trim_start_matches('\u{feff}').to_owned();
    Ok((0..header.len()).map(|i| clean(header.get(i))).collect())
}

fn write_csv(work: &WriteBack<'_>, progress: &Progress) -> Result<Product, FormatError> {
    let (_, member) = question_of(work);
    let path = &work.dataset.source.table.path;
    let dialect = sniff(path)?;
    let mut reader = RecordReader::new(TextReader::open(path, progress)?, &dialect);
    let mut out = String::new();
    let mut names = Vec::new();
    while names.is_empty() {
        let Some(header) = reader.next_record()? else { break };
        out.push_str(header.raw);
        names = (0..header.len()).map(|i| header.get(i).trim_start_matches('\u{feff}').to_owned()).collect();
    }
    let label = names.iter().position(|n| n == QUESTION);
    let mut item = 0;
    let id = names.iter().position(|n| n == "id");
    let mut known = std::collections::HashMap::new();
    while let Some(record) = reader.next_record()? {
        // Blank lines are no rows, and stay.
        if record.is_empty() {
            out.push_str(record.raw);
            continue;
        }
        // The same numbers as in reading: by identifier, in order of appearance.
        let key = id.map(|i| record.get(i).into_owned()).filter(|k| !k.is_empty());
        let number = match key {
            Some(key) => *known.entry(key).or_insert(item),
            None => item,
        };
        item += usize::from(number == item);
        let Some(decision) = work.decision_of(number) else {
            out.push_str(record.raw);
            continue;
        };
        if decision.dropped {
            continue;
        }
        let Some((at, range)) =
            label.and_then(|l| Some((l, record.range(l)?))).filter(|_| decision.label.is_some())
        else {
            out.push_str(record.raw);
            continue;
        };
        let labels = decided(decision, member, cell_labels(&record.get(at)));
        if labels.len() > 1 && labels.iter().any(|l| l.contains('#')) {
            let what = "a label with # cannot stand beside another one in doccano's CSV";
            return Err(FormatError::of(path, what, "export the project as JSONL"));
        }
        out.push_str(&record.raw[..range.start]);
        dialect.push_cell(&labels.join("#"), record.is_quoted(at), &mut out);
        out.push_str(&record.raw[range.end..]);
    }
    let encoding = reader.encoding();
    work.verify(&reader.finish()?)?;
    let mut bytes = encoding.bom().to_vec();
    encoding
        .encode(&out, &mut bytes)
        .map_err(|e| FormatError::of(path, e.to_string(), "save the source as UTF-8 first"))?;
    Ok(Product::File(bytes))
}

/// The labels that a line begins with, and at which byte its text begins.
fn labels_of(line: &str) -> (Vec<String>, usize) {
    let mut labels = Vec::new();
    let mut at = 0;
    while let Some(rest) = line[at..].strip_prefix(PREFIX) {
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        labels.push(rest[..end].to_owned());
        let after = &rest[end..];
        at = line.len() - after.trim_start().len();
    }
    (labels, at)
}

fn read_lines(
    files: &[InputFile],
    gathering: &mut Gathering,
    progress: &Progress,
) -> Result<(), FormatError> {
    let mut rows = Vec::new();
    let mut bare = 0;
    for file in files {
        let text = text_of(&file.path, progress)?;
        for (number, line) in (1..).zip(text.text.lines()).filter(|(_, l)| !l.trim().is_empty()) {
            let (labels, at) = labels_of(line);
            let item = gathering.item(&format!("{number}"))?;
            gathering.text(item, &line[at..])?;
            bare += u64::from(labels.is_empty());
            rows.push((item, labels));
        }
        gathering.files.push(text.file);
    }
    gathering.notes.add("no_label", Place::FILE, bare, || {
        (
            "Lines without a label at their beginning have none".into(),
            "Put __label__ and a name before the text".into(),
        )
    });
    give(gathering, &rows)
}

fn write_lines(work: &WriteBack<'_>, progress: &Progress) -> Result<Product, FormatError> {
    let (_, member) = question_of(work);
    let path = &work.dataset.source.table.path;
    let file = InputFile::alone(path);
    let text = work.text(&file, progress)?;
    let mut out = String::with_capacity(text.text.len());
    let mut item = 0;
    for line in text.text.split_inclusive('\n') {
        if line.trim().is_empty() {
            out.push_str(line);
            continue;
        }
        let decision = work.decision_of(item);
        item += 1;
        let Some(decision) = decision else {
            out.push_str(line);
            continue;
        };
        if decision.dropped {
            continue;
        }
        if decision.label.is_none() {
            out.push_str(line);
            continue;
        }
        let (have, at) = labels_of(line);
        for label in decided(decision, member, have) {
            if label.contains(char::is_whitespace) {
                let what = format!("fastText has no place for the space in “{label}”");
                return Err(FormatError::of(path, what, "rename the label"));
            }
            out.push_str(PREFIX);
            out.push_str(&label);
            out.push(' ');
        }
        out.push_str(&line[at..]);
    }
    Ok(Product::File(text.encoded(&out)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_begin_with_their_labels() {
        assert_eq!(labels_of("__label__a __label__b  the text"), (vec!["a".into(), "b".into()], 23));
        assert_eq!(labels_of("the __label__a text"), (vec![], 0));
        assert_eq!(labels_of("__label__a"), (vec!["a".into()], 10));
    }

    #[test]
    fn a_label_may_end_in_the_sign_that_joins_labels() {
        assert_eq!(cell_labels("a#b"), ["a", "b"]);
        assert_eq!(cell_labels("C#"), ["C#"]);
        assert!(cell_labels("").is_empty());
    }
}
