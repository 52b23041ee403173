//! Where a redirect leads (RFC 9110, section 15.4).

use reqwest::Url;

use super::Received;
use crate::client::{
    request::{Request, RequestMethod},
    target::Target,
};

/// The request that follows the redirect; `None` when the answer is none, or leads to another server.
pub(super) fn redirected(target: &Target, request: &Request, answer: &Received) -> Option<Request> {
    let keeps_method = match answer.status {
        // As browsers and curl do, although RFC 9110 would have 301 and 302 keep the method.
        301 | 302 => request.method.as_str() != "POST",
        303 => request.method.as_str() == "HEAD",
        307 | 308 => true,
        _ => return None,
    };
    let place = answer.values("location").next()?;
    let base = Url::parse(&format!("https://{}{}", target.authority(), request.path)).ok()?;
    let next = base.join(place.value()).ok()?;
    if next.origin() != base.origin() {
        return None;
    }
    let path = match next.query() {
        Some(query) => format!("{}?{query}", next.path()),
        None => next.path().to_owned(),
    };
    Some(if keeps_method {
        Request { path, ..request.clone() }
    } else {
        Request { method: RequestMethod::get(), path, headers: request.headers.clone(), body: None }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::{
        exchange::{Extent, ReceivedBody},
        request::{Body, Header},
    };

    fn followed(method: &str, status: u16, place: &str) -> Option<(String, String, bool)> {
        let request = Request {
            method: method.parse().unwrap(),
            path: "/a/b?x=1".to_owned(),
            headers: vec!["Authorization: Bearer abc".parse().unwrap()],
            body: Some(Body(b"body".to_vec())),
        };
        let body =
            ReceivedBody { bytes: 0, extent: Extent::Whole, opening: String::new(), content: Vec::new() };
        let headers = vec![Header::received("Location", place.as_bytes(), &[])];
        let answer = Received { status, headers, body };
        let next = redirected(&"board.local:8443".parse().unwrap(), &request, &answer)?;
        Some((next.method.to_string(), next.path, next.body.is_some()))
    }

    #[test]
    fn a_redirect_on_the_same_server_is_followed_with_the_method_that_belongs_to_it() {
        let to = |method: &str, path: &str, body| Some((method.to_owned(), path.to_owned(), body));
        assert_eq!(followed("POST", 303, "/done?y=2#top"), to("GET", "/done?y=2", false));
        assert_eq!(followed("POST", 302, "c"), to("GET", "/a/c", false));
        assert_eq!(followed("PUT", 302, "c"), to("PUT", "/a/c", true));
        assert_eq!(followed("POST", 307, "https://BOARD.local:8443/c"), to("POST", "/c", true));
        assert_eq!(followed("GET", 200, "/c"), None);
    }

    #[test]
    fn no_other_server_gets_what_was_meant_for_this_one() {
        for place in [
            "https://board.local/",
            "http://board.local:8443/",
            "//evil.example/",
            "https://evil.example:8443/",
            "::",
        ] {
            assert_eq!(
                followed("GET", 302, place).filter(|(_, path, _)| !path.starts_with("/a/")),
                None,
                "{place}"
            );
        }
    }
}
