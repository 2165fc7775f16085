//! Which votes are probably mistakes, and what kind of disagreement each item shows.
//!
//! Raters' votes that count, no decision changes them; what models and another crowd think of the items is taken along.

use std::sync::Arc;

use super::Settings;
use crate::dataset::{Dataset, LabelId, Probabilities};
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;
use crate::stats::error_or_variation::{Ballots, ErrorOrVariation, Guideline, ItemKind, error_or_variation};

/// Raters of a camp that are named.
const SIDE: usize = 4;
/// Most values of an attribute that are groups.
const MOST_GROUPS: usize = 40;

/// What came of it.
#[derive(Debug, Clone)]
pub struct VotesReport {
    /// The numbers; labels are single labels where answers are sets.
    pub found: ErrorOrVariation,
    /// Names of labels, by number.
    pub labels: Vec<String>,
    /// Whether answers are sets, of which each label counts as one.
    pub by_member: bool,
    /// Numbers of scores, the most probable mistake first, ties by item and label; those above one half only.
    pub mistakes: Vec<u32>,
    /// Items with a probable mistake, ascending.
    pub with_mistakes: Arc<[u32]>,
    /// Items of each kind, in the order of [`ItemKind::ALL`], ascending.
    pub kinds: [Arc<[u32]>; 5],
    /// Items of each guideline, ascending.
    pub of_guideline: Vec<Arc<[u32]>>,
    /// Names of the distributions that were taken along.
    pub distributions: Vec<String>,
    /// Names of raters' attributes, by number in guidelines, and of their values.
    pub groups: Vec<(String, Vec<String>)>,
}

impl VotesReport {
    /// A label's name.
    pub fn label(&self, label: LabelId) -> &str {
        self.labels.get(label as usize).map_or("", String::as_str)
    }

    /// What groups of raters a guideline is of, and what each is called; `names` are those of raters.
    pub fn sides(&self, guideline: &Guideline, names: &[String]) -> (String, Vec<String>) {
        if let Some((name, values)) = guideline.attribute.and_then(|at| self.groups.get(at)) {
            return (name.clone(), values.clone());
        }
        let camp = |camp: u32| {
            let own = || guideline.camps.iter().zip(names).filter(|(c, _)| **c == camp);
            let first: Vec<&str> = own().take(SIDE).map(|(_, n)| n.as_str()).collect();
            match own().count() {
                n if n > SIDE => format!("{}, {} more", first.join(", "), n - SIDE),
                _ => first.join(", "),
            }
        };
        ("camps of their own".to_owned(), vec![camp(0), camp(1)])
    }

    /// Items of a kind.
    pub fn of_kind(&self, kind: ItemKind) -> &Arc<[u32]> {
        let at = ItemKind::ALL.iter().position(|k| *k == kind).unwrap_or(0);
        &self.kinds[at]
    }
}

/// Tells mistakes from readings among the votes that count.
///
/// Undefined for answers on a scale of numbers without labels, and as [`error_or_variation`].
pub fn votes(
    dataset: &Dataset,
    settings: &Settings,
    progress: &Progress,
) -> Result<Result<VotesReport, Undefined>, Cancelled> {
    let (n, raters) = (dataset.n_items(), &dataset.raters);
    if dataset.annotations.is_empty() {
        return Ok(Err(Undefined::NoAnnotations));
    }
    progress.stage("Sorting votes", 0);
    let counted = settings.counted(dataset);
    let members = dataset.sets.as_ref();
    let labels = members.map_or_else(|| dataset.labels.names(), |s| s.members.as_slice()).to_vec();
    let mut votes = Vec::with_capacity(counted.len());
    for item in 0..n {
        if item % 65_536 == 0 {
            progress.check()?;
        }
        for vote in counted.of_item(item) {
            match members {
                None => votes.push((item as u32, vote.rater, vote.label)),
                Some(sets) => {
                    let of = sets.of_label.get(vote.label as usize).map_or(&[][..], Vec::as_slice);
                    votes.extend(of.iter().map(|&m| (item as u32, vote.rater, m)));
                }
            }
        }
    }
    let ballots = Ballots::new(n, (counted.n_raters(), raters.anonymous), labels.len(), votes);
    let model = if members.is_some() { &dataset.member_probabilities } else { &dataset.probabilities };
    let fits = |p: &&Probabilities| p.rows() == n && p.cols() == labels.len();
    // What was learned from these labels says nothing about them that is its own.
    let model = model.as_ref().filter(|_| dataset.learned.is_none()).filter(fits);
    let distributions: Vec<&Probabilities> =
        model.into_iter().chain(dataset.models.iter().chain(&dataset.crowds).filter(fits)).collect();
    let attributes = raters.attributes.iter().enumerate();
    let groups: Vec<(String, Vec<String>)> = attributes
        .map(|(at, (name, _))| (name.clone(), raters.values(at).into_iter().map(str::to_owned).collect()))
        .collect();
    let group_of: Vec<(Vec<u32>, usize)> = groups
        .iter()
        .zip(&raters.attributes)
        .map(|((_, values), (_, own))| {
            if values.len() < 2 || values.len() > MOST_GROUPS {
                return (Vec::new(), 0);
            }
            let number = |v: &String| values.binary_search(v).map_or(u32::MAX, |at| at as u32);
            (own.iter().map(number).collect(), values.len())
        })
        .collect();
    let found = match error_or_variation(&ballots, &distributions, &group_of, progress)? {
        Ok(found) => found,
        Err(reason) => return Ok(Err(reason)),
    };
    progress.check()?;
    let mut mistakes: Vec<u32> =
        (0..found.scores.len() as u32).filter(|&s| found.scores[s as usize].mistake >= 0.5).collect();
    mistakes.sort_by(|&a, &b| {
        let odds = |s: u32| found.scores[s as usize].evidence.sum();
        odds(a).total_cmp(&odds(b)).then(a.cmp(&b))
    });
    let mut with_mistakes: Vec<u32> = mistakes.iter().map(|&s| found.scores[s as usize].item).collect();
    with_mistakes.sort_unstable();
    with_mistakes.dedup();
    let of_kind = |kind: ItemKind| -> Arc<[u32]> {
        (0..n as u32).filter(|&i| found.kinds[i as usize] == kind).collect()
    };
    let follows = |at: usize| -> Arc<[u32]> {
        (0..n as u32).filter(|&i| found.follows[i as usize] == Some(at as u32)).collect()
    };
    Ok(Ok(VotesReport {
        labels,
        by_member: members.is_some(),
        with_mistakes: with_mistakes.into(),
        kinds: ItemKind::ALL.map(of_kind),
        of_guideline: (0..found.guidelines.len()).map(follows).collect(),
        mistakes,
        distributions: distributions.iter().map(|p| p.name.clone()).collect(),
        groups,
        found,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{AnnotationsBuilder, LabelSet, LabelSets, RaterKind, Raters};

    /// Forty items, four raters; on items 0 and 10 the last rater is alone, on 20 to 29 two groups part.
    fn dataset(sets: bool) -> Dataset {
        let mut builder = AnnotationsBuilder::new();
        for item in 0..40_u32 {
            for rater in 0..4_u32 {
                let usual = item % 2;
                let label = match item {
                    0 | 10 if rater == 3 => 2,
                    20..30 => u32::from(rater < 2),
                    _ => usual,
                };
                builder.push(item, rater, label, None);
            }
        }
        let names = ["a", "b", "c"].map(str::to_owned);
        Dataset {
            labels: LabelSet::new(&names, []),
            keys: (0..40).map(|i| i.to_string()).collect::<Vec<_>>().iter().map(String::as_str).collect(),
            raters: Raters {
                names: ["r1", "r2", "r3", "r4"].map(str::to_owned).to_vec(),
                kinds: vec![RaterKind::Human; 4],
                attributes: vec![("team".to_owned(), ["x", "x", "y", "y"].map(str::to_owned).to_vec())],
                ..Raters::default()
            },
            annotations: builder.finish(40, 4),
            sets: sets.then(|| LabelSets {
                members: ["a", "b", "c"].map(str::to_owned).to_vec(),
                of_label: vec![vec![0], vec![1], vec![0, 2]],
            }),
            ..Dataset::default()
        }
    }

    fn of(dataset: &Dataset) -> VotesReport {
        votes(dataset, &Settings::default(), &Progress::new()).unwrap().unwrap()
    }

    #[test]
    fn lone_votes_are_mistakes_and_teams_that_part_are_not() {
        let r = of(&dataset(false));
        assert_eq!(&*r.with_mistakes, [0, 10]);
        assert_eq!(&**r.of_kind(ItemKind::ErrorLike), [0, 10]);
        let split: Vec<u32> = (20..30).collect();
        assert_eq!(&**r.of_kind(ItemKind::GuidelineLike), split);
        assert_eq!((&*r.of_guideline[0], r.found.guidelines[0].labels), (split.as_slice(), [0, 1]));
        assert_eq!(
            r.groups[r.found.guidelines[0].attribute.unwrap()],
            ("team".into(), vec!["x".into(), "y".into()])
        );
        let first = &r.found.scores[r.mistakes[0] as usize];
        assert_eq!((first.label, first.n_for, first.n_of), (2, 1, 4));
        assert!(votes(&Dataset::default(), &Settings::default(), &Progress::new()).unwrap().is_err());
    }

    #[test]
    fn each_label_of_a_set_is_a_vote() {
        let r = of(&dataset(true));
        let of_first: Vec<(u32, u32)> = r.found.of_item(0).iter().map(|s| (s.label, s.n_for)).collect();
        assert!(r.by_member && of_first == [(0, 4), (2, 1)], "{of_first:?}");
    }
}
