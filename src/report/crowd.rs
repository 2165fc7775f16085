//! CROWDLAB alone: raters and the model as JSON, items as a table.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::json::{SCHEMA_VERSION, undefined};
use super::rows;
use crate::dataset::{Dataset, NO_LABEL};
use crate::stats::Undefined;
use crate::stats::aggregation::Crowdlab;

/// Writes what CROWDLAB says of raters and the model, or why it says nothing.
///
/// # Errors
/// Those of `out`.
pub fn crowd_json(
    data: &Dataset,
    found: &Result<Crowdlab, Undefined>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let section = match found {
        Err(reason) => undefined(reason),
        Ok(c) => section(data, c),
    };
    rows::write(&json!({ "schema_version": SCHEMA_VERSION, "crowdlab": section }), out)
}

fn section(data: &Dataset, c: &Crowdlab) -> Value {
    let qualities = || (0..c.consensus.len()).filter_map(|item| c.quality(item));
    let n = qualities().count();
    let raters: Vec<Value> = (0..c.rater_quality.len())
        .map(|r| {
            json!({
                "rater": data.raters.names.get(r),
                "quality": c.rater_quality[r],
                "agreement_with_consensus": c.rater_agreement_all[r],
                "agreement_on_shared_items": c.rater_agreement[r],
                "weight": c.rater_weight[r],
                "worst_label": c.worst_label[r].map(|l| data.labels.name(l)),
                "n_annotations": data.annotations.rows_of_rater(r).len(),
            })
        })
        .collect();
    json!({
        "n_items": n,
        "n_without_votes": c.consensus.len() - n,
        "mean_quality": (n > 0).then(|| qualities().sum::<f64>() / n as f64),
        "model_weights": c.model_weight,
        "raters": raters,
    })
}

/// Writes one row an item: its consensus, how good that is, and how many of its raters say so.
///
/// # Errors
/// Those of `out`.
pub fn crowd_items(data: &Dataset, c: &Crowdlab, out: &mut dyn Write) -> csv::Result<()> {
    let mut table = csv::Writer::from_writer(out);
    table.write_record(["item", "majority", "consensus", "quality", "agreement", "n_annotations"])?;
    let number = |x: Option<f64>| x.map_or(String::new(), |x| x.to_string());
    for (item, key) in data.keys.iter().enumerate() {
        let label = |labels: &[u32]| match labels.get(item) {
            Some(&label) if label != NO_LABEL => data.labels.name(label).to_owned(),
            _ => String::new(),
        };
        table.write_record([
            key,
            &label(&c.majority),
            &label(&c.consensus),
            &number(c.quality(item)),
            &number(c.agreement.get(item).copied().flatten()),
            &data.annotations.count(item).to_string(),
        ])?;
    }
    table.flush()?;
    Ok(())
}
