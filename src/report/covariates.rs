//! What goes with disagreement, for programs and for people.

use serde_json::{Value, json};

use super::json::undefined;
use super::outline::{Block, SHOWN, count, more, optional, p_value, rounded, table};
use crate::analysis::covariates::{CovariatesReport, Disagreement};
use crate::stats::Undefined;
use crate::stats::covariates::{Correlated, Found, Side};
use crate::stats::two_samples::TTest;

/// The section of the report for programs.
pub(super) fn covariates_json(found: &Result<CovariatesReport, Undefined>) -> Value {
    let r = match found {
        Err(reason) => return undefined(reason),
        Ok(r) => r,
    };
    let t = |test: &Result<TTest, Undefined>| match test {
        Err(reason) => undefined(reason),
        Ok(t) => json!({ "t": t.t, "df": t.df, "p_value": t.p_value }),
    };
    let correlated = |test: &Result<Correlated, Undefined>| match test {
        Err(reason) => undefined(reason),
        Ok(r) => json!({ "r": r.r, "p_value": r.p_value }),
    };
    let side = |side: &Side| json!({ "n": side.n, "mean": side.mean });
    let rows = r.rows.iter().map(|row| {
        let mut told = match &row.test.found {
            Found::Groups(two) => json!({
                "kind": "binary",
                "without": side(&two.first),
                "with": side(&two.second),
                "welch": t(&two.welch),
                "student": t(&two.student),
                "mann_whitney": match &two.mann_whitney {
                    Err(reason) => undefined(reason),
                    Ok(m) => json!({ "u": m.u, "p_value": m.p_value, "exact": m.exact }),
                },
                "cohen_d": match &two.cohen_d {
                    Err(reason) => undefined(reason),
                    Ok(d) => json!(d),
                },
            }),
            Found::Numbers(two) => json!({
                "kind": "number",
                "n": two.n,
                "pearson": correlated(&two.pearson),
                "spearman": correlated(&two.spearman),
            }),
        };
        told["property"] = json!(row.name);
        told["n_missing"] = json!(row.test.n_missing);
        told["adjusted_p"] = json!(row.test.adjusted);
        told["adjusted_p_of_ranks"] = json!(row.test.adjusted_rank);
        told["parts"] =
            row.bars.iter().map(|b| json!({ "part": b.name, "n": b.n, "mean": b.mean })).collect::<Value>();
        told
    });
    json!({
        "of": match r.asked.of { Disagreement::Votes => "votes", Disagreement::Highlights => "highlights" },
        "n_items": r.n_items,
        "mean_disagreement": r.mean,
        "properties": rows.collect::<Vec<_>>(),
        "n_left_out": r.n_more,
    })
}

/// The same for people.
pub(super) fn covariates_blocks(found: &Result<CovariatesReport, Undefined>) -> Vec<Block> {
    let r = match found {
        Err(reason) => return vec![Block::Note(format!("— {reason}"))],
        Ok(r) => r,
    };
    let rows = r.rows.iter().take(SHOWN).map(|row| {
        let (n, means) = match &row.test.found {
            Found::Groups(two) => {
                let mean = |s: &Side| optional(s.mean);
                (count(two.second.n), format!("{} without, {} with", mean(&two.first), mean(&two.second)))
            }
            Found::Numbers(two) => {
                let r = two.pearson.as_ref().map_or_else(|why| format!("— {why}"), |r| rounded(r.r));
                (count(two.n), format!("r {r}"))
            }
        };
        vec![row.name.clone(), n, means, p_value(row.test.adjusted), p_value(row.test.adjusted_rank)]
    });
    let counted = match r.asked.of {
        Disagreement::Votes => "items with two votes or more",
        Disagreement::Highlights => "texts with two raters of whom one marked something",
    };
    let title =
        format!("What goes with disagreement, {} {counted}, mean {}", count(r.n_items), rounded(r.mean));
    let head = ["property", "items", "disagreement", "p", "p of ranks"];
    let mut blocks = vec![table(&title, &head, 3, rows.collect())];
    more(&mut blocks, r.rows.len(), "the JSON report");
    blocks.push(Block::Note(
        "Of a property that items have or have not: Welch's t; of a number: Pearson's r. P-values are adjusted over all properties.".to_owned(),
    ));
    blocks
}
