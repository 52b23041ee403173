//! Servers on free ports with certificates of ours, and the command under test.

use std::{ops::Deref, path::Path, sync::OnceLock};

use serde_json::Value;
pub(crate) use support::peer::nobody;
use support::{certificates::Folder, document, run, server};

/// What a run of `esp-https probe --json` gave.
#[derive(Debug)]
pub(crate) struct Run(run::Run);

impl Deref for Run {
    type Target = run::Run;

    fn deref(&self) -> &run::Run {
        &self.0
    }
}

impl Run {
    /// The document of a run that has ended.
    pub(crate) fn of(output: &std::process::Output) -> Self {
        let (document, stderr) = (document::of(output), support::stderr(output));
        Self(run::Run { code: output.status.code().unwrap_or_default(), document, stderr })
    }

    pub(crate) fn result(&self) -> &Value {
        &self.document["result"]
    }

    /// The item of that id.
    pub(crate) fn item(&self, id: &str) -> &Value {
        let items =
            self.result()["items"].as_array().unwrap_or_else(|| panic!("no items in {:#}", self.document));
        items.iter().find(|item| item["id"] == id).unwrap_or_else(|| panic!("no {id}"))
    }

    pub(crate) fn verdict(&self, id: &str) -> &str {
        self.item(id)["verdict"].as_str().unwrap()
    }

    /// The names in a list-valued item.
    pub(crate) fn list(&self, id: &str) -> Vec<String> {
        strings(&self.item(id)["value"])
    }

    /// The ids of the items with that verdict.
    pub(crate) fn ids(&self, verdict: &str) -> Vec<&str> {
        let items = self.result()["items"].as_array().unwrap().iter();
        items.filter(|item| item["verdict"] == verdict).map(|item| item["id"].as_str().unwrap()).collect()
    }

    pub(crate) fn findings(&self) -> Vec<&str> {
        let findings = self.result()["findings"].as_array().unwrap().iter();
        findings.map(|finding| finding["id"].as_str().unwrap()).collect()
    }

    pub(crate) fn ledger(&self, field: &str) -> u64 {
        self.result()["ledger"][field].as_u64().unwrap()
    }
}

pub(crate) fn strings(list: &Value) -> Vec<String> {
    let list = list.as_array().unwrap_or_else(|| panic!("a list: {list}"));
    list.iter().map(|name| name.as_str().unwrap().to_owned()).collect()
}

/// Runs `esp-https probe --json` and validates the document.
pub(crate) fn probe(args: &[&str]) -> Run {
    Run(run::Run::new("probe", &[args, &["--quiet"]].concat()))
}

/// A folder with `rsa`, `ecdsa` and `ca` certificates and keys, made once.
pub(crate) fn folder() -> &'static Path {
    static FOLDER: OnceLock<Folder> = OnceLock::new();
    let made = FOLDER.get_or_init(|| {
        let folder = Folder::new();
        for (name, key) in [
            ("rsa", &["rsa:2048"][..]),
            ("ecdsa", &["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]),
            ("ca", &["rsa:2048"]),
        ] {
            folder.named(name, &format!("bench {name}"), key[0], &[&key[1..], &["-days", "30"]].concat());
        }
        folder
    });
    made.as_ref()
}

/// A server, gone when dropped.
pub(crate) struct Server(server::Server);

impl Server {
    pub(crate) fn address(&self) -> String {
        self.0.address.clone()
    }

    pub(crate) fn port(&self) -> &str {
        self.0.port()
    }

    /// `openssl s_server` with the certificate of that name, answering each request with a page.
    pub(crate) fn openssl(certificate: &str, more: &[&str]) -> Self {
        let (certificate, key) = pair(certificate);
        Self(server::Server::openssl(folder(), (&certificate, &key), more))
    }

    /// `gnutls-serv` with that priority string; `None` when it is not installed.
    pub(crate) fn gnutls(certificate: &str, priority: &str, more: &[&str]) -> Option<Self> {
        let (certificate, key) = pair(certificate);
        server::Server::gnutls(folder(), (&certificate, &key), priority, more).map(Self)
    }

    /// nginx with these lines in its `server` block; `None` when it is not installed.
    pub(crate) fn nginx(certificate: &str, lines: &str) -> Option<Self> {
        let (certificate, key) = pair(certificate);
        server::Server::nginx(folder(), (&certificate, &key), lines).map(Self)
    }
}

/// The files of a certificate and its key.
fn pair(name: &str) -> (String, String) {
    (format!("{name}.pem"), format!("{name}.key"))
}
