//! Who sends a request: a program, or a page that a browser shows, and whose page it is.
//!
//! A browser lets any page send a `POST` to any address, and tells the server whose page it was: `Origin` (RFC 6454 section 7)
//! and `Sec-Fetch-Site` (W3C Fetch Metadata). A page can't change either.

/// Who sends the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sender {
    /// No page: a program such as curl, or a person at the address bar.
    Program,
    /// A page of this board, which sends JSON.
    OwnPage,
    /// A page of this board, which sends something else: a form, if anything.
    OwnForm,
    /// A page of somebody else's.
    ForeignPage,
}

/// What the header fields have said about the sender so far.
#[derive(Default)]
pub(crate) struct SenderFields<'h> {
    origin: Option<Origin<'h>>,
    site: Option<Site>,
    json: bool,
}

/// The value of `Origin`. More than one is nobody's.
enum Origin<'h> {
    One(&'h [u8]),
    Several,
}

/// The value of `Sec-Fetch-Site`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Site {
    /// The same origin.
    Same,
    /// No page asked: the address bar, or a bookmark.
    NoPage,
    Other,
}

impl<'h> SenderFields<'h> {
    pub(crate) fn field(&mut self, name: &str, value: &'h [u8]) {
        if name.eq_ignore_ascii_case("origin") {
            self.origin = Some(if self.origin.is_some() { Origin::Several } else { Origin::One(value) });
        } else if name.eq_ignore_ascii_case("sec-fetch-site") {
            self.site = Some(match value {
                _ if self.site.is_some() => Site::Other,
                b"same-origin" => Site::Same,
                b"none" => Site::NoPage,
                _ => Site::Other,
            });
        } else if name.eq_ignore_ascii_case("content-type") {
            let media_type = value.split(|byte| *byte == b';').next().unwrap_or_default();
            self.json = media_type.trim_ascii().eq_ignore_ascii_case(b"application/json");
        }
    }

    /// The sender, to a client that addressed the board as `host`, the value of the Host field.
    pub(crate) fn sender(&self, host: Option<&[u8]>) -> Sender {
        let own = match (&self.origin, self.site) {
            (None, None | Some(Site::NoPage)) => return Sender::Program,
            (Some(Origin::Several), _) | (_, Some(Site::Other)) => false,
            (Some(Origin::One(origin)), _) => host.is_some_and(|host| is_origin_of(origin, host)),
            (None, Some(Site::Same)) => true,
        };
        match (own, self.json) {
            (false, _) => Sender::ForeignPage,
            (true, true) => Sender::OwnPage,
            (true, false) => Sender::OwnForm,
        }
    }
}

/// Whether `origin` is that of the server at `host`, with or without the default port (RFC 6454 section 6.2).
fn is_origin_of(origin: &[u8], host: &[u8]) -> bool {
    let Some((scheme, authority)) = origin.split_at_checked(SCHEME.len()) else { return false };
    scheme.eq_ignore_ascii_case(SCHEME)
        && !host.is_empty()
        && without_default_port(authority).eq_ignore_ascii_case(without_default_port(host))
}

fn without_default_port(authority: &[u8]) -> &[u8] {
    authority.strip_suffix(b":443").unwrap_or(authority)
}

const SCHEME: &[u8] = b"https://";

#[cfg(test)]
mod tests {
    use super::*;

    fn sender(host: &str, fields: &[(&str, &'static str)]) -> Sender {
        let mut seen = SenderFields::default();
        fields.iter().for_each(|(name, value)| seen.field(name, value.as_bytes()));
        seen.sender(Some(host.as_bytes()))
    }

    #[test]
    fn without_the_browsers_fields_it_is_a_program() {
        assert_eq!(sender("b", &[]), Sender::Program);
        assert_eq!(sender("b", &[("Content-Type", "application/x-www-form-urlencoded")]), Sender::Program);
        assert_eq!(sender("b", &[("Sec-Fetch-Site", "none")]), Sender::Program);
    }

    #[test]
    fn an_origin_is_the_boards_own_when_it_is_what_the_client_addressed() {
        let json = ("content-type", "application/JSON; charset=utf-8");
        for (host, origin) in [
            ("192.168.1.7", "https://192.168.1.7"),
            ("192.168.1.7:443", "https://192.168.1.7"),
            ("Board.local", "https://board.LOCAL:443"),
            ("127.0.0.1:8443", "https://127.0.0.1:8443"),
            ("[fd00::1]:8443", "https://[fd00::1]:8443"),
        ] {
            assert_eq!(sender(host, &[("Origin", origin), json]), Sender::OwnPage, "{origin}");
            assert_eq!(sender(host, &[("Origin", origin)]), Sender::OwnForm, "{origin}");
        }
    }

    #[test]
    fn any_other_origin_is_foreign_whatever_else_the_request_says() {
        let json = ("Content-Type", "application/json");
        for origin in [
            "",
            "null",
            "https://",
            "b",
            "http://b",
            "https://evil.example",
            "https://b.evil.example",
            "https://b:8443",
            "https://b/",
            "https://b https://b",
        ] {
            assert_eq!(sender("b", &[("Origin", origin), json]), Sender::ForeignPage, "{origin}");
            let same = ("Sec-Fetch-Site", "same-origin");
            assert_eq!(sender("b", &[same, ("Origin", origin), json]), Sender::ForeignPage, "{origin}");
        }
        assert_eq!(
            sender("b", &[("Origin", "https://b"), ("Origin", "https://b"), json]),
            Sender::ForeignPage
        );
        assert_eq!(
            SenderFields { origin: Some(Origin::One(b"https://")), ..SenderFields::default() }.sender(None),
            Sender::ForeignPage
        );
    }

    #[test]
    fn sec_fetch_site_alone_tells_a_page_too() {
        let json = ("Content-Type", "application/json");
        for (site, expected) in [
            ("same-origin", Sender::OwnPage),
            ("same-site", Sender::ForeignPage),
            ("cross-site", Sender::ForeignPage),
            ("?", Sender::ForeignPage),
        ] {
            assert_eq!(sender("b", &[("Sec-Fetch-Site", site), json]), expected, "{site}");
        }
        assert_eq!(sender("b", &[("Sec-Fetch-Site", "same-origin")]), Sender::OwnForm);
        assert_eq!(
            sender("b", &[("Sec-Fetch-Site", "none"), ("Sec-Fetch-Site", "none")]),
            Sender::ForeignPage
        );
    }
}
