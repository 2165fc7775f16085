use super::*;
use crate::analysis::GivenSource;
use crate::dataset::{AnnotationsBuilder, LabelSet, RaterKind, Raters};

const PAIR: Link = Link { same: Same::Column(1), system: None };

/// Twelve words in two languages, rated by two raters each on a scale of 1 to 5; the last word means something else in the second.
fn words() -> Dataset {
    let mut votes = AnnotationsBuilder::new();
    let mut keys = Vec::new();
    let (mut language, mut pair) = (Vec::new(), Vec::new());
    for (which, name) in ["de", "en"].iter().enumerate() {
        for word in 0..12_u32 {
            let item = keys.len() as u32;
            keys.push(format!("{word}-{name}"));
            language.push((*name).to_owned());
            pair.push(format!("word {word}"));
            let base = if word == 11 { if which == 0 { 0 } else { 4 } } else { word % 4 };
            votes.push(item, 0, base, None);
            votes.push(item, 1, (base + u32::from(word % 3 == 0)).min(4), None);
        }
    }
    Dataset {
        keys: keys.iter().map(String::as_str).collect(),
        labels: LabelSet::new(&["1", "2", "3", "4", "5"].map(str::to_owned), []),
        annotations: votes.finish(24, 2),
        raters: Raters {
            names: vec!["a".to_owned(), "b".to_owned()],
            kinds: vec![RaterKind::Human; 2],
            ..Raters::default()
        },
        metadata: vec![
            ("language".to_owned(), language.iter().map(String::as_str).collect()),
            ("pair".to_owned(), pair.iter().map(String::as_str).collect()),
        ],
        ..Dataset::default()
    }
}

fn given(current: Vec<LabelId>) -> Given {
    Given { source: GivenSource::Column("label".to_owned()), original: current.clone(), current, n_tied: 0 }
}

fn run(dataset: &Dataset, by: By) -> Result<ConditionsReport, Undefined> {
    let asked = ConditionsAsked { settings: Settings::default(), by };
    conditions(dataset, &given(Vec::new()), &asked, &Progress::new()).unwrap()
}

#[test]
fn a_column_whose_items_come_again_is_found_with_what_links_them() {
    let data = words();
    assert_eq!(ways(&data), [By::Column(0, PAIR)]);
    assert_eq!(link_of(&data, 1), None, "each pair has its own name: no condition");
    // The text links where no column does, and goes first where both do.
    let mut texts = words();
    texts.texts = Some(data.metadata[1].1.clone());
    assert_eq!(ways(&texts), [By::Column(0, Link::by(Same::Text))]);
    // Names of kinds, each of many items, link nothing.
    let mut kinds = words();
    let kind: Vec<String> = (0..24).map(|i| format!("kind {}", i % 3)).collect();
    kinds.metadata[1].1 = kind.iter().map(String::as_str).collect();
    assert_eq!(ways(&kinds), []);
}

#[test]
fn two_languages_agree_but_for_one_word() {
    let data = words();
    let report = run(&data, By::Column(0, PAIR)).unwrap();
    assert_eq!((report.by.as_str(), report.link.as_str(), report.things.len()), ("language", "pair", 12));
    let names: Vec<(&str, usize, usize)> =
        report.conditions.iter().map(|c| (c.name.as_str(), c.n_items, c.n_ratings)).collect();
    assert_eq!(names, [("de", 12, 24), ("en", 12, 24)]);
    let pair = &report.pairs[0];
    assert_eq!((pair.conditions, pair.found.n_items), ([0, 1], 12));
    // Without the last word the two are the same; with it, lower.
    assert!(pair.found.pearson.value().unwrap() < 0.8);
    // All of one mind, and another under the other: it stands first, though nothing measures it.
    let largest = &pair.found.shifts[0];
    assert!(largest.outright && pair.n_moved == 1);
    assert_eq!((report.things[largest.item as usize].as_str(), largest.shift), ("word 11", -4.0));
    assert_eq!(&*report.behind[largest.item as usize], [11, 23]);
    let shares = report.components.as_ref().unwrap();
    assert!(shares.n_items == 12 && shares.balanced && shares.interaction.share > shares.error.share);
    // Raters differ by one step at most: far below the limits.
    assert_eq!((report.n_judged, report.n_reliable), (12, [12, 12, 12]));
    assert_eq!(report.reliable.len(), 24);
}

#[test]
fn items_that_moved_by_more_than_chance_are_behind_their_pair() {
    let mut data = words();
    let mut votes = AnnotationsBuilder::new();
    for item in 0..24_u32 {
        for rater in 0..8_u32 {
            let word = item % 12;
            let base = if word == 11 { if item < 12 { 0 } else { 3 } } else { 1 + word % 2 };
            votes.push(item, rater, base + u32::from(rater < 3), None);
        }
    }
    data.annotations = votes.finish(24, 8);
    data.raters.names = (0..8).map(|r| format!("r{r}")).collect();
    data.raters.kinds = vec![RaterKind::Human; 8];
    let report = run(&data, By::Column(0, PAIR)).unwrap();
    assert_eq!((report.pairs[0].n_moved, &*report.pairs[0].moved), (1, &[11, 23][..]));
}

#[test]
fn given_labels_are_ratings_where_nobody_voted() {
    let mut data = words();
    let labels: Vec<LabelId> = (0..24).map(|i| (i % 12) % 5).collect();
    data.annotations = AnnotationsBuilder::new().finish(24, 0);
    data.raters = Raters::default();
    let asked = ConditionsAsked { settings: Settings::default(), by: By::Column(0, PAIR) };
    let report = conditions(&data, &given(labels), &asked, &Progress::new()).unwrap().unwrap();
    let pair = &report.pairs[0].found;
    assert!((pair.pearson.value().unwrap() - 1.0).abs() < 1e-12 && !report.by_votes);
    assert!(pair.corrected.reason().unwrap().contains("two ratings"));
    assert_eq!((report.n_judged, report.reliable.len()), (0, 0));
}

#[test]
fn what_cannot_be_told_says_why() {
    let data = words();
    let mut named = words();
    named.labels = LabelSet::new(&["a", "b", "c", "d", "e"].map(str::to_owned), []);
    let reason = |d: &Dataset, by| run(d, by).unwrap_err().to_string();
    assert!(reason(&named, By::Column(0, PAIR)).contains("numbers"));
    assert!(reason(&data, By::Column(9, Link::by(Same::Text))).contains("no such column"));
    assert!(reason(&data, By::Questions).contains("0 questions"));
    let mut alone = words();
    let own: Vec<String> = (0..24).map(|i| format!("{i}")).collect();
    alone.metadata[1].1 = own.iter().map(String::as_str).collect();
    assert!(reason(&alone, By::Column(0, PAIR)).contains("no pair was rated under two"));
}

/// Fourteen prompts, three systems, two templates, two raters: the first system is the best of the first template and the worst of the
/// second; nothing calls answers the same but prompt and system together.
fn answers() -> Dataset {
    let mut votes = AnnotationsBuilder::new();
    let mut columns: [Vec<String>; 3] = Default::default();
    for prompt in 0..14_u32 {
        for system in 0..3_u32 {
            for template in 0..2_u32 {
                let item = columns[0].len() as u32;
                columns[0].push(format!("prompt {prompt}"));
                columns[1].push(["ada", "bert", "cleo"][system as usize].to_owned());
                columns[2].push(["likert", "pairs"][template as usize].to_owned());
                let place = if template == 0 { 2 - system } else { system };
                let label = place + prompt % 3;
                votes.push(item, 0, label, None);
                votes.push(item, 1, label.min(3), None);
            }
        }
    }
    let n = columns[0].len();
    let keys: Vec<String> = (0..n).map(|i| i.to_string()).collect();
    let [prompt, system, template] = columns.map(|c| c.iter().map(String::as_str).collect());
    let metadata = [("prompt", prompt), ("system", system), ("template", template)];
    Dataset {
        keys: keys.iter().map(String::as_str).collect(),
        annotations: votes.finish(n, 2),
        metadata: metadata.map(|(name, column)| (name.to_owned(), column)).to_vec(),
        ..words()
    }
}

#[test]
fn systems_that_change_places_between_templates_are_found() {
    let data = answers();
    let link = Link { same: Same::Column(0), system: Some(1) };
    assert_eq!(link_of(&data, 2), Some(link));
    let report = run(&data, By::Column(2, link)).unwrap();
    assert_eq!((report.link.as_str(), report.things.len()), ("prompt and system", 42));
    assert_eq!(report.things[1], "prompt 0 · bert");
    let systems = report.systems.as_ref().unwrap();
    assert_eq!(systems.names, ["ada", "bert", "cleo"]);
    let means: Vec<f64> = systems.means[0].iter().map(|m| m.unwrap()).collect();
    assert!(means[0] > means[1] && means[1] > means[2], "{means:?}");
    assert_eq!(systems.turned.len(), 3);
    let first = &systems.turned[0];
    assert_eq!((first.systems, &first.conditions), ([0, 1], &[vec![0], vec![1]]));
    assert_eq!(first.items.len(), 14 * 2 * 2);
    assert!(first.items.iter().all(|i| (i / 2) % 3 < 2));
    // One step apart on some: alpha is that of each template's own votes.
    for condition in &report.conditions {
        let alpha = condition.alpha.value().unwrap();
        assert!(alpha > 0.5 && alpha < 1.0, "{alpha}");
    }
    assert!(run(&words(), By::Column(0, PAIR)).unwrap().systems.is_none());
}
