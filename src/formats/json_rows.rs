//! JSON of no tool in particular as a table: one record a row.
//!
//! Records may be lines, a list, or an object by key. Objects within a record become columns `a.b`, lists stay JSON in
//! one cell. Votes within a record, as a list of objects with a rater and a label or as an object from raters to
//! labels, become one row a vote, the record's other cells repeated. An object from raters to items to labels (or
//! from items to raters to labels) becomes one row a label.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use super::batch::{Coded, NO_CELL};
use super::columns::reviewer;
use super::delimited::MAX_COLUMNS;
use super::error::{FormatError, visible};
use super::held::Held;
use super::intake::{json_error, note_repairs, text_of};
use super::intern::Interner;
use super::json::{Entry, Kind, Node, Records, Shape, line_of};
use super::notes::{Notes, Place};
use super::schema::{is_key_name, names_votes, roles_of_votes, says_label, says_something};
use crate::dataset::Role;
use crate::progress::Progress;

/// Records looked at to find out what the file holds.
const LOOKED_AT: usize = 1_000;
/// Most different labels of a map from raters to items.
const MAX_MAP_LABELS: usize = 200;
/// Names under which an object from raters to labels is kept.
const VOTE_MAPS: [&str; 12] = [
    "votes",
    "annotations",
    "labels",
    "ratings",
    "raters",
    "annotators",
    "judgments",
    "judgements",
    "responses",
    "answers",
    "workers",
    "coders",
];

/// How a file's records are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) shape: Shape,
    /// What the column of the records' keys is called, where they have some.
    pub(crate) key: Option<String>,
    pub(crate) votes: Votes,
}

/// Where votes stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Votes {
    /// Nowhere: a record is a row.
    None,
    /// In a list of this name.
    List(String),
    /// In an object of this name, from raters to labels.
    Map(String),
    /// The file is an object from raters to items to labels.
    ByRater,
    /// The file is an object from items to raters to labels.
    ByItem,
}

impl Plan {
    /// From the first records of a text.
    pub(crate) fn of(text: &str) -> Self {
        let mut records = Records::new(text);
        let mut entries = Vec::new();
        while let (true, Ok(Some(entry))) = (entries.len() < LOOKED_AT, records.next()) {
            entries.push(entry);
        }
        let shape = records.shape;
        let taken = |name: &str| entries.iter().any(|e| e.node.get(name).is_some());
        let key = (shape == Shape::Keyed).then(|| {
            ["id", "key", "record_key"].into_iter().find(|n| !taken(n)).unwrap_or("record.key").to_owned()
        });
        let votes = if shape == Shape::Keyed { map_of(&entries) } else { None };
        Self { shape, key, votes: votes.or_else(|| votes_in(&entries)).unwrap_or(Votes::None) }
    }
}

/// Whether the file is a map between raters and items.
fn map_of(entries: &[Entry]) -> Option<Votes> {
    let mut values: HashSet<String> = HashSet::new();
    let mut inner: HashSet<&str> = HashSet::new();
    let mut cells = 0;
    for entry in entries {
        if !entry.node.is_object() {
            return None;
        }
        for member in entry.node.members() {
            inner.insert(&member.key);
            cells += 1;
            if !member.value.is_null() {
                values.insert(member.value.scalar()?);
            }
            if values.len() > MAX_MAP_LABELS {
                return None;
            }
        }
    }
    // Records name their fields alike, and with words that say what is in them.
    if cells < 2 * values.len() || inner.iter().take(200).any(|name| says_something(name)) {
        return None;
    }
    // Who reviewed stands among the raters; else there are fewer of them than of items.
    let reviewed = |name: &str| reviewer(name).is_some();
    let by_rater = if entries.iter().any(|e| e.key.as_deref().is_some_and(reviewed)) {
        true
    } else {
        entries.len() <= inner.len() && !inner.iter().any(|name| reviewed(name))
    };
    Some(if by_rater { Votes::ByRater } else { Votes::ByItem })
}

/// The member that holds votes.
fn votes_in(entries: &[Entry]) -> Option<Votes> {
    for member in entries.iter().flat_map(|e| e.node.members()) {
        match &member.value.kind {
            Kind::List(list) => {
                let votes = |n: &Node| names_votes(n.members().iter().map(|m| m.key.as_str()));
                if !list.is_empty() && list.iter().all(votes) {
                    return Some(Votes::List(member.key.clone()));
                }
            }
            Kind::Object(inner) => {
                let named = VOTE_MAPS.contains(&member.key.to_ascii_lowercase().as_str());
                let labels = inner.iter().all(|m| m.value.scalar().is_some() || m.value.is_null());
                let fields = inner.iter().any(|m| says_label(&m.key));
                if named && labels && !fields && !inner.is_empty() {
                    return Some(Votes::Map(member.key.clone()));
                }
            }
            _ => {}
        }
    }
    None
}

/// Calls `cell` with the name of a column and the value in it, for everything in a record but its votes.
pub(crate) fn flatten<'n>(node: &'n Node, votes: &Votes, cell: &mut impl FnMut(&str, &'n Node)) {
    let skip = match votes {
        Votes::List(name) | Votes::Map(name) => Some(name.as_str()),
        _ => None,
    };
    let mut name = String::new();
    for member in node.members().iter().filter(|m| Some(m.key.as_str()) != skip) {
        name.clear();
        name.push_str(&member.key);
        inside(&member.value, &mut name, cell);
    }
}

fn inside<'n>(node: &'n Node, name: &mut String, cell: &mut impl FnMut(&str, &'n Node)) {
    let Kind::Object(members) = &node.kind else { return cell(name, node) };
    for member in members {
        let length = name.len();
        name.push('.');
        name.push_str(&member.key);
        inside(&member.value, name, cell);
        name.truncate(length);
    }
}

/// What a value says as a cell; `None` for `null`.
pub(crate) fn cell_text<'t>(text: &'t str, node: &'t Node) -> Option<std::borrow::Cow<'t, str>> {
    match &node.kind {
        Kind::Null => None,
        Kind::Text(value) => Some(value.as_str().into()),
        Kind::Number(spelling) => Some(spelling.as_str().into()),
        Kind::Bool(b) => Some(if *b { "true" } else { "false" }.into()),
        // As it stands, line breaks and all.
        Kind::List(_) | Kind::Object(_) => Some(text[node.range.clone()].into()),
    }
}

/// Columns that come up as records are read.
#[derive(Default)]
struct Columns {
    names: Vec<String>,
    places: HashMap<String, usize>,
    cells: Vec<(Interner, Vec<u32>)>,
    rows: usize,
}

impl Columns {
    fn place(&mut self, name: &str) -> usize {
        if let Some(&at) = self.places.get(name) {
            return at;
        }
        self.places.insert(name.to_owned(), self.names.len());
        self.names.push(name.to_owned());
        self.cells.push((Interner::default(), Vec::new()));
        self.names.len() - 1
    }

    /// Says what stands in a column of the row that is being made.
    fn set(&mut self, place: usize, value: Option<&str>) {
        let (known, codes) = &mut self.cells[place];
        codes.resize(self.rows, NO_CELL);
        codes.push(value.and_then(|v| known.intern(v)).map_or(NO_CELL, |(code, _)| code));
        // A repeated name in one record: the last counts.
        if codes.len() > self.rows + 1 {
            codes.swap_remove(self.rows);
        }
    }

    /// The same as in the row before.
    fn repeat(&mut self, place: usize, code: u32) {
        let codes = &mut self.cells[place].1;
        codes.resize(self.rows, NO_CELL);
        codes.push(code);
    }

    fn code(&self, place: usize, row: usize) -> u32 {
        self.cells[place].1.get(row).copied().unwrap_or(NO_CELL)
    }
}

/// Whether a text begins like JSON records: with an object, or a list of them.
pub(crate) fn is_json(head: &[u8]) -> bool {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let next = || text.get(1..).unwrap_or_default().trim_ascii_start().first().copied();
    match text.first() {
        Some(b'{') => matches!(next(), Some(b'"' | b'}' | b'/') | None),
        Some(b'[') => matches!(next(), Some(b'{' | b']') | None),
        _ => false,
    }
}

/// The table in a JSON file.
pub(crate) fn table(path: &Path, notes: &mut Notes) -> Result<Held, FormatError> {
    let progress = Progress::new();
    let read = text_of(path, &progress)?;
    let text = read.text.as_str();
    let plan = Plan::of(text);
    let mut records = Records::new(text);
    let mut columns = Columns::default();
    let mut lines = Vec::new();
    let (mut line, mut line_at, mut others) = (1u64, 0usize, 0u64);
    let key = plan.key.as_deref().filter(|_| !matches!(plan.votes, Votes::ByRater | Votes::ByItem));
    let key = key.map(|name| columns.place(name));
    while let Some(entry) = records.next().map_err(|e| json_error(path, text, &e))? {
        let at = entry.node.range.start;
        line += text[line_at..at].matches('\n').count() as u64;
        line_at = at;
        if !entry.node.is_object() {
            others += 1;
            continue;
        }
        if let Votes::ByRater | Votes::ByItem = plan.votes {
            let names = if plan.votes == Votes::ByRater { ["rater", "item"] } else { ["item", "rater"] };
            let (outer, inner, label) =
                (columns.place(names[0]), columns.place(names[1]), columns.place("label"));
            for member in entry.node.members() {
                columns.set(outer, entry.key.as_deref());
                columns.set(inner, Some(&member.key));
                columns.set(label, cell_text(text, &member.value).as_deref());
                columns.rows += 1;
                lines.push(line_of_range(text, line, line_at, member.key_range.start));
            }
            continue;
        }
        let first = columns.rows;
        if let Some(key) = key {
            columns.set(key, entry.key.as_deref());
        }
        let mut own: Vec<usize> = key.into_iter().collect();
        flatten(&entry.node, &plan.votes, &mut |name, value| {
            let place = columns.place(name);
            columns.set(place, cell_text(text, value).as_deref());
            own.push(place);
        });
        let mut n = 0;
        // Every vote after the first repeats what the record says.
        let mut begin = |columns: &mut Columns| {
            if n > 0 {
                columns.rows += 1;
                for &place in &own {
                    let code = columns.code(place, first);
                    columns.repeat(place, code);
                }
            }
            n += 1;
            lines.push(line);
        };
        match &plan.votes {
            Votes::List(name) => {
                let list = entry.node.get(name).map_or(&[][..], Node::list);
                for vote in list.iter().filter(|v| v.is_object()) {
                    begin(&mut columns);
                    flatten(vote, &Votes::None, &mut |inner, value| {
                        let place = columns.place(&format!("{name}.{inner}"));
                        columns.set(place, cell_text(text, value).as_deref());
                    });
                }
            }
            Votes::Map(name) => {
                let (rater, label) = (format!("{name}.rater"), format!("{name}.label"));
                for vote in entry.node.get(name).map_or(&[][..], Node::members) {
                    begin(&mut columns);
                    let (rater, label) = (columns.place(&rater), columns.place(&label));
                    columns.set(rater, Some(&vote.key));
                    columns.set(label, cell_text(text, &vote.value).as_deref());
                }
            }
            _ => {}
        }
        if lines.len() == first {
            lines.push(line);
        }
        columns.rows += 1;
        if columns.names.len() > MAX_COLUMNS {
            let what = format!("the records have more than {MAX_COLUMNS} different fields");
            let remedy = "write one record an annotation, with the same fields in each";
            return Err(FormatError::of(path, what, remedy).at_line(line_of(text, at)));
        }
    }
    note_repairs(notes, text, &records.repairs);
    notes.add("not_a_record", Place::FILE, others, || {
        (
            "Values that are not objects stand among the records; they are passed over".into(),
            "Remove them".into(),
        )
    });
    if columns.rows == 0 {
        return Err(FormatError::of(
            path,
            "this file holds no record",
            "write one JSON object an annotation or item",
        ));
    }
    note_votes(&plan, notes);
    let roles = roles_of(&plan, &columns);
    let rows = columns.rows;
    let cells = columns.cells.into_iter().map(|(known, mut codes)| {
        codes.resize(rows, NO_CELL);
        Coded { codes, values: known.into_strings() }
    });
    let cells: Vec<Coded> = cells.collect();
    Ok(Held::new(path, super::table::unique(&columns.names), cells, rows).with_lines(lines).with_roles(roles))
}

/// Roles that the structure of the file gives: those of votes, and counts of votes a label.
fn roles_of(plan: &Plan, columns: &Columns) -> Vec<Option<Role>> {
    let names = &columns.names;
    match &plan.votes {
        Votes::ByRater | Votes::ByItem => {
            let role = |name: &String| name.parse().ok();
            names.iter().map(role).collect()
        }
        Votes::List(of) | Votes::Map(of) => {
            roles_of_votes(names, |i| names[i].strip_prefix(of.as_str()).is_some_and(|n| n.starts_with('.')))
        }
        Votes::None => {
            let counted = |name: &str, i: usize| -> Option<Role> {
                let (of, label) = name.rsplit_once('.')?;
                let words = of.to_ascii_lowercase();
                let says = ["counter", "counts", "votes", "tally"].iter().any(|w| words.ends_with(w));
                let whole = columns.cells[i].0.strings().iter().all(|v| v.parse::<u32>().is_ok());
                (says && whole && !label.is_empty()).then(|| Role::Count(label.to_owned()))
            };
            let roles: Vec<Option<Role>> = names.iter().enumerate().map(|(i, n)| counted(n, i)).collect();
            if roles.iter().flatten().count() < 2 {
                return Vec::new();
            }
            // Then other columns of few short values are derived from the counts, or tell of the item.
            let short = |i: usize| {
                let values = columns.cells[i].0.strings();
                values.iter().map(str::len).sum::<usize>() <= 20 * values.len()
            };
            let item = names.iter().position(|n| is_key_name(n));
            let role = |(i, role): (usize, Option<Role>)| match role {
                None if Some(i) == item => Some(Role::Item),
                None if short(i) => Some(Role::Meta),
                role => role,
            };
            roles.into_iter().enumerate().map(role).collect()
        }
    }
}

/// The line of byte `at`, known that byte `from` is on `line`.
fn line_of_range(text: &str, line: u64, from: usize, at: usize) -> u64 {
    // Close by, as a record is not long; in long ones lines are those of the record.
    let stretch = &text[from..at.min(text.len())];
    if stretch.len() > 1 << 12 { line } else { line + stretch.matches('\n').count() as u64 }
}

fn note_votes(plan: &Plan, notes: &mut Notes) {
    let what = match &plan.votes {
        Votes::None => return,
        Votes::List(name) | Votes::Map(name) => {
            format!("“{}” holds the votes of a record, which are read as one row each", visible(name))
        }
        Votes::ByRater => {
            "The file is an object from raters to items to labels, read as one row a label".to_owned()
        }
        Votes::ByItem => {
            "The file is an object from items to raters to labels, read as one row a label".to_owned()
        }
    };
    notes.add("votes_in_rows", Place::FILE, 1, || (what, "Nothing to do".into()));
}

#[cfg(test)]
mod tests {
    use super::super::batch::Batches as _;
    use super::*;

    fn rows(text: &str) -> Vec<String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t.json");
        std::fs::write(&path, text).unwrap();
        let mut notes = Notes::new(&path);
        let mut table = match table(&path, &mut notes) {
            Ok(table) => table,
            Err(e) => return vec![e.to_string()],
        };
        let mut out = vec![table.names().join("|")];
        let batch = table.next_batch(&[], &mut notes, &Progress::new()).unwrap().unwrap();
        assert!(batch.columns.iter().all(|c| c.codes.len() == batch.rows), "columns of one length");
        assert_eq!(batch.lines.len(), batch.rows);
        for row in 0..batch.rows {
            let cell = |c: &Coded| {
                if c.codes[row] == NO_CELL { "-" } else { c.values.get(c.codes[row] as usize) }.to_owned()
            };
            let cells: Vec<String> = batch.columns.iter().map(cell).collect();
            out.push(format!("{}:{}", batch.lines[row], cells.join("|")));
        }
        out
    }

    #[test]
    fn records_are_rows_and_objects_columns() {
        assert_eq!(
            rows(
                "{\"id\": 1, \"a\": {\"b\": true, \"c\": {\"d\": 1.0}}}\n{\"id\": \"x\", \"tags\": [1, \"y\"], \"n\": null}\n"
            ),
            ["id|a.b|a.c.d|tags|n", "1:1|true|1.0|-|-", "2:x|-|-|[1, \"y\"]|-"]
        );
        assert_eq!(rows("[\n{\"id\": 1},\n{\"id\": 2}]"), ["id", "2:1", "3:2"]);
        assert_eq!(
            rows(
                "{\"t1\": {\"text\": \"a\", \"label\": \"x\"}, \"t2\": {\"text\": \"b\", \"label\": \"x\"}}"
            ),
            ["id|text|label", "1:t1|a|x", "1:t2|b|x"]
        );
    }

    #[test]
    fn votes_are_rows_and_a_record_without_votes_keeps_one() {
        assert_eq!(
            rows(
                "{\"id\": 1, \"annotations\": []}\n{\"id\": 2, \"annotations\": [{\"annotator\": \"ana\", \"label\": \"x\"}, \
                 {\"annotator\": \"ben\", \"label\": null, \"s\": 3}], \"z\": 1}\n"
            ),
            [
                "id|z|annotations.annotator|annotations.label|annotations.s",
                "1:1|-|-|-|-",
                "2:2|1|ana|x|-",
                "2:2|1|ben|-|3"
            ]
        );
        assert_eq!(
            rows("[{\"id\": 1, \"votes\": {\"ana\": \"x\", \"ben\": \"y\"}}]"),
            ["id|votes.rater|votes.label", "1:1|ana|x", "1:1|ben|y"]
        );
    }

    #[test]
    fn maps_between_raters_and_items_are_told_by_their_sides() {
        let by_rater = rows("{\"w1\": {\"a__1\": 3, \"b__1\": 2}, \"w2\": {\"a__1\": 3, \"b__1\": 3}}");
        assert_eq!(
            by_rater,
            ["rater|item|label", "1:w1|a__1|3", "1:w1|b__1|2", "1:w2|a__1|3", "1:w2|b__1|3"]
        );
        let by_item = rows("{\"i1\": {\"w1\": 3}, \"i2\": {\"w1\": 2, \"w2\": 2}, \"i3\": {\"w2\": 3}}");
        assert_eq!(by_item[0], "item|rater|label");
        assert_eq!(by_item.len(), 5);
    }
}
