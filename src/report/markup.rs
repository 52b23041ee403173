//! Text inside HTML.

use super::printable::without_reordering;

/// What a device, a server or a command line says must not become markup, and not change how the page is read.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in without_reordering(text).chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            control if control.is_control() => escaped.extend(control.escape_unicode()),
            plain => escaped.push(plain),
        }
    }
    escaped
}

/// A link to a file beside the page; nothing for a path that leads elsewhere.
pub(super) fn relative_link(path: &str) -> Option<String> {
    let parts: Vec<&str> = path.split('/').collect();
    if path.is_empty() || parts.iter().any(|part| part.is_empty() || *part == "..") {
        return None;
    }
    Some(parts.into_iter().map(encoded).collect::<Vec<_>>().join("/"))
}

/// A part of a path as a part of a URL (RFC 3986, section 2.3): nothing in it can be a scheme, a query or a fragment.
fn encoded(part: &str) -> String {
    let mut encoded = String::with_capacity(part.len());
    for byte in part.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(byte.into()),
            other => encoded.push_str(&format!("%{other:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_say_does_not_become_markup() {
        assert_eq!(escaped("<script>'\"&\u{7}"), "&lt;script&gt;&#39;&quot;&amp;\\u{7}");
        assert_eq!(escaped("a\u{202e}b"), "a\\u{202e}b");
    }

    #[test]
    fn a_link_stays_beside_the_page() {
        assert_eq!(relative_link("look/a b.json").as_deref(), Some("look/a%20b.json"));
        assert_eq!(relative_link("javascript:alert(1)").as_deref(), Some("javascript%3Aalert%281%29"));
        for elsewhere in ["", "/etc/passwd", "../x", "a/../../x", "//host/x"] {
            assert_eq!(relative_link(elsewhere), None, "{elsewhere}");
        }
    }
}
