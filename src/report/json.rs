//! The report for programs. Keys are stable within a major version; `tests/data/report.schema.json` describes them.

use serde_json::{Map, Value, json};

use super::{Subject, consensus_key, extras, flag_key, spans, wrong_labels};
use crate::analysis::GivenSource;
use crate::analysis::coefficients::Coefficients;
use crate::analysis::lab::Lab;
use crate::dataset::{Dataset, LabelId, Missing, NO_LABEL, Scale};
use crate::stats::agreement::Coefficient;
use crate::stats::confident::{ConfidentLearning, Filter};
use crate::stats::{Statistic, Undefined};

/// Grows when a key changes its meaning or goes away.
pub const SCHEMA_VERSION: u32 = 1;

/// The whole report as one object. Undefined statistics are `{"value": null, "reason": …}`; so is a section that
/// the data does not allow.
pub fn json(subject: &Subject) -> Value {
    let mut report = Map::new();
    report.insert("schema_version".into(), SCHEMA_VERSION.into());
    report.insert("dataset".into(), dataset(subject));
    report.insert("review".into(), json!(subject.review));
    let method = flag_key(subject.analysis.items.method);
    report.insert("label_issues".into(), json!({ "method": method, "n_flagged": subject.n_flagged() }));
    if subject.sections.agreement {
        report.insert("agreement".into(), agreement(subject));
    }
    if subject.sections.aggregation {
        report.insert("aggregation".into(), aggregation(subject));
    }
    if let Some(found) = &subject.extras.preferences {
        report.insert("preferences".into(), extras::preferences_json(found));
    }
    if subject.sections.confident_learning {
        let section = match &*subject.analysis.confident {
            Ok(learned) => confident_learning(subject, learned),
            Err(reason) => undefined(reason),
        };
        report.insert("confident_learning".into(), section);
    }
    let wrong = wrong_labels::wrong_labels_json(subject);
    if !wrong.is_empty() {
        report.insert("wrong_labels".into(), Value::Object(wrong));
    }
    Value::Object(report)
}

pub(super) fn undefined(reason: &Undefined) -> Value {
    json!(Statistic::Undefined(reason.clone()))
}

fn dataset(subject: &Subject) -> Value {
    let (data, given) = (subject.dataset, &subject.analysis.given);
    let source = match &given.source {
        GivenSource::Column(name) => json!({ "column": name }),
        GivenSource::Consensus(method) => json!({ "method": consensus_key(*method) }),
    };
    let without = given.current.iter().filter(|&&l| l == NO_LABEL).count();
    let scale = match data.labels.scale {
        Scale::Nominal => "nominal",
        Scale::Ordinal => "ordinal",
        Scale::Interval => "interval",
        Scale::Ratio => "ratio",
    };
    json!({
        "name": data.name,
        "items": data.n_items(),
        "raters": data.annotations.n_raters(),
        "annotations": data.annotations.len(),
        "labels": data.labels.names(),
        "format": data.source.format,
        "task": data.task,
        "question": data.source.question,
        "questions": data.questions,
        "anonymous_raters": data.raters.anonymous,
        "raters_not_counted": subject.analysis.settings.left_out(&data.raters).iter().map(|&r| subject.rater_name(r as usize)).collect::<Vec<_>>(),
        "missing": missing(data),
        "verdicts": data.verdicts.len(),
        "scale": scale,
        "given_label": source,
        "n_tied": given.n_tied,
        "n_without_given_label": without,
        "text_model": data.learned,
        "warnings": data.warnings,
    })
}

/// Labels that are not there, by reason; `null` where the source cannot say.
fn missing(data: &Dataset) -> Value {
    let mut all = serde_json::Map::new();
    all.insert("never_assigned".into(), data.never_assigned().into());
    let counted = data.missing();
    for why in Missing::ALL {
        let n = counted.iter().find(|(w, _)| *w == why).map_or(0, |(_, n)| *n);
        all.insert(
            serde_json::to_value(why).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default(),
            n.into(),
        );
    }
    Value::Object(all)
}

fn agreement(subject: &Subject) -> Value {
    let a = &subject.analysis.agreement;
    let pairs: Vec<Value> = a
        .cohen_kappa
        .pairs
        .iter()
        .map(|pair| {
            json!({
                "a": subject.rater_name(pair.a as usize),
                "b": subject.rater_name(pair.b as usize),
                "n_items": pair.n_items,
                "percent_agreement": pair.percent_agreement,
                "kappa": pair.kappa,
            })
        })
        .collect();
    let per_label: Vec<Value> = a
        .per_label
        .iter()
        .enumerate()
        .map(
            |(label, alpha)| json!({ "label": name(subject, label as LabelId), "krippendorff_alpha": alpha }),
        )
        .collect();
    let mut section = json!({
        "percent_agreement": a.percent_agreement,
        "fleiss_kappa": a.fleiss_kappa,
        "krippendorff_alpha": { "nominal": a.krippendorff_alpha_nominal },
        "cohen_kappa": { "mean": a.cohen_kappa.mean, "pairs": pairs },
        "per_label": per_label,
        "n_duplicates": a.n_duplicates,
        "duplicates": a.duplicates,
    });
    if let (Some(all), Some(section)) = (subject.extras.coefficients.as_ref(), section.as_object_mut()) {
        section.insert("coefficients".to_owned(), coefficients(all));
    }
    if let (false, Some(section)) = (subject.extras.cuts.is_empty(), section.as_object_mut()) {
        section.insert("cuts".to_owned(), extras::cuts_json(subject));
    }
    if let (Some(found), Some(section)) = (subject.extras.spans.as_ref(), section.as_object_mut()) {
        section.insert("spans".to_owned(), spans::spans_json(subject, found));
    }
    section
}

/// Every coefficient on one scale.
fn coefficients(all: &Coefficients) -> Value {
    let values: Map<String, Value> =
        all.rows.iter().map(|row| (row.about.id.to_owned(), json!(row.statistic))).collect();
    let weights: Map<String, Value> = all
        .rows
        .iter()
        .filter(|row| !row.by.is_empty())
        .map(|row| (row.about.id.to_owned(), row.by.into()))
        .collect();
    json!({
        "scale": all.measure,
        "interval": all.asked.interval,
        "recommended": Coefficient::of(all.recommended()).map(|c| c.id),
        "because": all.advice.as_ref().map_or_else(ToString::to_string, |a| a.why.clone()),
        "warnings": all.words().1,
        "weights": weights,
        "values": values,
        "only_items": all.asked.items.as_ref().map(|items| items.len()),
    })
}

fn aggregation(subject: &Subject) -> Value {
    let a = &subject.analysis.aggregation;
    let dawid_skene = match &a.dawid_skene {
        Err(reason) => undefined(reason),
        Ok(fit) => json!({
            "accuracy_vs_gold": a.accuracy_dawid_skene,
            "iterations": fit.iterations,
            "converged": fit.converged,
            "log_likelihood": fit.log_likelihood,
            "prior": fit.prior,
        }),
    };
    let raters: Vec<Value> = subject
        .analysis
        .raters
        .iter()
        .enumerate()
        .map(|(rater, summary)| {
            json!({
                "rater": subject.rater_name(rater),
                "kind": subject.dataset.raters.kinds.get(rater).copied().unwrap_or_default(),
                "n_annotations": summary.n_annotations,
                "agreement_with_majority": summary.agreement_with_majority,
                "dawid_skene_accuracy": summary.dawid_skene_accuracy,
                "median_duration_s": summary.median_duration_s,
                "course": summary.course.iter().map(|part| json!({
                    "n_annotations": part.n_annotations,
                    "agreement_with_majority": part.agreement_with_majority,
                    "median_duration_s": part.median_duration_s,
                })).collect::<Vec<_>>(),
            })
        })
        .collect();
    let mut section = json!({
        "consensus": consensus_key(subject.analysis.settings.consensus),
        "methods": {
            "majority_vote": {
                "accuracy_vs_gold": a.accuracy_majority,
                "n_tied": a.majority.n_tied,
                "n_without_votes": a.majority.n_without_votes,
            },
            "dawid_skene": dawid_skene,
        },
        "raters": raters,
    });
    if let (Some(lab), Some(section)) = (subject.extras.lab.as_ref(), section.as_object_mut()) {
        section.insert("compared".to_owned(), compared(lab));
    }
    if let Some(section) = section.as_object_mut() {
        let e = subject.extras;
        let soft = e.soft.as_ref().map(extras::soft_json);
        let sets = e.sets.as_ref().map(extras::sets_json);
        let candidate = e.candidate.as_ref().map(|c| extras::candidate_json(subject, c));
        let certificate = e.certificate.as_ref().map(|c| extras::certificate_json(subject, c));
        let found = [
            ("soft_labels", soft),
            ("candidate_sets", sets),
            ("candidate", candidate),
            ("certificate", certificate),
        ];
        section.extend(found.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))));
    }
    section
}

/// Aggregators side by side.
fn compared(lab: &Lab) -> Value {
    let methods: Map<String, Value> = lab
        .methods
        .iter()
        .map(|method| {
            let value = match &method.outcome {
                Err(reason) => undefined(reason),
                Ok(o) => json!({
                    "accuracy_vs_gold": o.accuracy_vs_gold,
                    "negative_log_likelihood": o.score.as_ref().map(|s| s.negative_log_likelihood),
                    "brier": o.score.as_ref().map(|s| s.brier),
                    "n_tied": o.labels.n_tied,
                    "n_other_than_majority": o.n_other_than_majority,
                    "mean_confidence": o.mean_confidence,
                    "mean_entropy_bits": o.mean_entropy_bits,
                    "iterations": o.iterations,
                    "converged": o.converged,
                    "objective": o.objective,
                }),
            };
            (method.which.row().id.to_owned(), value)
        })
        .collect();
    let id = |i: usize| lab.methods[i].which.row().id;
    let differences: Vec<Value> = lab
        .differences
        .iter()
        .map(|d| {
            json!({
                "a": id(d.first),
                "b": id(d.second),
                "n_items": d.n_items,
                "divergence_bits": d.divergence_bits,
            })
        })
        .collect();
    json!({ "seed": lab.seed, "n_voted": lab.n_voted, "methods": methods, "differences": differences })
}

fn confident_learning(subject: &Subject, c: &ConfidentLearning) -> Value {
    let by_filter = |counts: &[u64; 7]| -> Map<String, Value> {
        Filter::ALL.iter().zip(counts).map(|(f, &n)| (f.key().to_owned(), n.into())).collect()
    };
    let per_label: Vec<Value> = c
        .per_label
        .iter()
        .map(|health| {
            json!({
                "label": name(subject, health.label),
                "label_issues": health.label_issues,
                "inverse_label_issues": health.inverse_label_issues,
                "label_noise": health.label_noise,
                "inverse_label_noise": health.inverse_label_noise,
                "label_quality_score": health.quality,
            })
        })
        .collect();
    let overlapping: Vec<Value> = c
        .overlapping
        .iter()
        .map(|o| {
            json!({
                "a": name(subject, o.a),
                "b": name(subject, o.b),
                "n": o.n,
                "joint_probability": o.joint_probability,
            })
        })
        .collect();
    json!({
        "n_items": c.rows.len(),
        "n_left_out": c.n_left_out,
        "thresholds": c.thresholds,
        "confident_joint": c.confident_joint,
        "calibrated_joint": c.calibrated_joint,
        "issue_counts": by_filter(&c.counts),
        "ties_at_cut": by_filter(&c.ties_at_cut),
        "num_label_issues": {
            "off_diagonal": c.num_off_diagonal,
            "off_diagonal_calibrated": c.num_off_diagonal_calibrated,
        },
        "health_score": c.health_score,
        "per_label": per_label,
        "overlapping_labels": overlapping,
    })
}

fn name<'a>(subject: &Subject<'a>, label: LabelId) -> &'a str {
    subject.dataset.labels.name(label)
}
