//! WebAnno TSV 3 (WebAnno, INCEpTION): one file or a whole project.
//!
//! Layers of stretches are read, each feature as a question; chains, relations and slots stay in the files. Writing
//! changes the cells of the one feature: of every piece of an annotation, so that it stays one. An annotation that
//! should not be there goes from all columns of its layer. A reviewer's file holds the tokens of the document and
//! the annotations of this feature alone, with parts of tokens where they begin or end inside of one.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use super::super::error::FormatError;
use super::super::gather::Gathering;
use super::super::intake::{InputFile, text_of};
use super::super::notes::Place;
use super::super::offsets::{Index, Unit as Counted};
use super::super::registry::{Evidence, Format, Look, Product};
use super::super::write::WriteBack;
use super::project::{self, Asking, Layered, NO_VALUE, Wanted};
use super::review;
use super::tsv3::{Layer, LayerKind, MAGIC, Stretch, Tsv, Unit, entries, escape, short};
use crate::progress::Progress;

/// WebAnno TSV 3.
pub(in crate::formats) static FORMAT: Format = Format {
    id: "webanno-tsv",
    name: "WebAnno TSV 3",
    reads: "layers of stretches, each feature as a question; one file or a project's folders",
    writes: "one rater: the feature's cells; several: a file of the reviewer for each document, beside curation",
    extensions: &["tsv"],
    detect,
    read,
    write: Some(write),
};

fn detect(look: &Look<'_>) -> Option<Evidence> {
    if look.listing.is_none() {
        let because = format!("its first line begins with “{MAGIC}”");
        return look.text.starts_with(MAGIC).then(|| Evidence::file(look, because)).flatten();
    }
    let files = project::files(look, ".tsv");
    let because = "its documents are folders with a WebAnno TSV 3 file for each user".to_owned();
    project::head_of(&files).starts_with(MAGIC).then_some(Evidence { because, files })
}

fn read(files: &[InputFile], gathering: &mut Gathering, progress: &Progress) -> Result<(), FormatError> {
    let mut all = Vec::new();
    let mut unused: Vec<String> = Vec::new();
    for (at, file) in files.iter().enumerate().filter(|(_, f)| f.name != review::DECISIONS) {
        progress.check()?;
        let text = text_of(&file.path, progress)?;
        let tsv = Tsv::read(&file.path, &text.text)?;
        for layer in &tsv.layers {
            let what = match layer.kind {
                LayerKind::Span if layer.features.len() < layer.columns.len() => "slots of",
                LayerKind::Span => continue,
                LayerKind::Chain => "chains of",
                LayerKind::Relation => "relations of",
            };
            let what = format!("{what} {}", short(&layer.name));
            if !unused.contains(&what) {
                unused.push(what);
            }
        }
        let odd = tsv.odd_sentences;
        gathering.notes.add("sentence_text", odd.place(None), odd.count, || {
            let what = "The text of a sentence is not what its tokens say; the tokens count";
            (what.into(), "Export the document again".into())
        });
        let (layered, outside) = layered(&tsv, &text.text);
        gathering.notes.add("outside_text", Place::FILE, outside, || {
            let what = "Offsets lie inside of a character; these stretches were passed over";
            (what.into(), "Export the document again".into())
        });
        all.push((at, layered));
        gathering.files.push(text.file);
    }
    gathering.notes.add("not_used", Place::FILE, unused.len() as u64, || {
        (format!("Not used: {}", unused.join(", ")), "Nothing to do; they stay in the files".into())
    });
    project::gather(files, &all, gathering, progress)
}

/// The stretches in code points, and how many have no place there.
fn layered(tsv: &Tsv, source: &str) -> (Layered, u64) {
    let index = Index::new(&tsv.text, Counted::Utf16);
    let mut outside = 0;
    let mut features = Vec::new();
    for layer in tsv.layers.iter().filter(|l| l.kind == LayerKind::Span) {
        for (feature, column) in &layer.features {
            let mut list = Vec::new();
            for stretch in tsv.stretches(source, *column) {
                match index.range(stretch.begin..stretch.end) {
                    Some(range) => list.push((range, stretch.value)),
                    None => outside += 1,
                }
            }
            features.push((layer.name.clone(), feature.clone(), list));
        }
    }
    (Layered { text: tsv.text.clone(), features }, outside)
}

fn write(work: &WriteBack<'_>, progress: &Progress) -> Result<Product, FormatError> {
    let writer = project::Writer {
        corrected: &corrected,
        fresh: &fresh,
        read: &|text, path| Ok(layered(&Tsv::read(path, text)?, text).0),
    };
    project::write(work, &writer, progress)
}

/// The layer and the column of a question.
fn column_of<'t>(tsv: &'t Tsv, asking: &Asking, path: &Path) -> Result<(&'t Layer, usize), FormatError> {
    let layers = tsv.layers.iter().filter(|l| l.kind == LayerKind::Span && l.name == asking.layer);
    let mut found = layers.flat_map(|l| l.features.iter().map(move |(name, column)| (l, name, *column)));
    match found.find(|(_, name, _)| **name == asking.feature) {
        Some((layer, _, column)) => Ok((layer, column)),
        None => Err(FormatError::of(
            path,
            format!("this file has no layer for {}", asking.name),
            "declare the layer in the project and export again",
        )),
    }
}

fn label(text: &str) -> String {
    if text == NO_VALUE { NO_VALUE.to_owned() } else { escape(text) }
}

/// Cells that change: unit and column → the annotations that stand there then.
type Changes = BTreeMap<(usize, usize), Vec<Option<String>>>;

fn corrected(source: &str, path: &Path, wanted: &[Wanted], asking: &Asking) -> Result<String, FormatError> {
    let tsv = Tsv::read(path, source)?;
    let (layer, column) = column_of(&tsv, asking, path)?;
    let index = Index::new(&tsv.text, Counted::Utf16);
    let stretches = tsv.stretches(source, column);
    let cell = |unit: usize, column: usize| -> Vec<Option<String>> {
        let range = &tsv.units[unit].cells[column];
        let list = entries(&source[range.clone()], range.start);
        list.into_iter().map(|e| Some(source[e.whole].to_owned())).collect()
    };
    let mut number = highest_number(&tsv, source, layer);
    let mut changes: Changes = BTreeMap::new();
    for (range, labels) in wanted {
        let here = |s: &&Stretch| index.range(s.begin..s.end).as_ref() == Some(range);
        let here: Vec<&Stretch> = stretches.iter().filter(here).collect();
        for (k, stretch) in here.iter().enumerate() {
            for &(unit, place) in &stretch.pieces {
                match labels.get(k) {
                    Some(new) => {
                        let list = changes.entry((unit, column)).or_insert_with(|| cell(unit, column));
                        if let Some(Some(entry)) = list.get_mut(place) {
                            let end = entries(entry, 0).first().map_or(entry.len(), |e| e.value.end);
                            *entry = format!("{}{}", label(new), &entry[end..]);
                        }
                    }
                    None => {
                        for column in layer.columns.clone() {
                            let list = changes.entry((unit, column)).or_insert_with(|| cell(unit, column));
                            if let Some(entry) = list.get_mut(place) {
                                *entry = None;
                            }
                        }
                    }
                }
            }
        }
        let Some(first) = here.first() else { continue };
        for new in labels.iter().skip(here.len()) {
            number += 1;
            for &(unit, _) in &first.pieces {
                for other in layer.columns.clone() {
                    let value = if other == column { label(new) } else { NO_VALUE.to_owned() };
                    let list = changes.entry((unit, other)).or_insert_with(|| cell(unit, other));
                    list.push(Some(format!("{value}[{number}]")));
                }
            }
        }
    }
    let mut out = String::with_capacity(source.len() + 64);
    let mut at = 0;
    for ((unit, column), list) in changes {
        let range = &tsv.units[unit].cells[column];
        out.push_str(&source[at..range.start]);
        let left: Vec<String> = list.into_iter().flatten().collect();
        out.push_str(if left.is_empty() { "_" } else { "" });
        out.push_str(&left.join("|"));
        at = range.end;
    }
    out.push_str(&source[at..]);
    Ok(out)
}

fn highest_number(tsv: &Tsv, source: &str, layer: &Layer) -> u32 {
    let cells = tsv.units.iter().flat_map(|u| u.cells.get(layer.columns.clone()).unwrap_or_default());
    let numbers = cells.flat_map(|c| entries(&source[c.clone()], c.start)).filter_map(|e| e.number);
    numbers.max().unwrap_or(0).min(u32::MAX / 2)
}

/// A token and the part of it, in UTF-16 units.
type Spot = (usize, Range<u32>);

/// A piece of an annotation: the token, the part of it in UTF-16 units, and what the cell says.
struct Piece {
    token: usize,
    begin: u32,
    end: u32,
    value: String,
    blank: String,
}

fn fresh(source: &str, path: &Path, wanted: &[Wanted], asking: &Asking) -> Result<String, FormatError> {
    let tsv = Tsv::read(path, source)?;
    let (layer, column) = column_of(&tsv, asking, path)?;
    let index = Index::new(&tsv.text, Counted::Utf16);
    let tokens: Vec<usize> = (0..tsv.units.len()).filter(|&u| !tsv.units[u].is_part).collect();
    let mut spots: Vec<(Vec<Spot>, &String)> = Vec::new();
    for (range, labels) in wanted {
        let (Some(begin), Some(end)) = (index.offset(range.start), index.offset(range.end)) else { continue };
        let pieces = pieces(&tsv, &tokens, begin..end);
        for label in labels {
            spots.push((pieces.clone(), label));
        }
    }
    let mut on: BTreeMap<(usize, u32, u32), u32> = BTreeMap::new();
    for (token, range) in spots.iter().flat_map(|(pieces, _)| pieces) {
        *on.entry((*token, range.start, range.end)).or_default() += 1;
    }
    let mut list: Vec<Piece> = Vec::new();
    let mut number = 0;
    for (places, text) in &spots {
        let stacked = places.iter().any(|(t, r)| on.get(&(*t, r.start, r.end)).is_some_and(|&n| n > 1));
        let tie = if places.len() > 1 || stacked {
            number += 1;
            format!("[{number}]")
        } else {
            String::new()
        };
        list.extend(places.iter().map(|(token, range)| Piece {
            token: *token,
            begin: range.start,
            end: range.end,
            value: format!("{}{tie}", label(text)),
            blank: format!("{NO_VALUE}{tie}"),
        }));
    }
    let mut out = String::with_capacity(source.len());
    let mut at = 0;
    for (number, unit) in tsv.units.iter().enumerate() {
        out.push_str(&source[at..unit.row.start]);
        let line_end = source[unit.row.end..].find('\n').map_or(source.len(), |n| unit.row.end + n + 1);
        at = line_end;
        if unit.is_part {
            continue;
        }
        let end = &source[unit.row.end..line_end];
        let row = |id: &str, range: (u32, u32), token: &str, pieces: &[&Piece]| {
            let mut row = format!("{id}\t{}-{}\t{token}", range.0, range.1);
            for other in 0..unit.cells.len() {
                let says = |p: &&Piece| match other {
                    c if c == column => Some(p.value.clone()),
                    c if layer.columns.contains(&c) => Some(p.blank.clone()),
                    _ => None,
                };
                let cell: Vec<String> = pieces.iter().filter_map(says).collect();
                row.push('\t');
                row.push_str(if cell.is_empty() { "_" } else { "" });
                row.push_str(&cell.join("|"));
            }
            row.push_str(if source[unit.row.clone()].ends_with('\t') { "\t" } else { "" });
            row
        };
        let (id, token) = (&source[unit.id.clone()], &source[unit.token.clone()]);
        let here: Vec<&Piece> = list.iter().filter(|p| p.token == number).collect();
        let (whole, parts): (Vec<&Piece>, Vec<&Piece>) =
            here.into_iter().partition(|p| (p.begin, p.end) == (unit.begin, unit.end));
        out.push_str(&row(id, (unit.begin, unit.end), token, &whole));
        out.push_str(end);
        let mut places: Vec<(u32, u32)> = parts.iter().map(|p| (p.begin, p.end)).collect();
        places.sort_unstable();
        places.dedup();
        for (k, place) in places.iter().enumerate() {
            let pieces: Vec<&Piece> = parts.iter().copied().filter(|p| (p.begin, p.end) == *place).collect();
            let text = index.range(place.0..place.1).and_then(|r| index.slice(r)).unwrap_or_default();
            out.push_str(&row(
                &format!("{id}.{}", k + 1),
                *place,
                &text.replace(['\t', '\n', '\r'], " "),
                &pieces,
            ));
            out.push_str(if end.is_empty() { "\n" } else { end });
        }
    }
    out.push_str(&source[at..]);
    Ok(out)
}

/// The tokens, or parts of them, that a range in UTF-16 units covers. `tokens`: numbers of units, by place.
fn pieces(tsv: &Tsv, tokens: &[usize], range: Range<u32>) -> Vec<Spot> {
    let unit = |n: usize| -> &Unit { &tsv.units[n] };
    if range.is_empty() {
        let on = tokens.iter().find(|&&n| (unit(n).begin..=unit(n).end).contains(&range.start));
        return on.map(|&n| (n, range)).into_iter().collect();
    }
    let first = tokens.partition_point(|&n| unit(n).end <= range.start);
    tokens[first..]
        .iter()
        .take_while(|&&n| unit(n).begin < range.end)
        .map(|&n| (n, unit(n).begin.max(range.start)..unit(n).end.min(range.end)))
        .filter(|(_, r)| r.start < r.end)
        .collect()
}
