//! Formats of labelled stretches and tokens, as whole files: read, written back, read again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use dissensus::dataset::{Dataset, Edit, Edits, Missing, NOTHING, Outcome, Task};
use dissensus::formats::{LoadOptions, Overrides, WriteOptions, inspect, open, write};
use dissensus::progress::Progress;
use tempfile::TempDir;

mod conll {
    use super::*;

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

mod brat {
    use super::*;

    const TEXT: &str = "Ada met Bo in e\u{301}clair 😊 Rome\r\nand Oslo";

    #[test]
    fn a_review_is_a_folder_beside_the_raters() {
        let dir = tempfile::tempdir().unwrap();
        let dataset = read(&data("brat"));
        let (out, files) = folder_of(&dir, &dataset, &Edits::new());
        assert_eq!(files, files_of(&data("brat")), "nothing decided, nothing changed");
        assert_eq!(differences(&dataset, &read(&out)), NONE);
        let city = item(&dataset, "doc1:38-44");
        let (out, mut files) = folder_of(&dir, &dataset, &decide(&dataset, &[(city, "LOC")]));
        let ann = files.remove("reviewer-zoe/doc1.ann").unwrap();
        assert_eq!(ann, "T1\tPER 0 3\tAda\nT2\tPER 19 34\tCharles Babbage\nT3\tLOC 38 44\tLondon\n");
        assert_eq!(files.remove("reviewer-zoe/doc1.txt"), files.get("ana/doc1.txt").cloned());
        assert_eq!(files.remove("reviewed.jsonl").unwrap().lines().count(), 1);
        assert_eq!(files, files_of(&data("brat")), "the raters' files keep their bytes");
        let again = read(&out);
        assert_eq!(differences(&dataset, &again), ["doc1:38-44 verdict zoe LOC"]);
        let whole = item(&again, "doc1:0-12");
        let (out, files) = folder_of(&dir, &again, &decide(&again, &[(whole, NOTHING)]));
        assert_eq!(files["reviewer-zoe/doc1.ann"], ann, "what was decided before stays decided");
        assert_eq!(differences(&again, &read(&out)), [format!("doc1:0-12 verdict zoe {NOTHING}")]);
    }

    #[test]
    fn one_rater_is_corrected_in_place() {
        let dir = tempfile::tempdir().unwrap();
        let ann = std::fs::read_to_string(data("brat/ana/doc1.ann")).unwrap();
        let text = std::fs::read_to_string(data("brat/ana/doc1.txt")).unwrap();
        let folder = tree(
            &dir,
            "ana",
            &[("doc1.ann", &ann), ("doc1.txt", &text), ("empty.txt", "x"), ("empty.ann", "")],
        );
        let dataset = read(&folder);
        assert_eq!(dataset.raters.names, ["ana"]);
        assert_eq!(folder_of(&dir, &dataset, &Edits::new()).1, files_of(&folder));
        let (city, met) = (item(&dataset, "doc1:38-44"), item(&dataset, "doc1:13-16"));
        let (out, files) = folder_of(&dir, &dataset, &decide(&dataset, &[(city, "Meeting"), (met, "PER")]));
        let expected = ann
            .replace("LOC 38 44", "Meeting 38 44")
            .replace("Meeting 13 16", "PER 13 16")
            .replace("Meeting:T4", "PER:T4");
        assert_eq!(files["doc1.ann"], expected, "an event has its trigger's type");
        assert_eq!(
            differences(&dataset, &read(&out)),
            ["doc1:13-16 votes ana=Meeting → ana=PER", "doc1:38-44 votes ana=LOC → ana=Meeting",]
        );
        let (_, files) = folder_of(&dir, &dataset, &decide(&dataset, &[(city, NOTHING)]));
        let expected: String = ann.split_inclusive('\n').filter(|l| !l.contains("T3")).collect();
        assert_eq!(files["doc1.ann"], expected, "with what refers to it");
        let alone = folder.join("doc1.ann");
        let dataset = read(&alone);
        let city = item(&dataset, "doc1:38-44");
        let written = file_of(&dataset, &decide(&dataset, &[(city, "PER")]));
        assert_eq!(written, ann.replace("LOC 38 44", "PER 38 44"));
    }

    #[test]
    fn suffixes_empty_files_and_missing_files() {
        let dir = tempfile::tempdir().unwrap();
        let folder = tree(
            &dir,
            "set",
            &[
                ("a.txt", TEXT),
                ("a.ana.ann", "T1\tLOC 24 28\tRome\n"),
                ("a.ben.ann", ""),
                ("b.txt", "Oslo"),
                ("b.ana.ann", "T1\tLOC 0 4\tOslo\n"),
            ],
        );
        let dataset = read(&folder);
        assert_eq!(
            votes(&dataset, 0),
            format!("ana=LOC ben={NOTHING}"),
            "an empty file says that there is nothing"
        );
        assert_eq!(votes(&dataset, 1), "ana=LOC", "no file says nothing");
        let (out, files) = folder_of(&dir, &dataset, &decide(&dataset, &[(0, "LOC")]));
        assert_eq!(files["a.reviewer-zoe.ann"], "T1\tLOC 24 28\tRome\n");
        assert_eq!(differences(&dataset, &read(&out)), ["a:24-28 verdict zoe LOC"]);
    }

    #[test]
    fn line_ends_count_as_one_and_texts_must_be_the_same() {
        let dir = tempfile::tempdir().unwrap();
        let folder = tree(
            &dir,
            "ana",
            &[("a.txt", TEXT), ("a.ann", "T1\tLOC 33 37\tOslo\nT2\tX 9 99\tx\nnot brat\n")],
        );
        let dataset = read(&folder);
        assert_eq!(dataset.texts.as_ref().unwrap().get(0), TEXT.replace("\r\n", "\n"));
        assert_eq!(dataset.keys.iter().collect::<Vec<_>>(), ["a:33-37"]);
        assert_eq!(codes(&dataset), ["odd_line", "covered_text", "outside_text"]);
        let folder =
            tree(&dir, "two", &[("x/a.txt", "Ada"), ("x/a.ann", ""), ("y/a.txt", "Bo"), ("y/a.ann", "")]);
        let e = error(&folder);
        assert!(e.contains("raters have different texts of “a”"), "{e}");
    }
}

mod webanno {
    use super::*;

    const HEADER: &str =
        "#FORMAT=WebAnno TSV 3.3\n#T_SP=a.b.NamedEntity|identifier|value\n#T_RL=a.Dep|kind|BT_a.B\n\n\n";

    #[test]
    fn a_review_is_a_file_beside_the_curation() {
        let dir = tempfile::tempdir().unwrap();
        let dataset = read(&data("inception/project_export"));
        let (out, files) = folder_of(&dir, &dataset, &Edits::new());
        assert_eq!(files, files_of(&data("inception/project_export")));
        assert_eq!(differences(&dataset, &read(&out)), NONE);
        let list = [(item(&dataset, "doc1.txt:0-12"), "PER"), (item(&dataset, "doc1.txt:38-44"), NOTHING)];
        let (out, mut files) = folder_of(&dir, &dataset, &decide(&dataset, &list));
        let curated = files["curation/doc1.txt/CURATION_USER.tsv"].clone();
        let expected = curated.replace("London\tLOC", "London\t_");
        assert_eq!(
            files.remove("curation/doc1.txt/reviewer-zoe.tsv"),
            Some(expected),
            "as the tool writes it"
        );
        assert_eq!(files.remove("reviewed.jsonl").unwrap().lines().count(), 2);
        assert_eq!(files, files_of(&data("inception/project_export")));
        let again = read(&out);
        assert_eq!(
            differences(&dataset, &again),
            ["doc1.txt:0-12 verdict zoe PER".to_owned(), format!("doc1.txt:38-44 verdict zoe {NOTHING}"),]
        );
    }

    #[test]
    fn a_changed_value_is_its_cells_in_one_file() {
        let dir = tempfile::tempdir().unwrap();
        let rows = [
            "#Text=Ada😊 Bo\n",
            "1-1\t0-5\tAda😊\t*[1]|*[2]\tPER[1]|x\\_y[2]\t_\t_\t\n",
            "1-2\t6-8\tBo\t*[1]\tPER[1]\tk\t1-1\t\n",
            "1-2.1\t6-7\tB\t*\t*\t_\t_\t\n\n",
        ];
        let source = format!("{HEADER}{}", rows.concat());
        let path = put(&dir, "doc.tsv", &source);
        let dataset = read(&path);
        let keys: Vec<&str> = dataset.keys.iter().collect();
        assert_eq!((keys, dataset.field()), (vec!["doc:0-4", "doc:0-7", "doc:5-6"], "NamedEntity.value"));
        assert_eq!(
            [votes(&dataset, 0), votes(&dataset, 1), votes(&dataset, 2)],
            ["doc=x_y", "doc=PER", "doc=*"]
        );
        assert_eq!(file_of(&dataset, &Edits::new()), source);
        for (item, to, expected, change) in [
            (1, "x_y", source.replace("PER[1]", "x\\_y[1]"), "doc:0-7 votes doc=PER → doc=x_y"),
            (2, "PER", source.replace("B\t*\t*", "B\t*\tPER"), "doc:5-6 votes doc=* → doc=PER"),
            (0, NOTHING, source.replace("|*[2]", "").replace("|x\\_y[2]", ""), "doc:0-4 is gone"),
            (
                1,
                NOTHING,
                source.replace("*[1]|*[2]\tPER[1]|", "*[2]\t").replace("*[1]\tPER[1]", "_\t_"),
                "doc:0-7 is gone",
            ),
        ] {
            let written = file_of(&dataset, &decide(&dataset, &[(item, to)]));
            assert_eq!(written, expected);
            let again = read(&put(&dir, "again/doc.tsv", &written));
            assert_eq!(differences(&dataset, &again), [change]);
        }
        let several =
            Outcome::Several(vec![dataset.labels.id("PER").unwrap(), dataset.labels.id("x_y").unwrap()]);
        let mut edits = decide(&dataset, &[(1, "PER")]);
        edits.set(1, Edit { outcome: several, ..edits.get(1).unwrap().clone() });
        let written = file_of(&dataset, &edits);
        let again = read(&put(&dir, "again/doc.tsv", &written));
        assert_eq!(differences(&dataset, &again), ["doc:0-7 votes doc=PER → doc=PER doc=x_y"], "{written}");
    }

    #[test]
    fn a_reviewers_file_has_parts_of_tokens_and_numbers() {
        let dir = tempfile::tempdir().unwrap();
        let token = |cell: &str| {
            format!(
                "{HEADER}#Text=😊Ada Bo\n1-1\t0-5\t😊Ada\t_\t_\t_\t_\t\n{cell}1-2\t6-8\tBo\t_\t_\t_\t_\t\n\n"
            )
        };
        let part = "1-1.1\t2-5\tAda\t_\tPER\t_\t_\t\n";
        let folder = tree(
            &dir,
            "p",
            &[
                ("d/ana.tsv", &token("")),
                ("d/ben.tsv", &token(part)),
                ("d/chi.tsv", &token("").replace("_\t_\t_\t_\t\n", "_\tORG[1]\t_\t_\t\n")),
                ("d/INITIAL_CAS.tsv", &token("")),
            ],
        );
        let dataset = read(&folder);
        assert_eq!(dataset.raters.names, ["ana", "ben", "chi"]);
        assert!(codes(&dataset).contains(&"initial_state"));
        let list = [(item(&dataset, "d:0-7"), "ORG"), (item(&dataset, "d:1-4"), "PER")];
        let (out, files) = folder_of(&dir, &dataset, &decide(&dataset, &list));
        let expected = token(&part.replace("_\tPER", "*\tPER"))
            .replace("😊Ada\t_\t_", "😊Ada\t*[1]\tORG[1]")
            .replace("Bo\t_\t_", "Bo\t*[1]\tORG[1]");
        assert_eq!(files["d/reviewer-zoe.tsv"], expected);
        assert_eq!(differences(&dataset, &read(&out)), ["d:0-7 verdict zoe ORG", "d:1-4 verdict zoe PER"]);
    }

    #[test]
    fn identical_raters_are_told_and_questions_are_chosen_by_name() {
        let dir = tempfile::tempdir().unwrap();
        let text = format!("{HEADER}#Text=Ada\n1-1\t0-3\tAda\tQ1\tPER\t_\t_\t\n");
        let folder = tree(&dir, "p", &[("d/ana.tsv", &text), ("d/ben.tsv", &text)]);
        let dataset = read(&folder);
        assert!(codes(&dataset).contains(&"identical_raters"));
        let names: Vec<&str> = dataset.questions.iter().map(|q| q.name.as_str()).collect();
        assert_eq!(names, ["NamedEntity.identifier", "NamedEntity.value"]);
        let dataset = try_read(&folder, "NamedEntity.value").unwrap();
        assert_eq!(votes(&dataset, 0), "ana=PER ben=PER");
    }
}

mod cas_json {
    use super::*;

    #[test]
    fn a_changed_value_is_one_changed_string() {
        let dir = tempfile::tempdir().unwrap();
        let path = data("inception/uima_cas_json/annotation/doc1.txt/ana.json");
        let source = std::fs::read_to_string(&path).unwrap();
        let dataset = read(&path);
        assert_eq!(dataset.keys.iter().collect::<Vec<_>>(), ["ana:0-12", "ana:19-34", "ana:38-44"]);
        assert_eq!(file_of(&dataset, &Edits::new()), source);
        let written = file_of(&dataset, &decide(&dataset, &[(2, "PER")]));
        assert_eq!(written, source.replace("LOC", "PER"));
        assert_eq!(
            differences(&dataset, &read(&put(&dir, "ana.json", &written))),
            ["ana:38-44 votes ana=LOC → ana=PER"]
        );
        let written = file_of(&dataset, &decide(&dataset, &[(2, NOTHING)]));
        assert_eq!(differences(&dataset, &read(&put(&dir, "ana.json", &written))), ["ana:38-44 is gone"]);
        assert!(written.contains("        13\n      ]"), "no member any more: {written}");
    }
}

mod agreement {
    use super::*;

    #[test]
    fn documents_twins_and_wrong_places() {
        let dir = tempfile::tempdir().unwrap();
        let dataset = read(&put(&dir, "d.csv", "doc,user,label\na,ana,X\na,ben,NA\nb,ana,\n"));
        assert_eq!((votes(&dataset, 0), dataset.task), ("ana=X ben=NA".into(), Task::Single));
        assert_eq!(dataset.absences[0].why, Missing::Empty);
        let header = "doc,user,begin,end,text,label\n";
        let dataset = read(&put(&dir, "s.csv", format!("{header}a,ana,0,2,Bo,X\na,ben,0,2,Bo,X\n")));
        assert!(codes(&dataset).contains(&"identical_raters"));
        for row in ["a,ana,5,2,Bo,X", "a,ana,0,4294967295,Bo,X", "a,ana,x,2,Bo,X"] {
            let dataset = read(&put(&dir, "e.csv", format!("{header}{row}\na,ana,0,2,Bo,X\n")));
            let told = dataset.warnings.iter().find(|w| w.code == "bad_place").unwrap();
            assert_eq!((told.line, told.count, dataset.n_items()), (Some(2), 1, 1), "{row}");
        }
    }
}

// What the tests stand on.

const NONE: [&str; 0] = [];

fn item(dataset: &Dataset, key: &str) -> usize {
    dataset.item_of_key(key).unwrap()
}

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/format_examples").join(name)
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
        let edit = Edit::new(outcome, "zoe");
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
