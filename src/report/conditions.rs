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
            "krippendorff_alpha": c.alpha,
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
    let systems = r.systems.as_ref().map(|s| {
        let name = |at: usize| &s.names[at];
        let conditions = r.conditions.iter().zip(&s.means).zip(&s.pairs).map(|((c, means), pairs)| {
            json!({
                "condition": c.name,
                "means": s.names.iter().zip(means).map(|(n, m)| json!({ "system": n, "mean": m })).collect::<Vec<_>>(),
                "pairs": pairs.iter().map(|p| json!({
                    "a": name(p.a), "b": name(p.b), "a_wins": p.wins[0], "ties": p.wins[1], "b_wins": p.wins[2],
                    "p_value": told(&p.p_value), "adjusted_p": p.adjusted, "above": match p.direction {
                        1 => Some(name(p.a)),
                        -1 => Some(name(p.b)),
                        _ => None,
                    },
                })).collect::<Vec<_>>(),
            })
        });
        let named = |all: &[usize]| all.iter().map(|&c| r.conditions[c].name.clone()).collect::<Vec<_>>();
        let turned = s.turned.iter().map(|t| {
            json!({
                "a": name(t.systems[0]), "b": name(t.systems[1]),
                "a_above_under": named(&t.conditions[0]), "b_above_under": named(&t.conditions[1]),
            })
        });
        json!({ "by": s.by, "conditions": conditions.collect::<Vec<_>>(), "change_places": turned.collect::<Vec<_>>() })
    });
    json!({
        "by": r.by,
        "systems": systems,
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
        vec![c.name.clone(), count(c.n_items), count(c.n_ratings), reliability, defined(&c.alpha)]
    });
    let head = ["condition", "items", "ratings", "reliability of means", "α of votes"];
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
    if let Some(s) = &r.systems {
        let rows = s.names.iter().enumerate().map(|(i, name)| {
            std::iter::once(name.clone()).chain(s.means.iter().map(|m| optional(m[i]))).collect()
        });
        let names = r.conditions.iter().map(|c| c.name.as_str());
        let head: Vec<&str> = std::iter::once(s.by.as_str()).chain(names).collect();
        blocks.push(table("Mean ratings", &head, 1, rows.collect()));
        let said = s.turned.iter().map(|t| {
            let under = |side: usize| {
                t.conditions[side]
                    .iter()
                    .map(|&c| r.conditions[c].name.as_str())
                    .collect::<Vec<_>>()
                    .join(", ")
            };
            let [a, b] = t.systems.map(|at| &s.names[at]);
            format!("{a} comes out above {b} under {}, and below under {}.", under(0), under(1))
        });
        let mut said: Vec<String> = said.collect();
        if said.is_empty() {
            said.push("No two systems change places by more than chance (signed ranks, Holm).".to_owned());
        }
        blocks.push(Block::Note(said.join(" ")));
    }
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
