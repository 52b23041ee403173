//! Whatever the bytes, the server answers or hangs up, in bounded time, and gives its session back.

use esp_https_provision::Limits;
use proptest::prelude::*;

use crate::client::Client;
use crate::plain::Plain;
use crate::sim::Sim;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn arbitrary_bytes_end_in_an_end(bytes in prop::collection::vec(any::<u8>(), 1..6000), piece in 1usize..500) {
        survives(Limits::default(), bytes, piece)?;
    }

    #[test]
    fn arbitrary_near_requests_end_in_an_end(
        parts in prop::collection::vec(prop::sample::select(PARTS), 1..40),
        piece in 1usize..100,
        max_header in 256u16..4096,
        max_body in 32u16..2048,
    ) {
        let limits = Limits { max_header, max_body, ..Limits::default() };
        survives(limits, parts.concat().into_bytes(), piece)?;
    }
}

fn survives(limits: Limits, bytes: Vec<u8>, piece: usize) -> Result<(), TestCaseError> {
    let mut sim = Sim::new(Plain, limits);
    let end = sim.connect_with_window(1 << 20);
    let client = Client::new(end);
    let bytes = sim.run(async move {
        let mut client = client;
        for piece in bytes.chunks(piece) {
            client.stream.send(piece).await;
        }
        client.stream.fin();
        client.rest_bytes().await.0
    });
    prop_assert!(bytes.is_empty() || bytes.starts_with(b"HTTP/1.1 "));
    prop_assert_eq!(sim.server.stats().sessions, 0);
    Ok(())
}

/// What requests are made of, right and wrong.
const PARTS: &[&str] = &[
    "GET / HTTP/1.1\r\n",
    "POST /light HTTP/1.1\r\n",
    "HEAD /stat HTTP/1.0\r\n",
    "BREW",
    "Host: b\r\n",
    "Content-Length: 5\r\n",
    "Content-Length: 40\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Expect: 100-continue\r\n",
    "Connection: keep-alive\r\n",
    "X: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n",
    "\r\n",
    "\r\n\r\n",
    "\n",
    "\r",
    "0\r\n\r\n",
    "5\r\nhello\r\n",
    "ff\r\n",
    "{\"status\": true}",
    " ",
    ":",
    "\0",
    "é",
];
