//! What the review changed, before against now: empty at first, then numbers that open their items and follow each decision.

use std::sync::Arc;

use crate::window::{Window, click, doc, folder, launch, press, settle, shown, still, window};
use dissensus::analysis::before_after::{BeforeAfter, To};
use dissensus::app::state::View;
use dissensus::dataset::Outcome;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;

fn decide(w: &mut Window, key: Key) {
    press(w, Modifiers::NONE, key);
    settle(w, "a decision");
}

fn report(w: &Window) -> Arc<BeforeAfter> {
    doc(w).panels.before_after().unwrap().as_ref().as_ref().unwrap().clone()
}

fn log(w: &mut Window) {
    press(w, Modifiers::COMMAND, Key::Num5);
    still(w, "log");
    assert_eq!(w.state().view, View::Log);
}

/// Clicks on what is said so, and gives the items behind it.
fn open(w: &mut Window, words: &str) -> Vec<u32> {
    click(w, words);
    assert_eq!(w.state().view, View::Items);
    let items = shown(w);
    log(w);
    items
}

#[test]
fn a_review_sees_what_it_changed_and_opens_the_items() {
    let folder = folder();
    let mut w = window(launch(folder.path()));
    let source = doc(&w).analysis.clone().unwrap();
    let flagged: Vec<u32> = (0..600).filter(|&i| source.items.flagged[i as usize]).collect();
    log(&mut w);
    click(&mut w, "Before and after");
    w.get_by_label_contains("Nothing to compare yet");
    assert!(doc(&w).panels.before_after().is_none(), "nothing is computed for it");
    click(&mut w, "Review label issues");
    assert_eq!(w.state().view, View::Review);
    for key in [Key::S, Key::S, Key::Space, Key::S, Key::U, Key::N, Key::S] {
        decide(&mut w, key);
    }
    log(&mut w);
    let found = report(&w);
    let now = doc(&w).analysis.clone().unwrap();
    let is_flagged = |i: u32| now.items.flagged[i as usize];
    let edits = doc(&w).edits().clone();

    // The side before is the source as it was opened.
    assert_eq!(found.before.items, source.items);
    let open_flags: Vec<u32> =
        (0..600).filter(|&i| is_flagged(i) && edits.get(i as usize).is_none()).collect();
    let words = |n: usize| format!("Label issues without a decision, before: {n}");
    assert_eq!(open(&mut w, &words(flagged.len())), flagged);
    let words = format!("Label issues without a decision, now: {}", open_flags.len());
    assert_eq!(open(&mut w, &words), open_flags);
    let less = flagged.len() - open_flags.len();
    w.get_by_label(&format!("Label issues without a decision, difference: −{less}"));

    // Votes are the same, given labels are not.
    let parted = |labels: &[u32]| -> Vec<u32> {
        let majority = &now.aggregation.majority.label;
        (0..600_u32)
            .filter(|&i| {
                let (a, b) = (labels[i as usize], majority[i as usize]);
                a != b && a != u32::MAX && b != u32::MAX
            })
            .collect()
    };
    assert_eq!(dissensus::dataset::NO_LABEL, u32::MAX);
    for (side, labels) in [("before", &now.given.original), ("now", &now.given.current)] {
        let wanted = parted(labels);
        let words = format!("Given label is not the majority’s, {side}: {}", wanted.len());
        assert_eq!(open(&mut w, &words), wanted, "{side}");
    }
    let changed: Vec<u32> = edits
        .iter()
        .filter(|(_, e)| matches!(e.outcome, Outcome::Changed(_)))
        .map(|(i, _)| i as u32)
        .collect();
    assert!(changed.len() >= 2);
    assert_eq!(open(&mut w, &format!("Changed, now: {}", changed.len())), changed);

    // Labels and what became what.
    let l = found.labels.iter().find(|l| !l.changed.is_empty()).unwrap();
    let name = doc(&w).label(l.label).to_owned();
    assert_eq!(open(&mut w, &format!("{name}, before: {}", l.before)).len(), l.before);
    assert_eq!(open(&mut w, &format!("{name}, now: {}", l.now)).len(), l.now);
    let flow = found.flow.iter().find(|f| matches!(f.to, To::Label(_))).unwrap();
    let words =
        format!("{} → {}: {}", doc(&w).label(flow.from), flow.to.words(&doc(&w).dataset), flow.items.len());
    assert_eq!(open(&mut w, &words), flow.items.to_vec());

    // It follows: what is undone is gone, without computing the source anew.
    let n = edits.len();
    press(&mut w, Modifiers::COMMAND, Key::Z);
    settle(&mut w, "undo");
    log(&mut w);
    let after = report(&w);
    assert_eq!(after.n_decided, n - 1);
    assert!(Arc::ptr_eq(&after.before, &found.before));
}
