//! Automatic metrics against people, by the command line.

use std::fmt::Write as _;

use crate::ok;
use assert_cmd::Command;
use serde_json::Value;

fn run(args: &[&str]) -> std::process::Output {
    Command::cargo_bin("dissensus").unwrap().args(args).output().unwrap()
}

#[test]
fn metrics_are_told_at_three_levels() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scored.csv");
    let mut csv = "item,system,doc_id,lang,near,noise,rater,label\n".to_owned();
    for item in 0..60_usize {
        let (system, source) = (item % 5, item / 5);
        let level = 1 + (system + source) % 5;
        let (near, noise) = (level as f64 + (item % 3) as f64 / 4.0, item * 37 % 53);
        let lang = if item % 2 == 0 { "de" } else { "fi" };
        for rater in 0..2 {
            let label = (level + usize::from((item + rater) % 6 == 0)).min(6);
            writeln!(csv, "i{item},s{system},d{source},{lang},{near},{noise},r{rater},{label}").unwrap();
        }
    }
    std::fs::write(&path, csv).unwrap();
    let path = path.to_str().unwrap();
    let report: Value =
        serde_json::from_str(&ok(&["analyze", path, "--metrics", "--format", "json"])).unwrap();
    let found = &report["metrics"];
    assert_eq!((&found["system_column"], &found["source_column"]), (&"system".into(), &"doc_id".into()));
    let near = &found["metrics"][0];
    assert_eq!(near["metric"], "near");
    let rho = &near["items"]["correlation"]["spearman"];
    assert!(rho["value"].as_f64().unwrap() > 0.9 && rho["ci_low"].is_f64(), "{rho}");
    let orders = &near["systems"]["orders"]["spearman"];
    assert_eq!((orders["n_orders"].as_u64(), orders["exact"].as_bool()), (Some(120), Some(true)));
    assert!(orders["least_p"].as_f64().unwrap() >= 2.0 / 120.0 - 1e-12);
    assert_eq!(near["within_sources"]["n_sources"], 12);
    assert!(found["best_two"]["williams_t"].as_f64().unwrap() > 2.0);
    let text = ok(&["analyze", path, "--metrics=lang"]);
    for words in [
        "Metrics against people (mean of people’s votes), over items",
        "Over 2 systems (lang)",
        "Williams’ t",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let wrong = run(&["analyze", path, "--metrics=nowhere"]);
    let told = String::from_utf8_lossy(&wrong.stderr).into_owned();
    assert!(!wrong.status.success() && told.contains("there are: system"), "{told}");
}

#[test]
fn what_is_hard_for_people_and_for_models_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("questions.csv");
    let mut csv = "item,kind,gold,rater,seconds,label\n".to_owned();
    for item in 0..40_usize {
        let hard = [item % 4 == 0, item % 2 == 0];
        for rater in ["ana", "ben", "cem", "judge-a", "judge-b"] {
            let wrong = if rater.starts_with("judge") { hard[1] } else { hard[0] && rater != "ana" };
            let label = if wrong { "no" } else { "yes" };
            let seconds = if hard[0] { 8 } else { 4 } + item % 3;
            writeln!(csv, "i{item},k{},yes,{rater},{seconds},{label}", item % 4).unwrap();
        }
    }
    std::fs::write(&path, csv).unwrap();
    let args = ["analyze", path.to_str().unwrap(), "--models", "judge-a,judge-b", "--difficulty=kind"];
    let report: Value = serde_json::from_str(&ok(&[&args[..], &["--format", "json"]].concat())).unwrap();
    let found = &report["difficulty"];
    let counts: Vec<u64> =
        found["quadrants"]["counts"].as_array().unwrap().iter().map(|q| q["n"].as_u64().unwrap()).collect();
    assert_eq!(counts, [20, 0, 10, 10]);
    assert!(found["correlations"][0]["items"]["spearman"]["value"].as_f64().unwrap() > 0.5);
    assert!((found["items"][0]["b"].as_f64().unwrap() - 2.0_f64.ln()).abs() < 1e-9);
    assert_eq!(found["conditions"].as_array().unwrap().len(), 4);
    assert!(found["times"]["longest_s"].is_f64());
    let text = ok(&args);
    assert!(text.contains("Quadrants, by medians") && text.contains("Over 4 conditions (kind)"), "{text}");
    let wrong = run(&["analyze", path.to_str().unwrap(), "--difficulty=nowhere"]);
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("there are: kind"));
}
