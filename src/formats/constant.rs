//! Whether a column says the same of a key (an item, a rater) in every row, and what.

use super::intern::Interner;
use crate::dataset::TextColumn;

/// Values looked up before a column that hardly repeats itself is kept as it stands.
const TRIAL: usize = 4096;

/// What a column says of each key, as long as it does not contradict itself.
#[derive(Debug)]
pub(super) enum Constant {
    /// Values that repeat: each once, and a number a key.
    Coded(Interner, Vec<u32>),
    /// Values that hardly repeat.
    Plain(TextColumn),
    /// It varies within a key.
    Varies,
}

impl Constant {
    pub(super) fn new() -> Self {
        Self::Coded(Interner::default(), Vec::new())
    }

    /// Whether it still has something to say.
    pub(super) fn holds(&self) -> bool {
        !matches!(self, Self::Varies)
    }

    /// A row says `cell` of `key`. Keys are new in ascending order.
    pub(super) fn say(&mut self, key: usize, new: bool, cell: &str) {
        match self {
            Self::Varies => {}
            Self::Plain(column) => {
                if new {
                    column.push(cell);
                } else if column.get(key) != cell {
                    *self = Self::Varies;
                }
            }
            Self::Coded(values, numbers) => {
                if !new {
                    if numbers.get(key).is_none_or(|&n| values.strings().get(n as usize) != cell) {
                        *self = Self::Varies;
                    }
                    return;
                }
                match values.intern(cell) {
                    Some((number, _)) => numbers.push(number),
                    None => {
                        *self = Self::Varies;
                        return;
                    }
                }
                if numbers.len() == TRIAL && values.len() * 2 > TRIAL {
                    *self = Self::Plain(numbers.iter().map(|&n| values.strings().get(n as usize)).collect());
                }
            }
        }
    }

    /// One value a key; `None` if it varies.
    pub(super) fn into_column(self) -> Option<TextColumn> {
        match self {
            Self::Coded(values, numbers) => Some(TextColumn::sharing(values.into_strings(), numbers)),
            Self::Plain(column) => Some(column),
            Self::Varies => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contradiction_ends_it_and_unique_values_are_kept_as_they_are() {
        let mut column = Constant::new();
        for key in 0..2 * TRIAL {
            column.say(key, true, &format!("v{key}"));
            column.say(key, false, &format!("v{key}"));
        }
        assert!(matches!(column, Constant::Plain(_)));
        column.say(7, false, "v8");
        assert!(!column.holds() && column.into_column().is_none());
        let mut column = Constant::new();
        for key in 0..2 * TRIAL {
            column.say(key, true, if key % 2 == 0 { "a" } else { "" });
        }
        let column = column.into_column().unwrap();
        assert_eq!((column.len(), column.get(2), column.get(3)), (2 * TRIAL, "a", ""));
    }
}
