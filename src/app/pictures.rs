//! Pictures of items: found below the folder that the reader chose, decoded on a worker, kept as textures.
//!
//! A path inside a dataset is hostile until it is resolved below that folder (see [`crate::formats::media`]);
//! until a folder is chosen nothing is opened. What cannot be shown is told in words, with the path as the data has
//! it.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};

use egui::{ColorImage, TextureHandle, TextureOptions, Vec2};

use super::document::Document;
use super::jobs::JobError;
use super::{App, JobKey, Outcome};
use crate::formats::media;

/// Pictures kept.
const KEPT: usize = 24;
/// Longest side that is kept, in pixels.
const MAX_SIDE: u32 = 2_048;
/// Small pictures kept: a few pages of them.
const SMALL_KEPT: usize = 256;
/// Longest side of a small picture, in pixels.
const SMALL_SIDE: u32 = 320;

/// What is known of one picture.
pub enum Picture {
    /// It can be painted.
    Shown(TextureHandle),
    /// It cannot, in words.
    Refused(String),
}

/// The pictures of the open dataset.
#[derive(Default)]
pub struct Pictures {
    /// The folder below which pictures are looked for; nothing is opened before it is chosen.
    root: Option<PathBuf>,
    kept: VecDeque<(String, Picture)>,
    small: VecDeque<(String, Picture)>,
    /// What a view asked for in this frame, and whether small.
    wanted: Option<(String, bool)>,
    /// What will be asked for soon.
    ahead: Vec<String>,
}

impl std::fmt::Debug for Pictures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pictures")
            .field("root", &self.root)
            .field("kept", &self.kept.len())
            .finish_non_exhaustive()
    }
}

impl Pictures {
    /// Looks below `root` from now on.
    pub fn set_root(&mut self, root: Option<PathBuf>) {
        *self = Self { root, ..Self::default() };
    }

    /// The folder below which pictures are looked for.
    pub fn root(&self) -> Option<&Path> {
        self.root.as_deref()
    }

    /// The picture at `path`, if it is there by now; else it is fetched.
    pub fn get(&mut self, path: &str) -> Option<&Picture> {
        match self.kept.iter().position(|(p, _)| p == path) {
            Some(at) => self.kept.get(at).map(|(_, picture)| picture),
            None => {
                self.wanted = Some((path.to_owned(), false));
                None
            }
        }
    }

    /// The picture at `path`, small, if it is there by now; else it is fetched when nothing else is.
    pub fn thumbnail(&mut self, path: &str) -> Option<&Picture> {
        match self.small.iter().position(|(p, _)| p == path) {
            Some(at) => self.small.get(at).map(|(_, picture)| picture),
            None => {
                self.wanted.get_or_insert_with(|| (path.to_owned(), true));
                None
            }
        }
    }

    /// Fetches these, in their order, while nothing else is asked for.
    pub fn want_ahead(&mut self, paths: Vec<String>) {
        self.ahead = paths;
    }

    /// What to fetch next, and whether small.
    fn next(&mut self) -> Option<(String, bool)> {
        let kept = &self.kept;
        let soon = || self.ahead.iter().find(|path| kept.iter().all(|(p, _)| p != *path)).cloned();
        self.wanted.take().or_else(|| soon().map(|path| (path, false)))
    }

    fn keep(&mut self, path: String, small: bool, picture: Picture) {
        let (kept, most) = if small { (&mut self.small, SMALL_KEPT) } else { (&mut self.kept, KEPT) };
        kept.retain(|(p, _)| *p != path);
        kept.push_back((path, picture));
        while kept.len() > most {
            kept.pop_front();
        }
    }
}

/// A picture from a worker.
pub struct Fetched {
    path: String,
    small: bool,
    result: Result<ColorImage, String>,
}

/// The path of an item's picture as the data has it; `None` where it has none.
pub fn path_of(doc: &Document, item: u32) -> Option<&str> {
    doc.dataset.media.as_ref().map(|m| m.get(item as usize)).filter(|path| !path.is_empty())
}

/// The size at which a picture fits into `room`; never larger than it is, or twice as large if it is tiny.
pub fn fitted(size: Vec2, room: Vec2) -> Vec2 {
    let grow = if size.max_elem() < 64.0 { 2.0 } else { 1.0 };
    size * (room.x / size.x).min(room.y / size.y).min(grow)
}

impl App {
    /// Fetches what a view asked for, one picture at a time.
    pub(super) fn fetch_picture(&mut self, ctx: &egui::Context) {
        if self.jobs.is_running(JobKey::Picture) {
            return;
        }
        let Some(doc) = self.document() else { return };
        let mut pictures = doc.pictures.lock();
        let Some(root) = pictures.root.clone() else { return };
        let Some((path, small)) = pictures.next() else { return };
        drop(pictures);
        self.jobs.start_quick(ctx, JobKey::Picture, "Picture", move |_| {
            let decoded = media::resolve(&root, &path).map_err(|why| why.to_string()).and_then(|file| {
                media::decode(&file, if small { SMALL_SIDE } else { MAX_SIDE }).map_err(|why| why.to_string())
            });
            let result = decoded.map(|image| {
                let size = [image.width() as usize, image.height() as usize];
                ColorImage::from_rgba_unmultiplied(size, image.as_raw())
            });
            Ok::<_, JobError>(Outcome::Picture(Box::new(Fetched { path, small, result })))
        });
    }

    pub(super) fn picture_fetched(&mut self, ctx: &egui::Context, fetched: Fetched) {
        let picture = match fetched.result {
            Ok(image) => Picture::Shown(ctx.load_texture(
                format!("picture {}", fetched.path),
                image,
                TextureOptions::LINEAR,
            )),
            Err(why) => Picture::Refused(why),
        };
        if let Some(doc) = self.document() {
            doc.pictures.lock().keep(fetched.path, fetched.small, picture);
        }
        ctx.request_repaint();
    }
}

#[cfg(test)]
mod tests {
    use egui::vec2;

    use super::*;

    #[test]
    fn pictures_are_made_to_fit_and_not_blown_up() {
        assert_eq!(fitted(vec2(400.0, 200.0), vec2(200.0, 200.0)), vec2(200.0, 100.0));
        assert_eq!(fitted(vec2(100.0, 50.0), vec2(200.0, 200.0)), vec2(100.0, 50.0));
        assert_eq!(fitted(vec2(8.0, 8.0), vec2(200.0, 200.0)), vec2(16.0, 16.0));
    }

    #[test]
    fn only_so_many_are_kept() {
        let mut pictures = Pictures::default();
        for i in 0..KEPT + 5 {
            pictures.keep(i.to_string(), false, Picture::Refused(String::new()));
        }
        assert_eq!(pictures.kept.len(), KEPT);
        assert!(pictures.get("0").is_none() && pictures.wanted.is_some());
        assert!(pictures.get(&(KEPT + 4).to_string()).is_some());
        // What is looked at goes before what comes next, and what is there is not fetched again.
        pictures.want_ahead(vec![(KEPT + 4).to_string(), "a".into(), "b".into()]);
        assert_eq!(pictures.next().map(|(path, _)| path).as_deref(), Some("0"));
        assert_eq!(pictures.next().map(|(path, _)| path).as_deref(), Some("a"));
        pictures.keep("a".into(), false, Picture::Refused(String::new()));
        assert_eq!(pictures.next().map(|(path, _)| path).as_deref(), Some("b"));
    }
}
