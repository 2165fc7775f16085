//! What the view of conflicts shows: which items, in which order reviewers stand, and what is said in words.

use crate::dataset::{Dataset, LabelId};
use crate::review::event::After;
use crate::review::merge::Verdict;
use crate::review::reviewers::{Case, Reviewers, Side};
use crate::review::{Action, EventRef};

/// Which items are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum List {
    /// Contradictions that wait for somebody.
    #[default]
    Conflicts,
    /// Contradictions that were settled, and adjudications that are stale.
    Adjudicated,
    /// Several decided alike.
    Agreed,
    /// One decided.
    Single,
}

impl List {
    /// All of them, in the order of the tabs.
    pub const ALL: [Self; 4] = [Self::Conflicts, Self::Adjudicated, Self::Agreed, Self::Single];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Conflicts => "Conflicts",
            Self::Adjudicated => "Adjudicated",
            Self::Agreed => "Agreed",
            Self::Single => "Single",
        }
    }

    /// What is in it.
    pub fn hint(self) -> &'static str {
        match self {
            Self::Conflicts => {
                "Several decided, and differently: waits for an adjudication. Where all are sure comes first"
            }
            Self::Adjudicated => {
                "Settled by an adjudication that names the decisions it is between; stale ones are here too"
            }
            Self::Agreed => "Several decided, and alike",
            Self::Single => "One reviewer decided",
        }
    }

    /// Whether an item is in it.
    pub fn holds(self, case: &Case) -> bool {
        match self {
            Self::Conflicts => case.verdict == Verdict::Conflict,
            Self::Adjudicated => case.verdict == Verdict::Adjudicated || !case.stale.is_empty(),
            Self::Agreed => case.verdict == Verdict::Agreed,
            Self::Single => case.verdict == Verdict::Single,
        }
    }
}

/// The items of a list, as places among all cases.
pub fn listed(reviewers: &Reviewers, list: List) -> Vec<usize> {
    (0..reviewers.cases.len()).filter(|&i| list.holds(&reviewers.cases[i])).collect()
}

/// The reviewers in the order in which they stand at one item: by name, or, with names hidden, in an order of its own.
pub fn order(n: usize, key: &str, hidden: bool) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    if hidden {
        // FNV-1a over the key, then SplitMix64: the same item shows the same order again.
        let seed = key
            .bytes()
            .fold(0xCBF2_9CE4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01B3));
        let mix = |reviewer: usize| {
            let mut z = seed.wrapping_add((reviewer as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            z ^ (z >> 31)
        };
        order.sort_by_key(|&r| (mix(r), r));
    }
    order
}

/// `A` for the first place, `Z` for the 26th, `AA` for the one after.
pub fn letter(place: usize) -> String {
    let mut rest = place + 1;
    let mut letters = Vec::new();
    while rest > 0 {
        rest -= 1;
        letters.push(char::from(b'A' + (rest % 26) as u8));
        rest /= 26;
    }
    letters.iter().rev().collect()
}

/// One reviewer's place at an item.
#[derive(Debug, Clone, Copy)]
pub struct Seat<'a> {
    /// What was decided, if anything was.
    pub side: Option<&'a Side>,
    /// Number of the reviewer.
    pub reviewer: usize,
}

/// The reviewers who decided anything: whoever only adjudicates has no place.
pub fn deciders(reviewers: &Reviewers) -> Vec<usize> {
    (0..reviewers.reviewers.len()).filter(|&r| reviewers.reviewers[r].n_decisions > 0).collect()
}

/// The places at `case`, in the order in which they are shown.
pub fn seats<'a>(reviewers: &Reviewers, case: &'a Case, hidden: bool) -> Vec<Seat<'a>> {
    let all = deciders(reviewers);
    let seat = |reviewer| Seat { side: case.sides.iter().find(|s| s.reviewer == reviewer), reviewer };
    order(all.len(), &case.key, hidden).into_iter().map(|at| seat(all[at])).collect()
}

/// What can be taken at `case` with a digit, in order: the places with a decision.
pub fn takes<'a>(reviewers: &Reviewers, case: &'a Case, hidden: bool) -> Vec<(usize, &'a Side)> {
    let seats = seats(reviewers, case, hidden);
    seats.into_iter().enumerate().filter_map(|(place, seat)| Some((place, seat.side?))).collect()
}

/// The name at a place, or its letter.
pub fn name_at(reviewers: &Reviewers, place: usize, reviewer: usize, hidden: bool) -> String {
    match reviewers.reviewers.get(reviewer) {
        Some(known) if !hidden => known.name.clone(),
        _ => letter(place),
    }
}

/// How sure somebody was, in a word; empty where it was not said.
pub fn sure_words(confidence: Option<u8>) -> &'static str {
    match confidence {
        Some(1) => "not sure",
        Some(2) => "fairly sure",
        Some(3) => "very sure",
        _ => "",
    }
}

/// The label that a side chose, where it is one that the data has.
pub fn label_of(dataset: &Dataset, side: &Side) -> Option<LabelId> {
    match &side.after {
        Some(After::Value { value: Some(name) }) => dataset.labels.id(name),
        _ => None,
    }
}

/// What it takes to decide as `side` did.
///
/// # Errors
/// Why it cannot be taken: the data has no such label, or a newer version said it.
pub fn action_of(dataset: &Dataset, side: &Side) -> Result<Action, String> {
    let id = |name: &String| dataset.labels.id(name).ok_or_else(|| format!("The data has no label “{name}”"));
    match &side.after {
        None => Ok(Action::Exclude),
        Some(After::Value { value: None }) => Ok(Action::Unsure),
        Some(After::Value { value: Some(name) }) => Ok(Action::Relabel(id(name)?)),
        Some(After::Values { values }) if values.is_empty() => Ok(Action::NoneOfLabels),
        Some(After::Values { values }) => {
            Ok(Action::Several(values.iter().map(id).collect::<Result<_, _>>()?))
        }
        Some(After::Dist { .. } | After::Span { .. } | After::Other(_)) => {
            Err("This decision cannot be taken over; choose another label".to_owned())
        }
    }
}

/// What tells a case from all others: its item, or on a span the decisions about it.
pub fn name_of(case: &Case) -> String {
    match case.sides.first().and_then(|s| s.event.hash.as_deref()).filter(|_| case.is_span) {
        Some(hash) => format!("{}\0{hash}", case.key),
        None => case.key.clone(),
    }
}

/// The decisions that an adjudication of `case` is between: all that stand.
pub fn inputs(case: &Case) -> Vec<EventRef> {
    case.sides.iter().map(|s| s.event.clone()).collect()
}

/// What stands at an item, for those who hear the screen.
pub fn spoken(reviewers: &Reviewers, case: &Case, hidden: bool) -> String {
    let says = |(place, side): (usize, &Side)| {
        let name = name_at(reviewers, place, side.reviewer, hidden);
        let sure = sure_words(side.confidence);
        if sure.is_empty() {
            format!("{name}: {}", side.words)
        } else {
            format!("{name}: {}, {sure}", side.words)
        }
    };
    let mut parts: Vec<String> = takes(reviewers, case, hidden).into_iter().map(says).collect();
    parts.extend(case.settled.iter().map(|s| format!("adjudicated {}", s.words)));
    parts.extend(case.stale.iter().map(|s| format!("stale adjudication {}", s.words)));
    format!("{}; {}", case.key, parts.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_names_change_places_from_item_to_item_and_come_back() {
        assert_eq!(order(3, "t1", false), [0, 1, 2]);
        let orders: std::collections::BTreeSet<Vec<usize>> =
            (0..40).map(|i| order(3, &format!("t{i}"), true)).collect();
        assert_eq!(orders.len(), 6, "every order comes up");
        assert_eq!(order(3, "t7", true), order(3, "t7", true));
        // Each reviewer stands first about as often as the others.
        let first = (0..900).filter(|i| order(3, &format!("item {i}"), true)[0] == 0).count();
        assert!((240..360).contains(&first), "{first}");
    }

    #[test]
    fn places_have_letters() {
        assert_eq!([0, 1, 25, 26, 27, 701, 702].map(letter), ["A", "B", "Z", "AA", "AB", "ZZ", "AAA"]);
    }

    fn side(after: Option<After>) -> Side {
        Side {
            reviewer: 0,
            event: EventRef { log_id: "l".into(), seq: 0, hash: None },
            after,
            words: String::new(),
            confidence: None,
            reason: None,
            note: String::new(),
        }
    }

    #[test]
    fn every_kind_of_decision_can_be_taken_or_says_why_not() {
        let labels = crate::dataset::LabelSet::new(&["a", "b"].map(str::to_owned), []);
        let d = Dataset { labels, ..Dataset::default() };
        let values = |v: &[&str]| Some(After::Values { values: v.iter().map(|&s| s.to_owned()).collect() });
        let of = |after| action_of(&d, &side(after));
        assert_eq!(of(None), Ok(Action::Exclude));
        assert_eq!(of(Some(After::label("b"))), Ok(Action::Relabel(1)));
        assert_eq!(of(Some(After::Value { value: None })), Ok(Action::Unsure));
        assert_eq!(of(values(&[])), Ok(Action::NoneOfLabels));
        assert_eq!(of(values(&["b", "a"])), Ok(Action::Several(vec![1, 0])));
        assert!(of(Some(After::label("z"))).unwrap_err().contains('z'));
        assert!(of(Some(After::Dist { dist: [("a".to_owned(), 1.0)].into() })).is_err());
    }
}
