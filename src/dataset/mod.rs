//! What a labelled dataset is in memory: columnar, immutable once loaded, cheap to share.
//!
//! Items, raters and labels are numbered from 0 in the order that the module documentation of each says.
//! Nothing here knows a file format, a statistic or a screen. A reviewer's decisions never change a
//! [`Dataset`]: they are [`Edits`], laid over it.

mod annotations;
mod cells;
mod edits;
mod embeddings;
mod labels;
mod probabilities;
mod questions;
mod shares;
mod source;
mod span_edits;
mod spans;
pub(crate) mod tags;
mod text;

pub use annotations::{Annotation, Annotations, AnnotationsBuilder, DuplicateRule};
pub use cells::{Cells, Look, Number, Real, each_row, first_top, look, vectorised};
pub use edits::{Edit, Edits, Outcome, Reached};
pub use embeddings::{Embeddings, EmbeddingsError};
pub use labels::{LabelOrder, LabelSet, Scale};
pub use probabilities::{Probabilities, ProbabilitiesError, RowRepair, Width};
pub use questions::{Absence, LabelSets, Missing, NOTHING, Question, Task, Verdict};
pub use shares::Shares;
pub use source::{Role, Source, SourceFile, Warning};
pub use span_edits::{
    CurrentSpan, Placed, SpanChange, SpanEdit, SpanId, change_of, current_spans, resolved, span_changes,
};
pub use spans::{Region, Span, Spans};
pub use text::TextColumn;

/// Index of a label in the [`LabelSet`].
pub type LabelId = u32;

/// "This item has no label here" in a dense column of label ids.
pub const NO_LABEL: LabelId = LabelId::MAX;

/// A dense column of labels, one an item, [`NO_LABEL`] where there is none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LabelColumn {
    /// The column's name in the source.
    pub name: String,
    /// One id an item.
    pub ids: Vec<LabelId>,
}

impl LabelColumn {
    /// The label of `item`, if it has one.
    pub fn get(&self, item: usize) -> Option<LabelId> {
        self.ids.get(item).copied().filter(|&l| l != NO_LABEL)
    }
}

/// Who or what gave labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RaterKind {
    /// A person.
    #[default]
    Human,
    /// A model or an LLM judge.
    Model,
}

/// The raters, in order of first appearance in the source.
#[derive(Debug, Clone, Default)]
pub struct Raters {
    /// Names as they stand in the source.
    pub names: Vec<String>,
    /// One kind a rater.
    pub kinds: Vec<RaterKind>,
    /// Attributes that are constant for each rater (column name, one value a rater, empty where unknown).
    pub attributes: Vec<(String, Vec<String>)>,
    /// Whether the source gives votes without saying whose they are: "rater" 3 of one item and "rater" 3 of another
    /// are then different people, and nothing can be said about any one of them.
    pub anonymous: bool,
}

impl Raters {
    /// The values that raters have of an attribute (its number), ascending; without the empty one.
    pub fn values(&self, attribute: usize) -> Vec<&str> {
        let own = self.attributes.get(attribute).map_or(&[][..], |a| a.1.as_slice());
        let mut values: Vec<&str> = own.iter().map(String::as_str).filter(|v| !v.is_empty()).collect();
        values.sort_unstable();
        values.dedup();
        values
    }

    /// Number of raters.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether something can be said about each of them: there are some, and the source tells them apart.
    pub fn are_known(&self) -> bool {
        !self.is_empty() && !self.anonymous
    }

    /// Whether the data names no rater.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }
}

/// What a model of the items was learned from.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LearnedFrom {
    /// Their texts.
    Texts,
    /// Embeddings of this name.
    Embeddings(String),
    /// These columns of numbers.
    Columns(Vec<String>),
}

impl LearnedFrom {
    /// In words.
    pub fn words(&self) -> &'static str {
        match self {
            Self::Texts => "the texts",
            Self::Embeddings(_) => "the embeddings",
            Self::Columns(_) => "the numbers",
        }
    }
}

/// How well a model of the items themselves predicted labels that it had not seen.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Learned {
    /// What it was learned from.
    pub from: LearnedFrom,
    /// Share of labelled items whose label it finds most probable.
    pub accuracy: f64,
    /// Share of labelled items with the commonest label.
    pub majority: f64,
    /// Whether it is better than that, and its probabilities are the dataset's.
    pub is_used: bool,
    /// Labelled items.
    pub n_items: usize,
    /// Words, pairs of words and runs of letters that it knows, or numbers.
    pub n_features: usize,
}

/// A labelled dataset.
#[derive(Debug, Clone, Default)]
pub struct Dataset {
    /// What to call it (the file's stem).
    pub name: String,
    /// Item keys, in order of first appearance in the source. Unique.
    pub keys: TextColumn,
    /// What the items say; `None` where the source has no text.
    pub texts: Option<TextColumn>,
    /// The part of its text that each item is about, in code points; `None` where items are whole texts.
    pub focus: Option<Vec<std::ops::Range<u32>>>,
    /// Pictures of the items, by path as the source has it; empty where an item has none.
    pub media: Option<TextColumn>,
    /// Further columns that are constant within an item.
    pub metadata: Vec<(String, TextColumn)>,
    /// Names of the columns that side tables brought, about items (metadata, or the trusted labels) and about raters.
    pub joined: Vec<String>,
    /// The questions that the source asks, in its order; the one that was read is [`Self::question`]. Empty where
    /// there is only one.
    pub questions: Vec<Question>,
    /// Which of [`Self::questions`] was read.
    pub question: usize,
    /// What kind of answer the labels are.
    pub task: Task,
    /// The label set.
    pub labels: LabelSet,
    /// Multi-label data: which labels each member of the label set stands for.
    pub sets: Option<LabelSets>,
    /// What a model makes of each item, where such numbers came with the data.
    pub embeddings: Option<Embeddings>,
    /// Spans in texts, where the raters marked some.
    pub spans: Option<Spans>,
    /// The raters; empty for single-label data.
    pub raters: Raters,
    /// Who said what.
    pub annotations: Annotations,
    /// Who was to say something and did not, as far as the source knows.
    pub absences: Vec<Absence>,
    /// What an earlier review decided, where the source carries it.
    pub verdicts: Vec<Verdict>,
    /// The given-label column, where the source has one.
    pub given: Option<LabelColumn>,
    /// The trusted column, where the source has one. Used to score, never to compute.
    pub gold: Option<LabelColumn>,
    /// A model's out-of-sample distribution, items × labels.
    pub probabilities: Option<Probabilities>,
    /// Multi-label data: a model's probability of each single label, items × [`LabelSets::members`]. Rows need not sum to 1.
    pub member_probabilities: Option<Probabilities>,
    /// What further models say, each items × labels, or × [`LabelSets::members`].
    pub models: Vec<Probabilities>,
    /// Shares of labels that other crowds gave, likewise.
    pub crowds: Vec<Probabilities>,
    /// How well a model of the items did, where one was learned.
    pub learned: Option<Learned>,
    /// Where all this came from.
    pub source: Source,
    /// What the import noticed.
    pub warnings: Vec<Warning>,
}

impl Dataset {
    /// Number of items.
    pub fn n_items(&self) -> usize {
        self.keys.len()
    }

    /// Votes for each label on `item`, in label order (only labels with at least one vote).
    pub fn votes(&self, item: usize) -> Vec<(LabelId, u32)> {
        let mut votes = std::collections::BTreeMap::new();
        for annotation in self.annotations.of_item(item) {
            *votes.entry(annotation.label).or_insert(0) += 1;
        }
        votes.into_iter().collect()
    }

    /// Labels that are not there, by reason, as the source says; only reasons that occur.
    pub fn missing(&self) -> Vec<(Missing, u64)> {
        let count = |why| self.absences.iter().filter(|a| a.why == why).count() as u64;
        Missing::ALL.into_iter().map(|why| (why, count(why))).filter(|&(_, n)| n > 0).collect()
    }

    /// Pairs of rater and item that nobody assigned: neither annotated nor listed as absent. `None` where the raters
    /// are not known.
    pub fn never_assigned(&self) -> Option<u64> {
        if !self.raters.are_known() {
            return None;
        }
        let annotated = self.annotations.len() - self.annotations.n_duplicates();
        let pairs = self.n_items() as u64 * self.raters.len() as u64;
        Some(pairs.saturating_sub(annotated as u64 + self.absences.len() as u64))
    }

    /// Item number of `key`. Linear; build a map for more than a few look-ups.
    pub fn item_of_key(&self, key: &str) -> Option<usize> {
        (0..self.n_items()).find(|&i| self.keys.get(i) == key)
    }

    /// What the reviewer's decisions are about: the name of the given column, or of the label column.
    pub fn field(&self) -> &str {
        self.given.as_ref().map_or(self.source.label_field.as_str(), |g| g.name.as_str())
    }
}
