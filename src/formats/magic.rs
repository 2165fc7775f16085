//! What a file is by its first bytes: a table, an array, or something that is refused by name.

use std::path::Path;

use super::error::FormatError;
use super::npz::Bundle;
use super::{columnar, json_rows, xlsx};

/// What can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// Rows and columns: delimited text, a workbook, records, or a table stored by column.
    Table,
    /// A NumPy array.
    Array,
    /// A format of the registry: it says itself what is in it.
    Document,
}

/// Bytes that [`file_kind`] wants to see.
pub(crate) const HEAD: usize = 4096;

/// Says what `head`, the first bytes of the file at `path`, begin; refuses what is not readable in words.
pub(crate) fn file_kind(path: &Path, head: &[u8]) -> Result<FileKind, FormatError> {
    if head.is_empty() {
        return Err(FormatError::of(path, "the file is empty", "check that it was written completely"));
    }
    if head.starts_with(b"\x93NUMPY") {
        return Ok(FileKind::Array);
    }
    if columnar::is_columnar(head) || xlsx::is_one(head) || Bundle::is_one(head) || json_rows::is_json(head) {
        return Ok(FileKind::Table);
    }
    if let Some((what, remedy)) =
        by_ending(path).or_else(|| foreign_bytes(head)).or_else(|| foreign_text(head))
    {
        return Err(FormatError::of(path, format!("this is {what}, not a table"), remedy));
    }
    Ok(FileKind::Table)
}

/// Refuses XML that declares a document type: through it a text could name other files to read, or grow without
/// end. No tool of annotation writes one. `text` may be the beginning only.
pub(crate) fn refuse_document_type(path: &Path, text: &str) -> Result<(), FormatError> {
    let mut rest = text.trim_start_matches('\u{feff}').trim_start();
    // A declaration stands before the first element; instructions and comments may stand before it.
    loop {
        let end = if rest.starts_with("<?") {
            "?>"
        } else if rest.starts_with("<!--") {
            "-->"
        } else {
            break;
        };
        let Some(at) = rest.find(end) else { return Ok(()) };
        rest = rest[at + end.len()..].trim_start();
    }
    let begins = |word: &str| rest.get(..word.len()).is_some_and(|r| r.eq_ignore_ascii_case(word));
    if (begins("<!DOCTYPE") && !begins("<!DOCTYPE html")) || begins("<!ENTITY") {
        let what = "this XML declares a document type (<!DOCTYPE), which can make a reader fetch other files";
        return Err(FormatError::of(path, what, "export it again from the tool that wrote it"));
    }
    Ok(())
}

/// What has no first bytes that tell, or is packed so that they tell of the packing.
fn by_ending(path: &Path) -> Option<(&'static str, &'static str)> {
    match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "yaml" | "yml" => {
            Some(("YAML", "write the same as JSON: {\"rater\": {\"item\": \"label\"}} is read"))
        }
        "rda" | "rdata" | "rds" => {
            Some(("R data", "write the table in R with write.csv(…, row.names = FALSE)"))
        }
        _ => None,
    }
}

fn foreign_bytes(head: &[u8]) -> Option<(&'static str, &'static str)> {
    const UNPACK: &str = "unpack it and open the table inside";
    const PICTURE: &str = "open the table that holds the labels";
    const SIGNATURES: [(&[u8], &str, &str); 19] = [
        (
            b"FEA1",
            "a Feather file of version 1",
            "write it again, for example with pandas: pd.read_feather(…).to_feather(…, version=2)",
        ),
        (b"SQLite format 3\0", "an SQLite database", "export the table to CSV"),
        (b"\x1f\x8b", "a gzip archive", "unpack it with gunzip and open what is inside"),
        (b"\x28\xb5\x2f\xfd", "a zstd archive", "unpack it with zstd -d and open what is inside"),
        (b"BZh", "a bzip2 archive", "unpack it with bunzip2 and open what is inside"),
        (b"\xfd7zXZ\0", "an xz archive", "unpack it with unxz and open what is inside"),
        (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", UNPACK),
        (b"Rar!", "a RAR archive", UNPACK),
        (b"\x89HDF", "an HDF5 file", "write the table inside as CSV, or the matrix with np.save"),
        (b"\x89PNG", "a PNG picture", PICTURE),
        (b"\xff\xd8\xff", "a JPEG picture", PICTURE),
        (b"GIF8", "a GIF picture", PICTURE),
        (b"%PDF", "a PDF document", PICTURE),
        (b"\xd0\xcf\x11\xe0", "an old Excel or Word document", "save it as CSV (UTF-8)"),
        (b"\x7fELF", "a program", "name the table instead"),
        (b"\x80\x02", "a Python pickle, which could run code", PICKLE),
        (b"\x80\x03", "a Python pickle, which could run code", PICKLE),
        (b"\x80\x04", "a Python pickle, which could run code", PICKLE),
        (b"\x80\x05", "a Python pickle, which could run code", PICKLE),
    ];
    const PICKLE: &str = "load it in Python and write what is inside as CSV, or with np.save";
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return Some(("a zip archive", UNPACK));
    }
    if let Some((_, what, remedy)) = SIGNATURES.iter().find(|(magic, _, _)| head.starts_with(magic)) {
        return Some((what, remedy));
    }
    // Text in UTF-16 without a byte order mark has a NUL in about every second byte; binary files have many.
    let marked = head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff");
    let nuls: usize = head.iter().map(|&b| usize::from(b == 0)).sum();
    (!marked && nuls * 4 > head.len())
        .then_some(("a binary file, or UTF-16 text without a byte order mark", "save it as UTF-8 text"))
}

fn foreign_text(head: &[u8]) -> Option<(&'static str, &'static str)> {
    const JSON: &str = "write a list of objects, one an annotation or item";
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let text = head.trim_ascii_start();
    let next = |skip: usize| text.get(skip..).unwrap_or_default().trim_ascii_start().first().copied();
    if text.first() == Some(&b'[') && matches!(next(1), Some(b'"' | b'[' | b'-' | b'0'..=b'9')) {
        return Some(("JSON of lists or values without names", JSON));
    }
    if text.starts_with(b"<")
        && text.get(1).is_some_and(|&b| b == b'?' || b == b'!' || b.is_ascii_alphabetic())
    {
        return Some(("XML or HTML", "export the annotations as CSV from the tool that wrote it"));
    }
    if text.starts_with(b"#FORMAT=WebAnno TSV") {
        return Some(("a WebAnno TSV file", "export the annotations as CSV"));
    }
    if text.starts_with(b"-DOCSTART-") {
        return Some(("a CoNLL file", "write one row a token and rater as CSV"));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(head: &[u8]) -> Result<FileKind, String> {
        file_kind(Path::new("f"), head).map_err(|e| e.to_string())
    }

    #[test]
    fn document_types_are_refused_wherever_they_may_stand() {
        let refused = |text: &str| refuse_document_type(Path::new("f"), text).is_err();
        assert!(refused("<?xml version='1.0'?>\n<!-- a > b -->\n<!DOCTYPE x [<!ENTITY a 'b'>]><x/>"));
        assert!(refused("\u{feff} <!doctype x SYSTEM 'file:///etc/passwd'><x/>"));
        assert!(!refused("<?xml version='1.0'?><x>&lt;!DOCTYPE</x>"));
        assert!(!refused("<!DOCTYPE html><p>"));
        assert!(!refused("<?xml"));
        assert!(!refused("text <!DOCTYPE x>"));
    }

    #[test]
    fn tables_and_arrays_are_read_and_the_rest_is_refused_by_name() {
        assert_eq!(kind(b"id,label\n"), Ok(FileKind::Table));
        assert_eq!(kind(b"[text],label\n"), Ok(FileKind::Table));
        assert_eq!(kind(b"\x93NUMPY\x01\0"), Ok(FileKind::Array));
        for head in [&b"PAR1...."[..], b"ARROW1\0\0", b"\xff\xff\xff\xff", b" {\"a\": 1}", b"[{}]"] {
            assert_eq!(kind(head), Ok(FileKind::Table));
        }
        for (name, word) in [("labels.yml", "YAML"), ("ratings.RData", "R data")] {
            let e = file_kind(Path::new(name), b"1: {2: true}").unwrap_err().to_string();
            assert!(e.contains(word), "{e}");
        }
        for (head, word) in [
            (&b""[..], "empty"),
            (b"FEA1....", "version 1"),
            (b"PK\x03\x04........................", "zip"),
            (b"[[[[", "JSON"),
            (b"\xef\xbb\xbf<?xml", "XML"),
            (b"\x80\x04\x95", "pickle"),
            (b"i\0d\0,\0l\0", "byte order mark"),
        ] {
            let e = kind(head).unwrap_err();
            assert!(e.contains(word), "{e}");
        }
    }
}
