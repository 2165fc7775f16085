//! Published collections of many people's labels, and the folders of annotation servers that keep one file a person:
//! each writes what was said in a shape of its own.

pub(super) mod chaosnli;
pub(super) mod cvat;
mod cvat_write;
pub(super) mod fiftyone;
pub(super) mod goemotions;
pub(super) mod judge_bench;
pub(super) mod label_errors;
pub(super) mod lewidi;
mod lewidi_write;
pub(super) mod lilac;
pub(super) mod potato;
mod potato_write;

use std::ops::Range;

use super::error::FormatError;
use super::gather::Gathering;
use super::intake::{InputFile, Text, json_error, note_repairs, text_of};
use super::json::{Entry, Node, Patches, Records, Shape, line_of};
use crate::progress::Progress;

/// Hands over the records of a file one by one, each with its line.
fn each_record(
    file: &InputFile,
    gathering: &mut Gathering,
    progress: &Progress,
    mut with: impl FnMut(&mut Gathering, &Entry, u64) -> Result<(), FormatError>,
) -> Result<(), FormatError> {
    let text = text_of(&file.path, progress)?;
    let mut records = Records::new(&text.text);
    let mut lines = Lines::of(&text.text);
    while let Some(entry) = records.next().map_err(|e| json_error(&file.path, &text.text, &e))? {
        with(gathering, &entry, lines.line(entry.node.range.start))?;
        if entry.number.is_multiple_of(1024) {
            progress.check()?;
        }
    }
    note_repairs(&mut gathering.notes, &text.text, &records.repairs);
    gathering.files.push(text.file);
    Ok(())
}

/// Lines of places that only go forward, each text walked over once.
struct Lines<'t> {
    text: &'t str,
    at: usize,
    line: u64,
}

impl<'t> Lines<'t> {
    fn of(text: &'t str) -> Self {
        Self { text, at: 0, line: 1 }
    }

    /// The line of byte `at`, which is not before the last one asked for.
    fn line(&mut self, at: usize) -> u64 {
        let at = at.clamp(self.at, self.text.len());
        self.line += line_of(&self.text[self.at..at], at - self.at) - 1;
        self.at = at;
        self.line
    }
}

/// Refuses to write back several files as one.
fn one_file(file: &InputFile, another: Option<&InputFile>) -> Result<(), FormatError> {
    another.map_or(Ok(()), |another| {
        let what = format!("{} and {} were opened together", file.name, another.name);
        Err(FormatError::of(&file.path, what, "open one of them to write it back, or export a table"))
    })
}

/// The texts of an object's members, in order, or of a string; what is empty is passed over.
fn texts_of(node: &Node, not: &[&str]) -> String {
    if let Some(text) = node.scalar() {
        return text;
    }
    let lines = node.members().iter().filter(|m| !not.contains(&m.key.as_str()));
    let lines: Vec<String> = lines.filter_map(|m| m.value.scalar()).filter(|t| !t.is_empty()).collect();
    lines.join("\n")
}

/// Takes records out of a text, each with the comma or the line end that belongs to it.
fn leave_out(patches: &mut Patches, text: &str, shape: Shape, records: &[(Range<usize>, bool)]) {
    let next_break = |from: usize, c: char| text[from..].find(c).map_or(text.len(), |n| from + n + 1);
    let mut kept_before = false;
    for (i, (range, out)) in records.iter().enumerate() {
        if !out {
            kept_before = true;
            continue;
        }
        let before = i.checked_sub(1).map(|b| records[b].0.end);
        let cut = match shape {
            Shape::Lines => {
                let line = text[..range.start].rfind('\n').map_or(0, |n| n + 1);
                line.max(before.unwrap_or(0))..next_break(range.end, '\n')
            }
            // The comma before goes with it, or the one behind where nothing stays before.
            _ if kept_before => before.unwrap_or(range.start)..range.end,
            _ => {
                let open = text.find(['{', '[']).map_or(0, |n| n + 1);
                let from = before.map_or(open, |b| next_break(b, ',').min(range.start));
                let to = if i + 1 < records.len() { next_break(range.end, ',') } else { range.end };
                from..to
            }
        };
        patches.replace(cut, "");
    }
}

/// Whether two shares are the same when one of them may be rounded to two places.
fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 0.006
}

/// Labels that are whole numbers, ascending; else as they are.
fn in_order(mut labels: Vec<String>) -> Vec<String> {
    if labels.iter().all(|l| l.parse::<i64>().is_ok()) {
        labels.sort_by_key(|l| l.parse::<i64>().unwrap_or_default());
    }
    labels
}

#[cfg(test)]
mod tests {
    use super::*;

    fn without(text: &str, out: &[usize]) -> String {
        let mut records = Records::new(text);
        let mut list = Vec::new();
        while let Some(entry) = records.next().unwrap() {
            list.push((entry.node.range, out.contains(&entry.number)));
        }
        let mut patches = Patches::default();
        leave_out(&mut patches, text, records.shape, &list);
        patches.apply(text)
    }

    #[test]
    fn records_leave_with_their_comma_or_line() {
        let keyed = r#"{ "a": {"x":1}, "b": {"x":2}, "c": {"x":3} }"#;
        assert_eq!(without(keyed, &[1]), r#"{ "a": {"x":1}, "c": {"x":3} }"#);
        assert_eq!(without(keyed, &[2]), r#"{ "a": {"x":1}, "b": {"x":2} }"#);
        assert_eq!(without(keyed, &[0]), r#"{ "b": {"x":2}, "c": {"x":3} }"#);
        assert_eq!(without(keyed, &[0, 1]), r#"{ "c": {"x":3} }"#);
        assert_eq!(without(keyed, &[0, 2]), r#"{ "b": {"x":2} }"#);
        assert_eq!(without(keyed, &[0, 1, 2]), "{ }");
        assert_eq!(without("{\"a\":1}\n{\"a\":2}\n{\"a\":3}", &[0, 2]), "{\"a\":2}\n");
    }
}
