//! Where a reviewer's log stands: beside the source, or in the user's data directory where that is locked.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::event::hex;

/// The longest piece of a reviewer's name in a file name, in bytes.
const MAX_NAME_BYTES: usize = 64;

/// The path of `reviewer`'s log for the source file `source`.
///
/// `<file>.<reviewer>.corrections.jsonl` beside the source if it is there or the directory can be written,
/// else in the user's data directory, under a name that no other source shares. Nothing is created.
pub fn log_path(source: &Path, reviewer: &str) -> PathBuf {
    let beside = beside(source, reviewer);
    let directory = match source.parent() {
        Some(p) if !p.as_os_str().is_empty() => p,
        _ => Path::new("."),
    };
    if beside.exists() || tempfile::tempfile_in(directory).is_ok() {
        return beside;
    }
    data_directory().map_or(beside, |data| within(&data, source, reviewer))
}

/// `<file>.<reviewer>.corrections.jsonl` beside the source.
pub fn beside(source: &Path, reviewer: &str) -> PathBuf {
    source.with_file_name(file_name(source, reviewer))
}

/// Whether `out` is a correction log: one that stands beside the source, whoever's, or one of `taken`.
pub fn is_log(out: &Path, source: &Path, taken: &[PathBuf]) -> bool {
    let Ok(out) = out.canonicalize() else { return false };
    beside_all(source).iter().chain(taken).any(|log| log.canonicalize().is_ok_and(|log| log == out))
}

/// All logs that stand beside the source, whoever's, by name.
pub fn beside_all(source: &Path) -> Vec<PathBuf> {
    let Some(name) = source.file_name().map(|n| n.to_string_lossy().into_owned()) else { return Vec::new() };
    let folder = match source.parent() {
        Some(p) if !p.as_os_str().is_empty() => p,
        _ => Path::new("."),
    };
    let (start, end) = (format!("{name}."), ".corrections.jsonl");
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = files
        .filter(|f| {
            let file = f.file_name();
            let file = file.to_string_lossy();
            file.starts_with(&start) && file.ends_with(end) && file.len() > start.len() + end.len() - 1
        })
        .map(|f| f.path())
        .collect();
    found.sort_unstable();
    found
}

fn file_name(source: &Path, reviewer: &str) -> String {
    let stem = source.file_name().map_or_else(|| "dataset".into(), |n| n.to_string_lossy());
    format!("{stem}.{}.corrections.jsonl", reviewer_file_name(reviewer))
}

fn data_directory() -> Option<PathBuf> {
    directories::ProjectDirs::from("", "", "dissensus").map(|d| d.data_dir().join("logs"))
}

fn within(data: &Path, source: &Path, reviewer: &str) -> PathBuf {
    let whole = std::path::absolute(source).unwrap_or_else(|_| source.to_owned());
    let digest = hex(&Sha256::digest(whole.as_os_str().as_encoded_bytes()));
    data.join(format!("{}.{}", &digest[..16], file_name(source, reviewer)))
}

/// `reviewer` as a part of a file name: letters, digits, `-` and `_`; a name that had to change gets a mark of
/// its own, so that no two reviewers share a log.
pub fn reviewer_file_name(reviewer: &str) -> String {
    let mut safe = String::new();
    for c in reviewer.chars() {
        if safe.len() + 4 > MAX_NAME_BYTES {
            break;
        }
        safe.push(if c.is_alphanumeric() || matches!(c, '-' | '_') { c } else { '_' });
    }
    if safe == reviewer && !safe.is_empty() {
        return safe;
    }
    let digest = hex(&Sha256::digest(reviewer.as_bytes()));
    format!("{safe}-{}", &digest[..6])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_stands_beside_its_source() {
        let dir = tempfile::tempdir().unwrap();
        let source = dir.path().join("hate.csv");
        assert_eq!(log_path(&source, "ann"), dir.path().join("hate.csv.ann.corrections.jsonl"));
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0, "nothing is left behind");
    }

    #[test]
    fn where_there_is_no_place_beside_it_the_data_directory_is_taken() {
        let path = log_path(Path::new("/nowhere/at/all/hate.csv"), "ann");
        assert!(path.to_string_lossy().ends_with("hate.csv.ann.corrections.jsonl"));
        let (a, b) = (
            within(Path::new("d"), Path::new("/a/x.csv"), "r"),
            within(Path::new("d"), Path::new("/b/x.csv"), "r"),
        );
        assert_ne!(a, b);
    }

    #[test]
    fn names_are_safe_and_never_shared() {
        assert_eq!(reviewer_file_name("Zoë-2_b"), "Zoë-2_b");
        let names = ["../../etc/passwd", "a/b", "a_b", "a b", "", ".", "a\\b", "x\0", &"é".repeat(500)];
        let made: std::collections::BTreeSet<String> = names.iter().map(|n| reviewer_file_name(n)).collect();
        assert_eq!(made.len(), names.len());
        assert!(made.iter().all(|n| !n.contains(['/', '\\', '\0', '.']) && n.len() < 80));
    }
}
