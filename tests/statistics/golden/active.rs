//! What to label next, against cleanlab 2.9 with stable sorts: each case of `data/golden/active.json`.

use dissensus::dataset::{AnnotationsBuilder, Probabilities};
use dissensus::stats::Undefined;
use dissensus::stats::aggregation::{Calibration, Layout, active_lab};
use serde_json::Value;

use crate::reference::{Report, progress};

const ACTIVE: &str = include_str!("../../data/golden/active.json");
const TOL: f64 = 1e-12;

fn rows(matrix: &Value) -> Vec<f64> {
    let rows = matrix.as_array().unwrap().iter();
    rows.flat_map(|r| r.as_array().unwrap()).map(|p| p.as_f64().unwrap()).collect()
}

/// The reference has two matrices, of items with votes and of items without; here they are one.
#[test]
fn items_are_scored_as_in_the_reference() {
    let cases: Value = serde_json::from_str(ACTIVE).unwrap();
    let mut report = Report::default();
    for case in cases.as_array().unwrap() {
        let (id, expected) = (case["name"].as_str().unwrap(), &case["expected"]);
        let votes = case["labels_multiannotator"].as_array().unwrap();
        let mut builder = AnnotationsBuilder::new();
        for (item, row) in votes.iter().enumerate() {
            for (rater, label) in row.as_array().unwrap().iter().enumerate() {
                if let Some(label) = label.as_u64() {
                    builder.push(item as u32, rater as u32, label as u32, None);
                }
            }
        }
        let k = case["models"][0][0].as_array().unwrap().len();
        let n = votes.len() + case["unlabelled"][0].as_array().unwrap().len();
        let layout = Layout::new(&builder.finish(n, votes[0].as_array().unwrap().len()), k);
        let pairs = case["models"].as_array().unwrap().iter().zip(case["unlabelled"].as_array().unwrap());
        let models: Vec<Probabilities> = pairs
            .map(|(own, more)| Probabilities::from_f64([rows(own), rows(more)].concat(), n, k).unwrap())
            .collect();
        let models: Vec<&Probabilities> = models.iter().collect();
        let found = active_lab(&layout, &models, Calibration::Ranks, &progress()).unwrap().unwrap();
        for (model, t) in found.temperature.iter().enumerate() {
            report.number(&format!("{id} temperature {model}"), *t, &expected["temperature"][model], TOL);
        }
        for (item, &score) in found.score.iter().enumerate() {
            let wanted = match item.checked_sub(votes.len()) {
                None => &expected["labelled"][item],
                Some(more) => &expected["unlabelled"][more],
            };
            report.number(&format!("{id} item {item}"), score, wanted, TOL);
        }
    }
    let failures = &report.failures;
    assert!(failures.is_empty(), "{} of {}:\n{}", failures.len(), report.checks, failures.join("\n"));
    assert!(report.checks > 130, "{}", report.checks);
}

/// Without a vote, the models alone are heard: (max P · M + 1/K)/(M + 1).
#[test]
fn nobody_need_have_voted() {
    let layout = Layout::new(&AnnotationsBuilder::new().finish(2, 0), 2);
    let model = Probabilities::from_f64(vec![0.9, 0.1, 0.5, 0.5], 2, 2).unwrap();
    let found = active_lab(&layout, &[&model], Calibration::Votes, &progress()).unwrap().unwrap();
    assert!((found.score[0] - 0.7).abs() < TOL && (found.score[1] - 0.5).abs() < TOL, "{found:?}");
    assert_eq!(
        active_lab(&layout, &[], Calibration::Votes, &progress()).unwrap(),
        Err(Undefined::NoProbabilities)
    );
    let other = Probabilities::from_f64(vec![0.5; 6], 3, 2).unwrap();
    assert!(active_lab(&layout, &[&other], Calibration::Votes, &progress()).unwrap().is_err());
}

/// Two raters always say label 1, and the model says so too, with 0.6: sharpening it comes closer. The reference takes
/// the votes for ones for label 0, and blunts the model instead.
#[test]
fn a_model_is_tempered_by_what_raters_say() {
    let mut builder = AnnotationsBuilder::new();
    for item in 0..6 {
        (0..2).for_each(|rater| builder.push(item, rater, u32::from(item > 0 || rater == 0), None));
    }
    let layout = Layout::new(&builder.finish(6, 2), 2);
    let model = Probabilities::from_f64([0.4, 0.6].repeat(6), 6, 2).unwrap();
    let temperature = |calibration| {
        active_lab(&layout, &[&model], calibration, &progress()).unwrap().unwrap().temperature[0]
    };
    assert!(temperature(Calibration::Votes) < 0.5, "{}", temperature(Calibration::Votes));
    assert!(temperature(Calibration::Ranks) > 5.0, "{}", temperature(Calibration::Ranks));
}
