//! What stands side by side, by the command line: rows and their labels, items and their neighbours, tokens and the next, labels as a set.

use std::fmt::Write as _;

use crate::ok;
use serde_json::Value;

fn json(args: &[&str]) -> Value {
    serde_json::from_str(&ok(&[args, &["--format", "json"]].concat())).unwrap()
}

/// Without the line breaks of the report.
fn flowing(args: &[&str]) -> String {
    ok(args).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn near(value: &Value, expected: f64) -> bool {
    value.as_f64().is_some_and(|v| (v - expected).abs() < 1e-9)
}

#[test]
fn a_lost_row_shifts_the_labels_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let [table, model] = ["rows.csv", "model.csv"].map(|n| folder.path().join(n).display().to_string());
    let (mut csv, mut probabilities) = ("item,label\n".to_owned(), "a,b,c\n".to_owned());
    let truth = |i: usize| i * 7919 % 101 % 3;
    for i in 0..400 {
        let of = if i < 300 { i } else { (i + 2).min(399) };
        writeln!(csv, "t{i:03},{}", ["a", "b", "c"][truth(of)]).unwrap();
        let p = [0, 1, 2].map(|l| if l == truth(i) { "0.8" } else { "0.1" });
        writeln!(probabilities, "{}", p.join(",")).unwrap();
    }
    std::fs::write(&table, csv).unwrap();
    std::fs::write(&model, probabilities).unwrap();
    let args = ["analyze", &table, "--probs", &model, "--shifted-labels"];
    let found = &json(&args)["wrong_labels"]["shifted"];
    assert_eq!((&found["n_flagged"], &found["n_flagged_items"]), (&1.into(), &100.into()));
    let block = &found["blocks"][0];
    assert_eq!((&block["first_row"], &block["verdict"]), (&301.into(), &"shifted".into()));
    assert_eq!(block["best_lag"]["lag"], 2);
    assert!(flowing(&args).contains("301–400 labels belong 2 rows below"));
    let without = flowing(&["analyze", &table, "--shifted-labels"]);
    assert!(without.contains("Labels beside other rows: —"), "{without}");
}

#[test]
fn links_of_a_column_are_the_edges_of_the_graph() {
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("linked.csv").display().to_string();
    let mut csv = "item,text,edges,label\n".to_owned();
    // A ring of eight, four of each label, and a key that no item has.
    for i in 0..8 {
        let label = if i < 4 { "a" } else { "b" };
        writeln!(csv, "t{i},some words on {label} {i},t{} gone,{label}", (i + 1) % 8).unwrap();
    }
    std::fs::write(&table, csv).unwrap();
    let args = ["analyze", &table, "--neighbours"];
    let graph = &json(&args)["wrong_labels"]["neighbours"]["graph"];
    assert_eq!((&graph["by"], &graph["n_unknown_keys"]), (&"edges".into(), &8.into()));
    // Six of eight edges join equals; one half would by chance.
    assert!(
        near(&graph["homophily"]["share"], 0.75) && near(&graph["homophily"]["adjusted"], 0.5),
        "{graph}"
    );
    assert_eq!(graph["homophily"]["ends_of_edges"][0], serde_json::json!([6, 2]));
    assert!(graph["among_others"].as_array().unwrap().is_empty(), "nobody has three neighbours");
    assert!(near(&graph["convexity"][0]["share"], 1.0), "{graph}");
    assert!(flowing(&args).contains("Edges by “edges”: 8, homophily 0.750, adjusted 0.500"));
}

/// Two raters on the lines of three documents; they disagree in runs in the first.
fn documents() -> String {
    let mut csv = "item,doc_id,rater,label\n".to_owned();
    let runs = [("x", "0111100000"), ("y", "0000000000"), ("z", "01")];
    for (document, differ) in runs {
        for (line, differs) in differ.chars().enumerate() {
            let own = ["no", "yes"][line % 2];
            let other = if differs == '1' { "other" } else { own };
            writeln!(csv, "{document}{line},{document},ana,{own}\n{document}{line},{document},ben,{other}")
                .unwrap();
        }
    }
    csv
}

#[test]
fn runs_of_disagreement_and_what_no_label_holds() {
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("lines.csv").display().to_string();
    std::fs::write(&table, documents()).unwrap();
    let args = ["analyze", &table, "--cut", "before", "--cut", "label"];
    let report = json(&args);
    let cuts = report["agreement"]["cuts"].as_array().unwrap();
    let runs = &cuts[0]["beside"];
    assert_eq!((&runs["n_sequences"], &runs["n"], &runs["n_differ"]), (&3.into(), &22.into(), &5.into()));
    assert!(near(&runs["differ_after_a_difference"], 0.75), "{runs}");
    assert!(near(&runs["differ_after_agreement"], 2.0 / 15.0));
    let m: f64 = 5.0 / 22.0;
    let sum = 3.0 * (1.0 - m).powi(2) - 3.0 * m * (1.0 - m) + 13.0 * m * m;
    assert!(near(&runs["autocorrelation"], sum / 19.0 / (m * (1.0 - m))), "{runs}");
    let set = &cuts[1]["beside"];
    assert_eq!(set["outside"], serde_json::json!(["other"]));
    assert!(near(&set["coverage"]["value"], 39.0 / 44.0), "{set}");
    assert_eq!(set["n_uncovered_items"], 5);
    assert_eq!(set["below_chance"], serde_json::json!(["other"]));
    let text = flowing(&args);
    assert!(text.contains("… after a disagreement: 0.750") && text.contains("Below chance: other"), "{text}");
    let other = flowing(&["analyze", "sample_data/comments/comments.csv", "--cut", "before"]);
    assert!(other.contains("items do not follow each other"), "{other}");
}
