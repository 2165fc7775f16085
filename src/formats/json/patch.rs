//! A text with a few ranges replaced.

use std::fmt::Write as _;
use std::ops::Range;

use super::{Kind, Node};

/// Replacements to make. Ranges do not overlap.
#[derive(Debug, Default)]
pub(crate) struct Patches {
    list: Vec<(Range<usize>, String)>,
}

impl Patches {
    /// Replaces a range of the text.
    pub(crate) fn replace(&mut self, range: Range<usize>, with: impl Into<String>) {
        self.list.push((range, with.into()));
    }

    /// Appends `element`, JSON, to a list, spaced as its last two elements are. One call a list.
    pub(crate) fn push(&mut self, text: &str, list: &Node, element: &str) {
        let Kind::List(elements) = &list.kind else { return };
        match elements.as_slice() {
            [] => self.replace(list.range.clone(), format!("[{element}]")),
            [.., last] => {
                let between = separator(text, list, elements.iter().map(|n| n.range.clone()));
                self.replace(last.range.end..last.range.end, format!(",{between}{element}"));
            }
        }
    }

    /// Sets keys of an object: a key that is there gets its value replaced, new ones are appended, spaced as the
    /// last two members are. One call an object.
    pub(crate) fn set(&mut self, text: &str, object: &Node, members: &[(&str, String)]) {
        let Kind::Object(present) = &object.kind else { return };
        let mut new = String::new();
        let between = separator(text, object, present.iter().map(|m| m.key_range.start..m.value.range.end));
        let colon = present.first().map_or(": ", |m| &text[m.key_range.end..m.value.range.start]);
        for (key, value) in members {
            match present.iter().rev().find(|m| m.key == *key) {
                Some(member) => self.replace(member.value.range.clone(), value.clone()),
                None => {
                    if !present.is_empty() || !new.is_empty() {
                        new.push(',');
                        new.push_str(between);
                    }
                    let _ = write!(new, "{}{colon}{value}", quoted(key));
                }
            }
        }
        match present.last() {
            _ if new.is_empty() => {}
            Some(last) => self.replace(last.value.range.end..last.value.range.end, new),
            None => self.replace(object.range.clone(), format!("{{{new}}}")),
        }
    }

    /// The text with everything replaced.
    pub(crate) fn apply(mut self, text: &str) -> String {
        self.list.sort_by_key(|(range, _)| (range.start, range.end));
        let mut out = String::with_capacity(text.len() + 1024);
        let mut at = 0;
        for (range, with) in &self.list {
            debug_assert!(range.start >= at, "patches overlap");
            out.push_str(&text[at..range.start.max(at)]);
            out.push_str(with);
            at = range.end.max(at);
        }
        out.push_str(&text[at..]);
        out
    }
}

/// What stands after the comma between the last two elements, or before the only one.
fn separator<'t>(text: &'t str, of: &Node, ranges: impl Iterator<Item = Range<usize>>) -> &'t str {
    let ranges: Vec<Range<usize>> = ranges.collect();
    // Of what JSON takes for space: a comment may hold other kinds.
    let blank = |s: &str| s.bytes().all(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n'));
    let space = |between: &'t str| {
        let after = between.rsplit(',').next().unwrap_or(between);
        if blank(after) { after } else { " " }
    };
    match ranges.as_slice() {
        [.., a, b] => space(&text[a.end..b.start]),
        [only] => match &text[of.range.start + 1..only.start] {
            "" => " ",
            before if blank(before) => before,
            _ => " ",
        },
        [] => " ",
    }
}

/// `text` as a JSON string, other scripts kept as they are.
pub(crate) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::super::{Repairs, parse};
    use super::*;

    fn node(text: &str) -> Node {
        parse(text, 0, &mut Repairs::default()).unwrap()
    }

    #[test]
    fn additions_are_spaced_like_their_neighbours_and_the_rest_keeps_its_bytes() {
        let text = "{ \"n\": 1.50,\n  \"l\": [1,2],\n  \"o\": {}\n}";
        let root = node(text);
        let mut patches = Patches::default();
        patches.push(text, root.get("l").unwrap(), "3");
        patches.set(text, root.get("o").unwrap(), &[("a", "1".into()), ("b", "2".into())]);
        patches.set(text, &root, &[("n", "7".into()), ("new", quoted("é\n"))]);
        assert_eq!(
            patches.apply(text),
            "{ \"n\": 7,\n  \"l\": [1,2,3],\n  \"o\": {\"a\": 1, \"b\": 2},\n  \"new\": \"é\\n\"\n}"
        );
    }

    #[test]
    fn no_patch_changes_no_byte() {
        let text = "[ 1 , {\"a\":2} ]";
        assert_eq!(Patches::default().apply(text), text);
    }
}
