//! Every mistake gets a clear answer, the right exit code, a stable name, and leaves nothing behind.

use std::fs;

use support::{names, stderr};

use crate::workspace::Workspace;

#[test]
fn bad_values_are_refused_with_what_is_wrong_and_what_to_write_instead() {
    let long = "x".repeat(65);
    let cases: [(&[&str], &str); 11] = [
        (&["--days", "0"], "cert.bad_days"),
        (&["--valid", "200y"], "cert.bad_days"),
        (&["--cn", ""], "cert.bad_common_name"),
        (&["--cn", &long], "cert.bad_common_name"),
        (&["--client", "a\tb"], "cert.bad_common_name"),
        (&["--san", "esp32.local:443"], "cert.bad_san"),
        (&["--san", "dns:192.168.1.7"], "cert.bad_san"),
        (&["--san", "ip:192.168.1"], "cert.bad_san"),
        (&["--san", "dns:my_board"], "cert.bad_san"),
        (&["--san", "dns:ok", "--san", ""], "cert.bad_san"),
        (&["--ca", "nowhere", "--profile", "book"], "cert.book_of_a_ca"),
    ];
    let mut said = String::new();
    for (args, code) in cases {
        said.push_str(&refusal(&Workspace::new(), args, 2, code));
    }
    insta::assert_snapshot!(said.replace(&long, "xx..x"), @r#"
    error: reading --days 0
      a certificate is valid for 1 to 36500 days
      try: --days 3650
    error: reading --days 73000
      a certificate is valid for 1 to 36500 days
      try: --days 3650
    error: reading --cn ""
      it is empty
      try: give 1 to 64 characters, as in --cn "Kitchen light"
    error: reading --cn "xx..x"
      it has 65 characters; X.509 allows 64
      try: give 1 to 64 characters, as in --cn "Kitchen light"
    error: reading --client "a\tb"
      it has a control character
      try: give 1 to 64 characters, as in --client "Kitchen light"
    error: reading --san "esp32.local:443"
      it is no address of IPv6, and only dns: and ip: can be in front of a name
      try: --san esp32.local or --san 192.168.1.7
    error: reading --san "dns:192.168.1.7"
      it is an address, and clients look for an address only among the ip: names
      try: --san ip:192.168.1.7
    error: reading --san "ip:192.168.1"
      it is not an IPv4 or IPv6 address
      try: --san esp32.local or --san 192.168.1.7
    error: reading --san "dns:my_board"
      '_' can't be in a host name: letters, digits, hyphens and dots only (punycode for other scripts)
      try: --san esp32.local or --san 192.168.1.7
    error: reading --san ""
      it is empty
      try: --san esp32.local or --san 192.168.1.7
    error: reading --profile book
      the book's certificate is self-signed, and --ca has a CA sign it
      try: leave out --profile: what a CA issues has the profile of a server
    "#);
}

#[test]
fn files_that_exist_are_left_alone_without_force() {
    for name in ["cacert.pem", "prvtkey.pem"] {
        let workspace = Workspace::new();
        fs::write(workspace.path(name), "mine").unwrap();
        let said = refusal(&workspace, &["--key", "p256"], 2, "cert.file_exists");
        assert_eq!(
            said,
            format!(
                "error: writing to {name}\n  the file exists\n  try: replace it with --force, or name another folder with --out-dir\n"
            )
        );
        assert_eq!(fs::read_to_string(workspace.path(name)).unwrap(), "mine");
    }
}

#[test]
fn folders_that_cannot_be_used_are_named() {
    let workspace = Workspace::new();
    fs::write(workspace.path("file"), "").unwrap();
    fs::create_dir_all(workspace.path("taken/cacert.pem")).unwrap();
    let mut said = refusal(&workspace, &["--out-dir", "no/such"], 2, "cert.no_folder");
    said.push_str(&refusal(&workspace, &["--out-dir", "file"], 2, "cert.not_a_folder"));
    said.push_str(&refusal(&workspace, &["--out-dir", "taken", "--force"], 2, "cert.is_folder"));
    insta::assert_snapshot!(said, @r#"
    error: writing to no/such
      neither this folder nor the one above it exists
      try: make the folder above it first, or check the spelling
    error: writing to file
      it is not a folder
      try: name a folder with --out-dir
    error: writing to taken/cacert.pem
      there is a folder of that name
      try: name another folder with --out-dir
    "#);
}

#[test]
fn an_unwritable_folder_is_an_error_of_the_environment() {
    // The kernel's file systems take no files, not even from root.
    for (folder, at) in [
        ("/proc", "/proc"),
        ("/proc/x", "/proc"),
        ("/proc/self", "/proc/self"),
        ("/sys", "/sys"),
        ("/sys/x", "/sys"),
    ] {
        let said = refusal(&Workspace::new(), &["--out-dir", folder], 4, "cert.unwritable");
        let expected = format!(
            "error: writing to {at}\n  its file system does not let files be made there\n  try: name a folder that you may \
             write to with --out-dir\n"
        );
        assert_eq!(said, expected, "{folder}");
    }
}

#[test]
fn a_new_folder_is_made_but_not_the_one_above_it() {
    let workspace = Workspace::new();
    workspace.certgen(&["--key", "p256", "--out-dir", "board"]);
    assert_eq!(names(workspace.path("board")), ["cacert.pem", "prvtkey.pem"]);
}

/// Runs it twice, for text and for JSON; returns the text.
fn refusal(workspace: &Workspace, args: &[&str], exit: i32, code: &str) -> String {
    let before = workspace.names();
    let output = workspace.run(args);
    assert_eq!(output.status.code(), Some(exit), "{args:?}: {}", stderr(&output));
    assert!(output.stdout.is_empty(), "{args:?}");
    let document = workspace.json(args);
    assert_eq!(document["error"]["code"], code, "{args:?}");
    assert_eq!(document["exit_code"], exit, "{args:?}");
    assert_eq!(workspace.names(), before, "{args:?} left something behind");
    stderr(&output)
}
