//! The fields of a tool's items: which is the text, which a picture or a recording, and which are kept beside it.

use std::collections::BTreeMap;

use super::super::error::FormatError;
use super::super::gather::Gathering;
use super::super::json::Node;
use super::passed::Passed;

/// Most different fields that are kept.
const MAX_FIELDS: usize = 200;

/// Names of fields that may tell items apart, the likelier first.
const KEYS: [&str; 12] = [
    "item_id",
    "id",
    "uid",
    "uuid",
    "key",
    "text_id",
    "doc_id",
    "document_id",
    "example_id",
    "sample_id",
    "ID",
    "external_id",
];

/// What is known of the fields of all items.
#[derive(Debug, Default)]
pub(super) struct Fields {
    /// Characters of each text field.
    lengths: BTreeMap<String, u64>,
    known: Vec<String>,
}

/// Whether a field holds the place of a picture or a recording.
pub(super) fn is_media(name: &str, value: &str) -> bool {
    const NAMES: [&str; 8] = ["image", "img", "picture", "photo", "audio", "video", "image_url", "video_url"];
    const ENDS: [&str; 20] = [
        "png", "jpg", "jpeg", "gif", "webp", "bmp", "tif", "tiff", "svg", "wav", "mp3", "ogg", "flac", "m4a",
        "mp4", "webm", "mov", "avi", "mkv", "pdf",
    ];
    if value.is_empty() || value.len() > 4096 || value.contains(char::is_whitespace) {
        return false;
    }
    let ends = |part: &str| {
        part.rsplit_once('.').is_some_and(|(_, end)| ENDS.iter().any(|e| end.eq_ignore_ascii_case(e)))
    };
    // Label Studio puts the path behind a question mark, cloud storage a signature.
    value.split(['?', '#', '&']).any(ends) || NAMES.iter().any(|n| name.eq_ignore_ascii_case(n))
}

impl Fields {
    /// Takes one field of an item.
    pub(super) fn take(
        &mut self,
        gathering: &mut Gathering,
        item: u32,
        name: &str,
        value: &Node,
        passed: &mut Passed,
    ) -> Result<(), FormatError> {
        let Some(cell) = value.scalar() else { return Ok(()) };
        if cell.starts_with("data:") && cell.len() > 4096 {
            passed.hit(
                "embedded_media",
                name,
                value.range.start,
                || "Pictures and recordings inside the file are not shown".into(),
                "Keep them in files of their own and name these",
            );
            return Ok(());
        }
        if value.text().is_some() && is_media(name, &cell) {
            return gathering.media(item, &cell);
        }
        if !self.known.iter().any(|k| k == name) {
            if self.known.len() >= MAX_FIELDS {
                passed.hit(
                    "too_many_fields",
                    "",
                    value.range.start,
                    || format!("Only the first {MAX_FIELDS} fields of items are kept"),
                    "Remove the fields that are not needed",
                );
                return Ok(());
            }
            self.known.push(name.to_owned());
        }
        if value.text().is_some() {
            *self.lengths.entry(name.to_owned()).or_default() += cell.chars().count() as u64;
        }
        gathering.meta(item, name, &cell)
    }

    /// The field with the most text; of equals, the first by name.
    fn longest(&self) -> Option<&str> {
        let most = self.lengths.values().max()?;
        self.lengths.iter().find(|(_, n)| *n == most).map(|(name, _)| name.as_str())
    }

    fn text<'f>(&'f self, wanted: Option<&'f str>) -> Option<&'f str> {
        wanted.filter(|w| self.lengths.contains_key(*w)).or_else(|| self.longest())
    }

    /// Settles which field is the text (`wanted`, or the longest) and which the key.
    pub(super) fn settle(&self, gathering: &mut Gathering, wanted: Option<&str>) {
        self.settle_key(gathering, self.text(wanted));
        self.settle_text(gathering, wanted);
    }

    /// Settles which field is the text: `wanted`, or the longest.
    pub(super) fn settle_text(&self, gathering: &mut Gathering, wanted: Option<&str>) {
        if let Some(text) = self.text(wanted) {
            gathering.text_by(text);
        }
    }

    /// Settles which field is the key; never `text`.
    pub(super) fn settle_key(&self, gathering: &mut Gathering, text: Option<&str>) {
        let mut keys = KEYS.iter().filter(|k| Some(**k) != text && self.known.iter().any(|n| n == *k));
        keys.any(|key| gathering.key_by(key));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_of_pictures_are_told_from_texts() {
        for (name, value, is) in [
            ("x", "/data/upload/1/a.PNG", true),
            ("x", "s3://b/a.wav?sig=1", true),
            ("x", "/data/local-files/?d=a/b.jpg", true),
            ("image", "a/b", true),
            ("x", "see a.png", false),
            ("text", "word", false),
        ] {
            assert_eq!(is_media(name, value), is, "{name} {value}");
        }
    }
}
