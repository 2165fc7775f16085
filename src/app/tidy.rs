//! The numbers behind a view as CSV: one row a number, so that every view has the same columns.
//!
//! A view says in its `data` what it shows, as a [`Making`] of what was computed already; the table is made and written by a job. Views
//! in which something is hidden from a reviewer, and those that only list items, have none and say why.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::jobs::JobError;
use super::state::View;
use super::widgets::paint::count;
use super::{App, JobKey, Outcome, views};
use crate::report::tables::number;
use crate::report::write_beside;
use crate::review::export_log::defused;
use crate::stats::{Statistic, Undefined};

/// Columns: the plot or table of the view, what the number is of (two names in a matrix), what it is, and the number with its interval,
/// how many it rests on, and why there is none.
pub const HEADER: [&str; 9] =
    ["part", "row", "column", "measure", "value", "ci_low", "ci_high", "n", "reason"];

/// What makes the table, on a worker.
pub type Making = Box<dyn FnOnce() -> Data + Send>;
/// That, or why there is none.
pub type Perhaps = Result<Making, String>;

/// Why there is nothing to write while something is still computed.
pub const NOT_YET: &str = "It is still computed: save it when it is there";

/// One row a number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Data {
    rows: Vec<[String; HEADER.len()]>,
}

impl Data {
    /// The numbers of one mark: of `row`, and in a matrix of `column`, in a plot or table called `part`.
    pub fn at(&mut self, part: &str, row: &str, column: &str) -> At<'_> {
        At { data: self, place: [part, row, column].map(str::to_owned) }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Writes it; cells that a spreadsheet would run are defused.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write(&self, out: impl Write) -> csv::Result<()> {
        let mut csv = csv::Writer::from_writer(out);
        csv.write_record(HEADER)?;
        for row in &self.rows {
            csv.write_record(row.iter().map(|cell| defused(cell).into_owned()))?;
        }
        csv.flush()?;
        Ok(())
    }
}

/// Where numbers go.
#[derive(Debug)]
pub struct At<'a> {
    data: &'a mut Data,
    place: [String; 3],
}

impl At<'_> {
    fn push(&mut self, measure: &str, rest: [String; 5]) -> &mut Self {
        let [part, row, column] = self.place.clone();
        let [value, low, high, n, reason] = rest;
        self.data.rows.push([part, row, column, measure.to_owned(), value, low, high, n, reason]);
        self
    }

    /// A statistic with its interval and number of items, or its reason.
    pub fn stat(&mut self, measure: &str, of: &Statistic) -> &mut Self {
        let none = String::new;
        let rest = match of {
            Statistic::Defined(e) => {
                let (low, high) = e.ci.map_or_else(|| (none(), none()), |(a, b)| (number(a), number(b)));
                let n = if e.n_items > 0 { e.n_items.to_string() } else { none() };
                [number(e.value), low, high, n, none()]
            }
            Statistic::Undefined(reason) => [none(), none(), none(), none(), reason.to_string()],
        };
        self.push(measure, rest)
    }

    /// How many.
    pub fn count(&mut self, measure: &str, n: impl TryInto<u64>) -> &mut Self {
        let n: u64 = n.try_into().unwrap_or_default();
        self.words(measure, &n.to_string())
    }

    /// A number.
    pub fn number(&mut self, measure: &str, value: f64) -> &mut Self {
        self.optional(measure, Some(value), "")
    }

    /// A number, or why there is none.
    pub fn optional(&mut self, measure: &str, value: Option<f64>, why: &str) -> &mut Self {
        match value.filter(|v| v.is_finite()) {
            Some(v) => self.words(measure, &number(v)),
            None => self.undefined(measure, why),
        }
    }

    /// A number with its interval.
    pub fn between(&mut self, measure: &str, value: f64, ci: Option<(f64, f64)>) -> &mut Self {
        let (low, high) = ci.map_or_else(Default::default, |(a, b)| (number(a), number(b)));
        self.push(measure, [number(value), low, high, String::new(), String::new()])
    }

    /// A number, or the reason.
    pub fn perhaps(&mut self, measure: &str, value: Result<f64, &Undefined>) -> &mut Self {
        match value {
            Ok(v) => self.number(measure, v),
            Err(reason) => self.undefined(measure, &reason.to_string()),
        }
    }

    /// Words.
    pub fn words(&mut self, measure: &str, words: &str) -> &mut Self {
        self.push(measure, [words.to_owned(), String::new(), String::new(), String::new(), String::new()])
    }

    /// Why there is no number.
    pub fn undefined(&mut self, measure: &str, why: &str) -> &mut Self {
        self.push(measure, [String::new(), String::new(), String::new(), String::new(), why.to_owned()])
    }
}

/// What a view has once `found` is computed: made of it, or why it is not there.
pub(super) fn of_found<T: Send + Sync + 'static>(
    found: Option<Arc<T>>,
    make: impl FnOnce(&T) -> Data + Send + 'static,
) -> Perhaps {
    let found = found.ok_or_else(|| NOT_YET.to_owned())?;
    Ok(Box::new(move || make(&found)))
}

/// The same of what may be undefined.
pub(super) fn of_perhaps<T: Send + Sync + 'static>(
    found: Option<&Result<Arc<T>, Undefined>>,
    make: impl FnOnce(&T) -> Data + Send + 'static,
) -> Perhaps {
    match found {
        Some(Err(reason)) => Err(format!("Undefined: {reason}")),
        Some(Ok(found)) => of_found(Some(Arc::clone(found)), make),
        None => Err(NOT_YET.to_owned()),
    }
}

impl App {
    /// What makes the data of the view that has the keyboard, or why it has none.
    fn view_data(&self) -> Perhaps {
        let Some(doc) = self.document() else { return Err("Open a dataset first".to_owned()) };
        let no = |why: &str| Err(why.to_owned());
        match self.view {
            View::Overview => views::overview::data::of_view(doc),
            View::Raters => self.raters.data(doc),
            View::Agreement => self.agreement.data(doc),
            View::Aggregation => self.lab.data(doc),
            View::Errors => self.errors.data(doc),
            View::Compare => self.compare.data(doc),
            View::Groups => self.groups.data(doc),
            View::Models => self.models.data(doc),
            View::Versions => self.versions.data(doc),
            View::Log => self.log.data(doc),
            View::Label => {
                no("The nutrition label is saved whole, numbers included: File, Save nutrition label")
            }
            View::Items => {
                no("It lists items and has no plot of its own: dissensus analyze --items writes their table")
            }
            View::Review => no("It shows one item, and what is hidden from a reviewer stays hidden"),
            View::Grid => no("It shows items, not numbers: dissensus analyze --items writes their table"),
            View::Queues => no("It plans queues: what is decided in them is in the log"),
            View::Conflicts => {
                no("dissensus log conflicts --format csv writes what reviewers decided, side by side")
            }
        }
    }

    /// Writes the data of the view beside the source.
    pub(super) fn save_view_data(&mut self, ctx: &egui::Context) {
        let making = match self.view_data() {
            Ok(making) => making,
            Err(why) => {
                self.tell(format!("{} has no data to save as CSV", self.view.name()), why, true);
                return;
            }
        };
        let Some(doc) = self.document() else { return };
        let dataset = Arc::clone(&doc.dataset);
        let name = self.view.name().to_lowercase();
        self.jobs.start(ctx, JobKey::Export, "Data of the view", move |progress| {
            progress.stage("Writing", 0);
            let data = making();
            progress.check()?;
            let place = free(&dataset.source.table.path, &name);
            write_beside(&dataset.source, &place, |out| Ok(data.write(out)?)).map_err(JobError::failed)?;
            let what = format!("the data of the view as CSV: {}", count(data.len(), "number", "numbers"));
            Ok(Outcome::Written(what, place))
        });
    }
}

/// A name beside `source` that no file has yet.
fn free(source: &Path, view: &str) -> PathBuf {
    let name = |k: usize| {
        let number = if k == 1 { String::new() } else { format!("-{k}") };
        source.with_extension(format!("{view}{number}.csv"))
    };
    (1..10_000).map(name).find(|path| !path.exists()).unwrap_or_else(|| name(10_000))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Estimate;

    #[test]
    fn a_row_is_a_number_and_nothing_runs() {
        let mut data = Data::default();
        let known = Estimate::new(-0.25, 8, 2).with_ci(Some((-0.5, 0.125)));
        data.at("map", "=cmd|' /C calc'!A0", "@b")
            .stat("kappa", &known.into())
            .stat("alpha", &Undefined::NoAnnotations.into())
            .count("items", 12_usize);
        data.at("labels", "a,\"b\"", "").optional("quality", None, "no item has it").number("share", 0.1);
        let mut out = Vec::new();
        data.write(&mut out).unwrap();
        let lines = [
            "part,row,column,measure,value,ci_low,ci_high,n,reason",
            "map,'=cmd|' /C calc'!A0,'@b,kappa,-0.25,-0.5,0.125,8,",
            "map,'=cmd|' /C calc'!A0,'@b,alpha,,,,,there are no annotations",
            "map,'=cmd|' /C calc'!A0,'@b,items,12,,,,",
            "labels,\"a,\"\"b\"\"\",,quality,,,,,no item has it",
            "labels,\"a,\"\"b\"\"\",,share,0.1,,,,",
        ];
        assert_eq!(String::from_utf8(out).unwrap(), format!("{}\n", lines.join("\n")));
    }

    #[test]
    fn an_earlier_table_stays() {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("a.csv");
        assert_eq!(free(&source, "raters"), folder.path().join("a.raters.csv"));
        std::fs::write(folder.path().join("a.raters.csv"), "").unwrap();
        assert_eq!(free(&source, "raters"), folder.path().join("a.raters-2.csv"));
    }
}
