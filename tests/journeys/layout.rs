//! The window itself: views side by side, looks, pictures of a view, and a project that moves with its data.

use std::path::Path;

use dissensus::app::state::View;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;

use crate::window::{Window, doc, folder, launch, press, settle, still, window as open_window};

/// Runs a command by a part of its name, as a hand at the keyboard would.
fn run(window: &mut Window, typed: &str) {
    press(window, Modifiers::COMMAND, Key::K);
    window.get_by_label("Search items, raters, labels, pages, or run a command").type_text(typed);
    window.step();
    press(window, Modifiers::NONE, Key::Enter);
    still(window, typed);
}

#[test]
fn views_stand_side_by_side_and_share_one_selection_and_filter() {
    let folder = folder();
    let mut window = open_window(launch(folder.path()));
    run(&mut window, "Layout: Raters");
    assert_eq!(window.state().view, View::Raters);
    window.get_by_label("Raters beside others");
    window.get_by_label("Items beside others");
    // F6 goes round.
    press(&mut window, Modifiers::NONE, Key::F6);
    assert_eq!(window.state().view, View::Items);
    press(&mut window, Modifiers::NONE, Key::L);
    still(&mut window, "flagged only");
    let flagged = doc(&window).rows.as_ref().unwrap().items.len();
    assert!(flagged > 0 && flagged < doc(&window).dataset.n_items());
    press(&mut window, Modifiers::NONE, Key::J);
    let selected = doc(&window).selected;
    press(&mut window, Modifiers::SHIFT, Key::F6);
    assert_eq!(window.state().view, View::Raters);
    assert_eq!(doc(&window).selected, selected);
    // What is on screen already is gone to; nothing else moves.
    press(&mut window, Modifiers::COMMAND, Key::Num2);
    assert_eq!(window.state().view, View::Items);
    window.get_by_label("Raters beside others");
    // Another view takes the place of the one with the keyboard.
    press(&mut window, Modifiers::COMMAND, Key::Num1);
    still(&mut window, "overview");
    assert_eq!(window.state().view, View::Overview);
    window.get_by_label("Overview beside others");
    assert!(window.query_by_label("Items beside others").is_none());
    // Back to one view.
    press(&mut window, Modifiers::COMMAND, Key::W);
    window.step();
    assert_eq!(window.state().view, View::Raters);
    assert!(window.query_by_label("Raters beside others").is_none());
}

#[test]
fn a_view_is_put_below_another_by_name() {
    let folder = folder();
    let mut window = open_window(launch(folder.path()));
    press(&mut window, Modifiers::COMMAND | Modifiers::SHIFT, Key::Backslash);
    window.get_by_label("Which view below?").type_text("Log");
    window.step();
    press(&mut window, Modifiers::NONE, Key::Enter);
    still(&mut window, "split");
    let above = window.get_by_label("Overview beside others").rect();
    let below = window.get_by_label("Log beside others").rect();
    assert!(below.top() > above.bottom() + 100.0, "{above} {below}");
}

#[test]
fn looks_are_chosen_and_stay_within_bounds() {
    let folder = folder();
    let mut window = open_window(launch(folder.path()));
    let rows = |window: &mut Window| {
        press(window, Modifiers::COMMAND, Key::Num2);
        still(window, "items");
        window.get_all(egui_kittest::kittest::By::new().role(egui::accesskit::Role::Row)).count()
    };
    let comfortable = rows(&mut window);
    run(&mut window, "Compact or comfortable");
    let compact = rows(&mut window);
    assert!(compact > comfortable, "{comfortable} rows, then {compact}");
    let zoom = window.ctx.zoom_factor();
    press(&mut window, Modifiers::COMMAND, Key::Plus);
    assert!(window.ctx.zoom_factor() > zoom);
    for _ in 0..40 {
        press(&mut window, Modifiers::COMMAND, Key::Plus);
    }
    assert!((window.ctx.zoom_factor() - 3.0).abs() < 1e-6);
    press(&mut window, Modifiers::COMMAND, Key::Num0);
    assert!((window.ctx.zoom_factor() - 1.0).abs() < 1e-6);
}

#[test]
fn a_view_is_saved_as_a_picture_and_as_a_drawing() {
    let folder = folder();
    let mut window = open_window(launch(folder.path()));
    press(&mut window, Modifiers::COMMAND, Key::Num3);
    still(&mut window, "raters");
    run(&mut window, "This view as a picture");
    settle(&mut window, "picture");
    let png = image::open(folder.path().join("comments.raters.png")).unwrap();
    // Without title bar, navigation and status bar.
    assert!(png.width() > 1000 && png.width() < 1440 && png.height() > 700 && png.height() < 900);
    let svg = std::fs::read_to_string(folder.path().join("comments.raters.svg")).unwrap();
    assert!(svg.starts_with("<svg ") && svg.contains("</text>"));
    // Nothing that stood over the view: neither the palette nor its words.
    assert!(!svg.contains("run a command"));
    run(&mut window, "This view as a picture");
    assert!(folder.path().join("comments.raters-2.svg").exists());
}

#[test]
fn a_project_reopens_where_one_left_off_in_another_folder() {
    let first = folder();
    let mut window = open_window(launch(first.path()));
    run(&mut window, "Layout: Explore");
    run(&mut window, "Flagged only");
    click_review(&mut window);
    press(&mut window, Modifiers::NONE, Key::Space);
    press(&mut window, Modifiers::NONE, Key::Space);
    press(&mut window, Modifiers::COMMAND, Key::S);
    still(&mut window, "save");
    let position = doc(&window).position;
    let queue = doc(&window).queue.clone();
    assert!(position > 0 && queue.is_some());
    drop(window);
    let project = first.path().join("comments.dissensus.json");
    let text = std::fs::read_to_string(&project).unwrap();
    assert!(!text.contains(&first.path().display().to_string()), "no path of this machine");

    let second = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(first.path()).unwrap().map(Result::unwrap) {
        if entry.path().is_file() {
            std::fs::copy(entry.path(), second.path().join(entry.file_name())).unwrap();
        }
    }
    let moved = second.path().join("comments.dissensus.json");
    let mut window = from_project(&moved, second.path());
    settle(&mut window, "project");
    assert_eq!(window.state().view, View::Review);
    assert_eq!((doc(&window).position, &doc(&window).queue), (position, &queue));
    assert_eq!(doc(&window).edits().len(), 2, "the log moved with its source");
    assert_eq!(doc(&window).dataset.source.table.path, second.path().join("comments.csv"));
    assert!(doc(&window).dataset.probabilities.is_some());
}

fn click_review(window: &mut Window) {
    run(window, "Review label issues");
    assert_eq!(window.state().view, View::Review);
}

fn from_project(project: &Path, places: &Path) -> Window {
    use dissensus::app::project::Project;
    let wanted = Project::read(project).unwrap().wanted(project).unwrap();
    let launch = dissensus::app::Launch {
        wanted: Some(wanted),
        reviewer: Some("tester".to_owned()),
        data_folder: Some(places.join("other")),
        ..Default::default()
    };
    open_window(launch)
}

#[test]
fn what_is_cut_is_shown_whole_under_a_pointer_that_rests() {
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("long.csv");
    let long = "a label of which only the beginning has room in any view that there is";
    let rows: String =
        (0..30).map(|i| format!("t{i:02},text {i},{}\n", if i % 2 == 0 { long } else { "short" })).collect();
    std::fs::write(&table, format!("item,text,given_label\n{rows}")).unwrap();
    let mut window = crate::window::window_on(&table, &folder.path().join("places"));
    let ctx = window.ctx.clone();
    window.state_mut().run(&ctx, dissensus::app::command::Command::ShowItems);
    still(&mut window, "items");
    let mut found = false;
    // Somewhere in the first rows stands the label.
    'places: for y in [165.0, 190.0, 215.0] {
        for x in (220..1400).step_by(40) {
            window.hover_at(egui::pos2(x as f32, y));
            (0..4).for_each(|_| window.step());
            if window.query_by_label(long).is_some() {
                found = true;
                break 'places;
            }
        }
    }
    assert!(found, "no tooltip says the whole label");
    window.hover_at(egui::pos2(700.0, 5.0));
    (0..4).for_each(|_| window.step());
    assert!(window.query_by_label(long).is_none(), "it goes with the pointer");
}
