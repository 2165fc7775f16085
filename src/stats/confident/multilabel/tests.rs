use proptest::prelude::*;

use super::*;
use crate::stats::confident::confident_learning;

fn sets(list: &[&[u32]], classes: usize) -> SetLabels {
    let mut labels = SetLabels::new(classes);
    list.iter().for_each(|set| labels.push(set));
    labels
}

fn probabilities(rows: &[&[f64]]) -> Probabilities {
    Probabilities::from_f64(rows.concat(), rows.len(), rows[0].len()).unwrap()
}

fn run(labels: &SetLabels, p: &Probabilities) -> Result<MultiLabelIssues, ConfidentError> {
    multilabel_issues(labels, p, &MultiLabelOptions::default(), &Progress::new())
}

/// Thyagarajan et al. 2023, scores as their program computes them.
#[test]
fn three_items_have_the_scores_of_the_paper_s_program() {
    let labels = sets(&[&[0, 3], &[1], &[0, 1]], 4);
    let p = probabilities(&[&[0.9, 0.1, 0.2, 0.15], &[0.1, 0.8, 0.6, 0.1], &[0.95, 0.9, 0.05, 0.02]]);
    let scores = |pooling: Pooling| -> Vec<f64> {
        let scores = item_scores(&labels, &p, Quality::SelfConfidence, pooling, &Progress::new()).unwrap();
        scores.into_iter().map(Option::unwrap).collect()
    };
    let close = |got: &[f64], want: [f64; 3]| {
        got.iter().zip(want).for_each(|(a, b)| assert!((a - b).abs() < 1e-12, "{a} {b}"));
    };
    close(&scores(Pooling::OF_CLASSES), [0.284, 0.484, 0.91024]);
    close(&scores(Pooling::Min), [0.15, 0.4, 0.9]);
    close(&scores(Pooling::Mean), [0.6875, 0.75, 0.945]);
    close(&scores(Pooling::Ema(Some(1.0))), [0.15, 0.4, 0.9]);
}

#[test]
fn a_class_that_every_item_has_or_none_is_no_obstacle() {
    let labels = sets(&[&[0, 2], &[0], &[0, 2], &[0]], 3);
    let p = probabilities(&[&[0.9, 0.1, 0.8], &[0.2, 0.9, 0.1], &[0.8, 0.2, 0.9], &[0.7, 0.1, 0.2]]);
    let found = run(&labels, &p).unwrap();
    for filter in Filter::ALL {
        let wanted: [&[u32]; 3] =
            if filter == Filter::PredictedNeqGiven { [&[1], &[1], &[]] } else { [&[], &[], &[]] };
        for (class, want) in found.classes.iter().zip(wanted) {
            assert_eq!(class.items(filter).collect::<Vec<_>>(), want, "{} of {}", filter.key(), class.class);
        }
    }
    assert_eq!(found.classes[0].calibrated_joint, [[0, 0], [0, 4]]);
    assert_eq!(found.classes[1].calibrated_joint, [[4, 0], [0, 0]]);
    assert_eq!(found.health(Filter::PredictedNeqGiven), 0.75);
    assert_eq!(found.by_quality(Filter::PredictedNeqGiven), [0, 1, 2]);
}

#[test]
fn an_answer_that_is_missing_is_no_no() {
    let mut labels = SetLabels::new(2);
    labels.push(&[0]);
    labels.push_partial(&[], &[0]);
    labels.push_unanswered();
    labels.push_partial(&[], &[0, 1]);
    let p = probabilities(&[&[0.9, 0.2], &[0.9, 0.1], &[0.1, 0.1], &[0.1, 0.1]]);
    let found = run(&labels, &p).unwrap();
    assert_eq!((found.score_of(1), found.score_of(2), found.score_of(3)), (Some(0.9), None, None));
    assert_eq!((found.n_known, found.classes[0].n_known, found.classes[1].n_known), (2, 1, 2));
    assert_eq!(found.issues, [0; 4]);
    let scores = class_scores(&labels, &p, 1, Quality::SelfConfidence);
    assert_eq!(scores, [None, Some(0.9)]);
    // A class of which nothing is known.
    let mut labels = SetLabels::new(2);
    (0..4).for_each(|_| labels.push_partial(&[0], &[1]));
    let found = run(&labels, &p).unwrap();
    assert_eq!((found.classes[1].quality(Filter::Both), found.classes[1].n_known), (None, 0));
    assert_eq!(found.by_quality(Filter::Both), [0, 1]);
}

#[test]
fn input_that_cannot_be_used_is_refused_in_words() {
    let p = probabilities(&[&[0.9, 0.2], &[0.9, 0.1]]);
    let words = |labels: &SetLabels, p: &Probabilities| run(labels, p).unwrap_err().to_string();
    let two = sets(&[&[0], &[1]], 2);
    assert!(words(&sets(&[&[0]], 2), &p).starts_with("there are 1 items but 2 rows"));
    assert!(words(&sets(&[&[0], &[]], 3), &p).starts_with("there are 3 classes and 2 columns"));
    assert!(words(&two, &probabilities(&[&[0.9, 0.2], &[0.9, f64::NAN]])).starts_with("row 2 of"));
    assert!(words(&two, &probabilities(&[&[0.9, 1.2], &[0.9, 0.1]])).contains("has 1.2 for label number 1"));
    let mut nothing = SetLabels::new(2);
    (0..2).for_each(|_| nothing.push_unanswered());
    assert_eq!(run(&nothing, &p), Err(ConfidentError::NoLabels));
    let options = MultiLabelOptions { pooling: Pooling::Softmin(-1.0), ..MultiLabelOptions::default() };
    assert!(multilabel_issues(&two, &p, &options, &Progress::new()).is_err());
    let options = MultiLabelOptions { frac_noise: 2.0, ..MultiLabelOptions::default() };
    assert!(multilabel_issues(&two, &p, &options, &Progress::new()).is_err());
    let progress = Progress::new();
    progress.cancel();
    let stopped = multilabel_issues(&two, &p, &MultiLabelOptions::default(), &progress);
    assert_eq!(stopped, Err(ConfidentError::Cancelled(Cancelled)));
}

#[test]
fn rows_are_not_made_to_sum_to_one() {
    let p = probabilities(&[&[0.9, 0.9], &[0.2, 0.1], &[0.9, 0.2], &[0.1, 0.8]]);
    let repair = Some(crate::dataset::RowRepair { tolerance: 1e-6, rows: 4 });
    let labels = sets(&[&[0, 1], &[], &[0], &[1]], 2);
    assert_eq!(run(&labels, &p.clone().with_repair(repair)), run(&labels, &p));
}

fn random(classes: usize) -> impl Strategy<Value = (Vec<Vec<u32>>, Vec<f64>)> {
    (4..40_usize).prop_flat_map(move |n| {
        let set = proptest::collection::vec(0..classes as u32, 0..classes);
        // Coarse numbers, so that there are ties.
        let numbers = proptest::collection::vec((0..=20_u32).prop_map(|x| f64::from(x) / 20.0), n * classes);
        (proptest::collection::vec(set, n), numbers)
    })
}

proptest! {
    /// A class with both answers is plain confident learning of two labels.
    #[test]
    fn each_class_is_a_question_of_two_labels((list, numbers) in random(3)) {
        let n = list.len();
        let mut labels = SetLabels::new(3);
        list.iter().for_each(|set| labels.push(set));
        let p = Probabilities::from_f64(numbers.clone(), n, 3).unwrap();
        let found = run(&labels, &p).unwrap();
        for k in 0..3_usize {
            let given: Vec<u32> = list.iter().map(|set| u32::from(set.contains(&(k as u32)))).collect();
            let two = (0..n).flat_map(|i| [1.0 - numbers[3 * i + k], numbers[3 * i + k]]).collect();
            let two = Probabilities::from_f64(two, n, 2).unwrap();
            let Ok(alone) = confident_learning(&given, &two, &Progress::new()) else { continue };
            let class = &found.classes[k];
            prop_assert_eq!(class.counts, alone.counts);
            prop_assert_eq!(&class.calibrated_joint.map(|r| r.to_vec())[..], &alone.calibrated_joint[..]);
            for filter in Filter::ALL {
                let want: Vec<u32> = (0..n as u32).filter(|&i| alone.is_issue(i as usize, filter)).collect();
                prop_assert_eq!(class.items(filter).collect::<Vec<_>>(), want);
            }
        }
    }

    #[test]
    fn an_item_is_flagged_if_a_class_is_and_low_filters_take_as_many((list, numbers) in random(4)) {
        let n = list.len();
        let mut labels = SetLabels::new(4);
        list.iter().for_each(|set| labels.push(set));
        let p = Probabilities::from_f64(numbers, n, 4).unwrap();
        let found = run(&labels, &p).unwrap();
        for filter in Filter::ALL {
            let flagged: Vec<u32> = (0..n as u32).filter(|&i| found.is_issue(i as usize, filter)).collect();
            prop_assert_eq!(found.counts[filter as usize], flagged.len() as u64);
            if matches!(filter, Filter::LowNormalizedMargin | Filter::LowSelfConfidence) {
                prop_assert_eq!(flagged.len() as u64, found.counts[Filter::ConfidentLearning as usize]);
            } else {
                let mut union: Vec<u32> = found.classes.iter().flat_map(|c| c.items(filter)).collect();
                union.sort_unstable();
                union.dedup();
                prop_assert_eq!(&flagged, &union);
            }
            let mut ranked = found.ranked(filter, &Progress::new()).unwrap();
            ranked.sort_unstable();
            prop_assert_eq!(ranked, flagged);
        }
    }
}
