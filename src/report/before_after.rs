//! What a review has changed so far, for programs and for people.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::outline::{count, rounded, table};
use super::{Block, Outline, SCHEMA_VERSION, Section, rows};
use crate::analysis::before_after::{BeforeAfter, Change, Part, To, Unit};
use crate::dataset::{Dataset, LabelId, NO_LABEL};
use crate::stats::Statistic;

fn label(dataset: &Dataset, label: LabelId) -> Option<&str> {
    (label != NO_LABEL).then(|| dataset.labels.name(label))
}

/// Writes one object: numbers before, now and their difference by key, labels, and what became what.
///
/// # Errors
/// Those of `out`.
pub fn before_after_json(dataset: &Dataset, found: &BeforeAfter, out: &mut dyn Write) -> io::Result<()> {
    let numbers: Map<String, Value> = found
        .changes
        .iter()
        .map(|c| {
            let value = |s: &Statistic| match s {
                Statistic::Defined(e) => json!({ "value": e.value, "n_items": e.n_items }),
                undefined @ Statistic::Undefined(_) => json!(undefined),
            };
            let sides = json!({
                "before": value(&c.before.value),
                "now": value(&c.now.value),
                "difference": value(&c.difference()),
                "n_changed": c.changed.len(),
            });
            (c.measure.key.to_owned(), sides)
        })
        .collect();
    let labels: Vec<Value> = found
        .labels
        .iter()
        .map(|l| json!({ "label": label(dataset, l.label), "before": l.before, "now": l.now, "n_changed": l.changed.len() }))
        .collect();
    let flow: Vec<Value> = found
        .flow
        .iter()
        .map(|f| {
            let to = if let To::Label(l) = f.to { label(dataset, l) } else { None };
            json!({ "from": label(dataset, f.from), "to": to, "outcome": f.to.key(), "n": f.items.len() })
        })
        .collect();
    let whole = json!({
        "schema_version": SCHEMA_VERSION,
        "items": dataset.n_items(),
        "decided": found.n_decided,
        "numbers": numbers,
        "labels": labels,
        "flow": flow,
    });
    rows::write(&whole, out)
}

/// In words.
pub fn before_after_outline(dataset: &Dataset, found: &BeforeAfter) -> Outline {
    let note = format!("{} of {} items were decided.", count(found.n_decided), count(dataset.n_items()));
    let mut sections =
        vec![Section { title: "Before and after the review".into(), blocks: vec![Block::Note(note)] }];
    let header = ["", "before", "now", "difference", ""];
    for part in [Part::Health, Part::Disagreement, Part::Review] {
        let rows = found.changes.iter().filter(|c| c.measure.part == part).map(cells).collect();
        let blocks = vec![table("", &header, 1, rows)];
        sections.push(Section { title: part.words().to_owned(), blocks });
    }
    let name = |l: LabelId| label(dataset, l).unwrap_or("no label").to_owned();
    let rows = found
        .labels
        .iter()
        .map(|l| {
            vec![name(l.label), count(l.before), count(l.now), signed(l.now as f64 - l.before as f64, 0)]
        })
        .collect();
    sections.push(Section {
        title: "Labels".into(),
        blocks: vec![table("", &["label", "before", "now", "difference"], 1, rows)],
    });
    let rows: Vec<Vec<String>> =
        found.flow.iter().map(|f| vec![count(f.items.len()), name(f.from), f.to.words(dataset)]).collect();
    let blocks = if rows.is_empty() {
        vec![Block::Note("No label became another one.".into())]
    } else {
        vec![table("", &["items", "from", "to"], 0, rows)]
    };
    sections.push(Section { title: "What became what".into(), blocks });
    let title = if dataset.name.is_empty() { "Review" } else { &dataset.name }.to_owned();
    Outline { title, sections }
}

fn cells(c: &Change) -> Vec<String> {
    let of = |s: &Statistic, write: &dyn Fn(f64) -> String| s.value().map_or_else(|| "—".to_owned(), write);
    let value = |v: f64| match c.measure.unit {
        Unit::Count => count(v as u64),
        Unit::Share => format!("{:.1} %", 100.0 * v),
        Unit::Number => rounded(v),
    };
    let difference = |v: f64| match c.measure.unit {
        Unit::Count => signed(v, 0),
        Unit::Share => format!("{} points", signed(100.0 * v, 1)),
        Unit::Number => signed(v, 3),
    };
    let d = c.difference();
    vec![
        c.measure.words.to_owned(),
        of(&c.before.value, &value),
        of(&c.now.value, &value),
        of(&d, &difference),
        d.reason().unwrap_or_default(),
    ]
}

/// With its sign; a rounded zero has none.
fn signed(v: f64, digits: usize) -> String {
    let plain = format!("{:.digits$}", v.abs());
    let sign = match v {
        _ if plain.chars().all(|c| matches!(c, '0' | '.')) => "",
        v if v > 0.0 => "+",
        _ => "−",
    };
    format!("{sign}{plain}")
}
