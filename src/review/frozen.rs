//! The numbers of a long queue as bytes, so that keeping a place costs little however long its queues are.
//!
//! Three lists (items, controls, places of second showings), each a count and its numbers, all as little-endian 32-bit numbers.

use std::collections::BTreeSet;

use super::queue::Queue;

/// The numbers of `queue`.
pub fn to_bytes(queue: &Queue) -> Vec<u8> {
    let n = queue.items.len() + queue.controls.len() + queue.repeats.len();
    let mut out = Vec::with_capacity(4 * (n + 3));
    let mut put = |n: usize, numbers: &mut dyn Iterator<Item = u32>| {
        out.extend((n as u32).to_le_bytes());
        numbers.for_each(|x| out.extend(x.to_le_bytes()));
    };
    put(queue.items.len(), &mut queue.items.iter().copied());
    put(queue.controls.len(), &mut queue.controls.iter().copied());
    put(queue.repeats.len(), &mut queue.repeats.iter().copied());
    out
}

/// Puts the numbers of `bytes` into `queue`; `None` if they are not those of a queue.
pub fn read_into(mut queue: Queue, mut bytes: &[u8]) -> Option<Queue> {
    let mut list = || -> Option<Vec<u32>> {
        let (n, rest) = bytes.split_first_chunk::<4>()?;
        let n = 4 * u32::from_le_bytes(*n) as usize;
        let numbers = rest.get(..n)?;
        bytes = &rest[n..];
        Some(numbers.as_chunks::<4>().0.iter().map(|x| u32::from_le_bytes(*x)).collect())
    };
    let (items, controls, repeats) = (list()?, list()?, list()?);
    let fits = repeats.iter().all(|&at| (at as usize) < items.len());
    if !fits || !bytes.is_empty() {
        return None;
    }
    queue.items = items;
    queue.controls = BTreeSet::from_iter(controls);
    queue.repeats = BTreeSet::from_iter(repeats);
    Some(queue)
}

#[cfg(test)]
mod tests {
    use super::super::arrange::{Arrangement, arrange};
    use super::*;

    #[test]
    fn a_queue_comes_back_out_of_its_bytes_and_nothing_else_does() {
        let how = Arrangement { control_share: 0.1, repeat_share: 0.1, ..Arrangement::default() };
        let queue = arrange((0..300).rev().collect(), &[400, 401, 900], &how);
        let bytes = to_bytes(&queue);
        assert_eq!(bytes.len(), 4 * (queue.len() + queue.controls.len() + queue.repeats.len() + 3));
        let bare = Queue { items: Vec::new(), controls: [].into(), repeats: [].into(), ..queue.clone() };
        assert_eq!(read_into(bare.clone(), &bytes), Some(queue));
        for cut in 0..bytes.len() {
            assert_eq!(read_into(bare.clone(), &bytes[..cut]), None, "cut at {cut}");
        }
        assert_eq!(read_into(bare.clone(), &[&bytes[..], &[0]].concat()), None);
        // A second showing at a place that does not exist.
        let bad = to_bytes(&Queue { items: vec![1], repeats: [1].into(), ..Queue::default() });
        assert_eq!(read_into(bare, &bad), None);
    }
}
