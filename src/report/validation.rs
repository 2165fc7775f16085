//! What the decisions say of flags and labels, for programs and for people.

use serde_json::{Value, json};

use super::outline::{Block, count, rounded, statistic_cells, table};
use crate::analysis::validation::{Left, Validation, Verdicts};

/// One object.
pub(super) fn validation_json(v: &Validation) -> Value {
    let verdicts =
        |of: &Verdicts| json!({ "n": of.len(), "n_wrong": of.wrong.len(), "share_wrong": of.share });
    let left = |l: &Option<Left>| l.map(|l| json!({ "value": l.value, "ci": [l.ci.0, l.ci.1] }));
    let rate = match &v.rate {
        Ok(r) => json!({
            "value": r.value,
            "se": r.se,
            "ci": [r.ci.0, r.ci.1],
            "lambda": r.lambda,
            "effective_n": r.effective_n,
        }),
        Err(reason) => json!({ "value": null, "reason": reason.to_string() }),
    };
    json!({
        "flags": verdicts(&v.flags),
        "latest_flags": verdicts(&v.recent),
        "course": v.course.iter().map(verdicts).collect::<Vec<_>>(),
        "n_flags_left": v.n_flags_left,
        "errors_left_in_flags": left(&v.left_in_flags),
        "may_stop": v.may_stop,
        "audit": verdicts(&v.audit),
        "error_rate": rate,
        "errors_left": left(&v.left),
        "n_errors_found": v.n_found,
    })
}

/// A table of shares and what they mean for what is left.
pub(super) fn validation_blocks(v: &Validation) -> Vec<Block> {
    let row = |name: String, of: &Verdicts| {
        let [value, interval, _, _, reason] = statistic_cells(&of.share);
        vec![name, count(of.wrong.len()), count(of.len()), value, interval, reason]
    };
    let rows = vec![
        row("flagged items".into(), &v.flags),
        row(format!("the last {} of them", v.recent.len()), &v.recent),
        row("random audit".into(), &v.audit),
    ];
    let header = ["decided", "wrong labels", "of", "share", "95 % interval", ""];
    let mut blocks = vec![table("Labels that did not stand", &header, 1, rows)];
    let about = |l: &Left| format!("about {} ({} to {})", rounded(l.value), rounded(l.ci.0), rounded(l.ci.1));
    let mut words = Vec::new();
    if let Some(l) = &v.left_in_flags {
        words.push(format!(
            "{} flagged items are not decided, {} of them wrong.",
            count(v.n_flags_left),
            about(l)
        ));
    }
    if v.may_stop {
        words.push("Further flags are hardly worth their time.".to_owned());
    }
    if let Ok(r) = &v.rate {
        let ci = (rounded(r.ci.0.max(0.0)), rounded(r.ci.1.min(1.0)));
        let rate = rounded(r.value);
        words
            .push(format!("Error rate of all labels, with the model’s help: {rate} ({} to {}).", ci.0, ci.1));
    }
    if let Some(l) = &v.left {
        words.push(format!("{} errors were found, {} were not.", count(v.n_found), about(l)));
    }
    if !words.is_empty() {
        blocks.push(Block::Note(words.join(" ")));
    }
    blocks
}
