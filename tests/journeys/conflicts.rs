//! A journey of an adjudicator: two logs beside the file, conflicts settled by keys alone, one taken back, the whole exported.

use std::path::{Path, PathBuf};

use crate::window::{Window, click, doc, folder, launch, press, still, until, window};
use dissensus::app::state::View;
use dissensus::dataset::{Dataset, Outcome};
use dissensus::formats::{LoadOptions, Overrides, open};
use dissensus::progress::Progress;
use dissensus::review::event::{Body, Context};
use dissensus::review::merge::Verdict;
use dissensus::review::reviewers::{Case, CaseCounts};
use dissensus::review::{Action, Log, Options, Session, place};
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;

fn data(folder: &Path) -> Dataset {
    let options = LoadOptions {
        probabilities: Some(folder.join("comments_probabilities.npy")),
        ..LoadOptions::default()
    };
    open(&folder.join("comments.csv"), &Overrides::default(), &options, &Progress::new()).unwrap()
}

/// A log of `reviewer` at `path`: what is said about items, in order.
fn log(d: &Dataset, reviewer: &str, path: &Path, said: &[(usize, Action, Option<u8>)]) {
    let options = Options::new(reviewer, serde_json::Value::Null);
    let (mut s, _) = Session::open_file(d, path, options).unwrap();
    for (item, action, confidence) in said {
        s.decide(d, *item, action.clone(), Context::default()).unwrap();
        if confidence.is_some() {
            s.amend_last(d, *confidence, None).unwrap();
        }
    }
    s.close().unwrap();
}

/// Ann and Ben decided six items, four of them differently; both are sure about item 3.
fn two_logs(folder: &Path) -> [PathBuf; 2] {
    let d = data(folder);
    let [ann, ben] = ["ann", "ben"].map(|name| place::beside(&folder.join("comments.csv"), name));
    let relabel = Action::Relabel;
    log(
        &d,
        "ann",
        &ann,
        &[
            (0, relabel(0), None),
            (1, relabel(1), Some(1)),
            (2, relabel(2), None),
            (3, relabel(0), Some(3)),
            (4, relabel(1), None),
            (5, relabel(1), None),
        ],
    );
    log(
        &d,
        "ben",
        &ben,
        &[
            (0, relabel(0), None),
            (1, relabel(2), Some(3)),
            (2, relabel(0), None),
            (3, relabel(1), Some(3)),
            (4, Action::Exclude, None),
            (5, relabel(1), None),
            (7, relabel(1), None),
        ],
    );
    [ann, ben]
}

fn counts(w: &Window) -> CaseCounts {
    doc(w).panels.reviewers().unwrap().reviewers.counts
}

fn case(w: &Window) -> Case {
    let found = doc(w).panels.reviewers().unwrap();
    w.state().conflicts.case(&found.reviewers).unwrap().clone()
}

fn key(w: &mut Window, modifiers: Modifiers, key: Key) {
    press(w, modifiers, key);
    still(w, "a key");
}

fn conflicts(w: &mut Window) {
    key(w, Modifiers::COMMAND | Modifiers::SHIFT, Key::K);
    assert_eq!(w.state().view, View::Conflicts);
}

#[test]
fn an_adjudicator_settles_takes_back_and_exports_by_keys_alone() {
    let folder = folder();
    let logs = two_logs(folder.path());
    let before: Vec<_> = logs.iter().map(|p| std::fs::read(p).unwrap()).collect();
    let mut w = window(launch(folder.path()));
    w.get_by_label("Conflicts");
    conflicts(&mut w);
    // Who said it is not told before it is asked for.
    assert!(!case(&w).key.is_empty());
    assert!(w.query_by_label_contains(" of ben").is_none());
    key(&mut w, Modifiers::ALT, Key::B);
    let own = place::beside(&folder.path().join("comments.csv"), "tester");
    assert!(!own.exists(), "looking leaves no log");
    let c = counts(&w);
    assert_eq!((c.conflicts, c.agreed, c.single, c.several), (4, 2, 1, 6));
    w.get_by_label("decided by several: 6");
    w.get_by_label_contains("observed: 0.33 [");
    w.get_by_label_contains("Cohen's kappa: ");

    // Both are sure about the fourth item: it comes first.
    let first = case(&w);
    assert_eq!(first.item, Some(3));
    assert_eq!(doc(&w).selected, Some(3));
    let labels = |l: u32| doc(&w).label(l).to_owned();
    let said = format!("{}; ann: {}, very sure; ben: {}, very sure", first.key, labels(0), labels(1));
    w.get_by_label(&said);
    w.get_by_label(&format!("Take {} of ben", labels(1)));

    // Ben is right; the next conflict comes under the cursor.
    key(&mut w, Modifiers::NONE, Key::Num2);
    assert_eq!(counts(&w).conflicts, 3);
    assert_eq!(case(&w).verdict, Verdict::Conflict);
    assert!(matches!(doc(&w).edits().get(3).unwrap().outcome, Outcome::Changed(1) | Outcome::Kept(1)));
    key(&mut w, Modifiers::SHIFT, Key::Num3);
    assert_eq!(doc(&w).edits().get(3).unwrap().confidence, Some(3));

    // Ann is right about the next, and a label that nobody chose about the one after it.
    let second = case(&w);
    key(&mut w, Modifiers::NONE, Key::Num1);
    let third = case(&w);
    assert_ne!(second.key, third.key);
    let name = doc(&w).label(2).to_owned();
    press(&mut w, Modifiers::NONE, Key::Slash);
    w.step();
    w.event(egui::Event::Text(name));
    w.step();
    key(&mut w, Modifiers::NONE, Key::Enter);
    assert_eq!((counts(&w).conflicts, counts(&w).adjudicated), (1, 3));
    let outcome = &doc(&w).edits().get(third.item.unwrap() as usize).unwrap().outcome;
    assert!(matches!(outcome, Outcome::Changed(2) | Outcome::Kept(2)), "{outcome:?}");

    // What was settled last is taken back: its conflict is open again, and under the cursor.
    key(&mut w, Modifiers::COMMAND, Key::Z);
    assert_eq!((counts(&w).conflicts, counts(&w).adjudicated), (2, 2));
    assert_eq!(case(&w).key, third.key);
    key(&mut w, Modifiers::NONE, Key::N);
    assert_ne!(case(&w).key, third.key);
    key(&mut w, Modifiers::NONE, Key::ArrowRight);
    assert_eq!(case(&w).verdict, Verdict::Adjudicated);
    w.get_by_label("Adjudicated 2");
    assert!(w.query_all_by_label_contains("Adjudicated ").count() > 1, "its card says by whom");

    // The adjudications name what they are between, by hash.
    let log = Log::verify(&own).unwrap();
    let inputs = |e: &dissensus::review::Event| match e.body() {
        Body::Adjudicate(a) => Some(a.inputs.len()),
        _ => None,
    };
    let named: Vec<usize> = log.events.iter().filter_map(inputs).collect();
    assert_eq!(named, [2, 2, 2, 2], "three of them, and how sure the first was");

    // The merged log, then the merged file: two items stay as given.
    w.state_mut().run(&egui::Context::default(), dissensus::app::command::Command::WriteMerged);
    w.step();
    key(&mut w, Modifiers::NONE, Key::Enter);
    until(&mut w, "the merged log", |app| {
        app.messages().iter().any(|m| m.what.starts_with("Wrote the merged log"))
    });
    let merged = Log::verify(&folder.path().join("comments.csv.merged.jsonl")).unwrap();
    assert_eq!(merged.log_ids().len(), 3);
    w.state_mut().run(&egui::Context::default(), dissensus::app::command::Command::ExportMerged);
    still(&mut w, "the plan");
    w.get_by_label_contains("3 reviewers together; 2 open conflicts stay as given");
    click(&mut w, "Export");
    until(&mut w, "the export", |app| {
        app.messages().iter().any(|m| m.what.starts_with("Wrote the cleaned file"))
    });
    let cleaned = std::fs::read_to_string(folder.path().join("comments.merged.csv")).unwrap();
    let rows = cleaned.lines().filter(|l| l.contains("reviewer:")).count();
    // Agreed on two, settled two, one alone.
    assert_eq!(rows, 5);
    assert_eq!(
        logs.iter().map(|p| std::fs::read(p).unwrap()).collect::<Vec<_>>(),
        before,
        "logs of others are only read"
    );
}

#[test]
fn a_log_from_elsewhere_is_added_and_an_adjudication_goes_stale() {
    let folder = folder();
    let d = data(folder.path());
    let elsewhere = folder.path().join("mail");
    std::fs::create_dir(&elsewhere).unwrap();
    let away = elsewhere.join("cat.jsonl");
    log(&d, "cat", &away, &[(0, Action::Relabel(0), None), (1, Action::Relabel(1), None)]);
    let mut w = window(launch(folder.path()));
    assert!(w.query_by_label("Conflicts").is_none(), "nobody to compare with, no view");
    conflicts(&mut w);
    w.get_by_label_contains("found by itself");
    click(&mut w, "Add a reviewer's log…");
    w.event(egui::Event::Text(away.display().to_string()));
    w.step();
    key(&mut w, Modifiers::NONE, Key::Enter);
    until(&mut w, "the log", |app| app.document().unwrap().added_logs.len() == 1);
    still(&mut w, "reading");
    assert_eq!(counts(&w).single, 2);
    let own = Log::verify(&place::beside(&folder.path().join("comments.csv"), "tester")).unwrap();
    let imported = own.events.iter().find_map(|e| match e.body() {
        Body::ImportLog(i) => Some(i.logs.clone()),
        _ => None,
    });
    assert_eq!(imported.unwrap(), [Log::verify(&away).unwrap().events.last().unwrap().reference()]);

    // One's own word against Cat's, settled by oneself; then Cat thinks again.
    w.state_mut().handle(&egui::Context::default(), dissensus::app::request::Request::ReviewItem(0));
    still(&mut w, "review");
    key(&mut w, Modifiers::NONE, Key::Num2);
    conflicts(&mut w);
    assert_eq!((counts(&w).conflicts, case(&w).item), (1, Some(0)));
    key(&mut w, Modifiers::NONE, Key::Num1);
    assert_eq!((counts(&w).conflicts, counts(&w).adjudicated, counts(&w).stale), (0, 1, 0));
    log(&d, "cat", &away, &[(0, Action::Relabel(2), None)]);
    conflicts(&mut w);
    assert_eq!((counts(&w).conflicts, counts(&w).adjudicated, counts(&w).stale), (1, 0, 1));
    w.get_by_label_contains("is stale: a decision it names was superseded");

    // Names are hidden, and what is taken is still what stands at the digit.
    assert!(w.query_by_label_contains("of cat").is_none());
    w.get_by_label_contains(" of A");
    // The place remembers what was added.
    w.state_mut().save_place_now();
    drop(w);
    let mut w = window(launch(folder.path()));
    conflicts(&mut w);
    assert_eq!((doc(&w).added_logs.len(), counts(&w).conflicts), (1, 1));

    // A file that is no log is refused, and nothing changes.
    let bad = elsewhere.join("bad.jsonl");
    std::fs::write(&bad, "{}\n{}\n").unwrap();
    w.state_mut().handle(&egui::Context::default(), dissensus::app::request::Request::AddLog(bad));
    until(&mut w, "the refusal", |app| app.messages().iter().any(|m| m.what == "The log was not taken in"));
    assert_eq!(doc(&w).added_logs.len(), 1);
}

#[test]
fn feedback_sheets_are_written_from_the_window() {
    let folder = folder();
    let mut w = window(launch(folder.path()));
    w.state_mut().handle(&egui::Context::default(), dissensus::app::request::Request::ReviewItem(0));
    still(&mut w, "review");
    key(&mut w, Modifiers::NONE, Key::Num2);
    w.state_mut().run(&egui::Context::default(), dissensus::app::command::Command::Feedback);
    still(&mut w, "the field");
    w.get_by_label("Call raters R1, R2, …");
    key(&mut w, Modifiers::NONE, Key::Enter);
    until(&mut w, "the sheets", |app| app.messages().iter().any(|m| m.what.contains("feedback sheets: ")));
    let sheets = std::fs::read_dir(folder.path().join("comments.csv.feedback")).unwrap().count();
    let raters = doc(&w).dataset.annotations.count(0);
    assert_eq!(sheets, 2 * raters);
}
