//! The bench: certificates made by openssl, `openssl s_server` on a free port, and the command under test.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

use crate::run;
pub(crate) use crate::run::{ESP_HTTPS, Run};

impl Run {
    /// The error: exit code, stable code, what happened.
    pub(crate) fn error(&self) -> (i32, &str, &str) {
        let error = &self.document["error"];
        (self.code, error["code"].as_str().unwrap_or("none"), error["what"].as_str().unwrap_or_default())
    }
}

/// Runs `esp-https probe --json` and validates the document.
pub(crate) fn probe<S: AsRef<str>>(args: &[S]) -> Run {
    Run::new("probe", args)
}

/// Runs `esp-https probe` for its text: exit code, standard output, standard error.
pub(crate) fn probe_text<S: AsRef<str>>(args: &[S]) -> (i32, String, String) {
    run::text("probe", args)
}

/// A JSON document that the schema accepts.
pub(crate) fn parse_valid(bytes: &[u8]) -> Value {
    run::parse_valid(&run::schema("probe"), bytes)
}

/// A folder with certificates in it.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn arg(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    /// `NAME.pem` and `NAME.key`: the book's certificate, RSA-2048, CA:TRUE, no SAN.
    pub(crate) fn book(&self, name: &str) {
        self.self_signed(name, "rsa:2048", &["-days", "3650"]);
    }

    /// `NAME.pem` and `NAME.key`: a certificate of P-256.
    pub(crate) fn p256(&self, name: &str) {
        self.self_signed(name, "ec", &["-pkeyopt", "ec_paramgen_curve:P-256"]);
    }

    /// `NAME.pem` and `NAME.key`, self-signed, made by `openssl req` with more of its options.
    pub(crate) fn self_signed(&self, name: &str, key: &str, more: &[&str]) {
        let (pem, key_file) = (format!("{name}.pem"), format!("{name}.key"));
        let subject = "/CN=ESP32 HTTPS server example";
        let fixed =
            ["req", "-x509", "-newkey", key, "-nodes", "-keyout", &key_file, "-out", &pem, "-subj", subject];
        self.openssl(&[&fixed[..], more].concat());
    }

    /// `NAME.pem` and `NAME.key`: a certificate of P-256 that was valid in 2020. openssl 3.0 makes none such.
    pub(crate) fn expired(&self, name: &str) {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(vec!["esp32.local".to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(2020, 12, 31);
        fs::write(self.path(&format!("{name}.pem")), params.self_signed(&key).unwrap().pem()).unwrap();
        fs::write(self.path(&format!("{name}.key")), key.serialize_pem()).unwrap();
    }

    /// Another certificate `NAME.pem` with the key `KEY.key`.
    pub(crate) fn renewed(&self, name: &str, key: &str) {
        let (pem, key) = (format!("{name}.pem"), format!("{key}.key"));
        self.openssl(&["req", "-x509", "-key", &key, "-out", &pem, "-subj", "/CN=renewed"]);
    }

    /// `NAME.pem` and `NAME.key`: a server certificate that the CA `CA.pem` issues; `extensions` as in openssl's files.
    pub(crate) fn issued(&self, name: &str, ca: &str, extensions: &str) {
        let (pem, key, csr, ext) =
            (format!("{name}.pem"), format!("{name}.key"), format!("{name}.csr"), format!("{name}.ext"));
        fs::write(self.path(&ext), extensions).unwrap();
        let curve = "ec_paramgen_curve:P-256";
        let request = ["req", "-newkey", "ec", "-pkeyopt", curve, "-nodes", "-keyout", &key, "-out", &csr];
        self.openssl(&[&request[..], &["-subj", "/CN=esp32.local"]].concat());
        let (ca, ca_key) = (format!("{ca}.pem"), format!("{ca}.key"));
        let issue =
            ["x509", "-req", "-in", &csr, "-CA", &ca, "-CAkey", &ca_key, "-CAcreateserial", "-out", &pem];
        let extensions = if extensions.is_empty() { vec![] } else { vec!["-extfile", &ext] };
        self.openssl(&[&issue[..], &extensions].concat());
    }

    fn openssl(&self, args: &[&str]) {
        let output =
            Command::new("openssl").args(args).current_dir(self.0.path()).output().expect("openssl runs");
        assert!(output.status.success(), "openssl {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// `openssl s_server` with the certificate `NAME.pem`, on a free port of 127.0.0.1, answering with a page.
    pub(crate) fn serve(&self, name: &str, more: &[&str]) -> Server {
        self.serve_at("127.0.0.1:0", name, &[&["-www"], more].concat())
    }

    /// `openssl s_server` at an address, with just these options.
    pub(crate) fn serve_at(&self, address: &str, name: &str, more: &[&str]) -> Server {
        let (pem, key) = (format!("{name}.pem"), format!("{name}.key"));
        let mut child = Command::new("openssl")
            .args(["s_server", "-accept", address, "-cert", &pem, "-key", &key])
            .args(more)
            .current_dir(self.0.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("openssl runs");
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        while !line.starts_with("ACCEPT ") {
            line.clear();
            assert_ne!(
                output.read_line(&mut line).unwrap(),
                0,
                "s_server ended before it listened: {more:?}"
            );
        }
        // What it prints later must not fill the pipe and stop it.
        std::thread::spawn(move || output.read_to_end(&mut Vec::new()));
        Server { child, address: line["ACCEPT ".len()..].trim().to_owned() }
    }
}

/// A server, gone when dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: String,
}

impl Server {
    pub(crate) fn port(&self) -> &str {
        self.address.rsplit(':').next().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
