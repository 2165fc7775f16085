//! What preferences and scores reward, by the command line.

use std::fmt::Write as _;

use crate::ok;
use assert_cmd::Command;
use serde_json::Value;

fn json(args: &[&str]) -> Value {
    serde_json::from_str(&ok(&[args, &["--format", "json"]].concat())).unwrap()
}

/// Most take P, a little; those who take Q do so by far. What loses is "rude", as a rule.
fn graded(folder: &std::path::Path) -> std::path::PathBuf {
    let mut csv = "item,prompt,model_a,model_b,errors_a,errors_b,rater,label\n".to_owned();
    for i in 0..40 {
        let (a, b) = if i % 2 == 0 { ("P", "Q") } else { ("Q", "P") };
        for rater in 0..5 {
            let p_wins = (i + rater) % 5 < 3;
            let (side, how) = match (p_wins, a == "P") {
                (true, true) => ("A", "slightly"),
                (true, false) => ("B", "slightly"),
                (false, true) => ("B", "clearly"),
                (false, false) => ("A", "clearly"),
            };
            let (ea, eb) = if i % 2 == 0 { ("off-topic", "rude; long") } else { ("rude; long", "off-topic") };
            writeln!(csv, "i{i},p{},{a},{b},{ea},{eb},r{rater},{side} is {how} better", i / 2).unwrap();
        }
    }
    let path = folder.join("graded.csv");
    std::fs::write(&path, csv).unwrap();
    path
}

#[test]
fn counts_against_strengths_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = graded(folder.path());
    let path = path.to_str().unwrap();
    let found = &json(&["analyze", path, "--preferences", "--what-wins"]);
    let strengths = &found["preferences"]["strengths"];
    assert_eq!(strengths["n_conflicts"], 1, "{strengths}");
    let pair = &strengths["pairs"][0];
    assert_eq!((pair["first"].as_str(), pair["as_given"]["n"].as_u64()), (Some("P"), Some(200)));
    let (wins, strength) = (&pair["as_given"]["wins"], &pair["as_given"]["mean_strength"]);
    assert!((wins.as_f64().unwrap() - 0.6).abs() < 1e-12 && (strength.as_f64().unwrap() + 0.2).abs() < 1e-12);
    assert!(pair["n_items_behind"].as_u64().unwrap() > 10);
    let factors = &found["what_wins"]["factors"];
    assert_eq!(factors["factors"][0]["factor"], "off-topic", "{factors}");
    assert_eq!(factors["factors"].as_array().unwrap().len(), 3);
    let words = ok(&["analyze", path, "--preferences"]);
    assert!(words.contains("P against Q") && words.contains("opposite winners"), "{words}");
}

#[test]
fn points_that_errors_cost_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scores.csv");
    // One row a vote: a score and two yes-or-no questions; wrong takes off two, rude one, and rater b is stricter by one.
    let mut csv = "item,rater,overall,wrong,rude\n".to_owned();
    for i in 0..60 {
        let (wrong, rude) = (i % 3 == 0, i % 4 == 1);
        for (rater, strict) in [("a", 0), ("b", 1), ("c", 0)] {
            let score = 5 - 2 * i32::from(wrong) - i32::from(rude) - strict;
            let word = |yes: bool| if yes { "yes" } else { "no" };
            writeln!(csv, "i{i},{rater},{score},{},{}", word(wrong), word(rude)).unwrap();
        }
    }
    std::fs::write(&path, csv).unwrap();
    let path = path.to_str().unwrap();
    let mut args = vec!["analyze", path, "--question", "overall"];
    for role in ["item=item", "rater=rater", "overall=label", "wrong=label", "rude=label"] {
        args.extend(["--role", role]);
    }
    let report = json(&[&args[..], &["--score-rewards=0.0001"]].concat());
    let found = &report["score_rewards"];
    assert_eq!((found["n"].as_u64(), found["score"].as_str()), (Some(60), Some("overall")), "{found}");
    let (wrong, rude) = (&found["flags"][0], &found["flags"][1]);
    assert_eq!((wrong["flag"].as_str(), rude["flag"].as_str()), (Some("wrong"), Some("rude")));
    let near = |v: &Value, want: f64| (v.as_f64().unwrap() - want).abs() < 0.02;
    assert!(near(&wrong["cost"], 2.0) && near(&rude["cost"], 1.0), "{found}");
    // Drawn to 0 a little by λ = 1.
    assert!(wrong["cost_within_raters"].as_f64().unwrap() > 1.94, "{found}");
    assert!(near(&wrong["krippendorff_alpha"]["value"], 1.0), "{found}");
    assert_eq!(found["votes_within_raters"], 180);
    let words = ok(&[&args[..], &["--score-rewards"]].concat());
    assert!(words.contains("WHAT A SCORE REWARDS") && words.contains("penalty 0.01"), "{words}");
    let wrong =
        Command::cargo_bin("dissensus").unwrap().args([&args[..], &["--score-rewards=-1"]].concat()).output();
    assert_eq!(wrong.unwrap().status.code(), Some(1));
}
