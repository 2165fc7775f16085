//! Majority vote: the label that most annotations give.

use super::Layout;
use super::soft::most_probable;
use crate::dataset::{LabelId, NO_LABEL};
use crate::stats::variation::VoteCounts;

/// One label an item, and which labels tie where there is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MajorityVote {
    /// The label with the most votes; [`NO_LABEL`] where several have as many, and where nobody voted.
    pub label: Vec<LabelId>,
    /// Items where several labels have as many votes.
    pub n_tied: usize,
    /// Items where nobody voted.
    pub n_without_votes: usize,
    /// Tied items, ascending; `tied_starts[i]..tied_starts[i + 1]` in `tied_labels` are the labels of the i-th.
    tied_items: Vec<u32>,
    tied_starts: Vec<usize>,
    tied_labels: Vec<LabelId>,
}

impl MajorityVote {
    /// Whether several labels of `item` have the most votes.
    pub fn is_tied(&self, item: usize) -> bool {
        !self.tied(item).is_empty()
    }

    /// The labels with the most votes, ascending: one, several where they tie, none where nobody voted.
    pub fn labels_of(&self, item: usize) -> Vec<LabelId> {
        match self.label.get(item) {
            Some(&label) if label != NO_LABEL => vec![label],
            _ => self.tied(item).to_vec(),
        }
    }

    fn tied(&self, item: usize) -> &[LabelId] {
        match self.tied_items.binary_search(&(item as u32)) {
            Ok(i) => &self.tied_labels[self.tied_starts[i]..self.tied_starts[i + 1]],
            Err(_) => &[],
        }
    }
}

impl MajorityVote {
    /// One label an item ([`NO_LABEL`] for none), nothing tied: somebody's labels, to be set beside a vote. Items past the
    /// end of `labels` have none.
    pub fn of_labels(labels: &[LabelId], n_items: usize) -> Self {
        let mut all = Self::with_room_for(n_items);
        for item in 0..n_items {
            all.push(labels.get(item).copied().filter(|&l| l != NO_LABEL).into_iter());
        }
        all
    }

    fn with_room_for(n_items: usize) -> Self {
        Self { label: Vec::with_capacity(n_items), tied_starts: vec![0], ..Self::default() }
    }

    /// The next item, with its winning labels in ascending order.
    fn push(&mut self, mut winners: impl Iterator<Item = LabelId>) {
        let item = self.label.len() as u32;
        let label = match (winners.next(), winners.next()) {
            (None, _) => {
                self.n_without_votes += 1;
                NO_LABEL
            }
            (Some(label), None) => label,
            (Some(first), Some(second)) => {
                self.n_tied += 1;
                self.tied_items.push(item);
                self.tied_labels.extend([first, second]);
                self.tied_labels.extend(winners);
                self.tied_starts.push(self.tied_labels.len());
                NO_LABEL
            }
        };
        self.label.push(label);
    }

    /// The winners of any kind of vote: for each item the labels with the largest entry of its row (items × labels),
    /// several where they tie up to rounding. Items without a vote have none.
    pub fn of_rows(layout: &Layout, rows: &[f64]) -> Self {
        let mut winners = Self::with_room_for(layout.n_items());
        for (item, row) in rows.chunks_exact(layout.n_labels().max(1)).enumerate() {
            let voted = !layout.votes(item).is_empty();
            let best = if voted { most_probable(row) } else { Vec::new() };
            winners.push(best.into_iter());
        }
        winners
    }
}

/// Takes the majority of each item's votes. Never breaks a tie.
pub fn majority_vote(votes: &VoteCounts) -> MajorityVote {
    let mut majority = MajorityVote::with_room_for(votes.n_items());
    for item in 0..votes.n_items() {
        majority.push(votes.most_voted(item));
    }
    majority
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::AnnotationsBuilder;

    #[test]
    fn a_tie_has_no_label_and_names_every_candidate() {
        let mut b = AnnotationsBuilder::new();
        for (item, label) in [(0, 1), (0, 1), (0, 0), (2, 2), (2, 0), (3, 1), (4, 2), (4, 1), (4, 0)] {
            b.push(item, 0, label, None);
        }
        let m = majority_vote(&VoteCounts::new(&b.finish(5, 1), 3));
        assert_eq!(m.label, [1, NO_LABEL, NO_LABEL, 1, NO_LABEL]);
        assert_eq!((m.n_tied, m.n_without_votes), (2, 1));
        let labels: Vec<_> = (0..6).map(|i| m.labels_of(i)).collect();
        assert_eq!(labels, [vec![1], vec![], vec![0, 2], vec![1], vec![0, 1, 2], vec![]]);
        assert_eq!((0..6).filter(|&i| m.is_tied(i)).collect::<Vec<_>>(), [2, 4]);
    }
}
