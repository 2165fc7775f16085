//! Whether a reviewer decides alike when asked again, and what they change for no reason: out of the log alone.
//!
//! A *repeat* is a second showing of an item in one queue. It is compared with the decision that stood when it came; both are
//! in the log, and the later one counts. A *control* is an item that nothing flagged. Whoever agrees with themselves in few
//! repeats, or changes many controls, had better not decide alone.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::event::{After, Body, Event, Ruling};
use crate::stats::Statistic;
use crate::stats::proportion::share;

/// What one log, or several, say of it.
#[derive(Debug, Clone, PartialEq)]
pub struct SelfAgreement {
    /// Repeats that were decided both times.
    pub n_repeats: usize,
    /// Those decided alike. "Unsure" is an answer like any other.
    pub n_same: usize,
    /// Their share, with Wilson's interval.
    pub same: Statistic,
    /// Keys of the items that were decided otherwise the second time, in the order of the log.
    pub parted: Vec<String>,
    /// Controls that were decided; "unsure" apart, and items without a label to keep.
    pub n_controls: usize,
    /// Those whose label did not stand.
    pub n_changed: usize,
    /// Their share, with Wilson's interval.
    pub changed: Statistic,
}

impl SelfAgreement {
    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        self.n_repeats == 0 && self.n_controls == 0
    }
}

/// Which of `events` hold: what an undo names is dead until a redo names it.
fn alive(events: &[Event]) -> Vec<bool> {
    let mut at: HashMap<(&str, u64), usize> = HashMap::with_capacity(events.len());
    let mut alive = vec![true; events.len()];
    for (index, event) in events.iter().enumerate() {
        let head = event.head();
        if let Body::Undo(c) | Body::Redo(c) = event.body()
            && c.target.log_id == head.log_id
            && let Some(&target) = at.get(&(head.log_id.as_str(), c.target.seq))
        {
            alive[target] = matches!(event.body(), Body::Redo(_));
        }
        at.insert((head.log_id.as_str(), head.seq), index);
    }
    alive
}

/// Reads `events`, each log in its order; of one queue by its name, or of all.
pub fn self_agreement(events: &[Event], queue: Option<&str>) -> SelfAgreement {
    /// Log, question, item.
    type Place<'a> = (&'a str, &'a str, &'a str);
    /// Where the repeat stands, what had been decided before it if anything had, and what was decided then.
    type Pair<'a> = (usize, Option<Option<&'a After>>, Option<&'a After>);
    let alive = alive(events);
    let mut before: HashMap<Place<'_>, Option<&After>> = HashMap::new();
    // Of each repeat what had been decided and what was decided then; the last word on each counts, amendments included.
    let mut repeats: BTreeMap<(Place<'_>, &str), Pair<'_>> = BTreeMap::new();
    let mut controls: BTreeMap<(Place<'_>, &str), Option<bool>> = BTreeMap::new();
    for (index, event) in events.iter().enumerate().filter(|&(index, _)| alive[index]) {
        let Some(context) = event.context() else { continue };
        let of = context.queue.as_deref().unwrap_or("");
        for ruling in event.rulings().into_iter().filter(|r| r.span.is_none()) {
            let place = (event.head().log_id.as_str(), ruling.field, ruling.item);
            if context.repeat && queue.is_none_or(|q| q == of) {
                let first = before.get(&place).copied();
                repeats.entry((place, of)).or_insert((index, first, None)).2 = ruling.after;
            }
            if context.control && queue.is_none_or(|q| q == of) {
                controls.insert((place, of), stood(&ruling).map(|stood| !stood));
            }
            before.insert(place, ruling.after);
        }
    }
    let pairs: Vec<(usize, &str, bool)> = repeats
        .iter()
        .filter_map(|((place, _), (index, first, second))| Some((*index, place.2, (*first)? == *second)))
        .collect();
    let n_same = pairs.iter().filter(|(_, _, same)| *same).count();
    let mut parted: Vec<(usize, &str)> =
        pairs.iter().filter(|(_, _, same)| !same).map(|&(index, key, _)| (index, key)).collect();
    parted.sort_unstable();
    let n_controls = controls.values().flatten().count();
    let n_changed = controls.values().flatten().filter(|changed| **changed).count();
    SelfAgreement {
        n_repeats: pairs.len(),
        n_same,
        same: share(n_same, pairs.len(), "no item was shown and decided a second time"),
        parted: parted.into_iter().map(|(_, key)| key.to_owned()).collect(),
        n_controls,
        n_changed,
        changed: share(n_changed, n_controls, "no control was decided"),
    }
}

/// Whether the label stood; `None` where nobody knows, and where there was none.
fn stood(ruling: &Ruling<'_>) -> Option<bool> {
    let label = ruling.before?.value.as_deref()?;
    match ruling.after {
        Some(After::Value { value }) => value.as_deref().map(|v| v == label),
        Some(After::Values { .. } | After::Dist { .. }) | None => Some(false),
        Some(After::Span { .. } | After::Other(_)) => None,
    }
}

/// The repeats that were answered, kept up to date event by event.
#[derive(Debug, Clone, Default)]
pub struct Answered {
    /// Events that were read.
    read: usize,
    /// Number of the event → queue and item.
    of: HashMap<u64, (String, String)>,
    /// Numbers of the events that hold, by queue and item.
    live: HashMap<String, HashMap<String, HashSet<u64>>>,
}

impl Answered {
    /// Reads what is new in `events`, which are one log in its order.
    pub fn read(&mut self, events: &[Event]) {
        if events.len() < self.read {
            *self = Self::default();
        }
        for event in &events[self.read..] {
            match event.body() {
                Body::Undo(c) | Body::Redo(c) => {
                    if let Some((queue, item)) = self.of.get(&c.target.seq) {
                        let of = self.live.entry(queue.clone()).or_default();
                        let seqs = of.entry(item.clone()).or_default();
                        if matches!(event.body(), Body::Redo(_)) {
                            seqs.insert(c.target.seq);
                        } else {
                            seqs.remove(&c.target.seq);
                        }
                        if seqs.is_empty() {
                            of.remove(item);
                        }
                    }
                }
                Body::Decide(d) if d.context.repeat && d.target.is_none() => {
                    let queue = d.context.queue.clone().unwrap_or_default();
                    let of = self.live.entry(queue.clone()).or_default();
                    of.entry(d.item.clone()).or_default().insert(event.seq());
                    self.of.insert(event.seq(), (queue, d.item.clone()));
                }
                _ => {}
            }
        }
        self.read = events.len();
    }

    /// How many repeats of this queue were answered.
    pub fn count(&self, queue: &str) -> usize {
        self.live.get(queue).map_or(0, HashMap::len)
    }

    /// Whether the repeat of this item in this queue was answered.
    pub fn has(&self, queue: &str, item: &str) -> bool {
        self.live.get(queue).is_some_and(|of| of.contains_key(item))
    }
}

#[cfg(test)]
mod tests {
    use super::super::event::{Basis, Before, Compensate, Context, Decide, EventRef, Head, Verb};
    use super::*;

    /// One log: item, what stood there, what was decided, and of what kind the decision is.
    #[derive(Default)]
    struct Log(Vec<Event>);

    impl Log {
        fn push(&mut self, body: &Body) {
            let prev = self.0.last().map_or("0", Event::hash).to_owned();
            let head = Head {
                v: 1,
                log_id: "log".into(),
                seq: self.0.len() as u64,
                ts: String::new(),
                reviewer: "r".into(),
                dataset: super::super::event::Digests::default(),
                prev,
            };
            self.0.push(Event::seal(&head, body).unwrap());
        }

        fn decide(
            &mut self,
            item: u32,
            after: impl Into<Option<After>>,
            repeat: bool,
            control: bool,
            queue: &str,
        ) {
            let before = Before { value: Some("a".into()), basis: Basis::Given, votes: None };
            self.push(&Body::Decide(Decide {
                item: item.to_string(),
                field: "label".into(),
                before: Some(before),
                after: after.into(),
                action: Verb::Relabel,
                confidence: None,
                reason: None,
                note: String::new(),
                context: Context { repeat, control, queue: Some(queue.to_owned()), ..Context::default() },
                rater: None,
                target: None,
                amends: None,
            }));
        }

        fn undo(&mut self, seq: u64) {
            let target = EventRef { log_id: "log".into(), seq, hash: None };
            self.push(&Body::Undo(Compensate { target }));
        }
    }

    fn label(name: &str) -> After {
        After::label(name)
    }

    #[test]
    fn nineteen_of_twenty_alike_are_95_percent_with_wilson_s_interval() {
        let mut log = Log::default();
        for item in 0..20 {
            log.decide(item, label(if item % 3 == 0 { "b" } else { "a" }), false, false, "q");
        }
        for item in 0..20 {
            let again = if item == 7 {
                "c"
            } else if item % 3 == 0 {
                "b"
            } else {
                "a"
            };
            log.decide(item, label(again), true, false, "q");
        }
        let found = self_agreement(&log.0, Some("q"));
        assert_eq!((found.n_same, found.n_repeats, found.parted.as_slice()), (19, 20, &["7".to_owned()][..]));
        let e = found.same.estimate().unwrap();
        let (low, high) = e.ci.unwrap();
        // Wilson's interval of 19 of 20, by hand: (0.95 + z²/40 ± z √(0.95·0.05/20 + z²/1600)) / (1 + z²/20).
        assert!((low - 0.763_87).abs() < 1e-4 && (high - 0.991_12).abs() < 1e-4, "{low} {high}");
        assert_eq!(e.value, 0.95);
        assert!(self_agreement(&log.0, Some("other")).is_empty());
        assert_eq!(self_agreement(&log.0, None), found);
    }

    #[test]
    fn three_of_twelve_controls_changed_and_whoever_is_unsure_is_left_out() {
        let mut log = Log::default();
        for item in 0..12 {
            let after = match item {
                0 => Some(label("b")),
                1 => Some(After::Values { values: vec!["a".into(), "b".into()] }),
                2 => None,
                _ => Some(label("a")),
            };
            log.decide(item, after, false, true, "q");
        }
        log.decide(20, Some(After::Value { value: None }), false, true, "q");
        log.decide(21, label("b"), false, false, "q");
        let found = self_agreement(&log.0, None);
        assert_eq!((found.n_changed, found.n_controls, found.n_repeats), (3, 12, 0));
        let (low, high) = found.changed.estimate().unwrap().ci.unwrap();
        assert!((low - 0.088_9).abs() < 1e-3 && (high - 0.532_3).abs() < 1e-3, "{low} {high}");
        assert!(found.same.value().is_none() && !found.is_empty());
    }

    #[test]
    fn what_was_undone_does_not_count_and_the_last_word_on_a_repeat_does() {
        let mut log = Log::default();
        log.decide(1, label("a"), false, false, "q"); // 0
        log.decide(2, label("a"), true, false, "q"); // 1: never decided before, so nothing to compare
        log.decide(1, label("b"), true, false, "q"); // 2
        log.decide(2, label("a"), true, false, "q"); // 3: and still nothing
        assert_eq!(self_agreement(&log.0, None).parted, ["1"]);
        assert_eq!(self_agreement(&log.0, None).n_repeats, 1);
        log.undo(2);
        assert!(self_agreement(&log.0, None).is_empty());
        log.decide(1, label("b"), true, false, "q"); // 5
        log.decide(1, label("a"), true, false, "q"); // 6: thought again, and what came first still is the first
        let found = self_agreement(&log.0, None);
        assert_eq!((found.n_same, found.n_repeats), (1, 1));
        // Deciding on it later, outside of any repeat, leaves the comparison as it was.
        log.decide(1, label("c"), false, false, "other");
        assert_eq!(self_agreement(&log.0, None), found);
    }

    #[test]
    fn answered_repeats_follow_the_log_event_by_event() {
        let (mut log, mut answered) = (Log::default(), Answered::default());
        log.decide(1, label("a"), false, false, "q");
        log.decide(1, label("a"), true, false, "q");
        answered.read(&log.0);
        log.decide(1, label("b"), true, false, "q");
        log.decide(2, label("b"), true, false, "p");
        answered.read(&log.0);
        assert_eq!((answered.count("q"), answered.count("p"), answered.count("r")), (1, 1, 0));
        log.undo(2);
        answered.read(&log.0);
        assert!(answered.has("q", "1"), "the first answer still holds");
        log.undo(1);
        answered.read(&log.0);
        assert!(!answered.has("q", "1") && answered.count("q") == 0);
    }
}
