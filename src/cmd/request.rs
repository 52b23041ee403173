//! The request that the command line describes, for `probe` and `load`: `-m`, `-H`, `-d`.

use std::{
    fs,
    io::{self, Read as _},
    path::Path,
};

use zeroize::Zeroize as _;

use crate::{
    cert::pem::has_private_key,
    cli::{RequestArgs, RequestBody},
    client::request::{Body, Header, HeaderError, MOST_BODY, Request, RequestMethod},
    error::{Code, Error, Fault, Result},
    os_error::in_words,
    output::Use,
    report::Console,
};

/// The request for this path.
///
/// # Errors
/// `client.method`, `client.header`, `client.body`.
pub(super) fn request(args: &RequestArgs, path: &str) -> Result<Request> {
    let body = args.data.as_ref().map(|data| read_body("-d", data)).transpose()?.map(Body);
    let method = match (&args.method, &body) {
        (Some(method), _) => method.parse().map_err(|_| bad_method(method))?,
        (None, Some(_)) => RequestMethod::post(),
        (None, None) => RequestMethod::get(),
    };
    let headers = args.headers.iter().map(|text| text.parse().map_err(bad_header));
    let headers: Vec<Header> = headers.collect::<Result<_>>()?;
    Ok(Request { method, path: path.to_owned(), headers, body })
}

/// Takes note of standard input, where a body is read from there.
///
/// # Errors
/// `output.same_file`.
pub(super) fn claim_body(option: &str, body: Option<&RequestBody>, console: &mut Console) -> Result<()> {
    match body {
        Some(RequestBody::File(path)) if path == Path::new(STDIN) => {
            console.reads(option, Path::new("/dev/stdin"), Use::Reads)
        }
        _ => Ok(()),
    }
}

/// A body, from the command line or a file.
///
/// # Errors
/// `client.body`.
pub(super) fn read_body(option: &str, given: &RequestBody) -> Result<Vec<u8>> {
    match given {
        RequestBody::Text(text) => Ok(text.clone().into_bytes()),
        RequestBody::File(path) => read(path).map_err(|error| bad_body(option, path, error)),
    }
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let most = MOST_BODY + 1;
    if path == Path::new(STDIN) {
        io::stdin().take(most).read_to_end(&mut bytes)?;
    } else {
        fs::File::open(path)?.take(most).read_to_end(&mut bytes)?;
    }
    if has_private_key(&bytes) {
        bytes.zeroize();
        return Err(io::Error::other(
            "there is a private key in it, which stays private only as long as nobody gets it",
        ));
    }
    if bytes.len() as u64 > MOST_BODY {
        return Err(io::Error::other(format!("it has more than {} MiB", MOST_BODY >> 20)));
    }
    Ok(bytes)
}

/// A header that can't be sent. Its text is not repeated: it may hold a secret.
fn bad_header(error: HeaderError) -> Error {
    let hint = match error {
        HeaderError::Framing(_) => "leave it out; the body is given with -d BODY or -d @FILE",
        _ => "write it as in -H 'Accept: text/html'",
    };
    Error::new(Fault::Usage, Code::CLIENT_HEADER, "reading -H", error.to_string()).hint(hint)
}

fn bad_body(option: &str, path: &Path, error: io::Error) -> Error {
    let doing = format!("reading {option} @{}", path.display());
    Error::new(Fault::Usage, Code::CLIENT_BODY, doing, in_words(&error))
        .hint(format!(
            "give a file that can be read, e.g. {option} @body.json; or the body itself, which does not begin with @"
        ))
        .source(error)
}

fn bad_method(method: &str) -> Error {
    let shown: String = method.chars().take(LONGEST_SHOWN).flat_map(char::escape_debug).collect();
    let what = format!("`{shown}` is not a method of HTTP");
    Error::new(Fault::Usage, Code::CLIENT_METHOD, "reading -m", what).advised()
}

/// The file name that stands for standard input.
const STDIN: &str = "-";
const LONGEST_SHOWN: usize = 60;

#[cfg(test)]
mod tests {
    use super::*;

    fn made(method: Option<&str>, data: Option<RequestBody>, headers: &[&str]) -> Result<Request> {
        let headers = headers.iter().map(|&header| header.to_owned()).collect();
        request(&RequestArgs { method: method.map(str::to_owned), data, headers }, "/light")
    }

    #[test]
    fn a_body_makes_it_a_post_unless_the_method_is_given() {
        let body = || Some(RequestBody::Text("x".to_owned()));
        for (method, data, expected) in [
            (None, None, "GET"),
            (None, body(), "POST"),
            (Some("put"), body(), "PUT"),
            (Some("get"), body(), "GET"),
        ] {
            assert_eq!(made(method, data, &[]).unwrap().method.as_str(), expected);
        }
    }

    #[test]
    fn what_can_not_be_sent_is_refused_and_a_header_is_not_repeated() {
        for (error, code) in [
            (made(Some("GET /"), None, &[]), Code::CLIENT_METHOD),
            (made(None, None, &["s3cr3t"]), Code::CLIENT_HEADER),
            (made(None, None, &["Content-Length: 3"]), Code::CLIENT_HEADER),
        ] {
            let error = error.unwrap_err();
            assert_eq!((error.fault, error.code), (Fault::Usage, code));
            assert!(!error.told().contains("s3cr3t"), "{}", error.told());
        }
    }

    #[test]
    fn the_body_of_a_file_is_sent_byte_for_byte() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("body");
        fs::write(&path, b"\n [1,\r\n2]\n").unwrap();
        let given = |path: &Path| Some(RequestBody::File(path.to_owned()));
        let request = made(Some("PUT"), given(&path), &[]).unwrap();
        let bytes =
            String::from_utf8(request.bytes("board", crate::client::request::Afterwards::Keep)).unwrap();
        assert!(bytes.ends_with("\r\n\r\n\n [1,\r\n2]\n"), "{bytes:?}");
        assert!(bytes.contains("\r\nContent-Length: 10\r\nContent-Type: application/json\r\n"), "{bytes:?}");
        fs::write(&path, "{\"key\": \"-----BEGIN EC PRIVATE KEY-----\\nMHcC\"}").unwrap();
        let refused = made(None, given(&path), &[]).unwrap_err();
        assert!(refused.what.starts_with("there is a private key in it") && !refused.told().contains("MHcC"));
        for absent in [Path::new("/nowhere/body"), folder.path()] {
            assert_eq!(made(None, given(absent), &[]).unwrap_err().code, Code::CLIENT_BODY, "{absent:?}");
        }
        fs::File::create(&path).unwrap().set_len(MOST_BODY + 1).unwrap();
        assert_eq!(made(None, given(&path), &[]).unwrap_err().what, "it has more than 16 MiB");
    }
}
