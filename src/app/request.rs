//! What a view asks of the program. Views read; only the program changes.

use super::command::Command;
use super::query::{Condition, SortKey};
use super::state::View;
use crate::analysis::compare::Side;
use crate::review::Action;
use crate::review::event::{Blind, Difference};

/// One wish.
#[derive(Debug, Clone)]
pub enum Request {
    /// Run a command.
    Run(Command),
    /// Show the items that hold these words.
    Search(String),
    /// Open a sample of the program, by its place among them.
    OpenSample(usize),
    /// Show a view.
    Show(View),
    /// Show the items that meet exactly these conditions.
    Filter(Vec<Condition>),
    /// Narrow down by one more.
    AddCondition(Condition),
    /// Add or take away one.
    ToggleCondition(Condition),
    /// Sort the items (again by the same: the other way round).
    Sort(SortKey),
    /// Put the cursor on an item.
    Select(u32),
    /// Put the cursor on a rater.
    SelectRater(u32),
    /// Switch a rater out of all statistics, or in again.
    SwitchRater(u32),
    /// Review what is shown, from this item on.
    ReviewFrom(u32),
    /// Review these items, from this one on.
    ReviewItem(u32),
    /// Review these items in this order, from the given one on.
    ReviewList {
        /// What they are.
        name: String,
        /// Which.
        items: std::sync::Arc<[u32]>,
        /// Where to begin.
        from: u32,
    },
    /// Begin the queue of the builder.
    StartQueue,
    /// Go on with a queue where it was left.
    ResumeQueue(u64),
    /// Take a queue away; its decisions stay.
    RemoveQueue(u64),
    /// Call a queue otherwise.
    RenameQueue(u64, String),
    /// Choose what a parameter of the queue builder is.
    PickForQueue(super::views::queues::Pick),
    /// Choose who stands on a side (0 or 1) of the comparison.
    ChooseSide(usize),
    /// Compare these two.
    CompareSides([Side; 2]),
    /// Choose the version that stands on a side (0 or 1).
    ChooseVersion(usize),
    /// Write down why two versions differ, and go on; `None` takes the reason away.
    Code {
        /// The first item there.
        item: u32,
        /// What is coded.
        target: Box<Difference>,
        /// Code of the codebook.
        reason: Option<String>,
    },
    /// Write down what people say of the dataset.
    SayAbout(Box<crate::report::About>),
    /// Change the codebook.
    EditCodebook,
    /// Decide on the item under review.
    Decide(Action),
    /// Decide on many items in one step.
    DecideTogether {
        /// Item and decision.
        decisions: Vec<(usize, Action)>,
        /// What the items have in common.
        words: String,
        /// Whether they were chosen for their flags.
        flagged: bool,
    },
    /// Choose the rater whose labels are taken in the grid.
    ChooseGridRater,
    /// Asks which label the Grid sets.
    ChooseGridLabel,
    /// Hide this much from the reviewer.
    Hide(Blind),
    /// Leave what the keys of Review mean just now.
    Leave,
    /// Give the last decision this reason, a code of the codebook.
    Because(String),
    /// Give it the reason with this number of the first level, and offer its finer ones.
    Reason(usize),
    /// Write a note about the item under review.
    SaveNote(String),
    /// Go to a place in the queue.
    GoTo(usize),
    /// Explain a statistic.
    Explain(&'static str),
    /// Open a file.
    OpenFile(std::path::PathBuf),
    /// Read another question of the open source.
    Question(String),
    /// Open a file again, with its probabilities.
    OpenRecent(super::state::Recent),
    /// Put text on the clipboard.
    Copy(String),
    /// Show items of the clicked pair of raters.
    Pair(u32, u32),
    /// Settle what reviewers contradict each other about on this item.
    Adjudicate {
        /// Item key.
        key: String,
        /// What is right.
        action: Action,
        /// The key that was pressed, if one was.
        pressed: Option<String>,
    },
    /// Settle what reviewers contradict each other about on a span, as this decision has it.
    TakeSpan {
        /// The decision.
        event: crate::review::EventRef,
        /// The key that was pressed.
        pressed: Option<String>,
    },
    /// Choose a label for this item that no reviewer chose.
    AnotherLabel(String),
    /// Take in a log of another reviewer.
    AddLog(std::path::PathBuf),
    /// Choose one with the system's dialog.
    BrowseLog,
    /// Write the logs of all reviewers to one file.
    WriteMerged(std::path::PathBuf),
    /// Write a sheet for each rater into this folder; true calls raters R1, R2, ….
    WriteFeedback(std::path::PathBuf, bool),
    /// Try to write the log again.
    RetrySave,
}
