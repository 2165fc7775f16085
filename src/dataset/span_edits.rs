//! Decisions about single spans: moved, called otherwise, added, removed. They are laid over a dataset like any other
//! decision, and a rater's marks stay what they are.
//!
//! A span is named by what it was at first, in the source or when it was added, and every decision says all of what it is
//! after it; so decisions on one span need no order but their own, and two reviewers mean the same span by the same name.

use std::ops::Range;

use super::{Dataset, Edits, LabelId, NO_LABEL, NOTHING, Outcome, Region, Spans};

/// Names a span by what it was at first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpanId {
    /// The item: the stretch itself, or for a span that was added the first item of its document.
    pub item: u32,
    /// First code point.
    pub start: u32,
    /// The code point after the last.
    pub end: u32,
    /// What the source calls it, or what it was added as; [`NO_LABEL`] where votes are tied.
    pub label: LabelId,
    /// Whether a reviewer added it.
    pub added: bool,
}

/// Where a span is and what it is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Placed {
    /// First code point.
    pub start: u32,
    /// The code point after the last.
    pub end: u32,
    /// Label number.
    pub label: LabelId,
}

/// A live decision on a span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpanEdit {
    /// What it is after it; nothing if `None`.
    pub now: Option<Placed>,
    /// Who decided.
    pub reviewer: String,
    /// 1 (low) to 3 (high).
    pub confidence: Option<u8>,
    /// Its place among all decisions: later ones have a higher number.
    pub order: u64,
}

/// What decisions made of a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SpanChange {
    /// It is elsewhere, and may be called otherwise too.
    Moved,
    /// It is called otherwise.
    Retagged,
    /// It is new.
    Added,
    /// It is gone.
    Removed,
}

impl SpanChange {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Moved, Self::Retagged, Self::Added, Self::Removed];

    /// In a word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Moved => "moved",
            Self::Retagged => "retagged",
            Self::Added => "added",
            Self::Removed => "removed",
        }
    }
}

/// A span as a review leaves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CurrentSpan {
    /// Which.
    pub id: SpanId,
    /// Where it is and what it is called; [`NO_LABEL`] where votes are tied and nobody decided.
    pub now: Placed,
    /// Whether somebody decided on it.
    pub is_decided: bool,
}

impl Spans {
    /// The items that are stretches of a document.
    pub fn items_of(&self, document: u32) -> Range<u32> {
        let from = self.regions.partition_point(|r| r.document < document);
        let to = self.regions.partition_point(|r| r.document <= document);
        from as u32..to as u32
    }

    /// The document that an item is a stretch of.
    pub fn document_of(&self, item: u32) -> Option<u32> {
        self.regions.get(item as usize).map(|r| r.document)
    }
}

impl Dataset {
    /// The spans, where items are stretches of text and spans can be decided on.
    pub fn stretches(&self) -> Option<&Spans> {
        self.spans.as_ref().filter(|s| !s.regions.is_empty())
    }

    /// What the source says of an item by itself: the given label, else what most raters say, [`NO_LABEL`] where they are
    /// tied. No setting changes it.
    pub fn stands_at(&self, item: usize) -> LabelId {
        if let Some(given) = &self.given {
            return given.ids.get(item).copied().unwrap_or(NO_LABEL);
        }
        let votes = self.votes(item);
        let most = votes.iter().map(|v| v.1).max();
        let mut leaders = votes.iter().filter(|v| Some(v.1) == most);
        match (leaders.next(), leaders.next()) {
            (Some(&(label, _)), None) => label,
            _ => NO_LABEL,
        }
    }

    /// How the span of an item is named.
    pub fn span_of(&self, item: u32) -> Option<SpanId> {
        let Region { start, end, .. } = *self.stretches()?.regions.get(item as usize)?;
        Some(SpanId { item, start, end, label: self.stands_at(item as usize), added: false })
    }
}

/// What a decision on a span comes to: a later one that gives its whole item another label counts for the label.
pub fn resolved(edits: &Edits, id: SpanId, edit: &SpanEdit) -> Option<Placed> {
    if id.added {
        return edit.now;
    }
    let later = edits.get(id.item as usize).filter(|e| e.order > edit.order).and_then(|e| match &e.outcome {
        Outcome::Changed(label) => Some(*label),
        Outcome::Several(labels) => labels.first().copied(),
        Outcome::Soft(shares) => shares.leaders().first().copied(),
        // To keep the label of an item says nothing against what was decided on its span.
        Outcome::Kept(_) | Outcome::NoneOfLabels | Outcome::Unsure | Outcome::Excluded => None,
    });
    match later {
        Some(label) => {
            let Placed { start, end, .. } =
                edit.now.unwrap_or(Placed { start: id.start, end: id.end, label });
            Some(Placed { start, end, label })
        }
        None => edit.now,
    }
}

/// What decisions made of a span; `None` where it is what it was.
pub fn change_of(id: SpanId, now: Option<Placed>, nothing: Option<LabelId>) -> Option<SpanChange> {
    let now = now.filter(|n| Some(n.label) != nothing);
    let was_there = !id.added && Some(id.label) != nothing;
    match now {
        None => was_there.then_some(SpanChange::Removed),
        Some(_) if !was_there => Some(SpanChange::Added),
        Some(now) if (now.start, now.end) != (id.start, id.end) => Some(SpanChange::Moved),
        Some(now) => (now.label != id.label).then_some(SpanChange::Retagged),
    }
}

/// What was changed about spans, by what was done, each with the item to look at.
pub fn span_changes(dataset: &Dataset, edits: &Edits) -> Vec<(SpanChange, u32)> {
    let nothing = dataset.labels.id(NOTHING);
    let change = |(id, edit): (&SpanId, &SpanEdit)| {
        Some((change_of(*id, resolved(edits, *id, edit), nothing)?, id.item))
    };
    edits.spans().filter_map(change).collect()
}

/// The spans of a document as a review leaves them, by start, then end. Where decisions on whole items say so they are
/// called otherwise or are gone, and what an earlier review said counts before what raters say.
pub fn current_spans(dataset: &Dataset, edits: &Edits, document: u32) -> Vec<CurrentSpan> {
    let Some(spans) = dataset.stretches() else { return Vec::new() };
    let nothing = dataset.labels.id(NOTHING);
    let items = spans.items_of(document);
    let mut earlier: Vec<(u32, LabelId)> = dataset
        .verdicts
        .iter()
        .filter(|v| items.contains(&v.item))
        .filter_map(|v| Some((v.item, dataset.labels.id(&v.label)?)))
        .collect();
    earlier.sort_by_key(|e| e.0);
    let mut all = Vec::new();
    for item in items.clone() {
        let Some(id) = dataset.span_of(item) else { continue };
        let edit = edits.span(&id);
        let now = match edit {
            Some(edit) => resolved(edits, id, edit),
            None => {
                let said = match edits.get(item as usize).map(|e| &e.outcome) {
                    Some(Outcome::Kept(label) | Outcome::Changed(label)) => Some(*label),
                    Some(Outcome::Several(labels)) => labels.first().copied(),
                    Some(Outcome::Soft(shares)) => shares.leaders().first().copied(),
                    _ => earlier.iter().rfind(|e| e.0 == item).map(|e| e.1),
                };
                Some(Placed { start: id.start, end: id.end, label: said.unwrap_or(id.label) })
            }
        };
        if let Some(now) = now.filter(|n| Some(n.label) != nothing) {
            let is_decided = edit.is_some() || edits.get(item as usize).is_some();
            all.push(CurrentSpan { id, now, is_decided });
        }
    }
    all.extend(edits.spans_on(items).filter(|(id, _)| id.added).filter_map(|(&id, edit)| {
        Some(CurrentSpan { id, now: edit.now.filter(|n| Some(n.label) != nothing)?, is_decided: true })
    }));
    all.sort_by_key(|s| (s.now, s.id));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{Edit, LabelColumn, LabelSet, TextColumn};

    /// "Ada met Bo." with PER at 0..3 and LOC at 8..10, and a second document.
    pub(crate) fn dataset() -> Dataset {
        let region = |document, start, end| Region { document, start, end };
        Dataset {
            keys: ["a:0-3", "a:8-10", "b:0-2"].iter().collect::<TextColumn>(),
            labels: LabelSet::new(&["PER", "LOC", NOTHING].map(str::to_owned), []),
            given: Some(LabelColumn { name: "given".into(), ids: vec![0, 1, 2] }),
            spans: Some(Spans {
                documents: ["a", "b"].iter().collect(),
                texts: ["Ada met Bo.", "Bo"].iter().collect(),
                regions: vec![region(0, 0, 3), region(0, 8, 10), region(1, 0, 2)],
                ..Spans::default()
            }),
            ..Dataset::default()
        }
    }

    fn edit(now: Option<(u32, u32, LabelId)>, order: u64) -> SpanEdit {
        let now = now.map(|(start, end, label)| Placed { start, end, label });
        SpanEdit { now, reviewer: "r".into(), confidence: None, order }
    }

    fn shown(edits: &Edits) -> Vec<(u32, u32, LabelId)> {
        current_spans(&dataset(), edits, 0).iter().map(|s| (s.now.start, s.now.end, s.now.label)).collect()
    }

    #[test]
    fn decisions_are_laid_over_the_spans_of_the_source() {
        let data = dataset();
        let mut edits = Edits::new();
        assert_eq!(shown(&edits), [(0, 3, 0), (8, 10, 1)]);
        assert!(current_spans(&data, &edits, 1).is_empty(), "nothing is no span");
        let (ada, bo) = (data.span_of(0).unwrap(), data.span_of(1).unwrap());
        edits.set_span(ada, edit(Some((0, 7, 0)), 1));
        edits.set_span(bo, edit(None, 2));
        let met = SpanId { item: 0, start: 4, end: 7, label: 1, added: true };
        edits.set_span(met, edit(Some((4, 7, 1)), 3));
        assert_eq!(shown(&edits), [(0, 7, 0), (4, 7, 1)]);
        let changes = span_changes(&data, &edits);
        assert_eq!(changes, [(SpanChange::Moved, 0), (SpanChange::Added, 0), (SpanChange::Removed, 1)]);
        edits.remove_span(&ada);
        edits.remove_span(&bo);
        edits.set_span(met, edit(None, 4));
        assert_eq!(
            (shown(&edits).len(), span_changes(&data, &edits).len()),
            (2, 0),
            "added and removed again"
        );
    }

    #[test]
    fn the_later_word_on_the_label_counts_and_keeping_takes_nothing_back() {
        let data = dataset();
        let ada = data.span_of(0).unwrap();
        let mut edits = Edits::new();
        edits.set_span(ada, edit(Some((0, 7, 1)), 5));
        let item = |outcome, order| Edit { order, ..Edit::new(outcome, "r") };
        edits.set(0, item(Outcome::Kept(0), 6));
        assert_eq!(shown(&edits)[0], (0, 7, 1));
        edits.set(0, item(Outcome::Changed(0), 4));
        assert_eq!(shown(&edits)[0], (0, 7, 1), "that came before");
        edits.set(0, item(Outcome::Changed(0), 6));
        assert_eq!(shown(&edits)[0], (0, 7, 0));
        edits.set(0, item(Outcome::Changed(2), 6));
        assert_eq!(shown(&edits), [(8, 10, 1)], "nothing is there");
    }
}
