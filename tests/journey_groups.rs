//! Journeys through groups of raters: who answers otherwise than whom, and the comparison behind it.

// Helpers outside of `#[test]` functions unwrap too: a test that cannot set its stage has failed.
#![allow(clippy::unwrap_used)]

#[path = "support/window.rs"]
mod window;

use std::sync::Arc;

use dissensus::analysis::compare::Side;
use dissensus::analysis::rater_groups::GroupsReport;
use dissensus::app::state::View;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use window::{Window, click, doc, folder, launch, press, shown, still, window, window_on};

fn open(w: &mut Window) {
    press(w, Modifiers::COMMAND | Modifiers::SHIFT, Key::G);
    still(w, "groups");
    assert_eq!(w.state().view, View::Groups);
}

fn report(w: &Window) -> Arc<GroupsReport> {
    Arc::clone(doc(w).panels.groups().unwrap().as_ref().as_ref().unwrap())
}

#[test]
fn the_two_groups_of_the_sample_differ_and_enter_compares_them() {
    let folder = folder();
    let mut w = window(launch(folder.path()));
    open(&mut w);
    let found = report(&w);
    assert_eq!(
        (found.attribute.as_str(), found.values.as_slice()),
        ("group", &["crowd".to_owned(), "moderator".to_owned()][..])
    );
    // The guideline that the sample was made with: it is about two labels, and lost among all votes.
    let labels = &found.pairs[0].labels;
    let clear: Vec<&str> =
        labels.iter().filter(|l| l.adjusted.unwrap() < 0.05).map(|l| doc(&w).label(l.label)).collect();
    assert!(clear.contains(&"hate") && clear.contains(&"insult"), "{clear:?}");
    assert!(found.pairs[0].adjusted[1].unwrap() > 0.05);
    w.get_by_label_contains("crowd says hate more often than moderator");
    // A point of the juries says what it is.
    let own = found.served(1, 1).unwrap().seats[0].agreement.as_ref().unwrap().0;
    w.get_by_label_contains(&format!("B for B, 1 seats: {own:.3}"));
    press(&mut w, Modifiers::NONE, Key::Enter);
    still(&mut w, "compare");
    assert_eq!(w.state().view, View::Compare);
    let compared = doc(&w).panels.compare().unwrap();
    let sides = &compared.as_ref().as_ref().unwrap().asked.sides;
    let group = |name: &str| Side::Group(found.asked.attribute, name.to_owned());
    assert_eq!(sides, &[group("crowd"), group("moderator")]);

    open(&mut w);
    w.get_by_label("country");
    click(&mut w, "How this is computed");
    w.get_by_label_contains("Whether people of one group answer otherwise");
}

#[test]
fn numbers_have_a_gap() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ratings.csv");
    let mut text = "item,rater,age,label\n".to_owned();
    for item in 0..40 {
        for rater in 0..12 {
            let old = rater % 2 == 0;
            let label = 2 + (item + rater) % 3 + i32::from(old);
            text.push_str(&format!("{item},r{rater},{},{label}\n", if old { "old" } else { "young" }));
        }
    }
    std::fs::write(&path, text).unwrap();
    let mut w = window_on(&path, &folder.path().join("places"));
    open(&mut w);
    let found = report(&w);
    let gap = found.pairs[0].gap.as_ref().unwrap();
    assert!((gap.gap.abs() - 1.0).abs() < 0.1 && found.pairs[0].adjusted[0].unwrap() < 0.05, "{gap:?}");
    w.get_by_label_contains("old and young rate");
}

#[test]
fn labels_that_change_with_a_wave_are_found_and_the_wave_opens() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("waves.csv");
    let mut text = "id,text,wave,label\n".to_owned();
    for i in 0..200 {
        let yes = if i < 100 { i % 10 == 0 } else { i % 10 < 7 };
        let (wave, label) = (["w1", "w2", "w3", "w4"][i / 50], if yes { "yes" } else { "no" });
        text.push_str(&format!("{i},text {i},{wave},{label}\n"));
    }
    std::fs::write(&path, text).unwrap();
    let mut w = window_on(&path, &folder.path().join("places"));
    open(&mut w);
    w.get_by_label_contains("Labels change at w3: 0.60 from what was before");
    w.get_by_label_contains("w3: 50 labels").click();
    still(&mut w, "batch");
    press(&mut w, Modifiers::NONE, Key::Enter);
    still(&mut w, "items");
    assert_eq!((w.state().view, shown(&w)), (View::Items, (100..150).collect::<Vec<u32>>()));
    open(&mut w);
    click(&mut w, "parts of the file");
    w.get_by_label_contains("Labels change at part 6");
    click(&mut w, "How this is computed");
    w.get_by_label_contains("Whether labels change from batch to batch");
}
