//! The numbers that the view of label errors shows.

use std::sync::Arc;

use super::{ErrorsState, Shown, Tab};
use crate::analysis::Analysis;
use crate::app::document::Document;
use crate::app::tidy::{Data, NOT_YET, Perhaps};
use crate::dataset::Dataset;
use crate::stats::Undefined;
use crate::stats::confident::{ConfidentLearning, Filter, PAPER_FILTERS, PaperLearning};

/// Cells of a list that are put into words at once, at most.
const MOST_CELLS: usize = 50_000;

type Paper = Arc<Result<PaperLearning, Undefined>>;

impl ErrorsState {
    /// What makes them: the joint, filters, health and labels that are taken for each other; or the list of the tab, as it is shown.
    pub(in crate::app) fn data(&self, doc: &Document) -> Perhaps {
        let tab = self.tab(doc);
        if tab == Tab::Learned {
            let analysis = doc.analysis.clone().ok_or_else(|| NOT_YET.to_owned())?;
            if let Err(reason) = analysis.confident.as_ref() {
                return Err(format!("Undefined: {reason}"));
            }
            let (dataset, paper) = (Arc::clone(&doc.dataset), doc.panels.paper());
            return Ok(Box::new(move || learned(&dataset, &analysis, paper.as_ref())));
        }
        let name = tab.words().1;
        let listed = self.with_sheet(doc, |sheet| {
            let (columns, rows) = (sheet.columns(), sheet.n_rows());
            if rows.saturating_mul(columns.len()) > MOST_CELLS {
                return Err("The list is too long for a table of a view: dissensus analyze writes it whole"
                    .to_owned());
            }
            let mut data = Data::default();
            for row in 0..rows {
                let number = (row + 1).to_string();
                for (at, column) in columns.iter().enumerate().filter(|(_, c)| !c.title.is_empty()) {
                    data.at(name, &number, "").words(column.title, &sheet.cell(row, at).spoken());
                }
            }
            Ok(data)
        });
        match listed {
            Shown::Is(data) => {
                let data = data?;
                Ok(Box::new(move || data))
            }
            Shown::Undefined(reason) => Err(format!("Undefined: {reason}")),
            Shown::NotYet => Err(NOT_YET.to_owned()),
        }
    }
}

fn learned(dataset: &Dataset, analysis: &Analysis, paper: Option<&Paper>) -> Data {
    let Ok(c) = analysis.confident.as_ref() else { return Data::default() };
    let mut data = Data::default();
    let label = |l: usize| dataset.labels.name(l as u32);
    for (given, row) in c.calibrated_joint.iter().enumerate() {
        for (truth, &n) in row.iter().enumerate() {
            data.at("joint: given, estimated true", label(given), label(truth)).count("items", n);
        }
    }
    filters(&mut data, c, paper);
    data.at("health", "", "")
        .number("health", c.health_score)
        .count("labelled_items", c.rows.len())
        .count("errors_off_the_joint", c.num_off_diagonal)
        .count("errors_off_the_calibrated_joint", c.num_off_diagonal_calibrated);
    for h in &c.per_label {
        let threshold = c.thresholds.get(h.label as usize).copied().filter(|t| *t <= 1.0);
        data.at("labels", dataset.labels.name(h.label), "")
            .optional("threshold", threshold, "no item has the label")
            .count("wrong", h.label_issues)
            .optional("quality", h.quality, "no item has the label");
    }
    for o in c.overlapping.iter().filter(|o| o.n > 0) {
        data.at("taken for each other", dataset.labels.name(o.a), dataset.labels.name(o.b))
            .count("items", o.n)
            .number("joint_probability", o.joint_probability);
    }
    data
}

fn filters(data: &mut Data, c: &ConfidentLearning, paper: Option<&Paper>) {
    let paper = paper.and_then(|p| p.as_ref().as_ref().ok());
    for (at, filter) in Filter::ALL.iter().enumerate() {
        let of_paper = PAPER_FILTERS.iter().position(|f| f == filter);
        let flagged = of_paper.zip(paper).map(|(at, paper)| paper.flagged[at].len() as f64);
        data.at("filters", filter.words().0, "")
            .count("as_cleanlab", c.counts[at])
            .count("tied_at_the_cut", c.ties_at_cut[at])
            .optional("as_the_paper", flagged, "the paper has no such filter, or it is not computed");
    }
}
