use super::*;
use crate::dataset::{AnnotationsBuilder, LabelSet, Probabilities, Raters};

/// Two people and a model on eight items with two labels.
fn data(model: bool) -> Dataset {
    let said = [[0, 0, 0], [0, 0, 1], [1, 1, 1], [1, 1, 1], [0, 0, 0], [1, 0, 0], [1, 1, 1], [0, 0, 0]];
    let mut votes = AnnotationsBuilder::new();
    let n = 2 + usize::from(model);
    for (item, row) in said.iter().enumerate() {
        for (rater, &label) in row.iter().take(n).enumerate() {
            votes.push(item as u32, rater as u32, label, None);
        }
    }
    let rows: Vec<f64> = said.iter().flat_map(|r| if r[2] == 0 { [0.8, 0.2] } else { [0.1, 0.9] }).collect();
    let mut kinds = vec![RaterKind::Human; 2];
    kinds.resize(n, RaterKind::Model);
    Dataset {
        keys: (0..8).map(|i| i.to_string()).collect(),
        labels: LabelSet::new(&["no", "yes"].map(str::to_owned), []),
        annotations: votes.finish(8, n),
        raters: Raters { names: (0..n).map(|r| format!("r{r}")).collect(), kinds, ..Raters::default() },
        probabilities: (!model).then(|| Probabilities::from_f64(rows, 8, 2).unwrap()),
        ..Dataset::default()
    }
}

fn run(dataset: &Dataset) -> Result<CategoriesReport, Undefined> {
    let asked = CategoriesAsked { settings: Settings::default(), seed: 3 };
    categories(dataset, &asked, &Progress::new()).unwrap()
}

#[test]
fn a_model_s_votes_and_its_probabilities_say_the_same() {
    let (voted, predicted) = (run(&data(true)).unwrap(), run(&data(false)).unwrap());
    for report in [&voted, &predicted] {
        assert_eq!((report.people.len(), report.found.points.len()), (2, 2));
        let yes = &report.found.points[1];
        // People: 7 of 8 alike, 4 and 3 of 8 say yes.
        let (po, pe) = (7.0 / 8.0, (4.0 * 3.0 + 4.0 * 5.0) / 64.0);
        assert!((yes.human_human.value().unwrap() - (po - pe) / (1.0 - pe)).abs() < 1e-12);
        let one = |alike: f64, a: f64, b: f64| {
            let pe = (a * b + (8.0 - a) * (8.0 - b)) / 64.0;
            (alike / 8.0 - pe) / (1.0 - pe)
        };
        let with = f64::midpoint(one(6.0, 4.0, 4.0), one(7.0, 3.0, 4.0));
        assert!((yes.human_model.value().unwrap() - with).abs() < 1e-12);
        assert_eq!(report.behind[1], BehindCategory::Items(1, [1, 5].into()));
    }
    assert_eq!((voted.models, predicted.models), (vec!["r2".to_owned()], vec!["probabilities".to_owned()]));
}

#[test]
fn one_person_or_no_model_says_why() {
    let mut alone = data(true);
    alone.raters.kinds[1] = RaterKind::Model;
    assert_eq!(run(&alone).unwrap_err(), Undefined::FewerThanTwoRaters);
    let mut without = data(false);
    without.probabilities = None;
    assert!(run(&without).unwrap_err().to_string().contains("nothing is predicted"));
}
