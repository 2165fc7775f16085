//! Numbers of the program that is compared with, worked examples, and laws.

use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::dataset::{Embeddings, LabelId, NO_LABEL, Probabilities};
use crate::progress::Progress;
use crate::stats::confident::confident_learning;

fn golden() -> Value {
    serde_json::from_str(include_str!("../../../tests/data/golden/neighbours.json")).unwrap()
}

fn embedded(rows: &[Vec<f32>]) -> Embeddings {
    Embeddings::new("made".to_owned(), rows.concat(), rows.len(), rows[0].len()).unwrap()
}

fn numbers(of: &Value) -> Vec<f64> {
    of.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

fn column(table: &Value, name: &str) -> Vec<Value> {
    let at = table["columns"].as_array().unwrap().iter().position(|c| c == name).unwrap();
    table["rows"].as_array().unwrap().iter().map(|row| row[at].clone()).collect()
}

fn near(found: &[f64], want: &[Value], tolerance: f64, what: &str) {
    assert_eq!(found.len(), want.len());
    for (i, (a, b)) in found.iter().zip(want).enumerate() {
        let b = b.as_f64().unwrap();
        assert!((a - b).abs() < tolerance, "{what} of {i}: {a} beside {b}");
    }
}

#[test]
fn everything_that_cleanlab_s_audit_says_of_24_points() {
    let golden = golden();
    let (input, want) = (&golden["input"], &golden["expected"]);
    let rows: Vec<Vec<f32>> = input["features"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| numbers(r).iter().map(|&x| x as f32).collect())
        .collect();
    let labels: Vec<LabelId> = numbers(&input["labels"]).iter().map(|&l| l as LabelId).collect();
    let flat: Vec<f64> = input["pred_probs"].as_array().unwrap().iter().flat_map(numbers).collect();
    let probabilities = Probabilities::from_f64(flat, 24, 3).unwrap();
    let near5 = neighbours_of(&embedded(&rows), 5, &Progress::new()).unwrap();
    assert_eq!(near5.metric, Metric::Euclidean);
    let first: Vec<f64> = (0..24).map(|i| near5.of(i).1[0]).collect();
    let wanted = want["distance_to_nearest_neighbor"].as_array().unwrap();
    near(&first, wanted, 1e-6, "distance");
    for (item, nearest) in numbers(&want["nearest_neighbor"]).iter().enumerate() {
        assert_eq!(f64::from(near5.of(item).0[0]), *nearest, "{item}");
    }

    let issues = &want["issues"];
    let out = outliers(&near5);
    let score: Vec<f64> = out.score.iter().map(|s| s.unwrap()).collect();
    near(&score, &column(issues, "outlier_score"), 1e-6, "outlier");
    let flagged: Vec<bool> = (0..24).map(|i| out.items.contains(&i)).collect();
    assert_eq!(
        flagged,
        column(issues, "is_outlier_issue").iter().map(|v| v.as_bool().unwrap()).collect::<Vec<_>>()
    );
    assert!((out.threshold - want["outlier_issue_threshold"].as_f64().unwrap()).abs() < 1e-6);

    let same = duplicates(&near5, &labels);
    near(&same.score, &column(issues, "near_duplicate_score"), 1e-6, "duplicate");
    let sets: Vec<Vec<f64>> = want["near_duplicate_sets"].as_array().unwrap().iter().map(numbers).collect();
    let found: Vec<Vec<f64>> = same.sets.iter().map(|s| s.iter().map(|&i| f64::from(i)).collect()).collect();
    assert_eq!((found, same.groups), (sets, vec![vec![2, 3], vec![19, 20]]));
    assert_eq!(same.n_contradicting, 0);

    let order = order_of_items(&near5, 0, &Progress::new()).unwrap().unwrap();
    // Items 2 and 3 are the same: as the fifth neighbour of 7, we take the lower, cleanlab the other.
    assert_eq!(
        (near5.of(7).0[4], near5.of(7).1[4]),
        (2, super::dense::distance(near5.metric, &rows[7], &rows[3]))
    );
    let mut wanted = column(issues, "non_iid_score");
    wanted[7] = order.score[7].into();
    near(&order.score, &wanted, 1e-9, "order");
    assert!((order.p - want["non_iid_p_value"].as_f64().unwrap()).abs() < 1e-6, "{}", order.p);

    near(&valuation(&near5, &labels), &column(issues, "data_valuation_score"), 1e-9, "value");

    let found = shares(&near5, &labels, 3);
    let table = &want["label_from_features_k5"];
    let own: Vec<f64> = found.own.iter().map(|s| s.unwrap()).collect();
    near(&own, &column(table, "label_score"), 1e-9, "share");
    let mut rows = vec![0.0; 24 * 3];
    for (item, row) in rows.chunks_exact_mut(3).enumerate() {
        assert_eq!(super::shares::share_row(&near5, &labels, item, row), 5);
    }
    let p = Probabilities::from_f64(rows, 24, 3).unwrap();
    let learned = confident_learning(&labels, &p, &Progress::new()).unwrap();
    let predicted: Vec<f64> = learned.predicted.iter().map(|&l| f64::from(l)).collect();
    near(&predicted, &column(table, "predicted_label"), 0.5, "predicted");
    let bit = crate::stats::confident::Filter::PruneByNoiseRate.bit();
    let flags: Vec<bool> = learned.issues.iter().map(|b| b & bit != 0).collect();
    assert_eq!(
        flags,
        column(table, "is_label_issue").iter().map(|v| v.as_bool().unwrap()).collect::<Vec<_>>()
    );

    let (scores, flags) = outliers_by_probabilities(&labels, &probabilities, &Progress::new()).unwrap();
    let table = &want["outlier_from_pred_probs"];
    near(&scores, &column(table, "outlier_score"), 1e-9, "outlier by probabilities");
    assert_eq!(
        flags,
        column(table, "is_outlier_issue").iter().map(|v| v.as_bool().unwrap()).collect::<Vec<_>>()
    );
}

#[test]
fn prototypes_leave_the_item_out() {
    let rows = [[1.0, 0.0], [0.9, 0.1], [0.2, 0.9], [0.0, 1.0], [0.1, 1.0], [0.95, 0.2]];
    let rows: Vec<Vec<f32>> = rows.iter().map(|r| r.to_vec()).collect();
    let found = prototypes(&embedded(&rows), &[0, 0, 0, 1, 1, 1], 2, &Progress::new()).unwrap();
    let want = [
        (0.7442, 0.4399),
        (0.8444, 0.5363),
        (0.2706, 0.9721),
        (0.7442, 0.4411),
        (0.8354, 0.5282),
        (0.2545, 0.9691),
    ];
    for (item, (found, (own, other))) in found.iter().zip(want).enumerate() {
        let found = found.unwrap();
        assert!((found.own - own).abs() < 5e-5 && (found.other - other).abs() < 5e-5, "{item}: {found:?}");
        assert_eq!(found.margin() < 0.0, item == 2 || item == 5);
    }
    let alone = prototypes(&embedded(&rows), &[0, 1, 1, 1, 1, NO_LABEL], 2, &Progress::new()).unwrap();
    assert!(alone[0].is_none() && alone[5].is_none() && alone[1].is_some());
}

#[test]
fn texts_that_are_the_same_are_found_with_their_other_label() {
    let texts: Vec<String> = (0..40)
        .map(|i| match i {
            3 | 17 => "the ferry leaves the old harbour at noon".to_owned(),
            29 => "the ferry leaves the old harbour at noon!".to_owned(),
            _ => format!("report {i} speaks of matter {} and of person {}", i * 7 % 40, i * 3 % 40),
        })
        .collect();
    let column: crate::dataset::TextColumn = texts.iter().map(String::as_str).collect();
    let near = neighbours_of_texts(&column, 5, &Progress::new()).unwrap();
    assert_eq!((near.of(3).0[0], near.of(3).1[0]), (17, 0.0));
    let mut labels: Vec<LabelId> = vec![0; 40];
    labels[17] = 1;
    let found = duplicates(&near, &labels);
    assert_eq!((found.groups[0].clone(), found.n_contradicting), (vec![3, 17, 29], 1));
}

#[test]
fn little_is_undefined_with_a_reason() {
    let two = embedded(&[vec![0.0, 1.0], vec![1.0, 0.0]]);
    let near = neighbours_of(&two, 10, &Progress::new()).unwrap();
    assert_eq!((near.k, near.of(0).0), (1, &[1][..]));
    assert!(order_of_items(&near, 0, &Progress::new()).unwrap().is_err());
    let one = neighbours_of(&embedded(&[vec![1.0; 5]]), 10, &Progress::new()).unwrap();
    assert_eq!((one.k, one.of(0).0.len(), outliers(&one).score[0]), (0, 0, None));
    let zero =
        neighbours_of(&embedded(&[vec![0.0; 4], vec![1.0; 4], vec![0.0; 4]]), 2, &Progress::new()).unwrap();
    assert_eq!((zero.of(0).0, zero.of(0).1), (&[2, 1][..], &[0.0, 2.0][..]));
    assert!(shares(&one, &[NO_LABEL], 2).own[0].is_none());
}

#[test]
fn the_scale_of_vectors_changes_no_vote() {
    let rows: Vec<Vec<f32>> = (0..60)
        .map(|i| vec![(i % 2 * 100_000 + i * 13 % 60 * 90) as f32, (i * 7 % 60 * 90) as f32])
        .collect();
    let labels: Vec<LabelId> = (0..60).map(|i| i % 2).collect();
    let found = shares(&neighbours_of(&embedded(&rows), 10, &Progress::new()).unwrap(), &labels, 2);
    assert!(found.weighted.iter().zip(&labels).all(|(vote, label)| *vote == Some(*label)));
}

#[test]
fn near_points_far_from_the_others_keep_their_neighbours() {
    let side = |i: usize| if i.is_multiple_of(2) { 1e5 } else { -1e5 };
    let rows: Vec<Vec<f32>> =
        (0..400).map(|i| vec![side(i) + (i * 37 % 400) as f32 / 4.0, (i * 91 % 400) as f32 / 4.0]).collect();
    let found = neighbours_of(&embedded(&rows), 10, &Progress::new()).unwrap();
    for item in 0..400 {
        let mut all: Vec<(f64, u32)> = (0..400u32)
            .filter(|&o| o as usize != item)
            .map(|o| (super::dense::distance(found.metric, &rows[item], &rows[o as usize]), o))
            .collect();
        all.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        assert_eq!(found.of(item).1, all[..10].iter().map(|a| a.0).collect::<Vec<_>>(), "{item}");
    }
}

#[test]
fn exact_duplicates_are_found_among_many_that_are_nearly_the_same() {
    // 200 rows that single precision hardly tells apart, the second half as the first; and two rows of zeros.
    let row = |i: usize| (0..16).map(|d| 1.0 + ((i * 31 + d * 17) % 97) as f32 * 1e-6).collect::<Vec<f32>>();
    let mut rows: Vec<Vec<f32>> = (0..200).map(|i| row(i % 100)).collect();
    rows[60] = vec![0.0; 16];
    rows[150] = vec![-0.0; 16];
    let found = neighbours_of(&embedded(&rows), 10, &Progress::new()).unwrap();
    assert!((0..100).filter(|i| ![50, 60].contains(i)).all(|i| found.of(i).0.contains(&(i as u32 + 100))));
    assert_eq!((found.of(60).0[0], found.of(60).1[0]), (150, 0.0));
}

#[test]
fn texts_without_words_are_duplicates_too() {
    let mut texts: Vec<String> = (0..40).map(|i| format!("report {i} of matter {}", i * 7 % 40)).collect();
    for (i, text) in ["👍", "?!", ""].into_iter().enumerate() {
        (texts[i], texts[i + 20]) = (text.to_owned(), text.to_owned());
    }
    let column: crate::dataset::TextColumn = texts.iter().map(String::as_str).collect();
    let found = neighbours_of_texts(&column, 5, &Progress::new()).unwrap();
    assert!((0..3).all(|i| found.of(i).0 == [i as u32 + 20] && found.of(i).1 == [0.0]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn neighbours_are_the_nearest(d in 1usize..7, n in 2usize..70, seed in 0u64..1000) {
        let mut random = crate::stats::random::Stream::new(seed, 0);
        // Few values: many ties and exact duplicates.
        let rows: Vec<Vec<f32>> = (0..n).map(|_| (0..d).map(|_| random.below(4) as f32 - 1.0).collect()).collect();
        let vectors = embedded(&rows);
        let found = neighbours_of(&vectors, K, &Progress::new()).unwrap();
        for item in 0..n {
            let mut all: Vec<(f64, u32)> = (0..n as u32).filter(|&o| o as usize != item)
                .map(|o| (super::dense::distance(found.metric, &rows[item], &rows[o as usize]), o)).collect();
            all.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            all.truncate(K);
            let (items, distances) = found.of(item);
            // Which of equals is taken may differ only beyond what both measures tell apart.
            for (at, (want, _)) in all.iter().enumerate() {
                prop_assert!((distances[at] - want).abs() < 1e-6, "{item}: {distances:?} beside {all:?}");
            }
            prop_assert_eq!(items.len(), all.len());
        }
    }
}
