use proptest::prelude::*;

use super::*;

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-9 * b.abs().max(1e-3)
}

#[test]
fn two_groups_are_those_of_the_worked_example() {
    let (first, second) = ([0.10, 0.20, 0.15, 0.25], [0.40, 0.30, 0.35]);
    let y: Vec<Option<f64>> =
        first.iter().chain(&second).copied().map(Some).chain([None, Some(0.9)]).collect();
    let has = [false, false, false, false, true, true, true, true].map(Some);
    let tests = covariate_tests(&y, &[Covariate::Binary(&has)]);
    let Found::Groups(found) = &tests[0].found else { panic!("two groups") };
    assert_eq!((tests[0].n_missing, found.first.n, found.second.n), (2, 4, 3));
    assert!(near(found.first.mean.unwrap(), 0.175) && near(found.second.mean.unwrap(), 0.35));
    let student = found.student.as_ref().unwrap();
    assert!(near(student.t, -3.872_983_346_207_414) && near(student.p_value, 0.011_724_811_003_954_67));
    let welch = found.welch.as_ref().unwrap();
    assert!(near(welch.t, -4.041_451_884_327_378) && near(welch.df, 4.959_183_673_469_387));
    assert!(near(welch.p_value, 0.010_076_943_347_988_896));
    assert!((found.cohen_d.as_ref().unwrap() + 2.958).abs() < 5e-4);
    let ranks = found.mann_whitney.as_ref().unwrap();
    assert!(ranks.exact && ranks.u == 0.0 && near(ranks.p_value, 2.0 / 35.0));
    assert_eq!(tests[0].adjusted, Some(welch.p_value));
}

#[test]
fn ranks_with_ties_few_and_many() {
    // By all orders, scipy's PermutationMethod.
    let few = mann_whitney(&[1.0, 2.0, 2.0, 3.0], &[2.0, 4.0, 4.0, 5.0, 1.0]).unwrap();
    assert!(few.exact && few.u == 5.5 && near(few.p_value, 0.317_460_317_460_317_46));
    let x: Vec<f64> = (0..40).map(f64::from).collect();
    let y: Vec<f64> = (0..40).map(|i| f64::from(i * 7 % 13)).collect();
    let many = mann_whitney(&x, &y).unwrap();
    assert!(!many.exact && many.u == 1346.0 && near(many.p_value, 1.493_264_470_676_913_8e-7), "{many:?}");
}

#[test]
fn correlations_are_those_of_scipy() {
    let two = two_numbers(&[1.0, 2.0, 3.0, 4.0, 5.0, 5.0], &[2.0, 1.0, 4.0, 3.0, 6.0, 6.0]);
    let (r, rho) = (two.pearson.unwrap(), two.spearman.unwrap());
    assert!(near(r.r, 0.869_626_356_546_304_2) && near(r.p_value.unwrap(), 0.024_387_931_249_614_86));
    assert!(near(rho.r, 0.882_352_941_176_470_6) && near(rho.p_value.unwrap(), 0.019_947_079_177_691_836));
    assert_eq!(two_numbers(&[1.0, 2.0], &[3.0, 9.0]).pearson.unwrap().p_value, None);
    assert!(two_numbers(&[1.0, 2.0], &[3.0, 3.0]).spearman.is_err());
    assert!(two_numbers(&[1.0], &[3.0]).pearson.is_err());
    let line = two_numbers(&[1.0, 2.0, 3.0], &[2.0, 4.0, 6.0]).pearson.unwrap();
    assert!(line.r > 1.0 - 1e-12 && line.p_value.unwrap() < 1e-5);
}

#[test]
fn what_cannot_be_tested_says_so() {
    let lone = two_groups(&[1.0], &[1.0, 2.0, 3.0]);
    assert!(lone.welch.is_err() && lone.mann_whitney.is_err() && lone.cohen_d.is_err());
    assert_eq!((lone.first.mean, lone.first.n), (Some(1.0), 1));
    assert_eq!(two_groups(&[], &[]).first.mean, None);
    // The mean of ten tenths is not a tenth to the last digit.
    let flat = two_groups(&[0.1; 10], &[0.3; 7]);
    assert!(flat.welch.is_err() && flat.student.is_err() && flat.cohen_d.is_err());
    assert!(flat.mann_whitney.is_ok());
    assert!(two_groups(&[0.1; 4], &[0.1; 3]).mann_whitney.is_err());
    let half = two_groups(&[0.1; 3], &[0.3, 0.4]);
    assert!((half.welch.unwrap().df - 1.0).abs() < 1e-12);
}

#[test]
fn p_values_are_adjusted_over_the_properties_that_have_one() {
    let y: Vec<Option<f64>> = [1.0, 2.0, 3.0, 4.0, 5.0, 7.0, 6.0, 9.0, f64::NAN].map(Some).to_vec();
    let late = [0, 0, 0, 0, 1, 1, 1, 1].map(|v| Some(v == 1));
    let never = [Some(false); 8];
    let x = [3.0, 1.0, 2.0, 5.0, 4.0, 8.0, 7.0, 6.0].map(Some);
    let tests =
        covariate_tests(&y, &[Covariate::Binary(&late), Covariate::Binary(&never), Covariate::Numeric(&x)]);
    assert_eq!((tests[1].adjusted, tests[1].adjusted_rank, tests[1].n_missing), (None, None, 1));
    let p = [0, 2].map(|i| tests[i].p_values().0.unwrap());
    let least = p[0].min(p[1]);
    let adjusted = [0, 2].map(|i| tests[i].adjusted.unwrap());
    assert!(near(adjusted[0].min(adjusted[1]), (2.0 * least).min(p[0].max(p[1]))));
    assert!(near(adjusted[0].max(adjusted[1]), p[0].max(p[1])));
}

proptest! {
    #[test]
    fn turning_the_groups_turns_the_signs(
        first in prop::collection::vec(-9..9_i32, 2..12),
        second in prop::collection::vec(-9..9_i32, 2..12),
    ) {
        let values = |v: &[i32]| v.iter().map(|&x| f64::from(x)).collect::<Vec<_>>();
        let (a, b) = (values(&first), values(&second));
        let (there, back) = (two_groups(&a, &b), two_groups(&b, &a));
        match (&there.welch, &back.welch) {
            (Ok(t), Ok(s)) => {
                prop_assert!((t.t + s.t).abs() < 1e-9 && (t.p_value - s.p_value).abs() < 1e-9);
                prop_assert!((0.0..=1.0).contains(&t.p_value) && t.df >= 1.0 - 1e-9);
                prop_assert!(t.df <= (a.len() + b.len() - 2) as f64 + 1e-9);
            }
            (t, s) => prop_assert_eq!(t, s),
        }
        match (&there.mann_whitney, &back.mann_whitney) {
            (Ok(t), Ok(s)) => {
                prop_assert_eq!(t.u + s.u, (a.len() * b.len()) as f64);
                prop_assert!((t.p_value - s.p_value).abs() < 1e-12);
                prop_assert!(t.p_value > 0.0 && t.p_value <= 1.0);
            }
            (t, s) => prop_assert_eq!(t, s),
        }
    }

    #[test]
    fn nothing_panics(
        y in prop::collection::vec(prop::option::of(any::<f64>()), 0..60),
        x in prop::collection::vec(prop::option::of(any::<f64>()), 0..60),
        has in prop::collection::vec(prop::option::of(any::<bool>()), 0..60),
    ) {
        for test in covariate_tests(&y, &[Covariate::Numeric(&x), Covariate::Binary(&has)]) {
            for p in [test.adjusted, test.adjusted_rank].into_iter().flatten() {
                prop_assert!((0.0..=1.0).contains(&p), "{p}");
            }
        }
    }
}
