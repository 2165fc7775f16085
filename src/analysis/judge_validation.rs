//! May a machine judge be believed? Each model held against people as people are held against each other, after a look at whether it means the
//! same by the labels; and each person's labels looked at in the same way.
//!
//! Judges are raters that are models, and models with probabilities, by their most probable label, or on a scale by their mean. People are the
//! raters who count and are no models. Raters' votes only: no decision changes them.

use std::sync::Arc;

use rayon::prelude::*;

use super::Settings;
use crate::dataset::{Annotations, Dataset, LabelId, NO_LABEL, RaterKind, Scale};
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;
use crate::stats::correlation::Correlation;
use crate::stats::judge_validation::{
    Agreement, Ceilings, Choices, Hygiene, LabelMap, Leaderboard, Measure, People, Table, agreement,
    ceilings, choices, hygiene, label_map, leaderboard,
};
use crate::stats::norm_ratings::{FEW, Offset, SplitHalf, norms, offset, reliability_of_means, split_half};

/// Most parts of a cut.
const MOST_PARTS: usize = 30;
/// Items below which a part says nothing, and a person's labels are not looked at.
const LEAST_ITEMS: usize = 10;
/// Most people whose labels are looked at: those with most votes.
const MOST_PEOPLE: usize = 1_000;
/// People times labels³ that are mapped at most: fewer people where there are many labels.
const WORK: usize = 2_000_000_000;

/// What the agreement is cut by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Cut {
    /// An attribute of the raters: people of each value apart, as experts and crowd.
    Attribute(String),
    /// A column about the items: items of each value apart.
    Column(String),
}

impl Cut {
    /// All that `dataset` has: attributes and columns with a few values.
    pub fn all(dataset: &Dataset) -> Vec<Self> {
        let few = |n: usize| (2..=MOST_PARTS).contains(&n);
        let attributes = (0..dataset.raters.attributes.len())
            .filter(|&a| dataset.raters.are_known() && few(dataset.raters.values(a).len()))
            .map(|a| Self::Attribute(dataset.raters.attributes[a].0.clone()));
        let columns = dataset.metadata.iter().filter(|(_, column)| {
            let mut seen = std::collections::HashSet::new();
            column.iter().all(|v| {
                seen.insert(v);
                seen.len() <= MOST_PARTS
            }) && few(seen.len())
        });
        attributes.chain(columns.map(|(name, _)| Self::Column(name.clone()))).collect()
    }

    /// For people.
    pub fn name(&self) -> &str {
        match self {
            Self::Attribute(name) | Self::Column(name) => name,
        }
    }
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgingAsked {
    /// Whose votes count.
    pub settings: Settings,
    /// What the agreement is cut by.
    pub cut: Option<Cut>,
    /// Seed of everything that is drawn.
    pub seed: u64,
}

/// Who judges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JudgeKind {
    /// A rater that is a model.
    Rater(u32),
    /// A model's most probable label.
    Probabilities,
}

/// A judge against people.
#[derive(Debug, Clone)]
pub struct Judged {
    /// What it is called.
    pub name: String,
    /// Who it is.
    pub kind: JudgeKind,
    /// κ with the strict majority.
    pub kappa: Agreement,
    /// On a scale: ρ, Pearson's r and Kendall's τ_b with the mean.
    pub on_scale: Option<[Result<f64, Undefined>; 3]>,
    /// On a scale: how far it is off.
    pub offset: Option<Offset>,
    /// Whether it means other labels by the same codes.
    pub map: Option<LabelMap>,
    /// How it uses the scale.
    pub hygiene: Option<Hygiene>,
    /// One a part of the cut: its name, and κ or ρ there.
    pub parts: Vec<(String, Agreement)>,
    /// Items on which it says otherwise than the majority, ascending.
    pub parted: Arc<[u32]>,
    /// Answered more than once: items, and the share of them on which it said the same each time.
    pub repeated: Option<(usize, f64)>,
}

/// How reliable the means of people's ratings are, and so how well anything could agree with them at best.
#[derive(Debug, Clone)]
pub struct Norms {
    /// By random halves of each item's raters.
    pub split_half: Result<SplitHalf, Undefined>,
    /// By the means and their standard errors.
    pub of_means: Result<f64, Undefined>,
    /// Items with fewer than [`FEW`](crate::stats::norm_ratings::FEW) ratings, ascending.
    pub few: Arc<[u32]>,
}

impl Norms {
    /// The reliability that ceilings are made of: by halves, else by the means.
    pub fn reliability(&self) -> Option<f64> {
        let halves = self.split_half.as_ref().ok().map(|s| s.reliability);
        halves.or(self.of_means.as_ref().ok().copied())
    }

    fn of(people: &People<'_>, values: &[f64], seed: u64, progress: &Progress) -> Result<Self, Cancelled> {
        let all = norms(people.votes, values);
        let few = all.iter().enumerate().filter(|(_, n)| n.is_some_and(|n| n.n < FEW));
        Ok(Self {
            few: few.map(|(item, _)| item as u32).collect(),
            of_means: reliability_of_means(&all.into_iter().flatten().collect::<Vec<_>>()),
            split_half: split_half(people.votes, values, seed, progress)?,
        })
    }
}

/// A person whose labels look as if they meant others.
#[derive(Debug, Clone)]
pub struct Suspect {
    /// Who.
    pub rater: u32,
    /// What was found.
    pub map: LabelMap,
    /// The items on which this person parts with the majority of the others, ascending.
    pub items: Arc<[u32]>,
}

/// Judges against people.
#[derive(Debug, Clone)]
pub struct JudgingReport {
    /// What was asked for.
    pub asked: JudgingAsked,
    /// What judges are ranked by.
    pub measure: Measure,
    /// One a judge, in the order of the data.
    pub judges: Vec<Judged>,
    /// What people reach.
    pub ceilings: Ceilings,
    /// How often judges say what each person says, and people what most of the others say; where people are known and choose among labels.
    pub choices: Option<Choices>,
    /// On a scale: how reliable people's means are.
    pub norms: Option<Norms>,
    /// Judges ranked.
    pub board: Leaderboard,
    /// People whose labels look turned round, the surest first.
    pub suspects: Vec<Suspect>,
    /// People looked at for that.
    pub n_looked_at: usize,
    /// Items that people voted on.
    pub n_items: usize,
}

/// Whether there is a judge, or a person to be looked at.
pub fn has_judges(dataset: &Dataset) -> bool {
    dataset.sets.is_none()
        && !dataset.annotations.is_empty()
        && (dataset.probabilities.is_some()
            || !dataset.models.is_empty()
            || dataset.raters.kinds.contains(&RaterKind::Model)
            || dataset.raters.are_known())
}

/// A judge's label of every item.
pub(super) struct Judge {
    pub(super) name: String,
    kind: JudgeKind,
    pub(super) labels: Vec<LabelId>,
    /// Answers on the scale, where they are no labels.
    means: Option<Vec<f64>>,
    repeated: Option<(usize, f64)>,
}

/// Holds every judge against people.
///
/// Undefined for multi-label data, without people's votes, and without a judge or a person who is known.
///
/// # Errors
/// If it was cancelled.
pub fn judging(
    dataset: &Dataset,
    asked: &JudgingAsked,
    progress: &Progress,
) -> Result<Result<JudgingReport, Undefined>, Cancelled> {
    let (votes, values) = match of_people(dataset, &asked.settings) {
        Ok(found) => found,
        Err(reason) => return Ok(Err(reason)),
    };
    let (labels, known) = (&dataset.labels, dataset.raters.are_known());
    let people = People { votes: &votes, n_labels: labels.len(), values: values.as_deref() };
    let measure = if values.is_some() { Measure::Rho } else { Measure::Kappa };
    progress.stage("Judges", 0);
    let judges = judges_of(dataset, values.as_deref(), progress)?;
    if judges.is_empty() && !known {
        let why = "there is no model, and nobody knows whose the votes are";
        return Ok(Err(Undefined::Because(why.to_owned())));
    }
    let ordered = values.is_some();
    let judged: Vec<Result<Judged, Cancelled>> = judges
        .par_iter()
        .map(|judge| judged(dataset, asked, &people, judge, (measure, ordered), progress))
        .collect();
    let mut judged: Vec<Judged> = judged.into_iter().collect::<Result<_, _>>()?;
    if let Some(Cut::Attribute(name)) = &asked.cut {
        cut_by_raters(dataset, name, &votes, &people, measure, &judges, &mut judged, progress)?;
    }
    progress.stage("What people reach", 0);
    let columns: Vec<&[LabelId]> = judges.iter().map(|j| j.labels.as_slice()).collect();
    let ceilings = ceilings(&people, &columns, (measure, known), asked.seed, progress)?;
    let choices =
        if known && measure == Measure::Kappa { Some(choices(&people, &columns, progress)?) } else { None };
    progress.stage("Order of the judges", 0);
    let board = leaderboard(&people, &columns, measure, asked.seed, progress)?;
    let norms = match people.values {
        Some(values) => Some(Norms::of(&people, values, asked.seed, progress)?),
        None => None,
    };
    progress.stage("Labels turned round", 0);
    let (suspects, n_looked_at) =
        if known { suspects(&people, ordered, asked.seed, progress)? } else { (Vec::new(), 0) };
    Ok(Ok(JudgingReport {
        asked: asked.clone(),
        measure,
        judges: judged,
        ceilings,
        choices,
        norms,
        board,
        suspects,
        n_looked_at,
        n_items: (0..votes.n_items()).filter(|&i| votes.count(i) > 0).count(),
    }))
}

/// The votes that count of raters who are no models, one a rater and item.
pub fn peoples_votes(dataset: &Dataset, settings: &Settings) -> Annotations {
    let is_model = |r: u32| dataset.raters.kinds.get(r as usize) == Some(&RaterKind::Model);
    let counted = settings.counted(dataset);
    let people_only = dataset.raters.are_known() && dataset.raters.kinds.contains(&RaterKind::Model);
    let votes = if people_only { counted.keep(|_, r| !is_model(r)) } else { counted.into_owned() };
    votes.resolved(settings.duplicates)
}

/// The label with the largest probability, the first of equal ones; none where all are 0.
pub(super) fn most_probable(row: &[f64]) -> LabelId {
    let best = row.iter().enumerate().fold(None, |best: Option<(usize, f64)>, (l, &p)| match best {
        Some(best) if best.1 >= p => Some(best),
        _ if p > 0.0 => Some((l, p)),
        _ => best,
    });
    best.map_or(NO_LABEL, |b| b.0 as LabelId)
}

/// People's votes that count, and what labels are worth where they have an order.
fn of_people(dataset: &Dataset, settings: &Settings) -> Result<(Annotations, Option<Vec<f64>>), Undefined> {
    let because = |why: &str| Err(Undefined::Because(why.to_owned()));
    if dataset.sets.is_some() {
        return because("items have several labels");
    }
    let votes = peoples_votes(dataset, settings);
    if votes.is_empty() {
        return because("no person's vote counts");
    }
    let labels = &dataset.labels;
    let values = (labels.scale != Scale::Nominal || labels.values().is_some())
        .then(|| labels.values().unwrap_or_else(|| (0..labels.len()).map(|l| l as f64).collect()))
        .filter(|_| labels.len() > 2);
    Ok((votes, values))
}

/// People whose labels look as if they meant others, the surest first. What [`judging`] says of them, without a model.
///
/// Undefined for multi-label data, without people's votes, and where nobody knows whose they are.
///
/// # Errors
/// If it was cancelled.
pub fn turned_labels(
    dataset: &Dataset,
    settings: &Settings,
    seed: u64,
    progress: &Progress,
) -> Result<Result<Vec<Suspect>, Undefined>, Cancelled> {
    if !dataset.raters.are_known() {
        return Ok(Err(Undefined::Because("nobody knows whose the votes are".to_owned())));
    }
    let (votes, values) = match of_people(dataset, settings) {
        Ok(found) => found,
        Err(reason) => return Ok(Err(reason)),
    };
    let people = People { votes: &votes, n_labels: dataset.labels.len(), values: values.as_deref() };
    progress.stage("Labels turned round", 0);
    Ok(Ok(suspects(&people, values.is_some(), seed, progress)?.0))
}

/// Every judge's label of every item.
pub(super) fn judges_of(
    dataset: &Dataset,
    values: Option<&[f64]>,
    progress: &Progress,
) -> Result<Vec<Judge>, Cancelled> {
    let n = dataset.n_items();
    let mut judges = Vec::new();
    if dataset.raters.are_known() {
        for (rater, &kind) in dataset.raters.kinds.iter().enumerate() {
            if kind != RaterKind::Model {
                continue;
            }
            progress.check()?;
            let mut labels = vec![NO_LABEL; n];
            let mut own: Vec<(u32, LabelId)> =
                dataset.annotations.of_rater(rater).map(|a| (a.item, a.label)).collect();
            own.iter().for_each(|&(item, label)| labels[item as usize] = label);
            own.sort_by_key(|o| o.0);
            let again: Vec<&[(u32, LabelId)]> =
                own.chunk_by(|a, b| a.0 == b.0).filter(|answers| answers.len() > 1).collect();
            let same = again.iter().filter(|answers| answers.iter().all(|a| a.1 == answers[0].1)).count();
            judges.push(Judge {
                name: dataset.raters.names[rater].clone(),
                kind: JudgeKind::Rater(rater as u32),
                labels,
                means: None,
                repeated: (!again.is_empty()).then(|| (again.len(), same as f64 / again.len() as f64)),
            });
        }
    }
    for model in dataset.probabilities.iter().chain(&dataset.models) {
        if model.cols() != dataset.labels.len() {
            continue;
        }
        let mut row = vec![0.0; model.cols()];
        let (mut labels, mut means) = (vec![NO_LABEL; n], values.map(|_| vec![f64::NAN; n]));
        for item in 0..n.min(model.rows()) {
            if item % 4096 == 0 {
                progress.check()?;
            }
            model.read(item, &mut row);
            labels[item] = most_probable(&row);
            if let (Some(means), Some(values)) = (&mut means, values) {
                let sum: f64 = row.iter().sum();
                if sum > 0.0 {
                    means[item] = row.iter().zip(values).map(|(p, v)| p * v).sum::<f64>() / sum;
                }
            }
        }
        let name = if model.name.is_empty() { "probabilities".to_owned() } else { model.name.clone() };
        judges.push(Judge { name, kind: JudgeKind::Probabilities, labels, means, repeated: None });
    }
    Ok(judges)
}

fn judged(
    dataset: &Dataset,
    asked: &JudgingAsked,
    people: &People<'_>,
    judge: &Judge,
    (measure, ordered): (Measure, bool),
    progress: &Progress,
) -> Result<Judged, Cancelled> {
    let n = dataset.n_items();
    let said = |item: usize| judge.labels.get(item).copied().filter(|&l| l != NO_LABEL);
    let both = || (0..n).filter_map(|i| people.majority(i).zip(said(i)));
    let map = label_map(&Table::of(people.n_labels, both()), ordered, asked.seed, progress)?;
    let parted: Vec<u32> = (0..n)
        .filter(|&i| people.majority(i).zip(said(i)).is_some_and(|(people, own)| people != own))
        .map(|i| i as u32)
        .collect();
    let (mut on_scale, mut off, mut use_of_scale) = (None, None, None);
    if let Some(values) = people.values {
        let own = |i: usize| match &judge.means {
            Some(means) => means.get(i).copied().filter(|m| m.is_finite()),
            None => said(i).and_then(|l| values.get(l as usize).copied()),
        };
        let pairs: Vec<(f64, f64)> = (0..n).filter_map(|i| people.mean(i).zip(own(i))).collect();
        let (x, y): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
        let of = |c: Correlation| c.of(&x, &y);
        on_scale = Some([of(Correlation::Spearman), of(Correlation::Pearson), of(Correlation::KendallTauB)]);
        off = offset(&pairs);
        let theirs = people_scale(people, values);
        let answers: Vec<f64> = (0..n).filter_map(own).collect();
        use_of_scale = hygiene(&answers, theirs);
    }
    let parts = match &asked.cut {
        Some(Cut::Column(name)) => parts_of_items(dataset, name, people, &judge.labels, measure),
        _ => Vec::new(),
    };
    Ok(Judged {
        name: judge.name.clone(),
        kind: judge.kind.clone(),
        kappa: agreement(people, &judge.labels, Measure::Kappa),
        on_scale,
        offset: off,
        map,
        hygiene: use_of_scale,
        parts,
        parted: parted.into(),
        repeated: judge.repeated,
    })
}

/// Lowest and highest answers of people.
fn people_scale(people: &People<'_>, values: &[f64]) -> Option<(f64, f64)> {
    let said = (0..people.votes.n_items()).flat_map(|i| people.votes.labels_of(i));
    said.filter_map(|&l| values.get(l as usize)).fold(None, |scale: Option<(f64, f64)>, &v| {
        Some(scale.map_or((v, v), |(low, high)| (low.min(v), high.max(v))))
    })
}

/// κ or ρ on the items of each value of a column.
fn parts_of_items(
    dataset: &Dataset,
    name: &str,
    people: &People<'_>,
    labels: &[LabelId],
    measure: Measure,
) -> Vec<(String, Agreement)> {
    let Some((_, column)) = dataset.metadata.iter().find(|(n, _)| n == name) else { return Vec::new() };
    let mut values: Vec<&str> = column.iter().collect();
    values.sort_unstable();
    values.dedup();
    let part = |value: &str| {
        let own: Vec<LabelId> = labels
            .iter()
            .enumerate()
            .map(|(i, &l)| if column.get(i) == value { l } else { NO_LABEL })
            .collect();
        let mut found = agreement(people, &own, measure);
        // What belongs to other parts is not missing.
        found.n_missing = 0;
        (value.to_owned(), enough(found))
    };
    values.into_iter().take(MOST_PARTS).map(part).collect()
}

fn enough(found: Agreement) -> Agreement {
    if found.n >= LEAST_ITEMS {
        return found;
    }
    let why = format!("fewer than {LEAST_ITEMS} items");
    Agreement { value: Err(Undefined::Because(why)), ..found }
}

/// κ or ρ with the people of each value of an attribute.
fn cut_by_raters(
    dataset: &Dataset,
    name: &str,
    votes: &Annotations,
    people: &People<'_>,
    measure: Measure,
    judges: &[Judge],
    judged: &mut [Judged],
    progress: &Progress,
) -> Result<(), Cancelled> {
    let attributes = &dataset.raters.attributes;
    let Some(at) = attributes.iter().position(|a| a.0 == name) else { return Ok(()) };
    for value in dataset.raters.values(at).into_iter().take(MOST_PARTS) {
        progress.check()?;
        let own = votes.keep(|_, r| attributes[at].1.get(r as usize).is_some_and(|v| v == value));
        let some = People { votes: &own, ..*people };
        for (judge, judged) in judges.iter().zip(judged.iter_mut()) {
            judged.parts.push((value.to_owned(), enough(agreement(&some, &judge.labels, measure))));
        }
    }
    Ok(())
}

/// People whose labels look as if they meant others, each against the majority of all others.
fn suspects(
    people: &People<'_>,
    ordered: bool,
    seed: u64,
    progress: &Progress,
) -> Result<(Vec<Suspect>, usize), Cancelled> {
    let votes = people.votes;
    let n_votes = |r: usize| votes.rows_of_rater(r).len();
    let mut raters: Vec<usize> = (0..votes.n_raters()).filter(|&r| n_votes(r) >= LEAST_ITEMS).collect();
    raters.sort_by_key(|&r| (std::cmp::Reverse(n_votes(r)), r));
    raters.truncate(MOST_PEOPLE.min(WORK / people.n_labels.pow(3).max(1)));
    let found: Vec<Result<Option<Suspect>, Cancelled>> = raters
        .par_iter()
        .map(|&rater| {
            progress.check()?;
            let others = || {
                votes.of_rater(rater).filter_map(|a| {
                    Some((a.item, people.majority_without(a.item as usize, a.label)?, a.label))
                })
            };
            let table = Table::of(people.n_labels, others().map(|(_, people, own)| (people, own)));
            let Some(map) = label_map(&table, ordered, seed, progress)? else { return Ok(None) };
            let items: Vec<u32> = others().filter(|(_, people, own)| people != own).map(|o| o.0).collect();
            Ok(map.warns().then(|| Suspect { rater: rater as u32, map, items: items.into() }))
        })
        .collect();
    let mut suspects: Vec<Suspect> =
        found.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
    suspects.sort_by(|a, b| {
        let gain = |s: &Suspect| s.map.kappa_max - s.map.kappa;
        gain(b).total_cmp(&gain(a)).then(a.rater.cmp(&b.rater))
    });
    Ok((suspects, raters.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{AnnotationsBuilder, LabelSet, Raters};

    /// Forty items, five people who see the truth but for a slip now and then, a good judge and one whose labels are turned round.
    fn dataset(turned_person: bool) -> Dataset {
        let mut builder = AnnotationsBuilder::new();
        for item in 0..40_u32 {
            let truth = item * 7 % 3 % 2;
            for rater in 0..5_u32 {
                let slip = (item * 5 + rater * 3) % 11 == 0;
                let own = if slip { 1 - truth } else { truth };
                let own = if turned_person && rater == 4 { 1 - own } else { own };
                builder.push(item, rater, own, None);
            }
            builder.push(item, 5, if item % 13 == 0 { 1 - truth } else { truth }, None);
            builder.push(item, 6, if item % 17 == 0 { truth } else { 1 - truth }, None);
        }
        let mut kinds = vec![RaterKind::Human; 5];
        kinds.extend([RaterKind::Model; 2]);
        let keys: Vec<String> = (0..40).map(|i| format!("t{i}")).collect();
        Dataset {
            keys: keys.iter().map(String::as_str).collect(),
            labels: LabelSet::new(&[], ["no", "yes"].map(str::to_owned)),
            raters: Raters {
                names: ["a", "b", "c", "d", "e", "good", "turned"].map(str::to_owned).to_vec(),
                kinds,
                attributes: vec![(
                    "expert".to_owned(),
                    ["yes", "yes", "no", "no", "no", "", ""].map(str::to_owned).to_vec(),
                )],
                ..Raters::default()
            },
            annotations: builder.finish(40, 7),
            ..Dataset::default()
        }
    }

    fn asked(cut: Option<Cut>) -> JudgingAsked {
        JudgingAsked { settings: Settings::default(), cut, seed: 1 }
    }

    #[test]
    fn the_turned_judge_is_found_and_people_are_the_yardstick() {
        let data = dataset(false);
        let report = judging(&data, &asked(None), &Progress::new()).unwrap().unwrap();
        let [good, turned] = report.judges.as_slice() else { panic!("{:?}", report.judges) };
        assert!(good.map.as_ref().is_some_and(|m| !m.warns()) && turned.map.as_ref().unwrap().warns());
        assert!(good.kappa.value.clone().unwrap() > 0.7 && turned.kappa.value.clone().unwrap() < -0.5);
        assert_eq!(report.board.places[0].judge, 0);
        assert!(report.suspects.is_empty() && report.n_looked_at == 5 && report.n_items == 40);
        // Ties of four others are left out, so that either ceiling can be the higher one here.
        assert!(
            [report.ceilings.left_out, report.ceilings.included]
                .iter()
                .all(|c| c.is_some_and(|c| c.mean > 0.5))
        );
        assert_eq!(good.parted.as_ref(), [0, 13, 26, 39]);
    }

    #[test]
    fn a_turned_person_is_found_too() {
        let report = judging(&dataset(true), &asked(None), &Progress::new()).unwrap().unwrap();
        assert_eq!(report.suspects.iter().map(|s| s.rater).collect::<Vec<_>>(), [4]);
        assert!(report.suspects[0].items.len() > 30);
    }

    #[test]
    fn experts_and_crowd_are_held_apart() {
        let data = dataset(false);
        let cuts = Cut::all(&data);
        assert_eq!(cuts, [Cut::Attribute("expert".to_owned())]);
        let report = judging(&data, &asked(cuts.into_iter().next()), &Progress::new()).unwrap().unwrap();
        let parts = &report.judges[0].parts;
        assert_eq!(parts.iter().map(|p| p.0.as_str()).collect::<Vec<_>>(), ["no", "yes"]);
        assert!(parts.iter().all(|p| p.1.value.clone().is_ok_and(|k| k > 0.5)), "{parts:?}");
        // Two experts tie more often than three others.
        assert!(parts[1].1.n_tied > parts[0].1.n_tied);
    }

    #[test]
    fn without_anybody_known_it_is_said() {
        let mut data = dataset(false);
        data.raters = Raters::default();
        assert!(judging(&data, &asked(None), &Progress::new()).unwrap().is_err());
    }

    /// The worked example of norm ratings, six items and four people with a machine, twice over so that ranks are drawn.
    #[test]
    fn on_a_scale_reliability_is_the_ceiling() {
        let rows = [[1, 2, 1, 2], [3, 3, 4, 2], [5, 4, 5, 5], [2, 2, 3, 1], [4, 5, 4, 3], [6, 7, 6, 5]];
        let machine = [2, 3, 6, 3, 4, 7];
        let mut builder = AnnotationsBuilder::new();
        for item in 0..12_usize {
            for (rater, &rating) in rows[item % 6].iter().enumerate() {
                builder.push(item as u32, rater as u32, rating - 1, None);
            }
            builder.push(item as u32, 4, machine[item % 6] - 1, None);
        }
        let keys: Vec<String> = (0..12).map(|i| format!("t{i}")).collect();
        let mut labels = LabelSet::new(&[], (1..8).map(|v| v.to_string()));
        labels.scale = Scale::Interval;
        let mut kinds = vec![RaterKind::Human; 4];
        kinds.push(RaterKind::Model);
        let names = ["a", "b", "c", "d", "machine"].map(str::to_owned).to_vec();
        let data = Dataset {
            keys: keys.iter().map(String::as_str).collect(),
            labels,
            raters: Raters { names, kinds, ..Raters::default() },
            annotations: builder.finish(12, 5),
            ..Dataset::default()
        };
        let report = judging(&data, &asked(None), &Progress::new()).unwrap().unwrap();
        assert_eq!(report.measure, Measure::Rho);
        let [rho, r, _] = report.judges[0].on_scale.clone().unwrap();
        assert!((rho.unwrap() - 0.985_611).abs() < 1e-6 && (r.clone().unwrap() - 0.963_965).abs() < 1e-6);
        assert!((report.judges[0].offset.unwrap().bias - 0.625).abs() < 1e-12);
        assert!((report.ceilings.by_rater.unwrap().mean - 0.9452).abs() < 5e-5);
        assert!((report.ceilings.judges_by_rater[0].unwrap().mean - 0.9782).abs() < 5e-5);
        let norms = report.norms.unwrap();
        assert!((norms.reliability().unwrap() - 0.96).abs() < 0.02, "{norms:?}");
        assert_eq!(norms.few.len(), 12, "four ratings are few");
    }
}
