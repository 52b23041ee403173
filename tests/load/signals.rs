//! A second signal ends a command that takes no notice of the first.

use std::{
    io::{BufRead as _, BufReader, PipeWriter, Write as _, pipe},
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use crate::{bench::ESP_HTTPS, server::Server};

#[test]
fn a_second_signal_ends_a_command_whose_output_nobody_reads() {
    let server = Server::good();
    let (_reader, mut writer) = pipe().unwrap();
    fill(&mut writer);
    let mut child = Command::new(ESP_HTTPS)
        .args(["load", "--json", "-n", "5", "--no-stat", &server.address])
        .stdout(writer)
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // By its first connection it listens for signals. It can't end by itself: its result has nowhere to go.
    while server.taken() == 0 {
        thread::sleep(Duration::from_millis(20));
    }
    for _ in 0..MOST_SIGNALS {
        if let Some(status) = child.try_wait().unwrap() {
            assert_eq!(status.code(), Some(130), "{status}");
            return;
        }
        let sent = Command::new("kill").args(["-s", "INT", &child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        thread::sleep(Duration::from_millis(300));
    }
    child.kill().unwrap();
    panic!("it is still running after {MOST_SIGNALS} signals");
}

#[test]
fn a_server_that_resumes_nothing_is_told_of_while_the_run_goes_on() {
    for version in ["1.2", "1.3"] {
        let server = Server::ticketless();
        let args = ["load", &server.address, "--insecure", "--no-stat", "-z", "10m", "--mode", "handshake"];
        let mut child = Command::new(ESP_HTTPS)
            .args(args)
            .args(["--resume", "always", "--tls", version])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
        let warning = said.find(|line| line.starts_with("warning: ")).unwrap();
        assert!(warning.starts_with("warning: --resume always: after "), "{warning}");
        assert!(
            warning.ends_with(" the server has resumed none; it gives no tickets that it takes back"),
            "{warning}"
        );
        let sent = Command::new("kill").args(["-s", "INT", &child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        assert_eq!(child.wait().unwrap().code(), Some(130));
        assert_eq!(said.filter(|line| line.contains("has resumed none")).count(), 0, "it is said once");
    }
}

/// Writes until the pipe takes no more.
fn fill(writer: &mut PipeWriter) {
    rustix::io::ioctl_fionbio(&*writer, true).unwrap();
    while writer.write(&[b' '; 4096]).is_ok() {}
    // The child shares this setting, and is to wait for a reader.
    rustix::io::ioctl_fionbio(&*writer, false).unwrap();
}

/// A minute of them.
const MOST_SIGNALS: usize = 200;
