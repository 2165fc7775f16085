//! Everything that can be done, in one table: name, shortcut, place in the menu, one line of help.
//!
//! Menu, palette, key sheet and dispatch all read this table; a test makes sure that no two commands that can
//! be meant at the same time share a shortcut.

use egui::{Key, KeyboardShortcut, Modifiers};

/// Where a shortcut works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Everywhere.
    Global,
    /// In every view but Review.
    Browse,
    /// In Review.
    Review,
}

/// One thing that can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the table below says what each does")]
pub enum Command {
    Open,
    OpenPath,
    OpenSample,
    Reload,
    Export,
    ExportLog,
    AddLog,
    ExportMerged,
    WriteMerged,
    Feedback,
    SaveSoftLabels,
    SavePicture,
    SaveData,
    SaveProject,
    SaveLabel,
    LearnLabels,
    Quit,
    Palette,
    Help,
    ToggleTheme,
    SystemTheme,
    ToggleDensity,
    ZoomIn,
    ZoomOut,
    ZoomReset,
    CancelJobs,
    ShowOverview,
    ShowLabel,
    ShowItems,
    ShowAgreement,
    ShowRaters,
    ShowAggregation,
    ShowReview,
    ShowGrid,
    ShowConflicts,
    ShowLog,
    ShowErrors,
    ShowCompare,
    ShowVersions,
    ShowModels,
    ShowGroups,
    SplitRight,
    SplitDown,
    CloseTile,
    NextTile,
    PreviousTile,
    LayoutOne,
    LayoutExplore,
    LayoutReview,
    LayoutRaters,
    LayoutModels,
    SideA,
    SideB,
    SwapSides,
    NextPair,
    PreviousPair,
    NextConflict,
    AnotherLabel,
    HideNames,
    Back,
    Forward,
    Undo,
    Redo,
    Search,
    AddCondition,
    ClearFilter,
    FlaggedOnly,
    NextRow,
    PreviousRow,
    PageDown,
    PageUp,
    FirstRow,
    LastRow,
    OpenRow,
    ReviewIssues,
    ReviewSplit,
    ReviewAudit,
    ReviewShown,
    BuildQueue,
    RenameQueue,
    RemoveQueue,
    RestoreQueue,
    NextQuestion,
    SwitchRater,
    PictureFolder,
    Embeddings,
    Keep,
    TakeSuggestion,
    FindLabel,
    Several,
    SoftLabel,
    NoneOfLabels,
    Unsure,
    Exclude,
    Note,
    Repeat,
    NextItem,
    PreviousItem,
    ToggleBlind,
    RevealEvidence,
    AdoptRater,
    SureLow,
    SureMid,
    SureHigh,
    ReasonError,
    ReasonAmbiguous,
    ReasonGuideline,
    Reason4,
    Reason5,
    Reason6,
    Reason7,
    Reason8,
    Reason9,
    Reasons,
    NextSpan,
    PreviousSpan,
    BoundaryOn,
    BoundaryBack,
    BoundaryWordOn,
    BoundaryWordBack,
    OtherBoundary,
    AddSpan,
    RemoveSpan,
}

/// A row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// Which.
    pub command: Command,
    /// Its name, in the menu and the palette.
    pub name: &'static str,
    /// One line of help.
    pub help: &'static str,
    /// Where its shortcuts work.
    pub scope: Scope,
    /// Its shortcuts; the first is shown.
    pub keys: &'static [KeyboardShortcut],
    /// Its menu.
    pub menu: &'static str,
}

const fn key(k: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::NONE, k)
}
const fn ctrl(k: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::COMMAND, k)
}
const fn shift(k: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::SHIFT, k)
}
const fn alt(k: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::ALT, k)
}
const fn ctrl_shift(k: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::COMMAND.plus(Modifiers::SHIFT), k)
}

macro_rules! table {
    ($( $command:ident, $scope:ident, $menu:literal, $name:literal, [$($key:expr),*], $help:literal; )*) => {
        /// Every command.
        pub const ALL: &[Entry] = &[$(Entry {
            command: Command::$command,
            name: $name,
            help: $help,
            scope: Scope::$scope,
            keys: &[$($key),*],
            menu: $menu,
        }),*];
    };
}

table! {
    Open, Global, "File", "Open…", [ctrl(Key::O)], "Choose a table with the system's dialog";
    OpenPath, Global, "File", "Open path…", [ctrl_shift(Key::O)], "Type the path of a table";
    OpenSample, Global, "File", "Open the sample of comments", [], "600 comments, 41 raters and a model, to learn the program with";
    Reload, Global, "File", "Change columns…", [ctrl(Key::M)], "See what each column means and change it";
    Export, Global, "File", "Export cleaned file…", [ctrl(Key::E)], "Write the corrected file beside the original";
    ExportLog, Global, "File", "Export log as CSV…", [], "One row a decision, for papers";
    AddLog, Global, "File", "Add a reviewer's log…", [], "A log that does not stand beside the data; those that do are found by themselves";
    ExportMerged, Global, "File", "Export merged file…", [], "The cleaned file of all reviewers together; conflicts that nobody settled stay as given";
    WriteMerged, Global, "File", "Write merged log…", [], "The logs of all reviewers as one file, every line as it was written";
    Feedback, Global, "File", "Feedback sheets…", [], "What became of each rater's labels, to send back: Markdown and HTML";
    SaveSoftLabels, Global, "File", "Soft labels as CSV", [], "A distribution an item, of what is ticked under Aggregation, written beside the original";
    SaveProject, Global, "File", "Save project", [ctrl(Key::S)], "Files, columns, settings, queues and views as one file beside the data: it opens where you are, in another place too";
    SavePicture, Global, "File", "This view as a picture", [ctrl_shift(Key::P)], "PNG as the screen shows it and SVG for print, written beside the original";
    SaveData, Global, "File", "Data of this view as CSV", [], "The numbers behind its plots and tables, a row a number, written beside the original";
    SaveLabel, Global, "File", "Save nutrition label", [], "A page, a text and a file for programs beside the original: what the data holds, where it is from";
    LearnLabels, Global, "File", "Learn labels from the items", [], "Predicted probabilities where the data has none: each item by a model that has not seen it";
    NextQuestion, Global, "File", "Next question", [alt(Key::Q)], "Read another question that this source asks";
    PictureFolder, Global, "File", "Folder of pictures…", [], "Where the pictures that the data names are; nothing outside of it is opened";
    Embeddings, Global, "File", "Embeddings…", [], "Numbers that a model makes of each item: neighbours go by them, not by words";
    Quit, Global, "File", "Quit", [ctrl(Key::Q)], "Close the window; the log is on disk";
    Palette, Global, "View", "Commands…", [ctrl(Key::K)], "Search items, or run any command";
    Help, Global, "View", "Keys", [key(Key::Questionmark), key(Key::F1)], "Every key in one sheet";
    ToggleTheme, Global, "View", "Light or dark", [ctrl_shift(Key::L)], "Change the colours";
    SystemTheme, Global, "View", "Colours of the system", [], "Light or dark as the system is";
    ToggleDensity, Global, "View", "Compact or comfortable rows", [], "More rows at once, or more room for each";
    ZoomIn, Global, "View", "Larger", [ctrl(Key::Plus), ctrl(Key::Equals)], "Everything a step larger";
    ZoomOut, Global, "View", "Smaller", [ctrl(Key::Minus)], "Everything a step smaller";
    ZoomReset, Global, "View", "Usual size", [ctrl(Key::Num0)], "Back to 100 %";
    CancelJobs, Global, "View", "Cancel what runs", [], "Stop all background work";
    SwitchRater, Global, "View", "Count this rater, or not", [alt(Key::C)], "Switch the selected rater out of all statistics, or in again";
    ShowOverview, Global, "Go", "Overview", [ctrl(Key::Num1)], "The whole at a glance";
    ShowLabel, Global, "Go", "Nutrition label", [ctrl_shift(Key::N)], "What the dataset holds, where it is from, how it was annotated";
    ShowItems, Global, "Go", "Items", [ctrl(Key::Num2)], "The table of items";
    ShowAgreement, Global, "Go", "Agreement", [ctrl(Key::Num8)], "Every coefficient with its interval, and which one fits";
    ShowRaters, Global, "Go", "Raters", [ctrl(Key::Num3)], "Who agrees with whom";
    ShowAggregation, Global, "Go", "Aggregation", [ctrl(Key::Num7)], "One label an item out of votes, by every method";
    ShowReview, Global, "Go", "Review", [ctrl(Key::Num4)], "One item after the other";
    ShowGrid, Browse, "Go", "Grid", [key(Key::G)], "Many items at once: alike, side by side, decided in one step";
    ShowConflicts, Global, "Go", "Conflicts", [ctrl_shift(Key::K)], "What several reviewers decided, side by side, and who settles it";
    ShowLog, Global, "Go", "Log", [ctrl(Key::Num5)], "What was decided";
    ShowErrors, Global, "Go", "Errors", [ctrl(Key::Num6)], "How labels were checked, and what else speaks against them";
    ShowCompare, Global, "Go", "Compare", [ctrl(Key::Num9)], "Any two of raters, groups, models, labels and aggregates";
    ShowVersions, Global, "Go", "Versions", [ctrl_shift(Key::T)], "Versions of a tagged text: which entity one calls what another calls otherwise, and why";
    ShowModels, Global, "Go", "Models", [ctrl_shift(Key::M)], "Models against people: distributions, disagreement, and categories that a model could take over";
    ShowGroups, Global, "Go", "Groups", [ctrl_shift(Key::G)], "Groups of raters: who answers otherwise than whom, and whose majority serves whom";
    Back, Global, "Go", "Back", [alt(Key::ArrowLeft)], "The view before this one";
    Forward, Global, "Go", "Forward", [alt(Key::ArrowRight)], "The view after this one";
    SplitRight, Global, "Layout", "A view at the right…", [ctrl(Key::Backslash)], "Another view beside this one: both show one selection and one filter";
    SplitDown, Global, "Layout", "A view below…", [ctrl_shift(Key::Backslash)], "Another view under this one";
    CloseTile, Global, "Layout", "Close this part", [ctrl(Key::W)], "The view with the keyboard leaves the arrangement";
    NextTile, Global, "Layout", "Next part", [key(Key::F6)], "The keyboard goes to the next view on screen";
    PreviousTile, Global, "Layout", "Part before", [shift(Key::F6)], "The keyboard goes to the view before";
    LayoutOne, Global, "Layout", "Layout: one view", [], "The present view alone";
    LayoutExplore, Global, "Layout", "Layout: Explore", [], "Items beside Compare";
    LayoutReview, Global, "Layout", "Layout: Review", [], "Review beside the log";
    LayoutRaters, Global, "Layout", "Layout: Raters", [], "Raters beside the items behind each of their marks";
    LayoutModels, Global, "Layout", "Layout: Models", [], "Models beside the items behind each of their marks";
    Undo, Global, "Edit", "Undo", [ctrl(Key::Z)], "Take the last decision back, and go to its item";
    Redo, Global, "Edit", "Redo", [ctrl_shift(Key::Z), ctrl(Key::Y)], "Put it back";
    Search, Global, "Edit", "Search items", [ctrl(Key::F)], "Items whose text or key contains something";
    AddCondition, Browse, "Edit", "Add condition…", [key(Key::F)], "Narrow the items down";
    ClearFilter, Browse, "Edit", "Clear the filter", [key(Key::Backspace)], "Show every item again";
    FlaggedOnly, Browse, "Edit", "Flagged only", [key(Key::L)], "Only items whose label is under suspicion";
    NextRow, Browse, "Rows", "Next row", [key(Key::J), key(Key::ArrowDown)], "One row down";
    PreviousRow, Browse, "Rows", "Previous row", [key(Key::K), key(Key::ArrowUp)], "One row up";
    PageDown, Browse, "Rows", "A page down", [key(Key::PageDown)], "One screen down";
    PageUp, Browse, "Rows", "A page up", [key(Key::PageUp)], "One screen up";
    FirstRow, Browse, "Rows", "First row", [key(Key::Home)], "To the top";
    LastRow, Browse, "Rows", "Last row", [key(Key::End)], "To the bottom";
    OpenRow, Browse, "Rows", "Review from here", [key(Key::Enter)], "Review what is shown, from the selected item on";
    SideA, Browse, "Compare", "Choose side A…", [key(Key::A)], "Compare and Versions: who stands on the left. Queues: the first choice";
    SideB, Browse, "Compare", "Choose side B…", [key(Key::B)], "Compare and Versions: who stands on the right. Queues: the second choice";
    SwapSides, Browse, "Compare", "A and B change places", [key(Key::X)], "Compare and Versions: left becomes right";
    NextPair, Browse, "Compare", "Next pair of labels", [key(Key::ArrowRight)], "Compare: the items that A calls one and B another, the commonest first; Conflicts: the next list";
    PreviousPair, Browse, "Compare", "Previous pair of labels", [key(Key::ArrowLeft)], "Compare: the pair before";
    NextConflict, Browse, "Conflicts", "Next conflict", [key(Key::N)], "The next item on which reviewers contradict each other; 1…9 takes what one of them decided";
    AnotherLabel, Browse, "Conflicts", "Another label…", [key(Key::Slash)], "Settle a conflict with a label that nobody chose: type a part of its name";
    HideNames, Browse, "Conflicts", "Show or hide reviewers' names", [alt(Key::B)], "Hidden they are A, B, …, in another order on each item";
    ReviewIssues, Global, "Queue", "Review label issues", [], "Most suspicious first, with 5 % controls mixed in; goes on where it was left";
    ReviewSplit, Global, "Queue", "Review split votes", [], "Most divided first";
    ReviewAudit, Global, "Queue", "Audit random items", [], "A random sample: the only basis for an error rate";
    ReviewShown, Browse, "Queue", "Review what is shown", [shift(Key::Enter)], "The items of the filter, in their order";
    BuildQueue, Browse, "Queue", "New queue…", [key(Key::Q)], "Choose what to review and how, and see how much it is";
    RenameQueue, Browse, "Queue", "Rename the queue…", [key(Key::F2)], "Queues: the one under the cursor";
    RemoveQueue, Browse, "Queue", "Remove the queue", [shift(Key::Delete)], "Queues: the one under the cursor; its decisions stay in the log";
    RestoreQueue, Browse, "Queue", "Put the removed queue back", [], "As it was, where it was";
    Keep, Review, "Decide", "Keep the label", [key(Key::Space), key(Key::Enter)], "The label that stands there is right";
    TakeSuggestion, Review, "Decide", "Take the suggestion", [key(Key::S)], "Blind: the first press shows it";
    FindLabel, Review, "Decide", "Find a label…", [key(Key::Slash)], "Type a part of its name";
    Several, Review, "Decide", "More than one is right…", [key(Key::M)], "Pick with 1…9, then Enter";
    SoftLabel, Review, "Decide", "Ambiguous, in shares…", [key(Key::D)], "A soft label: how much of each label, together 100 %";
    NoneOfLabels, Review, "Decide", "None of these", [key(Key::N)], "No label is right";
    Unsure, Review, "Decide", "Unsure, ask an expert", [key(Key::U)], "Leave it for somebody else";
    Exclude, Review, "Decide", "Exclude", [shift(Key::X)], "Not part of the clean set";
    Note, Review, "Decide", "Note…", [key(Key::C)], "Write something down about this item";
    Repeat, Review, "Decide", "Repeat the last decision", [key(Key::Period)], "The same again on this item";
    NextItem, Review, "Decide", "Skip", [key(Key::J), key(Key::ArrowRight), key(Key::ArrowDown)], "Next item without deciding";
    PreviousItem, Review, "Decide", "Go back", [key(Key::K), key(Key::ArrowLeft), key(Key::ArrowUp)], "Previous item";
    ToggleBlind, Review, "Decide", "Hide more or less", [alt(Key::B)], "Nothing, raters and model, or raters only: hidden until asked for";
    RevealEvidence, Review, "Decide", "Show the evidence", [key(Key::E)], "Stays open for this item; written to the log";
    AdoptRater, Review, "Decide", "Adopt a rater's label…", [key(Key::R)], "Then 1…9";
    SureLow, Review, "Decide", "Not sure", [shift(Key::Num1)], "How sure the last decision was";
    SureMid, Review, "Decide", "Fairly sure", [shift(Key::Num2)], "How sure the last decision was";
    SureHigh, Review, "Decide", "Very sure", [shift(Key::Num3)], "How sure the last decision was";
    ReasonError, Review, "Decide", "Because: reason 1", [alt(Key::Num1)], "Annotator error, unless the codebook says otherwise";
    ReasonAmbiguous, Review, "Decide", "Because: reason 2", [alt(Key::Num2)], "Ambiguous, unless the codebook says otherwise";
    ReasonGuideline, Review, "Decide", "Because: reason 3", [alt(Key::Num3)], "Guideline gap, unless the codebook says otherwise";
    Reason4, Review, "Decide", "Because: reason 4", [alt(Key::Num4)], "Reason 4 of the codebook";
    Reason5, Review, "Decide", "Because: reason 5", [alt(Key::Num5)], "Reason 5 of the codebook";
    Reason6, Review, "Decide", "Because: reason 6", [alt(Key::Num6)], "Reason 6 of the codebook";
    Reason7, Review, "Decide", "Because: reason 7", [alt(Key::Num7)], "Reason 7 of the codebook";
    Reason8, Review, "Decide", "Because: reason 8", [alt(Key::Num8)], "Reason 8 of the codebook";
    Reason9, Review, "Decide", "Because: reason 9", [alt(Key::Num9)], "Reason 9 of the codebook";
    Reasons, Review, "Decide", "All reasons…", [alt(Key::Num0)], "The codebook, to choose why they disagree";
    NextSpan, Review, "Spans", "Next span", [key(Key::F)], "Choose a span of the text: 1…9 then retags it, Esc lets it go. A new one goes on by a word";
    PreviousSpan, Review, "Spans", "Span before", [key(Key::B)], "Choose the span before. A new one goes back by a word";
    BoundaryOn, Review, "Spans", "Boundary on", [shift(Key::ArrowRight)], "Move the end of the chosen span by a character; Enter keeps it where it is then, Esc drops that";
    BoundaryBack, Review, "Spans", "Boundary back", [shift(Key::ArrowLeft)], "The same the other way";
    BoundaryWordOn, Review, "Spans", "Boundary on by a word", [ctrl_shift(Key::ArrowRight)], "To where the next word ends, or begins";
    BoundaryWordBack, Review, "Spans", "Boundary back by a word", [ctrl_shift(Key::ArrowLeft)], "To where the word before ends, or begins";
    OtherBoundary, Review, "Spans", "The other boundary", [key(Key::O)], "Move the beginning of the chosen span, or its end again";
    AddSpan, Review, "Spans", "Add a span", [key(Key::A)], "At the next word without one: put it in its place, then 1…9 labels it";
    RemoveSpan, Review, "Spans", "Remove the span", [shift(Key::D)], "The chosen one is none; Undo brings it back";
}

impl Command {
    /// Its row in the table.
    pub fn entry(self) -> &'static Entry {
        // Every command is in the table (a test walks them); the first row stands in for none.
        ALL.iter().find(|e| e.command == self).unwrap_or(&ALL[0])
    }

    /// Whether it is about single spans of a text.
    pub fn is_on_spans(self) -> bool {
        self.entry().menu == "Spans"
    }

    /// Its first shortcut in words, such as `Ctrl K`.
    pub fn key(self) -> String {
        self.entry().keys.first().map(words).unwrap_or_default()
    }
}

/// A shortcut in words.
pub fn words(shortcut: &KeyboardShortcut) -> String {
    let m = shortcut.modifiers;
    let mut out = String::new();
    for (on, name) in [(m.command || m.ctrl, "Ctrl "), (m.shift, "Shift "), (m.alt, "Alt ")] {
        if on {
            out.push_str(name);
        }
    }
    out.push_str(match shortcut.logical_key {
        Key::Questionmark => "?",
        Key::Slash => "/",
        Key::Period => ".",
        Key::Plus => "+",
        Key::Equals => "=",
        Key::Minus => "−",
        Key::ArrowLeft => "←",
        Key::ArrowRight => "→",
        Key::ArrowUp => "↑",
        Key::ArrowDown => "↓",
        other => other.name(),
    });
    out
}

/// The commands whose shortcuts were pressed, taken out of the input; those with most modifiers first, so that
/// `Ctrl Shift Z` is not read as `Ctrl Z`. Keys of commands that are not `allowed` stay in the input.
pub fn pressed(ctx: &egui::Context, scope: Scope, allowed: impl Fn(Command) -> bool) -> Vec<Command> {
    let mut candidates: Vec<(&KeyboardShortcut, Command)> = ALL
        .iter()
        .filter(|e| (e.scope == Scope::Global || e.scope == scope) && allowed(e.command))
        .flat_map(|e| e.keys.iter().map(move |k| (k, e.command)))
        .collect();
    let weight = |k: &KeyboardShortcut| {
        u8::from(k.modifiers.command) + u8::from(k.modifiers.shift) + u8::from(k.modifiers.alt)
    };
    candidates.sort_by_key(|(k, _)| std::cmp::Reverse(weight(k)));
    let typing = ctx.text_edit_focused();
    // Enter and Space belong to whatever has the focus.
    let focused = ctx.memory(|m| m.focused().is_some());
    let is_press =
        |k: &KeyboardShortcut| !k.modifiers.any() && matches!(k.logical_key, Key::Enter | Key::Space);
    ctx.input_mut(|input| {
        candidates
            .into_iter()
            .filter(|(k, _)| {
                // While something is being typed, only chords and function keys are commands.
                let chord = k.modifiers.command || k.modifiers.alt || k.logical_key == Key::F1;
                (!typing || (chord && !edits_text(k))) && !(focused && is_press(k)) && consume(input, k)
            })
            .map(|(_, c)| c)
            .collect()
    })
}

/// Global chords only: what still works while letters are letters.
pub fn pressed_chords(ctx: &egui::Context) -> Vec<Command> {
    ctx.input_mut(|input| {
        ALL.iter()
            .filter(|e| e.scope == Scope::Global)
            .filter(|e| e.keys.iter().any(|k| k.modifiers.command && !edits_text(k) && consume(input, k)))
            .map(|e| e.command)
            .collect()
    })
}

/// Whether `key` was pressed with exactly these modifiers, taken out of the input: egui's own way takes `Alt ←` for `←`.
pub fn pressed_key(ctx: &egui::Context, modifiers: Modifiers, key: Key) -> bool {
    ctx.input_mut(|input| consume(input, &KeyboardShortcut::new(modifiers, key)))
}

/// Exactly these modifiers: `Shift X` is not `X`, and a plain digit is not `Shift 1`.
fn consume(input: &mut egui::InputState, shortcut: &KeyboardShortcut) -> bool {
    let mut hit = false;
    input.events.retain(|event| {
        if let egui::Event::Key { key, modifiers, pressed: true, repeat, .. } = event {
            let character =
                matches!(shortcut.logical_key, Key::Questionmark | Key::Slash | Key::Period | Key::Plus);
            let m = shortcut.modifiers;
            let same = *key == shortcut.logical_key
                && modifiers.command == m.command
                && modifiers.alt == m.alt
                && (modifiers.shift == m.shift || character);
            // A held key moves through rows, but decides nothing twice.
            if same && (!*repeat || moves(shortcut)) {
                hit = true;
            }
            return !same;
        }
        true
    });
    hit
}

fn moves(shortcut: &KeyboardShortcut) -> bool {
    use Key::{ArrowDown, ArrowLeft, ArrowRight, ArrowUp, J, K, PageDown, PageUp};
    matches!(shortcut.logical_key, J | K | ArrowDown | ArrowUp | ArrowLeft | ArrowRight | PageDown | PageUp)
}

/// Chords that a text field uses itself.
fn edits_text(k: &KeyboardShortcut) -> bool {
    k.modifiers.command && matches!(k.logical_key, Key::Z | Key::Y | Key::A | Key::C | Key::V | Key::X)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn no_two_commands_share_a_shortcut() {
        for scope in [Scope::Browse, Scope::Review] {
            let mut seen: HashMap<String, &str> = HashMap::new();
            for e in ALL.iter().filter(|e| e.scope == Scope::Global || e.scope == scope) {
                for k in e.keys {
                    if let Some(other) = seen.insert(words(k), e.name) {
                        panic!("{} is both “{other}” and “{}” in {scope:?}", words(k), e.name);
                    }
                }
            }
        }
    }

    #[test]
    fn nothing_destructive_is_on_a_bare_key() {
        for e in ALL.iter().filter(|e| e.command == Command::Exclude) {
            assert!(e.keys.iter().all(|k| k.modifiers.any()));
        }
        assert!(ALL.iter().all(|e| e.scope != Scope::Review
            || e.keys.iter().all(|k| !matches!(k.logical_key, Key::Backspace | Key::Delete))));
    }

    #[test]
    fn each_menu_stands_together() {
        let menus: Vec<&str> = ALL.chunk_by(|a, b| a.menu == b.menu).map(|menu| menu[0].menu).collect();
        let mut once = menus.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), menus.len(), "{menus:?}");
    }

    #[test]
    fn commands_are_in_the_table_once() {
        let mut seen = std::collections::HashSet::new();
        assert!(ALL.iter().all(|e| seen.insert(e.command)));
    }
}
