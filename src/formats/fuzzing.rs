//! What the fuzz targets call: parsers that are private otherwise, each with what must hold for any input.
//! A broken promise is a panic, which the fuzzer reports; nothing else calls this.

use std::path::Path;

use super::archive;
use super::delimited::{Dialect, QuoteStyle, RecordReader};
use super::json::{Node, Patches, Records, Repairs, parse};
use super::text::TextReader;
use super::{LoadOptions, Overrides, WriteOptions};
use crate::dataset::{Edit, Edits, NOTHING, Outcome};
use crate::progress::Progress;

/// JSON: what serde_json reads is read, every place lies in the text, and no patch is the same text.
pub fn json(text: &str) {
    let mut repairs = Repairs::default();
    let node = parse(text, 0, &mut repairs);
    if serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok() {
        assert!(node.is_ok(), "serde_json reads this");
    }
    if let Ok(node) = &node {
        assert!(text.get(node.range.clone()).is_some(), "a place outside of the text");
    }
    let mut records = Records::new(text);
    let mut n = 0;
    while let Ok(Some(entry)) = records.next() {
        assert!(text.get(entry.node.range.clone()).is_some(), "a place outside of the text");
        assert_eq!(entry.number, n);
        n += 1;
    }
    assert_eq!(Patches::default().apply(text), text);
    let Ok(node) = &node else { return };
    let mut patches = Patches::default();
    patches.push(text, node, "1");
    patches.set(text, node, &[("added", "1".to_owned())]);
    let patched = patches.apply(text);
    let again = parse(&patched, 0, &mut Repairs::default()).expect("what is patched can be read");
    if node.is_list() {
        assert_eq!(again.list().len(), node.list().len() + 1, "one element more");
    }
    if node.is_object() {
        assert_eq!(again.get("added").and_then(Node::number), Some(1.0), "the member is there");
    }
}

/// Delimited text: the first byte chooses the dialect. Records put together again are the text.
pub fn delimited(bytes: &[u8]) {
    let Some((&choice, bytes)) = bytes.split_first() else { return };
    let delimiter = [b',', b'\t', b';', b'|'][usize::from(choice & 3)];
    let quoting = if choice & 4 == 0 { QuoteStyle::Necessary } else { QuoteStyle::Literal };
    let dialect = Dialect { delimiter, quoting, ..Dialect::default() };
    let progress = Progress::new();
    let mut decoded = Vec::new();
    let mut text = TextReader::new(Box::new(bytes), Path::new("x"), &progress);
    while let Ok(true) = text.fill(&mut decoded) {}
    let text = TextReader::new(Box::new(bytes), Path::new("x"), &progress);
    let mut records = RecordReader::new(text, &dialect);
    let mut again = String::new();
    loop {
        match records.next_record() {
            Ok(Some(record)) => {
                let end = record.line_end().len();
                assert!(end <= 2 && record.raw.len() >= end);
                for i in 0..record.len() {
                    let range = record.range(i).expect("a field has a place");
                    assert_eq!(&record.raw[range], record.raw_field(i));
                    let _ = record.get(i);
                }
                again.push_str(record.raw);
            }
            Ok(None) => {
                assert_eq!(again.as_bytes(), decoded, "records put together are the text");
                return;
            }
            Err(_) => return,
        }
    }
}

/// An archive: whatever its bytes are, a name that passes stays inside, and no more comes out than the limits let.
pub fn archive(bytes: &[u8]) {
    use std::io::Read as _;
    let Ok(mut file) = tempfile::NamedTempFile::new() else { return };
    if std::io::Write::write_all(&mut file, bytes).is_err() {
        return;
    }
    let limit = archive::RATIO_FROM.max(bytes.len() as u64 * archive::MAX_RATIO);
    // What goes in is read in blocks, so that a little more may come out before the limit is noticed.
    let slack = 1 << 22;
    if let Ok(opened) = archive::open(file.path()) {
        let mut opened = opened.reader.take(limit + slack + 1);
        if let Ok(n) = std::io::copy(&mut opened, &mut std::io::sink()) {
            assert!(n <= limit + slack, "{n} bytes out of {}", bytes.len());
        }
    }
    if let Ok(members) = archive::filter(file.path()) {
        let total: u64 = members.iter().map(|(_, n)| n).sum();
        assert!(total <= limit + slack, "{total} bytes out of {}", bytes.len());
        for (name, _) in members {
            let parts: Vec<&str> = name.split('/').collect();
            assert!(!parts.iter().any(|p| matches!(*p, "" | "." | "..")), "{name}");
            assert!(!name.contains(['\\', ':', '\0']), "{name}");
        }
    }
}

/// A document of the registry's format `id`: whatever is read is written back as it was where nothing was decided,
/// and where something was, nobody becomes a rater by it. One file is opened by itself, several as a folder.
pub fn document(id: &str, files: &[(&str, &[u8])]) {
    let format = super::format_of(id).expect("a format of the registry");
    let Ok(dir) = tempfile::tempdir() else { return };
    let source = dir.path().join("source");
    if std::fs::create_dir(&source).is_err()
        || files.iter().any(|(name, bytes)| std::fs::write(source.join(name), bytes).is_err())
    {
        return;
    }
    let path = match files {
        [(name, _)] => source.join(name),
        _ => source.clone(),
    };
    let progress = Progress::new();
    let overrides = Overrides { format: Some(id.to_owned()), ..Overrides::default() };
    let open = |path: &Path| super::open(path, &overrides, &LoadOptions::default(), &progress);
    let Ok(dataset) = open(&path) else { return };
    assert!(dataset.n_items() > 0, "nothing was read, and nothing was said about it");
    if format.write.is_none() {
        return;
    }
    let write = |edits: &Edits, name: &str| {
        let mut out = dir.path().join(name);
        // A format may go by its files' names.
        if let ([(file, _)], true) = (files, std::fs::create_dir_all(&out).is_ok()) {
            out = out.join(file);
        } else {
            out = out.join("source");
        }
        super::write(&dataset, edits, &WriteOptions::default(), &out, &progress).map(|_| out)
    };
    if let Ok(out) = write(&Edits::new(), "same") {
        for (name, bytes) in files {
            let out = if out.is_dir() { out.join(name) } else { out.clone() };
            if let Ok(again) = std::fs::read(&out) {
                let at = again.iter().zip(*bytes).take_while(|(a, b)| a == b).count();
                assert!(again == *bytes, "nothing was decided, and {name} ({id}) changed from byte {at} on");
            }
        }
    }
    // Where the decision is that nothing is there, nothing may be left to read.
    let Some(label) = dataset.labels.names().iter().position(|name| name != NOTHING) else { return };
    let label = label as u32;
    let mut edits = Edits::new();
    edits.set(0, Edit::new(Outcome::Changed(label), "zoe"));
    if let Ok(out) = write(&edits, "changed") {
        // A file in which nothing is left to read is refused in words; anything else is read.
        if let Ok(again) = open(&out) {
            assert_eq!(again.raters.names, dataset.raters.names, "a reviewer is no rater");
        }
    }
}
