//! Soft labels: a distribution over labels an item, from several aggregators at once.
//!
//! A component is items × labels, row-major, rows sum to 1: vote shares, softmax of the counts, or any model's
//! posterior. Their plain mean is the recommended combination (Wright & Augenstein 2023): it keeps what the models
//! agree on and does not pretend to more certainty than they have together. Where components differ, their
//! Jensen–Shannon divergence says on which items.
//!
//! Entropy, divergence and likelihood use natural logarithms. Items without a vote take no part in any mean.

use super::Layout;
use crate::dataset::{LabelId, NO_LABEL};
use crate::stats::Undefined;

/// Smallest probability in the logarithm of a gold label.
const CLIP: f64 = 1e-6;
/// How near to the largest an entry may be to tie with it, relative to it: sums of equal weights in another order.
const TIE: f64 = 1e-12;

/// e^n / Σ e^n over an item's counts n of votes: sharper the more votes there are. A row of zeros without a vote.
pub fn softmax_of_counts(layout: &Layout) -> Vec<f64> {
    let k = layout.n_labels();
    let mut rows = vec![0.0; layout.n_items() * k];
    if k > 0 {
        for (item, row) in rows.chunks_exact_mut(k).enumerate() {
            let votes = layout.votes(item);
            if !votes.is_empty() {
                votes.iter().for_each(|v| row[v.label as usize] += 1.0);
                super::softmax::normalise(row);
            }
        }
    }
    rows
}

/// Mean of the components, entry by entry. Undefined without one, or where their sizes differ.
pub fn average(components: &[&[f64]]) -> Result<Vec<f64>, Undefined> {
    let mut mean = vec![0.0; checked(components)?];
    for component in components {
        mean.iter_mut().zip(*component).for_each(|(m, p)| *m += p);
    }
    let n = components.len() as f64;
    mean.iter_mut().for_each(|m| *m /= n);
    Ok(mean)
}

/// Conflation (Hill 2011): the product of the components, renormalised. It is certain wherever one of them is. Rows on
/// which no label is possible to all are zeros. Undefined as [`average`], and without labels.
pub fn conflation(components: &[&[f64]], n_labels: usize) -> Result<Vec<f64>, Undefined> {
    let mut rows = vec![0.0; checked(components)?];
    for (at, row) in rows.chunks_exact_mut(n_labels.max(1)).enumerate() {
        let at = at * n_labels;
        for component in components {
            row.iter_mut().zip(&component[at..]).for_each(|(r, p)| *r += p.ln());
        }
        if row.iter().all(|&r| r == f64::NEG_INFINITY) {
            row.fill(0.0);
        } else {
            super::softmax::normalise(row);
        }
    }
    Ok(rows)
}

fn checked(components: &[&[f64]]) -> Result<usize, Undefined> {
    let Some(first) = components.first() else {
        return Err(Undefined::Because("no component is chosen".to_owned()));
    };
    if components.iter().any(|c| c.len() != first.len()) {
        return Err(Undefined::Because("components have different sizes".to_owned()));
    }
    Ok(first.len())
}

/// −Σ p ln p, in 0..=ln(number of labels).
pub fn entropy_nats(row: &[f64]) -> f64 {
    row.iter().filter(|&&p| p > 0.0).map(|&p| p * (1.0 / p).ln()).sum::<f64>().max(0.0)
}

/// Jensen–Shannon divergence of two distributions, in 0..=ln 2.
pub fn jensen_shannon(p: &[f64], q: &[f64]) -> f64 {
    let half = |a: f64, m: f64| if a > 0.0 { 0.5 * a * (a / m).ln() } else { 0.0 };
    let terms = p.iter().zip(q).map(|(&p, &q)| {
        let m = f64::midpoint(p, q);
        half(p, m) + half(q, m)
    });
    terms.sum::<f64>().clamp(0.0, std::f64::consts::LN_2)
}

/// One item's row; empty past the end.
fn row_of(component: &[f64], item: usize, k: usize) -> &[f64] {
    component.get(item * k..(item + 1) * k).unwrap_or_default()
}

/// How two components differ.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Divergence {
    /// Numbers of the components, `first` below `second`.
    pub first: usize,
    /// See `first`.
    pub second: usize,
    /// Mean Jensen–Shannon divergence over items with a vote, in 0..=ln 2.
    pub mean: f64,
    /// Items with a vote whose most probable labels differ (as sets, where some tie).
    pub n_other_label: usize,
}

/// Every pair of components, in order. Undefined as [`average`], and where no item has a vote.
pub fn divergences(layout: &Layout, components: &[&[f64]]) -> Result<Vec<Divergence>, Undefined> {
    checked(components)?;
    if layout.n_voted() == 0 {
        return Err(Undefined::NoAnnotations);
    }
    let k = layout.n_labels();
    let mut pairs = Vec::new();
    for first in 0..components.len() {
        for second in first + 1..components.len() {
            let (mut sum, mut n_other_label) = (0.0, 0);
            for item in (0..layout.n_items()).filter(|&i| !layout.votes(i).is_empty()) {
                let (p, q) = (row_of(components[first], item, k), row_of(components[second], item, k));
                sum += jensen_shannon(p, q);
                n_other_label += usize::from(most_probable(p) != most_probable(q));
            }
            pairs.push(Divergence { first, second, mean: sum / layout.n_voted() as f64, n_other_label });
        }
    }
    Ok(pairs)
}

/// Mean Jensen–Shannon divergence over pairs of components, one number an item: where the models disagree. `None`
/// without a vote. Undefined as [`average`], and with a single component.
pub fn item_divergence(layout: &Layout, components: &[&[f64]]) -> Result<Vec<Option<f64>>, Undefined> {
    checked(components)?;
    if components.len() < 2 {
        return Err(Undefined::Because("needs two components to compare".to_owned()));
    }
    let k = layout.n_labels();
    let n_pairs = (components.len() * (components.len() - 1) / 2) as f64;
    let of = |item: usize| {
        let rows: Vec<&[f64]> = components.iter().map(|c| row_of(c, item, k)).collect();
        let pairs = rows.iter().enumerate().flat_map(|(i, p)| rows[i + 1..].iter().map(move |q| (p, q)));
        pairs.map(|(p, q)| jensen_shannon(p, q)).sum::<f64>() / n_pairs
    };
    Ok((0..layout.n_items()).map(|i| (!layout.votes(i).is_empty()).then(|| of(i))).collect())
}

/// Labels with the largest entry, ascending: several where they tie up to rounding, none in an empty row or one of
/// zeros.
pub fn most_probable(row: &[f64]) -> Vec<LabelId> {
    let max = row.iter().copied().fold(0.0, f64::max);
    let ties = row.iter().enumerate().filter(|&(_, &p)| max > 0.0 && p >= max * (1.0 - TIE));
    ties.map(|(label, _)| label as LabelId).collect()
}

/// How well soft labels match a trusted column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SoftScore {
    /// Items with a vote and a gold label.
    pub n_items: usize,
    /// Share of items whose most probable label is the gold one; 1/t where it is one of t that tie.
    pub accuracy: f64,
    /// The same with ties broken to the lowest label, as many packages do: it depends on the order of labels.
    pub accuracy_lowest: f64,
    /// Mean −ln P(gold), probabilities below 1e-6 raised to it.
    pub negative_log_likelihood: f64,
    /// Mean squared distance to certainty of the gold label, Σ (p − δ)², in 0..=2.
    pub brier: f64,
    /// Mean entropy over these items, nats.
    pub entropy: f64,
}

/// Scores a component against gold labels, one an item, [`NO_LABEL`] where there is none. Undefined where no item has
/// both a vote and a gold label.
pub fn soft_score(layout: &Layout, component: &[f64], gold: &[LabelId]) -> Result<SoftScore, Undefined> {
    let k = layout.n_labels();
    let mut score = SoftScore {
        n_items: 0,
        accuracy: 0.0,
        accuracy_lowest: 0.0,
        negative_log_likelihood: 0.0,
        brier: 0.0,
        entropy: 0.0,
    };
    for (item, &gold) in gold.iter().enumerate().take(layout.n_items()) {
        let row = row_of(component, item, k);
        if gold == NO_LABEL || row.is_empty() || layout.votes(item).is_empty() {
            continue;
        }
        let best = most_probable(row);
        score.n_items += 1;
        score.accuracy += f64::from(u8::from(best.contains(&gold))) / best.len().max(1) as f64;
        score.accuracy_lowest += f64::from(u8::from(best.first() == Some(&gold)));
        let p = row.get(gold as usize).copied().unwrap_or(0.0);
        score.negative_log_likelihood -= p.max(CLIP).ln();
        let squares: f64 = row.iter().map(|p| p * p).sum();
        // Σ (p − 1[gold])², also for a gold label that is not in the set.
        score.brier += squares - 2.0 * p + 1.0;
        score.entropy += entropy_nats(row);
    }
    if score.n_items == 0 {
        return Err(Undefined::Because("no item has both a gold label and a label to compare".to_owned()));
    }
    let n = score.n_items as f64;
    for sum in [
        &mut score.accuracy,
        &mut score.accuracy_lowest,
        &mut score.negative_log_likelihood,
        &mut score.brier,
        &mut score.entropy,
    ] {
        *sum /= n;
    }
    Ok(score)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::AnnotationsBuilder;

    fn layout(rows: &[(u32, u32, u32)], n_items: usize) -> Layout {
        let mut b = AnnotationsBuilder::new();
        rows.iter().for_each(|&(item, rater, label)| b.push(item, rater, label, None));
        Layout::new(&b.finish(n_items, 9), 3)
    }

    #[test]
    fn three_votes_to_one_are_three_quarters_and_more() {
        let l = layout(&[(0, 0, 0), (0, 1, 0), (0, 2, 0), (0, 3, 1)], 2);
        assert_eq!(l.vote_shares()[..3], [0.75, 0.25, 0.0]);
        let softmax = softmax_of_counts(&l);
        for (found, expected) in softmax.iter().zip([0.8438, 0.1142, 0.0420, 0.0, 0.0, 0.0]) {
            assert!((found - expected).abs() < 5e-5, "{softmax:?}");
        }
    }

    #[test]
    fn the_average_is_less_sure_than_its_parts() {
        let mean = average(&[&[0.75, 0.25], &[0.8808, 0.1192], &[0.97, 0.03]]).unwrap();
        assert!((mean[0] - 0.8669).abs() < 5e-5 && (entropy_nats(&mean) - 0.3922).abs() < 5e-5);
        assert_eq!(average(&[]).unwrap_err().to_string(), "no component is chosen");
        assert!(average(&[&[1.0], &[0.5, 0.5]]).is_err());
    }

    #[test]
    fn divergence_is_zero_between_equals_and_ln_2_between_strangers() {
        assert_eq!(jensen_shannon(&[0.3, 0.7], &[0.3, 0.7]), 0.0);
        assert!((jensen_shannon(&[1.0, 0.0], &[0.0, 1.0]) - std::f64::consts::LN_2).abs() < 1e-15);
        let l = layout(&[(0, 0, 0)], 2);
        let (p, q) = ([1.0, 0.0, 0.0, 0.0, 0.0, 0.0], [0.5, 0.5, 0.0, 0.0, 0.0, 0.0]);
        let pairs = divergences(&l, &[&p, &q]).unwrap();
        assert_eq!((pairs.len(), pairs[0].n_other_label), (1, 1), "a tie is not its first label");
        assert_eq!(item_divergence(&l, &[&p, &q]).unwrap()[1], None);
        assert!((item_divergence(&l, &[&p, &q]).unwrap()[0].unwrap() - pairs[0].mean).abs() < 1e-15);
    }

    #[test]
    fn ties_count_their_share_and_what_is_not_voted_on_nothing() {
        let l = layout(&[(0, 0, 0), (0, 1, 1), (1, 0, 2)], 4);
        let s = soft_score(&l, &l.vote_shares(), &[1, 0, 2, NO_LABEL]).unwrap();
        assert_eq!((s.n_items, s.accuracy, s.accuracy_lowest), (2, 0.25, 0.0));
        assert!((s.brier - 1.25).abs() < 1e-15);
        assert!((s.negative_log_likelihood - (2.0_f64.ln() - CLIP.ln()) / 2.0).abs() < 1e-12);
        assert!(soft_score(&l, &l.vote_shares(), &[NO_LABEL; 4]).is_err());
    }
}
