//! JUDGE-BENCH (Bavaresco and others 2024): what people said of texts, as lists of scores without names.

use super::super::error::FormatError;
use super::super::gather::{Gathering, Value};
use super::super::intake::{InputFile, json_error, note_repairs, text_of};
use super::super::json::{Node, Repairs, parse};
use super::super::notes::Place;
use super::super::registry::{Evidence, Format, Look};
use super::{Lines, texts_of};
use crate::dataset::{Missing, Task};
use crate::progress::Progress;

/// One JSON object with `instances`.
pub(in super::super) static FORMAT: Format = Format {
    id: "judge-bench",
    name: "JUDGE-BENCH",
    reads: "the individual scores of every metric, the texts",
    writes: "",
    extensions: &["json"],
    detect,
    read,
    write: None,
};

fn detect(look: &Look<'_>) -> Option<Evidence> {
    // The whole file is one object, which seldom fits into the head.
    let has = |key: &str| look.text.contains(key);
    let ours = look.text.trim_start().starts_with('{')
        && has("\"instances\"")
        && has("\"individual_human_scores\"")
        && has("\"annotations\"");
    if ours { Evidence::file(look, "it has instances with individual_human_scores") } else { None }
}

fn read(files: &[InputFile], gathering: &mut Gathering, progress: &Progress) -> Result<(), FormatError> {
    for file in files {
        let text = text_of(&file.path, progress)?;
        let mut repairs = Repairs::default();
        let root = parse(&text.text, 0, &mut repairs).map_err(|e| json_error(&file.path, &text.text, &e))?;
        note_repairs(&mut gathering.notes, &text.text, &repairs);
        gathering.files.push(text.file);
        for metric in root.get("annotations").map_or(&[][..], Node::list) {
            let Some(name) = metric.get("metric").and_then(Node::scalar) else { continue };
            let task = match metric.get("category").and_then(Node::text) {
                Some("graded" | "ordinal") => Task::Ordinal,
                Some("continuous" | "numeric" | "number") => Task::Number,
                _ => Task::Single,
            };
            let question = gathering.question(&name, task);
            let labels: Vec<String> = metric
                .get("labels_list")
                .map_or(&[][..], Node::list)
                .iter()
                .filter_map(Node::scalar)
                .collect();
            gathering.declare(question, &labels);
        }
        gathering.set_anonymous();
        let mut lines = Lines::of(&text.text);
        for (i, instance) in root.get("instances").map_or(&[][..], Node::list).iter().enumerate() {
            if i.is_multiple_of(1024) {
                progress.check()?;
            }
            instance_of(instance, i, gathering, lines.line(instance.range.start))?;
        }
    }
    Ok(())
}

fn instance_of(instance: &Node, number: usize, g: &mut Gathering, line: u64) -> Result<(), FormatError> {
    let key = instance.get("id").and_then(Node::scalar).unwrap_or_else(|| (number + 1).to_string());
    if g.has_item(&key) {
        g.notes.add("duplicate_item", Place::line(line), 1, || {
            ("Instances with an id that came before were passed over".into(), "Make the ids unique".into())
        });
        return Ok(());
    }
    let item = g.item(&key)?;
    if let Some(content) = instance.some("instance") {
        g.text(item, &texts_of(content, &[]))?;
    }
    for metric in instance.get("annotations").map_or(&[][..], Node::members) {
        let question = g.question(&metric.key, Task::Single);
        let mut counts: Vec<(String, u32)> = Vec::new();
        let scores = metric.value.get("individual_human_scores").map_or(&[][..], Node::list);
        for (place, score) in scores.iter().enumerate() {
            let rater = g.rater(&format!("vote {}", place + 1))?;
            match score.scalar().filter(|s| !s.is_empty()) {
                Some(label) => {
                    g.vote(question, item, rater, Value::One(&label), None)?;
                    match counts.iter_mut().find(|(l, _)| *l == label) {
                        Some((_, n)) => *n += 1,
                        None => counts.push((label, 1)),
                    }
                }
                None => g.absent(question, item, rater, Missing::Unknown),
            }
        }
        let top = counts.iter().map(|(_, n)| *n).max().unwrap_or(0);
        let stated = metric.value.get("majority_human").and_then(Node::scalar);
        if stated.is_some_and(|s| !counts.iter().any(|(l, n)| *l == s && *n == top)) {
            g.notes.add("stated_majority", Place::line(line), 1, || {
                (
                    "The stated majority_human is not the answer with the most votes; the votes count".into(),
                    "Nothing to do".into(),
                )
            });
        }
    }
    Ok(())
}
