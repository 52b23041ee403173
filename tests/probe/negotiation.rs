//! What was negotiated is what openssl was told to negotiate.

use crate::bench::{Folder, Run, probe};

fn negotiated(run: &Run) -> [&str; 5] {
    assert_eq!(run.code, 0, "{}", run.stderr);
    ["/version", "/cipher_suite/name", "/group", "/signature_scheme", "/hello"]
        .map(|field| run.result(&format!("/handshake{field}")).as_str().unwrap())
}

#[test]
fn an_rsa_device_with_tls_1_2_is_read_as_such() {
    let folder = Folder::new();
    folder.book("rsa");
    let options = ["-tls1_2", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256", "-curves", "P-256"];
    let sigalgs = ["-sigalgs", "rsa_pkcs1_sha256", "-client_sigalgs", "rsa_pkcs1_sha256"];
    let server = folder.serve("rsa", &[&options[..], &sigalgs].concat());
    let run = probe(&[&server.address]);
    let suite = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256";
    assert_eq!(negotiated(&run), ["TLS 1.2", suite, "secp256r1", "rsa_pkcs1_sha256", "accepted"]);
    let parts = run.result("/handshake/cipher_suite");
    assert_eq!((&parts["key_exchange"], &parts["authentication"]), (&"ECDHE".into(), &"RSA".into()));
    assert_eq!(
        (&parts["cipher"], &parts["hash"], &parts["id"]),
        (&"AES-128-GCM".into(), &"SHA-256".into(), &"0xc02f".into())
    );
    assert_eq!(run.result("/handshake/alpn"), &serde_json::Value::Null);
    assert_eq!(run.result("/certificate/key")["bits"], 2048);
}

#[test]
fn an_ecdsa_device_with_tls_1_3_is_read_as_such() {
    let folder = Folder::new();
    folder.p256("ec");
    let options =
        ["-tls1_3", "-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256", "-curves", "P-384", "-alpn", "http/1.1"];
    let server = folder.serve("ec", &options);
    let run = probe(&[&server.address]);
    let suite = "TLS_CHACHA20_POLY1305_SHA256";
    assert_eq!(negotiated(&run), ["TLS 1.3", suite, "secp384r1", "ecdsa_secp256r1_sha256", "retried"]);
    assert_eq!(run.result("/handshake/cipher_suite/authentication"), "ECDSA");
    assert_eq!(run.result("/handshake/alpn"), "http/1.1");
    assert_eq!(run.result("/certificate/key")["curve"], "secp256r1");
}

#[test]
fn a_request_for_a_client_certificate_is_told_with_the_ca_it_names() {
    let folder = Folder::new();
    folder.p256("ec");
    for version in ["-tls1_2", "-tls1_3"] {
        let server = folder.serve("ec", &[version, "-verify", "1", "-CAfile", "ec.pem"]);
        let run = probe(&[&server.address]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        let asked = run.result("/handshake/client_certificate");
        assert_eq!(asked["wish"], "requested", "{version}");
        assert_eq!(asked["ca_names"][0], "CN=ESP32 HTTPS server example", "{version}");
    }
}

#[test]
fn a_device_that_insists_on_a_client_certificate_says_so_in_both_versions() {
    let folder = Folder::new();
    folder.p256("ec");
    for version in ["-tls1_2", "-tls1_3"] {
        let server =
            folder.serve("ec", &[version, "-Verify", "1", "-CAfile", "ec.pem", "-verify_return_error"]);
        let run = probe(&[&server.address]);
        let (exit, code, what) = run.error();
        assert_eq!((exit, code), (4, "client.client_certificate"), "{version}: {what}");
        assert!(what.contains("client certificate"), "{version}: {what}");
    }
}

#[test]
fn a_device_is_reached_by_name_by_ipv4_and_by_ipv6() {
    let folder = Folder::new();
    folder.p256("ec");
    let server = folder.serve("ec", &[]);
    let run = probe(&[format!("localhost:{}", server.port())]);
    assert_eq!(run.result("/target/server_name"), "localhost");
    assert_eq!(run.result("/target/address"), server.address.as_str());
    assert!(run.result("/timing/dns_us").is_u64());
    let run =
        probe(&[format!("board.invalid:{}", server.port()), "--address".to_owned(), "127.0.0.1".to_owned()]);
    assert_eq!((run.code, run.result("/target/server_name")), (0, &"board.invalid".into()));
    assert!(run.result("/timing/dns_us").is_null());
    let server = folder.serve_at("[::1]:0", "ec", &["-6", "-www"]);
    for target in [server.address.clone(), format!("[::1%lo]:{}", server.port())] {
        let run = probe(&[&target]);
        assert_eq!((run.code, run.result("/target/server_name")), (0, &serde_json::Value::Null), "{target}");
    }
}

#[test]
fn the_phases_of_time_are_within_the_whole() {
    let folder = Folder::new();
    folder.p256("ec");
    let run = probe(&[&folder.serve("ec", &[]).address]);
    let of = |phase: &str| run.result(&format!("/timing/{phase}")).as_u64().unwrap();
    let phases = of("tcp_us") + of("handshake_us") + of("first_byte_us") + of("retry_us");
    assert!(phases <= of("total_us") && of("handshake_us") > 0, "{:#}", run.document);
}
