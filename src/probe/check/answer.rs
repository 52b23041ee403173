//! `--expect-status`, `--expect-header`, `--expect-body..`, `--expect-json`: what the answer to a request should be.

mod body;
mod header;
mod json;
mod status;

pub use self::{
    body::{BodyExpectation, BodyExpectationError},
    header::{HeaderExpectation, HeaderExpectationError},
    json::{JsonExpectation, JsonExpectationError},
    status::{StatusExpectation, StatusExpectationError},
};
use super::{Check, CheckOutcome};
use crate::client::exchange::Exchange;

/// What an answer should be; an empty list expects nothing.
#[derive(Debug, Clone, Default)]
pub struct AnswerExpectations {
    /// The status.
    pub status: Option<StatusExpectation>,
    /// The header.
    pub headers: Vec<HeaderExpectation>,
    /// The body.
    pub body: Vec<BodyExpectation>,
    /// Values in the body, which is then JSON.
    pub json: Vec<JsonExpectation>,
}

/// One expectation: its check's name, what is wanted, and what an answer says to it.
pub(super) trait Expectation {
    /// The check's name, which begins with `expect.`.
    fn id(&self) -> String;
    /// What is wanted.
    fn wanted(&self) -> String;
    /// What was found in the answer, and whether it is what is wanted.
    fn judged(&self, exchange: &Exchange) -> (String, CheckOutcome);
}

impl AnswerExpectations {
    /// Whether nothing is expected.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.each().next().is_none()
    }

    /// Compares them with the answer; `None` where there is none.
    #[must_use]
    pub fn checks(&self, exchange: Option<&Exchange>) -> Vec<Check> {
        self.each().map(|expectation| check(expectation, exchange)).collect()
    }

    fn each(&self) -> impl Iterator<Item = &dyn Expectation> {
        let status = self.status.iter().map(|it| it as &dyn Expectation);
        let headers = self.headers.iter().map(|it| it as &dyn Expectation);
        let body = self.body.iter().map(|it| it as &dyn Expectation);
        status.chain(headers).chain(body).chain(self.json.iter().map(|it| it as &dyn Expectation))
    }
}

fn check(expectation: &dyn Expectation, exchange: Option<&Exchange>) -> Check {
    let judged = exchange.map(|exchange| expectation.judged(exchange));
    let (found, outcome) = judged.unwrap_or_else(|| ("no answer".to_owned(), CheckOutcome::Unknown));
    Check { id: expectation.id(), wanted: expectation.wanted(), found, outcome }
}

fn outcome(holds: bool) -> CheckOutcome {
    if holds { CheckOutcome::Passed } else { CheckOutcome::Failed }
}

/// A text as it is shown in a check: in one line, and not without end.
fn shown(text: &str) -> String {
    let mut shown: String = text.chars().take(LONGEST_SHOWN).flat_map(visible).collect();
    if text.chars().nth(LONGEST_SHOWN).is_some() {
        shown.push_str("..");
    }
    format!("`{shown}`")
}

fn visible(character: char) -> impl Iterator<Item = char> {
    let escaped = character.is_control().then(|| character.escape_debug());
    let plain = escaped.is_none().then_some(character);
    escaped.into_iter().flatten().chain(plain)
}

const LONGEST_SHOWN: usize = 120;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::{
        exchange::{ExchangeTiming, Extent, Received, ReceivedBody, Sent},
        request::Header,
    };

    fn exchange(extent: Extent, content: &str) -> Exchange {
        let headers = [
            ("Content-Type", "application/json"),
            ("Set-Cookie", "sid=s3cr3t-sid"),
            ("X-N", "1"),
            ("X-N", "2"),
        ];
        Exchange {
            request: Sent {
                method: "GET".to_owned(),
                path: "/".to_owned(),
                headers: vec!["Authorization: Bearer t0ken-t0ken".parse().unwrap()],
                body_bytes: 0,
            },
            address: None,
            attempts: 1,
            redirects: Vec::new(),
            answer: Received {
                status: 200,
                headers: headers.map(|(name, value)| Header::received(name, value.as_bytes(), &[])).to_vec(),
                body: ReceivedBody {
                    bytes: content.len(),
                    extent,
                    opening: content.replace("Bearer t0ken-t0ken", "(not shown)"),
                    content: content.as_bytes().to_vec(),
                },
            },
            timing: ExchangeTiming { header_us: 1, total_us: 2 },
        }
    }

    fn told(expectations: &AnswerExpectations, exchange: Option<&Exchange>) -> String {
        let checks = expectations.checks(exchange);
        let lines =
            checks.iter().map(|it| format!("{:?} {}: {}, {}\n", it.outcome, it.id, it.wanted, it.found));
        lines.collect()
    }

    fn expectations() -> AnswerExpectations {
        AnswerExpectations {
            status: Some("2xx,304".parse().unwrap()),
            headers: ["content-type: application/json", "set-cookie: sid=other", "x-n: 2", "etag"]
                .map(|text| text.parse().unwrap())
                .to_vec(),
            body: vec![
                BodyExpectation::Contains("kitchen".to_owned()),
                BodyExpectation::Exactly(b"{}".to_vec()),
                BodyExpectation::matches(r#""on": *(true|false)"#).unwrap(),
            ],
            json: ["/name=kitchen", "/on=true", "/list/1=2.0", "/echo=x", "/absent=null", "=1"]
                .map(|text| text.parse().unwrap())
                .to_vec(),
        }
    }

    #[test]
    fn an_answer_is_compared_with_all_that_is_expected_and_no_secret_is_shown() {
        let content = r#"{"name": "kitchen", "on": false, "list": [1, 2], "echo": "Bearer t0ken-t0ken"}"#;
        insta::assert_snapshot!(told(&expectations(), Some(&exchange(Extent::Whole, content))), @r#"
        Passed expect.status: 2xx or 304, 200
        Passed expect.header.content-type: `application/json`, `application/json`
        Failed expect.header.set-cookie: `(not shown)`, `(not shown)`
        Passed expect.header.x-n: `2`, `1` and `2`
        Failed expect.header.etag: any value, no such header
        Passed expect.body: `kitchen` in the body, 78 bytes, `{"name": "kitchen", "on": false, "list": [1, 2], "echo": "(not shown)"}`
        Failed expect.body_exactly: 2 bytes, `{}`, 78 bytes, `{"name": "kitchen", "on": false, "list": [1, 2], "echo": "(not shown)"}`
        Passed expect.body_regex: a match of `"on": *(true|false)`, 78 bytes, `{"name": "kitchen", "on": false, "list": [1, 2], "echo": "(not shown)"}`
        Passed expect.json/name: `"kitchen"`, `"kitchen"`
        Failed expect.json/on: `true`, `false`
        Passed expect.json/list/1: `2.0`, `2`
        Failed expect.json/echo: `"x"`, `"(not shown)"`
        Failed expect.json/absent: `null`, no such value
        Failed expect.json: `1`, `{"echo":"(not shown)","list":[1,2],"name":"kitchen","on":false}`
        "#);
    }

    #[test]
    fn what_may_be_in_the_part_that_was_not_read_is_not_decided() {
        insta::assert_snapshot!(told(&expectations(), Some(&exchange(Extent::Beginning, "{\"on\": true"))), @r#"
        Passed expect.status: 2xx or 304, 200
        Passed expect.header.content-type: `application/json`, `application/json`
        Failed expect.header.set-cookie: `(not shown)`, `(not shown)`
        Passed expect.header.x-n: `2`, `1` and `2`
        Failed expect.header.etag: any value, no such header
        Unknown expect.body: `kitchen` in the body, more than 11 bytes, `{"on": true`
        Failed expect.body_exactly: 2 bytes, `{}`, more than 11 bytes, `{"on": true`
        Unknown expect.body_regex: a match of `"on": *(true|false)`, more than 11 bytes, `{"on": true`
        Unknown expect.json/name: `"kitchen"`, a body of more than 11 bytes
        Unknown expect.json/on: `true`, a body of more than 11 bytes
        Unknown expect.json/list/1: `2.0`, a body of more than 11 bytes
        Unknown expect.json/echo: `"x"`, a body of more than 11 bytes
        Unknown expect.json/absent: `null`, a body of more than 11 bytes
        Unknown expect.json: `1`, a body of more than 11 bytes
        "#);
    }

    #[test]
    fn without_an_answer_nothing_is_passed_and_nothing_failed() {
        let checks = expectations().checks(None);
        assert_eq!(checks.len(), 14);
        assert!(checks.iter().all(|check| check.outcome == CheckOutcome::Unknown), "{checks:?}");
        assert!(!expectations().is_empty() && AnswerExpectations::default().is_empty());
        assert!(!format!("{checks:?}").contains("sid=other"), "{checks:?}");
    }
}
