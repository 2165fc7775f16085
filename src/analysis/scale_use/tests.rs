use super::*;
use crate::dataset::{AnnotationsBuilder, LabelSet, Raters, Scale};
use crate::stats::scale_use::LeftRaw;

const NAMES: [&str; 5] = ["ann", "ben", "cem", "dee", "eve"];

/// Ratings of 1 to 5 on thirty items: ann and ben alike, cem always one lower where there is room, dee always 3, eve on two items.
fn small() -> Dataset {
    let mut votes = AnnotationsBuilder::new();
    for item in 0..30_u32 {
        let of = item % 4 + 1;
        for rater in 0..5 {
            let label = match rater {
                0 | 1 => of,
                2 => of - 1,
                3 => 2,
                _ if item < 2 => 4,
                _ => continue,
            };
            votes.push(item, rater, label, None);
        }
    }
    Dataset {
        keys: (0..30).map(|i| i.to_string()).collect::<Vec<_>>().iter().map(String::as_str).collect(),
        labels: LabelSet::new(&[], (1..6).map(|i| i.to_string())),
        annotations: votes.finish(30, 5),
        raters: Raters { names: NAMES.map(str::to_owned).to_vec(), ..Raters::default() },
        ..Dataset::default()
    }
}

fn ordered(names: &[String]) -> LabelSet {
    let mut labels = LabelSet::new(names, []);
    labels.scale = Scale::Ordinal;
    labels
}

fn run(dataset: &Dataset) -> Result<ScaleUseReport, Undefined> {
    scale_use(dataset, &ScaleUseAsked { settings: Settings::default() }, &Progress::new()).unwrap()
}

#[test]
fn the_harsh_one_stands_first_and_what_they_gave_opens() {
    let report = run(&small()).unwrap();
    assert_eq!(report.bins, ["1", "2", "3", "4", "5"]);
    let order: Vec<&str> = report.by_severity.iter().map(|&r| NAMES[r as usize]).collect();
    // Two items are too few for eve to be called the farthest, which she is.
    assert_eq!((order[0], order[4]), ("cem", "eve"));
    let cem = &report.raters[2];
    assert!(cem.side() == -1 && cem.used.severity.unwrap().mean < -0.5);
    assert_eq!(report.raters[4].side(), 0);
    let ones: Vec<u32> = (0..30).filter(|i| i % 4 == 0).collect();
    assert_eq!(
        (report.behind(2, 0), report.behind(2, 4), report.behind(9, 0)),
        (&ones[..], &[][..], &[][..])
    );
    assert_eq!(report.behind(4, 4), [0, 1]);
    let raw: Vec<_> = report.raters.iter().map(|r| r.used.left_raw).collect();
    assert_eq!(raw, [None, None, None, Some(LeftRaw::Constant), Some(LeftRaw::Few)]);
    // ann, ben and cem have one order; dee has none.
    assert_eq!(report.tau.as_ref().unwrap().mean, Ok(1.0));
    assert_eq!((cem.tau, report.raters[3].tau), (Some((1.0, 2)), None));
    let (before, after, _, reading) = report.reading().unwrap();
    assert!(
        before < 0.8 && (after - 1.0).abs() < 1e-9 && reading == Reading::MostlyScale,
        "{before} {after}"
    );
    // With those who are left raw it is another number.
    assert!(*report.alpha.as_ref().unwrap() < before && report.n_left_raw == 2);
    assert_eq!((report.row_of(3), report.row_of(7)), (Some(3), None));
}

#[test]
fn labels_are_numbers_an_order_or_words_of_the_rubric() {
    let words = |names: &[&str]| names.iter().map(|&n| n.to_owned()).collect::<Vec<_>>();
    let with = |labels: LabelSet| run(&Dataset { labels, ..small() });
    let graded = words(&["poor", "fair", "good", "fine", "best"]);
    let why = with(LabelSet::new(&graded, [])).unwrap_err().to_string();
    assert!(why.contains("neither numbers nor in an order"), "{why}");
    let found = with(ordered(&graded)).unwrap();
    assert_eq!((found.numbers, found.bins[0].as_str()), (Numbers::Places, "poor"));
    assert_eq!(found.raters[0].used.mean, run(&small()).unwrap().raters[0].used.mean - 1.0);
    let mut rubric = small();
    rubric.labels = LabelSet::new(&words(&["complete", "missing_all", "missing_minor", "missing_major"]), []);
    rubric.annotations = rubric.annotations.keep(|item, rater| rater < 3 && item % 4 != 3);
    let found = run(&rubric).unwrap();
    assert_eq!((found.numbers, found.bounds[3]), (Numbers::Rubric, (100.0, 100.0)));
    assert_eq!(found.bins, ["missing_all", "missing_major", "missing_minor", "complete"]);
    assert!(with(LabelSet::new(&words(&["1", "01", "1.0", "1.00", "+1"]), [])).is_err());
    assert!(
        with(LabelSet::new(&words(&["1", "2", "3", "4", &format!("1{}", "0".repeat(120))]), [])).is_err()
    );
    let raters = Raters { anonymous: true, ..Raters::default() };
    assert_eq!(run(&Dataset { raters, ..small() }).unwrap_err(), Undefined::AnonymousVotes);
    assert!(run(&Dataset { annotations: Annotations::default(), ..small() }).is_err());
}

#[test]
fn a_fine_scale_is_cut_into_stretches() {
    let labels = LabelSet::new(&[], (0..41).map(|i| format!("{}.5", i * 10)));
    let report = run(&Dataset { labels, ..small() }).unwrap();
    assert_eq!((report.bins.len(), report.bins[0].as_str()), (20, "0.50 to 20.50"));
    assert_eq!(report.ends(), ("0.50".to_owned(), "400.50".to_owned()));
    let all: usize = (0..20).map(|bin| report.behind(0, bin).len()).sum();
    assert_eq!(all, 30);
    let places: Vec<String> = (0..40).map(|i| format!("step {i}")).collect();
    let labels = ordered(&places);
    let report = run(&Dataset { labels, ..small() }).unwrap();
    assert_eq!(
        (report.bins[0].as_str(), report.bins[19].as_str()),
        ("step 0 to step 1", "step 38 to step 39")
    );
}

#[test]
fn threads_change_nothing_and_a_stop_is_heard() {
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let (a, b) = (run(&small()).unwrap(), one.install(|| run(&small()).unwrap()));
    assert_eq!((a.raters, a.compared), (b.raters, b.compared));
    let stop = Progress::new();
    stop.cancel();
    assert!(scale_use(&small(), &ScaleUseAsked { settings: Settings::default() }, &stop).is_err());
}
