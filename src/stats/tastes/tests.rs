use proptest::prelude::*;

use super::*;

/// Noise that is not a function of rater plus one of item.
fn noise(r: usize, i: usize) -> f64 {
    Stream::new(77, (r * 1000 + i) as u64).normal()
}

/// 40 raters in two camps, 30 items.
fn camps(strength: f64) -> Vec<(usize, usize, f64)> {
    let cell = |r: usize, i: usize| {
        let taste = if (r < 20) == i.is_multiple_of(2) { 1.0 } else { -1.0 };
        (r % 5) as f64 + 0.1 * i as f64 + strength * taste + noise(r, i)
    };
    (0..40).flat_map(|r| (0..30).map(move |i| (r, i))).map(|(r, i)| (r, i, cell(r, i))).collect()
}

fn full(cells: impl IntoIterator<Item = (usize, usize, f64)>, size: (usize, usize), least: f64) -> Full {
    Table::new(size, cells).complete(least, &Progress::new()).unwrap()
}

fn run(full: &Full, centring: Centring) -> Result<Dimensions, Undefined> {
    dimensions(full, centring, 5, &Progress::new()).unwrap()
}

#[test]
fn two_camps_are_one_dimension_and_noise_is_none() {
    let table = full(camps(1.0), (40, 30), 1.0);
    let found = run(&table, Centring::Both).unwrap();
    assert_eq!((found.n_kept, table.n_filled, table.rows.len(), table.columns.len()), (1, 0, 40, 30));
    let first = &found.dimensions[0];
    assert!(first.share > 0.4 && first.by_chance < 0.2, "{} {:?}", first.share, first.by_chance);
    let sides: Vec<bool> = first.scores.iter().map(|s| *s > 0.0).collect();
    assert!(sides[..20].iter().all(|s| *s == sides[0]) && sides[20..].iter().all(|s| *s != sides[0]));
    let (x, _) = centre(&table.values, (40, 30), Centring::Both);
    assert!((squares(&first.scores) - 1.0).abs() < 1e-9);
    assert!((squares(&first.loadings) / squares(&x) - first.share).abs() < 1e-9);
    let largest = first.loadings.iter().fold(0.0, |m: f64, v| if v.abs() > m.abs() { *v } else { m });
    assert!(largest > 0.0);
    assert_eq!(found, run(&table, Centring::Both).unwrap());
    assert_eq!(run(&full(camps(0.0), (40, 30), 1.0), Centring::Both).unwrap().n_kept, 0);
    // No three columns explain more than three dimensions do, and the first explains no more than the first dimension.
    let shares: f64 = found.dimensions[..3].iter().map(|d| d.share).sum();
    let telling = telling_columns(&table, 3, &Progress::new()).unwrap();
    assert!(telling.len() == 3 && telling[2].1 <= shares + 1e-9 && telling[0].1 <= first.share + 1e-9);
    assert!(telling.windows(2).all(|w| w[0].1 <= w[1].1) && telling[0].1 > 0.3, "{telling:?}");
}

#[test]
fn the_first_telling_column_is_the_best_by_hand() {
    let table = full(camps(0.7), (40, 30), 1.0);
    let (x, _) = centre(&table.values, (40, 30), Centring::Both);
    let column = |j: usize| (0..40).map(move |i| (i, j)).map(|(i, j)| x[i * 30 + j]).collect::<Vec<f64>>();
    // Σ over columns of the squared projection on this one.
    let explained = |j: usize| {
        let own = column(j);
        let product = |k: usize| column(k).iter().zip(&own).map(|(a, b)| a * b).sum::<f64>();
        (0..30).map(|k| product(k).powi(2)).sum::<f64>() / squares(&own) / squares(&x)
    };
    let best = (0..30).map(|j| (j, explained(j))).max_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
    let telling = telling_columns(&table, 1, &Progress::new()).unwrap()[0];
    assert_eq!(telling.0, best.0);
    assert!((telling.1 - best.1).abs() < 1e-9, "{telling:?} {best:?}");
}

#[test]
fn shares_add_up_to_the_table_from_either_side() {
    for n_items in [8, 60] {
        let cells = (0..35).flat_map(|r| (0..n_items).map(move |i| (r, i, noise(r, i))));
        let found = run(&full(cells, (35, n_items), 1.0), Centring::Both).unwrap();
        let sum: f64 = found.dimensions.iter().map(|d| d.share).sum();
        assert!(if n_items == 8 { (sum - 1.0).abs() < 1e-9 } else { sum < 1.0 }, "{n_items} {sum}");
        let [a, b] = [&found.dimensions[0].scores, &found.dimensions[1].scores];
        assert!(a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>().abs() < 1e-8);
    }
}

#[test]
fn scales_of_two_constructs_have_two_dimensions() {
    // Six scales, three a construct, and one that never varies.
    let cells = (0..200).flat_map(|i| {
        let construct = [noise(i, 900), noise(i, 901)];
        (0..7).map(move |s| match s {
            6 => (i, s, 3.0),
            _ => (i, s, 10f64.powi(s as i32) * (construct[s / 3] + 0.3 * noise(i, s))),
        })
    });
    let found = run(&full(cells, (200, 7), 1.0), Centring::Standardised).unwrap();
    assert_eq!((found.n_kept, &found.constant), (2, &vec![6]));
    // Standardised: six correlations of 1 with themselves; each construct near half of the variance.
    let shares: Vec<f64> = found.dimensions.iter().map(|d| d.share).collect();
    assert!(
        (shares.iter().sum::<f64>() - 1.0).abs() < 1e-9 && shares[0] < 0.6 && shares[1] > 0.35,
        "{shares:?}"
    );
    for dimension in &found.dimensions[..2] {
        let strong: Vec<usize> =
            (0..7).filter(|&s| dimension.loadings[s].abs() / 200f64.sqrt() > 0.5).collect();
        assert!(strong == [0, 1, 2] || strong == [3, 4, 5] || strong.len() == 6, "{strong:?}");
        assert_eq!(dimension.loadings[6], 0.0);
    }
}

#[test]
fn gaps_are_left_out_or_filled_with_what_the_means_say() {
    let all = camps(1.5);
    let gaps = || all.iter().copied().filter(|(r, i, _)| (r * 7 + i * 3) % 10 != 0);
    let filled = full(gaps(), (40, 30), 0.8);
    assert_eq!(
        (filled.n_filled, filled.rows.len(), filled.columns.len()),
        (all.len() - gaps().count(), 40, 30)
    );
    let found = run(&filled, Centring::Both).unwrap();
    assert_eq!(found.n_kept, 1);
    let whole = run(&full(all.iter().copied(), (40, 30), 1.0), Centring::Both).unwrap();
    assert!(found.dimensions[0].share < whole.dimensions[0].share);
    // One rater and one item with gaps are all that is left out.
    let few = all.iter().copied().filter(|(r, i, _)| !(*r == 3 && *i < 20 || *i == 7 && *r > 30));
    let left = full(few, (40, 30), 1.0);
    assert_eq!((left.rows.len(), left.columns.len(), left.n_filled), (39, 29, 0));
    assert!(!left.rows.contains(&3) && !left.columns.contains(&7));
    // Where raters and items only have means, what is missing is found exactly.
    let additive = |r: usize, i: usize| (r * r) as f64 + 10.0 * i as f64;
    let cells = (0..30).flat_map(|r| (0..4).map(move |i| (r, i, additive(r, i))));
    let whole = full(cells, (30, 4), 0.5);
    assert!(run(&whole, Centring::Both).unwrap_err().to_string().contains("means"));
}

#[test]
fn noise_with_gaps_has_no_dimension() {
    let mut kept = 0;
    for seed in 0..12 {
        let there = move |r: usize, i: usize| Stream::new(seed, (r * 100 + i) as u64).uniform() > 0.2;
        let value = move |r: usize, i: usize| Stream::new(seed + 50, (r * 100 + i) as u64).normal();
        let cells = (0..40).flat_map(|r| (0..30).map(move |i| (r, i))).filter(|&(r, i)| there(r, i));
        let table = full(cells.map(|(r, i)| (r, i, value(r, i))), (40, 30), 0.75);
        assert!(table.n_filled > 0);
        kept += usize::from(run(&table, Centring::Both).unwrap().n_kept > 0);
    }
    assert!(kept <= 2, "{kept} of 12 at a level of 5 %");
}

#[test]
fn the_share_between_groups_by_hand() {
    let run =
        |scores: &[f64], groups: &[usize]| share_by_group(scores, groups, (1, 0), &Progress::new()).unwrap();
    // Means 1 and 4 of 1, 1, 1 and 3, 4, 5: Σ between = 6 · 1.5², Σ all = 13.5 + 2.
    let (share, p) = run(&[1.0, 1.0, 1.0, 3.0, 4.0, 5.0], &[0, 0, 0, 2, 2, 2]).unwrap();
    assert!((share - 13.5 / 15.5).abs() < 1e-12, "{share}");
    // Two of the 20 ways to part six scores are as far.
    assert!((p - 0.1).abs() < 0.02, "{p}");
    assert_eq!(run(&[1.0, 2.0, 3.0], &[0, 0, 0]), None);
    assert_eq!(run(&[1.0, 2.0, 3.0], &[0, 1, 2]), None);
    assert_eq!(run(&[2.0; 4], &[0, 1, 0, 1]), None);
    assert_eq!(run(&[], &[]), None);
}

/// Raters who are strict, items that divide and careless raters are noise of different sizes, and no taste.
#[test]
fn noise_of_different_sizes_has_no_dimension() {
    let mut kept = 0;
    for seed in 0..8 {
        let value = move |r: usize, i: usize| {
            let mut rng = Stream::new(seed, (r * 100 + i) as u64);
            let sd = if i < 10 { 2.0 } else { 0.3 } * if r < 10 { 3.0 } else { 1.0 };
            (3 * (r % 4)) as f64 + sd * rng.normal()
        };
        let cells = (0..60).flat_map(|r| (0..30).map(move |i| (r, i))).map(|(r, i)| (r, i, value(r, i)));
        kept += run(&full(cells, (60, 30), 1.0), Centring::Both).unwrap().n_kept;
    }
    assert!(kept <= 3, "{kept} dimensions in 8 tables");
}

#[test]
fn small_tables_have_no_dimensions_and_cancelling_ends_it() {
    let few = full(camps(1.0), (29, 30), 1.0);
    let reason = run(&few, Centring::Both).unwrap_err().to_string();
    assert!(reason.contains("29 rows"), "{reason}");
    assert!(run(&full([], (0, 0), 1.0), Centring::Both).is_err());
    assert!(run(&full([(1, 1, f64::NAN), (99, 0, 1.0)], (40, 30), 0.5), Centring::Both).is_err());
    let progress = Progress::new();
    progress.cancel();
    assert!(dimensions(&full(camps(1.0), (40, 30), 1.0), Centring::Both, 0, &progress).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Moving a rater, moving an item and stretching everything changes nothing.
    #[test]
    fn means_and_unit_do_not_matter(cells in prop::collection::vec(0..5_i32, 31 * 4), moved in -9..9_i32, stretch in 1..6_i32) {
        let table = |change: bool| {
            let value = |r: usize, i: usize| {
                let v = f64::from(cells[r * 4 + i]);
                let more = if r == 3 { f64::from(moved) } else { 0.0 } + if i == 2 { 7.0 } else { 0.0 };
                if change { f64::from(stretch) * v + more } else { v }
            };
            full((0..31).flat_map(|r| (0..4).map(move |i| (r, i))).map(|(r, i)| (r, i, value(r, i))), (31, 4), 1.0)
        };
        match (run(&table(false), Centring::Both), run(&table(true), Centring::Both)) {
            (Ok(a), Ok(b)) => for (a, b) in a.dimensions.iter().zip(&b.dimensions) {
                prop_assert!((a.share - b.share).abs() < 1e-9);
            },
            (a, b) => prop_assert!(a.is_err() && b.is_err()),
        }
    }
}
