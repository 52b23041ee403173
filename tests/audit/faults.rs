//! A busy server is not a "no": broken connections, refusals, silence, and what ends it all.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use support::{LONGEST, peer, proxy::faulty, seeds};

use crate::bench::{Run, Server, nobody, probe};

/// What a report says, without what differs from run to run.
fn answers(run: &Run) -> Vec<(String, String, String)> {
    let items = run.result()["items"].as_array().unwrap_or_else(|| panic!("{:#}", run.document));
    let text = |item: &serde_json::Value, field: &str| item[field].to_string();
    items.iter().map(|item| (text(item, "id"), text(item, "verdict"), text(item, "value"))).collect()
}

fn same_report_through_a_faulty_proxy(server: &Server, seeds: impl Iterator<Item = u64>) {
    let clean = probe(&[&server.address(), "--audit"]);
    assert_eq!(clean.code, 0, "{:#}", clean.document);
    let mut refused = 0;
    for seed in seeds {
        let broken = probe(&[&faulty(server.address(), 30, seed), "--audit"]);
        let ledger = &broken.result()["ledger"];
        let failed: u64 = ["refused", "reset", "closed", "silent"].iter().map(|it| broken.ledger(it)).sum();
        assert!(failed > 0, "seed {seed}: {ledger}");
        refused += broken.ledger("refused");
        let differing: Vec<_> =
            answers(&broken).into_iter().filter(|it| !answers(&clean).contains(it)).collect();
        assert!(differing.is_empty(), "seed {seed}: {differing:#?} {ledger:#}");
        assert_eq!(broken.code, 0, "seed {seed}: {:#}", broken.document["error"]);
    }
    assert!(refused > 0, "the proxy refuses now and then");
}

#[test]
fn openssl_behind_a_proxy_that_breaks_30_of_100_connections_gives_the_same_report() {
    same_report_through_a_faulty_proxy(&Server::openssl("rsa", &[]), seeds(0..10, 3));
}

#[test]
fn openssl_with_ecdsa_behind_such_a_proxy_gives_the_same_report() {
    same_report_through_a_faulty_proxy(&Server::openssl("ecdsa", &["-serverpref"]), seeds(10..20, 3));
}

#[test]
fn nginx_behind_such_a_proxy_gives_the_same_report() {
    let Some(server) = Server::nginx("rsa", "ssl_protocols TLSv1.2 TLSv1.3;") else { return };
    same_report_through_a_faulty_proxy(&server, seeds(20..30, 3));
}

#[test]
fn gnutls_behind_such_a_proxy_gives_the_same_report() {
    let Some(server) = Server::gnutls("rsa", "NORMAL", &[]) else { return };
    same_report_through_a_faulty_proxy(&server, seeds(30..40, 3));
}

#[test]
fn a_server_that_refuses_every_connection_is_inconclusive_throughout() {
    let run = probe(&[&nobody(), "--audit"]);
    assert_eq!(run.code, 4, "{:#}", run.document);
    assert_eq!(run.document["error"]["code"], "probe.gone");
    let open = run.ids("inconclusive").len();
    assert_eq!(open, run.result()["items"].as_array().unwrap().len(), "{:#}", run.document);
    assert_eq!(run.ledger("attempts"), run.ledger("refused"));
}

/// Passes the first connections on, and handles all later ones by `then`.
fn turning(
    upstream: String,
    first: usize,
    then: impl Fn(TcpStream) + Send + Sync + Clone + 'static,
) -> String {
    peer::listen(move |stream, number| {
        if number > first {
            return then(stream);
        }
        peer::forward(stream, &upstream);
    })
}

/// Passes the first connections on, and tells when the next one has come, which it never answers.
pub(crate) fn falling_silent(upstream: String, first: usize) -> (String, std::sync::mpsc::Receiver<()>) {
    let (sender, receiver) = std::sync::mpsc::sync_channel(1);
    let address = turning(upstream, first, move |stream| {
        let _ = sender.try_send(());
        peer::silence(stream);
    });
    (address, receiver)
}

#[test]
fn a_server_that_falls_silent_is_noticed_and_the_last_question_named() {
    let server = Server::openssl("rsa", &[]);
    let silent = turning(server.address(), 6, peer::silence);
    let since = Instant::now();
    let run = probe(&[&silent, "--audit"]);
    assert_eq!(
        (run.code, run.document["error"]["code"].as_str()),
        (4, Some("probe.gone")),
        "{:#}",
        run.document
    );
    assert_eq!(run.result()["health"]["state"], "gone");
    assert!(run.result()["health"]["last_question"].is_string());
    // It is promised within 15 s (docs/audit.md).
    assert!(since.elapsed() < LONGEST, "{:?}", since.elapsed());
    // What it had answered stands; nothing else is a "no".
    assert_eq!(run.verdict("version.tls1_3"), "yes");
    assert_ne!(run.verdict("version.tls1_0"), "no");
}

#[test]
fn peers_that_never_finish_end_at_the_deadline() {
    let slow = |mut stream: TcpStream| {
        // A byte a second, which is what makes it slow.
        let flight = [22, 3, 3, 0x40, 0, 2, 0, 0x3f, 0xfc];
        for byte in flight.iter().chain(std::iter::repeat(&0)) {
            if stream.write_all(&[*byte]).is_err() {
                return;
            }
            thread::sleep(Duration::from_secs(1));
        }
    };
    let empty = |mut stream: TcpStream| while stream.write_all(&[22, 3, 3, 0, 0]).is_ok() {};
    let server = Server::openssl("rsa", &[]);
    for address in [turning(server.address(), 3, slow), turning(server.address(), 3, empty)] {
        let since = Instant::now();
        let run = probe(&[&address, "--audit", "--deadline", "6s"]);
        // These peers have no end: without the deadline of 6 s the run would not end at all.
        assert!(since.elapsed() < LONGEST, "{:?}", since.elapsed());
        assert_ne!(run.code, 0, "{:#}", run.document);
        assert_ne!(run.verdict("version.tls1_0"), "no");
    }
}

/// Passes connections on, but for those that `lost` names by their number and the time since the first.
fn losing(
    upstream: String,
    lost: impl Fn(usize, Duration) -> bool + Send + Sync + Clone + 'static,
) -> String {
    let started = Instant::now();
    peer::listen(move |stream, number| {
        if lost(number, started.elapsed()) {
            return peer::reset_now(stream);
        }
        peer::forward(stream, &upstream);
    })
}

#[test]
fn a_server_that_drops_a_connection_or_reboots_in_the_middle_gives_the_same_report() {
    let server = Server::openssl("rsa", &[]);
    let clean = answers(&probe(&[&server.address(), "--audit"]));
    let drops = losing(server.address(), |number, _| number == 11);
    // From its twentieth connection on it is away for five seconds.
    let away = std::sync::OnceLock::new();
    let away = std::sync::Arc::new(away);
    let reboots = losing(server.address(), move |number, now| {
        number >= 20 && now < *away.get_or_init(|| now) + Duration::from_secs(5)
    });
    for address in [drops, reboots] {
        let run = probe(&[&address, "--audit"]);
        assert_eq!(run.code, 0, "{:#}", run.document["error"]);
        // A reset may overtake the end of `connect`, and looks like a refusal then.
        let lost = ["reset", "closed", "refused"].map(|end| run.ledger(end));
        assert!(lost.iter().sum::<u64>() > 0, "{:#}", run.result()["ledger"]);
        assert_eq!(answers(&run), clean);
    }
}

/// Passes so many bytes of the server on, and what comes then a byte at a time, without an end.
fn tar_pit(upstream: String, quick: usize) -> String {
    peer::listen(move |stream, _| {
        let mut server = TcpStream::connect(&upstream).unwrap();
        let (mut from_client, mut to_server) = (stream.try_clone().unwrap(), server.try_clone().unwrap());
        thread::spawn(move || std::io::copy(&mut from_client, &mut to_server));
        let (mut to_client, mut buffer, mut passed) = (stream, [0; 1024], 0);
        while let Ok(count @ 1..) = server.read(&mut buffer) {
            for byte in buffer[..count].chunks(1) {
                if to_client.write_all(byte).is_err() {
                    return;
                }
                passed += 1;
                if passed > quick {
                    thread::sleep(Duration::from_millis(100));
                }
            }
        }
        let _ = to_client.shutdown(std::net::Shutdown::Write);
    })
}

#[test]
fn a_tar_pit_ends_at_the_deadline_with_what_was_learned() {
    // Its handshake takes less than that, its page more.
    let server = Server::openssl("rsa", &[]);
    let run = probe(&[&tar_pit(server.address(), 2600), "--audit", "--deadline", "20s"]);
    let page = &run.result()["observation"]["page"]["outcome"];
    assert!(page == "truncated" || page == "silent", "{page}: {:#}", run.document["error"]);
    assert_eq!(run.verdict("version.tls1_3"), "yes");
    assert_eq!(run.verdict("tls1_2.static_rsa"), "yes");
    // The deadline has a limit of its own for each step that is under way.
    assert!(run.ledger("total_us") < 30_000_000, "{:#}", run.result()["ledger"]);
    let open = run.ids("inconclusive").len() + run.ids("skipped").len();
    assert!(open > 0 && run.code == 3, "{:#}", run.document["error"]);
}

#[test]
fn the_limits_are_kept_and_what_was_not_asked_is_skipped() {
    let server = Server::openssl("rsa", &[]);
    let run = probe(&[&server.address(), "--audit", "--max-connections", "12"]);
    assert_eq!((run.code, run.document["error"]["code"].as_str()), (3, Some("probe.inconclusive")));
    assert!(run.ledger("attempts") <= 12, "{:#}", run.result()["ledger"]);
    assert!(run.ids("skipped").contains(&"version.tls1_0"), "{:?}", run.ids("skipped"));
    assert_eq!(run.result()["health"]["state"], "unharmed", "the last connection is for the last check");
}

#[test]
fn a_server_that_closes_instead_of_refusing_is_a_no_only_after_a_good_handshake() {
    let server = Server::openssl("rsa", &["-tls1_3"]);
    let upstream = server.address();
    // Closes what is not TLS 1.3 without a word, as some devices do.
    let address = peer::listen(move |mut client, _| {
        let mut hello = vec![0; 20_000];
        let count = client.read(&mut hello).unwrap_or_default();
        let offers_tls13 =
            hello[..count].windows(4).any(|part| part == [0, 0x2b, 0, 3] || part == [0, 0x2b, 0, 5]);
        if offers_tls13 || count >= 1200 {
            peer::forward_after(client, &hello[..count], &upstream);
        }
    });
    let run = probe(&[&address, "--audit"]);
    let tls12 = run.item("version.tls1_2");
    assert_eq!(tls12["verdict"], "no", "{tls12:#}");
    assert!(
        tls12["evidence"]["says"].as_str().unwrap().contains("with a good handshake between"),
        "{tls12:#}"
    );
}

/// Passes connections on, but answers each hello of TLS 1.3 without a key share by a HelloRetryRequest for this suite and group,
/// whatever was offered (RFC 8446, section 4.1.4).
fn stubborn(upstream: String, suite: u16, group: u16) -> String {
    peer::listen(move |mut client, _| {
        let mut hello = vec![0; 20_000];
        let count = client.read(&mut hello).unwrap_or_default();
        let hello = &hello[..count];
        if !hello.windows(6).any(|part| part == [0, 0x33, 0, 2, 0, 0]) {
            return peer::forward_after(client, hello, &upstream);
        }
        let session_id = &hello[43..44 + usize::from(hello[43])];
        let extensions = [&[0, 0x2b, 0, 2, 3, 4, 0, 0x33, 0, 2][..], &group.to_be_bytes()].concat();
        let length = u8::try_from(extensions.len()).unwrap();
        let body =
            [&[3, 3][..], &RETRY_RANDOM, session_id, &suite.to_be_bytes(), &[0, 0, length], &extensions]
                .concat();
        let length = u8::try_from(body.len()).unwrap();
        let record = [&[22, 3, 3, 0, length + 4, 2, 0, 0, length][..], &body].concat();
        let _ = client.write_all(&record);
        // The client ends the connection.
        let _ = client.read(&mut [0; 100]);
    })
}

/// SHA-256 of `HelloRetryRequest` (RFC 8446, section 4.1.3).
pub(crate) const RETRY_RANDOM: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2,
    0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

#[test]
fn a_server_that_chooses_what_was_not_offered_leaves_the_list_open() {
    let server = Server::openssl("rsa", &[]);
    for (suite, group, chosen, suites) in [
        (0x1301, 0x001d, "TLS_AES_128_GCM_SHA256", &["TLS_AES_128_GCM_SHA256"][..]),
        (0x13ff, 0x001d, "0x13ff", &[]),
        (0xc02f, 0x001d, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", &[]),
        (0x1301, 0x1234, "0x1234", &[]),
    ] {
        let run = probe(&[&stubborn(server.address(), suite, group), "--audit"]);
        assert_eq!(
            (run.code, run.document["error"]["code"].as_str()),
            (3, Some("probe.inconclusive")),
            "{suite:04x}"
        );
        assert!(run.ledger("attempts") < 100, "{:#}", run.result()["ledger"]);
        assert_eq!(run.verdict("version.tls1_3"), "yes", "the whole handshake negotiated it");
        for id in ["tls1_3.suites", "tls1_3.groups"] {
            let item = run.item(id);
            assert_eq!(item["verdict"], "inconclusive", "{item:#}");
            let says = item["evidence"]["says"].as_str().unwrap();
            assert!(says.starts_with("it chose ") && says.ends_with(", which was not offered"), "{says}");
            assert!(says.contains(chosen), "{says}");
        }
        let listed = run.item("tls1_3.suites")["value"].as_array().cloned().unwrap_or_default();
        assert_eq!(listed, suites, "{suite:04x}: nothing that was not offered is in the list");
    }
}

#[test]
fn what_does_not_speak_tls_is_not_asked_about_it() {
    let address = peer::listen(|stream, _| peer::answer(stream, b"HTTP/1.1 400 Bad Request\r\n\r\n"));
    let run = probe(&[&address, "--audit"]);
    assert_eq!((run.code, run.document["error"]["code"].as_str()), (5, Some("probe.not_tls")));
}

#[test]
fn a_name_that_nobody_has_is_no_audit() {
    let run = probe(&["board.invalid", "--audit"]);
    assert_eq!((run.code, run.document["error"]["code"].as_str()), (4, Some("client.name_not_found")));
}
