//! Predicted probabilities, items × labels, owned or memory-mapped, always read as `f64`, block by block.
//!
//! The engine never changes a probability. What import repairs (rows that do not sum to one) is stated in
//! [`RowRepair`] and applied as rows are read, so a file larger than memory is never copied.

use std::sync::Arc;

use super::cells::Cells;

/// How stored numbers are encoded.
#[derive(Debug, Clone)]
enum Storage {
    F64(Arc<Vec<f64>>),
    F32(Arc<Vec<f32>>),
    /// Little-endian, row-major numbers in a mapped file, from `offset` bytes on.
    Mapped {
        map: Arc<memmap2::Mmap>,
        offset: usize,
        width: Width,
    },
}

/// Bytes a mapped number takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    /// IEEE half precision.
    F16,
    /// IEEE single precision.
    F32,
    /// IEEE double precision.
    F64,
}

/// Rows whose sum is off by more than `tolerance` are divided by their sum as they are read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RowRepair {
    /// Largest deviation from 1 that is left alone.
    pub tolerance: f64,
    /// How many rows it touches (counted at import).
    pub rows: u64,
}

/// Why a matrix cannot be used as probabilities.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ProbabilitiesError {
    /// Lengths do not fit.
    #[error("{len} numbers are not {rows} rows of {cols} columns")]
    Shape {
        /// Numbers there are.
        len: usize,
        /// Rows wanted.
        rows: usize,
        /// Columns wanted.
        cols: usize,
    },
    /// The file ends too early.
    #[error("the file holds {found} bytes of numbers, its shape needs {needed}")]
    Truncated {
        /// Bytes there are.
        found: usize,
        /// Bytes wanted.
        needed: usize,
    },
}

/// Items × labels. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct Probabilities {
    storage: Storage,
    stored_cols: usize,
    rows: usize,
    /// For each label, the stored column that holds its probability.
    columns: Arc<Vec<u32>>,
    /// For each item, the stored row that holds its probabilities; `None` where they are the same.
    row_order: Option<Arc<Vec<u32>>>,
    repair: Option<RowRepair>,
    /// What the model is called.
    pub name: String,
}

impl Probabilities {
    fn new(storage: Storage, rows: usize, cols: usize) -> Self {
        let columns = Arc::new((0..cols as u32).collect());
        Self { storage, stored_cols: cols, rows, columns, row_order: None, repair: None, name: String::new() }
    }

    /// From numbers in row-major order.
    pub fn from_f64(values: Vec<f64>, rows: usize, cols: usize) -> Result<Self, ProbabilitiesError> {
        if rows.checked_mul(cols) != Some(values.len()) {
            return Err(ProbabilitiesError::Shape { len: values.len(), rows, cols });
        }
        Ok(Self::new(Storage::F64(Arc::new(values)), rows, cols))
    }

    /// From numbers in row-major order.
    pub fn from_f32(values: Vec<f32>, rows: usize, cols: usize) -> Result<Self, ProbabilitiesError> {
        if rows.checked_mul(cols) != Some(values.len()) {
            return Err(ProbabilitiesError::Shape { len: values.len(), rows, cols });
        }
        Ok(Self::new(Storage::F32(Arc::new(values)), rows, cols))
    }

    /// From a mapped file: row-major little-endian numbers from `offset` on.
    pub fn from_map(
        map: Arc<memmap2::Mmap>,
        offset: usize,
        width: Width,
        rows: usize,
        cols: usize,
    ) -> Result<Self, ProbabilitiesError> {
        let found = map.len().saturating_sub(offset);
        let needed = rows.checked_mul(cols).and_then(|n| n.checked_mul(width.bytes())).unwrap_or(usize::MAX);
        if found < needed {
            return Err(ProbabilitiesError::Truncated { found, needed });
        }
        Ok(Self::new(Storage::Mapped { map, offset, width }, rows, cols))
    }

    /// The same numbers with label `k` in stored column `columns[k]`. Every entry is below [`Self::stored_cols`].
    #[must_use]
    pub fn with_columns(mut self, columns: Vec<u32>) -> Self {
        debug_assert!(columns.iter().all(|&c| (c as usize) < self.stored_cols));
        self.columns = Arc::new(columns);
        self
    }

    /// The same numbers with item `i` in stored row `order[i]`.
    #[must_use]
    pub fn with_row_order(mut self, order: Vec<u32>) -> Self {
        self.rows = order.len();
        self.row_order = Some(Arc::new(order));
        self
    }

    /// The same numbers, repaired as they are read.
    #[must_use]
    pub fn with_repair(mut self, repair: Option<RowRepair>) -> Self {
        self.repair = repair;
        self
    }

    /// Number of items.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of labels.
    pub fn cols(&self) -> usize {
        self.columns.len()
    }

    /// Number of columns as stored, before any mapping to labels.
    pub fn stored_cols(&self) -> usize {
        self.stored_cols
    }

    /// For each label, the stored column that holds its probability.
    pub fn columns(&self) -> &[u32] {
        &self.columns
    }

    /// What was repaired.
    pub fn repair(&self) -> Option<RowRepair> {
        self.repair
    }

    /// Whether item and label numbers are those of stored rows and columns.
    fn is_identity(&self) -> bool {
        self.columns.len() == self.stored_cols
            && self.columns.iter().enumerate().all(|(i, &c)| i == c as usize)
            && self.row_order.is_none()
    }

    /// All numbers as they are stored, items × labels; `None` where rows or columns are mapped or repaired as they are
    /// read, and for half precision.
    pub fn cells(&self) -> Option<Cells<'_>> {
        if !self.is_identity() || self.repair.is_some() {
            return None;
        }
        self.stored_cells()
    }

    /// All numbers as they are stored, whatever is done to them as they are read; `None` for half precision.
    pub fn stored_cells(&self) -> Option<Cells<'_>> {
        match &self.storage {
            Storage::F64(v) => Some(Cells::Double(v)),
            Storage::F32(v) => Some(Cells::Single(v)),
            Storage::Mapped { map, offset, width } => {
                let bytes = &map[*offset..];
                match width {
                    Width::F16 => None,
                    Width::F32 => Some(Cells::SingleBytes(bytes.as_chunks().0)),
                    Width::F64 => Some(Cells::DoubleBytes(bytes.as_chunks().0)),
                }
            }
        }
    }

    /// Copies whole rows from item `first` on into `out`, whose length is a multiple of [`Self::cols`].
    /// Panics past the last row.
    pub fn read(&self, first: usize, out: &mut [f64]) {
        let k = self.cols();
        if k == 0 {
            return;
        }
        if self.is_identity() {
            self.read_stored(first * k, out);
        } else {
            for (r, row) in out.chunks_exact_mut(k).enumerate() {
                let item = first + r;
                let stored = self.row_order.as_ref().map_or(item, |o| o[item] as usize);
                for (slot, &c) in row.iter_mut().zip(self.columns.iter()) {
                    *slot = self.stored(stored * self.stored_cols + c as usize);
                }
            }
        }
        if let Some(repair) = self.repair {
            for row in out.chunks_exact_mut(k) {
                let sum: f64 = row.iter().sum();
                if sum > 0.0 && sum.is_finite() && (sum - 1.0).abs() > repair.tolerance {
                    row.iter_mut().for_each(|p| *p /= sum);
                }
            }
        }
    }

    /// The numbers as they are stored, if nobody else holds them and they are `f64`: to fill the same memory again.
    pub fn into_f64(self) -> Option<Vec<f64>> {
        match self.storage {
            Storage::F64(numbers) => Arc::try_unwrap(numbers).ok(),
            _ => None,
        }
    }

    /// The row of one item. Panics past the last.
    pub fn row(&self, item: usize) -> Vec<f64> {
        let mut row = vec![0.0; self.cols()];
        self.read(item, &mut row);
        row
    }

    fn stored(&self, i: usize) -> f64 {
        let mut one = [0.0];
        self.read_stored(i, &mut one);
        one[0]
    }

    fn read_stored(&self, start: usize, out: &mut [f64]) {
        match &self.storage {
            Storage::F64(v) => out.copy_from_slice(&v[start..start + out.len()]),
            Storage::F32(v) => {
                let from = &v[start..start + out.len()];
                out.iter_mut().zip(from).for_each(|(o, &x)| *o = f64::from(x));
            }
            Storage::Mapped { map, offset, width } => {
                let w = width.bytes();
                let from = &map[offset + start * w..offset + (start + out.len()) * w];
                match width {
                    Width::F16 => out.iter_mut().zip(from.chunks_exact(2)).for_each(|(o, b)| {
                        *o = half::f16::from_le_bytes([b[0], b[1]]).to_f64();
                    }),
                    Width::F32 => out.iter_mut().zip(from.chunks_exact(4)).for_each(|(o, b)| {
                        *o = f64::from(f32::from_le_bytes([b[0], b[1], b[2], b[3]]));
                    }),
                    Width::F64 => out.iter_mut().zip(from.chunks_exact(8)).for_each(|(o, b)| {
                        *o = f64::from_le_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]]);
                    }),
                }
            }
        }
    }
}

impl Width {
    /// Bytes a number takes.
    pub fn bytes(self) -> usize {
        match self {
            Self::F16 => 2,
            Self::F32 => 4,
            Self::F64 => 8,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_and_rows_are_mapped_and_rows_repaired_as_they_are_read() {
        let p = Probabilities::from_f64(vec![0.2, 0.8, 0.5, 0.4], 2, 2).unwrap();
        assert_eq!(p.row(1), [0.5, 0.4]);
        let q = p.clone().with_columns(vec![1, 0]).with_row_order(vec![1, 0, 1]);
        assert_eq!((q.rows(), q.row(0), q.row(1)), (3, vec![0.4, 0.5], vec![0.8, 0.2]));
        let r = p.with_repair(Some(RowRepair { tolerance: 1e-6, rows: 1 }));
        assert_eq!((r.row(0), r.row(1)), (vec![0.2, 0.8], vec![0.5 / 0.9, 0.4 / 0.9]));
    }

    #[test]
    fn shapes_that_do_not_fit_are_refused() {
        assert!(Probabilities::from_f64(vec![0.0; 3], 2, 2).is_err());
        assert!(Probabilities::from_f32(vec![0.0; 3], usize::MAX, 3).is_err());
    }
}
