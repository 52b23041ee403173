//! A request on the command line, which `probe` and `load` share, and what `probe` expects of its answer.

use std::path::PathBuf;

use clap::{Args, builder::ValueParser};

/// What a request consists of, beside its target.
#[derive(Debug, Clone, Default, Args)]
pub struct RequestArgs {
    /// The request's method, in letters of either case [default: GET; with --data: POST]
    #[arg(short, long, value_name = "METHOD", help_heading = "Request")]
    pub method: Option<String>,
    /// The request's body, or @FILE for what is in FILE; @- reads it from standard input
    #[arg(short, long, value_name = "BODY|@FILE", value_parser = ValueParser::new(request_body), help_heading = "Request")]
    pub data: Option<RequestBody>,
    /// Another header of the request (repeatable). Values of Authorization, Cookie and the like are never shown
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE", help_heading = "Request")]
    pub headers: Vec<String>,
}

/// What the answer to `probe`'s request should be.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Checks of the answer to the request (exit code 1 when one fails)")]
pub struct AnswerArgs {
    /// The status: a code, a class, or several: 200, 2xx, 200,204
    #[arg(long, value_name = "STATUS")]
    pub expect_status: Option<String>,
    /// A header that the answer should have, with this value if one is given (repeatable)
    #[arg(long = "expect-header", value_name = "NAME[: VALUE]")]
    pub expect_headers: Vec<String>,
    /// A text that the body should have in it (repeatable)
    #[arg(long, value_name = "TEXT")]
    pub expect_body: Vec<String>,
    /// What the body should be, byte for byte, or @FILE for what is in FILE
    #[arg(long, value_name = "BODY|@FILE", value_parser = ValueParser::new(request_body))]
    pub expect_body_exactly: Option<RequestBody>,
    /// A regular expression that should match a part of the body (repeatable)
    #[arg(long, value_name = "REGEX")]
    pub expect_body_regex: Vec<String>,
    /// A value in a body of JSON, e.g. /status=true or /rooms/0/name=kitchen: a JSON pointer (RFC 6901), then JSON or a plain
    /// text (repeatable)
    #[arg(long, value_name = "POINTER=VALUE")]
    pub expect_json: Vec<String>,
}

/// Where a body comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequestBody {
    /// The command line.
    Text(String),
    /// A file; `-` is standard input.
    File(PathBuf),
}

fn request_body(text: &str) -> Result<RequestBody, String> {
    match text.strip_prefix('@') {
        Some("") => Err("the name of a file is missing after @".to_owned()),
        Some(path) => Ok(RequestBody::File(path.into())),
        None => Ok(RequestBody::Text(text.to_owned())),
    }
}
