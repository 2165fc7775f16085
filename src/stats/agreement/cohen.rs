//! Cohen's kappa of each pair of raters that share an item.
//!
//! Sparse: cost and memory follow the pairs of annotations on the same item, not raters × raters × labels².
//! Raters are worked on in parallel, each pair on its own, so the number of threads changes nothing.

use rayon::prelude::*;

use super::student::Z_975;
use crate::dataset::{Annotations, DuplicateRule, LabelId};
use crate::stats::{Estimate, Statistic, Undefined};

/// Most pairs of annotations on one item that are compared (about a minute of work).
const MAX_COMPARISONS: u64 = 4_000_000_000;
/// Most pairs of raters that are listed (about 100 bytes each).
const MAX_PAIRS: u64 = 4_000_000;
/// Cells collected before equal ones are merged.
const MERGE_AT: usize = 1 << 20;

/// The kappas of all pairs, and their mean.
#[derive(Debug, Clone, PartialEq)]
pub struct PairwiseKappa {
    /// Mean of the defined kappas, each pair alike (Light 1971); no interval. `n_items` are items with two
    /// raters or more, `n_raters` raters in a pair with a defined kappa.
    pub mean: Statistic,
    /// Pairs with at least one shared item, by (`a`, `b`).
    pub pairs: Vec<KappaPair>,
}

/// How two raters agree.
#[derive(Debug, Clone, PartialEq)]
pub struct KappaPair {
    /// The lower rater number.
    pub a: u32,
    /// The higher rater number.
    pub b: u32,
    /// Items that both labelled.
    pub n_items: usize,
    /// Share of them with the same label, in 0..=1.
    pub percent_agreement: f64,
    /// Cohen's kappa with its interval; undefined where both use one and the same label throughout.
    pub kappa: Statistic,
}

/// What a two-rater table says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CohenKappa {
    /// (p_o − p_e)/(1 − p_e).
    pub kappa: f64,
    /// Observed agreement p_o.
    pub observed: f64,
    /// Chance agreement p_e.
    pub expected: f64,
    /// Large-sample standard error of κ (not the one under κ = 0).
    pub se: f64,
}

/// Cohen's kappa (1960) of a table given as its non-zero cells (label of one rater, label of the other, count).
/// A cell may appear once. `None` where the table is empty or chance agreement is 1.
///
/// p_o = Σ_k p_kk, p_e = Σ_k p_k· p_·k, and the variance of Fleiss, Cohen & Everitt (1969, eq. 13) with
/// identity weights: [Σ_kl p_kl (w_kl − (p_·k + p_l·)(1 − κ))² − (κ − p_e (1 − κ))²] / (n (1 − p_e)²).
pub fn cohen_kappa(cells: &[(LabelId, LabelId, u64)]) -> Option<CohenKappa> {
    let rows = margin(cells.iter().map(|&(row, _, n)| (row, n)));
    let cols = margin(cells.iter().map(|&(_, col, n)| (col, n)));
    let total: u64 = rows.iter().map(|&(_, n)| n).sum();
    let same: u64 = cells.iter().filter(|(row, col, _)| row == col).map(|&(_, _, n)| n).sum();
    // Chance agreement is 1 only if both raters use one label, the same one.
    if total == 0 || (rows.len() == 1 && cols.len() == 1 && rows[0].0 == cols[0].0) {
        return None;
    }
    let n = total as f64;
    let share = |margin: &[(LabelId, u64)], label: LabelId| {
        margin.binary_search_by_key(&label, |&(l, _)| l).map_or(0.0, |i| margin[i].1 as f64 / n)
    };
    let observed = same as f64 / n;
    let expected: f64 = rows.iter().map(|&(label, count)| count as f64 / n * share(&cols, label)).sum();
    let room = 1.0 - expected;
    let kappa = (observed - expected) / room;
    // About the mean, so that a variance of 0 is not what is left of two squares.
    let centre = kappa - expected * (1.0 - kappa);
    let spread: f64 = cells
        .iter()
        .map(|&(row, col, count)| {
            let weight = f64::from(u8::from(row == col));
            let margins = share(&cols, row) + share(&rows, col);
            count as f64 / n * (weight - margins * (1.0 - kappa) - centre).powi(2)
        })
        .sum();
    let variance = spread / (n * room * room);
    Some(CohenKappa { kappa, observed, expected, se: variance.sqrt() })
}

/// Sums by label, ascending.
fn margin(counts: impl Iterator<Item = (LabelId, u64)>) -> Vec<(LabelId, u64)> {
    let mut sums: Vec<(LabelId, u64)> = counts.filter(|&(_, n)| n > 0).collect();
    sums.sort_unstable();
    sums.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 += next.1;
        }
        same
    });
    sums
}

/// Cohen's kappa of each pair of raters with a shared item. Where a rater labelled an item more than once, the
/// last label counts. Interval: κ ± 1.96 se for two items or more, upper limit cut to 1.
///
/// More work than can be done within about a minute, or more pairs than 4 million, is refused: then `pairs` is
/// empty and `mean` says so.
pub fn pairwise_cohen_kappa(annotations: &Annotations, n_labels: usize) -> PairwiseKappa {
    let resolved;
    let annotations = if annotations.n_duplicates() > 0 {
        resolved = annotations.resolved(DuplicateRule::Last);
        &resolved
    } else {
        annotations
    };
    let refuse = |reason: Undefined| PairwiseKappa { mean: reason.into(), pairs: Vec::new() };
    let in_set = |label: LabelId| (label as usize) < n_labels;
    let mut n_items = 0;
    let (mut comparisons, mut used) = (0_u64, vec![false; annotations.n_raters()]);
    for item in 0..annotations.n_items() {
        let mut votes = 0_u64;
        for a in annotations.of_item(item).filter(|a| in_set(a.label)) {
            used[a.rater as usize] = true;
            votes += 1;
        }
        n_items += usize::from(votes >= 2);
        comparisons = comparisons.saturating_add(votes * votes.saturating_sub(1) / 2);
    }
    let n_raters = used.iter().filter(|&&u| u).count() as u64;
    match (n_raters, comparisons) {
        (0, _) => return refuse(Undefined::NoAnnotations),
        (1, _) => return refuse(Undefined::FewerThanTwoRaters),
        (_, 0) => return refuse(Undefined::NoPairableItem),
        _ => {}
    }
    let most_pairs = comparisons.min(n_raters * (n_raters - 1) / 2);
    if comparisons > MAX_COMPARISONS || most_pairs > MAX_PAIRS {
        return refuse(Undefined::Because(format!(
            "there are too many pairs: {comparisons} pairs of annotations (at most {MAX_COMPARISONS} are compared) \
             by {most_pairs} pairs of raters (at most {MAX_PAIRS} are listed)"
        )));
    }
    let pairs: Vec<KappaPair> = (0..annotations.n_raters())
        .into_par_iter()
        .flat_map_iter(|a| pairs_of(annotations, a as u32, n_labels))
        .collect();
    PairwiseKappa { mean: mean(&pairs, n_items, annotations.n_raters()), pairs }
}

/// (other rater, own label, the other's label, items).
type Cell = (u32, LabelId, LabelId, u64);

/// The pairs of rater `a` with higher raters, by ascending rater.
fn pairs_of(annotations: &Annotations, a: u32, n_labels: usize) -> Vec<KappaPair> {
    let mut cells: Vec<Cell> = Vec::new();
    let mut merge_at = MERGE_AT;
    for own in annotations.of_rater(a as usize).filter(|x| (x.label as usize) < n_labels) {
        for other in annotations.of_item(own.item as usize) {
            if other.rater > a && (other.label as usize) < n_labels {
                cells.push((other.rater, own.label, other.label, 1));
            }
        }
        if cells.len() >= merge_at {
            merge(&mut cells);
            merge_at = MERGE_AT.max(2 * cells.len());
        }
    }
    merge(&mut cells);
    cells
        .chunk_by(|x, y| x.0 == y.0)
        .map(|cells| {
            let table: Vec<_> = cells.iter().map(|&(_, own, other, n)| (own, other, n)).collect();
            pair(a, cells[0].0, &table)
        })
        .collect()
}

fn merge(cells: &mut Vec<Cell>) {
    cells.sort_unstable();
    cells.dedup_by(|next, kept| {
        let same = (next.0, next.1, next.2) == (kept.0, kept.1, kept.2);
        if same {
            kept.3 += next.3;
        }
        same
    });
}

fn pair(a: u32, b: u32, table: &[(LabelId, LabelId, u64)]) -> KappaPair {
    let n: u64 = table.iter().map(|&(_, _, n)| n).sum();
    let same: u64 = table.iter().filter(|(own, other, _)| own == other).map(|&(_, _, n)| n).sum();
    let n_items = n as usize;
    let kappa = cohen_kappa(table).map_or(Statistic::Undefined(Undefined::NoVariation), |k| {
        let ci = (n_items >= 2).then(|| (k.kappa - Z_975 * k.se, (k.kappa + Z_975 * k.se).min(1.0)));
        Estimate { se: Some(k.se), ..Estimate::new(k.kappa, n_items, 2).with_ci(ci) }.into()
    });
    KappaPair { a, b, n_items, percent_agreement: same as f64 / n as f64, kappa }
}

fn mean(pairs: &[KappaPair], n_items: usize, n_raters: usize) -> Statistic {
    let mut in_mean = vec![false; n_raters];
    let (mut sum, mut n) = (0.0, 0_usize);
    for pair in pairs {
        if let Some(kappa) = pair.kappa.value() {
            sum += kappa;
            n += 1;
            in_mean[pair.a as usize] = true;
            in_mean[pair.b as usize] = true;
        }
    }
    if n == 0 {
        return Undefined::Because(
            "in every pair of raters both use one and the same label, so chance agreement is 1".to_owned(),
        )
        .into();
    }
    let n_raters = in_mean.iter().filter(|&&m| m).count();
    Estimate::new(sum / n as f64, n_items, n_raters).into()
}
