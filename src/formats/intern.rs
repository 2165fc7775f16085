//! Strings → numbers in order of first appearance: four to eight bytes a string beside the text itself.

use std::hash::{BuildHasher, RandomState};

use crate::dataset::TextColumn;

const FREE: u32 = u32::MAX;

/// Gives each different string the next number. Hashing is keyed at random, so no file can be made to
/// collide; numbers depend on the order of arrival alone.
#[derive(Debug, Default)]
pub(crate) struct Interner {
    strings: TextColumn,
    slots: Vec<u32>,
    hasher: RandomState,
    last: u32,
}

impl Interner {
    /// The strings, by number.
    pub(crate) fn into_strings(self) -> TextColumn {
        self.strings
    }

    /// The strings, by number.
    pub(crate) fn strings(&self) -> &TextColumn {
        &self.strings
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.strings.len()
    }

    /// The number of `text`, if it has one.
    pub(crate) fn get(&self, text: &str) -> Option<u32> {
        if self.slots.is_empty() {
            return None;
        }
        let slot = self.slots[self.find(text)];
        (slot != FREE).then_some(slot)
    }

    /// The number of `text`, and whether it is new; `None` beyond 2³² − 2 strings.
    pub(crate) fn intern(&mut self, text: &str) -> Option<(u32, bool)> {
        // Rows of one item often follow each other.
        if self.len() > 0 && self.strings.get(self.last as usize) == text {
            return Some((self.last, false));
        }
        if self.len() * 2 >= self.slots.len() {
            self.grow();
        }
        let at = self.find(text);
        let (number, new) = match self.slots[at] {
            FREE => {
                let number = u32::try_from(self.len()).ok().filter(|&n| n < FREE)?;
                self.strings.push(text);
                self.slots[at] = number;
                (number, true)
            }
            number => (number, false),
        };
        self.last = number;
        Some((number, new))
    }

    /// The slot that holds `text` or is free for it. There is always a free one.
    fn find(&self, text: &str) -> usize {
        let mask = self.slots.len() - 1;
        let mut at = self.hasher.hash_one(text) as usize & mask;
        while self.slots[at] != FREE && self.strings.get(self.slots[at] as usize) != text {
            at = (at + 1) & mask;
        }
        at
    }

    fn grow(&mut self) {
        self.slots = vec![FREE; (self.slots.len() * 2).max(16)];
        for number in 0..self.strings.len() {
            let at = self.find(self.strings.get(number));
            self.slots[at] = number as u32;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_follow_first_appearance() {
        let mut interner = Interner::default();
        assert_eq!(interner.get("a"), None);
        for round in 0..2 {
            for i in 0..1000u32 {
                assert_eq!(interner.intern(&format!("k{i}")), Some((i, round == 0)));
            }
        }
        assert_eq!((interner.len(), interner.get("k7"), interner.get("x")), (1000, Some(7), None));
        assert_eq!(interner.into_strings().get(999), "k999");
    }
}
