//! INCEpTION's table of annotations behind an agreement: document, user, place, label.
//!
//! Only what was marked is in the file. The text is put together from that, with dots for what nobody marked; places
//! count UTF-16 code units and become code points.

use std::collections::BTreeMap;

use super::super::error::{FormatError, visible};
use super::super::gather::Gathering;
use super::super::intake::{InputFile, text_of};
use super::super::json::Node;
use super::super::notes::Place;
use super::super::registry::{Evidence, Format, Look};
use super::each_record;
use crate::dataset::Task;
use crate::progress::Progress;

/// CSV or JSON with `doc`, `user`, `begin`, `end`, `text` and `label`.
pub(in super::super) static FORMAT: Format = Format {
    id: "inception-labels",
    name: "INCEpTION agreement table",
    reads: "spans by document and user",
    writes: "",
    extensions: &["csv", "json"],
    detect,
    read,
    write: None,
};

const COLUMNS: [&str; 6] = ["doc", "user", "begin", "end", "text", "label"];
/// What stands for a character that nobody marked.
const UNKNOWN: u16 = 0xb7;
/// Longest text that is put together, in UTF-16 units.
const MAX_UNITS: usize = 1 << 24;

fn detect(look: &Look<'_>) -> Option<Evidence> {
    let header = look.text.lines().next().unwrap_or_default();
    let names: Vec<&str> = header.split(',').map(|n| n.trim().trim_matches('"')).collect();
    let table = COLUMNS.iter().all(|c| names.contains(c));
    let record = look.first().is_some_and(|r| r.has(&COLUMNS));
    if table || record { Evidence::file(look, "it has doc, user, begin, end, text and label") } else { None }
}

struct Mark {
    document: String,
    user: String,
    begin: u32,
    end: u32,
    text: String,
    label: String,
}

fn read(files: &[InputFile], gathering: &mut Gathering, progress: &Progress) -> Result<(), FormatError> {
    for file in files {
        let mut marks = Vec::new();
        let json =
            std::path::Path::new(&file.name).extension().is_some_and(|e| e.eq_ignore_ascii_case("json"));
        if json {
            each_record(file, gathering, progress, |g, entry, line| {
                let cells = COLUMNS.map(|c| entry.node.get(c).and_then(Node::scalar).unwrap_or_default());
                keep(cells, line, g, &mut marks);
                Ok(())
            })?;
        } else {
            table(file, gathering, &mut marks, progress)?;
        }
        documents(&marks, gathering)?;
    }
    Ok(())
}

fn table(
    file: &InputFile,
    g: &mut Gathering,
    marks: &mut Vec<Mark>,
    progress: &Progress,
) -> Result<(), FormatError> {
    let text = text_of(&file.path, progress)?;
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .from_reader(text.text.trim_start_matches('\u{feff}').as_bytes());
    let fault =
        |e: &csv::Error| FormatError::of(&file.path, format!("this is not a table: {e}"), "export again");
    let header = reader.headers().map_err(|e| fault(&e))?.clone();
    let at = COLUMNS.map(|c| header.iter().position(|h| h == c));
    for record in reader.records() {
        let record = record.map_err(|e| fault(&e))?;
        let cells = at.map(|i| i.and_then(|i| record.get(i)).unwrap_or_default().to_owned());
        keep(cells, record.position().map_or(1, csv::Position::line), g, marks);
    }
    g.files.push(text.file);
    Ok(())
}

fn keep(cells: [String; 6], line: u64, g: &mut Gathering, marks: &mut Vec<Mark>) {
    let [document, user, begin, end, text, label] = cells;
    match (begin.parse(), end.parse()) {
        (Ok(begin), Ok(end)) if begin < end && !user.is_empty() => {
            marks.push(Mark { document, user, begin, end, text, label });
        }
        _ => g.notes.add("bad_place", Place::line(line), 1, || {
            (
                "Rows without a user, or whose begin is not before their end, were passed over".into(),
                "Mend them".into(),
            )
        }),
    }
}

fn documents(marks: &[Mark], g: &mut Gathering) -> Result<(), FormatError> {
    let question = g.question("label", Task::Spans);
    let mut texts: BTreeMap<&str, Vec<u16>> = BTreeMap::new();
    let mut long = 0;
    for mark in marks {
        let units = texts.entry(&mark.document).or_default();
        if mark.end as usize > MAX_UNITS {
            long += 1;
            continue;
        }
        if units.len() < mark.end as usize {
            units.resize(mark.end as usize, UNKNOWN);
        }
        for (slot, unit) in
            units[mark.begin as usize..mark.end as usize].iter_mut().zip(mark.text.encode_utf16())
        {
            *slot = unit;
        }
    }
    g.notes.add("partial_text", Place::FILE, texts.len() as u64, || {
        (
            "Only what was marked is in this file; the rest of the text is shown as dots".into(),
            "Open the exported project to see whole texts".into(),
        )
    });
    g.notes.add("bad_place", Place::FILE, long, || {
        ("Places beyond 16 million characters were passed over".into(), "Mend them".into())
    });
    // How many code points begin before each unit.
    let mut points: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for (document, units) in &texts {
        let text = String::from_utf16_lossy(units);
        let mut before = Vec::with_capacity(units.len() + 1);
        for (n, c) in text.chars().enumerate() {
            before.extend(std::iter::repeat_n(n as u32, c.len_utf16()));
        }
        before.push(text.chars().count() as u32);
        let item = g.item(document)?;
        g.text(item, &text)?;
        points.insert(document, before);
    }
    for mark in marks {
        let item = g.item(&mark.document)?;
        let rater = g.rater(&mark.user)?;
        let point =
            |unit: u32| points.get(mark.document.as_str()).and_then(|p| p.get(unit as usize)).copied();
        match (point(mark.begin), point(mark.end)) {
            (Some(begin), Some(end)) if !mark.label.is_empty() => {
                g.mark(question, item, rater, begin..end.max(begin + 1), &mark.label)?;
            }
            (Some(_), Some(_)) => g.notes.add("no_label", Place::FILE, 1, || {
                (
                    format!("Marks without a label, such as on “{}”, were passed over", visible(&mark.text)),
                    String::new(),
                )
            }),
            _ => {}
        }
    }
    Ok(())
}
