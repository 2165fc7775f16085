//! Agreement on spans, for programs and for people.

use serde_json::{Map, Value, json};

use super::Subject;
use super::json::undefined;
use super::outline::{Block, SHOWN, count, more, optional, rounded, statistic_cells, table};
use crate::analysis::spans::{MATCHES, Measure, SpansReport};
use crate::stats::rationales::JointlyEmpty;
use crate::stats::{Statistic, Undefined};

fn matching_name(report: &SpansReport) -> &'static str {
    MATCHES.iter().find(|m| m.0 == report.asked.matching).map_or("", |m| m.1)
}

pub(super) fn spans_json(subject: &Subject, found: &Result<SpansReport, Undefined>) -> Value {
    let report = match found {
        Err(reason) => return undefined(reason),
        Ok(report) => report,
    };
    let measures: Map<String, Value> =
        Measure::ALL.iter().map(|&m| (m.id().to_owned(), json!(report.statistic(m)))).collect();
    let labels = |measure: Measure| -> Value {
        let rows = report.of_labels(measure).into_iter();
        rows.map(|(label, statistic)| json!({ "label": report.label(label), "statistic": statistic }))
            .collect()
    };
    let documents = |measure: Measure| -> Value {
        let rows = report.documents(measure).iter();
        rows.map(|row| json!({ "document": row.name, "value": row.value })).collect()
    };
    let pairs = report.pairs.iter().map(|pair| {
        json!({
            "a": subject.rater_name(pair.raters.0 as usize),
            "b": subject.rater_name(pair.raters.1 as usize),
            "n_documents": pair.n_documents,
            "f1": pair.f1,
        })
    });
    json!({
        "n_documents": report.n_documents,
        "n_raters": report.n_raters,
        "n_spans": report.n_spans,
        "n_spans_of_no_length": report.n_empty,
        "n_overlaps_passed_over": report.unitizing.n_passed_over,
        "matching": report.asked.matching,
        "measures": measures,
        "gamma_with_endless_samples": report.gamma.monte_carlo,
        "gamma_samples": report.gamma.samples,
        "gamma_is_proven": report.gamma.exact,
        "labels": {
            "unitizing_alpha": labels(Measure::Unitizing),
            "gamma": labels(Measure::Gamma),
            "f1": labels(Measure::F1),
        },
        "documents": {
            "share_of_disagreement": documents(Measure::Unitizing),
            "gamma": documents(Measure::Gamma),
            "f1": documents(Measure::F1),
            "highlight_kappa": documents(Measure::HighlightKappa),
        },
        "highlights": {
            "units": report.asked.unit,
            "both_empty": report.asked.empty,
            "alpha": report.highlights.alpha,
            "n_pairs_that_marked_nothing": report.highlights.n_jointly_empty,
            "n_documents_in_which_nobody_marked": report.highlights.n_empty_items,
        },
        "pairs": pairs.collect::<Vec<_>>(),
    })
}

pub(super) fn spans_blocks(subject: &Subject, found: &Result<SpansReport, Undefined>) -> Vec<Block> {
    let report = match found {
        Err(reason) => return vec![Block::Note(format!("Agreement on spans: — {reason}"))],
        Ok(report) => report,
    };
    let cells = |name: String, statistic: &Statistic| -> Vec<String> {
        let [value, interval, _, _, reason] = statistic_cells(statistic);
        vec![name, if reason.is_empty() { value } else { format!("— {reason}") }, interval]
    };
    let rows = Measure::ALL.iter().map(|&m| cells(m.name().to_owned(), report.statistic(m))).collect();
    let title = format!(
        "Agreement on {} spans in {} documents; F1 counts as the same: {}",
        count(report.n_spans),
        count(report.n_documents),
        matching_name(report)
    );
    let mut blocks = vec![table(&title, &["spans", "value", "95 % interval"], 1, rows)];
    if let Some((low, high)) = report.gamma.monte_carlo {
        blocks.push(Block::Note(format!(
            "γ is against {} random texts a document; with endless ones it would be {} to {}.",
            report.gamma.samples,
            rounded(low),
            rounded(high)
        )));
    }
    if let Some(alpha) = report.highlights.alpha.value() {
        blocks.push(Block::Note(format!(
            "α of highlights, all raters of a document at once: {}.",
            rounded(alpha)
        )));
    }
    if report.highlights.n_jointly_empty > 0 {
        let what = match report.asked.empty {
            JointlyEmpty::Undefined => "are left out of the overlap of highlights",
            JointlyEmpty::Zero => "count 0 in the overlap of highlights",
        };
        let n = count(report.highlights.n_jointly_empty);
        blocks.push(Block::Note(format!("{n} pairs of raters of a document marked nothing: they {what}.")));
    }
    let of = |measure: Measure, label: u32| {
        let rows = report.of_labels(measure);
        let at = rows.iter().find(|(l, _)| *l == label);
        optional(at.and_then(|(_, statistic)| statistic.value()))
    };
    let labels = report.of_labels(Measure::F1);
    let rows = labels.iter().take(SHOWN).map(|&(label, f1)| {
        vec![
            report.label(label).to_owned(),
            of(Measure::Unitizing, label),
            of(Measure::Gamma, label),
            optional(f1.value()),
        ]
    });
    blocks.push(table("", &["label", "α of unitizing", "γ", "F1"], 1, rows.collect()));
    more(&mut blocks, labels.len(), "the JSON report");
    let rows = report.pairs.iter().take(SHOWN).map(|pair| {
        let (a, b) = (subject.rater_name(pair.raters.0 as usize), subject.rater_name(pair.raters.1 as usize));
        vec![format!("{a} and {b}"), optional(pair.f1.value()), count(pair.n_documents)]
    });
    blocks.push(table("", &["pair of raters", "F1", "documents"], 1, rows.collect()));
    more(&mut blocks, report.pairs.len(), "the JSON report");
    let documents = report.documents(Measure::F1);
    let rows = documents.iter().take(SHOWN).map(|row| vec![row.name.clone(), rounded(row.value)]);
    blocks.push(table("Documents that differ most", &["document", "F1"], 1, rows.collect()));
    more(&mut blocks, documents.len(), "the JSON report");
    blocks
}
