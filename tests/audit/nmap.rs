//! What nmap's ssl-enum-ciphers finds: the suites by version.

use std::{collections::BTreeMap, process::Command};

/// Suites by version as `TLS 1.2`, in nmap's order.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) suites: BTreeMap<String, Vec<String>>,
    /// The versions in which the order is the server's.
    pub(crate) ordered: Vec<String>,
}

/// Asks nmap; `None` when it is not installed.
pub(crate) fn enumerate(port: &str) -> Option<Found> {
    let nmap = support::require("nmap", "apt-get install nmap")?;
    let output = Command::new(nmap)
        .args(["-Pn", "-n", "-sT", "-p", port, "--script", "+ssl-enum-ciphers", "127.0.0.1"])
        .output()
        .unwrap();
    Some(parse(&String::from_utf8_lossy(&output.stdout)))
}

fn parse(text: &str) -> Found {
    let mut found = Found { suites: BTreeMap::new(), ordered: Vec::new() };
    let mut version = String::new();
    for line in text.lines() {
        let line = line.trim_start_matches(['|', '_', ' ']).trim_end();
        if let Some(number) = line.strip_suffix(':').and_then(|line| line.strip_prefix("TLSv")) {
            version = format!("TLS {number}");
        } else if line == "SSLv3:" {
            version = "SSL 3.0".to_owned();
        } else if line.starts_with("TLS_") {
            let name = line.split(' ').next().unwrap_or_default();
            // nmap calls the suites of TLS 1.3 by a name of its own.
            let name = name.replacen("TLS_AKE_WITH_", "TLS_", 1);
            found.suites.entry(version.clone()).or_default().push(name);
        } else if line == "cipher preference: server" {
            found.ordered.push(version.clone());
        }
    }
    found
}
