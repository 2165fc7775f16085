//! Properties of the two sides of a comparison: numbers of their texts, and columns of numbers that come in twos.

use crate::analysis::preferences::reading::{Reading, Said, reading, said_of_sides, sides, understood};
use crate::analysis::score_rewards::flags::{lists, tags_of};
use crate::dataset::{Dataset, Role, TextColumn};

/// Properties at most.
const MOST: usize = 40;
/// Share of items at which a property must be known.
const LEAST_KNOWN: f64 = 0.8;
/// Mean length from which a column holds texts.
const TEXT_CHARS: usize = 20;
/// Items that are looked at to see what a column holds.
const LOOKED_AT: usize = 2_000;

/// Counts something in a text.
type Count = fn(&str) -> usize;

/// What is counted in a text.
const COUNTED: [(&str, Count); 6] = [
    ("characters", |t| t.chars().count()),
    ("words", |t| t.split_whitespace().count()),
    ("sentences", sentences),
    ("digits", |t| t.chars().filter(char::is_ascii_digit).count()),
    ("list marks", marks),
    ("question marks", |t| t.chars().filter(|c| matches!(c, '?' | '？' | '؟')).count()),
];
/// Words in a column's name that make it the length.
const LENGTHS: [&str; 9] =
    ["length", "len", "characters", "chars", "n_chars", "tokens", "n_tokens", "words", "n_words"];

/// A property of both sides.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Property {
    /// What it is called.
    pub(super) name: String,
    /// Of the first side minus of the second, one an item; not finite where it is not known.
    pub(super) difference: Vec<f64>,
}

/// How the data are read.
pub(super) struct Sides {
    /// What the first side and the second are called.
    pub(super) names: (String, String),
    /// Columns that name the options, where there are such.
    pub(super) columns: Option<(usize, usize)>,
    /// What each label says.
    pub(super) outcomes: Vec<Said>,
    /// The endings that tell the sides apart.
    endings: (String, String),
}

/// A column by its name: of the metadata, or a part of the text.
#[derive(Clone, Copy)]
enum Place {
    Meta(usize),
    Text { part: usize, of: usize },
}

/// A column about items, whatever it is a part of.
pub(in crate::analysis) struct Column {
    pub(in crate::analysis) lower: String,
    pub(in crate::analysis) name: String,
    place: Place,
}

impl Column {
    /// Whether it is this column of the metadata.
    pub(in crate::analysis) fn is_meta(&self, at: usize) -> bool {
        matches!(self.place, Place::Meta(own) if own == at)
    }

    /// Its value, unless it is empty.
    pub(in crate::analysis) fn get<'a>(&self, dataset: &'a Dataset, item: usize) -> Option<&'a str> {
        let value = match self.place {
            Place::Meta(at) => dataset.metadata.get(at).map(|(_, column)| column.get(item)),
            Place::Text { part, of } => {
                let text = dataset.texts.as_ref().map(|t| t.get(item))?;
                // Several columns of text were put one below the other.
                if of == 1 {
                    Some(text)
                } else {
                    (text.split('\n').count() == of).then(|| text.split('\n').nth(part)).flatten()
                }
            }
        };
        value.filter(|v| !v.is_empty())
    }
}

/// The columns of the metadata and of the text.
pub(in crate::analysis) fn columns(dataset: &Dataset) -> Vec<Column> {
    let column =
        |name: &str, place: Place| Column { lower: name.to_lowercase(), name: name.to_owned(), place };
    let mut all: Vec<Column> =
        dataset.metadata.iter().enumerate().map(|(at, (name, _))| column(name, Place::Meta(at))).collect();
    if dataset.texts.is_some() {
        let texts: Vec<&String> =
            dataset.source.roles.iter().filter(|(_, r)| *r == Role::Text).map(|(n, _)| n).collect();
        let of = texts.len();
        all.extend(texts.into_iter().enumerate().map(|(part, name)| column(name, Place::Text { part, of })));
    }
    all
}

/// Two columns that are the same of the two sides.
pub(in crate::analysis) struct Twins<'a> {
    pub(in crate::analysis) first: &'a Column,
    pub(in crate::analysis) second: &'a Column,
    endings: (String, String),
}

impl Twins<'_> {
    /// What they have in common.
    fn stem(&self) -> String {
        let cut = |name: &str, ending: &str| {
            let lower = name.to_lowercase();
            let rest = lower.strip_suffix(ending).or_else(|| lower.strip_prefix(ending)).unwrap_or(&lower);
            rest.trim_matches(['_', ' ', '-', '.']).to_owned()
        };
        let stem = cut(&self.first.name, &self.endings.0);
        if stem.is_empty() { format!("{} − {}", self.first.name, self.second.name) } else { stem }
    }
}

/// All of them.
pub(in crate::analysis) fn twins(all: &[Column]) -> Vec<Twins<'_>> {
    let mut found = Vec::new();
    for first in all {
        for second in all {
            let Some((left, right)) = sides(&first.lower, &second.lower) else { continue };
            // A column x and a column y are places, as a rule.
            if !matches!(left, "x" | "i") {
                found.push(Twins { first, second, endings: (left.to_owned(), right.to_owned()) });
            }
        }
    }
    found
}

fn looked_at(dataset: &Dataset) -> impl Iterator<Item = usize> {
    let n = dataset.n_items();
    (0..n).step_by((n / LOOKED_AT).max(1))
}

/// Whether a column holds texts, not names or numbers.
pub(in crate::analysis) fn holds_text(dataset: &Dataset, column: &Column) -> bool {
    let (mut n, mut chars, mut spaced) = (0, 0, 0);
    for value in looked_at(dataset).filter_map(|i| column.get(dataset, i)) {
        n += 1;
        chars += value.chars().count();
        spaced += usize::from(value.trim().contains(char::is_whitespace));
    }
    let is_part = matches!(column.place, Place::Text { .. });
    n > 0 && (is_part || (chars >= TEXT_CHARS * n && spaced * 2 > n))
}

fn number_of(value: &str) -> Option<f64> {
    let value = value.trim();
    match value.to_lowercase().as_str() {
        "true" | "yes" => Some(1.0),
        "false" | "no" => Some(0.0),
        _ => value.parse().ok().filter(|v: &f64| v.is_finite()),
    }
}

fn holds_numbers(dataset: &Dataset, column: &Column) -> bool {
    let (mut n, mut numbers) = (0, 0);
    for value in looked_at(dataset).filter_map(|i| column.get(dataset, i)) {
        n += 1;
        numbers += usize::from(number_of(value).is_some());
    }
    n > 0 && numbers * 20 >= n * 19
}

/// Which sides the items compare, and what labels say of them.
pub(super) fn sides_of(dataset: &Dataset) -> Option<Sides> {
    let all = columns(dataset);
    match reading(dataset) {
        Some(Reading::Pairs { columns, outcomes }) => {
            let name = |at: usize| dataset.metadata.get(at).map_or("", |(n, _)| n.as_str());
            let names = (name(columns.0).to_owned(), name(columns.1).to_owned());
            let lower = (names.0.to_lowercase(), names.1.to_lowercase());
            let (left, right) = sides(&lower.0, &lower.1)?;
            let endings = (left.to_owned(), right.to_owned());
            Some(Sides { names, columns: Some(columns), outcomes, endings })
        }
        Some(Reading::Rankings { .. }) => None,
        // Options without names: two texts, or numbers of theirs, and labels that say which of them.
        _ => {
            let mut twins = twins(&all);
            twins.retain(|t| {
                [t.first, t.second].iter().all(|c| holds_text(dataset, c) || holds_numbers(dataset, c))
            });
            twins.sort_by_key(|t| !holds_text(dataset, t.first));
            twins.into_iter().find_map(|t| {
                let (left, right) = ((&*t.first.lower, &*t.endings.0), (&*t.second.lower, &*t.endings.1));
                let labels = dataset.labels.names();
                let outcomes: Vec<Said> = labels.iter().map(|l| said_of_sides(l, left, right)).collect();
                // Codes such as 0, 1, 2 of two sentences say something else, as a rule.
                let in_words = labels
                    .iter()
                    .zip(&outcomes)
                    .any(|(l, said)| matches!(said, Said::Outcome(_)) && l.chars().any(char::is_alphabetic));
                (in_words && understood(dataset, &outcomes)).then(|| Sides {
                    names: (t.first.name.clone(), t.second.name.clone()),
                    columns: None,
                    outcomes,
                    endings: t.endings.clone(),
                })
            })
        }
    }
}

/// Properties, which of them is the length, and what was left out with the reason.
pub(super) struct Properties {
    pub(super) all: Vec<Property>,
    pub(super) length: Option<usize>,
    pub(super) left_out: Vec<(String, String)>,
}

/// What is listed about each side, by the two columns that list it: names, and of each item the numbers of those of either side.
pub(super) struct Listed {
    /// What the columns have in common in their names.
    pub(super) stem: String,
    pub(super) names: Vec<String>,
    pub(super) of: Vec<[Vec<u32>; 2]>,
}

/// Factors of both sides: the first two columns whose name says that they are lists (`errors_a`, `errors_b`).
pub(super) fn listed(dataset: &Dataset, sides: &Sides) -> Option<Listed> {
    let all = columns(dataset);
    let found = twins(&all)
        .into_iter()
        .find(|t| lists(&t.first.name) && t.endings == sides.endings && !holds_numbers(dataset, t.first))?;
    let cell = |c: &Column, item: usize| c.get(dataset, item).unwrap_or_default().to_owned();
    let cells: Vec<[String; 2]> =
        (0..dataset.n_items()).map(|i| [cell(found.first, i), cell(found.second, i)]).collect();
    let mut names: Vec<String> = cells.iter().flatten().flat_map(|c| tags_of(c)).map(str::to_owned).collect();
    names.sort();
    names.dedup();
    if names.len() < 2 || names.len() > MOST {
        return None;
    }
    let numbers = |cell: &String| -> Vec<u32> {
        tags_of(cell)
            .filter_map(|t| names.binary_search_by(|n| n.as_str().cmp(t)).ok())
            .map(|n| n as u32)
            .collect()
    };
    let of = cells.iter().map(|sides| sides.each_ref().map(numbers)).collect();
    Some(Listed { stem: found.stem(), names, of })
}

/// Properties of both sides.
pub(super) fn properties(dataset: &Dataset, sides: &Sides) -> Properties {
    let all = columns(dataset);
    let mut pairs: Vec<Twins<'_>> = twins(&all)
        .into_iter()
        .filter(|t| {
            // What names the options is no property of theirs.
            !sides.columns.is_some_and(|(a, b)| t.first.is_meta(a) && t.second.is_meta(b))
        })
        .collect();
    // Columns in the manner of those that name the sides, if there are any: q1 and q2 beside them are two questions.
    if pairs.iter().any(|t| t.endings == sides.endings) {
        pairs.retain(|t| t.endings == sides.endings);
    }
    let mut found = Properties { all: Vec::new(), length: None, left_out: Vec::new() };
    let texts: Vec<bool> =
        pairs.iter().map(|t| holds_text(dataset, t.first) && holds_text(dataset, t.second)).collect();
    let several = texts.iter().filter(|&&t| t).count() > 1;
    for (twins, _) in pairs.iter().zip(&texts).filter(|(_, is_text)| **is_text) {
        for (what, count) in COUNTED {
            let name = if several { format!("{what} of {}", twins.stem()) } else { what.to_owned() };
            let of = |c: &Column, item: usize| c.get(dataset, item).map(|text| count(text) as f64);
            found.add(
                dataset,
                name,
                twins,
                &of,
                "lines of several texts cannot be told apart: call both columns meta when the file is opened",
            );
        }
    }
    for (twins, _) in pairs.iter().zip(&texts).filter(|(_, is_text)| !**is_text) {
        if holds_numbers(dataset, twins.first) && holds_numbers(dataset, twins.second) {
            let of = |c: &Column, item: usize| c.get(dataset, item).and_then(number_of);
            found.add(dataset, twins.stem(), twins, &of, "not known of most items");
        }
    }
    // The length as given before one that was counted here.
    let is_length = |name: &str| {
        let last = name.rsplit([' ', '.', '-']).next().unwrap_or_default();
        LENGTHS.contains(&last) || LENGTHS.iter().any(|l| name.ends_with(&format!("_{l}")))
    };
    found.length = LENGTHS
        .iter()
        .find_map(|l| found.all.iter().position(|p| p.name == *l))
        .or_else(|| found.all.iter().position(|p| is_length(&p.name) || p.name.starts_with("characters")));
    found
}

impl Properties {
    fn add(
        &mut self,
        dataset: &Dataset,
        name: String,
        twins: &Twins<'_>,
        of: &dyn Fn(&Column, usize) -> Option<f64>,
        why: &str,
    ) {
        if self.all.len() == MOST {
            self.left_out.push((name, format!("there are {MOST} already")));
            return;
        }
        let difference: Vec<f64> = (0..dataset.n_items())
            .map(|item| of(twins.first, item).zip(of(twins.second, item)).map_or(f64::NAN, |(a, b)| a - b))
            .collect();
        let known = difference.iter().filter(|d| d.is_finite()).count();
        if (known as f64) < LEAST_KNOWN * difference.len() as f64 {
            self.left_out.push((name, why.to_owned()));
        } else if self.all.iter().any(|p| p.name == name) {
            self.left_out
                .push((format!("{name} ({})", twins.first.name), "there is one of this name".to_owned()));
        } else {
            self.all.push(Property { name, difference });
        }
    }
}

/// Ends of sentences; one at least where there is a word.
fn sentences(text: &str) -> usize {
    let mut n = 0;
    let mut open = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if matches!(c, '.' | '!' | '?' | '。' | '！' | '？')
            && (chars.peek().is_none_or(|n| n.is_whitespace()) || !c.is_ascii())
        {
            n += usize::from(open);
            open = false;
        } else if c.is_alphanumeric() {
            open = true;
        }
    }
    n + usize::from(open)
}

/// Items of lists, headings, and stretches in bold or code.
fn marks(text: &str) -> usize {
    let of_line = |line: &str| {
        let line = line.trim_start();
        let digits = line.trim_start_matches(|c: char| c.is_ascii_digit());
        let numbered = digits.len() < line.len() && (digits.starts_with(". ") || digits.starts_with(") "));
        let dotted = ["- ", "* ", "+ ", "• ", "#"].iter().any(|m| line.starts_with(m));
        usize::from(numbered || dotted)
    };
    let lines: usize = text.lines().map(of_line).sum();
    lines + text.matches("**").count() / 2 + text.matches('`').count() / 2
}

/// Values of the column that names an option.
pub(super) fn option_column(dataset: &Dataset, at: usize) -> Option<&TextColumn> {
    dataset.metadata.get(at).map(|(_, column)| column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_counted() {
        assert_eq!(sentences("One. Two! 3.5 is a number? Yes"), 4);
        assert_eq!((sentences(""), sentences("..."), sentences("word")), (0, 0, 1));
        assert_eq!(marks("# Head\n- a\n- b\n1. c\n**bold** and `code`"), 6);
        assert_eq!(marks("2024 was - a year"), 0);
        assert_eq!((number_of("yes"), number_of(" 1.5"), number_of("nan")), (Some(1.0), Some(1.5), None));
    }
}
