//! A machine without a battery begins in 1970: certificates with such dates are not made.

use std::{fs, path::PathBuf, process::Command};

use support::{document::Told, require, stderr};

use crate::workspace::Workspace;

/// A library that is loaded before the C library and says that it is ten minutes past midnight on 1 January 1970.
const CLOCK: &str = r"
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
int clock_gettime(clockid_t clock, struct timespec *time) {
    long failed = syscall(SYS_clock_gettime, clock, time);
    if (!failed && clock == CLOCK_REALTIME) { time->tv_sec = 600; }
    return (int)failed;
}
";

#[test]
fn a_clock_that_says_1970_is_refused_before_anything_is_written() {
    let workspace = Workspace::new();
    let Some(clock) = wrong_clock(&workspace) else { return };
    workspace.certgen(&["ca", "--dir", "ca"]);
    fs::write(workspace.path("boards.csv"), "mac\n24:0a:c4:00:00:01\n").unwrap();
    workspace.certgen(&["--key", "p256", "--out-dir", "old"]);
    let before = workspace.names();
    for words in [
        "ca --dir new",
        "--ca ca --key p256",
        "--ca ca --client tablet --key p256",
        "renew old/cacert.pem --within 30y",
        "renew old/cacert.pem --check",
        "fleet boards.csv --ca ca",
    ] {
        let mut command = workspace.command();
        let output = command.args(words.split(' ')).arg("--json").env("LD_PRELOAD", &clock).output().unwrap();
        let told = Told::by(&output);
        assert_eq!(told.pair(), (4, "cert.clock"), "{words}: {}", stderr(&output));
        assert!(told.what.starts_with("it says 1970-01-01, and this program was built on "), "{told:?}");
        assert_eq!(workspace.names(), before, "{words}");
    }
    assert_eq!(fs::read_to_string(workspace.path("boards.csv")).unwrap(), "mac\n24:0a:c4:00:00:01\n");
}

fn wrong_clock(workspace: &Workspace) -> Option<PathBuf> {
    let compiler = require("cc", "apt-get install gcc libc6-dev")?;
    let (source, library) = (workspace.path("clock.c"), workspace.path("clock.so"));
    fs::write(&source, CLOCK).unwrap();
    let output =
        Command::new(compiler).args(["-shared", "-fPIC", "-o"]).arg(&library).arg(&source).output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    Some(library)
}
