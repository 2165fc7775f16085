//! The numbers that people against models show.

use std::sync::Arc;

use super::{ModelsState, Tab, categories, is_there};
use crate::analysis::benchmark::BenchmarkReport;
use crate::analysis::categories::CategoriesReport;
use crate::analysis::difficulty::{DifficultyReport, QUADRANTS};
use crate::analysis::judge_validation::JudgingReport;
use crate::analysis::metrics::MetricsReport;
use crate::analysis::models::{ModelReport, ModelsReport};
use crate::analysis::per_rater::PerRaterReport;
use crate::analysis::routing::RoutingReport;
use crate::app::document::Document;
use crate::app::tidy::{Data, Perhaps, of_perhaps};
use crate::dataset::Dataset;
use crate::report::tables;
use crate::stats::human_distribution::Range;
use crate::stats::judge_validation::Measure;

impl ModelsState {
    /// What makes them.
    pub(in crate::app) fn data(&self, doc: &Document) -> Perhaps {
        if !is_there(doc) {
            return Err("There is no model or metric to hold against people".to_owned());
        }
        let dataset = Arc::clone(&doc.dataset);
        match self.tab(doc) {
            Tab::Distributions => of_perhaps(doc.panels.models().as_deref(), distributions),
            Tab::Categories => of_perhaps(doc.panels.categories().as_deref(), points),
            Tab::Judges => of_perhaps(doc.panels.judging().as_deref(), move |r| judges(&dataset, r)),
            Tab::Benchmark => of_perhaps(doc.panels.benchmark().as_deref(), places),
            Tab::Routing => of_perhaps(doc.panels.routing().as_deref(), move |r| orders(&dataset, r)),
            Tab::Metrics => of_perhaps(doc.panels.metrics().as_deref(), metrics),
            Tab::Difficulty => {
                of_perhaps(doc.panels.difficulty().as_deref(), move |r| difficulty(&dataset, r))
            }
            Tab::PerRater => of_perhaps(doc.panels.per_rater().as_deref(), move |r| detectors(&dataset, r)),
        }
    }
}

/// The table of models, what people reach, and the three plots of each model.
fn distributions(r: &ModelsReport) -> Data {
    let mut data = Data::default();
    for model in &r.models {
        numbers(&mut data, model);
    }
    match &r.ceiling {
        Ok(c) => {
            for (measure, range) in
                [("distance", &c.distance), ("order", &c.ranked), ("right", &c.accuracy), ("ece", &c.ece)]
            {
                ranged(&mut data, "half of the people", measure, range);
            }
            if let Some(range) = &c.entropy_signed {
                ranged(&mut data, "half of the people", "entropy", range);
            }
        }
        Err(reason) => {
            data.at("models", "half of the people", "").undefined("distance", &reason.to_string());
        }
    }
    if let Ok((Some(var_corr), _)) = &r.halves {
        ranged(&mut data, "half of the people", "var_corr", var_corr);
    }
    for model in &r.models {
        plots(&mut data, model);
    }
    data
}

/// Each judge's row, its parts, and what people reach.
fn judges(dataset: &Dataset, r: &JudgingReport) -> Data {
    let mut data = Data::default();
    let measure = match r.measure {
        Measure::Kappa => "kappa",
        Measure::Rho => "rho",
    };
    for place in &r.board.places {
        let Some(judge) = r.judges.get(place.judge) else { continue };
        let mut at = data.at("judges", &judge.name, "");
        match place.value {
            Some(value) => at.between(measure, value, place.ci),
            None => at.undefined(measure, "it has no value"),
        };
        at.number("first", place.first).count("parted", judge.parted.len());
        if let Some(map) = &judge.map {
            at.number("kappa_read_best", map.kappa_max);
        }
        for (part, found) in &judge.parts {
            let mut at = data.at("judges by part", &judge.name, part);
            match &found.value {
                Ok(value) => at.number(measure, *value),
                Err(reason) => at.undefined(measure, &reason.to_string()),
            };
        }
    }
    for (judge, choices) in r.judges.iter().zip(r.choices.iter().flat_map(|c| &c.judges)) {
        for p in &choices.people {
            let person = dataset.raters.names.get(p.rater as usize).map_or("", String::as_str);
            data.at("judges by person", &judge.name, person)
                .number("same_label", p.share)
                .count("items", p.n);
        }
    }
    for (name, found) in [("one against the others", r.ceilings.left_out), ("included", r.ceilings.included)]
    {
        if let Some(found) = found {
            data.at("people", name, "").number(measure, found.mean);
        }
    }
    data
}

/// Each metric at each level, with and without those far off; metrics with each other; spoiled items.
fn metrics(r: &MetricsReport) -> Data {
    let mut data = Data::default();
    let names = ["r", "rho", "tau_b"];
    for row in &r.rows {
        let systems = row.found.systems.as_ref();
        let levels = [("items", Some(&row.found.items)), ("systems", systems.map(|s| &s.level))];
        for (part, level) in levels {
            let Some(level) = level else { continue };
            let mut at = data.at(part, &row.name, "");
            for (name, s) in names.iter().zip(&level.three) {
                at.stat(name, s);
            }
            at.optional("pairs_ordered_alike", level.pairs.map(|p| p.share), "people tie every pair");
            if let Some(without) = &level.without_far {
                let mut at = data.at(&format!("{part} without those far off"), &row.name, "");
                for (name, s) in names.iter().zip(&without.three) {
                    at.stat(name, s);
                }
                at.count("far_off", without.far.len());
            }
        }
        if let Some(within) = &row.found.within {
            let mut at = data.at("within sources", &row.name, "");
            for (name, s) in names.iter().zip(&within.three) {
                at.stat(name, s);
            }
            at.count("sources", within.n_sources).count("constant", within.n_constant);
        }
        for (name, test) in names.iter().zip(systems.and_then(|s| s.tests.as_ref()).into_iter().flatten()) {
            let mut at = data.at("orders of systems", &row.name, name);
            at.number("p", test.p).number("least_p", test.least).count("orders", test.n_orders);
        }
        for (system, human, metric) in systems.into_iter().flat_map(|s| &s.means) {
            let name = r.systems.get(*system as usize).map_or("", String::as_str);
            data.at("means of systems", &row.name, name).number("people", *human).number("metric", *metric);
        }
        if let Some(auc) = &row.auc {
            data.at("items", &row.name, "").stat("auc", auc);
        }
    }
    for (a, row) in r.between.iter().enumerate() {
        for (b, rho) in row.iter().enumerate().skip(a + 1) {
            let names = [a, b].map(|at| r.rows.get(at).map_or("", |row| row.name.as_str()));
            data.at("metrics with each other", names[0], names[1]).optional(
                "rho",
                *rho,
                "one of the two is constant",
            );
        }
    }
    for p in &r.perturbed {
        let mut at = data.at("spoiled items", &p.metric, &p.column);
        at.number("mean_drop", p.mean_drop).number("share_that_drop", p.share).count("items", p.n);
    }
    data
}

/// Correlations, quadrants, conditions, and every item.
fn difficulty(dataset: &Dataset, r: &DifficultyReport) -> Data {
    let mut data = Data::default();
    for pair in &r.pairs {
        data.at("items", pair.name, "").stat("rho", &pair.items[0]).stat("r", &pair.items[1]);
        if let Some([rho, r]) = &pair.conditions {
            data.at("means of conditions", pair.name, "").stat("rho", rho).stat("r", r);
        }
    }
    if let Ok(q) = &r.quadrants {
        for (name, items) in QUADRANTS.iter().zip(&q.items) {
            data.at("quadrants", name, "").count("items", items.len());
        }
    }
    for c in r.conditions.iter().flat_map(|c| &c.1) {
        data.at("conditions", &c.name, "")
            .count("items", c.items.len())
            .optional("people", c.means[0], "no item")
            .optional("models", c.means[1], "no model answered")
            .optional("log_seconds", c.means[2], "no time is known");
    }
    for i in &r.items {
        data.at("difficulty", dataset.keys.get(i.item as usize), "")
            .number("people", i.people)
            .optional("models", i.models, "no model answered")
            .optional("b", i.b, "there is no trusted label")
            .optional("item_rest_r", i.rest, "it does not vary, or too few answered it")
            .optional("log_seconds", i.log_time, "no time is known");
    }
    data
}

/// Accuracies of the models, and where two change places.
fn places(r: &BenchmarkReport) -> Data {
    let mut data = Data::default();
    for ((name, m), (was, now)) in r.models.iter().zip(&r.found.models).zip(&r.overall) {
        let measures = [
            ("original", *was),
            ("now", *now),
            ("upheld", m.upheld),
            ("corrected_by_original", m.original),
            ("corrected_by_corrected", m.corrected),
        ];
        for (measure, value) in measures {
            let mut at = data.at("accuracy", name, "");
            match value {
                Some(value) => at.number(measure, value),
                None => at.undefined(measure, "no such item"),
            };
        }
    }
    for swap in &r.found.swaps {
        let [first, second] =
            [swap.models.0, swap.models.1].map(|m| r.models.get(m).map_or("", String::as_str));
        let mut at = data.at("change of place", first, second);
        match swap.at {
            Some(value) => at.between("prevalence", value, swap.ci),
            None => at.undefined("prevalence", "they change places in some draws only"),
        };
        at.number("share_of_draws", swap.share);
    }
    data
}

fn ranged(data: &mut Data, row: &str, measure: &str, range: &Range) {
    data.at("models", row, "").between(measure, range.mean, Some((range.low, range.high)));
}

fn numbers(data: &mut Data, model: &ModelReport) {
    let mut at = data.at("models", &model.name, "");
    match &model.calibration {
        Ok(c) => at
            .stat("distance", &c.distance)
            .stat("entropy", &c.entropy_signed)
            .stat("order", &c.ranked)
            .stat("right", &c.accuracy)
            .stat("ece", &c.ece),
        Err(reason) => at.undefined("distance", &reason.to_string()),
    };
    match &model.targets {
        Ok(t) => at.stat("jensen_shannon_bits", &t.jensen_shannon),
        Err(reason) => at.undefined("jensen_shannon_bits", &reason.to_string()),
    };
    match &model.ranking {
        Ok(r) => at.stat("ndcg_at_3", &r.ndcg).stat("pairs_in_order", &r.pairs),
        Err(reason) => at.undefined("ndcg_at_3", &reason.to_string()),
    };
    match &model.disagreement {
        Ok(d) => at.stat("var_corr", &d.var_corr),
        Err(reason) => at.undefined("var_corr", &reason.to_string()),
    };
}

fn plots(data: &mut Data, model: &ModelReport) {
    let name = &model.name;
    if let Ok(c) = &model.calibration {
        for bin in &c.bins {
            let range = format!("{} to {}", tables::number(bin.low), tables::number(bin.high));
            data.at("how sure, how right", name, &range)
                .count("items", bin.items.len())
                .optional("confidence", bin.confidence, "no item is as sure")
                .optional("right", bin.accuracy, "no item is as sure");
        }
        let n = c.by_distance.len().max(1) as f64;
        for (at, items) in c.by_distance.iter().enumerate() {
            let edge = |at: usize| tables::number(at as f64 / n);
            let range = format!("{} to {}", edge(at), edge(at + 1));
            data.at("distance from people", name, &range).count("items", items.len());
        }
    }
    match &model.uncertainty {
        Ok(u) => {
            for row in &u.rows {
                data.at("follows disagreement", name, &row.score.name()).stat("spearman", &row.spearman);
            }
        }
        Err(reason) => {
            data.at("follows disagreement", name, "").undefined("spearman", &reason.to_string());
        }
    }
    for (at, slice) in model.by_entropy.iter().enumerate().filter(|(_, s)| !s.items.is_empty()) {
        let what = if at == 0 { "all agree".to_owned() } else { format!("they disagree, part {at}") };
        let mut row = data.at("where people", name, &what);
        row.count("items", slice.items.len());
        if let Some(right) = slice.accuracy.first() {
            row.stat("right", right);
        }
    }
}

fn points(r: &CategoriesReport) -> Data {
    let mut data = Data::default();
    for point in &r.found.points {
        data.at("categories", &point.name, "")
            .stat("kappa_people", &point.human_human)
            .stat("kappa_people_model", &point.human_model)
            .optional("prevalence", point.prevalence, "no person answered")
            .count("positive_answers", point.n_positive)
            .words("zone", categories::zone(point.zone));
    }
    data
}

fn detectors(dataset: &Dataset, r: &PerRaterReport) -> Data {
    let mut data = Data::default();
    let rater = |at: usize| {
        let number = r.raters.get(at).copied().unwrap_or(u32::MAX) as usize;
        dataset.raters.names.get(number).map_or("", String::as_str)
    };
    for (name, detector) in r.detectors.iter().zip(&r.found.detectors) {
        for (at, row) in detector.raters.iter().enumerate() {
            let best = row.best.as_ref().map(|b| b.f1).map_err(Clone::clone);
            let chosen = row.chosen.as_ref().map(|c| c.f1).map_err(Clone::clone);
            data.at("detectors", name, rater(at))
                .count("units", row.n_units)
                .count("marked", row.n_marked)
                .perhaps("average_precision", row.average_precision.as_ref().copied())
                .perhaps("best_f1", best.as_ref().copied())
                .perhaps("f1", chosen.as_ref().copied());
        }
    }
    for (at, ceiling) in r.found.ceilings.iter().enumerate() {
        let others = ceiling.human_f1.as_ref().map(|s| s.mean);
        data.at("raters", rater(at), "")
            .perhaps("f1_of_others", others)
            .stat("prevalence", &ceiling.prevalence);
    }
    data
}

/// The curve by budget, properties, and the items of each order in their places.
fn orders(dataset: &Dataset, r: &RoutingReport) -> Data {
    let mut data = Data::default();
    match &r.learned {
        Err(reason) => {
            data.at("learned", "", "").undefined("accuracy", &reason.to_string());
        }
        Ok(learned) => {
            let name = learned.machine.name(dataset);
            data.at("learned", &name, "")
                .count("labelled", learned.n_known)
                .count("wrong", learned.n_wrong)
                .count("waiting", learned.n_open)
                .optional("people_right", learned.person, "nobody can be held against others");
            match &learned.order {
                Err(reason) => {
                    data.at("learned", &name, "").undefined("area", &reason.to_string());
                }
                Ok(order) => {
                    data.at("learned", &name, "")
                        .number("area", order.routed.area)
                        .number("area_in_sample", order.routed.area_in_sample);
                    for step in &order.routed.curve {
                        data.at("curve", &name, &format!("{:.4}", step.share))
                            .number("accuracy", step.learned)
                            .number("random", step.random)
                            .number("best", step.best)
                            .number("in_sample", step.in_sample);
                    }
                    for row in &order.rows {
                        data.at("properties", &row.name, "")
                            .number("weight", row.weight)
                            .count("labelled", row.n)
                            .count("wrong", row.n_wrong)
                            .count("items", row.items.len());
                    }
                    in_order(&mut data, dataset, "worklist", &order.worklist);
                }
            }
        }
    }
    match &r.below {
        Err(reason) => {
            data.at("below the knee", "", "").undefined("labels", &reason.to_string());
        }
        Ok(b) => {
            let name = b.model.name(dataset);
            let knee = b.bend.and_then(|bend| b.margins.get(bend.knee).copied());
            data.at("below the knee", &name, "").count("labels", b.margins.len()).optional(
                "knee",
                knee,
                "the margins lie on a line",
            );
            in_order(&mut data, dataset, "below the knee", &b.items);
        }
    }
    match &r.differing {
        Err(reason) => {
            data.at("two that differ", "", "").undefined("differ", &reason.to_string());
        }
        Ok(d) => {
            data.at("two that differ", &d.pair.0.name(dataset), &d.pair.1.name(dataset))
                .count("both", d.n_both)
                .count("differ", d.n_differ);
            in_order(&mut data, dataset, "two that differ", &d.items);
        }
    }
    match &r.decisive {
        Err(reason) => {
            data.at("decisive first", "", "").undefined("divergence", &reason.to_string());
        }
        Ok(d) => {
            let (first, second) = (d.pair.0.name(dataset), d.pair.1.name(dataset));
            let mut at = data.at("decisive first", &first, &second);
            at.count("known_outcomes", d.n_tied.1).count("ties", d.n_tied.0);
            match &d.saved {
                Err(reason) => {
                    at.undefined("ties_saved", &reason.to_string());
                }
                Ok(saved) => saved.iter().for_each(|s| {
                    at.between(&format!("ties_saved_{:.0}", 100.0 * s.share), s.saved, Some(s.ci));
                }),
            }
            for (&item, &score) in d.items.iter().zip(&d.scores) {
                data.at("decisive first", dataset.keys.get(item as usize), "").number("divergence", score);
            }
        }
    }
    data
}

fn in_order(data: &mut Data, dataset: &Dataset, part: &str, items: &[u32]) {
    for (place, &item) in items.iter().enumerate() {
        data.at(part, dataset.keys.get(item as usize), "").count("place", place + 1);
    }
}
