//! doccano's JSON Lines with a reviewer's decisions. Where a file holds the given labels, these change; beside the
//! files of members, which stay as they are, each reviewer gets one of their own.
//!
//! An import gives all labels to who imports, so a file is for a project, or a login, of its own.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::ops::Range;

use super::super::super::error::FormatError;
use super::super::super::gather::Gathering;
use super::super::super::json::{Node, Patches, quoted};
use super::super::super::offsets::Index;
use super::super::super::registry::Product;
use super::super::super::write::{Decision, WriteBack};
use super::super::records::{Member, all, cut, file_name, list_of, question_of, remade, whole_question};
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
    let writer = Writer { work, learned: &learned, next_id: Cell::new(0) };
    let mut product = Vec::new();
    let mut rows: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut brought = std::collections::HashSet::new();
    for (file, items) in work.files.iter().zip(&learned.items) {
        let text = work.text(file, progress)?;
        let nodes: Vec<Node> = all(path, &text.text)?.into_iter().filter(Node::is_object).collect();
        let own = rater_of(file, work.files.len()).is_some();
        let ids = nodes.iter().filter_map(|n| n.get("entities")).flat_map(Node::list);
        let ids = ids.filter_map(|span| span.get("id")?.scalar()?.parse().ok());
        writer.next_id.set(ids.max().unwrap_or(0));
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
        product.push((file.name.clone(), text.encoded(&patches.apply(&text.text))?));
    }
    for (reviewer, rows) in rows {
        let stem = file_name(&reviewer);
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

/// A decision on a stretch, in the units of the source.
struct Place<'w> {
    start: u32,
    end: u32,
    decision: &'w Decision,
    /// Where it is now, if it is elsewhere.
    moved: Option<(u32, u32)>,
}

/// A span as the file has it: an object where it has a number, else a list.
fn span_json(id: Option<u64>, (start, end): (u32, u32), label: &str) -> String {
    let label = quoted(label);
    match id {
        Some(id) => {
            format!("{{\"id\":{id},\"label\":{label},\"start_offset\":{start},\"end_offset\":{end}}}")
        }
        None => format!("[{start},{end},{label}]"),
    }
}

/// The numbers at which a span begins and ends.
fn ends_of(span: &Node) -> Option<(&Node, &Node)> {
    match span.list() {
        [start, end, ..] => Some((start, end)),
        _ => Some((span.get("start_offset")?, span.get("end_offset")?)),
    }
}

/// `raw`, which begins at byte `from`, with other text where these nodes stand.
fn replaced(raw: &str, from: usize, mut cells: Vec<(&Node, String)>) -> String {
    cells.sort_by_key(|(node, _)| std::cmp::Reverse(node.range.start));
    let mut out = raw.to_owned();
    for (node, new) in cells {
        out.replace_range(node.range.start - from..node.range.end - from, &new);
    }
    out
}

struct Writer<'w> {
    work: &'w WriteBack<'w>,
    learned: &'w Learned,
    /// The highest number of a span so far.
    next_id: Cell<u64>,
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
        let added = self.added(item, question);
        let Some(list) = record.get(question).filter(|_| !places.is_empty() || !added.is_empty()) else {
            return;
        };
        let mut kept: Vec<String> = Vec::new();
        let mut gone = Vec::new();
        let mut done = Vec::new();
        for span in list.list() {
            let raw = text.get(span.range.clone()).unwrap_or_default();
            let Some((start, end, old)) = span_of(span) else {
                kept.push(raw.to_owned());
                continue;
            };
            // Of several spans at one place, a decision on one of them is about that of its label.
            let is_meant =
                |d: &Decision| d.span.as_ref().is_none_or(|s| s.was.is_none() || s.was == old.scalar());
            let found = places.iter().find(|p| (p.start, p.end) == (start, end) && is_meant(p.decision));
            let Some(Place { decision, moved, .. }) = found else {
                kept.push(raw.to_owned());
                continue;
            };
            let again = done.contains(&(start, end));
            if again && decision.span.is_some() {
                kept.push(raw.to_owned());
                continue;
            }
            done.push((start, end));
            let labels: Vec<&String> = decision.labels.iter().filter(|l| *l != NOTHING && !again).collect();
            if labels.is_empty() {
                gone.extend(span.get("id").and_then(Node::scalar));
            }
            for label in labels {
                let mut cells = vec![(old, quoted(label))];
                if let (Some((from, to)), Some((new_start, new_end))) = (ends_of(span), moved) {
                    cells.push((from, new_start.to_string()));
                    cells.push((to, new_end.to_string()));
                }
                kept.push(replaced(raw, span.range.start, cells));
            }
        }
        if done.is_empty() && added.is_empty() {
            return;
        }
        kept.extend(added);
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

    /// The offset of a code point in the units of the source; inside of what counts as one, that of its beginning or its end.
    fn offset(&self, index: &Index<'_>, point: u32, is_end: bool) -> u32 {
        let near = |k: u32| if is_end { point.checked_add(k) } else { point.checked_sub(k) };
        let found = (0..64).find_map(|k| Some((k, index.offset(near(k)?)?)));
        if found.is_none_or(|(k, _)| k > 0) {
            self.work.note("A span that ends within what this file counts as one character ends with it");
        }
        found.map_or(point, |(_, offset)| offset)
    }

    /// What was decided on stretches of an item, in the units of the source.
    fn places(&self, item: u32) -> Vec<Place<'_>> {
        let Some(spans) = &self.work.dataset.spans else { return Vec::new() };
        let regions = self.work.regions(spans.documents.get(item as usize));
        if regions.is_empty() {
            return Vec::new();
        }
        let index = Index::new(spans.texts.get(item as usize), self.learned.unit);
        let ends = |r: &Range<u32>| (self.offset(&index, r.start, false), self.offset(&index, r.end, true));
        let decided = regions.into_iter().filter(|(_, _, d)| d.label.is_some());
        decided
            .map(|(range, _, decision)| {
                let (start, end) = ends(&range);
                let moved = decision.span.as_ref().and_then(|s| s.moved.as_ref()).map(ends);
                Place { start, end, decision, moved }
            })
            .collect()
    }

    /// The spans that were added to an item, as the file has spans.
    fn added(&self, item: u32, question: &str) -> Vec<String> {
        let Some(spans) = &self.work.dataset.spans else { return Vec::new() };
        let index = Index::new(spans.texts.get(item as usize), self.learned.unit);
        let added = self.work.added(spans.documents.get(item as usize));
        let json = |(range, decision): (&Range<u32>, &Decision)| {
            let ends = (self.offset(&index, range.start, false), self.offset(&index, range.end, true));
            let label = decision.label.as_deref().unwrap_or_default();
            let id = (question == "entities").then(|| {
                self.next_id.set(self.next_id.get() + 1);
                self.next_id.get()
            });
            span_json(id, ends, label)
        };
        added.map(json).collect()
    }

    /// Records by reviewers, like one of a member.
    fn rows(
        &self,
        text: &str,
        record: &Node,
        item: u32,
        rows: &mut BTreeMap<String, Vec<String>>,
    ) -> Result<(), FormatError> {
        let question = if self.work.is_undecided() { "label" } else { whole_question(self.work)? };
        let spans = self.work.dataset.spans.is_some();
        let mut by_reviewer: BTreeMap<String, (Decision, Vec<String>, Vec<String>)> = BTreeMap::new();
        let document = self.work.dataset.spans.as_ref().map_or("", |s| s.documents.get(item as usize));
        let verdicts = if spans { self.work.verdicts(document) } else { Vec::new() };
        let index = self
            .work
            .dataset
            .spans
            .as_ref()
            .map(|s| Index::new(s.texts.get(item as usize), self.learned.unit));
        for (n, (range, decision)) in (1..).zip(verdicts.iter().filter(|(_, d)| d.label.is_some())) {
            let Some(index) = &index else { break };
            let (start, end) = (self.offset(index, range.start, false), self.offset(index, range.end, true));
            let new = || (decision.clone(), Vec::new(), Vec::new());
            let (_, marked, nothing) = by_reviewer.entry(decision.reviewer.clone()).or_insert_with(new);
            for label in &decision.labels {
                if decision.labels.iter().any(|l| l == NOTHING) {
                    nothing.push(format!("[{start},{end}]"));
                } else {
                    marked.push(span_json((question == "entities").then_some(n), (start, end), label));
                }
            }
        }
        if let (false, Some(decision)) =
            (spans, self.work.decision_of(item as usize).filter(|d| d.label.is_some()))
        {
            let labels = decision.labels.iter().filter(|l| *l != NOTHING).map(|l| quoted(l)).collect();
            by_reviewer.insert(decision.reviewer.clone(), (decision.clone(), labels, Vec::new()));
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
            let mut new = vec![(REVIEWER, quoted(&reviewer)), (STATUS, quoted(decision.status))];
            if spans {
                new.push((NOTHING_AT, format!("[{}]", nothing.join(","))));
            }
            rows.entry(reviewer).or_default().push(remade(text, record, member, &new));
        }
        Ok(())
    }
}
