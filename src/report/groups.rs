//! Groups of raters, for programs and for people.

use serde_json::{Value, json};

use super::Subject;
use super::json::undefined;
use super::outline::{Block, SHOWN, count, more, optional, p_value, rounded, table};
use crate::analysis::rater_groups::GroupsReport;
use crate::stats::Undefined;
use crate::stats::rater_groups::{Heterogeneity, Permuted};

fn test_json(test: &Result<Permuted, Undefined>) -> Value {
    match test {
        Err(reason) => undefined(reason),
        Ok(t) => json!({ "p_value": t.p_value, "permutations": t.draws, "exact": t.exact }),
    }
}

fn apart_json(apart: &Result<Heterogeneity, Undefined>) -> Value {
    match apart {
        Err(reason) => undefined(reason),
        Ok(h) => json!({
            "within": h.within,
            "between": h.between,
            "phi": h.phi,
            "n_items_within": h.n_items[0],
            "n_items_between": h.n_items[1],
            "n_raters": h.n_raters,
            "test": test_json(&h.test),
        }),
    }
}

/// The section of the report for programs.
pub(super) fn groups_json(subject: &Subject, found: &Result<GroupsReport, Undefined>) -> Value {
    let r = match found {
        Err(reason) => return undefined(reason),
        Ok(r) => r,
    };
    let pairs = r.pairs.iter().map(|p| {
        let gap = match &p.gap {
            Err(reason) => undefined(reason),
            Ok(g) => json!({
                "gap": g.gap, "n_raters": g.n_raters, "n_items": g.n_items, "test": test_json(&g.test),
            }),
        };
        json!({
            "a": r.values[p.groups[0]],
            "b": r.values[p.groups[1]],
            "mean_gap": gap,
            "heterogeneity": apart_json(&p.apart),
            "labels": p.labels.iter().map(|l| json!({
                "label": subject.dataset.labels.name(l.label),
                "gap": l.found.gap,
                "test": test_json(&l.found.test),
                "adjusted_p": l.adjusted,
            })).collect::<Vec<_>>(),
            "adjusted_p_of_gap": p.adjusted[0],
            "adjusted_p_of_phi": p.adjusted[1],
        })
    });
    let juries = r.juries.iter().map(|j| {
        let seats = j.seats.iter().map(|s| match &s.agreement {
            Err(reason) => json!({ "seats": s.seats, "agreement": undefined(reason) }),
            Ok((mean, (low, high))) => json!({
                "seats": s.seats, "agreement": mean, "low": low, "high": high, "juries": s.juries, "exact": s.exact,
            }),
        });
        json!({
            "jury_of": r.values[j.pool],
            "members_of": r.values[j.target],
            "seats": seats.collect::<Vec<_>>(),
        })
    });
    let profiles = r.profiles.iter().map(|p| {
        let mut found = match &p.found {
            Err(reason) => undefined(reason),
            Ok(m) => json!({
                "r": m.r,
                "p_value": m.p_value,
                "p_more": m.p_upper,
                "permutations": m.permutations,
                "n_pairs": m.n_pairs,
                "n_raters": m.n_raters,
                "welch_t_if_pairs_were_independent": m.naive.map(|w| w.t),
                "ln_bayes_factor_if_pairs_were_independent": m.ln_bayes_factor,
            }),
        };
        found["unlike"] = json!(p.unlike.id());
        found["n_columns"] = json!(p.n);
        found
    });
    json!({
        "attribute": r.attribute,
        "groups": r.values.iter().zip(&r.n_raters).map(|(v, n)| json!({ "value": v, "n_raters": n })).collect::<Vec<_>>(),
        "n_further_groups": r.n_more,
        "n_raters_without": r.n_without,
        "all": apart_json(&r.all),
        "pairs": pairs.collect::<Vec<_>>(),
        "juries": juries.collect::<Vec<_>>(),
        "profiles": profiles.collect::<Vec<_>>(),
    })
}

/// The same for people.
pub(super) fn groups_blocks(subject: &Subject, found: &Result<GroupsReport, Undefined>) -> Vec<Block> {
    let r = match found {
        Err(reason) => return vec![Block::Note(format!("— {reason}"))],
        Ok(r) => r,
    };
    let p = |test: Option<&Result<Permuted, Undefined>>| {
        p_value(test.and_then(|t| t.as_ref().ok()).map(|t| t.p_value))
    };
    let rows = r.pairs.iter().take(SHOWN).map(|pair| {
        let apart = pair.apart.as_ref().ok();
        let clearest = pair.clearest();
        let of = clearest.and_then(|c| c.0).map_or("mean", |l| subject.dataset.labels.name(l));
        vec![
            r.values[pair.groups[0]].clone(),
            r.values[pair.groups[1]].clone(),
            of.to_owned(),
            optional(clearest.map(|c| c.1.gap)),
            p(clearest.map(|c| &c.1.test)),
            optional(apart.map(|a| a.within)),
            optional(apart.map(|a| a.between)),
            p(apart.map(|a| &a.test)),
        ]
    });
    let title = format!("Groups by {}: differences, tested by permuting raters", r.attribute);
    let head = ["A", "B", "of", "A − B", "p", "differ within", "differ between", "p of the difference"];
    let mut blocks = vec![table(&title, &head, 3, rows.collect())];
    more(&mut blocks, r.pairs.len(), "the JSON report");
    let rows = r.juries.iter().map(|j| {
        let mut row = vec![r.values[j.pool].clone(), r.values[j.target].clone()];
        row.extend(j.seats.iter().map(|s| s.agreement.as_ref().map_or("—".to_owned(), |a| rounded(a.0))));
        row
    });
    if let Some(first) = r.juries.first() {
        let seats: Vec<String> = first.seats.iter().map(|s| format!("{} seats", s.seats)).collect();
        let head: Vec<&str> =
            ["jury of", "for members of"].into_iter().chain(seats.iter().map(String::as_str)).collect();
        blocks.push(table("Whose majority serves whom", &head, 2, rows.collect()));
    }
    let rows = r.profiles.iter().map(|p| {
        let found = p.found.as_ref().ok();
        vec![
            p.unlike.words().to_owned(),
            count(p.n),
            optional(found.map(|m| m.r)),
            p_value(found.map(|m| m.p_value)),
            found.map_or_else(|| "—".to_owned(), |m| count(m.n_pairs)),
        ]
    });
    let head = ["Raters who …", "columns", "r", "p", "pairs"];
    blocks.push(table(
        "Do unlike raters disagree more? Mantel test over pairs of raters",
        &head,
        1,
        rows.collect(),
    ));
    for p in &r.profiles {
        if let Err(reason) = &p.found {
            blocks.push(Block::Note(format!("Raters who {}: — {reason}", p.unlike.words())));
        }
    }
    blocks
}
