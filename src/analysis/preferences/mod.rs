//! Preferences: which of two is better, by whose taste? Worths of the options by Bradley & Terry, with ties (Davidson),
//! with raters who slip or lean to one side, by rankings (Plackett & Luce) and by Elo's ratings; whether one scale fits
//! at all, whether it is one taste or several, and whether strengths name another winner than counts.
//!
//! Raters' votes only: no decision changes them.

pub(super) mod reading;
mod strength;
mod within;

use std::sync::Arc;

pub use reading::{Reading, Said, reading};
pub use strength::{PairStrength, Strengths};
pub use within::{Contest, Within};

use super::Settings;
use crate::dataset::Dataset;
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;
use crate::stats::aggregation::preference::{
    BradleyTerry, Comparison, Davidson, Elo, EloOptions, FitTest, GroupTest, NoisyBradleyTerry, Outcome,
    Pairs, PlackettLuce, TasteMixture, bradley_terry, circular_triads, davidson, elo, fit_test, group_test,
    noisy_bradley_terry, plackett_luce, taste_mixtures,
};

/// Wins added in each direction of every compared pair where worths would be infinite otherwise.
pub const PRIOR: f64 = 0.1;
/// Draws and permutations of the tests.
const DRAWS: usize = 1000;
/// Most tastes that are tried.
const MAX_TASTES: usize = 4;
/// Most comparisons at all: of a ranking of m options, m (m − 1)/2.
const MAX_COMPARISONS: usize = 100_000_000;
/// Most comparisons for which tastes and tests are looked for; they go over them a thousand times.
const MAX_TESTED: usize = 2_000_000;

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreferencesAsked {
    /// Whose votes count.
    pub settings: Settings,
    /// Seed of orders, draws and permutations.
    pub seed: u64,
}

/// What came of one option.
#[derive(Debug, Clone, PartialEq)]
pub struct OptionSummary {
    /// Its name.
    pub name: String,
    /// Comparisons won, tied and lost.
    pub won_tied_lost: [u64; 3],
    /// Items that compare it, ascending.
    pub items: Arc<[u32]>,
}

/// The groups of raters by one attribute, tested for one taste.
#[derive(Debug, Clone)]
pub struct TasteTest {
    /// The attribute.
    pub attribute: String,
    /// Names of the groups, in the order of [`GroupTest::groups`].
    pub names: Vec<String>,
    /// The test, or why there is none.
    pub test: Result<GroupTest, Undefined>,
}

/// Everything about preferences.
#[derive(Debug, Clone)]
pub struct Preferences {
    /// What was asked for.
    pub asked: PreferencesAsked,
    /// How the data were read, for people.
    pub read_as: String,
    /// The options, by name.
    pub options: Vec<OptionSummary>,
    /// Comparisons, and those of them that tie.
    pub n_comparisons: (usize, usize),
    /// Votes that say nothing about two different options.
    pub passed_over: usize,
    /// Groups of options that beat each other; more than one mean that worths are only finite with a prior.
    pub n_components: usize,
    /// Worths, with a prior of [`PRIOR`] wins where there is more than one component.
    pub bradley_terry: Result<BradleyTerry, Undefined>,
    /// The same with ties as outcomes of their own.
    pub davidson: Result<Davidson, Undefined>,
    /// The same with raters who slip or lean to one side.
    pub noisy: Result<NoisyBradleyTerry, Undefined>,
    /// Of rankings.
    pub plackett_luce: Result<PlackettLuce, Undefined>,
    /// Ratings, the median over orders.
    pub elo: Result<Elo, Undefined>,
    /// Whether one scale fits.
    pub fit: Result<FitTest, Undefined>,
    /// Triples of options of which each beats the next, and all triples.
    pub circular: (u64, u64),
    /// One taste to four.
    pub tastes: Result<Vec<TasteMixture>, Undefined>,
    /// Each attribute of the raters.
    pub groups: Vec<TasteTest>,
    /// Counted wins against added-up strengths.
    pub strengths: Result<Strengths, Undefined>,
    /// Which candidate wins within each thing that comparisons are about.
    pub within: Result<Within, Undefined>,
}

impl Preferences {
    /// Options from the best by Bradley & Terry's worth to the worst; by share of wins where it is undefined.
    pub fn order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.options.len()).collect();
        let key = |i: usize| match &self.bradley_terry {
            Ok(model) => model.theta[i],
            Err(_) => self.points(i),
        };
        order.sort_by(|&a, &b| key(b).total_cmp(&key(a)).then(a.cmp(&b)));
        order
    }

    /// Share of comparisons won, half a tie each; −1 for an option that was never compared.
    pub fn points(&self, option: usize) -> f64 {
        let [won, tied, lost] = self.options[option].won_tied_lost.map(|n| n as f64);
        if won + tied + lost > 0.0 { (won + 0.5 * tied) / (won + tied + lost) } else { -1.0 }
    }

    /// How many tastes fit best, by BIC.
    pub fn best_number_of_tastes(&self) -> Option<usize> {
        let tastes = self.tastes.as_ref().ok()?;
        tastes.iter().min_by(|a, b| a.bic.total_cmp(&b.bic)).map(|t| t.share.len())
    }
}

/// Fits everything. Undefined where the data does not look like preferences.
pub fn preferences(
    dataset: &Dataset,
    asked: &PreferencesAsked,
    progress: &Progress,
) -> Result<Result<Preferences, Undefined>, Cancelled> {
    progress.stage("preferences", 0);
    let votes = asked.settings.counted(dataset).resolved(asked.settings.duplicates);
    let reading = reading(dataset);
    if reading.as_ref().is_some_and(|r| reading::n_comparisons(&votes, r) > MAX_COMPARISONS) {
        let words = format!("the votes come to more than {MAX_COMPARISONS} comparisons");
        return Ok(Err(Undefined::Because(words)));
    }
    let found = reading.and_then(|reading| Some((reading::read(dataset, &votes, &reading)?, reading)));
    let Some((read, reading)) = found else {
        return Ok(Err(Undefined::Because(
            "the items do not compare two options: it takes two columns such as model_a and model_b, and labels that \
             say which is better, or labels such as A>B>C"
                .to_owned(),
        )));
    };
    let n = read.options.len();
    let comparisons = &read.comparisons;
    let pairs = Pairs::new(n, comparisons);
    let mut components = pairs.components();
    components.sort_unstable();
    components.dedup();
    let n_components = components.len();
    let mut worths = bradley_terry(&pairs, if n_components > 1 { PRIOR } else { 0.0 });
    progress.check()?;
    // Of one ranking each comparison follows from the others: worths are told, and neither their errors nor tests.
    let ranked = !read.rankings.is_empty();
    let dependent =
        || Undefined::Because("comparisons that one ranking implies depend on each other".to_owned());
    if let (true, Ok(model)) = (ranked, &mut worths) {
        model.forget_variances();
    }
    let fit = match &worths {
        _ if ranked => Err(dependent()),
        Ok(_) if n_components > 1 => Err(Undefined::Because(
            "some options never lost to, or never beat, the others: worths are finite only with a prior"
                .to_owned(),
        )),
        Ok(model) => fit_test(&pairs, model, DRAWS, asked.seed, progress)?,
        Err(reason) => Err(reason.clone()),
    };
    let known = !dataset.raters.anonymous;
    let tested = comparisons.len() <= MAX_TESTED;
    let unknown = || {
        if known { Undefined::Because("too many comparisons".to_owned()) } else { Undefined::AnonymousVotes }
    };
    let noisy = if known { noisy_bradley_terry(n, comparisons, progress)? } else { Err(unknown()) };
    progress.stage("tastes", 0);
    let tastes = if ranked {
        Err(dependent())
    } else if known && tested {
        taste_mixtures(n, comparisons, MAX_TASTES, asked.seed, progress)?
    } else {
        Err(unknown())
    };
    let mut groups = Vec::new();
    for (attribute, values) in dataset.raters.attributes.iter().filter(|_| known && tested && !ranked) {
        progress.stage("groups of raters", 0);
        groups.push(taste_test(n, comparisons, attribute, values, asked.seed, progress)?);
    }
    progress.stage("ratings", 0);
    let ratings = elo(n, comparisons, EloOptions { seed: asked.seed, ..EloOptions::default() }, progress)?;
    let plackett_luce = if read.rankings.is_empty() {
        Err(Undefined::Because("the labels are no rankings of three or more".to_owned()))
    } else {
        plackett_luce(n, &read.rankings)
    };
    let strengths = strength::strengths(dataset, &read, asked.seed, progress)?;
    let n_tied = comparisons.iter().filter(|c| c.outcome == Outcome::Tie).count();
    Ok(Ok(Preferences {
        asked: asked.clone(),
        read_as: read_as(dataset, &reading),
        options: summaries(&read),
        n_comparisons: (comparisons.len(), n_tied),
        passed_over: read.passed_over,
        n_components,
        bradley_terry: worths,
        davidson: davidson(&pairs),
        noisy,
        plackett_luce,
        elo: ratings,
        fit,
        circular: circular_triads(&pairs),
        tastes,
        groups,
        strengths,
        within: within::within(dataset, &read, &reading),
    }))
}

fn read_as(dataset: &Dataset, reading: &Reading) -> String {
    match reading {
        Reading::Rankings { .. } => "Labels are rankings, the best first.".to_owned(),
        Reading::Pairs { columns, outcomes } => {
            let column = |c: usize| dataset.metadata.get(c).map_or("", |(n, _)| n.as_str());
            let (left, right) = (column(columns.0), column(columns.1));
            let means: Vec<String> = dataset
                .labels
                .names()
                .iter()
                .zip(outcomes)
                .map(|(label, said)| match said {
                    Said::Outcome(Outcome::Left) => format!("{label} = {left}"),
                    Said::Outcome(Outcome::Right) => format!("{label} = {right}"),
                    Said::Outcome(Outcome::Tie) => format!("{label} = tie"),
                    Said::Name(_) => label.clone(),
                    Said::Nothing => format!("{label} passed over"),
                })
                .take(8)
                .collect();
            format!("{left} against {right}; {}", means.join(", "))
        }
    }
}

fn summaries(read: &reading::Read) -> Vec<OptionSummary> {
    let mut counts = vec![[0_u64; 3]; read.options.len()];
    let mut items: Vec<Vec<u32>> = vec![Vec::new(); read.options.len()];
    for (c, &item) in read.comparisons.iter().zip(&read.items) {
        let (left, right) = match c.outcome {
            Outcome::Left => (0, 2),
            Outcome::Right => (2, 0),
            Outcome::Tie => (1, 1),
        };
        for (option, slot) in [(c.left, left), (c.right, right)] {
            counts[option as usize][slot] += 1;
            let own = &mut items[option as usize];
            if own.last() != Some(&item) {
                own.push(item);
            }
        }
    }
    let own = read.options.iter().zip(counts).zip(items);
    own.map(|((name, won_tied_lost), items)| OptionSummary {
        name: name.clone(),
        won_tied_lost,
        items: Arc::from(items),
    })
    .collect()
}

fn taste_test(
    n: usize,
    comparisons: &[Comparison],
    attribute: &str,
    values: &[String],
    seed: u64,
    progress: &Progress,
) -> Result<TasteTest, Cancelled> {
    let mut names: Vec<String> = values.iter().filter(|v| !v.is_empty()).cloned().collect();
    names.sort();
    names.dedup();
    let group_of = |rater: u32| {
        let value = values.get(rater as usize).filter(|v| !v.is_empty())?;
        names.binary_search(value).ok().map(|g| g as u32)
    };
    let test = group_test(n, comparisons, group_of, DRAWS, seed, progress)?;
    let names = match &test {
        Ok(found) => found.groups.iter().filter_map(|&g| names.get(g as usize).cloned()).collect(),
        Err(_) => names,
    };
    Ok(TasteTest { attribute: attribute.to_owned(), names, test })
}

#[cfg(test)]
mod tests;
