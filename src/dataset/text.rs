//! Many strings in one arena: 8 bytes of overhead each, no allocation of their own.
//!
//! Items of an array have no names but their numbers; these are written out only when somebody reads one.

use std::sync::OnceLock;

/// An append-only column of strings.
#[derive(Debug, Clone, Default)]
pub struct TextColumn {
    bytes: String,
    ends: Vec<u64>,
    /// Where several rows share a string: row → string.
    shared: Option<Vec<u32>>,
    /// Where the strings are numbers counted up.
    counted: Option<Counted>,
}

/// The strings `1`, `2`, … up to a number.
#[derive(Debug, Clone)]
struct Counted {
    n: usize,
    written: OnceLock<Box<TextColumn>>,
}

impl Counted {
    fn written(&self) -> &TextColumn {
        self.written.get_or_init(|| Box::new((1..=self.n).map(|i| i.to_string()).collect()))
    }
}

impl PartialEq for TextColumn {
    fn eq(&self, other: &Self) -> bool {
        match (&self.counted, &other.counted) {
            (Some(a), Some(b)) => a.n == b.n,
            _ => self.len() == other.len() && self.iter().eq(other.iter()),
        }
    }
}

impl Eq for TextColumn {}

impl TextColumn {
    /// An empty column.
    pub fn new() -> Self {
        Self::default()
    }

    /// One row an entry of `of`, which names the string of `strings` that the row says: many rows (the tokens of
    /// a sentence) share one string without copies. Entries past the end say the empty string.
    #[must_use]
    pub fn sharing(strings: Self, of: Vec<u32>) -> Self {
        Self { shared: Some(of), ..strings }
    }

    /// The numbers `1`, `2`, … up to `n`, in next to no memory until one of them is read.
    pub fn counted(n: usize) -> Self {
        Self { counted: Some(Counted { n, written: OnceLock::new() }), ..Self::default() }
    }

    /// Appends one string and returns its index. Not for columns made by [`Self::sharing`] or [`Self::counted`].
    pub fn push(&mut self, text: &str) -> usize {
        debug_assert!(self.shared.is_none() && self.counted.is_none());
        self.bytes.push_str(text);
        self.ends.push(self.bytes.len() as u64);
        self.ends.len() - 1
    }

    /// The `i`-th string; the empty string past the end.
    pub fn get(&self, i: usize) -> &str {
        if let Some(counted) = &self.counted {
            return counted.written().get(i);
        }
        let i = match &self.shared {
            None => i,
            Some(of) => match of.get(i) {
                Some(&row) => row as usize,
                None => return "",
            },
        };
        let Some(&end) = self.ends.get(i) else { return "" };
        let start = if i == 0 { 0 } else { self.ends[i - 1] };
        &self.bytes[start as usize..end as usize]
    }

    /// Number of strings.
    pub fn len(&self) -> usize {
        match (&self.counted, &self.shared) {
            (Some(counted), _) => counted.n,
            (None, Some(shared)) => shared.len(),
            (None, None) => self.ends.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The strings in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|i| self.get(i))
    }

    /// Bytes held, for memory reports.
    pub fn heap_bytes(&self) -> usize {
        let shared = self.shared.as_ref().map_or(0, Vec::capacity);
        let written = self.counted.as_ref().and_then(|c| c.written.get()).map_or(0, |w| w.heap_bytes());
        self.bytes.capacity() + self.ends.capacity() * 8 + shared * 4 + written
    }
}

impl<S: AsRef<str>> FromIterator<S> for TextColumn {
    fn from_iter<I: IntoIterator<Item = S>>(iter: I) -> Self {
        let mut column = Self::new();
        for text in iter {
            column.push(text.as_ref());
        }
        column
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_come_back_as_they_went_in() {
        let words = ["", "ok", "", "ünïcode\n", "NA", "007"];
        let column: TextColumn = words.iter().collect();
        assert_eq!(column.iter().collect::<Vec<_>>(), words);
        assert_eq!(column.get(99), "");
    }

    #[test]
    fn numbers_are_written_when_they_are_read() {
        let column = TextColumn::counted(12);
        assert_eq!((column.len(), column.heap_bytes()), (12, 0));
        assert_eq!((column.get(0), column.get(11), column.get(12)), ("1", "12", ""));
        assert!(column.heap_bytes() > 0);
        assert_eq!(column, (1..=12).map(|i| i.to_string()).collect());
        assert_ne!(column, TextColumn::counted(11));
    }

    #[test]
    fn rows_can_share_a_string() {
        let column = TextColumn::sharing(["one", "two"].iter().collect(), vec![1, 1, 0, 7]);
        assert_eq!(column.iter().collect::<Vec<_>>(), ["two", "two", "one", ""]);
        assert_eq!((column.len(), column.get(4)), (4, ""));
    }
}
