//! What writing back does to a source, in words, before anything is written: what changes in it, and what it has no place for.

use std::path::Path;

use super::super::magic::FileKind;
use super::super::registry::format_of;
use super::super::schema::{Layout, kind_of};
use super::super::several::TABLES;
use super::super::tabular::{Storage, storage_of};
use crate::dataset::{Dataset, Role, Task};

/// What becomes of an item with several right labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeveralAre {
    /// Written one by one.
    Whole,
    /// Written as `a|b` where one label has its place.
    Joined,
    /// As the format has it: what it cannot say is told when it is planned.
    AsTheFormatHasIt,
}

/// What writing back does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteRule {
    /// What changes, in a sentence without a full stop; why nothing is written back, where that is so.
    pub words: String,
    /// Whether the source is written back at all.
    pub is_written: bool,
    /// What becomes of several labels.
    pub several: SeveralAre,
    /// Whether a column of status can be added.
    pub takes_status: bool,
    /// Whether raters can be renamed.
    pub takes_pseudonyms: bool,
    /// Whether excluded items can be left out.
    pub takes_out: bool,
    /// Whether single spans can be moved, retagged, added and removed.
    pub takes_spans: bool,
}

/// Formats whose writers express decisions about single spans.
const WITH_SPANS: [&str; 5] = ["doccano", "prodigy", "label-studio", "argilla", "brat"];

/// Whether decisions about single spans can be expressed in the source of `dataset`.
pub(super) fn takes_spans(dataset: &Dataset) -> bool {
    dataset.stretches().is_some() && WITH_SPANS.contains(&dataset.source.format.as_str())
}

impl WriteRule {
    /// Of the source of `dataset`. Looks at its first bytes.
    pub fn of(dataset: &Dataset) -> Self {
        let source = &dataset.source;
        let rule = |words: String, is_written| Self {
            words,
            is_written,
            several: SeveralAre::AsTheFormatHasIt,
            takes_status: false,
            takes_pseudonyms: false,
            takes_out: false,
            takes_spans: takes_spans(dataset),
        };
        let not = |what: &str| {
            rule(format!("{what} is not written back; one row an item is written instead"), false)
        };
        if source.format == TABLES {
            return not("A source of several files");
        }
        if !source.format.is_empty() {
            return match format_of(&source.format) {
                Some(f) if f.write.is_some() => {
                    let ending =
                        if f.writes.is_empty() { "the decisions, in its own form" } else { f.writes };
                    Self { takes_out: true, ..rule(format!("{}: {ending}", f.name), true) }
                }
                Some(f) => not(f.name),
                None => not("A format that is not known here"),
            };
        }
        table(dataset, &source.table.path, rule, not)
    }
}

fn table(
    dataset: &Dataset,
    path: &Path,
    rule: impl Fn(String, bool) -> WriteRule,
    not: impl Fn(&str) -> WriteRule,
) -> WriteRule {
    if path.is_dir() {
        return not("A folder of data files");
    }
    let kind = match kind_of(path) {
        Ok((kind, _)) => kind,
        Err(e) => return rule(e.to_string(), false),
    };
    if kind == FileKind::Array {
        let words = "The elements of decided items change in their place and keep their type".to_owned();
        let array = rule(words, true);
        return WriteRule { several: SeveralAre::Joined, takes_out: true, takes_pseudonyms: true, ..array };
    }
    let storage = storage_of(path).map_or(Storage::Text, |s| s.0);
    match storage {
        Storage::Workbook => return not("A workbook"),
        Storage::Bundle => return not("An archive of arrays"),
        _ => {}
    }
    let roles: Vec<Role> = dataset.source.roles.iter().map(|(_, r)| r.clone()).collect();
    let layout = Layout::of(&roles).unwrap_or(Layout::Single);
    let by = "reviewer:NAME";
    let many = dataset.task == Task::MultiLabel || dataset.sets.is_some();
    let row = format!("a row by {by} is added for each decided item; no rater’s row changes");
    let column = format!("a column {by} is added; no rater’s cell changes");
    let votes = match (layout, storage) {
        (Layout::Single | Layout::Document, _) => None,
        (_, Storage::Records) => Some(format!("a vote by {by} is added to each decided item")),
        (Layout::Long, _) => Some(row),
        // A columnar file with a given column tells the decision beside it.
        (Layout::Wide, Storage::Columnar) if dataset.given.is_some() => None,
        (Layout::Wide, _) => Some(column.clone()),
    };
    let words = match (&dataset.given, votes) {
        (Some(given), None) if storage == Storage::Columnar => format!(
            "The cell of “{}” changes for each decided item, and columns tell what was decided; the file is encoded anew",
            given.name
        ),
        (Some(given), None) => {
            format!("The cell of “{}” changes for each decided item; no other cell does", given.name)
        }
        (Some(given), Some(votes)) => {
            format!("The cells of “{}” change for each decided item, and {votes}", given.name)
        }
        (None, Some(votes)) => capital(&votes),
        (None, None) => capital(&column),
    };
    WriteRule {
        several: if many { SeveralAre::Whole } else { SeveralAre::Joined },
        takes_status: storage != Storage::Records,
        takes_pseudonyms: storage == Storage::Text,
        takes_out: storage != Storage::Records,
        ..rule(words, true)
    }
}

fn capital(words: &str) -> String {
    let mut chars = words.chars();
    chars.next().map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::{LoadOptions, Overrides, open};
    use crate::progress::Progress;

    fn rule(name: &str, text: &str) -> WriteRule {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        let dataset = open(&path, &Overrides::default(), &LoadOptions::default(), &Progress::new()).unwrap();
        WriteRule::of(&dataset)
    }

    #[test]
    fn each_shape_of_a_table_says_what_changes() {
        let long = rule("t.csv", "item,rater,label\na,r1,x\na,r2,y\nb,r1,x\nb,r2,x\n");
        assert!(
            long.words.starts_with("A row by reviewer:NAME") && long.is_written && long.takes_pseudonyms,
            "{long:?}"
        );
        assert_eq!(long.several, SeveralAre::Joined);
        let single = rule("t.csv", "id,text,label\n1,good,x\n2,bad,y\n3,so so,x\n");
        assert!(single.words.starts_with("The cell of “label” changes"), "{single:?}");
        let both = rule("t.csv", "item,given,rater,label\na,x,r1,x\na,x,r2,y\nb,y,r1,x\nb,y,r2,x\n");
        assert!(
            both.words.starts_with("The cells of “given” change")
                && both.words.contains("a row by reviewer:NAME"),
            "{both:?}"
        );
        let records = rule(
            "t.jsonl",
            "{\"id\": 1, \"text\": \"a b\", \"label\": \"x\"}\n{\"id\": 2, \"text\": \"c d\", \"label\": \"y\"}\n",
        );
        assert!(!records.takes_pseudonyms, "{records:?}");
    }
}
