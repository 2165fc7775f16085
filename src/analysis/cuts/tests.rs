use super::*;
use crate::dataset::{AnnotationsBuilder, LabelSet, Question, Raters, Scale, TextColumn};

/// Six items, four raters: `a` and `b` (old) always say the first vote, `c` and `d` (young) the second.
fn dataset(votes: &[(u32, u32)], labels: &[&str]) -> Dataset {
    let mut builder = AnnotationsBuilder::new();
    for (item, &(old, young)) in votes.iter().enumerate() {
        for rater in 0..4 {
            builder.push(item as u32, rater, if rater < 2 { old } else { young }, None);
        }
    }
    let labels: Vec<String> = labels.iter().map(|l| (*l).to_owned()).collect();
    let column = |of: &dyn Fn(usize) -> String| -> TextColumn {
        (0..votes.len()).map(of).collect::<Vec<_>>().iter().map(String::as_str).collect()
    };
    Dataset {
        keys: column(&|i| format!("i{i}")),
        labels: LabelSet::new(&labels, std::iter::empty()),
        annotations: builder.finish(votes.len(), 4),
        raters: Raters {
            names: ["a", "b", "c", "d"].map(str::to_owned).to_vec(),
            attributes: vec![(
                "age".to_owned(),
                ["old", "old", "young", "young"].map(str::to_owned).to_vec(),
            )],
            ..Raters::default()
        },
        metadata: vec![("half".to_owned(), column(&|i| if i < 3 { "first" } else { "second" }.to_owned()))],
        ..Dataset::default()
    }
}

fn split() -> Dataset {
    dataset(&[(0, 0), (1, 1), (0, 0), (0, 1), (1, 0), (0, 1)], &["no", "yes"])
}

fn cut(dataset: &Dataset, by: By) -> Result<Cuts, Undefined> {
    let asked = CutsAsked { of: Asked::default(), kind: Kind::Krippendorff, by, seed: 1 };
    cuts(dataset, &asked, &Progress::new()).unwrap()
}

fn whole(cuts: &Cuts) -> Option<f64> {
    cuts.whole.as_ref()?.1.value()
}

fn value(row: &CutRow) -> f64 {
    row.statistic.value().unwrap()
}

#[test]
fn groups_that_part_agree_within_and_not_across() {
    let found = cut(&split(), By::Group(0)).unwrap();
    assert_eq!(found.rows.iter().map(|r| r.name.as_str()).collect::<Vec<_>>(), ["old", "young"]);
    for row in &found.rows {
        assert!((value(row) - 1.0).abs() < 1e-12);
        let Cell::Number(Some(xrr)) = row.cells[0] else { panic!("{:?}", row.cells) };
        assert!(xrr < 0.2, "{xrr}");
        // Half of the items part, and a tie of all is not the group's own label.
        assert_eq!(row.cells[3], Cell::Number(Some(0.5)));
        assert_eq!(row.cells[4], Cell::Count(2));
        let Behind::Parted(items) = &row.behind else { panic!("{:?}", row.behind) };
        assert_eq!(items.len(), 3);
    }
    assert!(
        found.notes.iter().any(|n| n.contains("2 of 2 groups are too small to test")),
        "{:?}",
        found.notes
    );
}

#[test]
fn slices_are_the_coefficient_of_their_items() {
    let found = cut(&split(), By::Slice(0)).unwrap();
    assert!((value(&found.rows[0]) - 1.0).abs() < 1e-12);
    assert!(value(&found.rows[1]) < 0.0);
    let Behind::Items(items) = &found.rows[1].behind else { panic!() };
    assert_eq!(&items[..], [3, 4, 5]);
    // The same as if nothing but these items counted.
    let of = Asked { items: Some(Arc::clone(items)), ..Asked::default() };
    let asked = CutsAsked { of, kind: Kind::Krippendorff, by: By::Label, seed: 1 };
    let alone = cuts(&split(), &asked, &Progress::new()).unwrap().unwrap();
    assert_eq!(whole(&alone), found.rows[1].statistic.value());
}

#[test]
fn many_numbers_become_quarters_and_many_names_are_put_together() {
    let mut parts = Parts::default();
    let numbers: Vec<String> = (0..100).map(|i| i.to_string()).collect();
    let (names, of) = slices::divided_for_tests(&numbers, &mut parts);
    assert_eq!(names, ["up to 24", "24 to 49", "49 to 74", "74 to 99"]);
    assert_eq!(of.iter().filter(|&&s| s == 1).count(), 25);
    let words: Vec<String> = (0..100).map(|i| format!("w{}", i % 50)).collect();
    let (names, of) = slices::divided_for_tests(&words, &mut parts);
    assert_eq!((names.len(), names[39].as_str()), (40, "11 rarer values"));
    assert_eq!(of.iter().filter(|&&s| s == 39).count(), 22);
}

#[test]
fn the_rater_who_disagrees_comes_first() {
    let mut data = dataset(&[(0, 0), (1, 1), (0, 0), (1, 1)], &["no", "yes"]);
    let mut builder = AnnotationsBuilder::new();
    for item in 0..4 {
        for a in data.annotations.of_item(item) {
            builder.push(a.item, a.rater, if a.rater == 3 { 1 - a.label } else { a.label }, None);
        }
    }
    data.annotations = builder.finish(4, 4);
    let found = cut(&data, By::Rater).unwrap();
    assert_eq!(found.rows[0].name, "d");
    assert!((value(&found.rows[0]) - 1.0).abs() < 1e-12);
    let all = whole(&found).unwrap();
    assert_eq!(found.rows[0].cells[0], Cell::Number(Some(1.0 - all)));
    let switched = std::iter::once("d".to_owned()).collect();
    let of =
        Asked { settings: crate::analysis::Settings { switched, ..Default::default() }, ..Asked::default() };
    let asked = CutsAsked { of, kind: Kind::Krippendorff, by: By::Item, seed: 1 };
    let without = cuts(&data, &asked, &Progress::new()).unwrap().unwrap();
    assert_eq!(whole(&without), Some(1.0));
}

#[test]
fn items_that_lower_the_coefficient_come_first() {
    let found = cut(&split(), By::Item).unwrap();
    let last = found.rows.last().unwrap();
    assert!(matches!(found.rows[0].behind, Behind::Item(3..=5)), "{:?}", found.rows[0]);
    assert!(matches!(last.behind, Behind::Item(0..=2)), "{last:?}");
    assert_eq!(found.rows.len(), 6);
}

#[test]
fn levels_of_labels_agree_more_the_coarser_they_are() {
    let data = dataset(&[(0, 1), (1, 1), (2, 3), (2, 2)], &["pet/cat", "pet/dog", "wild/fox", "wild/elk"]);
    assert!(By::all(&data).contains(&By::Level));
    let found = cut(&data, By::Level).unwrap();
    assert_eq!(found.rows.iter().map(|r| r.name.as_str()).collect::<Vec<_>>(), ["level 1", "whole labels"]);
    assert_eq!(found.rows[0].cells, [Cell::Count(2)]);
    assert!((value(&found.rows[0]) - 1.0).abs() < 1e-12);
    assert!(value(&found.rows[1]) < 1.0);
    assert_eq!(level_of("a::b::c", "::", 2), "a::b");
    assert_eq!(separator(&LabelSet::new(&["1.5".to_owned(), "1.7".to_owned()], std::iter::empty())), None);
}

#[test]
fn a_cut_that_has_no_meaning_says_why() {
    let mut data = split();
    assert!(matches!(cut(&data, By::Slice(9)), Err(Undefined::Because(_))));
    assert!(matches!(cut(&data, By::Level), Err(Undefined::Because(_))));
    data.raters.anonymous = true;
    assert!(!By::all(&data).contains(&By::Rater));
    let asked = CutsAsked { of: Asked::default(), kind: Kind::Pearson, by: By::Label, seed: 1 };
    assert!(cuts(&data, &asked, &Progress::new()).unwrap().is_err());
}

#[test]
fn questions_that_cannot_be_read_again_say_why() {
    let mut data = split();
    data.questions =
        ["tone", "topic"].map(|name| Question { name: name.to_owned(), ..Question::default() }).to_vec();
    data.labels.scale = Scale::Nominal;
    let found = cut(&data, By::Question).unwrap();
    assert!(found.rows[0].statistic.value().is_some() && found.whole.is_none());
    assert!(found.rows[1].statistic.reason().is_some());
}
