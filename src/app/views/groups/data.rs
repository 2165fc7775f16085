//! The numbers that groups, batches and conditions show.

use std::sync::Arc;

use super::{GroupsState, Tab};
use crate::analysis::conditions::ConditionsReport;
use crate::analysis::covariates::CovariatesReport;
use crate::analysis::drift::DriftReport;
use crate::analysis::rater_groups::{GroupPair, GroupsReport};
use crate::app::document::Document;
use crate::app::tidy::{At, Data, NOT_YET, Perhaps, of_found};
use crate::dataset::Dataset;
use crate::stats::Undefined;
use crate::stats::rater_groups::GapTest;

const NO_P: &str = "it was not tested";

impl GroupsState {
    /// What makes them.
    pub(in crate::app) fn data(&self, doc: &Document) -> Perhaps {
        let dataset = Arc::clone(&doc.dataset);
        let panels = &doc.panels;
        let undefined = |reason: Option<Undefined>| {
            Err(reason.map_or_else(|| NOT_YET.to_owned(), |why| format!("Undefined: {why}")))
        };
        match self.tab(doc) {
            Tab::Raters(_) => match self.report(doc) {
                found @ Some(_) => of_found(found, move |r| groups(&dataset, r)),
                None => undefined(panels.groups().and_then(|f| f.as_ref().as_ref().err().cloned())),
            },
            Tab::Batches(_) => match self.drift(doc) {
                found @ Some(_) => of_found(found, move |r| batches(&dataset, r)),
                None => undefined(panels.drift().and_then(|f| f.as_ref().as_ref().err().cloned())),
            },
            Tab::Conditions(_) => match self.conditions(doc) {
                found @ Some(_) => of_found(found, conditions),
                None => undefined(panels.conditions().and_then(|f| f.as_ref().as_ref().err().cloned())),
            },
            Tab::Properties(_) => match self.covariates(doc) {
                found @ Some(_) => of_found(found, properties),
                None => undefined(panels.covariates().and_then(|f| f.as_ref().as_ref().err().cloned())),
            },
        }
    }
}

fn groups(dataset: &Dataset, r: &GroupsReport) -> Data {
    let mut data = Data::default();
    for (value, n) in r.values.iter().zip(&r.n_raters) {
        data.at("groups", value, "").count("raters", *n);
    }
    for pair in &r.pairs {
        let [a, b] = pair.groups.map(|g| r.values.get(g).map_or("", String::as_str));
        apart(&mut data.at("pairs", a, b), pair);
        for l in &pair.labels {
            let part = format!("share of {}", dataset.labels.name(l.label));
            gap(&mut data.at(&part, a, b), &l.found, l.adjusted);
        }
    }
    for served in &r.juries {
        let [pool, target] = [served.pool, served.target].map(|g| r.values.get(g).map_or("", String::as_str));
        for seats in &served.seats {
            let part = format!("juries of {}", seats.seats);
            let mut at = data.at(&part, pool, target);
            match &seats.agreement {
                Ok((mean, points)) => at.between("agreement", *mean, Some(*points)),
                Err(reason) => at.undefined("agreement", &reason.to_string()),
            };
        }
    }
    data
}

fn gap(at: &mut At<'_>, found: &GapTest, adjusted: Option<f64>) {
    at.number("difference", found.gap).count("items", found.n_items).optional("p_adjusted", adjusted, NO_P);
}

fn apart(at: &mut At<'_>, pair: &GroupPair) {
    match &pair.gap {
        Ok(found) => gap(at, found, pair.adjusted[0]),
        Err(reason) => {
            at.undefined("difference", &reason.to_string());
        }
    }
    match &pair.apart {
        Ok(h) => at
            .number("differ_within", h.within)
            .number("differ_between", h.between)
            .number("phi", h.phi)
            .optional("phi_p_adjusted", pair.adjusted[1], NO_P),
        Err(reason) => at.undefined("phi", &reason.to_string()),
    };
}

fn batches(dataset: &Dataset, r: &DriftReport) -> Data {
    let mut data = Data::default();
    for batch in &r.found.batches {
        let name = r.names.get(batch.batch as usize).map_or("", String::as_str);
        let (all, shared) = (batch.all.as_ref(), batch.shared.as_ref());
        let (first, none) = ("the first batch", "no item in common with the first batch");
        data.at("batches", name, "")
            .count("votes", batch.n_votes)
            .optional("distance_from_first", all.map(|d| d.tvd), first)
            .optional("p_adjusted", all.and_then(|d| d.adjusted), NO_P)
            .optional("distance_on_shared_items", shared.map(|d| d.tvd), none);
        for (&label, &share) in r.found.labels.iter().zip(&batch.shares) {
            data.at("labels", name, dataset.labels.name(label)).number("share", share);
        }
    }
    data
}

fn conditions(r: &ConditionsReport) -> Data {
    let mut data = Data::default();
    for c in &r.conditions {
        data.at("conditions", &c.name, "")
            .count("items", c.n_items)
            .count("ratings", c.n_ratings)
            .stat("krippendorff_alpha", &c.alpha)
            .perhaps("reliability", c.reliability.as_ref().copied());
    }
    for pair in &r.pairs {
        let [a, b] = pair.conditions.map(|c| r.conditions[c].name.as_str());
        data.at("pairs", a, b)
            .stat("pearson", &pair.found.pearson)
            .stat("pearson_corrected", &pair.found.corrected)
            .stat("spearman", &pair.found.spearman)
            .stat("kendall", &pair.found.kendall)
            .stat("mean_shift", &pair.found.mean_shift)
            .count("moved", pair.n_moved);
    }
    for c in &r.conditions {
        for (thing, mean) in r.things.iter().zip(&c.means) {
            if let Some(mean) = mean {
                data.at("points", thing, &c.name).number("mean", *mean);
            }
        }
    }
    data
}

fn properties(r: &CovariatesReport) -> Data {
    let mut data = Data::default();
    for row in &r.rows {
        data.at("properties", &row.name, "")
            .optional("difference_or_correlation", row.size(), "nothing varies")
            .optional("p_adjusted", row.p(), NO_P);
        for bar in &row.bars {
            data.at("mean disagreement", &row.name, &bar.name).number("mean", bar.mean).count("items", bar.n);
        }
    }
    data
}
