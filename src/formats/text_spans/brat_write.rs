//! brat standoff: writing back.
//!
//! One rater's file is corrected in place: types change, lines and identifiers stay, a stretch that should not be
//! marked loses its line and what refers to it, further types get new lines at the end. Where there are several
//! raters, their files stay and the reviewer gets a folder (or a name's end) like theirs.

use std::collections::HashSet;
use std::ops::Range;

use super::super::error::FormatError;
use super::super::intake::Text;
use super::super::offsets::{Index, Unit};
use super::super::registry::Product;
use super::super::write::WriteBack;
use super::brat::{Bound, Line, Work, lines, offsets, universal, works};
use super::review;
use crate::dataset::NOTHING;
use crate::progress::Progress;

pub(super) fn write(work: &WriteBack<'_>, progress: &Progress) -> Result<Product, FormatError> {
    let list = works(&work.files)?;
    if work.dataset.raters.len() > 1 {
        return several(work, &list, progress).map(Product::Folder);
    }
    let mut files = Vec::new();
    for (at, file) in work.files.iter().enumerate() {
        progress.check()?;
        let text = work.text(file, progress)?;
        let bytes = match list.iter().find(|w| w.ann == Some(at)) {
            Some(one) => {
                let raw = work.text(&work.files[one.text], progress)?;
                text.encoded(&corrected(work, one, &text, &raw.text))?
            }
            None => text.encoded(&text.text)?,
        };
        if file.path == work.dataset.source.table.path {
            return Ok(Product::File(bytes));
        }
        files.push((file.name.clone(), bytes));
    }
    Ok(Product::Folder(files))
}

/// One file with the decisions on its stretches.
fn corrected(work: &WriteBack<'_>, of: &Work, ann: &Text, raw: &str) -> String {
    let decisions = work.regions(&of.document);
    let text = &ann.text;
    let added: Vec<_> = work.added(&of.document).collect();
    if decisions.is_empty() && added.is_empty() {
        return text.clone();
    }
    let single = universal(raw);
    let all: Vec<_> = lines(text).collect();
    let bounds: Vec<Bound<'_>> = all
        .iter()
        .filter_map(|(_, line)| match line {
            Line::Bound(bound) => Some(bound.clone()),
            _ => None,
        })
        .collect();
    let (places, _) = offsets(raw, &single, &bounds);
    let mut gone: HashSet<String> = HashSet::new();
    let mut types: Vec<(&Bound<'_>, String)> = Vec::new();
    let mut new: Vec<(&Bound<'_>, String)> = Vec::new();
    let mut moved: Vec<(&Bound<'_>, Range<u32>)> = Vec::new();
    let index = Index::new(&single, Unit::CodePoint);
    // A type, a place in code points, and what it covers, as a line has them.
    let rest = |label: &str, range: &Range<u32>| {
        let file = places.back(range).unwrap_or_else(|| range.clone());
        let covered = index.slice(range.clone()).unwrap_or_default().replace('\n', " ");
        format!("{} {} {}\t{covered}", label.replace([' ', '\t'], "_"), file.start, file.end)
    };
    for (range, _, decision) in &decisions {
        let mut here: Vec<&Bound<'_>> = bounds
            .iter()
            .filter(|b| b.fragments.iter().any(|f| places.range(f).as_ref() == Some(range)))
            .collect();
        if let Some(span) = &decision.span {
            // One span of several at one place, by its type.
            here.retain(|b| Some(b.kind) == span.was.as_deref());
            here.truncate(1);
        }
        let Some(first) = here.first().copied() else { continue };
        if here.iter().any(|b| b.fragments.len() > 1) {
            work.note(
                "Fragments of discontinuous annotations keep their place and their type, which belongs to the whole annotation",
            );
            continue;
        }
        if let Some(to) = decision.span.as_ref().and_then(|s| s.moved.clone()) {
            moved.push((first, to));
        }
        let wanted: Vec<&String> = decision.labels.iter().filter(|l| *l != NOTHING).collect();
        if !decision.dropped && decision.label.is_none() {
            continue;
        }
        for (k, bound) in here.iter().enumerate() {
            match wanted.get(k) {
                Some(label) if !decision.dropped => types.push((bound, (*label).clone())),
                _ => {
                    gone.insert(bound.id.to_owned());
                }
            }
        }
        new.extend(wanted.iter().skip(here.len()).map(|label| (first, (*label).clone())));
    }
    let mut out = String::with_capacity(text.len() + 64);
    remove_references(&all, &mut gone);
    let mut next = 0_u64;
    for (range, line) in &all {
        match line {
            Line::Bound(bound) => {
                next = next.max(bound.id[1..].parse().unwrap_or(0));
                if gone.contains(bound.id) {
                    continue;
                }
                let to = moved.iter().find(|(b, _)| b.kind_at == bound.kind_at).map(|(_, to)| to);
                match types.iter().find(|(b, _)| b.kind_at == bound.kind_at) {
                    Some((_, label)) if to.is_some() => {
                        let line = &text[range.clone()];
                        let end = &line[line.trim_end_matches(['\r', '\n']).len()..];
                        out.push_str(&text[range.start..bound.kind_at.start]);
                        out.push_str(&rest(label, to.unwrap_or(&(0..0))));
                        out.push_str(end);
                    }
                    Some((_, label)) => {
                        out.push_str(&text[range.start..bound.kind_at.start]);
                        out.push_str(label);
                        out.push_str(&text[bound.kind_at.end..range.end]);
                    }
                    None => out.push_str(&text[range.clone()]),
                }
            }
            Line::Other(content) if is_gone(content, &gone) => {}
            Line::Other(content) => out.push_str(&with_trigger(&text[range.clone()], content, &types)),
            Line::Blank | Line::Odd => out.push_str(&text[range.clone()]),
        }
    }
    for (bound, label) in new {
        if !out.is_empty() && !out.ends_with('\n') {
            out.push('\n');
        }
        next = next.saturating_add(1);
        let line =
            all.iter().find(|(r, _)| r.contains(&bound.kind_at.start)).map_or("", |(r, _)| &text[r.clone()]);
        let tail = line.get(bound.id.len() + 1 + bound.kind.len()..).unwrap_or_default();
        out.push_str(&format!("T{next}\t{label}{}", tail.trim_end_matches(['\r', '\n'])));
        out.push('\n');
    }
    for (range, decision) in added {
        if !out.is_empty() && !out.ends_with('\n') {
            out.push('\n');
        }
        next = next.saturating_add(1);
        let label = decision.label.as_deref().unwrap_or_default();
        out.push_str(&format!("T{next}\t{}\n", rest(label, range)));
    }
    out
}

/// Identifiers that a line of relations, events, attributes or notes refers to, its own first.
fn references(content: &str) -> impl Iterator<Item = &str> {
    let mut parts = content.split('\t');
    let own = parts.next().unwrap_or_default();
    let rest = parts.next().unwrap_or_default();
    std::iter::once(own).chain(rest.split(' ').map(|word| word.rsplit(':').next().unwrap_or(word)))
}

fn is_gone(content: &str, gone: &HashSet<String>) -> bool {
    references(content).any(|id| gone.contains(id))
}

/// Whatever refers to something that goes, goes too.
fn remove_references(all: &[(std::ops::Range<usize>, Line<'_>)], gone: &mut HashSet<String>) {
    loop {
        let before = gone.len();
        for (_, line) in all {
            let Line::Other(content) = line else { continue };
            let own = references(content).next().unwrap_or_default();
            // Equivalences have no identifier of their own.
            if own != "*" && is_gone(content, gone) {
                gone.insert(own.to_owned());
            }
        }
        if gone.len() == before {
            return;
        }
    }
}

/// An event is of its trigger's type, or brat refuses the file.
fn with_trigger(whole: &str, content: &str, types: &[(&Bound<'_>, String)]) -> String {
    let event = (|| {
        let (own, rest) = content.split_once('\t')?;
        let (kind, tail) = rest.split_once(':')?;
        let trigger = tail.split(' ').next()?;
        let (_, label) = types.iter().find(|(bound, _)| bound.id == trigger)?;
        own.starts_with('E').then(|| format!("{own}\t{label}{}", &whole[own.len() + 1 + kind.len()..]))
    })();
    event.unwrap_or_else(|| whole.to_owned())
}

/// The raters' files, and the reviewer's.
fn several(
    work: &WriteBack<'_>,
    list: &[Work],
    progress: &Progress,
) -> Result<Vec<(String, Vec<u8>)>, FormatError> {
    let mut files = review::copies(work, progress)?;
    if let Some(name) = review::name(work) {
        let stretches = review::stretches(work);
        let mut written = HashSet::new();
        let mut new = Vec::new();
        for one in list.iter().filter(|w| w.ann.is_some() && !review::is_reviewer(&w.rater)) {
            if !written.insert(&one.document) {
                continue;
            }
            progress.check()?;
            let raw = work.text(&work.files[one.text], progress)?;
            let single = universal(&raw.text);
            let index = Index::new(&single, Unit::CodePoint);
            let mut ann = String::new();
            let mut number = 0;
            for (range, labels) in stretches.get(one.document.as_str()).into_iter().flatten() {
                for label in labels {
                    number += 1;
                    let covered = index.slice(range.clone()).unwrap_or_default().replace('\n', " ");
                    let (start, end) = (range.start, range.end);
                    ann.push_str(&format!(
                        "T{number}\t{} {start} {end}\t{covered}\n",
                        label.replace([' ', '\t'], "_")
                    ));
                }
            }
            let by_folder = work.files[one.text].name.starts_with(&format!("{}/", one.rater));
            if by_folder {
                new.push((format!("{name}/{}.txt", one.document), raw.encoded(&raw.text)?));
                new.push((format!("{name}/{}.ann", one.document), ann.into_bytes()));
            } else {
                new.push((format!("{}.{name}.ann", one.document), ann.into_bytes()));
            }
        }
        review::put(&mut files, new);
    }
    review::add_list(work, &mut files, progress, true)?;
    Ok(files)
}
