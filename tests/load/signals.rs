//! A second signal ends a command that takes no notice of the first.

use std::{
    io::{BufRead as _, BufReader, PipeWriter, Write as _, pipe},
    process::Stdio,
};

use support::{Running, wait_for, wait_until};

use crate::server::Server;

#[test]
fn a_second_signal_ends_a_command_whose_output_nobody_reads() {
    let server = Server::good();
    let (_reader, mut writer) = pipe().unwrap();
    fill(&mut writer);
    let mut command = support::command();
    command.args(["load", "--json", "-n", "5", "--no-stat", &server.address]);
    let mut child = Running::start(command.stdout(writer).stderr(Stdio::null()));
    // By its first connection it listens for signals. It can't end by itself: its result has nowhere to go.
    wait_until("the first connection", || server.taken() > 0);
    child.signal("INT");
    // The second one may come while the first is still passed on, and is then one with it.
    let status = wait_for("the end after a second signal", || {
        child.signal("INT");
        child.try_wait().unwrap()
    });
    assert_eq!(status.code(), Some(130), "{status}");
}

#[test]
fn a_server_that_resumes_nothing_is_told_of_while_the_run_goes_on() {
    for version in ["1.2", "1.3"] {
        let server = Server::ticketless();
        let mut command = support::command();
        command.args([
            "load",
            &server.address,
            "--insecure",
            "--no-stat",
            "-z",
            "10m",
            "--mode",
            "handshake",
        ]);
        command.args(["--resume", "always", "--tls", version]);
        let mut child = Running::start(command.stdout(Stdio::null()).stderr(Stdio::piped()));
        let mut said = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
        let warning = said.find(|line| line.starts_with("warning: ")).unwrap();
        assert!(warning.starts_with("warning: --resume always: after "), "{warning}");
        assert!(
            warning.ends_with(" the server has resumed none; it gives no tickets that it takes back"),
            "{warning}"
        );
        assert_eq!(child.end("INT").code(), Some(130));
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
