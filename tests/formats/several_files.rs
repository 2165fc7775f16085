//! Several files as one source, folders of tables, and side tables.

use std::path::{Path, PathBuf};

use dissensus::dataset::Dataset;
use dissensus::formats::{LoadOptions, Overrides, inspect_all, load, open, open_all};
use dissensus::progress::Progress;

#[test]
fn label_files_of_the_same_items_are_raters_named_after_them() {
    let dir = tempfile::tempdir().unwrap();
    let files = [
        put(dir.path(), "ana.csv", "id,label,text\n1,x,one\n2,y,two\n"),
        put(dir.path(), "ben.csv", "id,label,text\n2,y,two\n1,y,one\n3,x,three\n"),
    ];
    let d = together(&files, &LoadOptions::default());
    assert_eq!(d.raters.names, ["ana", "ben"]);
    assert_eq!(d.keys.iter().collect::<Vec<_>>(), ["1", "2", "3"]);
    assert_eq!(said(&d, 0), [("ana", "x"), ("ben", "y")]);
    assert_eq!(said(&d, 2), [("ben", "x")]);
    assert_eq!(d.texts.as_ref().unwrap().get(1), "two");
    assert_eq!(d.source.files.len(), 2);
    assert_eq!(d.source.more, files[1..]);
    assert_eq!(d.never_assigned(), Some(1));
}

#[test]
fn a_folder_of_tables_is_opened_like_its_files() {
    let dir = tempfile::tempdir().unwrap();
    for rater in ["ana", "ben"] {
        let folder = dir.path().join(rater);
        std::fs::create_dir(&folder).unwrap();
        put(&folder, "labels.csv", "id,label\n1,x\n2,y\n");
    }
    let d = open(dir.path(), &Overrides::default(), &LoadOptions::default(), &Progress::new()).unwrap();
    assert_eq!(d.raters.names, ["ana", "ben"]);
    assert_eq!((d.n_items(), d.annotations.len()), (2, 4));
}

#[test]
fn tables_that_name_their_raters_are_put_together() {
    let dir = tempfile::tempdir().unwrap();
    let rows = |n: std::ops::Range<u32>, rater: &str| {
        let row = |i| format!("t{i},{rater},{}\nt{i},zoe,a\n", if i % 2 == 0 { "a" } else { "b" });
        n.map(row).collect::<String>()
    };
    let files = [
        put(dir.path(), "one.csv", &format!("item,rater,label\n{}", rows(0..4, "ana"))),
        put(dir.path(), "two.csv", &format!("item,rater,label\n{}", rows(2..6, "ben"))),
    ];
    let d = together(&files, &LoadOptions::default());
    assert_eq!(d.raters.names, ["ana", "zoe", "ben"]);
    assert_eq!(d.n_items(), 6);
    assert_eq!(said(&d, 2), [("ana", "a"), ("zoe", "a"), ("ben", "a"), ("zoe", "a")]);
}

#[test]
fn the_look_says_what_the_files_are_together() {
    let dir = tempfile::tempdir().unwrap();
    let files = [
        put(dir.path(), "ana.csv", "id,label\n1,x\n2,y\n"),
        put(dir.path(), "ben.csv", "id,label\n1,y\n2,y\n"),
    ];
    let look = inspect_all(&files, &Overrides::default(), &Progress::new()).unwrap();
    assert_eq!(look.detected.name, "2 files, one rater each");
    assert_eq!((look.preview[0].rater.as_str(), look.preview[0].label.as_str()), ("ana · ben", "x · y"));
    let e = inspect_all(&[], &Overrides::default(), &Progress::new()).unwrap_err();
    assert!(e.to_string().contains("no file was named"), "{e}");
}

#[test]
fn side_tables_add_gold_texts_and_attributes_and_replace_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let rows: String = (0..6).map(|i| format!("t{i},ana,a\nt{i},ben,b\n")).collect();
    let votes = put(dir.path(), "votes.csv", &format!("item,rater,label\n{rows}"));
    let gold: String =
        (0..6).map(|i| format!("t{i},{},words of {i} that say something\n", ["a", "b"][i % 2])).collect();
    let joins = vec![
        put(dir.path(), "gold.csv", &format!("item,gold,text\n{gold}t99,a,unknown\n")),
        put(dir.path(), "people.csv", "name,age\nben,41\nana,37\n"),
    ];
    let d = together(std::slice::from_ref(&votes), &LoadOptions { joins, ..LoadOptions::default() });
    let gold = d.gold.as_ref().unwrap();
    assert_eq!(d.labels.name(gold.get(1).unwrap()), "b");
    assert_eq!(d.texts.as_ref().unwrap().get(2), "words of 2 that say something");
    assert_eq!(d.raters.attributes, [("age".to_owned(), vec!["37".to_owned(), "41".to_owned()])]);
    assert!(d.warnings.iter().any(|w| w.code == "join_unknown_key" && w.count == 1), "{:?}", d.warnings);
    let joins = vec![put(dir.path(), "other.csv", "id,gold\nq,a\n")];
    let e = open_all(
        &[votes],
        &Overrides::default(),
        &LoadOptions { joins, ..LoadOptions::default() },
        &Progress::new(),
    );
    assert!(e.unwrap_err().to_string().contains("holds keys of items or names of raters"));
}

#[test]
fn what_raters_say_in_a_side_table_is_not_trusted_and_numbers_are_told_apart_by_their_names() {
    let dir = tempfile::tempdir().unwrap();
    let rows: String = (0..6).map(|i| format!("{i},{},a\n{i},{},b\n", i % 3, (i + 1) % 3)).collect();
    let votes = put(dir.path(), "votes.csv", &format!("item,rater,label\n{rows}"));
    let row = |i: usize| format!("{i},{},{},{}\n", ["a", "b"][i % 2], ["a", "b"][i / 3], ["b", "a"][i % 2]);
    let rows: String = (0..6).map(row).collect();
    let joins = vec![
        put(dir.path(), "judges.csv", &format!("item,judge1,judge2,majority\n{rows}")),
        put(dir.path(), "people.csv", "rater,age\n0,41\n1,37\n2,19\n"),
    ];
    let d = together(&[votes], &LoadOptions { joins, ..LoadOptions::default() });
    assert!(d.gold.is_none());
    let names: Vec<&str> = d.metadata.iter().map(|m| m.0.as_str()).collect();
    assert_eq!(names, ["judge1", "judge2", "majority"]);
    assert_eq!(d.raters.attributes[0].0, "age");
}

#[test]
fn a_table_of_raters_and_one_of_trusted_labels_are_not_read_as_one() {
    let dir = tempfile::tempdir().unwrap();
    let rows: String = (0..6).map(|i| format!("t{i},ana,a\nt{i},ben,b\n")).collect();
    put(dir.path(), "votes.csv", &format!("item,rater,label\n{rows}"));
    put(dir.path(), "trusted.csv", "item,gold\nt0,a\nt1,b\nt2,a\n");
    let e = inspect_all(&[dir.path().to_owned()], &Overrides::default(), &Progress::new());
    let e = e.unwrap_err().to_string();
    assert!(e.contains("one names raters, the other none") && e.contains("--join"), "{e}");
}

#[test]
fn a_folder_of_splits_is_one_source_and_keys_that_come_again_are_kept_apart() {
    let dir = tempfile::tempdir().unwrap();
    let split = |rater: &str| {
        format!(
            "{{\"1\": {{\"text\": \"one\", \"annotation task\": \"t\", \"annotators\": \"{rater},Zoe\", \
             \"annotations\": \"0,1\", \"hard_label\": \"\"}}}}"
        )
    };
    let train = put(dir.path(), "Set_train.json", &split("Ana"));
    let dev = put(dir.path(), "Set_dev.json", &split("Ben"));
    put(dir.path(), "readme.md", "What this is.");
    for paths in [vec![dir.path().to_owned()], vec![dev, train]] {
        let d = together(&paths, &LoadOptions::default());
        assert_eq!(d.source.format, "lewidi");
        assert_eq!(d.keys.iter().collect::<Vec<_>>(), ["Set_dev-1", "Set_train-1"]);
        assert_eq!(d.raters.names, ["Ben", "Zoe", "Ana"]);
    }
    // Another set beside them is none of their splits.
    put(dir.path(), "Other_dev.json", &split("Cleo"));
    let e = inspect_all(&[dir.path().to_owned()], &Overrides::default(), &Progress::new());
    assert!(e.unwrap_err().to_string().contains("name the file"));
}

fn put(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

fn together(files: &[PathBuf], options: &LoadOptions) -> Dataset {
    let progress = Progress::new();
    let look = inspect_all(files, &Overrides::default(), &progress).unwrap();
    load(&look.path, &look, options, &progress).unwrap()
}

fn said(d: &Dataset, item: usize) -> Vec<(&str, &str)> {
    let votes = d.annotations.of_item(item);
    votes.map(|a| (d.raters.names[a.rater as usize].as_str(), d.labels.name(a.label))).collect()
}
