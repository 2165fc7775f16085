//! What is left behind when the window ends by a bug: a report on this machine, told of at the next start.
//!
//! Decisions need nothing from here: each is on the disk before it is called saved. A bug in background work ends
//! that work with a message and not the window, and leaves no report.

use std::fmt::Write as _;
use std::panic::PanicHookInfo;
use std::path::{Path, PathBuf};

/// Reports that are kept; the oldest go first.
const KEPT: usize = 20;

/// From now on, a panic of the thread that draws leaves a report in `folder`.
pub fn install(folder: PathBuf) {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        before(info);
        if std::thread::current().name() == Some("main")
            && let Ok(path) = write(&folder, &words(info), jiff::Timestamp::now())
        {
            log::error!("no decision is lost; what happened is written to {}", path.display());
        }
    }));
}

fn words(info: &PanicHookInfo<'_>) -> String {
    let mut out = format!("dissensus {} on {}\n\n", env!("CARGO_PKG_VERSION"), std::env::consts::OS);
    let _ = writeln!(out, "{info}\n\n{}", std::backtrace::Backtrace::force_capture());
    out
}

fn folder_of(folder: &Path) -> PathBuf {
    folder.join("crashes")
}

/// Writes a report of `time` and drops the oldest beyond [`KEPT`].
fn write(folder: &Path, words: &str, time: jiff::Timestamp) -> std::io::Result<PathBuf> {
    let folder = folder_of(folder);
    std::fs::create_dir_all(&folder)?;
    let stamp = format!("{time:.3}").replace([':', '.'], "-");
    let path = folder.join(format!("crash-{stamp}.txt"));
    std::fs::write(&path, words)?;
    for old in reports(&folder).iter().rev().skip(KEPT) {
        std::fs::remove_file(folder.join(old)).ok();
    }
    Ok(path)
}

/// Names of reports in `folder`, the oldest first.
fn reports(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let names = entries.map(|e| e.file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names
        .filter(|n| n.strip_prefix("crash-").is_some_and(|n| n.strip_suffix(".txt").is_some()))
        .collect();
    names.sort();
    names
}

/// The newest report below `folder` that is newer than the one named `told`: its name, and where it is.
pub fn news(folder: &Path, told: Option<&str>) -> Option<(String, PathBuf)> {
    let folder = folder_of(folder);
    let newest = reports(&folder).pop()?;
    (told < Some(newest.as_str())).then(|| (newest.clone(), folder.join(newest)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_told_of_once_and_few_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(news(folder.path(), None), None);
        for second in 0..30 {
            write(folder.path(), "index out of bounds", jiff::Timestamp::from_second(second).unwrap())
                .unwrap();
        }
        let (name, path) = news(folder.path(), None).unwrap();
        assert!(name.contains("00-00-29"), "{name}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "index out of bounds");
        assert_eq!(news(folder.path(), Some(&name)), None);
        assert_eq!(reports(&folder_of(folder.path())).len(), KEPT);
    }
}
