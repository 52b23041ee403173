//! A network driver that does not send refusals of connections, and lets the refused ones wait.
//!
//! smoltcp answers a SYN that no socket takes with a RST, and the client reports "connection refused" about a device that
//! is only busy. Other systems drop the SYN when their backlog is full (Linux: `tcp_abort_on_overflow`), and the client's
//! own TCP asks again, after 1 s at first (RFC 6298 section 2). [`RefusalFilter`] does the same: it keeps those RSTs from
//! the wire. Some of the SYNs it keeps in the [`Backlog`], and hands them to smoltcp again when a socket listens.

use core::cell::RefCell;
use core::task::Context;

use embassy_net::driver::{Capabilities, Driver, HardwareAddress, LinkState, RxToken, TxToken};

use crate::backlog::{Backlog, KeptSyn};
use crate::net::PORT;

/// A network driver that refuses no connection on the server's port.
pub struct RefusalFilter<'b, D> {
    driver: D,
    guard: Guard<'b>,
}

/// What both tokens need.
struct Guard<'b> {
    backlog: &'b Backlog,
    /// The SYN that the stack is looking at.
    syn: RefCell<Option<KeptSyn>>,
}

impl<'b, D: Driver> RefusalFilter<'b, D> {
    /// Wraps a driver.
    pub const fn new(driver: D, backlog: &'b Backlog) -> Self {
        Self { driver, guard: Guard { backlog, syn: RefCell::new(None) } }
    }
}

impl<'b, D: Driver> Driver for RefusalFilter<'b, D> {
    type RxToken<'a>
        = WatchedToken<'a, 'b, D::RxToken<'a>>
    where
        Self: 'a;
    type TxToken<'a>
        = FilteredToken<'a, 'b, D::TxToken<'a>>
    where
        Self: 'a;

    fn receive(&mut self, cx: &mut Context<'_>) -> Option<(Self::RxToken<'_>, Self::TxToken<'_>)> {
        let Self { driver, guard } = self;
        guard.backlog.driver(cx.waker());
        if guard.backlog.is_due() {
            // A look at the driver before, since what it lends is lent until the tokens are gone.
            if let Some(tx) = driver.transmit(cx)
                && let Some(syn) = guard.backlog.next()
            {
                return Some((
                    WatchedToken { source: Source::Kept(syn), guard },
                    FilteredToken { tx, guard },
                ));
            }
            return None;
        }
        let (rx, tx) = driver.receive(cx)?;
        Some((WatchedToken { source: Source::Driver(rx), guard }, FilteredToken { tx, guard }))
    }

    fn transmit(&mut self, cx: &mut Context<'_>) -> Option<Self::TxToken<'_>> {
        let Self { driver, guard } = self;
        driver.transmit(cx).map(|tx| FilteredToken { tx, guard })
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

/// Receives one frame, and notes whether it is a SYN.
pub struct WatchedToken<'a, 'b, T> {
    source: Source<T>,
    guard: &'a Guard<'b>,
}

enum Source<T> {
    Driver(T),
    Kept(KeptSyn),
}

impl<T: RxToken> RxToken for WatchedToken<'_, '_, T> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, look: F) -> R {
        match self.source {
            Source::Driver(rx) => rx.consume(|frame| {
                match kind(frame) {
                    Kind::Syn => *self.guard.syn.borrow_mut() = KeptSyn::new(frame),
                    // A connection that was not complete ends, and its socket listens again.
                    Kind::Reset => self.guard.backlog.listens(),
                    Kind::Other => {}
                }
                self.guard.watch(frame, look)
            }),
            Source::Kept(syn) => {
                let mut frame = syn.frame.clone();
                *self.guard.syn.borrow_mut() = Some(syn);
                self.guard.watch(&mut frame, look)
            }
        }
    }
}

impl Guard<'_> {
    /// Lets the stack look at a frame; smoltcp answers before `look` returns, if it does. A SYN that it does not refuse has taken
    /// a socket.
    fn watch<R>(&self, frame: &mut [u8], look: impl FnOnce(&mut [u8]) -> R) -> R {
        let result = look(frame);
        if self.syn.take().is_some() {
            self.backlog.taken();
        }
        result
    }

    fn refused(&self) {
        if let Some(syn) = self.syn.take() {
            self.backlog.keep(syn);
        }
    }
}

/// Sends one frame, unless it is a refusal.
pub struct FilteredToken<'a, 'b, T> {
    tx: T,
    guard: &'a Guard<'b>,
}

impl<T: TxToken> TxToken for FilteredToken<'_, '_, T> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, bytes: usize, fill: F) -> R {
        let mut small = [0; SMALL_FRAME];
        let Some(frame) = small.get_mut(..bytes) else { return self.tx.consume(bytes, fill) };
        let result = fill(frame);
        if is_refusal(frame) {
            self.guard.refused();
        } else {
            self.tx.consume(bytes, |out| out.copy_from_slice(frame));
        }
        result
    }
}

/// What a frame from the wire is to the server's port.
#[derive(PartialEq)]
enum Kind {
    Syn,
    Reset,
    Other,
}

fn kind(frame: &[u8]) -> Kind {
    let flags = segment(frame)
        .filter(|segment| segment.get(TARGET_PORT..TARGET_PORT + 2) == Some(&PORT.to_be_bytes()))
        .and_then(|segment| segment.get(FLAGS).copied());
    match flags.map(|flags| flags & (SYN | RST | ACK)) {
        Some(SYN) => Kind::Syn,
        Some(flags) if flags & RST != 0 => Kind::Reset,
        _ => Kind::Other,
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
pub(crate) fn segment(frame: &[u8]) -> Option<&[u8]> {
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
const TARGET_PORT: usize = 2;
const SEQUENCE: usize = 4;
const FLAGS: usize = 13;
const SYN: u8 = 0x02;
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

    /// Brings a frame.
    struct Cable(Vec<u8>);

    impl RxToken for Cable {
        fn consume<R, F: FnOnce(&mut [u8]) -> R>(mut self, look: F) -> R {
            look(&mut self.0)
        }
    }

    fn sent(frame: &[u8]) -> Vec<Vec<u8>> {
        let mut wire = Vec::new();
        let backlog = Backlog::new();
        let guard = Guard { backlog: &backlog, syn: RefCell::new(None) };
        let token = FilteredToken { tx: Wire(&mut wire), guard: &guard };
        token.consume(frame.len(), |out| out.copy_from_slice(frame));
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

    /// The frame of a client that opens a connection.
    fn syn() -> [u8; 54] {
        let mut syn = frame(0, 0, SYN);
        syn[34 + TARGET_PORT..34 + TARGET_PORT + 2].copy_from_slice(&PORT.to_be_bytes());
        syn
    }

    /// Shows a frame to a stack that answers it with `answer`.
    fn look(backlog: &Backlog, frame: &[u8], answer: Option<[u8; 54]>) {
        let guard = Guard { backlog, syn: RefCell::new(None) };
        let token = WatchedToken { source: Source::Driver(Cable(frame.to_vec())), guard: &guard };
        token.consume(|_| {
            let mut wire = Vec::new();
            if let Some(answer) = answer {
                let token = FilteredToken { tx: Wire(&mut wire), guard: &guard };
                token.consume(answer.len(), |out| out.copy_from_slice(&answer));
            }
        });
    }

    #[test]
    fn a_syn_that_is_refused_is_kept_and_one_that_is_taken_is_not() {
        let backlog = Backlog::new();
        backlog.listens();
        look(&backlog, &syn(), None);
        assert_eq!((backlog.wanted(), backlog.is_due()), (0, false));
        look(&backlog, &syn(), Some(frame(PORT, 0, RST | ACK)));
        assert_eq!((backlog.wanted(), backlog.is_due()), (1, false));
        // A RST of a client means that a socket listens again.
        let mut reset = syn();
        reset[34 + FLAGS] = RST;
        look(&backlog, &reset, None);
        assert!(backlog.is_due());
        assert_eq!(backlog.next().map(|syn| syn.frame.to_vec()), Some(syn().to_vec()));
    }

    #[test]
    fn nothing_else_is_kept() {
        let backlog = Backlog::new();
        let mut data = syn();
        data[34 + FLAGS] = ACK;
        let mut elsewhere = syn();
        elsewhere[34 + TARGET_PORT] ^= 1;
        let mut long = syn().to_vec();
        long.resize(200, 0);
        for frame_in in [&data[..], &elsewhere, &long, &syn()[..40], &[]] {
            look(&backlog, frame_in, Some(frame(PORT, 0, RST | ACK)));
        }
        assert_eq!(backlog.wanted(), 0);
    }
}
