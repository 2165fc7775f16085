//! The queues of a dataset, side by side: each frozen when it was made, each with its own place.
//!
//! The one under review is also [`Document::queue`]; its place is [`Document::position`] until another takes its place.

use std::collections::HashSet;
use std::sync::Arc;

use sha2::Digest as _;

use super::document::Document;
use crate::analysis::Analysis;
use crate::dataset::{Dataset, Edits, Outcome};
use crate::progress::{Cancelled, Progress};
use crate::review::event::Blind;
use crate::review::recipe::{Asked, Recipe, build};
use crate::review::self_agreement::Answered;
use crate::review::{Event, Queue, Reached, frozen};
use crate::stats::Undefined;

/// Most queues that are kept.
pub const MOST: usize = 40;
/// Longer ones are kept in a file of their own.
const INLINE: usize = 5_000;
/// The queue of an item that was reviewed by itself: the next one takes its place.
pub const ONE_ITEM: &str = "One item";

/// A queue with all that takes a pass over it; made on a worker where it is long.
#[derive(Debug, Clone)]
pub struct Fresh {
    queue: Queue,
    made: Option<Asked>,
    members: Vec<u64>,
    n_once: usize,
    file: Option<String>,
    blind: Option<bool>,
}

impl Fresh {
    /// Looks at `queue` once; `made` is what it was made of, where that can be asked for again.
    pub fn new(queue: Queue, made: Option<Asked>, n_items: usize) -> Self {
        let mut members = vec![0u64; n_items.div_ceil(64)];
        let mut n_once = 0;
        for &item in &queue.items {
            if let Some(word) = members.get_mut(item as usize / 64) {
                let bit = 1 << (item % 64);
                n_once += usize::from(*word & bit == 0);
                *word |= bit;
            }
        }
        let file = (queue.len() > INLINE).then(|| {
            let digest = sha2::Sha256::digest(frozen::to_bytes(&queue));
            digest.iter().take(12).map(|b| format!("{b:02x}")).collect()
        });
        Self { queue, made, members, n_once, file, blind: None }
    }

    /// With votes and model hidden at the beginning, or not; as they are if nobody says.
    #[must_use]
    pub fn blind(self, blind: Option<bool>) -> Self {
        Self { blind, ..self }
    }

    /// What is in it.
    pub fn queue(&self) -> &Queue {
        &self.queue
    }
}

/// What a queue is made of: what was asked for, and what it is asked of.
#[derive(Debug, Clone)]
pub struct QueueAsked {
    /// What.
    pub asked: Asked,
    /// Of these statistics.
    pub analysis: Arc<Analysis>,
    /// With these decisions.
    pub edits: Arc<Edits>,
}

impl PartialEq for QueueAsked {
    fn eq(&self, other: &Self) -> bool {
        self.asked == other.asked
            && Arc::ptr_eq(&self.analysis, &other.analysis)
            && self.edits.revision() == other.edits.revision()
    }
}

/// A queue that can begin.
#[derive(Debug)]
pub struct Prepared {
    /// The queue.
    pub fresh: Fresh,
    /// Items that its recipe chooses.
    pub n_chosen: usize,
    /// Of these, decided already and therefore left out.
    pub n_left_out: usize,
}

/// Makes a queue with all that takes a pass over it; a job.
pub fn prepare(
    dataset: &Dataset,
    of: &QueueAsked,
    progress: &Progress,
) -> Result<Result<Prepared, Undefined>, Cancelled> {
    let built = build(dataset, &of.analysis, &of.edits, &of.asked, progress)?;
    // A list that came from elsewhere cannot be asked for again.
    let made = (of.asked.recipe != Recipe::Listed).then(|| of.asked.clone());
    Ok(built.map(|built| Prepared {
        fresh: Fresh::new(built.queue, made, dataset.n_items()),
        n_chosen: built.n_chosen,
        n_left_out: built.n_left_out,
    }))
}

/// Decisions times queues that are counted without being felt.
const AT_ONCE: usize = 400_000;

/// One of the queues.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Its number, for good.
    pub id: u64,
    /// What is in it.
    pub queue: Arc<Queue>,
    /// What it was made of, where that can be asked for again.
    pub made: Option<Asked>,
    /// What it was renamed to; the log goes on calling it by its first name.
    title: Option<String>,
    position: usize,
    members: Vec<u64>,
    n_once: usize,
    file: Option<String>,
    /// Items kept, changed, unsure.
    pub counts: (usize, usize, usize),
    /// Places that wait for a decision.
    pub left: usize,
}

impl Kept {
    /// What it is called on the screen.
    pub fn title(&self) -> &str {
        self.title.as_deref().unwrap_or(&self.queue.name)
    }

    /// Decisions on its items.
    pub fn n_decided(&self) -> usize {
        self.counts.0 + self.counts.1 + self.counts.2
    }

    /// "12 left", or that it is done.
    pub fn state_words(&self) -> String {
        match self.left {
            0 => "done".to_owned(),
            n => format!("{} left", super::widgets::paint::thousands(n as u64)),
        }
    }

    fn holds(&self, item: usize) -> bool {
        self.members.get(item / 64).is_some_and(|word| word & (1 << (item % 64)) != 0)
    }

    fn count(&mut self, edits: &Edits, answered: &Answered) {
        let mut counts = (0, 0, 0);
        for (_, edit) in edits.iter().filter(|(item, _)| self.holds(*item)) {
            match edit.outcome {
                Outcome::Kept(_) => counts.0 += 1,
                Outcome::Unsure => counts.2 += 1,
                _ => counts.1 += 1,
            }
        }
        self.counts = counts;
        let again = self.queue.repeats.len().saturating_sub(answered.count(&self.queue.name));
        self.left = self.n_once.saturating_sub(self.n_decided()) + again;
    }
}

/// All of them, in the order in which they were made.
#[derive(Debug, Default)]
pub struct Queues {
    list: Vec<Kept>,
    active: Option<u64>,
    next: u64,
    removed: Option<(usize, Kept)>,
    answered: Answered,
    /// Which one is counted next, where all are too many.
    turn: usize,
}

impl Queues {
    /// All of them, the oldest first.
    pub fn list(&self) -> &[Kept] {
        &self.list
    }

    /// The one of this number.
    pub fn get(&self, id: u64) -> Option<&Kept> {
        self.list.iter().find(|k| k.id == id)
    }

    /// The one under review.
    pub fn active(&self) -> Option<&Kept> {
        self.get(self.active?)
    }

    /// What was removed last and can be put back.
    pub fn removed(&self) -> Option<&Kept> {
        self.removed.as_ref().map(|r| &r.1)
    }

    /// The newest that was made so and is not done.
    pub fn unfinished(&self, asked: &Asked) -> Option<u64> {
        self.list.iter().rev().find(|k| k.left > 0 && k.made.as_ref() == Some(asked)).map(|k| k.id)
    }

    /// The next one that is not done, after the one under review.
    pub fn next_open(&self) -> Option<&Kept> {
        self.list.iter().rev().find(|k| k.left > 0 && Some(k.id) != self.active)
    }

    /// Random samples of the whole, for what they say of it.
    pub fn audits(&self) -> Vec<Arc<Queue>> {
        let audits = self.list.iter().filter(|k| k.queue.reached == Reached::Audit);
        audits.map(|k| Arc::clone(&k.queue)).collect()
    }

    /// Makes room for one more: what is done goes first, then what nobody has begun. Whether there is room.
    fn make_room(&mut self) -> bool {
        while self.list.len() >= MOST {
            let active = self.active;
            let free = |k: &Kept| Some(k.id) != active;
            let idle = |k: &Kept| k.n_decided() == 0;
            let at = (self.list.iter().position(|k| free(k) && k.left == 0))
                .or_else(|| self.list.iter().position(|k| free(k) && idle(k) && k.made.is_none()))
                // A list under review in which nothing was decided is being left just now.
                .or_else(|| self.list.iter().position(|k| idle(k) && k.made.is_none()))
                .or_else(|| self.list.iter().position(|k| free(k) && idle(k)));
            match at {
                Some(at) => drop(self.list.remove(at)),
                None => return false,
            }
        }
        true
    }

    /// A list of the same items that is there already.
    fn same_list(&self, fresh: &Fresh) -> Option<u64> {
        let same = |k: &&Kept| {
            k.made.is_none()
                && k.queue.reached == fresh.queue.reached
                && unnumbered(&k.queue.name) == fresh.queue.name
                && k.queue.items == fresh.queue.items
        };
        self.list.iter().filter(|_| fresh.made.is_none()).find(same).map(|k| k.id)
    }

    /// `base`, with a number where another is called so: by a queue, or, if its repeats or controls would be taken for those of an
    /// earlier one, in the log.
    fn unused_name(&self, fresh: &Fresh, events: &[Event]) -> String {
        let base = &fresh.queue.name;
        let mut used: HashSet<&str> = self.list.iter().map(|k| k.queue.name.as_str()).collect();
        if !fresh.queue.repeats.is_empty() || !fresh.queue.controls.is_empty() {
            used.extend(events.iter().filter_map(|e| e.context()?.queue.as_deref()));
        }
        let numbered = (2..).map(|n| format!("{base} {n}"));
        std::iter::once(base.clone()).chain(numbered).find(|n| !used.contains(n.as_str())).unwrap_or_default()
    }

    fn push(&mut self, fresh: Fresh) -> u64 {
        self.next = self.next.max(self.list.iter().map(|k| k.id).max().unwrap_or(0)) + 1;
        self.list.push(Kept {
            id: self.next,
            queue: Arc::new(fresh.queue),
            made: fresh.made,
            title: None,
            position: 0,
            members: fresh.members,
            n_once: fresh.n_once,
            file: fresh.file,
            counts: (0, 0, 0),
            left: 0,
        });
        self.next
    }

    /// As they are kept for the next time.
    pub fn placed(&self, position: usize) -> Vec<Placed> {
        let placed = |k: &Kept| {
            let queue = match &k.file {
                None => (*k.queue).clone(),
                Some(_) => bare(&k.queue),
            };
            Placed {
                id: k.id,
                title: k.title.clone(),
                made: k.made.clone(),
                position: if Some(k.id) == self.active { position } else { k.position },
                queue,
                file: k.file.clone(),
                numbers: k.file.as_ref().map(|_| Arc::clone(&k.queue)),
            }
        };
        self.list.iter().map(placed).collect()
    }

    /// The number of the one under review.
    pub fn active_id(&self) -> Option<u64> {
        self.active
    }
}

/// "Label issues" of "Label issues 2".
fn unnumbered(name: &str) -> &str {
    match name.rsplit_once(' ') {
        Some((base, number)) if number.bytes().all(|b| b.is_ascii_digit()) => base,
        _ => name,
    }
}

/// A queue without its numbers.
fn bare(queue: &Queue) -> Queue {
    Queue {
        name: queue.name.clone(),
        how: queue.how.clone(),
        reached: queue.reached,
        seed: queue.seed,
        ..Queue::default()
    }
}

/// A queue as it is kept in a place.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Placed {
    /// Its number.
    pub id: u64,
    /// What it was renamed to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What it was made of.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "or_none")]
    pub made: Option<Asked>,
    /// The place in it.
    pub position: usize,
    /// What is in it; without its numbers where these are in a file.
    pub queue: Queue,
    /// Digest of its numbers, by which their file is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The whole queue, to be written to that file.
    #[serde(skip)]
    pub numbers: Option<Arc<Queue>>,
}

/// What a newer version made of something else is a queue all the same.
fn or_none<'de, D: serde::Deserializer<'de>>(d: D) -> Result<Option<Asked>, D::Error> {
    let value: Option<serde_json::Value> = serde::Deserialize::deserialize(d)?;
    Ok(value.and_then(|v| serde_json::from_value(v).ok()))
}

impl Document {
    /// Adds a queue and opens it, at `item` or at the first place that waits for a decision. One of exactly the same items that is
    /// there already is opened instead. `Err` says why there is no room.
    pub fn add_queue(&mut self, mut fresh: Fresh, item: Option<u32>) -> Result<(), String> {
        if let Some(id) = self.queues.same_list(&fresh) {
            self.open_queue(id, item);
            return Ok(());
        }
        self.leave_queue();
        if fresh.queue.name == ONE_ITEM {
            self.queues.list.retain(|k| k.queue.name != ONE_ITEM);
        }
        if !self.queues.make_room() {
            return Err(format!(
                "There are {MOST} queues under way. Remove one that is not needed: its decisions stay in the log"
            ));
        }
        if fresh.queue.name != ONE_ITEM {
            fresh.queue.name = self.queues.unused_name(&fresh, self.session.events());
        }
        if let Some(blind) = fresh.blind {
            *self.blinds.of(Some(fresh.queue().reached)) =
                if blind { Blind::RatersAndModel } else { Blind::Open };
        }
        let id = self.queues.push(fresh);
        self.count_queues();
        let start = self.queues.get(id).map_or(0, |k| self.first_open(k));
        if let Some(k) = self.queues.list.last_mut() {
            k.position = start;
        }
        self.open_queue(id, item);
        Ok(())
    }

    /// Opens a queue where it was left, or at `item`; past its end, at the first place that still waits for a decision.
    pub fn open_queue(&mut self, id: u64, item: Option<u32>) {
        self.leave_queue();
        let Some(kept) = self.queues.get(id) else { return };
        let at = item.and_then(|item| kept.queue.items.iter().position(|&i| i == item));
        self.position = match at {
            Some(at) => at,
            None if kept.position >= kept.queue.len() && kept.left > 0 => self.first_open(kept),
            None => kept.position.min(kept.queue.len()),
        };
        self.queue = Some(Arc::clone(&kept.queue));
        self.queues.active = Some(id);
        self.count_queues();
    }

    /// Writes down where the reviewer is in the queue under review.
    fn leave_queue(&mut self) {
        let position = self.position;
        if let Some(active) = self.queues.active
            && let Some(kept) = self.queues.list.iter_mut().find(|k| k.id == active)
        {
            kept.position = position;
        }
    }

    /// Takes a queue away; its decisions stay. It can be put back until another is removed.
    pub fn remove_queue(&mut self, id: u64) -> bool {
        self.leave_queue();
        let Some(at) = self.queues.list.iter().position(|k| k.id == id) else { return false };
        self.queues.removed = Some((at, self.queues.list.remove(at)));
        if self.queues.active == Some(id) {
            (self.queues.active, self.queue, self.position) = (None, None, 0);
            self.count_queues();
        }
        true
    }

    /// Puts the queue that was removed last back in its place.
    pub fn restore_queue(&mut self) -> Option<u64> {
        if self.queues.list.len() >= MOST {
            return None;
        }
        let (at, kept) = self.queues.removed.take()?;
        let id = kept.id;
        self.queues.list.insert(at.min(self.queues.list.len()), kept);
        self.count_queues();
        Some(id)
    }

    /// Calls a queue otherwise on the screen; nothing but blanks takes its first name back.
    pub fn rename_queue(&mut self, id: u64, title: &str) {
        if let Some(kept) = self.queues.list.iter_mut().find(|k| k.id == id) {
            let title: String = title.trim().chars().take(200).collect();
            kept.title = (!title.is_empty() && title != kept.queue.name).then_some(title);
        }
    }

    /// Counts what became of the items of every queue; called when a decision was made or a queue came. Looks at the decisions only,
    /// however long the queues are. Where so many decisions stand that all queues together would be felt at the keyboard, the one under
    /// review is counted each time and one of the others in turn.
    pub fn count_queues(&mut self) {
        let queues = &mut self.queues;
        queues.answered.read(self.session.events());
        let edits = self.session.edits();
        let is_quick = edits.len().saturating_mul(queues.list.len()) <= AT_ONCE;
        queues.turn = (queues.turn + 1) % queues.list.len().max(1);
        for (at, kept) in queues.list.iter_mut().enumerate() {
            if is_quick || at == queues.turn || Some(kept.id) == queues.active {
                kept.count(edits, &queues.answered);
            }
        }
        self.queue_counts = queues.active().map_or((0, 0, 0), |k| k.counts);
    }

    /// Whether the place of the queue under review was decided: the repeat of an item waits until it was answered itself.
    pub fn is_answered(&self, queue: &Queue, position: usize) -> bool {
        let Some(&item) = queue.items.get(position) else { return false };
        if queue.is_repeat(position) {
            self.queues.answered.has(&queue.name, self.dataset.keys.get(item as usize))
        } else {
            self.edits().get(item as usize).is_some()
        }
    }

    /// The first place that waits for a decision; the beginning, if none does.
    fn first_open(&self, kept: &Kept) -> usize {
        (0..kept.queue.len()).find(|&at| !self.is_answered(&kept.queue, at)).unwrap_or(0)
    }

    /// The first place of the queue under review that waits for a decision, if one does.
    pub fn first_skipped(&self) -> Option<usize> {
        let kept = self.queues.active().filter(|k| k.left > 0)?;
        Some(self.first_open(kept))
    }

    /// Takes the queues of a place over; those of another version of the file would point at nothing.
    pub(super) fn restore_queues(&mut self, placed: Vec<Placed>, active: Option<u64>) {
        let n = self.dataset.n_items();
        self.queues = Queues::default();
        for one in placed.into_iter().take(MOST) {
            let repeats = one.queue.repeats.last().map_or(0, |&at| at as usize + 1);
            let fits = one.queue.items.iter().all(|&i| (i as usize) < n) && repeats <= one.queue.len();
            if !fits || one.queue.is_empty() || self.queues.get(one.id).is_some() {
                continue;
            }
            let id = self.queues.push(Fresh::new(one.queue, one.made, n));
            if let Some(kept) = self.queues.list.last_mut() {
                kept.id = if one.id == 0 { id } else { one.id };
                (kept.title, kept.position) = (one.title, one.position);
            }
        }
        (self.queue, self.position) = (None, 0);
        match active.filter(|&id| self.queues.get(id).is_some()) {
            Some(id) => {
                self.count_queues();
                let position = self.queues.get(id).map_or(0, |k| k.position);
                self.open_queue(id, None);
                // Where the reviewer was, be it past the end.
                self.position = position.min(self.queue.as_ref().map_or(0, |q| q.len()));
            }
            None => self.count_queues(),
        }
    }
}

/// Of the random samples of a dataset the one of which the most was decided as such; the usual one where none was.
pub fn audit_of(dataset: &Dataset, edits: &Edits, audits: &[Arc<Queue>]) -> Vec<u32> {
    let usual = Queue::random_audit(dataset.n_items());
    let decided = |queue: &Queue| {
        let is_audited = |&&i: &&u32| edits.get(i as usize).is_some_and(|e| e.reached == Reached::Audit);
        queue.items.iter().filter(is_audited).count()
    };
    let (mut best, mut most) = (&usual, decided(&usual));
    for audit in audits {
        let n = decided(audit);
        // A longer sample from the same seed begins with the shorter one.
        if n > most || (n == most && n > 0 && audit.len() > best.len()) {
            (best, most) = (audit, n);
        }
    }
    best.items.clone()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::Edit;
    use crate::review::recipe::Recipe;

    fn listed(name: &str, items: impl IntoIterator<Item = u32>) -> Queue {
        Queue { name: name.to_owned(), items: items.into_iter().collect(), ..Queue::default() }
    }

    fn fresh(name: &str, items: impl IntoIterator<Item = u32>) -> Fresh {
        Fresh::new(listed(name, items), None, 1000)
    }

    fn counted(queues: &mut Queues, edits: &Edits) {
        let answered = Answered::default();
        queues.list.iter_mut().for_each(|k| k.count(edits, &answered));
    }

    #[test]
    fn what_remains_is_counted_by_decisions_and_by_repeats() {
        let queue = Queue { items: vec![3, 7, 64, 3], repeats: [3].into(), ..Queue::default() };
        let mut queues = Queues::default();
        queues.push(Fresh::new(queue, None, 100));
        let mut edits = Edits::new();
        edits.set(3, Edit::new(Outcome::Kept(0), "r"));
        edits.set(64, Edit::new(Outcome::Unsure, "r"));
        edits.set(65, Edit::new(Outcome::Excluded, "r"));
        counted(&mut queues, &edits);
        let kept = &queues.list[0];
        // 7 waits, and so does the second showing of 3.
        assert_eq!((kept.counts, kept.left), ((1, 0, 1), 2));
        assert_eq!(kept.state_words(), "2 left");
    }

    #[test]
    fn room_is_made_by_what_is_done_then_by_what_nobody_began_and_never_by_what_is_under_way() {
        let mut queues = Queues::default();
        for i in 0..MOST as u32 {
            queues.push(fresh(&format!("q{i}"), [2 * i, 2 * i + 1]));
        }
        let mut edits = Edits::new();
        let decide = |edits: &mut Edits, i: usize| edits.set(i, Edit::new(Outcome::Kept(0), "r"));
        (0..MOST).for_each(|i| decide(&mut edits, 2 * i));
        counted(&mut queues, &edits);
        assert!(!queues.make_room(), "all are under way");
        edits.remove(20);
        counted(&mut queues, &edits);
        queues.active = Some(queues.list[10].id);
        decide(&mut edits, 31);
        counted(&mut queues, &edits);
        assert!(queues.make_room());
        assert!(!queues.list.iter().any(|k| k.queue.name == "q15"), "what is done goes first");
        queues.push(fresh("new", [900]));
        counted(&mut queues, &edits);
        assert!(queues.make_room());
        let is_there = |name: &str| queues.list.iter().any(|k| k.queue.name == name);
        assert!(
            !is_there("new") && is_there("q10"),
            "then another that nobody began, before the one under review"
        );
        queues.push(fresh("made", [901]));
        queues.list.last_mut().unwrap().made = Some(Asked::usual(Recipe::SPLIT));
        counted(&mut queues, &edits);
        assert!(queues.make_room() && !queues.list.iter().any(|k| k.queue.name == "q10"));
    }

    #[test]
    fn names_are_numbered_and_the_same_list_is_found_again() {
        let mut queues = Queues::default();
        queues.push(fresh("All items", [1, 2]));
        assert_eq!(queues.unused_name(&fresh("All items", [2, 1]), &[]), "All items 2");
        assert_eq!(queues.unused_name(&fresh("Others", [2, 1]), &[]), "Others");
        assert_eq!(queues.same_list(&fresh("All items", [1, 2])), Some(1));
        assert_eq!(queues.same_list(&fresh("All items", [2, 1])), None);
        let made = Fresh::new(listed("All items", [1, 2]), Some(Asked::usual(Recipe::SPLIT)), 9);
        assert_eq!(queues.same_list(&made), None);
        assert_eq!(
            (unnumbered("Label issues 12"), unnumbered("f1"), unnumbered("a b")),
            ("Label issues", "f1", "a b")
        );
    }

    #[test]
    fn the_audit_that_was_decided_speaks_of_the_whole() {
        let dataset = Dataset {
            keys: (0..300).map(|i| i.to_string()).collect::<Vec<_>>().iter().map(String::as_str).collect(),
            ..Dataset::default()
        };
        let other = Arc::new(Queue::audit("a", 300, 80, 7));
        let usual = Queue::random_audit(300).items;
        let mut edits = Edits::new();
        assert_eq!(audit_of(&dataset, &edits, std::slice::from_ref(&other)), usual);
        for &i in &other.items[..5] {
            edits.set(i as usize, Edit { reached: Reached::Audit, ..Edit::new(Outcome::Kept(0), "r") });
        }
        assert_eq!(audit_of(&dataset, &edits, &[Arc::clone(&other)]), other.items);
        assert_eq!(
            Queue::audit("a", 300, 80, 42).items[..60],
            usual,
            "a longer audit begins with the shorter"
        );
    }

    #[test]
    fn a_queue_that_a_newer_version_made_is_a_queue() {
        let json = r#"{"id":3,"made":{"recipe":{"dreams":{}}},"position":2,"queue":{"name":"x","reached":"browse","items":[1]}}"#;
        let placed: Placed = serde_json::from_str(json).unwrap();
        assert_eq!((placed.id, placed.made.is_none(), placed.queue.items), (3, true, vec![1]));
        let made = Placed { made: Some(Asked::usual(Recipe::ISSUES)), ..Placed::default() };
        let back: Placed = serde_json::from_str(&serde_json::to_string(&made).unwrap()).unwrap();
        assert_eq!(back.made, made.made);
    }
}
