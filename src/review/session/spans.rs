//! Decisions about single spans.

use super::super::event::{Adjudicate, After, Body, Context, Decide, Event, EventRef, Verb};
use super::super::spans::{SpanAction, before, fits, target_of};
use super::{ReviewError, Session};
use crate::dataset::{Dataset, NO_LABEL, NOTHING, Placed, SpanId, current_spans};

impl Session {
    /// Decides on one span: one event, one undo. Returns the event's number.
    pub fn decide_span(
        &mut self,
        dataset: &Dataset,
        action: SpanAction,
        context: Context,
    ) -> Result<u64, ReviewError> {
        let spans = dataset.stretches().ok_or(ReviewError::NoSpans)?;
        let (id, to) = match action {
            SpanAction::Add { document, place } => {
                let Placed { start, end, label } = place;
                let mut items = spans.items_of(document);
                // A span of the source keeps its name when it was removed or moved away.
                let of_source = items.clone().filter_map(|i| dataset.span_of(i));
                let named = of_source.into_iter().find(|s| (s.start, s.end, s.label) == (start, end, label));
                let item = items.next().ok_or(ReviewError::NoSpans)?;
                let new = SpanId { item, start, end, label, added: true };
                (named.unwrap_or(new), Some(place))
            }
            SpanAction::Set { id, to } => (id, Some(to)),
            SpanAction::Remove(id) => (id, None),
        };
        let document = spans.document_of(id.item).ok_or(ReviewError::NoSuchItem(id.item as usize))?;
        let now = current_spans(dataset, self.edits(), document);
        let stood = now.iter().find(|s| s.id == id).map(|s| s.now);
        if stood.is_none() && !matches!(action, SpanAction::Add { .. }) {
            return Err(ReviewError::NoSuchSpan);
        }
        if let Some(to) = to {
            if to.label == NO_LABEL {
                return Err(ReviewError::NoLabelToKeep("the span".to_owned()));
            }
            if to.label as usize >= dataset.labels.len() || dataset.labels.name(to.label) == NOTHING {
                return Err(ReviewError::NoSuchLabel(to.label));
            }
            if !fits(dataset, document, to.start, to.end) {
                return Err(ReviewError::OutsideText);
            }
            let adds = matches!(action, SpanAction::Add { .. });
            if adds && stood.is_some() || now.iter().any(|s| s.id != id && s.now == to) {
                return Err(ReviewError::SpanIsThere);
            }
            if Some(to) == stood {
                return Err(ReviewError::SpanAsItWas);
            }
        }
        let verb = match (action, to, stood) {
            (SpanAction::Add { .. }, ..) => Verb::AddSpan,
            (_, None, _) => Verb::RemoveSpan,
            (_, Some(to), Some(stood)) if (to.start, to.end) == (stood.start, stood.end) => Verb::Relabel,
            _ => Verb::MoveSpan,
        };
        let item = self.key(dataset, id.item as usize)?;
        let target = serde_json::to_value(target_of(dataset, id)).unwrap_or_default();
        let body = Body::Decide(Decide {
            item,
            field: dataset.field().to_owned(),
            before: Some(before(dataset, id)),
            after: to.map(|to| After::Span {
                start: to.start,
                end: to.end,
                value: dataset.labels.name(to.label).to_owned(),
            }),
            action: verb,
            confidence: None,
            reason: None,
            note: String::new(),
            context,
            rater: None,
            target: Some(target),
            amends: None,
        });
        self.record(Some(dataset), &body)
    }

    /// Settles a conflict between other reviewers about a span: what the event `taken` decides is right. `inputs` are their
    /// decisions, by hash.
    pub fn adjudicate_span(
        &mut self,
        dataset: &Dataset,
        item: usize,
        taken: &Event,
        inputs: Vec<EventRef>,
        context: Context,
    ) -> Result<u64, ReviewError> {
        if inputs.is_empty() || inputs.iter().any(|i| i.hash.is_none()) {
            return Err(ReviewError::NoInputs);
        }
        let rulings = taken.rulings();
        let ruling = rulings.iter().find(|r| r.span.is_some()).ok_or(ReviewError::NoSuchSpan)?;
        let body = Body::Adjudicate(Adjudicate {
            item: self.key(dataset, item)?,
            field: dataset.field().to_owned(),
            before: ruling.before.cloned(),
            after: ruling.after.cloned(),
            inputs,
            target: ruling.span.cloned(),
            amends: None,
            confidence: None,
            reason: None,
            note: String::new(),
            context,
        });
        self.record(Some(dataset), &body)
    }
}
