//! A reviewer's decisions: what was decided, on what facts, in an append-only log that can be replayed.
//!
//! ```text
//! schema       what each kind of event says
//! event        one line of the log: canonical form and hash
//! storage      where the bytes go: a locked file, or memory that can fail (tests)
//! log          reading and verifying; repair of a torn last line
//! place        where a reviewer's log stands
//! writer       the thread that appends, syncs, and only then calls an event saved
//! facts        raw facts of an item, compared before a decision is applied
//! spans        decisions about single spans of a text
//! replay       events of one log + dataset → Edits, stale decisions, undo and redo stacks
//! session      one reviewer at work: decide, undo, note; always equal to a replay of the log
//! merge        logs of several reviewers as a set: agreed, single, conflict, adjudicated
//! reviewers    the same side by side, and how far reviewers agree
//! gathered     logs of others, found beside the source or added, taken together with one's own
//! merged_file  the merged log as a file
//! feedback     what became of each rater's labels
//! queue        which items, in which order; frozen when made
//! arrange      order, controls, second showings
//! recipe       what queues can be made of, and how
//! frozen       the numbers of a long queue as bytes
//! self_agreement  whether a reviewer decides alike when asked again
//! pace         how long decisions take
//! codebook     reasons, in two levels
//! outline      a codebook as an indented list, to be edited
//! codes        reasons for differences between versions
//! double_coding  agreement of two people on reasons
//! words        decisions in words
//! export_log   live decisions as CSV
//! methods      the review in the sentences of a paper
//! ```
//!
//! Invariants: the log is written before the [`Edits`](crate::dataset::Edits) change; nothing is called saved
//! that is not on the disk; the same log and the same source give the same edits; a decision whose facts no
//! longer hold is listed, never applied. Items stand in the log by key and labels by name.

pub mod arrange;
pub mod codebook;
pub mod codes;
pub mod double_coding;
pub mod event;
pub mod export_log;
mod facts;
pub mod feedback;
pub mod frozen;
pub mod gathered;
pub mod log;
pub mod merge;
pub mod merged_file;
pub mod methods;
pub mod outline;
mod pace;
pub mod place;
pub mod queue;
pub mod recipe;
pub mod replay;
pub mod reviewers;
pub mod schema;
pub mod self_agreement;
pub mod session;
pub mod spans;
pub mod storage;
pub mod words;
pub mod writer;

pub use codebook::Codebook;
pub use double_coding::{DoubleCoding, double_coding};
pub use event::{Algorithm, Context, Event, EventRef, Reached, Suggestion};
pub use log::{Log, LogError};
pub use merge::{Applied, Verdict};
pub use place::log_path;
pub use queue::{AUDITED, Queue};
pub use replay::{Counts, Stale, StaleReason};
pub use session::{Action, Notice, Options, ReviewError, Session, Undone};
pub use spans::SpanAction;
pub use storage::{FileStorage, MemoryStorage, Storage};
pub use writer::{Saved, Writer};
