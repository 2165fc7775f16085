//! Confident learning for sets of labels and for tags of tokens, against cleanlab 2.9 (stable sorts), key by key.
//!
//! Integers and index lists must be equal, floats to 1e-12. Every key of `expected` is compared or named in
//! [`NOT_OURS`]: an unknown one fails. Where cleanlab fails, the definition says what the answer is.

use dissensus::dataset::{LabelId, Probabilities};
use dissensus::progress::Progress;
use dissensus::stats::confident::tokens::{
    Sentences, common_issues, issues_from_scores, ranked_span_issues, sentence_scores, span_issues,
};
use dissensus::stats::confident::{
    Filter, MultiLabelIssues, MultiLabelOptions, Options, Pooling, Quality, SetLabels, class_scores,
    confident_learning, item_scores, multilabel_issues,
};
use serde_json::Value;

/// Of an algorithm of its own, which answers a different question.
const NOT_OURS: [&str; 1] = ["low_memory"];

fn case(name: &str) -> Value {
    let file: Value = serde_json::from_str(include_str!("../data/golden/multilabel_tokens.json")).unwrap();
    let cases = file["cases"].as_array().unwrap();
    cases.iter().find(|c| c["name"] == name).unwrap().clone()
}

fn progress() -> Progress {
    Progress::new()
}

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap()
}

fn rows(value: &Value) -> Vec<u32> {
    list(value).iter().map(|v| v.as_u64().unwrap() as u32).collect()
}

fn floats(value: &Value) -> Vec<f64> {
    list(value).iter().map(|v| v.as_f64().unwrap()).collect()
}

fn filter(key: &str) -> Filter {
    Filter::ALL.into_iter().find(|f| f.key() == key).unwrap()
}

#[track_caller]
fn assert_close(got: &[f64], want: &[f64], what: &str) {
    assert_eq!(got.len(), want.len(), "{what}");
    for (i, (a, b)) in got.iter().zip(want).enumerate() {
        assert!((a - b).abs() <= 1e-12, "{what}[{i}]: {a} instead of {b}");
    }
}

fn matrix(rows: &[Vec<f64>]) -> Probabilities {
    Probabilities::from_f64(rows.concat(), rows.len(), rows[0].len()).unwrap()
}

fn flagged(found: &MultiLabelIssues, filter: Filter) -> Vec<u32> {
    (0..found.issues.len()).filter(|&i| found.is_issue(i, filter)).map(|i| i as u32).collect()
}

/// Sets and probabilities of the first `classes` classes.
fn sets(case: &Value, classes: usize) -> (SetLabels, Probabilities) {
    let mut labels = SetLabels::new(classes);
    list(&case["input"]["labels"]).iter().for_each(|set| labels.push(&rows(set)));
    let numbers: Vec<Vec<f64>> =
        list(&case["input"]["pred_probs"]).iter().map(|row| floats(row)[..classes].to_vec()).collect();
    (labels, matrix(&numbers))
}

#[test]
fn golden_09_sets_of_labels() {
    let case = case("multilabel");
    let (labels, p) = sets(&case, 4);
    let run = |labels: &SetLabels, p: &Probabilities| {
        multilabel_issues(labels, p, &MultiLabelOptions::default(), &progress()).unwrap()
    };
    let found = run(&labels, &p);
    // What is compared where cleanlab fails: the prediction is that p > 0.5, and nobody has the last class.
    let by_definition = |class: usize| -> Vec<u32> {
        let given = |i: usize| labels.answer(i, class as u32).unwrap();
        (0..16).filter(|&i| (p.row(i)[class] > 0.5) != given(i)).map(|i| i as u32).collect()
    };
    let default = Filter::PruneByNoiseRate;
    for (key, want) in case["expected"].as_object().unwrap() {
        match key.as_str() {
            "issues" => {
                assert_eq!(want.as_object().unwrap().len(), 7);
                for (by, want) in want.as_object().unwrap() {
                    let got = flagged(&found, filter(by));
                    if want.is_string() {
                        let mut any: Vec<u32> = (0..4).flat_map(by_definition).collect();
                        any.sort_unstable();
                        any.dedup();
                        assert_eq!((by.as_str(), &got), ("predicted_neq_given", &any));
                    } else {
                        assert_eq!(got, rows(want), "{by}");
                    }
                    assert_eq!(found.counts[filter(by) as usize], got.len() as u64, "{by}");
                }
            }
            "per_class" => {
                assert_eq!(want.as_object().unwrap().len(), 7);
                for (by, want) in want.as_object().unwrap() {
                    for (k, class) in found.classes.iter().enumerate() {
                        let got: Vec<u32> = class.items(filter(by)).collect();
                        match (want.is_string(), by.as_str()) {
                            (false, _) => assert_eq!(got, rows(&want[k]), "{by} of class {k}"),
                            (true, "predicted_neq_given") => assert_eq!(got, by_definition(k), "class {k}"),
                            // As many as confident learning flags, none in the class that nobody has.
                            (true, _) => assert_eq!(
                                got.len() as u64,
                                class.counts[Filter::ConfidentLearning as usize],
                                "{by} of class {k}"
                            ),
                        }
                    }
                }
            }
            "issues_first_3_classes_only" => {
                let (labels, p) = sets(&case, 3);
                let found = run(&labels, &p);
                assert_eq!(want.as_object().unwrap().len(), 7);
                for (by, want) in want.as_object().unwrap() {
                    assert_eq!(flagged(&found, filter(by)), rows(want), "{by} of three classes");
                }
            }
            "ranked_self_confidence" => {
                assert_eq!(found.ranked(default, &progress()).unwrap(), rows(want));
            }
            "scores_ema_0.8" => {
                assert_eq!(want.as_object().unwrap().len(), 3);
                for quality in Quality::ALL {
                    let got = item_scores(&labels, &p, quality, Pooling::OF_CLASSES, &progress()).unwrap();
                    let got: Vec<f64> = got.into_iter().map(Option::unwrap).collect();
                    assert_close(&got, &floats(&want[quality.key()]), quality.key());
                    if quality == Quality::SelfConfidence {
                        let pooled: Vec<f64> = (0..16).map(|i| found.score_of(i).unwrap()).collect();
                        assert_eq!(pooled, got);
                    }
                }
            }
            "scores_softmin_0.1" => {
                let pooling = Pooling::Softmin(0.1);
                let got = item_scores(&labels, &p, Quality::SelfConfidence, pooling, &progress()).unwrap();
                let got: Vec<f64> = got.into_iter().map(Option::unwrap).collect();
                assert_close(&got, &floats(want), key);
            }
            "scores_per_class" => {
                for (i, want) in list(want).iter().enumerate() {
                    let got = class_scores(&labels, &p, i, Quality::SelfConfidence);
                    let got: Vec<f64> = got.into_iter().map(Option::unwrap).collect();
                    assert_close(&got, &floats(want), &format!("item {i}"));
                }
            }
            "confident_joint_Kx2x2" => {
                let got: Vec<_> = found.classes.iter().map(|c| c.calibrated_joint).collect();
                assert_eq!(serde_json::to_value(got).unwrap(), *want);
            }
            "common_multilabel_issues" => {
                let columns = [
                    "Class Index",
                    "In Given Label",
                    "In Suggested Label",
                    "Num Examples",
                    "Issue Probability",
                ];
                assert_eq!(want["columns"].as_array().unwrap(), &columns);
                let got = found.mistakes(default);
                assert_eq!(got.len(), list(&want["rows"]).len());
                for (row, want) in got.iter().zip(list(&want["rows"])) {
                    let whole = serde_json::json!([row.class, row.given, !row.given, row.n]);
                    assert_eq!(list(&whole), &list(want)[..4]);
                    assert_close(&[row.share.unwrap()], &[want[4].as_f64().unwrap()], key);
                }
            }
            "rank_classes" => {
                let columns = [
                    "Class Index",
                    "Label Issues",
                    "Inverse Label Issues",
                    "Label Noise",
                    "Inverse Label Noise",
                    "Label Quality Score",
                ];
                assert_eq!(want["columns"].as_array().unwrap(), &columns);
                let order = found.by_quality(default);
                assert_eq!(order.len(), list(&want["rows"]).len());
                for (&k, want) in order.iter().zip(list(&want["rows"])) {
                    let class = &found.classes[k as usize];
                    let [surplus, lacking] = [true, false].map(|given| class.count(default, given));
                    let got = [
                        f64::from(k),
                        surplus as f64,
                        lacking as f64,
                        class.share(surplus).unwrap(),
                        class.share(lacking).unwrap(),
                        class.quality(default).unwrap(),
                    ];
                    assert_close(&got, &floats(want), key);
                }
            }
            "health" => assert_close(&[found.health(default)], &[want.as_f64().unwrap()], key),
            _ if NOT_OURS.contains(&key.as_str()) => {}
            _ => panic!("{key} is not compared"),
        }
    }
}

#[test]
fn golden_10_tokens_and_spans() {
    let case = case("token_and_span");
    let input = &case["input"];
    let flat = |value: &Value| -> Vec<Value> { list(value).iter().flat_map(list).cloned().collect() };
    let labels: Vec<LabelId> = rows(&Value::from(flat(&input["labels"])));
    let numbers: Vec<Vec<f64>> = flat(&input["pred_probs"]).iter().map(floats).collect();
    let words: Vec<String> = flat(&input["tokens"]).iter().map(|t| t.as_str().unwrap().to_owned()).collect();
    let lengths = |value: &Value| Sentences::of_lengths(list(value).iter().map(|s| list(s).len())).unwrap();
    let sentences = lengths(&input["labels"]);
    let learned = confident_learning(&labels, &matrix(&numbers), &progress()).unwrap();
    let scores: Vec<Option<f64>> =
        (0..labels.len()).map(|t| learned.quality_of(t, Quality::SelfConfidence)).collect();
    let by_confidence = |by: Filter| learned.ranked(by, Quality::SelfConfidence, &progress()).unwrap();
    let places = |tokens: &[u32], sentences: &Sentences| -> Value {
        tokens.iter().map(|&t| sentences.place(t).unwrap()).map(|(s, t)| Value::from(vec![s, t])).collect()
    };
    let default = by_confidence(Filter::PruneByNoiseRate);
    let belongs: Vec<LabelId> = rows(&Value::from(flat(&input["span_labels"])));
    let belonging = floats(&Value::from(flat(&input["span_pred_probs"])));
    let span_sentences = lengths(&input["span_labels"]);
    for (key, want) in case["expected"].as_object().unwrap() {
        match key.as_str() {
            "issues_default" => assert_eq!(places(&default, &sentences), *want),
            "issues_by_filter" => {
                assert_eq!(want.as_object().unwrap().len(), 7);
                for (by, want) in want.as_object().unwrap() {
                    assert_eq!(places(&by_confidence(filter(by)), &sentences), *want, "{by}");
                }
            }
            "sentence_scores_min" | "sentence_scores_softmin_0.05" => {
                let pooling = if key.ends_with("min") { Pooling::OF_TOKENS } else { Pooling::Softmin(0.05) };
                let got: Vec<f64> =
                    sentence_scores(&scores, &sentences, pooling).into_iter().flatten().collect();
                assert_close(&got, &floats(want), key);
            }
            "token_scores" => {
                let got: Vec<f64> = scores.iter().copied().flatten().collect();
                assert_close(&got, &floats(&Value::from(flat(want))), key);
            }
            "issues_from_scores_0.1" => {
                let got = issues_from_scores(&scores, 0.1, &progress()).unwrap();
                assert_eq!(places(&got, &sentences), *want);
            }
            "sentences_below_0.2" => {
                let pooled = sentence_scores(&scores, &sentences, Pooling::Min);
                assert_eq!(issues_from_scores(&pooled, 0.2, &progress()).unwrap(), rows(want));
            }
            "common_label_issues" => {
                let columns = ["token", "given_label", "predicted_label", "num_label_issues"];
                assert_eq!(want["columns"].as_array().unwrap(), &columns);
                let token = |t: u32| words[t as usize].as_str();
                let got: Vec<Value> = common_issues(&default, token, &labels, &learned.predicted, &[])
                    .iter()
                    .map(|row| serde_json::json!([row.token, row.given, row.predicted, row.tokens.len()]))
                    .collect();
                assert_eq!(&got, list(&want["rows"]));
            }
            "span_issues" => {
                let found = span_issues(&belongs, &belonging, &Options::default(), &progress()).unwrap();
                let got =
                    ranked_span_issues(&found, Filter::PruneByNoiseRate, &belonging, &progress()).unwrap();
                assert_eq!(places(&got, &span_sentences), *want);
            }
            "span_sentence_scores" => {
                let score = |(&y, &p): (&LabelId, &f64)| Some(if y == 1 { p } else { 1.0 - p });
                let scores: Vec<Option<f64>> = belongs.iter().zip(&belonging).map(score).collect();
                let got: Vec<f64> =
                    sentence_scores(&scores, &span_sentences, Pooling::Min).into_iter().flatten().collect();
                assert_close(&got, &floats(want), key);
            }
            _ => panic!("{key} is not compared"),
        }
    }
}
