//! Which items have which classes, and of which nobody knows.

use crate::dataset::NO_LABEL;

/// Sets of classes, one an item: 4 bytes for each class of each set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SetLabels {
    n_classes: usize,
    starts: Vec<usize>,
    /// Class and whether it is known to be there (the lowest bit: 1 = unknown), ascending within an item.
    entries: Vec<u32>,
    /// Whether there is an answer at all.
    answered: Vec<bool>,
}

impl SetLabels {
    /// For sets of `n_classes` classes (at most 2³¹; higher ones could not be numbered).
    pub fn new(n_classes: usize) -> Self {
        Self { n_classes: n_classes.min(1 << 31), starts: vec![0], ..Self::default() }
    }

    /// One more item, which has the classes `present` and no other; classes past the end are passed over.
    pub fn push(&mut self, present: &[u32]) {
        self.push_partial(present, &[]);
    }

    /// One more item, of which nothing is known.
    pub fn push_unanswered(&mut self) {
        self.answered.push(false);
        self.starts.push(self.entries.len());
    }

    /// One more item, which has the classes `present`; of `unknown` nobody knows, and it has no other. A class that is
    /// in both lists is unknown.
    pub fn push_partial(&mut self, present: &[u32], unknown: &[u32]) {
        let from = self.entries.len();
        let known = present.iter().map(|&k| (k, 0));
        let all = known.chain(unknown.iter().map(|&k| (k, 1)));
        self.entries.extend(all.filter(|e| (e.0 as usize) < self.n_classes).map(|(k, bit)| k << 1 | bit));
        self.entries[from..].sort_unstable_by(|a, b| b.cmp(a));
        let mut last = None;
        let mut kept = from;
        for at in from..self.entries.len() {
            let entry = self.entries[at];
            if last.replace(entry >> 1) != Some(entry >> 1) {
                self.entries[kept] = entry;
                kept += 1;
            }
        }
        self.entries.truncate(kept);
        self.entries[from..].reverse();
        self.answered.push(true);
        self.starts.push(self.entries.len());
    }

    /// Number of items.
    pub fn n_items(&self) -> usize {
        self.answered.len()
    }

    /// Number of classes.
    pub fn n_classes(&self) -> usize {
        self.n_classes
    }

    fn of(&self, item: usize) -> &[u32] {
        match (self.starts.get(item), self.starts.get(item + 1)) {
            (Some(&a), Some(&b)) => &self.entries[a..b],
            _ => &[],
        }
    }

    /// Whether `item` has `class`; `None` where nobody knows.
    pub fn answer(&self, item: usize, class: u32) -> Option<bool> {
        if !*self.answered.get(item)? || class as usize >= self.n_classes {
            return None;
        }
        let entries = self.of(item);
        match entries.binary_search_by_key(&class, |e| e >> 1) {
            Ok(at) if entries[at] & 1 == 1 => None,
            found => Some(found.is_ok()),
        }
    }

    /// Classes that `item` is known to have, ascending.
    pub fn present(&self, item: usize) -> impl Iterator<Item = u32> + '_ {
        self.of(item).iter().filter(|e| **e & 1 == 0).map(|e| e >> 1)
    }

    /// Every answer about `item`, one a class.
    pub(super) fn answers_of(&self, item: usize, out: &mut [Option<bool>]) {
        out.fill(if self.answered[item] { Some(false) } else { None });
        for entry in self.of(item) {
            out[(entry >> 1) as usize] = (entry & 1 == 0).then_some(true);
        }
    }

    /// For each class, items with an entry (the lowest bit: 1 = unknown), ascending.
    pub(super) fn by_class(&self) -> Vec<Vec<(u32, bool)>> {
        let mut sizes = vec![0_usize; self.n_classes];
        self.entries.iter().for_each(|e| sizes[(e >> 1) as usize] += 1);
        let mut lists: Vec<Vec<(u32, bool)>> = sizes.into_iter().map(Vec::with_capacity).collect();
        for item in 0..self.n_items() {
            for entry in self.of(item) {
                lists[(entry >> 1) as usize].push((item as u32, entry & 1 == 0));
            }
        }
        lists
    }

    /// The answers about one class as labels 0 and 1, [`NO_LABEL`] where there is none; `list` is its list of
    /// [`Self::by_class`].
    pub(super) fn fill(&self, list: &[(u32, bool)], out: &mut [u32]) {
        for (slot, &answered) in out.iter_mut().zip(&self.answered) {
            *slot = if answered { 0 } else { NO_LABEL };
        }
        for &(item, known) in list {
            out[item as usize] = if known { 1 } else { NO_LABEL };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_yes_no_or_missing() {
        let mut labels = SetLabels::new(3);
        labels.push(&[2, 0, 2, 9]);
        labels.push_unanswered();
        labels.push_partial(&[0, 1], &[1]);
        let answers = |item: usize| [0, 1, 2].map(|k| labels.answer(item, k));
        assert_eq!(answers(0), [Some(true), Some(false), Some(true)]);
        assert_eq!(answers(1), [None; 3]);
        assert_eq!(answers(2), [Some(true), None, Some(false)]);
        assert_eq!((labels.answer(3, 0), labels.answer(0, 3)), (None, None));
        assert_eq!(labels.present(2).collect::<Vec<_>>(), [0]);
        let mut column = vec![0; 3];
        labels.fill(&labels.by_class()[1], &mut column);
        assert_eq!(column, [0, NO_LABEL, NO_LABEL]);
        for item in 0..3 {
            let mut row = [None; 3];
            labels.answers_of(item, &mut row);
            assert_eq!(row, answers(item));
        }
    }
}
