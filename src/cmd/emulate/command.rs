//! `emulate -- COMMAND`: a command of the user's with the board, which ends with it.

use std::{
    env,
    ffi::{OsStr, OsString},
    path::{Path, PathBuf, is_separator},
    time::{Duration, Instant},
};

use tokio::select;

use super::{explain, run::Session};
use crate::{
    device::{
        board::{Board, CommandEnd},
        board_variables::BoardVariables,
        foreground::{Foreground, exit_code},
        machine::ADDRESS,
        program,
    },
    duration::micros,
    error::{Error, Result},
    interrupt::Interrupts,
    report::Console,
};

/// A command whose program is there.
#[derive(Debug)]
pub(super) struct UserCommand {
    program: PathBuf,
    name: String,
    words: Vec<OsString>,
}

impl UserCommand {
    /// The command that these words are, if there are any. A missing program is known before a build of minutes.
    pub(super) fn of(words: &[OsString]) -> Result<Option<Self>> {
        let Some((program, words)) = words.split_first() else { return Ok(None) };
        let name = program.to_string_lossy().into_owned();
        let search = env::var_os("PATH").unwrap_or_default();
        let found = found(program, &search).ok_or_else(|| explain::no_command(&name))?;
        Ok(Some(Self { program: found, name, words: words.to_vec() }))
    }

    /// Runs it with this board to its end; how it ended, and the error when that was the board's or ours.
    pub(super) async fn run(
        &self,
        board: &Board,
        session: &mut Session,
        interrupts: &mut Interrupts,
        console: &Console,
    ) -> (Option<CommandEnd>, Option<Error>) {
        console.note(format!("{} serves; running {}", board.url, self.name));
        let since = Instant::now();
        let mut command = match Foreground::start(&self.program, &self.words, &variables(board)) {
            Ok(command) => command,
            Err(source) => return (None, Some(explain::command_not_started(&self.name, source))),
        };
        let (mut signals, mut error) = (0, None);
        let ended = loop {
            select! {
                biased;
                ended = command.wait() => break ended,
                signal = interrupts.next() => {
                    signals += 1;
                    if signals == 1 { command.pass_on(signal) } else { command.kill() }
                }
                died = session.follow(&|_| ()) => {
                    error = died.err().map(|error| explain::died_under(error, &self.name));
                    break command.end(PATIENCE).await;
                }
            }
        };
        match ended {
            Ok(status) => {
                let (code, took_us) = (exit_code(status), micros(since.elapsed()));
                (Some(CommandEnd { program: self.name.clone(), exit_code: code, took_us }), error)
            }
            Err(source) => (None, Some(explain::command_not_started(&self.name, source))),
        }
    }
}

fn variables(board: &Board) -> Vec<(&'static str, OsString)> {
    BoardVariables {
        host: ADDRESS.to_string(),
        port: board.port,
        cert_sha256: Some(board.cert_sha256.clone()),
        certificate: Some(board.certificate.clone()),
    }
    .variables()
}

/// As a shell looks for it: by its path, or in the folders of `$PATH`.
fn found(program: &OsStr, search: &OsStr) -> Option<PathBuf> {
    match program.to_str() {
        Some(name) if !name.contains(is_separator) => program::find(name, search),
        _ => Some(Path::new(program).to_owned()).filter(|path| program::is_executable(path)),
    }
}

/// How long a command may take to end when its board has died.
const PATIENCE: Duration = Duration::from_secs(5);
