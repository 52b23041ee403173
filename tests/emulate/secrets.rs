//! The Wi-Fi password stays out of every process that is started: of its environment and its arguments.

use std::{fs, process::Stdio};

use support::{Running, wait_until};

use crate::{
    family::{Family, environment},
    workspace::Workspace,
};

const PASSWORD: &str = "correct horse battery";
/// A program of this name saves all that it can see of itself.
const DUMP: &str = r#"{ env; echo "$0 $*"; tr '\0' '\n' < /proc/$$/environ; tr '\0' '\n' < /proc/$$/cmdline; } \
    > "$(dirname "$0")/../$(basename "$0").dump""#;

#[test]
fn no_program_that_is_run_sees_the_password() {
    let workspace = Workspace::with_qemu(&format!("{DUMP}\nexit 3"));
    workspace.fake_toolchain(&format!("{DUMP}\nexit 101"));
    workspace.program("rustc", &format!("{DUMP}\necho '{}'", workspace.path("rust").display()));
    let image = ["--image", "board.elf"];
    let flash = ["--ssid", "home", "--save-image", "board.bin", "--build"];
    let cases: [(&str, &[&str], &[&str]); 3] = [
        ("flash", &flash, &["rustc", "cargo"]),
        ("emulate", &["--port", "0", "--build"], &["rustc", "cargo"]),
        ("emulate", &[&image[..], &["--port", "0"]].concat(), &["qemu-system-riscv32"]),
    ];
    for (verb, flags, programs) in cases {
        let mut command = workspace.run_by(support::command(), verb, flags);
        let output = command.env("ESP_HTTPS_WIFI_PASSWORD", PASSWORD).output().unwrap();
        assert_eq!(output.status.code(), Some(4), "{output:?}");
        for program in programs {
            let dump = workspace.path(&format!("{program}.dump"));
            let text = fs::read_to_string(&dump).unwrap_or_else(|error| panic!("{verb}, {program}: {error}"));
            assert!(text.contains("CERT_SHA256=") && !text.contains(PASSWORD), "{verb}, {program}: {text}");
            fs::remove_file(dump).unwrap();
        }
    }
}

/// Those that stand guard are processes, too.
#[test]
fn nor_does_any_process_beside_the_emulator() {
    let workspace = Workspace::with_qemu("exec sleep 600");
    let mut command = workspace.emulate_image(&["--port", "0"]);
    let family = Family::of(&mut command);
    command.env("ESP_HTTPS_WIFI_PASSWORD", PASSWORD).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = Running::start(&mut command);
    wait_until("the emulator and its guards run", || family.children_of(child.id()).len() == 3);
    for member in family.children_of(child.id()) {
        assert!(!environment(member.pid).contains(PASSWORD), "{member:?}");
    }
    assert!(environment(child.id()).contains(PASSWORD), "that is how it got there");
    child.kill();
    wait_until("all have ended", || family.members().is_empty());
}
