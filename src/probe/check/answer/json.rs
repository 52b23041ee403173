//! Which values a body of JSON should have.

use std::str::FromStr;

use serde_json::Value;

use super::{Expectation, outcome, shown};
use crate::{
    client::exchange::{Exchange, Extent},
    probe::check::CheckOutcome,
};

/// A value at a place in a body of JSON: `POINTER=VALUE`. The pointer is one of RFC 6901, the value is JSON, or else a string.
#[derive(Debug, Clone, PartialEq)]
pub struct JsonExpectation {
    pointer: String,
    value: Value,
}

/// A text that names no place and value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JsonExpectationError {
    /// There is no `=`.
    #[error("a value that is expected is written POINTER=VALUE")]
    NoValue,
    /// RFC 6901, section 3.
    #[error("a JSON pointer is empty or begins with / (RFC 6901)")]
    NoPointer,
    /// RFC 6901, section 3.
    #[error("in a JSON pointer, ~ is written ~0 (RFC 6901)")]
    Escape,
}

impl JsonExpectation {
    /// A value at the place that a JSON pointer names.
    ///
    /// # Errors
    /// When the text is no JSON pointer.
    pub fn new(pointer: &str, value: Value) -> Result<Self, JsonExpectationError> {
        if !pointer.is_empty() && !pointer.starts_with('/') {
            return Err(JsonExpectationError::NoPointer);
        }
        if pointer.split('~').skip(1).any(|after| !after.starts_with(['0', '1'])) {
            return Err(JsonExpectationError::Escape);
        }
        Ok(Self { pointer: pointer.to_owned(), value })
    }
}

impl FromStr for JsonExpectation {
    type Err = JsonExpectationError;

    fn from_str(text: &str) -> Result<Self, JsonExpectationError> {
        let (pointer, value) = text.split_once('=').ok_or(JsonExpectationError::NoValue)?;
        let value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
        Self::new(pointer, value)
    }
}

impl Expectation for JsonExpectation {
    fn id(&self) -> String {
        format!("expect.json{}", self.pointer)
    }

    fn wanted(&self) -> String {
        shown(&self.value.to_string())
    }

    fn judged(&self, exchange: &Exchange) -> (String, CheckOutcome) {
        let body = &exchange.answer.body;
        if body.extent == Extent::Beginning {
            return (format!("a body of more than {} bytes", body.bytes), CheckOutcome::Unknown);
        }
        let Ok(document) = serde_json::from_slice::<Value>(&body.content) else {
            return (format!("a body that is not JSON: {}", shown(&body.opening)), CheckOutcome::Failed);
        };
        match document.pointer(&self.pointer) {
            Some(found) => {
                (shown(&exchange.concealed(&found.to_string())), outcome(same(found, &self.value)))
            }
            None => ("no such value".to_owned(), CheckOutcome::Failed),
        }
    }
}

/// Whether two values are the same; of numbers, 1 and 1.0 are.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one == other || one.as_f64() == other.as_f64(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(key, one)| other.get(key).is_some_and(|other| same(one, other)))
        }
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_json_or_else_a_string_and_a_pointer_is_one() {
        for (text, pointer, value) in [
            ("/on=true", "/on", serde_json::json!(true)),
            ("/name=kitchen", "/name", serde_json::json!("kitchen")),
            ("/name=\"5\"", "/name", serde_json::json!("5")),
            ("/a~1b/0=a=b", "/a~1b/0", serde_json::json!("a=b")),
            ("={\"a\": 1}", "", serde_json::json!({"a": 1})),
        ] {
            let expected = JsonExpectation { pointer: pointer.to_owned(), value };
            assert_eq!(text.parse(), Ok(expected), "{text}");
        }
        for (wrong, error) in [
            ("/on", JsonExpectationError::NoValue),
            ("on=true", JsonExpectationError::NoPointer),
            ("$.on=true", JsonExpectationError::NoPointer),
            ("/a~=1", JsonExpectationError::Escape),
            ("/a~2=1", JsonExpectationError::Escape),
        ] {
            assert_eq!(wrong.parse::<JsonExpectation>(), Err(error), "{wrong}");
        }
    }

    #[test]
    fn numbers_are_compared_by_their_value() {
        let value = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        assert!(same(&value("[1, {\"a\": 2.0}]"), &value("[1.0, {\"a\": 2}]")));
        for (one, other) in
            [("1", "2"), ("1", "\"1\""), ("[1]", "[1, 2]"), ("{\"a\": 1}", "{\"b\": 1}"), ("null", "0")]
        {
            assert!(!same(&value(one), &value(other)), "{one} {other}");
        }
        assert!(!same(&value("18446744073709551615"), &value("18446744073709551615.5e3")));
    }
}
