//! Which columns name the two options that an item compares, and what each label says about them.

use std::collections::{HashMap, HashSet};

use crate::analysis::score_rewards::flags::lists;
use crate::dataset::{Dataset, LabelId, TextColumn};
use crate::stats::aggregation::preference::{Comparison, Outcome, Ranking};

/// Endings (or beginnings) of two columns' names that tell two options apart, lower case.
const SIDES: [(&str, &str); 7] =
    [("1", "2"), ("a", "b"), ("left", "right"), ("first", "second"), ("one", "two"), ("i", "j"), ("x", "y")];
/// Labels that say "neither", lower case.
pub(in crate::analysis) const TIES: [&str; 14] = [
    "0",
    "tie",
    "tied",
    "draw",
    "equal",
    "same",
    "both",
    "neither",
    "none",
    "no preference",
    "tie (bothbad)",
    "bothbad",
    "both bad",
    "both good",
];
/// Most options; more are texts, not systems.
const MAX_OPTIONS: usize = 1000;
/// Longest name of an option, in bytes.
const LONGEST: usize = 200;
/// Share of labels' votes that must be understood as outcomes, in percent.
const LEAST_UNDERSTOOD: u64 = 80;
/// What says "a little" in a label, lower case, and what says "a lot".
const LITTLE: [&str; 7] = ["a bit", "a little", "slightly", "somewhat", "marginally", "weakly", "barely"];
const LOT: [&str; 9] = [
    "a lot",
    "clearly",
    "much",
    "strongly",
    "significantly",
    "definitely",
    "considerably",
    "far",
    "substantially",
];
/// Words around the side that is meant.
const AROUND: [&str; 10] =
    ["is", "are", "better", "best", "wins", "win", "won", "prefer", "prefers", "preferred"];
/// Words in a column's name by which its numbers are names.
const NAMING: [&str; 5] = ["model", "system", "option", "method", "engine"];

/// What is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// Two columns name the options of each item.
    Pairs {
        /// Columns of the metadata: the option shown first, and the other.
        columns: (usize, usize),
        /// What each label says; `None` for one that is not understood.
        outcomes: Vec<Said>,
    },
    /// Each label is an order of options, such as `A>B>C`.
    Rankings {
        /// For each label the options, best first; empty for one that is not understood.
        orders: Vec<Vec<u32>>,
    },
}

/// What a label says about two options.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// The first, the second, or neither is better.
    Outcome(Outcome),
    /// The option of this name is better.
    Name(String),
    /// Nothing that is understood.
    Nothing,
}

/// How strongly a label prefers what it prefers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grade {
    /// It does not say.
    Plain,
    /// A little.
    Little,
    /// A lot.
    Lot,
}

/// How strongly `label` prefers, by its words or by `>>`.
pub(super) fn grade(label: &str) -> Grade {
    graded(label).1
}

/// A label without the words around the side, lower case, and how strongly it prefers. `A>B` beside `A>>B` is A, a little.
fn graded(label: &str) -> (String, Grade) {
    let spaced = |s: &str| {
        let plain: String =
            s.to_lowercase().chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
        plain.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    if let Some((first, second)) = label.split_once(['>', '<']) {
        let lot = second.starts_with(['>', '<']);
        let (first, second) = (spaced(first), spaced(second.trim_start_matches(['>', '<'])));
        let winner = if label.contains('>') { first } else { second };
        return (winner, if lot { Grade::Lot } else { Grade::Little });
    }
    let mut rest = format!(" {} ", spaced(label));
    let mut take = |words: &[&str]| {
        let before = rest.len();
        for word in words {
            rest = rest.replace(&format!(" {word} "), " ");
        }
        rest.len() < before
    };
    let grade = match (take(&LOT), take(&LITTLE)) {
        (true, false) => Grade::Lot,
        (false, true) => Grade::Little,
        _ => Grade::Plain,
    };
    take(&AROUND);
    (rest.trim().to_owned(), grade)
}

/// What an item of a comparison is about: options by number, in order of name.
pub(super) struct Options {
    pub(super) names: Vec<String>,
    number: HashMap<String, u32>,
}

impl Options {
    fn of(mut names: Vec<String>) -> Self {
        names.sort();
        names.dedup();
        let number = names.iter().enumerate().map(|(i, n)| (n.clone(), i as u32)).collect();
        Self { names, number }
    }

    fn get(&self, name: &str) -> Option<u32> {
        self.number.get(name).copied()
    }
}

/// Reads `dataset` as preferences, if it looks like some.
pub fn reading(dataset: &Dataset) -> Option<Reading> {
    rankings(dataset).or_else(|| pairs(dataset))
}

/// Labels such as `A>B>C`: at least two of them orders of the same options.
fn rankings(dataset: &Dataset) -> Option<Reading> {
    let split = |name: &str| -> Option<Vec<String>> {
        let parts: Vec<String> = name.split('>').map(|p| p.trim().to_owned()).collect();
        let mut own = parts.clone();
        own.sort();
        own.dedup();
        (parts.len() > 1
            && own.len() == parts.len()
            && parts.iter().all(|p| !p.is_empty() && p.len() <= LONGEST))
        .then_some(parts)
    };
    let orders: Vec<Option<Vec<String>>> = dataset.labels.names().iter().map(|n| split(n)).collect();
    let understood = orders.iter().flatten().count();
    let options = options_of_orders(&orders);
    // `animal > dog` is a label hierarchy: there the second of two never comes first.
    let firsts: Vec<&String> = orders.iter().flatten().map(|o| &o[0]).collect();
    let lasts = orders.iter().flatten().filter_map(|o| o.last());
    let both_ways = lasts.clone().any(|l| firsts.contains(&l));
    if understood < 2 || understood * 2 < orders.len() || options.names.len() > MAX_OPTIONS || !both_ways {
        return None;
    }
    let orders = orders
        .into_iter()
        .map(|order| order.map_or_else(Vec::new, |o| o.iter().filter_map(|n| options.get(n)).collect()))
        .collect();
    Some(Reading::Rankings { orders })
}

fn options_of_orders(orders: &[Option<Vec<String>>]) -> Options {
    Options::of(orders.iter().flatten().flatten().cloned().collect())
}

fn pairs(dataset: &Dataset) -> Option<Reading> {
    let lower: Vec<String> = dataset.metadata.iter().map(|(n, _)| n.to_lowercase()).collect();
    let mut best: Option<((bool, usize), Reading)> = None;
    for (i, first) in lower.iter().enumerate() {
        for (j, second) in lower.iter().enumerate() {
            let Some((left, right)) = sides(first, second) else { continue };
            let Some(options) = options(dataset, (i, j)) else { continue };
            // Numbers such as warmth_a and warmth_b are properties of the two, unless the column says that they are names.
            let numbers = options.names.iter().all(|n| n.trim().parse::<f64>().is_ok());
            let named = NAMING.iter().any(|n| first.contains(n));
            if !named && (numbers || lists(first)) {
                continue;
            }
            let outcomes: Vec<Said> = dataset
                .labels
                .names()
                .iter()
                .map(|label| said(label, (first, left), (second, right), &options))
                .collect();
            // What is called a model before anything else, then the fewest options.
            let rank = (!named, options.names.len());
            if understood(dataset, &outcomes) && best.as_ref().is_none_or(|(r, _)| rank < *r) {
                best = Some((rank, Reading::Pairs { columns: (i, j), outcomes }));
            }
        }
    }
    best.map(|(_, reading)| reading)
}

/// The sides that two columns' names stand for, where they differ in nothing else.
pub(in crate::analysis) fn sides<'a>(first: &str, second: &str) -> Option<(&'a str, &'a str)> {
    SIDES.into_iter().find(|(left, right)| {
        let same = |a: Option<&str>, b: Option<&str>| a.is_some() && a == b;
        same(first.strip_suffix(left), second.strip_suffix(right))
            || same(first.strip_prefix(left), second.strip_prefix(right))
    })
}

/// The options that two columns name; `None` where there is none, or where most are compared once: texts, not systems.
fn options(dataset: &Dataset, (left, right): (usize, usize)) -> Option<Options> {
    let mut names = Vec::new();
    let mut seen: HashSet<&str> = HashSet::new();
    let columns = [&dataset.metadata.get(left)?.1, &dataset.metadata.get(right)?.1];
    for name in columns.into_iter().flat_map(TextColumn::iter).filter(|n| !n.is_empty()) {
        if name.len() > LONGEST || seen.len() > MAX_OPTIONS {
            return None;
        }
        if seen.insert(name) {
            names.push(name.to_owned());
        }
    }
    (names.len() >= 2 && names.len() <= dataset.n_items().max(3)).then(|| Options::of(names))
}

/// What a label says of two sides, each a column's name and its ending, lower case, where no option has a name.
pub(in crate::analysis) fn said_of_sides(label: &str, left: (&str, &str), right: (&str, &str)) -> Said {
    said(label, left, right, &Options::of(Vec::new()))
}

fn said(label: &str, left: (&str, &str), right: (&str, &str), options: &Options) -> Said {
    let plain = label.trim().to_lowercase();
    let (bare, _) = graded(label);
    let is = |(column, side): (&str, &str)| {
        let column_bare = column.replace(['_', '-', '.'], " ");
        plain == column
            || [&plain, &bare].into_iter().any(|p| *p == side || p.ends_with(&format!(" {side}")))
            || bare == column_bare
    };
    if options.get(label.trim()).is_some() {
        Said::Name(label.trim().to_owned())
    } else if is_even(&plain) {
        Said::Outcome(Outcome::Tie)
    } else if is(left) {
        Said::Outcome(Outcome::Left)
    } else if is(right) {
        Said::Outcome(Outcome::Right)
    } else if TIES.contains(&plain.as_str()) || TIES.contains(&bare.as_str()) {
        Said::Outcome(Outcome::Tie)
    } else if let Some(name) = options.names.iter().find(|n| !bare.is_empty() && graded(n).0 == bare) {
        Said::Name(name.clone())
    } else {
        Said::Nothing
    }
}

/// `A=B`, and the like.
fn is_even(plain: &str) -> bool {
    plain.split_once('=').is_some_and(|(a, b)| !a.trim().is_empty() && !b.trim().is_empty())
}

/// Whether labels say something about options on both sides, with most of the votes.
pub(in crate::analysis) fn understood(dataset: &Dataset, outcomes: &[Said]) -> bool {
    let mut votes = vec![0_u64; outcomes.len()];
    for item in 0..dataset.annotations.n_items() {
        for &label in dataset.annotations.labels_of(item) {
            if let Some(n) = votes.get_mut(label as usize) {
                *n += 1;
            }
        }
    }
    let known: u64 = outcomes.iter().zip(&votes).filter(|(s, _)| **s != Said::Nothing).map(|(_, n)| n).sum();
    let decides =
        |side: Outcome| outcomes.iter().any(|s| matches!(s, Said::Name(_)) || *s == Said::Outcome(side));
    decides(Outcome::Left)
        && decides(Outcome::Right)
        && known > 0
        && known * 100 >= votes.iter().sum::<u64>() * LEAST_UNDERSTOOD
}

/// What was read: options, comparisons (with the item of each), rankings, and how many votes were passed over.
pub(super) struct Read {
    pub(super) options: Vec<String>,
    pub(super) comparisons: Vec<Comparison>,
    pub(super) items: Vec<u32>,
    /// The label behind each comparison; none of rankings.
    pub(super) labels: Vec<LabelId>,
    pub(super) rankings: Vec<Ranking>,
    pub(super) passed_over: usize,
}

/// Turns votes into comparisons. A ranking is a comparison of each pair that it orders.
pub(super) fn read(
    dataset: &Dataset,
    votes: &crate::dataset::Annotations,
    reading: &Reading,
) -> Option<Read> {
    match reading {
        Reading::Pairs { columns, outcomes } => {
            read_pairs(dataset, votes, *columns, outcomes).map(Read::without_idle_options)
        }
        Reading::Rankings { orders } => {
            let names = dataset.labels.names().iter().zip(orders).filter(|(_, o)| !o.is_empty());
            let options =
                Options::of(names.flat_map(|(n, _)| n.split('>').map(|p| p.trim().to_owned())).collect());
            let mut read = Read::new(options.names);
            for item in 0..votes.n_items() {
                for a in votes.of_item(item) {
                    match orders.get(a.label as usize).filter(|o| !o.is_empty()) {
                        None => read.passed_over += 1,
                        Some(order) => {
                            for (place, &left) in order.iter().enumerate() {
                                for &right in &order[place + 1..] {
                                    let rater = a.rater;
                                    let one = Comparison { left, right, outcome: Outcome::Left, rater };
                                    read.comparisons.push(one);
                                    read.items.push(a.item);
                                }
                            }
                            read.rankings.push(Ranking { options: order.clone(), rater: a.rater });
                        }
                    }
                }
            }
            Some(read)
        }
    }
}

/// How many comparisons the votes come to.
pub(super) fn n_comparisons(votes: &crate::dataset::Annotations, reading: &Reading) -> usize {
    let Reading::Rankings { orders } = reading else { return votes.len() };
    let of =
        |label: LabelId| orders.get(label as usize).map_or(0, |o| o.len() * o.len().saturating_sub(1) / 2);
    (0..votes.n_items()).flat_map(|item| votes.labels_of(item)).map(|&label| of(label)).sum()
}

impl Read {
    /// Options that no vote compares are of no consequence, but would leave the others without a common scale.
    fn without_idle_options(mut self) -> Self {
        let mut numbers = vec![u32::MAX; self.options.len()];
        for c in &self.comparisons {
            numbers[c.left as usize] = 0;
            numbers[c.right as usize] = 0;
        }
        let mut next = 0..;
        for number in numbers.iter_mut().filter(|n| **n == 0) {
            *number = next.next().unwrap_or(u32::MAX);
        }
        for c in &mut self.comparisons {
            (c.left, c.right) = (numbers[c.left as usize], numbers[c.right as usize]);
        }
        let mut at = numbers.iter();
        self.options.retain(|_| at.next() != Some(&u32::MAX));
        self
    }

    fn new(options: Vec<String>) -> Self {
        Self {
            options,
            comparisons: Vec::new(),
            items: Vec::new(),
            labels: Vec::new(),
            rankings: Vec::new(),
            passed_over: 0,
        }
    }
}

fn read_pairs(
    dataset: &Dataset,
    votes: &crate::dataset::Annotations,
    columns: (usize, usize),
    outcomes: &[Said],
) -> Option<Read> {
    let options = options(dataset, columns)?;
    let (lefts, rights) = (&dataset.metadata.get(columns.0)?.1, &dataset.metadata.get(columns.1)?.1);
    let mut read = Read::new(options.names.clone());
    for item in 0..votes.n_items() {
        let both = options.get(lefts.get(item)).zip(options.get(rights.get(item)));
        for a in votes.of_item(item) {
            let outcome = |label: LabelId, left: u32, right: u32| match outcomes.get(label as usize)? {
                Said::Outcome(outcome) => Some(*outcome),
                Said::Name(name) if options.get(name) == Some(left) => Some(Outcome::Left),
                Said::Name(name) if options.get(name) == Some(right) => Some(Outcome::Right),
                Said::Name(_) | Said::Nothing => None,
            };
            let found = both.filter(|(l, r)| l != r);
            match found.and_then(|(left, right)| Some((left, right, outcome(a.label, left, right)?))) {
                None => read.passed_over += 1,
                Some((left, right, outcome)) => {
                    read.comparisons.push(Comparison { left, right, outcome, rater: a.rater });
                    read.items.push(a.item);
                    read.labels.push(a.label);
                }
            }
        }
    }
    Some(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_say_how_strongly() {
        for (label, bare, how) in [
            ("A-is-clearly-better", "a", Grade::Lot),
            ("B is slightly better", "b", Grade::Little),
            ("Response 1 is a bit better", "response 1", Grade::Little),
            ("A>>B", "a", Grade::Lot),
            ("A<B", "b", Grade::Little),
            ("model_a", "model a", Grade::Plain),
            ("tie", "tie", Grade::Plain),
        ] {
            assert_eq!(graded(label), (bare.to_owned(), how), "{label}");
        }
        let of = |label: &str| said_of_sides(label, ("response_a", "a"), ("response_b", "b"));
        assert_eq!(of("A is much better"), Said::Outcome(Outcome::Left));
        assert_eq!(of("Response B slightly better"), Said::Outcome(Outcome::Right));
        assert_eq!(of("A=B"), Said::Outcome(Outcome::Tie));
        assert_eq!(of("B>A"), Said::Outcome(Outcome::Right));
        assert_eq!(of("neither is better"), Said::Outcome(Outcome::Tie));
        assert_eq!(of("offensive"), Said::Nothing);
    }
}
