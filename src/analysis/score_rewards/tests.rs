use super::*;
use crate::dataset::{AnnotationsBuilder, LabelColumn, LabelSet, Raters, TextColumn};

fn column(values: &[String]) -> TextColumn {
    values.iter().map(String::as_str).collect()
}

/// 120 items from 1 to 5: 5, less 2 for "wrong", less 1 for "rude"; rater 1 gives a point less throughout. "long" takes nothing off.
fn made(votes: bool) -> Dataset {
    let (wrong, rude) = (|i: usize| i.is_multiple_of(3), |i: usize| i % 4 == 1);
    let score = |i: usize| 4 - 2 * u32::from(wrong(i)) - u32::from(rude(i));
    let mut builder = AnnotationsBuilder::new();
    for item in 0..120_usize {
        builder.push(item as u32, 0, score(item), None);
        builder.push(item as u32, 1, score(item) - 1, None);
    }
    let flag = |of: &dyn Fn(usize) -> bool| -> TextColumn {
        column(&(0..120).map(|i| u32::from(of(i)).to_string()).collect::<Vec<_>>())
    };
    let tags = |i: usize| if i % 5 == 2 { "long; odd" } else { "" }.to_owned();
    let text = |i: usize| "word ".repeat(if i % 5 == 2 { 40 } else { 3 + i % 2 });
    Dataset {
        keys: column(&(0..120).map(|i| i.to_string()).collect::<Vec<_>>()),
        texts: Some(column(&(0..120).map(text).collect::<Vec<_>>())),
        labels: LabelSet::new(&["0", "1", "2", "3", "4"].map(str::to_owned), []),
        annotations: if votes { builder.finish(120, 2) } else { AnnotationsBuilder::new().finish(120, 0) },
        raters: Raters {
            names: if votes { ["a", "b"].map(str::to_owned).to_vec() } else { Vec::new() },
            ..Raters::default()
        },
        given: (!votes).then(|| LabelColumn { name: "score".to_owned(), ids: (0..120).map(score).collect() }),
        metadata: vec![
            ("wrong".to_owned(), flag(&wrong)),
            ("rude".to_owned(), flag(&rude)),
            ("never".to_owned(), flag(&|_| false)),
            ("tags".to_owned(), column(&(0..120).map(tags).collect::<Vec<_>>())),
            ("bleu".to_owned(), column(&(0..120).map(|i| format!("0.{i}")).collect::<Vec<_>>())),
        ],
        ..Dataset::default()
    }
}

fn found(data: &Dataset, alpha: f64) -> Result<ScoreRewards, Undefined> {
    let asked = ScoreRewardsAsked { settings: Settings::default(), alpha, seed: 3 };
    score_rewards(data, &asked, &Progress::new()).unwrap()
}

#[test]
fn costs_are_what_scores_were_made_of() {
    for votes in [true, false] {
        let data = made(votes);
        assert!(may_reward(&data));
        let r = found(&data, 1e-6).unwrap();
        let row = |name: &str| r.rows.iter().find(|r| r.name == name).unwrap();
        let cost = |name: &str| row(name).cost.0;
        assert!((cost("wrong") - 2.0).abs() < 1e-3 && (cost("rude") - 1.0).abs() < 1e-3);
        assert!(cost("long").abs() < 1e-3 && r.fit.r_squared > 0.999);
        assert_eq!(r.rows[0].name, "wrong");
        assert!(row("wrong").gain > row("rude").gain && row("rude").gain > 0.01);
        let (low, high) = row("wrong").cost.1.unwrap();
        assert!(low <= 2.0 + 1e-9 && high >= 2.0 - 1e-2);
        // The long ones are the longest texts.
        let (short, long) = row("long").by_length.unwrap();
        assert!(short == 0.0 && long > 0.5);
        assert!((row("wrong").prevalence - 40.0 / 120.0).abs() < 1e-12);
        assert_eq!(row("wrong").items.len(), 40);
        assert!(
            r.left_out.iter().any(|(name, _)| name == "never") && r.rows.iter().all(|r| r.name != "bleu")
        );
        // Two tags of the same items: the ridge shares nothing between them, and both are there.
        assert!(row("odd").items == row("long").items);
        match &r.within {
            Ok(n) => {
                assert_eq!((votes, *n), (true, 240));
                assert!((row("wrong").within.unwrap() - 2.0).abs() < 0.05);
            }
            Err(_) => assert!(!votes && row("wrong").within.is_none()),
        }
        assert!(row("wrong").alpha.reason().is_some());
        // The path begins with nothing.
        assert!(r.path[0].1.iter().all(|w| w.abs() < 1e-9) && r.path.len() == STEPS);
        assert!((r.path[STEPS - 1].1[0] - 2.0).abs() < 0.01);
        assert!(found(&data, 100.0).unwrap().fit.weights.iter().all(|w| *w == 0.0));
    }
}

#[test]
fn without_flags_or_numbers_there_is_nothing() {
    let mut data = made(true);
    data.metadata.truncate(3);
    data.metadata.drain(..2);
    assert!(found(&data, 0.01).unwrap_err().to_string().contains("no flag varies; never"));
    data.metadata.clear();
    assert!(found(&data, 0.01).unwrap_err().to_string().contains("nothing is flagged") && !may_reward(&data));
    let mut named = made(true);
    named.labels = LabelSet::new(&["a", "b", "c", "d", "e"].map(str::to_owned), []);
    assert!(found(&named, 0.01).unwrap_err().to_string().contains("no numbers"));
}
