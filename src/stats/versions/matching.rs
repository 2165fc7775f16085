//! Two versions of one sentence.

use super::{DifferenceKind, Disagreement, Entity};

/// Matches the entities of two versions of a sentence, each ascending and without overlap, and gives what differs to
/// `found`, by place. Returns how many agree. Linear: a pair is looked at only where it overlaps.
pub(super) fn sentence(
    sentence: u32,
    first: &[Entity],
    second: &[Entity],
    mut found: impl FnMut(Disagreement),
) -> u64 {
    let mut agree = 0;
    let (mut i, mut j) = (0, 0);
    // Whether what stands at i, and at j, has overlapped something already.
    let (mut met_first, mut met_second) = (false, false);
    let mut give = |kind, first, second| found(Disagreement { kind, sentence, first, second });
    loop {
        match (first.get(i), second.get(j)) {
            (None, None) => return agree,
            (Some(a), Some(b)) if a.overlaps(b) => {
                let same_range = (a.start, a.end) == (b.start, b.end);
                match (same_range, a.kind == b.kind) {
                    (true, true) => agree += 1,
                    (true, false) => give(DifferenceKind::Tag, Some(*a), Some(*b)),
                    (false, true) => give(DifferenceKind::Span, Some(*a), Some(*b)),
                    (false, false) => give(DifferenceKind::Both, Some(*a), Some(*b)),
                }
                // The one that ends first has met all that it can meet.
                let (ends_first, ends_second) = (a.end <= b.end, b.end <= a.end);
                (met_first, met_second) = (!ends_first, !ends_second);
                i += usize::from(ends_first);
                j += usize::from(ends_second);
            }
            (Some(a), b) if b.is_none_or(|b| a.end <= b.start) => {
                if !met_first {
                    give(DifferenceKind::Missing, Some(*a), None);
                }
                met_first = false;
                i += 1;
            }
            (_, b) => {
                if let (Some(b), false) = (b, met_second) {
                    give(DifferenceKind::Missing, None, Some(*b));
                }
                met_second = false;
                j += 1;
            }
        }
    }
}
