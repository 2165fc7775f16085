//! Packed files and files in other encodings: read as what is in them, and written back.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use dissensus::dataset::{Dataset, Edit, Edits, Outcome};
use dissensus::formats::{
    Encoding, LoadOptions, Overrides, WriteOptions, WriteSummary, digest_of, inspect, open, plan, write,
};
use dissensus::progress::Progress;
use tempfile::TempDir;

const TABLE: &str = "id,text,label\r\n1,a,yes\r\n2,b,no\r\n3,\"c, d\",yes\r\n";

#[test]
fn a_packed_table_is_the_table() {
    let dir = tempfile::tempdir().unwrap();
    let plain = load(&put(&dir, "t.csv", TABLE)).unwrap();
    for (name, bytes) in [
        ("t.csv.gz", gzip(TABLE.as_bytes())),
        ("u.csv.zst", zstd::encode_all(TABLE.as_bytes(), 3).unwrap()),
        (
            "t.zip",
            zip(&[("in/t.csv", TABLE.as_bytes()), ("README.txt", b"words"), ("__MACOSX/._t.csv", b"x")]),
        ),
        ("named-wrongly.csv", gzip(TABLE.as_bytes())),
    ] {
        let path = put(&dir, name, &bytes);
        let packed = load(&path).unwrap();
        assert_eq!(packed.keys.iter().collect::<Vec<_>>(), plain.keys.iter().collect::<Vec<_>>(), "{name}");
        assert_eq!(packed.given, plain.given, "{name}");
        assert_eq!(packed.labels.names(), plain.labels.names(), "{name}");
        // The source is the file on the disk.
        assert_eq!(packed.source.table.bytes, bytes.len() as u64, "{name}");
        assert_eq!(packed.source.table.digest, sha256(&bytes), "{name}");
        assert_eq!(digest_of(&path, &Progress::new()).unwrap(), packed.source.table, "{name}");
        let inspection = inspect(&path, &Overrides::default(), &Progress::new()).unwrap();
        assert_eq!((inspection.rows, inspection.rows_exact), (3, true), "{name}");
    }
}

#[test]
fn the_result_is_packed_as_its_name_says() {
    let dir = tempfile::tempdir().unwrap();
    let source = put(&dir, "t.csv.gz", gzip(TABLE.as_bytes()));
    let dataset = load(&source).unwrap();
    let one = edits(&dataset, &[(1, "yes")]);
    let expected = TABLE.replace("2,b,no", "2,b,yes");
    for (name, word) in
        [("o.csv", "is not packed"), ("o.csv.gz", "a gzip archive"), ("o.csv.zst", "a zstd archive")]
    {
        let out = dir.path().join(name);
        let summary = export(&dataset, &one, &out).unwrap();
        assert!(summary.notes.iter().any(|n| n.contains(word)), "{name}: {:?}", summary.notes);
        let bytes = std::fs::read(&out).unwrap();
        let text = match name {
            "o.csv" => bytes.clone(),
            "o.csv.gz" => gunzip(&bytes),
            _ => zstd::decode_all(&bytes[..]).unwrap(),
        };
        assert_eq!(String::from_utf8(text).unwrap(), expected, "{name}");
        let again = load(&out).unwrap();
        assert_eq!(
            again.given.unwrap().get(1).map(|l| again.labels.name(l).to_owned()).as_deref(),
            Some("yes")
        );
    }
    let none = export(&dataset, &Edits::new(), &dir.path().join("same.csv")).unwrap();
    assert_eq!(none.changed, 0);
    assert_eq!(std::fs::read_to_string(dir.path().join("same.csv")).unwrap(), TABLE);
    let e = export(&dataset, &one, &dir.path().join("o.zip")).unwrap_err();
    assert!(e.contains(".gz"), "{e}");
    assert!(!dir.path().join("o.zip").exists());
}

#[test]
fn a_packed_source_is_never_overwritten_and_its_change_is_noticed() {
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes) in
        [("t.csv.gz", gzip(TABLE.as_bytes())), ("t.zip", zip(&[("t.csv", TABLE.as_bytes())]))]
    {
        let path = put(&dir, name, &bytes);
        let dataset = load(&path).unwrap();
        let options = WriteOptions { overwrite: true, ..WriteOptions::default() };
        let e = write(&dataset, &Edits::new(), &options, &path, &Progress::new()).unwrap_err().to_string();
        assert!(e.contains("source") || e.contains(".gz"), "{e}");
        assert_eq!(std::fs::read(&path).unwrap(), bytes, "{name}");
        let changed = TABLE.replace("no", "na");
        put(
            &dir,
            name,
            if name == "t.zip" { zip(&[("t.csv", changed.as_bytes())]) } else { gzip(changed.as_bytes()) },
        );
        let e = plan(&dataset, &Edits::new(), &WriteOptions::default(), &Progress::new())
            .unwrap_err()
            .to_string();
        assert!(e.contains("changed"), "{name}: {e}");
    }
}

#[test]
fn a_file_in_a_zip_has_a_path_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let path = put(&dir, "t.zip", zip(&[("a/t.csv", TABLE.as_bytes()), ("u.csv", b"id,label\n9,z\n")]));
    let both = load(&path).unwrap();
    assert_eq!((both.raters.names.join(" ").as_str(), both.n_items()), ("t u", 4), "one rater a table");
    let dataset = load(&path.join("a/t.csv")).unwrap();
    assert_eq!(dataset.n_items(), 3);
    let out = dir.path().join("o.csv");
    export(&dataset, &edits(&dataset, &[(0, "no")]), &out).unwrap();
    assert_eq!(std::fs::read_to_string(&out).unwrap(), TABLE.replace("1,a,yes", "1,a,no"));
    let options = WriteOptions { overwrite: true, ..WriteOptions::default() };
    let e = write(&dataset, &Edits::new(), &options, &path, &Progress::new()).unwrap_err().to_string();
    assert!(e.contains("source") || e.contains(".gz"), "{e}");
    assert!(load(&path.join("a/nothing.csv")).unwrap_err().contains("holds no file"));
}

#[test]
fn text_in_another_encoding_is_read_and_written_back_in_it() {
    let dir = tempfile::tempdir().unwrap();
    let text = "id,text,label\n1,café,naïf\n2,thé,sûr\n";
    let path = put(&dir, "t.csv", latin1(text));
    let e = load(&path).unwrap_err();
    assert!(e.contains("“1,café,naïf”") && e.contains("--encoding windows-1252"), "{e}");
    let overrides = Overrides { encoding: Some("latin1".into()), ..Overrides::default() };
    let dataset = open(&path, &overrides, &LoadOptions::default(), &Progress::new()).unwrap();
    assert_eq!(dataset.texts.as_ref().unwrap().get(0), "café");
    assert_eq!(dataset.source.encoding, "windows-1252");
    assert!(dataset.warnings.iter().any(|w| w.message.contains("windows-1252")), "{:?}", dataset.warnings);
    let out = dir.path().join("o.csv");
    export(&dataset, &edits(&dataset, &[(0, "sûr")]), &out).unwrap();
    assert_eq!(std::fs::read(&out).unwrap(), latin1(&text.replace("naïf", "sûr")));
    let same = dir.path().join("same.csv");
    export(&dataset, &Edits::new(), &same).unwrap();
    assert_eq!(std::fs::read(&same).unwrap(), latin1(text));
    // A source that says how it is encoded is opened again without a question.
    let json = serde_json::to_string(&dataset.source).unwrap();
    assert!(json.contains("\"encoding\":\"windows-1252\""), "{json}");
}

#[test]
fn an_encoding_is_strict_both_ways() {
    let dir = tempfile::tempdir().unwrap();
    let path = put(&dir, "t.csv", b"id,text,label\n1,\x82\xa0,a\n2,x,b\n3,\xff\xff,a\n");
    let as_ = |label: &str| {
        let overrides = Overrides { encoding: Some(label.into()), ..Overrides::default() };
        open(&path, &overrides, &LoadOptions::default(), &Progress::new()).map_err(|e| e.to_string())
    };
    let e = as_("shift_jis").unwrap_err();
    assert!(e.contains("not valid Shift_JIS") && e.contains("another encoding"), "{e}");
    let e = as_("klingon").unwrap_err();
    assert!(e.contains("“klingon”") && e.contains("windows-1252"), "{e}");
    assert!(as_("iso-2022-jp").unwrap_err().contains("UTF-8"));
    // What is Unicode by its bytes needs no name, and another name is taken at its word.
    let path = put(&dir, "u.csv", "id,text,label\n1,é,a\n2,x,b\n");
    let utf8 = Overrides { encoding: Some("utf-8".into()), ..Overrides::default() };
    let inspection = inspect(&path, &utf8, &Progress::new()).unwrap();
    assert_eq!(inspection.dialect.encoding, Encoding::Utf8);
    let overrides = Overrides { encoding: Some("windows-1252".into()), ..Overrides::default() };
    let mut dataset = open(&path, &overrides, &LoadOptions::default(), &Progress::new()).unwrap();
    assert_eq!(dataset.texts.as_ref().unwrap().get(0), "Ã©");
    // A label that the encoding cannot hold is an error, not a question mark.
    let mut names = dataset.labels.names().to_vec();
    names[1] = "да".into();
    dataset.labels = dissensus::dataset::LabelSet::new(&names, []);
    let out = dir.path().join("o.csv");
    let e = export(&dataset, &edits(&dataset, &[(0, "да")]), &out).unwrap_err();
    assert!(e.contains("“д”") && e.contains("windows-1252"), "{e}");
    assert!(!out.exists());
}

fn put(dir: &TempDir, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = dir.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

fn load(path: &Path) -> Result<Dataset, String> {
    open(path, &Overrides::default(), &LoadOptions::default(), &Progress::new()).map_err(|e| e.to_string())
}

fn edits(dataset: &Dataset, list: &[(usize, &str)]) -> Edits {
    let mut edits = Edits::new();
    for &(item, label) in list {
        let label = dataset.labels.names().iter().position(|n| n == label).unwrap() as u32;
        let outcome = Outcome::Changed(label);
        let edit = Edit::new(outcome, "zoe");
        edits.set(item, edit);
    }
    edits
}

fn export(dataset: &Dataset, edits: &Edits, out: &Path) -> Result<WriteSummary, String> {
    write(dataset, edits, &WriteOptions::default(), out, &Progress::new()).map_err(|e| e.to_string())
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn gunzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    flate2::read::GzDecoder::new(bytes).read_to_end(&mut out).unwrap();
    out
}

fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in files {
        out.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        out.write_all(bytes).unwrap();
    }
    out.finish().unwrap().into_inner()
}

fn latin1(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::{Digest as _, Sha256};
    let hex: String = Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect();
    format!("sha256:{hex}")
}
