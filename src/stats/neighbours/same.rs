//! Items that are exactly the same, so that no approximate measure can lose one of them.

use std::collections::HashMap;
use std::hash::Hash;

/// Groups of equal items.
pub(super) struct Same {
    group_of: Vec<u32>,
    members: Vec<Vec<u32>>,
}

impl Same {
    /// Items of which `content` is equal are the same.
    pub(super) fn new<T: Eq + Hash>(n: usize, content: impl Fn(usize) -> T) -> Self {
        let mut groups: HashMap<T, u32> = HashMap::new();
        let mut members: Vec<Vec<u32>> = Vec::new();
        let group_of = (0..n)
            .map(|item| {
                let next = members.len() as u32;
                let group = *groups.entry(content(item)).or_insert(next);
                if group == next {
                    members.push(Vec::new());
                }
                members[group as usize].push(item as u32);
                group
            })
            .collect();
        Self { group_of, members }
    }

    /// Up to `most` others that are the same as `item`, ascending.
    pub(super) fn of(&self, item: usize, most: usize) -> impl Iterator<Item = u32> {
        let all = &self.members[self.group_of[item] as usize];
        all.iter().copied().filter(move |&other| other as usize != item).take(most)
    }
}
