//! What only the whole of a source can tell: which of its fields is the text, which one names the items.
//!
//! A tool's items carry fields of any name. A reader hands all of them over with [`Gathering::meta`] and, once it
//! has seen everything, makes one the text and one the key.

use std::collections::{HashMap, HashSet};

use super::{Gathering, Interner};
use crate::dataset::Verdict;

impl Gathering {
    /// What an item says so far.
    pub(crate) fn text_of(&self, item: u32) -> Option<&str> {
        let text = self.texts.get(item as usize).copied().flatten()?;
        Some(self.strings.strings().get(text as usize))
    }

    /// Makes a field the text of its items; items that have a text keep it.
    pub(crate) fn text_by(&mut self, name: &str) {
        let Some(at) = self.metadata.iter().position(|(n, _)| n == name) else { return };
        let (_, values) = self.metadata.remove(at);
        for (item, string) in values {
            self.texts[item as usize].get_or_insert(string);
        }
    }

    /// Makes a field the key of the items, where each has one of its own; says whether it did.
    pub(crate) fn key_by(&mut self, name: &str) -> bool {
        let Some(at) = self.metadata.iter().position(|(n, _)| n == name) else { return false };
        let values = &self.metadata[at].1;
        let distinct: HashSet<u32> = values.values().copied().collect();
        if values.len() != self.items.len() || distinct.len() != self.items.len() {
            return false;
        }
        let mut keys = Interner::default();
        for item in 0..self.items.len() as u32 {
            // Every item has a value: there are as many as items, and each is of another item.
            let key = values.get(&item).map_or("", |&s| self.strings.strings().get(s as usize));
            keys.intern(key);
        }
        self.items = keys;
        self.metadata.remove(at);
        true
    }
}

/// Verdicts with only the last of each reviewer on an item.
pub(super) fn last_of_each(verdicts: Vec<Verdict>) -> Vec<Verdict> {
    let mut at: HashMap<(u32, String), usize> = HashMap::new();
    let mut out: Vec<Verdict> = Vec::with_capacity(verdicts.len());
    for verdict in verdicts {
        match at.get(&(verdict.item, verdict.reviewer.clone())) {
            Some(&known) => out[known] = verdict,
            None => {
                at.insert((verdict.item, verdict.reviewer.clone()), out.len());
                out.push(verdict);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::dataset::{NOTHING, Task};
    use crate::formats::load::LoadOptions;

    #[test]
    fn a_field_becomes_the_key_only_where_it_tells_items_apart() {
        let mut g = Gathering::new(Path::new("x.json"));
        for (key, id, group) in [("1", "t1", "a"), ("2", "t2", "a")] {
            let item = g.item(key).unwrap();
            g.meta(item, "id", id).unwrap();
            g.meta(item, "group", group).unwrap();
            g.meta(item, "body", "same").unwrap();
        }
        assert!(!g.key_by("group") && !g.key_by("other"));
        assert!(g.key_by("id"));
        g.text_by("body");
        assert_eq!((g.item("t2").unwrap(), g.text_of(1)), (1, Some("same")));
        let names: Vec<&str> = g.metadata.iter().map(|(n, _)| n.as_str()).collect();
        assert_eq!(names, ["group"]);
    }

    #[test]
    fn stretches_with_a_given_label_and_verdicts_are_items_too() {
        let mut g = Gathering::new(Path::new("x.json"));
        let q = g.question("ner", Task::Spans);
        let doc = g.item("d").unwrap();
        g.given_mark(q, doc, 4..6, "PER").unwrap();
        g.verdict_at(q, doc, 4..6, "r", "ORG");
        g.verdict_at(q, doc, 0..1, "r", NOTHING);
        g.verdict_at(q, doc, 4..6, "r", "LOC");
        let d = g.finish("x", &LoadOptions::default(), None).unwrap();
        assert_eq!(d.keys.iter().collect::<Vec<_>>(), ["d:0-1", "d:4-6"]);
        let given: Vec<&str> = d.given.unwrap().ids.iter().map(|&l| d.labels.name(l)).collect();
        assert_eq!(given, [NOTHING, "PER"]);
        let verdicts: Vec<(u32, &str)> = d.verdicts.iter().map(|v| (v.item, v.label.as_str())).collect();
        assert_eq!(verdicts, [(1, "LOC"), (0, NOTHING)]);
    }
}
