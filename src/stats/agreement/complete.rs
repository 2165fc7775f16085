//! Numbers on the items that every rater rated: what intraclass correlations and Kendall's W are made of.

use super::levels::Levels;
use crate::dataset::Annotations;
use crate::stats::Undefined;

/// Items × raters of values, row by row.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Complete {
    /// Values of item i: `values[i * k..(i + 1) * k]`.
    pub values: Vec<f64>,
    /// Raters k.
    pub k: usize,
}

impl Complete {
    /// Of annotations without repeats; items that a rater skipped are left out. Raters without any rating do not count.
    /// Undefined where nothing is left.
    pub(super) fn new(annotations: &Annotations, levels: &Levels) -> Result<Self, Undefined> {
        let inside = |label: u32| (label as usize) < levels.len();
        let n_raters = annotations.n_raters();
        let mut column = vec![u32::MAX; n_raters];
        let mut k = 0;
        for (rater, column) in column.iter_mut().enumerate() {
            if annotations.of_rater(rater).any(|a| inside(a.label)) {
                *column = k as u32;
                k += 1;
            }
        }
        match k {
            0 => return Err(Undefined::NoAnnotations),
            1 => return Err(Undefined::FewerThanTwoRaters),
            _ => {}
        }
        let mut values = Vec::new();
        for item in 0..annotations.n_items() {
            let given = || annotations.of_item(item).filter(|a| inside(a.label));
            if given().count() == k {
                let start = values.len();
                values.resize(start + k, 0.0);
                for a in given() {
                    values[start + column[a.rater as usize] as usize] = levels.values()[a.label as usize];
                }
            }
        }
        if values.is_empty() {
            return Err(Undefined::Because(format!("no item was rated by all {k} raters")));
        }
        Ok(Self { values, k })
    }

    /// Items n.
    pub(super) fn n(&self) -> usize {
        self.values.len() / self.k
    }

    /// Values by item.
    pub(super) fn rows(&self) -> impl Iterator<Item = &[f64]> + Clone {
        self.values.chunks_exact(self.k)
    }
}
