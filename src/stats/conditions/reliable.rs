//! Items on which raters agree for every system under every template (Wiles et al. 2024, *Revisiting Text-to-Image Evaluation with Gecko*).

/// How the disagreement of the ratings of one cell is brought to 0..=1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum DisagreementScale {
    /// Population variance over the greatest that a scale from `low` to `high` allows, (high − low)²/4.
    Variance {
        /// The lowest rating.
        low: f64,
        /// The highest.
        high: f64,
    },
    /// The square root of that.
    Deviation {
        /// The lowest rating.
        low: f64,
        /// The highest.
        high: f64,
    },
    /// (1 − Σ p²)/(1 − 1/K) of K categories, whose numbers the ratings are.
    Categories {
        /// K.
        k: usize,
    },
}

impl DisagreementScale {
    /// Of the ratings of one cell; `None` for fewer than two, for one that is not finite or outside the scale, and for a scale without width.
    pub fn of(self, ratings: &[f64]) -> Option<f64> {
        let n = ratings.len() as f64;
        if ratings.len() < 2 || ratings.iter().any(|r| !r.is_finite()) {
            return None;
        }
        match self {
            Self::Variance { low, high } => {
                let within = high > low && ratings.iter().all(|r| (low..=high).contains(r));
                let mean = ratings.iter().sum::<f64>() / n;
                let variance = ratings.iter().map(|r| (r - mean).powi(2)).sum::<f64>() / n;
                within.then(|| (variance / (0.25 * (high - low).powi(2))).min(1.0))
            }
            Self::Deviation { low, high } => Self::Variance { low, high }.of(ratings).map(f64::sqrt),
            Self::Categories { k } => {
                if k < 2 || ratings.iter().any(|r| *r < 0.0 || *r >= k as f64 || r.fract() != 0.0) {
                    return None;
                }
                let mut sorted = ratings.to_vec();
                sorted.sort_by(|a, b| (a + 0.0).total_cmp(&(b + 0.0)));
                let same: f64 =
                    sorted.chunk_by(|a, b| a == b).map(|run| (run.len() as f64 / n).powi(2)).sum();
                Some(((1.0 - same) / (1.0 - 1.0 / k as f64)).clamp(0.0, 1.0))
            }
        }
    }
}

/// The largest disagreement on each item over all systems and templates.
#[derive(Debug, Clone, PartialEq)]
pub struct ReliableItems {
    /// In 0..=1; `None` where a cell has no disagreement (fewer than two ratings), or there is no cell.
    pub worst: Vec<Option<f64>>,
}

impl ReliableItems {
    /// From cells (item, disagreement) in any order; items from `n_items` on are left out.
    pub fn new(n_items: usize, cells: impl IntoIterator<Item = (u32, Option<f64>)>) -> Self {
        // Whether there is a cell, and whether all are known.
        let mut seen: Vec<(bool, Option<f64>)> = vec![(false, Some(0.0)); n_items];
        for (item, disagreement) in cells {
            if let Some(slot) = seen.get_mut(item as usize) {
                let worst = slot.1.zip(disagreement).map(|(a, b)| a.max(b));
                *slot = (true, worst);
            }
        }
        Self { worst: seen.into_iter().map(|(any, worst)| worst.filter(|_| any)).collect() }
    }

    /// Whether an item's worst disagreement is known and below `limit`.
    pub fn is_reliable(&self, item: usize, limit: f64) -> bool {
        self.worst.get(item).copied().flatten().is_some_and(|w| w < limit)
    }

    /// Number of reliable items.
    pub fn count(&self, limit: f64) -> usize {
        (0..self.worst.len()).filter(|&i| self.is_reliable(i, limit)).count()
    }
}
