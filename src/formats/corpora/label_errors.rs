//! labelerrors.com (Northcutt, Athalye and Mueller 2021): what five people said of a given label and a guessed one.
//!
//! The answers are read twice: as labels (both: two of them; neither: none; neutral and off-topic: no answer), and as they
//! were asked.

use super::super::error::FormatError;
use super::super::gather::{Gathering, Value};
use super::super::intake::InputFile;
use super::super::json::{Node, Shape};
use super::super::notes::Place;
use super::super::registry::{Evidence, Format, Look};
use super::each_record;
use crate::dataset::Task;
use crate::progress::Progress;

/// A list of suspects with `mturk` counts.
pub(in super::super) static FORMAT: Format = Format {
    id: "label-errors",
    name: "labelerrors.com",
    reads: "given and guessed labels, counts of the reviewers' answers",
    writes: "",
    extensions: &["json"],
    detect,
    read,
    write: None,
};

/// Answers that are not labels, in the order they are shown.
const ANSWERS: [&str; 6] = ["given", "guessed", "both", "neither", "neutral", "off-topic"];

fn detect(look: &Look<'_>) -> Option<Evidence> {
    let keys = ["given_original_label", "our_guessed_label"];
    look.first().filter(|r| look.shape() == Some(Shape::Array) && r.has(&keys))?;
    Evidence::file(look, "its records have given_original_label and our_guessed_label")
}

fn label(node: &Node, key: &str) -> Option<String> {
    let named = node.some(&format!("{key}_name")).and_then(Node::scalar);
    named.or_else(|| node.some(key).and_then(Node::scalar)).filter(|l| !l.is_empty())
}

fn read(files: &[InputFile], gathering: &mut Gathering, progress: &Progress) -> Result<(), FormatError> {
    let question = gathering.question("label", Task::MultiLabel);
    let answer = gathering.question("answer", Task::Single);
    gathering.declare(answer, &ANSWERS[..4].iter().map(|&a| a.to_owned()).collect::<Vec<_>>());
    for file in files {
        each_record(file, gathering, progress, |g, entry, line| {
            let node = &entry.node;
            let key = node.get("id").and_then(Node::scalar).unwrap_or_else(|| (entry.number + 1).to_string());
            if g.has_item(&key) {
                g.notes.add("duplicate_item", Place::line(line), 1, || {
                    (
                        "Records with an id that came before were passed over".into(),
                        "Make the ids unique".into(),
                    )
                });
                return Ok(());
            }
            let item = g.item(&key)?;
            if let Some(url) = node.some("url").and_then(Node::scalar) {
                let picture =
                    [".png", ".jpg", ".jpeg"].iter().any(|end| url.to_ascii_lowercase().ends_with(end));
                if picture { g.media(item, &url)? } else { g.meta(item, "url", &url)? }
            }
            let given = label(node, "given_original_label");
            let guessed = label(node, "our_guessed_label");
            if let Some(given) = &given {
                g.given(question, item, Value::Set(std::slice::from_ref(given)))?;
                g.given(answer, item, Value::One("given"))?;
            }
            if let Some(guessed) = &guessed {
                g.meta(item, "guessed", guessed)?;
            }
            let mut n_empty = 0u32;
            for member in node.get("mturk").map_or(&[][..], Node::members) {
                let Some(n) = member.value.count() else {
                    g.notes.add("bad_count", Place::line(line), 1, || {
                        ("Counts that are no whole numbers were passed over".into(), "Mend them".into())
                    });
                    continue;
                };
                let of = |l: &Option<String>| l.iter().cloned().collect::<Vec<_>>();
                g.counted(answer, item, &member.key, n)?;
                let set: Vec<String> = match member.key.as_str() {
                    "neutral" | "off-topic" | "off_topic" => {
                        n_empty = n_empty.saturating_add(n);
                        continue;
                    }
                    "given" => of(&given),
                    "guessed" => of(&guessed),
                    "both" => [of(&given), of(&guessed)].concat(),
                    "neither" => Vec::new(),
                    other => vec![other.to_owned()],
                };
                g.counted_set(question, item, &set, n)?;
            }
            g.counted_empty(question, item, n_empty)?;
            Ok(())
        })?;
    }
    Ok(())
}
