//! The view on screen as files: PNG as the screen shows it, SVG for print.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::{Rect, Ui};

use super::jobs::JobError;
use super::widgets::rasteriser::Rasteriser;
use super::widgets::svg::svg;
use super::widgets::theme::Theme;
use super::{App, JobKey, Outcome, headless};
use crate::report::write_beside;

/// Pictures of one view beside a source that are told apart by number.
const MOST: usize = 10_000;

impl App {
    /// Writes what this frame has painted in `region`, if that was asked for; nothing that stands over the view.
    pub(super) fn take_picture(&mut self, ui: &Ui, region: Rect) {
        if !std::mem::take(&mut self.picture_wanted) {
            return;
        }
        let Some(doc) = self.document() else { return };
        let dataset = Arc::clone(&doc.dataset);
        let ctx = ui.ctx().clone();
        let layer = ui.layer_id();
        let shapes: Vec<_> = ctx
            .graphics(|g| g.get(layer).map(|list| list.all_entries().cloned().collect()))
            .unwrap_or_default();
        let (scale, background) = (ctx.pixels_per_point(), Theme::of(&ctx).panel);
        #[expect(clippy::redundant_closure_for_method_calls, reason = "the method serves one lifetime only")]
        let letters = Rasteriser::of_letters(ctx.fonts(|fonts| fonts.image()));
        let triangles = ctx.tessellate(shapes.clone(), scale);
        let screen = (ctx.content_rect().size() * scale).round();
        let name = self.view.name().to_lowercase();
        self.jobs.start(&ctx, JobKey::Export, "Picture", move |progress| {
            progress.stage("Painting", 0);
            let png = headless::png(
                &letters
                    .paint([screen.x as usize, screen.y as usize], scale, &triangles, background)
                    .region(&region, Some(scale)),
            )
            .map_err(JobError::failed)?;
            let svg = svg(&shapes, region, background);
            progress.check()?;
            let place = free(&dataset.source.table.path, &name);
            for (extension, bytes) in [("svg", svg.as_bytes()), ("png", png.as_slice())] {
                let write = |out: &mut dyn std::io::Write| Ok(out.write_all(bytes)?);
                write_beside(&dataset.source, &place.with_extension(extension), write)
                    .map_err(JobError::failed)?;
            }
            Ok(Outcome::Written("the view as PNG and SVG".to_owned(), place.with_extension("png")))
        });
    }
}

/// A name beside `source` that neither kind of file has yet, with `png` at its end.
fn free(source: &Path, view: &str) -> PathBuf {
    let name = |k: usize| {
        let number = if k == 1 { String::new() } else { format!("-{k}") };
        source.with_extension(format!("{view}{number}.png"))
    };
    let taken = |path: &Path| path.exists() || path.with_extension("svg").exists();
    (1..MOST).map(name).find(|path| !taken(path)).unwrap_or_else(|| name(MOST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_earlier_picture_stays() {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("a.csv");
        assert_eq!(free(&source, "raters"), folder.path().join("a.raters.png"));
        std::fs::write(folder.path().join("a.raters.svg"), "").unwrap();
        assert_eq!(free(&source, "raters"), folder.path().join("a.raters-2.png"));
        assert_eq!(free(&source, "raters").with_extension("svg"), folder.path().join("a.raters-2.svg"));
    }
}
