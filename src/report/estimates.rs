//! What the random audit says of all items, and what corrected labels do to models: for programs and for people.

use serde_json::{Value, json};

use super::Subject;
use super::json::undefined;
use super::outline::{Block, count, optional, rounded, table};
use crate::analysis::audit_estimates::{EstimatesReport, ModelTrust, Target};
use crate::analysis::benchmark::BenchmarkReport;
use crate::stats::Undefined;

fn key(target: &Target) -> &'static str {
    match target {
        Target::Given => "given_labels_right",
        Target::Judge(_) => "judge_right",
        Target::Share(_) => "label_share",
        Target::Mean => "mean",
    }
}

fn of(subject: &Subject, target: &Target) -> Option<String> {
    match target {
        Target::Judge(name) => Some(name.clone()),
        Target::Share(label) => Some(subject.dataset.labels.name(*label).to_owned()),
        Target::Given | Target::Mean => None,
    }
}

fn trust_json(subject: &Subject, t: &ModelTrust) -> Value {
    let found = t.trust.as_ref().map_or_else(undefined, |found| {
        json!({
            "n": found.n,
            "weight_of_model": found.gate,
            "log_loss": found.loss,
            "log_loss_of_model": found.loss_of_model,
            "log_loss_of_both": found.loss_of_both,
            "labels": subject.dataset.labels.names(),
            "given_by_truth": found.called,
        })
    });
    json!({ "model": t.model, "trust": found, "n_otherwise": t.otherwise.len() })
}

/// The section of the report for programs.
pub(super) fn estimates_json(subject: &Subject, found: &Result<EstimatesReport, Undefined>) -> Value {
    let r = match found {
        Err(reason) => return undefined(reason),
        Ok(r) => r,
    };
    let estimates = r.estimates.iter().map(|e| {
        let powered = match &e.powered {
            Err(reason) => undefined(reason),
            Ok(m) => json!({
                "value": m.value, "se": m.se, "ci": m.ci, "lambda": m.lambda, "effective_n": m.effective_n,
            }),
        };
        let controlled = match &e.controlled {
            Err(reason) => undefined(reason),
            Ok(m) => json!({
                "value": m.value, "se": m.se, "ci": m.ci, "rho": m.rho, "saving": m.saving,
                "saving_at_best": m.saving_at_best, "effective_n": m.effective_n,
            }),
        };
        json!({
            "target": key(&e.target),
            "of": of(subject, &e.target),
            "n": e.n,
            "n_all": e.n_all,
            "audit_alone": e.plain,
            "prediction_powered": powered,
            "control_variate": controlled,
            "budget": e.budget.iter().map(|b| json!({ "looks": b.0, "half_alone": b.1, "half_with": b.2 })).collect::<Vec<_>>(),
        })
    });
    json!({
        "n_audited": r.audited.len(),
        "n_without_single_label": r.n_open,
        "n_decided_another_way": r.n_elsewhere,
        "helper": r.helper,
        "trust": r.trust.iter().map(|t| trust_json(subject, t)).collect::<Vec<_>>(),
        "estimates": estimates.collect::<Vec<_>>(),
    })
}

/// The same for people.
pub(super) fn estimates_blocks(subject: &Subject, found: &Result<EstimatesReport, Undefined>) -> Vec<Block> {
    let r = match found {
        Err(reason) => return vec![Block::Note(format!("— {reason}"))],
        Ok(r) => r,
    };
    let between =
        |v: f64, (low, high): (f64, f64)| format!("{} ({} … {})", rounded(v), rounded(low), rounded(high));
    let rows = r.estimates.iter().map(|e| {
        let name = of(subject, &e.target);
        let what = match &e.target {
            Target::Given => "given labels are right".to_owned(),
            Target::Mean => "mean on the scale".to_owned(),
            _ => format!("{} is right", name.unwrap_or_default()),
        };
        let plain = e.plain.estimate().and_then(|p| Some(between(p.value, p.ci?)));
        vec![
            what,
            plain.unwrap_or_else(|| "—".to_owned()),
            e.powered.as_ref().map_or_else(|_| "—".to_owned(), |m| between(m.value, m.ci)),
            e.controlled.as_ref().map_or_else(|_| "—".to_owned(), |m| between(m.value, m.ci)),
            optional(e.powered.as_ref().ok().and_then(|m| m.effective_n)),
            count(e.n),
        ]
    });
    let head = ["of all items", "audit alone", "prediction-powered", "control variate", "worth", "audited"];
    let mut blocks = vec![
        table("95 % intervals", &head, 1, rows.collect()),
        Block::Note(format!(
            "What helps: {}. Only the random audit enters; {} items decided another way do not.",
            r.helper,
            count(r.n_elsewhere)
        )),
    ];
    for t in &r.trust {
        blocks.push(Block::Note(match &t.trust {
            Err(reason) => format!("{} and the given labels, how far each is trusted: — {reason}", t.model),
            Ok(found) => format!(
                "{} has {} of the weight and the given label the rest (log loss {}, of the model alone {}, of both by what is called what {}); \
                 for {} items another label is likelier",
                t.model,
                rounded(found.gate),
                rounded(found.loss),
                rounded(found.loss_of_model),
                rounded(found.loss_of_both),
                count(t.otherwise.len())
            ),
        }));
    }
    blocks
}

/// Models on corrected labels, for programs.
pub(super) fn benchmark_json(found: &Result<BenchmarkReport, Undefined>) -> Value {
    let r = match found {
        Err(reason) => return undefined(reason),
        Ok(r) => r,
    };
    let models = r.models.iter().zip(&r.found.models).zip(&r.overall).map(|((name, m), (was, now))| {
        json!({
            "name": name, "accuracy_original": was, "accuracy_now": now, "upheld": m.upheld,
            "corrected_by_original": m.original, "corrected_by_corrected": m.corrected,
        })
    });
    let name = |at: usize| r.models.get(at);
    json!({
        "n_upheld": r.found.n.0,
        "n_corrected": r.found.n.1,
        "n_dropped": r.n_dropped,
        "prevalence_among_reviewed": r.found.prevalence,
        "models": models.collect::<Vec<_>>(),
        "swaps": r.found.swaps.iter().map(|s| json!({
            "models": [name(s.models.0), name(s.models.1)], "at": s.at, "ci": s.ci, "share_of_draws": s.share,
        })).collect::<Vec<_>>(),
    })
}

/// The same for people.
pub(super) fn benchmark_blocks(found: &Result<BenchmarkReport, Undefined>) -> Vec<Block> {
    let r = match found {
        Err(reason) => return vec![Block::Note(format!("— {reason}"))],
        Ok(r) => r,
    };
    let rows = r.models.iter().zip(&r.found.models).zip(&r.overall).map(|((name, m), (was, now))| {
        let mut row = vec![name.clone()];
        row.extend([*was, *now, m.upheld, m.original, m.corrected].map(optional));
        row
    });
    let head = ["model", "as it was", "now", "upheld", "corrected, by original", "corrected, by corrected"];
    let mut blocks = vec![table("Accuracy", &head, 1, rows.collect())];
    let name = |at: usize| r.models.get(at).map_or("", String::as_str);
    let rows: Vec<Vec<String>> = r
        .found
        .swaps
        .iter()
        .map(|s| {
            let ci = s.ci.map_or_else(|| "—".to_owned(), |(a, b)| format!("{} … {}", rounded(a), rounded(b)));
            vec![
                name(s.models.0).to_owned(),
                name(s.models.1).to_owned(),
                optional(s.at),
                ci,
                rounded(s.share),
            ]
        })
        .collect();
    if rows.is_empty() {
        blocks.push(Block::Note("No two models change places.".into()));
    } else {
        let head = ["better on upheld labels", "better from N* on", "N*", "95 % interval", "share of draws"];
        blocks.push(table("Changes of place", &head, 2, rows));
    }
    blocks.push(Block::Note(format!(
        "{} labels upheld, {} corrected, {} items that count for neither.",
        count(r.found.n.0),
        count(r.found.n.1),
        count(r.n_dropped)
    )));
    blocks
}
