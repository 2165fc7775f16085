//! How often each label was given to each item: all that most coefficients look at.
//!
//! Sparse, so a thousand labels cost nothing where three are used, and items alike are kept once: five raters with
//! five labels make at most 126 different items, however many there are. Everything after the count (coefficients,
//! intervals, resampling) then costs as much as there are *different* items. Where few are alike, none is looked for.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU8, Ordering};

use rayon::prelude::*;

use crate::dataset::{Annotations, LabelId};
use crate::stats::Undefined;

/// Items that one task counts; fixed, so that the threads change nothing.
const CHUNK: usize = 1 << 16;
/// Items after which a chunk decides whether it is worth while to look for items alike.
const TRIAL: usize = 1 << 12;
/// "No pattern".
const NONE: u32 = u32::MAX;

/// Items alike: the labels that they were given, how often, and how many items there are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pattern<'a> {
    /// Labels given, ascending.
    pub labels: &'a [LabelId],
    /// How often, for each of `labels`.
    pub counts: &'a [u32],
    /// Labels given in all, r ≥ 1.
    pub size: u32,
    /// Items with these counts.
    pub times: u32,
}

/// The counts, with the sample sizes that coefficients report.
#[derive(Debug, Clone)]
pub struct Tally {
    patterns: Patterns,
    pattern_of: Vec<u32>,
    /// Labels that there are, used or not.
    pub n_labels: usize,
    /// Items with a rating.
    pub n_rated: usize,
    /// Items with two ratings or more.
    pub n_pairable: usize,
    /// Ratings on those.
    pub n_pairable_ratings: u64,
    /// Raters with a rating.
    pub n_raters: usize,
    /// Raters with a rating on an item with two or more.
    pub n_raters_pairable: usize,
}

impl Tally {
    /// Counts every annotation whose label is below `n_labels` (others take no part), and refuses what no
    /// coefficient can be computed from: no annotation, fewer than two raters, no item with two annotations.
    pub fn new(annotations: &Annotations, n_labels: usize) -> Result<Self, Undefined> {
        let flags: Vec<AtomicU8> = (0..annotations.n_raters()).map(|_| AtomicU8::new(0)).collect();
        let n_items = annotations.n_items();
        let state = RandomState::new();
        let chunks: Vec<(Patterns, Vec<u32>, bool)> = (0..n_items.div_ceil(CHUNK))
            .into_par_iter()
            .map(|c| {
                let items = c * CHUNK..n_items.min((c + 1) * CHUNK);
                chunk(annotations, n_labels, items, &flags, &state)
            })
            .collect();
        let (patterns, pattern_of) = merge(chunks, n_items, &state);
        let mut tally = Self {
            patterns,
            pattern_of,
            n_labels,
            n_rated: 0,
            n_pairable: 0,
            n_pairable_ratings: 0,
            n_raters: 0,
            n_raters_pairable: 0,
        };
        for p in 0..tally.len() {
            let Pattern { size, times, .. } = tally.pattern(p);
            tally.n_rated += times as usize;
            if size >= 2 {
                tally.n_pairable += times as usize;
                tally.n_pairable_ratings += u64::from(size) * u64::from(times);
            }
        }
        for flag in flags {
            let flag = flag.into_inner();
            tally.n_raters += usize::from(flag >= 1);
            tally.n_raters_pairable += usize::from(flag >= 2);
        }
        if tally.n_rated == 0 {
            Err(Undefined::NoAnnotations)
        } else if tally.n_raters < 2 {
            Err(Undefined::FewerThanTwoRaters)
        } else if tally.n_pairable == 0 {
            Err(Undefined::NoPairableItem)
        } else {
            Ok(tally)
        }
    }

    /// Number of different items.
    pub(super) fn len(&self) -> usize {
        self.patterns.times.len()
    }

    /// Number of items, rated or not.
    pub fn n_items(&self) -> usize {
        self.pattern_of.len()
    }

    /// The items of kind `p`.
    pub(super) fn pattern(&self, p: usize) -> Pattern<'_> {
        let range = self.patterns.range(p);
        Pattern {
            labels: &self.patterns.labels[range.clone()],
            counts: &self.patterns.counts[range],
            size: self.patterns.sizes[p],
            times: self.patterns.times[p],
        }
    }

    /// All kinds of items, in order of first appearance.
    pub(super) fn patterns(&self) -> impl Iterator<Item = Pattern<'_>> + Clone {
        (0..self.len()).map(|p| self.pattern(p))
    }

    /// Which kind `item` is; `None` where nobody rated it.
    pub(super) fn pattern_of(&self, item: usize) -> Option<usize> {
        self.pattern_of.get(item).copied().filter(|&p| p != NONE).map(|p| p as usize)
    }

    /// Why no coefficient can be computed, in the usual order.
    pub(super) fn check(&self) -> Result<(), Undefined> {
        if self.n_raters < 2 {
            Err(Undefined::FewerThanTwoRaters)
        } else if self.n_pairable == 0 {
            Err(Undefined::NoPairableItem)
        } else {
            Ok(())
        }
    }
}

/// Kinds of items, one after the other.
#[derive(Debug, Clone)]
struct Patterns {
    starts: Vec<usize>,
    labels: Vec<LabelId>,
    counts: Vec<u32>,
    sizes: Vec<u32>,
    times: Vec<u32>,
}

impl Patterns {
    fn new() -> Self {
        Self { starts: vec![0], labels: Vec::new(), counts: Vec::new(), sizes: Vec::new(), times: Vec::new() }
    }

    fn range(&self, p: usize) -> std::ops::Range<usize> {
        self.starts[p]..self.starts[p + 1]
    }

    fn is(&self, p: usize, runs: &[(LabelId, u32)]) -> bool {
        let range = self.range(p);
        range.len() == runs.len()
            && range.zip(runs).all(|(i, &(label, count))| self.labels[i] == label && self.counts[i] == count)
    }

    /// Adds a kind.
    fn push(&mut self, runs: &[(LabelId, u32)], times: u32) -> u32 {
        for &(label, count) in runs {
            self.labels.push(label);
            self.counts.push(count);
        }
        self.starts.push(self.labels.len());
        self.sizes.push(runs.iter().map(|r| r.1).sum());
        self.times.push(times);
        self.times.len() as u32 - 1
    }
}

/// Finds a kind by its counts: open addressing over the numbers of the kinds.
struct Index<'a> {
    slots: Vec<u32>,
    used: usize,
    state: &'a RandomState,
}

impl<'a> Index<'a> {
    fn new(state: &'a RandomState) -> Self {
        Self { slots: vec![NONE; 256], used: 0, state }
    }

    /// The slot of `runs`: its kind's, or the free one where it belongs.
    fn slot(&self, patterns: &Patterns, runs: &[(LabelId, u32)]) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = self.state.hash_one(runs) as usize & mask;
        while self.slots[slot] != NONE && !patterns.is(self.slots[slot] as usize, runs) {
            slot = (slot + 1) & mask;
        }
        slot
    }

    /// The kind of `runs`, added with no items where it is new.
    fn find_or_add(&mut self, patterns: &mut Patterns, runs: &[(LabelId, u32)]) -> u32 {
        let slot = self.slot(patterns, runs);
        if self.slots[slot] != NONE {
            return self.slots[slot];
        }
        let added = patterns.push(runs, 0);
        self.slots[slot] = added;
        self.used += 1;
        if 2 * self.used > self.slots.len() {
            let old = std::mem::take(&mut self.slots);
            self.slots = vec![NONE; 2 * old.len()];
            let mut runs = Vec::new();
            for p in old.into_iter().filter(|&p| p != NONE) {
                runs.clear();
                let range = patterns.range(p as usize);
                runs.extend(range.map(|i| (patterns.labels[i], patterns.counts[i])));
                let slot = self.slot(patterns, &runs);
                self.slots[slot] = p;
            }
        }
        added
    }
}

/// The kinds of some items, the kind of each, and whether equal ones were looked for to the end.
fn chunk(
    annotations: &Annotations,
    n_labels: usize,
    items: std::ops::Range<usize>,
    flags: &[AtomicU8],
    state: &RandomState,
) -> (Patterns, Vec<u32>, bool) {
    let mut patterns = Patterns::new();
    let mut index = Index::new(state);
    let mut of_item = Vec::with_capacity(items.len());
    let (mut sorted, mut runs) = (Vec::new(), Vec::new());
    let mut alike = true;
    for (seen, item) in items.enumerate() {
        let labels = annotations.labels_of(item);
        sorted.clear();
        sorted.extend(labels.iter().copied().filter(|&l| (l as usize) < n_labels));
        if sorted.is_empty() {
            of_item.push(NONE);
            continue;
        }
        let flag = if sorted.len() >= 2 { 2 } else { 1 };
        for (&rater, &label) in annotations.raters_of(item).iter().zip(labels) {
            let seen = &flags[rater as usize];
            if (label as usize) < n_labels && seen.load(Ordering::Relaxed) < flag {
                seen.fetch_max(flag, Ordering::Relaxed);
            }
        }
        sorted.sort_unstable();
        runs.clear();
        runs.extend(sorted.chunk_by(|a, b| a == b).map(|run| (run[0], run.len() as u32)));
        if seen == TRIAL && 2 * patterns.times.len() > TRIAL {
            alike = false;
        }
        let p = if alike { index.find_or_add(&mut patterns, &runs) } else { patterns.push(&runs, 0) };
        patterns.times[p as usize] += 1;
        of_item.push(p);
    }
    (patterns, of_item, alike)
}

/// Puts the chunks together, in their order.
fn merge(
    mut chunks: Vec<(Patterns, Vec<u32>, bool)>,
    n_items: usize,
    state: &RandomState,
) -> (Patterns, Vec<u32>) {
    if chunks.len() < 2 {
        return chunks
            .pop()
            .map_or_else(|| (Patterns::new(), Vec::new()), |(all, of_item, _)| (all, of_item));
    }
    let mut all = Patterns::new();
    let mut index = Index::new(state);
    let mut pattern_of = Vec::with_capacity(n_items);
    let (mut runs, mut renamed) = (Vec::new(), Vec::new());
    for (part, of_item, alike) in chunks {
        renamed.clear();
        for p in 0..part.times.len() {
            runs.clear();
            runs.extend(part.range(p).map(|i| (part.labels[i], part.counts[i])));
            let q = if alike { index.find_or_add(&mut all, &runs) } else { all.push(&runs, 0) };
            all.times[q as usize] += part.times[p];
            renamed.push(q);
        }
        pattern_of.extend(of_item.iter().map(|&p| if p == NONE { NONE } else { renamed[p as usize] }));
    }
    (all, pattern_of)
}
