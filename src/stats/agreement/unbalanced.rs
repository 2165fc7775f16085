//! Intraclass correlations from all ratings there are, items and raters with different numbers of them.
//!
//! Variance components by Henderson's method 1 (1953, *Biometrics* 9): uncorrected sums of squares are set equal to what they
//! are expected to be. With N ratings y_ij of a items by b raters, n_i and n_j of each, T₀ = Σ y², T_A = Σ y_i·²/n_i,
//! T_B = Σ y_·j²/n_j and T_μ = y··²/N, the differences from T_μ are expected to be
//!
//! - T_A: (N − Σ n_i²/N) σ²_a + (a − Σ n_j²/N) σ²_b + (a − 1) σ²_e,
//! - T_B: (b − Σ n_i²/N) σ²_a + (N − Σ n_j²/N) σ²_b + (b − 1) σ²_e,
//! - T₀: (N − Σ n_i²/N) σ²_a + (N − Σ n_j²/N) σ²_b + (N − 1) σ²_e.
//!
//! Without raters (σ²_b = 0, and no T_B) that is the one-way analysis of variance, σ²_a = (MSB − MSW)/n₀ with
//! n₀ = (N − Σ n_i²/N)/(a − 1). On complete data all are the correlations of mean squares. Nothing but the sums is needed, so
//! that an item is left out in closed form; intervals are jackknife-t over items, which asks for no normal distribution.
//! Estimates below 0 are told as they are, but for an error below 0, of which no consistency can be a share.

use super::icc::IccForm;
use super::interval::Spread;
use super::levels::Levels;
use crate::dataset::Annotations;
use crate::stats::Undefined;

/// Ratings and their sums.
pub(super) struct Unbalanced<'a> {
    annotations: &'a Annotations,
    levels: &'a Levels,
    /// What is taken off every value, so that no digits are lost where they are large.
    centre: f64,
    whole: Sums,
    /// Number and sum of each rater's values.
    raters: Vec<(f64, f64)>,
}

/// What the components follow from.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Sums {
    ratings: f64,
    items: f64,
    raters: f64,
    /// Σ n_i², Σ n_j².
    item_squares: f64,
    rater_squares: f64,
    total: f64,
    /// T₀, T_A, T_B.
    squares: f64,
    by_item: f64,
    by_rater: f64,
}

impl Sums {
    /// The correlation, at most 1; `None` for too little data, and where there is no variance.
    fn value(&self, form: IccForm) -> Option<f64> {
        let Self { ratings: n, items: a, raters: b, .. } = *self;
        if a < 1.5 || n - a < 0.5 {
            return None;
        }
        let mean = self.total * self.total / n;
        let whole = self.squares - mean;
        let (items, raters) = (n - self.item_squares / n, n - self.rater_squares / n);
        let (between, rest, other) = if form == IccForm::OneWayAll {
            let within = (self.squares - self.by_item) / (n - a);
            ((self.by_item - mean - (a - 1.0) * within) / items, within, 0.0)
        } else {
            // T₀ − T_A and T₀ − T_B have a single component beside the error each.
            let (left_a, left_b) = (self.squares - self.by_item, self.squares - self.by_rater);
            let (of_b, of_a) = (n - a, n - b);
            // σ²_b = (T₀ − T_A)/(N − a) − σ²_e, σ²_a = (T₀ − T_B)/(N − b) − σ²_e.
            let room = n - 1.0 - items - raters;
            if of_a < 0.5 || room.abs() < 1e-9 * n {
                return None;
            }
            let error = (whole - items * left_b / of_a - raters * left_a / of_b) / room;
            // On complete data this is a sum of squares; with few ratings it may come out below 0, and then the rest of a
            // rating's variance is less than nothing.
            let dust = 1e-9 * whole / n;
            if form == IccForm::ConsistencyAll && error < -dust {
                return None;
            }
            let known = if error.abs() <= dust { 0.0 } else { error };
            (left_b / of_a - known, known, left_a / of_b - known)
        };
        let all = match form {
            IccForm::AgreementAll => between + other + rest,
            _ => between + rest,
        };
        // No share is above 1 but by rounding: what is beside it in `all` is a sum of squares.
        (all > 1e-12 * self.squares / n && all.is_finite()).then(|| (between / all).min(1.0))
    }
}

impl<'a> Unbalanced<'a> {
    /// Of annotations without repeats; labels without a level take no part.
    pub(super) fn new(annotations: &'a Annotations, levels: &'a Levels) -> Self {
        let mut own = Self { annotations, levels, centre: 0.0, whole: Sums::default(), raters: Vec::new() };
        let (sums, _) = own.sums(|_| 1.0);
        own.centre = if sums.ratings > 0.0 { sums.total / sums.ratings } else { 0.0 };
        (own.whole, own.raters) = own.sums(|_| 1.0);
        own
    }

    /// (rater, value) of an item.
    fn of_item(&self, item: usize) -> impl Iterator<Item = (usize, f64)> + '_ {
        let (raters, labels) = (self.annotations.raters_of(item), self.annotations.labels_of(item));
        raters.iter().zip(labels).filter_map(|(&rater, &label)| {
            let value = self.levels.values().get(label as usize)?;
            Some((rater as usize, value - self.centre))
        })
    }

    /// Where item i counts `times(i)`, each time as an item of its own.
    fn sums(&self, times: impl Fn(usize) -> f64) -> (Sums, Vec<(f64, f64)>) {
        let mut sums = Sums::default();
        let mut raters = vec![(0.0, 0.0); self.annotations.n_raters()];
        for item in 0..self.annotations.n_items() {
            let w = times(item);
            if w == 0.0 {
                continue;
            }
            let (mut n, mut sum) = (0.0, 0.0);
            for (rater, value) in self.of_item(item) {
                n += 1.0;
                sum += value;
                sums.squares += w * value * value;
                let (count, of_rater) = &mut raters[rater];
                *count += w;
                *of_rater += w * value;
            }
            if n > 0.0 {
                sums.items += w;
                sums.ratings += w * n;
                sums.item_squares += w * n * n;
                sums.total += w * sum;
                sums.by_item += w * sum * sum / n;
            }
        }
        for &(count, sum) in raters.iter().filter(|r| r.0 > 0.0) {
            sums.raters += 1.0;
            sums.rater_squares += count * count;
            sums.by_rater += sum * sum / count;
        }
        (sums, raters)
    }

    /// The correlation. Undefined where there is no variance, and where raters and items cannot be told apart.
    pub(super) fn value(&self, form: IccForm) -> Result<f64, Undefined> {
        if self.whole.items < 1.5 {
            return Err(Undefined::Because("variance between items needs two of them".to_owned()));
        }
        self.whole.value(form).ok_or_else(|| {
            Undefined::Because(
                "ratings do not vary, or are too few to tell items, raters and errors apart".to_owned(),
            )
        })
    }

    /// The correlation where item i counts `times[i]`.
    pub(super) fn value_of(&self, form: IccForm, times: &[f64]) -> Option<f64> {
        self.sums(|item| times[item]).0.value(form)
    }

    /// Items, raters and ratings.
    pub(super) fn size(&self) -> (usize, usize, u64) {
        (self.whole.items as usize, self.whole.raters as usize, self.whole.ratings as u64)
    }

    /// Items with a rating.
    pub(super) fn units(&self) -> Vec<u32> {
        let rated = |&item: &u32| self.of_item(item as usize).next().is_some();
        (0..self.annotations.n_items() as u32).filter(rated).collect()
    }

    /// The correlation without `item`.
    fn without(&self, form: IccForm, item: usize) -> Option<f64> {
        let mut left = self.whole;
        let (mut n, mut sum) = (0.0, 0.0);
        for (rater, value) in self.of_item(item) {
            n += 1.0;
            sum += value;
            left.squares -= value * value;
            let (count, of_rater) = self.raters[rater];
            left.by_rater -= of_rater * of_rater / count;
            left.rater_squares -= 2.0 * count - 1.0;
            if count > 1.5 {
                left.by_rater += (of_rater - value).powi(2) / (count - 1.0);
            } else {
                left.raters -= 1.0;
            }
        }
        left.items -= 1.0;
        left.ratings -= n;
        left.item_squares -= n * n;
        left.total -= sum;
        left.by_item -= sum * sum / n;
        left.value(form)
    }

    /// Jackknife-t over items.
    pub(super) fn jackknife(&self, form: IccForm, remaining: impl Fn(f64) -> f64) -> Option<Spread> {
        let units = self.units();
        let without: Vec<Option<f64>> = units.iter().map(|&item| self.without(form, item as usize)).collect();
        let each = without.iter().map(|&value| (value, 1.0));
        Spread::jackknife(self.whole.value(form)?, each, remaining(units.len() as f64))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::dataset::AnnotationsBuilder;
    use crate::stats::agreement::MeanSquares;
    use crate::stats::agreement::complete::Complete;

    const FORMS: [IccForm; 3] = [IccForm::OneWayAll, IccForm::AgreementAll, IccForm::ConsistencyAll];

    fn table(rows: &[(u32, u32, u32)]) -> Annotations {
        let mut builder = AnnotationsBuilder::new();
        rows.iter().for_each(|&(item, rater, label)| builder.push(item, rater, label, None));
        let most = |of: fn(&(u32, u32, u32)) -> u32| rows.iter().map(of).max().map_or(0, |m| m as usize + 1);
        builder.finish(most(|r| r.0), most(|r| r.1))
    }

    fn levels() -> Levels {
        Levels::new((0..=10).map(f64::from).collect()).unwrap()
    }

    /// Items with holes. Expected: the quadratic forms of projections onto items and raters,
    /// set equal to their expectations as traces of products of matrices, for all rows and without each item.
    const HOLES: [(u32, u32, u32); 17] = [
        (0, 0, 9),
        (0, 1, 2),
        (0, 2, 5),
        (1, 0, 6),
        (1, 1, 1),
        (1, 2, 3),
        (1, 3, 2),
        (2, 0, 8),
        (2, 2, 6),
        (3, 1, 1),
        (3, 3, 6),
        (4, 0, 10),
        (4, 1, 5),
        (4, 2, 6),
        (4, 3, 9),
        (5, 0, 6),
        (5, 3, 7),
    ];

    #[test]
    fn components_are_those_of_matrices() {
        let mut rows = HOLES.to_vec();
        rows.push((6, 2, 4));
        let (annotations, levels) = (table(&rows), levels());
        let ratings = Unbalanced::new(&annotations, &levels);
        assert_eq!(ratings.size(), (7, 4, 18));
        let values = [0.163_157_894_737, 0.270_908_459_545, 0.593_057_146_877];
        let errors = [0.324_340_701_600, 0.245_454_014_920, 0.357_567_167_194];
        for ((form, value), se) in FORMS.into_iter().zip(values).zip(errors) {
            let found = ratings.value(form).unwrap();
            assert!((found - value).abs() < 1e-11, "{form:?} {found}");
            let spread = ratings.jackknife(form, |_| 1.0).unwrap();
            assert!((spread.se - se).abs() < 1e-11, "{form:?} {}", spread.se);
        }
    }

    #[test]
    fn too_little_says_why() {
        let levels = levels();
        let why = |rows: &[(u32, u32, u32)], form| {
            Unbalanced::new(&table(rows), &levels).value(form).unwrap_err().to_string()
        };
        for form in FORMS {
            assert!(why(&[(0, 0, 1), (0, 1, 2)], form).contains("two of them"));
            assert!(why(&[(0, 0, 3), (0, 1, 3), (1, 0, 3), (1, 1, 3)], form).contains("do not vary"));
            assert!(why(&[(0, 0, 3), (1, 1, 4), (2, 0, 7)], form).contains("too few"));
        }
        // Every rating by a rater of its own: nothing tells raters from errors, and the one-way form does not ask.
        let apart = [(0, 0, 1), (0, 1, 2), (1, 2, 5), (1, 3, 7)];
        assert!(why(&apart, IccForm::AgreementAll).contains("too few"));
        let found = Unbalanced::new(&table(&apart), &levels).value(IccForm::OneWayAll).unwrap();
        // MSB 20.25, MSW 1.25.
        assert!((found - (20.25 - 1.25) / (20.25 + 1.25)).abs() < 1e-12, "{found}");
    }

    proptest! {
        #[test]
        fn complete_data_have_the_correlations_of_mean_squares(
            rows in prop::collection::vec(prop::collection::vec(0..11_u32, 3), 2..12),
        ) {
            let each = rows.iter().enumerate().flat_map(|(i, row)| (0..3).map(move |j| (i as u32, j, row[j as usize])));
            let (annotations, levels) = (table(&each.collect::<Vec<_>>()), levels());
            let squares = MeanSquares::new(&Complete::new(&annotations, &levels).unwrap(), |_| 1.0).unwrap();
            let ratings = Unbalanced::new(&annotations, &levels);
            for form in FORMS {
                match (ratings.value(form).ok(), squares.icc(form)) {
                    (Some(x), Some(y)) => prop_assert!((x - y).abs() < 1e-9, "{form:?} {x} {y}"),
                    (x, y) => prop_assert_eq!(x, y),
                }
            }
        }

        #[test]
        fn leaving_an_item_out_is_computing_it_anew(
            rows in prop::collection::vec(prop::collection::vec(prop::option::weighted(0.6, 0..11_u32), 4), 2..12),
        ) {
            let given = rows.iter().enumerate().flat_map(|(i, row)| {
                row.iter().enumerate().filter_map(move |(j, v)| Some((i as u32, j as u32, (*v)?)))
            });
            let (annotations, levels) = (table(&given.collect::<Vec<_>>()), levels());
            let ratings = Unbalanced::new(&annotations, &levels);
            for form in FORMS {
                for item in ratings.units() {
                    let mut times = vec![1.0; annotations.n_items()];
                    times[item as usize] = 0.0;
                    match (ratings.without(form, item as usize), ratings.value_of(form, &times)) {
                        (Some(x), Some(y)) => prop_assert!((x - y).abs() < 1e-7 * (1.0 + y.abs()), "{x} {y}"),
                        (x, y) => prop_assert_eq!(x, y),
                    }
                }
            }
        }
    }
}
