//! The samples that come with the program and need no explanation of their columns, opened with one click.

use std::path::Path;

use super::open::Wanted;
use crate::whole_file::write_whole;

/// A set to learn the program with.
#[derive(Debug)]
pub struct Sample {
    /// Its name, and that of its folder.
    pub name: &'static str,
    /// What can be found in it.
    pub about: &'static str,
    /// File names and contents; the table is first.
    files: &'static [(&'static str, &'static [u8])],
    /// Which of them holds predicted probabilities.
    probabilities: Option<usize>,
    /// How many of them, from the first on, are the source.
    n_source: usize,
}

macro_rules! file {
    ($folder:literal, $name:literal) => {
        ($name, include_bytes!(concat!("../../sample_data/", $folder, "/", $name)))
    };
}

/// Those, the best to begin with first.
pub const ALL: &[Sample] = &[
    Sample {
        name: "comments",
        about: "600 comments, 41 raters, a model: errors, careless raters, a gap in the guideline",
        files: &[file!("comments", "comments.csv"), file!("comments", "comments_probabilities.npy")],
        probabilities: Some(1),
        n_source: 1,
    },
    Sample {
        name: "tickets",
        about: "400 tickets, one label each and a model: labels that are probably wrong",
        files: &[file!("tickets", "tickets.csv"), file!("tickets", "tickets_probabilities.csv")],
        probabilities: Some(1),
        n_source: 1,
    },
    Sample {
        name: "news",
        about: "240 sentences, tagged twice: what changed between two versions, and why",
        files: &[file!("news", "original.conll"), file!("news", "revised.conll")],
        probabilities: None,
        n_source: 2,
    },
];

impl Sample {
    /// Puts the files into a folder of the sample below `folder`, where a review can write its log beside them, and says how they
    /// are opened. A file that is there already, changed or not, stays.
    ///
    /// # Errors
    /// What the disk says.
    pub fn unpack(&self, folder: &Path) -> anyhow::Result<Wanted> {
        let folder = folder.join("samples").join(self.name);
        std::fs::create_dir_all(&folder)?;
        for (name, bytes) in self.files {
            let path = folder.join(name);
            if !path.exists() {
                write_whole(&path, |out| Ok(out.write_all(bytes)?))?;
            }
        }
        let path = |at: usize| folder.join(self.files[at].0);
        let mut wanted = Wanted { at_once: true, ..Wanted::table(path(0)) };
        wanted.more = (1..self.n_source).map(path).collect();
        wanted.options.probabilities = self.probabilities.map(path);
        Ok(wanted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats;
    use crate::progress::Progress;

    #[test]
    fn each_is_read_as_it_lies_and_keeps_what_was_done_to_it() {
        let folder = tempfile::tempdir().expect("a folder");
        for sample in ALL {
            let wanted = sample.unpack(folder.path()).expect(sample.name);
            assert!(wanted.paths().iter().all(|p| p.is_file()), "{}", sample.name);
            assert_eq!(wanted.options.probabilities.is_some(), sample.probabilities.is_some());
            if wanted.more.is_empty() {
                let read = formats::open(&wanted.table, &wanted.overrides, &wanted.options, &Progress::new());
                assert!(read.expect(sample.name).n_items() > 0);
            }
        }
        let changed = folder.path().join("samples/comments/comments.csv");
        std::fs::write(&changed, "a,b\n").expect("a file");
        ALL[0].unpack(folder.path()).expect("again");
        assert_eq!(std::fs::read(&changed).expect("a file"), b"a,b\n");
    }
}
