//! Slices of the items by a column of metadata.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Behind, Cell, CutRow, MAX_SLICES, Parts, Work};
use crate::dataset::Dataset;
use crate::progress::Cancelled;
use crate::stats::Undefined;
use crate::stats::agreement::by_item_group;

/// Rows of a column that are looked at to see whether it divides the items.
const LOOKED_AT: usize = 100_000;
/// Longest value of a slice, in bytes.
const LONGEST: usize = 80;

/// Whether a column divides the items: more than one value, and values that come back or numbers.
pub(super) fn divides(dataset: &Dataset, column: usize) -> bool {
    let Some((_, values)) = dataset.metadata.get(column) else { return false };
    let mut seen: HashMap<&str, u32> = HashMap::new();
    let (mut n, mut numbers) = (0, 0);
    for value in values.iter().take(LOOKED_AT).filter(|v| !v.is_empty()) {
        if value.len() > LONGEST {
            return false;
        }
        n += 1;
        numbers += usize::from(number(value).is_some());
        *seen.entry(value).or_insert(0) += 1;
    }
    seen.len() > 1 && (seen.len() <= MAX_SLICES || numbers == n || seen.len() * 4 <= n)
}

fn number(value: &str) -> Option<f64> {
    value.trim().parse::<f64>().ok().filter(|v| v.is_finite())
}

pub(super) fn slices(work: &Work, column: usize) -> Result<Result<Parts, Undefined>, Cancelled> {
    let Some((name, values)) = work.dataset.metadata.get(column) else {
        return Ok(Err(Undefined::Because("there is no such column".to_owned())));
    };
    work.progress.stage("slices", 0);
    let mut parts = Parts::default();
    let (names, of) = divided(values.iter(), &mut parts);
    let mut items: Vec<Vec<u32>> = vec![Vec::new(); names.len()];
    for (item, &slice) in of.iter().enumerate() {
        let counts = work.votes.count(item) > 0;
        if let Some(own) = items.get_mut(slice as usize).filter(|_| counts) {
            own.push(item as u32);
        }
    }
    let statistics =
        by_item_group(work.data, (&of, names.len()), &work.spec, &work.asked.of.interval, work.progress)?;
    parts.rows = names
        .into_iter()
        .zip(statistics)
        .zip(items)
        .map(|((name, statistic), items)| CutRow {
            name,
            statistic,
            cells: vec![Cell::Count(items.len() as u64)],
            behind: Behind::Items(Arc::from(items)),
        })
        .collect();
    if parts.rows.is_empty() {
        return Ok(Err(Undefined::Because(format!("the column “{name}” is empty"))));
    }
    Ok(Ok(parts))
}

/// Names of the slices, and the slice of each item (`u32::MAX` for none). Many numbers become quarters; of many names the
/// commonest are kept and the rest put together. Numbers in order, names by size, most first.
fn divided<'a>(values: impl Iterator<Item = &'a str>, parts: &mut Parts) -> (Vec<String>, Vec<u32>) {
    let values: Vec<&str> = values.collect();
    let mut seen: HashMap<&str, u64> = HashMap::new();
    values.iter().filter(|v| !v.is_empty()).for_each(|v| *seen.entry(v).or_insert(0) += 1);
    let numbers: Option<Vec<f64>> =
        seen.keys().map(|v| number(v)).collect::<Option<Vec<_>>>().filter(|n| !n.is_empty());
    if seen.len() > MAX_SLICES && numbers.is_some() {
        let mut all: Vec<f64> = values.iter().filter_map(|v| number(v)).collect();
        all.sort_by(f64::total_cmp);
        let quantile = |q: usize| all[(all.len() - 1) * q / 4];
        let mut ends: Vec<f64> = (1..=4).map(quantile).collect();
        ends.dedup();
        let names = ends.iter().enumerate().map(|(i, end)| {
            if i == 0 { format!("up to {end}") } else { format!("{} to {end}", ends[i - 1]) }
        });
        let names = names.collect();
        let of = values.iter().map(|v| {
            number(v).map_or(u32::MAX, |v| ends.iter().position(|&end| v <= end).unwrap_or(0) as u32)
        });
        let of = of.collect();
        parts.notes.push("Many numbers: cut at the quartiles, each part without its lower end.".to_owned());
        return (names, of);
    }
    let mut order: Vec<(&str, u64)> = seen.into_iter().collect();
    if numbers.is_some() {
        order.sort_by(|a, b| {
            number(a.0).unwrap_or(0.0).total_cmp(&number(b.0).unwrap_or(0.0)).then(a.0.cmp(b.0))
        });
    } else {
        order.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    }
    let n = order.len();
    let kept = if n > MAX_SLICES { MAX_SLICES - 1 } else { n };
    let number_of: HashMap<&str, u32> =
        order.iter().take(kept).enumerate().map(|(i, (v, _))| (*v, i as u32)).collect();
    let rest = if n > kept { kept as u32 } else { u32::MAX };
    let of = values
        .iter()
        .map(|v| if v.is_empty() { u32::MAX } else { number_of.get(v).copied().unwrap_or(rest) })
        .collect();
    let mut names: Vec<String> = order.iter().take(kept).map(|(v, _)| (*v).to_owned()).collect();
    if n > kept {
        names.push(format!("{} rarer values", n - kept));
    }
    (names, of)
}

#[cfg(test)]
pub(super) fn divided_for_tests(values: &[String], parts: &mut Parts) -> (Vec<String>, Vec<u32>) {
    divided(values.iter().map(String::as_str), parts)
}
