//! Lilac's export: rows of a dataset, and a field for each label that was put on them.

use super::super::error::FormatError;
use super::super::gather::{Gathering, Value};
use super::super::intake::InputFile;
use super::super::json::Node;
use super::super::notes::Place;
use super::super::registry::{Evidence, Format, Look};
use super::each_record;
use crate::dataset::Task;
use crate::progress::Progress;

/// JSON Lines with `__rowid__`.
pub(in super::super) static FORMAT: Format = Format {
    id: "lilac",
    name: "Lilac export",
    reads: "the labels on each row, the text",
    writes: "",
    extensions: &["jsonl", "json"],
    detect,
    read,
    write: None,
};

fn detect(look: &Look<'_>) -> Option<Evidence> {
    look.first().filter(|r| r.has(&["__rowid__"]))?;
    Evidence::file(look, "its records have __rowid__")
}

fn read(files: &[InputFile], gathering: &mut Gathering, progress: &Progress) -> Result<(), FormatError> {
    let question = gathering.question("labels", Task::MultiLabel);
    for file in files {
        each_record(file, gathering, progress, |g, entry, line| {
            let Some(key) = entry.node.get("__rowid__").and_then(Node::scalar).filter(|k| !g.has_item(k))
            else {
                g.notes.add("duplicate_item", Place::line(line), 1, || {
                    (
                        "Rows without a __rowid__, or with one that came before, were passed over".into(),
                        String::new(),
                    )
                });
                return Ok(());
            };
            let item = g.item(&key)?;
            let mut labels = Vec::new();
            let mut texts: Vec<(bool, String)> = Vec::new();
            for member in entry.node.members() {
                let value = &member.value;
                if value.has(&["label", "created"]) {
                    if value.get("label").and_then(Node::scalar).is_some_and(|l| l != "false") {
                        labels.push(member.key.clone());
                    }
                } else if let Some(text) = value.text().filter(|_| member.key != "__rowid__") {
                    texts.push((member.key == "text", text.to_owned()));
                    if member.key != "text" {
                        g.meta(item, &member.key, text)?;
                    }
                }
            }
            // The column called text, else the longest.
            if let Some((_, text)) = texts.iter().max_by_key(|(named, text)| (*named, text.len())) {
                g.text(item, text)?;
            }
            g.given(question, item, Value::Set(&labels))
        })?;
    }
    Ok(())
}
