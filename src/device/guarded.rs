//! Child processes: every one of them is started here, without our secrets, and none outlives this process.
//!
//! # Secrets
//! What `SECRET_VARIABLES` names is taken out of the environment of every child, except the Wi-Fi password of a `flash` that
//! `hil` starts. `clippy.toml` forbids starting a process anywhere else in the library, but for `foreground.rs`, which starts
//! commands of the user's.
//!
//! # The end
//! `system::children` sees to it that a child ends however this process ends, and says what that guarantees.

use std::{ffi::OsStr, io, path::Path, process::ExitStatus};

use tokio::process::{ChildStderr, ChildStdout, Command};

use crate::system::children::{self, Leashed};

/// The child.
#[derive(Debug)]
pub struct Guarded(Leashed);

/// What the child writes.
#[derive(Debug)]
pub struct Output {
    /// Its standard output.
    pub stdout: ChildStdout,
    /// Its standard error.
    pub stderr: ChildStderr,
}

/// A program to start under guard: like [`Command`], whose standard input is taken.
#[derive(Debug)]
pub struct GuardedCommand {
    command: Command,
    secrets: Secrets,
}

/// Which of our secrets a child gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Secrets {
    None,
    WifiPassword,
}

/// A guard that watches already over what the program will need, before the program is started.
#[derive(Debug)]
pub struct Prepared(children::Prepared);

impl GuardedCommand {
    /// `program` in a process group of its own, so that a terminal's Ctrl-C reaches this process only. Without this
    /// process to do it, the guard removes `leftover` (a file or folder) too; on Windows there is no guard, and it stays.
    pub fn new(program: impl AsRef<OsStr>, leftover: Option<&Path>) -> Self {
        let command = children::leashed(program.as_ref(), leftover);
        Self { command, secrets: Secrets::None }
    }

    /// The command, to add arguments, variables and a folder to. Its standard streams are taken.
    pub fn command(&mut self) -> &mut Command {
        &mut self.command
    }

    /// Leaves the Wi-Fi password in its environment: only an `esp-https flash` of ours needs it.
    pub fn keep_wifi_password(&mut self) {
        self.secrets = Secrets::WifiPassword;
    }

    /// Starts it. Must be called in a tokio runtime.
    ///
    /// # Errors
    /// Those of starting a process. On Unix that is a shell: a program that can't be run exits with 126 or 127 there, and says why on
    /// standard error.
    pub fn spawn(self) -> io::Result<(Guarded, Output)> {
        self.prepare()?.start()
    }

    /// Starts the guard only, which removes the leftover from now on; the rest is as with [`Self::spawn`].
    ///
    /// # Errors
    /// Those of starting a process.
    pub fn prepare(mut self) -> io::Result<Prepared> {
        for variable in SECRET_VARIABLES {
            if self.secrets != Secrets::WifiPassword || variable != WIFI_PASSWORD_VARIABLE {
                self.command.env_remove(variable);
            }
        }
        children::Prepared::new(self.command).map(Prepared)
    }
}

impl Prepared {
    /// Starts the program.
    ///
    /// # Errors
    /// The guard has ended, since somebody killed it; on Windows, the program can't be run.
    pub fn start(self) -> io::Result<(Guarded, Output)> {
        let (leashed, stdout, stderr) = self.0.start()?;
        Ok((Guarded(leashed), Output { stdout, stderr }))
    }
}

impl Guarded {
    /// Process id of the program; it is also its process group.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.0.id()
    }

    /// Waits until the program ends by itself. Can be cancelled and called again.
    ///
    /// # Errors
    /// Those of `wait`.
    pub async fn wait(&mut self) -> io::Result<ExitStatus> {
        self.0.wait().await
    }

    /// Kills the program and everything that it started, and waits until it is gone.
    ///
    /// # Errors
    /// Those of `kill` and `wait`.
    pub async fn kill(&mut self) -> io::Result<()> {
        self.0.kill().await
    }

    /// Asks the program and all that it started to end, where the system has a way to ask.
    pub fn ask_to_end(&mut self) {
        self.0.ask_to_end();
    }
}

/// The Wi-Fi password, for `flash`.
pub(crate) const WIFI_PASSWORD_VARIABLE: &str = "ESP_HTTPS_WIFI_PASSWORD";

/// Our variables that can hold a secret. No other program needs one: not QEMU, not cargo, and not the build script of some
/// dependency.
pub(crate) const SECRET_VARIABLES: [&str; 1] = [WIFI_PASSWORD_VARIABLE];

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt as _;

    use super::*;

    #[tokio::test]
    async fn output_and_exit_code_come_through() {
        let mut command = GuardedCommand::new("sh", None);
        command.command().args(["-c", "echo out; echo err >&2; exit 7"]);
        let (mut guarded, mut output) = command.spawn().unwrap();
        let (mut out, mut err) = (String::new(), String::new());
        output.stdout.read_to_string(&mut out).await.unwrap();
        output.stderr.read_to_string(&mut err).await.unwrap();
        assert_eq!((out.as_str(), err.as_str()), ("out\n", "err\n"));
        assert_eq!(guarded.wait().await.unwrap().code(), Some(7));
    }

    #[tokio::test]
    async fn a_program_that_is_missing_says_so() {
        let (mut guarded, _output) = GuardedCommand::new("/nonexistent/program", None).spawn().unwrap();
        assert_eq!(guarded.wait().await.unwrap().code(), Some(127));
    }

    #[tokio::test]
    async fn killing_takes_the_whole_group_and_dropping_too() {
        for end in ["kill", "drop"] {
            let mut command = GuardedCommand::new("sh", None);
            command.command().args(["-c", "sleep 600 & echo $!; wait"]);
            let (mut guarded, mut output) = command.spawn().unwrap();
            let mut bytes = [0; 32];
            let n = output.stdout.read(&mut bytes).await.unwrap();
            let grandchild = std::str::from_utf8(&bytes[..n]).unwrap().trim().to_owned();
            assert!(is_running(&grandchild));
            if end == "kill" {
                guarded.kill().await.unwrap();
            }
            drop(guarded);
            soon(&format!("{end}: process {grandchild} ends"), || !is_running(&grandchild)).await;
        }
    }

    fn is_running(pid: &str) -> bool {
        // A zombie that nobody has waited for is gone for our purposes.
        std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
    }

    /// Waits until the condition holds.
    async fn soon(what: &str, condition: impl Fn() -> bool) {
        support::eventually(what, async || if condition() { Ok(()) } else { Err("not yet".to_owned()) })
            .await;
    }
}
