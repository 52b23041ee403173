//! A board of one test's own, and clients for it.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
};

use esp_https::device::ready::Stat;
use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};
use reqwest::Client;
use rustls::{
    ClientConfig, RootCertStore, SupportedProtocolVersion,
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};
use serde_json::Value;
use support::Running;
use tempfile::{NamedTempFile, TempDir};

use crate::board_clock::BoardClock;

/// The firmware that all these tests are run with where it is not ours: `scripts/test-all` names the one that `own_firmware.rs`
/// has made, with the same pages in somebody's own crate.
pub(crate) fn other_firmware() -> Option<PathBuf> {
    env::var_os("ESP_HTTPS_TEST_FIRMWARE").map(PathBuf::from)
}

/// The firmware with the pages that misbehave.
pub(crate) fn misbehaving() -> Option<PathBuf> {
    other_firmware().or_else(|| support::require_firmware("examples/misbehaving"))
}

/// The flags of `emulate` that choose it, unless these flags choose one.
pub(crate) fn firmware_flags(flags: &[&str]) -> Vec<String> {
    let other = other_firmware().filter(|_| !flags.contains(&"--image"));
    other.into_iter().flat_map(|elf| ["--image".to_owned(), elf.display().to_string()]).collect()
}

pub(crate) const QEMU: &str = "apt-get install qemu-system-misc";
pub(crate) const CURL: &str = "apt-get install curl";

pub(crate) struct Board {
    _process: Running,
    document: Value,
    certificate: PathBuf,
    _folder: Option<TempDir>,
}

impl Board {
    /// With a certificate that clients can trust, on a P-256 key, which costs the emulation least.
    pub(crate) fn new(flags: &[&str]) -> Option<Self> {
        Self::with_key("p256", flags)
    }

    pub(crate) fn with_key(key: &str, flags: &[&str]) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let made = esp_https(&folder)
            .args(["certgen", "--profile", "server", "--san", "ip:127.0.0.1", "--key", key])
            .output()
            .unwrap();
        assert!(made.status.success(), "{made:?}");
        let mut board = Self::start(&folder, flags)?;
        board._folder = Some(folder);
        Some(board)
    }

    /// Starts a board in `folder` and waits until it serves; `None` when there is no QEMU to run it.
    pub(crate) fn start(folder: &TempDir, flags: &[&str]) -> Option<Self> {
        support::require("qemu-system-riscv32", QEMU)?;
        Self::started(folder, flags, esp_https(folder))
    }

    /// Starts a board in `folder` whose clock the test can move.
    pub(crate) fn with_clock(folder: &TempDir, flags: &[&str]) -> Option<(Self, BoardClock)> {
        let qemu = support::require("qemu-system-riscv32", QEMU)?;
        let path = BoardClock::path_to(&qemu, folder);
        let mut command = esp_https(folder);
        command.env("PATH", path);
        let board = Self::started(folder, flags, command)?;
        Some((board, BoardClock::of_machine_in(folder)))
    }

    fn started(folder: &TempDir, flags: &[&str], mut command: Command) -> Option<Self> {
        command.args(["emulate", "--json", "--port", "0", "--ready-timeout", "2m"]).args(flags);
        command.args(firmware_flags(flags));
        let mut process = Running::start(command.stdin(Stdio::null()).stdout(Stdio::piped()));
        let document = process.document();
        assert_eq!(document["exit_code"], 0, "{document:#}");
        Some(Self {
            _process: process,
            document,
            certificate: folder.path().join("cacert.pem"),
            _folder: None,
        })
    }

    pub(crate) fn document(&self) -> &Value {
        &self.document
    }

    pub(crate) fn url(&self) -> &str {
        self.document["result"]["url"].as_str().unwrap()
    }

    pub(crate) fn port(&self) -> u16 {
        self.document["result"]["port"].as_u64().unwrap().try_into().unwrap()
    }

    pub(crate) fn certificate(&self) -> &Path {
        &self.certificate
    }

    pub(crate) async fn stat(&self, client: &Client) -> Stat {
        client.get(format!("{}stat", self.url())).send().await.unwrap().json().await.unwrap()
    }
}

fn esp_https(folder: &TempDir) -> Command {
    let mut command = support::command();
    command.current_dir(folder.path());
    command
}

/// A client's certificates, its own first, and its key.
pub(crate) type ClientIdentity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// A client that trusts the board's certificate only, and checks its name.
pub(crate) fn client(board: &Board) -> Client {
    client_with(board, rustls::DEFAULT_VERSIONS, None)
}

pub(crate) fn client_with(
    board: &Board,
    versions: &[&'static SupportedProtocolVersion],
    own: Option<ClientIdentity>,
) -> Client {
    // reqwest looks for a provider of its own even where it is given a finished configuration.
    let _ = aws_lc_rs::default_provider().install_default();
    let config = tls_config(board, versions, own);
    Client::builder().tls_backend_preconfigured(config).no_proxy().timeout(TIMEOUT).build().unwrap()
}

pub(crate) fn tls_config(
    board: &Board,
    versions: &[&'static SupportedProtocolVersion],
    own: Option<ClientIdentity>,
) -> ClientConfig {
    tls_config_by(aws_lc_rs::default_provider(), board, versions, own)
}

fn tls_config_by(
    provider: CryptoProvider,
    board: &Board,
    versions: &[&'static SupportedProtocolVersion],
    own: Option<ClientIdentity>,
) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(board.certificate()).unwrap()).unwrap();
    let builder = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots);
    match own {
        Some((chain, key)) => builder.with_client_auth_cert(chain, key).unwrap(),
        None => builder.with_no_client_auth(),
    }
}

/// A CA for clients.
pub(crate) struct Pki {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Pki {
    pub(crate) fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).unwrap().pem();
        Self { pem, issuer: Issuer::new(params, key) }
    }

    pub(crate) fn ca_file(&self) -> NamedTempFile {
        let file = NamedTempFile::new().unwrap();
        fs::write(file.path(), &self.pem).unwrap();
        file
    }

    pub(crate) fn client(&self) -> ClientIdentity {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        (vec![certificate.der().clone()], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
    }
}

/// Below HTTP and below TLS.
pub(crate) mod raw {
    use std::{sync::Arc, time::Duration};

    use rustls::{
        crypto::aws_lc_rs::{default_provider, kx_group::SECP256R1},
        pki_types::ServerName,
    };
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpStream,
        time::timeout,
    };
    use tokio_rustls::{TlsConnector, client::TlsStream};

    use super::{Board, tls_config, tls_config_by};

    /// Sends `bytes`, waits a moment for what the board makes of them, and resets the connection.
    pub(crate) async fn send_and_reset(port: u16, bytes: &[u8]) {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        // The board may have had enough before all of it is sent.
        let _ = stream.write_all(bytes).await;
        let _ = timeout(Duration::from_millis(50), stream.read(&mut [0; 100])).await;
        stream.set_zero_linger().unwrap();
    }

    /// A client of TLS 1.3 and its hello, with a share that the board takes, so that its whole flight follows this one hello.
    fn hello(board: &Board) -> (rustls::ClientConnection, Vec<u8>) {
        let mut provider = default_provider();
        provider.kx_groups = vec![SECP256R1];
        let config = Arc::new(tls_config_by(provider, board, rustls::DEFAULT_VERSIONS, None));
        let name = ServerName::try_from("127.0.0.1").unwrap();
        let mut client = rustls::ClientConnection::new(config, name).unwrap();
        let mut hello = Vec::new();
        client.write_tls(&mut hello).unwrap();
        (client, hello)
    }

    /// Sends a hello and then `record` in place of what comes behind it, and tells how the client understands all that comes back.
    pub(crate) async fn record_in_handshake(board: &Board, record: &[u8]) -> Result<(), rustls::Error> {
        let mut stream = TcpStream::connect(("127.0.0.1", board.port())).await.unwrap();
        let (mut client, hello) = hello(board);
        stream.write_all(&[&hello, record].concat()).await.unwrap();
        received(&mut client, &mut stream).await
    }

    /// The same in place of a request, once the session is there.
    pub(crate) async fn record_in_session(board: &Board, record: &[u8]) -> Result<(), rustls::Error> {
        let (mut stream, mut client) = send(board, "").await.into_inner();
        stream.write_all(record).await.unwrap();
        received(&mut client, &mut stream).await
    }

    /// Gives the client all that comes until the board ends the connection.
    async fn received(
        client: &mut rustls::ClientConnection,
        stream: &mut TcpStream,
    ) -> Result<(), rustls::Error> {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.unwrap();
        let mut bytes = bytes.as_slice();
        while client.read_tls(&mut bytes).unwrap() > 0 {
            client.process_new_packets()?;
        }
        Ok(())
    }

    /// Starts a handshake through a relay that ends it after `at` bytes from the board.
    pub(crate) async fn abort_handshake(board: &Board, at: usize) {
        let mut stream = TcpStream::connect(("127.0.0.1", board.port())).await.unwrap();
        let (_, hello) = hello(board);
        stream.write_all(&hello).await.unwrap();
        let mut answer = vec![0; at];
        let _ = timeout(Duration::from_secs(10), stream.read_exact(&mut answer)).await;
        stream.set_zero_linger().unwrap();
    }

    /// Sends `text` on one connection.
    async fn send(board: &Board, text: &str) -> TlsStream<TcpStream> {
        let stream = TcpStream::connect(("127.0.0.1", board.port())).await.unwrap();
        let connector = TlsConnector::from(Arc::new(tls_config(board, rustls::DEFAULT_VERSIONS, None)));
        let mut stream = connector.connect(ServerName::try_from("127.0.0.1").unwrap(), stream).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        stream
    }

    /// Sends `text`, reads the beginning of what comes back, and keeps the connection without reading on.
    pub(crate) async fn ask_and_stop(board: &Board, text: &str) -> TlsStream<TcpStream> {
        let mut stream = send(board, text).await;
        assert!(stream.read(&mut [0; 100]).await.unwrap() > 0);
        stream
    }

    /// Sends `text` on one connection, and reads until `end` has come so many times.
    pub(crate) async fn ask_until(board: &Board, text: &str, end: &str, times: usize) -> String {
        let mut stream = send(board, text).await;
        let (mut answers, mut ends, mut bytes) = (String::new(), 0, [0; 4096]);
        while ends < times {
            let count = stream.read(&mut bytes).await.unwrap();
            assert!(count > 0, "it ended after {} bytes", answers.len());
            let looked_at = answers.len().saturating_sub(end.len() - 1);
            answers.push_str(std::str::from_utf8(&bytes[..count]).unwrap());
            ends += answers[looked_at..].matches(end).count();
        }
        answers
    }

    /// Sends `text` on one connection and returns all that comes back.
    pub(crate) async fn exchange(board: &Board, text: &str) -> String {
        let mut stream = send(board, text).await;
        let mut answers = String::new();
        stream.read_to_string(&mut answers).await.unwrap();
        answers
    }
}

const TIMEOUT: std::time::Duration = std::time::Duration::from_secs(60);
