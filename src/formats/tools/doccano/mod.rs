//! doccano: JSON Lines of a project, by one file a member or by `all.jsonl`, and the legacy ones of 1.2. [`lines`] has
//! its CSV and fastText.
//!
//! No record names its rater. So of several files each is a rater's, named after it; a single one holds the given
//! labels. Records that a review added have the member `dissensus_reviewer`. Offsets count UTF-16 units, or grapheme
//! clusters where the project says so, which the export does not; the reading that fits words decides.

pub(in super::super) mod lines;
mod write;

use super::super::error::FormatError;
use super::super::gather::Gathering;
use super::super::intake::InputFile;
use super::super::json::Node;
use super::super::notes::Place;
use super::super::offsets::Unit;
use super::super::registry::{Evidence, Format, Look};
use super::fields::Fields;
use super::passed::Passed;
use super::records::{each_record, first, folder};
use super::turns::{ALL, Kind, Mark, Said, Turn, Turns, Who};
use crate::dataset::{Missing, NOTHING};
use crate::progress::Progress;

/// doccano's JSON Lines.
pub(in super::super) static DOCCANO: Format = Format {
    id: "doccano",
    name: "doccano JSONL",
    reads: "labels and spans, a file a member or all in one",
    writes: "the given labels changed, or a file by the reviewer beside those of the members",
    extensions: &["jsonl"],
    detect,
    read,
    write: Some(write::write),
};

/// Members that are not fields of the item.
const OWN: [&str; 12] = [
    "id",
    "text",
    "label",
    "entities",
    "relations",
    "cats",
    "bbox",
    "Comments",
    "annotations",
    "meta",
    "annotation_approver",
    "segmentation",
];
/// What members are called that a review adds.
const REVIEWER: &str = "dissensus_reviewer";
const STATUS: &str = "dissensus_status";
const NOTHING_AT: &str = "dissensus_nothing";

fn is_legacy(node: &Node) -> bool {
    let by_user = |a: &Node| a.has(&["label", "user"]);
    let annotated = node.get("annotations").is_some_and(|a| a.is_list() && a.list().iter().all(by_user));
    node.has(&["text"]) && annotated && (node.has(&["annotation_approver"]) || !node.has(&["data"]))
}

fn is_doccano(node: &Node) -> bool {
    const OTHERS: [&str; 6] = ["annotator", "annotator_id", "rater", "worker", "user", "annotators"];
    let list = |key: &str| node.get(key).is_some_and(Node::is_list);
    let shown = node.has(&["text"]) || node.has(&["filename"]);
    let labelled = list("label") || list("entities") || list("cats") || list("bbox");
    let named = OTHERS.iter().any(|k| node.has(&[k]));
    (shown && labelled && (node.has(&["Comments"]) || !named)) || is_legacy(node)
}

fn detect(look: &Look<'_>) -> Option<Evidence> {
    if look.listing.is_some() {
        let files = folder(look, ".jsonl", is_doccano);
        let because = format!("it holds {} files of records with a text and labels", files.len());
        let files: Vec<InputFile> = files.iter().map(|f| look.input(f, None)).collect();
        return (!files.is_empty()).then_some(Evidence { because, files });
    }
    let node = first(look).filter(is_doccano)?;
    let what = match (is_legacy(&node), node.has(&["Comments"])) {
        (true, _) => "annotations with label and user",
        (_, true) => "a text, labels and Comments",
        _ => "a text and a list of labels",
    };
    Evidence::file(look, format!("its records have {what}"))
}

fn read(files: &[InputFile], gathering: &mut Gathering, progress: &Progress) -> Result<(), FormatError> {
    learn(files, gathering, progress).map(drop)
}

/// What a writer must know of the whole source.
struct Learned {
    /// For each file the items of its records.
    items: Vec<Vec<u32>>,
    unit: Unit,
    legacy: bool,
}

/// The rater whose labels a file holds; `None` where they are the given ones.
fn rater_of(file: &InputFile, n_files: usize) -> Option<String> {
    file.rater.clone().or_else(|| (n_files > 1 && file.stem() != "all").then(|| file.stem().to_owned()))
}

#[derive(Default)]
struct Reading {
    turns: Turns,
    fields: Fields,
    legacy: bool,
    empty: u64,
    /// Labels that are words, and their characters.
    words: (u64, u64),
}

fn learn(
    files: &[InputFile],
    gathering: &mut Gathering,
    progress: &Progress,
) -> Result<Learned, FormatError> {
    let mut reading = Reading::default();
    let mut items = Vec::new();
    for file in files {
        let rater = rater_of(file, files.len());
        let mut here = Vec::new();
        each_record(file, gathering, progress, |gathering, _, entry, passed| {
            here.push(reading.record(gathering, &entry.node, rater.as_deref(), passed)?);
            Ok(())
        })?;
        items.push(here);
    }
    let notes = &mut gathering.notes;
    notes.add("empty_labels", Place::FILE, reading.empty, || {
        let message = "Empty lists of labels count as handed in empty; doccano writes the same where nobody has labelled yet";
        (message.into(), "Export only approved documents to be sure".into())
    });
    let (n, letters) = reading.words;
    if n >= 4 && letters > n * 40 && reading.turns.n_labels() as u64 * 5 > n * 4 {
        notes.add("labels_are_texts", Place::FILE, n, || {
            let message =
                "Nearly every label is a text of its own: this looks like a sequence-to-sequence project";
            (message.into(), "Answers in free words are not labels; agreement on them means little".into())
        });
    }
    reading.fields.settle_key(gathering, None);
    let unit = reading.turns.finish(gathering, &[Unit::Utf16, Unit::Grapheme, Unit::CodePoint])?;
    Ok(Learned { items, unit, legacy: reading.legacy })
}

impl Reading {
    /// Takes one record and says which item it is about.
    fn record(
        &mut self,
        gathering: &mut Gathering,
        record: &Node,
        rater: Option<&str>,
        passed: &mut Passed,
    ) -> Result<u32, FormatError> {
        let text = record.some("text").and_then(Node::text);
        let key =
            record.some("id").and_then(Node::scalar).or_else(|| text.map(str::to_owned)).unwrap_or_default();
        let item = gathering.item(&key)?;
        if let Some(text) = text {
            gathering.text(item, text)?;
        }
        let more = record.get("meta").map_or(&[][..], Node::members);
        let fields = record.members().iter().filter(|m| {
            !OWN.contains(&m.key.as_str()) && ![REVIEWER, STATUS, NOTHING_AT].contains(&m.key.as_str())
        });
        for member in fields.chain(more) {
            self.fields.take(gathering, item, &member.key, &member.value, passed)?;
        }
        let comments: Vec<String> =
            record.get("Comments").map_or(&[][..], Node::list).iter().filter_map(Node::scalar).collect();
        if !comments.is_empty() {
            gathering.meta(item, "Comments", &comments.join("\n"))?;
        }
        if is_legacy(record) {
            self.legacy = true;
            self.by_users(gathering, item, record)?;
            return Ok(item);
        }
        let reviewer = record.get(REVIEWER).and_then(Node::text);
        let who = match (reviewer, rater) {
            (Some(name), _) => Who::Reviewer(name.to_owned()),
            (None, Some(name)) => Who::Rater(gathering.rater(name)?),
            (None, None) => Who::Given,
        };
        let mut said = self.labels(record);
        let nothing = record.get(NOTHING_AT).map_or(&[][..], Node::list);
        if let (Some((_, Said::Marks(marks))), false) = (said.last_mut(), nothing.is_empty()) {
            let label = self.turns.label(NOTHING);
            marks.extend(nothing.iter().filter_map(|place| match place.list() {
                [start, end] => Some(Mark { start: start.count()?, end: end.count()?, label, covered: None }),
                _ => None,
            }));
        }
        for (key, what) in [("relations", "Relations between spans"), ("bbox", "Boxes")] {
            if let Some(one) = record.get(key).and_then(|l| l.list().first()) {
                let message = || format!("{what} were not used");
                passed.hit(
                    "unused_result",
                    key,
                    one.range.start,
                    message,
                    "Only labels of items and spans are",
                );
            }
        }
        let silent = |said: &Said| match said {
            Said::Labels(labels) => labels.is_empty(),
            Said::Marks(marks) => marks.is_empty(),
        };
        said.retain(|(_, s)| !silent(s));
        let absent = said.is_empty().then_some(Missing::Empty);
        self.empty += u64::from(said.is_empty());
        self.turns.add(Turn { item, who, about: ALL, stamp: 0, seconds: None, moment: None, said, absent });
        Ok(item)
    }

    /// Answers of one record by question.
    fn labels(&mut self, record: &Node) -> Vec<(u32, Said)> {
        let mut said = Vec::new();
        if let Some(list) = record.get("label") {
            let spans = list.list().iter().any(Node::is_list);
            // Of an empty list, other records tell what it is a list of.
            if spans {
                let marks = self.triples(list);
                said.extend(self.turns.question("label", Kind::Spans).map(|q| (q, Said::Marks(marks))));
            } else {
                let words: Vec<String> = match list.scalar() {
                    Some(word) => vec![word],
                    None => list.list().iter().filter_map(Node::scalar).collect(),
                };
                self.words.0 += words.len() as u64;
                self.words.1 += words.iter().map(|w| w.chars().count() as u64).sum::<u64>();
                let labels: Vec<u32> = words.iter().map(|w| self.turns.label(w)).collect();
                if !labels.is_empty() {
                    said.extend(
                        self.turns.question("label", Kind::Choice).map(|q| (q, Said::Labels(labels))),
                    );
                } else if record.has(&[NOTHING_AT]) {
                    said.extend(
                        self.turns.question("label", Kind::Spans).map(|q| (q, Said::Marks(Vec::new()))),
                    );
                }
            }
        }
        if let Some(list) = record.get("cats").filter(|c| c.is_list()) {
            let words: Vec<String> = list.list().iter().filter_map(Node::scalar).collect();
            let labels = words.iter().map(|w| self.turns.label(w)).collect();
            said.extend(self.turns.question("cats", Kind::Several).map(|q| (q, Said::Labels(labels))));
        }
        if let Some(list) = record.get("entities").filter(|e| e.is_list()) {
            let marks = self.triples(list);
            said.extend(self.turns.question("entities", Kind::Spans).map(|q| (q, Said::Marks(marks))));
        }
        said
    }

    /// Spans as `[start, end, label]` or as objects.
    fn triples(&mut self, list: &Node) -> Vec<Mark> {
        let mut marks = Vec::new();
        for span in list.list() {
            if let Some((start, end, label)) = span_of(span) {
                let label = label.scalar().unwrap_or_default();
                marks.push(Mark { start, end, label: self.turns.label(&label), covered: None });
            }
        }
        marks
    }

    /// Legacy records: annotations of several users, with numbers for labels.
    fn by_users(&mut self, gathering: &mut Gathering, item: u32, record: &Node) -> Result<(), FormatError> {
        let annotations = record.get("annotations").map_or(&[][..], Node::list);
        let user = |a: &Node| a.get("user").and_then(Node::scalar).unwrap_or_default();
        let mut users: Vec<String> = Vec::new();
        annotations.iter().map(user).for_each(|u| {
            if !users.contains(&u) {
                users.push(u);
            }
        });
        for name in users {
            let rater = gathering.rater(&name)?;
            let (mut labels, mut marks) = (Vec::new(), Vec::new());
            for annotation in annotations.iter().filter(|a| user(a) == name) {
                let label = annotation.get("label").and_then(Node::scalar).unwrap_or_default();
                let label = self.turns.label(&label);
                match span_of(annotation) {
                    Some((start, end, _)) => marks.push(Mark { start, end, label, covered: None }),
                    None => labels.push(label),
                }
            }
            let mut said = Vec::new();
            if !labels.is_empty() {
                said.extend(self.turns.question("label", Kind::Choice).map(|q| (q, Said::Labels(labels))));
            }
            if !marks.is_empty() {
                said.extend(self.turns.question("spans", Kind::Spans).map(|q| (q, Said::Marks(marks))));
            }
            let who = Who::Rater(rater);
            self.turns.add(Turn {
                item,
                who,
                about: ALL,
                stamp: 0,
                seconds: None,
                moment: None,
                said,
                absent: None,
            });
        }
        let n =
            annotations.iter().filter(|a| a.get("label").is_some_and(|l| l.count().is_some())).count() as u64;
        gathering.notes.add("label_numbers", Place::FILE, n, || {
            let message =
                "Labels are numbers; what they mean is in the project's list of labels, which is not here";
            (message.into(), "Rename them when the list is at hand".into())
        });
        Ok(())
    }
}

/// Start, end and label of a span.
fn span_of(span: &Node) -> Option<(u32, u32, &Node)> {
    match span.list() {
        [start, end, label, ..] => Some((start.count()?, end.count()?, label)),
        _ => Some((span.get("start_offset")?.count()?, span.get("end_offset")?.count()?, span.get("label")?)),
    }
}
