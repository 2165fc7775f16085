//! Label Studio tasks with a reviewer's decisions: raters' annotations stay as they are, and each decided task gets
//! one more annotation, `ground_truth`, with results of the same form.
//!
//! Importing always makes new tasks, so the result is for a new project. An import takes an annotation without
//! `ground_truth` for a trusted one; so where anything was decided, `false` is set wherever the word is missing.

use std::collections::{BTreeMap, HashSet};

use sha2::{Digest as _, Sha256};

use super::super::super::error::FormatError;
use super::super::super::gather::Gathering;
use super::super::super::json::{Node, Patches, quoted};
use super::super::super::offsets::Index;
use super::super::super::registry::Product;
use super::super::super::text::hex_digest;
use super::super::super::write::{Decision, WriteBack};
use super::super::records::{Member, all, cut, file_name, list_of, remade, whole_question};
use super::{Learned, learn};
use crate::dataset::{NOTHING, Task};
use crate::progress::Progress;

/// A reviewer's answer about one task.
struct Answer {
    reviewer: String,
    status: &'static str,
    /// The annotation's results, JSON, with their ids.
    results: Vec<(String, String)>,
    /// Stretches that are nothing, in the units of the source.
    nothing: Vec<(u32, u32)>,
}

impl Answer {
    fn annotation(&self) -> String {
        let results: Vec<&str> = self.results.iter().map(|(_, json)| json.as_str()).collect();
        format!("{{\"result\": [{}], \"was_cancelled\": false, \"ground_truth\": true}}", results.join(", "))
    }

    fn entry(&self, question: &str) -> String {
        let ids: Vec<String> = self.results.iter().map(|(id, _)| id.clone()).collect();
        let nothing: Vec<String> = self.nothing.iter().map(|(a, b)| format!("[{a}, {b}]")).collect();
        let nothing = if nothing.is_empty() {
            String::new()
        } else {
            format!(", \"nothing\": [{}]", nothing.join(", "))
        };
        format!(
            "{{\"reviewer\": {}, \"status\": \"{}\", \"question\": {}, \"results\": {}{nothing}}}",
            quoted(&self.reviewer),
            self.status,
            quoted(question),
            list_of(&ids)
        )
    }
}

/// The source with the decisions.
pub(super) fn write(work: &WriteBack<'_>, progress: &Progress) -> Result<Product, FormatError> {
    let question = whole_question(work)?;
    let path = &work.dataset.source.table.path;
    let learned = learn(&work.files, &mut Gathering::new(path), progress)?;
    let writer = Writer { work, question, learned: &learned };
    let folder = work.files.first().is_some_and(|f| f.path != *path);
    let mut product = Vec::new();
    let mut brought = HashSet::new();
    for (file, items) in work.files.iter().zip(&learned.items) {
        let text = work.text(file, progress)?;
        if work.is_undecided() {
            product.push((file.name.clone(), text.encoded(&text.text)?));
            continue;
        }
        let nodes: Vec<Node> = all(path, &text.text)?.into_iter().filter(Node::is_object).collect();
        let mut patches = Patches::default();
        let mut dropped = Vec::new();
        for (node, &item) in nodes.iter().zip(items) {
            progress.check()?;
            let gone = work.dataset.task != Task::Spans
                && work.decision_of(item as usize).is_some_and(|d| d.dropped);
            dropped.push(gone);
            if gone {
                continue;
            }
            let answers = writer.answers(item)?;
            match node.get("task").filter(|t| t.is_object() && node.has(&["result"])) {
                None => writer.task(&text.text, node, &answers, &mut patches),
                // Of several annotations of a task, the first brings the answer.
                Some(task) if folder => {
                    if brought.insert(item) {
                        product.extend(answers.iter().map(|answer| writer.stored(&text.text, task, answer)));
                    }
                }
                Some(_) if answers.is_empty() => {}
                Some(_) => {
                    return Err(FormatError::of(
                        path,
                        "a file of target storage holds one annotation, and no place for another",
                        "open its folder instead",
                    ));
                }
            }
        }
        if folder && dropped.iter().all(|d| *d) && !dropped.is_empty() {
            continue;
        }
        cut(&nodes, &dropped, &mut patches);
        product.push((file.name.clone(), text.encoded(&patches.apply(&text.text))?));
    }
    product.sort();
    match product.pop() {
        Some((_, bytes)) if !folder => Ok(Product::File(bytes)),
        last => Ok(Product::Folder(product.into_iter().chain(last).collect())),
    }
}

struct Writer<'w> {
    work: &'w WriteBack<'w>,
    question: &'w str,
    learned: &'w Learned,
}

impl Writer<'_> {
    /// What was decided on an item, one answer a reviewer.
    fn answers(&self, item: u32) -> Result<Vec<Answer>, FormatError> {
        let dataset = self.work.dataset;
        let Some(spans) = &dataset.spans else {
            let Some(decision) = self.work.decision_of(item as usize) else { return Ok(Vec::new()) };
            return Ok(self.labels(dataset.keys.get(item as usize), decision)?.into_iter().collect());
        };
        let document = spans.documents.get(item as usize);
        let text = spans.texts.get(item as usize);
        let index = Index::new(text, self.learned.unit);
        let verdicts = self.work.verdicts(document);
        let mut answers: BTreeMap<&str, Answer> = BTreeMap::new();
        for (range, decision) in &verdicts {
            if decision.label.is_none() {
                continue;
            }
            let offset = |point| index.offset(point).unwrap_or(point);
            let (start, end) = (offset(range.start), offset(range.end));
            let (reviewer, status) = (decision.reviewer.clone(), decision.status);
            let new = || Answer { reviewer, status, results: Vec::new(), nothing: Vec::new() };
            let answer = answers.entry(&decision.reviewer).or_insert_with(new);
            if decision.labels.iter().any(|l| l == NOTHING) {
                answer.nothing.push((start, end));
                continue;
            }
            let covered = index.slice(range.clone()).unwrap_or_default();
            let form = self.form()?.1;
            let value = format!(
                "{{\"start\": {start}, \"end\": {end}, \"text\": {}, \"{form}\": {}}}",
                quoted(covered),
                list_of(&decision.labels)
            );
            let result = self.result(&format!("{document}:{start}-{end}"), decision, &value)?;
            answer.results.push(result);
        }
        Ok(answers.into_values().collect())
    }

    fn labels(&self, key: &str, decision: &Decision) -> Result<Option<Answer>, FormatError> {
        if decision.label.is_none() {
            return Ok(None);
        }
        let (_, form) = self.form()?;
        let value = match (form, decision.labels.as_slice()) {
            ("taxonomy", labels) => {
                let paths: Vec<String> = labels
                    .iter()
                    .map(|l| {
                        self.learned
                            .paths
                            .get(l)
                            .map_or_else(|| list_of(std::slice::from_ref(l)), |p| list_of(p))
                    })
                    .collect();
                format!("{{\"taxonomy\": [{}]}}", paths.join(", "))
            }
            ("choices", labels) => format!("{{\"choices\": {}}}", list_of(labels)),
            ("pairwise", [label]) => format!("{{\"selected\": {}}}", quoted(label)),
            (_, [label]) if label.parse::<f64>().is_ok() => format!("{{\"{form}\": {label}}}"),
            _ => {
                let what = format!(
                    "“{}” on item {key} is not one answer to “{}”",
                    decision.labels.join("|"),
                    self.question
                );
                return Err(self.error(what, "decide for one label"));
            }
        };
        let results = vec![self.result(key, decision, &value)?];
        let reviewer = decision.reviewer.clone();
        Ok(Some(Answer { reviewer, status: decision.status, results, nothing: Vec::new() }))
    }

    fn error(&self, what: String, remedy: &str) -> FormatError {
        FormatError::of(&self.work.dataset.source.table.path, what, remedy)
    }

    /// The object and the type of the question's results.
    fn form(&self) -> Result<(&str, &str), FormatError> {
        let (to, form) = self.learned.forms.get(self.question).ok_or_else(|| {
            self.error(format!("nobody answered “{}”", self.question), "review another question")
        })?;
        Ok((to, form))
    }

    /// A result with an id that depends on what is decided alone.
    fn result(&self, key: &str, decision: &Decision, value: &str) -> Result<(String, String), FormatError> {
        let (to, form) = self.form()?;
        let mut hasher = Sha256::new();
        for part in [key, self.question, &decision.reviewer, value] {
            hasher.update(part.as_bytes());
            hasher.update([0]);
        }
        let digits = hex_digest(hasher);
        let digits = digits.rsplit(':').next().unwrap_or_default();
        let id = format!("d{}", digits.chars().take(9).collect::<String>());
        let json = format!(
            "{{\"id\": \"{id}\", \"from_name\": {}, \"to_name\": {}, \"type\": \"{form}\", \"origin\": \"manual\", \"value\": {value}}}",
            quoted(self.question),
            quoted(to)
        );
        Ok((id, json))
    }

    /// Adds the answers to a task.
    fn task(&self, text: &str, task: &Node, answers: &[Answer], patches: &mut Patches) {
        let found = ["annotations", "completions"].iter().find_map(|k| task.get(k)).filter(|l| l.is_list());
        for annotation in found.map_or(&[][..], Node::list) {
            if annotation.is_object() && annotation.get("ground_truth").is_none() {
                patches.set(text, annotation, &[("ground_truth", "false".into())]);
            }
        }
        if answers.is_empty() {
            return;
        }
        let annotations: Vec<String> = answers.iter().map(Answer::annotation).collect();
        let mut members = Vec::new();
        match found {
            Some(list) => patches.push(text, list, &annotations.join(", ")),
            None => members.push(("annotations", format!("[{}]", annotations.join(", ")))),
        }
        let entries: Vec<String> = answers.iter().map(|a| a.entry(self.question)).collect();
        let entries = entries.join(", ");
        let meta = task.get("meta").filter(|m| m.is_object());
        match (meta, meta.and_then(|m| m.get("dissensus")).filter(|l| l.is_list())) {
            (_, Some(list)) => patches.push(text, list, &entries),
            (Some(meta), None) => patches.set(text, meta, &[("dissensus", format!("[{entries}]"))]),
            (None, None) => members.push(("meta", format!("{{\"dissensus\": [{entries}]}}"))),
        }
        patches.set(text, task, &members);
    }

    /// A file of target storage with an answer.
    fn stored(&self, text: &str, task: &Node, answer: &Answer) -> (String, Vec<u8>) {
        let id = task.get("id").and_then(Node::scalar).unwrap_or_default();
        let meta = format!("{{\"dissensus\": [{}]}}", answer.entry(self.question));
        let member = |key: &str, _: &Node| if key == "meta" { Member::Drop } else { Member::Keep };
        let task = remade(text, task, member, &[("meta", meta)]);
        let annotation = answer.annotation();
        let body = annotation.strip_suffix('}').unwrap_or(&annotation);
        let name = format!("dissensus-{}-{}.json", file_name(&id), file_name(&answer.reviewer));
        (name, format!("{body}, \"task\": {task}}}\n").into_bytes())
    }
}
