//! Versions of a tagged corpus: every entity that one of them marks otherwise than another.
//!
//! A version is a rater who counts, or the column of given labels; once decisions changed some of these, the corrected labels
//! are one more. Items are tokens; number of a token and number of an item are the same.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::passages::sentences;
use super::{Given, Settings};
use crate::dataset::tags::parts;
use crate::dataset::{Dataset, LabelId, NO_LABEL};
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;
use crate::stats::versions::{
    Comparison, DecodingRule, DifferenceKind, Disagreement, Entity, SpanRow, TagVersions, VersionFacts,
    VersionPair,
};

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionsAsked {
    /// Who counts.
    pub settings: Settings,
    /// How tags that no scheme allows are read.
    pub rule: DecodingRule,
}

/// One version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Its number in [`TagVersions`].
    pub number: u32,
    /// A rater's name, or the column's.
    pub name: String,
    /// What was found in its tags.
    pub facts: VersionFacts,
}

/// Which differences of a pair are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, PartialOrd, Ord)]
pub enum Which {
    /// All.
    #[default]
    All,
    /// Those of one kind.
    Kind(DifferenceKind),
    /// Those of the kinds Tag and Missing where one type stands against another; `None` for no entity.
    Types(Option<u32>, Option<u32>),
}

/// Some differences of a pair, by place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listed {
    /// Numbers in [`VersionPair::disagreements`].
    pub differences: Arc<[u32]>,
    /// Their sentences, ascending, each once.
    pub sentences: Arc<[u32]>,
    /// Their items, ascending, each once.
    pub items: Arc<[u32]>,
}

/// All versions against each other.
#[derive(Debug, Clone)]
pub struct VersionsReport {
    /// What was asked for.
    pub asked: VersionsAsked,
    /// The versions, by number.
    pub versions: Vec<Version>,
    /// What each marks in each sentence.
    pub tags: TagVersions,
    /// Each pair, and what all call each range.
    pub found: Comparison,
    /// For each pair its differences, sorted by what they are.
    lists: Vec<BTreeMap<Which, Listed>>,
}

impl VersionsReport {
    /// The version of this number.
    pub fn version(&self, number: u32) -> Option<&Version> {
        let at = self.versions.binary_search_by_key(&number, |v| v.number).ok()?;
        Some(&self.versions[at])
    }

    /// The place in [`Comparison::pairs`] of two versions, whichever is named first.
    pub fn pair(&self, a: u32, b: u32) -> Option<usize> {
        let key = (a.min(b), a.max(b));
        self.found.pairs.binary_search_by_key(&key, |p| (p.a, p.b)).ok()
    }

    /// Some differences of a pair; nothing where there are none.
    pub fn listed(&self, pair: usize, which: Which) -> Option<&Listed> {
        self.lists.get(pair)?.get(&which)
    }

    /// A type's name; `none` for no entity.
    pub fn kind(&self, kind: Option<u32>) -> &str {
        kind.map_or("none", |k| self.tags.types().get(k as usize).map_or("", String::as_str))
    }

    /// What all versions call the range of an entity.
    pub fn span_of(&self, sentence: u32, entity: &Entity) -> Option<&SpanRow> {
        let rows = &self.found.spans.rows;
        let key = (sentence, entity.start, entity.end);
        rows.binary_search_by_key(&key, |r| (r.sentence, r.start, r.end)).ok().map(|at| &rows[at])
    }

    /// Ranges that not all versions mark alike.
    pub fn n_varying(&self) -> usize {
        let spans = &self.found.spans;
        spans.rows.iter().filter(|r| r.n_outside > 0 || spans.types_of(r).len() > 1).count()
    }
}

/// Whether items are tokens with tags of entities.
pub fn has_tags(dataset: &Dataset) -> bool {
    dataset.texts.is_some()
        && dataset.focus.is_some()
        && dataset.labels.names().iter().any(|tag| parts(tag).is_some())
}

/// Compares all versions, two by two.
///
/// Undefined where items are no tokens with tags of entities, and where no sentence is tagged in two versions.
pub fn versions(
    dataset: &Dataset,
    given: &Given,
    asked: &VersionsAsked,
    progress: &Progress,
) -> Result<Result<VersionsReport, Undefined>, Cancelled> {
    let (true, Some(texts), Some(focus)) = (has_tags(dataset), &dataset.texts, &dataset.focus) else {
        return Ok(Err(Undefined::Because("items are no tokens with tags such as B-PER".to_owned())));
    };
    progress.stage("Reading entities", 0);
    let mut tags = TagVersions::new(dataset.labels.names(), &sentences(texts, focus));
    let mut versions = Vec::new();
    let votes = asked.settings.counted(dataset).resolved(asked.settings.duplicates);
    for rater in 0..votes.n_raters() {
        let said = votes.of_rater(rater).map(|a| (a.item as usize, a.label));
        let facts = tags.push(rater as u32, said, asked.rule, progress)?;
        if facts.n_sentences > 0 {
            let name = dataset.raters.names.get(rater).cloned();
            let name = name.unwrap_or_else(|| format!("vote {}", rater + 1));
            versions.push(Version { number: rater as u32, name, facts });
        }
    }
    if let Some(column) = &dataset.given {
        let mut column_of = |number: usize, name: String, labels: &[LabelId]| {
            let said = labels.iter().copied().enumerate().filter(|(_, l)| *l != NO_LABEL);
            let facts = tags.push(number as u32, said, asked.rule, progress)?;
            versions.push(Version { number: number as u32, name, facts });
            Ok(())
        };
        let next = votes.n_raters();
        column_of(next, column.name.clone(), &given.original)?;
        if given.current != given.original {
            column_of(next + 1, format!("{}, corrected", column.name), &given.current)?;
        }
    }
    let found = match tags.compare(progress)? {
        Ok(found) => found,
        Err(reason) => return Ok(Err(reason)),
    };
    let mut lists = Vec::with_capacity(found.pairs.len());
    for pair in &found.pairs {
        progress.check()?;
        lists.push(lists_of(pair));
    }
    Ok(Ok(VersionsReport { asked: asked.clone(), versions, tags, found, lists }))
}

/// The differences of a pair by what they are.
fn lists_of(pair: &VersionPair) -> BTreeMap<Which, Listed> {
    let mut numbers: BTreeMap<Which, Vec<u32>> = BTreeMap::new();
    for (number, d) in pair.disagreements.iter().enumerate() {
        let mut add = |which: Which| numbers.entry(which).or_default().push(number as u32);
        add(Which::All);
        add(Which::Kind(d.kind));
        if matches!(d.kind, DifferenceKind::Tag | DifferenceKind::Missing) {
            add(types_of(d));
        }
    }
    let list = |numbers: Vec<u32>| {
        let of = |n: &u32| &pair.disagreements[*n as usize];
        let mut sentences: Vec<u32> = numbers.iter().map(|n| of(n).sentence).collect();
        sentences.dedup();
        let mut items: Vec<u32> = numbers.iter().flat_map(|n| of(n).tokens()).collect();
        items.sort_unstable();
        items.dedup();
        Listed { differences: numbers.into(), sentences: sentences.into(), items: items.into() }
    };
    numbers.into_iter().map(|(which, numbers)| (which, list(numbers))).collect()
}

/// The types that stand against each other in a difference.
pub fn types_of(d: &Disagreement) -> Which {
    Which::Types(d.first.map(|e| e.kind), d.second.map(|e| e.kind))
}

#[cfg(test)]
mod tests;
