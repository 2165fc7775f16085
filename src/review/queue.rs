//! Which items to look at, in which order. A queue is frozen when it is made: deciding on its items never
//! reorders it. The position in it is kept by whoever walks it.
//!
//! What is random comes from a seed, by a generator written here, so that a queue is the same on every machine
//! and in every version.

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use super::event::Reached;

/// Size of the random audit, or everything if that is fewer.
pub const AUDITED: usize = 60;
/// Seed of the random audit.
pub const AUDIT_SEED: u64 = 42;

/// A frozen order of items.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Queue {
    /// What it is called in the log.
    pub name: String,
    /// How it was made, in words; empty where nobody said.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub how: String,
    /// How its items were chosen.
    pub reached: Reached,
    /// Item numbers, each once but for [`Self::repeats`].
    pub items: Vec<u32>,
    /// Those of [`Self::items`] that nothing flagged: mixed in, unmarked, to measure the reviewer's own drift.
    #[serde(default)]
    pub controls: BTreeSet<u32>,
    /// Places in [`Self::items`] at which an item is shown a second time, to measure whether the reviewer agrees with
    /// themselves.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub repeats: BTreeSet<u32>,
    /// What its random choices came from.
    #[serde(default)]
    pub seed: u64,
}

impl Queue {
    /// The random audit of a dataset: the same items in the same order whenever it is asked for.
    pub fn random_audit(n_items: usize) -> Self {
        Self::audit("Random audit", n_items, AUDITED, AUDIT_SEED)
    }

    /// A simple random sample of `n` of all items (all of them if there are fewer), in random order.
    pub fn audit(name: &str, n_items: usize, n: usize, seed: u64) -> Self {
        let items = Random::new(seed).sample(n_items, n).into_iter().map(|i| i as u32).collect();
        Self { name: name.to_owned(), reached: Reached::Audit, items, seed, ..Self::default() }
    }

    /// How `item` is logged to have been reached. A control is neither flagged nor a sample of the whole, so it
    /// must count towards neither the precision of flags nor the rate of errors: it is browsed.
    pub fn reached_of(&self, item: u32) -> Reached {
        if self.controls.contains(&item) { Reached::Browse } else { self.reached }
    }

    /// Whether the item at this place is shown there a second time.
    pub fn is_repeat(&self, position: usize) -> bool {
        self.repeats.contains(&(position as u32))
    }

    /// Number of places: items, and second showings of items.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}

/// SplitMix64 (Steele, Lea & Flood 2014, "Fast splittable pseudorandom number generators"): small, and the same
/// everywhere.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Uniform in `0..n`, `n > 0`; numbers that would favour some results are drawn again.
    pub(super) fn below(&mut self, n: usize) -> usize {
        let n = n as u64;
        let uneven = (u64::MAX % n + 1) % n;
        loop {
            let x = self.next();
            if x <= u64::MAX - uneven {
                return (x % n) as usize;
            }
        }
    }

    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i + 1));
        }
    }

    /// `k` of `0..n` (all, if there are fewer), in random order: the first steps of a Fisher–Yates shuffle, of
    /// which only the touched places are kept.
    pub(super) fn sample(&mut self, n: usize, k: usize) -> Vec<usize> {
        let k = k.min(n);
        let mut moved: HashMap<usize, usize> = HashMap::new();
        (0..k)
            .map(|i| {
                let j = i + self.below(n - i);
                let at_i = moved.get(&i).copied().unwrap_or(i);
                let chosen = moved.get(&j).copied().unwrap_or(j);
                moved.insert(j, at_i);
                chosen
            })
            .collect()
    }

    /// `extra` at random places among `items`, whose order stays.
    pub(super) fn mix(&mut self, items: Vec<u32>, extra: Vec<u32>) -> Vec<u32> {
        let n = items.len() + extra.len();
        let places: BTreeSet<usize> = self.sample(n, extra.len()).into_iter().collect();
        let (mut items, mut extra) = (items.into_iter(), extra.into_iter());
        (0..n).filter_map(|i| if places.contains(&i) { extra.next() } else { items.next() }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_is_the_published_one() {
        let mut r = Random::new(1_234_567);
        assert_eq!([r.next(), r.next()], [6_457_827_717_110_365_317, 3_203_168_211_198_807_973]);
    }

    #[test]
    fn an_audit_takes_every_item_equally_often() {
        let mut hits = [0u32; 10];
        for seed in 0..4000 {
            let q = Queue::audit("a", 10, 3, seed);
            assert_eq!(q.items.iter().collect::<BTreeSet<_>>().len(), 3);
            q.items.iter().for_each(|&i| hits[i as usize] += 1);
        }
        // 1200 each, standard deviation 29.
        assert!(hits.iter().all(|&h| (1055..1345).contains(&h)), "{hits:?}");
        assert_eq!(Queue::audit("a", 2, 100, 1).len(), 2);
        assert!(Queue::audit("a", 0, 100, 1).is_empty());
    }

    #[test]
    fn a_queue_survives_being_stored() {
        let q = Queue::audit("a", 100, 7, 5);
        assert_eq!(serde_json::from_str::<Queue>(&serde_json::to_string(&q).unwrap()).unwrap(), q);
    }
}
