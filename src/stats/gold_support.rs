//! How many people stand behind the gold label: s = votes for it over all votes, one number an item.
//!
//! A benchmark whose gold label has fewer than half of the votes on many items measures something else than what people think.

use super::human_distribution::mean;
use super::variation::VoteCounts;
use super::{Statistic, proportion};
use crate::dataset::LabelId;

/// Votes for the gold label of one item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Support {
    /// The item.
    pub item: u32,
    /// Votes for its gold label.
    pub votes: u32,
    /// All votes, at least 1.
    pub total: u32,
}

impl Support {
    /// s, in 0..=1.
    pub fn share(self) -> f64 {
        f64::from(self.votes) / f64::from(self.total)
    }

    /// Whether s is below one half; a tie is not.
    pub fn is_minority(self) -> bool {
        2 * u64::from(self.votes) < u64::from(self.total)
    }
}

/// The card of a benchmark.
#[derive(Debug, Clone, PartialEq)]
pub struct GoldSupport {
    /// Items with a gold label and a vote, ascending.
    pub items: Vec<Support>,
    /// Mean s; undefined where no item has both.
    pub mean: Statistic,
    /// Share of items with s below one half, with Wilson's interval.
    pub minority: Statistic,
    /// Items with s of exactly one half.
    pub n_half: usize,
    /// Items whose gold label nobody voted for.
    pub n_unsupported: usize,
    /// Items with votes but without a gold label of the set: left out.
    pub n_without_gold: usize,
    /// Items with a gold label but without votes: left out.
    pub n_without_votes: usize,
}

/// Compares gold labels with votes. Gold labels from `n_labels` on, and items past the end of `gold`, have none.
pub fn gold_support(votes: &VoteCounts, gold: &[LabelId], n_labels: usize) -> GoldSupport {
    let (mut items, mut n_without_gold, mut n_without_votes) = (Vec::new(), 0, 0);
    for item in 0..votes.n_items() {
        let label = gold.get(item).copied().filter(|&l| (l as usize) < n_labels);
        let total = votes.total(item);
        match label {
            Some(label) if total > 0 => {
                let own = votes.of_item(item).find(|&(l, _)| l == label).map_or(0, |(_, n)| n);
                items.push(Support { item: item as u32, votes: own, total });
            }
            Some(_) => n_without_votes += 1,
            None if total > 0 => n_without_gold += 1,
            None => {}
        }
    }
    let nothing = "no item has both a gold label and a vote";
    let minority = items.iter().filter(|s| s.is_minority()).count();
    GoldSupport {
        mean: mean(items.iter().map(|s| s.share()), nothing),
        minority: proportion::share(minority, items.len(), nothing),
        n_half: items.iter().filter(|s| 2 * u64::from(s.votes) == u64::from(s.total)).count(),
        n_unsupported: items.iter().filter(|s| s.votes == 0).count(),
        n_without_gold,
        n_without_votes,
        items,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{AnnotationsBuilder, NO_LABEL};

    fn votes(counts: &[[u32; 2]]) -> VoteCounts {
        let mut b = AnnotationsBuilder::new();
        for (item, row) in counts.iter().enumerate() {
            for (label, &n) in row.iter().enumerate() {
                (0..n).for_each(|r| b.push(item as u32, r + 10 * label as u32, label as u32, None));
            }
        }
        VoteCounts::new(&b.finish(counts.len(), 20), 2)
    }

    #[test]
    fn a_tie_is_no_minority() {
        let found = gold_support(&votes(&[[8, 2], [3, 7], [5, 5], [1, 9]]), &[0, 0, 1, 1], 2);
        assert_eq!(found.items.iter().map(|s| s.share()).collect::<Vec<_>>(), [0.8, 0.3, 0.5, 0.9]);
        assert!((found.mean.value().unwrap() - 0.625).abs() < 1e-12);
        assert_eq!((found.minority.value(), found.n_half, found.n_unsupported), (Some(0.25), 1, 0));
        let (low, high) = found.minority.estimate().unwrap().ci.unwrap();
        assert!((low - 0.045_6).abs() < 1e-4 && (high - 0.699_4).abs() < 1e-4, "{low} {high}");
    }

    #[test]
    fn what_has_no_gold_or_no_votes_is_counted_apart() {
        let found = gold_support(&votes(&[[1, 0], [0, 0], [0, 2], [0, 0], [2, 1]]), &[NO_LABEL, 0, 0, 7], 2);
        assert_eq!(found.items, [Support { item: 2, votes: 0, total: 2 }]);
        assert_eq!((found.n_unsupported, found.n_without_gold, found.n_without_votes), (1, 2, 1));
        let none = gold_support(&votes(&[[1, 0]]), &[], 2);
        assert!(none.mean.reason().is_some() && none.minority.reason().is_some());
    }
}
