//! The request's bytes, made once.

use super::explain;
use crate::{
    cli::{LoadArgs, ModeArg},
    client::answer::Method,
    client::target::Target,
    error::Result,
};

/// The bytes of the plan's request.
pub(super) fn request(args: &LoadArgs, target: &Target) -> Result<Vec<u8>> {
    let method = method(&args.method)?;
    let authority = target.authority();
    let mut headers = vec![("Host", authority.as_str()), ("User-Agent", USER_AGENT), ("Accept", "*/*")];
    let length = args.data.as_ref().map(|body| body.len().to_string());
    if let Some(length) = &length {
        headers.push(("Content-Length", length));
        headers.push(("Content-Type", content_type(args.data.as_deref())));
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
    bytes.push_str(args.data.as_deref().unwrap_or_default());
    Ok(bytes.into_bytes())
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

fn method(text: &str) -> Result<&str> {
    let is_token = !text.is_empty() && text.len() <= LONGEST_METHOD && text.bytes().all(is_token);
    if is_token { Ok(text) } else { Err(explain::bad_method(text)) }
}

fn parse_header(header: &str) -> Result<(&str, &str)> {
    let parsed = header.split_once(':').map(|(name, value)| (name, value.trim()));
    let valid = |(name, value): &(&str, &str)| {
        !name.is_empty()
            && name.bytes().all(is_token)
            && value.bytes().all(|byte| byte == b'\t' || byte >= b' ')
    };
    parsed.filter(valid).ok_or_else(explain::bad_header)
}

fn content_type(body: Option<&str>) -> &'static str {
    let json = body.is_some_and(|body| body.trim_start().starts_with(['{', '[']));
    if json { "application/json" } else { "application/x-www-form-urlencoded" }
}

/// RFC 9110, section 5.6.2.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

const USER_AGENT: &str = concat!("esp-https/", env!("CARGO_PKG_VERSION"));
const LONGEST_METHOD: usize = 20;

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::{Cli, Command};

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
}
