//! What a reader saw and did not use: counted, told once, with the first place.

use super::super::json::{Seen, line_of};
use super::super::notes::{Notes, Place};

/// Things passed over in one text.
#[derive(Debug, Default)]
pub(super) struct Passed {
    list: Vec<Kind>,
}

#[derive(Debug)]
struct Kind {
    code: &'static str,
    /// Tells things of one code apart, as the type of a region.
    which: String,
    seen: Seen,
    message: String,
    remedy: &'static str,
}

impl Passed {
    /// Once more, at a byte of the text. `message` and `remedy` are sentences without a full stop.
    pub(super) fn hit(
        &mut self,
        code: &'static str,
        which: &str,
        at: usize,
        message: impl FnOnce() -> String,
        remedy: &'static str,
    ) {
        let same = |k: &&mut Kind| k.code == code && k.which == which;
        if let Some(known) = self.list.iter_mut().find(same) {
            known.seen.hit(at);
        } else if self.list.len() < 100 {
            let mut seen = Seen::default();
            seen.hit(at);
            self.list.push(Kind { code, which: which.to_owned(), seen, message: message(), remedy });
        }
    }

    /// Tells all of it.
    pub(super) fn tell(self, notes: &mut Notes, text: &str) {
        for kind in self.list {
            let line = Some(line_of(text, kind.seen.first));
            let column = (!kind.which.is_empty()).then_some(kind.which.as_str());
            let words = || (kind.message.clone(), kind.remedy.to_owned());
            notes.add(kind.code, Place { line, column }, kind.seen.count, words);
        }
    }
}
