//! NumPy archives (`.npz`): a zip of arrays by name.
//!
//! Only the arrays that are asked for are unpacked, into a file without a name that vanishes with the program, and
//! never more bytes than the limit, whatever the archive claims.

use std::fs::File;
use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};

use zip::ZipArchive;

use super::batch::{Coded, NO_CELL};
use super::error::{FormatError, visible};
use super::held::Held;
use super::npy::{Array, Kind};
use super::text::open_regular;
use crate::progress::Progress;

/// Most bytes that one array may unpack to.
const MAX_BYTES: u64 = 16 << 30;
/// Most members of an archive.
const MAX_MEMBERS: usize = 10_000;
/// How often smaller than its content a member may be.
const MAX_RATIO: u64 = 1_000;

/// What predicted probabilities are called.
pub(crate) const PROBABILITIES: [&str; 6] =
    ["pred_probs", "probs", "probabilities", "predicted_probabilities", "predictions", "proba"];
/// What labels are called.
const LABELS: [&str; 6] = ["labels", "given_labels", "label", "noisy_labels", "y", "targets"];
/// What names of classes are called.
const CLASSES: [&str; 5] = ["classes", "class_names", "label_names", "names", "classes_"];
/// What keys of items are called.
const IDS: [&str; 6] = ["ids", "id", "item_ids", "keys", "item_id", "uids"];

/// An opened archive.
pub(crate) struct Bundle {
    path: PathBuf,
    archive: ZipArchive<File>,
    /// Names of the arrays, with their place in the archive.
    members: Vec<(String, usize)>,
}

impl Bundle {
    /// Whether `head` begins an archive of arrays.
    pub(crate) fn is_one(head: &[u8]) -> bool {
        let length = usize::from(head.get(26).copied().unwrap_or(0));
        let name = head.get(30..30 + length).unwrap_or_default();
        head.starts_with(b"PK\x03\x04") && name.ends_with(b".npy")
    }

    /// Opens the archive at `path`.
    pub(crate) fn open(path: &Path) -> Result<Self, FormatError> {
        let (file, _) = open_regular(path)?;
        let damaged = |e: &dyn std::fmt::Display| {
            FormatError::of(
                path,
                format!("this archive cannot be read ({e})"),
                "write it again with np.savez",
            )
        };
        let mut archive = ZipArchive::new(file).map_err(|e| damaged(&e))?;
        if archive.len() > MAX_MEMBERS {
            return Err(damaged(&"it has more than 10 000 members"));
        }
        let mut members = Vec::new();
        for i in 0..archive.len() {
            let member = archive.by_index_raw(i).map_err(|e| damaged(&e))?;
            let name = member.name().map_err(|e| damaged(&e))?;
            if let Some(name) = name.strip_suffix(".npy") {
                members.push((name.to_owned(), i));
            }
        }
        Ok(Self { path: path.to_owned(), archive, members })
    }

    fn first_of(&self, names: &[&str]) -> Option<usize> {
        names
            .iter()
            .find_map(|n| self.members.iter().find(|(m, _)| m.eq_ignore_ascii_case(n)))
            .map(|&(_, i)| i)
    }

    fn error(&self, what: impl Into<String>, remedy: impl Into<String>) -> FormatError {
        FormatError::of(&self.path, what, remedy)
    }

    fn unpack(&mut self, index: usize, progress: &Progress) -> Result<Array, FormatError> {
        let path = self.path.clone();
        let failed = |e: &dyn std::fmt::Display| {
            FormatError::of(
                &path,
                format!("an array cannot be unpacked ({e})"),
                "write it again with np.savez",
            )
        };
        let mut member = self.archive.by_index(index).map_err(|e| failed(&e))?;
        let name = member.name().map_err(|e| failed(&e))?.into_owned();
        let limit = MAX_BYTES.min(member.compressed_size().saturating_mul(MAX_RATIO).saturating_add(1 << 20));
        let mut file = tempfile::tempfile().map_err(|e| failed(&e))?;
        let (mut buffer, mut total) = (vec![0; 1 << 16], 0u64);
        loop {
            progress.check()?;
            let n = member.read(&mut buffer).map_err(|e| failed(&e))?;
            if n == 0 {
                break;
            }
            total += n as u64;
            if total > limit {
                let what = format!("the array “{}” unpacks to far more than it should", visible(&name));
                return Err(FormatError::of(&path, what, "write it again with np.savez"));
            }
            file.write_all(&buffer[..n]).map_err(|e| failed(&e))?;
        }
        Array::of_file(file, total, &path)
    }

    /// The matrix of probabilities, and how it is called.
    pub(crate) fn probabilities(&mut self, progress: &Progress) -> Result<Array, FormatError> {
        if let Some(index) = self.first_of(&PROBABILITIES) {
            return self.unpack(index, progress);
        }
        // Else the only matrix of floating-point numbers there is.
        let mut found = Vec::new();
        for (name, index) in self.members.clone() {
            let array = self.unpack(index, progress)?;
            if array.header.shape.len() == 2 && array.header.kind == Kind::Float {
                found.push((name, array));
            }
        }
        match (found.pop(), found.is_empty()) {
            (Some((_, array)), true) => Ok(array),
            _ => {
                let names: Vec<String> = self.members.iter().take(20).map(|(n, _)| visible(n)).collect();
                let what = format!("no array is called pred_probs or probs; there are {}", names.join(", "));
                Err(self.error(
                    what,
                    "save it under that name: np.savez('bundle.npz', pred_probs=…, classes=…, ids=…)",
                ))
            }
        }
    }

    fn texts(&mut self, names: &[&str], progress: &Progress) -> Result<Option<Vec<String>>, FormatError> {
        let Some(index) = self.first_of(names) else { return Ok(None) };
        let mut array = self.unpack(index, progress)?;
        Ok(Some(array.labels(progress)?.0))
    }

    /// Names of the classes, in the order of the columns.
    pub(crate) fn classes(&mut self, progress: &Progress) -> Result<Option<Vec<String>>, FormatError> {
        self.texts(&CLASSES, progress)
    }

    /// Keys of the items, in the order of the rows.
    pub(crate) fn ids(&mut self, progress: &Progress) -> Result<Option<Vec<String>>, FormatError> {
        self.texts(&IDS, progress)
    }
}

/// Whether the file at `path` is an archive with probabilities under a usual name.
pub(crate) fn holds_probabilities(path: &Path) -> bool {
    let mut head = Vec::new();
    let Ok((file, _)) = open_regular(path) else { return false };
    file.take(512).read_to_end(&mut head).is_ok()
        && Bundle::is_one(&head)
        && Bundle::open(path).is_ok_and(|b| b.first_of(&PROBABILITIES).is_some())
}

/// The labels of an archive as a table of keys (where there are some) and labels.
pub(crate) fn table(path: &Path) -> Result<Held, FormatError> {
    let progress = Progress::new();
    let mut bundle = Bundle::open(path)?;
    let Some(labels) = bundle.texts(&LABELS, &progress)? else {
        let names: Vec<String> = bundle.members.iter().take(20).map(|(n, _)| visible(n)).collect();
        let what = format!("no array of this archive is called labels; there are {}", names.join(", "));
        return Err(
            bundle.error(what, "give probabilities with --probs, and open the file that holds the labels")
        );
    };
    let classes = bundle.classes(&progress)?;
    let ids = bundle.ids(&progress)?;
    let mut names = Vec::new();
    let mut columns = Vec::new();
    if let Some(ids) = &ids {
        if ids.len() != labels.len() {
            let what = format!("it holds {} labels and {} keys", labels.len(), ids.len());
            return Err(bundle.error(what, "save one of each an item"));
        }
        names.push("id".to_owned());
        columns.push(cells(ids.iter().map(|id| Some(id.as_str()))));
    }
    // Numbers are places in the list of classes, where all of them are.
    let place = |label: &String| classes.as_ref().and_then(|c| c.get(label.parse::<usize>().ok()?));
    let numbered = labels.iter().all(|l| l == "-1" || place(l).is_some());
    names.push("label".to_owned());
    columns.push(cells(labels.iter().map(|label| match place(label) {
        Some(name) if numbered => Some(name.as_str()),
        None if numbered => None,
        _ => Some(label.as_str()),
    })));
    Ok(Held::new(path, names, columns, labels.len()))
}

/// A column of these cells.
pub(crate) fn cells<'t>(values: impl Iterator<Item = Option<&'t str>>) -> Coded {
    let mut known = super::intern::Interner::default();
    let codes = values.map(|v| v.and_then(|v| known.intern(v)).map_or(NO_CELL, |(n, _)| n)).collect();
    Coded { codes, values: known.into_strings() }
}
