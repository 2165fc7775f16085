//! The ranks by several detectors, added up (Borda count; Klie, Webber & Gurevych 2023).

use rayon::prelude::*;

use crate::progress::{Cancelled, Progress};

/// What a high number in a column says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum High {
    /// The label is probably wrong.
    Suspicious,
    /// The label is probably right.
    Trusted,
}

/// Mean rank of each item over `columns` (one entry an item each), scaled to 0..=1, 1 = most suspicious. Items of equal score share
/// the mean of their ranks. NaN where any column has NaN; a single item has 1.
///
/// # Errors
/// Cancellation.
pub fn borda(columns: &[(&[f64], High)], progress: &Progress) -> Result<Vec<f64>, Cancelled> {
    let n = columns.first().map_or(0, |c| c.0.len());
    let mut sum = vec![f64::NAN; n];
    let taken: Vec<u32> =
        (0..n as u32).filter(|&i| columns.iter().all(|c| !c.0[i as usize].is_nan())).collect();
    taken.iter().for_each(|&i| sum[i as usize] = 0.0);
    let most = taken.len().saturating_sub(1);
    let scale = 1.0 / (most.max(1) * columns.len().max(1)) as f64;
    let mut order = taken;
    for &(column, high) in columns {
        progress.check()?;
        order.par_sort_unstable_by(|&a, &b| {
            let by_score = column[a as usize].total_cmp(&column[b as usize]);
            (if high == High::Suspicious { by_score } else { by_score.reverse() }).then(a.cmp(&b))
        });
        let mut start = 0;
        while start < order.len() {
            let score = column[order[start] as usize];
            let tied = order[start..].iter().take_while(|&&i| column[i as usize] == score).count().max(1);
            let rank = start as f64 + (tied - 1) as f64 / 2.0;
            for &item in &order[start..start + tied] {
                sum[item as usize] += rank * scale;
            }
            start += tied;
        }
    }
    if most == 0 {
        order.iter().for_each(|&i| sum[i as usize] = 1.0);
    }
    Ok(sum)
}
