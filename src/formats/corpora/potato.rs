//! Potato (Pei and others 2022): who annotated is the name of a folder.
//!
//! Since 2.0 each annotator's folder has a `user_state.json`, before an `annotated_instances.jsonl`; the file that joins
//! all annotators of a 1.x project names none of them and is refused. Decisions of an adjudication are verdicts.

use std::collections::HashMap;
use std::path::Path;

use super::super::error::FormatError;
use super::super::gather::{Gathering, Value};
use super::super::intake::{InputFile, json_error, note_repairs, text_of};
use super::super::json::{Node, Repairs, parse};
use super::super::notes::Place;
use super::super::registry::{Evidence, Format, Look};
use super::{Lines, each_record, texts_of};
use crate::dataset::{Missing, Task};
use crate::progress::Progress;

/// Projects: folders with one folder an annotator.
pub(in super::super) static FORMAT: Format = Format {
    id: "potato",
    name: "Potato project",
    reads: "user_state.json or annotated_instances.jsonl of every annotator, adjudication decisions",
    writes: "adjudication/decisions.json with the decisions appended, and adjudicated_final.jsonl",
    extensions: &["json", "jsonl"],
    detect,
    read,
    write: Some(super::potato_write::folder),
};

/// Exports of 2.x: one line an annotation.
pub(in super::super) static EXPORT: Format = Format {
    id: "potato-export",
    name: "Potato export",
    reads: "labels by user_id",
    writes: "a line by reviewer:<name> for each item decided; every other byte stays",
    extensions: &["jsonl"],
    detect: detect_export,
    read,
    write: Some(super::potato_write::lines),
};

/// The result of an adjudication: one line an item.
pub(in super::super) static FINAL: Format = Format {
    id: "potato-final",
    name: "Potato adjudication",
    reads: "the final label of each item",
    writes: "the label and its source; every other byte stays",
    extensions: &["jsonl"],
    detect: detect_final,
    read: read_final,
    write: Some(super::potato_write::finals),
};

/// What a reviewer's lines are called in place of an annotator.
pub(super) const REVIEWER: &str = "reviewer:";
/// Where decisions are kept.
pub(super) const DECISIONS: &str = "adjudication/decisions.json";
/// Longest answer that is taken for a label and not for free text.
const MAX_ANSWER: usize = 60;

fn detect(look: &Look<'_>) -> Option<Evidence> {
    if look.listing.is_none() {
        return detect_single(look);
    }
    for (name, version) in [("user_state.json", "2"), ("annotated_instances.jsonl", "1")] {
        let end = format!("/{name}");
        let mut found: Vec<&str> = look.ending(&end).collect();
        // Of a project opened from above, one output folder.
        if let Some(first) = found.first().copied() {
            let depth = first.matches('/').count();
            let root = first.rsplitn(3, '/').nth(2).unwrap_or_default().to_owned();
            found.retain(|f| {
                f.matches('/').count() == depth && f.rsplitn(3, '/').nth(2).unwrap_or_default() == root
            });
            let folder = |f: &str| f.rsplit('/').nth(1).unwrap_or_default().to_owned();
            let mut files: Vec<InputFile> = found.iter().map(|f| look.input(f, Some(&folder(f)))).collect();
            let decisions =
                if root.is_empty() { DECISIONS.to_owned() } else { format!("{root}/{DECISIONS}") };
            files.extend(look.ending(&decisions).filter(|f| **f == decisions).map(|f| look.input(f, None)));
            let because = format!("it has one folder an annotator, each with {name} (Potato {version}.x)");
            return Some(Evidence { because, files });
        }
    }
    None
}

/// One annotator's file, or the file that joins all of them.
fn detect_single(look: &Look<'_>) -> Option<Evidence> {
    let folder = look.path.parent().and_then(Path::file_name).map(|f| f.to_string_lossy().into_owned());
    let state =
        look.text.contains("\"instance_id_to_label_to_value\"") && look.text.trim_start().starts_with('{');
    let lines = look.first().is_some_and(|r| r.has(&["id", "label_annotations"]));
    if !state && !lines {
        return None;
    }
    let because =
        if state { "it has instance_id_to_label_to_value" } else { "its records have label_annotations" };
    let file = InputFile { rater: folder, ..InputFile::alone(look.path) };
    Some(Evidence { because: because.to_owned(), files: vec![file] })
}

fn detect_export(look: &Look<'_>) -> Option<Evidence> {
    look.first().filter(|r| r.has(&["instance_id", "user_id", "labels"]))?;
    Evidence::file(look, "its records have instance_id, user_id and labels")
}

fn detect_final(look: &Look<'_>) -> Option<Evidence> {
    look.first().filter(|r| r.has(&["instance_id", "item_data", "labels", "source"]))?;
    Evidence::file(look, "its records have instance_id, item_data, labels and source")
}

/// One annotator's answers to one question about one item.
struct Answer {
    schema: String,
    item: u32,
    rater: u32,
    labels: Vec<String>,
    /// The label that the log of changes names last.
    last: Option<String>,
    seconds: Option<f32>,
}

#[derive(Default)]
struct Project {
    answers: Vec<Answer>,
    verdicts: Vec<(String, u32, String, String)>,
    absences: Vec<(u32, u32, Missing)>,
    spans: u64,
    texts: u64,
}

fn read(files: &[InputFile], gathering: &mut Gathering, progress: &Progress) -> Result<(), FormatError> {
    let mut project = Project::default();
    for file in files {
        let name = file.name.rsplit('/').next().unwrap_or_default();
        if file.name.ends_with(DECISIONS) {
            decisions(file, gathering, &mut project, progress)?;
        } else if Path::new(name).extension().is_some_and(|e| e == "jsonl") {
            lines(file, files.len() == 1, gathering, &mut project, progress)?;
        } else {
            state(file, gathering, &mut project, progress)?;
        }
        progress.check()?;
    }
    project.tell(gathering)
}

impl Project {
    /// Takes what was selected under one question.
    fn labels(&mut self, name: &str, value: &Node, into: &mut Vec<String>) {
        let Some(value) = value.scalar() else { return };
        match value.trim() {
            "true" | "True" => into.push(name.to_owned()),
            "" | "false" | "False" => {}
            text if !name.contains("text") && text.chars().count() <= MAX_ANSWER && !text.contains('\n') => {
                into.push(text.to_owned());
            }
            _ => self.texts += 1,
        }
    }

    /// Answers by question, in any of the shapes that versions and documentation have.
    fn answered(&mut self, node: &Node) -> Vec<(String, Vec<String>)> {
        let mut by_schema: Vec<(String, Vec<String>)> = Vec::new();
        let mut at = |schema: &str| match by_schema.iter().position(|(s, _)| s == schema) {
            Some(at) => at,
            None => {
                by_schema.push((schema.to_owned(), Vec::new()));
                by_schema.len() - 1
            }
        };
        let mut found: Vec<(usize, String, &Node)> = Vec::new();
        for pair in node.list() {
            if let [label, value] = pair.list()
                && let (Some(schema), Some(name)) =
                    (label.get("schema").and_then(Node::scalar), label.get("name").and_then(Node::scalar))
            {
                found.push((at(&schema), name, value));
            }
        }
        let object = node.get("labels").filter(|l| l.is_object()).unwrap_or(node);
        for schema in object.members() {
            let number = at(&schema.key);
            if schema.value.is_object() {
                found.extend(schema.value.members().iter().map(|m| (number, m.key.clone(), &m.value)));
            } else if let Some(list) = Some(schema.value.list()).filter(|l| !l.is_empty()) {
                found.extend(list.iter().map(|l| (number, String::new(), l)));
            } else {
                found.push((number, String::new(), &schema.value));
            }
        }
        for (number, name, value) in found {
            let mut labels = std::mem::take(&mut by_schema[number].1);
            self.labels(&name, value, &mut labels);
            by_schema[number].1 = labels;
        }
        by_schema
    }

    fn tell(self, g: &mut Gathering) -> Result<(), FormatError> {
        // What may hold several labels: two of one annotator are no accident where it happens more than now and then.
        let mut shapes: HashMap<&str, (u64, u64)> = HashMap::new();
        for answer in &self.answers {
            let shape = shapes.entry(&answer.schema).or_default();
            shape.0 += 1;
            shape.1 += u64::from(answer.labels.len() > 1);
        }
        let several = |schema: &str| shapes.get(schema).is_some_and(|&(n, many)| many * 50 > n);
        let mut doubled = 0;
        for answer in &self.answers {
            let multi = several(&answer.schema);
            let question = g.question(&answer.schema, if multi { Task::MultiLabel } else { Task::Single });
            let Answer { item, rater, labels, seconds, .. } = answer;
            match labels.as_slice() {
                [] => g.absent(question, *item, *rater, Missing::Empty),
                _ if multi => g.vote(question, *item, *rater, Value::Set(labels), *seconds)?,
                [one] => g.vote(question, *item, *rater, Value::One(one), *seconds)?,
                [.., end] => {
                    doubled += 1;
                    let one = answer.last.as_ref().filter(|l| labels.contains(l)).unwrap_or(end);
                    g.vote(question, *item, *rater, Value::One(one), *seconds)?;
                }
            }
        }
        let mut asked: Vec<&str> = Vec::new();
        for answer in &self.answers {
            if !asked.contains(&answer.schema.as_str()) {
                asked.push(&answer.schema);
            }
        }
        for schema in asked {
            let question = g.question(schema, Task::Single);
            self.absences.iter().for_each(|&(item, rater, why)| g.absent(question, item, rater, why));
        }
        for (schema, item, reviewer, label) in self.verdicts {
            let question = g.question(&schema, Task::Single);
            g.verdict(question, item, &reviewer, &label);
        }
        g.notes.add("two_labels", Place::FILE, doubled, || {
            (
                "Two labels stand where one was asked for, as early versions of 2.x stored a change of mind; the last \
                 one counts"
                    .into(),
                "Ask the annotators where it matters".into(),
            )
        });
        g.notes.add("free_text", Place::FILE, self.texts, || {
            ("Free-text answers are not used".into(), "Nothing to do; the files keep them".into())
        });
        g.notes.add("spans_unused", Place::FILE, self.spans, || {
            ("Marked spans are not used".into(), "Export them in another format to compare them".into())
        });
        Ok(())
    }
}

/// The label that was chosen last, by schema.
fn changes(behaviour: Option<&Node>) -> HashMap<String, String> {
    let log = behaviour.and_then(|b| b.get("annotation_changes")).map_or(&[][..], Node::list);
    let word = |n: &Node, keys: &[&str]| keys.iter().find_map(|k| n.some(k).and_then(Node::scalar));
    let mut last = HashMap::new();
    for change in log {
        let taken_back = word(change, &["action"]).is_some_and(|a| a.contains("deselect") || a == "clear");
        if let (Some(schema), Some(label), false) = (
            word(change, &["schema_name", "schema"]),
            word(change, &["label_name", "label", "name"]),
            taken_back,
        ) {
            last.insert(schema, label);
        }
    }
    last
}

fn state(
    file: &InputFile,
    g: &mut Gathering,
    project: &mut Project,
    progress: &Progress,
) -> Result<(), FormatError> {
    let text = text_of(&file.path, progress)?;
    let mut repairs = Repairs::default();
    let root = parse(&text.text, 0, &mut repairs).map_err(|e| json_error(&file.path, &text.text, &e))?;
    note_repairs(&mut g.notes, &text.text, &repairs);
    g.files.push(text.file);
    let name = root.some("user_id").and_then(Node::scalar).or_else(|| file.rater.clone());
    let rater = g.rater(&name.unwrap_or_else(|| file.stem().to_owned()))?;
    // Items in the order in which they were assigned.
    let order = root.get("instance_id_ordering").map_or(&[][..], Node::list);
    let assigned: Vec<String> = order.iter().filter_map(Node::scalar).collect();
    for key in &assigned {
        g.item(key)?;
    }
    let behaviour = root.get("instance_id_to_behavioral_data");
    let given = root.get("instance_id_to_label_to_value");
    for entry in given.map_or(&[][..], Node::members) {
        let item = g.item(&entry.key)?;
        let behaviour = behaviour.and_then(|b| b.get(&entry.key));
        let ms =
            behaviour.and_then(|b| b.get("total_time_ms")).and_then(Node::number).filter(|&ms| ms >= 0.0);
        let seconds = ms.map(|ms| (ms / 1000.0) as f32);
        let mut last = changes(behaviour);
        for (schema, labels) in project.answered(&entry.value) {
            let last = last.remove(&schema);
            project.answers.push(Answer { schema, item, rater, labels, last, seconds });
        }
    }
    let spans = root.get("instance_id_to_span_to_value").map_or(&[][..], Node::members);
    project.spans +=
        spans.iter().map(|m| m.value.list().len().max(m.value.members().len()) as u64).sum::<u64>();
    let reached = root.get("current_instance_index").and_then(Node::count).map_or(0, |n| n as usize);
    for (i, key) in assigned.iter().enumerate() {
        if i <= reached && given.is_none_or(|g| g.get(key).is_none()) {
            project.absences.push((g.item(key)?, rater, Missing::Skipped));
        }
    }
    Ok(())
}

fn lines(
    file: &InputFile,
    alone: bool,
    g: &mut Gathering,
    project: &mut Project,
    progress: &Progress,
) -> Result<(), FormatError> {
    let folder = file.rater.clone().unwrap_or_else(|| file.stem().to_owned());
    let mut known = std::collections::HashSet::new();
    each_record(file, g, progress, |g, entry, line| {
        let node = &entry.node;
        let key = ["instance_id", "id"].iter().find_map(|k| node.some(k).and_then(Node::scalar));
        let Some(key) = key else {
            g.notes.add("missing_item", Place::line(line), 1, || {
                ("Lines that name no item were passed over".into(), "Add an instance_id".into())
            });
            return Ok(());
        };
        let user = ["user_id", "user"].iter().find_map(|k| node.some(k).and_then(Node::scalar));
        if user.is_none() && !known.insert(key.clone()) && alone {
            return Err(FormatError::of(
                &file.path,
                format!("“{key}” stands here twice and no line says who annotated it: this file joins all annotators"),
                "open the folder that has one folder an annotator",
            )
            .at_line(line));
        }
        let item = g.item(&key)?;
        if let Some(text) = node.some("displayed_text") {
            g.text(item, &texts_of(text, &[]))?;
        }
        let labels = ["labels", "label_annotations"].iter().find_map(|k| node.some(k));
        let answers = labels.map_or_else(Vec::new, |l| project.answered(l));
        let user = user.unwrap_or_else(|| folder.clone());
        let spans = ["spans", "span_annotations"].iter().find_map(|k| node.some(k));
        project.spans += spans.map_or(0, |s| s.list().len().max(s.members().len()) as u64);
        if let Some(reviewer) = user.strip_prefix(REVIEWER) {
            for (schema, labels) in answers {
                project.verdicts.push((schema, item, reviewer.to_owned(), labels.join("|")));
            }
            return Ok(());
        }
        let rater = g.rater(&user)?;
        let seconds = node.get("behavioral_data").and_then(time_of);
        for (schema, labels) in answers {
            project.answers.push(Answer { schema, item, rater, labels, last: None, seconds });
        }
        Ok(())
    })
}

/// `Time spent: 0d 0h 0m 4s `, or milliseconds.
fn time_of(behaviour: &Node) -> Option<f32> {
    if let Some(ms) = behaviour.get("total_time_ms").and_then(Node::number) {
        return Some((ms / 1000.0) as f32).filter(|&s| s >= 0.0);
    }
    let text = behaviour.get("time_string").and_then(Node::text)?.strip_prefix("Time spent:")?;
    let mut seconds = 0.0_f32;
    for part in text.split_whitespace() {
        let unit = match part.chars().last()? {
            'd' => 86_400.0,
            'h' => 3600.0,
            'm' => 60.0,
            's' => 1.0,
            _ => return None,
        };
        seconds += part[..part.len() - 1].parse::<f32>().ok()? * unit;
    }
    Some(seconds).filter(|s| *s >= 0.0)
}

/// What an adjudicator says: a label, several, or labels with truth values.
fn decided(node: &Node) -> Vec<String> {
    if node.is_list() {
        return node.list().iter().filter_map(Node::scalar).collect();
    }
    if node.is_object() {
        let yes = |n: &Node| n.scalar().is_some_and(|v| v.eq_ignore_ascii_case("true"));
        return node.members().iter().filter(|m| yes(&m.value)).map(|m| m.key.clone()).collect();
    }
    node.scalar().filter(|l| !l.is_empty()).into_iter().collect()
}

fn decisions(
    file: &InputFile,
    g: &mut Gathering,
    project: &mut Project,
    progress: &Progress,
) -> Result<(), FormatError> {
    let text = text_of(&file.path, progress)?;
    let mut repairs = Repairs::default();
    let root = parse(&text.text, 0, &mut repairs).map_err(|e| json_error(&file.path, &text.text, &e))?;
    note_repairs(&mut g.notes, &text.text, &repairs);
    g.files.push(text.file);
    let mut lines = Lines::of(&text.text);
    for decision in root.get("decisions").map_or(&[][..], Node::list) {
        let line = lines.line(decision.range.start);
        let Some(key) = decision.get("instance_id").and_then(Node::scalar).filter(|k| g.has_item(k)) else {
            g.notes.add("unknown_item", Place::line(line), 1, || {
                ("Decisions on items that nobody annotated were passed over".into(), "Nothing to do".into())
            });
            continue;
        };
        let item = g.item(&key)?;
        let reviewer = decision.get("adjudicator_id").and_then(Node::scalar).unwrap_or_default();
        for member in decision.get("label_decisions").map_or(&[][..], Node::members) {
            let labels = decided(&member.value);
            project.verdicts.push((member.key.clone(), item, reviewer.clone(), labels.join("|")));
        }
    }
    // Whoever decides twice on an item decides anew; an empty decision takes an earlier one back.
    let mut last = std::collections::HashSet::new();
    let mut kept: Vec<_> = std::mem::take(&mut project.verdicts)
        .into_iter()
        .rev()
        .filter(|(schema, item, reviewer, _)| last.insert((schema.clone(), *item, reviewer.clone())))
        .filter(|(_, _, _, label)| !label.is_empty())
        .collect();
    kept.reverse();
    project.verdicts = kept;
    Ok(())
}

fn read_final(
    files: &[InputFile],
    gathering: &mut Gathering,
    progress: &Progress,
) -> Result<(), FormatError> {
    for file in files {
        each_record(file, gathering, progress, |g, entry, line| {
            let node = &entry.node;
            let Some(key) = node.get("instance_id").and_then(Node::scalar).filter(|k| !g.has_item(k)) else {
                g.notes.add("duplicate_item", Place::line(line), 1, || {
                    (
                        "Lines without an item, or with one that came before, were passed over".into(),
                        String::new(),
                    )
                });
                return Ok(());
            };
            let item = g.item(&key)?;
            if let Some(data) = node.some("item_data") {
                let text = data.some("text").or_else(|| data.some("displayed_text")).unwrap_or(data);
                g.text(item, &texts_of(text, &["id"]))?;
            }
            let adjudicated = node.get("source").and_then(Node::text) == Some("adjudicated");
            for name in ["source", "adjudicator", "confidence", "num_annotators"] {
                if let Some(value) = node.some(name).and_then(Node::scalar) {
                    g.meta(item, name, &value)?;
                }
            }
            for member in node.get("labels").map_or(&[][..], Node::members) {
                let labels = decided(&member.value);
                let question = g.question(&member.key, Task::Single);
                if labels.is_empty() {
                    continue;
                }
                if member.value.scalar().is_none() {
                    g.set_task(question, Task::MultiLabel);
                }
                g.given(question, item, Value::Set(&labels))?;
                if adjudicated {
                    let by = node.get("adjudicator").and_then(Node::scalar).unwrap_or_default();
                    g.verdict(question, item, &by, &labels.join("|"));
                }
            }
            Ok(())
        })?;
    }
    Ok(())
}
