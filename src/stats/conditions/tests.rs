use proptest::prelude::*;

use super::order::wilcoxon;
use super::*;

fn near(found: f64, wanted: f64) {
    assert!((found - wanted).abs() < 1e-6, "{found} for {wanted}");
}

fn single(values: &[f64]) -> Vec<Vec<f64>> {
    values.iter().map(|&v| vec![v]).collect()
}

#[test]
fn a_correlation_is_corrected_for_reliabilities() {
    let (a, b) = (single(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]), single(&[1.0, 3.0, 2.0, 5.0, 4.0, 6.0]));
    let found = compare(&a, &b, [Some(0.9), Some(0.8)]);
    near(found.pearson.value().unwrap(), 0.885_714);
    near(found.spearman.value().unwrap(), 0.885_714);
    // Two of fifteen pairs are the other way round.
    near(found.kendall.value().unwrap(), 11.0 / 15.0);
    near(found.corrected.value().unwrap(), 1.043_824);
    assert!(found.exceeds_one());
    near(found.mean_shift.value().unwrap(), 0.0);
    near(found.sd_shift.unwrap(), 0.8_f64.sqrt());
    assert!(found.shifts.iter().all(|s| s.z.is_none()), "one rating has no standard error");
    assert_eq!(found.shifts[0].item, 1, "the largest shifts first, equals by item");
    let alone = compare(&a, &b, [Some(0.9), None]);
    assert!(alone.corrected.reason().unwrap().contains("two ratings") && !alone.exceeds_one());
    assert!(compare(&a, &b, [Some(0.9), Some(0.0)]).corrected.reason().is_some());
    let none = compare(&a, &[], [None, None]);
    assert!(none.n_items == 0 && none.mean_shift.reason().is_some() && none.sd_shift.is_none());
}

#[test]
fn shifts_are_in_standard_errors() {
    // SEM² of (1, 3) is 2/2 = 1; of (4, 4) 0; of (2, 6) 4.
    let a = vec![vec![1.0, 3.0], vec![4.0, 4.0], vec![2.0, 6.0], vec![5.0], vec![1.0, 1.0]];
    let b = vec![vec![6.0, 6.0], vec![3.0, 5.0], vec![1.0, 3.0], vec![1.0, 2.0], vec![2.0, 2.0]];
    let found = compare(&a, &b, [None, None]);
    let z: Vec<(u32, Option<f64>)> = found.shifts.iter().map(|s| (s.item, s.z)).collect();
    // All say 1 under the one and 2 under the other: there is no error to measure it by, and no doubt.
    assert_eq!(z[..2], [(4, None), (0, Some(-4.0))]);
    assert_eq!((z[2].0, z[3].0), (2, 1));
    near(z[2].1.unwrap(), 2.0 / 5.0_f64.sqrt());
    // A single rating has no standard error.
    assert_eq!(z[3..], [(1, Some(0.0)), (3, None)]);
    let moved: Vec<u32> = found.moved(0.05).map(|s| s.item).collect();
    assert_eq!(moved, [4, 0]);
    near(found.shifts[1].adjusted.unwrap(), 3.0 * found.shifts[1].p_value.unwrap());
    near(found.shifts[1].p_value.unwrap(), 6.334_2e-5);
}

#[test]
fn reliability_of_means_by_hand() {
    // Means 1, 3, 5 (variance 4); SD²/n of each 1: reliability ¾.
    let r = vec![vec![0.0, 2.0], vec![2.0, 4.0], vec![4.0, 6.0], vec![9.0], vec![]];
    near(reliability_of_means(&r).unwrap(), 0.75);
    assert!(reliability_of_means(&r[2..]).is_err());
    assert!(reliability_of_means(&[vec![1.0, 1.0], vec![0.0, 2.0]]).is_err());
}

#[test]
fn components_by_hand() {
    let a = vec![vec![1.0, 1.0], vec![3.0, 4.0], vec![5.0, 5.0]];
    let b = vec![vec![2.0, 3.0], vec![3.0, 3.0], vec![4.0, 4.0]];
    let found = components(&[&a, &b]).unwrap();
    for (component, (ms, variance, share)) in
        [found.item, found.condition, found.interaction, found.error].iter().zip([
            (7.583_333, 1.458_333, 0.6034),
            (0.0, 0.0, 0.0),
            (1.75, 0.791_667, 0.3276),
            (0.166_667, 0.166_667, 0.0690),
        ])
    {
        near(component.mean_square, ms);
        near(component.variance, variance);
        assert!((component.share - share).abs() < 5e-5);
    }
    assert!(found.condition.negative && !found.item.negative && found.balanced);
    assert_eq!((found.n_items, found.n_conditions, found.per_cell), (3, 2, 2.0));
    let uneven = vec![vec![2.0, 3.0, 2.5], vec![3.0, 3.0], vec![4.0, 4.0], vec![7.0]];
    let approximate = components(&[&a, &uneven]).unwrap();
    assert!(!approximate.balanced && approximate.n_items == 3);
    assert!(components(&[&a]).is_err() && components(&[&a, &single(&[1.0, 2.0])]).is_err());
    let flat = vec![vec![1.0, 1.0], vec![1.0, 1.0]];
    assert_eq!(components(&[&flat, &flat]).unwrap().item.share, 0.0);
}

#[test]
fn disagreement_is_a_share_of_the_most_there_can_be() {
    let likert = DisagreementScale::Variance { low: 1.0, high: 5.0 };
    assert_eq!((likert.of(&[1.0, 5.0]), likert.of(&[3.0, 3.0])), (Some(1.0), Some(0.0)));
    assert_eq!(DisagreementScale::Deviation { low: 1.0, high: 5.0 }.of(&[2.0, 4.0]), Some(0.5));
    assert_eq!((likert.of(&[3.0]), likert.of(&[0.0, 3.0]), likert.of(&[f64::NAN, 3.0])), (None, None, None));
    let three = DisagreementScale::Categories { k: 3 };
    near(three.of(&[0.0, 1.0, 2.0]).unwrap(), 1.0);
    near(three.of(&[0.0, 0.0, 2.0]).unwrap(), 2.0 / 3.0);
    assert_eq!((three.of(&[0.0, 3.0]), three.of(&[0.5, 1.0])), (None, None));
    let items = ReliableItems::new(
        4,
        [(0, Some(0.2)), (0, Some(0.49)), (1, Some(0.5)), (2, Some(0.1)), (2, None), (9, None)],
    );
    assert_eq!(items.worst, [Some(0.49), Some(0.5), None, None]);
    assert_eq!((items.count(0.5), items.count(0.51), items.is_reliable(0, 0.3)), (1, 2, false));
}

/// Expected: tables of the signed-rank test (n = 8: a smaller sum of 3 has p = .0391).
#[test]
fn signed_ranks_are_those_of_tables() {
    let (p, signed) = wilcoxon(&[1.0, -3.0, 2.0, 4.0, 5.0, 6.0, 7.0, 8.0, 0.0]).unwrap();
    assert!((p - 0.039_062_5).abs() < 1e-12 && signed == 30.0, "{p} {signed}");
    assert!(wilcoxon(&[0.0, 0.0]).is_err() && wilcoxon(&[]).is_err());
    assert_eq!(wilcoxon(&[2.0, -2.0]).unwrap(), (1.0, 0.0));
    // Every third of 1..=n is negative. For 60, z = (915 − 630 − ½)/135.84 has p = .0362; for 63, 314.5/146.07 has .0313.
    let differences =
        |n: usize| -> Vec<f64> { (1..=n).map(|i| if i % 3 == 0 { -(i as f64) } else { i as f64 }).collect() };
    let (exact, normal) = (wilcoxon(&differences(60)).unwrap().0, wilcoxon(&differences(63)).unwrap().0);
    assert!((exact - 0.0362).abs() < 1e-3 && (normal - 0.0313).abs() < 1e-4, "{exact} {normal}");
}

#[test]
fn systems_that_change_places_are_named() {
    let up: Vec<Option<f64>> = (0..12).map(|i| Some(f64::from(i) + 2.0)).collect();
    let down: Vec<Option<f64>> = (0..12).map(|i| Some(f64::from(i) + 0.1 * f64::from(i))).collect();
    let one = system_order(&[up.clone(), down.clone(), vec![None; 12]]);
    assert_eq!((one.len(), one[0].wins, one[0].direction), (3, [12, 0, 0], 1));
    assert!((one[0].adjusted.unwrap() - 2.0 / 4096.0).abs() < 1e-12, "the only test that there is");
    assert!(one[1].p_value.is_err() && one[1].adjusted.is_none());
    let other = system_order(&[down, up]);
    assert_eq!(order_conflicts(&[one.clone(), other], 0.05), [(0, 1)]);
    assert!(order_conflicts(&[one.clone(), one], 0.05).is_empty());
}

proptest! {
    /// Shares add up to 1 and no variance is below 0, whatever the ratings are.
    #[test]
    fn shares_are_shares(rows in prop::collection::vec(prop::collection::vec(0..6_i32, 6), 2..8)) {
        let part = |from: usize| -> Vec<Vec<f64>> {
            rows.iter().map(|r| r[from..from + 3].iter().map(|&v| f64::from(v)).collect()).collect()
        };
        let found = components(&[&part(0), &part(3)]).unwrap();
        let all = [found.item, found.condition, found.interaction, found.error];
        let sum: f64 = all.iter().map(|c| c.share).sum();
        prop_assert!(all.iter().all(|c| c.variance >= 0.0));
        prop_assert!((sum - 1.0).abs() < 1e-9 || sum == 0.0);
        // One-way: the sum of squares of error does not depend on how cells are laid out.
        let back = components(&[&part(3), &part(0)]).unwrap();
        prop_assert!((back.item.mean_square - found.item.mean_square).abs() < 1e-9);
    }
}
