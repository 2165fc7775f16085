//! How labels relate: the same under two names, one within another, never together, or merely often together.
//!
//! What is looked at is which items carry which labels. For sets of labels these are the sets. For single labels by
//! several raters, an item carries every label that somebody chose: "identical" then reads "taken for each other".
//!
//! For labels a and b on n_a, n_b and n_ab of n items: Jaccard n_ab / (n_a + n_b − n_ab), shares c(b|a) = n_ab / n_a
//! with Wilson intervals, PMI log₂(n·n_ab / (n_a·n_b)), and tails of the hypergeometric distribution, tested at α / M
//! for M pairs. Pairs of labels on fewer items than asked for are not looked at, nor are labels on every item.
//! Source of the task: Chan et al. 2021 (labels of iMet 2020); the tests are ours.

mod groups;
mod hypergeometric;
mod names;

pub use names::{NameEvidence, name_evidence};

use rayon::prelude::*;

use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;
use crate::stats::proportion::wilson_of;

/// Share of one label's items from which on another is said to cover it.
const COVERS: f64 = 0.9;
/// What the lower end of Wilson's interval has to be, in both directions, for two labels to be identical.
const IDENTICAL_LOW: f64 = 0.55;
/// What it has to be for one label to be within another.
const SUBSET_LOW: f64 = 0.7;
/// Share of either label's items up to which labels are hardly ever together.
pub const SELDOM: f64 = 0.05;
/// Up to this many labels, every pair is listed; beyond, only pairs about which there is something to say.
const FEW_LABELS: usize = 100;

/// Which items carry which labels.
#[derive(Debug, Clone)]
pub struct Carriers {
    n_labels: usize,
    items: Vec<u32>,
    starts: Vec<usize>,
    labels: Vec<u32>,
}

impl Carriers {
    /// For `n_labels` labels.
    pub fn new(n_labels: usize) -> Self {
        Self { n_labels, items: Vec::new(), starts: vec![0], labels: Vec::new() }
    }

    /// One more item, by ascending number, with its labels, in any order; repeated ones count once, and such as do not
    /// exist not at all.
    pub fn push(&mut self, item: u32, labels: &[u32]) {
        let from = self.labels.len();
        self.labels.extend(labels.iter().filter(|l| (**l as usize) < self.n_labels));
        self.labels[from..].sort_unstable();
        let mut kept = from;
        for at in from..self.labels.len() {
            if kept == from || self.labels[kept - 1] != self.labels[at] {
                self.labels[kept] = self.labels[at];
                kept += 1;
            }
        }
        self.labels.truncate(kept);
        self.items.push(item);
        self.starts.push(kept);
    }

    /// Number of items.
    pub fn n_items(&self) -> usize {
        self.items.len()
    }

    fn of(&self, row: u32) -> &[u32] {
        &self.labels[self.starts[row as usize]..self.starts[row as usize + 1]]
    }

    /// For each label, rows of the items that carry it, ascending.
    fn rows(&self) -> Vec<Vec<u32>> {
        let mut rows = vec![Vec::new(); self.n_labels];
        for row in 0..self.n_items() as u32 {
            self.of(row).iter().for_each(|&l| rows[l as usize].push(row));
        }
        rows
    }
}

/// What can be chosen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RelationOptions {
    /// Labels on fewer items are not looked at.
    pub least_items: u64,
    /// Level of all tests together.
    pub alpha: f64,
}

impl Default for RelationOptions {
    fn default() -> Self {
        Self { least_items: 5, alpha: 0.05 }
    }
}

/// What two labels are to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    /// Nearly always together, both ways: candidates for a merger.
    Identical,
    /// Where `part` is, `whole` nearly always is, but not the other way round.
    Subset {
        /// The narrower label.
        part: u32,
        /// The wider label.
        whole: u32,
    },
    /// Together on at most [`SELDOM`] of either's items, and on far fewer than chance would have it: these are probably errors.
    NearlyExclusive,
    /// Never together, although chance would have it.
    Exclusive,
    /// Together on fewer items than chance would have it, but too often to be errors.
    Apart,
    /// Together on more items than chance would have it.
    Overlap,
    /// Nothing can be said.
    Undetermined,
}

impl Relation {
    /// Key in reports.
    pub fn key(self) -> &'static str {
        match self {
            Self::Identical => "identical",
            Self::Subset { .. } => "subset",
            Self::NearlyExclusive => "nearly_exclusive",
            Self::Exclusive => "exclusive",
            Self::Apart => "apart",
            Self::Overlap => "overlap",
            Self::Undetermined => "undetermined",
        }
    }

    /// Place in the order shown.
    fn place(self) -> u8 {
        match self {
            Self::Identical => 0,
            Self::Subset { .. } => 1,
            Self::NearlyExclusive => 2,
            Self::Exclusive => 3,
            Self::Overlap => 4,
            Self::Apart => 5,
            Self::Undetermined => 6,
        }
    }
}

/// Two labels.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelPair {
    /// The lower label.
    pub a: u32,
    /// The higher label.
    pub b: u32,
    /// What they are to each other.
    pub relation: Relation,
    /// Items with both.
    pub n_ab: u64,
    /// Items with a.
    pub n_a: u64,
    /// Items with b.
    pub n_b: u64,
    /// Items with both, were the labels independent.
    pub expected: f64,
    /// Items with both over items with either.
    pub jaccard: f64,
    /// Share of a's items that have b, with the lower end of Wilson's 95 % interval.
    pub b_given_a: (f64, f64),
    /// Share of b's items that have a, likewise.
    pub a_given_b: (f64, f64),
    /// Pointwise mutual information in bits; `None` where they are never together.
    pub pmi: Option<f64>,
    /// P(as few or fewer together), were they independent.
    pub p_low: f64,
    /// P(as many or more together).
    pub p_high: f64,
    /// Where nothing can be said of labels that are never together: how many items it would take to call them exclusive, at
    /// the present shares.
    pub items_needed: Option<u64>,
    /// What the names say.
    pub names: Vec<NameEvidence>,
    /// Items that contradict the relation, ascending: with one of two identical labels, with the part but not the whole,
    /// with two labels that are nearly exclusive.
    pub contradicting: Vec<u32>,
}

/// All of them.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelRelations {
    /// By relation; then identical, contained and overlapping pairs by Jaccard, exclusive ones by how unlikely they
    /// are; ties by label.
    pub pairs: Vec<LabelPair>,
    /// Items.
    pub n_items: u64,
    /// Pairs of labels that were tested.
    pub n_pairs: u64,
    /// Of these, pairs that are not listed: never together, and too rare to be called exclusive.
    pub n_not_listed: u64,
    /// α over the number of pairs: the level of each test.
    pub level: f64,
    /// Labels on too few items.
    pub rare: Vec<u32>,
    /// Labels on every item, which say nothing.
    pub everywhere: Vec<u32>,
    /// Labels that are one label, directly or through others, groups of two or more, each ascending, by first label.
    pub groups: Vec<Vec<u32>>,
}

impl LabelRelations {
    /// Pairs of (part, whole) with the items that have the part and not the whole.
    pub fn missing_wholes(&self) -> impl Iterator<Item = (u32, u32, &[u32])> {
        self.pairs.iter().filter_map(|pair| match pair.relation {
            Relation::Subset { part, whole } if !pair.contradicting.is_empty() => {
                Some((part, whole, pair.contradicting.as_slice()))
            }
            _ => None,
        })
    }
}

/// Relations of all pairs of labels that are frequent enough. `names` are those of the labels.
///
/// Time is of the order of the squares of the sets' sizes. Undefined where fewer than two labels can be compared.
///
/// # Errors
/// Cancellation.
pub fn label_relations(
    carriers: &Carriers,
    names: &[String],
    options: &RelationOptions,
    progress: &Progress,
) -> Result<Result<LabelRelations, Undefined>, Cancelled> {
    let n = carriers.n_items() as u64;
    if n == 0 {
        return Ok(Err(Undefined::NoAnnotations));
    }
    if !(options.alpha > 0.0 && options.alpha < 1.0) {
        let words = format!("a level of {} is not between 0 and 1", options.alpha);
        return Ok(Err(Undefined::Because(words)));
    }
    let rows = carriers.rows();
    let count = |label: u32| rows[label as usize].len() as u64;
    let all = 0..carriers.n_labels as u32;
    let rare: Vec<u32> =
        all.clone().filter(|&l| (1..options.least_items.max(1)).contains(&count(l))).collect();
    let everywhere: Vec<u32> = all.clone().filter(|&l| count(l) == n).collect();
    let kept: Vec<u32> = all.filter(|&l| count(l) >= options.least_items.max(1) && count(l) < n).collect();
    if kept.len() < 2 {
        let words = format!(
            "fewer than two labels are on {} items or more and not on all of them",
            options.least_items.max(1)
        );
        return Ok(Err(Undefined::Because(words)));
    }
    let n_pairs = kept.len() as u64 * (kept.len() as u64 - 1) / 2;
    let level = options.alpha / n_pairs as f64;
    let mut by_count = kept.clone();
    by_count.sort_by_key(|&l| (std::cmp::Reverse(count(l)), l));
    let is_kept = |l: u32| (options.least_items.max(1)..n).contains(&count(l));
    progress.stage("Comparing labels", kept.len() as u64);
    let judge = Judge { carriers, rows: &rows, names, n, level };
    let lists: Vec<Vec<LabelPair>> = kept
        .par_iter()
        .map_init(
            || vec![0_u64; carriers.n_labels],
            |together, &a| {
                progress.check()?;
                let mut met: Vec<u32> = Vec::new();
                for (i, &row) in rows[a as usize].iter().enumerate() {
                    if i % (1 << 12) == 0 {
                        progress.check()?;
                    }
                    let set = carriers.of(row);
                    for &b in &set[set.partition_point(|&l| l <= a)..] {
                        if together[b as usize] == 0 {
                            met.push(b);
                        }
                        together[b as usize] += 1;
                    }
                }
                let kept_met = met.iter().filter(|b| is_kept(**b));
                let mut pairs: Vec<LabelPair> =
                    kept_met.map(|&b| judge.pair(a, b, together[b as usize])).collect();
                for &b in &by_count {
                    let expected = count(a) as f64 * count(b) as f64 / n as f64;
                    // No pair with rarer labels can be called exclusive.
                    if kept.len() > FEW_LABELS && expected < -level.ln() {
                        break;
                    }
                    if b > a && together[b as usize] == 0 {
                        pairs.push(judge.pair(a, b, 0));
                    }
                }
                met.iter().for_each(|&b| together[b as usize] = 0);
                progress.add(1);
                Ok(pairs)
            },
        )
        .collect::<Result<_, Cancelled>>()?;
    let mut pairs: Vec<LabelPair> = lists.into_iter().flatten().collect();
    pairs.sort_by(|x, y| {
        let exclusive = matches!(x.relation, Relation::NearlyExclusive | Relation::Exclusive);
        let strength = if exclusive { x.p_low.total_cmp(&y.p_low) } else { y.jaccard.total_cmp(&x.jaccard) };
        let by_relation = x.relation.place().cmp(&y.relation.place());
        by_relation.then(strength).then_with(|| (x.a, x.b).cmp(&(y.a, y.b)))
    });
    progress.check()?;
    let groups = groups::groups(&pairs);
    let n_not_listed = n_pairs - pairs.len() as u64;
    Ok(Ok(LabelRelations { pairs, n_items: n, n_pairs, n_not_listed, level, rare, everywhere, groups }))
}

/// What a pair is judged by.
struct Judge<'a> {
    carriers: &'a Carriers,
    rows: &'a [Vec<u32>],
    names: &'a [String],
    n: u64,
    level: f64,
}

impl Judge<'_> {
    fn pair(&self, a: u32, b: u32, n_ab: u64) -> LabelPair {
        let (n_a, n_b) = (self.rows[a as usize].len() as u64, self.rows[b as usize].len() as u64);
        let share = |of: u64| (n_ab as f64 / of as f64, wilson_of(n_ab, of).0);
        let (b_given_a, a_given_b) = (share(n_a), share(n_b));
        let (p_low, p_high) = hypergeometric::tails(self.n, n_a, n_b, n_ab);
        let expected = n_a as f64 * n_b as f64 / self.n as f64;
        let within = |inner: (f64, f64), outer: (f64, f64)| {
            inner.0 >= COVERS && inner.1 >= SUBSET_LOW && outer.0 < COVERS
        };
        let same = |c: (f64, f64)| c.0 >= COVERS && c.1 >= IDENTICAL_LOW;
        let relation = if same(b_given_a) && same(a_given_b) {
            Relation::Identical
        } else if within(a_given_b, b_given_a) {
            Relation::Subset { part: b, whole: a }
        } else if within(b_given_a, a_given_b) {
            Relation::Subset { part: a, whole: b }
        } else if p_low <= self.level {
            match n_ab {
                0 => Relation::Exclusive,
                _ if a_given_b.0.max(b_given_a.0) <= SELDOM => Relation::NearlyExclusive,
                _ => Relation::Apart,
            }
        } else if p_high <= self.level {
            Relation::Overlap
        } else {
            Relation::Undetermined
        };
        // Labels that are independent are never together with a probability of about exp(−expected).
        let items_needed = (relation == Relation::Undetermined && n_ab == 0)
            .then(|| (self.n as f64 * -self.level.ln() / expected).ceil() as u64);
        let name = |l: u32| self.names.get(l as usize).map_or("", String::as_str);
        LabelPair {
            a,
            b,
            relation,
            n_ab,
            n_a,
            n_b,
            expected,
            jaccard: n_ab as f64 / (n_a + n_b - n_ab) as f64,
            b_given_a,
            a_given_b,
            pmi: (n_ab > 0).then(|| (n_ab as f64 / expected).log2()),
            p_low,
            p_high,
            items_needed,
            names: name_evidence(name(a), name(b)),
            contradicting: self.contradicting(a, b, relation),
        }
    }

    fn contradicting(&self, a: u32, b: u32, relation: Relation) -> Vec<u32> {
        let wanted = |has_a: bool, has_b: bool| match relation {
            Relation::Identical => has_a != has_b,
            Relation::Subset { part, .. } if part == a => has_a && !has_b,
            Relation::Subset { .. } => has_b && !has_a,
            Relation::NearlyExclusive => has_a && has_b,
            Relation::Exclusive | Relation::Apart | Relation::Overlap | Relation::Undetermined => false,
        };
        if matches!(
            relation,
            Relation::Exclusive | Relation::Apart | Relation::Overlap | Relation::Undetermined
        ) {
            return Vec::new();
        }
        let (mut x, mut y) =
            (self.rows[a as usize].iter().peekable(), self.rows[b as usize].iter().peekable());
        let mut rows = Vec::new();
        loop {
            let row = match (x.peek(), y.peek()) {
                (Some(&&p), Some(&&q)) => p.min(q),
                (Some(&&p), None) | (None, Some(&&p)) => p,
                (None, None) => break,
            };
            let has_a = x.next_if(|p| **p == row).is_some();
            let has_b = y.next_if(|q| **q == row).is_some();
            if wanted(has_a, has_b) {
                rows.push(self.carriers.items[row as usize]);
            }
        }
        rows
    }
}

#[cfg(test)]
mod tests;
