//! What was computed because somebody asked for it, for programs and for people: cuts of a coefficient, soft labels,
//! candidate sets, a candidate among the raters, the majority's certificate, preferences.

use serde_json::{Map, Value, json};

use super::Subject;
use super::json::undefined;
use super::outline::{Block, SHOWN, count, more, optional, rounded, statistic_cells, table};
use crate::analysis::candidate::{Candidate, CandidateReport};
use crate::analysis::certificate::Certified;
use crate::analysis::cuts::{Beside, By, Cell, Cuts};
use crate::analysis::preferences::Preferences;
use crate::analysis::sets::SetsReport;
use crate::analysis::soft::{Soft, Summary};
use crate::dataset::Dataset;
use crate::stats::Undefined;
use crate::stats::aggregation::Verdicts;

/// Keys of a cut's columns, in the order of [`By::columns`].
fn keys(by: &By) -> &'static [&'static str] {
    match by {
        By::Label => &["fleiss_kappa", "specific_agreement", "n_ratings"],
        By::Level => &["n_labels"],
        By::Rater => &["change", "n_ratings"],
        By::Group(_) => &["xrr", "association_index", "p_adjusted", "share_of_majority", "n_raters"],
        By::Slice(_) => &["n_items"],
        By::Item => &["disagreement", "influence", "n_ratings"],
        By::Before => &["n_items", "share_that_differ"],
        By::Question => &["n_items", "n_raters", "n_labels"],
    }
}

/// All cuts, a list.
pub(super) fn cuts_json(subject: &Subject) -> Value {
    let one = |(by, cuts): &(By, Result<Cuts, Undefined>)| {
        let words = by.words(subject.dataset);
        match cuts {
            Err(reason) => json!({ "by": by.id(), "of": words, "reason": reason.to_string() }),
            Ok(cuts) => {
                let rows: Vec<Value> = cuts
                    .rows
                    .iter()
                    .map(|row| {
                        let mut object = Map::new();
                        object.insert("name".into(), row.name.clone().into());
                        object.insert("statistic".into(), json!(row.statistic));
                        let cells = keys(by).iter().zip(&row.cells);
                        object.extend(cells.map(|(key, cell)| ((*key).to_owned(), json!(cell))));
                        Value::Object(object)
                    })
                    .collect();
                json!({
                    "by": by.id(),
                    "of": words,
                    "coefficient": cuts.name,
                    "whole": cuts.whole.as_ref().map(|w| &w.1),
                    "whole_is": cuts.whole.as_ref().map(|w| w.0),
                    "only_items": cuts.asked.of.items.as_ref().map(|items| items.len()),
                    "rows": rows,
                    "n_more": cuts.n_more,
                    "notes": cuts.notes,
                    "beside": cuts.beside.as_ref().map(|b| beside_json(subject, b)),
                })
            }
        }
    };
    Value::Array(subject.extras.cuts.iter().map(one).collect())
}

fn beside_json(subject: &Subject, beside: &Beside) -> Value {
    match beside {
        Beside::Labels(h) => {
            let names = |labels: &[u32]| -> Vec<&str> {
                labels.iter().map(|&l| subject.dataset.labels.name(l)).collect()
            };
            json!({
                "outside": names(&h.outside),
                "coverage": h.coverage,
                "n_uncovered_items": h.uncovered.len(),
                "never_given": names(&h.unused),
                "below_chance": names(&h.below_chance),
            })
        }
        Beside::Runs(r) => json!({
            "n_sequences": r.n_sequences,
            "n": r.n,
            "n_differ": r.n_differ,
            "autocorrelation": r.autocorrelation.as_ref().map_or_else(undefined, |rho| json!(rho)),
            "differ_after_a_difference": r.again(),
            "differ_after_agreement": r.anew(),
        }),
    }
}

/// What a cut tells beside its parts, in words: what, how much.
pub fn beside_words(dataset: &Dataset, beside: &Beside) -> Vec<(&'static str, String)> {
    match beside {
        Beside::Labels(h) => {
            let names = |labels: &[u32]| {
                let names: Vec<&str> = labels.iter().take(SHOWN).map(|&l| dataset.labels.name(l)).collect();
                let more = if labels.len() > SHOWN { ", …" } else { "" };
                if names.is_empty() { "none".to_owned() } else { format!("{}{more}", names.join(", ")) }
            };
            let mut words = Vec::new();
            if let Some(coverage) = &h.coverage {
                let [value, interval, ..] = statistic_cells(coverage);
                words.push(("Coverage", format!("{value} ({interval})")));
                words.push(("Outside of it", names(&h.outside)));
            }
            words.push(("Never given", names(&h.unused)));
            words.push(("Below chance", names(&h.below_chance)));
            words
        }
        Beside::Runs(r) => vec![
            (
                "Lag-1 autocorrelation",
                r.autocorrelation.as_ref().map_or_else(|reason| format!("— {reason}"), |rho| rounded(*rho)),
            ),
            ("Differ", optional((r.n > 0).then(|| r.n_differ as f64 / r.n as f64))),
            ("… after a disagreement", optional(r.again())),
            ("… after agreement", optional(r.anew())),
        ],
    }
}

pub(super) fn cuts_blocks(subject: &Subject) -> Vec<Block> {
    let mut blocks = Vec::new();
    for (by, cuts) in &subject.extras.cuts {
        let words = by.words(subject.dataset);
        match cuts {
            Err(reason) => blocks.push(Block::Note(format!("By {words}: — {reason}"))),
            Ok(cuts) => {
                let mut head = vec![words.as_str(), "value", "95 % interval"];
                head.extend(by.columns().iter().map(|(name, _)| *name));
                let rows = cuts.rows.iter().take(SHOWN).map(|row| {
                    let [value, interval, _, _, reason] = statistic_cells(&row.statistic);
                    let value = if reason.is_empty() { value } else { format!("— {reason}") };
                    let cells = row.cells.iter().map(|cell| match *cell {
                        Cell::Count(n) => count(n),
                        Cell::Number(v) => optional(v),
                    });
                    [row.name.clone(), value, interval].into_iter().chain(cells).collect()
                });
                let of_all = cuts.whole.as_ref().map_or_else(String::new, |(name, whole)| {
                    format!(" ({name} of all {})", optional(whole.value()))
                });
                let title = format!("{} by {words}{of_all}", cuts.name);
                blocks.push(table(&title, &head, 1, rows.collect()));
                more(&mut blocks, cuts.rows.len(), "the JSON report");
                if cuts.n_more > 0 {
                    blocks
                        .push(Block::Note(format!("{} further parts are told nowhere.", count(cuts.n_more))));
                }
                let beside = cuts.beside.iter().flat_map(|b| beside_words(subject.dataset, b));
                blocks.extend(beside.map(|(what, value)| Block::Note(format!("{what}: {value}"))));
                blocks.extend(cuts.notes.iter().cloned().map(Block::Note));
            }
        }
    }
    blocks
}

fn summary_json(summary: &Result<Summary, Undefined>) -> Value {
    match summary {
        Err(reason) => undefined(reason),
        Ok(s) => json!({
            "mean_entropy_bits": s.mean_entropy_bits,
            "accuracy_vs_gold": s.score.map(|s| s.accuracy),
            "negative_log_likelihood": s.score.map(|s| s.negative_log_likelihood),
            "brier": s.score.map(|s| s.brier),
        }),
    }
}

pub(super) fn soft_json(soft: &Soft) -> Value {
    let components: Map<String, Value> =
        soft.rows.iter().map(|row| (row.component.id().to_owned(), summary_json(&row.summary))).collect();
    let id = |i: usize| soft.rows[i].component.id();
    let divergences: Vec<Value> = soft
        .divergences
        .iter()
        .map(|d| {
            json!({
                "a": id(d.first),
                "b": id(d.second),
                "divergence_bits": d.mean / std::f64::consts::LN_2,
                "n_items": d.n_other_label,
            })
        })
        .collect();
    json!({
        "components": components,
        "together": summary_json(&soft.together),
        "multiplied": soft.asked.multiplied,
        "divergences": divergences,
        "n_voted": soft.n_voted,
    })
}

pub(super) fn soft_blocks(soft: &Soft) -> Vec<Block> {
    let cells = |name: &str, summary: &Result<Summary, Undefined>| -> Vec<String> {
        match summary {
            Err(reason) => vec![
                format!("{name}: — {reason}"),
                String::new(),
                String::new(),
                String::new(),
                String::new(),
            ],
            Ok(s) => vec![
                name.to_owned(),
                rounded(s.mean_entropy_bits),
                optional(s.score.map(|s| s.accuracy)),
                optional(s.score.map(|s| s.negative_log_likelihood)),
                optional(s.score.map(|s| s.brier)),
            ],
        }
    };
    let mut rows: Vec<Vec<String>> =
        soft.rows.iter().map(|r| cells(r.component.name(), &r.summary)).collect();
    let together = if soft.asked.multiplied { "product of these" } else { "mean of these" };
    rows.push(cells(together, &soft.together));
    let head = [
        "soft labels",
        "mean entropy (bits)",
        "accuracy against gold",
        "negative log-likelihood",
        "Brier score",
    ];
    vec![table("Soft labels", &head, 1, rows)]
}

pub(super) fn sets_json(found: &Result<SetsReport, Undefined>) -> Value {
    let s = match found {
        Err(reason) => return undefined(reason),
        Ok(sets) => sets,
    };
    let members = s
        .members
        .iter()
        .map(|m| json!({ "label": m.name, "share": m.share, "n_sets": m.n_sets, "n_items": m.items.len() }));
    let quality = match &s.quality {
        Err(reason) => undefined(reason),
        Ok(q) => json!({
            "n_sets": q.n_sets,
            "coverage": q.coverage,
            "specificity": q.specificity,
            "harmonic_mean": q.balance,
            "mean_size": q.mean_size,
        }),
    };
    json!({
        "labels": members.collect::<Vec<_>>(),
        "n_sets": s.n_sets,
        "mean_size": s.mean_size,
        "n_abstentions": s.fit.abstentions,
        "n_conflicts": s.conflicts.len(),
        "n_decided": s.decided.len(),
        "n_open": s.open.len(),
        "extra_count": f64::from(s.asked.extra_tenths) / 10.0,
        "iterations": s.fit.iterations,
        "converged": s.fit.converged,
        "vs_gold": quality,
    })
}

pub(super) fn sets_blocks(found: &Result<SetsReport, Undefined>) -> Vec<Block> {
    let s = match found {
        Err(reason) => return vec![Block::Note(format!("Candidate sets: — {reason}"))],
        Ok(sets) => sets,
    };
    let rows = s
        .members
        .iter()
        .take(SHOWN)
        .map(|m| vec![m.name.clone(), rounded(m.share), count(m.n_sets), count(m.items.len())]);
    let title =
        format!("Candidate sets: {} answers of {} labels on average", count(s.n_sets), rounded(s.mean_size));
    let head = ["label", "share", "in sets", "items"];
    let mut blocks = vec![table(&title, &head, 1, rows.collect())];
    more(&mut blocks, s.members.len(), "the JSON report");
    blocks.push(Block::Note(format!(
        "{} items are decided, {} open, {} contradictory; {} answers name no label.",
        count(s.decided.len()),
        count(s.open.len()),
        count(s.conflicts.len()),
        count(s.fit.abstentions)
    )));
    if let Ok(q) = &s.quality {
        blocks.push(Block::Note(format!(
            "Against gold: coverage {}, specificity {}, harmonic mean {}.",
            rounded(q.coverage),
            rounded(q.specificity),
            rounded(q.balance)
        )));
    }
    blocks
}

fn candidate_id(candidate: Candidate) -> &'static str {
    match candidate {
        Candidate::Rater(_) => "rater",
        Candidate::Model => "model",
        Candidate::Given => "given",
        Candidate::Gold => "gold",
    }
}

pub(super) fn candidate_json(subject: &Subject, report: &CandidateReport) -> Value {
    let extra = match &report.extra {
        Err(reason) => undefined(reason),
        Ok(extra) => {
            let places: Vec<Value> = extra
                .replacements
                .iter()
                .map(|r| json!({ "rater": subject.rater_name(r.rater), "replaced": r.replaced, "left_out": r.dropped }))
                .collect();
            json!({
                "alone": extra.alone,
                "added": extra.added,
                "consensus_match": extra.consensus_match,
                "places": places,
            })
        }
    };
    let pool = match &report.pool {
        Err(reason) => undefined(reason),
        Ok(pool) => {
            let sizes = pool.iter().map(|p| {
                json!({
                    "raters": p.raters,
                    "alone": p.alone,
                    "with_candidate": p.with_candidate,
                    "with_rater": p.with_rater,
                    "n_sets": p.n_sets,
                    "sampled": p.sampled,
                })
            });
            Value::Array(sizes.collect())
        }
    };
    let test = match &report.test {
        Err(reason) => undefined(reason),
        Ok(test) => {
            let duels = test.duels.iter().map(|d| {
                json!({
                    "rater": subject.rater_name(d.rater),
                    "n_items": d.n_items,
                    "advantage": d.advantage,
                    "difference": d.difference,
                    "p": d.p,
                    "wins": d.wins,
                })
            });
            json!({
                "epsilon": f64::from(report.asked.epsilon_thousandths) / 1000.0,
                "winning_rate": test.winning_rate,
                "advantage": test.advantage,
                "passes": test.passes,
                "not_tested": test.too_few_items.iter().map(|&r| subject.rater_name(r)).collect::<Vec<_>>(),
                "duels": duels.collect::<Vec<_>>(),
            })
        }
    };
    json!({
        "candidate": report.asked.candidate.words(subject.dataset),
        "kind": candidate_id(report.asked.candidate),
        "measure": report.measure,
        "n_items": report.n_items,
        "n_compared": report.n_compared,
        "n_other_than_majority": report.parted.len(),
        "agreement": extra,
        "scarce_pool": pool,
        "alternative_annotator_test": test,
    })
}

pub(super) fn candidate_blocks(subject: &Subject, report: &CandidateReport) -> Vec<Block> {
    let name = report.asked.candidate.words(subject.dataset);
    let mut blocks = Vec::new();
    match &report.test {
        Err(reason) => blocks.push(Block::Note(format!("Alternative annotator test of {name}: — {reason}"))),
        Ok(test) => blocks.push(Block::Note(format!(
            "{name} {} the alternative annotator test with ε {}: winning rate {} (½ passes), advantage {}{}.",
            if test.passes { "passes" } else { "does not pass" },
            rounded(f64::from(report.asked.epsilon_thousandths) / 1000.0),
            rounded(test.winning_rate),
            rounded(test.advantage),
            match test.too_few_items.len() {
                0 => String::new(),
                n => format!("; {} raters share too few items with it to be tested", count(n)),
            },
        ))),
    }
    match &report.extra {
        Err(reason) => blocks.push(Block::Note(format!("In the place of each rater: — {reason}"))),
        Ok(extra) => {
            let rows = extra.replacements.iter().take(SHOWN).map(|r| {
                vec![
                    subject.rater_name(r.rater),
                    optional(r.replaced),
                    optional(r.dropped),
                    optional(report.duel(r.rater).map(|d| d.advantage)),
                    optional(report.duel(r.rater).map(|d| d.p)),
                ]
            });
            let title = format!(
                "{name} in the place of each rater: alpha {} alone, {} with {name}",
                rounded(extra.alone),
                optional(extra.added)
            );
            let head = ["rater", "replaced", "left out", "advantage", "p"];
            blocks.push(table(&title, &head, 1, rows.collect()));
            more(&mut blocks, extra.replacements.len(), "the JSON report");
        }
    }
    match &report.pool {
        Err(reason) => blocks.push(Block::Note(format!("Scarce pool: — {reason}"))),
        Ok(pool) => {
            let rows = pool.iter().take(SHOWN).map(|p| {
                vec![count(p.raters), optional(p.alone), optional(p.with_candidate), optional(p.with_rater)]
            });
            let title = "Scarce pool: match with the consensus of all raters";
            let head = ["raters", "alone", "and the candidate", "and one more rater"];
            blocks.push(table(title, &head, 0, rows.collect()));
            more(&mut blocks, pool.len(), "the JSON report");
        }
    }
    blocks
}

fn verdicts_json(v: &Verdicts) -> Value {
    json!({
        "n_items": v.items,
        "n_with_gold": v.with_gold,
        "majority_right": v.majority_right,
        "weighted_right": v.map_right,
    })
}

pub(super) fn certificate_json(subject: &Subject, found: &Result<Certified, Undefined>) -> Value {
    let c = match found {
        Err(reason) => return undefined(reason),
        Ok(certified) => certified,
    };
    let global = &c.certificate.global;
    let worse: Vec<String> = c.certificate.worse_than_chance.iter().map(|&r| subject.rater_name(r)).collect();
    json!({
        "error": global.error,
        "error_interval": global.error_interval,
        "margin": global.margin,
        "margin_interval": global.margin_interval,
        "certified": global.certified,
        "n_certified": c.sure.len(),
        "n_not_certified": c.open.len(),
        "overruled": verdicts_json(&c.certificate.overruled),
        "ties": verdicts_json(&c.certificate.ties),
        "all": verdicts_json(&c.certificate.all),
        "worse_than_chance": worse,
    })
}

pub(super) fn certificate_blocks(subject: &Subject, found: &Result<Certified, Undefined>) -> Vec<Block> {
    let c = match found {
        Err(reason) => return vec![Block::Note(format!("Majority vote's certificate: — {reason}"))],
        Ok(certified) => certified,
    };
    let global = &c.certificate.global;
    let worse: Vec<String> =
        c.certificate.worse_than_chance.iter().take(SHOWN).map(|&r| subject.rater_name(r)).collect();
    let mut rows = vec![
        vec!["error that all raters share".to_owned(), rounded(global.error)],
        vec!["margin at a lead of one vote".to_owned(), rounded(global.margin)],
        vec!["items whose majority is safe".to_owned(), count(c.sure.len())],
        vec!["items where a weighting could overrule it".to_owned(), count(c.open.len())],
        vec!["items where the weighted vote does overrule it".to_owned(), count(c.overruled.len())],
        vec!["tied items".to_owned(), count(c.tied.len())],
    ];
    if subject.dataset.gold.is_some() {
        let right = |v: &Verdicts| {
            format!("{:.1} and {:.1} of {}", v.majority_right, v.map_right, count(v.with_gold))
        };
        rows.push(vec![
            "overruled: majority and weighted vote right".to_owned(),
            right(&c.certificate.overruled),
        ]);
        rows.push(vec!["ties: majority and weighted vote right".to_owned(), right(&c.certificate.ties)]);
    }
    let mut blocks = vec![table("Majority vote's certificate", &["", ""], 1, rows)];
    if !worse.is_empty() {
        blocks.push(Block::Note(format!("Worse than chance: {}", worse.join(", "))));
    }
    blocks
}

pub(super) fn preferences_json(found: &Result<Preferences, Undefined>) -> Value {
    let p = match found {
        Err(reason) => return undefined(reason),
        Ok(preferences) => preferences,
    };
    let theta = |values: Option<&Vec<f64>>, i: usize| values.and_then(|v| v.get(i)).copied();
    let options: Vec<Value> = p
        .order()
        .into_iter()
        .map(|i| {
            let [won, tied, lost] = p.options[i].won_tied_lost;
            let model = p.bradley_terry.as_ref().ok();
            json!({
                "option": p.options[i].name,
                "won": won,
                "tied": tied,
                "lost": lost,
                "bradley_terry": theta(model.map(|m| &m.theta), i),
                "bradley_terry_se": model.and_then(|m| m.se(i)),
                "davidson": theta(p.davidson.as_ref().ok().map(|m| &m.theta), i),
                "noisy_bradley_terry": theta(p.noisy.as_ref().ok().map(|m| &m.theta), i),
                "plackett_luce": theta(p.plackett_luce.as_ref().ok().map(|m| &m.theta), i),
                "elo": theta(p.elo.as_ref().ok().map(|m| &m.rating), i),
            })
        })
        .collect();
    let fit = match &p.fit {
        Err(reason) => undefined(reason),
        Ok(f) => json!({ "g_squared": f.g_squared, "df": f.df, "p": f.p, "p_drawn": f.p_drawn }),
    };
    let tastes = match &p.tastes {
        Err(reason) => undefined(reason),
        Ok(all) => all
            .iter()
            .map(|t| json!({ "share": t.share, "theta": t.theta, "log_likelihood": t.log_likelihood, "bic": t.bic }))
            .collect(),
    };
    let groups: Vec<Value> = p
        .groups
        .iter()
        .map(|g| match &g.test {
            Err(reason) => json!({ "attribute": g.attribute, "reason": reason.to_string() }),
            Ok(t) => json!({
                "attribute": g.attribute,
                "groups": g.names,
                "theta": t.theta,
                "likelihood_ratio": t.likelihood_ratio,
                "df": t.df,
                "p": t.p,
                "p_permuted": t.p_permuted,
            }),
        })
        .collect();
    json!({
        "read_as": p.read_as,
        "n_comparisons": p.n_comparisons.0,
        "n_ties": p.n_comparisons.1,
        "n_passed_over": p.passed_over,
        "n_components": p.n_components,
        "prior": p.bradley_terry.as_ref().ok().map(|m| m.prior),
        "tie_parameter": p.davidson.as_ref().ok().map(|m| m.tie),
        "options": options,
        "fit": fit,
        "circular_triads": { "circular": p.circular.0, "all": p.circular.1 },
        "tastes": tastes,
        "best_number_of_tastes": p.best_number_of_tastes(),
        "groups": groups,
        "strengths": super::strengths::strengths_json(p),
        "within": super::strengths::within_json(p),
    })
}

pub(super) fn preferences_blocks(found: &Result<Preferences, Undefined>) -> Vec<Block> {
    let p = match found {
        Err(reason) => return vec![Block::Note(format!("— {reason}"))],
        Ok(preferences) => preferences,
    };
    let theta = |values: Option<&Vec<f64>>, i: usize| optional(values.and_then(|v| v.get(i)).copied());
    let rows = p.order().into_iter().take(SHOWN).map(|i| {
        let [won, tied, lost] = p.options[i].won_tied_lost;
        vec![
            p.options[i].name.clone(),
            theta(p.bradley_terry.as_ref().ok().map(|m| &m.theta), i),
            theta(p.noisy.as_ref().ok().map(|m| &m.theta), i),
            theta(p.elo.as_ref().ok().map(|m| &m.rating), i),
            count(won),
            count(tied),
            count(lost),
        ]
    });
    let head = ["option", "Bradley–Terry θ", "with slips", "Elo", "won", "tied", "lost"];
    let title = format!("{} comparisons. {}", count(p.n_comparisons.0), p.read_as);
    let mut blocks = vec![table(&title, &head, 1, rows.collect())];
    more(&mut blocks, p.options.len(), "the JSON report");
    let fit = match &p.fit {
        Err(reason) => format!("Whether one scale fits: — {reason}"),
        Ok(f) => format!(
            "Whether one scale fits: G² {} on {} degrees of freedom, p {}; {} of {} triples go round in a circle.",
            rounded(f.g_squared),
            f.df,
            rounded(f.p_drawn.unwrap_or(f.p)),
            count(p.circular.0),
            count(p.circular.1)
        ),
    };
    blocks.push(Block::Note(fit));
    if p.n_components > 1 {
        blocks.push(Block::Note(format!(
            "{} groups of options do not beat each other both ways; worths have a prior.",
            count(p.n_components)
        )));
    }
    match (&p.tastes, p.best_number_of_tastes()) {
        (Ok(tastes), Some(best)) => {
            let all: Vec<String> = tastes.iter().map(|t| format!("{:.1}", t.bic)).collect();
            let words = format!("Tastes: {best} by BIC ({} for 1 to {}).", all.join(", "), tastes.len());
            blocks.push(Block::Note(words));
        }
        (Err(reason), _) => blocks.push(Block::Note(format!("Tastes: — {reason}"))),
        _ => {}
    }
    for g in &p.groups {
        blocks.push(Block::Note(match &g.test {
            Err(reason) => format!("By {}: — {reason}", g.attribute),
            Ok(t) => format!(
                "By {} ({}): likelihood ratio {} on {} degrees of freedom, p {}.",
                g.attribute,
                g.names.join(", "),
                rounded(t.likelihood_ratio),
                t.df,
                rounded(t.p_permuted.unwrap_or(t.p))
            ),
        }));
    }
    blocks.extend(super::strengths::strengths_blocks(p));
    blocks.extend(super::strengths::within_blocks(p));
    blocks
}
