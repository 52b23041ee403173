//! Several boards side by side: a row a board, a column a step.

use super::{icons, timeline};
use crate::{
    hil::outcome::{BoardRun, HilRun},
    report::{
        hil::words::{self, Place},
        markup::escaped,
    },
};

/// The table; nothing for one board, whose steps are all on its time line.
pub(super) fn overview(run: &HilRun) -> String {
    if run.boards.len() < 2 {
        return String::new();
    }
    let mut steps: Vec<&str> = Vec::new();
    for place in words::places(run) {
        if !steps.contains(&place.step.name.as_str()) {
            steps.push(&place.step.name);
        }
    }
    let heads: Vec<String> =
        steps.iter().map(|step| format!("<th scope=\"col\"><span>{}</span></th>", escaped(step))).collect();
    let rows: Vec<String> =
        run.boards.iter().enumerate().map(|(index, board)| row(index, board, &steps)).collect();
    format!(
        "<section><h2>Boards</h2><div class=\"scroll\"><table class=\"matrix\"><caption>How each step ended on each board</caption>\
         <thead><tr><th scope=\"col\">board</th>{}</tr></thead><tbody>{}</tbody></table></div></section>\n",
        heads.concat(),
        rows.concat()
    )
}

fn row(board_index: usize, board: &BoardRun, steps: &[&str]) -> String {
    let cell = |name: &&str| {
        let found = board.steps.iter().enumerate().find(|(_, step)| step.name == **name);
        let Some((step_index, step)) = found else { return "<td></td>".to_owned() };
        let place = Place { board_index, board, step_index, step };
        let words = step.state.words();
        format!(
            "<td class=\"{}\"><a href=\"#{}\" title=\"{}: {words}\">{}<span class=\"hidden\">{words}</span></a></td>",
            icons::class(step.state),
            timeline::id(place),
            escaped(&step.name),
            icons::state(step.state),
        )
    };
    format!(
        "<tr><th scope=\"row\"><a href=\"#b{board_index}\">{}</a> {}</th>{}</tr>",
        escaped(&board.board.name),
        icons::state_badge(board.state),
        steps.iter().map(cell).collect::<Vec<_>>().concat()
    )
}
