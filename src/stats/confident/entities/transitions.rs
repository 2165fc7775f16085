//! Tags that stand where their scheme does not allow them, and what would stand there instead.
//!
//! Every tag is taken at its word (an `I-` after something else begins an entity), and the entities are written again
//! in the scheme of the file: a tag that comes out differently is a finding, and what comes out is the repair.

use crate::dataset::tags::{Habits, Scheme, entities, is_blank, parts};
use crate::progress::{Cancelled, Progress};
use crate::stats::proportion::wilson_of;

/// A tag that its scheme does not allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagFinding {
    /// Sentence number.
    pub sentence: u32,
    /// Token number within the sentence.
    pub token: u32,
    /// What the tag before it is; `None` at the beginning of a sentence and after a token that nobody tagged.
    pub before: Option<String>,
    /// The tag.
    pub tag: String,
    /// The tag that spells out the same entity as the scheme wants it.
    pub repair: String,
}

/// All of them.
#[derive(Debug, Clone, PartialEq)]
pub struct TagFindings {
    /// The scheme that the tags follow: IOB1, IOB2, BIOES or BILOU.
    pub scheme: &'static str,
    /// By sentence and token.
    pub list: Vec<TagFinding>,
    /// Tags of entities that stand where they may.
    pub n_legal: u64,
    /// How sure it is that these tags are mistakes: lower end of Wilson's 95 % interval of the share of tags that the
    /// scheme fits.
    pub suspicion: f64,
}

/// Looks at the tags of sentences, all by one hand. `None` where none of them is a tag of an entity.
///
/// The scheme is the one that fits best. Empty tags and `?` are tokens that nobody tagged; entities end before them.
///
/// # Errors
/// Cancellation.
pub fn tag_findings(sentences: &[Vec<&str>], progress: &Progress) -> Result<Option<TagFindings>, Cancelled> {
    let mut habits = Habits::default();
    for part in sentences.chunks(1 << 12) {
        progress.check()?;
        part.iter().flat_map(|tags| tags.split(|t| is_blank(t))).for_each(|tags| habits.see(tags));
    }
    let scheme = habits.scheme();
    let mut found = TagFindings { scheme: scheme.name(), list: Vec::new(), n_legal: 0, suspicion: 0.0 };
    for (sentence, tags) in sentences.iter().enumerate() {
        if sentence % (1 << 12) == 0 {
            progress.check()?;
        }
        let mut start = 0;
        for piece in tags.split(|t| is_blank(t)) {
            check(sentence as u32, start, piece, scheme, &mut found);
            start += piece.len() + 1;
        }
    }
    let n = found.n_legal + found.list.len() as u64;
    found.suspicion = wilson_of(found.n_legal, n).0;
    Ok((n > 0).then_some(found))
}

fn check(sentence: u32, start: usize, tags: &[&str], scheme: Scheme, found: &mut TagFindings) {
    let written = written(tags, scheme);
    for (at, (tag, repair)) in tags.iter().zip(&written).enumerate() {
        let (Some(has), Some(wants)) = (parts(tag), repair) else { continue };
        if has == *wants {
            found.n_legal += 1;
            continue;
        }
        let (prefix, kind) = *wants;
        found.list.push(TagFinding {
            sentence,
            token: (start + at) as u32,
            before: at.checked_sub(1).map(|b| tags[b].to_owned()),
            tag: (*tag).to_owned(),
            repair: format!("{}-{kind}", char::from(prefix)),
        });
    }
}

/// The entities of a sentence in tags of `scheme`; `None` outside of them.
fn written<'t>(tags: &[&'t str], scheme: Scheme) -> Vec<Option<(u8, &'t str)>> {
    let mut out = vec![None; tags.len()];
    let mut before: Option<(usize, &str)> = None;
    for (range, kind) in entities(tags) {
        let (single, last) = match scheme {
            Scheme::Bioes => (b'S', b'E'),
            Scheme::Bilou => (b'U', b'L'),
            Scheme::Iob1 | Scheme::Iob2 => (b'B', b'I'),
        };
        let n = range.len();
        for (i, slot) in out[range.clone()].iter_mut().enumerate() {
            let prefix = match i {
                0 if n == 1 => single,
                0 => b'B',
                i if i + 1 == n => last,
                _ => b'I',
            };
            *slot = Some((prefix, kind));
        }
        // IOB1 marks a beginning only between two entities of one type.
        if scheme == Scheme::Iob1 && before != Some((range.start, kind)) {
            out[range.start] = Some((b'I', kind));
        }
        before = Some((range.end, kind));
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::dataset::tags::malformed;

    fn found(texts: &[&str]) -> TagFindings {
        let sentences: Vec<Vec<&str>> = texts.iter().map(|t| t.split(' ').collect()).collect();
        tag_findings(&sentences, &Progress::new()).unwrap().unwrap()
    }

    fn repairs(texts: &[&str]) -> Vec<(u32, u32, String, String)> {
        let row = |f: TagFinding| (f.sentence, f.token, f.tag, f.repair);
        found(texts).list.into_iter().map(row).collect()
    }

    #[test]
    fn an_entity_that_begins_inside_is_repaired() {
        let row = |s, t, tag: &str, repair: &str| (s, t, tag.to_owned(), repair.to_owned());
        let texts = ["B-PER I-PER O B-LOC", "O I-LOC I-LOC", "B-PER I-LOC O B-PER"];
        assert_eq!(repairs(&texts), [row(1, 1, "I-LOC", "B-LOC"), row(2, 1, "I-LOC", "B-LOC")]);
        let found = found(&texts);
        assert_eq!((found.scheme, found.n_legal), ("IOB2", 6));
        assert_eq!(found.list[0].before.as_deref(), Some("O"));
        assert!(found.suspicion > 0.4 && found.suspicion < 0.75);
        // BIOES: an entity that is not closed, one that only ends.
        let bioes = ["B-P E-P O S-L", "B-P O E-L", "B-P I-P O"];
        let want = [row(1, 0, "B-P", "S-P"), row(1, 2, "E-L", "S-L"), row(2, 1, "I-P", "E-P")];
        assert_eq!(repairs(&bioes), want);
    }

    #[test]
    fn a_token_that_nobody_tagged_ends_an_entity() {
        let row = (0, 2, "I-P".to_owned(), "B-P".to_owned());
        assert_eq!(repairs(&["B-P ? I-P", "B-P I-P", "B-L"]), [row]);
        assert_eq!(found(&["B-P ? I-P", "B-P I-P", "B-L"]).list[0].before, None);
        assert_eq!(tag_findings(&[vec!["NN", "VB"], vec!["O", ""]], &Progress::new()), Ok(None));
        assert_eq!(tag_findings(&[], &Progress::new()), Ok(None));
    }

    proptest! {
        /// What comes out fits the scheme and spells out the same entities; what fits is left alone.
        #[test]
        fn repaired_tags_are_well_formed(list in proptest::collection::vec("[BIESLU]-[PL]|O", 0..20)) {
            let tags: Vec<&str> = list.iter().map(String::as_str).collect();
            for scheme in [Scheme::Iob1, Scheme::Iob2, Scheme::Bioes, Scheme::Bilou] {
                let repaired: Vec<String> = written(&tags, scheme)
                    .into_iter()
                    .map(|t| t.map_or("O".to_owned(), |(p, kind)| format!("{}-{kind}", char::from(p))))
                    .collect();
                let again: Vec<&str> = repaired.iter().map(String::as_str).collect();
                prop_assert_eq!(malformed(&again, scheme), 0, "{:?} of {:?}", &again, &tags);
                prop_assert_eq!(entities(&again), entities(&tags));
                if malformed(&tags, scheme) == 0 {
                    let foreign = tags.iter().any(|t| match scheme {
                        Scheme::Iob1 | Scheme::Iob2 => !t.starts_with(['B', 'I', 'O']),
                        Scheme::Bioes => t.starts_with(['L', 'U']),
                        Scheme::Bilou => t.starts_with(['E', 'S']),
                    });
                    if !foreign {
                        prop_assert_eq!(&again, &tags);
                    }
                }
            }
        }
    }
}
