//! Raters and models together, against cleanlab 2.9: each case of `data/golden/crowdlab.json`.

use dissensus::dataset::{AnnotationsBuilder, Probabilities};
use dissensus::stats::aggregation::{Crowdlab, Layout, crowdlab};
use serde_json::Value;

use crate::reference::{Report, progress};

const CROWDLAB: &str = include_str!("../../data/golden/crowdlab.json");

fn matrix(rows: &Value) -> Probabilities {
    let rows = rows.as_array().unwrap();
    let values: Vec<f64> =
        rows.iter().flat_map(|r| r.as_array().unwrap()).map(|p| p.as_f64().unwrap()).collect();
    let cols = values.len() / rows.len();
    Probabilities::from_f64(values, rows.len(), cols).unwrap()
}

#[test]
fn raters_and_models_join_as_in_the_reference() {
    let cases: Value = serde_json::from_str(CROWDLAB).unwrap();
    let mut report = Report::default();
    let r = &mut report;
    for case in cases.as_array().unwrap() {
        let id = case["name"].as_str().unwrap();
        let (input, expected) = (&case["input"], &case["expected"]);
        let rows = input["labels_multiannotator"].as_array().unwrap();
        let mut builder = AnnotationsBuilder::new();
        for (item, row) in rows.iter().enumerate() {
            for (rater, label) in row.as_array().unwrap().iter().enumerate() {
                if let Some(label) = label.as_f64() {
                    builder.push(item as u32, rater as u32, label as u32, None);
                }
            }
        }
        let n_raters = rows[0].as_array().unwrap().len();
        let layout = Layout::new(&builder.finish(rows.len(), n_raters), 3);
        let one = matrix(&input["pred_probs"]);
        let found = crowdlab(&layout, &[&one], &progress()).unwrap().unwrap();
        let majority = [&expected["majority_vote"], &expected["majority_vote_with_pred_probs"]]
            .into_iter()
            .find(|m| m.is_array());
        r.equal(&format!("{id} majority"), &Value::from(found.majority.clone()), majority.unwrap());
        let single =
            [&expected["crowdlab_best_quality"], &expected["crowdlab"]].into_iter().find(|e| e.is_object());
        like_the_reference(r, id, &layout, &found, single.unwrap());
        if expected["ensemble"].is_object() {
            let two = matrix(&input["ensemble_second_pred_probs"]);
            let found = crowdlab(&layout, &[&one, &two], &progress()).unwrap().unwrap();
            like_the_reference(r, &format!("{id} ensemble"), &layout, &found, &expected["ensemble"]);
        }
    }
    assert!(
        report.failures.is_empty(),
        "{} of {}:\n{}",
        report.failures.len(),
        report.checks,
        report.failures.join("\n")
    );
    assert!(report.checks > 200, "{}", report.checks);
}

fn like_the_reference(r: &mut Report, id: &str, layout: &Layout, found: &Crowdlab, expected: &Value) {
    const TOL: f64 = 1e-12;
    for item in 0..layout.n_items() {
        let row = &expected["label_quality"]["rows"][item];
        r.equal(
            &format!("{id} consensus {item}"),
            &f64::from(found.consensus[item]),
            &row[0].as_f64().unwrap(),
        );
        r.number(&format!("{id} quality {item}"), found.quality(item).unwrap(), &row[1], TOL);
        r.number(&format!("{id} agreement {item}"), found.agreement[item].unwrap(), &row[2], TOL);
        for vote in layout.votes(item) {
            let wanted = &expected["detailed_label_quality"]["rows"][item][vote.rater as usize];
            let quality = found.label_quality(item, vote.label).unwrap();
            r.number(&format!("{id} quality {item} by {}", vote.rater), quality, wanted, TOL);
        }
    }
    let stats = &expected["annotator_stats"];
    for (rater, row) in stats["index"].as_array().unwrap().iter().zip(stats["rows"].as_array().unwrap()) {
        let rater = rater.as_u64().unwrap() as usize;
        r.number(&format!("{id} rater {rater}"), found.rater_quality[rater].unwrap(), &row[0], TOL);
        r.number(
            &format!("{id} rater {rater} agreement"),
            found.rater_agreement[rater].unwrap(),
            &row[1],
            TOL,
        );
        let worst = f64::from(found.worst_label[rater].unwrap());
        r.equal(&format!("{id} rater {rater} worst"), &worst, &row[2].as_f64().unwrap());
        let weight = found.rater_weight[rater].unwrap();
        r.number(&format!("{id} rater {rater} weight"), weight, &expected["annotator_weight"][rater], TOL);
    }
    for (model, &weight) in found.model_weight.iter().enumerate() {
        let wanted = &expected["model_weight"];
        r.number(&format!("{id} model {model}"), weight, wanted.get(model).unwrap_or(wanted), TOL);
    }
}
