//! How many dimensions explain a table of ratings? Raters × items without the means of both, or items × scales, by singular values.
//!
//! What is left of a rating after the means of its rater, its item and all are taken out is taste: how raters differ beyond being strict,
//! and items beyond being good. Scales are standardised instead, which makes the decomposition that of their correlations (principal
//! components). The share σ_k²/Σσ² says what dimension k explains. Some dimension explains something in pure noise too: *parallel
//! analysis* (Horn 1965) keeps a dimension while it, and all before it, explain more than in 95 % of tables at random. Of scales, columns are
//! permuted, each by itself. Of tastes, each has its sign flipped or not (Hong, Sheng & Dobriban 2020): raters who are careless and items that
//! divide keep their noise, which permutation would even out.

mod table;
#[cfg(test)]
mod tests;

use nalgebra::DMatrix;
use rayon::prelude::*;

pub use table::{Full, Table};

use super::Undefined;
use super::agreement::quantile;
use super::random::Stream;
use crate::progress::{Cancelled, Progress};

/// Rows below which nothing is told.
pub const LEAST_ROWS: usize = 30;
/// Dimensions that are told.
pub const MOST_DIMENSIONS: usize = 12;
/// Most rows or columns, whichever are fewer: the square of their number is kept.
pub const MOST_SIDE: usize = 400;
/// Most permuted tables, and fewest.
const PERMUTATIONS: (usize, usize) = (200, 20);
/// Cells that are shuffled, and numbers that are multiplied, in all permuted tables together.
const MOST_SHUFFLED: usize = 60_000_000;
const MOST_STEPS: f64 = 1e10;

/// What is taken out of the table before it is decomposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Centring {
    /// The means of rows and of columns.
    Both,
    /// The mean of each column, which is divided by its standard deviation; columns that do not vary are left out.
    Standardised,
}

/// One dimension.
#[derive(Debug, Clone, PartialEq)]
pub struct Dimension {
    /// σ²/Σσ², in 0..=1.
    pub share: f64,
    /// The 95 % point of that share in tables at random.
    pub by_chance: f64,
    /// One score a row, of length 1 together.
    pub scores: Vec<f64>,
    /// One loading a column, of length σ together; the largest in size is above 0. Of standardised columns, times 1/√n, the correlation of
    /// column and dimension.
    pub loadings: Vec<f64>,
}

/// Dimensions of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Dimensions {
    /// Largest first, at most [`MOST_DIMENSIONS`].
    pub dimensions: Vec<Dimension>,
    /// How many parallel analysis keeps.
    pub n_kept: usize,
    /// Tables at random.
    pub n_permutations: usize,
    /// Columns that do not vary and were left out, ascending; their loadings are 0.
    pub constant: Vec<usize>,
}

/// Looks for dimensions. Undefined for fewer than 30 rows or 2 columns, for more than 400 of both, and where nothing varies beyond the
/// means.
pub fn dimensions(
    full: &Full,
    centring: Centring,
    seed: u64,
    progress: &Progress,
) -> Result<Result<Dimensions, Undefined>, Cancelled> {
    let (r, c) = (full.rows.len(), full.columns.len());
    let because = |reason: String| Ok(Err(Undefined::Because(reason)));
    if r < LEAST_ROWS {
        return because(format!("only {r} rows are left to compare; it takes {LEAST_ROWS}"));
    }
    if c < 2 {
        return because("fewer than two columns are left to compare".to_owned());
    }
    if r.min(c) > MOST_SIDE {
        return because(format!("a table of {r} rows and {c} columns is too large"));
    }
    let (x, constant) = centre(&full.values, (r, c), centring);
    let total: f64 = squares(&x);
    if total <= 1e-20 * squares(&full.values) || total <= 0.0 {
        return because("nothing varies beyond the means of rows and columns".to_owned());
    }
    let most = MOST_DIMENSIONS.min(r.min(c) - usize::from(centring == Centring::Both));
    let mut found = decompose(&x, (r, c), most, total);
    progress.check()?;
    let steps = (r.min(c) * r.min(c)) as f64 * r.max(c) as f64 / 2.0;
    let n =
        (MOST_SHUFFLED / (r * c)).min((MOST_STEPS / steps) as usize).clamp(PERMUTATIONS.1, PERMUTATIONS.0);
    progress.stage("Tables at random", n as u64);
    let draws: Vec<Vec<f64>> = (0..n)
        .into_par_iter()
        .map(|i| {
            progress.check()?;
            let mut rng = Stream::new(seed, i as u64);
            let (permuted, _) = match centring {
                Centring::Both => {
                    let mut flipped = x.clone();
                    flipped.iter_mut().filter(|_| rng.below(2) == 1).for_each(|v| *v = -*v);
                    centre(&flipped, (r, c), centring)
                }
                Centring::Standardised => {
                    let mut permuted = full.values.clone();
                    let mut column = vec![0.0; r];
                    for at in 0..c {
                        (0..r).for_each(|row| column[row] = permuted[row * c + at]);
                        rng.shuffle(&mut column);
                        (0..r).for_each(|row| permuted[row * c + at] = column[row]);
                    }
                    centre(&permuted, (r, c), centring)
                }
            };
            let all = squares(&permuted);
            let mut values: Vec<f64> =
                gram(&permuted, r, c).symmetric_eigenvalues().iter().copied().collect();
            values.sort_by(|a, b| b.total_cmp(a));
            progress.add(1);
            Ok(values.into_iter().take(most).map(|v| if all > 0.0 { v / all } else { 0.0 }).collect())
        })
        .collect::<Result<_, Cancelled>>()?;
    for (k, dimension) in found.iter_mut().enumerate() {
        let mut shares: Vec<f64> = draws.iter().map(|d| d[k]).collect();
        shares.sort_by(f64::total_cmp);
        dimension.by_chance = quantile(&shares, 0.95);
    }
    let n_kept = found.iter().take_while(|d| d.share > d.by_chance).count();
    Ok(Ok(Dimensions { dimensions: found, n_kept, n_permutations: n, constant }))
}

fn squares(x: &[f64]) -> f64 {
    x.iter().map(|x| x * x).sum()
}

/// The table without what is taken out of it, row-major, and the columns that do not vary (of standardised ones).
fn centre(values: &[f64], (r, c): (usize, usize), centring: Centring) -> (Vec<f64>, Vec<usize>) {
    let mut columns = vec![0.0; c];
    for row in values.chunks_exact(c) {
        columns.iter_mut().zip(row).for_each(|(sum, x)| *sum += x);
    }
    columns.iter_mut().for_each(|sum| *sum /= r as f64);
    let mut x = values.to_vec();
    let mut constant = Vec::new();
    match centring {
        Centring::Both => {
            let all = columns.iter().sum::<f64>() / c as f64;
            for row in x.chunks_exact_mut(c) {
                let mean = row.iter().sum::<f64>() / c as f64;
                row.iter_mut().zip(&columns).for_each(|(v, column)| *v += all - mean - column);
            }
        }
        Centring::Standardised => {
            let mut spread = vec![0.0; c];
            for row in x.chunks_exact_mut(c) {
                for ((v, mean), spread) in row.iter_mut().zip(&columns).zip(&mut spread) {
                    *v -= mean;
                    *spread += *v * *v;
                }
            }
            let n = r as f64;
            constant = (0..c).filter(|&j| spread[j] <= 1e-20 * n * (1.0 + columns[j] * columns[j])).collect();
            for row in x.chunks_exact_mut(c) {
                row.iter_mut().zip(&spread).for_each(|(v, s)| *v /= (s / n).sqrt());
                constant.iter().for_each(|&j| row[j] = 0.0);
            }
        }
    }
    (x, constant)
}

/// Products of rows with each other, or of columns where they are fewer.
fn gram(x: &[f64], r: usize, c: usize) -> DMatrix<f64> {
    let n = r.min(c);
    let mut g = DMatrix::zeros(n, n);
    if r <= c {
        for i in 0..n {
            for j in 0..=i {
                g[(i, j)] = x[i * c..][..c].iter().zip(&x[j * c..][..c]).map(|(a, b)| a * b).sum();
            }
        }
    } else {
        for row in x.chunks_exact(c) {
            for i in 0..n {
                for j in 0..=i {
                    g[(i, j)] += row[i] * row[j];
                }
            }
        }
    }
    g.fill_upper_triangle_with_lower_triangle();
    g
}

fn decompose(x: &[f64], (r, c): (usize, usize), most: usize, total: f64) -> Vec<Dimension> {
    let eigen = gram(x, r, c).symmetric_eigen();
    let mut order: Vec<usize> = (0..r.min(c)).collect();
    order.sort_by(|&a, &b| eigen.eigenvalues[b].total_cmp(&eigen.eigenvalues[a]));
    let one = |k: usize| {
        let variance = eigen.eigenvalues[k].max(0.0);
        let length = variance.sqrt();
        let vector: Vec<f64> = eigen.eigenvectors.column(k).iter().copied().collect();
        // The other side: X v, or Xᵀ u, of length σ.
        let (mut scores, mut loadings) = if r <= c {
            let mut loadings = vec![0.0; c];
            for (row, u) in x.chunks_exact(c).zip(&vector) {
                loadings.iter_mut().zip(row).for_each(|(sum, v)| *sum += v * u);
            }
            (vector, loadings)
        } else {
            let over = if length > 0.0 { 1.0 / length } else { 0.0 };
            let along = |row: &[f64]| row.iter().zip(&vector).map(|(a, b)| a * b).sum::<f64>() * over;
            let scores = x.chunks_exact(c).map(along).collect();
            (scores, vector.iter().map(|v| v * length).collect())
        };
        let larger = |m: f64, &v: &f64| if v.abs() > m.abs() { v } else { m };
        if loadings.iter().fold(0.0, larger) < 0.0 {
            scores.iter_mut().chain(&mut loadings).for_each(|v: &mut f64| *v = -*v);
        }
        Dimension { share: (variance / total).min(1.0), by_chance: 0.0, scores, loadings }
    };
    order.into_iter().take(most).map(one).collect()
}

/// Columns that explain most of the table together, at most `most`, each with the share that is explained so far: one by one, the one whose
/// direction explains most of what is left, which is then taken out of all (double-centred).
pub fn telling_columns(
    full: &Full,
    most: usize,
    progress: &Progress,
) -> Result<Vec<(usize, f64)>, Cancelled> {
    let (r, c) = (full.rows.len(), full.columns.len());
    let (mut x, _) = centre(&full.values, (r, c), Centring::Both);
    let total = squares(&x);
    let mut chosen = Vec::new();
    while chosen.len() < most.min(c) {
        progress.check()?;
        // What a column explains is Σ_k (x_k·x_j)² over its length: x_jᵀ (X Xᵀ) x_j.
        let rows = row_products(&x, r, c);
        let gains: Vec<f64> = (0..c)
            .into_par_iter()
            .map(|j| {
                let own: f64 = (0..r).map(|i| x[i * c + j] * x[i * c + j]).sum();
                // A column of which rounding is all that is left has no direction.
                if own <= 1e-12 * total {
                    return 0.0;
                }
                let product = |i: usize| -> f64 { (0..r).map(|k| rows[i * r + k] * x[k * c + j]).sum() };
                (0..r).map(|i| x[i * c + j] * product(i)).sum::<f64>() / own
            })
            .collect();
        let best = (0..c).fold(0, |best, j| if gains[j] > gains[best] { j } else { best });
        if gains.is_empty() || gains[best] <= 0.0 {
            break;
        }
        let direction: Vec<f64> = (0..r).map(|i| x[i * c + best]).collect();
        let own = squares(&direction);
        let mut along = vec![0.0; c];
        for (row, d) in x.chunks_exact(c).zip(&direction) {
            along.iter_mut().zip(row).for_each(|(a, v)| *a += v * d);
        }
        for (row, d) in x.chunks_exact_mut(c).zip(&direction) {
            row.iter_mut().zip(&along).for_each(|(v, a)| *v -= a * d / own);
        }
        chosen.push((best, (1.0 - squares(&x) / total).clamp(0.0, 1.0)));
    }
    Ok(chosen)
}

/// Products of all rows with each other.
fn row_products(x: &[f64], r: usize, c: usize) -> Vec<f64> {
    let rows: Vec<Vec<f64>> = (0..r)
        .into_par_iter()
        .map(|i| {
            let own = &x[i * c..][..c];
            (0..r).map(|k| own.iter().zip(&x[k * c..][..c]).map(|(a, b)| a * b).sum()).collect()
        })
        .collect();
    rows.concat()
}

/// Share of the variance of scores that lies between groups, η² = Σ_g n_g (x̄_g − x̄)² / Σ (x − x̄)², and the chance of one as large
/// where scores are dealt out to groups anew, (1 + those as large)/(1 + 2,000). `None` where scores do not vary, for fewer than two
/// groups, and where every score is a group of its own.
pub fn share_by_group(
    scores: &[f64],
    groups: &[usize],
    (seed, stream): (u64, u64),
    progress: &Progress,
) -> Result<Option<(f64, f64)>, Cancelled> {
    const DEALS: u32 = 2_000;
    let n_groups = groups.iter().max().map_or(0, |g| g + 1);
    let mut sizes = vec![0_u32; n_groups];
    groups.iter().for_each(|&g| sizes[g] += 1);
    let mean = scores.iter().sum::<f64>() / scores.len().max(1) as f64;
    let mut away: Vec<f64> = scores.iter().map(|s| s - mean).collect();
    let total = squares(&away);
    let n_used = sizes.iter().filter(|&&n| n > 0).count();
    if n_used < 2 || n_used == scores.len() || total <= 0.0 {
        return Ok(None);
    }
    let share = |away: &[f64]| {
        let mut sums = vec![0.0; n_groups];
        away.iter().zip(groups).for_each(|(x, &g)| sums[g] += x);
        let between = sums.iter().zip(&sizes).filter(|(_, n)| **n > 0).map(|(s, &n)| s * s / f64::from(n));
        between.sum::<f64>() / total
    };
    let found = share(&away).clamp(0.0, 1.0);
    // A stream of its own beside those of permuted tables.
    let mut rng = Stream::new(seed, (1 << 32) + stream);
    let mut as_large = 0_u32;
    for _ in 0..DEALS {
        progress.check()?;
        rng.shuffle(&mut away);
        // Sums in another order differ in the last digits.
        as_large += u32::from(share(&away) >= found - 1e-12);
    }
    Ok(Some((found, f64::from(1 + as_large) / f64::from(1 + DEALS))))
}
