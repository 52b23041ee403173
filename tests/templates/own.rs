//! The templates that this program itself reads.

use std::fs;

use support::{command, document, server::Server};

use crate::write;

#[test]
fn every_rule_of_the_policy_is_decided_and_one_that_is_broken_is_found() {
    let folder = write("policy", &[]);
    let made = command().args(["certgen", "--key", "p256"]).current_dir(folder.path()).output().unwrap();
    assert!(made.status.success(), "{made:?}");
    let server = Server::openssl(&folder, ("cacert.pem", "prvtkey.pem"), &["-tls1_2"]);
    let probe = || {
        let mut command = command();
        command.args(["probe", &server.address, "--audit", "--policy", "policy.toml", "--json"]);
        let document = document::of(&command.current_dir(folder.path()).output().unwrap());
        let checks = document["result"]["checks"].as_array().unwrap().clone();
        let of = |outcome| checks.iter().filter(move |check| check["outcome"] == outcome);
        let failed = of("failed").map(|check| check["id"].as_str().unwrap().to_owned());
        (document["exit_code"].as_i64(), of("passed").count(), failed.collect::<Vec<_>>(), checks.len())
    };
    let (code, passed, failed, all) = probe();
    assert_eq!((code, failed), (Some(0), Vec::new()));
    assert!(passed == all && all >= 19, "{passed} of {all}");
    let policy = folder.path().join("policy.toml");
    let text = fs::read_to_string(&policy).unwrap();
    let stricter = text.replace("largest_header\" = 2048", "largest_header\" = 1000000");
    assert_ne!(stricter, text);
    fs::write(policy, stricter).unwrap();
    let (code, _, failed, _) = probe();
    assert_eq!((code, failed), (Some(1), vec!["policy.at_least.request.largest_header".to_owned()]));
}

#[test]
fn the_manifest_is_read_and_names_what_its_rows_need() {
    let folder = write("boards", &[]);
    let flash = || {
        let mut command = command();
        command.args(
            "flash --json --ssid home --open-wifi --config-only --manifest boards.csv --port /nowhere"
                .split(' '),
        );
        let output = command.current_dir(folder.path()).output().unwrap();
        let error = document::of(&output)["error"].clone();
        (error["code"].as_str().unwrap().to_owned(), error["what"].as_str().unwrap().to_owned())
    };
    assert_eq!(flash().0, "cert.unreadable");
    for room in ["kitchen", "cellar"] {
        let words = ["certgen", "--key", "p256", "--out-dir", room];
        assert!(command().args(words).current_dir(folder.path()).output().unwrap().status.success());
    }
    // Everything that it names is there: now the port is looked for.
    assert_eq!(flash().0, "port.missing");
    let text = fs::read_to_string(folder.path().join("boards.csv")).unwrap();
    assert_eq!(text.lines().filter(|line| !line.starts_with('#')).count(), 3, "{text}");
}
