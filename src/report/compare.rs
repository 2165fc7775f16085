//! Two sides against each other, for programs and for people.

use serde_json::{Value, json};

use super::Subject;
use super::json::undefined;
use super::outline::{Block, SHOWN, count, defined, more, optional, rounded, table};
use crate::analysis::compare::CompareReport;
use crate::stats::Undefined;
use crate::stats::agreement::CohenKappa;
use crate::stats::comparison::TOP;
use crate::stats::estimate::Z_975;

/// The section of the report for programs.
pub(super) fn compare_json(subject: &Subject, found: &Result<CompareReport, Undefined>) -> Value {
    let r = match found {
        Err(reason) => return undefined(reason),
        Ok(r) => r,
    };
    let data = subject.dataset;
    let name = |l: u32| data.labels.name(l);
    let sides = (0..2).map(|s| {
        let side = &r.asked.sides[s];
        json!({
            "name": side.id(data),
            "kind": side.kind(data),
            "n_raters": r.n_raters[s],
            "n_votes": r.n_votes[s],
        })
    });
    let kappa = |k: Option<CohenKappa>| {
        k.map(|k| json!({ "value": k.kappa, "ci": [k.kappa - Z_975 * k.se, (k.kappa + Z_975 * k.se).min(1.0)] }))
    };
    let labels = r.found.labels.iter().map(|l| {
        json!({
            "label": name(l.label),
            "share_a": l.shares[0],
            "share_b": l.shares[1],
            "difference": l.difference(),
            "difference_ci": l.interval.map(|(low, high)| [low, high]),
            "kappa": kappa(l.kappa),
        })
    });
    let cells =
        r.found.meetings.iter().map(|m| json!({ "a": name(m.a), "b": name(m.b), "n": m.items.len() }));
    let parted = r.found.parted.iter().map(
        |p| json!({ "item": data.keys.get(p.item as usize), "a": name(p.a), "b": name(p.b), "gap": p.gap }),
    );
    let agreement = match &r.agreement {
        Err(reason) => undefined(reason),
        Ok((found, intervals)) => {
            let of = |at: usize, value: Option<f64>| {
                value.map(|v| json!({ "value": v, "ci": intervals[at].map(|(low, high)| [low, high]) }))
            };
            json!({
                "within_a": of(0, found.within[0]),
                "within_b": of(1, found.within[1]),
                "between": of(2, found.xrr),
                "distance": r.measure.words().0.to_lowercase(),
            })
        }
    };
    json!({
        "sides": sides.collect::<Vec<_>>(),
        "raters_of_both_speak_for_a": r.overlap,
        "n_items": r.found.n_items,
        "tied": subject.keys(&r.tied),
        "labels": labels.collect::<Vec<_>>(),
        "cells": cells.collect::<Vec<_>>(),
        "kappa": kappa(r.found.kappa),
        "agreement": agreement,
        "answers_in_common": {
            "weighted_jaccard": r.found.answers.jaccard,
            "k": TOP,
            "overlap_at_k": r.found.answers.top,
            "n_with_several_answers": r.found.answers.n_several,
        },
        "errors": r.errors.as_ref().map(|e| json!({
            "n_items": e.table.n(),
            "both_right": e.table.both_right,
            "only_a_right": e.table.first_right,
            "only_b_right": e.table.second_right,
            "both_wrong": subject.keys(&e.both_wrong),
            "consistency": e.consistency,
        })),
        "parted": parted.collect::<Vec<_>>(),
    })
}

/// The same for people.
pub(super) fn compare_blocks(subject: &Subject, found: &Result<CompareReport, Undefined>) -> Vec<Block> {
    let r = match found {
        Err(reason) => return vec![Block::Note(format!("Comparison: — {reason}"))],
        Ok(r) => r,
    };
    let data = subject.dataset;
    let [a, b] = [0, 1].map(|s| r.asked.sides[s].words(data));
    let name = |l: u32| data.labels.name(l).to_owned();
    let title = format!(
        "{a} (A) and {b} (B) part on {} of {} items",
        count(r.found.parted.len()),
        count(r.found.n_items)
    );
    let percent = |x: f64| format!("{:.1}", 100.0 * x);
    let rows = r.found.labels.iter().map(|l| {
        let interval = l
            .interval
            .map_or_else(|| "—".to_owned(), |(low, high)| format!("{} to {}", percent(low), percent(high)));
        vec![
            name(l.label),
            percent(l.shares[0]),
            percent(l.shares[1]),
            percent(l.difference()),
            interval,
            optional(l.kappa.map(|k| k.kappa)),
        ]
    });
    let head = ["label", "A %", "B %", "B − A", "95 % interval", "kappa"];
    let mut blocks = vec![table(&title, &head, 1, rows.collect())];
    let mut lines = vec![vec![
        "Cohen's kappa, by what each has most".to_owned(),
        optional(r.found.kappa.map(|k| k.kappa)),
    ]];
    if let Ok((found, _)) = &r.agreement {
        lines.push(vec!["within A".to_owned(), optional(found.within[0])]);
        lines.push(vec!["within B".to_owned(), optional(found.within[1])]);
        lines.push(vec!["between".to_owned(), optional(found.xrr)]);
    }
    if let Some(errors) = &r.errors {
        let (a, b) = errors.table.accuracies().unwrap_or_default();
        let n = count(errors.table.n() as usize);
        lines.push(vec![format!("A right, of {n} items with a trusted label"), rounded(a)]);
        lines.push(vec!["B right".to_owned(), rounded(b)]);
        lines.push(vec!["same errors, kappa of right and wrong".to_owned(), defined(&errors.consistency)]);
    }
    lines.push(vec!["answers in common, weighted Jaccard".to_owned(), defined(&r.found.answers.jaccard)]);
    lines.push(vec![format!("… of the {TOP} most given"), defined(&r.found.answers.top)]);
    blocks.push(table("", &["agreement", "value"], 1, lines));
    let rows =
        r.pairs.iter().take(SHOWN).map(|&(a, b)| vec![name(a), name(b), count(r.found.items(a, b).len())]);
    blocks.push(table("", &["A says", "B says", "items"], 2, rows.collect()));
    let rows = r
        .found
        .parted
        .iter()
        .take(SHOWN)
        .map(|p| vec![data.keys.get(p.item as usize).to_owned(), name(p.a), name(p.b), rounded(p.gap)]);
    blocks.push(table("", &["item", "A says", "B says", "gap"], 3, rows.collect()));
    more(&mut blocks, r.found.parted.len(), "the JSON report");
    if !r.tied.is_empty() {
        let n = count(r.tied.len());
        blocks.push(Block::Note(format!(
            "{n} items, of which a side says several labels alike, are not compared."
        )));
    }
    blocks
}
