//! The data of a view as CSV: what is written is what is shown, names that would run are defused, and a view without data says why.

use std::collections::HashMap;
use std::path::Path;

use crate::window::{Window, click, doc, folder, launch, press, still, window, window_on};
use dissensus::app::command::Command;
use dissensus::app::state::View;
use dissensus::app::tidy::HEADER;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;

pub type Rows = HashMap<[String; 4], [String; 5]>;

/// Saves the data of the view on screen.
pub fn save(w: &mut Window) {
    let ctx = w.ctx.clone();
    w.state_mut().run(&ctx, Command::SaveData);
    still(w, "data");
}

/// What is in a file: (part, row, column, measure) to (value, interval, n, reason), each once.
pub fn read(path: &Path) -> Rows {
    let mut csv = csv::Reader::from_path(path).unwrap();
    assert_eq!(csv.headers().unwrap().iter().collect::<Vec<_>>(), HEADER);
    let mut rows = Rows::new();
    for record in csv.records().map(Result::unwrap) {
        let cell = |at: usize| record[at].to_owned();
        let known = rows.insert([0, 1, 2, 3].map(cell), [4, 5, 6, 7, 8].map(cell));
        assert!(known.is_none(), "{record:?} is there twice");
    }
    rows
}

pub fn value<'a>(rows: &'a Rows, key: [&str; 4]) -> &'a str {
    &rows.get(&key.map(str::to_owned)).unwrap_or_else(|| panic!("{key:?}"))[0]
}

fn number(rows: &Rows, key: [&str; 4]) -> f64 {
    value(rows, key).parse().unwrap()
}

fn show(w: &mut Window, key: Key) {
    press(w, Modifiers::COMMAND, key);
    still(w, "view");
}

#[test]
fn what_is_saved_from_a_view_is_what_it_shows() {
    let folder = folder();
    let mut w = window(launch(folder.path()));
    save(&mut w);
    assert!(w.state().messages().iter().any(|m| m.what.contains("data of the view as CSV")));
    let rows = read(&folder.path().join("comments.overview.csv"));
    let labels = doc(&w).dataset.labels.names().to_vec();
    for label in &labels {
        let given = value(&rows, ["labels", label, "", "given"]);
        let against = value(&rows, ["labels", label, "", "consensus"]);
        w.get_by_label(&format!("{label}: given {given}, consensus {against}"));
        let alpha = number(&rows, ["agreement", label, "", "krippendorff_alpha"]);
        w.get_by_label(&format!("{label}: {alpha:.2}"));
    }
    w.get_by_label(
        &format!("Fleiss κ: {:.2}", number(&rows, ["agreement", "", "", "fleiss_kappa"]))
            .replace(": -", ": −"),
    );
    let derived = doc(&w).derived.clone().unwrap();
    for &(rater, ..) in &derived.overview.raters {
        let name = doc(&w).rater_name(rater).to_owned();
        let competence = number(&rows, ["raters", &name, "", "competence"]);
        let votes = value(&rows, ["raters", &name, "", "votes"]);
        w.get_by_label(&format!("{name}: competence {competence:.2}, {votes} votes"));
    }
    let bins = rows.iter().filter(|(key, _)| key[3] == "flagged");
    let flagged: u32 = bins.map(|(_, row)| row[0].parse::<u32>().unwrap()).sum();
    assert_eq!(flagged as usize, derived.overview.n_flagged);

    show(&mut w, Key::Num6);
    save(&mut w);
    let rows = read(&folder.path().join("comments.errors.csv"));
    let part = "joint: given, estimated true";
    for (key, row) in rows.iter().filter(|(key, row)| key[0] == part && key[1] != key[2] && row[0] != "0") {
        w.get_by_label(&format!("given {}, probably {}: {}", key[1], key[2], row[0]));
    }
    assert_eq!(rows.keys().filter(|key| key[0] == part).count(), labels.len() * labels.len());

    // The map of raters, and a second table beside the first.
    show(&mut w, Key::Num3);
    save(&mut w);
    save(&mut w);
    let rows = read(&folder.path().join("comments.raters-2.csv"));
    let pairs = &doc(&w).analysis.as_ref().unwrap().agreement.cohen_kappa.pairs;
    for pair in pairs {
        let names = [pair.a, pair.b].map(|r| doc(&w).rater_name(r).to_owned());
        let there = |a: &str, b: &str| rows.get(&["map", a, b, "cohen_kappa"].map(str::to_owned));
        let row = there(&names[0], &names[1]).or_else(|| there(&names[1], &names[0])).unwrap();
        match pair.kappa.value() {
            Some(kappa) => assert_eq!(row[0].parse::<f64>().unwrap(), kappa),
            None => assert!(row[0].is_empty() && !row[4].is_empty(), "{row:?}"),
        }
    }
    assert!(folder.path().join("comments.raters.csv").exists());
}

#[test]
fn every_view_has_data_or_says_why_not() {
    let folder = folder();
    let mut w = window(launch(folder.path()));
    let ctx = w.ctx.clone();
    let saved = [
        (Command::ShowAgreement, "agreement"),
        (Command::ShowAggregation, "aggregation"),
        (Command::ShowCompare, "compare"),
        (Command::ShowModels, "models"),
        (Command::ShowGroups, "groups"),
    ];
    for (command, name) in saved {
        w.state_mut().run(&ctx, command);
        still(&mut w, name);
        save(&mut w);
        let rows = read(&folder.path().join(format!("comments.{name}.csv")));
        assert!(rows.len() > 5, "{name}");
        let undefined = rows.iter().find(|(_, row)| row[0].is_empty() && row[4].is_empty());
        assert!(undefined.is_none(), "{name}: {undefined:?} has no value and no reason");
    }
    // Nothing before the first decision; then what before and after show.
    w.state_mut().run(&ctx, Command::ShowLog);
    still(&mut w, "log");
    w.get_by_label("Before and after").click();
    still(&mut w, "before");
    let without = [
        (Command::ShowLog, "Nothing was decided yet"),
        (Command::ShowItems, "--items"),
        (Command::ShowReview, "what is hidden from a reviewer stays hidden"),
        (Command::ShowVersions, "no tags"),
        (Command::ShowLabel, "Save nutrition label"),
        (Command::ShowConflicts, "log conflicts"),
    ];
    let files = || std::fs::read_dir(folder.path()).unwrap().count();
    for (command, why) in without {
        w.state_mut().run(&ctx, command);
        still(&mut w, "view");
        let before = files();
        save(&mut w);
        let said = w.state().messages().last().unwrap().clone();
        assert!(said.wrong && said.what.contains("no data to save") && said.why.contains(why), "{said:?}");
        assert_eq!(files(), before);
        press(&mut w, Modifiers::NONE, Key::Escape);
    }
    w.state_mut().run(&ctx, Command::ReviewIssues);
    still(&mut w, "review");
    for key in [Key::S, Key::Space] {
        press(&mut w, Modifiers::NONE, key);
        still(&mut w, "a decision");
    }
    w.state_mut().run(&ctx, Command::ShowLog);
    still(&mut w, "log");
    assert_eq!(w.state().view, View::Log);
    save(&mut w);
    let rows = read(&folder.path().join("comments.log.csv"));
    let open =
        |side: &str| value(&rows, ["Health of the labels", "Label issues without a decision", "", side]);
    for side in ["before", "now"] {
        w.get_by_label(&format!("Label issues without a decision, {side}: {}", open(side)));
    }
}

#[test]
fn each_tab_of_the_raters_has_its_own_data() {
    let folder = tempfile::tempdir().unwrap();
    let path = crate::raters::camps(folder.path());
    let mut w = window_on(&path, &folder.path().join("places"));
    show(&mut w, Key::Num3);
    click(&mut w, "Tastes");
    save(&mut w);
    let rows = read(&folder.path().join("answers.raters.csv"));
    for at in 1..=2 {
        let share = 100.0 * number(&rows, ["dimensions", &format!("dimension {at}"), "", "share"]);
        let kept = value(&rows, ["dimensions", &format!("dimension {at}"), "", "kept"]) == "1";
        let kept = if kept { "kept" } else { "no more than chance" };
        w.get_by_label(&format!("dimension {at}: {share:.1} %, {kept}"));
    }
    let found = doc(&w).panels.tastes().unwrap();
    let report = found.as_ref().as_ref().unwrap();
    for (&rater, &score) in report.rows.iter().zip(&report.found.dimensions[0].scores) {
        assert_eq!(number(&rows, ["points", doc(&w).rater_name(rater), "dimension 1", "score"]), score);
    }
    click(&mut w, "Use of the scale");
    save(&mut w);
    let rows = read(&folder.path().join("answers.raters-2.csv"));
    assert_eq!(value(&rows, ["raters", "r0", "", "ratings"]), "24");
}

#[test]
fn names_that_a_spreadsheet_would_run_are_defused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("votes.csv");
    let mut text = "item,rater,label\n".to_owned();
    for item in 0..12 {
        for rater in ["=cmd", "@ben", "chi"] {
            text.push_str(&format!("{item},{rater},{}\n", if item % 3 == 0 { "+yes" } else { "no" }));
        }
    }
    std::fs::write(&path, text).unwrap();
    let mut w = window_on(&path, &folder.path().join("places"));
    show(&mut w, Key::Num3);
    save(&mut w);
    let written = std::fs::read_to_string(folder.path().join("votes.raters.csv")).unwrap();
    assert!(written.contains("'=cmd") && written.contains("'@ben") && written.contains("'+yes"), "{written}");
    assert!(!written.contains(",=cmd") && !written.contains(",@ben") && !written.contains(",+yes"));
}
