//! Hostile files: each is read with a warning or refused with its place and a remedy; nothing panics.

// Helpers outside of `#[test]` functions unwrap too: a test that cannot set its stage has failed.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use dissensus::dataset::Dataset;
use dissensus::formats::{FormatError, LoadOptions, Overrides, inspect, open, parse_npy_header};
use dissensus::progress::Progress;

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/hostile").join(name)
}

fn load(name: &str) -> Result<Dataset, FormatError> {
    open(&file(name), &Overrides::default(), &LoadOptions::default(), &Progress::new())
}

fn codes(dataset: &Dataset) -> Vec<&str> {
    dataset.warnings.iter().map(|w| w.code.as_str()).collect()
}

/// What each file must lead to: `Ok(warning codes)`, or `Err(words of the message)`.
type Outcome = Result<&'static [&'static str], &'static [&'static str]>;

const EXPECTED: &[(&str, Outcome)] = &[
    ("bidi_and_zero_width.jsonl", Ok(&["similar_labels"])),
    ("big_int_ids.jsonl", Ok(&[])),
    ("billion_laughs_small.xmi", Err(&["XML"])),
    ("bom_utf8.csv", Ok(&["dialect"])),
    ("cr_only_line_ends.csv", Ok(&["dialect"])),
    ("deep_nesting_100k.json", Err(&["JSON"])),
    ("duplicate_headers.csv", Ok(&["duplicate_header"])),
    ("duplicate_keys.json", Ok(&["json_duplicate_key", "votes_in_rows", "duplicate_pair"])),
    ("formula_injection.csv", Ok(&["formula_cell"])),
    ("latin1_invalid_utf8.csv", Err(&["line 2, column 6", "0xE9", "café", "UTF-8"])),
    ("nan_inf.jsonl", Err(&["no column holds labels"])),
    ("npy_header_code.npy", Err(&["plain description"])),
    ("npy_shape_overflow.npy", Err(&["shape", "4611686018427387904"])),
    ("npy_truncated.npy", Err(&["needs 120 bytes", "has 16"])),
    ("nul_bytes.csv", Ok(&["nul_character"])),
    ("path_traversal_tasks.json", Err(&["no column holds labels"])),
    ("png_claims_60000x60000.png", Err(&["PNG"])),
    ("ragged_and_unclosed_quote.csv", Err(&["line 5, column 2", "never closed"])),
    ("semicolon_decimal_comma.csv", Err(&["no column holds labels", "--role"])),
    ("utf16le_bom.csv", Ok(&["dialect"])),
    ("xxe.xml", Err(&["XML"])),
    ("zip_bomb_20MB.zip", Err(&["zip"])),
    ("zip_slip.zip", Err(&["zip"])),
];

#[test]
fn every_hostile_file_has_the_stated_outcome() {
    let mut names: Vec<String> = std::fs::read_dir(file(""))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(
        names,
        EXPECTED.iter().map(|(n, _)| *n).collect::<Vec<_>>(),
        "a file without a stated outcome"
    );
    for (name, expected) in EXPECTED {
        match (load(name), expected) {
            (Ok(dataset), Ok(expected)) => assert_eq!(codes(&dataset), *expected, "{name}"),
            (Err(e), Err(words)) => {
                let text = e.to_string();
                assert!(text.contains(name), "{name}: the message names the file: {text}");
                assert!(words.iter().all(|w| text.contains(w)), "{name}: {text}");
                assert!(!e.detail().unwrap().remedy.is_empty(), "{name}: no remedy");
                assert!(!text.contains('\n') && !text.ends_with('.'), "{name}: {text}");
            }
            (Ok(d), Err(_)) => panic!("{name} was read: {:?}", d.warnings),
            (Err(e), Ok(_)) => panic!("{name} was refused: {e}"),
        }
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
    for path in ["/dev/zero", "/dev/null", "."] {
        assert!(
            open(Path::new(path), &Overrides::default(), &LoadOptions::default(), &Progress::new()).is_err()
        );
    }
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
