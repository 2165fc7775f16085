//! Whole files: what is detected, what is loaded, what is written back.

use std::path::{Path, PathBuf};

use dissensus::dataset::{Dataset, Edit, Edits, Outcome, Role, Shares};
use dissensus::formats::{
    Encoding, Excluded, Inspection, Layout, LoadOptions, Overrides, WriteOptions, WriteSummary, inspect,
    load, open, plan, write, write_consensus,
};
use dissensus::progress::Progress;
use tempfile::TempDir;

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/format_examples").join(name)
}

fn put(dir: &TempDir, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = dir.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

fn look(path: &Path) -> Inspection {
    inspect(path, &Overrides::default(), &Progress::new()).unwrap()
}

fn open_plain(path: &Path) -> Dataset {
    open(path, &Overrides::default(), &LoadOptions::default(), &Progress::new()).unwrap()
}

fn with_probabilities(table: &Path, probabilities: PathBuf) -> Result<Dataset, String> {
    let options = LoadOptions { probabilities: Some(probabilities), ..LoadOptions::default() };
    open(table, &Overrides::default(), &options, &Progress::new()).map_err(|e| e.to_string())
}

fn roles(inspection: &Inspection) -> String {
    inspection.roles().iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

fn codes(dataset: &Dataset) -> Vec<&str> {
    dataset.warnings.iter().map(|w| w.code.as_str()).collect()
}

fn edit(outcome: Outcome) -> Edit {
    Edit::new(outcome, "zoe")
}

fn edits(list: impl IntoIterator<Item = (usize, Outcome)>) -> Edits {
    let mut edits = Edits::new();
    list.into_iter().for_each(|(item, outcome)| edits.set(item, edit(outcome)));
    edits
}

fn export(dataset: &Dataset, edits: &Edits, options: &WriteOptions) -> (Vec<u8>, WriteSummary) {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    let summary = write(dataset, edits, options, &out, &Progress::new()).unwrap();
    let planned = plan(dataset, edits, options, &Progress::new()).unwrap();
    assert_eq!(WriteSummary { files: Vec::new(), ..summary.clone() }, planned, "the plan is what is done");
    (std::fs::read(out).unwrap(), summary)
}

fn text(dataset: &Dataset, edits: &Edits, options: &WriteOptions) -> String {
    String::from_utf8(export(dataset, edits, options).0).unwrap()
}

mod detection {
    use super::*;

    #[track_caller]
    fn check(table: &str, layout: Layout, expected: &str) {
        let dir = tempfile::tempdir().unwrap();
        let inspection = look(&put(&dir, "t.csv", table));
        assert_eq!(roles(&inspection), expected, "{}", inspection.layout_reason);
        assert_eq!(inspection.layout, Ok(layout));
    }

    fn long(n_items: usize, n_raters: usize, header: &str) -> String {
        let mut table = format!("{header}\n");
        for i in 0..n_items {
            for r in 0..n_raters {
                table.push_str(&format!("x{i},w{r},{}\n", ["yes", "no"][(i * 7 + r * r) % 2]));
            }
        }
        table
    }

    #[test]
    fn long_tables_by_name_and_without() {
        check(&long(20, 3, "task,worker,label"), Layout::Long, "item rater label");
        check(&long(20, 4, "a,b,c"), Layout::Long, "item rater label");
        check("label,user_id,instance_id\nx,u1,i1\nx,u2,i1\ny,u1,i2\n", Layout::Long, "label rater item");
        let inspection = look(&data("tabular/popquorn_offensiveness.csv"));
        assert_eq!(inspection.layout, Ok(Layout::Long));
        assert!(roles(&inspection).starts_with("item rater text label"), "{}", roles(&inspection));
    }

    #[test]
    fn long_tables_with_times_gold_and_attributes() {
        check(
            "item_id,annotator,label,seconds,comment\ni1,a,x,1.5,\ni1,b,y,2,hm\ni2,a,x,3,\n",
            Layout::Long,
            "item rater label time meta",
        );
        check(
            "comment_id,worker,rating,gold_label,given_label\n1,a,x,x,y\n1,b,x,x,y\n",
            Layout::Long,
            "item rater label gold given",
        );
    }

    #[test]
    fn wide_tables() {
        let inspection = look(&data("tabular/wide_one_column_per_rater.csv"));
        assert_eq!(roles(&inspection), "item text label label label");
        assert!(inspection.layout_reason.starts_with("Wide table"), "{}", inspection.layout_reason);
        assert_eq!(inspection.preview[0].rater, "ana · ben · chi");
        assert_eq!(inspection.preview[2].label, "negative · negative");
        check("r0,r1,r2\n0,1,0\n1,,1\n0,0,2\n", Layout::Wide, "label label label");
        check("id,label_ana,label_ben\n1,x,y\n2,y,y\n", Layout::Wide, "item label label");
        // Grades and flags are not the same labels, although both have a 1.
        let row = |i: usize| format!("{i},{},{},{},{}\n", i % 5 + 1, (i + 2) % 5 + 1, i % 2, i / 2 % 2);
        let rows: String = (0..30).map(row).collect();
        check(&format!("id,x,y,f,g\n{rows}"), Layout::Wide, "item meta meta label label");
    }

    #[test]
    fn rows_with_a_key_or_word_of_their_own_are_no_raters_rows() {
        let pair = |i: usize| format!("the sentence number {} of all,m{}", i / 4, i % 4);
        let grade = |i: usize, k: usize| (i * k + i / 3) % 3;
        let rows: String = (0..40)
            .map(|i| format!("{i},{},{},{},{}\n", pair(i), grade(i, 5), grade(i, 7), grade(i, 2)))
            .collect();
        let header = "idx,instruction,pair,annotator1,annotator2,annotator3";
        check(&format!("{header}\n{rows}"), Layout::Wide, "item text meta label label label");
        let letters = |i: usize| ["ba", "ke", "lo", "mu"].map(|s| s.repeat(i % 7 + 1))[i / 7 % 4].clone();
        let rows: String = (0..28)
            .map(|i| format!("{},{}.25,{},{},{}\n", letters(i), i / 3, i % 3, grade(i, 5), grade(i, 7)))
            .collect();
        check(&format!("Word,norm,year,fam_a,fam_b\n{rows}"), Layout::Wide, "text meta label label label");
    }

    #[test]
    fn single_label_tables() {
        check("text,label\nsome words here ok,a\nother words there,b\n", Layout::Single, "text given");
        check(
            "item,given,true,is_error\n0,0,0,0\n1,1,2,1\n2,2,2,0\n",
            Layout::Single,
            "item given gold meta",
        );
        check("label,p0,p1\n0,0.5,0.5\n1,0.2,0.8\n", Layout::Single, "given probability:0 probability:1");
        check(
            "index,given,guessed,votes_given,votes_guessed\n3,a,b,1,2\n4,b,a,0,3\n",
            Layout::Single,
            "item given meta ignore ignore",
        );
    }

    #[test]
    fn a_thousand_labels_are_labels_if_their_column_says_so() {
        let rows: String = (0..4000).map(|i| format!("f{i},{}\n", i % 1000)).collect();
        check(&format!("image,label\n{rows}"), Layout::Single, "item given");
    }

    #[test]
    fn attributes_and_shares_are_no_labels() {
        check(
            "item,text,hard_label,soft0,soft1,split\n1,some text to read,0,0.8,0.2,train\n2,another text here,1,0.2,0.8,dev\n",
            Layout::Single,
            "item text given meta meta meta",
        );
        let dir = tempfile::tempdir().unwrap();
        let unclear =
            look(&put(&dir, "t.csv", "rater_id,id,joy,anger\nr1,a,0,1\nr2,a,1,0\nr1,b,1,1\nr2,b,0,0\n"));
        assert_eq!(
            (unclear.columns[0].role.clone(), unclear.columns[1].role.clone()),
            (Role::Rater, Role::Item)
        );
    }

    #[test]
    fn reasons_are_words_and_counts_are_exact() {
        let dir = tempfile::tempdir().unwrap();
        let inspection = look(&put(&dir, "t.csv", long(20, 3, "task,worker,label")));
        assert_eq!(
            inspection.columns[0].reason,
            "20 distinct values, each repeated 3 times; its name hints at it"
        );
        assert_eq!((inspection.rows, inspection.rows_exact), (60, true));
        assert!(inspection.layout_reason.contains("one row an annotation, because “worker” names raters"));
        assert_eq!((inspection.preview.len(), inspection.preview[1].rater.as_str()), (5, "w1"));
    }

    #[test]
    fn counts_are_not_raters_and_an_error_says_what_to_do() {
        let counts = look(&data("tabular/counts_per_class.csv"));
        assert_eq!(roles(&counts), "item text count:negative count:neutral count:positive");
        let dir = tempfile::tempdir().unwrap();
        let inspection = look(&put(&dir, "texts.csv", "id,text\n1,a b c\n2,d e f\n"));
        assert!(inspection.layout.is_err());
        let e = load(&inspection.path, &inspection, &LoadOptions::default(), &Progress::new()).unwrap_err();
        assert!(e.to_string().contains("no column holds labels; name it with --role"), "{e}");
    }

    #[test]
    fn overrides_win_and_unknown_columns_are_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = put(&dir, "t.csv", "task,worker,label,x=y\n1,a,b,c\n2,b,b,d\n");
        let overrides =
            Overrides::parse(&["worker=ignore".into(), "x=y=given".into(), "label=ignore".into()]).unwrap();
        let inspection = inspect(&path, &overrides, &Progress::new()).unwrap();
        assert_eq!(roles(&inspection), "item ignore ignore given");
        assert!(inspection.columns[3].chosen);
        let unknown = Overrides { roles: vec![("nope".into(), Role::Item)], ..Overrides::default() };
        let e = inspect(&path, &unknown, &Progress::new()).unwrap_err().to_string();
        assert!(e.contains("no column is called “nope”; there are task, worker"), "{e}");
        assert!(Overrides::parse(&["worker".into()]).is_err());
        assert!(Overrides::parse(&["worker=boss".into()]).is_err());
    }
}

mod loading {
    use super::*;

    #[test]
    fn a_long_table_is_loaded_wholly() {
        let dir = tempfile::tempdir().unwrap();
        let table = "item,rater,label,text,time_spent_ms,gold,given,topic,age,note\n\
                     i2,ana,b,two,1500,a,b,t1,30,x\n\
                     i1,ben,a,one,,a,a,t2,41,y\n\
                     i2,ben,a,two,x,a,b,t1,41,z\n\
                     i1,ana,,one,2000,a,a,t2,30,x\n\
                     i1,,a,one,1,a,a,t2,,x\n\
                     ,ana,a,one,1,a,a,t2,30,x\n\
                     i1,ben,b,one,250,a,a,t2,41,q\n";
        let d = open_plain(&put(&dir, "my table.csv", table));
        assert_eq!(d.name, "my table");
        assert_eq!(d.keys.iter().collect::<Vec<_>>(), ["i2", "i1"]);
        assert_eq!(d.texts.as_ref().unwrap().iter().collect::<Vec<_>>(), ["two", "one"]);
        assert_eq!(d.labels.names(), ["a", "b"]);
        assert_eq!(d.raters.names, ["ana", "ben"]);
        assert_eq!(d.annotations.labels_of(0), [1, 0]);
        assert_eq!(d.annotations.raters_of(1), [1, 1]);
        let seconds: Vec<_> = (0..4).map(|i| d.annotations.duration_s(i)).collect();
        assert_eq!(seconds, [Some(1.5), None, None, Some(0.25)]);
        assert_eq!(d.given.as_ref().unwrap().ids, [1, 0]);
        assert_eq!(d.gold.as_ref().unwrap().ids, [0, 0]);
        assert_eq!(d.metadata.len(), 1);
        assert_eq!((d.metadata[0].0.as_str(), d.metadata[0].1.get(1)), ("topic", "t2"));
        assert_eq!(d.raters.attributes, [("age".to_owned(), vec!["30".to_owned(), "41".to_owned()])]);
        assert_eq!(
            codes(&d),
            ["missing_item", "missing_rater", "missing_label", "bad_time", "duplicate_pair", "column_varies"]
        );
        assert_eq!((d.warnings[0].line, d.warnings[1].line), (Some(7), Some(6)));
        assert_eq!(d.source.table.bytes, table.len() as u64);
        assert!(d.source.table.digest.starts_with("sha256:"));
        assert_eq!(d.source.roles[1], ("rater".to_owned(), Role::Rater));
    }

    #[test]
    fn only_the_empty_cell_is_missing() {
        let dir = tempfile::tempdir().unwrap();
        let d =
            open_plain(&put(&dir, "t.csv", "id,label\n007,NA\n7,None\nnan,null\nx,\ny,NA\nz,NA\nw,null\n"));
        assert_eq!(d.keys.iter().take(3).collect::<Vec<_>>(), ["007", "7", "nan"]);
        assert_eq!(d.labels.names(), ["NA", "None", "null"]);
        assert_eq!(d.given.as_ref().unwrap().get(3), None);
    }

    #[test]
    fn labels_that_look_alike_are_listed_and_not_merged() {
        let dir = tempfile::tempdir().unwrap();
        let d = open_plain(&put(&dir, "t.csv", "id,label\n1,yes\n2,Yes\n3,yes \n4,y\u{200b}es\n5,no\n"));
        assert_eq!(d.labels.len(), 5);
        let w = d.warnings.iter().find(|w| w.code == "similar_labels").unwrap();
        assert!(w.message.contains("\\u{200b}") && w.remedy.contains("Merge"), "{}", w.message);
    }

    #[test]
    fn a_single_label_table_without_a_key_is_numbered() {
        let dir = tempfile::tempdir().unwrap();
        let d = open_plain(&put(&dir, "t.csv", "text,label\nthe first text of all,10\nthe second text,9\n"));
        assert_eq!(d.keys.iter().collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(
            (d.labels.names().join(" "), d.given.as_ref().unwrap().ids.clone()),
            ("9 10".into(), vec![1, 0])
        );
        assert!(d.raters.is_empty() && d.annotations.is_empty());
        assert_eq!(d.annotations.n_items(), 2);
        assert_eq!(d.field(), "label");
    }

    #[test]
    fn ragged_rows_are_kept_if_they_reach_far_enough() {
        let dir = tempfile::tempdir().unwrap();
        let d = open_plain(&put(&dir, "t.csv", "id,label,text\n1,a,x\n2,b,y,z\n3,c\n4\n"));
        assert_eq!(d.keys.iter().collect::<Vec<_>>(), ["1", "2", "3"]);
        assert_eq!(codes(&d), ["ragged_row", "short_row"]);
        assert_eq!((d.warnings[0].line, d.warnings[0].count, d.warnings[1].line), (Some(3), 3, Some(5)));
    }

    #[test]
    fn repeated_keys_lose_no_row() {
        let dir = tempfile::tempdir().unwrap();
        let path = put(&dir, "t.csv", "id,label\n1,a\n1,b\n1.2,a\n1,a\n");
        let overrides = Overrides::parse(&["id=item".into()]).unwrap();
        let d = open(&path, &overrides, &LoadOptions::default(), &Progress::new()).unwrap();
        assert_eq!(d.keys.iter().collect::<Vec<_>>(), ["1", "1.2", "1.2.2", "1.3"]);
    }

    #[test]
    fn too_many_labels_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let rows: String = (0..10_001).map(|i| format!("{i},v{i}\n")).collect();
        let path = put(&dir, "t.csv", format!("id,label\n{rows}"));
        let overrides = Overrides::parse(&["label=given".into()]).unwrap();
        let e = open(&path, &overrides, &LoadOptions::default(), &Progress::new()).unwrap_err().to_string();
        assert!(e.contains("more than 10000 different labels in label"), "{e}");
    }

    #[test]
    fn loading_can_be_cancelled() {
        let progress = Progress::new();
        progress.cancel();
        let path = data("tabular/long_task_worker_label.csv");
        assert!(open(&path, &Overrides::default(), &LoadOptions::default(), &progress).is_err());
    }
}

mod probabilities {
    use super::*;

    const EXPECTED: [[f64; 3]; 5] =
        [[0.02, 0.08, 0.9], [0.7, 0.25, 0.05], [0.15, 0.15, 0.7], [0.3, 0.45, 0.25], [0.4, 0.2, 0.4]];

    fn npy(descr: &str, shape: &str, fortran: bool, version: u8, data: &[u8]) -> Vec<u8> {
        let order = if fortran { "True" } else { "False" };
        let dictionary = format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}\n");
        let mut bytes = b"\x93NUMPY".to_vec();
        bytes.extend([version, 0]);
        match version {
            1 => bytes.extend((dictionary.len() as u16).to_le_bytes()),
            _ => bytes.extend((dictionary.len() as u32).to_le_bytes()),
        }
        bytes.extend(dictionary.as_bytes());
        bytes.extend(data);
        bytes
    }

    fn encode(x: f64, descr: &str) -> Vec<u8> {
        let mut bytes = match &descr[1..] {
            "f8" => x.to_le_bytes().to_vec(),
            "f4" => (x as f32).to_le_bytes().to_vec(),
            _ => half::f16::from_f64(x).to_le_bytes().to_vec(),
        };
        if descr.starts_with('>') {
            bytes.reverse();
        }
        bytes
    }

    fn long() -> PathBuf {
        data("tabular/long_task_worker_label.csv")
    }

    #[test]
    fn arrays_of_every_kind_hold_what_was_computed() {
        let dir = tempfile::tempdir().unwrap();
        for descr in ["<f8", ">f8", "<f4", ">f4", "<f2", ">f2"] {
            for fortran in [false, true] {
                for version in 1..=3 {
                    let cells: Vec<u8> = (0..15)
                        .flat_map(|i| {
                            let (r, c) = if fortran { (i % 5, i / 5) } else { (i / 3, i % 3) };
                            encode(EXPECTED[r][c], descr)
                        })
                        .collect();
                    let path = put(&dir, "p.npy", npy(descr, "(5, 3)", fortran, version, &cells));
                    let d = with_probabilities(&long(), path).unwrap();
                    let p = d.probabilities.unwrap();
                    let within = if descr.ends_with("f2") { 1e-3 } else { 1e-7 };
                    for (item, row) in EXPECTED.iter().enumerate() {
                        for (a, b) in p.row(item).iter().zip(row) {
                            assert!((a - b).abs() < within, "{descr} {fortran} {version}: {a} {b}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn how_well_the_order_of_the_labels_fits_is_said() {
        let d = with_probabilities(&long(), data("pred_probs/pred_probs.npy")).unwrap();
        let w = d.warnings.iter().find(|w| w.code == "probability_order").unwrap();
        // Majorities: t1 positive, t2 negative, t3 negative, t4 neutral; t5 is tied.
        assert!(
            w.message.contains("negative, neutral, positive") && w.message.contains("75.0 %"),
            "{}",
            w.message
        );
        assert_eq!(d.source.probabilities.as_ref().unwrap().digest.len(), 71);
    }

    #[test]
    fn rows_are_joined_by_key_and_columns_by_name() {
        let dir = tempfile::tempdir().unwrap();
        let csv = "prob_positive,prob_negative,task,prob_neutral\n0.4,0.4,t5,0.2\n0.9,0.02,t1,0.08\n0.05,0.7,t2,0.25\n\
                   0.7,0.15,t3,0.15\n0.25,0.3,t4,0.45\n0.1,0.1,t9,0.8\n";
        let d = with_probabilities(&long(), put(&dir, "model.csv", csv)).unwrap();
        let p = d.probabilities.as_ref().unwrap();
        assert_eq!(d.labels.names(), ["positive", "negative", "neutral"], "the header declares the order");
        for (item, row) in EXPECTED.iter().enumerate() {
            assert_eq!(p.row(item), [row[2], row[0], row[1]]);
        }
        assert_eq!((codes(&d), p.name.as_str()), (vec!["probabilities_unused_rows"], "model"));
        let cut = csv.replace("0.25,0.3,t4,0.45\n", "");
        let e = with_probabilities(&long(), put(&dir, "p.csv", cut)).unwrap_err();
        assert!(e.contains("1 item without probabilities, first “t4”"), "{e}");
    }

    #[test]
    fn rows_that_do_not_match_are_never_truncated() {
        let dir = tempfile::tempdir().unwrap();
        let e = with_probabilities(&long(), put(&dir, "p.csv", "a,b,c\n0.2,0.3,0.5\n")).unwrap_err();
        assert!(e.contains("probabilities have 1 rows, the items 5") || e.contains("1 rows"), "{e}");
        let e = with_probabilities(&long(), put(&dir, "p.npy", npy("<f8", "(5, 2)", false, 1, &[0; 80])))
            .unwrap_err();
        assert!(e.contains("2 columns, the data has 3 labels") && e.contains("--labels"), "{e}");
    }

    #[test]
    fn columns_of_the_table_declare_the_labels() {
        let dir = tempfile::tempdir().unwrap();
        let path = put(&dir, "t.csv", "id;label;prob_b;prob_a;prob:c\nx;a;0,25;0,75;0\ny;b;0,5;0,25;0,25\n");
        let d = open_plain(&path);
        assert_eq!(d.labels.names(), ["b", "a", "c"]);
        assert_eq!(d.given.as_ref().unwrap().ids, [1, 0]);
        let p = d.probabilities.as_ref().unwrap();
        assert_eq!((p.row(0), p.row(1)), (vec![0.25, 0.75, 0.0], vec![0.5, 0.25, 0.25]));
        let options = LoadOptions { declared_labels: vec!["a".into(), "b".into()], ..LoadOptions::default() };
        let d = open(&path, &Overrides::default(), &options, &Progress::new()).unwrap();
        assert_eq!(
            (d.labels.names().join(" "), d.probabilities.unwrap().row(0)),
            ("a b c".into(), vec![0.75, 0.25, 0.0])
        );
    }

    #[test]
    fn rows_are_repaired_counted_and_left_alone_on_demand() {
        let dir = tempfile::tempdir().unwrap();
        let path =
            put(&dir, "t.csv", "id,label,prob_a,prob_b\n1,a,0.5,0.3\n2,b,0.5,0.5000001\n3,b,0.1,0.9\n");
        let d = open_plain(&path);
        let p = d.probabilities.as_ref().unwrap();
        assert_eq!(p.row(0), [0.5 / 0.8, 0.3 / 0.8]);
        assert_eq!(p.row(1), [0.5, 0.500_000_1]);
        assert_eq!(p.repair().unwrap().rows, 1);
        let w = d.warnings.iter().find(|w| w.code == "probability_repaired").unwrap();
        assert_eq!(w.count, 1);
        let options = LoadOptions { probabilities_as_is: true, ..LoadOptions::default() };
        let d = open(&path, &Overrides::default(), &options, &Progress::new()).unwrap();
        assert_eq!(
            (d.probabilities.as_ref().unwrap().row(0), codes(&d)),
            (vec![0.5, 0.3], vec!["probability_sums"])
        );
    }

    #[test]
    fn a_row_rounded_to_a_little_more_than_one_is_repaired() {
        let dir = tempfile::tempdir().unwrap();
        let path = put(&dir, "t.csv", "id,label,prob_a,prob_b\n1,a,1.00002,0\n2,b,0.2,0.8\n3,b,0.3,0.7\n");
        let d = open_plain(&path);
        let p = d.probabilities.as_ref().unwrap();
        assert_eq!((p.row(0), p.repair().unwrap().rows), (vec![1.0, 0.0], 1));
        let path = put(&dir, "u.csv", "id,label,prob_a,prob_b\n1,a,1.0002,0\n2,b,0.2,0.8\n3,b,0.3,0.7\n");
        let e = open(&path, &Overrides::default(), &LoadOptions::default(), &Progress::new()).unwrap_err();
        assert!(e.to_string().contains("1.0002 of “a”, which is not a probability"), "{e}");
    }

    #[test]
    fn columns_of_probabilities_with_empty_cells_are_not_used_and_that_is_said() {
        let dir = tempfile::tempdir().unwrap();
        let table = "id,label,prob_a,prob_b\n1,a,0.5,0.5\n2,b,,\n3,b,0.1,0.9\n";
        let d = open_plain(&put(&dir, "t.csv", table));
        assert_eq!((d.n_items(), d.probabilities.is_some()), (3, false));
        let w = d.warnings.iter().find(|w| w.code == "probabilities_missing").unwrap();
        assert_eq!((w.count, w.line, w.column.as_deref()), (2, Some(3), Some("prob_a")));
    }

    #[test]
    fn records_with_two_keys_are_matched_by_the_one_that_names_items() {
        let dir = tempfile::tempdir().unwrap();
        let table = put(&dir, "t.csv", "id,label\nb,no\na,yes\n");
        let rows = "{\"index\":0,\"uid\":\"a\",\"probs\":[0.2,0.8]}\n{\"index\":1,\"uid\":\"b\",\"probs\":[0.7,0.3]}\n";
        let d = with_probabilities(&table, put(&dir, "p.jsonl", rows)).unwrap();
        assert_eq!(d.probabilities.unwrap().row(0), [0.7, 0.3]);
    }

    #[test]
    fn numbers_that_are_no_probabilities_name_their_row() {
        let dir = tempfile::tempdir().unwrap();
        for (rows, words) in [
            ("1,a,0.5,0.5\n2,b,nan,1\n", "“nan” is not a probability"),
            (
                "1,a,0.5,0.5\n2,b,-2.5,3\n",
                "row 2 has -2.5 of “a”, which is not a probability; these look like logits",
            ),
            ("1,a,0.5,0.5\n2,b,0,0\n", "row 2 is all zeros"),
        ] {
            let path = put(&dir, "t.csv", format!("id,label,prob_a,prob_b\n{rows}"));
            let overrides =
                Overrides::parse(&["prob_a=probability:a".into(), "prob_b=probability:b".into()]).unwrap();
            let e =
                open(&path, &overrides, &LoadOptions::default(), &Progress::new()).unwrap_err().to_string();
            assert!(e.contains(words), "{e}");
        }
    }

    #[test]
    fn an_order_that_fits_far_better_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let table = put(&dir, "t.csv", "id,label\n1,cat\n2,dog\n3,cat\n4,dog\n");
        let d =
            with_probabilities(&table, put(&dir, "p.csv", "0.1,0.9\n0.8,0.2\n0.3,0.7\n0.9,0.1\n")).unwrap();
        let w = d.warnings.iter().find(|w| w.code == "probability_order_doubtful").unwrap();
        assert!(w.message.contains("0.0 %") && w.message.contains("100.0 %"), "{}", w.message);
        assert_eq!(d.probabilities.unwrap().row(0), [0.1, 0.9], "and nothing is changed");
    }

    #[test]
    fn label_arrays_are_datasets() {
        let dir = tempfile::tempdir().unwrap();
        let labels: Vec<u8> = [1i64, -1, 0].iter().flat_map(|n| n.to_be_bytes()).collect();
        let path = put(&dir, "y.npy", npy(">i8", "(3,)", false, 2, &labels));
        let d = open_plain(&path);
        assert_eq!(
            (d.labels.names().join(" "), d.given.as_ref().unwrap().ids.clone()),
            ("-1 0 1".into(), vec![2, 0, 1])
        );
        // Labels that are column numbers: what does not occur is a label too.
        let labels: Vec<u8> = [0i64, 2].iter().flat_map(|n| n.to_le_bytes()).collect();
        let path = put(&dir, "z.npy", npy("<i8", "(2,)", false, 1, &labels));
        let cells: Vec<u8> =
            [0.8, 0.1, 0.1, 0.0, 0.4, 0.6].iter().flat_map(|&x: &f64| x.to_le_bytes()).collect();
        let d =
            with_probabilities(&path, put(&dir, "p.npy", npy("<f8", "(2, 3)", false, 1, &cells))).unwrap();
        assert_eq!(
            (d.labels.names().join(" "), d.probabilities.unwrap().row(1)),
            ("0 1 2".into(), vec![0.0, 0.4, 0.6])
        );
    }

    #[test]
    fn label_arrays_are_written_back() {
        let path = data("pred_probs/labels_str.npy");
        let d = open_plain(&path);
        let before = std::fs::read(&path).unwrap();
        assert_eq!(export(&d, &Edits::new(), &WriteOptions::default()).0, before);
        let to = d.labels.id("neutral").unwrap();
        let (bytes, summary) =
            export(&d, &edits([(0, Outcome::Changed(to)), (1, Outcome::Excluded)]), &WriteOptions::default());
        assert_eq!((summary.rows_in, summary.rows_out, summary.changed, summary.excluded), (5, 4, 1, 1));
        let dir = tempfile::tempdir().unwrap();
        let again = open_plain(&put(&dir, "y.npy", bytes));
        assert_eq!(
            (again.n_items(), again.labels.name(again.given.as_ref().unwrap().ids[0])),
            (4, "neutral")
        );
    }
}

mod writing {
    use super::*;

    fn keep() -> WriteOptions {
        WriteOptions { excluded: Excluded::Keep, ..WriteOptions::default() }
    }

    #[test]
    fn without_decisions_every_byte_is_the_same() {
        let dir = tempfile::tempdir().unwrap();
        let tables = [
            "id,text,label\r\n1,\"a \"\"b\"\", c\",x\r\n\r\n2,d,y",
            "\n\nid\tlabel\ttext\n1\tx\t\"a\nb\"\n2\ty\tc\n\n",
            "id;label\r1;x\r2;y\r",
            "\"id\",\"label\"\n\"1\",\"x\"\n\"2\",\"y\"z\n3\n4,a,b,c\n",
            "item|rater|label\n1|a|x\n1|b|\"y\"\n",
            "id,label,label\n1,a,b\n2,b,b\n",
        ];
        for table in tables {
            for encoding in [Encoding::Utf8, Encoding::Utf8Bom, Encoding::Utf16Le, Encoding::Utf16Be] {
                let mut bytes = encoding.bom().to_vec();
                encoding.encode(table, &mut bytes).unwrap();
                let d = open_plain(&put(&dir, "t.csv", &bytes));
                assert_eq!(
                    export(&d, &Edits::new(), &WriteOptions::default()).0,
                    bytes,
                    "{table:?} {}",
                    encoding.name()
                );
            }
        }
    }

    #[test]
    fn a_single_label_changes_in_its_cell_and_nowhere_else() {
        let dir = tempfile::tempdir().unwrap();
        let d = open_plain(&put(
            &dir,
            "t.csv",
            "\u{feff}id,label,text\r\n1,\"b\",\"x \"\"y\"\"\"\r\n2,a,  z \r\n3,a,q\r\n4,b,\r\n",
        ));
        let b = d.labels.id("b").unwrap();
        let e = edits([
            (0, Outcome::Changed(0)),
            (1, Outcome::Several(vec![0, b])),
            (2, Outcome::Excluded),
            (3, Outcome::Kept(b)),
        ]);
        let (bytes, summary) = export(&d, &e, &WriteOptions::default());
        assert_eq!(
            String::from_utf8(bytes).unwrap(),
            "\u{feff}id,label,text\r\n1,\"a\",\"x \"\"y\"\"\"\r\n2,a|b,  z \r\n4,b,\r\n"
        );
        assert_eq!((summary.changed, summary.several, summary.excluded, summary.kept), (1, 1, 1, 1));
        assert_eq!(summary.by_label_pair, [("b".to_owned(), "a".to_owned(), 1)]);
    }

    #[test]
    fn a_soft_label_is_its_likeliest_label_in_the_cell_and_its_shares_in_the_other_table() {
        let dir = tempfile::tempdir().unwrap();
        let d = open_plain(&put(&dir, "t.csv", "id,label,text\n1,a,x\n2,b,y\n3,c,z\n"));
        let third = Shares::new([(0, 1.0 / 3.0), (2, 2.0 / 3.0)]).unwrap();
        let tied = Shares::of_percents(&[(0, 40), (1, 40), (2, 20)]).unwrap();
        let e = edits([(0, Outcome::Soft(third)), (1, Outcome::Soft(tied))]);
        let (bytes, summary) = export(&d, &e, &WriteOptions::default());
        assert_eq!(String::from_utf8(bytes).unwrap(), "id,label,text\n1,c,x\n2,a|b,y\n3,c,z\n");
        assert_eq!((summary.soft_labels, summary.undecided), (2, 1));
        assert!(summary.notes.iter().any(|n| n.starts_with("2 soft labels written")), "{:?}", summary.notes);
        let out = dir.path().join("items.csv");
        let after = e.apply(&d.given.as_ref().unwrap().ids);
        write_consensus(&d, &after, &e, &WriteOptions::default(), &out, &Progress::new()).unwrap();
        assert_eq!(
            std::fs::read_to_string(out).unwrap().replace("\r\n", "\n"),
            format!(
                "item,label,share_a,share_b,share_c,status,reviewer\n1,c,{},0,{},soft_label,zoe\n\
                 2,a|b,0.4,0.4,0.2,soft_label,zoe\n3,c,,,,,\n",
                1.0 / 3.0,
                2.0 / 3.0
            )
        );
    }

    #[test]
    fn excluded_items_are_kept_with_a_status_whose_name_is_free() {
        let dir = tempfile::tempdir().unwrap();
        let d = open_plain(&put(&dir, "t.csv", "id,label,status\n1,a,s\n2,b\n3,a,s,extra\n4,b,s"));
        let e = edits([(0, Outcome::Excluded), (1, Outcome::Unsure), (2, Outcome::Changed(1))]);
        assert_eq!(
            text(&d, &e, &keep()),
            "id,label,status,status.2\n1,a,s,excluded\n2,b,,unsure\n3,b,s,changed,extra\n4,b,s,"
        );
        let (_, summary) = export(&d, &e, &keep());
        assert_eq!(summary.unresolved, [("2".to_owned(), "unsure".to_owned())]);
        assert_eq!((summary.undecided, summary.rows_in, summary.rows_out), (1, 4, 4));
    }

    #[test]
    fn a_long_table_gets_a_row_a_decided_item() {
        let dir = tempfile::tempdir().unwrap();
        let table = "item,rater,label,text,given,seconds\n2,ana,a,\"t,2\",a,1\n1,ana,b,t1,b,2\n2,ben,b,\"t,2\",a,3\n1,ben,b,t1,b,4";
        let d = open_plain(&put(&dir, "t.csv", table));
        let e = edits([(0, Outcome::Changed(1)), (1, Outcome::Kept(1))]);
        let out = text(&d, &e, &WriteOptions::default());
        assert_eq!(
            out,
            "item,rater,label,text,given,seconds\n2,ana,a,\"t,2\",b,1\n1,ana,b,t1,b,2\n2,ben,b,\"t,2\",b,3\n1,ben,b,t1,b,4\n\
             2,reviewer:zoe,b,\"t,2\",b,\n1,reviewer:zoe,b,t1,b,"
        );
        // Read again, the reviewer is no rater, and nothing else is odd.
        let again = open_plain(&put(&dir, "again.csv", out));
        assert_eq!(
            (again.raters.names.clone(), codes(&again)),
            (d.raters.names.clone(), vec!["reviewer_rows"])
        );
        assert_eq!(again.given.as_ref().unwrap().ids, [1, 1]);
        let e = edits([(0, Outcome::Excluded), (1, Outcome::NoneOfLabels)]);
        assert_eq!(
            text(&d, &e, &WriteOptions::default()),
            "item,rater,label,text,given,seconds\n1,ana,b,t1,b,2\n1,ben,b,t1,b,4"
        );
        assert!(text(&d, &e, &keep()).ends_with("1,ben,b,t1,b,4,none_of_labels"));
    }

    #[test]
    fn without_a_given_column_a_change_is_from_the_majority() {
        let d = open_plain(&data("tabular/long_task_worker_label.csv"));
        let neutral = d.labels.id("neutral").unwrap();
        let (bytes, summary) = export(
            &d,
            &edits([(1, Outcome::Changed(neutral)), (4, Outcome::Changed(neutral))]),
            &WriteOptions::default(),
        );
        assert_eq!(
            summary.by_label_pair,
            [("negative".into(), "neutral".into(), 1), (String::new(), "neutral".into(), 1)]
        );
        let source = std::fs::read(data("tabular/long_task_worker_label.csv")).unwrap();
        assert_eq!(bytes, [&source[..], b"t2,reviewer:zoe,neutral\r\nt5,reviewer:zoe,neutral\r\n"].concat());
    }

    #[test]
    fn a_wide_table_gets_a_column_a_reviewer() {
        let dir = tempfile::tempdir().unwrap();
        let d = open_plain(&put(&dir, "t.csv", "item,ana,ben,reviewer:zoe\n1,x,y,\n2,y,y\n3,x,x,x\n"));
        assert_eq!(d.raters.names, ["ana", "ben"]);
        let mut e = edits([(0, Outcome::Changed(0)), (2, Outcome::Several(vec![0, 1]))]);
        e.set(1, Edit { reviewer: "yan".into(), ..edit(Outcome::Kept(1)) });
        assert_eq!(
            text(&d, &e, &WriteOptions::default()),
            "item,ana,ben,reviewer:zoe,reviewer:zoe.2,reviewer:yan\n1,x,y,,x,\n2,y,y,,,y\n3,x,x,x,x|y,\n"
        );
    }

    #[test]
    fn formulas_are_defused_on_demand_and_restored_on_import() {
        let path = data("hostile/formula_injection.csv");
        let d = open_plain(&path);
        let plain = export(&d, &Edits::new(), &WriteOptions::default());
        assert_eq!(plain.0, std::fs::read(&path).unwrap());
        // Seven texts (−5 is a number), a label and a rater.
        assert_eq!((plain.1.risky_cells, plain.1.escaped_cells), (9, 0));
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("safe.csv");
        let options = WriteOptions { spreadsheet_safe: true, ..WriteOptions::default() };
        let summary = write(&d, &Edits::new(), &options, &out, &Progress::new()).unwrap();
        assert_eq!((summary.escaped_cells, summary.files.len()), (9, 2));
        let safe = std::fs::read_to_string(&out).unwrap();
        assert!(
            safe.contains("\"'=HYPERLINK(\"\"")
                && safe.contains("3,-5,")
                && safe.contains("'=evil_label,'=evil_rater")
        );
        let again = open_plain(&out);
        assert_eq!(
            (&again.texts, &again.labels, &again.raters.names),
            (&d.texts, &d.labels, &d.raters.names)
        );
        assert_eq!(
            export(&again, &Edits::new(), &WriteOptions::default()).0,
            plain.0,
            "and written plainly again"
        );
        // Edited since: the apostrophes stay, with a word.
        std::fs::write(&out, format!("{safe}10,x,positive,ana\r\n")).unwrap();
        let edited = open_plain(&out);
        assert!(codes(&edited).contains(&"escapes_stale"));
        assert_eq!(edited.raters.names[2], "'=evil_rater");
    }

    #[test]
    fn raters_get_pseudonyms_and_a_map_of_its_own() {
        let dir = tempfile::tempdir().unwrap();
        let d =
            open_plain(&put(&dir, "t.csv", "item,rater,label\n1,\"Smith, J\",x\n1,ben,y\n2,ben,y\n2,eve,\n"));
        let out = dir.path().join("out.csv");
        let options = WriteOptions { pseudonymise: true, ..WriteOptions::default() };
        let summary =
            write(&d, &edits([(0, Outcome::Changed(1))]), &options, &out, &Progress::new()).unwrap();
        assert_eq!(
            std::fs::read_to_string(&out).unwrap(),
            "item,rater,label\n1,\"R1\",x\n1,R2,y\n2,R2,y\n2,R3,\n1,reviewer:V1,y\n"
        );
        assert_eq!(
            std::fs::read_to_string(&summary.files[1]).unwrap(),
            "pseudonym,rater\nR1,\"Smith, J\"\nR2,ben\nR3,eve\nreviewer:V1,reviewer:zoe\n"
        );
        let wide = open_plain(&data("tabular/wide_one_column_per_rater.csv"));
        assert!(text(&wide, &Edits::new(), &options).starts_with("item_id,text,R1,R2,R3\r\n"));
    }

    #[test]
    fn the_consensus_has_one_row_an_item() {
        let dir = tempfile::tempdir().unwrap();
        let d =
            open_plain(&put(&dir, "t.csv", "item,rater,label\n1,a,x\n1,b,y\n1,c,x\n1,d,x\n2,a,y\n3,a,x\n"));
        let e = edits([(1, Outcome::Changed(0)), (2, Outcome::Excluded)]);
        let out = dir.path().join("c.csv");
        let after = e.apply(&[0, 1, 0]);
        let rows = write_consensus(&d, &after, &e, &WriteOptions::default(), &out, &Progress::new()).unwrap();
        assert_eq!(rows, 2);
        assert_eq!(
            std::fs::read_to_string(&out).unwrap(),
            "item,label,share_x,share_y,status,reviewer\n1,x,0.75,0.25,,\n2,x,0,1,changed,zoe\n"
        );
        let options = WriteOptions { overwrite: true, ..keep() };
        write_consensus(&d, &after, &e, &options, &out, &Progress::new()).unwrap();
        assert!(std::fs::read_to_string(&out).unwrap().ends_with("3,,1,0,excluded,zoe\n"));
    }

    #[test]
    fn a_changed_source_and_the_source_itself_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = put(&dir, "t.csv", "id,label\n1,a\n2,b\n");
        let d = open_plain(&path);
        let out = dir.path().join("out.csv");
        let overwrite = WriteOptions { overwrite: true, ..WriteOptions::default() };
        let e = write(&d, &Edits::new(), &overwrite, &path, &Progress::new()).unwrap_err();
        assert!(e.to_string().contains("the source, which is never written to"), "{e}");
        for changed in
            ["id,label\n1,a\n2,a\n", "id,label\n1,a\n2,\"\n", "id,labex\n1,a\n2,b\n", "id,label\n", "1"]
        {
            std::fs::write(&path, changed).unwrap();
            let e = write(&d, &Edits::new(), &overwrite, &out, &Progress::new()).unwrap_err();
            assert!(e.to_string().contains("changed since it was opened"), "{changed:?}: {e}");
            assert!(!out.exists());
        }
    }
}

mod properties {
    use super::*;
    use proptest::prelude::*;

    /// How a cell is written: as little quoted as possible, or always.
    fn written(cell: &str, delimiter: char, always: bool) -> String {
        if always || cell.contains(['"', '\n', '\r', delimiter]) {
            format!("\"{}\"", cell.replace('"', "\"\""))
        } else {
            cell.to_owned()
        }
    }

    fn cell() -> impl Strategy<Value = String> {
        "[a-c ,;|\t\"\r\n=é😀\u{202e}-]{0,8}"
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn tables_load_as_generated_and_write_back_byte_for_byte(
            rows in prop::collection::vec((0u8..6, 0u8..4, "[xyz]", cell(), any::<bool>()), 1..20),
            delimiter in prop::sample::select(vec![',', ';', '\t', '|']),
            end in prop::sample::select(vec!["\n", "\r\n", "\r"]),
            encoding in prop::sample::select(vec![Encoding::Utf8, Encoding::Utf8Bom, Encoding::Utf16Le, Encoding::Utf16Be]),
            last_end in any::<bool>(),
            weights in prop::array::uniform4(1..9u32),
        ) {
            let mut table = ["item", "rater", "label", "remark"].join(&delimiter.to_string());
            table.push_str(end);
            for (i, (item, rater, label, remark, always)) in rows.iter().enumerate() {
                let cells = [format!("i{item}"), format!("r{rater}"), label.clone(), remark.clone()];
                let cells: Vec<String> = cells.iter().map(|c| written(c, delimiter, *always)).collect();
                table.push_str(&cells.join(&delimiter.to_string()));
                if last_end || i + 1 < rows.len() {
                    table.push_str(end);
                }
            }
            let mut bytes = encoding.bom().to_vec();
            encoding.encode(&table, &mut bytes).unwrap();
            let dir = tempfile::tempdir().unwrap();
            let path = put(&dir, "t.csv", &bytes);
            let overrides = Overrides::parse(&["item=item", "rater=rater", "label=label", "remark=text"].map(String::from)).unwrap();
            let d = open(&path, &overrides, &LoadOptions::default(), &Progress::new()).unwrap();
            let mut items: Vec<&str> = Vec::new();
            let mut texts: Vec<&str> = Vec::new();
            let names: Vec<String> = rows.iter().map(|r| format!("i{}", r.0)).collect();
            for (name, row) in names.iter().zip(&rows) {
                if !items.contains(&name.as_str()) {
                    items.push(name);
                    texts.push(&row.3);
                }
            }
            prop_assert_eq!(d.keys.iter().collect::<Vec<_>>(), items.clone());
            prop_assert_eq!(d.texts.as_ref().unwrap().iter().collect::<Vec<_>>(), texts);
            for (i, item) in items.iter().enumerate() {
                let expected: Vec<(String, &str)> =
                    rows.iter().zip(&names).filter(|(_, n)| n == item).map(|(r, _)| (format!("r{}", r.1), r.2.as_str())).collect();
                let found: Vec<(String, &str)> = d.annotations.of_item(i)
                    .map(|a| (d.raters.names[a.rater as usize].clone(), d.labels.name(a.label))).collect();
                prop_assert_eq!(found, expected);
            }
            prop_assert_eq!(export(&d, &Edits::new(), &WriteOptions::default()).0, bytes.clone());

            // Decisions change only what they are about: the old rows are a prefix, and reading again gives them.
            let (out, summary) = export(&d, &edits([(0, Outcome::Changed(0))]), &WriteOptions::default());
            prop_assert!(out.starts_with(&bytes));
            prop_assert_eq!(summary.rows_out, summary.rows_in + 1);
            let again = open(&put(&dir, "again.csv", &out), &overrides, &LoadOptions::default(), &Progress::new()).unwrap();
            prop_assert_eq!(&again.annotations, &d.annotations);
            prop_assert_eq!(&again.texts, &d.texts);

            // A soft label of any shares is there again to the last digit, beside the label of most of them.
            let n = d.labels.len() as u32;
            if n > 1 {
                let whole: f64 = weights[..(n as usize).min(4)].iter().map(|&w| f64::from(w)).sum();
                let of = |l: u32| f64::from(weights.get(l as usize).copied().unwrap_or(0)) / whole;
                let shares = Shares::new((0..n).map(|l| (l, of(l)))).unwrap();
                let e = edits([(0, Outcome::Soft(shares.clone()))]);
                let items = dir.path().join("items.csv");
                write_consensus(&d, &e.apply(&vec![0; d.n_items()]), &e, &WriteOptions::default(), &items, &Progress::new()).unwrap();
                let mut csv = csv::Reader::from_path(&items).unwrap();
                let row = csv.records().next().unwrap().unwrap();
                for l in 0..n {
                    prop_assert_eq!(row[2 + l as usize].parse::<f64>().unwrap().to_bits(), shares.of(l).to_bits());
                }
                let leaders: Vec<&str> = shares.leaders().iter().map(|&l| d.labels.name(l)).collect();
                prop_assert_eq!(&row[1], leaders.join("|"));
                prop_assert!(export(&d, &e, &WriteOptions::default()).0.starts_with(&bytes));
            }

            // Safe for spreadsheets, and back.
            let safe = dir.path().join("safe.csv");
            let options = WriteOptions { spreadsheet_safe: true, ..WriteOptions::default() };
            write(&d, &Edits::new(), &options, &safe, &Progress::new()).unwrap();
            let again = open(&safe, &overrides, &LoadOptions::default(), &Progress::new()).unwrap();
            prop_assert_eq!(&again.texts, &d.texts);
        }
    }
}
