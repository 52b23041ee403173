//! Alerts (RFC 8446, section 6).

use super::{AlertDescription, AlertLevel, DecodeError, Reader};

/// An alert as it travels in the clear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AlertMessage {
    /// Warning or fatal; TLS 1.3 ignores it.
    pub level: AlertLevel,
    /// What it says.
    pub description: AlertDescription,
}

impl AlertMessage {
    /// A warning.
    #[must_use]
    pub fn warning(description: AlertDescription) -> Self {
        Self { level: AlertLevel::WARNING, description }
    }

    /// Reads one alert with nothing behind it.
    ///
    /// # Errors
    /// [`DecodeError`] when the bytes are not two.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes, "Alert");
        let alert = Self { level: AlertLevel(reader.u8()?), description: AlertDescription(reader.u8()?) };
        reader.end()?;
        Ok(alert)
    }

    /// The two bytes.
    #[must_use]
    pub fn encode(self) -> [u8; 2] {
        [self.level.0, self.description.0]
    }
}
