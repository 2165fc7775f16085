//! `sample_data/` is exactly what its generator makes, and its README says nothing that the data does not show.
//!
//! `UPDATE_SAMPLES=1 cargo test --test formats sample_data` writes the files anew.

mod generator;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

type Row = HashMap<String, String>;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_data")
}

/// The generated table, not the one on disk: the first test says that they are the same.
fn table(path: &str) -> Vec<Row> {
    let file = generator::all().into_iter().find(|f| f.path == path).expect("a generated file");
    csv::Reader::from_reader(file.bytes.as_slice()).deserialize().collect::<Result<_, _>>().expect("a table")
}

/// The README of the samples on one line, since claims may be wrapped.
fn readme() -> String {
    let text = std::fs::read_to_string(folder().join("README.md")).expect("the README of the samples");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn claims(sentence: &str) {
    assert!(readme().contains(sentence), "the README of the samples should say: {sentence}");
}

fn count(rows: &[Row], column: &str) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for row in rows {
        *counts.entry(row[column].clone()).or_insert(0) += 1;
    }
    counts
}

/// Votes per item and label, and the given label and the text of each item, in item order.
struct Comments {
    rows: Vec<Row>,
    truth: Vec<Row>,
    votes: BTreeMap<String, BTreeMap<String, usize>>,
    given: BTreeMap<String, String>,
}

fn comments() -> Comments {
    let rows = table("comments/comments.csv");
    let truth = table("comments/comments_truth.csv");
    let mut votes: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
    let mut given: BTreeMap<String, String> = BTreeMap::new();
    for row in &rows {
        *votes.entry(row["item"].clone()).or_default().entry(row["label"].clone()).or_insert(0) += 1;
        let before = given.insert(row["item"].clone(), row["given"].clone());
        assert!(before.is_none_or(|g| g == row["given"]), "{} has two given labels", row["item"]);
    }
    Comments { rows, truth, votes, given }
}

impl Comments {
    fn keys_of(&self, kind: &str) -> BTreeSet<&str> {
        self.truth.iter().filter(|t| t["kind"] == kind).map(|t| t["item"].as_str()).collect()
    }

    /// The label with most votes, unless two have as many.
    fn majority(&self, item: &str) -> Option<&str> {
        let votes = &self.votes[item];
        let most = votes.values().max()?;
        let mut best = votes.iter().filter(|(_, n)| *n == most);
        let (label, _) = best.next()?;
        best.next().is_none().then_some(label.as_str())
    }

    /// Share of agreeing pairs of votes, averaged over the items of a kind.
    fn agreement(&self, kind: &str) -> f64 {
        let keys = self.keys_of(kind);
        let shares: Vec<f64> = keys
            .iter()
            .map(|key| {
                let votes = &self.votes[*key];
                let n: usize = votes.values().sum();
                votes.values().map(|v| v * (v - 1)).sum::<usize>() as f64 / (n * (n - 1)) as f64
            })
            .collect();
        shares.iter().sum::<f64>() / shares.len() as f64
    }

    fn share(&self, of: impl Fn(&Row) -> bool, with: impl Fn(&Row) -> bool) -> f64 {
        let all = self.rows.iter().filter(|r| of(r)).count();
        self.rows.iter().filter(|r| of(r) && with(r)).count() as f64 / all as f64
    }

    fn median_seconds(&self, of: impl Fn(&Row) -> bool) -> f64 {
        let mut seconds: Vec<f64> =
            self.rows.iter().filter(|r| of(r)).map(|r| r["seconds"].parse().expect("seconds")).collect();
        seconds.sort_by(f64::total_cmp);
        seconds[seconds.len() / 2]
    }
}

/// The array of probabilities: its shape as the header writes it, and its rows.
fn array() -> (String, Vec<Vec<f64>>) {
    let file = generator::all().into_iter().find(|f| f.bytes.starts_with(b"\x93NUMPY")).expect("an array");
    let length = usize::from(u16::from_le_bytes([file.bytes[8], file.bytes[9]]));
    assert_eq!((10 + length) % 64, 0, "data starts at a multiple of 64");
    let header = String::from_utf8(file.bytes[10..10 + length].to_vec()).expect("a header in ASCII");
    let values: Vec<f64> = file.bytes[10 + length..]
        .chunks_exact(4)
        .map(|b| f64::from(f32::from_le_bytes([b[0], b[1], b[2], b[3]])))
        .collect();
    (header, values.chunks(5).map(<[f64]>::to_vec).collect())
}

fn argmax(values: &[f64]) -> usize {
    (0..values.len()).rev().max_by(|a, b| values[*a].total_cmp(&values[*b])).expect("a row")
}

#[test]
fn files_on_disk_are_what_the_generator_makes() {
    let update = std::env::var_os("UPDATE_SAMPLES").is_some();
    for file in generator::all() {
        let path = folder().join(file.path);
        if update {
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a writable folder");
            std::fs::write(&path, &file.bytes).expect("a writable file");
        }
        let on_disk = std::fs::read(&path).unwrap_or_default();
        assert!(on_disk == file.bytes, "{} differs; UPDATE_SAMPLES=1 writes it anew", file.path);
    }
}

#[test]
fn comments_have_the_counts_that_the_readme_states() {
    let c = comments();
    claims(&format!("{} comments, {} votes", c.votes.len(), c.rows.len()));
    assert_eq!(c.votes.len(), 600);
    let texts: BTreeSet<String> = c.rows.iter().map(|r| r["text"].to_lowercase()).collect();
    assert_eq!(texts.len(), 600, "no comment occurs twice");
    assert!(
        c.votes.values().all(|v| (5..=7).contains(&v.values().sum::<usize>())),
        "five to seven votes an item"
    );
    let pairs: BTreeSet<(&str, &str)> =
        c.rows.iter().map(|r| (r["item"].as_str(), r["rater"].as_str())).collect();
    assert_eq!(pairs.len(), c.rows.len(), "nobody votes twice on a comment");

    let groups: BTreeSet<(&str, &str)> =
        c.rows.iter().map(|r| (r["group"].as_str(), r["rater"].as_str())).collect();
    let moderators = groups.iter().filter(|(g, _)| *g == "moderator").count();
    claims(&format!("{moderators} moderators (R01–R14) and {} crowd workers", groups.len() - moderators));
    for column in ["experience", "country"] {
        let values: BTreeSet<(&str, &str)> =
            c.rows.iter().map(|r| (r["rater"].as_str(), r[column].as_str())).collect();
        assert_eq!(values.len(), 41, "{column} is constant within a rater");
    }

    let kinds = count(&c.truth, "kind");
    for (kind, n) in [("plain", 434), ("planted_error", 60), ("ambiguous", 66), ("guideline", 40)] {
        assert_eq!(kinds[kind], n);
        claims(&format!("| `{kind}` | {n} |"));
    }
    let unanimous = c.votes.values().filter(|v| v.len() == 1).count();
    let tied = c.votes.keys().filter(|item| c.majority(item).is_none()).count();
    claims(&format!("{unanimous} comments are unanimous, {tied} have no majority"));
}

#[test]
fn three_raters_are_careless() {
    let c = comments();
    let truth: HashMap<&str, &str> =
        c.truth.iter().map(|t| (t["item"].as_str(), t["true_label"].as_str())).collect();
    let mut right: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for row in c.rows.iter().filter(|r| !truth[r["item"].as_str()].is_empty()) {
        let n = right.entry(&row["rater"]).or_default();
        n.0 += usize::from(truth[row["item"].as_str()] == row["label"]);
        n.1 += 1;
    }
    let mut order: Vec<(f64, &str)> = right.iter().map(|(r, (k, n))| (*k as f64 / *n as f64, *r)).collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0));
    let worst: BTreeSet<&str> = order[..3].iter().map(|o| o.1).collect();
    assert_eq!(worst, BTreeSet::from(["R19", "R31", "R37"]));
    assert!(order[2].0 < 0.78 && order[3].0 > 0.80, "they stand apart: {:?}", &order[..5]);

    let ok = c.share(|r| r["rater"] == "R19", |r| r["label"] == "ok");
    let others = c.share(|r| r["rater"] != "R19", |r| r["label"] == "ok");
    claims(&format!("R19 says ok to {:.0} % (the others to {:.0} %)", ok * 100.0, others * 100.0));
    let (theirs, all) = (c.median_seconds(|r| r["rater"] == "R19"), c.median_seconds(|_| true));
    assert!(theirs / all < 0.36, "R19 takes a third of the time: {theirs} of {all}");
    let right_of = |rater: &str| right[rater].0 as f64 / right[rater].1 as f64 * 100.0;
    claims(&format!(
        "R31 is right on {:.0} %, in {:.1} seconds",
        right_of("R31"),
        c.median_seconds(|r| r["rater"] == "R31")
    ));
    let swapped =
        c.share(|r| r["rater"] == "R37" && truth[r["item"].as_str()] == "spam", |r| r["label"] == "insult");
    claims(&format!("R37 calls {:.0} % of the spam an insult", swapped * 100.0));
}

#[test]
fn planted_errors_stand_against_votes_and_model() {
    let c = comments();
    let labels: Vec<String> = count(&c.rows, "label").into_keys().collect();
    let (_, probabilities) = array();
    for (row, p) in c.truth.iter().zip(&probabilities) {
        let item = row["item"].as_str();
        let truth = row["true_label"].as_str();
        if row["kind"] == "planted_error" {
            assert_ne!(c.given[item], truth);
            assert_eq!(c.majority(item), Some(truth), "{item}");
            assert_eq!(labels[argmax(p)], truth, "{item}");
        } else if row["kind"] == "plain" {
            assert_eq!(c.given[item], truth);
        } else {
            assert!(truth.is_empty(), "{item} has no single truth");
        }
    }
}

#[test]
fn ambiguous_comments_split_votes_and_model_and_the_guideline_splits_groups() {
    let c = comments();
    for kind in ["plain", "ambiguous", "guideline"] {
        let percent = c.agreement(kind) * 100.0;
        claims(&format!("{kind} {percent:.0} %"));
    }
    let (_, probabilities) = array();
    let sure = |kind: &str| {
        let top: Vec<f64> = c
            .truth
            .iter()
            .zip(&probabilities)
            .filter(|(t, _)| t["kind"] == kind)
            .map(|(_, p)| p[argmax(p)])
            .collect();
        top.iter().sum::<f64>() / top.len() as f64
    };
    assert!(sure("plain") > 0.8 && sure("ambiguous") < 0.65);

    let disputed = c.keys_of("guideline");
    let says = |group: &str, label: &str| {
        let of = |r: &Row| r["group"] == group && disputed.contains(r["item"].as_str());
        c.share(of, |r| r["label"] == label) * 100.0
    };
    claims(&format!(
        "moderators say insult in {:.0} % of their votes, the crowd says hate in {:.0} %",
        says("moderator", "insult"),
        says("crowd", "hate")
    ));
}

#[test]
fn the_model_is_mostly_right_and_its_rows_sum_to_one() {
    let c = comments();
    let labels: Vec<String> = count(&c.rows, "label").into_keys().collect();
    assert_eq!(labels, ["hate", "insult", "ok", "spam", "threat"]);
    claims("hate, insult, ok, spam, threat");
    let (header, probabilities) = array();
    assert!(header.contains("'descr': '<f4'") && header.contains("'shape': (600, 5)"), "{header}");
    assert_eq!(probabilities.len(), 600);
    for p in &probabilities {
        assert!((p.iter().sum::<f64>() - 1.0).abs() < 1e-6 && p.iter().all(|x| (0.0..=1.0).contains(x)));
    }
    let with_truth: Vec<(&Row, &Vec<f64>)> =
        c.truth.iter().zip(&probabilities).filter(|(t, _)| !t["true_label"].is_empty()).collect();
    let right = with_truth.iter().filter(|(t, p)| labels[argmax(p)] == t["true_label"]).count() as f64;
    let accuracy = right / with_truth.len() as f64;
    claims(&format!("The model is right on {:.0} %", accuracy * 100.0));
    let claimed: f64 = with_truth.iter().map(|(_, p)| p[argmax(p)]).sum::<f64>() / with_truth.len() as f64;
    assert!((claimed - accuracy).abs() < 0.08, "about as sure as it should be: {claimed} of {accuracy}");
}

#[test]
fn anaesthetists_have_the_published_marginals() {
    let rows = table("anaesthetists/anaesthetists.csv");
    assert_eq!(rows.len(), 315);
    let ratings = count(&rows, "rating");
    assert_eq!(ratings.into_values().collect::<Vec<_>>(), [128, 124, 48, 15]);
    let raters = count(&rows, "anaesthetist");
    assert_eq!(raters.into_values().collect::<Vec<_>>(), [135, 45, 45, 45, 45]);

    // Maximum likelihood by EM gives the class marginals that the paper prints: .40 .42 .11 .07.
    let (n, raters, k) = (45, 5, 4);
    let votes: Vec<(usize, usize, usize)> = rows
        .iter()
        .map(|r| {
            let number = |column: &str| r[column].parse::<usize>().expect("a number") - 1;
            (number("patient"), number("anaesthetist"), number("rating"))
        })
        .collect();
    let mut posterior = vec![vec![0.0; k]; n];
    for (i, _, l) in &votes {
        posterior[*i][*l] += 1.0 / 7.0;
    }
    let mut marginals = vec![0.0; k];
    for _ in 0..200 {
        let mut errors = vec![vec![vec![1e-12; k]; k]; raters];
        for (i, j, l) in &votes {
            for (t, row) in errors[*j].iter_mut().enumerate() {
                row[*l] += posterior[*i][t];
            }
        }
        for t in 0..k {
            marginals[t] = posterior.iter().map(|p| p[t]).sum::<f64>() / n as f64;
        }
        let mut log = vec![marginals.iter().map(|p: &f64| p.ln()).collect::<Vec<f64>>(); n];
        for (i, j, l) in &votes {
            for (t, row) in errors[*j].iter().enumerate() {
                log[*i][t] += (row[*l] / row.iter().sum::<f64>()).ln();
            }
        }
        for (p, log) in posterior.iter_mut().zip(&log) {
            let top = log.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let sum: f64 = log.iter().map(|x| (x - top).exp()).sum();
            for (p, x) in p.iter_mut().zip(log) {
                *p = (x - top).exp() / sum;
            }
        }
    }
    let rounded: Vec<f64> = marginals.iter().map(|p| (p * 100.0).round() / 100.0).collect();
    assert_eq!(rounded, [0.40, 0.42, 0.11, 0.07]);
}

#[test]
fn tickets_have_the_counts_that_the_readme_states() {
    let rows = table("tickets/tickets.csv");
    let truth = table("tickets/tickets_truth.csv");
    let probabilities = table("tickets/tickets_probabilities.csv");
    let labels = count(&rows, "label");
    claims(&format!("{} tickets, {} labels", rows.len(), labels.len()));
    let texts: BTreeSet<&str> = rows.iter().map(|r| r["text"].as_str()).collect();
    assert_eq!(texts.len(), rows.len(), "no ticket occurs twice");
    let kinds = count(&truth, "kind");
    claims(&format!("{} planted errors and {} tickets", kinds["planted_error"], kinds["ambiguous"]));
    for ((row, truth), p) in rows.iter().zip(&truth).zip(&probabilities) {
        assert!(row["id"] == truth["id"] && row["id"] == p["id"]);
        let best = labels.keys().max_by(|a, b| {
            let p = |label: &str| p[&format!("prob_{label}")].parse::<f64>().expect("a probability");
            p(a).total_cmp(&p(b))
        });
        let sum: f64 = labels.keys().map(|l| p[&format!("prob_{l}")].parse::<f64>().unwrap()).sum();
        assert!((sum - 1.0).abs() < 1e-9);
        match truth["kind"].as_str() {
            "plain" => assert_eq!(row["label"], truth["true_label"]),
            "ambiguous" => assert!(truth["true_label"].split('|').any(|l| l == row["label"])),
            _ => {
                assert_ne!(row["label"], truth["true_label"]);
                assert_eq!(best.map(String::as_str), Some(truth["true_label"].as_str()));
            }
        }
    }
}

/// Tokens and tags of a version of the news, sentence by sentence.
fn news(path: &str) -> Vec<Vec<(String, String)>> {
    let file = generator::all().into_iter().find(|f| f.path == path).expect("a generated file");
    let text = String::from_utf8(file.bytes).expect("text");
    let sentences = text.trim_end().split("\n\n");
    let token =
        |line: &str| line.split_once('\t').map(|(a, b)| (a.to_owned(), b.to_owned())).expect("two columns");
    sentences.map(|s| s.lines().map(token).collect()).collect()
}

#[test]
fn the_news_differ_as_the_readme_says() {
    let (old, new) = (news("news/original.conll"), news("news/revised.conll"));
    let tokens: usize = old.iter().map(Vec::len).sum();
    claims(&format!("{} sentences of the news of an invented coast, {tokens} tokens", old.len()));
    let mut became: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut titles = 0;
    for (a, b) in old.iter().flatten().zip(new.iter().flatten()) {
        assert_eq!(a.0, b.0, "the tokens are the same");
        titles += usize::from(a.0 == "President");
        // The first token of what one of them marks.
        if a.1 != b.1 && (a.1.starts_with("B-") || b.1.starts_with("B-")) && a.0 != "President" {
            let kind = |tag: &str| tag.split('-').nth(1).unwrap_or("none").to_owned();
            *became.entry((kind(&a.1), kind(&b.1))).or_insert(0) += 1;
        }
    }
    let n = |a: &str, b: &str| became.get(&(a.to_owned(), b.to_owned())).copied().unwrap_or(0);
    // Eighteen of these are places within the name of a school, which overlap and are not on the same tokens.
    let schools = new.iter().flatten().filter(|t| t.0 == "University").count();
    claims(&format!("LOC became ORG {} times", n("LOC", "ORG") - schools));
    assert_eq!(n("ORG", "LOC"), 0);
    claims(&format!("marked in the new version only ({}), and a title", n("none", "MISC")));
    claims(&format!("no part of a name any more ({titles})"));
    claims(&format!("MISC became ORG {} times", n("MISC", "ORG")));
    claims(&format!("{} persons and {} places were passed over", n("none", "PER"), n("none", "LOC")));
    let all =
        n("LOC", "ORG") + n("none", "MISC") + titles + n("MISC", "ORG") + n("none", "PER") + n("none", "LOC");
    claims(&format!("under *Versions*: {all} differences"));
}
