//! What does a score reward? How many points each flagged error costs, by the Lasso on mean scores and, where raters are known, by ridge
//! regression with a level of each rater's own.
//!
//! Votes only, or the labels of the source where there are none: no decision changes them.

pub(super) mod flags;

use std::sync::Arc;

use self::flags::{Flag, may_ask, of_columns, of_questions};
use super::Settings;
use crate::dataset::Dataset;
use crate::progress::{Cancelled, Progress};
use crate::stats::preference_factors::{Lasso, Moments, lasso_intervals};
use crate::stats::{Statistic, Undefined};

/// The penalty of Hosking, Blunsom & Bartolo (2024).
pub const ALPHA: f64 = 0.01;
/// λ of the ridge.
const LAMBDA: f64 = 1.0;
/// Uses below which flags are put together for the ridge.
const RARE: usize = 10;
/// Resamples, and additions that they may come to.
const DRAWS: u64 = 1000;
const WORK: u64 = 2_000_000_000;
/// Penalties of the path.
const STEPS: usize = 24;
/// Rows at least.
const LEAST: usize = 10;

/// What was asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoreRewardsAsked {
    /// Whose votes count.
    pub settings: Settings,
    /// The Lasso's penalty α.
    pub alpha: f64,
    /// Seed of the resamples.
    pub seed: u64,
}

/// What one flag costs.
#[derive(Debug, Clone)]
pub struct FlagRow {
    /// What it is called.
    pub name: String,
    /// Points lost where most raters raise it, all flags together: the Lasso's weight, and its interval over resampled items.
    pub cost: (f64, Option<(f64, f64)>),
    /// R² less that of a fit without it.
    pub gain: f64,
    /// Points lost by the ridge with a level a rater; of all rare flags together where it is raised fewer than ten times.
    pub within: Option<f64>,
    /// Whether it is rare.
    pub rare: bool,
    /// Share of items of which most raters raise it.
    pub prevalence: f64,
    /// Share of items with it among the third with the shortest texts, and the longest.
    pub by_length: Option<(f64, f64)>,
    /// Agreement of those who looked for it.
    pub alpha: Statistic,
    /// Items of which half of the raters or more raise it, those with the highest scores first: they speak against the cost.
    pub items: Arc<[u32]>,
}

/// What the score rewards.
#[derive(Debug, Clone)]
pub struct ScoreRewards {
    /// What was asked for.
    pub asked: ScoreRewardsAsked,
    /// What the score is.
    pub score: String,
    /// Flags, the dearest first.
    pub rows: Vec<FlagRow>,
    /// The fit; weights in the order of rows.
    pub fit: Lasso,
    /// Items left out, since a flag is not known of them.
    pub n_incomplete: usize,
    /// Votes behind the ridge, or why there is none.
    pub within: Result<usize, Undefined>,
    /// Penalties from the largest, each with the weights in the order of rows.
    pub path: Vec<(f64, Vec<f64>)>,
    /// What was left out, and why.
    pub left_out: Vec<(String, String)>,
}

/// Whether `dataset` has scores and may have flags.
pub fn may_reward(dataset: &Dataset) -> bool {
    dataset.sets.is_none()
        && dataset.labels.values().is_some()
        && dataset.labels.len() > 2
        && may_ask(dataset)
}

/// Mean score of each item; of the source's labels where there are no votes.
fn scores(dataset: &Dataset, settings: &Settings, values: &[f64]) -> Vec<Option<f64>> {
    if dataset.annotations.is_empty() {
        let given = |item| dataset.given.as_ref().and_then(|g| values.get(g.get(item)? as usize)).copied();
        return (0..dataset.n_items()).map(given).collect();
    }
    let votes = settings.counted(dataset).resolved(settings.duplicates);
    let mean = |item: usize| {
        let said = votes.labels_of(item);
        let sum: f64 = said.iter().filter_map(|&l| values.get(l as usize)).sum();
        (!said.is_empty()).then(|| sum / said.len() as f64)
    };
    (0..votes.n_items()).map(mean).collect()
}

/// −1 where most raise the flag, −½ where they are tied.
fn against(share: f64) -> f64 {
    match share.total_cmp(&0.5) {
        std::cmp::Ordering::Greater => -1.0,
        std::cmp::Ordering::Equal => -0.5,
        std::cmp::Ordering::Less => 0.0,
    }
}

/// Weights of the ridge, one a flag: rows are votes, less the means of their rater.
fn within_raters(
    dataset: &Dataset,
    settings: &Settings,
    values: &[f64],
    flags: &[Flag],
    rare: &[bool],
) -> Result<(Vec<f64>, usize), Undefined> {
    if !dataset.raters.are_known() || dataset.annotations.is_empty() {
        return Err(Undefined::Because("raters are not known".to_owned()));
    }
    let votes = settings.counted(dataset).resolved(settings.duplicates);
    let common: Vec<usize> = (0..flags.len()).filter(|&j| !rare[j]).collect();
    let any_rare = rare.contains(&true);
    let k = common.len() + usize::from(any_rare);
    let (mut y, mut columns, mut raters) = (Vec::new(), vec![Vec::new(); k], Vec::new());
    for item in 0..votes.n_items() {
        for a in votes.of_item(item) {
            let raised = |flag: &Flag| match flag.own.get(&(a.item, a.rater)) {
                Some(&own) => f64::from(u8::from(own)),
                None => -against(flag.share[item]),
            };
            let known = |f: &Flag| f.own.contains_key(&(a.item, a.rater)) || f.share[item].is_finite();
            let Some(value) = values.get(a.label as usize).filter(|_| flags.iter().all(known)) else {
                continue;
            };
            y.push(*value);
            raters.push(a.rater);
            for (column, &j) in columns.iter_mut().zip(&common) {
                column.push(-raised(&flags[j]));
            }
            if any_rare {
                let all = flags.iter().zip(rare).filter(|(_, r)| **r).map(|(f, _)| raised(f));
                columns[k - 1].push(-all.fold(0.0, f64::max));
            }
        }
    }
    let mut n_of = vec![0.0; dataset.raters.len()];
    raters.iter().for_each(|&r| n_of[r as usize] += 1.0);
    let centre = |column: &mut Vec<f64>| {
        let mut sums = vec![0.0; n_of.len()];
        column.iter().zip(&raters).for_each(|(v, &r)| sums[r as usize] += v);
        column.iter_mut().zip(&raters).for_each(|(v, &r)| *v -= sums[r as usize] / n_of[r as usize]);
    };
    centre(&mut y);
    columns.iter_mut().for_each(centre);
    let fit = Moments::new(&y, &columns, None)?
        .ridge(LAMBDA)
        .ok_or_else(|| Undefined::Because("the flags tell the same".to_owned()))?;
    let place = |j: usize| common.iter().position(|&c| c == j).unwrap_or(k - 1);
    Ok(((0..flags.len()).map(|j| fit.weights[place(j)]).collect(), y.len()))
}

/// Share of items with a flag in the shortest and in the longest third of texts.
fn thirds(dataset: &Dataset, items: &[u32]) -> Option<[Vec<usize>; 2]> {
    let texts = dataset.texts.as_ref()?;
    let mut order: Vec<(usize, usize)> =
        items.iter().enumerate().map(|(at, &i)| (texts.get(i as usize).chars().count(), at)).collect();
    order.sort_unstable();
    let third = order.len() / 3;
    let of = |part: &[(usize, usize)]| part.iter().map(|p| p.1).collect::<Vec<_>>();
    let differ = order.first()?.0 < order.last()?.0;
    (third > 0 && differ).then(|| [of(&order[..third]), of(&order[order.len() - third..])])
}

/// Looks at what the score rewards.
///
/// Undefined where labels are no numbers, without flags, and with fewer than ten items of which all is known.
///
/// # Errors
/// If it was cancelled.
pub fn score_rewards(
    dataset: &Dataset,
    asked: &ScoreRewardsAsked,
    progress: &Progress,
) -> Result<Result<ScoreRewards, Undefined>, Cancelled> {
    let because = |why: String| Ok(Err(Undefined::Because(why)));
    let Some(values) = dataset.labels.values().filter(|_| dataset.sets.is_none()) else {
        return because("labels are no numbers: open the question that asks for a score".to_owned());
    };
    progress.stage("flags", 0);
    let mut flags = Vec::new();
    of_columns(dataset, &mut flags);
    if let Err(reason) = of_questions(dataset, &asked.settings, &mut flags, progress)? {
        return Ok(Err(reason));
    }
    progress.check()?;
    let mut left_out = Vec::new();
    flags.retain(|flag| {
        let varies = |f: &Flag| {
            let mut known = f.share.iter().filter(|s| s.is_finite()).map(|&s| against(s));
            let first = known.next();
            known.any(|s| Some(s) != first)
        };
        let keep = varies(flag);
        if !keep {
            left_out.push((flag.name.clone(), "the same of every item".to_owned()));
        }
        keep
    });
    if flags.is_empty() {
        let why = left_out.first().map_or_else(
            || {
                "nothing is flagged: it takes columns of 0 and 1, a column of tags, or questions answered yes or no, beside the score"
                    .to_owned()
            },
            |(name, why)| format!("no flag varies; {name}: {why}"),
        );
        return because(why);
    }
    let scores = scores(dataset, &asked.settings, &values);
    let whole = |item: usize| flags.iter().all(|f| f.share[item].is_finite());
    let items: Vec<u32> =
        (0..scores.len()).filter(|&i| scores[i].is_some() && whole(i)).map(|i| i as u32).collect();
    let n_incomplete = scores.iter().flatten().count() - items.len();
    if items.len() < LEAST {
        return because(format!("{} items have a score and all flags; it takes {LEAST}", items.len()));
    }
    let y: Vec<f64> = items.iter().filter_map(|&i| scores[i as usize]).collect();
    let column = |f: &Flag| items.iter().map(|&i| against(f.share[i as usize])).collect::<Vec<f64>>();
    let columns: Vec<Vec<f64>> = flags.iter().map(column).collect();
    let moments = match Moments::new(&y, &columns, None) {
        Ok(moments) => moments,
        Err(reason) => return Ok(Err(reason)),
    };
    progress.stage("what flags cost", 0);
    let mut fit = moments.lasso(asked.alpha, None);
    let k = flags.len() as u64;
    let draws = (WORK / (items.len() as u64 * (k * k + 3))).clamp(100, DRAWS);
    let intervals = lasso_intervals(&y, &columns, asked.alpha, (draws, asked.seed), progress)?;
    let rare: Vec<bool> = columns.iter().map(|c| c.iter().filter(|v| **v < 0.0).count() < RARE).collect();
    let within = within_raters(dataset, &asked.settings, &values, &flags, &rare);
    let thirds = thirds(dataset, &items);
    let mut order: Vec<usize> = (0..flags.len()).collect();
    order.sort_by(|&a, &b| fit.weights[b].total_cmp(&fit.weights[a]).then(a.cmp(&b)));
    let row = |&j: &usize| {
        let mut behind: Vec<usize> = (0..items.len()).filter(|&at| columns[j][at] < 0.0).collect();
        behind.sort_by(|&a, &b| y[b].total_cmp(&y[a]).then(a.cmp(&b)));
        let rate = |part: &[usize]| {
            part.iter().filter(|&&at| columns[j][at] <= -1.0).count() as f64 / part.len() as f64
        };
        FlagRow {
            name: flags[j].name.clone(),
            cost: (fit.weights[j], intervals[j]),
            gain: fit.r_squared - moments.lasso(asked.alpha, Some(j)).r_squared,
            within: within.as_ref().ok().map(|(w, _)| w[j]),
            rare: rare[j],
            prevalence: rate(&(0..items.len()).collect::<Vec<_>>()),
            by_length: thirds.as_ref().map(|[short, long]| (rate(short), rate(long))),
            alpha: flags[j].alpha.clone(),
            items: behind.into_iter().map(|at| items[at]).collect(),
        }
    };
    let rows = order.iter().map(row).collect();
    let most = moments.most();
    let step = |i: usize| most * 0.001_f64.powf(i as f64 / (STEPS - 1) as f64);
    let path = (0..STEPS).map(step).map(|alpha| {
        let weights = moments.lasso(alpha, None).weights;
        (alpha, order.iter().map(|&j| weights[j]).collect())
    });
    let path = path.collect();
    fit.weights = order.iter().map(|&j| fit.weights[j]).collect();
    let asked_of = dataset.questions.get(dataset.question).map(|q| q.name.clone());
    Ok(Ok(ScoreRewards {
        asked: asked.clone(),
        score: asked_of
            .or_else(|| {
                dataset.given.as_ref().filter(|_| dataset.annotations.is_empty()).map(|g| g.name.clone())
            })
            .unwrap_or_else(|| "the score".to_owned()),
        rows,
        fit,
        n_incomplete,
        within: within.map(|(_, n)| n),
        path,
        left_out,
    }))
}

#[cfg(test)]
mod tests;
