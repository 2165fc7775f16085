//! The flat exports of Label Studio: JSON-MIN, CSV, TSV. One record an annotation, without skipped ones.
//!
//! Nothing in them says which columns are questions. In JSON-MIN they stand between `id` and `annotator`; elsewhere a
//! question is what differs between annotations of one task, or has the form of an answer. They go back into the tool
//! as data alone, so they are not written.

use std::collections::{BTreeMap, BTreeSet};

use super::super::super::error::FormatError;
use super::super::super::gather::Gathering;
use super::super::super::intake::{InputFile, json_error, note_repairs, text_of};
use super::super::super::json::{Kind as Json, Member, Node, Repairs, parse};
use super::super::super::notes::Place;
use super::super::super::offsets::Unit;
use super::super::super::registry::{Evidence, Format, Look, Product};
use super::super::super::write::WriteBack;
use super::super::fields::Fields;
use super::super::passed::Passed;
use super::super::records::{first, records_of};
use super::super::turns::{ALL, Kind, Mark, Said, Turn, Turns, Who};
use super::{STEP, config, moment_of, rater_of, stamp_of};
use crate::progress::Progress;

/// The flat exports.
pub(in super::super::super) static FLAT: Format = Format {
    id: "label-studio-min",
    name: "Label Studio JSON-MIN or CSV",
    reads: "one record an annotation, as JSON-MIN, CSV or TSV",
    writes: "",
    extensions: &["json", "csv", "tsv"],
    detect,
    read,
    write: Some(write),
};

const MARKS: [&str; 3] = ["annotation_id", "annotator", "lead_time"];
/// Columns that the tool adds.
const OWN: [&str; 8] =
    ["id", "annotator", "annotation_id", "created_at", "updated_at", "lead_time", "agreement", "history"];

fn detect(look: &Look<'_>) -> Option<Evidence> {
    let because = "it has annotation_id, annotator and lead_time";
    if let Some(node) = first(look) {
        return node.has(&MARKS).then(|| Evidence::file(look, because)).flatten();
    }
    let header = look.text.lines().next()?;
    let delimiter = if header.contains('\t') { '\t' } else { ',' };
    let names: Vec<&str> = header.split(delimiter).map(|n| n.trim().trim_matches('"')).collect();
    MARKS.iter().all(|m| names.contains(m)).then(|| Evidence::file(look, because)).flatten()
}

fn write(work: &WriteBack<'_>, _: &Progress) -> Result<Product, FormatError> {
    Err(FormatError::of(
        &work.dataset.source.table.path,
        "Label Studio reads JSON-MIN and CSV back as data without annotations",
        "open the JSON export of the same project, and write that",
    ))
}

/// Calls `of` for each record with its byte.
fn rows(
    file: &InputFile,
    text: &str,
    repairs: &mut Repairs,
    progress: &Progress,
    mut of: impl FnMut(&Node) -> Result<(), FormatError>,
) -> Result<(), FormatError> {
    if text.trim_start().starts_with(['[', '{']) {
        let mut records = records_of(text);
        while let Some(entry) = records.next().map_err(|e| json_error(&file.path, text, &e))? {
            if entry.number % 1024 == 0 {
                progress.check()?;
            }
            of(&entry.node)?;
        }
        *repairs = records.repairs;
        return Ok(());
    }
    let tabs = text.lines().next().is_some_and(|header| header.contains('\t'));
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(if tabs { b'\t' } else { b',' })
        .flexible(true)
        .from_reader(text.as_bytes());
    let trouble =
        |e: &csv::Error| FormatError::of(&file.path, format!("this is not a table ({e})"), "export again");
    let names = reader.headers().map_err(|e| trouble(&e))?.clone();
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(|e| trouble(&e))? {
        progress.check()?;
        let at = record.position().map_or(0, |p| p.byte() as usize);
        let members = names.iter().zip(record.iter()).map(|(key, cell)| Member {
            key: key.to_owned(),
            key_range: at..at,
            value: value_of(cell, at),
        });
        of(&Node { kind: Json::Object(members.collect()), range: at..at })?;
    }
    Ok(())
}

/// A cell, which may hold JSON.
fn value_of(cell: &str, at: usize) -> Node {
    let json = cell.starts_with(['{', '[']).then(|| parse(cell, 0, &mut Repairs::default()).ok()).flatten();
    let kind = match json {
        Some(node) if node.range.end == cell.trim_end().len() => node.kind,
        _ if cell.is_empty() => Json::Null,
        _ => Json::Text(cell.to_owned()),
    };
    Node { kind, range: at..at }
}

/// What a column looks like over all records.
#[derive(Default)]
struct Column {
    /// Stands between `id` and `annotator`.
    behind_id: bool,
    /// Has the form of an answer.
    formed: bool,
    /// Differs between annotations of one task.
    varies: bool,
    values: BTreeSet<String>,
}

fn read(files: &[InputFile], gathering: &mut Gathering, progress: &Progress) -> Result<(), FormatError> {
    let mut turns = Turns::default();
    let mut fields = Fields::default();
    for file in files {
        let text = text_of(&file.path, progress)?;
        let questions = questions(file, &text.text, gathering, progress)?;
        let mut passed = Passed::default();
        let mut repairs = Repairs::default();
        let mut number = 0;
        rows(file, &text.text, &mut repairs, progress, |row| {
            number += 1;
            record(&mut turns, &mut fields, gathering, row, number, &questions, &mut passed)
        })?;
        note_repairs(&mut gathering.notes, &text.text, &repairs);
        passed.tell(&mut gathering.notes, &text.text);
        gathering.files.push(text.file);
    }
    let names: Vec<String> = turns.names().map(str::to_owned).collect();
    let config = files.first().and_then(|f| config::beside(&f.path, &names.iter().map(String::as_str)));
    let mut wanted = None;
    for (number, name) in (0..).zip(&names) {
        let Some(control) = config.as_ref().and_then(|c| c.control(name)) else { continue };
        turns.declare(number, control.labels.iter().cloned());
        wanted = wanted.or_else(|| config.as_ref().and_then(|c| c.field(&control.to_name)));
    }
    fields.settle(gathering, wanted);
    turns.finish(gathering, &[Unit::CodePoint, Unit::Utf16]).map(drop)
}

/// Which columns are questions.
fn questions(
    file: &InputFile,
    text: &str,
    gathering: &mut Gathering,
    progress: &Progress,
) -> Result<Vec<String>, FormatError> {
    let json = text.trim_start().starts_with(['[', '{']);
    let mut columns: Vec<(String, Column)> = Vec::new();
    let mut task: (Option<String>, BTreeMap<String, String>) = (None, BTreeMap::new());
    let mut n = 0;
    rows(file, text, &mut Repairs::default(), progress, |row| {
        n += 1;
        let id = row.get("id").and_then(Node::scalar);
        if task.0 != id {
            task = (id, BTreeMap::new());
        }
        let place = |key: &str| row.members().iter().position(|m| m.key == key);
        let (id, annotator) = (place("id"), place("annotator"));
        for (i, member) in row.members().iter().enumerate() {
            if OWN.contains(&member.key.as_str()) || columns.len() > 1000 {
                continue;
            }
            let at = columns.iter().position(|(name, _)| *name == member.key).unwrap_or_else(|| {
                columns.push((member.key.clone(), Column::default()));
                columns.len() - 1
            });
            let column = &mut columns[at].1;
            column.behind_id |= json && id.is_some_and(|id| i > id) && annotator.is_some_and(|a| i < a);
            column.formed |= answer_of(&member.value).is_some_and(|(_, formed)| formed);
            let word = member.value.scalar().unwrap_or_default();
            if column.values.len() <= 50 && !word.is_empty() {
                column.values.insert(word.clone());
            }
            match task.1.get(&member.key) {
                Some(known) => column.varies |= *known != word,
                None => {
                    task.1.insert(member.key.clone(), word);
                }
            }
        }
        Ok(())
    })?;
    let names = columns.iter().map(|(name, _)| name.as_str());
    let config = config::beside(&file.path, &names);
    let known =
        |name: &str| config.as_ref().is_some_and(|c| c.control(name).is_some_and(|c| c.kind.is_some()));
    let clear = |(name, c): &&(String, Column)| known(name) || c.formed || c.varies || c.behind_id;
    let mut found: Vec<String> = columns.iter().filter(clear).map(|(name, _)| name.clone()).collect();
    if found.is_empty() {
        // All raters agree on everything: a question is a column of few words.
        let few = |(_, c): &&(String, Column)| (1..=50).contains(&c.values.len()) && c.values.len() * 2 <= n;
        found = columns.iter().filter(few).map(|(name, _)| name.clone()).collect();
    }
    let clash = |(name, c): &&(String, Column)| json && found.contains(name) && !c.behind_id;
    if let Some((name, _)) = columns.iter().find(clash) {
        gathering.notes.add("name_clash", Place { line: None, column: Some(name) }, 1, || {
            let message = format!(
                "“{name}” is the name of a field and of a question; where a rater gave no answer, JSON-MIN shows the \
                 field's value as theirs"
            );
            (message, "Open the JSON export of the same project".into())
        });
    }
    gathering.notes.add("flat_export", Place::FILE, 1, || {
        let message = format!(
            "Read as questions: {}; skipped answers are not in this kind of export",
            found.join(", ")
        );
        (message, "Open the JSON export of the same project to have everything".into())
    });
    Ok(found)
}

/// A cell as an answer: its kind, labels or spans, and whether its form says that it is one.
fn answer_of(value: &Node) -> Option<(Answer, bool)> {
    if let Some(word) = value.scalar() {
        return Some((Answer::Labels(Kind::Choice, vec![word]), false));
    }
    let words = |list: &Node| list.list().iter().filter_map(Node::scalar).collect::<Vec<_>>();
    if let Some(choices) = value.get("choices") {
        return Some((Answer::Labels(Kind::Choice, words(choices)), true));
    }
    let list = value.list();
    let head = list.first()?;
    for (key, kind) in [("rating", Kind::Rating), ("number", Kind::Number)] {
        if let Some(word) = head.get(key).and_then(Node::scalar) {
            return Some((Answer::Labels(kind, vec![word]), true));
        }
    }
    if head.get("taxonomy").is_some() {
        let paths = list.iter().filter_map(|e| e.get("taxonomy")).flat_map(|t| t.list().iter());
        return Some((Answer::Labels(Kind::Several, paths.map(|p| words(p).join(STEP)).collect()), true));
    }
    if head.has(&["start", "end", "labels"]) {
        return Some((Answer::Spans, true));
    }
    None
}

enum Answer {
    Labels(Kind, Vec<String>),
    Spans,
}

fn record(
    turns: &mut Turns,
    fields: &mut Fields,
    gathering: &mut Gathering,
    row: &Node,
    number: usize,
    questions: &[String],
    passed: &mut Passed,
) -> Result<(), FormatError> {
    let id = row.some("id").and_then(Node::scalar).unwrap_or_else(|| format!("record {number}"));
    let item = gathering.item(&id)?;
    for member in row.members() {
        if !OWN.contains(&member.key.as_str()) && !questions.contains(&member.key) {
            let name = member.key.strip_prefix("_data_").unwrap_or(&member.key);
            fields.take(gathering, item, name, &member.value, passed)?;
        }
    }
    // A task that nobody labelled has a record too.
    let Some(by) = row.some("annotator").filter(|_| row.some("annotation_id").is_some()) else {
        return Ok(());
    };
    let (name, more) = match by.scalar() {
        Some(name) => (name, Vec::new()),
        None => rater_of(&Node { kind: Json::Object(vec![completed_by(by)]), range: by.range.clone() }),
    };
    let rater = gathering.rater(&name)?;
    more.iter().for_each(|(key, value)| gathering.attribute(rater, key, value));
    let mut said = Vec::new();
    for name in questions {
        let Some(value) = row.some(name) else { continue };
        let (kind, answer) = match answer_of(value) {
            Some((Answer::Labels(kind, words), _)) => {
                (kind, Said::Labels(words.iter().map(|w| turns.label(w)).collect()))
            }
            Some((Answer::Spans, _)) => (Kind::Spans, Said::Marks(spans(turns, value))),
            None => {
                let message = || format!("Answers to “{name}” of this form were not used");
                passed.hit("unused_result", name, value.range.start, message, "Open the JSON export");
                continue;
            }
        };
        if let Some(question) = turns.question(name, kind) {
            said.push((question, answer));
        }
    }
    let number = |key: &str| row.some(key).and_then(Node::scalar).and_then(|s| s.parse::<f32>().ok());
    let seconds = number("lead_time").filter(|s| s.is_finite());
    let stamp = stamp_of(row);
    turns.add(Turn {
        item,
        who: Who::Rater(rater),
        about: ALL,
        stamp,
        seconds,
        moment: moment_of(row),
        said,
        absent: None,
    });
    Ok(())
}

fn completed_by(value: &Node) -> Member {
    Member { key: "completed_by".to_owned(), key_range: 0..0, value: value.clone() }
}

fn spans(turns: &mut Turns, value: &Node) -> Vec<Mark> {
    let mut marks = Vec::new();
    for span in value.list() {
        let place = |key: &str| span.get(key).and_then(Node::count);
        let (Some(start), Some(end)) = (place("start"), place("end")) else { continue };
        let covered = span.get("text").and_then(Node::text).map(|t| turns.label(t));
        for label in span.get("labels").map_or(&[][..], Node::list).iter().filter_map(Node::scalar) {
            marks.push(Mark { start, end, label: turns.label(&label), covered });
        }
    }
    marks
}
