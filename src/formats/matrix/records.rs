//! Probabilities in JSON: one record an item, with a list, or with a number a label.

use std::path::Path;

use super::super::error::{FormatError, visible};
use super::super::intake::{json_error, note_repairs, text_of};
use super::super::json::{Kind, Node, Records, line_of};
use super::super::notes::Notes;
use super::super::npz::PROBABILITIES;
use super::super::schema::{is_key_name, probability_label};
use super::{Matrix, Numbers};
use crate::progress::Progress;

const REMEDY: &str =
    "write one record an item, such as {\"id\": \"t1\", \"pred_probs\": {\"yes\": 0.9, \"no\": 0.1}}";
/// Most fields of a record that are tried as its key.
const MAX_KEYS: usize = 4;
/// What scores that are no probabilities yet are called.
const LOGITS: [&str; 3] = ["logits", "logit", "scores"];

/// What one record says: labels (none for a list) and numbers.
struct Row<'n> {
    labels: Option<Vec<&'n str>>,
    numbers: Vec<f64>,
    logits: bool,
}

fn row_of(node: &Node) -> Option<Row<'_>> {
    let named = |names: &[&'static str]| names.iter().find_map(|n| node.some(n));
    let (value, logits) = match (named(&PROBABILITIES), named(&LOGITS)) {
        (Some(value), _) => (value, false),
        (None, Some(value)) => (value, true),
        (None, None) => (node, false),
    };
    match &value.kind {
        Kind::List(list) => {
            let numbers = list.iter().map(number).collect::<Option<Vec<f64>>>()?;
            Some(Row { labels: None, numbers, logits })
        }
        Kind::Object(members) => {
            // Beside each other in the record itself, names say which numbers are meant.
            let inner = !std::ptr::eq(value, node);
            let label = |name: &'_ str| -> Option<usize> {
                let plain = name.strip_prefix("logit_").map(str::len);
                plain.or_else(|| probability_label(name).map(|(_, l)| l.len())).map(|n| name.len() - n)
            };
            let (mut labels, mut numbers, mut logits) = (Vec::new(), Vec::new(), logits);
            for member in members {
                match label(&member.key) {
                    _ if inner => labels.push(member.key.as_str()),
                    Some(from) => {
                        logits |= member.key.starts_with("logit_");
                        labels.push(&member.key[from..]);
                    }
                    None => continue,
                }
                numbers.push(number(&member.value)?);
            }
            Some(Row { labels: Some(labels), numbers, logits })
        }
        _ => None,
    }
}

/// What is not a number is reported with its row, as in tables.
fn number(node: &Node) -> Option<f64> {
    match node.kind {
        Kind::Null => Some(f64::NAN),
        _ => node.number(),
    }
}

/// Reads a file of records.
pub(super) fn read(
    path: &Path,
    item_name: Option<&str>,
    notes: &mut Notes,
    progress: &Progress,
) -> Result<Matrix, FormatError> {
    let text = text_of(path, progress)?;
    let mut records = Records::new(&text.text);
    let (mut values, mut keys): (Vec<f64>, Vec<String>) = (Vec::new(), Vec::new());
    let mut labels: Option<Vec<String>> = None;
    let (mut cols, mut rows, mut logits) = (0, 0usize, false);
    // Records may have several keys: a number of their own, and the item's. The data says which is meant.
    let mut key_names: Vec<String> = Vec::new();
    let mut other_keys: Vec<Vec<String>> = Vec::new();
    while let Some(entry) = records.next().map_err(|e| json_error(path, &text.text, &e))? {
        if rows.is_multiple_of(4096) {
            progress.check()?;
        }
        let at = |what: String| {
            FormatError::of(path, what, REMEDY).at_line(line_of(&text.text, entry.node.range.start))
        };
        let Some(row) = row_of(&entry.node).filter(|r| r.numbers.len() > 1) else {
            return Err(at("this record holds no probabilities".to_owned()));
        };
        logits |= row.logits;
        if rows == 0 {
            cols = row.numbers.len();
            labels = row.labels.as_ref().map(|l| l.iter().map(|l| (*l).to_owned()).collect());
            let named = |m: &&super::super::json::Member| item_name == Some(m.key.as_str());
            let members = entry.node.members();
            let first = members.iter().find(named).into_iter();
            let others = members.iter().filter(|m| is_key_name(&m.key) && !named(m));
            key_names = first.chain(others).take(MAX_KEYS).map(|m| m.key.clone()).collect();
            other_keys = vec![Vec::new(); key_names.len().saturating_sub(1)];
        }
        if row.numbers.len() != cols {
            return Err(at(format!("this record has {} probabilities, the first {cols}", row.numbers.len())));
        }
        match (&labels, &row.labels) {
            (None, None) => values.extend(&row.numbers),
            (Some(order), Some(names)) if names.iter().eq(order.iter()) => values.extend(&row.numbers),
            (Some(order), Some(names)) => {
                for label in order {
                    let Some(i) = names.iter().position(|n| n == label) else {
                        return Err(at(format!("this record has no probability of “{}”", visible(label))));
                    };
                    values.push(row.numbers[i]);
                }
            }
            _ => return Err(at("lists and labelled numbers are mixed".to_owned())),
        }
        let mut named = key_names.iter().map(|name| entry.node.get(name).and_then(Node::scalar));
        let first = named.next().flatten();
        keys.extend(entry.key.or(first));
        for (list, key) in other_keys.iter_mut().zip(named) {
            list.extend(key);
        }
        rows += 1;
        if keys.len() != rows && !keys.is_empty() {
            return Err(at("this record has no key, others have".to_owned()));
        }
    }
    note_repairs(notes, &text.text, &records.repairs);
    if rows == 0 {
        return Err(FormatError::of(path, "no probabilities were found", REMEDY));
    }
    let keys = (!keys.is_empty()).then_some(keys);
    other_keys.retain(|list| list.len() == rows);
    let numbers = Numbers { values, cols, logits, raw: false };
    let matrix = Matrix::of_numbers(path, numbers, labels, true, keys, Some(text.file), notes)?;
    Ok(Matrix { other_keys, ..matrix })
}
