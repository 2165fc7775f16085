use super::*;

fn answers(text: &str) -> Vec<Option<bool>> {
    text.chars()
        .map(|c| match c {
            '1' => Some(true),
            '0' => Some(false),
            _ => None,
        })
        .collect()
}

fn run(categories: &[Category<'_>]) -> CategoryReliability {
    category_reliability(categories, &Limits::default(), (200, 9), &Progress::new()).unwrap()
}

fn category<'a>(name: &str, people: &[&'a [Option<bool>]], models: &[&'a [Option<bool>]]) -> Category<'a> {
    Category { name: name.to_owned(), people: people.to_vec(), models: models.to_vec() }
}

#[test]
fn a_missing_answer_is_not_a_no() {
    // Of the eight items that both answered: 3 yes, 4 no, 1 apart. p_o = 7/8, p_e = (3·4 + 5·4)/64 = ½, κ = ¾.
    let (a, b) = (answers("1110000?00"), answers("111100000?"));
    let found = run(&[category("c", &[&a, &b], &[&a])]);
    let point = &found.points[0];
    // Items 1–3 yes/yes, 4 no/yes, 5–7 no/no, 9 no/no.
    let human = point.human_human.estimate().unwrap();
    assert!((human.value - 0.75).abs() < 1e-12 && human.n_items == 8 && human.n_raters == 2);
    let (low, high) = human.ci.unwrap();
    assert!(low < 0.75 && high <= 1.0, "{low} {high}");
    // As people's answers stand: 7 yes of 18.
    assert_eq!((point.prevalence, point.n_positive, point.is_rare()), (Some(7.0 / 18.0), 7, true));
    // With the model (a copy of the first): 1 and ¾.
    assert!((point.human_model.value().unwrap() - 0.875).abs() < 1e-12);
    assert_eq!(point.human_model.estimate().unwrap().n_items, 10 - 1);
    assert_eq!(point.zone, Zone::Review);
    assert!(found.pearson.reason().unwrap().contains("1 categories"));
    assert!(found.line.is_err());
}

#[test]
fn what_has_no_kappa_says_why() {
    let (yes, none, mixed) = (answers("1111"), answers("????"), answers("1010"));
    let found = run(&[
        category("constant", &[&yes, &yes], &[&yes]),
        category("apart", &[&yes, &none], &[&none]),
        category("unused by one", &[&yes, &mixed], &[]),
        category("one person", &[&mixed], &[&mixed, &yes]),
        category("empty", &[], &[]),
    ]);
    let reason = |i: usize| found.points[i].human_human.reason().unwrap_or_default();
    assert!(reason(0).contains("one label") && reason(1).contains("two annotations"));
    assert_eq!(found.points[2].human_human.value(), Some(0.0), "one of two never says no");
    assert!(found.points[2].human_model.reason().is_some());
    assert!(reason(3).contains("fewer than two"));
    let models: Vec<Option<f64>> = found.points[3].of_model.iter().map(Statistic::value).collect();
    assert_eq!(models, [Some(1.0), Some(0.0)]);
    assert_eq!(found.points[3].zone, Zone::Unknown);
    assert_eq!((found.points[4].prevalence, found.points[4].zone), (None, Zone::Unknown));
}

#[test]
fn categories_line_up_and_the_result_repeats() {
    // People agree less and less from category to category; the model says what the second of them says, so that κ_HM = (κ_HH + 1)/2.
    let base: Vec<Option<bool>> = (0..60).map(|i| Some(i % 2 == 0)).collect();
    let turned = |every: usize| -> Vec<Option<bool>> {
        base.iter().enumerate().map(|(i, a)| a.map(|a| a != (every > 0 && i % every == 1))).collect()
    };
    let others: Vec<Vec<Option<bool>>> = [0, 12, 6, 5, 4, 3].map(turned).to_vec();
    let categories: Vec<Category<'_>> = others.iter().map(|o| category("c", &[&base, o], &[o])).collect();
    let found = run(&categories);
    assert_eq!(found.points[0].zone, Zone::Automate);
    assert_eq!(found.points[5].zone, Zone::Define);
    assert!(
        (found.pearson.value().unwrap() - 1.0).abs() < 1e-12
            && (found.spearman.value().unwrap() - 1.0).abs() < 1e-12
    );
    let line = found.line.as_ref().unwrap();
    assert!((line.terms[0].unwrap().coefficient - 0.5).abs() < 1e-9 && (line.intercept - 0.5).abs() < 1e-9);
    assert!(found.pearson_p.unwrap() < 1e-6 && found.spearman_p.unwrap() < 1e-6);
    assert_eq!(found, run(&categories));
}

#[test]
fn zones_have_their_lines_where_they_were_put() {
    let limits = Limits::default();
    assert_eq!(limits.zone(Some(0.92), Some(0.92)), Zone::Automate);
    assert_eq!(limits.zone(Some(0.92), Some(0.7)), Zone::Review);
    assert_eq!(limits.zone(Some(0.9), Some(0.9)), Zone::Review);
    assert_eq!(limits.zone(Some(0.7), Some(0.3)), Zone::Review);
    assert_eq!(limits.zone(Some(0.69), None), Zone::Define);
    assert_eq!(limits.zone(None, Some(1.0)), Zone::Unknown);
}
