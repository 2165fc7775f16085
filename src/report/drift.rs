//! Drift of labels over batches, for programs and for people.

use serde_json::{Value, json};

use super::Subject;
use super::json::undefined;
use super::outline::{Block, SHOWN, count, more, optional, p_value, rounded, table};
use crate::analysis::drift::DriftReport;
use crate::stats::Undefined;
use crate::stats::drift::Distance;

/// The section of the report for programs.
pub(super) fn drift_json(subject: &Subject, found: &Result<DriftReport, Undefined>) -> Value {
    let r = match found {
        Err(reason) => return undefined(reason),
        Ok(r) => r,
    };
    let distance = |d: Option<Distance>| {
        d.map(|d| {
            json!({
                "tvd": d.tvd, "p_value": d.p_value, "adjusted_p": d.adjusted,
                "n_items_first": d.n_items.0, "n_items": d.n_items.1,
            })
        })
    };
    let batches = r.found.batches.iter().map(|b| {
        json!({
            "batch": r.names[b.batch as usize],
            "n_votes": b.n_votes,
            "shares": b.shares,
            "from_the_first": distance(b.all),
            "on_shared_items": distance(b.shared),
        })
    });
    let change = match &r.found.change {
        Err(reason) => undefined(reason),
        Ok(c) => json!({
            "batch": r.names[c.batch as usize], "tvd": c.tvd, "cusum": c.cusum, "p_value": c.p_value,
        }),
    };
    let time = match &r.found.time {
        Err(reason) => undefined(reason),
        Ok(t) => json!({ "batch": r.names[t.batch as usize], "final_tvd": t.final_tvd }),
    };
    json!({
        "by": r.by,
        "of": if r.by_votes { "votes" } else { "given labels" },
        "labels": r.found.labels.iter().map(|&l| subject.dataset.labels.name(l)).collect::<Vec<_>>(),
        "batches": batches.collect::<Vec<_>>(),
        "change": change,
        "done": time,
        "same_items": r.found.same_items,
        "permutations": r.permutations,
    })
}

/// The same for people.
pub(super) fn drift_blocks(found: &Result<DriftReport, Undefined>) -> Vec<Block> {
    let r = match found {
        Err(reason) => return vec![Block::Note(format!("— {reason}"))],
        Ok(r) => r,
    };
    let rows = r.found.batches.iter().take(SHOWN).map(|b| {
        vec![
            r.names[b.batch as usize].clone(),
            count(b.n_votes),
            optional(b.all.map(|d| d.tvd)),
            p_value(b.all.and_then(|d| d.adjusted)),
            optional(b.shared.map(|d| d.tvd)),
            p_value(b.shared.and_then(|d| d.adjusted)),
        ]
    });
    let head = ["batch", "labels", "from the first", "p", "on shared items", "p"];
    let mut blocks = vec![table(&format!("Labels by {}", r.by), &head, 1, rows.collect())];
    more(&mut blocks, r.found.batches.len(), "the JSON report");
    blocks.push(Block::Note(match &r.found.change {
        Err(reason) => format!("Change: — {reason}"),
        Ok(c) => format!(
            "They change most at {}: distance of all before from all after {} (p {}).",
            r.names[c.batch as usize],
            rounded(c.tvd),
            p_value(c.p_value)
        ),
    }));
    blocks
}
