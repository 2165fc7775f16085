//! Reasons that two people gave for the same items: how far the two agree, on either level of the codebook.

use std::collections::BTreeMap;

use super::Codebook;
use crate::stats::agreement::cohen_kappa;
use crate::stats::estimate::Z_975;
use crate::stats::{Estimate, Method, Statistic, Undefined};

/// Agreement of two coders.
#[derive(Debug, Clone, PartialEq)]
pub struct DoubleCoding {
    /// Items to which both gave a reason.
    pub n_items: usize,
    /// Items to which only one of them gave a reason.
    pub n_single: usize,
    /// Cohen's kappa of the codes as they stand.
    pub codes: Statistic,
    /// Cohen's kappa of the codes of the first level: a code of the second level counts as the one above it, and one that
    /// the codebook does not have as itself.
    pub first_level: Statistic,
    /// Pairs of codes that the two gave to one item, and how often: the most frequent first, ties by code.
    pub pairs: Vec<(String, String, u64)>,
}

/// Compares the codes of two coders, one pair an item; an empty code stands for none.
pub fn double_coding<'a>(
    book: &Codebook,
    coded: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> DoubleCoding {
    let mut pairs: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    let mut n_single = 0;
    for (a, b) in coded {
        match (a.is_empty(), b.is_empty()) {
            (false, false) => *pairs.entry((a, b)).or_default() += 1,
            (true, true) => {}
            _ => n_single += 1,
        }
    }
    let mut above: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for (&(a, b), n) in &pairs {
        *above.entry((first_level(book, a), first_level(book, b))).or_default() += n;
    }
    let mut list: Vec<(String, String, u64)> =
        pairs.iter().map(|(&(a, b), &n)| (a.to_owned(), b.to_owned(), n)).collect();
    list.sort_by_key(|pair| std::cmp::Reverse(pair.2));
    DoubleCoding {
        n_items: pairs.values().sum::<u64>() as usize,
        n_single,
        codes: kappa(&pairs),
        first_level: kappa(&above),
        pairs: list,
    }
}

fn first_level<'c>(book: &'c Codebook, code: &'c str) -> &'c str {
    match book.find(code) {
        Some((_, Some(parent))) => &parent.code,
        _ => code,
    }
}

fn kappa(pairs: &BTreeMap<(&str, &str), u64>) -> Statistic {
    let n: u64 = pairs.values().sum();
    if n == 0 {
        return Undefined::NoPairableItem.into();
    }
    let mut codes: Vec<&str> = pairs.keys().flat_map(|&(a, b)| [a, b]).collect();
    codes.sort_unstable();
    codes.dedup();
    let number = |code: &str| codes.binary_search(&code).unwrap_or_default() as u32;
    let cells: Vec<(u32, u32, u64)> = pairs.iter().map(|(&(a, b), &n)| (number(a), number(b), n)).collect();
    let Some(found) = cohen_kappa(&cells) else { return Undefined::NoVariation.into() };
    let half = Z_975 * found.se;
    let estimate = Estimate::new(found.kappa, n as usize, 2);
    if n < 2 {
        return estimate.into();
    }
    Estimate {
        ci: Some((found.kappa - half, (found.kappa + half).min(1.0))),
        se: Some(found.se),
        method: Some(Method::Analytic),
        ..estimate
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOOK: &str = include_str!("../../assets/codebook_entities.json");

    #[test]
    fn two_coders_agree_more_on_the_first_level() {
        let book = Codebook::parse(BOOK).unwrap();
        let coded = [
            ("carelessness", "carelessness"),
            ("carelessness", "knowledge_gap"),
            ("guideline_update", "guideline_update"),
            ("different_interpretations", "carelessness"),
            ("carelessness", ""),
            ("", ""),
        ];
        let found = double_coding(&book, coded);
        assert_eq!((found.n_items, found.n_single), (4, 1));
        // p_o = 2/4, p_e = (2·2 + 1·1)/16, and 3/4 with (2·3 + 1·1)/16.
        assert!((found.codes.value().unwrap() - (0.5 - 5.0 / 16.0) / (11.0 / 16.0)).abs() < 1e-12);
        assert!((found.first_level.value().unwrap() - (0.75 - 7.0 / 16.0) / (9.0 / 16.0)).abs() < 1e-12);
        assert!(found.pairs.contains(&(
            "different_interpretations".to_owned(),
            "carelessness".to_owned(),
            1
        )));
    }

    #[test]
    fn codes_of_another_book_stand_for_themselves() {
        let found = double_coding(&Codebook::default(), [("x", "x"), ("x", "x")]);
        assert_eq!(found.codes, Undefined::NoVariation.into());
        assert_eq!(found.pairs, [("x".to_owned(), "x".to_owned(), 2)]);
        assert!(double_coding(&Codebook::default(), [("x", "")]).codes.value().is_none());
        let one = double_coding(&Codebook::default(), [("x", "y")]);
        assert_eq!((one.codes.value(), one.codes.estimate().unwrap().ci), (Some(0.0), None));
    }
}
