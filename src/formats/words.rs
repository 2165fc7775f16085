//! What a table says of its items in words: texts, and paths of pictures. The first row of an item counts.

use super::batch::Batch;
use super::meanings::EMPTY;
use crate::dataset::TextColumn;

/// What belongs to items and reads as text.
pub(super) struct Words {
    columns: Vec<usize>,
    said: TextColumn,
    /// The item and codes that were compared last: rows of one item often follow each other.
    last: (u32, u32),
}

impl Words {
    /// Of these columns, one below the other; of none, nothing is said.
    pub(super) fn new(columns: Vec<usize>) -> Self {
        Self { columns, said: TextColumn::new(), last: (EMPTY, EMPTY) }
    }

    /// Whether a row contradicts what was said of its item.
    pub(super) fn say(&mut self, batch: &Batch, row: usize, item: u32, new: bool) -> bool {
        let [first, more @ ..] = self.columns.as_slice() else { return false };
        let column = &batch.columns[*first];
        let here = (item, column.code(row));
        if more.is_empty() && !new && here == self.last {
            return false;
        }
        self.last = here;
        let mut text = std::borrow::Cow::Borrowed(column.get(row));
        for &column in more {
            text.to_mut().push('\n');
            text.to_mut().push_str(batch.columns[column].get(row));
        }
        if new {
            self.said.push(&text);
            return false;
        }
        let varies = self.said.get(item as usize) != text;
        if varies {
            self.last = (EMPTY, EMPTY);
        }
        varies
    }

    /// What the items say, where there are columns of it.
    pub(super) fn take(&mut self) -> Option<TextColumn> {
        (!self.columns.is_empty()).then(|| std::mem::take(&mut self.said))
    }
}
