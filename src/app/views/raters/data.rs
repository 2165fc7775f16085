//! The numbers that the view of raters shows.

use std::sync::Arc;

use super::{RatersState, Tab, model};
use crate::analysis::Analysis;
use crate::analysis::judge_validation::Suspect;
use crate::analysis::practice::PracticeReport;
use crate::analysis::scale_use::ScaleUseReport;
use crate::analysis::tastes::{Of, TastesReport};
use crate::app::document::Document;
use crate::app::tidy::{Data, NOT_YET, Perhaps, of_perhaps};
use crate::dataset::Dataset;
use crate::report::judging::map_words;
use crate::stats::scale_use::Rescaling;

impl RatersState {
    /// What makes them.
    pub(in crate::app) fn data(&self, doc: &Document) -> Perhaps {
        if doc.dataset.raters.anonymous {
            return Err("The source gives votes without saying whose they are".to_owned());
        }
        let dataset = Arc::clone(&doc.dataset);
        match self.tab {
            Tab::Agreement => {
                let (Some(analysis), Some(derived)) = (doc.analysis.clone(), doc.derived.clone()) else {
                    return Err(NOT_YET.to_owned());
                };
                let turned = doc.panels.turned();
                let turned =
                    turned.and_then(|found| found.as_ref().as_ref().ok().cloned()).unwrap_or_default();
                Ok(Box::new(move || agreement(&dataset, &analysis, &derived.raters, &turned)))
            }
            Tab::Scale => of_perhaps(doc.panels.scale_use().as_deref(), move |r| scale(&dataset, r)),
            Tab::Practice => of_perhaps(doc.panels.practice().as_deref(), move |r| courses(&dataset, r)),
            Tab::Tastes => match doc.panels.tastes().as_deref() {
                Some(Ok(r)) if r.asked.of != self.tastes.of(doc) => Err(NOT_YET.to_owned()),
                found => of_perhaps(found, move |r| tastes(&dataset, r)),
            },
        }
    }
}

fn name(dataset: &Dataset, rater: u32) -> &str {
    dataset.raters.names.get(rater as usize).map_or("", String::as_str)
}

/// The map, pair by pair in its order, the ranking, and whose labels look turned round.
fn agreement(dataset: &Dataset, analysis: &Analysis, m: &model::Raters, turned: &[Suspect]) -> Data {
    let mut data = Data::default();
    for (i, &a) in m.order.iter().enumerate() {
        for &b in &m.order[i + 1..] {
            let Some(cell) = m.cell(a, b) else { continue };
            data.at("map", name(dataset, a), name(dataset, b))
                .optional("cohen_kappa", cell.kappa, "only one label is used")
                .optional("cohen_kappa_shrunk", cell.shrunk, "kappa is undefined")
                .number("agreement", cell.percent)
                .count("shared_items", cell.n);
        }
    }
    for (rater, s) in (0..).zip(analysis.raters.iter()) {
        let row = name(dataset, rater);
        let mut at = data.at("ranking", row, "");
        at.count("votes", s.n_annotations)
            .stat("competence", &s.dawid_skene_accuracy)
            .stat("agreement_with_majority", &s.agreement_with_majority);
        if m.median_duration_s.is_some() {
            at.optional("median_duration_s", s.median_duration_s, "no vote has a time");
        }
        if let Some(bias) = m.bias.get(rater as usize).copied().flatten() {
            at.words("bias_label", dataset.labels.name(bias.label)).number("bias_points", bias.points);
        }
        if let Some(s) = turned.iter().find(|s| s.rater == rater) {
            let names = |label: u32| dataset.labels.name(label).to_owned();
            at.words("warning", &map_words(&names, &s.map))
                .number("kappa", s.map.kappa)
                .number("kappa_read_so", s.map.kappa_max);
        }
        for (label, &n) in (0..).zip(&s.label_counts) {
            data.at("labels given", row, dataset.labels.name(label)).count("votes", n);
        }
    }
    data
}

/// Each rater's numbers, and how often they gave each stretch of the scale; alpha before and after it is put on one scale.
fn scale(dataset: &Dataset, r: &ScaleUseReport) -> Data {
    let mut data = Data::default();
    for row in &r.raters {
        let (rater, used) = (name(dataset, row.used.rater), &row.used);
        let alone = "nobody else rated the same items";
        data.at("raters", rater, "")
            .count("ratings", used.n)
            .number("mean", used.mean)
            .optional("sd", used.sd, "a single rating")
            .number("share_at_the_lowest", used.ends.0)
            .number("share_at_the_highest", used.ends.1)
            .optional("above_others", used.severity.map(|s| s.mean), alone)
            .optional("p_adjusted", used.severity.and_then(|s| s.adjusted), alone)
            .optional("tau_with_others", row.tau.map(|t| t.0), "no pair has one");
        for (bin, &n) in r.bins.iter().zip(&used.counts) {
            data.at("ratings by stretch", rater, bin).count("ratings", n);
        }
    }
    data.at("alpha", "all votes", "").perhaps("interval_alpha", r.alpha.as_ref().copied());
    for compared in &r.compared {
        let how = match compared.how {
            Rescaling::AsGiven => "as given",
            Rescaling::StandardScore => "standard scores",
            Rescaling::MidRank => "mid-ranks",
        };
        data.at("alpha", how, "").perhaps("interval_alpha", compared.alpha.as_ref().copied());
    }
    data
}

fn courses(dataset: &Dataset, r: &PracticeReport) -> Data {
    let mut data = Data::default();
    data.at("curve", "", "").stat("slope", &r.found.slope).number("start", r.found.start);
    for (at, point) in r.found.curve.iter().enumerate() {
        data.at("curve", &(at + 1).to_string(), "").number("share_right", point.mean).optional(
            "standard_error",
            point.se,
            "one rater only",
        );
    }
    for course in &r.raters {
        let few = "too few answers";
        data.at("raters", name(dataset, course.rater), "")
            .count("answers", course.n)
            .count("right", course.n_right)
            .optional("share_right_first", course.first, few)
            .optional("slope", course.slope, few)
            .optional("share_right_last", course.last, few);
    }
    data
}

/// Dimensions, and every point at its scores.
fn tastes(dataset: &Dataset, r: &TastesReport) -> Data {
    let mut data = Data::default();
    let dimension = |at: usize| format!("dimension {}", at + 1);
    for (at, d) in r.found.dimensions.iter().enumerate() {
        data.at("dimensions", &dimension(at), "")
            .number("share", d.share)
            .number("share_by_chance", d.by_chance)
            .words("kept", if at < r.found.n_kept { "1" } else { "0" });
    }
    for (at, d) in r.found.dimensions.iter().enumerate() {
        for (&row, &score) in r.rows.iter().zip(&d.scores) {
            let name = match r.asked.of {
                Of::Raters => name(dataset, row),
                Of::Scales => dataset.keys.get(row as usize),
            };
            data.at("points", name, &dimension(at)).number("score", score);
        }
    }
    data
}
