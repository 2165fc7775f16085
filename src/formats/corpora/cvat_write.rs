//! Writes one CVAT file for the job that replicas were made of: the images of the first file, decided tags in place of
//! theirs.

use std::ops::Range;

use quick_xml::Reader;
use quick_xml::events::Event;

use super::super::error::FormatError;
use super::super::json::Patches;
use super::super::registry::Product;
use super::super::write::WriteBack;
use super::cvat::{attribute, is_merged};
use crate::progress::Progress;

/// Where one image and its tags stand.
struct Image {
    name: String,
    whole: Range<usize>,
    /// Behind the opening tag.
    inner: usize,
    tags: Vec<(Range<usize>, String)>,
    empty: bool,
}

/// The parent job's file with the decisions in it. Where only replicas are there, it is made of the first of them:
/// decided labels, else the label of most raters, else none.
pub(super) fn write(work: &WriteBack<'_>, progress: &Progress) -> Result<Product, FormatError> {
    let parent = work.files.iter().find(|f| work.files.len() == 1 || is_merged(f));
    let Some(file) = parent.or(work.files.first()) else { return Ok(Product::File(Vec::new())) };
    let source = work.text(file, progress)?;
    let text = &source.text;
    let mut patches = Patches::default();
    for image in images(file, text)? {
        match work.decision(&image.name) {
            Some(decision) if decision.dropped => {
                let before = text[..image.whole.start].rfind('\n');
                let start = before.filter(|&n| text[n..image.whole.start].trim().is_empty());
                patches.replace(start.unwrap_or(image.whole.start)..image.whole.end, "");
            }
            // A decision without a label leaves what stands there.
            Some(decision) if !decision.labels.is_empty() => {
                tag(&mut patches, text, &image, &decision.labels);
            }
            _ if parent.is_none() => tag(&mut patches, text, &image, &majority(work, &image.name)),
            _ => {}
        }
    }
    Ok(Product::File(source.encoded(patches.apply(text).trim_start_matches('\u{feff}'))?))
}

/// The label of most raters, or none where several have as many.
fn majority(work: &WriteBack<'_>, key: &str) -> Vec<String> {
    let Some(item) = work.item(key) else { return Vec::new() };
    let votes = work.dataset.votes(item);
    let top = votes.iter().map(|v| v.1).max().unwrap_or(0);
    let most: Vec<u32> = votes.iter().filter(|v| v.1 == top).map(|v| v.0).collect();
    let [label] = most.as_slice() else { return Vec::new() };
    match &work.dataset.sets {
        Some(sets) => {
            let of = sets.of_label.get(*label as usize).map_or(&[][..], Vec::as_slice);
            of.iter().map(|&m| sets.members[m as usize].clone()).collect()
        }
        None => vec![work.dataset.labels.name(*label).to_owned()],
    }
}

/// Replaces the tags of an image.
fn tag(patches: &mut Patches, text: &str, image: &Image, labels: &[String]) {
    if image.tags.iter().map(|t| &t.1).eq(labels) {
        return;
    }
    let indent = |at: usize| {
        let line = text[..at].rfind('\n').map_or("", |n| &text[n..at]);
        if line.trim().is_empty() { line.to_owned() } else { String::new() }
    };
    let between = match image.tags.first() {
        Some((first, _)) => indent(first.start),
        None => match indent(image.whole.start) {
            none if none.is_empty() => none,
            line => format!("{line}  "),
        },
    };
    let close = if between.is_empty() { "" } else { between.as_str() };
    let tags: Vec<String> = labels
        .iter()
        .map(|l| {
            let label = quick_xml::escape::escape(l.as_str());
            format!("<tag label=\"{label}\" source=\"manual\">{close}</tag>")
        })
        .collect();
    let new = tags.join(&between);
    match image.tags.as_slice() {
        all @ [(first, _), more @ ..] => {
            let gone = if new.is_empty() { all } else { more };
            if !new.is_empty() {
                patches.replace(first.clone(), new);
            }
            gone.iter().for_each(|(t, _)| patches.replace(t.start - indent(t.start).len()..t.end, ""));
        }
        [] if image.empty => {
            let open = text[image.whole.clone()].trim_end_matches("/>").trim_end().to_owned();
            let line = indent(image.whole.start);
            patches.replace(image.whole.clone(), format!("{open}>{between}{new}{line}</image>"));
        }
        [] => patches.replace(image.inner..image.inner, format!("{between}{new}")),
    }
}

fn images(file: &super::InputFile, text: &str) -> Result<Vec<Image>, FormatError> {
    let mut reader = Reader::from_str(text);
    let mut images: Vec<Image> = Vec::new();
    let mut path: Vec<String> = Vec::new();
    let mut tag = (0, String::new());
    loop {
        let start = reader.buffer_position() as usize;
        let event = reader.read_event();
        let end = reader.buffer_position() as usize;
        let event = event.map_err(|e| {
            FormatError::of(&file.path, format!("this is not valid XML: {e}"), "export again")
        })?;
        match event {
            Event::Eof => return Ok(images),
            Event::Start(t) => {
                let name = String::from_utf8_lossy(t.name().as_ref()).into_owned();
                match (path.last().map(String::as_str), name.as_str()) {
                    (Some("annotations"), "image") => images.push(Image {
                        name: attribute(&t, "name").or_else(|| attribute(&t, "id")).unwrap_or_default(),
                        whole: start..end,
                        inner: end,
                        tags: Vec::new(),
                        empty: false,
                    }),
                    (Some("image"), "tag") => tag = (start, attribute(&t, "label").unwrap_or_default()),
                    _ => {}
                }
                path.push(name);
            }
            Event::Empty(t) => match (path.last().map(String::as_str), t.name().as_ref()) {
                (Some("annotations"), b"image") => images.push(Image {
                    name: attribute(&t, "name").or_else(|| attribute(&t, "id")).unwrap_or_default(),
                    whole: start..end,
                    inner: end,
                    tags: Vec::new(),
                    empty: true,
                }),
                (Some("image"), b"tag") => {
                    if let Some(image) = images.last_mut() {
                        image.tags.push((start..end, attribute(&t, "label").unwrap_or_default()));
                    }
                }
                _ => {}
            },
            Event::End(_) => {
                let name = path.pop().unwrap_or_default();
                if let Some(image) = images.last_mut() {
                    match (path.last().map(String::as_str), name.as_str()) {
                        (Some("image"), "tag") => image.tags.push((tag.0..end, std::mem::take(&mut tag.1))),
                        (Some("annotations"), "image") => image.whole.end = end,
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
}
