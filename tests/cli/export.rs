//! `dissensus label`, `log methods` and what `export` writes beside the cleaned file, by the real binary.

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use dissensus::dataset::Reached;
use dissensus::formats::{LoadOptions, Overrides, open};
use dissensus::progress::Progress;
use dissensus::review::{Action, Context, Options, Session};
use serde_json::Value;

const HOSTILE: &str = "<script>alert(1)</script>";

/// Six items by three raters, with a column that the worked example of the paper has.
fn votes(folder: &Path) -> PathBuf {
    let path = folder.join("votes.csv");
    let mut text = "item,rater,label,answer\n".to_owned();
    for (i, answer) in ["yes", "no", "yes", "", "maybe", "yes"].iter().enumerate() {
        for rater in 0..3 {
            let label = if rater < i % 4 { "x" } else { "y" };
            text.push_str(&format!("i{i},r{rater},{label},{answer}\n"));
        }
    }
    std::fs::write(&path, text).unwrap();
    path
}

/// A log by `reviewer`: i0 changed, i1 kept, i2 has two labels, i3 is excluded.
fn decided(source: &Path, reviewer: &str) -> PathBuf {
    let dataset = open(source, &Overrides::default(), &LoadOptions::default(), &Progress::new()).unwrap();
    let log = source.with_file_name(format!("{reviewer}.jsonl"));
    let options = Options::new(reviewer, Value::Null);
    let (mut session, _) = Session::open_file(&dataset, &log, options).unwrap();
    let label = |name: &str| dataset.labels.id(name).unwrap();
    let context = |reached, queue: &str| Context {
        reached: Some(reached),
        blind: true,
        queue: Some(queue.to_owned()),
        ..Context::default()
    };
    for (item, action, reached, queue) in [
        (0, Action::Relabel(label("x")), Reached::Flag, "Label issues"),
        (1, Action::Keep, Reached::Browse, "Label issues"),
        (2, Action::Several(vec![label("x"), label("y")]), Reached::Audit, "Random audit"),
        (3, Action::Exclude, Reached::Browse, "All items"),
    ] {
        session.decide(&dataset, item, action, context(reached, queue)).unwrap();
    }
    session.close().unwrap();
    log
}

fn run(args: &[&str]) -> (bool, String, String) {
    let done = Command::cargo_bin("dissensus").unwrap().args(args).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (done.status.success(), text(done.stdout), text(done.stderr))
}

fn words(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_label_has_the_numbers_of_the_worked_example_and_says_what_nobody_said() {
    let folder = tempfile::tempdir().unwrap();
    let file = votes(folder.path());
    let (ok, out, err) = run(&["label", words(&file), "--format", "json"]);
    assert!(ok, "{err}");
    let label: Value = serde_json::from_str(&out).unwrap();
    let answer = &label["statistics"][3];
    assert_eq!(
        (&answer["name"], &answer["count"], &answer["missing"]),
        (&"answer".into(), &18.into(), &3.into())
    );
    assert_eq!(answer["unique"], serde_json::json!({"value": 4, "including_missing": true}));
    assert_eq!(answer["most_frequent"], serde_json::json!({"value": "yes", "n": 9}));
    assert_eq!(answer["least_frequent"]["reason"], "multiple detected");
    assert_eq!((&label["metadata"]["licence"], &label["metadata"]["rows"]), (&Value::Null, &18.into()));
    assert_eq!(label["annotation"]["votes_per_item"], serde_json::json!({"min": 3, "median": 3.0, "max": 3}));
    // Majorities: i2 and i3 are x, four are y.
    assert_eq!((&label["balance"]["ratio"]["value"], &label["balance"]["few"]), (&2.0.into(), &2.into()));
    let (ok, out, _) = run(&["label", words(&file)]);
    assert!(
        ok && out.contains("not provided") && out.contains("4 including missing") && out.contains("yes (9)"),
        "{out}"
    );
}

#[test]
fn a_label_takes_what_people_say_and_pairs_that_are_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let file = votes(folder.path());
    std::fs::write(
        folder.path().join("votes.csv.label.json"),
        r#"{"licence": "CC0", "author": {"name": "A. B."}}"#,
    )
    .unwrap();
    let page = folder.path().join("label.html");
    let (ok, _, err) =
        run(&["label", words(&file), "--pair", "answer,label", "--format", "html", "--out", words(&page)]);
    assert!(ok, "{err}");
    let html = std::fs::read_to_string(&page).unwrap();
    assert!(
        html.contains("CC0") && html.contains("A. B.") && html.contains("answer across, label up"),
        "{html}"
    );
    assert_eq!(html.matches("class=\"pair\"").count(), 1);

    let other = folder.path().join("other.json");
    std::fs::write(&other, r#"{"licence": "MIT"}"#).unwrap();
    let (_, out, _) = run(&["label", words(&file), "--about", words(&other), "--format", "md"]);
    assert!(out.contains("| Licence | MIT |") && out.contains("| Author | not provided |"), "{out}");

    let (ok, _, err) = run(&["label", words(&file), "--pair", "answer,nothing"]);
    assert!(!ok && err.contains("there is no column “nothing”"), "{err}");
    let (ok, _, err) = run(&["label", words(&file), "--out", words(&file)]);
    assert!(!ok && err.contains("votes.csv"), "{err}");
    std::fs::write(&other, "[").unwrap();
    let (ok, _, err) = run(&["label", words(&file), "--about", words(&other)]);
    assert!(!ok && err.contains("other.json") && err.contains("mend it or remove it"), "{err}");
}

#[test]
fn a_reference_table_is_held_against_the_labels() {
    let folder = tempfile::tempdir().unwrap();
    let file = votes(folder.path());
    let census = folder.path().join("census.csv");
    std::fs::write(&census, "item,income\ni0,1\ni1,1\ni2,9\ni3,9\ni4,1\ni5,1\n").unwrap();
    let (ok, out, err) = run(&["label", words(&file), "--join", words(&census), "--format", "json"]);
    assert!(ok, "{err}");
    let label: Value = serde_json::from_str(&out).unwrap();
    let truth =
        label["ground_truth"].as_array().unwrap().iter().find(|t| t["against"] == "the labels").unwrap();
    assert_eq!(
        (&truth["reference"], &truth["measure"], &truth["n"]),
        (&"income".into(), &"correlation_ratio".into(), &6.into())
    );
    assert!((truth["value"].as_f64().unwrap() - 1.0).abs() < 1e-12);
    let (_, out, _) = run(&["label", words(&file), "--format", "json"]);
    let label: Value = serde_json::from_str(&out).unwrap();
    assert!(label["ground_truth"]["reason"].as_str().unwrap().contains("--join"));
}

#[test]
fn hostile_data_stays_text() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("h.csv");
    let mut text = format!("item,rater,label,{HOSTILE}\n");
    for i in 0..8 {
        text.push_str(&format!("{HOSTILE}{i},r{},{HOSTILE}{},\"\"\"'><img src=x>\"\n", i % 2, i % 3));
    }
    std::fs::write(&file, text).unwrap();
    let (ok, html, err) = run(&["label", words(&file), "--format", "html"]);
    assert!(ok, "{err}");
    assert!(!html.contains("<script") && !html.contains("<img") && html.contains("&lt;script&gt;"), "{html}");
    assert!(html.contains("default-src 'none'"));
}

#[test]
fn the_methods_paragraph_is_told_by_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let file = votes(folder.path());
    let log = decided(&file, "ann");
    let (ok, out, err) = run(&["log", "methods", words(&file), "--log", words(&log)]);
    assert!(ok, "{err}");
    for part in [
        "6 items, labelled 18 times by 3 raters, with the labels “x” and “y”.",
        "1 reviewer (ann)",
        "Reviewers came to the items because a method flagged them (1), in a random sample of all items, the audit (1), as unflagged \
         controls mixed into a queue (1) and by browsing (1).",
        "The queues were “Label issues” (2), “All items” (1) and “Random audit” (1).",
        "hidden in blind mode for 4 of 4 decisions (100.0 %)",
        "4 decisions stand on 4 items: 1 kept the label, 1 changed it, 1 named several labels and 1 excluded the item.",
    ] {
        assert!(out.contains(part), "“{part}” is not in: {out}");
    }
    let (ok, _, err) = run(&["log", "methods", words(&file)]);
    assert!(!ok && err.contains("--log"), "{err}");
}

#[test]
fn export_writes_status_soft_labels_and_methods_beside() {
    let folder = tempfile::tempdir().unwrap();
    let file = votes(folder.path());
    let before = std::fs::read(&file).unwrap();
    let log = decided(&file, "ann");
    let at = |name: &str| folder.path().join(name);
    let (clean, soft, methods) = (at("clean.csv"), at("soft.csv"), at("methods.txt"));
    let args = ["export", words(&file), "--log", words(&log), "--out", words(&clean), "--status"];
    let more = ["--soft-labels", words(&soft), "--methods", words(&methods)];
    let (ok, _, err) = run(&[&args[..], &more[..]].concat());
    assert!(ok, "{err}");
    assert!(err.contains("soft.csv") && err.contains("methods.txt"), "{err}");
    let text = std::fs::read_to_string(&clean).unwrap();
    let rows: Vec<&str> = text.lines().collect();
    assert_eq!(rows[0], "item,rater,label,answer,status");
    assert!(rows.contains(&"i0,reviewer:ann,x,yes,changed"), "{text}");
    assert!(rows.contains(&"i2,reviewer:ann,x|y,yes,several"), "{text}");
    assert!(!text.contains("i3,"), "the excluded item is left out: {text}");
    let soft = std::fs::read_to_string(&soft).unwrap();
    assert_eq!(soft.lines().count(), 7, "a row an item: {soft}");
    let words = std::fs::read_to_string(&methods).unwrap();
    assert!(words.contains("In the cleaned file, clean.csv, 1 of 6 items have another label, 1 a confirmed one, 1 several; 1 excluded item is left out"), "{words}");
    assert_eq!(std::fs::read(&file).unwrap(), before);

    let (ok, _, err) = run(&[&args[..], &["--methods", clean.to_str().unwrap()]].concat());
    assert!(!ok && err.contains("--out and --methods name the same file"), "{err}");
    let (ok, _, err) = run(&[&args[..], &["--soft-labels", log.to_str().unwrap()]].concat());
    assert!(!ok && err.contains("this is the correction log"), "{err}");
}
