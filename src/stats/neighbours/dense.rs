//! Neighbours among vectors of numbers: every pair is looked at, in blocks that stay in the cache.

use rayon::prelude::*;

use super::{Metric, Neighbours, Same};
use crate::dataset::{Embeddings, vectorised};
use crate::progress::{Cancelled, Progress};

/// Items of which neighbours are looked for together, and items that are held against them at a time.
const ROWS: usize = 16;
const AGAINST: usize = 512;
/// Candidates beyond k that are measured exactly.
const SPARE: usize = 16;
/// Numbers that are multiplied side by side; their sums are added in a fixed order.
const LANES: usize = 8;

/// The `k` nearest items of each, or all others where there are fewer. A pair is first measured in single precision; the nearest,
/// and a few more, are then measured in double precision and ordered by that.
///
/// Vectors without length are as far from everything as can be by cosine.
pub fn neighbours_of(vectors: &Embeddings, k: usize, progress: &Progress) -> Result<Neighbours, Cancelled> {
    let (n, d) = (vectors.rows(), vectors.cols());
    let metric = Metric::for_numbers(d);
    let k = k.min(n.saturating_sub(1));
    let width = d.next_multiple_of(LANES).max(LANES);
    let prepared = prepared(vectors, metric, width);
    let same =
        Same::new(n, |item| vectors.row(item).iter().map(|x| (x + 0.0).to_bits()).collect::<Vec<u32>>());
    let blocks = n.div_ceil(ROWS);
    progress.stage("Looking for neighbours", blocks as u64);
    let lists: Vec<Vec<Vec<(f64, u32)>>> = (0..blocks)
        .into_par_iter()
        .map(|block| {
            progress.check()?;
            let rows = block * ROWS..((block + 1) * ROWS).min(n);
            let mut nearest: Vec<Nearest> = rows.clone().map(|_| Nearest::new(k + SPARE)).collect();
            for start in (0..n).step_by(AGAINST) {
                let others = start..(start + AGAINST).min(n);
                vectorised(
                    #[inline(always)]
                    || {
                        for (row, nearest) in rows.clone().zip(&mut nearest) {
                            let own = &prepared[row * width..(row + 1) * width];
                            for other in others.clone() {
                                let against = &prepared[other * width..(other + 1) * width];
                                let distance = match metric {
                                    Metric::Cosine => -dot(own, against),
                                    // Of differences: squares of far points would leave nothing of a small distance.
                                    Metric::Euclidean => apart(own, against),
                                };
                                if distance < nearest.limit && other != row {
                                    nearest.offer(distance, other as u32);
                                }
                            }
                        }
                    },
                );
            }
            progress.add(1);
            let exact = |(row, near): (usize, Nearest)| {
                let mut others: Vec<u32> = near.items.iter().map(|n| n.1).collect();
                others.extend(same.of(row, k));
                others.sort_unstable();
                others.dedup();
                let measured = others
                    .into_iter()
                    .map(|other| (distance(metric, vectors.row(row), vectors.row(other as usize)), other));
                let mut list: Vec<(f64, u32)> = measured.collect();
                list.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
                list.truncate(k);
                list
            };
            Ok(rows.zip(nearest).map(exact).collect())
        })
        .collect::<Result<_, Cancelled>>()?;
    Ok(Neighbours::new(metric, k, lists.into_iter().flatten()))
}

/// Rows as they are multiplied: of length one for cosine, filled up with zeros.
fn prepared(vectors: &Embeddings, metric: Metric, width: usize) -> Vec<f32> {
    let mut all = vec![0.0; vectors.rows() * width];
    all.par_chunks_exact_mut(width).enumerate().for_each(|(item, out)| {
        let row = vectors.row(item);
        let length = row.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>().sqrt();
        for (out, &x) in out.iter_mut().zip(row) {
            *out = match metric {
                Metric::Cosine if length > 0.0 => (f64::from(x) / length) as f32,
                Metric::Cosine => 0.0,
                Metric::Euclidean => x,
            };
        }
    });
    all
}

/// Sum of products; lanes are added in a fixed order, so that it is the same on every machine.
#[inline(always)]
#[allow(clippy::inline_always)]
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0.0f32; LANES];
    for (a, b) in a.as_chunks::<LANES>().0.iter().zip(b.as_chunks::<LANES>().0) {
        for lane in 0..LANES {
            lanes[lane] += a[lane] * b[lane];
        }
    }
    lanes.iter().sum()
}

/// Sum of squared differences, likewise.
#[inline(always)]
#[allow(clippy::inline_always)]
fn apart(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0.0f32; LANES];
    for (a, b) in a.as_chunks::<LANES>().0.iter().zip(b.as_chunks::<LANES>().0) {
        for lane in 0..LANES {
            lanes[lane] += (a[lane] - b[lane]) * (a[lane] - b[lane]);
        }
    }
    lanes.iter().sum()
}

/// The distance of two rows in double precision; exactly 0 for equal ones.
pub(super) fn distance(metric: Metric, a: &[f32], b: &[f32]) -> f64 {
    if a == b {
        return 0.0;
    }
    let pairs = || a.iter().zip(b).map(|(&x, &y)| (f64::from(x), f64::from(y)));
    match metric {
        Metric::Euclidean => pairs().map(|(x, y)| (x - y).powi(2)).sum::<f64>().sqrt(),
        Metric::Cosine => {
            let (mut product, mut length_a, mut length_b) = (0.0, 0.0, 0.0);
            for (x, y) in pairs() {
                product += x * y;
                length_a += x * x;
                length_b += y * y;
            }
            let lengths = (length_a * length_b).sqrt();
            if lengths > 0.0 { (1.0 - product / lengths).clamp(0.0, 2.0) } else { 2.0 }
        }
    }
}

/// The nearest so far; ties to the lowest item, as items come in ascending order.
struct Nearest {
    most: usize,
    limit: f32,
    items: Vec<(f32, u32)>,
}

impl Nearest {
    fn new(most: usize) -> Self {
        Self { most, limit: f32::INFINITY, items: Vec::with_capacity(2 * most) }
    }

    fn offer(&mut self, distance: f32, item: u32) {
        self.items.push((distance, item));
        if self.items.len() >= 2 * self.most {
            self.cut();
        }
    }

    fn cut(&mut self) {
        if self.items.len() > self.most {
            let by = |a: &(f32, u32), b: &(f32, u32)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
            self.items.select_nth_unstable_by(self.most - 1, by);
            self.items.truncate(self.most);
            self.limit = self.items.iter().map(|n| n.0).fold(f32::NEG_INFINITY, f32::max);
        }
    }
}
