//! One header of a request or an answer, and which headers hold secrets.

use std::{fmt, str::FromStr, sync::LazyLock};

use regex::bytes::{Captures, Regex};
use serde::{Serialize, Serializer, ser::SerializeStruct as _};

/// A header field. It prints, and serialises, without its value where that is a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Header {
    name: String,
    value: String,
    secrecy: Secrecy,
}

/// Whether a header's value may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Secrecy {
    Open,
    Secret,
}

/// Why a text is no header of a request. The text is not repeated: it may hold a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HeaderError {
    /// There is no colon, or a name or value has characters that can't be sent (RFC 9110, section 5).
    #[error("a header is written NAME: VALUE, without line breaks")]
    Form,
    /// It says where the body ends (RFC 9112, section 6).
    #[error("{0} follows from the body and can't be given")]
    Framing(&'static str),
}

impl Header {
    /// One that a server sent, which is taken as it is. It is a secret as well when it repeats one of those that were sent.
    #[must_use]
    pub fn received(name: &str, value: &[u8], sent: &[Self]) -> Self {
        let value = String::from_utf8_lossy(value).into_owned();
        let repeats = sent.iter().flat_map(Self::secrets).any(|secret| value.contains(secret));
        let secrecy = if repeats { Secrecy::Secret } else { Secrecy::of(name) };
        Self { name: name.to_owned(), value, secrecy }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its value, even if it is a secret: to be sent or compared, not to be shown.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Its value as it may be shown.
    #[must_use]
    pub fn shown(&self) -> &str {
        match self.secrecy {
            Secrecy::Open => &self.value,
            Secrecy::Secret => SHOWN_FOR_SECRET,
        }
    }

    /// Whether its value is a secret.
    #[must_use]
    pub fn is_secret(&self) -> bool {
        self.secrecy == Secrecy::Secret
    }

    /// Whether it has this name, which is compared without regard to case.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// The texts in it that must not be shown, the longest first: the value, and each of its words that can hold the secret
    /// (`Bearer TOKEN`, `name=VALUE; name=VALUE`).
    pub(super) fn secrets(&self) -> Vec<&str> {
        if self.secrecy == Secrecy::Open || self.value.is_empty() {
            return Vec::new();
        }
        let is_long = |word: &&str| word.len() >= SHORTEST_SECRET;
        let words = self
            .value
            .split([' ', ';', ',', '"'])
            .map(|word| word.split_once('=').map_or(word, |(_, value)| value));
        let mut secrets: Vec<_> = words.filter(is_long).filter(|word| !SCHEMES.contains(word)).collect();
        secrets.push(&self.value);
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        secrets
    }
}

/// Whether a text can be the name of a header (RFC 9110, section 5.1).
#[must_use]
pub fn is_header_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(is_token)
}

/// A text in which the values of secret headers are not shown, wherever their lines stand: a command line of a shell, or what a
/// program such as `curl -v` has printed. A value that is only a variable of the shell stays.
#[must_use]
pub fn without_secret_headers(text: &[u8]) -> Vec<u8> {
    let conceal = |found: &Captures<'_>| match &found["value"] {
        value if is_variable(value) => found[0].to_vec(),
        _ => [&found["name"], SHOWN_FOR_SECRET.as_bytes()].concat(),
    };
    // The pattern is one of ours; that it is good is a test.
    SECRET_LINE.as_ref().map_or_else(|| text.to_vec(), |line| line.replace_all(text, conceal).into_owned())
}

/// Whether a value is a variable of the shell, but for the scheme before it.
fn is_variable(value: &[u8]) -> bool {
    let mut words = value.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    words.all(|word| {
        word.starts_with(b"$") || SCHEMES.iter().any(|scheme| scheme.as_bytes().eq_ignore_ascii_case(word))
    })
}

/// A secret header from its name to the end of its line, or of the word that quotes it.
static SECRET_LINE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let names = SECRET.join("|");
    Regex::new(&format!(r#"(?i-u)(?<name>\b(?:{names})[ \t]*:[ \t]*)(?<value>[^'"\r\n]+)"#)).ok()
});

impl Secrecy {
    /// Whether the value of a header of this name is a secret.
    fn of(name: &str) -> Self {
        let is_secret = SECRET.iter().any(|secret| secret.eq_ignore_ascii_case(name));
        if is_secret { Self::Secret } else { Self::Open }
    }
}

impl FromStr for Header {
    type Err = HeaderError;

    /// Parses `NAME: VALUE`.
    fn from_str(text: &str) -> Result<Self, HeaderError> {
        let parsed = text.split_once(':').map(|(name, value)| (name, value.trim()));
        let valid = |(name, value): &(&str, &str)| {
            is_header_name(name) && value.bytes().all(|byte| byte == b'\t' || (byte >= b' ' && byte != DEL))
        };
        let (name, value) = parsed.filter(valid).ok_or(HeaderError::Form)?;
        match FRAMING.iter().find(|framing| framing.eq_ignore_ascii_case(name)) {
            Some(framing) => Err(HeaderError::Framing(framing)),
            None => Ok(Self { name: name.to_owned(), value: value.to_owned(), secrecy: Secrecy::of(name) }),
        }
    }
}

impl fmt::Display for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.shown())
    }
}

impl fmt::Debug for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Header({self})")
    }
}

impl Serialize for Header {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Header", 2)?;
        fields.serialize_field("name", &self.name)?;
        fields.serialize_field("value", self.shown())?;
        fields.end()
    }
}

/// RFC 9110, section 5.6.2.
pub(super) fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// What stands in place of a secret.
pub const SHOWN_FOR_SECRET: &str = "(not shown)";
/// The headers whose values let whoever has them in.
const SECRET: [&str; 9] = [
    "Authorization",
    "Proxy-Authorization",
    "Cookie",
    "Set-Cookie",
    "X-Api-Key",
    "Api-Key",
    "X-Auth-Token",
    "X-Access-Token",
    "X-CSRF-Token",
];
/// Words of these headers that are no secrets (RFC 9110, section 11.1).
const SCHEMES: [&str; 5] = ["Basic", "Bearer", "Digest", "HttpOnly", "Secure"];
/// A shorter word, such as `me`, may stand anywhere in an answer.
const SHORTEST_SECRET: usize = 6;
/// The fields that say where a body ends (RFC 9112, section 6).
const FRAMING: [&str; 2] = ["Transfer-Encoding", "Content-Length"];
const DEL: u8 = 0x7f;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_that_would_smuggle_another_request_is_refused() {
        for wrong in ["X", "X: a\r\nY: b", ": x", "X Y: z", "X: a\u{7f}", "X: \0"] {
            assert_eq!(wrong.parse::<Header>(), Err(HeaderError::Form), "{wrong}");
        }
        for framing in
            ["Transfer-Encoding: chunked", "transfer-encoding:x", "Content-Length: 3", "CONTENT-LENGTH: 0"]
        {
            let error = framing.parse::<Header>().unwrap_err();
            assert!(error.to_string().ends_with("follows from the body and can't be given"), "{error}");
        }
        let header: Header = "X-Name:  a: b\t".parse().unwrap();
        assert_eq!((header.name(), header.value()), ("X-Name", "a: b"));
    }

    #[test]
    fn a_secret_is_never_shown_whoever_sent_it() {
        for name in SECRET {
            let sent: Header = format!("{}: s3cr3t", name.to_lowercase()).parse().unwrap();
            let came = Header::received(&name.to_uppercase(), b"s3cr3t", &[]);
            for header in [sent, came] {
                let json = serde_json::to_string(&header).unwrap();
                assert!(!format!("{header} {header:?} {json}").contains("s3cr3t"), "{name}");
                assert_eq!(header.value(), "s3cr3t");
            }
        }
        let sent: Header = "Authorization: Bearer s3cr3t".parse().unwrap();
        let repeated = Header::received("X-Echo", b"got s3cr3t", &[sent]);
        assert_eq!((repeated.shown(), repeated.value()), (SHOWN_FOR_SECRET, "got s3cr3t"));
        assert_eq!("Accept: a/b".parse::<Header>().unwrap().to_string(), "Accept: a/b");
    }

    #[test]
    fn secret_headers_are_not_shown_in_any_text() {
        for (text, shown) in [
            ("curl -H 'Authorization: Bearer s3cr3t' $URL", "curl -H 'Authorization: (not shown)' $URL"),
            ("curl -H \"cookie:id=s3cr3t\" -H 'Accept: a'", "curl -H \"cookie:(not shown)\" -H 'Accept: a'"),
            ("> x-api-key: s3cr3t\r\n> Host: a", "> x-api-key: (not shown)\r\n> Host: a"),
            ("< Set-Cookie: id=s3cr3t; Secure\n", "< Set-Cookie: (not shown)\n"),
            ("-H \"Authorization: Bearer $TOKEN\"", "-H \"Authorization: Bearer $TOKEN\""),
            ("-H \"Authorization: Bearer s3cr3t$TOKEN\"", "-H \"Authorization: (not shown)\""),
            ("the board says: Hello", "the board says: Hello"),
        ] {
            assert_eq!(String::from_utf8(without_secret_headers(text.as_bytes())).unwrap(), shown);
        }
        assert_eq!(without_secret_headers(b"\xffCookie: a=\xfe\n\x00"), b"\xffCookie: (not shown)\n\x00");
    }
}
