//! What a ClientHello offers (RFC 8446 section 4.1.2), as far as Mbed TLS does not look at it.

/// The parts of a ClientHello that matter here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientHello<'m> {
    suites: &'m [u8],
    extensions: &'m [u8],
}

impl<'m> ClientHello<'m> {
    /// Reads the handshake message, its header of four bytes included; `None` when it is no whole ClientHello.
    #[must_use]
    pub fn parse(message: &'m [u8]) -> Option<Self> {
        let mut message = Bytes(message);
        if message.take(1)? != [CLIENT_HELLO] {
            return None;
        }
        let mut body = Bytes(message.vector(3)?);
        body.take(VERSION_AND_RANDOM)?;
        let _session_id = body.vector(1)?;
        let suites = body.vector(2)?;
        let _compression_methods = body.vector(1)?;
        // A client of TLS 1.2 may leave the extensions out (RFC 5246 section 7.4.1.2).
        let extensions = if body.0.is_empty() { &[] } else { body.vector(2)? };
        Some(Self { suites, extensions })
    }

    /// Whether the cipher suite is in the list; a signaling value counts as one.
    #[must_use]
    pub fn offers_suite(&self, suite: u16) -> bool {
        contains(self.suites, suite)
    }

    /// Whether the client supports the named group (RFC 8446 section 4.2.7), whatever key shares it sends.
    #[must_use]
    pub fn supports_group(&self, group: u16) -> bool {
        let groups = self.extension(SUPPORTED_GROUPS).and_then(|data| Bytes(data).vector(2));
        groups.is_some_and(|groups| contains(groups, group))
    }

    /// Whether the client offers an extended master secret (RFC 7627), as all do that know TLS 1.2 well.
    #[must_use]
    pub fn has_extended_master_secret(&self) -> bool {
        self.extension(EXTENDED_MASTER_SECRET).is_some()
    }

    /// The length in bytes of the longest identity of a pre-shared key (RFC 8446 section 4.2.11) that the client offers; 0 without one, and
    /// with an extension that is not whole the length of all that it has.
    #[must_use]
    pub fn longest_psk_identity(&self) -> usize {
        let Some(extension) = self.extension(PRE_SHARED_KEY) else { return 0 };
        longest_identity(extension).unwrap_or(extension.len())
    }

    fn extension(&self, wanted: [u8; 2]) -> Option<&'m [u8]> {
        let mut extensions = Bytes(self.extensions);
        loop {
            let kind = extensions.take(2)?;
            let data = extensions.vector(2)?;
            if kind == wanted {
                return Some(data);
            }
        }
    }
}

fn longest_identity(extension: &[u8]) -> Option<usize> {
    let mut identities = Bytes(Bytes(extension).vector(2)?);
    let mut longest = 0;
    while !identities.0.is_empty() {
        longest = longest.max(identities.vector(2)?.len());
        identities.take(TICKET_AGE)?;
    }
    Some(longest)
}

fn contains(list: &[u8], value: u16) -> bool {
    list.chunks_exact(2).any(|entry| entry == value.to_be_bytes())
}

/// What is left to be read.
struct Bytes<'m>(&'m [u8]);

impl<'m> Bytes<'m> {
    fn take(&mut self, count: usize) -> Option<&'m [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    /// Bytes behind their number, which `width` bytes hold.
    fn vector(&mut self, width: usize) -> Option<&'m [u8]> {
        let length = self.take(width)?.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
        self.take(length)
    }
}

/// The message's type (RFC 8446 section 4).
const CLIENT_HELLO: u8 = 1;

/// legacy_version and random.
const VERSION_AND_RANDOM: usize = 2 + 32;

/// obfuscated_ticket_age.
const TICKET_AGE: usize = 4;

/// RFC 8446 section 4.2.
const SUPPORTED_GROUPS: [u8; 2] = [0, 10];
const PRE_SHARED_KEY: [u8; 2] = [0, 41];

/// RFC 7627 section 5.1.
const EXTENDED_MASTER_SECRET: [u8; 2] = [0, 23];

#[cfg(test)]
mod tests {
    use super::*;

    /// A ClientHello with a session id of 32 bytes, two suites, and three extensions.
    fn sample() -> Vec<u8> {
        let mut body = vec![3, 3];
        body.extend([7; 32]);
        body.push(32);
        body.extend([9; 32]);
        body.extend([0, 4, 0x13, 0x01, 0x56, 0x00, 1, 0]);
        body.extend([0, 19, 0, 0x17, 0, 0, 0, 10, 0, 6, 0, 4, 0, 0x1d, 0, 0x17, 0, 0x2b, 0, 1, 0]);
        let mut message = vec![1, 0, 0, u8::try_from(body.len()).unwrap()];
        message.extend(body);
        message
    }

    #[test]
    fn suites_and_groups_are_found() {
        let message = sample();
        let hello = ClientHello::parse(&message).unwrap();
        assert!(hello.offers_suite(0x1301) && hello.offers_suite(0x5600));
        assert!(!hello.offers_suite(0x0113) && !hello.offers_suite(0x0156), "a suite begins at an even byte");
        assert!(hello.supports_group(0x001d) && hello.supports_group(0x0017));
        assert!(!hello.supports_group(0x0018));
    }

    #[test]
    fn a_hello_without_extensions_supports_no_group() {
        let mut message = sample();
        message.truncate(message.len() - 21);
        message[3] -= 21;
        let hello = ClientHello::parse(&message).unwrap();
        assert!(hello.offers_suite(0x5600) && !hello.supports_group(0x0017));
    }

    /// [`sample`] with one extension more, which has its room at the end.
    fn with_extension(kind: u8, data: &[u8]) -> Vec<u8> {
        let mut message = sample();
        let extra = [&[0, kind, 0, u8::try_from(data.len()).unwrap()], data].concat();
        let grown = u8::try_from(extra.len()).unwrap();
        let at = message.len() - 20;
        message[at] += grown;
        message[3] += grown;
        message.extend(extra);
        message
    }

    #[test]
    fn an_extended_master_secret_is_seen() {
        let mut message = sample();
        assert!(ClientHello::parse(&message).unwrap().has_extended_master_secret());
        let kind = message.len() - 18;
        message[kind] = 22;
        assert!(!ClientHello::parse(&message).unwrap().has_extended_master_secret());
    }

    #[test]
    fn the_longest_identity_counts() {
        let longest = |message: &[u8]| ClientHello::parse(message).unwrap().longest_psk_identity();
        assert_eq!(longest(&sample()), 0);
        // Identities of 2 and 3 bytes with their ages, and a binder that nobody looks at.
        let two = [0, 17, 0, 2, 7, 7, 1, 1, 1, 1, 0, 3, 8, 8, 8, 2, 2, 2, 2, 0, 2, 1, 9];
        assert_eq!(longest(&with_extension(41, &two)), 3);
    }

    #[test]
    fn identities_that_are_not_whole_count_with_all_that_is_there() {
        let one = [0, 8, 0, 2, 7, 7, 1, 1, 1, 1];
        for end in 0..one.len() {
            let message = with_extension(41, &one[..end]);
            assert_eq!(ClientHello::parse(&message).unwrap().longest_psk_identity(), end, "{end}");
        }
        let overlong = [0, 8, 0, 9, 7, 7, 1, 1, 1, 1];
        let message = with_extension(41, &overlong);
        assert_eq!(ClientHello::parse(&message).unwrap().longest_psk_identity(), overlong.len());
    }

    #[test]
    fn a_message_cut_short_anywhere_is_no_hello() {
        let message = sample();
        for end in 0..message.len() {
            assert_eq!(ClientHello::parse(&message[..end]), None, "{end}");
        }
    }

    #[test]
    fn a_length_that_leads_outside_is_followed_nowhere() {
        let message = sample();
        for at in 0..message.len() {
            for value in [0, 1, 0x7f, 0xff] {
                let mut damaged = message.clone();
                damaged[at] = value;
                if let Some(hello) = ClientHello::parse(&damaged) {
                    let _ = (hello.offers_suite(0x5600), hello.supports_group(0x0017));
                    let _ = (hello.has_extended_master_secret(), hello.longest_psk_identity());
                }
            }
        }
    }

    #[test]
    fn another_message_is_no_hello() {
        let mut message = sample();
        message[0] = 2;
        assert_eq!(ClientHello::parse(&message), None);
    }
}
