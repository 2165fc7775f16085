//! Who gave which labels to what: a rater's answers on one item are one ballot, with one label or several.

use crate::dataset::LabelId;

/// Ballots by item.
#[derive(Debug, Clone, Default)]
pub struct Ballots {
    pub(super) n_labels: usize,
    pub(super) n_raters: usize,
    /// Whether the same rater number on two items is nobody's in particular.
    pub(super) anonymous: bool,
    /// For each item, where its ballots begin; one more at the end.
    starts: Vec<u32>,
    /// For each ballot, whose it is and where its labels begin.
    raters: Vec<u32>,
    bounds: Vec<u32>,
    labels: Vec<LabelId>,
}

impl Ballots {
    /// From votes (item, rater, label) in any order; the same vote twice counts once, several labels by one rater on one item
    /// are one ballot. Votes beyond `n_items`, `n_raters` or `n_labels` are passed over.
    pub fn new(
        n_items: usize,
        (n_raters, anonymous): (usize, bool),
        n_labels: usize,
        mut votes: Vec<(u32, u32, LabelId)>,
    ) -> Self {
        votes.retain(|v| (v.0 as usize) < n_items && (v.1 as usize) < n_raters && (v.2 as usize) < n_labels);
        votes.sort_unstable();
        votes.dedup();
        let mut out = Self { n_labels, n_raters, anonymous, starts: vec![0], ..Self::default() };
        let mut votes = votes.into_iter().peekable();
        for item in 0..n_items as u32 {
            while let Some(&(_, rater, _)) = votes.peek().filter(|v| v.0 == item) {
                out.raters.push(rater);
                out.bounds.push(out.labels.len() as u32);
                while let Some((_, _, label)) = votes.next_if(|v| (v.0, v.1) == (item, rater)) {
                    out.labels.push(label);
                }
            }
            out.starts.push(out.raters.len() as u32);
        }
        out.bounds.push(out.labels.len() as u32);
        out
    }

    /// Number of items.
    pub fn n_items(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// Ballots of an item: whose, and the labels, ascending.
    pub fn of_item(&self, item: usize) -> impl ExactSizeIterator<Item = (u32, &[LabelId])> + Clone + '_ {
        let range = self.starts[item] as usize..self.starts[item + 1] as usize;
        range.map(|b| (self.raters[b], &self.labels[self.bounds[b] as usize..self.bounds[b + 1] as usize]))
    }

    /// Ballots on an item.
    pub fn n_of(&self, item: usize) -> usize {
        (self.starts[item + 1] - self.starts[item]) as usize
    }

    /// How many ballots of an item have each label, into `counts`.
    pub(super) fn counts(&self, item: usize, counts: &mut [f64]) {
        counts.fill(0.0);
        self.of_item(item).flat_map(|b| b.1).for_each(|&l| counts[l as usize] += 1.0);
    }

    /// Whose rate of mistakes a ballot falls under.
    pub(super) fn hand(&self, rater: u32) -> usize {
        if self.anonymous { 0 } else { rater as usize }
    }

    /// Rates of mistakes that there are.
    pub(super) fn n_hands(&self) -> usize {
        if self.anonymous { 1 } else { self.n_raters.max(1) }
    }
}
