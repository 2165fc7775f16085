//! What is asked of an item, and what an answer can be: one label, several, none yet.

use super::LabelId;

/// The name of the label "none of them": no span here, no label of the set applies.
pub const NOTHING: &str = "∅";

/// What kind of answer a question has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// One label.
    #[default]
    Single,
    /// Any number of labels.
    MultiLabel,
    /// A step of an ordered scale.
    Ordinal,
    /// A number.
    Number,
    /// One tag a token: an item is a token.
    Tokens,
    /// Labelled stretches of text: an item is a stretch that somebody marked.
    Spans,
    /// Which of two is better.
    Pairwise,
}

impl Task {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Single => "one label an item",
            Self::MultiLabel => "several labels an item",
            Self::Ordinal => "ratings on an ordered scale",
            Self::Number => "numbers",
            Self::Tokens => "tags of tokens",
            Self::Spans => "spans in texts",
            Self::Pairwise => "preferences between two",
        }
    }
}

/// One question that a source asks about its items.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Question {
    /// Its name in the source.
    pub name: String,
    /// What kind of answer it has.
    pub task: Task,
    /// How many annotations answer it.
    pub n_annotations: u64,
}

/// Why a rater's label is not there. A pair of rater and item that is neither annotated nor listed was never
/// assigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// Assigned, and passed over by the rater.
    Skipped,
    /// Handed in without an answer.
    Empty,
    /// Handed in and not accepted.
    Rejected,
    /// There is a place for an answer, and the source does not say why it is empty.
    Unknown,
}

impl Missing {
    /// All of them, in the order they are shown.
    pub const ALL: [Self; 4] = [Self::Skipped, Self::Empty, Self::Rejected, Self::Unknown];

    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Skipped => "skipped",
            Self::Empty => "submitted empty",
            Self::Rejected => "rejected",
            Self::Unknown => "unknown",
        }
    }
}

/// A label that is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Absence {
    /// Item number.
    pub item: u32,
    /// Rater number.
    pub rater: u32,
    /// Why.
    pub why: Missing,
}

/// What an earlier review decided on an item, as the source carries it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Item number.
    pub item: u32,
    /// Who decided; empty where the source does not say.
    pub reviewer: String,
    /// The label's name; several joined by `|`.
    pub label: String,
}

/// Multi-label data: each member of the label set is a set of these.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LabelSets {
    /// Names of the single labels, in order.
    pub members: Vec<String>,
    /// For each label of the label set, ascending numbers of its members.
    pub of_label: Vec<Vec<u32>>,
}

impl LabelSets {
    /// Whether `label` contains `member`.
    pub fn contains(&self, label: LabelId, member: u32) -> bool {
        self.of_label.get(label as usize).is_some_and(|set| set.binary_search(&member).is_ok())
    }
}
