//! TLS as another implementation speaks it: openssl s_server.

use support::{certificates::Folder, server::Server};

use crate::bench::load;

/// `openssl s_server` with a certificate and key of its own.
struct OpenSsl {
    server: Server,
    folder: Folder,
}

impl OpenSsl {
    fn start(key: &[&str], options: &[&str]) -> Self {
        let folder = Folder::new();
        folder.named(
            "cert",
            "board",
            key[0],
            &[&key[1..], &["-addext", "subjectAltName=IP:127.0.0.1"]].concat(),
        );
        Self { server: folder.serve("cert", options), folder }
    }

    fn address(&self) -> &str {
        &self.server.address
    }

    fn file(&self, name: &str) -> String {
        self.folder.arg(name)
    }
}

const P256: &[&str] = &["ec", "-pkeyopt", "ec_paramgen_curve:P-256"];

#[test]
fn version_suite_and_group_can_be_fixed() {
    let server = OpenSsl::start(&["rsa:2048"], &[]);
    for (flags, agreed) in [
        (&["--tls", "1.2"][..], ("TLS 1.2", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "x25519")),
        (&["--suite", "TLS_CHACHA20_POLY1305_SHA256"], ("TLS 1.3", "TLS_CHACHA20_POLY1305_SHA256", "x25519")),
        (
            &["--suite", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "--group", "secp384r1"],
            ("TLS 1.2", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "secp384r1"),
        ),
        (&["--group", "secp256r1"], ("TLS 1.3", "TLS_AES_256_GCM_SHA384", "secp256r1")),
    ] {
        let pin = server.file("cert.pem");
        let run = load(
            &[&[server.address(), "-n", "4", "--mode", "close", "--no-stat", "--cert", &pin], flags].concat(),
        );
        let row = run.result("/handshakes/agreed/0");
        let text = |key: &str| row[key].as_str().unwrap();
        assert_eq!((text("version"), text("suite"), text("group")), agreed);
        assert_eq!(
            (run.number("/units/completed"), run.number("/handshakes/full")),
            (4, 4),
            "{:#}",
            run.document
        );
    }
}

#[test]
fn resumption_is_counted_as_the_library_says_and_an_unwilling_server_is_a_warning() {
    for version in ["1.2", "1.3"] {
        let willing = OpenSsl::start(P256, &[]);
        let args = |server: &OpenSsl| {
            let flags =
                ["-n", "10", "--mode", "handshake", "--no-stat", "--resume", "always", "--tls", version];
            [vec![server.address().to_owned()], flags.map(str::to_owned).to_vec()].concat()
        };
        let run = load(&args(&willing));
        assert_eq!((run.number("/handshakes/full"), run.number("/handshakes/resumed")), (1, 9), "{version}");
        let unwilling = OpenSsl::start(P256, &["-no_ticket", "-no_cache", "-num_tickets", "0"]);
        let run = load(&args(&unwilling));
        assert_eq!((run.number("/handshakes/full"), run.number("/handshakes/resumed")), (10, 0), "{version}");
        let warned = run.result("/warnings").as_array().unwrap().iter().any(|it| it["code"] == "not_resumed");
        assert!(warned, "{:#}", run.document);
    }
}

#[test]
fn a_hello_retry_is_counted() {
    let server = OpenSsl::start(P256, &["-groups", "P-384", "-tls1_3"]);
    let run = load(&[server.address(), "-n", "5", "--mode", "handshake", "--no-stat"]);
    assert_eq!((run.number("/handshakes/full"), run.number("/handshakes/retried")), (5, 5));
}

#[test]
fn a_ca_is_trusted_for_its_name_only() {
    let server = OpenSsl::start(P256, &[]);
    // A self-signed certificate with CA:TRUE may not be a server's, which is why boards are pinned.
    let ca = server.file("cert.pem");
    let run = load(&[server.address(), "-n", "2", "--no-stat", "--cacert", &ca]);
    assert_eq!((run.code, run.errors().as_str()), (1, "certificate handshake 2"));
    assert_eq!(run.result("/target/trust"), "ca");
}

#[test]
fn a_client_certificate_is_shown_where_it_is_asked_for() {
    for version in ["-tls1_2", "-tls1_3"] {
        let server =
            OpenSsl::start(P256, &["-Verify", "1", "-verify_return_error", "-CAfile", "cert.pem", version]);
        let own = ["--client-cert", &server.file("cert.pem"), "--client-key", &server.file("cert.key")];
        let base = [server.address(), "-n", "2", "--mode", "close", "--no-stat"];
        let run = load(&[&base, &own[..]].concat());
        assert_eq!((run.code, run.number("/units/completed")), (0, 2), "{:#}", run.document);
        let run = load(&base);
        let (stage, class, code) = if version == "-tls1_2" {
            ("handshake", "handshake_failure", "client.alert")
        } else {
            ("request", "certificate_required", "client.client_certificate")
        };
        assert_eq!(run.errors(), format!("alert:{class} {stage} 2"));
        assert_eq!(run.error(), (4, code));
        let advice = run.document["error"]["try"].as_str().unwrap();
        assert!(advice.contains("--client-cert and --client-key"), "{advice}");
    }
}
