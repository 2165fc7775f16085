//! What a reader meets again and again in a table's rows, counted in the hot loop and put into words once.

use super::columns::Columns;
use super::notes::{Notes, Tally};

/// How often each kind of trouble was met, and where first.
#[derive(Default)]
pub(super) struct Tallies {
    pub(super) short: Tally,
    pub(super) missing_item: Tally,
    pub(super) missing_rater: Tally,
    pub(super) missing_label: Tally,
    pub(super) bad_time: Tally,
    pub(super) bad_moment: Tally,
    pub(super) given_varies: Tally,
    pub(super) gold_varies: Tally,
    pub(super) text_varies: Tally,
    pub(super) media_varies: Tally,
    pub(super) reviewers: Tally,
    pub(super) duplicate_item: Tally,
    pub(super) bad_count: Tally,
    pub(super) bad_presence: Tally,
    pub(super) odd_status: Tally,
    pub(super) checks: Tally,
    pub(super) uneven_lists: Tally,
    pub(super) missing_probability: Tally,
}

impl Tallies {
    /// Puts what was met into `notes`.
    pub(super) fn note(&self, names: &[String], columns: &Columns, notes: &mut Notes) {
        let t = self;
        let name = |c: Option<usize>| c.map(|c| names[c].as_str());
        let label = name(columns.labels.first().copied());
        let mut add = |code, tally: &Tally, column, message: &str, remedy: &str| {
            notes.add(code, tally.place(column), tally.count, || (message.to_owned(), remedy.to_owned()));
        };
        add(
            "probabilities_missing",
            &t.missing_probability,
            columns.probabilities.first().map(|(c, _)| names[*c].as_str()),
            "Cells of probabilities are empty; every item needs its own, so these columns are not used",
            "Fill them in, or remove these rows, to see what the model predicts",
        );
        add(
            "short_row",
            &t.short,
            None,
            "Rows end before the columns that are needed and were left out",
            "Complete these rows",
        );
        add(
            "missing_item",
            &t.missing_item,
            name(columns.item),
            "Rows name no item and were left out",
            "Fill in the item",
        );
        add(
            "missing_rater",
            &t.missing_rater,
            name(columns.rater),
            "Rows name no rater; their labels were left out",
            "Fill in the rater",
        );
        add(
            "missing_label",
            &t.missing_label,
            label,
            "Rows have an empty label, which counts as missing",
            "Nothing to do, if nobody answered there",
        );
        add(
            "bad_time",
            &t.bad_time,
            name(columns.time),
            "Durations are not numbers and were left out",
            "Write durations as numbers of seconds",
        );
        add(
            "bad_moment",
            &t.bad_moment,
            name(columns.when),
            "Moments of votes cannot be read and were left out; the votes count",
            "Write moments as 2024-03-01T10:00:00Z, or as seconds since 1970",
        );
        add(
            "bad_count",
            &t.bad_count,
            name(columns.counts.first().map(|(c, _)| *c)),
            "Counts of votes are not whole numbers from 0 to 100,000 and were left out",
            "Write how many people gave the label",
        );
        add(
            "bad_presence",
            &t.bad_presence,
            name(columns.present.first().map(|(c, _)| *c)),
            "Cells that should say whether a label applies say something else, which was taken as no",
            "Write 1 and 0 there",
        );
        add(
            "attention_check",
            &t.checks,
            name(columns.status),
            "Rows are checks of attention; they were left out",
            "Give the column the role meta to read them",
        );
        add(
            "odd_status",
            &t.odd_status,
            name(columns.status),
            "Rows have a status that is not known; their labels count",
            "Give the column the role meta if it does not say which labels count",
        );
        add(
            "uneven_lists",
            &t.uneven_lists,
            name(columns.rater),
            "Lists of raters and of labels differ in length; these rows were left out",
            "Give each rater one label",
        );
        add(
            "given_varies",
            &t.given_varies,
            name(columns.given),
            "Given labels differ within an item; its first counts",
            "Give each item one given label",
        );
        add(
            "gold_varies",
            &t.gold_varies,
            name(columns.gold),
            "Trusted labels differ within an item; its first counts",
            "Give each item one trusted label",
        );
        add(
            "text_varies",
            &t.text_varies,
            name(columns.texts.first().copied()),
            "Texts differ within an item; its first is shown",
            "Check the column that identifies items",
        );
        add(
            "media_varies",
            &t.media_varies,
            name(columns.media),
            "Pictures differ within an item; its first is shown",
            "Check the column that identifies items",
        );
        add(
            "reviewer_rows",
            &t.reviewers,
            name(columns.rater),
            "Rows by reviewers are decisions, not annotations, and were left out",
            "Nothing to do",
        );
        add(
            "duplicate_item",
            &t.duplicate_item,
            name(columns.item),
            "Keys are repeated; the later rows are called key.2, key.3, …",
            "Choose another item column, or name the rater column if rows are annotations",
        );
    }
}
