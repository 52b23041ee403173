//! The secrets of a connection, as a key log has them (RFC 9850).

use std::fmt;

use crate::tls::keys::Side;

/// A secret of a connection.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    /// What it is for.
    pub label: SecretLabel,
    /// The client's random, which names the connection.
    pub client_random: Vec<u8>,
    /// The secret itself.
    pub secret: Vec<u8>,
}

impl fmt::Debug for Secret {
    /// Leaves the secret out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({})", self.label)
    }
}

/// What a secret is for: the label of a line in a key log. Prints as in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecretLabel {
    /// The master secret of TLS 1.2 and before.
    Master,
    /// The traffic secret of one side during a handshake of TLS 1.3.
    Handshake(Side),
    /// The traffic secret of one side after a handshake of TLS 1.3.
    Application(Side),
    /// One that opens no record here.
    Other(String),
}

impl From<&str> for SecretLabel {
    fn from(label: &str) -> Self {
        match label {
            "CLIENT_RANDOM" => Self::Master,
            "CLIENT_HANDSHAKE_TRAFFIC_SECRET" => Self::Handshake(Side::Client),
            "SERVER_HANDSHAKE_TRAFFIC_SECRET" => Self::Handshake(Side::Server),
            "CLIENT_TRAFFIC_SECRET_0" => Self::Application(Side::Client),
            "SERVER_TRAFFIC_SECRET_0" => Self::Application(Side::Server),
            other => Self::Other(other.to_owned()),
        }
    }
}

impl fmt::Display for SecretLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Master => "CLIENT_RANDOM",
            Self::Handshake(Side::Client) => "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
            Self::Handshake(Side::Server) => "SERVER_HANDSHAKE_TRAFFIC_SECRET",
            Self::Application(Side::Client) => "CLIENT_TRAFFIC_SECRET_0",
            Self::Application(Side::Server) => "SERVER_TRAFFIC_SECRET_0",
            Self::Other(label) => label,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_written_as_it_was_read() {
        for label in [
            SecretLabel::Master,
            SecretLabel::Handshake(Side::Client),
            SecretLabel::Handshake(Side::Server),
            SecretLabel::Application(Side::Client),
            SecretLabel::Application(Side::Server),
            SecretLabel::Other("EXPORTER_SECRET".to_owned()),
        ] {
            assert_eq!(SecretLabel::from(&*label.to_string()), label);
        }
        assert_eq!(SecretLabel::from("CLIENT_RANDOM"), SecretLabel::Master);
    }
}
