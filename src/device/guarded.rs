//! Child processes: every one of them is started here, without our secrets, and none outlives this process.
//!
//! # Secrets
//! What `SECRET_VARIABLES` names is taken out of the environment of every child, except the Wi-Fi password of a `flash` that
//! `hil` starts. `clippy.toml` forbids starting a
//! process anywhere else in the library.
//!
//! # The end
//! A Unix child survives its parent's SIGKILL. Two shells prevent that: they hold the read end of a pipe whose write
//! end only this process has. The kernel closes it however this process ends, and then each of them kills the
//! child's process group and removes what the child would leave behind. One guard is in that group, whose number no
//! other process can get therefore; it ignores the signals that a group is told to end by, and SIGHUP, which a stopped
//! group gets when it loses its parent. The other is in a session of its own, by `setsid` of util-linux or busybox, out
//! of reach of what stops or kills the group or our whole session. Where there is no `setsid` the first is alone.
//!
//! What is guaranteed: after a SIGKILL of this process or of its process group, at any moment, the child and all that stayed in
//! its process group end. With `setsid`, and once the child has run for the few milliseconds that the second guard takes
//! to its own session, also when the group was stopped, when the first guard was killed, and after a SIGKILL of every
//! process of our session; earlier than that, the last of these may leave the leftover behind. What is not guaranteed: a process that left the
//! group on purpose, as the server of a compiler cache does, goes on. `tests/emulate/orphans.rs` tries it.

use std::{
    ffi::OsStr,
    fs::File,
    io::{self, Write as _},
    path::Path,
    process::{ExitStatus, Stdio},
};

use tokio::process::{Child, ChildStderr, ChildStdout, Command};

/// The child, and the pipe that keeps it alive.
#[derive(Debug)]
pub struct Guarded {
    child: Child,
    /// Closing it ends the child.
    pipe: Option<File>,
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
pub struct Prepared {
    guarded: Guarded,
    output: Output,
}

impl GuardedCommand {
    /// `program` in a process group of its own, so that a terminal's Ctrl-C reaches this process only. Without this
    /// process to do it, the guard removes `leftover` (a file or folder) too.
    pub fn new(program: impl AsRef<OsStr>, leftover: Option<&Path>) -> Self {
        #[allow(clippy::disallowed_methods, reason = "the one place that starts processes")]
        let mut command = Command::new("/bin/sh");
        command.arg("-c").arg(GUARD).arg(leftover.map_or(OsStr::new(""), Path::as_os_str)).arg(program);
        command.process_group(0).kill_on_drop(true);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
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
    /// Those of starting `/bin/sh`; a program that can't be run exits with 126 or 127 and says why on standard error.
    pub fn spawn(self) -> io::Result<(Guarded, Output)> {
        self.prepare()?.start()
    }

    /// Starts the guard only, which removes the leftover from now on; the rest is as with [`Self::spawn`].
    ///
    /// # Errors
    /// Those of starting `/bin/sh`.
    pub fn prepare(mut self) -> io::Result<Prepared> {
        for variable in SECRET_VARIABLES {
            if self.secrets != Secrets::WifiPassword || variable != WIFI_PASSWORD_VARIABLE {
                self.command.env_remove(variable);
            }
        }
        let mut child = self.command.spawn()?;
        match (child.stdin.take(), child.stdout.take(), child.stderr.take()) {
            (Some(stdin), Some(stdout), Some(stderr)) => {
                let pipe = Some(File::from(stdin.into_owned_fd()?));
                Ok(Prepared { guarded: Guarded { child, pipe }, output: Output { stdout, stderr } })
            }
            _ => Err(io::Error::other("the pipes to a child were not made")),
        }
    }
}

impl Prepared {
    /// Starts the program.
    ///
    /// # Errors
    /// The shell has ended, since somebody killed it.
    pub fn start(self) -> io::Result<(Guarded, Output)> {
        let Self { mut guarded, output } = self;
        if let Some(pipe) = &mut guarded.pipe {
            pipe.write_all(GO)?;
        }
        Ok((guarded, output))
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
        // tokio would close standard input first; the pipe is not there any more for it to close.
        self.child.wait().await
    }

    /// Kills the program and everything that it started, and waits until it is gone.
    ///
    /// # Errors
    /// Those of `kill` and `wait`.
    pub async fn kill(&mut self) -> io::Result<()> {
        self.pipe = None;
        self.child.kill().await
    }
}

/// The Wi-Fi password, for `flash`.
pub(crate) const WIFI_PASSWORD_VARIABLE: &str = "ESP_HTTPS_WIFI_PASSWORD";

/// Our variables that can hold a secret. No other program needs one: not QEMU, not cargo, and not the build script of some
/// dependency.
pub(crate) const SECRET_VARIABLES: [&str; 1] = [WIFI_PASSWORD_VARIABLE];

/// `$0` is what to remove, the rest is the program. `$$` stays the program's process id through `exec`, and its
/// group's too. A background list's standard input is `/dev/null` in a shell without job control, hence descriptor 3.
/// The signals are ignored before there are guards and not after, so that they can't end one in between.
const GUARD: &str = r#"exec 3<&0 </dev/null
trap '' HUP INT QUIT TERM
read -r go <&3 || { rm -rf -- "$0"; exit 1; }
setsid sh -c 'read -r never <&3 || { kill -9 -"$1"; rm -rf -- "$0"; }' "$0" $$ >/dev/null 2>&1 &
{ read -r never <&3 || { kill -9 $$; rm -rf -- "$0"; kill -9 -$$; }; } >/dev/null 2>&1 &
trap - HUP INT QUIT TERM
exec "$@" 3<&-"#;

/// The line that the shell waits for before it starts the program.
const GO: &[u8] = b"\n";

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

    #[tokio::test]
    async fn the_leftover_goes_with_the_leash() {
        let folder = tempfile::tempdir().unwrap();
        let leftover = folder.path().join("it's, left");
        std::fs::write(&leftover, "secret").unwrap();
        let mut command = GuardedCommand::new("sleep", Some(&leftover));
        command.command().arg("600");
        let (mut guarded, _output) = command.spawn().unwrap();
        guarded.pipe = None;
        guarded.wait().await.unwrap();
        soon("the file goes", || !leftover.exists()).await;
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
