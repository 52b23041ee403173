//! What a run knows of its board: the certificate that it has, where it serves, and the results of earlier steps.

use std::{collections::BTreeMap, path::PathBuf};

use super::{classify::Served, outcome::BoardIdentity, template::Reference};
use crate::authority::root_url;

/// What a run knows of one board.
#[derive(Debug, Clone)]
pub struct Context {
    /// Which board it is.
    pub identity: BoardIdentity,
    /// The certificate that it was given, or is expected to have.
    pub cert: Option<PathBuf>,
    /// The key of that.
    pub key: Option<PathBuf>,
    /// Whether it has served in this run.
    pub served: Served,
    /// The folder of the run.
    pub out: PathBuf,
    results: BTreeMap<Reference, String>,
}

impl Context {
    /// A run that has just begun.
    #[must_use]
    pub fn new(identity: BoardIdentity, out: PathBuf) -> Self {
        Self { identity, cert: None, key: None, served: Served::No, out, results: BTreeMap::new() }
    }

    /// Keeps a result of a step.
    pub fn keep(&mut self, step: &str, field: &str, value: impl Into<String>) {
        self.results.insert(Reference { step: step.to_owned(), field: field.to_owned() }, value.into());
    }

    /// Keeps where the board serves and who it is, as a result of a step.
    pub fn keep_board(&mut self, step: &str) {
        let values = ["address", "host", "port", "url", "mac", "cert_sha256"];
        let known: Vec<_> =
            values.iter().filter_map(|field| Some((*field, self.of_target(field)?))).collect();
        for (field, value) in known {
            self.keep(step, field, value);
        }
    }

    /// What a reference stands for; `None` when that is not known.
    #[must_use]
    pub fn value(&self, reference: &Reference) -> Option<String> {
        if reference.step == "target" {
            return self.of_target(&reference.field);
        }
        self.results.get(reference).cloned()
    }

    /// A fact about the target.
    #[must_use]
    pub fn of_target(&self, field: &str) -> Option<String> {
        let identity = &self.identity;
        let address = || identity.address.clone();
        match field {
            "name" => Some(identity.name.clone()),
            "address" => address(),
            "host" => address().map(|address| host_and_port(&address).0.to_owned()),
            "port" => address().map(|address| host_and_port(&address).1.to_owned()),
            "url" => address().map(|address| root_url(&address)),
            "mac" => identity.mac.clone(),
            "cert" => self.cert.as_ref().map(|path| path.display().to_string()),
            "cert_sha256" => identity.cert_sha256.clone(),
            "serial_port" => identity.port.clone(),
            "out" => Some(self.out.display().to_string()),
            _ => None,
        }
    }
}

/// The two parts of `HOST[:PORT]`; brackets stay.
fn host_and_port(address: &str) -> (&str, &str) {
    let behind_brackets = address.rfind(']').map_or(0, |at| at + 1);
    match address.get(behind_brackets..).and_then(|rest| rest.rfind(':')) {
        Some(at) => {
            let (host, port) = address.split_at(behind_brackets + at);
            (host, port.trim_start_matches(':'))
        }
        None => (address, HTTPS),
    }
}

const HTTPS: &str = "443";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_and_port_of_an_address_are_told_apart() {
        assert_eq!(host_and_port("127.0.0.1:8443"), ("127.0.0.1", "8443"));
        assert_eq!(host_and_port("board.local"), ("board.local", "443"));
        assert_eq!(host_and_port("[fe80::1%eth0]"), ("[fe80::1%eth0]", "443"));
        assert_eq!(host_and_port("[fe80::1]:1"), ("[fe80::1]", "1"));
    }
}
