//! What the responder answers, asks and is told.

use super::super::ANSWER_BYTES;
use super::*;

const IDENTITY: Identity<'static> =
    Identity { hostname: "board", fw: "1.2.3", mac: [2, 0, 0, 0, 0, 0], cert_sha256: [0xAB; 32] };
const ADDRESS: Ipv4Addr = Ipv4Addr::new(192, 168, 1, 7);
const OTHER: [u8; 4] = [192, 168, 1, 9];
const A: u16 = 1;
const AAAA: u16 = 28;
const PTR: u16 = 12;
const HOST: &[&[u8]] = &[b"board", b"local"];
const SERVICE: &[&[u8]] = &[b"_https", b"_tcp", b"local"];

fn at(ms: u64) -> Instant {
    Instant::from_millis(ms)
}

/// A responder that was asked nothing until it had its name.
fn established() -> Responder<'static> {
    let mut responder = Responder::new(&IDENTITY, Label::first(&IDENTITY), ADDRESS, at(0));
    let mut buffer = [0; ANSWER_BYTES];
    while let Some(due) = responder.due() {
        responder.tick(due, &mut buffer).unwrap();
    }
    responder
}

/// A query, with what the querier knows or wants to have.
fn query(name: &[&[u8]], kind: u16, class: u16) -> Vec<u8> {
    let mut buffer = [0; 512];
    let mut writer = Writer::new(&mut buffer, 0x1234, 0, 1);
    writer.name(name);
    writer.word(kind);
    writer.word(class);
    let bytes = writer.finish(0, 0, 0).unwrap();
    buffer[..bytes].to_vec()
}

/// A record of somebody else, in the answers of a response or the authority section of a probe.
fn record(flags: u16, name: &[&[u8]], kind: u16, data: &[u8]) -> Vec<u8> {
    let mut buffer = [0; 512];
    let mut writer = Writer::new(&mut buffer, 0, flags, 0);
    writer.name(name);
    writer.word(kind);
    writer.word(IN | TOP_BIT);
    writer.bytes(&120_u32.to_be_bytes());
    writer.data(|writer| writer.bytes(data));
    let answers = u16::from(flags != 0);
    let bytes = writer.finish(answers, 1 - answers, 0).unwrap();
    buffer[..bytes].to_vec()
}

fn receive(responder: &mut Responder<'_>, data: &[u8], sender: Sender, ms: u64) -> Option<(Vec<u8>, Reply)> {
    let mut buffer = [0; ANSWER_BYTES];
    let reply = responder.receive(&Message::parse(data)?, sender, at(ms), &mut buffer)?;
    Some((buffer[..reply.bytes].to_vec(), reply))
}

/// The types of the records of an answer, in order.
fn kinds(answer: &[u8]) -> Vec<u16> {
    Message::parse(answer).unwrap().records().map(|record| record.kind).collect()
}

#[test]
fn a_name_is_asked_for_three_times_and_told_twice() {
    let mut responder = Responder::new(&IDENTITY, Label::first(&IDENTITY), ADDRESS, at(0));
    let mut buffer = [0; ANSWER_BYTES];
    for (ms, is_probe) in [(0, true), (250, true), (500, true), (750, false), (1_750, false)] {
        assert_eq!(responder.due(), Some(at(ms)));
        assert_eq!(responder.has_its_name(), ms > 750);
        let bytes = responder.tick(at(ms), &mut buffer).unwrap();
        let message = Message::parse(&buffer[..bytes]).unwrap();
        assert_eq!((message.is_probe(), message.is_response()), (is_probe, !is_probe));
        assert!(!is_probe || message.questions().all(|question| question.wants_unicast()));
        assert_eq!(message.records().count(), if is_probe { 3 } else { 7 });
    }
    assert_eq!(responder.due(), None);
}

#[test]
fn the_address_is_told_to_those_who_ask_for_it() {
    let (answer, reply) = receive(&mut established(), &query(HOST, A, IN), Sender::Multicast, 9_000).unwrap();
    // No id and no question (section 18.1, 6), response and authoritative, one answer.
    assert_eq!(&answer[..12], b"\0\0\x84\0\0\0\0\x01\0\0\0\0");
    // A, IN with the cache-flush bit, 120 s, 4 bytes.
    assert_eq!(&answer[12..], b"\x05board\x05local\0\0\x01\x80\x01\0\0\0\x78\0\x04\xc0\xa8\x01\x07");
    assert_eq!((reply.to, reply.delay), (Destination::Everyone, Duration::MIN));
}

#[test]
fn a_query_for_an_ipv6_address_is_told_that_there_is_none() {
    let (answer, _) = receive(&mut established(), &query(HOST, AAAA, IN), Sender::Multicast, 9_000).unwrap();
    assert_eq!(&answer[12..][..15], b"\x05board\x05local\0\0\x2F");
    // The next name is the name itself, and of the types up to 7 there is type 1, A (RFC 4034 section 4.1.2).
    assert!(answer.ends_with(b"\0\x10\x05board\x05local\0\0\x01\x40"));
}

#[test]
fn a_plain_resolver_gets_its_id_and_question_back() {
    let asked = query(HOST, A, IN);
    let (answer, reply) = receive(&mut established(), &asked, Sender::Plain, 9_000).unwrap();
    assert_eq!(&answer[..12], b"\x12\x34\x84\0\0\x01\0\x01\0\0\0\0");
    assert_eq!(&answer[12..29], &asked[12..29]);
    // 10 s at most, and no cache-flush bit (section 6.7).
    assert_eq!(&answer[42..51], b"\0\x01\0\x01\0\0\0\x0A\0");
    assert_eq!(reply.to, Destination::Sender);
}

#[test]
fn the_service_is_told_with_all_that_comes_next() {
    let (answer, reply) =
        receive(&mut established(), &query(SERVICE, PTR, IN), Sender::Multicast, 9_000).unwrap();
    assert_eq!(kinds(&answer), [PTR, TYPE_A, TYPE_SRV, TYPE_TXT]);
    assert!(reply.delay >= MIN_DELAY, "others may have the service, too");
    let text = b"\x08fw=1.2.3\x15mac=02:00:00:00:00:00\x24pin=abababababababababababababababab";
    let message = Message::parse(&answer).unwrap();
    assert_eq!(message.records().find(|record| record.kind == TYPE_TXT).unwrap().data, text);
    let location = message.records().find(|record| record.kind == TYPE_SRV).unwrap();
    assert_eq!(location.data[..6], [0, 0, 0, 0, 1, 0xBB]);
    assert!(location.name_in_data(6).is(HOST));
    let services: &[&[u8]] = &[b"_services", b"_dns-sd", b"_udp", b"local"];
    let (answer, _) =
        receive(&mut established(), &query(services, PTR, IN), Sender::Multicast, 9_000).unwrap();
    assert!(Message::parse(&answer).unwrap().records().next().unwrap().name_in_data(0).is(SERVICE));
}

#[test]
fn what_the_querier_knows_is_not_told_again() {
    let mut responder = established();
    let asked = query(HOST, A, IN);
    let (answer, _) = receive(&mut responder, &asked, Sender::Multicast, 9_000).unwrap();
    let mut known = asked.clone();
    known[7] = 1;
    known.extend(&answer[12..]);
    assert_eq!(receive(&mut responder, &known, Sender::Multicast, 19_000), None);
    // With less than half of its time left it is told again.
    let ttl_at = known.len() - 7;
    known[ttl_at] = 59;
    assert!(receive(&mut responder, &known, Sender::Multicast, 29_000).is_some());
}

#[test]
fn a_record_goes_to_everyone_once_a_second_and_to_one_whenever_asked() {
    let mut responder = established();
    let everyone = query(HOST, A, IN);
    assert!(receive(&mut responder, &everyone, Sender::Multicast, 9_000).is_some());
    assert_eq!(receive(&mut responder, &everyone, Sender::Multicast, 9_999), None);
    let (_, reply) =
        receive(&mut responder, &query(HOST, A, IN | TOP_BIT), Sender::Multicast, 9_999).unwrap();
    assert_eq!(reply.to, Destination::Sender);
    assert!(receive(&mut responder, &everyone, Sender::Multicast, 10_000).is_some());
}

#[test]
fn other_names_types_classes_and_answers_get_nothing() {
    let mut responder = established();
    for query in [
        query(&[b"other", b"local"], A, IN),
        query(&[b"board"], A, IN),
        query(HOST, A, 3),
        query(SERVICE, A, IN),
        record(RESPONSE, HOST, A, &ADDRESS.octets()),
    ] {
        assert_eq!(receive(&mut responder, &query, Sender::Multicast, 9_000), None);
    }
    assert!(responder.has_its_name());
}

#[test]
fn a_name_that_another_has_is_left_to_it() {
    let mut responder = Responder::new(&IDENTITY, Label::first(&IDENTITY), ADDRESS, at(0));
    let taken = record(RESPONSE, HOST, A, &OTHER);
    receive(&mut responder, &taken, Sender::Multicast, 100);
    assert_eq!(responder.label().to_string(), "board-2");
    assert_eq!(responder.due(), Some(at(1_100)));
    receive(&mut responder, &taken, Sender::Multicast, 200);
    assert_eq!(responder.label().to_string(), "board-2", "that is nobody's");
    receive(
        &mut responder,
        &record(RESPONSE, &[b"board-2", b"local"], AAAA, &[0; 16]),
        Sender::Multicast,
        300,
    );
    assert_eq!(responder.label().to_string(), "board-3");
}

#[test]
fn a_contradiction_later_makes_it_probe_again() {
    let mut responder = established();
    receive(&mut responder, &record(RESPONSE, HOST, A, &ADDRESS.octets()), Sender::Multicast, 9_000);
    assert!(responder.has_its_name(), "our own answer, sent back to us");
    receive(&mut responder, &record(RESPONSE, HOST, A, &OTHER), Sender::Multicast, 9_000);
    assert!(!responder.has_its_name());
    assert_eq!(responder.label().to_string(), "board", "the other may give way");
    assert_eq!(receive(&mut responder, &query(HOST, A, IN), Sender::Multicast, 9_100), None);
}

#[test]
fn of_two_probers_the_later_record_wins() {
    for (theirs, due) in [([192, 168, 1, 6], 0), ([192, 168, 1, 7], 0), ([192, 168, 1, 8], 1_000)] {
        let mut responder = Responder::new(&IDENTITY, Label::first(&IDENTITY), ADDRESS, at(0));
        receive(&mut responder, &record(0, HOST, A, &theirs), Sender::Multicast, 0);
        assert_eq!((responder.due(), responder.label().to_string().as_str()), (Some(at(due)), "board"));
    }
}

#[test]
fn a_probe_for_our_name_is_answered_soon() {
    let mut responder = established();
    assert!(receive(&mut responder, &query(HOST, A, IN), Sender::Multicast, 9_000).is_some());
    let mut probe = query(HOST, 255, IN);
    probe[9] = 1;
    probe.extend(&record(0, HOST, A, &OTHER)[12..]);
    assert!(receive(&mut responder, &probe, Sender::Multicast, 9_250).is_some());
}

#[test]
fn no_truncated_or_damaged_query_panics_and_no_truncated_one_gets_an_answer() {
    let whole = query(HOST, A, IN);
    let mut responder = established();
    for len in 0..whole.len() {
        assert_eq!(receive(&mut responder, &whole[..len], Sender::Plain, 9_000), None, "{len} bytes");
    }
    for at in 0..whole.len() {
        for byte in 0..=255 {
            let mut damaged = whole.clone();
            damaged[at] = byte;
            let _ = receive(&mut responder, &damaged, Sender::Multicast, 9_000);
            let _ = receive(&mut responder, &damaged, Sender::Plain, 9_000);
        }
    }
}

/// The buffer's arithmetic: everything at once, with the longest name, to a plain resolver's longest question.
#[test]
fn the_longest_message_fits_and_one_byte_less_is_too_little() {
    let hostname = "a".repeat(40);
    let identity = Identity { hostname: &hostname, fw: "65535.65535.65535", ..IDENTITY };
    let mut label = Label::first(&identity);
    for _ in 1..u16::MAX {
        label = label.next(&identity);
    }
    assert_eq!(label.as_bytes().len(), 38);
    let owner = Owner { identity: &identity, label, address: ADDRESS };
    let asked = query(&owner.instance(), A, IN);
    let message = Message::parse(&asked).unwrap();
    assert_eq!(owner.plain_answer(&message, Set::EVERYTHING, &mut [0; ANSWER_BYTES]), Some(ANSWER_BYTES));
    for len in 0..ANSWER_BYTES {
        assert_eq!(owner.plain_answer(&message, Set::EVERYTHING, &mut vec![0; len]), None, "{len} bytes");
    }
    assert!(owner.response(Set::EVERYTHING, Set::NONE, &mut [0; ANSWER_BYTES]).is_some());
}
