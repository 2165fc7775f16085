//! Walking over the records of a tool's export, looking at one before it is read, and making a new one of an old one.

use std::path::Path;

use super::super::error::FormatError;
use super::super::gather::Gathering;
use super::super::intake::{InputFile, json_error, note_repairs, text_of};
use super::super::json::{Entry, Node, Patches, Records, Shape, quoted};
use super::super::registry::Look;
use super::super::text::open_regular;
use super::super::write::WriteBack;
use super::passed::Passed;
use crate::dataset::Task;
use crate::progress::Progress;

/// The records of a text: the elements of an array, or one object after the other.
pub(super) fn records_of(text: &str) -> Records<'_> {
    let records = Records::new(text);
    if records.shape == Shape::Keyed { Records::lines(text) } else { records }
}

/// Reads a file and hands out its records; `of` gets the text too.
pub(super) fn each_record(
    file: &InputFile,
    gathering: &mut Gathering,
    progress: &Progress,
    mut of: impl FnMut(&mut Gathering, &str, &Entry, &mut Passed) -> Result<(), FormatError>,
) -> Result<(), FormatError> {
    let text = text_of(&file.path, progress)?;
    let mut passed = Passed::default();
    let mut records = records_of(&text.text);
    while let Some(entry) = records.next().map_err(|e| json_error(&file.path, &text.text, &e))? {
        if entry.number % 1024 == 0 {
            progress.check()?;
        }
        if entry.node.is_object() {
            of(gathering, &text.text, &entry, &mut passed)?;
        } else {
            passed.hit(
                "not_a_record",
                "",
                entry.node.range.start,
                || "What is not a JSON object was passed over".into(),
                "Check where these values come from",
            );
        }
    }
    note_repairs(&mut gathering.notes, &text.text, &records.repairs);
    passed.tell(&mut gathering.notes, &text.text);
    gathering.files.push(text.file);
    Ok(())
}

/// All records of a text that was read before.
pub(super) fn all(path: &Path, text: &str) -> Result<Vec<Node>, FormatError> {
    let mut records = records_of(text);
    let mut nodes = Vec::new();
    while let Some(entry) = records.next().map_err(|e| json_error(path, text, &e))? {
        nodes.push(entry.node);
    }
    Ok(nodes)
}

/// The first record of what is looked at.
pub(super) fn first(look: &Look<'_>) -> Option<Node> {
    match look.shape()? {
        Shape::Keyed => Records::lines(&look.text).next().ok().flatten().map(|e| e.node),
        Shape::Array | Shape::Lines => look.first().cloned(),
    }
}

/// The files right in a folder whose names end in `end`, where `is` says yes to the first record of each.
pub(super) fn folder(look: &Look<'_>, end: &str, is: impl Fn(&Node) -> bool) -> Vec<String> {
    use std::io::Read as _;
    /// Files whose beginning is looked at; the rest are like them, or reading says otherwise.
    const LOOKED_AT: usize = 20;
    let names: Vec<String> = look.ending(end).filter(|n| !n.contains('/')).map(str::to_owned).collect();
    let fits = |name: &String| {
        let path = look.path.join(name);
        let Ok((file, _)) = open_regular(&path) else { return false };
        let mut head = Vec::new();
        if file.take(Look::HEAD as u64).read_to_end(&mut head).is_err() {
            return false;
        }
        head.is_empty() || first(&Look::of_head(&path, head)).is_some_and(|node| is(&node))
    };
    if names.iter().take(LOOKED_AT).all(fits) { names } else { Vec::new() }
}

/// What becomes of a member of a record that is made after another one.
pub(super) enum Member {
    Keep,
    Drop,
    /// JSON.
    Set(String),
}

/// A record like `like`, with some members changed and `new` ones at its end, spaced as it is.
pub(super) fn remade(
    text: &str,
    like: &Node,
    member: impl Fn(&str, &Node) -> Member,
    new: &[(&str, String)],
) -> String {
    let members = like.members();
    let gap = |a: usize, b: usize| text.get(a..b).unwrap_or_default();
    let colon = members.first().map_or(":", |m| gap(m.key_range.end, m.value.range.start));
    let comma = match members {
        [a, b, ..] => gap(a.value.range.end, b.key_range.start),
        _ => ",",
    };
    let mut parts: Vec<String> = Vec::new();
    for m in members {
        let value = match member(&m.key, &m.value) {
            Member::Keep => gap(m.value.range.start, m.value.range.end).to_owned(),
            Member::Drop => continue,
            Member::Set(json) => json,
        };
        parts.push(format!("{}{colon}{value}", gap(m.key_range.start, m.key_range.end)));
    }
    parts.extend(new.iter().map(|(key, value)| format!("{}{colon}{value}", quoted(key))));
    let (open, close) = match (members.first(), members.last()) {
        (Some(a), Some(b)) => {
            (gap(like.range.start, a.key_range.start), gap(b.value.range.end, like.range.end))
        }
        _ => ("{", "}"),
    };
    format!("{open}{}{close}", parts.join(comma))
}

/// Takes records out of a text, with what stands between them and the next.
pub(super) fn cut(nodes: &[Node], dropped: &[bool], patches: &mut Patches) {
    let kept = dropped.iter().rposition(|d| !d);
    for (i, pair) in nodes.windows(2).enumerate() {
        if dropped.get(i) == Some(&true) && kept.is_some_and(|k| i < k) {
            patches.replace(pair[0].range.start..pair[1].range.start, "");
        }
    }
    let Some(last) = nodes.last().filter(|_| dropped.last() == Some(&true)) else { return };
    let from = match kept.and_then(|k| nodes.get(k)) {
        Some(node) => node.range.end,
        None => nodes[0].range.start,
    };
    patches.replace(from..last.range.end, "");
}

/// A text with records behind its last one.
pub(super) fn append(path: &Path, text: &str, new: &[String]) -> Result<String, FormatError> {
    if new.is_empty() {
        return Ok(text.to_owned());
    }
    let break_ = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let last = all(path, text)?.pop();
    if text.trim_start_matches('\u{feff}').trim_start().starts_with('[') {
        let joined = new.join(&format!(",{break_}"));
        let mut patches = Patches::default();
        match (last, text.rfind(']')) {
            (Some(node), _) => patches.replace(node.range.end..node.range.end, format!(",{break_}{joined}")),
            (None, Some(close)) => patches.replace(close..close, joined),
            (None, None) => {}
        }
        return Ok(patches.apply(text));
    }
    let ended = text.is_empty() || text.ends_with('\n');
    let joined = new.join(break_);
    Ok(if ended { format!("{text}{joined}{break_}") } else { format!("{text}{break_}{joined}") })
}

/// `name` as part of a file's name.
pub(super) fn file_name(name: &str) -> String {
    let safe = |c: char| if c.is_alphanumeric() || matches!(c, '-' | '_' | '@' | '.') { c } else { '_' };
    let name: String = name.chars().take(80).map(safe).collect();
    let name = name.trim_matches('.');
    if name.is_empty() { "reviewer".to_owned() } else { name.to_owned() }
}

/// Strings as a JSON list.
pub(super) fn list_of(labels: &[String]) -> String {
    let labels: Vec<String> = labels.iter().map(|l| quoted(l)).collect();
    format!("[{}]", labels.join(", "))
}

/// The question that was decided on, as the source calls it, and of a multi-label one the label, where only that
/// was asked.
pub(super) fn question_of<'w>(work: &'w WriteBack<'_>) -> (&'w str, Option<&'w str>) {
    let field = work.dataset.source.label_field.as_str();
    if work.dataset.sets.is_some() {
        return (field, None);
    }
    let member = |question: &'w crate::dataset::Question| {
        let member = field.strip_prefix(question.name.as_str())?.strip_prefix(": ")?;
        (question.task == Task::MultiLabel).then_some((question.name.as_str(), Some(member)))
    };
    work.dataset.questions.iter().find_map(member).unwrap_or((field, None))
}

/// The question that was decided on, where the whole of it was.
///
/// # Errors
/// One label of several was reviewed, and a reviewer's answer would have to name all of them.
pub(super) fn whole_question<'w>(work: &'w WriteBack<'_>) -> Result<&'w str, FormatError> {
    match question_of(work) {
        (question, None) => Ok(question),
        (question, Some(label)) => Err(FormatError::of(
            &work.dataset.source.table.path,
            format!("only “{label}” of “{question}” was reviewed, and an answer here names all labels"),
            format!("review the question “{question}”, or write one row an item instead"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::json::{Repairs, parse};
    use super::*;

    #[test]
    fn a_record_made_after_another_is_spaced_like_it() {
        for (text, made) in [
            (r#"{"a":1,"b":[2],"c":"é"}"#, r#"{"a":1,"b":[],"d":true}"#),
            (r#"{ "a": 1, "b": [2], "c": 3 }"#, r#"{ "a": 1, "b": [], "d": true }"#),
            (r"{}", r#"{"d":true}"#),
        ] {
            let node = parse(text, 0, &mut Repairs::default()).unwrap();
            let member = |key: &str, _: &Node| match key {
                "b" => Member::Set("[]".into()),
                "c" => Member::Drop,
                _ => Member::Keep,
            };
            assert_eq!(remade(text, &node, member, &[("d", "true".into())]), made);
        }
    }
}
