//! Properties that hold for any data, against a plain restatement of the definitions with full stable sorts.

use proptest::prelude::*;

use super::*;
use crate::dataset::{NO_LABEL, Probabilities};

/// Labels (some of them missing) and rows of numbers, `decimals` of them quantised so that ties abound.
#[derive(Debug, Clone)]
struct Data {
    labels: Vec<LabelId>,
    rows: Vec<Vec<f64>>,
}

impl Data {
    fn cols(&self) -> usize {
        self.rows[0].len()
    }

    fn probabilities(&self) -> Probabilities {
        Probabilities::from_f64(self.rows.concat(), self.rows.len(), self.cols()).unwrap()
    }

    fn run(&self) -> Result<ConfidentLearning, ConfidentError> {
        confident_learning(&self.labels, &self.probabilities(), &Progress::new())
    }

    /// Without the rows that have no label.
    fn labelled(&self) -> Self {
        let keep = |i: &usize| self.labels[*i] != NO_LABEL;
        let kept: Vec<usize> = (0..self.labels.len()).filter(keep).collect();
        Self {
            labels: kept.iter().map(|&i| self.labels[i]).collect(),
            rows: kept.iter().map(|&i| self.rows[i].clone()).collect(),
        }
    }
}

fn data(missing: bool, quantised: bool) -> impl Strategy<Value = Data> {
    (2_usize..7, 2_usize..120).prop_flat_map(move |(k, n)| {
        let label =
            (0..k as u32 + u32::from(missing)).prop_map(move |l| if l == k as u32 { NO_LABEL } else { l });
        let row = prop::collection::vec(0.001..1.0_f64, k);
        (prop::collection::vec(label, n), prop::collection::vec(row, n), 0.0..4.0_f64).prop_map(
            move |(labels, mut rows, signal)| {
                for (row, &label) in rows.iter_mut().zip(&labels) {
                    if let Some(p) = row.get_mut(label as usize) {
                        *p += signal * *p;
                    }
                    let sum: f64 = row.iter().sum();
                    for p in row.iter_mut() {
                        *p /= sum;
                        if quantised {
                            *p = (*p * 10.0).round() / 10.0;
                        }
                    }
                }
                Data { labels, rows }
            },
        )
    })
}

/// The lowest `take` of `keys` by a stable ascending sort, and how many of the rest tie with the last taken
/// and pass `counts`.
fn cut(keys: &[(f64, usize)], take: usize, counts: impl Fn(usize) -> bool) -> (Vec<usize>, u64) {
    let mut sorted = keys.to_vec();
    sorted.sort_by(|a, b| a.0.partial_cmp(&b.0).unwrap());
    let take = take.min(sorted.len());
    let ties = match take.checked_sub(1) {
        Some(last) => sorted[take..].iter().filter(|e| e.0 == sorted[last].0 && counts(e.1)).count(),
        None => 0,
    };
    (sorted[..take].iter().map(|e| e.1).collect(), ties as u64)
}

/// The filters that cut lists, restated: (flagged items, ties) of prune by class, by noise rate, low margin, low
/// self-confidence.
fn restated(data: &Data, result: &ConfidentLearning) -> [(Vec<bool>, u64); 4] {
    let n = data.labels.len();
    let neq = |i: usize| result.is_issue(i, Filter::PredictedNeqGiven);
    let p = |i: usize, k: usize| data.rows[i][k];
    let (mut by_class, mut class_ties) = (vec![false; n], 0);
    let mut by_noise = vec![false; n];
    let mut cells = Vec::new();
    for k in 0..data.cols() {
        let rows: Vec<usize> = (0..n).filter(|&i| data.labels[i] as usize == k).collect();
        if rows.len() < 2 {
            continue;
        }
        // What stays of a label is at least one row, taken evenly from the other cells.
        let joint = &result.calibrated_joint[k];
        let raised = if joint[k] == 0 { 1.0 } else { 0.0 };
        let others = joint.iter().filter(|&&c| c > 0).count() as f64 - 1.0;
        let keys: Vec<(f64, usize)> = rows.iter().map(|&i| (p(i, k), i)).collect();
        let (taken, ties) = cut(&keys, rows.len() - joint[k].max(1) as usize, neq);
        taken.into_iter().filter(|&i| neq(i)).for_each(|i| by_class[i] = true);
        class_ties += ties;
        for j in (0..data.cols()).filter(|&j| j != k) {
            let take = (joint[j] as f64 - raised / others.max(1.0)).max(0.0) as usize;
            let keys: Vec<(f64, usize)> = rows.iter().map(|&i| (p(i, k) - p(i, j), i)).collect();
            let (taken, _) = cut(&keys, take, neq);
            taken.into_iter().filter(|&i| neq(i)).for_each(|i| by_noise[i] = true);
            cells.push((keys, take));
        }
    }
    let noise_ties = cells.iter().map(|(keys, take)| cut(keys, *take, |i| neq(i) && !by_noise[i]).1).sum();
    let low = |q: Quality| {
        let keys: Vec<(f64, usize)> =
            (0..n).filter_map(|i| result.quality_of(i, q).map(|s| (s, i))).collect();
        let (taken, ties) = cut(&keys, result.num_off_diagonal as usize, |_| true);
        let mut mask = vec![false; n];
        for i in taken {
            mask[i] = true;
        }
        (mask, ties)
    };
    [
        (by_class, class_ties),
        (by_noise, noise_ties),
        low(Quality::NormalizedMargin),
        low(Quality::SelfConfidence),
    ]
}

fn mask(result: &ConfidentLearning, filter: Filter) -> Vec<bool> {
    (0..result.issues.len()).map(|i| result.is_issue(i, filter)).collect()
}

fn with_threads<T: Send>(threads: usize, f: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(f)
}

/// All numbers of a result as bits, so that NaN equals itself.
fn bytes(r: &ConfidentLearning) -> String {
    let bits = |x: &[f64]| x.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
    let quality: Vec<_> = r.quality.iter().map(|q| bits(q)).collect();
    let rest = ConfidentLearning { quality: [vec![], vec![], vec![]], ..r.clone() };
    format!("{quality:?} {rest:?}")
}

/// Labels and columns renamed by a rotation.
fn rotated(data: &Data, by: usize) -> Data {
    let k = data.cols();
    let to = |l: usize| (l + by) % k;
    let labels =
        data.labels.iter().map(|&l| if l == NO_LABEL { l } else { to(l as usize) as LabelId }).collect();
    let rows = data.rows.iter().map(|row| (0..k).map(|c| row[(c + k - by) % k]).collect()).collect();
    Data { labels, rows }
}

fn two_labels(data: &Data) -> bool {
    data.labels.iter().any(|&l| l != NO_LABEL && data.labels.iter().any(|&m| m != NO_LABEL && m != l))
}

/// Whether rounding the calibrated joint had to choose between equal remainders.
fn rounding_is_free_of_ties(result: &ConfidentLearning, counts: &[u64]) -> bool {
    result.confident_joint.iter().zip(counts).all(|(row, &n)| {
        let sum: u64 = row.iter().sum();
        let mut rest: Vec<f64> = row
            .iter()
            .map(|&c| (c as f64 * n as f64 / sum as f64).fract())
            .map(|f| if f < 1.0 - 1e-9 { f } else { 0.0 })
            .collect();
        rest.sort_by(f64::total_cmp);
        let half = rest.iter().all(|f| (f - 0.5).abs() > 1e-9);
        // Whole numbers are never rounded, equal as they are.
        half && rest.windows(2).all(|w| w[1] < 1e-9 || w[1] - w[0] > 1e-9)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn cuts_equal_full_stable_sorts(data in prop_oneof![data(true, false), data(true, true)]) {
        prop_assume!(two_labels(&data));
        let result = data.run().unwrap();
        let filters = [
            Filter::PruneByClass, Filter::PruneByNoiseRate, Filter::LowNormalizedMargin, Filter::LowSelfConfidence,
        ];
        for (filter, (want, ties)) in filters.into_iter().zip(restated(&data, &result)) {
            prop_assert_eq!(mask(&result, filter), want, "{}", filter.key());
            prop_assert_eq!(result.ties_at_cut[filter as usize], ties, "ties of {}", filter.key());
        }
    }

    #[test]
    fn filters_but_the_low_ones_flag_only_where_the_prediction_differs(
        data in prop_oneof![data(true, false), data(true, true)],
    ) {
        prop_assume!(two_labels(&data));
        let result = data.run().unwrap();
        for i in 0..data.labels.len() {
            let bits = result.issues[i];
            let low = Filter::LowNormalizedMargin.bit() | Filter::LowSelfConfidence.bit();
            if bits & !low != 0 {
                prop_assert!(result.is_issue(i, Filter::PredictedNeqGiven));
                prop_assert_ne!(result.predicted[i], data.labels[i]);
            }
            let both = result.is_issue(i, Filter::PruneByClass) && result.is_issue(i, Filter::PruneByNoiseRate);
            prop_assert_eq!(result.is_issue(i, Filter::Both), both);
        }
        for filter in Filter::ALL {
            let flagged = mask(&result, filter).into_iter().filter(|&f| f).count() as u64;
            prop_assert_eq!(result.counts[filter as usize], flagged);
        }
        prop_assert_eq!(result.counts[Filter::ConfidentLearning as usize], result.num_off_diagonal);
    }

    #[test]
    fn the_result_is_the_same_on_one_thread_and_on_eight(
        data in prop_oneof![data(true, false), data(true, true)],
    ) {
        prop_assume!(two_labels(&data));
        let one = with_threads(1, || data.run().unwrap());
        let eight = with_threads(8, || data.run().unwrap());
        prop_assert_eq!(bytes(&one), bytes(&eight));
    }

    #[test]
    fn items_without_a_label_change_nothing_for_the_others(
        data in prop_oneof![data(true, false), data(true, true)],
    ) {
        prop_assume!(two_labels(&data));
        let all = data.run().unwrap();
        let some = data.labelled().run().unwrap();
        prop_assert_eq!(all.n_left_out, data.labels.len() - all.rows.len());
        prop_assert_eq!(all.rows.len(), some.rows.len());
        for (to, &from) in all.rows.iter().enumerate() {
            prop_assert_eq!(all.issues[from as usize], some.issues[to]);
            for q in Quality::ALL {
                prop_assert_eq!(all.quality_of(from as usize, q), some.quality_of(to, q));
            }
        }
        for (i, &label) in data.labels.iter().enumerate() {
            prop_assert_eq!(all.quality_of(i, Quality::SelfConfidence).is_none(), label == NO_LABEL);
            prop_assert!(label != NO_LABEL || all.issues[i] == 0);
        }
        // Everything that is not a column of items is the same.
        let rest = |r: &ConfidentLearning| {
            let (rows, issues, predicted) = (vec![], vec![], vec![]);
            bytes(&ConfidentLearning { rows, issues, predicted, quality: Default::default(), n_left_out: 0, ..r.clone() })
        };
        prop_assert_eq!(rest(&all), rest(&some));
    }

    #[test]
    fn renaming_labels_renames_the_result(data in data(false, false), by in 1_usize..6) {
        prop_assume!(two_labels(&data));
        let k = data.cols();
        let by = by % k;
        let to = |l: usize| (l + by) % k;
        let plain = data.run().unwrap();
        let renamed = rotated(&data, by).run().unwrap();
        for j in 0..k {
            prop_assert_eq!(plain.thresholds[j], renamed.thresholds[to(j)]);
            for c in 0..k {
                prop_assert_eq!(plain.confident_joint[j][c], renamed.confident_joint[to(j)][to(c)]);
            }
        }
        for filter in [
            Filter::ConfidentLearning, Filter::PredictedNeqGiven, Filter::LowNormalizedMargin,
            Filter::LowSelfConfidence,
        ] {
            prop_assert_eq!(mask(&plain, filter), mask(&renamed, filter));
        }
        let mut counts = vec![0_u64; k];
        data.labels.iter().for_each(|&l| counts[l as usize] += 1);
        if rounding_is_free_of_ties(&plain, &counts) {
            for j in 0..k {
                for c in 0..k {
                    prop_assert_eq!(plain.calibrated_joint[j][c], renamed.calibrated_joint[to(j)][to(c)]);
                }
            }
            prop_assert_eq!(&plain.issues, &renamed.issues);
            prop_assert_eq!(plain.counts, renamed.counts);
        }
    }
}

/// Data of many blocks, where parts of the work run on different threads: quantised, so full of ties.
fn large(n: usize, k: usize) -> Data {
    let mut state = 7_u64;
    let mut random = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as u32
    };
    let mut labels = Vec::new();
    let mut rows = Vec::new();
    for _ in 0..n {
        let label = random() % k as u32;
        let mut row: Vec<f64> = (0..k).map(|_| f64::from(random() % 8)).collect();
        row[label as usize] += f64::from(random() % 12);
        let sum = row.iter().sum::<f64>().max(1.0);
        for p in &mut row {
            *p = (*p / sum * 100.0).round() / 100.0;
        }
        labels.push(if random() % 50 == 0 { NO_LABEL } else { label });
        rows.push(row);
    }
    Data { labels, rows }
}

#[test]
fn many_blocks_equal_full_stable_sorts_on_any_number_of_threads() {
    let data = large(60_000, 5);
    let one = with_threads(1, || data.run().unwrap());
    for threads in [2, 3, 8] {
        assert!(bytes(&one) == bytes(&with_threads(threads, || data.run().unwrap())), "{threads} threads");
    }
    let restated = restated(&data, &one);
    let filters = [
        Filter::PruneByClass,
        Filter::PruneByNoiseRate,
        Filter::LowNormalizedMargin,
        Filter::LowSelfConfidence,
    ];
    for (filter, (want, ties)) in filters.into_iter().zip(restated) {
        assert!(mask(&one, filter) == want, "{}", filter.key());
        assert_eq!(one.ties_at_cut[filter as usize], ties, "{}", filter.key());
    }
    assert!(one.ties_at_cut[Filter::LowSelfConfidence as usize] > 0);
    assert!(one.ties_at_cut[Filter::PruneByClass as usize] > 0);
}

#[test]
fn cancelling_stops_the_work_soon() {
    let data = large(200_000, 8);
    let (probabilities, progress) = (data.probabilities(), Progress::new());
    let already = Progress::new();
    already.cancel();
    assert_eq!(
        confident_learning(&data.labels, &probabilities, &already).unwrap_err(),
        ConfidentError::Cancelled(Cancelled)
    );
    // Cancel in each stage in turn, from this thread, which waits for it. It may come too late where other work
    // keeps the machine busy, so each stage has several attempts.
    for stage in ["Scoring labels", "Counting confident guesses", "Ranking candidates", "Flagging issues"] {
        let stopped = (0..20).any(|_| {
            let progress = Progress::new();
            std::thread::scope(|scope| {
                let work = scope.spawn(|| confident_learning(&data.labels, &probabilities, &progress));
                while !work.is_finished() && progress.stage_name() != stage {
                    std::hint::spin_loop();
                }
                progress.cancel();
                let asked = std::time::Instant::now();
                let result = work.join().unwrap();
                result == Err(ConfidentError::Cancelled(Cancelled)) && asked.elapsed().as_millis() < 100
            })
        });
        assert!(stopped, "{stage}");
    }
    assert!(confident_learning(&data.labels, &probabilities, &progress).is_ok());
}
