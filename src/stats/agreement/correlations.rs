//! Correlations of pairs of raters, without sorting numbers again for each pair, and what they are without one item.
//!
//! For the mean over pairs and its jackknife: values become places in the order of all values once. Then ranks are sums of
//! margins, whole numbers (doubled), and leaving out an item of cell (x₀, y₀) moves each rank towards it by one half:
//! 2(r − r̄) grows by sgn(x₀ − x). With a = 2(r − r̄) in rows and b in columns,
//!
//! - Spearman: 4 S_xy = Σ n a b becomes 4 S_xy + Σ n a sgn(y₀ − y) + Σ n b sgn(x₀ − x) + D − a₀ b₀, and
//!   12 S_xx = n³ − Σ t³ follows from the sizes t of ties;
//! - Kendall: C − D₋ loses D, the number of concordant less that of discordant items with the one left out;
//! - Pearson, Lin: S_xy becomes S_xy − n/(n − 1) dx dy.

use super::coefficient::Kind;
use super::pair_terms::{PairTerms, Term, Together};
use super::table::Cell;

/// Up to this many cells, D is counted cell by cell.
const FEW: usize = 24;
/// A sum of squares that falls below this share is added up anew, for the digits that are lost.
const LOST: f64 = 1e-5;

/// Which correlation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Correlation {
    Pearson,
    Spearman,
    Tau,
    Lin,
}

impl Correlation {
    /// The one that a coefficient is the mean of; `None` for other coefficients.
    pub(super) fn of(kind: Kind) -> Option<Self> {
        match kind {
            Kind::Pearson => Some(Self::Pearson),
            Kind::Spearman => Some(Self::Spearman),
            Kind::KendallTau => Some(Self::Tau),
            Kind::Lin => Some(Self::Lin),
            _ => None,
        }
    }
}

/// The order of the values that labels have.
#[derive(Debug)]
pub(super) struct Places {
    /// Place of each label's value.
    of_label: Vec<u32>,
    /// Values, ascending.
    values: Vec<f64>,
}

impl Places {
    /// Of one value a label.
    pub(super) fn new(values: &[f64]) -> Self {
        // 0.0 and -0.0 are one value.
        let mut sorted: Vec<f64> = values.iter().map(|v| v + 0.0).collect();
        sorted.sort_by(f64::total_cmp);
        sorted.dedup();
        let place = |v: &f64| sorted.partition_point(|d| d < v) as u32;
        Self { of_label: values.iter().map(place).collect(), values: sorted }
    }
}

/// One of the two raters: numbers by place, which are valid for the places in `used`.
#[derive(Debug, Clone)]
struct Side {
    /// Items; 0 for places that are not used.
    count: Vec<u64>,
    used: Vec<u32>,
    /// 2(r − r̄).
    rank: Vec<i64>,
    /// Σ n b sgn(x₀ − x), with b of the other side.
    signed: Vec<i64>,
    /// Items on lower places.
    below: Vec<u64>,
    /// Σ t³.
    cubes: u128,
}

impl Side {
    fn new(n: usize) -> Self {
        Self {
            count: vec![0; n],
            used: Vec::new(),
            rank: vec![0; n],
            signed: vec![0; n],
            below: vec![0; n],
            cubes: 0,
        }
    }

    fn clear(&mut self) {
        for place in self.used.drain(..) {
            self.count[place as usize] = 0;
        }
    }

    fn add(&mut self, place: u32, n: u64) {
        let count = &mut self.count[place as usize];
        if *count == 0 {
            self.used.push(place);
        }
        *count += n;
    }

    /// Ranks of `n` items.
    fn order(&mut self, n: u64) {
        self.used.sort_unstable();
        let mut below = 0;
        self.cubes = 0;
        for &place in &self.used {
            let at = place as usize;
            let t = self.count[at];
            self.below[at] = below;
            self.rank[at] = (2 * below + t) as i64 - n as i64;
            self.cubes += u128::from(t).pow(3);
            below += t;
        }
    }

    /// `signed`, of sums by place that add up to 0.
    fn sign(&mut self) {
        let mut before = 0;
        for &place in &self.used {
            let own = self.signed[place as usize];
            self.signed[place as usize] = 2 * before + own;
            before += own;
        }
    }

    fn pairs(&self) -> i128 {
        self.used.iter().map(|&p| pairs(self.count[p as usize])).sum()
    }

    /// The place of all items, if it is one.
    fn only(&self) -> Option<u32> {
        (self.used.len() == 1).then(|| self.used[0])
    }

    /// The same without an item of this place.
    fn only_without(&self, place: u32) -> Option<u32> {
        match (self.used.len(), self.count[place as usize]) {
            (1, 2..) => Some(place),
            (2, 1) => self.used.iter().copied().find(|&p| p != place),
            _ => None,
        }
    }
}

fn pairs(n: u64) -> i128 {
    i128::from(n) * (i128::from(n) - 1) / 2
}

/// Finds correlations of tables.
pub(super) struct Correlations<'a> {
    which: Correlation,
    places: &'a Places,
    x: Side,
    y: Side,
    n: u64,
    /// (place of the row, of the column, items), as the table's cells.
    cells: Vec<(u32, u32, u64)>,
    /// D by cell.
    net: Vec<i64>,
    tree: Vec<u64>,
    order: Vec<u32>,
    without: Vec<Option<f64>>,
}

impl<'a> Correlations<'a> {
    /// Of labels with these places.
    pub(super) fn new(which: Correlation, places: &'a Places) -> Self {
        let side = Side::new(places.values.len());
        Self {
            which,
            places,
            x: side.clone(),
            y: side,
            n: 0,
            cells: Vec::new(),
            net: Vec::new(),
            tree: vec![0; places.values.len() + 1],
            order: Vec::new(),
            without: Vec::new(),
        }
    }

    fn fill(&mut self, table: &[Cell]) {
        self.x.clear();
        self.y.clear();
        self.cells.clear();
        self.n = 0;
        for &(k, l, n) in table {
            let (x, y) = (self.places.of_label[k as usize], self.places.of_label[l as usize]);
            self.x.add(x, n);
            self.y.add(y, n);
            self.cells.push((x, y, n));
            self.n += n;
        }
    }

    /// The correlation, and where `changes` are asked for, what it is without one item of each cell.
    fn find(&mut self, table: &[Cell], mut changes: Option<&mut Vec<Option<f64>>>) -> Option<f64> {
        self.fill(table);
        if let Some(changes) = &mut changes {
            changes.clear();
        }
        let moving = self.x.used.len() > 1 && self.y.used.len() > 1;
        if !moving && self.which != Correlation::Lin {
            if let Some(changes) = changes {
                changes.resize(table.len(), None);
            }
            return None;
        }
        match self.which {
            Correlation::Pearson | Correlation::Lin => self.of_moments(changes),
            Correlation::Spearman => self.spearman(changes),
            Correlation::Tau => self.tau(changes),
        }
    }

    /// Sums of n squares and products of distances from the means, without an item of `left_out`.
    fn moments(&self, left_out: Option<usize>) -> Moments {
        let at = |place: u32| self.places.values[place as usize];
        let cells = || {
            self.cells
                .iter()
                .enumerate()
                .map(|(i, &(x, y, n))| (at(x), at(y), (n - u64::from(left_out == Some(i))) as f64))
        };
        let n = (self.n - u64::from(left_out.is_some())) as f64;
        let x = cells().map(|c| c.2 * c.0).sum::<f64>() / n;
        let y = cells().map(|c| c.2 * c.1).sum::<f64>() / n;
        let mut m = Moments { n, x, y, xx: 0.0, yy: 0.0, xy: 0.0 };
        for (vx, vy, n) in cells() {
            let (dx, dy) = (vx - x, vy - y);
            m.xx += n * dx * dx;
            m.yy += n * dy * dy;
            m.xy += n * dx * dy;
        }
        m
    }

    fn of_moments(&self, changes: Option<&mut Vec<Option<f64>>>) -> Option<f64> {
        let whole = self.moments(None);
        let lin = self.which == Correlation::Lin;
        // Lin's is undefined for one value in all, the others for one value of a rater.
        let undefined = |x: Option<u32>, y: Option<u32>| {
            if lin { x.is_some() && x == y } else { x.is_some() || y.is_some() }
        };
        if let Some(changes) = changes {
            changes.extend(self.cells.iter().enumerate().map(|(i, &(x, y, _))| {
                if self.n < 2 || undefined(self.x.only_without(x), self.y.only_without(y)) {
                    return None;
                }
                let at = |place: u32| self.places.values[place as usize];
                let mut left = whole.without(at(x), at(y));
                if left.xx < LOST * whole.xx || left.yy < LOST * whole.yy {
                    left = self.moments(Some(i));
                }
                left.value(lin)
            }));
        }
        if undefined(self.x.only(), self.y.only()) { None } else { whole.value(lin) }
    }

    fn spearman(&mut self, changes: Option<&mut Vec<Option<f64>>>) -> Option<f64> {
        let n = self.n;
        self.x.order(n);
        self.y.order(n);
        let product: i128 = self
            .cells
            .iter()
            .map(|&(x, y, n)| {
                i128::from(self.x.rank[x as usize] * n as i64) * i128::from(self.y.rank[y as usize])
            })
            .sum();
        let rho = |n: u64, product: i128, x_cubes: u128, y_cubes: u128| {
            let cube = u128::from(n).pow(3);
            let square = (cube - x_cubes) as f64 * (cube - y_cubes) as f64;
            (square > 0.0).then(|| (3.0 * product as f64 / square.sqrt()).clamp(-1.0, 1.0))
        };
        if let Some(changes) = changes {
            self.count_net();
            for side in [&mut self.x, &mut self.y] {
                side.used.iter().for_each(|&p| side.signed[p as usize] = 0);
            }
            for &(x, y, n) in &self.cells {
                self.x.signed[x as usize] += self.y.rank[y as usize] * n as i64;
                self.y.signed[y as usize] += self.x.rank[x as usize] * n as i64;
            }
            self.x.sign();
            self.y.sign();
            let without = |side: &Side, place: u32| {
                let t = u128::from(side.count[place as usize]);
                side.cubes - t * t * t + (t - 1) * (t - 1) * (t - 1)
            };
            changes.extend(self.cells.iter().zip(&self.net).map(|(&(x, y, _), &net)| {
                let (row, col) = (x as usize, y as usize);
                let moved = i128::from(self.x.signed[row]) + i128::from(self.y.signed[col]) + i128::from(net)
                    - i128::from(self.x.rank[row]) * i128::from(self.y.rank[col]);
                rho(n - 1, product + moved, without(&self.x, x), without(&self.y, y))
            }));
        }
        rho(n, product, self.x.cubes, self.y.cubes)
    }

    fn tau(&mut self, changes: Option<&mut Vec<Option<f64>>>) -> Option<f64> {
        self.x.order(self.n);
        self.y.order(self.n);
        self.count_net();
        let twice = |(c, net): (&(u32, u32, u64), &i64)| i128::from(c.2) * i128::from(*net);
        let whole = self.cells.iter().zip(&self.net).map(twice).sum::<i128>() / 2;
        let (tied_x, tied_y) = (self.x.pairs(), self.y.pairs());
        let tau = |n: u64, net: i128, tied_x: i128, tied_y: i128| {
            let (x, y) = ((pairs(n) - tied_x) as f64, (pairs(n) - tied_y) as f64);
            (x > 0.0 && y > 0.0).then(|| (net as f64 / x.sqrt() / y.sqrt()).clamp(-1.0, 1.0))
        };
        if let Some(changes) = changes {
            let lost = |side: &Side, place: u32| i128::from(side.count[place as usize] - 1);
            changes.extend(self.cells.iter().zip(&self.net).map(|(&(x, y, _), &net)| {
                let (left_x, left_y) = (tied_x - lost(&self.x, x), tied_y - lost(&self.y, y));
                tau(self.n - 1, whole - i128::from(net), left_x, left_y)
            }));
        }
        tau(self.n, whole, tied_x, tied_y)
    }

    /// D of each cell: items that are on the same side of it in both, less those on different sides.
    fn count_net(&mut self) {
        self.net.clear();
        if self.cells.len() <= FEW {
            self.net.extend(self.cells.iter().map(|&(x, y, _)| {
                let sign =
                    |&(x1, y1, n): &(u32, u32, u64)| n as i64 * (x1.cmp(&x) as i64) * (y1.cmp(&y) as i64);
                self.cells.iter().map(sign).sum::<i64>()
            }));
            return;
        }
        // From low to high rows: items in lower rows by column, in a tree of sums.
        self.net.resize(self.cells.len(), 0);
        let Self { order, cells, tree, net, .. } = self;
        order.clear();
        order.extend(0..cells.len() as u32);
        order.sort_unstable_by_key(|&i| (cells[i as usize].0, cells[i as usize].1));
        let sum = |tree: &[u64], end: u32| {
            let (mut i, mut sum) = (end as usize, 0);
            while i > 0 {
                sum += tree[i];
                i &= i - 1;
            }
            sum
        };
        let mut before = 0;
        for row in order.chunk_by(|&i, &j| cells[i as usize].0 == cells[j as usize].0) {
            let in_row: u64 = row.iter().map(|&i| cells[i as usize].2).sum();
            let mut left = 0;
            for tied in row.chunk_by(|&i, &j| cells[i as usize].1 == cells[j as usize].1) {
                let y = cells[tied[0] as usize].1;
                let own: u64 = tied.iter().map(|&i| cells[i as usize].2).sum();
                let (less, up_to) = (sum(tree, y), sum(tree, y + 1));
                let more = before - up_to;
                let column = (self.y.below[y as usize], self.y.count[y as usize]);
                let higher_less = column.0 - less - left;
                let all_more = self.n - column.0 - column.1;
                let higher_more = all_more - more - (in_row - left - own);
                let net_of = (less + higher_more) as i64 - (more + higher_less) as i64;
                tied.iter().for_each(|&i| net[i as usize] = net_of);
                left += own;
            }
            for &i in row {
                let (_, y, n) = cells[i as usize];
                let mut at = y as usize + 1;
                while at < tree.len() {
                    tree[at] += n;
                    at += at & at.wrapping_neg();
                }
            }
            before += in_row;
        }
        for &(_, y, _) in &*cells {
            let mut at = y as usize + 1;
            while at < tree.len() && tree[at] != 0 {
                tree[at] = 0;
                at += at & at.wrapping_neg();
            }
        }
    }
}

/// Sums of squares and products about the means.
struct Moments {
    n: f64,
    x: f64,
    y: f64,
    xx: f64,
    yy: f64,
    xy: f64,
}

impl Moments {
    fn without(&self, x: f64, y: f64) -> Self {
        let (dx, dy) = (x - self.x, y - self.y);
        let left = self.n - 1.0;
        let f = self.n / left;
        Self {
            n: left,
            x: self.x - dx / left,
            y: self.y - dy / left,
            xx: self.xx - f * dx * dx,
            yy: self.yy - f * dy * dy,
            xy: self.xy - f * dx * dy,
        }
    }

    fn value(&self, lin: bool) -> Option<f64> {
        if lin {
            let whole = self.xx + self.yy + self.n * (self.x - self.y).powi(2);
            return (whole > 0.0).then(|| 2.0 * self.xy / whole);
        }
        let r = self.xy / (self.xx * self.yy).sqrt();
        r.is_finite().then(|| r.clamp(-1.0, 1.0))
    }
}

impl PairTerms for Correlations<'_> {
    fn term(&mut self, table: &[Cell]) -> (Term, bool) {
        let value = self.find(table, None);
        (Term::of_mean(value), value.is_some())
    }

    fn changes(&mut self, table: &[Cell], changes: &mut Vec<Term>) -> (Term, bool) {
        let mut without = std::mem::take(&mut self.without);
        let value = self.find(table, Some(&mut without));
        let own = Term::of_mean(value);
        changes.clear();
        changes.extend(without.iter().map(|&w| Term::of_mean(w).minus(own)));
        self.without = without;
        (own, value.is_some())
    }

    fn together(&self) -> Together {
        Together::Mean
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stats::agreement::{kendall_tau_b, lin_concordance, pearson, spearman};

    const VALUES: [f64; 9] = [3.0, -1.0, 0.5, 8.0, 0.5, 1e6, -0.0, 0.0, 2.0];

    fn merged(items: &[(u32, u32)]) -> Vec<Cell> {
        let mut cells = std::collections::BTreeMap::new();
        items.iter().for_each(|&cell| *cells.entry(cell).or_insert(0) += 1);
        cells.into_iter().map(|((k, l), n)| (k, l, n)).collect()
    }

    proptest! {
        #[test]
        fn they_are_those_of_one_table_with_and_without_an_item(
            items in prop::collection::vec((0..9_u32, 0..9_u32), 1..100),
        ) {
            let places = Places::new(&VALUES);
            let table = merged(&items);
            for (which, of) in [
                (Correlation::Pearson, pearson as fn(&[Cell], &[f64]) -> _),
                (Correlation::Spearman, spearman),
                (Correlation::Tau, kendall_tau_b),
                (Correlation::Lin, lin_concordance),
            ] {
                let near = |x: Option<f64>, y: Option<f64>| match (x, y) {
                    (Some(x), Some(y)) => (x - y).abs() < 1e-9,
                    (x, y) => x == y,
                };
                let mut finder = Correlations::new(which, &places);
                let mut without = Vec::new();
                let whole = of(&table, &VALUES).ok();
                for _ in 0..2 {
                    // Twice: nothing stays behind.
                    prop_assert!(near(finder.find(&table, Some(&mut without)), whole), "{which:?}");
                    prop_assert_eq!(without.len(), table.len());
                    for (i, &found) in without.iter().enumerate() {
                        let mut left = table.clone();
                        left[i].2 -= 1;
                        left.retain(|c| c.2 > 0);
                        let anew = if left.is_empty() { None } else { of(&left, &VALUES).ok() };
                        prop_assert!(near(found, anew), "{which:?} {found:?} {anew:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn an_outlier_takes_no_digits_with_it() {
        let values = [0.0, 1.0, 2.0, 1e9];
        let table = [(0, 1, 2), (1, 0, 3), (2, 2, 1), (3, 3, 1)];
        let places = Places::new(&values);
        let mut without = Vec::new();
        Correlations::new(Correlation::Pearson, &places).find(&table, Some(&mut without));
        let wanted = pearson(&table[..3], &values).unwrap();
        assert!((without[3].unwrap() - wanted).abs() < 1e-12);
    }
}
