//! Which header fields an answer should have.

use std::str::FromStr;

use super::{Expectation, outcome, shown};
use crate::{
    client::{
        exchange::Exchange,
        request::{self, Header},
    },
    probe::check::CheckOutcome,
};

/// A header that an answer should have: `NAME` with any value, or `NAME: VALUE` with exactly this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderExpectation {
    name: String,
    value: Option<Header>,
}

/// A text that names no header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a header that is expected is written NAME or NAME: VALUE")]
pub struct HeaderExpectationError;

impl FromStr for HeaderExpectation {
    type Err = HeaderExpectationError;

    fn from_str(text: &str) -> Result<Self, HeaderExpectationError> {
        let (name, value) = match text.split_once(':') {
            Some((name, value)) => (name, Some(value.trim())),
            None => (text.trim(), None),
        };
        if !request::is_header_name(name) {
            return Err(HeaderExpectationError);
        }
        let value = value.map(|value| Header::received(name, value.as_bytes(), &[]));
        Ok(Self { name: name.to_ascii_lowercase(), value })
    }
}

impl Expectation for HeaderExpectation {
    fn id(&self) -> String {
        format!("expect.header.{}", self.name)
    }

    fn wanted(&self) -> String {
        self.value.as_ref().map_or_else(|| "any value".to_owned(), |value| shown(value.shown()))
    }

    fn judged(&self, exchange: &Exchange) -> (String, CheckOutcome) {
        let found: Vec<_> = exchange.answer.values(&self.name).collect();
        let holds =
            |header: &&Header| self.value.as_ref().is_none_or(|wanted| wanted.value() == header.value());
        let listed: Vec<_> = found.iter().map(|header| shown(header.shown())).collect();
        let text = if listed.is_empty() { "no such header".to_owned() } else { listed.join(" and ") };
        (text, outcome(found.iter().any(holds)))
    }
}
