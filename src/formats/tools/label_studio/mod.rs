//! Label Studio (HumanSignal): its JSON export, the legacy one with `completions`, and target storage, which holds
//! one JSON file an annotation. [`min`] reads the flat exports.
//!
//! Each `from_name` is a question. A task's annotations are its raters' turns; one that an earlier review added is
//! known by the ids of its results, which the task's `meta.dissensus` lists.

mod config;
pub(in super::super) mod min;
mod write;

use std::collections::BTreeMap;

use super::super::error::FormatError;
use super::super::gather::Gathering;
use super::super::intake::InputFile;
use super::super::json::Node;
use super::super::notes::Place;
use super::super::offsets::Unit;
use super::super::registry::{Evidence, Format, Look};
use super::fields::Fields;
use super::passed::Passed;
use super::records::{each_record, first, folder};
use super::turns::{ALL, Kind, Mark, Said, Turn, Turns, Who};
use crate::dataset::{Missing, NOTHING};
use crate::progress::Progress;

/// The JSON exports.
pub(in super::super) static JSON: Format = Format {
    id: "label-studio",
    name: "Label Studio JSON",
    reads: "JSON exports, older ones with completions, folders of target storage",
    writes: "tasks to import, with the reviewer's annotation added to each decided one",
    extensions: &["json"],
    detect,
    read,
    write: Some(write::write),
};

/// What joins the steps of a taxonomy's path.
const STEP: &str = " > ";

fn detect(look: &Look<'_>) -> Option<Evidence> {
    let stored = |node: &Node| node.get("task").is_some_and(Node::is_object) && node.has(&["result"]);
    if look.listing.is_some() {
        let files = folder(look, ".json", stored);
        let n = files.len();
        return (n > 0).then(|| Evidence {
            because: format!("it holds {n} files, each with a task and a result"),
            files: files.iter().map(|f| look.input(f, None)).collect(),
        });
    }
    let Some(node) = first(look) else {
        // A first task may be longer than what is looked at.
        let long = look.head.len() >= Look::HEAD && look.text.trim_start().starts_with(['[', '{']);
        let has = |key: &str| look.text.contains(&format!("\"{key}\""));
        let is = long && has("from_name") && has("to_name") && (has("annotations") || has("completions"));
        return is.then(|| Evidence::file(look, "it has results with from_name and to_name")).flatten();
    };
    let data = node.get("data").is_some_and(Node::is_object);
    let list = |key: &str| node.get(key).is_some_and(Node::is_list);
    if data && list("annotations") {
        return Evidence::file(look, "its records have data and annotations");
    }
    if data && list("completions") {
        return Evidence::file(look, "its records have data and completions");
    }
    if stored(&node) {
        return Evidence::file(look, "its records have a task and a result");
    }
    None
}

fn read(files: &[InputFile], gathering: &mut Gathering, progress: &Progress) -> Result<(), FormatError> {
    learn(files, gathering, progress).map(drop)
}

/// What a writer must know of the whole source.
struct Learned {
    /// For each file the items of its records.
    items: Vec<Vec<u32>>,
    /// For each question the object and the type of its results.
    forms: BTreeMap<String, (String, String)>,
    /// For each joined path of a taxonomy its steps.
    paths: BTreeMap<String, Vec<String>>,
    unit: Unit,
}

#[derive(Default)]
struct Reading {
    turns: Turns,
    fields: Fields,
    forms: BTreeMap<String, (String, String)>,
    paths: BTreeMap<String, Vec<String>>,
    predicted: Option<String>,
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
            here.push(reading.task(gathering, &entry.node, entry.number, passed)?);
            Ok(())
        })?;
        items.push(here);
    }
    let names: Vec<String> = reading.turns.names().map(str::to_owned).collect();
    let config = files.first().and_then(|f| config::beside(&f.path, &names.iter().map(String::as_str)));
    let mut text = None;
    if let Some(config) = &config {
        gathering.notes.add("label_config", Place::FILE, 1, || {
            let message = format!("Types of questions and the order of labels come from {}", config.file);
            (message, "Move the file away if it belongs to another project".into())
        });
        for (number, name) in (0..).zip(&names) {
            let Some(control) = config.control(name) else { continue };
            reading.turns.declare(number, control.labels.iter().cloned());
            if control.kind == Some(Kind::Several) {
                reading.turns.question(name, Kind::Several);
            }
            text = text.or_else(|| config.field(&control.to_name));
        }
    }
    reading.fields.settle(gathering, text);
    let unit = reading.turns.finish(gathering, &[Unit::CodePoint, Unit::Utf16])?;
    Ok(Learned { items, forms: reading.forms, paths: reading.paths, unit })
}

/// Who gave an annotation, with what is known of them.
fn rater_of(annotation: &Node) -> (String, Vec<(&'static str, String)>) {
    let Some(by) = annotation.some("completed_by") else { return ("unknown".into(), Vec::new()) };
    if let Some(name) = by.scalar() {
        return (name, Vec::new());
    }
    let part = |key: &str| by.some(key).and_then(Node::scalar).filter(|s| !s.is_empty());
    let name = part("email").or_else(|| part("username")).or_else(|| part("id"));
    let person: Vec<String> = ["first_name", "last_name"].iter().filter_map(|k| part(k)).collect();
    let mut more = Vec::new();
    more.extend(part("id").map(|id| ("id", id)));
    if !person.is_empty() {
        more.push(("name", person.join(" ")));
    }
    (name.unwrap_or_else(|| "unknown".into()), more)
}

/// When an annotation was last changed, in microseconds.
fn stamp_of(annotation: &Node) -> i64 {
    annotation.some("updated_at").or_else(|| annotation.some("created_at")).map_or(0, microseconds)
}

/// When it was given first, in seconds, where that is known: who looks at it again later has not answered later.
fn moment_of(annotation: &Node) -> Option<f64> {
    let at = annotation.some("created_at").or_else(|| annotation.some("updated_at")).map(microseconds)?;
    (at != 0).then(|| at as f64 / 1e6)
}

fn microseconds(at: &Node) -> i64 {
    match at.text() {
        Some(text) => text.parse::<jiff::Timestamp>().map_or(0, jiff::Timestamp::as_microsecond),
        None => at.number().map_or(0, |seconds| (seconds * 1e6) as i64),
    }
}

/// What an earlier review noted in a task: its entries.
fn reviews(task: &Node) -> &[Node] {
    task.get("meta").and_then(|m| m.get("dissensus")).map_or(&[], Node::list)
}

/// The entry of an earlier review that `annotation` belongs to.
fn review_of<'t>(task: &'t Node, annotation: &Node) -> Option<&'t Node> {
    let entries = reviews(task);
    if entries.is_empty() {
        return None;
    }
    let ids: Vec<Option<&str>> =
        annotation.get("result")?.list().iter().map(|r| r.get("id").and_then(Node::text)).collect();
    let trusted = annotation.get("ground_truth").and_then(Node::bool) == Some(true);
    let listed = |entry: &&Node| {
        let results = entry.get("results").map_or(&[][..], Node::list);
        results.len() == ids.len() && results.iter().map(Node::text).eq(ids.iter().copied())
    };
    entries.iter().find(listed).filter(|_| trusted)
}

impl Reading {
    /// Takes one record and says which item it is about.
    fn task(
        &mut self,
        gathering: &mut Gathering,
        record: &Node,
        number: usize,
        passed: &mut Passed,
    ) -> Result<u32, FormatError> {
        let stored = record.get("task").filter(|t| t.is_object() && record.has(&["result"]));
        let task = stored.unwrap_or(record);
        let id = task.some("id").and_then(Node::scalar);
        let item = gathering.item(&id.unwrap_or_else(|| format!("task {}", number + 1)))?;
        for member in task.get("data").map_or(&[][..], Node::members) {
            self.fields.take(gathering, item, &member.key, &member.value, passed)?;
        }
        if stored.is_some() {
            self.annotation(gathering, item, task, record, passed)?;
            return Ok(item);
        }
        let list =
            ["annotations", "completions"].iter().find_map(|k| task.get(k)).map_or(&[][..], Node::list);
        for annotation in list {
            if annotation.is_object() {
                self.annotation(gathering, item, task, annotation, passed)?;
            } else {
                passed.hit(
                    "annotation_by_id",
                    "",
                    annotation.range.start,
                    || "Annotations that are only numbers have no labels here".into(),
                    "Export the project as JSON with full annotations",
                );
            }
        }
        let drafts = task.get("drafts").map_or(&[][..], Node::list);
        if let Some(draft) = drafts.first() {
            let message = || "Drafts are not counted as answers".into();
            passed.hit(
                "drafts",
                "",
                draft.range.start,
                message,
                "Submit them in Label Studio if they should count",
            );
        }
        self.prediction(gathering, item, task, passed)?;
        Ok(item)
    }

    fn annotation(
        &mut self,
        gathering: &mut Gathering,
        item: u32,
        task: &Node,
        annotation: &Node,
        passed: &mut Passed,
    ) -> Result<(), FormatError> {
        let results = annotation.get("result").map_or(&[][..], Node::list);
        let mut said = self.results(results, passed);
        let who = match review_of(task, annotation) {
            Some(entry) => {
                let reviewer = entry.get("reviewer").and_then(Node::text).unwrap_or_default();
                self.nothing(entry, &mut said);
                Who::Reviewer(reviewer.to_owned())
            }
            None => {
                let (name, more) = rater_of(annotation);
                let rater = gathering.rater(&name)?;
                more.iter().for_each(|(key, value)| gathering.attribute(rater, key, value));
                Who::Rater(rater)
            }
        };
        let flag = |key: &str| annotation.get(key).and_then(Node::bool) == Some(true);
        let absent = (flag("was_cancelled") || flag("skipped")).then_some(Missing::Skipped);
        let seconds = annotation.get("lead_time").and_then(Node::number).map(|s| s as f32);
        let said = if absent.is_some() { Vec::new() } else { said };
        let stamp = stamp_of(annotation);
        let moment = moment_of(annotation);
        self.turns.add(Turn { item, who, about: ALL, stamp, seconds, moment, said, absent });
        Ok(())
    }

    /// Stretches that a reviewer found to be nothing stand in no result.
    fn nothing(&mut self, entry: &Node, said: &mut Vec<(u32, Said)>) {
        let places = entry.get("nothing").map_or(&[][..], Node::list);
        let Some(name) = entry.get("question").and_then(Node::text).filter(|_| !places.is_empty()) else {
            return;
        };
        let Some(question) = self.turns.question(name, Kind::Spans) else { return };
        let label = self.turns.label(NOTHING);
        let marks = places.iter().filter_map(|p| match p.list() {
            [start, end] => Some(Mark { start: start.count()?, end: end.count()?, label, covered: None }),
            _ => None,
        });
        said.push((question, Said::Marks(marks.collect())));
    }

    /// Answers by question, from the results of one annotation.
    fn results(&mut self, results: &[Node], passed: &mut Passed) -> Vec<(u32, Said)> {
        let id = |r: &Node| r.get("id").and_then(Node::scalar);
        let is_region = |r: &&Node| r.get("value").is_some_and(|v| v.has(&["start"]) || v.has(&["x"]));
        let regions: Vec<String> = results.iter().filter(is_region).filter_map(id).collect();
        let mut said: Vec<(u32, Said)> = Vec::new();
        for result in results {
            let form = result.get("type").and_then(Node::text).unwrap_or_default();
            let name = result.get("from_name").and_then(Node::text).unwrap_or_default();
            let (Some(value), false) = (result.get("value"), name.is_empty()) else {
                unused(passed, form, result);
                continue;
            };
            let of_region = matches!(form, "choices" | "rating" | "taxonomy" | "number" | "pairwise")
                && (is_region(&result) || id(result).is_some_and(|i| regions.contains(&i)));
            if of_region {
                passed.hit(
                    "per_region",
                    name,
                    result.range.start,
                    || format!("Answers to “{name}” about single regions were not used"),
                    "Ask about the whole item, or analyse these elsewhere",
                );
                continue;
            }
            let Some((kind, answer)) = self.answer(form, value) else {
                unused(passed, form, result);
                continue;
            };
            let Some(question) = self.turns.question(name, kind) else {
                unused(passed, form, result);
                continue;
            };
            let to = result.get("to_name").and_then(Node::text).unwrap_or_default();
            self.forms.entry(name.to_owned()).or_insert_with(|| (to.to_owned(), form.to_owned()));
            match (said.iter_mut().find(|(q, _)| *q == question), answer) {
                (Some((_, Said::Labels(have))), Said::Labels(more)) => have.extend(more),
                (Some((_, Said::Marks(have))), Said::Marks(more)) => have.extend(more),
                (Some(_), _) => unused(passed, form, result),
                (None, answer) => said.push((question, answer)),
            }
        }
        said
    }

    fn answer(&mut self, form: &str, value: &Node) -> Option<(Kind, Said)> {
        let mut one = |key: &str| {
            let label = value.some(key)?.scalar()?;
            Some(Said::Labels(vec![self.turns.label(&label)]))
        };
        Some(match form {
            "rating" => (Kind::Rating, one("rating")?),
            "number" => (Kind::Number, one("number")?),
            "pairwise" => (Kind::Choice, one("selected")?),
            "choices" => match value.some("choices")? {
                list if list.is_list() => {
                    let labels: Vec<String> = list.list().iter().filter_map(Node::scalar).collect();
                    (Kind::Choice, Said::Labels(labels.iter().map(|l| self.turns.label(l)).collect()))
                }
                _ => (Kind::Choice, one("choices")?),
            },
            "taxonomy" => {
                let mut labels = Vec::new();
                for path in value.some("taxonomy")?.list() {
                    let steps: Vec<String> = path.list().iter().filter_map(Node::scalar).collect();
                    let joined = steps.join(STEP);
                    labels.push(self.turns.label(&joined));
                    self.paths.insert(joined, steps);
                }
                (Kind::Several, Said::Labels(labels))
            }
            "labels" | "hypertextlabels" => {
                let (start, end) = (value.some("start")?.count()?, value.some("end")?.count()?);
                let covered = value.some("text").and_then(Node::text).map(|t| self.turns.label(t));
                let names: Vec<String> = value.some(form)?.list().iter().filter_map(Node::scalar).collect();
                let mark = |name: &String| Mark { start, end, label: self.turns.label(name), covered };
                (Kind::Spans, Said::Marks(names.iter().map(mark).collect()))
            }
            _ => return None,
        })
    }

    /// The first prediction of a task, as fields of its item.
    fn prediction(
        &mut self,
        gathering: &mut Gathering,
        item: u32,
        task: &Node,
        passed: &mut Passed,
    ) -> Result<(), FormatError> {
        let Some(prediction) = task.get("predictions").and_then(|p| p.list().first()) else { return Ok(()) };
        for result in prediction.get("result").map_or(&[][..], Node::list) {
            let name = result.get("from_name").and_then(Node::text).unwrap_or_default().to_owned();
            let value = result.get("value");
            let labels = ["choices", "rating", "number"].iter().find_map(|k| value?.some(k));
            let Some(labels) = labels else {
                let message = || "Predictions of spans and regions are not shown".into();
                passed.hit("predicted_regions", "", result.range.start, message, "Nothing to do here");
                continue;
            };
            let words = match labels.scalar() {
                Some(word) => word,
                None => labels.list().iter().filter_map(Node::scalar).collect::<Vec<_>>().join("|"),
            };
            let field = match self.predicted.get_or_insert_with(|| name.clone()) {
                first if *first == name => "prediction".to_owned(),
                _ => format!("prediction of {name}"),
            };
            gathering.meta(item, &field, &words)?;
        }
        for (key, field) in [("score", "prediction score"), ("model_version", "prediction model")] {
            if let Some(word) = prediction.some(key).and_then(Node::scalar) {
                gathering.meta(item, field, &word)?;
            }
        }
        if !prediction.is_object() {
            passed.hit(
                "predictions_by_id",
                "",
                prediction.range.start,
                || "Predictions that are only numbers have no labels here".into(),
                "Export a snapshot with predictions included",
            );
        }
        Ok(())
    }
}

fn unused(passed: &mut Passed, form: &str, result: &Node) {
    let message = || format!("Results of the type “{}” were not used", super::super::error::visible(form));
    passed.hit(
        "unused_result",
        form,
        result.range.start,
        message,
        "Only labels of whole items and spans of texts are",
    );
}
