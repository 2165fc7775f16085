//! The pages that say what a number means: one Markdown file a statistic in `assets/pages/`, built in.
//!
//! The same text is a tooltip (its summary), a page of the window, and documentation that can be read in the
//! repository. A page is `# Title`, a summary of one sentence, the body, and a paragraph that begins with
//! `Source: `; tests hold every page to that.

use std::sync::LazyLock;

/// What one statistic, or one rule of the house, means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// Name of its file without `.md`; stable, other code refers to it.
    pub key: &'static str,
    /// For a heading.
    pub title: &'static str,
    /// One sentence of plain text on one line, for a tooltip.
    pub summary: &'static str,
    /// All that follows the title, in Markdown: the summary, then definition, use, limits and source.
    pub body: &'static str,
}

macro_rules! files {
    ($($key:literal),+ $(,)?) => {
        &[$(($key, include_str!(concat!("../../assets/pages/", $key, ".md")))),+]
    };
}

/// Key and text, in the order in which a reader would want them.
const FILES: &[(&str, &str)] = files![
    "percent_agreement",
    "cohen_kappa",
    "fleiss_kappa",
    "krippendorff_alpha",
    "gwet_ac",
    "brennan_prediger",
    "scott_pi",
    "conger_kappa",
    "icc",
    "rank_agreement",
    "group_agreement",
    "label_set",
    "runs_of_disagreement",
    "comparison",
    "versions",
    "human_distribution",
    "category_reliability",
    "detector_per_rater",
    "rater_groups",
    "rater_profiles",
    "practice",
    "label_drift",
    "conditions",
    "covariates",
    "tastes",
    "scale_use",
    "intervals",
    "unitizing_alpha",
    "gamma",
    "span_f1",
    "highlight_overlap",
    "vote_entropy",
    "majority_vote",
    "weighted_vote",
    "dawid_skene",
    "glad",
    "mace",
    "spectral_crowd",
    "crowd_truth",
    "crowdlab",
    "competence",
    "consensus_and_ties",
    "soft_labels",
    "candidate_sets",
    "vote_certificate",
    "alternative_annotator",
    "audit_estimates",
    "trusted_labels",
    "benchmark",
    "preference_models",
    "what_wins",
    "score_rewards",
    "learned",
    "probabilities",
    "confident_thresholds",
    "confident_joint",
    "label_issues",
    "label_quality",
    "error_odds",
    "loss_mixture",
    "num_label_issues",
    "noise_matrices",
    "health_score",
    "wrong_sets",
    "error_or_variation",
    "contradictory_entities",
    "variation_ngrams",
    "label_relations",
    "neighbours",
    "label_graph",
    "judge_ensemble",
    "judge_validation",
    "routing",
    "metric_reliability",
    "difficulty",
    "shifted_labels",
    "mistake_probability",
    "rating_residuals",
    "verdicts",
    "active_lab",
    "overlapping_labels",
    "reviewing",
    "grid",
    "projects",
    "self_agreement",
    "correction_log",
    "adjudication",
    "export_rules",
    "nutrition_label",
];

static PAGES: LazyLock<Vec<Page>> =
    LazyLock::new(|| FILES.iter().map(|(key, text)| parse(key, text)).collect());

impl Page {
    /// The page as the window shows it: with its title, and formulas as code in the line. A block of code would
    /// come as a text field without a name, under a button whose sign the built-in fonts do not have.
    pub fn shown(&self) -> String {
        let mut out = format!("# {}\n\n", self.title);
        for line in self.body.lines() {
            match line.strip_prefix("    ") {
                // Two blanks at the end break the line.
                Some(formula) => out.extend(["`", formula, "`  \n"]),
                None => out.extend([line, "\n"]),
            }
        }
        out
    }
}

/// Every page, in reading order.
pub fn all() -> &'static [Page] {
    &PAGES
}

/// The page with this key; `None` if there is none.
pub fn get(key: &str) -> Option<&'static Page> {
    PAGES.iter().find(|page| page.key == key)
}

/// Takes a page apart. What is missing is empty, and a test finds it.
fn parse(key: &'static str, text: &'static str) -> Page {
    let (heading, body) = text.split_once('\n').unwrap_or((text, ""));
    let body = body.trim();
    Page {
        key,
        title: heading.strip_prefix("# ").unwrap_or_default().trim_end(),
        summary: body.lines().next().unwrap_or_default().trim_end(),
        body,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    fn folder() -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/pages")
    }

    #[test]
    fn every_page_has_title_summary_limits_and_source() {
        for page in all() {
            let key = page.key;
            assert!(!page.title.is_empty(), "{key}: the first line is `# Title`");
            let mut paragraphs = page.body.split("\n\n");
            assert_eq!(
                paragraphs.next(),
                Some(page.summary),
                "{key}: the summary is one line, one paragraph"
            );
            let n = page.summary.chars().count();
            assert!((20..=220).contains(&n), "{key}: the summary has {n} characters");
            assert!(page.summary.ends_with('.'), "{key}: the summary is a sentence");
            assert!(!page.summary.contains(['*', '`', '_']), "{key}: the summary is plain text");
            for part in ["**Use it**", "**Do not use", "**Undefined**"] {
                // One page puts its object first: "Use them".
                let part = if key == "probabilities" { part.trim_end_matches("it**") } else { part };
                assert!(page.body.contains(part), "{key} lacks {part}");
            }
            let source = page.body.split("\n\n").last().unwrap_or_default();
            assert!(source.starts_with("Source: "), "{key}: the last paragraph names the source");
            let years = source.split(|c: char| !c.is_ascii_digit()).filter(|d| d.len() == 4);
            assert!(
                years.filter(|y| y.starts_with("19") || y.starts_with("20")).count() > 0,
                "{key}: a year"
            );
        }
    }

    #[test]
    fn no_page_is_shown_with_a_block_of_code() {
        for page in all() {
            let shown = page.shown();
            assert!(!shown.contains("\n    ") && !shown.contains("```"), "{}", page.key);
            let formulas = page.body.lines().filter(|l| l.starts_with("    ")).count();
            assert_eq!(shown.matches("`  \n").count(), formulas, "{}", page.key);
        }
    }

    #[test]
    fn pages_are_short() {
        for page in all() {
            let words = page.body.split_whitespace().count();
            assert!((120..=280).contains(&words), "{} has {words} words", page.key);
        }
    }

    #[test]
    fn keys_are_unique_and_every_file_is_built_in() {
        let keys: BTreeSet<String> = all().iter().map(|p| p.key.to_owned()).collect();
        assert_eq!(keys.len(), all().len());
        let on_disk: BTreeSet<String> = std::fs::read_dir(folder())
            .unwrap()
            .filter_map(|entry| entry.unwrap().file_name().to_str()?.strip_suffix(".md").map(str::to_owned))
            .filter(|name| name != "README")
            .collect();
        assert_eq!(keys, on_disk);
        assert!(keys.iter().all(|key| get(key).is_some_and(|page| page.key == key)));
        assert_eq!(get("no_such_page"), None);
    }

    #[test]
    fn the_index_lists_the_pages_in_their_order() {
        let index = std::fs::read_to_string(folder().join("README.md")).unwrap();
        let listed: Vec<&str> = index
            .lines()
            .filter_map(|line| line.strip_prefix("| [")?.split_once(']'))
            .map(|(key, _)| key)
            .collect();
        let keys: Vec<&str> = all().iter().map(|page| page.key).collect();
        assert_eq!(listed, keys);
        for key in keys {
            assert!(index.contains(&format!("({key}.md)")), "{key} is linked");
        }
    }
}
