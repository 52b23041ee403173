//! A run as in a container of a CI system: no terminal, no HOME, and nothing that can be written but the folder of the run.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Command, Output},
};

use crate::{
    bench::{Bench, states, steps},
    standins::bench,
};

/// A mount namespace in which all file systems are read-only but for the folder of the run, as `docker run --read-only` has it.
const READ_ONLY: &str = r#"
out=$1; shift
mount --bind "$out" "$out"
cut -d' ' -f2 /proc/self/mounts | while read -r at; do
    test "$at" = "$out" || mount -o remount,bind,ro "$at" 2>/dev/null || true
done
if touch "$out/../written" 2>/dev/null; then exit 99; fi
exec "$@"
"#;

/// Runs the scenario so; `None` where this machine does not permit it.
fn contained(bench: &Bench, words: &[&str]) -> Option<Output> {
    let (folder, out) = (bench.folder.path(), bench.path("hil-out"));
    fs::create_dir(&out).unwrap();
    let hil = bench.command(words);
    let mut command = if rustix::process::geteuid().is_root() {
        // No permission stops root, so the file systems themselves are read-only.
        let mut command = Command::new("unshare");
        command.args([
            "--mount",
            "--propagation",
            "private",
            "setsid",
            "--wait",
            "/bin/sh",
            "-euc",
            READ_ONLY,
            "sh",
        ]);
        command.arg(&out);
        command
    } else {
        fs::set_permissions(folder, Permissions::from_mode(0o555)).unwrap();
        let mut command = Command::new("setsid");
        command.arg("--wait");
        command
    };
    command.arg(hil.get_program()).args(hil.get_args()).current_dir(folder).env_clear();
    let path = hil.get_envs().find(|(name, _)| *name == "PATH").and_then(|(_, path)| path).unwrap();
    // Not even the place for temporary files can be written.
    let output = command.env("PATH", path).output().unwrap();
    fs::set_permissions(folder, Permissions::from_mode(0o755)).unwrap();
    if rustix::process::geteuid().is_root() && output.status.code() == Some(1) && output.stdout.is_empty() {
        support::skip_part("a run with read-only file systems: a mount namespace is not permitted here");
        return None;
    }
    Some(output)
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn a_run_needs_no_home_and_writes_only_into_its_own_folder() {
    let bench = bench("ready\nexec sleep 600", "[[step]]\nrun = \"! touch here 2>/dev/null\"\n");
    let before = names(bench.folder.path());
    let Some(output) = contained(&bench, &["--json"]) else { return };
    let document = support::document::of(&output);
    assert_eq!(states(&document), ["passed"; 3], "{document:#}");
    let after: Vec<String> =
        names(bench.folder.path()).into_iter().filter(|name| name != "hil-out").collect();
    assert_eq!(after, before);
    let left = names(&bench.path("hil-out"));
    assert!(!left.iter().any(|name| name.starts_with('.')), "nothing private stays: {left:?}");
    assert!(left.contains(&"report.html".to_owned()) && left.contains(&"junit.xml".to_owned()), "{left:?}");
}

/// With the firmware that is built here, which the emulated board of a release's program has inside.
#[test]
fn the_emulated_board_runs_in_a_container_too() {
    if support::require("qemu-system-riscv32", "apt-get install qemu-system-misc").is_none() {
        return;
    }
    let Some(firmware) = support::require_firmware("esp-https-qemu-virt") else { return };
    let bench = Bench::new(&format!(
        "[target.emulated]\nemulated = true\nimage = \"{}\"\n[[step]]\ncertgen = {{ key = \"p256\" }}\n[[step]]\nflash = {{}}\n\
         [[step]]\nprobe = {{ pcap = \"x.pcapng\" }}\n[[step]]\nload = {{ requests = 3 }}\n",
        firmware.display()
    ));
    let Some(output) = contained(&bench, &["--json"]) else { return };
    let document = support::document::of(&output);
    assert_eq!(states(&document), ["passed"; 4], "{document:#}");
    assert!(steps(&document)[2]["files"].to_string().contains("x.pcapng"), "{document:#}");
}
