//! An order of items that is learned from the machine's mistakes, and what it is worth on items that it was not learned from.

use super::design::Design;
use crate::stats::Undefined;
use crate::stats::random::Stream;

/// Items with people's labels below which nothing is learned.
pub const LEAST_ITEMS: usize = 100;
/// Shares of mistakes beyond which nothing is learned.
pub const SHARES: (f64, f64) = (0.02, 0.98);
const FOLDS: usize = 5;
/// Steps of a curve at most.
const MOST_STEPS: usize = 200;

/// Accuracy after a share of the items was looked at, each look being right.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// Share of the items, 0..=1.
    pub share: f64,
    /// In the learned order, of items that it was not learned from.
    pub learned: f64,
    /// In any order.
    pub random: f64,
    /// In the best one.
    pub best: f64,
    /// In the order of all, of the items that it was learned from: optimistic.
    pub in_sample: f64,
}

/// Items in the order in which a person is worth most, and what that order is worth.
#[derive(Debug, Clone, PartialEq)]
pub struct Routed {
    /// Gain w·x of every item.
    pub gains: Vec<f64>,
    /// Gain of each known item by what was learned from others, as in `known`.
    pub held: Vec<f64>,
    /// b.
    pub intercept: f64,
    /// w, one a column of the design.
    pub weights: Vec<f64>,
    /// Share of known items on which the machine is wrong.
    pub mistakes: f64,
    /// From no look to a look at everything.
    pub curve: Vec<Step>,
    /// Area between the learned curve and the random one.
    pub area: f64,
    /// The same in-sample.
    pub area_in_sample: f64,
}

/// Learns from `known` items (item, whether the machine is wrong there).
///
/// Undefined with fewer than [`LEAST_ITEMS`] of them, where the machine is nearly always right or wrong, and without a property.
pub fn route(design: &Design, known: &[(u32, bool)], seed: u64) -> Result<Routed, Undefined> {
    let undefined = |words: String| Err(Undefined::Because(words));
    let n = known.len();
    if n < LEAST_ITEMS {
        return undefined(format!(
            "{n} items have people's label and the machine's, and {LEAST_ITEMS} are needed"
        ));
    }
    let d: Vec<f64> = known.iter().map(|k| f64::from(u8::from(k.1))).collect();
    let mistakes = d.iter().sum::<f64>() / n as f64;
    if !(SHARES.0..=SHARES.1).contains(&mistakes) {
        return undefined(format!(
            "the machine is wrong on {:.1} % of the items that people labelled: nothing can be learned from so few of either kind",
            100.0 * mistakes
        ));
    }
    if design.names.is_empty() {
        return undefined("no property of the items stands in ten of them and not in all".to_owned());
    }
    let items: Vec<u32> = known.iter().map(|k| k.0).collect();
    let singular = || Undefined::Because("the regression has no solution".to_owned());
    let (intercept, weights) = design.fit(&items, &d).ok_or_else(singular)?;
    // Each fold is ordered by what was learned from the others.
    let mut places: Vec<usize> = (0..n).collect();
    Stream::new(seed, 0).shuffle(&mut places);
    let mut curves: Vec<Vec<f64>> = Vec::new();
    let mut held = vec![0.0; n];
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
        out.iter().for_each(|&k| held[k] = design.gain(&own, items[k]));
        out.sort_by(|&a, &b| held[b].total_cmp(&held[a]).then(items[a].cmp(&items[b])));
        curves.push(out.iter().map(|&k| d[k]).collect());
    }
    let gains: Vec<f64> = (0..design.rows.len() as u32).map(|i| design.gain(&weights, i)).collect();
    let mut all: Vec<usize> = (0..n).collect();
    let gain = |k: usize| gains[items[k] as usize];
    all.sort_by(|&a, &b| gain(b).total_cmp(&gain(a)).then(items[a].cmp(&items[b])));
    let steps = curves.iter().map(Vec::len).min().unwrap_or(0).clamp(1, MOST_STEPS);
    let in_sample = accuracies(&[all.iter().map(|&k| d[k]).collect()], steps);
    let curve: Vec<Step> = accuracies(&curves, steps)
        .into_iter()
        .zip(in_sample)
        .enumerate()
        .map(|(step, (learned, in_sample))| {
            let share = step as f64 / steps as f64;
            let (random, best) = bounds(share, mistakes);
            Step { share, learned, random, best, in_sample }
        })
        .collect();
    // Both ends are 0, so that the sum is the trapezoids'.
    let area = |of: fn(&Step) -> f64| curve.iter().map(|s| of(s) - s.random).sum::<f64>() / steps as f64;
    let (area, area_in_sample) = (area(|s| s.learned), area(|s| s.in_sample));
    Ok(Routed { gains, held, intercept, weights, mistakes, curve, area, area_in_sample })
}

/// Accuracy with this share looked at: in any order, and in the best.
fn bounds(share: f64, mistakes: f64) -> (f64, f64) {
    (1.0 - mistakes + share * mistakes, 1.0 - mistakes + share.min(mistakes))
}

/// Accuracy after each of `steps` equal shares of every fold was looked at, from none on; folds are d in their order.
fn accuracies(folds: &[Vec<f64>], steps: usize) -> Vec<f64> {
    let n: f64 = folds.iter().map(|f| f.len() as f64).sum();
    let all: f64 = folds.iter().flatten().sum();
    let at = |step: usize| {
        let share = step as f64 / steps as f64;
        let found = |fold: &Vec<f64>| {
            let looks = (share * fold.len() as f64).round() as usize;
            fold.iter().take(looks).sum::<f64>()
        };
        1.0 - (all - folds.iter().map(found).sum::<f64>()) / n
    };
    (0..=steps).map(at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::routing::Feature;

    #[test]
    fn the_worked_regression_and_its_curve() {
        let x = [(1, 0), (1, 0), (1, 1), (0, 1), (0, 1), (0, 0), (0, 0), (0, 0)];
        let columns = |&(a, b): &(u32, u32)| {
            let own = [(a, 0), (b, 1)];
            own.iter().filter(|p| p.0 == 1).map(|p| p.1).collect()
        };
        let names = vec!["long".to_owned(), "safety".to_owned()];
        let design = Design { names, rows: x.iter().map(columns).collect() };
        let d = [1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0];
        let items: Vec<u32> = (0..8).collect();
        let (b, w) = design.fit(&items, &d).unwrap();
        assert!((b - 0.136_364).abs() < 1e-6 && w.iter().all(|w| (w - 0.318_182).abs() < 1e-6), "{b} {w:?}");
        let gains: Vec<f64> = items.iter().map(|&i| design.gain(&w, i)).collect();
        let want = [0.318_182, 0.318_182, 0.636_364, 0.318_182, 0.318_182, 0.0, 0.0, 0.0];
        assert!(gains.iter().zip(want).all(|(g, w)| (g - w).abs() < 1e-6), "{gains:?}");
        let mut order = items.clone();
        order.sort_by(|&a, &b| gains[b as usize].total_cmp(&gains[a as usize]).then(a.cmp(&b)));
        assert_eq!(order, [2, 0, 1, 3, 4, 5, 6, 7], "ties stay ties");
        let curve = accuracies(&[order.iter().map(|&i| d[i as usize]).collect()], 8);
        let want = [0.625, 0.75, 0.875, 0.875, 1.0, 1.0, 1.0, 1.0, 1.0];
        assert!(curve.iter().zip(want).all(|(c, w)| (c - w).abs() < 1e-12), "{curve:?}");
        let (random, best): (Vec<f64>, Vec<f64>) = (0..9).map(|b| bounds(f64::from(b) / 8.0, 0.375)).unzip();
        let want = [0.625, 0.6719, 0.7188, 0.7656, 0.8125, 0.8594, 0.9062, 0.9531, 1.0];
        assert!(random.iter().zip(want).all(|(r, w)| (r - w).abs() < 6e-5), "{random:?}");
        assert_eq!(best[..5], [0.625, 0.75, 0.875, 1.0, 1.0]);
    }

    #[test]
    fn what_goes_with_mistakes_is_found_and_nothing_is_made_of_chance() {
        let mut rng = Stream::new(5, 0);
        let n = 400_usize;
        let values: Vec<Option<f64>> = (0..n).map(|_| Some(rng.uniform())).collect();
        let feature = Feature::Number("length".to_owned(), values.clone());
        let design = Design::of(&[feature], &(0..300).collect::<Vec<_>>(), n);
        let known =
            |wrong: &mut dyn FnMut(usize) -> bool| (0..300).map(|i| (i as u32, wrong(i))).collect::<Vec<_>>();
        let found = route(&design, &known(&mut |i| values[i].is_some_and(|v| v > 0.7)), 1).unwrap();
        assert!(found.area > 0.05 && found.area_in_sample > 0.05, "{}", found.area);
        assert!(design.names[2].starts_with("length from") && found.weights[2] > 0.3, "{:?}", found.weights);
        let last = found.curve.last().unwrap();
        assert!((last.share - 1.0).abs() < 1e-12 && (last.learned - 1.0).abs() < 1e-12);
        assert!((found.curve[0].learned - found.curve[0].random).abs() < 1e-12);
        let chance = route(&design, &known(&mut |_| rng.below(3) == 0), 1).unwrap();
        assert!(chance.area < 0.03, "{}", chance.area);
        // The guards.
        assert!(route(&design, &known(&mut |_| false), 1).unwrap_err().to_string().contains("0.0 %"));
        assert!(route(&design, &[(0, true)], 1).unwrap_err().to_string().starts_with("1 items"));
        let bare = Design { names: Vec::new(), rows: vec![Vec::new(); n] };
        assert!(route(&bare, &known(&mut |i| i % 2 == 0), 1).is_err());
    }
}
