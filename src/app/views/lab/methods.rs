//! The table of methods: what each makes of the votes, and how well it fits a trusted column.

use egui::{Align2, Rect, Ui, pos2, vec2};

use super::{LabState, parted};
use crate::analysis::lab::Lab;
use crate::app::document::Document;
use crate::app::request::Request;
use crate::app::widgets::paint::{bar, heading, number, text, text_cut, thousands};
use crate::app::widgets::table::{Column, HEAD, Table, row_height};
use crate::app::widgets::theme::{Theme, font};

/// Height of the line above the table.
const TOP: f32 = 40.0;

/// Height that all rows take.
pub(super) fn height(ui: &egui::Ui, lab: &Lab) -> f32 {
    TOP + HEAD + row_height(ui) * lab.methods.len() as f32 + 6.0
}

pub(super) fn methods_ui(
    ui: &mut Ui,
    rect: Rect,
    doc: &Document,
    lab: &Lab,
    state: &mut LabState,
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    heading(
        ui.painter(),
        theme,
        pos2(rect.left() + 16.0, rect.top() + 21.0),
        "Aggregation",
        "one label an item out of the votes, by every method; open a row to see the items it labels otherwise",
    );
    let gold = doc.dataset.gold.is_some();
    let wide = rect.width() > 860.0;
    let mut columns = vec![
        Column::new("Method", 168.0),
        Column::new("≠ majority", 82.0).right().hint("Items that it labels otherwise than the majority vote"),
        Column::new("Ties", 56.0).right().hint("Items on which several labels are equally good"),
        Column::new("Sure", 132.0)
            .hint("Mean probability that it gives to its own label; too sure is common"),
    ];
    if gold {
        columns
            .push(Column::new("Accuracy", 74.0).right().hint("Share equal to gold; t tied labels count 1/t"));
        columns.push(Column::new("NLL", 56.0).right().hint(
            "Mean −ln of the probability of the gold label: low is good, and being sure and wrong is costly",
        ));
        columns.push(
            Column::new("Brier", 56.0).right().hint("Mean squared distance from the gold label, 0 to 2"),
        );
    }
    if wide {
        columns.push(
            Column::new("Rounds", 64.0)
                .right()
                .hint("Until nothing was gained any more; > where it was cut short"),
        );
        columns.push(Column::new("   Fits when", 0.0));
    }
    let area = Rect::from_min_max(pos2(rect.left(), rect.top() + TOP), rect.max);
    let table = Table {
        name: "Methods",
        columns: &columns,
        rows: lab.methods.len() as u64,
        selected: Some(state.method(lab) as u64),
        sorted: None,
    };
    state.table.measure(ui, area.height());
    state.table.reveal(state.method(lab) as u64);
    let best = best(lab);
    let events = table.show(
        ui,
        area,
        &mut state.table,
        |row| lab.methods[row as usize].which.row().name.to_owned(),
        |ui, row, cells, _| {
            let row = row as usize;
            let method = &lab.methods[row];
            let about = method.which.row();
            let p = ui.painter();
            let y = cells[0].center().y;
            let mut cells = cells.iter().copied();
            let mut cell = || cells.next().unwrap_or(Rect::NOTHING);
            let c = cell();
            text_cut(p, pos2(c.left(), y), c.width(), about.name, font::body(), theme.text);
            let outcome = match &method.outcome {
                Ok(outcome) => outcome,
                Err(reason) => {
                    let c = cell();
                    let words = format!("— {reason}");
                    text_cut(
                        p,
                        pos2(c.left(), y),
                        rect.right() - c.left() - 16.0,
                        &words,
                        font::body(),
                        theme.text_3,
                    );
                    return;
                }
            };
            let right = |c: Rect, words: &str, strong: bool| {
                let color = if strong { theme.text } else { theme.text_2 };
                text(p, pos2(c.right(), y), Align2::RIGHT_CENTER, words, font::mono(), color);
            };
            let other = outcome.n_other_than_majority;
            right(cell(), &if row == 0 { "·".to_owned() } else { thousands(other as u64) }, other > 0);
            right(cell(), &thousands(outcome.labels.n_tied as u64), false);
            let c = cell();
            match outcome.mean_confidence {
                Some(sure) => {
                    let area = Rect::from_min_size(pos2(c.left(), y - 4.0), vec2(78.0, 8.0));
                    bar(p, area, sure as f32, theme.mark, theme.grid);
                    let end = pos2(c.left() + 118.0, y);
                    text(p, end, Align2::RIGHT_CENTER, &number(sure, 2), font::mono(), theme.text_2);
                }
                None => {
                    text(p, pos2(c.left() + 118.0, y), Align2::RIGHT_CENTER, "—", font::mono(), theme.text_3);
                }
            }
            if gold {
                let dash = || "—".to_owned();
                let accuracy = outcome.accuracy_vs_gold.value();
                right(cell(), &accuracy.map_or_else(dash, |v| number(v, 4)), best.0 == Some(row));
                let score = outcome.score.as_ref();
                right(
                    cell(),
                    &score.map_or_else(dash, |s| number(s.negative_log_likelihood, 3)),
                    best.1 == Some(row),
                );
                right(cell(), &score.map_or_else(dash, |s| number(s.brier, 3)), best.2 == Some(row));
            }
            if wide {
                let rounds = format!("{}{}", if outcome.converged { "" } else { "> " }, outcome.iterations);
                right(cell(), &rounds, !outcome.converged);
                let c = cell();
                text_cut(
                    p,
                    pos2(c.left() + 10.0, y),
                    c.width() - 10.0,
                    about.fits,
                    font::body(),
                    theme.text_3,
                );
            }
        },
    );
    if let Some(row) = events.clicked {
        state.selected = Some(row as usize);
    }
    if let Some(row) = events.opened {
        state.selected = Some(row as usize);
        out.extend(parted(lab, 0, row as usize).map(|condition| Request::Filter(vec![condition])));
    }
}

/// The methods of best accuracy, likelihood and Brier score.
fn best(lab: &Lab) -> (Option<usize>, Option<usize>, Option<usize>) {
    let least = |value: &dyn Fn(&crate::analysis::lab::Outcome) -> Option<f64>| {
        let all = lab.methods.iter().enumerate();
        let all = all.filter_map(|(i, m)| Some((i, value(m.outcome.as_ref().ok()?)?)));
        all.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(i, _)| i)
    };
    (
        least(&|o| o.accuracy_vs_gold.value().map(|v| -v)),
        least(&|o| o.score.as_ref().map(|s| s.negative_log_likelihood)),
        least(&|o| o.score.as_ref().map(|s| s.brier)),
    )
}
