//! Learning With Disagreements (LeWiDi, SemEval-2023 and 2025): one JSON object, items by key.
//!
//! In 2023 annotators and annotations are parallel comma lists; since 2025 annotations are an object, and one
//! annotator may give several labels. Published soft and hard labels are sometimes not what the annotations give (ties
//! broken at random, keys spelt otherwise, other label sets), so they are compared and never used.

use std::path::Path;

use super::super::error::{FormatError, plural};
use super::super::gather::{Ask, Gathering, Value};
use super::super::intake::{InputFile, json_error, note_repairs, text_of};
use super::super::json::{Kind, Node, Repairs, Shape, parse};
use super::super::notes::{Notes, Place, Tally};
use super::super::registry::{Evidence, Format, Look};
use super::{close, each_record, in_order, texts_of};
use crate::dataset::{Missing, Task};
use crate::progress::Progress;

/// Editions of 2023 and 2025, with the annotators' metadata where it lies beside.
pub(in super::super) static FORMAT: Format = Format {
    id: "lewidi",
    name: "LeWiDi",
    reads: "editions of 2023 and 2025: labels by annotator, texts, annotators' metadata",
    writes: "the verdict in other_info.dissensus and hard_label; every other byte stays",
    extensions: &["json"],
    detect,
    read,
    write: Some(super::lewidi_write::write),
};

/// Where a verdict is kept.
pub(super) const VERDICT: &str = "dissensus";

fn detect(look: &Look<'_>) -> Option<Evidence> {
    let first = look.first()?;
    let keys = ["annotators", "annotations"];
    let more = ["soft_label", "hard_label", "annotation task"];
    if look.shape() != Some(Shape::Keyed) || !first.has(&keys) || !more.iter().any(|k| first.get(k).is_some())
    {
        return None;
    }
    let mut evidence = Evidence::file(look, "its items, by key, have annotators and annotations")?;
    evidence.files.extend(metadata_beside(look.path));
    Some(evidence)
}

/// `X_annotators_meta.json` beside `X_train.json`.
fn metadata_beside(path: &Path) -> Option<InputFile> {
    let stem = path.file_stem()?.to_str()?;
    let cuts = stem.match_indices(['_', '-', '.']).map(|(at, _)| &stem[..at]);
    let mut names: Vec<String> =
        std::iter::once(stem).chain(cuts.rev()).map(|s| format!("{s}_annotators_meta.json")).collect();
    names.push("annotators_meta.json".to_owned());
    let found = names.iter().map(|n| path.with_file_name(n)).find(|p| p.is_file() && p != path)?;
    Some(InputFile::alone(&found))
}

/// One item's annotations: annotator and label, several labels joined as the file has them.
fn said(node: &Node) -> Result<Vec<(String, String)>, &'static str> {
    let split = |key: &str| -> Vec<String> {
        match node.get(key) {
            Some(list) if list.is_list() => list.list().iter().filter_map(Node::scalar).collect(),
            Some(one) => one
                .scalar()
                .map_or_else(Vec::new, |text| text.split(',').map(|s| s.trim().to_owned()).collect()),
            None => Vec::new(),
        }
    };
    let Some(annotations) = node.some("annotations") else { return Ok(Vec::new()) };
    if annotations.is_object() {
        let labels = |n: &Node| match &n.kind {
            Kind::List(list) => list.iter().filter_map(Node::scalar).collect::<Vec<_>>().join(","),
            _ => n.scalar().unwrap_or_default(),
        };
        return Ok(annotations.members().iter().map(|m| (m.key.clone(), labels(&m.value))).collect());
    }
    let (raters, labels) = (split("annotators"), split("annotations"));
    if raters.len() == labels.len() {
        Ok(raters.into_iter().zip(labels).collect())
    } else {
        Err("has another number of annotators than of annotations")
    }
}

/// A label as soft labels may spell it: `0.0` is `0`.
fn plain(label: &str) -> &str {
    label.strip_suffix(".0").unwrap_or(label)
}

#[derive(Default)]
struct Seen {
    question: Option<Ask>,
    declared: Vec<String>,
    labels: Vec<String>,
    several: bool,
    soft: Tally,
    hard: Tally,
    tie: Tally,
    uneven: Tally,
}

fn read(files: &[InputFile], gathering: &mut Gathering, progress: &Progress) -> Result<(), FormatError> {
    let (mut metadata, data): (Vec<&InputFile>, Vec<&InputFile>) = files.iter().partition(|f| is_metadata(f));
    let mut seen = Seen::default();
    for file in &data {
        each_record(file, gathering, progress, |g, entry, line| {
            let mut key = entry.key.clone().unwrap_or_else(|| (entry.number + 1).to_string());
            if data.len() > 1 {
                // Each split counts its items from one.
                let split = entry.node.get("split").and_then(Node::scalar);
                key = format!("{}-{key}", split.unwrap_or_else(|| file.stem().to_owned()));
            }
            if g.has_item(&key) {
                g.notes.add("duplicate_item", Place::line(line), 1, || {
                    ("Items whose key came before were passed over".into(), "Make the keys unique".into())
                });
                return Ok(());
            }
            item_of(&key, &entry.node, line, g, &mut seen)
        })?;
    }
    if let Some(question) = seen.question {
        let numbers = seen.labels.iter().all(|l| l.parse::<i64>().is_ok());
        let whole = seen.labels.iter().all(|l| seen.declared.contains(l));
        if whole && !seen.declared.is_empty() {
            gathering.declare(question, &in_order(seen.declared));
        }
        if seen.several {
            gathering.set_task(question, Task::MultiLabel);
        } else if numbers && seen.labels.len() > 2 {
            gathering.set_task(question, Task::Ordinal);
        }
    }
    let mut tell = |code: &str, tally: Tally, message: &str| {
        gathering
            .notes
            .add(code, tally.place(None), tally.count, || (message.into(), "Nothing to do".into()));
    };
    tell(
        "soft_label_differs",
        seen.soft,
        "The stated soft_label is not what the annotations give; the annotations count",
    );
    tell(
        "hard_label_differs",
        seen.hard,
        "The stated hard_label is not the label with the most votes; the annotations count",
    );
    tell(
        "hard_label_of_tie",
        seen.tie,
        "The stated hard_label is one of several with the most votes; a tie stays one",
    );
    gathering.notes.add("uneven_lists", seen.uneven.place(None), seen.uneven.count, || {
        (
            "Items with another number of annotators than of annotations have no label here".into(),
            "Mend the lists; a label with a comma cannot be told from two".into(),
        )
    });
    metadata.dedup_by(|a, b| a.path == b.path);
    metadata.into_iter().try_for_each(|file| attributes(file, gathering, progress))
}

/// Whether a file is about annotators.
pub(super) fn is_metadata(file: &InputFile) -> bool {
    file.stem().ends_with("annotators_meta")
}

fn item_of(key: &str, node: &Node, line: u64, g: &mut Gathering, seen: &mut Seen) -> Result<(), FormatError> {
    let question = match (node.get("annotation task").and_then(Node::scalar), seen.question) {
        (Some(task), _) => g.question(&task, Task::Single),
        (None, Some(first)) => first,
        (None, None) => g.question("annotation", Task::Single),
    };
    seen.question.get_or_insert(question);
    let item = g.item(key)?;
    if let Some(text) = node.some("text") {
        g.text(item, &spoken(text))?;
    }
    for (name, value) in ["split", "lang"].iter().filter_map(|k| Some((k, node.get(k)?.scalar()?))) {
        g.meta(item, name, &value)?;
    }
    let info = node.some("other_info");
    for member in info.map_or(&[][..], Node::members) {
        let list: Vec<String> = member.value.list().iter().filter_map(Node::scalar).collect();
        if let Some(value) = member.value.scalar().or_else(|| Some(list.join("\n")).filter(|l| !l.is_empty()))
        {
            g.meta(item, &member.key, &value)?;
        }
    }
    let verdict = info.and_then(|i| i.get(VERDICT)).or_else(|| node.get(VERDICT));
    if let Some(verdict) = verdict {
        let labels: Vec<String> = match verdict.get("label") {
            Some(list) if list.is_list() => list.list().iter().filter_map(Node::scalar).collect(),
            one => one.and_then(Node::scalar).into_iter().collect(),
        };
        if !labels.is_empty() {
            let reviewer = verdict.get("reviewer").and_then(Node::scalar).unwrap_or_default();
            g.verdict(question, item, &reviewer, &labels.join("|"));
        }
    }
    let Ok(said) = said(node) else {
        seen.uneven.hit(line);
        return Ok(());
    };
    let per_class = node.get("soft_label").map_or(&[][..], Node::members).iter().any(|m| m.value.is_object());
    let mut counts: Vec<(String, u32)> = Vec::new();
    let mut raters = 0_u32;
    // Only since 2025 can one annotator have several labels.
    let object = node.get("annotations").is_some_and(Node::is_object);
    for (rater, answer) in &said {
        let rater = g.rater(rater)?;
        let labels: Vec<String> = if object {
            answer.split(',').map(|l| l.trim().to_owned()).filter(|l| !l.is_empty()).collect()
        } else {
            Some(answer.clone()).into_iter().filter(|l| !l.is_empty()).collect()
        };
        if labels.is_empty() {
            g.absent(question, item, rater, Missing::Empty);
            continue;
        }
        raters += 1;
        seen.several |= labels.len() > 1 || per_class;
        for label in &labels {
            if !seen.labels.contains(label) {
                seen.labels.push(label.clone());
            }
            match counts.iter_mut().find(|(l, _)| l == label) {
                Some((_, n)) => *n += 1,
                None => counts.push((label.clone(), 1)),
            }
        }
        match labels.as_slice() {
            [one] => g.vote(question, item, rater, Value::One(one), None)?,
            many => g.vote(question, item, rater, Value::Set(many), None)?,
        }
    }
    compare(node, &counts, raters, line, verdict.is_some(), seen);
    Ok(())
}

/// The stated soft and hard labels against what the annotations give.
fn compare(node: &Node, counts: &[(String, u32)], raters: u32, line: u64, decided: bool, seen: &mut Seen) {
    if raters == 0 {
        return;
    }
    let share = |label: &str| {
        let n: u32 = counts.iter().filter(|(l, _)| plain(l) == plain(label)).map(|(_, n)| n).sum();
        f64::from(n) / f64::from(raters)
    };
    if let Some(soft) = node.some("soft_label") {
        let mut same = true;
        for member in soft.members() {
            let key = &member.key;
            if seen.declared.len() < 1000 && !seen.declared.contains(key) {
                seen.declared.push(key.clone());
            }
            let stated = if member.value.is_object() { member.value.get("1") } else { Some(&member.value) };
            same &= stated.and_then(Node::number).is_some_and(|p| close(p, share(key)));
        }
        let named = |l: &str| soft.members().iter().any(|m| plain(&m.key) == plain(l));
        if !same || !counts.iter().all(|(l, _)| named(l)) {
            seen.soft.hit(line);
        }
    }
    if let Some(hard) = node.get("hard_label").and_then(Node::scalar).filter(|_| !decided) {
        let top = counts.iter().map(|(_, n)| *n).max().unwrap_or(0);
        let most: Vec<&str> = counts.iter().filter(|(_, n)| *n == top).map(|(l, _)| plain(l)).collect();
        if !most.contains(&plain(&hard)) {
            seen.hard.hit(line);
        } else if most.len() > 1 {
            seen.tie.hit(line);
        }
    }
}

/// A text, the texts of an object, or those of an object that is written as a string.
fn spoken(node: &Node) -> String {
    let inner = node.text().filter(|t| t.starts_with('{') && t.ends_with('}'));
    let inner = inner.and_then(|t| parse(t, 0, &mut Repairs::default()).ok());
    texts_of(inner.as_ref().unwrap_or(node), &[])
}

/// What is known of the annotators. Some editions call `0` here who is `Ann0` in the items.
fn attributes(file: &InputFile, g: &mut Gathering, progress: &Progress) -> Result<(), FormatError> {
    let text = text_of(&file.path, progress)?;
    let mut repairs = Repairs::default();
    let root = parse(&text.text, 0, &mut repairs).map_err(|e| json_error(&file.path, &text.text, &e))?;
    let mut notes = Notes::new(&file.path);
    note_repairs(&mut notes, &text.text, &repairs);
    g.notes.append(notes);
    g.files.push(text.file);
    let mut unknown = 0;
    for member in root.members() {
        let names = [member.key.clone(), format!("Ann{}", member.key)];
        let Some(rater) = names.iter().find_map(|n| g.known_rater(n)) else {
            unknown += 1;
            continue;
        };
        for attribute in member.value.members() {
            if let Some(value) = attribute.value.scalar() {
                g.attribute(rater, &attribute.key, &value);
            }
        }
    }
    g.notes.add("unknown_annotators", Place::FILE, unknown, || {
        let message = format!("{} of {} labelled nothing here", plural(unknown, "annotator"), file.name);
        (message, "Nothing to do if this is one split of several".into())
    });
    Ok(())
}
