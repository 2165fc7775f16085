//! What the cells of each column look like, from the first rows of a table.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use super::super::delimited::parse_number;
use super::super::error::FormatError;
use super::super::table::Table;

/// Cells looked at, at most.
const CELLS: usize = 4_000_000;
/// Rows looked at, at most.
const ROWS: u64 = 200_000;
/// Rows of which columns are compared with each other, in tables of at most [`PAIRED_COLUMNS`].
const PAIRED_ROWS: usize = 20_000;
const PAIRED_COLUMNS: usize = 64;
/// Different values that are remembered as text, and their greatest length.
pub(super) const DOMAIN: usize = 200;
const DOMAIN_CHARS: usize = 120;

/// One column.
#[derive(Debug, Clone, Default)]
pub(super) struct Column {
    /// Cells that are not empty.
    pub(super) filled: u64,
    /// Cells that are.
    pub(super) empty: u64,
    counts: HashMap<u64, u32>,
    /// The first different short values, in order of appearance.
    pub(super) values: Vec<String>,
    chars: u64,
    spaced: u64,
    pub(super) numeric: u64,
    /// Numbers within 0..=1.
    pub(super) unit: u64,
    /// Begins with `[`: a list in a cell.
    listed: u64,
    /// One hash a row (0 where empty), for the first rows.
    hashes: Vec<u64>,
}

impl Column {
    /// Number of different values.
    pub(super) fn distinct(&self) -> u64 {
        self.counts.len() as u64
    }

    /// Fewest and most cells that one value fills.
    pub(super) fn repeats(&self) -> (u32, u32) {
        let least = self.counts.values().min().copied().unwrap_or(0);
        (least, self.counts.values().max().copied().unwrap_or(0))
    }

    /// Cells a value fills, on average.
    pub(super) fn mean_repeat(&self) -> f64 {
        self.filled as f64 / self.distinct().max(1) as f64
    }

    /// Mean length in characters.
    pub(super) fn mean_chars(&self) -> f64 {
        self.chars as f64 / self.filled.max(1) as f64
    }

    /// Looks like prose.
    pub(super) fn is_prose(&self) -> bool {
        self.filled > 0 && self.spaced * 10 >= self.filled * 3 && self.mean_chars() >= 15.0
    }

    /// Every filled cell is a number.
    pub(super) fn is_numeric(&self) -> bool {
        self.filled > 0 && self.numeric == self.filled
    }

    /// Could be a label: few different short values, or a short range.
    pub(super) fn is_categorical(&self) -> bool {
        let short = self.mean_chars() <= 60.0 && !self.is_prose() && self.listed * 2 <= self.filled;
        let few = self.distinct() <= DOMAIN as u64;
        self.filled > 0 && few && short
    }

    /// Could be a label, given that its name says so: then there may be many.
    pub(super) fn is_label_like(&self, named: bool) -> bool {
        let many =
            named && self.distinct() <= 10_000 && self.mean_repeat() >= 2.0 && self.mean_chars() <= 60.0;
        self.is_categorical() || (many && !self.is_prose() && !self.is_listed())
    }

    /// Shares: numbers within 0..=1, not all whole.
    pub(super) fn is_share(&self) -> bool {
        let whole = |v: &String| parse_number(v, true).is_none_or(|x| x.fract() == 0.0);
        self.is_numeric() && self.unit == self.filled && !self.values.iter().all(whole)
    }

    /// Lists in cells.
    pub(super) fn is_listed(&self) -> bool {
        self.filled > 0 && self.listed * 2 > self.filled
    }
}

/// The first rows of a table.
#[derive(Debug, Default)]
pub(super) struct Profile {
    pub(super) columns: Vec<Column>,
    /// Rows looked at.
    pub(super) rows: u64,
    /// Whether these are all.
    pub(super) complete: bool,
    /// Characters of the rows looked at.
    pub(super) bytes: u64,
    /// The first five rows.
    pub(super) head: Vec<Vec<String>>,
}

impl Profile {
    /// Reads the first rows.
    pub(super) fn read(table: &mut Table<'_>, decimal_comma: bool) -> Result<Self, FormatError> {
        let width = table.width();
        let hasher = RandomState::new();
        let mut profile = Self { columns: vec![Column::default(); width], ..Self::default() };
        while profile.rows < ROWS && (profile.rows as usize) * width.max(1) < CELLS {
            let Some(row) = table.next_row()? else {
                profile.complete = true;
                break;
            };
            profile.bytes += row.record.raw.len() as u64;
            let paired = width <= PAIRED_COLUMNS && (profile.rows as usize) < PAIRED_ROWS;
            let mut head = Vec::new();
            for (i, column) in profile.columns.iter_mut().enumerate() {
                let cell = row.cell(i);
                if profile.head.len() < 5 {
                    head.push(cell.chars().take(2000).collect());
                }
                if cell.is_empty() {
                    column.empty += 1;
                    if paired {
                        column.hashes.push(0);
                    }
                    continue;
                }
                column.filled += 1;
                column.chars += cell.chars().count() as u64;
                column.spaced += u64::from(cell.trim().contains(' '));
                column.listed += u64::from(cell.starts_with('['));
                if let Some(number) = parse_number(&cell, decimal_comma) {
                    column.numeric += 1;
                    column.unit += u64::from((0.0..=1.0).contains(&number));
                }
                let hash = hasher.hash_one(cell.as_ref()).max(1);
                let count = column.counts.entry(hash).or_insert(0);
                *count += 1;
                if *count == 1 && column.values.len() < DOMAIN && cell.len() <= DOMAIN_CHARS {
                    column.values.push(cell.into_owned());
                }
                if paired {
                    column.hashes.push(hash);
                }
            }
            if profile.head.len() < 5 {
                profile.head.push(head);
            }
            profile.rows += 1;
        }
        Ok(profile)
    }

    /// Share of rows whose (a, b) pair is new; `None` where columns were not compared.
    pub(super) fn pair_uniqueness(&self, a: usize, b: usize) -> Option<f64> {
        let (a, b) = (&self.columns[a].hashes, &self.columns[b].hashes);
        let mut pairs: Vec<(u64, u64)> =
            a.iter().copied().zip(b.iter().copied()).filter(|&(x, y)| x != 0 && y != 0).collect();
        let n = pairs.len();
        pairs.sort_unstable();
        pairs.dedup();
        (n > 0).then(|| pairs.len() as f64 / n as f64)
    }

    /// Share of rows whose (a, b, c) triple is new; `None` where columns were not compared.
    pub(super) fn triple_uniqueness(&self, a: usize, b: usize, c: usize) -> Option<f64> {
        let [a, b, c] = [a, b, c].map(|i| &self.columns[i].hashes);
        let mut triples: Vec<(u64, u64, u64)> = a
            .iter()
            .zip(b.iter().zip(c))
            .map(|(&x, (&y, &z))| (x, y, z))
            .filter(|&(x, y, z)| x != 0 && y != 0 && z != 0)
            .collect();
        let n = triples.len();
        triples.sort_unstable();
        triples.dedup();
        (n > 0).then(|| triples.len() as f64 / n as f64)
    }

    /// Share of rows in which `column` says what it says in the first row of the same `key`.
    pub(super) fn constancy(&self, column: usize, key: usize) -> Option<f64> {
        let mut first: HashMap<u64, u64> = HashMap::new();
        let (cells, keys) = (&self.columns[column].hashes, &self.columns[key].hashes);
        let same = keys.iter().zip(cells).filter(|&(&k, &c)| *first.entry(k).or_insert(c) == c).count();
        (!keys.is_empty() && !cells.is_empty()).then(|| same as f64 / keys.len() as f64)
    }
}
