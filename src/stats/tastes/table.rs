//! Rows × columns with cells that may be missing, and what is done about them.

use crate::progress::{Cancelled, Progress};

/// A table of numbers, some of which may be missing.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    n_columns: usize,
    cells: Vec<Option<f64>>,
}

/// A table without gaps.
#[derive(Debug, Clone, PartialEq)]
pub struct Full {
    /// Which rows of the table are left, ascending.
    pub rows: Vec<usize>,
    /// Which columns.
    pub columns: Vec<usize>,
    /// Row-major.
    pub values: Vec<f64>,
    /// Cells that were missing and are filled in.
    pub n_filled: usize,
}

impl Table {
    /// From (row, column, number). Of several for one cell the last counts, and numbers that are not finite are missing; what lies outside
    /// is passed over. Holds n_rows · n_columns cells of 16 bytes.
    pub fn new(
        (n_rows, n_columns): (usize, usize),
        numbers: impl IntoIterator<Item = (usize, usize, f64)>,
    ) -> Self {
        let mut cells = vec![None; n_rows * n_columns];
        for (row, column, number) in numbers {
            if row < n_rows && column < n_columns {
                cells[row * n_columns + column] = Some(number).filter(|v| v.is_finite());
            }
        }
        Self { n_columns, cells }
    }

    /// Leaves out the row or column with the largest share of missing cells, again and again (the first of equals; rows before columns),
    /// until at least the share `least` of what is left is there; then fills in the rest with what the means of its row and its column
    /// say, mean of row + mean of column − mean of all. What is filled in says nothing of taste, so that it makes dimensions smaller, never
    /// larger.
    pub fn complete(&self, least: f64, progress: &Progress) -> Result<Full, Cancelled> {
        let c = self.n_columns;
        let r = self.cells.len().checked_div(c).unwrap_or(0);
        let is_missing = |row: usize, column: usize| self.cells[row * c + column].is_none();
        let mut kept = [vec![true; r], vec![true; c]];
        let mut missing = [vec![0_usize; r], vec![0_usize; c]];
        for row in 0..r {
            for column in (0..c).filter(|&column| is_missing(row, column)) {
                missing[0][row] += 1;
                missing[1][column] += 1;
            }
        }
        let mut left = [r, c];
        let mut gaps: usize = missing[0].iter().sum();
        // Columns by their gaps: taking out one changes those of rows only, so that the order stands until a row is taken out.
        let by_gaps = |missing: &[usize], kept: &[bool]| {
            let mut order: Vec<usize> = (0..c).filter(|&at| kept[at]).collect();
            order.sort_by_key(|&at| (missing[at], std::cmp::Reverse(at)));
            order
        };
        let mut order = by_gaps(&missing[1], &kept[1]);
        while gaps > 0 && (gaps as f64) > (1.0 - least) * (left[0] * left[1]) as f64 {
            progress.check()?;
            let row = (0..r).filter(|&at| kept[0][at]).rev().max_by_key(|&at| missing[0][at]);
            let (Some(row), Some(&column)) = (row, order.last()) else { break };
            // Shares: of a row, of as many cells as there are columns.
            if missing[0][row] * left[0] >= missing[1][column] * left[1] {
                kept[0][row] = false;
                left[0] -= 1;
                gaps -= missing[0][row];
                for column in (0..c).filter(|&column| kept[1][column] && is_missing(row, column)) {
                    missing[1][column] -= 1;
                }
                order = by_gaps(&missing[1], &kept[1]);
            } else {
                order.pop();
                kept[1][column] = false;
                left[1] -= 1;
                gaps -= missing[1][column];
                for row in (0..r).filter(|&row| kept[0][row] && is_missing(row, column)) {
                    missing[0][row] -= 1;
                }
            }
        }
        let [rows, columns] =
            kept.map(|kept| -> Vec<usize> { (0..kept.len()).filter(|&at| kept[at]).collect() });
        let cells: Vec<Option<f64>> = rows
            .iter()
            .flat_map(|&row| columns.iter().map(move |&column| self.cells[row * c + column]))
            .collect();
        Ok(Full { n_filled: gaps, values: by_means(&cells, columns.len()), rows, columns })
    }
}

/// Missing cells as the mean of the row plus that of the column less that of all.
fn by_means(cells: &[Option<f64>], c: usize) -> Vec<f64> {
    let r = cells.len().checked_div(c).unwrap_or(0);
    let (mut rows, mut columns, mut all) = (vec![(0.0, 0.0); r], vec![(0.0, 0.0); c], (0.0, 0.0));
    for (place, value) in cells.iter().enumerate() {
        if let Some(value) = value {
            for slot in [&mut rows[place / c], &mut columns[place % c], &mut all] {
                slot.0 += value;
                slot.1 += 1.0;
            }
        }
    }
    let mean_of_all = if all.1 > 0.0 { all.0 / all.1 } else { 0.0 };
    let mean = |(sum, n): (f64, f64)| if n > 0.0 { sum / n } else { mean_of_all };
    let value = |(place, cell): (usize, &Option<f64>)| {
        cell.unwrap_or_else(|| mean(rows[place / c]) + mean(columns[place % c]) - mean_of_all)
    };
    cells.iter().enumerate().map(value).collect()
}
