//! Ways in, through the real window: what was detected, another question, several files, merged labels, pictures.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use dissensus::app::open::Wanted;
use dissensus::app::state::{Preferences, View};
use dissensus::app::{App, Launch, LogPlace, Stage};
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

type Window = Harness<'static, App>;

#[test]
fn an_export_says_what_it_was_taken_for_and_its_questions_are_a_key_apart() {
    let folder = tempfile::tempdir().unwrap();
    let path = put(folder.path(), "export.json", &two_questions());
    let mut w = window(folder.path(), Wanted::table(path));
    w.get_by_label_contains("Detected Label Studio");
    w.get_by_label("Read as");
    w.get_by_label("Question");
    w.get_by_label_contains("skipped");
    press(&mut w, Modifiers::NONE, Key::Enter);
    settle(&mut w, "loading");
    let asked = |w: &Window| w.state().document().unwrap().dataset.field().to_owned();
    let first = asked(&w);
    let log_of_first = decide_one(&mut w);
    press(&mut w, Modifiers::ALT, Key::Q);
    settle(&mut w, "the next question");
    assert_ne!(asked(&w), first);
    assert_eq!(w.state().document().unwrap().edits().len(), 0, "decisions belong to their question");
    press(&mut w, Modifiers::ALT, Key::Q);
    settle(&mut w, "the first question again");
    assert_eq!(asked(&w), first);
    assert_eq!(w.state().document().unwrap().edits().len(), log_of_first);
}

#[test]
fn several_files_are_several_raters() {
    let folder = tempfile::tempdir().unwrap();
    let table = put(folder.path(), "ana.csv", "id,label,text\n1,x,one\n2,y,two\n3,x,three\n");
    let more = vec![put(folder.path(), "ben.csv", "id,label,text\n1,y,one\n2,y,two\n3,x,three\n")];
    let mut w = window(folder.path(), Wanted { more, ..Wanted::table(table) });
    w.get_by_label_contains("2 files, one rater each");
    press(&mut w, Modifiers::NONE, Key::Enter);
    settle(&mut w, "loading");
    let doc = w.state().document().unwrap();
    assert_eq!(doc.dataset.raters.names, ["ana", "ben"]);
    assert_eq!(doc.dataset.annotations.len(), 6);
    press(&mut w, Modifiers::COMMAND, Key::Num3);
    settle(&mut w, "raters");
    assert_eq!(w.state().view, View::Raters);
    assert!(w.query_all_by_label_contains("ben").count() > 0);
}

#[test]
fn labels_that_look_alike_are_merged_when_somebody_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let rows: String =
        (0..12).map(|i| format!("t{i},ana,{}\nt{i},ben,neg\n", ["pos", "Pos", "neg"][i % 3])).collect();
    let path = put(folder.path(), "votes.csv", &format!("item,rater,label\n{rows}"));
    let mut w = window(folder.path(), Wanted::table(path));
    w.get_by_label_contains("Take “Pos” for “pos”").click();
    w.step();
    w.step();
    press(&mut w, Modifiers::NONE, Key::Enter);
    settle(&mut w, "loading");
    assert_eq!(w.state().document().unwrap().dataset.labels.names(), ["neg", "pos"]);
}

#[test]
fn votes_without_names_say_why_raters_are_off() {
    let folder = tempfile::tempdir().unwrap();
    let path = put(
        folder.path(),
        "counts.csv",
        "item_id,text,n_yes,n_no\na,One sentence.,3,1\nb,Another sentence.,0,4\nc,A third.,2,2\n",
    );
    let mut w = window(folder.path(), Wanted::table(path));
    press(&mut w, Modifiers::NONE, Key::Enter);
    settle(&mut w, "loading");
    assert!(w.state().document().unwrap().dataset.raters.anonymous);
    press(&mut w, Modifiers::COMMAND, Key::Num3);
    settle(&mut w, "raters");
    w.get_by_label_contains("Raters are not known");
}

#[test]
fn a_picture_is_opened_below_the_chosen_folder_and_nowhere_else() {
    let folder = tempfile::tempdir().unwrap();
    let pictures = folder.path().join("pictures");
    std::fs::create_dir(&pictures).unwrap();
    std::fs::copy(data("cvat/images/img_1.png"), pictures.join("one.png")).unwrap();
    let rows = "image,rater,label\none.png,ana,x\none.png,ben,y\n../secret.png,ana,x\n../secret.png,ben,x\n";
    let path = put(folder.path(), "votes.csv", rows);
    std::fs::copy(data("cvat/images/img_1.png"), folder.path().join("secret.png")).unwrap();
    let mut overrides = dissensus::formats::Overrides::default();
    overrides.roles.push(("image".into(), dissensus::dataset::Role::Media));
    overrides.roles.push(("label".into(), dissensus::dataset::Role::Label));
    overrides.roles.push(("rater".into(), dissensus::dataset::Role::Rater));
    // The picture names the item too.
    let with_key = std::fs::read_to_string(&path).unwrap().replace("image,", "image,id,");
    let with_key: String =
        with_key
            .lines()
            .map(|l| {
                if l.starts_with("image") {
                    format!("{l}\n")
                } else {
                    l.replacen(".png,", ".png,K,", 1) + "\n"
                }
            })
            .collect();
    let with_key = with_key.replace("one.png,K", "one.png,1").replace("secret.png,K", "secret.png,2");
    std::fs::write(&path, with_key).unwrap();
    overrides.roles.push(("id".into(), dissensus::dataset::Role::Item));
    let wanted = Wanted { overrides, pictures: Some(pictures), ..Wanted::table(path) };
    let mut w = window(folder.path(), wanted);
    press(&mut w, Modifiers::NONE, Key::Enter);
    settle(&mut w, "loading");
    press(&mut w, Modifiers::COMMAND, Key::Num2);
    settle(&mut w, "items");
    let said = |w: &mut Window, key: &str| {
        let item = w.state().document().unwrap().index[key];
        w.state_mut().document_mut().unwrap().selected = Some(item);
        for _ in 0..40 {
            w.step();
            std::thread::sleep(Duration::from_millis(5));
        }
    };
    said(&mut w, "1");
    w.get_by_label_contains("one.png");
    said(&mut w, "2");
    w.get_by_label_contains("../secret.png: ");
}

fn decide_one(w: &mut Window) -> usize {
    press(w, Modifiers::COMMAND, Key::Num2);
    settle(w, "items");
    press(w, Modifiers::NONE, Key::Enter);
    settle(w, "review");
    press(w, Modifiers::NONE, Key::Num1);
    settle(w, "a decision");
    let n = w.state().document().unwrap().edits().len();
    assert_eq!(n, 1);
    n
}

/// Three raters, two questions, one annotation skipped.
fn two_questions() -> String {
    let answer = |who: u32, tone: &str, topic: &str| {
        format!(
            r#"{{"id": {who}, "completed_by": {who}, "was_cancelled": false, "result": [
              {{"from_name": "tone", "to_name": "text", "type": "choices", "value": {{"choices": ["{tone}"]}}}},
              {{"from_name": "topic", "to_name": "text", "type": "choices", "value": {{"choices": ["{topic}"]}}}}]}}"#
        )
    };
    let task = |id: u32, annotations: &[String]| {
        format!(
            r#"{{"id": {id}, "data": {{"text": "Sentence number {id} of the set."}}, "annotations": [{}]}}"#,
            annotations.join(", ")
        )
    };
    let skipped = r#"{"id": 9, "completed_by": 3, "was_cancelled": true, "result": []}"#.to_owned();
    format!(
        "[{}]",
        [
            task(1, &[answer(1, "pos", "food"), answer(2, "pos", "food"), answer(3, "neg", "sport")]),
            task(2, &[answer(1, "neg", "sport"), answer(2, "pos", "sport"), skipped]),
            task(3, &[answer(1, "neg", "food"), answer(2, "neg", "sport"), answer(3, "neg", "food")]),
        ]
        .join(",\n")
    )
}

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/format_examples").join(name)
}

fn put(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

fn window(folder: &Path, wanted: Wanted) -> Window {
    let launch = Launch {
        wanted: Some(wanted),
        reviewer: Some("tester".to_owned()),
        data_folder: Some(folder.join("places")),
        log: LogPlace::Beside,
    };
    let mut window = Harness::builder()
        .with_size([1440.0, 900.0])
        .build_eframe(move |cc| App::new(&cc.egui_ctx, Preferences::default(), launch.clone()));
    settle(&mut window, "opening");
    window
}

fn settle(window: &mut Window, what: &str) {
    window.step();
    let since = Instant::now();
    loop {
        let app = window.state();
        let at_rest = app.document().is_some() || matches!(app.stage, Stage::Start | Stage::Opening(_));
        if app.is_settled() && at_rest {
            break;
        }
        assert!(since.elapsed() < Duration::from_mins(1), "timed out: {what}");
        window.step();
        std::thread::sleep(Duration::from_millis(5));
    }
    window.step();
    window.step();
}

fn press(window: &mut Window, modifiers: Modifiers, key: Key) {
    window.key_press_modifiers(modifiers, key);
    window.step();
    window.step();
}
