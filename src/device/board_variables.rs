//! What a command of the user's learns of a board, by variables of its environment. `emulate -- COMMAND` sets them, and so does
//! whatever else runs a command with a board.

use std::{ffi::OsString, path::PathBuf};

use crate::authority::host_and_port;

/// A board that serves, for a command that uses it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoardVariables {
    /// The host name or address, without brackets.
    pub host: String,
    /// The TCP port.
    pub port: u16,
    /// SHA-256 of the certificate that it serves with, 64 lower-case hex digits, where that is known.
    pub cert_sha256: Option<String>,
    /// The file with this certificate, where there is one.
    pub certificate: Option<PathBuf>,
}

impl BoardVariables {
    /// The variables with their values. What is not known is left out.
    #[must_use]
    pub fn variables(&self) -> Vec<(&'static str, OsString)> {
        let target = host_and_port(&self.host, self.port);
        let certificate = self.certificate.as_ref();
        let absolute = certificate.map(|path| std::path::absolute(path).unwrap_or_else(|_| path.clone()));
        let values = [
            (TARGET, Some(target.clone().into())),
            (URL, Some(format!("https://{target}/").into())),
            (HOST, Some(self.host.clone().into())),
            (PORT, Some(self.port.to_string().into())),
            (CERT_SHA256, self.cert_sha256.clone().map(OsString::from)),
            (CERT, absolute.map(PathBuf::into_os_string)),
        ];
        values.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }
}

/// Where the board serves, as `probe` and `load` take it.
pub const TARGET: &str = "ESP_HTTPS_TARGET";
/// The address of its page.
pub const URL: &str = "ESP_HTTPS_URL";
/// Its host name or address alone.
pub const HOST: &str = "ESP_HTTPS_HOST";
/// Its TCP port alone.
pub const PORT: &str = "ESP_HTTPS_PORT";
/// SHA-256 of its certificate, in hex.
pub const CERT_SHA256: &str = "ESP_HTTPS_CERT_SHA256";
/// The file with its certificate.
pub const CERT: &str = "ESP_HTTPS_CERT";

/// All of the variables, with what they hold, for help.
pub const BOARD_VARIABLES: [(&str, &str); 6] = [
    (TARGET, "host and port, as probe and load take them"),
    (URL, "the address of its page"),
    (HOST, "the host or address alone"),
    (PORT, "the port alone"),
    (CERT_SHA256, "the pin: SHA-256 of its certificate"),
    (CERT, "the file with its certificate"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_learns_where_the_board_is_and_whom_to_trust() {
        let board = BoardVariables {
            host: "127.0.0.1".to_owned(),
            port: 8443,
            cert_sha256: Some("ab".to_owned()),
            certificate: Some("cacert.pem".into()),
        };
        let told = board.variables();
        assert_eq!(
            told.iter().map(|(name, _)| *name).collect::<Vec<_>>(),
            BOARD_VARIABLES.map(|(name, _)| name)
        );
        let value =
            |name: &str| told.iter().find(|(own, _)| *own == name).unwrap().1.to_str().unwrap().to_owned();
        assert_eq!(
            (value(TARGET).as_str(), value(URL).as_str()),
            ("127.0.0.1:8443", "https://127.0.0.1:8443/")
        );
        assert!(value(CERT).starts_with('/') && value(CERT).ends_with("/cacert.pem"));
        let unknown =
            BoardVariables { host: "fe80::1%eth0".to_owned(), cert_sha256: None, certificate: None, ..board };
        let told = unknown.variables();
        assert_eq!(told.len(), 4);
        assert_eq!(told[0].1, "[fe80::1%eth0]:8443");
    }
}
