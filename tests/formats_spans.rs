//! Formats of labelled stretches and tokens, as whole files: read, written back, read again.

// Helpers outside of `#[test]` functions unwrap too: a test that cannot set its stage has failed.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use dissensus::dataset::{Dataset, Edit, Edits, Missing, NOTHING, Outcome, Task};
use dissensus::formats::{LoadOptions, Overrides, WriteOptions, inspect, open, write};
use dissensus::progress::Progress;
use tempfile::TempDir;

mod conll {
    use super::*;

    #[test]
    fn one_column_of_tags_is_given_and_each_token_is_an_item() {
        for (file, first, last) in [
            ("bio_iob2_2col.tsv", "B-PER", "IOB2"),
            ("bioes_2col.txt", "B-PER", "BIOES"),
            ("conll2003_iob1_4col.conll", "I-PER", "IOB1"),
        ] {
            let path = data("conll").join(file);
            let dataset = read(&path);
            assert_eq!((dataset.task, dataset.raters.len()), (Task::Tokens, 0), "{file}");
            assert_eq!((dataset.keys.get(0), dataset.keys.get(8)), ("1:1", "1:9"), "{file}");
            assert_eq!(given(&dataset, 0), first, "{file}");
            assert_eq!(
                dataset.texts.as_ref().unwrap().get(7),
                "Ada Lovelace met 😊 Charles Babbage in London ."
            );
            assert_eq!(dataset.focus.as_ref().unwrap()[7], 38..44, "code points, past the emoji");
            let scheme = dataset.warnings.iter().find(|w| w.code == "tag_scheme").unwrap();
            assert!(scheme.message.contains(last), "{file}: {}", scheme.message);
            assert!(!codes(&dataset).contains(&"malformed_tag"), "{file}");
        }
        let dataset = read(&data("conll/conll2003_iob1_4col.conll"));
        assert_eq!((dataset.n_items(), dataset.keys.get(9)), (12, "2:1"));
    }

    #[test]
    fn a_changed_tag_is_one_changed_cell() {
        for (file, item, to, from, with) in [
            ("bio_iob2_2col.tsv", 7, "B-PER", "London\tB-LOC", "London\tB-PER"),
            ("bioes_2col.txt", 7, "O", "London S-LOC", "London O"),
            ("conll2003_iob1_4col.conll", 7, "I-PER", "London NNP I-NP I-LOC", "London NNP I-NP I-PER"),
        ] {
            let path = data("conll").join(file);
            let dataset = read(&path);
            let source = std::fs::read_to_string(&path).unwrap();
            assert_eq!(file_of(&dataset, &Edits::new()), source, "{file}: nothing decided, nothing changed");
            let written = file_of(&dataset, &decide(&dataset, &[(item, to)]));
            assert_eq!(written, source.replacen(from, with, 1), "{file}");
            let dir = tempfile::tempdir().unwrap();
            let again = read(&put(&dir, file, &written));
            assert_eq!(
                differences(&dataset, &again),
                [format!("1:8 given {} → {to}", given(&dataset, item))]
            );
        }
    }

    #[test]
    fn line_ends_comments_and_byte_order_marks_stay() {
        let dir = tempfile::tempdir().unwrap();
        let source = "\u{feff}# text = a b\r\na\tB-X\r\n#\tO\r\n\r\nb\tI-X";
        let path = put(&dir, "t.tsv", source);
        let dataset = read(&path);
        assert_eq!(dataset.keys.iter().collect::<Vec<_>>(), ["1:1", "1:2", "2:1"]);
        assert!(codes(&dataset).contains(&"malformed_tag"));
        let written = file_of(&dataset, &decide(&dataset, &[(2, "B-X")]));
        assert_eq!(written, source.replace("I-X", "B-X"));
    }

    #[test]
    fn several_columns_are_raters_and_a_review_is_one_more() {
        let path = data("conll/multi_annotator_columns.tsv");
        let dataset = read(&path);
        assert_eq!(dataset.raters.names, ["ana", "ben", "chi"]);
        assert_eq!(votes(&dataset, 7), "ana=B-LOC ben=B-ORG");
        assert_eq!((dataset.absences.len(), dataset.absences[0].why), (9, Missing::Unknown));
        let spans = dataset.spans.as_ref().unwrap();
        let of = |rater| spans.list.iter().filter(|s| s.rater == rater).count();
        assert_eq!((of(0), of(1), of(2)), (3, 3, 0));
        let written = file_of(&dataset, &decide(&dataset, &[(7, "B-LOC")]));
        let source = std::fs::read_to_string(&path).unwrap();
        let cut: String =
            written.lines().map(|l| l.rsplit_once('\t').map_or(l, |p| p.0).to_owned() + "\n").collect();
        assert_eq!(cut, source, "the raters' columns keep their bytes");
        let column: Vec<&str> = written.lines().filter_map(|l| l.rsplit('\t').next()).collect();
        assert_eq!(
            column[..10],
            ["reviewer:zoe", "B-PER", "?", "O", "O", "B-PER", "I-PER", "O", "B-LOC", "O"],
            "decided, or as most have it, or tied"
        );
        let dir = tempfile::tempdir().unwrap();
        let again_path = put(&dir, "multi_annotator_columns.tsv", &written);
        let again = read(&again_path);
        assert_eq!(differences(&dataset, &again), ["1:8 verdict zoe B-LOC"]);
        let twice = file_of(&again, &decide(&again, &[(1, "O")]));
        assert_eq!(twice, written.replace("Lovelace\tI-PER\tO\t?\t?", "Lovelace\tI-PER\tO\t?\tO"));
    }

    #[test]
    fn columns_without_names_get_some_with_the_reviewers() {
        let dir = tempfile::tempdir().unwrap();
        let dataset = read(&put(&dir, "t.tsv", "a B-X O\nb O O\n"));
        assert_eq!(dataset.raters.names, ["column_2", "column_3"]);
        let written = file_of(&dataset, &decide(&dataset, &[(0, "O")]));
        assert_eq!(
            written,
            "# global.columns = column_1 column_2 column_3 reviewer:zoe\na B-X O O\nb O O O\n"
        );
        let again = read(&put(&dir, "again.tsv", &written));
        assert_eq!(differences(&dataset, &again), ["1:1 verdict zoe O"]);
    }

    #[test]
    fn aligned_files_are_versions_and_a_review_is_one_more_file() {
        let dir = tempfile::tempdir().unwrap();
        let folder = tree(
            &dir,
            "set",
            &[
                ("old.tsv", "a\tB-X\nb\tO\n\nc\tO\n"),
                ("new.tsv", "a\tB-X\nb\tI-X\n\nc\tO\n"),
                ("README.md", "not this"),
            ],
        );
        let dataset = read(&folder);
        assert_eq!(dataset.raters.names, ["new", "old"]);
        assert_eq!((dataset.n_items(), votes(&dataset, 1)), (3, "new=I-X old=O".to_owned()));
        let (out, files) = folder_of(&dir, &dataset, &decide(&dataset, &[(1, "I-X")]));
        assert_eq!(files.keys().collect::<Vec<_>>(), ["new.tsv", "old.tsv", "reviewer-zoe.tsv"]);
        assert_eq!(files["reviewer-zoe.tsv"], "a\tB-X\nb\tI-X\n\nc\tO\n");
        assert_eq!(files["old.tsv"], "a\tB-X\nb\tO\n\nc\tO\n");
        assert_eq!(differences(&dataset, &read(&out)), ["1:2 verdict zoe I-X"]);
    }

    #[test]
    fn files_of_other_tokens_and_repeated_documents_are_refused_with_their_line() {
        let dir = tempfile::tempdir().unwrap();
        let folder = tree(&dir, "set", &[("a.tsv", "a\tB-X\nb\tO\n"), ("b.tsv", "a\tB-X\nc\tO\n")]);
        let e = error(&folder);
        assert!(e.contains("b.tsv, line 2: here stands “c”, in a.tsv “b” (line 2)"), "{e}");
        let once = "Ada -X- _ B-PER\nmet -X- _ O\n\n";
        let e = error(&put(&dir, "ls.conll", format!("-DOCSTART- -X- O\n{once}{once}")));
        assert!(e.contains("line 5") && e.ends_with("export JSON"), "{e}");
        assert_eq!(read(&put(&dir, "one.conll", format!("-DOCSTART- -X- O\n{once}"))).n_items(), 2);
    }
}

// What the tests stand on.

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

fn put(dir: &TempDir, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = dir.path().join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, bytes).unwrap();
    path
}

fn tree(dir: &TempDir, folder: &str, files: &[(&str, &str)]) -> PathBuf {
    for (name, text) in files {
        put(dir, &format!("{folder}/{name}"), text);
    }
    dir.path().join(folder)
}

fn try_read(path: &Path, question: &str) -> Result<Dataset, String> {
    let options = LoadOptions { question: question.into(), ..LoadOptions::default() };
    open(path, &Overrides::default(), &options, &Progress::new()).map_err(|e| e.to_string())
}

fn read(path: &Path) -> Dataset {
    let inspection = inspect(path, &Overrides::default(), &Progress::new()).unwrap();
    assert!(!inspection.detected.because.is_empty());
    try_read(path, "").unwrap()
}

fn error(path: &Path) -> String {
    try_read(path, "").unwrap_err()
}

fn codes(dataset: &Dataset) -> Vec<&str> {
    dataset.warnings.iter().map(|w| w.code.as_str()).collect()
}

fn given(dataset: &Dataset, item: usize) -> &str {
    dataset.given.as_ref().and_then(|g| g.get(item)).map_or("", |l| dataset.labels.name(l))
}

/// `rater=label` of an item, by rater.
fn votes(dataset: &Dataset, item: usize) -> String {
    let name = |a: dissensus::dataset::Annotation| {
        format!("{}={}", dataset.raters.names[a.rater as usize], dataset.labels.name(a.label))
    };
    let mut list: Vec<String> = dataset.annotations.of_item(item).map(name).collect();
    list.sort();
    list.join(" ")
}

fn decide(dataset: &Dataset, list: &[(usize, &str)]) -> Edits {
    let mut edits = Edits::new();
    for (item, label) in list {
        let outcome = Outcome::Changed(dataset.labels.id(label).unwrap());
        let edit =
            Edit { outcome, reviewer: "zoe".into(), reason: None, confidence: None, note: String::new() };
        edits.set(*item, edit);
    }
    edits
}

fn file_of(dataset: &Dataset, edits: &Edits) -> String {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    write(dataset, edits, &WriteOptions::default(), &out, &Progress::new()).unwrap();
    String::from_utf8(std::fs::read(out).unwrap()).unwrap()
}

/// Writes a folder: where it is, and its files by name.
fn folder_of(dir: &TempDir, dataset: &Dataset, edits: &Edits) -> (PathBuf, BTreeMap<String, String>) {
    let number = std::fs::read_dir(dir.path()).unwrap().count();
    let out =
        dir.path().join(format!("written{number}")).join(dataset.source.table.path.file_name().unwrap());
    std::fs::create_dir_all(out.parent().unwrap()).unwrap();
    write(dataset, edits, &WriteOptions::default(), &out, &Progress::new()).unwrap();
    let files = files_of(&out);
    (out, files)
}

fn files_of(folder: &Path) -> BTreeMap<String, String> {
    fn walk(root: &Path, folder: &Path, out: &mut BTreeMap<String, String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(root, &path, out);
            } else {
                let name = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
                out.insert(name, std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut out = BTreeMap::new();
    walk(folder, folder, &mut out);
    out
}

/// What one dataset says that the other does not, item by item.
fn differences(before: &Dataset, after: &Dataset) -> Vec<String> {
    let facts = |d: &Dataset| {
        let mut facts: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (item, key) in d.keys.iter().enumerate() {
            let text = d.texts.as_ref().map_or("", |t| t.get(item));
            let gold = d.gold.as_ref().and_then(|g| g.get(item)).map_or("", |l| d.labels.name(l));
            let focus = d.focus.as_ref().map(|f| f[item].clone());
            facts.insert(
                key.to_owned(),
                vec![
                    format!("text {text} focus {focus:?}"),
                    format!("given {}", given(d, item)),
                    format!("gold {gold}"),
                    format!("votes {}", votes(d, item)),
                ],
            );
        }
        facts
    };
    let (a, b) = (facts(before), facts(after));
    let mut out = Vec::new();
    for key in a.keys().chain(b.keys().filter(|k| !a.contains_key(*k))) {
        match (a.get(key), b.get(key)) {
            (Some(x), Some(y)) => {
                for (x, y) in x.iter().zip(y).filter(|(x, y)| x != y) {
                    let (name, y) = y.split_once(' ').unwrap();
                    out.push(format!("{key} {name} {} → {y}", x.split_once(' ').unwrap().1));
                }
            }
            (Some(_), None) => out.push(format!("{key} is gone")),
            (None, _) => out.push(format!("{key} is new")),
        }
    }
    let verdicts = |d: &Dataset| -> Vec<String> {
        d.verdicts
            .iter()
            .map(|v| format!("{} verdict {} {}", d.keys.get(v.item as usize), v.reviewer, v.label))
            .collect()
    };
    let known = verdicts(before);
    out.extend(verdicts(after).into_iter().filter(|v| !known.contains(v)));
    if before.raters.names != after.raters.names {
        out.push(format!("raters {:?} → {:?}", before.raters.names, after.raters.names));
    }
    out
}
