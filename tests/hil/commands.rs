//! The command of a step that a result shows: somebody pastes it into a shell, in the folder of the scenario.

use std::{fs, process::Command};

use serde_json::Value;
use support::{esp_https, server::Server};

use crate::{
    bench::{Bench, steps},
    standins::bench,
};

/// The command of each step that has one.
fn commands(document: &Value) -> Vec<&str> {
    steps(document).iter().filter_map(|step| step["command"].as_str()).collect()
}

/// Runs a command as a person would who has pasted it.
fn paste(bench: &Bench, line: &str, variables: &[(&str, &str)]) -> std::process::Output {
    let path = std::path::Path::new(esp_https()).parent().unwrap();
    let path = format!("{}:{}", path.display(), std::env::var("PATH").unwrap());
    let mut shell = Command::new("/bin/sh");
    shell.args(["-euc", line]).current_dir(bench.folder.path()).env("PATH", path);
    shell.envs(variables.iter().copied()).output().unwrap()
}

#[test]
fn a_pair_is_made_again_by_the_command_and_no_folder_of_the_run_is_named() {
    let bench = bench(
        "ready\nexec sleep 600",
        "[[step]]\nname = \"pair\"\ncertgen = { key = \"p256\", cn = \"the board's\" }\n",
    );
    let (_, document) = bench.run(&[]);
    let told = commands(&document);
    let folder = bench.folder.path().to_str().unwrap();
    assert_eq!(
        told,
        [
            "esp-https certgen --key=p256 --out-dir=01-certgen",
            "esp-https emulate --port=0 --cert=01-certgen/cacert.pem --key=01-certgen/prvtkey.pem --image=board.elf",
            "esp-https certgen --key=p256 \"--cn=the board's\" --out-dir=03-pair",
        ]
    );
    let everything = fs::read_to_string(bench.path("hil-out/hil.json")).unwrap()
        + &fs::read_to_string(bench.path("hil-out/report.html")).unwrap();
    assert!(!everything.contains("/.esp-https-"), "the private folder is named");
    assert!(!told.concat().contains(folder));
    let output = paste(&bench, told[2], &[]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(bench.path("03-pair/prvtkey.pem").is_file());
}

#[test]
fn a_request_is_made_again_by_the_command_and_its_secrets_are_in_no_result() {
    let bench = Bench::new("");
    let made =
        support::command().args(["certgen", "--key", "p256"]).current_dir(bench.folder.path()).output();
    assert!(made.unwrap().status.success());
    let pair = ("cacert.pem", "prvtkey.pem");
    let lines = "if ($http_authorization !~ \"^Bearer .*t0ken\") { return 401; }";
    let Some(server) = Server::nginx(bench.folder.path(), pair, lines) else { return };
    let secret = "s3cr3t-t0ken";
    let scenario = format!(
        "[target.far]\naddress = \"{}\"\ncert = \"cacert.pem\"\n[[step]]\nhttp = {{ header = [\"Authorization: Bearer {secret}\", \"Accept: a b\"], \
         expect-status = 200, data = \"{{\\\"password\\\": \\\"{secret}\\\"}}\" }}\n",
        server.address,
    );
    bench.scenario(&scenario);
    let (output, document) = bench.run(&[]);
    let told = commands(&document);
    for line in fs::read_dir(bench.path("hil-out")).unwrap() {
        let path = line.unwrap().path();
        assert!(!fs::read_to_string(&path).unwrap().contains(secret), "{}", path.display());
    }
    assert!(!String::from_utf8_lossy(&output.stderr).contains(secret));
    let plan = bench.command(&["plan", "--json"]).output().unwrap();
    assert!(!String::from_utf8_lossy(&plan.stdout).contains(secret));
    assert_eq!(document["exit_code"], 0, "{document:#}");
    let variables = [("AUTHORIZATION", "Bearer another-t0ken"), ("DATA", "{}")];
    let again = paste(&bench, told[0], &variables);
    assert_eq!(again.status.code(), Some(0), "{again:?}");
}

#[test]
fn a_secret_header_of_a_command_of_ones_own_is_in_no_result_but_the_command_gets_it() {
    let run = "echo \\\"> Cookie: id=s3cr3t\\\" >&2; test 'Authorization: Bearer s3cr3t' = \\\"Authorization: Bearer $T\\\"";
    let bench =
        Bench::new(&format!("[[step]]\nrun = \"{run}\"\n[[step]]\nname = \"after\"\nrun = \"exit 0\"\n"));
    for words in [&[][..], &["plan"][..]] {
        let output = bench.command(&[words, &["--json"]].concat()).env("T", "s3cr3t").output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        let everything = [output.stdout, output.stderr].concat();
        assert!(!String::from_utf8_lossy(&everything).contains("s3cr3t"));
    }
    let mut files = fs::read_dir(bench.path("hil-out")).unwrap().map(|entry| entry.unwrap().path());
    assert!(files.all(|file| !String::from_utf8_lossy(&fs::read(file).unwrap()).contains("s3cr3t")));
    let document = bench.kept().unwrap();
    assert_eq!(
        commands(&document)[0],
        "echo \"> Cookie: (not shown)\" >&2; test 'Authorization: (not shown)' = \"Authorization: Bearer $T\""
    );
}
