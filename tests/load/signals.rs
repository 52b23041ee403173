//! A second signal ends a command that takes no notice of the first.

use std::{
    io::{PipeWriter, Write as _, pipe},
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

/// Writes until the pipe takes no more.
fn fill(writer: &mut PipeWriter) {
    rustix::io::ioctl_fionbio(&*writer, true).unwrap();
    while writer.write(&[b' '; 4096]).is_ok() {}
    // The child shares this setting, and is to wait for a reader.
    rustix::io::ioctl_fionbio(&*writer, false).unwrap();
}
