//! One reviewer at work on one dataset.
//!
//! Every change goes to the log first and to the [`Edits`] then, by the same code that replays a log: the edits
//! are always what reopening would give. Opening and closing writes nothing; the first event of a run is
//! preceded by a `session_start`.

mod body;
mod rows;
mod spans;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

pub use body::Action;
pub use rows::DecisionRow;

use super::event::{
    Adjudicate, Body, BulkDecide, BulkItem, CodeOn, Compensate, Context, Decide, Difference, Digests, Event,
    EventError, EventRef, Export, Head, ImportLog, NO_PREV, NoteOn, Reveal, SessionEnd, SessionStart,
    VERSION,
};
use super::log::{Log, LogError};
use super::pace::Pace;
use super::replay::{Counts, Effects, Replay, Stale, Standing};
use super::storage::{FileStorage, Storage};
use super::words;
use super::writer::{Saved, Wake, Writer};
use super::{event, facts};
use crate::dataset::{Dataset, Edits, LabelId};

/// How long closing waits for the disk.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the time is: a seam for tests.
pub type Clock = Arc<dyn Fn() -> jiff::Timestamp + Send + Sync>;

/// Who reviews, and how.
#[derive(Clone)]
pub struct Options {
    /// The reviewer's name.
    pub reviewer: String,
    /// Settings of the program, recorded with every run.
    pub settings: Value,
    /// Called, from another thread, when what is saved changed.
    pub wake: Wake,
    /// What the time is.
    pub clock: Clock,
    /// Identity of a new log; a random one if absent.
    pub log_id: Option<String>,
}

impl Options {
    /// The usual options: the real time, nobody to wake.
    pub fn new(reviewer: &str, settings: Value) -> Self {
        Self {
            reviewer: reviewer.to_owned(),
            settings,
            wake: Arc::new(|| {}),
            clock: Arc::new(jiff::Timestamp::now),
            log_id: None,
        }
    }
}

/// Something to tell the reviewer on opening.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Notice {
    /// Nothing can be decided here.
    #[error("decisions can be looked at but not made: {0}")]
    ReadOnly(String),
    /// The end of the log was repaired.
    #[error("{0}")]
    Repaired(String),
    /// The data is not what it was.
    #[error(
        "the data changed since the last review ({} decisions no longer fit and are listed, not applied)",
        stale
    )]
    SourceChanged {
        /// How many decisions are stale.
        stale: usize,
    },
    /// Some decisions are stale although the data is the same, as when other columns are looked at.
    #[error("{0} decisions do not fit the data as it is opened now and are listed, not applied")]
    Stale(usize),
    /// A newer version wrote into the log.
    #[error("{0} events of the log are by a newer version and were not understood")]
    NotUnderstood(usize),
}

/// Why a review cannot go on, or a decision not be made.
#[derive(Debug, thiserror::Error)]
pub enum ReviewError {
    /// The log cannot be used.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The log is somebody else's.
    #[error("the log is {found}’s, not {expected}’s: {}", path.display())]
    OtherReviewer {
        /// Who reviews.
        expected: String,
        /// Whose log it is.
        found: String,
        /// Which file.
        path: PathBuf,
    },
    /// A merged file.
    #[error("a merged log cannot be continued; open the reviewer’s own: {}", .0.display())]
    MergedLog(PathBuf),
    /// The thread that writes could not be started.
    #[error("cannot begin to write the log: {0}")]
    Writer(std::io::Error),
    /// Nothing can be written.
    #[error("nothing can be decided here: {0}")]
    ReadOnly(String),
    /// Keep, where there is nothing to keep.
    #[error("{0} has no label to keep; choose a label")]
    NoLabelToKeep(String),
    /// Keep on many, where some have nothing to keep.
    #[error("{n} of {of} items have no label to keep; choose a label for them or leave them out")]
    NoLabelsToKeep {
        /// Items without a label.
        n: usize,
        /// Items in the list.
        of: usize,
    },
    /// Past the end.
    #[error("there is no item {0}")]
    NoSuchItem(usize),
    /// Past the end.
    #[error("there is no label {0}")]
    NoSuchLabel(LabelId),
    /// An empty list.
    #[error("nothing was chosen")]
    Nothing,
    /// A span where there can be none.
    #[error("this data has no spans of text to decide on")]
    NoSpans,
    /// A span that is gone.
    #[error("there is no such span")]
    NoSuchSpan,
    /// A span past the text's end, or with nothing in it.
    #[error("a span has at least one character of the text")]
    OutsideText,
    /// A decision that decides nothing.
    #[error("the span is as it was")]
    SpanAsItWas,
    /// A second span like another.
    #[error("this span is there already")]
    SpanIsThere,
    /// Confidence or reason without a decision.
    #[error("there is no decision yet to add this to")]
    NothingToAmend,
    /// A confidence that is none.
    #[error("confidence is 1, 2 or 3, not {0}")]
    Confidence(u8),
    /// An adjudication of nothing.
    #[error("an adjudication names the decisions it is between")]
    NoInputs,
    /// The event cannot be written down.
    #[error("the decision cannot be written down: {0}")]
    Event(#[from] EventError),
    /// The end was not saved.
    #[error("not everything was saved: {0}")]
    NotSaved(String),
}

/// What an undo or a redo did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undone {
    /// The item to go to; the first, where there are several.
    pub item: Option<usize>,
    /// How many items it concerned.
    pub items: usize,
    /// Whether it is about a single span.
    pub is_span: bool,
    /// What was taken back or holds again: `t4: neutral → positive`.
    pub words: String,
}

/// One reviewer at work.
pub struct Session {
    reviewer: String,
    settings: Value,
    clock: Clock,
    path: PathBuf,
    log_id: String,
    prev: String,
    digests: Digests,
    source: Value,
    started: bool,
    consensus: Option<Vec<LabelId>>,
    replay: Replay,
    pace: Pace,
    writer: Result<Writer, String>,
    read_saved: Option<u64>,
}

impl Session {
    /// Opens the log file at `path` for `dataset`, or prepares to begin it. Another window's log is opened for
    /// reading.
    pub fn open_file(
        dataset: &Dataset,
        path: &Path,
        options: Options,
    ) -> Result<(Self, Vec<Notice>), ReviewError> {
        let storage =
            FileStorage::open(path).map_err(|error| LogError::Io { path: path.to_owned(), error })?;
        Self::open(dataset, Box::new(storage), path, options)
    }

    /// Opens the log in `storage`, which is called `path` in messages, repairs its end if that is torn, and
    /// replays it over `dataset`.
    pub fn open(
        dataset: &Dataset,
        mut storage: Box<dyn Storage>,
        path: &Path,
        options: Options,
    ) -> Result<(Self, Vec<Notice>), ReviewError> {
        let Options { reviewer, settings, wake, clock, log_id } = options;
        let mut notices = Vec::new();
        let (log, len) = Log::open(&mut *storage, path)?;
        if log.log_ids().len() > 1 {
            return Err(ReviewError::MergedLog(path.to_owned()));
        }
        if let Some(found) = log.events.first().map(|e| &e.head().reviewer).filter(|r| **r != reviewer) {
            let found = found.clone();
            return Err(ReviewError::OtherReviewer { expected: reviewer, found, path: path.to_owned() });
        }
        let last = log.events.last();
        let read_saved = last.map(Event::seq);
        let prev = last.map_or(NO_PREV, Event::hash).to_owned();
        let digests = Digests::of(&dataset.source);
        let changed = last.is_some_and(|e| e.head().dataset.table() != digests.table());
        let log_id = last
            .map(|e| e.head().log_id.clone())
            .or(log_id)
            .unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
        let writer = match storage.read_only() {
            Some(why) => {
                notices.push(Notice::ReadOnly(why.to_owned()));
                Err(why.to_owned())
            }
            None => Ok(Writer::start(storage, len, read_saved, wake).map_err(ReviewError::Writer)?),
        };
        if let (Some(torn), true) = (&log.torn, writer.is_ok()) {
            notices.push(Notice::Repaired(torn.words()));
        }
        let replay = Replay::new(dataset, log.events);
        let mut pace = Pace::default();
        for index in 0..replay.events().len() {
            clock_decision(&mut pace, dataset, &replay, index);
        }
        match (changed, replay.stale().filter(|s| !s.is_elsewhere(dataset)).count()) {
            (true, stale) => notices.push(Notice::SourceChanged { stale }),
            (false, 0) => {}
            (false, stale) => notices.push(Notice::Stale(stale)),
        }
        if replay.not_understood() > 0 {
            notices.push(Notice::NotUnderstood(replay.not_understood()));
        }
        let source = serde_json::to_value(&dataset.source).unwrap_or_default();
        let this = Self {
            reviewer,
            settings,
            clock,
            path: path.to_owned(),
            log_id,
            prev,
            digests,
            source,
            started: false,
            consensus: None,
            replay,
            pace,
            writer,
            read_saved,
        };
        Ok((this, notices))
    }

    /// Sets the labels that *keep* keeps where the data has no given column and the consensus is not the majority
    /// vote: one an item, [`NO_LABEL`](crate::dataset::NO_LABEL) where there is none.
    pub fn set_consensus(&mut self, labels: Option<Vec<LabelId>>) {
        self.consensus = labels;
    }

    /// Decides on one item. Returns the event's number.
    pub fn decide(
        &mut self,
        dataset: &Dataset,
        item: usize,
        action: Action,
        context: Context,
    ) -> Result<u64, ReviewError> {
        let (mut one, rater) = self.bulk_item(dataset, item, action)?;
        let context = self.timed(dataset, item, context);
        let body = Body::Decide(Decide {
            item: std::mem::take(&mut one.item),
            field: dataset.field().to_owned(),
            before: one.before,
            after: one.after,
            action: one.action,
            confidence: None,
            reason: None,
            note: String::new(),
            context,
            rater,
            target: None,
            amends: None,
        });
        self.record(Some(dataset), &body)
    }

    /// Decides on many items at once: one event, one undo. Should an item stand in the list twice, its last
    /// decision counts. Returns the event's number.
    pub fn bulk_decide(
        &mut self,
        dataset: &Dataset,
        decisions: &[(usize, Action)],
        context: Context,
    ) -> Result<u64, ReviewError> {
        let mut items: Vec<BulkItem> = Vec::with_capacity(decisions.len());
        let mut without = 0;
        let mut seen = std::collections::HashSet::new();
        for (item, action) in decisions.iter().rev().filter(|(item, _)| seen.insert(*item)) {
            match self.bulk_item(dataset, *item, action.clone()) {
                Ok((one, _)) => items.push(one),
                Err(ReviewError::NoLabelToKeep(_)) => without += 1,
                Err(e) => return Err(e),
            }
        }
        if without > 0 {
            return Err(ReviewError::NoLabelsToKeep { n: without, of: without + items.len() });
        }
        if items.is_empty() {
            return Err(ReviewError::Nothing);
        }
        items.reverse();
        let field = dataset.field().to_owned();
        let body = Body::BulkDecide(BulkDecide {
            field,
            items,
            confidence: None,
            reason: None,
            note: String::new(),
            context,
            amends: None,
        });
        self.record(Some(dataset), &body)
    }

    /// Settles a conflict between other reviewers. `inputs` are their decisions, by hash.
    pub fn adjudicate(
        &mut self,
        dataset: &Dataset,
        item: usize,
        action: Action,
        inputs: Vec<EventRef>,
        context: Context,
    ) -> Result<u64, ReviewError> {
        if inputs.is_empty() || inputs.iter().any(|i| i.hash.is_none()) {
            return Err(ReviewError::NoInputs);
        }
        let (one, _) = self.bulk_item(dataset, item, action)?;
        let body = Body::Adjudicate(Adjudicate {
            item: one.item,
            field: dataset.field().to_owned(),
            before: one.before,
            after: one.after,
            inputs,
            target: None,
            amends: None,
            confidence: None,
            reason: None,
            note: String::new(),
            context,
        });
        self.record(Some(dataset), &body)
    }

    /// Adds confidence (1 to 3) or a reason to the last decision; `None` leaves either as it is. One undo takes
    /// back the addition only. Returns the event's number.
    pub fn amend_last(
        &mut self,
        dataset: &Dataset,
        confidence: Option<u8>,
        reason: Option<String>,
    ) -> Result<u64, ReviewError> {
        if let Some(c) = confidence.filter(|c| !(1..=3).contains(c)) {
            return Err(ReviewError::Confidence(c));
        }
        let index = self.replay.last_decision().ok_or(ReviewError::NothingToAmend)?;
        let event = &self.replay.events()[index];
        let amends = Some(EventRef { hash: None, ..event.reference() });
        let body = match event.body().clone() {
            // The note stays with the event that brought it.
            Body::Decide(d) => Body::Decide(Decide {
                confidence: confidence.or(d.confidence),
                reason: reason.or(d.reason),
                note: String::new(),
                amends,
                ..d
            }),
            Body::BulkDecide(b) => Body::BulkDecide(BulkDecide {
                confidence: confidence.or(b.confidence),
                reason: reason.or(b.reason),
                note: String::new(),
                amends,
                ..b
            }),
            Body::Adjudicate(a) => Body::Adjudicate(Adjudicate {
                confidence: confidence.or(a.confidence),
                reason: reason.or(a.reason),
                note: String::new(),
                amends,
                ..a
            }),
            _ => return Err(ReviewError::NothingToAmend),
        };
        self.record(Some(dataset), &body)
    }

    /// Leaves a note on an item, in the place of an earlier one; an empty text takes it away.
    pub fn note(&mut self, dataset: &Dataset, item: usize, text: &str) -> Result<u64, ReviewError> {
        let key = self.key(dataset, item)?;
        let field = dataset.field().to_owned();
        self.record(Some(dataset), &Body::Note(NoteOn { item: key, field, note: text.to_owned() }))
    }

    /// Says why two versions differ somewhere, in the place of an earlier reason; `None` takes it away. `item` is the first
    /// item there.
    pub fn code(
        &mut self,
        dataset: &Dataset,
        item: usize,
        target: Difference,
        reason: Option<String>,
    ) -> Result<u64, ReviewError> {
        let key = self.key(dataset, item)?;
        let field = dataset.field().to_owned();
        let body = Body::Code(CodeOn { item: key, field, target, reason, note: String::new() });
        self.record(Some(dataset), &body)
    }

    /// Records that hidden evidence on an item was uncovered.
    pub fn reveal(&mut self, dataset: &Dataset, item: usize, shown: Vec<String>) -> Result<u64, ReviewError> {
        let key = self.key(dataset, item)?;
        self.record(None, &Body::Reveal(Reveal { item: key, field: dataset.field().to_owned(), shown }))
    }

    /// Takes back the last thing that was not taken back yet, in this run or an earlier one. `None` if there is
    /// nothing left.
    pub fn undo(&mut self) -> Result<Option<Undone>, ReviewError> {
        self.compensate(false)
    }

    /// Makes the last undone thing hold again. `None` if there is nothing, as after a new decision.
    pub fn redo(&mut self) -> Result<Option<Undone>, ReviewError> {
        self.compensate(true)
    }

    fn compensate(&mut self, redo: bool) -> Result<Option<Undone>, ReviewError> {
        let Some(index) = self.replay.next(redo) else { return Ok(None) };
        let target = EventRef { hash: None, ..self.replay.events()[index].reference() };
        let body = if redo { Body::Redo(Compensate { target }) } else { Body::Undo(Compensate { target }) };
        self.record(None, &body)?;
        let mut items = self.replay.items_of(index);
        let n = items.len();
        let words = self.words(index);
        let is_span = self.replay.events()[index].rulings().iter().any(|r| r.span.is_some());
        Ok(Some(Undone { item: items.next(), items: n, is_span, words }))
    }

    /// What undo would take back, in words.
    pub fn undo_words(&self) -> Option<String> {
        self.replay.next(false).map(|i| self.words(i))
    }

    /// What redo would make hold again, in words.
    pub fn redo_words(&self) -> Option<String> {
        self.replay.next(true).map(|i| self.words(i))
    }

    fn words(&self, index: usize) -> String {
        let event = &self.replay.events()[index];
        let words = words::event(event);
        match (event.amends(), event.confidence(), event.reason()) {
            (None, ..) => words,
            (_, Some(c), Some(r)) => format!("confidence {c}, reason {r} of {words}"),
            (_, Some(c), None) => format!("confidence {c} of {words}"),
            (_, None, Some(r)) => format!("reason {r} of {words}"),
            _ => words,
        }
    }

    /// Records that the cleaned data was written to `file` (only its name is kept).
    pub fn exported(&mut self, file: &Path, digest: &str, settings: Value) -> Result<u64, ReviewError> {
        let file = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        self.record(None, &Body::Export(Export { file, digest: digest.to_owned(), settings }))
    }

    /// Records that logs of others were taken in, by the last event of each.
    pub fn imported(&mut self, logs: Vec<EventRef>) -> Result<u64, ReviewError> {
        self.record(None, &Body::ImportLog(ImportLog { logs }))
    }

    /// Changes the settings that are recorded. A log that is already there records the change at once, a new one
    /// with its first decision.
    pub fn set_settings(&mut self, settings: Value) -> Result<(), ReviewError> {
        if settings == self.settings {
            return Ok(());
        }
        self.settings = settings;
        if self.writer.is_ok() && !self.replay.events().is_empty() {
            self.start()?;
        }
        Ok(())
    }

    /// The decisions that stand.
    pub fn edits(&self) -> &Edits {
        self.replay.edits()
    }

    /// Decisions of the log that are not applied to this data.
    pub fn stale(&self) -> impl Iterator<Item = &Stale> {
        self.replay.stale()
    }

    /// The note on `item`, decided or not.
    pub fn note_on(&self, item: usize) -> &str {
        self.replay.note(item)
    }

    /// The reason that stands for a difference between versions.
    pub fn code_of(&self, target: &Difference) -> Option<&str> {
        self.replay.code(target)
    }

    /// All differences between versions that have a reason, with it.
    pub fn codes(&self) -> impl Iterator<Item = (&Difference, &str)> {
        self.replay.codes()
    }

    /// How many items stand at what.
    pub fn counts(&self) -> Counts {
        self.replay.counts()
    }

    /// The reviewer's median milliseconds a decision.
    pub fn median_dwell_ms(&self) -> Option<u64> {
        self.pace.median_ms()
    }

    /// How many decisions in a row, up to the last, were far faster than the reviewer's median.
    pub fn fast_in_a_row(&self) -> usize {
        self.pace.fast_in_a_row()
    }

    /// How far the log is on the disk.
    pub fn saved(&self) -> Saved {
        match &self.writer {
            Ok(writer) => writer.saved(),
            Err(_) => Saved { saved_seq: self.read_saved, ..Saved::default() },
        }
    }

    /// Tries again to save after a failure.
    pub fn retry(&self) {
        if let Ok(writer) = &self.writer {
            writer.retry();
        }
    }

    /// Waits until everything is on the disk. The error says why it is not.
    pub fn wait_saved(&self, timeout: Duration) -> Result<(), ReviewError> {
        self.writer.as_ref().map_or(Ok(()), |w| w.wait(timeout)).map_err(ReviewError::NotSaved)
    }

    /// Why nothing can be decided, if so.
    pub fn read_only(&self) -> Option<&str> {
        self.writer.as_ref().err().map(String::as_str)
    }

    /// Who reviews.
    pub fn reviewer(&self) -> &str {
        &self.reviewer
    }

    /// Where the log stands.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The events of the log, in order, saved or not.
    pub fn events(&self) -> &[Event] {
        self.replay.events()
    }

    /// Ends the run and waits for the disk. A run in which nothing was recorded leaves no trace. (Dropping a
    /// session saves what is queued, too, but records no end and reports no failure.)
    pub fn close(mut self) -> Result<(), ReviewError> {
        if self.started {
            let counts = self.counts_by_word();
            self.record(None, &Body::SessionEnd(SessionEnd { counts }))?;
        }
        self.wait_saved(PATIENCE)
    }

    fn start(&mut self) -> Result<(), ReviewError> {
        let body = Body::SessionStart(SessionStart {
            app: concat!("dissensus ", env!("CARGO_PKG_VERSION")).to_owned(),
            os: std::env::consts::OS.to_owned(),
            settings: self.settings.clone(),
            source: Some(self.source.clone()),
            item_key_rule: Some("the key as it stands in the source".to_owned()),
        });
        self.append(None, &body)?;
        self.started = true;
        Ok(())
    }

    fn record(&mut self, dataset: Option<&Dataset>, body: &Body) -> Result<u64, ReviewError> {
        if !self.started {
            self.start()?;
        }
        self.append(dataset, body)
    }

    /// The one way into the log: sealed, queued for the disk, then applied. `dataset` where it has effects on it.
    fn append(&mut self, dataset: Option<&Dataset>, body: &Body) -> Result<u64, ReviewError> {
        let writer = self.writer.as_ref().map_err(|why| ReviewError::ReadOnly(why.clone()))?;
        let seq = self.replay.events().len() as u64;
        let head = Head {
            v: VERSION,
            log_id: self.log_id.clone(),
            seq,
            ts: format!("{:.3}", (self.clock)()),
            reviewer: self.reviewer.clone(),
            dataset: self.digests.clone(),
            prev: self.prev.clone(),
        };
        let event = Event::seal(&head, body)?;
        writer.append(&event);
        event.hash().clone_into(&mut self.prev);
        let effects = dataset.map_or_else(Effects::default, |d| self.replay.effects(d, &event));
        self.replay.push(event, effects);
        if let Some(dataset) = dataset {
            clock_decision(&mut self.pace, dataset, &self.replay, seq as usize);
        }
        Ok(seq)
    }

    fn key(&mut self, dataset: &Dataset, item: usize) -> Result<String, ReviewError> {
        if item >= dataset.n_items() {
            return Err(ReviewError::NoSuchItem(item));
        }
        let key = dataset.keys.get(item);
        self.replay.know(key, item as u32);
        Ok(key.to_owned())
    }

    fn bulk_item(
        &mut self,
        dataset: &Dataset,
        item: usize,
        action: Action,
    ) -> Result<(BulkItem, Option<String>), ReviewError> {
        let key = self.key(dataset, item)?;
        let stood = facts::label_under_suspicion(dataset, self.consensus.as_deref(), item);
        let (verb, after, rater) = body::said(dataset, &key, stood, action)?;
        let before = Some(facts::before(dataset, self.consensus.as_deref(), item));
        Ok((BulkItem { item: key, before, after, action: verb }, rater))
    }

    fn timed(&self, dataset: &Dataset, item: usize, mut context: Context) -> Context {
        if let Some(ms) = context.dwell_ms {
            context.fast = self.pace.is_fast(text_len(dataset, item), ms);
        }
        context
    }
}

fn text_len(dataset: &Dataset, item: usize) -> usize {
    dataset.texts.as_ref().map_or(0, |t| t.get(item).len())
}

/// Counts the time that event `index` took, if it is a decision on one item.
fn clock_decision(pace: &mut Pace, dataset: &Dataset, replay: &Replay, index: usize) {
    if let Some(event::Body::Decide(d)) = replay.events().get(index).map(Event::body)
        && let (None, None, Some(ms)) = (&d.amends, &d.target, d.context.dwell_ms)
    {
        let len = replay.items_of(index).next().map_or(0, |item| text_len(dataset, item));
        pace.add(len, ms, d.context.fast);
    }
}
