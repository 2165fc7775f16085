//! Work off the window's thread: one queue above rayon.
//!
//! A job has a key; at most one job of a key is alive, and starting another cancels the older one, whose result
//! is dropped even if it arrives later (each job has a number, and only the newest of its key is heard). Each job
//! waits on a named thread of its own while its work runs inside a shared rayon pool, so whatever it does in
//! parallel stays there. There are two pools: [`Jobs::start`] uses all cores but one, and [`Jobs::start_quick`] a
//! pool that long work never fills, so a search answers while an analysis runs.
//!
//! The window calls [`Jobs::poll`] in every `logic`; each result asks for exactly one repaint. While
//! [`Jobs::is_idle`] is false, the caller asks for a repaint within [`POLL_INTERVAL`], so that bars move.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::progress::{Cancelled, Progress};

/// How often the window looks at running jobs.
pub const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// Why a job gave no outcome.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// Somebody asked it to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// Its work could not be done.
    #[error(transparent)]
    Failed(Box<dyn std::error::Error + Send + Sync>),
    /// It hit a bug; the text is the panic's.
    #[error("internal error: {0}")]
    Panicked(String),
}

impl JobError {
    /// Work that could not be done, for the reason `error` (an error or a sentence).
    pub fn failed(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Failed(error.into())
    }

    /// Whether somebody asked for it, so that it needs no message.
    pub fn is_cancelled(&self) -> bool {
        matches!(self, Self::Cancelled(_))
    }
}

/// A job that came to its end.
#[derive(Debug)]
pub struct Finished<K, O> {
    /// Its key.
    pub key: K,
    /// Its name, as shown.
    pub name: String,
    /// Wall time from its start to now.
    pub elapsed: Duration,
    /// What it found, or why it did not.
    pub result: Result<O, JobError>,
}

/// A job under way, as shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Running<K> {
    /// Its key.
    pub key: K,
    /// Its name.
    pub name: String,
    /// What it is doing, in words; empty before it says.
    pub stage: String,
    /// Share of the stage that is done, in 0..=1; `None` where unknown.
    pub share: Option<f32>,
    /// Wall time since its start.
    pub elapsed: Duration,
    /// Whether it was asked to stop and has not yet.
    pub is_stopping: bool,
}

struct Job<K> {
    key: K,
    number: u64,
    name: String,
    progress: Arc<Progress>,
    began: Instant,
}

/// The jobs of a window, by keys `K`; all give outcomes of one type `O` (an enum, usually).
pub struct Jobs<K, O> {
    running: Vec<Job<K>>,
    started: u64,
    results: Receiver<(u64, Result<O, JobError>)>,
    sender: Sender<(u64, Result<O, JobError>)>,
    long: Option<Arc<ThreadPool>>,
    quick: Option<Arc<ThreadPool>>,
}

impl<K: Copy + Eq, O: Send + 'static> Jobs<K, O> {
    /// No jobs yet; the pools' threads start here.
    pub fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self::with_threads((cores - 1).max(1))
    }

    /// As [`Jobs::new`], with `threads` for long work (at least 1).
    pub fn with_threads(threads: usize) -> Self {
        let (sender, results) = channel();
        let long = pool("work", threads.max(1));
        Self { running: Vec::new(), started: 0, results, sender, long, quick: pool("quick", 1) }
    }

    /// Starts a job for long work; cancels and forgets a running one of the same key.
    ///
    /// `work` calls [`Progress::check`] every few milliseconds.
    pub fn start(
        &mut self,
        ctx: &egui::Context,
        key: K,
        name: impl Into<String>,
        work: impl FnOnce(&Progress) -> Result<O, JobError> + Send + 'static,
    ) {
        let pool = self.long.clone();
        self.start_in(pool, ctx, key, name.into(), work);
    }

    /// Starts a job that somebody waits for with a hand on the keyboard: it does not queue behind long work.
    pub fn start_quick(
        &mut self,
        ctx: &egui::Context,
        key: K,
        name: impl Into<String>,
        work: impl FnOnce(&Progress) -> Result<O, JobError> + Send + 'static,
    ) {
        let pool = self.quick.clone();
        self.start_in(pool, ctx, key, name.into(), work);
    }

    fn start_in(
        &mut self,
        pool: Option<Arc<ThreadPool>>,
        ctx: &egui::Context,
        key: K,
        name: String,
        work: impl FnOnce(&Progress) -> Result<O, JobError> + Send + 'static,
    ) {
        self.running.retain(|job| {
            if job.key == key {
                job.progress.cancel();
            }
            job.key != key
        });
        self.started += 1;
        let number = self.started;
        let progress = Arc::new(Progress::new());
        let (watched, sender, ctx) = (Arc::clone(&progress), self.sender.clone(), ctx.clone());
        // A name that holds a zero byte would be refused with a panic.
        let thread = std::thread::Builder::new().name(name.replace('\0', " ")).spawn(move || {
            let result = match pool {
                Some(pool) => catch(|| pool.install(|| work_unless_cancelled(&watched, work))),
                None => catch(|| work_unless_cancelled(&watched, work)),
            };
            // Nobody listens any more once the window is gone.
            sender.send((number, result)).ok();
            ctx.request_repaint();
        });
        if let Err(error) = thread {
            self.sender.send((number, Err(JobError::failed(error)))).ok();
        }
        self.running.push(Job { key, number, name, progress, began: Instant::now() });
    }

    /// The jobs that ended since the last call, in the order in which they did. Replaced ones are not among them.
    pub fn poll(&mut self) -> Vec<Finished<K, O>> {
        let mut finished = Vec::new();
        for (number, result) in self.results.try_iter() {
            let Some(at) = self.running.iter().position(|job| job.number == number) else { continue };
            let Job { key, name, began, .. } = self.running.remove(at);
            finished.push(Finished { key, name, elapsed: began.elapsed(), result });
        }
        finished
    }

    /// The jobs under way, oldest first.
    pub fn running(&self) -> Vec<Running<K>> {
        let show = |job: &Job<K>| Running {
            key: job.key,
            name: job.name.clone(),
            stage: job.progress.stage_name(),
            share: job.progress.share(),
            elapsed: job.began.elapsed(),
            is_stopping: job.progress.is_cancelled(),
        };
        self.running.iter().map(show).collect()
    }

    /// Whether no job is under way.
    pub fn is_idle(&self) -> bool {
        self.running.is_empty()
    }

    /// Whether a job of this key is under way.
    pub fn is_running(&self, key: K) -> bool {
        self.running.iter().any(|job| job.key == key)
    }

    /// Asks the job of this key to stop; it ends as [`JobError::Cancelled`] at its next check.
    pub fn cancel(&self, key: K) {
        for job in self.running.iter().filter(|job| job.key == key) {
            job.progress.cancel();
        }
    }
}

impl<K: Copy + Eq, O: Send + 'static> Default for Jobs<K, O> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K, O> Jobs<K, O> {
    /// Asks all jobs to stop.
    pub fn cancel_all(&self) {
        for job in &self.running {
            job.progress.cancel();
        }
    }
}

impl<K, O> Drop for Jobs<K, O> {
    fn drop(&mut self) {
        self.cancel_all();
    }
}

/// A pool of `threads` named threads; `None` where the system gives none, and jobs then run on their own thread.
fn pool(name: &'static str, threads: usize) -> Option<Arc<ThreadPool>> {
    let builder = ThreadPoolBuilder::new().num_threads(threads).thread_name(move |i| format!("{name} {i}"));
    match builder.build() {
        Ok(pool) => Some(Arc::new(pool)),
        Err(error) => {
            log::warn!("no threads for {name}: {error}");
            None
        }
    }
}

/// A job that waited for the pool may have been cancelled before its first step.
fn work_unless_cancelled<O>(
    progress: &Progress,
    work: impl FnOnce(&Progress) -> Result<O, JobError>,
) -> Result<O, JobError> {
    progress.check()?;
    work(progress)
}

fn catch<O>(work: impl FnOnce() -> Result<O, JobError>) -> Result<O, JobError> {
    // A job owns what it works on, and what it shares is atomic or locked: nothing broken is seen afterwards.
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|payload| Err(JobError::Panicked(panic_text(&*payload))))
}

fn panic_text(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a panic without words").to_owned()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use rayon::prelude::*;

    use super::*;

    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    enum Key {
        Analysis,
        Search,
    }

    fn jobs() -> (Jobs<Key, i32>, egui::Context) {
        (Jobs::with_threads(1), egui::Context::default())
    }

    /// Polls until `n` jobs have ended.
    fn wait_for(jobs: &mut Jobs<Key, i32>, n: usize) -> Vec<Finished<Key, i32>> {
        let began = Instant::now();
        let mut ended = Vec::new();
        while ended.len() < n {
            assert!(began.elapsed() < Duration::from_secs(20), "{} of {n} jobs ended", ended.len());
            ended.extend(jobs.poll());
            std::thread::sleep(Duration::from_millis(1));
        }
        ended
    }

    /// Works until cancelled.
    fn endless(progress: &Progress) -> Result<i32, JobError> {
        progress.stage("turning", 4);
        progress.add(1);
        loop {
            progress.check()?;
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    #[test]
    fn a_job_gives_its_outcome_and_one_repaint() {
        let (mut jobs, ctx) = jobs();
        let repaints = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&repaints);
        ctx.set_request_repaint_callback(move |_| {
            counted.fetch_add(1, Ordering::SeqCst);
        });
        jobs.start(&ctx, Key::Analysis, "add", |_| Ok((0..1000).into_par_iter().sum()));
        let [done] = &wait_for(&mut jobs, 1)[..] else { panic!("one job ends") };
        assert_eq!((done.key, done.name.as_str()), (Key::Analysis, "add"));
        assert!(matches!(done.result, Ok(499_500)));
        assert!(jobs.is_idle());
        let began = Instant::now();
        while repaints.load(Ordering::SeqCst) == 0 {
            assert!(began.elapsed() < Duration::from_secs(20));
            std::thread::sleep(Duration::from_millis(1));
        }
        assert_eq!(repaints.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn work_runs_inside_the_pool() {
        let (mut jobs, ctx) = jobs();
        jobs.start(&ctx, Key::Analysis, "where", |_| {
            let name = std::thread::current().name().map(str::to_owned);
            if name.as_deref() == Some("work 0") { Ok(0) } else { Err(JobError::failed(format!("{name:?}"))) }
        });
        assert!(matches!(wait_for(&mut jobs, 1)[0].result, Ok(0)));
    }

    #[test]
    fn a_job_that_checks_stops_within_100_ms() {
        let (mut jobs, ctx) = jobs();
        jobs.start(&ctx, Key::Analysis, "endless", endless);
        let began = Instant::now();
        while jobs.running()[0].share.is_none() {
            assert!(began.elapsed() < Duration::from_secs(20), "the job never began");
            std::thread::sleep(Duration::from_millis(1));
        }
        let running = jobs.running();
        assert_eq!((running[0].stage.as_str(), running[0].share), ("turning", Some(0.25)));
        assert!(!running[0].is_stopping);
        jobs.cancel(Key::Search);
        assert!(!jobs.running()[0].is_stopping);
        let asked = Instant::now();
        jobs.cancel(Key::Analysis);
        assert!(jobs.running()[0].is_stopping);
        let ended = wait_for(&mut jobs, 1);
        assert!(asked.elapsed() < Duration::from_millis(100), "it took {:?}", asked.elapsed());
        assert!(ended[0].result.as_ref().is_err_and(JobError::is_cancelled));
    }

    #[test]
    fn a_panic_becomes_a_message() {
        let (mut jobs, ctx) = jobs();
        jobs.start(&ctx, Key::Analysis, "bad", |_| panic!("row {} is broken", 7));
        jobs.start(&ctx, Key::Search, "worse", |_| {
            (0..100).into_par_iter().for_each(|i| assert!(i != 50, "fifty"));
            Ok(1)
        });
        let mut messages: Vec<String> = wait_for(&mut jobs, 2)
            .iter()
            .map(|f| f.result.as_ref().expect_err("both jobs fail").to_string())
            .collect();
        messages.sort();
        assert_eq!(messages, ["internal error: fifty", "internal error: row 7 is broken"]);
        jobs.start(&ctx, Key::Analysis, "good", |_| Ok(3));
        assert!(matches!(wait_for(&mut jobs, 1)[0].result, Ok(3)), "the pool outlives a panic");
    }

    #[test]
    fn a_failure_keeps_its_words() {
        let (mut jobs, ctx) = jobs();
        jobs.start(&ctx, Key::Analysis, "read", |_| Err(JobError::failed("the file has no rows")));
        let ended = wait_for(&mut jobs, 1);
        assert_eq!(ended[0].result.as_ref().expect_err("it fails").to_string(), "the file has no rows");
    }

    #[test]
    fn the_result_of_a_replaced_job_is_dropped() {
        let (mut jobs, ctx) = jobs();
        let (release, held) = channel::<()>();
        // Deaf to cancelling: it finishes with an outcome, after it was replaced.
        jobs.start_quick(&ctx, Key::Search, "old", move |_| {
            held.recv().ok();
            Ok(1)
        });
        jobs.start(&ctx, Key::Search, "new", |_| Ok(2));
        let ended = wait_for(&mut jobs, 1);
        assert_eq!((ended[0].name.as_str(), ended[0].result.as_ref().ok()), ("new", Some(&2)));
        drop(release);
        jobs.start_quick(&ctx, Key::Analysis, "after", |_| Ok(3));
        let ended = wait_for(&mut jobs, 1);
        assert_eq!((ended[0].name.as_str(), ended.len()), ("after", 1));
        std::thread::sleep(Duration::from_millis(20));
        assert!(jobs.poll().is_empty());
    }

    #[test]
    fn replacing_cancels_the_older_job() {
        let (mut jobs, ctx) = jobs();
        jobs.start(&ctx, Key::Analysis, "old", endless);
        // One thread: this can run only once the older one has stopped.
        jobs.start(&ctx, Key::Analysis, "new", |_| Ok(2));
        assert_eq!(jobs.running().len(), 1);
        assert!(matches!(wait_for(&mut jobs, 1)[0].result, Ok(2)));
    }

    #[test]
    fn quick_work_does_not_wait_for_long_work() {
        let (mut jobs, ctx) = jobs();
        jobs.start(&ctx, Key::Analysis, "long", endless);
        jobs.start_quick(&ctx, Key::Search, "quick", |_| Ok(5));
        let ended = wait_for(&mut jobs, 1);
        assert!(matches!(ended[0].result, Ok(5)));
        assert!(jobs.is_running(Key::Analysis));
        jobs.cancel_all();
        assert!(wait_for(&mut jobs, 1)[0].result.as_ref().is_err_and(JobError::is_cancelled));
    }

    #[test]
    fn dropping_the_queue_stops_the_work() {
        let (mut jobs, ctx) = jobs();
        let (done, stopped) = channel();
        jobs.start(&ctx, Key::Analysis, "endless", move |progress| {
            let result = endless(progress);
            done.send(()).ok();
            result
        });
        while jobs.running()[0].stage.is_empty() {
            std::thread::sleep(Duration::from_millis(1));
        }
        drop(jobs);
        stopped.recv_timeout(Duration::from_secs(20)).expect("the work stops");
    }
}
