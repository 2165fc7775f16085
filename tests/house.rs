//! The rules of the house that a compiler does not check.

// Helpers outside of `#[test]` functions unwrap too: a test that cannot set its stage has failed.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

fn sources(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

fn all() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    sources(&root.join("src"), &mut files);
    assert!(files.len() > 80, "the sources were found");
    files
        .into_iter()
        .map(|p| {
            let text = std::fs::read_to_string(&p).unwrap();
            (p.strip_prefix(root).unwrap().display().to_string(), text)
        })
        .collect()
}

#[test]
fn the_rooms_below_the_window_know_no_window() {
    let below = [
        "src/dataset",
        "src/stats",
        "src/formats",
        "src/analysis",
        "src/report",
        "src/review",
        "src/progress.rs",
    ];
    for (path, text) in all() {
        if below.iter().any(|b| path.starts_with(b)) {
            for word in ["egui", "eframe", "rfd"] {
                let named = text.lines().find(|l| l.contains(word) && !l.trim_start().starts_with("//"));
                assert!(named.is_none(), "{path} names {word}: {}", named.unwrap_or_default());
            }
        }
    }
}

#[test]
fn no_arrow_runs_upwards() {
    // As ARCHITECTURE lists them, from the ground up; review and report stand side by side.
    let rooms = [
        &["dataset"][..],
        &["stats"],
        &["formats"],
        &["analysis"],
        &["review", "report"],
        &["app"],
        &["cli"],
    ];
    let floor = |room: &str| rooms.iter().position(|floor| floor.contains(&room)).unwrap();
    for (path, text) in all() {
        let room = path.trim_start_matches("src/").split('/').next().unwrap();
        if !rooms.iter().any(|floor| floor.contains(&room)) {
            continue;
        }
        for other in rooms[floor(room) + 1..].concat() {
            let arrow = format!("crate::{other}");
            let reaches = text.match_indices(&arrow).any(|(at, _)| {
                !text[at + arrow.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_')
            });
            assert!(!reaches, "{path} reaches up to {other}");
        }
    }
}

#[test]
fn what_the_fuzz_targets_build_has_its_crates_there() {
    let names = |manifest: &str| -> Vec<String> {
        let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(manifest)).unwrap();
        let lines = text.lines().skip_while(|line| *line != "[dependencies]").skip(1);
        lines
            .take_while(|line| !line.starts_with('['))
            .filter_map(|line| Some(line.split_once(" = ")?.0.to_owned()))
            .collect()
    };
    let (ours, theirs) = (names("Cargo.toml"), names("fuzz/Cargo.toml"));
    assert!(ours.len() > 20 && theirs.len() > 20, "the lists were found");
    let rooms = [
        "src/analysis/",
        "src/dataset/",
        "src/formats/",
        "src/progress.rs",
        "src/review/",
        "src/stats/",
        "src/whole_file.rs",
    ];
    for (name, text) in all().iter().filter(|(name, _)| rooms.iter().any(|room| name.starts_with(room))) {
        for krate in ours.iter().filter(|krate| !theirs.contains(krate)) {
            let path = format!("{}::", krate.replace('-', "_"));
            let uses = text.lines().map(str::trim_start).filter(|line| !line.starts_with("//")).any(|line| {
                line.match_indices(&path).any(|(at, _)| {
                    !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':')
                })
            });
            assert!(!uses, "{name} needs {krate}, which fuzz/Cargo.toml does not have");
        }
    }
}

#[test]
fn files_stay_short() {
    for (path, text) in all() {
        let lines = text.lines().count();
        assert!(lines <= 700, "{path} has {lines} lines and asks to be split");
    }
}

#[test]
fn the_readme_lists_every_format() {
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let list = readme.split("<!-- formats: begin -->").nth(1).unwrap();
    let list = list.split("<!-- formats: end -->").next().unwrap().trim();
    let mut expected = String::from("| format | is read | is written |\n|---|---|---|\n");
    for f in dissensus::formats::FORMATS {
        let writes = if f.writes.is_empty() { "–" } else { f.writes };
        expected.push_str(&format!("| {} (`{}`) | {} | {writes} |\n", f.name, f.id, f.reads));
    }
    assert_eq!(list, expected.trim(), "paste this:\n{expected}");
}

#[test]
fn each_paper_has_its_row_and_what_it_links_to_is_there() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/docs");
    let table = std::fs::read_to_string(docs.join("papers.md")).unwrap();
    let rows: Vec<&str> = table.lines().filter(|l| l.starts_with("| ") && !l.starts_with("| # ")).collect();
    assert_eq!(rows.len(), 119);
    for (at, row) in rows.iter().enumerate() {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        assert_eq!(cells[0], (at + 1).to_string(), "{row}");
        let is_absent = cells[2].starts_with('—');
        let links: Vec<&str> = row.split("](").skip(1).filter_map(|l| l.split(')').next()).collect();
        assert_eq!(links.len(), if is_absent { 0 } else { 2 }, "a page and a test, or a reason: {row}");
        for link in links {
            assert!(docs.join(link).exists(), "{link}: {row}");
        }
    }
}
