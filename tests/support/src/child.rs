//! Processes: started, sent signals to by their number, and ended with the test that started them.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read},
    ops::{Deref, DerefMut},
    process::{Child, Command, ExitStatus, Output},
    thread,
};

use serde_json::Value;

use crate::{
    document::parse_valid,
    wait::{wait_for, wait_until},
};

/// A process that ends with its test, however that ends.
#[derive(Debug)]
pub struct Running(Child);

impl Running {
    /// Starts it.
    pub fn start(command: &mut Command) -> Self {
        Self(command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}")))
    }

    /// Sends it a signal, which is named without `SIG`, for example `INT`.
    pub fn signal(&self, name: &str) {
        signal(name, self.0.id());
    }

    /// Sends it a signal, and waits for its end.
    pub fn end(&mut self, signal: &str) -> ExitStatus {
        self.signal(signal);
        self.0.wait().unwrap()
    }

    /// The JSON document that it writes to standard output, while it still runs. Standard output can be read on afterwards.
    pub fn document(&mut self) -> Value {
        parse_valid(self.text_of_document().as_bytes())
    }

    fn text_of_document(&mut self) -> String {
        let stdout = self.0.stdout.take().expect("a pipe for standard output");
        // A byte at a time, so that nothing behind the document is taken.
        let (mut stdout, mut text) = (BufReader::with_capacity(1, stdout), String::new());
        while !text.ends_with("\n}\n") && stdout.read_line(&mut text).unwrap() > 0 {}
        self.0.stdout = Some(stdout.into_inner());
        text
    }

    /// Waits until it writes a line that begins like this to standard error; returns all that it has written there until then.
    /// Standard error can be read on afterwards.
    pub fn wait_for_line(&mut self, beginning: &str) -> String {
        let stderr = self.0.stderr.take().expect("a pipe for standard error");
        let (mut stderr, mut said) = (BufReader::with_capacity(1, stderr), String::new());
        loop {
            let at = said.len();
            assert!(stderr.read_line(&mut said).unwrap() > 0, "it ended without {beginning:?}: {said}");
            if said[at..].starts_with(beginning) {
                break;
            }
        }
        self.0.stderr = Some(stderr.into_inner());
        said
    }

    /// Waits until it has a handler for SIGTERM, as `esp-https` has from its start on, or has ended.
    ///
    /// It is not waited for in the sense of wait(2), so that a signal finds it also after its end.
    pub fn wait_for_handlers(&self) {
        let status = format!("/proc/{}/status", self.0.id());
        wait_until("it takes notice of signals", || {
            let status = fs::read_to_string(&status).unwrap();
            status.contains("State:\tZ") || catches_sigterm(&status)
        });
    }

    /// Kills it, and waits for its end.
    pub fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    /// Waits for its end, for [`crate::LONGEST`] at most; `what` says what it is that ends.
    pub fn wait_for_end(&mut self, what: &str) -> ExitStatus {
        wait_for(what, || self.0.try_wait().unwrap())
    }

    /// Waits for its end, and returns what is left in the pipes that nobody has taken.
    pub fn output(mut self) -> Output {
        self.rest()
    }

    /// The same of a process that somebody else owns.
    pub fn rest(&mut self) -> Output {
        drop(self.0.stdin.take());
        let (stdout, stderr) = (self.0.stdout.take(), self.0.stderr.take());
        let reader = thread::spawn(move || rest_of(stderr));
        let stdout = rest_of(stdout);
        Output { status: self.0.wait().unwrap(), stdout, stderr: reader.join().unwrap() }
    }
}

impl Deref for Running {
    type Target = Child;

    fn deref(&self) -> &Child {
        &self.0
    }
}

impl DerefMut for Running {
    fn deref_mut(&mut self) -> &mut Child {
        &mut self.0
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail where it has ended and was waited for, which is as good.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// proc(5): `SigCgt` is a mask of the signals that are caught, in which bit 0 is signal 1; SIGTERM is signal 15.
fn catches_sigterm(status: &str) -> bool {
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).map(str::trim);
    caught.and_then(|mask| u64::from_str_radix(mask, 16).ok()).is_some_and(|mask| mask & 1 << 14 != 0)
}

fn rest_of(pipe: Option<impl Read>) -> Vec<u8> {
    let mut rest = Vec::new();
    if let Some(mut pipe) = pipe {
        pipe.read_to_end(&mut rest).unwrap();
    }
    rest
}

/// Sends a signal, which is named without `SIG`, to the process of that number.
pub fn signal(name: &str, pid: u32) {
    let sent = Command::new("kill").args(["-s", name, &pid.to_string()]).output().expect("kill runs");
    assert!(sent.status.success(), "{name} to {pid}: {sent:?}");
}

/// Sends a signal to processes, or to groups by their negative numbers. Some of them may have ended.
pub fn signal_all(name: &str, targets: impl IntoIterator<Item = i64>) {
    let targets = targets.into_iter().map(|target| target.to_string());
    let sent = Command::new("kill").args(["-s", name, "--"]).args(targets).output();
    drop(sent.expect("kill runs"));
}

#[cfg(test)]
mod tests {
    use std::{
        os::unix::process::ExitStatusExt as _,
        path::PathBuf,
        process::{Command, Stdio},
    };

    use super::Running;
    use crate::wait::wait_until;

    fn sleeping() -> (Running, PathBuf) {
        let child = Running::start(Command::new("sleep").arg("600"));
        let path = PathBuf::from(format!("/proc/{}", child.id()));
        assert!(path.exists());
        (child, path)
    }

    #[test]
    fn a_process_ends_with_its_owner() {
        let (child, path) = sleeping();
        drop(child);
        assert!(!path.exists(), "it is waited for, too");
    }

    #[test]
    fn a_signal_reaches_that_process() {
        let (mut child, _) = sleeping();
        assert_eq!(child.end("TERM").signal(), Some(15));
    }

    #[test]
    fn nothing_behind_a_line_or_a_document_is_lost() {
        let script = r#"echo first >&2; echo second >&2; echo third >&2
            printf '{\n  "schema": "esp-https/none/1"\n}\n'; echo behind"#;
        let mut command = Command::new("sh");
        command.args(["-c", script]).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = Running::start(&mut command);
        assert_eq!(child.wait_for_line("sec"), "first\nsecond\n");
        assert_eq!(child.text_of_document(), "{\n  \"schema\": \"esp-https/none/1\"\n}\n");
        let output = child.output();
        assert_eq!((&output.stdout[..], &output.stderr[..]), (&b"behind\n"[..], &b"third\n"[..]));
    }

    #[test]
    fn all_that_it_writes_is_kept_however_much() {
        let script = "head -c 200000 /dev/zero; head -c 200000 /dev/zero >&2; exit 7";
        let mut command = Command::new("sh");
        command.args(["-c", script]).stdout(Stdio::piped()).stderr(Stdio::piped());
        let output = Running::start(&mut command).output();
        assert_eq!(
            (output.status.code(), output.stdout.len(), output.stderr.len()),
            (Some(7), 200_000, 200_000)
        );
        let mut child = Running::start(Command::new("true").stdout(Stdio::null()));
        assert!(child.wait_for_end("true ends").success());
        wait_until("its end is remembered", || child.try_wait().unwrap().is_some());
    }
}
