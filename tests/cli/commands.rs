//! The program as scripts use it: the real binary, its files, its exit codes.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;
use dissensus::formats::{self, LoadOptions, Overrides};
use dissensus::progress::Progress;
use dissensus::review::event::{Difference, Marked};
use dissensus::review::{Action, Context, Options, Session, log_path};
use serde_json::Value;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn run<S: AsRef<std::ffi::OsStr>>(args: &[S]) -> Output {
    Command::cargo_bin("dissensus").unwrap().current_dir(root()).args(args).output().unwrap()
}

#[track_caller]
fn ok<S: AsRef<std::ffi::OsStr>>(args: &[S]) -> String {
    let out = run(args);
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

const COMMENTS: [&str; 3] =
    ["sample_data/comments/comments.csv", "--probs", "sample_data/comments/comments_probabilities.npy"];

#[test]
fn golden_cases_come_out_of_analyze_exactly() {
    let golden: Value = serde_json::from_str(include_str!("../data/golden_confident.json")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut checked = 0;
    for case in golden["cases"].as_array().unwrap() {
        // Those that have the whole set of outputs.
        if case["expected"]["issues"]["both"].is_null() || case["expected"]["joint"].is_null() {
            continue;
        }
        let labels: Vec<u64> =
            case["input"]["labels"].as_array().unwrap().iter().map(|v| v.as_u64().unwrap()).collect();
        let rows = case["input"]["pred_probs"].as_array().unwrap();
        let k = rows[0].as_array().unwrap().len();
        let mut csv = String::from("id,label");
        (0..k).for_each(|c| write!(csv, ",prob_{c}").unwrap());
        csv.push('\n');
        for (i, (label, row)) in labels.iter().zip(rows).enumerate() {
            write!(csv, "r{i},{label}").unwrap();
            row.as_array().unwrap().iter().for_each(|p| write!(csv, ",{p}").unwrap());
            csv.push('\n');
        }
        let table = folder.path().join("case.csv");
        std::fs::write(&table, csv).unwrap();
        let items = folder.path().join("items.csv");
        let declared = (0..k).map(|c| c.to_string()).collect::<Vec<_>>().join(",");
        let report: Value = serde_json::from_str(&ok(&[
            "analyze",
            table.to_str().unwrap(),
            "--role",
            "label=given",
            "--labels",
            &declared,
            "--probs-as-is",
            "--format",
            "json",
            "--items",
            items.to_str().unwrap(),
        ]))
        .unwrap();
        let found = &report["confident_learning"];
        let expected = &case["expected"];
        assert_eq!(found["confident_joint"], expected["confident_joint_uncalibrated"], "{}", case["id"]);
        assert_eq!(found["calibrated_joint"], expected["confident_joint_calibrated"], "{}", case["id"]);
        assert_eq!(found["num_label_issues"], expected["num_label_issues"], "{}", case["id"]);
        let mut reader = csv::Reader::from_path(&items).unwrap();
        let head = reader.headers().unwrap().clone();
        let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        for (filter, wanted) in expected["issues"].as_object().unwrap() {
            let column = head.iter().position(|h| h == format!("issue_{filter}")).unwrap();
            let flagged: Vec<u64> =
                (0..records.len()).filter(|&i| &records[i][column] == "1").map(|i| i as u64).collect();
            assert_eq!(serde_json::to_value(flagged).unwrap(), *wanted, "{} {filter}", case["id"]);
        }
        checked += 1;
    }
    assert!(checked >= 3, "{checked} cases");
}

#[test]
fn threads_change_no_byte() {
    let folder = tempfile::tempdir().unwrap();
    let outputs: Vec<Vec<Vec<u8>>> = ["1", "8"]
        .iter()
        .map(|threads| {
            let file = |name: &str| folder.path().join(format!("{threads}-{name}"));
            let (report, items, raters, votes) =
                (file("report"), file("items"), file("raters"), file("votes"));
            let mut args: Vec<String> = vec!["analyze".into()];
            args.extend(COMMENTS.iter().map(|s| (*s).to_owned()));
            args.extend(
                [
                    "--threads",
                    threads,
                    "--aggregate",
                    "all",
                    "--coefficients=bootstrap",
                    "--format",
                    "json",
                    "--out",
                ]
                .map(str::to_owned),
            );
            args.push(report.display().to_string());
            for (flag, path) in [("--items", &items), ("--raters", &raters), ("--votes", &votes)] {
                args.push(flag.to_owned());
                args.push(path.display().to_string());
            }
            ok(&args);
            [report, items, raters, votes].iter().map(|p| std::fs::read(p).unwrap()).collect()
        })
        .collect();
    assert_eq!(outputs[0], outputs[1]);
    assert!(outputs[0].iter().all(|o| o.len() > 100));
}

#[test]
fn exit_codes_tell_wrong_usage_from_data_that_cannot_be_used() {
    assert_eq!(run(&["analyze", "--nonsense"]).status.code(), Some(2));
    assert_eq!(run(&["analyze", "no/such/file.csv"]).status.code(), Some(1));
    assert_eq!(run(&["--help"]).status.code(), Some(0));
}

#[test]
fn hostile_files_are_refused_by_name_or_read_with_a_warning() {
    let mut n = 0;
    for entry in std::fs::read_dir(root().join("tests/data/format_examples/hostile")).unwrap() {
        let path = entry.unwrap().path();
        let out = run(&["analyze", path.to_str().unwrap(), "--format", "json"]);
        let words = String::from_utf8_lossy(&out.stderr).into_owned();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        assert!(!words.contains("panicked"), "{name}: {words}");
        match out.status.code() {
            // Identifiers of any length are read as they stand: there is nothing to say about them.
            Some(0) if name == "big_int_ids.jsonl" => {}
            // What is read all the same is read with a word about it.
            Some(0 | 1) => assert!(words.contains(&name), "{name}: {words}"),
            other => panic!("{name}: {other:?} {words}"),
        }
        n += 1;
    }
    assert!(n >= 20, "{n} files");
}

#[test]
fn the_anaesthetists_have_the_published_marginals() {
    let out = ok(&[
        "analyze",
        "sample_data/anaesthetists/anaesthetists.csv",
        "--role",
        "patient=item",
        "--role",
        "anaesthetist=rater",
        "--role",
        "rating=label",
        "--role",
        "pass=meta",
        "--format",
        "json",
    ]);
    let report: Value = serde_json::from_str(&out).unwrap();
    let prior = &report["aggregation"]["methods"]["dawid_skene"]["prior"];
    let rounded: Vec<String> =
        prior.as_array().unwrap().iter().map(|p| format!("{:.2}", p.as_f64().unwrap())).collect();
    assert_eq!(rounded, ["0.40", "0.42", "0.11", "0.07"]);
}

/// A table in `folder` with a log of four decisions beside it.
fn reviewed(folder: &Path, name: &str, text: &str) -> (PathBuf, PathBuf) {
    let table = folder.join(name);
    std::fs::write(&table, text).unwrap();
    let dataset =
        formats::open(&table, &Overrides::default(), &LoadOptions::default(), &Progress::new()).unwrap();
    let log = log_path(&table, "lee");
    let (mut session, _) = Session::open_file(&dataset, &log, Options::new("lee", Value::Null)).unwrap();
    let no = dataset.labels.id("no").unwrap();
    for (item, action) in
        [(0, Action::Keep), (1, Action::Relabel(no)), (2, Action::Exclude), (3, Action::Unsure)]
    {
        session.decide(&dataset, item, action, Context::default()).unwrap();
    }
    session.close().unwrap();
    (table, log)
}

const SINGLE: &str = "id;text;label\r\n1;=a;yes\r\n2;b;yes\r\n3;c;no\r\n4;d;no\r\n";
const LONG: &str =
    "item,rater,label\n1,ann,yes\n1,ben,yes\n2,ann,yes\n2,ben,yes\n3,ann,no\n3,ben,no\n4,ann,no\n4,ben,no\n";
const WIDE: &str = "item,text,ann,ben,chi\n1,a b c d,yes,yes,no\n2,b c d e,yes,yes,yes\n3,c d e f,no,no,no\n4,d e f g,no,no,yes\n";

#[test]
fn the_cleaned_file_keeps_the_format_and_the_votes() {
    for (name, text, wanted) in [
        ("single.csv", SINGLE, "id;text;label\r\n1;=a;yes\r\n2;b;no\r\n4;d;no\r\n"),
        (
            "long.csv",
            LONG,
            "item,rater,label\n1,ann,yes\n1,ben,yes\n2,ann,yes\n2,ben,yes\n4,ann,no\n4,ben,no\n1,reviewer:lee,yes\n2,reviewer:lee,no\n",
        ),
        (
            "wide.csv",
            WIDE,
            "item,text,ann,ben,chi,reviewer:lee\n1,a b c d,yes,yes,no,yes\n2,b c d e,yes,yes,yes,no\n4,d e f g,no,no,yes,\n",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let (table, log) = reviewed(folder.path(), name, text);
        let out = folder.path().join("clean.csv");
        let consensus = folder.path().join("consensus.csv");
        ok(&[
            "export",
            table.to_str().unwrap(),
            "--log",
            log.to_str().unwrap(),
            "--out",
            out.to_str().unwrap(),
            "--consensus",
            consensus.to_str().unwrap(),
        ]);
        assert_eq!(std::fs::read_to_string(&out).unwrap(), wanted, "{name}");
        assert_eq!(std::fs::read_to_string(&table).unwrap(), text, "{name}: the source is never written to");
        assert!(std::fs::read_to_string(&consensus).unwrap().starts_with("item,label"));
        // The source is refused as a target.
        let refused = run(&[
            "export",
            table.to_str().unwrap(),
            "--log",
            log.to_str().unwrap(),
            "--out",
            table.to_str().unwrap(),
        ]);
        assert_eq!(refused.status.code(), Some(1));
        assert_eq!(std::fs::read_to_string(&table).unwrap(), text);
    }
}

#[test]
fn logs_are_verified_shown_and_merged() {
    let folder = tempfile::tempdir().unwrap();
    let (_, log) = reviewed(folder.path(), "long.csv", LONG);
    let log = log.to_str().unwrap();
    assert!(ok(&["log", "verify", log]).contains("4 live decisions"));
    assert_eq!(ok(&["log", "show", log, "--format", "csv"]).lines().count(), 5);
    let merged = folder.path().join("merged.jsonl");
    ok(&["log", "merge", log, "--out", merged.to_str().unwrap()]);
    ok(&["log", "verify", merged.to_str().unwrap()]);
    // One byte changed is found, with its line.
    let damaged = folder.path().join("damaged.jsonl");
    let text = std::fs::read_to_string(log).unwrap().replacen("\"yes\"", "\"yez\"", 1);
    std::fs::write(&damaged, text).unwrap();
    let out = run(&["log", "verify", damaged.to_str().unwrap()]);
    assert_eq!(out.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&out.stderr).contains("damaged.jsonl"));
}

#[test]
fn every_view_can_be_painted_and_is_the_same_twice() {
    let folder = tempfile::tempdir().unwrap();
    let views = [
        "open",
        "overview",
        "items",
        "review",
        "agreement",
        "raters",
        "aggregation",
        "versions",
        "models",
        "groups",
        "log",
    ];
    for view in views {
        for theme in ["dark", "light"] {
            let paint = |name: &str| {
                let out = folder.path().join(name);
                let mut args = vec!["render", view];
                args.extend(COMMENTS);
                args.extend(["--theme", theme, "--size", "1280x720", "--out", out.to_str().unwrap()]);
                ok(&args);
                std::fs::read(&out).unwrap()
            };
            let (one, two) = (paint("one.png"), paint("two.png"));
            let size = image::load_from_memory(&one).unwrap();
            assert_eq!((size.width(), size.height()), (1280, 720), "{view}");
            // The status bar says how long the analysis took; nothing else may differ.
            let (a, b) = (size.to_rgba8(), image::load_from_memory(&two).unwrap().to_rgba8());
            let differs =
                a.enumerate_pixels().filter(|(x, y, p)| *y < 696 && b.get_pixel(*x, *y) != *p).count();
            assert_eq!(differs, 0, "{view} {theme}");
        }
    }
}

#[test]
fn nothing_is_written_over_the_source() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("votes.csv");
    let text = "item,rater,label\na,r1,x\na,r2,y\nb,r1,x\nb,r2,x\n";
    std::fs::write(&source, text).unwrap();
    let path = source.to_str().unwrap();
    let linked = folder.path().join("hard.csv");
    std::fs::hard_link(&source, &linked).unwrap();
    for (option, out) in [
        ("--out", path),
        ("--items", path),
        ("--raters", path),
        ("--votes", path),
        ("--soft-labels", path),
        ("--out", linked.to_str().unwrap()),
    ] {
        let out = run(&["analyze", path, option, out]);
        assert_eq!(out.status.code(), Some(1), "{option}");
        assert!(String::from_utf8_lossy(&out.stderr).contains("never written to"), "{option}");
    }
    assert_eq!(run(&["render", "overview", path, "--out", path]).status.code(), Some(1));
    assert_eq!(std::fs::read_to_string(&source).unwrap(), text);
    let soft = folder.path().join("soft.csv");
    ok(&["analyze", path, "--soft-labels", soft.to_str().unwrap(), "--soft=shares"]);
    assert_eq!(std::fs::read_to_string(&soft).unwrap(), "item,x,y,label\na,0.5,0.5,x|y\nb,1,0,x\n");
}

#[test]
fn labels_are_learned_from_texts_or_said_not_to_be() {
    let report = |args: &[&str]| -> serde_json::Value { serde_json::from_str(&ok(args)).unwrap() };
    let tickets = root().join("sample_data/tickets/tickets.csv");
    let tickets = tickets.to_str().unwrap();
    let found = report(&["analyze", tickets, "--learn", "--format", "json"]);
    let model = &found["dataset"]["learned"];
    assert!(model["is_used"] == true && model["accuracy"].as_f64() > model["majority"].as_f64());
    assert!(found["label_issues"]["n_flagged"].as_u64().unwrap() > 0);
    let folder = tempfile::tempdir().unwrap();
    // Embeddings of two kinds of tickets, and a table of numbers, each with one label that does not fit.
    let kind = |i: u32| if i.is_multiple_of(2) { "x" } else { "y" };
    let given = |i: u32| kind(if i == 41 { 0 } else { i });
    let (mut vectors, mut table) = ("id,a,b\n".to_owned(), "id,label,length,width\n".to_owned());
    for i in 0..120 {
        let (long, wide) = (f64::from(i % 2) * 3.0 + f64::from(i * 7 % 5) / 5.0, f64::from(i * 11 % 7));
        writeln!(vectors, "{i},{long},{wide}").unwrap();
        writeln!(table, "{i},{},{long},{wide}", given(i)).unwrap();
    }
    let bare: String = (0..120).map(|i| format!("{i},{}\n", given(i))).collect();
    let write = |name: &str, words: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, words).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (bare, vectors) = (write("bare.csv", &format!("id,label\n{bare}")), write("vectors.csv", &vectors));
    let table = write("numbers.csv", &table);
    for (args, from) in [
        (
            vec!["analyze", &bare, "--embeddings", &vectors, "--learn"],
            serde_json::json!({"embeddings": "vectors"}),
        ),
        (vec!["analyze", &table, "--learn"], serde_json::json!({"columns": ["length", "width"]})),
    ] {
        let found = report(&[args.as_slice(), &["--format", "json"]].concat());
        let model = &found["dataset"]["learned"];
        assert_eq!((&model["from"], &model["is_used"]), (&from, &true.into()), "{model}");
        assert_eq!(found["label_issues"]["n_flagged"], 1, "{}", found["label_issues"]);
    }
    // Texts without a word in common tell nothing.
    let path = folder.path().join("noise.csv");
    let row =
        |i: u32| format!("{i},{} {},{}\n", i * 7 % 31, i * 11 % 29, if i * i % 7 < 3 { "x" } else { "y" });
    let rows: String = (0..200).map(row).collect();
    std::fs::write(&path, format!("id,text,label\n{rows}")).unwrap();
    let out = run(&["analyze", path.to_str().unwrap(), "--learn"]);
    assert_eq!(out.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&out.stderr).contains("the model of the texts is not used"));
    let empty = folder.path().join("votes.csv");
    std::fs::write(&empty, "item,rater,label\na,r,x\nb,r,y\n").unwrap();
    assert_eq!(run(&["analyze", empty.to_str().unwrap(), "--learn"]).status.code(), Some(1));
}

#[test]
fn agreement_on_spans_is_reported() {
    let brat = root().join("tests/data/format_examples/brat");
    let brat = brat.to_str().unwrap();
    let report = |matching: &str| -> serde_json::Value {
        serde_json::from_str(&ok(&["analyze", brat, "--format", "json", matching])).unwrap()
    };
    let (exact, loose) = (report("--spans"), report("--spans=partial_stretch"));
    let f1 = |r: &serde_json::Value| r["agreement"]["spans"]["measures"]["f1"]["value"].as_f64().unwrap();
    assert!(f1(&exact) < f1(&loose));
    assert_eq!(exact["agreement"]["spans"]["n_raters"], 2);
    assert!(ok(&["analyze", brat, "--spans"]).contains("α of unitizing"));
    assert_eq!(run(&["analyze", brat, "--spans=nearly"]).status.code(), Some(2));
    let sentences = ok(&[
        "analyze",
        brat,
        "--spans",
        "--highlight-unit",
        "sentence",
        "--both-empty-zero",
        "--format",
        "json",
    ]);
    let sentences: serde_json::Value = serde_json::from_str(&sentences).unwrap();
    let spans = &sentences["agreement"]["spans"];
    assert_eq!(
        (&spans["highlights"]["units"], &spans["highlights"]["both_empty"]),
        (&"sentence".into(), &"zero".into())
    );
    let kappa =
        |r: &serde_json::Value| r["agreement"]["spans"]["measures"]["highlight_kappa"]["value"].as_f64();
    assert!(kappa(&exact).is_some_and(|k| k < 1.0), "{exact}");
}

#[test]
fn reports_come_in_four_forms() {
    for (format, begins) in [("text", "comments"), ("md", "# "), ("html", "<!"), ("json", "{")] {
        let mut args = vec!["analyze"];
        args.extend(COMMENTS);
        args.extend(["--format", format]);
        let out = ok(&args);
        assert!(out.to_lowercase().starts_with(begins), "{format}: {}", &out[..60]);
        assert!(!out.contains("NaN"), "{format}");
    }
}

/// Everything that speaks against labels, by its flag, on the sample.
#[test]
fn votes_are_told_from_mistakes_with_a_model_and_a_crowd() {
    // Ninety items of three labels; on every ninth the last rater slips, on every tenth the raters are split.
    let folder = tempfile::tempdir().unwrap();
    let names = ["e", "n", "c"];
    let (mut votes, mut crowd) = ("item,rater,label\n".to_owned(), "item,e,n,c\n".to_owned());
    for i in 0..90_usize {
        let (usual, other) = (i % 3, (i + 1) % 3);
        for r in 0..4 {
            let label = if (i % 9 == 4 && r == 3) || (i % 10 == 5 && r > 1) { other } else { usual };
            writeln!(votes, "q{i},r{r},{}", names[label]).unwrap();
        }
        let mut shares = [0.02; 3];
        shares[usual] = if i % 10 == 5 { 0.5 } else { 0.96 };
        shares[other] = if i % 10 == 5 { 0.48 } else { 0.02 };
        writeln!(crowd, "q{i},{},{},{}", shares[0], shares[1], shares[2]).unwrap();
    }
    let write = |name: &str, words: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, words).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (votes, crowd) = (write("votes.csv", &votes), write("crowd.csv", &crowd));
    let out = folder.path().join("told.csv");
    let args = [
        "analyze",
        &votes,
        "--crowd",
        &format!("people={crowd}"),
        "--votes",
        out.to_str().unwrap(),
        "--format",
        "json",
    ];
    let report: Value = serde_json::from_str(&ok(&args)).unwrap();
    assert!(report["wrong_labels"]["votes"]["weights"]["people"].as_f64().unwrap() > 0.1);
    let mut rows = csv::Reader::from_path(&out).unwrap();
    let (mut slips, mut readings) = (Vec::new(), Vec::new());
    for row in rows.records() {
        let row = row.unwrap();
        let i: usize = row[0][1..].parse().unwrap();
        let score: f64 = row[4].parse().unwrap();
        let other = names[(i + 1) % 3] == &row[1];
        match (i % 10 == 5, i % 9 == 4 && other) {
            (false, true) => slips.push(score),
            (true, _) => readings.push(score),
            _ => assert!(score < 0.5, "{row:?}"),
        }
    }
    let least = slips.iter().copied().fold(1.0, f64::min);
    assert!(slips.len() == 9 && readings.iter().all(|r| *r < least), "{slips:?} {readings:?}");
}

#[test]
fn two_sides_are_compared() {
    let args = |a: &str, b: &str, format: &str| -> Vec<String> {
        let mut args: Vec<String> = vec!["analyze".into()];
        args.extend(COMMENTS.iter().map(|s| (*s).to_owned()));
        args.extend(["--compare", a, "--with", b, "--format", format].map(str::to_owned));
        args
    };
    let call = |args: &[String]| run(&args.iter().map(String::as_str).collect::<Vec<_>>());
    let out = call(&args("group=moderator", "group=crowd", "json"));
    let report: Value = serde_json::from_slice(&out.stdout).unwrap();
    let c = &report["comparison"];
    let (n, parted) = (c["n_items"].as_u64().unwrap(), c["parted"].as_array().unwrap());
    let cells = c["cells"].as_array().unwrap();
    let sum = |apart: bool| -> u64 {
        cells.iter().filter(|m| (m["a"] != m["b"]) == apart).map(|m| m["n"].as_u64().unwrap()).sum()
    };
    assert_eq!((sum(true), sum(true) + sum(false)), (parted.len() as u64, n));
    let most = cells.iter().filter(|m| m["a"] != m["b"]).max_by_key(|m| m["n"].as_u64()).unwrap();
    assert_eq!((&most["a"], &most["b"]), (&"insult".into(), &"hate".into()));
    assert!(c["agreement"]["between"]["ci"][0].as_f64() < c["agreement"]["between"]["value"].as_f64());
    let text = call(&args("R05", "rest", "text"));
    assert!(String::from_utf8_lossy(&text.stdout).contains("R05 (A) and The rest (B) part on"));
    let wrong = call(&args("nobody", "rest", "text"));
    assert_eq!(wrong.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("--compare nobody: the data has no such side"));
}

#[test]
fn what_speaks_against_labels_is_in_the_report() {
    let flags =
        ["--label-relations", "--paper-learning", "--neighbours", "--mistakes", "--verdicts", "--label-next"];
    let args: Vec<&str> = [&["analyze"][..], &COMMENTS, &flags, &["--format", "json"]].concat();
    let report: Value = serde_json::from_str(&ok(&args)).unwrap();
    let wrong = &report["wrong_labels"];
    assert_eq!(wrong["verdicts"]["n_judged"], 600);
    assert_eq!(wrong["paper"]["n"], 600);
    assert_eq!(wrong["label_next"]["items"].as_array().unwrap().len(), 600);
    assert_eq!(wrong["neighbours"]["by"], "texts");
    let expected = wrong["mistakes"]["expected_wrong"].as_f64().unwrap();
    assert!((40.0..140.0).contains(&expected), "{expected}");
    assert!(!wrong["relations"]["pairs"].as_array().unwrap().is_empty());
    for (flag, why) in [
        ("--wrong-sets", "single label"),
        ("--entities", "neither"),
        ("--variation-ngrams", "no tokens"),
        ("--judges", "two models"),
        ("--ratings", "neither"),
    ] {
        let args: Vec<&str> = [&["analyze"][..], &COMMENTS, &[flag, "--format", "text"]].concat();
        assert!(ok(&args).contains(why), "{flag}");
    }
}

#[test]
fn versions_are_reported_unasked_and_coders_are_held_against_each_other() {
    let files = ["sample_data/news/original.conll", "sample_data/news/revised.conll"];
    let args: Vec<&str> = [&["analyze"][..], &files, &["--format", "json"]].concat();
    let report: Value = serde_json::from_str(&ok(&args)).unwrap();
    let pair = &report["versions"]["pairs"][0];
    let n = |key: &str| pair[key].as_u64().unwrap();
    assert_eq!((&pair["a"], &pair["b"]), (&"original".into(), &"revised".into()));
    assert_eq!(n("tag") + n("missing") + n("span") + n("both"), 132);
    assert_eq!(pair["label_pairs"][0], serde_json::json!({ "from": "LOC", "to": "ORG", "n": 60 }));
    let f1 = 2.0 * n("agree") as f64 / (n("n_entities_a") + n("n_entities_b")) as f64;
    assert!((pair["entity_f1"]["value"].as_f64().unwrap() - f1).abs() < 1e-12);
    let args: Vec<&str> = [&["analyze"][..], &files, &["--only", "agreement", "--format", "json"]].concat();
    let report: Value = serde_json::from_str(&ok(&args)).unwrap();
    assert!(report.get("versions").is_none(), "only what was asked for");
    let text = ok(&[&["analyze"][..], &COMMENTS, &["--versions"]].concat());
    assert!(text.contains("items are no tokens with tags"), "{text}");

    let folder = tempfile::tempdir().unwrap();
    let coded = |who: &str, codes: [&str; 4]| -> String {
        let table = folder.path().join("original.conll");
        std::fs::copy(root().join(files[0]), &table).unwrap();
        let dataset =
            formats::open(&table, &Overrides::default(), &LoadOptions::default(), &Progress::new()).unwrap();
        let log = log_path(&table, who);
        let (mut session, _) = Session::open_file(&dataset, &log, Options::new(who, Value::Null)).unwrap();
        for (item, code) in codes.into_iter().enumerate() {
            let key = dataset.keys.get(item).to_owned();
            let mark =
                |label: &str| Some(Marked { from: key.clone(), to: key.clone(), label: label.to_owned() });
            let versions = ["original", "revised"].map(str::to_owned);
            let target = Difference { versions, first: mark("LOC"), second: mark("ORG") };
            session.code(&dataset, item, target, Some(code.to_owned())).unwrap();
        }
        session.close().unwrap();
        log.to_str().unwrap().to_owned()
    };
    let (update, text) = ("guideline_update", "text_ambiguity");
    let logs = [coded("ann", [update, text, update, update]), coded("bob", [update, text, text, update])];
    let said = ok(&["log", "codes", &logs[0], &logs[1]]);
    // Three of four alike: p_e = (3·2 + 1·2) / 16.
    assert!(said.contains("ann and bob: 4 differences coded by both, 0 by one; kappa 0.500"), "{said}");
    assert!(said.contains("Guideline update"), "{said}");
    let csv = ok(&["log", "show", &logs[0], "--format", "csv"]);
    assert_eq!(
        csv.lines().filter(|l| l.contains(",code,ann,LOC,original|revised,ORG,code,")).count(),
        4,
        "{csv}"
    );
}

#[test]
fn people_and_models_categories_and_groups_are_reported() {
    let probabilities = "sample_data/comments/comments_probabilities.npy";
    let again = format!("second={probabilities}");
    let flags = ["--probs", &again, "--human-distribution", "--categories", "--rater-groups", "group"];
    let flags = [&flags[..], &["--per-rater", "spam", "--drift", "--covariates"]].concat();
    let args: Vec<&str> = [&["analyze"][..], &COMMENTS, &flags, &["--format", "json"]].concat();
    let report: Value = serde_json::from_str(&ok(&args)).unwrap();
    let models = report["models"]["models"].as_array().unwrap();
    let names: Vec<&str> = models.iter().map(|m| m["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["comments_probabilities", "second"], "a model for each --probs");
    assert_eq!(models[0]["calibration"], models[1]["calibration"]);
    let distance = models[0]["calibration"]["dist_ce"]["value"].as_f64().unwrap();
    assert!((distance - models[0]["targets"]["total_variation"]["value"].as_f64().unwrap()).abs() < 1e-9);
    let most = report["models"]["attainable"]["var_corr"]["mean"].as_f64().unwrap();
    assert!(models[0]["disagreement"]["var_corr"]["value"].as_f64().unwrap() < most && most < 1.0);
    assert_eq!(report["categories"]["categories"].as_array().unwrap().len(), 5);
    let pair = &report["rater_groups"]["pairs"][0];
    assert_eq!((&pair["a"], &pair["labels"][0]["label"]), (&"crowd".into(), &"hate".into()));
    assert!(pair["labels"][0]["adjusted_p"].as_f64().unwrap() < 0.05);
    let detectors = report["detectors_per_rater"]["detectors"].as_array().unwrap();
    assert_eq!((detectors.len(), &detectors[0]["raters"]), (2, &detectors[1]["raters"]));
    assert_eq!(report["label_drift"]["batches"].as_array().unwrap().len(), 10);
    let covariates = report["covariates"]["properties"].as_array().unwrap();
    let words = covariates.iter().find(|p| p["property"] == "words of the text").unwrap();
    assert!(
        words["pearson"]["r"].as_f64().unwrap().abs() < 1.0 && words["parts"].as_array().unwrap().len() > 2
    );
    let profiles = report["rater_groups"]["profiles"].as_array().unwrap();
    assert_eq!(profiles[0]["unlike"], "attributes");
    assert!(profiles.iter().all(|p| p["p_value"].as_f64().unwrap() <= 1.0));
    let wrong = run(&[&["analyze"][..], &COMMENTS, &["--rater-groups", "shoe size"]].concat());
    assert_eq!(wrong.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("there are: group, experience, country"));
}

#[test]
fn a_rater_on_a_scale_of_their_own_is_told_from_one_with_an_order_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scores.csv");
    let mut text = "id,rater,score\n".to_owned();
    for item in 0..12 {
        text.push_str(&format!("i{item},low,{item}\ni{item},high,{}\n", 3 * item + 20));
    }
    std::fs::write(&path, text).unwrap();
    let file = path.to_str().unwrap();
    let report: Value =
        serde_json::from_str(&ok(&["analyze", file, "--scale-use", "--format", "json"])).unwrap();
    let found = &report["scale_use"];
    let raters = found["raters"].as_array().unwrap();
    // The differences of 20 + 2 i: their mean is 31.
    assert_eq!(
        (&raters[0]["severity"]["mean"], &raters[1]["severity"]["mean"]),
        (&(-31.0).into(), &31.0.into())
    );
    assert_eq!((&raters[0]["mean"], &raters[0]["left_raw"]), (&5.5.into(), &Value::Null));
    let of = |at: usize, key: &str| found["compared"][at][key]["value"].as_f64().unwrap();
    assert!(of(0, "interval_alpha") < 0.2);
    assert!((1..3).all(|at| (of(at, "interval_alpha") - 1.0).abs() < 1e-9));
    assert!((0..3).all(|at| (of(at, "mean_kendall_tau_b") - 1.0).abs() < 1e-9));
    assert_eq!((&found["pairs"][0]["n_items"], &found["n_pairs"]), (&12.into(), &1.into()));
    let said = ok(&["analyze", file, "--scale-use", "--format", "md"]);
    assert!(said.contains("most of the disagreement is of scale, not of order"), "{said}");
    let words: Value =
        serde_json::from_str(&ok(
            &[&["analyze"][..], &COMMENTS, &["--scale-use", "--format", "json"]].concat()
        ))
        .unwrap();
    assert_eq!(words["scale_use"]["reason"], "labels are neither numbers nor in an order");
}

#[test]
fn the_same_items_under_two_conditions_are_compared() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pairs.csv");
    let mut text = "id,concept,language,score\n".to_owned();
    // Ranks that agree but for two neighbours in each six.
    for word in 0..12 {
        let other = [0, 2, 1, 4, 3, 5][word % 6] + word / 6 * 6;
        text.push_str(&format!("en{word},w{word},en,{}\nde{word},w{word},de,{}\n", word + 1, other + 1));
    }
    std::fs::write(&path, text).unwrap();
    let file = path.to_str().unwrap();
    let role = ["--role", "score=given"];
    let args = |more: &'static str| [&["analyze", file, more, "--format", "json"][..], &role].concat();
    let report: Value = serde_json::from_str(&ok(&args("--conditions=language,concept"))).unwrap();
    let pair = &report["conditions"]["pairs"][0];
    assert_eq!((&pair["a"], &pair["b"], &pair["n_items"]), (&"de".into(), &"en".into(), &12.into()));
    // Four exchanges of neighbours: 1 − 6 · 8 / (12 · 143).
    let rho = pair["spearman"]["value"].as_f64().unwrap();
    assert!((rho - (1.0 - 48.0 / 1716.0)).abs() < 1e-12, "{rho}");
    assert!(pair["corrected"]["reason"].as_str().unwrap().contains("two ratings"));
    // What links the items is found where it is not said.
    assert_eq!(
        serde_json::from_str::<Value>(&ok(&args("--conditions"))).unwrap()["conditions"],
        report["conditions"]
    );
    let said = ok(&[&["analyze", file, "--conditions=language"][..], &role].concat());
    assert!(said.contains("The same concept by language"), "{said}");
    let wrong = run(&args("--conditions=tongue"));
    assert_eq!(wrong.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("there are: concept, language"));
}

#[test]
fn tastes_and_what_scales_measure_are_reported() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scales.csv");
    let mut text = "word,question,rater,score\n".to_owned();
    // Two pairs of scales, the second of each turned round, and 30 raters of two camps who part on every third word.
    for word in 0..36_u32 {
        let (a, b) = (word % 5, word % 7);
        for (scale, value) in [("warm", a), ("cold", 4 - a), ("fast", b), ("slow", 6 - b)] {
            for rater in 0..30_u32 {
                let camp = u32::from(word % 3 == 0 && rater % 2 == 0);
                text.push_str(&format!("w{word},{scale},r{rater},{}\n", 1 + value + 2 * camp));
            }
        }
    }
    std::fs::write(&path, text).unwrap();
    let file = path.to_str().unwrap();
    let report = ok(&["analyze", file, "--question", "warm", "--tastes", "--scales", "--format", "json"]);
    let report: Value = serde_json::from_str(&report).unwrap();
    let tastes = &report["tastes"];
    assert_eq!(
        (&tastes["n_rows"], &tastes["n_columns"], &tastes["n_kept"]),
        (&30.into(), &36.into(), &1.into())
    );
    // The camps are all that is left beyond means.
    assert!((tastes["dimensions"][0]["share"].as_f64().unwrap() - 1.0).abs() < 1e-9);
    assert!((tastes["telling_items"][0]["explained"].as_f64().unwrap() - 1.0).abs() < 1e-9);
    let scales = &report["scales"];
    assert_eq!(
        (&scales["n_rows"], &scales["n_columns"], &scales["n_kept"]),
        (&36.into(), &4.into(), &2.into())
    );
    let share: f64 =
        scales["dimensions"].as_array().unwrap().iter().map(|d| d["share"].as_f64().unwrap()).sum();
    assert!((share - 1.0).abs() < 1e-9);
    let r: Vec<(String, f64)> = scales["dimensions"][0]["scales"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| (s["scale"].as_str().unwrap().to_owned(), s["r"].as_f64().unwrap()))
        .collect();
    let of = |name: &str| r.iter().find(|s| s.0 == name).unwrap().1;
    // Turned round: the two of a pair lie on opposite sides.
    assert!(of("warm") * of("cold") < 0.0 && of("fast") * of("slow") < 0.0, "{r:?}");
    let said = ok(&["analyze", file, "--question", "warm", "--scales"]);
    assert!(said.contains("36 items × 4 scales; 2 of"), "{said}");
    let wrong = run(&["analyze", file, "--question", "warm", "--tastes=blue"]);
    assert_eq!(wrong.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("--tastes blue: the data has no such label"));
}

#[test]
fn what_a_preference_rewards_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("duels.csv");
    // The longer one wins two times in three, the warmer one of equal length always; each item by three raters.
    let mut table = "item,model_a,model_b,length_a,length_b,warmth_a,warmth_b,rater,label\n".to_owned();
    for i in 0..60_i32 {
        let (la, lb, wa, wb) = (10 + i * 7 % 11, 10 + i * 5 % 11, i % 3, i / 3 % 3);
        for r in 0..3 {
            let longer = if la == lb { wa >= wb } else { (la > lb) != ((i + r) % 3 == 0) };
            let label = if i % 20 == 19 && r == 0 {
                "tie"
            } else if longer {
                "A"
            } else {
                "B"
            };
            writeln!(table, "i{i},P,Q,{la},{lb},{wa},{wb},r{r},{label}").unwrap();
        }
    }
    std::fs::write(&path, table).unwrap();
    let path = path.to_str().unwrap();
    let report: Value =
        serde_json::from_str(&ok(&["analyze", path, "--what-wins", "--format", "json"])).unwrap();
    let found = &report["what_wins"];
    assert_eq!((found["n_choices"].as_u64(), found["n_ties"].as_u64()), (Some(177), Some(3)), "{found}");
    assert_eq!(found["control"], "length");
    let properties = found["properties"].as_array().unwrap();
    assert_eq!(properties.len(), 2);
    let length = properties.iter().find(|p| p["property"] == "length").unwrap();
    assert!(
        length["weight"].as_f64().unwrap() > 0.2 && length["all"]["s"].as_f64().unwrap() > 0.2,
        "{length}"
    );
    assert!(length["n_items_against"].as_u64().unwrap() > 10);
    assert!(found["side"]["beta"].is_f64() && found["raters_own"]["auc_of_all"].is_f64(), "{found}");
    assert!(found["order_agreement"]["reason"].is_string());
    let words = ok(&["analyze", path, "--what-wins"]);
    assert!(words.contains("WHAT WINS") && words.contains("177 choices of 3 raters"), "{words}");
}
