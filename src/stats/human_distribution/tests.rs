use proptest::prelude::*;

use super::*;
use crate::dataset::AnnotationsBuilder;

/// Votes an item and label, as counts.
fn votes(counts: &[&[u32]]) -> VoteCounts {
    let mut b = AnnotationsBuilder::new();
    for (item, row) in counts.iter().enumerate() {
        let mut rater = 0;
        for (label, &n) in row.iter().enumerate() {
            for _ in 0..n {
                b.push(item as u32, rater, label as u32, None);
                rater += 1;
            }
        }
    }
    let n_labels = counts.first().map_or(0, |r| r.len());
    VoteCounts::new(&b.finish(counts.len(), 200), n_labels)
}

fn run(counts: &[&[u32]], rows: &[&[f64]]) -> Result<HumanCalibration, Undefined> {
    let k = counts[0].len();
    let model = Probabilities::from_f64(rows.concat(), rows.len(), k).unwrap();
    calibrate(&votes(counts), k, &model, &Options::default(), &Progress::new()).unwrap()
}

fn near(found: f64, wanted: f64) {
    assert!((found - wanted).abs() < 5e-5, "{found} for {wanted}");
}

fn value(s: &Statistic) -> f64 {
    s.value().unwrap()
}

const COUNTS: [&[u32]; 3] = [&[6, 3, 1], &[2, 2, 6], &[5, 5, 0]];
const ROWS: [&[f64]; 3] = [&[0.7, 0.2, 0.1], &[0.5, 0.3, 0.2], &[0.45, 0.35, 0.2]];

#[test]
fn three_items_by_hand() {
    let found = run(&COUNTS, &ROWS).unwrap();
    for (item, (distance, entropy, by_index, ranked)) in found.items.iter().zip([
        (0.1, -0.0961, true, true),
        (0.4, 0.0794, false, false),
        (0.2, 0.3555, false, true),
    ]) {
        near(item.distance, distance);
        near(item.entropy_difference.unwrap(), entropy);
        assert_eq!((item.ranked_by_index, item.ranked), (by_index, ranked), "{item:?}");
    }
    near(found.items[0].model_entropy, 0.8018);
    near(found.items[0].human_entropy, 0.8979);
    near(value(&found.distance), 0.7 / 3.0);
    near(value(&found.entropy_signed), (0.3555 + 0.0794 - 0.0961) / 3.0);
    near(value(&found.entropy_absolute), (0.3555 + 0.0794 + 0.0961) / 3.0);
    near(value(&found.ranked), 2.0 / 3.0);
    near(value(&found.ranked_by_index), 1.0 / 3.0);
    // The first is right, the second wrong, the third one of two that tie.
    near(value(&found.accuracy), 0.5);
    near(value(&found.accuracy_lowest), 2.0 / 3.0);
    assert_eq!((found.n_tied_majority, found.n_tied_votes, found.n_single), (1, 2, 0));
    let filled = found.by_distance.iter().enumerate().filter(|(_, items)| !items.is_empty());
    assert_eq!(
        filled.map(|(at, items)| (at, &**items)).collect::<Vec<_>>(),
        [(2, &[0][..]), (4, &[2]), (8, &[1])]
    );
}

#[test]
fn bins_are_open_below_and_closed_above() {
    let rows: [&[f64]; 3] = [&[0.7, 0.3, 0.0], &[0.5, 0.3, 0.2], &[0.45, 0.35, 0.2]];
    let found = run(&[&[9, 1, 0], &[1, 9, 0], &[9, 1, 0]], &rows).unwrap();
    near(value(&found.ece), 0.116_67);
    near(value(&found.ece_lowest), 0.116_67);
    let filled: Vec<(usize, usize)> = found
        .bins
        .iter()
        .enumerate()
        .filter(|(_, b)| !b.items.is_empty())
        .map(|(i, b)| (i + 1, b.items.len()))
        .collect();
    assert_eq!(filled, [(5, 2), (7, 1)]);
    // Every edge belongs to the bin below it, however it was rounded.
    for m in [1, 3, 7, 10, 15] {
        for edge in 1..=m {
            let at = f64::from(edge) / f64::from(m);
            let item = ItemScore { confidence: at, ..found.items[0] };
            let bins = reliability_bins(&[item], m as usize);
            assert_eq!(
                bins.iter().position(|b| b.items.len() == 1),
                Some(edge as usize - 1),
                "{edge} of {m}"
            );
        }
    }
}

#[test]
fn what_cannot_be_compared_is_counted_apart() {
    let found = run(
        &[&[1, 0], &[0, 0], &[3, 1], &[1, 1], &[2, 0]],
        &[&[0.5, 0.5], &[0.5, 0.5], &[0.7, 0.2], &[f64::NAN, 1.0], &[0.25, 0.75]],
    )
    .unwrap();
    assert_eq!((found.n_single, found.n_without_votes, found.n_tied_predictions), (1, 1, 1));
    assert_eq!((found.n_bad_rows, found.bad_rows.as_slice()), (2, [2, 3].as_slice()));
    assert_eq!(found.items.iter().map(|i| i.item).collect::<Vec<_>>(), [0, 4]);
    assert_eq!(found.items[0].entropy_difference, None);
    assert_eq!(found.entropy_signed.estimate().unwrap().n_items, 1);
    assert!(run(&[&[0, 0]], &[&[0.5, 0.5]]).is_err());
    assert!(run(&[&[1, 0]], &[&[0.9, 0.9]]).is_err());
    assert!(run(&[&[1, 0]], &[&[0.5, 0.5], &[0.5, 0.5]]).is_err());
    let single = run(&[&[1, 0]], &[&[0.5, 0.5]]).unwrap();
    assert!(single.entropy_signed.reason().is_some() && single.distance.value() == Some(0.5));
}

#[test]
fn units_of_entropy_are_multiples_of_each_other() {
    let of = |unit| {
        let model = Probabilities::from_f64(ROWS.concat(), 3, 3).unwrap();
        let options = Options { unit, ..Options::default() };
        let found = calibrate(&votes(&COUNTS), 3, &model, &options, &Progress::new()).unwrap().unwrap();
        value(&found.entropy_absolute)
    };
    let nats = of(EntropyUnit::Nats);
    assert!((of(EntropyUnit::Bits) * std::f64::consts::LN_2 - nats).abs() < 1e-12);
    assert!((of(EntropyUnit::OfMost) * 3.0_f64.ln() - nats).abs() < 1e-12);
}

#[test]
fn people_halved_are_near_people_and_the_same_each_time() {
    let rows: Vec<Vec<u32>> = (0..40).map(|i| vec![50 + i, 50 - i, 0]).collect();
    let rows: Vec<&[u32]> = rows.iter().map(Vec::as_slice).collect();
    let v = votes(&rows);
    let deal = |halves| human_ceiling(&v, 3, halves, &Options::default(), &Progress::new()).unwrap();
    let found = deal(Halves { repeats: 50, seed: 4, size: None }).unwrap();
    assert_eq!((found.n_items, found.repeats), (40, 50));
    // A half of 50 votes has a standard error of .07; the two of them differ by .08 on average at most.
    assert!(found.distance.mean > 0.02 && found.distance.mean < 0.09, "{found:?}");
    assert!(found.entropy_signed.unwrap().mean.abs() < 0.01);
    assert!(found.distance.low <= found.distance.mean && found.distance.mean <= found.distance.high);
    assert_eq!(deal(Halves { repeats: 50, seed: 4, size: None }).unwrap(), found);
    let few = deal(Halves { repeats: 50, seed: 4, size: Some(5) }).unwrap();
    assert!(few.distance.mean > 2.0 * found.distance.mean, "fewer votes are further apart");
    assert!(deal(Halves { repeats: 50, seed: 4, size: Some(51) }).is_err());
    assert!(deal(Halves { repeats: 0, seed: 4, size: None }).is_err());
    // One vote in each hand has no entropy.
    let pair = votes(&[&[1, 1], &[2, 0]]);
    let pair =
        human_ceiling(&pair, 2, Halves::default(), &Options::default(), &Progress::new()).unwrap().unwrap();
    assert_eq!((pair.entropy_signed, pair.distance.mean), (None, 0.5));
}

#[test]
fn a_cancelled_comparison_stops() {
    let progress = Progress::new();
    progress.cancel();
    let model = Probabilities::from_f64(vec![0.5; 2], 1, 2).unwrap();
    assert!(calibrate(&votes(&[&[1, 1]]), 2, &model, &Options::default(), &progress).is_err());
    assert!(human_ceiling(&votes(&[&[1, 1]]), 2, Halves::default(), &Options::default(), &progress).is_err());
}

proptest! {
    #[test]
    fn a_model_that_repeats_the_votes_is_perfect(counts in prop::collection::vec(0_u32..9, 1..6)) {
        let total: u32 = counts.iter().sum();
        prop_assume!(total > 0);
        let p: Vec<f64> = counts.iter().map(|&n| f64::from(n) / f64::from(total)).collect();
        let s = score(0, &counts, &p, 1.0).unwrap();
        prop_assert!(s.ranked && s.ranked_by_index && s.distance == 0.0);
        prop_assert!(s.credit > 0.0 && s.credit_lowest == 1.0);
        prop_assert_eq!(s.entropy_difference, (total > 1).then_some(0.0));
    }

    /// The lenient rule, from its definition.
    #[test]
    fn ranks_are_compared_pair_by_pair(
        counts in prop::collection::vec(0_u32..4, 2..6),
        raw in prop::collection::vec(1_u32..5, 6),
    ) {
        prop_assume!(counts.iter().any(|&n| n > 0));
        let p: Vec<f64> = raw[..counts.len()].iter().map(|&r| f64::from(r)).collect();
        let s = score(0, &counts, &p, 1.0).unwrap();
        let mut wanted = true;
        for a in 0..counts.len() {
            for b in 0..counts.len() {
                wanted &= counts[a] <= counts[b] || p[a] > p[b];
            }
        }
        prop_assert_eq!(s.ranked, wanted);
        prop_assert!(s.tied_votes || !s.ranked || s.ranked_by_index, "without ties one rule implies the other");
    }
}
