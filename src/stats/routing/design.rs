//! Properties of items as columns of zeros and ones, and a ridge regression on them.

use nalgebra::{DMatrix, DVector};

use super::settled;

/// Items in which a value must stand to count as one.
const LEAST_IN_BIN: usize = 10;
/// λ of the ridge.
const RIDGE: f64 = 1.0;

/// A property of the items.
#[derive(Debug, Clone, PartialEq)]
pub enum Feature {
    /// Numbers: three bins of as many items; `None` where an item has none.
    Number(String, Vec<Option<f64>>),
    /// One of several values; `None` where an item has none.
    Value(String, Vec<Option<u32>>, Vec<String>),
}

/// Features as columns of zeros and ones.
#[derive(Debug, Clone, PartialEq)]
pub struct Design {
    /// In words: a feature and its bin or value.
    pub names: Vec<String>,
    /// Columns that are 1, one list an item.
    pub rows: Vec<Vec<u32>>,
}

/// A number as a bin's edge.
fn edge(v: f64) -> String {
    if v.fract() == 0.0 { format!("{v:.0}") } else { format!("{v:.2}") }
}

impl Design {
    /// Bins are of the `known` items. Values of fewer than ten of them are one column, "other"; what all or none of them have is none.
    pub fn of(features: &[Feature], known: &[u32], n_items: usize) -> Self {
        let mut design = Self { names: Vec::new(), rows: vec![Vec::new(); n_items] };
        for feature in features {
            match feature {
                Feature::Number(name, values) => {
                    let at = |i: u32| values.get(i as usize).copied().flatten();
                    let mut sorted: Vec<f64> = known.iter().filter_map(|&i| at(i)).collect();
                    sorted.sort_unstable_by(f64::total_cmp);
                    let (Some(&low), Some(&high)) =
                        (sorted.get(sorted.len() / 3), sorted.get(sorted.len() * 2 / 3))
                    else {
                        continue;
                    };
                    let bin = |v: f64| u32::from(v >= low) + u32::from(v >= high);
                    let words = |b: u32| match b {
                        0 => format!("{name} below {}", edge(low)),
                        1 => format!("{name} {} to {}", edge(low), edge(high)),
                        _ => format!("{name} from {}", edge(high)),
                    };
                    design.add(name, 3, known, |i| at(i).map(bin), words);
                }
                Feature::Value(name, values, names) => {
                    let words = |v: u32| format!("{name}: {}", names.get(v as usize).map_or("", |n| n));
                    let at = |i: u32| values.get(i as usize).copied().flatten();
                    design.add(name, names.len() as u32, known, at, words);
                }
            }
        }
        design
    }

    fn add(
        &mut self,
        name: &str,
        n_values: u32,
        known: &[u32],
        value: impl Fn(u32) -> Option<u32>,
        words: impl Fn(u32) -> String,
    ) {
        let mut counts = vec![0_usize; n_values as usize];
        known.iter().filter_map(|&i| value(i)).for_each(|v| counts[v as usize] += 1);
        let says = |n: usize| n > 0 && n < known.len();
        let rare: usize = counts.iter().filter(|&&n| n < LEAST_IN_BIN).sum();
        let mut column = |name: String| {
            self.names.push(name);
            self.names.len() as u32 - 1
        };
        let mut columns: Vec<Option<u32>> = Vec::with_capacity(counts.len());
        for (v, &n) in counts.iter().enumerate() {
            columns.push((n >= LEAST_IN_BIN && says(n)).then(|| column(words(v as u32))));
        }
        let other = says(rare).then(|| column(format!("{name}: other")));
        for (at, &n) in counts.iter().enumerate() {
            if n < LEAST_IN_BIN {
                columns[at] = other;
            }
        }
        for item in 0..self.rows.len() as u32 {
            if let Some(c) = value(item).and_then(|v| columns.get(v as usize).copied().flatten()) {
                self.rows[item as usize].push(c);
            }
        }
    }

    /// w·x of an item, settled: items with the same properties have the same.
    pub(super) fn gain(&self, weights: &[f64], item: u32) -> f64 {
        settled(self.rows[item as usize].iter().map(|&c| weights[c as usize]).sum())
    }

    /// Intercept and weights of the ridge regression of `d` on these items, Σ (d − b − w·x)² + λ‖w‖², λ = 1.
    pub(super) fn fit(&self, items: &[u32], d: &[f64]) -> Option<(f64, Vec<f64>)> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rare_values_are_one_column_and_what_says_nothing_is_none() {
        let known: Vec<u32> = (0..100).collect();
        let values: Vec<Option<u32>> = (0..110).map(|i| Some(if i < 90 { 0 } else { 1 + i % 3 })).collect();
        let names = ["a", "b", "c", "d"].map(str::to_owned).to_vec();
        let all = vec![Some(0); 110];
        let numbers: Vec<Option<f64>> = (0..110).map(|i| (i > 0).then_some(f64::from(i % 30))).collect();
        let features = [
            Feature::Value("kind".to_owned(), values, names),
            Feature::Value("all".to_owned(), all, vec!["same".to_owned()]),
            Feature::Number("words".to_owned(), numbers),
            Feature::Number("none".to_owned(), vec![None; 110]),
        ];
        let design = Design::of(&features, &known, 110);
        assert_eq!(
            design.names,
            ["kind: a", "kind: other", "words below 8", "words 8 to 19", "words from 19"]
        );
        assert_eq!((&design.rows[0][..], &design.rows[95][..]), (&[0][..], &[1, 2][..]));
    }
}
