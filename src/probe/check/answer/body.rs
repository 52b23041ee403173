//! What the body of an answer should be.

use regex::bytes::{Regex, RegexBuilder};

use super::{Expectation, outcome, shown};
use crate::{
    client::exchange::{Exchange, Extent},
    probe::check::CheckOutcome,
};

/// What a body should be.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum BodyExpectation {
    /// It has this text in it.
    Contains(String),
    /// It is this, byte for byte.
    Exactly(Vec<u8>),
    /// It has a part that the regular expression matches.
    Matches(Regex),
}

/// A text that is no regular expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("it is not a regular expression, or one that is too large")]
pub struct BodyExpectationError;

impl BodyExpectation {
    /// A body with a part that a regular expression matches, in the syntax of Rust's crate `regex`.
    ///
    /// # Errors
    /// When it is none, or takes more than a megabyte of memory.
    pub fn matches(pattern: &str) -> Result<Self, BodyExpectationError> {
        let built = RegexBuilder::new(pattern).size_limit(MOST_REGEX).build();
        built.map(Self::Matches).map_err(|_| BodyExpectationError)
    }

    fn holds(&self, content: &[u8]) -> bool {
        match self {
            // The empty text is in every body, and has no windows.
            Self::Contains(text) => {
                text.is_empty() || content.windows(text.len()).any(|it| it == text.as_bytes())
            }
            Self::Exactly(bytes) => content == bytes,
            Self::Matches(regex) => regex.is_match(content),
        }
    }
}

impl Expectation for BodyExpectation {
    fn id(&self) -> String {
        match self {
            Self::Contains(_) => "expect.body",
            Self::Exactly(_) => "expect.body_exactly",
            Self::Matches(_) => "expect.body_regex",
        }
        .to_owned()
    }

    fn wanted(&self) -> String {
        match self {
            Self::Contains(text) => format!("{} in the body", shown(text)),
            Self::Exactly(bytes) => {
                format!("{} bytes, {}", bytes.len(), shown(&String::from_utf8_lossy(bytes)))
            }
            Self::Matches(regex) => format!("a match of {}", shown(regex.as_str())),
        }
    }

    fn judged(&self, exchange: &Exchange) -> (String, CheckOutcome) {
        let body = &exchange.answer.body;
        let found = format!("{} bytes, {}", body.bytes, shown(&body.opening));
        match (body.extent, self) {
            (Extent::Whole, _) => (found, outcome(self.holds(&body.content))),
            // What is longer than all that is read is not this.
            (Extent::Beginning, Self::Exactly(bytes)) if bytes.len() <= body.bytes => {
                (format!("more than {found}"), CheckOutcome::Failed)
            }
            (Extent::Beginning, Self::Contains(_)) if self.holds(&body.content) => {
                (found, CheckOutcome::Passed)
            }
            (Extent::Beginning, _) => (format!("more than {found}"), CheckOutcome::Unknown),
        }
    }
}

/// In bytes.
const MOST_REGEX: usize = 1 << 20;
