//! Decisions about single spans: how a log names them, and what they come to on a dataset.
//!
//! `target` is what the span was at first, `after` all of what it is now (null where it is gone). A span that a reviewer
//! added rests on an earlier decision: its facts have the basis `reviewer` and no value. Offsets count code points of the
//! document's text. Raters' own marks are never changed, so that no span is named by its rater.

use super::event::{After, Basis, Before, Body, Event, Ruling, SpanTarget};
use super::facts;
use super::replay::StaleReason;
use crate::dataset::{Dataset, LabelId, NO_LABEL, NOTHING, Placed, SpanId};

/// What is done to a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpanAction {
    /// A new one.
    Add {
        /// The document that it is in.
        document: u32,
        /// Where, and what it is called.
        place: Placed,
    },
    /// It is somewhere else, or called otherwise.
    Set {
        /// Which.
        id: SpanId,
        /// What it is now.
        to: Placed,
    },
    /// It is no span.
    Remove(SpanId),
}

/// How a log names a span.
pub(super) fn target_of(dataset: &Dataset, id: SpanId) -> SpanTarget {
    let label = (id.label != NO_LABEL).then(|| dataset.labels.name(id.label).to_owned());
    SpanTarget { start: id.start, end: id.end, label, rater: None }
}

/// The facts that a decision on a span is made on.
pub(super) fn before(dataset: &Dataset, id: SpanId) -> Before {
    if id.added {
        Before { value: None, basis: Basis::Reviewer, votes: None }
    } else {
        facts::before(dataset, None, id.item as usize)
    }
}

/// Whether such a span can be in the text of a document.
pub fn fits(dataset: &Dataset, document: u32, start: u32, end: u32) -> bool {
    let length = dataset.stretches().map_or(0, |s| s.texts.get(document as usize).chars().count());
    start < end && end as usize <= length
}

/// What a ruling of `event` about a span of `item` comes to, or why it is not applied.
pub(super) fn decided(
    dataset: &Dataset,
    item: u32,
    ruling: &Ruling<'_>,
    event: &Event,
) -> Result<(SpanId, Option<Placed>), StaleReason> {
    let not = |what: &str| Err(StaleReason::NotSupported { what: what.to_owned() });
    if ruling.field != dataset.field() {
        return Err(StaleReason::OtherField { field: ruling.field.to_owned() });
    }
    let Some(document) = dataset.stretches().and_then(|s| s.document_of(item)) else {
        return not("a decision about a span");
    };
    let Some(target) = ruling.target() else { return not("a span that is not named by its place") };
    if target.rater.is_some() {
        return not("a decision about one rater’s mark");
    }
    let label_of = |name: &str| -> Result<LabelId, StaleReason> {
        dataset.labels.id(name).ok_or_else(|| StaleReason::UnknownLabel { label: name.to_owned() })
    };
    let label = target.label.as_deref().map_or(Ok(NO_LABEL), label_of)?;
    let added = ruling.before.is_some_and(|b| b.basis == Basis::Reviewer);
    let id = SpanId { item, start: target.start, end: target.end, label, added };
    let needs_facts = !matches!(event.body(), Body::Adjudicate(_));
    match ruling.before {
        None if needs_facts => return Err(StaleReason::NoFacts),
        Some(before) if !added => {
            facts::contradiction(dataset, item as usize, before, None).map_or(Ok(()), Err)?;
        }
        _ => {}
    }
    let is_there = if added {
        label != NO_LABEL && fits(dataset, document, id.start, id.end)
    } else {
        dataset.span_of(item) == Some(id)
    };
    if !is_there {
        return Err(StaleReason::NoSuchSpan { start: id.start, end: id.end });
    }
    let now = match ruling.after {
        None => None,
        Some(After::Value { value: Some(name) }) => {
            Some(Placed { start: id.start, end: id.end, label: label_of(name)? })
        }
        Some(After::Span { start, end, value }) => {
            if !fits(dataset, document, *start, *end) {
                return Err(StaleReason::NoSuchSpan { start: *start, end: *end });
            }
            Some(Placed { start: *start, end: *end, label: label_of(value)? })
        }
        Some(_) => return not("what was decided about a span"),
    };
    Ok((id, now.filter(|n| dataset.labels.name(n.label) != NOTHING)))
}
