//! Journeys through versions of one text: how often one label became another, examples, reasons, and a second coder.

use std::path::Path;
use std::sync::Arc;

use crate::window::{Window, click, doc, press, still, window};
use dissensus::analysis::versions::{VersionsReport, Which};
use dissensus::app::open::Wanted;
use dissensus::app::state::View;
use dissensus::app::{App, Launch, LogPlace};
use dissensus::review::Log;
use dissensus::stats::versions::DifferenceKind;
use egui::{Event, Key, Modifiers};
use egui_kittest::kittest::Queryable as _;

/// A folder of its own with both versions of the news.
fn news() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_data/news");
    for name in ["original.conll", "revised.conll"] {
        std::fs::copy(sample.join(name), folder.path().join(name)).unwrap();
    }
    folder
}

fn launch(folder: &Path, names: &[&str], reviewer: &str) -> Launch {
    let files: Vec<_> = names.iter().map(|n| folder.join(n)).collect();
    let wanted = Wanted { more: files[1..].to_vec(), at_once: true, ..Wanted::table(files[0].clone()) };
    Launch {
        wanted: Some(wanted),
        reviewer: Some(reviewer.to_owned()),
        data_folder: Some(folder.join(format!("places of {reviewer}"))),
        log: LogPlace::Beside,
    }
}

fn open(folder: &Path, reviewer: &str) -> Window {
    window(launch(folder, &["original.conll", "revised.conll"], reviewer))
}

fn versions(w: &mut Window) {
    press(w, Modifiers::COMMAND | Modifiers::SHIFT, Key::T);
    still(w, "versions");
    assert_eq!(w.state().view, View::Versions);
}

fn report(w: &Window) -> Arc<VersionsReport> {
    Arc::clone(doc(w).panels.versions().unwrap().as_ref().as_ref().unwrap())
}

fn key(w: &mut Window, key: Key) {
    press(w, Modifiers::NONE, key);
    still(w, "a key");
}

fn state(app: &App) -> (Which, usize) {
    (app.versions.which(), app.versions.place())
}

fn codes(w: &Window) -> Vec<(String, String)> {
    let label =
        |m: &Option<dissensus::review::event::Marked>| m.as_ref().map_or("none".into(), |m| m.label.clone());
    let codes = doc(w).session.codes();
    codes.map(|(t, c)| (format!("{} {}", label(&t.first), label(&t.second)), c.to_owned())).collect()
}

#[test]
fn how_often_one_label_became_another_three_examples_and_a_reason_in_seven_keys() {
    let folder = news();
    let mut w = open(folder.path(), "ann");
    let mut keys = 0;
    let mut one = |w: &mut Window, k: Key| {
        keys += 1;
        key(w, k);
    };
    versions(&mut w);
    // The commonest cell of the matrix, in words and in figures.
    one(&mut w, Key::ArrowRight);
    let found = report(&w);
    let pair = &found.found.pairs[0];
    let most = pair.label_pairs()[0];
    assert_eq!((found.kind(most.first), found.kind(most.second)), ("LOC", "ORG"));
    w.get_by_label(&format!("LOC became ORG: {}", most.n));
    w.get_by_label_contains("LOC in A · ORG in B");
    let cell = Which::Types(most.first, most.second);
    let listed = found.listed(0, cell).unwrap().clone();
    assert_eq!((state(w.state()), listed.differences.len() as u64), ((cell, 0), most.n));
    // Two more examples.
    one(&mut w, Key::J);
    one(&mut w, Key::J);
    assert_eq!(state(w.state()).1, 2);
    let sentence = pair.disagreements[listed.differences[2] as usize].sentence;
    w.get_all_by_label_contains(&format!("Sentence {}: Tag: LOC in A, ORG in B", sentence + 1))
        .next()
        .unwrap();
    // A reason: what the guideline changed.
    one(&mut w, Key::Num2);
    one(&mut w, Key::Enter);
    assert_eq!(codes(&w), [("LOC ORG".to_owned(), "guideline_update".to_owned())]);
    assert_eq!(state(w.state()), (cell, 3), "on to the next");
    assert!(keys < 8, "with the one that opened the view {} keys", keys + 1);

    // It is on the disk, in the log of the correction, and changed no label.
    assert!(doc(&w).edits().is_empty());
    let log = Log::verify(doc(&w).session.path()).unwrap();
    let event = log.events.iter().find(|e| e.raw()["kind"] == "code").unwrap();
    assert_eq!(event.raw()["target"]["versions"], serde_json::json!(["original", "revised"]));
    assert_eq!(event.raw()["target"]["second"]["label"], "ORG");

    // A kind of the second level, by two digits; then it is taken back with one key.
    for k in [Key::Num3, Key::Num1, Key::Enter] {
        key(&mut w, k);
    }
    assert!(codes(&w).iter().any(|c| c.1 == "carelessness"));
    press(&mut w, Modifiers::COMMAND, Key::Z);
    still(&mut w, "undo");
    assert_eq!(codes(&w).len(), 1);
}

#[test]
fn marks_list_what_they_count_and_lead_to_its_review() {
    let folder = news();
    let mut w = open(folder.path(), "ann");
    versions(&mut w);
    let found = report(&w);
    let n = found.found.pairs[0].count(DifferenceKind::Span);
    click(&mut w, &format!("Span: {n}"));
    assert_eq!(state(w.state()).0, Which::Kind(DifferenceKind::Span));
    w.get_by_label(&format!("Span: {n}")).click();
    still(&mut w, "again");
    assert_eq!(state(w.state()).0, Which::All);
    click(&mut w, "MISC became ORG: 14");
    let which = state(w.state()).0;
    let listed = found.listed(0, which).unwrap().clone();
    assert_eq!(listed.differences.len(), 14);
    // A difference in the margin.
    let d = found.found.pairs[0].disagreements[listed.differences[1] as usize];
    let chip = format!("Sentence {}: Tag: MISC in A, ORG in B", d.sentence + 1);
    w.get_all_by_label(&chip).next().unwrap().click();
    still(&mut w, "chip");
    assert_eq!(state(w.state()), (which, 1));
    // A and B change places; the list stays what it is.
    key(&mut w, Key::X);
    w.get_by_label("ORG became MISC: 14");
    assert_eq!(state(w.state()), (which, 1));
    // Without a reason picked Enter reviews the tokens.
    key(&mut w, Key::Enter);
    assert_eq!(w.state().view, View::Review);
    let queue = doc(&w).queue.clone().unwrap();
    assert_eq!(queue.items.as_slice(), &*listed.items);
    assert_eq!(queue.name, "ORG in revised, MISC in original");
    assert_eq!(queue.items[doc(&w).position], d.tokens().start);
    // Escape lists all again; both readings of the text.
    versions(&mut w);
    key(&mut w, Key::Escape);
    assert_eq!(state(w.state()).0, Which::All);
    click(&mut w, "Inline");
    click(&mut w, "Whole text");
    w.get_by_label_contains("Sentences: first row in sight");
    click(&mut w, "Page");
    w.get_by_label_contains("Versions of a tagged text");
}

#[test]
fn two_coders_are_held_against_each_other_and_the_book_can_be_edited() {
    let folder = news();
    let mut w = open(folder.path(), "bob");
    versions(&mut w);
    for k in [Key::Num2, Key::Enter, Key::Num1, Key::Enter, Key::Num1, Key::Enter, Key::Num2, Key::Enter] {
        key(&mut w, k);
    }
    assert_eq!(codes(&w).len(), 4);
    drop(w);
    let mut w = open(folder.path(), "ann");
    versions(&mut w);
    for k in [Key::Num2, Key::Enter, Key::Num1, Key::Enter, Key::Num2, Key::Enter, Key::Num2, Key::Enter] {
        key(&mut w, k);
    }
    // Three of four alike: p_e = (3·2 + 1·2) / 16.
    w.get_by_label("with bob: κ 0.50 on 4");

    // A kind of a club, added as a line below "Guideline update".
    click(&mut w, "Edit codebook…");
    // Another book to begin with, and back.
    let typed = |w: &Window| w.get_by_label("Reasons, one a line").value().unwrap_or_default();
    click(&mut w, "Rationales");
    assert!(typed(&w).contains("Task setup and context"), "{}", typed(&w));
    w.get_all_by_label("Entities").last().unwrap().click();
    still(&mut w, "entities");
    assert!(typed(&w).contains("Guideline update") && !typed(&w).contains("Task setup"));
    w.get_by_label("Reasons, one a line").focus();
    still(&mut w, "focus");
    press(&mut w, Modifiers::COMMAND, Key::End);
    w.event(Event::Text("Club named by its town: it bears the name of a place".to_owned()));
    still(&mut w, "typing");
    click(&mut w, "Save");
    let book = std::fs::read_to_string(folder.path().join("original.conll.codebook.json")).unwrap();
    assert!(book.contains("club_named_by_its_town"), "{book}");
    key(&mut w, Key::Num4);
    key(&mut w, Key::Enter);
    assert!(codes(&w).iter().any(|c| c.1 == "club_named_by_its_town"));
    drop(w);
    // It is there the next time, and one that is damaged is said so and not used.
    let w = open(folder.path(), "ann");
    assert!(doc(&w).codebook.find("club_named_by_its_town").is_some());
    drop(w);
    std::fs::write(folder.path().join("original.conll.codebook.json"), "{").unwrap();
    let w = open(folder.path(), "ann");
    assert!(doc(&w).codebook.find("club_named_by_its_town").is_none());
    let told = &w.state().messages()[0];
    assert!(told.why.contains("original.conll.codebook.json") && told.why.contains("mend it"), "{told:?}");
}

#[test]
fn one_version_says_what_is_needed_and_a_malformed_tag_has_two_readings() {
    let folder = news();
    let mut w = window(launch(folder.path(), &["original.conll"], "ann"));
    versions(&mut w);
    w.get_by_label_contains("One version only");
    let text = |tags: [&str; 3]| {
        let words = ["Port", "Esme", "won"];
        words.iter().zip(tags).map(|(w, t)| format!("{w}\t{t}\n")).collect::<String>() + "\n"
    };
    std::fs::write(folder.path().join("a.conll"), text(["B-LOC", "I-ORG", "O"]).repeat(3)).unwrap();
    std::fs::write(folder.path().join("b.conll"), text(["B-LOC", "I-LOC", "O"]).repeat(3)).unwrap();
    let mut w = window(launch(folder.path(), &["a.conll", "b.conll"], "ann"));
    versions(&mut w);
    assert_eq!(report(&w).found.pairs[0].n_agree, 0);
    click(&mut w, "Only B-");
    assert_eq!(report(&w).found.pairs[0].n_agree, 3);
    w.get_by_label("Any change");
}

#[test]
fn a_text_without_an_end_of_sentence_does_not_freeze_the_window() {
    let folder = tempfile::tempdir().unwrap();
    let text = |version: usize| -> String {
        let tag = |i: usize| match (i % 4, version) {
            (0, 0) => "B-PER",
            (0, _) => "B-ORG",
            _ => "O",
        };
        (0..20_000).map(|i| format!("word{i}\t{}\n", tag(i))).collect()
    };
    std::fs::write(folder.path().join("a.conll"), text(0)).unwrap();
    std::fs::write(folder.path().join("b.conll"), text(1)).unwrap();
    let mut w = window(launch(folder.path(), &["a.conll", "b.conll"], "ann"));
    versions(&mut w);
    assert_eq!(report(&w).found.pairs[0].count(DifferenceKind::Tag), 5_000);
    let since = std::time::Instant::now();
    (0..5).for_each(|_| w.step());
    // A hundred times what a frame takes where nothing is optimised.
    assert!(since.elapsed().as_secs() < 20, "{:?}", since.elapsed());
}

#[test]
fn which_label_became_which_is_written_as_it_is_shown() {
    let folder = news();
    let mut w = open(folder.path(), "ann");
    versions(&mut w);
    crate::data::save(&mut w);
    let rows = crate::data::read(&folder.path().join("original.versions.csv"));
    let report = report(&w);
    let pair = &report.found.pairs[0];
    for kind in DifferenceKind::ALL {
        let n = crate::data::value(&rows, ["differences", kind.name(), "", "entities"]);
        assert_eq!(n, pair.count(kind).to_string());
    }
    let cells = pair.label_pairs();
    for cell in &cells {
        let [a, b] = [cell.first, cell.second].map(|kind| report.kind(kind));
        let n = crate::data::value(&rows, ["label in A, label in B", a, b, "entities"]);
        assert_eq!(n, cell.n.to_string());
    }
    assert!(!cells.is_empty());
    assert_eq!(rows.keys().filter(|key| key[0] == "label in A, label in B").count(), cells.len());
}
