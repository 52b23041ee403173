//! A CA of one's own, and what it issues: judged by openssl, GnuTLS, Java, Python, rustls and curl.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    process::{Command, Output, Stdio},
};

use support::{names, require, require_python, server::Server, stderr, stdout};

use crate::workspace::Workspace;

const KEYS: [&str; 3] = ["p256", "p384", "rsa2048"];
const SANS: [&str; 8] =
    ["--san", "kitchen.local", "--san", "127.0.0.1", "--san", "::1", "--san", "dns:board-7.lan"];

#[test]
fn only_its_owner_can_read_a_ca_and_it_is_replaced_by_force_only() {
    let workspace = Workspace::new();
    workspace.certgen(&["ca", "--dir", "ca", "--name", "Workshop"]);
    let mode = |name: &str| workspace.path(name).metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("ca"), mode("ca/ca-key.pem")), (0o700, 0o600));
    assert_eq!(names(workspace.path("ca")), ["ca-key.pem", "ca.pem"]);
    let before = fs::read(workspace.path("ca/ca-key.pem")).unwrap();
    let again = workspace.run(&["ca", "--dir", "ca"]);
    insta::assert_snapshot!(stderr(&again), @r"
    error: writing to ca/ca.pem
      the file exists
      try: what the CA there has issued is trusted by those who trust it
           use it with --ca, name another folder with --dir, or replace it for good with --force
    ");
    assert_eq!(fs::read(workspace.path("ca/ca-key.pem")).unwrap(), before);
    workspace.certgen(&["ca", "--dir", "ca", "--force"]);
    assert_ne!(fs::read(workspace.path("ca/ca-key.pem")).unwrap(), before);
}

#[test]
fn what_a_ca_is_said_to_be_is_in_its_certificate() {
    for key in KEYS {
        let workspace = Workspace::new();
        workspace.certgen(&["ca", "--dir", "ca", "--name", "Küche", "--key", key, "--valid", "10y"]);
        let text = openssl(&workspace, &["x509", "-in", "ca/ca.pem", "-noout", "-text", "-nameopt", "utf8"]);
        for part in [
            "Subject: CN=Küche",
            "X509v3 Basic Constraints: critical\n                CA:TRUE, pathlen:0",
            "X509v3 Key Usage: critical\n                Certificate Sign, CRL Sign\n",
        ] {
            assert!(text.contains(part), "{key}: {part}\n{text}");
        }
        assert!(!text.contains("Extended Key Usage"), "{text}");
    }
}

#[test]
fn without_a_folder_the_ca_is_in_the_user_s_data_folder_and_is_found_there() {
    for (variable, folder) in
        [("XDG_DATA_HOME", "data/esp-https/ca"), ("HOME", "data/.local/share/esp-https/ca")]
    {
        let workspace = Workspace::new();
        let run = |args: &[&str]| {
            let mut command = workspace.command();
            command.args(args).env_remove("XDG_DATA_HOME").env_remove("HOME");
            let output = command.env(variable, workspace.path("data")).output().unwrap();
            assert!(output.status.success(), "{args:?}: {}", stderr(&output));
            stdout(&output)
        };
        assert!(run(&["ca"]).contains("next: esp-https certgen --ca --san kitchen.local"));
        assert_eq!(names(workspace.path(folder)), ["ca-key.pem", "ca.pem"]);
        run(&["--san", "kitchen.local", "--key", "p256", "--ca"]);
        run(&["--client", "tablet", "--key", "p256"]);
        assert_eq!(
            workspace.names(),
            ["cacert.pem", "client-cert.pem", "client-key.pem", "data", "prvtkey.pem"]
        );
    }
}

#[test]
fn openssl_and_gnutls_accept_all_that_it_issues() {
    for key in KEYS {
        let workspace = issued(key);
        for name in
            [["-verify_hostname", "kitchen.local"], ["-verify_ip", "127.0.0.1"], ["-verify_ip", "::1"]]
        {
            verify(&workspace, "sslserver", &name, "cacert.pem");
        }
        verify(&workspace, "sslclient", &[], "client-cert.pem");
        let wrong = Command::new("openssl")
            .args(["verify", "-CAfile", "ca/ca.pem", "-purpose", "sslserver", "client-cert.pem"])
            .current_dir(&workspace.folder)
            .output()
            .unwrap();
        assert!(!wrong.status.success(), "a client's certificate is no server's");
        let Some(certtool) = require("certtool", "apt-get install gnutls-bin") else { return };
        for (purpose, file) in [("1.3.6.1.5.5.7.3.1", "cacert.pem"), ("1.3.6.1.5.5.7.3.2", "client-cert.pem")]
        {
            let output = Command::new(&certtool)
                .args(["--verify", "--verify-profile", "medium", "--load-ca-certificate", "ca/ca.pem"])
                .args(["--verify-purpose", purpose, "--infile", file])
                .current_dir(&workspace.folder)
                .output()
                .unwrap();
            assert!(output.status.success(), "{key} {file}: {}{}", stdout(&output), stderr(&output));
        }
    }
}

#[test]
fn java_and_python_read_all_that_it_issues() {
    let workspace = issued("p256");
    let Some(keytool) = require("keytool", "apt-get install default-jre-headless") else { return };
    for file in ["ca/ca.pem", "cacert.pem", "client-cert.pem"] {
        let output = Command::new(&keytool)
            .args(["-printcert", "-file", file])
            .current_dir(&workspace.folder)
            .output()
            .unwrap();
        assert!(output.status.success(), "{file}: {output:?}");
        assert!(stdout(&output).contains("SHA256withECDSA"), "{}", stdout(&output));
    }
    let Some(python) = require_python("cryptography") else { return };
    let script = "
import datetime
from cryptography import x509
from cryptography.x509 import verification, DNSName
load = lambda name: x509.load_pem_x509_certificate(open(name, 'rb').read())
builder = verification.PolicyBuilder().store(verification.Store([load('ca/ca.pem')]))
builder.build_server_verifier(DNSName('kitchen.local')).verify(load('cacert.pem'), [])
";
    let output = Command::new(python).args(["-c", script]).current_dir(&workspace.folder).output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
}

#[test]
fn curl_opens_a_page_by_the_ca_alone_and_the_server_sends_no_root() {
    let workspace = issued("p256");
    let chain = fs::read_to_string(workspace.path("cacert.pem")).unwrap();
    assert_eq!(chain.matches("BEGIN CERTIFICATE").count(), 1, "the root is not in it");
    let server = Server::openssl(&workspace.folder, ("cacert.pem", "prvtkey.pem"), &[]);
    let output = Command::new("curl")
        .args(["--silent", "--show-error", "--noproxy", "*", "--max-time", "20", "--cacert", "ca/ca.pem"])
        .arg(format!("https://{}/", server.address))
        .current_dir(&workspace.folder)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let probe = support::command()
        .args(["probe", &server.address, "--cacert", "ca/ca.pem"])
        .current_dir(&workspace.folder)
        .output()
        .unwrap();
    assert!(probe.status.success(), "{}", stderr(&probe));
}

#[test]
fn a_passphrase_protects_the_key_from_all_but_those_who_know_it() {
    let workspace = Workspace::new();
    fs::write(workspace.path("right"), "correct horse\n").unwrap();
    fs::write(workspace.path("wrong"), "battery staple\n").unwrap();
    workspace.certgen(&["ca", "--dir", "ca", "--passphrase-file", "right"]);
    let key = fs::read_to_string(workspace.path("ca/ca-key.pem")).unwrap();
    assert!(key.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"), "{key}");
    openssl(&workspace, &["pkey", "-in", "ca/ca-key.pem", "-passin", "file:right", "-noout", "-check"]);
    let issue = |more: &[&str], input: &str| {
        let mut command = workspace.command();
        command.args(["--ca", "ca", "--san", "a.local", "--key", "p256", "--out-dir", "a"]).args(more);
        command.stdin(if input.is_empty() {
            Stdio::null()
        } else {
            fs::File::open(workspace.path(input)).unwrap().into()
        });
        command.output().unwrap()
    };
    let (none, wrong) = (issue(&[], ""), issue(&["--passphrase-file", "wrong"], ""));
    assert!(!workspace.path("a").exists());
    insta::assert_snapshot!(stderr(&none) + &stderr(&wrong), @r"
    error: looking for the passphrase of ca/ca-key.pem
      none is given, and there is no terminal to ask for one on
      try: name a file with it by --passphrase-file, where - is standard input
    error: reading ca/ca-key.pem
      the passphrase is wrong
      try: try again; a passphrase that is lost can't be found out, and a new CA has to be made
    ");
    let opened = issue(&["--passphrase-file", "-"], "right");
    assert!(opened.status.success(), "{}", stderr(&opened));
    for output in [none, wrong, opened] {
        assert!(!(stdout(&output) + &stderr(&output)).contains("horse"));
    }
    verify_in(&workspace, "a/cacert.pem");
}

#[test]
fn a_key_that_openssl_protected_is_opened_and_a_damaged_one_is_told() {
    let workspace = Workspace::new();
    fs::write(workspace.path("right"), "correct horse").unwrap();
    workspace.certgen(&["ca", "--dir", "ca"]);
    for (algorithm, is_known) in
        [("-scrypt", true), ("-v2prf hmacWithSHA512", true), ("-v1 PBE-SHA1-3DES", false)]
    {
        let encrypt = format!(
            "umask 077; openssl pkcs8 -topk8 {algorithm} -in ca/ca-key.pem -passout file:right -out protected.pem && \
             cp -r ca protected && mv protected.pem protected/ca-key.pem"
        );
        let output =
            Command::new("sh").args(["-c", &encrypt]).current_dir(&workspace.folder).output().unwrap();
        assert!(output.status.success(), "{algorithm}: {}", stderr(&output));
        let issue = [
            "--ca",
            "protected",
            "--passphrase-file",
            "right",
            "--san",
            "a.local",
            "--key",
            "p256",
            "--force",
        ];
        let output = workspace.run(&issue);
        assert_eq!(output.status.success(), is_known, "{algorithm}: {}", stderr(&output));
        fs::remove_dir_all(workspace.path("protected")).unwrap();
    }
}

#[test]
fn a_certificate_never_outlives_its_ca() {
    let workspace = Workspace::new();
    workspace.certgen(&["ca", "--dir", "ca", "--days", "90"]);
    let said = stderr(&workspace.run(&["--ca", "ca", "--san", "a.local", "--key", "p256", "--valid", "91d"]));
    let (before, after) = said.split_once(", on ").unwrap();
    assert_eq!(before, "error: issuing a certificate for 91 days\n  the CA expires before that");
    assert!(after.ends_with(
        "\n  try: give fewer --days, or leave them out: the certificate then ends with the CA at the latest\n"
    ));
    let made = workspace.json(&["--ca", "ca", "--san", "a.local", "--key", "p256"]);
    let result = &made["result"];
    assert_eq!(result["certificate"]["not_after"], result["issuer"]["not_after"]);
    assert_eq!(result["notes"][0]["code"], "ends_with_ca");
    workspace.certgen(&["ca", "--dir", "short", "--days", "1"]);
    assert_eq!(workspace.json(&["--ca", "short", "--force"])["error"]["code"], "cert.ca_expired");
}

#[test]
fn a_folder_whose_certificate_is_no_ca_s_or_whose_key_is_another_s_issues_nothing() {
    let workspace = Workspace::new();
    workspace.certgen(&["ca", "--dir", "ca"]);
    workspace.certgen(&["ca", "--dir", "other"]);
    workspace.certgen(&["--profile", "server", "--key", "p256"]);
    fs::copy(workspace.path("other/ca-key.pem"), workspace.path("ca/ca-key.pem")).unwrap();
    assert_eq!(workspace.json(&["--ca", "ca", "--force"])["error"]["code"], "cert.key_mismatch");
    fs::rename(workspace.path("cacert.pem"), workspace.path("ca/ca.pem")).unwrap();
    fs::rename(workspace.path("prvtkey.pem"), workspace.path("ca/ca-key.pem")).unwrap();
    assert_eq!(workspace.json(&["--ca", "ca"])["error"]["code"], "cert.not_a_ca");
    assert_eq!(workspace.names(), ["ca", "other"]);
}

/// A CA, a device's certificate and a client's.
fn issued(key: &str) -> Workspace {
    let workspace = Workspace::new();
    workspace.certgen(&["ca", "--dir", "ca", "--key", key]);
    workspace.certgen(&[&["--ca", "ca", "--key", key], &SANS[..]].concat());
    workspace.certgen(&["--ca", "ca", "--client", "tablet", "--key", key]);
    workspace
}

fn verify(workspace: &Workspace, purpose: &str, name: &[&str], file: &str) {
    let fixed = ["verify", "-x509_strict", "-CAfile", "ca/ca.pem", "-purpose", purpose];
    openssl(workspace, &[&fixed[..], name, &[file]].concat());
}

fn verify_in(workspace: &Workspace, file: &str) {
    verify(workspace, "sslserver", &[], file);
}

fn openssl(workspace: &Workspace, args: &[&str]) -> String {
    let output: Output = support::openssl(workspace.folder.path(), args);
    stdout(&output)
}
