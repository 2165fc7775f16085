//! One journey in each arrangement of views: look, filter, select, review, take back, export; all of it by keyboard and by what the
//! accessibility tree says.

use dissensus::app::state::View;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;

use crate::window::{Window, doc, folder, launch, press, settle, still, window};

const NONE: Modifiers = Modifiers::NONE;

/// Runs a command by a part of its name.
fn run(w: &mut Window, typed: &str) {
    press(w, Modifiers::COMMAND, Key::K);
    w.get_by_label("Search items, raters, labels, pages, or run a command").type_text(typed);
    w.step();
    press(w, NONE, Key::Enter);
    still(w, typed);
}

/// The journey, beginning in the arrangement called `name` with the views `first` and `second`.
fn walk(name: &str, first: View, second: View) {
    let folder = folder();
    let source = std::fs::read(folder.path().join("comments.csv")).unwrap();
    let mut w = window(launch(folder.path()));
    if first == View::Review {
        // There is something to review before it is arranged.
        run(&mut w, "Review label issues");
    }
    run(&mut w, &format!("Layout: {name}"));
    for view in [first, second] {
        w.get_by_label(&format!("{} beside others", view.name()));
    }
    assert_eq!(w.state().view, first, "{name}");

    // Flagged only: one filter for all views, told in words.
    press(&mut w, Modifiers::COMMAND, Key::Num2);
    still(&mut w, "items");
    press(&mut w, NONE, Key::L);
    still(&mut w, "flagged");
    let flagged = doc(&w).rows.as_ref().unwrap().items.len();
    assert!(flagged > 20 && flagged < 600, "{flagged}");
    w.get_by_label_contains(&format!("Showing {flagged} of 600 items"));

    // The selection is the same in whatever stands beside.
    press(&mut w, NONE, Key::J);
    press(&mut w, NONE, Key::J);
    let item = doc(&w).selected.unwrap();
    press(&mut w, NONE, Key::F6);
    still(&mut w, "the other view");
    assert_eq!(doc(&w).selected, Some(item));
    press(&mut w, Modifiers::SHIFT, Key::F6);
    still(&mut w, "back");
    assert_eq!(w.state().view, View::Items, "{name}");

    // Review from there, decide, take back, do again.
    press(&mut w, NONE, Key::Enter);
    still(&mut w, "review");
    assert_eq!(w.state().view, View::Review);
    assert_eq!(doc(&w).selected, Some(item));
    press(&mut w, NONE, Key::Num3);
    settle(&mut w, "decided");
    let outcome = doc(&w).edits().get(item as usize).unwrap().outcome.clone();
    press(&mut w, Modifiers::COMMAND, Key::Z);
    settle(&mut w, "taken back");
    assert!(doc(&w).edits().get(item as usize).is_none());
    press(&mut w, Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    settle(&mut w, "done again");
    assert_eq!(doc(&w).edits().get(item as usize).unwrap().outcome, outcome);

    // The check-list of the export, from here too; the source is as it was.
    press(&mut w, Modifiers::COMMAND, Key::E);
    still(&mut w, "the check-list");
    w.get_by_label_contains("Note: 599 items are undecided");
    press(&mut w, NONE, Key::Escape);
    still(&mut w, "closed");
    assert_eq!(std::fs::read(folder.path().join("comments.csv")).unwrap(), source);

    // And back to one view.
    run(&mut w, "Layout: one view");
    assert!(w.query_by_label_contains("beside others").is_none());
}

#[test]
fn explore() {
    walk("Explore", View::Items, View::Compare);
}

#[test]
fn review() {
    walk("Review", View::Review, View::Log);
}

#[test]
fn raters() {
    walk("Raters", View::Raters, View::Items);
}

#[test]
fn models() {
    walk("Models", View::Models, View::Items);
}
