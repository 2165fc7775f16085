//! What is hard for people and for models, for programs and for people.

use serde_json::{Value, json};

use super::Subject;
use super::json::undefined;
use super::outline::{Block, SHOWN, count, defined, more, optional, table};
use crate::analysis::difficulty::{DifficultyReport, ItemDifficulty, QUADRANTS};
use crate::stats::difficulty::{FASTEST_S, Times};
use crate::stats::{Statistic, Undefined};

/// Most items in the report for programs.
const MOST_ITEMS: usize = 10_000;

fn item(subject: &Subject, i: &ItemDifficulty) -> Value {
    json!({
        "item": subject.dataset.keys.get(i.item as usize),
        "people": i.people, "models": i.models, "b": i.b, "item_rest_r": i.rest, "log_seconds": i.log_time,
        "n_votes": i.n_votes,
    })
}

/// The section of the report for programs.
pub(super) fn difficulty_json(subject: &Subject, found: &Result<DifficultyReport, Undefined>) -> Value {
    let r = match found {
        Err(reason) => return undefined(reason),
        Ok(r) => r,
    };
    let two = |s: &[Statistic; 2]| json!({ "spearman": s[0], "pearson": s[1] });
    json!({
        "people_are": r.people,
        "models_are": r.models,
        "models": r.names,
        "n_items": r.items.len(),
        "n_without_trusted_label": r.n_without_gold,
        "correlations": r.pairs.iter().map(|p| json!({
            "of": p.name, "items": two(&p.items), "conditions": p.conditions.as_ref().map(two),
        })).collect::<Vec<_>>(),
        "quadrants": r.quadrants.as_ref().map_or_else(undefined, |q| json!({
            "median_people": q.splits[0].median,
            "median_models": q.splits[1].median,
            "counts": QUADRANTS.iter().zip(&q.items).map(|(name, items)| json!({ "quadrant": name, "n": items.len() })).collect::<Vec<_>>(),
        })),
        "condition_column": r.conditions.as_ref().map(|c| &c.0),
        "conditions": r.conditions.as_ref().map(|c| c.1.iter().map(|c| json!({
            "condition": c.name, "n_items": c.items.len(),
            "people": c.means[0], "models": c.means[1], "log_seconds": c.means[2],
        })).collect::<Vec<_>>()),
        "times": r.times.as_ref().map(|t| json!({
            "n_too_short": t.n_fast, "n_too_long": t.n_slow, "longest_s": t.slowest_s,
        })),
        "items": r.items.iter().take(MOST_ITEMS).map(|i| item(subject, i)).collect::<Vec<_>>(),
    })
}

/// Times that are dropped, in words.
pub fn times_words(t: &Times) -> String {
    let slow = t
        .slowest_s
        .map_or_else(String::new, |s| format!(" and {} above {s:.1} s (median + 5 MAD)", count(t.n_slow)));
    format!("{} below {FASTEST_S} s{slow} are dropped", count(t.n_fast))
}

fn with_interval(s: &Statistic) -> String {
    match s.estimate().and_then(|e| e.ci) {
        Some((low, high)) => format!("{} ({low:.2} … {high:.2})", defined(s)),
        None => defined(s),
    }
}

/// The same for people.
pub(super) fn difficulty_blocks(
    subject: &Subject,
    found: &Result<DifficultyReport, Undefined>,
) -> Vec<Block> {
    let r = match found {
        Err(reason) => return vec![Block::Note(format!("Difficulty: — {reason}"))],
        Ok(r) => r,
    };
    let by = r.conditions.as_ref().map(|c| (c.0.as_str(), c.1.len()));
    let rows = r.pairs.iter().map(|p| {
        let n = p.items[0].estimate().map_or(0, |e| e.n_items);
        let mut cells =
            vec![p.name.to_owned(), with_interval(&p.items[0]), with_interval(&p.items[1]), count(n)];
        if by.is_some() {
            let of = |at: usize| p.conditions.as_ref().map_or_else(|| "—".to_owned(), |c| defined(&c[at]));
            cells.extend([of(0), of(1)]);
        }
        cells
    });
    let mut head = vec!["difficulty of", "ρ", "r", "items"];
    if by.is_some() {
        head.extend(["ρ of conditions", "r of conditions"]);
    }
    let caption = format!("Difficulty: {}; {}", r.people, r.models);
    let mut blocks = vec![table(&caption, &head, 1, rows.collect())];
    if let Some((name, n)) = by {
        blocks.push(Block::Note(format!(
            "Over {} conditions ({name}) correlations are of means: they are larger than over items, and say nothing of single items.",
            count(n)
        )));
    }
    match &r.quadrants {
        Err(reason) => blocks.push(Block::Note(format!("Quadrants: — {reason}"))),
        Ok(q) => {
            let rows = QUADRANTS
                .iter()
                .zip(&q.items)
                .map(|(name, items)| vec![(*name).to_owned(), count(items.len())]);
            blocks.push(table("Quadrants, by medians", &["quadrant", "items"], 1, rows.collect()));
            let listed = &q.items[1];
            let known = listed.iter().take(SHOWN).filter_map(|&item| {
                let at = r.items.binary_search_by_key(&item, |i| i.item).ok()?;
                let i = &r.items[at];
                let key = subject.dataset.keys.get(item as usize).to_owned();
                Some(vec![
                    key,
                    format!("{:.3}", i.people),
                    optional(i.models),
                    optional(i.b),
                    count(i.n_votes),
                ])
            });
            if !listed.is_empty() {
                let head = ["item", "people", "models", "b", "votes"];
                blocks.push(table("Hard for people, easy for models", &head, 1, known.collect()));
                more(&mut blocks, listed.len(), "the view");
            }
        }
    }
    blocks.extend(r.times.as_ref().map(|t| Block::Note(format!("Of times, {}.", times_words(t)))));
    if r.n_without_gold > 0 {
        blocks.push(Block::Note(format!(
            "{} items have no trusted label and are left out.",
            count(r.n_without_gold)
        )));
    }
    blocks
}
