//! Ratings on each rater's own scale: z = (s − mean)/sd over what the rater gave, sd with n − 1.

use super::Ratings;

/// Ratings within raters.
#[derive(Debug, Clone, PartialEq)]
pub struct WithinRater {
    /// For each item its (rater, z), in the order of the source. Raters with a single rating have no sd and are left out.
    pub items: Vec<Vec<(u32, f64)>>,
    /// Raters with two ratings or more, all the same: their z are 0.
    pub n_constant: usize,
    /// Raters with a single rating.
    pub n_single: usize,
}

impl WithinRater {
    /// Mean z of an item; `None` without one.
    pub fn mean(&self, item: usize) -> Option<f64> {
        let own = self.items.get(item).filter(|own| !own.is_empty())?;
        Some(own.iter().map(|z| z.1).sum::<f64>() / own.len() as f64)
    }
}

/// Standardises every rating within its rater.
pub fn within_rater(ratings: &Ratings) -> WithinRater {
    let layout = &ratings.layout;
    let value = |label: u32| ratings.values[label as usize];
    let (mut n_constant, mut n_single) = (0, 0);
    // (mean, sd) of raters with two ratings or more.
    let scales: Vec<Option<(f64, f64)>> = (0..layout.n_raters())
        .map(|rater| {
            let own = layout.answers(rater);
            if own.len() < 2 {
                n_single += own.len();
                return None;
            }
            let n = own.len() as f64;
            let mean = own.iter().map(|a| value(a.label)).sum::<f64>() / n;
            let squares: f64 = own.iter().map(|a| (value(a.label) - mean).powi(2)).sum();
            let constant = own.iter().all(|a| value(a.label) == value(own[0].label));
            n_constant += usize::from(constant);
            Some((mean, if constant { 0.0 } else { (squares / (n - 1.0)).sqrt() }))
        })
        .collect();
    let items = (0..layout.n_items())
        .map(|item| {
            let z = |v: &crate::stats::aggregation::Vote| {
                let (mean, sd) = scales[v.rater as usize]?;
                Some((v.rater, if sd > 0.0 { (value(v.label) - mean) / sd } else { 0.0 }))
            };
            layout.votes(item).iter().filter_map(z).collect()
        })
        .collect();
    WithinRater { items, n_constant, n_single }
}
