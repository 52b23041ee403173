//! The multicast DNS responder: whatever comes in, probing or established, ends without a panic, and what goes out is a sound
//! message of the buffer's length at most.
#![no_main]

use core::net::Ipv4Addr;

use embassy_time::Instant;
use esp_https_server::mdns::{ANSWER_BYTES, Identity, Label, Message, Responder, Sender};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (bool, bool, &[u8])| {
    let (established, plain, data) = input;
    let identity =
        Identity { hostname: "board", fw: "0.1.0", mac: [2, 0, 0, 0, 0, 7], cert_sha256: [0xAB; 32] };
    let now = Instant::from_secs(60);
    let address = Ipv4Addr::new(192, 168, 1, 7);
    let mut responder = Responder::new(&identity, Label::first(&identity), address, now);
    let mut buffer = [0; ANSWER_BYTES];
    while let Some(due) = responder.due().filter(|_| established) {
        let bytes = responder.tick(due, &mut buffer).expect("a message is due");
        assert!(Message::parse(&buffer[..bytes]).is_some());
    }
    let Some(message) = Message::parse(data) else { return };
    let sender = if plain { Sender::Plain } else { Sender::Multicast };
    if let Some(reply) = responder.receive(&message, sender, now, &mut buffer) {
        assert!(Message::parse(&buffer[..reply.bytes]).is_some_and(|answer| answer.is_response()));
    }
});
