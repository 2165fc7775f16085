//! The table that Dawid and Skene printed in 1979: 45 patients, rated 1 to 4 by five anaesthetists, by the first of
//! them three times.

use super::{Csv, SampleFile};

/// One word a patient: the three passes of anaesthetist 1, then anaesthetists 2 to 5.
const RATINGS: [&str; 45] = [
    "1111111", "3334334", "1122122", "2223121", "2223222", "2223322", "1122111", "3333433", "2222223",
    "2322223", "4444444", "2223343", "1111111", "2223212", "1211111", "1112111", "1111111", "1111111",
    "2222221", "2221322", "2222222", "2222221", "2223222", "2212222", "1111111", "1111111", "2322222",
    "1111111", "1111111", "1121121", "1111111", "3333233", "1111111", "2222222", "2223232", "4334343",
    "2212232", "2323233", "3333432", "1111111", "1111111", "1212111", "2322222", "1211111", "2222222",
];

pub fn files() -> Vec<SampleFile> {
    let mut csv = Csv::new(&["patient", "anaesthetist", "rating", "pass"]);
    for (patient, ratings) in RATINGS.iter().enumerate() {
        for (column, rating) in ratings.chars().enumerate() {
            let (anaesthetist, pass) = if column < 3 { (1, column + 1) } else { (column - 1, 1) };
            csv.row(&[
                (patient + 1).to_string(),
                anaesthetist.to_string(),
                rating.to_string(),
                pass.to_string(),
            ]);
        }
    }
    vec![csv.file("anaesthetists/anaesthetists.csv")]
}
