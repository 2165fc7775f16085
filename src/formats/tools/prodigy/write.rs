//! Prodigy's records with a reviewer's decisions: each decided item gets one more record, by `<data set>-<reviewer>`.
//!
//! Hashes stay where only the answer is new and go where spans are, so that Prodigy computes them again. The result is
//! for `db-in` into a new data set.

use std::collections::{BTreeMap, HashSet};

use super::super::super::error::FormatError;
use super::super::super::gather::Gathering;
use super::super::super::json::{Node, Patches, quoted};
use super::super::super::registry::Product;
use super::super::super::write::{Decision, WriteBack};
use super::super::records::{Member, all, append, cut, remade, whole_question};
use super::{Learned, View, learn};
use crate::dataset::{NOTHING, Task};
use crate::progress::Progress;

/// The source with the decisions.
pub(super) fn write(work: &WriteBack<'_>, progress: &Progress) -> Result<Product, FormatError> {
    let question = whole_question(work)?;
    let path = &work.dataset.source.table.path;
    let learned = learn(&work.files, &mut Gathering::new(path), progress)?;
    let mut brought: HashSet<u32> = HashSet::new();
    let mut product = Vec::new();
    for (file, items) in work.files.iter().zip(&learned.items) {
        let text = work.text(file, progress)?;
        let nodes: Vec<Node> = all(path, &text.text)?.into_iter().filter(Node::is_object).collect();
        let mut dropped = Vec::new();
        let mut new = Vec::new();
        for (node, &item) in nodes.iter().zip(items) {
            progress.check()?;
            let gone = work.dataset.task != Task::Spans
                && work.decision_of(item as usize).is_some_and(|d| d.dropped);
            dropped.push(gone);
            let asks = View::of(node).is_some_and(|v| v.question() == question) && !node.has(&["dissensus"]);
            if asks && brought.insert(item) {
                let file = file.stem();
                let like = Like { work, learned: &learned, text: &text.text, node, item, file };
                like.records(&mut new)?;
            }
        }
        let mut patches = Patches::default();
        cut(&nodes, &dropped, &mut patches);
        // What is appended stands behind the last record, which may be cut.
        let changed = patches.apply(&text.text);
        product.push((file.name.clone(), text.encoded(&append(path, &changed, &new)?)?));
    }
    match product.pop() {
        Some((_, bytes)) if work.files.iter().all(|f| f.path == *path) => Ok(Product::File(bytes)),
        last => Ok(Product::Folder(product.into_iter().chain(last).collect())),
    }
}

/// A record, and what a record like it by a reviewer needs.
struct Like<'w> {
    work: &'w WriteBack<'w>,
    learned: &'w Learned,
    text: &'w str,
    node: &'w Node,
    item: u32,
    /// Name of the file.
    file: &'w str,
}

impl Like<'_> {
    fn records(&self, new: &mut Vec<String>) -> Result<(), FormatError> {
        let Some(spans) = &self.work.dataset.spans else {
            let decision = self.work.decision_of(self.item as usize).filter(|d| d.label.is_some());
            if let Some(decision) = decision {
                new.push(self.answer(decision)?);
            }
            return Ok(());
        };
        let document = spans.documents.get(self.item as usize);
        let mut by_reviewer: BTreeMap<&str, Vec<(u32, u32, &Decision)>> = BTreeMap::new();
        let verdicts = self.work.verdicts(document);
        for (range, decision) in &verdicts {
            if decision.label.is_some() {
                by_reviewer.entry(&decision.reviewer).or_default().push((range.start, range.end, decision));
            }
        }
        for decided in by_reviewer.into_values() {
            let mut marked = Vec::new();
            let mut nothing = Vec::new();
            for &(start, end, decision) in &decided {
                if decision.labels.iter().any(|l| l == NOTHING) {
                    nothing.push(format!("[{start},{end}]"));
                    continue;
                }
                let tokens = self.tokens(start, end);
                for label in &decision.labels {
                    marked.push(format!(
                        "{{\"start\":{start},\"end\":{end}{tokens},\"label\":{}}}",
                        quoted(label)
                    ));
                }
            }
            let Some((_, _, decision)) = decided.first() else { continue };
            let value = format!("[{}]", marked.join(","));
            let more = if nothing.is_empty() {
                String::new()
            } else {
                format!(",\"nothing\":[{}]", nothing.join(","))
            };
            new.push(self.record("spans", &value, decision, &more));
        }
        Ok(())
    }

    fn answer(&self, decision: &Decision) -> Result<String, FormatError> {
        if View::of(self.node) == Some(View::Binary) {
            let [label] = decision.labels.as_slice() else {
                let what = format!("item {} is both accepted and rejected", self.key());
                return Err(FormatError::of(
                    &self.work.dataset.source.table.path,
                    what,
                    "decide for one of them",
                ));
            };
            return Ok(self.record("answer", &quoted(label), decision, ""));
        }
        // Identifiers may be numbers.
        let options = self.node.get("options").map_or(&[][..], Node::list);
        let spelt = |label: &String| {
            let ids = options.iter().filter_map(|o| o.get("id"));
            let id = ids.into_iter().find(|id| id.scalar().as_ref() == Some(label));
            id.and_then(|id| self.text.get(id.range.clone())).map_or_else(|| quoted(label), str::to_owned)
        };
        let labels: Vec<String> = decision.labels.iter().map(spelt).collect();
        Ok(self.record("accept", &format!("[{}]", labels.join(",")), decision, ""))
    }

    fn key(&self) -> &str {
        self.learned.keys.get(self.item as usize).map_or("", String::as_str)
    }

    /// First and last token of a stretch, where it ends with tokens.
    fn tokens(&self, start: u32, end: u32) -> String {
        let tokens = self.node.get("tokens").map_or(&[][..], Node::list);
        let find = |key: &str, at: u32| {
            let token = tokens.iter().find(|t| t.get(key).and_then(Node::count) == Some(at));
            token.and_then(|t| t.get("id")).and_then(Node::count)
        };
        match (find("start", start), find("end", end)) {
            (Some(a), Some(b)) => format!(",\"token_start\":{a},\"token_end\":{b}"),
            _ => String::new(),
        }
    }

    /// A record like this one with another answer.
    fn record(&self, answer: &str, value: &str, decision: &Decision, more: &str) -> String {
        let prefix = match self.learned.prefix.as_str() {
            "" => format!("{}-", self.file),
            prefix => prefix.to_owned(),
        };
        let session = quoted(&format!("{prefix}{}", decision.reviewer));
        let view = self.node.get("view_id").and_then(Node::text);
        let member = |key: &str, _: &Node| match key {
            "versions" | "sessions" | "default" | "view_id" | "_timestamp" => Member::Drop,
            "_input_hash" | "_task_hash" if answer == "spans" => Member::Drop,
            "_view_id" if view.is_some() => Member::Set(quoted(view.unwrap_or_default())),
            "_annotator_id" | "_session_id" => Member::Set(session.clone()),
            _ if key == answer => Member::Set(value.to_owned()),
            "answer" => Member::Set("\"accept\"".to_owned()),
            _ => Member::Keep,
        };
        let ours = format!(
            "{{\"reviewer\":{},\"status\":\"{}\",\"item\":{}{more}}}",
            quoted(&decision.reviewer),
            decision.status,
            quoted(self.key())
        );
        let mut new = Vec::new();
        let mut missing = |key: &'static str, value: &str| {
            if self.node.get(key).is_none() {
                new.push((key, value.to_owned()));
            }
        };
        match answer {
            "spans" => missing("spans", value),
            "accept" => missing("accept", value),
            _ => {}
        }
        missing("answer", if answer == "answer" { value } else { "\"accept\"" });
        missing("_annotator_id", &session);
        missing("_session_id", &session);
        new.push(("dissensus", ours));
        remade(self.text, self.node, member, &new)
    }
}
