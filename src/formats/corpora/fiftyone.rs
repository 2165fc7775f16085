//! FiftyOne's `samples.json`: every field of class Classification is a rater of the sample.

use std::io::Read as _;
use std::path::Path;

use super::super::error::FormatError;
use super::super::gather::{Gathering, Value};
use super::super::intake::{InputFile, json_error, note_repairs, text_of};
use super::super::json::{Kind, Node, Repairs, parse};
use super::super::notes::Place;
use super::super::registry::{Evidence, Format, Look};
use crate::dataset::Task;
use crate::progress::Progress;

/// A dataset exported with its media.
pub(in super::super) static FORMAT: Format = Format {
    id: "fiftyone",
    name: "FiftyOne dataset",
    reads: "classifications, one field a rater; ground_truth as the given label; predictions as a model's",
    writes: "",
    extensions: &["json"],
    detect,
    read,
    write: None,
};

fn detect(look: &Look<'_>) -> Option<Evidence> {
    if let Some(listing) = &look.listing {
        let name = "samples.json";
        if !listing.iter().any(|f| f == name) {
            return None;
        }
        let mut head = Vec::new();
        let file = std::fs::File::open(look.path.join(name)).ok()?;
        file.take(1 << 16).read_to_end(&mut head).ok()?;
        if !is_samples(&String::from_utf8_lossy(&head)) {
            return None;
        }
        let because = "it has samples.json, whose samples have filepath".to_owned();
        return Some(Evidence { because, files: vec![look.input(name, None)] });
    }
    if is_samples(&look.text) { Evidence::file(look, "its samples have filepath") } else { None }
}

fn is_samples(text: &str) -> bool {
    text.trim_start().starts_with('{') && text.contains("\"samples\"") && text.contains("\"filepath\"")
}

fn read(files: &[InputFile], gathering: &mut Gathering, progress: &Progress) -> Result<(), FormatError> {
    let question = gathering.question("classification", Task::Single);
    for file in files {
        let text = text_of(&file.path, progress)?;
        let mut repairs = Repairs::default();
        let root = parse(&text.text, 0, &mut repairs).map_err(|e| json_error(&file.path, &text.text, &e))?;
        note_repairs(&mut gathering.notes, &text.text, &repairs);
        gathering.files.push(text.file);
        let mut other = 0;
        for (n, sample) in root.get("samples").map_or(&[][..], Node::list).iter().enumerate() {
            if n.is_multiple_of(1024) {
                progress.check()?;
            }
            let id = sample.get("_id").map(|i| i.get("$oid").unwrap_or(i)).and_then(Node::scalar);
            let path = sample.get("filepath").and_then(Node::scalar);
            let key = id.or_else(|| path.clone()).unwrap_or_else(|| (n + 1).to_string());
            let item = gathering.item(&key)?;
            if let Some(path) = path {
                gathering.media(item, &path)?;
                let name = Path::new(&path).file_name().unwrap_or_default().to_string_lossy().into_owned();
                gathering.meta(item, "file", &name)?;
            }
            let tags: Vec<String> =
                sample.get("tags").map_or(&[][..], Node::list).iter().filter_map(Node::scalar).collect();
            if !tags.is_empty() {
                gathering.meta(item, "tags", &tags.join("|"))?;
            }
            for field in sample.members() {
                match field.value.get("_cls").and_then(Node::text) {
                    Some("Classification") => {}
                    Some(_) => {
                        other += 1;
                        continue;
                    }
                    None => continue,
                }
                let Some(label) = field.value.some("label").and_then(Node::scalar) else { continue };
                if field.key == "ground_truth" {
                    gathering.given(question, item, Value::One(&label))?;
                    continue;
                }
                let rater = gathering.rater(&field.key)?;
                // Only models say how sure they are.
                if field.value.get("confidence").is_some_and(|c| matches!(c.kind, Kind::Number(_))) {
                    gathering.is_model(rater);
                }
                gathering.vote(question, item, rater, Value::One(&label), None)?;
            }
        }
        gathering.notes.add("fields_unused", Place::FILE, other, || {
            ("Detections and other fields than classifications are not used".into(), "Nothing to do".into())
        });
    }
    Ok(())
}
