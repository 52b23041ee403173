//! A run as a table in Markdown, for the file that `GITHUB_STEP_SUMMARY` names.

use super::{
    change,
    words::{self, Place},
};
use crate::{
    hil::{outcome::HilRun, state::StepState},
    report::printable::printable,
};

/// The table, in no more than `most` bytes: what does not fit is left out, and the last line says so.
#[must_use]
pub fn step_summary(run: &HilRun, most: usize) -> String {
    let mut page = Bounded { text: String::new(), most, left_out: 0 };
    page.push(&head(run));
    let failures = words::failures(run);
    for place in &failures {
        page.push(&failure(*place));
    }
    if !failures.is_empty() {
        page.push("\n");
    }
    page.push(&changes(run));
    page.push(
        "| | board | step | time | handshake | heap at its lowest | what |\n|---|---|---|--:|--:|--:|---|\n",
    );
    for place in words::places(run) {
        page.push(&row(place));
    }
    page.finish()
}

/// What GitHub takes of one step's summary.
pub const MOST_SUMMARY_BYTES: usize = 1024 * 1024;

/// Text that ends before a limit, at the end of a part.
struct Bounded {
    text: String,
    most: usize,
    left_out: usize,
}

impl Bounded {
    fn push(&mut self, part: &str) {
        if self.left_out == 0 && self.text.len() + part.len() + ROOM_FOR_NOTE <= self.most {
            self.text.push_str(part);
        } else {
            self.left_out += 1;
        }
    }

    fn finish(mut self) -> String {
        if self.left_out > 0 && self.text.len() + ROOM_FOR_NOTE <= self.most {
            self.text.push_str(&format!("\n{} more rows are in report.html.\n", self.left_out));
        } else if self.left_out == 0 && self.text.len() < self.most {
            self.text.push('\n');
        }
        self.text
    }
}

fn head(run: &HilRun) -> String {
    let boards = run.boards.iter().map(|board| cell(&board.board.name)).collect::<Vec<_>>().join(", ");
    format!(
        "### {} {}: {}\n\n{} {} in {}. Target {}, {}.\n\n",
        icon(run.state),
        cell(&run.scenario),
        run.state.words(),
        words::verdict(run),
        sentence_case(&words::counted(run)),
        words::span(run.duration_us),
        cell(&run.target),
        if run.boards.len() == 1 { format!("board {boards}") } else { format!("boards {boards}") },
    )
}

fn failure(place: Place<'_>) -> String {
    let Place { board, step, .. } = place;
    let code = step.error.as_ref().map_or_else(String::new, |error| format!(" ({})", cell(&error.code)));
    format!(
        "- {} **{}**: {}, {}: {}{code}\n",
        icon(step.state),
        step.state.words(),
        cell(&board.board.name),
        cell(&step.name),
        cell(words::reason(step)),
    )
}

fn changes(run: &HilRun) -> String {
    let Some(comparison) = &run.comparison else { return String::new() };
    let mut told = format!(
        "Compared with {} of {}:\n\n",
        cell(&comparison.file),
        cell(&words::begun(&comparison.started))
    );
    let lines = change::changes(comparison);
    for line in lines.iter().take(MOST_CHANGES) {
        told.push_str(&format!("- {}\n", cell(line)));
    }
    match lines.len().saturating_sub(MOST_CHANGES) {
        0 if lines.is_empty() => told.push_str("- nothing differs by more than the tolerance\n"),
        0 => {}
        more => told.push_str(&format!("- {more} more lines are in report.html\n")),
    }
    told + "\n"
}

fn row(place: Place<'_>) -> String {
    let Place { board, step, .. } = place;
    let or_empty = |text: Option<String>| text.unwrap_or_default();
    format!(
        "| {} {} | {} | {} | {} | {} | {} | {} |\n",
        icon(step.state),
        step.state.words(),
        cell(&board.board.name),
        cell(&step.name),
        or_empty(step.duration_us.map(words::span)),
        or_empty(step.figures.handshake_us.map(words::span)),
        or_empty(step.figures.heap_min.map(words::size)),
        if step.state == StepState::Passed {
            step.says.as_deref().map(cell).unwrap_or_default()
        } else {
            cell(words::reason(step))
        },
    )
}

fn icon(state: StepState) -> &'static str {
    match state {
        StepState::Passed => "✅",
        StepState::Skipped | StepState::NotRun => "⚪",
        StepState::CouldNotTell => "❔",
        StepState::Lab => "🔌",
        StepState::Scenario => "📄",
        StepState::Regression => "❌",
        StepState::Bug => "🐞",
        StepState::Interrupted => "⏹️",
    }
}

fn sentence_case(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

/// What a device or a user says, on one line, without meaning for Markdown, for HTML, or for GitHub's mentions.
fn cell(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in printable(text).chars() {
        match character {
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '&' => shown.push_str("&amp;"),
            '@' => shown.push_str("&#64;"),
            '|' | '*' | '_' | '`' | '[' | ']' | '(' | ')' | '#' | '~' | '!' | '$' | '\\' => {
                shown.push_str(&format!("&#{};", u32::from(character)));
            }
            plain => shown.push(plain),
        }
    }
    // A bare address would become a link.
    shown.replace("://", "&#58;//")
}

const ROOM_FOR_NOTE: usize = 80;
const MOST_CHANGES: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::hil::sample;

    fn summary(run: serde_json::Value) -> String {
        step_summary(&serde_json::from_value(run).unwrap(), MOST_SUMMARY_BYTES)
    }

    #[test]
    fn a_green_run_is_a_heading_and_a_row_a_step() {
        let told = summary(sample::green());
        let head = "### ✅ bench: passed\n\nNothing is wrong. 1 skipped, 10 passed in 52.3 s. Target emulated, board emulated.\n\n| | board |";
        assert!(told.starts_with(head), "{told}");
        assert!(
            told.contains("| ✅ passed | emulated | look | 310 ms | 83.1 ms |  | TLS 1.3, TLS&#95;AES"),
            "{told}"
        );
        assert_eq!(told.lines().filter(|line| line.starts_with("| ")).count(), 1 + 11);
    }

    #[test]
    fn failures_come_before_the_table() {
        let told = summary(sample::regression());
        let (above, _) = told.split_once("| | board |").unwrap();
        assert!(above.contains("- ❌ **regression**: c3-lab-2, load: the board panicked 15.1 s after the step began (hil.board&#95;restarted)\n"), "{above}");
        assert!(above.contains("- worse: c3-lab-2, load: restarts 1, was 0\n"), "{above}");
    }

    #[test]
    fn what_others_say_stays_text_on_one_line() {
        let told = summary(sample::hostile());
        assert!(!told.contains("<script") && !told.contains("<!--") && !told.contains('\r'), "{told}");
        let rows: Vec<_> = told.lines().filter(|line| line.starts_with("| ")).collect();
        assert_eq!(rows.len(), 2, "{told}");
        assert!(rows.iter().all(|row| row.matches('|').count() == 8), "{rows:?}");
        assert_eq!(cell("@all"), "&#64;all");
    }

    #[test]
    fn it_stays_within_any_limit_and_says_what_is_missing() {
        let run = serde_json::from_value(sample::regression()).unwrap();
        let whole = step_summary(&run, MOST_SUMMARY_BYTES);
        for most in 0..whole.len() + 100 {
            let told = step_summary(&run, most);
            assert!(told.len() <= most, "{} of {most}", told.len());
            let cut = told != whole;
            assert_eq!(
                told.ends_with("more rows are in report.html.\n"),
                cut && most >= ROOM_FOR_NOTE,
                "{most}: {told}"
            );
        }
    }
}
