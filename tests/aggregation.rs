//! Aggregation against published values and independent implementations, case by case. Each case in
//! `data/golden/aggregation.json` names its sources; all failures are reported at once.

// Helpers outside of `#[test]` functions unwrap too: a test that cannot set its stage has failed.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use dissensus::dataset::{AnnotationsBuilder, NO_LABEL, Probabilities};
use dissensus::progress::Progress;
use dissensus::stats::aggregation::*;
use serde_json::Value;

const GOLDEN: &str = include_str!("data/golden/aggregation.json");

/// A dataset of the golden file, as the library holds it.
struct Data {
    layout: Layout,
    labels: Vec<String>,
    items: Vec<String>,
    raters: Vec<String>,
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn number(names: &mut Vec<String>, name: String) -> u32 {
    let found = names.iter().position(|n| *n == name);
    found.unwrap_or_else(|| {
        names.push(name);
        names.len() - 1
    }) as u32
}

impl Data {
    fn new(data: &Value) -> Self {
        let rows = data["rows"].as_array().unwrap();
        let declared =
            data["labels"].as_array().or(data["levels"].as_array()).or(data["vocabulary"].as_array());
        let mut labels: Vec<String> = declared.map(|l| l.iter().map(text).collect()).unwrap_or_default();
        if labels.is_empty() {
            labels = rows.iter().map(|r| text(&r[2])).collect();
            labels.sort();
            labels.dedup();
        }
        let mut raters: Vec<String> = rows.iter().map(|r| text(&r[1])).collect();
        raters.sort();
        raters.dedup();
        let mut items = Vec::new();
        let mut builder = AnnotationsBuilder::new();
        for row in rows {
            let item = number(&mut items, text(&row[0]));
            let rater = raters.binary_search(&text(&row[1])).unwrap() as u32;
            for label in row[2].as_array().unwrap_or(&vec![row[2].clone()]) {
                let label = labels.iter().position(|l| *l == text(label)).unwrap();
                builder.push(item, rater, label as u32, None);
            }
        }
        let annotations = builder.finish(items.len(), raters.len());
        Self { layout: Layout::new(&annotations, labels.len()), labels, items, raters }
    }

    fn k(&self) -> usize {
        self.labels.len()
    }

    fn gold(&self, by_name: &Value) -> Vec<u32> {
        let id = |name: &str| self.labels.iter().position(|l| l == name).map_or(NO_LABEL, |l| l as u32);
        self.items.iter().map(|i| by_name[i].as_str().map_or(NO_LABEL, id)).collect()
    }
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

    fn equal<T: PartialEq + std::fmt::Debug>(&mut self, what: &str, found: &T, expected: &T) {
        self.checks += 1;
        if found != expected {
            self.failures.push(format!("{what}: {found:?}, expected {expected:?}"));
        }
    }

    /// Rows of `found` (items × labels) against `expected[item name][label name]` or `expected[item][label]`.
    fn rows(&mut self, id: &str, data: &Data, found: &[f64], expected: &Value, tol: f64) {
        for (item, row) in found.chunks(data.k()).enumerate() {
            for (label, &p) in row.iter().enumerate() {
                let wanted = match expected {
                    Value::Array(rows) if item >= rows.len() => continue,
                    Value::Array(rows) => &rows[item][label],
                    by_name => &by_name[&data.items[item]][&data.labels[label]],
                };
                self.number(&format!("{id} {} {}", data.items[item], data.labels[label]), p, wanted, tol);
            }
        }
    }

    fn raters(&mut self, id: &str, data: &Data, found: &[Option<f64>], expected: &Value, tol: f64) {
        for (rater, skill) in found.iter().enumerate() {
            let name = &data.raters[rater];
            let wanted = if expected.is_array() { &expected[rater] } else { &expected[name] };
            self.number(&format!("{id} {name}"), skill.unwrap(), wanted, tol);
        }
    }

    /// Most probable labels, the lowest on ties, as the references take them.
    fn labels(&mut self, id: &str, data: &Data, found: &[f64], expected: &Value) {
        for (item, row) in found.chunks(data.k()).enumerate() {
            let best = (0..row.len()).rev().max_by(|&a, &b| row[a].total_cmp(&row[b])).unwrap();
            self.equal(
                &format!("{id} label of {}", data.items[item]),
                &data.labels[best],
                &text(&expected[item]),
            );
        }
    }
}

const EXACT: StoppingRule = StoppingRule { gain_per_annotation: 1e-14, max_iterations: 20_000 };

fn progress() -> Progress {
    Progress::new()
}

fn mace_of(case: &Value, update: MaceUpdate, data: &Data) -> Mace {
    let params = &case["params"];
    let theta = params["theta0"].as_array().unwrap().iter();
    let numbers = |v: &Value| v.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect::<Vec<_>>();
    let start = MaceStart {
        theta: theta.map(|t| [t[0].as_f64().unwrap(), t[1].as_f64().unwrap()]).collect(),
        xi: params["xi0"].as_array().unwrap().iter().flat_map(numbers).collect(),
    };
    let rule = StoppingRule::exactly(params["n_iter"].as_u64().unwrap() as usize);
    let options = MaceOptions { update, rule, start: Some(start), ..MaceOptions::default() };
    mace(&data.layout, &options, &progress()).unwrap().unwrap()
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
        let r = &mut report;
        match kind {
            "dawid_skene" => dawid_skenes(r, id, &Data::new(data), &case["params"], expected, tol),
            "majority_vote" => {
                let d = Data::new(data);
                let shares = d.layout.vote_shares();
                r.rows(id, &d, &shares, &expected["probas"], tol);
                r.labels(id, &d, &shares, &expected["labels"]);
                r.raters(id, &d, &majority_skill(&d.layout), &expected["skills"], tol);
            }
            "wawa" | "zbs" => {
                let d = Data::new(data);
                let found = if kind == "wawa" {
                    wawa(&d.layout)
                } else {
                    zero_based_skill(&d.layout, &progress()).unwrap()
                };
                r.rows(id, &d, &found.shares, &expected["probas"], tol);
                r.raters(id, &d, &found.skill, &expected["skills"], tol);
            }
            "glad" => {
                let d = Data::new(data);
                let expected = &expected["map_converged"];
                let found = glad(&d.layout, EXACT, None, &progress()).unwrap().unwrap();
                r.number(&format!("{id} objective"), found.objective, &expected["objective"], tol);
                r.number(&format!("{id} log-likelihood"), found.log_likelihood, &expected["loglik"], tol);
                r.raters(id, &d, &found.ability, &expected["alphas"], tol);
                for (item, name) in d.items.iter().enumerate() {
                    let ease = found.ease[item].unwrap();
                    r.number(&format!("{id} ease {name}"), ease, &expected["log_betas"][name], tol);
                }
                r.rows(id, &d, &found.posterior, &expected["probas"], tol);
            }
            "mace" => {
                let d = Data::new(data);
                let update = if id.ends_with("/vb") {
                    MaceUpdate::VARIATIONAL
                } else {
                    MaceUpdate::Smoothed(0.01 / d.k() as f64)
                };
                let found = mace_of(case, update, &d);
                r.rows(id, &d, &found.posterior, &expected["probas"], tol);
                r.raters(id, &d, &found.competence, &expected["competence"], tol);
                r.number(&format!("{id} log-likelihood"), found.log_likelihood, &expected["loglik"], tol);
            }
            "kos" => {
                let d = Data::new(data);
                // The first messages go by row of the table, which has its items together.
                let start = (0..d.layout.len()).map(|i| 1.0 + 0.1 * (i as f64).cos()).collect();
                let options = KosOptions { start: Some(start), ..KosOptions::default() };
                let found = kos(&d.layout, &options, &progress()).unwrap().unwrap();
                for (item, name) in d.items.iter().enumerate() {
                    r.number(
                        &format!("{id} {name}"),
                        found.score[item].signum(),
                        &expected["sign"][item],
                        tol,
                    );
                }
            }
            "mmsr" => {
                let d = Data::new(data);
                let found = mmsr(&d.layout, &progress()).unwrap().unwrap();
                r.raters(id, &d, &found.weight, &expected["skills"], tol);
                r.labels(id, &d, &found.posterior, &expected["labels"]);
            }
            "ibcc_vb" => {
                let d = Data::new(data);
                let options = IbccOptions { rule: EXACT, ..IbccOptions::default() };
                let found = ibcc(&d.layout, options, &progress()).unwrap().unwrap();
                r.rows(id, &d, &found.posterior, &expected["posterior"], tol);
                r.labels(id, &d, &found.posterior, &expected["labels"]);
                for (label, &nu) in found.label_counts.iter().enumerate() {
                    r.number(&format!("{id} nu {label}"), nu, &expected["nu"][label], tol);
                }
            }
            "worker_scores" => {
                let d = Data::new(data);
                let options = DawidSkeneOptions { rule: EXACT, ..DawidSkeneOptions::default() };
                let found = dawid_skene_on(&d.layout, options, &progress()).unwrap().unwrap();
                for (rater, matrix) in found.errors.chunks(d.k() * d.k()).enumerate() {
                    let spam = spam_score(matrix, d.k()).unwrap();
                    r.number(
                        &format!("{id} spam {rater}"),
                        spam,
                        &expected["spam_score_raykar_yu"][rater],
                        tol,
                    );
                    let sum = trace(matrix, d.k()).unwrap();
                    r.number(&format!("{id} trace {rater}"), sum, &expected["trace"][rater], tol);
                }
            }
            "dataset_metrics" => {
                let d = Data::new(data);
                let by_item = item_uncertainty(&d.layout, None);
                let by_rater = rater_uncertainty(&d.layout, None);
                let consistency =
                    item_consistency(&d.layout, &d.layout.vote_shares(), &majority_skill(&d.layout));
                let mean = |x: &[Option<f64>]| x.iter().map(|x| x.unwrap()).sum::<f64>() / x.len() as f64;
                r.number(id, mean(&by_item), &expected["uncertainty_task_mean"], tol);
                r.number(id, mean(&consistency), &expected["consistency"], tol);
                r.raters(id, &d, &by_rater, &expected["uncertainty_by_worker"], tol);
                for (item, name) in d.items.iter().enumerate() {
                    let (u, c) = (by_item[item].unwrap(), consistency[item].unwrap());
                    r.number(&format!("{id} {name} u"), u, &expected["uncertainty_by_task"][name], tol);
                    r.number(&format!("{id} {name} c"), c, &expected["consistency_by_task"][name], tol);
                }
            }
            "entropy_threshold" => {
                let d = Data::new(data);
                let left_out = monotonous_raters(&d.layout, 10.0, 2);
                let kept = (0..d.raters.len()).filter(|w| !left_out.contains(w));
                let rows: usize = kept.clone().map(|w| d.layout.answers(w).len()).sum();
                let names: Vec<Value> = kept.map(|w| Value::from(d.raters[w].as_str())).collect();
                r.equal(id, &Value::from(names), &expected["kept_workers"]);
                r.equal(id, &Value::from(rows), &expected["n_rows"]);
            }
            "soft_labels" => {
                let d = Data::new(data);
                let ds = DawidSkeneOptions { rule: EXACT, ..DawidSkeneOptions::default() };
                let coin = OneCoinOptions { rule: EXACT, ..OneCoinOptions::default() };
                let vb = golden["cases"].as_array().unwrap().iter().find(|c| c["id"] == "mace/crowd_toy/vb");
                let components = [
                    ("vote_share", d.layout.vote_shares()),
                    ("softmax_counts", softmax_of_counts(&d.layout)),
                    ("ds", dawid_skene_on(&d.layout, ds, &progress()).unwrap().unwrap().posterior),
                    ("one_coin", one_coin(&d.layout, coin, &progress()).unwrap().unwrap().posterior),
                    ("mace_vb", mace_of(vb.unwrap(), MaceUpdate::VARIATIONAL, &d).posterior),
                    ("wawa", wawa(&d.layout).shares),
                    ("zbs", zero_based_skill(&d.layout, &progress()).unwrap().shares),
                    ("glad", glad(&d.layout, EXACT, None, &progress()).unwrap().unwrap().posterior),
                ];
                for (name, found) in &components {
                    r.rows(&format!("{id} {name}"), &d, found, &expected["components"][name], tol);
                }
                let rows: Vec<&[f64]> = components.iter().map(|(_, p)| p.as_slice()).collect();
                r.rows(&format!("{id} average"), &d, &average(&rows).unwrap(), &expected["average"], tol);
                let product = conflation(&rows, d.k()).unwrap();
                r.rows(&format!("{id} conflation"), &d, &product, &expected["conflation_first4"], tol);
            }
            "alt_test" => alternative(r, id, data, &case["params"], expected, tol),
            "bradley_terry" => {
                let mut options = Vec::new();
                let rows: Vec<preference::Comparison> = data["rows"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|row| {
                        let [left, right, winner] = [0, 1, 2].map(|i| number(&mut options, text(&row[i])));
                        let outcome = if winner == left {
                            preference::Outcome::Left
                        } else {
                            preference::Outcome::Right
                        };
                        preference::Comparison { left, right, outcome, rater: 0 }
                    })
                    .collect();
                let pairs = preference::Pairs::new(options.len(), &rows);
                let found = preference::bradley_terry(&pairs, 0.0).unwrap();
                for (name, worth) in options.iter().zip(found.worth()) {
                    r.number(&format!("{id} {name}"), worth, &expected["mle"][name], tol);
                }
            }
            "crowdtruth" => {
                let d = Data::new(data);
                let found = crowd_truth(&d.layout, true, &progress()).unwrap().unwrap();
                r.raters(&format!("{id} wqs"), &d, &found.rater, &expected["wqs"], tol);
                r.raters(&format!("{id} wwa"), &d, &found.rater_rater, &expected["wwa"], tol);
                r.raters(&format!("{id} wua"), &d, &found.rater_item, &expected["wua"], tol);
                r.raters(
                    &format!("{id} wqs at first"),
                    &d,
                    &found.first_rater,
                    &expected["wqs_initial"],
                    tol,
                );
                for (item, name) in d.items.iter().enumerate() {
                    r.number(
                        &format!("{id} uqs {name}"),
                        found.item[item].unwrap(),
                        &expected["uqs"][name],
                        tol,
                    );
                    let first = found.first_item[item].unwrap();
                    r.number(
                        &format!("{id} uqs at first {name}"),
                        first,
                        &expected["uqs_initial"][name],
                        tol,
                    );
                }
                for (label, name) in d.labels.iter().enumerate() {
                    r.number(&format!("{id} aqs {name}"), found.label[label], &expected["aqs"][name], tol);
                }
                r.rows(&format!("{id} uas"), &d, &found.item_label, &expected["uas"], tol);
                r.equal(&format!("{id} rounds"), &Value::from(found.iterations), &expected["iterations"]);
            }
            other => r.failures.push(format!("{id}: no test for {other}")),
        }
    }
    assert_eq!(
        kinds.into_iter().collect::<Vec<_>>(),
        [
            ("alt_test", 1),
            ("bradley_terry", 1),
            ("crowdtruth", 1),
            ("dataset_metrics", 1),
            ("dawid_skene", 7),
            ("entropy_threshold", 1),
            ("glad", 1),
            ("ibcc_vb", 1),
            ("kos", 1),
            ("mace", 2),
            ("majority_vote", 1),
            ("mmsr", 1),
            ("soft_labels", 1),
            ("wawa", 1),
            ("worker_scores", 1),
            ("zbs", 1),
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

fn alternative(r: &mut Report, id: &str, data: &Value, params: &Value, expected: &Value, tol: f64) {
    let humans = data["humans"].as_object().unwrap();
    let mut items = Vec::new();
    let mut builder = AnnotationsBuilder::new();
    for (rater, said) in humans.values().enumerate() {
        for (item, label) in said.as_object().unwrap() {
            let item = number(&mut items, item.clone());
            builder.push(item, rater as u32, label.as_u64().unwrap() as u32, None);
        }
    }
    let layout = Layout::new(&builder.finish(items.len(), humans.len()), 3);
    let candidate: Vec<u32> =
        items.iter().map(|i| data["llm"][i].as_u64().map_or(NO_LABEL, |l| l as u32)).collect();
    let options = AlternativeOptions {
        epsilon: params["epsilon"].as_f64().unwrap(),
        false_discovery: params["q_fdr"].as_f64().unwrap(),
        min_humans: params["min_humans"].as_u64().unwrap() as usize,
        min_items: params["min_instances"].as_u64().unwrap() as usize,
        ..AlternativeOptions::default()
    };
    let found = alternative_annotator_test(&layout, &candidate, options).unwrap();
    r.number(&format!("{id} winning rate"), found.winning_rate, &expected["winning_rate"], tol);
    r.number(&format!("{id} advantage"), found.advantage, &expected["advantage_prob"], tol);
    r.equal(&format!("{id} humans"), &found.duels.len(), &humans.len());
    for duel in &found.duels {
        let name = humans.keys().nth(duel.rater).unwrap();
        r.number(&format!("{id} p {name}"), duel.p, &expected["p"][name], tol);
        r.number(&format!("{id} rho {name}"), duel.advantage, &expected["rho"][name], tol);
    }
}

fn dawid_skenes(r: &mut Report, id: &str, d: &Data, params: &Value, expected: &Value, tol: f64) {
    let converged = if expected["converged"].is_object() { &expected["converged"] } else { expected };
    if params["one_coin"] == true {
        let options = OneCoinOptions { rule: EXACT, ..OneCoinOptions::default() };
        let found = one_coin(&d.layout, options, &progress()).unwrap().unwrap();
        r.number(&format!("{id} log-likelihood"), found.log_likelihood, &converged["loglik"], tol);
        for (label, &p) in found.prior.iter().enumerate() {
            r.number(&format!("{id} prior {label}"), p, &converged["prior"][label], tol);
        }
        if !converged["skills"].is_null() {
            r.raters(id, d, &found.accuracy, &converged["skills"], tol);
        }
        if !converged["probas"].is_null() {
            r.rows(id, d, &found.posterior, &converged["probas"], tol);
        }
        if !converged["labels"].is_null() {
            r.labels(id, d, &found.posterior, &converged["labels"]);
        }
        return;
    }
    let gold = params["true_labels"].is_object().then(|| d.gold(&params["true_labels"]));
    let rule = params["n_iter"].as_u64().map_or(EXACT, |n| StoppingRule::exactly(n as usize));
    let crowd_kit = !params["stop"].is_null();
    let options = DawidSkeneOptions {
        // Another package's early stop is repeated by its number of iterations, which begin after a first M step.
        rule: if crowd_kit {
            StoppingRule::exactly(expected["iterations"].as_u64().unwrap() as usize + 1)
        } else {
            rule
        },
        assignment: if params["hard"] == true { Assignment::Hard } else { Assignment::Soft },
        gold: gold.as_deref(),
    };
    let found = dawid_skene_on(&d.layout, options, &progress()).unwrap().unwrap();
    if !converged["loglik"].is_null() {
        r.number(&format!("{id} log-likelihood"), found.log_likelihood, &converged["loglik"], tol);
    }
    if let Some(prior) = converged["prior"].as_array() {
        for (label, p) in prior.iter().enumerate() {
            r.number(&format!("{id} prior {label}"), found.prior[label], p, tol);
        }
    }
    for key in ["probas", "posterior"] {
        if !converged[key].is_null() {
            r.rows(id, d, &found.posterior, &converged[key], tol);
        }
    }
    if !converged["labels"].is_null() {
        r.labels(id, d, &found.posterior, &converged["labels"]);
    }
    for (rater, matrix) in converged["errors"].as_array().into_iter().flatten().enumerate() {
        for truth in 0..d.k() {
            for said in 0..d.k() {
                let e = found.error(rater, truth as u32, said as u32).unwrap();
                r.number(&format!("{id} error {rater} {truth} {said}"), e, &matrix[truth][said], tol);
            }
        }
    }
}

const CROWDLAB: &str = include_str!("data/golden/crowdlab.json");

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
    let mut report = Report { failures: Vec::new(), checks: 0 };
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
