//! How often labels equal a trusted column.

use super::MajorityVote;
use crate::dataset::{LabelColumn, LabelId, NO_LABEL};
use crate::stats::{Estimate, Statistic, Undefined};

/// Share of items whose label is the gold one, over items that have both; in 0..=1, no interval. `n_raters` is
/// how many raters the labels were made from.
///
/// Undefined without a gold column, and where no item has both.
pub fn accuracy(labels: &[LabelId], gold: Option<&LabelColumn>, n_raters: usize) -> Statistic {
    score(gold, n_raters, |item, gold| match labels.get(item) {
        Some(&label) if label != NO_LABEL => Some(f64::from(u8::from(label == gold))),
        _ => None,
    })
}

/// The same for a majority vote: an item on which t labels tie counts 1/t if the gold label is one of them
/// (the expected accuracy of breaking ties by chance).
pub fn majority_accuracy(majority: &MajorityVote, gold: Option<&LabelColumn>, n_raters: usize) -> Statistic {
    score(gold, n_raters, |item, gold| {
        let candidates = majority.labels_of(item);
        let hit = f64::from(u8::from(candidates.contains(&gold)));
        (!candidates.is_empty()).then(|| hit / candidates.len() as f64)
    })
}

fn score(
    gold: Option<&LabelColumn>,
    n_raters: usize,
    credit: impl Fn(usize, LabelId) -> Option<f64>,
) -> Statistic {
    let Some(gold) = gold else {
        return Undefined::Because("needs a gold column".to_owned()).into();
    };
    let (mut sum, mut n_items) = (0.0, 0_usize);
    for item in 0..gold.ids.len() {
        if let Some(points) = gold.get(item).and_then(|label| credit(item, label)) {
            sum += points;
            n_items += 1;
        }
    }
    if n_items == 0 {
        return Undefined::Because("no item has both a gold label and a label to compare".to_owned()).into();
    }
    Estimate::new(sum / n_items as f64, n_items, n_raters).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::AnnotationsBuilder;
    use crate::stats::aggregation::majority_vote;
    use crate::stats::variation::VoteCounts;

    fn gold(ids: &[LabelId]) -> LabelColumn {
        LabelColumn { name: "gold".into(), ids: ids.to_vec() }
    }

    #[test]
    fn a_tie_counts_its_share() {
        let mut b = AnnotationsBuilder::new();
        for (item, label) in [(0, 0), (1, 0), (1, 1), (2, 0), (2, 1), (3, 1)] {
            b.push(item, 0, label, None);
        }
        let majority = majority_vote(&VoteCounts::new(&b.finish(5, 1), 3));
        // Right, half right, wrong though tied, no gold, no vote.
        let gold = gold(&[0, 1, 2, NO_LABEL, 1]);
        let statistic = majority_accuracy(&majority, Some(&gold), 1);
        assert_eq!(statistic.value(), Some(0.5));
        assert_eq!(statistic.estimate().map(|e| e.n_items), Some(3));
    }

    #[test]
    fn items_without_either_label_take_no_part() {
        let statistic = accuracy(&[0, 1, NO_LABEL, 0], Some(&gold(&[0, 0, 0, NO_LABEL])), 3);
        assert_eq!(statistic.estimate().map(|e| (e.value, e.n_items)), Some((0.5, 2)));
        assert_eq!(accuracy(&[NO_LABEL], Some(&gold(&[0])), 1).value(), None);
        assert_eq!(accuracy(&[0], None, 1).reason().as_deref(), Some("needs a gold column"));
    }
}
