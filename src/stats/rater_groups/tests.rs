use proptest::prelude::*;

use super::*;
use crate::dataset::{Annotations, AnnotationsBuilder};
use crate::progress::Progress;
use crate::stats::agreement::{Levels, Metric, ReliabilityData, cross_replication};

/// Items × raters; −1 for none.
fn table(rows: &[&[i32]]) -> Annotations {
    let mut b = AnnotationsBuilder::new();
    for (item, row) in rows.iter().enumerate() {
        for (rater, &label) in row.iter().enumerate() {
            if label >= 0 {
                b.push(item as u32, rater as u32, label as u32, None);
            }
        }
    }
    b.finish(rows.len(), rows.first().map_or(0, |r| r.len()))
}

/// [110][111][000][101] by three raters of one group, [00][11][00][01] by two of another.
const VOTES: [&[i32]; 4] = [&[1, 1, 0, 0, 0], &[1, 1, 1, 1, 1], &[0, 0, 0, 0, 0], &[1, 0, 1, 0, 1]];

fn ratings() -> Ratings {
    Ratings::new(&table(&VOTES), &[0.0, 1.0]).unwrap()
}

const ANY_SIZE: TestOptions = TestOptions { permutations: 500, seed: 3, least_raters: 1, least_items: 1 };

#[test]
fn the_gap_of_two_groups_by_hand() {
    let found = mean_gap(&ratings(), &[0, 0, 0, 1, 1], &ANY_SIZE, &Progress::new()).unwrap().unwrap();
    assert!((found.gap - 0.208_333).abs() < 1e-6, "{found:?}");
    assert_eq!((found.n_raters, found.n_items), ([3, 2], 4));
    let test = found.test.unwrap();
    assert!((test.p_value - 0.6).abs() < 1e-12 && test.exact && test.draws == 9, "{test:?}");
    // The other way round it is the same with the other sign.
    let back = mean_gap(&ratings(), &[1, 1, 1, 0, 0], &ANY_SIZE, &Progress::new()).unwrap().unwrap();
    assert!((back.gap + found.gap).abs() < 1e-15 && back.test.unwrap().p_value == test.p_value);
    let small =
        mean_gap(&ratings(), &[0, 0, 0, 1, 1], &TestOptions::default(), &Progress::new()).unwrap().unwrap();
    assert!(small.test.unwrap_err().to_string().contains("5 raters"));
    assert!(mean_gap(&ratings(), &[0, 0, 0], &ANY_SIZE, &Progress::new()).unwrap().is_err());
}

#[test]
fn pairs_within_and_between_are_told_apart() {
    let found = heterogeneity(&ratings(), &[0, 0, 0, 1, 1], 2, &ANY_SIZE, &Progress::new()).unwrap().unwrap();
    // Within: 2/4, 0, 0, 3/4 of pairs differ. Between: 4/6, 0, 0, 3/6, which is d_o of cross-replication reliability.
    assert!(
        (found.within - 1.25 / 4.0).abs() < 1e-12 && (found.between - 0.291_667).abs() < 1e-6,
        "{found:?}"
    );
    assert!((found.phi - (found.between - found.within)).abs() < 1e-15);
    assert_eq!((found.n_items, found.n_raters.as_slice()), ([4, 4], [3, 2].as_slice()));
    let a = table(&VOTES);
    let data = ReliabilityData::new(&a, Levels::positions(2));
    let xrr = cross_replication(&data, &Metric::Nominal, &[0, 0, 0, 1, 1]).unwrap();
    assert!((found.between - xrr.observed.unwrap()).abs() < 1e-12);
    let alone = heterogeneity(&ratings(), &[0; 5], 1, &ANY_SIZE, &Progress::new()).unwrap();
    assert!(alone.is_err(), "one group has nobody to differ from");
}

/// 30 items, 12 raters of two groups; `own` makes the second group rate one higher.
fn two_groups(own: bool) -> Annotations {
    let rows: Vec<Vec<i32>> = (0..30)
        .map(|i| (0..12).map(|r| (i * 7 + r * 5 + i * r) % 3 + i32::from(own && r >= 6)).collect())
        .collect();
    table(&rows.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

#[test]
fn a_real_gap_is_found_and_a_made_up_one_is_not() {
    let values = [0.0, 1.0, 2.0, 3.0];
    let side: Vec<u8> = (0..12).map(|r| r / 6).collect();
    let groups: Vec<u32> = side.iter().map(|&s| u32::from(s)).collect();
    for own in [true, false] {
        let ratings = Ratings::new(&two_groups(own), &values).unwrap();
        let run = || mean_gap(&ratings, &side, &TestOptions::default(), &Progress::new()).unwrap().unwrap();
        let found = run();
        let test = found.test.clone().unwrap();
        // 12 over 6 is 924: all are looked at, and the mirror image is as far apart.
        assert!(test.exact && (own == (test.p_value < 0.01)), "{found:?}");
        assert_eq!(found, run());
        // Three groups are not enumerated.
        let three: Vec<u32> = (0..12).map(|r| r / 4).collect();
        let sampled = heterogeneity(&ratings, &three, 3, &ANY_SIZE, &Progress::new()).unwrap().unwrap();
        let test = sampled.test.unwrap();
        assert!(!test.exact && test.draws == 500 && test.p_value >= 1.0 / 501.0);
        let apart =
            heterogeneity(&ratings, &groups, 2, &TestOptions::default(), &Progress::new()).unwrap().unwrap();
        assert_eq!(apart.test.unwrap().p_value < 0.05, own);
    }
}

#[test]
fn juries_of_one_by_hand() {
    let one = |pool: &[u32], target: &[u32]| {
        let juries = Juries { seats: vec![1], repeats: 50, seed: 1 };
        let found = whose_majority(&ratings(), pool, target, &juries, &Progress::new()).unwrap();
        assert!(found[0].exact);
        found[0].agreement.clone().unwrap().0
    };
    assert!((one(&[0, 1, 2], &[3, 4]) - 0.708_333).abs() < 1e-6);
    assert!((one(&[3, 4], &[3, 4]) - 0.75).abs() < 1e-12);
    let juries = Juries { seats: vec![3, 0], repeats: 40, seed: 1 };
    let run = || whose_majority(&ratings(), &[0, 1, 2], &[3, 4, 99], &juries, &Progress::new()).unwrap();
    let found = run();
    let (mean, (low, high)) = found[0].agreement.clone().unwrap();
    assert!(low <= mean && mean <= high && !found[0].exact && found[0].juries == 40);
    assert!(found[1].agreement.is_err(), "no seats");
    assert_eq!(found, run());
    let empty = whose_majority(&ratings(), &[], &[3], &juries, &Progress::new()).unwrap();
    assert!(empty.iter().all(|s| s.agreement.is_err()));
    let alone = whose_majority(&ratings(), &[3], &[3], &juries, &Progress::new()).unwrap();
    assert!(alone[0].agreement.is_err(), "nobody sits in judgement on themself");
}

#[test]
fn profiles_by_hand() {
    let (u, v) = ([5.0, 3.0, 2.0, 1.0], [1.0, 2.0, 4.0, 5.0]);
    let of = |how: Profile| how.dissimilarity(&u, &v).unwrap();
    assert!((1.0 - of(Profile::Cosine) - 0.5666).abs() < 5e-5);
    assert!((of(Profile::Absolute) - 2.2).abs() < 1e-12);
    assert!((of(Profile::KendallTau) - 2.0).abs() < 1e-12);
    assert!(Profile::Absolute.dissimilarity(&[0.0, 0.0], &[1.0, 2.0]).is_err());
    assert!(Profile::KendallTau.dissimilarity(&[1.0, 1.0], &[1.0, 2.0]).is_err());
    assert!(Profile::Cosine.dissimilarity(&[0.0, 0.0], &[1.0, 2.0]).is_err());
    assert!(Profile::Cosine.dissimilarity(&[1.0], &[1.0, 2.0]).is_err());
}

#[test]
fn dissimilar_raters_who_disagree_are_found_by_permuting_raters() {
    // Raters on a line: the further apart, the more often they differ.
    let rows: Vec<Vec<i32>> = (0..60).map(|i| (0..10).map(|r| i32::from(i % 10 < r)).collect()).collect();
    let a = table(&rows.iter().map(Vec::as_slice).collect::<Vec<_>>());
    let ratings = Ratings::new(&a, &[0.0, 1.0]).unwrap();
    let tally = pair_disagreement(&ratings, &Progress::new()).unwrap().unwrap();
    assert_eq!((tally.get(0, 9), tally.get(4, 3), tally.get(2, 2)), ((6, 54), (54, 6), (0, 0)));
    let line = PairMatrix::new(10, |a, b| Some((b - a) as f64)).unwrap();
    let run = |d: &PairMatrix| mantel(d, &tally, 5, (300, 2), &Progress::new()).unwrap();
    let found = run(&line).unwrap();
    assert!((found.r - 1.0).abs() < 1e-12 && found.p_value < 0.01 && found.p_upper < 0.01, "{found:?}");
    assert_eq!((found.n_pairs, found.n_raters, found.permutations), (45, 10, 300));
    assert!(found.naive.unwrap().t > 5.0 && found.ln_bayes_factor.unwrap() > 5.0);
    let other = PairMatrix::new(10, |a, b| Some(f64::from((a * 7 + b * 3) as u32 % 5))).unwrap();
    assert!(run(&other).unwrap().p_value > 0.05);
    assert_eq!(run(&line), run(&line));
    assert!(run(&PairMatrix::new(10, |_, _| Some(1.0)).unwrap()).is_err());
    assert!(run(&PairMatrix::new(9, |a, _| Some(a as f64)).unwrap()).is_err());
    assert!(run(&PairMatrix::new(10, |_, _| None).unwrap()).is_err());
    let profiles: Vec<Option<Vec<f64>>> =
        (0..10).map(|r| (r != 4).then(|| vec![f64::from(r), 10.0 - f64::from(r)])).collect();
    let by_profile = run(&profile_dissimilarity(&profiles, Profile::Cosine).unwrap()).unwrap();
    assert!(by_profile.n_raters == 9 && by_profile.r > 0.9);
}

proptest! {
    /// Pairs of one label in one group, counted one by one.
    #[test]
    fn pairs_are_counted(rows in prop::collection::vec(prop::collection::vec(-1..3_i32, 6), 1..6), cut in 0..64_u32) {
        let a = table(&rows.iter().map(Vec::as_slice).collect::<Vec<_>>());
        let groups: Vec<u32> = (0..6).map(|r| (cut >> r) & 1).collect();
        let (mut sums, mut items) = ([0.0; 2], [0.0; 2]);
        for row in &rows {
            let (mut differ, mut all) = ([0.0; 2], [0.0; 2]);
            for i in 0..6 {
                for j in i + 1..6 {
                    if row[i] >= 0 && row[j] >= 0 {
                        let between = usize::from(groups[i] != groups[j]);
                        all[between] += 1.0;
                        differ[between] += f64::from(u8::from(row[i] != row[j]));
                    }
                }
            }
            for b in 0..2 {
                if all[b] > 0.0 {
                    sums[b] += differ[b] / all[b];
                    items[b] += 1.0;
                }
            }
        }
        let none = TestOptions { permutations: 0, ..TestOptions::default() };
        let Ok(ratings) = Ratings::new(&a, &[0.0, 1.0, 2.0]) else { return Ok(()) };
        match heterogeneity(&ratings, &groups, 2, &none, &Progress::new()).unwrap() {
            Ok(h) => {
                prop_assert!((h.within - sums[0] / items[0]).abs() < 1e-12);
                prop_assert!((h.between - sums[1] / items[1]).abs() < 1e-12);
            }
            Err(_) => prop_assert!(items[0] * items[1] == 0.0),
        }
    }
}

#[test]
fn numbers_of_raters_are_compared_by_dealing_groups() {
    let options = TestOptions { permutations: 3000, ..TestOptions::default() };
    let run = |values: &[f64], first: &[bool]| number_gap(values, first, &options, &Progress::new()).unwrap();
    let values: Vec<f64> = (0..10).map(f64::from).collect();
    let upper: Vec<bool> = (0..10).map(|i| i >= 5).collect();
    let found = run(&values, &upper).unwrap();
    assert_eq!((found.gap, found.n_raters), (5.0, [5, 5]));
    // The two most extreme of C(10, 5) = 252 ways.
    let test = found.test.unwrap();
    assert!(test.exact && (test.p_value - 2.0 / 252.0).abs() < 1e-12, "{test:?}");
    // Four raters are too few to be tested; the difference is told.
    let few = run(&values[1..], &upper[1..]).unwrap();
    assert_eq!((few.gap, few.n_raters), (4.5, [5, 4]));
    assert!(few.test.unwrap_err().to_string().ends_with("5 raters in each group"));
    // Two of 184 756 ways: none of the draws but the data themselves.
    let many: Vec<f64> = (0..20).map(f64::from).collect();
    let drawn = run(&many, &(0..20).map(|i| i < 10).collect::<Vec<_>>()).unwrap();
    let test = drawn.test.unwrap();
    assert!(drawn.gap == -10.0 && !test.exact && (test.p_value - 1.0 / 3001.0).abs() < 1e-12, "{test:?}");
    let pairs: Vec<f64> = (0..20).map(|i| f64::from(i / 2)).collect();
    let alike = run(&pairs, &(0..20).map(|i| i % 2 == 0).collect::<Vec<_>>()).unwrap();
    assert_eq!((alike.gap, alike.test.unwrap().p_value), (0.0, 1.0));
    assert!(run(&[1.0, f64::NAN], &[true, false]).is_err() && run(&[1.0], &[true, false]).is_err());
    assert!(run(&[1.0, 2.0], &[true, true]).is_err() && run(&[], &[]).is_err());
}
