//! A network driver that does not send refusals of connections.
//!
//! smoltcp answers a SYN that no socket takes with a RST, and the client reports "connection refused" about a device that
//! is only busy. Other systems drop the SYN when their backlog is full (Linux: `tcp_abort_on_overflow`), and the client's
//! own TCP asks again, after 1 s at first (RFC 6298 section 2). [`RefusalFilter`] does the same: it keeps those RSTs from
//! the wire, and nothing else. It needs no memory for the connections that wait, so there may be any number of them.

use core::task::Context;

use embassy_net::driver::{Capabilities, Driver, HardwareAddress, LinkState, TxToken};

use crate::net::PORT;

/// A network driver that refuses no connection on the server's port.
pub struct RefusalFilter<D> {
    driver: D,
}

impl<D: Driver> RefusalFilter<D> {
    /// Wraps a driver.
    pub const fn new(driver: D) -> Self {
        Self { driver }
    }
}

impl<D: Driver> Driver for RefusalFilter<D> {
    type RxToken<'a>
        = D::RxToken<'a>
    where
        Self: 'a;
    type TxToken<'a>
        = FilteredToken<D::TxToken<'a>>
    where
        Self: 'a;

    fn receive(&mut self, cx: &mut Context<'_>) -> Option<(Self::RxToken<'_>, Self::TxToken<'_>)> {
        self.driver.receive(cx).map(|(rx, tx)| (rx, FilteredToken(tx)))
    }

    fn transmit(&mut self, cx: &mut Context<'_>) -> Option<Self::TxToken<'_>> {
        self.driver.transmit(cx).map(FilteredToken)
    }

    fn link_state(&mut self, cx: &mut Context<'_>) -> LinkState {
        self.driver.link_state(cx)
    }

    fn capabilities(&self) -> Capabilities {
        self.driver.capabilities()
    }

    fn hardware_address(&self) -> HardwareAddress {
        self.driver.hardware_address()
    }
}

/// Sends one frame, unless it is a refusal.
pub struct FilteredToken<T>(T);

impl<T: TxToken> TxToken for FilteredToken<T> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, bytes: usize, fill: F) -> R {
        let mut small = [0; SMALL_FRAME];
        let Some(frame) = small.get_mut(..bytes) else { return self.0.consume(bytes, fill) };
        let result = fill(frame);
        if !is_refusal(frame) {
            self.0.consume(bytes, |out| out.copy_from_slice(frame));
        }
        result
    }
}

/// Whether the frame answers a SYN that no socket took: a RST from the server's port with sequence number zero and an
/// acknowledgement (RFC 9293 section 3.10.7.1). A RST of a connection that was there bears that connection's number.
fn is_refusal(frame: &[u8]) -> bool {
    segment(frame).is_some_and(|segment| {
        segment.get(SOURCE_PORT..SOURCE_PORT + 2) == Some(&PORT.to_be_bytes())
            && segment.get(SEQUENCE..SEQUENCE + 4) == Some(&[0; 4])
            && segment.get(FLAGS).is_some_and(|flags| flags & (RST | ACK) == RST | ACK)
    })
}

/// The TCP segment in an Ethernet frame of IPv4.
fn segment(frame: &[u8]) -> Option<&[u8]> {
    let packet = frame.get(ETHERNET_HEADER..)?;
    if frame.get(ETHERTYPE..ETHERNET_HEADER)? != ETHERTYPE_IPV4 || *packet.get(IPV4_PROTOCOL)? != PROTOCOL_TCP
    {
        return None;
    }
    let words = packet.first()? & 0x0F;
    packet.get(usize::from(words) * 4..)
}

/// The longest refusal, in bytes: headers of Ethernet (14) and IPv4 and TCP without options (20 each), and to spare.
const SMALL_FRAME: usize = 64;

/// Ethernet II: destination and source of 6 bytes each, then the type.
const ETHERTYPE: usize = 12;
const ETHERNET_HEADER: usize = 14;
const ETHERTYPE_IPV4: [u8; 2] = [0x08, 0x00];

/// RFC 791 section 3.1.
const IPV4_PROTOCOL: usize = 9;
const PROTOCOL_TCP: u8 = 6;

/// RFC 9293 section 3.1.
const SOURCE_PORT: usize = 0;
const SEQUENCE: usize = 4;
const FLAGS: usize = 13;
const RST: u8 = 0x04;
const ACK: u8 = 0x10;

#[cfg(test)]
mod tests {
    use super::*;

    /// A frame as smoltcp sends it: 14 bytes of Ethernet, 20 of IPv4, 20 of TCP.
    fn frame(port: u16, sequence: u32, flags: u8) -> [u8; 54] {
        let mut frame = [0; 54];
        frame[ETHERTYPE..ETHERNET_HEADER].copy_from_slice(&ETHERTYPE_IPV4);
        frame[14] = 0x45;
        frame[14 + IPV4_PROTOCOL] = PROTOCOL_TCP;
        frame[34..36].copy_from_slice(&port.to_be_bytes());
        frame[38..42].copy_from_slice(&sequence.to_be_bytes());
        frame[34 + FLAGS] = flags;
        frame
    }

    /// Counts what reaches the wire.
    struct Wire<'a>(&'a mut Vec<Vec<u8>>);

    impl TxToken for Wire<'_> {
        fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, bytes: usize, fill: F) -> R {
            let mut frame = vec![0; bytes];
            let result = fill(&mut frame);
            self.0.push(frame);
            result
        }
    }

    fn sent(frame: &[u8]) -> Vec<Vec<u8>> {
        let mut wire = Vec::new();
        FilteredToken(Wire(&mut wire)).consume(frame.len(), |out| out.copy_from_slice(frame));
        wire
    }

    #[test]
    fn the_answer_to_a_syn_that_no_socket_took_stays_here() {
        assert!(sent(&frame(PORT, 0, RST | ACK)).is_empty());
    }

    #[test]
    fn everything_else_goes_out_as_it_is() {
        let mut udp = frame(PORT, 0, RST | ACK);
        udp[14 + IPV4_PROTOCOL] = 17;
        let mut arp = frame(PORT, 0, RST | ACK);
        arp[13] = 0x06;
        let others = [
            frame(PORT, 7, RST | ACK),
            frame(PORT, 0, RST),
            frame(PORT, 0, ACK),
            frame(PORT, 0, 0x12),
            frame(80, 0, RST | ACK),
            udp,
            arp,
        ];
        for other in others {
            assert_eq!(sent(&other), [other.to_vec()]);
        }
        let mut long = [0; 200];
        long[..54].copy_from_slice(&frame(PORT, 0, RST | ACK));
        assert_eq!(sent(&long), [long.to_vec()], "a RST carries no data");
    }

    #[test]
    fn a_frame_cut_short_anywhere_is_no_refusal_and_goes_out() {
        let whole = frame(PORT, 0, RST | ACK);
        // The flags are the last byte that is looked at.
        for end in 0..34 + FLAGS + 1 {
            assert_eq!(sent(&whole[..end]), [whole[..end].to_vec()], "{end}");
        }
    }
}
