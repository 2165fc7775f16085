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
    // Each room with those above it.
    let above: [(&str, &[&str]); 6] = [
        ("src/app", &["cli"]),
        ("src/dataset", &["stats", "formats", "analysis", "report", "review", "app", "cli"]),
        ("src/stats", &["formats", "analysis", "report", "review", "app", "cli"]),
        ("src/formats", &["analysis", "report", "review", "app", "cli"]),
        ("src/analysis", &["formats", "report", "review", "app", "cli"]),
        ("src/review", &["app", "cli"]),
    ];
    for (path, text) in all() {
        for (room, rooms) in above {
            if path.starts_with(room) {
                for other in rooms {
                    let arrow = format!("crate::{other}::");
                    assert!(!text.contains(&arrow), "{path} reaches up to {other}");
                }
            }
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
