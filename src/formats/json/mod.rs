//! JSON with places: what a value says, and where in the text it stands.
//!
//! Tools are read and written back through this, because a cleaned file must keep what it does not understand:
//! key order, unknown fields, the spelling of numbers. A reader looks at [`Node`]s; a writer collects
//! [`Patches`], which replace a few ranges and leave every other byte.
//!
//! The parser is strict about structure and depth (128) and lenient where published files are broken: trailing
//! commas, comments, `NaN` and `Infinity`, numbers that no double holds, repeated keys. Each of these is counted
//! in [`Repairs`] and told. [`Records`] walks over the records of JSON Lines, of an array, or of an object of
//! objects, one tree at a time.

mod parse;
mod patch;
mod records;

use std::ops::Range;

pub(crate) use parse::parse;
pub(crate) use patch::{Patches, quoted};
pub(crate) use records::{Entry, Records, Shape};

/// Deepest nesting that is read.
pub(crate) const MAX_DEPTH: usize = 128;

/// A value and its place in the text, in bytes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    pub(crate) range: Range<usize>,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    /// `null`, and what stands in for it: `NaN`, `Infinity`.
    Null,
    Bool(bool),
    /// As it is spelt.
    Number(String),
    Text(String),
    List(Vec<Node>),
    Object(Vec<Member>),
}

/// A key with its value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Member {
    pub(crate) key: String,
    /// Where the key stands, quotes included.
    pub(crate) key_range: Range<usize>,
    pub(crate) value: Node,
}

impl Node {
    /// The value of a key; of a repeated one, the last.
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        self.members().iter().rev().find(|m| m.key == key).map(|m| &m.value)
    }

    /// The value of a key that is there and not `null`.
    pub(crate) fn some(&self, key: &str) -> Option<&Node> {
        self.get(key).filter(|n| !n.is_null())
    }

    /// Whether an object has all of `keys`.
    pub(crate) fn has(&self, keys: &[&str]) -> bool {
        keys.iter().all(|k| self.get(k).is_some())
    }

    /// The members of an object; none of anything else.
    pub(crate) fn members(&self) -> &[Member] {
        match &self.kind {
            Kind::Object(members) => members,
            _ => &[],
        }
    }

    /// The elements of a list; none of anything else.
    pub(crate) fn list(&self) -> &[Node] {
        match &self.kind {
            Kind::List(list) => list,
            _ => &[],
        }
    }

    pub(crate) fn is_list(&self) -> bool {
        matches!(self.kind, Kind::List(_))
    }

    pub(crate) fn is_object(&self) -> bool {
        matches!(self.kind, Kind::Object(_))
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(self.kind, Kind::Null)
    }

    /// A string's text.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn bool(&self) -> Option<bool> {
        match self.kind {
            Kind::Bool(b) => Some(b),
            _ => None,
        }
    }

    /// A number's value.
    pub(crate) fn number(&self) -> Option<f64> {
        match &self.kind {
            Kind::Number(spelling) => spelling.parse().ok().filter(|x: &f64| x.is_finite()),
            _ => None,
        }
    }

    /// A whole number of at least 0.
    pub(crate) fn count(&self) -> Option<u32> {
        match &self.kind {
            Kind::Number(spelling) => spelling.parse().ok(),
            _ => None,
        }
    }

    /// What a string, number or truth value says, as a cell: numbers keep their spelling.
    pub(crate) fn scalar(&self) -> Option<String> {
        match &self.kind {
            Kind::Text(text) => Some(text.clone()),
            Kind::Number(spelling) => Some(spelling.clone()),
            Kind::Bool(b) => Some(b.to_string()),
            _ => None,
        }
    }
}

/// What had to be passed over to read a text, with the byte where it happened first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Repairs {
    pub(crate) trailing_commas: Seen,
    pub(crate) comments: Seen,
    /// `NaN`, `Infinity`: they count as missing.
    pub(crate) odd_numbers: Seen,
    /// The last of them counts.
    pub(crate) duplicate_keys: Seen,
}

/// How often, and where first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) count: u64,
    pub(crate) first: usize,
}

impl Seen {
    /// Once more, at a byte.
    pub(crate) fn hit(&mut self, at: usize) {
        if self.count == 0 {
            self.first = at;
        }
        self.count += 1;
    }
}

/// Why a text is not JSON, and at which byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JsonError {
    pub(crate) at: usize,
    pub(crate) what: &'static str,
}

/// The line of byte `at`, from 1.
pub(crate) fn line_of(text: &str, at: usize) -> u64 {
    super::delimited::lines_in(&text.as_bytes()[..at.min(text.len())]) + 1
}
