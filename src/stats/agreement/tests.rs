//! What holds of every coefficient, whatever the data: symmetry, limits, and reasons.

use proptest::prelude::*;

use super::*;
use crate::dataset::{Annotations, AnnotationsBuilder, DuplicateRule};
use crate::stats::Statistic;

/// Items × raters, `None` where a rater skipped an item.
fn table(rows: &[Vec<Option<u32>>]) -> Annotations {
    let mut builder = AnnotationsBuilder::new();
    for (item, row) in rows.iter().enumerate() {
        for (rater, label) in row.iter().enumerate() {
            if let Some(label) = label {
                builder.push(item as u32, rater as u32, *label, None);
            }
        }
    }
    builder.finish(rows.len(), rows.iter().map(Vec::len).max().unwrap_or(0))
}

fn complete(rows: &[&[u32]]) -> Annotations {
    table(&rows.iter().map(|row| row.iter().map(|&l| Some(l)).collect()).collect::<Vec<_>>())
}

fn all(a: &Annotations, k: usize) -> [Statistic; 4] {
    [
        percent_agreement(a, k),
        fleiss_kappa(a, k),
        krippendorff_alpha_nominal(a, k),
        pairwise_cohen_kappa(a, k).mean,
    ]
}

fn same(x: &Statistic, y: &Statistic) -> bool {
    match (x, y) {
        (Statistic::Defined(x), Statistic::Defined(y)) => {
            let close = |a: f64, b: f64| (a - b).abs() < 1e-9;
            close(x.value, y.value)
                && (x.n_items, x.n_raters) == (y.n_items, y.n_raters)
                && match (x.ci, y.ci) {
                    (Some(x), Some(y)) => close(x.0, y.0) && close(x.1, y.1),
                    (x, y) => x == y,
                }
        }
        (x, y) => x == y,
    }
}

const LABELS: u32 = 4;

fn any_table() -> impl Strategy<Value = Vec<Vec<Option<u32>>>> {
    (1..5_usize).prop_flat_map(|raters| {
        prop::collection::vec(prop::collection::vec(prop::option::weighted(0.7, 0..LABELS), raters), 1..25)
    })
}

proptest! {
    #[test]
    fn renumbering_raters_changes_nothing(rows in any_table(), by in 0..4_usize) {
        let turned: Vec<_> = rows
            .iter()
            .map(|row| { let mut row = row.clone(); let by = by % row.len(); row.rotate_left(by); row })
            .collect();
        for (x, y) in all(&table(&rows), 4).iter().zip(&all(&table(&turned), 4)) {
            prop_assert!(same(x, y), "{x:?} {y:?}");
        }
    }

    #[test]
    fn renaming_labels_changes_nothing_but_their_place(rows in any_table(), by in 0..LABELS) {
        let turned: Vec<Vec<_>> =
            rows.iter().map(|row| row.iter().map(|l| l.map(|l| (l + by) % LABELS)).collect()).collect();
        let (before, after) = (table(&rows), table(&turned));
        for (x, y) in all(&before, 4).iter().zip(&all(&after, 4)) {
            prop_assert!(same(x, y), "{x:?} {y:?}");
        }
        let per_label = krippendorff_alpha_per_label(&before, 4);
        let mut turned_back = krippendorff_alpha_per_label(&after, 4);
        turned_back.rotate_left(by as usize);
        for (x, y) in per_label.iter().zip(&turned_back) {
            prop_assert!(same(x, y), "{x:?} {y:?}");
        }
    }

    #[test]
    fn full_agreement_is_one(labels in prop::collection::vec(0..LABELS, 2..20), raters in 2..5_usize) {
        prop_assume!(labels.iter().any(|&l| l != labels[0]));
        let rows: Vec<Vec<_>> = labels.iter().map(|&l| vec![Some(l); raters]).collect();
        for statistic in all(&table(&rows), 4) {
            let value = statistic.value().unwrap();
            prop_assert!((value - 1.0).abs() < 1e-12, "{statistic:?}");
        }
    }

    #[test]
    fn nothing_leaves_its_range(rows in any_table()) {
        let a = table(&rows);
        if let Some(e) = percent_agreement(&a, 4).estimate() {
            prop_assert!((0.0..=1.0).contains(&e.value));
        }
        for statistic in all(&a, 4).iter().chain(&krippendorff_alpha_per_label(&a, 4)) {
            if let Some(e) = statistic.estimate() {
                prop_assert!(e.value.is_finite() && e.value <= 1.0 + 1e-12, "{statistic:?}");
                if let Some((low, high)) = e.ci {
                    prop_assert!(low.is_finite() && low <= high && high <= 1.0, "{statistic:?}");
                }
            }
        }
    }

    #[test]
    fn alpha_of_two_complete_raters_follows_from_scott(rows in prop::collection::vec((0..3_u32, 0..3_u32), 2..30)) {
        let a = table(&rows.iter().map(|&(x, y)| vec![Some(x), Some(y)]).collect::<Vec<_>>());
        let (alpha, pi) = (krippendorff_alpha_nominal(&a, 3), fleiss_kappa(&a, 3));
        prop_assume!(pi.value().is_some());
        let corrected = 1.0 - (1.0 - pi.value().unwrap()) * (1.0 - 1.0 / (2.0 * rows.len() as f64));
        prop_assert!((alpha.value().unwrap() - corrected).abs() < 1e-12);
    }

    #[test]
    fn an_unused_label_changes_nothing(rows in any_table()) {
        let a = table(&rows);
        prop_assert_eq!(all(&a, 4), all(&a, 9));
    }

    #[test]
    fn with_two_labels_each_one_has_the_alpha_of_both(
        rows in prop::collection::vec(prop::collection::vec(prop::option::weighted(0.7, 0..2_u32), 4), 1..25)
    ) {
        let a = table(&rows);
        let whole = krippendorff_alpha_nominal(&a, 2);
        for label in krippendorff_alpha_per_label(&a, 2) {
            if whole.value().is_some() || label.value().is_some() {
                prop_assert!(same(&whole, &label), "{whole:?} {label:?}");
            }
        }
    }
}

#[test]
fn one_item_has_estimates_without_interval() {
    let a = complete(&[&[0, 1, 0]]);
    let [percent, fleiss, alpha, _] = all(&a, 2);
    for (statistic, value) in [(percent, 1.0 / 3.0), (fleiss, -0.5), (alpha, 0.0)] {
        let e = statistic.estimate().unwrap();
        assert!((e.value - value).abs() < 1e-12 && e.ci.is_none(), "{e:?}");
    }
}

#[test]
fn labels_outside_the_set_take_no_part() {
    let with = complete(&[&[0, 0, 9], &[1, 1, 9], &[0, 1, 9]]);
    let without = complete(&[&[0, 0], &[1, 1], &[0, 1]]);
    assert_eq!(all(&with, 2), all(&without, 2));
}

#[test]
fn a_pair_takes_the_last_of_a_rater_s_repeats() {
    let mut builder = AnnotationsBuilder::new();
    for (item, rater, label) in [(0, 0, 1), (0, 0, 0), (0, 1, 0), (1, 0, 1), (1, 1, 1), (1, 1, 0)] {
        builder.push(item, rater, label, None);
    }
    let a = builder.finish(2, 2);
    assert_eq!(pairwise_cohen_kappa(&a, 2), pairwise_cohen_kappa(&a.resolved(DuplicateRule::Last), 2));
    let kappa = &pairwise_cohen_kappa(&a, 2).pairs[0];
    assert_eq!((kappa.n_items, kappa.percent_agreement), (2, 0.5));
}

#[test]
fn only_raters_who_meet_are_paired() {
    let a = table(&[vec![Some(0), Some(0), None], vec![Some(1), Some(0), None], vec![None, None, Some(1)]]);
    let kappa = pairwise_cohen_kappa(&a, 2);
    assert_eq!(kappa.pairs.iter().map(|p| (p.a, p.b, p.n_items)).collect::<Vec<_>>(), [(0, 1, 2)]);
    assert_eq!(kappa.mean.estimate().map(|e| (e.n_items, e.n_raters)), Some((2, 2)));
}
