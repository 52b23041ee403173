//! What has changed since an older run.

use super::detail::table;
use crate::{
    hil::{
        comparison::{Change, ChangeVerdict, Comparison},
        outcome::HilRun,
    },
    report::{
        hil::{change, words},
        markup::escaped,
    },
};

/// A table of the changes; nothing when no older run was given.
pub(super) fn comparison(run: &HilRun) -> String {
    let Some(found) = &run.comparison else { return String::new() };
    let order = [ChangeVerdict::Regression, ChangeVerdict::Lab, ChangeVerdict::Better];
    let rows = order.into_iter().flat_map(|verdict| found.of(verdict)).map(row);
    let heads = ["", "board", "step", "figure", "was", "is", "change", "tolerance"];
    let mut shown = table("Figures that differ by more than the tolerance", &heads, rows);
    if shown.is_empty() {
        shown = "<p>Nothing differs by more than the tolerance.</p>".to_owned();
    }
    format!(
        "<section><h2>Since the older run</h2><p class=\"aside\">Compared with {}, begun {} and made by esp-https {}: {} figures are in \
         both.</p>{shown}{}</section>\n",
        escaped(&found.file),
        escaped(&words::begun(&found.started)),
        escaped(&found.version),
        found.compared,
        not_compared(found),
    )
}

fn row(change: &Change) -> String {
    let (class, icon) = match change.verdict {
        ChangeVerdict::Regression => ("bad", "bad"),
        ChangeVerdict::Lab => ("lab", "lab"),
        ChangeVerdict::Better => ("passed", "better"),
    };
    let figure = match &change.finding {
        Some(finding) => format!("finding <code>{}</code>", escaped(finding)),
        None => change::name(change.measure).to_owned(),
    };
    let (was, is) = match (&change.finding, change.verdict) {
        (Some(_), ChangeVerdict::Better) => ("there".to_owned(), "gone".to_owned()),
        (Some(_), _) => ("not there".to_owned(), "there".to_owned()),
        (None, _) => (change::shown(change.measure, change.was), change::shown(change.measure, change.is)),
    };
    format!(
        "<tr class=\"{class}\"><td class=\"state\"><svg class=\"i\" aria-hidden=\"true\"><use href=\"#i-{icon}\"/></svg> {}\
         <td>{}<td>{}<td>{figure}<td class=\"num\">{was}<td class=\"num\">{is}<td class=\"num\">{}<td class=\"num\">{}</tr>",
        change::word(change.verdict),
        escaped(&change.board),
        escaped(&change.step),
        change::by(change).unwrap_or_default(),
        change.tolerance_percent.map(change::percent).unwrap_or_default(),
    )
}

fn not_compared(found: &Comparison) -> String {
    let items: Vec<String> =
        found.not_compared.iter().map(|why| format!("<li>{}</li>", escaped(why))).collect();
    match items.len() {
        0 => String::new(),
        count => {
            format!("<details><summary>Not compared: {count}</summary><ul>{}</ul></details>", items.concat())
        }
    }
}
