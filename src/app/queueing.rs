//! How a queue begins: from a command, from what a view shows, from the builder; and how one goes on where it was left.

use std::sync::Arc;

use super::document::Document;
use super::jobs::JobError;
use super::panels::{Kind, Wanted};
use super::query::Condition;
use super::queues::{Fresh, ONE_ITEM, Prepared, QueueAsked, prepare};
use super::state::View;
use super::views::queues::Pick;
use super::widgets::palette::Palette;
use super::{App, JobKey, Outcome, Overlay, Stage};
use crate::dataset::Dataset;
use crate::progress::{Cancelled, Progress};
use crate::review::Reached;
use crate::review::recipe::{Asked, Listed, Making, Recipe, Repeats};
use crate::stats::Undefined;

/// So many items are looked at in no time; more are left to a job.
const AT_ONCE: usize = 50_000;

/// What came of a recipe, on its way to the window.
#[derive(Debug)]
pub struct Made {
    prepared: Result<Prepared, Undefined>,
    /// Whether it is begun blind whatever was before.
    blind: bool,
    /// Where to begin.
    from: Option<u32>,
}

impl App {
    /// The queue that is usually made of `recipe`: the one that is under way, or a new one.
    pub(super) fn review_preset(&mut self, ctx: &egui::Context, recipe: Recipe) {
        let asked = Asked::usual(recipe);
        match self.document().and_then(|d| d.queues.unfinished(&asked)) {
            Some(id) => self.resume_queue(ctx, id),
            None => self.make_queue(ctx, asked, None),
        }
    }

    /// Reviews these items in this order.
    pub(super) fn review_list(&mut self, ctx: &egui::Context, listed: Listed, from: Option<u32>) {
        let making =
            Making { controls: 0, repeats: Repeats::Never, leave_out_decided: false, ..Making::default() };
        self.make_queue(ctx, Asked { recipe: Recipe::Listed, making, listed: Some(listed) }, from);
    }

    /// Reviews what is shown, from the item under the cursor on.
    pub(super) fn review_shown(&mut self, ctx: &egui::Context) {
        let Some((listed, selected)) = self.document().and_then(|d| Some((shown(d)?, d.selected))) else {
            return;
        };
        self.review_list(ctx, listed, selected);
    }

    /// Reviews one item: in the queue under review, if it is there.
    pub(super) fn review_one(&mut self, ctx: &egui::Context, item: u32) {
        let Some(doc) = self.document() else { return };
        match doc.queue.as_ref().and_then(|q| q.items.iter().position(|&i| i == item)) {
            Some(position) => {
                self.show(ctx, View::Review);
                self.go_to(ctx, position);
            }
            None => {
                let items = [item].into();
                let listed = Listed { words: ONE_ITEM.to_owned(), items, reached: Reached::Browse };
                self.review_list(ctx, listed, Some(item));
            }
        }
    }

    /// Makes a queue and begins it: at once where that takes no time, else when its job is done.
    fn make_queue(&mut self, ctx: &egui::Context, asked: Asked, from: Option<u32>) {
        let Some(doc) = self.document() else { return };
        let Some(analysis) = doc.analysis.clone() else { return };
        let dataset = Arc::clone(&doc.dataset);
        let of = QueueAsked { asked, analysis, edits: Arc::new(doc.session.edits().clone()) };
        let make = move |dataset: &Dataset, progress: &Progress| -> Result<Made, Cancelled> {
            let prepared = prepare(dataset, &of, progress)?;
            Ok(Made { prepared, blind: of.asked.making.blind, from })
        };
        if dataset.n_items() <= AT_ONCE {
            if let Ok(made) = make(&dataset, &Progress::new()) {
                self.queue_made(ctx, made);
            }
            return;
        }
        self.jobs.start(ctx, JobKey::Queue, "Queue", move |progress| {
            let made = make(&dataset, progress)?;
            Ok::<_, JobError>(Outcome::Queue(dataset, Box::new(made)))
        });
    }

    /// A queue was made: it begins.
    pub(super) fn queue_made(&mut self, ctx: &egui::Context, made: Made) {
        match made.prepared {
            Ok(prepared) => {
                let blind = made.blind.then_some(true);
                self.begin(ctx, prepared.fresh.blind(blind), made.from);
            }
            Err(reason) => self.tell("Nothing to review", format!("There is no such queue: {reason}"), false),
        }
    }

    fn begin(&mut self, ctx: &egui::Context, fresh: Fresh, from: Option<u32>) {
        if fresh.queue().is_empty() {
            self.tell("Nothing to review", "No item meets what this queue asks for", false);
            return;
        }
        let Some(doc) = self.document_mut() else { return };
        if let Err(why) = doc.add_queue(fresh, from) {
            self.tell("The queue was not made", why, true);
            return;
        }
        self.show(ctx, View::Review);
        self.arrive(ctx);
    }

    /// Goes on with a queue where it was left.
    pub(super) fn resume_queue(&mut self, ctx: &egui::Context, id: u64) {
        let Some(doc) = self.document_mut() else { return };
        if doc.queues.get(id).is_none() {
            return;
        }
        doc.open_queue(id, None);
        self.show(ctx, View::Review);
        self.arrive(ctx);
    }

    /// Begins the queue of the builder, or goes on with the one under its cursor. What is still being counted begins when it is.
    pub(super) fn start_built(&mut self, ctx: &egui::Context) {
        if let Some(id) = self.queues.chosen() {
            self.resume_queue(ctx, id);
            return;
        }
        let Stage::Ready(doc) = &self.stage else { return };
        let prepared = self.queues.prepared(doc);
        let blind = Some(self.queues.asked(doc).making.blind);
        self.queues.starts = prepared.is_none() && !doc.panels.is_stopped(Kind::Queue);
        if let Some(prepared) = prepared
            && let Ok(prepared) = prepared.as_ref()
        {
            self.begin(ctx, prepared.fresh.clone().blind(blind), None);
        }
    }

    /// A panel was computed: what waits for it begins.
    pub(super) fn panel_came(&mut self, ctx: &egui::Context, wanted: &Wanted) {
        if self.queues.starts && wanted.kind() == Kind::Queue && self.view == View::Queues {
            self.start_built(ctx);
        }
    }

    /// Takes a queue away, and says so.
    pub(super) fn remove_queue(&mut self, ctx: &egui::Context, id: u64) {
        let Some(doc) = self.document_mut() else { return };
        let title = doc.queues.get(id).map_or_else(String::new, |k| k.title().to_owned());
        if doc.remove_queue(id) {
            self.word = Some(format!("Removed the queue “{title}”. Its decisions stay in the log"));
            self.queues.forget();
            self.place_moved(ctx);
        }
    }

    /// Puts the queue that was removed last back.
    pub(super) fn restore_queue(&mut self, ctx: &egui::Context) {
        let Some(id) = self.document_mut().and_then(Document::restore_queue) else {
            self.word = Some("No queue was removed".to_owned());
            return;
        };
        self.queues.choose(id);
        self.word = None;
        self.show(ctx, View::Queues);
        self.place_moved(ctx);
    }

    pub(super) fn rename_queue(&mut self, ctx: &egui::Context, id: u64, title: &str) {
        if let Some(doc) = self.document_mut() {
            doc.rename_queue(id, title);
            self.place_moved(ctx);
        }
    }

    /// Opens the list of what a parameter of the builder can be.
    pub(super) fn pick_for_queue(&mut self, pick: Pick) {
        self.overlay = Overlay::Queue(pick, Palette::default());
    }

    pub(super) fn go_to(&mut self, ctx: &egui::Context, position: usize) {
        if let Stage::Ready(doc) = &mut self.stage {
            let total = doc.queue.as_ref().map_or(0, |q| q.items.len());
            doc.position = position.min(total);
        }
        self.arrive(ctx);
    }

    pub(super) fn go_by(&mut self, ctx: &egui::Context, by: i64) {
        let Some(doc) = self.document() else { return };
        let total = doc.queue.as_ref().map_or(0, |q| q.items.len()) as i64;
        let position = (doc.position as i64 + by).clamp(0, total) as usize;
        self.go_to(ctx, position);
    }

    fn arrive(&mut self, ctx: &egui::Context) {
        let now = ctx.input(|i| i.time);
        // What was said was about the item before.
        self.word = None;
        if let Stage::Ready(doc) = &mut self.stage
            && let Some(&item) = doc.queue.as_ref().and_then(|q| q.items.get(doc.position))
        {
            doc.selected = Some(item);
            doc.find_row();
            self.review.item = None;
            self.review.arrive(item, now);
        }
        self.place_moved(ctx);
    }
}

/// What the items view shows, as a list to review.
pub(super) fn shown(doc: &Document) -> Option<Listed> {
    let rows = doc.rows.as_ref()?;
    let mut words: Vec<String> = doc.query.conditions.iter().map(|c| c.words(&doc.dataset)).collect();
    let search = doc.query.search.trim();
    if !search.is_empty() {
        words.push(format!("“{search}”"));
    }
    let words = if words.is_empty() { "All items".to_owned() } else { words.join(", ") };
    let is_flagged = doc.query.conditions.contains(&Condition::Flagged);
    let reached = if is_flagged { Reached::Flag } else { Reached::Browse };
    Some(Listed { words, items: Arc::clone(&rows.items), reached })
}
