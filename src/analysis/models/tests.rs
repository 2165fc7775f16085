use super::*;
use crate::dataset::{AnnotationsBuilder, LabelColumn, LabelSet, NO_LABEL, Raters};

/// Three items of ten people and a model's rows: the worked example of the method, with the judges' votes beside.
fn worked(judges: bool) -> Dataset {
    let counts = [[6, 3, 1], [2, 2, 6], [5, 5, 0]];
    let rows = vec![0.7, 0.2, 0.1, 0.5, 0.3, 0.2, 0.45, 0.35, 0.2];
    let mut said = AnnotationsBuilder::new();
    for (item, row) in counts.iter().enumerate() {
        let mut rater = 0;
        for (label, &n) in row.iter().enumerate() {
            for _ in 0..n {
                said.push(item as u32, rater, label as u32, None);
                rater += 1;
            }
        }
        for judge in 10..10 + 2 * u32::from(judges) {
            said.push(item as u32, judge, judge - 10, None);
        }
    }
    let n = 10 + 2 * usize::from(judges);
    let mut kinds = vec![RaterKind::Human; 10];
    kinds.resize(n, RaterKind::Model);
    Dataset {
        keys: ["a", "b", "c"].into_iter().collect(),
        labels: LabelSet::new(&["x", "y", "z"].map(str::to_owned), []),
        annotations: said.finish(3, n),
        raters: Raters { names: (0..n).map(|r| format!("r{r}")).collect(), kinds, ..Raters::default() },
        probabilities: Some(Probabilities::from_f64(rows, 3, 3).unwrap()),
        gold: Some(LabelColumn { name: "gold".into(), ids: vec![0, 0, NO_LABEL] }),
        ..Dataset::default()
    }
}

fn run(dataset: &Dataset) -> Result<ModelsReport, Undefined> {
    models(dataset, &ModelsAsked { settings: Settings::default(), seed: 1 }, &Progress::new()).unwrap()
}

#[test]
fn a_model_is_held_against_people_and_its_items_stand_behind_every_number() {
    let data = worked(false);
    let report = run(&data).unwrap();
    assert_eq!((report.n_people, report.n_items, report.n_votes), (10, 3, 30));
    let model = &report.models[0];
    let c = model.calibration.as_ref().unwrap();
    // Distances .1, .4, .2; the ranks of the second are wrong.
    assert!((c.distance.value().unwrap() - 0.7 / 3.0).abs() < 1e-12);
    assert_eq!(&*model.farthest, [1, 2, 0]);
    // Each item is in one bin of each kind.
    let all = |lists: Vec<&[u32]>| {
        let mut items = lists.concat();
        items.sort_unstable();
        items
    };
    assert_eq!(all(c.by_distance.iter().map(|i| &**i).collect()), [0, 1, 2]);
    assert_eq!(all(c.bins.iter().map(|b| &*b.items).collect()), [0, 1, 2]);
    assert_eq!(all(model.by_entropy.iter().map(|s| &*s.items).collect()), [0, 1, 2]);
    let shown = [report.people(0).unwrap(), report.said(&data, 0, 0).unwrap()];
    assert_eq!(shown, [vec![0.6, 0.3, 0.1], vec![0.7, 0.2, 0.1]]);
    // The trusted label has six and two of ten votes; the third item has none.
    let (column, support) = report.support.as_ref().unwrap();
    assert_eq!((column.as_str(), support.items.len()), ("gold", 2));
    assert_eq!((&*report.of_support[0], &*report.of_support[1]), (&[1][..], &[][..]));
    let half = report.ceiling.as_ref().unwrap();
    assert!(half.distance.mean > 0.0 && half.n_items == 3);
}

#[test]
fn raters_that_are_models_are_one_more_model_and_no_people() {
    let data = worked(true);
    let report = run(&data).unwrap();
    assert_eq!((report.n_people, report.models.len()), (10, 2));
    assert_eq!(report.said(&data, 1, 0).unwrap(), [0.5, 0.5, 0.0]);
    assert!(has_models(&data));
    // A further model is one more row, by its own name.
    let mut more = data.clone();
    let mut again = more.probabilities.clone().unwrap();
    again.name = "second".to_owned();
    more.models.push(again);
    let report = run(&more).unwrap();
    let names: Vec<&str> = report.models.iter().map(|m| m.name.as_str()).collect();
    assert_eq!(names, ["probabilities", "second", "models’ votes"]);
}

#[test]
fn without_people_or_a_model_it_says_why() {
    let mut data = worked(false);
    data.probabilities = None;
    assert!(!has_models(&data));
    assert!(run(&data).unwrap_err().to_string().contains("no rater is a model"));
    data.annotations = AnnotationsBuilder::new().finish(3, 10);
    assert_eq!(run(&data).unwrap_err(), Undefined::NoAnnotations);
}
