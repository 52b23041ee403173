//! The resources: the book's page, its light, the figures, and no icon.

use core::cell::Cell;
use core::fmt;

use serde::Deserialize;

use crate::http::{Media, Method, Refusal, Response, Sender};
use crate::stats::Stats;

/// Which resource a path names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route {
    Root,
    Light,
    Stat,
    /// Browsers ask for it with every page; an answer spares the log a 404.
    Favicon,
    /// The server as a whole, `*` (RFC 9110 section 9.3.7).
    Server,
    Unknown,
}

impl Route {
    pub(crate) fn of(path: &[u8]) -> Self {
        match path {
            b"/" => Self::Root,
            b"/light" => Self::Light,
            b"/stat" => Self::Stat,
            b"/favicon.ico" => Self::Favicon,
            b"*" => Self::Server,
            _ => Self::Unknown,
        }
    }

    /// Whether the resource exists and has the method, and lets this sender use it.
    pub(crate) fn admits(self, method: Method, sender: Sender) -> Result<(), Refusal> {
        match (self, method) {
            (Self::Unknown, _) => Err(Refusal::NotFound),
            (Self::Server, Method::Options) => Ok(()),
            (Self::Server, _) => Err(Refusal::Malformed("only OPTIONS is asked of *")),
            (Self::Light, Method::Post) => match sender {
                Sender::Program | Sender::OwnPage => Ok(()),
                Sender::OwnForm => Err(Refusal::NotJson),
                Sender::ForeignPage => Err(Refusal::ForeignOrigin),
            },
            (_, Method::Get | Method::Head) => Ok(()),
            (Self::Light, _) => Err(Refusal::NotAllowed("GET, HEAD, POST")),
            _ => Err(Refusal::NotAllowed("GET, HEAD")),
        }
    }
}

/// What the resources keep between requests.
pub(crate) struct Site {
    light: Cell<bool>,
}

impl Site {
    pub(crate) const fn new() -> Self {
        Self { light: Cell::new(true) }
    }

    /// Answers a request that [`Route::admits`].
    pub(crate) fn answer(
        &self,
        route: Route,
        method: Method,
        body: &[u8],
        stats: impl FnOnce() -> Stats,
    ) -> Response<Page> {
        match route {
            Route::Root => Response::ok(Media::Html, Page::Hello),
            Route::Light => match self.light(method, body) {
                Ok(status) => Response::ok(Media::Json, Page::Light { status }),
                Err(refusal) => refusal.into(),
            },
            Route::Stat => Response::ok(Media::Json, Page::Stat(stats())),
            Route::Favicon => Response { status: 204, ..Response::ok(Media::None, Page::Nothing) },
            Route::Server => {
                Response { status: 204, allow: Some(METHODS), ..Response::ok(Media::None, Page::Nothing) }
            }
            Route::Unknown => Refusal::NotFound.into(),
        }
    }

    /// Switches the light when asked to, and tells what it is.
    fn light(&self, method: Method, body: &[u8]) -> Result<bool, Refusal> {
        if method == Method::Post {
            let (order, length) = serde_json_core::from_slice::<LightOrder>(body).map_err(|_| BAD_LIGHT)?;
            if !body.get(length..).unwrap_or_default().trim_ascii().is_empty() {
                return Err(BAD_LIGHT);
            }
            self.light.set(order.status);
        }
        Ok(self.light.get())
    }
}

/// The body of `POST /light`.
#[derive(Deserialize)]
struct LightOrder {
    status: bool,
}

/// The body of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Page {
    Hello,
    Light { status: bool },
    Stat(Stats),
    Refusal(Refusal),
    Nothing,
}

impl fmt::Display for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hello => f.write_str(HELLO),
            // As the book's project writes it, with the space.
            Self::Light { status } => write!(f, "{{\"status\": {status}}}"),
            Self::Stat(stats) => stats.fmt(f),
            Self::Refusal(refusal) => refusal.fmt(f),
            Self::Nothing => Ok(()),
        }
    }
}

impl Response<Page> {
    const fn ok(media: Media, body: Page) -> Self {
        Self { status: 200, media, allow: None, body }
    }
}

impl From<Refusal> for Response<Page> {
    fn from(refusal: Refusal) -> Self {
        let allow = if let Refusal::NotAllowed(methods) = refusal { Some(methods) } else { None };
        Self { status: refusal.status(), media: Media::Text, allow, body: Page::Refusal(refusal) }
    }
}

/// What some resource here has, for `OPTIONS *`.
const METHODS: &str = "GET, HEAD, OPTIONS, POST";

/// The book's page, byte for byte.
const HELLO: &str = "<h1>Hello Secure World! </h1>";

const BAD_LIGHT: Refusal =
    Refusal::Malformed("the body is neither {\"status\": true} nor {\"status\": false}");
