//! Copies a Parquet or Arrow file with the decisions applied: same columns, same order of rows, same packing, same
//! description; a given label changes in its place, three columns say what it was and why.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use ::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use ::parquet::arrow::{ARROW_SCHEMA_META_KEY, ArrowWriter};
use ::parquet::file::metadata::KeyValue;
use ::parquet::file::properties::WriterProperties;
use arrow::array::{
    Array, ArrayRef, BooleanArray, Int8Array, RecordBatch, StringArray, UInt32Array, new_null_array,
};
use arrow::compute::{
    CastOptions, cast_with_options, concat_batches, filter_record_batch, take_record_batch,
};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::ipc::writer::{FileWriter, IpcWriteOptions, StreamWriter};

use super::super::columnar::cells::{Odd, coded};
use super::super::columnar::features::{Feature, Features};
use super::super::columnar::{ADDED, guarded, ipc, look, parquet};
use super::super::columns::{Columns, key_of, reviewer, whole};
use super::super::error::{FormatError, visible};
use super::super::intern::Interner;
use super::super::json::{Node, Patches, Repairs, parse, quoted};
use super::super::schema::Layout;
use super::super::text::digest_of;
use super::{Decision, Decisions, Outlet, WriteOptions, WriteSummary, changed};
use crate::dataset::{Dataset, Role, SourceFile};
use crate::progress::Progress;

const INSTEAD: &str = "write one row an item instead (the consensus table)";

/// Copies the source of `dataset` and says what was read.
pub(super) fn copy(
    dataset: &Dataset,
    decisions: &Decisions,
    options: &WriteOptions,
    outlet: &mut Outlet,
    summary: &mut WriteSummary,
    progress: &Progress,
) -> Result<SourceFile, FormatError> {
    let path = &dataset.source.table.path;
    let source = digest_of(path, progress)?;
    if decisions.is_empty() {
        let bytes = std::fs::read(path).map_err(|e| FormatError::io(path, "read", &e))?;
        outlet.bytes(&bytes)?;
        summary.rows_in = look(path)?.rows;
        summary.rows_out = summary.rows_in;
        return Ok(source);
    }
    let bytes = guarded(path, || {
        let file = Opened::of(path)?;
        let mut copy = Copy::of(dataset, decisions, options, &file)?;
        let mut batches = Vec::new();
        for batch in file.batches {
            progress.check()?;
            let batch = batch.map_err(|e| failed(path, &e))?;
            summary.rows_in += batch.num_rows() as u64;
            batches.push(copy.batch(&batch)?);
        }
        batches.extend(copy.reviewer_rows()?);
        summary.rows_out = batches.iter().map(|b| b.num_rows() as u64).sum();
        file.form.write(path, &copy.schema, &batches)
    })?;
    outlet.bytes(&bytes)?;
    Ok(source)
}

fn failed(path: &Path, why: &dyn std::fmt::Display) -> FormatError {
    FormatError::of(path, format!("the file cannot be written again ({why})"), INSTEAD)
}

/// How a file is packed.
enum Form {
    Parquet { properties: Box<WriterProperties>, known: Vec<KeyValue> },
    Arrow { stream: bool, packing: Option<arrow::ipc::CompressionType> },
}

struct Opened {
    schema: SchemaRef,
    form: Form,
    batches: Box<dyn Iterator<Item = Result<RecordBatch, arrow::error::ArrowError>>>,
}

impl Opened {
    fn of(path: &Path) -> Result<Self, FormatError> {
        let begins = std::fs::File::open(path).and_then(|mut f| {
            let mut head = [0; 4];
            std::io::Read::read_exact(&mut f, &mut head).map(|()| head)
        });
        if begins.map_err(|e| FormatError::io(path, "read", &e))? != *b"PAR1" {
            let (bytes, stream) = ipc::bytes_of(path)?;
            let packing = ipc::packing(&bytes, stream);
            let mut reader = ipc::Either::open(bytes, stream, None).map_err(|e| failed(path, &e))?;
            let schema = reader.schema();
            let batches = Box::new(std::iter::from_fn(move || reader.next()));
            return Ok(Self { schema, form: Form::Arrow { stream, packing }, batches });
        }
        let (file, metadata) = parquet::footer(path)?;
        let schema = metadata.schema().clone();
        let groups = metadata.metadata().row_groups();
        let rows = groups.first().map_or(1 << 20, |g| g.num_rows().max(1) as usize);
        let mut properties = WriterProperties::builder().set_max_row_group_row_count(Some(rows));
        for column in groups.first().map_or(&[][..], |g| g.columns()) {
            let path = column.column_path().clone();
            properties = properties.set_column_compression(path, column.compression());
        }
        // Columns that are added are packed like the first.
        if let Some(first) = groups.first().and_then(|g| g.columns().first()) {
            properties = properties.set_compression(first.compression());
        }
        let known = metadata.metadata().file_metadata().key_value_metadata().cloned().unwrap_or_default();
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata)
            .with_batch_size(1 << 16)
            .build()
            .map_err(|e| failed(path, &e))?;
        let form = Form::Parquet { properties: Box::new(properties.build()), known };
        Ok(Self { schema, form, batches: Box::new(reader) })
    }
}

impl Form {
    fn write(self, path: &Path, schema: &SchemaRef, batches: &[RecordBatch]) -> Result<Vec<u8>, FormatError> {
        let mut out = Vec::new();
        match self {
            Self::Parquet { properties, known } => {
                let mut pairs = known;
                pairs.retain(|p| p.key != ARROW_SCHEMA_META_KEY);
                for pair in &mut pairs {
                    if let Some(value) = schema.metadata().get(&pair.key) {
                        pair.value = Some(value.clone());
                    }
                }
                let properties = properties.into_builder().set_key_value_metadata(Some(pairs)).build();
                let mut writer = ArrowWriter::try_new(&mut out, schema.clone(), Some(properties))
                    .map_err(|e| failed(path, &e))?;
                for batch in batches {
                    writer.write(batch).map_err(|e| failed(path, &e))?;
                }
                writer.close().map_err(|e| failed(path, &e))?;
            }
            Self::Arrow { stream, packing } => {
                let options =
                    IpcWriteOptions::default().try_with_compression(packing).map_err(|e| failed(path, &e))?;
                let dictionary = |f: &Arc<Field>| matches!(f.data_type(), DataType::Dictionary(_, _));
                // A file holds each dictionary once, so all batches must share it.
                let joined = (!stream && schema.fields().iter().any(dictionary))
                    .then(|| concat_batches(schema, batches))
                    .transpose()
                    .map_err(|e| failed(path, &e))?;
                let batches = joined.as_ref().map_or(batches, std::slice::from_ref);
                let written = if stream {
                    StreamWriter::try_new_with_options(&mut out, schema, options).and_then(|mut writer| {
                        batches.iter().try_for_each(|b| writer.write(b))?;
                        writer.finish()
                    })
                } else {
                    FileWriter::try_new_with_options(&mut out, schema, options).and_then(|mut writer| {
                        batches.iter().try_for_each(|b| writer.write(b))?;
                        writer.finish()
                    })
                };
                written.map_err(|e| failed(path, &e))?;
            }
        }
        Ok(out)
    }
}

struct Copy<'c> {
    path: &'c Path,
    dataset: &'c Dataset,
    decisions: &'c Decisions,
    layout: Layout,
    features: Features,
    source: SchemaRef,
    schema: SchemaRef,
    item: Option<usize>,
    rater: Option<usize>,
    label: Option<usize>,
    given: Option<usize>,
    /// Names of the classes of the given column, new ones at the end.
    classes: Option<Vec<String>>,
    /// Whether the three columns are added, and whether the status alone is.
    tells: bool,
    items: Interner,
    rows: usize,
    /// For each decided item of a long table, its first row.
    first: HashMap<usize, RecordBatch>,
    reviewers: Vec<String>,
}

impl<'c> Copy<'c> {
    fn of(
        dataset: &'c Dataset,
        decisions: &'c Decisions,
        options: &WriteOptions,
        file: &Opened,
    ) -> Result<Self, FormatError> {
        let path = dataset.source.table.path.as_path();
        let roles: Vec<Role> = dataset.source.roles.iter().map(|(_, r)| r.clone()).collect();
        let layout = Layout::of(&roles).map_err(|(what, remedy)| FormatError::of(path, what, remedy))?;
        let columns = Columns::of(&roles, layout);
        let root = |column: Option<usize>| -> Option<usize> {
            let name = &dataset.source.roles.get(column?)?.0;
            file.schema.fields().iter().position(|f| f.name() == name)
        };
        let found = look(path)?;
        let text = found.known.get("huggingface").cloned();
        let names: Vec<String> = file.schema.fields().iter().map(|f| f.name().clone()).collect();
        let features = text.as_deref().and_then(Features::of_schema).unwrap_or_default();
        let (item, given) = (root(columns.item), root(columns.given));
        let (rater, label) = (root(columns.rater), root(columns.labels.first().copied()));
        if (columns.item.is_some() && item.is_none()) || (columns.given.is_some() && given.is_none()) {
            return Err(changed(&dataset.source.table));
        }
        if layout == Layout::Long && given.is_none() && (rater.is_none() || label.is_none()) {
            let what = "votes in lists cannot be added to in this kind of file";
            return Err(FormatError::of(path, what, INSTEAD));
        }
        let mut classes = None;
        if let Some(root) = given.or(label) {
            let known = features.get(&names[root]).names().map(<[String]>::to_vec);
            classes = known.map(|mut known| {
                for (_, decision) in decisions.iter() {
                    if let Some(label) = &decision.label
                        && !known.contains(label)
                    {
                        known.push(label.clone());
                    }
                }
                known
            });
        }
        let reviewers = if layout == Layout::Wide && given.is_none() {
            let mut list: Vec<String> = Vec::new();
            for (_, d) in decisions.iter().filter(|(_, d)| d.label.is_some()) {
                if !list.contains(&d.reviewer) {
                    list.push(d.reviewer.clone());
                }
            }
            list
        } else {
            Vec::new()
        };
        let mut copy = Self {
            path,
            dataset,
            decisions,
            layout,
            source: file.schema.clone(),
            schema: file.schema.clone(),
            item,
            rater,
            label,
            given,
            classes,
            tells: given.is_some() || options.tells_status(),
            items: Interner::default(),
            rows: 0,
            first: HashMap::new(),
            reviewers,
            features,
        };
        for key in dataset.keys.iter() {
            copy.items.intern(key);
        }
        copy.schema = Arc::new(copy.extended(text.as_deref()));
        Ok(copy)
    }

    /// The columns that are added and are not there yet.
    fn added(&self) -> Vec<Field> {
        let has = |name: &str| self.source.fields().iter().any(|f| f.name() == name);
        let mut fields = Vec::new();
        if self.tells {
            let kind = |i: usize| if i == 2 { DataType::Int8 } else { DataType::Utf8 };
            let wanted = ADDED.iter().enumerate().filter(|(i, _)| *i > 0 || self.given.is_some());
            fields.extend(wanted.filter(|(_, n)| !has(n)).map(|(i, n)| Field::new(*n, kind(i), true)));
        }
        fields
            .extend(self.reviewers.iter().map(|r| Field::new(format!("reviewer:{r}"), DataType::Utf8, true)));
        fields
    }

    /// The schema with what is added, also in its description.
    fn extended(&self, description: Option<&str>) -> Schema {
        let mut fields: Vec<Arc<Field>> = self.source.fields().iter().cloned().collect();
        let added = self.added();
        fields.extend(added.iter().cloned().map(Arc::new));
        let mut metadata = self.source.metadata().clone();
        if let Some(text) = description.and_then(|t| self.described(t, &added)) {
            metadata.insert("huggingface", text);
        }
        Schema::new_with_metadata(fields, metadata)
    }

    /// The description with new classes at the end and the added columns; the rest keeps its spelling.
    fn described(&self, text: &str, added: &[Field]) -> Option<String> {
        let root = parse(text, 0, &mut Repairs::default()).ok()?;
        let features = root.get("info")?.get("features").filter(|f| f.is_object())?;
        let mut patches = Patches::default();
        if let (Some(classes), Some(column)) = (&self.classes, self.given.or(self.label)) {
            let names = features.get(self.source.field(column).name()).and_then(|f| f.get("names"));
            if let Some(names) = names.filter(|n| n.is_list()) {
                let new: Vec<String> =
                    classes.iter().skip(names.list().len()).map(|name| quoted(name)).collect();
                if !new.is_empty() {
                    patches.push(text, names, &new.join(", "));
                }
            }
        }
        let value = |f: &Field| {
            let kind = if *f.data_type() == DataType::Int8 { "int8" } else { "string" };
            format!("{{\"dtype\": \"{kind}\", \"_type\": \"Value\"}}")
        };
        let members: Vec<(&str, String)> = added.iter().map(|f| (f.name().as_str(), value(f))).collect();
        patches.set(text, features, &members);
        Some(patches.apply(text))
            .filter(|t| parse(t, 0, &mut Repairs::default()).is_ok_and(|n: Node| n.is_object()))
    }

    fn texts(&self, batch: &RecordBatch, root: usize) -> Result<super::super::batch::Coded, FormatError> {
        let feature = self.features.get(self.source.field(root).name());
        coded(batch.column(root), feature, &mut Odd::default()).map_err(|e| failed(self.path, &e))
    }

    /// For each row, its item; `None` where loading left it out.
    fn items_of(&mut self, batch: &RecordBatch) -> Result<Vec<Option<usize>>, FormatError> {
        let first = self.rows;
        self.rows += batch.num_rows();
        if self.layout == Layout::Single {
            return Ok((first..self.rows).map(Some).collect());
        }
        let keys = self.item.map(|root| self.texts(batch, root)).transpose()?;
        let raters = self.rater.map(|root| self.texts(batch, root)).transpose()?;
        let find = |row: usize| {
            let cell = keys.as_ref().map_or("", |k| k.get(row));
            if raters.as_ref().is_some_and(|r| reviewer(r.get(row)).is_some()) {
                return None;
            }
            let key = key_of(cell, (first + row + 1) as u64, self.layout)?;
            let at = self.items.get(&key).or_else(|| self.items.get(whole(&key)?));
            at.map(|i| i as usize)
        };
        Ok((0..batch.num_rows()).map(find).collect())
    }

    fn batch(&mut self, batch: &RecordBatch) -> Result<RecordBatch, FormatError> {
        let items = self.items_of(batch)?;
        let decisions = self.decisions;
        let rows: Vec<Option<&Decision>> = items.iter().map(|i| i.and_then(|i| decisions.get(i))).collect();
        if self.layout == Layout::Long && self.rater.is_some() {
            for (row, item) in items.iter().enumerate() {
                if let (Some(item), Some(decision)) = (item, rows[row])
                    && decision.label.is_some()
                    && !self.first.contains_key(item)
                {
                    let one = take_record_batch(batch, &UInt32Array::from(vec![row as u32]));
                    self.first.insert(*item, one.map_err(|e| failed(self.path, &e))?);
                }
            }
        }
        let mut columns: Vec<ArrayRef> = batch.columns().to_vec();
        if let Some(given) = self.given {
            let before = self.texts(batch, given)?;
            let labels: Vec<Option<&str>> = rows.iter().map(|d| d.and_then(|d| d.label.as_deref())).collect();
            let new: Vec<Option<&str>> = labels
                .iter()
                .enumerate()
                .map(|(row, label)| label.filter(|l| before.get(row) != *l))
                .collect();
            columns[given] = self.with(&columns[given], given, &new)?;
            let old = |row: usize, d: &Decision| d.label.is_some().then(|| before.get(row).to_owned());
            self.tell(&mut columns, 0, &rows, old)?;
        }
        if self.tells {
            self.tell(&mut columns, 1, &rows, |_, d| Some(d.status.to_owned()))?;
            self.tell(&mut columns, 2, &rows, |_, d| d.confidence.map(|c| c.to_string()))?;
        }
        for name in &self.reviewers {
            let mut labels: Vec<Option<&str>> = Vec::with_capacity(rows.len());
            for decision in &rows {
                labels.push(decision.filter(|d| d.reviewer == *name).and_then(|d| d.label.as_deref()));
            }
            columns.push(Arc::new(StringArray::from(labels)));
        }
        let out = RecordBatch::try_new(self.schema.clone(), columns).map_err(|e| failed(self.path, &e))?;
        let kept: BooleanArray = rows.iter().map(|d| Some(!d.is_some_and(|d| d.dropped))).collect();
        if kept.false_count() == 0 {
            return Ok(out);
        }
        filter_record_batch(&out, &kept).map_err(|e| failed(self.path, &e))
    }

    /// Fills one of the added columns: a new one at the end, one that is there in its place, where something was
    /// decided.
    fn tell(
        &self,
        columns: &mut Vec<ArrayRef>,
        which: usize,
        rows: &[Option<&Decision>],
        say: impl Fn(usize, &Decision) -> Option<String>,
    ) -> Result<(), FormatError> {
        let new: Vec<Option<String>> =
            rows.iter().enumerate().map(|(row, d)| d.and_then(|d| say(row, d))).collect();
        match self.source.fields().iter().position(|f| f.name() == ADDED[which]) {
            Some(root) => {
                // What the label was before the first review stays known.
                let stays = |row: usize| which == 0 && columns[root].is_valid(row);
                let new: Vec<Option<&str>> = new
                    .iter()
                    .enumerate()
                    .map(|(row, text)| text.as_deref().filter(|_| !stays(row)))
                    .collect();
                columns[root] = self.with(&columns[root], root, &new)?;
            }
            None if which == 2 => {
                let number = |t: &Option<String>| t.as_deref().and_then(|t| t.parse::<i8>().ok());
                columns.push(Arc::new(new.iter().map(number).collect::<Int8Array>()));
            }
            None => columns.push(Arc::new(new.into_iter().collect::<StringArray>())),
        }
        Ok(())
    }

    /// A column with the cells of `new` in their place.
    fn with(&self, array: &ArrayRef, root: usize, new: &[Option<&str>]) -> Result<ArrayRef, FormatError> {
        if new.iter().all(Option::is_none) {
            return Ok(array.clone());
        }
        let cells = self.cast(root, new)?;
        let mask: BooleanArray = new.iter().map(|n| Some(n.is_some())).collect();
        arrow::compute::kernels::zip::zip(&mask, &cells, array).map_err(|e| failed(self.path, &e))
    }

    /// Cells as the type of a column has them; class names as their numbers.
    fn cast(&self, root: usize, cells: &[Option<&str>]) -> Result<ArrayRef, FormatError> {
        let field = self.source.field(root);
        let numbered = match self.features.get(field.name()) {
            Feature::Class(_) if self.given.or(self.label) == Some(root) => self.classes.as_ref(),
            _ => None,
        };
        let texts: StringArray = cells
            .iter()
            .map(|cell| {
                let cell = (*cell)?;
                let place = numbered.and_then(|names| names.iter().position(|n| n == cell));
                Some(place.map_or_else(|| cell.to_owned(), |p| p.to_string()))
            })
            .collect();
        let strict = CastOptions { safe: false, ..CastOptions::default() };
        cast_with_options(&texts, field.data_type(), &strict).map_err(|_| {
            let first = cells.iter().flatten().next().copied().unwrap_or_default();
            let what = format!(
                "the label “{}” does not fit into the column “{}” of type {}",
                visible(first),
                visible(field.name()),
                field.data_type()
            );
            FormatError::of(self.path, what, "save the table as CSV and open that, or choose another label")
        })
    }

    /// One row a decided item of a long table, in item order.
    fn reviewer_rows(&mut self) -> Result<Option<RecordBatch>, FormatError> {
        let (Layout::Long, Some(rater), Some(label)) = (self.layout, self.rater, self.label) else {
            return Ok(None);
        };
        let decided: Vec<(usize, &Decision)> = self
            .decisions
            .iter()
            .filter(|(item, d)| d.label.is_some() && self.first.contains_key(item))
            .collect();
        if decided.is_empty() {
            return Ok(None);
        }
        let first = concat_batches(&self.source, decided.iter().map(|(item, _)| &self.first[item]))
            .map_err(|e| failed(self.path, &e))?;
        let labels: Vec<Option<&str>> = decided.iter().map(|(_, d)| d.label.as_deref()).collect();
        let names: Vec<String> = decided.iter().map(|(_, d)| format!("reviewer:{}", d.reviewer)).collect();
        let names: Vec<Option<&str>> = names.iter().map(|n| Some(n.as_str())).collect();
        let constant = |name: &str| self.dataset.metadata.iter().any(|(n, _)| n == name);
        let role = |name: &str| self.dataset.source.roles.iter().find(|(n, _)| n == name).map(|(_, r)| r);
        let mut columns = Vec::new();
        for (root, field) in self.schema.fields().iter().enumerate() {
            let Some(old) = first.columns().get(root) else {
                columns.push(new_null_array(field.data_type(), decided.len()));
                continue;
            };
            let repeated = match role(field.name()) {
                Some(Role::Text | Role::Gold | Role::Probability(_) | Role::Media | Role::Item) => true,
                Some(Role::Meta) => constant(field.name()),
                _ => !field.is_nullable(),
            };
            columns.push(if root == rater {
                self.cast(root, &names)?
            } else if root == label || Some(root) == self.given {
                self.cast(root, &labels)?
            } else if repeated {
                old.clone()
            } else {
                new_null_array(field.data_type(), decided.len())
            });
        }
        RecordBatch::try_new(self.schema.clone(), columns).map(Some).map_err(|e| failed(self.path, &e))
    }
}
