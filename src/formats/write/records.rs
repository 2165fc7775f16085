//! Copies JSON records with the decisions applied, byte for byte but for what was decided.
//!
//! A given label is replaced; a vote by `reviewer:<name>` is added where votes are; a file of one record an annotation
//! gets a record more.

use std::collections::BTreeMap;
use std::path::Path;

use super::super::columns::{Columns, key_of, reviewer, whole};
use super::super::error::FormatError;
use super::super::intake::{json_error, text_of};
use super::super::intern::Interner;
use super::super::json::{Entry, Node, Patches, Records, Shape, quoted};
use super::super::json_rows::{Plan, Votes, cell_text, flatten};
use super::super::schema::{Layout, says_label, says_rater};
use super::{Decision, Decisions, Excluded, Outlet, WriteOptions, WriteSummary};
use crate::dataset::{Dataset, Role, SourceFile};
use crate::progress::Progress;

const INSTEAD: &str = "write one row an item instead (the consensus table)";

/// Copies the source of `dataset` and says what was read.
pub(super) fn copy(
    dataset: &Dataset,
    decisions: &Decisions,
    options: &WriteOptions,
    outlet: &mut Outlet,
    summary: &mut WriteSummary,
    progress: &Progress,
) -> Result<SourceFile, FormatError> {
    let path = &dataset.source.table.path;
    let read = text_of(path, progress)?;
    let text = read.text.as_str();
    let mut copy = Copy::of(dataset, decisions, text)?;
    let mut records = Records::new(text);
    let mut last = None;
    while let Some(entry) = records.next().map_err(|e| json_error(path, text, &e))? {
        progress.check()?;
        summary.rows_in += 1;
        if entry.node.is_object() {
            copy.record(&entry)?;
        }
        last = Some(entry);
    }
    summary.rows_out = summary.rows_in + copy.finish(records.shape, last.as_ref())?;
    let unsaid = decisions.iter().filter(|(_, d)| d.label.is_none()).count();
    if unsaid > 0 {
        let kept = if options.excluded == Excluded::Drop { ", excluded ones included" } else { "" };
        summary.notes.push(format!("Items without one right label keep their records as they are{kept}"));
    }
    outlet.begin(read.encoding)?;
    outlet.text(&copy.patches.apply(text))?;
    Ok(read.file)
}

struct Copy<'c> {
    path: &'c Path,
    text: &'c str,
    dataset: &'c Dataset,
    decisions: &'c Decisions,
    plan: Plan,
    layout: Layout,
    names: Vec<&'c str>,
    columns: Columns,
    items: Interner,
    number: usize,
    patches: Patches,
    /// What a record of an annotation looks like, by item: the first of each that is decided.
    samples: BTreeMap<usize, Node>,
    done: Vec<usize>,
}

impl<'c> Copy<'c> {
    fn of(dataset: &'c Dataset, decisions: &'c Decisions, text: &'c str) -> Result<Self, FormatError> {
        let path = dataset.source.table.path.as_path();
        let roles: Vec<Role> = dataset.source.roles.iter().map(|(_, r)| r.clone()).collect();
        let layout = Layout::of(&roles).map_err(|(what, remedy)| FormatError::of(path, what, remedy))?;
        let columns = Columns::of(&roles, layout);
        let mut items = Interner::default();
        for key in dataset.keys.iter() {
            items.intern(key);
        }
        Ok(Self {
            path,
            text,
            dataset,
            decisions,
            plan: Plan::of(text),
            layout,
            names: dataset.source.roles.iter().map(|(n, _)| n.as_str()).collect(),
            columns,
            items,
            number: 0,
            patches: Patches::default(),
            samples: BTreeMap::new(),
            done: Vec::new(),
        })
    }

    /// The value in a column of a record.
    fn value<'n>(&self, entry: &'n Entry, column: usize) -> Option<&'n Node> {
        let mut found = None;
        flatten(&entry.node, &self.plan.votes, &mut |name, value| {
            if name == self.names[column] {
                found = Some(value);
            }
        });
        found
    }

    fn key(&self, entry: &Entry) -> String {
        let Some(column) = self.columns.item else { return String::new() };
        if self.plan.key.as_deref() == Some(self.names[column]) {
            return entry.key.clone().unwrap_or_default();
        }
        let value = self.value(entry, column).and_then(|v| cell_text(self.text, v));
        value.map_or(String::new(), std::borrow::Cow::into_owned)
    }

    fn record(&mut self, entry: &Entry) -> Result<(), FormatError> {
        self.number += 1;
        if matches!(self.plan.votes, Votes::ByRater) || self.decisions.is_empty() {
            return Ok(());
        }
        if self.plan.votes == Votes::ByItem {
            let key = entry.key.clone().unwrap_or_default();
            let like = entry.node.members().first().map(|m| &m.value);
            if let Some((item, decision, label)) = self.decided(&key, like) {
                self.patches.set(self.text, &entry.node, &[(&by(decision), label)]);
                self.done.push(item);
            }
            return Ok(());
        }
        let item = if self.layout == Layout::Single {
            Some(self.number - 1)
        } else {
            let key = self.key(entry);
            key_of(&key, self.number as u64, self.layout)
                .and_then(|k| self.items.get(&k).or_else(|| self.items.get(whole(&k)?)))
                .map(|i| i as usize)
        };
        let Some(item) = item else { return Ok(()) };
        let decisions = self.decisions;
        let Some(decision) = decisions.get(item) else { return Ok(()) };
        let Some(label) = &decision.label else { return Ok(()) };
        if let Some(given) = self.columns.given {
            match self.value(entry, given).cloned() {
                Some(value) if cell_text(self.text, &value).as_deref() != Some(label) => {
                    let new = Self::spelt(label, Some(&value));
                    self.patches.replace(value.range.clone(), new);
                }
                Some(_) => {}
                None => {
                    return Err(FormatError::of(
                        self.path,
                        format!("the record of “{}” has no field for a label", self.dataset.keys.get(item)),
                        INSTEAD,
                    ));
                }
            }
        }
        match self.plan.votes.clone() {
            Votes::List(name) if !self.done.contains(&item) => {
                let list = entry.node.get(&name).filter(|n| n.is_list()).cloned();
                if let Some(list) = list {
                    let vote = self.vote(&list, decision, label);
                    self.patches.push(self.text, &list, &vote);
                    self.done.push(item);
                }
            }
            Votes::Map(name) if !self.done.contains(&item) => {
                if let Some(map) = entry.node.get(&name).filter(|n| n.is_object()) {
                    let like = map.members().first().map(|m| &m.value);
                    let members = [(by(decision), Self::spelt(label, like))];
                    let members: Vec<(&str, String)> =
                        members.iter().map(|(k, v)| (k.as_str(), v.clone())).collect();
                    self.patches.set(self.text, map, &members);
                    self.done.push(item);
                }
            }
            Votes::None if self.layout == Layout::Long => {
                let rater = self.columns.rater.and_then(|c| self.value(entry, c)).and_then(Node::text);
                if rater.is_none_or(|r| reviewer(r).is_none()) {
                    self.samples.entry(item).or_insert_with(|| entry.node.clone());
                }
            }
            Votes::None if self.layout == Layout::Wide && self.columns.given.is_none() => {
                self.patches.set(self.text, &entry.node, &[(&by(decision), quoted(label))]);
            }
            _ => {}
        }
        Ok(())
    }

    fn decided(&self, key: &str, like: Option<&Node>) -> Option<(usize, &'c Decision, String)> {
        let item = self.items.get(key)? as usize;
        let decision = self.decisions.get(item)?;
        let label = decision.label.as_ref()?;
        Some((item, decision, Self::spelt(label, like)))
    }

    /// A label as it is spelt in the file: a number or truth value where `like` is one, else a text.
    fn spelt(label: &str, like: Option<&Node>) -> String {
        let bare = match like {
            Some(node) => node.text().is_none() && !node.is_null(),
            None => false,
        };
        let plain = matches!(label, "true" | "false")
            || (label.parse::<f64>().is_ok_and(f64::is_finite)
                && serde_json::from_str::<serde_json::Number>(label).is_ok());
        if bare && plain { label.to_owned() } else { quoted(label) }
    }

    /// A vote in the shape of those of a list.
    fn vote(&self, list: &Node, decision: &Decision, label: &str) -> String {
        let sample = list.list().iter().rev().find(|v| v.is_object());
        let members = sample.map_or(&[][..], Node::members);
        let named = |says: &dyn Fn(&str) -> bool, usual: &str| {
            members.iter().find(|m| says(&m.key)).map_or(usual.to_owned(), |m| m.key.clone())
        };
        let rater = named(&says_rater, self.field(self.columns.rater).unwrap_or("rater"));
        let field = named(&says_label, self.field(self.columns.labels.first().copied()).unwrap_or("label"));
        let like = members.iter().find(|m| m.key == field).map(|m| &m.value);
        let label = Self::spelt(label, like);
        format!("{{{}: {}, {}: {label}}}", quoted(&rater), quoted(&by(decision)), quoted(&field))
    }

    /// The last part of a column's name.
    fn field(&self, column: Option<usize>) -> Option<&'c str> {
        self.names.get(column?)?.rsplit('.').next()
    }

    /// Adds what stands after the last record; how many records.
    fn finish(&mut self, shape: Shape, last: Option<&Entry>) -> Result<u64, FormatError> {
        let Some(last) = last else { return Ok(0) };
        if self.plan.votes == Votes::ByRater {
            return Ok(self.by_rater(last));
        }
        if self.samples.is_empty() {
            return Ok(0);
        }
        if shape == Shape::Keyed {
            let what = "a record by a reviewer has no key to stand under";
            return Err(FormatError::of(self.path, what, INSTEAD));
        }
        let (Some(rater), Some(&label)) = (self.columns.rater, self.columns.labels.first()) else {
            return Ok(0);
        };
        let mut out = String::new();
        let samples = std::mem::take(&mut self.samples);
        let n = samples.len() as u64;
        let lines = self.text[..last.node.range.start].rfind('\n').map_or("", |at| {
            let between = &self.text[at + 1..last.node.range.start];
            if between.trim().is_empty() { between } else { "" }
        });
        let newline = if self.text.contains("\r\n") { "\r\n" } else { "\n" };
        for (item, node) in samples {
            let Some(decision) = self.decisions.get(item) else { continue };
            let Some(chosen) = &decision.label else { continue };
            if shape == Shape::Array {
                out.push(',');
            }
            out.push_str(newline);
            out.push_str(lines);
            out.push_str(&self.like(&node, rater, label, decision, chosen));
        }
        let at = last.node.range.end;
        self.patches.replace(at..at, out);
        Ok(n)
    }

    /// The record of an annotation again, by a reviewer: keys, texts and what belongs to the item stay.
    fn like(&self, node: &Node, rater: usize, label: usize, decision: &Decision, chosen: &str) -> String {
        let start = node.range.start;
        let text = &self.text[node.range.clone()];
        let mut patches: Vec<(std::ops::Range<usize>, String)> = Vec::new();
        let constant = |name: &str| self.dataset.metadata.iter().any(|(n, _)| n == name);
        let kept = |role: &Role| {
            matches!(role, Role::Item | Role::Text | Role::Gold | Role::Media | Role::Probability(_))
        };
        flatten(node, &Votes::None, &mut |name, value| {
            let Some(column) = self.names.iter().position(|n| *n == name) else { return };
            let range = value.range.start - start..value.range.end - start;
            let role = &self.dataset.source.roles[column].1;
            if column == rater {
                patches.push((range, quoted(&by(decision))));
            } else if column == label || Some(column) == self.columns.given {
                patches.push((range, Self::spelt(chosen, Some(value))));
            } else if !(kept(role) || (*role == Role::Meta && constant(name))) {
                patches.push((range, "null".to_owned()));
            }
        });
        let mut out = Patches::default();
        patches.into_iter().for_each(|(range, with)| out.replace(range, with));
        out.apply(text)
    }

    /// In a map from raters to items, a reviewer is one more rater; in item order.
    fn by_rater(&mut self, last: &Entry) -> u64 {
        let mut reviewers: Vec<(String, Vec<String>)> = Vec::new();
        let like = last.node.members().first().map(|m| m.value.clone());
        for (item, decision) in self.decisions.iter() {
            let Some(label) = &decision.label else { continue };
            let member =
                format!("{}: {}", quoted(self.dataset.keys.get(item)), Self::spelt(label, like.as_ref()));
            match reviewers.iter_mut().find(|(name, _)| *name == by(decision)) {
                Some((_, list)) => list.push(member),
                None => reviewers.push((by(decision), vec![member])),
            }
        }
        let mut out = String::new();
        for (name, members) in &reviewers {
            out.push_str(&format!(", {}: {{{}}}", quoted(name), members.join(", ")));
        }
        let at = last.node.range.end;
        if !out.is_empty() {
            self.patches.replace(at..at, out);
        }
        reviewers.len() as u64
    }
}

/// What a reviewer is called among raters.
fn by(decision: &Decision) -> String {
    format!("reviewer:{}", decision.reviewer)
}
