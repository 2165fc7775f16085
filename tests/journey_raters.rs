//! Journeys through what is asked of raters: who is strict, and whether that is all that sets raters apart.

// Helpers outside of `#[test]` functions unwrap too: a test that cannot set its stage has failed.
#![allow(clippy::unwrap_used)]

#[path = "support/window.rs"]
mod window;

use std::path::{Path, PathBuf};

use dissensus::app::state::View;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use window::{Window, click, doc, folder, launch, press, shown, still, window, window_on};

fn open(w: &mut Window) {
    press(w, Modifiers::COMMAND, Key::Num3);
    still(w, "raters");
    assert_eq!(w.state().view, View::Raters);
}

/// Grades of 1 to 10 for forty essays: ann and ben differ by one here and there, zoe gives three less than ann, dan has graded three.
fn essays(folder: &Path) -> PathBuf {
    let path = folder.join("essays.csv");
    let mut text = "essay,rater,grade\n".to_owned();
    for i in 0..40 {
        let grade = 4 + i % 7;
        text.push_str(&format!("e{i},ann,{grade}\ne{i},ben,{}\n", (grade + i32::from(i % 5 == 0)).min(10)));
        text.push_str(&format!("e{i},zoe,{}\n", grade - 3));
        if i < 3 {
            text.push_str(&format!("e{i},dan,{grade}\n"));
        }
    }
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn the_harshest_rater_is_read_from_the_table_and_their_items_open() {
    let folder = tempfile::tempdir().unwrap();
    let path = essays(folder.path());
    let mut w = window_on(&path, &folder.path().join("places"));
    open(&mut w);
    click(&mut w, "Use of the scale");
    w.get_by_label_contains(
        "of 4 raters rate lower or higher than the others of the same items; farthest: zoe, 3.",
    );
    w.get_by_label_contains("most of the disagreement is of scale, not of order");
    w.get_by_label_contains("order (mean τ of 3 pairs), before and after: 0.9");
    // Fewer than five grades are left as they are, and say so.
    w.get_by_label("dan: mean 5.00, severity +0.89, left raw: fewer than 5 ratings");
    // The table has the harshest first; one key down from there is the next.
    w.get_by_label_contains("zoe: mean 3.88, severity −3.").click();
    still(&mut w, "zoe");
    let name = |w: &Window| doc(w).rater_name(doc(w).rater.unwrap()).to_owned();
    assert_eq!(name(&w), "zoe");
    w.get_by_label_contains("zoe: 3.08 lower than the others on the same 40 items");
    // A column of the distribution opens the essays to which she gave that grade.
    w.get_by_label_contains("1: zoe 15 %, others 0 %, 6 items").click();
    still(&mut w, "ones");
    assert_eq!(
        (w.state().view, shown(&w)),
        (View::Items, (0..40).filter(|i| i % 7 == 0).collect::<Vec<u32>>())
    );
    open(&mut w);
    press(&mut w, Modifiers::NONE, Key::Enter);
    still(&mut w, "farthest");
    let rows = doc(&w).rows.as_ref().unwrap();
    // Where ben gave one more than ann, zoe is 3.5 below the two; not so where ann gave a ten.
    assert_eq!((w.state().view, rows.items.len()), (View::Items, 40));
    assert_eq!(&rows.items[..3], [5, 10, 15]);
    open(&mut w);
    press(&mut w, Modifiers::NONE, Key::ArrowDown);
    still(&mut w, "next");
    assert_ne!(name(&w), "zoe");
    click(&mut w, "Sort by Rater");
    press(&mut w, Modifiers::NONE, Key::Home);
    still(&mut w, "first");
    assert_eq!(name(&w), "ann");
    click(&mut w, "How this is computed");
    w.get_by_label_contains("Who rates lower or higher than the others on the same items");
}

#[test]
fn labels_that_are_words_have_no_scale_and_the_view_says_what_to_do() {
    let folder = folder();
    let mut w = window(launch(folder.path()));
    open(&mut w);
    click(&mut w, "Use of the scale");
    w.get_by_label_contains("Labels are not on a scale. How strict or lenient a rater is");
    click(&mut w, "Who agrees with whom");
    w.get_by_label("Open their items");
}
