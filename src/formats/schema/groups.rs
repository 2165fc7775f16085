//! Columns that mean something together: counts of one vote a label, a grid of raters and labels, lists in cells, the
//! parts of a text, what holds one question a row.

use std::collections::HashSet;

use super::guess::Guesser;
use super::hints::hints;
use crate::dataset::Role;

/// Answers that are not labels: what people said of a given and a guessed label.
const ANSWERS: [&str; 7] = ["given", "guessed", "neither", "both", "other", "total", "all"];

/// Names of texts that stand together, in the order they are read.
const TOGETHER: &[&[&str]] = &[
    &["premise", "hypothesis"],
    &["text", "hypothesis"],
    &["sentence", "hypothesis"],
    &["context", "statement"],
    &["context", "response"],
    &["prompt", "response"],
    &["question", "answer"],
    &["instruction", "input", "output"],
    &["instruction", "input"],
];

impl Guesser<'_> {
    /// Numbers of votes, one column a label, where nobody is named.
    pub(super) fn counts(&mut self) {
        let mut groups: Vec<(&'static str, Vec<(usize, String)>)> = Vec::new();
        for i in self.free() {
            let c = &self.profile.columns[i];
            if !c.is_numeric() {
                continue;
            }
            if let Some((prefix, label)) = count_label(&self.names[i]) {
                match groups.iter_mut().find(|(p, _)| *p == prefix) {
                    Some((_, group)) => group.push((i, label)),
                    None => groups.push((prefix, vec![(i, label)])),
                }
            }
        }
        let answers = |g: &[(usize, String)]| g.iter().all(|(_, l)| ANSWERS.contains(&l.as_str()));
        groups.retain(|(_, g)| g.len() >= 2 && !answers(g));
        groups.sort_by_key(|(_, g)| usize::MAX - g.len());
        let Some((_, group)) = groups.into_iter().next() else { return };
        let n = group.len();
        for (i, label) in group {
            let reason = format!("numbers, and its name says votes for “{label}”; {n} columns count votes");
            self.set(i, Role::Count(label), reason);
        }
        // What the votes give needs no column.
        for i in self.free() {
            if self.hints[i].given == 2 {
                self.set(i, Role::Meta, "the label with the most votes, which the counts say too");
            }
        }
    }

    /// One column of raters' labels and one of their names, a list in each cell.
    pub(super) fn lists(&mut self) -> bool {
        let listed = |g: &Self, i: usize| g.profile.columns[i].is_listed();
        let free = self.free();
        let rater = free.iter().copied().find(|&i| listed(self, i) && self.hints[i].rater == 3);
        let label = free.iter().copied().find(|&i| listed(self, i) && self.hints[i].label == 3);
        match (rater, label) {
            (Some(rater), Some(label)) => {
                self.set(rater, Role::Rater, "a list of raters in each cell; its name says so");
                self.set(label, Role::Label, "a list of labels in each cell, one a rater; its name says so");
                // Reviewers' lists stand in rows of their own.
                self.item_of_rows(true);
                true
            }
            (None, Some(label)) if !self.has(&Role::Rater) && !self.has(&Role::Given) => {
                self.set(label, Role::Given, "a list of labels in each cell; its name says so");
                self.item_of_rows(false);
                true
            }
            _ => false,
        }
    }

    /// Yes or no for every rater and label: columns named `rater_label`. One label is read at a time.
    pub(super) fn grid(&mut self) -> bool {
        let flags: Vec<usize> = self.free().into_iter().filter(|&i| self.is_flag(i)).collect();
        let Some(&first) = flags.first() else { return false };
        let names: HashSet<&str> = flags.iter().map(|&i| self.names[i].as_str()).collect();
        let head_and_tail = |name: &str| -> Vec<(String, String)> {
            let cuts = name.match_indices(['_', '.', ':', ' ']).map(|(at, _)| at);
            cuts.map(|at| (name[..at].to_owned(), name[at..].to_owned())).collect()
        };
        let telling = |head: &str| hints(head).rater > 0;
        let mut best: Option<(usize, Vec<String>)> = None;
        for (head, _) in head_and_tail(&self.names[first]) {
            // The labels of the first rater; others may lack some.
            let tails: Vec<String> = flags
                .iter()
                .filter_map(|&i| self.names[i].strip_prefix(head.as_str()))
                .filter(|t| t.starts_with(['_', '.', ':', ' ']))
                .map(str::to_owned)
                .collect();
            let heads: HashSet<&str> =
                tails.iter().flat_map(|t| names.iter().filter_map(|n| n.strip_suffix(t.as_str()))).collect();
            let full = |h: &&&str| tails.iter().all(|t| names.contains(format!("{h}{t}").as_str()));
            let there = |n: &&&str| tails.iter().any(|t| n.strip_suffix(t.as_str()).is_some_and(telling));
            let covered = names.iter().filter(there).count();
            if telling(&head)
                && tails.len() >= 2
                && heads.iter().filter(full).count() >= 2
                && covered * 10 >= flags.len() * 7
                && best.as_ref().is_none_or(|(n, _)| covered > *n)
            {
                best = Some((covered, tails));
            }
        }
        let Some((_, tails)) = best else { return false };
        let Some(tail) = tails.first() else { return false };
        let label = tail.trim_start_matches(['_', '.', ':', ' ']).to_owned();
        let is = |name: &str, tail: &String| name.strip_suffix(tail.as_str()).is_some_and(telling);
        let raters = flags.iter().filter(|&&i| is(&self.names[i], tail)).count();
        for i in flags {
            let name = &self.names[i];
            if is(name, tail) {
                let reason = format!("whether this rater said “{label}”; {raters} raters have such a column");
                self.set(i, Role::Label, reason);
            } else if tails.iter().any(|t| is(name, t)) {
                let reason =
                    format!("another label than “{label}”; give these columns the role label to read it");
                self.set(i, Role::Ignore, reason);
            }
        }
        self.item_of_rows(false);
        true
    }

    fn is_flag(&self, i: usize) -> bool {
        let c = &self.profile.columns[i];
        let flags = ["0", "1", "0.0", "1.0", "true", "false", "True", "False", "TRUE", "FALSE"];
        c.filled > 0 && c.distinct() <= 2 && c.values.iter().all(|v| flags.contains(&v.as_str()))
    }

    /// In a long table in which a rater answers several times about an item: the column that tells the answers apart.
    pub(super) fn question(&mut self) {
        let place = |role: &Role| self.roles.iter().position(|r| r.as_ref() == Some(role));
        let (Some(item), Some(rater)) = (place(&Role::Item), place(&Role::Rater)) else { return };
        if place(&Role::Question).is_some()
            || self.profile.pair_uniqueness(item, rater).is_none_or(|u| u > 0.9)
        {
            return;
        }
        let asked = self.free().into_iter().find(|&i| {
            let (c, h) = (&self.profile.columns[i], self.hints[i]);
            c.is_categorical()
                && c.empty == 0
                && (2..=60).contains(&c.distinct())
                && c.mean_repeat() >= 5.0
                && !h.attribute
                && self.profile.triple_uniqueness(item, rater, i).is_some_and(|u| u >= 0.98)
        });
        if let Some(i) = asked {
            let reason = format!("{}; a rater answers once for each", self.shape(i));
            self.set(i, Role::Question, reason);
        }
    }

    /// Further parts of the text: `word1` and `word2`, premise and hypothesis.
    pub(super) fn text_parts(&mut self) {
        let wordy = |g: &Self, i: usize| {
            let c = &g.profile.columns[i];
            let varied = c.distinct() > 4 || c.distinct() == c.filled || c.is_prose();
            c.filled > c.empty && !c.is_numeric() && !c.is_listed() && varied
        };
        let chosen = self.roles.iter().position(|r| *r == Some(Role::Text));
        let stem = |name: &str| {
            let lower = name.to_lowercase();
            let cut = lower.trim_end_matches(|c: char| c.is_ascii_digit());
            let cut = if cut.len() == lower.len() {
                lower.strip_suffix(['a', 'b']).filter(|c| c.ends_with(['_', ' ', '-', '.'])).unwrap_or("")
            } else {
                cut
            };
            cut.trim_end_matches(['_', ' ', '-', '.']).to_owned()
        };
        let mut parts: Vec<usize> = Vec::new();
        let known: Vec<String> = self.names.iter().map(|n| n.to_lowercase()).collect();
        let at = |name: &str| known.iter().position(|n| n == name);
        // With a text, what belongs to it; without, what could be one.
        if let Some(text) = chosen {
            let group = TOGETHER.iter().find(|g| {
                g.contains(&known[text].as_str()) && g.iter().all(|n| at(n).is_some_and(|i| wordy(self, i)))
            });
            parts.extend(group.into_iter().flat_map(|g| g.iter().filter_map(|n| at(n))));
        }
        let stems: Vec<String> = self.names.iter().map(|n| stem(n)).collect();
        for i in self.free().into_iter().chain(chosen) {
            let like = |j: usize| j != i && !stems[j].is_empty() && stems[j] == stems[i] && wordy(self, j);
            let twin =
                (0..self.names.len()).any(|j| like(j) && (Some(j) == chosen || self.roles[j].is_none()));
            let textual = hints(&stems[i]).text > 0
                || ["word", "response", "answer", "output"].contains(&stems[i].as_str());
            if twin && wordy(self, i) && textual {
                parts.push(i);
            }
        }
        parts.sort_unstable();
        parts.dedup();
        for i in parts {
            if self.roles[i].is_none() {
                self.set(i, Role::Text, "a further part of the text by its name");
            }
        }
    }

    /// Why the first row looks like data and not like names of columns.
    pub(super) fn headerless(&self) -> Option<String> {
        // Raters are often called 1, 2, 3.
        let numbered = |i: usize| {
            let n: Option<i64> = self.names[i].parse().ok();
            let beside = |j: usize| self.names.get(j).and_then(|m| m.parse::<i64>().ok());
            n.is_some_and(|n| {
                beside(i + 1) == Some(n + 1) || i.checked_sub(1).and_then(beside) == Some(n - 1)
            })
        };
        (0..self.names.len()).find_map(|i| {
            let (name, c) = (self.names[i].as_str(), &self.profile.columns[i]);
            let among = c.filled >= 5 && c.mean_repeat() >= 2.0 && c.values.iter().any(|v| v == name);
            let prose = c.is_prose() && name.chars().count() >= 15 && name.matches(' ').count() >= 3;
            let named = self.hints.iter().any(|h| h.rater == 3 || h.item >= 2 || h.label == 3 || h.gold == 3);
            ((among || prose) && !named && !numbered(i)).then(|| {
                let why = if prose { "is a sentence like those below it" } else { "stands below it again" };
                format!("“{}” {why}", crate::formats::error::visible(name))
            })
        })
    }

    /// A table of trusted labels alone: those are what can be looked at.
    pub(super) fn gold_alone(&mut self) {
        let labelled = self.roles.iter().flatten().any(|r| {
            matches!(
                r,
                Role::Label
                    | Role::Given
                    | Role::Rater
                    | Role::Present(_)
                    | Role::Count(_)
                    | Role::Probability(_)
            )
        });
        let gold = self.roles.iter().position(|r| *r == Some(Role::Gold));
        if let (false, Some(i), true) = (labelled, gold, self.has(&Role::Item))
            && self.reasons[i] != "chosen by you"
        {
            let reason = "the only labels here; to score others with them, join this table to theirs";
            self.set(i, Role::Given, reason);
        }
    }
}

/// The label of a column of counts: `n_positive`, `count_e`, `votes_cat`.
fn count_label(name: &str) -> Option<(&'static str, String)> {
    for prefix in ["counts", "count", "votes", "vote", "num", "n"] {
        let rest =
            name.get(..prefix.len()).filter(|p| p.eq_ignore_ascii_case(prefix)).map(|p| &name[p.len()..]);
        if let Some(label) =
            rest.and_then(|r| r.strip_prefix(['_', ':', '.', ' ', '-'])).filter(|l| !l.is_empty())
        {
            return Some((prefix, label.to_owned()));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_name_their_label() {
        for (name, label) in [
            ("n_positive", Some("positive")),
            ("count_e", Some("e")),
            ("votes_not sure", Some("not sure")),
            ("n", None),
            ("count", None),
            ("name", None),
            ("country", None),
        ] {
            assert_eq!(count_label(name).map(|(_, l)| l).as_deref(), label, "{name}");
        }
    }
}
