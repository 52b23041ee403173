use super::*;

const DELIVERY: Delivery =
    Delivery { version: Version::Http11, persistence: Persistence::KeepAlive, part: BodyPart::Send };

/// All that goes out when `body` is written in pieces that the buffer takes.
fn rendered(delivery: Delivery, extent: Extent, mut body: &[u8]) -> Result<String, Flaw> {
    let mut outgoing = Outgoing::new();
    outgoing.prepare(delivery);
    outgoing.status(Status::OK);
    outgoing.end_head(extent);
    let mut out = Vec::new();
    while !body.is_empty() {
        let taken = outgoing.push(body)?;
        body = &body[taken..];
        if !body.is_empty() {
            outgoing.seal(Last::No);
            out.extend(outgoing.sealed());
            outgoing.sent(outgoing.length);
        }
    }
    outgoing.end_body()?;
    outgoing.seal(Last::Yes);
    out.extend(outgoing.sealed());
    Ok(String::from_utf8(out).unwrap())
}

#[test]
fn an_announced_body_of_any_length_goes_out_as_it_is() {
    for length in [0, 1, 400, 511, 512, 513, 5000] {
        let body = "x".repeat(length);
        let text = rendered(DELIVERY, Extent::Length(length as u64), body.as_bytes()).unwrap();
        assert_eq!(text, format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}"));
    }
}

#[test]
fn a_body_of_unknown_length_goes_out_in_chunks_of_any_size() {
    for length in [0, 1, 400, 440, 441, 442, 443, 450, 500, 1000, 5000] {
        let body = "x".repeat(length);
        let text = rendered(DELIVERY, Extent::Open, body.as_bytes()).unwrap();
        let mut rest = text.strip_prefix("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").unwrap();
        let mut decoded = String::new();
        loop {
            let (size, data) = rest.split_once("\r\n").unwrap();
            let size = usize::from_str_radix(size, 16).unwrap();
            decoded.push_str(&data[..size]);
            rest = data[size..].strip_prefix("\r\n").unwrap();
            if size == 0 {
                break;
            }
        }
        assert_eq!((decoded, rest), (body, ""), "{length}");
    }
}

#[test]
fn a_client_of_http_1_0_gets_an_open_body_until_the_end_of_the_connection() {
    let delivery = Delivery { version: Version::Http10, ..DELIVERY };
    let text = rendered(delivery, Extent::Open, b"body").unwrap();
    assert_eq!(text, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nbody");
}

#[test]
fn no_byte_beyond_the_announced_goes_out_and_fewer_are_told() {
    assert_eq!(rendered(DELIVERY, Extent::Length(3), b"body"), Err(Flaw::Longer { announced: 3 }));
    assert_eq!(
        rendered(DELIVERY, Extent::Length(9), b"body"),
        Err(Flaw::Shorter { announced: 9, missing: 5 })
    );
}

#[test]
fn a_head_that_does_not_fit_is_a_flaw_and_not_a_part_of_one() {
    let mut outgoing = Outgoing::new();
    outgoing.prepare(DELIVERY);
    outgoing.status(Status::OK);
    outgoing.field("X", &"x".repeat(ANSWER_BYTES));
    outgoing.end_head(Extent::Length(0));
    assert_eq!(outgoing.end_body(), Err(Flaw::HeadTooLong));
    assert!(!outgoing.has_unsent());
}

#[test]
fn a_field_can_not_start_another_line() {
    for (name, value) in
        [("X", "a\r\nSet-Cookie: b"), ("X", "a\nb"), ("X", "\0"), ("X:", "a"), ("", "a"), ("a b", "c")]
    {
        let mut outgoing = Outgoing::new();
        outgoing.prepare(DELIVERY);
        outgoing.status(Status::OK);
        outgoing.field(name, &value);
        outgoing.end_head(Extent::Length(0));
        assert_eq!(outgoing.push(b""), Err(Flaw::Field), "{name:?} {value:?}");
    }
}
