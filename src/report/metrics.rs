//! Metrics against people, for programs and for people.

use serde_json::{Value, json};

use super::json::undefined;
use super::outline::{Block, SHOWN, count, defined, more, optional, p_value, rounded, table};
use crate::analysis::metrics::{MetricRow, MetricsReport};
use crate::stats::metric_reliability::{Level, OrderTest, Three, TwoMetrics};
use crate::stats::{Statistic, Undefined};

fn three(three: &Three) -> Value {
    json!({ "pearson": three[0], "spearman": three[1], "kendall_tau_b": three[2] })
}

fn level(level: &Level, names: &dyn Fn(usize) -> Value) -> Value {
    json!({
        "correlation": three(&level.three),
        "pairs_ordered_alike": level.pairs.map(|p| p.share),
        "pairs_tied_by_people": level.pairs.map(|p| p.n_tied),
        "no_spread": level.no_spread,
        "without_far_off": level.without_far.as_ref().map(|w| json!({
            "far_off": w.far.iter().take(SHOWN).map(|&(at, z)| json!({ "which": names(at), "robust_z": z })).collect::<Vec<_>>(),
            "n_far_off": w.far.len(),
            "correlation": three(&w.three),
            "change": (0..3).map(|i| change(&level.three[i], &w.three[i])).collect::<Vec<_>>(),
        })),
    })
}

/// What leaving out those far off changes.
pub fn change(with: &Statistic, without: &Statistic) -> Option<f64> {
    Some(without.value()? - with.value()?)
}

fn test(t: &OrderTest) -> Value {
    json!({ "p": t.p, "least_p": t.least, "n_orders": t.n_orders, "exact": t.is_exact })
}

fn metric(r: &MetricsReport, row: &MetricRow) -> Value {
    let item = |at: usize| json!(at);
    json!({
        "metric": row.name,
        "n_items": row.n,
        "items": level(&row.found.items, &item),
        "within_sources": row.found.within.as_ref().map(|w| json!({
            "correlation": three(&w.three), "n_sources": w.n_sources, "n_constant": w.n_constant,
        })),
        "systems": row.found.systems.as_ref().map(|s| {
            let name = |at: usize| json!(s.means.get(at).and_then(|m| r.systems.get(m.0 as usize)));
            let mut told = level(&s.level, &name);
            told["means"] = s.means.iter().map(|m| json!({
                "system": r.systems.get(m.0 as usize), "people": m.1, "metric": m.2,
            })).collect();
            told["orders"] = s.tests.as_ref().map_or(Value::Null, |t| json!({
                "pearson": test(&t[0]), "spearman": test(&t[1]), "kendall_tau_b": test(&t[2]),
            }));
            told
        }),
        "auc": row.auc,
        "n_not_numbers": row.n_unread,
        "pearson_without_peoples_noise": row.corrected,
        "n_ranked_apart": row.apart.len(),
    })
}

/// The section of the report for programs.
pub(super) fn metrics_json(found: &Result<MetricsReport, Undefined>) -> Value {
    let r = match found {
        Err(reason) => return undefined(reason),
        Ok(r) => r,
    };
    let name = |at: usize| r.rows.get(at).map(|row| &row.name);
    json!({
        "people": r.human,
        "reliability_of_people": r.reliability.as_ref().map_or_else(undefined, |v| json!(v)),
        "n_items": r.n_items,
        "n_majorities_tied": r.n_tied,
        "system_column": r.by[0],
        "source_column": r.by[1],
        "n_systems": r.systems.len(),
        "n_sources": r.n_sources,
        "metrics": r.rows.iter().map(|row| metric(r, row)).collect::<Vec<_>>(),
        "best_two": r.best.as_ref().map(|(which, found)| {
            let mut told = match found {
                Err(reason) => undefined(reason),
                Ok(t) => json!({
                    "r": t.r,
                    "r_between": t.between,
                    "n": t.n,
                    "williams_t": t.williams.as_ref().ok().map(|w| w.0),
                    "williams_p": t.williams.as_ref().ok().map(|w| w.1),
                    "difference_ci": t.ci,
                }),
            };
            told["metrics"] = json!(which.map(name));
            told
        }),
        "between_metrics": r.between.iter().enumerate().flat_map(|(a, row)| {
            row.iter().enumerate().skip(a + 1).map(move |(b, rho)| json!({
                "metrics": [name(a), name(b)], "spearman": rho,
            }))
        }).collect::<Vec<_>>(),
        "perturbed": r.perturbed.iter().map(|p| json!({
            "metric": p.metric, "column": p.column, "n": p.n, "mean_drop": p.mean_drop, "share_that_drop": p.share,
            "n_that_do_not": p.blind.len(),
        })).collect::<Vec<_>>(),
    })
}

/// How the two best metrics compare, in a sentence.
pub fn best_words(r: &MetricsReport) -> Option<String> {
    let (which, found) = r.best.as_ref()?;
    let [a, b] = which.map(|at| r.rows.get(at).map_or("", |row| row.name.as_str()));
    Some(match found {
        Err(reason) => format!("{a} and {b} cannot be compared: {reason}."),
        Ok(t) => {
            let own = format!("{a} has |r| = {:.3}, {b} {:.3}, on {} items", t.r[0], t.r[1], count(t.n));
            format!("{own}: {}.", difference_words(t))
        }
    })
}

fn difference_words(t: &TwoMetrics) -> String {
    let interval = t.ci.map(|(low, high)| format!("the difference is {low:.3} to {high:.3}"));
    match &t.williams {
        Ok((value, p)) => {
            let p = p_value(Some(*p));
            let own = format!(
                "Williams’ t = {value:.2}, p {}",
                if p.starts_with('<') { p } else { format!("= {p}") }
            );
            interval.map_or(own.clone(), |i| format!("{own}; {i}"))
        }
        Err(reason) => {
            interval.map_or_else(|| reason.to_string(), |i| format!("{i}, by resampling ({reason})"))
        }
    }
}

fn with_interval(s: &Statistic) -> String {
    match s.estimate().and_then(|e| e.ci) {
        Some((low, high)) => format!("{} ({low:.2} … {high:.2})", defined(s)),
        None => defined(s),
    }
}

/// The same for people.
pub(super) fn metrics_blocks(found: &Result<MetricsReport, Undefined>) -> Vec<Block> {
    let r = match found {
        Err(reason) => return vec![Block::Note(format!("Metrics: — {reason}"))],
        Ok(r) => r,
    };
    let (noisy, unread) = (r.reliability.is_ok(), r.rows.iter().any(|row| row.n_unread > 0));
    let is_two = r.rows.iter().any(|row| row.auc.is_some());
    let rows = r.rows.iter().take(SHOWN).map(|row| {
        let level = &row.found.items;
        let mut cells = vec![row.name.clone()];
        cells.extend(level.three.iter().map(with_interval));
        cells.push(optional(level.pairs.map(|p| p.share)));
        cells.push(count(row.n));
        if noisy {
            cells.push(optional(row.corrected));
        }
        if unread {
            cells.push(count(row.n_unread));
        }
        if is_two {
            cells.push(row.auc.as_ref().map_or_else(|| "—".to_owned(), with_interval));
        }
        cells
    });
    let mut head = vec!["metric", "r", "ρ", "τ_b", "pairs", "items"];
    if noisy {
        head.push("r/√rel");
    }
    if unread {
        head.push("not numbers");
    }
    if is_two {
        head.push("AUC");
    }
    let mut blocks =
        vec![table(&format!("Metrics against people ({}), over items", r.human), &head, 1, rows.collect())];
    more(&mut blocks, r.rows.len(), "the JSON report");
    if let Some(by) = &r.by[1] {
        let rows = r.rows.iter().take(SHOWN).filter_map(|row| {
            let w = row.found.within.as_ref()?;
            let mut cells = vec![row.name.clone()];
            cells.extend(w.three.iter().map(with_interval));
            cells.extend([count(w.n_sources), count(w.n_constant)]);
            Some(cells)
        });
        let head = ["metric", "r", "ρ", "τ_b", "sources", "constant, passed over"];
        blocks.push(table(&format!("Within sources ({by}), mean"), &head, 1, rows.collect()));
    }
    if let Some(by) = &r.by[0] {
        let rows = r.rows.iter().take(SHOWN).filter_map(|row| {
            let s = row.found.systems.as_ref()?;
            let mut cells = vec![row.name.clone()];
            cells.extend(s.level.three.iter().map(with_interval));
            cells.push(optional(s.level.pairs.map(|p| p.share)));
            cells.push(p_value(s.tests.as_ref().map(|t| t[1].p)));
            cells.push(s.tests.as_ref().map_or_else(|| "—".to_owned(), |t| format!("{:.4}", t[1].least)));
            Some(cells)
        });
        let caption = format!("Over {} systems ({by})", count(r.systems.len()));
        blocks.push(table(
            &caption,
            &["metric", "r", "ρ", "τ_b", "pairs", "p of ρ", "least p"],
            1,
            rows.collect(),
        ));
    }
    let far = r.rows.iter().take(SHOWN).flat_map(|row| {
        let systems = row.found.systems.as_ref().map(|s| ("systems", &s.level));
        std::iter::once(("items", &row.found.items)).chain(systems).filter_map(move |(what, level)| {
            let w = level.without_far.as_ref()?;
            let mut cells = vec![row.name.clone(), what.to_owned(), count(w.far.len())];
            for i in 0..3 {
                cells.push(defined(&w.three[i]));
                cells.push(
                    change(&level.three[i], &w.three[i])
                        .map_or_else(|| "—".to_owned(), |d| format!("{d:+.3}")),
                );
            }
            Some(cells)
        })
    });
    let far: Vec<Vec<String>> = far.collect();
    if far.is_empty() {
        let why = if r.rows.iter().any(|row| row.found.items.no_spread) {
            "Nobody can be called far off: half of people's scores are the same."
        } else {
            "No item and no system is far off."
        };
        blocks.push(Block::Note(why.to_owned()));
    } else {
        let head = ["metric", "of", "far off", "r", "Δ", "ρ", "Δ", "τ_b", "Δ"];
        blocks.push(table("Without those far off (robust z of people's score above 2.5)", &head, 2, far));
    }
    if let Ok(reliability) = &r.reliability {
        let words = format!(
            "Means of people’s votes have a reliability of {}: no metric is expected above {}.",
            rounded(*reliability),
            if *reliability > 0.0 { rounded(reliability.sqrt()) } else { "0".to_owned() }
        );
        blocks.push(Block::Note(words));
    }
    blocks.extend(best_words(r).map(Block::Note));
    let n = r.rows.len();
    let same: Vec<String> = (0..n)
        .flat_map(|a| (a + 1..n).map(move |b| (a, b)))
        .filter_map(|(a, b)| Some((a, b, r.between[a][b].filter(|rho| rho.abs() >= 0.9)?)))
        .take(SHOWN)
        .map(|(a, b, rho)| format!("{} and {} (ρ {})", r.rows[a].name, r.rows[b].name, rounded(rho)))
        .collect();
    if !same.is_empty() {
        blocks.push(Block::Note(format!("Metrics that say nearly the same: {}.", same.join(", "))));
    }
    if !r.perturbed.is_empty() {
        let rows = r.perturbed.iter().map(|p| {
            vec![p.metric.clone(), p.column.clone(), count(p.n), rounded(p.mean_drop), rounded(p.share)]
        });
        let head = ["metric", "spoiled", "items", "mean drop", "share that drop"];
        blocks.push(table("Spoiled items", &head, 2, rows.collect()));
    }
    blocks
}
