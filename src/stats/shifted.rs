//! Does the column of labels stand beside the rows it was made for? After a row was lost, or a part was sorted by itself, labels fit the
//! predictions of other rows better than those of their own.
//!
//! Block by block of the file: the mean of ln p_{i+δ}(y_i) for lags δ of −20 to 20, where p_i(y) is what row i's prediction gives label y.
//! The best lag is told of if it beats 0 by more than four standard errors of the difference, item by item. Within windows of twenty rows, the pairing
//! max_π Σ ln p_i(y_π(i)) (Hungarian; Kuhn 1955), beside the pairs as they stand and beside what pairing at random comes to:
//! of all permutations, mean Σ_ij c_ij / w and variance Σ_ij d_ij² / (w − 1), with d the costs centred by rows and columns (Hoeffding 1951).
//!
//! After regression with permuted labels; the blocks, and when they are told of, are this program's own.

use std::ops::Range;

use pathfinding::matrix::Matrix;
use pathfinding::prelude::kuhn_munkres;
use rayon::prelude::*;

use crate::dataset::{LabelId, NO_LABEL, Probabilities};
use crate::progress::{Cancelled, Progress};

/// Farthest lag that is tried.
pub const MOST_LAG: usize = 20;
/// Rows of a window.
pub const WINDOW: usize = 20;
/// Standard errors beyond which something is told.
pub const LEAST_Z: f64 = 4.0;
/// Standard deviations below which labels fit no better than dealt out, and those beyond which they would, were the block as the others are.
const DEALT: (f64, f64) = (3.0, 8.0);
/// Rows of a block, at least and at most.
const BLOCK: (usize, usize) = (100, 2_000);
/// Blocks that are aimed at.
const BLOCKS: usize = 50;
/// Items below which a lag says nothing.
const LEAST_ITEMS: usize = 30;
/// Probabilities are at least this.
const LEAST_P: f64 = 1e-6;

/// A lag beside none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lag {
    /// Labels belong to the row this much further down.
    pub delta: i32,
    /// Mean of ln p_{i+δ}(y_i) − ln p_i(y_i).
    pub gain: f64,
    /// Its standard error.
    pub se: f64,
    /// Items whose row and other row have a prediction.
    pub n: usize,
}

impl Lag {
    /// Whether it beats lag 0.
    pub fn tells(&self) -> bool {
        self.gain > LEAST_Z * self.se && self.gain > 0.0
    }
}

/// Labels and predictions paired within windows, sums of ln p.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Pairing {
    /// As they stand.
    pub stands: f64,
    /// As well as can be.
    pub best: f64,
    /// At random, on average.
    pub chance: f64,
    /// Variance of that.
    pub variance: f64,
    /// Pairs.
    pub n: usize,
}

impl Pairing {
    /// Of a square of ln p, rows by labels.
    pub fn of(costs: &[Vec<f64>]) -> Self {
        let n = costs.len();
        if n == 0 {
            return Self::default();
        }
        let w = n as f64;
        let rows: Vec<f64> = costs.iter().map(|r| r.iter().sum::<f64>() / w).collect();
        let columns: Vec<f64> = (0..n).map(|j| costs.iter().map(|r| r[j]).sum::<f64>() / w).collect();
        let all = rows.iter().sum::<f64>() / w;
        let centred = |i: usize, j: usize| costs[i][j] - rows[i] - columns[j] + all;
        let squares: f64 = (0..n).flat_map(|i| (0..n).map(move |j| centred(i, j).powi(2))).sum();
        // Whole millionths: the pairing wants numbers that can be told apart.
        let weights = costs.iter().map(|r| r.iter().map(|c| (c * 1e6).round() as i64));
        let best = match Matrix::from_rows(weights) {
            Ok(weights) => kuhn_munkres(&weights).1.into_iter().enumerate().map(|(i, j)| costs[i][j]).sum(),
            Err(_) => 0.0,
        };
        let stands = (0..n).map(|i| costs[i][i]).sum();
        let variance = if n > 1 { squares / (w - 1.0) } else { 0.0 };
        Self { stands, best, chance: w * all, variance, n }
    }

    fn add(&mut self, other: &Self) {
        self.stands += other.stands;
        self.best += other.best;
        self.chance += other.chance;
        self.variance += other.variance;
        self.n += other.n;
    }

    /// How many standard deviations the pairs as they stand are better than pairs at random; `None` where all pairings are the same.
    pub fn z(&self) -> Option<f64> {
        (self.variance > 1e-9).then(|| (self.stands - self.chance) / self.variance.sqrt())
    }
}

/// What a block looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Labels stand beside their rows, or nothing says otherwise.
    Straight,
    /// Another lag fits better.
    Shifted,
    /// They fit no better than dealt out anew within each window, though they do in the other blocks.
    Dealt,
}

/// Consecutive rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// Which.
    pub rows: Range<usize>,
    /// Those with a label and a prediction.
    pub n: usize,
    /// Mean of ln p_i(y_i).
    pub stands: f64,
    /// The lag that fits best, but 0; `None` with fewer than thirty items.
    pub best: Option<Lag>,
    /// Pairings within windows.
    pub pairing: Pairing,
    /// What it looks like.
    pub kind: Kind,
}

/// Looks at every block of the file. `labels` has one entry a row of `probabilities`.
///
/// # Errors
/// If it was cancelled.
pub fn shifted_labels(
    labels: &[LabelId],
    probabilities: &Probabilities,
    progress: &Progress,
) -> Result<Vec<Block>, Cancelled> {
    let n = labels.len().min(probabilities.rows());
    let n_blocks = (n / (n / BLOCKS).clamp(BLOCK.0, BLOCK.1)).max(1);
    progress.stage("Labels beside other rows", n as u64);
    let found: Vec<Result<Block, Cancelled>> = (0..n_blocks)
        .into_par_iter()
        .map(|b| {
            progress.check()?;
            let rows = n * b / n_blocks..n * (b + 1) / n_blocks;
            progress.add(rows.len() as u64);
            Ok(block(labels, probabilities, rows, n))
        })
        .collect();
    let mut blocks: Vec<Block> = found.into_iter().collect::<Result<_, _>>()?;
    // What stands beside other rows says nothing of how well labels fit their own.
    let mut all = Pairing::default();
    let shifted = |b: &Block| b.best.is_some_and(|best| best.tells());
    blocks.iter().filter(|b| !shifted(b)).for_each(|b| all.add(&b.pairing));
    for block in &mut blocks {
        if shifted(block) {
            block.kind = Kind::Shifted;
            continue;
        }
        let own = &block.pairing;
        let others = Pairing {
            stands: all.stands - own.stands,
            best: all.best - own.best,
            chance: all.chance - own.chance,
            variance: all.variance - own.variance,
            n: all.n - own.n,
        };
        // The others, were they as few as these.
        let usual = others.z().map(|z| z * (own.n as f64 / others.n.max(1) as f64).sqrt());
        let fits_badly = own.z().is_some_and(|z| z < DEALT.0) && usual.is_some_and(|z| z > DEALT.1);
        if fits_badly && own.n >= LEAST_ITEMS {
            block.kind = Kind::Dealt;
        }
    }
    Ok(blocks)
}

fn block(labels: &[LabelId], probabilities: &Probabilities, rows: Range<usize>, n: usize) -> Block {
    let cols = probabilities.cols();
    let around = rows.start.saturating_sub(MOST_LAG)..(rows.end + MOST_LAG).min(n);
    let mut read = vec![0.0; around.len() * cols];
    probabilities.read(around.start, &mut read);
    let sums: Vec<f64> = read.chunks(cols.max(1)).map(|row| row.iter().sum()).collect();
    // ln p of a label in a row; rows without a prediction have none.
    let ln = |row: usize, label: LabelId| {
        let at = row.checked_sub(around.start)?;
        let sum = sums.get(at).copied().filter(|s| s.is_finite() && *s > 0.0)?;
        let p = read.get(at * cols + label as usize).filter(|_| (label as usize) < cols)?;
        Some((p / sum).max(LEAST_P).ln())
    };
    let own: Vec<(usize, LabelId, f64)> = rows
        .clone()
        .filter(|&i| labels[i] != NO_LABEL)
        .filter_map(|i| Some((i, labels[i], ln(i, labels[i])?)))
        .collect();
    let lag = |delta: i32| {
        let gains: Vec<f64> = own
            .iter()
            .filter_map(|&(i, label, here)| Some(ln(i.checked_add_signed(delta as isize)?, label)? - here))
            .collect();
        let n = gains.len() as f64;
        let gain = gains.iter().sum::<f64>() / n;
        let se = (gains.iter().map(|g| (g - gain).powi(2)).sum::<f64>() / (n - 1.0) / n).sqrt();
        (gains.len() >= LEAST_ITEMS).then_some(Lag { delta, gain, se, n: gains.len() })
    };
    let most = MOST_LAG as i32;
    // The nearer of equally good ones.
    let lags = (1..=most).flat_map(|d| [d, -d]).filter_map(lag);
    let best = lags.fold(None, |best: Option<Lag>, next| match best {
        Some(best) if best.gain >= next.gain => Some(best),
        _ => Some(next),
    });
    let mut pairing = Pairing::default();
    for window in own.chunks(WINDOW) {
        // Every row of the window has a prediction, and every label is one of its columns.
        let row = |&(i, ..): &(usize, LabelId, f64)| {
            window.iter().map(|w| ln(i, w.1).unwrap_or(LEAST_P.ln())).collect::<Vec<f64>>()
        };
        pairing.add(&Pairing::of(&window.iter().map(row).collect::<Vec<_>>()));
    }
    let stands = own.iter().map(|o| o.2).sum::<f64>() / own.len().max(1) as f64;
    Block { rows, n: own.len(), stands, best, pairing, kind: Kind::Straight }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::random::Stream;

    #[test]
    fn the_worked_example() {
        // Three rows whose labels change places all round.
        let p: [[f64; 3]; 3] = [[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.2, 0.2, 0.6]];
        let y = [1, 2, 0];
        let costs: Vec<Vec<f64>> = p.iter().map(|row| y.iter().map(|&l| row[l].ln()).collect()).collect();
        let found = Pairing::of(&costs);
        assert!((found.stands + 5.521).abs() < 5e-4 && (found.best + 1.091).abs() < 5e-4, "{found:?}");
        // Mean and variance over all six permutations.
        let all = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
        let sums = all.map(|pi| (0..3).map(|i| costs[i][pi[i]]).sum::<f64>());
        let mean = sums.iter().sum::<f64>() / 6.0;
        let variance = sums.iter().map(|s| (s - mean).powi(2)).sum::<f64>() / 6.0;
        assert!((found.chance - mean).abs() < 1e-12 && (found.variance - variance).abs() < 1e-9);
    }

    /// Four labels, right nine times in ten, and a model that gives the truth 0.7.
    fn data(n: usize) -> (Vec<LabelId>, Probabilities) {
        let mut rng = Stream::new(11, 0);
        let truth: Vec<u32> = (0..n).map(|_| rng.below(4) as u32).collect();
        let p = truth.iter().flat_map(|&t| (0..4).map(move |l| if l == t { 0.7 } else { 0.1 })).collect();
        let given = truth.iter().map(|&t| if rng.below(10) == 0 { rng.below(4) as u32 } else { t });
        (given.collect(), Probabilities::from_f64(p, n, 4).unwrap())
    }

    #[test]
    fn a_row_that_was_lost_shifts_what_follows() {
        let (mut labels, p) = data(1_000);
        let straight = shifted_labels(&labels, &p, &Progress::new()).unwrap();
        assert_eq!(straight.len(), 10);
        assert!(straight.iter().all(|b| b.kind == Kind::Straight), "{straight:?}");
        // From row 600 on each label stands one row too early.
        labels[600..].rotate_left(1);
        let found = shifted_labels(&labels, &p, &Progress::new()).unwrap();
        for (at, block) in found.iter().enumerate() {
            let best = block.best.unwrap();
            assert_eq!(block.kind == Kind::Shifted, at >= 6, "{block:?}");
            assert!(at < 6 || (best.delta == 1 && best.gain > 1.0));
        }
    }

    #[test]
    fn a_part_that_was_dealt_anew_is_told_and_sorted_labels_are_not() {
        let (mut labels, p) = data(1_000);
        let mut rng = Stream::new(5, 0);
        labels[300..400].chunks_mut(WINDOW).for_each(|w| rng.shuffle(w));
        let found = shifted_labels(&labels, &p, &Progress::new()).unwrap();
        let dealt: Vec<usize> = (0..10).filter(|&b| found[b].kind == Kind::Dealt).collect();
        assert_eq!(dealt, [3], "{found:?}");
        // In a file sorted by label, one row is as good as the next.
        let p: Vec<f64> =
            (0..400).flat_map(|i| (0..4).map(move |l| if l == i / 100 { 0.7 } else { 0.1 })).collect();
        let p = Probabilities::from_f64(p, 400, 4).unwrap();
        let sorted: Vec<LabelId> = (0..400).map(|i| i / 100).collect();
        let found = shifted_labels(&sorted, &p, &Progress::new()).unwrap();
        assert!(found.iter().all(|b| b.kind == Kind::Straight && b.pairing.z().is_none()), "{found:?}");
    }

    #[test]
    fn a_model_that_knows_nothing_says_nothing() {
        let (labels, p) = data(600);
        let mut rows: Vec<usize> = (0..600).collect();
        Stream::new(9, 0).shuffle(&mut rows);
        let shuffled: Vec<LabelId> = rows.iter().map(|&r| labels[r]).collect();
        let found = shifted_labels(&shuffled, &p, &Progress::new()).unwrap();
        assert!(found.iter().all(|b| b.kind == Kind::Straight), "{found:?}");
        let few = shifted_labels(&labels[..20], &p, &Progress::new()).unwrap();
        assert_eq!((few.len(), few[0].best), (1, None));
    }
}
