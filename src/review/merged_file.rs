//! The merged log as a file: whole or not at all, and never over anything that it does not hold.

use std::path::{Path, PathBuf};

use anyhow::bail;

use super::log::Log;
use super::merge;
use crate::whole_file::write_whole;

/// Writes `merged` to `target`; `inputs` are the files that it was made of.
///
/// # Errors
/// Where `target` is one of the inputs, a symbolic link, or holds something that `merged` does not; and what the disk says.
pub fn write_merged(merged: &Log, inputs: &[PathBuf], target: &Path) -> anyhow::Result<()> {
    replaceable(inputs, target, merged)?;
    write_whole(target, |out| {
        for event in &merged.events {
            out.write_all(event.line().as_bytes())?;
        }
        Ok(())
    })
}

/// Whether `target` may be written: it is no input, no link, and nothing that the merge does not hold.
fn replaceable(inputs: &[PathBuf], target: &Path, merged: &Log) -> anyhow::Result<()> {
    let Ok(there) = std::fs::symlink_metadata(target) else { return Ok(()) };
    if there.is_symlink() {
        bail!("the merged log is not written through a symbolic link: {}", target.display());
    }
    let same = |p: &PathBuf| p.canonicalize().ok().is_some_and(|p| target.canonicalize().ok() == Some(p));
    if inputs.iter().any(same) {
        bail!(
            "the merged log would replace one of the logs it is made of; name another file: {}",
            target.display()
        );
    }
    let is_one = |log: &Log| log.log_ids().len() == 1;
    let is_called_so = target.to_string_lossy().ends_with(".corrections.jsonl");
    if is_called_so && Log::read(target).is_ok_and(|old| is_one(&old) && !is_one(merged)) {
        bail!(
            "this is a reviewer's own log, which a window may hold open; name another file: {}",
            target.display()
        );
    }
    let held =
        |old: Log| old.torn.is_none() && merge::union([merged.clone(), old]).is_ok_and(|u| u == *merged);
    if Log::read(target).is_ok_and(held) {
        return Ok(());
    }
    bail!(
        "the file is there already and holds something else; name another or remove it: {}",
        target.display()
    )
}
