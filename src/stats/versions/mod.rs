//! Versions of a tagged corpus, or raters of it: every entity on which two of them differ, and how.
//!
//! Tags are decoded into entities (ranges of tokens with a type; those of one version do not overlap), sentence by
//! sentence. Two versions of a sentence are matched so (Peng et al. 2024, *Different Tastes of Entities*):
//!
//! 1. the same range in both: *agree* where the type is the same, else **Tag**;
//! 2. entities of the rest that overlap, each overlapping pair counted: **Span** where the type is the same, else
//!    **Both**;
//! 3. an entity that overlaps nothing: **Missing** in the other.
//!
//! Everything has a direction: the version with the lower number is the first. A version takes part in the sentences of
//! which it tags every token.

mod matching;
mod pairs;
mod spans;
#[cfg(test)]
mod tests;

use std::ops::Range;

pub use pairs::{Comparison, LabelPair, VersionPair};
pub use spans::{SpanLabels, SpanRow};

use crate::dataset::tags::{Habits, Scheme, Touched, decode, is_blank, parts};
use crate::dataset::{LabelId, NO_LABEL};
use crate::progress::{Cancelled, Progress};

/// Work between two looks at whether to stop, in sentences.
const CHECK_EVERY: usize = 4096;

/// How tags that no scheme allows are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecodingRule {
    /// `I-Y` after an entity of another type begins an entity, and so does `I-Y` after nothing.
    #[default]
    TypeChange,
    /// Only `B-` (`S-`, `U-`) begins an entity; `I-` of any type continues it, and is outside after nothing. In IOB1,
    /// where `I-` begins entities by definition, the other rule is followed.
    BeginOnly,
}

/// A range of tokens with a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Entity {
    /// First token, counted in the whole corpus.
    pub start: u32,
    /// The token after the last.
    pub end: u32,
    /// Number of its type in [`TagVersions::types`].
    pub kind: u32,
}

impl Entity {
    /// Whether the two have a token in common.
    fn overlaps(&self, other: &Self) -> bool {
        self.start.max(other.start) < self.end.min(other.end)
    }
}

/// How two versions differ in an entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DifferenceKind {
    /// The same tokens under different types.
    Tag,
    /// Only one of the two has an entity there.
    Missing,
    /// Overlapping tokens under the same type.
    Span,
    /// Overlapping tokens under different types.
    Both,
}

impl DifferenceKind {
    /// All kinds, in the order in which they are shown.
    pub const ALL: [Self; 4] = [Self::Tag, Self::Missing, Self::Span, Self::Both];

    /// Name for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tag => "Tag",
            Self::Missing => "Missing",
            Self::Span => "Span",
            Self::Both => "Both",
        }
    }
}

/// One entity, or pair of entities, on which two versions differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Disagreement {
    /// How.
    pub kind: DifferenceKind,
    /// Sentence number.
    pub sentence: u32,
    /// What the first version has there; `None` for nothing.
    pub first: Option<Entity>,
    /// What the second has.
    pub second: Option<Entity>,
}

impl Disagreement {
    /// The tokens of either entity, counted in the whole corpus.
    pub fn tokens(&self) -> Range<u32> {
        let both = || self.first.iter().chain(&self.second);
        let start = both().map(|e| e.start).min().unwrap_or_default();
        start..both().map(|e| e.end).max().unwrap_or(start)
    }
}

/// What was found in the tags of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VersionFacts {
    /// IOB1, IOB2, BIOES or BILOU, as its tags show.
    pub scheme: &'static str,
    /// Sentences of which every token has a tag.
    pub n_sentences: u64,
    /// Sentences of which some tokens have a tag and others have none: they are left out.
    pub n_incomplete: u64,
    /// Entities.
    pub n_entities: u64,
    /// Tags inside an entity that have another type than the tag before.
    pub n_type_changes: u64,
    /// Entities that begin with `I-` (`E-`, `L-`) after nothing.
    pub n_orphans: u64,
    /// Tokens that would belong to another entity, or to none, under the other [`DecodingRule`]. 0 for IOB1.
    pub n_touched: u64,
}

/// The entities of one version of a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Line {
    sentence: u32,
    version: u32,
    from: u32,
    to: u32,
}

/// A corpus of tagged tokens in several versions.
#[derive(Debug, Clone)]
pub struct TagVersions {
    /// Prefix and type of each label; `None` for what is outside.
    tags: Vec<Option<(u8, u32)>>,
    /// Whether a label says that nobody tagged the token.
    blank: Vec<bool>,
    types: Vec<String>,
    sentences: Vec<Range<u32>>,
    /// Labels of the version that is being read; without a label between two versions.
    said: Vec<LabelId>,
    lines: Vec<Line>,
    entities: Vec<Entity>,
}

impl TagVersions {
    /// Without a version. `names` are the names of labels by number, such as `B-PER`; `sentences` the tokens of each
    /// sentence, ascending. A sentence that overlaps an earlier one has no tokens.
    pub fn new(names: &[String], sentences: &[Range<usize>]) -> Self {
        let mut types: Vec<String> =
            names.iter().filter_map(|name| parts(name)).map(|(_, kind)| kind.to_owned()).collect();
        types.sort_unstable();
        types.dedup();
        let number = |kind: &str| types.binary_search_by(|t| t.as_str().cmp(kind)).unwrap_or_default() as u32;
        let tags =
            names.iter().map(|name| parts(name).map(|(prefix, kind)| (prefix, number(kind)))).collect();
        let mut before = 0;
        let sentences: Vec<Range<u32>> = sentences
            .iter()
            .map(|s| match (u32::try_from(s.start), u32::try_from(s.end)) {
                (Ok(start), Ok(end)) if start >= before && end >= start => {
                    before = end;
                    start..end
                }
                _ => before..before,
            })
            .collect();
        Self {
            tags,
            blank: names.iter().map(|name| is_blank(name)).collect(),
            types,
            sentences,
            said: vec![NO_LABEL; before as usize],
            lines: Vec::new(),
            entities: Vec::new(),
        }
    }

    /// Names of types of entities, ascending.
    pub fn types(&self) -> &[String] {
        &self.types
    }

    /// The tokens of each sentence.
    pub fn sentences(&self) -> &[Range<u32>] {
        &self.sentences
    }

    /// Whether a label says something of its token, be it that it is outside.
    fn is_said(&self, label: LabelId) -> bool {
        self.blank.get(label as usize) == Some(&false)
    }

    /// Reads a version: tokens and their labels, in any order; of several labels of a token the last counts, tokens
    /// outside of any sentence are passed over. Give each version once. When cancelled, nothing of it is kept.
    pub fn push(
        &mut self,
        version: u32,
        said: impl IntoIterator<Item = (usize, LabelId)>,
        rule: DecodingRule,
        progress: &Progress,
    ) -> Result<VersionFacts, Cancelled> {
        let mut here: Vec<u32> = Vec::new();
        for (token, label) in said {
            let Some(slot) = self.said.get_mut(token) else { continue };
            let last = here.last().and_then(|&s| self.sentences.get(s as usize));
            if last.is_none_or(|s| !s.contains(&(token as u32))) {
                let number = self.sentences.partition_point(|s| s.end <= token as u32);
                if self.sentences.get(number).is_none_or(|s| !s.contains(&(token as u32))) {
                    continue;
                }
                here.push(number as u32);
            }
            *slot = label;
        }
        here.sort_unstable();
        here.dedup();
        let (n_lines, n_entities) = (self.lines.len(), self.entities.len());
        let read = self.read(version, &here, rule, progress);
        if read.is_err() {
            self.lines.truncate(n_lines);
            self.entities.truncate(n_entities);
        }
        for &number in &here {
            if let Some(s) = self.sentences.get(number as usize) {
                self.said[s.start as usize..s.end as usize].fill(NO_LABEL);
            }
        }
        read
    }

    /// Decodes what stands in `said`, of these sentences.
    fn read(
        &mut self,
        version: u32,
        here: &[u32],
        rule: DecodingRule,
        progress: &Progress,
    ) -> Result<VersionFacts, Cancelled> {
        let mut whole: Vec<u32> = Vec::with_capacity(here.len());
        let mut habits = Habits::default();
        for (at, &number) in here.iter().enumerate() {
            if at % CHECK_EVERY == 0 {
                progress.check()?;
            }
            let Some(tokens) = self.sentences.get(number as usize) else { continue };
            let said = &self.said[tokens.start as usize..tokens.end as usize];
            if said.iter().all(|&label| self.is_said(label)) {
                habits.look(said.iter().map(|&label| self.tags[label as usize]));
                whole.push(number);
            }
        }
        let scheme = habits.scheme();
        let is_iob1 = scheme == Scheme::Iob1;
        let begins_only = rule == DecodingRule::BeginOnly && !is_iob1;
        let n_before = self.entities.len();
        let mut touched = Touched::default();
        for (at, &number) in whole.iter().enumerate() {
            if at % CHECK_EVERY == 0 {
                progress.check()?;
            }
            let tokens = self.sentences[number as usize].clone();
            let from = self.entities.len() as u32;
            let (said, tags, entities) = (&self.said, &self.tags, &mut self.entities);
            let said = &said[tokens.start as usize..tokens.end as usize];
            touched.add(decode(
                said.iter().map(|&label| tags[label as usize]),
                begins_only,
                |range, kind| {
                    let (start, end) = (tokens.start + range.start as u32, tokens.start + range.end as u32);
                    entities.push(Entity { start, end, kind });
                },
            ));
            self.lines.push(Line { sentence: number, version, from, to: self.entities.len() as u32 });
        }
        if is_iob1 {
            touched = Touched::default();
        }
        Ok(VersionFacts {
            scheme: scheme.name(),
            n_sentences: whole.len() as u64,
            n_incomplete: (here.len() - whole.len()) as u64,
            n_entities: (self.entities.len() - n_before) as u64,
            n_type_changes: touched.changes,
            n_orphans: touched.orphans,
            n_touched: touched.tokens,
        })
    }

    /// What a version marks in a sentence, by place; `None` where it does not tag all of it. Known after
    /// [`compare`](Self::compare).
    pub fn entities(&self, sentence: u32, version: u32) -> Option<&[Entity]> {
        let at = self.lines.binary_search_by_key(&(sentence, version), |l| (l.sentence, l.version)).ok()?;
        Some(self.entities_of(&self.lines[at]))
    }

    /// What a line has.
    fn entities_of(&self, line: &Line) -> &[Entity] {
        &self.entities[line.from as usize..line.to as usize]
    }

    /// Lines by sentence, then version, each once: of a version that was given twice the first counts.
    fn sort_lines(&mut self) {
        self.lines.sort_by_key(|line| (line.sentence, line.version));
        self.lines.dedup_by_key(|line| (line.sentence, line.version));
    }
}
