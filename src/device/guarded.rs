//! A child process that never outlives this one, however this one ends.
//!
//! A Unix child survives its parent's SIGKILL. Linux can prevent that from within the child (`PR_SET_PDEATHSIG`), which
//! takes `unsafe` here; a shell can do it on every Unix: it holds the read end of a pipe whose write end only this
//! process has, and when that closes it kills the child's process group. The kernel closes it whatever happens here.

use std::{
    ffi::OsStr,
    io,
    path::Path,
    process::{ExitStatus, Stdio},
};

use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};

/// The child, its two output pipes, and the pipe that keeps it alive.
#[derive(Debug)]
pub struct Guarded {
    child: Child,
    /// Closing it ends the child.
    leash: Option<ChildStdin>,
}

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
}

impl GuardedCommand {
    /// `program` in a process group of its own, so that a terminal's Ctrl-C reaches this process only. Without this
    /// process to do it, the guard removes `leftover` (a file or folder) too.
    pub fn new(program: impl AsRef<OsStr>, leftover: Option<&Path>) -> Self {
        let mut command = Command::new("/bin/sh");
        command.arg("-c").arg(GUARD).arg(leftover.map_or(OsStr::new(""), Path::as_os_str)).arg(program);
        command.process_group(0).kill_on_drop(true);
        // No child needs it: not QEMU, not cargo, and not the build script of some dependency.
        command.env_remove(SECRET_VARIABLE);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Self { command }
    }

    /// The command, to add arguments, variables and a folder to. Its standard streams are taken.
    pub fn command(&mut self) -> &mut Command {
        &mut self.command
    }

    /// Starts it. Must be called in a tokio runtime.
    ///
    /// # Errors
    /// Those of starting `/bin/sh`; a program that can't be run exits with 126 or 127 and says why on standard error.
    pub fn spawn(mut self) -> io::Result<(Guarded, Output)> {
        let mut child = self.command.spawn()?;
        let leash = child.stdin.take();
        match (child.stdout.take(), child.stderr.take()) {
            (Some(stdout), Some(stderr)) => Ok((Guarded { child, leash }, Output { stdout, stderr })),
            _ => Err(io::Error::other("the pipes to a child were not made")),
        }
    }
}

impl Guarded {
    /// Process id of the program; it is also its process group.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// Waits until the program ends by itself. Can be cancelled and called again.
    ///
    /// # Errors
    /// Those of `wait`.
    pub async fn wait(&mut self) -> io::Result<ExitStatus> {
        // tokio would close standard input first; the leash is not there any more for it to close.
        self.child.wait().await
    }

    /// Kills the program and everything that it started, and waits until it is gone.
    ///
    /// # Errors
    /// Those of `kill` and `wait`.
    pub async fn kill(&mut self) -> io::Result<()> {
        self.leash = None;
        self.child.kill().await
    }
}

/// The Wi-Fi password, for `flash`.
pub(crate) const SECRET_VARIABLE: &str = "ESP_HTTPS_WIFI_PASSWORD";

/// `$0` is what to remove, the rest is the program. `$$` stays the program's process id through `exec`, and its
/// group's too, which this shell is in: no other process can get the number meanwhile. A background list's standard input is `/dev/null` in a shell without job control, hence descriptor 3.
const GUARD: &str = r#"exec 3<&0 </dev/null
{ read -r word <&3 || { kill -9 $$; rm -rf -- "$0"; kill -9 -$$; }; } >/dev/null 2>&1 &
exec "$@" 3<&-"#;

#[cfg(test)]
mod tests {
    use std::time::Duration;

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
            assert!(gone(&grandchild).await, "{end}: process {grandchild} is still there");
        }
    }

    #[tokio::test]
    async fn the_leftover_goes_with_the_leash() {
        let folder = tempfile::tempdir().unwrap();
        let leftover = folder.path().join("it's, left");
        std::fs::write(&leftover, "secret").unwrap();
        let mut command = GuardedCommand::new("sleep", Some(&leftover));
        command.command().arg("600");
        let (mut guarded, _output) = command.spawn().unwrap();
        guarded.leash = None;
        guarded.wait().await.unwrap();
        assert!(soon(|| !leftover.exists()).await);
    }

    fn is_running(pid: &str) -> bool {
        // A zombie that nobody has waited for is gone for our purposes.
        std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
    }

    async fn gone(pid: &str) -> bool {
        soon(|| !is_running(pid)).await
    }

    async fn soon(condition: impl Fn() -> bool) -> bool {
        for _ in 0..250 {
            if condition() {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        false
    }
}
