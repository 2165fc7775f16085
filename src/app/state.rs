//! What the window remembers: preferences, recent files, and for each dataset where the reviewer was.
//!
//! Preferences are small and may be lost; decisions are never kept here (they are in the correction log).

use std::path::{Path, PathBuf};

use super::query::Query;
use crate::review::Queue;
use crate::whole_file::write_whole;

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
    /// What was decided.
    Log,
}

impl View {
    /// All of them, in the order of the navigation.
    pub const ALL: [Self; 13] = [
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
            Self::Log => "Log",
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
    /// The frozen queue.
    pub queue: Option<Queue>,
    /// The position in it.
    pub position: usize,
    /// Whether votes and model are hidden.
    pub blind: bool,
    /// The folder below which pictures are looked for.
    pub pictures: Option<PathBuf>,
    /// Names of raters who were switched out of the statistics, or in.
    #[serde(default)]
    pub switched: std::collections::BTreeSet<String>,
    /// Whether labels were learned from the items.
    #[serde(default)]
    pub learned: bool,
}

impl Place {
    /// The file where the place in a dataset is kept, named by the digest of its source.
    fn path(folder: &Path, digest: &str, reviewer: &str) -> PathBuf {
        let name: String = digest.chars().filter(char::is_ascii_alphanumeric).take(40).collect();
        let who: String = reviewer.chars().filter(char::is_ascii_alphanumeric).take(40).collect();
        folder.join(format!("{name}-{who}.place.json"))
    }

    /// Reads it; a place that cannot be read is the beginning.
    pub fn load(folder: &Path, digest: &str, reviewer: &str) -> Self {
        std::fs::read(Self::path(folder, digest, reviewer))
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default()
    }

    /// Writes it, atomically.
    pub fn save(&self, folder: &Path, digest: &str, reviewer: &str) -> anyhow::Result<()> {
        std::fs::create_dir_all(folder)?;
        write_whole(&Self::path(folder, digest, reviewer), |out| Ok(serde_json::to_writer(out, self)?))
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
