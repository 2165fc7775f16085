//! Probabilities of labels out of the items themselves, each predicted by a model that has not seen the item.
//!
//! Texts become sparse vectors of words, pairs of words and runs of letters ([`features`]); embeddings and columns of numbers are
//! scaled ([`dense`]). A multinomial logistic regression ([`logistic`]) learns labels from either. Items are dealt into folds
//! so that each label is in every fold as far as it can be, and so that equal items are in one fold: a model that has
//! seen a duplicate has seen the item. Probabilities of all folds are then tempered by one number, which makes them as sure as they
//! are right.
//!
//! The same items, labels and seed give the same bytes on any number of threads: folds are learned one by one, each in an
//! order of its own.

mod dense;
mod features;
mod folds;
mod logistic;

use rayon::prelude::*;

use self::dense::Dense;
pub(super) use self::features::Features as Vectors;
use self::features::features;
use self::folds::folds;
use self::logistic::{Model, Rounds};
use crate::dataset::{Embeddings, LabelId, NO_LABEL, TextColumn};
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;

/// Folds that items are dealt into.
pub const N_FOLDS: usize = 5;
/// Most probabilities (items × labels).
const MAX_CELLS: usize = 1 << 28;
/// Least labelled items.
const LEAST_ITEMS: usize = 20;
/// 95 % point of the normal distribution, one-sided.
const Z: f64 = 1.644_854;

/// What was predicted, and how well.
#[derive(Debug, Clone)]
pub struct Learned {
    /// Items × labels, row-major; each row by a model that did not see the item.
    pub probabilities: Vec<f32>,
    /// Labelled items.
    pub n_items: usize,
    /// Words, pairs and runs of letters that it knows; or numbers of an item that are not all the same.
    pub n_features: usize,
    /// Share of labelled items whose most probable label is their label.
    pub accuracy: f64,
    /// Share of labelled items that always saying the commonest label gets right.
    pub majority: f64,
    /// Whether the first is above the second, beyond chance (paired test, one-sided, 5 %).
    pub beats_majority: bool,
    /// What log-odds were divided by: above 1 where the models were too sure.
    pub temperature: f64,
}

/// Vectors to learn from, one an item.
trait Rows: Sync {
    /// How many numbers there are.
    fn n_features(&self) -> usize;
    /// Which of them an item has, ascending, and what they are.
    fn row(&self, item: usize) -> (&[u32], &[f32]);
}

/// Vectors of all texts, of length one, with all features that two texts have.
pub(super) fn text_vectors(texts: &TextColumn, progress: &Progress) -> Result<Vectors, Cancelled> {
    features(texts, texts.len(), 1, progress)
}

/// Learns `labels` (one an item; [`NO_LABEL`] for items that are only predicted) from `texts`.
///
/// Undefined with fewer than twenty labelled items or two labels in use, without a text, and where items × labels is
/// beyond 2²⁸. Time is O(items × features of an item × labels).
pub fn learn_texts(
    texts: &TextColumn,
    labels: &[LabelId],
    n_labels: usize,
    seed: u64,
    progress: &Progress,
) -> Result<Result<Learned, Undefined>, Cancelled> {
    let counts = match countable(labels, n_labels) {
        Ok(counts) => counts,
        Err(reason) => return Ok(Err(reason)),
    };
    let found = features(texts, labels.len(), n_labels, progress)?;
    if found.n_features() == 0 {
        return Ok(Err(Undefined::Because("the texts have no word in common".to_owned())));
    }
    let bare = |item: usize| -> Option<String> {
        let letters = texts.get(item).chars().filter(|c| c.is_alphanumeric());
        // Empty texts say nothing about each other.
        Some(letters.flat_map(char::to_lowercase).collect()).filter(|bare: &String| !bare.is_empty())
    };
    let fold_of = folds(bare, labels, n_labels, N_FOLDS);
    cross_validated(&found, labels, &counts, &fold_of, &Rounds::SPARSE, seed, progress).map(Ok)
}

/// Learns `labels` as [`learn_texts`] does, from a vector of numbers an item.
///
/// Undefined where that is, where the vectors are of other items, and where all items have the same numbers. Time is
/// O(items × numbers of an item × labels).
pub fn learn_vectors(
    vectors: &Embeddings,
    labels: &[LabelId],
    n_labels: usize,
    seed: u64,
    progress: &Progress,
) -> Result<Result<Learned, Undefined>, Cancelled> {
    let counts = match countable(labels, n_labels) {
        Ok(counts) => counts,
        Err(reason) => return Ok(Err(reason)),
    };
    if vectors.rows() != labels.len() {
        let words = format!("there are {} vectors and {} items", vectors.rows(), labels.len());
        return Ok(Err(Undefined::Because(words)));
    }
    progress.stage("scaling numbers", 0);
    let found = Dense::new(vectors, progress)?;
    if found.n_features() == 0 {
        return Ok(Err(Undefined::Because("all items have the same numbers".to_owned())));
    }
    let fold_of = folds(|item| Some(found.same(item)), labels, n_labels, N_FOLDS);
    cross_validated(&found, labels, &counts, &fold_of, &Rounds::DENSE, seed, progress).map(Ok)
}

/// Items of each label, if there are enough to learn from.
fn countable(labels: &[LabelId], n_labels: usize) -> Result<Vec<usize>, Undefined> {
    let mut counts = vec![0_usize; n_labels];
    for &label in labels.iter().filter(|&&l| (l as usize) < n_labels) {
        counts[label as usize] += 1;
    }
    let n_items: usize = counts.iter().sum();
    let n = labels.len();
    let words = if n_items < LEAST_ITEMS {
        format!("a model takes {LEAST_ITEMS} labelled items, and there are {n_items}")
    } else if counts.iter().filter(|&&c| c > 0).count() < 2 {
        "only one label is in use".to_owned()
    } else if n.saturating_mul(n_labels) > MAX_CELLS {
        format!("{n} items times {n_labels} labels are too many")
    } else {
        return Ok(counts);
    };
    Err(Undefined::Because(words))
}

/// Each item's probabilities by the model of the other folds.
fn cross_validated<R: Rows>(
    found: &R,
    labels: &[LabelId],
    counts: &[usize],
    fold_of: &[u8],
    rounds: &Rounds,
    seed: u64,
    progress: &Progress,
) -> Result<Learned, Cancelled> {
    let (n, n_labels) = (labels.len(), counts.len());
    progress.stage("learning labels", N_FOLDS as u64);
    let scores: Vec<Vec<(u32, Vec<f32>)>> = (0..N_FOLDS)
        .into_par_iter()
        .map(|fold| {
            let split = Split { labels, n_labels, fold_of, fold };
            let scores = held_out(found, &split, rounds, seed, progress)?;
            progress.add(1);
            Ok(scores)
        })
        .collect::<Result<_, Cancelled>>()?;
    let mut probabilities = vec![0.0_f32; n * n_labels];
    for (item, row) in scores.into_iter().flatten() {
        probabilities[item as usize * n_labels..][..n_labels].copy_from_slice(&row);
    }
    let temperature = temper(&mut probabilities, labels, n_labels);
    Ok(judged(probabilities, labels, counts, found.n_features(), temperature))
}

/// One fold against all others.
struct Split<'a> {
    labels: &'a [LabelId],
    n_labels: usize,
    fold_of: &'a [u8],
    fold: usize,
}

/// Log-odds of the items of a fold, by a model of all others.
fn held_out<R: Rows>(
    found: &R,
    &Split { labels, n_labels, fold_of, fold }: &Split,
    rounds: &Rounds,
    seed: u64,
    progress: &Progress,
) -> Result<Vec<(u32, Vec<f32>)>, Cancelled> {
    let is_labelled = |item: usize| (labels[item] as usize) < n_labels;
    let train: Vec<u32> = (0..labels.len())
        .filter(|&i| is_labelled(i) && usize::from(fold_of[i]) != fold)
        .map(|i| i as u32)
        .collect();
    let model = Model::learn(found, labels, n_labels, &train, rounds, (seed, fold as u64), progress)?;
    let mut held = Vec::new();
    for item in (0..labels.len()).filter(|&i| usize::from(fold_of[i]) == fold) {
        if item % 1024 == 0 {
            progress.check()?;
        }
        let mut row = vec![0.0; n_labels];
        model.scores(found.row(item), &mut row);
        held.push((item as u32, row));
    }
    Ok(held)
}

/// Turns rows of log-odds into probabilities, divided by the number that makes the labels most likely.
fn temper(rows: &mut [f32], labels: &[LabelId], k: usize) -> f64 {
    let loss = |temperature: f64| -> f64 {
        // Parts of fixed size, added in order.
        let parts: Vec<f64> = rows
            .par_chunks(4096 * k)
            .zip(labels.par_chunks(4096))
            .map(|(rows, labels)| {
                let labelled = rows.chunks_exact(k).zip(labels).filter(|(_, l)| (**l as usize) < k);
                labelled
                    .map(|(row, &label)| {
                        let top = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                        let sum: f64 = row.iter().map(|&s| (f64::from(s - top) / temperature).exp()).sum();
                        sum.ln() - f64::from(row[label as usize] - top) / temperature
                    })
                    .sum()
            })
            .collect();
        parts.iter().sum()
    };
    // By golden section over the logarithm, from a tenth to ten.
    let ratio = 0.5 * (5.0_f64.sqrt() - 1.0);
    let (mut low, mut high) = (-10.0_f64.ln(), 10.0_f64.ln());
    let mut inner = [high - ratio * (high - low), low + ratio * (high - low)];
    let mut values = inner.map(|t| loss(t.exp()));
    for _ in 0..24 {
        if values[0] <= values[1] {
            high = inner[1];
            inner = [high - ratio * (high - low), inner[0]];
            values = [loss(inner[0].exp()), values[0]];
        } else {
            low = inner[0];
            inner = [inner[1], low + ratio * (high - low)];
            values = [values[1], loss(inner[1].exp())];
        }
    }
    let temperature = f64::midpoint(low, high).exp();
    rows.par_chunks_mut(k).for_each(|row| {
        let top = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        row.iter_mut().for_each(|s| *s = (f64::from(*s - top) / temperature).exp() as f32);
        let sum: f32 = row.iter().sum();
        row.iter_mut().for_each(|p| *p /= sum);
    });
    temperature
}

fn judged(
    probabilities: Vec<f32>,
    labels: &[LabelId],
    counts: &[usize],
    n_features: usize,
    temperature: f64,
) -> Learned {
    let k = counts.len();
    let n_items: usize = counts.iter().sum();
    // The first of those that are as common.
    let commonest = (0..k).rev().max_by_key(|&l| counts[l]).unwrap_or(0);
    let (mut right, mut only_model, mut only_majority) = (0_usize, 0_usize, 0_usize);
    for (row, &label) in probabilities.chunks_exact(k).zip(labels) {
        if label == NO_LABEL || label as usize >= k {
            continue;
        }
        let best = (0..k).rev().max_by(|&a, &b| row[a].total_cmp(&row[b])).unwrap_or(0);
        let (model, majority) = (best == label as usize, commonest == label as usize);
        right += usize::from(model);
        only_model += usize::from(model && !majority);
        only_majority += usize::from(majority && !model);
    }
    let apart = (only_model + only_majority) as f64;
    let z = (only_model as f64 - only_majority as f64) / apart.max(1.0).sqrt();
    Learned {
        probabilities,
        n_items,
        n_features,
        accuracy: right as f64 / n_items as f64,
        majority: counts[commonest] as f64 / n_items as f64,
        beats_majority: z > Z,
        temperature,
    }
}

#[cfg(test)]
mod tests;
