//! Which properties win: for programs and for people.

use serde_json::{Value, json};

use super::Subject;
use super::json::undefined;
use super::outline::{Block, count, optional, rounded, table};
use crate::analysis::what_wins::{FactorRow, WhatWins};
use crate::stats::Undefined;
use crate::stats::preference_factors::Concordance;

fn concordance(c: &Concordance) -> Value {
    let (more, less, same) = c.counts;
    let share = c.share();
    json!({
        "winner_has_more": more, "winner_has_less": less, "as_much": same,
        "s": c.score(), "p": share.map(|s| s.0), "p_ci": share.map(|s| s.1),
    })
}

/// The section of the report for programs.
pub(super) fn what_wins_json(subject: &Subject, found: &Result<WhatWins, Undefined>) -> Value {
    let r = match found {
        Err(reason) => return undefined(reason),
        Ok(r) => r,
    };
    let properties = r.rows.iter().map(|row| {
        json!({
            "property": row.name,
            "weight": row.weight.as_ref().map(|w| w.joint),
            "weight_ci": row.weight.as_ref().map(|w| w.ci),
            "weight_alone": row.weight.as_ref().map(|w| w.alone),
            "gain": row.weight.as_ref().map(|w| w.gain),
            "all": concordance(&row.all),
            "people": row.sides.as_ref().map(|s| concordance(&s.0)),
            "models": row.sides.as_ref().map(|s| concordance(&s.1)),
            "n_items_against": row.against.len(),
        })
    });
    let side = match &r.weights {
        Err(reason) => undefined(reason),
        Ok(w) => json!({ "first_wins": w.first, "beta": w.side.0, "beta_ci": w.side.1, "n": w.n }),
    };
    let order = match &r.order {
        Err(reason) => undefined(reason),
        Ok(tau) => json!({ "value": tau }),
    };
    let personal = match &r.personal {
        Err(reason) => undefined(reason),
        Ok(p) => json!({
            "auc_of_all": p.shared,
            "auc_of_ones_own": p.own,
            "n_held_out": p.n,
            "raters": p.raters.iter().map(|(rater, away)| json!({
                "rater": subject.dataset.raters.names.get(*rater as usize),
                "away_from_all": r.names.iter().zip(away).map(|(name, d)| json!({ "property": name, "value": d })).collect::<Vec<_>>(),
            })).collect::<Vec<_>>(),
        }),
    };
    json!({
        "first": r.sides.0,
        "second": r.sides.1,
        "n_choices": r.n,
        "n_ties": r.n_ties,
        "n_passed_over": r.n_passed_over,
        "n_incomplete": r.n_incomplete,
        "control": r.control,
        "properties": properties.collect::<Vec<_>>(),
        "side": side,
        "lean": r.lean(),
        "people_and_models": r.n_of.map(|(people, models)| json!({ "n_people": people, "n_models": models })),
        "order_agreement": order,
        "factors": r.factors.as_ref().map(|f| match f {
            Err(reason) => undefined(reason),
            Ok(f) => json!({
                "columns": f.stem,
                "prior": f.prior,
                "factors": f.rows.iter().map(|row| json!({
                    "factor": row.name, "worth": row.worth, "won": row.won_lost.0, "lost": row.won_lost.1,
                })).collect::<Vec<_>>(),
            }),
        }),
        "raters_own": personal,
        "left_out": r.left_out.iter().map(|(name, why)| json!({ "property": name, "reason": why })).collect::<Vec<_>>(),
    })
}

/// The same for people.
pub(super) fn what_wins_blocks(subject: &Subject, found: &Result<WhatWins, Undefined>) -> Vec<Block> {
    let r = match found {
        Err(reason) => return vec![Block::Note(format!("— {reason}"))],
        Ok(r) => r,
    };
    let both = r.n_of.is_some();
    let rows = r.rows.iter().map(|row| {
        let w = row.weight.as_ref();
        let share = row.all.share().map_or_else(
            || "—".to_owned(),
            |(p, (low, high))| format!("{} ({} … {})", rounded(p), rounded(low), rounded(high)),
        );
        let mut cells = vec![
            row.name.clone(),
            w.map_or_else(
                || "—".to_owned(),
                |w| format!("{} ({} … {})", rounded(w.joint), rounded(w.ci.0), rounded(w.ci.1)),
            ),
            optional(w.map(|w| w.alone)),
            optional(w.map(|w| w.gain)),
            optional(row.all.score()),
            share,
        ];
        if both {
            let of = |c: Option<&Concordance>| optional(c.and_then(Concordance::score));
            cells.push(of(row.sides.as_ref().map(|s| &s.0)));
            cells.push(of(row.sides.as_ref().map(|s| &s.1)));
        }
        cells
    });
    let mut head = vec!["property", "weight", "alone", "gain", "s", "winner has more"];
    if both {
        head.extend(["s of people", "s of models"]);
    }
    let title = format!("{} against {}: {} choices", r.sides.0, r.sides.1, count(r.n));
    let mut blocks = vec![table(&title, &head, 1, rows.collect())];
    let control = match &r.control {
        Some(name) => format!("Weights alone are beside {name}."),
        None => "No property is a length: weights alone are beside none.".to_owned(),
    };
    blocks.push(Block::Note(format!(
        "{control} {} ties and {} votes that say nothing are left out; {} choices are of items with a property unknown.",
        count(r.n_ties),
        count(r.n_passed_over),
        count(r.n_incomplete)
    )));
    if let Err(reason) = &r.weights {
        blocks.push(Block::Note(format!("Weights: — {reason}")));
    } else {
        blocks.push(Block::Note(r.lean()));
    }
    if both {
        blocks.push(Block::Note(match &r.order {
            Ok(tau) => {
                format!("People and models order the properties with a Kendall’s τ of {}.", rounded(*tau))
            }
            Err(reason) => format!("Order of properties, people and models: — {reason}"),
        }));
    }
    match &r.factors {
        None => {}
        Some(Err(reason)) => blocks.push(Block::Note(format!("Factors: — {reason}"))),
        Some(Ok(f)) => {
            let row = |row: &FactorRow| {
                let (won, lost) = row.won_lost;
                vec![row.name.clone(), rounded(row.worth), count(won as usize), count(lost as usize)]
            };
            let title = match f.prior {
                Some(prior) => format!("Factors ({}), with {prior} wins more each way", f.stem),
                None => format!("Factors ({})", f.stem),
            };
            let rows = f.rows.iter().map(row).collect();
            blocks.push(table(&title, &["factor", "worth", "won", "lost"], 1, rows));
        }
    }
    blocks.push(Block::Note(r.taste()));
    if let Ok(p) = &r.personal {
        let own = p.raters.iter().filter_map(|(rater, away)| {
            let (at, most) = away.iter().enumerate().max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()))?;
            let name = subject.dataset.raters.names.get(*rater as usize)?;
            Some(vec![name.clone(), r.names.get(at)?.clone(), rounded(*most)])
        });
        let head = ["rater", "farthest from all in", "by"];
        blocks.push(table("Raters", &head, 2, own.take(20).collect()));
    }
    for (name, why) in &r.left_out {
        blocks.push(Block::Note(format!("{name} is left out: {why}.")));
    }
    blocks
}
