//! Pages that misbehave, on the emulated board: `firmware/boards/qemu-virt/examples/misbehaving`.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{ChildStdout, Command, Stdio},
    time::Duration,
};

use esp_https::device::{
    machine::{Clock, Machine, NO_REBOOT, QEMU as EMULATOR},
    provisioning::{Inputs, ProvisioningImage},
};
use esp_https_provision::EMULATED_ADDRESS;
use reqwest::Client;
use support::{Running, eventually};
use tempfile::TempDir;
use tokio::task::spawn_blocking;

use crate::board::{Board, QEMU, client, misbehaving, raw};

#[tokio::test]
async fn long_answers_arrive_whole_and_bad_pages_are_said_on_the_serial_port() {
    let Some((board, log, _folder)) = board_with_log() else { return };
    let (client, url) = (client(&board), board.url());
    let forever = tokio::spawn(client.get(format!("{url}forever")).send());
    let get = async |path: &str| client.get(format!("{url}{path}")).send().await.unwrap();
    for _ in 0..3 {
        let big = get("big").await;
        assert_eq!(big.headers()["content-length"], "102400");
        assert_eq!(big.text().await.unwrap(), "b".repeat(100 * 1024), "while another page waits for ever");
        assert_eq!(get("stream/20000").await.text().await.unwrap(), "s".repeat(20_000));
    }
    let longer = get("longer").await;
    assert_eq!(longer.status(), 500, "nothing of it had been sent");
    let forever = forever.await.unwrap().unwrap();
    assert_eq!((forever.status().as_u16(), forever.headers()["connection"].as_bytes()), (503, &b"close"[..]));
    for line in [
        r#"ESP-HTTPS ROUTE {"route":"GET /longer","trouble":"it announced 3 bytes and answered more","unsaid":0}"#,
        r#"ESP-HTTPS ROUTE {"route":"GET /forever","trouble":"it waited for longer than 10000 ms, and was ended","unsaid":0}"#,
    ] {
        is_said(&log, line).await;
    }
}

#[tokio::test]
async fn fifty_streams_asked_for_at_once_come_one_after_the_other_and_a_reader_that_stops_is_reset() {
    let Some((board, log, _folder)) = board_with_log() else { return };
    let asked = "GET /stream/2000 HTTP/1.1\r\nHost: b\r\n\r\n".repeat(50);
    let all = raw::ask_until(&board, &asked, "\r\n0\r\n\r\n", 50).await;
    assert_eq!((all.matches("HTTP/1.1 200 OK").count(), all.matches('s').count() >= 50 * 2000), (50, true));
    let stopped = raw::ask_and_stop(&board, "GET /stream/1000000000 HTTP/1.1\r\nHost: b\r\n\r\n").await;
    let client = client(&board);
    let served = client.get(format!("{}big", board.url())).send().await.unwrap();
    assert_eq!(served.bytes().await.unwrap().len(), 100 * 1024);
    is_said(&log, r#"{"route":"GET /stream/{bytes}","trouble":"the client stopped reading after "#).await;
    drop(stopped);
}

#[tokio::test]
async fn a_page_that_panics_or_spins_is_named_and_the_board_is_ready_again() {
    let Some(elf) = misbehaving() else { return };
    let Some(mut board) = RestartingBoard::start(elf).await else { return };
    for (path, reason, route) in [
        ("panic/a", r#""reason":"a page's own bug""#, r#""route":"GET /panic/{unit}""#),
        (
            "spin/a",
            r#""reason":"a page computed for longer than 5 s without an await""#,
            r#""route":"GET /spin/{unit}""#,
        ),
    ] {
        assert_eq!(board.get("stream/10").await.unwrap(), "ssssssssss");
        let (client, url) = (board.client(), board.url(path));
        let asked = tokio::spawn(async move { client.get(url).send().await });
        let panic = board.wait_for("ESP-HTTPS PANIC ").await;
        assert!(panic.contains(reason) && panic.contains(route), "{panic}");
        board.wait_for("ESP-HTTPS READY ").await;
        asked.abort();
    }
    assert_eq!(board.get("stream/3").await.unwrap(), "sss");
}

/// A board with those pages, and the file with what it prints.
fn board_with_log() -> Option<(Board, PathBuf, TempDir)> {
    let elf = misbehaving()?;
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("serial.log");
    let board = Board::new(&["--image", elf.to_str().unwrap(), "--serial-log", log.to_str().unwrap()])?;
    Some((board, log, folder))
}

/// Waits until the board has printed that.
pub(crate) async fn is_said(log: &Path, line: &str) {
    eventually("the serial port says it", async || {
        let said = fs::read_to_string(log).unwrap();
        if said.contains(line) { Ok(()) } else { Err(said) }
    })
    .await;
}

/// A board that is reset when it panics, as QEMU does by itself and `emulate` forbids it to.
pub(crate) struct RestartingBoard {
    _qemu: Running,
    serial: Option<BufReader<ChildStdout>>,
    port: u16,
    _folder: TempDir,
}

impl RestartingBoard {
    pub(crate) async fn start(elf: PathBuf) -> Option<Self> {
        let qemu = support::require(EMULATOR, QEMU)?;
        let folder = tempfile::tempdir().unwrap();
        let image = image(folder.path());
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let machine = Machine { qemu: qemu.clone(), elf, port, clock: Clock::Host };
        let arguments = machine.arguments(&image, EMULATED_ADDRESS);
        let mut command = Command::new(qemu);
        command.args(arguments.iter().filter(|argument| *argument != NO_REBOOT));
        let mut qemu = Running::start(command.stdin(Stdio::null()).stdout(Stdio::piped()));
        let serial = BufReader::new(qemu.stdout.take().unwrap());
        let mut board = Self { _qemu: qemu, serial: Some(serial), port, _folder: folder };
        board.wait_for("ESP-HTTPS READY ").await;
        Some(board)
    }

    /// The next line that begins like this. Requests go on meanwhile.
    pub(crate) async fn wait_for(&mut self, beginning: &'static str) -> String {
        let mut serial = self.serial.take().unwrap();
        let (serial, line) = spawn_blocking(move || {
            loop {
                let mut line = String::new();
                assert!(serial.read_line(&mut line).unwrap() > 0, "it ended without {beginning:?}");
                if line.starts_with(beginning) {
                    return (serial, line);
                }
            }
        })
        .await
        .unwrap();
        self.serial = Some(serial);
        line
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("https://127.0.0.1:{}/{path}", self.port)
    }

    pub(crate) fn client(&self) -> Client {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let builder = Client::builder().danger_accept_invalid_certs(true).no_proxy();
        builder.timeout(Duration::from_secs(60)).build().unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> reqwest::Result<String> {
        self.client().get(self.url(path)).send().await?.text().await
    }
}

/// A provisioning image with a fresh certificate.
pub(crate) fn image(folder: &Path) -> PathBuf {
    let made = support::command().current_dir(folder).args(["certgen", "--key", "p256"]).output().unwrap();
    assert!(made.status.success(), "{made:?}");
    let (certificate, key) = (folder.join("cacert.pem"), folder.join("prvtkey.pem"));
    let inputs = Inputs { certificate: &certificate, key: &key, client_ca: None, settings: None };
    let path = folder.join("esp_secure_cert.bin");
    fs::write(&path, ProvisioningImage::build(&inputs).unwrap().bytes()).unwrap();
    path
}
