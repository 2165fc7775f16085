//! The next items of a queue, made ready while the present one is read: texts laid out and pictures decoded on a worker.

use std::sync::Arc;

use egui::Color32;

use super::document::Document;
use super::pictures::path_of;
use super::state::View;
use super::widgets::text::{TextBlock, TextStyle};
use super::widgets::theme::{Theme, font};
use super::{App, JobKey, Outcome, Stage};

/// Items ahead.
const ITEMS: usize = 3;

/// What was made ready last, so that it is not done again: the items, the width, pixels a point and colour they were laid out for.
pub type Ready = (Vec<u32>, u32, u32, Color32);

/// How the text of an item under review looks: long texts are read, not glanced at.
pub fn style_of(text: &str, theme: &Theme) -> TextStyle {
    let size = match text.len() {
        0..=280 => font::item(),
        281..=900 => font::fact(),
        _ => font::reading(),
    };
    TextStyle::new(size, theme.text, theme.text_3)
}

/// The items after the present one.
fn next(doc: &Document) -> &[u32] {
    let items = doc.queue.as_ref().map_or(&[][..], |q| &q.items);
    let from = (doc.position + 1).min(items.len());
    &items[from..(from + ITEMS).min(items.len())]
}

impl App {
    /// Makes the next items ready, once for each place in the queue and each size of the window.
    pub(super) fn prepare_next(&mut self, ctx: &egui::Context) {
        let (Stage::Ready(doc), View::Review) = (&self.stage, self.view) else { return };
        let items = next(doc);
        let paths = items.iter().filter_map(|&item| path_of(doc, item)).map(str::to_owned).collect();
        doc.pictures.lock().want_ahead(paths);
        let width = self.review.text_width;
        if doc.dataset.texts.is_none() || items.is_empty() || width <= 0.0 {
            return;
        }
        let theme = Theme::of(ctx);
        let wanted: Ready = (items.to_vec(), width.to_bits(), ctx.pixels_per_point().to_bits(), theme.text);
        if self.ready.as_ref() == Some(&wanted) {
            return;
        }
        let (dataset, worker) = (Arc::clone(&doc.dataset), ctx.clone());
        let items = wanted.0.clone();
        self.ready = Some(wanted);
        self.jobs.start_quick(ctx, JobKey::Ahead, "Next items", move |progress| {
            for item in items {
                progress.check()?;
                let Some(texts) = &dataset.texts else { break };
                let text = texts.get(item as usize);
                let focus = dataset.focus.as_ref().and_then(|f| f.get(item as usize)).cloned();
                let block = TextBlock::new(text, style_of(text, theme)).focus(focus);
                block.make_ready(&worker, width, &|| progress.check().is_err());
            }
            Ok(Outcome::Ahead)
        });
    }

    /// How many of the next items are ready; for tests.
    pub fn n_ready(&self, ctx: &egui::Context) -> usize {
        let Stage::Ready(doc) = &self.stage else { return 0 };
        let Some(texts) = &doc.dataset.texts else { return 0 };
        let is_ready = |item: &&u32| {
            let text = texts.get(**item as usize);
            let block = TextBlock::new(text, style_of(text, Theme::of(ctx))).focus(doc.focus(**item));
            block.is_ready(ctx, self.review.text_width)
        };
        next(doc).iter().filter(is_ready).count()
    }
}
