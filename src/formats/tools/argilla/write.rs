//! Argilla's records with a reviewer's decisions, each as a suggestion by `dissensus:<reviewer>`: a response would need
//! the identifier of a user, and a record keeps its own, so that logging it again updates it.
//!
//! A suggestion that stood there moves into the metadata. What is done is in `dissensus_action`.

use std::collections::BTreeMap;

use super::super::super::error::FormatError;
use super::super::super::gather::Gathering;
use super::super::super::json::{Node, Patches, quoted};
use super::super::super::offsets::Index;
use super::super::super::registry::Product;
use super::super::super::write::{Decision, WriteBack};
use super::super::records::{all, cut, list_of, whole_question};
use super::super::turns::Kind;
use super::{ACTION, AGENT, BEFORE, Form, Learned, NOTHING_AT, holds_records, learn};
use crate::dataset::{NOTHING, Task};
use crate::progress::Progress;

/// The source with the decisions.
pub(super) fn write(work: &WriteBack<'_>, progress: &Progress) -> Result<Product, FormatError> {
    let question = whole_question(work)?;
    let path = &work.dataset.source.table.path;
    let learned = learn(&work.files, &mut Gathering::new(path), progress)?;
    let mut product = Vec::new();
    for (file, items) in work.files.iter().zip(&learned.items) {
        let text = work.text(file, progress)?;
        if !holds_records(file) {
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
            if let Some(answer) = answer(work, question, &learned, item)? {
                suggest(&text.text, node, question, &answer, &mut patches);
            }
        }
        cut(&nodes, &dropped, &mut patches);
        product.push((file.name.clone(), text.encoded(&patches.apply(&text.text))?));
    }
    product.sort();
    match product.pop() {
        Some((_, bytes)) if work.files.iter().all(|f| f.path == *path) => Ok(Product::File(bytes)),
        last => Ok(Product::Folder(product.into_iter().chain(last).collect())),
    }
}

struct Answer {
    decision: Decision,
    /// JSON.
    value: String,
    nothing: Vec<String>,
}

fn answer(
    work: &WriteBack<'_>,
    question: &str,
    learned: &Learned,
    item: u32,
) -> Result<Option<Answer>, FormatError> {
    let dataset = work.dataset;
    let refuse = |what: String, remedy: &str| Err(FormatError::of(&dataset.source.table.path, what, remedy));
    let Some(spans) = &dataset.spans else {
        let Some(decision) = work.decision_of(item as usize).filter(|d| d.label.is_some()) else {
            return Ok(None);
        };
        let value = match (learned.kinds.get(question), decision.labels.as_slice()) {
            (_, labels) if dataset.sets.is_some() => list_of(labels),
            (Some(Kind::Rating), [label]) if label.parse::<f64>().is_ok() => label.clone(),
            (_, [label]) => quoted(label),
            _ => {
                let what = format!(
                    "item {} has several right labels, and Argilla suggests one",
                    dataset.keys.get(item as usize)
                );
                return refuse(what, "decide for one of them");
            }
        };
        return Ok(Some(Answer { decision: decision.clone(), value, nothing: Vec::new() }));
    };
    let document = spans.documents.get(item as usize);
    let index = Index::new(spans.texts.get(item as usize), learned.unit);
    let verdicts = work.verdicts(document);
    let mut by_reviewer: BTreeMap<&str, (Vec<String>, Answer)> = BTreeMap::new();
    for (range, decision) in &verdicts {
        if decision.label.is_none() {
            continue;
        }
        let new =
            || (Vec::new(), Answer { decision: decision.clone(), value: String::new(), nothing: Vec::new() });
        let (marked, answer) = by_reviewer.entry(&decision.reviewer).or_insert_with(new);
        let offset = |point| index.offset(point).unwrap_or(point);
        let (start, end) = (offset(range.start), offset(range.end));
        for label in &decision.labels {
            if decision.labels.iter().any(|l| l == NOTHING) {
                answer.nothing.push(format!("[{start}, {end}]"));
            } else {
                marked.push(format!("{{\"start\": {start}, \"end\": {end}, \"label\": {}}}", quoted(label)));
            }
        }
    }
    if by_reviewer.len() > 1 {
        let what = format!("two reviewers decided on {document}, and Argilla keeps one suggestion");
        return refuse(what, "write the decisions of one reviewer");
    }
    let only = by_reviewer.into_values().next();
    Ok(only.map(|(marked, answer)| Answer { value: format!("[{}]", marked.join(", ")), ..answer }))
}

/// Puts a suggestion on a record.
fn suggest(text: &str, record: &Node, question: &str, answer: &Answer, patches: &mut Patches) {
    let form = Form::of(record);
    let agent = quoted(&format!("{AGENT}{}", answer.decision.reviewer));
    let raw = |node: &Node| text.get(node.range.clone()).unwrap_or("null").to_owned();
    // JSON inside a string: metadata has no other place for it.
    let before = before(record, question, form, &raw).map(|json| quoted(&json));
    let mut notes = vec![(ACTION.to_owned(), quoted(answer.decision.status))];
    notes.extend(before.map(|json| (format!("{BEFORE}{question}"), json)));
    if !answer.nothing.is_empty() {
        notes.push((format!("{NOTHING_AT}{question}"), quoted(&format!("[{}]", answer.nothing.join(", ")))));
    }
    let mut top: Vec<(String, String)> = Vec::new();
    let value = &answer.value;
    match form {
        Form::Flat => {
            top.push((format!("{question}.suggestion"), value.clone()));
            top.push((format!("{question}.suggestion.score"), "null".to_owned()));
            top.push((format!("{question}.suggestion.agent"), agent));
            top.append(&mut notes);
        }
        Form::Records => {
            let json = format!("{{\"value\": {value}, \"score\": null, \"agent\": {agent}}}");
            match record.get("suggestions").filter(|s| s.is_object()) {
                Some(object) => patches.set(text, object, &[(question, json)]),
                None => top.push(("suggestions".to_owned(), format!("{{{}: {json}}}", quoted(question)))),
            }
        }
        Form::Feedback => {
            let name = quoted(question);
            let json = format!(
                "{{\"question_name\": {name}, \"value\": {value}, \"score\": null, \"agent\": {agent}}}"
            );
            match record.get("suggestions").filter(|s| s.is_list()) {
                Some(list) => match suggested(list, question) {
                    Some(old) => patches.replace(old.range.clone(), json),
                    None => patches.push(text, list, &json),
                },
                None => top.push(("suggestions".to_owned(), format!("[{json}]"))),
            }
        }
    }
    if !notes.is_empty() {
        let members: Vec<(&str, String)> = notes.iter().map(|(k, v)| (k.as_str(), v.clone())).collect();
        match record.get("metadata").filter(|m| m.is_object()) {
            Some(object) => patches.set(text, object, &members),
            None => {
                let members: Vec<String> = notes.iter().map(|(k, v)| format!("{}: {v}", quoted(k))).collect();
                top.push(("metadata".to_owned(), format!("{{{}}}", members.join(", "))));
            }
        }
    }
    let members: Vec<(&str, String)> = top.iter().map(|(k, v)| (k.as_str(), v.clone())).collect();
    patches.set(text, record, &members);
}

/// The suggestion of 1.x for a question.
fn suggested<'n>(list: &'n Node, question: &str) -> Option<&'n Node> {
    list.list().iter().find(|s| s.get("question_name").and_then(Node::text) == Some(question))
}

/// What was suggested before, unless that was a review too.
fn before(record: &Node, question: &str, form: Form, raw: &impl Fn(&Node) -> String) -> Option<String> {
    let (json, agent) = match form {
        Form::Records => {
            let old = record.get("suggestions")?.some(question)?;
            (raw(old), old.get("agent"))
        }
        Form::Feedback => {
            let old = suggested(record.get("suggestions")?, question)?;
            (raw(old), old.get("agent"))
        }
        Form::Flat => {
            let part = |end: &str| record.some(&format!("{question}.suggestion{end}"));
            let json = |node: Option<&Node>| node.map_or_else(|| "null".to_owned(), raw);
            let value = raw(part("")?);
            let (score, agent) = (json(part(".score")), part(".agent"));
            (format!("{{\"value\": {value}, \"score\": {score}, \"agent\": {}}}", json(agent)), agent)
        }
    };
    let ours = agent.and_then(Node::text).is_some_and(|a| a.starts_with(AGENT));
    (!ours).then_some(json)
}
