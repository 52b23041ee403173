//! The server profile is accepted, names and all, by those who will check it.

use std::{process::Command, sync::Arc};

use rustls::{
    RootCertStore,
    client::{WebPkiServerVerifier, danger::ServerCertVerifier},
    crypto::aws_lc_rs::default_provider,
    pki_types::{CertificateDer, ServerName, UnixTime},
};

use support::{server::Server, stderr, stdout};

use crate::workspace::Workspace;

const NAMES: [&str; 8] =
    ["--profile", "server", "--san", "dns:esp32.local", "--san", "ip:127.0.0.1", "--cn", "Kitchen light"];

#[test]
fn rustls_accepts_the_names_and_no_others() {
    for key in ["rsa2048", "rsa3072", "p256", "p384"] {
        let workspace = made_with(key);
        for good in ["esp32.local", "127.0.0.1"] {
            assert_eq!(rustls_verdict(&workspace, good), Ok(()), "{key} {good}");
        }
        for bad in ["esp33.local", "127.0.0.2", "localhost"] {
            assert!(rustls_verdict(&workspace, bad).is_err(), "{key} {bad}");
        }
    }
}

#[test]
fn rustls_refuses_the_books_certificate_as_we_say() {
    let workspace = Workspace::new();
    workspace.certgen(&["--key", "p256"]);
    let verdict = rustls_verdict(&workspace, "esp32.local").unwrap_err();
    assert!(verdict.contains("CaUsedAsEndEntity"), "{verdict}");
}

#[test]
fn openssl_accepts_it_as_strictly_as_it_can() {
    for key in ["rsa2048", "rsa4096", "p256", "p384"] {
        let workspace = made_with(key);
        for name in [["-verify_hostname", "esp32.local"], ["-verify_ip", "127.0.0.1"]] {
            let output = Command::new("openssl")
                .args(["verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", "cacert.pem"])
                .args(name)
                .arg("cacert.pem")
                .current_dir(&workspace.folder)
                .output()
                .unwrap();
            assert!(output.status.success(), "{key} {name:?}: {}", stderr(&output));
        }
    }
}

#[test]
fn curl_fetches_from_a_real_server_by_name_and_by_address() {
    for (key, version) in [("rsa2048", "1.2"), ("rsa2048", "1.3"), ("p256", "1.2"), ("p384", "1.3")] {
        let workspace = made_with(key);
        let server = Server::openssl(&workspace.folder, ("cacert.pem", "prvtkey.pem"), &[]);
        for host in ["esp32.local", "127.0.0.1"] {
            let output = curl(&workspace, &server, host, version);
            assert!(output.status.success(), "{key} {version} {host}: {}", stderr(&output));
            assert!(stdout(&output).contains("s_server"), "{key} {version} {host}: {}", stdout(&output));
        }
        // 60: the certificate can't be verified, here for its name.
        assert_eq!(curl(&workspace, &server, "localhost", version).status.code(), Some(60));
    }
}

fn made_with(key: &str) -> Workspace {
    let workspace = Workspace::new();
    workspace.certgen(&[&NAMES[..], &["--key", key]].concat());
    workspace
}

fn rustls_verdict(workspace: &Workspace, name: &str) -> Result<(), String> {
    let certificate = CertificateDer::from(workspace.certificate());
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).unwrap();
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::new(default_provider()));
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let verdict =
        verifier.build().unwrap().verify_server_cert(&certificate, &[], &name, &[], UnixTime::now());
    verdict.map(drop).map_err(|error| format!("{error:?}"))
}

fn curl(workspace: &Workspace, server: &Server, host: &str, version: &str) -> std::process::Output {
    Command::new("curl")
        .args(["--silent", "--show-error", "--noproxy", "*", "--max-time", "20", "--cacert", "cacert.pem"])
        .args([format!("--tlsv{version}"), "--tls-max".to_owned(), version.to_owned()])
        .args(["--resolve", &format!("{host}:{}:127.0.0.1", server.port())])
        .arg(format!("https://{host}:{}/", server.port()))
        .current_dir(&workspace.folder)
        .output()
        .unwrap()
}
