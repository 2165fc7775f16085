//! Whether raters get better with practice, for programs and for people.

use serde_json::{Value, json};

use super::Subject;
use super::json::undefined;
use super::outline::{Block, SHOWN, count, defined, more, optional, p_value, rounded, table};
use crate::analysis::practice::{GroupCourse, PracticeReport};
use crate::stats::Undefined;
use crate::stats::rater_groups::NumberGap;

/// The section of the report for programs. Slopes are shares an answer: 0.01 is one point in a hundred.
pub(super) fn practice_json(subject: &Subject, found: &Result<PracticeReport, Undefined>) -> Value {
    let r = match found {
        Err(reason) => return undefined(reason),
        Ok(r) => r,
    };
    let coefficient = |value: &Result<f64, Undefined>| match value {
        Err(reason) => undefined(reason),
        Ok(value) => json!(value),
    };
    let curve = r.found.curve.iter().zip(&r.found.n_with).enumerate().map(|(i, (point, n))| {
        json!({
            "answer": i + 1,
            "share_right": point.mean,
            "standard_error": point.se,
            "n_raters_with_as_many": n,
            "n_wrong": r.wrong_at[i].len(),
        })
    });
    let raters = r.raters.iter().map(|c| {
        json!({
            "rater": subject.rater_name(c.rater as usize),
            "n": c.n,
            "n_right": c.n_right,
            "share_right_first": c.first,
            "slope": c.slope,
            "share_right_last": c.last,
        })
    });
    let groups = r.groups.iter().map(|g| {
        json!({
            "attribute": g.attribute,
            "value": g.value,
            "against": g.other,
            "slope": gap_json(&g.slope, g.adjusted[0]),
            "share_right_first": gap_json(&g.mean, g.adjusted[1]),
        })
    });
    json!({
        "truth": r.truth.id(),
        "order": r.order.id(),
        "first": r.first,
        "slope": r.found.slope,
        "start": r.found.start,
        "pearson_r": coefficient(&r.found.r),
        "spearman_rho": coefficient(&r.found.rho),
        "n_raters": r.raters.len(),
        "n_raters_with_fewer": r.n_short(),
        "n_without_truth": r.n_without_truth,
        "n_without_moment": r.n_without_moment,
        "curve": curve.collect::<Vec<_>>(),
        "raters": raters.collect::<Vec<_>>(),
        "groups": groups.collect::<Vec<_>>(),
        "n_groups_left_out": r.n_more_groups,
    })
}

fn gap_json(gap: &Result<NumberGap, Undefined>, adjusted: Option<f64>) -> Value {
    let gap = match gap {
        Err(reason) => return undefined(reason),
        Ok(gap) => gap,
    };
    let test = match &gap.test {
        Err(reason) => undefined(reason),
        Ok(t) => json!({ "p_value": t.p_value, "permutations": t.draws, "exact": t.exact }),
    };
    json!({ "difference": gap.gap, "n_raters": gap.n_raters, "test": test, "adjusted_p": adjusted })
}

/// The same for people.
pub(super) fn practice_blocks(subject: &Subject, found: &Result<PracticeReport, Undefined>) -> Vec<Block> {
    let r = match found {
        Err(reason) => return vec![Block::Note(format!("— {reason}"))],
        Ok(r) => r,
    };
    let n = r.found.raters.len();
    let interval = r.found.slope.estimate().and_then(|e| e.ci);
    let points = |share: f64| format!("{:+.2}", 100.0 * share);
    let told = match (r.found.slope.value(), interval) {
        (Some(slope), Some((low, high))) => {
            format!("{} points an answer (95 % {} to {})", points(slope), points(low), points(high))
        }
        (Some(slope), None) => format!("{} points an answer", points(slope)),
        (None, _) => defined(&r.found.slope),
    };
    let mut blocks = vec![Block::Note(format!(
        "The first {} answers of {} of {} raters, in the order {}; right is {}. Slope of the share right: {told}.",
        r.first,
        count(n),
        count(r.raters.len()),
        r.order.words(),
        r.truth.words(),
    ))];
    let step = r.first.div_ceil(SHOWN).max(1);
    let curve = r.found.curve.iter().zip(&r.found.n_with).enumerate().step_by(step);
    let rows = curve
        .map(|(i, (point, &n))| vec![(i + 1).to_string(), rounded(point.mean), optional(point.se), count(n)]);
    let head = ["answer", "share right", "standard error", "raters with as many"];
    blocks.push(table("Share right, answer by answer", &head, 0, rows.collect()));
    let rows = r.raters.iter().take(SHOWN).map(|c| {
        vec![
            subject.rater_name(c.rater as usize),
            count(c.n),
            rounded(c.n_right as f64 / c.n as f64),
            optional(c.first),
            c.slope.map_or_else(|| "—".to_owned(), points),
            optional(c.last),
        ]
    });
    let (first, last) = (format!("first {}", r.first), format!("last {}", r.first));
    let head = ["rater", "answers", "right", &first, "points an answer", &last];
    blocks.push(table("Raters", &head, 1, rows.collect()));
    more(&mut blocks, r.raters.len(), "the JSON report");
    if !r.groups.is_empty() {
        let head = ["group", "against", "raters", "slope, points", "p", "right, points", "p"];
        let rows = r.groups.iter().take(SHOWN).map(group_row).collect();
        blocks.push(table("Groups of raters, adjusted over all groups", &head, 2, rows));
        more(&mut blocks, r.groups.len(), "the JSON report");
    }
    if r.n_without_truth + r.n_without_moment > 0 {
        blocks.push(Block::Note(format!(
            "Left out: {} votes that nothing says are right or wrong, {} of which nobody knows when they were given.",
            count(r.n_without_truth),
            count(r.n_without_moment)
        )));
    }
    blocks
}

fn group_row(g: &GroupCourse) -> Vec<String> {
    let points = |gap: &Result<NumberGap, Undefined>| {
        gap.as_ref().map_or_else(|_| "—".to_owned(), |g| format!("{:+.2}", 100.0 * g.gap))
    };
    let sizes = g
        .slope
        .as_ref()
        .map_or_else(|_| "—".to_owned(), |s| format!("{} : {}", s.n_raters[0], s.n_raters[1]));
    vec![
        format!("{}: {}", g.attribute, g.value),
        g.other.clone().unwrap_or_else(|| "the others".to_owned()),
        sizes,
        points(&g.slope),
        p_value(g.adjusted[0]),
        points(&g.mean),
        p_value(g.adjusted[1]),
    ]
}
