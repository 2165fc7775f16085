//! What a score rewards: for programs and for people.

use serde_json::{Value, json};

use super::json::undefined;
use super::outline::{Block, count, optional, rounded, table};
use crate::analysis::score_rewards::ScoreRewards;
use crate::stats::Undefined;

/// The section of the report for programs.
pub(super) fn score_rewards_json(found: &Result<ScoreRewards, Undefined>) -> Value {
    let r = match found {
        Err(reason) => return undefined(reason),
        Ok(r) => r,
    };
    let flags = r.rows.iter().map(|row| {
        json!({
            "flag": row.name,
            "cost": row.cost.0,
            "cost_ci": row.cost.1,
            "r_squared_lost_without": row.gain,
            "cost_within_raters": row.within,
            "rare": row.rare,
            "prevalence": row.prevalence,
            "prevalence_times_cost": row.prevalence * row.cost.0,
            "share_of_short_texts": row.by_length.map(|l| l.0),
            "share_of_long_texts": row.by_length.map(|l| l.1),
            "krippendorff_alpha": row.alpha,
            "n_items": row.items.len(),
        })
    });
    json!({
        "score": r.score,
        "penalty": r.asked.alpha,
        "n": r.fit.n,
        "n_incomplete": r.n_incomplete,
        "intercept": r.fit.intercept,
        "r_squared": r.fit.r_squared,
        "flags": flags.collect::<Vec<_>>(),
        "votes_within_raters": r.within.as_ref().map_or_else(undefined, |n| json!(n)),
        "path": r.path.iter().map(|(alpha, weights)| json!({ "penalty": alpha, "costs": weights })).collect::<Vec<_>>(),
        "left_out": r.left_out.iter().map(|(name, why)| json!({ "flag": name, "reason": why })).collect::<Vec<_>>(),
    })
}

/// The same for people.
pub(super) fn score_rewards_blocks(found: &Result<ScoreRewards, Undefined>) -> Vec<Block> {
    let r = match found {
        Err(reason) => return vec![Block::Note(format!("— {reason}"))],
        Ok(r) => r,
    };
    let rows = r.rows.iter().map(|row| {
        let ci = row.cost.1.map_or_else(String::new, |(a, b)| format!(" ({} … {})", rounded(a), rounded(b)));
        vec![
            row.name.clone(),
            format!("{}{ci}", rounded(row.cost.0)),
            rounded(row.gain),
            optional(row.within),
            rounded(row.prevalence),
            rounded(row.prevalence * row.cost.0),
            optional(row.by_length.map(|l| l.0)),
            optional(row.by_length.map(|l| l.1)),
            optional(row.alpha.value()),
        ]
    });
    let head = [
        "flag",
        "points lost",
        "R² lost without",
        "within raters",
        "share of items",
        "share × points",
        "of short texts",
        "of long texts",
        "α",
    ];
    let title = format!(
        "{}: {} items, {} without any flag, R² {}, penalty {}",
        r.score,
        count(r.fit.n),
        rounded(r.fit.intercept),
        rounded(r.fit.r_squared),
        r.asked.alpha
    );
    let mut blocks = vec![table(&title, &head, 1, rows.collect())];
    if r.n_incomplete > 0 {
        let words =
            format!("{} items with a score are left out: a flag is not known.", count(r.n_incomplete));
        blocks.push(Block::Note(words));
    }
    blocks.push(Block::Note(match &r.within {
        Ok(n) => format!("Within raters: ridge on {} votes less their rater’s mean.", count(*n)),
        Err(reason) => format!("Within raters: — {reason}"),
    }));
    for (name, why) in &r.left_out {
        blocks.push(Block::Note(format!("{name} is left out: {why}.")));
    }
    blocks
}
