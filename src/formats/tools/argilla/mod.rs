//! Argilla: `records.json` of a data set on disk, its flattened JSON Lines, and the feedback records of 1.x.
//!
//! Raters are user identifiers; their names are not exported. A discarded response is a skipped item, a draft is no
//! answer yet. A suggestion by an agent that begins with `dissensus:` is a verdict; other suggestions are shown beside
//! the item.

mod settings;
mod write;

use std::collections::BTreeMap;

use super::super::error::FormatError;
use super::super::gather::Gathering;
use super::super::intake::{InputFile, text_of};
use super::super::json::{Node, Repairs, parse};
use super::super::offsets::Unit;
use super::super::registry::{Evidence, Format, Look};
use super::fields::Fields;
use super::passed::Passed;
use super::records::{each_record, first};
use super::turns::{Kind, Mark, Said, Turn, Turns, Who};
use crate::dataset::{Missing, NOTHING};
use crate::progress::Progress;
use settings::Question;

/// Argilla's records.
pub(in super::super) static ARGILLA: Format = Format {
    id: "argilla",
    name: "Argilla records",
    reads: "records.json with its settings, flattened JSONL, feedback records of 1.x",
    writes: "a suggestion by the reviewer for each decided record",
    extensions: &["json", "jsonl"],
    detect,
    read,
    write: Some(write::write),
};

/// What the agents of verdicts are called before the reviewer's name.
const AGENT: &str = "dissensus:";
/// Metadata that a review adds.
const ACTION: &str = "dissensus_action";
const BEFORE: &str = "dissensus_before_";
const NOTHING_AT: &str = "dissensus_nothing_";

fn detect(look: &Look<'_>) -> Option<Evidence> {
    if let Some(listing) = &look.listing {
        let has = |name: &str| listing.iter().any(|f| f == name);
        if !has("records.json") || !has(".argilla/settings.json") {
            return None;
        }
        let settings = look.ending(".json").filter(|f| f.starts_with(".argilla/"));
        return Some(Evidence {
            because: "it holds records.json and .argilla/settings.json".to_owned(),
            files: ["records.json"].into_iter().chain(settings).map(|f| look.input(f, None)).collect(),
        });
    }
    let node = first(look)?;
    if node.get("fields").is_some_and(Node::is_object) {
        let responses = node.get("responses")?;
        let which =
            if responses.is_list() { "fields and a list of responses" } else { "fields and responses" };
        return Evidence::file(look, format!("its records have {which}"));
    }
    let flat = node.members().iter().any(|m| m.key.ends_with(".responses.users"));
    flat.then(|| Evidence::file(look, "its records have columns that end in .responses.users")).flatten()
}

fn read(files: &[InputFile], gathering: &mut Gathering, progress: &Progress) -> Result<(), FormatError> {
    learn(files, gathering, progress).map(drop)
}

/// Whether a file of the source holds records, not settings.
fn holds_records(file: &InputFile) -> bool {
    !file.name.starts_with(".argilla/")
}

/// What a writer must know of the whole source.
struct Learned {
    /// For each file the items of its records.
    items: Vec<Vec<u32>>,
    kinds: BTreeMap<String, Kind>,
    unit: Unit,
}

/// How a record is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Responses by question.
    Records,
    /// A list of responses.
    Feedback,
    /// Columns with dots.
    Flat,
}

impl Form {
    fn of(record: &Node) -> Self {
        match record.get("responses") {
            Some(list) if list.is_list() => Self::Feedback,
            _ if record.get("fields").is_some_and(Node::is_object) => Self::Records,
            _ => Self::Flat,
        }
    }
}

#[derive(Default)]
struct Reading {
    turns: Turns,
    fields: Fields,
    questions: Vec<Question>,
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
        if holds_records(file) {
            reading.questions.extend(settings::beside(&file.path));
            for question in &reading.questions {
                let number = question.kind.and_then(|kind| reading.turns.question(&question.name, kind));
                if let Some(number) = number {
                    reading.turns.declare(number, question.labels.iter().cloned());
                }
            }
            each_record(file, gathering, progress, |gathering, _, entry, passed| {
                here.push(reading.record(gathering, &entry.node, entry.number, passed)?);
                Ok(())
            })?;
        } else {
            gathering.files.push(text_of(&file.path, progress)?.file);
        }
        items.push(here);
    }
    let field = reading.questions.iter().find_map(|q| q.field.as_deref());
    reading.fields.settle_text(gathering, field);
    let kinds = reading.turns.kinds().map(|(name, kind)| (name.to_owned(), kind)).collect();
    let unit = reading.turns.finish(gathering, &[Unit::CodePoint, Unit::Utf16])?;
    Ok(Learned { items, kinds, unit })
}

/// One response to one question.
struct Response<'n> {
    question: &'n str,
    value: Option<&'n Node>,
    user: Option<String>,
    status: Option<&'n str>,
}

/// All responses of a record.
fn responses<'n>(record: &'n Node, form: Form) -> Vec<Response<'n>> {
    let mut all = Vec::new();
    let user = |node: &Node| node.some("user_id").and_then(Node::scalar);
    let status = |node: &'n Node| node.get("status").and_then(Node::text);
    match form {
        Form::Records => {
            for member in record.get("responses").map_or(&[][..], Node::members) {
                for response in member.value.list() {
                    all.push(Response {
                        question: &member.key,
                        value: response.some("value"),
                        user: user(response),
                        status: status(response),
                    });
                }
            }
        }
        Form::Feedback => {
            for response in record.get("responses").map_or(&[][..], Node::list) {
                for member in response.get("values").map_or(&[][..], Node::members) {
                    all.push(Response {
                        question: &member.key,
                        value: member.value.some("value"),
                        user: user(response),
                        status: status(response),
                    });
                }
            }
        }
        Form::Flat => {
            for member in record.members() {
                let Some(question) = member.key.strip_suffix(".responses") else { continue };
                let beside =
                    |end: &str| record.get(&format!("{}.{end}", member.key)).map_or(&[][..], Node::list);
                let (users, states) = (beside("users"), beside("status"));
                for (i, value) in member.value.list().iter().enumerate() {
                    all.push(Response {
                        question,
                        value: Some(value).filter(|v| !v.is_null()),
                        user: users.get(i).and_then(Node::scalar),
                        status: states.get(i).and_then(Node::text),
                    });
                }
            }
        }
    }
    all
}

/// A suggestion.
struct Suggestion<'n> {
    question: &'n str,
    value: &'n Node,
    score: Option<String>,
    agent: Option<String>,
}

/// All suggestions of a record.
fn suggestions<'n>(record: &'n Node, form: Form) -> Vec<Suggestion<'n>> {
    let part = |node: &Node, key: &str| node.some(key).and_then(Node::scalar);
    let of = |question: &'n str, node: &'n Node| {
        let value = node.some("value")?;
        Some(Suggestion { question, value, score: part(node, "score"), agent: part(node, "agent") })
    };
    match form {
        Form::Records => {
            let members = record.get("suggestions").map_or(&[][..], Node::members);
            members.iter().filter_map(|m| of(&m.key, &m.value)).collect()
        }
        Form::Feedback => {
            let list = record.get("suggestions").map_or(&[][..], Node::list);
            list.iter().filter_map(|s| of(s.get("question_name")?.text()?, s)).collect()
        }
        Form::Flat => record
            .members()
            .iter()
            .filter(|m| !m.value.is_null())
            .filter_map(|m| {
                let question = m.key.strip_suffix(".suggestion")?;
                let beside = |end: &str| part(record, &format!("{}.{end}", m.key));
                Some(Suggestion { question, value: &m.value, score: beside("score"), agent: beside("agent") })
            })
            .collect(),
    }
}

/// Something that a review noted beside a record.
fn noted(record: &Node, form: Form, key: &str) -> Option<Node> {
    let place = if form == Form::Flat { Some(record) } else { record.get("metadata") };
    parse(place?.get(key)?.text()?, 0, &mut Repairs::default()).ok()
}

/// A value as words, for showing.
fn words(value: &Node) -> String {
    let label = |node: &Node| node.scalar().or_else(|| node.get("label").and_then(Node::scalar));
    label(value).unwrap_or_else(|| value.list().iter().filter_map(label).collect::<Vec<_>>().join("|"))
}

impl Reading {
    /// Takes one record and says which item it is about.
    fn record(
        &mut self,
        gathering: &mut Gathering,
        record: &Node,
        number: usize,
        passed: &mut Passed,
    ) -> Result<u32, FormatError> {
        let form = Form::of(record);
        let id =
            record.some("id").or_else(|| record.some("external_id")).or_else(|| record.some("_server_id"));
        let key = id.and_then(Node::scalar).unwrap_or_else(|| format!("record {}", number + 1));
        let item = gathering.item(&key)?;
        self.shown(gathering, item, record, form, passed)?;
        for response in responses(record, form) {
            if response.status == Some("draft") {
                let message = || "Drafts are not counted as answers".into();
                passed.hit(
                    "drafts",
                    "",
                    record.range.start,
                    message,
                    "Submit them in Argilla if they should count",
                );
                continue;
            }
            let rater = gathering.rater(response.user.as_deref().unwrap_or("unknown"))?;
            let skipped = response.status == Some("discarded");
            let answer = response.value.filter(|_| !skipped).and_then(|v| self.answer(response.question, v));
            let question = match &answer {
                Some((question, _)) => Some(*question),
                None if skipped || response.value.is_none() => self.known(response.question),
                None => None,
            };
            let Some(question) = question else {
                let name = response.question;
                let message = || format!("Answers to “{name}” are not labels and were not used");
                passed.hit(
                    "unused_result",
                    name,
                    record.range.start,
                    message,
                    "Only labels, ratings and spans are",
                );
                continue;
            };
            let absent = match (skipped, &answer) {
                (true, _) => Some(Missing::Skipped),
                (false, None) => Some(Missing::Empty),
                _ => None,
            };
            let (who, said) = (Who::Rater(rater), answer.into_iter().collect());
            self.turns.add(Turn {
                item,
                who,
                about: question,
                stamp: 0,
                seconds: None,
                moment: None,
                said,
                absent,
            });
        }
        for suggestion in suggestions(record, form) {
            self.suggestion(gathering, item, record, form, &suggestion)?;
        }
        Ok(item)
    }

    /// Fields and metadata.
    fn shown(
        &mut self,
        gathering: &mut Gathering,
        item: u32,
        record: &Node,
        form: Form,
        passed: &mut Passed,
    ) -> Result<(), FormatError> {
        if form == Form::Flat {
            for member in record.members() {
                let own = matches!(member.key.as_str(), "id" | "external_id" | "_server_id" | "status")
                    || member.key.starts_with("dissensus_")
                    || [".responses", ".suggestion"].iter().any(|part| member.key.contains(part));
                if !own {
                    self.fields.take(gathering, item, &member.key, &member.value, passed)?;
                }
            }
            return Ok(());
        }
        let fields = record.get("fields").map_or(&[][..], Node::members);
        for member in fields {
            self.fields.take(gathering, item, &member.key, &member.value, passed)?;
        }
        for member in record.get("metadata").map_or(&[][..], Node::members) {
            if member.key.starts_with("dissensus_") {
                continue;
            }
            if fields.iter().any(|f| f.key == member.key) {
                let name = format!("metadata.{}", member.key);
                self.fields.take(gathering, item, &name, &member.value, passed)?;
            } else {
                self.fields.take(gathering, item, &member.key, &member.value, passed)?;
            }
        }
        Ok(())
    }

    /// A question that answers were read of, or whose answers will be.
    fn known(&mut self, name: &str) -> Option<u32> {
        match self.questions.iter().find(|q| q.name == name) {
            Some(question) => self.turns.question(name, question.kind?),
            // What was skipped says nothing about the kind.
            None => self.turns.question(name, Kind::Choice),
        }
    }

    /// An answer as the settings or its form say it is meant.
    fn answer(&mut self, name: &str, value: &Node) -> Option<(u32, Said)> {
        let set = self.questions.iter().find(|q| q.name == name);
        let spans = |v: &Node| v.list().iter().all(|s| s.has(&["start", "end", "label"]));
        let kind = match set {
            Some(question) => question.kind?,
            None if value.list().is_empty() && value.is_list() => Kind::Several,
            None if value.is_list() && spans(value) => Kind::Spans,
            None if value.list().iter().any(Node::is_object) => return None,
            None if value.is_list() => Kind::Several,
            None if value.number().is_some() => Kind::Rating,
            None => Kind::Choice,
        };
        let said = if kind == Kind::Spans {
            let mut marks = Vec::new();
            for span in value.list() {
                let place = |key: &str| span.get(key).and_then(Node::count);
                if let (Some(start), Some(end)) = (place("start"), place("end")) {
                    let label = span.get("label").and_then(Node::scalar).unwrap_or_default();
                    marks.push(Mark { start, end, label: self.turns.label(&label), covered: None });
                }
            }
            Said::Marks(marks)
        } else if let Some(word) = value.scalar() {
            Said::Labels(vec![self.turns.label(&word)])
        } else {
            let names: Vec<String> = value.list().iter().filter_map(Node::scalar).collect();
            Said::Labels(names.iter().map(|n| self.turns.label(n)).collect())
        };
        Some((self.turns.question(name, kind)?, said))
    }

    fn suggestion(
        &mut self,
        gathering: &mut Gathering,
        item: u32,
        record: &Node,
        form: Form,
        suggestion: &Suggestion<'_>,
    ) -> Result<(), FormatError> {
        let name = suggestion.question;
        let mut show = |end: &str, value: Option<String>| match value {
            Some(value) => gathering.meta(item, &format!("{name}.suggestion{end}"), &value),
            None => Ok(()),
        };
        let Some(reviewer) = suggestion.agent.as_deref().and_then(|a| a.strip_prefix(AGENT)) else {
            show("", Some(words(suggestion.value)))?;
            show(".score", suggestion.score.clone())?;
            return show(".agent", suggestion.agent.clone());
        };
        // What a model suggested before the review.
        if let Some(before) = noted(record, form, &format!("{BEFORE}{name}")) {
            show("", before.some("value").map(words))?;
            show(".score", before.some("score").and_then(Node::scalar))?;
            show(".agent", before.some("agent").and_then(Node::scalar))?;
        }
        let Some((question, mut said)) = self.answer(name, suggestion.value) else { return Ok(()) };
        if let Some(nothing) = noted(record, form, &format!("{NOTHING_AT}{name}")) {
            let label = self.turns.label(NOTHING);
            let marks = nothing.list().iter().filter_map(|p| match p.list() {
                [start, end] => Some(Mark { start: start.count()?, end: end.count()?, label, covered: None }),
                _ => None,
            });
            match &mut said {
                Said::Marks(have) => have.extend(marks),
                Said::Labels(_) => said = Said::Marks(marks.collect()),
            }
        }
        let who = Who::Reviewer(reviewer.to_owned());
        let said = vec![(question, said)];
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
        Ok(())
    }
}
