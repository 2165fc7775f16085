//! Sides of every kind on a small table, by hand.

use super::*;
use crate::dataset::{Edits, LabelColumn, LabelSet, Raters};

/// Six items; moderators m1, m2 and crowd c1, c2, c3. Labels ok (0), insult (1), hate (2).
fn dataset() -> Dataset {
    let votes: [[u32; 5]; 6] = [
        [0, 0, 0, 0, 0],
        [1, 1, 2, 2, 2],
        [1, 1, 2, 2, 1],
        [1, 1, 1, 1, 2],
        [0, 1, 0, 0, 0],
        [2, 2, 2, 2, 2],
    ];
    let mut builder = AnnotationsBuilder::new();
    for (item, row) in (0..).zip(votes) {
        row.iter().enumerate().for_each(|(rater, &label)| builder.push(item, rater as u32, label, None));
    }
    let names = ["m1", "m2", "c1", "c2", "c3"].map(str::to_owned);
    let roles = ["mod", "mod", "crowd", "crowd", "crowd"].map(str::to_owned);
    let probabilities = [
        [0.9, 0.1, 0.0],
        [0.0, 0.2, 0.8],
        [0.0, 0.5, 0.5],
        [0.1, 0.8, 0.1],
        [1.0, 0.0, 0.0],
        [0.0, 0.0, 1.0],
    ];
    Dataset {
        labels: LabelSet::new(&["ok", "insult", "hate"].map(str::to_owned), []),
        keys: (0..6).map(|i| i.to_string()).collect::<Vec<_>>().iter().map(String::as_str).collect(),
        raters: Raters {
            names: names.to_vec(),
            kinds: vec![RaterKind::Human; 5],
            attributes: vec![("role".to_owned(), roles.to_vec())],
            ..Raters::default()
        },
        annotations: builder.finish(6, 5),
        given: Some(LabelColumn { name: "label".to_owned(), ids: vec![0, 1, 2, 1, 0, 2] }),
        probabilities: Some(Probabilities::from_f64(probabilities.concat(), 6, 3).unwrap()),
        ..Dataset::default()
    }
}

fn analysed(dataset: &Dataset) -> Analysis {
    crate::analysis::run(dataset, &Edits::new(), &Settings::default(), None, &Progress::new()).unwrap()
}

fn between(dataset: &Dataset, a: Side, b: Side) -> Result<CompareReport, Undefined> {
    let asked = CompareAsked { settings: Settings::default(), sides: [a, b] };
    compare(dataset, &analysed(dataset), &asked, &Progress::new()).unwrap()
}

#[test]
fn two_groups_part_where_one_says_insult_and_the_other_hate() {
    let data = dataset();
    let (a, b) = Side::first_two(&data, &analysed(&data)).unwrap();
    assert_eq!(
        (&a, &b),
        (&Side::Group(0, "crowd".into()), &Side::Group(0, "mod".into())),
        "the larger first"
    );
    let r = between(&data, b, a).unwrap();
    assert_eq!((r.n_raters, r.n_votes, r.overlap), ([2, 3], [12, 18], false));
    // On item 4 the moderators are tied.
    assert_eq!((r.found.n_items, &*r.tied), (5, &[4][..]));
    assert_eq!((&*r.parted, r.pairs.as_slice()), (&[1, 2][..], &[(1, 2)][..]));
    assert_eq!(
        (r.in_play.as_slice(), r.of_label(0, 1).map(|i| &**i)),
        (&[0, 1, 2][..], Some(&[1, 2, 3][..]))
    );
    assert_eq!(r.cell(1, 2).map(|c| &**c), Some(&[1, 2][..]));
    assert!(r.cell(2, 1).is_none());
    assert!((r.found.parted[1].gap - 2.0 / 3.0).abs() < 1e-12);
    let analysis = analysed(&data);
    assert_eq!(r.said(&data, &analysis, 1, 2), [(1, 1.0), (2, 2.0)]);
    assert_eq!(r.raters(&data, 0, 2), [(0, 1), (1, 1)]);
    // The same three numbers as from the table itself.
    let data_of = ReliabilityData::of(&data, &data.annotations);
    let direct = crate::stats::agreement::cross_replication(
        &data_of,
        &crate::stats::agreement::Metric::Nominal,
        &[0, 0, 1, 1, 1],
    );
    assert_eq!(r.agreement.as_ref().unwrap().0, direct.unwrap());
}

#[test]
fn a_rater_a_model_a_column_and_aggregates_are_sides_too() {
    let data = dataset();
    let one = between(&data, Side::Rater(0), Side::Rest).unwrap();
    assert_eq!((one.n_raters, one.n_votes), ([1, 4], [6, 24]));
    assert_eq!(one.agreement.as_ref().unwrap().0.within[0], None, "one voice has no inner agreement");
    let rest = between(&data, Side::Rest, Side::Rater(0)).unwrap();
    assert_eq!((rest.n_raters, rest.parted.len()), ([4, 1], one.parted.len()));
    // Who is of both sides speaks for the first.
    let both = between(&data, Side::Rater(0), Side::Group(0, "mod".into())).unwrap();
    assert_eq!((both.n_raters, both.overlap), ([1, 1], true));
    let model = between(&data, Side::Given, Side::Probabilities).unwrap();
    // The model is tied on item 2 and parts from the given label on item 1.
    assert_eq!((&*model.tied, &*model.parted), (&[2][..], &[1][..]));
    assert!((model.found.parted[0].gap - 0.8).abs() < 1e-12);
    assert_eq!(model.n_raters, [0, 0]);
    let votes = between(&data, Side::Majority, Side::Given).unwrap();
    assert_eq!(&*votes.parted, [1, 2]);
    assert!(between(&data, Side::Given, Side::Given).is_err());
    assert!(between(&data, Side::Given, Side::Gold).is_err());
    assert!(between(&data, Side::Models, Side::Rest).is_err());
}

#[test]
fn sides_have_names() {
    let data = dataset();
    for side in Side::all(&data) {
        assert_eq!(Side::find(&data, &side.id(&data)), Some(side.clone()), "{side:?}");
        assert!(!side.words(&data).is_empty() && !side.kind(&data).is_empty());
    }
    assert_eq!(Side::find(&data, "role=mod"), Some(Side::Group(0, "mod".into())));
    assert_eq!(Side::find(&data, "gold"), None);
    assert_eq!(Side::find(&data, "nobody"), None);
    let counts = Settings { switched: ["c1".to_owned()].into(), ..Settings::default() };
    let asked = CompareAsked { settings: counts, sides: [Side::Rater(2), Side::Group(0, "crowd".into())] };
    let r = compare(&data, &analysed(&data), &asked, &Progress::new()).unwrap().unwrap();
    assert_eq!((r.n_raters, r.overlap), ([1, 2], false), "asked for by name, and out of the group");
}
