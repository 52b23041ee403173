//! What the board serves, and to whom.

use std::{fs, path::Path, process::Command, time::Duration};

use crate::board::{Board, CURL, Pki, client, client_with, raw};
use reqwest::StatusCode;
use rustls::version::{TLS12, TLS13};
use serde_json::{Value, json};
use support::{eventually, peer::listen};
use tokio::{task::spawn_blocking, time::sleep};

#[tokio::test]
async fn the_page_is_the_books_over_tls_1_2_and_1_3() {
    let Some(board) = Board::with_key("rsa2048", &[]) else { return };
    for version in [&TLS12, &TLS13] {
        let answer = client_with(&board, &[version], None).get(board.url()).send().await.unwrap();
        assert_eq!(
            (answer.status(), answer.headers()["content-type"].as_bytes()),
            (StatusCode::OK, &b"text/html; charset=utf-8"[..])
        );
        assert_eq!(answer.text().await.unwrap(), "<h1>Hello Secure World! </h1>");
    }
}

#[test]
fn curl_trusts_the_certificate_and_gets_the_page_with_either_version() {
    let Some(board) = Board::new(&[]) else { return };
    let Some(curl) = support::require("curl", CURL) else { return };
    for version in [["--tlsv1.2", "--tls-max", "1.2"], ["--tlsv1.3", "--tls-max", "1.3"]] {
        let mut command = Command::new(&curl);
        command.args(["--silent", "--show-error", "--max-time", "30", "--cacert"]).arg(board.certificate());
        let output = command.args(version).arg(board.url()).output().unwrap();
        assert!(output.status.success(), "{version:?}: {output:?}");
        assert_eq!(output.stdout, b"<h1>Hello Secure World! </h1>");
    }
}

#[tokio::test]
async fn the_light_is_switched_and_the_figures_are_told() {
    let Some(board) = Board::new(&[]) else { return };
    let (client, light) = (client(&board), format!("{}light", board.url()));
    for status in [false, true] {
        let switched = client.post(&light).json(&json!({ "status": status })).send().await.unwrap();
        assert_eq!(switched.json::<Value>().await.unwrap(), json!({ "status": status }));
        let told = client.get(&light).send().await.unwrap().json::<Value>().await.unwrap();
        assert_eq!(told, json!({ "status": status }));
    }
    let stat = board.stat(&client).await;
    assert_eq!((stat.handshakes, stat.failed), (1, 0), "one connection carried it all: {stat:?}");
    assert!(stat.requests >= 4 && stat.sessions == 1, "{stat:?}");
}

#[tokio::test]
async fn refusals_say_what_is_wrong_and_keep_serving() {
    let Some(board) = Board::new(&[]) else { return };
    let (client, url) = (client(&board), board.url());
    let status = async |request: reqwest::RequestBuilder| request.send().await.unwrap().status().as_u16();
    assert_eq!(status(client.get(format!("{url}nowhere"))).await, 404);
    let not_allowed = client.delete(format!("{url}light")).send().await.unwrap();
    assert_eq!(
        (not_allowed.status().as_u16(), &not_allowed.headers()["allow"]),
        (405, &"GET, HEAD, POST".parse().unwrap())
    );
    assert_eq!(status(client.post(format!("{url}light")).body("not json")).await, 400);
    assert_eq!(status(client.post(format!("{url}light")).body("x".repeat(5000))).await, 413);
    assert_eq!(status(client.get(format!("{url}{}", "x".repeat(1000)))).await, 414);
    assert_eq!(status(client.get(format!("{url}favicon.ico"))).await, 204);
    let head = client.head(url).send().await.unwrap();
    assert_eq!((head.status().as_u16(), &head.headers()["content-length"]), (200, &"29".parse().unwrap()));
    assert_eq!(status(client.get(url)).await, 200);
}

#[tokio::test]
async fn a_header_over_the_limit_is_refused_with_the_limit_and_how_to_raise_it() {
    let Some(board) = Board::new(&["--max-header", "512"]) else { return };
    let (client, url) = (client(&board), board.url());
    let with_cookie = |bytes: usize| client.get(url).header("cookie", "x".repeat(bytes)).send();
    assert_eq!(with_cookie(200).await.unwrap().status(), 200);
    let refused = with_cookie(600).await.unwrap();
    assert_eq!(refused.status(), 431);
    let body = refused.text().await.unwrap();
    assert!(body.contains("512"), "{body}");
}

#[tokio::test]
async fn ten_connections_at_once_are_all_served() {
    let Some(board) = Board::new(&[]) else { return };
    let fetches: Vec<_> = (0..10)
        .map(|_| {
            // A client each, so that none shares a connection.
            let request = client(&board).get(board.url()).send();
            tokio::spawn(async move { request.await?.text().await })
        })
        .collect();
    for fetch in fetches {
        assert_eq!(fetch.await.unwrap().unwrap(), "<h1>Hello Secure World! </h1>");
    }
    let stat = board.stat(&client(&board)).await;
    assert_eq!((stat.handshakes, stat.failed), (11, 0), "{stat:?}");
    assert!(stat.heap_min >= 20_000, "{stat:?}");
}

#[tokio::test]
async fn more_clients_than_sockets_wait_and_are_served() {
    let Some(board) = Board::new(&[]) else { return };
    // 16 clients on 10 sockets, each with a new connection for every page.
    let visitors: Vec<_> = (0..16)
        .map(|_| {
            let requests: Vec<_> = (0..3).map(|_| client(&board).get(board.url())).collect();
            tokio::spawn(async move {
                for request in requests {
                    let page = request.send().await?.text().await?;
                    assert_eq!(page, "<h1>Hello Secure World! </h1>");
                }
                Ok::<(), reqwest::Error>(())
            })
        })
        .collect();
    for visitor in visitors {
        visitor.await.unwrap().unwrap();
    }
    let stat = board.stat(&client(&board)).await;
    assert_eq!((stat.handshakes, stat.failed), (49, 0), "{stat:?}");
}

/// As the book's reader does: Chrome warns about the book's certificate, the reader goes on, the page appears.
#[test]
fn chromium_shows_the_page_once_its_warning_is_bypassed() {
    let folder = tempfile::tempdir().unwrap();
    let Some(chromium) = support::require("chromium", CHROMIUM) else { return };
    let Some(board) = Board::start(&folder, &[]) else { return };
    let shown = dom(&chromium, board.url(), &[IGNORE_CERTIFICATE]);
    assert!(shown.contains("<h1>Hello Secure World! </h1>"), "{shown}");
    let warned = dom(&chromium, board.url(), &[]);
    assert!(!warned.contains("Hello Secure World"), "a self-signed certificate is not trusted: {warned}");
}

#[tokio::test]
async fn a_page_of_another_origin_can_not_switch_the_light_from_chromium() {
    let Some(chromium) = support::require("chromium", CHROMIUM) else { return };
    let Some(board) = Board::new(&[]) else { return };
    let light = format!("{}light", board.url());
    // As a form could: a browser sends this without asking the board first.
    let page = format!(
        "<body>waiting<script>fetch('{light}', {{method: 'POST', mode: 'no-cors', body: '{{\"status\": false}}'}})\
         .then(() => document.body.textContent = 'answered', it => document.body.textContent = it)</script>"
    );
    let answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{page}",
        page.len()
    );
    let foreign = listen(move |stream, _| support::peer::answer(stream, answer.as_bytes()));
    let client = client(&board);
    let before = board.stat(&client).await.requests;
    let address = format!("http://{foreign}/");
    let shown = spawn_blocking(move || {
        dom(&chromium, &address, &[IGNORE_CERTIFICATE, "--virtual-time-budget=10000"])
    });
    let shown = shown.await.unwrap();
    assert!(shown.contains("<body>answered"), "{shown}");
    let after = board.stat(&client).await.requests;
    assert!(after >= before + 2, "the order has reached the board: {before} {after}");
    let switched = async |request: reqwest::RequestBuilder| {
        request.body("{\"status\": false}").send().await.unwrap().status().as_u16()
    };
    let told = async || client.get(&light).send().await.unwrap().json::<Value>().await.unwrap();
    assert_eq!(told().await, json!({ "status": true }));
    // A program, and a page of the board's own, as Chromium would send it.
    let own = board.url().trim_end_matches('/');
    let from_page = client.post(&light).header("origin", own).header("content-type", "application/json");
    assert_eq!(switched(from_page).await, 200);
    assert_eq!(told().await, json!({ "status": false }));
    assert_eq!(switched(client.post(&light).header("origin", own)).await, 415);
    assert_eq!(
        switched(client.post(&light).header("content-type", "application/x-www-form-urlencoded")).await,
        200
    );
}

/// The document as Chromium has it in the end.
fn dom(chromium: &Path, url: &str, flags: &[&str]) -> String {
    let profile = tempfile::tempdir().unwrap();
    let mut command = Command::new(chromium);
    command.args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]);
    command.args(["--disable-background-networking", "--disable-component-update", "--disable-sync"]);
    command.arg(format!("--user-data-dir={}", profile.path().display())).args(flags);
    let output = command.args(["--timeout=20000", "--dump-dom", url]).output().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub(crate) const CHROMIUM: &str = "apt-get install chromium";
const IGNORE_CERTIFICATE: &str = "--ignore-certificate-errors";

#[tokio::test]
async fn with_a_client_ca_only_its_clients_get_in() {
    let pki = Pki::new();
    let ca = pki.ca_file();
    let Some(board) = Board::new(&["--client-ca", ca.path().to_str().unwrap()]) else { return };
    assert_eq!(board.document()["result"]["client_authentication"], "required");
    // Mbed TLS answers in TLS 1.3 with the alert of SSL 3.0.
    for (version, without) in [(&TLS12, "HandshakeFailure"), (&TLS13, "NoCertificate")] {
        let ours = client_with(&board, &[version], Some(pki.client()));
        assert_eq!(ours.get(board.url()).send().await.unwrap().status(), 200);
        for stranger in [None, Some(Pki::new().client())] {
            let alert = if stranger.is_some() { "UnknownCA" } else { without };
            let refused = client_with(&board, &[version], stranger).get(board.url()).send().await;
            let error = format!("{:?}", refused.unwrap_err());
            assert!(error.contains(&format!("AlertReceived({alert})")), "{version:?}: {error}");
        }
    }
}

#[tokio::test]
async fn aborts_and_garbage_give_their_memory_back() {
    let Some(board) = Board::new(&[]) else { return };
    let before = board.stat(&client(&board)).await;
    for nonsense in
        [&b""[..], b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", &[0xff; 3000]]
    {
        for _ in 0..5 {
            raw::send_and_reset(board.port(), nonsense).await;
        }
    }
    for at in [20, 200, 1000] {
        raw::abort_handshake(&board, at).await;
    }
    let after = eventually("the memory is given back", async || {
        let after = board.stat(&client(&board)).await;
        let is_back = after.sessions == before.sessions && after.heap_free >= before.heap_free;
        if is_back { Ok(after) } else { Err(format!("{before:?}\n{after:?}")) }
    });
    let after = after.await;
    assert!(after.failed > before.failed, "{after:?}");
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order_on_one_connection() {
    let Some(board) = Board::new(&[]) else { return };
    let requests = "GET /light HTTP/1.1\r\nHost: x\r\n\r\nGET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n\
                    GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let answers = raw::exchange(&board, requests).await;
    let found: Vec<_> = ["HTTP/1.1 200", "{\"status\"", "HTTP/1.1 404", "HTTP/1.1 200", "<h1>Hello"]
        .iter()
        .scan(0, |at, mark| {
            *at += answers[*at..].find(mark)? + mark.len();
            Some(*at)
        })
        .collect();
    assert_eq!(found.len(), 5, "{answers}");
    assert!(answers.ends_with("<h1>Hello Secure World! </h1>"), "{answers}");
}

#[tokio::test]
async fn counting_instructions_gives_the_same_cost_on_every_board() {
    let mut costs = Vec::new();
    for _ in 0..2 {
        let Some(board) = Board::new(&["--deterministic"]) else { return };
        assert_eq!(board.document()["result"]["clock"], "instructions");
        let client = client(&board);
        let page = client.get(board.url()).send().await.unwrap().text().await.unwrap();
        assert_eq!(page, "<h1>Hello Secure World! </h1>");
        // A board that is idle waits as long as everybody else: without that its clock would be hours ahead by now.
        sleep(Duration::from_secs(1)).await;
        let stat = board.stat(&client).await;
        assert!(stat.uptime_s < 60, "{stat:?}");
        costs.push(stat.handshake_us);
    }
    // The keys differ and the numbers drawn in a handshake too, which moves the last digits.
    let (least, most) = (costs[0].min(costs[1]), costs[0].max(costs[1]));
    assert!(least > 100_000 && most - least < least / 20, "{costs:?}");
}

/// The first handshake is as quick as all others, and both are P-256: a client that sends a share for X25519 is asked again.
#[tokio::test]
async fn an_rsa_handshake_costs_at_most_200_million_instructions_from_the_first_on() {
    let Some(board) = Board::with_key("rsa2048", &["--deterministic"]) else { return };
    for version in [&TLS13, &TLS12] {
        let stat = board.stat(&client_with(&board, &[version], None)).await;
        // Each instruction takes 8 ns of the board's time.
        let million = stat.handshake_us * 125 / 1_000_000;
        assert!((100..=136).contains(&million), "{version:?}: {stat:?}");
    }
}

#[test]
fn without_certificate_and_key_the_books_are_made_here() {
    let folder = tempfile::tempdir().unwrap();
    let Some(board) = Board::start(&folder, &[]) else { return };
    let names: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(names.contains(&"cacert.pem".into()) && names.contains(&"prvtkey.pem".into()), "{names:?}");
    assert_eq!(board.document()["result"]["certificate"], "cacert.pem");
}

/// From an installed binary alone, in any folder: the bundled sources are the board's firmware.
#[test]
fn the_bundled_firmware_is_built_for_the_chip_once_and_laid_out() {
    let folder = tempfile::tempdir().unwrap();
    let save = |name: &str| {
        let mut command = support::command();
        command.args(["flash", "--json", "--ssid", "home", "--open-wifi", "--build", "--save-image", name]);
        let output = command.current_dir(folder.path()).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        serde_json::from_slice::<Value>(&output.stdout).unwrap()
    };
    let first = save("first.bin");
    assert_eq!(first["result"]["application"]["project"], "esp-https-esp32c3");
    let second = save("second.bin");
    assert_eq!(second["result"]["firmware"]["origin"], "cached");
    assert!(
        fs::read(folder.path().join("first.bin")).unwrap()
            == fs::read(folder.path().join("second.bin")).unwrap()
    );
}
