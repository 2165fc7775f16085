//! Exports of INCEpTION's agreement page: a row (CSV) or an object (JSON) an annotation.
//!
//! `doc,user,begin,end,text,label` are stretches, `doc,user,label` labels of documents. The text of the document is
//! not in the file: here it is made of the covered texts at their places, with spaces between, so that offsets count
//! UTF-16 units where the text is not known. A user without any row for a document may have found nothing in it or
//! never opened it; it counts as the latter.

use std::collections::BTreeMap;
use std::ops::Range;

use super::super::error::FormatError;
use super::super::gather::{Gathering, Value};
use super::super::intake::{InputFile, json_error, note_repairs, text_of};
use super::super::json::{Node, Records, line_of};
use super::super::notes::{Place, Tally};
use super::super::offsets::{Index, Unit};
use super::super::registry::{Evidence, Format, Look};
use super::project::{Mark, twins};
use crate::dataset::Task;
use crate::progress::Progress;

/// Exports of the agreement page.
pub(in crate::formats) static FORMAT: Format = Format {
    id: "inception-agreement",
    name: "INCEpTION agreement export",
    reads: "doc, user, begin, end, text, label as CSV or JSON",
    writes: "",
    extensions: &["csv", "json"],
    detect,
    read,
    write: None,
};

const STRETCHES: [&str; 6] = ["doc", "user", "begin", "end", "text", "label"];
const DOCUMENTS: [&str; 3] = ["doc", "user", "label"];

/// Furthest place of a stretch, so that a wrong number does not fill the memory.
const FURTHEST: u32 = 1 << 24;

fn detect(look: &Look<'_>) -> Option<Evidence> {
    if let Some(first) = look.first() {
        let keys: Vec<&str> = first.members().iter().map(|m| m.key.as_str()).collect();
        let is_ours = keys == STRETCHES || keys == DOCUMENTS;
        return is_ours
            .then(|| Evidence::file(look, format!("its records have {}", keys.join(", "))))
            .flatten();
    }
    let header = look.text.lines().next()?.trim_end();
    let is_ours = header == STRETCHES.join(",") || header == DOCUMENTS.join(",");
    is_ours.then(|| Evidence::file(look, format!("its header is {header}"))).flatten()
}

struct Row {
    line: u64,
    document: String,
    user: String,
    label: String,
    /// Range and covered text.
    stretch: Option<(Range<u32>, String)>,
}

fn read(files: &[InputFile], gathering: &mut Gathering, progress: &Progress) -> Result<(), FormatError> {
    for file in files {
        let text = text_of(&file.path, progress)?;
        let rows = if text.text.trim_start().starts_with(['[', '{']) {
            of_json(file, &text.text, gathering)?
        } else {
            of_csv(file, &text.text, gathering)?
        };
        gathering.files.push(text.file);
        tell(&rows, gathering)?;
    }
    Ok(())
}

fn of_json(file: &InputFile, text: &str, gathering: &mut Gathering) -> Result<Vec<Row>, FormatError> {
    let mut records = Records::new(text);
    let mut rows = Vec::new();
    while let Some(entry) = records.next().map_err(|e| json_error(&file.path, text, &e))? {
        let line = line_of(text, entry.node.range.start);
        let said = |key: &str| entry.node.get(key).and_then(Node::scalar);
        rows.extend(usable(row(file, line, said), line, gathering)?);
    }
    note_repairs(&mut gathering.notes, text, &records.repairs);
    Ok(rows)
}

fn of_csv(file: &InputFile, text: &str, gathering: &mut Gathering) -> Result<Vec<Row>, FormatError> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let fault = |e: csv::Error| {
        let line = e.position().map_or(1, csv::Position::line);
        FormatError::of(&file.path, "this row cannot be read", "export the file again").at_line(line)
    };
    let names: Vec<String> = reader.headers().map_err(fault)?.iter().map(str::to_owned).collect();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(fault)?;
        let line = record.position().map_or(1, csv::Position::line);
        let said = |key: &str| {
            let at = names.iter().position(|n| n == key)?;
            record.get(at).map(str::to_owned)
        };
        rows.extend(usable(row(file, line, said), line, gathering)?);
    }
    Ok(rows)
}

/// A row, or a note that it was passed over because its place cannot be.
fn usable(
    row: Result<Row, FormatError>,
    line: u64,
    gathering: &mut Gathering,
) -> Result<Option<Row>, FormatError> {
    match row {
        Err(FormatError::File(fault)) => {
            gathering.notes.add("bad_place", Place::line(line), 1, || {
                (format!("Rows were passed over: {}", fault.what), "Mend or remove them".into())
            });
            Ok(None)
        }
        other => other.map(Some),
    }
}

fn row(file: &InputFile, line: u64, said: impl Fn(&str) -> Option<String>) -> Result<Row, FormatError> {
    let fault = |what: &str| FormatError::of(&file.path, what, "mend or remove it").at_line(line);
    let place = |key: &str| said(key).map(|n| n.parse::<u32>().map_err(|_| fault("this row has no offsets")));
    let stretch = match (place("begin").transpose()?, place("end").transpose()?) {
        (Some(begin), Some(end)) if begin <= end && end <= FURTHEST => {
            Some((begin..end, said("text").unwrap_or_default()))
        }
        (None, None) => None,
        _ => return Err(fault("the offsets of this row cannot be")),
    };
    let (document, user) = (said("doc"), said("user"));
    let (Some(document), Some(user)) = (document, user) else {
        return Err(fault("this row names no document or user"));
    };
    Ok(Row { line, document, user, label: said("label").unwrap_or_default(), stretch })
}

fn tell(rows: &[Row], gathering: &mut Gathering) -> Result<(), FormatError> {
    let mut documents: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in rows.iter().filter(|r| r.stretch.is_some()) {
        documents.entry(&row.document).or_default().push(row);
    }
    let texts: BTreeMap<&str, String> =
        documents.iter().map(|(name, rows)| (*name, text_from(rows))).collect();
    let indexes: BTreeMap<&str, Index<'_>> =
        texts.iter().map(|(name, text)| (*name, Index::new(text, Unit::Utf16))).collect();
    let task = if documents.is_empty() { Task::Single } else { Task::Spans };
    let question = gathering.question("label", task);
    let mut outside = Tally::default();
    for row in rows {
        let item = gathering.item(&row.document)?;
        let rater = gathering.rater(&row.user)?;
        match &row.stretch {
            None if row.label.is_empty() => {
                gathering.absent(question, item, rater, crate::dataset::Missing::Empty);
            }
            None => gathering.vote(question, item, rater, Value::One(&row.label), None)?,
            Some((range, _)) => {
                let index = &indexes[row.document.as_str()];
                gathering.text(item, &texts[row.document.as_str()])?;
                gathering.covered(question, item, rater);
                match index.range(range.clone()) {
                    Some(range) => gathering.mark(question, item, rater, range, label_of(row))?,
                    None => outside.hit(row.line),
                }
            }
        }
    }
    gathering.notes.add("outside_text", outside.place(None), outside.count, || {
        let what = "Offsets lie inside of a character; these stretches were passed over";
        (what.into(), "Export the file again".into())
    });
    if task == Task::Spans {
        gathering.notes.add("text_unknown", Place::FILE, 1, || {
            (
                "The texts of the documents are not in this file; where nothing was marked they are shown as spaces, \
                 and offsets count UTF-16 units there"
                    .into(),
                "Export the project to see the texts".into(),
            )
        });
        note_twins(&documents, gathering);
    }
    Ok(())
}

fn label_of(row: &Row) -> &str {
    if row.label.is_empty() { super::project::NO_VALUE } else { &row.label }
}

fn note_twins(documents: &BTreeMap<&str, Vec<&Row>>, gathering: &mut Gathering) {
    let mut marks: BTreeMap<(&str, &str), Vec<Mark<'_>>> = BTreeMap::new();
    for (document, rows) in documents {
        for row in rows {
            if let Some((range, _)) = &row.stretch {
                let mark = ("", "", range.start, range.end, Some(row.label.as_str()));
                marks.entry((document, &row.user)).or_default().push(mark);
            }
        }
    }
    let mut list: Vec<(&str, &str, Vec<Mark<'_>>)> =
        marks.into_iter().map(|((document, user), marks)| (document, user, marks)).collect();
    list.iter_mut().for_each(|(_, _, marks)| marks.sort_unstable());
    twins(&list, gathering);
}

/// The covered texts at their places.
fn text_from(rows: &[&Row]) -> String {
    let stretches = || rows.iter().filter_map(|r| r.stretch.as_ref());
    let length = stretches().map(|(range, _)| range.end).max().unwrap_or(0) as usize;
    let mut units = vec![u16::from(b' '); length];
    for (range, covered) in stretches() {
        for (slot, unit) in
            units[range.start as usize..range.end as usize].iter_mut().zip(covered.encode_utf16())
        {
            *slot = unit;
        }
    }
    String::from_utf16_lossy(&units)
}
