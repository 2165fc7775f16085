//! People against models, for programs and for people.

use serde_json::{Value, json};

use super::Subject;
use super::json::undefined;
use super::outline::{Block, SHOWN, count, defined, more, optional, rounded, table};
use crate::analysis::categories::CategoriesReport;
use crate::analysis::models::{ModelReport, ModelsReport};
use crate::stats::category_reliability::Zone;
use crate::stats::human_distribution::Range;
use crate::stats::label_ranking::K;
use crate::stats::{Statistic, Undefined};

fn range(r: &Range) -> Value {
    json!({ "mean": r.mean, "low": r.low, "high": r.high })
}

fn model_json(subject: &Subject, model: &ModelReport) -> Value {
    let calibration = match &model.calibration {
        Err(reason) => undefined(reason),
        Ok(c) => json!({
            "n_items": c.items.len(),
            "dist_ce": c.distance,
            "ent_ce_signed": c.entropy_signed,
            "ent_ce_absolute": c.entropy_absolute,
            "rank_cs": c.ranked,
            "rank_cs_ties_by_label": c.ranked_by_index,
            "accuracy": c.accuracy,
            "accuracy_ties_to_the_first": c.accuracy_lowest,
            "ece": c.ece,
            "ece_ties_to_the_first": c.ece_lowest,
            "reliability": c.bins.iter().map(|b| json!({
                "above": b.low, "to": b.high, "n": b.items.len(), "confidence": b.confidence, "accuracy": b.accuracy,
            })).collect::<Vec<_>>(),
            "histogram": c.by_distance.iter().map(|items| items.len()).collect::<Vec<_>>(),
            "n_tied_majority": c.n_tied_majority,
            "n_tied_votes": c.n_tied_votes,
            "n_tied_predictions": c.n_tied_predictions,
            "n_single_votes": c.n_single,
            "n_without_votes": c.n_without_votes,
            "n_bad_rows": c.n_bad_rows,
        }),
    };
    let disagreement = match &model.disagreement {
        Err(reason) => undefined(reason),
        Ok(d) => json!({
            "var_corr": d.var_corr,
            "dist_align": d.dist_align,
            "n_disagreed": d.n_disagreed,
            "n_with_two_votes": d.n_pairable,
        }),
    };
    let targets = match &model.targets {
        Err(reason) => undefined(reason),
        Ok(t) => json!({
            "kl": t.kl,
            "cross_entropy": t.cross_entropy,
            "jensen_shannon_bits": t.jensen_shannon,
            "total_variation": t.distance,
            "n_raised": t.n_clipped,
            "k_best": t.k_best.iter().map(|k| json!({
                "k": k.k, "accuracy": k.accuracy, "single_consensus": k.strict, "mass": k.mass,
                "mean_recall": k.mean_recall, "n_ties_at_the_edge": k.n_boundary_ties,
            })).collect::<Vec<_>>(),
            "by_entropy": model.by_entropy.iter().enumerate().map(|(slice, s)| json!({
                "slice": slice, "n": s.items.len(), "kl": s.kl, "jensen_shannon_bits": s.jensen_shannon,
                "accuracy": s.accuracy.first(),
            })).collect::<Vec<_>>(),
        }),
    };
    let uncertainty = match &model.uncertainty {
        Err(reason) => undefined(reason),
        Ok(u) => json!({
            "n_items": u.items.len(),
            "scores": u.rows.iter().map(|r| json!({
                "score": r.score.name(), "spearman": r.spearman, "pearson": r.pearson, "p_value": r.p_value,
            })).collect::<Vec<_>>(),
            "r2_adjusted": u.regression.as_ref().ok().map(|r| r.r2_adjusted),
        }),
    };
    let ranking = match &model.ranking {
        Err(reason) => undefined(reason),
        Ok(r) => json!({
            "k": K,
            "ndcg": r.ndcg,
            "pair_accuracy": r.pairs,
            "n_without_ideal": r.n_without_ideal,
            "n_without_pair": r.n_without_pair,
            "worst": subject.keys(r.worst.get(..100).unwrap_or(&r.worst)),
        }),
    };
    json!({
        "name": model.name,
        "calibration": calibration,
        "disagreement": disagreement,
        "targets": targets,
        "uncertainty": uncertainty,
        "ranking_of_labels": ranking,
        "farthest": subject.keys(model.farthest.get(..100).unwrap_or(&model.farthest)),
    })
}

/// The section of the report for programs.
pub(super) fn models_json(subject: &Subject, found: &Result<ModelsReport, Undefined>) -> Value {
    let r = match found {
        Err(reason) => return undefined(reason),
        Ok(r) => r,
    };
    let ceiling = match &r.ceiling {
        Err(reason) => undefined(reason),
        Ok(c) => json!({
            "n_items": c.n_items,
            "repeats": c.repeats,
            "dist_ce": range(&c.distance),
            "ent_ce_signed": c.entropy_signed.as_ref().map(range),
            "ent_ce_absolute": c.entropy_absolute.as_ref().map(range),
            "rank_cs": range(&c.ranked),
            "rank_cs_ties_by_label": range(&c.ranked_by_index),
            "accuracy": range(&c.accuracy),
            "ece": range(&c.ece),
        }),
    };
    let halves = match &r.halves {
        Err(reason) => undefined(reason),
        Ok((corr, distance)) => {
            json!({ "var_corr": corr.as_ref().map(range), "dist_align": range(distance) })
        }
    };
    let attainable = match &r.attainable {
        Err(reason) => undefined(reason),
        Ok(a) => json!({
            "alpha": a.fit.alpha,
            "var_corr": range(&a.var_corr),
            "var_corr_sd": a.var_corr_sd,
            "dist_align": range(&a.dist_align),
            "draws": a.draws,
            "n_items": a.n_items,
        }),
    };
    let support = r.support.as_ref().map(|(column, s)| {
        json!({
            "column": column,
            "n_items": s.items.len(),
            "mean": s.mean,
            "below_half": s.minority,
            "n_half": s.n_half,
            "n_unsupported": s.n_unsupported,
            "n_without_label": s.n_without_gold,
            "n_without_votes": s.n_without_votes,
        })
    });
    json!({
        "n_people": r.n_people,
        "n_items": r.n_items,
        "n_votes": r.n_votes,
        "models": r.models.iter().map(|m| model_json(subject, m)).collect::<Vec<_>>(),
        "people_against_people": ceiling,
        "people_as_judges": halves,
        "attainable": attainable,
        "support": support,
    })
}

fn mean(r: Option<&Range>) -> String {
    optional(r.map(|r| r.mean))
}

/// The same for people.
pub(super) fn models_blocks(subject: &Subject, found: &Result<ModelsReport, Undefined>) -> Vec<Block> {
    let r = match found {
        Err(reason) => return vec![Block::Note(format!("People against models: — {reason}"))],
        Ok(r) => r,
    };
    let mut rows: Vec<Vec<String>> = r
        .models
        .iter()
        .map(|m| {
            let c = m.calibration.as_ref().ok();
            let of = |s: Option<&Statistic>| s.map_or_else(|| "—".to_owned(), defined);
            vec![
                m.name.clone(),
                of(c.map(|c| &c.distance)),
                of(c.map(|c| &c.entropy_signed)),
                of(c.map(|c| &c.ranked)),
                of(c.map(|c| &c.accuracy)),
                of(c.map(|c| &c.ece)),
                of(m.targets.as_ref().ok().map(|t| &t.jensen_shannon)),
                of(m.disagreement.as_ref().ok().map(|d| &d.var_corr)),
            ]
        })
        .collect();
    let c = r.ceiling.as_ref().ok();
    rows.push(vec![
        "half of the people".to_owned(),
        mean(c.map(|c| &c.distance)),
        mean(c.and_then(|c| c.entropy_signed.as_ref())),
        mean(c.map(|c| &c.ranked)),
        mean(c.map(|c| &c.accuracy)),
        mean(c.map(|c| &c.ece)),
        "—".to_owned(),
        mean(r.halves.as_ref().ok().and_then(|h| h.0.as_ref())),
    ]);
    let a = r.attainable.as_ref().ok();
    let mut known = vec!["—".to_owned(); 8];
    "who knew the true shares".clone_into(&mut known[0]);
    known[1] = mean(a.map(|a| &a.dist_align));
    known[7] = mean(a.map(|a| &a.var_corr));
    rows.push(known);
    let title = format!(
        "Models against {} people ({} votes on {} items)",
        count(r.n_people),
        count(r.n_votes),
        count(r.n_items)
    );
    let head = ["", "DistCE", "EntCE", "RankCS", "accuracy", "ECE", "JSD bits", "VarCorr"];
    let mut blocks = vec![table(&title, &head, 1, rows)];
    let rows = r.models.iter().filter_map(|m| {
        let of = m.ranking.as_ref().ok()?;
        let left_out = count(of.n_without_ideal);
        Some(vec![m.name.clone(), defined(&of.ndcg), defined(&of.pairs), left_out, count(of.n_without_pair)])
    });
    let head = ["", "NDCG@3", "pairs in order", "without a vote", "without a pair"];
    blocks.push(table("Ranking of labels, votes as grades", &head, 1, rows.collect()));
    for m in &r.models {
        if let Ok(u) = &m.uncertainty {
            let rows = u.rows.iter().map(|s| vec![s.score.name(), defined(&s.spearman), defined(&s.pearson)]);
            let title = format!("What of {} follows people’s disagreement", m.name);
            blocks.push(table(&title, &["score", "Spearman", "Pearson"], 1, rows.collect()));
        }
        let shown = m.farthest.iter().take(SHOWN);
        let rows = shown.map(|&i| {
            let of = m.calibration.as_ref().ok();
            let at = of.and_then(|c| {
                let place = c.items.binary_search_by_key(&i, |s| s.item).ok()?;
                Some(c.items[place].distance)
            });
            vec![subject.dataset.keys.get(i as usize).to_owned(), at.map_or("—".to_owned(), rounded)]
        });
        let title = format!("Farthest from people: {}", m.name);
        blocks.push(table(&title, &["item", "distance"], 1, rows.collect()));
        more(&mut blocks, m.farthest.len(), "the window");
    }
    if let Some((column, s)) = &r.support {
        blocks.push(Block::Note(format!(
            "Votes behind “{column}”: mean share {}; below one half on {} of the items; nobody voted for it on {}.",
            defined(&s.mean),
            defined(&s.minority),
            count(s.n_unsupported)
        )));
    }
    blocks
}

fn zone(zone: Zone) -> &'static str {
    match zone {
        Zone::Automate => "may be automated",
        Zone::Review => "to be reviewed",
        Zone::Define => "to be defined better",
        Zone::Unknown => "unknown",
    }
}

/// Categories, for programs.
pub(super) fn categories_json(found: &Result<CategoriesReport, Undefined>) -> Value {
    let r = match found {
        Err(reason) => return undefined(reason),
        Ok(r) => r,
    };
    let points = r.found.points.iter().map(|p| {
        json!({
            "name": p.name,
            "human_human": p.human_human,
            "human_model": p.human_model,
            "prevalence": p.prevalence,
            "n_positive": p.n_positive,
            "zone": zone(p.zone),
        })
    });
    json!({
        "people": r.people,
        "models": r.models,
        "categories": points.collect::<Vec<_>>(),
        "pearson": r.found.pearson,
        "pearson_p": r.found.pearson_p,
        "spearman": r.found.spearman,
        "spearman_p": r.found.spearman_p,
        "replicates": r.replicates,
    })
}

/// The same for people.
pub(super) fn categories_blocks(found: &Result<CategoriesReport, Undefined>) -> Vec<Block> {
    let r = match found {
        Err(reason) => return vec![Block::Note(format!("Categories: — {reason}"))],
        Ok(r) => r,
    };
    let rows = r.found.points.iter().map(|p| {
        vec![
            p.name.clone(),
            defined(&p.human_human),
            defined(&p.human_model),
            optional(p.prevalence),
            count(p.n_positive),
            zone(p.zone).to_owned(),
        ]
    });
    let head = ["category", "κ people", "κ with models", "prevalence", "positive", "zone"];
    let mut blocks = vec![table("Which categories may be left to a model", &head, 1, rows.collect())];
    blocks.push(Block::Note(format!(
        "Over categories: Pearson’s r {}, Spearman’s ρ {}.",
        defined(&r.found.pearson),
        defined(&r.found.spearman)
    )));
    blocks
}
