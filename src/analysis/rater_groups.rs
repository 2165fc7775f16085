//! Groups of raters: do they answer otherwise, is that more than the people who happen to be in them, whose majority serves whom,
//! and do raters who differ in what is known of them disagree more?
//!
//! Agreement within and across groups is a cut of agreement ([`cuts`](super::cuts)); here are differences, tested by permuting whole
//! raters.

use super::Settings;
use crate::dataset::{Annotations, Dataset, LabelId};
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;
use crate::stats::agreement::benjamini_hochberg;
use crate::stats::rater_groups::{
    GapTest, Heterogeneity, Juries, MantelReport, PairMatrix, Profile, Ratings, Seats, TestOptions,
    heterogeneity, mantel, mean_gap, pair_disagreement, profile_dissimilarity, whose_majority,
};

/// Groups whose pairs are looked at: those with most raters.
pub const MOST_GROUPS: usize = 8;
/// Groups whose juries are drawn.
const MOST_POOLS: usize = 4;
/// Permuted ratings in all: fewer permutations where there are many.
const WORK: usize = 1_050_000_000;
/// Votes that juries are held against, in all.
const JURY_WORK: usize = 60_000_000;
/// Labels that are looked at one by one: those used most.
const MOST_LABELS: usize = 12;
/// Items that two raters share before they are a pair.
const LEAST_SHARED: u32 = 5;

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupsAsked {
    /// Who counts.
    pub settings: Settings,
    /// Number of the attribute of raters.
    pub attribute: usize,
    /// Seed of permutations and juries.
    pub seed: u64,
}

/// How much more often one group gives a label than another.
#[derive(Debug, Clone)]
pub struct LabelGap {
    /// The label.
    pub label: LabelId,
    /// Mean over shared items of the difference of the groups' shares of votes for it, in -1..=1.
    pub found: GapTest,
    /// Its p-value, adjusted over all labels and pairs.
    pub adjusted: Option<f64>,
}

/// Two groups.
#[derive(Debug, Clone)]
pub struct GroupPair {
    /// Numbers in [`GroupsReport::values`].
    pub groups: [usize; 2],
    /// Difference of mean ratings, where labels are numbers.
    pub gap: Result<GapTest, Undefined>,
    /// Choosing differently within and between.
    pub apart: Result<Heterogeneity, Undefined>,
    /// P-values of the gap and of Φ, adjusted over all pairs (Benjamini & Hochberg).
    pub adjusted: [Option<f64>; 2],
    /// Label by label, where labels are no numbers: the clearest difference first.
    pub labels: Vec<LabelGap>,
}

impl GroupPair {
    /// The clearest difference of the two, and its adjusted p-value: of means, or of a label.
    pub fn clearest(&self) -> Option<(Option<LabelId>, &GapTest, Option<f64>)> {
        match (&self.gap, self.labels.first()) {
            (Ok(gap), _) => Some((None, gap, self.adjusted[0])),
            (_, Some(first)) => Some((Some(first.label), &first.found, first.adjusted)),
            _ => None,
        }
    }
}

/// Juries out of one group, for members of another.
#[derive(Debug, Clone)]
pub struct Served {
    /// The group that sits.
    pub pool: usize,
    /// The group that is served.
    pub target: usize,
    /// By number of seats.
    pub seats: Vec<Seats>,
}

/// How raters are unlike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unlike {
    /// The share of attributes, known of both, in which they differ.
    Attributes,
    /// Attributes that are numbers, as one list a rater.
    Numbers(Profile),
    /// The shares of labels that they give, as one list a rater: cosine.
    Labels,
}

impl Unlike {
    /// In words, after “Raters who …”.
    pub fn words(self) -> &'static str {
        match self {
            Self::Attributes => "differ in more attributes",
            Self::Numbers(Profile::Cosine) => "differ in their numbers (cosine)",
            Self::Numbers(Profile::Absolute) => "differ in their numbers (absolute)",
            Self::Numbers(Profile::KendallTau) => "order their numbers otherwise (Kendall)",
            Self::Labels => "use labels otherwise (cosine)",
        }
    }

    /// In a file.
    pub fn id(self) -> &'static str {
        match self {
            Self::Attributes => "attributes",
            Self::Numbers(Profile::Cosine) => "numbers_cosine",
            Self::Numbers(Profile::Absolute) => "numbers_absolute",
            Self::Numbers(Profile::KendallTau) => "numbers_kendall",
            Self::Labels => "labels_cosine",
        }
    }
}

/// How far unlike raters disagree more.
#[derive(Debug, Clone)]
pub struct ProfileReport {
    /// What they are unlike in.
    pub unlike: Unlike,
    /// Attributes, or labels, behind it.
    pub n: usize,
    /// The test.
    pub found: Result<MantelReport, Undefined>,
}

/// All groups of an attribute.
#[derive(Debug, Clone)]
pub struct GroupsReport {
    /// What was asked for.
    pub asked: GroupsAsked,
    /// The attribute.
    pub attribute: String,
    /// Its values, those with most raters first; at most [`MOST_GROUPS`].
    pub values: Vec<String>,
    /// Raters of each who labelled something.
    pub n_raters: Vec<usize>,
    /// Values that are left out because others have more raters.
    pub n_more: usize,
    /// Raters without a value.
    pub n_without: usize,
    /// All groups together.
    pub all: Result<Heterogeneity, Undefined>,
    /// Two by two, in the order of the values.
    pub pairs: Vec<GroupPair>,
    /// Whose majority serves whom.
    pub juries: Vec<Served>,
    /// Whether unlike raters disagree more, for each way of being unlike that is known.
    pub profiles: Vec<ProfileReport>,
    /// Permutations.
    pub permutations: u32,
}

impl GroupsReport {
    /// How far juries of `seats` out of one group agree with members of another.
    pub fn served(&self, pool: usize, target: usize) -> Option<&Served> {
        self.juries.iter().find(|j| j.pool == pool && j.target == target)
    }
}

/// Looks at the groups of an attribute.
///
/// Undefined without raters, for an attribute with fewer than two values, and where items have several labels.
pub fn rater_groups(
    dataset: &Dataset,
    asked: &GroupsAsked,
    progress: &Progress,
) -> Result<Result<GroupsReport, Undefined>, Cancelled> {
    let because = |why: &str| Ok(Err(Undefined::Because(why.to_owned())));
    let Some((attribute, own)) = dataset.raters.attributes.get(asked.attribute) else {
        return because("nothing is known of the raters");
    };
    if dataset.sets.is_some() {
        return because("items have several labels");
    }
    let votes = asked.settings.counted(dataset).resolved(asked.settings.duplicates);
    let numbers = dataset.labels.values();
    let values: Vec<f64> =
        numbers.clone().unwrap_or_else(|| (0..dataset.labels.len()).map(|l| l as f64).collect());
    let ratings = match Ratings::new(&votes, &values) {
        Ok(ratings) => ratings,
        Err(reason) => return Ok(Err(reason)),
    };
    let voted = |rater: usize| !votes.rows_of_rater(rater).is_empty();
    let mut groups: Vec<(String, Vec<u32>)> = dataset
        .raters
        .values(asked.attribute)
        .into_iter()
        .map(|value| {
            let members = (0..own.len()).filter(|&r| own[r] == value && r < votes.n_raters() && voted(r));
            (value.to_owned(), members.map(|r| r as u32).collect())
        })
        .filter(|(_, members): &(_, Vec<u32>)| !members.is_empty())
        .collect();
    if groups.len() < 2 {
        return Ok(Err(Undefined::Because(format!("“{attribute}” has fewer than two values with votes"))));
    }
    groups.sort_by_key(|g| std::cmp::Reverse(g.1.len()));
    let n_more = groups.len().saturating_sub(MOST_GROUPS);
    groups.truncate(MOST_GROUPS);
    let n_pairs = groups.len() * (groups.len() - 1) / 2;
    let each = if numbers.is_some() { 1 } else { 1 + dataset.labels.len().min(MOST_LABELS) };
    let permutations = ((WORK / votes.len().max(1) / (n_pairs * each + 1)) as u32).clamp(99, 5000);
    let options = TestOptions { permutations, seed: asked.seed, ..TestOptions::default() };
    let mut of = vec![u32::MAX; votes.n_raters()];
    for (number, (_, members)) in groups.iter().enumerate() {
        members.iter().for_each(|&r| of[r as usize] = number as u32);
    }
    progress.stage("Permuting raters", n_pairs as u64 + 1);
    let all = heterogeneity(&ratings, &of, groups.len(), &options, progress)?;
    let by_label = if numbers.is_some() { Vec::new() } else { by_label(&votes, dataset.labels.len()) };
    let mut pairs = Vec::with_capacity(n_pairs);
    for a in 0..groups.len() {
        for b in a + 1..groups.len() {
            let side: Vec<u8> =
                of.iter().map(|&g| if g as usize == a { 0 } else { 1 + u8::from(g as usize != b) }).collect();
            let gap = match &numbers {
                Some(_) => mean_gap(&ratings, &side, &options, progress)?,
                None => Err(Undefined::Because("labels are no numbers".to_owned())),
            };
            let two: Vec<u32> = side.iter().map(|&s| if s < 2 { u32::from(s) } else { u32::MAX }).collect();
            let apart = heterogeneity(&ratings, &two, 2, &options, progress)?;
            let mut labels = Vec::new();
            for (label, ratings) in &by_label {
                if let Ok(found) = mean_gap(ratings, &side, &options, progress)? {
                    labels.push(LabelGap { label: *label, found, adjusted: None });
                }
            }
            pairs.push(GroupPair { groups: [a, b], gap, apart, adjusted: [None, None], labels });
        }
    }
    let p_of_gap = |p: &GroupPair| Some(p.gap.as_ref().ok()?.test.as_ref().ok()?.p_value);
    let p_of_phi = |p: &GroupPair| Some(p.apart.as_ref().ok()?.test.as_ref().ok()?.p_value);
    let adjusted = [
        benjamini_hochberg(pairs.iter().map(p_of_gap).collect::<Vec<_>>()),
        benjamini_hochberg(pairs.iter().map(p_of_phi).collect::<Vec<_>>()),
    ];
    for (at, pair) in pairs.iter_mut().enumerate() {
        pair.adjusted = [adjusted[0][at], adjusted[1][at]];
    }
    let p_of = |l: &LabelGap| l.found.test.as_ref().ok().map(|t| t.p_value);
    let of_labels =
        benjamini_hochberg(pairs.iter().flat_map(|p| p.labels.iter().map(p_of)).collect::<Vec<_>>());
    let mut of_labels = of_labels.into_iter();
    for pair in &mut pairs {
        pair.labels.iter_mut().for_each(|l| l.adjusted = of_labels.next().flatten());
        // What was tested before what was not, the least p first, then the widest.
        pair.labels.sort_by(|a, b| {
            let p = |l: &LabelGap| l.adjusted.unwrap_or(2.0);
            let wide = |l: &LabelGap| l.found.gap.abs();
            p(a).total_cmp(&p(b)).then(wide(b).total_cmp(&wide(a))).then(a.label.cmp(&b.label))
        });
    }
    let pools = groups.len().min(MOST_POOLS);
    let mut juries = Vec::with_capacity(pools * pools);
    let usual = Juries::default();
    // Votes of those who sit, and of those who are served.
    let n_voted = (0..votes.n_raters()).filter(|&r| voted(r)).count().max(1);
    let seated = usual.seats.iter().sum::<usize>() * votes.len().div_ceil(n_voted);
    let passes = (pools * pools * (seated + usual.seats.len() * votes.len().div_ceil(pools))).max(1);
    let repeats = ((JURY_WORK / passes) as u32).clamp(5, usual.repeats);
    let how = Juries { seed: asked.seed, repeats, ..usual };
    for pool in 0..pools {
        for target in 0..pools {
            progress.check()?;
            let seats = whose_majority(&ratings, &groups[pool].1, &groups[target].1, &how, progress)?;
            juries.push(Served { pool, target, seats });
        }
    }
    let profiles = profiles(dataset, &ratings, (permutations, asked.seed), progress)?;
    let without = (0..votes.n_raters()).filter(|&r| voted(r) && own.get(r).is_none_or(String::is_empty));
    Ok(Ok(GroupsReport {
        asked: asked.clone(),
        attribute: attribute.clone(),
        n_raters: groups.iter().map(|g| g.1.len()).collect(),
        n_without: without.count(),
        values: groups.into_iter().map(|g| g.0).collect(),
        n_more,
        all,
        pairs,
        juries,
        profiles,
        permutations,
    }))
}

/// For each label that is looked at, votes as 1 for it and 0 for any other.
fn by_label(votes: &Annotations, n_labels: usize) -> Vec<(LabelId, Ratings)> {
    let mut used = vec![0_usize; n_labels];
    for item in 0..votes.n_items() {
        for &label in votes.labels_of(item) {
            if let Some(n) = used.get_mut(label as usize) {
                *n += 1;
            }
        }
    }
    let mut order: Vec<LabelId> = (0..n_labels as LabelId).filter(|&l| used[l as usize] > 0).collect();
    order.sort_by_key(|&l| (std::cmp::Reverse(used[l as usize]), l));
    order.truncate(MOST_LABELS);
    let of = |label: LabelId| {
        let values: Vec<f64> = (0..n_labels as LabelId).map(|l| f64::from(u8::from(l == label))).collect();
        Some((label, Ratings::new(votes, &values).ok()?))
    };
    order.into_iter().filter_map(of).collect()
}

/// Each way of being unlike that is known of the raters, against how often their labels differ.
fn profiles(
    dataset: &Dataset,
    ratings: &Ratings,
    (permutations, seed): (u32, u64),
    progress: &Progress,
) -> Result<Vec<ProfileReport>, Cancelled> {
    let attributes: Vec<&Vec<String>> = dataset.raters.attributes.iter().map(|a| &a.1).collect();
    let layout = ratings.layout();
    let n_raters = layout.n_raters();
    let apart = |a: usize, b: usize| {
        let both = attributes.iter().filter_map(|values| {
            let (x, y) = (values.get(a)?, values.get(b)?);
            (!x.is_empty() && !y.is_empty()).then(|| x != y)
        });
        let (n, differ) = both.fold((0_u32, 0_u32), |(n, d), differs| (n + 1, d + u32::from(differs)));
        (n > 0).then(|| f64::from(differ) / f64::from(n))
    };
    let tally = pair_disagreement(ratings, progress)?;
    let mut found = Vec::new();
    // One matrix after the other, each gone before the next.
    let mut test = |unlike: Unlike, n: usize, apart: &dyn Fn() -> Result<PairMatrix, Undefined>| {
        progress.check()?;
        let test = match &tally {
            Err(reason) => Err(reason.clone()),
            Ok(tally) => match apart() {
                Ok(apart) => mantel(&apart, tally, LEAST_SHARED, (permutations.min(1000), seed), progress)?,
                Err(reason) => Err(reason),
            },
        };
        found.push(ProfileReport { unlike, n, found: test });
        Ok::<(), Cancelled>(())
    };
    test(Unlike::Attributes, attributes.len(), &|| PairMatrix::new(n_raters, apart))?;
    // A list needs all its numbers: what is known of few raters would leave out the others.
    let known = |values: &&Vec<Option<f64>>| 2 * values.iter().flatten().count() > values.len();
    let numbers: Vec<Vec<Option<f64>>> = attributes.iter().filter_map(|values| numbers(values)).collect();
    let numbers: Vec<&Vec<Option<f64>>> = numbers.iter().filter(known).collect();
    if numbers.len() > 1 {
        let known = |rater: usize| numbers.iter().map(|of| of.get(rater).copied().flatten()).collect();
        let lists: Vec<Option<Vec<f64>>> = (0..n_raters).map(known).collect();
        for how in [Profile::Cosine, Profile::Absolute, Profile::KendallTau] {
            test(Unlike::Numbers(how), numbers.len(), &|| profile_dissimilarity(&lists, how))?;
        }
    }
    let given = |rater: usize| {
        let answers = layout.answers(rater);
        let mut shares = vec![0.0; layout.n_labels()];
        answers.iter().for_each(|a| shares[a.label as usize] += 1.0 / answers.len() as f64);
        (!answers.is_empty()).then_some(shares)
    };
    test(Unlike::Labels, layout.n_labels(), &|| {
        let given: Vec<Option<Vec<f64>>> = (0..n_raters).map(given).collect();
        profile_dissimilarity(&given, Profile::Cosine)
    })?;
    Ok(found)
}

/// An attribute as numbers, one a rater; `None` where a value is no number.
fn numbers(values: &[String]) -> Option<Vec<Option<f64>>> {
    let number = |value: &String| match value.trim() {
        "" => Some(None),
        value => value.parse().ok().filter(|v: &f64| v.is_finite()).map(Some),
    };
    let numbers: Vec<Option<f64>> = values.iter().map(number).collect::<Option<_>>()?;
    numbers.iter().any(Option::is_some).then_some(numbers)
}

#[cfg(test)]
mod tests;
