//! Does a model rank the labels of an item as people's votes do? Votes are grades: a label with more of them should stand higher.
//!
//! DCG@k = Σ_{i=1..k} (2^{rel_i} − 1)/log₂(i + 1) with rel_i the votes of the label in place i; NDCG@k is it over that of the order by votes
//! (Järvelin & Kekäläinen 2002; as in LR²PPO, which calls an ideal of 1e-6 or less perfect: here it is undefined, left out and counted). Labels to which the model gives
//! one number share their places: the mean over their orders (McSherry & Najork 2008). *Pair accuracy* is the share of pairs of labels with different
//! votes that the model orders so, a tie counting one half.

use std::sync::Arc;

use rayon::prelude::*;

use super::human_distribution::{fill, fits, mean};
use super::variation::VoteCounts;
use super::{Statistic, Undefined};
use crate::dataset::Probabilities;
use crate::progress::{Cancelled, Progress};

/// The k of NDCG@k.
pub const K: usize = 3;
/// An ideal that is not above it is none.
const LEAST_IDEAL: f64 = 1e-6;
/// Items that are read in one go.
const BLOCK: usize = 1 << 11;

/// An item, its NDCG, and its share of pairs in order.
type Item = (u32, Option<f64>, Option<f64>);

/// A model's ranking of labels against the votes.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelRanking {
    /// Mean NDCG@[`K`] over items.
    pub ndcg: Statistic,
    /// Mean over items of the share of pairs in the order of the votes.
    pub pairs: Statistic,
    /// Items whose ideal is 0: without a vote.
    pub n_without_ideal: usize,
    /// Items with votes on which all labels have as many, so that there is no pair.
    pub n_without_pair: usize,
    /// Items whose NDCG is below 1, the lowest first, ties by item.
    pub worst: Arc<[u32]>,
}

/// NDCG@k of scores against grades, both one number a label; `None` where the ideal is 1e-6 or less.
pub fn ndcg(grades: &[u32], scores: &[f64], k: usize) -> Option<f64> {
    let most = grades.iter().copied().max().map_or(0.0, f64::from);
    let none = (-most).exp2();
    // Over 2^most, so that hundreds of votes are no overflow.
    let gain = |grade: u32| (f64::from(grade) - most).exp2() - none;
    let discount = |place: usize| 1.0 / ((place + 2) as f64).log2();
    let mut ideal: Vec<u32> = grades.to_vec();
    ideal.sort_unstable_by(|a, b| b.cmp(a));
    let best: f64 = ideal.iter().take(k).enumerate().map(|(i, &g)| gain(g) * discount(i)).sum();
    if best * most.exp2().min(1e300) <= LEAST_IDEAL {
        return None;
    }
    let mut order: Vec<usize> = (0..grades.len().min(scores.len())).collect();
    order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
    let (mut at, mut found) = (0, 0.0);
    for tied in order.chunk_by(|&a, &b| scores[a] == scores[b]) {
        let places: f64 = (at..(at + tied.len()).min(k.max(at))).map(discount).sum();
        found += places * tied.iter().map(|&l| gain(grades[l])).sum::<f64>() / tied.len() as f64;
        at += tied.len();
    }
    Some((found / best).min(1.0))
}

/// Share of pairs of labels with different grades whose scores are in their order, ties one half; `None` without such a pair.
pub fn pair_accuracy(grades: &[u32], scores: &[f64]) -> Option<f64> {
    let (mut right, mut n) = (0.0, 0_u64);
    for (a, (&grade, &score)) in grades.iter().zip(scores).enumerate() {
        for (&other, &its) in grades.iter().zip(scores).take(a) {
            if grade != other {
                n += 1;
                right += match (grade > other, score.total_cmp(&its)) {
                    (_, std::cmp::Ordering::Equal) => 0.5,
                    (true, std::cmp::Ordering::Greater) | (false, std::cmp::Ordering::Less) => 1.0,
                    _ => 0.0,
                };
            }
        }
    }
    (n > 0).then(|| right / n as f64)
}

/// Holds a model's ranking against the votes. Undefined where the model speaks of other labels or items.
///
/// # Errors
/// If it was cancelled.
pub fn label_ranking(
    votes: &VoteCounts,
    n_labels: usize,
    model: &Probabilities,
    progress: &Progress,
) -> Result<Result<LabelRanking, Undefined>, Cancelled> {
    if let Err(reason) = fits(votes, n_labels, model) {
        return Ok(Err(reason));
    }
    let n = votes.n_items();
    progress.stage("ranking of labels", n as u64);
    let blocks: Vec<Vec<Item>> = (0..n.div_ceil(BLOCK))
        .into_par_iter()
        .map(|block| {
            progress.check()?;
            let items = block * BLOCK..((block + 1) * BLOCK).min(n);
            progress.add(items.len() as u64);
            let (mut row, mut grades) = (vec![0.0; n_labels], vec![0_u32; n_labels]);
            let of = |item: usize| {
                model.read(item, &mut row);
                fill(votes, item, &mut grades);
                let known = row.iter().all(|p| p.is_finite());
                known.then(|| (item as u32, ndcg(&grades, &row, K), pair_accuracy(&grades, &row)))
            };
            Ok(items.filter_map(of).collect())
        })
        .collect::<Result<_, Cancelled>>()?;
    let items: Vec<Item> = blocks.into_iter().flatten().collect();
    let mut worst: Vec<(f64, u32)> =
        items.iter().filter_map(|i| Some((i.1?, i.0))).filter(|w| w.0 < 1.0 - 1e-9).collect();
    worst.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    Ok(Ok(LabelRanking {
        ndcg: mean(items.iter().filter_map(|i| i.1), "no item has a vote"),
        pairs: mean(items.iter().filter_map(|i| i.2), "on no item do two labels have different votes"),
        n_without_ideal: items.iter().filter(|i| i.1.is_none()).count(),
        n_without_pair: items.iter().filter(|i| i.1.is_some() && i.2.is_none()).count(),
        worst: worst.into_iter().map(|w| w.1).collect(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ndcg_by_hand() {
        // In the model's order the grades are 2, 0, 1; ideally 2, 1, 0.
        let found = ndcg(&[2, 1, 0], &[0.6, 0.1, 0.3], 3).unwrap();
        let (dcg, ideal) = (3.0 + 1.0 / 2.0, 3.0 + 1.0 / 3.0_f64.log2());
        assert!((found - dcg / ideal).abs() < 1e-12);
        assert_eq!(ndcg(&[2, 1, 0], &[0.6, 0.3, 0.1], 3), Some(1.0));
        assert!((ndcg(&[0, 2], &[0.6, 0.4], 1).unwrap()).abs() < 1e-12);
        // Ties share their places; without a vote there is no ideal; hundreds of votes do no harm.
        let tied = ndcg(&[1, 0], &[0.5, 0.5], 2).unwrap();
        assert!((tied - f64::midpoint(1.0, 1.0 / 3.0_f64.log2())).abs() < 1e-12);
        assert!((ndcg(&[1, 0], &[0.5, 0.5], 1).unwrap() - 0.5).abs() < 1e-12);
        assert_eq!(ndcg(&[0, 0], &[0.5, 0.5], 3), None);
        assert_eq!(ndcg(&[5_000, 4_999], &[0.7, 0.3], 3), Some(1.0));
    }

    #[test]
    fn pairs_with_ties_one_half() {
        // Votes 3, 1, 1: two pairs; one right, one tied.
        assert_eq!(pair_accuracy(&[3, 1, 1], &[0.4, 0.4, 0.2]), Some(0.75));
        assert_eq!(pair_accuracy(&[0, 1], &[0.9, 0.1]), Some(0.0));
        assert_eq!(pair_accuracy(&[2, 2], &[0.9, 0.1]), None);
    }
}
