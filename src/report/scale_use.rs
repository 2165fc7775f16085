//! How raters use the scale, for programs and for people.

use serde_json::{Value, json};

use super::Subject;
use super::json::undefined;
use super::outline::{Block, SHOWN, count, more, optional, p_value, rounded, table};
use crate::analysis::scale_use::{Numbers, RaterRow, ScaleUseReport};
use crate::stats::Undefined;
use crate::stats::scale_use::{LeftRaw, Rescaling};

/// Most pairs of raters that are written; more say nothing to anybody.
const MOST_PAIRS: usize = 10_000;

fn key(how: Rescaling) -> &'static str {
    match how {
        Rescaling::AsGiven => "as_given",
        Rescaling::StandardScore => "standard_score",
        Rescaling::MidRank => "mid_rank",
    }
}

fn words(how: Rescaling) -> &'static str {
    match how {
        Rescaling::AsGiven => "as given",
        Rescaling::StandardScore => "standard scores",
        Rescaling::MidRank => "mid-ranks",
    }
}

fn value(value: &Result<f64, Undefined>) -> Value {
    match value {
        Ok(v) => json!({ "value": v }),
        Err(reason) => undefined(reason),
    }
}

/// The section of the report for programs.
pub(super) fn scale_use_json(subject: &Subject, found: &Result<ScaleUseReport, Undefined>) -> Value {
    let r = match found {
        Err(reason) => return undefined(reason),
        Ok(r) => r,
    };
    let name = |rater: u32| subject.rater_name(rater as usize);
    let rater = |row: &RaterRow| {
        let used = &row.used;
        let severity = used.severity.map(|s| {
            json!({ "mean": s.mean, "n_items": s.n_items, "p_value": s.p_value, "adjusted_p": s.adjusted })
        });
        let tau = row.tau.map(|(tau, n)| json!({ "mean": tau, "n_pairs": n }));
        json!({
            "rater": name(used.rater),
            "n": used.n,
            "mean": used.mean,
            "sd": used.sd,
            "counts": used.counts,
            "others_on_the_same_items": used.others,
            "share_lowest": used.ends.0,
            "share_highest": used.ends.1,
            "severity": severity,
            "kendall_tau_b": tau,
            "left_raw": used.left_raw.map(|why| match why {
                LeftRaw::Few => "few",
                LeftRaw::Constant => "constant",
            }),
        })
    };
    // Standard scores and mid-ranks keep each rater's order, so that there is one τ for all.
    let mean_tau = match &r.tau {
        Ok(tau) => value(&tau.mean),
        Err(reason) => undefined(reason),
    };
    let compared = r.compared.iter().map(|c| {
        json!({ "numbers": key(c.how), "interval_alpha": value(&c.alpha), "mean_kendall_tau_b": mean_tau })
    });
    let pairs = r.tau.as_ref().map_or(&[][..], |tau| &tau.pairs);
    let pair = pairs.iter().take(MOST_PAIRS).map(
        |p| json!({ "a": name(p.a), "b": name(p.b), "n_items": p.n_items, "kendall_tau_b": value(&p.tau) }),
    );
    json!({
        "numbers": match r.numbers {
            Numbers::Names => "names",
            Numbers::Places => "places",
            Numbers::Rubric => "rubric",
        },
        "bins": r.bounds.iter().map(|b| json!([b.0, b.1])).collect::<Vec<_>>(),
        "raters": r.by_severity.iter().map(|&row| rater(&r.raters[row as usize])).collect::<Vec<_>>(),
        "n_left_raw": r.n_left_raw,
        "interval_alpha_of_all": value(&r.alpha),
        "compared": compared.collect::<Vec<_>>(),
        "pairs": pair.collect::<Vec<_>>(),
        "n_pairs": pairs.len(),
        "n_pairs_with_few_common_items": r.tau.as_ref().map_or(0, |tau| tau.n_few),
    })
}

/// The same for people.
pub(super) fn scale_use_blocks(subject: &Subject, found: &Result<ScaleUseReport, Undefined>) -> Vec<Block> {
    let r = match found {
        Err(reason) => return vec![Block::Note(format!("— {reason}"))],
        Ok(r) => r,
    };
    let percent = |share: f64| format!("{:.0} %", 100.0 * share);
    let rows = r.by_severity.iter().take(SHOWN).map(|&row| {
        let row = &r.raters[row as usize];
        let used = &row.used;
        vec![
            subject.rater_name(used.rater as usize),
            count(used.n),
            rounded(used.mean),
            optional(used.sd),
            optional(used.severity.map(|s| s.mean)),
            p_value(used.severity.and_then(|s| s.adjusted)),
            percent(used.ends.0),
            percent(used.ends.1),
            optional(row.tau.map(|tau| tau.0)),
            match used.left_raw {
                None => String::new(),
                Some(LeftRaw::Few) => "left raw: few ratings".to_owned(),
                Some(LeftRaw::Constant) => "left raw: one label only".to_owned(),
            },
        ]
    });
    let head = ["rater", "n", "mean", "SD", "severity", "p", "lowest", "highest", "τ", ""];
    let title = "Raters, the farthest from the others of the same items first";
    let mut raters = table(title, &head, 1, rows.collect());
    if let Block::Table { header, numeric, rows, .. } = &mut raters {
        numeric[9] = false;
        if rows.iter().all(|row| row[9].is_empty()) {
            header.truncate(9);
            numeric.truncate(9);
            rows.iter_mut().for_each(|row| row.truncate(9));
        }
    }
    let mut blocks = vec![raters];
    more(&mut blocks, r.raters.len(), "the JSON report");
    let told = |value: &Result<f64, Undefined>| match value {
        Ok(v) => rounded(*v),
        Err(why) => format!("— {why}"),
    };
    let tau = r.tau.as_ref().map_or_else(|why| format!("— {why}"), |tau| told(&tau.mean));
    let compared = r.compared.iter().map(|c| vec![words(c.how).to_owned(), told(&c.alpha), tau.clone()]);
    let n_pairs = r.tau.as_ref().map_or(0, |tau| tau.pairs.len());
    let title = format!(
        "Agreement before and after: {} of {} raters can be rescaled; pairs with ten common items: {}",
        count(r.raters.len() - r.n_left_raw),
        count(r.raters.len()),
        count(n_pairs)
    );
    blocks.push(table(&title, &["numbers", "interval alpha", "mean τ"], 1, compared.collect()));
    if let Some((before, after, how, reading)) = r.reading() {
        blocks.push(Block::Note(format!(
            "Alpha goes from {} to {} once each rater is put on one scale ({}): {}.",
            rounded(before),
            rounded(after),
            words(how),
            reading.words()
        )));
    }
    blocks
}
