//! Which items are worth a person, by the command line.

use std::fmt::Write as _;
use std::path::Path;

use crate::ok;
use assert_cmd::Command;
use serde_json::{Value, json};

/// Without the line breaks of the report.
fn flowing(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

const N: usize = 240;

/// Two people on 180 of 240 items, tied where the models are near each other; the first model is wrong on every other item from the news.
fn files(folder: &Path) -> [String; 3] {
    let truth = |i: usize| i * 7 % 5 < 2;
    let word = |yes: bool| if yes { "yes" } else { "no" };
    let mut votes = "item,source,rater,label\n".to_owned();
    let (mut first, mut second) = ("prob_no,prob_yes\n".to_owned(), "prob_no,prob_yes\n".to_owned());
    for i in 0..N {
        let source = ["news", "forum", "chat"][i % 3];
        let tied = i % 20 == 7;
        if i % 4 == 3 && !tied {
            // Nobody but the machine: an item stands in the file by one vote of it.
            writeln!(votes, "t{i:03},{source},machine,{}", word(truth(i))).unwrap();
        } else {
            writeln!(votes, "t{i:03},{source},ana,{}", word(truth(i))).unwrap();
            writeln!(votes, "t{i:03},{source},ben,{}", word(truth(i) != tied)).unwrap();
        }
        let wrong = i % 6 == 0;
        let p = if truth(i) == wrong { 0.2 } else { 0.8 };
        writeln!(first, "{},{}", 1.0 - p, p).unwrap();
        let q = if tied { p } else { 0.5 };
        writeln!(second, "{},{}", 1.0 - q, q).unwrap();
    }
    [("votes.csv", votes), ("first.csv", first), ("second.csv", second)].map(|(name, text)| {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    })
}

#[test]
fn four_orders_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let [votes, first, second] = files(folder.path());
    let (first, second) = (format!("one={first}"), format!("two={second}"));
    let args = ["analyze", &votes, "--models", "machine", "--probs", &first, "--probs", &second];
    let text = flowing(&ok(&[&args[..], &["--routing"]].concat()));
    for words in [
        "WORTH A PERSON",
        "one is wrong on ",
        "Accuracy by looks, cross-validated",
        "source: news",
        "Area over random 0.",
        "Below the knee of one: ",
        "one and two differ on ",
        "told apart by kullback leibler divergence",
        "Ties saved, of ",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let json = |more: &[&str]| -> Value {
        serde_json::from_str(&ok(&[&args[..], more, &["--format", "json"]].concat())).unwrap()
    };
    let found = json(&["--routing"])["routing"].clone();
    let learned = &found["learned"];
    assert_eq!(learned["machine"], "one");
    assert_eq!(learned["order"]["better_than_random"], true);
    assert_eq!(learned["order"]["properties"][0]["property"], "source: news");
    let worklist = learned["order"]["worklist"].as_array().unwrap();
    assert_eq!(worklist.len() as u64, learned["n_waiting"].as_u64().unwrap());
    let curve = learned["order"]["curve"].as_array().unwrap();
    assert_eq!(curve.last().unwrap()["accuracy"], 1.0);
    let decisive = &found["decisive_first"];
    assert_eq!((&decisive["systems"], &decisive["n_ties"]), (&json!(["one", "two"]), &json!(12)));
    // Where the two are alike all ties are: none among the first.
    assert_eq!(decisive["ties_saved"][1]["saved"], 1.0);
    assert!(decisive["ties_saved"][1]["ci"][0].as_f64().unwrap() < 1.0);
    assert_eq!(found["two_that_differ"]["pair"], json!(["one", "two"]));

    // The other machine, which is never wrong where people answered; and one that there is not.
    let machine = json(&["--routing=machine"])["routing"]["learned"].clone();
    assert!(machine["reason"].as_str().unwrap().contains("no item has people's label"), "{machine}");
    let wrong = Command::cargo_bin("dissensus")
        .unwrap()
        .args([&args[..], &["--routing=nobody"]].concat())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&wrong.stderr).into_owned();
    assert!(!wrong.status.success() && told.contains("there are: one, two, machine"), "{told}");
}
