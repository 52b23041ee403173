//! What is missing or wrong, and which commands would not work therefore.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    process::Command,
    time::{Duration, Instant},
};

use support::{board::write_program, secret::Secret};

use crate::machine::{Machine, Told};

#[test]
fn a_machine_without_a_board_is_in_order_and_says_what_each_command_lacks() {
    let machine = Machine::new();
    let told = machine.doctor("");
    assert_eq!(told.problems(), [""; 0], "{:#}", told.document);
    for verb in ["certgen", "probe", "load"] {
        assert_eq!(told.in_the_way_of(verb), [""; 0], "{verb}");
    }
    assert_eq!(told.state("qemu"), "ok");
    assert_eq!(told.check("qemu")["facts"]["program"]["version"], "7.2.22");
    assert_eq!(told.state("pair"), "not_needed");
    assert!(!machine.cache().exists(), "nothing is made");
}

#[test]
fn without_qemu_only_emulate_is_not_ready() {
    let machine = Machine::new();
    fs::remove_file(machine.path("bin/qemu-system-riscv32")).unwrap();
    let told = machine.doctor("");
    assert_eq!((told.state("qemu").as_str(), told.problems()), ("missing", vec![]), "others need it not");
    assert!(told.in_the_way_of("emulate").contains(&"qemu"));
    assert_eq!(told.in_the_way_of("probe"), [""; 0]);
    let asked = machine.doctor("emulate");
    assert_eq!((asked.code, asked.error()), (4, "doctor.not_ready"));
    let what = asked.document["error"]["what"].as_str().unwrap();
    assert!(what.starts_with("emulate would not work: QEMU"), "{what}");
    assert_eq!(machine.doctor("probe certgen").code, 0);
}

#[test]
fn a_qemu_that_is_too_old_or_does_not_answer_is_told_apart() {
    let machine = Machine::new();
    machine.qemu("6.0.0");
    let told = machine.doctor("");
    assert_eq!((told.code, told.error(), told.state("qemu").as_str()), (4, "doctor.problems", "problem"));
    write_program(
        &machine.path("bin/qemu-system-riscv32"),
        "echo 'error while loading shared libraries' >&2; exit 127",
    );
    let (state, found, _) = machine.doctor("emulate").told("qemu");
    assert!(state == "problem" && found.contains("shared libraries"), "{state}: {found}");
    // It goes on after every signal that it may catch.
    write_program(
        &machine.path("bin/qemu-system-riscv32"),
        "trap '' INT TERM; while :; do read -r _; done </dev/zero",
    );
    let since = Instant::now();
    assert_eq!(machine.doctor("emulate").state("qemu"), "unknown");
    assert!(since.elapsed() < support::LONGEST);
}

#[test]
fn a_pair_that_does_not_belong_together_is_found() {
    let machine = Machine::new();
    let certgen = |words: &str| {
        let made = machine.command(&format!("certgen --key p256 {words}")).status().unwrap();
        assert!(made.success(), "{made}");
    };
    certgen("");
    let told = machine.doctor("");
    assert_eq!((told.state("pair").as_str(), told.problems()), ("ok", vec![]));
    certgen("--out-dir other");
    fs::copy(machine.path("work/other/prvtkey.pem"), machine.path("work/prvtkey.pem")).unwrap();
    let told = machine.doctor("");
    assert_eq!((told.code, told.state("pair").as_str()), (4, "problem"));
    assert!(told.in_the_way_of("flash").contains(&"pair") && told.in_the_way_of("emulate").contains(&"pair"));
    let key = fs::read_to_string(machine.path("work/prvtkey.pem")).unwrap();
    assert_eq!(Secret::of_key(&key).shown_in(&told.document.to_string()), None);
    fs::remove_file(machine.path("work/prvtkey.pem")).unwrap();
    assert_eq!(machine.doctor("").state("pair"), "problem");
}

#[test]
fn without_a_home_and_with_a_cache_that_can_t_be_written_the_cache_is_a_problem() {
    let machine = Machine::new();
    let mut command = machine.command("doctor --json");
    let told = Told::by(command.env_remove("HOME"));
    assert_eq!((told.code, told.error(), told.state("cache").as_str()), (4, "doctor.problems", "problem"));
    assert!(told.in_the_way_of("flash").contains(&"cache"));
    assert_eq!(told.checks("old_images").len(), 0, "there is nothing to say of it");
    fs::write(machine.path("file"), "").unwrap();
    for place in [machine.path("file/cache"), "/proc/cache".into()] {
        let mut command = machine.command("doctor --json");
        let told = Told::by(command.env("ESP_HTTPS_CACHE_DIR", &place));
        assert_eq!((told.code, told.state("cache").as_str()), (4, "problem"), "{place:?}");
    }
}

/// Root may write to every folder.
#[test]
fn a_cache_of_another_user_is_a_problem() {
    let machine = Machine::new();
    fs::create_dir_all(machine.cache()).unwrap();
    fs::set_permissions(machine.cache(), fs::Permissions::from_mode(0o555)).unwrap();
    let told = machine.doctor("");
    let expected = if rustix::process::geteuid().is_root() { "ok" } else { "problem" };
    assert_eq!(told.state("cache"), expected);
    fs::set_permissions(machine.cache(), fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_folder_for_temporary_files_that_is_not_there_is_a_problem() {
    let machine = Machine::new();
    fs::remove_dir(machine.path("tmp")).unwrap();
    let told = machine.doctor("");
    assert_eq!((told.code, told.state("temporary").as_str()), (4, "problem"));
    assert!(told.in_the_way_of("flash").contains(&"temporary"));
    assert_eq!(machine.doctor("probe").code, 0, "probe needs none");
}

#[test]
fn few_file_descriptors_are_a_problem() {
    let machine = Machine::new();
    for (limit, in_the_way) in [(64, false), (24, true)] {
        let mut command = Command::new("/bin/sh");
        machine.prepare(&mut command);
        let script = format!("ulimit -n {limit}; exec \"$0\" doctor --json");
        command.args(["-c", &script, support::esp_https()]);
        let told = Told::by(&mut command);
        assert_eq!((told.code, told.state("file_descriptors").as_str()), (4, "problem"), "{limit}");
        assert_eq!(told.check("file_descriptors")["facts"]["limit"]["allowed"], limit);
        assert_eq!(told.in_the_way_of("load").contains(&"file_descriptors"), in_the_way, "{limit}");
    }
}

#[test]
fn the_wi_fi_password_is_checked_and_never_shown() {
    let machine = Machine::new();
    let told = |password: &str| {
        let mut command = machine.command("doctor --json flash");
        Told::by(command.env("ESP_HTTPS_WIFI_PASSWORD", password))
    };
    assert_eq!(told("").state("wifi_password"), "problem");
    assert_eq!(told("correct horse battery").state("wifi_password"), "ok");
    let wrong = "Kübel7391Xylofon4452Quark";
    let flawed = told(wrong);
    assert_eq!(flawed.state("wifi_password"), "problem");
    assert_eq!(Secret::of_text(wrong).shown_in(&flawed.document.to_string()), None);
}

#[test]
fn a_proxy_is_said_to_be_of_no_use_without_its_address() {
    let machine = Machine::new();
    assert_eq!(machine.doctor("").checks("proxy").len(), 0);
    let mut command = machine.command("doctor --json");
    let told = Told::by(command.env("https_proxy", "http://user:secret@proxy.example"));
    let (state, found, _) = told.told("proxy");
    assert!(state == "not_needed" && found.contains("https_proxy") && !found.contains("secret"), "{found}");
}

/// Three times the two seconds that are promised: other tests run at the same time.
#[test]
fn all_checks_are_made_quickly() {
    let machine = Machine::new();
    let fastest = (0..3).map(|_| {
        let since = Instant::now();
        machine.doctor("");
        since.elapsed()
    });
    let fastest = fastest.min().unwrap();
    assert!(fastest < Duration::from_secs(6), "{fastest:?}");
}
