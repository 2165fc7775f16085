//! Rows of probabilities, where they are stored if they can be used so, else read out.

use crate::dataset::{Number, Probabilities};

/// Rows of numbers.
pub(super) trait Rows: Sync {
    /// What a number is.
    type N: Number;
    /// `n` rows from row `first` on; `scratch` may be used to hold them.
    fn rows<'a>(&'a self, first: usize, n: usize, scratch: &'a mut Vec<Self::N>) -> &'a [Self::N];
}

/// As they are stored.
pub(super) struct Stored<'c, N> {
    pub(super) cells: &'c [N],
    pub(super) cols: usize,
}

impl<N: Number> Rows for Stored<'_, N> {
    type N = N;

    #[inline]
    fn rows<'a>(&'a self, first: usize, n: usize, _: &'a mut Vec<N>) -> &'a [N] {
        &self.cells[first * self.cols..(first + n) * self.cols]
    }
}

/// Mapped or repaired as they are read.
pub(super) struct ReadOut<'p>(pub(super) &'p Probabilities);

impl Rows for ReadOut<'_> {
    type N = f64;

    fn rows<'a>(&'a self, first: usize, n: usize, scratch: &'a mut Vec<f64>) -> &'a [f64] {
        scratch.resize(n * self.0.cols(), 0.0);
        self.0.read(first, scratch);
        scratch
    }
}
