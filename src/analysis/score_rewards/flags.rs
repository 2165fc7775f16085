//! What is flagged about an item: questions that are answered yes or no, several labels at once, columns of yes and no, columns of tags.

use std::collections::HashMap;

use crate::analysis::Settings;
use crate::analysis::questions::question;
use crate::dataset::{Annotations, AnnotationsBuilder, Dataset, TextColumn};
use crate::progress::{Cancelled, Progress};
use crate::stats::agreement::krippendorff_alpha_nominal;
use crate::stats::{Statistic, Undefined};

/// Flags at most.
pub(super) const MOST: usize = 60;
/// Items times questions at most.
const MOST_CELLS: usize = 20_000_000;
/// Names of columns that list what applies, lower case.
const LISTS: [&str; 10] =
    ["tag", "tags", "error", "errors", "flag", "flags", "issue", "issues", "factor", "factors"];
/// Words for no and yes, lower case.
const NO: [&str; 7] = ["0", "0.0", "no", "false", "absent", "n", "f"];
const YES: [&str; 7] = ["1", "1.0", "yes", "true", "present", "y", "t"];

/// Something that items have or have not.
pub(super) struct Flag {
    pub(super) name: String,
    /// Share of raters who raised it, one an item; not finite where nobody said.
    pub(super) share: Vec<f64>,
    /// Who raised it, by item and rater of the dataset at hand; empty where that is not known.
    pub(super) own: HashMap<(u32, u32), bool>,
    /// Agreement of those who looked for it.
    pub(super) alpha: Statistic,
}

fn nobody() -> Statistic {
    Undefined::Because("who raised it is not known".to_owned()).into()
}

/// A flag of a column: no rater is behind it.
fn of_column(name: String, share: Vec<f64>) -> Flag {
    Flag { name, share, own: HashMap::new(), alpha: nobody() }
}

/// 1 for yes, 0 for no, and a share between them.
fn share_of(value: &str) -> Option<f64> {
    let plain = value.trim().to_lowercase();
    if NO.contains(&plain.as_str()) {
        Some(0.0)
    } else if YES.contains(&plain.as_str()) {
        Some(1.0)
    } else {
        plain.parse().ok().filter(|v| (0.0..=1.0).contains(v))
    }
}

/// Whether a label's name says yes; `None` where it says neither.
fn says(name: &str) -> Option<bool> {
    let plain = name.trim().to_lowercase();
    if NO.contains(&plain.as_str()) { Some(false) } else { YES.contains(&plain.as_str()).then_some(true) }
}

/// A column in which every value is a share and at least half are 0 or 1: a measure between 0 and 1 is no flag.
fn shares(column: &TextColumn) -> Option<Vec<f64>> {
    let (mut known, mut whole) = (0_usize, 0_usize);
    let mut found = Vec::with_capacity(column.len());
    for value in column.iter() {
        if value.trim().is_empty() {
            found.push(f64::NAN);
            continue;
        }
        let share = share_of(value)?;
        known += 1;
        whole += usize::from(share == 0.0 || share == 1.0);
        found.push(share);
    }
    (known > 0 && whole * 2 >= known).then_some(found)
}

/// Columns of yes and no, and each tag of columns that list tags.
pub(super) fn of_columns(dataset: &Dataset, out: &mut Vec<Flag>) {
    for (name, column) in &dataset.metadata {
        if lists(name) && shares(column).is_none() {
            let mut tags: Vec<&str> = column.iter().flat_map(tags_of).collect();
            tags.sort_unstable();
            tags.dedup();
            for tag in tags.into_iter().take(MOST.saturating_sub(out.len())) {
                let has = |cell: &str| f64::from(u8::from(tags_of(cell).any(|t| t == tag)));
                out.push(of_column(tag.to_owned(), column.iter().map(has).collect()));
            }
        } else if let Some(share) = shares(column) {
            out.push(of_column(name.clone(), share));
        }
    }
}

/// What a cell lists, between `|`, `;` or commas; brackets and quotes fall away.
pub(in crate::analysis) fn tags_of(cell: &str) -> impl Iterator<Item = &str> {
    let separator = ['|', ';'].into_iter().find(|s| cell.contains(*s)).unwrap_or(',');
    cell.split(separator)
        .map(|t| t.trim_matches(|c: char| c.is_whitespace() || matches!(c, '[' | ']' | '"' | '\'')))
        .filter(|t| !t.is_empty())
}

/// Whether a column's name says that it lists what applies.
pub(in crate::analysis) fn lists(name: &str) -> bool {
    name.to_lowercase().split(['_', ' ', '-', '.']).any(|w| LISTS.contains(&w))
}

/// Whether some question of `dataset` other than the one at hand may be one of flags; none is read.
pub(super) fn may_ask(dataset: &Dataset) -> bool {
    dataset.questions.len() > 1
        || dataset.metadata.iter().any(|(name, column)| lists(name) || shares(column).is_some())
}

/// Questions that are answered yes or no, and the single labels of those with several at once.
pub(super) fn of_questions(
    dataset: &Dataset,
    settings: &Settings,
    out: &mut Vec<Flag>,
    progress: &Progress,
) -> Result<Result<(), Undefined>, Cancelled> {
    if dataset.n_items().saturating_mul(dataset.questions.len()) > MOST_CELLS {
        let words =
            format!("{} items and {} questions are too many", dataset.n_items(), dataset.questions.len());
        return Ok(Err(Undefined::Because(words)));
    }
    let item_of: HashMap<&str, u32> = dataset.keys.iter().enumerate().map(|(i, k)| (k, i as u32)).collect();
    let rater_of: HashMap<&str, u32> =
        dataset.raters.names.iter().enumerate().map(|(i, n)| (n.as_str(), i as u32)).collect();
    for (number, about) in dataset.questions.iter().enumerate() {
        if number == dataset.question {
            continue;
        }
        let other = match question(dataset, number, progress)? {
            Ok(other) => other,
            Err(reason) => return Ok(Err(reason)),
        };
        let votes = settings.counted(&other).resolved(settings.duplicates);
        let names = other.labels.names();
        // For each flag: its name, and whether each label raises it.
        let asked: Vec<(String, Vec<bool>)> = if let Some(sets) = &other.sets {
            let raises = |m: u32| (0..names.len() as u32).map(|l| sets.contains(l, m)).collect();
            sets.members.iter().enumerate().map(|(m, name)| (name.clone(), raises(m as u32))).collect()
        } else {
            match names.iter().map(|n| says(n)).collect::<Option<Vec<bool>>>() {
                Some(raises) => vec![(about.name.clone(), raises)],
                None => continue,
            }
        };
        let places: Vec<Option<u32>> = other.keys.iter().map(|k| item_of.get(k).copied()).collect();
        let known: Vec<Option<u32>> =
            other.raters.names.iter().map(|n| rater_of.get(n.as_str()).copied()).collect();
        for (name, raises) in asked.into_iter().take(MOST.saturating_sub(out.len())) {
            progress.check()?;
            out.push(raised(dataset, &votes, (&places, &known), name, &raises));
        }
    }
    Ok(Ok(()))
}

/// A flag by who raised it.
fn raised(
    dataset: &Dataset,
    votes: &Annotations,
    (places, known): (&[Option<u32>], &[Option<u32>]),
    name: String,
    raises: &[bool],
) -> Flag {
    let mut share = vec![f64::NAN; dataset.n_items()];
    let mut own = HashMap::new();
    let mut builder = AnnotationsBuilder::new();
    for item in 0..votes.n_items() {
        let (mut yes, mut n) = (0.0, 0.0);
        for a in votes.of_item(item) {
            let up = raises.get(a.label as usize).copied().unwrap_or(false);
            yes += f64::from(u8::from(up));
            n += 1.0;
            builder.push(item as u32, a.rater, u32::from(up), None);
            if let (Some(place), Some(rater)) = (places[item], known.get(a.rater as usize).copied().flatten())
            {
                own.insert((place, rater), up);
            }
        }
        if let (Some(place), true) = (places[item], n > 0.0) {
            share[place as usize] = yes / n;
        }
    }
    let alpha = krippendorff_alpha_nominal(&builder.finish(votes.n_items(), known.len()), 2);
    Flag { name, share, own, alpha }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_hold_shares_or_lists() {
        let column = |values: &[&str]| -> TextColumn { values.iter().copied().collect() };
        assert_eq!(shares(&column(&["0", "1", "0.5", "yes"])), Some(vec![0.0, 1.0, 0.5, 1.0]));
        assert!(shares(&column(&["0.31", "0.7", "0.2", "1"])).is_none(), "a measure");
        assert!(shares(&column(&["3", "1"])).is_none() && shares(&column(&["", ""])).is_none());
        assert_eq!(tags_of("[\"a b\", 'c']").collect::<Vec<_>>(), ["a b", "c"]);
        assert_eq!(tags_of("x, y; z").collect::<Vec<_>>(), ["x, y", "z"]);
        assert_eq!((says("No"), says("true"), says("maybe")), (Some(false), Some(true), None));
    }
}
