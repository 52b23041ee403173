//! The openssl command that makes the same certificate: for those who want to see what is behind ours, or check it.

use std::path::Path;

use super::{CommonName, KeyType, Profile, Request, San, store::Location};
use crate::tls::Curve;

/// The command, for a POSIX shell and OpenSSL 3, without a trailing newline. The book's command where that is asked
/// for; it relies on the extensions of the `openssl.cnf` that OpenSSL comes with. The server profile can't, as OpenSSL
/// 3.0 adds to those rather than replaces them, so it brings its own.
#[must_use]
pub fn command(request: &Request, location: &Location) -> String {
    let mut words = vec!["openssl req".to_owned(), new_key(request.key_type), "-nodes".to_owned()];
    words.push(format!("-keyout {}", quote_path(&location.key())));
    words.push(format!("-x509 -days {}", request.validity.in_days()));
    words.push(format!("-out {}", quote_path(&location.certificate())));
    words.extend(digest(request.key_type).map(str::to_owned));
    words.extend(encoding(&request.common_name).map(str::to_owned));
    words.push(format!("-subj {}", quote(&subject(&request.common_name))));
    let command = match request.profile {
        Profile::Book => book(words, &request.names),
        Profile::Server | Profile::Client | Profile::Ca => {
            format!("{} -config - <<'EOF'\n{}EOF", words.join(" "), config(request))
        }
    };
    format!("{}{command}", make_folder(location.folder()))
}

fn book(mut words: Vec<String>, names: &[San]) -> String {
    if !names.is_empty() {
        words.push(format!("-addext {}", quote(&format!("subjectAltName={}", alt_names(names)))));
    }
    words.join(" ")
}

fn config(request: &Request) -> String {
    let key_usage =
        if request.key_type.is_rsa() { "digitalSignature, keyEncipherment" } else { "digitalSignature" };
    SERVER_CONFIG.replace("{{ key_usage }}", key_usage).replace("{{ alt_names }}", &alt_names(&request.names))
}

fn new_key(key_type: KeyType) -> String {
    let on = |curve: Curve| format!("-newkey ec -pkeyopt ec_paramgen_curve:{}", curve.common_name);
    match key_type {
        KeyType::Rsa2048 => "-newkey rsa:2048".to_owned(),
        KeyType::Rsa3072 => "-newkey rsa:3072".to_owned(),
        KeyType::Rsa4096 => "-newkey rsa:4096".to_owned(),
        KeyType::P256 => on(Curve::P256),
        KeyType::P384 => on(Curve::P384),
    }
}

/// SHA-256 is openssl's default, and not named, as in the book.
fn digest(key_type: KeyType) -> Option<&'static str> {
    (key_type == KeyType::P384).then_some("-sha384")
}

/// Without this, openssl takes the bytes of the subject for Latin-1.
fn encoding(common_name: &CommonName) -> Option<&'static str> {
    (!common_name.as_str().is_ascii()).then_some("-utf8")
}

/// `/CN=..`, where a backslash keeps `/`, `+` and itself from their meaning (openssl-req(1), `-subj`).
fn subject(common_name: &CommonName) -> String {
    let mut subject = "/CN=".to_owned();
    for c in common_name.as_str().chars() {
        if matches!(c, '/' | '+' | '\\') {
            subject.push('\\');
        }
        subject.push(c);
    }
    subject
}

fn alt_names(names: &[San]) -> String {
    let entry = |san: &San| match san {
        San::Dns(name) => format!("DNS:{name}"),
        San::Ip(address) => format!("IP:{address}"),
    };
    names.iter().map(entry).collect::<Vec<_>>().join(", ")
}

fn make_folder(folder: &Path) -> String {
    if folder == Path::new(".") { String::new() } else { format!("mkdir -p {}\n", quote_path(folder)) }
}

/// A path as one word of a shell; never one that starts with a hyphen, which would be taken for a flag.
pub(crate) fn quote_path(path: &Path) -> String {
    let text = path.display().to_string();
    if text.starts_with('-') { quote(&format!("./{text}")) } else { quote(&text) }
}

/// A text as one word of a POSIX shell: as it is where it can be, else in double quotes like the book's, and in single
/// quotes where double ones would not do.
pub(crate) fn quote(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:,@%+=".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else if !text.contains(['"', '$', '`', '\\', '!']) {
        format!("\"{text}\"")
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// OpenSSL's configuration for the server profile.
const SERVER_CONFIG: &str = include_str!("../../templates/openssl-server.cnf");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_the_books_command_to_the_letter() {
        assert_eq!(
            command(&Request::book(), &Location::in_folder(Path::new("."))),
            "openssl req -newkey rsa:2048 -nodes -keyout prvtkey.pem -x509 -days 3650 -out cacert.pem \
             -subj \"/CN=ESP32 HTTPS server example\""
        );
    }

    #[test]
    fn words_are_quoted_when_a_shell_needs_it() {
        assert_eq!(quote("a/b.pem"), "a/b.pem");
        assert_eq!(quote("a b"), "\"a b\"");
        assert_eq!(quote("it's $5"), r"'it'\''s $5'");
        assert_eq!(quote(""), "\"\"");
        assert_eq!(quote_path(Path::new("-rf/x")), "./-rf/x");
    }
}
