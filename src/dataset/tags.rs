//! Tags of tokens: which scheme they follow, and the entities that they spell out.
//!
//! The original CoNLL-2003 files use IOB1, where `B-` stands only between two entities of one type; most copies of
//! them use IOB2, where every entity begins with `B-`. Others mark ends and single tokens too (BIOES, BILOU). No
//! file says which: it shows in the tags.

use std::ops::Range;

/// How tags mark where entities begin and end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scheme {
    Iob1,
    Iob2,
    Bioes,
    Bilou,
}

impl Scheme {
    /// Its usual name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Iob1 => "IOB1",
            Self::Iob2 => "IOB2",
            Self::Bioes => "BIOES",
            Self::Bilou => "BILOU",
        }
    }
}

/// What a tag says: its prefix and its type; `None` outside of any entity, and for what is no tag. A tab is no part of a
/// type: whoever reads the line again would take it for the next column.
pub(crate) fn parts(tag: &str) -> Option<(u8, &str)> {
    let (prefix, kind) = tag.split_once('-')?;
    let prefix = *prefix.as_bytes().first().filter(|_| prefix.len() == 1)?;
    (matches!(prefix, b'B' | b'I' | b'E' | b'S' | b'L' | b'U') && !kind.is_empty() && !kind.contains('\t'))
        .then_some((prefix, kind))
}

/// Whether a cell is a tag.
pub(crate) fn is_tag(cell: &str) -> bool {
    cell == "O" || parts(cell).is_some()
}

/// Whether a cell says that nobody tagged its token.
pub(crate) fn is_blank(cell: &str) -> bool {
    cell.is_empty() || cell == "?"
}

/// What the tags of many sentences look like.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Habits {
    /// `E-` or `S-`.
    ends: u64,
    /// `L-` or `U-`.
    lasts: u64,
    /// Entities that begin with `I-` after `O`.
    begins_inside: u64,
    /// Entities that begin with `B-` although no entity of their type stands right before.
    begins: u64,
}

impl Habits {
    /// Looks at one sentence.
    pub(crate) fn see(&mut self, tags: &[&str]) {
        self.look(tags.iter().map(|tag| parts(tag)));
    }

    /// The same for tags in parts, whatever stands for their types.
    pub(crate) fn look<K: Copy + PartialEq>(&mut self, tags: impl Iterator<Item = Option<(u8, K)>>) {
        let mut before: Option<(u8, K)> = None;
        for now in tags {
            match now {
                Some((b'E' | b'S', _)) => self.ends += 1,
                Some((b'L' | b'U', _)) => self.lasts += 1,
                Some((b'I', kind)) if before.is_none_or(|(_, other)| other != kind) => {
                    self.begins_inside += 1;
                }
                Some((b'B', kind)) if before.is_none_or(|(_, other)| other != kind) => self.begins += 1,
                _ => {}
            }
            before = now;
        }
    }

    /// The scheme. A file in which fewer entities begin with `I-` than with `B-` is IOB2 with mistakes.
    pub(crate) fn scheme(&self) -> Scheme {
        if self.lasts > self.ends {
            Scheme::Bilou
        } else if self.ends > 0 {
            Scheme::Bioes
        } else if self.begins_inside > self.begins {
            Scheme::Iob1
        } else {
            Scheme::Iob2
        }
    }
}

/// How many tags of a sentence stand where the scheme does not allow them.
pub(crate) fn malformed(tags: &[&str], scheme: Scheme) -> u64 {
    let (inside, last, single) = match scheme {
        Scheme::Bioes => (true, b'E', b'S'),
        Scheme::Bilou => (true, b'L', b'U'),
        Scheme::Iob1 | Scheme::Iob2 => (false, 0, 0),
    };
    let mut count = 0;
    // The type of an entity that is not closed yet.
    let mut open: Option<&str> = None;
    for tag in tags {
        let now = parts(tag);
        let goes_on = |kind: &str| open == Some(kind);
        let good = match now {
            None => !inside || open.is_none(),
            Some((b'B', kind)) => match scheme {
                Scheme::Iob1 => goes_on(kind),
                _ => !inside || open.is_none(),
            },
            Some((b'I', kind)) => scheme == Scheme::Iob1 || goes_on(kind),
            Some((prefix, kind)) if prefix == last => goes_on(kind),
            Some((prefix, _)) => prefix == single && open.is_none(),
        };
        count += u64::from(!good);
        open = match now {
            Some((b'B' | b'I', kind)) => Some(kind),
            _ => None,
        };
    }
    count + u64::from(inside && open.is_some())
}

/// The entities of a sentence, by token, with their types. As seqeval does by default, every tag is taken at its
/// word: whatever the scheme, an `I-` after something else begins an entity.
pub(crate) fn entities<'t>(tags: &[&'t str]) -> Vec<(Range<usize>, &'t str)> {
    let mut list = Vec::new();
    decode(tags.iter().map(|tag| parts(tag)), false, |tokens, kind| list.push((tokens, kind)));
    list
}

/// Where it matters how malformed tags are read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Touched {
    /// Tags inside an entity that have another type than the tag before.
    pub(crate) changes: u64,
    /// Entities that begin with `I-`, `E-` or `L-`.
    pub(crate) orphans: u64,
    /// Tokens of stretches with such a tag: the entities that they belong to depend on the reading.
    pub(crate) tokens: u64,
}

impl Touched {
    pub(crate) fn add(&mut self, other: Self) {
        self.changes += other.changes;
        self.orphans += other.orphans;
        self.tokens += other.tokens;
    }
}

/// Tags from one that begins to the last that goes on from it.
struct Stretch<K> {
    first: usize,
    /// First token and type of the entity that is open.
    start: usize,
    kind: K,
    /// Type of the last tag.
    last: K,
    is_orphan: bool,
    is_changed: bool,
}

/// Gives the entities of a sentence, tag by tag in parts, to `found`. Where `begins_only`, an entity begins at `B-`, `S-`
/// or `U-` only: what goes on has the type of its first tag, whatever it says, and what does not go on from anything is
/// outside. Otherwise whatever has another type than the tag before begins an entity.
pub(crate) fn decode<K: Copy + PartialEq>(
    tags: impl Iterator<Item = Option<(u8, K)>>,
    begins_only: bool,
    mut found: impl FnMut(Range<usize>, K),
) -> Touched {
    let mut touched = Touched::default();
    let mut open: Option<Stretch<K>> = None;
    let mut close = |open: &mut Option<Stretch<K>>, touched: &mut Touched, end: usize, whole: bool| {
        let Some(stretch) = open else { return };
        if !(begins_only && stretch.is_orphan) {
            found(stretch.start..end, stretch.kind);
        }
        if whole {
            if stretch.is_orphan || stretch.is_changed {
                touched.tokens += (end - stretch.first) as u64;
            }
            *open = None;
        }
    };
    let mut end = 0;
    for (at, now) in tags.enumerate() {
        end = at + 1;
        let Some((prefix, kind)) = now else {
            close(&mut open, &mut touched, at, true);
            continue;
        };
        let begins = matches!(prefix, b'B' | b'S' | b'U');
        if begins {
            close(&mut open, &mut touched, at, true);
        }
        if open.as_ref().is_some_and(|stretch| stretch.last != kind) {
            touched.changes += 1;
            if !begins_only {
                close(&mut open, &mut touched, at, false);
            }
        }
        match &mut open {
            Some(stretch) => {
                if stretch.last != kind {
                    stretch.is_changed = true;
                    if !begins_only {
                        (stretch.start, stretch.kind) = (at, kind);
                    }
                }
                stretch.last = kind;
            }
            None => {
                touched.orphans += u64::from(!begins);
                let is_orphan = !begins;
                open = Some(Stretch { first: at, start: at, kind, last: kind, is_orphan, is_changed: false });
            }
        }
        if matches!(prefix, b'E' | b'S' | b'L' | b'U') {
            close(&mut open, &mut touched, at + 1, true);
        }
    }
    close(&mut open, &mut touched, end, true);
    touched
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tags(text: &str) -> Vec<&str> {
        text.split(' ').collect()
    }

    #[test]
    fn the_scheme_shows_in_the_tags() {
        for (text, scheme, bad) in [
            ("I-PER I-PER O I-LOC", Scheme::Iob1, 0),
            ("I-PER B-PER O I-LOC", Scheme::Iob1, 0),
            ("B-PER I-PER O B-LOC", Scheme::Iob2, 0),
            ("B-PER I-PER O B-LOC B-LOC O I-LOC", Scheme::Iob2, 1),
            ("B-PER E-PER O S-LOC", Scheme::Bioes, 0),
            ("B-PER O O S-LOC", Scheme::Bioes, 1),
            ("B-PER L-PER O U-LOC", Scheme::Bilou, 0),
            ("B-PER L-LOC O U-LOC B-LOC", Scheme::Bilou, 2),
            ("O O", Scheme::Iob2, 0),
        ] {
            let mut habits = Habits::default();
            habits.see(&tags(text));
            assert_eq!((habits.scheme(), malformed(&tags(text), scheme)), (scheme, bad), "{text}");
        }
    }

    #[test]
    fn entities_are_the_same_in_every_scheme() {
        for text in ["I-P I-P B-P O I-L", "B-P I-P B-P O B-L", "B-P E-P S-P O S-L", "B-P L-P U-P O U-L"] {
            assert_eq!(entities(&tags(text)), [(0..2, "P"), (2..3, "P"), (4..5, "L")], "{text}");
        }
        assert_eq!(entities(&tags("B-P I-L")), [(0..1, "P"), (1..2, "L")]);
        assert_eq!(entities(&tags("E-P E-P")), [(0..1, "P"), (1..2, "P")]);
    }

    #[test]
    fn malformed_tags_are_read_by_either_rule() {
        type Found<'t> = Vec<(Range<usize>, &'t str)>;
        let cases: [(&str, Found<'_>, Found<'_>, [u64; 3]); 6] = [
            ("B-P I-L I-L O", vec![(0..1, "P"), (1..3, "L")], vec![(0..3, "P")], [1, 0, 3]),
            ("B-P I-L I-P", vec![(0..1, "P"), (1..2, "L"), (2..3, "P")], vec![(0..3, "P")], [2, 0, 3]),
            ("O I-P I-P B-P", vec![(1..3, "P"), (3..4, "P")], vec![(3..4, "P")], [0, 1, 2]),
            ("B-P E-L I-P", vec![(0..1, "P"), (1..2, "L"), (2..3, "P")], vec![(0..2, "P")], [1, 1, 3]),
            (
                "B-P I-P S-L L-L",
                vec![(0..2, "P"), (2..3, "L"), (3..4, "L")],
                vec![(0..2, "P"), (2..3, "L")],
                [0, 1, 1],
            ),
            ("B-P I-P O B-L", vec![(0..2, "P"), (3..4, "L")], vec![(0..2, "P"), (3..4, "L")], [0, 0, 0]),
        ];
        for (text, strict, begins, [changes, orphans, tokens]) in cases {
            for (begins_only, want) in [(false, strict), (true, begins)] {
                let mut list = Vec::new();
                let touched =
                    decode(tags(text).iter().map(|t| parts(t)), begins_only, |r, k| list.push((r, k)));
                assert_eq!(list, want, "{text}, {begins_only}");
                assert_eq!(touched, Touched { changes, orphans, tokens }, "{text}");
            }
        }
    }

    proptest! {
        #[test]
        fn any_tags_give_entities_that_do_not_overlap(
            list in proptest::collection::vec("[BIESLUOX]-?[PL]?|\\?|", 0..20)
        ) {
            let tags: Vec<&str> = list.iter().map(String::as_str).collect();
            let mut end = 0;
            for (range, _) in entities(&tags) {
                prop_assert!(range.start >= end && range.end > range.start && range.end <= tags.len());
                end = range.end;
            }
            let inside = tags.iter().filter(|t| parts(t).is_some()).count();
            let covered: usize = entities(&tags).iter().map(|(r, _)| r.len()).sum();
            prop_assert_eq!(covered, inside);
            for scheme in [Scheme::Iob1, Scheme::Iob2, Scheme::Bioes, Scheme::Bilou] {
                malformed(&tags, scheme);
            }
        }
    }
}
