//! Journeys through what is asked of raters: who is strict, whether that is all that sets raters apart, and what their tastes are.

use std::path::{Path, PathBuf};

use crate::window::{Window, click, doc, folder, launch, press, shown, still, window, window_on};
use dissensus::app::query::Condition;
use dissensus::app::state::View;
use egui::{Key, Modifiers, Pos2, vec2};
use egui_kittest::kittest::Queryable as _;

fn open(w: &mut Window) {
    press(w, Modifiers::COMMAND, Key::Num3);
    still(w, "raters");
    assert_eq!(w.state().view, View::Raters);
}

/// Answers of 32 raters in two camps, by age.
pub fn camps(folder: &Path) -> PathBuf {
    let path = folder.join("answers.csv");
    let mut text = "item,rater,age,score\n".to_owned();
    for item in 0..24_u32 {
        for rater in 0..32_u32 {
            let old = rater % 2 == 0;
            let taste = match (item % 4 == 0, old) {
                (false, _) => 0,
                (true, true) => 2,
                (true, false) => -2,
            };
            let noise = i64::from((rater * 7919 + item * 104_729).wrapping_mul(2_654_435_761) >> 16) % 3 - 1;
            let age = if old { "old" } else { "young" };
            text.push_str(&format!("i{item},r{rater},{age},{}\n", 4 + taste + noise));
        }
    }
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn two_camps_are_a_taste_that_goes_with_age_and_opens_its_items() {
    let folder = tempfile::tempdir().unwrap();
    let path = camps(folder.path());
    let mut w = window_on(&path, &folder.path().join("places"));
    open(&mut w);
    click(&mut w, "Tastes");
    let report = doc(&w).panels.tastes().unwrap();
    let report = report.as_ref().as_ref().unwrap().clone();
    assert_eq!((report.found.n_kept, report.rows.len()), (1, 32));
    w.get_by_label_contains("1 taste beyond chance among 32 raters");
    let age = &report.ends[0].with[0];
    w.get_by_label_contains(&format!("age: {:.1} %", 100.0 * age.share));
    assert!(age.share > 0.9 && age.p.unwrap() < 0.01);
    // The items on which the camps part stand at one end.
    let split: Vec<u32> = (0..24).filter(|i| i % 4 == 0).collect();
    let of_camp = |end: usize| {
        let mut first: Vec<u32> = report.ends[0].items[end].iter().take(6).copied().collect();
        first.sort_unstable();
        first
    };
    assert!(of_camp(0) == split || of_camp(1) == split);
    press(&mut w, Modifiers::NONE, Key::Enter);
    still(&mut w, "items");
    assert_eq!(w.state().view, View::Items);
    assert_eq!(shown(&w).len(), report.ends[0].items[0].len() + report.ends[0].items[1].len());
    open(&mut w);
    w.get_by_label_contains("dimension 2: ").click();
    still(&mut w, "second");
    w.get_by_label_contains("Dimension 2 across, 3 up");
    click(&mut w, "How this is computed");
    w.get_by_label_contains("How many dimensions explain the votes");
}

/// Draws a line through these points; `escape` is pressed before it is let go, if so.
fn draw(w: &mut Window, held: Modifiers, points: &[Pos2], escape: bool) {
    w.event(egui::Event::ModifiersChanged(held));
    w.hover_at(points[0]);
    w.step();
    w.drag_at(points[0]);
    w.step();
    for &point in &points[1..] {
        w.hover_at(point);
        w.step();
    }
    if escape {
        press(w, Modifiers::NONE, Key::Escape);
    }
    w.drop_at(points[points.len() - 1]);
    w.step();
    w.event(egui::Event::ModifiersChanged(Modifiers::NONE));
    still(w, "drawn");
}

#[test]
fn a_line_around_points_shows_what_these_raters_labelled() {
    let folder = tempfile::tempdir().unwrap();
    let path = camps(folder.path());
    let mut w = window_on(&path, &folder.path().join("places"));
    open(&mut w);
    click(&mut w, "Tastes");
    let report = doc(&w).panels.tastes().unwrap();
    let report = report.as_ref().as_ref().unwrap().clone();
    let plot = w.get_by_label_contains("Drag with Shift around some").rect().shrink(2.0);
    // The right half: whose score on the first dimension is above 0.
    let half = [plot.center_top(), plot.right_top(), plot.right_bottom(), plot.center_bottom()];
    let scores = &report.found.dimensions[0].scores;
    let wanted: Vec<u32> =
        report.rows.iter().zip(scores).filter(|(_, s)| **s > 0.0).map(|(r, _)| *r).collect();
    assert_eq!(wanted.len(), 16);
    // Without Shift nothing is drawn, and Escape drops what is.
    draw(&mut w, Modifiers::NONE, &half, false);
    assert_eq!(w.state().view, View::Raters);
    draw(&mut w, Modifiers::SHIFT, &half, true);
    assert_eq!(w.state().view, View::Raters);
    draw(&mut w, Modifiers::SHIFT, &half, false);
    assert_eq!(w.state().view, View::Items);
    assert_eq!(doc(&w).query.conditions, [Condition::AnyRater(wanted.clone())]);
    assert_eq!(shown(&w).len(), 24);
    let words = doc(&w).query.conditions[0].words(&doc(&w).dataset);
    assert!(words.starts_with("labelled by r") && words.ends_with(" or 12 more"), "{words}");
    // The button does without Shift; around nothing, nothing happens.
    open(&mut w);
    click(&mut w, "Lasso");
    let corner = plot.right_top();
    draw(&mut w, Modifiers::NONE, &[corner, corner + vec2(-6.0, 0.0), corner + vec2(0.0, 6.0)], false);
    assert_eq!(w.state().view, View::Raters);
    draw(&mut w, Modifiers::NONE, &half, false);
    assert_eq!(doc(&w).query.conditions, [Condition::AnyRater(wanted)]);
}

#[test]
fn few_raters_have_no_tastes_to_be_told() {
    let folder = folder();
    let mut w = window(launch(folder.path()));
    open(&mut w);
    click(&mut w, "Tastes");
    w.get_by_label_contains("Raters share too few items");
    click(&mut w, "Who agrees with whom");
    assert!(w.query_by_label_contains("Raters share too few items").is_none());
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

#[test]
fn a_person_whose_labels_are_turned_round_is_marked_and_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("people.csv");
    let mut csv = "item,rater,label\n".to_owned();
    let said = |item: usize, rater: usize| {
        let truth = item * 7 % 5 < 2;
        let own = truth != (item * 3 + rater * 5).is_multiple_of(13);
        own != (rater == 4)
    };
    for item in 0..80 {
        for (rater, name) in ["ana", "ben", "cem", "dia", "eva"].into_iter().enumerate() {
            let word = if said(item, rater) { "yes" } else { "no" };
            csv.push_str(&format!("i{item:02},{name},{word}\n"));
        }
    }
    std::fs::write(&path, csv).unwrap();
    let mut w = window_on(&path, &folder.path().join("places"));
    let alpha =
        |w: &Window| doc(w).analysis.as_ref().unwrap().agreement.krippendorff_alpha_nominal.value().unwrap();
    let with = alpha(&w);
    open(&mut w);
    let suspects = doc(&w).panels.turned().unwrap();
    let suspects = suspects.as_ref().as_ref().unwrap();
    assert_eq!(suspects.iter().map(|s| s.rater).collect::<Vec<_>>(), [4]);
    // The mark speaks in the table, and the rater says the rest.
    let row = "eva, labels turned round: no → yes, yes → no";
    w.get_by_label(row).click();
    still(&mut w, "eva");
    w.get_by_label_contains("Labels turned round: no → yes, yes → no. κ is −0.");
    click(&mut w, &format!("Open {} items where they part with the others", suspects[0].items.len()));
    assert_eq!((w.state().view, shown(&w)), (View::Items, suspects[0].items.to_vec()));

    open(&mut w);
    click(&mut w, "Leave out of statistics");
    assert!(alpha(&w) > with + 0.3, "{with} {}", alpha(&w));
    open(&mut w);
    assert!(w.query_by_label(row).is_none());
    assert!(doc(&w).panels.turned().unwrap().as_ref().as_ref().unwrap().is_empty());
}
