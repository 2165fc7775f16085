//! Labels that stand beside other rows, for programs and for people.

use serde_json::{Value, json};

use super::json::undefined;
use super::outline::{Block as Shown, SHOWN, count, more, optional, rounded, table};
use crate::analysis::shifted::ShiftedReport;
use crate::stats::Undefined;
use crate::stats::shifted::{Block, Kind};

/// What a block looks like, in words.
pub fn shifted_words(block: &Block) -> String {
    match (block.kind, block.best) {
        (Kind::Shifted, Some(best)) => {
            let rows = if best.delta.abs() == 1 { "row" } else { "rows" };
            let way = if best.delta > 0 { "below" } else { "above" };
            format!("labels belong {} {rows} {way}", best.delta.abs())
        }
        (Kind::Dealt, _) => "labels fit as if dealt anew".to_owned(),
        _ => "as they should be".to_owned(),
    }
}

/// A mean of ln p within windows; `None` where there is no pair.
fn mean(block: &Block, sum: f64) -> Option<f64> {
    (block.pairing.n > 0).then(|| sum / block.pairing.n as f64)
}

pub(super) fn shifted_json(found: &Result<ShiftedReport, Undefined>) -> Value {
    let r = match found {
        Err(reason) => return undefined(reason),
        Ok(r) => r,
    };
    let blocks = r.blocks.iter().map(|b| {
        json!({
            "first_row": b.rows.start + 1,
            "last_row": b.rows.end,
            "n": b.n,
            "verdict": match b.kind { Kind::Straight => "straight", Kind::Shifted => "shifted", Kind::Dealt => "dealt_anew" },
            "mean_log": (b.n > 0).then_some(b.stands),
            "best_lag": b.best.map(|l| json!({ "lag": l.delta, "gain": l.gain, "se": l.se, "n": l.n })),
            "windows": {
                "as_they_stand": mean(b, b.pairing.stands),
                "best": mean(b, b.pairing.best),
                "by_chance": mean(b, b.pairing.chance),
                "z": b.pairing.z(),
            },
        })
    });
    json!({ "n_flagged": r.n_flagged, "n_flagged_items": r.flagged.len(), "blocks": blocks.collect::<Vec<_>>() })
}

pub(super) fn shifted_blocks(found: &Result<ShiftedReport, Undefined>) -> Vec<Shown> {
    let r = match found {
        Err(reason) => return vec![Shown::Note(format!("Labels beside other rows: — {reason}"))],
        Ok(r) => r,
    };
    let rows = r.blocks.iter().take(SHOWN).map(|b| {
        vec![
            format!("{}–{}", count(b.rows.start + 1), count(b.rows.end)),
            shifted_words(b),
            optional((b.n > 0).then_some(b.stands)),
            b.best.map_or_else(|| "—".to_owned(), |l| format!("{:+}", l.delta)),
            b.best.map_or_else(|| "—".to_owned(), |l| format!("{} ± {}", rounded(l.gain), rounded(l.se))),
            optional(mean(b, b.pairing.best)),
            optional(b.pairing.z()),
        ]
    });
    let title = format!(
        "Labels beside other rows: {} of {} blocks shifted or dealt anew",
        count(r.n_flagged),
        count(r.blocks.len())
    );
    let head = ["rows", "", "mean ln p", "best lag", "gain", "paired in windows", "z over chance"];
    let mut shown = vec![table(&title, &head, 2, rows.collect())];
    more(&mut shown, r.blocks.len(), "the JSON report");
    shown
}
