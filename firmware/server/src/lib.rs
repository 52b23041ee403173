//! The device's HTTPS server. Knows no board: bytes come from a [`Transport`], TLS from an [`Acceptor`], time from
//! `embassy-time`'s driver, heap figures from a function the board hands in. Tested on the host.
//!
//! It knows no page, either: those are a [`Handler`], whose documentation shows how to write one. [`Book`] is the site of the book.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

#[cfg(feature = "net")]
pub mod backlog;
mod book;
mod book_site;
pub mod budget;
mod busy_time;
mod exchange;
mod fairness;
pub mod fingerprint;
mod handler;
pub mod hello;
mod http;
pub mod lines;
#[cfg(feature = "mbedtls")]
pub mod mbedtls;
pub mod mdns;
#[cfg(feature = "net")]
pub mod net;
#[cfg(feature = "net")]
pub mod refusal_filter;
mod routing;
pub mod running;
mod server;
mod shared;
mod site;
mod slots;
mod stats;
mod timeouts;
mod tls;
mod transport;
mod trouble;

pub use book::{Book, BookPage};
pub use book_site::{BookAndSite, BookSitePage};
pub use handler::{Answer, Body, Done, Handler, Refused, Request, Sending, SendingAll, Status};
pub use http::Method;
pub use routing::{MAX_FIELDS, Route, Routes, Senders};
pub use server::{Board, Server};
pub use site::{FIELDS as SITE_FIELDS, FileAnswer, SitePages};
pub use stats::{HeapFigures, Stats};
pub use tls::{Acceptor, ClientCertificates, HandshakeError, Resumption, TlsSession};
pub use transport::{PORT, Readiness, Transport};
