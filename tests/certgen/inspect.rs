//! What `inspect` says of files and servers, held against what openssl says of the same.

use std::{fs, path::Path, process::Command};

use esp_https_provision::{Contents, PARTITION_BYTES, Payload, Settings, write_image};
use serde_json::Value;
use support::{document, server::Server, stderr, stdout};

use crate::workspace::Workspace;

#[test]
fn a_certificate_is_told_in_the_words_of_probe_with_who_accepts_it() {
    let workspace = Workspace::new();
    workspace.certgen(&["ca", "--dir", "ca", "--name", "Workshop"]);
    workspace.certgen(&["--ca", "ca", "--key", "p256", "--san", "kitchen.local", "--valid", "3y"]);
    let text = stdout(&workspace.certgen(&["inspect", "cacert.pem"]));
    for part in [
        "cacert.pem (PEM)\n\ncertificate 1\n",
        "  subject           CN=kitchen.local\n  issuer            CN=Workshop\n  names             dns:kitchen.local\n",
        "  kind              X.509 v3, end-entity certificate, ",
        "  accepted by       the firmware, rustls, browsers, ESP-IDF, once the issuer is trusted\n",
        "  refused by        Apple: it is valid for more than 825 days\n",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    let ca = workspace.json(&["inspect", "ca/ca.pem"]);
    assert_eq!(ca["result"]["items"][0]["accepted_by"], Value::Array(vec![]), "{ca:#}");
    let sha256 = sh(&workspace, "openssl x509 -in cacert.pem -noout -fingerprint -sha256").replace(':', "");
    let told = workspace.json(&["inspect", "cacert.pem"]);
    let told = told["result"]["items"][0]["certificate"]["sha256"].as_str().unwrap().to_uppercase();
    assert_eq!(sha256.trim_end().rsplit('=').next(), Some(told.as_str()));
}

#[test]
fn keys_requests_and_files_in_der_are_told_and_no_byte_of_a_key() {
    let workspace = Workspace::new();
    let keys = "umask 077; openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.key; \
                openssl ecparam -name prime256v1 -genkey -noout -out sec1.key; openssl genpkey -algorithm ED25519 -out ed.key; \
                openssl pkcs8 -topk8 -in sec1.key -passout pass:x -out locked.key; \
                openssl pkey -in rsa.key -outform DER -out rsa.der; \
                openssl req -new -key rsa.key -subj /CN=kitchen.local -addext subjectAltName=DNS:kitchen.local,IP:::1 -out request.pem; \
                openssl req -x509 -key rsa.key -subj /CN=x -outform DER -out own.der; \
                openssl pkcs12 -export -inkey rsa.key -nokeys -in request.pem -passout pass:x -out own.p12 2>/dev/null || \
                (openssl x509 -inform DER -in own.der -out own.pem; openssl pkcs12 -export -inkey rsa.key -in own.pem -passout pass:x -out own.p12)";
    sh(&workspace, keys);
    for (file, form, field, value) in [
        ("rsa.key", "pem", "/key_kind", Value::from("RSA-2048")),
        ("rsa.der", "der", "/key_kind", Value::from("RSA-2048")),
        ("sec1.key", "pem", "/key_kind", Value::from("ECDSA on P-256")),
        ("ed.key", "pem", "/key_kind", Value::from("Ed25519")),
        ("locked.key", "pem", "/encrypted", Value::from(true)),
        ("request.pem", "pem", "/names/1", Value::from("ip:::1")),
        ("request.pem", "pem", "/signed", Value::from(true)),
        ("own.der", "der", "/certificate/subject", Value::from("CN=x")),
        ("own.p12", "der", "/what", Value::from("a PKCS#12 file, which is binary")),
    ] {
        let output = workspace.command().args(["inspect", file, "--json"]).output().unwrap();
        let found = document::of(&output);
        assert_eq!(found["result"]["form"], form, "{file}: {found:#}");
        assert_eq!(found["result"]["items"][0].pointer(field), Some(&value), "{file}: {found:#}");
        if let Ok(pem) = fs::read_to_string(workspace.path(file))
            && file.ends_with(".key")
        {
            let said = stdout(&output);
            assert!(
                pem.lines().filter(|line| !line.starts_with('-')).all(|line| !said.contains(line)),
                "{file}"
            );
        }
    }
    let spki = sh(&workspace, "openssl pkey -in rsa.key -pubout -outform DER | openssl dgst -sha256 -r");
    let told = workspace.json(&["inspect", "rsa.key"]);
    assert_eq!(told["result"]["items"][0]["spki_sha256"].as_str(), spki.split(' ').next());
}

#[test]
fn the_image_of_a_board_is_told_with_its_settings_and_without_its_key() {
    let workspace = Workspace::new();
    workspace.certgen(&["ca", "--dir", "ca"]);
    workspace.certgen(&["--key", "p256"]);
    let der = |words: &str, file: &str| {
        sh(&workspace, &format!("openssl {words} -outform DER -out {file}"));
        fs::read(workspace.path(file)).unwrap()
    };
    let (certificate, key) = (der("x509 -in cacert.pem", "c"), der("ec -in prvtkey.pem", "k"));
    let authority = der("x509 -in ca/ca.pem", "a");
    let settings = Settings { hostname: "kitchen".parse().unwrap(), ..Settings::default() };
    let contents = Contents {
        certificate: Payload::Der(&certificate),
        key: Payload::Der(&key),
        client_ca: Some(Payload::Der(&authority)),
        settings: Some(&settings),
    };
    let mut image = [0xFF; PARTITION_BYTES];
    let used = write_image(&contents, &mut image).unwrap();
    fs::write(workspace.path("image"), image).unwrap();
    let found = workspace.json(&["inspect", "image"]);
    assert_eq!(found["result"]["form"], "esp_secure_cert", "{found:#}");
    let items = found["result"]["items"].as_array().unwrap();
    let kinds: Vec<_> = items.iter().map(|item| item["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["certificate", "private_key", "certificate", "settings"]);
    assert_eq!((&items[1]["certificate"], &items[3]["hostname"]), (&1.into(), &"kitchen".into()));
    assert_eq!(items[2]["place"], "the CA of clients");
    fs::write(workspace.path("image"), &image[..used / 2]).unwrap();
    let cut = workspace.json(&["inspect", "image"]);
    assert_eq!(cut["error"]["code"], "cert.not_inspectable", "{cut:#}");
}

#[test]
fn the_chain_of_a_server_is_told_and_a_server_that_is_not_there_is_an_error() {
    let workspace = Workspace::new();
    workspace.certgen(&["--key", "p256"]);
    let server = Server::openssl(&workspace.folder, ("cacert.pem", "prvtkey.pem"), &[]);
    let found = workspace.json(&["inspect", &server.address]);
    assert_eq!(found["result"]["form"], "tls", "{found:#}");
    assert_eq!(found["result"]["items"][0]["certificate"]["subject"], "CN=ESP32 HTTPS server example");
    drop(server);
    let gone = workspace.json(&["inspect", "127.0.0.1:1"]);
    assert_eq!((&gone["exit_code"], &gone["error"]["fault"]), (&4.into(), &"device".into()), "{gone:#}");
}

#[test]
fn what_can_t_be_described_is_said_to_be_something_else() {
    let workspace = Workspace::new();
    fs::write(workspace.path("text"), "hello").unwrap();
    assert_eq!(
        stderr(&workspace.run(&["inspect", "text"])),
        "error: inspecting text\n  it is something else\n  try: name a file with a certificate, a key, a request or the image of \
         a board's partition\n"
    );
    assert_eq!(workspace.json(&["inspect", "absent"])["error"]["code"], "cert.unreadable");
    assert!(!Path::new("absent").exists());
}

fn sh(workspace: &Workspace, script: &str) -> String {
    let output = Command::new("sh").args(["-c", script]).current_dir(&workspace.folder).output().unwrap();
    assert!(output.status.success(), "{script}\n{}", stderr(&output));
    stdout(&output)
}
