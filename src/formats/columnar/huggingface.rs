//! Folders of the `datasets` library: what `save_to_disk` makes, and a repository with its README and `data/`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::super::error::FormatError;
use super::super::intake::text_of;
use super::features::Features;
use super::{Part, yaml};
use crate::progress::Progress;

/// Descriptions are far smaller.
const MAX_DESCRIPTION: u64 = 64 << 20;

/// Whether these files, by path relative to a folder, are such a folder.
pub(crate) fn is_folder(listing: &[String]) -> bool {
    let has = |name: &str| listing.iter().any(|f| f == name);
    let ends = |end: &str| listing.iter().any(|f| f.ends_with(end));
    let saved = has("dataset_dict.json") || has("state.json");
    (saved && ends(".arrow")) || ends(".parquet")
}

/// What is said about columns outside the files that hold them.
#[derive(Debug, Default)]
pub(super) struct Said {
    values: Vec<Value>,
}

impl Said {
    /// The features of these columns, from the first description that knows any.
    pub(super) fn features(&self, columns: &[String]) -> Option<Features> {
        self.values.iter().find_map(|v| Features::of_info(v, columns))
    }

    fn read(folder: &Path) -> Self {
        let mut values = Vec::new();
        for name in ["dataset_info.json", "dataset_infos.json"] {
            values.extend(description(&folder.join(name)));
        }
        if let Some(text) = small_text(&folder.join("README.md"))
            && let Some(info) =
                yaml::front_matter(&text).and_then(|mut v| v.get_mut("dataset_info").map(Value::take))
        {
            values.push(info);
        }
        Self { values }
    }
}

fn small_text(path: &Path) -> Option<String> {
    let meta = std::fs::metadata(path).ok().filter(|m| m.is_file() && m.len() <= MAX_DESCRIPTION)?;
    (meta.len() > 0).then(|| text_of(path, &Progress::new()).ok().map(|t| t.text)).flatten()
}

fn description(path: &Path) -> Option<Value> {
    serde_json::from_str(&small_text(path)?).ok()
}

/// What stands beside a file, in its folder or, where that is called `data`, one above.
pub(super) fn beside(path: &Path) -> Said {
    let here = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut said = Said::read(here);
    if here.file_name().is_some_and(|n| n == "data")
        && let Some(above) = here.parent()
    {
        let above = if above.as_os_str().is_empty() { Path::new(".") } else { above };
        said.values.extend(Said::read(above).values);
    }
    said
}

/// The files of a folder, in order, and what is said about their columns.
pub(super) fn folder(path: &Path) -> Result<(Vec<Part>, Said), FormatError> {
    let said = Said::read(path);
    if let Some(parts) = saved(path, "")? {
        return Ok((parts, said));
    }
    if let Some(dict) = description(&path.join("dataset_dict.json")) {
        let names: Vec<String> = dict.get("splits").and_then(Value::as_array).map_or(Vec::new(), |list| {
            list.iter().filter_map(Value::as_str).filter(|n| is_plain(n)).map(str::to_owned).collect()
        });
        let (mut parts, mut said) = (Vec::new(), said);
        for name in names {
            let folder = path.join(&name);
            parts.extend(saved(&folder, &name)?.unwrap_or_default());
            said.values.extend(Said::read(&folder).values);
        }
        return Ok((parts, said));
    }
    Ok((repository(path)?, said))
}

/// Whether a name stays in its folder.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && name != "." && name != ".." && !name.contains(['/', '\\', '\0', ':'])
}

/// What `save_to_disk` made: the files that `state.json` names, in its order.
fn saved(folder: &Path, split: &str) -> Result<Option<Vec<Part>>, FormatError> {
    let state_path = folder.join("state.json");
    let Some(state) = description(&state_path) else { return Ok(None) };
    let Some(files) = state.get("_data_files").and_then(Value::as_array) else { return Ok(None) };
    if state.get("_indices_data_files").is_some_and(|v| v.as_array().is_some_and(|l| !l.is_empty())) {
        let what =
            "this data set was saved with its rows selected or shuffled by an index, which is not read";
        return Err(FormatError::of(&state_path, what, "call flatten_indices() before save_to_disk()"));
    }
    let own = state.get("_split").and_then(Value::as_str).unwrap_or_default();
    let split = if split.is_empty() { own } else { split };
    let mut parts = Vec::new();
    for file in files {
        let name = file.get("filename").and_then(Value::as_str).unwrap_or_default();
        if !is_plain(name) {
            return Err(FormatError::of(
                &state_path,
                "it names a file outside the folder",
                "save the data set again",
            ));
        }
        parts.push(Part { path: folder.join(name), split: split.to_owned() });
    }
    Ok(Some(parts))
}

/// The Parquet files of a repository, split by split, as their names say: `train-00000-of-00001.parquet`,
/// `data/test.parquet`, `validation/0000.parquet`.
fn repository(path: &Path) -> Result<Vec<Part>, FormatError> {
    let mut files: Vec<(String, PathBuf)> = Vec::new();
    list(path, "", 0, &mut files).map_err(|e| FormatError::io(path, "read", &e))?;
    files.sort();
    let mut splits: BTreeMap<(usize, String), Vec<PathBuf>> = BTreeMap::new();
    for (name, file) in files {
        splits.entry(split_of(&name)).or_default().push(file);
    }
    let part = |((_, split), files): ((usize, String), Vec<PathBuf>)| {
        files.into_iter().map(move |path| Part { path, split: split.clone() })
    };
    Ok(splits.into_iter().flat_map(part).collect())
}

fn list(folder: &Path, prefix: &str, depth: usize, out: &mut Vec<(String, PathBuf)>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let kind = entry.file_type()?;
        if name.starts_with('.') {
            continue;
        }
        if kind.is_dir() && depth < 3 {
            list(&entry.path(), &format!("{prefix}{name}/"), depth + 1, out)?;
        } else if kind.is_file() && name.ends_with(".parquet") && out.len() < 100_000 {
            out.push((format!("{prefix}{name}"), entry.path()));
        }
    }
    Ok(())
}

/// The split that a file's name says, with its usual place among the others.
fn split_of(name: &str) -> (usize, String) {
    const USUAL: [(&str, usize, &str); 8] = [
        ("train", 0, "train"),
        ("training", 0, "train"),
        ("validation", 1, "validation"),
        ("valid", 1, "validation"),
        ("dev", 1, "validation"),
        ("val", 1, "validation"),
        ("test", 2, "test"),
        ("testing", 2, "test"),
    ];
    let parts = name.trim_end_matches(".parquet").split('/');
    for part in parts.rev() {
        let word = part.split(['-', '_', '.']).next().unwrap_or(part).to_ascii_lowercase();
        if let Some((_, place, split)) = USUAL.iter().find(|(w, _, _)| *w == word) {
            return (*place, (*split).to_owned());
        }
    }
    let file = name.trim_end_matches(".parquet").rsplit('/').next().unwrap_or_default();
    let digits = |p: &str| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit());
    let stem: Vec<&str> = file.split('-').take_while(|p| !digits(p)).collect();
    (3, stem.join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_are_named_by_their_files() {
        assert_eq!(split_of("data/train-00000-of-00002.parquet"), (0, "train".to_owned()));
        assert_eq!(split_of("validation/0000.parquet"), (1, "validation".to_owned()));
        assert_eq!(split_of("crowd-00000-of-00001.parquet"), (3, "crowd".to_owned()));
        assert_eq!(split_of("0000.parquet"), (3, String::new()));
    }

    #[test]
    fn names_that_leave_the_folder_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("state.json"), r#"{"_data_files": [{"filename": "../x.arrow"}]}"#)
            .unwrap();
        assert!(folder(dir.path()).unwrap_err().to_string().contains("outside"));
    }
}
