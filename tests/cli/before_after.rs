//! `dissensus log compare`: what a log changed, as text and as JSON.

use crate::ok;
use assert_cmd::Command;
use dissensus::formats::{self, LoadOptions, Overrides};
use dissensus::progress::Progress;
use dissensus::review::{Action, Context, Options, Session, log_path};
use serde_json::{Value, json};

fn run(args: &[&str]) -> std::process::Output {
    Command::cargo_bin("dissensus").unwrap().args(args).output().unwrap()
}

#[test]
fn a_log_is_compared_with_its_source() {
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("votes.csv");
    std::fs::write(
        &table,
        "item,label,ann,ben,chi\n1,yes,yes,yes,no\n2,no,yes,yes,yes\n3,no,no,no,no\n4,yes,no,no,yes\n5,no,no,no,no\n",
    )
    .unwrap();
    let roles = ["label=given", "ann=label", "ben=label", "chi=label"].map(str::to_owned);
    let overrides = Overrides::parse(&roles).unwrap();
    let dataset = formats::open(&table, &overrides, &LoadOptions::default(), &Progress::new()).unwrap();
    let log = log_path(&table, "lee");
    let (mut session, _) = Session::open_file(&dataset, &log, Options::new("lee", Value::Null)).unwrap();
    let yes = dataset.labels.id("yes").unwrap();
    for (item, action) in [(1, Action::Relabel(yes)), (2, Action::Keep), (4, Action::Exclude)] {
        session.decide(&dataset, item, action, Context::default()).unwrap();
    }
    session.close().unwrap();
    let (table, log) = (table.to_str().unwrap(), log.to_str().unwrap());
    let mut data = vec!["log", "compare", table];
    roles.iter().for_each(|role| data.extend(["--role", role]));
    let args: Vec<&str> = data.iter().copied().chain(["--log", log]).collect();
    let text = ok(&args);
    for words in ["3 of 5 items were decided", "LABELS AGAINST RATERS", "WHAT BECAME WHAT", "excluded"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let line = text.lines().find(|l| l.contains("is not the majority")).unwrap();
    let cells: Vec<&str> = line.split_whitespace().rev().take(3).collect();
    assert_eq!(cells, ["−1", "1", "2"], "{text}");

    let args: Vec<&str> = args.into_iter().chain(["--format", "json"]).collect();
    let found: Value = serde_json::from_str(&ok(&args)).unwrap();
    assert_eq!((&found["items"], &found["decided"]), (&json!(5), &json!(3)));
    let numbers = &found["numbers"];
    assert_eq!(numbers["given_not_majority"]["before"]["value"], 2.0);
    assert_eq!(numbers["given_not_majority"]["difference"]["value"], -1.0);
    assert_eq!(numbers["agreement_with_majority"]["now"], json!({ "value": 0.75, "n_items": 4 }));
    assert_eq!(numbers["wrong_labels_estimated"]["now"]["value"], Value::Null);
    assert_eq!(numbers["wrong_labels_estimated"]["now"]["reason"], "needs predicted probabilities");
    let flow = json!([
        { "from": "no", "to": "yes", "outcome": "label", "n": 1 },
        { "from": "no", "to": null, "outcome": "excluded", "n": 1 },
    ]);
    assert_eq!(found["flow"], flow);
    assert_eq!(found["labels"][2], json!({ "label": null, "before": 0, "now": 1, "n_changed": 1 }));
    assert_eq!(ok(&args), ok(&args), "the same bytes");

    let out = run(&data);
    assert_eq!(out.status.code(), Some(1), "a log is wanted");
    assert!(String::from_utf8_lossy(&out.stderr).contains("--log"));
}
