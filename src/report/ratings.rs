//! Ratings that are far off, for programs and for people.

use serde_json::{Value, json};

use super::Subject;
use super::json::undefined;
use super::outline::{Block, SHOWN, count, more, rounded, table};
use crate::analysis::ratings::{Expected, RatingRow, RatingsReport};
use crate::stats::Undefined;

/// For programs.
pub(super) fn ratings_json(subject: &Subject, found: &Result<RatingsReport, Undefined>) -> Value {
    let r = match found {
        Err(reason) => return undefined(reason),
        Ok(r) => r,
    };
    let row = |row: &RatingRow| {
        json!({
            "item": subject.dataset.keys.get(row.item as usize),
            "rater": row.rater.map(|r| subject.rater_name(r as usize)),
            "rating": row.value,
            "expected": row.expected,
            "residual_score": row.residual,
            "outre": row.outre,
        })
    };
    json!({
        "expected_by": r.expected.map(|e| match e { Expected::Model => "model", Expected::Votes => "votes" }),
        "n_flagged": r.flagged.len(),
        "given": r.given.iter().map(row).collect::<Vec<_>>(),
        "n_single": r.n_single.1,
        "n_single_flagged": r.n_single.0,
        "single": r.single.iter().map(row).collect::<Vec<_>>(),
    })
}

/// For people.
pub(super) fn ratings_blocks(subject: &Subject, found: &Result<RatingsReport, Undefined>) -> Vec<Block> {
    let r = match found {
        Err(reason) => return vec![Block::Note(format!("Ratings: — {reason}"))],
        Ok(r) => r,
    };
    let row = |row: &RatingRow| {
        let by = row.rater.map_or_else(|| "given label".to_owned(), |r| subject.rater_name(r as usize));
        let key = subject.dataset.keys.get(row.item as usize).to_owned();
        let score = rounded(row.outre.unwrap_or(row.residual));
        vec![key, by, rounded(row.value), rounded(row.expected), score]
    };
    let head = ["item", "by", "rating", "expected", "score"];
    let given =
        format!("Given ratings that are far off: {} of {}", count(r.flagged.len()), count(r.given.len()));
    let single =
        format!("Single ratings that are far off: {} of {}", count(r.n_single.0), count(r.n_single.1));
    let mut blocks = vec![table(&given, &head, 2, r.given.iter().take(SHOWN).map(row).collect())];
    more(&mut blocks, r.given.len(), "the JSON report");
    blocks.push(table(&single, &head, 2, r.single.iter().take(SHOWN).map(row).collect()));
    more(&mut blocks, r.single.len(), "the JSON report");
    blocks
}
