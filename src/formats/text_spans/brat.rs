//! brat standoff: a text beside a file of annotations, `doc.txt` and `doc.ann`. Reading.
//!
//! A rater is a folder (`ana/doc1.ann`, `ben/doc1.ann`) or the end of a name (`doc1.ana.ann` beside `doc1.txt`); in
//! one folder there is one rater, called like it. An empty `.ann` says that there is nothing; none says that the
//! rater has not begun. Text-bound annotations (`T`) are read, a discontinuous one as one stretch a fragment;
//! relations, events, attributes, normalisations and notes stay in the files.
//!
//! brat counts code points of the text as Python reads it, with every line end as one LF, and stores the covered
//! text, so that files written by other programs show when they count differently.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;
use std::path::Path;

use super::super::error::{FormatError, plural, visible};
use super::super::gather::{Ask, Gathering};
use super::super::intake::{InputFile, Text, text_of};
use super::super::notes::Tally;
use super::super::offsets::{Index, Unit};
use super::super::registry::{Evidence, Format, Look};
use super::review;
use crate::dataset::Task;
use crate::progress::Progress;

/// brat standoff.
pub(in crate::formats) static FORMAT: Format = Format {
    id: "brat",
    name: "brat standoff",
    reads: "text-bound annotations, one folder a rater",
    writes: "one rater: its lines corrected; several: a folder of the reviewer beside theirs",
    extensions: &["ann"],
    detect,
    read,
    write: Some(super::brat_write::write),
};

/// What the question is called.
pub(super) const QUESTION: &str = "entities";

const CONF: &str = "annotation.conf";

fn detect(look: &Look<'_>) -> Option<Evidence> {
    match &look.listing {
        None => detect_file(look),
        Some(listing) => detect_folder(look, listing),
    }
}

/// An `.ann` beside its text.
fn detect_file(look: &Look<'_>) -> Option<Evidence> {
    let path = look.path;
    let text = path.with_extension("txt");
    if path.extension()? != "ann" || !text.is_file() {
        return None;
    }
    let rater = path.parent().and_then(Path::file_name).map(|n| n.to_string_lossy().into_owned());
    let conf = path.with_file_name(CONF);
    let mut files: Vec<InputFile> = Vec::new();
    for path in [path, &text, &conf].into_iter().filter(|p| p.is_file()) {
        files.push(InputFile { rater: rater.clone(), ..InputFile::alone(path) });
    }
    Some(Evidence { because: "its text lies beside it, in a .txt of the same name".to_owned(), files })
}

fn detect_folder(look: &Look<'_>, listing: &[String]) -> Option<Evidence> {
    let stems =
        |end: &str| -> BTreeSet<&str> { listing.iter().filter_map(|f| f.strip_suffix(end)).collect() };
    let (marked, texts) = (stems(".ann"), stems(".txt"));
    if marked.is_empty() || texts.is_empty() {
        return None;
    }
    let folder = look.path.file_name().map_or("rater".into(), |n| n.to_string_lossy().into_owned());
    let mut folders: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut flat = false;
    for stem in marked.iter().chain(&texts) {
        match stem.split_once('/') {
            Some((folder, document)) => {
                folders.entry(folder).or_default().insert(document);
            }
            None => flat = true,
        }
    }
    let raters: Vec<&BTreeSet<&str>> =
        folders.iter().filter(|(name, _)| !review::is_reviewer(name)).map(|(_, d)| d).collect();
    let shared = raters.iter().enumerate().any(|(k, a)| raters[k + 1..].iter().any(|b| !a.is_disjoint(b)));
    let by_folder = !flat && (raters.len() == 1 || shared);
    let rater_of = |stem: &str, is_text: bool| -> Option<String> {
        if by_folder {
            return stem.split_once('/').map(|(rater, _)| rater.to_owned());
        }
        if is_text {
            return None;
        }
        Some(suffix_of(stem, &texts).map_or_else(|| folder.clone(), str::to_owned))
    };
    let mut files = Vec::new();
    for name in listing {
        if let Some(stem) = name.strip_suffix(".ann") {
            files.push(look.input(name, rater_of(stem, false).as_deref()));
        } else if let Some(stem) = name.strip_suffix(".txt") {
            files.push(look.input(name, rater_of(stem, true).as_deref()));
        } else if name.rsplit('/').next() == Some(CONF) || name == review::DECISIONS {
            files.push(look.input(name, None));
        }
    }
    let because =
        format!("it holds {} of annotations (.ann) beside texts (.txt)", plural(marked.len() as u64, "file"));
    Some(Evidence { because, files })
}

/// The rater at the end of a name whose text has none: `ana` of `doc1.ana` beside `doc1`.
fn suffix_of<'s>(stem: &'s str, texts: &BTreeSet<&str>) -> Option<&'s str> {
    if texts.contains(stem) {
        return None;
    }
    stem.match_indices(['.', '_', '-'])
        .rev()
        .find(|(at, _)| texts.contains(&stem[..*at]))
        .map(|(at, _)| &stem[at + 1..])
}

/// The files of one rater's work on one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Work {
    /// Name of the document, the rater's folder or suffix left out.
    pub(super) document: String,
    pub(super) rater: String,
    /// Number of the file of annotations; `None` where the rater has not begun.
    pub(super) ann: Option<usize>,
    /// Number of the text.
    pub(super) text: usize,
}

/// What belongs together, by document, then rater.
pub(super) fn works(files: &[InputFile]) -> Result<Vec<Work>, FormatError> {
    let texts: HashMap<&str, usize> =
        files.iter().enumerate().filter_map(|(at, f)| Some((f.name.strip_suffix(".txt")?, at))).collect();
    let inside = |file: &InputFile, stem: &str| -> String {
        let rater = file.rater.as_deref().unwrap_or_default();
        stem.strip_prefix(rater).and_then(|s| s.strip_prefix('/')).unwrap_or(stem).to_owned()
    };
    let mut list = Vec::new();
    let mut used = BTreeSet::new();
    for (at, file) in files.iter().enumerate() {
        let Some(stem) = file.name.strip_suffix(".ann") else { continue };
        let rater = file.rater.clone().unwrap_or_default();
        let plain = texts.get(stem).map(|&text| (text, inside(file, stem)));
        let shorter = || {
            let short = stem.strip_suffix(rater.as_str())?.strip_suffix(['.', '_', '-'])?;
            texts.get(short).map(|&text| (text, short.to_owned()))
        };
        let Some((text, document)) = plain.or_else(shorter) else {
            let remedy = "put its .txt beside it";
            return Err(FormatError::of(&file.path, "there is no text for these annotations", remedy));
        };
        used.insert(text);
        list.push(Work { document, rater, ann: Some(at), text });
    }
    for (at, file) in files.iter().enumerate() {
        if let (Some(stem), false) = (file.name.strip_suffix(".txt"), used.contains(&at)) {
            let rater = file.rater.clone().unwrap_or_default();
            list.push(Work { document: inside(file, stem), rater, ann: None, text: at });
        }
    }
    list.sort_by(|a, b| (&a.document, &a.rater).cmp(&(&b.document, &b.rater)));
    Ok(list)
}

/// One text-bound annotation and where it stands in its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bound<'t> {
    pub(super) id: &'t str,
    pub(super) kind: &'t str,
    /// Bytes of its type.
    pub(super) kind_at: Range<usize>,
    /// Half open, in the units of the file.
    pub(super) fragments: Vec<Range<u32>>,
    covered: &'t str,
    line: u64,
}

/// What a line is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line<'t> {
    Bound(Bound<'t>),
    /// Relations, events, and whatever else refers to other lines.
    Other(&'t str),
    Blank,
    Odd,
}

/// The lines of a file of annotations, each with its bytes, line end included.
pub(super) fn lines(text: &str) -> impl Iterator<Item = (Range<usize>, Line<'_>)> {
    let mut at = 0;
    text.split_inclusive('\n').enumerate().map(move |(number, whole)| {
        let start = at;
        at += whole.len();
        let content = whole.trim_end_matches(['\n', '\r']);
        let line = match content.as_bytes().first() {
            None => Line::Blank,
            Some(b'T') => bound(content, start, number as u64 + 1).map_or(Line::Odd, Line::Bound),
            Some(b'R' | b'E' | b'A' | b'M' | b'N' | b'#' | b'*') if content.contains('\t') => {
                Line::Other(content)
            }
            Some(_) if content.trim().is_empty() => Line::Blank,
            Some(_) => Line::Odd,
        };
        (start..at, line)
    })
}

fn bound(content: &str, start: usize, line: u64) -> Option<Bound<'_>> {
    let (id, rest) = content.split_once('\t')?;
    let (middle, covered) = rest.split_once('\t').unwrap_or((rest, ""));
    let (kind, places) = middle.split_once(' ')?;
    let mut fragments = Vec::new();
    for place in places.split(';') {
        let (from, to) = place.trim().split_once(' ')?;
        let range: Range<u32> = from.parse().ok()?..to.parse().ok()?;
        if range.start > range.end {
            return None;
        }
        fragments.push(range);
    }
    let kind_at = start + id.len() + 1;
    (!kind.is_empty()).then(|| Bound {
        id,
        kind,
        kind_at: kind_at..kind_at + kind.len(),
        fragments,
        covered,
        line,
    })
}

/// A text as brat reads it: every line end one LF.
pub(super) fn universal(text: &str) -> String {
    if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text.to_owned() }
}

/// How a file's offsets become code points of the text with single line ends.
pub(super) struct Offsets<'t> {
    index: Index<'t>,
    /// Code points at which a pair of CR and LF begins, where offsets count both.
    pairs: Vec<u32>,
}

impl Offsets<'_> {
    /// The code points of a range, if it is one in this text.
    pub(super) fn range(&self, range: &Range<u32>) -> Option<Range<u32>> {
        let points = self.index.range(range.clone())?;
        let single = |point: u32| point - self.pairs.partition_point(|&p| p < point) as u32;
        Some(single(points.start)..single(points.end))
    }

    /// The other way round: code points of the text with single line ends as the file counts.
    pub(super) fn back(&self, points: &Range<u32>) -> Option<Range<u32>> {
        let of = |point: u32| {
            let before = (0..).zip(&self.pairs).filter(|&(k, &pair)| pair - k < point).count() as u32;
            self.index.offset(point + before)
        };
        Some(of(points.start)?..of(points.end)?)
    }

    fn explains(&self, mark: &Bound<'_>) -> bool {
        let mut out = String::new();
        for fragment in &mark.fragments {
            let slice = self.index.range(fragment.clone()).and_then(|r| self.index.slice(r));
            let Some(slice) = slice else { return false };
            if !out.is_empty() {
                out.push(' ');
            }
            out.push_str(slice);
        }
        let plain = |text: &str| text.replace("\r\n", " ").replace(['\n', '\r'], " ");
        out == mark.covered || plain(&out) == plain(mark.covered)
    }
}

/// What the offsets of a file count: the first reading that explains the covered text of every mark, or brat's own.
pub(super) fn offsets<'t>(raw: &'t str, single: &'t str, marks: &[Bound<'_>]) -> (Offsets<'t>, Unit) {
    let of = |text: &'t str, unit: Unit| {
        let both = text.len() != single.len();
        let mut pairs = Vec::new();
        if both {
            let points: Vec<char> = text.chars().collect();
            let ends = points.windows(2).enumerate().filter(|(_, w)| w == &['\r', '\n']);
            pairs = ends.map(|(at, _)| at as u32).collect();
        }
        Offsets { index: Index::new(text, unit), pairs }
    };
    let texts: &[&'t str] = if raw.len() == single.len() { &[single] } else { &[single, raw] };
    for text in texts {
        for unit in Unit::ALL {
            let offsets = of(text, unit);
            if marks.iter().all(|m| offsets.explains(m)) {
                return (offsets, unit);
            }
            if text.is_ascii() {
                break;
            }
        }
    }
    (of(single, Unit::CodePoint), Unit::CodePoint)
}

#[derive(Default)]
struct Tallies {
    odd: Tally,
    mismatch: Tally,
    outside: Tally,
    discontinuous: Tally,
    other_units: Option<Unit>,
    unused: BTreeMap<char, u64>,
}

fn read(files: &[InputFile], gathering: &mut Gathering, progress: &Progress) -> Result<(), FormatError> {
    let question = gathering.question(QUESTION, Task::Spans);
    let mut texts: Vec<Text> = Vec::new();
    for file in files {
        progress.check()?;
        texts.push(text_of(&file.path, progress)?);
    }
    if let Some(conf) = files.iter().position(|f| f.name.rsplit('/').next() == Some(CONF)) {
        gathering.declare(question, &types_of(&texts[conf].text));
    }
    let mut tallies = Tallies::default();
    let mut known: HashMap<String, String> = HashMap::new();
    for work in works(files)?.iter().filter(|w| !review::is_reviewer(&w.rater)) {
        progress.check()?;
        let raw = &texts[work.text].text;
        let single = universal(raw);
        let document = gathering.item(&work.document)?;
        match known.get(&work.document) {
            None => {
                gathering.text(document, &single)?;
                known.insert(work.document.clone(), single.clone());
            }
            Some(other) if *other != single => {
                let what = format!("raters have different texts of “{}”", visible(&work.document));
                let remedy = "give all of them the same text, or rename one";
                return Err(FormatError::of(&files[work.text].path, what, remedy));
            }
            Some(_) => {}
        }
        if let Some(ann) = work.ann {
            let rater = gathering.rater(&work.rater)?;
            gathering.covered(question, document, rater);
            let list = marks(&texts[ann].text, raw, &single, &mut tallies);
            for (range, kind) in list {
                gathering.mark(question, document, rater, range, kind)?;
            }
        }
    }
    note(&tallies, gathering);
    gathering.files.extend(texts.into_iter().map(|t| t.file));
    judged(files, gathering, question, progress)
}

fn judged(
    files: &[InputFile],
    gathering: &mut Gathering,
    question: Ask,
    progress: &Progress,
) -> Result<(), FormatError> {
    // Its digest is among the files already.
    let known = gathering.files.len();
    let judged = review::read(files, gathering, progress)?;
    gathering.files.truncate(known);
    review::tell(&judged, gathering, QUESTION, question)
}

/// The stretches of one file, in code points, with their types.
fn marks<'t>(ann: &'t str, raw: &str, single: &str, tallies: &mut Tallies) -> Vec<(Range<u32>, &'t str)> {
    let mut bounds = Vec::new();
    for (number, (_, line)) in lines(ann).enumerate() {
        match line {
            Line::Bound(bound) => bounds.push(bound),
            Line::Other(content) => {
                *tallies.unused.entry(content.chars().next().unwrap_or(' ')).or_default() += 1;
            }
            Line::Blank => {}
            Line::Odd => tallies.odd.hit(number as u64 + 1),
        }
    }
    let (offsets, unit) = offsets(raw, single, &bounds);
    if unit != Unit::CodePoint || !offsets.pairs.is_empty() {
        tallies.other_units = Some(unit);
    }
    let mut list = Vec::new();
    for bound in &bounds {
        if !offsets.explains(bound) {
            tallies.mismatch.hit(bound.line);
        }
        if bound.fragments.len() > 1 {
            tallies.discontinuous.hit(bound.line);
        }
        for fragment in &bound.fragments {
            match offsets.range(fragment) {
                Some(range) => list.push((range, bound.kind)),
                None => tallies.outside.hit(bound.line),
            }
        }
    }
    list
}

fn note(tallies: &Tallies, gathering: &mut Gathering) {
    let mut tell = |code: &str, tally: &Tally, what: &str, remedy: &str| {
        gathering.notes.add(code, tally.place(None), tally.count, || (what.into(), remedy.into()));
    };
    tell(
        "odd_line",
        &tallies.odd,
        "Lines that are no annotation of brat's were passed over",
        "Mend them in the .ann",
    );
    tell(
        "covered_text",
        &tallies.mismatch,
        "The text between the offsets is not the text that the line says it covers; the offsets count",
        "Check that the .txt was not changed after it was annotated",
    );
    tell(
        "outside_text",
        &tallies.outside,
        "Offsets reach past the end of the text; these stretches were passed over",
        "Check that the .ann belongs to the .txt",
    );
    tell(
        "discontinuous",
        &tallies.discontinuous,
        "An annotation has several fragments; each of them is a stretch of its own",
        "Nothing to do",
    );
    if let Some(unit) = tallies.other_units {
        gathering.notes.add("offset_unit", super::super::notes::Place::FILE, 1, || {
            let what = "The covered text shows that offsets do not count as brat counts, but";
            (format!("{what} {} of the file as it is", unit.words()), "Nothing to do".into())
        });
    }
    let unused: u64 = tallies.unused.values().sum();
    gathering.notes.add("not_used", super::super::notes::Place::FILE, unused, || {
        let words: Vec<String> = tallies
            .unused
            .iter()
            .map(|(first, n)| {
                let noun = match first {
                    'R' => "relation",
                    'E' => "event",
                    'A' | 'M' => "attribute",
                    'N' => "normalisation",
                    '*' => "equivalence",
                    _ => "note",
                };
                plural(*n, noun)
            })
            .collect();
        (format!("Not used: {}", words.join(", ")), "Nothing to do; they stay in the files".into())
    });
}

/// The types that `annotation.conf` lists, in its order: entities, then events, whose triggers are stretches too.
fn types_of(conf: &str) -> Vec<String> {
    let mut section = "";
    let mut lists: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for line in conf.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            section = name;
        } else if line.is_empty() || line.starts_with(['#', '<', '-']) {
        } else if let Some(name) = line.split_whitespace().next() {
            lists.entry(section).or_default().push(name.trim_start_matches('!').to_owned());
        }
    }
    let mut take = |section: &str| lists.remove(section).unwrap_or_default();
    let mut types = take("entities");
    types.extend(take("events"));
    types
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bounds(text: &str) -> Vec<Bound<'_>> {
        let only = |(_, line)| match line {
            Line::Bound(bound) => Some(bound),
            _ => None,
        };
        lines(text).filter_map(only).collect()
    }

    #[test]
    fn offsets_are_tried_until_they_explain_the_covered_text() {
        let raw = "Ada 😊\r\nmet\r\nBo";
        let single = universal(raw);
        for (line, unit) in [
            ("T1\tP 10 12\tBo", Unit::CodePoint),
            ("T1\tP 12 14\tBo", Unit::CodePoint),
            ("T1\tP 11 13\tBo", Unit::Utf16),
            ("T1\tP 13 15\tBo", Unit::Utf16),
            ("T1\tP 5 9\t met\nT2\tP 10 12\tBo", Unit::CodePoint),
        ] {
            let marks = bounds(line);
            let (offsets, found) = offsets(raw, &single, &marks);
            assert_eq!(found, unit, "{line}");
            let last = marks.last().unwrap();
            assert_eq!(offsets.range(&last.fragments[0]), Some(10..12), "{line}");
            assert_eq!(offsets.back(&(10..12)), Some(last.fragments[0].clone()), "{line}");
        }
        let marks = bounds("T1\tP 0 2\tBo");
        let (offsets, unit) = offsets(raw, &single, &marks);
        assert!(unit == Unit::CodePoint && !offsets.explains(&marks[0]));
    }

    #[test]
    fn the_configuration_lists_entities_then_events() {
        let conf =
            "[events]\nMeet\tWho:PER\n[entities]\n# names\n!Thing\n\tPER\n-----\nLOC\n[relations]\nR\tA:B\n";
        assert_eq!(types_of(conf), ["Thing", "PER", "LOC", "Meet"]);
    }

    proptest! {
        #[test]
        fn no_line_panics_and_all_bytes_are_kept(text in "([TREA#*][0-9]{0,2}\t[A-Z]{0,2} ?[0-9;. ]{0,9}\t?[a-z\u{301}]{0,3}\r?\n?)*") {
            let mut at = 0;
            for (range, _) in lines(&text) {
                prop_assert_eq!(range.start, at);
                at = range.end;
            }
            prop_assert_eq!(at, text.len());
            marks(&text, "Ada\r\nmet", "Ada\nmet", &mut Tallies::default());
        }
    }
}
