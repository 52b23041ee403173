//! A command with the board, and a request of the user's to it: what a script of a user's does.

use support::{esp_https, stderr, stdout};

use crate::board::{QEMU, firmware_flags};

#[test]
fn a_command_switches_the_light_and_its_exit_code_is_ours() {
    if support::require("qemu-system-riscv32", QEMU).is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let made =
        support::command().args(["certgen", "--key", "p256"]).current_dir(folder.path()).output().unwrap();
    assert!(made.status.success(), "{made:?}");
    let script = r#"probe() { "$0" probe "$ESP_HTTPS_TARGET" --cert "$ESP_HTTPS_CERT" --path /light --timeout 1m "$@"; }
        probe -d '{"status": true}' --expect-status 200 --expect-header content-type || exit 9
        probe --expect-json /status=true || exit 8
        probe -H 'Authorization: Bearer s3cr3t' --expect-json /status=false"#;
    let mut command = support::command();
    command
        .args(["emulate", "--port", "0", "--ready-timeout", "2m"])
        .args(firmware_flags(&[]))
        .args(["--", "sh", "-c", script])
        .arg(esp_https());
    let output = command.current_dir(folder.path()).output().unwrap();
    let (out, error) = (stdout(&output), stderr(&output));
    assert_eq!(output.status.code(), Some(1), "the last check fails: {out}{error}");
    assert!(out.contains("passed   expect.json/status: wanted `true`, found `true`"), "{out}");
    assert!(out.contains("failed   expect.json/status: wanted `false`, found `true`"), "{out}");
    assert!(out.contains("Authorization: (not shown)") && !out.contains("s3cr3t"), "{out}");
    assert!(error.contains("sh ended with exit code 1"), "{error}");
}
