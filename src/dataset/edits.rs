//! A reviewer's decisions laid over a dataset: item → what was decided.
//!
//! Replaying the correction log gives these; a decision changes the given label, never a rater's vote.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::{LabelId, NO_LABEL, Shares, SpanEdit, SpanId};

/// What was decided on an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The label that stood there is right.
    Kept(LabelId),
    /// Another label is right.
    Changed(LabelId),
    /// More than one label is right.
    Several(Vec<LabelId>),
    /// It is ambiguous: labels apply in these shares.
    Soft(Shares),
    /// None of the labels is right.
    NoneOfLabels,
    /// Left for somebody else.
    Unsure,
    /// Not part of the clean set.
    Excluded,
}

impl Outcome {
    /// The word for it in exports: `kept`, `changed`, `several`, `soft_label`, `none_of_labels`, `unsure`,
    /// `excluded`.
    pub fn status(&self) -> &'static str {
        match self {
            Self::Kept(_) => "kept",
            Self::Changed(_) => "changed",
            Self::Several(_) => "several",
            Self::Soft(_) => "soft_label",
            Self::NoneOfLabels => "none_of_labels",
            Self::Unsure => "unsure",
            Self::Excluded => "excluded",
        }
    }
}

/// How the reviewer came to the item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reached {
    /// A random sample of all items: the only basis for unbiased rates.
    Audit,
    /// A method flagged it.
    Flag,
    /// Any other way.
    #[default]
    #[serde(other)]
    Browse,
}

impl Reached {
    /// The word in the log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Audit => "audit",
            Self::Flag => "flag",
            Self::Browse => "browse",
        }
    }
}

/// One live decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What was decided.
    pub outcome: Outcome,
    /// Who decided.
    pub reviewer: String,
    /// Why, as a code of the codebook.
    pub reason: Option<String>,
    /// 1 (low) to 3 (high).
    pub confidence: Option<u8>,
    /// Free text.
    pub note: String,
    /// How the reviewer came to the item.
    pub reached: Reached,
    /// Its place among all decisions: later ones have a higher number.
    pub order: u64,
}

impl Edit {
    /// A decision with nothing else to it.
    pub fn new(outcome: Outcome, reviewer: &str) -> Self {
        Self {
            outcome,
            reviewer: reviewer.to_owned(),
            reason: None,
            confidence: None,
            note: String::new(),
            reached: Reached::Browse,
            order: 0,
        }
    }
}

/// All live decisions, by item, and those on single spans.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edits {
    by_item: BTreeMap<u32, Edit>,
    by_span: BTreeMap<SpanId, SpanEdit>,
    revision: u64,
}

impl Edits {
    /// No decision yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Grows by one with every change; caches are keyed by it.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The decision on `item`, if there is one.
    pub fn get(&self, item: usize) -> Option<&Edit> {
        self.by_item.get(&(item as u32))
    }

    /// Puts a decision in the place of any earlier one.
    pub fn set(&mut self, item: usize, edit: Edit) {
        self.by_item.insert(item as u32, edit);
        self.revision += 1;
    }

    /// Takes the decision on `item` away.
    pub fn remove(&mut self, item: usize) {
        if self.by_item.remove(&(item as u32)).is_some() {
            self.revision += 1;
        }
    }

    /// Number of items decided.
    pub fn len(&self) -> usize {
        self.by_item.len()
    }

    /// Whether nothing was decided.
    pub fn is_empty(&self) -> bool {
        self.by_item.is_empty()
    }

    /// Decisions by ascending item.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &Edit)> {
        self.by_item.iter().map(|(&i, e)| (i as usize, e))
    }

    /// The decision on a span, if there is one.
    pub fn span(&self, id: &SpanId) -> Option<&SpanEdit> {
        self.by_span.get(id)
    }

    /// Puts a decision on a span in the place of any earlier one.
    pub fn set_span(&mut self, id: SpanId, edit: SpanEdit) {
        self.by_span.insert(id, edit);
        self.revision += 1;
    }

    /// Takes the decision on a span away.
    pub fn remove_span(&mut self, id: &SpanId) {
        if self.by_span.remove(id).is_some() {
            self.revision += 1;
        }
    }

    /// Decisions on spans, by item.
    pub fn spans(&self) -> impl Iterator<Item = (&SpanId, &SpanEdit)> {
        self.by_span.iter()
    }

    /// Decisions on spans that are named by these items.
    pub fn spans_on(&self, items: Range<u32>) -> impl Iterator<Item = (&SpanId, &SpanEdit)> {
        let least = |item| SpanId { item, start: 0, end: 0, label: 0, added: false };
        self.by_span.range(least(items.start)..least(items.end.max(items.start)))
    }

    /// `given` with the decisions applied. Excluded items, items with several right labels or a soft label
    /// and items with none have no single label any more.
    pub fn apply(&self, given: &[LabelId]) -> Vec<LabelId> {
        let mut labels = given.to_vec();
        for (item, edit) in self.iter() {
            let Some(slot) = labels.get_mut(item) else { continue };
            match edit.outcome {
                Outcome::Kept(l) | Outcome::Changed(l) => *slot = l,
                Outcome::Several(_) | Outcome::Soft(_) | Outcome::NoneOfLabels | Outcome::Excluded => {
                    *slot = NO_LABEL;
                }
                Outcome::Unsure => {}
            }
        }
        labels
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(outcome: Outcome) -> Edit {
        Edit::new(outcome, "r")
    }

    #[test]
    fn decisions_change_the_given_label_and_unsure_leaves_it() {
        let mut e = Edits::new();
        for (i, o) in [
            Outcome::Kept(1),
            Outcome::Changed(2),
            Outcome::Several(vec![0, 1]),
            Outcome::NoneOfLabels,
            Outcome::Unsure,
            Outcome::Excluded,
        ]
        .into_iter()
        .enumerate()
        {
            e.set(i, edit(o));
        }
        assert_eq!(e.apply(&[NO_LABEL, 0, 0, 0, 0, 0, 0]), [1, 2, NO_LABEL, NO_LABEL, 0, NO_LABEL, 0]);
        assert_eq!(e.revision(), 6);
        e.remove(0);
        e.remove(0);
        assert_eq!((e.revision(), e.len()), (7, 5));
    }
}
