use super::*;

fn gathering() -> Gathering {
    Gathering::new(Path::new("x.json"))
}

#[test]
fn votes_become_a_dataset_in_the_order_they_came() {
    let mut g = gathering();
    let q = g.question("tone", Task::Single);
    let (a, b) = (g.rater("ana").unwrap(), g.rater("ben").unwrap());
    for (key, rater, label) in [("t1", a, "pos"), ("t2", b, "neg"), ("t1", b, "neg")] {
        let item = g.item(key).unwrap();
        g.text(item, key).unwrap();
        g.vote(q, item, rater, Value::One(label), None).unwrap();
    }
    let item = g.item("t2").unwrap();
    g.absent(q, item, a, Missing::Skipped);
    let d = g.finish("x", &LoadOptions::default(), None).unwrap();
    assert_eq!(d.labels.names(), ["neg", "pos"]);
    assert_eq!(d.votes(0), [(0, 1), (1, 1)]);
    assert_eq!(d.absences, [Absence { item: 1, rater: 0, why: Missing::Skipped }]);
    assert_eq!(d.texts.as_ref().unwrap().get(1), "t2");
    assert_eq!((d.questions.len(), d.field()), (0, "tone"));
}

#[test]
fn multi_label_answers_are_sets_and_each_label_is_a_question_too() {
    let build = || {
        let mut g = gathering();
        let q = g.question("emotions", Task::MultiLabel);
        let (item, rater) = (g.item("t1").unwrap(), g.rater("r").unwrap());
        g.vote(q, item, rater, Value::Set(&["joy".into(), "anger".into()]), None).unwrap();
        let item = g.item("t2").unwrap();
        g.vote(q, item, rater, Value::Set(&[]), None).unwrap();
        g
    };
    let d = build().finish("x", &LoadOptions::default(), None).unwrap();
    assert_eq!(d.labels.names(), ["anger|joy", NOTHING]);
    let sets = d.sets.as_ref().unwrap();
    assert_eq!(
        (sets.members.join(" "), sets.of_label.clone()),
        ("anger joy".into(), vec![vec![0, 1], vec![]])
    );
    let names: Vec<&str> = d.questions.iter().map(|q| q.name.as_str()).collect();
    assert_eq!(names, ["emotions", "emotions: anger", "emotions: joy"]);
    let options = LoadOptions { question: "emotions: joy".into(), ..LoadOptions::default() };
    let d = build().finish("x", &options, None).unwrap();
    assert_eq!(d.labels.names(), ["not joy", "joy"]);
    assert_eq!((d.votes(0), d.votes(1)), (vec![(1, 1)], vec![(0, 1)]));
}

#[test]
fn stretches_are_items_and_silence_is_a_vote_for_nothing() {
    let mut g = gathering();
    let q = g.question("ner", Task::Spans);
    let (a, b, c) = (g.rater("a").unwrap(), g.rater("b").unwrap(), g.rater("c").unwrap());
    let doc = g.item("d").unwrap();
    g.text(doc, "Ada met Bo").unwrap();
    g.mark(q, doc, a, 0..3, "PER").unwrap();
    g.mark(q, doc, b, 8..10, "ORG").unwrap();
    g.mark(q, doc, a, 8..10, "PER").unwrap();
    g.covered(q, doc, c);
    let d = g.finish("x", &LoadOptions::default(), None).unwrap();
    assert_eq!(d.labels.names(), ["ORG", "PER", NOTHING]);
    assert_eq!(d.keys.iter().collect::<Vec<_>>(), ["d:0-3", "d:8-10"]);
    assert_eq!(d.votes(0), [(1, 1), (2, 2)]);
    assert_eq!(d.votes(1), [(0, 1), (1, 1), (2, 1)]);
    assert_eq!(d.texts.as_ref().unwrap().get(1), "Ada met Bo");
    assert_eq!(d.focus.as_ref().unwrap()[1], 8..10);
}

#[test]
fn counts_are_votes_of_nobody_in_particular() {
    let mut g = gathering();
    let q = g.question("nli", Task::Single);
    let item = g.item("1").unwrap();
    g.counted(q, item, "e", 2).unwrap();
    g.counted(q, item, "n", 1).unwrap();
    let d = g.finish("x", &LoadOptions::default(), None).unwrap();
    assert!(d.raters.anonymous);
    assert_eq!((d.raters.len(), d.votes(0)), (3, vec![(0, 2), (1, 1)]));
}
