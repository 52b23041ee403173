//! A folder of pages on the emulated board: `emulate --site`.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _},
    net::TcpListener,
    process::{Command, Stdio},
};

use esp_https::{
    device::machine::{Clock, Machine, QEMU as EMULATOR, loader},
    site::SiteImage,
};
use esp_https_provision::{EMULATED_ADDRESS, EMULATED_SITE_ADDRESS};
use reqwest::{Client, Method, Response, header::HeaderMap};
use serde_json::Value;
use support::{Running, eventually};
use tempfile::TempDir;

use crate::board::{Board, QEMU, client, raw};
use crate::pages::{image, is_said};

/// 100 KB that gzip can't make smaller by a fifth, and a page that it can.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut state = 1_u32;
    let noise: Vec<u8> = (0..100 * 1024)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .collect();
    fs::write(folder.path().join("noise.png"), noise).unwrap();
    fs::write(folder.path().join("index.html"), "<p>A line.</p>\n".repeat(7000) + END).unwrap();
    fs::create_dir(folder.path().join("docs")).unwrap();
    fs::write(folder.path().join("docs/index.html"), "the docs").unwrap();
    fs::write(folder.path().join("docs/a b%c.txt"), "odd").unwrap();
    folder
}

/// The end of the page.
const END: &str = "<!-- end -->";

fn field<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().unwrap())
}

async fn get(client: &Client, url: String, fields: &[(&str, &str)]) -> Response {
    let mut request = client.get(url);
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

#[tokio::test]
async fn files_arrive_byte_for_byte_with_gzip_and_without_and_304_spares_them() {
    let site = folder();
    let Some(board) = Board::new(&["--site", site.path().to_str().unwrap()]) else { return };
    let (client, url) = (client(&board), board.url());
    let page = fs::read(site.path().join("index.html")).unwrap();

    let plain = get(&client, url.to_owned(), &[]).await;
    assert_eq!(field(plain.headers(), "content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(field(plain.headers(), "vary"), Some("Accept-Encoding"));
    assert_eq!(field(plain.headers(), "content-encoding"), None);
    let etag = field(plain.headers(), "etag").unwrap().to_owned();
    assert!(plain.bytes().await.unwrap() == page);

    let packed = get(&client, url.to_owned(), &[("Accept-Encoding", "br, gzip;q=0.8")]).await;
    assert_eq!(field(packed.headers(), "content-encoding"), Some("gzip"));
    assert_ne!(field(packed.headers(), "etag"), Some(etag.as_str()));
    let (packed, mut unpacked) = (packed.bytes().await.unwrap(), Vec::new());
    flate2::read::GzDecoder::new(&packed[..]).read_to_end(&mut unpacked).unwrap();
    assert!(packed.len() * 5 < page.len() * 4 && unpacked == page);

    let same = get(&client, url.to_owned(), &[("If-None-Match", &etag)]).await;
    assert_eq!((same.status().as_u16(), field(same.headers(), "etag")), (304, Some(etag.as_str())));
    let head = client.head(url).send().await.unwrap();
    assert_eq!(field(head.headers(), "content-length"), Some(page.len().to_string().as_str()));

    for (path, status, body) in [
        ("docs/", 200, "the docs"),
        ("docs", 200, "the docs"),
        ("docs/a%20b%25c.txt", 200, "odd"),
        ("light", 200, "{\"status\": true}"),
    ] {
        let answer = get(&client, format!("{url}{path}"), &[]).await;
        assert_eq!(
            (answer.status().as_u16(), answer.text().await.unwrap().as_str()),
            (status, body),
            "{path}"
        );
    }
    assert_eq!(get(&client, format!("{url}none"), &[]).await.status(), 404);
    let posted = client.post(format!("{url}docs/")).send().await.unwrap();
    assert_eq!((posted.status().as_u16(), field(posted.headers(), "allow")), (405, Some("GET, HEAD")));
}

#[tokio::test]
async fn four_sessions_fetch_100_kb_at_once_and_give_their_memory_back() {
    let site = folder();
    let Some(board) = Board::new(&["--site", site.path().to_str().unwrap()]) else { return };
    let page = fs::read_to_string(site.path().join("index.html")).unwrap();
    // With a connection that does not stay: the four have all sessions.
    let before = board.stat(&client(&board)).await;
    let asked = "GET / HTTP/1.1\r\nHost: b\r\n\r\n".repeat(5);
    let ask = || raw::ask_until(&board, &asked, END, 5);
    let (one, two, three, four) = tokio::join!(ask(), ask(), ask(), ask());
    for all in [one, two, three, four] {
        assert_eq!(all.matches(&page).count(), 5);
    }
    let client = client(&board);
    let after = eventually("the four sessions end", async || {
        let stat = board.stat(&client).await;
        if stat.sessions == 1 { Ok(stat) } else { Err(format!("{stat:?}")) }
    });
    let after = after.await;
    assert!(after.heap_min >= 20_000 && after.failed == 0, "{after:?}");
    assert_eq!(after.heap_free, before.heap_free, "{before:?} {after:?}");
}

#[tokio::test]
async fn fifty_files_asked_for_at_once_come_one_after_the_other_and_a_reader_that_stops_is_reset() {
    let site = folder();
    let log = site.path().join(".serial.log");
    let page = fs::read_to_string(site.path().join("index.html")).unwrap();
    let flags = ["--site", site.path().to_str().unwrap(), "--serial-log", log.to_str().unwrap()];
    let Some(board) = Board::new(&flags) else { return };
    let asked = "GET /index.html HTTP/1.1\r\nHost: b\r\n\r\n".repeat(50);
    let stopped = raw::ask_and_stop(&board, &asked).await;
    let all = raw::ask_until(&board, &asked, END, 50).await;
    assert_eq!((all.matches("HTTP/1.1 200 OK").count(), all.matches(&page).count()), (50, 50));
    is_said(&log, r#"{"route":"GET /{*path}","trouble":"the client stopped reading after "#).await;
    let client = client(&board);
    assert_eq!(get(&client, board.url().to_owned(), &[]).await.text().await.unwrap(), page);
    let stat = board.stat(&client).await;
    assert!(stat.heap_min >= 20_000, "{stat:?}");
    drop(stopped);
}

#[tokio::test]
async fn without_a_site_all_other_paths_are_404_for_every_method() {
    let Some(board) = Board::new(&[]) else { return };
    assert_eq!(board.document()["result"]["site"], Value::Null);
    let client = client(&board);
    let home = get(&client, board.url().to_owned(), &[]).await;
    assert_eq!(home.text().await.unwrap(), "<h1>Hello Secure World! </h1>");
    for method in [Method::GET, Method::HEAD, Method::POST, Method::DELETE] {
        let answer = client.request(method.clone(), format!("{}unknown", board.url())).send().await.unwrap();
        assert_eq!((answer.status().as_u16(), field(answer.headers(), "allow")), (404, None), "{method}");
    }
    let icon = get(&client, format!("{}favicon.ico", board.url()), &[]).await;
    assert_eq!(icon.status(), 204);
}

/// What `emulate` never loads: an image with a byte that is wrong.
#[test]
fn a_damaged_site_is_said_on_the_serial_port_and_the_board_serves_without_it() {
    let Some(qemu) = support::require(EMULATOR, QEMU) else { return };
    let Some(elf) = support::require_firmware("esp-https-qemu-virt") else { return };
    let (site, scratch) = (folder(), tempfile::tempdir().unwrap());
    let mut bytes = SiteImage::pack(site.path()).unwrap().bytes;
    *bytes.last_mut().unwrap() ^= 1;
    let file = scratch.path().join("site.bin");
    fs::write(&file, bytes).unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let machine = Machine { qemu: qemu.clone(), elf, port, clock: Clock::Host };
    let mut command = Command::new(qemu);
    command.args(machine.arguments(&image(scratch.path()), EMULATED_ADDRESS));
    command.args(loader(&file, EMULATED_SITE_ADDRESS));
    let mut board = Running::start(command.stdin(Stdio::null()).stdout(Stdio::piped()));
    let mut lines = BufReader::new(board.stdout.take().unwrap()).lines().map(Result::unwrap);
    let damaged = r#"ESP-HTTPS SITE {"trouble":"the site is damaged: its checksum does not match"}"#;
    assert_eq!(lines.find(|line| line.starts_with("ESP-HTTPS ")).as_deref(), Some(damaged));
    assert!(lines.any(|line| line.starts_with("ESP-HTTPS READY ")));
}
