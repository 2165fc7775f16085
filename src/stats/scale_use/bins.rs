//! One axis for all distributions on a scale.

/// Most bins: one for every value up to here, else this many less one of equal width.
pub const MOST_BINS: usize = 21;

/// Stretches of a scale, ascending, and which of them each label is in.
#[derive(Debug, Clone, PartialEq)]
pub struct Bins {
    /// Lowest and highest value of each; the same where it stands for one value.
    bounds: Vec<(f64, f64)>,
    of_label: Vec<u32>,
}

impl Bins {
    /// Of labels with these finite values; every value of the scale counts, whether somebody gave it or not.
    pub fn new(values: &[f64]) -> Self {
        // 0.0 and −0.0 are one value.
        let mut distinct: Vec<f64> = values.iter().map(|v| v + 0.0).collect();
        distinct.sort_by(f64::total_cmp);
        distinct.dedup();
        if distinct.len() <= MOST_BINS {
            let place = |v: &f64| distinct.partition_point(|d| d < v) as u32;
            let of_label = values.iter().map(place).collect();
            return Self { bounds: distinct.iter().map(|&v| (v, v)).collect(), of_label };
        }
        let n = MOST_BINS - 1;
        let (low, high) = (distinct[0], distinct[distinct.len() - 1]);
        let at = |k: usize| low + (high - low) * k as f64 / n as f64;
        let place = |v: &f64| ((((v - low) / (high - low)) * n as f64) as usize).min(n - 1) as u32;
        let mut bounds: Vec<(f64, f64)> = (0..n).map(|k| (at(k), at(k + 1))).collect();
        bounds[n - 1].1 = high;
        Self { bounds, of_label: values.iter().map(place).collect() }
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.bounds.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.bounds.is_empty()
    }

    /// Lowest and highest value of each.
    pub fn bounds(&self) -> &[(f64, f64)] {
        &self.bounds
    }

    /// The ends of the scale; (0, 0) where there is none.
    pub fn range(&self) -> (f64, f64) {
        self.bounds.first().zip(self.bounds.last()).map_or((0.0, 0.0), |(a, b)| (a.0, b.1))
    }

    /// The bin of a label, which is one of those that were given.
    pub fn of(&self, label: u32) -> usize {
        self.of_label[label as usize] as usize
    }
}
