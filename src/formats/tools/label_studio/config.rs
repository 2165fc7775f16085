//! The labelling configuration of Label Studio, where it lies beside an export: order of labels, types of questions,
//! which field is the text. The export itself says none of this.

use std::io::Read as _;
use std::path::Path;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::super::super::text::open_regular;
use super::super::turns::Kind;

/// Largest configuration that is read, in bytes.
const MAX_BYTES: u64 = 1 << 20;
/// Most files beside an export that are looked at.
const MAX_FILES: usize = 50;

/// One question of a configuration.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Control {
    /// Its name; `{{idx}}` stands for a number.
    name: String,
    /// The object it asks about.
    pub(super) to_name: String,
    /// `None` where the answers are not labels.
    pub(super) kind: Option<Kind>,
    /// Its labels in order; none for taxonomies.
    pub(super) labels: Vec<String>,
    pub(super) per_region: bool,
}

impl Control {
    /// Whether it is the question that an export calls `from_name`.
    pub(super) fn is(&self, from_name: &str) -> bool {
        match self.name.split_once("{{") {
            None => self.name == from_name,
            Some((before, rest)) => {
                let after = rest.split_once("}}").map_or("", |(_, after)| after);
                let number = from_name.strip_prefix(before).and_then(|n| n.strip_suffix(after));
                number.is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
            }
        }
    }
}

/// A labelling configuration.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Config {
    /// Name of its file.
    pub(super) file: String,
    pub(super) controls: Vec<Control>,
    /// Objects with the field they show.
    objects: Vec<(String, String)>,
}

impl Config {
    /// The question that an export calls `from_name`.
    pub(super) fn control(&self, from_name: &str) -> Option<&Control> {
        self.controls.iter().find(|c| c.is(from_name))
    }

    /// The field that an object shows.
    pub(super) fn field(&self, object: &str) -> Option<&str> {
        self.objects.iter().find(|(name, _)| name == object).map(|(_, field)| field.as_str())
    }
}

/// The configuration beside `export` that knows the most of `questions`, if any knows one.
pub(super) fn beside<'q>(
    export: &Path,
    questions: &(impl Iterator<Item = &'q str> + Clone),
) -> Option<Config> {
    let folder = export.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .ok()?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.to_ascii_lowercase().ends_with(".xml"))
        .collect();
    names.sort();
    let mut best: Option<(usize, Config)> = None;
    for name in names.into_iter().take(MAX_FILES) {
        let Some(config) = read(&folder.join(&name)) else { continue };
        let known = questions.clone().filter(|q| config.control(q).is_some()).count();
        if known > best.as_ref().map_or(0, |(n, _)| *n) {
            best = Some((known, Config { file: name, ..config }));
        }
    }
    best.map(|(_, config)| config)
}

fn read(path: &Path) -> Option<Config> {
    let (file, bytes) = open_regular(path).ok()?;
    if bytes > MAX_BYTES {
        return None;
    }
    let mut text = String::new();
    file.take(MAX_BYTES).read_to_string(&mut text).ok()?;
    parse(&text)
}

/// `None` where it is no labelling configuration, or one with a document type, which may hold anything.
fn parse(xml: &str) -> Option<Config> {
    let mut reader = Reader::from_str(xml);
    let mut config = Config::default();
    // Tags that are open, each with whether it is a question.
    let mut open: Vec<bool> = Vec::new();
    let mut seen = false;
    loop {
        let (tag, stays) = match reader.read_event().ok()? {
            Event::Eof => return seen.then_some(config),
            Event::DocType(_) => return None,
            Event::End(_) => {
                open.pop();
                continue;
            }
            Event::Start(tag) => (tag, true),
            Event::Empty(tag) => (tag, false),
            _ => continue,
        };
        let name = String::from_utf8(tag.name().as_ref().to_vec()).ok()?;
        if !seen && name != "View" {
            return None;
        }
        seen = true;
        let inside = open.contains(&true);
        let control = control(&name, &tag).filter(|_| !inside);
        let is_control = control.is_some();
        if let Some(control) = control {
            config.controls.push(control);
        } else if inside && matches!(name.as_str(), "Choice" | "Label") {
            let label = attribute(&tag, "alias").or_else(|| attribute(&tag, "value"));
            if let (Some(label), Some(control)) = (label, config.controls.last_mut()) {
                control.labels.push(label);
            }
        } else if let (Some(object), Some(value)) = (attribute(&tag, "name"), attribute(&tag, "value"))
            && let Some(field) = value.strip_prefix('$')
        {
            config.objects.push((object, field.to_owned()));
        }
        if stays {
            open.push(is_control);
        }
        if open.len() > 128 {
            return None;
        }
    }
}

/// A tag that asks something.
fn control(tag: &str, start: &BytesStart<'_>) -> Option<Control> {
    let (name, to_name) = (attribute(start, "name")?, attribute(start, "toName")?);
    let several = attribute(start, "choice").is_some_and(|c| c == "multiple");
    let kind = match tag {
        "Choices" if several => Some(Kind::Several),
        "Choices" | "Pairwise" => Some(Kind::Choice),
        "Taxonomy" => Some(Kind::Several),
        "Rating" => Some(Kind::Rating),
        "Number" => Some(Kind::Number),
        "Labels" | "HyperTextLabels" => Some(Kind::Spans),
        _ => None,
    };
    let per_region = attribute(start, "perRegion").is_some_and(|v| v == "true");
    Some(Control { name, to_name, kind, labels: Vec::new(), per_region })
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = tag.attributes().flatten().find(|a| a.key.as_ref() == name.as_bytes())?;
    let raw = std::str::from_utf8(&attribute.value).ok()?;
    quick_xml::escape::unescape(raw).ok().map(std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_have_their_labels_in_order() {
        let config = parse(
            r#"<View><Text name="t" value="$body"/>
            <Repeater on="$pages" indexFlag="{{idx}}">
              <Choices name="tag_{{idx}}" toName="t" choice="multiple"><Choice value="b &amp; c"/><Choice value="x" alias="a"/></Choices>
            </Repeater>
            <Rating name="r" toName="t"/><Labels name="n" toName="t"><Label value="PER"/></Labels></View>"#,
        )
        .unwrap();
        let tag = config.control("tag_12").unwrap();
        assert_eq!((tag.kind, tag.labels.join("|")), (Some(Kind::Several), "b & c|a".into()));
        assert_eq!((config.control("tag_x"), config.field("t")), (None, Some("body")));
        assert_eq!(config.control("r").unwrap().kind, Some(Kind::Rating));
        assert_eq!(config.control("n").unwrap().labels, ["PER"]);
    }

    #[test]
    fn what_is_no_configuration_is_not_read() {
        for xml in ["<annotations/>", "<!DOCTYPE x [<!ENTITY a \"b\">]><View/>", "<View", "", "x"] {
            assert_eq!(parse(xml), None, "{xml}");
        }
    }
}
