//! A manifest is checked before a port is looked for, and all that is wrong with it is told at once.

use std::fmt::Write as _;

use serde_json::Value;
use support::stderr;

use crate::Workspace;

/// With a port that does not exist: whoever looked for it would say so.
const FLASH: [&str; 9] = [
    "flash",
    "--ssid",
    "home",
    "--open-wifi",
    "--config-only",
    "--port",
    "/nowhere",
    "--manifest",
    "boards.csv",
];

fn lines(error: &Value) -> Vec<&str> {
    error["evidence"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect()
}

#[test]
fn all_faults_of_a_manifest_are_told_at_once_before_a_port_is_looked_for() {
    let workspace = Workspace::new();
    let rows =
        "foo,cacert.pem,prvtkey.pem,a\n24:0a:c4:00:00:01,,prvtkey.pem,a_b\n24:0a:c4:00:00:02,cacert.pem\n";
    workspace.write("boards.csv", format!("mac,cert,key,hostname\n{rows}"));
    let output = workspace.run(&FLASH);
    assert_eq!(output.status.code(), Some(2));
    insta::assert_snapshot!(stderr(&output), @"
    error: reading the manifest boards.csv
      4 things are wrong with it
        | line 2: its mac is not a MAC address: expected six pairs of hex digits, as in 24:0a:c4:12:34:56
        | line 3: no cert is named
        | line 3: its host name: a host name has only letters, digits and hyphens
        | line 4: it has 2 fields, and the first line has 4
      try: a header and a row a board: mac,cert,key,hostname
           24:0a:c4:12:34:56,kitchen/cacert.pem,kitchen/prvtkey.pem,kitchen
    ");

    let many: String = (0..1000).map(|_| "foo,cacert.pem,prvtkey.pem,\n").collect();
    workspace.write("boards.csv", format!("mac,cert,key,hostname\n{many}"));
    let error = workspace.error(&FLASH);
    assert_eq!(
        (&error["code"], &error["what"]),
        (&"flash.manifest".into(), &"1000 things are wrong with it".into())
    );
    assert_eq!((lines(&error).len(), lines(&error)[20]), (21, "and 980 more"));

    workspace.write("boards.csv", "MAC address;certificate;key\n");
    let error = workspace.error(&FLASH);
    assert_eq!(
        error["what"],
        "its first line does not name mac and cert; it has macaddress, certificate and key"
    );
}

#[test]
fn all_rows_whose_files_can_t_be_used_are_told_at_once() {
    let workspace = Workspace::new();
    let missing: String = (1..=3).fold(String::new(), |mut text, n| {
        let _ = writeln!(text, "24:0a:c4:00:00:0{n},missing{n}.pem,prvtkey.pem,n{n}");
        text
    });
    workspace.write("boards.csv", format!("mac,cert,key,hostname\n{missing}"));
    let error = workspace.error(&FLASH);
    assert_eq!(error["code"], "cert.unreadable");
    let expected: Vec<String> = (1..=3)
        .map(|n| format!("line {}: reading missing{n}.pem: there is no such file or folder", n + 1))
        .collect();
    assert_eq!(lines(&error), expected);
    workspace.write(
        "boards.csv",
        format!("mac,cert,key,hostname\n{missing}24:0a:c4:00:00:04,prvtkey.pem,prvtkey.pem,n4\n"),
    );
    let error = workspace.error(&FLASH);
    assert_eq!(
        (&error["code"], &error["try"]),
        (&"flash.manifest".into(), &Value::Null),
        "no advice fits all"
    );
    assert_eq!(lines(&error).len(), 4);
}

#[test]
fn a_manifest_from_a_spreadsheet_is_read_and_shared_names_get_a_warning() {
    let workspace = Workspace::new();
    let rows = "24:0a:c4:00:00:01;cacert.pem;prvtkey.pem;Kitchen\n24:0a:c4:00:00:02;cacert.pem;prvtkey.pem;kitchen\n\
        24:0a:c4:00:00:03;cacert.pem;prvtkey.pem;\n24:0a:c4:00:00:04;cacert.pem;prvtkey.pem;\n";
    workspace
        .write("boards.csv", format!("\u{feff}MAC ; Cert;Key;Host Name\r\n{}", rows.replace('\n', "\r\n")));
    let mut words = FLASH.to_vec();
    words[6] = "/dev/null";
    let output = workspace.run(&[&words[..], &["--no-wait"]].concat());
    let said = stderr(&output);
    assert!(said.contains("/dev/null"), "the manifest is good: {said}");
    let note = said.lines().find(|line| line.contains("one host name")).unwrap();
    insta::assert_snapshot!(note, @"note: several boards of the manifest get one host name, by which a network finds only one of them: esp-https (lines 4, 5), kitchen (lines 2, 3); the column hostname gives each its own");
    let output = workspace.run(&[&words[..], &["--no-wait", "--json"]].concat());
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let notes = document["result"]["notes"].as_array().unwrap();
    assert!(notes.iter().any(|note| note["code"] == "shared_hostname"), "{document:#}");
}

#[test]
fn several_boards_with_one_key_and_one_name_get_a_warning() {
    let workspace = Workspace::new();
    let words =
        ["flash", "--ssid", "home", "--open-wifi", "--config-only", "--no-wait", "--port", "/dev/null"];
    let code_of_notes = |words: &[&str]| {
        let output = workspace.run(&[words, &["--json"]].concat());
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        let notes = document["result"]["notes"].as_array().unwrap().clone();
        notes.into_iter().map(|note| note["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert!(!code_of_notes(&words).contains(&"same_for_all".to_owned()), "one board");
    let several = [&words[..], &["--port", "/dev/zero"]].concat();
    assert!(code_of_notes(&several).contains(&"same_for_all".to_owned()));
    let output = workspace.run(&several);
    let said = stderr(&output);
    insta::assert_snapshot!(said.lines().find(|line| line.contains("same private key")).unwrap(), @"note: the 2 boards get the same private key (who reads it from one of them has it of all) and the host name esp-https, by which a network finds only one of them; --manifest gives each its own");
}
