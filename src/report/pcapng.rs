//! Recordings as a pcapng file, with the secrets inside, so that Wireshark opens it decrypted.
//!
//! Format: draft-ietf-opsawg-pcapng. The TCP and IP headers around the recorded bytes are made up: what a probe records is
//! what its sockets sent and received, not what was on the wire.

use std::{
    net::{IpAddr, SocketAddr},
    time::{Duration, SystemTime},
};

use crate::{
    client::transcript::Recording,
    tls::{
        keys::Side,
        trace::{Secret, Segment},
    },
};

/// The bytes of the file; `None` when no connection was recorded.
#[must_use]
pub fn pcapng(recordings: &[Recording]) -> Option<Vec<u8>> {
    let mut file = File::default();
    file.block(SECTION_HEADER, &section_header());
    file.block(INTERFACE, &interface());
    let all: Vec<_> = recordings.iter().flat_map(|recording| &recording.secrets).collect();
    file.block(SECRETS, &secrets(&all));
    let written = recordings.iter().filter_map(|recording| connection(recording, &mut file)).count();
    (written > 0).then_some(file.0)
}

/// The packets of one connection. The first has a comment, what the connection was made for; `None` when none was opened.
fn connection(recording: &Recording, file: &mut File) -> Option<()> {
    let (client, server) = recording.ends?;
    let opened = recording.opened.unwrap_or(SystemTime::UNIX_EPOCH);
    let mut flow = Flow { ends: [client, server], next: [1, 1] };
    let mut comment = recording.purpose;
    let mut packet = |file: &mut File, at_us: u64, side: Side, flags: u8, payload: &[u8]| {
        let bytes = flow.packet(side, flags, payload);
        let at = opened + Duration::from_micros(at_us);
        file.block(PACKET, &enhanced_packet(at, &bytes, comment.take()));
    };
    packet(file, 0, Side::Client, SYN, &[]);
    packet(file, 0, Side::Server, SYN | ACK, &[]);
    packet(file, 0, Side::Client, ACK, &[]);
    for Segment { side, at_us, bytes } in &recording.segments {
        if bytes.is_empty() {
            packet(file, *at_us, *side, ACK | FIN, &[]);
        }
        for piece in bytes.chunks(MOST_PAYLOAD) {
            packet(file, *at_us, *side, ACK | PSH, piece);
        }
    }
    Some(())
}

/// The same file without its secrets. Bytes that are no pcapng file of ours give nothing.
#[must_use]
pub fn without_secrets(file: &[u8]) -> Vec<u8> {
    let (mut kept, mut rest) = (Vec::new(), file);
    while let Some((kind, length)) = head(rest)
        && let Some((block, behind)) = rest.split_at_checked(length)
    {
        if kind != SECRETS {
            kept.extend(block);
        }
        rest = behind;
    }
    if rest.is_empty() { kept } else { Vec::new() }
}

/// The type of the block that begins here, and its length in bytes.
fn head(block: &[u8]) -> Option<(u32, usize)> {
    let word = |at: usize| block.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes);
    let length = usize::try_from(word(4)?).ok()?;
    (length >= LEAST_BLOCK).then_some((word(0)?, length))
}

#[derive(Debug, Default)]
struct File(Vec<u8>);

impl File {
    /// A block: type, length, content padded to four bytes, and the length again.
    fn block(&mut self, kind: u32, content: &[u8]) {
        let padding = content.len().next_multiple_of(4) - content.len();
        let length = u32::try_from(content.len() + padding + 12).unwrap_or(u32::MAX).to_le_bytes();
        self.0.extend(kind.to_le_bytes());
        self.0.extend(length);
        self.0.extend(content);
        self.0.extend(std::iter::repeat_n(0, padding));
        self.0.extend(length);
    }
}

fn section_header() -> Vec<u8> {
    let mut content = BYTE_ORDER_MAGIC.to_le_bytes().to_vec();
    // Version 1.0, and a section whose length is not told.
    content.extend([1, 0, 0, 0]);
    content.extend(u64::MAX.to_le_bytes());
    content
}

/// Packets begin with the IP header; times are in microseconds, the default.
fn interface() -> Vec<u8> {
    let mut content = LINKTYPE_RAW.to_le_bytes().to_vec();
    content.extend([0; 6]);
    content
}

/// The key log, as text, in a Decryption Secrets Block.
fn secrets(secrets: &[&Secret]) -> Vec<u8> {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let line = |it: &&Secret| format!("{} {} {}\n", it.label, hex(&it.client_random), hex(&it.secret));
    let log: String = secrets.iter().map(line).collect();
    let mut content = TLS_KEY_LOG.to_le_bytes().to_vec();
    content.extend(u32::try_from(log.len()).unwrap_or(u32::MAX).to_le_bytes());
    content.extend(log.as_bytes());
    content
}

fn enhanced_packet(at: SystemTime, bytes: &[u8], comment: Option<&str>) -> Vec<u8> {
    let micros = at.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_micros());
    let micros = u64::try_from(micros).unwrap_or(u64::MAX);
    let [high, low] =
        [micros >> 32, micros & 0xffff_ffff].map(|half| u32::try_from(half).unwrap_or(u32::MAX));
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    let mut content = Vec::new();
    for field in [0, high, low, length, length] {
        content.extend(field.to_le_bytes());
    }
    content.extend(bytes);
    if let Some(comment) = comment {
        // Options begin at a multiple of four bytes; a code and a length stand before each, and the end is one, too.
        content.resize(content.len().next_multiple_of(4), 0);
        content.extend(OPTION_COMMENT.to_le_bytes());
        content.extend(u16::try_from(comment.len()).unwrap_or(u16::MAX).to_le_bytes());
        content.extend(comment.as_bytes());
        content.resize(content.len().next_multiple_of(4), 0);
        content.extend([0; 4]);
    }
    content
}

/// A TCP connection with sequence numbers of its own.
struct Flow {
    ends: [SocketAddr; 2],
    next: [u32; 2],
}

impl Flow {
    fn packet(&mut self, side: Side, flags: u8, payload: &[u8]) -> Vec<u8> {
        let (from, to) = if side == Side::Client { (0, 1) } else { (1, 0) };
        let is_syn = flags & SYN != 0;
        let sequence = if is_syn { self.next[from].wrapping_sub(1) } else { self.next[from] };
        let acknowledged = if flags & ACK == 0 { 0 } else { self.next[to] };
        let length = u32::try_from(payload.len()).unwrap_or_default() + u32::from(flags & FIN != 0);
        self.next[from] = self.next[from].wrapping_add(length);
        let (from, to) = (self.ends[from], self.ends[to]);
        let segment = tcp(from, to, sequence, acknowledged, flags, payload);
        let mut packet = ip_header(from.ip(), to.ip(), segment.len());
        packet.extend(segment);
        packet
    }
}

fn tcp(
    from: SocketAddr,
    to: SocketAddr,
    sequence: u32,
    acknowledged: u32,
    flags: u8,
    payload: &[u8],
) -> Vec<u8> {
    let mut segment = [from.port().to_be_bytes(), to.port().to_be_bytes()].concat();
    segment.extend(sequence.to_be_bytes());
    segment.extend(acknowledged.to_be_bytes());
    segment.extend([TCP_HEADER_WORDS << 4, flags, 0xff, 0xff, 0, 0, 0, 0]);
    segment.extend(payload);
    let length = u32::try_from(segment.len()).unwrap_or_default().to_be_bytes();
    let pseudo = [&octets(from.ip())[..], &octets(to.ip()), &length, &[0, 0, 0, TCP]].concat();
    let sum = checksum(&[&pseudo[..], &segment].concat());
    segment[16..18].copy_from_slice(&sum);
    segment
}

fn ip_header(from: IpAddr, to: IpAddr, length: usize) -> Vec<u8> {
    let addresses = [octets(from), octets(to)].concat();
    if from.is_ipv6() {
        let length = u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes();
        return [&[0x60, 0, 0, 0], &length[..], &[TCP, HOPS], &addresses].concat();
    }
    let length = u16::try_from(length + 20).unwrap_or(u16::MAX).to_be_bytes();
    let mut header = [&[0x45, 0], &length[..], &[0, 0, 0x40, 0, HOPS, TCP, 0, 0], &addresses].concat();
    let sum = checksum(&header);
    header[10..12].copy_from_slice(&sum);
    header
}

fn octets(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    }
}

/// The Internet checksum (RFC 1071).
fn checksum(bytes: &[u8]) -> [u8; 2] {
    let words =
        bytes.chunks(2).map(|pair| u32::from(pair[0]) << 8 | u32::from(pair.get(1).copied().unwrap_or(0)));
    let mut sum: u32 = words.sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    let [_, _, high, low] = (!sum).to_be_bytes();
    [high, low]
}

const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const BYTE_ORDER_MAGIC: u32 = 0x1a2b_3c4d;
const INTERFACE: u32 = 1;
const PACKET: u32 = 6;
const SECRETS: u32 = 10;
/// Type, length, and the length again.
const LEAST_BLOCK: usize = 12;
const OPTION_COMMENT: u16 = 1;
const TLS_KEY_LOG: u32 = 0x544c_534b;
const LINKTYPE_RAW: u16 = 101;
const FIN: u8 = 1;
const SYN: u8 = 2;
const PSH: u8 = 8;
const ACK: u8 = 16;
const TCP: u8 = 6;
const TCP_HEADER_WORDS: u8 = 5;
const HOPS: u8 = 64;
/// A usual Ethernet's.
const MOST_PAYLOAD: usize = 1460;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_padded_and_tell_their_length_twice() {
        let mut file = File::default();
        file.block(7, b"abcde");
        assert_eq!(file.0, [7, 0, 0, 0, 20, 0, 0, 0, b'a', b'b', b'c', b'd', b'e', 0, 0, 0, 20, 0, 0, 0]);
    }

    #[test]
    fn checksums_are_those_of_the_standard() {
        // RFC 1071, section 3: the sum is ddf2.
        assert_eq!(checksum(&[0, 1, 0xf2, 3, 0xf4, 0xf5, 0xf6, 0xf7]), [0x22, 0x0d]);
        let header = ip_header([127, 0, 0, 1].into(), [127, 0, 0, 2].into(), 20);
        assert_eq!(checksum(&header), [0, 0], "a header with its checksum sums up to nothing");
    }

    #[test]
    fn secrets_are_taken_out_and_what_is_cut_short_gives_nothing() {
        let mut file = File::default();
        file.block(SECTION_HEADER, b"head");
        let head = file.0.clone();
        file.block(SECRETS, b"CLIENT_RANDOM");
        let with_secrets = file.0.len();
        file.block(PACKET, b"data");
        let kept = without_secrets(&file.0);
        assert_eq!(kept[..head.len()], head);
        assert_eq!(kept[head.len()..], file.0[with_secrets..]);
        for end in 1..file.0.len() {
            let cut = without_secrets(&file.0[..end]);
            assert!(!cut.windows(6).any(|window| window == b"CLIENT"), "{end}");
        }
    }

    #[test]
    fn without_a_connection_there_is_no_file() {
        assert_eq!(pcapng(&[]), None);
        assert_eq!(pcapng(&[Recording::default()]), None);
    }
}
