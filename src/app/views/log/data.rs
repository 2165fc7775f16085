//! The numbers before and after the review.

use std::sync::Arc;

use super::{LogState, Tab, audit, before};
use crate::analysis::audit_estimates::{EstimatesReport, Target};
use crate::analysis::before_after::BeforeAfter;
use crate::app::document::Document;
use crate::app::tidy::{Data, Perhaps, of_found};
use crate::dataset::{Dataset, LabelId, NO_LABEL};

impl LogState {
    /// What makes them.
    pub(in crate::app) fn data(&self, doc: &Document) -> Perhaps {
        if self.tab == Tab::Decisions {
            return Err("File, Export log as CSV, writes the decisions, one row each".to_owned());
        }
        if doc.edits().is_empty() {
            return Err("Nothing was decided yet".to_owned());
        }
        if self.tab == Tab::Audit {
            let dataset = Arc::clone(&doc.dataset);
            return of_found(audit::report(doc), move |report| estimates(&dataset, report));
        }
        let dataset = Arc::clone(&doc.dataset);
        of_found(before::report(doc), move |report| data(&dataset, report))
    }
}

/// Each number three ways, and its budget.
fn estimates(dataset: &Dataset, report: &EstimatesReport) -> Data {
    let mut data = Data::default();
    for e in &report.estimates {
        let name = match &e.target {
            Target::Given => "given labels are right".to_owned(),
            Target::Judge(name) => format!("{name} is right"),
            Target::Share(label) => format!("{} is right", dataset.labels.name(*label)),
            Target::Mean => "mean".to_owned(),
        };
        let mut at = data.at("estimates", &name, "");
        at.stat("audit_alone", &e.plain);
        match &e.powered {
            Ok(m) => at.between("prediction_powered", m.value, Some(m.ci)),
            Err(reason) => at.undefined("prediction_powered", &reason.to_string()),
        };
        match &e.controlled {
            Ok(m) => at.between("control_variate", m.value, Some(m.ci)),
            Err(reason) => at.undefined("control_variate", &reason.to_string()),
        };
        for (looks, alone, with) in &e.budget {
            let mut at = data.at("budget", &name, &looks.to_string());
            at.number("half_alone", *alone).number("half_with", *with);
        }
    }
    for t in &report.trust {
        let mut at = data.at("trust", &t.model, "");
        let found = match &t.trust {
            Ok(found) => found,
            Err(reason) => {
                at.undefined("weight", &reason.to_string());
                continue;
            }
        };
        at.number("weight", found.gate)
            .number("log_loss", found.loss)
            .number("log_loss_of_model", found.loss_of_model)
            .number("log_loss_of_both", found.loss_of_both)
            .count("otherwise", t.otherwise.len());
        for (truth, row) in found.called.iter().enumerate() {
            for (given, &share) in row.iter().enumerate() {
                let names = [truth, given].map(|l| dataset.labels.name(l as LabelId));
                data.at("called", names[0], names[1]).number(&t.model, share);
            }
        }
    }
    data
}

fn data(dataset: &Dataset, report: &BeforeAfter) -> Data {
    let mut data = Data::default();
    for c in &report.changes {
        data.at(c.measure.part.words(), c.measure.words, "")
            .stat("before", &c.before.value)
            .stat("now", &c.now.value)
            .stat("difference", &c.difference());
    }
    let name = |l: LabelId| if l == NO_LABEL { "no label" } else { dataset.labels.name(l) };
    for l in &report.labels {
        data.at("Labels", name(l.label), "")
            .count("before", l.before)
            .count("now", l.now)
            .number("difference", l.now as f64 - l.before as f64);
    }
    for f in &report.flow {
        data.at("What became what", name(f.from), &f.to.words(dataset)).count("items", f.items.len());
    }
    data
}
