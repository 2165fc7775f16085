//! Coefficients of all pairs of raters in memory for the annotations, not for the pairs of them.
//!
//! Two ways. Few raters with few labels: one table of all their tables, filled item by item, and a second walk over the
//! items adds up what leaving each one out changes. Else, rater by rater: his comparisons with higher raters are put in
//! order, each pair's table is seen once and forgotten, and each of his annotations keeps the changes of its own
//! comparisons; an item's change is the sum over its annotations. Tasks are fixed groups of items or raters and their sums
//! are added in order, so the number of threads changes nothing.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rayon::prelude::*;

use super::interval::Spread;
use super::pair_terms::{PairTerms, Term, Together};
use super::table::Cell;
use crate::dataset::Annotations;
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;

/// Most pairs of annotations on one item that are compared (about a minute of work).
const MAX_COMPARISONS: u64 = 4_000_000_000;
/// Most cells of a table of all tables; each task fills one.
const MAX_CELLS: usize = 1 << 18;
/// Tasks that the work is divided into; fixed, so that the threads change nothing.
const TASKS: usize = 32;
/// Items that a task takes at least.
const ITEMS_AT_LEAST: usize = 1 << 12;

/// The sums over all pairs, and what each item does to them.
#[derive(Debug)]
pub(super) struct PairSums {
    together: Together,
    all: Term,
    /// Pairs of raters with a shared item.
    pairs: u64,
    /// Raters in pairs that have a value.
    pub n_raters: usize,
    /// Items with two annotations or more.
    pub n_items: usize,
    /// (item, change of the sums without it) for items with a comparison; empty if not asked for.
    changes: Vec<(u32, Term)>,
}

/// What is walked over.
struct Walk<'a> {
    annotations: &'a Annotations,
    n_labels: usize,
    /// Whether changes are asked for.
    changes: bool,
    progress: &'a Progress,
    /// Raters in pairs that have a value.
    in_pair: Vec<AtomicBool>,
}

/// Sums of a task.
#[derive(Debug, Clone, Copy, Default)]
struct Part {
    all: Term,
    pairs: u64,
}

impl Part {
    fn plus(self, other: Self) -> Self {
        Self { all: self.all.plus(other.all), pairs: self.pairs + other.pairs }
    }
}

impl PairSums {
    /// Of annotations without repeats by one rater on one item; labels from `n_labels` on take no part. `terms` makes what
    /// finds terms, once a task. `changes`: whether items are left out. Undefined where nothing can be paired, and for too
    /// many comparisons.
    pub(super) fn new<T: PairTerms>(
        annotations: &Annotations,
        n_labels: usize,
        changes: bool,
        progress: &Progress,
        terms: impl Fn() -> T + Sync,
    ) -> Result<Result<Self, Undefined>, Cancelled> {
        let (n_items, comparisons) = comparisons(annotations, n_labels);
        if comparisons == 0 {
            return Ok(Err(Undefined::NoPairableItem));
        }
        if comparisons > MAX_COMPARISONS {
            return Ok(Err(Undefined::Because(format!(
                "there are too many pairs of annotations on the same item: {comparisons} (at most {MAX_COMPARISONS})"
            ))));
        }
        let walk = Walk::new(annotations, n_labels, changes, progress);
        let cells = walk.cells().filter(|&cells| cells as u64 <= comparisons.max(1 << 12));
        walk.sums(cells, n_items, &terms).map(Ok)
    }

    /// The coefficient; `None` where no pair has one.
    pub(super) fn value(&self) -> Option<f64> {
        self.all.ratio(self.together, self.pairs)
    }

    /// The coefficient without each item that has a comparison, in closed form: only the tables that it is in change.
    pub(super) fn without(&self) -> impl Iterator<Item = (u32, Option<f64>)> + Clone + '_ {
        let ratio = |change: Term| self.all.plus(change).ratio(self.together, self.pairs);
        self.changes.iter().map(move |&(item, change)| (item, ratio(change)))
    }

    /// Jackknife-t over the items that are shared.
    pub(super) fn jackknife(&self, remaining: impl Fn(f64) -> f64) -> Option<Spread> {
        let each = self.without().map(|(_, value)| (value, 1.0));
        Spread::jackknife(self.value()?, each, remaining(self.n_items as f64))
    }
}

/// Items with two annotations or more, and pairs of annotations on the same item.
fn comparisons(annotations: &Annotations, n_labels: usize) -> (usize, u64) {
    let n = annotations.n_items();
    let tasks = (0..n.div_ceil(ITEMS_AT_LEAST)).into_par_iter().map(|task| {
        let (mut items, mut pairs) = (0, 0_u64);
        for item in task * ITEMS_AT_LEAST..n.min((task + 1) * ITEMS_AT_LEAST) {
            let given = annotations.labels_of(item).iter().filter(|&&l| (l as usize) < n_labels);
            let votes = given.count() as u64;
            items += usize::from(votes > 1);
            pairs = pairs.saturating_add(votes * votes.saturating_sub(1) / 2);
        }
        (items, pairs)
    });
    tasks.reduce(|| (0, 0), |a, b| (a.0 + b.0, a.1.saturating_add(b.1)))
}

impl<'a> Walk<'a> {
    fn new(annotations: &'a Annotations, n_labels: usize, changes: bool, progress: &'a Progress) -> Self {
        let in_pair = (0..annotations.n_raters()).map(|_| AtomicBool::new(false)).collect();
        Self { annotations, n_labels, changes, progress, in_pair }
    }

    /// By item where the table of all tables has so many `cells`, else by rater.
    fn sums<T: PairTerms>(
        self,
        cells: Option<usize>,
        n_items: usize,
        terms: &(impl Fn() -> T + Sync),
    ) -> Result<PairSums, Cancelled> {
        let (part, changes) = match cells {
            Some(cells) => self.by_item(cells, terms)?,
            None => self.by_rater(terms)?,
        };
        let n_raters = self.in_pair.into_iter().filter(|b| b.load(Ordering::Relaxed)).count();
        let together = terms().together();
        Ok(PairSums { together, all: part.all, pairs: part.pairs, n_raters, n_items, changes })
    }

    fn mark(&self, low: u32, high: u32) {
        for rater in [low, high] {
            // Read first: a line that many tasks write would go from one core to the other each time.
            let flag = &self.in_pair[rater as usize];
            if !flag.load(Ordering::Relaxed) {
                flag.store(true, Ordering::Relaxed);
            }
        }
    }

    /// Cells of the table of all tables, raters² × labels²; `None` for too many.
    fn cells(&self) -> Option<usize> {
        let side = self.annotations.n_raters().checked_mul(self.n_labels)?;
        side.checked_mul(side).filter(|&cells| cells <= MAX_CELLS)
    }

    /// Walks over the items of a task, and tells which items have which cells.
    fn visit(&self, items: Range<usize>, mut visit: impl FnMut(usize, &[(u32, u32)])) {
        let mut own: Vec<(u32, u32)> = Vec::new();
        for item in items {
            own.clear();
            let (raters, labels) = (self.annotations.raters_of(item), self.annotations.labels_of(item));
            let given = raters.iter().copied().zip(labels.iter().copied());
            own.extend(given.filter(|&(_, l)| (l as usize) < self.n_labels));
            if own.len() > 1 {
                if !own.is_sorted() {
                    own.sort_unstable();
                }
                visit(item, &own);
            }
        }
    }

    fn by_item<T: PairTerms>(
        &self,
        n_cells: usize,
        terms: &(impl Fn() -> T + Sync),
    ) -> Result<(Part, Vec<(u32, Term)>), Cancelled> {
        let n = self.annotations.n_items();
        let (raters, labels) = (self.annotations.n_raters(), self.n_labels);
        let size = n.div_ceil(TASKS).max(ITEMS_AT_LEAST);
        let tasks = || (0..n.div_ceil(size)).into_par_iter().map(|t| t * size..n.min((t + 1) * size));
        let square = labels * labels;
        // Cell of (lower rater, label) and (higher rater, label) is the sum of both.
        let row = |(rater, label): (u32, u32)| rater as usize * raters * square + label as usize * labels;
        let column = |(rater, label): (u32, u32)| rater as usize * square + label as usize;
        let counted: Vec<Vec<u32>> = tasks()
            .map(|items| {
                self.progress.check()?;
                let mut counts = vec![0_u32; n_cells];
                self.visit(items, |_, own| {
                    for (i, &low) in own.iter().enumerate() {
                        let row = row(low);
                        own[i + 1..].iter().for_each(|&high| counts[row + column(high)] += 1);
                    }
                });
                Ok(counts)
            })
            .collect::<Result<_, Cancelled>>()?;
        let mut counts = vec![0_u64; n_cells];
        for task in counted {
            counts.iter_mut().zip(task).for_each(|(sum, n)| *sum += u64::from(n));
        }
        let mut part = Part::default();
        let mut changes = vec![Term::default(); if self.changes { n_cells } else { 0 }];
        let (mut terms, mut table, mut own) = (terms(), Vec::new(), Vec::new());
        for (pair, cells) in counts.chunks_exact(square.max(1)).enumerate() {
            table.clear();
            let some = cells.iter().enumerate().filter(|(_, n)| **n > 0);
            table.extend(some.map(|(i, &n)| ((i / labels) as u32, (i % labels) as u32, n)));
            if table.is_empty() {
                continue;
            }
            let (term, defined) = self.terms_of(&mut terms, &table, &mut own);
            part = part.plus(Part { all: term, pairs: 1 });
            if defined {
                self.mark((pair / raters) as u32, (pair % raters) as u32);
            }
            for (&(k, l, _), change) in table.iter().zip(&own) {
                changes[pair * square + k as usize * labels + l as usize] = *change;
            }
        }
        if !self.changes {
            return Ok((part, Vec::new()));
        }
        let of_items: Vec<Vec<(u32, Term)>> = tasks()
            .map(|items| {
                self.progress.check()?;
                let mut of_items = Vec::with_capacity(items.len());
                self.visit(items, |item, own| {
                    let mut sum = Term::default();
                    for (i, &low) in own.iter().enumerate() {
                        let row = row(low);
                        own[i + 1..].iter().for_each(|&high| sum = sum.plus(changes[row + column(high)]));
                    }
                    of_items.push((item as u32, sum));
                });
                Ok(of_items)
            })
            .collect::<Result<_, Cancelled>>()?;
        Ok((part, of_items.concat()))
    }

    /// The term of a table; `changes` stays empty if they are not asked for.
    fn terms_of(&self, terms: &mut impl PairTerms, table: &[Cell], changes: &mut Vec<Term>) -> (Term, bool) {
        if self.changes { terms.changes(table, changes) } else { terms.term(table) }
    }

    fn by_rater<T: PairTerms>(
        &self,
        terms: &(impl Fn() -> T + Sync),
    ) -> Result<(Part, Vec<(u32, Term)>), Cancelled> {
        let a = self.annotations;
        let votes = Vote::all(a, self.n_labels);
        // What comparisons as the lower rater change, by annotation.
        let rows: Vec<[AtomicU64; 2]> = if self.changes {
            (0..a.len()).into_par_iter().map(|_| [AtomicU64::new(0), AtomicU64::new(0)]).collect()
        } else {
            Vec::new()
        };
        let parts: Vec<Part> = self
            .groups()
            .into_par_iter()
            .map(|raters| {
                let (mut terms, mut run) = (terms(), Run::new(a.n_raters()));
                let mut part = Part::default();
                for rater in raters {
                    self.progress.check()?;
                    part = part.plus(run.walk(self, &votes, rater, &mut terms));
                    for (&row, change) in run.rows.iter().zip(&run.changes) {
                        let [above, below] = &rows[row as usize];
                        above.store(change.above.to_bits(), Ordering::Relaxed);
                        below.store(change.below.to_bits(), Ordering::Relaxed);
                    }
                }
                Ok(part)
            })
            .collect::<Result<_, Cancelled>>()?;
        let part = parts.into_iter().fold(Part::default(), Part::plus);
        if !self.changes {
            return Ok((part, Vec::new()));
        }
        let n = a.n_items();
        let of_items: Vec<Vec<(u32, Term)>> = (0..n.div_ceil(ITEMS_AT_LEAST))
            .into_par_iter()
            .map(|task| {
                let mut of_items = Vec::new();
                for item in task * ITEMS_AT_LEAST..n.min((task + 1) * ITEMS_AT_LEAST) {
                    let inside = |&&l: &&u32| (l as usize) < self.n_labels;
                    if a.labels_of(item).iter().filter(inside).nth(1).is_some() {
                        let at = |bits: &AtomicU64| f64::from_bits(bits.load(Ordering::Relaxed));
                        let own = rows[a.range(item)].iter();
                        let change =
                            |[above, below]: &[AtomicU64; 2]| Term { above: at(above), below: at(below) };
                        of_items.push((item as u32, own.map(change).fold(Term::default(), Term::plus)));
                    }
                }
                of_items
            })
            .collect();
        Ok((part, of_items.concat()))
    }

    /// Groups of raters with about as many annotations each.
    fn groups(&self) -> Vec<Range<usize>> {
        let n = self.annotations.n_raters();
        let share = self.annotations.len().div_ceil(2 * TASKS).max(1);
        let (mut groups, mut start, mut sum) = (Vec::new(), 0, 0);
        for rater in 0..n {
            sum += self.annotations.of_rater(rater).len();
            if sum >= share || rater + 1 == n {
                groups.push(start..rater + 1);
                (start, sum) = (rater + 1, 0);
            }
        }
        groups
    }
}

/// Annotations that are fetched at once.
const BLOCK: usize = 128;
/// How far beside them others are fetched.
const BESIDE: usize = 4;

/// An annotation beside the others of its item: the label, whether it counts, and whether an item begins here.
#[derive(Debug, Clone, Copy)]
struct Vote {
    rater: u32,
    label: u32,
}

impl Vote {
    const FIRST: u32 = 1 << 31;
    const NONE: u32 = Self::FIRST - 1;

    /// All annotations, and the first of an item after the last.
    fn all(annotations: &Annotations, n_labels: usize) -> Vec<Self> {
        let n = annotations.len();
        let at = |row: usize| {
            if row == n {
                return Self { rater: 0, label: Self::FIRST | Self::NONE };
            }
            let own = annotations.at(row);
            let first = row == 0 || annotations.item_of(row as u32 - 1) != own.item;
            let label = if (own.label as usize) < n_labels { own.label.min(Self::NONE) } else { Self::NONE };
            Self { rater: own.rater, label: label | if first { Self::FIRST } else { 0 } }
        };
        (0..n + 1).into_par_iter().with_min_len(1 << 12).map(at).collect()
    }

    fn is_first(self) -> bool {
        self.label >= Self::FIRST
    }

    fn label(self) -> u32 {
        self.label & Self::NONE
    }

    fn counts(self) -> bool {
        self.label() != Self::NONE
    }
}

/// A comparison: the higher rater, the labels of the lower and the higher, and which of the lower's annotations it is.
#[derive(Debug, Clone, Copy, Default)]
struct Comparison {
    high: u32,
    labels: (u32, u32),
    own: u32,
}

/// The comparisons of one rater with higher ones, in memory that is used again.
struct Run {
    /// By higher rater: how many, and then where they end; 0 between runs.
    ends: Vec<u32>,
    /// Higher raters met, in order of first appearance: the first `n_met`.
    met: Vec<u32>,
    n_met: usize,
    /// Comparisons: the first `n`.
    all: Vec<Comparison>,
    n: usize,
    /// The rater's annotations that are being looked at.
    own: Vec<Vote>,
    /// By higher rater: ((own label, other label), which of the own annotations).
    sorted: Vec<((u32, u32), u32)>,
    table: Vec<Cell>,
    cell_changes: Vec<Term>,
    /// The rater's annotations with a comparison.
    rows: Vec<u32>,
    /// What they change; empty if not asked for.
    changes: Vec<Term>,
}

impl Run {
    fn new(n_raters: usize) -> Self {
        Self {
            ends: vec![0; n_raters],
            met: vec![0; n_raters + 1],
            n_met: 0,
            all: Vec::new(),
            n: 0,
            own: Vec::new(),
            sorted: Vec::new(),
            table: Vec::new(),
            cell_changes: Vec::new(),
            rows: Vec::new(),
            changes: Vec::new(),
        }
    }

    fn walk(&mut self, walk: &Walk<'_>, votes: &[Vote], rater: usize, terms: &mut impl PairTerms) -> Part {
        self.collect(walk, votes, rater);
        let mut end = 0;
        for &high in &self.met[..self.n_met] {
            end += std::mem::replace(&mut self.ends[high as usize], end);
        }
        self.sorted.clear();
        self.sorted.resize(self.n, Default::default());
        for comparison in &self.all[..self.n] {
            let place = &mut self.ends[comparison.high as usize];
            self.sorted[*place as usize] = (comparison.labels, comparison.own);
            *place += 1;
        }
        self.changes.clear();
        if walk.changes {
            self.changes.resize(self.rows.len(), Term::default());
        }
        let mut part = Part::default();
        let mut start = 0;
        for &high in &self.met[..self.n_met] {
            let end = std::mem::take(&mut self.ends[high as usize]) as usize;
            let pair = &mut self.sorted[start..end];
            start = end;
            pair.sort_unstable_by_key(|entry| entry.0);
            self.table.clear();
            for &((k, l), _) in &*pair {
                match self.table.last_mut() {
                    Some(last) if (last.0, last.1) == (k, l) => last.2 += 1,
                    _ => self.table.push((k, l, 1)),
                }
            }
            let (term, defined) = walk.terms_of(terms, &self.table, &mut self.cell_changes);
            part = part.plus(Part { all: term, pairs: 1 });
            if defined {
                walk.mark(rater as u32, high);
            }
            if walk.changes {
                let mut entries = pair.iter();
                for (&(_, _, n), &change) in self.table.iter().zip(&self.cell_changes) {
                    for entry in entries.by_ref().take(n as usize) {
                        let own = &mut self.changes[entry.1 as usize];
                        *own = own.plus(change);
                    }
                }
            }
        }
        part
    }

    /// Finds the rater's comparisons. His annotations lie anywhere in memory, and waiting for them is most of the work:
    /// first many are fetched, so that the waits overlap; only then is anything decided by what stands beside them.
    fn collect(&mut self, walk: &Walk<'_>, votes: &[Vote], rater: usize) {
        let (mut n, mut n_met) = (0, 0);
        self.rows.clear();
        for rows in walk.annotations.rows_of_rater(rater).chunks(BLOCK) {
            self.own.clear();
            self.own.extend(rows.iter().map(|&row| votes[row as usize]));
            // Few items lie on one line of memory; what is read here is only to be near.
            let beside = |&row: &u32| {
                let row = row as usize;
                votes[row.saturating_sub(BESIDE)].label ^ votes[(row + BESIDE).min(votes.len() - 1)].label
            };
            std::hint::black_box(rows.iter().map(beside).fold(0, |a, b| a ^ b));
            for (&row, own) in rows.iter().zip(&self.own) {
                let mut start = row as usize;
                while !votes[start].is_first() {
                    start -= 1;
                }
                let others = &votes[start..];
                let n_others = 1 + others[1..].iter().take_while(|v| !v.is_first()).count();
                if self.all.len() < n + n_others {
                    self.all.resize(2 * (n + n_others), Comparison::default());
                }
                let place = self.rows.len() as u32;
                let before = n;
                for other in &others[..n_others] {
                    let high = other.rater;
                    let taken = (high as usize > rater) & own.counts() & other.counts();
                    // Written in any case and kept if it counts: nobody could guess which ones do.
                    self.all[n] = Comparison { high, labels: (own.label(), other.label()), own: place };
                    n += usize::from(taken);
                    self.met[n_met] = high;
                    let count = &mut self.ends[high as usize];
                    n_met += usize::from(taken) * usize::from(*count == 0);
                    *count += u32::from(taken);
                }
                if n > before {
                    self.rows.push(row);
                }
            }
        }
        (self.n, self.n_met) = (n, n_met);
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::dataset::AnnotationsBuilder;
    use crate::stats::agreement::pair_terms::Kappas;
    use crate::stats::agreement::table::Delta;
    use crate::stats::agreement::{Levels, Weights};

    /// The sums by item and by rater.
    pub(in crate::stats::agreement) fn both_ways<T: PairTerms>(
        annotations: &Annotations,
        n_labels: usize,
        terms: impl Fn() -> T + Sync,
    ) -> [PairSums; 2] {
        let progress = Progress::new();
        let (n_items, _) = comparisons(annotations, n_labels);
        let walk = || Walk::new(annotations, n_labels, true, &progress);
        [walk().cells(), None].map(|cells| walk().sums(cells, n_items, &terms).unwrap())
    }

    /// Seven raters in turn, three an item, in no order; the fourth label takes no part.
    fn some(n_items: u32) -> Annotations {
        let mut builder = AnnotationsBuilder::new();
        for item in 0..n_items {
            for i in 0..3 {
                let die = (item * 3 + i).wrapping_mul(2_654_435_761) >> 16;
                builder.push(item, (item + 5 * i) % 7, if die % 5 > 3 { 3 } else { die % 3 }, None);
            }
        }
        builder.finish(n_items as usize, 7)
    }

    #[test]
    fn both_ways_agree_on_any_number_of_threads() {
        let annotations = some(20_000);
        let delta = Delta::new(&Weights::Identity, &Levels::positions(3)).unwrap();
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| both_ways(&annotations, 3, || Kappas::new(Together::Mean, &delta, 3)))
        };
        let found = run(1);
        for (one, five) in found.iter().zip(run(5)) {
            assert_eq!((one.all, &one.changes), (five.all, &five.changes));
        }
        let [items, raters] = found;
        assert_eq!(
            (items.pairs, items.n_raters, items.n_items),
            (raters.pairs, raters.n_raters, raters.n_items)
        );
        assert!((items.value().unwrap() - raters.value().unwrap()).abs() < 1e-12);
        assert_eq!(items.changes.len(), items.n_items);
        for (x, y) in items.without().zip(raters.without()) {
            assert!(x.0 == y.0 && (x.1.unwrap() - y.1.unwrap()).abs() < 1e-12);
        }
    }

    #[test]
    fn what_cannot_be_compared_says_why() {
        let delta = Delta::new(&Weights::Identity, &Levels::positions(3)).unwrap();
        let find = |annotations: &Annotations, progress: &Progress| {
            PairSums::new(annotations, 3, true, progress, || Kappas::new(Together::Mean, &delta, 3))
        };
        let mut builder = AnnotationsBuilder::new();
        builder.push(0, 0, 1, None);
        builder.push(0, 1, 3, None);
        let found = find(&builder.finish(1, 2), &Progress::new()).unwrap();
        assert_eq!(found.unwrap_err(), Undefined::NoPairableItem);
        // One item that a hundred thousand raters rated.
        let mut builder = AnnotationsBuilder::new();
        (0..100_000).for_each(|rater| builder.push(0, rater, 0, None));
        let found = find(&builder.finish(1, 100_000), &Progress::new()).unwrap();
        assert!(found.unwrap_err().to_string().contains("4999950000"));
        let progress = Progress::new();
        progress.cancel();
        assert!(find(&some(10), &progress).is_err());
    }
}
