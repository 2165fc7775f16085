//! The thread that owns the disk: it appends what is queued, syncs, and only then calls it saved.
//!
//! [`Writer::append`] returns at once. After a failure nothing more is called saved; the next attempt first
//! cuts the log back to what is known to be on the disk, since part of a failed write may stand there and a
//! failed sync may have dropped what it was to keep.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use super::event::Event;
use super::storage::Storage;

/// Called, from the writing thread, whenever what is saved changed.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// How far the log is on the disk.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Saved {
    /// Events that are not on the disk yet.
    pub pending: usize,
    /// The last event that is; `None` if none is.
    pub saved_seq: Option<u64>,
    /// Why the last attempt failed.
    pub error: Option<String>,
}

#[derive(Default)]
struct State {
    queue: Vec<u8>,
    last_queued: Option<u64>,
    saved: Saved,
    retry: bool,
    closing: bool,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

/// Writes events behind the scenes. Dropping it writes what is queued.
pub struct Writer {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Begins to write to `storage`, of which the first `len` bytes are whole and end with event `saved_seq`.
    pub fn start(
        storage: Box<dyn Storage>,
        len: u64,
        saved_seq: Option<u64>,
        wake: Wake,
    ) -> std::io::Result<Self> {
        let saved = Saved { saved_seq, ..Saved::default() };
        let state = State { last_queued: saved_seq, saved, ..State::default() };
        let shared = Arc::new(Shared { state: Mutex::new(state), changed: Condvar::new() });
        let theirs = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("correction log".to_owned())
            .spawn(move || run(&theirs, storage, len, &wake))?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// Queues an event. If the last attempt failed, this makes another.
    pub fn append(&self, event: &Event) {
        let line = event.line();
        let mut state = self.shared.state.lock();
        state.queue.extend_from_slice(line.as_bytes());
        state.last_queued = Some(event.seq());
        state.saved.pending += 1;
        state.retry = true;
        drop(state);
        self.shared.changed.notify_all();
    }

    /// Tries again after a failure.
    pub fn retry(&self) {
        self.shared.state.lock().retry = true;
        self.shared.changed.notify_all();
    }

    /// How far the log is on the disk.
    pub fn saved(&self) -> Saved {
        self.shared.state.lock().saved.clone()
    }

    /// Waits until everything is on the disk. The error says why it is not.
    pub fn wait(&self, timeout: Duration) -> Result<(), String> {
        let deadline = Instant::now() + timeout;
        let mut state = self.shared.state.lock();
        loop {
            if state.saved.pending == 0 {
                return Ok(());
            }
            if let (Some(error), false) = (&state.saved.error, state.retry) {
                return Err(error.clone());
            }
            if self.shared.changed.wait_until(&mut state, deadline).timed_out() {
                return Err(format!("the disk did not answer within {} seconds", timeout.as_secs()));
            }
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        {
            let mut state = self.shared.state.lock();
            state.closing = true;
            state.retry = true;
        }
        self.shared.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            let panicked = thread.join().is_err();
            let saved = self.saved();
            if panicked || saved.pending > 0 {
                let why = saved.error.unwrap_or_else(|| "the writing thread stopped".to_owned());
                log::error!("{} events of the correction log could not be saved: {why}", saved.pending);
            }
        }
    }
}

fn run(shared: &Shared, mut storage: Box<dyn Storage>, mut len: u64, wake: &Wake) {
    let mut batch: Vec<u8> = Vec::new();
    let mut dirty = false;
    loop {
        let (last, events) = {
            let mut state = shared.state.lock();
            while !state.closing
                && (state.saved.pending == 0 || (state.saved.error.is_some() && !state.retry))
            {
                shared.changed.wait(&mut state);
            }
            if state.saved.pending == 0 {
                return;
            }
            batch.append(&mut state.queue);
            (state.last_queued, state.saved.pending)
        };
        let result = write(&mut *storage, len, &batch, dirty);
        let failed = result.is_err();
        let mut state = shared.state.lock();
        let more = !state.queue.is_empty();
        match result {
            Ok(()) => {
                len += batch.len() as u64;
                batch.clear();
                dirty = false;
                state.saved.pending -= events;
                state.saved.saved_seq = last;
                state.saved.error = None;
            }
            Err(e) => {
                dirty = true;
                state.saved.error = Some(format!("the log could not be saved: {e}"));
            }
        }
        // What was queued during the attempt asks for another; what is closing had its last one.
        state.retry = more;
        let closing = state.closing;
        drop(state);
        shared.changed.notify_all();
        wake();
        if failed && closing && !more {
            return;
        }
    }
}

fn write(storage: &mut dyn Storage, len: u64, batch: &[u8], dirty: bool) -> std::io::Result<()> {
    if dirty {
        storage.truncate(len)?;
    }
    storage.append(batch)?;
    storage.sync()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::super::event::{Body, Digests, Head, NO_PREV, SessionEnd};
    use super::super::log::Log;
    use super::super::storage::MemoryStorage;
    use super::*;

    fn events(n: u64) -> Vec<Event> {
        let mut prev = NO_PREV.to_owned();
        (0..n)
            .map(|seq| {
                let head = Head {
                    v: 1,
                    log_id: "l".into(),
                    seq,
                    ts: String::new(),
                    reviewer: "r".into(),
                    dataset: Digests::default(),
                    prev: prev.clone(),
                };
                let event = Event::seal(&head, &Body::SessionEnd(SessionEnd::default())).unwrap();
                event.hash().clone_into(&mut prev);
                event
            })
            .collect()
    }

    const LONG: Duration = Duration::from_secs(20);

    #[test]
    fn events_are_saved_in_batches_and_the_window_is_woken() {
        let disk = MemoryStorage::default();
        let woken = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&woken);
        let wake: Wake = Arc::new(move || {
            count.fetch_add(1, Ordering::SeqCst);
        });
        let writer = Writer::start(Box::new(disk.clone()), 0, None, wake).unwrap();
        for e in &events(200) {
            writer.append(e);
        }
        writer.wait(LONG).unwrap();
        assert_eq!(writer.saved(), Saved { pending: 0, saved_seq: Some(199), error: None });
        drop(writer);
        assert_eq!(Log::parse(&disk.bytes()).unwrap().events.len(), 200);
        assert_eq!(woken.load(Ordering::SeqCst), disk.syncs());
        assert!(disk.syncs() >= 1);
    }

    #[test]
    fn a_full_disk_is_said_nothing_is_called_saved_and_a_retry_loses_and_doubles_nothing() {
        let disk = MemoryStorage::default();
        let writer = Writer::start(Box::new(disk.clone()), 0, None, Arc::new(|| {})).unwrap();
        let all = events(6);
        writer.append(&all[0]);
        writer.wait(LONG).unwrap();
        disk.set_room(Some(100));
        writer.append(&all[1]);
        let e = writer.wait(LONG).unwrap_err();
        assert!(e.contains("no space left"), "{e}");
        writer.append(&all[2]);
        assert!(writer.wait(LONG).is_err());
        assert_eq!((writer.saved().pending, writer.saved().saved_seq), (2, Some(0)));
        disk.set_room(None);
        disk.fail_syncs(1);
        writer.retry();
        assert!(writer.wait(LONG).unwrap_err().contains("input/output"));
        writer.append(&all[3]);
        writer.wait(LONG).unwrap();
        assert_eq!(writer.saved(), Saved { pending: 0, saved_seq: Some(3), error: None });
        disk.fail_syncs(1);
        writer.append(&all[4]);
        assert!(writer.wait(LONG).is_err());
        drop(writer); // tries once more
        assert_eq!(Log::parse(&disk.bytes()).unwrap().events, all[..5]);
    }
}
