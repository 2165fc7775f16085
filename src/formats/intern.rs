//! Strings → numbers in order of first appearance: forty to fifty-six bytes a string beside the text itself.

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
    /// What tells short strings apart, by number: cells are short as a rule, and two words are compared at once.
    shorts: Vec<Short>,
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
        self.shorts.len()
    }

    /// The number of `text`, if it has one.
    pub(crate) fn get(&self, text: &str) -> Option<u32> {
        if self.slots.is_empty() {
            return None;
        }
        let short = Short::of(text.as_bytes());
        match self.slots[self.find(text, short, self.keys.hash(text, short))] {
            FREE => None,
            slot => Some(slot as u32),
        }
    }

    /// The number of `text`, and whether it is new; `None` beyond four billion strings.
    pub(crate) fn intern(&mut self, text: &str) -> Option<(u32, bool)> {
        let short = Short::of(text.as_bytes());
        // Rows of one item often follow each other.
        if self.len() > 0 && self.is(self.last, text, short) {
            return Some((self.last, false));
        }
        if self.len() * 2 >= self.slots.len() {
            self.grow();
        }
        let hash = self.keys.hash(text, short);
        let at = self.find(text, short, hash);
        let (number, new) = match self.slots[at] {
            FREE => {
                let number = u32::try_from(self.len()).ok().filter(|&n| n < MOST)?;
                self.strings.push(text);
                self.shorts.push(short);
                self.slots[at] = u64::from(hash) << 32 | u64::from(number);
                (number, true)
            }
            slot => (slot as u32, false),
        };
        self.last = number;
        Some((number, new))
    }

    /// Brings near what looking up these strings will need. The table of a million strings lies far from the processor;
    /// asked for many places at once it answers about as fast as for one.
    pub(crate) fn warm<'t>(&self, texts: impl Iterator<Item = &'t str>) {
        if self.slots.is_empty() {
            return;
        }
        let mask = self.slots.len() - 1;
        let slot = |text: &str| self.slots[self.keys.hash(text, Short::of(text.as_bytes())) as usize & mask];
        std::hint::black_box(texts.fold(0, |all, text| all ^ slot(text)));
    }

    /// Whether `number` stands for `text`.
    fn is(&self, number: u32, text: &str, short: Short) -> bool {
        self.shorts[number as usize] == short && (short != LONG || self.strings.get(number as usize) == text)
    }

    /// The slot that holds `text` or is free for it. There is always a free one.
    fn find(&self, text: &str, short: Short, hash: u32) -> usize {
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            let slot = self.slots[at];
            if slot == FREE || ((slot >> 32) as u32 == hash && self.is(slot as u32, text, short)) {
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

/// A string of fewer than sixteen bytes as two words: its bytes, and its length in the highest. Different strings
/// differ here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Short(u64, u64);

/// A string of sixteen bytes or more; no short one has this length.
const LONG: Short = Short(0, u64::MAX);

impl Short {
    #[inline]
    fn of(bytes: &[u8]) -> Self {
        let n = bytes.len();
        // What is read twice is the same twice.
        let (low, high) = match n {
            0 => (0, 0),
            1..4 => {
                let byte = |i: usize| u64::from(bytes[i]) << (8 * i);
                (byte(0) | byte(n / 2) | byte(n - 1), 0)
            }
            4..8 => (half(bytes, 0) | half(bytes, n - 4) << (8 * (n - 4)), 0),
            8 => (word(bytes, 0), 0),
            9..16 => (word(bytes, 0), word(bytes, n - 8) >> (8 * (16 - n))),
            _ => return LONG,
        };
        Self(low, high | (n as u64) << 56)
    }
}

/// Eight bytes from `at` as a number; 0 if there are fewer.
#[inline]
fn word(bytes: &[u8], at: usize) -> u64 {
    bytes[at..].first_chunk().map_or(0, |c| u64::from_le_bytes(*c))
}

/// Four bytes from `at` as a number; 0 if there are fewer.
#[inline]
fn half(bytes: &[u8], at: usize) -> u64 {
    bytes[at..].first_chunk().map_or(0, |c| u64::from(u32::from_le_bytes(*c)))
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
    #[inline]
    fn hash(self, text: &str, short: Short) -> u32 {
        let state =
            if short == LONG { self.long(text.as_bytes()) } else { fold(short.0 ^ self.1, short.1 ^ self.0) };
        fold(state, self.1) as u32
    }

    /// Of sixteen bytes or more.
    fn long(self, bytes: &[u8]) -> u64 {
        let n = bytes.len();
        let mut state = self.0 ^ n as u64;
        let mut at = 0;
        while n - at > 16 {
            state = fold(word(bytes, at) ^ self.1, word(bytes, at + 8) ^ state);
            at += 16;
        }
        fold(word(bytes, n - 16) ^ self.1, word(bytes, n - 8) ^ state)
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
        let hash = |text: &str| keys.hash(text, Short::of(text.as_bytes()));
        let mut low: Vec<u32> = (0..4096).map(|i| hash(&format!("item_{i}")) & 0xffff).collect();
        low.sort_unstable();
        low.dedup();
        assert!(low.len() > 3600, "{}", low.len());
    }
}
