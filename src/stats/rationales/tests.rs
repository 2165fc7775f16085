use proptest::prelude::*;

use super::*;
use crate::dataset::AnnotationsBuilder;
use crate::stats::agreement::krippendorff_alpha_nominal;

fn item(marks: &[&str]) -> HighlightedItem {
    let units = |text: &str| (0..).zip(text.chars()).filter(|c| c.1 == '1').map(|c| c.0).collect();
    let highlight = |(rater, text): (u32, &&str)| Highlight { rater, units: units(text) };
    HighlightedItem {
        n_units: marks.first().map_or(0, |t| t.len() as u32),
        highlights: (0..).zip(marks).map(highlight).collect(),
    }
}

fn overlap(items: &[HighlightedItem], empty: JointlyEmpty) -> RationaleOverlap {
    let items = items.iter().map(|i| item_overlap(i, empty).0).collect();
    summary(items, 2, &Undefined::NoAnnotations)
}

fn pairs(item: &HighlightedItem) -> Vec<Overlap> {
    item_overlap(item, JointlyEmpty::Undefined).1
}

#[test]
fn the_worked_example() {
    let found = overlap(&[item(&["0011100010", "0001110000"])], JointlyEmpty::Undefined);
    let pair = pairs(&item(&["0011100010", "0001110000"]))[0];
    assert_eq!((pair.n_marked, pair.n_both), ((4, 3), 2));
    // (0.70 − 0.54)/0.46, 4/7, 2/5.
    assert!((pair.kappa().unwrap() - 0.16 / 0.46).abs() < 1e-12);
    assert!((pair.f1().unwrap() - 4.0 / 7.0).abs() < 1e-12);
    assert!((pair.iou().unwrap() - 0.4).abs() < 1e-12);
    assert_eq!((found.f1.value(), found.f1.estimate().unwrap().ci), (pair.f1().ok(), None));
}

#[test]
fn nothing_marked_is_undefined_or_zero_as_asked() {
    let items = [item(&["0000", "0000"]), item(&["0100", "0000"]), item(&["1100", "1100"])];
    let found = overlap(&items, JointlyEmpty::Undefined);
    assert_eq!((found.n_jointly_empty, found.n_empty_items), (1, 1));
    let of = |i: usize| (found.items[i].f1, found.items[i].iou, found.items[i].kappa);
    assert_eq!(of(0), (None, None, None));
    assert_eq!(of(1), (Some(0.0), Some(0.0), Some(0.0)));
    assert_eq!(of(2), (Some(1.0), Some(1.0), Some(1.0)));
    assert_eq!((found.f1.value(), found.f1.estimate().unwrap().n_items), (Some(0.5), 2));
    let zero = overlap(&items, JointlyEmpty::Zero);
    assert!((zero.kappa.value().unwrap() - 1.0 / 3.0).abs() < 1e-12);
    assert_eq!(zero.n_jointly_empty, 1);
}

#[test]
fn one_unit_one_rater_and_all_marked() {
    let found =
        overlap(&[item(&["1", "1"]), item(&["11"]), item(&["11", "11"]), item(&[])], JointlyEmpty::Zero);
    assert_eq!(found.items[0].f1, None);
    assert!(found.items[1].n_pairs == 0 && found.items[3].n_pairs == 0);
    assert_eq!((found.items[2].f1, found.items[2].kappa), (Some(1.0), None));
    assert_eq!(found.items[2].alpha, Err(Undefined::NoVariation));
    assert!(found.alpha.value().is_none() && found.kappa.value().is_none());
    let none = overlap(&[item(&["1", "0"])], JointlyEmpty::Zero);
    assert!(none.f1.reason().is_some());
}

#[test]
fn pieces_of_one_rater_count_together() {
    let mut both = item(&["1100", "0110"]);
    both.highlights.push(Highlight { rater: 0, units: vec![2, 1, 77] });
    let found = pairs(&both);
    assert_eq!((found.len(), found[0].n_marked), (1, (3, 2)));
}

proptest! {
    #[test]
    fn measures_are_those_of_the_vectors(
        marks in prop::collection::vec(prop::collection::vec(any::<bool>(), 7), 2..5)
    ) {
        let units = |v: &[bool]| (0..7).filter(|&u| v[u as usize]).collect::<Vec<u32>>();
        let highlights = (0..).zip(&marks).map(|(rater, v)| Highlight { rater, units: units(v) }).collect();
        let item = HighlightedItem { n_units: 7, highlights };
        let found = overlap(std::slice::from_ref(&item), JointlyEmpty::Undefined);
        for pair in &pairs(&item) {
            let (a, b) = (&marks[pair.raters.0 as usize], &marks[pair.raters.1 as usize]);
            let same = a.iter().zip(b).filter(|(x, y)| x == y).count() as f64 / 7.0;
            let share = |v: &[bool]| v.iter().filter(|x| **x).count() as f64 / 7.0;
            let chance = share(a) * share(b) + (1.0 - share(a)) * (1.0 - share(b));
            if let Ok(kappa) = pair.kappa() {
                prop_assert!((kappa - (same - chance) / (1.0 - chance)).abs() < 1e-9);
            } else {
                prop_assert!(chance == 1.0 || share(a) + share(b) == 0.0);
            }
            if let (Ok(f1), Ok(iou)) = (pair.f1(), pair.iou()) {
                prop_assert!((f1 - 2.0 * iou / (1.0 + iou)).abs() < 1e-12);
            }
        }
        let mut all = AnnotationsBuilder::new();
        for (rater, v) in (0..).zip(&marks) {
            (0..).zip(v).for_each(|(unit, &m)| all.push(unit, rater, u32::from(m), None));
        }
        let want = krippendorff_alpha_nominal(&all.finish(7, marks.len()), 2);
        match (&found.items[0].alpha, want.value()) {
            (Ok(a), Some(b)) => prop_assert!((a - b).abs() < 1e-9),
            (a, b) => prop_assert!(a.is_err() && b.is_none(), "{a:?} {b:?}"),
        }
    }
}
