use proptest::prelude::*;

use super::*;

const NAMES: [&str; 6] = ["ink", "brown ink", "brownish ink", "photograph", "wash", "engraving"];

/// Two labels, their counts, (expected, Jaccard, c(b|a), c(a|b)), and what they are to each other.
type Row = ((u32, u32), (u64, u64, u64), [f64; 4], Relation);

/// Sixty prints: which of them has which label.
fn prints() -> Carriers {
    let mut carriers = Carriers::new(6);
    for item in 0..60_u32 {
        let has = [
            item <= 23,
            item <= 9,
            item <= 8,
            (24..=43).contains(&item),
            (4..=8).contains(&item) || (20..=25).contains(&item),
            (44..=51).contains(&item),
        ];
        let labels: Vec<u32> = (0..6).filter(|&l| has[l as usize]).collect();
        carriers.push(item, &labels);
    }
    carriers
}

fn relate(carriers: &Carriers, names: &[&str]) -> LabelRelations {
    let names: Vec<String> = names.iter().map(|n| (*n).to_owned()).collect();
    label_relations(carriers, &names, &RelationOptions::default(), &Progress::new()).unwrap().unwrap()
}

fn pair(found: &LabelRelations, a: u32, b: u32) -> &LabelPair {
    found.pairs.iter().find(|p| (p.a, p.b) == (a, b)).unwrap()
}

#[test]
fn labels_of_prints_are_told_apart() {
    let found = relate(&prints(), &NAMES);
    assert_eq!((found.n_items, found.n_pairs, found.n_not_listed, found.pairs.len()), (60, 15, 0, 15));
    assert!((found.level - 0.003_333).abs() < 1e-6);
    let near = |got: f64, want: f64, digits: f64| assert!((got - want).abs() <= 0.5 * digits, "{got} {want}");
    let part = |part, whole| Relation::Subset { part, whole };
    let table: [Row; 5] = [
        ((1, 2), (9, 10, 9), [1.5, 0.9, 0.9, 1.0], Relation::Identical),
        ((0, 1), (10, 24, 10), [4.0, 0.4167, 0.4167, 1.0], part(1, 0)),
        ((0, 3), (0, 24, 20), [8.0, 0.0, 0.0, 0.0], Relation::Exclusive),
        ((0, 5), (0, 24, 8), [3.2, 0.0, 0.0, 0.0], Relation::Undetermined),
        ((0, 4), (9, 24, 11), [4.4, 0.3462, 0.375, 0.8182], Relation::Overlap),
    ];
    for ((a, b), counts, numbers, relation) in table {
        let row = pair(&found, a, b);
        assert_eq!(((row.n_ab, row.n_a, row.n_b), row.relation), (counts, relation), "{a} {b}");
        let got = [row.expected, row.jaccard, row.b_given_a.0, row.a_given_b.0];
        got.iter().zip(numbers).for_each(|(&got, want)| near(got, want, 1e-4));
    }
    near(pair(&found, 1, 2).b_given_a.1, 0.5958, 1e-4);
    near(pair(&found, 1, 2).a_given_b.1, 0.7009, 1e-4);
    assert!(pair(&found, 1, 2).p_high < 1e-6);
    near(pair(&found, 0, 1).a_given_b.1, 0.7225, 1e-4);
    near(pair(&found, 0, 1).p_high, 0.000_026, 1e-6);
    near(pair(&found, 0, 3).p_low, 0.000_002, 1e-6);
    assert_eq!((pair(&found, 0, 3).p_high, pair(&found, 0, 3).pmi), (1.0, None));
    near(pair(&found, 0, 5).p_low, 0.011_827, 1e-6);
    near(pair(&found, 0, 4).a_given_b.1, 0.5230, 1e-4);
    near(pair(&found, 0, 4).p_high, 0.002_617, 1e-6);
    near(pair(&found, 0, 4).pmi.unwrap(), (9.0_f64 / 4.4).log2(), 1e-12);
    // e ≥ ln(M / α) = 5.70 takes 107 prints.
    assert_eq!(pair(&found, 0, 5).items_needed, Some(107));
    assert_eq!(pair(&found, 0, 3).items_needed, None);
    assert_eq!(pair(&found, 0, 1).names, [NameEvidence::Contains]);
    assert_eq!((&pair(&found, 1, 2).contradicting, &found.groups), (&vec![9], &vec![vec![1, 2]]));
    assert_eq!(found.missing_wholes().count(), 0);
    assert_eq!(found.pairs[0].relation, Relation::Identical);
}

#[test]
fn exceptions_are_named() {
    // 0 within 1 but for one item; 2 and 3 share one item of 80.
    let mut carriers = Carriers::new(5);
    for item in 0..100_u32 {
        let mut labels = Vec::new();
        if item < 20 {
            labels.push(0);
        }
        if (1..60).contains(&item) {
            labels.push(1);
        }
        labels.push(if item < 50 { 2 } else { 3 });
        if item == 7 {
            labels.extend([3, 3, 9]);
        }
        labels.push(4);
        carriers.push(item + 1000, &labels);
    }
    let found = relate(&carriers, &[]);
    assert_eq!(pair(&found, 0, 1).relation, Relation::Subset { part: 0, whole: 1 });
    assert!(found.missing_wholes().any(|missing| missing == (0, 1, &[1000][..])));
    let exclusive = pair(&found, 2, 3);
    assert_eq!((exclusive.relation, &exclusive.contradicting), (Relation::NearlyExclusive, &vec![1007]));
    assert_eq!((found.everywhere, found.rare), (vec![4], vec![]));
}

#[test]
fn what_is_often_together_is_no_error_however_seldom_by_chance() {
    // 40 of 100 and 70 of 100: 28 by chance, 15 are together.
    let mut carriers = Carriers::new(2);
    for item in 0..100_u32 {
        let (a, b) = (item < 40, (25..95).contains(&item));
        let labels: Vec<u32> = [(0, a), (1, b)].iter().filter(|(_, has)| *has).map(|(l, _)| *l).collect();
        carriers.push(item, &labels);
    }
    let found = relate(&carriers, &[]);
    let pair = pair(&found, 0, 1);
    assert_eq!((pair.relation, pair.n_ab, pair.contradicting.len()), (Relation::Apart, 15, 0));
    assert!(pair.p_low < found.level);
}

#[test]
fn too_little_is_undefined_with_a_reason() {
    let run = |carriers: &Carriers, alpha: f64| {
        let options = RelationOptions { alpha, ..RelationOptions::default() };
        label_relations(carriers, &[], &options, &Progress::new()).unwrap().unwrap_err().to_string()
    };
    assert_eq!(run(&Carriers::new(3), 0.05), "there are no annotations");
    let mut carriers = Carriers::new(2);
    (0..9).for_each(|i| carriers.push(i, if i < 5 { &[0] } else { &[1] }));
    assert!(run(&carriers, 0.05).starts_with("fewer than two labels are on 5 items"));
    assert!(run(&carriers, 0.0).contains("level"));
    let progress = Progress::new();
    progress.cancel();
    let stopped = label_relations(&prints(), &[], &RelationOptions::default(), &progress);
    assert_eq!(stopped, Err(Cancelled));
}

#[test]
fn a_circle_of_labels_comes_to_one_group() {
    let row = |a, b, relation| LabelPair { a, b, relation, ..pair(&relate(&prints(), &[]), 0, 1).clone() };
    let part = |part, whole| Relation::Subset { part, whole };
    let pairs = [
        row(0, 1, Relation::Identical),
        row(1, 2, part(1, 2)),
        row(2, 3, Relation::Identical),
        row(0, 3, part(3, 0)),
        row(4, 5, part(4, 5)),
        row(6, 7, Relation::Identical),
    ];
    assert_eq!(groups::groups(&pairs), [vec![0, 1, 2, 3], vec![6, 7]]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Counts and contradictions equal those counted one by one, with many labels as with few.
    #[test]
    fn pairs_are_counted_right(
        sets in proptest::collection::vec(proptest::collection::vec(0..120_u32, 0..20), 10..40)
    ) {
        let mut carriers = Carriers::new(120);
        sets.iter().enumerate().for_each(|(i, set)| carriers.push(i as u32, set));
        let options = RelationOptions { least_items: 1, alpha: 0.05 };
        let Ok(found) = label_relations(&carriers, &[], &options, &Progress::new()).unwrap() else { return Ok(()) };
        let has = |item: usize, l: u32| sets[item].contains(&l);
        let count = |f: &dyn Fn(usize) -> bool| (0..sets.len()).filter(|&i| f(i)).count() as u64;
        for p in &found.pairs {
            prop_assert_eq!(p.n_ab, count(&|i| has(i, p.a) && has(i, p.b)));
            prop_assert_eq!((p.n_a, p.n_b), (count(&|i| has(i, p.a)), count(&|i| has(i, p.b))));
            prop_assert!(p.a < p.b);
            let wrong: Vec<u32> = (0..sets.len()).filter(|&i| {
                let (a, b) = (has(i, p.a), has(i, p.b));
                match p.relation {
                    Relation::Identical => a != b,
                    Relation::Subset { part, .. } => if part == p.a { a && !b } else { b && !a },
                    Relation::NearlyExclusive => a && b,
                    _ => false,
                }
            }).map(|i| i as u32).collect();
            prop_assert_eq!(&p.contradicting, &wrong);
        }
        prop_assert_eq!(found.pairs.len() as u64 + found.n_not_listed, found.n_pairs);
        let mut seen: Vec<(u32, u32)> = found.pairs.iter().map(|p| (p.a, p.b)).collect();
        seen.sort_unstable();
        seen.dedup();
        prop_assert_eq!(seen.len(), found.pairs.len());
    }
}
