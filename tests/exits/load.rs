//! `load` and `load merge`.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    net::TcpListener,
    process::{Child, Command, Stdio},
    thread,
};

use crate::bench::Exits;

/// An HTTPS server that nobody here wrote; ended when dropped.
pub(crate) struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub(crate) fn server(exits: &Exits) -> (Server, String) {
    let args = ["s_server", "-accept", "127.0.0.1:0", "-www", "-cert", "cacert.pem", "-key", "prvtkey.pem"];
    let mut command = Command::new("openssl");
    command.args(args).current_dir(exits.path("")).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.stderr(Stdio::null()).spawn().unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.starts_with("ACCEPT ") {
        line.clear();
        assert_ne!(said.read_line(&mut line).unwrap(), 0, "openssl ended");
    }
    // What it prints later must not fill the pipe and stop it.
    thread::spawn(move || said.read_to_end(&mut Vec::new()));
    let at = line["ACCEPT ".len()..].trim().to_owned();
    (Server(child), at)
}

#[test]
fn every_exit_of_load_has_a_valid_document() {
    let mut exits = Exits::of("load");
    let (_server, at) = server(&exits);
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent_at = silent.local_addr().unwrap();
    let run = format!("{at} --cert cacert.pem --no-stat -n 2");
    exits.ends(0, "-", &run);
    let saved = exits.command(&format!("load --json {run} -o part.json")).output().unwrap();
    assert!(saved.status.success(), "{saved:?}");
    exits.ends(0, "-", "merge part.json part.json");
    exits.ends(2, "load.not_a_result", "merge cacert.pem");
    exits.ends(2, "load.unreadable", "merge absent");
    exits.ends(2, "client.target", "http://host/");
    exits.ends(2, "client.certificate_file", &format!("{at} --cert absent"));
    exits.ends(2, "load.unknown_name", &format!("{run} --suite NONE"));
    exits.ends(2, "load.fail_if", &format!("{run} --fail-if nonsense"));
    exits.ends(2, "output.unwritable", &format!("{run} --html nowhere/x"));
    exits.ends(1, "load.gate", &format!("{run} --fail-if total.p50>0ms"));
    exits.ends(4, "client.refused", &format!("{nobody} --no-stat -n 1"));
    let mut held = None;
    exits.is_interrupted(130, "load.interrupted", &format!("{silent_at} --no-stat -n 1"), || {
        held = Some(silent.accept().unwrap());
    });
    exits.are_all_valid(12);
}
