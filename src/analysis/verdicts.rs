//! What raters say of the labels that items are given: upheld, overruled by another label, or open.
//!
//! Where several people looked at labels under suspicion, each item's votes are a verdict: the given label is upheld by more than half
//! of them; or it is wrong, and then more than half may agree on one label instead (correctable), on several at once, on none, or on nothing.
//! With |C| correctable items and |P| items of the population without those wrong ones that have no single label, the prevalence of noise is
//! |C| / |P| (Northcutt, Athalye & Mueller 2021, §5).

use std::sync::Arc;

use super::{Given, GivenSource, Settings};
use crate::dataset::{Dataset, LabelId, Missing, NO_LABEL, NOTHING};
use crate::progress::{Cancelled, Progress};
use crate::stats::proportion::share;
use crate::stats::{Statistic, Undefined};

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerdictsAsked {
    /// Whose votes count.
    pub settings: Settings,
    /// Items of the population from which these were picked; the dataset's own where `None`.
    pub population: Option<u64>,
}

/// What more than half of an item's raters say of its given label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is right.
    Upheld,
    /// One other label is.
    Corrected(LabelId),
    /// Several labels are, of which the given one may be one.
    Several(LabelId),
    /// No label is.
    Nothing,
    /// Nothing has more than half, so the given label has not.
    Open,
}

/// Items by what replaces their given label.
#[derive(Debug, Clone, PartialEq)]
pub struct Replaced {
    /// The given label.
    pub given: LabelId,
    /// What more than half say instead.
    pub by: LabelId,
    /// Items, ascending.
    pub items: Arc<[u32]>,
}

/// Verdicts of raters on given labels. Lists of items are ascending.
#[derive(Debug, Clone)]
pub struct Verdicts {
    /// What was asked for.
    pub asked: VerdictsAsked,
    /// The given label stands.
    pub upheld: Arc<[u32]>,
    /// One other label.
    pub corrected: Arc<[u32]>,
    /// Several labels at once.
    pub several: Arc<[u32]>,
    /// No label.
    pub nothing: Arc<[u32]>,
    /// No majority for anything.
    pub open: Arc<[u32]>,
    /// Pairs of given and agreed label, the most frequent first, ties by label.
    pub replaced: Vec<Replaced>,
    /// Items without votes or without a given label.
    pub n_left_out: usize,
    /// Share of judged items whose given label does not stand, with Wilson's interval. Of flagged items it is the precision of the flags.
    pub wrong: Statistic,
    /// |C| / |P|.
    pub prevalence: Statistic,
}

impl Verdicts {
    /// Items whose given label does not stand.
    pub fn n_wrong(&self) -> usize {
        self.corrected.len() + self.several.len() + self.nothing.len() + self.open.len()
    }

    /// Items that were judged.
    pub fn n_judged(&self) -> usize {
        self.upheld.len() + self.n_wrong()
    }
}

/// What `votes` of `n` answers say of `given`. `nothing` is the label for "none", `is_set` tells labels that stand for several.
fn verdict(
    votes: &[LabelId],
    n: usize,
    given: LabelId,
    nothing: Option<LabelId>,
    is_set: impl Fn(LabelId) -> bool,
) -> Verdict {
    let count = |label: LabelId| votes.iter().filter(|&&v| v == label).count();
    let agreed = votes.iter().copied().find(|&label| 2 * count(label) > n);
    match agreed {
        Some(label) if label == given => Verdict::Upheld,
        Some(label) if Some(label) == nothing => Verdict::Nothing,
        Some(label) if is_set(label) => Verdict::Several(label),
        Some(label) => Verdict::Corrected(label),
        None => Verdict::Open,
    }
}

/// Judges every item that has votes and a given label of its own. Given labels are those before any decision. Whoever handed
/// in no answer confirms nothing: they count among the answers of which more than half is needed.
///
/// Undefined where labels under suspicion are made of the votes themselves, and without votes.
pub fn verdicts(
    dataset: &Dataset,
    given: &Given,
    asked: &VerdictsAsked,
    progress: &Progress,
) -> Result<Result<Verdicts, Undefined>, Cancelled> {
    if !matches!(given.source, GivenSource::Column(_)) {
        let why =
            "the labels under suspicion are the votes' own majority: there is nothing for them to judge";
        return Ok(Err(Undefined::Because(why.to_owned())));
    }
    let votes = asked.settings.counted(dataset);
    let nothing = dataset.labels.id(NOTHING);
    let size = |label: LabelId| {
        dataset.sets.as_ref().and_then(|s| s.of_label.get(label as usize)).map_or(1, Vec::len)
    };
    let [mut upheld, mut corrected, mut several, mut none, mut open] = [const { Vec::new() }; 5];
    let mut pairs: Vec<(LabelId, LabelId, u32)> = Vec::new();
    let mut n_empty = vec![0u32; given.original.len()];
    for absence in dataset.absences.iter().filter(|a| a.why == Missing::Empty) {
        if let Some(n) = n_empty.get_mut(absence.item as usize) {
            *n += 1;
        }
    }
    let mut n_left_out = 0;
    for (item, &label) in given.original.iter().enumerate() {
        if item % 4096 == 0 {
            progress.check()?;
        }
        let said = votes.labels_of(item);
        if label == NO_LABEL || said.is_empty() {
            n_left_out += 1;
            continue;
        }
        let number = item as u32;
        match verdict(said, said.len() + n_empty[item] as usize, label, nothing, |l| size(l) > 1) {
            Verdict::Upheld => upheld.push(number),
            Verdict::Nothing => none.push(number),
            Verdict::Open => open.push(number),
            Verdict::Corrected(by) => {
                corrected.push(number);
                pairs.push((label, by, number));
            }
            Verdict::Several(by) => {
                several.push(number);
                pairs.push((label, by, number));
            }
        }
    }
    let n = given.original.len() - n_left_out;
    if n == 0 {
        return Ok(Err(Undefined::Because("no item has both a given label and votes".to_owned())));
    }
    pairs.sort_unstable();
    let mut replaced: Vec<Replaced> = pairs
        .chunk_by(|a, b| (a.0, a.1) == (b.0, b.1))
        .map(|run| Replaced { given: run[0].0, by: run[0].1, items: run.iter().map(|p| p.2).collect() })
        .collect();
    replaced.sort_by_key(|r| (std::cmp::Reverse(r.items.len()), r.given, r.by));
    let unknown = several.len() + none.len() + open.len();
    let population = asked.population.unwrap_or(given.original.len() as u64);
    let known = population.checked_sub(unknown as u64).filter(|&p| p >= corrected.len() as u64);
    let prevalence = match known {
        Some(known) => share(corrected.len(), known as usize, "no item of the population has a known label"),
        None => Undefined::Because("the population has fewer items than were judged".to_owned()).into(),
    };
    Ok(Ok(Verdicts {
        asked: asked.clone(),
        wrong: share(n - upheld.len(), n, "nothing was judged"),
        prevalence,
        replaced,
        n_left_out,
        upheld: upheld.into(),
        corrected: corrected.into(),
        several: several.into(),
        nothing: none.into(),
        open: open.into(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{Absence, AnnotationsBuilder, LabelSet, LabelSets};

    #[test]
    fn more_than_half_uphold_or_overrule() {
        // Labels: ∅, a, b, a|b.
        let mut said = AnnotationsBuilder::new();
        let votes: [&[LabelId]; 7] = [
            &[1, 1, 1, 2, 2],
            &[2, 2, 2, 1, 1],
            &[3, 3, 3, 1, 1],
            &[0, 0, 0, 0, 2],
            &[1, 1, 2, 2],
            &[],
            &[2],
        ];
        for (item, labels) in votes.iter().enumerate() {
            (0..).zip(labels.iter()).for_each(|(rater, &label)| said.push(item as u32, rater, label, None));
        }
        let dataset = Dataset {
            labels: LabelSet::new(&[NOTHING, "a", "b", "a|b"].map(str::to_owned), []),
            sets: Some(LabelSets {
                members: ["a", "b"].map(str::to_owned).to_vec(),
                of_label: vec![vec![], vec![0], vec![1], vec![0, 1]],
            }),
            annotations: said.finish(7, 5),
            // Three answers of the last item are empty.
            absences: (1..4).map(|rater| Absence { item: 6, rater, why: Missing::Empty }).collect(),
            ..Dataset::default()
        };
        let given = Given {
            source: GivenSource::Column("given".to_owned()),
            original: vec![1; 7],
            current: vec![1; 7],
            n_tied: 0,
        };
        let asked = VerdictsAsked { settings: Settings::default(), population: Some(54) };
        let found = verdicts(&dataset, &given, &asked, &Progress::new()).unwrap().unwrap();
        let lists = [&found.upheld, &found.corrected, &found.several, &found.nothing, &found.open];
        assert_eq!(lists.map(|l| l.to_vec()), [vec![0], vec![1], vec![2], vec![3], vec![4, 6]]);
        assert_eq!((found.n_judged(), found.n_wrong(), found.n_left_out), (6, 5, 1));
        assert_eq!(found.prevalence.value(), Some(0.02));
        assert_eq!((found.replaced[0].by, &*found.replaced[0].items), (2, &[1][..]));
        let few = VerdictsAsked { population: Some(2), ..asked.clone() };
        let found = verdicts(&dataset, &given, &few, &Progress::new()).unwrap().unwrap();
        assert!(found.prevalence.reason().is_some());
        let own =
            Given { source: GivenSource::Consensus(super::super::ConsensusMethod::MajorityVote), ..given };
        assert!(verdicts(&dataset, &own, &asked, &Progress::new()).unwrap().is_err());
    }
}
