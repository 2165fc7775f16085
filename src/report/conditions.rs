//! The same items under different conditions, for programs and for people.

use serde_json::{Value, json};

use super::json::undefined;
use super::outline::{Block, SHOWN, count, defined, more, optional, p_value, rounded, table};
use crate::analysis::conditions::{ConditionsReport, LEVEL, LIMITS};
use crate::stats::Undefined;
use crate::stats::conditions::{Component, Components};

/// What varies, in the order of shares.
fn parts(c: &Components) -> [(&'static str, &'static str, Component); 4] {
    [
        ("item", "items", c.item),
        ("condition", "conditions", c.condition),
        ("interaction", "items and conditions together", c.interaction),
        ("error", "raters and chance", c.error),
    ]
}

/// The section of the report for programs.
pub(super) fn conditions_json(found: &Result<ConditionsReport, Undefined>) -> Value {
    let r = match found {
        Err(reason) => return undefined(reason),
        Ok(r) => r,
    };
    let told = |value: &Result<f64, Undefined>| match value {
        Ok(value) => json!(value),
        Err(reason) => undefined(reason),
    };
    let conditions = r.conditions.iter().map(|c| {
        json!({
            "condition": c.name,
            "n_items": c.n_items,
            "n_ratings": c.n_ratings,
            "reliability": told(&c.reliability),
        })
    });
    let pairs = r.pairs.iter().map(|p| {
        let f = &p.found;
        json!({
            "a": r.conditions[p.conditions[0]].name,
            "b": r.conditions[p.conditions[1]].name,
            "n_items": f.n_items,
            "pearson": f.pearson,
            "spearman": f.spearman,
            "kendall_tau_b": f.kendall,
            "corrected": f.corrected,
            "corrected_exceeds_one": f.exceeds_one(),
            "mean_shift": f.mean_shift,
            "sd_shift": f.sd_shift,
            "n_moved": p.n_moved,
            "shifts": f.shifts.iter().map(|s| json!({
                "item": r.things[s.item as usize], "shift": s.shift, "z": s.z, "p_value": s.p_value,
                "adjusted_p": s.adjusted, "outright": s.outright,
            })).collect::<Vec<_>>(),
        })
    });
    let components = match &r.components {
        Err(reason) => undefined(reason),
        Ok(c) => {
            let mut all = json!({
                "n_items": c.n_items, "n_conditions": c.n_conditions, "ratings_a_cell": c.per_cell,
                "balanced": c.balanced,
            });
            for (id, _, part) in parts(c) {
                all[id] = json!({
                    "mean_square": part.mean_square, "variance": part.variance, "share": part.share,
                    "was_negative": part.negative,
                });
            }
            all
        }
    };
    json!({
        "by": r.by,
        "same_by": r.link,
        "of": if r.by_votes { "votes" } else { "given labels" },
        "n_items": r.things.len(),
        "conditions": conditions.collect::<Vec<_>>(),
        "pairs": pairs.collect::<Vec<_>>(),
        "variance": components,
        "n_judged": r.n_judged,
        "reliable": LIMITS.iter().zip(&r.n_reliable).map(|(limit, n)| json!({
            "below": limit, "n_items": n,
        })).collect::<Vec<_>>(),
    })
}

/// The same for people.
pub(super) fn conditions_blocks(found: &Result<ConditionsReport, Undefined>) -> Vec<Block> {
    let r = match found {
        Err(reason) => return vec![Block::Note(format!("— {reason}"))],
        Ok(r) => r,
    };
    let rows = r.conditions.iter().map(|c| {
        let reliability = c.reliability.as_ref().map_or_else(|why| format!("— {why}"), |v| rounded(*v));
        vec![c.name.clone(), count(c.n_items), count(c.n_ratings), reliability]
    });
    let head = ["condition", "items", "ratings", "reliability of means"];
    let mut blocks = vec![table(&format!("The same {} by {}", r.link, r.by), &head, 1, rows.collect())];
    let rows = r.pairs.iter().take(SHOWN).map(|p| {
        let f = &p.found;
        vec![
            r.conditions[p.conditions[0]].name.clone(),
            r.conditions[p.conditions[1]].name.clone(),
            count(f.n_items),
            defined(&f.pearson),
            defined(&f.spearman),
            defined(&f.kendall),
            optional(f.corrected.value()),
            optional(f.mean_shift.value()),
            count(p.n_moved),
        ]
    });
    let head = ["A", "B", "items", "r", "ρ", "τ", "r corrected", "A − B", "moved"];
    blocks.push(table("Conditions against each other", &head, 2, rows.collect()));
    more(&mut blocks, r.pairs.len(), "the JSON report");
    if r.pairs.iter().any(|p| p.found.exceeds_one()) {
        let note =
            "A corrected correlation above 1 says that reliabilities are too low, or that chance helped.";
        blocks.push(Block::Note(note.to_owned()));
    }
    for p in &r.pairs {
        if let Some(most) = p.found.moved(LEVEL).next() {
            blocks.push(Block::Note(format!(
                "{} against {}: “{}” moved most, by {} (z {}, adjusted p {}).",
                r.conditions[p.conditions[0]].name,
                r.conditions[p.conditions[1]].name,
                r.things[most.item as usize],
                rounded(most.shift),
                optional(most.z),
                p_value(most.adjusted)
            )));
        }
    }
    blocks.push(match &r.components {
        Err(reason) => Block::Note(format!("Shares of variance: — {reason}")),
        Ok(c) => {
            let rows = parts(c).map(|(_, what, part)| {
                let note = if part.negative { "estimated below 0, taken for 0" } else { "" };
                vec![what.to_owned(), rounded(part.variance), rounded(part.share), note.to_owned()]
            });
            let about =
                if c.balanced { "" } else { ", approximate: cells differ in their numbers of ratings" };
            let title = format!("What the variance of ratings is of, {} items{about}", count(c.n_items));
            table(&title, &["source", "variance", "share", ""], 1, rows.to_vec())
        }
    });
    if r.n_judged > 0 {
        let below = LIMITS.iter().zip(&r.n_reliable).map(|(limit, n)| format!("{} below {limit}", count(*n)));
        blocks.push(Block::Note(format!(
            "Of {} items with two ratings or more under each of their conditions, the largest disagreement is: {}.",
            count(r.n_judged),
            below.collect::<Vec<_>>().join(", ")
        )));
    }
    blocks
}
