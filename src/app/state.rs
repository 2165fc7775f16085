//! What the window remembers: preferences, recent files, and for each dataset where the reviewer was.
//!
//! Preferences are small and may be lost; decisions are never kept here (they are in the correction log).

use std::path::{Path, PathBuf};

use super::blinding::Blinds;
use super::query::Query;
use super::queues::Placed;
use crate::review::{Queue, frozen};
use crate::whole_file::write_whole;

const LEAST_ZOOM: f32 = 0.5;
const MOST_ZOOM: f32 = 3.0;

/// The views.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum View {
    /// The whole at a glance.
    #[default]
    Overview,
    /// What the dataset holds, where it is from, how it was annotated, on one page.
    Label,
    /// The table of items.
    Items,
    /// Two sides against each other.
    Compare,
    /// Versions of a tagged text.
    Versions,
    /// People against models.
    Models,
    /// Every coefficient of agreement.
    Agreement,
    /// Who agrees with whom.
    Raters,
    /// Groups of raters against each other.
    Groups,
    /// Labels made out of votes, by every method.
    Aggregation,
    /// What speaks against labels.
    Errors,
    /// One item after the other.
    Review,
    /// Many items at once.
    Grid,
    /// Where reviewers contradict each other.
    Conflicts,
    /// What was decided.
    Log,
    /// Queues: those that there are, and how to make another.
    Queues,
}

impl View {
    /// Those that the navigation lists, in its order; queues have a place of their own there.
    pub const ALL: [Self; 15] = [
        Self::Overview,
        Self::Label,
        Self::Items,
        Self::Compare,
        Self::Versions,
        Self::Models,
        Self::Agreement,
        Self::Raters,
        Self::Groups,
        Self::Aggregation,
        Self::Errors,
        Self::Review,
        Self::Grid,
        Self::Conflicts,
        Self::Log,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Label => "Nutrition label",
            Self::Items => "Items",
            Self::Compare => "Compare",
            Self::Versions => "Versions",
            Self::Models => "Models",
            Self::Agreement => "Agreement",
            Self::Raters => "Raters",
            Self::Groups => "Groups",
            Self::Aggregation => "Aggregation",
            Self::Errors => "Errors",
            Self::Review => "Review",
            Self::Grid => "Grid",
            Self::Conflicts => "Conflicts",
            Self::Log => "Log",
            Self::Queues => "Queues",
        }
    }
}

/// Preferences, kept by the window's own storage.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Preferences {
    /// Files opened lately, the last one first.
    pub recent: Vec<Recent>,
    /// Who reviews.
    pub reviewer: Option<String>,
    /// Roles that were chosen, by the header they were chosen for: the last one first.
    pub mappings: Vec<Mapping>,
    /// The newest report of a crash that was told of.
    pub crash_told: Option<String>,
    /// Light or dark; as the system says, if nothing was chosen.
    pub theme: Option<egui::ThemePreference>,
    /// Room that rows take.
    pub density: super::widgets::theme::Density,
    /// How large everything is; 1 if nothing was chosen.
    pub zoom: Option<f32>,
    /// Which views stand side by side.
    pub layout: super::layout::Layout,
}

/// Roles that somebody chose for the columns of a table.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Mapping {
    /// The names of all columns, in order.
    pub header: Vec<String>,
    /// What was chosen.
    pub roles: Vec<(String, crate::dataset::Role)>,
}

/// A file opened lately.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Recent {
    /// The table.
    pub table: PathBuf,
    /// Further files of the same source.
    #[serde(default)]
    pub more: Vec<PathBuf>,
    /// Its probabilities.
    pub probabilities: Option<PathBuf>,
}

impl Preferences {
    /// Makes the window look as it was chosen.
    pub fn apply_looks(&self, ctx: &egui::Context) {
        if let Some(theme) = self.theme {
            ctx.set_theme(theme);
        }
        if let Some(zoom) = self.zoom.filter(|z| z.is_finite()) {
            ctx.set_zoom_factor(zoom.clamp(LEAST_ZOOM, MOST_ZOOM));
        }
        super::widgets::theme::set_density(ctx, self.density);
    }

    /// Makes everything larger by `step`, in tenths; nothing is the usual size.
    pub fn zoom(&mut self, ctx: &egui::Context, step: Option<f32>) {
        let zoom = step.map(|step| ((ctx.zoom_factor() + step) * 10.0).round() / 10.0);
        self.zoom = zoom.map(|z| z.clamp(LEAST_ZOOM, MOST_ZOOM));
        ctx.set_zoom_factor(self.zoom.unwrap_or(1.0));
    }

    /// Puts a file at the head of the list of recent ones.
    pub fn remember(&mut self, recent: Recent) {
        self.recent.retain(|r| r.table != recent.table);
        self.recent.insert(0, recent);
        self.recent.truncate(8);
    }

    /// Keeps the roles that were chosen for a table.
    pub fn remember_mapping(&mut self, inspection: &crate::formats::Inspection) {
        let header: Vec<String> = inspection.columns.iter().map(|c| c.name.clone()).collect();
        let chosen = inspection.columns.iter().filter(|c| c.chosen);
        let roles: Vec<_> = chosen.map(|c| (c.name.clone(), c.role.clone())).collect();
        if header.is_empty() || roles.is_empty() {
            return;
        }
        self.mappings.retain(|m| m.header != header);
        self.mappings.insert(0, Mapping { header, roles });
        self.mappings.truncate(100);
    }

    /// The roles that were chosen for a table with this header.
    pub fn mapping(&self, inspection: &crate::formats::Inspection) -> Option<&Mapping> {
        let same = |m: &&Mapping| m.header.iter().eq(inspection.columns.iter().map(|c| &c.name));
        self.mappings.iter().find(same)
    }
}

/// Where the reviewer was in one dataset.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Place {
    /// The view.
    pub view: View,
    /// The item under the cursor, by key.
    pub item: Option<String>,
    /// The filter and the order.
    pub query: Query,
    /// Every queue.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub queues: Vec<Placed>,
    /// The one under review, by its number.
    pub active: Option<u64>,
    /// The only queue, in places of the time when there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<Queue>,
    /// The position in the queue under review.
    pub position: usize,
    /// Whether anything is hidden in the queue: all that the first version kept.
    pub blind: bool,
    /// What is hidden, by kind of queue.
    pub blinds: Option<Blinds>,
    /// The folder below which pictures are looked for.
    pub pictures: Option<PathBuf>,
    /// Names of raters who were switched out of the statistics, or in.
    #[serde(default)]
    pub switched: std::collections::BTreeSet<String>,
    /// Whether labels were learned from the items.
    #[serde(default)]
    pub learned: bool,
    /// Logs of others that do not stand beside the source.
    #[serde(default)]
    pub added_logs: Vec<PathBuf>,
}

impl Place {
    /// The file where the place in a dataset is kept, named by the digest of its source.
    fn path(folder: &Path, digest: &str, reviewer: &str) -> PathBuf {
        let name: String = digest.chars().filter(char::is_ascii_alphanumeric).take(40).collect();
        let mut who: String = reviewer.chars().filter(char::is_ascii_alphanumeric).take(40).collect();
        if who != reviewer {
            // Names that differ in other characters only have places of their own.
            let digest = <sha2::Sha256 as sha2::Digest>::digest(reviewer);
            who.extend(digest.iter().take(6).map(|b| format!("{b:02x}")));
        }
        folder.join(format!("{name}-{who}.place.json"))
    }

    /// The file of the numbers of a long queue. They never change, so that it is written once.
    fn numbers(place: &Path, file: &str) -> PathBuf {
        // Whatever a place says, the file is in its folder.
        let file: String = file.chars().filter(char::is_ascii_alphanumeric).take(64).collect();
        place.with_extension(format!("{file}.queue"))
    }

    /// Reads it; a place that cannot be read is the beginning. A queue whose numbers cannot be read is left out.
    pub fn load(folder: &Path, digest: &str, reviewer: &str) -> Self {
        let path = Self::path(folder, digest, reviewer);
        let read = std::fs::read(&path).ok();
        let Some(mut place) = read.and_then(|bytes| serde_json::from_slice::<Self>(&bytes).ok()) else {
            return Self::default();
        };
        place.queues.retain_mut(|placed| {
            let Some(file) = &placed.file else { return true };
            let bytes = std::fs::read(Self::numbers(&path, file)).ok();
            let queue = std::mem::take(&mut placed.queue);
            match bytes.and_then(|bytes| frozen::read_into(queue, &bytes)) {
                Some(queue) => placed.queue = queue,
                None => {
                    log::warn!("the queue {file} cannot be read and is left out");
                    return false;
                }
            }
            true
        });
        place.sweep(&path);
        place
    }

    /// Removes files of queues that are no more.
    fn sweep(&self, path: &Path) {
        let (Some(folder), Some(stem)) = (path.parent(), path.file_stem()) else { return };
        let used: Vec<PathBuf> =
            self.queues.iter().filter_map(|q| Some(Self::numbers(path, q.file.as_ref()?))).collect();
        let start = format!("{}.", stem.to_string_lossy());
        for entry in std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok) {
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_queue = entry.path().extension().is_some_and(|e| e == "queue");
            if name.starts_with(&start) && is_queue && !used.contains(&entry.path()) {
                std::fs::remove_file(entry.path()).ok();
            }
        }
    }

    /// Takes the queues out, and the number of the one under review; the one queue of an older place is the first.
    pub fn all_queues(&mut self) -> (Vec<Placed>, Option<u64>) {
        match self.queue.take() {
            Some(queue) if self.queues.is_empty() => {
                let placed = Placed { id: 1, position: self.position, queue, ..Placed::default() };
                (vec![placed], Some(1))
            }
            _ => (std::mem::take(&mut self.queues), self.active),
        }
    }

    /// Writes it, atomically; numbers of long queues first, so that no place names what is not there.
    pub fn save(&self, folder: &Path, digest: &str, reviewer: &str) -> anyhow::Result<()> {
        std::fs::create_dir_all(folder)?;
        let path = Self::path(folder, digest, reviewer);
        for placed in &self.queues {
            if let (Some(file), Some(queue)) = (&placed.file, &placed.numbers) {
                let numbers = Self::numbers(&path, file);
                if !numbers.exists() {
                    write_whole(&numbers, |out| Ok(out.write_all(&frozen::to_bytes(queue))?))?;
                }
            }
        }
        write_whole(&path, |out| Ok(serde_json::to_writer(out, self)?))
    }
}

/// Who reviews if nobody says: the name of the account.
pub fn default_reviewer() -> String {
    ["USER", "LOGNAME", "USERNAME"]
        .iter()
        .filter_map(|k| std::env::var(k).ok())
        .find(|name| !name.trim().is_empty())
        .unwrap_or_else(|| "reviewer".to_owned())
}

/// The folder for places and logs that cannot stand beside their source.
pub fn data_folder() -> PathBuf {
    directories::ProjectDirs::from("", "", "dissensus")
        .map_or_else(|| std::env::temp_dir().join("dissensus"), |d| d.data_dir().to_path_buf())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_comes_back_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let place = Place { view: View::Raters, item: Some("c7".into()), position: 12, ..Place::default() };
        place.save(folder.path(), "sha256:abc", "r").unwrap();
        let back = Place::load(folder.path(), "sha256:abc", "r");
        assert_eq!((back.view, back.item.as_deref(), back.position), (View::Raters, Some("c7"), 12));
        assert_eq!(Place::load(folder.path(), "sha256:other", "r").position, 0);
    }

    #[test]
    fn a_place_of_the_time_of_one_queue_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let old = r#"{"view":"review","item":"c1","query":{"conditions":[],"search":"","sort":"file","descending":false},
            "queue":{"name":"Label issues","reached":"flag","items":[4,2,9],"controls":[9],"seed":42},"position":1,"blind":true}"#;
        std::fs::write(Place::path(folder.path(), "sha256:abc", "r"), old).unwrap();
        let mut place = Place::load(folder.path(), "sha256:abc", "r");
        assert_eq!((place.view, place.blind), (View::Review, true));
        let (queues, active) = place.all_queues();
        assert_eq!((queues.len(), active, queues[0].id, queues[0].position), (1, Some(1), 1, 1));
        let queue = &queues[0].queue;
        assert_eq!((queue.name.as_str(), queue.items.as_slice()), ("Label issues", &[4, 2, 9][..]));
        assert!(queue.controls.contains(&9) && queue.repeats.is_empty());
    }

    #[test]
    fn long_queues_have_files_of_their_own_that_go_with_them() {
        let folder = tempfile::tempdir().unwrap();
        let whole = Queue { name: "long".into(), items: (0..6000).rev().collect(), ..Queue::default() };
        let placed = |file: &str| Placed {
            id: 2,
            queue: Queue { name: "long".into(), ..Queue::default() },
            file: Some(file.to_owned()),
            numbers: Some(std::sync::Arc::new(whole.clone())),
            ..Placed::default()
        };
        let files = || std::fs::read_dir(folder.path()).unwrap().count();
        let both = Place { queues: vec![placed("aa"), placed("bb")], ..Place::default() };
        both.save(folder.path(), "sha256:abc", "r").unwrap();
        let json = std::fs::metadata(Place::path(folder.path(), "sha256:abc", "r")).unwrap().len();
        assert!(json < 1500 && files() == 3, "{json} bytes, {} files", files());
        let back = Place::load(folder.path(), "sha256:abc", "r");
        assert!(back.queues.iter().all(|q| q.queue == whole) && back.queues.len() == 2);

        // One is removed: its file goes when the place is read again. One is damaged: it alone is left out.
        Place { queues: vec![placed("aa")], ..Place::default() }
            .save(folder.path(), "sha256:abc", "r")
            .unwrap();
        assert_eq!((Place::load(folder.path(), "sha256:abc", "r").queues.len(), files()), (1, 2));
        let numbers = Place::numbers(&Place::path(folder.path(), "sha256:abc", "r"), "aa");
        std::fs::write(&numbers, b"no queue").unwrap();
        assert!(Place::load(folder.path(), "sha256:abc", "r").queues.is_empty());
        // A name that would lead elsewhere leads nowhere.
        let bad = Place::numbers(&Place::path(folder.path(), "sha256:abc", "r"), "../../x");
        assert_eq!(bad.parent(), Some(folder.path()));
    }

    #[test]
    fn recent_files_are_unique_and_few() {
        let mut p = Preferences::default();
        for i in 0..12 {
            p.remember(Recent {
                table: format!("{}.csv", i % 10).into(),
                probabilities: None,
                more: Vec::new(),
            });
        }
        assert_eq!(p.recent.len(), 8);
        assert_eq!(p.recent[0].table, PathBuf::from("1.csv"));
    }
}
