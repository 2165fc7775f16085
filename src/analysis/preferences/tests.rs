use super::*;
use crate::dataset::{AnnotationsBuilder, LabelSet, Raters, TextColumn};

/// One item a comparison: (left, right, label), each by the rater after it.
fn dataset(columns: (&str, &str), labels: &[&str], rows: &[(&str, &str, u32, u32)]) -> Dataset {
    let column = |of: &dyn Fn(usize) -> String| -> TextColumn {
        (0..rows.len()).map(of).collect::<Vec<_>>().iter().map(String::as_str).collect()
    };
    let mut builder = AnnotationsBuilder::new();
    let n_raters = rows.iter().map(|r| r.3 + 1).max().unwrap_or(0) as usize;
    rows.iter().enumerate().for_each(|(i, r)| builder.push(i as u32, r.3, r.2, None));
    let labels: Vec<String> = labels.iter().map(|l| (*l).to_owned()).collect();
    Dataset {
        keys: column(&|i| i.to_string()),
        labels: LabelSet::new(&labels, std::iter::empty()),
        annotations: builder.finish(rows.len(), n_raters),
        raters: Raters {
            names: (0..n_raters).map(|r| format!("r{r}")).collect(),
            attributes: vec![(
                "side".to_owned(),
                (0..n_raters).map(|r| if r % 2 == 0 { "even" } else { "odd" }.to_owned()).collect(),
            )],
            ..Raters::default()
        },
        metadata: vec![
            (columns.0.to_owned(), column(&|i| rows[i].0.to_owned())),
            (columns.1.to_owned(), column(&|i| rows[i].1.to_owned())),
        ],
        ..Dataset::default()
    }
}

fn found(dataset: &Dataset) -> Result<Preferences, Undefined> {
    let asked = PreferencesAsked { settings: Settings::default(), seed: 3 };
    preferences(dataset, &asked, &Progress::new()).unwrap()
}

/// A beats B 8:2, B beats C 7:3, A beats C 6:4.
fn three() -> Dataset {
    let mut rows = Vec::new();
    for (a, b, wins, losses) in [("A", "B", 8, 2), ("B", "C", 7, 3), ("A", "C", 6, 4)] {
        rows.extend((0..wins).map(|r| (a, b, 0, r % 2)));
        rows.extend((0..losses).map(|r| (a, b, 1, r % 2)));
    }
    dataset(("model_a", "model_b"), &["a", "b", "tie"], &rows)
}

#[test]
fn worths_and_fit_are_those_of_the_worked_example() {
    let found = found(&three()).unwrap();
    let model = found.bradley_terry.as_ref().unwrap();
    for (theta, expected) in model.theta.iter().zip([0.567_541, -0.142_161, -0.425_380]) {
        assert!((theta - expected).abs() < 1e-6, "{theta}");
    }
    let fit = found.fit.as_ref().unwrap();
    assert!((fit.g_squared - 2.329_495).abs() < 1e-6 && fit.df == 1);
    assert_eq!(found.order(), [0, 1, 2]);
    assert_eq!(found.options[1].won_tied_lost, [9, 0, 11]);
    assert_eq!(found.options[0].items.len(), 20);
    assert_eq!((found.n_comparisons, found.passed_over, found.n_components), ((30, 0), 0, 1));
    assert_eq!(found.read_as, "model_a against model_b; a = model_a, b = model_b, tie = tie");
    assert_eq!(found.groups[0].names, ["even", "odd"]);
}

#[test]
fn two_tastes_that_cancel_out_are_told_apart() {
    let mut rows = Vec::new();
    for rater in 0..12 {
        for (a, b) in [("A", "B"), ("A", "C"), ("B", "C")] {
            for _ in 0..3 {
                rows.push((a, b, u32::from(rater % 2 == 1), rater));
            }
        }
        // Nobody is quite consistent.
        let (a, b) = [("A", "B"), ("A", "C"), ("B", "C")][rater as usize % 3];
        rows.push((a, b, u32::from(rater % 2 == 0), rater));
    }
    let found = found(&dataset(("left", "right"), &["left", "right"], &rows)).unwrap();
    let model = found.bradley_terry.as_ref().unwrap();
    assert!(model.theta.iter().all(|t| t.abs() < 0.2), "{:?}", model.theta);
    assert_eq!(found.best_number_of_tastes(), Some(2));
    let test = found.groups[0].test.as_ref().unwrap();
    assert!(test.p < 0.01 && test.p_permuted.unwrap() < 0.01, "{test:?}");
}

#[test]
fn labels_may_name_the_winner_or_be_numbers() {
    let rows = [("x", "y", 0, 0), ("y", "x", 0, 0), ("x", "y", 1, 0), ("x", "y", 0, 0), ("y", "x", 2, 0)];
    let by_name = found(&dataset(("model1", "model2"), &["x", "y", "neither"], &rows)).unwrap();
    assert_eq!(by_name.options[0].won_tied_lost, [3, 1, 1]);
    let by_number = found(&dataset(("model1", "model2"), &["1", "2", "0"], &rows)).unwrap();
    assert_eq!(by_number.options[0].won_tied_lost, [2, 1, 2]);
    assert_eq!(by_number.n_comparisons, (5, 1));
}

#[test]
fn an_option_that_never_loses_has_a_worth_with_a_prior_only() {
    let rows = [("A", "B", 0, 0), ("A", "B", 0, 1), ("A", "B", 0, 2)];
    let found = found(&dataset(("model_a", "model_b"), &["model_a", "model_b"], &rows)).unwrap();
    assert_eq!((found.n_components, found.bradley_terry.unwrap().prior), (2, PRIOR));
    assert!(found.fit.is_err());
}

#[test]
fn rankings_are_read_and_hierarchies_are_not() {
    let rows = [("", "", 0, 0), ("", "", 1, 1), ("", "", 2, 2), ("", "", 0, 3), ("", "", 1, 4)];
    let found = found(&dataset(("p", "q"), &["A>B>C", "B>A>C", "C>A>B"], &rows)).unwrap();
    assert_eq!(found.n_comparisons.0, 15);
    let theta = &found.plackett_luce.unwrap().theta;
    assert!(theta[0] > theta[2] && theta[1] > theta[2], "{theta:?}");
    let levels = dataset(("p", "q"), &["pet > cat", "pet > dog"], &rows[..2]);
    assert_eq!(reading(&levels), None);
}

#[test]
fn other_data_are_no_preferences() {
    let texts = [("an answer", "another one", 0, 0), ("a third", "a fourth", 1, 0), ("fifth", "sixth", 1, 0)];
    assert!(found(&dataset(("answer1", "answer2"), &["yes", "no"], &texts)).is_err());
    assert!(found(&Dataset::default()).is_err());
}

/// d = 1 seven times, −5, −6, −4, by a column of strengths.
#[test]
fn counts_and_strengths_can_name_opposite_winners() {
    let mut rows: Vec<(&str, &str, u32, u32)> = vec![("A", "B", 0, 0); 7];
    rows.extend([("A", "B", 1, 0), ("A", "B", 1, 0), ("B", "A", 0, 0)]);
    rows.iter_mut().enumerate().for_each(|(i, r)| r.3 = i as u32);
    let mut data = dataset(("model_a", "model_b"), &["a", "b", "tie"], &rows);
    assert!(found(&data).unwrap().strengths.unwrap_err().to_string().contains("how strongly"));
    let sizes = ["1", "1", "1", "1", "1", "1", "1", "5", "6", "4"];
    data.metadata.push(("strength".to_owned(), sizes.into_iter().collect()));
    let strengths = found(&data).unwrap().strengths.unwrap();
    let pair = &strengths.pairs[0];
    assert!((pair.found.wins.0 - 0.7).abs() < 1e-12 && (pair.found.strength.0 + 0.8).abs() < 1e-12);
    assert!((pair.found.drawn.1 - 0.82).abs() < 0.02 && (pair.found.drawn.2 - 0.67).abs() < 0.02);
    assert_eq!(&*pair.drivers, [8, 7, 9]);
    assert_eq!((strengths.n_conflicts(), pair.at_three), (1, None));
}

#[test]
fn graded_labels_are_read_with_their_strength() {
    let labels = ["A is slightly better", "A is clearly better", "B-is-slightly-better", "B>>A", "tie"];
    // A wins by a little four times, B by a lot three times.
    let mut rows: Vec<(&str, &str, u32, u32)> = (0..4).map(|r| ("P", "Q", 0, r)).collect();
    rows.extend((4..7).map(|r| ("P", "Q", 3, r)));
    rows.extend([("P", "Q", 4, 7)]);
    let r = found(&dataset(("model_a", "model_b"), &labels, &rows)).unwrap();
    assert_eq!((r.n_comparisons, r.passed_over), ((8, 1), 0));
    let strengths = r.strengths.unwrap();
    let pair = &strengths.pairs[0];
    assert!((pair.found.strength.0 - (4.0 - 6.0) / 8.0).abs() < 1e-12, "{pair:?}");
    assert!(pair.found.wins.0 > 0.5 && pair.at_three.is_some());
    // Everybody's own scale: those who prefer by a lot do so always, so each counts 1.
    assert!((pair.per_rater.as_ref().unwrap().strength.0 - 1.0 / 7.0).abs() < 1e-12);
}

#[test]
fn candidates_of_one_thing_have_a_winner_or_go_to_a_person() {
    let mut rows = Vec::new();
    let mut about: Vec<String> = Vec::new();
    // Of image 0 A beats both; images 1 and 2 go round in a circle.
    for (image, wins) in
        [(0, [("A", "B"), ("A", "C"), ("B", "C")]), (1, [("A", "B"), ("B", "C"), ("C", "A")])]
    {
        for image in [image, image + 10] {
            rows.extend(wins.iter().map(|(a, b)| (*a, *b, 0, 0)));
            about.extend((0..3).map(|_| format!("image {image}")));
        }
    }
    let mut data = dataset(("label_a", "label_b"), &["a", "b", "tie"], &rows);
    data.metadata.push(("image".to_owned(), about.iter().map(String::as_str).collect()));
    data.metadata.push(("batch".to_owned(), (0..12).map(|_| "one").collect()));
    let within = found(&data).unwrap().within.unwrap();
    assert_eq!((within.column.as_str(), within.n, within.n_flipped), ("image", (4, 2), 0));
    assert_eq!(within.contests.iter().filter(|c| !c.top.1).count(), 2);
    assert_eq!(&*within.open, [6, 7, 8, 9, 10, 11]);
    assert!(found(&three()).unwrap().within.is_err());
}
