//! All pairs of versions.

use std::collections::BTreeMap;

use super::spans::{self, SpanLabels};
use super::{CHECK_EVERY, DifferenceKind, Disagreement, TagVersions, matching};
use crate::progress::{Cancelled, Progress};
use crate::stats::agreement::spans::Matched;
use crate::stats::proportion::share;
use crate::stats::{Estimate, Statistic, Undefined};

/// Most comparisons of two versions of a sentence.
const MOST_COMPARISONS: u64 = 100_000_000;
/// Most pairs of versions.
const MOST_PAIRS: usize = 200_000;
/// Most disagreements that are listed, over all pairs; those beyond are counted.
pub(super) const MOST_LISTED: usize = 5_000_000;

/// How often one label stands against another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LabelPair {
    /// The type in the first version; `None` where it has no entity (O).
    pub first: Option<u32>,
    /// The type in the second version.
    pub second: Option<u32>,
    /// Entities.
    pub n: u64,
}

/// Two versions, compared on the sentences that both tag.
#[derive(Debug, Clone, PartialEq)]
pub struct VersionPair {
    /// The first version, the lower number.
    pub a: u32,
    /// The second version.
    pub b: u32,
    /// Sentences that both tag.
    pub n_sentences: u64,
    /// Entities of the first and of the second in them.
    pub n_entities: (u64, u64),
    /// Entities with the same range and type.
    pub n_agree: u64,
    /// Disagreements of each kind, in the order of [`DifferenceKind::ALL`].
    counts: [u64; 4],
    /// Labels that stand against each other.
    labels: BTreeMap<(Option<u32>, Option<u32>), u64>,
    /// What they differ in, by sentence and place; possibly fewer than there are, see [`Comparison::n_unlisted`].
    pub disagreements: Vec<Disagreement>,
}

impl VersionPair {
    fn new(a: u32, b: u32) -> Self {
        Self {
            a,
            b,
            n_sentences: 0,
            n_entities: (0, 0),
            n_agree: 0,
            counts: [0; 4],
            labels: BTreeMap::new(),
            disagreements: Vec::new(),
        }
    }

    /// Disagreements of a kind.
    pub fn count(&self, kind: DifferenceKind) -> u64 {
        self.counts[kind as usize]
    }

    /// Disagreements of all kinds.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Share of a kind among all disagreements, with Wilson's interval. Undefined where there is no disagreement.
    pub fn share(&self, kind: DifferenceKind) -> Statistic {
        share(self.count(kind) as usize, self.total() as usize, "the two versions do not differ")
    }

    /// The directed matrix of labels over disagreements of the kinds Tag and Missing, as its cells that are not 0: the
    /// largest first, ties by label, O before any type.
    pub fn label_pairs(&self) -> Vec<LabelPair> {
        let cells = self.labels.iter().map(|(&(first, second), &n)| LabelPair { first, second, n });
        let mut cells: Vec<LabelPair> = cells.collect();
        cells.sort_by_key(|cell| std::cmp::Reverse(cell.n));
        cells
    }

    /// 2 agree / (entities of both): the same whichever of the two is taken for the truth. Undefined where neither has
    /// an entity. `n_items` are sentences.
    pub fn f1(&self) -> Statistic {
        let matched = Matched { a: self.n_entities.0, b: self.n_entities.1, both: self.n_agree };
        match matched.f1() {
            Some(f1) => Estimate::new(f1, self.n_sentences as usize, 2).into(),
            None => Undefined::Because("neither version has an entity".to_owned()).into(),
        }
    }

    /// Share of the entities of the first that the second has too: its recall where the first is the truth, the
    /// precision of the first where the second is. Undefined where the first has no entity.
    pub fn share_of_first(&self) -> Statistic {
        share(self.n_agree as usize, self.n_entities.0 as usize, "the first version has no entity")
    }

    /// The same for the entities of the second.
    pub fn share_of_second(&self) -> Statistic {
        share(self.n_agree as usize, self.n_entities.1 as usize, "the second version has no entity")
    }
}

/// All versions, two by two, and what each range is called.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Pairs of versions with a sentence that both tag, by number.
    pub pairs: Vec<VersionPair>,
    /// What all versions call each range of tokens that one of them marked.
    pub spans: SpanLabels,
    /// Disagreements that are counted but not listed, because there are too many.
    pub n_unlisted: u64,
}

impl TagVersions {
    /// Compares all versions in each sentence that two or more tag: as much work as pairs of versions of a sentence have
    /// entities. Undefined where no sentence is tagged twice, or there is more to compare than can be held.
    pub fn compare(&mut self, progress: &Progress) -> Result<Result<Comparison, Undefined>, Cancelled> {
        self.sort_lines();
        let lines = &self.lines;
        let several = || lines.chunk_by(|x, y| x.sentence == y.sentence).filter(|same| same.len() > 1);
        let work: u64 = several().map(|same| (same.len() as u64) * (same.len() as u64 - 1) / 2).sum();
        if work == 0 {
            return Ok(Err(Undefined::Because("no sentence is tagged in two versions".to_owned())));
        }
        if work > MOST_COMPARISONS {
            let reason = format!(
                "there are {work} pairs of versions of a sentence, at most {MOST_COMPARISONS} are compared"
            );
            return Ok(Err(Undefined::Because(reason)));
        }
        progress.stage("Comparing versions", work);
        let mut found: BTreeMap<(u32, u32), VersionPair> = BTreeMap::new();
        let (mut listed, mut n_unlisted, mut since) = (0, 0, 0);
        for same in several() {
            for (i, a) in same.iter().enumerate() {
                for b in &same[i + 1..] {
                    since += 1;
                    if since == CHECK_EVERY {
                        progress.check()?;
                        progress.add(since as u64);
                        since = 0;
                    }
                    if found.len() >= MOST_PAIRS && !found.contains_key(&(a.version, b.version)) {
                        let reason = format!("there are more than {MOST_PAIRS} pairs of versions");
                        return Ok(Err(Undefined::Because(reason)));
                    }
                    let pair = found
                        .entry((a.version, b.version))
                        .or_insert_with(|| VersionPair::new(a.version, b.version));
                    let (first, second) = (self.entities_of(a), self.entities_of(b));
                    pair.n_sentences += 1;
                    pair.n_entities.0 += first.len() as u64;
                    pair.n_entities.1 += second.len() as u64;
                    let VersionPair { counts, labels, disagreements, .. } = pair;
                    pair.n_agree += matching::sentence(a.sentence, first, second, |one| {
                        counts[one.kind as usize] += 1;
                        if matches!(one.kind, DifferenceKind::Tag | DifferenceKind::Missing) {
                            let kinds = (one.first.map(|e| e.kind), one.second.map(|e| e.kind));
                            *labels.entry(kinds).or_default() += 1;
                        }
                        if listed < MOST_LISTED {
                            listed += 1;
                            disagreements.push(one);
                        } else {
                            n_unlisted += 1;
                        }
                    });
                }
            }
        }
        let spans = spans::labels(several(), |line| self.entities_of(line), progress)?;
        Ok(Ok(Comparison { pairs: found.into_values().collect(), spans, n_unlisted }))
    }
}
