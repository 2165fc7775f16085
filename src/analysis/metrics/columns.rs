//! Which columns about items are metrics, and which say what made an item and from what.

use std::collections::HashSet;

use super::Wording;
use crate::dataset::{Dataset, Scale, TextColumn};

/// Most columns that are looked at.
const MOST_COLUMNS: usize = 200;
/// Most metrics; the first of them.
pub(super) const MOST_METRICS: usize = 40;
/// Most values of a column that says which system.
pub(super) const MOST_SYSTEMS: usize = 200;
/// Words of names: columns of numbers that only count, systems, and sources, the surest first.
const COUNTS: [&str; 8] = ["id", "idx", "index", "nr", "no", "row", "line", "seed"];
const SYSTEMS: [&str; 8] =
    ["system", "systems", "sys", "model", "generator", "engine", "summarizer", "method"];
const SOURCES: [&str; 15] = [
    "source",
    "src",
    "segment",
    "seg",
    "sentence",
    "document",
    "doc",
    "article",
    "prompt",
    "question",
    "context",
    "topic",
    "input",
    "reference",
    "ref",
];

/// Columns about items by what they may be, as numbers into [`Dataset::metadata`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MetricColumns {
    /// Numbers that vary, perturbed ones among them.
    pub metrics: Vec<usize>,
    /// Those whose values may be systems: few, that come again.
    pub systems: Vec<usize>,
    /// Those whose values may be sources: they come again.
    pub sources: Vec<usize>,
    /// The system, by its name.
    pub system: Option<usize>,
    /// The source, by its name.
    pub source: Option<usize>,
}

impl MetricColumns {
    /// Those of `dataset`; `None` where there is no metric, or nothing of people that it could be held against.
    pub fn of(dataset: &Dataset) -> Option<Self> {
        if !has_scores(dataset) {
            return None;
        }
        let mut found = Self::default();
        for (at, (name, column)) in dataset.metadata.iter().take(MOST_COLUMNS).enumerate() {
            let is_count = words(name).last().is_some_and(|w| COUNTS.contains(&w.as_str()));
            let numbers = numbers(column).filter(|n| varies(n));
            let whole = numbers.as_ref().is_none_or(|n| n.iter().flatten().all(|v| v.fract() == 0.0));
            if numbers.is_some_and(|n| !is_count && !counts_up(&n)) && found.metrics.len() < MOST_METRICS {
                found.metrics.push(at);
            }
            if let Some(n_values) = repeated(column).filter(|_| whole) {
                found.sources.push(at);
                if n_values <= MOST_SYSTEMS {
                    found.systems.push(at);
                }
            }
        }
        let numeric = found.metrics.clone();
        let named = |among: &[usize], known: &[&str], but: Option<usize>| {
            let has = |at: &usize, word: &str| words(&dataset.metadata[*at].0).iter().any(|w| w == word);
            // A number is one only where its name ends so: a score by a prompt is no prompt.
            let ends = |at: &usize, word: &str| {
                let own = words(&dataset.metadata[*at].0);
                let bare = own.iter().rev().find(|w| !COUNTS.contains(&w.as_str()));
                !numeric.contains(at) || bare.is_some_and(|w| w == word)
            };
            let is_it = |at: &usize, word: &str| Some(*at) != but && has(at, word) && ends(at, word);
            known.iter().find_map(|word| among.iter().copied().find(|at| is_it(at, word)))
        };
        found.system = named(&found.systems, &SYSTEMS, None);
        found.source = named(&found.sources, &SOURCES, found.system);
        let guessed = [found.system, found.source];
        found.metrics.retain(|&at| !guessed.contains(&Some(at)));
        (!found.metrics.is_empty() || Wording::of(dataset).is_some()).then_some(found)
    }
}

/// Whether people's answers are numbers, have an order, or are one of two.
fn has_scores(dataset: &Dataset) -> bool {
    let labels = &dataset.labels;
    dataset.sets.is_none()
        && labels.len() > 1
        && (labels.len() == 2 || labels.scale != Scale::Nominal || labels.values().is_some())
}

/// Lower-case words of a column's name.
fn words(name: &str) -> Vec<String> {
    let parts = name.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
    parts.map(str::to_lowercase).collect()
}

/// A column as numbers, where most items have one and three in four values are some: a machine that was asked for numbers says other
/// things too.
pub(super) fn numbers(column: &TextColumn) -> Option<Vec<Option<f64>>> {
    let number = |value: &str| value.trim().parse().ok().filter(|v: &f64| v.is_finite());
    let numbers: Vec<Option<f64>> = column.iter().map(number).collect();
    let known = numbers.iter().flatten().count();
    (2 * known > numbers.len() && 3 * unread(column, &numbers) <= known).then_some(numbers)
}

/// Values that are there and no numbers.
pub(super) fn unread(column: &TextColumn, numbers: &[Option<f64>]) -> usize {
    column.iter().zip(numbers).filter(|(value, n)| n.is_none() && !value.trim().is_empty()).count()
}

fn varies(numbers: &[Option<f64>]) -> bool {
    let mut known = numbers.iter().flatten();
    known.next().is_some_and(|first| known.any(|v| v != first))
}

/// Whether it is a number for each item in turn.
fn counts_up(numbers: &[Option<f64>]) -> bool {
    numbers.len() > 2 && numbers.windows(2).all(|w| matches!(w, [Some(a), Some(b)] if b - a == 1.0))
}

/// Different values of a column in which they come again, one and a half times on average.
fn repeated(column: &TextColumn) -> Option<usize> {
    let (mut seen, mut n) = (HashSet::new(), 0_usize);
    for value in column.iter().filter(|v| !v.is_empty()) {
        seen.insert(value);
        n += 1;
    }
    (seen.len() > 1 && 3 * seen.len() <= 2 * n).then_some(seen.len())
}
