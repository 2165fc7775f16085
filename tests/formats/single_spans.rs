//! Decisions about single spans on their way to files: moved, retagged, added, removed, and all other bytes as they were.

use std::path::{Path, PathBuf};

use dissensus::dataset::{Dataset, Edits, NO_LABEL, Placed, SpanEdit, SpanId, current_spans};
use dissensus::formats::{LoadOptions, Overrides, WriteOptions, WriteRule, open, plan, write};
use dissensus::progress::Progress;

/// From where to where, and what it is called.
type Put = (u32, u32, &'static str);

/// `Ada Lovelace met 😊 Charles Babbage in London .`, by ana and ben, or by a curator.
fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/format_examples").join(name)
}

fn read(path: &Path) -> Dataset {
    open(path, &Overrides::default(), &LoadOptions::default(), &Progress::new()).unwrap()
}

/// Decisions on spans of the source, by key: where each is now, or nowhere.
fn edits(d: &Dataset, list: &[(&str, Option<Put>)], added: &[Put]) -> Edits {
    let mut edits = Edits::new();
    let placed =
        |(start, end, label): (u32, u32, &str)| Placed { start, end, label: d.labels.id(label).unwrap() };
    let edit = |now| SpanEdit { now, reviewer: "zoe".into(), confidence: None, order: 9 };
    for (key, now) in list {
        let id = d.span_of(d.item_of_key(key).unwrap() as u32).unwrap();
        edits.set_span(id, edit(now.map(placed)));
    }
    for &(start, end, label) in added {
        let place = placed((start, end, label));
        let id = SpanId { item: 0, start, end, label: place.label, added: true };
        edits.set_span(id, edit(Some(place)));
    }
    edits
}

/// Writes, reads again, and gives both: what was written (of a folder one file) and the data.
fn again(d: &Dataset, edits: &Edits, file: &str) -> (String, Dataset) {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join(d.source.table.path.file_name().unwrap());
    write(d, edits, &WriteOptions::default(), &out, &Progress::new()).unwrap();
    let text = std::fs::read_to_string(if file.is_empty() { out.clone() } else { out.join(file) }).unwrap();
    (text, read(&out))
}

/// The spans as they stand, without any decision.
fn spans(d: &Dataset) -> Vec<String> {
    let words = |p: Placed| {
        let label = if p.label == NO_LABEL { "?" } else { d.labels.name(p.label) };
        format!("{label} {}-{}", p.start, p.end)
    };
    current_spans(d, &Edits::new(), 0).iter().map(|s| words(s.now)).collect()
}

/// Lovelace is no part of the name any more, Babbage a place, London nothing, "met" a place.
const MOVED: [(&str, Option<Put>); 3] =
    [("0-12", Some((0, 3, "PER"))), ("19-34", Some((19, 34, "LOC"))), ("38-44", None)];

fn all_kinds(d: &Dataset, document: &str) -> Edits {
    let keys: Vec<String> = MOVED.iter().map(|m| format!("{document}:{}", m.0)).collect();
    let list: Vec<_> = keys.iter().zip(MOVED).map(|(key, m)| (key.as_str(), m.1)).collect();
    edits(d, &list, &[(13, 16, "LOC")])
}

const CORRECTED: [&str; 3] = ["PER 0-3", "LOC 13-16", "LOC 19-34"];

#[test]
fn doccano_changes_its_numbers_in_their_places() {
    let path = data("doccano/spans_relations/all.jsonl");
    let d = read(&path);
    assert!(WriteRule::of(&d).takes_spans);
    assert_eq!(spans(&d), ["PER 0-12", "PER 19-34", "LOC 38-44"]);
    let source = std::fs::read_to_string(&path).unwrap();
    assert_eq!(again(&d, &Edits::new(), "").0, source);
    let (written, found) = again(&d, &all_kinds(&d, "9"), "");
    // The file counts UTF-16 units; the new span gets the next number.
    let expected = source
        .replace("\"end_offset\":12}", "\"end_offset\":3}")
        .replace("\"PER\",\"start_offset\":20", "\"LOC\",\"start_offset\":20")
        .replace(
            "{\"id\":3,\"label\":\"LOC\",\"start_offset\":39,\"end_offset\":45}",
            "{\"id\":4,\"label\":\"LOC\",\"start_offset\":13,\"end_offset\":16}",
        );
    assert_eq!(written, expected);
    assert_eq!(spans(&found), CORRECTED);
    // What a relation points to is gone, and the relation with it.
    let (written, _) = again(&d, &edits(&d, &[("9:0-12", None)], &[]), "");
    assert!(written.contains("\"relations\":[]"), "{written}");
    let summary = plan(&d, &all_kinds(&d, "9"), &WriteOptions::default(), &Progress::new()).unwrap();
    assert_eq!(summary.spans, [1, 1, 1, 1]);
    assert!(
        summary.notes.iter().any(|n| n.contains("1 moved, 1 retagged, 1 added, 1 removed")),
        "{summary:?}"
    );
}

#[test]
fn of_two_spans_at_one_place_the_one_that_is_meant_changes() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("all.jsonl");
    let source = "{\"id\": 1, \"text\": \"Ada met Bo.\", \"label\": [[0, 3, \"PER\"], [0, 3, \"ORG\"], [8, 10, \"PER\"]], \"Comments\": []}\n\
                  {\"id\": 2, \"text\": \"x\",   \"label\": [[0, 1, \"PER\"]], \"Comments\": []}\n";
    std::fs::write(&path, source).unwrap();
    let d = read(&path);
    let stands = d.labels.name(d.stands_at(0)).to_owned();
    let (written, _) = again(&d, &edits(&d, &[("1:0-3", Some((0, 7, "ORG")))], &[]), "");
    assert_eq!(written, source.replace(&format!("[0, 3, \"{stands}\"]"), "[0, 7, \"ORG\"]"));
}

#[test]
fn members_keep_their_files_and_the_reviewer_gets_one_that_is_read_again() {
    let path = data("doccano/spans_individual_utf16");
    let d = read(&path);
    assert_eq!(spans(&d), ["? 0-3", "? 0-12", "PER 19-34", "? 38-44"]);
    let list = [("9:0-12", Some((0, 12, "PER"))), ("9:0-3", None), ("9:19-34", Some((17, 34, "PER")))];
    let decided = edits(&d, &list, &[(13, 16, "LOC")]);
    for member in ["ana.jsonl", "ben.jsonl"] {
        let (written, _) = again(&d, &decided, member);
        assert_eq!(written, std::fs::read_to_string(path.join(member)).unwrap());
    }
    let (_, found) = again(&d, &decided, "ana.jsonl");
    assert_eq!(spans(&found), ["PER 0-12", "LOC 13-16", "PER 17-34", "? 38-44"]);
}

#[test]
fn prodigy_and_label_studio_get_the_reviewers_answer() {
    for (name, document) in
        [("prodigy/ner_manual.jsonl", None), ("label_studio/export_ner.json", Some("201"))]
    {
        let path = data(name);
        let d = read(&path);
        let key = d.keys.get(0);
        let document = document.unwrap_or_else(|| key.rsplit_once(':').unwrap().0);
        let keys = [format!("{document}:0-12"), format!("{document}:0-3"), format!("{document}:19-34")];
        let list = [
            (keys[0].as_str(), Some((0, 12, "PER"))),
            (keys[1].as_str(), None),
            (keys[2].as_str(), Some((17, 34, "PER"))),
        ];
        let decided = edits(&d, &list, &[(13, 16, "LOC")]);
        let (written, found) = again(&d, &decided, "");
        assert_eq!(spans(&found), ["PER 0-12", "LOC 13-16", "PER 17-34", "? 38-44"], "{name}: {written}");
        let source = std::fs::read_to_string(&path).unwrap();
        if name.starts_with("prodigy") {
            assert!(written.starts_with(&source), "raters' records keep their bytes");
        }
        let marks = |d: &Dataset| d.spans.as_ref().unwrap().list.len();
        assert_eq!((marks(&found), &found.raters.names), (marks(&d), &d.raters.names), "{name}");
    }
}

#[test]
fn brat_changes_the_lines_of_one_rater_and_adds_a_folder_beside_several() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("curator");
    std::fs::create_dir(&folder).unwrap();
    let ann = "T1\tPER 0 12\tAda Lovelace\r\nT2\tPER 19 34\tCharles Babbage\nT3\tLOC 38 44\tLondon\n#1\tAnnotatorNotes T3\tthe city\n";
    std::fs::write(folder.join("doc1.ann"), ann).unwrap();
    std::fs::copy(data("brat/ana/doc1.txt"), folder.join("doc1.txt")).unwrap();
    let d = read(&folder);
    let (written, found) = again(&d, &all_kinds(&d, "doc1"), "doc1.ann");
    assert_eq!(written, "T1\tPER 0 3\tAda\r\nT2\tLOC 19 34\tCharles Babbage\nT4\tLOC 13 16\tmet\n");
    assert_eq!(spans(&found), CORRECTED);

    let d = read(&data("brat"));
    let list = [("doc1:0-12", Some((0, 12, "PER"))), ("doc1:19-34", Some((17, 34, "PER")))];
    let decided = edits(&d, &list, &[(35, 37, "LOC")]);
    let (written, found) = again(&d, &decided, "reviewer-zoe/doc1.ann");
    assert!(
        written.contains("\tPER 17 34\t😊 Charles Babbage\n") && written.contains("\tLOC 35 37\tin\n"),
        "{written}"
    );
    let stand = spans(&found);
    assert!(stand.contains(&"PER 17-34".to_owned()) && stand.contains(&"LOC 35-37".to_owned()), "{stand:?}");
    assert!(!stand.contains(&"PER 19-34".to_owned()), "{stand:?}");
}

#[test]
fn where_they_cannot_be_said_the_file_stays_and_the_summary_says_so() {
    let path = data("inception/uima_cas_json/annotation/doc1.txt/ana.json");
    let d = read(&path);
    assert!(!WriteRule::of(&d).takes_spans);
    let decided = edits(&d, &[("ana:38-44", None)], &[]);
    assert_eq!(again(&d, &decided, "").0, std::fs::read_to_string(&path).unwrap());
    let summary = plan(&d, &decided, &WriteOptions::default(), &Progress::new()).unwrap();
    assert!(
        summary.notes.iter().any(|n| n.contains("1 span decided one by one: not expressed")),
        "{summary:?}"
    );
}

#[test]
fn argilla_gets_one_suggestion_with_what_went_and_what_came() {
    let text = r#"[{"id": "d", "fields": {"text": "Ada met 😊 Bo"}, "responses": {"ner": [{"value": [{"start": 0, "end": 3, "label": "PER"}, {"start": 10, "end": 12, "label": "ORG"}], "user_id": "u"}]}}]"#;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("r.json");
    std::fs::write(&path, text).unwrap();
    let d = read(&path);
    assert_eq!(spans(&d), ["PER 0-3", "ORG 10-12"]);
    let (written, found) = again(&d, &edits(&d, &[("d:0-3", Some((0, 7, "PER")))], &[(8, 9, "ORG")]), "");
    assert_eq!(spans(&found), ["PER 0-7", "ORG 8-9", "ORG 10-12"], "{written}");
    assert!(written.contains(r#""dissensus_nothing_ner": "[[0, 3]]""#), "{written}");
}
