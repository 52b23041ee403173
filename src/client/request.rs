//! An HTTP request as a user describes it: method, path, headers, body. `probe`, `load` and whoever else sends one parse it here.

mod header;

use std::{fmt, str::FromStr};

pub use self::header::{Header, HeaderError, SHOWN_FOR_SECRET, is_header_name, without_secret_headers};
use super::answer;

/// A request. It prints, and serialises, without the values of secret headers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// What is asked for.
    pub method: RequestMethod,
    /// The path with its query; starts with `/`.
    pub path: String,
    /// The headers beside those that every request has. One of them takes the place of ours of the same name.
    pub headers: Vec<Header>,
    /// The body, if there is one.
    pub body: Option<Body>,
}

/// A body. Its bytes are no part of what `Debug` prints.
#[derive(Clone, PartialEq, Eq)]
pub struct Body(pub Vec<u8>);

/// A method in upper-case letters, as all methods are registered (RFC 9110, section 9.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestMethod(String);

/// A text that is no method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is not a method of HTTP")]
pub struct NoMethod;

/// Whether a request that found no answer may be sent again (RFC 9110, section 9.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repetition {
    /// Its method is idempotent: twice has the same effect as once.
    Harmless,
    /// It may have its effect twice.
    Harmful,
}

/// What the client asks to become of the connection after the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Afterwards {
    /// It takes another request.
    Keep,
    /// It ends.
    Close,
}

impl Request {
    /// `GET` of a path, with nothing beside it.
    #[must_use]
    pub fn get(path: &str) -> Self {
        Self { method: RequestMethod::get(), path: path.to_owned(), headers: Vec::new(), body: None }
    }

    /// All header fields in their order: those that every request has, and the user's.
    #[must_use]
    pub fn fields(&self, authority: &str, afterwards: Afterwards) -> Vec<(&str, String)> {
        let mut fields = vec![
            ("Host", authority.to_owned()),
            ("User-Agent", USER_AGENT.to_owned()),
            ("Accept", "*/*".to_owned()),
        ];
        if let Some(length) = self.content_length() {
            fields.push(("Content-Length", length.to_string()));
        }
        if let Some(body) = &self.body {
            fields.push(("Content-Type", body.content_type().to_owned()));
        }
        if afterwards == Afterwards::Close {
            fields.push(("Connection", "close".to_owned()));
        }
        for header in &self.headers {
            fields.retain(|(ours, _)| !ours.eq_ignore_ascii_case(header.name()));
            fields.push((header.name(), header.value().to_owned()));
        }
        fields
    }

    /// The request as it goes over the wire (RFC 9112, section 3).
    #[must_use]
    pub fn bytes(&self, authority: &str, afterwards: Afterwards) -> Vec<u8> {
        let mut bytes = format!("{} {} HTTP/1.1\r\n", self.method, self.path);
        for (name, value) in self.fields(authority, afterwards) {
            bytes.push_str(&format!("{name}: {value}\r\n"));
        }
        bytes.push_str("\r\n");
        let mut bytes = bytes.into_bytes();
        bytes.extend(self.body.iter().flat_map(|body| &body.0));
        bytes
    }

    /// A method that usually has a body says so if it has none (RFC 9110, section 8.6).
    fn content_length(&self) -> Option<usize> {
        let none = self.method.usually_has_body().then_some(0);
        self.body.as_ref().map(|body| body.0.len()).or(none)
    }
}

/// A text of the server's without the secrets that these headers sent it: a server may repeat a request.
#[must_use]
pub fn concealed(sent: &[Header], text: &str) -> String {
    let secrets = sent.iter().flat_map(Header::secrets);
    secrets.fold(text.to_owned(), |text, secret| text.replace(secret, SHOWN_FOR_SECRET))
}

impl Body {
    /// What it looks like: JSON, or else the fields of a form.
    fn content_type(&self) -> &'static str {
        let json = matches!(self.0.trim_ascii_start(), [b'{' | b'[', ..]);
        if json { "application/json" } else { "application/x-www-form-urlencoded" }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Body({} bytes)", self.0.len())
    }
}

impl RequestMethod {
    /// `GET`.
    #[must_use]
    pub fn get() -> Self {
        Self("GET".to_owned())
    }

    /// `POST`.
    #[must_use]
    pub fn post() -> Self {
        Self("POST".to_owned())
    }

    /// Its name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether an answer to it can have a body.
    #[must_use]
    pub fn answer(&self) -> answer::Method {
        if self.0 == "HEAD" { answer::Method::Head } else { answer::Method::WithBody }
    }

    /// Whether a request with it may be sent again.
    #[must_use]
    pub fn repetition(&self) -> Repetition {
        if IDEMPOTENT.contains(&self.as_str()) { Repetition::Harmless } else { Repetition::Harmful }
    }

    fn usually_has_body(&self) -> bool {
        METHODS_WITH_BODY.contains(&self.as_str())
    }
}

impl FromStr for RequestMethod {
    type Err = NoMethod;

    fn from_str(text: &str) -> Result<Self, NoMethod> {
        let is_method =
            !text.is_empty() && text.len() <= LONGEST_METHOD && text.bytes().all(header::is_token);
        if is_method { Ok(Self(text.to_ascii_uppercase())) } else { Err(NoMethod) }
    }
}

impl fmt::Display for RequestMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What requests say of their client.
pub const USER_AGENT: &str = concat!("esp-https/", env!("CARGO_PKG_VERSION"));
/// The largest body in bytes: more than a small device takes, and little enough to keep in memory for each connection.
pub const MOST_BODY: u64 = 16 << 20;
const LONGEST_METHOD: usize = 20;
const IDEMPOTENT: [&str; 6] = ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"];
/// The methods whose requests usually have a body.
const METHODS_WITH_BODY: [&str; 3] = ["POST", "PUT", "PATCH"];

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: &str, headers: &[&str], body: Option<&str>) -> Request {
        Request {
            method: method.parse().unwrap(),
            path: "/light".to_owned(),
            headers: headers.iter().map(|header| header.parse().unwrap()).collect(),
            body: body.map(|body| Body(body.as_bytes().to_vec())),
        }
    }

    fn text(request: &Request, afterwards: Afterwards) -> String {
        String::from_utf8(request.bytes("board.local:8443", afterwards)).unwrap()
    }

    #[test]
    fn a_plain_request_is_small_and_a_body_comes_with_its_length() {
        let plain = text(&request("get", &[], None), Afterwards::Keep);
        insta::assert_snapshot!(plain.replace("\r\n", "\n").replace(env!("CARGO_PKG_VERSION"), "V"), @r"
        GET /light HTTP/1.1
        Host: board.local:8443
        User-Agent: esp-https/V
        Accept: */*
        ");
        let post = text(&request("POST", &["host: other"], Some("{\"status\": true}")), Afterwards::Close);
        assert!(post.starts_with("POST /light HTTP/1.1\r\n") && post.ends_with("\r\n\r\n{\"status\": true}"));
        assert!(
            post.contains(
                "\r\nContent-Length: 16\r\nContent-Type: application/json\r\nConnection: close\r\n"
            )
        );
        assert!(post.contains("\r\nhost: other\r\n") && !post.contains("board.local"), "{post}");
    }

    #[test]
    fn a_request_says_how_long_its_body_is_once() {
        for method in ["POST", "put", "Patch"] {
            let request = text(&request(method, &[], None), Afterwards::Keep);
            assert!(request.starts_with(&method.to_ascii_uppercase()), "{request}");
            assert_eq!(request.matches("\r\nContent-Length: 0\r\n").count(), 1, "{request}");
            assert!(!request.contains("Content-Type"), "{request}");
        }
        for method in ["GET", "delete", "options", "HEAD"] {
            assert!(
                !text(&request(method, &[], None), Afterwards::Keep).contains("Content-Length"),
                "{method}"
            );
        }
    }

    #[test]
    fn a_method_that_would_smuggle_another_request_is_refused() {
        for wrong in ["GET /", "", "GET\r\n", "A-METHOD-THAT-IS-MUCH-TOO-LONG"] {
            assert_eq!(wrong.parse::<RequestMethod>(), Err(NoMethod), "{wrong}");
        }
    }

    #[test]
    fn neither_what_is_printed_nor_what_a_server_repeats_has_a_secret_in_it() {
        let request = request(
            "POST",
            &["Authorization: Bearer s3cr3t-t0ken", "X-Api-Key: k3y", "Accept: a/b"],
            Some("b0dy"),
        );
        let printed = format!("{request:?}");
        assert!(
            !printed.contains("s3cr3t") && !printed.contains("k3y") && !printed.contains("b0dy"),
            "{printed}"
        );
        assert!(printed.contains("a/b"), "{printed}");
        let repeated = "authorization: Bearer s3cr3t-t0ken, token s3cr3t-t0ken, key k3y, a/b";
        assert_eq!(
            concealed(&request.headers, repeated),
            "authorization: (not shown), token (not shown), key (not shown), a/b"
        );
    }
}
