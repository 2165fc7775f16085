//! Texts made ready on another thread before they are shown: cut into pieces and measured, so that the first frame lays out only
//! what can be seen.

use std::collections::VecDeque;
use std::sync::Arc;

use egui::epaint::text::{LayoutJob, TextWrapping};
use egui::{Context, Id};
use parking_lot::Mutex;

use super::{Kept, TextBlock, repaired};

/// Texts that wait to be shown, at most.
const MOST: usize = 6;

/// What is ready, by content and measure; the oldest gives way.
#[derive(Clone, Default)]
pub(super) struct Ahead(Arc<Mutex<VecDeque<Kept>>>);

impl Ahead {
    /// The one of this context.
    pub(super) fn of(ctx: &Context) -> Self {
        ctx.data_mut(|data| data.get_temp_mut_or_default::<Self>(Id::unique("texts ahead")).clone())
    }

    /// The text of this content, if it is ready; it is taken out.
    pub(super) fn take(&self, content: u64) -> Option<Kept> {
        let mut all = self.0.lock();
        let at = all.iter().position(|kept| kept.content == content)?;
        all.remove(at)
    }

    fn has(&self, content: u64, measure: u64) -> bool {
        self.0.lock().iter().any(|kept| kept.content == content && kept.measure == measure)
    }

    fn put(&self, kept: Kept) {
        let mut all = self.0.lock();
        all.retain(|other| other.content != kept.content);
        all.push_back(kept);
        while all.len() > MOST {
            all.pop_front();
        }
    }
}

impl TextBlock<'_> {
    /// Makes the text ready to be shown `width` wide; from any thread, after the context's first frame. The context is held for one
    /// piece of text at a time. `stop` is asked before each; what was begun is given up then.
    pub fn make_ready(&self, ctx: &Context, width: f32, stop: &dyn Fn() -> bool) {
        let content = Kept::content_of(self.text, &self.style, self.focus.as_ref());
        let measure = Kept::measure_of(width, ctx.pixels_per_point());
        let ahead = Ahead::of(ctx);
        if ahead.has(content, measure) {
            return;
        }
        let mut kept = Kept::new(content, self.text, &self.style, self.focus.as_ref());
        kept.measure = measure;
        for piece in &mut kept.pieces {
            if stop() {
                return;
            }
            let wrap = TextWrapping::wrap_at_width(width);
            let job = LayoutJob { wrap, ..piece.paragraph.job.clone() };
            let galley = ctx.fonts_mut(|fonts| fonts.layout_job(job));
            piece.size = Some(repaired(&piece.paragraph, galley, width).size());
        }
        ahead.put(kept);
    }

    /// Whether the text waits to be shown `width` wide.
    pub fn is_ready(&self, ctx: &Context, width: f32) -> bool {
        let content = Kept::content_of(self.text, &self.style, self.focus.as_ref());
        Ahead::of(ctx).has(content, Kept::measure_of(width, ctx.pixels_per_point()))
    }
}
