//! Child processes that end with this one, and how a process ended.
//!
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
    os::unix::process::ExitStatusExt as _,
    path::Path,
    process::{ExitStatus, Stdio},
};

use rustix::{
    process::{Pid, Signal as UnixSignal, getpgrp, kill_process, kill_process_group},
    termios::tcgetpgrp,
};
use tokio::process::{Child, ChildStderr, ChildStdout, Command};

use crate::system::{Death, Signal};

/// A child that ends with this process.
#[derive(Debug)]
pub(crate) struct Leashed {
    child: Child,
    /// Closing it ends the child.
    pipe: Option<File>,
}

/// A guard that watches already over what a program will need, before the program is started.
#[derive(Debug)]
pub(crate) struct Prepared {
    leashed: Leashed,
    stdout: ChildStdout,
    stderr: ChildStderr,
}

/// `program` in a process group of its own, so that a terminal's Ctrl-C reaches this process only, with its standard
/// streams piped. Without this process to do it, the guard removes `leftover` (a file or folder) too.
pub(crate) fn leashed(program: &OsStr, leftover: Option<&Path>) -> Command {
    #[allow(clippy::disallowed_methods, reason = "the place that starts our own processes")]
    let mut command = Command::new("/bin/sh");
    command.arg("-c").arg(GUARD).arg(leftover.map_or(OsStr::new(""), Path::as_os_str)).arg(program);
    command.process_group(0).kill_on_drop(true);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

impl Prepared {
    /// Starts the guard only, which removes the leftover from now on. Must be called in a tokio runtime.
    pub(crate) fn new(mut command: Command) -> io::Result<Self> {
        let mut child = command.spawn()?;
        match (child.stdin.take(), child.stdout.take(), child.stderr.take()) {
            (Some(stdin), Some(stdout), Some(stderr)) => {
                let pipe = Some(File::from(stdin.into_owned_fd()?));
                Ok(Self { leashed: Leashed { child, pipe }, stdout, stderr })
            }
            _ => Err(io::Error::other("the pipes to a child were not made")),
        }
    }

    /// Starts the program.
    pub(crate) fn start(self) -> io::Result<(Leashed, ChildStdout, ChildStderr)> {
        let Self { mut leashed, stdout, stderr } = self;
        if let Some(pipe) = &mut leashed.pipe {
            pipe.write_all(GO)?;
        }
        Ok((leashed, stdout, stderr))
    }
}

impl Leashed {
    /// Process id of the program; it is also its process group.
    pub(crate) fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Waits until the program ends by itself. Can be cancelled and called again.
    pub(crate) async fn wait(&mut self) -> io::Result<ExitStatus> {
        // tokio would close standard input first; the pipe is not there any more for it to close.
        self.child.wait().await
    }

    /// Asks the program and all that it started to end.
    pub(crate) fn ask_to_end(&mut self) {
        if let Some(group) = self.id().and_then(pid) {
            // A group that is gone has ended already.
            let _ = kill_process_group(group, UnixSignal::INT);
        }
    }

    /// Kills the program and everything that it started, and waits until it is gone.
    pub(crate) async fn kill(&mut self) -> io::Result<()> {
        self.pipe = None;
        self.child.kill().await
    }
}

/// Passes a request to end on to a child in front of us, unless the terminal has sent it to the child already.
pub(crate) fn pass_on(signal: Signal, child: &Child) {
    let came_to_both = signal == Signal::Interrupt && is_in_front();
    if !came_to_both {
        send(
            child,
            match signal {
                Signal::Interrupt => UnixSignal::INT,
                Signal::Terminate => UnixSignal::TERM,
                Signal::Hangup => UnixSignal::HUP,
            },
        );
    }
}

/// Asks a child in front of us to end.
pub(crate) fn ask_to_end(child: &mut Child) {
    send(child, UnixSignal::TERM);
}

/// Kills a child in front of us.
pub(crate) fn kill(child: &mut Child) {
    send(child, UnixSignal::KILL);
}

fn send(child: &Child, signal: UnixSignal) {
    // One that has ended takes no signal.
    if let Some(pid) = child.id().and_then(pid) {
        let _ = kill_process(pid, signal);
    }
}

fn pid(number: u32) -> Option<Pid> {
    i32::try_from(number).ok().and_then(Pid::from_raw)
}

/// Whether our process group is the one that the terminal sends Ctrl-C to.
fn is_in_front() -> bool {
    File::open("/dev/tty").is_ok_and(|terminal| tcgetpgrp(terminal).is_ok_and(|group| group == getpgrp()))
}

/// What ended a process that did not end by itself.
pub(crate) fn death(status: ExitStatus) -> Option<Death> {
    let signal = status.signal()?;
    let is_crash = CRASHES.iter().any(|crash| crash.as_raw() == signal);
    Some(match signal {
        _ if signal == UnixSignal::KILL.as_raw() => Death::Killed,
        _ if is_crash => Death::Crashed,
        _ => Death::Signalled,
    })
}

/// The exit code that a shell gives a command: 128 and the signal's number for one that was killed by a signal.
pub(crate) fn exit_code(status: ExitStatus) -> Option<i32> {
    status.code().or_else(|| status.signal().map(|signal| SIGNALLED + signal))
}

/// The shell that runs the commands that users write.
pub(crate) const SHELL: &str = "/bin/sh";

/// Has [`SHELL`] run a script.
pub(crate) fn add_script(shell: &mut Command, script: &str) {
    shell.args(["-c", script]);
}

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
/// The signals of a program that does what it must not.
const CRASHES: [UnixSignal; 4] = [UnixSignal::SEGV, UnixSignal::ABORT, UnixSignal::BUS, UnixSignal::ILL];
/// What shells add to the number of a signal.
const SIGNALLED: i32 = 128;

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_leftover_goes_with_the_leash() {
        let folder = tempfile::tempdir().unwrap();
        let leftover = folder.path().join("it's, left");
        std::fs::write(&leftover, "secret").unwrap();
        let mut command = leashed(OsStr::new("sleep"), Some(&leftover));
        command.arg("600");
        let (mut child, ..) = Prepared::new(command).unwrap().start().unwrap();
        child.pipe = None;
        child.wait().await.unwrap();
        let gone = async || if leftover.exists() { Err("not yet".to_owned()) } else { Ok(()) };
        support::eventually("the file goes", gone).await;
    }
}
