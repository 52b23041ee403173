//! Whether a client has said enough to be given a session.

/// Whether `bytes`, the first of a connection, are a whole record of TLS (RFC 8446 section 5.1), or can't become one. A client whose
/// hello comes byte by byte holds no memory but its socket's until then.
#[must_use]
pub fn is_whole(bytes: &[u8]) -> bool {
    match *bytes {
        [] | [HANDSHAKE] | [HANDSHAKE, _] | [HANDSHAKE, _, _] | [HANDSHAKE, _, _, _] => false,
        [HANDSHAKE, _, _, high, low, ref rest @ ..] => {
            rest.len() >= usize::from(u16::from_be_bytes([high, low]))
        }
        // The TLS library will say what it is not.
        _ => true,
    }
}

/// The content type of a handshake record.
const HANDSHAKE: u8 = 22;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_whole_with_its_last_byte() {
        let record = [22, 3, 1, 0, 4, 1, 0, 0, 0];
        for end in 0..record.len() {
            assert!(!is_whole(&record[..end]), "{end}");
        }
        assert!(is_whole(&record) && is_whole(&[&record[..], &[0]].concat()));
    }

    #[test]
    fn what_is_no_handshake_needs_no_more_bytes() {
        assert!(is_whole(b"G") && is_whole(&[21]) && is_whole(&[0x80]));
    }
}
