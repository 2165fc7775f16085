//! Strings → numbers in order of first appearance: sixteen to thirty-two bytes a string beside the text itself.

use std::hash::{BuildHasher, RandomState};

use crate::dataset::TextColumn;

const FREE: u64 = u64::MAX;
/// Numbers from here on are free for those who keep numbers and need a word for "none".
const MOST: u32 = u32::MAX - 16;

/// Gives each different string the next number. Hashing is keyed at random, so no file can be made to
/// collide; numbers depend on the order of arrival alone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Interner {
    strings: TextColumn,
    /// Half of a hash above the number that it leads to. A power of two of them, none before the first string.
    slots: Vec<u64>,
    keys: Keys,
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
        match self.slots[self.find(text, self.keys.hash(text.as_bytes()) as u32)] {
            FREE => None,
            slot => Some(slot as u32),
        }
    }

    /// The number of `text`, and whether it is new; `None` beyond four billion strings.
    pub(crate) fn intern(&mut self, text: &str) -> Option<(u32, bool)> {
        // Rows of one item often follow each other.
        if self.len() > 0 && self.strings.get(self.last as usize) == text {
            return Some((self.last, false));
        }
        if self.len() * 4 >= self.slots.len() * 3 {
            self.grow();
        }
        let hash = self.keys.hash(text.as_bytes()) as u32;
        let at = self.find(text, hash);
        let (number, new) = match self.slots[at] {
            FREE => {
                let number = u32::try_from(self.len()).ok().filter(|&n| n < MOST)?;
                self.strings.push(text);
                self.slots[at] = u64::from(hash) << 32 | u64::from(number);
                (number, true)
            }
            slot => (slot as u32, false),
        };
        self.last = number;
        Some((number, new))
    }

    /// The slot that holds `text` or is free for it. There is always a free one.
    fn find(&self, text: &str, hash: u32) -> usize {
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            let slot = self.slots[at];
            let same = (slot >> 32) as u32 == hash && self.strings.get(slot as u32 as usize) == text;
            if slot == FREE || same {
                return at;
            }
            at = (at + 1) & mask;
        }
    }

    fn grow(&mut self) {
        let old = std::mem::take(&mut self.slots);
        self.slots = vec![FREE; (old.len() * 2).max(16)];
        let mask = self.slots.len() - 1;
        for slot in old.into_iter().filter(|&s| s != FREE) {
            let mut at = (slot >> 32) as usize & mask;
            while self.slots[at] != FREE {
                at = (at + 1) & mask;
            }
            self.slots[at] = slot;
        }
    }
}

/// A hash of short strings by folded multiplication, with secret keys.
#[derive(Debug, Clone, Copy)]
struct Keys(u64, u64);

impl Default for Keys {
    fn default() -> Self {
        let random = RandomState::new();
        // An odd key is never the zero that would swallow its partner.
        Self(random.hash_one(0), random.hash_one(1) | 1)
    }
}

impl Keys {
    fn hash(self, bytes: &[u8]) -> u64 {
        let word = |at: usize| bytes[at..].first_chunk().map_or(0, |c| u64::from_le_bytes(*c));
        let half = |at: usize| bytes[at..].first_chunk().map_or(0, |c| u64::from(u32::from_le_bytes(*c)));
        let n = bytes.len();
        let mut state = self.0 ^ n as u64;
        let (a, b) = match n {
            0 => (0, 0),
            1..4 => (u64::from(bytes[0]) << 16 | u64::from(bytes[n / 2]) << 8 | u64::from(bytes[n - 1]), 0),
            4..8 => (half(0), half(n - 4)),
            8..=16 => (word(0), word(n - 8)),
            _ => {
                let mut at = 0;
                while n - at > 16 {
                    state = fold(word(at) ^ self.1, word(at + 8) ^ state);
                    at += 16;
                }
                (word(n - 16), word(n - 8))
            }
        };
        fold(fold(a ^ self.1, b ^ state), self.1)
    }
}

fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
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

    #[test]
    fn strings_of_every_length_are_told_apart() {
        let mut interner = Interner::default();
        let text = "a".repeat(70);
        for n in 0..70 {
            assert_eq!(interner.intern(&text[..n]), Some((n as u32, true)));
        }
        for n in 0..70 {
            let mut other = text[..=n].to_owned();
            other.replace_range(n / 2..=n / 2, "b");
            assert_eq!(interner.intern(&other), Some((70 + n as u32, true)), "one letter differs");
        }
    }

    #[test]
    fn hashes_spread() {
        let keys = Keys::default();
        let mut low: Vec<u64> =
            (0..4096).map(|i| keys.hash(format!("item_{i}").as_bytes()) & 0xffff).collect();
        low.sort_unstable();
        low.dedup();
        assert!(low.len() > 3600, "{}", low.len());
    }
}
