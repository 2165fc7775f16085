//! Whole journeys through the real window, by keyboard and accessibility tree, without a display.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::window::{Window, folder, launch, press, settle, until, window};
use dissensus::analysis::coefficients::Measure;
use dissensus::app::open::Wanted;
use dissensus::app::query::Condition;
use dissensus::app::state::{Preferences, View};
use dissensus::app::{App, Launch, LogPlace, Stage};
use dissensus::dataset::{Edits, Outcome};
use dissensus::formats::Overrides;
use dissensus::review::Log;
use dissensus::review::event::Blind;
use dissensus::stats::agreement::{IntervalKind, Kind};
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

fn decide(window: &mut Window, modifiers: Modifiers, key: Key) {
    press(window, modifiers, key);
    settle(window, "a decision");
}

fn edits(window: &Window) -> &Edits {
    window.state().document().unwrap().edits()
}

fn log_path(folder: &Path) -> PathBuf {
    folder.join("comments.csv.tester.corrections.jsonl")
}

#[test]
fn a_stranger_opens_a_sample_with_one_click_and_finds_it_among_recent_files() {
    let folder = tempfile::tempdir().unwrap();
    let launch = Launch {
        data_folder: Some(folder.path().to_owned()),
        reviewer: Some("tester".to_owned()),
        log: LogPlace::Beside,
        wanted: None,
    };
    let mut w = window(launch);
    w.get_by_label("Open comments").click();
    w.step();
    w.step();
    settle(&mut w, "the sample");
    assert_eq!(w.state().document().unwrap().dataset.n_items(), 600);
    w.get_by_label_contains("Open 107 items");
    // Its log would stand beside it, where the user may write.
    let log = w.state().document().unwrap().session.path().to_owned();
    assert!(log.starts_with(folder.path()), "{}", log.display());
}

#[test]
fn a_reviewer_opens_walks_relabels_undoes_quits_comes_back_and_exports() {
    let folder = folder();
    let source = std::fs::read(folder.path().join("comments.csv")).unwrap();
    let mut w = window(launch(folder.path()));
    w.get_by_label_contains("Open 107 items");

    // Every view by keyboard alone.
    for (key, view) in [
        (Key::Num2, View::Items),
        (Key::Num3, View::Raters),
        (Key::Num4, View::Review),
        (Key::Num5, View::Log),
        (Key::Num7, View::Aggregation),
        (Key::Num8, View::Agreement),
        (Key::Num1, View::Overview),
    ] {
        press(&mut w, Modifiers::COMMAND, key);
        settle(&mut w, view.name());
        assert_eq!(w.state().view, view);
    }
    press(&mut w, Modifiers::COMMAND, Key::Num2);
    let first = w.state().document().unwrap().selected;
    press(&mut w, Modifiers::NONE, Key::J);
    press(&mut w, Modifiers::NONE, Key::ArrowDown);
    assert_ne!(w.state().document().unwrap().selected, first);
    assert!(!log_path(folder.path()).exists(), "looking around leaves no log");

    // Ten decisions.
    press(&mut w, Modifiers::COMMAND, Key::Num1);
    decide(&mut w, Modifiers::NONE, Key::Enter);
    assert_eq!(w.state().view, View::Review);
    w.get_by_label_contains("Keep ");
    for key in [Key::S, Key::Space, Key::Num3, Key::Num2, Key::S, Key::N, Key::U] {
        decide(&mut w, Modifiers::NONE, key);
    }
    decide(&mut w, Modifiers::SHIFT, Key::X);
    for key in [Key::M, Key::Num1, Key::Num2, Key::Enter] {
        decide(&mut w, Modifiers::NONE, key);
    }
    decide(&mut w, Modifiers::NONE, Key::Space);
    assert_eq!(edits(&w).len(), 10);
    assert_eq!(w.state().document().unwrap().position, 10);
    assert!(edits(&w).iter().any(|(_, e)| matches!(e.outcome, Outcome::Several(_))));
    assert!(edits(&w).iter().any(|(_, e)| e.outcome == Outcome::Excluded));
    decide(&mut w, Modifiers::SHIFT, Key::Num2);
    assert!(edits(&w).iter().any(|(_, e)| e.confidence == Some(2)));

    // Undo the amendment and two decisions, redo one.
    for _ in 0..3 {
        decide(&mut w, Modifiers::COMMAND, Key::Z);
    }
    assert_eq!(edits(&w).len(), 8);
    decide(&mut w, Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::Z);
    assert_eq!(edits(&w).len(), 9);

    // What the screen called saved is on the disk.
    let log = Log::verify(&log_path(folder.path())).unwrap();
    assert_eq!(
        w.state().document().unwrap().saved().saved_seq,
        log.events.last().map(dissensus::review::Event::seq)
    );

    let before = edits(&w).clone();
    let (queue, position, view) = {
        let d = w.state().document().unwrap();
        (d.queue.clone(), d.position, w.state().view)
    };
    w.state_mut().save_place_now();
    drop(w);

    // Reopened, it is as it was.
    let mut w = window(launch(folder.path()));
    assert_eq!(edits(&w).iter().collect::<Vec<_>>(), before.iter().collect::<Vec<_>>());
    let d = w.state().document().unwrap();
    assert_eq!((&d.queue, d.position, w.state().view), (&queue, position, view));

    // Export through the dialog.
    press(&mut w, Modifiers::COMMAND, Key::E);
    until(&mut w, "the plan", dissensus::app::App::is_settled);
    w.get_by_label("Export").click();
    w.step();
    settle(&mut w, "export");
    until(&mut w, "the message", |app| {
        app.messages().iter().any(|m| m.what.starts_with("Wrote the cleaned file"))
    });
    let cleaned = std::fs::read_to_string(folder.path().join("comments.clean.csv")).unwrap();
    let decided = cleaned.lines().filter(|l| l.contains("reviewer:tester")).count();
    let with_label = before
        .iter()
        .filter(|(_, e)| matches!(e.outcome, Outcome::Kept(_) | Outcome::Changed(_) | Outcome::Several(_)));
    assert_eq!(decided, with_label.count());
    assert_eq!(
        std::fs::read(folder.path().join("comments.csv")).unwrap(),
        source,
        "the source is never written to"
    );
}

#[test]
fn a_held_key_decides_one_item_and_typing_runs_no_command() {
    let folder = folder();
    let mut w = window(launch(folder.path()));
    decide(&mut w, Modifiers::NONE, Key::Enter);
    w.event(egui::Event::Key {
        key: Key::Space,
        physical_key: None,
        pressed: true,
        repeat: false,
        modifiers: Modifiers::NONE,
    });
    for _ in 0..10 {
        w.event(egui::Event::Key {
            key: Key::Space,
            physical_key: None,
            pressed: true,
            repeat: true,
            modifiers: Modifiers::NONE,
        });
        w.step();
    }
    settle(&mut w, "held");
    assert_eq!(edits(&w).len(), 1);

    press(&mut w, Modifiers::COMMAND, Key::F);
    assert_eq!(w.state().view, View::Items);
    w.step();
    w.get_by_label("Search text and keys").type_text("lfjk");
    w.key_press(Key::L);
    settle(&mut w, "search");
    let query = &w.state().document().unwrap().query;
    assert!(query.search.contains("lfjk"), "{query:?}");
    assert!(query.conditions.is_empty(), "a letter typed is a letter");
}

#[test]
fn blind_shows_the_suggestion_first_and_takes_it_second() {
    let folder = folder();
    let mut w = window(launch(folder.path()));
    decide(&mut w, Modifiers::NONE, Key::Enter);
    decide(&mut w, Modifiers::ALT, Key::B);
    assert_eq!(w.state().document().unwrap().blind(), Blind::RatersAndModel);
    assert!(w.query_by_label_contains("Take ").is_none(), "the suggestion is hidden");
    decide(&mut w, Modifiers::NONE, Key::S);
    assert_eq!(edits(&w).len(), 0);
    w.get_by_label_contains("Take ");
    decide(&mut w, Modifiers::NONE, Key::S);
    assert_eq!(edits(&w).len(), 1);
    let log = std::fs::read_to_string(log_path(folder.path())).unwrap();
    assert!(log.contains(r#""kind":"reveal""#), "looking is in the log");
    assert!(log.contains(r#""blind":true"#));
}

#[test]
fn an_idle_window_asks_for_no_repaint_in_any_view() {
    let folder = folder();
    let mut w = window(launch(folder.path()));
    for key in [Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5] {
        press(&mut w, Modifiers::COMMAND, key);
        settle(&mut w, "view");
        // The place is written down a second later.
        for _ in 0..8 {
            w.step();
            std::thread::sleep(Duration::from_millis(5));
        }
        settle(&mut w, "place");
        let delay = w.output().viewport_output[&egui::ViewportId::ROOT].repaint_delay;
        assert_eq!(delay, Duration::MAX, "{:?} asked for a repaint in {delay:?}", w.state().view);
    }
}

#[test]
fn numbers_on_the_screen_are_those_of_the_report() {
    let folder = folder();
    let w = window(launch(folder.path()));
    let doc = w.state().document().unwrap();
    let analysis = doc.analysis.as_ref().unwrap();
    let subject = dissensus::report::Subject {
        dataset: &doc.dataset,
        analysis,
        review: dissensus::report::ReviewSummary::of(doc.edits()),
        sections: dissensus::report::Sections::default(),
        extras: dissensus::report::Extras::NONE,
    };
    let json = dissensus::report::json(&subject);
    let agreement = &json["agreement"];
    for (name, value) in [
        ("Percent agreement", &agreement["percent_agreement"]["value"]),
        ("Krippendorff α", &agreement["krippendorff_alpha"]["nominal"]["value"]),
        ("Fleiss κ", &agreement["fleiss_kappa"]["value"]),
        ("Cohen κ, pair mean", &agreement["cohen_kappa"]["mean"]["value"]),
    ] {
        w.get_by_label(&format!("{name}: {:.2}", value.as_f64().unwrap()));
    }
    let flagged = json["confident_learning"]["issue_counts"]["prune_by_noise_rate"].as_u64().unwrap();
    w.get_by_label(&format!("Open {flagged} items"));
    assert_eq!(flagged as usize, analysis.items.flagged.iter().filter(|f| **f).count());
}

#[test]
fn a_mark_opens_exactly_the_items_behind_it() {
    let folder = folder();
    let mut w = window(launch(folder.path()));
    let given_hate = {
        let d = w.state().document().unwrap();
        let hate = d.dataset.labels.id("hate").unwrap();
        d.analysis.as_ref().unwrap().given.current.iter().filter(|&&l| l == hate).count()
    };
    w.get_by_label_contains("hate: given").click();
    settle(&mut w, "label bar");
    assert_eq!(w.state().view, View::Items);
    assert_eq!(w.state().document().unwrap().rows.as_ref().unwrap().items.len(), given_hate);

    press(&mut w, Modifiers::COMMAND, Key::Num3);
    settle(&mut w, "raters");
    let cell = {
        let d = w.state().document().unwrap();
        let rater = d.rater.unwrap();
        let confusion = &d.analysis.as_ref().unwrap().raters[rater as usize].confusion;
        let (c, s) = (0..5)
            .flat_map(|c| (0..5).map(move |s| (c, s)))
            .find(|&(c, s)| c != s && confusion[c][s] > 1)
            .unwrap();
        let words =
            format!("consensus {}, {} said {}", d.label(c as u32), d.rater_name(rater), d.label(s as u32));
        (words, confusion[c][s] as usize, Condition::RaterConfused(rater, c as u32, s as u32))
    };
    w.get_by_label_contains(&cell.0).click();
    settle(&mut w, "confusion cell");
    let d = w.state().document().unwrap();
    assert_eq!(d.query.conditions, [cell.2]);
    assert_eq!(d.rows.as_ref().unwrap().items.len(), cell.1);
}

#[test]
fn coefficients_are_compared_on_a_scale_and_each_label_opens_its_split_items() {
    let folder = folder();
    let mut w = window(launch(folder.path()));
    press(&mut w, Modifiers::COMMAND, Key::Num8);
    until(&mut w, "coefficients", |app| app.document().is_some_and(|d| d.panels.coefficients().is_some()));
    settle(&mut w, "agreement");
    let alpha = |w: &Window| {
        let doc = w.state().document().unwrap();
        let all = doc.panels.coefficients().unwrap();
        let row = all.row(Kind::Krippendorff).unwrap();
        *row.statistic.estimate().unwrap()
    };
    let first = alpha(&w);
    let analysis = w.state().document().unwrap().analysis.clone().unwrap();
    assert_eq!(Some(first.value), analysis.agreement.krippendorff_alpha_nominal.value());
    w.get_by_label(&format!("Krippendorff's alpha: {:.3}", first.value));
    // Another way to make intervals: the point stays, the interval is another.
    w.get_by_label("Jackknife").click();
    until(&mut w, "jackknife", |app| {
        let all = app.document().and_then(|d| d.panels.coefficients());
        all.is_some_and(|c| c.asked.interval.kind == IntervalKind::Jackknife)
    });
    let second = alpha(&w);
    assert_eq!(second.value, first.value);
    assert!(second.ci.is_some() && second.ci != first.ci);
    // An order of labels makes rank correlations meaningful.
    w.get_by_label("Ordinal").click();
    until(&mut w, "ordinal", |app| {
        let all = app.document().and_then(|d| d.panels.coefficients());
        all.is_some_and(|c| c.measure == Measure::Ordinal)
    });
    settle(&mut w, "ordinal");
    w.get_by_label_contains("Spearman's rho: ");
    let split = {
        let doc = w.state().document().unwrap();
        let hate = doc.dataset.labels.id("hate").unwrap();
        let is = |i: usize| {
            let labels = doc.dataset.annotations.labels_of(i);
            labels.contains(&hate) && labels.iter().any(|l| *l != labels[0])
        };
        (0..doc.dataset.n_items()).filter(|&i| is(i)).count()
    };
    w.get_by_label_contains("hate: 0.").click();
    settle(&mut w, "a label's split items");
    assert_eq!(w.state().view, View::Items);
    assert_eq!(w.state().document().unwrap().rows.as_ref().unwrap().items.len(), split);
}

#[test]
fn methods_of_aggregation_stand_side_by_side_and_open_the_items_on_which_they_part() {
    let folder = folder();
    let mut w = window(launch(folder.path()));
    press(&mut w, Modifiers::COMMAND, Key::Num7);
    until(&mut w, "every aggregator", |app| app.document().is_some_and(|d| d.panels.lab().is_some()));
    settle(&mut w, "aggregation");
    let lab = w.state().document().unwrap().panels.lab().unwrap();
    // By keyboard: the method below the selected one, and the items that it labels otherwise.
    press(&mut w, Modifiers::NONE, Key::Home);
    press(&mut w, Modifiers::NONE, Key::J);
    let wawa = lab.methods[1].outcome.as_ref().unwrap();
    w.get_by_label(&format!("Open {} items it labels otherwise", wawa.n_other_than_majority));
    press(&mut w, Modifiers::NONE, Key::Enter);
    settle(&mut w, "items that part");
    assert_eq!(w.state().view, View::Items);
    let doc = w.state().document().unwrap();
    assert_eq!(doc.query.conditions[0].words(&doc.dataset), "Majority vote and Wawa differ");
    let shown = &doc.rows.as_ref().unwrap().items;
    assert_eq!(shown.len(), wawa.n_other_than_majority);
    let majority = &lab.methods[0].outcome.as_ref().unwrap().labels;
    assert!(shown.iter().all(|&i| majority.labels_of(i as usize) != wawa.labels.labels_of(i as usize)));
    // The report says the same.
    let analysis = doc.analysis.as_ref().unwrap();
    let json = dissensus::report::json(&dissensus::report::Subject {
        dataset: &doc.dataset,
        analysis,
        review: dissensus::report::ReviewSummary::of(doc.edits()),
        sections: dissensus::report::Sections::default(),
        extras: &dissensus::report::Extras { lab: Some((*lab).clone()), ..Default::default() },
    });
    let compared = &json["aggregation"]["compared"];
    assert_eq!(compared["methods"]["wawa"]["n_other_than_majority"], wawa.n_other_than_majority);
    assert!(compared["methods"]["kos"]["reason"].as_str().unwrap().contains("two labels"));
    // A condition that was computed is not kept for the next time.
    drop(w);
    let w = window(launch(folder.path()));
    assert!(w.state().document().unwrap().query.conditions.is_empty());
}

#[test]
fn how_labels_were_checked_is_shown_and_its_cells_open_items() {
    let folder = folder();
    let mut w = window(launch(folder.path()));
    w.get_by_label("How they were found").click();
    w.run_steps(8);
    let (words, wanted) = {
        let d = w.state().document().unwrap();
        let joint = &d.analysis.as_ref().unwrap().confident.as_ref().as_ref().unwrap().calibrated_joint;
        let (g, t) = (0..5)
            .flat_map(|g| (0..5).map(move |t| (g, t)))
            .filter(|&(g, t)| g != t)
            .max_by_key(|&(g, t)| joint[g][t])
            .unwrap();
        let words = format!("given {}, probably {}: {}", d.label(g as u32), d.label(t as u32), joint[g][t]);
        (words, Condition::Suggests(g as u32, t as u32))
    };
    w.get_by_label(&words).click();
    settle(&mut w, "joint cell");
    let d = w.state().document().unwrap();
    assert_eq!(d.query.conditions, [wanted]);
    assert!(!d.rows.as_ref().unwrap().items.is_empty());
    assert!(w.query_by_label(&words).is_none(), "the page closes when items are asked for");
}

#[test]
fn a_file_that_cannot_be_read_says_so_and_the_palette_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let bad = folder.path().join("bad.csv");
    std::fs::write(&bad, "id,text,label\n1,\"never closed,a\n").unwrap();
    let launch = Launch {
        wanted: Some(Wanted {
            table: bad,
            overrides: Overrides::default(),
            at_once: true,
            ..Wanted::default()
        }),
        reviewer: Some("tester".to_owned()),
        data_folder: Some(folder.path().join("places")),
        log: LogPlace::Beside,
    };
    let mut w = Harness::builder()
        .with_size([1280.0, 720.0])
        .build_eframe(move |cc| App::new(&cc.egui_ctx, Preferences::default(), launch.clone()));
    until(&mut w, "the error", |app| matches!(&app.stage, Stage::Opening(o) if o.error.is_some()));
    w.step();
    w.get_by_label("Open another file…");
    // The palette still runs commands.
    press(&mut w, Modifiers::COMMAND, Key::K);
    w.get_by_label("Search items, raters, labels, pages, or run a command").type_text("dark");
    w.step();
    let before = w.ctx.theme();
    w.key_press(Key::Enter);
    w.step();
    w.step();
    assert_ne!(w.ctx.theme(), before);
    assert!(w.root().accesskit_node().children().count() > 0);
}
