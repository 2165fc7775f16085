//! Many strings in one arena: 8 bytes of overhead each, no allocation of their own.

/// An append-only column of strings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TextColumn {
    bytes: String,
    ends: Vec<u64>,
    /// Where several rows share a string: row → string.
    shared: Option<Vec<u32>>,
}

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

    /// Appends one string and returns its index. Not for columns made by [`Self::sharing`].
    pub fn push(&mut self, text: &str) -> usize {
        debug_assert!(self.shared.is_none());
        self.bytes.push_str(text);
        self.ends.push(self.bytes.len() as u64);
        self.ends.len() - 1
    }

    /// The `i`-th string; the empty string past the end.
    pub fn get(&self, i: usize) -> &str {
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
        self.shared.as_ref().map_or(self.ends.len(), Vec::len)
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
        self.bytes.capacity() + self.ends.capacity() * 8 + shared * 4
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
    fn rows_can_share_a_string() {
        let column = TextColumn::sharing(["one", "two"].iter().collect(), vec![1, 1, 0, 7]);
        assert_eq!(column.iter().collect::<Vec<_>>(), ["two", "two", "one", ""]);
        assert_eq!((column.len(), column.get(4)), (4, ""));
    }
}
