//! Certificates made by openssl, in a folder of their own.

use std::{
    fs,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use crate::{server::Server, tools};

/// Year, month and day.
pub type Date = (i32, u8, u8);

/// A folder with certificates in it.
pub struct Folder(TempDir);

impl Folder {
    /// An empty folder.
    #[allow(clippy::new_without_default, reason = "it makes a folder")]
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// The path of a file in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The path of a file in it, as an argument.
    pub fn arg(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    /// `NAME.pem` and `NAME.key`: the book's certificate, RSA-2048, CA:TRUE, no SAN.
    pub fn book(&self, name: &str) {
        self.self_signed(name, "rsa:2048", &["-days", "3650"]);
    }

    /// `NAME.pem` and `NAME.key`: a certificate of P-256.
    pub fn p256(&self, name: &str) {
        self.self_signed(name, "ec", &["-pkeyopt", "ec_paramgen_curve:P-256"]);
    }

    /// `NAME.pem` and `NAME.key`, self-signed, made by `openssl req` with more of its options.
    pub fn self_signed(&self, name: &str, key: &str, more: &[&str]) {
        self.named(name, "ESP32 HTTPS server example", key, more);
    }

    /// The same for another common name.
    pub fn named(&self, name: &str, common_name: &str, key: &str, more: &[&str]) {
        let (pem, key_file, subject) =
            (format!("{name}.pem"), format!("{name}.key"), format!("/CN={common_name}"));
        let fixed =
            ["req", "-x509", "-newkey", key, "-nodes", "-keyout", &key_file, "-out", &pem, "-subj", &subject];
        self.openssl(&[&fixed[..], more].concat());
    }

    /// `NAME.pem` and `NAME.key`: a certificate of P-256 that was valid in 2020.
    pub fn expired(&self, name: &str) {
        self.valid_until(name, (2020, 12, 31));
    }

    /// `NAME.pem` and `NAME.key`: a certificate of P-256 that is valid from the beginning of 2020 until then. openssl 3.0 makes
    /// none that begins in the past.
    pub fn valid_until(&self, name: &str, end: Date) {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(vec!["esp32.local".to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(end.0, end.1, end.2);
        fs::write(self.path(&format!("{name}.pem")), params.self_signed(&key).unwrap().pem()).unwrap();
        fs::write(self.path(&format!("{name}.key")), key.serialize_pem()).unwrap();
    }

    /// Another certificate `NAME.pem` with the key `KEY.key`.
    pub fn renewed(&self, name: &str, key: &str) {
        let (pem, key) = (format!("{name}.pem"), format!("{key}.key"));
        self.openssl(&["req", "-x509", "-key", &key, "-out", &pem, "-subj", "/CN=renewed"]);
    }

    /// `NAME.pem` and `NAME.key`: a server certificate that the CA `CA.pem` issues; `extensions` as in openssl's files.
    pub fn issued(&self, name: &str, ca: &str, extensions: &str) {
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
        tools::openssl(self.0.path(), args);
    }

    /// `openssl s_server` with the certificate `NAME.pem`, on a free port of 127.0.0.1, answering with a page.
    pub fn serve(&self, name: &str, more: &[&str]) -> Server {
        self.serve_at("127.0.0.1:0", name, &[&["-www"], more].concat())
    }

    /// `openssl s_server` at an address, with just these options.
    pub fn serve_at(&self, address: &str, name: &str, more: &[&str]) -> Server {
        Server::openssl_at(address, self, (&format!("{name}.pem"), &format!("{name}.key")), more)
    }
}

/// A certificate that a board refuses, and its key, in PEM: it has a critical extension that nobody knows.
pub fn refused_by_boards() -> (String, String) {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::new(vec!["esp32.local".to_owned()]).unwrap();
    let mut extension = rcgen::CustomExtension::from_oid_content(&[1, 2, 3, 4], vec![5, 0]);
    extension.set_criticality(true);
    params.custom_extensions.push(extension);
    (params.self_signed(&key).unwrap().pem(), key.serialize_pem())
}

impl AsRef<Path> for Folder {
    fn as_ref(&self) -> &Path {
        self.0.path()
    }
}
