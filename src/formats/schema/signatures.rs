//! Tables that everybody has: exports of crowdsourcing services and published collections, known by their headers.
//!
//! A signature is a set of columns that must all be there; of several that fit, the one that asks for more wins. It says
//! what each column is; what it leaves open is guessed as in any other table.

// All functions of the table have one type, also those that leave nothing open.
#![allow(clippy::unnecessary_wraps)]

use super::hints::hints;
use super::profile::{Column, Profile};
use crate::dataset::Role;

/// A table that is known by its header.
pub(super) struct Signature {
    /// How people call it, with its article.
    pub(super) name: &'static str,
    /// Columns that must be there; `*` at an end stands for anything.
    pub(super) keys: &'static [&'static str],
    /// What a column means; `None` leaves it to the guess.
    roles: fn(&Header<'_>, usize) -> Option<Role>,
}

/// A table's columns.
pub(super) struct Header<'h> {
    pub(super) names: &'h [String],
    pub(super) profile: &'h Profile,
}

impl<'h> Header<'h> {
    fn column(&self, i: usize) -> &'h Column {
        &self.profile.columns[i]
    }

    fn has(&self, name: &str) -> bool {
        self.names.iter().any(|n| n == name)
    }

    fn starting(&self, prefix: &str) -> impl Iterator<Item = usize> {
        (0..self.names.len()).filter(move |&i| self.names[i].starts_with(prefix))
    }

    /// Among columns that begin with `prefix`, the first that is called an id. Numbered ids, `id1` and `id2`, are of
    /// several things in one row and name none of them.
    fn id_of(&self, prefix: &str) -> Option<usize> {
        let ids = self.starting(prefix).filter(|&i| {
            let rest = self.names[i][prefix.len()..].to_ascii_lowercase();
            self.column(i).filled > 0 && (hints(&rest).item >= 2 || rest.ends_with("id"))
        });
        let ids: Vec<usize> = ids.collect();
        let numbered = |i: usize| self.names[i].ends_with(|c: char| c.is_ascii_digit());
        ids.iter().copied().find(|&i| ids.len() == 1 || !numbered(i))
    }

    /// The first of the columns that may hold a role which only one can have.
    fn first(&self, i: usize, is: impl Fn(&str) -> bool) -> bool {
        self.names.iter().position(|n| is(n)) == Some(i)
    }
}

fn fits(key: &str, name: &str) -> bool {
    match (key.strip_prefix('*'), key.strip_suffix('*')) {
        (Some(end), _) => name.ends_with(end),
        (_, Some(start)) => name.starts_with(start),
        _ => name == key,
    }
}

/// All signatures; their required columns differ.
pub(super) const SIGNATURES: &[Signature] = &[
    Signature {
        name: "an MTurk batch",
        keys: &["HITId", "AssignmentId", "WorkerId", "AssignmentStatus"],
        roles: mturk,
    },
    Signature {
        name: "an Appen full report",
        keys: &["_unit_id", "_worker_id", "_trust"],
        roles: appen_full,
    },
    Signature {
        name: "an Appen aggregated report",
        keys: &["_unit_id", "_trusted_judgments", "*:confidence"],
        roles: appen_aggregated,
    },
    Signature { name: "a Toloka export", keys: &["ASSIGNMENT:worker_id", "OUTPUT:*"], roles: toloka },
    Signature {
        name: "GoEmotions, one row a rater",
        keys: &["id", "rater_id", "example_very_unclear"],
        roles: goemotions,
    },
    Signature {
        name: "Measuring Hate Speech",
        keys: &["comment_id", "annotator_id", "hate_speech_score"],
        roles: measuring_hate_speech,
    },
    Signature { name: "DICES", keys: &["rater_id", "item_id", "degree_of_harm"], roles: dices },
    Signature {
        name: "POPQUORN",
        keys: &["instance_id", "user_id", "gender", "race", "age", "occupation", "education"],
        roles: popquorn,
    },
    Signature { name: "Social Bias Frames", keys: &["HITId", "WorkerId", "offensiveYN"], roles: sbic },
    Signature {
        name: "CIFAR-10H, one row an answer",
        keys: &["annotator_id", "chosen_label", "is_attn_check"],
        roles: cifar10h,
    },
    Signature { name: "a Crowd-Kit table", keys: &["task", "worker", "label"], roles: crowd_kit },
    Signature { name: "a Crowd-Kit table", keys: &["task", "performer", "label"], roles: crowd_kit },
    Signature {
        name: "INCEpTION's differences between annotators",
        keys: &["Document", "Layer", "Feature", "Position", "Flags"],
        roles: inception_diff,
    },
    Signature { name: "a Potato export", keys: &["instance_id", "user_id", "*.*"], roles: potato },
    Signature { name: "a Potato 1.x export", keys: &["user", "instance_id", "*:::*"], roles: potato },
];

/// The signature that fits best, with the columns it needs as the table calls them.
pub(super) fn find(header: &Header<'_>) -> Option<(&'static Signature, Vec<usize>)> {
    let mut best: Option<(&Signature, Vec<usize>)> = None;
    for signature in SIGNATURES {
        let found = |key: &&str| match key.strip_prefix('*').and_then(|k| k.strip_suffix('*')) {
            Some(middle) => header.names.iter().position(|n| n.contains(middle) && n != middle),
            None => header.names.iter().position(|n| fits(key, n)),
        };
        let columns: Option<Vec<usize>> = signature.keys.iter().map(found).collect();
        if let Some(columns) = columns
            && best.as_ref().is_none_or(|(b, _)| signature.keys.len() > b.keys.len())
        {
            best = Some((signature, columns));
        }
    }
    best
}

impl Signature {
    /// What column `i` means.
    pub(super) fn role(&self, header: &Header<'_>, i: usize) -> Option<Role> {
        (self.roles)(header, i)
    }
}

/// What a question is called, from the column of its answers: `Answer.sentiment.label` asks for `sentiment`.
pub(crate) fn question_of(column: &str) -> &str {
    let name = column.strip_prefix("Answer.").or_else(|| column.strip_prefix("OUTPUT:")).unwrap_or(column);
    name.strip_suffix(".label").filter(|n| !n.is_empty()).unwrap_or(name)
}

/// Values that say yes or no, or nothing.
fn is_flag(column: &Column) -> bool {
    let flags = ["true", "false", "1", "0", "1.0", "0.0", "on", "yes", "no"];
    column.filled > 0
        && column.distinct() == column.values.len() as u64
        && column.values.iter().all(|v| flags.contains(&v.to_ascii_lowercase().as_str()))
}

fn mturk(h: &Header<'_>, i: usize) -> Option<Role> {
    let name = h.names[i].as_str();
    let id = h.id_of("Input.");
    Some(match name {
        "WorkerId" => Role::Rater,
        "AssignmentStatus" => Role::Status,
        "WorkTimeInSeconds" => Role::Time,
        "HITId" if id.is_none() => Role::Item,
        _ if id == Some(i) => Role::Item,
        _ if name.starts_with("Input.") => return None,
        _ if name.starts_with("Answer.") => {
            let all: Vec<usize> = h.starting("Answer.").filter(|&c| h.column(c).filled > 0).collect();
            // A group of check boxes has one column each.
            if all.len() > 1 && all.iter().all(|&c| is_flag(h.column(c))) {
                let label = name.trim_start_matches("Answer.");
                let label = label.strip_suffix(".on").unwrap_or(label);
                Role::Present(label.rsplit('.').next().unwrap_or(label).to_owned())
            } else if h.column(i).filled == 0 || h.column(i).is_listed() || h.column(i).is_prose() {
                Role::Meta
            } else {
                Role::Label
            }
        }
        _ => Role::Ignore,
    })
}

fn appen_full(h: &Header<'_>, i: usize) -> Option<Role> {
    let name = h.names[i].as_str();
    Some(match name {
        "_unit_id" => Role::Item,
        "_worker_id" => Role::Rater,
        "_tainted" => Role::Status,
        "_trust" | "_country" | "_golden" => Role::Meta,
        _ if name.starts_with('_') => Role::Ignore,
        _ => return appen_question(h, i, Role::Label),
    })
}

/// Columns of data and of answers: an answer's gold has its name.
fn appen_question(h: &Header<'_>, i: usize, role: Role) -> Option<Role> {
    let name = h.names[i].as_str();
    if name.ends_with("_gold_reason") || name.ends_with(":confidence") {
        return Some(Role::Meta);
    }
    if name.ends_with("_gold") {
        let first = h.first(i, |n| n.ends_with("_gold"));
        return Some(if first { Role::Gold } else { Role::Meta });
    }
    let asked = |n: &str| h.has(&format!("{n}_gold")) || h.has(&format!("{n}:confidence"));
    match asked(name) {
        true if role == Role::Given && !h.first(i, asked) => Some(Role::Meta),
        true => Some(role),
        false => None,
    }
}

fn appen_aggregated(h: &Header<'_>, i: usize) -> Option<Role> {
    let name = h.names[i].as_str();
    Some(match name {
        "_unit_id" => Role::Item,
        _ if name.starts_with('_') => Role::Meta,
        _ => return appen_question(h, i, Role::Given),
    })
}

fn toloka(h: &Header<'_>, i: usize) -> Option<Role> {
    let name = h.names[i].as_str();
    let inputs: Vec<usize> = h.starting("INPUT:").collect();
    // The same task has another task_id in another pool.
    let id = h.id_of("INPUT:").or(if inputs.len() == 1 { inputs.first().copied() } else { None });
    Some(match name {
        "ASSIGNMENT:worker_id" => Role::Rater,
        "ASSIGNMENT:status" => Role::Status,
        "ASSIGNMENT:task_id" if id.is_none() => Role::Item,
        _ if id == Some(i) => Role::Item,
        _ if name.starts_with("INPUT:") => return None,
        _ if name.starts_with("OUTPUT:") => {
            let column = h.column(i);
            if column.filled > 0 && (column.is_prose() || column.is_listed()) {
                Role::Meta
            } else {
                Role::Label
            }
        }
        _ if name.starts_with("GOLDEN:") && h.first(i, |n| n.starts_with("GOLDEN:")) => Role::Gold,
        _ => Role::Ignore,
    })
}

fn goemotions(h: &Header<'_>, i: usize) -> Option<Role> {
    let name = h.names[i].as_str();
    Some(match name {
        "id" => Role::Item,
        "rater_id" => Role::Rater,
        "text" => Role::Text,
        "example_very_unclear" => Role::Status,
        "author" | "link_id" | "parent_id" | "created_utc" => Role::Ignore,
        _ if is_flag(h.column(i)) => Role::Present(name.to_owned()),
        _ => Role::Meta,
    })
}

fn measuring_hate_speech(h: &Header<'_>, i: usize) -> Option<Role> {
    Some(match h.names[i].as_str() {
        "comment_id" => Role::Item,
        "annotator_id" => Role::Rater,
        "text" => Role::Text,
        "sentiment" | "respect" | "insult" | "humiliate" | "status" | "dehumanize" | "violence"
        | "genocide" | "attack_defend" | "hatespeech" => Role::Label,
        _ => Role::Meta,
    })
}

fn dices(h: &Header<'_>, i: usize) -> Option<Role> {
    let name = h.names[i].as_str();
    Some(match name {
        "item_id" => Role::Item,
        "rater_id" => Role::Rater,
        "context" | "response" => Role::Text,
        "answer_time_ms" => Role::Time,
        "safety_gold" => Role::Gold,
        "id" | "answer_timestamp" => Role::Ignore,
        _ if name.starts_with('Q') && h.column(i).filled > 0 => Role::Label,
        _ => Role::Meta,
    })
}

fn popquorn(h: &Header<'_>, i: usize) -> Option<Role> {
    Some(match h.names[i].as_str() {
        "instance_id" => Role::Item,
        "user_id" => Role::Rater,
        "text" => Role::Text,
        "gender" | "race" | "age" | "occupation" | "education" => Role::Meta,
        _ => return None,
    })
}

fn sbic(h: &Header<'_>, i: usize) -> Option<Role> {
    let name = h.names[i].as_str();
    Some(match name {
        "HITId" => Role::Item,
        "WorkerId" => Role::Rater,
        "post" => Role::Text,
        "offensiveYN" | "intentYN" | "sexYN" | "whoTarget" => Role::Label,
        _ => Role::Meta,
    })
}

fn cifar10h(h: &Header<'_>, i: usize) -> Option<Role> {
    Some(match h.names[i].as_str() {
        "cifar10_test_set_idx" => Role::Item,
        "annotator_id" => Role::Rater,
        "is_attn_check" => Role::Status,
        "chosen_category" => Role::Label,
        "true_category" => Role::Gold,
        "chosen_label" if !h.has("chosen_category") => Role::Label,
        "true_label" if !h.has("true_category") => Role::Gold,
        "image_filename" => Role::Media,
        "subcategory" => Role::Meta,
        // The time is in milliseconds, which its name does not say.
        _ => Role::Ignore,
    })
}

/// Its names say all that there is to say.
fn crowd_kit(_: &Header<'_>, _: usize) -> Option<Role> {
    None
}

/// The same place may stand in several documents, so rows are numbered; one column an annotator follows the flags.
fn inception_diff(h: &Header<'_>, i: usize) -> Option<Role> {
    let flags = h.names.iter().position(|n| n == "Flags");
    Some(match h.names[i].as_str() {
        "Document" | "Position" => Role::Text,
        _ if flags.is_some_and(|f| i > f) => Role::Label,
        _ => Role::Meta,
    })
}

/// `schema.label` or `schema:::label`, true where the label was chosen; the first schema is read.
fn potato(h: &Header<'_>, i: usize) -> Option<Role> {
    let parts = |n: &'_ str| {
        n.split_once(":::").or_else(|| n.split_once('.')).map(|(s, l)| (s.to_owned(), l.to_owned()))
    };
    Some(match h.names[i].as_str() {
        "instance_id" => Role::Item,
        "user_id" | "user" => Role::Rater,
        "displayed_text" => Role::Text,
        name => {
            let first =
                h.names.iter().enumerate().find(|(c, n)| parts(n).is_some() && h.column(*c).filled > 0);
            let (schema, label) = parts(name)?;
            let same = first.and_then(|(_, n)| parts(n)).is_some_and(|(s, _)| s == schema);
            if same && !label.is_empty() { Role::Present(label) } else { Role::Meta }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_signatures_ask_for_the_same_columns() {
        for (i, a) in SIGNATURES.iter().enumerate() {
            for b in &SIGNATURES[i + 1..] {
                assert_ne!(a.keys, b.keys, "{} and {}", a.name, b.name);
            }
        }
    }

    #[test]
    fn answers_name_their_questions() {
        for (column, question) in [
            ("Answer.sentiment.label", "sentiment"),
            ("Answer.q1", "q1"),
            ("Answer.label", "label"),
            ("OUTPUT:result", "result"),
            ("hatespeech", "hatespeech"),
        ] {
            assert_eq!(question_of(column), question);
        }
    }
}
