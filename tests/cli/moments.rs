//! When votes were given: found in tables, kept with their votes, copied untouched.

use std::path::{Path, PathBuf};

use dissensus::dataset::{Dataset, Edit, Edits, Outcome, Role};
use dissensus::formats::{Inspection, LoadOptions, Overrides, WriteOptions, inspect, open, open_all, write};
use dissensus::progress::Progress;

const VOTES: &str = "item,rater,posted,born,submitted_at,label\n\
    a,ana,2023-01-01,1990-05-01,2024-03-01T10:00:09Z,x\n\
    a,ben,2023-01-01,1980-02-03,2024-03-01 10:00:07,y\n\
    b,ana,2023-02-01,1990-05-01,2024-03-01T10:00:03Z,x\n\
    b,ben,2023-02-01,1980-02-03,later,x\n\
    c,ana,2023-03-01,1990-05-01,,y\n\
    c,ben,2023-03-01,1980-02-03,2024-03-01T12:00:01+02:00,y\n";
/// 2024-03-01T10:00:00Z.
const TEN: f64 = 1_709_287_200.0;

fn put(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

fn look(path: &Path) -> Inspection {
    inspect(path, &Overrides::default(), &Progress::new()).unwrap()
}

fn role(found: &Inspection, column: &str) -> Role {
    found.columns.iter().find(|c| c.name == column).unwrap().role.clone()
}

fn read(path: &Path, overrides: &Overrides) -> Dataset {
    open(path, overrides, &LoadOptions::default(), &Progress::new()).unwrap()
}

/// Item, rater, seconds after ten.
fn moments(d: &Dataset) -> Vec<(&str, &str, Option<f64>)> {
    let all = (0..d.n_items()).flat_map(|i| d.annotations.of_item(i));
    let row = |a: dissensus::dataset::Annotation| {
        let after = d.annotations.moment_s(a.index).map(|m| m - TEN);
        (d.keys.get(a.item as usize), d.raters.names[a.rater as usize].as_str(), after)
    };
    all.map(row).collect()
}

#[test]
fn moments_of_votes_are_found_and_those_of_items_and_raters_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = put(folder.path(), "votes.csv", VOTES);
    let found = look(&path);
    assert_eq!(role(&found, "submitted_at"), Role::Meta, "one in five is no moment");
    let path = put(folder.path(), "votes.csv", &VOTES.replace(",later,", ",2024-03-01T10:00:05,"));
    let found = look(&path);
    let column = found.columns.iter().find(|c| c.name == "submitted_at").unwrap();
    assert_eq!(column.role, Role::When);
    assert!(column.reason.ends_with("moments that differ within items and raters"), "{}", column.reason);
    assert_eq!((role(&found, "posted"), role(&found, "born")), (Role::Meta, Role::Meta));
    let d = read(&path, &Overrides::default());
    assert_eq!(
        moments(&d),
        [
            ("a", "ana", Some(9.0)),
            ("a", "ben", Some(7.0)),
            ("b", "ana", Some(3.0)),
            ("b", "ben", Some(5.0)),
            ("c", "ana", None),
            ("c", "ben", Some(1.0))
        ]
    );
    assert!(d.warnings.is_empty(), "{:?}", d.warnings);
    assert_eq!((d.metadata.len(), d.raters.attributes.len()), (1, 1));
}

#[test]
fn what_cannot_be_read_is_missing_and_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = put(folder.path(), "votes.csv", VOTES);
    let overrides = Overrides::parse(&["submitted_at=when".to_owned()]).unwrap();
    let d = read(&path, &overrides);
    assert_eq!((d.annotations.len(), moments(&d)[3]), (6, ("b", "ben", None)));
    let warning = d.warnings.iter().find(|w| w.code == "bad_moment").unwrap();
    assert_eq!((warning.line, warning.column.as_deref(), warning.count), (Some(5), Some("submitted_at"), 1));
    // A role that one column can have.
    let twice = Overrides::parse(&["submitted_at=when".to_owned(), "posted=when".to_owned()]).unwrap();
    let refused = open(&path, &twice, &LoadOptions::default(), &Progress::new()).unwrap_err().to_string();
    assert!(refused.contains("2 columns have the role “when”"), "{refused}");
    // Counts since 1970 need a name that says so, unless somebody says it.
    let numbers = "item,rater,epoch,big,label\na,ana,1709287209,1709287201,x\na,ben,1709287207000,1709287202,y\n\
                   b,ana,1709287203,1709287203,x\nb,ben,1709287205,1709287204,x\n";
    let path = put(folder.path(), "numbers.csv", numbers);
    let found = look(&path);
    assert_eq!((role(&found, "epoch"), role(&found, "big")), (Role::When, Role::Meta));
    let after: Vec<Option<f64>> = moments(&read(&path, &Overrides::default())).iter().map(|m| m.2).collect();
    assert_eq!(after, [9.0, 7.0, 3.0, 5.0].map(Some));
}

#[test]
fn a_correction_leaves_moments_as_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let path = put(folder.path(), "votes.csv", &VOTES.replace(",later,", ",2024-03-01T10:00:05,"));
    let d = read(&path, &Overrides::default());
    let mut edits = Edits::new();
    let outcome = Outcome::Changed(1);
    edits.set(0, Edit::new(outcome, "zoe"));
    let out = folder.path().join("out.csv");
    write(&d, &edits, &WriteOptions::default(), &out, &Progress::new()).unwrap();
    let text = std::fs::read_to_string(&out).unwrap();
    for line in VOTES.replace(",later,", ",2024-03-01T10:00:05,").lines().skip(1) {
        assert!(text.contains(line), "{line} in {text}");
    }
    let again = read(&out, &Overrides::default());
    assert_eq!(moments(&again), moments(&d));
    assert_eq!(again.verdicts.len(), 1);
}

#[test]
fn other_doors_keep_moments_too() {
    let folder = tempfile::tempdir().unwrap();
    // Two files of one kind.
    let good = VOTES.replace(",later,", ",2024-03-01T10:00:05,");
    let lines: Vec<&str> = good.lines().collect();
    let half = |of: &str| -> String {
        let own = lines.iter().skip(1).filter(|l| l.contains(of));
        std::iter::once(&lines[0]).chain(own).map(|l| format!("{l}\n")).collect()
    };
    let two = [put(folder.path(), "one.csv", &half(",ana,")), put(folder.path(), "two.csv", &half(",ben,"))];
    let overrides = Overrides::parse(&["submitted_at=when".to_owned()]).unwrap();
    let d = open_all(&two, &overrides, &LoadOptions::default(), &Progress::new()).unwrap();
    let mut found = moments(&d);
    found.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)));
    assert_eq!(found[0], ("a", "ana", Some(9.0)));
    assert_eq!(found[5], ("c", "ben", Some(1.0)));
    // Mechanical Turk’s own words, in columns that nothing used before.
    let mut text =
        "HITId,AssignmentId,WorkerId,AssignmentStatus,CreationTime,SubmitTime,Input.text,Answer.label\n"
            .to_owned();
    for i in 0..12 {
        let (hit, worker) = (i / 3, i % 3);
        let time = format!("Fri Mar 01 02:00:{:02} PST 2024", 40 - 3 * i);
        text.push_str(&format!(
            "H{hit},A{i},W{worker},Approved,Fri Mar 01 01:00:00 PST 2024,{time},text {hit},{}\n",
            ["x", "y"][i % 2]
        ));
    }
    let path = put(folder.path(), "batch.csv", &text);
    let found = look(&path);
    assert_eq!((role(&found, "SubmitTime"), role(&found, "CreationTime")), (Role::When, Role::Ignore));
    assert_eq!(moments(&read(&path, &Overrides::default()))[4].2, Some(28.0));
    // Tools that say it in documents of their own.
    for (name, of) in [("label_studio/export.json", "label-studio"), ("prodigy/choice.jsonl", "prodigy")] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/format_examples").join(name);
        let d = read(&path, &Overrides::default());
        assert_eq!(d.source.format, of);
        assert!(d.annotations.has_moments(), "{name}");
    }
}
