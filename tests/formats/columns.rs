//! Tables stored by column, workbooks, records and arrays: read, joined with probabilities, and written back.

use std::path::{Path, PathBuf};

use dissensus::dataset::{Dataset, Edit, Edits, Outcome, Task};
use dissensus::formats::{LoadOptions, Overrides, WriteOptions, inspect, open, write};
use dissensus::progress::Progress;

mod reading {
    use super::*;

    #[test]
    fn a_dictionary_of_data_sets_is_one_table_with_its_splits() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("dataset_dict.json"), r#"{"splits": ["train", "test"]}"#).unwrap();
        for split in ["train", "test"] {
            std::fs::create_dir(dir.path().join(split)).unwrap();
            for name in ["data-00000-of-00001.arrow", "dataset_info.json", "state.json"] {
                let from = data("huggingface/save_to_disk").join(name);
                std::fs::copy(from, dir.path().join(split).join(name)).unwrap();
            }
        }
        let i = inspect(dir.path(), &Overrides::default(), &Progress::new()).unwrap();
        let split = i.columns.iter().find(|c| c.name == "split").unwrap();
        assert_eq!(
            (i.detected.files, &split.examples[..]),
            (2, &["train".to_owned(), "test".to_owned()][..])
        );
        let d = read(dir.path());
        assert_eq!((d.n_items(), d.annotations.len(), d.annotations.n_duplicates()), (5, 26, 13));
        assert_eq!(d.labels.names(), ["negative", "neutral", "positive"]);
        assert!(d.source.table.digest.starts_with("sha256:"));
    }

    #[test]
    fn a_matrix_is_votes_or_counts_by_its_numbers() {
        let path = data("pred_probs/votes_matrix_nan.npy");
        let i = inspect(&path, &Overrides::default(), &Progress::new()).unwrap();
        assert!(
            i.detected.because.contains("raters' votes: some numbers are missing"),
            "{}",
            i.detected.because
        );
        let d = read(&path);
        assert_eq!((d.n_items(), d.raters.len(), d.annotations.len(), d.absences.len()), (5, 3, 13, 2));
        let dir = tempfile::tempdir().unwrap();
        let counts = dir.path().join("counts.npy");
        std::fs::write(&counts, npy("<i8", "(2, 3)", &[3i64, 0, 0, 1, 2, 0].map(i64::to_le_bytes).concat()))
            .unwrap();
        let d = read(&counts);
        assert_eq!((d.raters.anonymous, d.votes(1)), (true, vec![(0, 1), (1, 2)]));
        let names: Vec<String> = ["cat", "dog", "owl"].map(str::to_owned).to_vec();
        let options = LoadOptions { declared_labels: names.clone(), ..LoadOptions::default() };
        let named = open(&counts, &Overrides::default(), &options, &Progress::new()).unwrap();
        assert_eq!((named.labels.names(), named.votes(1)), (&names[..], vec![(0, 1), (1, 2)]));
        let sets = dir.path().join("sets.npy");
        let flags: Vec<i8> = (0..30).flat_map(|i| (0..6).map(move |c| i8::from(c == i % 6))).collect();
        std::fs::write(&sets, npy("|i1", "(30, 6)", &flags.iter().map(|&f| f as u8).collect::<Vec<_>>()))
            .unwrap();
        let d = read(&sets);
        assert_eq!((d.task, d.labels.names().len(), d.raters.len()), (Task::MultiLabel, 6, 0));
        let e = refused(&data("pred_probs/pred_probs.npy"));
        assert!(e.contains("fractions") && e.contains("--probs"), "{e}");
    }

    #[test]
    fn records_with_votes_are_long_tables() {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in [
            (
                "list.jsonl",
                "{\"id\":\"a\",\"text\":\"one two\",\"annotations\":[{\"annotator\":\"ana\",\"label\":\"x\"},\
                 {\"annotator\":\"ben\",\"label\":\"y\"}]}\n{\"id\":\"b\",\"text\":\"three\",\"annotations\":\
                 [{\"annotator\":\"ana\",\"label\":\"x\"}]}\n",
            ),
            (
                "map.json",
                "[{\"id\":\"a\",\"text\":\"one two\",\"votes\":{\"ana\":\"x\",\"ben\":\"y\"}},\
                 {\"id\":\"b\",\"text\":\"three\",\"votes\":{\"ana\":\"x\"}}]",
            ),
            (
                "flat.jsonl",
                "{\"id\":\"a\",\"annotator\":\"ana\",\"label\":\"x\"}\n{\"id\":\"a\",\"annotator\":\"ben\",\"label\":\"y\"}\n\
                 {\"id\":\"b\",\"annotator\":\"ana\",\"label\":\"x\"}\n",
            ),
            ("raters.json", "{\"ana\":{\"a\":\"x\",\"b\":\"x\"},\"ben\":{\"a\":\"y\",\"b\":null}}"),
        ] {
            let path = dir.path().join(name);
            std::fs::write(&path, text).unwrap();
            assert_eq!(votes(&read(&path)), ["a ana x", "a ben y", "b ana x"], "{name}");
        }
    }

    #[test]
    fn a_workbook_gives_its_first_sheet_with_cells() {
        let d = read(&data("../tables/votes.xlsx"));
        assert_eq!(votes(&d), ["7 ana 1", "7 ben 2", "8 ana 1", "8 ben 1"]);
        let note = d.warnings.iter().find(|w| w.code == "other_sheets").unwrap();
        assert!(note.message.contains("“Votes”") && note.message.contains("“Notes”"), "{}", note.message);
        let i = inspect(&data("../tables/votes.xlsx"), &Overrides::default(), &Progress::new()).unwrap();
        let examples = |name: &str| i.columns.iter().find(|c| c.name == name).unwrap().examples.clone();
        assert_eq!(examples("when"), ["2024-02-29", "2024-02-29T13:05:00"]);
        assert_eq!(
            (examples("seconds"), examples("note")[0].as_str()),
            (["1.5", "2", "3", "4"].map(str::to_owned).to_vec(), "NA")
        );
    }

    #[test]
    fn damaged_files_are_refused_by_name() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["plain_long.arrow", "plain_long.feather", "plain_long_dictionary.parquet"] {
            let bytes = std::fs::read(data(&format!("huggingface/{name}"))).unwrap();
            let path = dir.path().join(name);
            for cut in (0..bytes.len()).step_by(37) {
                std::fs::write(&path, &bytes[..cut]).unwrap();
                if let Err(e) = open(&path, &Overrides::default(), &LoadOptions::default(), &Progress::new())
                {
                    assert!(e.to_string().contains(name), "{e}");
                }
            }
            // Every byte in turn: an error or a table, never a panic.
            for at in (0..bytes.len()).step_by(7) {
                let mut bad = bytes.clone();
                bad[at] ^= 0xff;
                std::fs::write(&path, &bad).unwrap();
                if let Err(e) = open(&path, &Overrides::default(), &LoadOptions::default(), &Progress::new())
                {
                    assert!(e.to_string().contains(name), "{e}");
                }
            }
        }
        for (magic, word) in [("PAR1", "Parquet"), ("ARROW1", "Arrow"), ("FEA1", "version=2")] {
            let path = dir.path().join("garbage");
            std::fs::write(&path, format!("{magic}{}", "x".repeat(500))).unwrap();
            let e = refused(&path);
            assert!(e.contains("garbage") && e.contains(word), "{e}");
        }
    }
}

mod writing {
    use super::*;

    #[test]
    fn a_given_label_changes_in_its_place_and_columns_say_so() {
        for name in [
            "parquet_with_features/data/train-00000-of-00001.parquet",
            "save_to_disk/data-00000-of-00001.arrow",
        ] {
            let path = data(&format!("huggingface/{name}"));
            let before = read(&path);
            let after = rewritten(&path, &[(0, Outcome::Changed(0)), (2, Outcome::Kept(0))]);
            assert_eq!(votes(&after), VOTES, "{name}");
            assert_eq!(
                (&after.labels, &after.keys, &after.texts),
                (&before.labels, &before.keys, &before.texts)
            );
            let mut expected = before.given.as_ref().unwrap().ids.clone();
            (expected[0], expected[2]) = (0, 0);
            assert_eq!(after.given.as_ref().unwrap().ids, expected, "{name}");
            let names: Vec<&str> = after.source.roles.iter().map(|(n, _)| n.as_str()).collect();
            let added = ["label_original", "dissensus_action", "dissensus_confidence"];
            assert!(added.iter().all(|a| names.contains(a)), "{name}: {names:?}");
        }
    }

    #[test]
    fn new_classes_come_last_and_excluded_rows_go() {
        let path = data("huggingface/parquet_with_features/data/train-00000-of-00001.parquet");
        let declared = ["negative", "neutral", "positive", "mixed"].map(str::to_owned).to_vec();
        let options = LoadOptions { declared_labels: declared.clone(), ..LoadOptions::default() };
        let d = open(&path, &Overrides::default(), &options, &Progress::new()).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("out.parquet");
        let edits = edits(&[(1, Outcome::Changed(3)), (4, Outcome::Excluded)]);
        let summary = write(&d, &edits, &WriteOptions::default(), &out, &Progress::new()).unwrap();
        assert_eq!((summary.rows_in, summary.rows_out), (5, 4));
        let after = read(&out);
        assert_eq!((after.labels.names(), after.n_items()), (declared.as_slice(), 4));
        assert_eq!(after.given.unwrap().ids[1], 3);
    }

    #[test]
    fn what_cannot_be_written_back_says_what_to_do() {
        let d = read(&data("pred_probs/bundle.npz"));
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("out");
        let edits = edits(&[(0, Outcome::Changed(1))]);
        let e = write(&d, &edits, &WriteOptions::default(), &out, &Progress::new()).unwrap_err().to_string();
        assert!(e.contains("not written back") && e.contains("consensus table"), "{e}");
    }
}

mod probabilities {
    use super::*;

    #[test]
    fn parts_are_put_together_and_half_precision_tells_its_ties() {
        let dir = tempfile::tempdir().unwrap();
        let table = dir.path().join("t.csv");
        std::fs::write(&table, "id,label\n1,a\n2,b\n3,a\n").unwrap();
        let part = |n: u32, shape: &str, rows: &[f64]| {
            let bytes: Vec<u8> = rows.iter().flat_map(|x| x.to_le_bytes()).collect();
            std::fs::write(dir.path().join(format!("p.part{n}_of_2.npy")), npy("<f8", shape, &bytes))
                .unwrap();
        };
        part(1, "(2, 2)", &[0.9, 0.1, 0.2, 0.8]);
        let probabilities = Some(dir.path().join("p.part1_of_2.npy"));
        let options = LoadOptions { probabilities, ..LoadOptions::default() };
        let read = || open(&table, &Overrides::default(), &options, &Progress::new());
        let e = read().unwrap_err().to_string();
        assert!(e.contains("p.part2_of_2.npy") && e.contains("not there"), "{e}");
        part(2, "(1, 2)", &[0.7, 0.3]);
        let p = read().unwrap().probabilities.unwrap();
        assert_eq!((p.row(0), p.row(2)), (vec![0.9, 0.1], vec![0.7, 0.3]));
        let d = with_probabilities("pred_probs/pred_probs_f2.npy").unwrap();
        let ties = d.warnings.iter().find(|w| w.code == "half_precision_ties");
        assert_eq!(ties.map(|w| w.message.contains("ties: 2")), Some(true), "{ties:?}");
    }
}

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/format_examples").join(name)
}

fn with_probabilities(name: &str) -> Result<Dataset, String> {
    let dir = tempfile::tempdir().unwrap();
    let table = dir.path().join("long.csv");
    let rows = "t1,ana,positive\nt2,ana,negative\nt3,ana,negative\nt4,ana,neutral\nt5,ana,positive\n";
    std::fs::write(&table, format!("item_id,rater_id,label\n{rows}t1,ben,positive\nt2,ben,neutral\n"))
        .unwrap();
    let options = LoadOptions { probabilities: Some(data(name)), ..LoadOptions::default() };
    open(&table, &Overrides::default(), &options, &Progress::new()).map_err(|e| e.to_string())
}

const VOTES: [&str; 13] = [
    "t1 ana positive",
    "t1 ben positive",
    "t1 chi positive",
    "t2 ana negative",
    "t2 ben neutral",
    "t2 chi negative",
    "t3 ana negative",
    "t3 ben negative",
    "t4 ana neutral",
    "t4 ben positive",
    "t4 chi neutral",
    "t5 ana positive",
    "t5 chi negative",
];

fn read(path: &Path) -> Dataset {
    open(path, &Overrides::default(), &LoadOptions::default(), &Progress::new()).unwrap()
}

fn refused(path: &Path) -> String {
    open(path, &Overrides::default(), &LoadOptions::default(), &Progress::new()).unwrap_err().to_string()
}

/// Every annotation as `item rater label`.
fn votes(d: &Dataset) -> Vec<String> {
    let mut list = Vec::new();
    for item in 0..d.n_items() {
        for a in d.annotations.of_item(item) {
            let (key, rater) = (d.keys.get(item), &d.raters.names[a.rater as usize]);
            list.push(format!("{key} {rater} {}", d.labels.name(a.label)));
        }
    }
    list
}

fn edits(list: &[(usize, Outcome)]) -> Edits {
    let mut edits = Edits::new();
    for (item, outcome) in list {
        edits.set(*item, Edit { confidence: Some(2), ..Edit::new(outcome.clone(), "rev") });
    }
    edits
}

/// The file written with decisions and opened again, under its own name.
fn rewritten(path: &Path, list: &[(usize, Outcome)]) -> Dataset {
    let dir = tempfile::tempdir().unwrap();
    let d = read(path);
    // What stands beside the file names its classes.
    let beside = path.with_file_name("dataset_info.json");
    if beside.is_file() {
        std::fs::copy(&beside, dir.path().join("dataset_info.json")).unwrap();
    }
    let out = dir.path().join(path.file_name().unwrap());
    write(&d, &edits(list), &WriteOptions::default(), &out, &Progress::new()).unwrap();
    read(&out)
}

/// An array file.
fn npy(descr: &str, shape: &str, numbers: &[u8]) -> Vec<u8> {
    let mut head = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}");
    while (10 + head.len() + 1) % 64 != 0 {
        head.push(' ');
    }
    head.push('\n');
    let mut out = b"\x93NUMPY\x01\x00".to_vec();
    out.extend((head.len() as u16).to_le_bytes());
    out.extend(head.as_bytes());
    out.extend(numbers);
    out
}
