//! Journeys through the export's check-list and the nutrition label.

use std::path::Path;

use crate::window::{
    Window, click, doc, folder, launch, press, settle, shown, still, until, window, window_on,
};
use dissensus::app::state::View;
use dissensus::dataset::Outcome;
use dissensus::report::{About, Field};
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;

const HOSTILE: &str = "<script>alert(1)</script>";

fn checklist(w: &mut Window) {
    press(w, Modifiers::COMMAND, Key::E);
    still(w, "the check-list");
}

/// Decides the first items of the queue of issues: kept, excluded, unsure, none of the labels, two labels.
fn decide_some(w: &mut Window) {
    press(w, Modifiers::NONE, Key::Enter);
    still(w, "the queue of issues");
    assert_eq!(w.state().view, View::Review);
    for (modifiers, key) in [
        (Modifiers::NONE, Key::Enter),
        (Modifiers::SHIFT, Key::X),
        (Modifiers::NONE, Key::U),
        (Modifiers::NONE, Key::N),
    ] {
        press(w, modifiers, key);
        still(w, "decided");
    }
    press(w, Modifiers::NONE, Key::M);
    press(w, Modifiers::NONE, Key::Num1);
    press(w, Modifiers::NONE, Key::Num2);
    press(w, Modifiers::NONE, Key::Enter);
    still(w, "two labels");
    assert_eq!(doc(w).edits().len(), 5);
}

#[test]
fn warnings_are_read_items_opened_and_everything_is_written_beside() {
    let folder = folder();
    let source = std::fs::read(folder.path().join("comments.csv")).unwrap();
    let mut w = window(launch(folder.path()));
    decide_some(&mut w);
    checklist(&mut w);
    w.get_by_label_contains("Fine: A new file");
    w.get_by_label_contains("Fine: Written back in its own format. The cells of “given” change");
    w.get_by_label_contains("Warning: 1 item has none of the labels. The file cannot say so");
    w.get_by_label_contains("Note: 595 items are undecided");
    w.get_by_label_contains("Fine: No other log beside the source");
    // The warning about two labels opens its item.
    w.get_by_label_contains("Warning: 1 item has several labels. One label has its place there").click();
    still(&mut w, "the items behind it");
    let several: Vec<u32> = doc(&w)
        .edits()
        .iter()
        .filter(|e| matches!(e.1.outcome, Outcome::Several(_)))
        .map(|e| e.0 as u32)
        .collect();
    assert_eq!((w.state().view, shown(&w)), (View::Items, several));

    checklist(&mut w);
    click(&mut w, "A status column for every decided item");
    w.get_by_label_contains("Note: 1 item has none of the labels. The label that stood there stays, with the status none_of_labels");
    click(&mut w, "Also soft labels");
    click(&mut w, "Also the paragraph on methods");
    click(&mut w, "Export");
    until(&mut w, "the message", |app| {
        app.messages().iter().any(|m| m.what.starts_with("Wrote the cleaned file"))
    });
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    let clean = read("comments.clean.csv");
    assert!(clean.lines().next().unwrap().ends_with(",status"), "{}", clean.lines().next().unwrap());
    let excluded = doc(&w).edits().iter().find(|e| e.1.outcome == Outcome::Excluded).unwrap().0;
    let key = doc(&w).dataset.keys.get(excluded).to_owned();
    assert!(!clean.contains(&format!("\n{key},")));
    assert!(clean.lines().any(|l| l.ends_with(",several")) && clean.lines().any(|l| l.ends_with(",unsure")));
    assert_eq!(read("comments.clean.soft_labels.csv").lines().count(), 601);
    let methods = read("comments.clean.methods.txt");
    assert!(
        methods.contains("1 reviewer (tester)") && methods.contains("because a method flagged them"),
        "{methods}"
    );
    assert!(methods.contains("In the cleaned file, comments.clean.csv, 0 of 600 items have another label, 1 a confirmed one, 1 several"), "{methods}");
    assert_eq!(std::fs::read(folder.path().join("comments.csv")).unwrap(), source);

    // The original, by whatever name, stops the export.
    checklist(&mut w);
    w.get_by_label_contains("Warning: The file is there already");
    let path = w.get_by_label("Path of the cleaned file");
    path.focus();
    w.key_press_modifiers(Modifiers::COMMAND, Key::A);
    let original = folder.path().join("comments.csv").display().to_string();
    w.get_by_label("Path of the cleaned file").type_text(&original);
    still(&mut w, "typed");
    w.get_by_label_contains("Stop: Not to be written there");
}

/// A table whose words are hostile: a column name, a label, a text.
fn hostile(folder: &Path) -> std::path::PathBuf {
    let path = folder.join("h.csv");
    let mut text = format!("item,rater,label,text,{HOSTILE}\n");
    for i in 0..12 {
        for rater in 0..2 {
            text.push_str(&format!(
                "i{i},r{rater},{HOSTILE}{},{HOSTILE} text {i},\"\"\"><img src=x>{}\"\n",
                (i + rater) % 2,
                i % 3
            ));
        }
    }
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn what_is_typed_is_kept_and_the_label_is_saved_without_markup() {
    let folder = tempfile::tempdir().unwrap();
    let path = hostile(folder.path());
    let places = folder.path().join("places");
    let mut w = window_on(&path, &places);
    press(&mut w, Modifiers::COMMAND | Modifiers::SHIFT, Key::N);
    still(&mut w, "the label");
    assert_eq!(w.state().view, View::Label);
    w.get_by_label_contains("24 rows, 5 columns, 0.00 % missing");
    w.get_by_label("Licence").focus();
    w.step();
    w.get_by_label("Licence").type_text(&format!("CC0 {HOSTILE}"));
    still(&mut w, "typed");
    // Leaving the view while the cursor is in the field loses nothing.
    press(&mut w, Modifiers::COMMAND, Key::Num2);
    still(&mut w, "items");
    let about = About::beside(&path).unwrap();
    assert_eq!(about.get(Field::Licence), format!("CC0 {HOSTILE}"));

    press(&mut w, Modifiers::COMMAND | Modifiers::SHIFT, Key::N);
    still(&mut w, "the label");
    click(&mut w, "Columns");
    w.get_by_label_contains("rater: 2 different");
    press(&mut w, Modifiers::NONE, Key::J);
    w.get_by_label("Most frequent: multiple detected");
    click(&mut w, "Annotation");
    w.get_by_label("Votes per item: 2 / 2 / 2");
    w.get_by_label("Imbalance ratio ρ: —");
    click(&mut w, "Pairs");
    click(&mut w, "Into the label");
    click(&mut w, "Save label");
    until(&mut w, "the message", |app| app.messages().iter().any(|m| m.what.contains("nutrition label")));
    let html = std::fs::read_to_string(folder.path().join("h.nutrition.html")).unwrap();
    assert!(!html.contains("<script") && !html.contains("<img"), "{html}");
    assert!(html.contains("CC0 &lt;script&gt;") && html.matches("class=\"pair\"").count() == 1);
    // Every element that begins ends: what a parser would ask first.
    for tag in [
        "html",
        "head",
        "body",
        "main",
        "section",
        "table",
        "svg",
        "figure",
        "figcaption",
        "tr",
        "td",
        "th",
        "text",
        "title",
    ] {
        let begun = html.matches(&format!("<{tag}>")).count() + html.matches(&format!("<{tag} ")).count();
        assert_eq!(begun, html.matches(&format!("</{tag}>")).count(), "{tag}");
    }
    let json: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(folder.path().join("h.nutrition.json")).unwrap())
            .unwrap();
    assert_eq!(json["metadata"]["licence"], format!("CC0 {HOSTILE}"));
    assert_eq!((&json["metadata"]["rows"], json["pairs"].as_array().unwrap().len()), (&24.into(), 1));
    drop(w);

    // Read again, it stands in its field.
    let mut w = window_on(&path, &places);
    press(&mut w, Modifiers::COMMAND | Modifiers::SHIFT, Key::N);
    settle(&mut w, "the label");
    assert_eq!(doc(&w).about.as_ref().unwrap().get(Field::Licence), format!("CC0 {HOSTILE}"));
}

#[test]
fn a_damaged_file_of_words_is_told_and_not_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let path = hostile(folder.path());
    let file = About::path_beside(&path);
    std::fs::write(&file, "{not json").unwrap();
    let mut w = window_on(&path, &folder.path().join("places"));
    press(&mut w, Modifiers::COMMAND | Modifiers::SHIFT, Key::N);
    still(&mut w, "the label");
    w.get_by_label_contains("What is said of the dataset cannot be read");
    press(&mut w, Modifiers::COMMAND, Key::Num2);
    still(&mut w, "items");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "{not json");
}
