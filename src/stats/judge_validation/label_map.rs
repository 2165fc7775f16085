//! Does somebody mean other labels by the same codes? A judge whose labels are turned round, shifted by one, or named otherwise
//! agrees far better after its labels are mapped onto those of people.
//!
//! With N[h][m] items that people call h and the judge m, κ is Cohen's, and κ_max that after the assignment of the judge's labels
//! to people's that makes most items agree (Kuhn 1955), or, of ordered labels, after a shift by one. κ_max is at least κ whatever the
//! judge does, so that chance must be asked: tables are drawn with the same margins, and each is mapped as well as it can be
//! (Bavaresco et al. 2025 describe the failure, JUDGE-BENCH; the check is this program's own).

use pathfinding::matrix::Matrix;
use pathfinding::prelude::kuhn_munkres;
use statrs::function::gamma::ln_gamma;

use super::super::random::Stream;
use crate::dataset::LabelId;
use crate::progress::{Cancelled, Progress};

/// Least gain in κ of which is told.
pub const LEAST_GAIN: f64 = 0.2;
/// Least κ after the mapping.
pub const LEAST_KAPPA: f64 = 0.2;
/// Largest p of which is told.
pub const MOST_P: f64 = 0.01;
/// Labels beyond which nothing is tried.
pub const MOST_LABELS: usize = 200;

/// Items by what people and a judge call them: `n_labels` × `n_labels`, people in rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    n_labels: usize,
    counts: Vec<u64>,
}

impl Table {
    /// Without an item.
    pub fn new(n_labels: usize) -> Self {
        Self { n_labels, counts: vec![0; n_labels * n_labels] }
    }

    /// Counts pairs (people, judge), both below `n_labels`.
    pub fn of(n_labels: usize, pairs: impl IntoIterator<Item = (LabelId, LabelId)>) -> Self {
        let mut table = Self::new(n_labels);
        pairs.into_iter().for_each(|(people, judge)| table.add(people, judge, 1));
        table
    }

    /// Counts `n` more items. Panics where a label is not below `n_labels`.
    pub fn add(&mut self, people: LabelId, judge: LabelId, n: u64) {
        self.counts[people as usize * self.n_labels + judge as usize] += n;
    }

    /// Items that people call `people` and the judge `judge`.
    pub fn get(&self, people: usize, judge: usize) -> u64 {
        self.counts[people * self.n_labels + judge]
    }

    /// Number of labels.
    pub fn n_labels(&self) -> usize {
        self.n_labels
    }

    /// Items.
    pub fn n(&self) -> u64 {
        self.counts.iter().sum()
    }

    fn rows(&self) -> Vec<u64> {
        self.counts.chunks(self.n_labels.max(1)).map(|row| row.iter().sum()).collect()
    }

    fn columns(&self) -> Vec<u64> {
        let mut sums = vec![0; self.n_labels];
        for row in self.counts.chunks(self.n_labels.max(1)) {
            sums.iter_mut().zip(row).for_each(|(sum, n)| *sum += n);
        }
        sums
    }

    /// Cohen's κ; `None` without items, or where both always give the same label.
    pub fn kappa(&self) -> Option<f64> {
        let straight: Vec<Option<usize>> = (0..self.n_labels).map(Some).collect();
        self.kappa_after(&straight)
    }

    /// κ after the judge's label m is read as `map[m]`; `None` in the map agrees with nothing.
    fn kappa_after(&self, map: &[Option<usize>]) -> Option<f64> {
        let n = self.n() as f64;
        let (rows, columns) = (self.rows(), self.columns());
        let (mut observed, mut expected) = (0.0, 0.0);
        for (judge, to) in map.iter().enumerate() {
            if let Some(people) = *to {
                observed += self.get(people, judge) as f64 / n;
                expected += (rows[people] as f64 / n) * (columns[judge] as f64 / n);
            }
        }
        (n > 0.0 && 1.0 - expected > 1e-12).then(|| (observed - expected) / (1.0 - expected))
    }

    /// The map of the judge's labels to people's that makes most items agree. Labels that the judge never gives go where they are left.
    fn best_map(&self) -> Vec<Option<usize>> {
        let k = self.n_labels;
        if k == 0 {
            return Vec::new();
        }
        // Ties go to a label's own name, so that nothing is mapped for nothing.
        let weight = |judge: usize, people: usize| {
            2 * i64::try_from(self.get(people, judge)).unwrap_or(i64::MAX / 4) + i64::from(judge == people)
        };
        let rows = (0..k).map(|judge| (0..k).map(move |people| weight(judge, people)));
        match Matrix::from_rows(rows) {
            Ok(weights) => kuhn_munkres(&weights).1.into_iter().map(Some).collect(),
            Err(_) => (0..k).map(Some).collect(),
        }
    }

    /// The best of all maps that are tried, and its κ.
    fn best(&self, ordered: bool) -> Option<(Vec<Option<usize>>, f64)> {
        // Of equally good ones, a shift is the plainer.
        let mut maps = Vec::new();
        if ordered && self.n_labels > 2 {
            maps.extend([shift(self.n_labels, 1), shift(self.n_labels, -1)]);
        }
        maps.push(self.best_map());
        let with = maps.into_iter().filter_map(|map| self.kappa_after(&map).map(|kappa| (map, kappa)));
        // The first of equal ones.
        with.fold(None, |best: Option<(Vec<Option<usize>>, f64)>, next| match best {
            Some(best) if best.1 >= next.1 => Some(best),
            _ => Some(next),
        })
    }

    /// A table with these margins, as chance makes them.
    fn drawn(&self, rng: &mut Stream) -> Self {
        let mut rows = self.rows();
        let mut out = Self::new(self.n_labels);
        for (judge, column) in self.columns().into_iter().enumerate() {
            let (mut left, mut others) = (column, rows.iter().sum::<u64>());
            for people in 0..self.n_labels {
                others -= rows[people];
                let n = hypergeometric(rng, rows[people], others, left);
                out.counts[people * self.n_labels + judge] = n;
                rows[people] -= n;
                left -= n;
            }
        }
        out
    }
}

/// Every label of the judge one code further, or one back.
fn shift(n_labels: usize, by: isize) -> Vec<Option<usize>> {
    (0..n_labels).map(|m| m.checked_add_signed(by).filter(|&h| h < n_labels)).collect()
}

/// How many of `draws` come from `good`, if they are drawn from `good` and `bad` together without putting back: by inversion from the
/// mode on.
fn hypergeometric(rng: &mut Stream, good: u64, bad: u64, draws: u64) -> u64 {
    let (low, high) = (draws.saturating_sub(bad), draws.min(good));
    if low >= high {
        return high;
    }
    let (g, b, d) = (good as f64, bad as f64, draws as f64);
    let mode = (((d + 1.0) * (g + 1.0) / (g + b + 2.0)).floor() as u64).clamp(low, high);
    let ln_choose = |n: f64, k: f64| ln_gamma(n + 1.0) - ln_gamma(k + 1.0) - ln_gamma(n - k + 1.0);
    let at = mode as f64;
    let likeliest = (ln_choose(g, at) + ln_choose(b, d - at) - ln_choose(g + b, d)).exp();
    let mut u = rng.uniform() - likeliest;
    if u < 0.0 {
        return mode;
    }
    let (mut up, mut down) = (mode, mode);
    let (mut p_up, mut p_down) = (likeliest, likeliest);
    while up < high || down > low {
        if up < high {
            let k = up as f64;
            p_up *= (g - k) * (d - k) / ((k + 1.0) * (b - d + k + 1.0));
            up += 1;
            u -= p_up;
            if u < 0.0 {
                return up;
            }
        }
        if down > low {
            let k = down as f64;
            p_down *= k * (b - d + k) / ((g - k + 1.0) * (d - k + 1.0));
            down -= 1;
            u -= p_down;
            if u < 0.0 {
                return down;
            }
        }
    }
    mode
}

/// What the map looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MapKind {
    /// Labels mean what they say.
    Straight,
    /// Two labels, each read as the other.
    Polarity,
    /// The order of the labels is turned round.
    Reversed,
    /// Each label is one code off: +1 where the judge's must be raised.
    Shifted(i8),
    /// Other labels change places.
    Swapped,
}

/// Whether a judge means other labels by the same codes.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelMap {
    /// κ as the labels stand.
    pub kappa: f64,
    /// κ after the best map.
    pub kappa_max: f64,
    /// Judge's label and what it is read as by the best map, where that is another and the judge uses the label.
    pub changes: Vec<(LabelId, LabelId)>,
    /// What the map looks like.
    pub kind: MapKind,
    /// Share of chance tables that map at least as well, (1 + such)/(1 + drawn); `None` where the gain is too small to be asked for.
    pub p: Option<f64>,
    /// Items with both labels.
    pub n: u64,
}

impl LabelMap {
    /// Whether it has to be looked at before the judge is believed.
    pub fn warns(&self) -> bool {
        self.kind != MapKind::Straight && self.p.is_some_and(|p| p <= MOST_P)
    }
}

/// Looks for a better reading of the judge's labels. `ordered` labels may also be shifted.
///
/// `None` where κ has no value, or with more than [`MOST_LABELS`] labels.
///
/// # Errors
/// If it was cancelled.
pub fn label_map(
    table: &Table,
    ordered: bool,
    seed: u64,
    progress: &Progress,
) -> Result<Option<LabelMap>, Cancelled> {
    if table.n_labels > MOST_LABELS {
        return Ok(None);
    }
    let (Some(kappa), Some((map, kappa_max))) = (table.kappa(), table.best(ordered)) else { return Ok(None) };
    let columns = table.columns();
    let used = |m: usize| columns[m] > 0;
    let changes: Vec<(LabelId, LabelId)> = map
        .iter()
        .enumerate()
        .filter_map(|(m, to)| to.filter(|&h| h != m && used(m)).map(|h| (m as LabelId, h as LabelId)))
        .collect();
    let all = |f: &dyn Fn(usize) -> Option<usize>| {
        (0..table.n_labels).filter(|&m| used(m)).all(|m| map[m].is_none() || map[m] == f(m))
    };
    let k = table.n_labels;
    let kind = if changes.is_empty() {
        MapKind::Straight
    } else if k == 2 {
        MapKind::Polarity
    } else if ordered && all(&|m| Some(k - 1 - m)) {
        MapKind::Reversed
    } else if ordered && all(&|m| m.checked_add(1).filter(|&h| h < k)) {
        MapKind::Shifted(1)
    } else if ordered && all(&|m| m.checked_sub(1)) {
        MapKind::Shifted(-1)
    } else {
        MapKind::Swapped
    };
    let asked = kind != MapKind::Straight && kappa_max - kappa >= LEAST_GAIN && kappa_max >= LEAST_KAPPA;
    let p = if asked {
        let draws: u64 = if k > 30 { 199 } else { 999 };
        let mut as_far = 0;
        for draw in 0..draws {
            progress.check()?;
            let chance = table.drawn(&mut Stream::new(seed, draw)).best(ordered);
            // Equal but for rounding is as far.
            as_far += u64::from(chance.is_some_and(|(_, kappa)| kappa >= kappa_max - 1e-12));
        }
        Some((1 + as_far) as f64 / (1 + draws) as f64)
    } else {
        None
    };
    Ok(Some(LabelMap { kappa, kappa_max, changes, kind, p, n: table.n() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(human: &[u32], machine: &[u32], k: usize, ordered: bool) -> LabelMap {
        let table = Table::of(k, human.iter().copied().zip(machine.iter().copied()));
        label_map(&table, ordered, 7, &Progress::new()).unwrap().unwrap()
    }

    #[test]
    fn the_worked_example() {
        let m = of(&[0, 0, 0, 1, 1, 2, 2, 2], &[1, 1, 1, 2, 2, 0, 0, 1], 3, false);
        assert!((m.kappa + 0.454_545).abs() < 1e-6 && (m.kappa_max - 0.809_524).abs() < 1e-6, "{m:?}");
        assert_eq!((m.changes.as_slice(), m.kind), (&[(0, 2), (1, 0), (2, 1)][..], MapKind::Swapped));
    }

    #[test]
    fn a_reversed_judge_is_told_and_a_straight_or_random_one_is_not() {
        let truth: Vec<u32> = (0..200).map(|i| i * 7 % 5 % 2).collect();
        let noisy = |i: usize, l: u32| if i.is_multiple_of(9) { 1 - l } else { l };
        let straight: Vec<u32> = truth.iter().enumerate().map(|(i, &l)| noisy(i, l)).collect();
        let turned: Vec<u32> = straight.iter().map(|l| 1 - l).collect();
        let m = of(&truth, &turned, 2, false);
        assert!(m.warns() && m.kind == MapKind::Polarity && m.kappa < -0.7 && m.kappa_max > 0.7, "{m:?}");
        assert!(!of(&truth, &straight, 2, false).warns());
        let mut rng = Stream::new(3, 0);
        for _ in 0..40 {
            let chance: Vec<u32> = (0..200).map(|_| rng.below(2) as u32).collect();
            assert!(!of(&truth, &chance, 2, false).warns());
        }
    }

    #[test]
    fn shifted_and_reversed_scales_have_their_names() {
        let truth: Vec<u32> = (0..300).map(|i| i * 13 % 5).collect();
        let up: Vec<u32> = truth.iter().map(|l| (l + 1).min(4)).collect();
        let m = of(&truth, &up, 5, true);
        assert!(m.warns() && m.kind == MapKind::Shifted(-1), "{m:?}");
        let down: Vec<u32> = truth.iter().map(|l| l.saturating_sub(1)).collect();
        assert_eq!(of(&truth, &down, 5, true).kind, MapKind::Shifted(1));
        let turned: Vec<u32> = truth.iter().map(|l| 4 - l).collect();
        assert_eq!(of(&truth, &turned, 5, true).kind, MapKind::Reversed);
        assert_eq!(
            of(&truth, &turned, 5, false).kind,
            MapKind::Swapped,
            "nothing is said of an order that is none"
        );
        assert_eq!(of(&truth, &truth, 5, true).kind, MapKind::Straight);
    }

    #[test]
    fn chance_tables_keep_their_margins_and_are_hypergeometric() {
        let table = Table { n_labels: 3, counts: vec![5, 2, 9, 0, 7, 1, 4, 4, 0] };
        let mut sum = 0.0;
        for draw in 0..4_000 {
            let drawn = table.drawn(&mut Stream::new(1, draw));
            assert_eq!((drawn.rows(), drawn.columns()), (table.rows(), table.columns()));
            sum += drawn.counts[0] as f64;
        }
        // 16 · 9 / 32 = 4.5, standard deviation of the mean 0.02.
        assert!((sum / 4_000.0 - 4.5).abs() < 0.08, "{}", sum / 4_000.0);
    }

    #[test]
    fn constant_judges_have_no_map() {
        let same = Table::of(2, [(0, 0); 9]);
        assert!(label_map(&same, false, 1, &Progress::new()).unwrap().is_none());
        assert!(Table::new(2).kappa().is_none());
        let one = Table::of(2, [(0, 0), (1, 0), (0, 0)]);
        assert!(label_map(&one, false, 1, &Progress::new()).unwrap().is_some_and(|m| !m.warns()));
    }
}
