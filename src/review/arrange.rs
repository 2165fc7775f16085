//! How chosen items become a queue: their order, controls mixed in, second showings.
//!
//! Everything random comes from one seed, in a fixed order: shuffling first, then controls, then second showings.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::queue::{Queue, Random};

/// Items that are shuffled among themselves, where that is asked for.
pub const BAND: usize = 50;
/// Share of items that are shown a second time, where that is asked for.
pub const REPEATED: f64 = 0.05;
/// At least so many other items stand between both showings: nobody remembers them all.
pub const APART: usize = 100;

/// In which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// As they were chosen: the best reason to look first.
    #[default]
    Score,
    /// The same, shuffled within bands of [`BAND`], against effects of order.
    Bands,
    /// Any.
    Random,
}

/// How a queue is arranged.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Arrangement {
    /// Seed of the random choices.
    pub seed: u64,
    /// Controls as a share of the chosen items, in 0..=1; at least one where it is above 0.
    pub control_share: f64,
    /// Items that are shown a second time as a share of all, in 0..=1.
    pub repeat_share: f64,
    /// In which order.
    pub order: Order,
    /// No more than so many of the chosen items.
    pub limit: Option<usize>,
}

impl Default for Arrangement {
    fn default() -> Self {
        Self { seed: 42, control_share: 0.0, repeat_share: 0.0, order: Order::Score, limit: None }
    }
}

/// A queue without a name of the items `chosen`, each once, best first. Controls are taken from `pool`, each item once and none
/// of it chosen.
pub fn arrange(mut chosen: Vec<u32>, pool: &[u32], how: &Arrangement) -> Queue {
    let mut random = Random::new(how.seed);
    if how.order == Order::Random {
        random.shuffle(&mut chosen);
    }
    if let Some(limit) = how.limit {
        chosen.truncate(limit);
    }
    if how.order == Order::Bands {
        for band in chosen.chunks_mut(BAND) {
            random.shuffle(band);
        }
    }
    let share = if how.control_share.is_nan() { 0.0 } else { how.control_share.clamp(0.0, 1.0) };
    let mut wanted = (chosen.len() as f64 * share).round() as usize;
    if share > 0.0 && !chosen.is_empty() {
        wanted = wanted.max(1);
    }
    let mixed: Vec<u32> = random.sample(pool.len(), wanted).into_iter().map(|k| pool[k]).collect();
    let controls: BTreeSet<u32> = mixed.iter().copied().collect();
    let items = random.mix(chosen, mixed);
    let (items, repeats) = with_repeats(items, &controls, how.repeat_share, &mut random);
    Queue { items, controls, repeats, seed: how.seed, ..Queue::default() }
}

/// `items`, of which a share comes again after at least [`APART`] others, and where it does. A control never comes again.
fn with_repeats(
    items: Vec<u32>,
    controls: &BTreeSet<u32>,
    share: f64,
    random: &mut Random,
) -> (Vec<u32>, BTreeSet<u32>) {
    let n = items.len();
    let share = if share.is_nan() { 0.0 } else { share.clamp(0.0, 1.0) };
    let wanted = (n as f64 * share).round() as usize;
    // Only what stands early enough can come again late enough.
    let early: Vec<usize> =
        (0..n.saturating_sub(APART)).filter(|&at| !controls.contains(&items[at])).collect();
    if wanted == 0 || early.is_empty() {
        return (items, BTreeSet::new());
    }
    // After which place an item comes again: the places after `at + APART` at the earliest.
    let mut again: Vec<(usize, u32)> = random
        .sample(early.len(), wanted)
        .into_iter()
        .map(|k| {
            let first = early[k] + APART;
            (first + random.below(n - first), items[early[k]])
        })
        .collect();
    again.sort_unstable();
    let mut again = again.into_iter().peekable();
    let (mut all, mut repeats) = (Vec::with_capacity(n + wanted), BTreeSet::new());
    for (at, item) in items.into_iter().enumerate() {
        all.push(item);
        while let Some((_, item)) = again.next_if(|&(after, _)| after == at) {
            repeats.insert(all.len() as u32);
            all.push(item);
        }
    }
    (all, repeats)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn how(order: Order) -> Arrangement {
        Arrangement { order, ..Arrangement::default() }
    }

    #[test]
    fn orders_keep_what_they_promise() {
        let chosen: Vec<u32> = (0..220).collect();
        assert_eq!(arrange(chosen.clone(), &[], &how(Order::Score)).items, chosen);
        let bands = arrange(chosen.clone(), &[], &how(Order::Bands)).items;
        assert_ne!(bands, chosen);
        for (k, band) in bands.chunks(BAND).enumerate() {
            let mut sorted = band.to_vec();
            sorted.sort_unstable();
            assert_eq!(sorted, chosen[k * BAND..(k * BAND + BAND).min(220)]);
        }
        let random = arrange(chosen.clone(), &[], &how(Order::Random)).items;
        assert_ne!(random, chosen);
        // Some of the last band of all has come into the first: that is no shuffling within bands.
        assert!(random[..BAND].iter().any(|&i| i >= 170));
        let seeded = arrange(chosen.clone(), &[], &Arrangement { seed: 7, ..how(Order::Random) }).items;
        assert_ne!(seeded, random);
        assert_eq!(arrange(chosen, &[], &how(Order::Random)).items, random, "the same seed, the same queue");
    }

    #[test]
    fn a_limit_takes_the_best_unless_the_order_is_random() {
        let chosen: Vec<u32> = (0..200).rev().collect();
        let some = |order| Arrangement { limit: Some(30), ..how(order) };
        assert_eq!(arrange(chosen.clone(), &[], &some(Order::Score)).items, chosen[..30]);
        let mut bands = arrange(chosen.clone(), &[], &some(Order::Bands)).items;
        bands.sort_unstable_by(|a, b| b.cmp(a));
        assert_eq!(bands, chosen[..30]);
        let random = arrange(chosen, &[], &some(Order::Random)).items;
        assert!(random.len() == 30 && random.iter().any(|&i| i < 100), "a sample of all, not of the best");
    }

    #[test]
    fn controls_come_out_of_the_pool_only_and_are_counted_by_the_chosen() {
        let chosen: Vec<u32> = (0..60).collect();
        let pool: Vec<u32> = (100..180).collect();
        let with = |share| Arrangement { control_share: share, ..how(Order::Score) };
        let q = arrange(chosen.clone(), &pool, &with(0.1));
        assert_eq!((q.len(), q.controls.len()), (66, 6));
        assert!(q.controls.iter().all(|c| pool.contains(c)));
        assert_eq!(arrange(chosen.clone(), &pool, &with(0.001)).controls.len(), 1);
        assert_eq!(arrange(chosen.clone(), &pool, &with(f64::NAN)).controls.len(), 0);
        assert_eq!(arrange(chosen.clone(), &[], &with(0.2)).len(), 60, "none to take");
        assert!(arrange(Vec::new(), &pool, &with(0.2)).is_empty(), "controls alone are no queue");
    }

    #[test]
    fn second_showings_stand_far_enough_from_the_first() {
        let chosen: Vec<u32> = (0..400).collect();
        let pool: Vec<u32> = (1000..1100).collect();
        for seed in 0..50 {
            let how = Arrangement { seed, control_share: 0.05, repeat_share: REPEATED, ..how(Order::Bands) };
            let q = arrange(chosen.clone(), &pool, &how);
            assert_eq!((q.len(), q.repeats.len()), (441, 21), "420 entries, and 5 % of them again");
            for &at in &q.repeats {
                let item = q.items[at as usize];
                let first = q.items.iter().position(|&i| i == item).unwrap();
                assert!(at as usize - first > APART, "{first} and {at}");
                assert!(!q.controls.contains(&item) && !q.is_repeat(first));
            }
            let once: BTreeSet<u32> = q.items.iter().copied().collect();
            assert_eq!(once.len(), 420);
        }
        let short = arrange((0..100).collect(), &[], &Arrangement { repeat_share: 0.5, ..how(Order::Score) });
        assert!(short.repeats.is_empty(), "no item has a hundred others after it");
        let most = arrange((0..102).collect(), &[], &Arrangement { repeat_share: 1.0, ..how(Order::Score) });
        assert_eq!(most.repeats.len(), 2, "the first two are early enough");
    }
}
