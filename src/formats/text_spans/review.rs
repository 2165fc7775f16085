//! What a review adds to a folder in which every rater has files of their own.
//!
//! The raters' files stay as they are, byte for byte. Beside them come files of `reviewer-<name>`, in the tool's own
//! format, with every stretch as the review leaves it: a decided one as decided, any other as an earlier review
//! decided or as most raters have it; a stretch on which the raters are tied and nobody decided is left out. Which
//! stretches were decided these files cannot tell, so that `reviewed.jsonl` lists the decisions, in code points:
//! that is what is read again, as verdicts.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::super::error::FormatError;
use super::super::gather::{Ask, Gathering};
use super::super::intake::{InputFile, json_error, note_repairs, text_of};
use super::super::json::{Node, Records, line_of, quoted};
use super::super::matrix::majority;
use super::super::write::{Decision, WriteBack};
use crate::dataset::{NO_LABEL, NOTHING};
use crate::progress::Progress;

/// The list of decisions.
pub(super) const DECISIONS: &str = "reviewed.jsonl";

/// How names of files and folders of a review begin.
const PREFIX: &str = "reviewer-";

/// Whether a part of a path belongs to a review.
pub(super) fn is_reviewer(name: &str) -> bool {
    name.starts_with(PREFIX)
}

/// What to call the files of this review; `None` where nothing was decided.
pub(super) fn name(work: &WriteBack<'_>) -> Option<String> {
    let names = work.reviewers();
    let safe = |c: char| if c.is_alphanumeric() || matches!(c, '-' | '_' | '@' | '+') { c } else { '_' };
    (!names.is_empty()).then(|| format!("{PREFIX}{}", names.join("+").chars().map(safe).collect::<String>()))
}

/// One decision of an earlier review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Judged {
    pub(super) document: String,
    pub(super) question: String,
    pub(super) range: Range<u32>,
    pub(super) label: String,
    pub(super) reviewer: String,
}

/// The decisions that a list among `files` holds.
pub(super) fn read(
    files: &[InputFile],
    gathering: &mut Gathering,
    progress: &Progress,
) -> Result<Vec<Judged>, FormatError> {
    let mut all = Vec::new();
    for file in files.iter().filter(|f| f.name == DECISIONS) {
        let text = text_of(&file.path, progress)?;
        let mut records = Records::lines(&text.text);
        while let Some(entry) = records.next().map_err(|e| json_error(&file.path, &text.text, &e))? {
            let node = &entry.node;
            let said = |key: &str| node.get(key).and_then(|n| n.text()).map(str::to_owned);
            let count = |key: &str| node.get(key).and_then(Node::count);
            let judged = (|| {
                Some(Judged {
                    document: said("document")?,
                    question: said("question")?,
                    range: count("start")?..count("end")?,
                    label: said("label")?,
                    reviewer: said("reviewer")?,
                })
            })();
            all.push(judged.filter(|j| j.range.start <= j.range.end).ok_or_else(|| {
                let what = "this line is not a decision of a review";
                FormatError::of(&file.path, what, "remove it").at_line(line_of(&text.text, node.range.start))
            })?);
        }
        note_repairs(&mut gathering.notes, &text.text, &records.repairs);
        gathering.files.push(text.file);
    }
    Ok(all)
}

/// Hands the decisions on one question over, as far as their documents are there.
pub(super) fn tell(
    judged: &[Judged],
    gathering: &mut Gathering,
    name: &str,
    question: Ask,
) -> Result<(), FormatError> {
    for one in judged.iter().filter(|j| j.question == name) {
        if gathering.has_item(&one.document) {
            let document = gathering.item(&one.document)?;
            gathering.verdict_at(question, document, one.range.clone(), &one.reviewer, &one.label);
        }
    }
    Ok(())
}

/// The list of decisions with those of this review, after what `before` says.
pub(super) fn list(work: &WriteBack<'_>, before: &str) -> String {
    let mut out = before.to_owned();
    if !out.is_empty() && !out.ends_with('\n') {
        out.push('\n');
    }
    let known: HashSet<&str> = before.lines().collect();
    let Some(spans) = &work.dataset.spans else { return out };
    let mut tell = |document: &str, range: &Range<u32>, label: &str, reviewer: &str| {
        let line = format!(
            "{{\"document\":{},\"question\":{},\"start\":{},\"end\":{},\"label\":{},\"reviewer\":{}}}",
            quoted(document),
            quoted(&work.dataset.source.label_field),
            range.start,
            range.end,
            quoted(label),
            quoted(reviewer),
        );
        if !known.contains(line.as_str()) {
            out.push_str(&line);
            out.push('\n');
        }
    };
    let place = |item: usize| {
        let region = spans.regions.get(item)?;
        Some((spans.documents.get(region.document as usize), region.start..region.end))
    };
    let is_away = |d: &Decision| {
        let on_span = d.span.as_ref();
        on_span.is_some_and(|s| s.moved.is_some() || d.labels.iter().any(|l| l == NOTHING))
    };
    // The last line about a place counts, so what went away from it comes before what came to it.
    for (item, decision) in work.decisions().filter(|(_, d)| is_away(d)) {
        if let Some((document, range)) = place(item) {
            tell(document, &range, NOTHING, &decision.reviewer);
        }
    }
    for (item, decision) in work.decisions() {
        let moved = decision.span.as_ref().and_then(|s| s.moved.clone());
        let is_told = moved.is_none() && is_away(decision);
        let (Some(label), Some((document, range)), false) = (&decision.label, place(item), is_told) else {
            continue;
        };
        tell(document, &moved.unwrap_or(range), label, &decision.reviewer);
    }
    for document in spans.documents.iter() {
        for (range, decision) in work.added(document) {
            tell(document, range, decision.label.as_deref().unwrap_or_default(), &decision.reviewer);
        }
    }
    out
}

/// The labels of a stretch as the review leaves them, without "nothing".
pub(super) fn labels_of(work: &WriteBack<'_>, item: usize, verdicts: &HashMap<u32, &str>) -> Vec<String> {
    let dataset = work.dataset;
    let mut labels: Vec<String> = match work.decision_of(item) {
        Some(decision) if decision.dropped => Vec::new(),
        Some(decision) if decision.label.is_some() => decision.labels.clone(),
        _ => match verdicts.get(&(item as u32)) {
            Some(label) if dataset.labels.id(label).is_some() => vec![(*label).to_owned()],
            Some(labels) => labels.split('|').map(str::to_owned).collect(),
            None => match majority(dataset.annotations.labels_of(item)) {
                NO_LABEL => {
                    if dataset.annotations.count(item) > 0 {
                        work.note("Stretches on which raters are tied and nobody decided are left out of the reviewer's files");
                    }
                    Vec::new()
                }
                label => vec![dataset.labels.name(label).to_owned()],
            },
        },
    };
    labels.retain(|l| l != NOTHING);
    labels
}

/// Labelled stretches, in code points, by start.
pub(super) type Stretches = Vec<(Range<u32>, Vec<String>)>;

/// Every document's stretches as the review leaves them, those with nothing left out.
pub(super) fn stretches<'w>(work: &'w WriteBack<'_>) -> HashMap<&'w str, Stretches> {
    let mut all: HashMap<&str, Stretches> = HashMap::new();
    let Some(spans) = &work.dataset.spans else { return all };
    let verdicts: HashMap<u32, &str> =
        work.dataset.verdicts.iter().map(|v| (v.item, v.label.as_str())).collect();
    for (item, region) in spans.regions.iter().enumerate() {
        let labels = labels_of(work, item, &verdicts);
        let document = all.entry(spans.documents.get(region.document as usize)).or_default();
        if !labels.is_empty() {
            let moved = work.decision_of(item).and_then(|d| d.span.as_ref()?.moved.clone());
            document.push((moved.unwrap_or(region.start..region.end), labels));
        }
    }
    for (name, stretches) in &mut all {
        let added = work.added(name).map(|(range, d)| (range.clone(), d.labels.clone()));
        stretches.extend(added);
        stretches.sort_by_key(|(range, _)| (range.start, range.end));
    }
    all
}

/// The files of the source as they are, each with its bytes, the list of decisions left out.
pub(super) fn copies(
    work: &WriteBack<'_>,
    progress: &Progress,
) -> Result<Vec<(String, Vec<u8>)>, FormatError> {
    let mut out = Vec::new();
    for file in work.files.iter().filter(|f| f.name != DECISIONS) {
        let text = work.text(file, progress)?;
        out.push((file.name.clone(), text.encoded(&text.text)?));
    }
    Ok(out)
}

/// Adds the list of decisions: the old one, with those of this review if `now`.
pub(super) fn add_list(
    work: &WriteBack<'_>,
    out: &mut Vec<(String, Vec<u8>)>,
    progress: &Progress,
    now: bool,
) -> Result<(), FormatError> {
    let before = match work.files.iter().find(|f| f.name == DECISIONS) {
        Some(file) => work.text(file, progress)?.text,
        None => String::new(),
    };
    let text = if !now || work.reviewers().is_empty() { before } else { list(work, &before) };
    if !text.is_empty() {
        out.push((DECISIONS.to_owned(), text.into_bytes()));
    }
    Ok(())
}

/// Puts files in, in the place of those of the same names.
pub(super) fn put(out: &mut Vec<(String, Vec<u8>)>, new: Vec<(String, Vec<u8>)>) {
    let names: HashSet<&str> = new.iter().map(|(name, _)| name.as_str()).collect();
    out.retain(|(name, _)| !names.contains(name.as_str()));
    out.extend(new);
}
