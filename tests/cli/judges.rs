//! Judges against people, estimates from an audit and models on corrected labels, by the command line.

use std::fmt::Write as _;

use crate::ok;
use assert_cmd::Command;
use dissensus::formats::{self, LoadOptions, Overrides};
use dissensus::progress::Progress;
use dissensus::review::event::Context;
use dissensus::review::{Action, Options, Queue, Session, log_path};
use serde_json::Value;

/// Without the line breaks of the report.
fn flowing(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn truth(item: usize) -> bool {
    item * 7 % 5 < 2
}

/// 200 items, four people, a judge that is right, one that repeats the given labels, and one that is turned round.
fn table(folder: &std::path::Path) -> std::path::PathBuf {
    let word = |yes: bool| if yes { "yes" } else { "no" };
    let mut csv = "item,part,given_label,rater,label\n".to_owned();
    for item in 0..200 {
        let given = truth(item) != (item % 10 == 3);
        let mut vote = |rater: &str, label: bool| {
            let part = if item % 2 == 0 { "even" } else { "odd" };
            writeln!(csv, "t{item:03},{part},{},{rater},{}", word(given), word(label)).unwrap();
        };
        for (r, name) in ["ana", "ben", "cem", "dia"].into_iter().enumerate() {
            vote(name, truth(item) != ((item * 3 + r * 5) % 13 == 0));
        }
        vote("right", truth(item) != (item % 17 == 4));
        vote("repeats", given != (item % 71 == 8));
        vote("turned", truth(item) == (item % 19 == 2));
    }
    let path = folder.join("judged.csv");
    std::fs::write(&path, csv).unwrap();
    path
}

#[test]
fn a_turned_judge_is_warned_of_and_parts_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let table = table(folder.path());
    let table = table.to_str().unwrap();
    let models = ["analyze", table, "--models", "right,repeats,turned"];
    let text = flowing(&ok(&[&models[..], &["--judge-validation=part"]].concat()));
    for words in [
        "Warning, turned: labels turned round: no → yes, yes → no",
        "By part",
        "A person against the others",
        "Shares of items with the same label",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let json = ok(&[&models[..], &["--judge-validation=part", "--format", "json"]].concat());
    let found: Value = serde_json::from_str(&json).unwrap();
    let found = &found["judge_validation"];
    let judges = found["judges"].as_array().unwrap();
    let warned: Vec<bool> = judges.iter().map(|j| j["label_map"]["warning"].as_bool().unwrap()).collect();
    assert_eq!(warned, [false, false, true]);
    assert_eq!(judges[0]["place"]["ranks"], serde_json::json!([1, 1]));
    assert_eq!(judges[0]["parts"].as_array().unwrap().len(), 2);
    assert_eq!(found["people_turned_round"], serde_json::json!([]));
    // What each person says, beside what a person says of the others' majority.
    let [right, turned] = [0, 2].map(|j| &judges[j]["says_what_each_person_says"]);
    let [of_right, of_turned] = [right, turned].map(|c| c["mean"]["mean"].as_f64().unwrap());
    assert!(of_right > 0.8 && of_turned < 0.2, "{of_right} {of_turned}");
    assert_eq!(right["people"].as_array().unwrap().len(), 4);
    let person = found["people"]["share_with_majority_of_others"]["mean"].as_f64().unwrap();
    assert!(right["in_the_place_of_each"]["mean"].as_f64().unwrap() > person - 0.05 && person < 1.0);
    let wrong = Command::cargo_bin("dissensus")
        .unwrap()
        .args([&models[..], &["--judge-validation=nowhere"]].concat())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&wrong.stderr).into_owned();
    assert!(!wrong.status.success() && told.contains("there are: part"), "{told}");
}

#[test]
fn an_audit_gives_intervals_and_corrections_change_places() {
    let folder = tempfile::tempdir().unwrap();
    let table = table(folder.path());
    let models = ["right", "repeats", "turned"].map(str::to_owned).to_vec();
    let options = LoadOptions { models, ..LoadOptions::default() };
    let dataset = formats::open(&table, &Overrides::default(), &options, &Progress::new()).unwrap();
    let log = log_path(&table, "lee");
    let (mut session, _) = Session::open_file(&dataset, &log, Options::new("lee", Value::Null)).unwrap();
    let label = |yes: bool| dataset.labels.id(if yes { "yes" } else { "no" }).unwrap();
    let audit = Queue::random_audit(dataset.n_items());
    for &item in &audit.items {
        let context = Context { reached: Some(audit.reached), ..Context::default() };
        session
            .decide(&dataset, item as usize, Action::Relabel(label(truth(item as usize))), context)
            .unwrap();
    }
    session.close().unwrap();
    let (table, log) = (table.to_str().unwrap(), log.to_str().unwrap());
    let args = [
        "analyze",
        table,
        "--models",
        "right,repeats,turned",
        "--log",
        log,
        "--audit-estimates",
        "--benchmark",
    ];
    let text = flowing(&ok(&args));
    for words in
        ["FROM THE AUDIT", "given labels are right", "Only the random audit enters", "Changes of place"]
    {
        assert!(text.contains(words), "{words}: {text}");
    }
    let found: Value = serde_json::from_str(&ok(&[&args[..], &["--format", "json"]].concat())).unwrap();
    let estimates = &found["audit_estimates"];
    assert_eq!(estimates["n_audited"], 60);
    let given = &estimates["estimates"][0];
    assert_eq!(given["target"], "given_labels_right");
    let ci = &given["prediction_powered"]["ci"];
    assert!(ci[0].as_f64().unwrap() < 0.9 && ci[1].as_f64().unwrap() > 0.9, "{given}");
    let swap = &found["benchmark"]["swaps"][0];
    assert_eq!(swap["models"], serde_json::json!(["repeats", "right"]));
    assert!(swap["at"].as_f64().unwrap() < 0.15, "{swap}");

    // Without the audit there is nothing to be estimated from.
    let none = flowing(&ok(&["analyze", table, "--models", "right,repeats,turned", "--audit-estimates"]));
    assert!(none.contains("no random sample"), "{none}");
}
