//! Runs in which a program takes the emulator's place, so that the board does what the test wants.

use std::{fs, process::Stdio};

use support::{Running, board, wait_until};

use crate::bench::{Bench, states, steps};

/// A scenario that starts an emulated board, with more steps behind that.
pub(crate) fn bench(qemu: &str, steps: &str) -> Bench {
    let scenario = format!(
        "[target.emulated]\nemulated = true\nimage = \"board.elf\"\n[[step]]\ncertgen = {{ key = \"p256\" }}\n[[step]]\nflash = {{}}\n{steps}"
    );
    let bench = Bench::new(&scenario);
    fs::write(bench.path("board.elf"), board::elf()).unwrap();
    fs::create_dir(bench.path("bin")).unwrap();
    // The pin is that of the certificate which the run makes.
    let script = format!(
        "pin=$(openssl x509 -in {}/hil-out/cacert.pem -outform der | sha256sum | cut -c1-64)\nready() {{ echo 'ESP-HTTPS READY {{\"ip\":\"10.0.2.15\",\"port\":443,\"mac\":\"52:54:00:12:34:56\",\"fw\":\"0.1.0\",\"cert_sha256\":\"'$pin'\"}}'; }}\n{qemu}",
        bench.folder.path().display()
    );
    board::write_program(&bench.path("bin/qemu-system-riscv32"), &script);
    bench
}

fn stat(uptime: u32) -> String {
    format!(
        "echo 'ESP-HTTPS STAT {{\"uptime_s\":{uptime},\"heap_free\":150000,\"heap_min\":100000,\"sessions\":0,\"handshakes\":0,\"resumed\":0,\"handshake_us\":1,\"failed\":0,\"requests\":0}}'\n"
    )
}

#[test]
fn a_panic_during_a_step_is_a_regression_although_its_command_passed() {
    let board = bench(
        "ready\nwhile ! test -f panic; do sleep 0.05; done\necho 'ESP-HTTPS PANIC panicked at x:1:1: oh'\nsleep 600",
        "",
    );
    // QEMU runs where the scenario is.
    let panic = "[[step]]\nname = \"third\"\nrun = \"touch panic; while ! grep -q PANIC $ESP_HTTPS_SERIAL_LOG; do sleep 0.05; done\"\n\
        [[step]]\nwait = 1\n";
    board.scenario(&(fs::read_to_string(board.path("hil.toml")).unwrap() + panic));
    let (_, document) = board.run(&[]);
    assert_eq!(states(&document), ["passed", "passed", "regression", "not_run"], "{document:#}");
    assert_eq!(steps(&document)[2]["error"]["code"], "hil.board_restarted");
    assert_eq!(steps(&document)[2]["events"][0]["kind"], "panic");
    assert_eq!(document["exit_code"], 1);
}

#[test]
fn a_restart_during_load_is_a_regression() {
    let qemu = format!("ready\n{}while ! test -f again; do sleep 0.05; done\n{}sleep 600", stat(50), stat(1));
    let board = bench(
        &qemu,
        "[[step]]\nrun = \"touch again; while ! grep -q 'uptime_s\\\":1,' $ESP_HTTPS_SERIAL_LOG; do sleep 0.05; done\"\n",
    );
    let (_, document) = board.run(&[]);
    assert_eq!(states(&document), ["passed", "passed", "regression"], "{document:#}");
    assert_eq!(steps(&document)[2]["figures"]["restarts"], 1);
    assert_eq!(document["result"]["boards"][0]["heap"].as_array().unwrap().len(), 2);
}

#[test]
fn a_board_that_serves_no_more_is_the_firmware_s_fault_unless_it_lost_its_wifi() {
    let fault = "echo 'ESP-HTTPS FAULT {\"reason\":\"wifi: no such network\"}'";
    // The board may say it in the step that fails, or in one before.
    let cases = [("true", "touch go", "regression", 1), (fault, "touch go", "lab", 4)];
    for (says, go, state, code) in cases.into_iter().chain([(fault, "touch go; sleep 0.5", "lab", 4)]) {
        let qemu = format!("ready\nwhile ! test -f go; do sleep 0.05; done\n{says}\nsleep 600");
        // Nothing listens at the address, and READY was seen.
        let board = bench(
            &qemu,
            &format!("[[step]]\nname = \"go\"\nrun = \"{go}\"\n[[step]]\nprobe = {{ timeout = \"1s\" }}\n"),
        );
        let (_, document) = board.run(&[]);
        assert_eq!(states(&document)[3], state, "{document:#}");
        assert_eq!(document["exit_code"], code);
    }
}

#[test]
fn a_command_that_hangs_is_ended_with_all_that_it_started() {
    let bench = Bench::new("[[step]]\nrun = \"sleep 600 & echo $! >pid; wait\"\ntimeout = \"500ms\"\n");
    let (_, document) = bench.run(&[]);
    assert_eq!(states(&document), ["could_not_tell"], "{document:#}");
    assert_eq!(steps(&document)[0]["error"]["code"], "hil.timeout");
    let pid = fs::read_to_string(bench.path("pid")).unwrap();
    let stat = format!("/proc/{}/stat", pid.trim());
    wait_until("what it started is gone", || {
        !fs::read_to_string(&stat).is_ok_and(|stat| !stat.contains(") Z "))
    });
}

#[test]
fn the_time_of_the_run_ends_the_step_and_steps_that_clean_up_still_run() {
    let bench = Bench::new(
        "max-time = \"700ms\"\n[[step]]\nrun = \"sleep 600\"\n[[step]]\nname = \"never\"\nwait = 1\n\
         [[step]]\nname = \"clean\"\nalways = true\nrun = \"sleep 0.5; touch cleaned\"\n",
    );
    let (_, document) = bench.run(&[]);
    assert_eq!(states(&document), ["could_not_tell", "not_run", "passed"], "{document:#}");
    assert!(bench.path("cleaned").exists());
}

#[test]
fn ctrl_c_ends_the_step_and_runs_what_cleans_up() {
    let bench = Bench::new(
        "[[step]]\nrun = \"touch begun; sleep 600\"\n[[step]]\nname = \"clean\"\nalways = true\nrun = \"touch cleaned\"\n",
    );
    let mut run = Running::start(bench.command(&[]).stdout(Stdio::null()).stderr(Stdio::null()));
    wait_until("the step runs", || bench.path("begun").exists());
    assert_eq!(run.end("INT").code(), Some(130));
    assert_eq!(states(&bench.kept().unwrap()), ["interrupted", "passed"]);
    assert!(bench.path("cleaned").exists());
}

#[test]
fn the_lab_is_tried_again_with_its_hooks_and_a_regression_is_not() {
    let bench = Bench::new(
        "[lab]\nrecover = [\"echo hook >>log\"]\nretries = 2\n[[step]]\nname = \"lab\"\nrun = \"echo try >>log; test $(grep -c hook log) = 2 || exit 4\"\n\
         [[step]]\nname = \"gate\"\nrun = \"echo gate >>log; exit 1\"\n",
    );
    let (_, document) = bench.run(&[]);
    assert_eq!(states(&document), ["passed", "regression"], "{document:#}");
    assert_eq!(steps(&document)[0]["attempts"], 3);
    assert_eq!(fs::read_to_string(bench.path("log")).unwrap(), "try\nhook\ntry\nhook\ntry\ngate\n");
}

/// A port that is gone comes back when the USB is switched off and on, which is what the hooks are for.
#[test]
fn a_port_that_is_not_there_is_looked_for_again_after_the_hooks() {
    let (_board, port) = board::port();
    let held = fs::File::options().read(true).write(true).open(&port).unwrap();
    for (retries, state, hooks) in [(2, "passed", "hook\nhook\n"), (1, "lab", "hook\n")] {
        let bench = Bench::new("");
        let named = bench.path("port");
        let name = named.display();
        bench.scenario(&format!(
            "[lab]\nrecover = [\"echo hook >>log\", \"test $(grep -c . log) = 1 || ln -s {port} {name}\"]\nretries = {retries}\n\
             [target.desk]\nboard = \"{name}\"\n[[step]]\nrun = \"test $ESP_HTTPS_SERIAL_PORT = {name}\"\n"
        ));
        let (_, document) = bench.run(&[]);
        assert_eq!(states(&document), [state], "{document:#}");
        assert_eq!(fs::read_to_string(bench.path("log")).unwrap(), hooks);
    }
    drop(held);
}

#[test]
fn a_failure_of_the_lab_that_is_to_be_skipped_is_loud_and_green() {
    let bench = Bench::new("[[step]]\nrun = \"exit 4\"\n");
    let output = bench.command(&["--lab-failure", "skip", "--quiet", "--json"]).output().unwrap();
    let document = support::document::of(&output);
    assert_eq!((output.status.code(), states(&document)), (Some(0), vec!["lab"]), "{document:#}");
    assert_eq!(document["error"], serde_json::Value::Null);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.starts_with("warning: the lab is at fault, and --lab-failure skip lets that pass"),
        "{said}"
    );
}

#[test]
fn ctrl_c_during_a_hook_ends_the_run() {
    let bench = Bench::new(
        "[lab]\nrecover = \"touch hook; sleep 600\"\nretries = 5\n[[step]]\nrun = \"echo try >>log; exit 4\"\n[[step]]\nname = \"b\"\nwait = 1\n",
    );
    let mut run = Running::start(bench.command(&[]).stdout(Stdio::null()).stderr(Stdio::null()));
    wait_until("the hook runs", || bench.path("hook").exists());
    assert_eq!(run.end("INT").code(), Some(130));
    assert_eq!(states(&bench.kept().unwrap()), ["interrupted", "not_run"]);
    assert_eq!(fs::read_to_string(bench.path("log")).unwrap(), "try\n");
}

/// A disk that is full is the lab's fault, and is told although hil.json can't be written any more.
#[test]
fn a_full_disk_is_the_lab_s_fault() {
    let bench = Bench::new(
        "[[step]]\nrun = \"head -c 300000 /dev/zero >$ESP_HTTPS_OUT/filler; true\"\n[[step]]\ncertgen = { key = \"p256\" }\n",
    );
    let out = bench.path("hil-out");
    fs::create_dir(&out).unwrap();
    let mounted = std::process::Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=64k", "none"])
        .arg(&out)
        .output();
    if !mounted.is_ok_and(|mounted| mounted.status.success()) {
        support::skip_part("a full disk below hil-out: mounting a small file system needs root");
        return;
    }
    let output = bench.command(&["--json"]).output();
    let unmounted = std::process::Command::new("umount").arg(&out).status();
    assert!(unmounted.is_ok_and(|status| status.success()));
    let document = support::document::of(&output.unwrap());
    assert_eq!(document["exit_code"], 4, "{document:#}");
    assert!(states(&document).contains(&"lab"), "{document:#}");
}
