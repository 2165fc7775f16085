//! A detector against each rater, for programs and for people.

use serde_json::{Value, json};

use super::Subject;
use super::json::undefined;
use super::outline::{Block, SHOWN, count, defined, more, optional, table};
use crate::analysis::per_rater::PerRaterReport;
use crate::stats::Undefined;
use crate::stats::detector_per_rater::Summary;

fn summary(s: &Result<Summary, Undefined>) -> Value {
    match s {
        Err(reason) => undefined(reason),
        Ok(s) => json!({ "mean": s.mean, "min": s.min, "max": s.max, "n": s.n }),
    }
}

/// The section of the report for programs.
pub(super) fn per_rater_json(subject: &Subject, found: &Result<PerRaterReport, Undefined>) -> Value {
    let r = match found {
        Err(reason) => return undefined(reason),
        Ok(r) => r,
    };
    let detectors = r.detectors.iter().zip(&r.found.detectors).map(|(name, d)| {
        let raters = d.raters.iter().enumerate().map(|(at, one)| {
            json!({
                "rater": subject.rater_name(r.raters[at] as usize),
                "n_items": one.n_units,
                "n_marked": one.n_marked,
                "average_precision": one.average_precision.as_ref().ok(),
                "best_f1": one.best.as_ref().ok().map(|b| b.f1),
                "best_threshold": one.best.as_ref().ok().map(|b| b.threshold),
                "f1_at_the_others_threshold": one.chosen.as_ref().ok().map(|c| c.f1),
            })
        });
        json!({
            "name": name,
            "raters": raters.collect::<Vec<_>>(),
            "average_precision": summary(&d.average_precision),
            "best_f1": summary(&d.best_f1),
            "f1_at_the_others_threshold": summary(&d.chosen_f1),
            "with_number_of_marks": d.counts.iter().map(|c| json!({ "raters": c.size, "spearman": summary(&c.rho) })).collect::<Vec<_>>(),
        })
    });
    let bounds = r.found.ceilings.iter().enumerate().map(|(at, c)| {
        json!({
            "rater": subject.rater_name(r.raters[at] as usize),
            "human_f1": summary(&c.human_f1),
            "prevalence": c.prevalence,
            "random_best_f1": summary(&c.random_best_f1),
        })
    });
    let ranks = match &r.found.ranks {
        Err(reason) => undefined(reason),
        Ok(t) => json!({
            "mean_ranks": t.mean_ranks,
            "kendall_w": t.concordance.as_ref().ok().map(|w| w.corrected),
            "n_opposite": t.n_flips,
            "n_comparisons": t.n_comparisons,
        }),
    };
    json!({
        "label": subject.dataset.labels.name(r.asked.label),
        "detectors": detectors.collect::<Vec<_>>(),
        "bounds": bounds.collect::<Vec<_>>(),
        "ranks": ranks,
    })
}

/// The same for people.
pub(super) fn per_rater_blocks(subject: &Subject, found: &Result<PerRaterReport, Undefined>) -> Vec<Block> {
    let r = match found {
        Err(reason) => return vec![Block::Note(format!("Detectors per rater: — {reason}"))],
        Ok(r) => r,
    };
    let label = subject.dataset.labels.name(r.asked.label);
    let mut blocks = Vec::new();
    for (name, d) in r.detectors.iter().zip(&r.found.detectors) {
        let rows =
            d.raters.iter().zip(&r.found.ceilings).enumerate().take(SHOWN).map(|(at, (one, bound))| {
                vec![
                    subject.rater_name(r.raters[at] as usize),
                    count(one.n_marked),
                    optional(one.average_precision.as_ref().ok().copied()),
                    optional(one.best.as_ref().ok().map(|b| b.f1)),
                    optional(one.chosen.as_ref().ok().map(|c| c.f1)),
                    optional(bound.human_f1.as_ref().ok().map(|h| h.mean)),
                    defined(&bound.prevalence),
                ]
            });
        let title = format!("{name} as a detector of {label}, each rater by itself");
        let head =
            ["rater", "marked", "AP", "best F1", "F1, others’ threshold", "F1 of others", "floor of AP"];
        blocks.push(table(&title, &head, 1, rows.collect()));
        more(&mut blocks, d.raters.len(), "the JSON report");
    }
    blocks
}
