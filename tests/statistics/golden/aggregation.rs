//! Golden cases of aggregators and of what judges raters and items.

use dissensus::dataset::{AnnotationsBuilder, NO_LABEL};
use dissensus::stats::aggregation::*;
use dissensus::stats::agreement::krippendorff_alpha_nominal;
use dissensus::stats::variation::VoteCounts;
use serde_json::Value;

use crate::reference::{Data, Report, number, progress, text};

const EXACT: StoppingRule = StoppingRule { gain_per_annotation: 1e-14, max_iterations: 20_000 };

/// Compares a case; false where the kind is none of these.
pub fn compare(r: &mut Report, kind: &str, case: &Value, golden: &Value) -> bool {
    let id = case["id"].as_str().unwrap();
    let data = &golden["datasets"][case["data"].as_str().unwrap()];
    let tol = case["tol"].as_f64().unwrap();
    let expected = &case["expected"];
    match kind {
        "dawid_skene" => dawid_skenes(r, id, &Data::new(data), &case["params"], expected, tol),
        "majority_vote" => {
            let d = Data::new(data);
            let shares = d.layout.vote_shares();
            r.rows(id, &d, &shares, &expected["probas"], tol);
            r.labels(id, &d, &shares, &expected["labels"]);
            r.raters(id, &d, &majority_skill(&d.layout), &expected["skills"], tol);
            let majority = majority_vote(&VoteCounts::new(&d.annotations, d.k()));
            let tied = (0..d.items.len()).filter(|&item| majority.is_tied(item));
            let tied: Vec<Value> = tied.map(|item| Value::from(d.items[item].as_str())).collect();
            r.equal(&format!("{id} ties"), &Value::from(tied), &expected["tied_tasks"]);
            for item in 0..d.items.len() {
                // The reference breaks ties to the first label; ours names them all, ascending.
                let first = &d.labels[majority.labels_of(item)[0] as usize];
                r.equal(
                    &format!("{id} majority of {item}"),
                    &Some(first.as_str()),
                    &expected["labels"][item].as_str(),
                );
            }
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
                r.number(&format!("{id} {name}"), found.score[item].signum(), &expected["sign"][item], tol);
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
                r.number(&format!("{id} spam {rater}"), spam, &expected["spam_score_raykar_yu"][rater], tol);
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
            let alpha = krippendorff_alpha_nominal(&d.annotations, d.k());
            r.statistic(&format!("{id} alpha"), &alpha, &expected["alpha_nominal"], tol);
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
                    let outcome =
                        if winner == left { preference::Outcome::Left } else { preference::Outcome::Right };
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
            r.raters(&format!("{id} wqs at first"), &d, &found.first_rater, &expected["wqs_initial"], tol);
            for (item, name) in d.items.iter().enumerate() {
                r.number(&format!("{id} uqs {name}"), found.item[item].unwrap(), &expected["uqs"][name], tol);
                let first = found.first_item[item].unwrap();
                r.number(&format!("{id} uqs at first {name}"), first, &expected["uqs_initial"][name], tol);
            }
            for (label, name) in d.labels.iter().enumerate() {
                r.number(&format!("{id} aqs {name}"), found.label[label], &expected["aqs"][name], tol);
            }
            r.rows(&format!("{id} uas"), &d, &found.item_label, &expected["uas"], tol);
            r.equal(&format!("{id} rounds"), &Value::from(found.iterations), &expected["iterations"]);
        }
        _ => return false,
    }
    true
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
    if params["stop"].is_null() && params["hard"].is_null() && gold.is_none() {
        // The rule by default stops earlier, with the same labels.
        let default = dawid_skene(&d.annotations, d.k(), &progress()).unwrap().unwrap();
        r.equal(&format!("{id} labels by the default rule"), &default.labels, &found.labels);
        r.equal(&format!("{id} converged"), &(default.converged, found.converged), &(true, true));
    }
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
