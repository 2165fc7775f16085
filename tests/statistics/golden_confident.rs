//! Confident learning against cleanlab 2.9 (stable sorts), case by case and key by key.
//!
//! Integers and index lists must be equal, floats to 1e-12. Every key of `expected` is compared or named in
//! [`NOT_OURS`]: an unknown one fails.

use dissensus::dataset::{LabelId, Probabilities};
use dissensus::progress::Progress;
use dissensus::stats::confident::{
    ConfidentLearning, Filter, LabelHealth, NoiseModel, Options, PriorMethod, Quality, Weighting,
    adjusted_quality, calibrate, calibrate_supplied, confident_joint, confident_learning,
    confident_learning_with, confusion, ensemble_quality, estimate_joint, estimate_noise, label_health,
    lowest_scores, off_diagonal_of, overlapping_labels,
};
use serde_json::Value;

/// Keys of other parts of cleanlab.
const NOT_OURS: [&str; 2] = ["ood", "batched_low_self_confidence"];

struct Case {
    name: String,
    labels: Vec<LabelId>,
    probabilities: Probabilities,
    input: Value,
    expected: Value,
}

fn progress() -> Progress {
    Progress::new()
}

fn cases() -> Vec<Case> {
    let file: Value = serde_json::from_str(include_str!("../data/golden_confident.json")).unwrap();
    let cases = file["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 6);
    cases
        .iter()
        .map(|case| Case {
            name: case["name"].as_str().unwrap().to_owned(),
            labels: integers(&case["input"]["labels"]).into_iter().map(|l| l as LabelId).collect(),
            probabilities: probabilities(&case["input"]["pred_probs"]),
            input: case["input"].clone(),
            expected: case["expected"].clone(),
        })
        .collect()
}

fn case(name: &str) -> Case {
    cases().into_iter().find(|c| c.name == name).unwrap()
}

fn probabilities(value: &Value) -> Probabilities {
    let rows = float_matrix(value);
    let (n, k) = (rows.len(), rows[0].len());
    Probabilities::from_f64(rows.concat(), n, k).unwrap()
}

fn integers(value: &Value) -> Vec<u64> {
    value.as_array().unwrap().iter().map(|v| v.as_u64().unwrap()).collect()
}

fn integer_matrix(value: &Value) -> Vec<Vec<u64>> {
    value.as_array().unwrap().iter().map(integers).collect()
}

fn floats(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

fn float_matrix(value: &Value) -> Vec<Vec<f64>> {
    value.as_array().unwrap().iter().map(floats).collect()
}

fn rows(value: &Value) -> Vec<u32> {
    integers(value).into_iter().map(|i| i as u32).collect()
}

#[track_caller]
fn assert_close(got: &[f64], want: &[f64], what: &str) {
    assert_eq!(got.len(), want.len(), "{what}");
    for (i, (a, b)) in got.iter().zip(want).enumerate() {
        assert!((a - b).abs() <= 1e-12, "{what}[{i}]: {a} instead of {b}");
    }
}

#[track_caller]
fn assert_matrix(got: &[Vec<f64>], want: &Value, what: &str) {
    let want = float_matrix(want);
    assert_eq!(got.len(), want.len(), "{what}");
    got.iter().zip(&want).for_each(|(a, b)| assert_close(a, b, what));
}

fn filter(key: &str) -> Filter {
    Filter::ALL.into_iter().find(|f| f.key() == key).unwrap()
}

fn quality(key: &str) -> Quality {
    Quality::ALL.into_iter().find(|q| q.key() == key).unwrap()
}

fn flagged(result: &ConfidentLearning, filter: Filter) -> Vec<u32> {
    (0..result.issues.len()).filter(|&i| result.is_issue(i, filter)).map(|i| i as u32).collect()
}

/// Compares the filters named in `want`, and the counts with the lists.
#[track_caller]
fn assert_issues(result: &ConfidentLearning, want: &Value, what: &str) {
    for (key, want) in want.as_object().unwrap() {
        let got = flagged(result, filter(key));
        assert_eq!(got, rows(want), "{what}: {key}");
        assert_eq!(result.counts[filter(key) as usize], got.len() as u64, "{what}: count of {key}");
    }
}

fn quality_column(result: &ConfidentLearning, q: Quality) -> Vec<f64> {
    (0..result.issues.len()).map(|i| result.quality_of(i, q).unwrap()).collect()
}

fn class_counts(case: &Case) -> Vec<u64> {
    let mut counts = vec![0; case.probabilities.cols()];
    case.labels.iter().for_each(|&l| counts[l as usize] += 1);
    counts
}

#[track_caller]
fn assert_noise(got: &NoiseModel, want: &Value, what: &str) {
    for (key, want) in want.as_object().unwrap() {
        match key.as_str() {
            "py" => assert_close(&got.prior, &floats(want), what),
            "noise_matrix" => assert_matrix(&got.noise_matrix, want, what),
            "inverse_noise_matrix" => assert_matrix(&got.inverse_noise_matrix, want, what),
            _ => panic!("{what}: {key} is not compared"),
        }
    }
}

/// cleanlab calls a label that no row has healthy (noise 0, quality 1); here it has no noise and no quality.
#[track_caller]
fn assert_health(got: &[LabelHealth], want: &Value, counts: &[u64], what: &str) {
    let columns = [
        "Class Index",
        "Label Issues",
        "Inverse Label Issues",
        "Label Noise",
        "Inverse Label Noise",
        "Label Quality Score",
    ];
    assert_eq!(want["columns"].as_array().unwrap(), &columns);
    let want = float_matrix(&want["rows"]);
    assert_eq!(got.len(), want.len(), "{what}");
    for (health, row) in got.iter().zip(&want) {
        let whole = [u64::from(health.label), health.label_issues, health.inverse_label_issues];
        assert_eq!(whole.map(|n| n as f64), row[..3], "{what}");
        let empty = counts[health.label as usize] == 0;
        assert_eq!(health.label_noise.is_none(), empty, "{what}");
        assert_eq!(health.quality.is_none(), empty, "{what}");
        let shares = [
            health.label_noise.unwrap_or(0.0),
            health.inverse_label_noise.unwrap_or(0.0),
            health.quality.unwrap_or(1.0),
        ];
        assert_close(&shares, &row[3..], what);
    }
}

#[track_caller]
fn assert_summary(case: &Case, result: &ConfidentLearning, want: &Value) {
    let what = &case.name;
    let counts = class_counts(case);
    let joint = estimate_joint(&result.calibrated_joint, &counts);
    let items = case.labels.len() as u64;
    assert_eq!(label_health(&joint, items), result.per_label, "{what}");
    assert_eq!(overlapping_labels(&joint, items), result.overlapping, "{what}");
    for (key, want) in want.as_object().unwrap() {
        match key.as_str() {
            "overall_label_health_score" => {
                assert_close(&[result.health_score], &[want.as_f64().unwrap()], key);
            }
            "classes_by_label_quality" => assert_health(&result.per_label, want, &counts, what),
            "overlapping_classes" => {
                let columns =
                    ["Class Index A", "Class Index B", "Num Overlapping Examples", "Joint Probability"];
                assert_eq!(want["columns"].as_array().unwrap(), &columns);
                let want = float_matrix(&want["rows"]);
                assert_eq!(result.overlapping.len(), want.len(), "{what}");
                for (overlap, row) in result.overlapping.iter().zip(&want) {
                    let whole = [u64::from(overlap.a), u64::from(overlap.b), overlap.n].map(|n| n as f64);
                    assert_eq!(whole, row[..3], "{what}");
                    assert_close(&[overlap.joint_probability], &row[3..], what);
                }
            }
            _ => panic!("{what}: {key} is not compared"),
        }
    }
}

/// Compares one key that every case may have.
#[track_caller]
fn assert_key(case: &Case, result: &ConfidentLearning, key: &str, want: &Value) {
    let what = format!("{}: {key}", case.name);
    let counts = class_counts(case);
    match key {
        "confident_thresholds" => assert_close(&result.thresholds, &floats(want), &what),
        "confident_joint_uncalibrated" => assert_eq!(result.confident_joint, integer_matrix(want), "{what}"),
        "confident_joint_calibrated" => assert_eq!(result.calibrated_joint, integer_matrix(want), "{what}"),
        "off_diagonal_indices" => {
            let joint =
                confident_joint(&case.labels, &case.probabilities, &result.thresholds, &progress()).unwrap();
            assert_eq!(joint.off_diagonal, rows(want), "{what}");
            assert_eq!(joint.counts, result.confident_joint, "{what}");
        }
        "joint" => assert_matrix(&estimate_joint(&result.calibrated_joint, &counts), want, &what),
        "num_label_issues" => {
            let all = want.as_object().unwrap();
            assert_eq!(all.len(), 2, "{what}");
            assert_eq!(result.num_off_diagonal, all["off_diagonal"].as_u64().unwrap(), "{what}");
            let calibrated = all["off_diagonal_calibrated"].as_u64().unwrap();
            assert_eq!(result.num_off_diagonal_calibrated, calibrated, "{what}");
            assert_eq!(off_diagonal_of(&result.calibrated_joint, &counts), calibrated, "{what}");
        }
        "issues" => {
            assert_eq!(want.as_object().unwrap().len(), 7, "{what}");
            assert_issues(result, want, &what);
        }
        "ranked" => {
            for (by, orders) in want.as_object().unwrap() {
                for (score, order) in orders.as_object().unwrap() {
                    let got = result.ranked(filter(by), quality(score), &progress()).unwrap();
                    assert_eq!(got, rows(order), "{what}: {by} by {score}");
                }
            }
        }
        "label_quality_scores" | "scores" => {
            assert_eq!(want.as_object().unwrap().len(), 3, "{what}");
            for (key, want) in want.as_object().unwrap() {
                assert_close(&quality_column(result, quality(key)), &floats(want), &what);
            }
        }
        "label_quality_scores_adjusted" => {
            assert_adjusted(&case.labels, &case.probabilities, want, &what);
        }
        "latent_cnt" => {
            assert_noise(&result.noise, want, &what);
        }
        "latent_cnt_converged" => {
            let model = estimate_noise(&result.calibrated_joint, &counts, PriorMethod::Cnt, true).unwrap();
            assert_noise(&model, want, &what);
        }
        "health_summary" => assert_summary(case, result, want),
        _ if NOT_OURS.contains(&key) => {}
        _ => panic!("{what} is not compared"),
    }
}

#[track_caller]
fn assert_adjusted(labels: &[LabelId], probabilities: &Probabilities, want: &Value, what: &str) {
    assert_eq!(want.as_object().unwrap().len(), 2, "{what}");
    for (key, want) in want.as_object().unwrap() {
        let got = adjusted_quality(labels, probabilities, quality(key), &progress()).unwrap();
        let got: Vec<f64> = got.into_iter().map(Option::unwrap).collect();
        assert_close(&got, &floats(want), what);
    }
}

#[track_caller]
fn assert_plain(name: &str) {
    let case = case(name);
    let result = confident_learning(&case.labels, &case.probabilities, &progress()).unwrap();
    for (key, want) in case.expected.as_object().unwrap() {
        assert_key(&case, &result, key, want);
    }
}

#[test]
fn golden_01_everything_on_a_small_set() {
    assert_plain("multiclass_basic_3x18");
}

#[test]
fn golden_02_a_label_that_no_row_has() {
    assert_plain("multiclass_missing_class");
}

#[test]
fn golden_03_the_argmax_counts_even_below_its_threshold() {
    assert_plain("argmax_below_its_threshold");
}

#[test]
fn golden_05_ties_go_to_the_lowest_row() {
    assert_plain("ties_quantised_probs");
}

#[test]
fn golden_04_pruning_parameters() {
    let case = case("pruning_parameters");
    let counts = class_counts(&case);
    let run = |options: Options| {
        confident_learning_with(&case.labels, &case.probabilities, &options, &progress()).unwrap()
    };
    let plain = run(Options::default());
    let given = integer_matrix(&case.input["given_joint"]);
    for (key, want) in case.expected.as_object().unwrap() {
        if let Some(parameters) = key.strip_prefix("min_examples_per_class=") {
            let (min, frac) = parameters.split_once(",frac_noise=").unwrap();
            let options = Options {
                min_examples_per_class: min.parse().unwrap(),
                frac_noise: frac.parse().unwrap(),
                ..Options::default()
            };
            assert_issues(&run(options), want, key);
            continue;
        }
        if let Some(list) = key.strip_prefix("num_to_remove_per_class=") {
            let remove = integers(&serde_json::from_str(list).unwrap());
            let options = Options { num_to_remove_per_class: Some(remove), ..Options::default() };
            assert_issues(&run(options), want, key);
            continue;
        }
        match key.as_str() {
            "confident_joint=given_uncalibrated" => {
                assert_issues(&run(Options { joint: Some(given.clone()), ..Options::default() }), want, key);
            }
            "argmax_confusion_matrix" => {
                let labels = case.probabilities.cols();
                let joint = confusion(&case.labels, &plain.predicted, labels, &progress()).unwrap();
                let joint = Some(calibrate(&joint, &counts));
                assert_issues(&run(Options { joint, ..Options::default() }), want, key);
            }
            "calibrated_of_given" => assert_eq!(calibrate_supplied(&given, &counts), integer_matrix(want)),
            "class_counts" => assert_eq!(counts, integers(want)),
            _ => assert_key(&case, &plain, key, want),
        }
    }
}

#[test]
fn golden_06_edges_of_scores_and_ensembles() {
    let case = case("score_edges_epsilon_ensemble");
    let result = confident_learning(&case.labels, &case.probabilities, &progress()).unwrap();
    let second = probabilities(&case.input["pred_probs_2"]);
    let models = [case.probabilities.clone(), second.clone()];
    let ensemble = |weighting: Weighting| -> Vec<f64> {
        ensemble_quality(&case.labels, &models, Quality::SelfConfidence, false, &weighting, &progress())
            .unwrap()
            .into_iter()
            .map(Option::unwrap)
            .collect()
    };
    for (key, want) in case.expected.as_object().unwrap() {
        match key.as_str() {
            "scores_P2_adjusted" => assert_adjusted(&case.labels, &second, want, key),
            "ensemble" => {
                assert_eq!(want.as_object().unwrap().len(), 3);
                for (name, want) in want.as_object().unwrap() {
                    let weighting = match name.as_str() {
                        "uniform" => Weighting::Uniform,
                        "accuracy" => Weighting::Accuracy,
                        "log_loss_search" => Weighting::LogLossSearch,
                        _ => panic!("{name} is not compared"),
                    };
                    assert_close(&ensemble(weighting), &floats(want), name);
                }
            }
            "ensemble_custom_0.25_0.75" => {
                assert_close(&ensemble(Weighting::Custom(vec![0.25, 0.75])), &floats(want), key);
            }
            "find_top_issues_3" => {
                // Of the second model's self-confidence, where three items are tied for the third place.
                let second = confident_learning(&case.labels, &second, &progress()).unwrap();
                let scores: Vec<Option<f64>> =
                    (0..8).map(|i| second.quality_of(i, Quality::SelfConfidence)).collect();
                assert_eq!(lowest_scores(&scores, 3, &progress()).unwrap(), rows(want));
            }
            _ => assert_key(&case, &result, key, want),
        }
    }
}
