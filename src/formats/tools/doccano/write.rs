//! doccano's JSON Lines with a reviewer's decisions. Where a file holds the given labels, these change; beside the
//! files of members, which stay as they are, each reviewer gets one of their own.
//!
//! An import gives all labels to who imports, so a file is for a project, or a login, of its own.

use std::collections::BTreeMap;

use super::super::super::error::FormatError;
use super::super::super::gather::Gathering;
use super::super::super::json::{Node, Patches, quoted};
use super::super::super::offsets::Index;
use super::super::super::registry::Product;
use super::super::super::write::{Decision, WriteBack};
use super::super::records::{Member, all, bytes_of, cut, file_name, list_of, question_of, remade, whole_question};
use super::{Learned, NOTHING_AT, REVIEWER, STATUS, learn, rater_of, span_of};
use crate::dataset::{NOTHING, Task};
use crate::progress::Progress;

/// The source with the decisions.
pub(super) fn write(work: &WriteBack<'_>, progress: &Progress) -> Result<Product, FormatError> {
    let path = &work.dataset.source.table.path;
    let learned = learn(&work.files, &mut Gathering::new(path), progress)?;
    if learned.legacy {
        return Err(FormatError::of(
            path,
            "exports of doccano 1.2 have numbers for labels and are not written back",
            "export with a newer version, or write one row an item instead",
        ));
    }
    let writer = Writer { work, learned: &learned };
    let mut product = Vec::new();
    let mut rows: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut brought = std::collections::HashSet::new();
    for (file, items) in work.files.iter().zip(&learned.items) {
        let text = work.text(file, progress)?;
        let nodes: Vec<Node> = all(path, &text.text)?.into_iter().filter(Node::is_object).collect();
        let own = rater_of(file, work.files.len()).is_some();
        let mut patches = Patches::default();
        let mut dropped = Vec::new();
        for (node, &item) in nodes.iter().zip(items) {
            progress.check()?;
            let gone = work.dataset.task != Task::Spans
                && work.decision_of(item as usize).is_some_and(|d| d.dropped);
            dropped.push(gone);
            if gone || node.has(&[REVIEWER]) {
                continue;
            }
            if !own {
                writer.given(&text.text, node, item, &mut patches);
            } else if brought.insert(item) {
                writer.rows(&text.text, node, item, &mut rows)?;
            }
        }
        cut(&nodes, &dropped, &mut patches);
        product.push((file.name.clone(), bytes_of(&text, &patches.apply(&text.text))));
    }
    for (reviewer, rows) in rows {
        let stem = file_name(reviewer);
        let taken = |name: &String| product.iter().any(|(n, _)| n.eq_ignore_ascii_case(name));
        let names = (0..).map(|n| match n {
            0 => format!("{stem}.jsonl"),
            1 => format!("{stem}-review.jsonl"),
            n => format!("{stem}-review-{n}.jsonl"),
        });
        let Some(name) = names.into_iter().find(|n| !taken(n)) else { continue };
        product.push((name, format!("{}\n", rows.join("\n")).into_bytes()));
    }
    match product.pop() {
        Some((_, bytes)) if work.files.iter().all(|f| f.path == *path) => Ok(Product::File(bytes)),
        last => Ok(Product::Folder(product.into_iter().chain(last).collect())),
    }
}

/// The labels of an item after a decision, where `have` are those before it.
pub(super) fn decided(decision: &Decision, member: Option<&str>, have: Vec<String>) -> Vec<String> {
    let Some(member) = member else {
        return decision.labels.iter().filter(|l| *l != NOTHING).cloned().collect();
    };
    let applies = decision.labels.iter().any(|l| l == member);
    let mut labels: Vec<String> = have.into_iter().filter(|l| l != member).collect();
    if applies {
        labels.push(member.to_owned());
        labels.sort();
    }
    labels
}

struct Writer<'w> {
    work: &'w WriteBack<'w>,
    learned: &'w Learned,
}

impl Writer<'_> {
    /// Changes the given labels of a record.
    fn given(&self, text: &str, record: &Node, item: u32, patches: &mut Patches) {
        let (question, member) = question_of(self.work);
        if self.work.dataset.spans.is_some() {
            return self.given_spans(text, record, item, question, patches);
        }
        let Some(decision) = self.work.decision_of(item as usize).filter(|d| d.label.is_some()) else {
            return;
        };
        let have = record.get(question).map_or(&[][..], Node::list).iter().filter_map(Node::scalar).collect();
        patches.set(text, record, &[(question, list_of(&decided(decision, member, have)))]);
    }

    fn given_spans(&self, text: &str, record: &Node, item: u32, question: &str, patches: &mut Patches) {
        let places = self.places(item);
        let Some(list) = record.get(question).filter(|_| !places.is_empty()) else { return };
        let mut kept: Vec<String> = Vec::new();
        let mut gone = Vec::new();
        let mut done = Vec::new();
        for span in list.list() {
            let raw = text.get(span.range.clone()).unwrap_or_default();
            let place = span_of(span).map(|(start, end, _)| (start, end));
            let Some((_, _, decision)) = places.iter().find(|(start, end, _)| place == Some((*start, *end)))
            else {
                kept.push(raw.to_owned());
                continue;
            };
            let again = done.contains(&place);
            done.push(place);
            let labels: Vec<&String> = decision.labels.iter().filter(|l| *l != NOTHING && !again).collect();
            if labels.is_empty() {
                gone.extend(span.get("id").and_then(Node::scalar));
            }
            for label in labels {
                let Some((_, _, old)) = span_of(span) else { continue };
                let at = (old.range.start - span.range.start)..(old.range.end - span.range.start);
                kept.push(format!("{}{}{}", &raw[..at.start], quoted(label), &raw[at.end..]));
            }
        }
        if done.is_empty() {
            return;
        }
        let between = match list.list() {
            [a, b, ..] => text.get(a.range.end..b.range.start).unwrap_or(","),
            _ => ",",
        };
        patches.replace(list.range.clone(), format!("[{}]", kept.join(between)));
        let Some(relations) = record.get("relations").filter(|r| r.is_list() && !gone.is_empty()) else {
            return;
        };
        let ends = |r: &&Node| {
            let end = |key| r.get(key).and_then(Node::scalar);
            !gone.iter().any(|g| end("from_id").as_ref() == Some(g) || end("to_id").as_ref() == Some(g))
        };
        let raw = |r: &Node| text.get(r.range.clone()).unwrap_or_default().to_owned();
        let left: Vec<String> = relations.list().iter().filter(ends).map(raw).collect();
        if left.len() < relations.list().len() {
            patches.replace(relations.range.clone(), format!("[{}]", left.join(between)));
        }
    }

    /// What was decided on stretches of an item, in the units of the source.
    fn places(&self, item: u32) -> Vec<(u32, u32, &Decision)> {
        let Some(spans) = &self.work.dataset.spans else { return Vec::new() };
        let regions = self.work.regions(spans.documents.get(item as usize));
        if regions.is_empty() {
            return Vec::new();
        }
        let index = Index::new(spans.texts.get(item as usize), self.learned.unit);
        let offset = |point| index.offset(point).unwrap_or(point);
        let decided = regions.into_iter().filter(|(_, _, d)| d.label.is_some());
        decided.map(|(range, _, d)| (offset(range.start), offset(range.end), d)).collect()
    }

    /// Records by reviewers, like one of a member.
    fn rows<'r>(
        &'r self,
        text: &str,
        record: &Node,
        item: u32,
        rows: &mut BTreeMap<&'r str, Vec<String>>,
    ) -> Result<(), FormatError> {
        let question =
            if self.work.decisions().next().is_some() { whole_question(self.work)? } else { "label" };
        let spans = self.work.dataset.spans.is_some();
        let mut by_reviewer: BTreeMap<&'r str, (&'r Decision, Vec<String>, Vec<String>)> = BTreeMap::new();
        for (n, (start, end, decision)) in (1..).zip(self.places(item)) {
            let new = || (decision, Vec::new(), Vec::new());
            let (_, marked, nothing) = by_reviewer.entry(decision.reviewer.as_str()).or_insert_with(new);
            for label in &decision.labels {
                let label = quoted(label);
                if decision.labels.iter().any(|l| l == NOTHING) {
                    nothing.push(format!("[{start},{end}]"));
                } else if question == "entities" {
                    marked.push(format!(
                        "{{\"id\":{n},\"label\":{label},\"start_offset\":{start},\"end_offset\":{end}}}"
                    ));
                } else {
                    marked.push(format!("[{start},{end},{label}]"));
                }
            }
        }
        if let (false, Some(decision)) =
            (spans, self.work.decision_of(item as usize).filter(|d| d.label.is_some()))
        {
            let labels = decision.labels.iter().filter(|l| *l != NOTHING).map(|l| quoted(l)).collect();
            by_reviewer.insert(&decision.reviewer, (decision, labels, Vec::new()));
        }
        for (reviewer, (decision, labels, nothing)) in by_reviewer {
            let value = format!("[{}]", labels.join(","));
            let member = |key: &str, _: &Node| match key {
                _ if key == question => Member::Set(value.clone()),
                "label" | "entities" | "relations" | "cats" | "bbox" | "Comments" => {
                    Member::Set("[]".to_owned())
                }
                _ => Member::Keep,
            };
            let mut new = vec![(REVIEWER, quoted(reviewer)), (STATUS, quoted(decision.status))];
            if spans {
                new.push((NOTHING_AT, format!("[{}]", nothing.join(","))));
            }
            rows.entry(reviewer).or_default().push(remade(text, record, member, &new));
        }
        Ok(())
    }
}
