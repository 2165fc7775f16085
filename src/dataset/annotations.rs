//! Who said what: a compressed sparse table, items → (rater, label), with its transpose.
//!
//! 16 bytes an annotation (item, rater, label, transposed index), 4 more with durations, 8 more with moments. Within an
//! item, annotations keep the order of the source; within a rater, the order of items.

use std::ops::Range;

use rayon::prelude::*;

use super::LabelId;

/// One rater's label on one item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Annotation {
    /// Row in the table, for look-ups of duration and moment.
    pub index: u32,
    /// Item number.
    pub item: u32,
    /// Rater number.
    pub rater: u32,
    /// Label number.
    pub label: LabelId,
}

/// What is done with several annotations of one item by one rater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DuplicateRule {
    /// The first in the source counts.
    First,
    /// The last in the source counts.
    #[default]
    Last,
    /// Each counts.
    All,
}

/// The table. Built once by [`AnnotationsBuilder`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Annotations {
    item_starts: Vec<u32>,
    items: usize,
    raters: Vec<u32>,
    labels: Vec<LabelId>,
    rater_starts: Vec<u32>,
    by_rater: Vec<u32>,
    item_of: Vec<u32>,
    durations_s: Option<Vec<f32>>,
    moments_s: Option<Vec<f64>>,
}

impl Annotations {
    /// Number of annotations.
    pub fn len(&self) -> usize {
        self.raters.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.raters.is_empty()
    }

    /// Number of items, annotated or not.
    pub fn n_items(&self) -> usize {
        self.items
    }

    /// Number of raters.
    pub fn n_raters(&self) -> usize {
        self.rater_starts.len().saturating_sub(1)
    }

    /// Rows of `item` in the table.
    pub fn range(&self, item: usize) -> Range<usize> {
        match (self.item_starts.get(item), self.item_starts.get(item + 1)) {
            (Some(&a), Some(&b)) => a as usize..b as usize,
            _ => 0..0,
        }
    }

    /// Number of annotations of `item`.
    pub fn count(&self, item: usize) -> usize {
        self.range(item).len()
    }

    /// Labels given to `item`, in source order.
    pub fn labels_of(&self, item: usize) -> &[LabelId] {
        &self.labels[self.range(item)]
    }

    /// Raters of `item`, in source order.
    pub fn raters_of(&self, item: usize) -> &[u32] {
        &self.raters[self.range(item)]
    }

    /// The annotations of `item`, in source order.
    pub fn of_item(&self, item: usize) -> impl ExactSizeIterator<Item = Annotation> + '_ {
        self.range(item).map(move |row| self.at(row))
    }

    /// The annotations by `rater`, by ascending item.
    pub fn of_rater(&self, rater: usize) -> impl ExactSizeIterator<Item = Annotation> + '_ {
        self.rows_of_rater(rater).iter().map(move |&row| self.at(row as usize))
    }

    /// Rows of the annotations by `rater`, ascending.
    pub fn rows_of_rater(&self, rater: usize) -> &[u32] {
        match (self.rater_starts.get(rater), self.rater_starts.get(rater + 1)) {
            (Some(&a), Some(&b)) => &self.by_rater[a as usize..b as usize],
            _ => &[],
        }
    }

    /// The item of the annotation in row `row`. Panics past the end.
    pub fn item_of(&self, row: u32) -> u32 {
        self.item_of[row as usize]
    }

    /// The annotation in row `row`. Panics past the end.
    pub fn at(&self, row: usize) -> Annotation {
        Annotation {
            index: row as u32,
            item: self.item_of[row],
            rater: self.raters[row],
            label: self.labels[row],
        }
    }

    /// Seconds that the annotation in row `index` took, where the source says so.
    pub fn duration_s(&self, index: u32) -> Option<f32> {
        self.durations_s.as_ref().and_then(|d| d.get(index as usize)).copied().filter(|s| s.is_finite())
    }

    /// Whether the source has durations at all.
    pub fn has_durations(&self) -> bool {
        self.durations_s.is_some()
    }

    /// When the annotation in row `index` was given, where the source says so: seconds, since 1970 in UTC where the source
    /// has dates. Only their order and differences mean anything.
    pub fn moment_s(&self, index: u32) -> Option<f64> {
        self.moments_s.as_ref().and_then(|m| m.get(index as usize)).copied().filter(|s| s.is_finite())
    }

    /// Whether the source says of any annotation when it was given.
    pub fn has_moments(&self) -> bool {
        self.moments_s.is_some()
    }

    /// Number of annotations that repeat an (item, rater) pair already seen.
    pub fn n_duplicates(&self) -> usize {
        // Each stretch of items marks raters with the item that it met them on last.
        let stretch = self.items.div_ceil(rayon::current_num_threads()).max(self.n_raters() / 4).max(1);
        let counts = (0..self.items.div_ceil(stretch)).into_par_iter().map(|k| {
            let mut met = vec![u32::MAX; self.n_raters()];
            let mut n = 0;
            for item in k * stretch..self.items.min((k + 1) * stretch) {
                for &rater in self.raters_of(item) {
                    let again = std::mem::replace(&mut met[rater as usize], item as u32) == item as u32;
                    n += usize::from(again);
                }
            }
            n
        });
        counts.sum()
    }

    /// The same table with several annotations of one item by one rater resolved by `rule`.
    #[must_use]
    pub fn resolved(&self, rule: DuplicateRule) -> Self {
        if rule == DuplicateRule::All || self.n_duplicates() == 0 {
            return self.clone();
        }
        let mut builder = AnnotationsBuilder::new();
        // The row of each rater's label that counts, of the item that was met last.
        let mut counts = vec![u32::MAX; self.n_raters()];
        for item in 0..self.items {
            let rows = self.range(item);
            let mark = |row: usize| counts[self.raters[row] as usize] = row as u32;
            match rule {
                DuplicateRule::First => rows.clone().rev().for_each(mark),
                DuplicateRule::Last | DuplicateRule::All => rows.clone().for_each(mark),
            }
            for a in rows.map(|row| self.at(row)).filter(|a| counts[a.rater as usize] == a.index) {
                builder.copy(self, a);
            }
        }
        builder.finish(self.items, self.n_raters())
    }

    /// The annotations for which `keep(item, rater)` holds; items and raters keep their numbers.
    #[must_use]
    pub fn keep(&self, keep: impl Fn(u32, u32) -> bool) -> Self {
        let mut builder = AnnotationsBuilder::new();
        for item in 0..self.items {
            for a in self.of_item(item).filter(|a| keep(a.item, a.rater)) {
                builder.copy(self, a);
            }
        }
        builder.finish(self.items, self.n_raters())
    }
}

/// Collects annotations in source order, then sorts them by item (stably).
#[derive(Debug, Default)]
pub struct AnnotationsBuilder {
    items: Vec<u32>,
    raters: Vec<u32>,
    labels: Vec<LabelId>,
    durations_s: Vec<f32>,
    any_duration: bool,
    /// Empty, or one an annotation, not finite where there is none.
    moments_s: Vec<f64>,
}

impl AnnotationsBuilder {
    /// An empty builder.
    pub fn new() -> Self {
        Self::default()
    }

    /// Says that about `n` annotations will come, so that columns need not move as they grow; `timed` if they may
    /// have durations.
    pub fn expect(&mut self, n: usize, timed: bool) {
        for column in [&mut self.items, &mut self.raters, &mut self.labels] {
            column.reserve_exact(n);
        }
        if timed {
            self.durations_s.reserve_exact(n);
        }
    }

    /// Adds one annotation.
    pub fn push(&mut self, item: u32, rater: u32, label: LabelId, duration_s: Option<f32>) {
        self.items.push(item);
        self.raters.push(rater);
        self.labels.push(label);
        if duration_s.is_some() && !self.any_duration {
            self.any_duration = true;
            self.durations_s.resize(self.items.len() - 1, f32::NAN);
        }
        if self.any_duration {
            self.durations_s.push(duration_s.unwrap_or(f32::NAN));
        }
    }

    /// Says when the annotation pushed last was given, in seconds, as far as the source knows. Sources without moments need
    /// not call it.
    pub fn given_at(&mut self, moment_s: Option<f64>) {
        let n = self.items.len();
        let moment = moment_s.filter(|m| m.is_finite());
        if n == 0 || (self.moments_s.is_empty() && moment.is_none()) {
            return;
        }
        if self.moments_s.is_empty() {
            self.moments_s.reserve_exact(self.items.capacity());
        }
        self.moments_s.resize(n, f64::NAN);
        self.moments_s[n - 1] = moment.unwrap_or(f64::NAN);
    }

    /// Adds an annotation of another table, with what is known of it.
    fn copy(&mut self, from: &Annotations, a: Annotation) {
        self.push(a.item, a.rater, a.label, from.duration_s(a.index));
        self.given_at(from.moment_s(a.index));
    }

    /// Replaces each label `l` by `map[l]`, for readers that know the order of labels only at the end.
    /// Every label pushed so far is below `map.len()`.
    pub fn relabel(&mut self, map: &[LabelId]) {
        self.labels.iter_mut().for_each(|l| *l = map[*l as usize]);
    }

    /// Number of annotations so far.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there is none so far.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Builds the table. `n_items` and `n_raters` exceed every number pushed.
    ///
    /// Columns are put in order one after the other, so that there is never a second copy of the whole; a source
    /// that has its items together needs no copy at all.
    pub fn finish(self, n_items: usize, n_raters: usize) -> Annotations {
        let Self { items, mut raters, mut labels, durations_s, any_duration, mut moments_s } = self;
        // Where nobody said anything, nothing need say where it stands.
        let item_starts = if items.is_empty() { Vec::new() } else { starts(&items, n_items) };
        let mut durations_s = any_duration.then_some(durations_s);
        let mut moments_s = (!moments_s.is_empty()).then(|| {
            moments_s.resize(items.len(), f64::NAN);
            moments_s
        });
        let item_of = if items.is_sorted() {
            let mut items = items;
            items.shrink_to_fit();
            raters.shrink_to_fit();
            labels.shrink_to_fit();
            durations_s.iter_mut().for_each(Vec::shrink_to_fit);
            moments_s.iter_mut().for_each(Vec::shrink_to_fit);
            items
        } else {
            let order = counting_order(&items, &item_starts);
            drop(items);
            raters = permuted(&order, raters);
            labels = permuted(&order, labels);
            durations_s = durations_s.map(|d| permuted(&order, d));
            moments_s = moments_s.map(|m| permuted(&order, m));
            drop(order);
            let of = |item: usize| {
                let n = item_starts[item + 1] - item_starts[item];
                std::iter::repeat_n(item as u32, n as usize)
            };
            let mut item_of = Vec::with_capacity(raters.len());
            (0..n_items).for_each(|item| item_of.extend(of(item)));
            item_of
        };
        let rater_starts = starts(&raters, n_raters);
        let by_rater = counting_order(&raters, &rater_starts);
        debug_assert_eq!(by_rater.len(), item_of.len());
        Annotations {
            item_starts,
            items: n_items,
            raters,
            labels,
            rater_starts,
            by_rater,
            item_of,
            durations_s,
            moments_s,
        }
    }
}

/// The entries of `column` in `order`. Takes the column, so that only one is there twice at a time.
#[allow(clippy::needless_pass_by_value)]
fn permuted<T: Copy>(order: &[u32], column: Vec<T>) -> Vec<T> {
    order.iter().map(|&i| column[i as usize]).collect()
}

fn starts(keys: &[u32], n: usize) -> Vec<u32> {
    let mut starts = vec![0u32; n + 1];
    for &k in keys {
        starts[k as usize + 1] += 1;
    }
    for i in 0..n {
        starts[i + 1] += starts[i];
    }
    starts
}

/// The stable order of rows by key.
fn counting_order(keys: &[u32], starts: &[u32]) -> Vec<u32> {
    let mut next = starts.to_vec();
    let mut order = vec![0u32; keys.len()];
    for (row, &k) in keys.iter().enumerate() {
        let slot = &mut next[k as usize];
        order[*slot as usize] = row as u32;
        *slot += 1;
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Annotations {
        let mut b = AnnotationsBuilder::new();
        for (item, rater, label) in [(1, 0, 2), (0, 1, 0), (1, 1, 1), (0, 0, 0), (1, 0, 0)] {
            b.push(item, rater, label, None);
        }
        b.finish(3, 2)
    }

    #[test]
    fn rows_are_grouped_by_item_in_source_order() {
        let t = table();
        assert_eq!(t.labels_of(0), [0, 0]);
        assert_eq!(t.raters_of(1), [0, 1, 0]);
        assert_eq!(t.count(2), 0);
        assert_eq!(t.of_rater(0).map(|a| (a.item, a.label)).collect::<Vec<_>>(), [(0, 0), (1, 2), (1, 0)]);
    }

    #[test]
    fn duplicates_are_counted_and_resolved_by_the_stated_rule() {
        let t = table();
        assert_eq!(t.n_duplicates(), 1);
        assert_eq!(t.resolved(DuplicateRule::First).labels_of(1), [2, 1]);
        assert_eq!(t.resolved(DuplicateRule::Last).labels_of(1), [1, 0]);
        assert_eq!(t.resolved(DuplicateRule::All), t);
    }

    #[test]
    fn durations_are_kept_beside_their_annotation() {
        let mut b = AnnotationsBuilder::new();
        b.push(1, 0, 0, None);
        b.push(0, 0, 1, Some(2.5));
        let t = b.finish(2, 1);
        assert_eq!(t.of_item(0).map(|a| t.duration_s(a.index)).collect::<Vec<_>>(), [Some(2.5)]);
        assert_eq!(t.of_item(1).map(|a| t.duration_s(a.index)).collect::<Vec<_>>(), [None]);
    }

    #[test]
    fn moments_stay_with_their_annotation_whatever_is_taken_out() {
        let mut b = AnnotationsBuilder::new();
        b.push(1, 0, 0, None);
        b.given_at(None);
        for (item, rater, label, at) in [(1, 1, 1, 5.0), (0, 1, 0, 9.0), (0, 1, 1, 7.0), (0, 0, 0, f64::NAN)]
        {
            b.push(item, rater, label, None);
            b.given_at(Some(at));
        }
        b.push(2, 1, 1, Some(1.0));
        let t = b.finish(3, 2);
        let moments = |t: &Annotations, rater: usize| -> Vec<(u32, Option<f64>)> {
            t.of_rater(rater).map(|a| (a.label, t.moment_s(a.index))).collect()
        };
        assert!(t.has_moments() && t.has_durations());
        assert_eq!(moments(&t, 1), [(0, Some(9.0)), (1, Some(7.0)), (1, Some(5.0)), (1, None)]);
        assert_eq!(moments(&t, 0), [(0, None), (0, None)]);
        let last = t.resolved(DuplicateRule::Last);
        assert_eq!(moments(&last, 1), [(1, Some(7.0)), (1, Some(5.0)), (1, None)]);
        assert_eq!(moments(&t.resolved(DuplicateRule::First), 1)[0], (0, Some(9.0)));
        let kept = t.keep(|item, _| item == 1);
        assert_eq!(moments(&kept, 1), [(1, Some(5.0))]);
        let mut none = AnnotationsBuilder::new();
        none.given_at(Some(1.0));
        none.push(0, 0, 0, None);
        none.given_at(None);
        assert!(!none.finish(1, 1).has_moments());
    }
}
