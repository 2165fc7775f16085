//! Units on a line, rater by rater, and how unlike two of them are.

use super::data::{SpanData, SpanDocument};

/// One unit: from where to where, and what.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Unit {
    /// Where it begins, in whatever the continuum is measured in.
    pub start: f64,
    /// Where it ends; after `start`.
    pub end: f64,
    /// Label number.
    pub label: u32,
}

impl Unit {
    /// How long it is.
    pub fn length(self) -> f64 {
        self.end - self.start
    }
}

/// What each rater marked on one continuum (a document, a recording).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Continuum {
    lines: Vec<Vec<Unit>>,
}

impl Continuum {
    /// One entry a rater; nothing for who saw the continuum and marked nothing. Units that do not end after they begin,
    /// or are no numbers, are left out; a unit that one rater gave twice counts once.
    pub fn new(mut lines: Vec<Vec<Unit>>) -> Self {
        for line in &mut lines {
            line.retain(|u| u.start.is_finite() && u.end.is_finite() && u.length() > 0.0);
            line.sort_by(|a, b| {
                (a.start.total_cmp(&b.start)).then(a.end.total_cmp(&b.end)).then(a.label.cmp(&b.label))
            });
            line.dedup();
        }
        Self { lines }
    }

    /// A document in code points; rater i is [`SpanDocument::lines`] i, unit j its j-th mark.
    pub fn of(data: &SpanData, document: &SpanDocument) -> Self {
        let line = |line| {
            let unit =
                |m: &super::Mark| Unit { start: f64::from(m.start), end: f64::from(m.end), label: m.label };
            data.marks(line).iter().map(unit).collect()
        };
        Self { lines: document.lines.iter().map(line).collect() }
    }

    /// Units of each rater, by start, end, label.
    pub fn lines(&self) -> &[Vec<Unit>] {
        &self.lines
    }

    /// Units in all.
    pub fn n_units(&self) -> usize {
        self.lines.iter().map(Vec::len).sum()
    }

    /// Units per rater.
    pub fn mean_units(&self) -> f64 {
        self.n_units() as f64 / self.lines.len().max(1) as f64
    }

    /// From the first start to the last end; `None` without units.
    pub fn bounds(&self) -> Option<(f64, f64)> {
        let units = || self.lines.iter().flatten();
        (self.n_units() > 0).then(|| {
            (
                units().map(|u| u.start).fold(f64::INFINITY, f64::min),
                units().map(|u| u.end).fold(f64::NEG_INFINITY, f64::max),
            )
        })
    }
}

/// How unlike two units are, in position and in label (Mathet et al. 2015, §4.3 and 4.4):
///
/// ```text
/// d(u, v) = Δ∅ [ α ((|start_u − start_v| + |end_u − end_v|) / (length_u + length_v))² + β (1 if labels differ, else 0) ]
/// ```
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Dissimilarity {
    /// α, what position is worth; at least 0.
    pub position: f64,
    /// β, what the label is worth; at least 0.
    pub label: f64,
    /// Δ∅, what a unit costs that has no counterpart; above 0.
    pub empty: f64,
}

impl Default for Dissimilarity {
    fn default() -> Self {
        Self { position: 1.0, label: 1.0, empty: 1.0 }
    }
}

impl Dissimilarity {
    /// Whether weights are such as the definition allows.
    pub fn is_sound(&self) -> bool {
        let weight = |w: f64| (0.0..=1e6).contains(&w);
        weight(self.position) && weight(self.label) && weight(self.empty) && self.empty > 1e-6
    }

    /// α × the positional part.
    pub fn of_position(&self, u: Unit, v: Unit) -> f64 {
        let apart = (u.start - v.start).abs() + (u.end - v.end).abs();
        self.empty * self.position * (apart / (u.length() + v.length())).powi(2)
    }

    /// Δ∅ where labels differ.
    pub fn of_label(&self, u: Unit, v: Unit) -> f64 {
        if u.label == v.label { 0.0 } else { self.empty }
    }

    /// Both together.
    pub fn between(&self, u: Unit, v: Unit) -> f64 {
        self.of_position(u, v) + self.label * self.of_label(u, v)
    }

    /// Pairs farther apart than this many times the mean of their lengths differ by more than `most`: how far the
    /// middle of one may be from the middle of the other.
    pub(super) fn reach(&self, most: f64) -> f64 {
        // |Δstart| + |Δend| is at least twice the distance of the middles.
        if self.position > 0.0 { (most / (self.empty * self.position)).sqrt() } else { f64::INFINITY }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dissimilarity_follows_the_definition() {
        let u = |start: f64, end: f64, label| Unit { start, end, label };
        let d = Dissimilarity { position: 3.0, label: 2.0, empty: 0.5 };
        // (2 + 1)/(4 + 3) squared.
        let want = 0.5 * (3.0 * (3.0_f64 / 7.0).powi(2) + 2.0);
        assert!((d.between(u(0.0, 4.0, 0), u(2.0, 5.0, 1)) - want).abs() < 1e-12);
        assert_eq!(d.between(u(1.0, 2.0, 7), u(1.0, 2.0, 7)), 0.0);
    }

    #[test]
    fn odd_units_are_left_out() {
        let u = |start: f64, end: f64| Unit { start, end, label: 0 };
        let c = Continuum::new(vec![vec![u(3.0, 4.0), u(1.0, 1.0), u(f64::NAN, 2.0), u(3.0, 4.0)], vec![]]);
        assert_eq!((c.n_units(), c.mean_units(), c.bounds()), (1, 0.5, Some((3.0, 4.0))));
        assert_eq!(Continuum::default().bounds(), None);
    }
}
