//! CrowdTruth 2.0 (Dumitrache, Inel, Aroyo, Timmermans & Welty 2018): quality of items, raters and labels at once, each
//! weighted by the others. Meant for answers that may name several labels, and for items that have no one right answer.
//!
//! Rater w's answer on item u is a vector V_wu of counts, one a label (several annotations of an item by one rater are
//! one answer). wcos(x, y) = Σ_a AQS_a x_a y_a/√(Σ AQS x² Σ AQS y²), denominators at least 1e-8. All scores start at 1,
//! each round reads only those of the round before, and the rounds end when no score moves by 0.001:
//!
//! - UQS_u (item quality) = mean of wcos(V_iu, V_ju) over pairs of raters, weighted by WQS_i WQS_j; 0 with one rater;
//! - WWA_i (agreement with raters) = mean of the same over i's items and co-raters, weighted by WQS_j UQS_u;
//! - WUA_i (agreement with items) = mean of wcos(WQS_i V_iu, V_u − WQS_i V_iu), V_u = Σ WQS V, weighted by UQS_u;
//! - WQS = WWA × WUA (rater quality);
//! - AQS_a (label quality; closed tasks) = mean of P_a(i | j) over ordered pairs of raters for whom it is defined, weighted
//!   by WQS_i WQS_j, P_a(i | j) = Σ_u UQS V_iu(a) V_ju(a)/Σ_u UQS V_ju(a) over shared items. Open tasks: 1;
//! - UAS(u, a) (how clearly the item has the label) = Σ WQS V(a)/Σ WQS.
//!
//! A round costs O(Σ n²) for items with n answers, and no table of raters × raters is held.

use std::cmp::Ordering;

use rayon::prelude::*;

use super::Layout;
use super::layout::{MAX_PAIR_VISITS, MAX_TABLE_CELLS};
use crate::dataset::LabelId;
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;

/// Movement of a score that goes on, the least denominator of a cosine, and the most rounds.
const MOVEMENT: f64 = 1e-3;
const LEAST: f64 = 1e-8;
const MAX_ROUNDS: usize = 10_000;

/// The scores, each in 0..=1.
#[derive(Debug, Clone, PartialEq)]
pub struct CrowdTruth {
    /// UQS, one an item; `None` without an answer. 0 with one answer.
    pub item: Vec<Option<f64>>,
    /// WQS, one a rater; `None` without an answer, as the next two.
    pub rater: Vec<Option<f64>>,
    /// WWA.
    pub rater_rater: Vec<Option<f64>>,
    /// WUA.
    pub rater_item: Vec<Option<f64>>,
    /// AQS, one a label.
    pub label: Vec<f64>,
    /// UAS, items × labels, row-major; zeros where the raters' quality is 0 and without an answer.
    pub item_label: Vec<f64>,
    /// UQS after the first round: agreement before anybody is weighted.
    pub first_item: Vec<Option<f64>>,
    /// WQS after the first round.
    pub first_rater: Vec<Option<f64>>,
    /// Rounds.
    pub iterations: usize,
    /// Whether scores stopped moving.
    pub converged: bool,
}

/// Computes the scores. `closed` for tasks whose labels were offered to choose from.
///
/// Undefined without annotations, with fewer than two raters, and where pairs of answers or tables are too many.
pub fn crowd_truth(
    layout: &Layout,
    closed: bool,
    progress: &Progress,
) -> Result<Result<CrowdTruth, Undefined>, Cancelled> {
    if let Err(reason) = layout.check() {
        return Ok(Err(reason));
    }
    if layout.pair_visits() > MAX_PAIR_VISITS
        || layout.n_raters().saturating_mul(layout.n_labels()) > MAX_TABLE_CELLS
    {
        return Ok(Err(Undefined::Because("too many pairs of raters share items".to_owned())));
    }
    progress.stage("CrowdTruth", 0);
    let answers = Answers::new(layout);
    let mut scores = Scores {
        item: vec![1.0; layout.n_items()],
        rater: vec![1.0; layout.n_raters()],
        rater_rater: vec![1.0; layout.n_raters()],
        rater_item: vec![1.0; layout.n_raters()],
        label: vec![1.0; layout.n_labels()],
    };
    let mut first = None;
    let (mut iterations, mut converged) = (0, false);
    while iterations < MAX_ROUNDS && !converged {
        progress.check()?;
        iterations += 1;
        let next = answers.round(layout, &scores, closed, progress);
        progress.check()?;
        converged = next.moved(&scores) < MOVEMENT;
        scores = next;
        first.get_or_insert_with(|| (scores.item.clone(), scores.rater.clone()));
        progress.add(1);
    }
    let (first_item, first_rater) = first.unwrap_or_default();
    let items = |x: &[f64]| {
        let of = |(i, &s): (usize, &f64)| (!layout.votes(i).is_empty()).then_some(s);
        x.iter().enumerate().map(of).collect::<Vec<_>>()
    };
    let raters = |x: &[f64]| {
        let of = |(w, &s): (usize, &f64)| (!layout.answers(w).is_empty()).then_some(s);
        x.iter().enumerate().map(of).collect::<Vec<_>>()
    };
    Ok(Ok(CrowdTruth {
        item_label: answers.item_labels(layout, &scores.rater),
        item: items(&scores.item),
        rater: raters(&scores.rater),
        rater_rater: raters(&scores.rater_rater),
        rater_item: raters(&scores.rater_item),
        label: scores.label,
        first_item: items(&first_item),
        first_rater: raters(&first_rater),
        iterations,
        converged,
    }))
}

struct Scores {
    item: Vec<f64>,
    rater: Vec<f64>,
    rater_rater: Vec<f64>,
    rater_item: Vec<f64>,
    label: Vec<f64>,
}

impl Scores {
    fn moved(&self, before: &Self) -> f64 {
        let most = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| (x - y).abs()).fold(0.0, f64::max);
        most(&self.item, &before.item)
            .max(most(&self.rater, &before.rater))
            .max(most(&self.label, &before.label))
    }
}

/// One rater's answer on one item.
struct Answer {
    item: u32,
    rater: u32,
    start: usize,
    end: usize,
}

/// All answers, by item and by rater; counts of labels, ascending.
struct Answers {
    all: Vec<Answer>,
    counts: Vec<(LabelId, f64)>,
    item_starts: Vec<usize>,
    by_rater: Vec<Vec<u32>>,
}

impl Answers {
    fn new(layout: &Layout) -> Self {
        let mut answers = Self {
            all: Vec::new(),
            counts: Vec::with_capacity(layout.len()),
            item_starts: vec![0],
            by_rater: vec![Vec::new(); layout.n_raters()],
        };
        let mut own = Vec::new();
        for item in 0..layout.n_items() {
            own.clear();
            own.extend(layout.votes(item).iter().map(|v| (v.rater, v.label)));
            own.sort_unstable();
            for run in own.chunk_by(|a, b| a.0 == b.0) {
                let start = answers.counts.len();
                answers.counts.extend(run.chunk_by(|a, b| a.1 == b.1).map(|r| (r[0].1, r.len() as f64)));
                answers.by_rater[run[0].0 as usize].push(answers.all.len() as u32);
                let end = answers.counts.len();
                answers.all.push(Answer { item: item as u32, rater: run[0].0, start, end });
            }
            answers.item_starts.push(answers.all.len());
        }
        answers
    }

    fn of_item(&self, item: usize) -> std::ops::Range<usize> {
        self.item_starts[item]..self.item_starts[item + 1]
    }

    fn vector(&self, answer: usize) -> &[(LabelId, f64)] {
        &self.counts[self.all[answer].start..self.all[answer].end]
    }

    /// Σ AQS x y.
    fn dot(&self, a: usize, b: usize, label: &[f64]) -> f64 {
        let (mut x, mut y) = (self.vector(a), self.vector(b));
        let mut sum = 0.0;
        while let (Some(&(k, n)), Some(&(l, m))) = (x.first(), y.first()) {
            match k.cmp(&l) {
                Ordering::Less => x = &x[1..],
                Ordering::Greater => y = &y[1..],
                Ordering::Equal => {
                    sum += label[k as usize] * n * m;
                    (x, y) = (&x[1..], &y[1..]);
                }
            }
        }
        sum
    }

    fn round(&self, layout: &Layout, before: &Scores, closed: bool, progress: &Progress) -> Scores {
        let k = layout.n_labels();
        let squares: Vec<f64> = (0..self.all.len()).map(|a| self.dot(a, a, &before.label)).collect();
        let cosine =
            |a: usize, b: usize| self.dot(a, b, &before.label) / (squares[a] * squares[b]).sqrt().max(LEAST);
        let item = (0..layout.n_items())
            .into_par_iter()
            .map(|item| {
                let (mut sum, mut weight) = (0.0, 0.0);
                for i in self.of_item(item) {
                    for j in i + 1..self.item_starts[item + 1] {
                        let w = before.rater[self.all[i].rater as usize]
                            * before.rater[self.all[j].rater as usize];
                        sum += w * cosine(i, j);
                        weight += w;
                    }
                }
                sum / weight.max(LEAST)
            })
            .collect();
        // V_u and Σ AQS V_u², one an item.
        let totals: Vec<(Vec<(LabelId, f64)>, f64)> = (0..layout.n_items())
            .into_par_iter()
            .map(|item| {
                let mut all: Vec<(LabelId, f64)> = self
                    .of_item(item)
                    .flat_map(|a| {
                        let w = before.rater[self.all[a].rater as usize];
                        self.vector(a).iter().map(move |&(l, n)| (l, w * n))
                    })
                    .collect();
                all.sort_by_key(|&(l, _)| l);
                let total: Vec<(LabelId, f64)> = all
                    .chunk_by(|a, b| a.0 == b.0)
                    .map(|run| (run[0].0, run.iter().map(|&(_, n)| n).sum()))
                    .collect();
                let square = total.iter().map(|&(l, n)| before.label[l as usize] * n * n).sum();
                (total, square)
            })
            .collect();
        let raters: Vec<OfRater> = (0..layout.n_raters())
            .into_par_iter()
            .map_init(
                || Pairing {
                    met: vec![false; layout.n_raters()],
                    shared: vec![(0.0, 0.0); layout.n_raters() * k],
                },
                |room, rater| {
                    if progress.is_cancelled() {
                        return OfRater { raters: 0.0, items: 0.0, labels: Vec::new() };
                    }
                    self.of_rater(rater, before, closed, &totals, &cosine, room)
                },
            )
            .collect();
        let label = if closed {
            let mut sums = vec![(0.0, 0.0); k];
            for (sum, own) in raters.iter().flat_map(|r| &r.labels).map(|l| (l.0 as usize, l)) {
                sums[sum].0 += own.1;
                sums[sum].1 += own.2;
            }
            sums.into_iter().map(|(sum, weight)| sum / weight.max(LEAST)).collect()
        } else {
            vec![1.0; k]
        };
        Scores {
            item,
            rater: raters.iter().map(|r| r.raters * r.items).collect(),
            rater_rater: raters.iter().map(|r| r.raters).collect(),
            rater_item: raters.iter().map(|r| r.items).collect(),
            label,
        }
    }

    fn of_rater(
        &self,
        rater: usize,
        before: &Scores,
        closed: bool,
        totals: &[(Vec<(LabelId, f64)>, f64)],
        cosine: &impl Fn(usize, usize) -> f64,
        room: &mut Pairing,
    ) -> OfRater {
        let k = before.label.len();
        let own_weight = before.rater[rater];
        let (mut wwa, mut wwa_weight, mut wua, mut wua_weight) = (0.0, 0.0, 0.0, 0.0);
        let mut met = Vec::new();
        for &a in &self.by_rater[rater] {
            let a = a as usize;
            let item = self.all[a].item as usize;
            let quality = before.item[item];
            // wcos of the own vector with the others' sum.
            let (total, all_square) = &totals[item];
            let (mut dot, mut own_square, mut rest_square) = (0.0, 0.0, *all_square);
            for &(label, n) in self.vector(a) {
                let at = total.partition_point(|&(l, _)| l < label);
                let (all, own) = (total[at].1, own_weight * n);
                let weight = before.label[label as usize];
                dot += weight * own * (all - own);
                own_square += weight * own * own;
                rest_square += weight * ((all - own) * (all - own) - all * all);
            }
            // Where nobody else answered, what is left is rounding.
            let alone = self.of_item(item).len() < 2;
            let rest_square = if alone { 0.0 } else { rest_square.max(0.0) };
            wua += quality * dot / (own_square * rest_square).sqrt().max(LEAST);
            wua_weight += quality;
            for b in self.of_item(item).filter(|&b| b != a) {
                let other = self.all[b].rater as usize;
                let weight = before.rater[other] * quality;
                wwa += weight * cosine(a, b);
                wwa_weight += weight;
                if closed {
                    if !std::mem::replace(&mut room.met[other], true) {
                        met.push(other);
                    }
                    self.pair(a, b, quality, &mut room.shared[other * k..(other + 1) * k]);
                }
            }
        }
        met.sort_unstable();
        let mut labels = vec![(0.0, 0.0); if closed { k } else { 0 }];
        for other in met {
            room.met[other] = false;
            let weight = own_weight * before.rater[other];
            let shared = &mut room.shared[other * k..(other + 1) * k];
            for ((both, theirs), sums) in shared.iter_mut().zip(&mut labels) {
                if *theirs > 0.0 {
                    sums.0 += weight * *both / *theirs;
                    sums.1 += weight;
                }
                (*both, *theirs) = (0.0, 0.0);
            }
        }
        OfRater {
            raters: wwa / wwa_weight.max(LEAST),
            items: wua / wua_weight.max(LEAST),
            labels: labels
                .into_iter()
                .enumerate()
                .map(|(l, (sum, weight))| (l as LabelId, sum, weight))
                .collect(),
        }
    }

    /// Adds UQS V_i(a) V_j(a) and UQS V_j(a) for the labels of answer `b` of rater j.
    fn pair(&self, a: usize, b: usize, quality: f64, shared: &mut [(f64, f64)]) {
        let own = self.vector(a);
        for &(label, theirs) in self.vector(b) {
            let mine = own.binary_search_by_key(&label, |&(l, _)| l).map_or(0.0, |at| own[at].1);
            let sums = &mut shared[label as usize];
            sums.0 += quality * mine * theirs;
            sums.1 += quality * theirs;
        }
    }

    fn item_labels(&self, layout: &Layout, rater: &[f64]) -> Vec<f64> {
        let k = layout.n_labels();
        let mut rows = vec![0.0; layout.n_items() * k];
        for (item, row) in rows.chunks_exact_mut(k).enumerate() {
            let mut all = 0.0;
            for a in self.of_item(item) {
                let w = rater[self.all[a].rater as usize];
                all += w;
                self.vector(a).iter().for_each(|&(l, n)| row[l as usize] += w * n);
            }
            if all > 0.0 {
                row.iter_mut().for_each(|s| *s /= all);
            }
        }
        rows
    }
}

/// What a round finds for one rater.
struct OfRater {
    raters: f64,
    items: f64,
    /// (label, weighted sum of P, weight).
    labels: Vec<(LabelId, f64, f64)>,
}

/// Room for one rater's pairs, empty before and after.
struct Pairing {
    met: Vec<bool>,
    /// raters × labels: numerator and denominator of P.
    shared: Vec<(f64, f64)>,
}
