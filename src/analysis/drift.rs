//! Do labels drift: from batch to batch, from one version of the guideline to the next?
//!
//! Batches are the values of a column about items, in their order, or ten parts of the file. The votes that count are looked at;
//! where nobody voted, the labels that items are given.

use std::sync::Arc;

use super::{Given, Settings};
use crate::dataset::{Dataset, LabelId, NO_LABEL, TextColumn};
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;
use crate::stats::drift::{BatchVote, LabelDrift, PermutationOptions, label_drift};

/// Most batches of a column that is offered.
pub const MOST_BATCHES: usize = 60;
/// Parts of the file.
const PARTS: usize = 10;
/// Permuted votes in all: fewer permutations where there are many.
const WORK: usize = 200_000_000;

/// What batches go by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Batches {
    /// Ten parts of the file, as it stands.
    #[default]
    Parts,
    /// A column about items, by its number.
    Column(usize),
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DriftAsked {
    /// Whose votes count.
    pub settings: Settings,
    /// What batches go by.
    pub by: Batches,
    /// Seed of the permutations.
    pub seed: u64,
}

/// Drift over batches.
#[derive(Debug, Clone)]
pub struct DriftReport {
    /// What was asked for.
    pub asked: DriftAsked,
    /// What batches go by, in words.
    pub by: String,
    /// Names of batches, by number.
    pub names: Vec<String>,
    /// What was found.
    pub found: LabelDrift,
    /// Items of each of [`LabelDrift::batches`].
    pub items: Vec<Arc<[u32]>>,
    /// Whether votes were looked at, or given labels.
    pub by_votes: bool,
    /// Permutations.
    pub permutations: u32,
}

/// Columns that make batches: their numbers, in order.
pub fn columns(dataset: &Dataset) -> Vec<usize> {
    let fits = |column: &TextColumn| {
        let n = values(column).len();
        (2..=MOST_BATCHES).contains(&n)
    };
    let all = dataset.metadata.iter().enumerate();
    all.filter(|(_, (_, column))| fits(column)).map(|(at, _)| at).collect()
}

/// The values of a column, each once, numbers before words; at most one more than [`MOST_BATCHES`].
fn values(column: &TextColumn) -> Vec<String> {
    let mut found: std::collections::BTreeSet<&str> = std::collections::BTreeSet::new();
    for value in column.iter().filter(|v| !v.is_empty()) {
        found.insert(value);
        if found.len() > MOST_BATCHES {
            break;
        }
    }
    let mut found: Vec<String> = found.into_iter().map(str::to_owned).collect();
    let number = |v: &String| v.trim().parse::<f64>().ok().filter(|n| n.is_finite());
    found.sort_by(|a, b| match (number(a), number(b)) {
        (Some(x), Some(y)) => x.total_cmp(&y).then_with(|| a.cmp(b)),
        (Some(_), None) => std::cmp::Ordering::Less,
        (None, Some(_)) => std::cmp::Ordering::Greater,
        (None, None) => a.cmp(b),
    });
    found
}

/// Looks at the labels batch by batch.
///
/// Undefined for a column with fewer than two values, or more than can be told apart, and without labels.
pub fn drift(
    dataset: &Dataset,
    given: &Given,
    asked: &DriftAsked,
    progress: &Progress,
) -> Result<Result<DriftReport, Undefined>, Cancelled> {
    let n = dataset.n_items();
    let (by, names, batch_of): (String, Vec<String>, Vec<u32>) = match asked.by {
        Batches::Parts => {
            let parts = PARTS.min(n.max(1));
            let names = (1..=parts).map(|p| format!("part {p}")).collect();
            let of = (0..n).map(|i| (i * parts / n.max(1)) as u32).collect();
            ("parts of the file".to_owned(), names, of)
        }
        Batches::Column(at) => {
            let Some((name, column)) = dataset.metadata.get(at) else {
                return Ok(Err(Undefined::Because("there is no such column about items".to_owned())));
            };
            let names = values(column);
            if names.len() < 2 || names.len() > MOST_BATCHES {
                let why = format!("“{name}” has {} values; batches need 2 to {MOST_BATCHES}", names.len());
                return Ok(Err(Undefined::Because(why)));
            }
            let number = |v: &str| names.iter().position(|n| n == v).map_or(u32::MAX, |at| at as u32);
            let of = column.iter().map(number).collect();
            (name.clone(), names, of)
        }
    };
    let by_votes = !dataset.annotations.is_empty();
    let batch = |item: usize| batch_of.get(item).copied().filter(|&b| b != u32::MAX);
    let mut votes: Vec<BatchVote> = Vec::new();
    let mut add = |item: usize, label: LabelId| {
        if let (Some(batch), true) = (batch(item), label != NO_LABEL) {
            votes.push(BatchVote { item: item as u32, batch, label });
        }
    };
    if by_votes {
        let counted = asked.settings.counted(dataset).resolved(asked.settings.duplicates);
        for item in 0..n {
            if item % 65_536 == 0 {
                progress.check()?;
            }
            counted.labels_of(item).iter().for_each(|&label| add(item, label));
        }
    } else {
        given.current.iter().enumerate().for_each(|(item, &label)| add(item, label));
    }
    let permutations = ((WORK / votes.len().max(1)) as u32).clamp(100, 2000);
    let options = PermutationOptions { replicates: permutations, seed: asked.seed };
    let found = match label_drift(&votes, options, progress)? {
        Ok(found) => found,
        Err(reason) => return Ok(Err(reason)),
    };
    let mut items: Vec<Vec<u32>> = vec![Vec::new(); names.len()];
    let mut last = None;
    for vote in &votes {
        if last != Some(vote.item) {
            items[vote.batch as usize].push(vote.item);
            last = Some(vote.item);
        }
    }
    let items = found.batches.iter().map(|b| Arc::from(std::mem::take(&mut items[b.batch as usize])));
    Ok(Ok(DriftReport {
        asked: asked.clone(),
        by,
        names,
        items: items.collect(),
        found,
        by_votes,
        permutations,
    }))
}

#[cfg(test)]
mod tests;
