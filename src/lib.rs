//! See where raters disagree, understand why, and put right what is wrong.
//!
//! The house: a room stands above what it uses; no arrow runs upwards.
//!
//! ```text
//! main       arguments → the window, or one headless command
//! cli        analyze · export · log · render: everything the window can compute, scriptable
//! app        the window: logic, ui, commands, jobs, views, widgets
//! review     a reviewer's decisions: event, log, queue, session, merge; replay → Edits
//! report     Analysis as JSON, Markdown, HTML, tables
//! analysis   which statistics a dataset's shape allows, as sections with keys → Analysis
//! formats    files ↔ Dataset; schema = what each column means; warnings; write(source, &Edits)
//! stats      numbers from data: agreement, aggregation, confident learning, variation
//! dataset    what a labelled dataset is in memory; edits laid over it
//! progress   progress and cancellation, the one thing that every long computation takes
//! whole_file files written whole or not at all
//! ```

pub mod analysis;
pub mod app;
pub mod cli;
pub mod dataset;
pub mod formats;
pub mod progress;
pub mod report;
pub mod review;
pub mod stats;
pub mod whole_file;
