//! Tables stored by column, workbooks, records and arrays: read, joined with probabilities, and written back.

use std::path::{Path, PathBuf};

use dissensus::dataset::Dataset;
use dissensus::formats::{LoadOptions, Overrides, open};
use dissensus::progress::Progress;

mod probabilities {
    use super::*;

    #[test]
    fn every_kind_of_file_gives_the_same_matrix() {
        for (name, tolerance) in [
            ("pred_probs.npy", 1e-12),
            ("pred_probs_v2_header.npy", 1e-12),
            ("pred_probs_bigendian.npy", 1e-12),
            ("pred_probs_f4_fortran.npy", 1e-6),
            ("pred_probs_f2.npy", 1e-3),
            ("pred_probs.csv", 1e-12),
            ("pred_probs.jsonl", 1e-12),
            ("bundle.npz", 1e-12),
            ("logits.csv", 1e-5),
        ] {
            let d = with_probabilities(&format!("pred_probs/{name}")).unwrap_or_else(|e| panic!("{name}: {e}"));
            let p = d.probabilities.as_ref().unwrap();
            assert_eq!(d.labels.names(), ["negative", "neutral", "positive"], "{name}");
            let first = p.row(0);
            for (found, expected) in first.iter().zip([0.02, 0.08, 0.9]) {
                assert!((found - expected).abs() < tolerance, "{name}: {first:?}");
            }
            assert_eq!(codes(&d).contains(&"softmax"), name == "logits.csv", "{name}");
        }
    }

    #[test]
    fn python_objects_are_refused_with_a_recipe() {
        let e = with_probabilities("pred_probs/REJECT_object_dtype.npy").unwrap_err();
        assert!(e.contains("np.stack(arr).astype('float32')"), "{e}");
    }
}

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

fn with_probabilities(name: &str) -> Result<Dataset, String> {
    let dir = tempfile::tempdir().unwrap();
    let table = dir.path().join("long.csv");
    let rows = "t1,ana,positive\nt2,ana,negative\nt3,ana,negative\nt4,ana,neutral\nt5,ana,positive\n";
    std::fs::write(&table, format!("item_id,rater_id,label\n{rows}t1,ben,positive\nt2,ben,neutral\n")).unwrap();
    let options = LoadOptions { probabilities: Some(data(name)), ..LoadOptions::default() };
    open(&table, &Overrides::default(), &options, &Progress::new()).map_err(|e| e.to_string())
}

fn codes(dataset: &Dataset) -> Vec<&str> {
    dataset.warnings.iter().map(|w| w.code.as_str()).collect()
}
