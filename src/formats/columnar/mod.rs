//! Tables that are stored by column: Parquet, Arrow files and streams, and the folders that the `datasets` library
//! makes of them.
//!
//! ```text
//! parquet, ipc   a file → arrays, some rows at a time     features      names of classes and the like
//! cells          arrays → cells                           layout        which columns become which
//! huggingface    folders → files, splits, features        yaml          the top of a README
//! ```
//!
//! Decoding runs ahead on a thread of its own, two steps at most, so that memory stays bounded. A panic in a
//! decoder, which a damaged file may cause, becomes an error that names the file.

pub(crate) mod cells;
pub(crate) mod features;
mod huggingface;
pub(crate) mod ipc;
pub(crate) mod layout;
pub(crate) mod parquet;
mod yaml;

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use arrow::array::ArrayRef;
use arrow::datatypes::SchemaRef;

use super::batch::{Batch, Batches};
use super::error::{FormatError, plural, visible, visible_path};
use super::notes::{Notes, Place};
use super::schema::roles_of_votes;
use super::text::digest_of;
use crate::dataset::{Role, SourceFile};
use crate::progress::Progress;
use cells::Odd;
use features::Features;
pub(crate) use huggingface::is_folder;
use layout::Layout;

/// Columns that export adds beside a given label: what it was, what was decided, how sure the reviewer was.
pub(crate) const ADDED: [&str; 3] = ["label_original", "dissensus_action", "dissensus_confidence"];
/// Steps that decoding may run ahead.
const AHEAD: usize = 2;

/// What a file says about itself.
#[derive(Debug, Clone)]
pub(crate) struct Look {
    pub(crate) schema: SchemaRef,
    pub(crate) rows: u64,
    /// Whatever else was written beside the schema.
    pub(crate) known: HashMap<String, String>,
}

/// Some rows: one array a column of the schema, where it was asked for.
pub(crate) struct Step {
    pub(crate) rows: usize,
    pub(crate) arrays: Vec<Option<ArrayRef>>,
}

/// A file that is read step by step.
pub(crate) trait Parts: Send {
    /// The next rows, with up to `threads` at work; `None` at the end.
    fn next(&mut self, threads: usize) -> Result<Option<Step>, FormatError>;
}

/// One file of a table, and the part of the data set that it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) path: PathBuf,
    pub(crate) split: String,
}

/// Whether `head` begins a file that is stored by column.
pub(crate) fn is_columnar(head: &[u8]) -> bool {
    head.starts_with(b"PAR1") || head.starts_with(ipc::MAGIC) || head.starts_with(b"\xff\xff\xff\xff")
}

/// What the file at `path` says about itself.
pub(crate) fn look(path: &Path) -> Result<Look, FormatError> {
    if is_parquet(path)? { parquet::look(path) } else { ipc::look(path) }
}

fn is_parquet(path: &Path) -> Result<bool, FormatError> {
    use std::io::Read as _;
    let (mut file, _) = super::text::open_regular(path)?;
    let mut head = Vec::new();
    (&mut file).take(8).read_to_end(&mut head).map_err(|e| FormatError::io(path, "read", &e))?;
    match head.as_slice() {
        h if h.starts_with(b"PAR1") => Ok(true),
        h if is_columnar(h) => Ok(false),
        _ => Err(FormatError::of(path, "this is neither a Parquet nor an Arrow file", "write it again")),
    }
}

/// Runs `work`; a panic in it becomes an error that names the file.
pub(crate) fn guarded<T>(
    path: &Path,
    work: impl FnOnce() -> Result<T, FormatError>,
) -> Result<T, FormatError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        Err(FormatError::of(
            path,
            "this file is damaged and cannot be read",
            "write it again, or use another copy",
        ))
    })
}

/// `0..n` through `work`, in order, on up to `threads` threads. Not on the pool that everything else runs on: who
/// waits for this may be one of its threads.
pub(crate) fn in_parallel<R: Send>(n: usize, threads: usize, work: &(impl Fn(usize) -> R + Sync)) -> Vec<R> {
    let mut numbers: Vec<usize> = (0..n).collect();
    in_parallel_mut(&mut numbers, threads, &|i: &mut usize| work(*i))
}

/// The same with things that change.
pub(crate) fn in_parallel_mut<T: Send, R: Send>(
    things: &mut [T],
    threads: usize,
    work: &(impl Fn(&mut T) -> R + Sync),
) -> Vec<R> {
    let n = things.len();
    if threads < 2 || n < 2 {
        return things.iter_mut().map(work).collect();
    }
    let queue = parking_lot::Mutex::new(things.iter_mut().enumerate());
    let run = || {
        let mut done = Vec::new();
        loop {
            let next = queue.lock().next();
            let Some((i, thing)) = next else { return done };
            done.push((i, work(thing)));
        }
    };
    let mut all = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads.min(n)).map(|_| scope.spawn(run)).collect();
        let mut all = run();
        for other in others {
            match other.join() {
                Ok(done) => all.extend(done),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        all
    });
    all.sort_by_key(|(i, _)| *i);
    all.into_iter().map(|(_, r)| r).collect()
}

/// What the thread that decodes hands over.
type Decoded = Result<(Batch, Odd, u64), FormatError>;

/// A table of one or several such files.
pub(crate) struct Columnar {
    /// What was opened: a file or a folder.
    path: PathBuf,
    parts: Vec<Part>,
    layout: Arc<Layout>,
    /// Labels that the description declares, by column.
    declared: Vec<Option<Vec<String>>>,
    parquet: bool,
    /// How many rows the files say they have.
    rows: u64,
    receiver: Option<Receiver<Decoded>>,
    digests: Option<Digests>,
}

impl Columnar {
    /// Opens a file, or a folder of a data set.
    pub(crate) fn open(path: &Path, notes: &mut Notes) -> Result<Self, FormatError> {
        let (parts, said) = if path.is_dir() {
            huggingface::folder(path)?
        } else {
            (vec![Part { path: path.to_owned(), split: String::new() }], huggingface::beside(path))
        };
        let Some(first) = parts.first() else {
            return Err(FormatError::of(
                path,
                "this folder holds no data file",
                "name the file that holds the labels",
            ));
        };
        let looked = look(&first.path)?;
        let names: Vec<String> = looked.schema.fields().iter().map(|f| f.name().clone()).collect();
        let own = looked.known.get("huggingface").and_then(|text| Features::of_schema(text));
        let features = own.or_else(|| said.features(&names)).unwrap_or_default();
        let mut rows = looked.rows;
        for part in &parts[1..] {
            let other = look(&part.path)?;
            let same = other.schema.fields().iter().map(|f| f.name()).eq(names.iter());
            if !same {
                let what = format!("its columns are not those of {}", visible_path(&first.path));
                return Err(FormatError::of(&part.path, what, "open the file by itself"));
            }
            rows = rows.saturating_add(other.rows);
        }
        let several = parts.iter().any(|p| p.split != parts[0].split);
        let layout = Layout::of(&looked.schema, &features, several);
        if let Some(votes) = layout.votes {
            let column = &names[votes];
            notes.add("votes_in_rows", Place { line: None, column: Some(column) }, 1, || {
                (
                    format!(
                        "“{}” holds a list of votes an item, which is read as one row a vote",
                        visible(column)
                    ),
                    "Nothing to do".into(),
                )
            });
        }
        let names_of = |cell: &layout::Cell| match cell {
            layout::Cell::Column { feature, .. } | layout::Cell::Vote { feature, .. } => {
                feature.names().map(<[String]>::to_vec)
            }
            layout::Cell::Split => None,
        };
        Ok(Self {
            path: path.to_owned(),
            declared: layout.cells.iter().map(names_of).collect(),
            parquet: is_parquet(&parts[0].path)?,
            parts,
            layout: Arc::new(layout),
            rows,
            receiver: None,
            digests: None,
        })
    }

    /// What kind of table it is, with an article.
    pub(crate) fn name(&self) -> &'static str {
        match (self.path.is_dir(), self.parquet) {
            (true, _) => "a datasets folder",
            (false, true) => "a Parquet file",
            (false, false) => "an Arrow file",
        }
    }

    /// Why it is taken for one; continues "because …".
    pub(crate) fn because(&self) -> String {
        let columns = plural(self.layout.names.len() as u64, "column");
        if self.path.is_dir() {
            return format!("it holds {} with {columns}", plural(self.parts.len() as u64, "data file"));
        }
        let begins = if self.parquet { "PAR1" } else { "an Arrow header" };
        format!("it begins with {begins} and has {columns}")
    }

    /// The files, in order.
    pub(crate) fn parts(&self) -> &[Part] {
        &self.parts
    }

    fn start(&mut self, wanted: &[bool]) -> Result<(), FormatError> {
        let (sender, receiver) = sync_channel(AHEAD);
        let (parts, layout, wanted) = (self.parts.clone(), self.layout.clone(), wanted.to_vec());
        let threads = rayon::current_num_threads();
        // It ends when nobody listens any more.
        std::thread::Builder::new()
            .name("columns".into())
            .spawn(move || decode(&parts, &layout, &wanted, threads, &sender))
            .map_err(|e| FormatError::io(&self.path, "start reading", &e))?;
        self.digests = Digests::start(&self.parts).ok();
        self.receiver = Some(receiver);
        Ok(())
    }
}

fn decode(parts: &[Part], layout: &Layout, wanted: &[bool], threads: usize, sender: &SyncSender<Decoded>) {
    let roots = layout.roots(wanted);
    for part in parts {
        let bytes = std::fs::metadata(&part.path).map_or(0, |m| m.len());
        let opened = guarded(&part.path, || {
            if is_parquet(&part.path)? {
                parquet::open(&part.path, &roots)
            } else {
                ipc::open(&part.path, &roots)
            }
        });
        let mut reader = match opened {
            Ok(reader) => reader,
            Err(e) => {
                sender.send(Err(e)).ok();
                return;
            }
        };
        let mut steps = 0;
        loop {
            let next = guarded(&part.path, || {
                let Some(step) = reader.next(threads)? else { return Ok(None) };
                let batch = layout.batch(&step.arrays, step.rows, wanted, &part.split, threads);
                batch.map(Some).map_err(|e| {
                    FormatError::of(
                        &part.path,
                        format!("a value cannot be read ({e})"),
                        "write the file again",
                    )
                })
            });
            steps += 1;
            let (item, over) = match next {
                Ok(Some((batch, odd))) => (Ok((batch, odd, if steps == 1 { bytes } else { 0 })), false),
                Ok(None) => break,
                Err(e) => (Err(e), true),
            };
            if sender.send(item).is_err() || over {
                return;
            }
        }
    }
}

fn digests_of(parts: &[Part], progress: &Progress) -> Result<Vec<SourceFile>, FormatError> {
    parts.iter().map(|p| digest_of(&p.path, progress)).collect()
}

/// Digests of files, computed beside their decoding; dropped, it stops.
struct Digests {
    progress: Arc<Progress>,
    found: Receiver<Result<Vec<SourceFile>, FormatError>>,
}

impl Digests {
    fn start(parts: &[Part]) -> std::io::Result<Self> {
        let progress = Arc::new(Progress::new());
        let (sender, found) = sync_channel(1);
        let (parts, watched) = (parts.to_vec(), Arc::clone(&progress));
        std::thread::Builder::new().name("digests".into()).spawn(move || {
            sender.send(digests_of(&parts, &watched)).ok();
        })?;
        Ok(Self { progress, found })
    }

    /// One a file, in order; `None` if there is nobody left who could say.
    fn wait(&self, progress: &Progress) -> Result<Option<Vec<SourceFile>>, FormatError> {
        loop {
            progress.check()?;
            match self.found.recv_timeout(Duration::from_millis(20)) {
                Ok(found) => return found.map(Some),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(None),
            }
        }
    }
}

impl Drop for Digests {
    fn drop(&mut self) {
        self.progress.cancel();
    }
}

impl Batches for Columnar {
    fn names(&self) -> &[String] {
        &self.layout.names
    }

    fn row_count(&self) -> Option<u64> {
        // Votes in lists become more rows than the files say.
        self.layout.votes.is_none().then_some(self.rows)
    }

    fn roles(&self) -> Vec<Option<Role>> {
        let names = &self.layout.names;
        let vote = |i: usize| matches!(self.layout.cells[i], layout::Cell::Vote { .. });
        let mut roles = match self.layout.votes {
            Some(_) => roles_of_votes(names, vote),
            None => vec![None; names.len()],
        };
        // What an earlier export added.
        for (name, role) in names.iter().zip(&mut roles) {
            if ADDED.contains(&name.as_str()) {
                *role = Some(Role::Ignore);
            }
        }
        roles
    }

    fn declared(&self, column: usize) -> Option<&[String]> {
        self.declared.get(column)?.as_deref()
    }

    fn next_batch(
        &mut self,
        wanted: &[bool],
        notes: &mut Notes,
        progress: &Progress,
    ) -> Result<Option<Batch>, FormatError> {
        progress.check()?;
        if self.receiver.is_none() {
            self.start(wanted)?;
        }
        let Some(Ok(next)) = self.receiver.as_ref().map(Receiver::recv) else { return Ok(None) };
        let (batch, odd, bytes) = next?;
        progress.add(bytes);
        notes.add("binary_cells", Place::FILE, odd.bytes, || {
            ("Cells hold bytes that are not text; they count as empty".into(), "Write them as text".into())
        });
        notes.add("nameless_class", Place::FILE, odd.nameless, || {
            (
                "Numbers of classes that have no name are called by their number".into(),
                "Check the names of the classes in the file's description".into(),
            )
        });
        Ok(Some(batch))
    }

    fn finish(mut self: Box<Self>, progress: &Progress) -> Result<SourceFile, FormatError> {
        drop(self.receiver.take());
        let found = self.digests.take().and_then(|digests| digests.wait(progress).transpose());
        let mut files = found.unwrap_or_else(|| digests_of(&self.parts, progress))?;
        if self.parts.len() == 1 && !self.path.is_dir() {
            return Ok(files.remove(0));
        }
        Ok(super::text::digest_of_all(&self.path, &files))
    }
}
