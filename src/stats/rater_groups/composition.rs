//! Who was asked, and could the options tell them apart?

use std::collections::BTreeSet;

use crate::stats::Undefined;

/// Raters that every category needs before weights are offered.
const LEAST_RATERS: u64 = 5;

/// Raters by category, against reference shares.
#[derive(Debug, Clone, PartialEq)]
pub struct Representativeness {
    /// Share of raters in each category.
    pub shares: Vec<f64>,
    /// The reference, scaled to sum to 1.
    pub reference: Vec<f64>,
    /// Total variation distance of the two, in 0..=1.
    pub distance: f64,
    /// What a rater of each category would count in a post-stratified mean: reference over share. `None` where a category has fewer than five
    /// raters: a few people would speak for many.
    pub weights: Option<Vec<f64>>,
}

/// Compares raters by category with reference marginals (shares or counts). Undefined where lists have different lengths, there is no rater, or the
/// reference is negative, not finite or 0 throughout.
pub fn representativeness(raters: &[u64], reference: &[f64]) -> Result<Representativeness, Undefined> {
    let because = |reason: &str| Err(Undefined::Because(reason.to_owned()));
    if raters.len() != reference.len() {
        return because("there is not one reference share a category");
    }
    let n = raters.iter().fold(0_u64, |sum, &n| sum.saturating_add(n));
    let all: f64 = reference.iter().sum();
    if n == 0 {
        return because("there are no raters");
    }
    if reference.iter().any(|r| !r.is_finite() || *r < 0.0) || !all.is_finite() || all <= 0.0 {
        return because("the reference is no distribution");
    }
    let shares: Vec<f64> = raters.iter().map(|&c| c as f64 / n as f64).collect();
    let reference: Vec<f64> = reference.iter().map(|r| r / all).collect();
    let distance = 0.5 * shares.iter().zip(&reference).map(|(s, r)| (s - r).abs()).sum::<f64>();
    let enough = raters.iter().all(|&c| c >= LEAST_RATERS);
    let weights = enough.then(|| shares.iter().zip(&reference).map(|(s, r)| r / s).collect());
    Ok(Representativeness { shares, reference, distance: distance.min(1.0), weights })
}

/// How alike the options of one item are: the mean over pairs of the Jaccard index of their words, in lower case. High where options could not tell
/// raters apart. `None` for fewer than two options with a word.
pub fn option_redundancy(options: &[&str]) -> Option<f64> {
    let words: Vec<BTreeSet<String>> = options
        .iter()
        .map(|text| {
            let words = text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
            words.map(str::to_lowercase).collect::<BTreeSet<_>>()
        })
        .filter(|words| !words.is_empty())
        .collect();
    let (mut sum, mut pairs) = (0.0, 0.0);
    for (i, a) in words.iter().enumerate() {
        for b in &words[i + 1..] {
            let both = a.intersection(b).count() as f64;
            sum += both / (a.len() as f64 + b.len() as f64 - both);
            pairs += 1.0;
        }
    }
    (pairs > 0.0).then(|| sum / pairs)
}
