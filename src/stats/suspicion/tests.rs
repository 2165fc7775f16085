//! What holds of the detectors together.

use proptest::prelude::*;

use super::*;
use crate::stats::confident::confident_learning;
use crate::stats::random::Stream;

const LABELS: usize = 5;

/// Given labels, which of them are wrong, and probabilities of a model that favours the first label by `bias`.
fn simulated(n: usize, bias: f64, seed: u64) -> (Vec<LabelId>, Vec<bool>, Vec<f64>) {
    let mut dice = Stream::new(seed, 0);
    let (mut labels, mut wrong, mut values) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..n {
        let truth = dice.below(LABELS);
        let is_wrong = dice.uniform() < 0.1;
        // Every second label is taken for the one after it.
        let given = if is_wrong { (truth + 1 + 2 * dice.below(2)) % LABELS } else { truth };
        let logits: Vec<f64> = (0..LABELS)
            .map(|k| {
                dice.normal() * 1.4 + if k == truth { 2.5 } else { 0.0 } + if k == 0 { bias } else { 0.0 }
            })
            .collect();
        let sum: f64 = logits.iter().map(|z| z.exp()).sum();
        values.extend(logits.iter().map(|z| z.exp() / sum));
        labels.push(given as LabelId);
        wrong.push(is_wrong);
    }
    (labels, wrong, values)
}

fn found(labels: &[LabelId], values: &[f64]) -> (ConfidentLearning, Suspicion) {
    let p = Probabilities::from_f64(values.to_vec(), labels.len(), values.len() / labels.len()).unwrap();
    let confident = confident_learning(labels, &p, &Progress::new()).unwrap();
    let suspicion = suspicion(labels, &p, &confident, &Progress::new()).unwrap();
    (confident, suspicion)
}

/// Of items in the order of `score`, the most suspicious first.
fn average_precision(score: impl Fn(usize) -> f64, wrong: &[bool]) -> f64 {
    let mut order: Vec<usize> = (0..wrong.len()).collect();
    order.sort_by(|&a, &b| score(b).total_cmp(&score(a)));
    let (mut hits, mut sum) = (0.0, 0.0);
    for (place, &item) in order.iter().enumerate() {
        if wrong[item] {
            hits += 1.0;
            sum += hits / (place + 1) as f64;
        }
    }
    sum / hits
}

#[test]
fn odds_find_errors_that_self_confidence_misses_where_a_model_is_biased() {
    for (bias, least) in [(0.0, 0.0), (2.0, 0.03)] {
        let gains = (0..8).map(|seed| {
            let (labels, wrong, values) = simulated(3000, bias, seed);
            let (confident, suspicion) = found(&labels, &values);
            let by = |d: Detector| average_precision(|i| suspicion.of(d, &confident, i).unwrap(), &wrong);
            by(Detector::Odds) - by(Detector::Quality(Quality::SelfConfidence))
        });
        let mean = gains.sum::<f64>() / 8.0;
        assert!(mean >= least, "bias {bias}: odds gain {mean}");
    }
}

#[test]
fn a_biased_model_is_scaled_to_the_labels() {
    let (labels, _, values) = simulated(4000, 2.0, 9);
    let p = Probabilities::from_f64(values, labels.len(), LABELS).unwrap();
    let fit = scaling(&labels, &p, &Progress::new()).unwrap();
    let rest = fit.offsets[1..].iter().sum::<f64>() / 4.0;
    let by = fit.offsets[0] - rest;
    assert!((-3.0..-1.0).contains(&by), "the first label's offset is {by} below the others");
    assert!((0.3..1.0).contains(&fit.temperature), "labels are noisier than the model is sure: {fit:?}");
}

#[test]
fn items_without_a_label_have_no_opinion_and_change_nothing() {
    let (mut labels, _, mut values) = simulated(300, 0.5, 3);
    let (c, one) = found(&labels, &values);
    labels.insert(0, NO_LABEL);
    values.splice(0..0, [0.2; LABELS]);
    let (d, two) = found(&labels, &values);
    for row in DETECTORS {
        assert_eq!(two.of(row.detector, &d, 0), None, "{}", row.key);
        for i in 0..300 {
            let (a, b) = (one.of(row.detector, &c, i).unwrap(), two.of(row.detector, &d, i + 1).unwrap());
            assert!((a - b).abs() < 1e-9 && (0.0..=1.0).contains(&a), "{} {a} {b}", row.key);
        }
    }
}

#[test]
fn the_result_is_the_same_on_any_number_of_threads() {
    let (labels, _, values) = simulated(20_000, 1.0, 5);
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| found(&labels, &values).1)
    };
    let (one, three) = (run(1), run(3));
    assert_eq!(one.quality, three.quality);
    assert_eq!(one.borda, three.borda);
    assert_eq!(one.cell_rank, three.cell_rank);
}

#[test]
fn names_of_labels_do_not_matter() {
    let (labels, _, values) = simulated(500, 1.0, 11);
    let turned: Vec<LabelId> = labels.iter().map(|l| (l + 1) % LABELS as u32).collect();
    let moved: Vec<f64> =
        values.chunks(LABELS).flat_map(|r| [&r[LABELS - 1..], &r[..LABELS - 1]].concat()).collect();
    let ((_, one), (_, two)) = (found(&labels, &values), found(&turned, &moved));
    for i in 0..500 {
        let (a, b) = (one.quality(i).unwrap(), two.quality(i).unwrap());
        assert!((a - b).abs() < 1e-9, "{a} {b}");
    }
}

#[test]
fn places_in_a_cell_count_from_the_largest_margin() {
    let labels = [0, 0, 0, 1, 1];
    let values = [0.9, 0.1, 0.3, 0.7, 0.1, 0.9, 0.2, 0.8, 0.6, 0.4];
    let (_, suspicion) = found(&labels, &values);
    assert_eq!(suspicion.place_in_cell(2, 0, 1), Some((1, 2)));
    assert_eq!(suspicion.place_in_cell(1, 0, 1), Some((2, 2)));
    assert_eq!(suspicion.place_in_cell(4, 1, 0), Some((1, 1)));
    assert_eq!(suspicion.place_in_cell(0, 0, 0), None);
}

#[test]
fn ranks_are_added_up_and_ties_shared() {
    let (a, b) = ([0.1, 0.5, 0.5, 0.9], [0.0, 0.3, 0.1, 0.2]);
    let sum = borda(&[(&a, High::Suspicious), (&b, High::Suspicious)], &Progress::new()).unwrap();
    // Ranks 0, 1.5, 1.5, 3 and 0, 3, 1, 2.
    let want = [0.0, 4.5 / 6.0, 2.5 / 6.0, 5.0 / 6.0];
    assert!(sum.iter().zip(want).all(|(x, y)| (x - y).abs() < 1e-12), "{sum:?}");
    assert_eq!(borda(&[(&[0.3], High::Trusted)], &Progress::new()).unwrap(), [1.0]);
    assert!(borda(&[], &Progress::new()).unwrap().is_empty());
    let with_hole = borda(&[(&[f64::NAN, 0.1, 0.2], High::Trusted)], &Progress::new()).unwrap();
    assert!(with_hole[0].is_nan() && with_hole[1..] == [1.0, 0.0]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_probabilities_have_opinions_within_range(
        rows in prop::collection::vec((0..3_u32, prop::array::uniform3(0.0..=1.0_f64)), 4..40),
        zeros in 0..3_usize,
    ) {
        let labels: Vec<LabelId> = rows.iter().enumerate().map(|(i, r)| if i < 2 { i as u32 } else { r.0 }).collect();
        let mut values: Vec<f64> = rows.iter().flat_map(|r| r.1).collect();
        values.iter_mut().step_by(3).take(3 * zeros).for_each(|v| *v = 0.0);
        let (confident, suspicion) = found(&labels, &values);
        for row in DETECTORS {
            for i in 0..labels.len() {
                let s = suspicion.of(row.detector, &confident, i);
                prop_assert!(s.is_some_and(|s| (-1e-9..=1.0 + 1e-9).contains(&s)), "{} {s:?}", row.key);
            }
        }
    }
}
