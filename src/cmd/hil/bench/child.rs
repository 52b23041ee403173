//! One child process with a time limit: a signal asks it to end, so that it can write its result, and then it is killed.

use std::{io, path::Path, process::ExitStatus, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt as _},
    time::{sleep, timeout},
};

use crate::{
    device::guarded::{Guarded, GuardedCommand},
    interrupt::{Interrupts, Signal},
    system::children::{SHELL, add_script},
};

/// How a child ended.
#[derive(Debug)]
pub(super) struct Finished {
    pub(super) how: How,
    /// `None` when it was killed.
    pub(super) status: Option<ExitStatus>,
    /// What it wrote, at most so much as is kept.
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
}

/// What made a child end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    ByItself,
    /// Its time was over.
    TimeOver,
    /// We were told to stop.
    Stopped(Signal),
}

impl Finished {
    /// The last lines that it wrote to standard error, oldest first.
    pub(super) fn last_words(&self) -> Vec<String> {
        let text = String::from_utf8_lossy(&self.stderr);
        let lines: Vec<String> =
            text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect();
        lines.get(lines.len().saturating_sub(LAST_LINES)..).unwrap_or_default().to_vec()
    }

    /// Its exit code, if it ended with one.
    pub(super) fn code(&self) -> Option<i32> {
        self.status.and_then(|status| status.code())
    }
}

/// Runs a child to its end, or to the end of its time.
pub(super) async fn run(
    command: GuardedCommand,
    limit: Duration,
    interrupts: &mut Interrupts,
) -> io::Result<Finished> {
    let (mut guarded, output) = command.spawn()?;
    let stdout = tokio::spawn(kept(output.stdout));
    let stderr = tokio::spawn(kept(output.stderr));
    let how = tokio::select! {
        biased;
        signal = interrupts.next() => How::Stopped(signal),
        _ = guarded.wait() => How::ByItself,
        () = sleep(limit) => How::TimeOver,
    };
    let status = match how {
        How::ByItself => guarded.wait().await.ok(),
        How::TimeOver | How::Stopped(_) => end(&mut guarded).await,
    };
    // What it has started may hold the pipes open: that ends here, too.
    drop(guarded);
    let rest = |task| async { timeout(PATIENCE, task).await.ok().and_then(Result::ok).unwrap_or_default() };
    Ok(Finished { how, status, stdout: rest(stdout).await, stderr: rest(stderr).await })
}

/// Asks a child and all in its process group to end, and kills what does not.
pub(super) async fn end(guarded: &mut Guarded) -> Option<ExitStatus> {
    guarded.ask_to_end();
    let status = timeout(PATIENCE, guarded.wait()).await.ok().and_then(Result::ok);
    let _ = guarded.kill().await;
    status
}

/// A shell under guard, for a command of the user's.
pub(super) fn shell(command: &str, folder: &Path) -> GuardedCommand {
    let mut guarded = GuardedCommand::new(SHELL, None);
    add_script(guarded.command(), command);
    guarded.command().current_dir(folder);
    guarded
}

/// Reads to the end, so that the writer never waits, and keeps so much of it.
pub(super) async fn kept(mut pipe: impl AsyncRead + Unpin) -> Vec<u8> {
    let (mut kept, mut bytes) = (Vec::new(), [0; 8192]);
    while let Ok(count @ 1..) = pipe.read(&mut bytes).await {
        kept.extend(bytes[..count].iter().take(MOST_BYTES.saturating_sub(kept.len())));
    }
    kept
}

/// How long a child may take to write its result when it has been asked to end.
const PATIENCE: Duration = Duration::from_secs(5);
const MOST_BYTES: usize = 1 << 20;
const LAST_LINES: usize = 12;
