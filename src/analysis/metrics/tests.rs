use super::*;
use crate::dataset::{AnnotationsBuilder, LabelSet, RaterKind, Raters, TextColumn};

/// 20 sources, each by 6 systems; people's scores 1 to 5 by system and source, three votes an item.
fn made() -> Dataset {
    let column = |values: &[String]| -> TextColumn { values.iter().map(String::as_str).collect() };
    let mut builder = AnnotationsBuilder::new();
    let mut columns: Vec<(&str, Vec<String>)> =
        ["system", "source", "good", "good@typos", "poor", "seg_id", "down"]
            .map(|n| (n, Vec::new()))
            .to_vec();
    for source in 0..20_u32 {
        for system in 0..6_u32 {
            let item = source * 6 + system;
            let level = (system + source * 3 % 5).min(8) / 2;
            for rater in 0..3 {
                let label = (level + u32::from((item + rater) % 5 == 0)).min(4);
                builder.push(item, rater, label, None);
            }
            let good = f64::from(level) + f64::from(item * 7 % 10) / 20.0;
            let values = [
                format!("s{system}"),
                format!("text {source}"),
                good.to_string(),
                (good - if item % 4 == 0 { 0.0 } else { 0.5 }).to_string(),
                (item * 37 % 101).to_string(),
                item.to_string(),
                (-good).to_string(),
            ];
            columns.iter_mut().zip(values).for_each(|(c, v)| c.1.push(v));
        }
    }
    Dataset {
        keys: column(&(0..120).map(|i| i.to_string()).collect::<Vec<_>>()),
        labels: LabelSet::new(&[], ["1", "2", "3", "4", "5"].map(str::to_owned)),
        annotations: builder.finish(120, 3),
        raters: Raters {
            names: ["a", "b", "c"].map(str::to_owned).to_vec(),
            kinds: vec![RaterKind::Human; 3],
            ..Raters::default()
        },
        metadata: columns.iter().map(|(n, values)| ((*n).to_owned(), column(values))).collect(),
        ..Dataset::default()
    }
}

fn found(dataset: &Dataset) -> Result<MetricsReport, Undefined> {
    let columns = MetricColumns::of(dataset).unwrap_or_default();
    let asked = MetricsAsked {
        settings: Settings::default(),
        system: columns.system,
        source: columns.source,
        seed: 3,
    };
    metrics(dataset, &asked, &Progress::new()).unwrap()
}

#[test]
fn columns_are_told_by_their_names_and_values() {
    let data = made();
    let columns = MetricColumns::of(&data).unwrap();
    assert_eq!((columns.system, columns.source), (Some(0), Some(1)));
    assert_eq!(columns.metrics, [2, 3, 4, 6], "a number for each item is none");
    assert_eq!(columns.systems, [0, 1]);
}

#[test]
fn the_better_metric_stands_first_and_spoiled_ones_apart() {
    let report = found(&made()).unwrap();
    let names: Vec<&str> = report.rows.iter().map(|r| r.name.as_str()).collect();
    assert_eq!(names, ["good", "down", "poor"]);
    assert_eq!((report.systems.len(), report.n_sources, report.n_items), (6, 20, 120));
    let good = &report.rows[0];
    assert!(good.found.items.three[1].value().unwrap() > 0.8);
    let systems = good.found.systems.as_ref().unwrap();
    let tests = systems.tests.unwrap();
    assert!(tests[1].is_exact && tests[1].n_orders == 720 && tests[1].p <= 0.05, "{tests:?}");
    assert!(good.found.within.as_ref().unwrap().n_sources == 20);
    let spoiled = &report.perturbed[0];
    assert_eq!((spoiled.metric.as_str(), spoiled.column.as_str()), ("good", "good@typos"));
    assert!((spoiled.mean_drop - 0.375).abs() < 1e-9 && (spoiled.share - 0.75).abs() < 1e-12);
    assert_eq!(spoiled.blind.len(), 30);
    // Turned round it ranks the same items apart.
    assert_eq!(report.rows[1].apart, good.apart);
    assert!((report.between[0][1].unwrap() + 1.0).abs() < 1e-9);
    let (which, best) = report.best.as_ref().unwrap();
    assert!(which.contains(&0) && which.contains(&1) && best.as_ref().unwrap().williams.is_err());
    assert!(good.auc.is_none());
}

#[test]
fn of_two_labels_people_have_a_share_and_the_metric_an_area() {
    let mut data = made();
    let mut builder = AnnotationsBuilder::new();
    for item in 0..120 {
        for rater in 0..3 {
            builder.push(item, rater, u32::from((item + rater / 2) % 3 == 0), None);
        }
    }
    data.annotations = builder.finish(120, 3);
    data.labels = LabelSet::new(&["relevant", "other"].map(str::to_owned), []);
    let score: Vec<String> = (0..120).map(|i| if i % 3 == 0 { "0.2" } else { "0.9" }.to_owned()).collect();
    data.metadata = vec![("score".to_owned(), score.iter().map(String::as_str).collect())];
    let report = found(&data).unwrap();
    assert_eq!(report.human, "share of votes for relevant");
    let auc = report.rows[0].auc.as_ref().unwrap().value().unwrap();
    assert!((auc - 1.0).abs() < 1e-12, "{auc}");
    assert!(report.rows[0].found.systems.is_none() && report.rows[0].found.within.is_none());
}

#[test]
fn without_scores_or_numbers_nothing_is_said() {
    let mut data = made();
    data.labels = LabelSet::new(&["a", "b", "c", "d", "e"].map(str::to_owned), []);
    assert!(!has_metrics(&data) && found(&data).is_err());
    let mut data = made();
    data.metadata.truncate(2);
    assert!(!has_metrics(&data) && found(&data).is_err());
    // Nobody voted: the label of the source is what people say.
    let mut data = made();
    data.annotations = AnnotationsBuilder::new().finish(120, 3);
    assert!(found(&data).is_err());
    let ids = (0..120).map(|i| i % 5).collect();
    data.given = Some(crate::dataset::LabelColumn { name: "score".into(), ids });
    assert_eq!(found(&data).unwrap().human, "score");
}

#[test]
fn people_s_noise_is_taken_out_and_what_is_no_number_is_counted() {
    let mut data = made();
    let good = data.metadata[2].1.iter().enumerate();
    let said: Vec<String> =
        good.map(|(i, v)| if i % 10 == 3 { "I would say 4".to_owned() } else { v.to_owned() }).collect();
    data.metadata[2].1 = said.iter().map(String::as_str).collect();
    let r = found(&data).unwrap();
    let reliability = *r.reliability.as_ref().unwrap();
    assert!(reliability > 0.5 && reliability < 1.0, "{reliability}");
    let row = r.rows.iter().find(|row| row.name == "good").unwrap();
    assert_eq!((row.n_unread, row.n), (12, 108));
    let plain = row.found.items.three[0].value().unwrap();
    assert!((row.corrected.unwrap() - plain / reliability.sqrt()).abs() < 1e-12);
    // Mostly words is no column of numbers.
    let words: Vec<String> =
        (0..120).map(|i| if i % 2 == 0 { "1".to_owned() } else { format!("w{i}") }).collect();
    data.metadata[2].1 = words.iter().map(String::as_str).collect();
    assert!(found(&data).unwrap().rows.iter().all(|row| row.name != "good"));
}

#[test]
fn two_lists_of_tags_are_a_metric_of_their_own() {
    let column = |values: &[String]| -> TextColumn { values.iter().map(String::as_str).collect() };
    let mut data = made();
    data.metadata.clear();
    // People's score rises with the tags in common.
    let level = |i: usize| (i / 6 * 3 % 5 + i % 6).min(8) / 2;
    let tags = |n: usize, i: usize| {
        let shared = (0..4).map(|t| format!("tag{}", (i + t) % 9));
        let own = (0..4).map(|t| format!("other{}", (i * 5 + t * 7) % 40));
        shared.take(n).chain(own.skip(n)).collect::<Vec<_>>().join("; ")
    };
    let (a, b): (Vec<String>, Vec<String>) = (0..120).map(|i| (tags(4, i), tags(level(i).min(4), i))).unzip();
    data.metadata = vec![("tags_a".to_owned(), column(&a)), ("tags_b".to_owned(), column(&b))];
    let r = found(&data).unwrap();
    assert_eq!(r.rows.len(), 1);
    assert_eq!((r.rows[0].name.as_str(), r.rows[0].n), ("tags in common", 120));
    assert!(r.rows[0].found.items.three[1].value().unwrap() > 0.8);
}
