//! A project: files, what their columns mean, settings, views and queues, as one small file beside the data.
//!
//! It is data only, and names files below its own folder and nothing else: a folder that is moved or sent opens where
//! one left off, and a project from a stranger cannot reach out of its folder. Decisions are not in it; they are in the
//! correction logs, which stand beside the source and move with it.

use std::path::{Component, Path, PathBuf};

use super::layout::Layout;
use super::open::Wanted;
use super::state::Place;
use super::{App, Stage};
use crate::analysis::Settings;
use crate::dataset::Role;
use crate::formats::media::is_device;
use crate::formats::{LoadOptions, Overrides};
use crate::whole_file::write_whole;

/// How names of project files end.
pub const END: &str = ".dissensus.json";
/// Largest project file that is read, in bytes: queues of millions of items fit.
const MOST_BYTES: u64 = 256 << 20;
const VERSION: u32 = 1;

/// What a project file holds. Paths are relative to its folder, with `/`.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Project {
    /// Version of this form.
    pub dissensus_project: u32,
    /// The table, tool export or folder.
    pub table: String,
    /// Further files of the same source.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub more: Vec<String>,
    /// Predicted probabilities: name of the model (may be empty) and file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probabilities: Option<(String, String)>,
    /// Further models.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub further: Vec<(String, String)>,
    /// Other crowds.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub crowds: Vec<(String, String)>,
    /// Embeddings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub embeddings: Option<String>,
    /// Side tables.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub joins: Vec<String>,
    /// The folder of pictures; empty for the project's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pictures: Option<String>,
    /// What columns mean.
    pub roles: Vec<(String, Role)>,
    /// Read as this format.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Which question is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    /// How the text is encoded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// Labels in their declared order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// Labels that are taken for others, (from, to).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub merges: Vec<(String, String)>,
    /// Raters that are models.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<String>,
    /// Whether probabilities are taken as they are.
    pub probabilities_as_is: bool,
    /// Whether labels are learned from the items.
    pub learn: bool,
    /// What statistics are computed with.
    pub settings: Settings,
    /// Where the reviewer was, with the queues.
    pub place: Place,
    /// Which views stand side by side.
    pub layout: Layout,
}

/// Why a project cannot be saved or opened.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// The file cannot be read.
    #[error("the project cannot be read: {0}: {1}")]
    Read(std::io::Error, PathBuf),
    /// It is larger than a project can be.
    #[error("the file is larger than {most} MiB, which no project is: {0}", most = MOST_BYTES >> 20)]
    TooLarge(PathBuf),
    /// It is no project.
    #[error("this is not a project of dissensus: {0}; save one with “Save project”: {1}")]
    NotOne(serde_json::Error, PathBuf),
    /// A newer program wrote it.
    #[error(
        "the project is of version {0}, and this program reads up to {VERSION}; use a newer dissensus: {1}"
    )]
    Newer(u32, PathBuf),
    /// It names something outside of its folder.
    #[error(
        "the project names “{0}”, which is not a plain path below its folder; put the file beside it: {1}"
    )]
    Outside(String, PathBuf),
    /// The files have no folder in common.
    #[error(
        "a project holds files of one folder and those below it, and {0} is not below {1}; put it there and open it again"
    )]
    Apart(PathBuf, PathBuf),
    /// It cannot be written.
    #[error("the project was not saved: {0}")]
    Write(anyhow::Error),
}

/// Whether `path` is named as a project is.
pub fn is_project(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(END))
}

impl Project {
    /// What is open, as a project beside `wanted`'s table; and where that is.
    ///
    /// # Errors
    /// If one of the files is not below the table's folder.
    pub fn of(wanted: &Wanted, place: &Place, layout: &Layout) -> Result<(PathBuf, Self), ProjectError> {
        let table = absolute(&wanted.table);
        // A project that is open stays where it is; a new one stands beside its table.
        let beside = wanted.project.as_deref().map_or_else(|| table.clone(), absolute);
        let folder = beside.parent().map(Path::to_owned).unwrap_or_default();
        let stem = table.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let below = |path: &Path| relative(&absolute(path), &folder);
        let all = |paths: &[PathBuf]| paths.iter().map(|p| below(p)).collect::<Result<Vec<_>, _>>();
        let named = |pairs: &[(String, PathBuf)]| {
            pairs.iter().map(|(n, p)| Ok((n.clone(), below(p)?))).collect::<Result<Vec<_>, ProjectError>>()
        };
        let o = &wanted.options;
        let project = Self {
            dissensus_project: VERSION,
            table: below(&wanted.table)?,
            more: all(&wanted.more)?,
            probabilities: match &o.probabilities {
                Some(path) => Some((o.probabilities_name.clone(), below(path)?)),
                None => None,
            },
            further: named(&o.further)?,
            crowds: named(&o.crowds)?,
            embeddings: o.embeddings.as_deref().map(below).transpose()?,
            joins: all(&o.joins)?,
            // Pictures elsewhere are chosen again: they are often too many to be moved.
            pictures: wanted.pictures.as_deref().and_then(|p| below(p).ok()),
            roles: wanted.overrides.roles.clone(),
            format: wanted.overrides.format.clone(),
            question: wanted.overrides.question.clone().filter(|q| !q.is_empty()),
            encoding: wanted.overrides.encoding.clone(),
            labels: o.declared_labels.clone(),
            merges: o.merges.clone(),
            models: o.models.clone(),
            probabilities_as_is: o.probabilities_as_is,
            learn: wanted.learn,
            settings: wanted.settings.clone(),
            place: Self::carried(place, &below),
            layout: layout.clone(),
        };
        let path = wanted.project.as_deref().map_or_else(|| folder.join(format!("{stem}{END}")), absolute);
        Ok((path, project))
    }

    /// A place that can be carried elsewhere: long queues in it rather than in files of this machine, logs of others where they are
    /// below the folder.
    fn carried(place: &Place, below: &impl Fn(&Path) -> Result<String, ProjectError>) -> Place {
        let mut place = Place { pictures: None, ..place.clone() };
        for one in &mut place.queues {
            if let Some(whole) = one.numbers.take() {
                (one.queue, one.file) = ((*whole).clone(), None);
            }
        }
        place.added_logs =
            place.added_logs.iter().filter_map(|log| below(log).ok().map(PathBuf::from)).collect();
        place
    }

    /// Writes it to `path`, whole or not at all.
    ///
    /// # Errors
    /// Whatever the file system refuses.
    pub fn save(&self, path: &Path) -> Result<(), ProjectError> {
        write_whole(path, |out| Ok(serde_json::to_writer_pretty(out, self)?)).map_err(ProjectError::Write)
    }

    /// Reads the project at `path`.
    ///
    /// # Errors
    /// If it cannot be read, is none, is newer, or names something outside of its folder.
    pub fn read(path: &Path) -> Result<Self, ProjectError> {
        let read = |error| ProjectError::Read(error, path.to_owned());
        if std::fs::metadata(path).map_err(read)?.len() > MOST_BYTES {
            return Err(ProjectError::TooLarge(path.to_owned()));
        }
        let bytes = std::fs::read(path).map_err(read)?;
        let project: Self =
            serde_json::from_slice(&bytes).map_err(|error| ProjectError::NotOne(error, path.to_owned()))?;
        if project.dissensus_project > VERSION {
            return Err(ProjectError::Newer(project.dissensus_project, path.to_owned()));
        }
        project.wanted(path)?;
        Ok(Self { layout: project.layout.clone().sound(), ..project })
    }

    /// What it takes to open it; `path` is where it was read from.
    ///
    /// # Errors
    /// If it names something outside of its folder.
    pub fn wanted(&self, path: &Path) -> Result<Wanted, ProjectError> {
        let path = absolute(path);
        let folder = path.parent().map(Path::to_owned).unwrap_or_default();
        let real = folder.canonicalize().unwrap_or_else(|_| folder.clone());
        let find = |name: &str| -> Result<PathBuf, ProjectError> {
            let outside = || ProjectError::Outside(name.to_owned(), path.clone());
            let parts = Path::new(name);
            let is_plain = !name.is_empty()
                && !name.contains(['\\', ':', '\0'])
                && parts
                    .components()
                    .all(|c| matches!(c, Component::Normal(part) if !is_device(&part.to_string_lossy())));
            if !is_plain {
                return Err(outside());
            }
            let found = folder.join(parts);
            // A link may lead anywhere. What is not there is said by whoever opens it.
            match found.canonicalize() {
                Ok(real_path) if !real_path.starts_with(&real) => Err(outside()),
                _ => Ok(found),
            }
        };
        let all = |names: &[String]| names.iter().map(|n| find(n)).collect::<Result<Vec<_>, _>>();
        let named = |pairs: &[(String, String)]| {
            pairs.iter().map(|(n, p)| Ok((n.clone(), find(p)?))).collect::<Result<Vec<_>, ProjectError>>()
        };
        let options = LoadOptions {
            probabilities: self.probabilities.as_ref().map(|(_, p)| find(p)).transpose()?,
            probabilities_name: self.probabilities.as_ref().map(|(n, _)| n.clone()).unwrap_or_default(),
            further: named(&self.further)?,
            crowds: named(&self.crowds)?,
            embeddings: self.embeddings.as_deref().map(find).transpose()?,
            models: self.models.clone(),
            declared_labels: self.labels.clone(),
            probabilities_as_is: self.probabilities_as_is,
            merges: self.merges.clone(),
            joins: all(&self.joins)?,
            question: self.question.clone().unwrap_or_default(),
            undigested: false,
        };
        let logs = self.place.added_logs.iter();
        let added_logs = logs.map(|log| find(&log.to_string_lossy())).collect::<Result<Vec<_>, _>>()?;
        let pictures = match self.pictures.as_deref() {
            Some("") => Some(folder.clone()),
            Some(name) => Some(find(name)?),
            None => None,
        };
        Ok(Wanted {
            table: find(&self.table)?,
            more: all(&self.more)?,
            overrides: Overrides {
                roles: self.roles.clone(),
                format: self.format.clone(),
                question: self.question.clone(),
                encoding: self.encoding.clone(),
            },
            options,
            settings: self.settings.clone(),
            pictures: pictures.clone(),
            learn: self.learn,
            at_once: true,
            place: Some(Box::new(Place { pictures, added_logs, ..self.place.clone() })),
            layout: Some(self.layout.clone()),
            project: Some(path.clone()),
        })
    }
}

impl App {
    /// Opens a file, or a project.
    pub(super) fn open_path(&mut self, ctx: &egui::Context, path: PathBuf, more: Vec<PathBuf>) {
        if !is_project(&path) {
            self.open(ctx, Wanted { more, ..Wanted::table(path) });
            return;
        }
        match Project::read(&path).and_then(|project| project.wanted(&path)) {
            Ok(wanted) => self.open(ctx, wanted),
            Err(error) => self.tell("The project was not opened", error.to_string(), true),
        }
    }

    /// Writes what is open down as a project beside its data, and keeps it up to date from now on.
    pub(super) fn save_project(&mut self) {
        let Some(wanted) = self.wanted_again() else { return };
        let Stage::Ready(doc) = &self.stage else { return };
        let place = doc.place(self.view);
        let saved = Project::of(&wanted, &place, &self.preferences.layout).and_then(|(path, project)| {
            project.save(&path)?;
            Ok(path)
        });
        match saved {
            Ok(path) => {
                let why = format!("{}; it is kept up to date while it is open", path.display());
                self.project = Some(path);
                self.tell("Saved the project", why, false);
            }
            Err(error) => self.tell("The project was not saved", error.to_string(), true),
        }
    }

    /// The project that is open, as it is now. One that cannot be kept up to date any more is told of, and left as it is.
    pub(super) fn project_now(&mut self, place: &Place) -> Option<(PathBuf, Project)> {
        self.project.as_ref()?;
        match Project::of(&self.wanted_again()?, place, &self.preferences.layout) {
            Ok(project) => Some(project),
            Err(error) => {
                self.project = None;
                self.tell("The project is no longer kept up to date", error.to_string(), true);
                None
            }
        }
    }
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// `path` as seen from `folder`, with `/`.
fn relative(path: &Path, folder: &Path) -> Result<String, ProjectError> {
    let apart = || ProjectError::Apart(path.to_owned(), folder.to_owned());
    let real = |p: &Path| p.canonicalize().unwrap_or_else(|_| p.to_owned());
    let rest = path
        .strip_prefix(folder)
        .map(Path::to_owned)
        .or_else(|_| real(path).strip_prefix(real(folder)).map(Path::to_owned));
    let rest = rest.map_err(|_| apart())?;
    let parts: Option<Vec<&str>> = rest.components().map(|c| c.as_os_str().to_str()).collect();
    Ok(parts.ok_or_else(apart)?.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::queues::Placed;
    use crate::review::Queue;

    fn folder() -> (tempfile::TempDir, Wanted) {
        let folder = tempfile::tempdir().unwrap();
        for name in ["votes.csv", "more.csv", "p.npy"] {
            std::fs::write(folder.path().join(name), "x").unwrap();
        }
        let mut wanted = Wanted::table(folder.path().join("votes.csv"));
        wanted.more = vec![folder.path().join("more.csv")];
        wanted.options.probabilities = Some(folder.path().join("p.npy"));
        wanted.overrides.roles = vec![("a".to_owned(), Role::Probability("x".to_owned()))];
        (folder, wanted)
    }

    #[test]
    fn a_project_opens_in_another_place() {
        let (folder, wanted) = folder();
        let place = Place { position: 7, ..Place::default() };
        let (path, project) = Project::of(&wanted, &place, &Layout::default()).unwrap();
        project.save(&path).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(!text.contains(&folder.path().display().to_string()), "{text}");
        let other = tempfile::tempdir().unwrap();
        for name in ["votes.csv", "more.csv", "p.npy", "votes.dissensus.json"] {
            std::fs::rename(folder.path().join(name), other.path().join(name)).unwrap();
        }
        let moved = other.path().join("votes.dissensus.json");
        let back = Project::read(&moved).unwrap().wanted(&moved).unwrap();
        assert_eq!(back.table, other.path().join("votes.csv"));
        assert_eq!(back.options.probabilities, Some(other.path().join("p.npy")));
        assert_eq!((back.more.len(), back.overrides.roles.len()), (1, 1));
        assert_eq!(back.place.unwrap().position, 7);
    }

    #[test]
    fn long_queues_and_logs_of_others_travel_and_what_lies_elsewhere_does_not() {
        let (folder, wanted) = folder();
        let long = Queue { name: "long".to_owned(), items: (0..6001).collect(), ..Queue::default() };
        let bare = Queue { name: "long".to_owned(), ..Queue::default() };
        let placed = Placed {
            id: 1,
            position: 5000,
            queue: bare,
            file: Some("digest".to_owned()),
            numbers: Some(std::sync::Arc::new(long.clone())),
            ..Placed::default()
        };
        let logs = vec![folder.path().join("ben.jsonl"), std::env::temp_dir().join("elsewhere.jsonl")];
        let place = Place { queues: vec![placed], added_logs: logs, ..Place::default() };
        let (path, project) = Project::of(&wanted, &place, &Layout::default()).unwrap();
        project.save(&path).unwrap();
        assert!(!std::fs::read_to_string(&path).unwrap().contains("elsewhere"));
        let back = Project::read(&path).unwrap().wanted(&path).unwrap().place.unwrap();
        assert_eq!((&back.queues[0].queue.items, back.queues[0].position), (&long.items, 5000));
        assert_eq!(back.queues[0].file, None);
        assert_eq!(back.added_logs, [folder.path().join("ben.jsonl")]);
        let bad = r#"{"dissensus_project":1,"table":"votes.csv","place":{"added_logs":["/etc/passwd"]}}"#;
        std::fs::write(&path, bad).unwrap();
        assert!(matches!(Project::read(&path).unwrap_err(), ProjectError::Outside(..)));
    }

    #[test]
    fn a_project_above_its_table_stays_there() {
        let (folder, _) = folder();
        std::fs::create_dir(folder.path().join("data")).unwrap();
        std::fs::write(folder.path().join("data/votes.csv"), "x").unwrap();
        let path = folder.path().join("x.dissensus.json");
        std::fs::write(&path, r#"{"dissensus_project":1,"table":"data/votes.csv"}"#).unwrap();
        let wanted = Project::read(&path).unwrap().wanted(&path).unwrap();
        let (again, project) = Project::of(&wanted, &Place::default(), &Layout::default()).unwrap();
        assert_eq!((again, project.table.as_str()), (path, "data/votes.csv"));
    }

    #[test]
    fn files_elsewhere_are_said_and_not_named() {
        let (_folder, mut wanted) = folder();
        let other = tempfile::tempdir().unwrap();
        wanted.options.embeddings = Some(other.path().join("e.npy"));
        let error = Project::of(&wanted, &Place::default(), &Layout::default()).unwrap_err().to_string();
        assert!(error.contains("e.npy is not below"), "{error}");
    }

    #[test]
    fn a_strangers_project_stays_in_its_folder() {
        let (folder, _) = folder();
        let path = folder.path().join("x.dissensus.json");
        for name in [
            "../secret.csv",
            "/etc/passwd",
            "a/../../b",
            "C:\\x",
            "",
            ".",
            "NUL",
            "a/con.csv",
            "a\0b",
            "..\\x",
        ] {
            let json = serde_json::json!({ "dissensus_project": 1, "table": name });
            std::fs::write(&path, json.to_string()).unwrap();
            let error = Project::read(&path).unwrap_err();
            assert!(matches!(error, ProjectError::Outside(..)), "{name}: {error}");
        }
        #[cfg(unix)]
        {
            let other = tempfile::tempdir().unwrap();
            std::fs::write(other.path().join("secret"), "x").unwrap();
            std::os::unix::fs::symlink(other.path().join("secret"), folder.path().join("link.csv")).unwrap();
            std::fs::write(&path, r#"{"dissensus_project":1,"table":"link.csv"}"#).unwrap();
            assert!(matches!(Project::read(&path).unwrap_err(), ProjectError::Outside(..)));
        }
        std::fs::write(&path, r#"{"dissensus_project":9,"table":"votes.csv"}"#).unwrap();
        assert!(matches!(Project::read(&path).unwrap_err(), ProjectError::Newer(9, _)));
        std::fs::write(&path, "[1, 2").unwrap();
        assert!(matches!(Project::read(&path).unwrap_err(), ProjectError::NotOne(..)));
    }
}
