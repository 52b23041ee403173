//! A program that is asked something, for a short time.

use std::{
    io,
    path::Path,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncRead, AsyncReadExt as _},
    time::timeout,
};

use crate::device::guarded::GuardedCommand;

/// What came of asking a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// What it printed to standard output.
    Said(String),
    /// It failed; the first line of what it printed to standard error.
    Failed(String),
    /// It did not end in time, and was ended.
    Late,
}

/// Runs a program until it ends, or until it is too late.
pub(super) async fn ask(program: &Path, arguments: &[&str], until: Instant) -> Answer {
    let limit = until.saturating_duration_since(Instant::now()).max(LEAST);
    match timeout(limit, run(program, arguments)).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => Answer::Failed(crate::os_error::in_words(&error).into_owned()),
        Err(_) => Answer::Late,
    }
}

async fn run(program: &Path, arguments: &[&str]) -> io::Result<Answer> {
    let mut guarded = GuardedCommand::new(program, None);
    guarded.command().args(arguments);
    // A question about a version must not make rustup download one.
    guarded.command().env("RUSTUP_AUTO_INSTALL", "0");
    let (mut child, output) = guarded.spawn()?;
    let (said, complaints) = tokio::join!(text(output.stdout), text(output.stderr));
    if child.wait().await?.success() {
        return Ok(Answer::Said(said?));
    }
    let first = complaints?.lines().map(str::trim).find(|line| !line.is_empty()).map(str::to_owned);
    Ok(Answer::Failed(first.unwrap_or_else(|| "it failed and said nothing".to_owned())))
}

async fn text(from: impl AsyncRead + Unpin) -> io::Result<String> {
    let mut bytes = Vec::new();
    from.take(LONGEST).read_to_end(&mut bytes).await?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The first part of a text that is written like a version: `7.2.22` in `QEMU emulator version 7.2.22 (Debian ..)`.
pub(super) fn version_in(text: &str) -> Option<&str> {
    let is_version = |word: &&str| word.starts_with(|c: char| c.is_ascii_digit()) && word.contains('.');
    let word = text.split_whitespace().find(is_version)?;
    Some(word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric()))
}

/// Its first two numbers.
pub(super) fn major_minor(version: &str) -> Option<(u32, u32)> {
    let mut numbers = version.split(['.', '-', '+']);
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

const LONGEST: u64 = 64 * 1024;
/// A check that starts late still gets a little time.
const LEAST: Duration = Duration::from_millis(50);

#[cfg(test)]
mod tests {
    use super::*;

    async fn ask_sh(script: &str, limit: Duration) -> Answer {
        ask(Path::new("/bin/sh"), &["-c", script], Instant::now() + limit).await
    }

    #[tokio::test]
    async fn a_program_answers_fails_or_is_ended() {
        assert_eq!(ask_sh("echo 7.2", support::LONGEST).await, Answer::Said("7.2\n".to_owned()));
        assert_eq!(ask_sh("echo no >&2; exit 1", support::LONGEST).await, Answer::Failed("no".to_owned()));
        assert_eq!(ask_sh("sleep 600", Duration::from_millis(60)).await, Answer::Late);
        assert!(matches!(
            ask(Path::new("/nonexistent"), &[], Instant::now() + support::LONGEST).await,
            Answer::Failed(_)
        ));
    }

    #[test]
    fn a_version_is_found_in_what_programs_print() {
        assert_eq!(version_in("QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7)\n"), Some("7.2.22"));
        assert_eq!(version_in("rustc 1.95.0-nightly (abc 2026-01-01)"), Some("1.95.0-nightly"));
        assert_eq!(version_in("no version"), None);
        assert_eq!(major_minor("7.2.22"), Some((7, 2)));
        assert_eq!(major_minor("10.0-rc1"), Some((10, 0)));
        assert_eq!(major_minor("x.y"), None);
    }
}
