//! The program under test, and what it prints.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::LazyLock,
};

/// The path of the program under test, which cargo builds before the integration tests of its package.
///
/// The test runner names it in a variable; without one it is the program beside the folder of the test's own binary.
pub fn esp_https() -> &'static str {
    static PATH: LazyLock<String> = LazyLock::new(|| {
        let named =
            ["CARGO_BIN_EXE_esp-https", "NEXTEST_BIN_EXE_esp-https"].into_iter().find_map(env::var_os);
        let path = named.map_or_else(beside_the_test, PathBuf::from);
        assert!(path.is_file(), "{} is not built (cargo build)", path.display());
        path.into_os_string().into_string().expect("a path in UTF-8")
    });
    &PATH
}

/// `target/PROFILE/esp-https`: the tests are in `target/PROFILE/deps`.
fn beside_the_test() -> PathBuf {
    let test = env::current_exe().expect("the path of this test");
    test.parent().and_then(Path::parent).expect("the folder of this build").join("esp-https")
}

/// A run of the program under test that is not started yet. Each test has its own boards, and so its own folder for their locks
/// and for the marks of boards that were left half written.
pub fn command() -> Command {
    let locks = from_root("target/locks").join(std::process::id().to_string());
    std::fs::create_dir_all(&locks).expect("a folder for locks");
    let mut command = Command::new(esp_https());
    command.env("ESP_HTTPS_LOCK_DIR", locks);
    command
}

/// A path below the root of the repository.
pub fn from_root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("the root").join(path)
}

/// What a process wrote to standard output, as text.
pub fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// What a process wrote to standard error, as text.
pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
