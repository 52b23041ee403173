//! A command of the user's, which runs in front of us: with our standard streams, in our process group, so that a terminal's
//! Ctrl-C reaches it, and without our secrets.

use std::{
    ffi::OsString,
    io,
    path::Path,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use tokio::{
    process::{Child, Command},
    time::timeout,
};

use super::guarded::SECRET_VARIABLES;
use crate::{interrupt::Signal, system::children};

/// A command that runs. It is killed when this is dropped.
#[derive(Debug)]
pub struct Foreground(Child);

impl Foreground {
    /// Starts it. Must be called in a tokio runtime.
    ///
    /// # Errors
    /// The program can't be run.
    pub fn start(
        program: &Path,
        words: &[OsString],
        variables: &[(&'static str, OsString)],
    ) -> io::Result<Self> {
        #[allow(
            clippy::disallowed_methods,
            reason = "a guarded child has none of our streams, and no terminal"
        )]
        let mut command = Command::new(program);
        command.args(words).envs(variables.iter().map(|(name, value)| (name, value)));
        for variable in SECRET_VARIABLES {
            command.env_remove(variable);
        }
        command.stdin(Stdio::inherit()).stdout(Stdio::inherit()).stderr(Stdio::inherit());
        command.kill_on_drop(true).spawn().map(Self)
    }

    /// Waits until it ends by itself. Can be cancelled and called again.
    ///
    /// # Errors
    /// Those of `wait`.
    pub async fn wait(&mut self) -> io::Result<ExitStatus> {
        self.0.wait().await
    }

    /// Passes on a request to end that came to us, unless the terminal has sent it to the command already.
    pub(crate) fn pass_on(&self, signal: Signal) {
        children::pass_on(signal, &self.0);
    }

    /// Asks it to end, and kills it when it does not do so in time; returns how it ended.
    ///
    /// # Errors
    /// Those of `wait`.
    pub async fn end(&mut self, patience: Duration) -> io::Result<ExitStatus> {
        children::ask_to_end(&mut self.0);
        match timeout(patience, self.0.wait()).await {
            Ok(ended) => ended,
            Err(_) => {
                self.kill();
                self.0.wait().await
            }
        }
    }

    /// Kills it.
    pub fn kill(&mut self) {
        children::kill(&mut self.0);
    }
}

/// The exit code that a shell gives a command: 128 and the signal's number for one that was killed by a signal.
#[must_use]
pub fn exit_code(status: ExitStatus) -> u8 {
    children::exit_code(status).and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;

    use super::*;

    #[test]
    fn a_signal_is_told_as_shells_tell_it() {
        for (raw, code) in [(0, 0), (7 << 8, 7), (255 << 8, 255), (9, 137), (15, 143)] {
            assert_eq!(exit_code(ExitStatus::from_raw(raw)), code);
        }
    }

    #[tokio::test]
    async fn a_command_that_takes_no_notice_of_a_request_to_end_is_killed() {
        let words = ["-c", "trap '' TERM; while :; do sleep 0.1; done"].map(OsString::from);
        let mut command = Foreground::start(Path::new("/bin/sh"), &words, &[]).unwrap();
        let ended = command.end(Duration::from_millis(300)).await.unwrap();
        assert!([137, 143].contains(&exit_code(ended)), "{ended}");
    }
}
