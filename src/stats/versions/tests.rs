use proptest::prelude::*;

use super::*;

/// Versions of sentences of tags that are separated by spaces; versions are numbered from 0.
fn versions(sentences: &[&[&str]], rule: DecodingRule) -> (TagVersions, Vec<VersionFacts>) {
    let tokens = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let mut names: Vec<String> = sentences.iter().flat_map(|s| s.iter()).flat_map(|t| tokens(t)).collect();
    names.sort();
    names.dedup();
    let mut ranges = Vec::new();
    let mut at = 0;
    for sentence in sentences {
        ranges.push(at..at + tokens(sentence[0]).len());
        at += tokens(sentence[0]).len();
    }
    let mut made = TagVersions::new(&names, &ranges);
    let facts = (0..sentences[0].len())
        .map(|v| {
            let said: Vec<(usize, LabelId)> = sentences
                .iter()
                .flat_map(|s| tokens(s[v]))
                .map(|t| names.binary_search(&t).unwrap() as LabelId)
                .enumerate()
                .collect();
            made.push(v as u32, said, rule, &Progress::new()).unwrap()
        })
        .collect();
    (made, facts)
}

fn compared(sentences: &[&[&str]], rule: DecodingRule) -> (TagVersions, Comparison) {
    let (mut made, _) = versions(sentences, rule);
    let found = made.compare(&Progress::new()).unwrap().unwrap();
    (made, found)
}

fn counts(pair: &VersionPair) -> [u64; 4] {
    DifferenceKind::ALL.map(|kind| pair.count(kind))
}

const FIRST: &str = "B-LOC I-LOC O B-PER O B-ORG I-ORG I-ORG O B-MISC O B-ORG";
const SECOND: &str = "B-ORG I-ORG O B-PER O B-ORG I-ORG O O O O B-LOC";

#[test]
fn the_worked_example_has_one_of_each_but_both() {
    let (made, found) = compared(&[&[FIRST, SECOND]], DecodingRule::TypeChange);
    let pair = &found.pairs[0];
    assert_eq!((pair.n_agree, counts(pair), pair.n_entities), (1, [2, 1, 1, 0], (5, 4)));
    let kind = |name: &str| made.types().iter().position(|t| t == name).map(|p| p as u32);
    let cell = |first, second, n| LabelPair { first, second, n };
    let (loc, org, misc) = (kind("LOC"), kind("ORG"), kind("MISC"));
    let mut cells = pair.label_pairs();
    cells.sort_by_key(|c| (c.first, c.second));
    let mut want = [cell(loc, org, 1), cell(org, loc, 1), cell(misc, None, 1)];
    want.sort_by_key(|c| (c.first, c.second));
    assert_eq!(cells, want);
    let ranges: Vec<_> = pair.disagreements.iter().map(|d| (d.kind.name(), d.tokens())).collect();
    assert_eq!(ranges, [("Tag", 0..2), ("Span", 5..8), ("Missing", 9..10), ("Tag", 11..12)]);
    assert!((pair.f1().value().unwrap() - 2.0 / 9.0).abs() < 1e-15);
    assert_eq!((pair.share_of_first().value(), pair.share_of_second().value()), (Some(0.2), Some(0.25)));
    assert_eq!(pair.share(DifferenceKind::Tag).value(), Some(0.5));
    assert_eq!(found.n_unlisted, 0);
}

#[test]
fn overlaps_are_counted_pair_by_pair() {
    let (_, found) = compared(
        &[&["O B-ORG I-ORG I-ORG I-ORG", "O B-ORG I-ORG O B-LOC"], &["B-LOC", "O"]],
        DecodingRule::TypeChange,
    );
    let pair = &found.pairs[0];
    assert_eq!(counts(pair), [0, 1, 1, 1]);
    let last = pair.disagreements[2];
    assert_eq!((last.sentence, last.tokens(), last.second), (1, 5..6, None));
    let long = Entity { start: 1, end: 5, kind: 1 };
    assert_eq!(pair.disagreements[1].first, Some(long));
    assert_eq!(pair.disagreements[1].second, Some(Entity { start: 4, end: 5, kind: 0 }));
}

#[test]
fn a_type_change_is_read_by_either_rule() {
    let sentences: [&[&str]; 2] =
        [&["B-PER I-ORG I-ORG O I-LOC B-LOC", "B-PER O O O O B-LOC"], &["B-LOC O B-LOC"; 2]];
    let (_, facts) = versions(&sentences, DecodingRule::TypeChange);
    let of = |f: &VersionFacts| (f.scheme, f.n_entities, f.n_type_changes, f.n_orphans, f.n_touched);
    assert_eq!(of(&facts[0]), ("IOB2", 6, 1, 1, 4));
    assert_eq!(of(&facts[1]), ("IOB2", 4, 0, 0, 0));
    let (_, found) = compared(&sentences, DecodingRule::TypeChange);
    assert_eq!((found.pairs[0].n_agree, counts(&found.pairs[0])), (4, [0, 2, 0, 0]));
    let (_, facts) = versions(&sentences, DecodingRule::BeginOnly);
    assert_eq!(of(&facts[0]), ("IOB2", 4, 1, 1, 4));
    let (_, found) = compared(&sentences, DecodingRule::BeginOnly);
    assert_eq!((found.pairs[0].n_agree, counts(&found.pairs[0])), (3, [0, 0, 1, 0]));
}

#[test]
fn schemes_give_the_same_entities_under_both_rules() {
    let all =
        ["I-P I-P B-P O I-L I-P", "B-P I-P B-P O B-L B-P", "B-P E-P S-P O S-L S-P", "B-P L-P U-P O U-L U-P"];
    for rule in [DecodingRule::TypeChange, DecodingRule::BeginOnly] {
        let (_, facts) = versions(&[&all], rule);
        let names: Vec<_> = facts.iter().map(|f| (f.scheme, f.n_entities, f.n_touched)).collect();
        assert_eq!(names, [("IOB1", 4, 0), ("IOB2", 4, 0), ("BIOES", 4, 0), ("BILOU", 4, 0)]);
        let (_, found) = compared(&[&all], rule);
        assert_eq!(found.pairs.len(), 6);
        assert!(found.pairs.iter().all(|p| p.total() == 0 && p.n_agree == 4));
        assert!(found.pairs[0].share(DifferenceKind::Tag).value().is_none());
    }
}

#[test]
fn ranges_have_a_distribution_over_all_versions() {
    let (made, found) =
        compared(&[&["B-P I-P O", "B-L I-L O", "B-P O O", "B-P I-P B-L"]], DecodingRule::TypeChange);
    let rows: Vec<_> = found.spans.rows.iter().map(|r| (r.start, r.end, r.n_versions, r.n_outside)).collect();
    assert_eq!(rows, [(0, 1, 4, 3), (0, 2, 4, 1), (2, 3, 4, 3)]);
    assert_eq!(made.types(), ["L", "P"]);
    assert_eq!(found.spans.types_of(&found.spans.rows[1]), [(0, 1), (1, 2)]);
    assert_eq!(found.spans.entropy_bits(&found.spans.rows[1]), 1.5);
}

#[test]
fn sentences_that_are_not_tagged_throughout_are_left_out() {
    let sentences: [&[&str]; 3] = [&["B-P ?", "B-P O"], &["? ?", "O B-P"], &["B-P O", "B-P O"]];
    let (mut made, facts) = versions(&sentences, DecodingRule::TypeChange);
    assert_eq!((facts[0].n_sentences, facts[0].n_incomplete, facts[0].n_entities), (1, 2, 1));
    let found = made.compare(&Progress::new()).unwrap().unwrap();
    assert_eq!((found.pairs[0].n_sentences, found.pairs[0].n_agree), (1, 1));
    let (mut made, _) = versions(&[&["? ?", "B-P O"]], DecodingRule::TypeChange);
    assert!(made.compare(&Progress::new()).unwrap().is_err());
}

#[test]
fn odd_sentences_tokens_and_labels_do_no_harm() {
    let names = ["O".to_owned(), "B-P".to_owned()];
    let mut made =
        TagVersions::new(&names, &[5..7, 6..9, Range { start: 9, end: 8 }, 7..8, usize::MAX..usize::MAX]);
    assert_eq!(made.sentences(), [5..7, 7..7, 7..7, 7..8, 8..8]);
    let said = [(7, 1), (6, 1), (5, 0), (3, 1), (99, 1), (6, 1)];
    for version in [3, 1] {
        let facts = made.push(version, said, DecodingRule::BeginOnly, &Progress::new()).unwrap();
        assert_eq!((facts.n_sentences, facts.n_entities, facts.n_incomplete), (2, 2, 0));
    }
    let facts = made.push(4, [(3, 1), (5, 1), (7, 9)], DecodingRule::BeginOnly, &Progress::new()).unwrap();
    assert_eq!((facts.n_sentences, facts.n_incomplete), (0, 2));
    let found = made.compare(&Progress::new()).unwrap().unwrap();
    assert_eq!((found.pairs.len(), found.pairs[0].a, found.pairs[0].b, found.pairs[0].n_agree), (1, 1, 3, 2));
    let stopped = Progress::new();
    stopped.cancel();
    assert!(made.push(5, said, DecodingRule::TypeChange, &stopped).is_err());
    assert_eq!(made.lines.len(), 4);
    assert!(made.compare(&stopped).is_err());
}

/// All pairs of entities, as the definition says.
fn by_definition(first: &[Entity], second: &[Entity]) -> (u64, [u64; 4]) {
    let (mut agree, mut counts) = (0, [0; 4]);
    let range = |e: &Entity| (e.start, e.end);
    for a in first {
        for b in second.iter().filter(|b| a.overlaps(b)) {
            match (range(a) == range(b), a.kind == b.kind) {
                (true, true) => agree += 1,
                (true, false) => counts[DifferenceKind::Tag as usize] += 1,
                (false, true) => counts[DifferenceKind::Span as usize] += 1,
                (false, false) => counts[DifferenceKind::Both as usize] += 1,
            }
        }
    }
    let alone = |e: &&Entity, others: &[Entity]| others.iter().all(|o| !e.overlaps(o));
    let missing =
        first.iter().filter(|e| alone(e, second)).count() + second.iter().filter(|e| alone(e, first)).count();
    counts[DifferenceKind::Missing as usize] = missing as u64;
    (agree, counts)
}

proptest! {
    #[test]
    fn one_pass_finds_what_the_definition_says(
        tags in proptest::collection::vec(("(O|[BI]-[PL])", "(O|[BI]-[PL])"), 1..24),
        begins_only in any::<bool>(),
    ) {
        let rule = if begins_only { DecodingRule::BeginOnly } else { DecodingRule::TypeChange };
        let text = |of: &dyn Fn(&(String, String)) -> String| tags.iter().map(of).collect::<Vec<_>>().join(" ");
        let (first, second) = (text(&|t| t.0.clone()), text(&|t| t.1.clone()));
        let (made, found) = compared(&[&[&first, &second]], rule);
        let (a, b) = (made.entities_of(&made.lines[0]), made.entities_of(&made.lines[1]));
        let pair = &found.pairs[0];
        prop_assert_eq!((pair.n_agree, counts(pair)), by_definition(a, b));
        prop_assert_eq!(pair.disagreements.len() as u64, pair.total());
        // The other way round, everything is the same but the direction.
        let (_, turned) = compared(&[&[&second, &first]], rule);
        prop_assert_eq!(counts(&turned.pairs[0]), counts(pair));
        let mut cells: Vec<_> = turned.pairs[0].label_pairs().iter().map(|c| (c.second, c.first, c.n)).collect();
        let mut own: Vec<_> = pair.label_pairs().iter().map(|c| (c.first, c.second, c.n)).collect();
        cells.sort_unstable();
        own.sort_unstable();
        prop_assert_eq!(cells, own);
    }
}
