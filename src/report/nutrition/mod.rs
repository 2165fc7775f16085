//! The dataset nutrition label on its way out: one page of HTML, Markdown, words for a terminal, or JSON.

mod about;
mod page;
mod svg;
mod words;

pub use about::{About, Field, NOT_PROVIDED, Variable};
pub use page::nutrition_html;
pub use words::{figure, frequent, nutrition_outline, percent, unique};

use serde_json::{Map, Value, json};

use super::ReviewSummary;
use crate::analysis::nutrition::{AnnotationPart, Column, ColumnsReport, Spread};
use crate::dataset::Dataset;
use crate::formats::RowIs;
use crate::stats::Undefined;
use crate::stats::nutrition::{Axis, FEW, Frequent, MANY, Ticks};

/// Longest value in JSON, in characters.
const LONGEST: usize = 1000;

/// Everything that a label is written from.
#[derive(Debug, Clone, Copy)]
pub struct NutritionLabel<'a> {
    /// What it is about.
    pub dataset: &'a Dataset,
    /// What people say of it.
    pub about: &'a About,
    /// What its columns hold, or why they cannot be read.
    pub columns: Result<&'a ColumnsReport, &'a Undefined>,
    /// What stands behind its labels.
    pub annotation: &'a AnnotationPart,
    /// What a reviewer decided.
    pub review: ReviewSummary,
}

impl NutritionLabel<'_> {
    /// What the dataset is called.
    pub fn title(&self) -> &str {
        match self.about.get(Field::Title).trim() {
            "" => &self.dataset.name,
            title => title,
        }
    }

    /// The name of its file, with how many belong to it.
    fn file(&self) -> String {
        let source = &self.dataset.source;
        let name = source.table.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match source.files.len().max(1 + source.more.len()) {
            0 | 1 => name,
            n => format!("{name} ({n} files)"),
        }
    }

    fn digest(&self) -> Option<&str> {
        Some(self.dataset.source.table.digest.as_str()).filter(|d| !d.is_empty())
    }
}

/// The day of a moment in seconds since 1970, in UTC; `None` for what no calendar has.
fn date_of(moment_s: f64) -> Option<String> {
    let moment = jiff::Timestamp::from_second(moment_s as i64).ok()?;
    Some(jiff::tz::Offset::UTC.to_datetime(moment).date().to_string())
}

fn cut(value: &str) -> String {
    match value.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &value[..at]),
        None => value.to_owned(),
    }
}

/// A value, or nothing and the reason.
fn undefined(why: &Undefined) -> Value {
    json!({"value": null, "reason": why.to_string()})
}

fn or_reason<T>(found: &Result<T, Undefined>, value: impl Fn(&T) -> Value) -> Value {
    match found {
        Ok(found) => value(found),
        Err(why) => undefined(why),
    }
}

/// The label for programs. What nobody said is `null`.
pub fn nutrition_json(label: &NutritionLabel<'_>) -> Value {
    let said = |fields: &[Field]| -> Map<String, Value> {
        let of = |&f: &Field| {
            let text = label.about.get(f).trim();
            (f.key().to_owned(), if text.is_empty() { Value::Null } else { text.into() })
        };
        fields.iter().map(of).collect()
    };
    let a = label.annotation;
    let mut metadata = said(&Field::METADATA);
    metadata.insert("file".into(), label.file().into());
    metadata.insert("digest".into(), label.digest().map_or(Value::Null, Into::into));
    if let Some((from, to)) = a.moments_s {
        metadata.insert("annotated_from".into(), date_of(from).map_or(Value::Null, Into::into));
        metadata.insert("annotated_to".into(), date_of(to).map_or(Value::Null, Into::into));
    }
    let mut out = Map::new();
    out.insert("schema_version".into(), 1.into());
    out.insert("app".into(), concat!("dissensus ", env!("CARGO_PKG_VERSION")).into());
    out.insert("title".into(), label.title().into());
    match label.columns {
        Ok(columns) => {
            let row_is = match columns.row_is {
                RowIs::Row => "row",
                RowIs::Annotation => "annotation",
                RowIs::Item => "item",
            };
            for (key, value) in [
                ("format", columns.format.into()),
                ("row_is", row_is.into()),
                ("rows", columns.rows.into()),
                ("columns", columns.n_columns.into()),
                ("missing_share", columns.missing_share().into()),
            ] {
                metadata.insert(key.into(), value);
            }
            of_columns(label, columns, &mut out);
        }
        Err(why) => _ = out.insert("statistics".into(), undefined(why)),
    }
    out.insert("metadata".into(), metadata.into());
    out.insert("provenance".into(), said(&Field::PROVENANCE).into());
    let truths = or_reason(&a.truths, |list| {
        list.iter()
            .map(|t| {
                let d = &t.dependence;
                json!({"reference": t.reference, "of": t.whose, "against": t.with, "n": d.n,
                    "measure": d.measure.key(), "value": or_null(&d.value), "reason": reason(&d.value)})
            })
            .collect()
    });
    out.insert("ground_truth".into(), truths);
    out.insert("annotation".into(), annotation(label));
    out.insert("balance".into(), balance(label));
    Value::Object(out)
}

fn or_null(value: &Result<f64, Undefined>) -> Value {
    value.as_ref().map_or(Value::Null, |&v| v.into())
}

fn reason(value: &Result<f64, Undefined>) -> Value {
    value.as_ref().err().map_or(Value::Null, |why| why.to_string().into())
}

fn of_columns(label: &NutritionLabel<'_>, columns: &ColumnsReport, out: &mut Map<String, Value>) {
    let name = |c: usize| columns.columns.get(c).map_or("", |c| c.name.as_str());
    let variable = |c: &Column| {
        let text = label.about.of_column(&c.name).trim();
        let text: Value = if text.is_empty() { Value::Null } else { text.into() };
        json!({"name": c.name, "role": c.role.as_ref().map(ToString::to_string), "kind": c.kind, "description": text})
    };
    out.insert("variables".into(), columns.columns.iter().map(variable).collect());
    out.insert("statistics".into(), columns.columns.iter().map(statistics).collect());
    let pair = |p: &crate::analysis::nutrition::PairPlot| {
        let axis = |c: usize| columns.columns.get(c).and_then(|c| c.axis.as_ref()).map_or(Value::Null, ticks);
        let rows: Vec<&[u64]> = p.grid.counts.chunks(p.grid.width.max(1)).collect();
        json!({"x": name(p.x), "y": name(p.y), "n": p.grid.n, "x_axis": axis(p.x), "y_axis": axis(p.y), "counts": rows,
            "x_margin": p.grid.margin_x(), "y_margin": p.grid.margin_y(), "measure": p.dependence.measure.key(),
            "value": or_null(&p.dependence.value), "reason": reason(&p.dependence.value)})
    };
    out.insert("pairs".into(), columns.pairs.iter().map(pair).collect());
    let of_pair = |p: &crate::analysis::nutrition::PairPlot| {
        let d = &p.dependence;
        json!({"a": name(p.x), "b": name(p.y), "n": d.n, "measure": d.measure.key(), "value": or_null(&d.value),
            "reason": reason(&d.value)})
    };
    out.insert("dependence".into(), columns.dependence.iter().map(of_pair).collect());
    let left = |(c, why): &(usize, String)| json!({"column": name(*c), "reason": why});
    out.insert("dependence_left_out".into(), columns.left_out.iter().map(left).collect());
}

fn ticks(axis: &Axis) -> Value {
    match &axis.ticks {
        Ticks::Numbers { min, max } => json!({"min": min, "max": max, "bins": axis.len()}),
        Ticks::Words { values, others } => {
            json!({"values": values.iter().map(|v| cut(v)).collect::<Vec<_>>(), "others": others})
        }
    }
}

fn statistics(c: &Column) -> Value {
    let s = &c.stats;
    let frequent = |found: &Result<Frequent, Undefined>| {
        or_reason(found, |f| match f {
            Frequent::One { value, n } => json!({"value": cut(value), "n": n}),
            Frequent::Several { values, n } => {
                json!({"value": null, "reason": "multiple detected", "values": values, "n": n})
            }
            Frequent::AllUnique => json!({"value": null, "reason": "every value occurs once"}),
        })
    };
    let unique = match s.unique {
        Some(n) => json!({"value": n, "including_missing": s.missing > 0}),
        None => json!({"value": null, "reason": format!("more than {} different values", s.counted)}),
    };
    let mut row = json!({"name": c.name, "kind": c.kind, "count": s.rows, "missing": s.missing, "missing_share": s.missing_share(),
        "unique": unique, "most_frequent": frequent(&s.most), "least_frequent": frequent(&s.least), "bars": c.bars,
        "axis": c.axis.as_ref().map(ticks)});
    if c.kind.is_numeric()
        && let Value::Object(row) = &mut row
    {
        let numbers = or_reason(&s.numbers, |n| {
            json!({"n": n.n, "min": n.min, "median": n.median.value, "median_of_every": n.median.every, "max": n.max,
                "mean": n.mean, "sd_population": n.sd, "zeros": n.zeros, "zeros_share": s.zeros_share()})
        });
        row.insert("numbers".into(), numbers);
    }
    row
}

fn annotation(label: &NutritionLabel<'_>) -> Value {
    let a = label.annotation;
    let spread = |s: &Result<Spread, Undefined>| or_reason(s, |s| json!(s));
    let missing: Map<String, Value> =
        a.missing.iter().map(|(why, n)| (why.words().to_owned(), (*n).into())).collect();
    json!({"items": a.n_items, "raters": a.n_raters, "annotations": a.n_annotations,
        "votes_per_item": spread(&a.votes_per_item), "votes_per_rater": spread(&a.votes_per_rater),
        "krippendorff_alpha_nominal": a.alpha, "mean_entropy_bits": a.mean_entropy_bits,
        "majority_ties": a.n_tied, "items_voted": a.n_voted, "rater_attributes": a.coverage, "missing": missing,
        "never_reviewed": a.n_items.saturating_sub(label.review.decided), "review": label.review})
}

fn balance(label: &NutritionLabel<'_>) -> Value {
    let a = label.annotation;
    let i = &a.imbalance;
    let names = label.dataset.labels.names();
    let empty: Vec<&String> = i.empty.iter().filter_map(|&c| names.get(c)).collect();
    let rows: Vec<Value> =
        names.iter().zip(&a.label_counts).map(|(label, n)| json!({"label": label, "items": n})).collect();
    json!({"labels_are": a.labels_are, "n": i.n, "ratio": i.ratio, "empty": empty, "evenness": i.evenness,
        "effective_classes": i.effective, "gini": i.gini, "many": i.many, "medium": i.medium, "few": i.few,
        "many_over": MANY, "few_under": FEW, "per_label": rows})
}
