//! No output may be one of the command's own files.

use std::{fs, os::unix::fs::symlink, path::Path, process::Output};

use clap::CommandFactory as _;
use esp_https::cli::{Cli, Role};
use support::{command_in, document::Told};
use tempfile::TempDir;

use crate::flags::{self, Flag};

/// What a command needs to be a command.
fn required(verb: &str) -> &'static [&'static str] {
    match verb {
        "certgen" | "doctor" | "emulate" | "init" | "monitor" | "hil" | "hil check" | "hil plan" => &[],
        "flash" => &["--ssid", "home"],
        "man" => &[],
        "discover" => &["--interface", "lo", "--for", "300ms"],
        "completions" => &["bash"],
        "probe" | "load" => &["127.0.0.1:1"],
        "load merge" => &["other.json"],
        _ => panic!("what does {verb} need?"),
    }
}

/// How an input is named, and with it what clap wants beside it.
fn given<'a>(input: &'a str, file: &'a str) -> Vec<&'a str> {
    match input {
        "--cert" => vec!["--cert", file, "--key", "other.pem"],
        "--key" => vec!["--key", file, "--cert", "other.pem"],
        "--client-cert" => vec!["--client-cert", file, "--client-key", "other.pem"],
        "--client-key" => vec!["--client-key", file, "--client-cert", "other.pem"],
        "--data" | "--expect-body-exactly" => {
            vec![input, if file == "input" { "@input" } else { panic!("how is {file} given?") }]
        }
        flag if flag.starts_with("--") => vec![flag, file],
        _ => vec![file],
    }
}

fn words<'a>(flag: &'a Flag, input: &'a str, file: &'a str, output: &'a str) -> Vec<&'a str> {
    let mut words: Vec<&str> = flag.verb.split(' ').chain(required(&flag.verb).iter().copied()).collect();
    let named = given(input, file);
    // Only boards have a key; of a server the certificate is enough.
    let has_key = ["flash", "emulate"].contains(&flag.verb.as_str());
    let kept = if !has_key && input == "--cert" { &named[..2] } else { &named[..] };
    words.extend(kept);
    words.extend([flag.name.as_str(), output, "--json"]);
    words
}

fn is_accepted(words: &[&str]) -> bool {
    Cli::command().try_get_matches_from([&["esp-https"], words].concat()).is_ok()
}

fn run(folder: &TempDir, words: &[&str]) -> Output {
    command_in(folder).args(words).env("ESP_HTTPS_WIFI_PASSWORD", "12345678").output().unwrap()
}

#[test]
fn no_output_of_any_command_is_one_of_its_inputs_by_any_name() {
    let mut tried = 0;
    for flag in flags::all(Role::Output) {
        let inputs = flags::all(Role::Input).into_iter().filter(|input| input.verb == flag.verb);
        for input in inputs {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("input");
            fs::write(&file, "as it was").unwrap();
            symlink("input", folder.path().join("soft")).unwrap();
            fs::hard_link(&file, folder.path().join("hard")).unwrap();
            let absolute = file.display().to_string();
            for output in ["input", "./input", "soft", "hard", &absolute] {
                let words = words(&flag, &input.name, "input", output);
                if !is_accepted(&words) {
                    // `--save-image` of a manifest: clap refuses it.
                    continue;
                }
                let told = Told::by(&run(&folder, &words));
                let other = if input.name.starts_with("--") { &input.name } else { "input" };
                let wanted = format!("{} would overwrite {other}, which this command reads", flag.name);
                assert_eq!(told.all(), (2, "output.same_file", wanted.as_str()), "{words:?}");
                assert_eq!(fs::read(&file).unwrap(), b"as it was", "{words:?}");
                tried += 1;
            }
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3, "nothing is left beside it");
        }
    }
    assert!(tried > 100, "{tried}");
}

#[test]
fn an_older_result_is_not_replaced_by_the_run_that_is_held_against_it() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("old.json"), "{}").unwrap();
    let output = run(&folder, &["probe", "127.0.0.1:1", "--baseline", "old.json", "-o", "old.json"]);
    insta::assert_snapshot!(String::from_utf8(output.stderr).unwrap(), @r"
    error: preparing to write old.json
      --output would overwrite --baseline, which this command reads
      try: write to another file, and move it there if the change is intended
    ");
}

#[test]
fn no_two_outputs_of_a_command_are_one_file() {
    for flag in flags::all(Role::Output) {
        let others = flags::all(Role::Output);
        for other in others.iter().filter(|other| other.verb == flag.verb && other.name > flag.name) {
            let folder = tempfile::tempdir().unwrap();
            let base: Vec<&str> = flag.verb.split(' ').chain(required(&flag.verb).iter().copied()).collect();
            for (one, two) in [("new", "./new"), ("-", "-"), ("-", "/dev/stdout")] {
                let words = [&base[..], &[&flag.name, one, &other.name, two]].concat();
                if !is_accepted(&words) {
                    continue;
                }
                let output = run(&folder, &words);
                let said = String::from_utf8_lossy(&output.stderr).into_owned();
                let (first, second) = (said.contains(&flag.name), said.contains(&other.name));
                assert!(output.status.code() == Some(2) && first && second, "{words:?}: {output:?}");
                assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "{words:?}");
            }
        }
    }
}

#[test]
fn a_document_on_standard_output_is_not_mixed_with_another_output() {
    for flag in flags::all(Role::Output).into_iter().filter(|flag| flag.name != "--output") {
        let folder = tempfile::tempdir().unwrap();
        let base: Vec<&str> = flag.verb.split(' ').chain(required(&flag.verb).iter().copied()).collect();
        let told = Told::by(&run(&folder, &[&base[..], &[&flag.name, "-", "--json"]].concat()));
        let wanted = format!("--json and {} both write to standard output", flag.name);
        let swapped = format!("{} and --json both write to standard output", flag.name);
        assert!(told.what == wanted || told.what == swapped, "{flag:?}: {told:?}");
        assert_eq!(told.pair(), (2, "output.same_file"), "{flag:?}");
    }
}

#[test]
fn a_report_does_not_take_the_place_of_the_pair_that_is_made_or_taken_here() {
    let folder = tempfile::tempdir().unwrap();
    let made = run(&folder, &["certgen", "--key", "p256"]);
    assert!(made.status.success(), "{made:?}");
    for name in ["prvtkey.pem", "cacert.pem"] {
        let before = fs::read(folder.path().join(name)).unwrap();
        for verb in [
            &["certgen", "--force"][..],
            &["certgen", "--print-openssl"],
            &["emulate", "--image", "cacert.pem"],
            &["flash", "--ssid", "home", "--config-only", "--port", "/dev/null"],
        ] {
            let output = run(&folder, &[verb, &["-o", name, "--json"]].concat());
            assert_eq!(Told::by(&output).exit, 2, "{verb:?}");
            assert_eq!(fs::read(folder.path().join(name)).unwrap(), before, "{verb:?}");
        }
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn a_report_does_not_take_the_place_of_a_pair_that_is_not_there_yet() {
    let folder = tempfile::tempdir().unwrap();
    for verb in
        [&["certgen", "--key", "p256"][..], &["certgen", "--days", "0"], &["certgen", "--print-openssl"]]
    {
        let output = run(&folder, &[verb, &["-o", "./prvtkey.pem", "--json"]].concat());
        let what = "the private key and --output name the same file";
        assert_eq!(Told::by(&output).all(), (2, "output.same_file", what), "{verb:?}");
    }
    for verb in [&["emulate"][..], &["flash", "--ssid", "home", "--firmware-dir", "nowhere"]] {
        let output = run(&folder, &[verb, &["-o", "cacert.pem", "--json"]].concat());
        let what = "--output would overwrite the certificate here, which this command reads";
        assert_eq!(Told::by(&output).all(), (2, "output.same_file", what), "{verb:?}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is made");
}

#[test]
fn a_result_does_not_take_the_place_of_a_stranger_s_key() {
    let folder = tempfile::tempdir().unwrap();
    let key = "-----BEGIN PRIVATE KEY-----\nMC4=\n-----END PRIVATE KEY-----\n";
    fs::write(folder.path().join("other.key"), key).unwrap();
    let output = run(&folder, &["load", "127.0.0.1:1", "--html", "other.key"]);
    assert_eq!(output.status.code(), Some(2));
    insta::assert_snapshot!(String::from_utf8(output.stderr).unwrap(), @r"
    error: preparing to write --html other.key
      a certificate or a private key is in it (PEM)
      try: choose another name, or remove the file if it is not needed any more
    ");
    assert_eq!(fs::read_to_string(folder.path().join("other.key")).unwrap(), key);
}

#[test]
fn the_files_of_a_manifest_and_a_password_on_standard_input_are_the_command_s_own() {
    let folder = tempfile::tempdir().unwrap();
    assert!(run(&folder, &["certgen", "--key", "p256"]).status.success());
    let path = |name: &str| folder.path().join(name);
    let key = format!("the kitchen's\n{}", fs::read_to_string(path("prvtkey.pem")).unwrap());
    fs::write(path("own.key"), &key).unwrap();
    fs::write(path("boards.csv"), "mac,cert,key\n24:0a:c4:12:34:56,cacert.pem,own.key\n").unwrap();
    fs::write(path("password"), "correct horse\n").unwrap();
    let flash = ["flash", "--json", "--ssid", "home", "--config-only", "--port", "/dev/null"];
    let rows = run(&folder, &[&flash[..], &["--manifest", "boards.csv", "--serial-log", "own.key"]].concat());
    let what = "--serial-log would overwrite own.key of the manifest's line 2, which this command reads";
    assert_eq!(Told::by(&rows).all(), (2, "output.same_file", what));
    assert_eq!(fs::read_to_string(path("own.key")).unwrap(), key);
    let mut command = support::command();
    command.args(flash).args(["--wifi-password-file", "-", "-o", "password"]).current_dir(folder.path());
    let output = command.stdin(fs::File::open(path("password")).unwrap()).output().unwrap();
    assert_eq!(Told::by(&output).code, "output.same_file");
    assert_eq!(fs::read_to_string(path("password")).unwrap(), "correct horse\n");
}

#[test]
fn the_port_of_a_board_and_the_sources_of_its_firmware_are_not_written_to() {
    let (_board, port) = support::board::port();
    let folder = tempfile::tempdir().unwrap();
    for flag in ["-o", "--serial-log"] {
        let told = Told::by(&run(&folder, &["monitor", "--json", "--port", &port, flag, &port]));
        assert_eq!(told.pair(), (2, "output.same_file"), "{flag}");
        assert!(told.what.ends_with("would write to the port, where the board is"), "{told:?}");
    }
    let sources = folder.path().join("firmware");
    fs::create_dir_all(&sources).unwrap();
    fs::write(sources.join("Cargo.toml"), "as it was").unwrap();
    for verb in [&["emulate"][..], &["flash", "--ssid", "home"]] {
        let args = [verb, &["--json", "--firmware-dir", "firmware", "-o", "firmware/Cargo.toml"]].concat();
        assert_eq!(Told::by(&run(&folder, &args)).code, "output.same_file", "{verb:?}");
        assert_eq!(fs::read(sources.join("Cargo.toml")).unwrap(), b"as it was");
    }
}

#[test]
fn a_pair_is_not_made_in_place_of_a_device_and_links_to_it_stay() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    symlink("/dev/null", path("prvtkey.pem")).unwrap();
    let told = Told::by(&run(&folder, &["certgen", "--json", "--key", "p256", "--force"]));
    assert_eq!(told.pair(), (2, "cert.not_a_file"));
    assert!(path("prvtkey.pem").symlink_metadata().unwrap().is_symlink() && !path("cacert.pem").exists());
    fs::remove_file(path("prvtkey.pem")).unwrap();
    fs::write(path("elsewhere"), "old").unwrap();
    symlink("elsewhere", path("prvtkey.pem")).unwrap();
    let made = run(&folder, &["certgen", "--json", "--key", "p256", "--force"]);
    assert!(made.status.success(), "{made:?}");
    assert!(path("prvtkey.pem").symlink_metadata().unwrap().is_symlink());
    assert!(fs::read_to_string(path("elsewhere")).unwrap().starts_with("-----BEGIN PRIVATE KEY"));
    assert!(is_owner_s(&path("elsewhere")));
}

fn is_owner_s(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata().unwrap().permissions().mode() & 0o777 == 0o600
}
