//! CVAT for images 1.1: who annotated is the job that a file was exported from.
//!
//! Replicas of one task for consensus are exported job by job, so several files hold several people's tags of the same
//! images, joined by the image's name. Boxes, polygons and tracks are told and not used.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::super::error::{FormatError, visible};
use super::super::gather::{Gathering, Value};
use super::super::intake::{InputFile, text_of};
use super::super::json::line_of;
use super::super::notes::{Place, Tally};
use super::super::registry::{Evidence, Format, Look};
use crate::dataset::{Missing, Task};
use crate::progress::Progress;

/// One file, or a folder of jobs.
pub(in super::super) static FORMAT: Format = Format {
    id: "cvat",
    name: "CVAT for images",
    reads: "tags of images, one job or several replicas",
    writes: "one annotations.xml with the decided tags, for the parent job",
    extensions: &["xml"],
    detect,
    read,
    write: Some(super::cvat_write::write),
};

/// Deepest nesting that is read.
const MAX_DEPTH: usize = 256;

fn detect(look: &Look<'_>) -> Option<Evidence> {
    if look.listing.is_some() {
        let end = "annotations.xml";
        let names: Vec<&str> = look.ending(end).filter(|f| f.rsplit('/').next() == Some(end)).collect();
        let ours = |name: &&str| {
            let mut head = vec![0; 4096];
            let n = std::fs::File::open(look.input(name, None).path)
                .and_then(|mut f| std::io::Read::read(&mut f, &mut head))
                .unwrap_or(0);
            is_cvat(&String::from_utf8_lossy(&head[..n]))
        };
        if !names.first().is_some_and(ours) {
            return None;
        }
        let folder =
            |f: &str| f.rsplit_once('/').map(|(path, _)| path.rsplit('/').next().unwrap_or(path).to_owned());
        let files: Vec<InputFile> = names.iter().map(|f| look.input(f, folder(f).as_deref())).collect();
        let because = format!("it has {} annotations.xml of CVAT, one a job", files.len());
        return Some(Evidence { because, files });
    }
    if is_cvat(&look.text) { Evidence::file(look, "it is XML with annotations, version 1.1") } else { None }
}

fn is_cvat(text: &str) -> bool {
    let start = text.trim_start_matches('\u{feff}').trim_start();
    start.starts_with('<') && text.contains("<annotations>") && text.contains("<version>1.1</version>")
}

/// One image of one job.
struct Seen {
    name: String,
    tags: Vec<String>,
}

#[derive(Default)]
struct Job {
    id: Option<String>,
    labels: Vec<String>,
    images: Vec<Seen>,
    shapes: Tally,
    attributes: Tally,
}

/// Whether a folder's name says that it holds the result of merging replicas.
pub(super) fn is_merged(file: &InputFile) -> bool {
    let folder = file.rater.as_deref().unwrap_or_default().to_lowercase();
    folder.starts_with("parent") || folder.starts_with("merged") || folder.starts_with("consensus")
}

fn read(files: &[InputFile], gathering: &mut Gathering, progress: &Progress) -> Result<(), FormatError> {
    let mut jobs = Vec::new();
    for file in files {
        let text = text_of(&file.path, progress)?;
        jobs.push((file, job_of(file, &text.text, progress)?));
        gathering.files.push(text.file);
    }
    let several = jobs.iter().flat_map(|(_, j)| &j.images).any(|i| i.tags.len() > 1);
    let task = if several { Task::MultiLabel } else { Task::Single };
    let question = gathering.question("tag", task);
    let (mut shapes, mut attributes, mut again, mut merged) = (Tally::default(), Tally::default(), 0, 0);
    let replicas = jobs.iter().any(|(file, _)| !is_merged(file));
    // One job alone has labels to check and no raters to compare.
    let alone = files.len() == 1;
    for (file, job) in jobs {
        gathering.declare(question, &job.labels);
        shapes = sum(shapes, job.shapes);
        attributes = sum(attributes, job.attributes);
        let parent = replicas && !alone && is_merged(file);
        let name = match (&job.id, &file.rater) {
            (Some(id), _) => format!("job_{id}"),
            (None, Some(folder)) => folder.clone(),
            (None, None) => file.stem().to_owned(),
        };
        let rater = if parent || alone { None } else { Some(gathering.rater(&name)?) };
        let mut here = std::collections::HashSet::new();
        for image in job.images {
            let item = gathering.item(&image.name)?;
            gathering.media(item, &image.name)?;
            if !here.insert(item) {
                again += 1;
                continue;
            }
            match (rater, image.tags.as_slice()) {
                (None, []) => {}
                (None, [one]) if !several => gathering.given(question, item, Value::One(one))?,
                (None, many) => gathering.given(question, item, Value::Set(many))?,
                (Some(rater), []) => gathering.absent(question, item, rater, Missing::Empty),
                (Some(rater), [one]) if !several => {
                    gathering.vote(question, item, rater, Value::One(one), None)?;
                }
                (Some(rater), many) => gathering.vote(question, item, rater, Value::Set(many), None)?,
            }
        }
        merged += u64::from(parent);
    }
    let notes = &mut gathering.notes;
    notes.add("shapes_unused", shapes.place(None), shapes.count, || {
        (
            "Boxes, polygons and other shapes are not used: tags of whole images are".into(),
            "Nothing to do".into(),
        )
    });
    notes.add("attributes_unused", attributes.place(None), attributes.count, || {
        ("Attributes of tags are not used".into(), "Nothing to do".into())
    });
    notes.add("duplicate_item", Place::FILE, again, || {
        ("Images that stand twice in one job count once".into(), "Give the images different names".into())
    });
    notes.add("merged_job", Place::FILE, merged, || {
        (
            "A folder named as a parent job was read as the given labels, not as a rater".into(),
            "Rename the folder if somebody annotated in it".into(),
        )
    });
    Ok(())
}

fn sum(a: Tally, b: Tally) -> Tally {
    let mut sum = if a.count == 0 { b } else { a };
    sum.count = a.count + b.count;
    sum
}

/// An attribute's value, with XML's own five entities resolved.
pub(super) fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let raw = tag.try_get_attribute(name).ok()??;
    raw.normalized_value(quick_xml::XmlVersion::Implicit1_0).ok().map(std::borrow::Cow::into_owned)
}

fn job_of(file: &InputFile, text: &str, progress: &Progress) -> Result<Job, FormatError> {
    let mut reader = Reader::from_str(text);
    let mut job = Job::default();
    let mut path: Vec<String> = Vec::new();
    let mut words = String::new();
    let mut label = (String::new(), String::new());
    let fault = |what: String, remedy: &str, at: u64| {
        FormatError::of(&file.path, what, remedy).at_line(line_of(text, at as usize))
    };
    loop {
        let at = reader.buffer_position();
        let event = reader.read_event().map_err(|e| {
            fault(format!("this is not valid XML: {e}"), "export again", reader.error_position())
        })?;
        match event {
            Event::Eof => break,
            Event::DocType(_) => {
                let what = "this XML declares a document type, which can name other files".to_owned();
                return Err(fault(what, "remove the DOCTYPE", at));
            }
            Event::GeneralRef(name) => {
                let name = name.decode().unwrap_or_default().into_owned();
                match quick_xml::escape::resolve_xml_entity(&name) {
                    Some(known) => words.push_str(known),
                    None if name.starts_with('#') => {}
                    None => {
                        return Err(fault(
                            format!("“&{};” is not defined", visible(&name)),
                            "export again",
                            at,
                        ));
                    }
                }
            }
            Event::Text(t) => words.push_str(&t.decode().unwrap_or_default()),
            Event::Start(tag) => {
                if path.len() >= MAX_DEPTH {
                    return Err(fault("elements are nested deeper than 256".to_owned(), "export again", at));
                }
                let name = String::from_utf8_lossy(tag.name().as_ref()).into_owned();
                element(&tag, &name, &path, &mut job, || line_of(text, at as usize));
                path.push(name);
                words.clear();
                if job.images.len().is_multiple_of(4096) {
                    progress.check()?;
                }
            }
            Event::Empty(tag) => {
                let name = String::from_utf8_lossy(tag.name().as_ref()).into_owned();
                element(&tag, &name, &path, &mut job, || line_of(text, at as usize));
            }
            Event::End(_) => {
                let parts: Vec<&str> = path.iter().map(String::as_str).collect();
                match parts.as_slice() {
                    [.., "meta", "job", "id"] => {
                        job.id = Some(words.trim().to_owned()).filter(|s| !s.is_empty());
                    }
                    [.., "labels", "label", "name"] => words.trim().clone_into(&mut label.0),
                    [.., "labels", "label", "type"] => words.trim().clone_into(&mut label.1),
                    [.., "labels", "label"] => {
                        let (name, kind) = std::mem::take(&mut label);
                        // Labels of boxes are no answers to "what is in this image".
                        if matches!(kind.as_str(), "tag" | "any" | "") && !name.is_empty() {
                            job.labels.push(name);
                        }
                    }
                    _ => {}
                }
                path.pop();
                words.clear();
            }
            _ => {}
        }
    }
    if !path.is_empty() {
        return Err(fault("the text ends inside an element".to_owned(), "export again", text.len() as u64));
    }
    Ok(job)
}

/// Counts, and finds the line of the first alone.
fn hit(tally: &mut Tally, line: impl Fn() -> u64) {
    let line = if tally.count == 0 { line() } else { 0 };
    tally.hit(line);
}

fn element(tag: &BytesStart<'_>, name: &str, path: &[String], job: &mut Job, line: impl Fn() -> u64) {
    match (path.last().map(String::as_str), name) {
        (Some("annotations"), "image") => {
            let name = attribute(tag, "name").or_else(|| attribute(tag, "id")).unwrap_or_default();
            job.images.push(Seen { name, tags: Vec::new() });
        }
        (Some("image"), "tag") => {
            if let (Some(image), Some(label)) = (job.images.last_mut(), attribute(tag, "label"))
                && !image.tags.contains(&label)
            {
                image.tags.push(label);
            }
        }
        (Some("tag"), "attribute") => hit(&mut job.attributes, line),
        (Some("image"), _) | (Some("annotations"), "track") => hit(&mut job.shapes, line),
        _ => {}
    }
}
