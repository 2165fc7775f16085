//! The CoNLL family: writing back.
//!
//! Only cells of tags change, in the scheme that the file has: a decision on one token changes this token's tag and
//! no other. One column of tags is a given label and is replaced. Several columns get one more, `reviewer:<name>`,
//! several files a further file `reviewer-<name>`: there, a token that nobody decided carries the tag that most
//! raters gave it, or `?` where they are tied.

use super::super::error::FormatError;
use super::super::registry::Product;
use super::super::write::WriteBack;
use super::columns::{Columns, Row};
use super::conll::{Hand, Version, hands, most, versions};
use super::review;
use crate::dataset::tags::is_blank;
use crate::progress::Progress;

pub(super) fn write(work: &WriteBack<'_>, progress: &Progress) -> Result<Product, FormatError> {
    let versions = versions(&work.files, |file| work.text(file, progress))?;
    let hands = hands(&versions);
    let Some(first) = versions.first() else { return Ok(Product::Folder(Vec::new())) };
    let note = "A token cannot have several tags or none in these files; such decisions are left out";
    if work.decisions().any(|(_, d)| d.dropped || d.labels.len() > 1) {
        work.note(note);
    }
    let reviewers = work.reviewers().join("+");
    if let [(_, _, Hand::Given)] = hands.as_slice() {
        let changed = replaced(first, |row| decided(work, &first.columns.rows[row]));
        return Ok(Product::File(first.text.encoded(&changed)?));
    }
    let at = |row: usize| tag_of(work, &versions, &hands, row);
    if versions.len() == 1 {
        if !reviewers.is_empty() && first.columns.is_ambiguous(&first.text.text) {
            let what = "beside a reviewer's column a comment of this file would read as a token";
            return Err(FormatError::of(&first.input.path, what, "take the comments out, or export a table"));
        }
        let text = if reviewers.is_empty() {
            first.text.text.clone()
        } else {
            with_column(first, &hands, &reviewers, at)
        };
        return Ok(Product::File(first.text.encoded(&text)?));
    }
    let mut files = review::copies(work, progress)?;
    if let Some(name) = review::name(work) {
        let text = replaced(first, |row| Some(at(row)));
        let end = first.input.name.rsplit_once('.').map_or(String::new(), |(_, end)| format!(".{end}"));
        review::put(&mut files, vec![(format!("{name}{end}"), first.text.encoded(&text)?)]);
    }
    Ok(Product::Folder(files))
}

/// The tag that was decided on a token.
fn decided(work: &WriteBack<'_>, row: &Row) -> Option<String> {
    let decision = work.decision(&row.key()).filter(|d| !d.dropped && d.labels.len() == 1)?;
    decision.label.clone()
}

/// The tag of a token as the review leaves it: decided now, decided earlier, given by most.
fn tag_of(work: &WriteBack<'_>, versions: &[Version], hands: &[(usize, usize, Hand)], row: usize) -> String {
    if let Some(tag) = decided(work, &versions[0].columns.rows[row]) {
        return tag;
    }
    let tags_of = |reviewer: bool| {
        hands.iter().filter(move |(_, _, h)| matches!(h, Hand::Reviewer(_)) == reviewer).map(
            move |(file, column, _)| {
                let version = &versions[*file];
                &version.text.text[version.columns.rows[row].tags[*column].clone()]
            },
        )
    };
    let earlier = tags_of(true).rfind(|t| !is_blank(t));
    earlier.or_else(|| most(tags_of(false))).unwrap_or("?").to_owned()
}

/// A text whose first column of tags says something else.
fn replaced(version: &Version, tag: impl Fn(usize) -> Option<String>) -> String {
    let text = &version.text.text;
    let mut out = String::with_capacity(text.len() + 64);
    let mut at = 0;
    for (number, row) in version.columns.rows.iter().enumerate() {
        let Some(new) = tag(number) else { continue };
        let cell = &row.tags[0];
        out.push_str(&text[at..cell.start]);
        out.push_str(&new);
        at = cell.end;
    }
    out.push_str(&text[at..]);
    out
}

/// A text with one more column, or with the column of this reviewer filled again.
fn with_column(
    version: &Version,
    hands: &[(usize, usize, Hand)],
    reviewer: &str,
    tag: impl Fn(usize) -> String,
) -> String {
    let (text, Columns { shape, rows, header_end }) = (&version.text.text, &version.columns);
    let name = format!("reviewer:{reviewer}");
    let known = hands.iter().find(|(_, _, hand)| *hand == Hand::Reviewer(reviewer.to_owned())).map(|h| h.1);
    let between = if shape.tabs { '\t' } else { ' ' };
    let mut out = String::with_capacity(text.len() * 2);
    let mut at = 0;
    match (known, header_end) {
        (Some(_), _) => {}
        (None, Some(end)) => {
            let comment = text[..*end].lines().last().is_some_and(|l| l.starts_with("# global.columns"));
            let name = if shape.tabs && !comment { name } else { name.replace(' ', "_") };
            out.push_str(&text[..*end]);
            out.push(if comment { ' ' } else { between });
            out.push_str(&name);
            at = *end;
        }
        (None, None) => {
            // The columns need names now, or the new one would be taken for a rater's.
            let names = (0..shape.width).map(|c| shape.name(c).replace(' ', ":")).collect::<Vec<_>>();
            let names = names.join(" ");
            let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
            out.push_str(&format!("# global.columns = {names} {}{end}", name.replace(' ', "_")));
        }
    }
    for (number, row) in rows.iter().enumerate() {
        let new = tag(number);
        match known {
            Some(column) => {
                out.push_str(&text[at..row.tags[column].start]);
                out.push_str(&new);
                at = row.tags[column].end;
            }
            None => {
                out.push_str(&text[at..row.end]);
                out.push(between);
                out.push_str(&new);
                at = row.end;
            }
        }
    }
    out.push_str(&text[at..]);
    out
}
