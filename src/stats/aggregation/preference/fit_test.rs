//! Does one worth an option explain the comparisons?
//!
//! G² = 2 Σ_{i ≠ j} w_ij ln(w_ij/(n_ij P_ij)) with 0 ln 0 = 0 and (pairs compared) − (options − 1) degrees of freedom,
//! against χ². Where more than a fifth of the expected counts are below 5 the χ² is not to be trusted, and p comes from
//! fits to comparisons drawn under the model.
//!
//! *Circular triads* are three options of which each beats the next by majority: no worths explain those.

use std::cmp::Ordering;

use rayon::prelude::*;
use statrs::function::gamma::gamma_ur;

use super::super::random::Stream;
use super::bradley_terry::{log_beats, maximise};
use super::{BradleyTerry, Pair, Pairs};
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;

/// Rounds of a fit to drawn comparisons; some have no finite maximum.
const ROUNDS: usize = 2000;

/// Goodness of fit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FitTest {
    /// G², 0 or more.
    pub g_squared: f64,
    /// Degrees of freedom, 1 or more.
    pub df: usize,
    /// P of a G² as large, by χ².
    pub p: f64,
    /// The same by comparisons drawn under the model, (1 + at least as large)/(draws + 1), where expected counts are too
    /// small for χ² and draws were asked for.
    pub p_drawn: Option<f64>,
    /// Share of expected counts below 5, in 0..=1.
    pub small_counts: f64,
}

/// Tests a fit without a prior to the same `pairs`.
///
/// Undefined for a model with a prior (it does not fit best) or of other options, and where every pair has a parameter
/// of its own (no degrees of freedom).
pub fn fit_test(
    pairs: &Pairs,
    model: &BradleyTerry,
    draws: usize,
    seed: u64,
    progress: &Progress,
) -> Result<Result<FitTest, Undefined>, Cancelled> {
    if model.prior > 0.0 || model.theta.len() != pairs.n_options() {
        return Ok(Err(Undefined::Because("needs a fit to these comparisons without a prior".to_owned())));
    }
    let compared = pairs.as_slice().len();
    let Some(df) = (compared + 1).checked_sub(pairs.n_options()).filter(|&df| df > 0) else {
        return Ok(Err(Undefined::Because("as many worths as pairs: nothing is left to test".to_owned())));
    };
    let expected = |p: &Pair| {
        let beats = log_beats(model.theta[p.first as usize], model.theta[p.second as usize]).exp();
        (p.total() * beats, p.total() * (1.0 - beats))
    };
    let small = pairs.as_slice().iter().map(|p| {
        let (a, b) = expected(p);
        usize::from(a < 5.0) + usize::from(b < 5.0)
    });
    let small_counts = small.sum::<usize>() as f64 / (2 * compared) as f64;
    let g_squared = g_squared(pairs, &model.theta);
    let mut p_drawn = None;
    if small_counts > 0.2 && draws > 0 {
        progress.stage("Fit of worths", draws as u64);
        let larger = (0..draws)
            .into_par_iter()
            .map(|draw| {
                progress.check()?;
                let mut stream = Stream::new(seed, draw as u64);
                let sample = pairs.drawn(&model.theta, &mut stream);
                let (theta, _, _) = maximise(&sample.with_prior(1e-3), model.theta.clone(), ROUNDS);
                progress.add(1);
                Ok(usize::from(self::g_squared(&sample, &theta) >= g_squared))
            })
            .collect::<Result<Vec<usize>, Cancelled>>()?;
        p_drawn = Some((1 + larger.iter().sum::<usize>()) as f64 / (draws + 1) as f64);
    }
    Ok(Ok(FitTest { g_squared, df, p: chi_squared_above(g_squared, df), p_drawn, small_counts }))
}

/// P(χ² > x).
pub(super) fn chi_squared_above(x: f64, df: usize) -> f64 {
    if x <= 0.0 { 1.0 } else { gamma_ur(df as f64 / 2.0, x / 2.0) }
}

fn g_squared(pairs: &Pairs, theta: &[f64]) -> f64 {
    let term = |w: f64, n: f64, log_p: f64| if w > 0.0 { w * ((w / n).ln() - log_p) } else { 0.0 };
    let of = |p: &Pair| {
        let (i, j) = (theta[p.first as usize], theta[p.second as usize]);
        let ((a, b), n) = (p.points(), p.total());
        term(a, n, log_beats(i, j)) + term(b, n, log_beats(j, i))
    };
    2.0 * pairs.as_slice().iter().map(of).sum::<f64>().max(0.0)
}

impl Pairs {
    /// As many comparisons of each pair, with winners drawn under worths.
    fn drawn(&self, theta: &[f64], stream: &mut Stream) -> Self {
        let draw = |p: &Pair| {
            let beats = log_beats(theta[p.first as usize], theta[p.second as usize]).exp();
            let n = p.total().round() as u64;
            let wins = (0..n).filter(|_| stream.uniform() < beats).count() as f64;
            Pair { wins_first: wins, wins_second: n as f64 - wins, ties: 0.0, ..*p }
        };
        Self { n_options: self.n_options, pairs: self.pairs.iter().map(draw).collect() }
    }
}

/// Circular triads, and all triads whose three pairs each have a majority.
pub fn circular_triads(pairs: &Pairs) -> (u64, u64) {
    // For each option, the higher ones that it was decided against, and whether it beat them.
    let mut decided: Vec<Vec<(u32, bool)>> = vec![Vec::new(); pairs.n_options()];
    for p in pairs.as_slice() {
        let (a, b) = p.points();
        if a != b {
            decided[p.first as usize].push((p.second, a > b));
        }
    }
    let (mut circular, mut all) = (0, 0);
    for own in &decided {
        for &(j, i_beats_j) in own {
            let (mut x, mut y) = (own.iter().peekable(), decided[j as usize].iter().peekable());
            while let (Some(&&(k, i_beats_k)), Some(&&(l, j_beats_k))) = (x.peek(), y.peek()) {
                match k.cmp(&l) {
                    Ordering::Less => {
                        x.next();
                    }
                    Ordering::Greater => {
                        y.next();
                    }
                    Ordering::Equal => {
                        all += 1;
                        circular += u64::from(i_beats_j == j_beats_k && i_beats_j != i_beats_k);
                        x.next();
                        y.next();
                    }
                }
            }
        }
    }
    (circular, all)
}

#[cfg(test)]
mod tests {
    use super::super::bradley_terry;
    use super::super::tests::wins;
    use super::*;

    #[test]
    fn a_worked_example() {
        let rows = wins(&[(0, 1, 8), (1, 0, 2), (1, 2, 7), (2, 1, 3), (0, 2, 6), (2, 0, 4)]);
        let pairs = Pairs::new(3, &rows);
        let model = bradley_terry(&pairs, 0.0).unwrap();
        let found = fit_test(&pairs, &model, 199, 0, &Progress::new()).unwrap().unwrap();
        assert!((found.g_squared - 2.329_495).abs() < 5e-7 && found.df == 1, "{found:?}");
        assert!((found.p - 0.1269).abs() < 5e-5, "{found:?}");
        // Half of the expected counts are below 5; the drawn p is near.
        assert_eq!(found.small_counts, 0.5);
        assert!((found.p_drawn.unwrap() - found.p).abs() < 0.1, "{found:?}");
        assert_eq!(circular_triads(&pairs), (0, 1));
    }

    #[test]
    fn rock_beats_scissors() {
        let pairs = Pairs::new(4, &wins(&[(0, 1, 2), (1, 2, 2), (2, 0, 2), (0, 3, 1), (3, 1, 1), (1, 3, 1)]));
        assert_eq!(circular_triads(&pairs), (1, 1));
    }

    #[test]
    fn a_chain_leaves_nothing_to_test() {
        let pairs = Pairs::new(2, &wins(&[(0, 1, 2), (1, 0, 1)]));
        let model = bradley_terry(&pairs, 0.0).unwrap();
        assert!(fit_test(&pairs, &model, 9, 0, &Progress::new()).unwrap().is_err());
        let regularised = bradley_terry(&pairs, 0.1).unwrap();
        assert!(fit_test(&pairs, &regularised, 9, 0, &Progress::new()).unwrap().is_err());
    }
}
