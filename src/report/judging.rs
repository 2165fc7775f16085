//! Judges against people, for programs and for people.

use serde_json::{Value, json};

use super::Subject;
use super::json::undefined;
use super::outline::{Block, SHOWN, count, more, optional, rounded, table};
use crate::analysis::judge_validation::{Judged, JudgingReport};
use crate::stats::Undefined;
use crate::stats::judge_validation::{Agreement, Ceiling, LabelMap, MapKind, Measure};
use crate::stats::norm_ratings::disattenuated;

fn value(found: &Result<f64, Undefined>) -> Value {
    match found {
        Ok(v) => json!(v),
        Err(reason) => undefined(reason),
    }
}

fn agreement(a: &Agreement) -> Value {
    json!({
        "value": value(&a.value),
        "n": a.n,
        "n_missing": a.n_missing,
        "n_tied": a.n_tied,
        "accuracy": a.accuracy.map(|a| a.0),
        "accuracy_missing_as_wrong": a.accuracy.map(|a| a.1),
    })
}

fn ceiling(c: Option<Ceiling>) -> Value {
    c.map_or(Value::Null, |c| json!({ "mean": c.mean, "sd": c.sd, "n": c.n }))
}

/// What kind of map it is, for programs.
fn kind(map: &LabelMap) -> &'static str {
    match map.kind {
        MapKind::Straight => "straight",
        MapKind::Polarity => "polarity",
        MapKind::Reversed => "reversed",
        MapKind::Shifted(_) => "shifted",
        MapKind::Swapped => "swapped",
    }
}

fn map(subject: &Subject, m: &LabelMap) -> Value {
    let name = |l: u32| subject.dataset.labels.name(l);
    json!({
        "warning": m.warns(),
        "kind": kind(m),
        "kappa": m.kappa,
        "kappa_max": m.kappa_max,
        "p": m.p,
        "n": m.n,
        "reads": m.changes.iter().map(|&(from, to)| json!({ "from": name(from), "to": name(to) })).collect::<Vec<_>>(),
    })
}

/// r as it would be without people's noise.
pub fn disattenuated_r(r: &JudgingReport, j: &Judged) -> Option<f64> {
    let pearson = *j.on_scale.as_ref()?[1].as_ref().ok()?;
    disattenuated(pearson, r.norms.as_ref()?.reliability()?)
}

fn judge(subject: &Subject, r: &JudgingReport, at: usize, j: &Judged) -> Value {
    let place = r.board.places.iter().position(|p| p.judge == at);
    let board = place.map(|p| (&r.board.places[p], p + 1));
    json!({
        "name": j.name,
        "kappa": agreement(&j.kappa),
        "spearman": j.on_scale.as_ref().map(|s| value(&s[0])),
        "pearson": j.on_scale.as_ref().map(|s| value(&s[1])),
        "pearson_disattenuated": disattenuated_r(r, j),
        "kendall_tau_b": j.on_scale.as_ref().map(|s| value(&s[2])),
        "bias": j.offset.map(|o| o.bias),
        "mean_distance": j.offset.map(|o| o.mae),
        "label_map": j.map.as_ref().map(|m| map(subject, m)),
        "use_of_the_scale": j.hygiene.map(|h| json!({
            "n_distinct": h.n_distinct,
            "modal_value": h.modal.0,
            "modal_share": h.modal.1,
            "tied_pairs": h.tied_pairs,
            "n_out_of_scale": h.n_out_of_scale,
        })),
        "parts": j.parts.iter().map(|(name, a)| json!({ "part": name, "agreement": agreement(a) })).collect::<Vec<_>>(),
        "n_parted": j.parted.len(),
        "answered_again": j.repeated.map(|(n, same)| json!({ "items": n, "same": same })),
        "place": board.map(|(p, at)| json!({
            "at": at, "value": p.value, "ci": p.ci, "ranks": p.ranks, "first": p.first,
        })),
        "beside_a_person_left_out": ceiling(r.ceilings.judges.get(at).copied().flatten()),
        "says_what_each_person_says": r.choices.as_ref().and_then(|c| c.judges.get(at)).map(|c| json!({
            "mean": ceiling(c.with_people),
            "people": c.people.iter().map(|p| json!({
                "rater": subject.rater_name(p.rater as usize), "n": p.n, "share": p.share,
            })).collect::<Vec<_>>(),
            "in_the_place_of_each": ceiling(c.in_place),
        })),
        "beside_each_person": ceiling(r.ceilings.judges_by_rater.get(at).copied().flatten()),
    })
}

/// The section of the report for programs.
pub(super) fn judging_json(subject: &Subject, found: &Result<JudgingReport, Undefined>) -> Value {
    let r = match found {
        Err(reason) => return undefined(reason),
        Ok(r) => r,
    };
    json!({
        "measure": match r.measure { Measure::Kappa => "cohen_kappa_with_majority", Measure::Rho => "spearman_with_mean" },
        "n_items": r.n_items,
        "cut": r.asked.cut.as_ref().map(crate::analysis::judge_validation::Cut::name),
        "judges": r.judges.iter().enumerate().map(|(at, j)| judge(subject, r, at, j)).collect::<Vec<_>>(),
        "people": {
            "included": ceiling(r.ceilings.included),
            "left_out": ceiling(r.ceilings.left_out),
            "each_against_the_others": ceiling(r.ceilings.by_rater),
            "share_with_majority_of_others": ceiling(r.choices.as_ref().and_then(|c| c.ceiling)),
            "draws": r.ceilings.draws,
        },
        "norms": r.norms.as_ref().map(|n| json!({
            "split_half": n.split_half.as_ref().map_or_else(undefined, |s| json!({
                "reliability": s.reliability, "interval": s.interval, "splits": s.splits, "dropped": s.dropped,
                "n_items": s.n_items,
            })),
            "reliability_of_means": value(&n.of_means),
            "ceiling": n.reliability().filter(|&r| r > 0.0).map(f64::sqrt),
            "n_few_ratings": n.few.len(),
        })),
        "chosen_on_half": r.board.chosen.map(|(judge, here, there)| json!({
            "judge": r.judges.get(judge).map(|j| &j.name), "there": here, "on_the_other_half": there,
        })),
        "people_turned_round": r.suspects.iter().map(|s| json!({
            "rater": subject.rater_name(s.rater as usize), "label_map": map(subject, &s.map), "n_parted": s.items.len(),
        })).collect::<Vec<_>>(),
        "n_people_looked_at": r.n_looked_at,
    })
}

/// A map in words: `yes → no, no → yes`.
pub fn map_words(names: &dyn Fn(u32) -> String, m: &LabelMap) -> String {
    let changes: Vec<String> =
        m.changes.iter().take(4).map(|&(from, to)| format!("{} → {}", names(from), names(to))).collect();
    let more = if m.changes.len() > 4 { ", …" } else { "" };
    let kind = match m.kind {
        MapKind::Straight => return "labels mean what they say".to_owned(),
        MapKind::Polarity => "labels turned round",
        MapKind::Reversed => "scale turned round",
        MapKind::Shifted(_) => "scale shifted by one",
        MapKind::Swapped => "labels swapped",
    };
    format!("{kind}: {}{more}", changes.join(", "))
}

/// The same for people.
pub(super) fn judging_blocks(subject: &Subject, found: &Result<JudgingReport, Undefined>) -> Vec<Block> {
    let r = match found {
        Err(reason) => return vec![Block::Note(format!("Judges: — {reason}"))],
        Ok(r) => r,
    };
    let name = |l: u32| subject.dataset.labels.name(l).to_owned();
    let interval = |ci: Option<(f64, f64)>| {
        ci.map_or_else(|| "—".to_owned(), |(a, b)| format!("{} … {}", rounded(a), rounded(b)))
    };
    let mut blocks = Vec::new();
    let rows = r.board.places.iter().take(SHOWN).filter_map(|p| {
        let j = r.judges.get(p.judge)?;
        Some(vec![
            j.name.clone(),
            optional(p.value),
            interval(p.ci),
            p.ranks.map_or_else(
                || "—".to_owned(),
                |(a, b)| if a == b { a.to_string() } else { format!("{a}–{b}") },
            ),
            optional(j.kappa.value.as_ref().ok().copied()),
            optional(j.on_scale.as_ref().and_then(|s| s[2].as_ref().ok().copied())),
            optional(r.ceilings.judges.get(p.judge).copied().flatten().map(|c| c.mean)),
            count(p.n),
            count(j.kappa.n_missing),
        ])
    });
    let (measure, what) = match r.measure {
        Measure::Kappa => ("κ", "Judges against people, κ with the majority"),
        Measure::Rho => ("ρ", "Judges against people, ρ with the mean"),
    };
    let head = ["judge", measure, "95 % interval", "rank", "κ", "τ_b", "beside a person", "items", "missing"];
    blocks.push(table(what, &head, 1, rows.collect()));
    more(&mut blocks, r.judges.len(), "the JSON report");
    let people = |c: Option<Ceiling>| {
        c.map_or_else(|| "—".to_owned(), |c| format!("{} (SD {})", rounded(c.mean), rounded(c.sd)))
    };
    blocks.push(Block::Note(format!(
        "A person against the others: {}; against an average that holds their own vote (optimistic): {}; each whole person against the others: {}",
        people(r.ceilings.left_out),
        people(r.ceilings.included),
        people(r.ceilings.by_rater),
    )));
    if let Some(choices) = &r.choices {
        let rows = r.judges.iter().zip(&choices.judges).take(SHOWN).map(|(j, c)| {
            let lowest = c.people.iter().map(|p| p.share).min_by(f64::total_cmp);
            vec![j.name.clone(), people(c.with_people), optional(lowest), people(c.in_place)]
        });
        let title = format!(
            "Shares of items with the same label; a person with the majority of the others, ties 1/t: {}",
            people(choices.ceiling)
        );
        let head = ["judge", "with each person", "lowest", "in a person's place"];
        blocks.push(table(&title, &head, 1, rows.collect()));
    }
    if let Some(n) = &r.norms {
        let halves = n.split_half.as_ref().map_or_else(
            |reason| format!("— {reason}"),
            |s| format!("{} ({} … {})", rounded(s.reliability), rounded(s.interval.0), rounded(s.interval.1)),
        );
        blocks.push(Block::Note(format!(
            "People's means: reliability by halves {halves}, by their errors {}; ceiling of a correlation {}; {} items with few ratings",
            optional(n.of_means.as_ref().ok().copied()),
            optional(n.reliability().filter(|&r| r > 0.0).map(f64::sqrt)),
            count(n.few.len())
        )));
    }
    for j in &r.judges {
        if let Some(m) = j.map.as_ref().filter(|m| m.warns()) {
            let words = map_words(&name, m);
            let (k, best) = (rounded(m.kappa), rounded(m.kappa_max));
            blocks.push(Block::Note(format!("Warning, {}: {words}; κ {k}, read so {best}", j.name)));
        }
        if let Some(h) = j.hygiene.filter(crate::stats::judge_validation::Hygiene::warns) {
            blocks.push(Block::Note(format!(
                "Warning, {}: {} distinct values, {} % of answers are {}, {} out of scale",
                j.name,
                h.n_distinct,
                rounded(100.0 * h.modal.1),
                rounded(h.modal.0),
                h.n_out_of_scale
            )));
        }
        if let Some((n, same)) = j.repeated {
            let words = format!(
                "{} answered {} items again, and said the same on {}",
                j.name,
                count(n),
                rounded(same)
            );
            blocks.push(Block::Note(words));
        }
    }
    if let Some((judge, here, there)) = r.board.chosen
        && let Some(j) = r.judges.get(judge)
        && r.judges.len() > 1
    {
        blocks.push(Block::Note(format!(
            "Best on half of the items: {}, {}; on the other half: {}",
            j.name,
            rounded(here),
            optional(there)
        )));
    }
    let parts: Vec<Vec<String>> = r
        .judges
        .iter()
        .flat_map(|j| {
            j.parts.iter().map(|(part, a)| {
                vec![j.name.clone(), part.clone(), optional(a.value.as_ref().ok().copied()), count(a.n)]
            })
        })
        .take(SHOWN)
        .collect();
    if let Some(cut) = r.asked.cut.as_ref().filter(|_| !parts.is_empty()) {
        blocks.push(table(&format!("By {}", cut.name()), &["judge", "part", measure, "items"], 2, parts));
    }
    let rows: Vec<Vec<String>> = r
        .suspects
        .iter()
        .take(SHOWN)
        .map(|s| {
            vec![
                subject.rater_name(s.rater as usize),
                map_words(&name, &s.map),
                rounded(s.map.kappa),
                rounded(s.map.kappa_max),
                optional(s.map.p),
            ]
        })
        .collect();
    if r.suspects.is_empty() {
        blocks.push(Block::Note(format!(
            "Nobody of {} people looked at means other labels",
            count(r.n_looked_at)
        )));
    } else {
        blocks.push(table(
            "People who seem to mean other labels",
            &["rater", "reads", "κ", "κ read so", "p"],
            2,
            rows,
        ));
    }
    blocks
}
