//! What the command line asks for, in terms of certificates.

use crate::{
    cert::{CommonName, KeyType, NameError, Request, San, Validity},
    cli::{CertgenArgs, KeyArg, ProfileArg},
    error::{Code, Error, Fault, Result},
};

/// What the command line asks for.
///
/// # Errors
/// `cert.bad_san`, `cert.bad_common_name` and `cert.bad_days`.
pub(super) fn from_args(args: &CertgenArgs) -> Result<Request> {
    let names = names(&args.sans)?;
    let common_name = args.cn.as_deref().map(common_name).transpose()?;
    let mut request = match args.profile {
        ProfileArg::Book => {
            Request { common_name: common_name.unwrap_or_else(CommonName::book), names, ..Request::book() }
        }
        ProfileArg::Server => Request::server(common_name, names),
    };
    request.key_type = key_type(args.key);
    if let Some(days) = args.days {
        request.validity = Validity::days(days).map_err(|source| {
            Error::new(
                Fault::Usage,
                Code::CERT_BAD_DAYS,
                format!("reading --days {days}"),
                source.to_string(),
            )
            .hint(format!("--days {}", request.validity.in_days()))
            .source(source)
        })?;
    }
    Ok(request)
}

/// The names in their order; one that is given twice is taken once.
fn names(texts: &[String]) -> Result<Vec<San>> {
    let mut names = Vec::new();
    for text in texts {
        let name: San = text.parse().map_err(|source| bad_san(text, source))?;
        if !names.contains(&name) {
            names.push(name);
        }
    }
    Ok(names)
}

fn bad_san(text: &str, source: NameError) -> Error {
    let hint = match &source {
        NameError::NoKind { suggestion: Some(name) } => format!("--san {name}"),
        NameError::IsAddress => {
            format!("--san ip:{}", text.split_once(':').map_or(text, |(_, address)| address))
        }
        _ => "--san dns:esp32.local or --san ip:192.168.1.7".to_owned(),
    };
    Error::new(Fault::Usage, Code::CERT_BAD_SAN, format!("reading --san {text:?}"), source.to_string())
        .hint(hint)
        .source(source)
}

fn common_name(text: &str) -> Result<CommonName> {
    text.parse().map_err(|source: NameError| {
        Error::new(
            Fault::Usage,
            Code::CERT_BAD_COMMON_NAME,
            format!("reading --cn {text:?}"),
            source.to_string(),
        )
        .hint("1 to 64 characters, e.g. --cn \"Kitchen light\"")
        .source(source)
    })
}

fn key_type(key: KeyArg) -> KeyType {
    match key {
        KeyArg::Rsa2048 => KeyType::Rsa2048,
        KeyArg::Rsa3072 => KeyType::Rsa3072,
        KeyArg::Rsa4096 => KeyType::Rsa4096,
        KeyArg::P256 => KeyType::P256,
        KeyArg::P384 => KeyType::P384,
    }
}
