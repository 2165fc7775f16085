//! Paths inside data: whatever they say, the answer is a file inside the root.
#![no_main]

use std::path::PathBuf;
use std::sync::OnceLock;

use dissensus_fuzz::formats::media::resolve;
use libfuzzer_sys::fuzz_target;

/// A root with links that lead out of it, and a neighbour whose name begins alike.
fn root() -> &'static PathBuf {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| {
        let dir = tempfile::tempdir().expect("a folder").keep().canonicalize().expect("a folder");
        for folder in ["root/a", "root_evil", "out"] {
            std::fs::create_dir_all(dir.join(folder)).expect("a folder");
        }
        for file in ["root/x", "root/a/y.png", "root_evil/x", "out/x"] {
            std::fs::write(dir.join(file), "x").expect("a file");
        }
        #[cfg(unix)]
        for (to, link) in [
            ("../out", "root/o"),
            ("../out/x", "root/l"),
            ("a", "root/i"),
            ("..", "root/a/u"),
            ("../..", "root/a/w"),
        ] {
            std::os::unix::fs::symlink(to, dir.join(link)).expect("a link");
        }
        dir.join("root")
    })
}

fuzz_target!(|text: &str| {
    if let Ok(path) = resolve(root(), text) {
        assert!(path.canonicalize().expect("it is there").starts_with(root()), "{}", path.display());
        assert!(path.is_file());
    }
});
