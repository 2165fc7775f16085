//! Events of one log, laid over a dataset: the decisions that stand, the stale ones, what can be undone.
//!
//! An event is dead once an undo names it and until a redo names it. On each item the live decision with the
//! highest `seq` stands; the live note with the highest `seq` is its note. A decision whose facts no longer
//! hold is stale: listed, not applied, and nothing to undo. The redo stack dies with a new decision.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::event::{Body, Difference, Event, EventRef};
use super::{facts, spans};
use crate::dataset::{Dataset, Edit, Edits, Outcome, Placed, SpanEdit, SpanId};

/// Why a decision is not applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StaleReason {
    /// The dataset has no such item.
    #[error("the data has no such item")]
    UnknownItem,
    /// It answers another question.
    #[error("it is about “{field}”, which is not the column under review")]
    OtherField {
        /// The column or question that it is about.
        field: String,
    },
    /// The given cell changed.
    #[error("the given label was {logged} and is {now} now")]
    GivenChanged {
        /// What it was.
        logged: String,
        /// What it is.
        now: String,
    },
    /// The votes changed.
    #[error("the votes were {logged} and are {now} now")]
    VotesChanged {
        /// What they were.
        logged: String,
        /// What they are.
        now: String,
    },
    /// The label set has no such label.
    #[error("the data has no label “{label}”")]
    UnknownLabel {
        /// Its name.
        label: String,
    },
    /// The source has no such span, or its text no such place.
    #[error("the data has no span at characters {start} to {end} that it is about")]
    NoSuchSpan {
        /// First code point.
        start: u32,
        /// The code point after the last.
        end: u32,
    },
    /// It records nothing that could be compared.
    #[error("it records neither the given label nor the votes it was made on")]
    NoFacts,
    /// It says something that cannot be applied.
    #[error("{what} cannot be applied to this data")]
    NotSupported {
        /// What it is.
        what: String,
    },
}

/// A decision that is not applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stale {
    /// Who decided.
    pub reviewer: String,
    /// Which event.
    pub event: EventRef,
    /// Item key.
    pub item: String,
    /// Why.
    pub reason: StaleReason,
}

impl Stale {
    /// Whether the decision answers another question that the source asks: it is in its place there.
    pub fn is_elsewhere(&self, dataset: &Dataset) -> bool {
        matches!(&self.reason, StaleReason::OtherField { field }
            if dataset.questions.iter().any(|q| q.name == *field))
    }
}

/// How many items stand at what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// The label under suspicion was right.
    pub kept: usize,
    /// Another label is right.
    pub changed: usize,
    /// Several labels are right.
    pub several: usize,
    /// Labels apply in shares.
    pub soft: usize,
    /// None of the labels is right.
    pub none_of_labels: usize,
    /// Left for somebody else.
    pub unsure: usize,
    /// Not part of the clean set.
    pub excluded: usize,
}

impl Counts {
    /// Items with any decision.
    pub fn decided(&self) -> usize {
        self.kept
            + self.changed
            + self.several
            + self.soft
            + self.none_of_labels
            + self.unsure
            + self.excluded
    }

    fn of(&mut self, outcome: &Outcome) -> &mut usize {
        match outcome {
            Outcome::Kept(_) => &mut self.kept,
            Outcome::Changed(_) => &mut self.changed,
            Outcome::Several(_) => &mut self.several,
            Outcome::Soft(_) => &mut self.soft,
            Outcome::NoneOfLabels => &mut self.none_of_labels,
            Outcome::Unsure => &mut self.unsure,
            Outcome::Excluded => &mut self.excluded,
        }
    }
}

/// What stands of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It holds for at least one item.
    Live,
    /// A later decision took its place.
    Superseded,
    /// It was undone.
    Undone,
    /// Its facts no longer hold.
    Stale,
}

/// What an event does to an item.
#[derive(Debug, Clone)]
enum Effect {
    /// It decides.
    Decided(Outcome),
    /// It only leaves a note.
    Noted,
    /// It says why versions differ there.
    Coded,
    /// It decides on a span.
    Span(SpanId, Option<Placed>),
}

/// What a ruling comes to.
#[derive(Debug, Clone)]
pub(super) enum Ruled {
    /// A decision on the whole item.
    Item(Outcome),
    /// A decision on a span.
    Span(SpanId, Option<Placed>),
}

/// What an event does to a dataset.
#[derive(Debug, Clone, Default)]
pub(super) struct Effects {
    /// Item → effect, by ascending item.
    items: Vec<(u32, Effect)>,
    stale: Vec<(String, Option<u32>, StaleReason)>,
}

#[derive(Debug)]
struct Entry {
    alive: bool,
    items: Vec<(u32, Effect)>,
}

#[derive(Debug)]
struct StaleEntry {
    entry: u32,
    item: Option<u32>,
    stale: Stale,
}

/// The state that a log leads to. Event `n` of the log is entry `n`.
#[derive(Debug, Default)]
pub struct Replay {
    events: Vec<Event>,
    entries: Vec<Entry>,
    items: HashMap<String, u32>,
    touching: HashMap<u32, Vec<u32>>,
    /// The entries that code a difference, in order.
    coding: BTreeMap<Difference, Vec<u32>>,
    /// The entries that decide on a span, in order.
    spanning: BTreeMap<SpanId, Vec<u32>>,
    standing: HashMap<u32, u32>,
    edits: Edits,
    counts: Counts,
    stale: Vec<StaleEntry>,
    undo: Vec<u32>,
    redo: Vec<u32>,
    not_understood: usize,
}

impl Replay {
    /// Replays `events`, which are one whole log in order.
    pub fn new(dataset: &Dataset, events: Vec<Event>) -> Self {
        let mut this = Self { items: look_up(dataset, &events), ..Self::default() };
        for event in events {
            let effects = this.effects(dataset, &event);
            this.push(event, effects);
        }
        this
    }

    /// The decisions that stand.
    pub fn edits(&self) -> &Edits {
        &self.edits
    }

    /// How many items stand at what.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// The events, in order.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// Live decisions that are not applied, unless a later one on the item is.
    pub fn stale(&self) -> impl Iterator<Item = &Stale> {
        self.stale
            .iter()
            .filter(|s| {
                let later = s.item.and_then(|i| self.standing.get(&i)).is_some_and(|&e| e > s.entry);
                self.entries[s.entry as usize].alive && !later
            })
            .map(|s| &s.stale)
    }

    /// Events of kinds that this version does not know.
    pub fn not_understood(&self) -> usize {
        self.not_understood
    }

    /// What stands of event `index`.
    pub fn standing(&self, index: usize) -> Standing {
        let Some(entry) = self.entries.get(index) else { return Standing::Superseded };
        if !entry.alive {
            Standing::Undone
        } else if entry.items.is_empty() {
            Standing::Stale
        } else if entry.items.iter().any(|(item, effect)| match effect {
            Effect::Decided(_) => self.standing.get(item) == Some(&(index as u32)),
            Effect::Noted => self.note_entry(*item) == Some(index as u32),
            Effect::Coded => matches!(self.events[index].body(),
                Body::Code(c) if self.code_entry(&c.target) == Some(index as u32)),
            Effect::Span(id, _) => self.last_alive(self.spanning.get(id)) == Some(index as u32),
        }) {
            Standing::Live
        } else {
            Standing::Superseded
        }
    }

    /// Items that event `index` is about, if it is applied.
    pub fn items_of(&self, index: usize) -> impl ExactSizeIterator<Item = usize> + '_ {
        self.entries.get(index).map_or(&[][..], |e| &e.items).iter().map(|(i, _)| *i as usize)
    }

    /// The event that an undo would take back, or a redo would revive.
    pub(super) fn next(&self, redo: bool) -> Option<usize> {
        if redo { self.redo.last() } else { self.undo.last() }.map(|&e| e as usize)
    }

    /// The latest live event that decides something.
    pub(super) fn last_decision(&self) -> Option<usize> {
        self.undo.iter().rev().map(|&e| e as usize).find(|&e| {
            matches!(self.events[e].body(), Body::Decide(_) | Body::BulkDecide(_) | Body::Adjudicate(_))
        })
    }

    /// Makes an item known by its key, so that [`Self::effects`] needs no look-up.
    pub(super) fn know(&mut self, key: &str, item: u32) {
        if !self.items.contains_key(key) {
            self.items.insert(key.to_owned(), item);
        }
    }

    /// What `event` does to `dataset` after everything so far.
    pub(super) fn effects(&self, dataset: &Dataset, event: &Event) -> Effects {
        let mut effects = Effects::default();
        let remark = match event.body() {
            Body::Note(n) => Some((&n.item, Effect::Noted)),
            Body::Code(c) => Some((&c.item, Effect::Coded)),
            _ => None,
        };
        if let Some((key, effect)) = remark {
            match self.items.get(key) {
                Some(&item) => effects.items.push((item, effect)),
                None => effects.stale.push((key.clone(), None, StaleReason::UnknownItem)),
            }
            return effects;
        }
        for ruling in event.rulings() {
            let item = self.items.get(ruling.item).copied();
            let result = match item {
                None => Err(StaleReason::UnknownItem),
                Some(item) => {
                    let current = self.edits.get(item as usize).map(|e| &e.outcome);
                    applicable(dataset, item as usize, &ruling, event, current)
                }
            };
            match (result, item) {
                (Ok(Ruled::Item(outcome)), Some(item)) => {
                    effects.items.push((item, Effect::Decided(outcome)));
                }
                (Ok(Ruled::Span(id, now)), Some(item)) => effects.items.push((item, Effect::Span(id, now))),
                (Ok(_), None) => {}
                (Err(reason), _) => effects.stale.push((ruling.item.to_owned(), item, reason)),
            }
        }
        // The last word on an item counts, should a list name one twice.
        effects.items.reverse();
        effects.items.sort_by_key(|(item, _)| *item);
        effects.items.dedup_by_key(|(item, _)| *item);
        effects
    }

    /// Takes in the next event of the log.
    pub(super) fn push(&mut self, event: Event, effects: Effects) {
        let index = self.entries.len() as u32;
        let mut touched: Vec<u32> = Vec::new();
        match event.body() {
            Body::Undo(c) | Body::Redo(c) => {
                let revive = matches!(event.body(), Body::Redo(_));
                if let Some(t) = self.target(&c.target, &event)
                    && self.entries[t as usize].alive != revive
                {
                    let entry = &mut self.entries[t as usize];
                    entry.alive = revive;
                    touched.extend(entry.items.iter().map(|(i, _)| *i));
                    let (from, to) = if revive {
                        (&mut self.redo, &mut self.undo)
                    } else {
                        (&mut self.undo, &mut self.redo)
                    };
                    if let Some(at) = from.iter().rposition(|&e| e == t) {
                        from.remove(at);
                    }
                    if !touched.is_empty() {
                        to.push(t);
                    }
                }
            }
            Body::Unknown => self.not_understood += 1,
            _ => {
                touched.extend(effects.items.iter().map(|(i, _)| *i));
                if let (Body::Code(c), false) = (event.body(), touched.is_empty()) {
                    self.coding.entry(c.target.clone()).or_default().push(index);
                }
                if !touched.is_empty() {
                    self.undo.push(index);
                    self.redo.clear();
                }
            }
        }
        for (item, effect) in &effects.items {
            self.touching.entry(*item).or_default().push(index);
            if let Effect::Span(id, _) = effect {
                self.spanning.entry(*id).or_default().push(index);
            }
        }
        for (key, item, reason) in effects.stale {
            let reviewer = event.head().reviewer.clone();
            let stale = Stale { reviewer, event: event.reference(), item: key, reason };
            self.stale.push(StaleEntry { entry: index, item, stale });
        }
        self.entries.push(Entry { alive: true, items: effects.items });
        self.events.push(event);
        for item in touched {
            self.settle(item);
        }
    }

    /// The entry that an undo or redo in `by` names, if it is an earlier one of this log.
    fn target(&self, target: &EventRef, by: &Event) -> Option<u32> {
        let here = target.log_id == by.head().log_id && target.seq < self.entries.len() as u64;
        here.then_some(target.seq as u32)
    }

    fn live_on(&self, item: u32) -> impl Iterator<Item = (u32, &Effect)> {
        let list = self.touching.get(&item).map_or(&[][..], Vec::as_slice);
        list.iter().rev().filter_map(move |&e| {
            let entry = &self.entries[e as usize];
            let at = entry.items.binary_search_by_key(&item, |(i, _)| *i).ok()?;
            entry.alive.then_some((e, &entry.items[at].1))
        })
    }

    /// The entry that the note of `item` comes from: a note event, or a decision that says something.
    fn note_entry(&self, item: u32) -> Option<u32> {
        self.live_on(item)
            .find(|&(e, effect)| match effect {
                Effect::Noted => true,
                Effect::Decided(_) | Effect::Span(..) => !self.events[e as usize].note().is_empty(),
                Effect::Coded => false,
            })
            .map(|(e, _)| e)
    }

    /// The entry that says why versions differ there.
    fn code_entry(&self, target: &Difference) -> Option<u32> {
        self.last_alive(self.coding.get(target))
    }

    fn last_alive(&self, list: Option<&Vec<u32>>) -> Option<u32> {
        list?.iter().rev().copied().find(|&e| self.entries[e as usize].alive)
    }

    /// The reason that stands for a difference between versions: a code of the codebook.
    pub fn code(&self, target: &Difference) -> Option<&str> {
        self.events[self.code_entry(target)? as usize].reason()
    }

    /// All differences that have a reason, in their order, with it.
    pub fn codes(&self) -> impl Iterator<Item = (&Difference, &str)> {
        self.coding.keys().filter_map(|target| Some((target, self.code(target)?)))
    }

    /// Brings what stands on `item` in line with its live events.
    fn settle(&mut self, item: u32) {
        let decision = self.live_on(item).find_map(|(e, effect)| match effect {
            Effect::Decided(outcome) => Some((e, outcome.clone())),
            Effect::Noted | Effect::Coded | Effect::Span(..) => None,
        });
        let note = self.note_entry(item).map_or("", |e| self.events[e as usize].note()).to_owned();
        let new = decision.map(|(e, outcome)| {
            let event = &self.events[e as usize];
            let edit = Edit {
                outcome,
                reviewer: event.head().reviewer.clone(),
                reason: event.reason().map(str::to_owned),
                confidence: event.confidence(),
                note,
                reached: event.reached(),
                order: u64::from(e),
            };
            (e, edit)
        });
        if let Some(old) = self.edits.get(item as usize) {
            *self.counts.of(&old.outcome) -= 1;
        }
        if let Some((e, edit)) = new {
            *self.counts.of(&edit.outcome) += 1;
            self.standing.insert(item, e);
            if self.edits.get(item as usize) != Some(&edit) {
                self.edits.set(item as usize, edit);
            }
        } else {
            self.standing.remove(&item);
            self.edits.remove(item as usize);
        }
        self.settle_spans(item);
    }

    /// The same for the spans that are named by `item`.
    fn settle_spans(&mut self, item: u32) {
        let least = |item| SpanId { item, start: 0, end: 0, label: 0, added: false };
        let mut settled = Vec::new();
        for (id, list) in self.spanning.range(least(item)..least(item + 1)) {
            let edit = self.last_alive(Some(list)).and_then(|e| {
                let effects = &self.entries[e as usize].items;
                let now = effects.iter().find_map(|(_, effect)| match effect {
                    Effect::Span(of, now) if of == id => Some(*now),
                    _ => None,
                })?;
                let event = &self.events[e as usize];
                let (reviewer, confidence) = (event.head().reviewer.clone(), event.confidence());
                Some(SpanEdit { now, reviewer, confidence, order: u64::from(e) })
            });
            if self.edits.span(id) != edit.as_ref() {
                settled.push((*id, edit));
            }
        }
        for (id, edit) in settled {
            match edit {
                Some(edit) => self.edits.set_span(id, edit),
                None => self.edits.remove_span(&id),
            }
        }
    }

    /// The note on `item`, whether or not it is decided.
    pub fn note(&self, item: usize) -> &str {
        self.note_entry(item as u32).map_or("", |e| self.events[e as usize].note())
    }
}

/// What a ruling of `event` means for `item`, or why it is not applied.
pub(super) fn applicable(
    dataset: &Dataset,
    item: usize,
    ruling: &super::event::Ruling<'_>,
    event: &Event,
    current: Option<&Outcome>,
) -> Result<Ruled, StaleReason> {
    if ruling.span.is_some() {
        let (id, now) = spans::decided(dataset, item as u32, ruling, event)?;
        return Ok(Ruled::Span(id, now));
    }
    // A deferral of the first version need not say what it is about.
    if ruling.field != dataset.field() && !(ruling.field.is_empty() && ruling.before.is_none()) {
        return Err(StaleReason::OtherField { field: ruling.field.to_owned() });
    }
    // Deferrals and adjudications of the first version carry no facts.
    let needs_facts = !matches!(event.body(), Body::Defer(_) | Body::Adjudicate(_));
    let contradiction = match ruling.before {
        Some(before) => facts::contradiction(dataset, item, before, current),
        None => needs_facts.then_some(StaleReason::NoFacts),
    };
    contradiction.map_or(Ok(()), Err)?;
    facts::outcome(dataset, item, ruling).map(Ruled::Item)
}

/// Item numbers of the keys that `events` name: one pass over the data, however large.
pub(super) fn look_up<'a>(
    dataset: &Dataset,
    events: impl IntoIterator<Item = &'a Event>,
) -> HashMap<String, u32> {
    let mut wanted: HashSet<&str> = HashSet::new();
    for event in events {
        wanted.extend(event.rulings().iter().map(|r| r.item));
        match event.body() {
            Body::Note(n) => drop(wanted.insert(&n.item)),
            Body::Code(c) => drop(wanted.insert(&c.item)),
            _ => {}
        }
    }
    let mut found = HashMap::with_capacity(wanted.len());
    if !wanted.is_empty() {
        for (i, key) in dataset.keys.iter().enumerate() {
            if wanted.contains(key) {
                found.insert(key.to_owned(), i as u32);
                if found.len() == wanted.len() {
                    break;
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::event::{After, Basis, Before, Decide, Digests, Head, NO_PREV, Verb};
    use super::super::log::Log;
    use super::*;
    use crate::dataset::{AnnotationsBuilder, LabelColumn, LabelSet, NO_LABEL, Source, TextColumn};

    const NAMES: [&str; 3] = ["negative", "neutral", "positive"];

    /// Votes as (item, label) of the dataset that the old logs are about.
    fn dataset(given: Option<&[u32]>) -> Dataset {
        let mut b = AnnotationsBuilder::new();
        for (item, labels) in [&[2, 2, 2][..], &[0, 1, 0], &[0, 0], &[1, 2, 1], &[2, 0]].iter().enumerate() {
            for (rater, &label) in labels.iter().enumerate() {
                b.push(item as u32, rater as u32, label, None);
            }
        }
        Dataset {
            keys: ["t1", "t2", "t3", "t4", "t5"].iter().collect::<TextColumn>(),
            labels: LabelSet::new(&NAMES.map(str::to_owned), []),
            annotations: b.finish(5, 3),
            given: given.map(|ids| LabelColumn { name: "label".into(), ids: ids.to_vec() }),
            source: Source { label_field: "label".into(), ..Source::default() },
            ..Dataset::default()
        }
    }

    fn old(name: &str) -> Vec<Event> {
        let path = format!(
            "{}/tests/data/format_examples/dissensus_log/{name}.corrections.jsonl",
            env!("CARGO_MANIFEST_DIR")
        );
        Log::verify(std::path::Path::new(&path)).unwrap().events
    }

    #[test]
    fn logs_of_the_first_version_are_replayed() {
        let r = Replay::new(&dataset(None), old("r1"));
        let outcomes: Vec<_> = r.edits().iter().map(|(i, e)| (i, e.outcome.clone())).collect();
        assert_eq!(
            outcomes,
            [(1, Outcome::Kept(0)), (2, Outcome::Excluded), (3, Outcome::Kept(1)), (4, Outcome::Changed(2)),]
        );
        assert_eq!(r.edits().get(3).unwrap().note, "café review is lukewarm");
        assert_eq!(r.stale().count(), 0);
        assert_eq!((r.standing(2), r.standing(4)), (Standing::Undone, Standing::Live));
        let lead = Replay::new(&dataset(None), old("lead"));
        assert_eq!(lead.edits().get(4).unwrap().outcome, Outcome::Changed(1));
    }

    #[test]
    fn what_no_longer_holds_is_listed_and_not_applied() {
        // t2 is neutral by its votes now, t5 is no longer tied, t3 is gone.
        let mut d = dataset(None);
        let mut b = AnnotationsBuilder::new();
        for (item, label) in [(1, 1), (3, 1), (4, 2)] {
            b.push(item, 0, label, None);
        }
        d.annotations = b.finish(5, 1);
        d.keys = ["t1", "t2", "tX", "t4", "t5"].iter().collect();
        let r = Replay::new(&d, old("r1"));
        assert_eq!(r.edits().iter().map(|(i, _)| i).collect::<Vec<_>>(), [3]);
        let reasons: Vec<_> = r.stale().map(|s| (s.item.as_str(), s.reason.to_string())).collect();
        assert_eq!(
            reasons,
            [
                ("t2", "the votes were most for “negative” and are 1 neutral now".to_owned()),
                ("t3", "the data has no such item".to_owned()),
                ("t5", "the votes were most for “negative” and are 1 positive now".to_owned()),
            ]
        );
        assert_eq!(r.next(false), Some(4), "what is stale is nothing to undo");
        let mut other = dataset(None);
        other.source.label_field = "toxic".into();
        let r = Replay::new(&other, old("r1"));
        assert_eq!((r.edits().len(), r.stale().count()), (0, 4));
    }

    fn one(before: Before, after: Option<After>) -> Vec<Event> {
        let head = Head {
            v: 1,
            log_id: "l".into(),
            seq: 0,
            ts: String::new(),
            reviewer: "r".into(),
            dataset: Digests::default(),
            prev: NO_PREV.into(),
        };
        let body = Body::Decide(Decide {
            item: "t4".into(),
            field: "label".into(),
            before: Some(before),
            after,
            action: Verb::Relabel,
            confidence: None,
            reason: None,
            note: String::new(),
            context: super::super::event::Context::default(),
            rater: None,
            target: None,
            amends: None,
        });
        vec![Event::seal(&head, &body).unwrap()]
    }

    #[test]
    fn facts_are_the_given_cell_or_the_votes_and_never_both() {
        let votes = |n| Some([("neutral".to_owned(), 2), ("positive".to_owned(), n)].into());
        let by_votes = |n| one(Before { value: None, basis: Basis::Model, votes: votes(n) }, None);
        assert_eq!(Replay::new(&dataset(None), by_votes(1)).edits().len(), 1);
        assert_eq!(Replay::new(&dataset(None), by_votes(2)).edits().len(), 0);
        // Votes do not matter where there was a given cell.
        let given = |v: Option<&str>| {
            let before = Before { value: v.map(str::to_owned), basis: Basis::Given, votes: votes(9) };
            one(before, Some(After::label("neutral")))
        };
        let ids = [0, 0, 0, 0, NO_LABEL];
        let d = dataset(Some(&ids));
        assert_eq!(Replay::new(&d, given(Some("negative"))).edits().len(), 1);
        let r = Replay::new(&d, given(None));
        let reason = r.stale().next().unwrap().reason.to_string();
        assert_eq!(reason, "the given label was no label and is “negative” now");
        let gone = one(
            Before { value: Some("negative".into()), basis: Basis::Given, votes: None },
            Some(After::label("old")),
        );
        assert_eq!(
            Replay::new(&d, gone).stale().next().unwrap().reason,
            StaleReason::UnknownLabel { label: "old".into() }
        );
    }
}
