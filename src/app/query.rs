//! Which items are shown, in which order: conditions, search and sort, in words and as a job.
//!
//! A [`Query`] is small and comparable; [`run`] turns it into item numbers on a worker. The window keeps the
//! old rows until the new ones are there.

use std::sync::Arc;

use crate::analysis::Analysis;
use crate::analysis::lab::differ;
use crate::app::widgets::paint::number;
use crate::dataset::{Annotations, Dataset, Edits, LabelId, NO_LABEL, Outcome};
use crate::progress::{Cancelled, Progress};
use crate::stats::aggregation::MajorityVote;
use crate::stats::confident::Filter;

/// One condition. All of them hold for an item that is shown.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// The given label is under suspicion.
    Flagged,
    /// This filter of confident learning flags it.
    FlaggedBy(Filter),
    /// Raters gave more than one label.
    Split,
    /// No label has the most votes.
    Tied,
    /// A decision was made.
    Decided,
    /// None was made.
    Undecided,
    /// The given label is this one.
    Given(LabelId),
    /// It was this one before the review.
    GivenBefore(LabelId),
    /// The consensus is this label.
    Consensus(LabelId),
    /// The given label is the first, the suggestion the second, and the item is flagged.
    Suggests(LabelId, LabelId),
    /// Raters gave both labels.
    Between(LabelId, LabelId),
    /// Somebody gave this label.
    Voted(LabelId),
    /// Label quality is below this.
    QualityBelow(f64),
    /// The rater labelled it.
    Rater(u32),
    /// Any of these raters labelled it; ascending.
    AnyRater(Vec<u32>),
    /// The rater gave this label.
    RaterSaid(u32, LabelId),
    /// The consensus is the first label, the rater said the second.
    RaterConfused(u32, LabelId, LabelId),
    /// Both raters labelled it.
    Shared(u32, u32),
    /// Both raters labelled it, differently.
    Parted(u32, u32),
    /// Two methods label it differently. Computed, so that no place keeps it.
    #[serde(skip)]
    MethodsPart(Labellings),
    /// It is one of some items that were computed; no place keeps it either.
    #[serde(skip)]
    Among(Among),
}

/// Raters that words name before the rest is counted.
const NAMED: usize = 4;

/// Some items, and what they have in common.
#[derive(Debug, Clone, PartialEq)]
pub struct Among {
    words: String,
    /// Ascending.
    items: Arc<[u32]>,
    /// In an order of their own, where they have one.
    order: Option<Arc<[u32]>>,
}

/// Labels by two methods.
#[derive(Debug, Clone)]
pub struct Labellings {
    words: String,
    a: Arc<MajorityVote>,
    b: Arc<MajorityVote>,
}

impl Labellings {
    /// Items on which `a` and `b` differ; `words` follow "where".
    pub fn new(words: String, a: Arc<MajorityVote>, b: Arc<MajorityVote>) -> Self {
        Self { words, a, b }
    }
}

impl PartialEq for Labellings {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.a, &other.a) && Arc::ptr_eq(&self.b, &other.b)
    }
}

impl Condition {
    /// One of `items`, in any order; `words` follow "where".
    pub fn among(words: String, items: Arc<[u32]>) -> Self {
        let items = if items.is_sorted() {
            items
        } else {
            let mut own = items.to_vec();
            own.sort_unstable();
            own.into()
        };
        Self::Among(Among { words, items, order: None })
    }

    /// One of `items`, each once, which are shown and reviewed in this order; `words` follow "where".
    pub fn listed(words: String, order: Arc<[u32]>) -> Self {
        let mut items = order.to_vec();
        items.sort_unstable();
        items.dedup();
        let order = (items.len() == order.len()).then_some(order);
        Self::Among(Among { words, items: items.into(), order })
    }

    /// The order of its items, where it has one.
    pub fn order(&self) -> Option<&[u32]> {
        match self {
            Self::Among(some) => some.order.as_deref(),
            _ => None,
        }
    }

    /// In words, as they follow "where".
    pub fn words(&self, dataset: &Dataset) -> String {
        let label = |l: LabelId| {
            if l == NO_LABEL { "no label".to_owned() } else { dataset.labels.name(l).to_owned() }
        };
        let rater = |r: u32| dataset.raters.names.get(r as usize).cloned().unwrap_or_default();
        match *self {
            Self::MethodsPart(ref two) => two.words.clone(),
            Self::Among(ref some) => some.words.clone(),
            Self::Flagged => "flagged".to_owned(),
            Self::FlaggedBy(filter) => format!("flagged by “{}”", filter.words().0),
            Self::Split => "raters split".to_owned(),
            Self::Tied => "votes tied".to_owned(),
            Self::Decided => "decided".to_owned(),
            Self::Undecided => "not decided".to_owned(),
            Self::Given(l) => format!("given {}", label(l)),
            Self::GivenBefore(l) => format!("given {} before the review", label(l)),
            Self::Consensus(l) => format!("consensus {}", label(l)),
            Self::Suggests(a, b) => format!("flagged {} → {}", label(a), label(b)),
            Self::Between(a, b) => format!("votes for both {} and {}", label(a), label(b)),
            Self::Voted(l) => format!("a vote for {}", label(l)),
            Self::QualityBelow(q) => format!("quality below {}", number(q, 2)),
            Self::Rater(r) => format!("labelled by {}", rater(r)),
            Self::AnyRater(ref some) => {
                let mut names: Vec<String> = some.iter().take(NAMED).map(|&r| rater(r)).collect();
                if some.len() > NAMED {
                    names.push(format!("{} more", some.len() - NAMED));
                }
                format!("labelled by {}", names.join(" or "))
            }
            Self::RaterSaid(r, l) => format!("{} said {}", rater(r), label(l)),
            Self::RaterConfused(r, a, b) => format!("consensus {}, {} said {}", label(a), rater(r), label(b)),
            Self::Shared(a, b) => format!("labelled by {} and {}", rater(a), rater(b)),
            Self::Parted(a, b) => format!("{} and {} differ", rater(a), rater(b)),
        }
    }

    /// Whether it holds for `item`. `votes` are those that count; what one rater said is looked up among all.
    fn holds(
        &self,
        dataset: &Dataset,
        votes: &Annotations,
        analysis: &Analysis,
        edits: &Edits,
        item: usize,
    ) -> bool {
        let labels = votes.labels_of(item);
        let said =
            |r: u32, l: LabelId| dataset.annotations.of_item(item).any(|a| a.rater == r && a.label == l);
        let by = |r: u32| dataset.annotations.raters_of(item).contains(&r);
        let given = analysis.given.current.get(item).copied().unwrap_or(NO_LABEL);
        match *self {
            Self::MethodsPart(ref two) => !labels.is_empty() && differ(&two.a, &two.b, item),
            Self::Among(ref some) => some.items.binary_search(&(item as u32)).is_ok(),
            Self::Flagged => analysis.items.flagged.get(item).copied().unwrap_or(false),
            Self::FlaggedBy(filter) => analysis
                .confident
                .as_ref()
                .as_ref()
                .is_ok_and(|c| c.issues.get(item).is_some_and(|bits| bits & filter.bit() != 0)),
            Self::Split => labels.iter().any(|&l| Some(&l) != labels.first()),
            Self::Tied => !labels.is_empty() && analysis.aggregation.majority.label[item] == NO_LABEL,
            Self::Decided => edits.get(item).is_some(),
            Self::Undecided => edits.get(item).is_none(),
            Self::Given(l) => given == l,
            Self::GivenBefore(l) => analysis.given.original.get(item).copied().unwrap_or(NO_LABEL) == l,
            Self::Consensus(l) => analysis.consensus.get(item) == Some(&l),
            Self::Suggests(a, b) => {
                given == a && analysis.items.suggested[item] == b && analysis.items.flagged[item]
            }
            Self::Between(a, b) => labels.contains(&a) && labels.contains(&b),
            Self::Voted(l) => labels.contains(&l),
            Self::QualityBelow(q) => analysis.items.quality(item).is_some_and(|x| x < q),
            Self::Rater(r) => by(r),
            Self::AnyRater(ref some) => {
                dataset.annotations.raters_of(item).iter().any(|r| some.binary_search(r).is_ok())
            }
            Self::RaterSaid(r, l) => said(r, l),
            Self::RaterConfused(r, a, b) => analysis.consensus.get(item) == Some(&a) && said(r, b),
            Self::Shared(a, b) => by(a) && by(b),
            Self::Parted(a, b) => {
                let first = |r: u32| {
                    dataset.annotations.of_item(item).filter(|x| x.rater == r).map(|x| x.label).last()
                };
                matches!((first(a), first(b)), (Some(x), Some(y)) if x != y)
            }
        }
    }
}

/// What the rows are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SortKey {
    /// The order of the file.
    #[default]
    File,
    /// The item's key.
    Item,
    /// The text.
    Text,
    /// The given label.
    Given,
    /// Label quality.
    Quality,
    /// Vote entropy.
    Entropy,
    /// Number of votes.
    Votes,
    /// As a condition lists them; no place keeps it.
    Listed,
}

/// What is shown, in which order.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize, serde::Deserialize)]
pub struct Query {
    /// All of them hold.
    pub conditions: Vec<Condition>,
    /// The text or the key contains this (any case).
    pub search: String,
    /// The order.
    pub sort: SortKey,
    /// Whether the largest is first. Items without a value come last either way.
    pub descending: bool,
}

impl Query {
    /// The flagged items, most suspicious first.
    pub fn flagged() -> Self {
        Self { conditions: vec![Condition::Flagged], sort: SortKey::Quality, ..Self::default() }
    }

    /// Without conditions on what is computed only when somebody asks.
    #[must_use]
    pub fn lasting(&self) -> Self {
        let mut query = self.clone();
        query.conditions.retain(|c| !matches!(c, Condition::MethodsPart(_) | Condition::Among(_)));
        if query.sort == SortKey::Listed {
            query.sort = SortKey::Quality;
        }
        query
    }

    /// Whether everything is shown.
    pub fn is_everything(&self) -> bool {
        self.conditions.is_empty() && self.search.trim().is_empty()
    }

    /// Adds a condition unless it is there.
    pub fn add(&mut self, condition: Condition) {
        if !self.conditions.contains(&condition) {
            self.conditions.push(condition);
        }
    }

    /// Takes it away, or adds it.
    pub fn toggle(&mut self, condition: Condition) {
        match self.conditions.iter().position(|c| *c == condition) {
            Some(i) => drop(self.conditions.remove(i)),
            None => self.conditions.push(condition),
        }
    }
}

/// Bins of the histograms over the table.
pub const BINS: usize = 40;

/// What a query gives.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    /// Item numbers in the order shown.
    pub items: Arc<[u32]>,
    /// Of the items shown: quality in [`BINS`] bins over 0..=1.
    pub quality: Vec<u32>,
    /// Of the items shown: entropy in [`BINS`] bins over 0..=log₂(labels).
    pub entropy: Vec<u32>,
    /// Of the items shown: flagged.
    pub flagged: usize,
}

/// Runs `query`; a job.
pub fn run(
    dataset: &Dataset,
    analysis: &Analysis,
    edits: &Edits,
    query: &Query,
    progress: &Progress,
) -> Result<Rows, Cancelled> {
    use rayon::prelude::*;

    let n = dataset.n_items();
    progress.stage("Filtering", n as u64);
    let needle = query.search.trim().to_lowercase();
    let votes = analysis.settings.counted(dataset);
    let chunks: Vec<Vec<u32>> = (0..n.div_ceil(8192))
        .into_par_iter()
        .map(|c| {
            progress.check()?;
            let range = c * 8192..((c + 1) * 8192).min(n);
            progress.add(range.len() as u64);
            Ok(range
                .filter(|&item| {
                    query.conditions.iter().all(|k| k.holds(dataset, &votes, analysis, edits, item))
                        && (needle.is_empty() || contains(dataset, item, &needle))
                })
                .map(|i| i as u32)
                .collect())
        })
        .collect::<Result<_, Cancelled>>()?;
    let mut items: Vec<u32> = chunks.concat();
    let mut rows = counted(dataset, analysis, &items);
    progress.stage("Sorting", 0);
    progress.check()?;
    sort(dataset, analysis, query, &mut items);
    rows.items = items.into();
    Ok(rows)
}

/// The histograms of items. These are still in the order of the file, in which it is quickest.
fn counted(dataset: &Dataset, analysis: &Analysis, items: &[u32]) -> Rows {
    let most = (dataset.labels.len().max(2) as f64).log2();
    let mut rows = Rows { quality: vec![0; BINS], entropy: vec![0; BINS], ..Rows::default() };
    for &item in items {
        if let Some(q) = analysis.items.quality(item as usize) {
            rows.quality[bin(q)] += 1;
        }
        if let Some(e) = analysis.items.entropy(item as usize) {
            rows.entropy[bin(e / most)] += 1;
        }
        rows.flagged += usize::from(analysis.items.flagged[item as usize]);
    }
    rows
}

/// The bin of a value in 0..=1.
pub fn bin(t: f64) -> usize {
    ((t * BINS as f64) as usize).min(BINS - 1)
}

fn contains(dataset: &Dataset, item: usize, needle: &str) -> bool {
    let has = |s: &str| {
        if s.is_ascii() && needle.is_ascii() {
            // No allocation for the usual case.
            s.as_bytes().windows(needle.len()).any(|w| w.eq_ignore_ascii_case(needle.as_bytes()))
        } else {
            s.to_lowercase().contains(needle)
        }
    };
    has(dataset.keys.get(item)) || dataset.texts.as_ref().is_some_and(|t| has(t.get(item)))
}

fn sort(dataset: &Dataset, analysis: &Analysis, query: &Query, items: &mut [u32]) {
    use rayon::prelude::*;

    let down = query.descending;
    // Missing values come last whichever way the order runs; ties keep the order of the file.
    // Each number is looked up once and sorted as an integer with the item: a million take a tenth of what comparing them where
    // they stand takes.
    let by_number = |items: &mut [u32], key: &(dyn Fn(usize) -> Option<f64> + Sync)| {
        let of = |&item: &u32| match key(item as usize) {
            Some(x) if down => (!ordered(x), item),
            Some(x) => (ordered(x), item),
            None => (u64::MAX, item),
        };
        let mut pairs: Vec<(u64, u32)> = items.par_iter().with_min_len(8192).map(of).collect();
        pairs.par_sort_unstable();
        items.iter_mut().zip(pairs).for_each(|(slot, pair)| *slot = pair.1);
    };
    match query.sort {
        SortKey::File => {
            if down {
                items.reverse();
            }
        }
        SortKey::Item => items.par_sort_by(|&a, &b| {
            let order = natural(dataset.keys.get(a as usize), dataset.keys.get(b as usize));
            if down { order.reverse() } else { order }
        }),
        SortKey::Text => {
            if let Some(texts) = &dataset.texts {
                items.par_sort_by(|&a, &b| {
                    let order = texts.get(a as usize).cmp(texts.get(b as usize));
                    if down { order.reverse() } else { order }
                });
            }
        }
        SortKey::Given => by_number(items, &|i| {
            analysis.given.current.get(i).filter(|&&l| l != NO_LABEL).map(|&l| f64::from(l))
        }),
        SortKey::Quality => by_number(items, &|i| analysis.items.quality(i)),
        SortKey::Entropy => by_number(items, &|i| analysis.items.entropy(i)),
        SortKey::Votes => by_number(items, &|i| Some(f64::from(analysis.items.n_annotations[i]))),
        SortKey::Listed => {
            if let Some(order) = query.conditions.iter().find_map(Condition::order) {
                let listed = order.iter().copied().filter(|item| items.binary_search(item).is_ok());
                let listed: Vec<u32> = if down { listed.rev().collect() } else { listed.collect() };
                items.iter_mut().zip(listed).for_each(|(slot, item)| *slot = item);
            }
        }
    }
}

/// An integer that is ordered as the number is; none is [`u64::MAX`] unless it is no number.
fn ordered(x: f64) -> u64 {
    let bits = x.to_bits();
    if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
}

/// "c9" before "c10".
fn natural(a: &str, b: &str) -> std::cmp::Ordering {
    let (mut a, mut b) = (a.as_bytes(), b.as_bytes());
    loop {
        let digits = |s: &[u8]| s.iter().take_while(|c| c.is_ascii_digit()).count();
        let (da, db) = (digits(a), digits(b));
        if da > 0 && db > 0 {
            let strip = |s: &'_ [u8]| s.iter().take_while(|&&c| c == b'0').count();
            let (x, y) = (&a[strip(&a[..da])..da], &b[strip(&b[..db])..db]);
            let order = x.len().cmp(&y.len()).then_with(|| x.cmp(y));
            if order.is_ne() {
                return order;
            }
            (a, b) = (&a[da..], &b[db..]);
            continue;
        }
        match (a.first(), b.first()) {
            (Some(x), Some(y)) if x == y => (a, b) = (&a[1..], &b[1..]),
            (x, y) => return x.cmp(&y),
        }
    }
}

/// What was decided on an item, as a glyph and a word for rows.
pub fn decided_word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Kept(_) => "kept",
        Outcome::Changed(_) => "changed",
        Outcome::Several(_) => "several labels",
        Outcome::Soft(_) => "soft label",
        Outcome::NoneOfLabels => "none of the labels",
        Outcome::Unsure => "unsure",
        Outcome::Excluded => "excluded",
    }
}

/// Rows shared with the view that shows them.
pub type SharedRows = Arc<Rows>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_inside_keys_are_ordered_by_value() {
        let mut keys = vec!["c10", "c9", "b2", "c010", "c9a", "c"];
        keys.sort_by(|a, b| natural(a, b));
        assert_eq!(keys, ["b2", "c", "c9", "c9a", "c10", "c010"]);
    }

    #[test]
    fn bins_cover_the_ends() {
        assert_eq!((bin(0.0), bin(1.0), bin(0.999)), (0, BINS - 1, BINS - 1));
    }

    #[test]
    fn conditions_are_added_once_and_toggled() {
        let mut q = Query::default();
        q.add(Condition::Flagged);
        q.add(Condition::Flagged);
        assert_eq!(q.conditions.len(), 1);
        q.toggle(Condition::Flagged);
        assert!(q.is_everything());
    }
}
