//! The check-list of an export: each line checked by the program, with what it means and the items behind it.

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use crate::app::widgets::paint::{count, thousands};
use crate::dataset::{Dataset, Edits, NO_LABEL, Outcome, SpanChange};
use crate::formats::{Excluded, SeveralAre, WriteOptions, WriteRule, WriteSummary, majority};
use crate::review::gathered::Gathered;
use crate::review::log::Log;
use crate::review::merge::{self, Verdict};
use crate::review::place;

/// What the program found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// As it should be.
    Fine,
    /// Worth knowing.
    Note,
    /// Worth a second look before the file is given away.
    Warning,
    /// Nothing can be written like this.
    Stop,
}

impl Mark {
    /// In a word, for those who hear the screen.
    pub fn word(self) -> &'static str {
        match self {
            Self::Fine => "Fine",
            Self::Note => "Note",
            Self::Warning => "Warning",
            Self::Stop => "Stop",
        }
    }
}

/// The items behind a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Behind {
    /// None, or all.
    Nothing,
    /// Those that nobody decided.
    Undecided,
    /// These; the words follow "where".
    Items(String, Arc<[u32]>),
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What the program found.
    pub mark: Mark,
    /// What was checked, in a few words.
    pub what: String,
    /// What it means, and what to do; empty where nothing need be said.
    pub why: String,
    /// What a click opens.
    pub behind: Behind,
}

/// What other logs beside the source say of the same items.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Others {
    /// Logs that were read.
    pub logs: usize,
    /// Logs that could not be.
    pub unread: Vec<PathBuf>,
    /// Items on which they contradict this one, ascending.
    pub conflicts: Arc<[u32]>,
    /// Whether theirs are written too; items on which they contradict each other then stay as given.
    pub together: bool,
}

impl Others {
    /// Of reviewers whose decisions are written together.
    pub fn together(dataset: &Dataset, all: &Gathered) -> Self {
        let open: HashSet<&str> = all.applied.conflicts.iter().map(|c| c.key.as_str()).collect();
        let conflicts = (0..).zip(dataset.keys.iter()).filter(|(_, key)| open.contains(key)).map(|(i, _)| i);
        Self {
            logs: all.reviewers.reviewers.len().saturating_sub(1),
            unread: all.refused.iter().map(|(path, _)| path.clone()).collect(),
            conflicts: conflicts.collect(),
            together: true,
        }
    }
}

/// Items by what was decided on them, in the words of exports.
pub type ByStatus = BTreeMap<&'static str, Arc<[u32]>>;
/// Changed items by label before and after.
pub type ByPair = BTreeMap<(String, String), Arc<[u32]>>;

/// Everything that is found out on a worker.
#[derive(Debug)]
pub struct Checked {
    /// What writing back does.
    pub rule: WriteRule,
    /// What would be written, or why it cannot be.
    pub plan: Result<WriteSummary, String>,
    /// Items by what was decided on them, in the words of exports.
    pub by_status: ByStatus,
    /// Changed items by label before and after.
    pub by_pair: ByPair,
    /// What was decided about single spans, each with the item to look at.
    pub spans: Vec<(SpanChange, u32)>,
    /// What others say.
    pub others: Others,
    /// The paragraph on methods.
    pub methods: String,
}

/// Items by status, and changed ones by pair of labels.
pub fn lists(dataset: &Dataset, edits: &Edits) -> (ByStatus, ByPair) {
    let mut by_status: BTreeMap<&'static str, Vec<u32>> = BTreeMap::new();
    let mut by_pair: BTreeMap<(String, String), Vec<u32>> = BTreeMap::new();
    for (item, edit) in edits.iter().filter(|&(item, _)| item < dataset.n_items()) {
        by_status.entry(edit.outcome.status()).or_default().push(item as u32);
        if let Outcome::Changed(to) = edit.outcome {
            let from = match &dataset.given {
                Some(given) => given.ids.get(item).copied().unwrap_or(NO_LABEL),
                None => majority(dataset.annotations.labels_of(item)),
            };
            let name = |l| dataset.labels.name(l).to_owned();
            by_pair.entry((name(from), name(to))).or_default().push(item as u32);
        }
    }
    let shared = |list: Vec<u32>| -> Arc<[u32]> { list.into() };
    (
        by_status.into_iter().map(|(k, v)| (k, shared(v))).collect(),
        by_pair.into_iter().map(|(k, v)| (k, shared(v))).collect(),
    )
}

/// What the logs of others, beside the source, say against the log `own`.
pub fn others(dataset: &Dataset, own: &Log, path: &std::path::Path) -> Others {
    let (mut logs, mut unread) = (Vec::new(), Vec::new());
    for other in place::beside_all(&dataset.source.table.path).into_iter().filter(|p| p != path) {
        match Log::read(&other) {
            Ok(log) => logs.push(log),
            Err(_) => unread.push(other),
        }
    }
    let n = logs.len();
    if n == 0 {
        return Others { unread, ..Others::default() };
    }
    let Ok(all) = merge::union(std::iter::once(own.clone()).chain(logs)) else {
        return Others { logs: 0, unread, ..Others::default() };
    };
    let keys: BTreeMap<&str, u32> = dataset.keys.iter().enumerate().map(|(i, k)| (k, i as u32)).collect();
    let mut conflicts: Vec<u32> = merge::judge(&all.events)
        .iter()
        .filter(|j| j.verdict == Verdict::Conflict && j.field == dataset.field())
        .filter_map(|j| keys.get(j.item).copied())
        .collect();
    conflicts.sort_unstable();
    conflicts.dedup();
    Others { logs: n, unread, conflicts: conflicts.into(), together: false }
}

/// What the dialog knows beside what the worker found.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// How it is written.
    pub options: &'a WriteOptions,
    /// Whether the target may be written to: whether it is there already, or why not.
    pub target: &'a Result<bool, String>,
    /// Whether soft labels are wanted, and there are votes.
    pub soft: (bool, bool),
    /// Decisions of the log that the data no longer fits.
    pub stale: usize,
    /// Decisions that are not on the disk yet.
    pub pending: u64,
    /// Whether something is known of raters.
    pub attributes: bool,
}

/// The check-list.
pub fn checklist(checked: &Checked, asked: &Asked<'_>) -> Vec<Line> {
    let line = |mark, what: String, why: String| Line { mark, what, why, behind: Behind::Nothing };
    let rule = &checked.rule;
    let mut lines = vec![match asked.target {
        Ok(false) => line(Mark::Fine, "A new file".into(), "The original is never written to".into()),
        Ok(true) => {
            line(Mark::Warning, "The file is there already".into(), "It is replaced as a whole".into())
        }
        Err(why) => line(Mark::Stop, "Not to be written there".into(), why.clone()),
    }];
    lines.push(if rule.is_written {
        line(Mark::Fine, "Written back in its own format".into(), rule.words.clone())
    } else {
        line(Mark::Warning, "Not written back in its own format".into(), rule.words.clone())
    });
    match &checked.plan {
        Ok(plan) => {
            let rows =
                format!("{} → {}", count(plan.rows_in as usize, "row", "rows"), thousands(plan.rows_out));
            lines.push(line(
                Mark::Fine,
                "The source is what was opened".into(),
                format!("{rows}, by its digest"),
            ));
        }
        Err(why) if rule.is_written => {
            lines.push(line(Mark::Stop, "The source cannot be written like this".into(), why.clone()));
        }
        Err(_) => {}
    }
    if asked.pending > 0 {
        let n = count(asked.pending as usize, "decision is", "decisions are");
        lines.push(line(Mark::Note, "The log is being saved".into(), format!("{n} on the way to the disk")));
    }
    lines.extend(decisions(checked, asked));
    lines.extend(single_spans(checked));
    if asked.stale > 0 {
        let what = count(asked.stale, "decision no longer fits", "decisions no longer fit");
        lines.push(line(
            Mark::Warning,
            what,
            "The data changed below them; they are not applied. See Log".into(),
        ));
    }
    lines.push(conflicts(&checked.others));
    lines.extend(cells(checked, asked));
    if let Ok(plan) = &checked.plan {
        lines.extend(plan.notes.iter().map(|note| line(Mark::Note, "About this file".into(), note.clone())));
    }
    // What asks for something comes first; the order is otherwise that of the file's way.
    lines.sort_by_key(|l| match l.mark {
        Mark::Stop => 0,
        Mark::Warning => 1,
        Mark::Note => 2,
        Mark::Fine => 3,
    });
    lines
}

fn decisions(checked: &Checked, asked: &Asked<'_>) -> Vec<Line> {
    let rule = &checked.rule;
    let tells = rule.takes_status && (asked.options.status || asked.options.excluded == Excluded::Keep);
    let status = |word: &str| if tells { format!(", with the status {word}") } else { String::new() };
    let mut lines = Vec::new();
    let mut push = |of: &'static str, one: &str, many: &str, mark: Mark, why: String| {
        if let Some(items) = checked.by_status.get(of) {
            let what = count(items.len(), one, many);
            let behind = Behind::Items(format!("in the export: {}", what.clone()), Arc::clone(items));
            lines.push(Line { mark, what, why, behind });
        }
    };
    let why = "See the pairs of labels on the right".to_owned();
    push("changed", "label changes", "labels change", Mark::Fine, why);
    push(
        "kept",
        "label is confirmed",
        "labels are confirmed",
        Mark::Fine,
        format!("Written as they stand{}", status("kept")),
    );
    let (mark, why) = match rule.several {
        _ if !rule.is_written => (Mark::Note, "Written as several labels, joined by |".to_owned()),
        SeveralAre::Whole => (Mark::Fine, "Each label is written".to_owned()),
        SeveralAre::Joined => {
            let words = "One label has its place there, so they are written as a|b, which readers take for a label of its own. Soft \
                         labels or the table of items can say it";
            (Mark::Warning, words.to_owned())
        }
        SeveralAre::AsTheFormatHasIt => {
            (Mark::Note, "Written as the format has it; see what it says of this file".to_owned())
        }
    };
    push("several", "item has several labels", "items have several labels", mark, why);
    let keeps = "The file cannot say so: the label that stood there stays";
    let (mark, why) = if tells {
        (Mark::Note, format!("The label that stood there stays{}", status("none_of_labels")))
    } else {
        (Mark::Warning, format!("{keeps}. A status column can say it, or exclude them"))
    };
    push("none_of_labels", "item has none of the labels", "items have none of the labels", mark, why);
    let why = format!("Left for somebody else: the label that stood there stays{}", status("unsure"));
    push("unsure", "item is unsure", "items are unsure", Mark::Warning, why);
    let (mark, why) = match asked.options.excluded {
        _ if rule.is_written && !rule.takes_out => {
            (Mark::Warning, "Their records stay: this kind of file has no place for leaving out".to_owned())
        }
        Excluded::Drop => (Mark::Note, "Left out".to_owned()),
        Excluded::Keep => (Mark::Note, format!("They stay{}", status("excluded"))),
    };
    push("excluded", "item is excluded", "items are excluded", mark, why);
    let undecided = checked.plan.as_ref().map_or(0, |p| p.undecided);
    if undecided > 0 {
        lines.push(Line {
            mark: Mark::Note,
            what: count(undecided as usize, "item is undecided", "items are undecided"),
            why: "They keep the label that they came with".to_owned(),
            behind: Behind::Undecided,
        });
    }
    lines
}

/// What becomes of decisions about single spans.
fn single_spans(checked: &Checked) -> Option<Line> {
    let n = checked.spans.len();
    let mut items: Vec<u32> = checked.spans.iter().map(|s| s.1).collect();
    items.sort_unstable();
    items.dedup();
    let parts = SpanChange::ALL.iter().filter_map(|change| {
        let n = checked.spans.iter().filter(|s| s.0 == *change).count();
        (n > 0).then(|| format!("{n} {}", change.word()))
    });
    let parts = parts.collect::<Vec<_>>().join(", ");
    let is_written = checked.rule.is_written && checked.rule.takes_spans;
    let (mark, what, why) = if is_written {
        let what = count(n, "span changes", "spans change");
        (Mark::Fine, what, format!("{parts}: written in their places, as the format has them"))
    } else {
        let what = count(n, "decision on a span is not written", "decisions on spans are not written");
        let why = format!("{parts}: not expressed in this target. They are in the log, and stay there");
        (Mark::Warning, what, why)
    };
    let behind = Behind::Items(format!("in the export: {what}"), items.into());
    (n > 0).then_some(Line { mark, what, why, behind })
}

fn conflicts(others: &Others) -> Line {
    let line = |mark, what: String, why: String| Line { mark, what, why, behind: Behind::Nothing };
    let items = |words: &str| Behind::Items(words.to_owned(), Arc::clone(&others.conflicts));
    let unread = match others.unread.len() {
        0 => String::new(),
        n => format!(" {} could not be read", count(n, "log", "logs")),
    };
    match (others.logs, others.conflicts.len()) {
        (n, 0) if others.together => {
            let what = format!("{} together", count(n + 1, "reviewer", "reviewers"));
            let mark = if unread.is_empty() { Mark::Fine } else { Mark::Warning };
            line(mark, what, format!("No conflict is open.{unread}").trim_end_matches('.').to_owned())
        }
        (n, k) if others.together => {
            let what = format!(
                "{} together; {} as given",
                count(n + 1, "reviewer", "reviewers"),
                count(k, "open conflict stays", "open conflicts stay")
            );
            let why =
                format!("Nobody settled what they contradict each other on; Conflicts lists it.{unread}");
            Line { behind: items("conflicts that are open"), ..line(Mark::Warning, what, why) }
        }
        (0, _) if unread.is_empty() => line(
            Mark::Fine,
            "No other log beside the source".into(),
            "Nobody contradicts these decisions".into(),
        ),
        (0, _) => line(Mark::Warning, "Other logs beside the source".into(), unread.trim().to_owned()),
        (n, 0) => {
            let why = format!("They say nothing else of the same items.{unread}");
            line(
                if unread.is_empty() { Mark::Fine } else { Mark::Warning },
                count(n, "other log agrees", "other logs agree"),
                why.trim_end_matches('.').to_owned(),
            )
        }
        (n, k) => {
            let what = count(k, "item is contradicted", "items are contradicted");
            let logs = count(n, "other log beside the source decides", "other logs beside the source decide");
            let why = format!(
                "{logs} otherwise; here your decision is written. Merge and adjudicate first{unread}"
            );
            Line { behind: items("contradicted by another log"), ..line(Mark::Warning, what, why) }
        }
    }
}

fn cells(checked: &Checked, asked: &Asked<'_>) -> Vec<Line> {
    let line =
        |mark, what: &str, why: String| Line { mark, what: what.to_owned(), why, behind: Behind::Nothing };
    let (rule, options) = (&checked.rule, asked.options);
    let mut lines = Vec::new();
    let risky = checked.plan.as_ref().map_or(0, |p| p.risky_cells);
    if risky > 0 {
        let n = count(risky as usize, "cell begins", "cells begin");
        lines.push(if options.spreadsheet_safe {
            line(Mark::Fine, "Formulas are defused", format!("{n} like a formula and get an apostrophe"))
        } else {
            let why =
                format!("{n} like a formula. If a spreadsheet will open the file, choose “For spreadsheets”");
            line(Mark::Warning, "Cells like formulas", why)
        });
    }
    if options.pseudonymise && rule.is_written {
        lines.push(if !rule.takes_pseudonyms {
            let why =
                "This kind of file keeps the names of raters. Export one row an item, which names nobody";
            line(Mark::Stop, "Raters cannot be renamed", why.to_owned())
        } else if asked.attributes {
            let why = "Their attributes are still in the file and may identify them";
            line(Mark::Warning, "Raters are renamed", why.to_owned())
        } else {
            line(Mark::Fine, "Raters are renamed", "The map goes to a file of its own".to_owned())
        });
    }
    if options.status && rule.is_written && !rule.takes_status {
        lines.push(line(
            Mark::Note,
            "No column of status",
            "This kind of file has no place for it".to_owned(),
        ));
    }
    if let (true, false) = asked.soft {
        lines.push(line(
            Mark::Note,
            "No soft labels",
            "They are made of votes, and the data has none".to_owned(),
        ));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule() -> WriteRule {
        WriteRule {
            words: "The cell of “label” changes".into(),
            is_written: true,
            several: SeveralAre::Joined,
            takes_status: true,
            takes_pseudonyms: true,
            takes_out: true,
            takes_spans: false,
        }
    }

    fn checked() -> Checked {
        let items = |list: &[u32]| -> Arc<[u32]> { list.into() };
        Checked {
            rule: rule(),
            plan: Ok(WriteSummary {
                rows_in: 9,
                rows_out: 8,
                undecided: 4,
                risky_cells: 2,
                ..WriteSummary::default()
            }),
            by_status: [
                ("several", items(&[1])),
                ("unsure", items(&[2, 3])),
                ("none_of_labels", items(&[5])),
                ("excluded", items(&[7])),
            ]
            .into(),
            by_pair: BTreeMap::new(),
            spans: vec![(SpanChange::Moved, 3), (SpanChange::Added, 3)],
            others: Others { logs: 2, conflicts: items(&[1, 4]), ..Others::default() },
            methods: String::new(),
        }
    }

    fn told(checked: &Checked, options: &WriteOptions) -> Vec<Line> {
        let asked = Asked {
            options,
            target: &Ok(false),
            soft: (false, true),
            stale: 1,
            pending: 0,
            attributes: true,
        };
        checklist(checked, &asked)
    }

    fn find<'a>(lines: &'a [Line], what: &str) -> &'a Line {
        lines
            .iter()
            .find(|l| l.what.contains(what))
            .unwrap_or_else(|| panic!("no line says {what}: {lines:?}"))
    }

    #[test]
    fn what_the_target_cannot_say_is_said_plainly() {
        let lines = told(&checked(), &WriteOptions::default());
        let several = find(&lines, "1 item has several labels");
        assert_eq!((several.mark, several.why.contains("a|b")), (Mark::Warning, true));
        assert_eq!(
            several.behind,
            Behind::Items("in the export: 1 item has several labels".into(), [1].into())
        );
        assert_eq!(find(&lines, "1 item has none of the labels").mark, Mark::Warning);
        assert_eq!(find(&lines, "2 items are contradicted").mark, Mark::Warning);
        assert_eq!(find(&lines, "4 items are undecided").behind, Behind::Undecided);
        assert_eq!(find(&lines, "Cells like formulas").mark, Mark::Warning);
        assert!(find(&lines, "1 decision no longer fits").why.contains("not applied"));
        assert!(!lines.iter().any(|l| l.mark == Mark::Stop));
        let spans = find(&lines, "2 decisions on spans are not written");
        assert!(spans.mark == Mark::Warning && spans.why.starts_with("1 moved, 1 added"), "{spans:?}");
        assert!(matches!(&spans.behind, Behind::Items(_, items) if **items == [3]));
        let mut other = checked();
        other.rule.takes_spans = true;
        let lines = told(&other, &WriteOptions::default());
        assert_eq!(find(&lines, "2 spans change").mark, Mark::Fine);
    }

    #[test]
    fn options_change_what_is_said() {
        let options = WriteOptions {
            status: true,
            spreadsheet_safe: true,
            pseudonymise: true,
            ..WriteOptions::default()
        };
        let lines = told(&checked(), &options);
        assert!(find(&lines, "none of the labels").why.ends_with("with the status none_of_labels"));
        assert_eq!(find(&lines, "Formulas are defused").mark, Mark::Fine);
        assert_eq!(find(&lines, "Raters are renamed").mark, Mark::Warning, "attributes may identify them");
        let mut other = checked();
        other.rule.takes_pseudonyms = false;
        assert_eq!(find(&told(&other, &options), "Raters cannot be renamed").mark, Mark::Stop);
    }

    #[test]
    fn a_source_that_cannot_be_written_stops_and_one_that_never_is_does_not() {
        let mut gone = checked();
        gone.plan = Err("the file changed since it was opened".into());
        assert_eq!(
            find(&told(&gone, &WriteOptions::default()), "cannot be written like this").mark,
            Mark::Stop
        );
        gone.rule.is_written = false;
        let lines = told(&gone, &WriteOptions::default());
        assert!(!lines.iter().any(|l| l.mark == Mark::Stop), "{lines:?}");
        assert_eq!(find(&lines, "Not written back").mark, Mark::Warning);
        let options = WriteOptions::default();
        let target = Err("this is the original".to_owned());
        let asked = Asked {
            options: &options,
            target: &target,
            soft: (true, false),
            stale: 0,
            pending: 3,
            attributes: false,
        };
        let lines = checklist(&checked(), &asked);
        assert_eq!(lines[0].mark, Mark::Stop);
        assert_eq!(find(&lines, "No soft labels").mark, Mark::Note);
        assert!(find(&lines, "being saved").why.starts_with("3 decisions"));
    }
}
