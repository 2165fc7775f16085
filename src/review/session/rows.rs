//! The log as rows to look at: one a decision, note or code.

use std::collections::BTreeMap;

use super::{Session, Standing};
use crate::review::event::{Body, Event, Verb};
use crate::review::words;

/// A decision, a note or a code, as a log view shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionRow<'a> {
    /// Number of the event.
    pub seq: u64,
    /// When, in UTC.
    pub ts: &'a str,
    /// The item to go to, if this data has it; the first of a bulk decision.
    pub item: Option<usize>,
    /// Key of the item; empty for a bulk decision.
    pub key: &'a str,
    /// How many items it is about.
    pub items: usize,
    /// The label that stood there, or an em dash.
    pub before: String,
    /// What was decided; `note` for a note.
    pub after: String,
    /// How: `keep`, `relabel`, …, `adjudicate`, `note`, `code`.
    pub action: &'static str,
    /// Code of the codebook.
    pub reason: Option<&'a str>,
    /// 1 (low) to 3 (high).
    pub confidence: Option<u8>,
    /// Free text.
    pub note: &'a str,
    /// Whether the item had come a second time.
    pub repeat: bool,
    /// Whether it only adds confidence or a reason to an earlier decision.
    pub amends: bool,
    /// What stands of it.
    pub standing: Standing,
    /// Whether it is on the disk.
    pub saved: bool,
}

impl Session {
    /// Decisions, notes and codes, oldest first. Walk it backwards for the newest.
    pub fn decisions(&self) -> impl DoubleEndedIterator<Item = DecisionRow<'_>> {
        let saved = self.saved().saved_seq;
        let events = self.replay.events();
        events.iter().enumerate().filter_map(move |(i, e)| self.row(i, e, saved))
    }

    /// The decision that confidence and reason are added to now, as a row.
    pub fn last_decision(&self) -> Option<DecisionRow<'_>> {
        let index = self.replay.last_decision()?;
        self.row(index, &self.replay.events()[index], self.saved().saved_seq)
    }

    /// Confidence and reason that it has; looks at this event only.
    pub fn last_added(&self) -> (Option<u8>, Option<&str>) {
        let event = self.replay.last_decision().map(|index| &self.replay.events()[index]);
        event.map_or((None, None), |e| (e.confidence(), e.reason()))
    }

    fn row<'a>(&'a self, index: usize, event: &'a Event, saved: Option<u64>) -> Option<DecisionRow<'a>> {
        let rulings = event.rulings();
        let (key, before, after, action) = match (event.body(), &rulings[..]) {
            (Body::Note(n), _) => (n.item.as_str(), "—".to_owned(), "note".to_owned(), "note"),
            (Body::Code(c), _) => {
                let [first, second] = [&c.target.first, &c.target.second].map(|m| words::marked(m.as_ref()));
                (c.item.as_str(), first, second, "code")
            }
            (_, []) => return None,
            (_, [one]) => {
                let action = one.verb.map_or("adjudicate", Verb::as_str);
                (one.item, words::before_of(one), words::after_of(one), action)
            }
            (_, [first, rest @ ..]) => {
                let before = words::before(first.before);
                let same = rest.iter().all(|r| words::before(r.before) == before);
                let alike = rest.iter().all(|r| r.after == first.after);
                let action = first.verb.filter(|&v| rest.iter().all(|r| r.verb == Some(v)));
                (
                    "",
                    if same { before } else { "various".to_owned() },
                    if alike { words::after(first.after) } else { "various".to_owned() },
                    action.map_or("various", Verb::as_str),
                )
            }
        };
        Some(DecisionRow {
            seq: event.seq(),
            ts: &event.head().ts,
            item: self.replay.items_of(index).next(),
            key,
            items: rulings.len().max(1),
            before,
            after,
            action,
            reason: event.reason(),
            confidence: event.confidence(),
            note: event.note(),
            repeat: event.context().is_some_and(|c| c.repeat),
            amends: event.amends().is_some(),
            standing: self.replay.standing(index),
            saved: saved.is_some_and(|s| event.seq() <= s),
        })
    }

    /// Word → number: items by what stands on them, and how often something was taken back.
    pub(super) fn counts_by_word(&self) -> BTreeMap<String, u64> {
        let mut counts = BTreeMap::new();
        let mut add = |word: &str, n: usize| {
            if n > 0 {
                *counts.entry(word.to_owned()).or_insert(0) += n as u64;
            }
        };
        let c = self.counts();
        for (word, n) in [
            ("kept", c.kept),
            ("changed", c.changed),
            ("several", c.several),
            ("soft_label", c.soft),
            ("none_of_labels", c.none_of_labels),
            ("unsure", c.unsure),
            ("excluded", c.excluded),
        ] {
            add(word, n);
        }
        for event in self.replay.events() {
            match event.body() {
                Body::Undo(_) => add("undo", 1),
                Body::Redo(_) => add("redo", 1),
                _ => {}
            }
        }
        counts
    }
}
