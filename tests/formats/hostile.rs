//! Hostile files: each is read with a word about it or refused with its place and a remedy. Nothing panics,
//! nothing takes long, nothing takes much memory: every file is opened in a process of its own, which is measured.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use dissensus::dataset::Dataset;
use dissensus::formats::media::{MediaError, decode, resolve};
use dissensus::formats::{FormatError, LoadOptions, Overrides, inspect, open, parse_npy_header};
use dissensus::progress::Progress;

/// What a file must lead to.
enum Outcome {
    /// It is read, with these warnings.
    Read(&'static [&'static str]),
    /// It is refused, in these words among others.
    Refused(&'static [&'static str]),
}

use Outcome::{Read, Refused};

const EXPECTED: &[(&str, Outcome)] = &[
    ("bidi_and_zero_width.jsonl", Read(&["similar_labels"])),
    ("big_int_ids.jsonl", Read(&[])),
    ("billion_laughs_small.xmi", Refused(&["<!DOCTYPE"])),
    ("bom_utf8.csv", Read(&["dialect"])),
    ("cr_only_line_ends.csv", Read(&["dialect"])),
    ("deep_nesting_100k.json", Refused(&["JSON"])),
    ("duplicate_headers.csv", Read(&["duplicate_header"])),
    ("duplicate_keys.json", Read(&["json_duplicate_key", "votes_in_rows", "duplicate_pair"])),
    ("formula_injection.csv", Read(&["formula_cell"])),
    ("latin1_invalid_utf8.csv", Refused(&["line 2, column 6", "0xE9", "café", "--encoding windows-1252"])),
    ("nan_inf.jsonl", Refused(&["no column holds labels", "--role"])),
    ("npy_header_code.npy", Refused(&["plain description"])),
    ("npy_shape_overflow.npy", Refused(&["shape", "4611686018427387904"])),
    ("npy_truncated.npy", Refused(&["needs 120 bytes", "has 16"])),
    ("nul_bytes.csv", Read(&["nul_character"])),
    ("path_traversal_tasks.json", Refused(&["asks no question"])),
    ("png_claims_60000x60000.png", Refused(&["PNG"])),
    ("ragged_and_unclosed_quote.csv", Refused(&["line 5, column 2", "never closed"])),
    ("semicolon_decimal_comma.csv", Refused(&["no column holds labels", "--probs"])),
    ("utf16le_bom.csv", Read(&["dialect"])),
    ("xxe.xml", Refused(&["<!DOCTYPE"])),
    ("zip_bomb_20MB.zip", Refused(&["“zeros.jsonl”", "200 times"])),
    ("zip_slip.zip", Refused(&["“../../evil.txt”", "points out of the archive"])),
];

/// Longest that a file may take, and most memory, in KiB.
const MOST_TIME: Duration = Duration::from_secs(5);
const MOST_MEMORY: u64 = 512 << 10;

#[test]
fn every_hostile_file_has_the_stated_outcome() {
    let mut names: Vec<String> = std::fs::read_dir(file(""))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let stated: Vec<&str> = EXPECTED.iter().map(|(n, _)| *n).collect();
    assert_eq!(names, stated, "a file without a stated outcome");
    for (name, expected) in EXPECTED {
        match (load(name), expected) {
            (Ok(dataset), Read(codes)) => assert_eq!(codes_of(&dataset), *codes, "{name}"),
            (Ok(d), Refused(_)) => panic!("{name} was read: {:?}", d.warnings),
            (Err(e), Refused(words)) => refused_well(name, &e, words),
            (Err(e), Read(_)) => panic!("{name} was refused: {e}"),
        }
    }
}

/// A refusal is one sentence that names the file and says what to do.
fn refused_well(name: &str, e: &FormatError, words: &[&str]) {
    let text = e.to_string();
    assert!(text.contains(name), "{name}: the message names the file: {text}");
    assert!(words.iter().all(|w| text.contains(w)), "{name}: {text}");
    assert!(!e.detail().unwrap().remedy.is_empty(), "{name}: no remedy: {text}");
    assert!(!text.contains('\n') && !text.ends_with('.'), "{name}: {text}");
}

/// Bombs and mazes that are too large to keep.
fn made(dir: &Path) -> Vec<PathBuf> {
    let write = |name: &str, bytes: &[u8]| {
        let path = dir.join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let zeros = vec![b'0'; 1 << 20];
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut zstd = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
    for _ in 0..1024 {
        gzip.write_all(&zeros).unwrap();
        zstd.write_all(&zeros).unwrap();
    }
    let options = zip::write::SimpleFileOptions::default();
    let mut many = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for i in 0..100_001 {
        many.start_file(format!("{i}.csv"), options.compression_method(zip::CompressionMethod::Stored))
            .unwrap();
    }
    let mut nested = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    nested.start_file("inner.csv", options).unwrap();
    nested.write_all(b"PK\x03\x04 and so on").unwrap();
    let mut lying = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    lying.start_file("a.csv", options).unwrap();
    lying.write_all(&zeros[..100_000]).unwrap();
    let mut lying = lying.finish().unwrap().into_inner();
    // The size that the list of files gives, made smaller than what comes out.
    let list = lying.windows(4).rposition(|w| w == b"PK\x01\x02").unwrap();
    lying[list + 24..list + 28].copy_from_slice(&10u32.to_le_bytes());
    vec![
        write("bomb.csv.gz", &gzip.finish().unwrap()),
        write("bomb.csv.zst", &zstd.finish().unwrap()),
        write("many.zip", &many.finish().unwrap().into_inner()),
        write("nested.zip", &nested.finish().unwrap().into_inner()),
        write("lying.zip", &lying),
        write("deep.json", "{\"a\":[".repeat(2_000_000).as_bytes()),
        write("strings.json", format!("[\"{}", "\\u0000".repeat(3_000_000)).as_bytes()),
        write("wide.csv", "a,".repeat(5_000_000).as_bytes()),
        write("comment.xml", format!("<?xml version=\"1.0\"?><!--{}-->", "- ".repeat(5_000_000)).as_bytes()),
    ]
}

#[test]
fn no_file_takes_long_or_much_memory() {
    let dir = tempfile::tempdir().unwrap();
    let mut files = made(dir.path());
    let made = files.len();
    files.extend(EXPECTED.iter().map(|(name, _)| file(name)));
    for (i, path) in files.iter().enumerate() {
        let began = Instant::now();
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "hostile::one_file_in_a_process_of_its_own", "--nocapture", "--test-threads=1"])
            .env(FILE, path)
            .output()
            .unwrap();
        let (took, out) = (began.elapsed(), String::from_utf8_lossy(&child.stdout).into_owned());
        let name = path.file_name().unwrap().to_string_lossy();
        assert!(child.status.success(), "{name}: {out}{}", String::from_utf8_lossy(&child.stderr));
        assert!(took < MOST_TIME, "{name} took {took:?}");
        let said = |key: &str| out.lines().find_map(|l| l.split_once(key)).map(|(_, v)| v.trim().to_owned());
        if i < made {
            assert!(
                said("refused:").is_some_and(|e| e.contains(&*name) && e.contains("; ")),
                "{name}: {out}"
            );
        }
        if let Some(memory) = said("memory:") {
            assert!(memory.parse::<u64>().unwrap() < MOST_MEMORY, "{name} took {memory} KiB");
        }
    }
}

/// Names the file that [`one_file_in_a_process_of_its_own`] opens.
const FILE: &str = "DISSENSUS_HOSTILE_FILE";

/// Does nothing unless it was started by the test above.
#[test]
fn one_file_in_a_process_of_its_own() {
    let Some(path) = std::env::var_os(FILE).map(PathBuf::from) else { return };
    let looked = inspect(&path, &Overrides::default(), &Progress::new());
    let outcome = open(&path, &Overrides::default(), &LoadOptions::default(), &Progress::new());
    let mut out = std::io::stdout();
    match outcome {
        Ok(dataset) => writeln!(out, "\nread: {} items", dataset.n_items()).unwrap(),
        Err(e) => writeln!(out, "\nrefused: {e}").unwrap(),
    }
    drop(looked);
    // Only Linux says so without more ado.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    if let Some(line) = status.lines().find_map(|l| l.strip_prefix("VmHWM:")) {
        writeln!(out, "memory: {}", line.trim().trim_end_matches(" kB")).unwrap();
    }
}

#[test]
fn no_path_of_a_hostile_file_leads_anywhere() {
    let text = std::fs::read_to_string(file("path_traversal_tasks.json")).unwrap();
    let tasks: serde_json::Value = serde_json::from_str(&text).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("images");
    std::fs::create_dir(&root).unwrap();
    std::fs::create_dir(dir.path().join("images_evil")).unwrap();
    std::fs::write(dir.path().join("x.png"), "x").unwrap();
    let paths: Vec<&str> =
        tasks.as_array().unwrap().iter().map(|t| t["data"]["image"].as_str().unwrap()).collect();
    assert_eq!(paths.len(), 9);
    for path in paths {
        let refused = resolve(&root, path).unwrap_err();
        assert!(!refused.to_string().is_empty(), "{path}");
    }
}

#[test]
fn a_picture_that_claims_to_be_huge_is_refused_at_once() {
    let began = Instant::now();
    let e = decode(&file("png_claims_60000x60000.png"), 4096).unwrap_err();
    assert!(matches!(e, MediaError::TooLarge { .. }), "{e}");
    assert!(began.elapsed() < Duration::from_millis(500));
    for (name, _) in EXPECTED {
        assert!(decode(&file(name), 4096).is_err(), "{name} is no picture");
    }
}

#[test]
fn every_hostile_file_is_harmless_as_probabilities() {
    let dir = tempfile::tempdir().unwrap();
    let table = dir.path().join("t.csv");
    std::fs::write(&table, "id,label\n1,a\n2,b\n").unwrap();
    for (name, _) in EXPECTED {
        let options = LoadOptions { probabilities: Some(file(name)), ..LoadOptions::default() };
        let e = open(&table, &Overrides::default(), &options, &Progress::new()).unwrap_err();
        assert!(e.to_string().contains(name), "{name}: {e}");
    }
}

#[test]
fn what_can_be_read_is_read_exactly() {
    let ids = load("big_int_ids.jsonl").unwrap();
    assert_eq!(ids.keys.iter().collect::<Vec<_>>(), ["9007199254740993", "9007199254740992"]);
    let bom = load("bom_utf8.csv").unwrap();
    assert_eq!((bom.keys.get(0), bom.texts.unwrap().get(0)), ("1", "café"));
    let cr = load("cr_only_line_ends.csv").unwrap();
    assert_eq!((cr.n_items(), cr.labels.names().join(",")), (2, "a,b".to_owned()));
    let utf16 = load("utf16le_bom.csv").unwrap();
    assert_eq!((utf16.texts.unwrap().get(0), utf16.labels.name(0)), ("café", "a"));
    let nul = load("nul_bytes.csv").unwrap();
    assert_eq!(nul.texts.unwrap().get(0), "a\0b");
    let formulas = load("formula_injection.csv").unwrap();
    assert_eq!(formulas.texts.unwrap().get(4), "\t=1+1");
    assert_eq!(formulas.raters.names, ["ana", "ben", "=evil_rater"]);
}

#[test]
fn a_semicolon_table_shows_its_decimal_commas_as_probabilities() {
    let inspection =
        inspect(&file("semicolon_decimal_comma.csv"), &Overrides::default(), &Progress::new()).unwrap();
    assert_eq!(inspection.dialect.delimiter, b';');
    let roles: Vec<String> = inspection.roles().iter().map(ToString::to_string).collect();
    assert_eq!(roles, ["item", "text", "probability:a", "probability:b"]);
}

/// Nothing times anything is nothing: such a shape fits every file and must not size an allocation.
#[test]
fn an_empty_matrix_of_endless_width_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (table, npy) = (dir.path().join("t.csv"), dir.path().join("p.npy"));
    std::fs::write(&table, "id,label\n1,0\n2,1\n").unwrap();
    for shape in ["(0, 2032713361336570992)", "(2032713361336570992, 0)"] {
        let dictionary = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}\n");
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend((dictionary.len() as u16).to_le_bytes());
        bytes.extend(dictionary.as_bytes());
        std::fs::write(&npy, bytes).unwrap();
        let options = LoadOptions { probabilities: Some(npy.clone()), ..LoadOptions::default() };
        let e = open(&table, &Overrides::default(), &options, &Progress::new()).unwrap_err();
        assert!(e.to_string().contains("the matrix is empty"), "{e}");
    }
}

#[cfg(unix)]
#[test]
fn devices_and_folders_are_refused() {
    let empty = tempfile::tempdir().unwrap();
    for path in [Path::new("/dev/zero"), Path::new("/dev/null"), empty.path()] {
        assert!(open(path, &Overrides::default(), &LoadOptions::default(), &Progress::new()).is_err());
    }
}

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/format_examples/hostile").join(name)
}

fn load(name: &str) -> Result<Dataset, FormatError> {
    open(&file(name), &Overrides::default(), &LoadOptions::default(), &Progress::new())
}

fn codes_of(dataset: &Dataset) -> Vec<&str> {
    dataset.warnings.iter().map(|w| w.code.as_str()).collect()
}

mod fuzz {
    use super::*;
    use proptest::prelude::*;

    fn load_bytes(name: &str, bytes: &[u8]) -> Result<Dataset, FormatError> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        open(&path, &Overrides::default(), &LoadOptions::default(), &Progress::new())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = load_bytes("x.csv", &bytes);
        }

        #[test]
        fn any_text_is_read_or_refused(text in "(id|label|rater|text|p_a|p_b|[ab01.,;\t|\"\r\n=é\u{0}]){0,40}") {
            let _ = load_bytes("x.csv", text.as_bytes());
        }

        /// Shapes of any size, with a few bytes behind: an array is never larger than its file.
        #[test]
        fn no_array_is_larger_than_its_file(
            dims in prop::collection::vec(prop_oneof![0usize..6, any::<usize>()], 0..4),
            descr in prop::sample::select(vec!["<f8", ">f2", "|O", "<U99999999", "|S1", "<i8", "|b1", "<c16"]),
            fortran in any::<bool>(),
            data in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            let shape: String = dims.iter().map(|d| format!("{d},")).collect();
            let order = if fortran { "True" } else { "False" };
            let dictionary = format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': ({shape}), }}\n");
            let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
            bytes.extend((dictionary.len() as u16).to_le_bytes());
            bytes.extend(dictionary.as_bytes());
            bytes.extend(&data);
            let _ = parse_npy_header(&bytes);
            if let Ok(dataset) = load_bytes("x.npy", &bytes) {
                prop_assert!(dataset.n_items() <= data.len());
            }
            let dir = tempfile::tempdir().unwrap();
            let (table, npy) = (dir.path().join("t.csv"), dir.path().join("p.npy"));
            std::fs::write(&table, "id,label\n1,a\n2,b\n").unwrap();
            std::fs::write(&npy, &bytes).unwrap();
            let options = LoadOptions { probabilities: Some(npy), ..LoadOptions::default() };
            let _ = open(&table, &Overrides::default(), &options, &Progress::new());
        }
    }
}
