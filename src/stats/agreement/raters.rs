//! What becomes of a coefficient of counts when raters are left out or drawn anew.
//!
//! Leaving one out changes only the items that he rated: all raters together cost as much as the annotations times the
//! labels on an item. A rater drawn twice agrees with himself, which says nothing: pairs of one rater with himself are left
//! out of what is observed (r² − Σ w² pairs instead of r (r − 1)).

use rayon::prelude::*;

use super::counted::Counted;
use super::distance::Distance;
use super::interval::Spread;
use super::ordinal::Ranks;
use super::resample::{MOST_REPLICATES, below, stream};
use super::sums::{Mass, Part};
use crate::dataset::{Annotations, LabelId};
use crate::progress::{Cancelled, Progress};

/// Most cells of a table of raters × (kinds of items × labels); with more, each rater's items are walked through.
const MAX_CELLS: usize = 1 << 24;

/// The ratings of an item before and after one rater is left out.
struct Step {
    labels: Vec<LabelId>,
    before: Vec<f64>,
    after: Vec<f64>,
}

/// What an item loses, and the factors from its counts to mass before and after.
struct Loss {
    rated: f64,
    pairable: f64,
    observed: f64,
    before: f64,
    after: f64,
}

/// Losses by kind of item and place of the label in it.
struct Losses {
    starts: Vec<usize>,
    of_place: Vec<Loss>,
}

impl Counted<'_> {
    /// (rater, the coefficient without him), for each rater with a rating; `None` where it is undefined then.
    pub(super) fn without_raters(
        &self,
        annotations: &Annotations,
        progress: &Progress,
    ) -> Result<Vec<(u32, Option<f64>)>, Cancelled> {
        let n = annotations.n_raters();
        let ranks = self.rule.is_ordinal().then(|| Ranks::new(&self.rule, self.tally, &self.whole, n));
        progress.stage("leaving raters out", n as u64);
        let losses = self.losses();
        let q = self.tally.n_labels;
        if let Some(table) = self.ratings_by_place(annotations, &losses) {
            let places = losses.of_place.len();
            let each = (0..n).into_par_iter().map(|rater| {
                progress.check()?;
                progress.add(1);
                let row = &table[rater * places..(rater + 1) * places];
                if row.iter().all(|&n| n == 0) {
                    return Ok(None);
                }
                Ok(Some((rater as u32, self.without_places(row, ranks.as_ref(), &losses))))
            });
            let each: Vec<Option<(u32, Option<f64>)>> = each.collect::<Result<_, Cancelled>>()?;
            return Ok(each.into_iter().flatten().collect());
        }
        let each = (0..n).into_par_iter().map_init(
            || (vec![0.0; q], Vec::new()),
            |(dense, touched), rater| {
                progress.check()?;
                progress.add(1);
                let given = || annotations.of_rater(rater).filter(|a| (a.label as usize) < q);
                if given().next().is_none() {
                    return Ok(None);
                }
                Ok(Some((
                    rater as u32,
                    self.without_rater(annotations, rater, (ranks.as_ref(), &losses), (dense, touched)),
                )))
            },
        );
        let each: Vec<Option<(u32, Option<f64>)>> = each.collect::<Result<_, _>>()?;
        Ok(each.into_iter().flatten().collect())
    }

    /// How many ratings of each place (kind of item and label of it) each rater gave, raters × places; `None` where that
    /// is too much, and where raters rated items more than once.
    fn ratings_by_place(&self, annotations: &Annotations, losses: &Losses) -> Option<Vec<u32>> {
        let places = losses.of_place.len();
        let cells = annotations.n_raters().checked_mul(places).filter(|&n| n <= MAX_CELLS)?;
        if annotations.n_duplicates() > 0 {
            return None;
        }
        let mut table = vec![0; cells];
        for item in 0..self.tally.n_items() {
            let Some(p) = self.tally.pattern_of(item) else { continue };
            let known = self.tally.pattern(p).labels;
            for (&rater, label) in annotations.raters_of(item).iter().zip(annotations.labels_of(item)) {
                if let Ok(place) = known.binary_search(label) {
                    table[rater as usize * places + losses.starts[p] + place] += 1;
                }
            }
        }
        Some(table)
    }

    /// The coefficient without so many ratings of each place, all on different items.
    fn without_places(&self, row: &[u32], ranks: Option<&Ranks>, losses: &Losses) -> Option<f64> {
        let mut dense = vec![0.0; self.tally.n_labels];
        let mut part = Part::default();
        let given = || {
            (0..self.tally.len()).flat_map(|p| {
                let start = losses.starts[p];
                let places = start..start + self.tally.pattern(p).labels.len();
                places.filter(|&i| row[i] > 0).map(move |i| (p, i - start, i, f64::from(row[i])))
            })
        };
        for (p, place, i, times) in given() {
            let loss = &losses.of_place[i];
            part.rated += times * loss.rated;
            part.pairable += times * loss.pairable;
            part.observed += times * loss.observed;
            let pattern = self.tally.pattern(p);
            for (j, (&label, &count)) in pattern.labels.iter().zip(pattern.counts).enumerate() {
                let left = f64::from(count) - f64::from(u8::from(j == place));
                dense[label as usize] += times * (loss.before * f64::from(count) - loss.after * left);
            }
        }
        let changed = dense.iter().enumerate().filter(|(_, m)| **m != 0.0);
        changed.for_each(|(label, &m)| part.mass.push(label as LabelId, m));
        match ranks {
            None => self.rule.without(&self.whole, &part),
            Some(ranks) => ranks.without(&self.rule, &self.whole, (part.pairable, &part.mass), |distance| {
                given()
                    .map(|(p, place, _, times)| times * self.loss(&self.step_at(p, place), distance).observed)
                    .sum()
            }),
        }
    }

    /// One rating at `place` of kind `p` is left out.
    fn step_at(&self, p: usize, place: usize) -> Step {
        let pattern = self.tally.pattern(p);
        let before: Vec<f64> = pattern.counts.iter().map(|&n| f64::from(n)).collect();
        let mut after = before.clone();
        after[place] -= 1.0;
        Step { labels: pattern.labels.to_vec(), before, after }
    }

    fn without_rater(
        &self,
        annotations: &Annotations,
        rater: usize,
        (ranks, losses): (Option<&Ranks>, &Losses),
        (dense, touched): (&mut [f64], &mut Vec<LabelId>),
    ) -> Option<f64> {
        let q = self.tally.n_labels;
        let mut change = |label: LabelId, by: f64| {
            let cell = &mut dense[label as usize];
            if *cell == 0.0 {
                touched.push(label);
            }
            *cell += by;
        };
        let steps = || {
            let mut last = None;
            let items = annotations.of_rater(rater).filter(move |a| (a.label as usize) < q);
            items.filter_map(move |a| (last.replace(a.item) != Some(a.item)).then_some(a.item as usize))
        };
        let mut part = Part::default();
        let mut add = |loss: &Loss| {
            part.rated += loss.rated;
            part.pairable += loss.pairable;
            part.observed += loss.observed;
        };
        for item in steps() {
            let Some(p) = self.tally.pattern_of(item) else { continue };
            let pattern = self.tally.pattern(p);
            let mut own =
                annotations.of_item(item).filter(|a| a.rater == rater as u32 && (a.label as usize) < q);
            let (first, again) = (own.next(), own.next());
            if let (Some(only), None) = (first, again)
                && let Ok(place) = pattern.labels.binary_search(&only.label)
            {
                let loss = &losses.of_place[losses.starts[p] + place];
                add(loss);
                for (i, (&label, &count)) in pattern.labels.iter().zip(pattern.counts).enumerate() {
                    let left = f64::from(count) - f64::from(u8::from(i == place));
                    change(label, loss.before * f64::from(count) - loss.after * left);
                }
            } else if let Some(step) = self.step(annotations, item, rater as u32) {
                let loss = self.loss(&step, &self.whole.distance);
                add(&loss);
                for (i, &label) in step.labels.iter().enumerate() {
                    change(label, loss.before * step.before[i] - loss.after * step.after[i]);
                }
            }
        }
        touched.sort_unstable();
        touched.dedup();
        for &label in &*touched {
            part.mass.push(label, std::mem::take(&mut dense[label as usize]));
        }
        touched.clear();
        match ranks {
            None => self.rule.without(&self.whole, &part),
            Some(ranks) => ranks.without(&self.rule, &self.whole, (part.pairable, &part.mass), |distance| {
                let changes = steps().filter_map(|item| self.step(annotations, item, rater as u32));
                changes.map(|step| self.loss(&step, distance).observed).sum()
            }),
        }
    }

    fn step(&self, annotations: &Annotations, item: usize, rater: u32) -> Option<Step> {
        let pattern = self.tally.pattern(self.tally.pattern_of(item)?);
        let before: Vec<f64> = pattern.counts.iter().map(|&n| f64::from(n)).collect();
        let mut after = before.clone();
        for a in annotations.of_item(item).filter(|a| a.rater == rater) {
            if let Ok(place) = pattern.labels.binary_search(&a.label) {
                after[place] -= 1.0;
            }
        }
        Some(Step { labels: pattern.labels.to_vec(), before, after })
    }

    /// What is lost in a step.
    fn loss(&self, step: &Step, distance: &Distance) -> Loss {
        let item = |counts: &[f64]| {
            let r: f64 = counts.iter().sum();
            if r < 0.5 {
                return (0.0, 0.0, 0.0, 0.0);
            }
            self.rule.item(r, r, distance.spread(&step.labels, counts))
        };
        let (b, a) = (item(&step.before), item(&step.after));
        Loss { rated: b.0 - a.0, pairable: b.1 - a.1, observed: b.2 - a.2, before: b.3, after: a.3 }
    }

    /// What is lost when one rating of each label of each kind of item is left out.
    fn losses(&self) -> Losses {
        let mut losses = Losses { starts: Vec::with_capacity(self.tally.len()), of_place: Vec::new() };
        for p in 0..self.tally.len() {
            losses.starts.push(losses.of_place.len());
            for place in 0..self.tally.pattern(p).labels.len() {
                losses.of_place.push(self.loss(&self.step_at(p, place), &self.whole.distance));
            }
        }
        losses
    }

    /// The coefficient where rater g counts `weights[g]` times.
    pub(super) fn weighted(&self, annotations: &Annotations, weights: &[f64]) -> Option<f64> {
        let q = self.tally.n_labels;
        let mut dense = vec![0.0; q];
        let (mut rated, mut pairable, mut observed) = (0.0, 0.0, 0.0);
        let mut given: Vec<(LabelId, f64)> = Vec::new();
        let mut counts = Mass::default();
        let mut each = |item: usize, f: &mut dyn FnMut(&Mass, f64)| {
            given.clear();
            let ratings = annotations.of_item(item).filter(|a| (a.label as usize) < q);
            given.extend(ratings.map(|a| (a.label, weights[a.rater as usize])).filter(|g| g.1 > 0.0));
            if given.is_empty() {
                return;
            }
            let squares = given.iter().map(|g| g.1 * g.1).sum();
            given.sort_by_key(|g| g.0);
            counts.clear();
            for run in given.chunk_by(|x, y| x.0 == y.0) {
                counts.push(run[0].0, run.iter().map(|g| g.1).sum());
            }
            f(&counts, squares);
        };
        for item in 0..self.tally.n_items() {
            each(item, &mut |counts, squares| {
                let r = counts.mass.iter().sum();
                let ordinal = self.rule.is_ordinal();
                let d = if ordinal { 0.0 } else { self.whole.distance.spread(&counts.labels, &counts.mass) };
                let (one, pair, apart, factor) = self.rule.item(r, squares, d);
                rated += one;
                pairable += pair;
                observed += apart;
                for (&label, m) in counts.labels.iter().zip(&counts.mass) {
                    dense[label as usize] += factor * m;
                }
            });
        }
        let distance = self.rule.distance(&dense);
        if self.rule.is_ordinal() {
            for item in 0..self.tally.n_items() {
                each(item, &mut |counts, squares| {
                    let r = counts.mass.iter().sum();
                    observed += self.rule.item(r, squares, distance.spread(&counts.labels, &counts.mass)).2;
                });
            }
        }
        self.rule.of_sums(rated, pairable, observed, &Mass::of(&dense), &distance)
    }

    /// Jackknife-t over raters.
    pub(super) fn jackknife_raters(
        &self,
        annotations: &Annotations,
        remaining: impl Fn(f64) -> f64,
        progress: &Progress,
    ) -> Result<Option<Spread>, Cancelled> {
        let without = self.without_raters(annotations, progress)?;
        let each = without.iter().map(|w| (w.1, 1.0));
        Ok(Spread::jackknife(self.whole.value, each, remaining(without.len() as f64)))
    }

    /// The coefficient on resamples of the raters.
    pub(super) fn draws_of_raters(
        &self,
        annotations: &Annotations,
        (replicates, seed): (u32, u64),
        progress: &Progress,
    ) -> Result<Vec<Option<f64>>, Cancelled> {
        let inside =
            |rater: usize| annotations.of_rater(rater).any(|a| (a.label as usize) < self.tally.n_labels);
        let raters: Vec<usize> = (0..annotations.n_raters()).filter(|&r| inside(r)).collect();
        let replicates = replicates.min(MOST_REPLICATES);
        progress.stage("bootstrap of raters", u64::from(replicates));
        (0..replicates)
            .into_par_iter()
            .map(|i| {
                progress.check()?;
                let mut rng = stream(seed, u64::from(i));
                let mut weights = vec![0.0; annotations.n_raters()];
                for _ in 0..raters.len() {
                    weights[raters[below(&mut rng, raters.len())]] += 1.0;
                }
                progress.add(1);
                Ok(self.weighted(annotations, &weights))
            })
            .collect()
    }
}
