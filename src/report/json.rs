//! The report for programs. Keys are stable within a major version; `tests/data/report.schema.json` describes them.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::validation::validation_json;
use super::{
    ReviewSummary, Sections, Subject, compare, conditions, consensus_key, covariates, difficulty, drift,
    estimates, extras, flag_key, groups, judging, metrics, models, per_rater, practice, routing, rows,
    scale_use, score_rewards, spans, tastes, versions, what_wins, wrong_labels,
};
use crate::analysis::coefficients::Coefficients;
use crate::analysis::lab::Lab;
use crate::analysis::{FlagMethod, GivenSource, Settings};
use crate::dataset::{Dataset, LabelId, LabelSet, Missing, NO_LABEL, Scale};
use crate::stats::agreement::Coefficient;
use crate::stats::confident::{Filter, Summary};
use crate::stats::suspicion::{Mixture, Suspicion};
use crate::stats::{Statistic, Undefined};

/// Grows when a key changes its meaning or goes away.
pub const SCHEMA_VERSION: u32 = 1;

/// Writes the whole report as one object, see [`json`].
///
/// # Errors
/// Those of `out`.
pub fn write_json(subject: &Subject, out: &mut dyn Write) -> io::Result<()> {
    rows::write(&json(subject), out)
}

/// The same bytes for a report of label errors alone, of a column of given labels that nobody has reviewed.
///
/// # Errors
/// Those of `out`.
pub fn only_confident_json(
    data: &Dataset,
    settings: &Settings,
    summary: &Summary,
    out: &mut dyn Write,
) -> io::Result<()> {
    /// Keys in order.
    #[derive(Serialize)]
    struct Report<'a> {
        confident_learning: LabelErrors<'a>,
        dataset: Value,
        label_issues: Value,
        review: Value,
        schema_version: u32,
    }
    let source = GivenSource::Column(data.given.as_ref().map_or(String::new(), |g| g.name.clone()));
    let n_flagged = summary.counts[Filter::PruneByNoiseRate as usize];
    let matrices = [
        ("calibrated_joint", summary.calibrated_joint.as_slice()),
        ("confident_joint", summary.confident_joint.as_slice()),
    ];
    let section = confident_learning(&data.labels, summary);
    let report = Report {
        confident_learning: LabelErrors { calibrated_joint: &[], confident_joint: &[], ..section },
        dataset: dataset(data, settings, &source, summary.n_left_out, 0),
        label_issues: json!({ "method": flag_key(FlagMethod::ConfidentLearning), "n_flagged": n_flagged }),
        review: json!(ReviewSummary::default()),
        schema_version: SCHEMA_VERSION,
    };
    rows::write_with(&report, &matrices, out)
}

/// The whole report as one object. Undefined statistics are `{"value": null, "reason": …}`; so is a section that
/// the data does not allow.
pub fn json(subject: &Subject) -> Value {
    let mut report = Map::new();
    report.insert("schema_version".into(), SCHEMA_VERSION.into());
    let (given, settings) = (&subject.analysis.given, &subject.analysis.settings);
    let without = given.current.iter().filter(|&&l| l == NO_LABEL).count();
    let described = dataset(subject.dataset, settings, &given.source, without, given.n_tied);
    report.insert("dataset".into(), described);
    report.insert("review".into(), json!(subject.review));
    let method = flag_key(subject.analysis.items.method);
    report.insert("label_issues".into(), json!({ "method": method, "n_flagged": subject.n_flagged() }));
    if subject.sections.agreement {
        report.insert("agreement".into(), agreement(subject));
    }
    if subject.sections.aggregation {
        report.insert("aggregation".into(), aggregation(subject));
    }
    if let Some(found) = &subject.extras.validation {
        report.insert("validation".into(), validation_json(found));
    }
    if let Some(found) = &subject.extras.preferences {
        report.insert("preferences".into(), extras::preferences_json(found));
    }
    if let Some(found) = &subject.extras.what_wins {
        report.insert("what_wins".into(), what_wins::what_wins_json(subject, found));
    }
    if let Some(found) = &subject.extras.score_rewards {
        report.insert("score_rewards".into(), score_rewards::score_rewards_json(found));
    }
    if subject.sections.confident_learning {
        let section = match &*subject.analysis.confident {
            Ok(learned) => json!(confident_learning(&subject.dataset.labels, &Summary::from(learned))),
            Err(reason) => undefined(reason),
        };
        report.insert("confident_learning".into(), section);
    }
    // A report of confident learning alone is one that streams: detectors need every item.
    if let (true, Ok(s)) = (subject.sections == Sections::default(), subject.analysis.suspicion.as_ref()) {
        report.insert("detectors".into(), detectors(subject, s));
    }
    if let Some(found) = &subject.extras.compare {
        report.insert("comparison".into(), compare::compare_json(subject, found));
    }
    if let Some(found) = &subject.extras.models {
        report.insert("models".into(), models::models_json(subject, found));
    }
    if let Some(found) = &subject.extras.categories {
        report.insert("categories".into(), models::categories_json(found));
    }
    if let Some(found) = &subject.extras.estimates {
        report.insert("audit_estimates".into(), estimates::estimates_json(subject, found));
    }
    if let Some(found) = &subject.extras.benchmark {
        report.insert("benchmark".into(), estimates::benchmark_json(found));
    }
    if let Some(found) = &subject.extras.judging {
        report.insert("judge_validation".into(), judging::judging_json(subject, found));
    }
    if let Some(found) = &subject.extras.routing {
        report.insert("routing".into(), routing::routing_json(subject, found));
    }
    if let Some(found) = &subject.extras.metrics {
        report.insert("metrics".into(), metrics::metrics_json(found));
    }
    if let Some(found) = &subject.extras.difficulty {
        report.insert("difficulty".into(), difficulty::difficulty_json(subject, found));
    }
    if let Some(found) = &subject.extras.per_rater {
        report.insert("detectors_per_rater".into(), per_rater::per_rater_json(subject, found));
    }
    if let Some(found) = &subject.extras.groups {
        report.insert("rater_groups".into(), groups::groups_json(subject, found));
    }
    if let Some(found) = &subject.extras.practice {
        report.insert("practice".into(), practice::practice_json(subject, found));
    }
    if let Some(found) = &subject.extras.conditions {
        report.insert("conditions".into(), conditions::conditions_json(found));
    }
    if let Some(found) = &subject.extras.covariates {
        report.insert("covariates".into(), covariates::covariates_json(found));
    }
    for (name, found) in [("tastes", &subject.extras.tastes), ("scales", &subject.extras.scales)] {
        if let Some(found) = found {
            report.insert(name.into(), tastes::tastes_json(subject, found));
        }
    }
    if let Some(found) = &subject.extras.scale_use {
        report.insert("scale_use".into(), scale_use::scale_use_json(subject, found));
    }
    if let Some(found) = &subject.extras.drift {
        report.insert("label_drift".into(), drift::drift_json(subject, found));
    }
    if let Some(found) = &subject.extras.versions {
        report.insert("versions".into(), versions::versions_json(found));
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

fn dataset(
    data: &Dataset,
    settings: &Settings,
    given: &GivenSource,
    n_without_label: usize,
    n_tied: usize,
) -> Value {
    let source = match given {
        GivenSource::Column(name) => json!({ "column": name }),
        GivenSource::Consensus(method) => json!({ "method": consensus_key(*method) }),
    };
    let left_out = settings.left_out(&data.raters);
    let rater = |&r: &u32| match data.raters.names.get(r as usize) {
        Some(name) => name.clone(),
        None => (r + 1).to_string(),
    };
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
        "raters_not_counted": left_out.iter().map(rater).collect::<Vec<_>>(),
        "missing": missing(data),
        "verdicts": data.verdicts.len(),
        "scale": scale,
        "given_label": source,
        "n_tied": n_tied,
        "n_without_given_label": n_without_label,
        "learned": data.learned,
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

/// The section of label errors. Keys stand in their order.
#[derive(Serialize)]
struct LabelErrors<'a> {
    calibrated_joint: &'a [Vec<u64>],
    confident_joint: &'a [Vec<u64>],
    health_score: f64,
    issue_counts: Map<String, Value>,
    n_items: usize,
    n_left_out: usize,
    num_label_issues: Map<String, Value>,
    /// Only pairs that occur.
    overlapping_labels: Vec<Pair<'a>>,
    per_label: Vec<Health<'a>>,
    thresholds: &'a [f64],
    ties_at_cut: Map<String, Value>,
}

#[derive(Serialize)]
struct Pair<'a> {
    a: &'a str,
    b: &'a str,
    joint_probability: f64,
    n: u64,
}

#[derive(Serialize)]
struct Health<'a> {
    inverse_label_issues: u64,
    inverse_label_noise: Option<f64>,
    label: &'a str,
    label_issues: u64,
    label_noise: Option<f64>,
    label_quality_score: Option<f64>,
}

fn confident_learning<'a>(labels: &'a LabelSet, c: &'a Summary) -> LabelErrors<'a> {
    let by_filter = |counts: &[u64; 7]| -> Map<String, Value> {
        Filter::ALL.iter().zip(counts).map(|(f, &n)| (f.key().to_owned(), n.into())).collect()
    };
    let health = c.per_label.iter().map(|health| Health {
        inverse_label_issues: health.inverse_label_issues,
        inverse_label_noise: health.inverse_label_noise,
        label: labels.name(health.label),
        label_issues: health.label_issues,
        label_noise: health.label_noise,
        label_quality_score: health.quality,
    });
    let pairs = c.overlapping.iter().map(|o| Pair {
        a: labels.name(o.a),
        b: labels.name(o.b),
        joint_probability: o.joint_probability,
        n: o.n,
    });
    let estimates =
        [("off_diagonal", c.num_off_diagonal), ("off_diagonal_calibrated", c.num_off_diagonal_calibrated)];
    LabelErrors {
        calibrated_joint: &c.calibrated_joint,
        confident_joint: &c.confident_joint,
        health_score: c.health_score,
        issue_counts: by_filter(&c.counts),
        n_items: c.n_rows,
        n_left_out: c.n_left_out,
        num_label_issues: estimates.into_iter().map(|(key, n)| (key.to_owned(), n.into())).collect(),
        overlapping_labels: pairs.collect(),
        per_label: health.collect(),
        thresholds: &c.thresholds,
        ties_at_cut: by_filter(&c.ties_at_cut),
    }
}

fn detectors(subject: &Subject, s: &Suspicion) -> Value {
    let mixture = |m: &Option<Mixture>| {
        m.map(|m| {
            json!({
                "n_items": m.n,
                "means": m.means,
                "variances": m.variances,
                "share_of_high": m.share,
                "ashman_d": m.ashman_d,
                "bic_gain": m.bic_gain,
                "is_parted": m.is_parted(),
            })
        })
    };
    let by_label: Map<String, Value> = s
        .mixture
        .by_label
        .iter()
        .enumerate()
        .map(|(l, m)| (name(subject, l as LabelId).to_owned(), json!(mixture(m))))
        .collect();
    let [both, only_all, only_label] = s.mixture.overlap();
    json!({
        "scaling": { "temperature": s.scaling.temperature, "offsets": s.scaling.offsets },
        "loss_mixture": {
            "all": mixture(&s.mixture.global),
            "by_label": by_label,
            "flagged_by_both": both,
            "flagged_by_all_only": only_all,
            "flagged_by_label_only": only_label,
        },
    })
}

fn name<'a>(subject: &Subject<'a>, label: LabelId) -> &'a str {
    subject.dataset.labels.name(label)
}
