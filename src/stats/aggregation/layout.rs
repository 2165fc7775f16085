//! Who said what, as the models read it: by item and by rater, labels of the set only.
//!
//! All models of this folder run over one [`Layout`]: the E step walks items, the M step walks raters, and both
//! need O(annotations) memory, never items × raters. Within an item annotations keep the order of the source; within
//! a rater they ascend by item. Sums run in that order, so results do not depend on the number of threads.

use crate::dataset::{Annotations, LabelId};
use crate::stats::Undefined;

/// Most numbers in all tables of one model (raters × labels²): 256 MiB, held twice.
pub(super) const MAX_TABLE_CELLS: usize = 1 << 25;
/// Most numbers in a posterior (items × labels): 2 GiB.
pub(super) const MAX_POSTERIOR_CELLS: usize = 1 << 28;

/// Most visits to pairs of annotations of one item, Σ n².
pub(super) const MAX_PAIR_VISITS: u64 = 1 << 33;

/// One annotation as its item sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vote {
    /// Rater number.
    pub rater: u32,
    /// Label number, below [`Layout::n_labels`].
    pub label: LabelId,
}

/// One annotation as its rater sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// Item number.
    pub item: u32,
    /// Label number, below [`Layout::n_labels`].
    pub label: LabelId,
}

/// The annotations of a label set, sparse by item and by rater: 16 bytes an annotation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    n_labels: usize,
    item_starts: Vec<usize>,
    votes: Vec<Vote>,
    rater_starts: Vec<usize>,
    answers: Vec<Answer>,
    n_voted: usize,
    n_active: usize,
}

impl Layout {
    /// Lays out every annotation whose label is below `n_labels`; others take no part.
    pub fn new(annotations: &Annotations, n_labels: usize) -> Self {
        let (n_items, n_raters) = (annotations.n_items(), annotations.n_raters());
        let in_set = |label: LabelId| (label as usize) < n_labels;
        let by_item = || {
            let mut starts = Vec::with_capacity(n_items + 1);
            starts.push(0);
            let mut votes = Vec::with_capacity(annotations.len());
            for item in 0..n_items {
                let own = annotations.of_item(item).filter(|a| in_set(a.label));
                votes.extend(own.map(|a| Vote { rater: a.rater, label: a.label }));
                starts.push(votes.len());
            }
            (starts, votes)
        };
        let by_rater = || {
            let mut starts = Vec::with_capacity(n_raters + 1);
            starts.push(0);
            let mut answers = Vec::with_capacity(annotations.len());
            for rater in 0..n_raters {
                let own = annotations.of_rater(rater).filter(|a| in_set(a.label));
                answers.extend(own.map(|a| Answer { item: a.item, label: a.label }));
                starts.push(answers.len());
            }
            (starts, answers)
        };
        let ((item_starts, votes), (rater_starts, answers)) = rayon::join(by_item, by_rater);
        let filled = |starts: &[usize]| starts.windows(2).filter(|w| w[0] < w[1]).count();
        Self {
            n_labels,
            n_voted: filled(&item_starts),
            n_active: filled(&rater_starts),
            item_starts,
            votes,
            rater_starts,
            answers,
        }
    }

    /// Number of labels: the width of posteriors and tables.
    pub fn n_labels(&self) -> usize {
        self.n_labels
    }

    /// Number of items, voted on or not.
    pub fn n_items(&self) -> usize {
        self.item_starts.len() - 1
    }

    /// Number of raters, active or not.
    pub fn n_raters(&self) -> usize {
        self.rater_starts.len() - 1
    }

    /// Number of annotations.
    pub fn len(&self) -> usize {
        self.votes.len()
    }

    /// Whether there is no annotation.
    pub fn is_empty(&self) -> bool {
        self.votes.is_empty()
    }

    /// Number of items with an annotation.
    pub fn n_voted(&self) -> usize {
        self.n_voted
    }

    /// Number of raters with an annotation.
    pub fn n_active(&self) -> usize {
        self.n_active
    }

    /// The annotations of `item`, in source order. Panics past the end, as all of these.
    pub fn votes(&self, item: usize) -> &[Vote] {
        &self.votes[self.item_starts[item]..self.item_starts[item + 1]]
    }

    /// The annotations by `rater`, by ascending item.
    pub fn answers(&self, rater: usize) -> &[Answer] {
        &self.answers[self.rater_starts[rater]..self.rater_starts[rater + 1]]
    }

    /// Where the annotations of `item` begin in the order by item.
    pub(super) fn item_start(&self, item: usize) -> usize {
        self.item_starts[item]
    }

    /// Where the annotations of `rater` begin in the order by rater.
    pub(super) fn rater_start(&self, rater: usize) -> usize {
        self.rater_starts[rater]
    }

    /// The layout of these items, in this order, repeats included: a resample. Raters keep their numbers.
    pub(super) fn of_items(&self, items: &[usize]) -> Self {
        let mut item_starts = Vec::with_capacity(items.len() + 1);
        item_starts.push(0);
        let mut votes = Vec::new();
        let mut rater_starts = vec![0; self.n_raters() + 1];
        for &item in items {
            votes.extend_from_slice(self.votes(item));
            item_starts.push(votes.len());
        }
        for vote in &votes {
            rater_starts[vote.rater as usize + 1] += 1;
        }
        let n_active = rater_starts.iter().filter(|&&n| n > 0).count();
        for rater in 0..self.n_raters() {
            rater_starts[rater + 1] += rater_starts[rater];
        }
        let mut next = rater_starts.clone();
        let mut answers = vec![Answer { item: 0, label: 0 }; votes.len()];
        for (item, w) in item_starts.windows(2).enumerate() {
            for vote in &votes[w[0]..w[1]] {
                let slot = &mut next[vote.rater as usize];
                answers[*slot] = Answer { item: item as u32, label: vote.label };
                *slot += 1;
            }
        }
        let n_voted = item_starts.windows(2).filter(|w| w[0] < w[1]).count();
        Self { n_labels: self.n_labels, item_starts, votes, rater_starts, answers, n_voted, n_active }
    }

    /// The same without the annotations of one rater, who keeps their number.
    pub(super) fn without(&self, rater: usize) -> Self {
        let items: Vec<usize> = (0..self.n_items()).collect();
        let mut rest = self.clone();
        rest.votes.retain(|v| v.rater as usize != rater);
        let mut end = 0;
        for item in 0..self.n_items() {
            end += self.votes(item).iter().filter(|v| v.rater as usize != rater).count();
            rest.item_starts[item + 1] = end;
        }
        // Builds the order by rater, and counts.
        rest.of_items(&items)
    }

    /// Refuses what no model of raters can be fitted to: nothing, a single rater (nothing tells their errors from
    /// the truth), or a posterior beyond 2²⁸ numbers.
    pub(super) fn check(&self) -> Result<(), Undefined> {
        match self.n_active {
            0 => Err(Undefined::NoAnnotations),
            1 => Err(Undefined::FewerThanTwoRaters),
            _ => self.check_size(),
        }
    }

    /// Refuses rows of numbers, items × labels, beyond 2²⁸.
    pub fn check_size(&self) -> Result<(), Undefined> {
        let (n_items, k) = (self.n_items(), self.n_labels);
        if n_items.checked_mul(k).is_none_or(|n| n > MAX_POSTERIOR_CELLS) {
            return Err(Undefined::Because(format!(
                "a posterior of {n_items} items × {k} labels is more than {MAX_POSTERIOR_CELLS} numbers"
            )));
        }
        Ok(())
    }

    /// Refuses tables of labels × labels a rater that are too many.
    pub(super) fn check_tables(&self) -> Result<(), Undefined> {
        let (n_raters, k) = (self.n_raters(), self.n_labels);
        let cells = n_raters.checked_mul(k).and_then(|n| n.checked_mul(k));
        if cells.is_none_or(|n| n > MAX_TABLE_CELLS) {
            return Err(Undefined::Because(format!(
                "{n_raters} error matrices of {k} × {k} labels are more than {MAX_TABLE_CELLS} numbers"
            )));
        }
        Ok(())
    }

    /// Σ n² over items with n annotations: the work of comparing all raters of an item.
    pub(super) fn pair_visits(&self) -> u64 {
        let square = |n: usize| (n as u64).saturating_mul(n as u64);
        (0..self.n_items()).map(|i| square(self.votes(i).len())).fold(0, u64::saturating_add)
    }

    /// Each item's shares of votes, items × labels, row-major; a row of zeros where nobody voted. Ask
    /// [`Self::check_size`] first.
    pub fn vote_shares(&self) -> Vec<f64> {
        let k = self.n_labels;
        let mut shares = vec![0.0; self.n_items() * k];
        if k > 0 {
            for (item, row) in shares.chunks_exact_mut(k).enumerate() {
                let own = self.votes(item);
                for vote in own {
                    row[vote.label as usize] += 1.0;
                }
                row.iter_mut().for_each(|s| *s /= own.len().max(1) as f64);
            }
        }
        shares
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{AnnotationsBuilder, NO_LABEL};

    #[test]
    fn both_orders_hold_the_labels_of_the_set() {
        let mut b = AnnotationsBuilder::new();
        for (item, rater, label) in [(2, 0, 1), (0, 1, 0), (0, 0, NO_LABEL), (2, 1, 1), (2, 0, 0)] {
            b.push(item, rater, label, None);
        }
        let layout = Layout::new(&b.finish(3, 3), 2);
        assert_eq!((layout.len(), layout.n_voted(), layout.n_active()), (4, 2, 2));
        assert_eq!(layout.votes(0), [Vote { rater: 1, label: 0 }]);
        assert_eq!(layout.answers(0), [Answer { item: 2, label: 1 }, Answer { item: 2, label: 0 }]);
        assert_eq!(layout.vote_shares(), [1.0, 0.0, 0.0, 0.0, 1.0 / 3.0, 2.0 / 3.0]);
    }

    #[test]
    fn a_label_set_that_is_empty_has_no_annotations() {
        let layout = Layout::new(&AnnotationsBuilder::new().finish(3, 2), 0);
        assert_eq!(layout.check(), Err(Undefined::NoAnnotations));
        assert!(layout.vote_shares().is_empty());
    }
}
