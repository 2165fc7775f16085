//! What a crowd's answers say about items and raters without a model of their own: uncertainty, consistency, spam.
//!
//! - *Uncertainty* (crowd-kit): entropy of the answers on an item, or by a rater, in nats; with skills each answer puts
//!   s on its label and (1 − s)/(K − 1) on the others.
//! - *Consistency*: posterior of the aggregated label under given skills, one coin a rater and equal label shares.
//! - *Spam score* (Raykar & Yu 2012): how much a rater's answers depend on the truth, from an error matrix: 0 for rows
//!   that are all alike, 1 for a perfect rater.
//! - *Trace*: Σ_c P(c | c), K for a perfect rater.

use super::Layout;
use super::soft::{entropy_nats, most_probable};
use super::softmax::normalise;
use crate::dataset::LabelId;

/// Entropy of the answers on each item, in nats; `None` without a vote. `skill` is one a rater in 0..=1; without it
/// every answer counts wholly.
pub fn item_uncertainty(layout: &Layout, skill: Option<&[Option<f64>]>) -> Vec<Option<f64>> {
    let of = |item: usize| {
        let votes = layout.votes(item);
        uncertainty(layout.n_labels(), votes.iter().map(|v| (v.label, skill_of(skill, v.rater))))
    };
    (0..layout.n_items()).map(of).collect()
}

/// Entropy of each rater's answers, in nats; `None` without annotations.
pub fn rater_uncertainty(layout: &Layout, skill: Option<&[Option<f64>]>) -> Vec<Option<f64>> {
    let of = |rater: usize| {
        let skill = skill_of(skill, rater as u32);
        uncertainty(layout.n_labels(), layout.answers(rater).iter().map(|a| (a.label, skill)))
    };
    (0..layout.n_raters()).map(of).collect()
}

fn skill_of(skill: Option<&[Option<f64>]>, rater: u32) -> f64 {
    skill.map_or(1.0, |s| s.get(rater as usize).copied().flatten().unwrap_or(1.0))
}

fn uncertainty(k: usize, answers: impl Iterator<Item = (LabelId, f64)>) -> Option<f64> {
    let mut row = vec![0.0; k];
    let mut n = 0.0;
    for (label, skill) in answers {
        let others = if k > 1 { (1.0 - skill) / (k - 1) as f64 } else { 0.0 };
        row.iter_mut().for_each(|p| *p += others);
        row[label as usize] += skill - others;
        n += 1.0;
    }
    let sum: f64 = row.iter().sum();
    (n > 0.0 && sum > 0.0).then(|| {
        row.iter_mut().for_each(|p| *p /= sum);
        entropy_nats(&row)
    })
}

/// Posterior of each item's most probable label in `aggregate` (items × labels; the lowest label on ties) under the
/// skills, in 0..=1; `None` without a vote. A label that the skills rule out has 0.
pub fn item_consistency(layout: &Layout, aggregate: &[f64], skill: &[Option<f64>]) -> Vec<Option<f64>> {
    let k = layout.n_labels();
    let others = (k.max(2) - 1) as f64;
    let of = |item: usize| {
        let own = aggregate.get(item * k..(item + 1) * k)?;
        let label = *most_probable(own).first()?;
        let mut row = vec![0.0; k];
        for vote in layout.votes(item) {
            let s = skill_of(Some(skill), vote.rater).clamp(0.0, 1.0);
            let wrong = ((1.0 - s) / others).ln();
            for (c, log) in row.iter_mut().enumerate() {
                *log += if c == vote.label as usize { s.ln() } else { wrong };
            }
        }
        if row.iter().all(|&log| log == f64::NEG_INFINITY) {
            return Some(0.0);
        }
        normalise(&mut row);
        row.get(label as usize).copied()
    };
    (0..layout.n_items()).map(|i| if layout.votes(i).is_empty() { None } else { of(i) }).collect()
}

/// Raters who answer with suspiciously little variety: those with more than `min_answers` annotations whose
/// uncertainty is at or below the `percentile`-th percentile (0..=100, interpolated) of all raters'. Ascending; empty
/// where nobody has annotations.
pub fn monotonous_raters(layout: &Layout, percentile: f64, min_answers: usize) -> Vec<usize> {
    let uncertainty = rater_uncertainty(layout, None);
    let mut sorted: Vec<f64> = uncertainty.iter().copied().flatten().collect();
    if sorted.is_empty() {
        return Vec::new();
    }
    sorted.sort_unstable_by(f64::total_cmp);
    let place = percentile.clamp(0.0, 100.0) / 100.0 * (sorted.len() - 1) as f64;
    let (low, high) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    let threshold = low + (high - low) * place.fract();
    let raters = uncertainty
        .iter()
        .enumerate()
        .filter(|&(rater, u)| u.is_some_and(|u| u <= threshold) && layout.answers(rater).len() > min_answers);
    raters.map(|(rater, _)| rater).collect()
}

/// 1/(K(K − 1)) Σ_{c < c'} Σ_l (P(l | c) − P(l | c'))² of one rater's error matrix (true × said, row-major), in 0..=1.
/// `None` with fewer than two labels or a matrix of another size.
pub fn spam_score(errors: &[f64], n_labels: usize) -> Option<f64> {
    let k = n_labels;
    if k < 2 || errors.len() != k * k {
        return None;
    }
    let row = |c: usize| &errors[c * k..(c + 1) * k];
    let pairs = (0..k).flat_map(|c| (c + 1..k).map(move |d| (c, d)));
    let squares = pairs.map(|(c, d)| row(c).iter().zip(row(d)).map(|(a, b)| (a - b) * (a - b)).sum::<f64>());
    Some(squares.sum::<f64>() / (k * (k - 1)) as f64)
}

/// Sum of the diagonal of one rater's error matrix, in 0..=K; `None` for a matrix of another size.
pub fn trace(errors: &[f64], n_labels: usize) -> Option<f64> {
    (errors.len() == n_labels * n_labels).then(|| (0..n_labels).map(|c| errors[c * n_labels + c]).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_says_the_same_whatever_is_true_is_a_spammer() {
        assert_eq!(spam_score(&[0.3, 0.7, 0.3, 0.7], 2), Some(0.0));
        assert_eq!(spam_score(&[1.0, 0.0, 0.0, 1.0], 2), Some(1.0));
        assert_eq!(spam_score(&[1.0], 1), None);
        assert_eq!(trace(&[1.0, 0.0, 0.5, 0.5], 2), Some(1.5));
    }
}
