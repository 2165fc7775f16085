//! Counted wins against added-up strengths, and who wins within each thing: for programs and for people.

use serde_json::{Value, json};

use super::json::undefined;
use super::outline::{Block, count, rounded, table};
use crate::analysis::preferences::Preferences;
use crate::stats::preference_factors::{Cardinal, Verdict};

fn cardinal(c: &Cardinal) -> Value {
    json!({
        "n": c.n,
        "wins": c.wins.0,
        "wins_ci": c.wins.1,
        "mean_strength": c.strength.0,
        "mean_strength_ci": c.strength.1,
        "p_wins_above_half": c.drawn.0,
        "p_strength_below_0": c.drawn.1,
        "p_conflict": c.drawn.2,
        "verdict": c.verdict.words(),
        "raters_left_out": c.n_left_out,
    })
}

/// A part of the section on preferences, for programs.
pub(super) fn strengths_json(p: &Preferences) -> Value {
    let s = match &p.strengths {
        Err(reason) => return undefined(reason),
        Ok(s) => s,
    };
    let name = |at: u32| p.options.get(at as usize).map(|o| &o.name);
    let pairs = s.pairs.iter().map(|pair| {
        json!({
            "first": name(pair.options.0),
            "second": name(pair.options.1),
            "as_given": cardinal(&pair.found),
            "per_rater": pair.per_rater.as_ref().map_or_else(undefined, cardinal),
            "verdict_with_a_lot_as_3": pair.at_three.map(Verdict::words),
            "n_items_behind": pair.drivers.len(),
        })
    });
    json!({
        "from": s.from,
        "n_conflicts": s.n_conflicts(),
        "pairs": pairs.collect::<Vec<_>>(),
        "n_pairs_passed_over": s.n_passed_over,
    })
}

/// The same for people.
pub(super) fn strengths_blocks(p: &Preferences) -> Vec<Block> {
    let s = match &p.strengths {
        Err(reason) => return vec![Block::Note(format!("Counted against added up: — {reason}"))],
        Ok(s) => s,
    };
    let name = |at: u32| p.options.get(at as usize).map_or("", |o| o.name.as_str());
    let rows = s.pairs.iter().map(|pair| {
        let (f, (low, high)) = (&pair.found, pair.found.wins.1);
        let ci =
            f.strength.1.map_or_else(String::new, |(a, b)| format!(" ({} … {})", rounded(a), rounded(b)));
        vec![
            format!("{} against {}", name(pair.options.0), name(pair.options.1)),
            format!("{} ({} … {})", rounded(f.wins.0), rounded(low), rounded(high)),
            format!("{}{ci}", rounded(f.strength.0)),
            rounded(f.drawn.2),
            f.verdict.words().to_owned(),
            pair.per_rater.as_ref().map_or("—", |c| c.verdict.words()).to_owned(),
            pair.at_three.map_or("—", |v| v.words()).to_owned(),
        ]
    });
    let head = [
        "pair",
        "share of wins",
        "mean strength",
        "P(conflict)",
        "verdict",
        "by each rater's scale",
        "a lot = 3",
    ];
    let mut blocks =
        vec![table(&format!("Counted against added up, from {}", s.from), &head, 1, rows.collect())];
    if s.n_passed_over > 0 {
        let words = format!("{} pairs with fewer comparisons were not looked at.", count(s.n_passed_over));
        blocks.push(Block::Note(words));
    }
    blocks
}

/// Who wins within each thing, for programs.
pub(super) fn within_json(p: &Preferences) -> Value {
    let w = match &p.within {
        Err(reason) => return undefined(reason),
        Ok(w) => w,
    };
    let contests = w.contests.iter().map(|c| {
        json!({
            "name": c.name,
            "top": p.options.get(c.top.0 as usize).map(|o| &o.name),
            "beats_every_other": c.top.1,
            "margin": c.margin,
        })
    });
    json!({
        "column": w.column,
        "n": w.n.0,
        "n_won": w.n.1,
        "n_flipped": w.n_flipped,
        "contests": contests.collect::<Vec<_>>(),
    })
}

/// The same for people.
pub(super) fn within_blocks(p: &Preferences) -> Vec<Block> {
    let Ok(w) = &p.within else { return Vec::new() };
    let (n, won) = w.n;
    vec![Block::Note(format!(
        "Within each {}: {} of {} have a candidate that beats every other; {} comparisons went by the order of the two and count as ties.",
        w.column,
        count(won),
        count(n),
        count(w.n_flipped)
    ))]
}
