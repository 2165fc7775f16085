//! The logs of other reviewers, from beside the source or from anywhere else, taken together with one's own.
//!
//! A log that cannot be used is named, with the reason, and the others are taken together without it. Files that did not
//! change are not read again.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use super::event::{Event, EventRef};
use super::log::Log;
use super::merge::{self, Applied};
use super::place;
use super::reviewers::Reviewers;
use crate::dataset::Dataset;
use crate::progress::{Cancelled, Progress};

/// A log as it was read.
#[derive(Debug)]
pub struct Reading {
    /// Which file.
    pub path: PathBuf,
    stamp: Option<(u64, SystemTime)>,
    /// Its events, or why it cannot be used.
    log: Result<Vec<Event>, String>,
    /// Whether its end was left out, because it is not whole.
    pub is_torn: bool,
}

/// What to take together.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// Counts up whenever somebody looks: files may have changed.
    pub look: u64,
    /// The events of one's own log.
    pub own: Arc<Vec<Event>>,
    /// Where it stands.
    pub path: PathBuf,
    /// Logs that do not stand beside the source.
    pub added: Vec<PathBuf>,
    /// What was read before.
    pub before: Vec<Arc<Reading>>,
}

impl PartialEq for Asked {
    fn eq(&self, other: &Self) -> bool {
        self.look == other.look && self.added == other.added && Arc::ptr_eq(&self.own, &other.own)
    }
}

/// Logs taken together.
#[derive(Debug, Default)]
pub struct Gathered {
    /// Side by side.
    pub reviewers: Reviewers,
    /// Laid over the data: what a merged export writes.
    pub applied: Applied,
    /// All events, log by log.
    pub union: Log,
    /// Every file that was looked at, in order.
    pub files: Vec<Arc<Reading>>,
    /// How many events of one's own log there are in it.
    pub n_own: usize,
    /// Files that are left out, with the reason.
    pub refused: Vec<(PathBuf, String)>,
}

/// Logs beside `source` that are not the one at `own`.
pub fn others_beside(source: &Path, own: &Path) -> Vec<PathBuf> {
    let own_file = own.canonicalize().ok();
    let is_own = |p: &PathBuf| p == own || (own_file.is_some() && p.canonicalize().ok() == own_file);
    let mut found = place::beside_all(source);
    found.retain(|p| !is_own(p));
    found
}

impl Reading {
    /// Reads the log at `path`, unless it is the same as before.
    fn of(path: PathBuf, before: &[Arc<Self>]) -> Arc<Self> {
        let stamp = std::fs::metadata(&path).ok().and_then(|m| Some((m.len(), m.modified().ok()?)));
        let same = |r: &&Arc<Self>| r.path == path && r.stamp == stamp && stamp.is_some();
        if let Some(known) = before.iter().find(same) {
            return Arc::clone(known);
        }
        match Log::read(&path) {
            Ok(log) => {
                let is_torn = log.torn.is_some();
                Arc::new(Self { path, stamp, log: Ok(log.events), is_torn })
            }
            Err(error) => Arc::new(Self { path, stamp, log: Err(error.to_string()), is_torn: false }),
        }
    }
}

/// Takes the logs together and lays them over `dataset`.
pub fn gather(dataset: &Dataset, asked: &Asked, progress: &Progress) -> Result<Gathered, Cancelled> {
    progress.stage("Reading the logs of others", 0);
    let mut paths = others_beside(&dataset.source.table.path, &asked.path);
    for added in &asked.added {
        if !paths.contains(added) && *added != asked.path {
            paths.push(added.clone());
        }
    }
    let own = Log { events: asked.own.to_vec(), ..Log::default() };
    // A log whose one copy went another way than the other is refused by itself.
    let mut union = merge::union([own]).unwrap_or_default();
    let (mut files, mut refused) = (Vec::new(), Vec::new());
    for path in paths {
        progress.check()?;
        let reading = Reading::of(path, &asked.before);
        let together = match &reading.log {
            Ok(events) => {
                let log = Log { events: events.clone(), ..Log::default() };
                merge::union([union.clone(), log]).map_err(|error| error.to_string())
            }
            Err(why) => Err(why.clone()),
        };
        match together {
            Ok(log) => union = log,
            Err(why) => refused.push((reading.path.clone(), why)),
        }
        files.push(reading);
    }
    progress.stage("Judging decisions", 0);
    let reviewers = Reviewers::new(&union.events, Some(dataset));
    progress.check()?;
    let applied = merge::apply(dataset, union.clone());
    Ok(Gathered { reviewers, applied, union, files, n_own: asked.own.len(), refused })
}

/// Reads the log at `path` to be taken in: the last event of each log in it.
///
/// # Errors
/// Why it cannot be used: it cannot be read, is damaged, or is empty.
pub fn look_at(path: &Path) -> Result<Vec<EventRef>, String> {
    let log = Log::read(path).map_err(|error| error.to_string())?;
    let reviewers = Reviewers::new(&log.events, None).reviewers;
    if reviewers.is_empty() {
        return Err(format!("there is no event in it: {}", path.display()));
    }
    Ok(reviewers.into_iter().map(|r| r.last).collect())
}
