//! Items dealt into folds: each label in every fold as far as it can be, equal texts in one.

use std::collections::HashMap;

use crate::dataset::{LabelId, TextColumn};

/// The fold of each item, below `n_folds`. Texts are equal but for case and for what is no letter or digit.
pub(super) fn folds(texts: &TextColumn, labels: &[LabelId], n_labels: usize, n_folds: usize) -> Vec<u8> {
    let mut group_of: HashMap<String, usize> = HashMap::new();
    // The first label of each group, and its items.
    let mut groups: Vec<(usize, Vec<u32>)> = Vec::new();
    for (item, &label) in labels.iter().enumerate() {
        let bare: String =
            texts.get(item).chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        let next = groups.len();
        // Empty texts say nothing about each other.
        let group = if bare.is_empty() { next } else { *group_of.entry(bare).or_insert(next) };
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
    fn labels_are_in_all_folds_and_equal_texts_in_one() {
        let texts: Vec<String> = (0..40).map(|i| format!("text number {}", i / 2)).collect();
        let mut column: TextColumn = texts.iter().map(String::as_str).collect();
        column.push("");
        column.push(" ");
        let labels: Vec<LabelId> = (0..42).map(|i| u32::from(i % 40 >= 20)).collect();
        let found = folds(&column, &labels, 2, 5);
        for pair in 0..20 {
            assert_eq!(found[2 * pair], found[2 * pair + 1]);
        }
        for fold in 0..5 {
            for label in 0..2 {
                let n = (0..40).filter(|&i| found[i] == fold && labels[i] == label).count();
                assert_eq!(n, 4, "{fold} {label}");
            }
        }
        assert_ne!(found[40], found[41], "empty texts are no duplicates");
    }
}
