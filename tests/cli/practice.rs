//! `analyze --practice`: numbers that can be counted by hand.

use assert_cmd::Command;
use serde_json::Value;

fn analyze(file: &std::path::Path, more: &[&str]) -> String {
    let mut command = Command::cargo_bin("dissensus").unwrap();
    let done = command.arg("analyze").arg(file).args(more).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}

fn section(file: &std::path::Path, flag: &str) -> Value {
    let text = analyze(file, &[flag, "--format", "json"]);
    serde_json::from_str::<Value>(&text).unwrap()["practice"].clone()
}

/// Twelve raters answer ten items in the order of moments, against that of the file: even raters are right from their sixth
/// answer on, odd ones on every second. Two more leave after two answers.
fn votes(moments: bool) -> String {
    let mut text = "item,rater,kind,when,label,gold\n".to_owned();
    for item in 0..10 {
        for rater in 0..14 {
            let place = 9 - item;
            if rater >= 12 && place > 1 {
                continue;
            }
            let right = if rater % 2 == 0 { place >= 5 } else { place % 2 == 0 };
            let when = if moments { format!("2024-03-01T10:{rater:02}:{place:02}Z") } else { String::new() };
            let (kind, label) = (["even", "odd"][rater % 2], if right { "x" } else { "y" });
            text.push_str(&format!("i{item},r{rater},{kind},{when},{label},x\n"));
        }
    }
    text
}

#[test]
fn practice_is_told_in_json_and_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("votes.csv");
    std::fs::write(&file, votes(true)).unwrap();
    let found = section(&file, "--practice");
    assert_eq!(
        (&found["truth"], &found["order"], &found["first"]),
        (&"gold".into(), &"moments".into(), &10.into())
    );
    // Even raters: Σ (x − 5.5) over 6..=10 is 12.5; odd ones: over 1, 3, 5, 7, 9 it is −2.5; Σ (x − 5.5)² is 82.5.
    let near = |value: &Value, expected: f64| (value.as_f64().unwrap() - expected).abs() < 1e-9;
    assert!(near(&found["slope"]["value"], 5.0 / 82.5), "{}", found["slope"]);
    let (low, high) =
        (found["slope"]["ci_low"].as_f64().unwrap(), found["slope"]["ci_high"].as_f64().unwrap());
    assert!(low > -2.5 / 82.5 && low < 5.0 / 82.5 && high < 12.5 / 82.5 && high > 5.0 / 82.5);
    assert_eq!((&found["n_raters"], &found["n_raters_with_fewer"]), (&14.into(), &2.into()));
    let curve = found["curve"].as_array().unwrap();
    assert_eq!(
        (curve.len(), &curve[0]["n_raters_with_as_many"], &curve[2]["n_raters_with_as_many"]),
        (10, &14.into(), &12.into())
    );
    assert!(
        near(&curve[0]["share_right"], 0.5)
            && near(&curve[1]["share_right"], 0.0)
            && near(&curve[6]["share_right"], 1.0)
    );
    let group = &found["groups"][0];
    assert_eq!((&group["value"], &group["against"]), (&"even".into(), &"odd".into()));
    assert!(
        near(&group["slope"]["difference"], 15.0 / 82.5)
            && near(&group["slope"]["test"]["p_value"], 2.0 / 924.0)
    );
    assert!(near(&group["share_right_first"]["difference"], 0.0));

    let words = analyze(&file, &["--practice"]);
    assert!(
        words.contains("The first 10 answers of 12 of 14 raters, in the order in which they were given"),
        "{words}"
    );
    assert!(words.contains("+6.06 points an answer (95 % "), "{words}");

    // As many as are asked for; more than anybody gave have their reason.
    assert_eq!(section(&file, "--practice=2")["n_raters_with_fewer"], 0);
    let none = section(&file, "--practice=11");
    assert!(none["value"].is_null() && none["reason"].as_str().unwrap().contains("the most is 10"), "{none}");

    // Without moments the order is that of the file: the other way round.
    std::fs::write(&file, votes(false)).unwrap();
    let found = section(&file, "--practice");
    assert_eq!(found["order"], "items");
    assert!(found["slope"]["value"].as_f64().unwrap() < 0.0, "{}", found["slope"]);
}
