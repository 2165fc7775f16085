//! Reasons for differences between versions: which stand, and who gave them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::event::{Body, Difference, Event};
use super::log::Log;
use super::merge::alive;
use super::place;

/// The reasons of one person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coder {
    /// Who.
    pub reviewer: String,
    /// Codes of the codebook, by what they are about.
    pub codes: BTreeMap<Difference, String>,
}

impl Coder {
    /// What is coded, with its reason.
    pub fn iter(&self) -> impl Iterator<Item = (&Difference, &str)> {
        self.codes.iter().map(|(target, code)| (target, code.as_str()))
    }
}

/// The events behind the reasons that stand, by log, then by what they are about.
pub fn live(events: &[Event]) -> Vec<&Event> {
    let mut all = Vec::new();
    for log in alive(events) {
        let mut last: BTreeMap<&Difference, &Event> = BTreeMap::new();
        for event in log {
            if let Body::Code(c) = event.body() {
                last.insert(&c.target, event);
            }
        }
        all.extend(last.into_values().filter(|event| event.reason().is_some()));
    }
    all
}

/// The reasons that stand, by person; of two logs of one person the later in the list counts.
pub fn coders(events: &[Event]) -> Vec<Coder> {
    let mut found: BTreeMap<&str, BTreeMap<Difference, String>> = BTreeMap::new();
    for event in live(events) {
        if let (Body::Code(c), Some(reason)) = (event.body(), event.reason()) {
            let codes = found.entry(&event.head().reviewer).or_default();
            codes.insert(c.target.clone(), reason.to_owned());
        }
    }
    found.into_iter().map(|(reviewer, codes)| Coder { reviewer: reviewer.to_owned(), codes }).collect()
}

/// Everybody else who coded this source, from the logs beside it, and the logs that cannot be read.
pub fn others(source: &Path, own: &Path) -> (Vec<Coder>, Vec<PathBuf>) {
    let (mut events, mut unread) = (Vec::new(), Vec::new());
    for path in place::beside_all(source) {
        if path == own {
            continue;
        }
        match Log::read(&path) {
            Ok(log) => events.extend(log.events),
            Err(_) => unread.push(path),
        }
    }
    (coders(&events), unread)
}

/// What two people say of each difference that one of them coded; empty for nothing.
pub fn side_by_side<'a>(
    a: impl IntoIterator<Item = (&'a Difference, &'a str)>,
    b: impl IntoIterator<Item = (&'a Difference, &'a str)>,
) -> Vec<(&'a str, &'a str)> {
    let mut both: BTreeMap<&Difference, (&str, &str)> = BTreeMap::new();
    a.into_iter().for_each(|(target, code)| both.entry(target).or_default().0 = code);
    b.into_iter().for_each(|(target, code)| both.entry(target).or_default().1 = code);
    both.into_values().collect()
}
