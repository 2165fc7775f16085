//! Dimensions of taste, for programs and for people.

use serde_json::{Value, json};

use super::Subject;
use super::json::undefined;
use super::outline::{Block, SHOWN, count, more, p_value, rounded, table};
use crate::analysis::tastes::{Of, TastesReport};
use crate::stats::Undefined;

/// The section of the report for programs.
pub(super) fn tastes_json(subject: &Subject, found: &Result<TastesReport, Undefined>) -> Value {
    let r = match found {
        Err(reason) => return undefined(reason),
        Ok(r) => r,
    };
    let dataset = subject.dataset;
    let key = |item: u32| dataset.keys.get(item as usize).to_owned();
    let dimensions = r.found.dimensions.iter().zip(&r.ends).map(|(d, ends)| {
        let with = ends.with.iter().map(|w| {
            json!({
                "attribute": dataset.raters.attributes[w.attribute].0,
                "eta_squared": w.share,
                "adjusted_p": w.p,
            })
        });
        let raters = |end: usize| {
            ends.raters[end].iter().map(|&r| &dataset.raters.names[r as usize]).collect::<Vec<_>>()
        };
        let items = |end: usize| ends.items[end].iter().map(|&i| key(i)).collect::<Vec<_>>();
        let over = (r.rows.len() as f64).sqrt();
        let scales = r
            .scales
            .iter()
            .zip(&d.loadings)
            .map(|(name, loading)| json!({ "scale": name, "r": loading / over }));
        json!({
            "share": d.share,
            "share_by_chance": d.by_chance,
            "goes_with": with.collect::<Vec<_>>(),
            "raters": { "upper": raters(0), "lower": raters(1) },
            "items": { "upper": items(0), "lower": items(1) },
            "scales": scales.collect::<Vec<_>>(),
        })
    });
    json!({
        "of": match r.asked.of { Of::Raters => "raters", Of::Scales => "scales" },
        "label": r.label.map(|l| dataset.labels.name(l)),
        "n_rows": r.rows.len(),
        "n_columns": r.columns.len(),
        "n_rows_left_out": r.n_left_out[0],
        "n_columns_left_out": r.n_left_out[1],
        "n_cells_filled": r.n_filled,
        "n_permutations": r.found.n_permutations,
        "n_kept": r.found.n_kept,
        "dimensions": dimensions.collect::<Vec<_>>(),
        "telling_items": r.telling.iter().map(|&(item, share)| json!({ "item": key(item), "explained": share })).collect::<Vec<_>>(),
    })
}

/// The same for people.
pub(super) fn tastes_blocks(subject: &Subject, found: &Result<TastesReport, Undefined>) -> Vec<Block> {
    let r = match found {
        Err(reason) => return vec![Block::Note(format!("— {reason}"))],
        Ok(r) => r,
    };
    let dataset = subject.dataset;
    let (row, column) = match r.asked.of {
        Of::Raters => ("raters", "items"),
        Of::Scales => ("items", "scales"),
    };
    let mut words = format!(
        "{} {row} × {} {column}; {} of {} dimensions explain more than chance does in 19 of 20 tables at random.",
        count(r.rows.len()),
        count(r.columns.len()),
        r.found.n_kept,
        r.found.dimensions.len()
    );
    if let Some(label) = r.label {
        words.push_str(&format!(" A vote counts 1 where it says {}.", dataset.labels.name(label)));
    }
    let [rows, columns] = r.n_left_out;
    if rows + columns > 0 {
        words.push_str(&format!(
            " Left out, for too few votes or no numbers: {} {row}, {} {column}.",
            count(rows),
            count(columns)
        ));
    }
    let shown = r.found.dimensions.iter().zip(&r.ends).enumerate().take(SHOWN).map(|(at, (d, ends))| {
        let with = ends.with.first().map_or_else(String::new, |w| {
            let name = &dataset.raters.attributes[w.attribute].0;
            format!("{name}: {} of it, p {}", rounded(w.share), p_value(w.p))
        });
        vec![
            (at + 1).to_string(),
            rounded(d.share),
            rounded(d.by_chance),
            if at < r.found.n_kept { "kept" } else { "" }.to_owned(),
            with,
        ]
    });
    let head = ["dimension", "explains", "chance", "", "goes with"];
    let mut blocks = vec![Block::Note(words), table("", &head, 1, shown.collect())];
    more(&mut blocks, r.found.dimensions.len(), "the JSON report");
    if !r.telling.is_empty() {
        let rows = r
            .telling
            .iter()
            .map(|&(item, share)| vec![dataset.keys.get(item as usize).to_owned(), rounded(share)]);
        blocks.push(table(
            "Items that tell raters apart, chosen one by one",
            &["item", "explained so far"],
            1,
            rows.collect(),
        ));
    }
    blocks
}
