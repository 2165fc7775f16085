//! Entities that are probably wrong, by what is marked elsewhere and by whom: no model is needed.
//!
//! Raters' marks where there are raters, else the labels under suspicion as they stand, decisions included. Where items
//! are tokens, sentences and entities are read off their tags, and the tags themselves are checked.

mod layers;

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Settings;
use super::passages::{excerpt, part};
use crate::dataset::{Dataset, LabelId, Raters};
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;
use crate::stats::confident::entities::{
    EntityFinding, EntityKind, InconsistentForm, TagFinding, entity_findings,
};
use layers::{GIVEN, Layers};

/// Most findings that are listed, and most inconsistent words.
pub const MAX_ROWS: usize = 1000;

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntitiesAsked {
    /// Whose marks count.
    pub settings: Settings,
}

/// How often something is wrong.
#[derive(Debug, Clone, PartialEq)]
pub struct KindRow {
    /// What.
    pub kind: EntityKind,
    /// Findings.
    pub n: usize,
    /// Items behind them, ascending.
    pub items: Arc<[u32]>,
}

/// A suspicious mark, or a place that should have one.
#[derive(Debug, Clone, PartialEq)]
pub struct FindingRow {
    /// What is wrong, where, and what speaks for it; nobody is named where labels are nobody's.
    pub finding: EntityFinding,
    /// The document's name.
    pub document: String,
    /// The text before it, it, and the text after it.
    pub excerpt: (String, String, String),
    /// What most mark instead; `None` where they mark nothing.
    pub instead: Option<String>,
    /// Items there, ascending; all items of the document where none is.
    pub items: Arc<[u32]>,
}

/// Words that are marked with several labels.
#[derive(Debug, Clone, PartialEq)]
pub struct FormRow {
    /// Words and counts.
    pub form: InconsistentForm,
    /// Items of the documents in which they are marked, ascending.
    pub items: Arc<[u32]>,
}

/// The tags of one hand.
#[derive(Debug, Clone, PartialEq)]
pub struct TagsRow {
    /// Whose; `None` for labels that are nobody's.
    pub rater: Option<u32>,
    /// The scheme that they follow.
    pub scheme: &'static str,
    /// Tags of entities that stand where they may.
    pub n_legal: u64,
    /// How sure it is that the others are mistakes, in 0..=1.
    pub suspicion: f64,
    /// Tags that the scheme does not allow, with the item of each, by item.
    pub illegal: Vec<(u32, TagFinding)>,
    /// Their items, ascending.
    pub items: Arc<[u32]>,
}

/// What is inconsistent about entities.
#[derive(Debug, Clone)]
pub struct EntitiesReport {
    /// What was asked for.
    pub asked: EntitiesAsked,
    /// Whether raters' marks were looked at, or labels that are nobody's.
    pub by_raters: bool,
    /// Names of labels, by number.
    pub labels: Vec<String>,
    /// One row a kind of finding, in the order of [`EntityKind::ALL`].
    pub kinds: Vec<KindRow>,
    /// The most suspicious findings, at most [`MAX_ROWS`].
    pub findings: Vec<FindingRow>,
    /// Findings in all.
    pub n_findings: usize,
    /// Words with several labels, the largest weighted discrepancy first, at most [`MAX_ROWS`].
    pub forms: Vec<FormRow>,
    /// One row a hand, where items are tokens.
    pub tags: Vec<TagsRow>,
    /// Marks that were looked at.
    pub n_marks: usize,
    /// Documents (or sentences).
    pub n_documents: usize,
}

impl EntitiesReport {
    /// A label's name.
    pub fn label(&self, label: LabelId) -> &str {
        self.labels.get(label as usize).map_or("", String::as_str)
    }
}

/// Looks for entities that contradict each other. `given` is [`Given::current`](super::Given).
///
/// Undefined where there are neither spans of text nor tags of entities.
pub fn entities(
    dataset: &Dataset,
    given: &[LabelId],
    asked: &EntitiesAsked,
    progress: &Progress,
) -> Result<Result<EntitiesReport, Undefined>, Cancelled> {
    let layers = match Layers::of(dataset, given, &asked.settings, progress)? {
        Ok(layers) => layers,
        Err(reason) => return Ok(Err(reason)),
    };
    let found = entity_findings(&layers.corpus, progress)?;
    let mut kinds: Vec<(usize, BTreeSet<u32>)> = vec![(0, BTreeSet::new()); EntityKind::ALL.len()];
    let n_findings = found.list.len();
    let mut rows = Vec::new();
    for (number, mut finding) in found.list.into_iter().enumerate() {
        if number % 1024 == 0 {
            progress.check()?;
        }
        let items = layers.places.items(finding.document, finding.start, finding.end);
        if let Some(at) = EntityKind::ALL.iter().position(|k| *k == finding.kind) {
            kinds[at].0 += 1;
            kinds[at].1.extend(&items);
        }
        if rows.len() < MAX_ROWS {
            finding.raters.retain(|&r| r != GIVEN);
            let text = layers.text(finding.document);
            rows.push(FindingRow {
                document: layers.name(finding.document).to_owned(),
                excerpt: excerpt(text, finding.start, finding.end),
                instead: finding.majority.map(|(start, end, _)| part(text, start, end).to_owned()),
                items: items.into(),
                finding,
            });
        }
    }
    let kinds = kinds.into_iter().zip(EntityKind::ALL).map(|((n, items), kind)| KindRow {
        kind,
        n,
        items: items.into_iter().collect(),
    });
    let form = |form: InconsistentForm| {
        let documents = form.documents.iter().flat_map(|&d| layers.places.of_document(d));
        let items: BTreeSet<u32> = documents.collect();
        FormRow { items: items.into_iter().collect(), form }
    };
    Ok(Ok(EntitiesReport {
        asked: asked.clone(),
        by_raters: layers.by_raters,
        labels: layers.labels.clone(),
        kinds: kinds.collect(),
        findings: rows,
        n_findings,
        forms: found.forms.into_iter().take(MAX_ROWS).map(form).collect(),
        n_marks: found.n_marks,
        n_documents: layers.corpus.n_documents(),
        tags: layers.tags,
    }))
}

/// The name of a hand: a rater's, or that of labels that are nobody's.
pub fn hand(raters: &Raters, rater: Option<u32>) -> &str {
    rater.map_or("given labels", |r| raters.names.get(r as usize).map_or("", String::as_str))
}

#[cfg(test)]
mod tests;
