//! What raters marked, document by document and rater by rater: what every statistic of spans starts from.

use std::collections::HashMap;
use std::ops::Range;

use crate::dataset::{Dataset, LabelId, Span, Spans};

/// One stretch that one rater marked; where and by whom is told by its [`Line`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mark {
    /// First code point.
    pub start: u32,
    /// The code point after the last.
    pub end: u32,
    /// Label number.
    pub label: LabelId,
}

impl Mark {
    /// Code points.
    pub fn len(self) -> u32 {
        self.end.saturating_sub(self.start)
    }

    /// Whether it marks nothing.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// Code points that both mark.
    pub fn overlap(self, other: Self) -> u32 {
        self.end.min(other.end).saturating_sub(self.start.max(other.start))
    }
}

/// All that one rater did in one document; nothing, perhaps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Rater number.
    pub rater: u32,
    /// Which of [`SpanData::marks`].
    pub marks: Range<usize>,
}

/// One document that somebody worked on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpanDocument {
    /// Its number in [`Spans::documents`].
    pub document: u32,
    /// Code points of its text, or up to the end of the last mark where that is farther.
    pub length: u32,
    /// Who worked on it, by rater number.
    pub lines: Vec<Line>,
}

/// Tells which item is about which document: a stretch about the one it lies in, a passage about those of its text.
pub fn items_and_documents(dataset: &Dataset, spans: &Spans, mut tell: impl FnMut(usize, u32)) {
    let n_items = dataset.annotations.n_items();
    for (item, region) in spans.regions.iter().enumerate().take(n_items) {
        tell(item, region.document);
    }
    if let (true, Some(texts)) = (spans.regions.is_empty(), &dataset.texts) {
        let mut passages: HashMap<&str, Vec<u32>> = HashMap::new();
        for (document, text) in spans.texts.iter().enumerate() {
            passages.entry(text).or_default().push(document as u32);
        }
        for item in 0..n_items.min(texts.len()) {
            let here = passages.get(texts.get(item)).map_or(&[][..], Vec::as_slice);
            // A sentence that occurs over and over is looked at in its first places.
            here.iter().take(16).for_each(|&document| tell(item, document));
        }
    }
}

/// Who marked what: documents × the raters who worked on them.
///
/// Marks of no length (and such as end before they begin) are left out and counted. A mark that one rater made twice
/// counts once. Memory is of the order of marks plus pairs of document and rater.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SpanData {
    documents: Vec<SpanDocument>,
    marks: Vec<Mark>,
    n_labels: usize,
    n_raters: usize,
    n_empty: u64,
}

impl SpanData {
    /// From marks and from pairs (document, rater) of those who worked on a document, whether or not they marked
    /// anything in it; who marked something worked on it, listed or not.
    pub fn new(spans: &Spans, worked: impl IntoIterator<Item = (u32, u32)>) -> Self {
        Self::assemble(spans.list.clone(), spans, worked.into_iter().collect())
    }

    fn assemble(mut list: Vec<Span>, spans: &Spans, worked: Vec<(u32, u32)>) -> Self {
        let mut pairs = worked;
        pairs.extend(list.iter().map(|s| (s.document, s.rater)));
        pairs.sort_unstable();
        pairs.dedup();
        let all = list.len();
        list.retain(|s| s.start < s.end);
        let n_empty = (all - list.len()) as u64;
        list.sort_unstable_by_key(|s| (s.document, s.rater, s.start, s.end, s.label));
        list.dedup();
        let n_labels = list.iter().map(|s| s.label as usize + 1).max().unwrap_or(0);
        let mut documents: Vec<SpanDocument> = Vec::new();
        let mut at = 0;
        for &(document, rater) in &pairs {
            if documents.last().is_none_or(|d| d.document != document) {
                let length = spans.texts.get(document as usize).chars().count() as u32;
                documents.push(SpanDocument { document, length, lines: Vec::new() });
            }
            let from = at;
            let mut end = 0;
            while let Some(s) = list.get(at).filter(|s| (s.document, s.rater) == (document, rater)) {
                end = end.max(s.end);
                at += 1;
            }
            if let Some(here) = documents.last_mut() {
                here.length = here.length.max(end);
                here.lines.push(Line { rater, marks: from..at });
            }
        }
        let mut raters: Vec<u32> = pairs.iter().map(|p| p.1).collect();
        raters.sort_unstable();
        raters.dedup();
        let marks = list.iter().map(|s| Mark { start: s.start, end: s.end, label: s.label }).collect();
        Self { documents, marks, n_labels, n_raters: raters.len(), n_empty }
    }

    /// From a dataset, without the raters `left_out` (ascending); `None` where it has no spans. Worked on a document has
    /// who labelled one of its stretches, "nothing here" included. Where items are tokens, who labelled a token of a
    /// passage of that text.
    pub fn of(dataset: &Dataset, left_out: &[u32]) -> Option<Self> {
        let spans = dataset.spans.as_ref()?;
        let counts = |rater: u32| left_out.binary_search(&rater).is_err();
        let mut worked: Vec<(u32, u32)> = Vec::new();
        items_and_documents(dataset, spans, |item, document| {
            let raters = dataset.annotations.raters_of(item).iter();
            worked.extend(raters.filter(|&&rater| counts(rater)).map(|&rater| (document, rater)));
        });
        let mut list = spans.list.clone();
        list.retain(|span| counts(span.rater));
        Some(Self::assemble(list, spans, worked))
    }

    /// The documents that somebody worked on, by number.
    pub fn documents(&self) -> &[SpanDocument] {
        &self.documents
    }

    /// Marks of one line, by start, end and label; none of them is empty.
    pub fn marks(&self, line: &Line) -> &[Mark] {
        &self.marks[line.marks.clone()]
    }

    /// One more than the highest label in use.
    pub fn n_labels(&self) -> usize {
        self.n_labels
    }

    /// Raters who worked on something.
    pub fn n_raters(&self) -> usize {
        self.n_raters
    }

    /// Marks in all.
    pub fn n_marks(&self) -> usize {
        self.marks.len()
    }

    /// Marks that were left out since they have no length.
    pub fn n_empty(&self) -> u64 {
        self.n_empty
    }

    /// Documents that two raters or more worked on.
    pub(super) fn shared(&self) -> impl Iterator<Item = &SpanDocument> {
        self.documents.iter().filter(|d| d.lines.len() >= 2)
    }

    /// Why agreement on these data has no value, whatever the statistic.
    pub(super) fn hindrance(&self) -> Option<crate::stats::Undefined> {
        use crate::stats::Undefined;
        if self.marks.is_empty() {
            Some(Undefined::NoAnnotations)
        } else if self.n_raters < 2 {
            Some(Undefined::FewerThanTwoRaters)
        } else if self.shared().next().is_none() {
            Some(Undefined::Because("no document was worked on by two raters".to_owned()))
        } else if self.shared().all(|d| d.lines.iter().all(|l| l.marks.is_empty())) {
            Some(Undefined::Because("no document that two raters worked on has a span".to_owned()))
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(document: u32, rater: u32, start: u32, end: u32, label: u32) -> Span {
        Span { document, rater, start, end, label: label as LabelId }
    }

    #[test]
    fn raters_without_marks_and_empty_marks_are_seen() {
        let spans = Spans {
            texts: ["żółć jest", "b"].into_iter().collect(),
            list: vec![span(0, 1, 2, 4, 0), span(0, 0, 3, 3, 1), span(1, 1, 0, 9, 2), span(0, 1, 2, 4, 0)],
            ..Spans::default()
        };
        let data = SpanData::new(&spans, [(1, 0), (1, 0)]);
        assert_eq!((data.n_empty(), data.n_marks(), data.n_raters(), data.n_labels()), (1, 2, 2, 3));
        let [a, b] = data.documents() else { panic!() };
        assert_eq!((a.length, b.length), (9, 9));
        assert_eq!(a.lines.iter().map(|l| (l.rater, l.marks.len())).collect::<Vec<_>>(), [(0, 0), (1, 1)]);
        assert_eq!(b.lines.iter().map(|l| (l.rater, l.marks.len())).collect::<Vec<_>>(), [(0, 0), (1, 1)]);
        assert_eq!(data.marks(&b.lines[1]), [Mark { start: 0, end: 9, label: 2 }]);
    }

    #[test]
    fn who_says_that_nothing_is_there_worked_on_the_document() {
        use crate::dataset::{AnnotationsBuilder, Region};
        let region = |document, start, end| Region { document, start, end };
        let mut said = AnnotationsBuilder::new();
        for (item, rater, label) in [(0, 0, 0), (0, 1, 1), (1, 2, 0)] {
            said.push(item, rater, label, None);
        }
        let spans = Spans {
            texts: ["one two", "three"].into_iter().collect(),
            list: vec![span(0, 0, 0, 3, 0), span(1, 2, 0, 5, 0)],
            regions: vec![region(0, 0, 3), region(1, 0, 5)],
            ..Spans::default()
        };
        let dataset = Dataset { annotations: said.finish(2, 3), spans: Some(spans), ..Dataset::default() };
        let data = SpanData::of(&dataset, &[]).unwrap();
        let raters = |d: usize| data.documents()[d].lines.iter().map(|l| l.rater).collect::<Vec<_>>();
        assert_eq!((raters(0), raters(1)), (vec![0, 1], vec![2]));
        assert_eq!(SpanData::of(&Dataset::default(), &[]), None);
    }

    #[test]
    fn who_labelled_tokens_of_a_passage_worked_on_it() {
        use crate::dataset::{AnnotationsBuilder, TextColumn};
        let mut said = AnnotationsBuilder::new();
        for (item, rater) in [(0, 0), (1, 1), (2, 1), (3, 0)] {
            said.push(item, rater, 0, None);
        }
        let texts: TextColumn = ["Ann met", "Bob ran"].into_iter().collect();
        let dataset = Dataset {
            texts: Some(TextColumn::sharing(texts.clone(), vec![0, 0, 1, 1])),
            annotations: said.finish(4, 2),
            spans: Some(Spans { texts, list: vec![span(0, 0, 0, 3, 0)], ..Spans::default() }),
            ..Dataset::default()
        };
        let data = SpanData::of(&dataset, &[]).unwrap();
        let lines: Vec<usize> = data.documents().iter().map(|d| d.lines.len()).collect();
        assert_eq!(lines, [2, 2]);
    }

    #[test]
    fn an_order_out_of_place_does_no_harm() {
        let spans = Spans { list: vec![span(2, 0, 5, 1, 0), span(0, 3, 1, 2, 0)], ..Spans::default() };
        let data = SpanData::new(&spans, []);
        assert_eq!((data.documents().len(), data.n_empty(), data.n_marks()), (2, 1, 1));
    }
}
