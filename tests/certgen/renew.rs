//! Renewal: what is due, and that the new certificate is the old one but for its dates.

use std::{fs, process::Command};

use support::{stderr, stdout};

use crate::workspace::Workspace;

#[test]
fn a_check_says_what_is_due_and_writes_nothing() {
    let workspace = Workspace::new();
    workspace.certgen(&["--key", "p256", "--days", "40"]);
    let before = workspace.certificate();
    for (within, exit, state) in [("39d", 0, "not_due"), ("40d", 1, "due"), ("1y", 1, "due")] {
        let document = workspace.json(&["renew", "--check", "--within", within]);
        assert_eq!(document["exit_code"], exit, "{within}");
        assert_eq!(document["result"]["certificates"][0]["state"], state, "{within}");
    }
    assert_eq!(workspace.certificate(), before);
    let said = stderr(&workspace.run(&["renew", "--check", "--within", "40"]));
    assert_eq!(
        said,
        "error: checking for certificates that expire within 40 days\n  cacert.pem expires in 39 days\n  \
         try: renew it: esp-https certgen renew without --check, with the same files\n"
    );
}

#[test]
fn a_certificate_that_has_expired_is_due_and_is_renewed_with_its_names_and_its_key() {
    let workspace = Workspace::new();
    let key = rcgen::KeyPair::generate().unwrap();
    let mut params =
        rcgen::CertificateParams::new(vec!["kitchen.local".to_owned(), "10.0.0.7".to_owned()]).unwrap();
    (params.not_before, params.not_after) =
        (rcgen::date_time_ymd(2020, 1, 1), rcgen::date_time_ymd(2020, 12, 31));
    params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
    fs::write(workspace.path("old.pem"), params.self_signed(&key).unwrap().pem()).unwrap();
    fs::write(workspace.path("old.key"), key.serialize_pem()).unwrap();
    let seen = "openssl x509 -in old.pem -noout -subject -ext subjectAltName,extendedKeyUsage -pubkey | sort";
    let before = sh(&workspace, seen);
    let checked = workspace.json(&["renew", "old.pem", "--check"]);
    assert_eq!(
        (&checked["exit_code"], &checked["error"]["code"]),
        (&1.into(), &"cert.due".into()),
        "{checked:#}"
    );
    assert_eq!(checked["result"]["certificates"][0]["state"], "expired");
    let done = workspace.json(&["renew", "old.pem", "--valid", "2y"]);
    assert_eq!(done["result"]["renewed"], 1, "{done:#}");
    assert_eq!(done["result"]["certificates"][0]["was_not_after"], "2020-12-31T00:00:00Z");
    assert_eq!(sh(&workspace, seen), before, "names, purpose and key stay");
    assert_eq!(fs::read_to_string(workspace.path("old.key")).unwrap(), key.serialize_pem());
    sh(&workspace, "openssl verify -x509_strict -CAfile old.pem -verify_hostname kitchen.local old.pem");
    assert_eq!(workspace.json(&["renew", "old.pem", "--check"])["exit_code"], 0);
}

#[test]
fn what_a_ca_issued_is_renewed_by_it_with_the_same_key_or_a_new_one() {
    let workspace = Workspace::new();
    workspace.certgen(&["ca", "--dir", "ca"]);
    workspace.certgen(&["--ca", "ca", "--key", "p256", "--san", "kitchen.local", "--san", "::1"]);
    workspace.certgen(&["--ca", "ca", "--key", "rsa2048", "--client", "tablet"]);
    let key = |name: &str| fs::read_to_string(workspace.path(name)).unwrap();
    let keys = [key("prvtkey.pem"), key("client-key.pem")];
    let files = ["renew", "cacert.pem", "client-cert.pem", "--ca", "ca"];
    let before = workspace.certificate();
    workspace.certgen(&files);
    assert_eq!(workspace.certificate(), before, "nothing is due");
    workspace.certgen(&[&files[..], &["--within", "3y"]].concat());
    assert_ne!(workspace.certificate(), before);
    assert_eq!([key("prvtkey.pem"), key("client-key.pem")], keys);
    workspace.certgen(&[&files[..], &["--within", "3y", "--new-key"]].concat());
    assert!(key("prvtkey.pem") != keys[0] && key("client-key.pem") != keys[1]);
    let verify = "openssl verify -x509_strict -CAfile ca/ca.pem -purpose";
    sh(&workspace, &format!("{verify} sslserver -verify_hostname kitchen.local -verify_ip ::1 cacert.pem"));
    sh(&workspace, &format!("{verify} sslclient client-cert.pem"));
    for (certificate, key) in [("cacert.pem", "prvtkey.pem"), ("client-cert.pem", "client-key.pem")] {
        let [a, b] = [
            sh(&workspace, &format!("openssl x509 -in {certificate} -noout -pubkey")),
            sh(&workspace, &format!("openssl pkey -in {key} -pubout")),
        ];
        assert_eq!(a, b, "{certificate}");
    }
}

#[test]
fn nothing_is_written_when_one_of_several_can_t_be_renewed() {
    let workspace = Workspace::new();
    workspace.certgen(&["ca", "--dir", "ca"]);
    workspace.certgen(&["--key", "p256"]);
    sh(
        &workspace,
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout other.key -out other.pem \
         -subj /O=Acme/CN=x -days 7",
    );
    let before = workspace.certificate();
    let said = stderr(&workspace.run(&["renew", "cacert.pem", "other.pem", "--within", "30y"]));
    assert_eq!(
        said,
        "error: renewing other.pem\n  its subject is not a common name alone, as certgen makes them\n  try: renew it \
         where it was made, or make another: esp-https certgen --ca\n"
    );
    assert_eq!(workspace.certificate(), before);
    let said = stderr(&workspace.run(&["renew", "ca/ca.pem", "--within", "30y", "--ca", "ca"]));
    assert!(
        said.contains("none of prvtkey.pem, client-key.pem, ca-key.pem, ca.key, key.pem beside it")
            || said.contains("it is a CA's"),
        "{said}"
    );
    fs::remove_file(workspace.path("prvtkey.pem")).unwrap();
    let said = stderr(&workspace.run(&["renew", "cacert.pem", "--within", "30y"]));
    assert!(said.starts_with("error: looking for the private key of cacert.pem\n"), "{said}");
}

#[test]
fn a_manifest_names_certificates_and_keys() {
    let workspace = Workspace::new();
    for name in ["a", "b"] {
        workspace.certgen(&["--key", "p256", "--profile", "server", "--san", name, "--out-dir", name]);
    }
    let row = |mac: u8, cert: &str, key: &str| {
        format!("24:0a:c4:00:00:0{mac},{cert}/cacert.pem,{key}/prvtkey.pem\n")
    };
    let manifest =
        |text: String| fs::write(workspace.path("boards.csv"), format!("mac,cert,key\n{text}")).unwrap();
    manifest(row(1, "a", "a") + &row(2, "b", "a"));
    let crossed = workspace.json(&["renew", "--manifest", "boards.csv", "--within", "3y"]);
    assert_eq!(crossed["error"]["code"], "cert.key_mismatch");
    manifest(row(1, "a", "a") + &row(2, "b", "b"));
    let done = workspace.json(&["renew", "--manifest", "boards.csv", "--within", "3y"]);
    assert_eq!(done["result"]["renewed"], 2, "{done:#}");
    assert_eq!(workspace.json(&["renew", "--manifest", "boards.csv", "--check"])["exit_code"], 0);
}

fn sh(workspace: &Workspace, script: &str) -> String {
    let output = Command::new("sh").args(["-c", script]).current_dir(&workspace.folder).output().unwrap();
    assert!(output.status.success(), "{script}\n{}", stderr(&output));
    stdout(&output)
}
