//! How well mistakes are found in simulated worlds, beside a simple order: what tests and the documentation's table share.

use std::ops::Range;

use super::simulation::{Made, Simulated, World, average_precision, simulate};
use super::{Ballots, ErrorOrVariation, Groups, ItemKind, VoteScore, error_or_variation};
use crate::dataset::Probabilities;
use crate::progress::Progress;

/// What is given beside votes: nothing, the model, the crowd, both.
pub const GIVEN: [&str; 4] = ["votes", "model", "crowd", "both"];

/// The ballots of a simulated world.
pub fn ballots(s: &Simulated) -> Ballots {
    let n = s.annotations.n_items();
    let of = |i: usize| s.annotations.of_item(i).map(move |a| (i as u32, a.rater, a.label));
    Ballots::new(n, (s.annotations.n_raters(), s.anonymous), s.n_labels, (0..n).flat_map(of).collect())
}

/// Everything that is to be told of some ballots, if it can be.
pub fn told(ballots: &Ballots, given: &[&Probabilities], groups: Groups) -> Option<ErrorOrVariation> {
    error_or_variation(ballots, given, groups, &Progress::new()).ok()?.ok()
}

/// Average precision of the score, and of "fewer raters first, then the lower mean probability".
fn precision(s: &Simulated, given: &[&Probabilities]) -> Option<[f64; 2]> {
    let found = told(&ballots(s), given, &[])?;
    let wrong: Vec<bool> = found.scores.iter().map(|v| s.is_mistake(v.item as usize, v.label)).collect();
    let mistakes: Vec<f64> = found.scores.iter().map(|v| -v.evidence.sum()).collect();
    let simple = |v: &VoteScore| {
        let rows = given.iter().map(|p| p.row(v.item as usize)[v.label as usize]);
        -f64::from(v.n_for) - rows.sum::<f64>() / given.len().max(1) as f64 * 0.999
    };
    let simple: Vec<f64> = found.scores.iter().map(simple).collect();
    Some([average_precision(&mistakes, &wrong), average_precision(&simple, &wrong)])
}

/// Means over seeds for each of [`GIVEN`]: average precision of the score, and of the simple order.
pub fn table(world: &World, seeds: Range<u64>) -> Option<[[f64; 2]; 4]> {
    let n = seeds.clone().count() as f64;
    let mut sums = [[0.0; 2]; 4];
    for seed in seeds {
        let s = simulate(world, seed);
        let given: [Vec<&Probabilities>; 4] =
            [vec![], vec![&s.model], vec![&s.crowd], vec![&s.model, &s.crowd]];
        for (sum, given) in sums.iter_mut().zip(&given) {
            let two = precision(&s, given)?;
            (0..2).for_each(|at| sum[at] += two[at] / n);
        }
    }
    Some(sums)
}

/// A row of the documentation's table.
pub fn row(world: &World, seeds: Range<u64>) -> Option<String> {
    let cells = table(world, seeds)?.map(|r| format!("{:.3} ({:.3})", r[0], r[1]));
    Some(format!("| {} | {} |", world.name, cells.join(" | ")))
}

/// A row of the documentation's table of kinds: what items of a world (one seed) that were made as `made` were taken for, with model and crowd,
/// and with or without the groups of raters.
pub fn kinds_row(world: &World, seed: u64, (made, name): (Made, &str), is_known: bool) -> Option<String> {
    let s = simulate(world, seed);
    let groups = if is_known { vec![(s.groups.clone(), 2)] } else { Vec::new() };
    let found = told(&ballots(&s), &[&s.model, &s.crowd], &groups)?;
    let of = |kind| (0..world.n_items).filter(|&i| s.made[i] == made && found.kinds[i] == kind).count();
    let cells = ItemKind::ALL.map(|kind| of(kind).to_string());
    let note = if is_known { "" } else { ", groups unknown" };
    Some(format!("| {}{note} | {name} | {} |", world.name, cells.join(" | ")))
}
