//! Every writer: without a decision not a byte differs; with one, the file differs where the decision stands, and
//! read again it says that and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::support::{data, difference, facts, files_below};
use dissensus::dataset::{Dataset, Edit, Edits, Outcome};
use dissensus::formats::{FORMATS, LoadOptions, Overrides, WriteOptions, open, plan, write};
use dissensus::progress::Progress;

/// Kinds of tables that are written back, beside the formats that say so themselves.
const TABLES: [&str; 8] = ["csv", "tsv", "jsonl", "json", "npy", "parquet", "arrow", "feather"];

struct Row {
    source: Source,
    /// The format that it is opened as; of a table, its kind.
    format: &'static str,
    /// The question that is answered; empty for the first.
    question: &'static str,
    /// The item that is decided, and the label that is right.
    decided: (&'static str, &'static str),
    /// Where in a copy of the source the result goes, where it does not take the place of the source.
    into: &'static str,
    /// What is said after it and was not before (`+ `), and the other way round (`- `).
    says: &'static [&'static str],
    written: Written,
}

enum Source {
    /// An example, file or folder.
    Example(&'static str),
    /// A file of this name and text.
    Made(&'static str, &'static str),
}

/// How the result differs from the source.
enum Written {
    /// In a file of the source these places, in order, each with what stands there now; the empty place is the end.
    /// A file that was not there begins empty, or as the file named after its own name and ` < `.
    Places(&'static [(&'static str, &'static str, &'static str)]),
    /// Stored by column: in these columns, and by rows at the end.
    Columns { added: &'static [&'static str], changed: &'static [&'static str], rows: usize },
    /// It is refused, in these words among others.
    Refused(&'static str),
    /// An array of the same kind: other bytes in this place, by number, and no more of them.
    Bytes(std::ops::Range<usize>),
}

use Source::{Example, Made};
use Written::{Bytes, Columns, Places, Refused};

const R: Row = Row {
    source: Made("", ""),
    format: "",
    question: "",
    decided: ("", ""),
    into: "",
    says: &[],
    written: Places(&[]),
};

/// Columns that say what was decided, and what stood there.
const ADDED: &[&str] = &["label_original", "dissensus_action", "dissensus_confidence"];

#[rustfmt::skip]
const ROWS: &[Row] = &[
    // Annotation tools.
    Row { source: Example("label_studio/export.json"), format: "label-studio", decided: ("t2", "neutral"),
        says: &["+ t2 verdict zoe neutral"],
        written: Places(&[
            ("", r#""unique_id": "00000000-0000-4000-8000-000000000906","#, r#""unique_id": "00000000-0000-4000-8000-000000000906","#),
            ("", "  }\n", "  },\n      {\"result\": [{\"id\": \"d99e6b7ad0\", \"from_name\": \"sentiment\", \"to_name\": \"text\", \"type\": \"choices\", \"origin\": \"manual\", \"value\": {\"choices\": [\"neutral\"]}}], \"was_cancelled\": false, \"ground_truth\": true}\n"),
            ("", " {},", r#" {"dissensus": [{"reviewer": "zoe", "status": "changed", "question": "sentiment", "results": ["d99e6b7ad0"]}]},"#),
        ]), ..R },
    Row { source: Example("label_studio/export_ner.json"), format: "label-studio", decided: ("201:38-44", "ORG"),
        says: &["+ 201:38-44 verdict zoe ORG"],
        written: Places(&[
            ("", "\n      }\n", "\n      },\n      {\"result\": [{\"id\": \"debb02bb35\", \"from_name\": \"ner\", \"to_name\": \"text\", \"type\": \"labels\", \"origin\": \"manual\", \"value\": {\"start\": 38, \"end\": 44, \"text\": \"London\", \"labels\": [\"ORG\"]}}], \"was_cancelled\": false, \"ground_truth\": true}\n"),
            ("", "[]\n", "[],\n    \"meta\": {\"dissensus\": [{\"reviewer\": \"zoe\", \"status\": \"changed\", \"question\": \"ner\", \"results\": [\"debb02bb35\"]}]}\n"),
        ]), ..R },
    Row { source: Example("label_studio/target_storage"), format: "label-studio", decided: ("t1", "positive"),
        says: &["+ t1 verdict zoe positive"],
        written: Places(&[
            ("dissensus-101-zoe.json", "", "{\"result\": [{\"id\": \"dd3beb7b08\", \"from_name\": \"sentiment\", \"to_name\": \"text\", \"type\": \"choices\", \"origin\": \"manual\", \"value\": {\"choices\": [\"positive\"]}}], \"was_cancelled\": false, \"ground_truth\": true, \"task\": {\n    \"id\": 101,\n    \"data\": {\n      \"text\": \"The battery lasts all day.\",\n      \"item_id\": \"t1\"\n    },\n    \"meta\": {\"dissensus\": [{\"reviewer\": \"zoe\", \"status\": \"changed\", \"question\": \"sentiment\", \"results\": [\"dd3beb7b08\"]}]}\n  }}\n"),
        ]), ..R },
    // The tool itself would read it back without annotations.
    Row { source: Example("label_studio/export.csv"), format: "label-studio-min", decided: ("t2", "neutral"), written: Refused("open the JSON export of the same project"), ..R },
    Row { source: Example("argilla/dataset_to_disk"), format: "argilla", decided: ("t2", "neutral"),
        says: &["+ t2 verdict zoe neutral"],
        written: Places(&[
            ("records.json", r#"kind."}, "metadata": {"split": "train""#, r#"kind."}, "metadata": {"split": "train", "dissensus_action": "changed", "dissensus_before_sentiment": "{\"value\": \"negative\", \"score\": 0.7, \"agent\": \"tiny-v1\"}""#),
            ("records.json", "negative", "neutral"),
            ("records.json", "0.7", "null"),
            ("records.json", "tiny-v1", "dissensus:zoe"),
        ]), ..R },
    Row { source: Example("argilla/to_list_flatten.jsonl"), format: "argilla", decided: ("t2", "neutral"),
        says: &["+ t2 verdict zoe neutral"],
        written: Places(&[
            ("", r#":"negative"#, r#":"neutral"#),
            ("", "0.7", "null"),
            ("", "tiny-v1", r#"dissensus:zoe","dissensus_action":"changed","dissensus_before_sentiment":"{\"value\": \"negative\", \"score\": 0.7, \"agent\": \"tiny-v1\"}"#),
        ]), ..R },
    Row { source: Example("argilla/legacy_feedback_v1.jsonl"), format: "argilla", decided: ("t2", "neutral"),
        says: &["+ t2 verdict zoe neutral"],
        written: Places(&[
            ("", r#""suggestions":[],"metadata":{},"external_id":"t2""#, r#""suggestions":[{"question_name": "sentiment", "value": "neutral", "score": null, "agent": "dissensus:zoe"}],"metadata":{"dissensus_action": "changed"},"external_id":"t2""#),
        ]), ..R },
    Row { source: Example("prodigy/choice.jsonl"), format: "prodigy", decided: ("t2", "neutral"),
        says: &["+ t2 verdict zoe neutral"],
        written: Places(&[
            ("", "", "{\"text\":\"Screen cracked, refund took six weeks; support was kind.\",\"meta\":{\"item_id\":\"t2\"},\"_input_hash\":-264632185,\"_task_hash\":1710629353,\"options\":[{\"id\":\"negative\",\"text\":\"negative\"},{\"id\":\"neutral\",\"text\":\"neutral\"},{\"id\":\"positive\",\"text\":\"positive\"}],\"_view_id\":\"choice\",\"config\":{\"choice_style\":\"single\"},\"accept\":[\"neutral\"],\"answer\":\"accept\",\"_annotator_id\":\"tiny-zoe\",\"_session_id\":\"tiny-zoe\",\"dissensus\":{\"reviewer\":\"zoe\",\"status\":\"changed\",\"item\":\"-264632185\"}}\n"),
        ]), ..R },
    Row { source: Example("prodigy/binary_textcat.jsonl"), format: "prodigy", decided: ("-582677282", "reject"),
        says: &["+ -582677282 verdict zoe reject"],
        written: Places(&[
            ("", "", "{\"text\":\"The battery lasts all day.\",\"label\":\"positive\",\"_input_hash\":1204558816,\"_task_hash\":-582677282,\"_view_id\":\"classification\",\"answer\":\"reject\",\"_session_id\":\"bin-zoe\",\"_annotator_id\":\"bin-zoe\",\"dissensus\":{\"reviewer\":\"zoe\",\"status\":\"changed\",\"item\":\"-582677282\"}}\n"),
        ]), ..R },
    Row { source: Example("prodigy/ner_manual.jsonl"), format: "prodigy", decided: ("-1907788320:38-44", "ORG"),
        says: &["+ -1907788320:38-44 verdict zoe ORG"],
        written: Places(&[
            ("", "", "{\"text\":\"Ada Lovelace met \\ud83d\\ude0a Charles Babbage in London .\",\"tokens\":[{\"text\":\"Ada\",\"start\":0,\"end\":3,\"id\":0,\"ws\":true},{\"text\":\"Lovelace\",\"start\":4,\"end\":12,\"id\":1,\"ws\":true},{\"text\":\"met\",\"start\":13,\"end\":16,\"id\":2,\"ws\":true},{\"text\":\"\\ud83d\\ude0a\",\"start\":17,\"end\":18,\"id\":3,\"ws\":true},{\"text\":\"Charles\",\"start\":19,\"end\":26,\"id\":4,\"ws\":true},{\"text\":\"Babbage\",\"start\":27,\"end\":34,\"id\":5,\"ws\":true},{\"text\":\"in\",\"start\":35,\"end\":37,\"id\":6,\"ws\":true},{\"text\":\"London\",\"start\":38,\"end\":44,\"id\":7,\"ws\":true},{\"text\":\".\",\"start\":45,\"end\":46,\"id\":8,\"ws\":false}],\"_view_id\":\"ner_manual\",\"_is_binary\":false,\"spans\":[{\"start\":38,\"end\":44,\"token_start\":7,\"token_end\":7,\"label\":\"ORG\"}],\"answer\":\"accept\",\"_annotator_id\":\"ner-zoe\",\"_session_id\":\"ner-zoe\",\"dissensus\":{\"reviewer\":\"zoe\",\"status\":\"changed\",\"item\":\"-1907788320\"}}\n"),
        ]), ..R },
    Row { source: Example("doccano/individual_export"), format: "doccano", decided: ("t2", "neutral"),
        says: &["+ t2 verdict zoe neutral"],
        written: Places(&[
            ("zoe.jsonl", "", "{\"id\":2,\"text\":\"Screen cracked, refund took six weeks; support was kind.\",\"item_id\":\"t2\",\"label\":[\"neutral\"],\"Comments\":[],\"dissensus_reviewer\":\"zoe\",\"dissensus_status\":\"changed\"}\n"),
        ]), ..R },
    Row { source: Example("doccano/spans_individual_utf16"), format: "doccano", decided: ("9:38-44", "ORG"),
        says: &["+ 9:38-44 verdict zoe ORG"],
        written: Places(&[
            ("zoe.jsonl", "", "{\"id\":9,\"text\":\"Ada Lovelace met 😊 Charles Babbage in London .\",\"label\":[[39,45,\"ORG\"]],\"Comments\":[],\"dissensus_reviewer\":\"zoe\",\"dissensus_status\":\"changed\",\"dissensus_nothing\":[]}\n"),
        ]), ..R },
    Row { source: Example("doccano/spans_individual_grapheme"), format: "doccano", decided: ("9:38-44", "ORG"),
        says: &["+ 9:38-44 verdict zoe ORG"],
        written: Places(&[
            ("zoe.jsonl", "", "{\"id\":9,\"text\":\"Ada Lovelace met 😊 Charles Babbage in London .\",\"label\":[[38,44,\"ORG\"]],\"Comments\":[],\"dissensus_reviewer\":\"zoe\",\"dissensus_status\":\"changed\",\"dissensus_nothing\":[]}\n"),
        ]), ..R },
    Row { source: Example("doccano/collaborative_export/all.jsonl"), format: "doccano", decided: ("2", "negative"),
        says: &["+ 2 given negative", "- 2 given negative|neutral", "- labels negative, negative|neutral, negative|positive, neutral|positive, positive", "+ labels negative, negative|positive, neutral|positive, positive"],
        written: Places(&[("", r#","neutral""#, "")]), ..R },
    Row { source: Example("doccano/spans_relations/all.jsonl"), format: "doccano", decided: ("9:38-44", "PER"),
        says: &["- 9:38-44 given LOC", "+ 9:38-44 given PER", "- labels LOC, PER, ∅", "+ labels PER, ∅"],
        written: Places(&[("", "LOC", "PER")]), ..R },
    Row { source: Example("doccano/collaborative_export/all.csv"), format: "doccano-csv", decided: ("2", "positive"),
        says: &["- 2 given negative|neutral", "+ 2 given positive", "- labels negative, negative|neutral, negative|positive, neutral|positive, positive", "+ labels negative, negative|positive, neutral|positive, positive"],
        written: Places(&[("", "negative#neutral", "positive")]), ..R },
    Row { source: Made("train.txt", "__label__a the first\r\n\r\n__label__b  __label__a two\n__label__b three\n__label__a __label__b four"), format: "fasttext", decided: ("3", "a"),
        says: &["+ 3 given a", "- 3 given a|b"],
        written: Places(&[("", "__label__b  __label__a two", "__label__a two")]), ..R },
    Row { source: Example("potato/annotation_output"), format: "potato", decided: ("t4", "positive"), into: ".",
        says: &["+ t4 verdict zoe positive"],
        written: Places(&[
            ("adjudicated_final.jsonl", "", "{\"instance_id\":\"t1\",\"item_data\":{\"id\":\"t1\"},\"labels\":{\"sentiment\":\"positive\"},\"source\":\"unanimous\",\"num_annotators\":3}\n{\"instance_id\":\"t2\",\"item_data\":{\"id\":\"t2\"},\"labels\":{\"sentiment\":\"negative\"},\"source\":\"adjudicated\",\"num_annotators\":3,\"adjudicator\":\"lead\"}\n{\"instance_id\":\"t3\",\"item_data\":{\"id\":\"t3\"},\"labels\":{\"sentiment\":\"negative\"},\"source\":\"unanimous\",\"num_annotators\":2}\n{\"instance_id\":\"t4\",\"item_data\":{\"id\":\"t4\"},\"labels\":{\"sentiment\":\"positive\"},\"source\":\"adjudicated\",\"num_annotators\":3,\"adjudicator\":\"zoe\"}\n{\"instance_id\":\"t5\",\"item_data\":{\"id\":\"t5\"},\"labels\":{},\"source\":\"unresolved\",\"num_annotators\":2}\n"),
            ("adjudication/decisions.json", "    }\n", "    },\n    {\"instance_id\": \"t4\", \"adjudicator_id\": \"zoe\", \"timestamp\": \"\", \"label_decisions\": {\"sentiment\": \"positive\"}, \"span_decisions\": [], \"source\": {\"sentiment\": \"ben\"}, \"confidence\": \"\", \"notes\": \"changed\", \"error_taxonomy\": [], \"guideline_update_flag\": false, \"guideline_update_notes\": \"\", \"time_spent_ms\": 0}\n"),
        ]), ..R },
    Row { source: Example("potato/exports/jsonl/annotations.jsonl"), format: "potato-export", decided: ("t2", "neutral"),
        says: &["+ t2 verdict zoe neutral"],
        written: Places(&[
            ("", "", "{\"instance_id\":\"t2\",\"user_id\":\"reviewer:zoe\",\"labels\":{\"sentiment\":{\"neutral\":\"true\"}},\"spans\":{},\"links\":{}}\n"),
        ]), ..R },
    Row { source: Example("potato/adjudicated_final.jsonl"), format: "potato-final", decided: ("t1", "negative"),
        says: &["+ labels negative", "- labels negative, positive", "+ t1 given negative", "- t1 given positive", "- t1 meta adjudicator=", "+ t1 meta adjudicator=zoe", "+ t1 meta source=adjudicated", "- t1 meta source=unanimous", "+ t1 verdict zoe negative"],
        written: Places(&[
            ("", "positive", "negative"),
            ("", "unanimous", "adjudicated"),
            ("", ":3}\n", ":3,\"adjudicator\":\"zoe\"}\n"),
        ]), ..R },
    Row { source: Example("cvat"), format: "cvat", decided: ("img_1.png", "dog"), into: "parent_job_40/annotations.xml",
        says: &["- img_1.png given cat", "+ img_1.png given dog"],
        written: Places(&[
            ("", r#"    <tag label="cat" source="manual">"#, r#"    <tag label="dog" source="manual">"#),
        ]), ..R },
    Row { source: Example("cvat/parent_job_40/annotations.xml"), format: "cvat", decided: ("img_1.png", "dog"),
        says: &["- img_1.png given cat", "+ img_1.png given dog"],
        written: Places(&[
            ("", r#"    <tag label="cat" source="manual">"#, r#"    <tag label="dog" source="manual">"#),
        ]), ..R },

    Row { source: Example("label_studio/export_snapshot_expanded.json"), format: "label-studio", decided: ("t2", "neutral"),
        says: &["+ t2 verdict zoe neutral"],
        written: Places(&[
            ("", r#""unique_id": "00000000-0000-4000-8000-000000000906","#, r#""unique_id": "00000000-0000-4000-8000-000000000906","#),
            ("", "  }\n", "  },\n      {\"result\": [{\"id\": \"d99e6b7ad0\", \"from_name\": \"sentiment\", \"to_name\": \"text\", \"type\": \"choices\", \"origin\": \"manual\", \"value\": {\"choices\": [\"neutral\"]}}], \"was_cancelled\": false, \"ground_truth\": true}\n"),
            ("", " {},", r#" {"dissensus": [{"reviewer": "zoe", "status": "changed", "question": "sentiment", "results": ["d99e6b7ad0"]}]},"#),
        ]), ..R },
    Row { source: Example("label_studio/legacy_completions.json"), format: "label-studio", decided: ("t1", "neutral"),
        says: &["+ t1 verdict zoe neutral"],
        written: Places(&[
            ("", " ]\n      }\n", " ],\n        \"ground_truth\": false\n      },\n      {\"result\": [{\"id\": \"dc02d99294\", \"from_name\": \"sentiment\", \"to_name\": \"text\", \"type\": \"choices\", \"origin\": \"manual\", \"value\": {\"choices\": [\"neutral\"]}}], \"was_cancelled\": false, \"ground_truth\": true}\n"),
            ("", "[]\n", "[],\n    \"meta\": {\"dissensus\": [{\"reviewer\": \"zoe\", \"status\": \"changed\", \"question\": \"sentiment\", \"results\": [\"dc02d99294\"]}]}\n"),
        ]), ..R },
    Row { source: Example("argilla/dataset_to_disk/records.json"), format: "argilla", decided: ("t2", "neutral"),
        says: &["+ t2 verdict zoe neutral"],
        written: Places(&[
            ("", r#"kind."}, "metadata": {"split": "train""#, r#"kind."}, "metadata": {"split": "train", "dissensus_action": "changed", "dissensus_before_sentiment": "{\"value\": \"negative\", \"score\": 0.7, \"agent\": \"tiny-v1\"}""#),
            ("", "negative", "neutral"),
            ("", "0.7", "null"),
            ("", "tiny-v1", "dissensus:zoe"),
        ]), ..R },
    Row { source: Example("prodigy/review_output.jsonl"), format: "prodigy", decided: ("-1907788320:38-44", "ORG"),
        says: &["+ -1907788320:38-44 verdict zoe ORG"],
        written: Places(&[
            ("", "", "{\"text\":\"Ada Lovelace met \\ud83d\\ude0a Charles Babbage in London .\",\"tokens\":[{\"text\":\"Ada\",\"start\":0,\"end\":3,\"id\":0,\"ws\":true},{\"text\":\"Lovelace\",\"start\":4,\"end\":12,\"id\":1,\"ws\":true},{\"text\":\"met\",\"start\":13,\"end\":16,\"id\":2,\"ws\":true},{\"text\":\"\\ud83d\\ude0a\",\"start\":17,\"end\":18,\"id\":3,\"ws\":true},{\"text\":\"Charles\",\"start\":19,\"end\":26,\"id\":4,\"ws\":true},{\"text\":\"Babbage\",\"start\":27,\"end\":34,\"id\":5,\"ws\":true},{\"text\":\"in\",\"start\":35,\"end\":37,\"id\":6,\"ws\":true},{\"text\":\"London\",\"start\":38,\"end\":44,\"id\":7,\"ws\":true},{\"text\":\".\",\"start\":45,\"end\":46,\"id\":8,\"ws\":false}],\"_view_id\":\"ner_manual\",\"_is_binary\":false,\"spans\":[{\"start\":38,\"end\":44,\"token_start\":7,\"token_end\":7,\"label\":\"ORG\"}],\"answer\":\"accept\",\"_annotator_id\":\"ner-zoe\",\"_session_id\":\"ner-zoe\",\"dissensus\":{\"reviewer\":\"zoe\",\"status\":\"changed\",\"item\":\"-1907788320\"}}\n"),
        ]), ..R },
    Row { source: Example("doccano/legacy_v1_2.jsonl"), format: "doccano", decided: ("2", "10"), written: Refused("export with a newer version"), ..R },
    Row { source: Example("potato/v1_annotation_output"), format: "potato", decided: ("t4", "positive"), into: ".",
        says: &["+ t4 verdict zoe positive"],
        written: Places(&[
            ("adjudicated_final.jsonl", "", "{\"instance_id\":\"t1\",\"item_data\":{\"id\":\"t1\",\"text\":\"The battery lasts all day.\"},\"labels\":{\"sentiment\":\"positive\"},\"source\":\"unanimous\",\"num_annotators\":3}\n{\"instance_id\":\"t2\",\"item_data\":{\"id\":\"t2\",\"text\":\"Screen cracked, refund took six weeks; support was kind.\"},\"labels\":{},\"source\":\"unresolved\",\"num_annotators\":3}\n{\"instance_id\":\"t3\",\"item_data\":{\"id\":\"t3\",\"text\":\"=SUM(1,2) looks broken, she said \\\"no way\\\"\"},\"labels\":{\"sentiment\":\"negative\"},\"source\":\"unanimous\",\"num_annotators\":2}\n{\"instance_id\":\"t4\",\"item_data\":{\"id\":\"t4\",\"text\":\"Naïve café ☕ 😊 — d'accord?\"},\"labels\":{\"sentiment\":\"positive\"},\"source\":\"adjudicated\",\"num_annotators\":3,\"adjudicator\":\"zoe\"}\n{\"instance_id\":\"t5\",\"item_data\":{\"id\":\"t5\",\"text\":\"Line one\\nline two, after a newline\"},\"labels\":{},\"source\":\"unresolved\",\"num_annotators\":2}\n"),
            ("adjudication/decisions.json", "", "{\n  \"decisions\": [\n    {\"instance_id\": \"t4\", \"adjudicator_id\": \"zoe\", \"timestamp\": \"\", \"label_decisions\": {\"sentiment\": \"positive\"}, \"span_decisions\": [], \"source\": {\"sentiment\": \"ben\"}, \"confidence\": \"\", \"notes\": \"changed\", \"error_taxonomy\": [], \"guideline_update_flag\": false, \"guideline_update_notes\": \"\", \"time_spent_ms\": 0}\n  ],\n  \"last_updated\": \"\"\n}\n"),
        ]), ..R },
    Row { source: Example("brat/ana"), format: "brat", decided: ("doc1:38-44", "PER"),
        says: &["- doc1 mark ana 38-44 LOC", "+ doc1 mark ana 38-44 PER", "- doc1:38-44 vote ana LOC", "+ doc1:38-44 vote ana PER", "- labels LOC, Meeting, PER, ∅", "+ labels Meeting, PER, ∅"],
        written: Places(&[("doc1.ann", "T3\tLOC 38 44\tLondon", "T3\tPER 38 44\tLondon")]), ..R },
    Row { source: Example("tabular/appen_full_report.csv"), format: "csv", decided: ("1002", "neutral"),
        says: &["+ 1002 verdict zoe neutral", "+ note reviewer_rows × 1"],
        written: Places(&[
            ("", "", "1002,,false,,,,,,,reviewer:zoe,USA,,,,neutral,,t2,\"Screen cracked, refund took six weeks; support was kind.\"\r\n"),
        ]), ..R },
    Row { source: Example("tabular/dices_350.csv"), format: "csv", question: "Q_overall", decided: ("0", "No"),
        says: &["+ 0 verdict zoe No", "+ note reviewer_rows × 1"],
        written: Places(&[
            ("", "", ",reviewer:zoe,,,,,College degree or higher,Phase3,0,,,LAMDA: hello USER: hi,LAMDA: bye,Benign,\"['Legal', 'Violence']\",No,,,,No\n"),
        ]), ..R },
    Row { source: Example("tabular/cifar10h_raw.csv"), format: "csv", decided: ("0", "cat"),
        says: &["+ 0 verdict zoe cat", "+ note reviewer_rows × 1"],
        written: Places(&[("", "", "reviewer:zoe,,,cat,cat,,,,0,a.png,tabby,,\n")]), ..R },
    Row { source: Example("tabular/measuring_hate_speech.csv"), format: "csv", question: "hatespeech", decided: ("1", "1.0"),
        says: &["+ 1 verdict zoe 1.0", "+ note reviewer_rows × 1"],
        written: Places(&[("", "", "1,reviewer:zoe,3,,,,,,,,,,1.0,-3.9,Have a nice day,,,,0.34,False,\n")]), ..R },
    Row { source: Example("tabular/popquorn_offensiveness.csv"), format: "csv", decided: ("530", "1.0"),
        says: &["+ 530 verdict zoe 1.0", "+ note reviewer_rows × 1"],
        written: Places(&[("", "", "530,reviewer:zoe,\"A fine day, truly\",1.0,,,,,\n")]), ..R },
    Row { source: Example("potato/v1_annotation_output/annotated_instances.csv"), format: "csv", decided: ("t2", "neutral"),
        says: &["+ note reviewer_rows × 1", "+ t2 verdict zoe neutral"],
        written: Places(&[
            ("", "", "reviewer:zoe,t2,\"Screen cracked, refund took six weeks; support was kind.\",false,true,false\n"),
        ]), ..R },
    Row { source: Example("inception/webanno_tsv_escapes.tsv"), format: "webanno-tsv", decided: ("webanno_tsv_escapes:8-11", "keep_under[1]|pipe->arrow;semi*star"),
        says: &["- labels *, keep_under[1]|pipe->arrow;semi*star, ∅", "+ labels keep_under[1]|pipe->arrow;semi*star, ∅", "- note no_value × 1", "- webanno_tsv_escapes mark webanno_tsv_escapes 8-11 *", "+ webanno_tsv_escapes mark webanno_tsv_escapes 8-11 keep_under[1]|pipe->arrow;semi*star", "- webanno_tsv_escapes:8-11 vote webanno_tsv_escapes *", "+ webanno_tsv_escapes:8-11 vote webanno_tsv_escapes keep_under[1]|pipe->arrow;semi*star"],
        written: Places(&[
            ("", "1-3\t8-11\tc|d\t*\t", "1-3\t8-11\tc|d\tkeep\\_under\\[1\\]\\|pipe\\->arrow\\;semi\\*star\t"),
        ]), ..R },

    // Stretches of text.
    Row { source: Example("brat"), format: "brat", decided: ("doc1:38-44", "ORG"),
        says: &["+ doc1:38-44 verdict zoe ORG"],
        written: Places(&[
            ("reviewed.jsonl", "", "{\"document\":\"doc1\",\"question\":\"entities\",\"start\":38,\"end\":44,\"label\":\"ORG\",\"reviewer\":\"zoe\"}\n"),
            ("reviewer-zoe/doc1.ann", "", "T1\tPER 0 3\tAda\nT2\tPER 19 34\tCharles Babbage\nT3\tORG 38 44\tLondon\n"),
            ("reviewer-zoe/doc1.txt < ana/doc1.txt", "", ""),
        ]), ..R },
    Row { source: Example("brat/ana/doc1.ann"), format: "brat", decided: ("doc1:38-44", "PER"),
        says: &["- doc1 mark source 38-44 LOC", "+ doc1 mark source 38-44 PER", "- doc1:38-44 vote source LOC", "+ doc1:38-44 vote source PER", "- labels LOC, Meeting, PER, ∅", "+ labels Meeting, PER, ∅"],
        written: Places(&[("", "T3\tLOC 38 44\tLondon", "T3\tPER 38 44\tLondon")]), ..R },
    Row { source: Example("inception/project_export"), format: "webanno-tsv", decided: ("doc1.txt:38-44", "ORG"),
        says: &["+ doc1.txt:38-44 verdict zoe ORG"],
        written: Places(&[
            ("curation/doc1.txt/reviewer-zoe.tsv < curation/doc1.txt/CURATION_USER.tsv", "1-1\t0-3\tAda\tPER[1]\t", "1-1\t0-3\tAda\t_\t"),
            ("curation/doc1.txt/reviewer-zoe.tsv < curation/doc1.txt/CURATION_USER.tsv", "1-2\t4-12\tLovelace\tPER[1]\t", "1-2\t4-12\tLovelace\t_\t"),
            ("curation/doc1.txt/reviewer-zoe.tsv < curation/doc1.txt/CURATION_USER.tsv", "1-5\t20-27\tCharles\tPER[2]\t", "1-5\t20-27\tCharles\tPER[1]\t"),
            ("curation/doc1.txt/reviewer-zoe.tsv < curation/doc1.txt/CURATION_USER.tsv", "1-6\t28-35\tBabbage\tPER[2]\t", "1-6\t28-35\tBabbage\tPER[1]\t"),
            ("curation/doc1.txt/reviewer-zoe.tsv < curation/doc1.txt/CURATION_USER.tsv", "1-8\t39-45\tLondon\tLOC\t", "1-8\t39-45\tLondon\tORG\t"),
            ("reviewed.jsonl", "", "{\"document\":\"doc1.txt\",\"question\":\"NamedEntity.value\",\"start\":38,\"end\":44,\"label\":\"ORG\",\"reviewer\":\"zoe\"}\n"),
        ]), ..R },
    Row { source: Example("inception/project_export/annotation/doc1.txt/ana.tsv"), format: "webanno-tsv", decided: ("ana:38-44", "PER"),
        says: &["- ana mark ana 38-44 LOC", "+ ana mark ana 38-44 PER", "- ana:38-44 vote ana LOC", "+ ana:38-44 vote ana PER", "- labels LOC, PER, ∅", "+ labels PER, ∅"],
        written: Places(&[("", "1-8\t39-45\tLondon\tLOC\t", "1-8\t39-45\tLondon\tPER\t")]), ..R },
    Row { source: Example("inception/uima_cas_json"), format: "cas-json", decided: ("doc1.txt:38-44", "ORG"),
        says: &["+ doc1.txt:38-44 verdict zoe ORG"],
        written: Places(&[
            ("curation/doc1.txt/reviewer-zoe.json < annotation/doc1.txt/ben.json", "12,\n      \"%TYPE\": \"de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity\",\n      \"@sofa\": 1,\n      \"begin\": 0,\n      \"end\": 3,\n      \"value\": \"PER\"\n    },\n    {\n      \"%ID\": ", ""),
            ("curation/doc1.txt/reviewer-zoe.json < annotation/doc1.txt/ben.json", "12,\n        ", ""),
            ("reviewed.jsonl", "", "{\"document\":\"doc1.txt\",\"question\":\"NamedEntity.value\",\"start\":38,\"end\":44,\"label\":\"ORG\",\"reviewer\":\"zoe\"}\n"),
        ]), ..R },
    Row { source: Example("inception/uima_cas_json/annotation/doc1.txt/ana.json"), format: "cas-json", decided: ("ana:38-44", "PER"),
        says: &["- ana mark ana 38-44 LOC", "+ ana mark ana 38-44 PER", "- ana:38-44 vote ana LOC", "+ ana:38-44 vote ana PER", "- labels LOC, PER, ∅", "+ labels PER, ∅"],
        written: Places(&[("", "LOC", "PER")]), ..R },
    Row { source: Example("conll/bio_iob2_2col.tsv"), format: "conll", decided: ("1:8", "B-PER"),
        says: &["- 1:8 given B-LOC", "+ 1:8 given B-PER", "- labels B-LOC, B-PER, I-PER, O", "+ labels B-PER, I-PER, O"],
        written: Places(&[("", "London\tB-LOC", "London\tB-PER")]), ..R },
    Row { source: Example("conll/bioes_2col.txt"), format: "conll", decided: ("1:8", "O"),
        says: &["+ 1:8 given O", "- 1:8 given S-LOC", "+ labels B-PER, E-PER, O", "- labels B-PER, E-PER, O, S-LOC"],
        written: Places(&[("", "London S-LOC", "London O")]), ..R },
    Row { source: Example("conll/conll2003_iob1_4col.conll"), format: "conll", decided: ("1:8", "I-PER"),
        says: &["- 1:8 given I-LOC", "+ 1:8 given I-PER", "- labels I-LOC, I-PER, O", "+ labels I-PER, O"],
        written: Places(&[("", "London NNP I-NP I-LOC", "London NNP I-NP I-PER")]), ..R },
    Row { source: Example("conll/multi_annotator_columns.tsv"), format: "conll", decided: ("1:8", "B-LOC"),
        says: &["+ 1:8 verdict zoe B-LOC", "+ note tag_scheme × 1"],
        written: Places(&[
            ("", "token\tana\tben\tchi", "token\tana\tben\tchi\treviewer:zoe"),
            ("", "Ada\tB-PER\tB-PER\t?", "Ada\tB-PER\tB-PER\t?\tB-PER"),
            ("", "Lovelace\tI-PER\tO\t?", "Lovelace\tI-PER\tO\t?\t?"),
            ("", "\n😊\tO\tO\t?", "\tO\n😊\tO\tO\t?\tO"),
            ("", "Charles\tB-PER\tB-PER\t?", "Charles\tB-PER\tB-PER\t?\tB-PER"),
            ("", "\nin\tO\tO\t?", "\tI-PER\nin\tO\tO\t?\tO"),
            ("", "\n.\tO\tO\t?", "\tB-LOC\n.\tO\tO\t?\tO"),
        ]), ..R },

    // Published collections.
    Row { source: Example("lewidi/2023_style.json"), format: "lewidi", decided: ("5", "positive"),
        says: &["+ 5 verdict zoe positive", "- note hard_label_of_tie × 1"],
        written: Places(&[
            ("", ",chi\",\n  \"lang\": \"en\",\n  \"hard_label\": \"negative\",\n  \"soft_label\": {\n   \"negative\": 0.5,", ",chi\",\n  \"lang\": \"en\",\n  \"hard_label\": \"positive\",\n  \"soft_label\": {\n   \"negative\": 0.5,"),
            ("", "t5\"\n", "t5\",\n   \"dissensus\": {\"label\": \"positive\", \"status\": \"changed\", \"reviewer\": \"zoe\"}\n"),
        ]), ..R },
    Row { source: Example("lewidi/2025_style.json"), format: "lewidi", decided: ("t5", "positive"),
        says: &["+ t5 verdict zoe positive"],
        written: Places(&[
            ("", r#""t5": {"#, r#""t5": {"#),
            ("", r#""other_info": {}"#, r#""other_info": {"dissensus": {"label": "positive", "status": "changed", "reviewer": "zoe"}}"#),
        ]), ..R },
    Row { source: Example("lewidi/2025_multilabel.json"), format: "lewidi", decided: ("49", "entailment|neutral"),
        says: &["+ 49 verdict zoe entailment|neutral"],
        written: Places(&[
            ("", " ]\n", " ],\n            \"dissensus\": {\"label\": [\"entailment\", \"neutral\"], \"status\": \"changed\", \"reviewer\": \"zoe\"}\n"),
        ]), ..R },
    Row { source: Example("tabular/goemotions_train.tsv"), format: "goemotions", decided: ("e1", "anger|neutral"),
        says: &["+ e1 given anger|neutral", "- e1 given joy", "+ labels anger|neutral", "- labels anger|neutral, joy"],
        written: Places(&[("", "Best [NAME] day ever!\t0\te1", "Best [NAME] day ever!\t1,2\te1")]), ..R },

    // Tables.
    Row { source: Example("tabular/long_task_worker_label.csv"), format: "csv", decided: ("t2", "neutral"),
        says: &["+ note reviewer_rows × 1", "+ t2 verdict zoe neutral"],
        written: Places(&[("", "", "t2,reviewer:zoe,neutral\r\n")]), ..R },
    Row { source: Example("tabular/wide_one_column_per_rater.csv"), format: "csv", decided: ("t2", "neutral"),
        says: &["+ t2 verdict zoe neutral"],
        written: Places(&[
            ("", "item_id,text,ana,ben,chi", "item_id,text,ana,ben,chi,reviewer:zoe"),
            ("", "t1,The battery lasts all day.,positive,positive,positive\r\n", "t1,The battery lasts all day.,positive,positive,positive,\r\n"),
            ("", "negative\r\n", "negative,neutral\r\n"),
            ("", "t3,\"=SUM(1,2) looks broken, she said \"\"no way\"\"\",negative,negative,\r\n", "t3,\"=SUM(1,2) looks broken, she said \"\"no way\"\"\",negative,negative,,\r\n"),
            ("", "t4,Naïve café ☕ 😊 — d'accord?,neutral,positive,neutral\r\n", "t4,Naïve café ☕ 😊 — d'accord?,neutral,positive,neutral,\r\n"),
            ("", r#"line two, after a newline",positive,,negative"#, r#"line two, after a newline",positive,,negative,"#),
        ]), ..R },
    Row { source: Example("tabular/list_in_cell.csv"), format: "csv", decided: ("t2", "neutral"),
        says: &["+ note reviewer_rows × 1", "+ t2 verdict zoe neutral"],
        written: Places(&[
            ("", "", "t2,\"Screen cracked, refund took six weeks; support was kind.\",['neutral'],['reviewer:zoe']\r\n"),
        ]), ..R },
    Row { source: Example("tabular/counts_per_class.csv"), format: "csv", decided: ("t2", "neutral"),
        says: &["+ t2 verdict zoe neutral"],
        written: Places(&[
            ("", "item_id,text,n_negative,n_neutral,n_positive", "item_id,text,n_negative,n_neutral,n_positive,reviewer:zoe"),
            ("", "t1,The battery lasts all day.,0,0,3\r\n", "t1,The battery lasts all day.,0,0,3,\r\n"),
            ("", "t2,\"Screen cracked, refund took six weeks; support was kind.\",2,1,0\r\n", "t2,\"Screen cracked, refund took six weeks; support was kind.\",2,1,0,neutral\r\n"),
            ("", "t3,\"=SUM(1,2) looks broken, she said \"\"no way\"\"\",2,0,0\r\n", "t3,\"=SUM(1,2) looks broken, she said \"\"no way\"\"\",2,0,0,\r\n"),
            ("", "t4,Naïve café ☕ 😊 — d'accord?,0,2,1\r\n", "t4,Naïve café ☕ 😊 — d'accord?,0,2,1,\r\n"),
            ("", "line two, after a newline\",1,0,1\r\n", "line two, after a newline\",1,0,1,\r\n"),
        ]), ..R },
    Row { source: Example("tabular/mturk_batch_results.csv"), format: "csv", decided: ("t2", "neutral"),
        says: &["+ note reviewer_rows × 1", "+ t2 verdict zoe neutral"],
        written: Places(&[
            ("", "", "\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"reviewer:zoe\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"t2\",\"Screen cracked, refund took six weeks; support was kind.\",\"neutral\",\"\",\"\"\r\n"),
        ]), ..R },
    Row { source: Example("tabular/sbic_v2_raw.csv"), format: "csv", question: "offensiveYN", decided: ("HIT9", "0.5"),
        says: &["+ HIT9 verdict zoe 0.5", "+ note reviewer_rows × 1"],
        written: Places(&[("", "", ",,,,0.5,,,,,reviewer:zoe,HIT9,,,,an invented post,,,,r/x\n")]), ..R },
    Row { source: Example("tabular/goemotions_raw.csv"), format: "csv", decided: ("e1", "anger"),
        says: &["+ e1 verdict zoe anger", "+ note reviewer_rows × 1"],
        written: Places(&[("", "", "Best [NAME] day ever!,e1,,r1,,,,reviewer:zoe,,0,1,0\n")]), ..R },
    Row { source: Example("potato/exports/csv/annotations.csv"), format: "csv", decided: ("t2", "neutral"),
        says: &["+ note reviewer_rows × 1", "+ t2 verdict zoe neutral"],
        written: Places(&[("", "", "t2,reviewer:zoe,false,true,false\r\n")]), ..R },
    Row { source: Example("inception/agreement_export_diagnosis-diff.csv"), format: "csv", decided: ("3", "ORG"),
        says: &["+ 3 verdict zoe ORG"],
        written: Places(&[
            ("", "Type,Collection,Document,Layer,Feature,Position,Flags,ana,ben", "Type,Collection,Document,Layer,Feature,Position,Flags,ana,ben,reviewer:zoe"),
            ("", "annotation>", "annotation>,"),
            ("", "PER\r\n", "PER,\r\n"),
            ("", "ORG", "ORG,ORG"),
        ]), ..R },
    Row { source: Made("given.csv", "\u{feff}id,label,text\r\n1,\"b\",\"x \"\"y\"\"\"\r\n2,a,  z \r\n3,b,y\r\n"), format: "csv", decided: ("1", "a"),
        says: &["+ 1 given a", "- 1 given b"],
        written: Places(&[("", r#"1,"b","x ""y""""#, r#"1,"a","x ""y""""#)]), ..R },
    Row { source: Example("tabular/toloka_assignments.tsv"), format: "tsv", decided: ("t2", "neutral"),
        says: &["+ note reviewer_rows × 1", "+ t2 verdict zoe neutral"],
        written: Places(&[
            ("", "", "Screen cracked, refund took six weeks; support was kind.\tt2\tneutral\t\t\t\t\t\t\t\treviewer:zoe\t\t\t\t\t\n"),
        ]), ..R },
    Row { source: Made("given.jsonl", "{\"id\": 1, \"label\":\"x\" ,\"n\":1.50}\r\n{\"id\": 2, \"label\": \"y\"}\r\n{\"id\": 3, \"label\": \"x\"}\r\n"), format: "jsonl", decided: ("1", "y"),
        says: &["- 1 given x", "+ 1 given y"],
        written: Places(&[("", r#":"x"#, r#":"y"#)]), ..R },
    Row { source: Made("flat.jsonl", "{\"id\":\"a\",\"annotator\":\"ana\",\"label\":1,\"s\":3}\n{\"id\":\"a\",\"annotator\":\"ben\",\"label\":2,\"s\":4}\n{\"id\":\"b\",\"annotator\":\"ana\",\"label\":1,\"s\":5}\n"), format: "jsonl", decided: ("a", "2"),
        says: &["+ a verdict zoe 2", "+ note reviewer_rows × 1"],
        written: Places(&[("", "", "{\"id\":\"a\",\"annotator\":\"reviewer:zoe\",\"label\":2,\"s\":null}\n")]), ..R },
    Row { source: Made("list.json", "[{\"id\":\"a\",\"annotations\":[{\"annotator\":\"ana\",\"label\":\"x\"},{\"annotator\":\"ben\",\"label\":\"y\"}]}]\n"), format: "json", decided: ("a", "y"),
        says: &["+ a verdict zoe y", "+ note reviewer_rows × 1"],
        written: Places(&[("", r#""}]}"#, r#""},{"annotator": "reviewer:zoe", "label": "y"}]}"#)]), ..R },
    Row { source: Made("map.json", "[{\"id\":\"a\",\"votes\":{\"ana\":\"x\",\"ben\":\"y\"}}]"), format: "json", decided: ("a", "y"),
        says: &["+ a verdict zoe y", "+ note reviewer_rows × 1"],
        written: Places(&[("", r#"y"}}"#, r#"y","reviewer:zoe":"y"}}"#)]), ..R },
    Row { source: Made("raters.json", "{\"ana\":{\"a\":\"x\",\"b\":\"x\"},\"ben\":{\"a\":\"y\",\"b\":\"y\"}}"), format: "json", decided: ("a", "y"),
        says: &["+ a verdict zoe y", "+ note reviewer_rows × 1"],
        written: Places(&[("", r#""}}"#, r#""}, "reviewer:zoe": {"a": "y"}}"#)]), ..R },
    Row { source: Example("pred_probs/labels_str.npy"), format: "npy", decided: ("1", "neutral"), written: Bytes(128..160),
        says: &["+ 1 given neutral", "- 1 given positive"], ..R },
    Row { source: Example("pred_probs/labels_u2.npy"), format: "npy", decided: ("1", "1"), written: Bytes(128..130),
        says: &["+ 1 given 1", "- 1 given 2"], ..R },
    Row { source: Example("huggingface/plain_long.arrow"), format: "arrow", decided: ("t2", "neutral"), written: Columns { added: &[], changed: &[], rows: 1 },
        says: &["+ note reviewer_rows × 1", "+ t2 verdict zoe neutral"], ..R },
    Row { source: Example("huggingface/plain_long.feather"), format: "feather", decided: ("t2", "neutral"), written: Columns { added: &[], changed: &[], rows: 1 },
        says: &["+ note reviewer_rows × 1", "+ t2 verdict zoe neutral"], ..R },
    Row { source: Example("huggingface/plain_long_dictionary.parquet"), format: "parquet", decided: ("t2", "neutral"), written: Columns { added: &[], changed: &[], rows: 1 },
        says: &["+ note reviewer_rows × 1", "+ t2 verdict zoe neutral"], ..R },
    Row { source: Example("huggingface/save_to_disk/data-00000-of-00001.arrow"), format: "arrow", decided: ("t1", "neutral"), written: Columns { added: ADDED, changed: &["label"], rows: 0 },
        says: &["+ t1 given neutral", "- t1 given positive"], ..R },
    Row { source: Example("huggingface/parquet_with_features/data/train-00000-of-00001.parquet"), format: "parquet", decided: ("t1", "neutral"), written: Columns { added: ADDED, changed: &["label"], rows: 0 },
        says: &["+ t1 given neutral", "- t1 given positive"], ..R },
];

#[test]
fn every_writer_changes_what_was_decided_and_nothing_else() {
    let mut failures = String::new();
    for row in ROWS {
        for failure in row.check() {
            writeln!(failures, "{} {failure}", row.name()).unwrap();
        }
    }
    let covered: BTreeSet<&str> = ROWS.iter().map(|r| r.format).collect();
    let writers = FORMATS.iter().filter(|f| !f.writes.is_empty()).map(|f| f.id);
    for format in writers.chain(TABLES).filter(|id| !covered.contains(id)) {
        writeln!(failures, "{format} is written back and has no row").unwrap();
    }
    assert!(failures.is_empty(), "\n{failures}");
}

impl Row {
    fn name(&self) -> &str {
        match self.source {
            Example(name) | Made(name, _) => name,
        }
    }

    fn check(&self) -> Vec<String> {
        let dir = tempfile::tempdir().unwrap();
        let path = self.laid_out(&dir.path().join("before"));
        let before = match self.opened(&path) {
            Ok(dataset) => dataset,
            Err(e) => return vec![e],
        };
        let mut failures = Vec::new();
        let kind = path.extension().map_or("", |e| e.to_str().unwrap());
        let format = if before.source.format.is_empty() { kind } else { before.source.format.as_str() };
        if format != self.format {
            failures.push(format!("is opened as {format}"));
        }
        let source = contents(&path, self.into);
        // Nothing decided.
        let same = dir.path().join("same");
        match put(&before, &Edits::new(), &same) {
            Err(_) if matches!(self.written, Refused(_)) => {}
            Err(e) => failures.push(format!("without a decision: {e}")),
            Ok(()) => {
                let written = contents(&same, "");
                let differs = |(name, bytes): (&String, &Vec<u8>)| source.get(name) != Some(bytes);
                for (name, _) in written.iter().filter(|f| differs(*f)) {
                    failures.push(format!("without a decision {name:?} differs"));
                }
                // Beside a server's folder lies only what is new.
                if written.is_empty() && self.into != "." {
                    failures.push("without a decision nothing is written".to_owned());
                }
            }
        }
        // One label changed.
        let (item, label) = match (before.item_of_key(self.decided.0), before.labels.id(self.decided.1)) {
            (Some(item), Some(label)) => (item, label),
            found => return vec![format!("the item and the label are {found:?}")],
        };
        let mut edits = Edits::new();
        let outcome = Outcome::Changed(label);
        edits.set(item, Edit::new(outcome, "zoe"));
        let out = dir.path().join("out").join(path.file_name().unwrap());
        std::fs::create_dir(dir.path().join("out")).unwrap();
        match (put(&before, &edits, &out), &self.written) {
            (Err(e), Refused(words)) if e.contains(words) => return failures,
            (Err(e), _) => {
                failures.push(e);
                return failures;
            }
            (Ok(()), _) => {}
        }
        failures.extend(self.places(&source, &out, &path));
        // Read again.
        let after = self.laid_out(&dir.path().join("after"));
        overlay(
            &out,
            &if self.into.is_empty() { after.clone() } else { after.join(self.into) },
            self.into.is_empty(),
        );
        match self.opened(&after) {
            Err(e) => failures.push(format!("read again: {e}")),
            Ok(after) => {
                let found = difference(&everything(&before), &everything(&after));
                if found != self.says {
                    failures.push(format!("read again says {found:#?}"));
                }
                let order = |d: &Dataset| d.keys.iter().map(str::to_owned).collect::<Vec<_>>();
                if order(&before) != order(&after) {
                    failures.push(format!("read again has the items {:?}", order(&after)));
                }
            }
        }
        failures
    }

    /// Puts a copy of the source, with what lies beside it, below `folder`; says where it is.
    fn laid_out(&self, folder: &Path) -> PathBuf {
        std::fs::create_dir(folder).unwrap();
        match self.source {
            Made(name, text) => {
                std::fs::write(folder.join(name), text).unwrap();
                folder.join(name)
            }
            Example(name) => {
                // Raters may be named after the folder.
                let (path, folder) = (data(name), folder.join("source"));
                std::fs::create_dir(&folder).unwrap();
                let to = folder.join(path.file_name().unwrap());
                if path.is_dir() {
                    overlay(&path, &to, true);
                } else {
                    for entry in std::fs::read_dir(path.parent().unwrap()).unwrap().map(Result::unwrap) {
                        if entry.path().is_file() {
                            std::fs::copy(entry.path(), folder.join(entry.file_name())).unwrap();
                        }
                    }
                }
                to
            }
        }
    }

    fn opened(&self, path: &Path) -> Result<Dataset, String> {
        let options = LoadOptions { question: self.question.into(), ..LoadOptions::default() };
        open(path, &Overrides::default(), &options, &Progress::new()).map_err(|e| e.to_string())
    }

    /// Where the result differs from the source in another way than it should.
    fn places(&self, source: &BTreeMap<String, Vec<u8>>, out: &Path, path: &Path) -> Vec<String> {
        let written = contents(out, "");
        let places = match &self.written {
            Columns { added, changed, rows } => {
                return crate::columnar::differences(path, out, added, changed, *rows);
            }
            Bytes(range) => {
                let (a, b) = (&source[""], &written[""]);
                let differing: Vec<usize> = (0..a.len().min(b.len())).filter(|&i| a[i] != b[i]).collect();
                let good = a.len() == b.len() && !differing.is_empty();
                let good = good && differing.iter().all(|i| range.contains(i));
                let what = || format!("differs in the bytes {differing:?} of {} and {}", a.len(), b.len());
                return (!good).then(what).into_iter().collect();
            }
            Places(places) => places,
            Refused(words) => return vec![format!("is written, and not refused with “{words}”")],
        };
        let mut failures = Vec::new();
        // What a place is in, and the file that this one begins as.
        let of = |place: &str| -> (String, String) {
            let (name, base) = place.split_once(" < ").unwrap_or((place, place));
            (name.to_owned(), base.to_owned())
        };
        for (name, bytes) in &written {
            let found = std::str::from_utf8(bytes).unwrap();
            let here: Vec<_> = places.iter().filter(|p| of(p.0).0 == *name).collect();
            let base = here.first().map_or(name.clone(), |p| of(p.0).1);
            let was = source.get(&base).map_or("", |b| std::str::from_utf8(b).unwrap());
            let (mut expected, mut rest) = (String::new(), was);
            for (_, old, new) in here {
                let Some(at) = (if old.is_empty() { Some(rest.len()) } else { rest.find(old) }) else {
                    failures.push(format!("{name:?} has no {old:?}"));
                    continue;
                };
                expected += &rest[..at];
                expected += new;
                rest = &rest[at + old.len()..];
            }
            expected += rest;
            if expected != found {
                failures.push(format!("{name:?} differs: {}", hunk(was, found)));
            }
        }
        for (name, ..) in places.iter().filter(|p| !written.contains_key(&of(p.0).0)) {
            failures.push(format!("{name:?} is not written"));
        }
        failures
    }
}

/// Writes, and checks that the plan is what is done.
fn put(dataset: &Dataset, edits: &Edits, out: &Path) -> Result<(), String> {
    let options = WriteOptions::default();
    let mut summary = write(dataset, edits, &options, out, &Progress::new()).map_err(|e| e.to_string())?;
    summary.files.clear();
    let planned = plan(dataset, edits, &options, &Progress::new()).map_err(|e| e.to_string())?;
    if summary == planned {
        Ok(())
    } else {
        Err(format!("the plan is {planned:?}, what is done {summary:?}"))
    }
}

/// Everything that a dataset says, and what was noticed of it, sorted.
fn everything(d: &Dataset) -> Vec<String> {
    let mut all = facts(d);
    all.extend(d.warnings.iter().map(|w| format!("note {} × {}", w.code, w.count)));
    all.push(format!("format {}, question {:?}, about {}", d.source.format, d.source.question, d.field()));
    all.sort();
    all
}

/// Bytes by name of all files below a folder, or of the one file, whose name is empty; `of` it, where that is stated.
fn contents(path: &Path, of: &str) -> BTreeMap<String, Vec<u8>> {
    let path = if of.is_empty() { path.to_owned() } else { path.join(of) };
    let read = |path: &Path| std::fs::read(path).unwrap();
    if path.is_file() {
        return BTreeMap::from([(String::new(), read(&path))]);
    }
    files_below(&path).into_iter().map(|name| (name.clone(), read(&path.join(name)))).collect()
}

/// Copies a file or a folder to a place; of a folder, `whole`: what was there goes.
fn overlay(from: &Path, to: &Path, whole: bool) {
    if from.is_file() {
        std::fs::copy(from, to).unwrap();
        return;
    }
    if whole && to.is_dir() {
        std::fs::remove_dir_all(to).unwrap();
    }
    for name in files_below(from) {
        let target = to.join(&name);
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::copy(from.join(name), target).unwrap();
    }
}

/// The lines of two texts from the first that differs to the last.
fn hunk(was: &str, is: &str) -> String {
    let (a, b): (Vec<&str>, Vec<&str>) =
        (was.split_inclusive('\n').collect(), is.split_inclusive('\n').collect());
    let head = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let tail = a[head..].iter().rev().zip(b[head..].iter().rev()).take_while(|(x, y)| x == y).count();
    format!("{:?} → {:?}", a[head..a.len() - tail].concat(), b[head..b.len() - tail].concat())
}
