//! What a judge who knew every item's true probabilities would reach, given how many votes there are.

use rayon::prelude::*;

use super::dirichlet::{DirichletFit, fit_dirichlet_multinomial};
use super::gini;
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;
use crate::stats::correlation::Correlation;
use crate::stats::human_distribution::Range;
use crate::stats::random::Stream;
use crate::stats::variation::VoteCounts;

/// Most simulations.
const MOST_DRAWS: u32 = 10_000;
/// Most items in one of them.
const MOST_ITEMS: usize = 20_000;
/// Most probabilities and votes that are drawn in all.
const MOST_CELLS: usize = 1 << 29;

/// The best that can be expected, from simulations.
#[derive(Debug, Clone, PartialEq)]
pub struct Attainable {
    /// The distribution of true probabilities.
    pub fit: DirichletFit,
    /// VarCorr of true probabilities with shares of simulated votes: the ceiling.
    pub var_corr: Range,
    /// Standard deviation of it over simulations.
    pub var_corr_sd: f64,
    /// DistAlign of true probabilities with shares of simulated votes: the floor.
    pub dist_align: Range,
    /// Simulations on which VarCorr is defined.
    pub draws: u32,
    /// Items in each: all with a vote, or, where they are too many, as many as can be, evenly spaced.
    pub n_items: usize,
}

/// Fits a Dirichlet-multinomial to the votes (a beta-binomial for two labels) and simulates `draws` data sets with as many votes an item.
/// Simulation i has stream i of `seed`. Undefined where the fit is, or no simulation varies.
pub fn attainable(
    votes: &VoteCounts,
    n_labels: usize,
    (draws, seed): (u32, u64),
    progress: &Progress,
) -> Result<Result<Attainable, Undefined>, Cancelled> {
    let fit = match fit_dirichlet_multinomial(votes, n_labels, progress)? {
        Ok(fit) => fit,
        Err(reason) => return Ok(Err(reason)),
    };
    let draws = draws.min(MOST_DRAWS);
    let alpha: Vec<f64> = fit.alpha.iter().copied().filter(|&a| a > 0.0).collect();
    let sizes: Vec<u32> = (0..votes.n_items()).map(|i| votes.total(i)).filter(|&n| n > 0).collect();
    let all_votes: f64 = sizes.iter().map(|&n| f64::from(n)).sum();
    let cells = alpha.len() as f64 + all_votes / sizes.len().max(1) as f64;
    let room = (MOST_CELLS as f64 / f64::from(draws.max(1)) / cells) as usize;
    let n_items = sizes.len().min(MOST_ITEMS).min(room.max(100));
    let spaced: Vec<u32> = (0..n_items).map(|i| sizes[i * sizes.len() / n_items]).collect();
    progress.stage("simulating votes", u64::from(draws));
    let rounds: Vec<(Option<f64>, f64)> = (0..draws)
        .into_par_iter()
        .map(|i| {
            progress.check()?;
            let found = simulate(&alpha, &spaced, &mut Stream::new(seed, u64::from(i)));
            progress.add(1);
            Ok(found)
        })
        .collect::<Result<_, Cancelled>>()?;
    let found: Vec<f64> = rounds.iter().filter_map(|r| r.0).collect();
    let n = found.len();
    let (Some(var_corr), Some(dist_align)) =
        (Range::of(found.clone()), Range::of(rounds.iter().map(|r| r.1).collect()))
    else {
        return Ok(Err(Undefined::Because("no simulation varies enough for a correlation".to_owned())));
    };
    let squares: f64 = found.iter().map(|v| (v - var_corr.mean).powi(2)).sum();
    let var_corr_sd = (squares / (n.max(2) - 1) as f64).sqrt();
    Ok(Ok(Attainable { fit, var_corr, var_corr_sd, dist_align, draws: n as u32, n_items }))
}

/// VarCorr and DistAlign of one simulation.
fn simulate(alpha: &[f64], sizes: &[u32], rng: &mut Stream) -> (Option<f64>, f64) {
    let (mut truth, mut seen, mut apart) = (Vec::new(), Vec::new(), 0.0);
    let mut p = vec![0.0; alpha.len()];
    let mut counts = vec![0_u32; alpha.len()];
    for &size in sizes {
        dirichlet(alpha, rng, &mut p);
        counts.fill(0);
        for _ in 0..size {
            let mut left = rng.uniform();
            // What rounding leaves over is the last label's.
            let place = p.iter().position(|&share| {
                left -= share;
                left < 0.0
            });
            counts[place.unwrap_or(p.len() - 1)] += 1;
        }
        let share = |n: u32| f64::from(n) / f64::from(size);
        truth.push(gini(p.iter().copied()));
        seen.push(gini(counts.iter().map(|&n| share(n))));
        apart += 0.5 * p.iter().zip(&counts).map(|(p, &n)| (p - share(n)).abs()).sum::<f64>();
    }
    (Correlation::Pearson.of(&truth, &seen).ok(), apart / sizes.len().max(1) as f64)
}

/// Draws from a Dirichlet distribution: gamma variates over their sum, by logarithms, so that small α do not all become 0.
fn dirichlet(alpha: &[f64], rng: &mut Stream, p: &mut [f64]) {
    p.iter_mut().zip(alpha).for_each(|(p, &a)| *p = ln_gamma_variate(a, rng));
    let most = p.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    p.iter_mut().for_each(|p| *p = (*p - most).exp());
    let sum: f64 = p.iter().sum();
    p.iter_mut().for_each(|p| *p /= sum);
}

/// The logarithm of a gamma variate of unit scale (Marsaglia & Tsang 2000); shapes below 1 by a power of a uniform number.
pub(super) fn ln_gamma_variate(shape: f64, rng: &mut Stream) -> f64 {
    if shape < 1.0 {
        // 1 − u is never 0.
        let power = (1.0 - rng.uniform()).ln() / shape;
        return ln_gamma_variate(shape + 1.0, rng) + power;
    }
    let d = shape - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    loop {
        let x = rng.normal();
        let v = (1.0 + c * x).powi(3);
        if v > 0.0 && (1.0 - rng.uniform()).ln() < 0.5 * x * x + d - d * v + d * v.ln() {
            return (d * v).ln();
        }
    }
}
