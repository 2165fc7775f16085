//! A dataset as texts with marks in them, layer by layer: one a rater, or one of labels that are nobody's.

use std::ops::Range;

use super::{Settings, TagsRow};
use crate::analysis::passages::sentences;
use crate::dataset::tags::{entities, parts};
use crate::dataset::{Dataset, LabelId, LabelSet, NO_LABEL, NOTHING, Spans, TextColumn};
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;
use crate::stats::agreement::spans::SpanData;
use crate::stats::confident::entities::{EntityCorpus, tag_findings};

/// The rater number of labels that are nobody's.
pub(super) const GIVEN: u32 = u32::MAX;

/// Where items stand.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// Document, start, end, item; ascending.
    list: Vec<(u32, u32, u32, u32)>,
    /// For each of them, the farthest end so far in its document.
    farthest: Vec<u32>,
}

impl Places {
    fn new(mut list: Vec<(u32, u32, u32, u32)>) -> Self {
        list.sort_unstable();
        let mut farthest: Vec<u32> = Vec::with_capacity(list.len());
        for (at, place) in list.iter().enumerate() {
            let before = if at > 0 && list[at - 1].0 == place.0 { farthest[at - 1] } else { 0 };
            farthest.push(before.max(place.2));
        }
        Self { list, farthest }
    }

    fn range(&self, document: u32) -> Range<usize> {
        let from = self.list.partition_point(|p| p.0 < document);
        from..from + self.list[from..].partition_point(|p| p.0 == document)
    }

    /// Items of a document, by place.
    pub(super) fn of_document(&self, document: u32) -> impl Iterator<Item = u32> + '_ {
        self.list[self.range(document)].iter().map(|p| p.3)
    }

    /// Items that overlap a stretch, ascending; all of the document where none does.
    pub(super) fn items(&self, document: u32, start: u32, end: u32) -> Vec<u32> {
        let here = self.range(document);
        let before = here.start + self.list[here.clone()].partition_point(|p| p.1 < end);
        let mut items: Vec<u32> = (here.start..before)
            .rev()
            .take_while(|&at| self.farthest[at] > start)
            .filter(|&at| self.list[at].2 > start)
            .map(|at| self.list[at].3)
            .collect();
        if items.is_empty() {
            items = self.of_document(document).collect();
        }
        items.sort_unstable();
        items.dedup();
        items
    }
}

/// Texts, marks, and what their tags are like.
pub(super) struct Layers<'d> {
    pub(super) corpus: EntityCorpus,
    pub(super) places: Places,
    pub(super) labels: Vec<String>,
    pub(super) tags: Vec<TagsRow>,
    pub(super) by_raters: bool,
    dataset: &'d Dataset,
    /// Where items are tokens: the items of each sentence.
    sentences: Vec<Range<usize>>,
}

impl<'d> Layers<'d> {
    /// Of raters who count, or of `given` where there are no raters.
    pub(super) fn of(
        dataset: &'d Dataset,
        given: &[LabelId],
        settings: &Settings,
        progress: &Progress,
    ) -> Result<Result<Self, Undefined>, Cancelled> {
        progress.stage("Reading entities", 0);
        match (&dataset.spans, &dataset.texts, &dataset.focus) {
            (Some(spans), _, _) if !spans.regions.is_empty() => {
                Self::of_spans(dataset, spans, given, settings, progress).map(Ok)
            }
            (_, Some(texts), Some(focus)) => {
                Self::of_tokens(dataset, texts, focus, given, settings, progress)
            }
            _ => Ok(Err(nothing_marked())),
        }
    }

    fn of_spans(
        dataset: &'d Dataset,
        spans: &Spans,
        given: &[LabelId],
        settings: &Settings,
        progress: &Progress,
    ) -> Result<Self, Cancelled> {
        let mut corpus = EntityCorpus::new();
        for (number, text) in spans.texts.iter().enumerate() {
            if number % 256 == 0 {
                progress.check()?;
            }
            corpus.push_document(text, None);
        }
        let by_raters = !dataset.annotations.is_empty();
        if by_raters {
            let left_out = settings.left_out(&dataset.raters);
            let data = SpanData::of(dataset, &left_out).unwrap_or_default();
            for document in data.documents() {
                for line in &document.lines {
                    let marks = data.marks(line).iter().map(|m| (m.start, m.end, m.label));
                    corpus.push_line(document.document, line.rater, marks);
                }
            }
        } else {
            let nothing = dataset.labels.id(NOTHING);
            let marked = spans.regions.iter().zip(given);
            let marked = marked.filter(|(_, l)| **l != NO_LABEL && Some(**l) != nothing);
            (0..corpus.n_documents() as u32).for_each(|d| corpus.push_line(d, GIVEN, []));
            marked.for_each(|(r, &l)| corpus.push_line(r.document, GIVEN, [(r.start, r.end, l)]));
        }
        let place = |(item, r): (usize, &crate::dataset::Region)| (r.document, r.start, r.end, item as u32);
        Ok(Self {
            corpus,
            places: Places::new(spans.regions.iter().enumerate().map(place).collect()),
            labels: dataset.labels.names().to_vec(),
            tags: Vec::new(),
            by_raters,
            dataset,
            sentences: Vec::new(),
        })
    }

    fn of_tokens(
        dataset: &'d Dataset,
        texts: &TextColumn,
        focus: &[Range<u32>],
        given: &[LabelId],
        settings: &Settings,
        progress: &Progress,
    ) -> Result<Result<Self, Undefined>, Cancelled> {
        let kinds = dataset.labels.names().iter().filter_map(|tag| parts(tag)).map(|p| p.1.to_owned());
        let types = LabelSet::new(&[], kinds);
        if types.is_empty() {
            return Ok(Err(nothing_marked()));
        }
        let sentences = sentences(texts, focus);
        let mut corpus = EntityCorpus::new();
        let mut sentence_of = vec![0_u32; focus.len()];
        let mut list = Vec::with_capacity(focus.len());
        for (number, items) in sentences.iter().enumerate() {
            if number % 1024 == 0 {
                progress.check()?;
            }
            corpus.push_document(texts.get(items.start), Some(&focus[items.clone()]));
            for item in items.clone() {
                sentence_of[item] = number as u32;
                list.push((number as u32, focus[item].start, focus[item].end, item as u32));
            }
        }
        let by_raters = !dataset.annotations.is_empty();
        let mut layers = Self {
            corpus,
            places: Places::new(list),
            labels: types.names().to_vec(),
            tags: Vec::new(),
            by_raters,
            dataset,
            sentences,
        };
        if by_raters {
            let votes = settings.counted(dataset).resolved(settings.duplicates);
            for rater in 0..votes.n_raters() {
                progress.check()?;
                let said = votes.of_rater(rater).map(|a| (a.item as usize, a.label));
                layers.layer(rater as u32, said, &sentence_of, &types, focus, progress)?;
            }
        } else {
            let said = given.iter().copied().enumerate().filter(|(_, l)| *l != NO_LABEL);
            layers.layer(GIVEN, said, &sentence_of, &types, focus, progress)?;
        }
        Ok(if layers.tags.is_empty() { Err(nothing_marked()) } else { Ok(layers) })
    }

    /// The tags of one hand: item and label, by ascending item.
    fn layer(
        &mut self,
        rater: u32,
        said: impl Iterator<Item = (usize, LabelId)>,
        sentence_of: &[u32],
        types: &LabelSet,
        focus: &[Range<u32>],
        progress: &Progress,
    ) -> Result<(), Cancelled> {
        let dataset = self.dataset;
        let mut tagged: Vec<Vec<&str>> = Vec::new();
        let mut numbers: Vec<u32> = Vec::new();
        for (item, label) in said {
            let Some(&sentence) = sentence_of.get(item) else { continue };
            let items = &self.sentences[sentence as usize];
            if numbers.last() != Some(&sentence) {
                numbers.push(sentence);
                tagged.push(vec![""; items.len()]);
            }
            if let (Some(tags), true) = (tagged.last_mut(), items.contains(&item)) {
                tags[item - items.start] = dataset.labels.name(label);
            }
        }
        for (tags, &sentence) in tagged.iter().zip(&numbers) {
            let from = self.sentences[sentence as usize].start;
            let marks = entities(tags).into_iter().map(|(tokens, kind)| {
                let place = |token: usize| &focus[from + token];
                let label = types.id(kind).unwrap_or(NO_LABEL);
                (place(tokens.start).start, place(tokens.end - 1).end, label)
            });
            self.corpus.push_line(sentence, rater, marks);
        }
        if let Some(found) = tag_findings(&tagged, progress)? {
            let illegal = found.list.into_iter().map(|mut finding| {
                let sentence = numbers[finding.sentence as usize];
                finding.sentence = sentence;
                (self.sentences[sentence as usize].start as u32 + finding.token, finding)
            });
            let illegal: Vec<_> = illegal.collect();
            self.tags.push(TagsRow {
                rater: (rater != GIVEN).then_some(rater),
                scheme: found.scheme,
                n_legal: found.n_legal,
                suspicion: found.suspicion,
                items: illegal.iter().map(|(item, _)| *item).collect(),
                illegal,
            });
        }
        Ok(())
    }

    /// A document's text.
    pub(super) fn text(&self, document: u32) -> &'d str {
        match self.sentences.get(document as usize) {
            Some(items) => self.dataset.texts.as_ref().map_or("", |t| t.get(items.start)),
            None => self.dataset.spans.as_ref().map_or("", |s| s.texts.get(document as usize)),
        }
    }

    /// A document's name; that of its first token where passages are not counted alike.
    pub(super) fn name(&self, document: u32) -> &'d str {
        let named = self.dataset.spans.as_ref().map(|s| &s.documents);
        let items = self.sentences.get(document as usize);
        match (named, items) {
            (Some(names), Some(_)) if names.len() == self.sentences.len() => names.get(document as usize),
            (_, Some(items)) => self.dataset.keys.get(items.start),
            (Some(names), None) => names.get(document as usize),
            (None, None) => "",
        }
    }
}

fn nothing_marked() -> Undefined {
    Undefined::Because("the data has neither spans of text nor tags of entities".to_owned())
}
