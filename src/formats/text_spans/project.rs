//! Projects of INCEpTION and WebAnno: a folder a document, a file a user, layers with features.
//!
//! `annotation/<document>/<user>.<end>` is a rater's work, `curation/<document>/CURATION_USER.<end>` is gold. Every
//! feature of every layer of stretches is a question. Only what a file holds differs between the formats of these
//! tools; how the files belong together, and what is asked, is here.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;
use std::path::Path;

use super::super::error::{FormatError, visible};
use super::super::gather::Gathering;
use super::super::intake::InputFile;
use super::super::notes::Place;
use super::super::registry::{Look, Product};
use super::super::write::WriteBack;
use super::review;
use crate::dataset::Task;
use crate::progress::Progress;

/// The label of a stretch whose feature has no value.
pub(super) const NO_VALUE: &str = "*";

/// Whose work a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Hand {
    Rater(String),
    Gold,
    Reviewer,
    /// What raters found when they began.
    Initial,
}

/// The document and the hand of a file, by its path below the opened folder.
pub(super) fn place(file: &InputFile) -> (String, Hand) {
    let parts: Vec<&str> = file.name.split('/').collect();
    let user = file.name.rsplit('/').next().unwrap_or_default();
    let user = user.rsplit_once('.').map_or(user, |(stem, _)| stem);
    let document = match parts.as_slice() {
        [.., document, _] => (*document).to_owned(),
        _ => user.to_owned(),
    };
    let hand = match user {
        "CURATION_USER" => Hand::Gold,
        "INITIAL_CAS" | "project" if parts.len() > 1 => Hand::Initial,
        _ if review::is_reviewer(user) => Hand::Reviewer,
        _ => Hand::Rater(user.to_owned()),
    };
    (document, hand)
}

/// Files of a project folder that end in `end`, with the list of a review; empty where their folders are not those
/// of documents.
pub(super) fn files(look: &Look<'_>, end: &str) -> Vec<InputFile> {
    let is_work = |name: &&str| {
        let parts: Vec<&str> = name.split('/').collect();
        match parts.as_slice() {
            [_, _] => true,
            [.., folder, _, _] => matches!(*folder, "annotation" | "curation"),
            _ => false,
        }
    };
    let mut list: Vec<InputFile> = look.ending(end).filter(is_work).map(|f| look.input(f, None)).collect();
    if list.is_empty() {
        return list;
    }
    list.extend(
        look.ending(review::DECISIONS).filter(|f| *f == review::DECISIONS).map(|f| look.input(f, None)),
    );
    list
}

/// The first bytes of one of the files.
pub(super) fn head_of(files: &[InputFile]) -> String {
    use std::io::Read as _;
    let Some(first) = files.first() else { return String::new() };
    let mut head = Vec::new();
    if let Ok((file, _)) = super::super::text::open_regular(&first.path) {
        // What cannot be read is no such file.
        file.take(1 << 16).read_to_end(&mut head).ok();
    }
    Look::of_head(Path::new(""), head).text
}

/// A stretch in code points, and its value, if it has one.
pub(super) type Valued = (Range<u32>, Option<String>);

/// What a file says.
#[derive(Debug, Default)]
pub(super) struct Layered {
    pub(super) text: String,
    /// Layer, feature, its stretches.
    pub(super) features: Vec<(String, String, Vec<Valued>)>,
}

/// What is asked: layer and feature of each question, and its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asking {
    pub(super) layer: String,
    pub(super) feature: String,
    pub(super) name: String,
}

/// The questions of a project: features that have a value somewhere, and layers that have none at all.
pub(super) fn questions<'l>(all: impl Iterator<Item = &'l Layered>) -> Vec<Asking> {
    let mut list: Vec<(&str, &str, bool, bool)> = Vec::new();
    for (layer, feature, stretches) in all.flat_map(|l| &l.features) {
        let valued = stretches.iter().any(|(_, value)| value.is_some());
        match list.iter_mut().find(|(l, f, _, _)| l == layer && f == feature) {
            Some(known) => {
                known.2 |= valued;
                known.3 |= !stretches.is_empty();
            }
            None => list.push((layer, feature, valued, !stretches.is_empty())),
        }
    }
    let any_value = |layer: &str| list.iter().any(|&(l, _, valued, _)| l == layer && valued);
    let mut bare: Vec<&str> = Vec::new();
    let asked: Vec<(&str, &str)> = list
        .iter()
        .filter(|&&(layer, _, valued, used)| {
            // Where no feature has a value, the first stands for the layer.
            let stands = used && !any_value(layer) && !bare.contains(&layer);
            if stands {
                bare.push(layer);
            }
            valued || stands
        })
        .map(|&(layer, feature, _, _)| (layer, feature))
        .collect();
    let last = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
    asked
        .iter()
        .map(|&(layer, feature)| {
            let unique = asked.iter().all(|(l, _)| *l == layer || last(l) != last(layer));
            let layer_name = if unique { last(layer) } else { layer.to_owned() };
            let name = if feature.is_empty() { layer_name } else { format!("{layer_name}.{feature}") };
            Asking { layer: layer.to_owned(), feature: feature.to_owned(), name }
        })
        .collect()
}

/// Hands over what the files say. The list of a review among `files` has no entry in `all`.
pub(super) fn gather(
    files: &[InputFile],
    all: &[(usize, Layered)],
    gathering: &mut Gathering,
    progress: &Progress,
) -> Result<(), FormatError> {
    let mut texts: HashMap<String, String> = HashMap::new();
    let works: Vec<(String, Hand, &Layered)> = all
        .iter()
        .map(|(file, layered)| {
            let (document, hand) = place(&files[*file]);
            (document, hand, layered)
        })
        .collect();
    let counted = |hand: &Hand| matches!(hand, Hand::Rater(_) | Hand::Gold);
    let questions = questions(works.iter().filter(|(_, hand, _)| counted(hand)).map(|(_, _, l)| *l));
    let numbers: Vec<_> = questions.iter().map(|q| gathering.question(&q.name, Task::Spans)).collect();
    let mut no_value = 0;
    for ((document, hand, layered), (file, _)) in works.iter().zip(all).filter(|(w, _)| counted(&w.1)) {
        progress.check()?;
        let item = gathering.item(document)?;
        match texts.get(document) {
            None => {
                gathering.text(item, &layered.text)?;
                texts.insert(document.clone(), layered.text.clone());
            }
            Some(known) if *known != layered.text => {
                let what = format!("this file has another text of “{}” than the others", visible(document));
                return Err(FormatError::of(
                    &files[*file].path,
                    what,
                    "export the document again for all users",
                ));
            }
            Some(_) => {}
        }
        let rater = match hand {
            Hand::Rater(name) => Some(gathering.rater(name)?),
            _ => None,
        };
        for (asking, &question) in questions.iter().zip(&numbers) {
            match rater {
                Some(rater) => gathering.covered(question, item, rater),
                None => gathering.gold_covered(question, item),
            }
            let stretches = layered
                .features
                .iter()
                .filter(|(layer, feature, _)| *layer == asking.layer && *feature == asking.feature)
                .flat_map(|(_, _, stretches)| stretches);
            for (range, value) in stretches {
                no_value += u64::from(value.is_none());
                let label = value.as_deref().unwrap_or(NO_VALUE);
                match rater {
                    Some(rater) => gathering.mark(question, item, rater, range.clone(), label)?,
                    None => gathering.gold_mark(question, item, range.clone(), label)?,
                }
            }
        }
    }
    gathering.notes.add("no_value", Place::FILE, no_value, || {
        (
            format!("Stretches were marked without a value; their label is {NO_VALUE}"),
            "Give them a value in review".into(),
        )
    });
    let initial = works.iter().filter(|(_, hand, _)| *hand == Hand::Initial).count() as u64;
    gathering.notes.add("initial_state", Place::FILE, initial, || {
        ("Files of the state in which raters found a document are not used".into(), "Nothing to do".into())
    });
    note_twins(&works, gathering);
    let known = gathering.files.len();
    let judged = review::read(files, gathering, progress)?;
    debug_assert!(gathering.files.len() >= known);
    for (asking, &question) in questions.iter().zip(&numbers) {
        review::tell(&judged, gathering, &asking.name, question)?;
    }
    Ok(())
}

/// Who was selected for an export and never opened a document is exported with what stood there at first: then two
/// raters have the very same annotations.
fn note_twins(works: &[(String, Hand, &Layered)], gathering: &mut Gathering) {
    let marks: Vec<(&str, &str, Vec<Mark<'_>>)> = works
        .iter()
        .filter_map(|(document, hand, layered)| match hand {
            Hand::Rater(name) => {
                let mut list: Vec<Mark<'_>> = layered
                    .features
                    .iter()
                    .flat_map(|(layer, feature, list)| {
                        list.iter().map(|(range, value)| {
                            (layer.as_str(), feature.as_str(), range.start, range.end, value.as_deref())
                        })
                    })
                    .collect();
                list.sort_unstable();
                Some((document.as_str(), name.as_str(), list))
            }
            _ => None,
        })
        .collect();
    twins(&marks, gathering);
}

/// Layer, feature, start, end, value.
pub(super) type Mark<'m> = (&'m str, &'m str, u32, u32, Option<&'m str>);

/// Notes pairs of raters whose marks on a document are the same. `marks`: document, rater, sorted marks.
pub(super) fn twins(marks: &[(&str, &str, Vec<Mark<'_>>)], gathering: &mut Gathering) {
    let mut groups: BTreeMap<(&str, &[Mark<'_>]), Vec<&str>> = BTreeMap::new();
    for (document, rater, list) in marks.iter().filter(|(_, _, list)| !list.is_empty()) {
        groups.entry((document, list)).or_default().push(rater);
    }
    for ((document, _), raters) in groups.iter().filter(|(_, raters)| raters.len() > 1) {
        gathering.notes.add("identical_raters", Place::FILE, 1, || {
            let names = raters.iter().map(|r| visible(r)).collect::<Vec<_>>().join(" and ");
            (
                format!(
                    "Raters have exactly the same annotations in a document ({names} in {}); who never opened one \
                     is exported with what stood there at first",
                    visible(document)
                ),
                "Check whether all of them worked on it, or agreement comes out too high".into(),
            )
        });
    }
}

/// Makes the text of a file from another: the file's text and path, the stretches, the question.
type Rewrite = dyn Fn(&str, &Path, &[Wanted], &Asking) -> Result<String, FormatError>;

/// How a format of these tools is corrected.
pub(super) struct Writer<'f> {
    /// The text of a file with the decisions on its document: range, labels (none: not to be marked).
    pub(super) corrected: &'f Rewrite,
    /// A file with these stretches only.
    pub(super) fresh: &'f Rewrite,
    /// What a file says.
    pub(super) read: &'f dyn Fn(&str, &Path) -> Result<Layered, FormatError>,
}

/// A stretch and the labels it is to have.
pub(super) type Wanted = (Range<u32>, Vec<String>);

/// Writes a project back: one rater's files are corrected; several raters' stay, and each document gets a file of the
/// reviewer under `curation`.
pub(super) fn write(
    work: &WriteBack<'_>,
    writer: &Writer<'_>,
    progress: &Progress,
) -> Result<Product, FormatError> {
    let mut layered = Vec::new();
    let mut texts = Vec::new();
    for file in work.files.iter().filter(|f| f.name != review::DECISIONS) {
        progress.check()?;
        let text = work.text(file, progress)?;
        let (document, hand) = place(file);
        if matches!(hand, Hand::Rater(_) | Hand::Gold) {
            layered.push((writer.read)(&text.text, &file.path)?);
        }
        texts.push((file, document, hand, text));
    }
    let asked = &work.dataset.source.label_field;
    let Some(asking) = questions(layered.iter()).into_iter().find(|q| q.name == *asked) else {
        let what = format!("there is no question called “{}”", visible(asked));
        return Err(FormatError::of(&work.dataset.source.table.path, what, "open it again"));
    };
    if work.dataset.raters.len() == 1 {
        let mut files = Vec::new();
        for (file, document, hand, text) in &texts {
            let mut decisions: Vec<Wanted> = Vec::new();
            if matches!(hand, Hand::Rater(_)) {
                for (range, _, decision) in work.regions(document) {
                    if decision.dropped {
                        decisions.push((range, Vec::new()));
                    } else if decision.label.is_some() {
                        let labels = decision.labels.iter().filter(|l| *l != crate::dataset::NOTHING);
                        decisions.push((range, labels.cloned().collect()));
                    }
                }
            }
            let bytes = if decisions.is_empty() {
                text.encoded(&text.text)?
            } else {
                text.encoded(&(writer.corrected)(&text.text, &file.path, &decisions, &asking)?)?
            };
            if file.path == work.dataset.source.table.path {
                return Ok(Product::File(bytes));
            }
            files.push((file.name.clone(), bytes));
        }
        review::add_list(work, &mut files, progress, false)?;
        return Ok(Product::Folder(files));
    }
    let mut files: Vec<(String, Vec<u8>)> = texts
        .iter()
        .map(|(file, _, _, text)| Ok((file.name.clone(), text.encoded(&text.text)?)))
        .collect::<Result<_, FormatError>>()?;
    if let Some(name) = review::name(work) {
        let stretches = review::stretches(work);
        let mut done: HashSet<&str> = HashSet::new();
        let mut new = Vec::new();
        for (file, document, _, text) in texts.iter().filter(|(_, _, hand, _)| matches!(hand, Hand::Rater(_)))
        {
            if !done.insert(document) {
                continue;
            }
            let here = stretches.get(document.as_str()).map_or(&[][..], Vec::as_slice);
            let fresh = (writer.fresh)(&text.text, &file.path, here, &asking)?;
            new.push((beside(&file.name, &name), text.encoded(&fresh)?));
        }
        review::put(&mut files, new);
    }
    review::add_list(work, &mut files, progress, true)?;
    Ok(Product::Folder(files))
}

/// Where the reviewer's file of a document goes, given a rater's.
fn beside(rater: &str, reviewer: &str) -> String {
    let (folder, user) = rater.rsplit_once('/').unwrap_or(("", rater));
    let end = user.rsplit_once('.').map_or("", |(_, end)| end);
    let (above, document) = folder.rsplit_once('/').unwrap_or(("", folder));
    let above = match above.strip_suffix("annotation") {
        Some(root) if root.is_empty() || root.ends_with('/') => format!("{root}curation/"),
        _ if above.is_empty() => String::new(),
        _ => format!("{above}/"),
    };
    format!("{above}{document}/{reviewer}.{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str) -> InputFile {
        InputFile { path: name.into(), name: name.to_owned(), rater: None, encoding: None }
    }

    #[test]
    fn folders_say_the_document_and_names_the_rater() {
        for (name, document, hand) in [
            ("annotation/a.txt/ana.b.tsv", "a.txt", Hand::Rater("ana.b".into())),
            ("x/curation/a.txt/CURATION_USER.tsv", "a.txt", Hand::Gold),
            ("a.txt/INITIAL_CAS.json", "a.txt", Hand::Initial),
            ("curation/a.txt/reviewer-zoe.tsv", "a.txt", Hand::Reviewer),
            ("doc.tsv", "doc", Hand::Rater("doc".into())),
        ] {
            assert_eq!(place(&file(name)), (document.to_owned(), hand), "{name}");
        }
        assert_eq!(beside("x/annotation/a.txt/ana.tsv", "reviewer-z"), "x/curation/a.txt/reviewer-z.tsv");
        assert_eq!(beside("a.txt/ana.json", "reviewer-z"), "a.txt/reviewer-z.json");
    }

    #[test]
    fn features_with_values_are_questions_and_names_are_short_where_that_is_clear() {
        let marks = |values: &[Option<&str>]| values.iter().map(|v| (0..1, v.map(str::to_owned))).collect();
        let layered = Layered {
            text: String::new(),
            features: vec![
                ("a.NE".into(), "value".into(), marks(&[Some("PER")])),
                ("a.NE".into(), "id".into(), marks(&[None])),
                ("b.Note".into(), String::new(), marks(&[None])),
                ("c.Note".into(), "x".into(), marks(&[Some("y")])),
                ("d.Unused".into(), "x".into(), marks(&[])),
            ],
        };
        let names: Vec<String> = questions([&layered].into_iter()).into_iter().map(|q| q.name).collect();
        assert_eq!(names, ["NE.value", "b.Note", "c.Note.x"]);
    }
}
