//! The request's bytes, made once.

use std::{
    fs,
    io::{self, Read as _},
    path::Path,
};

use super::explain;
use crate::{
    cli::{LoadArgs, ModeArg, RequestBody},
    client::answer::Method,
    client::target::Target,
    error::Result,
    load::wiring::Repetition,
};

/// The bytes of the plan's request.
pub(super) fn request(args: &LoadArgs, target: &Target) -> Result<Vec<u8>> {
    let (method, authority) = (method(&args.method)?, target.authority());
    let body = args.data.as_ref().map(body).transpose()?;
    let mut headers = vec![("Host", authority.as_str()), ("User-Agent", USER_AGENT), ("Accept", "*/*")];
    let length = content_length(&method, body.as_deref()).map(|length| length.to_string());
    if let Some(length) = &length {
        headers.push(("Content-Length", length));
    }
    if let Some(body) = &body {
        headers.push(("Content-Type", content_type(body)));
    }
    if args.mode == ModeArg::Close {
        headers.push(("Connection", "close"));
    }
    for header in &args.headers {
        let (name, value) = parse_header(header)?;
        headers.retain(|(ours, _)| !ours.eq_ignore_ascii_case(name));
        headers.push((name, value));
    }
    let mut bytes = format!("{method} {} HTTP/1.1\r\n", target.path());
    for (name, value) in headers {
        bytes.push_str(&format!("{name}: {value}\r\n"));
    }
    bytes.push_str("\r\n");
    let mut bytes = bytes.into_bytes();
    bytes.extend(body.unwrap_or_default());
    Ok(bytes)
}

fn body(given: &RequestBody) -> Result<Vec<u8>> {
    match given {
        RequestBody::Text(text) => Ok(text.clone().into_bytes()),
        RequestBody::File(path) => read(path).map_err(|error| explain::bad_body(path, error)),
    }
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let most = MOST_BODY + 1;
    if path == Path::new(STDIN) {
        io::stdin().take(most).read_to_end(&mut bytes)?;
    } else {
        fs::File::open(path)?.take(most).read_to_end(&mut bytes)?;
    }
    if bytes.len() as u64 > MOST_BODY {
        return Err(io::Error::other(format!("it has more than {} MiB", MOST_BODY >> 20)));
    }
    Ok(bytes)
}

/// A method that usually has a body says so if it has none (RFC 9110, section 8.6).
fn content_length(method: &str, body: Option<&[u8]>) -> Option<usize> {
    body.map(<[u8]>::len).or_else(|| METHODS_WITH_BODY.contains(&method).then_some(0))
}

/// The bytes of the request for the device's own figures.
pub(super) fn stat_request(target: &Target) -> Vec<u8> {
    format!("GET /stat HTTP/1.1\r\nHost: {}\r\nUser-Agent: {USER_AGENT}\r\n\r\n", target.authority())
        .into_bytes()
}

/// Whether an answer to the method can have a body.
pub(super) fn answer_to(method: &str) -> Method {
    if method == "HEAD" { Method::Head } else { Method::WithBody }
}

/// Whether a request with the method may be sent again (RFC 9110, section 9.2.2).
pub(super) fn repetition(method: &str) -> Repetition {
    if IDEMPOTENT.contains(&method) { Repetition::Harmless } else { Repetition::Harmful }
}

/// The method in upper-case letters, as all methods are registered (RFC 9110, section 9.1).
pub(super) fn method(text: &str) -> Result<String> {
    let is_token = !text.is_empty() && text.len() <= LONGEST_METHOD && text.bytes().all(is_token);
    if is_token { Ok(text.to_ascii_uppercase()) } else { Err(explain::bad_method(text)) }
}

fn parse_header(header: &str) -> Result<(&str, &str)> {
    let parsed = header.split_once(':').map(|(name, value)| (name, value.trim()));
    let valid = |(name, value): &(&str, &str)| {
        !name.is_empty()
            && name.bytes().all(is_token)
            && value.bytes().all(|byte| byte == b'\t' || byte >= b' ')
    };
    let (name, value) = parsed.filter(valid).ok_or_else(explain::bad_header)?;
    match FRAMING.iter().find(|framing| framing.eq_ignore_ascii_case(name)) {
        Some(framing) => Err(explain::framing_header(framing)),
        None => Ok((name, value)),
    }
}

fn content_type(body: &[u8]) -> &'static str {
    let json = matches!(body.trim_ascii_start(), [b'{' | b'[', ..]);
    if json { "application/json" } else { "application/x-www-form-urlencoded" }
}

/// RFC 9110, section 5.6.2.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

const USER_AGENT: &str = concat!("esp-https/", env!("CARGO_PKG_VERSION"));
const LONGEST_METHOD: usize = 20;
const IDEMPOTENT: [&str; 6] = ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"];
/// The methods whose requests usually have a body.
const METHODS_WITH_BODY: [&str; 3] = ["POST", "PUT", "PATCH"];
/// The fields that say where a body ends (RFC 9112, section 6).
const FRAMING: [&str; 2] = ["Transfer-Encoding", "Content-Length"];
/// The file name that stands for standard input.
pub(super) const STDIN: &str = "-";
/// More than a small device takes, and little enough to keep in memory for each connection.
const MOST_BODY: u64 = 16 << 20;

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::{Cli, Command};
    use crate::error::Code;

    fn made(words: &[&str]) -> Result<String> {
        let words = ["esp-https", "load", "board.local:8443/light"].iter().chain(words);
        let Command::Load(args) = Cli::try_parse_from(words).unwrap().command else { panic!() };
        let target = args.target.as_deref().unwrap().parse().unwrap();
        request(&args, &target).map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn a_plain_request_is_small_and_a_body_comes_with_its_length() {
        insta::assert_snapshot!(made(&[]).unwrap().replace("\r\n", "\n").replace(env!("CARGO_PKG_VERSION"), "V"), @r"
        GET /light HTTP/1.1
        Host: board.local:8443
        User-Agent: esp-https/V
        Accept: */*
        ");
        let post = made(&["-m", "POST", "-d", "{\"status\": true}", "-H", "host: other"]).unwrap();
        assert!(post.starts_with("POST /light HTTP/1.1\r\n") && post.ends_with("\r\n\r\n{\"status\": true}"));
        assert!(post.contains("\r\nContent-Length: 16\r\nContent-Type: application/json\r\n"));
        assert!(post.contains("\r\nhost: other\r\n") && !post.contains("board.local"), "{post}");
    }

    #[test]
    fn a_header_or_method_that_would_smuggle_another_request_is_refused() {
        for words in [
            &["-H", "X"][..],
            &["-H", "X: a\r\nY: b"],
            &["-H", ": x"],
            &["-H", "X Y: z"],
            &["-m", "GET /"],
            &["-m", ""],
        ] {
            assert!(made(words).is_err(), "{words:?}");
        }
    }

    #[test]
    fn a_request_says_how_long_its_body_is_once_and_only_we_do() {
        for method in ["POST", "put", "Patch"] {
            let request = made(&["-m", method]).unwrap();
            assert!(request.starts_with(&method.to_ascii_uppercase()), "{request}");
            assert_eq!(request.matches("\r\nContent-Length: 0\r\n").count(), 1, "{request}");
            assert!(!request.contains("Content-Type"), "{request}");
        }
        for method in ["GET", "delete", "options", "HEAD"] {
            assert!(!made(&["-m", method]).unwrap().contains("Content-Length"), "{method}");
        }
        for name in
            ["Transfer-Encoding: chunked", "transfer-encoding:x", "Content-Length: 3", "CONTENT-LENGTH: 0"]
        {
            let error = made(&["-m", "POST", "-d", "abc", "-H", name]).unwrap_err();
            assert_eq!(error.code, Code::LOAD_HEADER);
            assert!(error.what.ends_with("follows from the body and can't be given"), "{}", error.what);
        }
    }

    #[test]
    fn the_body_of_a_file_is_sent_byte_for_byte() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("body");
        fs::write(&path, b"\n [1,\r\n2]\n").unwrap();
        let given = format!("@{}", path.display());
        let request = made(&["-m", "PUT", "-d", &given]).unwrap();
        assert!(request.ends_with("\r\n\r\n\n [1,\r\n2]\n"), "{request:?}");
        assert!(
            request.contains("\r\nContent-Length: 10\r\nContent-Type: application/json\r\n"),
            "{request:?}"
        );
        for absent in ["@/nowhere/body".to_owned(), format!("@{}", folder.path().display())] {
            assert_eq!(made(&["-d", &absent]).unwrap_err().code, Code::LOAD_BODY, "{absent}");
        }
        fs::File::create(&path).unwrap().set_len(MOST_BODY + 1).unwrap();
        assert_eq!(made(&["-d", &given]).unwrap_err().what, "it has more than 16 MiB");
    }
}
