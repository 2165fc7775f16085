//! Where a value stands on an axis: bins of equal width for numbers, a place a value for words.

use std::collections::HashMap;

use super::tally::ColumnStats;

/// Bins of an axis of numbers.
pub const BINS: usize = 20;
/// Different words that an axis has places for; past them stands one for all others.
pub const MAX_WORDS: usize = 50;

/// Words that are all numbers stand in their order up to so many.
const SORTED: usize = 20;

/// The places of an axis.
#[derive(Debug, Clone, PartialEq)]
pub enum Ticks {
    /// Bins of equal width over these bounds, the last one closed.
    Numbers {
        /// Smallest number.
        min: f64,
        /// Largest.
        max: f64,
    },
    /// Values, most frequent first; by size where they are few and all numbers.
    Words {
        /// What they say.
        values: Vec<String>,
        /// Whether a last place stands for all others.
        others: bool,
    },
}

/// An axis of one column.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// Its places.
    pub ticks: Ticks,
    places: HashMap<String, u32>,
}

/// What a row says on an axis: its place, and its number where the axis is one of numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// From 0.
    pub place: u32,
    /// The number; 0 on an axis of words.
    pub number: f64,
}

impl Axis {
    /// Of a column; `numeric` where it is to be read as numbers, which then it must be. `None` where every cell is missing.
    pub fn of(stats: &ColumnStats, numeric: bool) -> Option<Self> {
        if numeric && let Ok(n) = &stats.numbers {
            return Some(Self { ticks: Ticks::Numbers { min: n.min, max: n.max }, places: HashMap::new() });
        }
        if stats.top.is_empty() {
            return None;
        }
        let mut values: Vec<String> = stats.top.iter().take(MAX_WORDS).map(|(v, _)| v.clone()).collect();
        if stats.numbers.is_ok() && values.len() as u64 == stats.counted && values.len() <= SORTED {
            // All cells are numbers, with a decimal comma at most.
            let size = |v: &String| v.replace(',', ".").parse().unwrap_or(f64::MAX);
            values.sort_by(|a, b| f64::total_cmp(&size(a), &size(b)));
        }
        let places = values.iter().enumerate().map(|(i, v)| (v.clone(), i as u32)).collect();
        let others = stats.unique.is_none() || stats.counted > values.len() as u64;
        Some(Self { ticks: Ticks::Words { values, others }, places })
    }

    /// Calls its words otherwise; what a row says is read as before.
    pub fn rename(&mut self, names: &HashMap<String, String>) {
        if let Ticks::Words { values, .. } = &mut self.ticks {
            for value in values {
                if let Some(name) = names.get(value) {
                    name.clone_into(value);
                }
            }
        }
    }

    /// Whether it is one of numbers.
    pub fn is_numeric(&self) -> bool {
        matches!(self.ticks, Ticks::Numbers { .. })
    }

    /// Whether every value has a place of its own, so that dependence can be told.
    pub fn is_complete(&self) -> bool {
        !matches!(self.ticks, Ticks::Words { others: true, .. })
    }

    /// Number of places.
    pub fn len(&self) -> usize {
        match &self.ticks {
            Ticks::Numbers { min, max } if min == max => 1,
            Ticks::Numbers { .. } => BINS,
            Ticks::Words { values, others } => values.len() + usize::from(*others),
        }
    }

    /// Whether it has no place; never so.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Where a cell stands that says `value`, which is `number` as a number; `None` for an empty cell, and for what is no number on an
    /// axis of numbers.
    pub fn read(&self, value: &str, number: Option<f64>) -> Option<Reading> {
        if value.is_empty() {
            return None;
        }
        match &self.ticks {
            Ticks::Numbers { min, max } => {
                let x = number?;
                // Halved, so that the width of the widest range is finite.
                let share = if min == max { 0.0 } else { (x / 2.0 - min / 2.0) / (max / 2.0 - min / 2.0) };
                let place = ((share.clamp(0.0, 1.0) * BINS as f64) as usize).min(self.len() - 1);
                Some(Reading { place: place as u32, number: x })
            }
            Ticks::Words { values, others } => match self.places.get(value) {
                Some(&place) => Some(Reading { place, number: 0.0 }),
                None => others.then_some(Reading { place: values.len() as u32, number: 0.0 }),
            },
        }
    }

    /// The bounds of a bin of numbers.
    pub fn bounds(&self, place: usize) -> Option<(f64, f64)> {
        match self.ticks {
            Ticks::Numbers { min, max } => {
                let at = |i: usize| {
                    let share = i as f64 / self.len() as f64;
                    min * (1.0 - share) + max * share
                };
                Some((at(place), at(place + 1)))
            }
            Ticks::Words { .. } => None,
        }
    }

    /// What a place of words says; "(other)" for the last of a list that is not complete.
    pub fn word(&self, place: usize) -> Option<&str> {
        match &self.ticks {
            Ticks::Words { values, .. } => Some(values.get(place).map_or("(other)", String::as_str)),
            Ticks::Numbers { .. } => None,
        }
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

    #[test]
    fn numbers_fall_into_bins_and_the_largest_into_the_last() {
        let a = axis(&["0", "10", "5"], true);
        let place = |x: f64| a.read("x", Some(x)).unwrap().place;
        assert_eq!((place(0.0), place(0.49), place(0.5), place(5.0), place(10.0)), (0, 0, 1, 10, 19));
        assert_eq!(a.bounds(19), Some((9.5, 10.0)));
        assert!(a.read("", None).is_none() && a.read("no number", None).is_none());
        let constant = axis(&["3", "3"], true);
        assert_eq!((constant.len(), constant.read("3", Some(3.0)).unwrap().place), (1, 0));
        let wide = axis(&["1e308", "-1e308"], false);
        assert_eq!(wide.len(), 2);
    }

    #[test]
    fn words_past_the_room_share_the_last_place() {
        let cells: Vec<String> = (0..60).map(|i| format!("v{i:02}")).collect();
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        let a = axis(&cells, false);
        assert_eq!((a.len(), a.is_complete()), (51, false));
        assert_eq!(a.read("v59", None).unwrap().place, 50);
        assert_eq!((a.word(0), a.word(50)), (Some("v00"), Some("(other)")));
        let few = axis(&["a", "b", "a"], false);
        assert_eq!((few.len(), few.is_complete(), few.word(0)), (2, true, Some("a")));
        assert!(few.read("c", None).is_none(), "a value that was not there before is no value");
    }
}
