//! What people say of a dataset, kept beside its source; and its nutrition label, written beside it too.

use std::sync::Arc;

use super::jobs::JobError;
use super::widgets::paint::count;
use super::{App, JobKey, Outcome, Stage};
use crate::report::{
    About, NutritionLabel, ReviewSummary, markdown, nutrition_html, nutrition_json, nutrition_outline,
    write_beside,
};

impl App {
    /// Takes what was typed for what is said, and writes it beside the source.
    pub(super) fn say_about(&mut self, about: About) {
        let Stage::Ready(doc) = &mut self.stage else { return };
        // A file that cannot be read is not written over.
        if doc.about.is_err() || doc.about.as_ref() == Ok(&about) {
            return;
        }
        match about.save_beside(&doc.dataset.source) {
            Ok(path) => {
                self.word =
                    Some(format!("Saved in {}", path.file_name().unwrap_or_default().to_string_lossy()));
                doc.about = Ok(about);
            }
            Err(error) => {
                let why = format!("{error:#}. It stays in the fields until it can be written");
                self.tell("What you say of the dataset could not be saved", why, true);
            }
        }
    }

    /// The same for what stands in a field that is about to go out of sight.
    pub(super) fn say_what_is_typed(&mut self) {
        if let Some(about) = self.label.typed() {
            self.say_about(about);
        }
    }

    /// Writes the label beside the source: as a page, as text, and for programs.
    pub(super) fn save_label(&mut self, ctx: &egui::Context) {
        self.say_what_is_typed();
        let Some(doc) = self.document() else { return };
        let (Some(columns), Some(annotation)) = (doc.panels.columns(), doc.panels.annotation()) else {
            self.word =
                Some("The label is computed under Nutrition label; save it when it is there".to_owned());
            return;
        };
        let about = match &doc.about {
            Ok(about) => about.clone(),
            Err(why) => {
                let why = why.clone();
                self.tell("The label was not saved: what is said of the dataset cannot be read", why, true);
                return;
            }
        };
        let pinned = self.label.pinned(&columns);
        let review = ReviewSummary::of(doc.edits());
        let dataset = Arc::clone(&doc.dataset);
        self.jobs.start(ctx, JobKey::Label, "Nutrition label", move |progress| {
            let columns = columns.as_ref().as_ref().map(|found| {
                let mut found = found.as_ref().clone();
                if !pinned.is_empty() {
                    found.pairs = pinned;
                }
                found
            });
            let columns = columns.as_ref();
            let label = NutritionLabel {
                dataset: &dataset,
                about: &about,
                columns: columns.map_err(|why| *why),
                annotation: &annotation,
                review,
            };
            let json = serde_json::to_string_pretty(&nutrition_json(&label)).map_err(JobError::failed)?;
            let forms = [
                ("html", nutrition_html(&label)),
                ("md", markdown(&nutrition_outline(&label))),
                ("json", format!("{json}\n")),
            ];
            progress.check()?;
            let source = &dataset.source;
            let mut first = None;
            for (form, text) in forms {
                let path = source.table.path.with_extension(format!("nutrition.{form}"));
                write_beside(source, &path, |out| Ok(out.write_all(text.as_bytes())?))
                    .map_err(JobError::failed)?;
                first.get_or_insert(path);
            }
            let what = count(label.dataset.n_items(), "item", "items");
            Ok(Outcome::Written(
                format!("the nutrition label of {what} (HTML, Markdown, JSON)"),
                first.unwrap_or_default(),
            ))
        });
    }
}
