//! Logs of several reviewers, taken together as a set: the order in which they are given means nothing.
//!
//! Events are the same if they are event `seq` of log `log_id`; two that claim this with different hashes are a
//! fork and refused. The merged file is the sorted union of the lines of its logs, each as it was written, so it
//! verifies, shows and merges like any log.
//!
//! On each (item, field), and span where it is about one, the latest live decision of each log counts. All the same: *agreed*, or *single* if
//! there is one; otherwise a *conflict*, never the last writer. An adjudication settles it as long as the
//! decisions it names by hash are the ones that stand.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use super::event::{Adjudicate, After, Before, Body, Event, EventRef, Ruling, Verb};
use super::log::{Log, LogError};
use super::replay::{Replay, Ruled, Stale, StaleReason, applicable, look_up};
use super::words;
use crate::dataset::{Dataset, Edit, Edits, Outcome, SpanEdit};

/// How reviewers stand to each other on an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Several decided, and alike.
    Agreed,
    /// One decided.
    Single,
    /// Several decided, and differently.
    Conflict,
    /// A conflict was settled.
    Adjudicated,
}

impl Verdict {
    /// The word for it: `agreed`, `single`, `CONFLICT`, `adjudicated`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Agreed => "agreed",
            Self::Single => "single",
            Self::Conflict => "CONFLICT",
            Self::Adjudicated => "adjudicated",
        }
    }
}

/// What one log says about one item in the end.
#[derive(Debug, Clone)]
pub struct Live<'a> {
    /// The event that says so.
    pub event: &'a Event,
    /// Item key.
    pub item: &'a str,
    /// Column or question.
    pub field: &'a str,
    /// The facts.
    pub before: Option<&'a Before>,
    /// What was decided; `None` excludes.
    pub after: Option<&'a After>,
    /// How; `None` for an adjudication.
    pub verb: Option<Verb>,
    /// The span that it is about, where it is not about the whole item.
    pub span: Option<&'a serde_json::Value>,
    /// The note on the item.
    pub note: &'a str,
}

impl<'a> Live<'a> {
    /// The same as a ruling.
    pub fn ruling(&self) -> Ruling<'a> {
        let Self { item, field, before, after, verb, span, .. } = *self;
        Ruling { item, field, before, after, verb, span }
    }

    /// Who decided.
    pub fn reviewer(&self) -> &str {
        &self.event.head().reviewer
    }

    /// The adjudication that it is, if it is one.
    pub fn adjudication(&self) -> Option<&'a Adjudicate> {
        match self.event.body() {
            Body::Adjudicate(a) => Some(a),
            _ => None,
        }
    }

    /// Whether it is an adjudication with `event` among its inputs.
    fn names(&self, event: &Event) -> bool {
        self.adjudication().is_some_and(|a| a.inputs.iter().any(|input| is_input(input, event)))
    }
}

/// What all logs say about one item.
#[derive(Debug, Clone)]
pub struct Judged<'a> {
    /// Item key.
    pub item: &'a str,
    /// Column or question.
    pub field: &'a str,
    /// How they stand to each other.
    pub verdict: Verdict,
    /// What counts, by log; for an adjudicated item its adjudications come first.
    pub decisions: Vec<Live<'a>>,
    /// Adjudications that no longer count, because a decision they name was superseded.
    pub stale_adjudications: Vec<Live<'a>>,
}

/// Two copies of one log went different ways.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "two different events claim to be event {seq} of log {log_id}: a copy of the log was written to as well; \
     merge only one of the two"
)]
pub struct Forked {
    /// Which log.
    pub log_id: String,
    /// Where they part.
    pub seq: u64,
}

/// The union of `logs`, sorted by log and `seq`. Torn ends are left out.
pub fn union(logs: impl IntoIterator<Item = Log>) -> Result<Log, Forked> {
    let mut all: BTreeMap<(String, u64), Event> = BTreeMap::new();
    for event in logs.into_iter().flat_map(|log| log.events) {
        let key = (event.head().log_id.clone(), event.seq());
        match all.get(&key) {
            Some(other) if other.hash() != event.hash() => {
                return Err(Forked { log_id: key.0, seq: key.1 });
            }
            Some(_) => {}
            None => {
                all.insert(key, event);
            }
        }
    }
    Ok(Log { events: all.into_values().collect(), ..Log::default() })
}

/// The lines of `log`, as a file.
pub fn to_bytes(log: &Log) -> Vec<u8> {
    log.events.iter().flat_map(|e| e.line().into_bytes()).collect()
}

/// The events of each log that were not taken back, log by log.
pub(super) fn alive(events: &[Event]) -> impl Iterator<Item = Vec<&Event>> {
    let mut logs: BTreeMap<&str, Vec<&Event>> = BTreeMap::new();
    for e in events {
        logs.entry(&e.head().log_id).or_default().push(e);
    }
    logs.into_iter().map(|(id, mut log)| {
        let mut dead = BTreeSet::new();
        for e in &log {
            match e.body() {
                Body::Undo(c) if c.target.log_id == id && c.target.seq < e.seq() => {
                    dead.insert(c.target.seq);
                }
                Body::Redo(c) if c.target.log_id == id => {
                    dead.remove(&c.target.seq);
                }
                _ => {}
            }
        }
        log.retain(|e| !dead.contains(&e.seq()));
        log
    })
}

/// What each log says in the end, by log and then by `seq`. Decisions that `counts` refuses are passed over.
///
/// Within a log the last word on an item counts, with one exception: the decision that an adjudication of the same
/// log names among its inputs stays beside it, or whoever decided and adjudicated would have taken an input away.
fn live_where<'a>(
    events: &'a [Event],
    counts: &mut dyn FnMut(&'a Event, &Ruling<'a>) -> bool,
) -> Vec<Live<'a>> {
    let mut all = Vec::new();
    for log in alive(events) {
        let mut last: BTreeMap<(&str, &str, String, bool), Live<'_>> = BTreeMap::new();
        let mut notes: BTreeMap<&str, &str> = BTreeMap::new();
        for e in log {
            if let Body::Note(n) = e.body() {
                notes.insert(&n.item, &n.note);
            }
            for r in e.rulings() {
                if counts(e, &r) {
                    if !e.note().is_empty() {
                        notes.insert(r.item, e.note());
                    }
                    let Ruling { item, field, before, after, verb, span } = r;
                    let live = Live { event: e, item, field, before, after, verb, span, note: "" };
                    let key = |adjudicates| (item, field, span_key(span), adjudicates);
                    let adjudicates = live.adjudication().is_some();
                    let other = last.get(&key(!adjudicates));
                    if other.is_some_and(|o| !adjudicates || !live.names(o.event)) {
                        last.remove(&key(!adjudicates));
                    }
                    last.insert(key(adjudicates), live);
                }
            }
        }
        let mut of_log: Vec<Live<'_>> = last.into_values().collect();
        for live in &mut of_log {
            live.note = notes.get(live.item).copied().unwrap_or("");
        }
        of_log.sort_by_key(|l| l.event.seq());
        all.extend(of_log);
    }
    all
}

/// The live decisions of every log, by log and then by `seq`.
pub fn live(events: &[Event]) -> Vec<Live<'_>> {
    live_where(events, &mut |_, _| true)
}

/// The verdict on every (item, field) that somebody decided, sorted by them.
pub fn judge(events: &[Event]) -> Vec<Judged<'_>> {
    judge_live(events, live(events))
}

fn judge_live<'a>(events: &'a [Event], live: Vec<Live<'a>>) -> Vec<Judged<'a>> {
    let known: BTreeSet<&str> = events.iter().map(|e| e.head().log_id.as_str()).collect();
    let mut by_item: BTreeMap<(&str, &str, String), Vec<Live<'_>>> = BTreeMap::new();
    for l in live {
        by_item.entry((l.item, l.field, span_key(l.span))).or_default().push(l);
    }
    let mut judged = Vec::new();
    for ((item, field, _), list) in by_item {
        let (adjudications, decisions): (Vec<_>, Vec<_>) =
            list.into_iter().partition(|l| l.adjudication().is_some());
        // An input from a log that is not at hand cannot be seen to be superseded.
        let stands = |l: &Live<'_>| {
            l.adjudication().is_some_and(|a| {
                !a.inputs.is_empty()
                    && a.inputs.iter().all(|input| {
                        !known.contains(input.log_id.as_str())
                            || decisions.iter().any(|d| is_input(input, d.event))
                    })
            })
        };
        let (valid, stale_adjudications): (Vec<_>, Vec<_>) = adjudications.into_iter().partition(stands);
        let alike = |list: &[Live<'_>]| {
            let first = list.first().map(|l| settled(l.after));
            list.iter().all(|l| Some(settled(l.after)) == first)
        };
        let verdict = match (&valid[..], &decisions[..]) {
            ([], []) => continue,
            ([_, ..], _) if alike(&valid) => Verdict::Adjudicated,
            ([], [_]) => Verdict::Single,
            ([], all) if alike(all) => Verdict::Agreed,
            _ => Verdict::Conflict,
        };
        let decisions = valid.into_iter().chain(decisions).collect();
        judged.push(Judged { item, field, verdict, decisions, stale_adjudications });
    }
    judged
}

/// What a decision comes to, such that decisions are alike if and only if this is equal.
pub(super) fn settled(after: Option<&After>) -> String {
    let list = |mut names: Vec<&String>| {
        names.sort();
        names.dedup();
        serde_json::to_string(&names).unwrap_or_default()
    };
    match after {
        None => "excluded".to_owned(),
        Some(After::Value { value: None }) => "unsure".to_owned(),
        Some(After::Value { value: Some(name) }) => list(vec![name]),
        Some(After::Values { values }) => list(values.iter().collect()),
        Some(After::Dist { dist }) => {
            let some: BTreeMap<_, _> = dist.iter().filter(|(_, share)| **share != 0.0).collect();
            match some.len() {
                1 => list(some.into_keys().collect()),
                _ => serde_json::to_string(&some).unwrap_or_default(),
            }
        }
        Some(other) => serde_json::to_string(other).unwrap_or_default(),
    }
}

/// An item on which reviewers contradict each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// Item number.
    pub item: usize,
    /// Item key.
    pub key: String,
    /// Who says what.
    pub sides: Vec<(String, String)>,
}

/// Logs laid over a dataset.
#[derive(Debug, Default)]
pub struct Applied {
    /// What stands.
    pub edits: Edits,
    /// Decisions that were not applied.
    pub stale: Vec<Stale>,
    /// Items that wait for an adjudication; not in the edits.
    pub conflicts: Vec<Conflict>,
}

/// What logs say about one dataset.
pub(super) struct Usable<'a> {
    /// The verdicts on what can be applied to it.
    pub judged: Vec<Judged<'a>>,
    /// Item numbers by key.
    pub items: HashMap<String, u32>,
    /// What cannot be applied, and would have counted.
    pub stale: Vec<Stale>,
}

/// Judges what of `events` can be applied to `dataset`.
pub(super) fn usable<'a>(dataset: &Dataset, events: &'a [Event]) -> Usable<'a> {
    let items = look_up(dataset, events);
    let mut stale = Vec::new();
    for l in live(events) {
        if let Err(reason) = check(dataset, &items, l.event, &l.ruling()) {
            let reviewer = l.reviewer().to_owned();
            let event = l.event.reference();
            stale.push(Stale { reviewer, event, item: l.item.to_owned(), reason });
        }
    }
    let usable = live_where(events, &mut |e, r| check(dataset, &items, e, r).is_ok());
    Usable { judged: judge_live(events, usable), items, stale }
}

fn check(
    dataset: &Dataset,
    items: &HashMap<String, u32>,
    event: &Event,
    ruling: &Ruling<'_>,
) -> Result<Ruled, StaleReason> {
    match items.get(ruling.item) {
        None => Err(StaleReason::UnknownItem),
        Some(&i) => applicable(dataset, i as usize, ruling, event, None),
    }
}

/// Lays the logs in `log` over `dataset`. Conflicts are listed, not applied.
pub fn apply(dataset: &Dataset, log: Log) -> Applied {
    if log.log_ids().len() <= 1 {
        let replay = Replay::new(dataset, log.events);
        let stale = replay.stale().cloned().collect();
        return Applied { edits: replay.edits().clone(), stale, conflicts: Vec::new() };
    }
    let Usable { judged, items, stale } = usable(dataset, &log.events);
    let mut applied = Applied { stale, ..Applied::default() };
    let mut found: Vec<(&str, u64, usize, Ruled, Edit)> = Vec::new();
    for judged in judged {
        let Some(&item) = items.get(judged.item) else { continue };
        let counted = match judged.verdict {
            Verdict::Conflict => {
                let sides = judged
                    .decisions
                    .iter()
                    .map(|l| (l.reviewer().to_owned(), words::decided(&l.ruling())))
                    .collect();
                let key = judged.item.to_owned();
                applied.conflicts.push(Conflict { item: item as usize, key, sides });
                continue;
            }
            Verdict::Adjudicated => {
                judged.decisions.iter().filter(|l| l.adjudication().is_some()).collect::<Vec<_>>()
            }
            Verdict::Agreed | Verdict::Single => judged.decisions.iter().collect(),
        };
        let Some(first) = counted.first() else { continue };
        let Ok(ruled) = check(dataset, &items, first.event, &first.ruling()) else { continue };
        let mut reviewers: Vec<&str> = counted.iter().map(|l| l.reviewer()).collect();
        reviewers.sort_unstable();
        reviewers.dedup();
        let mut notes: Vec<&str> = counted.iter().map(|l| l.note).filter(|n| !n.is_empty()).collect();
        notes.dedup();
        let reason = first.event.reason().filter(|r| counted.iter().all(|l| l.event.reason() == Some(r)));
        let edit = Edit {
            outcome: match &ruled {
                Ruled::Item(outcome) => outcome.clone(),
                Ruled::Span(..) => Outcome::Unsure,
            },
            reviewer: reviewers.join(" + "),
            reason: reason.map(str::to_owned),
            confidence: counted.iter().filter_map(|l| l.event.confidence()).min(),
            note: notes.join("; "),
            reached: first.event.reached(),
            order: 0,
        };
        let head = first.event.head();
        found.push((head.ts.as_str(), head.seq, item as usize, ruled, edit));
    }
    // Several logs have one order in common: that of the clock.
    found.sort_by_key(|f| (f.0, f.1, f.2));
    for (order, (.., item, ruled, edit)) in (0..).zip(found) {
        match ruled {
            Ruled::Item(_) => applied.edits.set(item, Edit { order, ..edit }),
            Ruled::Span(id, now) => {
                let (reviewer, confidence) = (edit.reviewer, edit.confidence);
                applied.edits.set_span(id, SpanEdit { now, reviewer, confidence, order });
            }
        }
    }
    applied.conflicts.sort_by_key(|c| c.item);
    applied
}

/// Whether `input` names this very event.
fn is_input(input: &EventRef, event: &Event) -> bool {
    event.head().log_id == input.log_id
        && event.seq() == input.seq
        && input.hash.as_deref() == Some(event.hash())
}

/// Spans apart, and "the whole item" apart from all of them.
fn span_key(span: Option<&serde_json::Value>) -> String {
    span.map_or_else(String::new, serde_json::Value::to_string)
}

/// Why logs cannot be taken together.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// One of them cannot be used.
    #[error(transparent)]
    Log(#[from] LogError),
    /// Two of them contradict each other.
    #[error(transparent)]
    Forked(#[from] Forked),
}

/// Reads, verifies and unites the logs at `paths`. A torn end is left out; it is named in the second part, in
/// words.
pub fn read_all<P: AsRef<Path>>(paths: &[P]) -> Result<(Log, Vec<String>), MergeError> {
    let mut torn = Vec::new();
    let mut logs = Vec::new();
    for path in paths {
        let path = path.as_ref();
        let log = Log::read(path)?;
        if let Some(t) = &log.torn {
            torn.push(format!(
                "line {} of the log is not whole and was left out: {}: {}",
                t.line,
                t.damage,
                path.display()
            ));
        }
        logs.push(log);
    }
    Ok((union(logs)?, torn))
}
