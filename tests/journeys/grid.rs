//! Many items at once: kinds of flags, exceptions, a preview, one step, one undo; and all of one rater's labels.

use dissensus::app::state::View;
use dissensus::dataset::Outcome;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;

use crate::window::{doc, folder, launch, press, still, window as open_window};

const NONE: Modifiers = Modifiers::NONE;

#[test]
fn a_kind_of_flags_is_decided_in_one_step_and_taken_back_by_one_key() {
    let folder = folder();
    let mut window = open_window(launch(folder.path()));
    press(&mut window, NONE, Key::G);
    still(&mut window, "grid");
    assert_eq!(window.state().view, View::Grid);
    let group = doc(&window).derived.as_ref().unwrap().groups[0].clone();
    let (given, suggested) =
        (doc(&window).label(group.given).to_owned(), doc(&window).label(group.suggested).to_owned());
    assert!(group.items.len() > 4, "{given} → {suggested}: {}", group.items.len());
    window.get_by_label(&format!("{given} → {suggested}: {}", group.items.len()));
    // The second is an exception.
    press(&mut window, NONE, Key::ArrowRight);
    press(&mut window, NONE, Key::Space);
    press(&mut window, Modifiers::SHIFT, Key::Enter);
    let before = window.state().document().unwrap().edits().len();
    assert_eq!(before, 0, "nothing is decided before it was said what would be");
    let n = group.items.len() - 1;
    window.get_by_label(&format!("{n} → {suggested} · 1 exception"));
    press(&mut window, NONE, Key::Enter);
    still(&mut window, "decided");
    assert_eq!(doc(&window).edits().len(), n);
    for (k, &item) in group.items.iter().enumerate() {
        let outcome = doc(&window).edits().get(item as usize).map(|e| e.outcome.clone());
        assert_eq!(outcome, (k != 1).then_some(Outcome::Changed(group.suggested)), "{k}");
    }
    // What is left of the kind is the exception.
    window.get_by_label(&format!("{given} → {suggested}: 1"));
    press(&mut window, Modifiers::COMMAND, Key::Z);
    still(&mut window, "undone");
    assert_eq!(doc(&window).edits().len(), 0);
    window.get_by_label(&format!("{given} → {suggested}: {}", group.items.len()));
}

#[test]
fn everything_from_one_trusted_rater() {
    let folder = folder();
    let mut window = open_window(launch(folder.path()));
    press(&mut window, NONE, Key::G);
    still(&mut window, "grid");
    let all = doc(&window).dataset.n_items();
    window.get_by_label(&format!("What the filter shows: {all}")).click();
    window.step();
    press(&mut window, NONE, Key::R);
    window.get_by_label("Take whose labels?").type_text("R06");
    window.step();
    press(&mut window, NONE, Key::Enter);
    window.step();
    press(&mut window, Modifiers::SHIFT, Key::Enter);
    press(&mut window, NONE, Key::Enter);
    still(&mut window, "decided");
    let dataset = &doc(&window).dataset;
    let rater = dataset.raters.names.iter().position(|n| n == "R06").unwrap() as u32;
    let theirs: Vec<usize> =
        (0..all).filter(|&i| dataset.annotations.raters_of(i).contains(&rater)).collect();
    assert!(theirs.len() > 50);
    assert_eq!(doc(&window).edits().len(), theirs.len(), "what R06 did not label is left alone");
    for item in theirs {
        let said = dataset.annotations.of_item(item).find(|a| a.rater == rater).unwrap().label;
        match doc(&window).edits().get(item).map(|e| &e.outcome) {
            Some(Outcome::Changed(label) | Outcome::Kept(label)) => assert_eq!(*label, said),
            other => panic!("{other:?}"),
        }
    }
    // One event, one undo.
    press(&mut window, Modifiers::COMMAND, Key::Z);
    still(&mut window, "undone");
    assert_eq!(doc(&window).edits().len(), 0);
}

#[test]
fn what_was_decided_stays_and_what_enter_decides_is_on_screen() {
    let folder = folder();
    let mut window = open_window(launch(folder.path()));
    press(&mut window, NONE, Key::G);
    still(&mut window, "grid");
    press(&mut window, NONE, Key::Enter);
    press(&mut window, NONE, Key::Enter);
    still(&mut window, "decided");
    let decided = doc(&window).edits().len();
    assert!(decided > 0);
    let before = doc(&window).edits().clone();
    let all = doc(&window).dataset.n_items();
    window.get_by_label(&format!("What the filter shows: {all}")).click();
    still(&mut window, "all items");
    // The filter is on screen where it chooses the items.
    window.get_by_label_contains("Showing");
    press(&mut window, Modifiers::SHIFT, Key::Enter);
    window.get_by_label_contains(&format!("{decided} decided before"));
    press(&mut window, NONE, Key::Escape);
    // A page that was asked for is forgotten on the next one.
    press(&mut window, NONE, Key::Enter);
    press(&mut window, NONE, Key::PageDown);
    press(&mut window, NONE, Key::Enter);
    assert_eq!(doc(&window).edits().len(), decided, "the first Enter on a page only says what would be");
    press(&mut window, NONE, Key::Enter);
    still(&mut window, "a page");
    let after = doc(&window).edits();
    assert!(after.len() > decided);
    for item in 0..all {
        if let Some(edit) = before.get(item) {
            assert_eq!(after.get(item).map(|e| &e.outcome), Some(&edit.outcome));
        }
    }
    // Alt ← is no arrow: it goes back.
    press(&mut window, Modifiers::ALT, Key::ArrowLeft);
    assert_ne!(window.state().view, View::Grid);
}

#[test]
fn any_of_many_labels_can_be_set() {
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("many.csv");
    let rows: String = (0..24).map(|i| format!("t{i:02},text {i},label {:02}\n", i % 12)).collect();
    std::fs::write(&table, format!("item,text,given_label\n{rows}")).unwrap();
    let mut window = crate::window::window_on(&table, &folder.path().join("places"));
    press(&mut window, NONE, Key::G);
    still(&mut window, "grid");
    press(&mut window, NONE, Key::Slash);
    window.get_by_label("Set which label?").type_text("label 11");
    window.step();
    press(&mut window, NONE, Key::Enter);
    window.get_by_label("label 11");
    press(&mut window, Modifiers::SHIFT, Key::Enter);
    press(&mut window, NONE, Key::Enter);
    still(&mut window, "decided");
    let label = doc(&window).dataset.labels.id("label 11").unwrap();
    assert_eq!(doc(&window).edits().len(), 24);
    assert!((0..24).all(|i| match doc(&window).edits().get(i).map(|e| &e.outcome) {
        Some(Outcome::Changed(l) | Outcome::Kept(l)) => *l == label,
        _ => false,
    }));
}
