//! From arguments to what is asked for, in terms of certificates.

use super::explain;
use crate::{
    cert::{CommonName, KeyType, Profile, Request, San, Validity},
    cli::{CertgenArgs, KeyArg, ProfileArg},
    error::Result,
};

/// What the command line asks for.
///
/// # Errors
/// `cert.bad_san`, `cert.bad_common_name` and `cert.bad_days`.
pub(super) fn request(args: &CertgenArgs) -> Result<Request> {
    let names = names(&args.sans)?;
    let common_name = args.cn.as_deref().map(|text| common_name("--cn", text)).transpose()?;
    let is_issued = args.issuer.ca.is_some();
    let mut request = match (args.client.as_deref(), args.profile) {
        (Some(client), _) => Request::client(self::common_name("--client", client)?, names),
        (None, Some(ProfileArg::Book)) if is_issued => return Err(explain::book_of_a_ca()),
        (None, Some(ProfileArg::Server)) => Request::server(common_name, names),
        (None, None) if is_issued => Request::server(common_name, names),
        (None, Some(ProfileArg::Book) | None) => {
            Request { common_name: common_name.unwrap_or_else(CommonName::book), names, ..Request::book() }
        }
    };
    request.key_type = key_type(args.key);
    if let Some(days) = args.days {
        request.validity = validity(days, request.validity)?;
    }
    Ok(request)
}

/// The name of a CA.
///
/// # Errors
/// `cert.bad_common_name`.
pub(super) fn ca_name(text: &str) -> Result<CommonName> {
    common_name("--name", text)
}

/// How long a CA is valid.
///
/// # Errors
/// `cert.bad_days`.
pub(super) fn ca_validity(days: u32) -> Result<Validity> {
    validity(days, Profile::Ca.default_validity())
}

/// How long the certificate of a device or a client is valid.
///
/// # Errors
/// `cert.bad_days`.
pub(super) fn leaf_validity(days: u32) -> Result<Validity> {
    validity(days, Profile::Server.default_validity())
}

fn validity(days: u32, usual: Validity) -> Result<Validity> {
    Validity::days(days).map_err(|source| explain::bad_days(days, usual, source))
}

/// The names in their order; one that is given twice is taken once.
fn names(texts: &[String]) -> Result<Vec<San>> {
    let mut names = Vec::new();
    for text in texts {
        let name: San = text.parse().map_err(|source| explain::bad_san(text, source))?;
        if !names.contains(&name) {
            names.push(name);
        }
    }
    Ok(names)
}

fn common_name(flag: &str, text: &str) -> Result<CommonName> {
    text.parse().map_err(|source| explain::bad_common_name(flag, text, source))
}

/// The key that is asked for.
pub(super) fn key_type(key: KeyArg) -> KeyType {
    match key {
        KeyArg::Rsa2048 => KeyType::Rsa2048,
        KeyArg::Rsa3072 => KeyType::Rsa3072,
        KeyArg::Rsa4096 => KeyType::Rsa4096,
        KeyArg::P256 => KeyType::P256,
        KeyArg::P384 => KeyType::P384,
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use clap::ValueEnum as _;

    use super::*;

    #[test]
    fn each_key_type_has_one_name_on_the_command_line_in_json_in_the_schema_and_in_the_documentation() {
        let read = |path| fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
        let name = |key: &KeyArg| key.to_possible_value().unwrap().get_name().to_owned();
        let names: Vec<String> = KeyArg::value_variants().iter().map(name).collect();
        for (key, name) in KeyArg::value_variants().iter().zip(&names) {
            assert_eq!(serde_json::to_value(key_type(*key)).unwrap(), name.as_str());
        }
        let schema: serde_json::Value = serde_json::from_str(&read("docs/schema/certgen.json")).unwrap();
        let accepted = schema.to_string();
        let listed = format!("\"enum\":{}", serde_json::to_value(&names).unwrap());
        assert!(accepted.contains(&listed), "docs/schema/certgen.json does not list {listed}");
        let listed = format!("--key {}", names.join(" | "));
        assert!(
            read("docs/certificates.md").contains(&listed),
            "docs/certificates.md does not say: {listed}"
        );
    }
}
