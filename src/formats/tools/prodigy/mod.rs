//! Prodigy (Explosion): JSON Lines of `db-out`, also those of its review recipe.
//!
//! A record is one answer of one session. Records with the same input are one item where raters label by hand; where
//! they only accept or reject a proposed label, the task counts, which is input and proposal. `ignore` is a skipped
//! item, and so are rejected records of manual views not taken for answers.

mod write;

use std::collections::HashSet;

use super::super::error::FormatError;
use super::super::gather::Gathering;
use super::super::intake::InputFile;
use super::super::intern::Interner;
use super::super::json::Node;
use super::super::offsets::Unit;
use super::super::registry::{Evidence, Format, Look};
use super::fields::Fields;
use super::passed::Passed;
use super::records::{each_record, first, folder};
use super::turns::{Kind, Mark, Said, Turn, Turns, Who};
use crate::dataset::{Missing, NOTHING};
use crate::progress::Progress;

/// Prodigy's JSON Lines.
pub(in super::super) static PRODIGY: Format = Format {
    id: "prodigy",
    name: "Prodigy JSONL",
    reads: "accept and reject, choices, spans by hand, output of the review recipe",
    writes: "a record by the reviewer for each decided item",
    extensions: &["jsonl"],
    detect,
    read,
    write: Some(write::write),
};

/// Members that say something about the record and not about its item.
const OWN: [&str; 20] = [
    "text",
    "meta",
    "label",
    "answer",
    "accept",
    "options",
    "config",
    "spans",
    "tokens",
    "relations",
    "versions",
    "sessions",
    "default",
    "view_id",
    "html",
    "score",
    "priority",
    "dissensus",
    "width",
    "height",
];

fn is_prodigy(node: &Node) -> bool {
    node.has(&["_input_hash", "_task_hash"])
}

fn detect(look: &Look<'_>) -> Option<Evidence> {
    if look.listing.is_some() {
        let files = folder(look, ".jsonl", is_prodigy);
        let because = format!("it holds {} files whose records have _input_hash and _task_hash", files.len());
        let files: Vec<InputFile> = files.iter().map(|f| look.input(f, None)).collect();
        return (!files.is_empty()).then_some(Evidence { because, files });
    }
    let node = first(look).filter(is_prodigy)?;
    let what = if node.has(&["versions"]) {
        "_input_hash, _task_hash and versions"
    } else {
        "_input_hash and _task_hash"
    };
    Evidence::file(look, format!("its records have {what}"))
}

fn read(files: &[InputFile], gathering: &mut Gathering, progress: &Progress) -> Result<(), FormatError> {
    learn(files, gathering, progress).map(drop)
}

/// How raters answer a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum View {
    /// Accept or reject.
    Binary,
    Choice,
    Spans,
}

impl View {
    fn of(record: &Node) -> Option<Self> {
        let name =
            record.get("view_id").or_else(|| record.get("_view_id")).and_then(Node::text).unwrap_or_default();
        let binary = record.get("_is_binary").and_then(Node::bool);
        if record.get("options").is_some_and(Node::is_list) || name == "choice" {
            Some(Self::Choice)
        } else if binary == Some(true) || name == "classification" {
            Some(Self::Binary)
        } else if name.ends_with("_manual") || record.has(&["tokens"]) || record.has(&["spans"]) {
            Some(Self::Spans)
        } else if record.some("label").is_some() {
            Some(Self::Binary)
        } else {
            None
        }
    }

    /// What the question is called: the member that holds the answer.
    fn question(self) -> &'static str {
        match self {
            Self::Binary => "answer",
            Self::Choice => "accept",
            Self::Spans => "spans",
        }
    }
}

/// What a writer must know of the whole source.
#[derive(Default)]
struct Learned {
    /// For each file the items of its records.
    items: Vec<Vec<u32>>,
    /// What the records call each item.
    keys: Vec<String>,
    /// What the names of all sessions begin with, with its hyphen.
    prefix: String,
}

#[derive(Default)]
struct Reading {
    turns: Turns,
    fields: Fields,
    raters: Interner,
    keys: Vec<String>,
}

fn learn(
    files: &[InputFile],
    gathering: &mut Gathering,
    progress: &Progress,
) -> Result<Learned, FormatError> {
    let mut reading = Reading::default();
    let mut items = Vec::new();
    for file in files {
        let mut here = Vec::new();
        each_record(file, gathering, progress, |gathering, _, entry, passed| {
            here.push(reading.record(gathering, &entry.node, file, passed)?);
            Ok(())
        })?;
        items.push(here);
    }
    let names: Vec<String> = reading.raters.strings().iter().map(str::to_owned).collect();
    let prefix = common_prefix(&names).to_owned();
    // Numbers were given in this order.
    for name in short_names(&names, &prefix) {
        gathering.rater(&name)?;
    }
    reading.fields.settle_key(gathering, None);
    reading.turns.finish(gathering, &[Unit::CodePoint])?;
    Ok(Learned { items, keys: reading.keys, prefix })
}

/// The name of the data set that all session names begin with, and the hyphen behind it.
fn common_prefix(names: &[String]) -> &str {
    let [first, others @ ..] = names else { return "" };
    let dated = |name: &String| {
        let digits = name.bytes().take_while(u8::is_ascii_digit).count();
        digits == 4 && name.as_bytes().get(4) == Some(&b'-')
    };
    if others.is_empty() || names.iter().any(dated) {
        return "";
    }
    let same = others.iter().fold(first.as_str(), |same, name| {
        let n = same.bytes().zip(name.bytes()).take_while(|(a, b)| a == b).count();
        let n = (0..=n).rev().find(|&n| same.is_char_boundary(n)).unwrap_or_default();
        &same[..n]
    });
    match same.rfind('-') {
        Some(at) if names.iter().all(|n| n.len() > at + 1) => &first[..=at],
        _ => "",
    }
}

/// Names without the prefix, `%20` and its like decoded, where they stay different.
fn short_names(names: &[String], prefix: &str) -> Vec<String> {
    let short: Vec<String> = names.iter().map(|n| decoded(n.strip_prefix(prefix).unwrap_or(n))).collect();
    let distinct: HashSet<&String> = short.iter().collect();
    if distinct.len() == names.len() { short } else { names.to_vec() }
}

/// Percent signs with two hexadecimal digits as the bytes they mean, where that gives text.
fn decoded(name: &str) -> String {
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let [first, tail @ ..] = rest {
        let digit = |i: usize| tail.get(i).and_then(|&b| char::from(b).to_digit(16));
        match (first, digit(0), digit(1)) {
            (b'%', Some(a), Some(b)) => {
                bytes.push((a * 16 + b) as u8);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| name.to_owned())
}

impl Reading {
    /// Takes one record and says which item it is about.
    fn record(
        &mut self,
        gathering: &mut Gathering,
        record: &Node,
        file: &InputFile,
        passed: &mut Passed,
    ) -> Result<u32, FormatError> {
        let view = View::of(record);
        let item = self.item(gathering, record, view)?;
        if let Some(text) = record.some("text").or_else(|| record.some("html")).and_then(Node::text) {
            gathering.text(item, text)?;
        }
        for member in record.members() {
            if !member.key.starts_with('_') && !OWN.contains(&member.key.as_str()) {
                self.fields.take(gathering, item, &member.key, &member.value, passed)?;
            }
        }
        for member in record.get("meta").map_or(&[][..], Node::members) {
            self.fields.take(gathering, item, &member.key, &member.value, passed)?;
        }
        let Some(view) = view else {
            passed.hit(
                "no_label",
                "",
                record.range.start,
                || "Records without options, spans or a label were not used".into(),
                "Only choices, spans and proposed labels are read",
            );
            return Ok(item);
        };
        if let (View::Binary, Some(label)) = (view, record.some("label").and_then(Node::scalar)) {
            gathering.meta(item, "label", &label)?;
        }
        let name = |key: &str| record.some(key).and_then(Node::scalar).filter(|n| !n.is_empty());
        let rater = name("_annotator_id").or_else(|| name("_session_id"));
        if let Some(ours) = record.some("dissensus") {
            let reviewer = ours.get("reviewer").and_then(Node::text).unwrap_or_default();
            self.turn(item, view, record, Who::Reviewer(reviewer.to_owned()), Some(ours));
            return Ok(item);
        }
        let Some(versions) = record.get("versions").filter(|v| v.is_list()) else {
            let rater = rater.or_else(|| file.rater.clone()).unwrap_or_else(|| "unknown".to_owned());
            let rater = self.rater(&rater);
            self.turn(item, view, record, Who::Rater(rater), None);
            return Ok(item);
        };
        for version in versions.list() {
            for session in version.get("sessions").map_or(&[][..], Node::list).iter().filter_map(Node::scalar)
            {
                let rater = self.rater(&session);
                self.turn(item, view, version, Who::Rater(rater), None);
            }
        }
        self.review(item, view, record, rater.unwrap_or_default());
        Ok(item)
    }

    fn rater(&mut self, name: &str) -> u32 {
        // Fewer than 4 billion records fit into what is read.
        self.raters.intern(name).map_or(0, |(n, _)| n)
    }

    fn item(
        &mut self,
        gathering: &mut Gathering,
        record: &Node,
        view: Option<View>,
    ) -> Result<u32, FormatError> {
        let ours = record.get("dissensus").and_then(|d| d.get("item")).and_then(Node::scalar);
        let hash = if view == Some(View::Binary) { "_task_hash" } else { "_input_hash" };
        let hash = ours.or_else(|| record.some(hash).and_then(Node::scalar));
        let key = hash.unwrap_or_else(|| {
            let shown =
                ["text", "image", "html", "audio", "video"].iter().find_map(|k| record.some(k)?.scalar());
            shown.unwrap_or_default()
        });
        let item = gathering.item(&key)?;
        if item as usize == self.keys.len() {
            self.keys.push(key);
        }
        Ok(item)
    }

    fn turn(&mut self, item: u32, view: View, record: &Node, who: Who, ours: Option<&Node>) {
        let kind = match view {
            View::Binary => Kind::Choice,
            View::Spans => Kind::Spans,
            View::Choice => {
                let style = record.get("config").and_then(|c| c.get("choice_style")).and_then(Node::text);
                if style == Some("multiple") { Kind::Several } else { Kind::Choice }
            }
        };
        let Some(question) = self.turns.question(view.question(), kind) else { return };
        let answer = record.get("answer").and_then(Node::text).unwrap_or("accept");
        let absent = match answer {
            "ignore" => Some(Missing::Skipped),
            "reject" if view != View::Binary => Some(Missing::Rejected),
            _ => None,
        };
        let said = match view {
            _ if absent.is_some() => None,
            View::Binary => {
                self.turns.declare(question, ["accept".to_owned(), "reject".to_owned()]);
                Some(Said::Labels(vec![self.turns.label(answer)]))
            }
            View::Choice => {
                let options = record.get("options").map_or(&[][..], Node::list);
                self.turns
                    .declare(question, options.iter().filter_map(|o| o.get("id").and_then(Node::scalar)));
                let labels: Vec<String> = record
                    .get("accept")
                    .map_or(&[][..], Node::list)
                    .iter()
                    .filter_map(Node::scalar)
                    .collect();
                Some(Said::Labels(labels.iter().map(|l| self.turns.label(l)).collect()))
            }
            View::Spans => {
                let mut marks = self.marks(record);
                let nothing = ours.and_then(|o| o.get("nothing")).map_or(&[][..], Node::list);
                let label = self.turns.label(NOTHING);
                marks.extend(nothing.iter().filter_map(|p| match p.list() {
                    [start, end] => {
                        Some(Mark { start: start.count()?, end: end.count()?, label, covered: None })
                    }
                    _ => None,
                }));
                Some(Said::Marks(marks))
            }
        };
        let said = said.into_iter().map(|s| (question, s)).collect();
        let moment = record.get("_timestamp").and_then(Node::number);
        self.turns.add(Turn { item, who, about: question, stamp: 0, seconds: None, moment, said, absent });
    }

    fn marks(&mut self, record: &Node) -> Vec<Mark> {
        let mut marks = Vec::new();
        for span in record.get("spans").map_or(&[][..], Node::list) {
            let place = |key: &str| span.get(key).and_then(Node::count);
            if let (Some(start), Some(end)) = (place("start"), place("end")) {
                let label = span.some("label").and_then(Node::scalar).unwrap_or_default();
                marks.push(Mark { start, end, label: self.turns.label(&label), covered: None });
            }
        }
        marks
    }

    /// What the review recipe settled on: also that what some version marks is nothing.
    fn review(&mut self, item: u32, view: View, record: &Node, reviewer: String) {
        if record.get("answer").and_then(Node::text) == Some("ignore") {
            return;
        }
        let who = Who::Reviewer(reviewer);
        if view != View::Spans {
            return self.turn(item, view, record, who, None);
        }
        let Some(question) = self.turns.question(view.question(), Kind::Spans) else { return };
        let mut marks = self.marks(record);
        let mut places: HashSet<(u32, u32)> = marks.iter().map(|m| (m.start, m.end)).collect();
        let label = self.turns.label(NOTHING);
        for version in record.get("versions").map_or(&[][..], Node::list) {
            for mark in self.marks(version) {
                if places.insert((mark.start, mark.end)) {
                    marks.push(Mark { label, ..mark });
                }
            }
        }
        let said = vec![(question, Said::Marks(marks))];
        self.turns.add(Turn {
            item,
            who,
            about: question,
            stamp: 0,
            seconds: None,
            moment: None,
            said,
            absent: None,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_set_is_taken_off_session_names_where_all_have_it() {
        for (names, prefix, short) in [
            (vec!["ner-ana", "ner-ben"], "ner-", vec!["ana", "ben"]),
            (vec!["my-ner-ana", "my-ner-ben%20c"], "my-ner-", vec!["ana", "ben c"]),
            (vec!["ner-ana", "ben"], "", vec!["ner-ana", "ben"]),
            (vec!["ner-ana"], "", vec!["ner-ana"]),
            (
                vec!["2026-03-10_10-00-00", "2026-03-10_11-00-00"],
                "",
                vec!["2026-03-10_10-00-00", "2026-03-10_11-00-00"],
            ),
            (vec!["d-a%20b", "d-a b"], "d-", vec!["d-a%20b", "d-a b"]),
        ] {
            let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
            assert_eq!(common_prefix(&names), prefix, "{names:?}");
            assert_eq!(short_names(&names, prefix), short, "{names:?}");
        }
    }
}
