//! Spans of a text corrected with keys alone, heard through the accessibility tree: chosen, moved, retagged, added, removed,
//! taken back, exported, read again.

use std::path::Path;

use crate::window::{Window, click, doc, press, still, until, window_on};
use dissensus::app::state::View;
use dissensus::dataset::{Edits, Placed, current_spans};
use dissensus::formats::{LoadOptions, Overrides, open};
use dissensus::progress::Progress;
use dissensus::review::event::{Body, Context, Event, Verb};
use dissensus::review::{Options, Session, SpanAction, place};
use egui::{Event as Input, Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

const NONE: Modifiers = Modifiers::NONE;
const SHIFT: Modifiers = Modifiers::SHIFT;
const WORD: Modifiers = Modifiers::COMMAND.plus(Modifiers::SHIFT);

/// "Anna" is half of a name, and Bo no place.
const TEXT: &str = "{\"id\":1,\"text\":\"Anna Karenina met Bo in Rome.\",\"label\":[[0,4,\"PER\"],[18,20,\"LOC\"]],\"Comments\":[]}\n\
                    {\"id\": 2,  \"text\": \"Rome 😊\", \"label\": [[0, 4, \"LOC\"]], \"Comments\": []}\n";

fn key(w: &mut Window, modifiers: Modifiers, key: Key) {
    press(w, modifiers, key);
    still(w, "a key");
}

/// A key that is held down: the system sends it again and again.
fn hold(w: &mut Window, key: Key) {
    let event = |pressed| Input::Key { key, physical_key: None, pressed, repeat: false, modifiers: NONE };
    for _ in 0..6 {
        w.event(event(true));
        still(w, "a held key");
    }
    w.event(event(false));
    still(w, "let go");
}

/// Decisions in the log so far.
fn decided(w: &Window) -> Vec<Verb> {
    doc(w).session.events().iter().flat_map(Event::rulings).filter_map(|r| r.verb).collect()
}

/// The spans as a reader of the screen hears them.
fn heard(w: &Window) -> Vec<String> {
    let nodes = w.query_all_by_label_contains(", characters ");
    nodes.map(|n| n.accesskit_node().label().unwrap_or_default()).collect()
}

fn spans(path: &Path) -> Vec<String> {
    let d = open(path, &Overrides::default(), &LoadOptions::default(), &Progress::new()).unwrap();
    let words = |s: dissensus::dataset::CurrentSpan| {
        format!("{} {}-{}", d.labels.name(s.now.label), s.now.start, s.now.end)
    };
    (0..2).flat_map(|text| current_spans(&d, &Edits::new(), text)).map(words).collect()
}

/// The first stretch of the file under review.
fn reviewing(table: &Path, places: &Path) -> Window {
    let mut w = window_on(table, places);
    key(&mut w, Modifiers::COMMAND, Key::Num2);
    key(&mut w, NONE, Key::Home);
    key(&mut w, NONE, Key::Enter);
    assert_eq!(w.state().view, View::Review);
    w
}

#[test]
fn boundaries_labels_and_spans_are_corrected_with_keys_and_reach_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("all.jsonl");
    std::fs::write(&path, TEXT).unwrap();
    let mut w = reviewing(&path, &folder.path().join("places"));
    let here = doc(&w).position;
    assert_eq!(
        heard(&w),
        ["span 1 of 2: PER, “Anna”, characters 0 to 4", "span 2 of 2: LOC, “Bo”, characters 18 to 20"]
    );

    // A boundary: keys move it, Escape drops that, Enter makes one decision of it.
    key(&mut w, NONE, Key::F);
    w.get_by_label_contains("Shift ← → move its end");
    key(&mut w, WORD, Key::ArrowRight);
    w.get_by_label("span 1 of 2: PER, “Anna Karenina”, characters 0 to 13");
    key(&mut w, NONE, Key::J);
    assert_eq!((doc(&w).position, decided(&w).len()), (here, 0), "nothing is left half done");
    key(&mut w, NONE, Key::Escape);
    w.get_by_label("span 1 of 2: PER, “Anna”, characters 0 to 4");
    key(&mut w, WORD, Key::ArrowRight);
    key(&mut w, SHIFT, Key::ArrowRight);
    key(&mut w, SHIFT, Key::ArrowLeft);
    key(&mut w, NONE, Key::O);
    key(&mut w, SHIFT, Key::ArrowRight);
    w.get_by_label("span 1 of 2: PER, “nna Karenina”, characters 1 to 13");
    key(&mut w, WORD, Key::ArrowLeft);
    hold(&mut w, Key::Enter);
    assert_eq!(decided(&w), [Verb::MoveSpan], "and the held key does not keep the item, and the next");
    assert_eq!(doc(&w).position, here, "there may be more to correct");
    w.get_by_label("span 1 of 2: PER, “Anna Karenina”, characters 0 to 13");
    let last = doc(&w).session.events().last().unwrap().clone();
    let Body::Decide(moved) = last.body() else { panic!("a decision") };
    assert_eq!(
        (moved.target.clone().unwrap(), moved.item.as_str()),
        (serde_json::json!({"start": 0, "end": 4, "label": "PER", "rater": null}), "1:0-4")
    );
    assert!(moved.context.shown.contains(&"spans".to_owned()));

    // Retagged, added two words on, removed, and that taken back.
    key(&mut w, NONE, Key::F);
    key(&mut w, NONE, Key::Num2);
    w.get_by_label("span 2 of 2: PER, “Bo”, characters 18 to 20");
    key(&mut w, NONE, Key::A);
    w.get_by_label("new span: no label yet, “in”, characters 21 to 23");
    key(&mut w, NONE, Key::Enter);
    assert_eq!(decided(&w).len(), 2, "it has no label yet");
    key(&mut w, NONE, Key::F);
    key(&mut w, NONE, Key::Num1);
    w.get_by_label("span 3 of 3: LOC, “Rome”, characters 24 to 28");
    key(&mut w, SHIFT, Key::D);
    assert_eq!(heard(&w).len(), 2);
    assert_eq!(decided(&w), [Verb::MoveSpan, Verb::Relabel, Verb::AddSpan, Verb::RemoveSpan]);
    key(&mut w, Modifiers::COMMAND, Key::Z);
    w.get_by_label("span 3 of 3: LOC, “Rome”, characters 24 to 28");
    assert_eq!(doc(&w).position, here);
    key(&mut w, Modifiers::COMMAND, Key::Z);
    key(&mut w, WORD, Key::Z);
    assert_eq!(heard(&w).len(), 3);

    // With nothing chosen the keys are what they are elsewhere.
    key(&mut w, NONE, Key::Escape);
    key(&mut w, NONE, Key::Space);
    assert_eq!((doc(&w).position, doc(&w).edits().len()), (here + 1, 1));

    // The file: corrected where it was decided, and no other byte.
    key(&mut w, Modifiers::COMMAND, Key::E);
    w.get_by_label_contains("Fine: 3 spans change. 1 moved, 1 retagged, 1 added");
    click(&mut w, "Export");
    until(&mut w, "the message", |app| app.messages().iter().any(|m| m.what.contains("3 spans corrected")));
    let clean = folder.path().join("all.clean.jsonl");
    let written = std::fs::read_to_string(&clean).unwrap();
    let list = "[[0,13,\"PER\"],[18,20,\"PER\"],[24,28,\"LOC\"]]";
    assert_eq!(written, TEXT.replace("[[0,4,\"PER\"],[18,20,\"LOC\"]]", list));
    assert_eq!(spans(&clean), ["PER 0-13", "PER 18-20", "LOC 24-28", "LOC 0-4"]);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), TEXT);

    // Opened again, the log says the same.
    drop(w);
    let w = reviewing(&path, &folder.path().join("places"));
    assert!(
        heard(&w).contains(&"span 1 of 3: PER, “Anna Karenina”, characters 0 to 13".to_owned()),
        "{:?}",
        heard(&w)
    );
}

#[test]
fn with_raters_hidden_it_is_logged_as_seen_and_other_files_say_what_they_cannot_express() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data/format_examples/doccano/spans_individual_utf16");
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("members");
    std::fs::create_dir(&table).unwrap();
    for name in ["ana.jsonl", "ben.jsonl"] {
        std::fs::copy(source.join(name), table.join(name)).unwrap();
    }
    let mut w = reviewing(&table, &folder.path().join("places"));
    key(&mut w, Modifiers::ALT, Key::B);
    key(&mut w, NONE, Key::F);
    key(&mut w, NONE, Key::Num2);
    let last = doc(&w).session.events().last().unwrap().clone();
    let context = last.context().unwrap();
    assert!(context.blind && !context.shown.contains(&"raters".to_owned()), "{context:?}");
    assert!(last.rulings()[0].target().is_some());

    let cas = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data/format_examples/inception/uima_cas_json/annotation/doc1.txt/ana.json");
    let path = folder.path().join("ana.json");
    std::fs::copy(cas, &path).unwrap();
    let mut w = reviewing(&path, &folder.path().join("places"));
    key(&mut w, NONE, Key::F);
    key(&mut w, SHIFT, Key::D);
    key(&mut w, Modifiers::COMMAND, Key::E);
    w.get_by_label_contains(
        "Warning: 1 decision on a span is not written. 1 removed: not expressed in this target",
    )
    .click();
    still(&mut w, "the items behind it");
    assert_eq!(w.state().view, View::Items);
}

#[test]
fn on_data_without_spans_the_keys_do_nothing() {
    let folder = crate::window::folder();
    let mut w = crate::window::window(crate::window::launch(folder.path()));
    key(&mut w, NONE, Key::Enter);
    assert_eq!(w.state().view, View::Review);
    let here = doc(&w).position;
    for (modifiers, k) in [(NONE, Key::F), (NONE, Key::A), (SHIFT, Key::D), (SHIFT, Key::ArrowRight)] {
        key(&mut w, modifiers, k);
    }
    assert_eq!((doc(&w).position, decided(&w).len()), (here, 0));
    key(&mut w, NONE, Key::Space);
    assert_eq!(doc(&w).position, here + 1);
}

#[test]
fn what_two_reviewers_did_to_one_span_is_settled_by_a_key() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("all.jsonl");
    std::fs::write(&path, TEXT).unwrap();
    let d = open(&path, &Overrides::default(), &LoadOptions::default(), &Progress::new()).unwrap();
    let label = d.labels.id("PER").unwrap();
    for (who, end) in [("ann", 13), ("ben", 8)] {
        let options = Options::new(who, serde_json::Value::Null);
        let (mut s, _) = Session::open_file(&d, &place::beside(&path, who), options).unwrap();
        let to = Placed { start: 0, end, label };
        s.decide_span(&d, SpanAction::Set { id: d.span_of(0).unwrap(), to }, Context::default()).unwrap();
        s.close().unwrap();
    }
    let mut w = window_on(&path, &folder.path().join("places"));
    key(&mut w, WORD, Key::K);
    let case = |w: &Window| {
        let found = doc(w).panels.reviewers().unwrap();
        w.state().conflicts.case(&found.reviewers).cloned()
    };
    until(&mut w, "the logs", |app| app.document().is_some_and(|d| d.panels.reviewers().is_some()));
    still(&mut w, "conflicts");
    let open_case = case(&w).unwrap();
    assert!(open_case.is_span && open_case.sides.len() == 2);
    assert!(open_case.sides.iter().any(|s| s.words == "PER 0–4 → PER 0–13"), "{:?}", open_case.sides);
    key(&mut w, NONE, Key::Slash);
    assert!(decided(&w).is_empty(), "no label settles it");
    key(&mut w, NONE, Key::Num1);
    still(&mut w, "settled");
    let last = doc(&w).session.events().last().unwrap().clone();
    let Body::Adjudicate(settled) = last.body() else { panic!("an adjudication: {last:?}") };
    assert!(settled.target.is_some() && settled.inputs.len() == 2);
    let found = doc(&w).panels.reviewers().unwrap();
    assert_eq!((found.reviewers.counts.conflicts, found.reviewers.counts.adjudicated), (0, 1));
    assert_eq!(found.applied.edits.spans().count(), 1);
    assert_eq!(doc(&w).session.edits().spans().count(), 1);
    key(&mut w, Modifiers::COMMAND, Key::Z);
    assert_eq!(doc(&w).session.edits().spans().count(), 0);
}
