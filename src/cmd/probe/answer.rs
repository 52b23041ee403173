//! The request that a probe makes beside its handshake, and what its answer should be.

use crate::{
    cli::{AnswerArgs, ProbeArgs},
    client::{
        exchange::{Exchange, Server, Unanswered, ask, path_as_sent},
        request::Request,
        trust::{Expectation, TrustVerdict},
        trusting::Trust,
    },
    cmd::request::{read_body, request},
    error::{Code, Error, Fault, Result},
    probe::{
        ProbePlan,
        check::{AnswerExpectations, BodyExpectation},
        hosts::Examination,
    },
};

/// Whether the command line asks for a request of its own.
pub(super) fn is_asked_for(args: &ProbeArgs) -> bool {
    let given = &args.request;
    let describes = given.method.is_some() || given.data.is_some() || !given.headers.is_empty();
    describes || args.follow || expects(&args.answer)
}

fn expects(args: &AnswerArgs) -> bool {
    args.expect_status.is_some()
        || args.expect_body_exactly.is_some()
        || [&args.expect_headers, &args.expect_body, &args.expect_body_regex, &args.expect_json]
            .iter()
            .any(|texts| !texts.is_empty())
}

/// The request for the path of a target.
pub(super) fn request_for(args: &ProbeArgs, path: &str) -> Result<Request> {
    let sent = path_as_sent(path);
    if sent.as_deref() != Some(path) {
        let what = format!("{path} would be sent as {}", sent.unwrap_or_else(|| "another path".to_owned()));
        return Err(Error::new(Fault::Usage, Code::CLIENT_PATH, "reading the path", what)
            .hint("write it as a URL has it: without /../, and with special characters as %XX"));
    }
    request(&args.request, path)
}

/// What is expected of the answer.
pub(super) fn expectations(args: &AnswerArgs) -> Result<AnswerExpectations> {
    let mut body: Vec<_> = args.expect_body.iter().cloned().map(BodyExpectation::Contains).collect();
    if let Some(exactly) = &args.expect_body_exactly {
        body.push(BodyExpectation::Exactly(read_body("--expect-body-exactly", exactly)?));
    }
    for pattern in &args.expect_body_regex {
        let bad = |error| unread("--expect-body-regex", &error, "write it as in --expect-body-regex '^ok$'");
        body.push(BodyExpectation::matches(pattern).map_err(bad)?);
    }
    let status = args.expect_status.as_deref().map(str::parse).transpose();
    let headers = args.expect_headers.iter().map(|text| text.parse()).collect::<std::result::Result<_, _>>();
    let json = args.expect_json.iter().map(|text| text.parse()).collect::<std::result::Result<_, _>>();
    Ok(AnswerExpectations {
        status: status.map_err(|error| {
            unread("--expect-status", &error, "write it as in --expect-status 200 or --expect-status 2xx")
        })?,
        headers: headers.map_err(|error| {
            unread("--expect-header", &error, "write it as in --expect-header 'Content-Type: text/html'")
        })?,
        body,
        json: json
            .map_err(|error| unread("--expect-json", &error, "write it as in --expect-json /status=true"))?,
    })
}

/// An expectation that can't be read. Its text is not repeated: it may hold a secret.
fn unread(option: &str, error: &dyn std::fmt::Display, hint: &str) -> Error {
    Error::new(Fault::Usage, Code::PROBE_EXPECTATION, format!("reading {option}"), error.to_string())
        .hint(hint)
}

/// Makes the request of the plan, once it is known who would get it; `None` where there is none to make, or the server is not
/// trusted.
pub(super) async fn asked(
    plan: &ProbePlan,
    found: &Examination,
) -> Option<std::result::Result<Exchange, Unanswered>> {
    let request = plan.request.as_ref()?;
    let look = found.facts().look?;
    if look.trust.verdict == TrustVerdict::Refused {
        return None;
    }
    let server = Server {
        target: plan.target.clone(),
        address: plan.address,
        server_name: plan.server_name.clone(),
        trust: match &plan.expectation {
            Expectation::Nothing => Trust::Any,
            Expectation::Pin(certificate) => Trust::Pin(certificate.clone()),
            Expectation::Cas(roots) => Trust::Cas(roots.clone().into()),
        },
        identity: plan.client.identity.clone(),
        timeout: plan.timeout,
        redirects: plan.redirects,
    };
    Some(ask(&server, request).await)
}
