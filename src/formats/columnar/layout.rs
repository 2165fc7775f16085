//! Which columns of a table the columns of an Arrow schema become.
//!
//! Mostly one each. A column that holds a list of votes an item (structures with a rater and a label) becomes one
//! row a vote: the other cells of the item are repeated. An item without votes keeps one row.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Fields, Schema};
use arrow::error::ArrowError;

use super::super::batch::{Batch, Coded, NO_CELL};
use super::super::schema::names_votes;
use super::super::table::unique;
use super::cells::{Odd, coded};
use super::features::{Feature, Features};

/// Where a column of the table comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cell {
    /// A column of the schema.
    Column { root: usize, feature: Feature },
    /// A field of the votes.
    Vote { field: usize, feature: Feature },
    /// The part of the data set that a file belongs to.
    Split,
}

/// The columns of a table, and how to fill them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Layout {
    /// Names of the columns, unique.
    pub(crate) names: Vec<String>,
    pub(crate) cells: Vec<Cell>,
    /// The column of the schema that holds votes.
    pub(crate) votes: Option<usize>,
    roots: usize,
}

/// The fields of the structures in a list, if the column is such a list.
pub(crate) fn structures(kind: &DataType) -> Option<&Fields> {
    match kind {
        DataType::List(f) | DataType::LargeList(f) => match f.data_type() {
            DataType::Struct(fields) => Some(fields),
            _ => None,
        },
        _ => None,
    }
}

impl Layout {
    /// Of a schema; `split`: whether the table says which part each row is from.
    pub(crate) fn of(schema: &Schema, features: &Features, split: bool) -> Self {
        let voted = |kind: &DataType| {
            structures(kind).is_some_and(|f| names_votes(f.iter().map(|f| f.name().as_str())))
        };
        let votes = schema.fields().iter().position(|f| voted(f.data_type()));
        let (mut names, mut cells) = (Vec::new(), Vec::new());
        for (root, field) in schema.fields().iter().enumerate() {
            let feature = features.get(field.name());
            match structures(field.data_type()).filter(|_| votes == Some(root)) {
                None => {
                    names.push(field.name().clone());
                    cells.push(Cell::Column { root, feature: feature.clone() });
                }
                Some(fields) => {
                    for (i, inner) in fields.iter().enumerate() {
                        names.push(format!("{}.{}", field.name(), inner.name()));
                        cells.push(Cell::Vote { field: i, feature: feature.field(inner.name()).clone() });
                    }
                }
            }
        }
        if split {
            names.push("split".to_owned());
            cells.push(Cell::Split);
        }
        Self { names: unique(&names), cells, votes, roots: schema.fields().len() }
    }

    /// Which columns of the schema are needed for the columns `wanted`.
    pub(crate) fn roots(&self, wanted: &[bool]) -> Vec<bool> {
        let mut roots = vec![false; self.roots];
        for (i, cell) in self.cells.iter().enumerate() {
            if let (Cell::Column { root, .. }, Some(true)) = (cell, wanted.get(i)) {
                roots[*root] = true;
            }
        }
        if let Some(votes) = self.votes {
            roots[votes] = true;
        }
        roots
    }

    /// Fills the columns `wanted` from the arrays of the columns of the schema, with up to `threads` at work.
    pub(crate) fn batch(
        &self,
        arrays: &[Option<ArrayRef>],
        rows: usize,
        wanted: &[bool],
        split: &str,
        threads: usize,
    ) -> Result<(Batch, Odd), ArrowError> {
        let votes = self.votes.and_then(|v| arrays.get(v)?.as_ref()).map(Votes::of);
        let one = |i: usize| -> Result<(Coded, Odd), ArrowError> {
            let mut odd = Odd::default();
            let column = match &self.cells[i] {
                _ if wanted.get(i) != Some(&true) => Coded::default(),
                Cell::Column { root, feature } => match arrays.get(*root).and_then(Option::as_ref) {
                    Some(array) => {
                        let cells = coded(array, feature, &mut odd)?;
                        votes.as_ref().map_or_else(|| cells.clone(), |v| v.repeat(&cells))
                    }
                    None => Coded::default(),
                },
                Cell::Vote { field, feature } => match &votes {
                    Some(votes) => votes.cells(*field, feature, &mut odd)?,
                    None => Coded::default(),
                },
                Cell::Split => Coded { codes: vec![0; rows], values: [split].iter().collect() },
            };
            Ok((column, odd))
        };
        let n = self.cells.len();
        let results = super::in_parallel(n, threads, &one);
        let mut batch = Batch {
            rows: votes.as_ref().map_or(rows, |v| v.parents.len()),
            columns: Vec::with_capacity(n),
            ..Batch::default()
        };
        let mut odd = Odd::default();
        for result in results {
            let (column, seen) = result?;
            batch.columns.push(column);
            odd.add(seen);
        }
        if let Some(i) = self.cells.iter().position(|c| *c == Cell::Split)
            && wanted.get(i) == Some(&true)
        {
            batch.columns[i].codes = vec![0; batch.rows];
        }
        Ok((batch, odd))
    }
}

/// The votes of some items, one row each.
struct Votes {
    /// For each row, the item's row.
    parents: Vec<u32>,
    /// For each row, its place among all votes; `None` where an item has none.
    places: Vec<Option<u32>>,
    fields: Vec<ArrayRef>,
}

impl Votes {
    fn of(array: &ArrayRef) -> Self {
        let (offsets, values): (Vec<usize>, ArrayRef) = match array.data_type() {
            DataType::LargeList(_) => {
                let list = array.as_list::<i64>();
                (list.value_offsets().iter().map(|&o| o as usize).collect(), list.values().clone())
            }
            _ => {
                let list = array.as_list::<i32>();
                (list.value_offsets().iter().map(|&o| o as usize).collect(), list.values().clone())
            }
        };
        let first = offsets.first().copied().unwrap_or(0);
        let last = offsets.last().copied().unwrap_or(0);
        // A slice of a file may share its values with others.
        let values = values.slice(first, last - first);
        let (mut parents, mut places) = (Vec::new(), Vec::new());
        for row in 0..array.len() {
            let range = if array.is_null(row) { 0..0 } else { offsets[row]..offsets[row + 1] };
            if range.is_empty() {
                parents.push(row as u32);
                places.push(None);
            }
            for at in range {
                parents.push(row as u32);
                places.push(Some((at - first) as u32));
            }
        }
        Self { parents, places, fields: values.as_struct().columns().to_vec() }
    }

    fn repeat(&self, cells: &Coded) -> Coded {
        let codes = self.parents.iter().map(|&row| cells.codes[row as usize]).collect();
        Coded { codes, values: cells.values.clone() }
    }

    fn cells(&self, field: usize, feature: &Feature, odd: &mut Odd) -> Result<Coded, ArrowError> {
        let Some(array) = self.fields.get(field) else { return Ok(Coded::default()) };
        let cells = coded(array, feature, odd)?;
        let code = |at: &Option<u32>| at.map_or(NO_CELL, |at| cells.codes[at as usize]);
        Ok(Coded { codes: self.places.iter().map(code).collect(), values: cells.values })
    }
}
