//! Journeys of a reviewer of label errors: what detectors say of an item, and what the decisions say of the flags.

use crate::window::{Window, doc, folder, launch, press, settle, shown, until, window};
use dissensus::analysis::validation::Validation;
use dissensus::app::state::View;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;

fn validation(w: &Window) -> &Validation {
    &doc(w).derived.as_ref().unwrap().validation
}

fn decide(w: &mut Window, key: Key) {
    press(w, Modifiers::NONE, key);
    settle(w, "a decision");
}

/// Clicks on what `words` begin, and waits for the items behind it.
fn open(w: &mut Window, words: &str) -> Vec<u32> {
    w.get_by_label_contains(words).click();
    (0..3).for_each(|_| w.step());
    settle(w, words);
    shown(w)
}

#[test]
fn every_detector_says_what_it_thinks_of_an_item() {
    let folder = folder();
    let mut w = window(launch(folder.path()));
    press(&mut w, Modifiers::COMMAND, Key::Num2);
    settle(&mut w, "items");
    let item = doc(&w).selected.unwrap() as usize;
    let analysis = doc(&w).analysis.clone().unwrap();
    let (suspicion, confident) =
        (analysis.suspicion.as_ref().as_ref().unwrap(), analysis.confident.as_ref().as_ref().unwrap());
    for row in dissensus::stats::suspicion::DETECTORS {
        let value = suspicion.of(row.detector, confident, item).unwrap();
        w.get_by_label(&format!("{}: {value:.3}", row.name));
    }
    let given = analysis.given.current[item];
    let (rank, size) = suspicion.place_in_cell(item, given, analysis.items.suggested[item]).unwrap();
    assert!(rank >= 1 && rank <= size);
}

#[test]
fn decisions_say_how_far_flags_can_be_trusted_and_an_audit_what_is_left() {
    let folder = folder();
    let mut w = window(launch(folder.path()));
    let flags = doc(&w).analysis.as_ref().unwrap().items.flagged.iter().filter(|f| **f).count();
    decide(&mut w, Key::Enter);
    assert_eq!(w.state().view, View::Review);
    for key in [Key::S, Key::S, Key::Space, Key::S, Key::U, Key::S, Key::S, Key::Space] {
        decide(&mut w, key);
    }
    press(&mut w, Modifiers::COMMAND, Key::Num5);
    settle(&mut w, "log");
    let v = validation(&w).clone();
    let n = v.flags.len();
    assert!((5..=7).contains(&n), "controls and who is unsure do not count: {n}");
    assert!(v.n_flags_left < flags && v.left_in_flags.is_some() && !v.may_stop);
    w.get_by_label_contains(&format!("wrong labels: {} of {n}, ", v.flags.wrong.len()));
    assert_eq!(open(&mut w, "wrong labels: "), v.flags.wrong.to_vec());

    press(&mut w, Modifiers::COMMAND, Key::Num5);
    settle(&mut w, "log");
    let part = &v.course[0];
    let mut both: Vec<u32> = part.wrong.iter().chain(part.right.iter()).copied().collect();
    both.sort_unstable();
    let mut found = open(&mut w, "Part 1: ");
    found.sort_unstable();
    assert_eq!(found, both);

    press(&mut w, Modifiers::COMMAND, Key::Num5);
    settle(&mut w, "log");
    assert!(v.rate.is_err(), "without an audit nothing is said of all labels");
    w.get_by_label_contains("wrong in the audit: audit 60 items").click();
    (0..3).for_each(|_| w.step());
    settle(&mut w, "audit");
    assert_eq!(w.state().view, View::Review);
    for key in [Key::N, Key::Space, Key::Space, Key::Space, Key::Space, Key::Space] {
        decide(&mut w, key);
    }
    until(&mut w, "the rate", |app| {
        let derived = app.document().and_then(|d| d.derived.as_ref());
        derived.is_some_and(|d| d.validation.audit.len() >= 5 && d.validation.rate.is_ok())
    });
    press(&mut w, Modifiers::COMMAND, Key::Num5);
    settle(&mut w, "log");
    w.get_by_label_contains("with the model’s help: ");
    let v = validation(&w);
    let left = v.left.unwrap();
    assert!(left.ci.0 <= left.value && left.value <= left.ci.1 && v.audit.wrong.len() == 1);
    let wrong = v.audit.wrong.to_vec();
    assert_eq!(open(&mut w, "wrong in the audit: "), wrong);
}
