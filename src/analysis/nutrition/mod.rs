//! The numbers of a dataset nutrition label: every column of the source, pairs of columns, the annotation behind the labels.
//!
//! Holland et al. (2018), "The Dataset Nutrition Label". Columns are read from the file again in two streamed passes, since a dataset
//! keeps only what roles name: the first counts, the second sees columns together. The rest comes from the dataset and its analysis.

mod annotation;
mod truth;

pub use annotation::{AnnotationPart, Coverage, Spread, annotation};
pub use truth::{Truth, Whose};

use rayon::prelude::*;

use crate::dataset::{Dataset, Role, Scale};
use crate::formats::{FormatError, RawColumn, RawRows, RawTable, RowIs};
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;
use crate::stats::nutrition::{
    Axis, ColumnStats, Dependence, Grid, MAX_WORDS, Measure, Pair, Reading, Tally,
};

/// Columns that are read.
pub const MAX_COLUMNS: usize = 200;
/// Columns whose dependence on each other is told.
pub const MAX_DEPENDENT: usize = 20;
/// Pairs that are shown where nobody asked for any.
pub const SHOWN_PAIRS: usize = 3;

/// What kind of values a column has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Names without an order.
    Nominal,
    /// Names with an order.
    Ordinal,
    /// Whole numbers.
    Discrete,
    /// Numbers.
    Continuous,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Nominal, Self::Ordinal, Self::Discrete, Self::Continuous];

    /// Whether it is one of numbers.
    pub fn is_numeric(self) -> bool {
        matches!(self, Self::Discrete | Self::Continuous)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nominal => "nominal",
            Self::Ordinal => "ordinal",
            Self::Discrete => "discrete",
            Self::Continuous => "continuous",
        }
    }
}

/// What is asked of the columns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ColumnsAsked {
    /// Pairs to be shown, by name; the ones that depend most on each other where there are none.
    pub pairs: Vec<(String, String)>,
    /// Columns whose kind somebody chose.
    pub kinds: Vec<(String, Kind)>,
}

/// One column.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What it means, where somebody said.
    pub role: Option<Role>,
    /// What kind of values it has.
    pub kind: Kind,
    /// What stands in it.
    pub stats: ColumnStats,
    /// Its axis; `None` where every cell is missing.
    pub axis: Option<Axis>,
    /// Rows by place of the axis.
    pub bars: Vec<u64>,
}

/// Two columns together.
#[derive(Debug, Clone, PartialEq)]
pub struct PairPlot {
    /// Number of the first column.
    pub x: usize,
    /// Of the second.
    pub y: usize,
    /// How many rows stand where.
    pub grid: Grid,
    /// How far they go together.
    pub dependence: Dependence,
}

/// What the columns of a source hold.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnsReport {
    /// What kind of file it is, in words.
    pub format: &'static str,
    /// What a row is.
    pub row_is: RowIs,
    /// Rows.
    pub rows: u64,
    /// Columns of the source; [`Self::columns`] holds the first [`MAX_COLUMNS`].
    pub n_columns: usize,
    /// The columns, in the order of the source.
    pub columns: Vec<Column>,
    /// Pairs that are shown.
    pub pairs: Vec<PairPlot>,
    /// Columns whose dependence is told.
    pub dependent: Vec<usize>,
    /// Each pair of these, the first before the second.
    pub dependence: Vec<PairPlot>,
    /// Columns whose dependence is not told, with the reason.
    pub left_out: Vec<(usize, String)>,
}

impl ColumnsReport {
    /// Empty cells as a share of all cells, in 0..=1; `None` without cells.
    pub fn missing_share(&self) -> Option<f64> {
        let cells = self.rows as f64 * self.columns.len() as f64;
        let missing: u64 = self.columns.iter().map(|c| c.stats.missing).sum();
        (cells > 0.0).then(|| missing as f64 / cells)
    }

    /// The number of a column.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|c| c.name == name)
    }
}

/// Reads every column of the source of `dataset`. Undefined where the source cannot be read any more, or where a pair names no column.
pub fn columns(
    dataset: &Dataset,
    asked: &ColumnsAsked,
    progress: &Progress,
) -> Result<Result<ColumnsReport, Undefined>, Cancelled> {
    match read(dataset, asked, progress) {
        Ok(found) => Ok(found),
        Err(FormatError::Cancelled(c)) => Err(c),
        Err(e) => Ok(Err(Undefined::Because(e.to_string()))),
    }
}

fn read(
    dataset: &Dataset,
    asked: &ColumnsAsked,
    progress: &Progress,
) -> Result<Result<ColumnsReport, Undefined>, FormatError> {
    let table = RawTable::of(dataset)?;
    let n_columns = table.columns().len();
    let n = n_columns.min(MAX_COLUMNS);
    let names = &table.columns()[..n];
    let place = |name: &str| names.iter().position(|c| c.name == name);
    let mut wanted: Vec<(usize, usize)> = Vec::new();
    for (a, b) in &asked.pairs {
        match (place(a), place(b)) {
            (Some(x), Some(y)) if x != y => wanted.push((x, y)),
            (Some(_), Some(_)) => return Ok(Err(Undefined::Because(format!("“{a}” is paired with itself")))),
            (x, _) => {
                let name = if x.is_none() { a } else { b };
                return Ok(Err(Undefined::Because(format!("there is no column “{name}”"))));
            }
        }
    }
    let first: Vec<bool> = (0..n_columns).map(|c| c < n).collect();
    let bytes = dataset.source.table.bytes;
    progress.stage("Counting the columns", bytes);
    let mut tallies: Vec<Tally> = (0..n).map(|_| Tally::one_of(n)).collect();
    let count = |rows: &RawRows<'_>| {
        tallies
            .par_iter_mut()
            .enumerate()
            .for_each(|(c, tally)| tally.add(rows.codes(c), |code| rows.value(c, code), &rows.numbers(c)));
    };
    table.read(&first, progress, count)?;
    let mut columns: Vec<Column> = tallies
        .into_par_iter()
        .zip(names)
        .map(|(tally, raw)| column(dataset, asked, raw, tally.finish(MAX_WORDS + 1)))
        .collect();
    let (dependent, left_out) = dependent(&columns);
    let mut pairs: Vec<(usize, usize, Pair)> = Vec::new();
    let all =
        dependent.iter().enumerate().flat_map(|(i, &x)| dependent[i + 1..].iter().map(move |&y| (x, y)));
    for (x, y) in all.chain(wanted.iter().copied()) {
        if !pairs.iter().any(|p| (p.0, p.1) == (x, y))
            && let (Some(a), Some(b)) = (&columns[x].axis, &columns[y].axis)
        {
            pairs.push((x, y, Pair::new(a, b)));
        }
    }
    progress.stage("Columns together", bytes);
    let mut bars: Vec<Vec<u64>> =
        columns.iter().map(|c| vec![0; c.axis.as_ref().map_or(0, Axis::len)]).collect();
    let together = |rows: &RawRows<'_>| {
        let readings: Vec<Vec<Option<Reading>>> = columns
            .par_iter()
            .enumerate()
            .map(|(c, column)| column.axis.as_ref().map_or_else(Vec::new, |axis| readings(axis, rows, c)))
            .collect();
        for (bars, readings) in bars.iter_mut().zip(&readings) {
            for reading in readings.iter().flatten() {
                if let Some(bar) = bars.get_mut(reading.place as usize) {
                    *bar += 1;
                }
            }
        }
        pairs.par_iter_mut().for_each(|(x, y, pair)| {
            readings[*x].iter().zip(&readings[*y]).for_each(|(&a, &b)| pair.add(a, b));
        });
    };
    table.read(&first, progress, together)?;
    columns.iter_mut().zip(bars).for_each(|(column, bars)| column.bars = bars);
    let plots: Vec<PairPlot> = pairs
        .into_iter()
        .map(|(x, y, pair)| PairPlot { x, y, dependence: pair.dependence(), grid: pair.into_grid() })
        .collect();
    let is_told = |p: &&PairPlot| p.x < p.y && dependent.contains(&p.x) && dependent.contains(&p.y);
    let dependence: Vec<PairPlot> = plots.iter().filter(is_told).cloned().collect();
    if wanted.is_empty() {
        wanted = strongest(&dependence);
    }
    let plot = |&(x, y): &(usize, usize)| plots.iter().find(|p| (p.x, p.y) == (x, y)).cloned();
    let rows = columns.first().map_or(0, |c| c.stats.rows);
    Ok(Ok(ColumnsReport {
        format: table.kind(),
        row_is: table.row_is(),
        rows,
        n_columns,
        pairs: wanted.iter().filter_map(plot).collect(),
        columns,
        dependent,
        dependence,
        left_out,
    }))
}

/// Each row of a column on its axis.
fn readings(axis: &Axis, rows: &RawRows<'_>, column: usize) -> Vec<Option<Reading>> {
    let of_value: Vec<Option<Reading>> = rows
        .numbers(column)
        .into_iter()
        .enumerate()
        .map(|(code, number)| axis.read(rows.value(column, code as u32), number))
        .collect();
    rows.codes(column).iter().map(|&code| of_value.get(code as usize).copied().flatten()).collect()
}

fn column(dataset: &Dataset, asked: &ColumnsAsked, raw: &RawColumn, mut stats: ColumnStats) -> Column {
    let chosen = asked.kinds.iter().find(|(name, _)| *name == raw.name).map(|(_, kind)| *kind);
    let kind = chosen.unwrap_or_else(|| kind_of(dataset, raw.role.as_ref(), &stats));
    let mut axis = Axis::of(&stats, kind.is_numeric());
    if raw.role == Some(Role::Rater) {
        // A label is made to be given away, and raters have not asked to be in it.
        let names = stats.unnamed("rater");
        if let Some(axis) = &mut axis {
            axis.rename(&names);
        }
    }
    Column { name: raw.name.clone(), role: raw.role.clone(), kind, stats, axis, bars: Vec::new() }
}

/// What kind of values a column has, by its role and by what stands in it.
fn kind_of(dataset: &Dataset, role: Option<&Role>, stats: &ColumnStats) -> Kind {
    let by_values = || match &stats.numbers {
        Ok(n) if n.whole => Kind::Discrete,
        Ok(_) => Kind::Continuous,
        Err(_) => Kind::Nominal,
    };
    match role {
        Some(Role::Label | Role::Given | Role::Gold) => match dataset.labels.scale {
            Scale::Nominal => Kind::Nominal,
            Scale::Ordinal => Kind::Ordinal,
            Scale::Interval | Scale::Ratio => by_values(),
        },
        Some(
            Role::Item | Role::Rater | Role::Text | Role::Question | Role::Status | Role::Media | Role::When,
        ) => Kind::Nominal,
        _ => by_values(),
    }
}

/// Columns whose dependence can be told, and why not that of others.
fn dependent(columns: &[Column]) -> (Vec<usize>, Vec<(usize, String)>) {
    let (mut kept, mut left_out) = (Vec::new(), Vec::new());
    for (c, column) in columns.iter().enumerate() {
        let why = match &column.axis {
            None => "every cell is missing".to_owned(),
            Some(axis) if !axis.is_complete() => format!("more than {MAX_WORDS} different values"),
            Some(axis) if axis.len() < 2 => "one value only".to_owned(),
            Some(_) if kept.len() == MAX_DEPENDENT => format!("more than {MAX_DEPENDENT} columns"),
            Some(_) => {
                kept.push(c);
                continue;
            }
        };
        left_out.push((c, why));
    }
    (kept, left_out)
}

/// From this strength on, one column is as good as the other written otherwise: true, and no news.
const SAME: f64 = 0.9995;

/// The pairs that go together most; those of which one column settles the other come last.
fn strongest(all: &[PairPlot]) -> Vec<(usize, usize)> {
    let order = by_strength(all);
    let strength = |i: &usize| all[*i].dependence.value.as_ref().map_or(-1.0, |v| v.abs());
    let (same, news): (Vec<usize>, Vec<usize>) = order.into_iter().partition(|i| strength(i) >= SAME);
    let list = news.into_iter().filter(|i| strength(i) >= 0.0).chain(same);
    list.take(SHOWN_PAIRS).map(|i| (all[i].x, all[i].y)).collect()
}

/// The numbers of pairs, those that go together most first; of equal ones the earlier columns. What cannot be told comes last.
pub fn by_strength(all: &[PairPlot]) -> Vec<usize> {
    let strength = |i: usize| all[i].dependence.value.as_ref().map_or(-1.0, |v| v.abs());
    let mut list: Vec<usize> = (0..all.len()).collect();
    list.sort_by(|&a, &b| {
        strength(b).total_cmp(&strength(a)).then((all[a].x, all[a].y).cmp(&(all[b].x, all[b].y)))
    });
    list
}

/// What a number of dependence means, in a word.
pub fn measure_words(measure: Measure) -> &'static str {
    match measure {
        Measure::CramersV => "words against words: 0 none, 1 one tells the other",
        Measure::CorrelationRatio => "words against numbers: 0 none, 1 the words tell the number",
        Measure::Pearson => "numbers against numbers: −1 to 1, 0 none",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::{LoadOptions, Overrides, open};
    use crate::stats::nutrition::Frequent;

    fn report(text: &str, asked: &ColumnsAsked) -> Result<ColumnsReport, Undefined> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.csv");
        std::fs::write(&path, text).unwrap();
        let dataset = open(&path, &Overrides::default(), &LoadOptions::default(), &Progress::new()).unwrap();
        columns(&dataset, asked, &Progress::new()).unwrap()
    }

    /// Twelve answers; pay follows the group exactly.
    fn answers() -> String {
        let mut text = "item,rater,label,answer,pay\n".to_owned();
        for (i, answer) in ["yes", "no", "yes", "", "maybe", "yes"].iter().enumerate() {
            for rater in 0..2 {
                let label = if (i + rater) % 3 == 0 { "x" } else { "y" };
                text.push_str(&format!("i{i},r{rater},{label},{answer},{}\n", rater * 10));
            }
        }
        text
    }

    #[test]
    fn columns_are_counted_and_seen_together() {
        let found = report(&answers(), &ColumnsAsked::default()).unwrap();
        assert_eq!((found.rows, found.n_columns, found.row_is), (12, 5, RowIs::Row));
        assert!((found.missing_share().unwrap() - 2.0 / 60.0).abs() < 1e-12);
        let answer = &found.columns[found.find("answer").unwrap()];
        assert_eq!(answer.stats.most, Ok(Frequent::One { value: "yes".into(), n: 6 }));
        assert_eq!((answer.kind, answer.bars.iter().sum::<u64>()), (Kind::Nominal, 10));
        let pay = &found.columns[found.find("pay").unwrap()];
        assert_eq!((pay.kind, pay.stats.numbers.as_ref().unwrap().mean), (Kind::Discrete, 5.0));
        // What one column settles of another is no news: the rater the pay, the item the answer.
        let shown: Vec<f64> = found.pairs.iter().map(|p| p.dependence.value.clone().unwrap()).collect();
        assert_eq!(shown.len(), 3);
        assert!(shown.is_sorted_by(|a, b| a >= b) && shown[0] < 1.0, "{shown:?}");
        let rater_pay = found.dependence.iter().find(|d| (d.x, d.y) == (1, 4)).unwrap();
        assert_eq!(rater_pay.dependence.measure, Measure::CorrelationRatio);
        assert!((rater_pay.dependence.value.clone().unwrap() - 1.0).abs() < 1e-12);
        assert_eq!(found.dependence.len(), 10);
    }

    #[test]
    fn pairs_are_shown_as_asked_and_kinds_can_be_chosen() {
        let asked = ColumnsAsked {
            pairs: vec![("pay".into(), "label".into())],
            kinds: vec![("pay".into(), Kind::Ordinal)],
        };
        let found = report(&answers(), &asked).unwrap();
        assert_eq!(found.pairs.len(), 1);
        assert_eq!((found.pairs[0].x, found.pairs[0].y), (4, 2));
        assert_eq!(found.pairs[0].dependence.measure, Measure::CramersV);
        assert_eq!(found.pairs[0].grid.n, 12);
        let wrong = ColumnsAsked { pairs: vec![("pay".into(), "nothing".into())], ..ColumnsAsked::default() };
        assert!(report(&answers(), &wrong).unwrap_err().to_string().contains("no column “nothing”"));
    }

    #[test]
    fn a_cancelled_reading_stops() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.csv");
        std::fs::write(&path, answers()).unwrap();
        let dataset = open(&path, &Overrides::default(), &LoadOptions::default(), &Progress::new()).unwrap();
        let progress = Progress::new();
        progress.cancel();
        assert_eq!(columns(&dataset, &ColumnsAsked::default(), &progress).unwrap_err(), Cancelled);
    }

    #[test]
    fn threads_change_nothing() {
        let mut text = "item,rater,label,score\n".to_owned();
        for i in 0..20_000_u32 {
            text.push_str(&format!("i{},r{},{},{}\n", i / 4, i % 4, i % 3, f64::from(i % 97) / 7.0));
        }
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| report(&text, &ColumnsAsked::default()).unwrap())
        };
        assert_eq!(on(1), on(3));
    }
}
