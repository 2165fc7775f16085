//! Vectors of numbers, one an item: what a model makes of texts, pictures or anything else.

use std::sync::Arc;

/// Items × numbers, single precision, row by row.
#[derive(Debug, Clone, PartialEq)]
pub struct Embeddings {
    /// What they are called.
    pub name: String,
    rows: usize,
    cols: usize,
    values: Arc<[f32]>,
}

/// Why numbers are no embeddings. Rows and columns are counted from 0 in the fields, from 1 in words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EmbeddingsError {
    /// Another number of them than rows × columns.
    #[error("{found} numbers do not make {rows} rows of {cols}")]
    Shape {
        /// Numbers.
        found: usize,
        /// Rows.
        rows: usize,
        /// Columns.
        cols: usize,
    },
    /// One that is none.
    #[error("row {}, column {}, holds no finite number", .row + 1, .col + 1)]
    NotFinite {
        /// Its row.
        row: usize,
        /// Its column.
        col: usize,
    },
}

impl Embeddings {
    /// From numbers, row by row.
    ///
    /// # Errors
    /// A number of them that does not fit, one that is not finite.
    pub fn new(name: String, values: Vec<f32>, rows: usize, cols: usize) -> Result<Self, EmbeddingsError> {
        if cols == 0 || rows.checked_mul(cols) != Some(values.len()) {
            return Err(EmbeddingsError::Shape { found: values.len(), rows, cols });
        }
        if let Some(at) = values.iter().position(|x| !x.is_finite()) {
            return Err(EmbeddingsError::NotFinite { row: at / cols, col: at % cols });
        }
        Ok(Self { name, rows, cols, values: values.into() })
    }

    /// Items.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Numbers of each.
    pub fn cols(&self) -> usize {
        self.cols
    }

    /// The numbers of an item.
    pub fn row(&self, item: usize) -> &[f32] {
        &self.values[item * self.cols..(item + 1) * self.cols]
    }
}
