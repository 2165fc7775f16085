//! How strongly, and for whom: whether counting wins and adding up their strength name the same winner, for each two options.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::reading::{Grade, Read, grade};
use crate::dataset::Dataset;
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;
use crate::stats::aggregation::preference::Outcome;
use crate::stats::preference_factors::cardinal::Strength;
use crate::stats::preference_factors::{Cardinal, Verdict, cardinal};

/// Names of columns that hold a strength, lower case.
const NAMES: [&str; 5] = ["strength", "magnitude", "margin", "intensity", "points"];
/// Most pairs of options that are looked at: those with most comparisons.
const MOST_PAIRS: usize = 60;

/// Two options, by counts and by strength.
#[derive(Debug, Clone)]
pub struct PairStrength {
    /// The options, by number; strengths above 0 are for the first.
    pub options: (u32, u32),
    /// As the labels say it: a little is 1, a lot 2; or a column's numbers.
    pub found: Cardinal,
    /// The same with each rater's strengths divided by the median of theirs; where nobody but ties is left, why not.
    pub per_rater: Result<Cardinal, Undefined>,
    /// What comes of it where a lot is 3 times a little; `None` where a column has the strengths.
    pub at_three: Option<Verdict>,
    /// Items of the strongest votes for the one with fewer wins, the strongest first.
    pub drivers: Arc<[u32]>,
}

/// All pairs.
#[derive(Debug, Clone)]
pub struct Strengths {
    /// Where strengths come from, for people.
    pub from: String,
    /// Conflicts first, then by number of comparisons.
    pub pairs: Vec<PairStrength>,
    /// Pairs with fewer comparisons that were not looked at.
    pub n_passed_over: usize,
}

impl Strengths {
    /// Pairs in which counts and strengths name opposite winners.
    pub fn n_conflicts(&self) -> usize {
        self.pairs
            .iter()
            .filter(|p| matches!(p.found.verdict, Verdict::Conflict | Verdict::Unsettled))
            .count()
    }
}

/// Strength of each label, a lot being `lot` times a little, what does not say being halfway.
fn of_labels(dataset: &Dataset, lot: f64) -> Option<Vec<f64>> {
    let grades: Vec<Grade> = dataset.labels.names().iter().map(|n| grade(n)).collect();
    let has = |g: Grade| grades.contains(&g);
    // `A>B` alone says who, not how much.
    (has(Grade::Lot) && (has(Grade::Little) || has(Grade::Plain))).then(|| {
        let of = |g: &Grade| match g {
            Grade::Little => 1.0,
            Grade::Plain => f64::midpoint(1.0, lot),
            Grade::Lot => lot,
        };
        grades.iter().map(of).collect()
    })
}

/// Strength of each item, by a column.
fn of_column(dataset: &Dataset) -> Option<(&str, Vec<f64>)> {
    let (name, column) = dataset.metadata.iter().find(|(name, _)| {
        NAMES.iter().any(|n| name.to_lowercase().split(['_', ' ', '-']).any(|w| w == *n))
    })?;
    let number = |v: &str| v.trim().parse::<f64>().ok().filter(|v| v.is_finite()).map(f64::abs);
    let values: Option<Vec<f64>> = column.iter().map(number).collect();
    Some((name, values?))
}

/// Looks at each two options. Undefined where nothing says how strongly one is preferred.
///
/// # Errors
/// If it was cancelled.
pub(super) fn strengths(
    dataset: &Dataset,
    read: &Read,
    seed: u64,
    progress: &Progress,
) -> Result<Result<Strengths, Undefined>, Cancelled> {
    let by_label = of_labels(dataset, 2.0);
    let by_item = if by_label.is_some() { None } else { of_column(dataset) };
    let from = match (&by_label, &by_item) {
        _ if read.labels.is_empty() => None,
        (Some(_), _) => Some("labels; a lot counts 2, a little 1".to_owned()),
        (None, Some((name, _))) => Some(format!("column {name}")),
        (None, None) => None,
    };
    let Some(from) = from else {
        let why = "nothing says how strongly: it takes labels such as “A is slightly better” and “A is clearly better”, or a \
                   column strength or margin";
        return Ok(Err(Undefined::Because(why.to_owned())));
    };
    progress.stage("strength of preferences", 0);
    let at_three = of_labels(dataset, 3.0).filter(|_| by_label.is_some());
    let mut by_pair: BTreeMap<(u32, u32), Vec<usize>> = BTreeMap::new();
    for (at, c) in read.comparisons.iter().enumerate() {
        by_pair.entry((c.left.min(c.right), c.left.max(c.right))).or_default().push(at);
    }
    let mut chosen: Vec<((u32, u32), Vec<usize>)> = by_pair.into_iter().collect();
    chosen.sort_by_key(|(options, own)| (std::cmp::Reverse(own.len()), *options));
    let n_passed_over = chosen.len().saturating_sub(MOST_PAIRS);
    chosen.truncate(MOST_PAIRS);
    let mut pairs = Vec::new();
    for (stream, (options, own)) in chosen.into_iter().enumerate() {
        let all = |by_label: Option<&Vec<f64>>| -> Vec<Strength> {
            let one = |&at: &usize| {
                let c = &read.comparisons[at];
                let size = by_label
                    .and_then(|s| s.get(read.labels[at] as usize))
                    .or_else(|| by_item.as_ref().and_then(|(_, s)| s.get(read.items[at] as usize)))
                    .copied()
                    .unwrap_or(1.0);
                let sign = match c.outcome {
                    Outcome::Tie => 0.0,
                    Outcome::Left => 1.0,
                    Outcome::Right => -1.0,
                };
                let sign = if c.left == options.0 { sign } else { -sign };
                Strength { item: read.items[at], rater: c.rater, d: sign * size }
            };
            own.iter().map(one).collect()
        };
        let given = all(by_label.as_ref());
        let seed = seed.wrapping_add(stream as u64);
        let Ok(found) = cardinal(&given, false, seed, progress)? else { continue };
        let per_rater = if dataset.raters.anonymous {
            Err(Undefined::AnonymousVotes)
        } else {
            cardinal(&given, true, seed, progress)?
        };
        let at_three = match &at_three {
            None => None,
            Some(sizes) => cardinal(&all(Some(sizes)), false, seed, progress)?.ok().map(|c| c.verdict),
        };
        let mut drivers = Vec::new();
        for &at in &found.drivers {
            if !drivers.contains(&given[at].item) {
                drivers.push(given[at].item);
            }
        }
        pairs.push(PairStrength { options, found, per_rater, at_three, drivers: Arc::from(drivers) });
    }
    let rank = |v: Verdict| match v {
        Verdict::Conflict => 0,
        Verdict::Unsettled => 1,
        Verdict::Even | Verdict::Agree => 2,
    };
    pairs.sort_by_key(|p| (rank(p.found.verdict), std::cmp::Reverse(p.found.n), p.options));
    Ok(Ok(Strengths { from, pairs, n_passed_over }))
}
