//! Journeys through the practice of raters: whether they get better, and the answers behind it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::window::{Window, click, doc, press, shown, still, window_on};
use dissensus::analysis::practice::{Order, PracticeReport, Truth};
use dissensus::app::state::View;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;

/// The place of an item among a rater's answers: another order than the file's, for each rater.
fn place(item: u32, rater: u32) -> u32 {
    (7 * item + 5 * rater) % 24
}

/// Twelve raters answer 24 items, with moments out of the order of the file. Six were trained: they are wrong on their first six
/// items and never again; the others on every fourth.
fn votes(folder: &Path) -> PathBuf {
    let path = folder.join("votes.csv");
    let mut text = "item,text,rater,training,submitted_at,label,gold\n".to_owned();
    for item in 0..24 {
        for rater in 0..12 {
            let (place, trained) = (place(item, rater), rater % 2 == 0);
            let wrong = if trained { place < 6 } else { place % 4 == 1 };
            let (training, label) =
                (["new", "trained"][usize::from(trained)], ["human", "machine"][usize::from(wrong)]);
            text.push_str(&format!(
                "i{item},text {item},r{rater:02},{training},2024-03-01T10:{place:02}:00Z,{label},human\n"
            ));
        }
    }
    std::fs::write(&path, text).unwrap();
    path
}

fn open(w: &mut Window) {
    press(w, Modifiers::COMMAND, Key::Num3);
    still(w, "raters");
    assert_eq!(w.state().view, View::Raters);
    click(w, "Practice");
}

fn report(w: &Window) -> Arc<PracticeReport> {
    Arc::clone(doc(w).panels.practice().unwrap().as_ref().as_ref().unwrap())
}

/// The items on screen, in their order.
fn listed(w: &Window) -> Vec<u32> {
    doc(w).rows.as_ref().unwrap().items.to_vec()
}

#[test]
fn raters_who_get_better_are_found_and_their_wrong_answers_open_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let path = votes(folder.path());
    let mut w = window_on(&path, &folder.path().join("places"));
    open(&mut w);
    let found = report(&w);
    assert_eq!((found.truth, found.order, found.first), (Truth::Gold, Order::Moments, 20));
    // (42/665 + 2.5/665)/2 of the two kinds of raters.
    w.get_by_label_contains("Raters get better: +3.35 points an answer");
    w.get_by_label_contains("in the order in which they were given");
    // One of those who learned, by the list.
    w.get_by_label_contains("r04: +6.32 points an answer, last 90").click();
    still(&mut w, "rater");
    w.get_by_label_contains("r04: 24 answers, 75 % right · first 20: 70 %, last 20: 90 %");
    press(&mut w, Modifiers::NONE, Key::Enter);
    still(&mut w, "items");
    let by_place = |p: u32| (0..24).find(|&item| place(item, 4) == p).unwrap();
    assert_eq!((w.state().view, listed(&w)), (View::Items, (0..6).map(by_place).collect::<Vec<u32>>()));

    // A place of the curve: the first answer of each of the six was wrong.
    open(&mut w);
    w.get_by_label_contains("Answer 1: 50 % right ± 15.1, 6 wrong, 12 raters gave as many").click();
    still(&mut w, "place");
    let mut first: Vec<u32> =
        (0..12).step_by(2).map(|r| (0..24).find(|&item| place(item, r) == 0).unwrap()).collect();
    first.sort_unstable();
    first.dedup();
    assert_eq!(shown(&w), first);

    // Groups: two values are one comparison, and its items open.
    open(&mut w);
    w.get_by_label_contains("training: new, not trained:  −5.94  p 0.002").click();
    still(&mut w, "group");
    click(&mut w, "Open 12 items that new answered wrong");
    assert_eq!(shown(&w), (0..24).step_by(2).collect::<Vec<u32>>());

    // Other answers, another truth.
    open(&mut w);
    click(&mut w, "10");
    assert_eq!(report(&w).first, 10);
    click(&mut w, "the others’ commonest label");
    assert_eq!(report(&w).truth, Truth::Others);
    click(&mut w, "How this is computed");
    w.get_by_label_contains("Whether raters get better: right and wrong");
}

#[test]
fn a_stretch_of_one_rater_opens_and_arrows_walk_the_list() {
    let folder = tempfile::tempdir().unwrap();
    let path = votes(folder.path());
    let mut w = window_on(&path, &folder.path().join("places"));
    open(&mut w);
    press(&mut w, Modifiers::NONE, Key::Home);
    let first = doc(&w).rater.unwrap();
    assert_eq!(first % 2, 0, "the steepest slope is of one who was trained");
    w.get_by_label("Answers 1 to 5: 0 % right").click();
    still(&mut w, "stretch");
    let by_place = |p: u32| (0..24).find(|&item| place(item, first) == p).unwrap();
    assert_eq!(listed(&w), (0..5).map(by_place).collect::<Vec<u32>>());
    open(&mut w);
    press(&mut w, Modifiers::NONE, Key::ArrowDown);
    assert_ne!(doc(&w).rater.unwrap(), first);
    click(&mut w, "Sort by answers");
    click(&mut w, "Sort by rater");
    press(&mut w, Modifiers::NONE, Key::Home);
    assert_eq!(doc(&w).rater_name(doc(&w).rater.unwrap()), "r00");
}

#[test]
fn where_nobody_can_be_followed_the_reason_stands_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("few.csv");
    std::fs::write(&path, "item,rater,label,gold\na,ana,x,x\na,ben,y,x\nb,ana,x,y\nb,ben,y,y\n").unwrap();
    let mut w = window_on(&path, &folder.path().join("places"));
    open(&mut w);
    w.get_by_label_contains("Nobody to follow");
    w.get_by_label_contains("No rater gave 3 answers that are known to be right or wrong; the most is 2");
    // Another truth may do, so the choice stays.
    click(&mut w, "the others’ commonest label");
    w.get_by_label_contains("Nobody to follow");
    click(&mut w, "the gold label");
}
