//! The certificates of a fleet: made once, kept, renewed, and never half-written.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Command, Stdio},
};

use support::{names, skip_part, stderr};

use crate::workspace::Workspace;

#[test]
fn what_is_missing_is_made_once_and_flash_takes_the_list() {
    let workspace = Workspace::new();
    let list = "# workshop\nmac,room,hostname,names\n24:0a:c4:00:00:01,Kitchen,kitchen,192.168.1.7 kitchen.lan\n24:0A:C4:00:00:02,Hall\n";
    fs::write(workspace.path("boards.csv"), list).unwrap();
    fs::set_permissions(workspace.path("boards.csv"), fs::Permissions::from_mode(0o640)).unwrap();
    workspace.certgen(&["ca", "--dir", "ca"]);
    let first = workspace.json(&["fleet", "boards.csv", "--ca", "ca"]);
    assert_eq!(
        (&first["result"]["made"], &first["result"]["filled_in"]),
        (&2.into(), &true.into()),
        "{first:#}"
    );
    let filled = fs::read_to_string(workspace.path("boards.csv")).unwrap();
    assert_eq!(
        filled,
        "# workshop\nmac,room,hostname,names,cert,key\n\
         24:0a:c4:00:00:01,Kitchen,kitchen,192.168.1.7 kitchen.lan,kitchen/cacert.pem,kitchen/prvtkey.pem\n\
         24:0A:C4:00:00:02,Hall,esp-https-000002,,esp-https-000002/cacert.pem,esp-https-000002/prvtkey.pem\n"
    );
    assert_eq!(workspace.path("boards.csv").metadata().unwrap().permissions().mode() & 0o777, 0o640);
    for name in [
        ["-verify_hostname", "kitchen.local"],
        ["-verify_hostname", "kitchen.lan"],
        ["-verify_ip", "192.168.1.7"],
    ] {
        let fixed = ["verify", "-x509_strict", "-CAfile", "ca/ca.pem", "-purpose", "sslserver"];
        support::openssl(workspace.folder.path(), &[&fixed[..], &name, &["kitchen/cacert.pem"]].concat());
    }
    let before = tree(workspace.folder.path());
    let again = workspace.json(&["fleet", "boards.csv", "--ca", "ca"]);
    assert_eq!((&again["result"]["kept"], &again["result"]["filled_in"]), (&2.into(), &false.into()));
    assert_eq!(tree(workspace.folder.path()), before, "nothing is written again");
    let flash = support::command_in(&workspace.folder)
        .args([
            "flash",
            "--manifest",
            "boards.csv",
            "--ssid",
            "home",
            "--open-wifi",
            "--config-only",
            "--json",
        ])
        .args(["--port", "/dev/null"])
        .output()
        .unwrap();
    let document = support::document::of(&flash);
    let what = document["error"]["what"].as_str().unwrap();
    assert!(what.ends_with("opening /dev/null: it is not a serial port"), "the list is taken: {document:#}");
}

#[test]
fn what_is_due_or_lacks_a_name_is_renewed_with_its_key() {
    let workspace = fleet("mac,hostname\n24:0a:c4:00:00:01,kitchen\n24:0a:c4:00:00:02,hall\n");
    workspace.certgen(&["fleet", "boards.csv", "--ca", "ca", "--days", "20"]);
    let key = fs::read(workspace.path("kitchen/prvtkey.pem")).unwrap();
    let due = workspace.json(&["fleet", "boards.csv", "--ca", "ca"]);
    assert_eq!(due["result"]["renewed"], 2, "{due:#}");
    let list = fs::read_to_string(workspace.path("boards.csv")).unwrap();
    let list = list.replacen("hostname,", "hostname,names,", 1).replacen("kitchen,", "kitchen,10.0.0.7,", 1);
    fs::write(workspace.path("boards.csv"), list.replace("hall,", "hall,,")).unwrap();
    let named = workspace.json(&["fleet", "boards.csv", "--ca", "ca"]);
    assert_eq!((&named["result"]["renewed"], &named["result"]["kept"]), (&1.into(), &1.into()), "{named:#}");
    assert_eq!(fs::read(workspace.path("kitchen/prvtkey.pem")).unwrap(), key);
    let verify = ["verify", "-CAfile", "ca/ca.pem", "-verify_ip", "10.0.0.7", "kitchen/cacert.pem"];
    support::openssl(workspace.folder.path(), &verify);
}

#[test]
fn all_that_is_wrong_is_told_at_once_and_nothing_is_written() {
    let workspace = fleet("mac,hostname\n24:0a:c4:00:00:01,a\n24:0a:c4:00:00:02,b\n24:0a:c4:00:00:03,c\n");
    workspace.certgen(&["fleet", "boards.csv", "--ca", "ca"]);
    fs::copy(workspace.path("b/prvtkey.pem"), workspace.path("a/prvtkey.pem")).unwrap();
    fs::copy(workspace.path("b/prvtkey.pem"), workspace.path("c/prvtkey.pem")).unwrap();
    let before = tree(workspace.folder.path());
    let said = stderr(&workspace.run(&["fleet", "boards.csv", "--ca", "ca", "--within", "3y"]));
    insta::assert_snapshot!(said, @r"
    error: reading the manifest boards.csv
      2 things are wrong with it
        | line 2: checking that the key and the certificate belong together: the key in a/prvtkey.pem does not belong to the certificate in a/cacert.pem
        | line 4: checking that the key and the certificate belong together: the key in c/prvtkey.pem does not belong to the certificate in c/cacert.pem
      try: nothing was written; correct these rows or what they name, and run it again
    ");
    assert_eq!(tree(workspace.folder.path()), before);
    fs::write(
        workspace.path("clash.csv"),
        "mac,hostname\n24:0a:c4:00:00:01,kitchen\n24:0a:c4:00:00:02,Kitchen\n",
    )
    .unwrap();
    let said = stderr(&workspace.run(&["fleet", "clash.csv", "--ca", "ca"]));
    assert!(
        said.contains("line 3: its host name, or another of its names, is that of line 2, too"),
        "{said}"
    );
    assert!(!workspace.path("kitchen").exists());
}

#[test]
fn several_runs_at_once_wait_for_each_other_and_make_each_pair_once() {
    let workspace = fleet(&rows(40));
    let start = || {
        let mut command = workspace.command();
        command.args(["fleet", "boards.csv", "--ca", "ca", "--json"]).stdout(Stdio::piped()).spawn().unwrap()
    };
    let runs: Vec<_> = (0..4).map(|_| start()).collect();
    let results: Vec<_> =
        runs.into_iter().map(|run| support::document::of(&run.wait_with_output().unwrap())).collect();
    let sum = |field: &str| results.iter().map(|run| run["result"][field].as_u64().unwrap()).sum::<u64>();
    assert_eq!((sum("made"), sum("kept"), sum("renewed")), (40, 120, 0));
}

/// A disk that is full in the middle leaves whole pairs and the list as it was, and the next run goes on.
#[test]
fn a_disk_that_is_full_in_the_middle_leaves_nothing_half_written() {
    let workspace = fleet(&rows(100));
    let mount = workspace.path("small");
    fs::create_dir(&mount).unwrap();
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=256k", "none"]).arg(&mount).output();
    if !mounted.is_ok_and(|mounted| mounted.status.success()) {
        skip_part("a full disk in the middle of a fleet: mounting a small file system needs root");
        return;
    }
    fs::copy(workspace.path("boards.csv"), mount.join("boards.csv")).unwrap();
    let list = fs::read(mount.join("boards.csv")).unwrap();
    let document = workspace.json(&["fleet", "small/boards.csv", "--ca", "ca"]);
    let folders: Vec<_> = names(&mount).into_iter().filter(|name| name != "boards.csv").collect();
    let whole = folders.iter().all(|name| {
        let pair = |file: &str| mount.join(name).join(file).metadata().is_ok_and(|found| found.len() > 200);
        names(mount.join(name)) == ["cacert.pem", "prvtkey.pem"] && pair("cacert.pem") && pair("prvtkey.pem")
    });
    let as_it_was = fs::read(mount.join("boards.csv")).unwrap() == list;
    let grown = Command::new("mount").args(["-o", "remount,size=8m"]).arg(&mount).status();
    let again = workspace.json(&["fleet", "small/boards.csv", "--ca", "ca"]);
    let unmounted = Command::new("umount").arg(&mount).status();
    assert!(grown.is_ok_and(|status| status.success()) && unmounted.is_ok_and(|status| status.success()));
    assert_eq!(document["error"]["code"], "cert.unwritable", "{document:#}");
    assert_eq!(document["exit_code"], 4);
    assert!(whole && as_it_was && (1..100).contains(&folders.len()), "{folders:?}");
    assert_eq!(again["result"]["kept"], folders.len(), "{again:#}");
    assert_eq!(again["result"]["made"], 100 - folders.len());
}

#[test]
fn a_signal_in_between_leaves_whole_pairs_and_the_next_run_goes_on() {
    let workspace = fleet(&rows(400));
    let mut command = workspace.command();
    command.args(["fleet", "boards.csv", "--ca", "ca", "--json", "--key", "rsa2048", "-o", "told"]);
    let mut run = support::Running::start(command.stdout(Stdio::null()).stderr(Stdio::null()));
    support::wait_until("a board is done", || names(&workspace.folder).len() > 3);
    assert_eq!(run.end("INT").code(), Some(130));
    let told = support::document::parse_valid(&fs::read(workspace.path("told")).unwrap());
    assert_eq!(told["error"]["code"], "cert.fleet_stopped", "{told:#}");
    let folders: Vec<_> =
        names(&workspace.folder).into_iter().filter(|name| name.starts_with("esp-https-")).collect();
    for folder in &folders {
        assert_eq!(names(workspace.path(folder)), ["cacert.pem", "prvtkey.pem"], "{folder}");
    }
    assert!(!fs::read_to_string(workspace.path("boards.csv")).unwrap().contains("cacert.pem"));
    let again = workspace.json(&["fleet", "boards.csv", "--ca", "ca"]);
    assert_eq!(again["result"]["kept"], folders.len(), "{again:#}");
}

/// A CA in `ca`, and a list.
fn fleet(list: &str) -> Workspace {
    let workspace = Workspace::new();
    workspace.certgen(&["ca", "--dir", "ca"]);
    fs::write(workspace.path("boards.csv"), list).unwrap();
    workspace
}

fn rows(count: usize) -> String {
    let row = |index: usize| format!("24:0a:c4:00:{:02x}:{:02x}\n", index / 256, index % 256);
    format!("mac\n{}", (0..count).map(row).collect::<String>())
}

/// All files below a folder with what is in them.
fn tree(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for name in names(folder) {
        let path = folder.join(&name);
        if path.is_dir() {
            found.extend(tree(&path).into_iter().map(|(below, bytes)| (format!("{name}/{below}"), bytes)));
        } else {
            found.push((name, fs::read(path).unwrap()));
        }
    }
    found
}
