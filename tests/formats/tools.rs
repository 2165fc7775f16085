//! Exports of annotation tools: what is read of them, and that what is written back differs in nothing but the decision.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use dissensus::dataset::{Dataset, Edit, Edits, Missing, NOTHING, Outcome, Task};
use dissensus::formats::{LoadOptions, Overrides, WriteOptions, open, plan, write};
use dissensus::progress::Progress;

/// What raters are called in a file, and in the canonical data set.
type Names = [(&'static str, &'static str)];

mod votes {
    use super::*;

    #[test]
    fn argilla_drafts_are_no_answers_and_discarded_ones_are_skips() {
        let text = r#"{"id":"t1","text":"The battery lasts all day.","sentiment.responses":["a","b",null,"a"],"sentiment.responses.users":["x","y","z","w"],"sentiment.responses.status":["submitted","draft","discarded","submitted"],"sentiment.suggestion":null}"#;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.jsonl");
        std::fs::write(&path, text).unwrap();
        let dataset = open_plain(&path);
        let names = &[("x", "x"), ("w", "w"), ("z", "z")];
        assert_eq!(votes(&dataset, names)["t1"], [("x", "a"), ("w", "a")].map(own).into());
        assert_eq!(absences(&dataset, names), [("t1".to_owned(), "z".to_owned(), Missing::Skipped)].into());
        assert_eq!(dataset.warnings.iter().filter(|w| w.code == "drafts").map(|w| w.count).sum::<u64>(), 1);
    }
}

mod spans {
    use super::*;

    #[test]
    fn label_studio_that_counts_utf16() {
        let shifted = std::fs::read_to_string(data("label_studio/export_ner.json"))
            .unwrap()
            .replace("\"start\": 19", "\"start\": 20")
            .replace("\"end\": 34", "\"end\": 35")
            .replace("\"start\": 38", "\"start\": 39")
            .replace("\"end\": 44", "\"end\": 45");
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.json");
        std::fs::write(&path, shifted).unwrap();
        let dataset = open_plain(&path);
        assert_eq!(marks(&dataset, &[("11", "ana"), ("12", "ben")]), canonical_marks());
        assert!(dataset.warnings.iter().any(|w| w.code == "offset_unit"));
    }
}

mod written {
    use super::*;

    #[test]
    fn label_studio_spans() {
        let (_, written) = decide("label_studio/export_ner.json", "201:0-3", NOTHING);
        assert!(written.contains("\"nothing\": [[0, 3]]"));
    }

    #[test]
    fn argilla_spans() {
        let text = r#"[{"id": "d", "fields": {"text": "Ada met 😊 Bo"}, "responses": {"ner": [{"value": [{"start": 0, "end": 3, "label": "PER"}, {"start": 10, "end": 12, "label": "ORG"}], "user_id": "u"}, {"value": [], "user_id": "v"}]}}]"#;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("r.json");
        std::fs::write(&path, text).unwrap();
        let dataset = open_plain(&path);
        assert_eq!(dataset.votes(1), [(0, 1), (2, 1)], "who marked nothing says so");
        let (_, written) = decide_in(&path, "d:10-12", "PER", true);
        assert!(
            written
                .contains(r#""suggestions": {"ner": {"value": [{"start": 10, "end": 12, "label": "PER"}]"#),
            "{written}"
        );
        let (_, written) = decide_in(&path, "d:0-3", NOTHING, true);
        assert!(written.contains(r#""dissensus_nothing_ner": "[[0, 3]]""#), "{written}");
    }

    #[test]
    fn doccano_stretches_that_are_nothing() {
        let (source, written) = decide("doccano/spans_individual_utf16", "9:0-3", NOTHING);
        let added = written.strip_prefix(&source).unwrap();
        let row = r#""label":[],"Comments":[],"dissensus_reviewer":"zoe","dissensus_status":"changed","dissensus_nothing":[[0,3]]}"#;
        assert!(added.contains(row), "{added}");
        assert_eq!(added.lines().count(), 1);
    }

    #[test]
    fn prodigy_stretches_that_are_nothing() {
        let (source, written) = decide("prodigy/ner_manual.jsonl", "-1907788320:0-3", NOTHING);
        let added = written.strip_prefix(&source).unwrap();
        assert!(added.contains("\"nothing\":[[0,3]]") && !added.contains("_task_hash"), "{added}");
        assert_eq!(added.trim_end().lines().count(), 1);
    }
}

/// What one task of Label Studio may hold.
mod label_studio {
    use super::*;

    fn result(id: &str, name: &str, form: &str, value: &str) -> String {
        format!(r#"{{"id":"{id}","from_name":"{name}","to_name":"t","type":"{form}","value":{value}}}"#)
    }

    fn annotation(by: &str, at: &str, more: &str, results: &[String]) -> String {
        let results = results.join(",");
        format!(r#"{{"completed_by":{by},"updated_at":"{at}","lead_time":2.5{more},"result":[{results}]}}"#)
    }

    #[track_caller]
    fn opened(tasks: &str, question: &str) -> (tempfile::TempDir, Dataset) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("tasks.json");
        std::fs::write(&path, tasks).unwrap();
        let options = LoadOptions { question: question.into(), ..LoadOptions::default() };
        let dataset = open(&path, &Overrides::default(), &options, &Progress::new()).unwrap();
        (dir, dataset)
    }

    fn count(dataset: &Dataset, code: &str) -> u64 {
        dataset.warnings.iter().filter(|w| w.code == code).map(|w| w.count).sum()
    }

    /// Labels of an item by rater.
    fn said(dataset: &Dataset, item: usize) -> Vec<(&str, &str)> {
        let names = |a: dissensus::dataset::Annotation| {
            (dataset.raters.names[a.rater as usize].as_str(), dataset.labels.name(a.label))
        };
        dataset.annotations.of_item(item).map(names).collect()
    }

    fn everything() -> String {
        let late = "2026-03-02T00:00:00Z";
        let early = "2026-03-01T23:00:00Z";
        let tags = |list: &str| result("1", "tags", "choices", &format!(r#"{{"choices":{list}}}"#));
        let first = [
            annotation(
                "1",
                late,
                "",
                &[tags(r#"["a","b"]"#), result("2", "stars", "rating", r#"{"rating":4}"#)],
            ),
            annotation("1", early, "", &[tags(r#"["c"]"#)]),
            annotation("2", early, "", &[]),
            annotation("3", early, r#","was_cancelled":true"#, &[tags(r#"["c"]"#)]),
            annotation(
                r#"{"id":4,"email":"d@x.org","first_name":"D"}"#,
                early,
                "",
                &[
                    tags(r#"["b"]"#),
                    result("r", "box", "rectanglelabels", r#"{"x":1,"y":1,"rectanglelabels":["car"]}"#),
                    result("r", "colour", "choices", r#"{"choices":["red"]}"#),
                    result("7", "where", "taxonomy", r#"{"taxonomy":[["x"],["x","y"]]}"#),
                    result("8", "size", "number", r#"{"number":1.50}"#),
                ],
            ),
        ];
        let predicted = format!(r#"{{"score":0.5,"result":[{}]}}"#, tags(r#"["a"]"#));
        format!(
            r#"[{{"id":1,"data":{{"body":"a longer text","image":"s3://x/y.png","n":3}},"annotations":[{}],"predictions":[{predicted}],"drafts":[7]}},
{{"id":2,"data":{{"body":"b","image":"s3://x/z.png"}},"annotations":[9],"predictions":[11]}}]"#,
            first.join(",")
        )
    }

    #[test]
    fn each_question_is_read_and_what_is_not_used_is_counted() {
        let (_dir, d) = opened(&everything(), "");
        let names: Vec<&str> = d.questions.iter().map(|q| q.name.as_str()).collect();
        assert_eq!(
            names,
            ["tags", "tags: a", "tags: b", "stars", "where", "where: x", "where: x > y", "size"]
        );
        assert_eq!(said(&d, 0), [("1", "a|b"), ("d@x.org", "b")]);
        let why: Vec<Missing> = d.absences.iter().map(|a| a.why).collect();
        assert_eq!(why, [Missing::Empty, Missing::Skipped]);
        assert_eq!((d.keys.get(0), d.texts.as_ref().unwrap().get(0)), ("1", "a longer text"));
        assert_eq!(d.media.as_ref().unwrap().get(1), "s3://x/z.png");
        let meta: Vec<(&str, &str)> = d.metadata.iter().map(|(n, c)| (n.as_str(), c.get(0))).collect();
        assert_eq!(meta, [("n", "3"), ("prediction", "a"), ("prediction score", "0.5")]);
        for (code, n) in [
            ("answered_again", 1),
            ("unused_result", 1),
            ("per_region", 1),
            ("drafts", 1),
            ("annotation_by_id", 1),
            ("predictions_by_id", 1),
        ] {
            assert_eq!(count(&d, code), n, "{code}");
        }
        for (question, task, label) in [
            ("stars", Task::Ordinal, "4"),
            ("where", Task::MultiLabel, "x|x > y"),
            ("size", Task::Number, "1.50"),
        ] {
            let (_dir, d) = opened(&everything(), question);
            assert_eq!((d.task, said(&d, 0)[0].1), (task, label));
        }
    }

    #[test]
    fn a_decision_has_the_form_of_its_question() {
        for (question, label, value) in [
            ("tags", "b", r#""value": {"choices": ["b"]}"#),
            ("stars", "4", r#""type": "rating", "origin": "manual", "value": {"rating": 4}"#),
            ("where", "x|x > y", r#""value": {"taxonomy": [["x"], ["x", "y"]]}"#),
            ("size", "1.50", r#""value": {"number": 1.50}"#),
        ] {
            let (dir, before) = opened(&everything(), question);
            let mut edits = Edits::new();
            edits.set(0, edit(Outcome::Kept(before.labels.id(label).unwrap())));
            let out = dir.path().join("out.json");
            write(&before, &edits, &WriteOptions::default(), &out, &Progress::new()).unwrap();
            let written = std::fs::read_to_string(&out).unwrap();
            assert!(written.contains(value), "{written}");
            assert_eq!(written.matches(r#""ground_truth": false"#).count(), 0, "spaced as its object is");
            assert_eq!(written.matches(r#""ground_truth":false"#).count(), 5);
            let (_dir, after) = opened(&written, question);
            assert_eq!(facts(&before, None), facts(&after, None));
            let verdicts: Vec<&str> = after.verdicts.iter().map(|v| v.label.as_str()).collect();
            assert_eq!(verdicts, [label]);
            // A second review is a second annotation, and the last word of a reviewer counts.
            let (dir, after) = opened(&written, question);
            let out = dir.path().join("again.json");
            write(&after, &edits, &WriteOptions::default(), &out, &Progress::new()).unwrap();
            let (_dir, again) = opened(&std::fs::read_to_string(out).unwrap(), question);
            assert_eq!((facts(&again, None), again.verdicts), (facts(&before, None), after.verdicts));
        }
    }

    #[test]
    fn one_label_of_several_is_no_whole_answer() {
        let (dir, d) = opened(&everything(), "tags: a");
        let mut edits = Edits::new();
        edits.set(0, edit(Outcome::Changed(0)));
        let e =
            write(&d, &edits, &WriteOptions::default(), &dir.path().join("o"), &Progress::new()).unwrap_err();
        assert!(e.to_string().contains("review the question “tags”"), "{e}");
    }

    #[test]
    fn excluded_tasks_are_left_out() {
        let (dir, d) = opened(&everything(), "");
        for (item, left) in [(0, r#""id":2,"#), (1, r#""id":1,"#)] {
            let mut edits = Edits::new();
            edits.set(item, edit(Outcome::Excluded));
            let out = dir.path().join(format!("out{item}"));
            write(&d, &edits, &WriteOptions::default(), &out, &Progress::new()).unwrap();
            let tasks: serde_json::Value =
                serde_json::from_str(&std::fs::read_to_string(out).unwrap()).unwrap();
            assert_eq!(tasks.as_array().unwrap().len(), 1);
            assert!(left.contains(&tasks[0]["id"].to_string()));
        }
    }

    #[test]
    fn json_min_warns_where_a_field_and_a_question_have_one_name() {
        let row = |id: u32, by: u32, tone: &str| {
            format!(
                r#"{{"text":"x","tone":"{tone}","id":1,"annotator":{by},"annotation_id":{id},"lead_time":1}}"#
            )
        };
        let (dir, d) = opened(&format!("[{},{}]", row(5, 1, "pos"), row(6, 2, "neg")), "");
        assert_eq!((count(&d, "name_clash"), said(&d, 0)), (1, vec![("1", "pos"), ("2", "neg")]));
        let mut edits = Edits::new();
        edits.set(0, edit(Outcome::Kept(0)));
        let e =
            write(&d, &edits, &WriteOptions::default(), &dir.path().join("o"), &Progress::new()).unwrap_err();
        assert!(e.to_string().contains("open the JSON export"), "{e}");
    }
}

mod given {
    use super::*;

    #[test]
    fn a_span_that_is_nothing_goes_with_its_relations() {
        let before = open_data("doccano/spans_relations/all.jsonl");
        assert_eq!(before.labels.id(NOTHING), Some(2));
        let (_, written) = decide_of("doccano/spans_relations/all.jsonl", "9:0-12", NOTHING, false);
        assert!(written.contains(r#""entities":[{"id":2,"label":"PER","#), "{written}");
        assert!(written.contains(r#""relations":[]"#), "{written}");
    }

    #[test]
    fn one_label_of_several_is_put_in_and_taken_out() {
        let path = data("doccano/collaborative_export/all.jsonl");
        let options = LoadOptions { question: "label: neutral".into(), ..LoadOptions::default() };
        let dataset = open(&path, &Overrides::default(), &options, &Progress::new()).unwrap();
        assert_eq!(dataset.labels.names(), ["not neutral", "neutral"]);
        let mut edits = Edits::new();
        edits.set(0, edit(Outcome::Changed(1)));
        edits.set(1, edit(Outcome::Changed(0)));
        let written = write_to_text(&dataset, &edits);
        let source = std::fs::read_to_string(&path).unwrap();
        let expected = source.replacen(r#"["positive"]"#, r#"["neutral", "positive"]"#, 1).replacen(
            r#"["negative","neutral"]"#,
            r#"["negative"]"#,
            1,
        );
        assert_eq!(written, expected);
    }

    #[test]
    fn fasttext_lines() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("train.txt");
        let text = "__label__a the first\r\n\n__label__b  __label__a two\n__label__b three";
        std::fs::write(&path, text).unwrap();
        let dataset = open_plain(&path);
        assert_eq!((dataset.source.format.as_str(), dataset.task), ("fasttext", Task::MultiLabel));
        assert_eq!(dataset.labels.names(), ["a", "a|b", "b"]);
        let mut edits = Edits::new();
        edits.set(1, edit(Outcome::Changed(0)));
        edits.set(2, edit(Outcome::Excluded));
        assert_eq!(write_to_text(&dataset, &edits), "__label__a the first\r\n\n__label__a two\n");
        assert_eq!(write_to_text(&dataset, &Edits::new()), text);
    }

    fn write_to_text(dataset: &Dataset, edits: &Edits) -> String {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("out");
        write(dataset, edits, &WriteOptions::default(), &out, &Progress::new()).unwrap();
        std::fs::read_to_string(out).unwrap()
    }
}

// Helpers.

fn edit(outcome: Outcome) -> Edit {
    Edit::new(outcome, "zoe")
}

fn own((a, b): (&str, &str)) -> (String, String) {
    (a.to_owned(), b.to_owned())
}

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/format_examples").join(name)
}

#[track_caller]
fn open_plain(path: &Path) -> Dataset {
    match open(path, &Overrides::default(), &LoadOptions::default(), &Progress::new()) {
        Ok(dataset) => dataset,
        Err(e) => panic!("{e}"),
    }
}

#[track_caller]
fn open_data(name: &str) -> Dataset {
    open_plain(&data(name))
}

fn canonical(name: &str) -> serde_json::Value {
    serde_json::from_str(&std::fs::read_to_string(data(name)).unwrap()).unwrap()
}

type Votes = BTreeMap<String, BTreeMap<String, String>>;

/// What the canonical data set calls an item, by its text.
fn item_name(dataset: &Dataset, item: usize) -> String {
    let canonical = canonical("canonical.json");
    let text = dataset.texts.as_ref().unwrap().get(item);
    let items = canonical["items"].as_object().unwrap();
    items
        .iter()
        .find(|(_, t)| t.as_str() == Some(text))
        .unwrap_or_else(|| panic!("no item says {text:?}"))
        .0
        .clone()
}

#[track_caller]
fn rater_name(dataset: &Dataset, names: &Names, rater: u32) -> String {
    let name = &dataset.raters.names[rater as usize];
    names.iter().find(|(n, _)| n == name).unwrap_or_else(|| panic!("{name}?")).1.to_owned()
}

fn votes(dataset: &Dataset, names: &Names) -> Votes {
    let mut votes = Votes::new();
    for item in 0..dataset.n_items() {
        let here = votes.entry(item_name(dataset, item)).or_default();
        for vote in dataset.annotations.of_item(item) {
            let label = dataset.labels.name(vote.label).to_owned();
            assert_eq!(here.insert(rater_name(dataset, names, vote.rater), label), None, "voted twice");
        }
    }
    votes
}

fn absences(dataset: &Dataset, names: &Names) -> BTreeSet<(String, String, Missing)> {
    let name = |a: &dissensus::dataset::Absence| {
        (item_name(dataset, a.item as usize), rater_name(dataset, names, a.rater), a.why)
    };
    dataset.absences.iter().map(name).collect()
}

type Marks = BTreeSet<(String, u32, u32, String)>;

fn canonical_marks() -> Marks {
    let canonical = canonical("canonical_spans.json");
    let mut marks = Marks::new();
    for (rater, spans) in canonical["spans"].as_object().unwrap() {
        for span in spans.as_array().unwrap() {
            let at = |i: usize| span[i].as_u64().unwrap() as u32;
            marks.insert((rater.clone(), at(0), at(1), span[2].as_str().unwrap().to_owned()));
        }
    }
    marks
}

fn marks(dataset: &Dataset, names: &Names) -> Marks {
    let spans = dataset.spans.as_ref().unwrap();
    assert_eq!(spans.texts.get(0), canonical("canonical_spans.json")["text"].as_str().unwrap());
    let mark = |s: &dissensus::dataset::Span| {
        (rater_name(dataset, names, s.rater), s.start, s.end, dataset.labels.name(s.label).to_owned())
    };
    spans.list.iter().map(mark).collect()
}

/// Decides that `label` is right for the item that the canonical data set calls `name` (or for the region of this
/// key), writes, and checks that reopening shows this and nothing else. Gives the texts of the source and of the
/// result; of folders, all files one after the other.
#[track_caller]
fn decide(path: &str, name: &str, label: &str) -> (String, String) {
    decide_in(&data(path), name, label, true)
}

/// `again`: whether the item is still there when the result is opened.
#[track_caller]
fn decide_of(path: &str, name: &str, label: &str, again: bool) -> (String, String) {
    decide_in(&data(path), name, label, again)
}

#[track_caller]
fn decide_in(path: &Path, name: &str, label: &str, again: bool) -> (String, String) {
    let before = open_plain(path);
    let item = item_of(&before, name);
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join(path.file_name().unwrap());
    let options = WriteOptions::default();
    let (source, same) = {
        let nothing = dir.path().join("same");
        write(&before, &Edits::new(), &options, &nothing, &Progress::new()).unwrap();
        (tree(path), tree(&nothing))
    };
    let names = |t: &BTreeMap<String, String>| t.keys().cloned().collect::<Vec<_>>();
    let read: BTreeMap<String, String> =
        source.iter().filter(|(n, _)| same.contains_key(*n)).map(|(a, b)| (a.clone(), b.clone())).collect();
    assert_eq!(names(&read), names(&same));
    assert!(read == same, "no decision changes no byte");
    let mut edits = Edits::new();
    let id = before.labels.id(label).unwrap();
    let outcome = Outcome::Changed(id);
    edits.set(item, edit(outcome));
    let planned = plan(&before, &edits, &options, &Progress::new()).unwrap();
    assert_eq!(planned.changed, 1);
    write(&before, &edits, &options, &out, &Progress::new()).unwrap();
    let text = |tree: BTreeMap<String, String>| tree.into_values().collect::<String>();
    if !again {
        return (text(source), text(tree(&out)));
    }
    let after = open_plain(&out);
    assert_eq!(after.source.format, before.source.format);
    let shown: Vec<(u32, &str, &str)> =
        after.verdicts.iter().map(|v| (v.item, v.reviewer.as_str(), v.label.as_str())).collect();
    match &before.given {
        None => assert_eq!(shown, [(item_of(&after, name) as u32, "zoe", label)]),
        Some(_) => {
            let given = after.given.as_ref().unwrap();
            assert_eq!(given.ids[item_of(&after, name)], after.labels.id(label).unwrap());
        }
    }
    assert_eq!(
        facts(&before, Some(item)),
        facts(&after, Some(item_of(&after, name))),
        "nothing else changed"
    );
    (text(source), text(tree(&out)))
}

#[track_caller]
fn item_of(dataset: &Dataset, name: &str) -> usize {
    let is =
        |&i: &usize| dataset.keys.get(i) == name || dataset.spans.is_none() && item_name(dataset, i) == name;
    (0..dataset.n_items()).find(is).unwrap_or_else(|| panic!("no item {name}"))
}

/// Everything that a review must leave as it is; of the decided item not the given label.
fn facts(dataset: &Dataset, decided: Option<usize>) -> Vec<String> {
    let mut facts = vec![format!("{:?} {:?}", dataset.raters, dataset.task)];
    for item in 0..dataset.n_items() {
        let votes: Vec<String> = dataset
            .annotations
            .of_item(item)
            .map(|a| {
                format!(
                    "{} {} {:?}",
                    a.rater,
                    dataset.labels.name(a.label),
                    dataset.annotations.duration_s(a.index)
                )
            })
            .collect();
        let given = dataset.given.as_ref().filter(|_| decided != Some(item)).and_then(|g| g.get(item));
        let given = given.map(|l| dataset.labels.name(l));
        let text = dataset.texts.as_ref().map(|t| t.get(item));
        let meta: Vec<(&str, &str)> =
            dataset.metadata.iter().map(|(n, c)| (n.as_str(), c.get(item))).collect();
        facts.push(format!("{} {votes:?} {given:?} {text:?} {meta:?}", dataset.keys.get(item)));
    }
    facts.push(format!("{:?}", dataset.absences));
    facts
}

/// Texts of a file, or of all below a folder, by name.
fn tree(path: &Path) -> BTreeMap<String, String> {
    fn walk(path: &Path, name: &str, out: &mut BTreeMap<String, String>) {
        if path.is_dir() {
            for entry in std::fs::read_dir(path).unwrap().map(Result::unwrap) {
                let child = entry.file_name().into_string().unwrap();
                let full = if name.is_empty() { child } else { format!("{name}/{child}") };
                walk(&entry.path(), &full, out);
            }
        } else {
            out.insert(name.to_owned(), String::from_utf8(std::fs::read(path).unwrap()).unwrap());
        }
    }
    let mut out = BTreeMap::new();
    walk(path, "", &mut out);
    out
}
