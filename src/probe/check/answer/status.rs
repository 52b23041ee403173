//! Which status codes an answer may have.

use std::{fmt, str::FromStr};

use super::{Expectation, outcome};
use crate::{client::exchange::Exchange, probe::check::CheckOutcome};

/// The status codes that are accepted: `200`, `2xx`, `200,204,3xx`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusExpectation(Vec<Accepted>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Accepted {
    Code(u16),
    /// All codes with this first digit.
    Class(u16),
}

/// A text that names no status codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a status is a number from 100 to 999 or a class such as 2xx, and several are separated by commas")]
pub struct StatusExpectationError;

impl FromStr for StatusExpectation {
    type Err = StatusExpectationError;

    fn from_str(text: &str) -> Result<Self, StatusExpectationError> {
        text.split(',')
            .map(|part| accepted(part.trim()))
            .collect::<Option<_>>()
            .map(Self)
            .ok_or(StatusExpectationError)
    }
}

fn accepted(text: &str) -> Option<Accepted> {
    let is_code = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit());
    let code = text.parse().ok().filter(|code| is_code && *code >= 100);
    code.map(Accepted::Code).or_else(|| match text.as_bytes() {
        [digit @ b'1'..=b'9', b'x' | b'X', b'x' | b'X'] => Some(Accepted::Class(u16::from(digit - b'0'))),
        _ => None,
    })
}

impl fmt::Display for StatusExpectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, accepted) in self.0.iter().enumerate() {
            f.write_str(if index == 0 { "" } else { " or " })?;
            match accepted {
                Accepted::Code(code) => write!(f, "{code}")?,
                Accepted::Class(class) => write!(f, "{class}xx")?,
            }
        }
        Ok(())
    }
}

impl Expectation for StatusExpectation {
    fn id(&self) -> String {
        "expect.status".to_owned()
    }

    fn wanted(&self) -> String {
        self.to_string()
    }

    fn judged(&self, exchange: &Exchange) -> (String, CheckOutcome) {
        let holds = |accepted: &Accepted| match *accepted {
            Accepted::Code(code) => code == exchange.answer.status,
            Accepted::Class(class) => class == exchange.answer.status / 100,
        };
        (exchange.answer.status.to_string(), outcome(self.0.iter().any(holds)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_classes_are_read_and_nothing_else() {
        for (text, shown) in [("200", "200"), ("2xx, 304", "2xx or 304"), ("5XX", "5xx")] {
            assert_eq!(text.parse::<StatusExpectation>().unwrap().to_string(), shown);
        }
        for wrong in ["", "20", "2000", "+20", "099", "0xx", "2x", "200,", "ok"] {
            assert!(wrong.parse::<StatusExpectation>().is_err(), "{wrong}");
        }
    }
}
