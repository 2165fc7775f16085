//! The schema of the correction log: what every event has, and what each kind of event says.
//!
//! Words, fields and kinds are the published ones of version 1; what a newer version adds is kept by
//! [`Event`](super::event::Event) and reads here as `Other` or [`Body::Unknown`].

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::dataset::Source;

pub use crate::dataset::Reached;

/// Version of the schema that is written here.
pub const VERSION: u32 = 1;

/// `prev` of the first event of a log.
pub const NO_PREV: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Digest of the source, or digests if there were several files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Digests {
    /// One file.
    One(String),
    /// Several; the table first.
    Many(Vec<String>),
}

impl Default for Digests {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

impl Digests {
    /// The digests that `source` carries.
    pub fn of(source: &Source) -> Self {
        match &source.probabilities {
            None => Self::One(source.table.digest.clone()),
            Some(p) => Self::Many(vec![source.table.digest.clone(), p.digest.clone()]),
        }
    }

    /// The digest of the table.
    pub fn table(&self) -> Option<&str> {
        match self {
            Self::One(d) => Some(d),
            Self::Many(list) => list.first().map(String::as_str),
        }
    }
}

/// What every event has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Version of the schema.
    pub v: u32,
    /// Which log.
    pub log_id: String,
    /// 0, 1, 2 … without gaps within a log.
    pub seq: u64,
    /// When, in UTC; informative only, since order comes from `seq`.
    pub ts: String,
    /// Who.
    pub reviewer: String,
    /// Digest of the source.
    #[serde(default)]
    pub dataset: Digests,
    /// Hash of the event before.
    pub prev: String,
}

/// Names one event of one log.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EventRef {
    /// Which log.
    pub log_id: String,
    /// Which event of it.
    pub seq: u64,
    /// The event's hash, where the reference must not drift.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
}

/// What a label under suspicion rested on when the decision was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The given cell.
    Given,
    /// Most votes.
    Majority,
    /// No label has most votes.
    Tie,
    /// A model, or a consensus that one made.
    Model,
    /// An earlier decision.
    Reviewer,
    /// Something that a newer version knows.
    #[serde(other)]
    Other,
}

/// The facts that a decision was made on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Before {
    /// The label under suspicion; `None` where there was none.
    #[serde(default)]
    pub value: Option<String>,
    /// What it rested on.
    pub basis: Basis,
    /// Label → number of raters who gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub votes: Option<BTreeMap<String, u32>>,
}

/// What was decided; an absent one (`null`) means that the item is excluded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum After {
    /// Several labels are right; none of them, if the list is empty.
    Values {
        /// Their names.
        values: Vec<String>,
    },
    /// A soft label.
    Dist {
        /// Label → share.
        dist: BTreeMap<String, f64>,
    },
    /// A span is here, and called so.
    Span {
        /// First code point; one that is none reads as one past any text.
        #[serde(deserialize_with = "place")]
        start: u32,
        /// The code point after the last.
        #[serde(deserialize_with = "place")]
        end: u32,
        /// The name of its label.
        value: String,
    },
    /// One label is right; `None` while that is open.
    Value {
        /// Its name.
        #[serde(deserialize_with = "present")]
        value: Option<String>,
    },
    /// Something that a newer version knows.
    Other(Value),
}

impl After {
    /// One label.
    pub fn label(name: &str) -> Self {
        Self::Value { value: Some(name.to_owned()) }
    }
}

/// Names a span of an item's document by what it was at first, half open, in code points.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SpanTarget {
    /// First code point.
    pub start: u32,
    /// The code point after the last.
    pub end: u32,
    /// What it was called; `None` where raters are tied.
    #[serde(default)]
    pub label: Option<String>,
    /// Whose mark it is; `None` for what the source says by itself, and for a span that was added.
    #[serde(default)]
    pub rater: Option<String>,
}

/// How a decision was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// The label under suspicion is right.
    Keep,
    /// The suggested label is right.
    AcceptSuggestion,
    /// A rater's label is right.
    AdoptRater,
    /// The reviewer chose a label.
    Relabel,
    /// More than one label is right.
    Multi,
    /// The item is ambiguous: a soft label.
    SoftLabel,
    /// None of the labels is right.
    NoneOfClasses,
    /// Not part of the clean set.
    Exclude,
    /// Left for somebody else.
    Unsure,
    /// A span that nobody marked.
    AddSpan,
    /// A span is somewhere else.
    MoveSpan,
    /// A span is none.
    RemoveSpan,
    /// Something that a newer version knows.
    #[serde(other)]
    Other,
}

impl Verb {
    /// The word in the log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::AcceptSuggestion => "accept_suggestion",
            Self::AdoptRater => "adopt_rater",
            Self::Relabel => "relabel",
            Self::Multi => "multi",
            Self::SoftLabel => "soft_label",
            Self::NoneOfClasses => "none_of_classes",
            Self::Exclude => "exclude",
            Self::Unsure => "unsure",
            Self::AddSpan => "add_span",
            Self::MoveSpan => "move_span",
            Self::RemoveSpan => "remove_span",
            Self::Other => "other",
        }
    }
}

/// What was suggested.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Suggestion {
    /// Label name.
    pub value: String,
    /// Its probability, in 0..=1.
    pub prob: Option<f64>,
    /// Label quality of the given label, in 0..=1.
    pub score: Option<f64>,
}

/// What made the suggestion.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Algorithm {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its parameters.
    pub params: Value,
}

/// What is hidden from a reviewer until it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Blind {
    /// Nothing.
    #[default]
    Open,
    /// Raters and their votes, and what is made of votes.
    Raters,
    /// Raters and model.
    RatersAndModel,
}

/// The circumstances of a decision.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Context {
    /// How the reviewer came to the item.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reached: Option<Reached>,
    /// Whether evidence was hidden.
    pub blind: bool,
    /// What was hidden, where anything was; absent in logs of the first version, which knew one mode only.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "known")]
    pub blind_mode: Option<Blind>,
    /// What was visible: `text`, `raters`, `suggestion`, …
    pub shown: Vec<String>,
    /// Name of the queue.
    pub queue: Option<String>,
    /// Position in the queue, from 1.
    pub rank: Option<u64>,
    /// Milliseconds that the item was on the screen.
    pub dwell_ms: Option<u64>,
    /// The key that was pressed.
    pub key: Option<String>,
    /// What was suggested.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<Suggestion>,
    /// What made the suggestion.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub algo: Option<Algorithm>,
    /// Far below the reviewer's own median time for texts of this length.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub fast: bool,
    /// The queue showed the item a second time, to measure whether the reviewer agrees with themselves. The decision
    /// counts like any later one; the one before stays in the log.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub repeat: bool,
    /// Nothing flagged the item: it was mixed in, unmarked, to measure what the reviewer changes for no reason.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub control: bool,
}

/// A run begins: everything that is needed to open the same data without a question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionStart {
    /// Program and version.
    pub app: String,
    /// Operating system.
    #[serde(default)]
    pub os: String,
    /// Settings of the program.
    #[serde(default)]
    pub settings: Value,
    /// The whole [`Source`]: files, digests, roles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Value>,
    /// How item keys were made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item_key_rule: Option<String>,
}

impl SessionStart {
    /// Where the data came from, if this version can read it.
    pub fn source(&self) -> Option<Source> {
        self.source.as_ref().and_then(|v| Source::deserialize(v).ok())
    }
}

/// One decision on one item.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Decide {
    /// Item key.
    pub item: String,
    /// Column or question.
    pub field: String,
    /// The facts.
    #[serde(default)]
    pub before: Option<Before>,
    /// What was decided.
    #[serde(deserialize_with = "present")]
    pub after: Option<After>,
    /// How.
    pub action: Verb,
    /// 1 (low) to 3 (high).
    #[serde(default)]
    pub confidence: Option<u8>,
    /// Code of the codebook.
    #[serde(default)]
    pub reason: Option<String>,
    /// Free text.
    #[serde(default)]
    pub note: String,
    /// The circumstances.
    #[serde(default)]
    pub context: Context,
    /// The rater whose label was adopted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rater: Option<String>,
    /// The span that it is about, where it is not about the whole item.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Value>,
    /// The event that this one only adds confidence or a reason to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amends: Option<EventRef>,
}

/// One item of a bulk decision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BulkItem {
    /// Item key.
    pub item: String,
    /// The facts.
    #[serde(default)]
    pub before: Option<Before>,
    /// What was decided.
    #[serde(deserialize_with = "present")]
    pub after: Option<After>,
    /// How.
    pub action: Verb,
}

/// One decision on many items: one event, one undo.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BulkDecide {
    /// Column or question.
    pub field: String,
    /// The items.
    pub items: Vec<BulkItem>,
    /// 1 (low) to 3 (high).
    #[serde(default)]
    pub confidence: Option<u8>,
    /// Code of the codebook.
    #[serde(default)]
    pub reason: Option<String>,
    /// Free text.
    #[serde(default)]
    pub note: String,
    /// The circumstances.
    #[serde(default)]
    pub context: Context,
    /// The event that this one only adds confidence or a reason to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amends: Option<EventRef>,
}

/// Takes an event back, or back again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compensate {
    /// The event.
    pub target: EventRef,
}

/// Text about an item: in the place of an earlier one; empty takes it away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoteOn {
    /// Item key.
    pub item: String,
    /// Column or question.
    #[serde(default)]
    pub field: String,
    /// The text.
    #[serde(default)]
    pub note: String,
}

/// What one version of a text marks: its first and its last item, by key, and what it calls it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Marked {
    /// Key of the first item.
    pub from: String,
    /// Key of the last.
    pub to: String,
    /// The label.
    pub label: String,
}

/// Where two versions of a text differ: the same words name the same difference to whoever codes it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Difference {
    /// The versions, in the order of the data.
    pub versions: [String; 2],
    /// What the first marks there; nothing if `None`.
    #[serde(default)]
    pub first: Option<Marked>,
    /// What the second marks there.
    #[serde(default)]
    pub second: Option<Marked>,
}

/// Why two versions differ somewhere: in the place of an earlier reason, `None` takes it away. It decides nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeOn {
    /// Key of the first item there.
    pub item: String,
    /// Column or question.
    #[serde(default)]
    pub field: String,
    /// What is coded.
    pub target: Difference,
    /// Code of the codebook.
    #[serde(default)]
    pub reason: Option<String>,
    /// Free text.
    #[serde(default)]
    pub note: String,
}

/// Evidence was uncovered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reveal {
    /// Item key.
    pub item: String,
    /// Column or question.
    #[serde(default)]
    pub field: String,
    /// What can be seen now.
    #[serde(default)]
    pub shown: Vec<String>,
}

/// A decision between decisions of other reviewers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Adjudicate {
    /// Item key.
    pub item: String,
    /// Column or question.
    pub field: String,
    /// The facts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Before>,
    /// What was decided.
    #[serde(deserialize_with = "present")]
    pub after: Option<After>,
    /// The decisions it is between, by hash.
    pub inputs: Vec<EventRef>,
    /// The span that it is about, where it is not about the whole item.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Value>,
    /// The event that this one only adds confidence or a reason to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amends: Option<EventRef>,
    /// 1 (low) to 3 (high).
    #[serde(default)]
    pub confidence: Option<u8>,
    /// Code of the codebook.
    #[serde(default)]
    pub reason: Option<String>,
    /// Free text.
    #[serde(default)]
    pub note: String,
    /// The circumstances.
    #[serde(default)]
    pub context: Context,
}

/// Logs of others were taken in for comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportLog {
    /// The last event of each.
    #[serde(default)]
    pub logs: Vec<EventRef>,
}

/// The cleaned file was written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Export {
    /// File name, without its folder.
    #[serde(default)]
    pub file: String,
    /// Digest of what was written.
    #[serde(default)]
    pub digest: String,
    /// Settings of the export.
    #[serde(default)]
    pub settings: Value,
}

/// A run ends.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SessionEnd {
    /// Word → number of events.
    #[serde(default)]
    pub counts: BTreeMap<String, u64>,
}

/// What an event says, by `kind`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Body {
    /// A run begins.
    SessionStart(SessionStart),
    /// One decision.
    Decide(Decide),
    /// One decision on many items.
    BulkDecide(BulkDecide),
    /// An event is taken back.
    Undo(Compensate),
    /// An undone event holds again.
    Redo(Compensate),
    /// Text about an item.
    Note(NoteOn),
    /// The item is left for somebody else.
    Defer(NoteOn),
    /// A reason for a difference between versions.
    Code(CodeOn),
    /// Evidence was uncovered.
    Reveal(Reveal),
    /// A decision between decisions.
    Adjudicate(Adjudicate),
    /// Logs of others were taken in.
    ImportLog(ImportLog),
    /// The cleaned file was written.
    Export(Export),
    /// A run ends.
    SessionEnd(SessionEnd),
    /// Something that a newer version knows.
    #[serde(other, skip_serializing)]
    Unknown,
}

/// A word that a newer version knows is none here.
fn known<'de, D: Deserializer<'de>, T: serde::de::DeserializeOwned>(d: D) -> Result<Option<T>, D::Error> {
    Ok(T::deserialize(Value::deserialize(d)?).ok())
}

/// A place in a text; what is none is past the end of any.
fn place<'de, D: Deserializer<'de>>(d: D) -> Result<u32, D::Error> {
    Ok(Value::deserialize(d)?.as_u64().and_then(|n| n.try_into().ok()).unwrap_or(u32::MAX))
}

/// Present, though it may be null: an absent `after` must not read as "excluded".
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(d: D) -> Result<Option<T>, D::Error> {
    Option::deserialize(d)
}
