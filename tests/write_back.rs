//! Every writer: what is not decided stays as it is, to the byte; one decision makes exactly the stated difference, and
//! what is read again is what was read before, with that decision.

// Helpers outside of `#[test]` functions unwrap too: a test that cannot set its stage has failed.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use dissensus::dataset::{Dataset, Edit, Edits, Outcome};
use dissensus::formats::{FORMATS, LoadOptions, Overrides, WriteOptions, open, plan, write};
use dissensus::progress::Progress;

/// One writer and one decision.
struct Case {
    /// Source, below `tests/data`, or its name and text.
    source: Source,
    /// Of the registry; empty for a table.
    format: &'static str,
    /// Key of the item decided, and the label.
    decision: (&'static str, &'static str),
    /// How the decision is read again.
    again: Again,
    /// What differs, by line of the source: `n: old → new` within a line, `n- …` gone, `n+ …` new before it; of a new
    /// file its name, and its lines if they are few. Empty for what is no text.
    differs: &'static str,
}

enum Source {
    Example(&'static str),
    Text(&'static str, &'static str),
}

/// How a decision is read again.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Again {
    /// As a reviewer's verdict.
    Verdict,
    /// As the given label.
    Given,
    /// As the label of the one rater whose file it is.
    Replaced,
    /// As the final label, with the reviewer as its adjudicator.
    Final,
}

use Again::{Final, Given, Replaced, Verdict};
use Source::{Example, Text};

#[rustfmt::skip]
const CASES: &[Case] = &[
    Case { source: Example("lewidi/2023_style.json"), format: "lewidi", decision: ("2", "neutral"), again: Verdict, differs: r#"27: gative → utral
35-    "item_id": "t2"
36+    "item_id": "t2",
36+    "dissensus": {"label": "neutral", "status": "changed", "reviewer": "zoe"}"# },
    Case { source: Example("lewidi/2025_style.json"), format: "lewidi", decision: ("t2", "neutral"), again: Verdict, differs: r#"46:  → "dissensus": {"label": "neutral", "status": "changed", "reviewer": "zoe"}"# },
    Case { source: Example("potato/annotation_output"), format: "potato", decision: ("t4", "positive"), again: Verdict, differs: r#"adjudicated_final.jsonl is new, 5 lines
adjudication/decisions.json
22-     }
23+     },
23+     {"instance_id": "t4", "adjudicator_id": "zoe", "timestamp": "", "label_decisions": {"sentiment": "positive"}, "span_decisions": [], "source": {"sentiment": "ben"}, "confidence": "", "notes": "changed", "error_taxonomy": [], "guideline_update_flag": false, "guideline_update_notes": "", "time_spent_ms": 0}"# },
    Case { source: Example("potato/adjudicated_final.jsonl"), format: "potato-final", decision: ("t1", "negative"), again: Final, differs: r#"1: positive"},"source":"unanimous","num_annotators":3 → negative"},"source":"adjudicated","num_annotators":3,"adjudicator":"zoe""# },
    Case { source: Example("potato/exports/jsonl/annotations.jsonl"), format: "potato-export", decision: ("t2", "neutral"), again: Verdict, differs: r#"14+ {"instance_id":"t2","user_id":"reviewer:zoe","labels":{"sentiment":{"neutral":"true"}},"spans":{},"links":{}}"# },
    Case { source: Example("cvat/parent_job_40/annotations.xml"), format: "cvat", decision: ("img_1.png", "dog"), again: Given, differs: "21: cat → dog" },
    Case { source: Example("tabular/goemotions_train.tsv"), format: "goemotions", decision: ("e1", "anger|neutral"), again: Given, differs: "1: 0 → 1,2" },
    Case { source: Example("label_studio/export.json"), format: "label-studio", decision: ("t2", "neutral"), again: Verdict, differs: r#"246-       }
247+       },
247+       {"result": [{"id": "dsha256:99", "from_name": "sentiment", "to_name": "text", "type": "choices", "origin": "manual", "value": {"choices": ["neutral"]}}], "was_cancelled": false, "ground_truth": true}
255:  → "dissensus": [{"reviewer": "zoe", "status": "changed", "question": "sentiment", "results": ["dsha256:99"]}]"# },
    Case { source: Example("label_studio/export_ner.json"), format: "label-studio", decision: ("201:38-44", "LOC"), again: Verdict, differs: r#"119-       }
120+       },
120+       {"result": [{"id": "dsha256:48", "from_name": "ner", "to_name": "text", "type": "labels", "origin": "manual", "value": {"start": 38, "end": 44, "text": "London", "labels": ["LOC"]}}], "was_cancelled": false, "ground_truth": true}
122-     "drafts": []
123+     "drafts": [],
123+     "meta": {"dissensus": [{"reviewer": "zoe", "status": "changed", "question": "ner", "results": ["dsha256:48"]}]}"# },
    Case { source: Example("label_studio/target_storage"), format: "label-studio", decision: ("t1", "positive"), again: Verdict, differs: "dissensus-101-zoe.json is new, 8 lines" },
    Case { source: Example("argilla/dataset_to_disk/records.json"), format: "argilla", decision: ("t2", "neutral"), again: Verdict, differs: r#"1: }, "suggestions": {"sentiment": {"value": "negative", "score": 0.7, "agent": "tiny-v1 → , "dissensus_action": "changed", "dissensus_before_sentiment": "{\"value\": \"negative\", \"score\": 0.7, \"agent\": \"tiny-v1\"}"}, "suggestions": {"sentiment": {"value": "neutral", "score": null, "agent": "dissensus:zoe"# },
    Case { source: Example("argilla/to_list_flatten.jsonl"), format: "argilla", decision: ("t2", "neutral"), again: Verdict, differs: r#"2: gative","sentiment.suggestion.score":0.7,"sentiment.suggestion.agent":"tiny-v1 → utral","sentiment.suggestion.score":null,"sentiment.suggestion.agent":"dissensus:zoe","dissensus_action":"changed","dissensus_before_sentiment":"{\"value\": \"negative\", \"score\": 0.7, \"agent\": \"tiny-v1\"}"# },
    Case { source: Example("argilla/legacy_feedback_v1.jsonl"), format: "argilla", decision: ("t2", "neutral"), again: Verdict, differs: r#"2: ],"metadata":{ → {"question_name": "sentiment", "value": "neutral", "score": null, "agent": "dissensus:zoe"}],"metadata":{"dissensus_action": "changed""# },
    Case { source: Example("prodigy/choice.jsonl"), format: "prodigy", decision: ("t2", "neutral"), again: Verdict, differs: r#"15+ {"text":"Screen cracked, refund took six weeks; support was kind.","meta":{"item_id":"t2"},"_input_hash":-264632185,"_task_hash":1710629353,"options":[{"id":"negative","text":"negative"},{"id":"neutral","text":"neutral"},{"id":"positive","text":"positive"}],"_view_id":"choice","config":{"choice_style":"single"},"accept":["neutral"],"answer":"accept","_annotator_id":"tiny-zoe","_session_id":"tiny-zoe","dissensus":{"reviewer":"zoe","status":"changed","item":"-264632185"}}"# },
    Case { source: Example("prodigy/ner_manual.jsonl"), format: "prodigy", decision: ("-1907788320:38-44", "LOC"), again: Verdict, differs: r#"3+ {"text":"Ada Lovelace met \ud83d\ude0a Charles Babbage in London .","tokens":[{"text":"Ada","start":0,"end":3,"id":0,"ws":true},{"text":"Lovelace","start":4,"end":12,"id":1,"ws":true},{"text":"met","start":13,"end":16,"id":2,"ws":true},{"text":"\ud83d\ude0a","start":17,"end":18,"id":3,"ws":true},{"text":"Charles","start":19,"end":26,"id":4,"ws":true},{"text":"Babbage","start":27,"end":34,"id":5,"ws":true},{"text":"in","start":35,"end":37,"id":6,"ws":true},{"text":"London","start":38,"end":44,"id":7,"ws":true},{"text":".","start":45,"end":46,"id":8,"ws":false}],"_view_id":"ner_manual","_is_binary":false,"spans":[{"start":38,"end":44,"token_start":7,"token_end":7,"label":"LOC"}],"answer":"accept","_annotator_id":"ner-zoe","_session_id":"ner-zoe","dissensus":{"reviewer":"zoe","status":"changed","item":"-1907788320"}}"# },
    Case { source: Example("doccano/individual_export"), format: "doccano", decision: ("t2", "neutral"), again: Verdict, differs: r#"zoe.jsonl is new, 1 lines
+ {"id":2,"text":"Screen cracked, refund took six weeks; support was kind.","item_id":"t2","label":["neutral"],"Comments":[],"dissensus_reviewer":"zoe","dissensus_status":"changed"}"# },
    Case { source: Example("doccano/collaborative_export/all.jsonl"), format: "doccano", decision: ("3", "positive"), again: Given, differs: "3: nega → posi" },
    Case { source: Example("doccano/spans_individual_utf16"), format: "doccano", decision: ("9:38-44", "LOC"), again: Verdict, differs: r#"zoe.jsonl is new, 1 lines
+ {"id":9,"text":"Ada Lovelace met 😊 Charles Babbage in London .","label":[[39,45,"LOC"]],"Comments":[],"dissensus_reviewer":"zoe","dissensus_status":"changed","dissensus_nothing":[]}"# },
    Case { source: Example("doccano/collaborative_export/all.csv"), format: "doccano-csv", decision: ("3", "positive"), again: Given, differs: "4: nega → posi" },
    Case { source: Text("train.txt", "__label__pos  Good, all day.\n\n__label__neg Bad.\r\n__label__pos Fine.\n"), format: "fasttext", decision: ("3", "pos"), again: Given, differs: "3: neg → pos" },
    Case { source: Example("inception/project_export"), format: "webanno-tsv", decision: ("doc1.txt:38-44", "LOC"), again: Verdict, differs: r#"curation/doc1.txt/reviewer-zoe.tsv is new, 14 lines
reviewed.jsonl is new, 1 lines
+ {"document":"doc1.txt","question":"NamedEntity.value","start":38,"end":44,"label":"LOC","reviewer":"zoe"}"# },
    Case { source: Example("inception/project_export/annotation/doc1.txt/ana.tsv"), format: "webanno-tsv", decision: ("ana:38-44", "PER"), again: Replaced, differs: "13: LOC → PER" },
    Case { source: Example("inception/uima_cas_json"), format: "cas-json", decision: ("doc1.txt:38-44", "LOC"), again: Verdict, differs: r#"curation/doc1.txt/reviewer-zoe.json is new, 139 lines
reviewed.jsonl is new, 1 lines
+ {"document":"doc1.txt","question":"NamedEntity.value","start":38,"end":44,"label":"LOC","reviewer":"zoe"}"# },
    Case { source: Example("inception/uima_cas_json/annotation/doc1.txt/ana.json"), format: "cas-json", decision: ("ana:38-44", "PER"), again: Replaced, differs: "125: LOC → PER" },
    Case { source: Example("brat"), format: "brat", decision: ("doc1:38-44", "LOC"), again: Verdict, differs: r#"reviewed.jsonl is new, 1 lines
+ {"document":"doc1","question":"entities","start":38,"end":44,"label":"LOC","reviewer":"zoe"}
reviewer-zoe/doc1.ann is new, 3 lines
reviewer-zoe/doc1.txt is new, 1 lines
+ Ada Lovelace met 😊 Charles Babbage in London ."# },
    Case { source: Example("brat/ana"), format: "brat", decision: ("doc1:38-44", "PER"), again: Replaced, differs: "doc1.ann
3: LOC → PER" },
    Case { source: Example("conll/bio_iob2_2col.tsv"), format: "conll", decision: ("1:8", "B-PER"), again: Given, differs: "8: LOC → PER" },
    Case { source: Example("conll/multi_annotator_columns.tsv"), format: "conll", decision: ("1:8", "B-LOC"), again: Verdict, differs: "1:  → \treviewer:zoe
2:  → \tB-PER
3:  → \t?
4:  → \tO
5:  → \tO
6:  → \tB-PER
7:  → \tI-PER
8:  → \tO
9:  → \tB-LOC
10:  → \tO" },
    Case { source: Example("tabular/long_task_worker_label.csv"), format: "", decision: ("t2", "neutral"), again: Verdict, differs: "15+ t2,reviewer:zoe,neutral␍" },
    Case { source: Example("tabular/wide_one_column_per_rater.csv"), format: "", decision: ("t2", "neutral"), again: Verdict, differs: "1:  → ,reviewer:zoe
2:  → ,
3:  → ,neutral
4:  → ,
5:  → ,
7:  → ," },
    Case { source: Example("tabular/toloka_assignments.tsv"), format: "", decision: ("t2", "neutral"), again: Verdict, differs: "15+ Screen cracked, refund took six weeks; support was kind.\tt2\tneutral\t\t\t\t\t\t\t\treviewer:zoe\t\t\t\t\t" },
    Case { source: Text("given.csv", "id;label;n\r\n1;\"a\";1,0\r\n2;b;\"x\"\"y\"\r\n"), format: "", decision: ("1", "b"), again: Given, differs: "2: a → b" },
    Case { source: Text("rows.jsonl", "{\"id\": 1, \"rater\": \"x\", \"label\": \"a\", \"n\": 1.50}\n{\"id\": 1, \"rater\": \"y\", \"label\": \"b\", \"n\": 2}\n"), format: "", decision: ("1", "b"), again: Verdict, differs: r#"3+ {"id": 1, "rater": "reviewer:zoe", "label": "b", "n": null}"# },
    Case { source: Text("rows.json", "[\n  {\"id\": 1, \"label\": \"a\", \"n\": 1.50},\n  {\"id\": 2, \"label\": \"b\", \"n\": 2}\n]\n"), format: "", decision: ("1", "b"), again: Given, differs: "2: a → b" },
    Case { source: Text("votes.json", "{\"ana\": {\"1\": \"a\", \"2\": \"b\"}, \"ben\": {\"1\": \"b\", \"2\": \"b\"}}\n"), format: "", decision: ("1", "b"), again: Verdict, differs: r#"1:  → , "reviewer:zoe": {"1": "b"}"# },
    Case { source: Example("pred_probs/labels_str.npy"), format: "", decision: ("4", "positive"), again: Given, differs: "" },
    Case { source: Example("pred_probs/labels_u2.npy"), format: "", decision: ("4", "2"), again: Given, differs: "" },
    Case { source: Example("huggingface/parquet_with_features/data/train-00000-of-00001.parquet"), format: "", decision: ("t2", "neutral"), again: Given, differs: "" },
    Case { source: Example("huggingface/plain_long_dictionary.parquet"), format: "", decision: ("t2", "neutral"), again: Verdict, differs: "" },
    Case { source: Example("huggingface/plain_long.arrow"), format: "", decision: ("t2", "neutral"), again: Verdict, differs: "" },
    Case { source: Example("huggingface/plain_long.feather"), format: "", decision: ("t2", "neutral"), again: Verdict, differs: "" },
    Case { source: Example("huggingface/save_to_disk/data-00000-of-00001.arrow"), format: "", decision: ("t2", "neutral"), again: Given, differs: "" },
];

#[test]
fn a_decision_and_nothing_else_is_written_back() {
    let mut wrong: Vec<String> = Vec::new();
    for format in FORMATS.iter().filter(|f| !f.writes.is_empty()) {
        if !CASES.iter().any(|c| c.format == format.id) {
            wrong.push(format!("{} is written back and in no row", format.id));
        }
    }
    for case in CASES {
        if let Err(why) = check(case) {
            wrong.push(format!("{}: {why}", case.name()));
        }
    }
    assert!(wrong.is_empty(), "{} of {} rows:\n{}", wrong.len(), CASES.len(), wrong.join("\n"));
}

impl Case {
    fn name(&self) -> &'static str {
        match self.source {
            Example(name) | Text(name, _) => name,
        }
    }

    /// Puts the source where nothing else is, with what stands beside it and is read with it.
    fn stage(&self, folder: &Path) -> PathBuf {
        match self.source {
            Text(name, text) => {
                std::fs::write(folder.join(name), text).unwrap();
                folder.join(name)
            }
            Example(name) => {
                let from = data(name);
                let to = folder.join(from.file_name().unwrap());
                copy(&from, &to);
                let names = from.with_file_name("goemotions_emotions.txt");
                if self.format == "goemotions" {
                    std::fs::copy(names, folder.join("goemotions_emotions.txt")).unwrap();
                }
                to
            }
        }
    }
}

fn check(case: &Case) -> Result<(), String> {
    let stage = tempfile::tempdir().unwrap();
    let source = case.stage(stage.path());
    let before = load(&source)?;
    same("format", &before.source.format.as_str(), &case.format)?;
    let (key, label) = case.decision;
    let item = (0..before.n_items()).find(|&i| before.keys.get(i) == key).ok_or("no such item")?;
    let label = before.labels.id(label).ok_or("no such label")?;

    for (name, bytes) in written(&before, &Edits::new(), &source)? {
        let was = std::fs::read(if source.is_dir() { source.join(&name) } else { source.clone() });
        // Potato's own script derives this file from the decisions.
        let derived = was.is_err() && name == "adjudicated_final.jsonl";
        if !derived && was.ok() != Some(bytes) {
            return Err(format!("nothing was decided, and {name} is not what it was"));
        }
    }

    let changed = written(&before, &decided(item, label), &source)?;
    let differs = differences(&source, &changed);
    same("differences", &differs.as_str(), &case.differs)?;

    // What is not written stays where it is.
    let fresh = tempfile::tempdir().unwrap();
    let again = case.stage(fresh.path());
    for (name, bytes) in &changed {
        let to = if again.is_dir() { again.join(name) } else { again.clone() };
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::write(to, bytes).unwrap();
    }
    let after = load(&again)?;
    let mut expected = told(&before);
    let name = before.labels.name(label);
    let line = expected.get_mut(key).unwrap();
    let mut change = |from: &str, to: String| {
        line.iter_mut().filter(|part| part.starts_with(from)).for_each(|part| part.clone_from(&to));
    };
    match case.again {
        Verdict => {}
        Given => change("given ", format!("given {name}")),
        Replaced => change("ana says ", format!("ana says {name}")),
        Final => {
            change("given ", format!("given {name}"));
            change("source = ", "source = adjudicated".into());
            change("adjudicator = ", "adjudicator = zoe".into());
        }
    }
    if matches!(case.again, Verdict | Final) {
        line.push(format!("zoe decides {name}"));
    }
    line.sort();
    same("read again", &told(&after), &expected)
}

/// What is said of each item, by key.
fn told(d: &Dataset) -> BTreeMap<String, Vec<String>> {
    let mut all = BTreeMap::new();
    for item in 0..d.n_items() {
        let mut parts = Vec::new();
        parts.extend(d.texts.as_ref().map(|t| format!("text {}", t.get(item))));
        for a in d.annotations.of_item(item) {
            parts.push(format!("{} says {}", d.raters.names[a.rater as usize], d.labels.name(a.label)));
        }
        for a in d.absences.iter().filter(|a| a.item as usize == item) {
            parts.push(format!("{} is absent, {:?}", d.raters.names[a.rater as usize], a.why));
        }
        parts.extend(d.metadata.iter().map(|(n, column)| format!("{n} = {}", column.get(item))));
        for (what, column) in [("given", &d.given), ("gold", &d.gold)] {
            let label = column.as_ref().and_then(|c| c.get(item));
            parts.extend(label.map(|l| format!("{what} {}", d.labels.name(l))));
        }
        for v in d.verdicts.iter().filter(|v| v.item as usize == item) {
            parts.push(format!("{} decides {}", v.reviewer, v.label));
        }
        // Columns of metadata stand in the order in which a file first mentions them.
        parts.sort();
        all.insert(d.keys.get(item).to_owned(), parts);
    }
    all
}

/// Writes, and gives each file that was written, by its name below the source; the plan says the same.
fn written(d: &Dataset, edits: &Edits, source: &Path) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join(source.file_name().unwrap());
    let (options, progress) = (WriteOptions::default(), Progress::new());
    let mut summary = write(d, edits, &options, &out, &progress).map_err(|e| e.to_string())?;
    let files = std::mem::take(&mut summary.files);
    let planned = plan(d, edits, &options, &progress).map_err(|e| e.to_string())?;
    same("plan", &summary, &planned)?;
    let name = |f: &PathBuf| match f.strip_prefix(&out) {
        Ok(below) if !below.as_os_str().is_empty() => below.to_str().unwrap().replace('\\', "/"),
        _ => f.file_name().unwrap().to_str().unwrap().to_owned(),
    };
    Ok(files.iter().map(|f| (name(f), std::fs::read(f).unwrap())).collect())
}

/// What differs between texts and those of the source.
fn differences(source: &Path, files: &BTreeMap<String, Vec<u8>>) -> String {
    let mut out = Vec::new();
    for (name, bytes) in files {
        let Ok(is) = std::str::from_utf8(bytes) else { continue };
        let is: Vec<&str> = is.split_terminator('\n').collect();
        let path = if source.is_dir() { source.join(name) } else { source.to_path_buf() };
        match std::fs::read(path) {
            Ok(was) => {
                let was = String::from_utf8(was).unwrap();
                let changes = lines_changed(&was.split_terminator('\n').collect::<Vec<_>>(), &is);
                out.extend((source.is_dir() && !changes.is_empty()).then(|| name.clone()));
                out.extend(changes);
            }
            Err(_) => {
                out.push(format!("{name} is new, {} lines", is.len()));
                out.extend(is.iter().filter(|_| is.len() <= 2).map(|line| format!("+ {line}")));
            }
        }
    }
    out.join("\n").replace('\r', "␍")
}

/// By the longest common subsequence of lines; where as many are gone as are new, they are taken for changed ones.
fn lines_changed(was: &[&str], is: &[&str]) -> Vec<String> {
    let mut longest = vec![vec![0_u32; is.len() + 1]; was.len() + 1];
    for i in (0..was.len()).rev() {
        for j in (0..is.len()).rev() {
            let skip = longest[i + 1][j].max(longest[i][j + 1]);
            longest[i][j] = if was[i] == is[j] { longest[i + 1][j + 1] + 1 } else { skip };
        }
    }
    let (mut i, mut j, mut out) = (0, 0, Vec::new());
    while i < was.len() || j < is.len() {
        let (from, to) = (i, j);
        while i < was.len() && (j == is.len() || (was[i] != is[j] && longest[i + 1][j] >= longest[i][j + 1]))
        {
            i += 1;
        }
        while j < is.len() && (i == was.len() || (was[i] != is[j] && longest[i][j + 1] > longest[i + 1][j])) {
            j += 1;
        }
        let (gone, new) = (&was[from..i], &is[to..j]);
        if gone.len() == new.len() {
            out.extend(gone.iter().zip(new).enumerate().map(|(n, (a, b))| within(from + n + 1, a, b)));
        } else {
            out.extend(gone.iter().enumerate().map(|(n, line)| format!("{}- {line}", from + n + 1)));
            out.extend(new.iter().map(|line| format!("{}+ {line}", i + 1)));
        }
        if i < was.len() && j < is.len() && was[i] == is[j] {
            (i, j) = (i + 1, j + 1);
        }
    }
    out
}

/// The part of a line that differs.
fn within(number: usize, was: &str, is: &str) -> String {
    let alike = |a: &mut dyn Iterator<Item = char>, b: &mut dyn Iterator<Item = char>| {
        a.zip(b).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum::<usize>()
    };
    let first = alike(&mut was.chars(), &mut is.chars());
    let last = alike(&mut was[first..].chars().rev(), &mut is[first..].chars().rev());
    format!("{number}: {} → {}", &was[first..was.len() - last], &is[first..is.len() - last])
}

fn decided(item: usize, label: u32) -> Edits {
    let mut edits = Edits::new();
    let outcome = Outcome::Changed(label);
    let edit = Edit { outcome, reviewer: "zoe".into(), reason: None, confidence: None, note: String::new() };
    edits.set(item, edit);
    edits
}

fn load(path: &Path) -> Result<Dataset, String> {
    open(path, &Overrides::default(), &LoadOptions::default(), &Progress::new()).map_err(|e| e.to_string())
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, have: &T, want: &T) -> Result<(), String> {
    if have == want { Ok(()) } else { Err(format!("{what}\n  have {have:?}\n  want {want:?}")) }
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        std::fs::create_dir_all(to).unwrap();
        for entry in std::fs::read_dir(from).unwrap() {
            let path = entry.unwrap().path();
            copy(&path, &to.join(path.file_name().unwrap()));
        }
    } else {
        std::fs::copy(from, to).unwrap();
    }
}

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}
