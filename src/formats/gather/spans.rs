//! Stretches of text: what raters marked, what was trusted, what an earlier review decided, and the entities that tags
//! of tokens spell out.

use std::collections::HashMap;
use std::ops::Range;

use super::super::error::FormatError;
use super::super::notes::Place;
use super::adopt::last_of_each;
use super::{Ask, Asked, Gathering, Value};
use crate::dataset::{
    AnnotationsBuilder, Dataset, LabelColumn, LabelId, LabelSet, NO_LABEL, NOTHING, Region, Span, Spans,
    Task, TextColumn, Verdict,
};

/// What a question knows about stretches beside the raters' marks.
#[derive(Default)]
pub(super) struct Stretches {
    /// Trusted: document, start, end, value.
    gold: Vec<(u32, u32, u32, u32)>,
    /// Documents that the trusted hand worked on.
    gold_covered: Vec<u32>,
    /// With the label under suspicion: where, value.
    given: Vec<(Region, u32)>,
    /// Decided by an earlier review: where, by whom, what.
    judged: Vec<(Region, String, String)>,
    /// Names and texts of the passages that entities stand in.
    passages: Vec<(String, u32)>,
    types: Vec<String>,
    entities: Vec<Span>,
}

impl Gathering {
    /// A trusted stretch.
    pub(crate) fn gold_mark(
        &mut self,
        question: Ask,
        document: u32,
        range: Range<u32>,
        label: &str,
    ) -> Result<(), FormatError> {
        let value = self.value(question, Value::One(label))?;
        self.questions[question].1.stretches.gold.push((document, range.start, range.end, value));
        Ok(())
    }

    /// Says that the trusted hand worked on a document, so that there is nothing where it marked nothing.
    pub(crate) fn gold_covered(&mut self, question: Ask, document: u32) {
        self.questions[question].1.stretches.gold_covered.push(document);
    }

    /// What an earlier review decided on a stretch of a document.
    pub(crate) fn verdict_at(
        &mut self,
        question: Ask,
        document: u32,
        range: Range<u32>,
        reviewer: &str,
        label: &str,
    ) {
        let region = Region { document, start: range.start, end: range.end };
        self.questions[question].1.stretches.judged.push((region, reviewer.to_owned(), label.to_owned()));
    }

    /// A stretch whose label is under suspicion: the source has one label for it, and nobody's name.
    pub(crate) fn given_mark(
        &mut self,
        question: Ask,
        document: u32,
        range: Range<u32>,
        label: &str,
    ) -> Result<(), FormatError> {
        let value = self.value(question, Value::One(label))?;
        let region = Region { document, start: range.start, end: range.end };
        self.questions[question].1.stretches.given.push((region, value));
        Ok(())
    }

    /// A passage whose tokens are items: what the ranges of [`Self::entity`] count in.
    pub(crate) fn passage(&mut self, question: Ask, name: &str, text: &str) -> Result<u32, FormatError> {
        let text = self.string(text)?;
        let passages = &mut self.questions[question].1.stretches.passages;
        passages.push((name.to_owned(), text));
        Ok(passages.len() as u32 - 1)
    }

    /// What a rater's tags spell out: a stretch of a passage, in code points. It makes no item; its tokens do.
    pub(crate) fn entity(&mut self, question: Ask, passage: u32, rater: u32, range: Range<u32>, label: &str) {
        let stretches = &mut self.questions[question].1.stretches;
        let label = match stretches.types.iter().position(|t| t == label) {
            Some(at) => at,
            None => {
                stretches.types.push(label.to_owned());
                stretches.types.len() - 1
            }
        } as LabelId;
        stretches.entities.push(Span { document: passage, rater, start: range.start, end: range.end, label });
    }

    /// The entities of tags, which are labelled with types of their own.
    pub(super) fn entities_of(&self, asked: &Asked) -> Option<Spans> {
        let stretches = &asked.stretches;
        if asked.task != Task::Tokens || stretches.passages.is_empty() {
            return None;
        }
        let order = LabelSet::new(&[], stretches.types.iter().cloned());
        let map: Vec<LabelId> = stretches.types.iter().map(|t| order.id(t).unwrap_or(NO_LABEL)).collect();
        let mut list: Vec<Span> =
            stretches.entities.iter().map(|s| Span { label: map[s.label as usize], ..*s }).collect();
        list.sort_unstable_by_key(|s| (s.document, s.start, s.end, s.rater, s.label));
        Some(Spans {
            documents: stretches.passages.iter().map(|(name, _)| name.as_str()).collect(),
            texts: stretches
                .passages
                .iter()
                .map(|&(_, text)| self.strings.strings().get(text as usize))
                .collect(),
            types: order.names().to_vec(),
            list,
            regions: Vec::new(),
        })
    }

    /// The stretches that somebody marked become the items; who worked on the document and did not mark this very
    /// stretch says "nothing here".
    pub(super) fn spans_of(&mut self, mut asked: Asked) -> Dataset {
        let mut names: Vec<String> = asked.values.strings().iter().map(str::to_owned).collect();
        names.extend(
            asked.stretches.judged.iter().map(|(_, _, label)| label.clone()).filter(|l| !l.contains('|')),
        );
        names.retain(|n| n != NOTHING);
        let sorted = LabelSet::new(&asked.declared, names);
        let mut order = sorted.names().to_vec();
        order.push(NOTHING.to_owned());
        let labels = LabelSet::new(&order, []);
        let nothing = labels.len() as LabelId - 1;
        let map: Vec<LabelId> =
            asked.values.strings().iter().map(|n| labels.id(n).unwrap_or(nothing)).collect();
        asked.covered.extend(asked.marks.iter().map(|m| (m.document, m.rater)));
        asked.covered.sort_unstable();
        asked.covered.dedup();
        let mut list: Vec<Span> = asked
            .marks
            .iter()
            .map(|m| {
                let label = map[m.value as usize];
                Span { document: m.document, rater: m.rater, start: m.start, end: m.end, label }
            })
            .collect();
        list.sort();
        list.dedup();
        // Within a stretch, by rater.
        list.sort_by_key(|s| (s.document, s.start, s.end));
        let stretches = std::mem::take(&mut asked.stretches);
        let region = |document, start, end| Region { document, start, end };
        let mut regions: Vec<Region> = list.iter().map(|s| region(s.document, s.start, s.end)).collect();
        regions.extend(stretches.gold.iter().map(|&(d, start, end, _)| region(d, start, end)));
        regions.extend(stretches.judged.iter().map(|(region, _, _)| *region));
        regions.extend(stretches.given.iter().map(|(region, _)| *region));
        regions.sort_unstable();
        regions.dedup();
        let mut keys = TextColumn::new();
        let mut builder = AnnotationsBuilder::new();
        let mut at = 0;
        for (item, region) in regions.iter().enumerate() {
            let document = self.items.strings().get(region.document as usize);
            keys.push(&format!("{document}:{}-{}", region.start, region.end));
            let from = asked.covered.partition_point(|&(d, _)| d < region.document);
            let here = |s: &Span| (s.document, s.start, s.end) == (region.document, region.start, region.end);
            let mine = list[at..].iter().take_while(|s| here(s)).count();
            for &(_, rater) in asked.covered[from..].iter().take_while(|&&(d, _)| d == region.document) {
                let mut said = list[at..at + mine].iter().filter(|s| s.rater == rater).peekable();
                if said.peek().is_none() {
                    builder.push(item as u32, rater, nothing, None);
                }
                said.for_each(|s| builder.push(item as u32, rater, s.label, None));
            }
            at += mine;
        }
        let gold = self.gold_of(&stretches, &regions, &map, nothing);
        let number: HashMap<Region, u32> = regions.iter().enumerate().map(|(i, &r)| (r, i as u32)).collect();
        asked.verdicts.extend(stretches.judged.into_iter().filter_map(|(region, reviewer, label)| {
            Some(Verdict { item: *number.get(&region)?, reviewer, label })
        }));
        asked.verdicts = last_of_each(asked.verdicts);
        let given = (!stretches.given.is_empty()).then(|| {
            let mut ids = vec![nothing; regions.len()];
            for (region, value) in &stretches.given {
                if let Some(&at) = number.get(region) {
                    ids[at as usize] = map[*value as usize];
                }
            }
            LabelColumn { name: "given".to_owned(), ids }
        });
        let documents: TextColumn = self.items.strings().iter().collect();
        let of: Vec<u32> = regions.iter().map(|r| r.document).collect();
        let text_of = |d: usize| self.texts[d].map_or("", |t| self.strings.strings().get(t as usize));
        let texts: TextColumn = (0..documents.len()).map(text_of).collect();
        let metadata = self.all_metadata(Some(&of));
        let n_items = regions.len();
        Dataset {
            keys,
            texts: Some(TextColumn::sharing(texts.clone(), of)),
            focus: Some(regions.iter().map(|r| r.start..r.end).collect()),
            metadata,
            labels,
            annotations: builder.finish(n_items, self.raters.len()),
            raters: self.all_raters(),
            absences: Vec::new(),
            verdicts: asked.verdicts,
            given,
            gold,
            spans: Some(Spans { documents, texts, types: Vec::new(), list, regions }),
            ..Dataset::default()
        }
    }

    /// What the trusted hand says on each stretch of the documents that it worked on.
    fn gold_of(
        &mut self,
        stretches: &Stretches,
        regions: &[Region],
        map: &[LabelId],
        nothing: LabelId,
    ) -> Option<LabelColumn> {
        if stretches.gold_covered.is_empty() && stretches.gold.is_empty() {
            return None;
        }
        let mut covered = stretches.gold_covered.clone();
        covered.sort_unstable();
        let mut ids = vec![NO_LABEL; regions.len()];
        for (id, region) in ids.iter_mut().zip(regions) {
            if covered.binary_search(&region.document).is_ok() {
                *id = nothing;
            }
        }
        let mut stacked = 0;
        for &(document, start, end, value) in &stretches.gold {
            let Ok(at) = regions.binary_search(&Region { document, start, end }) else { continue };
            if ids[at] == NO_LABEL || ids[at] == nothing {
                ids[at] = map[value as usize];
            } else if ids[at] != map[value as usize] {
                stacked += 1;
            }
        }
        self.notes.add("stacked_gold", Place::FILE, stacked, || {
            let what = "A trusted stretch has several labels; the first of them counts as gold";
            (what.into(), "Nothing to do, unless the scores against gold matter there".into())
        });
        Some(LabelColumn { name: "gold".to_owned(), ids })
    }
}
