//! The numbers that the view of aggregation shows.

use std::sync::Arc;

use super::{LabState, Tab};
use crate::analysis::lab::Lab;
use crate::analysis::preferences::Preferences;
use crate::analysis::score_rewards::ScoreRewards;
use crate::analysis::what_wins::WhatWins;
use crate::app::document::Document;
use crate::app::tidy::{Data, Perhaps, of_found, of_perhaps};
use crate::dataset::Dataset;

impl LabState {
    /// What makes them.
    pub(in crate::app) fn data(&self, doc: &Document) -> Perhaps {
        let by =
            |option: &str| Err(format!("dissensus analyze {option} --format json writes this tab’s numbers"));
        match self.tab(doc) {
            Tab::Methods => {
                let dataset = Arc::clone(&doc.dataset);
                of_found(doc.panels.lab(), move |lab| methods(&dataset, lab))
            }
            Tab::Soft => Err("File, Soft labels as CSV, writes a distribution an item".to_owned()),
            Tab::Sets => by("--candidate-sets"),
            Tab::Candidate => by("--candidate WHO"),
            Tab::Certificate => by("--certificate"),
            Tab::Preferences => of_perhaps(doc.panels.preferences().as_deref(), preferences),
            Tab::WhatWins => of_perhaps(doc.panels.what_wins().as_deref(), properties),
            Tab::Scores => of_perhaps(doc.panels.score_rewards().as_deref(), flags),
        }
    }
}

/// Options and their worths; counted wins against added-up strengths.
fn preferences(p: &Preferences) -> Data {
    let mut data = Data::default();
    for (i, option) in p.options.iter().enumerate() {
        let [won, tied, lost] = option.won_tied_lost;
        data.at("options", &option.name, "")
            .perhaps("bradley_terry", p.bradley_terry.as_ref().map(|m| m.theta[i]))
            .perhaps("noisy_bradley_terry", p.noisy.as_ref().map(|m| m.theta[i]))
            .perhaps("elo", p.elo.as_ref().map(|m| m.rating[i]))
            .count("won", won)
            .count("tied", tied)
            .count("lost", lost);
    }
    let name = |at: u32| p.options.get(at as usize).map_or("", |o| o.name.as_str());
    match &p.strengths {
        Ok(strengths) => {
            for pair in &strengths.pairs {
                let (first, second) = (name(pair.options.0), name(pair.options.1));
                data.at("counted and added up", first, second)
                    .between("share_of_wins", pair.found.wins.0, Some(pair.found.wins.1))
                    .between("mean_strength", pair.found.strength.0, pair.found.strength.1)
                    .number("p_conflict", pair.found.drawn.2)
                    .words("verdict", pair.found.verdict.words());
            }
        }
        Err(reason) => {
            data.at("counted and added up", "", "").undefined("mean_strength", &reason.to_string());
        }
    }
    data
}

/// What each flag costs.
fn flags(s: &ScoreRewards) -> Data {
    let mut data = Data::default();
    let unknown = "raters are not known, or the flags tell the same";
    for row in &s.rows {
        let mut at = data.at("flags", &row.name, "");
        at.between("cost", row.cost.0, row.cost.1)
            .number("r_squared_lost_without", row.gain)
            .optional("cost_within_raters", row.within, unknown)
            .number("prevalence", row.prevalence)
            .optional("share_of_short_texts", row.by_length.map(|l| l.0), "there are no texts")
            .optional("share_of_long_texts", row.by_length.map(|l| l.1), "there are no texts")
            .stat("krippendorff_alpha", &row.alpha);
    }
    data.at("fit", &s.score, "").number("intercept", s.fit.intercept).number("r_squared", s.fit.r_squared);
    for (alpha, weights) in &s.path {
        let penalty = format!("{alpha}");
        for (row, weight) in s.rows.iter().zip(weights) {
            data.at("path", &row.name, &penalty).number("cost", *weight);
        }
    }
    data
}

/// Properties of two sides: weights and concordance, the lean to a side, what weights of one's own are worth.
fn properties(w: &WhatWins) -> Data {
    let mut data = Data::default();
    let none = "both sides always have as much of it";
    for row in &w.rows {
        let mut at = data.at("properties", &row.name, "");
        match &row.weight {
            Some(weight) => at
                .between("weight", weight.joint, Some(weight.ci))
                .number("weight_alone", weight.alone)
                .number("gain", weight.gain),
            None => {
                at.undefined("weight", w.weights.as_ref().err().map_or(none, |_| "no weights were fitted"))
            }
        };
        at.optional("s", row.all.score(), none);
        if let Some((p, ci)) = row.all.share() {
            at.between("winner_has_more", p, Some(ci));
        }
        if let Some((people, models)) = &row.sides {
            at.optional("s_of_people", people.score(), none).optional("s_of_models", models.score(), none);
        }
    }
    match &w.factors {
        Some(Ok(f)) => f.rows.iter().for_each(|row| {
            let mut at = data.at("factors", &row.name, "");
            at.number("worth", row.worth).number("won", row.won_lost.0).number("lost", row.won_lost.1);
        }),
        Some(Err(reason)) => {
            data.at("factors", "", "").undefined("worth", &reason.to_string());
        }
        None => {}
    }
    let mut at = data.at("side", &w.sides.0, &w.sides.1);
    match &w.weights {
        Ok(weights) => at.between("lean_to_the_first", weights.side.0, Some(weights.side.1)),
        Err(reason) => at.undefined("lean_to_the_first", &reason.to_string()),
    };
    let mut at = data.at("people and models", "", "");
    at.perhaps("order_tau_b", w.order.as_ref().copied());
    let mut at = data.at("tastes", "", "");
    match &w.personal {
        Ok(p) => at.number("auc_of_all", p.shared).number("auc_of_ones_own", p.own),
        Err(reason) => at.undefined("auc_of_all", &reason.to_string()),
    };
    data
}

/// Methods, how each two of them differ, and what each thinks of each rater.
fn methods(dataset: &Dataset, lab: &Lab) -> Data {
    let mut data = Data::default();
    for m in &lab.methods {
        let name = m.which.row().name;
        let o = match &m.outcome {
            Ok(o) => o,
            Err(reason) => {
                data.at("methods", name, "").undefined("accuracy_vs_gold", &reason.to_string());
                continue;
            }
        };
        let none = "it has no probabilities";
        data.at("methods", name, "")
            .stat("accuracy_vs_gold", &o.accuracy_vs_gold)
            .count("items_other_than_majority", o.n_other_than_majority)
            .optional("mean_confidence", o.mean_confidence, none)
            .optional("mean_entropy_bits", o.mean_entropy_bits, none)
            .count("iterations", o.iterations);
    }
    let name = |at: usize| lab.methods.get(at).map_or("", |m| m.which.row().name);
    for d in &lab.differences {
        data.at("differences", name(d.first), name(d.second)).count("items", d.n_items).optional(
            "divergence_bits",
            d.divergence_bits,
            "one has no probabilities, or there are too many",
        );
    }
    for m in &lab.methods {
        let Ok(o) = &m.outcome else { continue };
        for (rater, skill) in dataset.raters.names.iter().zip(&o.skill) {
            data.at("skills", m.which.row().name, rater).optional("skill", *skill, "no vote");
        }
    }
    data
}
