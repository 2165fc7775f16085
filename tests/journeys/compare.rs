//! Journeys through the comparison of two sides: who, what they call what the other calls otherwise, the items, the review.

use std::sync::Arc;

use crate::window::{Window, doc, folder, launch, press, shown, still, window, window_on};
use dissensus::analysis::compare::{CompareReport, Side};
use dissensus::app::state::View;
use egui::{Event, Key, Modifiers};
use egui_kittest::kittest::Queryable as _;

fn compare(w: &mut Window) {
    press(w, Modifiers::COMMAND, Key::Num9);
    still(w, "compare");
    assert_eq!(w.state().view, View::Compare);
}

fn report(w: &Window) -> Arc<CompareReport> {
    Arc::clone(doc(w).panels.compare().unwrap().as_ref().as_ref().unwrap())
}

fn key(w: &mut Window, key: Key) {
    press(w, Modifiers::NONE, key);
    still(w, "a key");
}

/// Chooses what is typed for the side that `letter` stands for.
fn choose(w: &mut Window, letter: Key, typed: &str) {
    key(w, letter);
    w.event(Event::Text(typed.to_owned()));
    still(w, "typing");
    key(w, Key::Enter);
}

#[test]
fn groups_part_over_insult_and_hate_and_a_key_leads_to_their_review() {
    let folder = folder();
    let mut w = window(launch(folder.path()));
    compare(&mut w);
    let found = report(&w);
    let group = |name: &str| Side::Group(0, name.to_owned());
    assert_eq!(found.asked.sides, [group("crowd"), group("moderator")]);
    let (a, b) = found.pairs[0];
    let n = found.cell(a, b).unwrap().len();
    assert_eq!(
        (doc(&w).label(a), doc(&w).label(b)),
        ("hate", "insult"),
        "the guideline that the sample was made with"
    );
    let parted = found.parted.len();
    w.get_by_label_contains(&format!("They part on {parted} of"));
    w.get_by_label_contains("A calls hate what B calls insult");

    // The right arrow narrows the list to the commonest pair, Enter reviews exactly that.
    key(&mut w, Key::ArrowRight);
    w.get_by_label("A hate · B insult  ×");
    let cell = found.cell(a, b).unwrap();
    assert_eq!(cell.len(), n);
    key(&mut w, Key::J);
    key(&mut w, Key::Enter);
    assert_eq!(w.state().view, View::Review);
    let queue = doc(&w).queue.clone().unwrap();
    assert_eq!((queue.items.as_slice(), doc(&w).position), (&**cell, 1));
    assert_eq!(queue.name, "crowd says hate, moderator says insult");
}

#[test]
fn marks_open_the_items_behind_them() {
    let folder = folder();
    let mut w = window(launch(folder.path()));
    compare(&mut w);
    let found = report(&w);
    let insult = doc(&w).dataset.labels.id("insult").unwrap();
    // A cell, twice: on and off.
    let (a, b) = found.pairs[0];
    let n = found.cell(a, b).unwrap().len();
    let cell = format!("A {}, B {}: {n}", doc(&w).label(a), doc(&w).label(b));
    w.get_by_label(&cell).click();
    still(&mut w, "cell");
    w.get_by_label_contains(&format!("Review {n}"));
    w.get_by_label(&cell).click();
    still(&mut w, "cell");
    w.get_by_label_contains(&format!("Review {}", found.parted.len()));

    // A bar: all items of which that side says it.
    w.get_by_label_contains("insult, moderator: ").click();
    still(&mut w, "bar");
    let expected: usize = found.found.meetings.iter().filter(|m| m.b == insult).map(|m| m.items.len()).sum();
    assert_eq!((w.state().view, shown(&w).len()), (View::Items, expected));

    compare(&mut w);
    if !found.tied.is_empty() {
        w.get_by_label(&format!("{} tied", found.tied.len())).click();
        still(&mut w, "tied");
        assert_eq!(shown(&w), found.tied.to_vec());
        compare(&mut w);
    }
    // What the answers of both have in common, the items with the least first.
    let jaccard = found.found.answers.jaccard.value().unwrap();
    w.get_by_label_contains(&format!("in common: {jaccard:.3}")).click();
    still(&mut w, "in common");
    let mut least = found.least.to_vec();
    least.sort_unstable();
    assert_eq!((w.state().view, shown(&w)), (View::Items, least));
    compare(&mut w);
    // A rater beside the item.
    let (rater, label) = found.raters(&doc(&w).dataset, 0, found.parted[0] as usize)[0];
    let name = format!("{}: {}", doc(&w).rater_name(rater), doc(&w).label(label));
    w.get_by_label(&name).click();
    still(&mut w, "rater");
    assert_eq!((w.state().view, doc(&w).rater), (View::Raters, Some(rater)));
}

#[test]
fn sides_are_chosen_by_typing_and_change_places() {
    let folder = folder();
    let mut w = window(launch(folder.path()));
    compare(&mut w);
    choose(&mut w, Key::A, "Dawid");
    choose(&mut w, Key::B, "given");
    assert_eq!(report(&w).asked.sides, [Side::DawidSkene, Side::Given]);
    w.get_by_label_contains("within A: undefined, one voice");
    let parted = report(&w).parted.clone();
    key(&mut w, Key::X);
    assert_eq!(report(&w).asked.sides, [Side::Given, Side::DawidSkene]);
    assert_eq!(report(&w).parted, parted);
    // The side that is on the other side already: both change places.
    choose(&mut w, Key::A, "Dawid");
    assert_eq!(report(&w).asked.sides, [Side::DawidSkene, Side::Given]);
    // A model says probabilities.
    choose(&mut w, Key::B, "probabilities");
    assert_eq!(report(&w).asked.sides[1], Side::Probabilities);
    assert!(report(&w).found.parted.iter().any(|p| p.gap > 0.0 && p.gap < 1.0));
}

#[test]
fn what_cannot_be_compared_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bare.csv");
    std::fs::write(&path, "id,text,label\n1,one,a\n2,two,b\n3,three,a\n").unwrap();
    let mut w = window_on(&path, &folder.path().join("places"));
    compare(&mut w);
    w.get_by_label_contains("Nothing to compare");
    // Two raters who have no item in common.
    let path = folder.path().join("apart.csv");
    std::fs::write(&path, "item,rater,label\n1,x,a\n2,x,b\n3,y,a\n4,y,b\n").unwrap();
    let mut w = window_on(&path, &folder.path().join("places"));
    compare(&mut w);
    w.get_by_label_contains("They share no item");
}

#[test]
fn two_who_err_together_are_told_and_what_both_miss_opens() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("right.csv");
    let mut text = "id,gold,ann,ben\n".to_owned();
    for i in 0..50 {
        // Both right on 30, ann alone on 5, ben alone on 5, both wrong on 10.
        let (ann, ben) = match i {
            0..30 => ("yes", "yes"),
            30..35 => ("yes", "no"),
            35..40 => ("no", "yes"),
            _ => ("no", "no"),
        };
        text.push_str(&format!("{i},yes,{ann},{ben}\n"));
    }
    std::fs::write(&path, text).unwrap();
    let mut w = window_on(&path, &folder.path().join("places"));
    compare(&mut w);
    let found = report(&w);
    let errors = found.errors.as_ref().unwrap();
    // (.8 − .58) / (1 − .58).
    assert!((errors.consistency.value().unwrap() - 0.5238).abs() < 5e-5);
    w.get_by_label_contains("same errors: 0.524").click();
    still(&mut w, "items");
    assert_eq!((w.state().view, shown(&w)), (View::Items, (40..50).collect::<Vec<u32>>()));
}
