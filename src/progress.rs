//! Progress and cancellation: the one thing that every long computation takes.
//!
//! A worker calls [`Progress::stage`] when it begins something that has a name, [`Progress::add`] as units of
//! it are done, and [`Progress::check`] at least every few milliseconds. The window polls; nothing blocks.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use parking_lot::Mutex;

/// Shared between a worker and whoever watches it. All methods take `&self`.
#[derive(Debug, Default)]
pub struct Progress {
    stage: Mutex<String>,
    done: AtomicU64,
    total: AtomicU64,
    cancelled: AtomicBool,
}

/// The user asked for the work to stop; its partial result is thrown away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cancelled")]
pub struct Cancelled;

impl Progress {
    /// A progress nobody has started or cancelled.
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins a stage of `total` units (0 where the number is unknown).
    pub fn stage(&self, name: &str, total: u64) {
        name.clone_into(&mut self.stage.lock());
        self.done.store(0, Ordering::Relaxed);
        self.total.store(total, Ordering::Relaxed);
    }

    /// Counts `n` more units of the present stage as done.
    pub fn add(&self, n: u64) {
        self.done.fetch_add(n, Ordering::Relaxed);
    }

    /// What is being done, in words.
    pub fn stage_name(&self) -> String {
        self.stage.lock().clone()
    }

    /// Share of the present stage that is done, in 0..=1; `None` where the total is unknown.
    pub fn share(&self) -> Option<f32> {
        let total = self.total.load(Ordering::Relaxed);
        (total > 0).then(|| (self.done.load(Ordering::Relaxed) as f32 / total as f32).min(1.0))
    }

    /// Asks the worker to stop at its next [`Progress::check`].
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    /// Whether somebody asked for a stop.
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    /// `Err(Cancelled)` once somebody asked for a stop: call it once per chunk of work, with `?`.
    pub fn check(&self) -> Result<(), Cancelled> {
        if self.is_cancelled() { Err(Cancelled) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn share_is_of_the_present_stage() {
        let p = Progress::new();
        assert_eq!(p.share(), None);
        p.stage("reading", 4);
        p.add(1);
        assert_eq!((p.stage_name().as_str(), p.share()), ("reading", Some(0.25)));
        p.stage("counting", 0);
        assert_eq!(p.share(), None);
    }

    #[test]
    fn a_cancelled_worker_stops_at_its_next_check() {
        let p = Progress::new();
        assert_eq!(p.check(), Ok(()));
        p.cancel();
        assert_eq!(p.check(), Err(Cancelled));
    }
}
