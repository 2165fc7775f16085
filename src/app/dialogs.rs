//! Dialogs of the system: which file, which folder. They may never answer, or not exist.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::time::Instant;

use super::open::extensions;
use super::{App, Stage};

/// What a dialog is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Files to open.
    Source,
    /// Predicted probabilities.
    Probabilities,
    /// A table with further facts.
    Side,
    /// The folder below which pictures are.
    Pictures,
    /// Embeddings of the open data.
    Embeddings,
    /// Another reviewer's log.
    Log,
}

/// A dialog of the system, on a thread of its own: it may never answer.
pub struct Dialog {
    answer: Receiver<Option<Vec<PathBuf>>>,
    purpose: Purpose,
    since: Instant,
}

impl App {
    pub(super) fn open_with_dialog(&mut self, ctx: &egui::Context) {
        self.dialog_for(ctx, Purpose::Source);
    }

    pub(super) fn picture_folder_dialog(&mut self, ctx: &egui::Context) {
        self.dialog_for(ctx, Purpose::Pictures);
    }

    pub(super) fn embeddings_dialog(&mut self, ctx: &egui::Context) {
        self.dialog_for(ctx, Purpose::Embeddings);
    }

    pub(super) fn dialog_for(&mut self, ctx: &egui::Context, purpose: Purpose) {
        if self.dialog.is_some() {
            return;
        }
        let (sender, answer) = channel();
        let wake = ctx.clone();
        let thread = std::thread::Builder::new().name("file dialog".into()).spawn(move || {
            let dialog = rfd::FileDialog::new();
            let all = |dialog: rfd::FileDialog| dialog.add_filter("All files", &["*"]);
            let picked = match purpose {
                Purpose::Probabilities => {
                    let ends = ["npy", "npz", "csv", "tsv", "jsonl", "parquet"];
                    let dialog =
                        dialog.set_title("Predicted probabilities").add_filter("Probabilities", &ends);
                    all(dialog).pick_file().map(|path| vec![path])
                }
                Purpose::Embeddings => {
                    let dialog = dialog.set_title("Embeddings: one row an item");
                    let dialog = dialog.add_filter("Arrays and tables", &["npy", "npz", "csv", "tsv"]);
                    all(dialog).pick_file().map(|path| vec![path])
                }
                Purpose::Log => {
                    let dialog = dialog.set_title("Another reviewer's correction log");
                    all(dialog.add_filter("Correction logs", &["jsonl"])).pick_file().map(|path| vec![path])
                }
                Purpose::Side => all(dialog.set_title("Side table")).pick_file().map(|path| vec![path]),
                Purpose::Source => {
                    let ends = extensions();
                    let dialog = dialog.set_title("Open a dataset; several files are several raters");
                    all(dialog.add_filter("Tables and exports", &ends)).pick_files()
                }
                Purpose::Pictures => {
                    dialog.set_title("Folder of pictures").pick_folder().map(|path| vec![path])
                }
            };
            // Nobody listens once the window is gone.
            sender.send(picked).ok();
            wake.request_repaint();
        });
        match thread {
            Ok(_) => self.dialog = Some(Dialog { answer, purpose, since: Instant::now() }),
            Err(error) => self.tell("The file dialog could not be started", error.to_string(), true),
        }
    }

    pub(super) fn poll_dialog(&mut self, ctx: &egui::Context) {
        let Some(dialog) = &self.dialog else { return };
        let answer = match dialog.answer.try_recv() {
            Err(TryRecvError::Empty) => return,
            Err(TryRecvError::Disconnected) => None,
            Ok(answer) => answer,
        };
        let (quick, purpose) = (dialog.since.elapsed().as_millis() < 400, dialog.purpose);
        self.dialog = None;
        let mut answer = answer.unwrap_or_default().into_iter();
        match (answer.next(), purpose) {
            (Some(path), Purpose::Probabilities) => {
                if let Stage::Opening(opening) = &mut self.stage {
                    opening.probabilities = path.display().to_string();
                }
            }
            (Some(path), Purpose::Side) => {
                if let Stage::Opening(opening) = &mut self.stage {
                    opening.side = path.display().to_string();
                }
            }
            (Some(path), Purpose::Pictures) => {
                if let Some(doc) = self.document() {
                    doc.pictures.lock().set_root(Some(path));
                    self.save_place_now();
                }
            }
            (Some(path), Purpose::Log) => self.add_log(ctx, path),
            (Some(path), Purpose::Embeddings) => self.take_embeddings(ctx, path),
            (Some(path), Purpose::Source) => {
                self.open_path(ctx, path, answer.collect());
            }
            // Without a portal or zenity the dialog cannot open and answers at once, as if it had been closed.
            (None, Purpose::Pictures) if quick => {
                self.word = Some(
                    "The system has no file dialog (install zenity or xdg-desktop-portal-gtk): start with \
                     --pictures FOLDER"
                        .to_owned(),
                );
            }
            (None, Purpose::Embeddings) if quick => {
                self.word = Some(
                    "The system has no file dialog (install zenity or xdg-desktop-portal-gtk): start with \
                     --embeddings FILE"
                        .to_owned(),
                );
            }
            (None, Purpose::Source) if quick => {
                self.ask_path(super::PathOf::Table, String::new());
                self.word = Some(
                    "The system has no file dialog (install zenity or xdg-desktop-portal-gtk): type the path"
                        .to_owned(),
                );
            }
            (None, Purpose::Log) if quick => {
                self.ask_path(super::PathOf::Log, String::new());
                self.word = Some(
                    "The system has no file dialog (install zenity or xdg-desktop-portal-gtk): type the path"
                        .to_owned(),
                );
            }
            (None, _) => {}
        }
    }
}
