//! Which items are worth a person? A budget of looks, spent where the machine's label is likeliest to be wrong.
//!
//! [`route`] learns from items that people labelled which features go with the machine's mistakes, ridge regression of d (1 where the machine's
//! label is not people's) on them, and orders items by gain w·x (Miranda et al. 2025, *Hybrid Preferences*, with an item's mistake in the place of
//! a trained model's score, which is this program's own). What the order is worth is told by items that it was not learned from.
//! [`bend`] finds where sorted margins bend (Satopää et al. 2011, Kneedle; Xu et al. 2025, RLTHF); [`most_different`] takes items on which two
//! sources differ most and which are unlike each other (Feng et al. 2025, after Wang & Simoncelli's maximum differentiation); [`decisive`] puts first
//! those that tell two systems apart (Boubdir et al. 2023).

use nalgebra::{DMatrix, DVector};

use super::Undefined;
use super::random::Stream;

/// A property of the items.
#[derive(Debug, Clone, PartialEq)]
pub enum Feature {
    /// Numbers: three bins of as many items; `None` where an item has none.
    Number(String, Vec<Option<f64>>),
    /// One of several values; `None` where an item has none.
    Value(String, Vec<Option<u32>>, Vec<String>),
}

/// Items with people's labels below which nothing is learned.
pub const LEAST_ITEMS: usize = 100;
/// Items in which a value must stand to count as one.
const LEAST_IN_BIN: usize = 10;
/// Shares of mistakes beyond which nothing is learned.
pub const SHARES: (f64, f64) = (0.02, 0.98);
const FOLDS: usize = 5;
const RIDGE: f64 = 1.0;

/// Features as columns of zeros and ones.
#[derive(Debug, Clone, PartialEq)]
pub struct Design {
    /// In words: a feature and its bin or value.
    pub names: Vec<String>,
    /// Columns that are 1, one list an item.
    pub rows: Vec<Vec<u32>>,
}

impl Design {
    /// Bins are of the `known` items; what stands in fewer than ten of them is no column.
    pub fn of(features: &[Feature], known: &[u32], n_items: usize) -> Self {
        let mut design = Self { names: Vec::new(), rows: vec![Vec::new(); n_items] };
        for feature in features {
            match feature {
                Feature::Number(name, values) => {
                    let at = |i: u32| values.get(i as usize).copied().flatten();
                    let mut sorted: Vec<f64> = known.iter().filter_map(|&i| at(i)).collect();
                    sorted.sort_unstable_by(f64::total_cmp);
                    let Some(cut) =
                        (sorted.len() >= 3).then(|| [sorted[sorted.len() / 3], sorted[sorted.len() * 2 / 3]])
                    else {
                        continue;
                    };
                    let bin = |v: f64| u32::from(v >= cut[0]) + u32::from(v >= cut[1]);
                    let words = |b: u32| format!("{name}: {}", ["low", "middle", "high"][b as usize]);
                    design.add(3, known, |i| at(i).map(bin), words);
                }
                Feature::Value(name, values, names) => {
                    let words = |v: u32| format!("{name}: {}", names.get(v as usize).map_or("", |n| n));
                    design.add(
                        names.len() as u32,
                        known,
                        |i| values.get(i as usize).copied().flatten(),
                        words,
                    );
                }
            }
        }
        design
    }

    fn add(
        &mut self,
        n_values: u32,
        known: &[u32],
        value: impl Fn(u32) -> Option<u32>,
        words: impl Fn(u32) -> String,
    ) {
        let mut counts = vec![0_usize; n_values as usize];
        known.iter().filter_map(|&i| value(i)).for_each(|v| counts[v as usize] += 1);
        let mut column: Vec<Option<u32>> = Vec::new();
        for (v, &n) in counts.iter().enumerate() {
            column.push((n >= LEAST_IN_BIN).then(|| {
                self.names.push(words(v as u32));
                self.names.len() as u32 - 1
            }));
        }
        for item in 0..self.rows.len() as u32 {
            if let Some(c) = value(item).and_then(|v| column.get(v as usize).copied().flatten()) {
                self.rows[item as usize].push(c);
            }
        }
    }

    fn gain(&self, weights: &[f64], item: u32) -> f64 {
        let gain: f64 = self.rows[item as usize].iter().map(|&c| weights[c as usize]).sum();
        // What is equal but for rounding is tied.
        (gain * 1e12).round() / 1e12
    }

    /// Intercept and weights of the ridge regression of `d` on these items.
    fn fit(&self, items: &[u32], d: &[f64]) -> Option<(f64, Vec<f64>)> {
        let k = self.names.len();
        let n = items.len() as f64;
        let mean_d = d.iter().sum::<f64>() / n;
        let mut means = vec![0.0; k];
        for &item in items {
            self.rows[item as usize].iter().for_each(|&c| means[c as usize] += 1.0 / n);
        }
        // Centred, so that the intercept is not drawn to 0.
        let (mut gram, mut right) = (DMatrix::<f64>::zeros(k, k), DVector::<f64>::zeros(k));
        for (&item, &d) in items.iter().zip(d) {
            let own = &self.rows[item as usize];
            for &a in own {
                right[a as usize] += d - mean_d;
                own.iter().for_each(|&b| gram[(a as usize, b as usize)] += 1.0);
            }
        }
        for a in 0..k {
            for b in 0..k {
                gram[(a, b)] -= n * means[a] * means[b];
            }
            gram[(a, a)] += RIDGE;
        }
        let weights = gram.cholesky()?.solve(&right);
        let intercept = mean_d - weights.iter().zip(&means).map(|(w, m)| w * m).sum::<f64>();
        Some((intercept, weights.iter().copied().collect()))
    }
}

/// Items in the order in which a person is worth most, and what that order is worth.
#[derive(Debug, Clone, PartialEq)]
pub struct Routed {
    /// Every item without a person's label, largest gain first, equal ones by number.
    pub order: Vec<(u32, f64)>,
    /// Columns with their weights, largest first.
    pub weights: Vec<(String, f64)>,
    /// Share of items with people's labels on which the machine is wrong.
    pub mistakes: f64,
    /// Accuracy after 0, 1, … looks at items that the order was not learned from: (in this order, at random, at best).
    pub curve: Vec<(f64, f64, f64)>,
    /// Mean height of the curve above chance.
    pub area: f64,
}

/// Learns from `known` items (item, whether the machine is wrong there).
///
/// Undefined with fewer than [`LEAST_ITEMS`] of them, where the machine is nearly always right or wrong, and without a feature.
pub fn route(design: &Design, known: &[(u32, bool)], seed: u64) -> Result<Routed, Undefined> {
    let undefined = |words: String| Err(Undefined::Because(words));
    let n = known.len();
    if n < LEAST_ITEMS {
        return undefined(format!(
            "{n} items have a person's label and the machine's; {LEAST_ITEMS} are needed"
        ));
    }
    let d: Vec<f64> = known.iter().map(|k| f64::from(u8::from(k.1))).collect();
    let mistakes = d.iter().sum::<f64>() / n as f64;
    if !(SHARES.0..=SHARES.1).contains(&mistakes) {
        return undefined(format!(
            "the machine is wrong on {:.1} % of these items: nothing can be learned",
            100.0 * mistakes
        ));
    }
    if design.names.is_empty() {
        return undefined("no property of the items has a value in ten of them".to_owned());
    }
    let items: Vec<u32> = known.iter().map(|k| k.0).collect();
    let singular = || Undefined::Because("the regression has no solution".to_owned());
    let (_, weights) = design.fit(&items, &d).ok_or_else(singular)?;
    // Each fold is ordered by what was learned from the others.
    let mut places: Vec<usize> = (0..n).collect();
    Stream::new(seed, 0).shuffle(&mut places);
    let mut curves: Vec<Vec<f64>> = Vec::new();
    let mut held: Vec<f64> = Vec::new();
    for fold in 0..FOLDS {
        let (mut learned, mut learned_d, mut out) = (Vec::new(), Vec::new(), Vec::new());
        for (place, &k) in places.iter().enumerate() {
            if place % FOLDS == fold {
                out.push(k);
            } else {
                learned.push(items[k]);
                learned_d.push(d[k]);
            }
        }
        let (_, own) = design.fit(&learned, &learned_d).ok_or_else(singular)?;
        let mut ordered: Vec<(f64, u32, f64)> =
            out.iter().map(|&k| (design.gain(&own, items[k]), items[k], d[k])).collect();
        ordered.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        curves.push(ordered.iter().map(|o| o.2).collect());
        held.extend(ordered.iter().map(|o| o.2));
    }
    let curve = averaged(&curves, mistakes);
    let area = curve.iter().map(|c| c.0 - c.1).sum::<f64>() / curve.len() as f64;
    let is_known: std::collections::HashSet<u32> = items.iter().copied().collect();
    let mut order: Vec<(u32, f64)> = (0..design.rows.len() as u32)
        .filter(|i| !is_known.contains(i))
        .map(|i| (i, design.gain(&weights, i)))
        .collect();
    order.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let mut named: Vec<(String, f64)> = design.names.iter().cloned().zip(weights).collect();
    named.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    Ok(Routed { order, weights: named, mistakes, curve, area })
}

/// Accuracy after a share of each fold was looked at, at the places of the shortest fold.
fn averaged(folds: &[Vec<f64>], mistakes: f64) -> Vec<(f64, f64, f64)> {
    let shortest = folds.iter().map(Vec::len).min().unwrap_or(0).min(200);
    (0..=shortest)
        .map(|step| {
            let share = step as f64 / shortest.max(1) as f64;
            let (mut found, mut all, mut n) = (0.0, 0.0, 0.0);
            for fold in folds {
                let looks = (share * fold.len() as f64).round() as usize;
                found += fold.iter().take(looks).sum::<f64>();
                all += fold.iter().sum::<f64>();
                n += fold.len() as f64;
            }
            let best = (1.0 - mistakes) + (share * n).min(all) / n;
            (1.0 - all / n + found / n, 1.0 - mistakes + share * mistakes, best)
        })
        .collect()
}

/// Where sorted margins bend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bend {
    /// Place of the knee: items before it are suspect.
    pub knee: usize,
    /// Place of the elbow.
    pub elbow: usize,
}

/// Of margins in ascending order; `None` for fewer than three, for equal ones, and for a line (no point 0.05 away from it).
pub fn bend(margins: &[f64]) -> Option<Bend> {
    let (first, last) = (*margins.first()?, *margins.last()?);
    let n = margins.len();
    if n < 3 || last - first <= 0.0 {
        return None;
    }
    let away = |i: usize| (margins[i] - first) / (last - first) - i as f64 / (n - 1) as f64;
    let (mut knee, mut elbow) = (0, 0);
    for i in 1..n {
        if away(i) > away(knee) {
            knee = i;
        }
        if away(i) < away(elbow) {
            elbow = i;
        }
    }
    (away(knee).abs().max(away(elbow).abs()) >= 0.05).then_some(Bend { knee, elbow })
}

/// `k` items on which two sources are least alike, each also unlike those taken before: the least of alike(x) + λ max over taken s of between(x, s).
pub fn most_different(
    alike: &[f64],
    between: impl Fn(usize, usize) -> f64,
    lambda: f64,
    k: usize,
) -> Vec<usize> {
    let mut taken: Vec<usize> = Vec::new();
    let mut nearest = vec![f64::NEG_INFINITY; alike.len()];
    let mut is_taken = vec![false; alike.len()];
    while taken.len() < k.min(alike.len()) {
        let cost = |i: usize| {
            alike[i] + if lambda > 0.0 && nearest[i].is_finite() { lambda * nearest[i] } else { 0.0 }
        };
        let next = (0..alike.len()).filter(|&i| !is_taken[i]).min_by(|&a, &b| cost(a).total_cmp(&cost(b)));
        let Some(next) = next else { break };
        is_taken[next] = true;
        taken.push(next);
        if lambda > 0.0 {
            (0..alike.len()).for_each(|i| nearest[i] = nearest[i].max(between(i, next)));
        }
    }
    taken
}

/// What two distributions are told apart by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Apart {
    /// Kullback & Leibler's Σ p ln(p/q), which is not the same both ways.
    Kl,
    /// Jensen & Shannon's, in nats.
    Js,
}

/// How far apart two systems are on an item: distributions over the same classes, smoothed by 10⁻¹².
pub fn decisive(p: &[f64], q: &[f64], by: Apart) -> f64 {
    let smooth = |v: &[f64]| -> Vec<f64> {
        let sum: f64 = v.iter().map(|x| x + 1e-12).sum();
        v.iter().map(|x| (x + 1e-12) / sum).collect()
    };
    let kl = |p: &[f64], q: &[f64]| p.iter().zip(q).map(|(p, q)| p * (p / q).ln()).sum::<f64>().max(0.0);
    let (p, q) = (smooth(p), smooth(q));
    match by {
        Apart::Kl => kl(&p, &q),
        Apart::Js => {
            let middle: Vec<f64> = p.iter().zip(&q).map(|(p, q)| f64::midpoint(*p, *q)).collect();
            f64::midpoint(kl(&p, &middle), kl(&q, &middle))
        }
    }
}

/// Share of ties that are saved by looking at the most decisive `share` of items only, 1 − ties there / ties everywhere; items most decisive first.
///
/// Undefined without a tie, and without an item.
pub fn ties_saved(tied: &[bool], share: f64) -> Result<f64, Undefined> {
    let top = ((share * tied.len() as f64).ceil() as usize).min(tied.len());
    let rate = |of: &[bool]| of.iter().filter(|&&t| t).count() as f64 / of.len() as f64;
    if top == 0 || !tied.iter().any(|&t| t) {
        return Err(Undefined::Because("there is no tie".to_owned()));
    }
    Ok(1.0 - rate(&tied[..top]) / rate(tied))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worked_regression() {
        let x = [(1, 0), (1, 0), (1, 1), (0, 1), (0, 1), (0, 0), (0, 0), (0, 0)];
        let rows = x
            .iter()
            .map(|&(a, b)| [(a, 0), (b, 1)].iter().filter(|p| p.0 == 1).map(|p| p.1).collect())
            .collect();
        let design = Design { names: vec!["long".to_owned(), "safety".to_owned()], rows };
        let d = [1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0];
        let items: Vec<u32> = (0..8).collect();
        let (b, w) = design.fit(&items, &d).unwrap();
        assert!((b - 0.136_364).abs() < 1e-6 && w.iter().all(|w| (w - 0.318_182).abs() < 1e-6), "{b} {w:?}");
        let gains: Vec<f64> = items.iter().map(|&i| design.gain(&w, i)).collect();
        assert!((gains[2] - 0.636_364).abs() < 1e-6 && gains[5] == 0.0);
        let mut order = items.clone();
        order.sort_by(|&a, &b| gains[b as usize].total_cmp(&gains[a as usize]).then(a.cmp(&b)));
        assert_eq!(order, [2, 0, 1, 3, 4, 5, 6, 7]);
        let curve = averaged(&[order.iter().map(|&i| d[i as usize]).collect()], 0.375);
        let want = [0.625, 0.75, 0.875, 0.875, 1.0, 1.0, 1.0, 1.0, 1.0];
        assert!(curve.iter().zip(want).all(|(c, w)| (c.0 - w).abs() < 1e-12), "{curve:?}");
        assert!((curve[1].1 - 0.671_875).abs() < 1e-12 && (curve[3].2 - 1.0).abs() < 1e-12);
    }

    #[test]
    fn what_goes_with_mistakes_is_found_and_nothing_is_made_of_chance() {
        let mut rng = Stream::new(5, 0);
        let n = 400_usize;
        let values: Vec<Option<f64>> = (0..n).map(|_| Some(rng.uniform())).collect();
        let design = Design::of(
            &[Feature::Number("length".to_owned(), values.clone())],
            &(0..300).collect::<Vec<_>>(),
            n,
        );
        let known =
            |wrong: &mut dyn FnMut(usize) -> bool| (0..300).map(|i| (i as u32, wrong(i))).collect::<Vec<_>>();
        let found = route(&design, &known(&mut |i| values[i].is_some_and(|v| v > 0.7)), 1).unwrap();
        assert!(found.area > 0.05 && found.weights[0].0 == "length: high", "{:?}", found.weights);
        assert!(found.order.len() == 100 && values[found.order[0].0 as usize].unwrap() > 0.6);
        let chance = route(&design, &known(&mut |_| rng.below(3) == 0), 1).unwrap();
        assert!(chance.area < 0.03, "{}", chance.area);
        assert!(
            route(&design, &known(&mut |_| false), 1).is_err() && route(&design, &[(0, true)], 1).is_err()
        );
    }

    #[test]
    fn bends() {
        let margins =
            [-4.0, -2.5, -1.2, -0.4, -0.2, 0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.2, 2.4, 3.8, 5.5];
        let found = bend(&margins).unwrap();
        assert_eq!((found.knee, found.elbow), (3, 14));
        let line: Vec<f64> = (0..20).map(f64::from).collect();
        assert!(bend(&line).is_none() && bend(&[1.0; 9]).is_none() && bend(&[]).is_none());
    }

    #[test]
    fn different_and_diverse() {
        let alike = [0.9, 0.1, 0.1, 0.3];
        let twins = |a: usize, b: usize| f64::from(u8::from((a, b) == (1, 2) || (a, b) == (2, 1)));
        assert_eq!(most_different(&alike, twins, 0.0, 3), [1, 2, 3]);
        assert_eq!(most_different(&alike, twins, 1.0, 3), [1, 3, 0]);
        assert_eq!(most_different(&alike, twins, 0.0, 9).len(), 4);
    }

    #[test]
    fn decisive_items_have_fewer_ties() {
        assert!(decisive(&[1.0, 0.0], &[1.0, 0.0], Apart::Kl).abs() < 1e-9);
        let (far, near) = ([0.9, 0.1], [0.6, 0.4]);
        assert!(decisive(&far, &near, Apart::Kl) > 0.2 && decisive(&near, &far, Apart::Kl) > 0.2);
        assert!((decisive(&far, &near, Apart::Js) - decisive(&near, &far, Apart::Js)).abs() < 1e-12);
        assert!((decisive(&[1.0, 0.0], &[0.0, 1.0], Apart::Js) - std::f64::consts::LN_2).abs() < 1e-9);
        let tied = [false, false, true, true, false, true, true, false, true, true];
        assert!((ties_saved(&tied, 0.2).unwrap() - 1.0).abs() < 1e-12);
        assert!((ties_saved(&tied, 0.4).unwrap() - (1.0 - 0.5 / 0.6)).abs() < 1e-12);
        assert!(ties_saved(&[false], 0.5).is_err());
    }
}
