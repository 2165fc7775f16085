//! What the tests of golden cases share: the file, its datasets as the library holds them, and a report of all that
//! differs.

use dissensus::dataset::{Annotations, AnnotationsBuilder, LabelSets, NO_LABEL};
use dissensus::progress::Progress;
use dissensus::stats::Statistic;
use dissensus::stats::aggregation::Layout;
use dissensus::stats::agreement::{IntervalKind, IntervalSpec, Levels, ReliabilityData, Spec, coefficient};
use serde_json::Value;

/// Datasets and cases; each case names its sources.
pub fn golden() -> Value {
    serde_json::from_str(include_str!("../data/golden/agreement.json")).unwrap()
}

pub fn progress() -> Progress {
    Progress::new()
}

/// A string as it is, anything else as it is written.
pub fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

pub fn matrix(rows: &Value) -> Vec<Vec<f64>> {
    let row = |row: &Value| row.as_array().unwrap().iter().map(|w| w.as_f64().unwrap()).collect();
    rows.as_array().unwrap().iter().map(row).collect()
}

/// The place of `name`, which is added where it is new.
pub fn number(names: &mut Vec<String>, name: String) -> u32 {
    let found = names.iter().position(|n| *n == name);
    found.unwrap_or_else(|| {
        names.push(name);
        names.len() - 1
    }) as u32
}

/// A dataset of the golden file, as the library holds it.
pub struct Data {
    pub annotations: Annotations,
    pub layout: Layout,
    pub levels: Levels,
    pub labels: Vec<String>,
    pub items: Vec<String>,
    pub raters: Vec<String>,
    sets: Option<LabelSets>,
}

/// Who said what of which item: (item, rater, label).
fn triples(data: &Value) -> Vec<(String, String, Value)> {
    let mut triples = Vec::new();
    for (item, row) in data["rows"].as_array().unwrap().iter().enumerate() {
        let cells = row.as_array().unwrap();
        let format = data["format"].as_str().unwrap();
        if format == "counts_items_x_categories" {
            let labels = cells.iter().zip(data["levels"].as_array().unwrap());
            let votes = labels.flat_map(|(n, label)| (0..n.as_u64().unwrap()).map(move |_| label.clone()));
            triples.extend(votes.enumerate().map(|(r, label)| (format!("{item}"), format!("{r:03}"), label)));
        } else if format.starts_with("wide_items_x_raters") {
            for (rater, cell) in cells.iter().enumerate().filter(|(_, cell)| !cell.is_null()) {
                triples.push((format!("{item}"), format!("{rater:03}"), cell.clone()));
            }
        } else {
            // One annotation a row, or several labels at once.
            let one = [cells[2].clone()];
            for label in cells[2].as_array().map_or(&one[..], Vec::as_slice) {
                triples.push((text(&cells[0]), text(&cells[1]), label.clone()));
            }
        }
    }
    triples
}

impl Data {
    /// Labels as declared, else in order; raters in order; items as they come.
    pub fn new(data: &Value) -> Self {
        let triples = triples(data);
        let declared =
            data["levels"].as_array().or(data["labels"].as_array()).or(data["vocabulary"].as_array());
        let names = declared.cloned().unwrap_or_else(|| {
            let mut found: Vec<Value> = triples.iter().map(|t| t.2.clone()).collect();
            found.sort_by(|a, b| {
                let numbers = a.as_f64().partial_cmp(&b.as_f64()).unwrap();
                numbers.then_with(|| a.to_string().cmp(&b.to_string()))
            });
            found.dedup();
            found
        });
        let mut raters: Vec<String> = triples.iter().map(|t| t.1.clone()).collect();
        raters.sort();
        raters.dedup();
        let mut items = Vec::new();
        let mut builder = AnnotationsBuilder::new();
        for (item, rater, label) in triples {
            let item = number(&mut items, item);
            let rater = raters.binary_search(&rater).unwrap() as u32;
            let label = names.iter().position(|n| text(n) == text(&label)).unwrap() as u32;
            builder.push(item, rater, label, None);
        }
        let annotations = builder.finish(items.len(), raters.len());
        let sets = names[0].is_array().then(|| {
            let members: Vec<String> = ["A", "B", "C"].map(str::to_owned).to_vec();
            let place = |m: &Value| members.iter().position(|x| m == x).unwrap() as u32;
            let of_label = names.iter().map(|set| set.as_array().unwrap().iter().map(place).collect());
            LabelSets { of_label: of_label.collect(), members: members.clone() }
        });
        let values: Option<Vec<f64>> = names.iter().map(Value::as_f64).collect();
        Self {
            layout: Layout::new(&annotations, names.len()),
            annotations,
            levels: values.map_or_else(|| Levels::positions(names.len()), |v| Levels::new(v).unwrap()),
            labels: names.iter().map(text).collect(),
            items,
            raters,
            sets,
        }
    }

    /// The dataset called `name`.
    pub fn called(name: &str) -> Self {
        Self::new(&golden()["datasets"][name])
    }

    pub fn k(&self) -> usize {
        self.labels.len()
    }

    pub fn gold(&self, by_name: &Value) -> Vec<u32> {
        let id = |name: &str| self.labels.iter().position(|l| l == name).map_or(NO_LABEL, |l| l as u32);
        self.items.iter().map(|i| by_name[i].as_str().map_or(NO_LABEL, id)).collect()
    }

    pub fn reliability(&self) -> ReliabilityData<'_> {
        let data = ReliabilityData::new(&self.annotations, self.levels.clone());
        match &self.sets {
            Some(sets) => data.with_sets(sets),
            None => data,
        }
    }

    pub fn statistic(&self, spec: &Spec, kind: IntervalKind) -> Statistic {
        coefficient(&self.reliability(), spec, &IntervalSpec::new(kind), &progress()).unwrap()
    }

    pub fn value(&self, spec: &Spec) -> f64 {
        self.statistic(spec, IntervalKind::None).value().unwrap()
    }
}

/// Collects what differs, under the name of its case.
#[derive(Default)]
pub struct Report {
    pub failures: Vec<String>,
    pub checks: usize,
}

impl Report {
    pub fn number(&mut self, what: &str, found: f64, expected: &Value, tol: f64) {
        self.checks += 1;
        match expected.as_f64() {
            Some(expected) if (found - expected).abs() <= tol => {}
            _ => self.failures.push(format!("{what}: {found}, expected {expected} ± {tol}")),
        }
    }

    pub fn statistic(&mut self, what: &str, found: &Statistic, expected: &Value, tol: f64) {
        match found.value() {
            Some(value) => self.number(what, value, expected, tol),
            None => self.failures.push(format!("{what}: {found:?}, expected {expected}")),
        }
    }

    pub fn equal<T: PartialEq + std::fmt::Debug>(&mut self, what: &str, found: &T, expected: &T) {
        self.checks += 1;
        if found != expected {
            self.failures.push(format!("{what}: {found:?}, expected {expected:?}"));
        }
    }

    /// Rows of `found` (items × labels) against `expected[item name][label name]` or `expected[item][label]`.
    pub fn rows(&mut self, id: &str, data: &Data, found: &[f64], expected: &Value, tol: f64) {
        for (item, row) in found.chunks(data.k()).enumerate() {
            for (label, &p) in row.iter().enumerate() {
                let wanted = match expected {
                    Value::Array(rows) if item >= rows.len() => continue,
                    Value::Array(rows) => &rows[item][label],
                    by_name => &by_name[&data.items[item]][&data.labels[label]],
                };
                self.number(&format!("{id} {} {}", data.items[item], data.labels[label]), p, wanted, tol);
            }
        }
    }

    pub fn raters(&mut self, id: &str, data: &Data, found: &[Option<f64>], expected: &Value, tol: f64) {
        for (rater, skill) in found.iter().enumerate() {
            let name = &data.raters[rater];
            let wanted = if expected.is_array() { &expected[rater] } else { &expected[name] };
            self.number(&format!("{id} {name}"), skill.unwrap(), wanted, tol);
        }
    }

    /// Most probable labels, the lowest on ties, as the references take them.
    pub fn labels(&mut self, id: &str, data: &Data, found: &[f64], expected: &Value) {
        for (item, row) in found.chunks(data.k()).enumerate() {
            let best = (0..row.len()).rev().max_by(|&a, &b| row[a].total_cmp(&row[b])).unwrap();
            let wanted = text(&expected[item]);
            self.equal(&format!("{id} label of {}", data.items[item]), &data.labels[best], &wanted);
        }
    }

    /// Fails with everything that differs.
    pub fn finish(self) {
        let (n, all) = (self.failures.len(), self.checks);
        assert!(n == 0, "{n} of {all} differ:\n{}", self.failures.join("\n"));
        assert!(all > 0, "nothing was compared");
    }
}
