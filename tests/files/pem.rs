//! Certificates and keys: what is odd is read by every command, and for what can't be read the command that converts it is
//! named, which then works.

use std::{
    fs,
    process::{Command, Stdio},
};

use serde_json::Value;

use crate::Workspace;

const NOWHERE: &str = "127.0.0.1:1";

impl Workspace {
    /// Runs a script with openssl in the folder; it has to succeed.
    fn sh(&self, script: &str) {
        let output = Command::new("sh")
            .args(["-e", "-c", script])
            .current_dir(self.path(""))
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert!(output.status.success(), "{script}: {output:?}");
    }

    /// What `flash` says of a certificate and a key; `None` once both are read, and only the board is missing.
    fn flash_error(&self, certificate: &str, key: &str) -> Option<Value> {
        let flash = ["flash", "--ssid", "home", "--open-wifi", "--config-only", "--no-wait"];
        let error =
            self.error(&[&flash[..], &["--port", "/dev/null", "--cert", certificate, "--key", key]].concat());
        (error["code"] != "port.not_serial").then_some(error)
    }

    /// What `load` says of a file as the value of an option; `None` once it is read, and only the server is missing.
    fn load_error(&self, options: &[&str]) -> Option<Value> {
        let error = self.error(&[&["load", NOWHERE, "-n", "1"], options].concat());
        (error["code"] != "client.refused").then_some(error)
    }

    /// The same of `probe`, of which a policy that is missing ends the run.
    fn probe_error(&self, options: &[&str]) -> Option<Value> {
        let error = self.error(&[&["probe", NOWHERE, "--policy", "none"], options].concat());
        (error["code"] != "probe.gate_file").then_some(error)
    }
}

fn text<'a>(error: &'a Value, field: &str) -> &'a str {
    error[field].as_str().unwrap_or_else(|| panic!("no {field} in {error:#}"))
}

/// What editors, programs and older versions of openssl make of a PEM file.
fn odd_forms(pem: &str) -> Vec<(&'static str, Vec<u8>)> {
    let utf16: Vec<u8> = format!("\u{feff}{pem}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let lines = |form: fn(&str) -> String| pem.lines().map(form).collect::<String>().into_bytes();
    vec![
        ("byte-order mark", format!("\u{feff}{pem}").into_bytes()),
        ("CRLF", pem.replace('\n', "\r\n").into_bytes()),
        ("UTF-16", utf16),
        ("indented", lines(|line| format!("    {line}\n"))),
        ("quoted", format!("KEY=\"{pem}\"\n").into_bytes()),
        ("a C string", lines(|line| format!("  \"{line}\\n\"\n"))),
        ("text around", format!("Bag Attributes\n  name: x\n{pem}\nmore text\n").into_bytes()),
    ]
}

#[test]
fn odd_certificates_and_keys_are_read_by_every_command() {
    let workspace = Workspace::new();
    let keys = odd_forms(&workspace.pair.private_key_pem);
    for ((form, certificate), (_, key)) in odd_forms(&workspace.pair.certificate_pem).into_iter().zip(keys) {
        workspace.write("odd.pem", certificate);
        workspace.write("odd.key", key);
        assert_eq!(workspace.flash_error("odd.pem", "odd.key"), None, "{form}");
        for options in [
            &["--cert", "odd.pem"][..],
            &["--cacert", "odd.pem"],
            &["--client-cert", "odd.pem", "--client-key", "odd.key"],
        ] {
            assert_eq!(workspace.load_error(options), None, "{form}: {options:?}");
        }
    }
    let labels = ["TRUSTED CERTIFICATE", "X509 CERTIFICATE"];
    workspace.sh("openssl x509 -in cacert.pem -trustout -addtrust serverAuth -out trusted.pem");
    let trusted = fs::read_to_string(workspace.path("trusted.pem")).unwrap();
    for pem in [trusted, workspace.pair.certificate_pem.replace("CERTIFICATE", labels[1])] {
        workspace.write("odd.pem", &pem);
        assert!(labels.iter().any(|label| pem.contains(label)), "{pem}");
        assert_eq!(workspace.flash_error("odd.pem", "prvtkey.pem"), None);
        let all = ["--cacert", "odd.pem", "--client-cert", "odd.pem", "--client-key", "prvtkey.pem"];
        assert_eq!(workspace.probe_error(&all), None);
        assert_eq!(workspace.probe_error(&["--cert", "odd.pem"]), None);
    }
}

/// How to make a file, what is said of it, and whether the advice is a command that makes a good file of it.
const CERTIFICATES: [(&str, &str, bool); 8] = [
    (
        "openssl pkcs12 -export -in cacert.pem -inkey prvtkey.pem -passout pass:word -out x",
        "a PKCS#12 file, which is binary",
        true,
    ),
    ("openssl crl2pkcs7 -nocrl -certfile cacert.pem -out x", "a PKCS#7 file in PEM", true),
    (
        "openssl crl2pkcs7 -nocrl -certfile cacert.pem -outform DER -out x",
        "a PKCS#7 file, which is binary",
        true,
    ),
    ("openssl x509 -in cacert.pem -outform DER -out x", "a certificate in DER, which is binary", true),
    ("openssl req -new -key prvtkey.pem -subj /CN=x -out x", "a certificate signing request", false),
    ("openssl pkey -in prvtkey.pem -pubout -out x", "a public key", false),
    ("cp prvtkey.pem x", "a private key", false),
    ("echo '<!DOCTYPE html><html></html>' > x", "a web page (HTML)", false),
];

#[test]
fn what_holds_a_certificate_in_another_form_is_named_with_the_command_that_converts_it() {
    let workspace = Workspace::new();
    for (make, what, is_converted) in CERTIFICATES {
        workspace.sh(make);
        let error = workspace.probe_error(&["--cert", "x"]).unwrap();
        assert_eq!(text(&error, "what"), format!("there is no PEM certificate in it; it is {what}"));
        assert_eq!(workspace.load_error(&["--cacert", "x"]).unwrap()["what"], error["what"]);
        let advice = text(&error, "try");
        assert_eq!(advice.starts_with("openssl "), is_converted, "{advice}");
        if is_converted {
            workspace.sh(&with_password(advice.lines().next().unwrap()));
            assert_eq!(workspace.probe_error(&["--cert", "x-cert.pem"]), None, "{advice}");
            assert_eq!(workspace.flash_error("x-cert.pem", "prvtkey.pem"), None, "{advice}");
            fs::remove_file(workspace.path("x-cert.pem")).unwrap();
        }
        if what != "a certificate in DER, which is binary" {
            let of_flash = workspace.flash_error("x", "prvtkey.pem").unwrap();
            assert_eq!((&of_flash["what"], &of_flash["fault"]), (&error["what"], &"usage".into()));
        }
    }
}

const KEYS: [(&str, &str, bool); 7] = [
    (
        "openssl pkcs12 -export -in cacert.pem -inkey prvtkey.pem -passout pass:word -out x",
        "a PKCS#12 file, which is binary",
        true,
    ),
    ("openssl pkcs8 -topk8 -in prvtkey.pem -passout pass:word -out x", "an encrypted private key", true),
    (
        "openssl pkcs8 -topk8 -in prvtkey.pem -passout pass:word -outform DER -out x",
        "an encrypted private key in DER, which is binary",
        true,
    ),
    ("openssl ec -aes128 -in prvtkey.pem -passout pass:word -out x", "an encrypted private key", true),
    ("openssl crl2pkcs7 -nocrl -certfile cacert.pem -out x", "a PKCS#7 file in PEM", false),
    ("openssl pkey -in prvtkey.pem -pubout -out x", "a public key", false),
    ("cp cacert.pem x", "a certificate", false),
];

#[test]
fn what_holds_a_key_in_another_form_is_named_with_the_command_that_converts_it() {
    let workspace = Workspace::new();
    for (make, what, is_converted) in KEYS {
        workspace.sh(make);
        let error = workspace.flash_error("cacert.pem", "x").unwrap();
        assert_eq!(text(&error, "what"), format!("there is no usable private key in it; it is {what}"));
        let of_load = workspace.load_error(&["--client-cert", "cacert.pem", "--client-key", "x"]).unwrap();
        assert_eq!(of_load["what"], error["what"]);
        let advice = text(&error, "try");
        let command = advice.find("openssl ").map(|at| advice[at..].lines().next().unwrap());
        assert_eq!(command.is_some(), is_converted, "{advice}");
        if let Some(command) = command {
            assert!(text(&of_load, "try").contains(command), "{of_load:#}");
            workspace.sh(&with_password(command));
            assert_eq!(workspace.flash_error("cacert.pem", "x-key.pem"), None, "{advice}");
            fs::remove_file(workspace.path("x-key.pem")).unwrap();
        }
    }
}

/// What openssl would ask a person for.
fn with_password(command: &str) -> String {
    if command.contains("pkcs12") || command.contains("pkey") {
        format!("{command} -passin pass:word")
    } else {
        command.to_owned()
    }
}

#[test]
fn a_folder_in_place_of_a_file_is_told_and_not_to_make_a_pair() {
    let workspace = Workspace::new();
    fs::create_dir(workspace.path("board")).unwrap();
    let error = workspace.flash_error("board", "prvtkey.pem").unwrap();
    assert_eq!(
        (&error["code"], text(&error, "try")),
        (&"cert.unreadable".into(), "it is a folder: name a file in it")
    );
}

#[test]
fn a_pair_that_can_t_be_made_is_not_told_with_certgen_s_options() {
    let workspace = Workspace::new();
    for name in ["cacert.pem", "prvtkey.pem"] {
        fs::remove_file(workspace.path(name)).unwrap();
        std::os::unix::fs::symlink("nowhere", workspace.path(name)).unwrap();
    }
    let error =
        workspace.error(&["flash", "--ssid", "home", "--open-wifi", "--config-only", "--port", "/dev/null"]);
    assert_eq!(error["code"], "cert.file_exists");
    assert_eq!(
        text(&error, "try"),
        "make the pair in a folder that you may write to: esp-https certgen --out-dir DIR\nand name its two files with --cert and --key"
    );
}

#[test]
fn a_java_keystore_is_named_and_converted_in_two_steps() {
    let workspace = Workspace::new();
    workspace.write("board.jks", b"\xfe\xed\xfe\xed\0\0\0\x02\0\0\0\0");
    let error = workspace.flash_error("board.jks", "prvtkey.pem").unwrap();
    assert_eq!(text(&error, "what"), "there is no PEM certificate in it; it is a keystore of Java (JKS)");
    let commands: Vec<&str> = text(&error, "try").lines().collect();
    assert!(commands[0].starts_with("keytool -importkeystore -srckeystore board.jks "), "{commands:?}");
    assert_eq!(commands[1], "openssl pkcs12 -in keystore.p12 -nokeys -out board-cert.pem");
}

#[test]
fn what_is_cut_off_is_called_cut_off() {
    let workspace = Workspace::new();
    workspace.sh("openssl x509 -in cacert.pem -outform DER | head -c 100 > cut.der");
    let pem = &workspace.pair.certificate_pem;
    workspace.write("no-end.pem", &pem[..pem.len() / 2]);
    let lines: Vec<&str> = pem.lines().collect();
    let shortened = [&lines[..3], &lines[lines.len() - 1..]].concat().join("\n");
    workspace.write("no-middle.pem", shortened);
    workspace.write("no-label.pem", &pem[..20]);
    for (file, what) in [
        ("no-end.pem", "its PEM is damaged: its END line is missing, so the file was probably cut off"),
        ("no-middle.pem", "certificate 1 in it is cut off: 96 of "),
        ("cut.der", "there is no PEM certificate in it; it is cut off: DER (binary) of which 100 of "),
        ("no-label.pem", "there is no PEM certificate in it; it is PEM whose BEGIN line is damaged"),
    ] {
        let error = workspace.flash_error(file, "prvtkey.pem").unwrap();
        assert!(text(&error, "what").starts_with(what), "{file}: {error:#}");
        assert!(text(&error, "try").contains("copy"), "{file}: {error:#}");
        assert_eq!(workspace.load_error(&["--cert", file]).unwrap()["what"], error["what"]);
    }
}

#[test]
fn a_key_of_a_kind_that_can_t_be_used_is_named() {
    let workspace = Workspace::new();
    let boards = "a board takes RSA from 2048 bits, and ECDSA on P-256 or P-384";
    let without = "which the firmware's TLS is built without";
    for (make, kind, why) in [
        ("genrsa -out x 1024", "RSA-1024", "which is shorter than clients of TLS accept"),
        ("genrsa -traditional -out x 1024", "RSA-1024", "which is shorter than clients of TLS accept"),
        ("ecparam -name secp256k1 -genkey -noout -out x", "ECDSA on secp256k1", without),
        ("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:secp224r1 -out x", "ECDSA on P-224", without),
        (
            "genpkey -algorithm rsa-pss -pkeyopt rsa_keygen_bits:2048 -out x",
            "RSA-PSS (an RSA key that may only sign by RSASSA-PSS)",
            without,
        ),
        ("genpkey -algorithm ed25519 -out x", "Ed25519", without),
        ("genpkey -algorithm ed448 -out x", "Ed448", without),
        ("dsaparam -genkey -noout -out x 1024", "DSA", without),
        ("ecparam -name secp521r1 -genkey -noout -out x", "ECDSA on P-521", without),
    ] {
        workspace.sh(&format!("openssl {make} 2> /dev/null"));
        let error = workspace.flash_error("cacert.pem", "x").unwrap();
        assert_eq!(text(&error, "what"), format!("its key is {kind}, {why}; {boards}"));
        assert_eq!((&error["code"], &error["fault"]), (&"provisioning.key_kind".into(), &"usage".into()));
        let of_load = workspace.load_error(&["--client-cert", "cacert.pem", "--client-key", "x"]).unwrap();
        match kind {
            // Good for a client, and not the certificate's.
            "Ed25519" | "ECDSA on P-521" => assert!(text(&of_load, "what").contains("does not belong")),
            _ => assert_eq!(text(&of_load, "what"), format!("its key is {kind}, which can't be used here")),
        }
    }
}

#[test]
fn a_chain_in_the_wrong_order_is_told_with_the_certificate_that_the_key_fits() {
    let workspace = Workspace::new();
    workspace.sh(
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -subj /CN=ca -out ca.pem\n\
         cat ca.pem ca.pem cacert.pem > chain.pem",
    );
    let what = "the key in prvtkey.pem does not belong to the first certificate in chain.pem, but to certificate 3 in it";
    let advice = "put certificate 3 first in that file; the one that issued it comes next";
    let of_flash = workspace.flash_error("chain.pem", "prvtkey.pem").unwrap();
    let of_load =
        workspace.load_error(&["--client-cert", "chain.pem", "--client-key", "prvtkey.pem"]).unwrap();
    for error in [of_flash, of_load] {
        assert_eq!((text(&error, "what"), text(&error, "try")), (what, advice));
    }
}
