//! Files stored by column, held against each other.

use std::collections::BTreeMap;
use std::path::Path;

use arrow::array::{Array as _, ArrayRef};
use arrow::compute::concat_batches;
use arrow::ipc::reader::{FileReader, StreamReader};
use arrow::record_batch::RecordBatch;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

/// How two files stored by column differ in another way than they should.
pub fn differences(
    before: &Path,
    after: &Path,
    added: &[&str],
    changed: &[&str],
    rows: usize,
) -> Vec<String> {
    let (a, b) = (stored(before), stored(after));
    let mut failures = Vec::new();
    let (fields, all) = (a.schema().fields().clone(), b.schema().fields().clone());
    let kept: Vec<_> = all.iter().filter(|f| !added.contains(&f.name().as_str())).cloned().collect();
    if kept != fields.to_vec() || all.len() != fields.len() + added.len() {
        failures.push(format!("has the columns {all:?}, before {fields:?}"));
    }
    if described(before, &[]) != described(after, added) {
        failures.push(format!(
            "is described as {:?}, before {:?}",
            described(after, added),
            described(before, &[])
        ));
    }
    if b.num_rows() != a.num_rows() + rows {
        failures.push(format!("{} rows, before {}", b.num_rows(), a.num_rows()));
    }
    for field in &fields {
        let column = |batch: &RecordBatch| -> ArrayRef {
            batch.column_by_name(field.name()).unwrap().slice(0, a.num_rows())
        };
        if (column(&a) == column(&b)) == changed.contains(&field.name().as_str()) {
            failures.push(format!("column {} is {:?}, before {:?}", field.name(), column(&b), column(&a)));
        }
    }
    failures
}

/// What a Parquet or Arrow file says of itself, but for what it says of `added` columns.
fn described(path: &Path, added: &[&str]) -> BTreeMap<String, serde_json::Value> {
    let mut said: BTreeMap<String, String> = stored(path).schema().metadata().clone().into_iter().collect();
    if path.extension().is_some_and(|e| e == "parquet") {
        let file = std::fs::File::open(path).unwrap();
        let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
        let pairs = reader.metadata().file_metadata().key_value_metadata().cloned().unwrap_or_default();
        said.extend(pairs.into_iter().map(|p| (p.key, p.value.unwrap_or_default())));
        // The schema in another form, which the columns are held against.
        said.remove("ARROW:schema");
    }
    let json = |(key, text): (String, String)| {
        let mut value = serde_json::from_str(&text).unwrap_or(serde_json::Value::String(text));
        if let Some(features) = value.pointer_mut("/info/features").and_then(|f| f.as_object_mut()) {
            features.retain(|name, _| !added.contains(&name.as_str()));
        }
        (key, value)
    };
    said.into_iter().map(json).collect()
}

/// The table in a Parquet or Arrow file.
fn stored(path: &Path) -> RecordBatch {
    let file = || std::fs::File::open(path).unwrap();
    let batches: Vec<RecordBatch> = if path.extension().is_some_and(|e| e == "parquet") {
        ParquetRecordBatchReaderBuilder::try_new(file())
            .unwrap()
            .build()
            .unwrap()
            .map(Result::unwrap)
            .collect()
    } else if let Ok(reader) = FileReader::try_new(file(), None) {
        reader.map(Result::unwrap).collect()
    } else {
        StreamReader::try_new(file(), None).unwrap().map(Result::unwrap).collect()
    };
    concat_batches(&batches[0].schema(), &batches).unwrap()
}
