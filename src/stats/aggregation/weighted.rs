//! Votes weighted by raters' agreement with the outcome: Wawa and Zero-Based Skill.
//!
//! - *Wawa* (worker agreement with aggregate; Appen's name): the majority vote is taken, each rater's skill is the
//!   share of their answers that are the majority's, and votes are taken again with the skills as weights.
//! - *Zero-Based Skill* (crowd-kit): skills start at 1/K + 1e-5; for 100 rounds a weighted vote is taken and each
//!   skill moves towards the rater's agreement with it, s ← s + r (a − s), r = 1 for 19 rounds, then halved at every
//!   20th. While r is 1 it is Wawa repeated.
//!
//! Both need one reference label an item. Where labels tie, the lowest serves as reference, as in the
//! implementations; the labels that come out keep their ties. Shares are Σ weights for a label / Σ weights; an item
//! all of whose raters have weight 0 has its plain shares of votes.

use rayon::prelude::*;

use super::Layout;
use super::em::best;
use crate::dataset::{LabelId, NO_LABEL};
use crate::progress::{Cancelled, Progress};

/// Items that one task takes.
const CHUNK: usize = 8192;
/// Rounds of Zero-Based Skill.
const ROUNDS: usize = 100;
/// Rounds after which its rate is halved.
const HALVED_EVERY: usize = 20;

/// Weighted votes and the weights.
#[derive(Debug, Clone, PartialEq)]
pub struct WeightedVote {
    /// Shares of the weighted votes, items × labels, row-major; a row of zeros where nobody voted.
    pub shares: Vec<f64>,
    /// Weight of each rater, the share of their answers that agree, in 0..=1; `None` without annotations.
    pub skill: Vec<Option<f64>>,
    /// Votes taken to find the weights.
    pub rounds: usize,
    /// Number of labels.
    pub n_labels: usize,
}

/// Agreement of each rater with the majority vote: the skills of crowd-kit's `MajorityVote`.
pub fn majority_skill(layout: &Layout) -> Vec<Option<f64>> {
    skills_of(layout, &agreement(layout, &references(layout, None)))
}

/// Wawa. Every row is zeros without annotations.
pub fn wawa(layout: &Layout) -> WeightedVote {
    let skills = agreement(layout, &references(layout, None));
    WeightedVote {
        shares: weighted_shares(layout, Some(&skills)),
        skill: skills_of(layout, &skills),
        rounds: 1,
        n_labels: layout.n_labels(),
    }
}

/// Zero-Based Skill; stops before its 100 rounds where no skill moves any more.
pub fn zero_based_skill(layout: &Layout, progress: &Progress) -> Result<WeightedVote, Cancelled> {
    progress.stage("Zero-Based Skill", ROUNDS as u64);
    let mut skills = vec![1.0 / layout.n_labels().max(1) as f64 + 1e-5; layout.n_raters()];
    let mut rate = 1.0;
    let mut rounds = 0;
    let mut last: Option<Vec<LabelId>> = None;
    let mut goal = Vec::new();
    while rounds < ROUNDS {
        progress.check()?;
        rounds += 1;
        if rounds % HALVED_EVERY == 0 {
            rate *= 0.5;
        }
        let labels = references(layout, Some(&skills));
        if last.as_ref() != Some(&labels) {
            goal = agreement(layout, &labels);
        }
        let mut moved = false;
        for (s, &a) in skills.iter_mut().zip(&goal) {
            let next = *s + rate * (a - *s);
            moved |= next != *s;
            *s = next;
        }
        last = Some(labels);
        progress.add(1);
        if !moved {
            break;
        }
    }
    Ok(WeightedVote {
        shares: weighted_shares(layout, Some(&skills)),
        skill: skills_of(layout, &skills),
        rounds,
        n_labels: layout.n_labels(),
    })
}

fn skills_of(layout: &Layout, skills: &[f64]) -> Vec<Option<f64>> {
    let active = |rater: usize| !layout.answers(rater).is_empty();
    skills.iter().enumerate().map(|(rater, &s)| active(rater).then_some(s)).collect()
}

/// Share of each rater's answers that are the item's reference; 0 without annotations.
fn agreement(layout: &Layout, references: &[LabelId]) -> Vec<f64> {
    (0..layout.n_raters())
        .into_par_iter()
        .map(|rater| {
            let own = layout.answers(rater);
            let hits = own.iter().filter(|a| references[a.item as usize] == a.label).count();
            hits as f64 / own.len().max(1) as f64
        })
        .collect()
}

/// The label with the greatest weight on each item, the lowest on ties; [`NO_LABEL`] where nobody voted.
fn references(layout: &Layout, weights: Option<&[f64]>) -> Vec<LabelId> {
    let k = layout.n_labels();
    let mut labels = vec![NO_LABEL; layout.n_items()];
    labels.par_chunks_mut(CHUNK).enumerate().for_each_init(
        || vec![0.0; k],
        |row, (chunk, labels)| {
            for (label, item) in labels.iter_mut().zip(chunk * CHUNK..) {
                if !layout.votes(item).is_empty() {
                    weigh(layout, item, weights, row);
                    *label = best(row);
                }
            }
        },
    );
    labels
}

/// Shares of the weighted votes, items × labels.
pub(super) fn weighted_shares(layout: &Layout, weights: Option<&[f64]>) -> Vec<f64> {
    let k = layout.n_labels();
    let mut shares = vec![0.0; layout.n_items() * k];
    shares.par_chunks_mut((CHUNK * k).max(1)).enumerate().for_each(|(chunk, rows)| {
        for (row, item) in rows.chunks_exact_mut(k).zip(chunk * CHUNK..) {
            if !layout.votes(item).is_empty() {
                weigh(layout, item, weights, row);
            }
        }
    });
    shares
}

/// One item's shares. The item has a vote.
fn weigh(layout: &Layout, item: usize, weights: Option<&[f64]>, row: &mut [f64]) {
    let votes = layout.votes(item);
    let mut total = 0.0;
    row.fill(0.0);
    for vote in votes {
        let weight = weights.map_or(1.0, |w| w[vote.rater as usize]);
        row[vote.label as usize] += weight;
        total += weight;
    }
    if total <= 0.0 {
        votes.iter().for_each(|v| row[v.label as usize] += 1.0);
        total = votes.len() as f64;
    }
    row.iter_mut().for_each(|s| *s /= total);
}
