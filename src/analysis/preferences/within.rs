//! Which option wins where several comparisons are about one thing: the candidates of one image, the answers to one prompt.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::reading::{Read, Reading, sides};
use crate::analysis::score_rewards::flags::lists;
use crate::analysis::what_wins::properties::{Column, columns};
use crate::dataset::Dataset;
use crate::stats::Undefined;
use crate::stats::aggregation::preference::Comparison;
use crate::stats::aggregation::preference::copeland::{copeland, undo_flips};

/// Things that are told by name, and characters of a name.
const TOLD: usize = 1000;
const LONGEST: usize = 60;

/// One thing whose candidates were compared.
#[derive(Debug, Clone, PartialEq)]
pub struct Contest {
    /// What it is.
    pub name: String,
    /// The candidate at the top, by its number, and whether it beats every other.
    pub top: (u32, bool),
    /// Copeland's score of the top less the next one.
    pub margin: f64,
}

/// All of them.
#[derive(Debug, Clone)]
pub struct Within {
    /// The column that says what a comparison is about.
    pub column: String,
    /// Contests without a winner first, then by margin; the first thousand.
    pub contests: Vec<Contest>,
    /// How many there are, and how many of them a candidate wins that beats every other.
    pub n: (usize, usize),
    /// Comparisons that went by the order of the two, and count as ties.
    pub n_flipped: usize,
    /// Items of contests that nobody wins.
    pub open: Arc<[u32]>,
}

/// The column of things with two comparisons and three candidates or more, as a rule: that with most things.
pub(super) fn within(dataset: &Dataset, read: &Read, reading: &Reading) -> Result<Within, Undefined> {
    let Reading::Pairs { columns: columns_of_options, .. } = reading else {
        return Err(Undefined::Because("labels are rankings".to_owned()));
    };
    // What differs between the two sides, or lists what applies, is no thing that both are about.
    let all = columns(dataset);
    let about = |c: &&Column| {
        !c.is_meta(columns_of_options.0)
            && !c.is_meta(columns_of_options.1)
            && !lists(&c.name)
            && !all.iter().any(|o| sides(&c.lower, &o.lower).is_some() || sides(&o.lower, &c.lower).is_some())
    };
    let about: Vec<&Column> = all.iter().filter(about).collect();
    let mut best: Option<(usize, usize)> = None;
    for (at, column) in about.iter().enumerate() {
        let mut items: BTreeMap<&str, (u32, u32, bool)> = BTreeMap::new();
        for (c, &item) in read.comparisons.iter().zip(&read.items) {
            let key = column.get(dataset, item as usize).unwrap_or_default();
            let own = (c.left.min(c.right), c.left.max(c.right));
            let entry = items.entry(key).or_insert((own.0, own.1, false));
            entry.2 |= (entry.0, entry.1) != own;
        }
        items.remove("");
        // Things with candidates of their own, not a property that many share.
        let several = items.values().filter(|e| e.2).count();
        if several * 2 >= items.len() && several >= 2 && best.is_none_or(|(n, _)| several > n) {
            best = Some((several, at));
        }
    }
    let Some((_, at)) = best else {
        return Err(Undefined::Because(
            "no column puts comparisons of several candidates together".to_owned(),
        ));
    };
    let column = about[at];
    let mut groups: BTreeMap<&str, (Vec<Comparison>, Vec<u32>)> = BTreeMap::new();
    for (c, &item) in read.comparisons.iter().zip(&read.items) {
        let own = groups.entry(column.get(dataset, item as usize).unwrap_or_default()).or_default();
        own.0.push(*c);
        own.1.push(item);
    }
    groups.remove("");
    let (mut contests, mut open, mut n_flipped) = (Vec::new(), Vec::new(), 0);
    for (name, (mut comparisons, items)) in groups {
        n_flipped += undo_flips(&mut comparisons);
        let Some(found) = copeland(read.options.len(), &comparisons) else { continue };
        if found.winner.is_none() {
            open.extend(items);
        }
        let top = found.winner.map_or((found.scores[0].0, false), |w| (w, true));
        contests.push(Contest { name: name.chars().take(LONGEST).collect(), top, margin: found.margin });
    }
    let n = (contests.len(), contests.iter().filter(|c| c.top.1).count());
    contests.sort_by(|a, b| a.top.1.cmp(&b.top.1).then(a.margin.total_cmp(&b.margin)));
    contests.truncate(TOLD);
    open.sort_unstable();
    open.dedup();
    Ok(Within { column: column.name.clone(), contests, n, n_flipped, open: open.into() })
}
