//! Agreement and aggregation against published values and independent implementations, case by case. Each case in
//! `data/golden_agreement.json` names its sources; all failures are reported at once.

// Helpers outside of `#[test]` functions unwrap too: a test that cannot set its stage has failed.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use dissensus::dataset::{Annotations, AnnotationsBuilder, LabelSet};
use dissensus::progress::Progress;
use dissensus::stats::Statistic;
use dissensus::stats::aggregation::{StoppingRule, dawid_skene, dawid_skene_until, majority_vote};
use dissensus::stats::agreement::{
    cohen_kappa, fleiss_kappa, krippendorff_alpha_nominal, krippendorff_alpha_per_label,
    pairwise_cohen_kappa, percent_agreement,
};
use dissensus::stats::variation::VoteCounts;
use serde_json::Value;

const GOLDEN: &str = include_str!("data/golden_agreement.json");

/// A dataset of the golden file, as the library holds it.
struct Data {
    annotations: Annotations,
    labels: LabelSet,
    items: Vec<String>,
}

impl Data {
    fn k(&self) -> usize {
        self.labels.len()
    }

    /// Rows of (item, rater, label), in order of first appearance.
    fn from_rows(rows: &[(String, String, String)], levels: &[String]) -> Self {
        let labels = LabelSet::new(levels, rows.iter().map(|r| r.2.clone()));
        let (mut items, mut raters) = (Vec::new(), Vec::new());
        let mut builder = AnnotationsBuilder::new();
        for (item, rater, label) in rows {
            let i = number(&mut items, item);
            let r = number(&mut raters, rater);
            builder.push(i, r, labels.id(label).unwrap(), None);
        }
        Self { annotations: builder.finish(items.len(), raters.len()), labels, items }
    }

    fn new(data: &Value) -> Self {
        let rows = data["rows"].as_array().unwrap();
        let levels: Vec<String> =
            data["levels"].as_array().map(|l| l.iter().map(text).collect()).unwrap_or_default();
        let mut triples = Vec::new();
        match data["format"].as_str().unwrap() {
            "wide_items_x_raters" => {
                for (item, row) in rows.iter().enumerate() {
                    for (rater, cell) in row.as_array().unwrap().iter().enumerate() {
                        if !cell.is_null() {
                            triples.push((item.to_string(), rater.to_string(), text(cell)));
                        }
                    }
                }
            }
            "counts_items_x_categories" => {
                for (item, row) in rows.iter().enumerate() {
                    let counts = row.as_array().unwrap().iter().map(|n| n.as_u64().unwrap()).enumerate();
                    let votes = counts.flat_map(|(label, n)| (0..n).map(move |_| label));
                    for (rater, label) in votes.enumerate() {
                        triples.push((item.to_string(), rater.to_string(), levels[label].clone()));
                    }
                }
            }
            _ => {
                for row in rows {
                    triples.push((text(&row[0]), text(&row[1]), text(&row[2])));
                }
            }
        }
        Self::from_rows(&triples, &levels)
    }
}

fn number(names: &mut Vec<String>, name: &str) -> u32 {
    let found = names.iter().position(|n| n == name);
    found.unwrap_or_else(|| {
        names.push(name.to_owned());
        names.len() - 1
    }) as u32
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Collects what differs, under the name of its case.
struct Report {
    failures: Vec<String>,
    checks: usize,
}

impl Report {
    fn number(&mut self, what: &str, found: f64, expected: &Value, tol: f64) {
        self.checks += 1;
        match expected.as_f64() {
            Some(expected) if (found - expected).abs() <= tol => {}
            _ => self.failures.push(format!("{what}: {found}, expected {expected} ± {tol}")),
        }
    }

    fn statistic(&mut self, what: &str, found: &Statistic, expected: &Value, tol: f64) {
        match (found.value(), expected) {
            (None, Value::String(reason)) => {
                self.equal(what, &found.reason().as_deref(), &Some(reason.as_str()));
            }
            (Some(value), Value::Number(_)) => self.number(what, value, expected, tol),
            _ => self.failures.push(format!("{what}: {found:?}, expected {expected}")),
        }
    }

    fn equal<T: PartialEq + std::fmt::Debug>(&mut self, what: &str, found: &T, expected: &T) {
        self.checks += 1;
        if found != expected {
            self.failures.push(format!("{what}: {found:?}, expected {expected:?}"));
        }
    }
}

#[test]
fn golden_cases() {
    let golden: Value = serde_json::from_str(GOLDEN).unwrap();
    let mut report = Report { failures: Vec::new(), checks: 0 };
    let mut kinds = BTreeMap::<&str, usize>::new();
    for case in golden["cases"].as_array().unwrap() {
        let id = case["id"].as_str().unwrap();
        let kind = case["kind"].as_str().unwrap();
        let data = &golden["datasets"][case["data"].as_str().unwrap()];
        let tol = case["tol"].as_f64().unwrap();
        let expected = &case["expected"];
        *kinds.entry(kind).or_default() += 1;
        match kind {
            "krippendorff_alpha" => {
                let d = Data::new(data);
                let alpha = krippendorff_alpha_nominal(&d.annotations, d.k());
                report.statistic(id, &alpha, &expected["alpha"], tol);
            }
            "krippendorff_alpha_one_vs_rest" => {
                let d = Data::new(data);
                for (label, found) in krippendorff_alpha_per_label(&d.annotations, d.k()).iter().enumerate() {
                    let name = d.labels.name(label as u32);
                    report.statistic(&format!("{id} {name}"), found, &expected["per_category"][name], tol);
                }
            }
            "two_rater_table" => two_raters(&mut report, id, data, expected, tol),
            "fleiss_kappa" => {
                let d = Data::new(data);
                report.statistic(id, &fleiss_kappa(&d.annotations, d.k()), &expected["kappa"], tol);
                if !expected["Pa"].is_null() {
                    let observed = percent_agreement(&d.annotations, d.k());
                    report.statistic(&format!("{id} observed"), &observed, &expected["Pa"], tol);
                }
                if !expected["light"].is_null() {
                    // The ratings are stored sorted, so the raters of the paper's Light kappa are the columns.
                    let light = pairwise_cohen_kappa(&d.annotations, d.k()).mean;
                    report.statistic(&format!("{id} light"), &light, &expected["light"], tol);
                }
            }
            "dawid_skene" => anaesthetists_or_crowd(&mut report, id, &Data::new(data), expected, tol),
            "majority_vote" => {
                let d = Data::new(data);
                let votes = VoteCounts::new(&d.annotations, d.k());
                let majority = majority_vote(&votes);
                let mut tied = Vec::new();
                for (item, name) in d.items.iter().enumerate() {
                    // The reference breaks ties to the first label; ours names them all, ascending.
                    let first = d.labels.name(majority.labels_of(item)[0]);
                    report.equal(&format!("{id} {name}"), &Some(first), &expected["labels"][item].as_str());
                    for (label, share) in votes.shares(item) {
                        let wanted = &expected["probas"][name][d.labels.name(label)];
                        report.number(&format!("{id} share {name}"), share, wanted, tol);
                    }
                    if majority.is_tied(item) {
                        tied.push(Value::from(name.as_str()));
                    }
                }
                report.equal(&format!("{id} ties"), &Value::from(tied), &expected["tied_tasks"]);
            }
            "degenerate" => {
                let d = Data::new(data);
                let (a, k) = (&d.annotations, d.k());
                for (name, found) in [
                    ("percent_agreement", percent_agreement(a, k)),
                    ("krippendorff_alpha", krippendorff_alpha_nominal(a, k)),
                    ("fleiss_kappa", fleiss_kappa(a, k)),
                    ("cohen_kappa_mean", pairwise_cohen_kappa(a, k).mean),
                ] {
                    report.statistic(&format!("{id} {name}"), &found, &expected[name], tol);
                }
            }
            other => report.failures.push(format!("{id}: no test for {other}")),
        }
    }
    assert_eq!(
        kinds.into_iter().collect::<Vec<_>>(),
        [
            ("dawid_skene", 2),
            ("degenerate", 11),
            ("fleiss_kappa", 4),
            ("krippendorff_alpha", 8),
            ("krippendorff_alpha_one_vs_rest", 1),
            ("majority_vote", 1),
            ("two_rater_table", 10)
        ]
    );
    assert!(
        report.failures.is_empty(),
        "{} of {} differ:\n{}",
        report.failures.len(),
        report.checks,
        report.failures.join("\n")
    );
}

/// A contingency table, as itself and as the annotations that it counts.
fn two_raters(report: &mut Report, id: &str, data: &Value, expected: &Value, tol: f64) {
    let mut cells = Vec::new();
    let mut builder = AnnotationsBuilder::new();
    let mut item = 0;
    let rows = data["rows"].as_array().unwrap();
    for (row, counts) in rows.iter().enumerate() {
        for (col, n) in counts.as_array().unwrap().iter().enumerate() {
            let n = n.as_u64().unwrap();
            cells.push((row as u32, col as u32, n));
            for _ in 0..n {
                builder.push(item, 0, row as u32, None);
                builder.push(item, 1, col as u32, None);
                item += 1;
            }
        }
    }
    let annotations = builder.finish(item as usize, 2);
    let expected_cohen = &expected["cohen"];
    let table = cohen_kappa(&cells).unwrap();
    report.number(&format!("{id} kappa"), table.kappa, &expected_cohen["kappa"], tol);
    report.number(&format!("{id} po"), table.observed, &expected_cohen["po"], tol);
    report.number(&format!("{id} pe"), table.expected, &expected_cohen["pe"], tol);
    report.number(&format!("{id} se"), table.se, &expected_cohen["se"], tol);
    let pairwise = pairwise_cohen_kappa(&annotations, rows.len());
    let pair = &pairwise.pairs[0];
    report.statistic(&format!("{id} pair"), &pair.kappa, &expected_cohen["kappa"], tol);
    report.number(&format!("{id} pair po"), pair.percent_agreement, &expected_cohen["po"], tol);
    let (low, high) = pair.kappa.estimate().unwrap().ci.unwrap();
    let half = 1.959_963_984_540_054 * table.se;
    report.number(&format!("{id} low"), low, &Value::from(table.kappa - half), tol);
    report.number(&format!("{id} high"), high, &Value::from((table.kappa + half).min(1.0)), tol);
    // Fleiss' kappa of two raters is Scott's pi.
    let pi = fleiss_kappa(&annotations, rows.len());
    report.statistic(&format!("{id} pi"), &pi, &expected["scott_pi"], tol);
}

fn anaesthetists_or_crowd(report: &mut Report, id: &str, d: &Data, expected: &Value, tol: f64) {
    let expected = if expected["converged"].is_object() { &expected["converged"] } else { expected };
    let k = d.k();
    let exact = StoppingRule { gain_per_annotation: 1e-13, max_iterations: 1000 };
    let ds = dawid_skene_until(&d.annotations, k, exact, &Progress::new()).unwrap().unwrap();
    report.number(&format!("{id} log-likelihood"), ds.log_likelihood, &expected["loglik"], tol);
    for (label, &p) in ds.prior.iter().enumerate() {
        report.number(&format!("{id} prior {label}"), p, &expected["prior"][label], tol);
    }
    for (item, name) in d.items.iter().enumerate() {
        for (label, &p) in ds.posterior_of(item).iter().enumerate() {
            let wanted = match &expected["probas"][name] {
                Value::Null => &expected["posterior"][item][label],
                by_label => &by_label[d.labels.name(label as u32)],
            };
            report.number(&format!("{id} posterior {name} {label}"), p, wanted, tol);
        }
        if !expected["labels"].is_null() {
            let label = d.labels.name(ds.labels[item]).to_owned();
            report.equal(&format!("{id} label {name}"), &label, &text(&expected["labels"][item]));
        }
    }
    if let Some(matrices) = expected["errors"].as_array() {
        for (rater, matrix) in matrices.iter().enumerate() {
            for truth in 0..k {
                for said in 0..k {
                    let e = ds.error(rater, truth as u32, said as u32).unwrap();
                    report.number(
                        &format!("{id} error {rater} {truth} {said}"),
                        e,
                        &matrix[truth][said],
                        tol,
                    );
                }
            }
        }
    }
    // The default rule stops earlier, with the same labels.
    let default = dawid_skene(&d.annotations, k, &Progress::new()).unwrap().unwrap();
    report.equal(&format!("{id} labels by the default rule"), &default.labels, &ds.labels);
    report.equal(&format!("{id} converged"), &(default.converged, ds.converged), &(true, true));
}
