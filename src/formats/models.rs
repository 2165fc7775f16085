//! Which raters are models, by their names: a column of `gpt-4o` beside those of people.

use super::notes::{Notes, Place};
use crate::dataset::{Dataset, RaterKind};

/// Words with which names of language models and of judges begin.
const FAMILIES: [&str; 29] = [
    "openai",
    "openaichat",
    "davinci",
    "chatgpt",
    "gpt",
    "claude",
    "llama",
    "gemini",
    "gemma",
    "mistral",
    "mixtral",
    "qwen",
    "deepseek",
    "palm",
    "vicuna",
    "falcon",
    "olmo",
    "phi",
    "cohere",
    "command",
    "bert",
    "roberta",
    "distilbert",
    "deberta",
    "t5",
    "llm",
    "model",
    "judge",
    "classifier",
];

/// Whether a rater of this name is a model: one of its words is a family's name, followed by nothing but a version.
pub(crate) fn is_model_name(name: &str) -> bool {
    let lower = name.to_lowercase();
    let mut words = lower.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
    words.any(|word| {
        let letters = word.trim_end_matches(|c: char| c.is_ascii_digit());
        FAMILIES.contains(&word) || FAMILIES.contains(&letters)
    })
}

/// Takes raters for models whom the user called so, or, where nobody said anything, whose names are those of models; unless
/// that would leave no person.
pub(crate) fn tell_models(dataset: &mut Dataset, named: &[String]) {
    let raters = &dataset.raters;
    if raters.anonymous || raters.kinds.contains(&RaterKind::Model) && named.is_empty() {
        return;
    }
    let is_one = |name: &String| {
        if named.is_empty() { is_model_name(name) } else { named.contains(name) }
    };
    let models: Vec<usize> = (0..raters.len()).filter(|&r| is_one(&raters.names[r])).collect();
    if models.is_empty() || (named.is_empty() && models.len() == raters.len()) {
        return;
    }
    let names: Vec<&str> = models.iter().take(6).map(|&r| raters.names[r].as_str()).collect();
    let names = names.join(", ");
    if named.is_empty() {
        let mut notes = Notes::new(&dataset.source.table.path);
        notes.add("models_by_name", Place::FILE, 1, || {
            (
                format!("Taken for models by their names: {names}; they count among the raters once they are switched on"),
                "Nothing to do, or count them under Raters, or with --count NAME".into(),
            )
        });
        dataset.warnings.extend(notes.into_warnings());
    }
    for rater in models {
        if let Some(kind) = dataset.raters.kinds.get_mut(rater) {
            *kind = RaterKind::Model;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_models_and_of_people() {
        for name in [
            "gpt-4o",
            "GPT4",
            "llama_3_70b",
            "Llama3",
            "claude-3-opus",
            "judge 2",
            "model",
            "my-roberta-base",
        ] {
            assert!(is_model_name(name), "{name}");
        }
        for name in ["phillip", "ann", "R01", "annotator_gp", "Claudette", "modella", "judgement", "rater 5"]
        {
            assert!(!is_model_name(name), "{name}");
        }
    }
}
