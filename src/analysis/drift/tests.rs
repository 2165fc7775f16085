use super::*;
use crate::analysis::GivenSource;
use crate::dataset::{AnnotationsBuilder, LabelSet};

/// Two hundred items in four batches of a column; the label changes at the third.
fn data(votes: bool) -> (Dataset, Given) {
    let label = |i: u32| u32::from(if i < 100 { i.is_multiple_of(10) } else { i % 10 < 7 });
    let mut said = AnnotationsBuilder::new();
    if votes {
        (0..200).for_each(|i| said.push(i, 0, label(i), None));
    }
    let labels: Vec<LabelId> = (0..200).map(label).collect();
    let wave = |i: usize| ["2", "9", "10", "100"][i / 50];
    let data = Dataset {
        keys: (0..200).map(|i| i.to_string()).collect(),
        labels: LabelSet::new(&["no", "yes"].map(str::to_owned), []),
        annotations: said.finish(200, 1),
        metadata: vec![
            ("wave".to_owned(), (0..200).map(wave).collect()),
            ("id".to_owned(), (0..200).map(|i| i.to_string()).collect()),
        ],
        ..Dataset::default()
    };
    let given = Given {
        source: GivenSource::Column("label".into()),
        original: labels.clone(),
        current: labels,
        n_tied: 0,
    };
    (data, given)
}

fn run(votes: bool, by: Batches) -> Result<DriftReport, Undefined> {
    let (data, given) = data(votes);
    let asked = DriftAsked { settings: Settings::default(), by, seed: 1 };
    drift(&data, &given, &asked, &Progress::new()).unwrap()
}

#[test]
fn a_change_is_found_where_it_was_made() {
    for votes in [true, false] {
        let report = run(votes, Batches::Column(0)).unwrap();
        assert_eq!(report.names, ["2", "9", "10", "100"], "numbers stand in their order");
        let change = report.found.change.as_ref().unwrap();
        assert_eq!(report.names[change.batch as usize], "10");
        assert!((change.tvd - 0.6).abs() < 1e-12 && change.p_value.unwrap() < 0.01);
        let far = report.found.batches[2].all.unwrap();
        assert!((far.tvd - 0.6).abs() < 1e-12 && far.adjusted.unwrap() < 0.01);
        assert_eq!(report.items.iter().map(|i| i.len()).collect::<Vec<_>>(), [50; 4]);
        assert_eq!((report.items[2][0], report.by_votes), (100, votes));
    }
}

#[test]
fn without_a_column_parts_of_the_file_are_batches() {
    let report = run(true, Batches::Parts).unwrap();
    assert_eq!((report.names.len(), report.names[0].as_str()), (10, "part 1"));
    assert_eq!(report.found.change.unwrap().batch, 5);
    assert!(run(true, Batches::Column(1)).unwrap_err().to_string().contains("2 to 60"));
    assert!(run(true, Batches::Column(7)).is_err());
    assert_eq!(columns(&data(true).0), [0]);
}
