//! Items dealt into folds: each label in every fold as far as it can be, equal items in one.

use std::collections::HashMap;
use std::hash::Hash;

use crate::dataset::LabelId;

/// The fold of each item, below `n_folds`. Items of the same `content` are equal; those of none are like no other.
pub(super) fn folds<T: Eq + Hash>(
    content: impl Fn(usize) -> Option<T>,
    labels: &[LabelId],
    n_labels: usize,
    n_folds: usize,
) -> Vec<u8> {
    let mut group_of: HashMap<T, usize> = HashMap::new();
    // The first label of each group, and its items.
    let mut groups: Vec<(usize, Vec<u32>)> = Vec::new();
    for (item, &label) in labels.iter().enumerate() {
        let next = groups.len();
        let group = content(item).map_or(next, |content| *group_of.entry(content).or_insert(next));
        if group == next {
            groups.push(((label as usize).min(n_labels), Vec::new()));
        }
        groups[group].1.push(item as u32);
    }
    // Groups of a label go round, the largest first, from where the label before has left off.
    let mut order: Vec<usize> = (0..groups.len()).collect();
    order.sort_by_key(|&g| (groups[g].0, std::cmp::Reverse(groups[g].1.len())));
    let mut fold_of = vec![0_u8; labels.len()];
    for (place, g) in order.into_iter().enumerate() {
        groups[g].1.iter().for_each(|&item| fold_of[item as usize] = (place % n_folds) as u8);
    }
    fold_of
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_in_all_folds_and_equal_items_in_one() {
        let labels: Vec<LabelId> = (0..42).map(|i| u32::from(i % 40 >= 20)).collect();
        let found = folds(|item| (item < 40).then_some(item / 2), &labels, 2, 5);
        for pair in 0..20 {
            assert_eq!(found[2 * pair], found[2 * pair + 1]);
        }
        for fold in 0..5 {
            for label in 0..2 {
                let n = (0..40).filter(|&i| found[i] == fold && labels[i] == label).count();
                assert_eq!(n, 4, "{fold} {label}");
            }
        }
        assert_ne!(found[40], found[41], "items of no content are no duplicates");
    }
}
