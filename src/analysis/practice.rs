//! Do raters get better with practice? Right and wrong answers in the order in which each rater gave them.
//!
//! What is right is the trusted label, or what most of the others say of the item: then only votes of whom enough others rated
//! the same are judged. The order is that of the moments of votes, where the source has them, else that of the items.

mod groups;

use std::cmp::Ordering;
use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;

use super::Settings;
use crate::dataset::{Annotations, Dataset, DuplicateRule, LabelId, NO_LABEL};
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;
use crate::stats::rater_groups::NumberGap;
use crate::stats::skill::{
    Courses, LEAST, OFFERED, SkillOptions, SkillOverTime, skill_over_time, usual_first,
};

/// Points of a rater's running share.
const POINTS: usize = 32;
/// Answers that a point of it is made of, at least, and into how many stretches a course is cut.
const STRETCH: usize = 5;
const STRETCHES: usize = 8;
/// Draws of raters in all: fewer resamples and permutations where there are many.
const WORK: usize = 50_000_000;
/// Items between two looks at whether to stop.
const STEP: usize = 65_536;

/// What answers are held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    /// The trusted label.
    Gold,
    /// The commonest label among those that the other raters of the item gave; none where several are.
    Others,
}

impl Truth {
    /// In a file.
    pub fn id(self) -> &'static str {
        match self {
            Self::Gold => "gold",
            Self::Others => "other_raters",
        }
    }

    /// In words, after “right is”.
    pub fn words(self) -> &'static str {
        match self {
            Self::Gold => "the trusted label",
            Self::Others => "the commonest label of the others",
        }
    }
}

/// What the order of a rater's answers goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// When votes were given; equal moments in the order of the items.
    Moments,
    /// The order of the items.
    Items,
}

impl Order {
    /// In a file.
    pub fn id(self) -> &'static str {
        match self {
            Self::Moments => "moments",
            Self::Items => "items",
        }
    }

    /// In words, after “in the order”.
    pub fn words(self) -> &'static str {
        match self {
            Self::Moments => "in which they were given",
            Self::Items => "of the items in the file",
        }
    }
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PracticeAsked {
    /// Who counts.
    pub settings: Settings,
    /// First answers of each rater; as many as fit the data if `None`.
    pub first: Option<usize>,
    /// What is right; the trusted label where there is one if `None`.
    pub truth: Option<Truth>,
    /// Seed of all that is drawn.
    pub seed: u64,
}

/// How one rater went on.
#[derive(Debug, Clone, PartialEq)]
pub struct RaterCourse {
    /// Number of the rater.
    pub rater: u32,
    /// Answers that are right or wrong.
    pub n: usize,
    /// Those that are right.
    pub n_right: usize,
    /// Share right of the first k, of raters with k answers.
    pub first: Option<f64>,
    /// Slope of the least-squares line through them, a share an answer.
    pub slope: Option<f64>,
    /// Share right of the last k, which may be some of the same.
    pub last: Option<f64>,
    points: Range<usize>,
    wrong: Range<usize>,
}

/// Raters with a property against the others.
#[derive(Debug, Clone)]
pub struct GroupCourse {
    /// The attribute.
    pub attribute: String,
    /// Its value.
    pub value: String,
    /// The other value, where there are two.
    pub other: Option<String>,
    /// Slopes, mean of the group less mean of the others, a share an answer.
    pub slope: Result<NumberGap, Undefined>,
    /// Shares right of the first k, likewise.
    pub mean: Result<NumberGap, Undefined>,
    /// P-values of both, adjusted over all groups (Benjamini & Hochberg).
    pub adjusted: [Option<f64>; 2],
    /// Mean scores of the first, second, … answer of the group, and of the others.
    pub curves: [Vec<f64>; 2],
    /// Items that the group answered wrong among its first k: ascending.
    pub wrong: Arc<[u32]>,
}

/// Practice of all raters.
#[derive(Debug, Clone)]
pub struct PracticeReport {
    /// What was asked for.
    pub asked: PracticeAsked,
    /// What is right.
    pub truth: Truth,
    /// What the order goes by.
    pub order: Order,
    /// First answers that were looked at: k.
    pub first: usize,
    /// Numbers of first answers that two raters reach, ascending, and k.
    pub offered: Vec<usize>,
    /// The learning curve of those with k answers; numbers of raters are places in [`Self::raters`].
    pub found: SkillOverTime,
    /// Raters with an answer that is right or wrong, by number.
    pub raters: Vec<RaterCourse>,
    /// Items that were answered wrong at the first, second, … place by raters of the curve, by rater.
    pub wrong_at: Vec<Arc<[u32]>>,
    /// By attributes of raters: the clearest difference of slopes first.
    pub groups: Vec<GroupCourse>,
    /// Groups that are left out because there are too many.
    pub n_more_groups: usize,
    /// Votes that nothing says are right or wrong.
    pub n_without_truth: usize,
    /// Votes of which nobody knows when they were given, where others are ordered by that.
    pub n_without_moment: usize,
    points: Vec<f32>,
    /// Items that were answered wrong, and at which place (from 0) of the rater's answers.
    wrong: Vec<(u32, u32)>,
}

impl PracticeReport {
    /// The share right among the last few answers, from the first to the last: what a rater's line is painted from.
    pub fn points(&self, course: &RaterCourse) -> &[f32] {
        self.points.get(course.points.clone()).unwrap_or_default()
    }

    /// Items that a rater answered wrong, with the places of these answers, in their order.
    pub fn wrong(&self, course: &RaterCourse) -> &[(u32, u32)] {
        self.wrong.get(course.wrong.clone()).unwrap_or_default()
    }

    /// Raters that nobody can follow as far as the k-th answer.
    pub fn n_short(&self) -> usize {
        self.raters.len() - self.found.raters.len()
    }
}

/// How many answers a point of a rater's line is made of, who gave `n`.
pub fn stretch(n: usize) -> usize {
    n.div_ceil(STRETCHES).max(STRETCH).min(n)
}

/// Whether an answer is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Wrong,
    Right,
    /// Nothing says so.
    Open,
}

/// Follows every rater's answers.
///
/// Undefined where the source does not say whose votes are whose, where stretches of texts were marked, without anything that says
/// what is right, and where nobody gave three answers (or as many as asked for) of which it is known.
pub fn practice(
    dataset: &Dataset,
    asked: &PracticeAsked,
    progress: &Progress,
) -> Result<Result<PracticeReport, Undefined>, Cancelled> {
    let because = |why: &str| Ok(Err(Undefined::Because(why.to_owned())));
    if dataset.raters.anonymous {
        return Ok(Err(Undefined::AnonymousVotes));
    }
    if dataset.annotations.is_empty() {
        return Ok(Err(Undefined::NoAnnotations));
    }
    if dataset.spans.is_some() {
        return because("raters marked stretches of texts, which are not right or wrong as a whole");
    }
    let has_gold = dataset.gold.as_ref().is_some_and(|g| g.ids.iter().any(|&l| l != NO_LABEL));
    let truth = asked.truth.unwrap_or(if has_gold { Truth::Gold } else { Truth::Others });
    // Of several answers to one item only one can be practice: all of them together would be others’ votes to themselves.
    let rule = match asked.settings.duplicates {
        DuplicateRule::All => DuplicateRule::Last,
        rule => rule,
    };
    let votes = asked.settings.counted(dataset).resolved(rule);
    if votes.is_empty() {
        return Ok(Err(Undefined::NoAnnotations));
    }
    match truth {
        Truth::Gold if !has_gold => return because("the data has no trusted label"),
        Truth::Others
            if (0..votes.n_raters()).filter(|&r| !votes.rows_of_rater(r).is_empty()).nth(1).is_none() =>
        {
            return because("there is no trusted label, and only one rater");
        }
        _ => {}
    }
    let verdicts = verdicts(dataset, &votes, truth, progress)?;
    let judged = |row: &u32| verdicts[*row as usize] != Verdict::Open;
    let rows = 0..votes.len() as u32;
    let n_judged = rows.clone().filter(judged).count();
    let n_dated = rows.filter(judged).filter(|&row| votes.moment_s(row).is_some()).count();
    let is_dated = n_dated > 0 && 2 * n_dated >= n_judged && tells_order(&votes, judged, progress)?;
    let order = if is_dated { Order::Moments } else { Order::Items };
    progress.stage("Ordering votes", votes.n_raters() as u64);
    let ordered: Vec<Vec<u32>> = (0..votes.n_raters())
        .into_par_iter()
        .map(|rater| {
            progress.check()?;
            progress.add(1);
            let own = votes.rows_of_rater(rater).iter().copied().filter(judged);
            Ok(match order {
                Order::Items => own.collect(),
                Order::Moments => in_time(&votes, own),
            })
        })
        .collect::<Result<_, Cancelled>>()?;
    let mut courses = Courses::new();
    let (mut raters, mut points, mut wrong) = (Vec::new(), Vec::new(), Vec::new());
    for (rater, own) in ordered.iter().enumerate().filter(|(_, own)| !own.is_empty()) {
        let right = || own.iter().map(|&row| verdicts[row as usize] == Verdict::Right);
        courses.push(right().map(|right| f32::from(u8::from(right))));
        let starts = (points.len(), wrong.len());
        running(right(), own.len(), &mut points);
        let missed = (0..).zip(own).zip(right()).filter(|(_, right)| !right);
        wrong.extend(missed.map(|((place, &row), _)| (votes.item_of(row), place)));
        raters.push(RaterCourse {
            rater: rater as u32,
            n: own.len(),
            n_right: own.len() - (wrong.len() - starts.1),
            first: None,
            slope: None,
            last: None,
            points: starts.0..points.len(),
            wrong: starts.1..wrong.len(),
        });
    }
    drop(ordered);
    let lengths: Vec<usize> = courses.lengths().collect();
    let Some(first) = asked.first.or_else(|| usual_first(&lengths)) else {
        let most = lengths.iter().max().copied().unwrap_or(0);
        let why =
            format!("no rater gave {LEAST} answers that are known to be right or wrong; the most is {most}");
        return Ok(Err(Undefined::Because(why)));
    };
    let replicates = (WORK / raters.len().max(1)).clamp(200, 2000) as u32;
    let options = SkillOptions { first, replicates, seed: asked.seed };
    let found = match skill_over_time(&courses, options, progress)? {
        Ok(found) => found,
        Err(reason) => return Ok(Err(reason)),
    };
    let mut wrong_at: Vec<Vec<u32>> = vec![Vec::new(); first];
    for skill in &found.raters {
        let own = courses.of(skill.rater as usize);
        let course = &mut raters[skill.rater as usize];
        course.first = Some(skill.mean);
        course.slope = Some(skill.slope);
        course.last =
            Some(own[own.len() - first..].iter().map(|&s| f64::from(s)).sum::<f64>() / first as f64);
        let early = wrong[course.wrong.clone()].iter().take_while(|w| (w.1 as usize) < first);
        early.for_each(|&(item, place)| wrong_at[place as usize].push(item));
    }
    let followed = groups::Followed { courses: &courses, found: &found, raters: &raters, wrong: &wrong };
    let (groups, n_more_groups) = groups::groups(dataset, &followed, asked.seed, progress)?;
    let reached = |k: usize| lengths.iter().filter(|&&n| n >= k).nth(1).is_some();
    let mut offered: Vec<usize> = OFFERED.into_iter().filter(|&k| reached(k)).chain([first]).collect();
    offered.extend(usual_first(&lengths));
    offered.sort_unstable();
    offered.dedup();
    Ok(Ok(PracticeReport {
        asked: asked.clone(),
        truth,
        order,
        first,
        offered,
        n_without_truth: votes.len() - n_judged,
        n_without_moment: if order == Order::Moments { n_judged - n_dated } else { 0 },
        found,
        raters,
        wrong_at: wrong_at.into_iter().map(Arc::from).collect(),
        groups,
        n_more_groups,
        points,
        wrong,
    }))
}

/// Whether moments put most answers of a rater in an order: days alone do not.
fn tells_order(
    votes: &Annotations,
    judged: impl Fn(&u32) -> bool + Sync,
    progress: &Progress,
) -> Result<bool, Cancelled> {
    let counts: Vec<(usize, usize)> = (0..votes.n_raters())
        .into_par_iter()
        .map(|rater| {
            progress.check()?;
            let own = votes.rows_of_rater(rater).iter().copied().filter(&judged);
            let mut moments: Vec<f64> = own.filter_map(|row| votes.moment_s(row)).map(|m| m + 0.0).collect();
            moments.sort_by(f64::total_cmp);
            let steps = moments.len().saturating_sub(1);
            let equal = moments.windows(2).filter(|w| w[0] == w[1]).count();
            Ok((steps, equal))
        })
        .collect::<Result<_, Cancelled>>()?;
    let (steps, equal) = counts.iter().fold((0, 0), |sum, c| (sum.0 + c.0, sum.1 + c.1));
    Ok(2 * equal <= steps)
}

/// Those of `rows` that have a moment, in time; equal moments stay in order.
fn in_time(votes: &Annotations, rows: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut dated: Vec<(f64, u32)> = rows.filter_map(|row| Some((votes.moment_s(row)?, row))).collect();
    // Zeros of both signs are one moment.
    dated.sort_by(|a, b| (a.0 + 0.0).total_cmp(&(b.0 + 0.0)));
    dated.into_iter().map(|d| d.1).collect()
}

/// Adds up to [`POINTS`] shares right, each of the [`stretch`] of answers that ends there.
fn running(right: impl Iterator<Item = bool>, n: usize, points: &mut Vec<f32>) {
    let mut sums: Vec<u32> = Vec::with_capacity(n + 1);
    sums.push(0);
    let mut sum = 0;
    sums.extend(right.map(|right| {
        sum += u32::from(right);
        sum
    }));
    let stretch = stretch(n);
    let last = n - stretch;
    let shown = POINTS.min(last + 1);
    for point in 0..shown {
        let from = if shown > 1 { last * point / (shown - 1) } else { 0 };
        points.push((sums[from + stretch] - sums[from]) as f32 / stretch as f32);
    }
}

/// One verdict a vote.
fn verdicts(
    dataset: &Dataset,
    votes: &Annotations,
    truth: Truth,
    progress: &Progress,
) -> Result<Vec<Verdict>, Cancelled> {
    progress.stage("Judging votes", votes.n_items() as u64);
    let mut verdicts = Vec::with_capacity(votes.len());
    let mut counts = vec![0_u32; dataset.labels.len()];
    for item in 0..votes.n_items() {
        if item % STEP == 0 {
            progress.check()?;
            progress.add(STEP.min(votes.n_items() - item) as u64);
        }
        let labels = votes.labels_of(item);
        match truth {
            Truth::Gold => {
                let gold = dataset.gold.as_ref().and_then(|g| g.get(item));
                verdicts.extend(labels.iter().map(|&label| match gold {
                    None => Verdict::Open,
                    Some(gold) if gold == label => Verdict::Right,
                    Some(_) => Verdict::Wrong,
                }));
            }
            Truth::Others => beside_others(labels, &mut counts, &mut verdicts),
        }
    }
    Ok(verdicts)
}

/// Marks a count that was looked at.
const SEEN: u32 = 1 << 31;

/// Holds each label against what most of the others are; `counts` is zero for each label, before and after.
fn beside_others(labels: &[LabelId], counts: &mut [u32], verdicts: &mut Vec<Verdict>) {
    for &label in labels {
        if let Some(n) = counts.get_mut(label as usize) {
            *n += 1;
        }
    }
    // The greatest count, how many labels have it, and the greatest below.
    let (mut most, mut n_most, mut next) = (0, 0, 0);
    for &label in labels {
        let Some(count) = counts.get_mut(label as usize).filter(|n| **n & SEEN == 0) else { continue };
        let n = *count;
        *count |= SEEN;
        match n.cmp(&most) {
            Ordering::Greater => (most, n_most, next) = (n, 1, most),
            Ordering::Equal => n_most += 1,
            Ordering::Less => next = next.max(n),
        }
    }
    for &label in labels {
        let own = counts.get(label as usize).map_or(0, |n| n & !SEEN);
        verdicts.push(match (own == most, n_most) {
            _ if own == 0 => Verdict::Open,
            // Without this vote its label must still be ahead of the next.
            (true, 1) if most - 1 > next => Verdict::Right,
            (true, 2) | (false, 1) => Verdict::Wrong,
            _ => Verdict::Open,
        });
    }
    for &label in labels {
        if let Some(n) = counts.get_mut(label as usize) {
            *n = 0;
        }
    }
}

#[cfg(test)]
mod tests;
