//! The CoNLL family: one token a line, its tag in a column. Reading.
//!
//! One column of tags holds given labels. Several are raters or versions, named by the header; so are several files
//! with the same tokens, named after themselves. `?` and empty cells say that a rater did not tag the token. An item
//! is a token; its text is the sentence, its tokens joined by spaces, because these files have no other.
//!
//! A column `reviewer:<name>` or a file `reviewer-<name>` is what a review left: for every token the tag that was
//! decided or that most raters gave, `?` where they are tied. A tag there counts as a verdict where it is not what
//! most raters gave; a decision that confirmed their tag cannot be told from none.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use super::super::error::{FormatError, plural, visible};
use super::super::gather::{Gathering, Value};
use super::super::intake::{InputFile, Text, text_of};
use super::super::notes::{Place, Tally};
use super::super::registry::{Evidence, Format, Look};
use super::columns::{Columns, Row, Shape, head_of};
use super::review::is_reviewer;
use crate::dataset::tags::{Habits, entities, is_blank, is_tag, malformed};
use crate::dataset::{Missing, Task};
use crate::progress::Progress;

/// The CoNLL family.
pub(in crate::formats) static FORMAT: Format = Format {
    id: "conll",
    name: "CoNLL columns",
    reads: "tags of tokens in one column or in one a rater, or in several files with the same tokens",
    writes: "the tags in their column; where there are several raters, a column or file of the reviewer beside theirs",
    extensions: &["conll", "tsv", "txt", "bio", "iob", "iob2", "bioes"],
    detect,
    read,
    write: Some(super::conll_write::write),
};

fn detect(look: &Look<'_>) -> Option<Evidence> {
    let says = |shape: &Shape| {
        let between = if shape.tabs { "TAB" } else { "spaces" };
        let columns = plural(shape.tags.len() as u64, "column");
        format!(
            "its lines have {} cells separated by {between}, with tags of tokens in {columns}",
            shape.width
        )
    };
    if look.listing.is_none() {
        let shape = Shape::of(head_of(&look.text))?;
        return Evidence::file(look, says(&shape));
    }
    let named = |file: &&str| {
        let end = file.rsplit('.').next().unwrap_or_default();
        !file.contains('/') && FORMAT.extensions.contains(&end)
    };
    let mut shape = None;
    let mut files: Vec<InputFile> = Vec::new();
    for name in look.ending("").filter(named).take(100) {
        let input = look.input(name, None);
        if let Some(found) = head_of_file(&input).and_then(|head| Shape::of(&head)) {
            shape.get_or_insert(found);
            files.push(input);
        }
    }
    files.sort_by_key(|f| is_reviewer(&f.name));
    let because = format!("it holds {} in which {}", plural(files.len() as u64, "file"), says(&shape?));
    Some(Evidence { because, files })
}

/// The first lines of a file, if it is text.
fn head_of_file(input: &InputFile) -> Option<String> {
    use std::io::Read as _;
    let (file, _) = super::super::text::open_regular(&input.path).ok()?;
    let mut head = Vec::new();
    file.take(1 << 14).read_to_end(&mut head).ok()?;
    let cut = head.len() == 1 << 14;
    let look = Look::of_head(&input.path, head);
    let whole = if cut { look.text.rsplit_once('\n')?.0 } else { look.text.as_str() };
    Some(whole.to_owned())
}

/// One file with its tokens.
pub(super) struct Version {
    pub(super) input: InputFile,
    pub(super) text: Text,
    pub(super) columns: Columns,
}

/// Who gave the tags of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Hand {
    /// The only column.
    Given,
    Rater(String),
    Reviewer(String),
}

/// Whose tags each column of each file holds: file, column of tags, hand.
pub(super) fn hands(versions: &[Version]) -> Vec<(usize, usize, Hand)> {
    let mut list = Vec::new();
    for (file, version) in versions.iter().enumerate() {
        let shape = &version.columns.shape;
        let stem = version.input.rater.as_deref().unwrap_or(version.input.stem());
        for (at, &column) in shape.tags.iter().enumerate() {
            let name = shape.name(column);
            let hand = match (name.strip_prefix("reviewer:"), stem.strip_prefix("reviewer-")) {
                (Some(reviewer), _) => Hand::Reviewer(reviewer.to_owned()),
                (None, Some(reviewer)) => Hand::Reviewer(reviewer.to_owned()),
                (None, None) if versions.len() == 1 => Hand::Rater(name),
                (None, None) if shape.tags.len() == 1 => Hand::Rater(stem.to_owned()),
                (None, None) => Hand::Rater(format!("{stem}: {name}")),
            };
            list.push((file, at, hand));
        }
    }
    if let [(_, _, hand)] = list.as_mut_slice() {
        *hand = Hand::Given;
    }
    list
}

/// Cuts the files into tokens and checks that they are the same in all.
pub(super) fn versions(
    files: &[InputFile],
    mut open: impl FnMut(&InputFile) -> Result<Text, FormatError>,
) -> Result<Vec<Version>, FormatError> {
    let mut all: Vec<Version> = Vec::new();
    for input in files {
        let text = open(input)?;
        let columns = Columns::read(&input.path, &text.text)?;
        let version = Version { input: input.clone(), text, columns };
        if let Some(first) = all.first() {
            same_tokens(first, &version)?;
        }
        all.push(version);
    }
    Ok(all)
}

fn same_tokens(first: &Version, other: &Version) -> Result<(), FormatError> {
    let word = |version: &Version, row: &Row| version.text.text[row.token.clone()].to_owned();
    let (a, b) = (&first.columns.rows, &other.columns.rows);
    let known = visible(&first.input.name);
    let remedy = "open files of different tokens one by one, or align them first";
    for (x, y) in a.iter().zip(b) {
        let (expected, found) = (word(first, x), word(other, y));
        let what = if expected != found {
            format!(
                "here stands “{}”, in {known} “{}” (line {})",
                visible(&found),
                visible(&expected),
                x.line
            )
        } else if x.key() != y.key() {
            format!("this is token {} here, in {known} token {} (line {})", y.key(), x.key(), x.line)
        } else {
            continue;
        };
        return Err(FormatError::of(&other.input.path, what, remedy).at_line(y.line));
    }
    if a.len() != b.len() {
        let what = format!("there are {} tokens, in {known} {}", b.len(), a.len());
        let last = b.last().map_or(1, |r| r.line);
        return Err(FormatError::of(&other.input.path, what, remedy).at_line(last));
    }
    Ok(())
}

fn read(files: &[InputFile], gathering: &mut Gathering, progress: &Progress) -> Result<(), FormatError> {
    let versions = versions(files, |file| text_of(&file.path, progress))?;
    let Some(first) = versions.first() else { return Ok(()) };
    refuse_repeats(first)?;
    let hands = hands(&versions);
    let name = match (hands.as_slice(), first.columns.shape.names.get(first.columns.shape.tags[0])) {
        ([(_, _, Hand::Given)], Some(name)) => name.clone(),
        _ => "tag".to_owned(),
    };
    let question = gathering.question(&name, Task::Tokens);
    let mut numbers = Vec::new();
    for (_, _, hand) in &hands {
        numbers.push(match hand {
            Hand::Rater(name) => Some(gathering.rater(name)?),
            Hand::Given | Hand::Reviewer(_) => None,
        });
    }
    note_schemes(&versions, &hands, gathering);
    let mut odd = Tally::default();
    let starts = first.columns.sentences().scan(0, |at, sentence| {
        let start = *at;
        *at += sentence.len();
        Some(start..*at)
    });
    for range in starts {
        progress.check()?;
        let rows = &first.columns.rows[range.clone()];
        let (sentence, places) = sentence(&first.text.text, rows);
        let mut of_hand: Vec<Vec<&str>> = vec![Vec::new(); hands.len()];
        for (place, at) in places.iter().zip(range.clone()) {
            let row = &first.columns.rows[at];
            let item = gathering.item(&row.key())?;
            gathering.text(item, &sentence)?;
            gathering.focus(item, place.start, place.end);
            for (k, (file, column, hand)) in hands.iter().enumerate() {
                let version = &versions[*file];
                let row = &version.columns.rows[at];
                let tag = &version.text.text[row.tags[*column].clone()];
                of_hand[k].push(tag);
                let blank = is_blank(tag);
                if !blank && !is_tag(tag) {
                    odd.hit(row.line);
                }
                match (hand, numbers[k]) {
                    (Hand::Given, _) if !blank => gathering.given(question, item, Value::One(tag))?,
                    (Hand::Rater(_), Some(rater)) if blank => {
                        gathering.absent(question, item, rater, Missing::Unknown);
                    }
                    (Hand::Rater(_), Some(rater)) => {
                        gathering.vote(question, item, rater, Value::One(tag), None)?;
                    }
                    _ => {}
                }
            }
            for (k, (_, _, hand)) in hands.iter().enumerate() {
                let Hand::Reviewer(name) = hand else { continue };
                let votes =
                    of_hand.iter().zip(&numbers).filter(|(_, n)| n.is_some()).filter_map(|(t, _)| t.last());
                let tag = of_hand[k].last().copied().unwrap_or_default();
                if !is_blank(tag) && most(votes.copied()) != Some(tag) {
                    gathering.verdict(question, item, name, tag);
                }
            }
        }
        let passage = gathering.passage(question, &rows[0].sentence_key(), &sentence)?;
        for (tags, number) in of_hand.iter().zip(&numbers) {
            let Some(rater) = *number else { continue };
            for (tokens, kind) in entities(tags) {
                let range = places[tokens.start].start..places[tokens.end - 1].end;
                gathering.entity(question, passage, rater, range, kind);
            }
        }
    }
    gathering.notes.add("odd_tag", odd.place(None), odd.count, || {
        (
            "Some cells among the tags are no tags (O, B-…, I-…); they count as labels as they are".into(),
            "Mend them in the file".into(),
        )
    });
    note_unused(&versions, gathering);
    gathering.files.extend(versions.into_iter().map(|v| v.text.file));
    Ok(())
}

/// The tokens joined by spaces, and where each stands in it, in code points.
fn sentence(text: &str, rows: &[Row]) -> (String, Vec<Range<u32>>) {
    let (mut out, mut places, mut at) = (String::new(), Vec::new(), 0);
    for row in rows {
        if !out.is_empty() {
            out.push(' ');
            at += 1;
        }
        let word = &text[row.token.clone()];
        out.push_str(word);
        let start = at;
        at += word.chars().count() as u32;
        places.push(start..at);
    }
    (out, places)
}

/// The tag that most votes are for; `None` on ties.
pub(super) fn most<'t>(votes: impl Iterator<Item = &'t str>) -> Option<&'t str> {
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    votes.filter(|t| !is_blank(t)).for_each(|t| *counts.entry(t).or_default() += 1);
    let best = counts.values().max()?;
    let mut first = counts.iter().filter(|(_, n)| *n == best);
    let (tag, _) = first.next()?;
    first.next().is_none().then_some(tag)
}

/// Label Studio writes a document once for each of its annotators, and does not say whose tags they are.
fn refuse_repeats(version: &Version) -> Result<(), FormatError> {
    if !version.columns.shape.label_studio {
        return Ok(());
    }
    let mut seen: HashMap<Vec<&str>, u32> = HashMap::new();
    let (mut all, mut repeated, mut line) = (0, 0, 1);
    for rows in version.columns.sentences() {
        let words: Vec<&str> = rows.iter().map(|r| &version.text.text[r.token.clone()]).collect();
        let n = seen.entry(words).or_default();
        *n += 1;
        all += 1;
        if *n == 2 {
            repeated += 1;
            line = if repeated == 1 { rows[0].line } else { line };
        }
    }
    if repeated * 3 < all {
        return Ok(());
    }
    let what = "Label Studio wrote texts more than once, one time for each annotator, without saying whose tags they are";
    Err(FormatError::of(&version.input.path, what, "export JSON").at_line(line))
}

/// Says which schemes the tags follow, and how many do not.
fn note_schemes(versions: &[Version], hands: &[(usize, usize, Hand)], gathering: &mut Gathering) {
    for (file, column, hand) in hands {
        let version = &versions[*file];
        let tags_of = |rows: &[Row]| -> Vec<&str> {
            rows.iter().map(|r| &version.text.text[r.tags[*column].clone()]).collect()
        };
        let mut habits = Habits::default();
        version.columns.sentences().for_each(|rows| habits.see(&tags_of(rows)));
        let scheme = habits.scheme();
        let mut bad = Tally::default();
        for rows in version.columns.sentences() {
            let n = malformed(&tags_of(rows), scheme);
            (0..n).for_each(|_| bad.hit(rows[0].line));
        }
        let column = match hand {
            Hand::Given => None,
            Hand::Rater(name) | Hand::Reviewer(name) => Some(name.as_str()),
        };
        gathering.notes.add("tag_scheme", Place { line: None, column }, 1, || {
            let what = format!(
                "The tags follow {}; the text of an item is its sentence's tokens joined by spaces",
                scheme.name()
            );
            (what, "Nothing to do".into())
        });
        gathering.notes.add("malformed_tag", bad.place(column), bad.count, || {
            let what =
                format!("Tags stand where {} does not allow them; they count as they are", scheme.name());
            (what, "Mend them in review, or in the file".into())
        });
    }
}

/// Says which columns were not read.
fn note_unused(versions: &[Version], gathering: &mut Gathering) {
    for version in versions {
        let shape = &version.columns.shape;
        let unused: Vec<String> = (0..shape.width)
            .filter(|c| *c != shape.token && !shape.tags.contains(c))
            .map(|c| visible(&shape.name(c)))
            .collect();
        gathering.notes.add("not_used", Place::FILE, unused.len() as u64, || {
            (format!("Columns that hold no tags are not used: {}", unused.join(", ")), "Nothing to do".into())
        });
    }
}
