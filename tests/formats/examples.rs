//! Every example file, opened: one data set in every format must come to the same items, raters and labels, as far as
//! the format can hold them.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::canonical::{Canonical, Keys, S, Spans, Tokens, V, Votes, Who};
use crate::support::{data, facts, files_below};
use dissensus::dataset::Dataset;
use dissensus::dataset::Missing::{self, Empty, Skipped, Unknown};
use dissensus::formats::{FormatError, LoadOptions, Overrides, inspect_all, load};
use dissensus::progress::Progress;

/// How an example is opened.
enum How {
    /// As it is.
    Plain,
    /// Asked this question.
    Question(&'static str),
    /// As this format.
    As(&'static str),
    /// As probabilities of the items of [`LONG`]: what is opened is that.
    Probabilities,
    /// Copied into one folder under these names; the first is opened.
    Named(&'static [&'static str]),
}

/// What an example comes to.
enum Expect {
    /// The canonical votes.
    Votes(Votes),
    /// The canonical stretches of a sentence.
    Spans(Spans),
    /// The canonical sentence, token by token.
    Tokens(Tokens),
    /// Data of its own, all of it, a line a fact.
    Own(&'static str),
    /// It is refused, in these words among others.
    Refused(&'static [&'static str]),
}

struct Row(&'static [&'static str], How, &'static str, &'static [&'static str], Expect);

use Expect::{Own, Refused};
use How::{As, Named, Plain, Probabilities, Question};

const LONG: &str = "tabular/long_task_worker_label.csv";
const MAJORITY: Who = Who::Given(["positive", "negative", "negative", "neutral", "positive"]);
const USERS: Votes = Votes {
    who: Who::Raters(&[
        ("10000000-0000-4000-8000-000000000000", "ana"),
        ("20000000-0000-4000-8000-000000000000", "ben"),
        ("30000000-0000-4000-8000-000000000000", "chi"),
    ]),
    ..V
};
const SUGGESTED: &[&str] = &[
    "split=train",
    "sentiment.suggestion=positive",
    "sentiment.suggestion.score=0.9",
    "sentiment.suggestion.agent=tiny-v1",
];
const EMPTY: &[(&str, &str, Missing)] = &[("t3", "chi", Empty), ("t5", "ben", Empty)];
const SKIPPED: &[(&str, &str, Missing)] = &[("t5", "ben", Skipped)];
const ALL_SAID: Who =
    Who::Given(["positive", "negative|neutral", "negative", "neutral|positive", "negative|positive"]);
const SETS: &[&str] = &[
    "task MultiLabel, 5 items",
    "labels negative, negative|neutral, negative|positive, neutral|positive, positive",
    "question label: MultiLabel, 0",
    "question label: negative: Single, 0",
    "question label: neutral: Single, 0",
    "question label: positive: Single, 0",
];
const PRESENT: &[&str] = &[
    "task MultiLabel, 5 items",
    "question labels: MultiLabel, 13",
    "question labels: negative: Single, 13",
    "question labels: neutral: Single, 13",
    "question labels: positive: Single, 13",
];
const NUMBERED: Who = Who::Raters(&[("11", "ana"), ("12", "ben"), ("13", "chi")]);
const FLAT: Votes =
    Votes { who: Who::Raters(&[("13", "chi"), ("12", "ben"), ("11", "ana")]), seconds: Some("4.5"), ..V };
const NESTED: Votes =
    Votes { more: &["t1 given positive", "t2 given negative", "t3 given negative", "t4 given neutral"], ..V };
const PREDICTED: Votes = Votes { texts: false, probabilities: Some(1e-12), ..V };
const COVERED: Spans = Spans { text: Some("Ada Lovelace        Charles Babbage    London"), shift: 1, ..S };
const ONE_TASK: &str = r#"task Single, 1 items
    labels positive
    raters ana@example.org
    raters' id: 11
    raters' name: Ana Example
    t1 text "The battery lasts all day."
    t1 vote ana@example.org positive
    t1 took ana@example.org 5.5 s"#;
const FIFTYONE: &str = "task Single, 1 items
    labels cat, dog
    raters ana, ben, prediction
    prediction is Model
    650000000000000000000001 media data/img_1.png
    650000000000000000000001 meta file=img_1.png
    650000000000000000000001 meta tags=validation
    650000000000000000000001 vote ana cat
    650000000000000000000001 vote ben dog
    650000000000000000000001 vote prediction dog";

const GOEMOTIONS: &str = r#"task MultiLabel, 2 items
    labels anger|neutral, joy
    raters 
    question emotion: MultiLabel, 0
    question emotion: anger: Single, 0
    question emotion: joy: Single, 0
    question emotion: neutral: Single, 0
    e1 given joy
    e1 text "Best [NAME] day ever!"
    e2 given anger|neutral
    e2 text "Ugh, again?""#;

const fn votes(votes: Votes) -> Expect {
    Expect::Votes(votes)
}

#[rustfmt::skip]
const ROWS: &[Row] = &[
    // Annotation tools.
    Row(&["argilla/dataset_to_disk"], Plain, "argilla", &[], votes(Votes { meta: SUGGESTED, ..USERS })),
    Row(&["argilla/dataset_to_disk/records.json"], Plain, "argilla", &[], votes(Votes { meta: SUGGESTED, ..USERS })),
    Row(&["argilla/to_list_flatten.jsonl"], Plain, "argilla", &[], votes(Votes { meta: SUGGESTED, ..USERS })),
    Row(&["argilla/legacy_feedback_v1.jsonl"], Plain, "argilla", &[], votes(USERS)),
    Row(&["doccano/individual_export"], Plain, "doccano", &["empty_labels"], votes(Votes { absent: EMPTY, ..V })),
    Row(&["doccano/individual_export/ana.jsonl", "doccano/individual_export/ben.jsonl", "doccano/individual_export/chi.jsonl"],
        Plain, "doccano", &["empty_labels"], votes(Votes { absent: EMPTY, ..V })),
    Row(&["doccano/collaborative_export/all.jsonl"], Plain, "doccano", &[],
        votes(Votes { who: ALL_SAID, keys: Keys::From(1), meta: &["Comments="], more: SETS, ..V })),
    Row(&["doccano/collaborative_export/all.csv"], Plain, "doccano-csv", &[], votes(Votes { who: ALL_SAID, keys: Keys::From(1), more: SETS, ..V })),
    Row(&["doccano/legacy_v1_2.jsonl"], Plain, "doccano", &["label_numbers"], Own(
        r#"task Single, 1 items
        labels 10, 13
        raters 1, 2
        2 text "Screen cracked, refund took six weeks; support was kind."
        2 vote 1 10
        2 vote 2 13"#)),
    Row(&["doccano/spans_individual_utf16"], Plain, "doccano", &[], Expect::Spans(Spans { document: "9", ..S })),
    Row(&["doccano/spans_individual_grapheme"], Plain, "doccano", &["offset_unit"], Expect::Spans(Spans { document: "9", ..S })),
    Row(&["doccano/spans_relations/all.jsonl"], Plain, "doccano", &["unused_result"],
        Expect::Spans(Spans { document: "9", who: &[], labels: "LOC, PER, ∅", ..S })),
    Row(&["label_studio/export.json"], Plain, "label-studio", &["label_config"],
        votes(Votes { who: NUMBERED, absent: SKIPPED, seconds: Some("9.5"), ..V })),
    Row(&["label_studio/export_snapshot_expanded.json"], Plain, "label-studio", &["drafts", "label_config"], votes(Votes {
        who: Who::Raters(&[("ana@example.org", "ana"), ("ben@example.org", "ben"), ("chi@example.org", "chi")]),
        absent: SKIPPED, seconds: Some("9.5"),
        meta: &["prediction=positive", "prediction score=0.9", "prediction model=tiny-v1"],
        more: &["raters' id: 11, 12, 13", "raters' name: Ana Example, Ben Example, Chi Example"], ..V })),
    // The flat exports leave out who skipped, and say the last annotation first.
    Row(&["label_studio/export_json_min.json"], Plain, "label-studio-min", &["flat_export"], votes(FLAT)),
    Row(&["label_studio/export.csv"], Plain, "label-studio-min", &["flat_export"], votes(FLAT)),
    Row(&["label_studio/export.tsv"], Plain, "label-studio-min", &["flat_export"], votes(FLAT)),
    Row(&["label_studio/export_ner.json"], Plain, "label-studio", &["label_config"],
        Expect::Spans(Spans { document: "201", who: &[("11", "ana"), ("12", "ben")], labels: "PER, LOC, ORG, ∅", ..S })),
    Row(&["label_studio/export_ner.conll"], Plain, "", &[], Refused(&["line 12", "one time for each annotat", "export JSON"])),
    Row(&["label_studio/legacy_completions.json"], Plain, "label-studio", &["label_config"], Own(
        r#"task Single, 1 items
        labels negative, neutral, positive
        raters unknown
        t1 text "The battery lasts all day."
        t1 vote unknown positive
        t1 took unknown 3.1 s"#)),
    Row(&["label_studio/target_storage"], Plain, "label-studio", &[], Own(ONE_TASK)),
    Row(&["label_studio/target_storage/901.json"], Plain, "label-studio", &[], Own(ONE_TASK)),
    Row(&["label_studio/label_config.xml"], Plain, "", &[], Refused(&["XML"])),
    Row(&["label_studio/label_config_ner.xml"], Plain, "", &[], Refused(&["XML"])),
    Row(&["prodigy/choice.jsonl"], Plain, "prodigy", &[], votes(Votes { absent: SKIPPED, ..V })),
    Row(&["prodigy/binary_textcat.jsonl"], Plain, "prodigy", &[], Own(
        r#"task Single, 1 items
        labels accept, reject
        raters ana, ben
        -582677282 text "The battery lasts all day."
        -582677282 meta label=positive
        -582677282 vote ana accept
        -582677282 vote ben reject"#)),
    Row(&["prodigy/ner_manual.jsonl"], Plain, "prodigy", &[], Expect::Spans(Spans { document: "-1907788320", ..S })),
    Row(&["prodigy/review_output.jsonl"], Plain, "prodigy", &[], Expect::Spans(Spans {
        document: "-1907788320",
        more: &[
            "-1907788320:0-3 verdict 2026-03-10_10-00-00 ∅", "-1907788320:0-12 verdict 2026-03-10_10-00-00 PER",
            "-1907788320:19-34 verdict 2026-03-10_10-00-00 PER", "-1907788320:38-44 verdict 2026-03-10_10-00-00 LOC",
        ], ..S })),
    Row(&["potato/annotation_output"], Plain, "potato", &[], votes(Votes {
        texts: false, absent: &[("t3", "chi", Skipped), ("t5", "ben", Skipped)], seconds: Some("4.2"), more: &["t2 verdict lead negative"], ..V })),
    Row(&["potato/v1_annotation_output"], Plain, "potato", &[], votes(Votes { seconds: Some("4"), ..V })),
    Row(&["potato/exports/jsonl/annotations.jsonl"], Plain, "potato-export", &[], votes(Votes { texts: false, ..V })),
    // A column a label: one answer may be several.
    Row(&["potato/exports/csv/annotations.csv"], Plain, "", &[], votes(Votes { texts: false, more: PRESENT, ..V })),
    Row(&["potato/v1_annotation_output/annotated_instances.csv"], Plain, "", &["formula_cell"], votes(Votes { more: PRESENT, ..V })),
    Row(&["potato/adjudicated_final.jsonl"], Plain, "potato-final", &[], Own(
        "task Single, 2 items
        labels negative, positive
        raters 
        t1 text \"The battery lasts all day.\"
        t1 meta source=unanimous
        t1 meta num_annotators=3
        t1 meta adjudicator=
        t1 meta confidence=
        t1 given positive
        t2 text \"Screen cracked, refund took six weeks; support was kind.\"
        t2 meta source=adjudicated
        t2 meta num_annotators=
        t2 meta adjudicator=lead
        t2 meta confidence=high
        t2 given negative
        t2 verdict lead negative")),
    Row(&["cvat"], Plain, "cvat", &["shapes_unused", "merged_job"], Own(
        "task Single, 2 items
        labels cat, dog
        raters job_41, job_42, job_43
        img_1.png media img_1.png
        img_1.png vote job_41 cat
        img_1.png vote job_42 cat
        img_1.png vote job_43 dog
        img_1.png given cat
        img_2.png media img_2.png
        img_2.png vote job_41 dog
        img_2.png vote job_42 dog
        img_2.png vote job_43 dog
        img_2.png given dog")),
    Row(&["cvat/images/img_1.png"], Plain, "", &[], Refused(&["PNG"])),
    Row(&["cvat/images/img_2.png"], Plain, "", &[], Refused(&["PNG"])),
    Row(&["fiftyone"], Plain, "fiftyone", &[], Own(FIFTYONE)),
    Row(&["fiftyone/samples.json"], Plain, "fiftyone", &[], Own(FIFTYONE)),
    Row(&["fiftyone/data/img_1.png"], Plain, "", &[], Refused(&["PNG"])),
    Row(&["lilac/export.jsonl"], Plain, "lilac", &[], Own(
        r#"task MultiLabel, 2 items
        labels keep, ∅
        raters 
        question labels: MultiLabel, 0
        question labels: keep: Single, 0
        0001 text "The battery lasts all day."
        0001 meta id=t1
        0001 given keep
        0002 text "Screen cracked, refund took six weeks; support was kind."
        0002 meta id=t2
        0002 given ∅"#)),

    // Stretches of text.
    Row(&["brat"], Plain, "brat", &["discontinuous", "not_used"], Expect::Spans(Spans {
        document: "doc1", labels: "PER, LOC, ORG, Meeting, ∅",
        plus: &[("ana", 13, 16, "Meeting"), ("ana", 0, 3, "PER"), ("ana", 19, 26, "PER")], ..S })),
    Row(&["inception/project_export"], Plain, "webanno-tsv", &[], Expect::Spans(Spans {
        more: &["doc1.txt:0-3 gold ∅", "doc1.txt:0-12 gold PER", "doc1.txt:19-34 gold PER", "doc1.txt:38-44 gold LOC"], ..S })),
    Row(&["inception/uima_cas_json"], Plain, "cas-json", &[], Expect::Spans(S)),
    Row(&["inception/uima_xmi"], Plain, "xmi", &[], Expect::Spans(S)),
    Row(&["inception/uima_xmi/TypeSystem.xml"], Plain, "", &[], Refused(&["XML"])),
    // These two hold what is covered, but not the text, nor what its places are counted in.
    Row(&["inception/agreement_export_labels.csv"], Plain, "inception-agreement", &["text_unknown"], Expect::Spans(COVERED)),
    Row(&["inception/agreement_export_labels.json"], Plain, "inception-agreement", &["text_unknown"], Expect::Spans(COVERED)),
    Row(&["inception/agreement_export_diagnosis-diff.csv"], Plain, "", &[], Own(
        r#"task Single, 3 items
        labels <no annotation>, LOC, ORG, PER
        raters ana, ben
        1 meta Collection=tiny
        1 meta Feature=value
        1 meta Flags=INCOMPLETE_POSITION, USED
        1 meta Layer=de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity
        1 meta Type=SpanPosition
        1 text "doc1.txt\n0-12 [Ada Lovelace]"
        1 vote ana PER
        1 vote ben <no annotation>
        2 meta Collection=tiny
        2 meta Feature=value
        2 meta Flags=COMPLETE, USED
        2 meta Layer=de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity
        2 meta Type=SpanPosition
        2 text "doc1.txt\n20-35 [Charles Babbage]"
        2 vote ana PER
        2 vote ben PER
        3 meta Collection=tiny
        3 meta Feature=value
        3 meta Flags=DIFFERENCE, COMPLETE, USED
        3 meta Layer=de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity
        3 meta Type=SpanPosition
        3 text "doc1.txt\n39-45 [London]"
        3 vote ana LOC
        3 vote ben ORG"#)),
    Row(&["inception/webanno_tsv_escapes.tsv"], Plain, "webanno-tsv", &["no_value"], Own(
        r#"task Spans, 2 items
        labels *, keep_under[1]|pipe->arrow;semi*star, ∅
        raters webanno_tsv_escapes
        webanno_tsv_escapes mark webanno_tsv_escapes 0-3 keep_under[1]|pipe->arrow;semi*star
        webanno_tsv_escapes mark webanno_tsv_escapes 8-11 *
        webanno_tsv_escapes:0-3 focus 0..3
        webanno_tsv_escapes:0-3 text "a_b [x] c|d"
        webanno_tsv_escapes:0-3 vote webanno_tsv_escapes keep_under[1]|pipe->arrow;semi*star
        webanno_tsv_escapes:8-11 focus 8..11
        webanno_tsv_escapes:8-11 text "a_b [x] c|d"
        webanno_tsv_escapes:8-11 vote webanno_tsv_escapes *"#)),
    Row(&["conll/bio_iob2_2col.tsv"], Plain, "conll", &["tag_scheme"],
        Expect::Tokens(Tokens { tags: &[("", "B-PER I-PER O O B-PER I-PER O B-LOC O")], labels: "B-LOC, B-PER, I-PER, O", more: &[] })),
    Row(&["conll/bioes_2col.txt"], Plain, "conll", &["tag_scheme"],
        Expect::Tokens(Tokens { tags: &[("", "B-PER E-PER O O B-PER E-PER O S-LOC O")], labels: "B-PER, E-PER, O, S-LOC", more: &[] })),
    Row(&["conll/conll2003_iob1_4col.conll"], Plain, "conll", &["tag_scheme", "not_used"], Expect::Tokens(Tokens {
        tags: &[("", "I-PER I-PER O O I-PER I-PER O I-LOC O")], labels: "I-LOC, I-PER, O",
        more: &[
            "task Tokens, 12 items", "2:1 text \"It worked .\"", "2:1 focus 0..2", "2:1 given O", "2:2 text \"It worked .\"",
            "2:2 focus 3..9", "2:2 given O", "2:3 text \"It worked .\"", "2:3 focus 10..11", "2:3 given O",
        ] })),
    Row(&["conll/multi_annotator_columns.tsv"], Plain, "conll", &["tag_scheme", "tag_scheme", "tag_scheme"], Expect::Tokens(Tokens {
        tags: &[
            ("ana", "B-PER I-PER O O B-PER I-PER O B-LOC O"), ("ben", "B-PER O O O B-PER I-PER O B-ORG O"), ("chi", "? ? ? ? ? ? ? ? ?"),
        ],
        labels: "B-LOC, B-ORG, B-PER, I-PER, O",
        more: &[
            "1 mark ana 0-12 PER", "1 mark ana 19-34 PER", "1 mark ana 38-44 LOC", "1 mark ben 0-3 PER", "1 mark ben 19-34 PER",
            "1 mark ben 38-44 ORG",
        ] })),

    // Tables.
    Row(&[LONG], Plain, "", &[], votes(Votes { texts: false, ..V })),
    Row(&["tabular/wide_one_column_per_rater.csv"], Plain, "", &["formula_cell"], votes(V)),
    Row(&["tabular/list_in_cell.csv"], Plain, "", &["formula_cell"], votes(V)),
    Row(&["tabular/counts_per_class.csv"], Plain, "", &["formula_cell"], votes(Votes { who: Who::Nobody, ..V })),
    // It writes line breaks as two characters.
    Row(&["tabular/toloka_assignments.tsv"], Plain, "", &["formula_cell"], votes(Votes {
        meta: &["GOLDEN:result="], more: &[r#"t5 text "Line one\\nline two, after a newline""#], ..V })),
    Row(&["tabular/mturk_batch_results.csv"], Plain, "", &["formula_cell"], votes(Votes {
        seconds: Some("9"), more: &["raters ana, ben, chi, spammer", "t1 absent spammer Rejected"], ..V })),
    Row(&["tabular/appen_full_report.csv"], Plain, "", &["formula_cell"], votes(Votes {
        keys: Keys::From(1001), meta: &["_golden=true", "_country=USA", "item_id=t1"],
        more: &[
            "raters ana, ben, chi, tainted_worker", "raters' _trust: 0.9, 0.9, 0.9, 0.2", "1001 absent tainted_worker Rejected",
            "1001 gold positive",
        ], ..V })),
    Row(&["tabular/appen_aggregated_report.csv"], Plain, "", &[], Own(
        r#"task Single, 1 items
        labels negative
        raters 
        1002 given negative
        1002 meta _golden=false
        1002 meta _last_judgment_at=3/1/2026 09:03
        1002 meta _trusted_judgments=3
        1002 meta _unit_state=finalized
        1002 meta item_id=t2
        1002 meta sentiment:confidence=0.6667
        1002 meta sentiment_gold=
        1002 text "Screen cracked, refund took six weeks; support was kind.""#)),
    Row(&["tabular/goemotions_raw.csv"], Plain, "", &[], Own(
        r#"task MultiLabel, 2 items
        labels anger, joy, joy|neutral
        raters 1, 37
        question labels: MultiLabel, 3
        question labels: anger: Single, 3
        question labels: joy: Single, 3
        question labels: neutral: Single, 3
        e1 meta subreddit=r1
        e1 text "Best [NAME] day ever!"
        e1 vote 1 joy
        e1 vote 37 joy|neutral
        e2 absent 37 Skipped
        e2 meta subreddit=r1
        e2 text "Ugh, again?"
        e2 vote 1 anger"#)),
    Row(&["tabular/goemotions_train.tsv"], Plain, "goemotions", &["aggregated"], Own(GOEMOTIONS)),
    Row(&["tabular/goemotions_train.tsv", "tabular/goemotions_emotions.txt"], Named(&["train.tsv", "emotions.txt"]), "goemotions", &["aggregated"], Own(GOEMOTIONS)),
    Row(&["tabular/measuring_hate_speech.csv"], Question("hatespeech"), "", &[], Own(
        r#"task Single, 1 items
        labels 0.0, 1.0
        raters 10873, 2790
        raters' annotator_gender_women: True, False
        raters' annotator_severity: 0.36, 0.1
        raters' infitms: 0.81, 1.3
        raters' outfitms: 1.9, 1.1
        question attack_defend: Single, 2
        question dehumanize: Single, 2
        question genocide: Single, 2
        question hatespeech: Single, 2
        question humiliate: Single, 2
        question insult: Single, 2
        question respect: Single, 2
        question sentiment: Single, 2
        question status: Single, 2
        question violence: Single, 2
        1 meta hate_speech_score=-3.9
        1 meta platform=3
        1 meta std_err=0.34
        1 meta target_race=False
        1 text "Have a nice day"
        1 vote 10873 0.0
        1 vote 2790 1.0"#)),
    Row(&["tabular/dices_350.csv"], Question("Q_overall"), "", &[], Own(
        r#"task Single, 1 items
        labels No, Unsure
        raters 296485, 296490
        raters' rater_age: gen x+, gen z
        raters' rater_gender: Man, Woman
        raters' rater_race: White, Asian
        raters' rater_raw_race: White, Asian
        question Q1_whole_conversation_evaluation: Single, 2
        question Q2_harmful_overall: Single, 2
        question Q_overall: Single, 2
        0 gold No
        0 meta degree_of_harm=Benign
        0 meta harm_type=['Legal', 'Violence']
        0 meta phase=Phase3
        0 meta rater_education=College degree or higher
        0 meta safety_gold_reason=
        0 text "LAMDA: hello USER: hi\nLAMDA: bye"
        0 took 296485 168.684 s
        0 took 296490 9 s
        0 vote 296485 No
        0 vote 296490 Unsure"#)),
    Row(&["tabular/popquorn_offensiveness.csv"], Plain, "", &["missing_rater"], Own(
        r#"task Single, 1 items
        labels 1.0
        raters 0, 7
        raters' age: 35-39, 25-29
        raters' education: High school diploma or equivalent, College degree
        raters' gender: Man, Woman
        raters' occupation: Unemployed, Employed
        raters' race: White, Black or African American
        530 text "A fine day, truly"
        530 vote 0 1.0
        530 vote 7 1.0"#)),
    Row(&["tabular/sbic_v2_raw.csv"], Question("offensiveYN"), "", &["duplicate_pair", "column_varies"], Own(
        r#"task Single, 1 items
        labels 0.5, 1.0
        raters hash_a, hash_b
        raters' annotatorAge: 33.0, 28.0
        raters' annotatorGender: man, woman
        raters' annotatorPolitics: liberal, mod
        raters' annotatorRace: white, black
        raters' speakerMinorityYN: 0.0, 
        raters' targetCategory: culture, 
        raters' targetStereotype: they are late, 
        question intentYN: Single, 3
        question offensiveYN: Single, 3
        question sexYN: Single, 3
        question whoTarget: Single, 2
        HIT9 meta annotatorMinority=
        HIT9 meta dataSource=r/x
        HIT9 meta sexPhrase=
        HIT9 meta sexReason=
        HIT9 text "an invented post"
        HIT9 vote hash_a 1.0
        HIT9 vote hash_a 1.0
        HIT9 vote hash_b 0.5"#)),
    Row(&["tabular/cifar10h_raw.csv"], Plain, "", &["attention_check"], Own(
        "task Single, 1 items
        labels cat, dog
        raters 0, 1
        0 gold cat
        0 media a.png
        0 meta subcategory=tabby
        0 vote 0 cat
        0 vote 1 dog")),
    Row(&["tabular/chaosnli.jsonl"], Plain, "chaosnli", &[], Own(
        r#"task Single, 2 items
        labels e, n, c, 1, 2
        raters nobody
        1n given n
        1n meta old_labels=neutral|entailment|neutral|neutral|contradiction
        1n meta source=mnli_agree_3
        1n text "Six boats left.\nBoats left."
        1n votes 20 × n
        1n votes 4 × c
        1n votes 76 × e
        2a given 1
        2a meta old_labels=
        2a meta source=abdnli_dev
        2a text "It rained.\nShe was dry.\nShe had an umbrella.\nShe swam."
        2a votes 9 × 2
        2a votes 91 × 1"#)),
    Row(&["labelerrors/mturk_style.json"], Plain, "label-errors", &[], Own(
        "task MultiLabel, 1 items
        labels 4, 4|6, 6, ∅
        raters nobody
        question answer: Single, 5
        question label: 4: Single, 5
        question label: 6: Single, 5
        question label: MultiLabel, 5
        247 given 4
        247 media https://example.org/247.png
        247 meta guessed=6
        247 votes 1 × 4
        247 votes 1 × ∅
        247 votes 3 × 6")),
    Row(&["lewidi/2023_style.json"], Plain, "lewidi", &["hard_label_of_tie"],
        votes(Votes { keys: Keys::From(1), meta: &["split=dev", "lang=en", "item_id=t1"], ..V })),
    Row(&["lewidi/2023_style.json", "lewidi/annotators_meta_trailing_commas.json"], Named(&["X_train.json", "X_annotators_meta.json"]),
        "lewidi", &["hard_label_of_tie", "json_trailing_comma"],
        votes(Votes { keys: Keys::From(1), meta: &["split=dev", "lang=en", "item_id=t1"], more: &["raters' Age: 30, 41, ", "raters' Gender: F, M, "], ..V })),
    Row(&["lewidi/2025_style.json"], Plain, "lewidi", &[], votes(Votes { meta: &["split=dev", "lang=en"], ..V })),
    Row(&["lewidi/2025_multilabel.json"], Plain, "lewidi", &[], Own(
        r#"task MultiLabel, 1 items
        labels entailment|neutral, neutral
        raters Ann1, Ann2, Ann3
        question natural language inference: MultiLabel, 3
        question natural language inference: contradiction: Single, 3
        question natural language inference: entailment: Single, 3
        question natural language inference: neutral: Single, 3
        49 meta explanations=no total given\nsix may be all\nsix may be some\nno total given
        49 meta lang=en
        49 meta split=dev
        49 text "Six boats left.\nAll boats left."
        49 vote Ann1 neutral
        49 vote Ann2 entailment|neutral
        49 vote Ann3 neutral"#)),

    // Tables by column.
    Row(&["huggingface/plain_long.arrow"], Plain, "", &[], votes(Votes { texts: false, ..V })),
    Row(&["huggingface/plain_long.feather"], Plain, "", &[], votes(Votes { texts: false, ..V })),
    Row(&["huggingface/plain_long_dictionary.parquet"], Plain, "", &[], votes(Votes { texts: false, ..V })),
    Row(&["huggingface/parquet_with_features"], Plain, "", &["votes_in_rows"], votes(NESTED)),
    Row(&["huggingface/parquet_with_features/data/train-00000-of-00001.parquet"], Plain, "", &["votes_in_rows"], votes(NESTED)),
    Row(&["huggingface/save_to_disk"], Plain, "", &["votes_in_rows"], votes(NESTED)),
    Row(&["huggingface/save_to_disk/data-00000-of-00001.arrow"], Plain, "", &["votes_in_rows"], votes(NESTED)),
    Row(&["huggingface/save_to_disk/data-00000-of-00001.arrow", "huggingface/legacy_dataset_infos.json"],
        Named(&["data-00000-of-00001.arrow", "dataset_infos.json"]), "", &["votes_in_rows"], votes(NESTED)),
    Row(&["huggingface/legacy_dataset_infos.json"], Plain, "", &[], Refused(&["datasets library", "open the folder"])),
    Row(&["huggingface/save_to_disk/dataset_info.json"], Plain, "", &[], Refused(&["datasets library", "open the folder"])),

    // Arrays, and what a model said.
    Row(&["pred_probs/labels_str.npy"], Plain, "", &[], votes(Votes { who: MAJORITY, keys: Keys::From(1), texts: false, ..V })),
    Row(&["pred_probs/labels_u2.npy"], Plain, "", &[], votes(Votes {
        who: Who::Given(["2", "0", "0", "1", "2"]), labels: ["0", "1", "2"], keys: Keys::From(1), texts: false, ..V })),
    Row(&["pred_probs/votes_matrix_nan.npy"], Plain, "npy-matrix", &[], votes(Votes {
        who: Who::Raters(&[("rater 1", "ana"), ("rater 2", "ben"), ("rater 3", "chi")]), labels: ["0", "1", "2"],
        keys: Keys::From(1), texts: false, absent: &[("t3", "chi", Unknown), ("t5", "ben", Unknown)], ..V })),
    Row(&["pred_probs/bundle.npz"], Plain, "", &[], votes(Votes { who: MAJORITY, texts: false, probabilities: Some(0.0), ..V })),
    Row(&["pred_probs/bundle.npz"], Probabilities, "", &[], votes(PREDICTED)),
    Row(&["pred_probs/pred_probs.npy"], Probabilities, "", &["probability_order"], votes(PREDICTED)),
    Row(&["pred_probs/pred_probs_v2_header.npy"], Probabilities, "", &["probability_order"], votes(PREDICTED)),
    Row(&["pred_probs/pred_probs_bigendian.npy"], Probabilities, "", &["probability_order"], votes(PREDICTED)),
    Row(&["pred_probs/pred_probs_f4_fortran.npy"], Probabilities, "", &["probability_order"], votes(Votes { probabilities: Some(1e-6), ..PREDICTED })),
    Row(&["pred_probs/pred_probs_f2.npy"], Probabilities, "", &["half_precision_ties", "probability_order"], votes(Votes { probabilities: Some(1e-3), ..PREDICTED })),
    Row(&["pred_probs/pred_probs.csv"], Probabilities, "", &[], votes(PREDICTED)),
    Row(&["pred_probs/pred_probs.jsonl"], Probabilities, "", &[], votes(PREDICTED)),
    Row(&["pred_probs/logits.csv"], Probabilities, "", &["softmax"], votes(Votes { probabilities: Some(1e-5), ..PREDICTED })),
    Row(&["pred_probs/labels_str.npy"], Probabilities, "", &[], Refused(&["two dimensions"])),
    Row(&["pred_probs/votes_matrix_nan.npy"], Probabilities, "", &[], Refused(&["not a probability"])),
    Row(&["pred_probs/REJECT_object_dtype.npy"], Probabilities, "", &[], Refused(&["Python objects", "np.stack(arr).astype('float32')"])),
    Row(&["pred_probs/REJECT_object_dtype.npy"], Plain, "", &[], Refused(&["Python objects"])),
    Row(&["pred_probs/pred_probs.npy"], Plain, "", &[], Refused(&["fractions", "--probs"])),

    // Logs of reviews lie beside data, and are none.
    Row(&["dissensus_log/lead.corrections.jsonl"], Plain, "", &[], Refused(&["correction log"])),
    Row(&["dissensus_log/r1.corrections.jsonl"], Plain, "", &[], Refused(&["correction log"])),
    Row(&["dissensus_log/r2.corrections.jsonl"], Plain, "", &[], Refused(&["correction log"])),
    Row(&["argilla/dataset_to_disk/records.json"], As("prodigy"), "", &[], Refused(&["no question"])),
];

#[test]
fn every_example_comes_to_the_same_data() {
    let canonical = Canonical::read();
    let mut failures = String::new();
    let mut named: BTreeSet<String> = ["canonical.json", "canonical_spans.json"].map(str::to_owned).into();
    for row in ROWS {
        let opened = row.open();
        named.extend(row.names(&opened));
        for difference in row.differences(opened, &canonical) {
            writeln!(failures, "{} {difference}", row.0.join(" + ")).unwrap();
        }
    }
    let all = files_below(&data(""));
    // Hostile files have a table of their own.
    for file in all.iter().filter(|f| !f.starts_with("hostile/") && !named.contains(*f)) {
        writeln!(failures, "{file} is named by no row").unwrap();
    }
    for file in named.difference(&all) {
        writeln!(failures, "{file} is not there").unwrap();
    }
    assert!(failures.is_empty(), "\n{failures}");
}

impl Row {
    fn open(&self) -> Result<Dataset, FormatError> {
        let Row(paths, how, ..) = self;
        let mut files: Vec<_> = paths.iter().map(|p| data(p)).collect();
        let (mut overrides, mut options) = (Overrides::default(), LoadOptions::default());
        let dir = tempfile::tempdir().unwrap();
        match how {
            Plain => {}
            Question(question) => overrides.question = Some((*question).to_owned()),
            As(format) => overrides.format = Some((*format).to_owned()),
            Probabilities => {
                options.probabilities = Some(std::mem::replace(&mut files, vec![data(LONG)]).remove(0));
            }
            Named(names) => {
                let copies = names.iter().map(|name| dir.path().join(name));
                for (from, to) in
                    std::mem::replace(&mut files, copies.clone().take(1).collect()).iter().zip(copies)
                {
                    std::fs::copy(from, to).unwrap();
                }
            }
        }
        let looked = inspect_all(&files, &overrides, &Progress::new())?;
        let opened = load(&looked.path, &looked, &options, &Progress::new())?;
        assert_eq!(looked.detected.format, opened.source.format, "{:?}", self.0);
        Ok(opened)
    }

    /// The files that the row is about: of a folder those that were read.
    fn names(&self, opened: &Result<Dataset, FormatError>) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for path in self.0 {
            if !data(path).is_dir() {
                names.insert((*path).to_owned());
            } else if let Ok(dataset) = opened {
                let read: BTreeSet<_> = dataset.source.files.iter().map(|f| f.path.clone()).collect();
                let below = files_below(&data(path)).into_iter().map(|name| format!("{path}/{name}"));
                names.extend(below.filter(|name| read.is_empty() || read.contains(&data(name))));
            }
        }
        names
    }

    fn differences(&self, opened: Result<Dataset, FormatError>, canonical: &Canonical) -> Vec<String> {
        let Row(_, _, format, notes, expect) = self;
        let dataset = match (opened, expect) {
            (Err(e), Refused(words)) => {
                let said = e.to_string();
                return words
                    .iter()
                    .filter(|w| !said.contains(*w))
                    .map(|w| format!("is refused without “{w}”: {said}"))
                    .collect();
            }
            (Err(e), _) => return vec![format!("is refused: {e}")],
            (Ok(d), Refused(_)) => return vec![format!("is read: {} items", d.n_items())],
            (Ok(d), _) => d,
        };
        let mut differences = Vec::new();
        let codes: Vec<&str> = dataset.warnings.iter().map(|w| w.code.as_str()).collect();
        if (dataset.source.format.as_str(), codes.as_slice()) != (*format, *notes) {
            differences.push(format!("format {:?}, notes {codes:?}", dataset.source.format));
        }
        let mut found = facts(&dataset);
        let mut expected = match expect {
            Expect::Votes(votes) => {
                differences.extend(votes.beside(&mut found, &dataset, canonical));
                canonical.votes(votes)
            }
            Expect::Spans(spans) => canonical.spans(spans),
            Expect::Tokens(tokens) => canonical.tokens(tokens),
            Own(lines) => {
                lines.lines().map(|l| l.trim_start().to_owned()).filter(|l| !l.is_empty()).collect()
            }
            Refused(_) => unreachable!(),
        };
        found.sort();
        expected.sort();
        differences.extend(crate::support::difference(&expected, &found));
        differences
    }
}
