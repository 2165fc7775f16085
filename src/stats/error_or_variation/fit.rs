//! The model of votes, fitted by expectation and maximisation.
//!
//! Each label of an item is acceptable there, or not. Of m ballots, any number from 0 to m is as likely to have an acceptable label
//! (a uniform share); one that is not acceptable is on a ballot by mistake only, at a rate of the rater's times a share of the
//! label's. Log-odds that a label is acceptable are linear in what is known beforehand: the logarithms of each distribution's
//! probability, a constant for each label, and how often raters who give the item's other labels elsewhere
//! meet this one there. Weights are learned from the votes themselves: nobody says what is a mistake.

use rayon::prelude::*;

use super::ballots::Ballots;
use crate::dataset::Probabilities;
use crate::progress::{Cancelled, Progress};
use crate::stats::linear::solve;

/// Most rounds.
const ROUNDS: usize = 60;
/// A round that moves nothing by more than this is the last.
const ENOUGH: f64 = 1e-5;
/// The rate of mistakes that raters begin with, and how many ballots that belief is worth.
const RATE: (f64, f64) = (0.05, 100.0);
/// How many mistakes the belief is worth that labels are given by mistake alike.
const LABELS: f64 = 30.0;
/// What is added to probabilities before the logarithm.
const FLOOR: f64 = 0.01;
/// Votes that the belief is worth that labels meet by chance.
const MEETINGS: f64 = 5.0;
/// Items that weights are learned from, evenly spread, and most of their labels together.
const MOST_ITEMS: usize = 20_000;
const MOST_CELLS: usize = 1 << 21;
/// Labels up to which each has a constant of its own.
const MOST_CONSTANTS: usize = 64;
/// Items that are looked at together.
const CHUNK: usize = 1024;

/// What speaks for a label being acceptable, in log-odds.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// The label and what is usual.
    pub usual: f64,
    /// What else was said of the item: labels that meet this one elsewhere.
    pub company: f64,
    /// One a distribution.
    pub distributions: Vec<f64>,
    /// How many of how many gave it, and who.
    pub votes: f64,
}

impl Evidence {
    /// All together.
    pub fn sum(&self) -> f64 {
        self.usual + self.company + self.distributions.iter().sum::<f64>() + self.votes
    }
}

/// The fitted model.
pub(super) struct Fit<'a> {
    ballots: &'a Ballots,
    given: &'a [&'a Probabilities],
    /// Means of the logarithms of each distribution, and of company.
    means: Vec<f64>,
    /// Labels that meet: row a, column b is how often b is given beside a, in 0..=1.
    meet: Vec<f64>,
    base: Vec<f64>,
    /// Weights of the distributions, the constant, one a label.
    weights: Vec<f64>,
    /// Rate of mistakes of each hand.
    pub(super) rates: Vec<f64>,
    /// Share of each label among mistakes.
    mistaken: Vec<f64>,
    /// ln(1 − chance of giving the label by mistake), hands × labels.
    silent: Vec<f64>,
    /// ln(c! (m − c)! / (m + 1)!) by m and c.
    log_uniform: Vec<Vec<f64>>,
}

/// What is known of an item before its votes are counted.
struct Before {
    /// Items' labels × (distributions), centred.
    logs: Vec<f64>,
    /// One a label.
    company: Vec<f64>,
}

impl<'a> Fit<'a> {
    /// Fits the model. Distributions have one column a label and one row an item.
    pub(super) fn new(
        ballots: &'a Ballots,
        given: &'a [&'a Probabilities],
        progress: &Progress,
    ) -> Result<Self, Cancelled> {
        let (n, k) = (ballots.n_items(), ballots.n_labels);
        let most = (0..n).map(|i| ballots.n_of(i)).max().unwrap_or(0);
        let mut log_uniform = Vec::with_capacity(most + 1);
        let mut logs = vec![0.0_f64; most + 2];
        (1..=most + 1).for_each(|i| logs[i] = logs[i - 1] + (i as f64).ln());
        for m in 0..=most {
            log_uniform.push((0..=m).map(|c| logs[c] + logs[m - c] - logs[m + 1]).collect());
        }
        let (meet, base) = meetings(ballots);
        let constants = if k <= MOST_CONSTANTS { k } else { 0 };
        let mut weights = vec![0.5; given.len()];
        weights.push(-0.3);
        weights.resize(given.len() + 1 + constants, 0.0);
        let mut fit = Self {
            ballots,
            given,
            means: vec![0.0; given.len() + 1],
            meet,
            base,
            weights,
            rates: vec![RATE.0; ballots.n_hands()],
            mistaken: vec![1.0 / k as f64; k],
            silent: Vec::new(),
            log_uniform,
        };
        fit.hush();
        let voted: Vec<u32> = (0..n as u32).filter(|&i| ballots.n_of(i as usize) > 0).collect();
        let most = MOST_ITEMS.min(MOST_CELLS / k.max(1)).max(1);
        let every = voted.len().div_ceil(most).max(1);
        let sample: Vec<u32> = voted.iter().copied().step_by(every).collect();
        let known = fit.centre(&sample, progress)?;
        progress.stage("Telling mistakes from readings", ROUNDS as u64);
        for _ in 0..ROUNDS {
            progress.check()?;
            progress.add(1);
            if fit.round(&sample, Some(&known), progress)? < ENOUGH {
                break;
            }
        }
        if every > 1 {
            // Everybody's rate, by all that they did.
            fit.round(&voted, None, progress)?;
        }
        Ok(fit)
    }

    /// What is known of some items beforehand; their means are taken off, here and from now on.
    fn centre(&mut self, items: &[u32], progress: &Progress) -> Result<Vec<Before>, Cancelled> {
        let d = self.given.len();
        let this = &*self;
        let mut known: Vec<Before> = items
            .par_chunks(CHUNK)
            .map(|chunk| {
                progress.check()?;
                Ok(chunk.iter().map(|&item| this.before(item as usize)).collect())
            })
            .collect::<Result<Vec<Vec<Before>>, Cancelled>>()?
            .into_iter()
            .flatten()
            .collect();
        let cells = (items.len() * self.ballots.n_labels).max(1) as f64;
        for at in 0..d {
            let logs = known.iter().flat_map(|k| k.logs.iter().skip(at).step_by(d));
            self.means[at] = logs.sum::<f64>() / cells;
        }
        self.means[d] = known.iter().flat_map(|k| &k.company).sum::<f64>() / cells;
        for before in &mut known {
            for row in before.logs.chunks_exact_mut(d.max(1)) {
                row.iter_mut().zip(&self.means).for_each(|(x, mean)| *x -= mean);
            }
            before.company.iter_mut().for_each(|x| *x -= self.means[d]);
        }
        Ok(known)
    }

    /// The chances of silence, by what the rates are now.
    fn hush(&mut self) {
        let mistaken = &self.mistaken;
        let of = |&rate: &f64| mistaken.iter().map(move |u| (-(rate * u).min(0.45)).ln_1p());
        self.silent = self.rates.iter().flat_map(of).collect();
    }

    /// What is known of an item beforehand, centred.
    fn before(&self, item: usize) -> Before {
        let (k, d) = (self.ballots.n_labels, self.given.len());
        let mut logs = vec![0.0; k * d];
        let mut row = vec![0.0; k];
        for (at, p) in self.given.iter().enumerate() {
            p.read(item, &mut row);
            for l in 0..k {
                logs[l * d + at] = (row[l] + FLOOR).ln() - self.means[at];
            }
        }
        let mut counts = row;
        self.ballots.counts(item, &mut counts);
        let all: f64 = counts.iter().sum();
        let company = (0..k)
            .map(|l| {
                let others = all - counts[l];
                let share = if others > 0.0 {
                    let met = (0..k)
                        .filter(|&a| a != l && counts[a] > 0.0)
                        .map(|a| counts[a] * self.meet[a * k + l]);
                    met.sum::<f64>() / others
                } else {
                    self.base[l]
                };
                (share + FLOOR).ln() - self.means[d]
            })
            .collect();
        Before { logs, company }
    }

    /// Log-odds that each label of an item is acceptable, before the votes and with them, into `prior` and `all`.
    fn odds(&self, item: usize, before: &Before, prior: &mut [f64], all: &mut [f64]) {
        let (k, d) = (self.ballots.n_labels, self.given.len());
        for l in 0..k {
            let own = &before.logs[l * d..(l + 1) * d];
            let known: f64 = own.iter().zip(&self.weights).map(|(x, w)| x * w).sum();
            let label = self.weights.get(d + 1 + l).copied().unwrap_or(0.0);
            prior[l] = (known + self.weights[d] + label + before.company[l]).clamp(-12.0, 12.0);
        }
        self.votes(item, all);
        all.iter_mut().zip(prior).for_each(|(all, prior)| *all += *prior);
    }

    /// What the votes say of each label, in log-odds, into `out`.
    fn votes(&self, item: usize, out: &mut [f64]) {
        let k = self.ballots.n_labels;
        let m = self.ballots.n_of(item);
        let mut counts = vec![0_usize; k];
        out.fill(0.0);
        for (rater, labels) in self.ballots.of_item(item) {
            let hand = self.ballots.hand(rater);
            let silent = &self.silent[hand * k..(hand + 1) * k];
            out.iter_mut().zip(silent).for_each(|(out, silent)| *out -= silent);
            for &l in labels {
                let l = l as usize;
                out[l] -= (self.rates[hand] * self.mistaken[l]).min(0.45).ln() - silent[l];
                counts[l] += 1;
            }
        }
        for l in 0..k {
            out[l] += self.log_uniform[m][counts[l]];
        }
    }

    /// One round over `items`; how far it moved anything. Where what is `known` of them is not given, only raters' rates move.
    fn round(
        &mut self,
        items: &[u32],
        known: Option<&[Before]>,
        progress: &Progress,
    ) -> Result<f64, Cancelled> {
        let (k, d) = (self.ballots.n_labels, self.given.len());
        let size = self.weights.len();
        let this = &*self;
        let parts: Vec<Moves> = items
            .par_chunks(CHUNK)
            .enumerate()
            .map(|(number, chunk)| {
                progress.check()?;
                let mut moves = Moves {
                    wrong: Vec::with_capacity(chunk.len() * k),
                    slope: vec![0.0; size],
                    bend: vec![0.0; size * size],
                };
                let (mut prior, mut all) = (vec![0.0; k], vec![0.0; k]);
                for (at, &item) in chunk.iter().enumerate() {
                    let own;
                    let before = match known {
                        Some(known) => &known[number * CHUNK + at],
                        None => {
                            own = this.before(item as usize);
                            &own
                        }
                    };
                    this.odds(item as usize, before, &mut prior, &mut all);
                    let first = moves.wrong.len();
                    moves.wrong.extend(all.iter().map(|z| logistic(-z)));
                    // At least one label is acceptable.
                    let none: f64 = moves.wrong[first..].iter().product();
                    for w in &mut moves.wrong[first..] {
                        *w = ((*w - none) / (1.0 - none).max(1e-300)).clamp(1e-9, 1.0 - 1e-9);
                    }
                    if known.is_some() {
                        for l in 0..k {
                            let p = logistic(prior[l]);
                            let own = &before.logs[l * d..(l + 1) * d];
                            moves.add(own, l, (1.0 - moves.wrong[first + l]) - p, p * (1.0 - p));
                        }
                    }
                }
                Ok(moves)
            })
            .collect::<Result<_, Cancelled>>()?;
        let wrong = parts.iter().flat_map(|p| p.wrong.chunks_exact(k));
        let mut moved = self.rate(items, wrong, known.is_some());
        if known.is_some() {
            moved = moved.max(self.step(&parts));
        }
        self.hush();
        Ok(moved)
    }

    /// Rates of raters and labels from the chances that labels are wrong; how far they moved.
    fn rate<'w>(&mut self, items: &[u32], wrong: impl Iterator<Item = &'w [f64]>, labels: bool) -> f64 {
        let k = self.ballots.n_labels;
        let (mut mistakes, mut room) = (vec![0.0; self.rates.len()], vec![0.0; self.rates.len()]);
        let (mut by_label, mut room_of) = (vec![0.0; k], vec![0.0; k]);
        for (&item, wrong) in items.iter().zip(wrong) {
            let tempting: f64 = wrong.iter().zip(&self.mistaken).map(|(w, u)| w * u).sum();
            let mut rates = 0.0;
            for (rater, given) in self.ballots.of_item(item as usize) {
                let hand = self.ballots.hand(rater);
                room[hand] += tempting;
                rates += self.rates[hand];
                for &l in given {
                    mistakes[hand] += wrong[l as usize];
                    by_label[l as usize] += wrong[l as usize];
                }
            }
            room_of.iter_mut().zip(wrong).for_each(|(r, w)| *r += w * rates);
        }
        let mut moved = 0.0_f64;
        for hand in 0..self.rates.len() {
            let rate = (mistakes[hand] + RATE.0 * RATE.1) / (room[hand] + RATE.1);
            moved = moved.max((rate - self.rates[hand]).abs());
            self.rates[hand] = rate.clamp(1e-6, 1.0);
        }
        if labels {
            let mean = self.rates.iter().sum::<f64>() / self.rates.len() as f64;
            let worth = LABELS * mean;
            let mut shares: Vec<f64> =
                (0..k).map(|l| (by_label[l] + worth / k as f64) / (room_of[l] + worth)).collect();
            let sum: f64 = shares.iter().sum();
            shares.iter_mut().for_each(|s| *s /= sum);
            for (old, new) in self.mistaken.iter_mut().zip(shares) {
                moved = moved.max((new - *old).abs());
                *old = new;
            }
        }
        moved
    }

    /// Newton's step of the weights, held back towards 0; how far they moved.
    fn step(&mut self, parts: &[Moves]) -> f64 {
        let (size, d) = (self.weights.len(), self.given.len());
        let mut slope: Vec<f64> = (0..size).map(|at| parts.iter().map(|p| p.slope[at]).sum()).collect();
        let mut bend: Vec<Vec<f64>> = (0..size)
            .map(|row| (0..size).map(|col| parts.iter().map(|p| p.bend[row * size + col]).sum()).collect())
            .collect();
        for at in 0..size {
            let held = if at == d { 1e-3 } else { 1.0 };
            slope[at] -= held * self.weights[at];
            bend[at][at] += held;
        }
        let Some(step) = solve(bend, slope) else { return 0.0 };
        let mut moved = 0.0_f64;
        for (at, step) in step.into_iter().enumerate() {
            let old = self.weights[at];
            let new = old + step.clamp(-2.0, 2.0);
            // A distribution that would speak against what it says is silent.
            self.weights[at] = if at < d { new.max(0.0) } else { new };
            moved = moved.max((self.weights[at] - old).abs());
        }
        moved
    }

    /// What speaks for each label of an item, one a label.
    pub(super) fn evidence(&self, item: usize) -> Vec<Evidence> {
        let (k, d) = (self.ballots.n_labels, self.given.len());
        let before = self.before(item);
        let mut votes = vec![0.0; k];
        self.votes(item, &mut votes);
        (0..k)
            .map(|l| Evidence {
                usual: self.weights[d] + self.weights.get(d + 1 + l).copied().unwrap_or(0.0),
                company: before.company[l],
                distributions: (0..d).map(|at| before.logs[l * d + at] * self.weights[at]).collect(),
                votes: votes[l],
            })
            .collect()
    }

    /// The weight of each distribution.
    pub(super) fn weights(&self) -> &[f64] {
        &self.weights[..self.given.len()]
    }
}

/// What some items say of where to go.
struct Moves {
    /// Chances that labels are not acceptable, item by item.
    wrong: Vec<f64>,
    /// First and second derivatives by the weights.
    slope: Vec<f64>,
    bend: Vec<f64>,
}

impl Moves {
    /// Adds one label of one item: its distributions' logarithms, the constant and the label's own.
    fn add(&mut self, own: &[f64], label: usize, residual: f64, weight: f64) {
        let (size, d) = (self.slope.len(), own.len());
        let at_label = (d + 1 + label < size).then_some(d + 1 + label);
        let features =
            || own.iter().copied().enumerate().chain([(d, 1.0)]).chain(at_label.map(|at| (at, 1.0)));
        for (row, x) in features() {
            self.slope[row] += residual * x;
            for (col, y) in features() {
                self.bend[row * size + col] += weight * x * y;
            }
        }
    }
}

/// How often labels are given to the same item by different raters, as shares of the row's label; and how often each is given.
fn meetings(ballots: &Ballots) -> (Vec<f64>, Vec<f64>) {
    let k = ballots.n_labels;
    let mut met = vec![0.0; k * k];
    let mut base = vec![1.0; k];
    let mut counts = vec![0.0; k];
    for item in 0..ballots.n_items() {
        ballots.counts(item, &mut counts);
        counts.iter().zip(&mut base).for_each(|(c, b)| *b += c);
        let all: f64 = counts.iter().sum();
        for (_, own) in ballots.of_item(item) {
            let others = all - own.len() as f64;
            if others <= 0.0 {
                continue;
            }
            for &a in own {
                for b in (0..k).filter(|&b| counts[b] > 0.0) {
                    let of_others = counts[b] - f64::from(u8::from(own.contains(&(b as u32))));
                    met[a as usize * k + b] += of_others / others;
                }
            }
        }
    }
    let sum: f64 = base.iter().sum();
    base.iter_mut().for_each(|b| *b /= sum);
    let both: Vec<f64> = (0..k * k).map(|at| f64::midpoint(met[at], met[at % k * k + at / k])).collect();
    let mut shares = vec![0.0; k * k];
    for a in 0..k {
        let row: f64 = both[a * k..(a + 1) * k].iter().sum();
        for b in 0..k {
            shares[a * k + b] = (both[a * k + b] + MEETINGS * base[b]) / (row + MEETINGS);
        }
    }
    (shares, base)
}

pub(super) fn logistic(z: f64) -> f64 {
    if z >= 0.0 {
        1.0 / (1.0 + (-z).exp())
    } else {
        let e = z.exp();
        e / (1.0 + e)
    }
}
