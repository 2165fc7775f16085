//! The questions of a source, for what looks at several of them.

use std::borrow::Cow;

use crate::dataset::Dataset;
use crate::formats;
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;

/// The dataset of a question, by its number: the one at hand, or read anew. Undefined where there is no such question, and where it
/// cannot be read.
pub(super) fn question<'a>(
    dataset: &'a Dataset,
    number: usize,
    progress: &Progress,
) -> Result<Result<Cow<'a, Dataset>, Undefined>, Cancelled> {
    progress.check()?;
    let Some(question) = dataset.questions.get(number) else {
        return Ok(Err(Undefined::Because("there is no such question".to_owned())));
    };
    progress.stage(&question.name, 0);
    if number == dataset.question {
        return Ok(Ok(Cow::Borrowed(dataset)));
    }
    match formats::reopen(&dataset.source, &question.name, progress) {
        Ok(own) => Ok(Ok(Cow::Owned(own))),
        Err(formats::FormatError::Cancelled(cancelled)) => Err(cancelled),
        Err(error) => Ok(Err(Undefined::Because(error.to_string()))),
    }
}
