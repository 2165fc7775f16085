//! UIMA XMI 1.0 (INCEpTION, DKPro): reading only.
//!
//! Each element with `begin` and `end` is a stretch of the `sofaString`, in UTF-16 units; its namespace and name are
//! its type, its other attributes its features. Without the type system, which lies in another file, an attribute
//! that refers to something looks like one that says something; relations are known by their two ends.
//!
//! A document type declaration is refused: entities are how small files grow large.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::path::Path;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::super::error::FormatError;
use super::super::gather::Gathering;
use super::super::intake::{InputFile, text_of};
use super::super::json::line_of;
use super::super::notes::Place;
use super::super::offsets::{Index, Unit};
use super::super::registry::{Evidence, Format, Look};
use super::cas_json::is_layer;
use super::project::{self, Layered};
use super::review;
use super::tsv3::short;
use crate::progress::Progress;

/// UIMA XMI.
pub(in crate::formats) static FORMAT: Format = Format {
    id: "xmi",
    name: "UIMA XMI",
    reads: "types of stretches, each attribute as a question; one file or a project's folders",
    writes: "",
    extensions: &["xmi"],
    detect,
    read,
    write: None,
};

/// Deepest nesting that is read.
const MAX_DEPTH: usize = 256;

fn detect(look: &Look<'_>) -> Option<Evidence> {
    let is_xmi = |text: &str| text.trim_start().starts_with('<') && text.contains("<xmi:XMI");
    if look.listing.is_none() {
        return is_xmi(&look.text).then(|| Evidence::file(look, "its root is xmi:XMI")).flatten();
    }
    let files = project::files(look, ".xmi");
    let because = "its documents are folders with an XMI file for each user".to_owned();
    is_xmi(&project::head_of(&files)).then_some(Evidence { because, files })
}

/// An element that may be a stretch.
struct Element {
    layer: String,
    sofa: String,
    range: Range<u32>,
    features: Vec<(String, String)>,
}

#[derive(Default)]
struct Document {
    elements: Vec<Element>,
    /// Identifier and text of the first view.
    sofa: Option<(String, String)>,
    links: BTreeSet<String>,
}

fn parse(path: &Path, text: &str) -> Result<Document, FormatError> {
    let mut reader = Reader::from_str(text);
    let mut packages: HashMap<String, String> = HashMap::new();
    let mut document = Document::default();
    let mut depth = 0_usize;
    loop {
        let at = reader.buffer_position() as usize;
        let fault = |what: String| {
            FormatError::of(path, what, "export the document again").at_line(line_of(text, at))
        };
        let event = reader.read_event().map_err(|e| fault(format!("this is not well-formed XML: {e}")))?;
        let (start, opens) = match event {
            Event::DocType(_) => {
                let what = "this XML has a <!DOCTYPE, whose entities could grow without end";
                return Err(FormatError::of(path, what, "remove the declaration").at_line(line_of(text, at)));
            }
            Event::Eof => break,
            Event::End(_) => {
                depth = depth.saturating_sub(1);
                continue;
            }
            Event::Start(start) => (start, true),
            Event::Empty(start) => (start, false),
            _ => continue,
        };
        depth += usize::from(opens);
        if depth > MAX_DEPTH {
            return Err(fault(format!("elements are nested more than {MAX_DEPTH} deep")));
        }
        let attributes = attributes(&start).map_err(fault)?;
        for (name, value) in &attributes {
            if let Some(prefix) = name.strip_prefix("xmlns:") {
                let package =
                    value.trim_start_matches("http:///").trim_end_matches(".ecore").replace('/', ".");
                packages.insert(prefix.to_owned(), package);
            }
        }
        element(&start, attributes, &packages, &mut document);
    }
    Ok(document)
}

fn attributes(start: &BytesStart<'_>) -> Result<Vec<(String, String)>, String> {
    let mut list = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|e| format!("an attribute is not well-formed: {e}"))?;
        let value =
            std::str::from_utf8(&attribute.value).map_err(|e| format!("an attribute is no text: {e}"))?;
        // Only the five entities that every XML file has; others were never declared.
        let value = quick_xml::escape::unescape(value)
            .map_err(|e| format!("an attribute is not well-formed: {e}"))?;
        list.push((String::from_utf8_lossy(attribute.key.as_ref()).into_owned(), value.into_owned()));
    }
    Ok(list)
}

fn element(
    start: &BytesStart<'_>,
    attributes: Vec<(String, String)>,
    packages: &HashMap<String, String>,
    document: &mut Document,
) {
    let name = String::from_utf8_lossy(start.name().as_ref()).into_owned();
    let get = |key: &str| attributes.iter().find(|(n, _)| n == key).map(|(_, v)| v.as_str());
    if name == "cas:Sofa" {
        if let (Some(id), Some(text), true) = (get("xmi:id"), get("sofaString"), document.sofa.is_none()) {
            document.sofa = Some((id.to_owned(), text.to_owned()));
        }
        return;
    }
    let number = |key: &str| get(key).and_then(|n| n.parse().ok());
    let (Some(begin), Some(end)) = (number("begin"), number("end")) else { return };
    let (prefix, local) = name.split_once(':').unwrap_or(("", &name));
    let layer = packages.get(prefix).map_or_else(|| local.to_owned(), |package| format!("{package}.{local}"));
    if !is_layer(&layer) {
        return;
    }
    if get("Governor").is_some() && get("Dependent").is_some() {
        document.links.insert(short(&layer));
        return;
    }
    let sofa = get("sofa").unwrap_or_default().to_owned();
    let is_feature =
        |name: &str| !name.contains(':') && name != "xmlns" && !matches!(name, "sofa" | "begin" | "end");
    let features = attributes.into_iter().filter(|(name, _)| is_feature(name)).collect();
    document.elements.push(Element { layer, sofa, range: begin..end, features });
}

fn layered(document: &Document, path: &Path) -> Result<(Layered, u64), FormatError> {
    let Some((sofa, text)) = &document.sofa else {
        return Err(FormatError::of(path, "there is no text in this file", "export the document again"));
    };
    let index = Index::new(text, Unit::Utf16);
    let mut outside = 0;
    let mut out = Layered { text: text.clone(), features: Vec::new() };
    let mut names: Vec<(&str, BTreeSet<&str>)> = Vec::new();
    for element in &document.elements {
        let features = element.features.iter().map(|(name, _)| name.as_str());
        match names.iter_mut().find(|(layer, _)| *layer == element.layer) {
            Some((_, known)) => known.extend(features),
            None => names.push((&element.layer, features.collect())),
        }
    }
    for (layer, features) in &mut names {
        if features.is_empty() {
            features.insert("");
        }
        for feature in features.iter() {
            let mut list = Vec::new();
            for element in document.elements.iter().filter(|e| e.layer == *layer && e.sofa == *sofa) {
                let value = element.features.iter().find(|(n, _)| n == feature).map(|(_, v)| v.clone());
                match index.range(element.range.clone()) {
                    Some(range) => list.push((range, value)),
                    None => outside += 1,
                }
            }
            out.features.push(((*layer).to_owned(), (*feature).to_owned(), list));
        }
    }
    Ok((out, outside))
}

fn read(files: &[InputFile], gathering: &mut Gathering, progress: &Progress) -> Result<(), FormatError> {
    let mut all = Vec::new();
    let mut links: BTreeSet<String> = BTreeSet::new();
    for (at, file) in files.iter().enumerate().filter(|(_, f)| f.name != review::DECISIONS) {
        progress.check()?;
        let text = text_of(&file.path, progress)?;
        let document = parse(&file.path, &text.text)?;
        let (layered, outside) = layered(&document, &file.path)?;
        gathering.notes.add("outside_text", Place::FILE, outside, || {
            let what =
                "Offsets lie outside of the text or inside of a character; these stretches were passed over";
            (what.into(), "Export the document again".into())
        });
        links.extend(document.links);
        all.push((at, layered));
        gathering.files.push(text.file);
    }
    gathering.notes.add("not_used", Place::FILE, links.len() as u64, || {
        let names: Vec<String> = links.into_iter().collect();
        (
            format!("Relations are not used: {}", names.join(", ")),
            "Nothing to do; they stay in the files".into(),
        )
    });
    project::gather(files, &all, gathering, progress)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_grow_without_end_is_refused() {
        let e = |text: &str| parse(Path::new("x.xmi"), text).err().map(|e| e.to_string()).unwrap_or_default();
        let bomb = "<?xml version='1.0'?>\n<!DOCTYPE x [<!ENTITY a 'b'>]><xmi:XMI/>";
        assert!(e(bomb).starts_with("x.xmi, line 2: this XML has a <!DOCTYPE"), "{}", e(bomb));
        assert!(e(&"<a>".repeat(300)).contains("nested more than 256 deep"));
        assert!(e("<a b='&lol;'/>").contains("not well-formed"));
        assert!(e("<a b=").contains("not well-formed"));
    }
}
