//! Places in a text, in the units that tools count: Unicode code points, UTF-16 code units (whatever was written in
//! Java or JavaScript), grapheme clusters. A dataset counts code points.
//!
//! An [`Index`] is made once a document, in one pass; each look-up is then a table access or a binary search. A text
//! of ASCII needs no table. Where a source also stores the covered text, [`fits`] says which units explain it.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation as _;

/// What an offset counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Unit {
    /// Unicode code points: Python, and every dataset here.
    CodePoint,
    /// UTF-16 code units: Java, JavaScript.
    Utf16,
    /// What a reader takes for one character: extended grapheme clusters.
    Grapheme,
}

impl Unit {
    /// All of them, the likeliest first.
    pub(crate) const ALL: [Self; 3] = [Self::CodePoint, Self::Utf16, Self::Grapheme];

    /// In words.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::CodePoint => "Unicode code points",
            Self::Utf16 => "UTF-16 code units",
            Self::Grapheme => "grapheme clusters",
        }
    }
}

/// The places of one text, in one unit.
#[derive(Debug)]
pub(crate) struct Index<'t> {
    text: &'t str,
    /// Number of code points.
    points: u32,
    /// Code point → byte; `None` where both are the same.
    bytes: Option<Vec<u32>>,
    /// Unit → code point, [`INSIDE`] where a unit begins inside one; `None` where both are the same.
    units: Option<Vec<u32>>,
}

/// The second half of a surrogate pair is no place between characters.
const INSIDE: u32 = u32::MAX;

impl<'t> Index<'t> {
    /// Of `text`, whose offsets count `unit`. Past 4 GiB no place is known.
    pub(crate) fn new(text: &'t str, unit: Unit) -> Self {
        let ascii = text.is_ascii();
        let bytes = (!ascii).then(|| {
            let starts = text.char_indices().map(|(at, _)| at as u32);
            starts.chain([text.len() as u32]).collect::<Vec<u32>>()
        });
        let points = bytes.as_ref().map_or(text.len(), |b| b.len() - 1) as u32;
        let units = match unit {
            Unit::CodePoint => None,
            Unit::Utf16 if ascii => None,
            Unit::Utf16 => {
                let mut units = Vec::with_capacity(text.len() + 1);
                for (point, c) in text.chars().enumerate() {
                    units.push(point as u32);
                    if c.len_utf16() == 2 {
                        units.push(INSIDE);
                    }
                }
                units.push(points);
                Some(units)
            }
            Unit::Grapheme if ascii && !text.contains('\r') => None,
            Unit::Grapheme => {
                let mut units = Vec::new();
                let mut point = 0;
                for cluster in text.graphemes(true) {
                    units.push(point);
                    point += cluster.chars().count() as u32;
                }
                units.push(point);
                Some(units)
            }
        };
        Self { text, points, bytes, units }
    }

    /// The code point at an offset; `None` past the end, and inside a surrogate pair.
    pub(crate) fn point(&self, offset: u32) -> Option<u32> {
        match &self.units {
            None => (offset <= self.points).then_some(offset),
            Some(units) => units.get(offset as usize).copied().filter(|&p| p != INSIDE),
        }
    }

    /// The offset of a code point; `None` past the end, and inside a grapheme cluster.
    pub(crate) fn offset(&self, point: u32) -> Option<u32> {
        let Some(units) = &self.units else { return (point <= self.points).then_some(point) };
        let (mut low, mut high) = (0, units.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            // A half has no place of its own: the unit before it speaks for both.
            let at = if units[middle] == INSIDE { middle.saturating_sub(1) } else { middle };
            match units[at].cmp(&point) {
                std::cmp::Ordering::Equal => return Some(at as u32),
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = at,
            }
        }
        None
    }

    /// A range of offsets as code points, if it is one.
    pub(crate) fn range(&self, offsets: Range<u32>) -> Option<Range<u32>> {
        let (start, end) = (self.point(offsets.start)?, self.point(offsets.end)?);
        (start <= end).then_some(start..end)
    }

    /// The text of a range of code points.
    pub(crate) fn slice(&self, points: Range<u32>) -> Option<&'t str> {
        let byte = |point: u32| match &self.bytes {
            None => (point <= self.points).then_some(point as usize),
            Some(bytes) => bytes.get(point as usize).map(|&b| b as usize),
        };
        self.text.get(byte(points.start)?..byte(points.end)?)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TEXT: &str = "Ada met 😊 e\u{301}clair 👩‍👩‍👧 end";

    #[test]
    fn an_emoji_is_one_point_two_units_and_a_family_is_one_cluster() {
        let places = |unit| {
            let index = Index::new(TEXT, unit);
            let point = TEXT.chars().position(|c| c == 'n').unwrap() as u32;
            index.offset(point)
        };
        assert_eq!(places(Unit::CodePoint), Some(25));
        assert_eq!(places(Unit::Utf16), Some(29));
        assert_eq!(places(Unit::Grapheme), Some(20));
        let index = Index::new(TEXT, Unit::Utf16);
        assert_eq!((index.point(8), index.point(9), index.point(10)), (Some(8), None, Some(9)));
        let clusters = Index::new(TEXT, Unit::Grapheme);
        assert_eq!((clusters.offset(10), clusters.offset(11)), (Some(10), None), "between e and its accent");
        assert_eq!(clusters.range(10..16).and_then(|r| clusters.slice(r)), Some("e\u{301}clair"));
    }

    #[test]
    fn carriage_return_and_line_feed_are_one_cluster() {
        let index = Index::new("a\r\nb", Unit::Grapheme);
        assert_eq!((index.point(2), index.offset(2), index.offset(3)), (Some(3), None, Some(2)));
    }

    proptest! {
        #[test]
        fn places_go_there_and_back(text in "[a-z\r\n é\u{300}\u{301}😊👩\u{200d}🇩🇰한]{0,40}") {
            for unit in Unit::ALL {
                let index = Index::new(&text, unit);
                prop_assert_eq!(index.points as usize, text.chars().count());
                let length = match unit {
                    Unit::CodePoint => text.chars().count(),
                    Unit::Utf16 => text.encode_utf16().count(),
                    Unit::Grapheme => text.graphemes(true).count(),
                } as u32;
                prop_assert_eq!(index.point(length), Some(index.points));
                prop_assert_eq!(index.point(length + 1), None);
                prop_assert_eq!(index.offset(index.points), Some(length));
                prop_assert_eq!(index.offset(index.points + 1), None);
                for offset in 0..=length {
                    if let Some(point) = index.point(offset) {
                        prop_assert_eq!(index.offset(point), Some(offset));
                    }
                }
                for (point, (byte, _)) in text.char_indices().enumerate() {
                    prop_assert_eq!(index.slice(0..point as u32), Some(&text[..byte]));
                }
            }
        }
    }
}
