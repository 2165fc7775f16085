//! Two columns together: a histogram of two dimensions, and one number for how far one tells the other.
//!
//! Cramér's V of two columns of words (Cramér 1946), without a correction for small samples; the correlation ratio η of words and
//! numbers (Fisher 1925): the square root of the share of the numbers' variance that lies between the words; Pearson's r of two of
//! numbers. Rows count in which both columns say something.

use super::axis::{Axis, Reading};
use crate::stats::Undefined;

/// Which number tells how far two columns go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Cramér's V, in 0..=1.
    CramersV,
    /// Correlation ratio η, in 0..=1.
    CorrelationRatio,
    /// Pearson's r, in −1..=1.
    Pearson,
}

impl Measure {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::CramersV => "Cramér’s V",
            Self::CorrelationRatio => "correlation ratio η",
            Self::Pearson => "Pearson’s r",
        }
    }

    /// Its key in JSON.
    pub fn key(self) -> &'static str {
        match self {
            Self::CramersV => "cramers_v",
            Self::CorrelationRatio => "correlation_ratio",
            Self::Pearson => "pearson_r",
        }
    }
}

/// How far two columns go together.
#[derive(Debug, Clone, PartialEq)]
pub struct Dependence {
    /// By which number.
    pub measure: Measure,
    /// The number, or why there is none.
    pub value: Result<f64, Undefined>,
    /// Rows in which both say something.
    pub n: u64,
}

/// A histogram of two dimensions.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    /// Rows in each pair of places: `counts[y * width + x]`.
    pub counts: Vec<u64>,
    /// Places of the first column.
    pub width: usize,
    /// Places of the second.
    pub height: usize,
    /// Rows in which both say something.
    pub n: u64,
}

impl Grid {
    /// Rows in the pair of places.
    pub fn at(&self, x: usize, y: usize) -> u64 {
        if x < self.width { self.counts.get(y * self.width + x).copied().unwrap_or(0) } else { 0 }
    }

    /// Rows by place of the first column.
    pub fn margin_x(&self) -> Vec<u64> {
        (0..self.width).map(|x| (0..self.height).map(|y| self.at(x, y)).sum()).collect()
    }

    /// Rows by place of the second.
    pub fn margin_y(&self) -> Vec<u64> {
        (0..self.height).map(|y| (0..self.width).map(|x| self.at(x, y)).sum()).collect()
    }

    /// With at most `most` places of each axis: the last one holds all that follow. For words, which stand by their number.
    #[must_use]
    pub fn folded(&self, most_x: usize, most_y: usize) -> Self {
        let (width, height) = (self.width.min(most_x.max(1)), self.height.min(most_y.max(1)));
        let mut counts = vec![0; width * height];
        for y in 0..self.height {
            for x in 0..self.width {
                counts[y.min(height - 1) * width + x.min(width - 1)] += self.at(x, y);
            }
        }
        Self { counts, width, height, n: self.n }
    }
}

/// Counts two columns together, row by row.
#[derive(Debug, Clone)]
pub struct Pair {
    grid: Grid,
    numeric: (bool, bool),
    complete: bool,
    /// Means and sums of squares and products over all rows, of the numbers there are.
    mean: (f64, f64),
    squares: (f64, f64),
    products: f64,
    /// Number, mean of the numbers, by place of the words, where one side is numeric.
    groups: Vec<(u64, f64)>,
}

impl Pair {
    /// Of two axes.
    pub fn new(x: &Axis, y: &Axis) -> Self {
        let (width, height) = (x.len(), y.len());
        let numeric = (x.is_numeric(), y.is_numeric());
        let groups = match numeric {
            (true, false) => height,
            (false, true) => width,
            _ => 0,
        };
        Self {
            grid: Grid { counts: vec![0; width * height], width, height, n: 0 },
            numeric,
            complete: x.is_complete() && y.is_complete(),
            mean: (0.0, 0.0),
            squares: (0.0, 0.0),
            products: 0.0,
            groups: vec![(0, 0.0); groups],
        }
    }

    /// Adds a row; one that says nothing on an axis does not count.
    pub fn add(&mut self, x: Option<Reading>, y: Option<Reading>) {
        let (Some(x), Some(y)) = (x, y) else { return };
        let grid = &mut self.grid;
        let Some(cell) = grid.counts.get_mut(y.place as usize * grid.width + x.place as usize) else {
            return;
        };
        *cell += 1;
        grid.n += 1;
        let n = grid.n as f64;
        let (from_x, from_y) = (x.number - self.mean.0, y.number - self.mean.1);
        self.mean.0 += from_x / n;
        self.mean.1 += from_y / n;
        self.squares.0 += from_x * (x.number - self.mean.0);
        self.squares.1 += from_y * (y.number - self.mean.1);
        self.products += from_x * (y.number - self.mean.1);
        let (place, number) = if self.numeric.0 { (y.place, x.number) } else { (x.place, y.number) };
        if let Some(group) = self.groups.get_mut(place as usize) {
            group.0 += 1;
            group.1 += (number - group.1) / group.0 as f64;
        }
    }

    /// The histogram.
    pub fn grid(&self) -> &Grid {
        &self.grid
    }

    /// The histogram, for good.
    pub fn into_grid(self) -> Grid {
        self.grid
    }

    /// How far the two go together.
    pub fn dependence(&self) -> Dependence {
        let measure = match self.numeric {
            (true, true) => Measure::Pearson,
            (false, false) => Measure::CramersV,
            _ => Measure::CorrelationRatio,
        };
        let why = |words: &str| Undefined::Because(words.to_owned());
        let value = if !self.complete {
            Err(why("a column has more different values than are told apart"))
        } else if self.grid.n == 0 {
            Err(why("no row says something in both columns"))
        } else {
            match measure {
                Measure::CramersV => self.cramers_v(),
                Measure::CorrelationRatio => self.correlation_ratio(),
                Measure::Pearson => self.pearson(),
            }
            .ok_or_else(|| why("a column has one value only where the other says something"))
            .and_then(|v| {
                if v.is_finite() { Ok(v) } else { Err(why("the numbers are too large to be summed")) }
            })
        };
        Dependence { measure, value, n: self.grid.n }
    }

    fn cramers_v(&self) -> Option<f64> {
        let (rows, cols) = (self.grid.margin_y(), self.grid.margin_x());
        let used = |margin: &[u64]| margin.iter().filter(|&&n| n > 0).count();
        let least = used(&rows).min(used(&cols));
        if least < 2 {
            return None;
        }
        // χ²/n = Σ o²/(row · column) − 1.
        let mut sum = 0.0;
        for (y, &row) in rows.iter().enumerate().filter(|r| *r.1 > 0) {
            for (x, &col) in cols.iter().enumerate().filter(|c| *c.1 > 0) {
                let o = self.grid.at(x, y) as f64;
                sum += o * o / (row as f64 * col as f64);
            }
        }
        Some(((sum - 1.0).max(0.0) / (least - 1) as f64).sqrt().min(1.0))
    }

    fn correlation_ratio(&self) -> Option<f64> {
        let (mean, total) =
            if self.numeric.0 { (self.mean.0, self.squares.0) } else { (self.mean.1, self.squares.1) };
        if self.groups.iter().filter(|g| g.0 > 0).count() < 2 || total <= 0.0 {
            return None;
        }
        let between: f64 = self.groups.iter().map(|&(n, m)| n as f64 * (m - mean) * (m - mean)).sum();
        Some((between / total).max(0.0).sqrt().min(1.0))
    }

    fn pearson(&self) -> Option<f64> {
        let (x, y) = self.squares;
        if x <= 0.0 || y <= 0.0 {
            return None;
        }
        Some((self.products / (x.sqrt() * y.sqrt())).clamp(-1.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Tally;
    use super::*;

    fn axis(cells: &[&str], numeric: bool) -> Axis {
        let mut tally = Tally::default();
        let codes: Vec<u32> = (0..cells.len() as u32).collect();
        let numbers: Vec<Option<f64>> = cells.iter().map(|c| c.parse().ok()).collect();
        tally.add(&codes, |c| cells[c as usize], &numbers);
        Axis::of(&tally.finish(60), numeric).unwrap()
    }

    fn pair(a: &[&str], b: &[&str], numeric: (bool, bool)) -> Pair {
        let (x, y) = (axis(a, numeric.0), axis(b, numeric.1));
        let mut pair = Pair::new(&x, &y);
        for (a, b) in a.iter().zip(b) {
            pair.add(x.read(a, a.parse().ok()), y.read(b, b.parse().ok()));
        }
        pair
    }

    #[test]
    fn words_against_words_are_told_by_cramer() {
        // χ² of [[10, 20], [30, 40]] is 0.79365; V = √(χ²/100).
        let mut cells = Vec::new();
        for (a, b, n) in [("p", "x", 10), ("p", "y", 20), ("q", "x", 30), ("q", "y", 40)] {
            cells.extend(std::iter::repeat_n((a, b), n));
        }
        let (a, b): (Vec<&str>, Vec<&str>) = cells.into_iter().unzip();
        let found = pair(&a, &b, (false, false)).dependence();
        assert_eq!((found.measure, found.n), (Measure::CramersV, 100));
        assert!((found.value.unwrap() - 0.089_087_080_6).abs() < 1e-9);
        let same = pair(&a, &a, (false, false)).dependence();
        assert!((same.value.unwrap() - 1.0).abs() < 1e-12);
        assert!(pair(&a, &vec!["z"; 100], (false, false)).dependence().value.is_err());
    }

    #[test]
    fn words_against_numbers_are_told_by_the_correlation_ratio() {
        // Groups 1, 2, 3 and 4, 5, 6: between 13.5 of 17.5.
        let (a, b) = (["l", "l", "l", "r", "r", "r", ""], ["1", "2", "3", "4", "5", "6", "9"]);
        let found = pair(&a, &b, (false, true)).dependence();
        assert_eq!((found.measure, found.n), (Measure::CorrelationRatio, 6));
        assert!((found.value.unwrap() - (13.5 / 17.5_f64).sqrt()).abs() < 1e-12);
        let turned = pair(&b, &a, (true, false)).dependence();
        assert!((turned.value.unwrap() - (13.5 / 17.5_f64).sqrt()).abs() < 1e-12);
    }

    #[test]
    fn numbers_against_numbers_are_told_by_pearson() {
        let found = pair(&["1", "2", "3", "4"], &["1", "3", "2", "5"], (true, true)).dependence();
        assert_eq!(found.measure, Measure::Pearson);
        // Sxy = 5.5, Sxx = 5, Syy = 8.75.
        assert!((found.value.unwrap() - 5.5 / (5.0 * 8.75_f64).sqrt()).abs() < 1e-12);
        let fallen = pair(&["1", "2", "3"], &["3", "2", "1"], (true, true)).dependence();
        assert!((fallen.value.unwrap() + 1.0).abs() < 1e-12);
        let constant = pair(&["1", "2"], &["7", "7"], (true, true)).dependence();
        assert!(constant.value.unwrap_err().to_string().contains("one value only"));
        let apart = pair(&["1", ""], &["", "2"], (true, true)).dependence();
        assert!(apart.value.unwrap_err().to_string().contains("no row"));
    }

    #[test]
    fn the_grid_counts_both_and_folds_its_tail() {
        let p = pair(&["a", "a", "b", "c"], &["0", "10", "10", "10"], (false, true));
        assert_eq!(p.grid().margin_x(), [2, 1, 1]);
        assert_eq!((p.grid().at(0, 0), p.grid().at(0, 19), p.grid().n), (1, 1, 4));
        let folded = p.grid().folded(2, 40);
        assert_eq!((folded.margin_x(), folded.height), (vec![2, 2], 20));
        assert_eq!(folded.margin_y().iter().sum::<u64>(), 4);
    }

    proptest::proptest! {
        #[test]
        fn dependence_has_no_direction(rows in proptest::collection::vec(("[abc]{0,1}", -50_i32..50), 2..60)) {
            let numbers: Vec<String> = rows.iter().map(|r| r.1.to_string()).collect();
            let (a, b): (Vec<&str>, Vec<&str>) = rows.iter().zip(&numbers).map(|(r, n)| (r.0.as_str(), n.as_str())).unzip();
            if a.iter().any(|c| !c.is_empty()) {
                let (one, two) = (pair(&a, &b, (false, true)).dependence(), pair(&b, &a, (true, false)).dependence());
                proptest::prop_assert_eq!(one.n, two.n);
                match (one.value, two.value) {
                    (Ok(one), Ok(two)) => proptest::prop_assert!((one - two).abs() < 1e-9 && (0.0..=1.0).contains(&one)),
                    (one, two) => proptest::prop_assert_eq!(one.is_err(), two.is_err()),
                }
            }
        }
    }
}
