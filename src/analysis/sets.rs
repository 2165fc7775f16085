//! Answers that name several labels, read as candidates: which single label do they come to?
//!
//! Raters' votes only: no decision changes them.

use std::sync::Arc;

use super::Settings;
use crate::dataset::{Dataset, NO_LABEL};
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;
use crate::stats::aggregation::{CandidateFit, SetQuality, StoppingRule, candidate_sets, set_quality};

/// Posterior from which on an item counts as decided.
pub const DECIDED: f64 = 0.95;

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetsAsked {
    /// Whose votes count.
    pub settings: Settings,
    /// What is added to every label's count, in tenths; 0 for maximum likelihood.
    pub extra_tenths: u32,
}

/// A single label.
#[derive(Debug, Clone, PartialEq)]
pub struct MemberRow {
    /// Its name.
    pub name: String,
    /// Sets that name it.
    pub n_sets: usize,
    /// π: its share of what sets come to.
    pub share: f64,
    /// Items of which it is the most probable label, alone or with others, ascending.
    pub items: Arc<[u32]>,
}

/// What candidate sets come to.
#[derive(Debug, Clone)]
pub struct SetsReport {
    /// What was asked for.
    pub asked: SetsAsked,
    /// Single labels, the most frequent first.
    pub members: Vec<MemberRow>,
    /// How the fit went; its posterior has done its work and is empty.
    pub fit: CandidateFit,
    /// Sets that name a label.
    pub n_sets: usize,
    /// Mean number of labels of those.
    pub mean_size: f64,
    /// Items whose sets have no label in common, ascending.
    pub conflicts: Arc<[u32]>,
    /// Items of which one label has a posterior of [`DECIDED`] or more.
    pub decided: Arc<[u32]>,
    /// Items with sets that agree on something, but not on one label.
    pub open: Arc<[u32]>,
    /// Against gold; why not, where there is none.
    pub quality: Result<SetQuality, Undefined>,
}

/// Distils candidate sets. Undefined where answers are single labels.
pub fn sets(
    dataset: &Dataset,
    asked: &SetsAsked,
    progress: &Progress,
) -> Result<Result<SetsReport, Undefined>, Cancelled> {
    let Some(labels) = &dataset.sets else {
        return Ok(Err(Undefined::Because("each answer is a single label".to_owned())));
    };
    let votes = asked.settings.counted(dataset).resolved(asked.settings.duplicates);
    let k = labels.members.len();
    let members = |label: u32| labels.of_label.get(label as usize).cloned().unwrap_or_default();
    let mut given: Vec<(usize, Vec<u32>)> = Vec::with_capacity(votes.len());
    for item in 0..votes.n_items() {
        given.extend(votes.labels_of(item).iter().map(|&label| (item, members(label))));
    }
    let extra = f64::from(asked.extra_tenths) / 10.0;
    let fit = candidate_sets(dataset.n_items(), k, &given, extra, StoppingRule::default(), progress)?;
    let mut fit = match fit {
        Ok(fit) => fit,
        Err(reason) => return Ok(Err(reason)),
    };
    // Gold that is itself a set of several labels names none of them as the one.
    let gold = |item: usize| {
        let label = dataset.gold.as_ref().and_then(|g| g.ids.get(item).copied()).unwrap_or(NO_LABEL);
        match members(label).as_slice() {
            [one] => *one,
            _ => NO_LABEL,
        }
    };
    let full = || given.iter().filter(|s| !s.1.is_empty());
    let mut named = vec![0; k];
    full().flat_map(|s| &s.1).for_each(|&member| named[member as usize] += 1);

    let mut own: Vec<Vec<u32>> = vec![Vec::new(); k];
    let (mut decided, mut open) = (Vec::new(), Vec::new());
    let mut items: Vec<usize> = full().map(|s| s.0).collect();
    items.dedup();
    for item in items.into_iter().filter(|i| fit.conflicts.binary_search(i).is_err()) {
        let row = &fit.posterior[item * k..(item + 1) * k];
        let most = row.iter().copied().fold(0.0, f64::max);
        if most >= DECIDED { &mut decided } else { &mut open }.push(item as u32);
        row.iter()
            .zip(&mut own)
            .filter(|(p, _)| **p >= most - 1e-9)
            .for_each(|(_, own)| own.push(item as u32));
    }
    // Items × labels: nobody looks at it any more.
    fit.posterior = Vec::new();
    let (n_sets, size) = (full().count(), full().map(|s| s.1.len()).sum::<usize>());
    let mut rows: Vec<MemberRow> = own
        .into_iter()
        .enumerate()
        .map(|(m, items)| MemberRow {
            name: labels.members[m].clone(),
            n_sets: named[m],
            share: fit.prior[m],
            items: items.into(),
        })
        .collect();
    rows.sort_by(|a, b| b.share.total_cmp(&a.share).then(b.n_sets.cmp(&a.n_sets)));
    let scored: Vec<(Vec<u32>, u32)> = given.into_iter().map(|(item, set)| (set, gold(item))).collect();
    let quality = set_quality(k, &scored);
    Ok(Ok(SetsReport {
        asked: asked.clone(),
        members: rows,
        n_sets,
        mean_size: size as f64 / n_sets.max(1) as f64,
        conflicts: fit.conflicts.iter().map(|&i| i as u32).collect(),
        decided: decided.into(),
        open: open.into(),
        quality,
        fit,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{AnnotationsBuilder, LabelColumn, LabelSet, LabelSets};

    #[test]
    fn sets_come_to_single_labels_where_they_can() {
        let names = ["", "a", "b", "a|b", "b|c"].map(str::to_owned);
        let mut builder = AnnotationsBuilder::new();
        // a; a|b with b; a against b; nothing; b|c.
        for (item, rater, label) in
            [(0, 0, 1), (1, 0, 3), (1, 1, 2), (2, 0, 1), (2, 1, 2), (3, 0, 0), (4, 0, 4)]
        {
            builder.push(item, rater, label, None);
        }
        let mut dataset = Dataset {
            labels: LabelSet::new(&names, []),
            sets: Some(LabelSets {
                members: ["a", "b", "c"].map(str::to_owned).to_vec(),
                of_label: vec![vec![], vec![0], vec![1], vec![0, 1], vec![1, 2]],
            }),
            annotations: builder.finish(5, 2),
            keys: ["1", "2", "3", "4", "5"].into_iter().collect(),
            gold: Some(LabelColumn { name: "gold".into(), ids: vec![1, 2, 1, NO_LABEL, 3] }),
            ..Dataset::default()
        };
        let asked = |extra_tenths| SetsAsked { settings: Settings::default(), extra_tenths };
        let found = sets(&dataset, &asked(0), &Progress::new()).unwrap().unwrap();
        assert_eq!((&*found.conflicts, found.fit.abstentions, found.n_sets), (&[2][..], 1, 6));
        // c is never needed, and without a prior it goes.
        assert_eq!(&*found.decided, [0, 1, 4]);
        let b = found.members.iter().find(|m| m.name == "b").unwrap();
        assert_eq!((&*b.items, b.n_sets), (&[1, 4][..], 4));
        // Gold is single on three items, with a set for each vote there.
        let quality = found.quality.unwrap();
        assert_eq!((quality.n_sets, quality.coverage), (5, 0.8));
        let kept = sets(&dataset, &asked(10), &Progress::new()).unwrap().unwrap();
        assert_eq!((&*kept.decided, &*kept.open), (&[0, 1][..], &[4][..]));
        dataset.sets = None;
        assert!(sets(&dataset, &asked(0), &Progress::new()).unwrap().is_err());
    }
}
