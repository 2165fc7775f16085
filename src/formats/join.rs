//! Side tables: further facts about items or raters, joined by key.
//!
//! A column whose values are item keys makes its table one about items; one whose values are raters' names, one
//! about raters. What the other columns mean follows from their names: a gold label, the text, a picture; anything
//! else is shown as metadata or as an attribute. Nothing in the main source is replaced.

use std::collections::HashMap;
use std::path::Path;

use super::error::{FormatError, plural, visible};
use super::notes::{Notes, Place};
use super::schema::{Overrides, inspect_one, says_majority, says_rater};
use super::sniff::sniff;
use super::table::Table;
use crate::dataset::{Dataset, LabelColumn, LabelSet, NO_LABEL, Role, TextColumn};
use crate::progress::Progress;

/// Rows of a side table that are looked at to find its key.
const LOOKED_AT: usize = 2_000;

/// A side table in memory.
struct Side {
    names: Vec<String>,
    roles: Vec<Role>,
    rows: Vec<Vec<String>>,
}

/// Joins the table at `path` to `dataset`.
///
/// # Errors
/// A file that cannot be read, or none of whose columns holds item keys or raters' names.
pub(super) fn join(dataset: &mut Dataset, path: &Path, progress: &Progress) -> Result<(), FormatError> {
    let side = read(path, progress)?;
    let mut notes = Notes::new(path);
    let items: HashMap<String, u32> =
        dataset.keys.iter().enumerate().map(|(i, k)| (k.to_owned(), i as u32)).collect();
    let raters: HashMap<String, u32> =
        dataset.raters.names.iter().enumerate().map(|(i, k)| (k.clone(), i as u32)).collect();
    let (by_item, by_rater) = (best(&side, &items), best(&side, &raters));
    // Where items and raters are both numbered, the name of the column says which are meant.
    let named = |(column, hits): (usize, usize)| hits > 0 && says_rater(&side.names[column]);
    match (by_item, by_rater) {
        ((column, hits), other) if hits > 0 && hits >= other.1 && !(named(other) && other.0 == column) => {
            about_items(dataset, &side, column, &items, &mut notes);
        }
        (_, (column, hits)) if hits > 0 => about_raters(dataset, &side, column, &raters, &mut notes),
        _ => {
            return Err(FormatError::of(
                path,
                "no column of this side table holds keys of items or names of raters",
                format!("item keys look like “{}”", visible(dataset.keys.get(0))),
            ));
        }
    }
    dataset.warnings.extend(notes.into_warnings());
    Ok(())
}

fn read(path: &Path, progress: &Progress) -> Result<Side, FormatError> {
    let inspection = inspect_one(path, &Overrides::default(), progress)?;
    let mut notes = Notes::new(path);
    let mut table = Table::open(path, &sniff(path)?, &mut notes, progress)?;
    let width = table.width();
    let mut rows = Vec::new();
    while let Some(row) = table.next_row()? {
        rows.push(
            (0..width)
                .map(|c| if c < row.record.len() { row.cell(c).into_owned() } else { String::new() })
                .collect(),
        );
    }
    let names = table.names.clone();
    Ok(Side { roles: inspection.roles(), names, rows })
}

/// The column with the most known keys in the first rows, and how many.
fn best(side: &Side, keys: &HashMap<String, u32>) -> (usize, usize) {
    let hits = |column: usize| {
        side.rows.iter().take(LOOKED_AT).filter(|r| keys.contains_key(r[column].as_str())).count()
    };
    let all = (0..side.names.len()).map(|c| (c, hits(c)));
    // Of equal columns the first.
    all.fold((0, 0), |best, (c, n)| if n > best.1 { (c, n) } else { best })
}

fn about_items(
    dataset: &mut Dataset,
    side: &Side,
    key: usize,
    items: &HashMap<String, u32>,
    notes: &mut Notes,
) {
    let n = dataset.n_items();
    let mut row_of: Vec<Option<usize>> = vec![None; n];
    let (mut unknown, mut again) = (0, 0);
    for (r, row) in side.rows.iter().enumerate() {
        match items.get(row[key].as_str()) {
            None => unknown += 1,
            Some(&item) if row_of[item as usize].is_some() => again += 1,
            Some(&item) => row_of[item as usize] = Some(r),
        }
    }
    notes.add("join_unknown_key", Place { line: None, column: Some(&side.names[key]) }, unknown, || {
        (
            "Rows name items that the data does not have; they were passed over".into(),
            "Check that the tables belong together".into(),
        )
    });
    notes.add("join_repeated_key", Place { line: None, column: Some(&side.names[key]) }, again, || {
        ("Rows name an item a second time; the first one counts".into(), "Keep one row an item".into())
    });
    let labels = side.roles.iter().filter(|r| **r == Role::Label).count();
    // Of several raters in a side table none is trusted, and a majority is what the votes say already.
    let trusted = |c: usize| match side.roles[c] {
        Role::Gold => true,
        Role::Given => !says_majority(&side.names[c]),
        Role::Label => labels == 1 && !says_majority(&side.names[c]),
        _ => false,
    };
    let column = |c: usize| -> TextColumn {
        row_of.iter().map(|r| r.map_or("", |r| side.rows[r][c].as_str())).collect()
    };
    for (c, name) in side.names.iter().enumerate().filter(|&(c, _)| c != key) {
        match side.roles[c] {
            Role::Text if dataset.texts.is_none() => dataset.texts = Some(column(c)),
            Role::Media if dataset.media.is_none() => dataset.media = Some(column(c)),
            _ if trusted(c) && dataset.gold.is_none() => {
                let values = column(c);
                dataset.joined.push(name.clone());
                if let Some(gold) = gold_of(dataset, name, &values, notes) {
                    dataset.gold = Some(gold);
                } else {
                    dataset.metadata.push((name.clone(), values));
                }
            }
            Role::Ignore => {}
            _ => {
                dataset.joined.push(name.clone());
                dataset.metadata.push((name.clone(), column(c)));
            }
        }
    }
    let missing = row_of.iter().filter(|r| r.is_none()).count() as u64;
    notes.add("join_missing", Place::FILE, missing, || {
        (
            format!("{} not in the side table", plural(missing, "item")),
            "Their further columns are empty".into(),
        )
    });
}

/// A column as trusted labels, if most of its values are labels of the dataset.
fn gold_of(dataset: &mut Dataset, name: &str, values: &TextColumn, notes: &mut Notes) -> Option<LabelColumn> {
    let filled = values.iter().filter(|v| !v.is_empty()).count();
    let known = values.iter().filter(|v| dataset.labels.id(v).is_some()).count();
    if filled == 0 || known * 2 < filled {
        return None;
    }
    if known < filled && dataset.sets.is_none() {
        let order = dataset.labels.names().to_vec();
        let scale = dataset.labels.scale;
        dataset.labels = LabelSet::new(&order, values.iter().filter(|v| !v.is_empty()).map(str::to_owned));
        dataset.labels.scale = scale;
        notes.add(
            "join_new_labels",
            Place { line: None, column: Some(name) },
            (filled - known) as u64,
            || {
                (
                    "Trusted labels that nobody gave were added to the label set".into(),
                    "Check how they are spelt".into(),
                )
            },
        );
    }
    let ids = values.iter().map(|v| dataset.labels.id(v).unwrap_or(NO_LABEL)).collect();
    Some(LabelColumn { name: name.to_owned(), ids })
}

fn about_raters(
    dataset: &mut Dataset,
    side: &Side,
    key: usize,
    raters: &HashMap<String, u32>,
    notes: &mut Notes,
) {
    let mut row_of: Vec<Option<usize>> = vec![None; dataset.raters.len()];
    let mut unknown = 0;
    for (r, row) in side.rows.iter().enumerate() {
        match raters.get(row[key].as_str()) {
            None => unknown += 1,
            Some(&rater) => _ = row_of[rater as usize].get_or_insert(r),
        }
    }
    notes.add("join_unknown_key", Place { line: None, column: Some(&side.names[key]) }, unknown, || {
        (
            "Rows name raters that the data does not have; they were passed over".into(),
            "Check that the tables belong together".into(),
        )
    });
    for (c, name) in side.names.iter().enumerate().filter(|&(c, _)| c != key) {
        let values = row_of.iter().map(|r| r.map_or(String::new(), |r| side.rows[r][c].clone())).collect();
        dataset.joined.push(name.clone());
        dataset.raters.attributes.push((name.clone(), values));
    }
}
