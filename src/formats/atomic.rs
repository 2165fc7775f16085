//! Whole files or none: a temporary file in the target's folder, synced, then renamed over the target.
//!
//! A target that is a link, or any of the sources by whatever name, is refused.

use std::fs::Metadata;
use std::io::Write;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::archive::container;
use super::error::FormatError;
use crate::dataset::Source;

/// A file that appears at its place only when it is complete.
pub(crate) struct AtomicFile {
    temp: NamedTempFile,
    out: PathBuf,
}

impl AtomicFile {
    /// Begins a file that will be at `out`. `sources` are never overwritten, an existing file only with `overwrite`.
    pub(crate) fn create(out: &Path, sources: &[&Path], overwrite: bool) -> Result<Self, FormatError> {
        check_target(out, sources, overwrite)?;
        let folder = out.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let meta = std::fs::metadata(folder).map_err(|e| FormatError::io(out, "write", &e))?;
        let mut builder = tempfile::Builder::new();
        builder.prefix(".dissensus-").suffix(".part");
        if let Some(permissions) = permissions(&meta) {
            builder.permissions(permissions);
        }
        let temp = builder.tempfile_in(folder).map_err(|e| FormatError::io(out, "write", &e))?;
        Ok(Self { temp, out: out.to_owned() })
    }

    /// Appends bytes.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), FormatError> {
        self.temp.write_all(bytes).map_err(|e| FormatError::io(&self.out, "write", &e))
    }

    /// Puts the file in its place.
    pub(crate) fn commit(self) -> Result<(), FormatError> {
        let io = |e: &std::io::Error| FormatError::io(&self.out, "write", e);
        self.temp.as_file().sync_all().map_err(|e| io(&e))?;
        let folder = self.temp.path().parent().map(Path::to_owned);
        self.temp.persist(&self.out).map_err(|e| io(&e.error))?;
        if let Some(folder) = folder {
            sync_folder(&folder);
        }
        Ok(())
    }
}

/// Makes a rename within `folder` last. Not every system lets a folder be synced, so that nothing is said where it fails.
pub(crate) fn sync_folder(folder: &Path) {
    if let Ok(folder) = std::fs::File::open(folder) {
        let _ = folder.sync_all();
    }
}

/// Refuses to write over what `source` was read from, through a link, or over what is no file.
pub fn refuse_source(source: &Source, out: &Path) -> Result<(), FormatError> {
    let sources: Vec<&Path> = source.paths().collect();
    check_target(out, &sources, true)
}

/// Refuses a target that must not be written to.
pub(crate) fn check_target(out: &Path, sources: &[&Path], overwrite: bool) -> Result<(), FormatError> {
    if out.file_name().is_none() {
        return Err(FormatError::of(out, "this is not the name of a file", "name a new file"));
    }
    let Ok(link) = std::fs::symlink_metadata(out) else { return Ok(()) };
    if link.file_type().is_symlink() {
        return Err(FormatError::of(
            out,
            "this is a symbolic link, and exports do not write through links",
            "name a new file",
        ));
    }
    if !link.is_file() {
        return Err(FormatError::of(out, "this exists and is not a regular file", "name a new file"));
    }
    if sources.iter().any(|source| is_same_file(out, &container(source))) {
        return Err(FormatError::of(out, "this is the source, which is never written to", "name a new file"));
    }
    if !overwrite {
        return Err(FormatError::of(
            out,
            "this file exists already",
            "name a new file, or confirm that it is replaced",
        ));
    }
    Ok(())
}

#[cfg(unix)]
fn is_same_file(a: &Path, b: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let id = |p: &Path| std::fs::metadata(p).ok().map(|m| (m.dev(), m.ino()));
    id(a).is_some_and(|a| Some(a) == id(b))
}

#[cfg(not(unix))]
fn is_same_file(a: &Path, b: &Path) -> bool {
    let real = |p: &Path| std::fs::canonicalize(p).ok();
    real(a).is_some_and(|a| Some(a) == real(b))
}

/// Readable and writable for whom the folder is.
#[cfg(unix)]
#[allow(clippy::unnecessary_wraps)] // Other systems have no such bits.
fn permissions(folder: &Metadata) -> Option<std::fs::Permissions> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    Some(std::fs::Permissions::from_mode(folder.mode() & 0o666 | 0o600))
}

#[cfg(not(unix))]
fn permissions(_folder: &Metadata) -> Option<std::fs::Permissions> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_appears_before_the_end_and_nothing_is_left_behind() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("out.csv");
        let mut file = AtomicFile::create(&out, &[], false).unwrap();
        file.write(b"a").unwrap();
        assert!(!out.exists());
        drop(file);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
        let mut file = AtomicFile::create(&out, &[], false).unwrap();
        file.write(b"b").unwrap();
        file.commit().unwrap();
        assert_eq!(std::fs::read(&out).unwrap(), b"b");
        assert!(AtomicFile::create(&out, &[], false).is_err(), "exists already");
        assert!(AtomicFile::create(&out, &[], true).is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn the_source_is_refused_by_every_name() {
        let dir = tempfile::tempdir().unwrap();
        let source = dir.path().join("source.csv");
        std::fs::write(&source, "x").unwrap();
        let (hard, soft) = (dir.path().join("hard.csv"), dir.path().join("soft.csv"));
        std::fs::hard_link(&source, &hard).unwrap();
        std::os::unix::fs::symlink(&source, &soft).unwrap();
        for out in [&source, &hard, &soft, &dir.path().join("./source.csv"), dir.path()] {
            assert!(AtomicFile::create(out, &[&source], true).is_err(), "{}", out.display());
        }
    }
}
