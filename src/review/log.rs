//! Reading a correction log: every line is checked against its hash and its place in the chain.
//!
//! A file holds one log, or the union of several ([`crate::review::merge`]); each log's chain is checked by
//! itself. Only the end of a file may be torn, by a crash in the middle of a write; anything else is damage
//! and named by line.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::event::{Body, Event, EventError, NO_PREV, SessionStart};
use super::storage::{FileStorage, Storage};
use crate::dataset::Source;

/// The longest line that is read.
const MAX_LINE_BYTES: usize = 64 << 20;

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// The line itself.
    #[error("{0}")]
    Line(#[from] EventError),
    /// It ends where the file ends.
    #[error("it ends in the middle: it was being written when the program or the machine stopped")]
    CutOff,
    /// Too long to be an event.
    #[error("it is longer than 64 MiB")]
    TooLong,
    /// An event is missing, doubled or out of place.
    #[error("it is event {found} of log {log_id}, but event {expected} was to follow")]
    Sequence {
        /// Which log.
        log_id: String,
        /// The number that was to follow.
        expected: u64,
        /// The number that stands there.
        found: u64,
    },
    /// It does not continue what stands before it.
    #[error("its “prev” is not the hash of the event before it: an event was changed, added or taken away")]
    Chain,
    /// Two reviewers in one log.
    #[error("it is by {found}, but the log is {expected}’s")]
    Reviewer {
        /// Whose log it is.
        expected: String,
        /// Who wrote the line.
        found: String,
    },
}

/// Why a log cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The file cannot be read.
    #[error("cannot read the log: {error}: {}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// A line is damaged.
    #[error("line {line} of the log is damaged: {damage}: {}", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// What is wrong with it.
        damage: Damage,
    },
}

/// The end of a log, where it is not a whole line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Torn {
    /// Which line, from 1.
    pub line: usize,
    /// Where it begins, in bytes.
    pub offset: u64,
    /// What stands there.
    pub bytes: Vec<u8>,
    /// What is wrong with it.
    pub damage: Damage,
}

impl Torn {
    /// What a repair did, in words.
    pub fn words(&self) -> String {
        format!(
            "the last line of the log (line {}, {} bytes) was not whole: {}; it was set aside in a file that \
             ends in .torn, every event before it is intact",
            self.line,
            self.bytes.len(),
            self.damage
        )
    }
}

/// The events of a file, verified.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Log {
    /// In file order.
    pub events: Vec<Event>,
    /// What stands at the end beyond the last whole event.
    pub torn: Option<Torn>,
    /// Whether the last event, though whole, lacks its line end.
    pub line_end_missing: bool,
}

impl Log {
    /// Reads and verifies `bytes`. The error names the line, from 1. A damaged last line is not an error but
    /// [`Log::torn`].
    pub fn parse(bytes: &[u8]) -> Result<Self, (usize, Damage)> {
        let mut log = Self::default();
        let mut chains: HashMap<String, (u64, String, String)> = HashMap::new();
        let mut offset = 0;
        let mut line_number = 0;
        while offset < bytes.len() {
            line_number += 1;
            let rest = &bytes[offset..];
            let end = rest.iter().position(|&b| b == b'\n');
            let line = &rest[..end.unwrap_or(rest.len())];
            let last = end.is_none_or(|e| offset + e + 1 == bytes.len());
            match check(line, &mut chains) {
                Ok(event) => {
                    log.events.push(event);
                    log.line_end_missing = end.is_none();
                }
                Err(damage) if last => {
                    let cut = matches!(damage, Damage::Line(EventError::NotJson(_))) && end.is_none();
                    let damage = if cut { Damage::CutOff } else { damage };
                    let offset_u64 = offset as u64;
                    log.torn =
                        Some(Torn { line: line_number, offset: offset_u64, bytes: rest.to_vec(), damage });
                }
                Err(damage) => return Err((line_number, damage)),
            }
            offset += end.map_or(rest.len(), |e| e + 1);
        }
        Ok(log)
    }

    /// Reads the file at `path` without locking or repairing it; a torn end is left out and reported in
    /// [`Log::torn`].
    pub fn read(path: &Path) -> Result<Self, LogError> {
        let bytes = FileStorage::read(path).map_err(|error| LogError::Io { path: path.to_owned(), error })?;
        Self::parse(&bytes).map_err(|(line, damage)| LogError::Damaged {
            path: path.to_owned(),
            line,
            damage,
        })
    }

    /// As [`Log::read`], and a torn end is an error too.
    pub fn verify(path: &Path) -> Result<Self, LogError> {
        let log = Self::read(path)?;
        match log.torn {
            Some(Torn { line, damage, .. }) => Err(LogError::Damaged { path: path.to_owned(), line, damage }),
            None => Ok(log),
        }
    }

    /// Reads from `storage` and repairs a torn end there, unless it is read-only. Returns the length in bytes
    /// of what is whole, too. `path` is for messages.
    pub fn open(storage: &mut dyn Storage, path: &Path) -> Result<(Self, u64), LogError> {
        let io = |error| LogError::Io { path: path.to_owned(), error };
        let bytes = storage.read_all().map_err(io)?;
        let log = Self::parse(&bytes).map_err(|(line, damage)| LogError::Damaged {
            path: path.to_owned(),
            line,
            damage,
        })?;
        let mut len = bytes.len() as u64;
        if let Some(torn) = &log.torn {
            len = torn.offset;
            if storage.read_only().is_none() {
                storage.set_aside(&torn.bytes).map_err(io)?;
                storage.truncate(len).map_err(io)?;
                storage.sync().map_err(io)?;
            }
        } else if log.line_end_missing && storage.read_only().is_none() {
            storage.append(b"\n").map_err(io)?;
            storage.sync().map_err(io)?;
            len += 1;
        }
        Ok((log, len))
    }

    /// Identities of the logs in this file, in order of appearance.
    pub fn log_ids(&self) -> Vec<&str> {
        let mut ids: Vec<&str> = Vec::new();
        for e in &self.events {
            if !ids.contains(&e.head().log_id.as_str()) {
                ids.push(&e.head().log_id);
            }
        }
        ids
    }

    /// The last beginning of a run that was recorded.
    pub fn last_start(&self) -> Option<&SessionStart> {
        self.events.iter().rev().find_map(|e| match e.body() {
            Body::SessionStart(s) => Some(s),
            _ => None,
        })
    }

    /// Where the data came from, as last recorded: what is needed to open it without a question.
    pub fn source(&self) -> Option<Source> {
        self.events.iter().rev().find_map(|e| match e.body() {
            Body::SessionStart(s) => s.source(),
            _ => None,
        })
    }
}

fn check(line: &[u8], chains: &mut HashMap<String, (u64, String, String)>) -> Result<Event, Damage> {
    if line.len() > MAX_LINE_BYTES {
        return Err(Damage::TooLong);
    }
    let event = Event::parse(line)?;
    let head = event.head();
    let (next, prev, reviewer) =
        chains.get(&head.log_id).map_or((0, NO_PREV, head.reviewer.as_str()), |(n, p, r)| (*n, p, r));
    if head.seq != next {
        return Err(Damage::Sequence { log_id: head.log_id.clone(), expected: next, found: head.seq });
    }
    if head.prev != prev {
        return Err(Damage::Chain);
    }
    if head.reviewer != reviewer {
        return Err(Damage::Reviewer { expected: reviewer.to_owned(), found: head.reviewer.clone() });
    }
    chains.insert(head.log_id.clone(), (next + 1, event.hash().to_owned(), head.reviewer.clone()));
    Ok(event)
}

#[cfg(test)]
mod tests {
    use super::super::storage::MemoryStorage;
    use super::*;

    const R1: &[u8] = include_bytes!("../../tests/data/format_examples/dissensus_log/r1.corrections.jsonl");

    #[test]
    fn a_cut_at_any_byte_leaves_every_whole_line_and_keeps_the_torn_bytes() {
        let ends: Vec<usize> = (0..R1.len()).filter(|&i| R1[i] == b'\n').collect();
        for cut in 0..=R1.len() {
            let disk = MemoryStorage::new(&R1[..cut]);
            let (log, len) = Log::open(&mut disk.clone(), Path::new("r1")).unwrap();
            let whole = ends.iter().filter(|&&e| e <= cut).count();
            assert_eq!(log.events.len(), whole, "cut at {cut}");
            assert_eq!(len as usize, disk.bytes().len());
            let again = Log::parse(&disk.bytes()).unwrap();
            assert_eq!((again.torn, again.events), (None, log.events));
            if let Some(torn) = log.torn {
                assert_eq!(disk.aside(), torn.bytes);
                assert_eq!(torn.damage, Damage::CutOff);
            }
        }
    }

    #[test]
    fn every_changed_byte_is_found_and_its_line_named() {
        for at in (0..R1.len()).step_by(7) {
            let mut bytes = R1.to_vec();
            bytes[at] = if bytes[at] == b'x' { b'y' } else { b'x' };
            let line = R1[..at].split(|&b| b == b'\n').count();
            match Log::parse(&bytes) {
                Err((found, damage)) => assert_eq!(found, line, "byte {at}: {damage}"),
                Ok(log) => assert_eq!(log.torn.map(|t| t.line), Some(line), "byte {at}"),
            }
        }
    }

    #[test]
    fn lines_taken_away_or_swapped_are_found() {
        let lines: Vec<&[u8]> = R1.split_inclusive(|&b| b == b'\n').collect();
        let without = [&lines[..2], &lines[3..]].concat().concat();
        assert!(matches!(Log::parse(&without), Err((3, Damage::Sequence { expected: 2, found: 3, .. }))));
        let mut swapped = lines.clone();
        swapped.swap(4, 5);
        assert!(matches!(Log::parse(&swapped.concat()), Err((5, Damage::Sequence { .. }))));
        assert!(matches!(Log::parse(&lines[1..].concat()), Err((1, Damage::Sequence { expected: 0, .. }))));
    }

    #[test]
    fn an_event_resealed_by_a_forger_breaks_the_chain_after_it() {
        let mut lines: Vec<Vec<u8>> = R1.split_inclusive(|&b| b == b'\n').map(<[u8]>::to_vec).collect();
        let event = Log::parse(R1).unwrap().events.swap_remove(1);
        let Body::Decide(mut d) = event.body().clone() else { panic!("a decision") };
        d.note = "forged".into();
        lines[1] = Event::seal(event.head(), &Body::Decide(d)).unwrap().line().into_bytes();
        assert_eq!(Log::parse(&lines.concat()).unwrap_err(), (3, Damage::Chain));
    }

    #[test]
    fn a_file_of_zeros_after_a_crash_is_repaired_and_a_read_only_log_is_left_alone() {
        let disk = MemoryStorage::new(&[R1, &[0u8; 512]].concat());
        let mut reader = disk.as_read_only("no");
        assert_eq!(Log::open(&mut reader, Path::new("r1")).unwrap().1 as usize, R1.len());
        assert_eq!(disk.bytes().len(), R1.len() + 512);
        Log::open(&mut disk.clone(), Path::new("r1")).unwrap();
        assert_eq!(disk.bytes(), R1);
    }
}
