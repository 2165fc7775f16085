//! Crowdsourced tables, published collections and annotation servers' folders: what is detected, read and written back.

use std::path::{Path, PathBuf};

use dissensus::dataset::{Dataset, Edit, Edits, Outcome, Task};
use dissensus::formats::{
    Inspection, Layout, LoadOptions, Overrides, WriteOptions, inspect, open, plan, write,
};
use dissensus::progress::Progress;
use tempfile::TempDir;

mod tables {
    use super::*;

    /// File, what it is taken for, layout, and the columns that mean something.
    const KNOWN: &[(&str, &str, Layout, &str)] = &[
        (
            "tabular/mturk_batch_results.csv",
            "an MTurk batch",
            Layout::Long,
            "WorkerId=rater AssignmentStatus=status WorkTimeInSeconds=time Input.item_id=item Input.text=text \
             Answer.sentiment.label=label",
        ),
        (
            "tabular/appen_full_report.csv",
            "an Appen full report",
            Layout::Long,
            "_unit_id=item _tainted=status _worker_id=rater sentiment=label sentiment_gold=gold text=text",
        ),
        (
            "tabular/appen_aggregated_report.csv",
            "an Appen aggregated report",
            Layout::Single,
            "_unit_id=item sentiment=given text=text",
        ),
        (
            "tabular/toloka_assignments.tsv",
            "a Toloka export",
            Layout::Long,
            "INPUT:text=text INPUT:item_id=item OUTPUT:result=label ASSIGNMENT:worker_id=rater \
             ASSIGNMENT:status=status",
        ),
        (
            "tabular/goemotions_raw.csv",
            "GoEmotions, one row a rater",
            Layout::Long,
            "text=text id=item rater_id=rater example_very_unclear=status joy=present:joy anger=present:anger \
             neutral=present:neutral",
        ),
        (
            "tabular/measuring_hate_speech.csv",
            "Measuring Hate Speech",
            Layout::Long,
            "comment_id=item annotator_id=rater sentiment=label respect=label insult=label humiliate=label \
             status=label dehumanize=label violence=label genocide=label attack_defend=label hatespeech=label \
             text=text",
        ),
        (
            "tabular/dices_350.csv",
            "DICES",
            Layout::Long,
            "rater_id=rater item_id=item answer_time_ms=time context=text response=text safety_gold=gold \
             Q1_whole_conversation_evaluation=label Q2_harmful_overall=label Q_overall=label",
        ),
        (
            "tabular/popquorn_offensiveness.csv",
            "POPQUORN",
            Layout::Long,
            "instance_id=item user_id=rater text=text offensiveness=label",
        ),
        (
            "tabular/sbic_v2_raw.csv",
            "Social Bias Frames",
            Layout::Long,
            "whoTarget=label intentYN=label sexYN=label offensiveYN=label WorkerId=rater HITId=item post=text",
        ),
        (
            "tabular/cifar10h_raw.csv",
            "CIFAR-10H, one row an answer",
            Layout::Long,
            "annotator_id=rater is_attn_check=status true_category=gold chosen_category=label \
             cifar10_test_set_idx=item image_filename=media",
        ),
        (
            "tabular/long_task_worker_label.csv",
            "a Crowd-Kit table",
            Layout::Long,
            "task=item worker=rater label=label",
        ),
        (
            "tabular/wide_one_column_per_rater.csv",
            "a delimited table",
            Layout::Wide,
            "item_id=item text=text ana=label ben=label chi=label",
        ),
        (
            "tabular/counts_per_class.csv",
            "a delimited table",
            Layout::Wide,
            "item_id=item text=text n_negative=count:negative n_neutral=count:neutral n_positive=count:positive",
        ),
        (
            "tabular/list_in_cell.csv",
            "a delimited table",
            Layout::Long,
            "id=item text=text labels=label annotators=rater",
        ),
        (
            "inception/agreement_export_diagnosis-diff.csv",
            "INCEpTION's differences between annotators",
            Layout::Wide,
            "Document=text Position=text ana=label ben=label",
        ),
        (
            "potato/exports/csv/annotations.csv",
            "a Potato export",
            Layout::Long,
            "instance_id=item user_id=rater sentiment.negative=present:negative sentiment.neutral=present:neutral \
             sentiment.positive=present:positive",
        ),
        (
            "potato/v1_annotation_output/annotated_instances.csv",
            "a Potato 1.x export",
            Layout::Long,
            "user=rater instance_id=item displayed_text=text sentiment:::negative=present:negative \
             sentiment:::neutral=present:neutral sentiment:::positive=present:positive",
        ),
    ];

    #[test]
    fn known_headers_give_every_role() {
        for (file, name, layout, roles) in KNOWN {
            let inspection = look(&data(file));
            assert_eq!(
                (inspection.detected.name.as_str(), telling(&inspection).as_str()),
                (*name, *roles),
                "{file}"
            );
            assert_eq!(inspection.layout, Ok(*layout), "{file}");
        }
    }

    /// Tables as people publish them: header, first rows, what is proposed.
    #[test]
    fn columns_that_belong_together_are_taken_together() {
        let grid: String = (0..9).map(|i| format!("c{i},{},0,1,{}\n", i % 2, (i + 1) % 2)).collect();
        let grid =
            format!("comment_id,annotator_A_joy,annotator_A_anger,annotator_B_joy,annotator_B_anger\n{grid}");
        let mut asked = "item,category,rater,label\n".to_owned();
        for n in 0..60 {
            asked.push_str(&format!("i{},{},r{},{}\n", n / 6, ["x", "y"][n % 2], n / 2 % 3, n % 5 % 2));
        }
        let pairs: String =
            (0..9).map(|i| format!("love{i},sex{i},{}.5,{},{},{}\n", i, i % 7, i % 5, i % 6)).collect();
        let pairs = format!("Word 1,Word 2,Human (mean),1,2,3\n{pairs}");
        for (table, layout, roles) in [
            (grid.as_str(), Layout::Wide, "comment_id=item annotator_A_joy=label annotator_B_joy=label"),
            (asked.as_str(), Layout::Long, "item=item category=question rater=rater label=label"),
            (pairs.as_str(), Layout::Wide, "Word 1=text Word 2=text 1=label 2=label 3=label"),
            ("item,gold\na,x\nb,y\nc,x\n", Layout::Single, "item=item gold=given"),
            (
                "item,gold,aggre,worse\na,x,x,y\nb,y,y,y\nc,x,y,x\n",
                Layout::Single,
                "item=item gold=gold aggre=given",
            ),
            (
                "uid,premise,hypothesis,old_label,count_e,count_n,count_c,majority\n\
                 a,one two three,four five six,n,3,5,1,n\nb,two words and more,five words and more,e,7,1,1,e\n",
                Layout::Wide,
                "uid=item premise=text hypothesis=text old_label=given count_e=count:e count_n=count:n \
                 count_c=count:c",
            ),
        ] {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("t.csv");
            std::fs::write(&path, table).unwrap();
            let inspection = look(&path);
            assert_eq!((telling(&inspection).as_str(), &inspection.layout), (roles, &Ok(layout)), "{table}");
        }
    }

    #[test]
    fn personal_columns_are_left_out_and_a_table_of_attributes_has_no_labels() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t.csv");
        std::fs::write(
            &path,
            "item,rater,label,ip,contact\n1,a,x,127.0.0.1,a@b.org\n1,b,y,127.0.0.1,c@d.org\n",
        )
        .unwrap();
        let ignored: Vec<String> = look(&path)
            .columns
            .into_iter()
            .filter(|c| c.role.to_string() == "ignore" && c.reason.starts_with("personal data"))
            .map(|c| c.name)
            .collect();
        assert_eq!(ignored, ["ip", "contact"]);
        std::fs::write(&path, "user_id,gender,occupation\n1,f,x\n2,m,x\n3,m,y\n4,f,y\n").unwrap();
        assert!(look(&path).layout.is_err());
        std::fs::write(&path, "p0,p1\n0.5,0.5\n0.25,0.75\n").unwrap();
        assert!(look(&path).layout.unwrap_err().1.contains("--probs"));
    }

    #[test]
    fn a_first_row_of_data_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t.tsv");
        std::fs::write(&path, "To\tO\nkendte\tO\nrussiske\tB-MISC\nmen\tO\nog\tO\ni\tB-MISC\n").unwrap();
        let table = Overrides { format: Some("table".into()), ..Overrides::default() };
        let looked = inspect(&path, &table, &Progress::new()).unwrap();
        assert!(looked.warnings.iter().any(|w| w.code == "no_header"));
        for named in ["tabular/wide_one_column_per_rater.csv", "tabular/long_task_worker_label.csv"] {
            assert!(look(&data(named)).warnings.iter().all(|w| w.code != "no_header"), "{named}");
        }
    }
}

mod loaded {
    use super::*;

    #[test]
    fn several_label_columns_are_several_questions() {
        let table = "HITId,AssignmentId,WorkerId,AssignmentStatus,Input.text,Answer.tone.label,Answer.sure\n\
                     h,a1,w1,Approved,Some words here,good,yes\nh,a2,w2,Submitted,Some words here,bad,no\n";
        let dir = tempfile::tempdir().unwrap();
        let path = put(&dir, "batch.csv", table);
        let d = load(&path);
        let asked: Vec<&str> = d.questions.iter().map(|q| q.name.as_str()).collect();
        assert_eq!(
            (asked.join(" ").as_str(), d.labels.names().join(" ").as_str()),
            ("tone sure", "bad good")
        );
        // Several things in one task: the task is the item, and each thing a question.
        let several = "HITId,AssignmentId,WorkerId,AssignmentStatus,Input.id1,Input.id2,Input.text1,Input.text2,Answer.q1,Answer.q2\n\
                       h,a1,w1,Approved,x,y,Some words here,Other words there,good,bad\n\
                       h,a2,w2,Approved,x,y,Some words here,Other words there,bad,bad\n";
        let d = load(&put(&dir, "several.csv", several));
        let asked: Vec<&str> = d.questions.iter().map(|q| q.name.as_str()).collect();
        assert_eq!((asked.join(" ").as_str(), d.keys.get(0)), ("q1 q2", "h"));
        assert_eq!(d.texts.unwrap().get(0), "Some words here\nOther words there");
        // Check boxes joined in a cell are several labels.
        let many = table.replace(",good,", ",good|odd,").replace(",bad,", ",odd,");
        let d = load(&put(&dir, "many.csv", &many));
        assert_eq!((d.task, d.sets.unwrap().members.join(" ").as_str()), (Task::MultiLabel, "good odd"));
        let ask = LoadOptions { question: "sure".into(), ..LoadOptions::default() };
        let d = open(&path, &Overrides::default(), &ask, &Progress::new()).unwrap();
        assert_eq!(d.labels.names(), ["no", "yes"]);
    }
}

mod documents {
    use super::*;

    #[test]
    fn a_joined_potato_file_without_annotators_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("annotated_instances.jsonl");
        let of = |user: &str| {
            std::fs::read(data(&format!("potato/v1_annotation_output/{user}/annotated_instances.jsonl")))
                .unwrap()
        };
        std::fs::write(&path, [of("ana"), of("ben")].concat()).unwrap();
        let e = inspect(&path, &Overrides::default(), &Progress::new()).unwrap_err().to_string();
        assert!(
            e.contains("line 6") && e.contains("joins all annotators") && e.contains("open the folder"),
            "{e}"
        );
    }

    #[test]
    fn lewidi_reads_several_labels_metadata_and_other_spellings() {
        let dir = tempfile::tempdir().unwrap();
        // Keys of numbers with a point, a stated majority that is none, another number of annotators.
        let odd = r#"{"a": {"text": "{\"x\": \"one\", \"y\": \"two\"}", "annotation task": "t", "annotators": "Ann0,Ann1,Ann2",
            "annotations": "0,1,1", "hard_label": "0", "soft_label": {"0.0": 0.33, "1.0": 0.67}},
            "b": {"text": "three", "annotators": "Ann0", "annotations": "0,1", "soft_label": {}},
            "c": {"text": "four", "annotators": "Ann0,Ann1", "annotations": "1,1", "soft_label": {"0": 0.5, "1": 0.5}}}"#;
        let path = dir.path().join("Y_dev.json");
        std::fs::write(&path, odd).unwrap();
        std::fs::write(dir.path().join("Y_annotators_meta.json"), r#"{"0": {"Age": 30}, "7": {"Age": 40}}"#)
            .unwrap();
        let d = load(&path);
        assert_eq!(
            d.raters.attributes,
            [("Age".to_owned(), vec!["30".to_owned(), String::new(), String::new()])]
        );
        assert_eq!(
            codes(&d),
            ["soft_label_differs", "hard_label_differs", "uneven_lists", "unknown_annotators"]
        );
        assert_eq!((d.texts.as_ref().unwrap().get(0), d.annotations.len()), ("one\ntwo", 5));
    }

    #[test]
    fn counts_are_votes_of_nobody() {
        let ask = Overrides { question: Some("answer".into()), ..Overrides::default() };
        let d = open(&data("labelerrors/mturk_style.json"), &ask, &LoadOptions::default(), &Progress::new())
            .unwrap();
        let said: Vec<(&str, u32)> = d.votes(0).into_iter().map(|(l, n)| (d.labels.name(l), n)).collect();
        assert_eq!(said, [("given", 1), ("guessed", 3), ("neither", 1)]);

        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("imdb.json");
        let text = r#"[{"id": "a.txt", "given_original_label": 0, "our_guessed_label": 1,
            "mturk": {"neutral": 2, "given": 2, "guessed": 1, "off-topic": 0}}]"#;
        std::fs::write(&path, text).unwrap();
        let d = load(&path);
        assert_eq!(
            (d.labels.names().join(" ").as_str(), d.annotations.len(), d.absences.len()),
            ("0 1", 3, 2)
        );

        let path = dir.path().join("j.json");
        let text = r#"{"dataset": "D", "annotations": [{"metric": "safe", "category": "categorical", "labels_list": ["No", "Yes"]}],
            "instances": [{"id": 7, "instance": {"user": "a", "response": "b"}, "annotations": {"safe":
            {"majority_human": "No", "individual_human_scores": ["Yes", "No", null, "Yes"]}}}]}"#;
        std::fs::write(&path, text).unwrap();
        let d = load(&path);
        assert_eq!(
            (d.keys.get(0), d.labels.names().join(" ").as_str(), d.annotations.len()),
            ("7", "No Yes", 3)
        );
        assert_eq!((d.raters.anonymous, d.absences.len()), (true, 1));
        assert_eq!(codes(&d), ["stated_majority"]);
        // A short line may not ask for any amount of memory.
        std::fs::write(&path, r#"{"uid":"a","label_counter":{"e":4000000000},"label_dist":[1]}"#).unwrap();
        let e = inspect(&path, &Overrides::default(), &Progress::new()).unwrap_err().to_string();
        assert!(e.contains("4000000000 votes"), "{e}");
    }

    #[test]
    fn marks_without_their_text_keep_their_places() {
        // Places count UTF-16 units: 😊 is two of them.
        let dir = tempfile::tempdir().unwrap();
        let table =
            "doc,user,begin,end,text,label\nd,a,0,2,😊,X\nd,a,3,4,b,Y\nd,b,9,4000000000,z,Y\nd,b,x,1,z,Y\n";
        let d = load(&put(&dir, "t.csv", table));
        let places: Vec<(u32, u32)> =
            d.spans.as_ref().unwrap().regions.iter().map(|r| (r.start, r.end)).collect();
        assert_eq!(places, [(0, 1), (2, 3)]);
        assert!(codes(&d).contains(&"bad_place"), "{:?}", codes(&d));
    }

    #[test]
    fn goemotions_names_its_numbers() {
        let dir = tempfile::tempdir().unwrap();
        let table = std::fs::read_to_string(data("tabular/goemotions_train.tsv")).unwrap();
        let path = put(&dir, "train.tsv", &table);
        let given = |d: &Dataset| -> Vec<String> {
            let given = d.given.as_ref().unwrap();
            (0..d.n_items()).map(|i| d.labels.name(given.get(i).unwrap()).to_owned()).collect()
        };
        let d = load(&path);
        assert_eq!((given(&d).join(" ").as_str(), codes(&d)[0]), ("0 1|2", "unnamed_label"));
        std::fs::copy(data("tabular/goemotions_emotions.txt"), dir.path().join("emotions.txt")).unwrap();
        assert_eq!(given(&load(&path)).join(" "), "joy anger|neutral");
    }

    #[test]
    fn cvat_refuses_document_types() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("annotations.xml");
        let deep = format!("{}{}", "<a>".repeat(300), "</a>".repeat(300));
        for (body, why) in [
            ("<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>", "document type"),
            (deep.as_str(), "nested deeper"),
            ("<image name=\"a\">&x;</image>", "not defined"),
            ("<image name=\"a\">", "ends inside"),
        ] {
            std::fs::write(&path, format!("<annotations>\n<version>1.1</version>\n{body}</annotations>"))
                .unwrap();
            let e = inspect(&path, &Overrides::default(), &Progress::new()).unwrap_err().to_string();
            assert!(e.contains(why) || e.contains("not valid XML"), "{body}: {e}");
        }
    }
}

mod writing {
    use super::*;

    #[test]
    fn lewidi_items_that_are_excluded_leave_and_nothing_else() {
        for file in ["lewidi/2023_style.json", "lewidi/2025_style.json"] {
            let d = load(&data(file));
            let out = export(&d, &decide(1, Outcome::Excluded));
            let dropped = load(&put(&tempfile::tempdir().unwrap(), "x.json", &out));
            let kept: Vec<&str> =
                d.keys.iter().enumerate().filter(|&(i, _)| i != 1).map(|(_, k)| k).collect();
            assert_eq!(dropped.keys.iter().collect::<Vec<_>>(), kept, "{file}");
        }
    }

    #[test]
    fn cvat_replicas_alone_get_what_most_of_them_say() {
        let d = load(&data("cvat/consensus_replicas"));
        let one = load(&put(
            &tempfile::tempdir().unwrap(),
            "annotations.xml",
            &export(&d, &decide(1, Outcome::Changed(0))),
        ));
        assert_eq!(one.given.unwrap().ids, [0, 0]);
    }
}

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/format_examples").join(name)
}

fn put(dir: &TempDir, name: &str, text: &str) -> PathBuf {
    let path = dir.path().join(name);
    std::fs::write(&path, text).unwrap();
    path
}

fn look(path: &Path) -> Inspection {
    inspect(path, &Overrides::default(), &Progress::new()).unwrap()
}

fn load(path: &Path) -> Dataset {
    open(path, &Overrides::default(), &LoadOptions::default(), &Progress::new()).unwrap()
}

/// Columns with a role that is used, and the role.
fn telling(inspection: &Inspection) -> String {
    let used = inspection.columns.iter().map(|c| (&c.name, c.role.to_string()));
    let used = used.filter(|(_, r)| r != "meta" && r != "ignore");
    used.map(|(name, role)| format!("{name}={role}")).collect::<Vec<_>>().join(" ")
}

fn codes(d: &Dataset) -> Vec<&str> {
    d.warnings.iter().map(|w| w.code.as_str()).collect()
}

fn decide(item: usize, outcome: Outcome) -> Edits {
    let mut edits = Edits::new();
    let edit = Edit::new(outcome, "zoe");
    edits.set(item, edit);
    edits
}

/// What is written to a file; the plan says the same.
fn export(d: &Dataset, edits: &Edits) -> String {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    let mut summary = write(d, edits, &WriteOptions::default(), &out, &Progress::new()).unwrap();
    summary.files.clear();
    assert_eq!(summary, plan(d, edits, &WriteOptions::default(), &Progress::new()).unwrap());
    std::fs::read_to_string(out).unwrap()
}
