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

#[test]
fn nothing_is_wrong_with_the_scenario_and_a_mistake_in_it_would_be_found() {
    let folder = write("hil", &[]);
    let check = || {
        let output = command().args(["hil", "check", "--json"]).current_dir(folder.path()).output().unwrap();
        let document = document::of(&output);
        (document["exit_code"].as_i64(), document["error"]["code"].as_str().unwrap_or("-").to_owned())
    };
    assert_eq!(check(), (Some(0), "-".to_owned()));
    let scenario = folder.path().join("hil.toml");
    let text = fs::read_to_string(&scenario).unwrap();
    // What is commented out is right, too.
    let whole = text.replace("\n# [target", "\n[target").replace("\n# board =", "\nboard =");
    let whole = whole.replace("\n# mac =", "\nmac =").replace("\n# [lab]", "\n[lab]");
    let whole = whole.replace("\n# recover =", "\nrecover =").replace("\n# retries =", "\nretries =");
    assert_eq!(whole.len() + 12, text.len());
    fs::write(&scenario, &whole).unwrap();
    assert_eq!(check(), (Some(0), "-".to_owned()));
    fs::write(&scenario, whole.replace("expect-version", "expect-versoin")).unwrap();
    assert_eq!(check(), (Some(2), "hil.scenario".to_owned()));
}
