//! Writes a source of the registry's formats back: the format's own writer gives the bytes, this puts them in
//! their place, whole or not at all.

use std::collections::HashMap;
use std::io::Write as _;
use std::ops::Range;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::super::archive;
use super::super::atomic::{AtomicFile, sync_folder};
use super::super::document::files_of;
use super::super::encoding::chosen;
use super::super::error::FormatError;
use super::super::intake::{InputFile, Text, text_of};
use super::super::registry::{Product, format_of};
use super::super::several::TABLES;
use super::{Decision, Decisions, WriteOptions, WriteSummary, changed, summarise};
use crate::dataset::{Dataset, Edits, NOTHING, SourceFile};
use crate::progress::Progress;

/// What a format's writer works with.
pub(crate) struct WriteBack<'a> {
    pub(crate) dataset: &'a Dataset,
    /// The files of the source, as the reader got them.
    pub(crate) files: Vec<InputFile>,
    decisions: Decisions,
    items: HashMap<&'a str, u32>,
    notes: std::cell::RefCell<Vec<String>>,
    /// The files of the source as they were, by path.
    known: HashMap<&'a Path, &'a SourceFile>,
}

impl WriteBack<'_> {
    /// The decision on the item of this key.
    pub(crate) fn decision(&self, key: &str) -> Option<&Decision> {
        self.decisions.get(*self.items.get(key)? as usize)
    }

    /// Something to know about what is written: a sentence without full stop. Each is said once.
    pub(crate) fn note(&self, note: impl Into<String>) {
        let (note, mut notes) = (note.into(), self.notes.borrow_mut());
        if !notes.contains(&note) {
            notes.push(note);
        }
    }

    /// Number of the item of this key.
    pub(crate) fn item(&self, key: &str) -> Option<usize> {
        self.items.get(key).map(|&i| i as usize)
    }

    /// The decision on item number `item`.
    pub(crate) fn decision_of(&self, item: usize) -> Option<&Decision> {
        self.decisions.get(item)
    }

    /// All decisions, by ascending item.
    pub(crate) fn decisions(&self) -> impl Iterator<Item = (usize, &Decision)> {
        self.decisions.iter()
    }

    /// Names of those who decided, each once, in order of items.
    pub(crate) fn reviewers(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        let added = self.decisions.added().iter().map(|(_, _, decision)| decision);
        for decision in self.decisions.iter().map(|(_, decision)| decision).chain(added) {
            if !names.contains(&decision.reviewer.as_str()) {
                names.push(&decision.reviewer);
            }
        }
        names
    }

    /// Whether nothing was decided.
    pub(crate) fn is_undecided(&self) -> bool {
        self.decisions.is_empty()
    }

    /// Spans of a document that were added: where, in code points, and what.
    pub(crate) fn added(&self, document: &str) -> impl Iterator<Item = (&Range<u32>, &Decision)> {
        let spans = self.dataset.spans.as_ref();
        let is_here = move |d: u32| spans.is_some_and(|s| s.documents.get(d as usize) == document);
        self.decisions.added().iter().filter(move |a| is_here(a.0)).map(|(_, range, d)| (range, d))
    }

    /// What a reviewer says of stretches of a document, by start, in code points: where a span was moved away, nothing, and
    /// where it is now, its label. For files in which the raters' own marks stay.
    pub(crate) fn verdicts(&self, document: &str) -> Vec<(Range<u32>, Decision)> {
        let mut all: Vec<(Range<u32>, Decision)> = Vec::new();
        for (range, _, decision) in self.regions(document) {
            let mut decision = decision.clone();
            let moved = decision.span.take().and_then(|s| s.moved);
            if let Some(to) = moved {
                let nothing = vec![NOTHING.to_owned()];
                let away = Decision { label: Some(NOTHING.to_owned()), labels: nothing, ..decision.clone() };
                all.push((range, away));
                all.push((to, decision));
            } else {
                all.push((range, decision));
            }
        }
        all.extend(self.added(document).map(|(range, d)| (range.clone(), d.clone())));
        let is_nothing = |d: &Decision| d.labels.iter().any(|l| l == NOTHING);
        let said: Vec<(Range<u32>, String)> = all
            .iter()
            .filter(|(_, d)| d.label.is_some() && !is_nothing(d))
            .map(|(range, d)| (range.clone(), d.reviewer.clone()))
            .collect();
        // Another span may have come to where one went away.
        all.retain(|(range, d)| !is_nothing(d) || !said.contains(&(range.clone(), d.reviewer.clone())));
        all.sort_by_key(|(range, _)| (range.start, range.end));
        all
    }

    /// Decisions on stretches of a document, by start, in code points.
    pub(crate) fn regions(&self, document: &str) -> Vec<(Range<u32>, usize, &Decision)> {
        let Some(spans) = &self.dataset.spans else { return Vec::new() };
        self.decisions
            .iter()
            .filter_map(|(item, decision)| {
                let region = spans.regions.get(item)?;
                (spans.documents.get(region.document as usize) == document).then_some((
                    region.start..region.end,
                    item,
                    decision,
                ))
            })
            .collect()
    }

    /// The text of a file of the source, which must be what the dataset was read from.
    pub(crate) fn text(&self, file: &InputFile, progress: &Progress) -> Result<Text, FormatError> {
        let text = text_of(file, progress)?;
        self.verify(&text.file)?;
        Ok(text)
    }

    /// Refuses a file that changed since the dataset was read.
    pub(crate) fn verify(&self, file: &SourceFile) -> Result<(), FormatError> {
        let source = &self.dataset.source;
        let known = self.known.get(file.path.as_path()).copied().unwrap_or(&source.table);
        if known.digest == file.digest { Ok(()) } else { Err(changed(known)) }
    }
}

/// Writes, or with no `out` says what would be written.
pub(super) fn write(
    dataset: &Dataset,
    edits: &Edits,
    options: &WriteOptions,
    out: Option<&Path>,
    progress: &Progress,
) -> Result<WriteSummary, FormatError> {
    let path = &dataset.source.table.path;
    if dataset.source.format == TABLES {
        return Err(FormatError::of(
            path,
            "several files together have no file of their own to be written to",
            "write one row an item instead (the consensus table)",
        ));
    }
    let Some(format) = format_of(&dataset.source.format) else {
        let what = format!("the format “{}” is not known here", dataset.source.format);
        return Err(FormatError::of(path, what, "use the version that opened it"));
    };
    let Some(writer) = format.write else {
        return Err(FormatError::of(
            path,
            format!("{} is not written back", format.name),
            "write one row an item instead (the consensus table)",
        ));
    };
    if options.pseudonymise {
        return Err(FormatError::of(
            path,
            format!("raters cannot be renamed in {}", format.name),
            "write one row an item instead (the consensus table), which names no rater",
        ));
    }
    let mut files = files_of(dataset)?;
    let encoding = chosen(path, dataset.source.chosen_encoding())?;
    files.iter_mut().for_each(|file| file.encoding = encoding);
    let mut summary = summarise(dataset, edits);
    let items = dataset.keys.iter().enumerate().map(|(i, key)| (key, i as u32)).collect();
    let work = WriteBack {
        dataset,
        files,
        decisions: Decisions::of(dataset, edits, options),
        items,
        notes: std::cell::RefCell::default(),
        known: dataset.source.files.iter().map(|f| (f.path.as_path(), f)).collect(),
    };
    let dropped = work.decisions().filter(|(_, d)| d.dropped).count() as u64;
    summary.rows_in = dataset.n_items() as u64;
    summary.rows_out = summary.rows_in - dropped;
    progress.stage("Writing", 0);
    let product = writer(&work, progress)?;
    summary.notes.extend(work.notes.take());
    progress.check()?;
    if let Some(out) = out {
        summary.notes.extend(archive::note(path, out));
        summary.files = put(dataset, product, options, out)?;
    }
    Ok(summary)
}

/// Puts a product in its place.
fn put(
    dataset: &Dataset,
    product: Product,
    options: &WriteOptions,
    out: &Path,
) -> Result<Vec<PathBuf>, FormatError> {
    let sources: Vec<&Path> = dataset.source.paths().collect();
    match product {
        Product::File(bytes) => {
            let mut file = AtomicFile::create(out, &sources, options.overwrite)?;
            file.write(&archive::pack(out, bytes)?)?;
            file.commit()?;
            Ok(vec![out.to_owned()])
        }
        Product::Folder(files) if archive::Packing::of_name(out) == Some(archive::Packing::Zip) => {
            let mut file = AtomicFile::create(out, &sources, options.overwrite)?;
            file.write(&archive::pack_folder(out, &files)?)?;
            file.commit()?;
            Ok(vec![out.to_owned()])
        }
        Product::Folder(files) => {
            if std::fs::symlink_metadata(out).is_ok() {
                return Err(FormatError::of(out, "this exists already", "name a new folder"));
            }
            let parent = out.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
            let mut builder = tempfile::Builder::new();
            builder.prefix(".dissensus-").suffix(".part");
            // As any new folder: what the user's mask allows.
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt;
                builder.permissions(std::fs::Permissions::from_mode(0o777));
            }
            let temp = builder.tempdir_in(parent).map_err(|e| FormatError::io(out, "write", &e))?;
            // The folder appears as a whole, so that its files need no places of their own to come from. All are
            // on the disk before it appears; many at a time, since a disk takes about as long over one.
            let inner = files
                .par_iter()
                .map(|(name, bytes)| {
                    let inner = inner_path(out, name)?;
                    write_new(&temp.path().join(&inner), bytes)
                        .map_err(|e| FormatError::io(out, "write", &e))?;
                    Ok(inner)
                })
                .collect::<Result<Vec<PathBuf>, FormatError>>()?;
            let temp = temp.keep();
            std::fs::rename(&temp, out).map_err(|e| {
                // Nothing may be left behind.
                std::fs::remove_dir_all(&temp).ok();
                FormatError::io(out, "write", &e)
            })?;
            sync_folder(parent);
            Ok(inner.iter().map(|name| out.join(name)).collect())
        }
    }
}

/// Where a file of the folder `out` is inside of it.
fn inner_path(out: &Path, name: &str) -> Result<PathBuf, FormatError> {
    let bad = |p: &str| p.is_empty() || p == "." || p == ".." || p.contains(['\\', '\0']);
    if name.split('/').any(bad) {
        return Err(FormatError::of(out, format!("“{name}” is not the name of a file"), ""));
    }
    Ok(name.split('/').collect())
}

/// Writes a file that is not there yet, with its folders, to the disk.
fn write_new(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut file = std::fs::File::create_new(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
