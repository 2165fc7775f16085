//! Label errors of items with any number of labels: which single labels are probably wrong, and which items.
//!
//! It looks at the labels under suspicion as they stand, decisions included, and at a model's probabilities of single
//! labels; where the model knows whole sets only, a label is as probable as all sets that hold it.

use std::sync::Arc;

use rayon::prelude::*;

use crate::dataset::{Dataset, LabelId, LabelSets, NO_LABEL, Probabilities};
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;
use crate::stats::confident::{
    ClassIssues, ConfidentError, Filter, MultiLabelOptions, Pooling, SetLabels, multilabel_issues,
};

/// Most items that are listed with what is wrong with them.
pub const MAX_ITEMS: usize = 1000;

/// More numbers than this are not summed up from sets.
const MOST_NUMBERS: usize = 1 << 28;

/// How the scores of an item's labels become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ItemScore {
    /// Exponential moving average down to the lowest, α = 0.8.
    #[default]
    Ema,
    /// The lowest.
    Min,
    /// The mean.
    Mean,
    /// Soft minimum, T = 0.1.
    Softmin,
}

impl ItemScore {
    /// All, in the order shown.
    pub const ALL: [Self; 4] = [Self::Ema, Self::Min, Self::Mean, Self::Softmin];

    /// Key in reports and on the command line.
    pub fn key(self) -> &'static str {
        match self {
            Self::Ema => "ema",
            Self::Min => "min",
            Self::Mean => "mean",
            Self::Softmin => "softmin",
        }
    }

    /// Name and meaning for people.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Ema => ("Moving average", "the lowest score counts most, the others a little"),
            Self::Min => ("Lowest", "only the most suspicious label counts"),
            Self::Mean => ("Mean", "all labels count alike"),
            Self::Softmin => ("Soft minimum", "low scores count more than high ones"),
        }
    }

    fn pooling(self) -> Pooling {
        match self {
            Self::Ema => Pooling::OF_CLASSES,
            Self::Min => Pooling::Min,
            Self::Mean => Pooling::Mean,
            Self::Softmin => Pooling::Softmin(0.1),
        }
    }
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MultiLabelAsked {
    /// Which rows count as issues.
    pub filter: Filter,
    /// How an item's score is made.
    pub score: ItemScore,
}

impl Default for MultiLabelAsked {
    fn default() -> Self {
        Self { filter: Filter::PruneByNoiseRate, score: ItemScore::default() }
    }
}

/// Where probabilities of single labels come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberSource {
    /// A model gives them.
    Model,
    /// They are sums over the sets that hold the label.
    Sets,
}

/// One single label.
#[derive(Debug, Clone, PartialEq)]
pub struct MemberIssues {
    /// Its number among [`LabelSets::members`].
    pub member: u32,
    /// Its name.
    pub name: String,
    /// Items that are given it.
    pub n_given: u64,
    /// Items with an answer.
    pub n_known: u64,
    /// Items that are given it and probably should not be, ascending.
    pub surplus: Arc<[u32]>,
    /// Items that are not given it and probably should be, ascending.
    pub lacking: Arc<[u32]>,
    /// 1 − share of `surplus`; `None` where nothing is known.
    pub quality: Option<f64>,
    /// Estimated counts, [given][true], index 1 for "has it".
    pub joint: [[u64; 2]; 2],
}

/// One item with what is probably wrong with it.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemIssues {
    /// Item number.
    pub item: u32,
    /// Its score, low = suspicious.
    pub score: f64,
    /// Labels to take away, ascending.
    pub surplus: Vec<u32>,
    /// Labels to add, ascending.
    pub lacking: Vec<u32>,
    /// The label of the label set that would then be right, where there is one.
    pub suggested: Option<LabelId>,
}

/// Label errors of sets.
#[derive(Debug, Clone)]
pub struct MultiLabelReport {
    /// What was asked for.
    pub asked: MultiLabelAsked,
    /// Where the probabilities come from.
    pub source: MemberSource,
    /// Names of single labels, by number.
    pub members: Vec<String>,
    /// One row a single label, the lowest quality first, ties by label.
    pub rows: Vec<MemberIssues>,
    /// Flagged items, the most suspicious first.
    pub flagged: Arc<[u32]>,
    /// The first [`MAX_ITEMS`] of them.
    pub items: Vec<ItemIssues>,
    /// Items that each filter flags, in the order of [`Filter::ALL`].
    pub counts: [u64; 7],
    /// Rows tied at the cut of the filter that was asked for.
    pub ties_at_cut: u64,
    /// Items with an answer.
    pub n_known: u64,
    /// 1 − share of flagged items.
    pub health: f64,
    /// One score an item; NaN inside where there is none, go through [`Self::score_of`].
    scores: Vec<f64>,
}

impl MultiLabelReport {
    /// The score of an item, in 0..=1, low = suspicious.
    pub fn score_of(&self, item: usize) -> Option<f64> {
        self.scores.get(item).copied().filter(|s| !s.is_nan())
    }
}

/// Looks for wrong labels in sets of them. `given` is [`Given::current`](super::Given): one label of the label set an item.
///
/// Undefined where answers are single labels, without probabilities, and as
/// [`multilabel_issues`](crate::stats::confident::multilabel_issues).
pub fn multilabel(
    dataset: &Dataset,
    given: &[LabelId],
    asked: &MultiLabelAsked,
    progress: &Progress,
) -> Result<Result<MultiLabelReport, Undefined>, Cancelled> {
    let Some(sets) = &dataset.sets else {
        return Ok(Err(Undefined::Because("each answer is a single label".to_owned())));
    };
    let (probabilities, source) = match probabilities(dataset, sets, progress)? {
        Ok(found) => found,
        Err(reason) => return Ok(Err(reason)),
    };
    let mut labels = SetLabels::new(sets.members.len());
    for item in 0..dataset.n_items() {
        match given.get(item).and_then(|&l| sets.of_label.get(l as usize)) {
            Some(members) => labels.push(members),
            None => labels.push_unanswered(),
        }
    }
    let options = MultiLabelOptions { pooling: asked.score.pooling(), ..MultiLabelOptions::default() };
    let found = match multilabel_issues(&labels, &probabilities, &options, progress) {
        Ok(found) => found,
        Err(ConfidentError::Cancelled(cancelled)) => return Err(cancelled),
        Err(why) => return Ok(Err(Undefined::Because(why.to_string()))),
    };
    let filter = asked.filter;
    let side = |class: &ClassIssues, given: bool| -> Arc<[u32]> {
        let flagged = class.flags.iter().filter(|f| f.bits & filter.bit() != 0 && f.given == given);
        flagged.map(|f| f.item).collect()
    };
    let rows: Vec<MemberIssues> = found
        .by_quality(filter)
        .into_iter()
        .map(|k| {
            let class = &found.classes[k as usize];
            MemberIssues {
                member: k,
                name: sets.members[k as usize].clone(),
                n_given: class.n_given,
                n_known: class.n_known,
                surplus: side(class, true),
                lacking: side(class, false),
                quality: class.quality(filter),
                joint: class.calibrated_joint,
            }
        })
        .collect();
    let flagged = found.ranked(filter, progress)?;
    let mut items: Vec<ItemIssues> = flagged
        .iter()
        .take(MAX_ITEMS)
        .map(|&item| ItemIssues {
            item,
            score: found.score_of(item as usize).unwrap_or(0.0),
            surplus: Vec::new(),
            lacking: Vec::new(),
            suggested: None,
        })
        .collect();
    let mut place: Vec<(u32, usize)> = items.iter().enumerate().map(|(at, row)| (row.item, at)).collect();
    place.sort_unstable();
    for class in &found.classes {
        for flag in class.flags.iter().filter(|f| f.bits & filter.bit() != 0) {
            if let Ok(at) = place.binary_search_by_key(&flag.item, |p| p.0) {
                let row = &mut items[place[at].1];
                if flag.given { &mut row.surplus } else { &mut row.lacking }.push(class.class);
            }
        }
    }
    for row in &mut items {
        let keeps = labels.present(row.item as usize).filter(|k| row.surplus.binary_search(k).is_err());
        let mut set: Vec<u32> = keeps.chain(row.lacking.iter().copied()).collect();
        set.sort_unstable();
        let changes = !row.surplus.is_empty() || !row.lacking.is_empty();
        let found = sets.of_label.iter().position(|members| *members == set);
        row.suggested = found.filter(|_| changes).map(|label| label as LabelId);
    }
    Ok(Ok(MultiLabelReport {
        asked: asked.clone(),
        source,
        members: sets.members.clone(),
        rows,
        flagged: flagged.into(),
        items,
        counts: found.counts,
        ties_at_cut: found.ties_at_cut[filter as usize],
        n_known: found.n_known,
        health: found.health(filter),
        scores: (0..dataset.n_items()).map(|i| found.score_of(i).unwrap_or(f64::NAN)).collect(),
    }))
}

/// Probabilities of single labels.
fn probabilities(
    dataset: &Dataset,
    sets: &LabelSets,
    progress: &Progress,
) -> Result<Result<(Probabilities, MemberSource), Undefined>, Cancelled> {
    if let Some(own) = &dataset.member_probabilities {
        return Ok(Ok((own.clone(), MemberSource::Model)));
    }
    let Some(whole) = &dataset.probabilities else { return Ok(Err(Undefined::NoProbabilities)) };
    let (n, k, members) = (whole.rows(), whole.cols(), sets.members.len());
    if k != sets.of_label.len() || members == 0 {
        let words = format!("there are probabilities of {k} labels, and {} sets", sets.of_label.len());
        return Ok(Err(Undefined::Because(words)));
    }
    let Some(size) = n.checked_mul(members).filter(|&size| size <= MOST_NUMBERS) else {
        let words = format!("{n} items with {members} labels are too many to sum up their probabilities");
        return Ok(Err(Undefined::Because(words)));
    };
    progress.stage("Adding up the sets that hold each label", n as u64);
    let mut sums = vec![0.0; size];
    let block = 1024;
    sums.par_chunks_mut(block * members).enumerate().try_for_each_init(
        || vec![0.0; block * k],
        |numbers, (b, out)| {
            progress.check()?;
            let numbers = &mut numbers[..out.len() / members * k];
            whole.read(b * block, numbers);
            for (row, to) in numbers.chunks_exact(k).zip(out.chunks_exact_mut(members)) {
                for (&p, set) in row.iter().zip(&sets.of_label) {
                    set.iter().for_each(|&m| to[m as usize] += p);
                }
                // Rounding may lead a hair beyond 1.
                to.iter_mut().for_each(|p| *p = p.min(1.0));
            }
            progress.add((out.len() / members) as u64);
            Ok(())
        },
    )?;
    match Probabilities::from_f64(sums, n, members) {
        Ok(sums) => Ok(Ok((sums, MemberSource::Sets))),
        Err(why) => Ok(Err(Undefined::Because(why.to_string()))),
    }
}

/// The sets that `given` comes to, for [`super::relations`]: number of each item that has one, and its single labels.
pub(super) fn given_sets<'a>(
    sets: &'a LabelSets,
    given: &'a [LabelId],
) -> impl Iterator<Item = (u32, &'a [u32])> {
    let labelled = given.iter().enumerate().filter(|(_, l)| **l != NO_LABEL);
    labelled.filter_map(|(item, &l)| Some((item as u32, sets.of_label.get(l as usize)?.as_slice())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::LabelSet;

    fn dataset() -> Dataset {
        let names = ["", "a", "b", "a|b"].map(str::to_owned);
        Dataset {
            labels: LabelSet::new(&names, []),
            sets: Some(LabelSets {
                members: ["a", "b"].map(str::to_owned).to_vec(),
                of_label: vec![vec![], vec![0], vec![1], vec![0, 1]],
            }),
            keys: ["1", "2", "3", "4", "5", "6", "7"].into_iter().collect(),
            ..Dataset::default()
        }
    }

    /// Item 4 says a and should say a|b; item 5 says b and should say nothing; item 6 says nothing at all.
    const GIVEN: [LabelId; 7] = [1, 2, 3, 0, 1, 2, NO_LABEL];

    fn members() -> Probabilities {
        let rows = [[0.9, 0.1], [0.1, 0.9], [0.9, 0.9], [0.1, 0.1], [0.9, 0.95], [0.1, 0.05], [0.5, 0.5]];
        Probabilities::from_f64(rows.concat(), 7, 2).unwrap()
    }

    fn run(dataset: &Dataset) -> Result<MultiLabelReport, Undefined> {
        multilabel(dataset, &GIVEN, &MultiLabelAsked::default(), &Progress::new()).unwrap()
    }

    #[test]
    fn wrong_labels_are_told_apart_from_missing_ones() {
        let dataset = Dataset { member_probabilities: Some(members()), ..dataset() };
        let found = run(&dataset).unwrap();
        assert_eq!((&*found.flagged, found.n_known, found.score_of(6)), (&[5, 4][..], 6, None));
        assert_eq!(found.rows.iter().map(|r| r.name.as_str()).collect::<Vec<_>>(), ["b", "a"]);
        let b = &found.rows[0];
        assert_eq!((&*b.surplus, &*b.lacking, b.n_given), (&[5][..], &[4][..], 3));
        assert_eq!((found.items[0].surplus.as_slice(), found.items[0].suggested), (&[1][..], Some(0)));
        assert_eq!((found.items[1].lacking.as_slice(), found.items[1].suggested), (&[1][..], Some(3)));
        assert_eq!((found.source, found.health), (MemberSource::Model, 1.0 - 2.0 / 6.0));
    }

    #[test]
    fn sets_add_up_to_single_labels() {
        let product = |a: f64, b: f64| [(1.0 - a) * (1.0 - b), a * (1.0 - b), (1.0 - a) * b, a * b];
        let whole: Vec<f64> = (0..7).map(|i| members().row(i)).flat_map(|r| product(r[0], r[1])).collect();
        let whole = Probabilities::from_f64(whole, 7, 4).unwrap();
        let found = run(&Dataset { probabilities: Some(whole), ..dataset() }).unwrap();
        assert_eq!((&*found.flagged, found.source), (&[5, 4][..], MemberSource::Sets));
    }

    #[test]
    fn why_there_is_nothing_is_said() {
        assert_eq!(run(&dataset()).unwrap_err(), Undefined::NoProbabilities);
        assert!(run(&Dataset { sets: None, ..dataset() }).is_err());
        let few = Dataset { probabilities: Some(members()), ..dataset() };
        assert!(run(&few).unwrap_err().to_string().contains("2 labels, and 4 sets"));
        let short = Probabilities::from_f64(vec![0.5; 4], 2, 2).unwrap();
        let short = Dataset { member_probabilities: Some(short), ..dataset() };
        assert!(run(&short).unwrap_err().to_string().contains("2 rows"));
    }
}
