//! Two sides and the items where they part: raters, groups, models or aggregates, whatever they are.
//!
//! A side says of an item how much it is for each label: votes, or probabilities. Both sides are compared on the items of which both
//! say something and have one label that is ahead. [`compare`] looks at how they label, at what one calls what the other calls
//! otherwise, and at each item's gap.

use rayon::prelude::*;

use super::Statistic;
use super::agreement::{CohenKappa, cohen_kappa};
use super::estimate::Z_975;
use super::human_distribution::mean;
use crate::dataset::LabelId;
use crate::progress::{Cancelled, Progress};

/// Items that are looked at together: sums are added in their order, so that threads change nothing.
const CHUNK: usize = 8192;

/// What a side says of an item.
pub trait Voice: Sync {
    /// Labels with weights above 0, ascending by label, into `out`, which is empty.
    fn read(&self, item: usize, out: &mut Vec<(LabelId, f64)>);
}

impl<F: Fn(usize, &mut Vec<(LabelId, f64)>) + Sync> Voice for F {
    fn read(&self, item: usize, out: &mut Vec<(LabelId, f64)>) {
        self(item, out);
    }
}

/// How both sides use one label.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LabelUse {
    /// Which.
    pub label: LabelId,
    /// Share of what A says, and of what B says, in 0..=1.
    pub shares: [f64; 2],
    /// 95 % interval of the second less the first, where there are two items or more.
    pub interval: Option<(f64, f64)>,
    /// Cohen's kappa of this label or another, by the labels that are ahead; `None` where chance agreement is 1.
    pub kappa: Option<CohenKappa>,
}

impl LabelUse {
    /// The second share less the first.
    pub fn difference(&self) -> f64 {
        self.shares[1] - self.shares[0]
    }

    /// Whether the interval of the difference leaves out 0.
    pub fn differs(&self) -> bool {
        self.interval.is_some_and(|(low, high)| low > 0.0 || high < 0.0)
    }
}

/// Items of which A says one thing and B another, or the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Meeting {
    /// What A says.
    pub a: LabelId,
    /// What B says.
    pub b: LabelId,
    /// Items, ascending.
    pub items: Vec<u32>,
}

/// An item of which the sides say different things.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Parting {
    /// Which.
    pub item: u32,
    /// What A says.
    pub a: LabelId,
    /// What B says.
    pub b: LabelId,
    /// Total variation distance between what both say, in 0..=1.
    pub gap: f64,
}

/// Answers that two sides have in common, on items of which both say something; of free answers more than the one that is ahead.
#[derive(Debug, Clone, PartialEq)]
pub struct Answers {
    /// Mean of Σ min/Σ max of the shares of answers (weighted Jaccard): 1 where both answer alike, 0 where they have nothing in common.
    /// Of one item (1 − gap)/(1 + gap).
    pub jaccard: Statistic,
    /// Mean share of the [`TOP`] most given answers of one side that are among those of the other.
    pub top: Statistic,
    /// Items of which a side gives several answers.
    pub n_several: usize,
    /// Items by what they have in common, the least first, ties by item; those that are answered alike are not among them.
    pub least: Vec<u32>,
}

/// Answers that are most given.
pub const TOP: usize = 5;

/// Share of the `k` most given answers that both sides have: of as many as either gives, where both give fewer. Answers that tie for the
/// last places have a share of them. Labels ascending, with weights above 0.
pub fn overlap_at(a: &[(LabelId, f64)], b: &[(LabelId, f64)], k: usize) -> f64 {
    let among = |said: &[(LabelId, f64)]| -> Vec<(LabelId, f64)> {
        let part = |&(label, w): &(LabelId, f64)| {
            let ahead = said.iter().filter(|x| x.1 > w).count();
            let tied = said.iter().filter(|x| x.1 == w).count();
            (label, (k.saturating_sub(ahead) as f64 / tied as f64).min(1.0))
        };
        said.iter().map(part).collect()
    };
    let (x, y) = (among(a), among(b));
    let both = |&(label, part): &(LabelId, f64)| {
        y.binary_search_by_key(&label, |z| z.0).map_or(0.0, |at| part.min(y[at].1))
    };
    x.iter().map(both).sum::<f64>() / k.min(a.len().max(b.len())).max(1) as f64
}

/// What two sides have in common, and what not.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Items of which both have one label that is ahead.
    pub n_items: usize,
    /// Items of which both say something, but at least one side has several labels ahead, ascending.
    pub tied: Vec<u32>,
    /// One row a label that either side uses, ascending.
    pub labels: Vec<LabelUse>,
    /// One row a pair of labels that occurs, ascending.
    pub meetings: Vec<Meeting>,
    /// Items where they part, the widest gap first, ties by item.
    pub parted: Vec<Parting>,
    /// Cohen's kappa by the labels that are ahead; `None` where there is no item or chance agreement is 1.
    pub kappa: Option<CohenKappa>,
    /// Answers in common.
    pub answers: Answers,
}

impl Comparison {
    /// Items that A calls `a` and B calls `b`.
    pub fn items(&self, a: LabelId, b: LabelId) -> &[u32] {
        let at = self.meetings.binary_search_by_key(&(a, b), |m| (m.a, m.b));
        at.map_or(&[], |at| self.meetings[at].items.as_slice())
    }
}

/// One item of both sides.
struct Seen {
    item: u32,
    /// What is ahead; `None` where several labels are.
    ahead: Option<(LabelId, LabelId)>,
    gap: f64,
    /// Of the most given answers.
    top: f64,
    several: bool,
}

/// Compares `a` with `b` on `n_items` items with labels below `n_labels`.
///
/// Differences of shares are ratios Σ_i w_il / Σ_i w_i of each side, with the variance of both together linearised over items
/// (Cochran 1977, §6.6): items are drawn, votes on one item are not independent. κ as [`cohen_kappa`].
///
/// # Errors
/// Cancellation.
pub fn compare(
    a: &dyn Voice,
    b: &dyn Voice,
    n_items: usize,
    n_labels: usize,
    progress: &Progress,
) -> Result<Comparison, Cancelled> {
    progress.stage("Comparing", 2 * n_items as u64);
    let chunks: Vec<(Vec<Seen>, [Vec<f64>; 2])> = (0..n_items.div_ceil(CHUNK))
        .into_par_iter()
        .map(|chunk| {
            progress.check()?;
            let range = chunk * CHUNK..((chunk + 1) * CHUNK).min(n_items);
            progress.add(range.len() as u64);
            let mut seen = Vec::new();
            let mut sums = [vec![0.0; n_labels], vec![0.0; n_labels]];
            each(a, b, range, |item, said| {
                let ahead = ahead(&said[0]).zip(ahead(&said[1]));
                if ahead.is_some() {
                    for (sums, said) in sums.iter_mut().zip(said) {
                        said.iter().for_each(|&(l, w)| sums[l as usize] += w);
                    }
                }
                let (gap, top) = (gap(&said[0], &said[1]), overlap_at(&said[0], &said[1], TOP));
                let several = said.iter().any(|s| s.len() > 1);
                seen.push(Seen { item, ahead, gap, top, several });
            });
            Ok((seen, sums))
        })
        .collect::<Result<_, Cancelled>>()?;
    let mut sums = [vec![0.0; n_labels], vec![0.0; n_labels]];
    for (_, part) in &chunks {
        for s in 0..2 {
            sums[s].iter_mut().zip(&part[s]).for_each(|(sum, x)| *sum += x);
        }
    }
    let (mut tied, mut parted, mut met) = (Vec::new(), Vec::new(), Vec::new());
    for seen in chunks.iter().flat_map(|c| &c.0) {
        match seen.ahead {
            None => tied.push(seen.item),
            Some((a, b)) => {
                met.push((a, b, seen.item));
                if a != b {
                    parted.push(Parting { item: seen.item, a, b, gap: seen.gap });
                }
            }
        }
    }
    let seen = || chunks.iter().flat_map(|c| &c.0);
    let mut least: Vec<(f64, u32)> = seen().filter(|s| s.gap > 1e-12).map(|s| (s.gap, s.item)).collect();
    least.par_sort_unstable_by(|x, y| y.0.total_cmp(&x.0).then(x.1.cmp(&y.1)));
    let answers = Answers {
        jaccard: mean(seen().map(|s| (1.0 - s.gap) / (1.0 + s.gap)), "no item is labelled by both"),
        top: mean(seen().map(|s| s.top), "no item is labelled by both"),
        n_several: seen().filter(|s| s.several).count(),
        least: least.into_iter().map(|l| l.1).collect(),
    };
    let n = met.len();
    progress.check()?;
    met.par_sort_unstable();
    parted.par_sort_unstable_by(|x, y| y.gap.total_cmp(&x.gap).then(x.item.cmp(&y.item)));
    let meetings: Vec<Meeting> = met
        .chunk_by(|x, y| (x.0, x.1) == (y.0, y.1))
        .map(|same| Meeting { a: same[0].0, b: same[0].1, items: same.iter().map(|m| m.2).collect() })
        .collect();
    let cells: Vec<(LabelId, LabelId, u64)> =
        meetings.iter().map(|m| (m.a, m.b, m.items.len() as u64)).collect();
    let squares = squares(a, b, (n_items, n), &sums, progress)?;
    let totals = [0, 1].map(|s| sums[s].iter().sum::<f64>());
    let used = (0..n_labels).filter(|&l| sums[0][l] + sums[1][l] > 0.0);
    let labels = used.map(|l| {
        let shares = [0, 1].map(|s| if totals[s] > 0.0 { sums[s][l] / totals[s] } else { 0.0 });
        let room = Z_975 * squares[l].sqrt();
        let difference = shares[1] - shares[0];
        LabelUse {
            label: l as LabelId,
            shares,
            interval: (n > 1).then_some((difference - room, difference + room)),
            kappa: cohen_kappa(&this_or_another(&cells, l as LabelId)),
        }
    });
    let labels = labels.collect();
    Ok(Comparison { n_items: n, tied, labels, kappa: cohen_kappa(&cells), meetings, parted, answers })
}

/// Calls `f` with each item of which both sides say something.
fn each(
    a: &dyn Voice,
    b: &dyn Voice,
    items: std::ops::Range<usize>,
    mut f: impl FnMut(u32, &[Vec<(LabelId, f64)>; 2]),
) {
    let mut said = [Vec::new(), Vec::new()];
    for item in items {
        said.iter_mut().for_each(Vec::clear);
        a.read(item, &mut said[0]);
        if said[0].is_empty() {
            continue;
        }
        b.read(item, &mut said[1]);
        if !said[1].is_empty() {
            f(item as u32, &said);
        }
    }
}

/// The variance of each label's difference of shares.
fn squares(
    a: &dyn Voice,
    b: &dyn Voice,
    (n_items, n): (usize, usize),
    sums: &[Vec<f64>; 2],
    progress: &Progress,
) -> Result<Vec<f64>, Cancelled> {
    let k = sums[0].len();
    let totals = [0, 1].map(|s| sums[s].iter().sum::<f64>());
    if n < 2 {
        return Ok(vec![0.0; k]);
    }
    let shares = [0, 1].map(|s| sums[s].iter().map(|x| x / totals[s]).collect::<Vec<f64>>());
    let chunks: Vec<Vec<f64>> = (0..n_items.div_ceil(CHUNK))
        .into_par_iter()
        .map(|chunk| {
            progress.check()?;
            let range = chunk * CHUNK..((chunk + 1) * CHUNK).min(n_items);
            progress.add(range.len() as u64);
            let mut sum = vec![0.0; k];
            let mut moved = vec![0.0; k];
            each(a, b, range, |_, said| {
                if ahead(&said[0]).and(ahead(&said[1])).is_none() {
                    return;
                }
                moved.fill(0.0);
                for s in 0..2 {
                    let sign = if s == 0 { -1.0 } else { 1.0 };
                    let whole: f64 = said[s].iter().map(|x| x.1).sum();
                    moved.iter_mut().zip(&shares[s]).for_each(|(m, p)| *m -= sign * p * whole / totals[s]);
                    said[s].iter().for_each(|&(l, w)| moved[l as usize] += sign * w / totals[s]);
                }
                sum.iter_mut().zip(&moved).for_each(|(sum, m)| *sum += m * m);
            });
            Ok(sum)
        })
        .collect::<Result<_, Cancelled>>()?;
    let mut all = vec![0.0; k];
    chunks.iter().for_each(|part| all.iter_mut().zip(part).for_each(|(sum, x)| *sum += x));
    let scale = n as f64 / (n as f64 - 1.0);
    all.iter_mut().for_each(|x| *x *= scale);
    Ok(all)
}

/// The label with the most weight, unless several have it.
fn ahead(said: &[(LabelId, f64)]) -> Option<LabelId> {
    let most = said.iter().map(|x| x.1).fold(0.0, f64::max);
    let mut first = said.iter().filter(|x| x.1 == most && most > 0.0);
    match (first.next(), first.next()) {
        (Some(only), None) => Some(only.0),
        _ => None,
    }
}

/// Total variation distance of what two sides say of an item, in 0..=1; labels ascending, with weights above 0.
pub fn gap(a: &[(LabelId, f64)], b: &[(LabelId, f64)]) -> f64 {
    let whole = [a, b].map(|said| said.iter().map(|x| x.1).sum::<f64>());
    let (mut i, mut j, mut apart) = (0, 0, 0.0);
    while i < a.len() || j < b.len() {
        let (x, y) = (a.get(i).map_or(LabelId::MAX, |x| x.0), b.get(j).map_or(LabelId::MAX, |y| y.0));
        let (mut p, mut q) = (0.0, 0.0);
        if x <= y {
            p = a[i].1 / whole[0];
            i += 1;
        }
        if y <= x {
            q = b[j].1 / whole[1];
            j += 1;
        }
        apart += (p - q).abs();
    }
    (apart / 2.0).clamp(0.0, 1.0)
}

/// A table of labels as one of `label` (1) and any other (0).
fn this_or_another(cells: &[(LabelId, LabelId, u64)], label: LabelId) -> Vec<(LabelId, LabelId, u64)> {
    let mut four = [[0_u64; 2]; 2];
    for &(a, b, n) in cells {
        four[usize::from(a == label)][usize::from(b == label)] += n;
    }
    let cells = [(0, 0), (0, 1), (1, 0), (1, 1)];
    let counted = cells.into_iter().map(|(a, b)| (a as LabelId, b as LabelId, four[a][b]));
    counted.filter(|c| c.2 > 0).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Said = Vec<Vec<(LabelId, f64)>>;

    fn found(a: &Said, b: &Said, k: usize) -> Comparison {
        let read = |said: &Said, item: usize, out: &mut Vec<(LabelId, f64)>| out.extend(&said[item]);
        let (x, y) = (
            |i: usize, out: &mut Vec<(LabelId, f64)>| read(a, i, out),
            |i: usize, out: &mut Vec<(LabelId, f64)>| read(b, i, out),
        );
        compare(&x, &y, a.len(), k, &Progress::new()).unwrap()
    }

    #[test]
    fn free_answers_have_some_in_common() {
        // dog 3, cat 2, cow 1 beside dog 1, cow 1: shares 1/2, 1/3, 1/6 and 1/2, 0, 1/2.
        let (a, b) = ([(0, 3.0), (1, 2.0), (2, 1.0)], [(0, 1.0), (2, 1.0)]);
        let jaccard = (0.5 + 1.0 / 6.0) / (0.5 + 1.0 / 3.0 + 0.5);
        let apart = gap(&a, &b);
        assert!(((1.0 - apart) / (1.0 + apart) - jaccard).abs() < 1e-12);
        assert!((overlap_at(&a, &b, 5) - 2.0 / 3.0).abs() < 1e-12);
        // Of the one most given, B's two tie for the place.
        assert!((overlap_at(&a, &b, 1) - 0.5).abs() < 1e-12);
        assert!((overlap_at(&a, &b, 2) - 0.5).abs() < 1e-12);
        assert_eq!(overlap_at(&a, &[(7, 1.0)], 5), 0.0);
        assert!((overlap_at(&a, &a, 2) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn shares_cells_and_gaps_of_a_small_table() {
        // Five items: alike, apart, apart with one vote in common, tied, and one that B does not know.
        let a: Said = vec![
            vec![(0, 3.0)],
            vec![(1, 2.0)],
            vec![(0, 1.0), (1, 3.0)],
            vec![(0, 1.0), (2, 1.0)],
            vec![(2, 1.0)],
        ];
        let b: Said = vec![vec![(0, 2.0)], vec![(0, 1.0)], vec![(0, 3.0), (1, 1.0)], vec![(0, 1.0)], vec![]];
        let c = found(&a, &b, 3);
        assert_eq!((c.n_items, c.tied.as_slice()), (3, &[3][..]));
        assert_eq!(c.meetings.len(), 2);
        assert_eq!((c.items(0, 0), c.items(1, 0), c.items(0, 1)), (&[0][..], &[1, 2][..], &[][..]));
        let gaps: Vec<(u32, f64)> = c.parted.iter().map(|p| (p.item, p.gap)).collect();
        assert_eq!(gaps, [(1, 1.0), (2, 0.5)]);
        // A: 4 and 5 of 9 votes; B: 6 and 1 of 7.
        assert_eq!(c.labels.len(), 2);
        assert_eq!(c.labels[0].shares, [4.0 / 9.0, 6.0 / 7.0]);
        // Influences of the items on label 0's difference, by hand.
        let z = [
            (2.0 - 2.0 * 6.0 / 7.0) / 7.0 - (3.0 - 3.0 * 4.0 / 9.0) / 9.0,
            (1.0 - 6.0 / 7.0) / 7.0 - (0.0 - 2.0 * 4.0 / 9.0) / 9.0,
            (3.0 - 4.0 * 6.0 / 7.0) / 7.0 - (1.0 - 4.0 * 4.0 / 9.0) / 9.0,
        ];
        let room = Z_975 * (1.5 * z.iter().map(|z| z * z).sum::<f64>()).sqrt();
        let (low, high) = c.labels[0].interval.unwrap();
        assert!(
            (high - low - 2.0 * room).abs() < 1e-12 && (low + room - c.labels[0].difference()).abs() < 1e-12
        );
        // A says 0, 1, 1 and B says 0, 0, 0: no better than chance.
        assert_eq!(c.kappa.unwrap().kappa, 0.0);
        assert!(found(&vec![vec![]], &vec![vec![]], 2).kappa.is_none());
    }

    proptest! {
        #[test]
        fn sides_change_places(
            said in prop::collection::vec((prop::collection::vec(0..4_u32, 0..5), prop::collection::vec(0..4_u32, 0..5)), 0..40)
        ) {
            let counted = |votes: &[u32]| -> Vec<(LabelId, f64)> {
                let n = |l: u32| votes.iter().filter(|v| **v == l).count() as f64;
                (0..4).filter(|&l| n(l) > 0.0).map(|l| (l, n(l))).collect()
            };
            let a: Said = said.iter().map(|s| counted(&s.0)).collect();
            let b: Said = said.iter().map(|s| counted(&s.1)).collect();
            let (there, back) = (found(&a, &b, 4), found(&b, &a, 4));
            prop_assert_eq!(there.n_items, back.n_items);
            prop_assert_eq!(&there.tied, &back.tied);
            prop_assert!(there.kappa.zip(back.kappa).is_none_or(|(x, y)| (x.kappa - y.kappa).abs() < 1e-12));
            for m in &there.meetings {
                prop_assert_eq!(m.items.as_slice(), back.items(m.b, m.a));
            }
            for (x, y) in there.labels.iter().zip(&back.labels) {
                prop_assert!((x.difference() + y.difference()).abs() < 1e-12);
            }
            let n: usize = there.meetings.iter().map(|m| m.items.len()).sum();
            prop_assert_eq!(n, there.n_items);
            for sum in [0, 1].map(|s| there.labels.iter().map(|l| l.shares[s]).sum::<f64>()) {
                prop_assert!(there.n_items == 0 || (sum - 1.0).abs() < 1e-12);
            }
            prop_assert!(there.parted.iter().all(|p| p.gap > 0.0 && p.gap <= 1.0));
        }
    }
}
