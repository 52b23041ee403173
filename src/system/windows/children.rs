//! Child processes that end with this one, and how a process ended.
//!
//! A child is in a job of its own, which the kernel ends, with all that the child has started, when the last handle of the job is
//! closed; this process has the only one. A leftover that this process can't remove since it was killed stays.

use std::{
    ffi::OsStr,
    io,
    path::Path,
    process::{ExitStatus, Stdio},
};

use process_wrap::tokio::{ChildWrapper, CommandWrap, CreationFlags, JobObject, KillOnDrop};
use tokio::process::{Child, ChildStderr, ChildStdout, Command};
use windows::Win32::System::Threading::CREATE_NEW_PROCESS_GROUP;

use crate::system::{Death, Signal};

/// A child that ends with this process.
#[derive(Debug)]
pub(crate) struct Leashed(Box<dyn ChildWrapper>);

/// A program that is to be started.
#[derive(Debug)]
pub(crate) struct Prepared(CommandWrap);

/// `program` in a group of its own, so that a console's Ctrl-C reaches this process only, with its standard streams piped.
pub(crate) fn leashed(program: &OsStr, _leftover: Option<&Path>) -> Command {
    #[allow(clippy::disallowed_methods, reason = "the place that starts our own processes")]
    let mut command = Command::new(program);
    command.kill_on_drop(true);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

impl Prepared {
    /// Nothing has to watch before the program is started. Must be called in a tokio runtime.
    pub(crate) fn new(command: Command) -> io::Result<Self> {
        let mut command = CommandWrap::from(command);
        command.wrap(JobObject).wrap(KillOnDrop).wrap(CreationFlags(CREATE_NEW_PROCESS_GROUP));
        Ok(Self(command))
    }

    /// Starts the program.
    pub(crate) fn start(mut self) -> io::Result<(Leashed, ChildStdout, ChildStderr)> {
        let mut child = self.0.spawn()?;
        match (child.stdout().take(), child.stderr().take()) {
            (Some(stdout), Some(stderr)) => Ok((Leashed(child), stdout, stderr)),
            _ => Err(io::Error::other("the pipes to a child were not made")),
        }
    }
}

impl Leashed {
    /// Process id of the program.
    pub(crate) fn id(&self) -> Option<u32> {
        self.0.id()
    }

    /// Waits until the program, and all that it started, ends by itself. Can be cancelled and called again.
    pub(crate) async fn wait(&mut self) -> io::Result<ExitStatus> {
        self.0.wait().await
    }

    /// Ends the program and all that it started: a request to end can't be sent to a program without a window.
    pub(crate) fn ask_to_end(&mut self) {
        // What has ended can't be ended again.
        let _ = self.0.start_kill();
    }

    /// Kills the program and everything that it started, and waits until it is gone.
    pub(crate) async fn kill(&mut self) -> io::Result<()> {
        Box::into_pin(self.0.kill()).await
    }
}

/// Passes a request to end on to a child in front of us: the console has sent it to the child already.
pub(crate) fn pass_on(_signal: Signal, _child: &Child) {}

/// Ends a child in front of us: a request to end can't be sent to a program without a window.
pub(crate) fn ask_to_end(child: &mut Child) {
    kill(child);
}

/// Kills a child in front of us.
pub(crate) fn kill(child: &mut Child) {
    // One that has ended can't be killed.
    let _ = child.start_kill();
}

/// What ended a process that did not end by itself.
pub(crate) fn death(status: ExitStatus) -> Option<Death> {
    let code = status.code()?;
    (code as u32 & SEVERITY == SEVERITY).then_some(Death::Crashed)
}

/// The exit code that a shell gives a command.
pub(crate) fn exit_code(status: ExitStatus) -> Option<i32> {
    status.code()
}

/// The shell that runs the commands that users write.
pub(crate) const SHELL: &str = "cmd.exe";

/// Has [`SHELL`] run a script. It takes the rest of its command line as it is written.
pub(crate) fn add_script(shell: &mut Command, script: &str) {
    shell.arg("/C").raw_arg(script);
}

/// An exit code that is an error of the system's ([MS-ERREF] 2.3, NTSTATUS), such as an access violation.
const SEVERITY: u32 = 0xC000_0000;
