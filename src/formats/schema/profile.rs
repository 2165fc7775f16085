//! What the cells of each column look like, from the first rows of a table.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasher, RandomState};
use std::path::Path;

use super::super::batch::{Batches, Coded};
use super::super::delimited::parse_number;
use super::super::error::FormatError;
use super::super::notes::Notes;
use crate::progress::Progress;

/// Cells looked at, at most.
const CELLS: usize = 4_000_000;
/// Rows looked at, at most.
const ROWS: usize = 200_000;
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
    /// The hash of each of these.
    value_hashes: Vec<u64>,
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
    /// Looks at the first `rows` cells of a batch, each value once; the first `paired` are compared with other
    /// columns.
    fn add(&mut self, cells: &Coded, rows: usize, paired: usize, decimal_comma: bool, hasher: &RandomState) {
        let mut times = vec![0u32; cells.values.len()];
        let mut order = Vec::new();
        for row in 0..rows {
            match times.get_mut(cells.code(row) as usize) {
                None => self.empty += 1,
                Some(n) => {
                    if *n == 0 {
                        order.push(cells.code(row) as usize);
                    }
                    *n += 1;
                }
            }
        }
        let mut hashes = vec![0u64; cells.values.len()];
        for code in order {
            let (cell, n) = (cells.values.get(code), times[code]);
            if cell.is_empty() {
                self.empty += u64::from(n);
                continue;
            }
            let many = u64::from(n);
            let count_if = |is: bool| if is { many } else { 0 };
            self.filled += many;
            self.chars += cell.chars().count() as u64 * many;
            self.spaced += count_if(cell.trim().contains(' '));
            self.listed += count_if(cell.starts_with('['));
            if let Some(number) = parse_number(cell, decimal_comma) {
                self.numeric += many;
                self.unit += count_if((0.0..=1.0).contains(&number));
            }
            let hash = hasher.hash_one(cell).max(1);
            hashes[code] = hash;
            let count = self.counts.entry(hash).or_insert(0);
            let new = *count == 0;
            *count += n;
            if new && self.values.len() < DOMAIN && cell.len() <= DOMAIN_CHARS {
                self.values.push(cell.to_owned());
                self.value_hashes.push(hash);
            }
        }
        let hash = |row| hashes.get(cells.code(row) as usize).copied().unwrap_or(0);
        self.hashes.extend((0..paired).map(hash));
    }

    /// Cells that say `value`, as far as it is one of [`Self::values`].
    pub(super) fn count_of(&self, value: &str) -> u64 {
        self.values.iter().position(|v| v == value).map_or(0, |i| {
            let hash = self.value_hashes.get(i).copied().unwrap_or(0);
            self.counts.get(&hash).map_or(0, |&n| u64::from(n))
        })
    }

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
        // Labels of several words look like prose, but come again and again.
        let prose = self.is_prose() && self.mean_repeat() < 3.0;
        self.is_categorical() || (many && !prose && !self.is_listed())
    }

    /// Shares: numbers within 0..=1, not all whole.
    pub(super) fn is_share(&self) -> bool {
        let whole = |v: &String| parse_number(v, true).is_none_or(|x| x.fract() == 0.0);
        self.is_numeric() && self.unit == self.filled && !self.values.iter().all(whole)
    }

    /// Measured, not counted: numbers of which some are not whole.
    pub(super) fn is_measured(&self) -> bool {
        let whole = |v: &String| parse_number(v, true).is_none_or(|x| x.fract() == 0.0);
        self.is_numeric() && !self.values.iter().all(whole)
    }

    /// Names rows by a word of their own: short, of letters, none repeated, none missing.
    pub(super) fn is_word_of_row(&self) -> bool {
        let word = |v: &String| v.chars().all(|c| c.is_alphabetic() || matches!(c, ' ' | '-' | '\''));
        let words = self.values.iter().filter(|v| word(v)).count();
        self.filled > 10
            && self.empty == 0
            && self.distinct() == self.filled
            && !self.is_prose()
            && words * 10 >= self.values.len() * 9
            && words > 0
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
    /// Reads the first rows. What is odd about rows is noted when they are loaded.
    pub(super) fn read(
        batches: &mut dyn Batches,
        decimal_comma: bool,
        progress: &Progress,
    ) -> Result<Self, FormatError> {
        let width = batches.names().len();
        let hasher = RandomState::new();
        let mut profile = Self { columns: vec![Column::default(); width], ..Self::default() };
        let (wanted, mut notes) = (vec![true; width], Notes::new(Path::new("")));
        let most = ROWS.min((CELLS / width.max(1)).max(1)) as u64;
        while profile.rows < most {
            let Some(batch) = batches.next_batch(&wanted, &mut notes, progress)? else {
                profile.complete = true;
                break;
            };
            let rows = batch.rows.min((most - profile.rows) as usize);
            profile.bytes += batch.bytes * rows as u64 / batch.rows.max(1) as u64;
            for row in 0..rows.min(5usize.saturating_sub(profile.head.len())) {
                let head = |column: &Coded| column.get(row).chars().take(2000).collect();
                profile.head.push(batch.columns.iter().map(head).collect());
            }
            let paired =
                if width <= PAIRED_COLUMNS { PAIRED_ROWS.saturating_sub(profile.rows as usize) } else { 0 };
            for (column, cells) in profile.columns.iter_mut().zip(&batch.columns) {
                column.add(cells, rows, paired.min(rows), decimal_comma, &hasher);
            }
            profile.rows += rows as u64;
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

    /// Of rows after the first of the same `key`, the share in which `column` does not say what it says in the first; rows without either
    /// are passed over. `None` where no key comes twice.
    pub(super) fn change(&self, column: usize, key: usize) -> Option<f64> {
        let mut first: HashMap<u64, u64> = HashMap::new();
        let (cells, keys) = (&self.columns[column].hashes, &self.columns[key].hashes);
        let (mut again, mut other) = (0_usize, 0_usize);
        for (&k, &c) in keys.iter().zip(cells).filter(|&(&k, &c)| k != 0 && c != 0) {
            match first.entry(k) {
                Entry::Vacant(place) => {
                    place.insert(c);
                }
                Entry::Occupied(place) => {
                    again += 1;
                    other += usize::from(*place.get() != c);
                }
            }
        }
        (again > 0).then(|| other as f64 / again as f64)
    }

    /// Share of rows in which `column` says what it says in the first row of the same `key`.
    pub(super) fn constancy(&self, column: usize, key: usize) -> Option<f64> {
        let mut first: HashMap<u64, u64> = HashMap::new();
        let (cells, keys) = (&self.columns[column].hashes, &self.columns[key].hashes);
        let same = keys.iter().zip(cells).filter(|&(&k, &c)| *first.entry(k).or_insert(c) == c).count();
        (!keys.is_empty() && !cells.is_empty()).then(|| same as f64 / keys.len() as f64)
    }
}
