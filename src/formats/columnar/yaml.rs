//! As much YAML as the top of a data set's README is written in: block mappings and lists, plain and quoted
//! scalars. Anything else is passed over, never guessed: the worst that can happen is that a class keeps its number.

use serde_json::{Map, Value};

/// Most lines that are read.
const MAX_LINES: usize = 1_000_000;
/// Deepest indentation that is followed.
const MAX_DEPTH: usize = 64;

/// The mapping between the first two lines `---`.
pub(super) fn front_matter(text: &str) -> Option<Value> {
    let mut lines = text.trim_start_matches('\u{feff}').lines();
    if lines.next()?.trim_end() != "---" {
        return None;
    }
    let inside = lines.take_while(|l| l.trim_end() != "---").take(MAX_LINES);
    let lines: Vec<Line<'_>> = inside.filter_map(Line::of).collect();
    let mut at = 0;
    Some(block(&lines, &mut at, 0, 0))
}

#[derive(Clone, Copy)]
struct Line<'t> {
    indent: usize,
    text: &'t str,
}

impl<'t> Line<'t> {
    fn of(line: &'t str) -> Option<Self> {
        let text = line.trim_start_matches(' ');
        let indent = line.len() - text.len();
        let text = text.trim_end();
        (!text.is_empty() && !text.starts_with('#')).then_some(Self { indent, text })
    }

    /// What follows the dash of a list's element, further in.
    fn element(self) -> Option<Self> {
        let rest = self.text.strip_prefix('-').filter(|r| r.is_empty() || r.starts_with(' '))?;
        let text = rest.trim_start();
        Some(Self { indent: self.indent + self.text.len() - text.len(), text })
    }
}

/// The block that begins at line `at`, which is indented by at least `least`.
fn block(lines: &[Line<'_>], at: &mut usize, least: usize, depth: usize) -> Value {
    let Some(&first) = lines.get(*at).filter(|l| l.indent >= least && depth < MAX_DEPTH) else {
        return Value::Null;
    };
    if first.element().is_some() {
        list(lines, at, first.indent, depth)
    } else {
        mapping(lines, at, first, depth)
    }
}

fn list(lines: &[Line<'_>], at: &mut usize, indent: usize, depth: usize) -> Value {
    let mut out = Vec::new();
    while let Some(&line) = lines.get(*at).filter(|l| l.indent == indent) {
        let Some(element) = line.element() else { break };
        if element.text.is_empty() {
            *at += 1;
            out.push(block(lines, at, indent + 1, depth + 1));
        } else if split(element.text).is_some() {
            out.push(mapping(lines, at, element, depth + 1));
        } else {
            *at += 1;
            out.push(scalar(element.text));
        }
        skip(lines, at, indent + 1);
    }
    Value::Array(out)
}

/// A mapping whose first line is `first`, which may begin behind a dash.
fn mapping(lines: &[Line<'_>], at: &mut usize, first: Line<'_>, depth: usize) -> Value {
    let mut out = Map::new();
    let mut line = first;
    while let Some((key, value)) = split(line.text) {
        *at += 1;
        let value = match value {
            "" => {
                // A list may stand as far out as its key.
                let next = lines.get(*at);
                let flush = next.is_some_and(|n| n.indent == line.indent && n.element().is_some());
                block(lines, at, if flush { line.indent } else { line.indent + 1 }, depth + 1)
            }
            text => scalar(text),
        };
        skip(lines, at, first.indent + 1);
        out.insert(key, value);
        match lines.get(*at) {
            Some(&next) if next.indent == first.indent && next.element().is_none() => line = next,
            _ => return Value::Object(out),
        }
    }
    *at += 1;
    Value::Object(out)
}

/// Passes over lines that belong to something not understood.
fn skip(lines: &[Line<'_>], at: &mut usize, least: usize) {
    while lines.get(*at).is_some_and(|l| l.indent >= least && l.element().is_none()) {
        *at += 1;
    }
}

/// `key: value`, the key unquoted.
fn split(text: &str) -> Option<(String, &str)> {
    let quote = text.chars().next().filter(|c| matches!(c, '\'' | '"'));
    let end = match quote {
        Some(quote) => 1 + text[1..].find(quote)? + 1,
        None => text.find(": ").or_else(|| text.strip_suffix(':').map(str::len))?,
    };
    let rest = text[end..].strip_prefix(':')?;
    if !rest.is_empty() && !rest.starts_with(' ') {
        return None;
    }
    let Value::String(key) = scalar(&text[..end]) else { return Some((text[..end].to_owned(), rest.trim())) };
    Some((key, rest.trim()))
}

/// A scalar: always text, whatever YAML would make of it.
fn scalar(text: &str) -> Value {
    if let Some(inner) = text.strip_prefix('\'').and_then(|t| t.strip_suffix('\'')) {
        return Value::String(inner.replace("''", "'"));
    }
    if text.starts_with('"') && text.len() >= 2 {
        return serde_json::from_str(text)
            .unwrap_or_else(|_| Value::String(text.trim_matches('"').to_owned()));
    }
    let end = text.find(" #").unwrap_or(text.len());
    Value::String(text[..end].trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn blocks_nest_by_indentation() {
        let text =
            "---\na: 1 # one\nlist:\n- name: x\n  dtype:\n    'k': \"v\\n\"\n- y\nafter: z\n---\nb: 2\n";
        let expected = json!({"a": "1", "list": [{"name": "x", "dtype": {"k": "v\n"}}, "y"], "after": "z"});
        assert_eq!(front_matter(text), Some(expected));
        assert_eq!(front_matter("# no\n"), None);
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[-a: '\"#\\n]{0,200}") {
            let _ = front_matter(&format!("---\n{text}\n---\n"));
        }
    }
}
