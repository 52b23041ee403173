//! What the responder tells about the device.

use core::fmt::{self, Write as _};

/// The device, as its records describe it.
#[derive(Debug, Clone, Copy)]
pub struct Identity<'i> {
    /// The name that it would like to have, without `.local`; at most [`HOSTNAME_BYTES`] of it are used.
    pub hostname: &'i str,
    /// The firmware's version; at most [`VERSION_BYTES`] of it are told.
    pub fw: &'i str,
    /// The station's hardware address.
    pub mac: [u8; 6],
    /// The certificate's SHA-256, of which the first [`PIN_BYTES`] are told.
    pub cert_sha256: [u8; 32],
}

/// One label of a name: the host name, or the host name with a number when another device has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Label {
    bytes: [u8; LABEL_BYTES],
    len: usize,
    number: u16,
}

impl Label {
    /// The host name itself.
    #[must_use]
    pub fn first(identity: &Identity<'_>) -> Self {
        Self::numbered(identity, 1)
    }

    /// The one to try when this is taken: `name-2`, `name-3` and so on (RFC 6762 section 9).
    #[must_use]
    pub fn next(&self, identity: &Identity<'_>) -> Self {
        Self::numbered(identity, self.number.checked_add(1).unwrap_or(2))
    }

    fn numbered(identity: &Identity<'_>, number: u16) -> Self {
        let mut label = Self { bytes: [0; LABEL_BYTES], len: 0, number };
        let name = identity.hostname.as_bytes();
        label.push(&name[..name.len().min(HOSTNAME_BYTES)]);
        if number > 1 {
            // It fits by the arithmetic of `LABEL_BYTES`.
            let _ = write!(label, "-{number}");
        }
        label
    }

    /// Its bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    fn push(&mut self, bytes: &[u8]) -> Option<()> {
        self.bytes.get_mut(self.len..self.len + bytes.len())?.copy_from_slice(bytes);
        self.len += bytes.len();
        Some(())
    }
}

impl fmt::Write for Label {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push(text.as_bytes()).ok_or(fmt::Error)
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(str::from_utf8(self.as_bytes()).unwrap_or_default())
    }
}

/// As long as a provisioned host name can be.
pub const HOSTNAME_BYTES: usize = 32;

/// Longer than `65535.255.255`.
pub const VERSION_BYTES: usize = 16;

/// Half of a SHA-256: enough to find the board, while a client pins the whole.
pub const PIN_BYTES: usize = 16;

/// A host name, a hyphen, and a number of five digits.
pub(super) const LABEL_BYTES: usize = HOSTNAME_BYTES + 1 + 5;
