//! Votes an item and label: the counts from which all agreement but Cohen's is computed.
//!
//! Sparse, so a thousand labels cost nothing where three are used. Labels within an item ascend.

use rayon::prelude::*;

use crate::dataset::{Annotations, LabelId};

/// Items that are counted in one go.
const STRETCH: usize = 1 << 15;

/// For each item, the labels that somebody gave and how often.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VoteCounts {
    starts: Vec<usize>,
    labels: Vec<LabelId>,
    counts: Vec<u32>,
}

impl VoteCounts {
    /// Counts every annotation whose label is below `n_labels`; others take no part.
    pub fn new(annotations: &Annotations, n_labels: usize) -> Self {
        let n_items = annotations.n_items();
        let parts: Vec<Self> = (0..n_items.div_ceil(STRETCH))
            .into_par_iter()
            .map(|i| Self::of_items(annotations, n_labels, i * STRETCH..n_items.min((i + 1) * STRETCH)))
            .collect();
        let mut votes = Self {
            starts: Vec::with_capacity(n_items + 1),
            labels: Vec::with_capacity(parts.iter().map(|p| p.labels.len()).sum()),
            counts: Vec::with_capacity(parts.iter().map(|p| p.counts.len()).sum()),
        };
        votes.starts.push(0);
        for part in parts {
            let before = votes.labels.len();
            votes.starts.extend(part.starts.iter().map(|start| before + start));
            votes.labels.extend(part.labels);
            votes.counts.extend(part.counts);
        }
        votes
    }

    /// Of some of the items; the first start, which is 0, is left out.
    fn of_items(annotations: &Annotations, n_labels: usize, items: std::ops::Range<usize>) -> Self {
        let mut votes = Self::default();
        let mut sorted = Vec::new();
        for item in items {
            sorted.clear();
            sorted.extend(annotations.labels_of(item).iter().copied().filter(|&l| (l as usize) < n_labels));
            sorted.sort_unstable();
            for run in sorted.chunk_by(|a, b| a == b) {
                votes.labels.push(run[0]);
                votes.counts.push(run.len() as u32);
            }
            votes.starts.push(votes.labels.len());
        }
        votes
    }

    /// Number of items, voted on or not.
    pub fn n_items(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// (label, votes) of `item`, by ascending label, only labels with a vote.
    pub fn of_item(&self, item: usize) -> impl ExactSizeIterator<Item = (LabelId, u32)> + Clone + '_ {
        let range = self.range(item);
        self.labels[range.clone()].iter().copied().zip(self.counts[range].iter().copied())
    }

    /// Votes for each label that has one, by ascending label.
    pub fn counts_of(&self, item: usize) -> &[u32] {
        &self.counts[self.range(item)]
    }

    /// Number of votes on `item`.
    pub fn total(&self, item: usize) -> u32 {
        self.counts_of(item).iter().sum()
    }

    /// (label, share of the votes in 0..=1) of `item`, by ascending label; empty where nobody voted.
    pub fn shares(&self, item: usize) -> impl ExactSizeIterator<Item = (LabelId, f64)> + '_ {
        let total = f64::from(self.total(item));
        self.of_item(item).map(move |(label, n)| (label, f64::from(n) / total))
    }

    /// Labels with the most votes, by ascending label; empty where nobody voted, several where votes tie.
    pub fn most_voted(&self, item: usize) -> impl Iterator<Item = LabelId> + '_ {
        let most = self.counts_of(item).iter().copied().max().unwrap_or(0);
        self.of_item(item).filter(move |&(_, n)| n == most).map(|(label, _)| label)
    }

    fn range(&self, item: usize) -> std::ops::Range<usize> {
        match (self.starts.get(item), self.starts.get(item + 1)) {
            (Some(&a), Some(&b)) => a..b,
            _ => 0..0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{AnnotationsBuilder, NO_LABEL};

    fn votes() -> VoteCounts {
        let mut b = AnnotationsBuilder::new();
        for (item, rater, label) in [(0, 0, 2), (0, 1, 0), (0, 2, 2), (2, 0, 1), (2, 1, 0), (2, 2, NO_LABEL)]
        {
            b.push(item, rater, label, None);
        }
        VoteCounts::new(&b.finish(3, 3), 3)
    }

    #[test]
    fn votes_are_counted_by_ascending_label() {
        let v = votes();
        assert_eq!(v.of_item(0).collect::<Vec<_>>(), [(0, 1), (2, 2)]);
        assert_eq!(v.shares(0).collect::<Vec<_>>(), [(0, 1.0 / 3.0), (2, 2.0 / 3.0)]);
        assert_eq!((v.total(1), v.total(99), v.n_items()), (0, 0, 3));
    }

    #[test]
    fn a_label_outside_the_set_takes_no_part() {
        assert_eq!(votes().of_item(2).collect::<Vec<_>>(), [(0, 1), (1, 1)]);
    }

    #[test]
    fn ties_name_every_label_and_silence_names_none() {
        let v = votes();
        assert_eq!(v.most_voted(0).collect::<Vec<_>>(), [2]);
        assert_eq!(v.most_voted(1).count(), 0);
        assert_eq!(v.most_voted(2).collect::<Vec<_>>(), [0, 1]);
    }
}
