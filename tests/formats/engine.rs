//! Tables as they are loaded: blocks on many cores, sets and counts of labels, statuses, questions, lists in cells.

use std::path::{Path, PathBuf};

use dissensus::dataset::{Absence, Dataset, Edit, Edits, Missing, NOTHING, Outcome, Task, Verdict};
use dissensus::formats::{
    FormatError, Inspection, Layout, LoadOptions, Overrides, WriteOptions, inspect, load, open, write,
};
use dissensus::progress::Progress;
use tempfile::TempDir;

mod blocks {
    use super::*;

    /// Twenty megabytes with every difficulty of quoting, so that stretches begin inside of quoted cells.
    fn large() -> String {
        let mut text = String::from("item,rater,label,text,seconds\n");
        for i in 0..90_000u32 {
            let (item, rater) = (i / 3, (i * 7) % 101);
            let label = ["yes", "no", "\"may, be\"", "Ünsure"][(i as usize * 31) % 4];
            let words = match item % 4 {
                0 => "\"a text of\nthree lines, with \"\"quotes\"\"\nand more \n,\n, of it\"".to_owned(),
                1 => format!("plain text {item}"),
                2 => "5\" screen, and \"".replace(',', ";"),
                _ => format!("\"{}\"", "long line\n".repeat(40)),
            };
            text.push_str(&format!("item_{item},r{rater},{label},{words},{}.5\n", i % 60));
        }
        text
    }

    #[test]
    fn a_large_table_says_the_same_on_any_number_of_cores() {
        let dir = tempfile::tempdir().unwrap();
        let path = put(&dir, "t.csv", large());
        assert!(std::fs::metadata(&path).unwrap().len() > 9 << 20, "more than one block");
        let roles = ["item=item", "rater=rater", "label=label", "text=text", "seconds=time"];
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| open_as(&path, &roles).unwrap())
        };
        let one = on(1);
        assert_eq!((one.n_items(), one.annotations.len(), one.raters.len()), (30_000, 90_000, 101));
        assert_eq!(one.labels.names(), ["may, be", "no", "yes", "Ünsure"]);
        for item in [0usize, 1, 2, 3, 29_998, 29_999] {
            let text = one.texts.as_ref().unwrap().get(item);
            match item % 4 {
                0 => assert_eq!(text, "a text of\nthree lines, with \"quotes\"\nand more \n,\n, of it"),
                1 => assert_eq!(text, format!("plain text {item}")),
                2 => assert_eq!(text, "5\" screen; and \""),
                _ => assert_eq!(text, "long line\n".repeat(40)),
            }
        }
        for i in [0u32, 44_444, 89_999] {
            let a = one.annotations.at(i as usize);
            assert_eq!(
                (a.item, one.raters.names[a.rater as usize].clone()),
                (i / 3, format!("r{}", (i * 7) % 101))
            );
            assert_eq!(one.annotations.duration_s(i), Some((i % 60) as f32 + 0.5));
        }
        for threads in [2, 5] {
            let many = on(threads);
            assert_eq!(
                (&many.annotations, &many.keys, &many.texts),
                (&one.annotations, &one.keys, &one.texts)
            );
            assert_eq!((&many.source, &many.warnings), (&one.source, &one.warnings));
        }
    }

    #[test]
    fn what_is_odd_far_down_is_told_with_its_line() {
        let dir = tempfile::tempdir().unwrap();
        let clean = large();
        let lines = clean.matches('\n').count();
        let odd = format!(
            "{clean}item_1,r1,yes,=SUM(A1),x\nitem_1\nitem_1,,yes,plain text 1,1,more\nitem_1,r\01,no,plain text 1,1\n"
        );
        let roles = ["item=item", "rater=rater", "label=label", "text=text", "seconds=time"];
        let d = open_as(&put(&dir, "t.csv", &odd), &roles).unwrap();
        let told: Vec<(&str, Option<u64>, u64)> =
            d.warnings.iter().map(|w| (w.code.as_str(), w.line.map(|l| l - lines as u64), w.count)).collect();
        assert_eq!(
            told,
            [
                ("formula_cell", Some(1), 1),
                ("ragged_row", Some(2), 2),
                ("nul_character", Some(4), 1),
                ("short_row", Some(2), 1),
                ("missing_rater", Some(3), 1),
                ("bad_time", Some(1), 1),
                ("text_varies", Some(1), 1),
            ]
        );
        for (rows, words) in [
            ("item_1,r1,\"yes\n\n", format!("line {}, column 3: a quotation mark", lines + 1)),
            ("item_1,r1,\"ye\ns\",\0\n", String::new()),
        ] {
            let result = open_as(&put(&dir, "t.csv", format!("{clean}{rows}")), &roles);
            match result {
                Err(e) => assert!(e.to_string().contains(&words) && !words.is_empty(), "{e}"),
                Ok(_) => assert!(words.is_empty()),
            }
        }
        let mut bytes = clean.into_bytes();
        bytes.extend(b"item_1,r1,caf\xe9,x,1\n");
        let e = open_as(&put(&dir, "t.csv", bytes), &roles).unwrap_err().to_string();
        assert!(
            e.contains(&format!("line {}, column 14: byte 0xE9", lines + 1)) && e.contains("café"),
            "{e}"
        );
    }

    #[test]
    fn rows_longer_than_a_block_and_files_in_utf_16_are_read() {
        let dir = tempfile::tempdir().unwrap();
        let long = "x".repeat(15 << 20);
        let d = open_as(
            &put(&dir, "t.csv", format!("id,label,text\n1,a,{long}\n2,b,{long}\n")),
            &["label=given"],
        );
        assert_eq!(d.unwrap().n_items(), 2);
        let mut bytes = vec![0xff, 0xfe];
        bytes.extend(large().encode_utf16().flat_map(u16::to_le_bytes));
        let d = open_as(&put(&dir, "t.csv", bytes), &["item=item", "rater=rater", "label=label"]).unwrap();
        assert_eq!((d.annotations.len(), d.labels.len()), (90_000, 4));
        assert_eq!(d.warnings[0].code, "dialect");
    }
}

mod sets {
    use super::*;

    const ROLES: [&str; 6] = [
        "joy=present:joy",
        "anger=present:anger",
        "neutral=present:neutral",
        "parent_id=meta",
        "created_utc=meta",
        "example_very_unclear=meta",
    ];

    #[test]
    fn columns_of_a_label_each_are_sets() {
        let d = open_as(&data("goemotions_raw.csv"), &ROLES).unwrap();
        assert_eq!(
            (d.task, d.labels.names().join(" ")),
            (Task::MultiLabel, format!("anger joy joy|neutral {NOTHING}"))
        );
        let sets = d.sets.as_ref().unwrap();
        assert_eq!(sets.members, ["anger", "joy", "neutral"]);
        assert_eq!(sets.of_label, [vec![0], vec![1], vec![1, 2], vec![]]);
        assert_eq!((d.votes(0), d.votes(1)), (vec![(1, 1), (2, 1)], vec![(0, 1), (3, 1)]));
        let names: Vec<&str> = d.questions.iter().map(|q| q.name.as_str()).collect();
        assert_eq!(names, ["labels", "labels: joy", "labels: anger", "labels: neutral"]);
        assert_eq!((d.questions[0].n_annotations, d.source.question.as_str()), (4, "labels"));

        let d = open_question(&data("goemotions_raw.csv"), &ROLES, "labels: joy").unwrap();
        assert_eq!((d.labels.names().join(","), d.sets.is_none()), ("not joy,joy".into(), true));
        assert_eq!((d.votes(0), d.votes(1)), (vec![(1, 2)], vec![(0, 2)]));
    }

    #[test]
    fn blank_and_odd_cells() {
        let dir = tempfile::tempdir().unwrap();
        let path = put(&dir, "t.csv", "item,rater,a,b\n1,x,1,0\n1,y,,\n1,z,2,True\n");
        let d = open_as(&path, &["a=present:a", "b=present:b"]).unwrap();
        assert_eq!(d.labels.names(), ["a", "b"]);
        assert_eq!(d.absences, [Absence { item: 0, rater: 1, why: Missing::Empty }]);
        let codes: Vec<(&str, Option<u64>)> = d.warnings.iter().map(|w| (w.code.as_str(), w.line)).collect();
        assert_eq!(codes, [("missing_label", Some(3)), ("bad_presence", Some(4))]);
    }

    #[test]
    fn columns_of_single_labels_are_probabilities_of_sets() {
        let dir = tempfile::tempdir().unwrap();
        // In the table itself, with labels joined in cells; rows sum to what they like.
        let table = "item,labels,prob_a,prob_b,prob_c\n1,a|b,0.9,0.8,0.1\n2,a,0.7,0.2,0\n3,b|c,0,0,0\n";
        let d = open_as(&put(&dir, "t.csv", table), &[]).unwrap();
        let sets = d.sets.as_ref().unwrap();
        assert_eq!(
            (sets.members.join(" "), d.labels.names().join(" ")),
            ("a b c".into(), "a a|b b|c".into())
        );
        let p = d.member_probabilities.as_ref().unwrap();
        assert_eq!(
            (p.row(0), p.row(2), d.probabilities.is_none()),
            (vec![0.9, 0.8, 0.1], vec![0.0; 3], true)
        );

        // Labels of several words are no prose.
        let mut table = "item,text,labels,prob_art and design,prob_law of the sea\n".to_owned();
        for i in 0..60 {
            let labels = ["art and design", "law of the sea", "art and design|law of the sea"][i % 3];
            table += &format!("{i},a text of its own number {i},{labels},0.5,0.4\n");
        }
        let d = open_as(&put(&dir, "w.csv", &table), &[]).unwrap();
        assert_eq!((d.labels.len(), d.member_probabilities.is_some(), d.texts.is_some()), (3, true, true));

        // In a file of their own, in another order, beside a column of each label.
        let table = put(&dir, "s.csv", "item,rater,a,b\n1,x,1,0\n2,x,0,1\n3,x,1,1\n");
        let probs = put(&dir, "p.csv", "item,prob_b,prob_a\n3,0.9,0.8\n1,0.2,0.7\n2,0.6,0.1\n");
        let roles = ["a=present:a", "b=present:b"];
        let options = LoadOptions { probabilities: Some(probs), ..LoadOptions::default() };
        let d = open(&table, &overrides(&roles), &options, &Progress::new()).unwrap();
        let p = d.member_probabilities.as_ref().unwrap();
        assert_eq!((p.row(0), p.row(1), p.row(2)), (vec![0.7, 0.2], vec![0.1, 0.6], vec![0.8, 0.9]));
        assert_eq!((d.labels.names().join(" "), d.probabilities.is_none()), ("a a|b b".into(), true));
        assert!(d.warnings.iter().all(|w| !w.code.starts_with("probability")), "{:?}", d.warnings);
    }

    #[test]
    fn embeddings_go_by_key_or_by_place() {
        let dir = tempfile::tempdir().unwrap();
        let table = put(&dir, "t.csv", "item,label\na,x\nb,y\nc,x\n");
        let open_with = |numbers: &str| {
            let embeddings = Some(put(&dir, "e.csv", numbers));
            let options = LoadOptions { embeddings, ..LoadOptions::default() };
            open(&table, &overrides(&[]), &options, &Progress::new())
        };
        let d = open_with("item,n0,n1\nc,5,-6\na,1,2\nb,3,4\n").unwrap();
        let e = d.embeddings.as_ref().unwrap();
        assert_eq!((e.row(0), e.row(2), e.name.as_str()), (&[1.0, 2.0][..], &[5.0, -6.0][..], "e"));
        assert!(d.probabilities.is_none() && d.source.embeddings.is_some());
        let short = open_with("item,n0,n1\na,1,2\nb,3,4\n").unwrap_err().to_string();
        assert!(short.contains("1 item without embeddings, first “c”"), "{short}");
        let long = open_with("0.5,1.5\n1.5,2\n").unwrap_err().to_string();
        assert!(long.contains("embeddings have 2 rows, the items 3"), "{long}");
    }

    #[test]
    fn decisions_on_sets_go_to_the_cells() {
        let dir = tempfile::tempdir().unwrap();
        let table = "item,rater,a,b\n1,x,True,False\n1,y,False,False\n2,x,True,True\n";
        let path = put(&dir, "t.csv", table);
        let roles = ["a=present:a", "b=present:b"];
        let d = open_as(&path, &roles).unwrap();
        let both = d.labels.id("a|b").unwrap();
        let out = export(&d, &[(0, Outcome::Changed(both))]);
        assert_eq!(out, format!("{table}1,reviewer:zoe,True,True\n"));
        let again = open_as(&put(&dir, "again.csv", &out), &roles).unwrap();
        assert_eq!((&again.annotations, &again.raters.names), (&d.annotations, &d.raters.names));
        assert_eq!(again.verdicts, [Verdict { item: 0, reviewer: "zoe".into(), label: "a|b".into() }]);
        assert_eq!(export(&d, &[]), table);

        // Without raters, the set is the given label, and its cells change.
        let table = "id,text,a,b\n1,one,1,0\n2,two,0,1\n3,three,,\n";
        let path = put(&dir, "s.csv", table);
        let d = open_as(&path, &roles).unwrap();
        assert_eq!((d.task, d.given.as_ref().unwrap().get(2)), (Task::MultiLabel, None));
        assert_eq!(d.labels.names(), ["a", "b"]);
        let out = export(&d, &[(1, Outcome::Changed(0)), (2, Outcome::Several(vec![0, 1]))]);
        assert_eq!(out, "id,text,a,b\n1,one,1,0\n2,two,1,0\n3,three,1,1\n");
        assert_eq!(export(&d, &[]), table);
    }
}

mod votes {
    use super::*;

    const COUNTS: [&str; 3] =
        ["n_negative=count:negative", "n_neutral=count:neutral", "n_positive=count:positive"];

    #[test]
    fn counts_are_votes_of_nobody_in_particular() {
        let path = data("counts_per_class.csv");
        let inspection = look_as(&path, &COUNTS);
        assert!(inspection.layout_reason.starts_with("Votes by nobody"), "{}", inspection.layout_reason);
        assert_eq!(
            (inspection.layout, inspection.preview[1].label.as_str()),
            (Ok(Layout::Wide), "2 × negative · 1 × neutral")
        );
        let d = open_as(&path, &COUNTS).unwrap();
        assert!(d.raters.anonymous);
        assert_eq!(d.raters.names, ["vote 1", "vote 2", "vote 3"]);
        assert_eq!(d.labels.names(), ["negative", "neutral", "positive"]);
        assert_eq!((d.votes(0), d.votes(1), d.votes(2)), (vec![(2, 3)], vec![(0, 2), (1, 1)], vec![(0, 2)]));
        assert!(d.warnings.iter().all(|w| w.code != "duplicate_pair"));
        let source = std::fs::read_to_string(&path).unwrap();
        let out = export(&d, &[(0, Outcome::Changed(1))]);
        assert!(out.lines().next().unwrap().ends_with(",reviewer:zoe"), "{out}");
        let dir = tempfile::tempdir().unwrap();
        let again = open_as(&put(&dir, "again.csv", out), &COUNTS).unwrap();
        assert_eq!(again.verdicts, [Verdict { item: 0, reviewer: "zoe".into(), label: "neutral".into() }]);
        assert_eq!(again.annotations, d.annotations);
        assert_eq!(export(&d, &[]), source);
    }

    #[test]
    fn counts_that_are_none_are_told() {
        let dir = tempfile::tempdir().unwrap();
        let path = put(&dir, "t.csv", "id,a,b\n1,2.0,x\n2,-1,1.5\n3,4000000000,1\n");
        let d = open_as(&path, &["a=count:a", "b=count:b"]).unwrap();
        assert_eq!((d.annotations.len(), d.labels.names().join(" ")), (3, "a b".into()));
        let w = &d.warnings[0];
        assert_eq!((w.code.as_str(), w.line, w.count), ("bad_count", Some(2), 4));
    }

    #[test]
    fn lists_in_cells_are_votes() {
        let path = data("list_in_cell.csv");
        let d = open_as(&path, &["id=item", "labels=label", "annotators=rater", "text=text"]).unwrap();
        assert_eq!((d.raters.names.join(" "), d.raters.anonymous), ("ana ben chi".into(), false));
        assert_eq!(
            (d.annotations.len(), d.labels.names().join(" ")),
            (13, "negative neutral positive".into())
        );
        assert_eq!((d.votes(1), d.annotations.raters_of(4)), (vec![(0, 2), (1, 1)], &[0, 2][..]));
        // Without the raters, the same votes.
        let roles = ["id=item", "labels=label", "annotators=ignore", "text=text"];
        let d = open_as(&path, &roles).unwrap();
        assert!(d.raters.anonymous && d.given.is_none());
        assert_eq!((d.votes(0), d.votes(1)), (vec![(2, 3)], vec![(0, 2), (1, 1)]));
        // A decision is beside them.
        let source = std::fs::read_to_string(&path).unwrap();
        assert_eq!(export(&d, &[]), source);
        let out = export(&d, &[(0, Outcome::Changed(1))]);
        assert!(out.contains("\"['positive', 'positive', 'positive']\""), "{out}");
        let dir = tempfile::tempdir().unwrap();
        let again = open_as(&put(&dir, "again.csv", out), &roles).unwrap();
        assert_eq!(again.verdicts, [Verdict { item: 0, reviewer: "zoe".into(), label: "neutral".into() }]);
        assert_eq!(again.annotations, d.annotations);
    }

    #[test]
    fn uneven_lists_are_told() {
        let dir = tempfile::tempdir().unwrap();
        let path = put(&dir, "t.csv", "id,l,r\n1,\"['a','b']\",\"['x']\"\n2,\"['a',None]\",\"['x','y']\"\n");
        let d = open_as(&path, &["id=item", "l=label", "r=rater"]).unwrap();
        assert_eq!((d.annotations.len(), d.warnings[0].code.as_str()), (1, "uneven_lists"));
        assert_eq!(d.absences, [Absence { item: 1, rater: 1, why: Missing::Empty }]);
    }
}

mod long_tables {
    use super::*;

    #[test]
    fn a_status_says_which_labels_count() {
        let dir = tempfile::tempdir().unwrap();
        let table = "item,rater,label,state\n1,a,x,APPROVED\n1,b,y,REJECTED\n1,c,y,skipped\n1,d,x,Submitted\n2,a,y,hm\n2,b,,\n";
        let path = put(&dir, "t.csv", table);
        let d = open_as(&path, &["state=status"]).unwrap();
        assert_eq!((d.votes(0), d.votes(1)), (vec![(0, 2)], vec![(1, 1)]));
        let why = |item, rater, why| Absence { item, rater, why };
        assert_eq!(
            d.absences,
            [why(0, 1, Missing::Rejected), why(0, 2, Missing::Skipped), why(1, 1, Missing::Empty)]
        );
        let codes: Vec<(&str, Option<u64>)> = d.warnings.iter().map(|w| (w.code.as_str(), w.line)).collect();
        assert_eq!(codes, [("missing_label", Some(7)), ("odd_status", Some(6))]);
        let path = put(&dir, "t.csv", "item,rater,label,_tainted\n1,a,x,false\n1,b,y,true\n");
        let d = open_as(&path, &["_tainted=status"]).unwrap();
        assert_eq!(d.absences, [why(0, 1, Missing::Rejected)]);
    }

    #[test]
    fn a_column_names_the_question() {
        let dir = tempfile::tempdir().unwrap();
        let table =
            "item,rater,q,label\n1,a,tone,good\n1,a,topic,art\n1,b,tone,bad\n2,b,topic,law\n2,a,topic,\n";
        let path = put(&dir, "t.csv", table);
        let roles = ["q=question", "label=label", "item=item", "rater=rater"];
        let inspection = look_as(&path, &roles);
        assert_eq!(
            inspection.questions.iter().map(|q| q.name.as_str()).collect::<Vec<_>>(),
            ["tone", "topic"]
        );
        let d = open_as(&path, &roles).unwrap();
        assert_eq!((d.labels.names().join(" "), d.n_items(), d.question), ("bad good".into(), 2, 0));
        assert_eq!(d.questions.iter().map(|q| q.n_annotations).collect::<Vec<_>>(), [2, 2]);
        assert!(d.warnings.is_empty() && d.absences.is_empty(), "the empty answer is to another question");
        let d = open_question(&path, &roles, "topic").unwrap();
        assert_eq!((d.labels.names().join(" "), d.source.question.as_str()), ("art law".into(), "topic"));
        assert_eq!(d.absences, [Absence { item: 1, rater: 0, why: Missing::Empty }]);
        let out = export(&d, &[(0, Outcome::Changed(1))]);
        assert_eq!(out, format!("{table}1,reviewer:zoe,topic,law\n"));
        let e = open_question(&path, &roles, "taste").unwrap_err().to_string();
        assert!(e.contains("no question called “taste”; there are tone, topic"), "{e}");
    }

    #[test]
    fn label_columns_beside_a_rater_are_questions() {
        let dir = tempfile::tempdir().unwrap();
        let table = "item,rater,tone,topic\n1,a,good,art\n1,b,bad,\n2,a,good,law\n";
        let path = put(&dir, "t.csv", table);
        let roles = ["tone=label", "topic=label", "item=item", "rater=rater"];
        let d = open_as(&path, &roles).unwrap();
        assert_eq!((d.field(), d.labels.names().join(" ")), ("tone", "bad good".into()));
        assert_eq!(d.questions.iter().map(|q| q.n_annotations).collect::<Vec<_>>(), [3, 2]);
        let d = open_question(&path, &roles, "topic").unwrap();
        assert_eq!((d.field(), d.labels.names().join(" "), d.question), ("topic", "art law".into(), 1));
        let out = export(&d, &[(1, Outcome::Changed(0))]);
        assert_eq!(out, format!("{table}2,reviewer:zoe,,art\n"));
        let mut overrides = overrides(&roles);
        overrides.question = Some("topic".into());
        let inspection = inspect(&path, &overrides, &Progress::new()).unwrap();
        assert_eq!(inspection.question, 1);
        let again = load(&path, &inspection, &LoadOptions::default(), &Progress::new()).unwrap();
        assert_eq!(again.source.question, "topic");
    }

    #[test]
    fn whole_numbers_lose_the_fraction_that_a_program_gave_them() {
        let dir = tempfile::tempdir().unwrap();
        let table = "item,rater,label\n1,0.0,2.0\n1,,1.0\n2,12.0,10.0\n";
        let path = put(&dir, "t.csv", table);
        let d = open_as(&path, &["item=item", "rater=rater", "label=label"]).unwrap();
        assert_eq!(
            (d.raters.names.join(" "), d.labels.names().join(" ")),
            ("0 12".into(), "2.0 10.0".into())
        );
        assert!(d.warnings.iter().any(|w| w.code == "whole_numbers" && w.column.as_deref() == Some("rater")));
        let out = export(&d, &[(0, Outcome::Changed(1))]);
        assert_eq!(out, format!("{table}1,reviewer:zoe,10.0\n"));
        for table in ["item,rater,label\n1,0.0,a\n2,1.0,b\n", "item,rater,label\n1,0.0,a\n1,,b\n2,1.5,b\n"] {
            let d =
                open_as(&put(&dir, "t.csv", table), &["item=item", "rater=rater", "label=label"]).unwrap();
            assert_eq!(d.raters.names[0], "0.0", "{table}");
        }
    }

    #[test]
    fn keys_that_lost_a_fraction_are_found_again_when_written() {
        let dir = tempfile::tempdir().unwrap();
        let table = "item,rater,label\n1.0,a,x\n,b,x\n2.0,a,y\n";
        let path = put(&dir, "t.csv", table);
        let d = open_as(&path, &["item=item", "rater=rater", "label=label"]).unwrap();
        assert_eq!(d.keys.iter().collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(export(&d, &[(1, Outcome::Changed(0))]), format!("{table}2.0,reviewer:zoe,x\n"));
    }

    #[test]
    fn pictures_and_verdicts_are_kept() {
        let dir = tempfile::tempdir().unwrap();
        let table = "item,rater,label,file\n1,a,x,a.png\n1,b,y,a.png\n1,reviewer:eve,y,a.png\n";
        let d = open_as(&put(&dir, "t.csv", table), &["file=media"]).unwrap();
        assert_eq!(d.media.as_ref().unwrap().get(0), "a.png");
        assert_eq!(d.verdicts, [Verdict { item: 0, reviewer: "eve".into(), label: "y".into() }]);
        assert_eq!(d.raters.names, ["a", "b"]);
    }

    #[test]
    fn roles_that_contradict_each_other_are_refused_with_a_remedy() {
        let dir = tempfile::tempdir().unwrap();
        let path = put(&dir, "t.csv", "item,rater,label,n\n1,a,x,1\n2,b,y,2\n");
        for (roles, words) in [
            (vec!["item=item", "rater=rater", "label=label", "n=count:x"], "votes are counted"),
            (vec!["item=question", "rater=ignore", "label=label", "n=ignore"], "a column names questions"),
            (vec!["item=item", "rater=ignore", "label=given", "n=present:x"], "whether they apply"),
            (
                vec!["item=status", "rater=status", "label=given", "n=ignore"],
                "2 columns have the role “status”",
            ),
        ] {
            let e = open_as(&path, &roles).unwrap_err().to_string();
            assert!(e.contains(words), "{e}");
        }
    }
}

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/format_examples/tabular").join(name)
}

fn put(dir: &TempDir, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = dir.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

fn overrides(roles: &[&str]) -> Overrides {
    Overrides::parse(&roles.iter().map(|&r| r.to_owned()).collect::<Vec<_>>()).unwrap()
}

fn look_as(path: &Path, roles: &[&str]) -> Inspection {
    inspect(path, &overrides(roles), &Progress::new()).unwrap()
}

fn open_as(path: &Path, roles: &[&str]) -> Result<Dataset, FormatError> {
    open(path, &overrides(roles), &LoadOptions::default(), &Progress::new())
}

fn open_question(path: &Path, roles: &[&str], question: &str) -> Result<Dataset, FormatError> {
    let options = LoadOptions { question: question.into(), ..LoadOptions::default() };
    open(path, &overrides(roles), &options, &Progress::new())
}

fn export(dataset: &Dataset, decisions: &[(usize, Outcome)]) -> String {
    let mut edits = Edits::new();
    for (item, outcome) in decisions {
        edits.set(*item, Edit::new(outcome.clone(), "zoe"));
    }
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out.csv");
    write(dataset, &edits, &WriteOptions::default(), &out, &Progress::new()).unwrap();
    std::fs::read_to_string(out).unwrap()
}
