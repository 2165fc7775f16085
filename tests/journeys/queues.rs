//! Journeys through queues: each preset is built, begun, left for another, and gone on with after reopening the file.

use std::path::Path;
use std::time::Instant;

use crate::window::{Window, click, doc, folder, launch, press, settle, still, until, window, window_on};
use dissensus::app::queues::MOST;
use dissensus::app::state::View;
use dissensus::dataset::{Outcome, Reached};
use dissensus::review::Log;
use dissensus::review::self_agreement::self_agreement;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;

fn log_of(folder: &Path) -> Log {
    Log::verify(&folder.join("comments.csv.tester.corrections.jsonl")).unwrap()
}

/// Opens the builder on a preset by its accessible name, and waits until it is counted.
fn preset(w: &mut Window, name: &str) {
    press(w, Modifiers::COMMAND, Key::Num2);
    press(w, Modifiers::NONE, Key::Q);
    assert_eq!(w.state().view, View::Queues);
    w.get_by_label(&format!("Preset {name}")).click();
    counted(w);
}

/// Waits until the builder has counted: it begins to a little after the last change.
fn counted(w: &mut Window) {
    w.run_steps(4);
    until(w, "the count", |app| {
        app.document().is_some_and(|d| d.panels.queue().is_some()) && app.is_settled()
    });
    w.run_steps(2);
}

fn decide(w: &mut Window, key: Key) {
    press(w, Modifiers::NONE, key);
    settle(w, "a decision");
}

#[test]
fn every_preset_is_built_begun_left_and_gone_on_with_after_reopening() {
    let folder = folder();
    let mut w = window(launch(folder.path()));
    let presets = [
        ("Label issues", "Label issues", Reached::Flag),
        ("Not yet agreed", "Not yet agreed", Reached::Browse),
        ("Split votes", "Split votes", Reached::Browse),
        ("A rater against the rest", "against the rest", Reached::Browse),
        ("A pair of labels", " or ", Reached::Browse),
        ("Groups part", "Groups part: ", Reached::Browse),
        ("Random audit", "Random audit", Reached::Audit),
        ("What is shown", "All items", Reached::Browse),
    ];
    let mut begun: Vec<(u64, String, usize, usize)> = Vec::new();
    for (name, called, reached) in presets {
        preset(&mut w, name);
        w.get_by_label_contains("to decide");
        press(&mut w, Modifiers::NONE, Key::Enter);
        settle(&mut w, name);
        assert_eq!(w.state().view, View::Review, "{name}");
        let d = doc(&w);
        let queue = d.queue.clone().unwrap();
        assert!(queue.name.contains(called), "{} for {name}", queue.name);
        assert_eq!(queue.reached, reached, "{name}");
        let flagged = &d.analysis.as_ref().unwrap().items.flagged;
        assert!(queue.controls.iter().all(|&c| !flagged[c as usize]), "{name}");
        // Nothing is mixed into a sample, and where everything is shown nothing is left to be mixed in.
        let none = reached == Reached::Audit || name == "What is shown";
        assert_eq!(queue.controls.is_empty(), none, "{name}: {}", queue.len());
        let (at, item) = (d.position, queue.items[d.position]);
        assert!(d.edits().get(item as usize).is_none(), "{name} begins at what waits");
        decide(&mut w, Key::Num1);
        let d = doc(&w);
        assert!(d.edits().get(item as usize).is_some(), "{name}");
        assert_eq!(d.position, at + 1);
        let kept = d.queues.active().unwrap();
        begun.push((kept.id, queue.name.clone(), d.position, queue.len()));
    }
    assert_eq!(doc(&w).edits().len(), 8);
    assert_eq!(doc(&w).queues.list().len(), 8);

    // Another one goes on where it was left, out of the navigation.
    press(&mut w, Modifiers::COMMAND, Key::Num2);
    settle(&mut w, "items");
    let left = doc(&w).queues.list()[2].left;
    click(&mut w, &format!("Go on with Split votes: {left} left"));
    assert_eq!((w.state().view, doc(&w).position), (View::Review, begun[2].2));
    assert_eq!(doc(&w).queue.as_ref().unwrap().name, "Split votes");
    decide(&mut w, Key::Space);
    begun[2].2 = doc(&w).position;
    w.state_mut().save_place_now();
    drop(w);

    let mut w = window(launch(folder.path()));
    assert_eq!(w.state().view, View::Review);
    assert_eq!(doc(&w).queues.active_id(), Some(begun[2].0));
    for (id, name, position, len) in &begun {
        press(&mut w, Modifiers::COMMAND, Key::Num2);
        settle(&mut w, "items");
        let words = {
            let kept = doc(&w).queues.get(*id).unwrap();
            assert_eq!((&kept.queue.name, kept.queue.len()), (name, *len));
            format!("Go on with {name}: {}", kept.state_words())
        };
        click(&mut w, &words);
        let d = doc(&w);
        assert_eq!((d.position, &d.queue.as_ref().unwrap().name), (*position, name));
    }
    let log = log_of(folder.path());
    let controls = log.events.iter().filter_map(|e| e.context()).filter(|c| c.control).count();
    let queue = doc(&w).queues.get(begun[0].0).unwrap().queue.clone();
    assert_eq!(
        controls > 0,
        begun.iter().any(|(id, ..)| {
            let kept = doc(&w).queues.get(*id).unwrap();
            log.events.iter().any(|e| {
                e.context().is_some_and(|c| c.queue.as_deref() == Some(&kept.queue.name) && c.control)
            })
        })
    );
    assert!(!queue.how.is_empty());
}

#[test]
fn parameters_change_the_count_and_quick_commands_go_on_with_what_is_under_way() {
    let folder = folder();
    let mut w = window(launch(folder.path()));
    preset(&mut w, "Label issues");
    let flagged = doc(&w).analysis.as_ref().unwrap().items.flagged.iter().filter(|f| **f).count();
    w.get_by_label_contains(&format!("{flagged} of {flagged} chosen"));
    // Bands are the usual order here; by key, the filter of a method is chosen from a list.
    press(&mut w, Modifiers::NONE, Key::A);
    w.get_by_label("Flagged by which filter?").type_text("prediction differs");
    w.step();
    w.key_press(Key::Enter);
    w.step();
    counted(&mut w);
    let d = doc(&w);
    let confident = d.analysis.as_ref().unwrap().confident.as_ref().as_ref().unwrap();
    let bit = dissensus::stats::confident::Filter::PredictedNeqGiven.bit();
    let n = confident.issues.iter().filter(|i| **i & bit != 0).count();
    assert_ne!(n, flagged);
    w.get_by_label_contains(&format!("{n} of {n} chosen"));
    w.get_by_label("Always").click();
    counted(&mut w);
    let again = doc(&w).panels.queue().unwrap();
    let repeats = again.as_ref().as_ref().unwrap().fresh.queue().repeats.len();
    if repeats > 0 {
        w.get_by_label_contains("shown a second time");
    }
    // Ties only are fewer than splits.
    preset(&mut w, "Split votes");
    let splits = doc(&w).panels.queue().unwrap().as_ref().as_ref().unwrap().n_chosen;
    w.get_by_label("Ties only").click();
    counted(&mut w);
    let ties = doc(&w).panels.queue().unwrap().as_ref().as_ref().unwrap().n_chosen;
    assert!(ties > 0 && ties < splits);

    // The command of the overview begins one queue, and goes on with it.
    press(&mut w, Modifiers::COMMAND, Key::Num1);
    press(&mut w, Modifiers::NONE, Key::Enter);
    settle(&mut w, "issues");
    decide(&mut w, Key::Space);
    press(&mut w, Modifiers::COMMAND, Key::Num1);
    settle(&mut w, "overview");
    press(&mut w, Modifiers::NONE, Key::Enter);
    settle(&mut w, "issues again");
    assert_eq!((doc(&w).queues.list().len(), doc(&w).position), (1, 1));
}

#[test]
fn queues_are_renamed_removed_and_put_back_and_decisions_stay() {
    let folder = folder();
    let mut w = window(launch(folder.path()));
    press(&mut w, Modifiers::NONE, Key::Enter);
    settle(&mut w, "issues");
    decide(&mut w, Key::Space);
    let left = doc(&w).queues.list()[0].left;
    press(&mut w, Modifiers::COMMAND, Key::Num2);
    press(&mut w, Modifiers::NONE, Key::Q);
    press(&mut w, Modifiers::NONE, Key::End);
    w.get_by_label_contains("flagged by confident learning");
    press(&mut w, Modifiers::NONE, Key::F2);
    w.step();
    w.get_by_label("Name of the queue").type_text(" of Monday");
    w.step();
    w.key_press(Key::Enter);
    w.run_steps(2);
    assert_eq!(doc(&w).queues.list()[0].title(), "Label issues of Monday");
    assert_eq!(doc(&w).queue.as_ref().unwrap().name, "Label issues", "the log goes on with the first name");
    w.get_by_label(&format!("Queue Label issues of Monday: {left} left"));

    press(&mut w, Modifiers::SHIFT, Key::Delete);
    w.run_steps(2);
    assert!(doc(&w).queues.list().is_empty() && doc(&w).queue.is_none());
    assert_eq!(doc(&w).edits().len(), 1, "decisions stay");
    press(&mut w, Modifiers::COMMAND, Key::Num4);
    w.get_by_label_contains("No queue yet");
    w.get_by_label("New queue…").click();
    w.run_steps(2);
    w.get_by_label("Put it back").click();
    w.run_steps(2);
    assert_eq!(doc(&w).queues.list()[0].title(), "Label issues of Monday");
    press(&mut w, Modifiers::NONE, Key::Enter);
    w.run_steps(2);
    assert_eq!((w.state().view, doc(&w).position), (View::Review, 1));
}

/// A table of `n` items without texts, all but every fifth called as two raters call them.
fn table(folder: &Path, n: usize) -> std::path::PathBuf {
    let path = folder.join("many.csv");
    let mut text = "id,given,a,b\n".to_owned();
    for i in 0..n {
        let label = ["x", "y"][i % 2];
        let other = if i % 5 == 0 { ["y", "x"][i % 2] } else { label };
        text.push_str(&format!("{i},{label},{label},{other}\n"));
    }
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn what_comes_a_second_time_is_not_marked_and_both_answers_stay_in_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let path = table(folder.path(), 260);
    let mut w = window_on(&path, &folder.path().join("places"));
    preset(&mut w, "What is shown");
    w.get_by_label_contains("shown a second time");
    click(&mut w, "Start");
    let queue = doc(&w).queue.clone().unwrap();
    assert_eq!((queue.len(), queue.repeats.len(), queue.controls.len()), (273, 13, 0));
    let again = *queue.repeats.first().unwrap() as usize;
    let item = queue.items[again];
    let first = queue.items.iter().position(|&i| i == item).unwrap();
    let other = queue.items[*queue.repeats.iter().nth(1).unwrap() as usize];

    // Decided as it was the first time: another label; the second time: kept.
    for (at, key) in [(first, Key::N), (queue.items.iter().position(|&i| i == other).unwrap(), Key::Space)] {
        goto(&mut w, at);
        decide(&mut w, key);
    }
    let left = doc(&w).queues.active().unwrap().left;
    assert_eq!(left, 271);
    goto(&mut w, again);
    // Nothing on the screen gives away what was decided: the label is the given one.
    let given = ["x", "y"][item as usize % 2];
    w.get_by_label(&format!("Keep {given}"));
    decide(&mut w, Key::Space);
    assert!(
        matches!(doc(&w).edits().get(item as usize).unwrap().outcome, Outcome::Kept(_)),
        "the later one counts"
    );
    let second = *queue.repeats.iter().nth(1).unwrap() as usize;
    goto(&mut w, second);
    decide(&mut w, Key::Space);
    assert_eq!(doc(&w).queues.active().unwrap().left, 269);
    let log = Log::verify(&folder.path().join("many.csv.tester.corrections.jsonl")).unwrap();
    let found = self_agreement(&log.events, Some("All items"));
    assert_eq!((found.n_same, found.n_repeats, found.parted.len()), (1, 2, 1));
    assert_eq!(log.events.iter().filter(|e| e.context().is_some_and(|c| c.repeat)).count(), 2);

    // Undo goes back to the second showing, and the first answer stands again.
    press(&mut w, Modifiers::COMMAND, Key::Z);
    settle(&mut w, "undo");
    assert_eq!((doc(&w).position, doc(&w).queues.active().unwrap().left), (second, 270));
    press(&mut w, Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::Z);
    settle(&mut w, "redo");
    goto(&mut w, queue.len());
    w.get_by_label_contains("The end of “All items”: 269 items were skipped");
    w.get_by_label_contains("alike when asked again: 1 of 2, 50 %");
    w.get_by_label("Export cleaned file…");
    click(&mut w, "Go to what was skipped");
    assert!(
        doc(&w).position < queue.len()
            && doc(&w).edits().get(queue.items[doc(&w).position] as usize).is_none()
    );
    press(&mut w, Modifiers::COMMAND, Key::Num5);
    settle(&mut w, "log");
    w.get_by_label_contains("alike when asked again: 1 of 2");
}

/// Goes to a place of the queue under review.
fn goto(w: &mut Window, at: usize) {
    let ctx = w.ctx.clone();
    w.state_mut().handle(&ctx, dissensus::app::request::Request::GoTo(at));
    w.run_steps(3);
    settle(w, "a place");
}

#[test]
fn forty_queues_are_kept_and_the_navigation_scrolls() {
    let folder = tempfile::tempdir().unwrap();
    let path = table(folder.path(), 300);
    let mut w = window_on(&path, &folder.path().join("places"));
    for i in 0..MOST as u32 + 5 {
        let items = [3 * i, 3 * i + 1].into();
        let request =
            dissensus::app::request::Request::ReviewList { name: format!("list {i}"), items, from: 3 * i };
        let ctx = w.ctx.clone();
        w.state_mut().handle(&ctx, request);
        w.step();
        if i < MOST as u32 - 1 {
            decide(&mut w, Key::Space);
        }
    }
    settle(&mut w, "lists");
    let names: Vec<&str> = doc(&w).queues.list().iter().map(|k| k.queue.name.as_str()).collect();
    assert_eq!(names.len(), MOST);
    assert!(names.contains(&"list 0") && names.contains(&"list 38"), "what is under way stays");
    assert_eq!(names.last(), Some(&"list 44"));
    w.set_size(egui::vec2(1280.0, 720.0));
    press(&mut w, Modifiers::COMMAND, Key::Num2);
    settle(&mut w, "items");
    // The last of the list is below the window until the navigation is scrolled.
    let at = |w: &Window, name: &str| w.get_by_label_contains(name).rect();
    let before = at(&w, "Go on with list 0:");
    assert!(before.top() > 720.0);
    // What is done with files is not in the list: it stays where it is.
    let files = at(&w, "Open…");
    assert!(files.bottom() < 720.0);
    let here = at(&w, "Go on with list 44: 2 left").center();
    w.event(egui::Event::PointerMoved(here));
    w.event(egui::Event::MouseWheel {
        unit: egui::MouseWheelUnit::Point,
        source: egui::MouseWheelSource::Unknown,
        delta: egui::vec2(0.0, -4000.0),
        modifiers: Modifiers::NONE,
        phase: egui::TouchPhase::Move,
    });
    w.run_steps(20);
    let after = at(&w, "Go on with list 0:");
    assert!(after.bottom() <= files.top(), "{before:?} {after:?}");
    assert_eq!(at(&w, "Open…"), files);
}

#[test]
fn two_hundred_and_fifty_decisions_are_worth_a_break() {
    let folder = tempfile::tempdir().unwrap();
    let path = table(folder.path(), 300);
    let mut w = window_on(&path, &folder.path().join("places"));
    press(&mut w, Modifiers::COMMAND, Key::Num2);
    press(&mut w, Modifiers::SHIFT, Key::Enter);
    settle(&mut w, "all items");
    w.state_mut().document_mut().unwrap().n_decided = 248;
    decide(&mut w, Key::Space);
    assert!(w.query_by_label_contains("a break keeps them good").is_none());
    decide(&mut w, Key::Space);
    w.get_by_label_contains("250 decisions since you began");
    (0..10).for_each(|_| decide(&mut w, Key::Space));
    assert!(w.query_by_label_contains("a break keeps them good").is_none());
}

#[test]
fn a_long_queue_is_made_beside_the_frames_and_kept_in_a_file_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let path = table(folder.path(), 60_000);
    let mut w = window_on(&path, &folder.path().join("places"));
    press(&mut w, Modifiers::COMMAND, Key::Num2);
    let since = Instant::now();
    press(&mut w, Modifiers::SHIFT, Key::Enter);
    let asked = since.elapsed();
    still(&mut w, "a long queue");
    assert_eq!((w.state().view, doc(&w).queue.as_ref().unwrap().len()), (View::Review, 60_000));
    // A frame of a debug build, with nothing of the queue in it.
    assert!(asked.as_millis() < 2_000, "{asked:?}");
    decide(&mut w, Key::Space);
    w.state_mut().save_place_now();
    let place = std::fs::read_dir(folder.path().join("places")).unwrap();
    let sizes: Vec<u64> = place.map(|e| e.unwrap().metadata().unwrap().len()).collect();
    assert!(sizes.iter().any(|&n| n < 5_000) && sizes.iter().any(|&n| n > 200_000), "{sizes:?}");
    drop(w);
    let w = window_on(&path, &folder.path().join("places"));
    assert_eq!((doc(&w).queue.as_ref().unwrap().len(), doc(&w).position), (60_000, 1));
}
