//! The records that the device has: its address, and the service `_https._tcp` (RFC 6763).

use core::fmt::Write as _;
use core::net::Ipv4Addr;

use super::identity::{Identity, LABEL_BYTES, Label, PIN_BYTES, VERSION_BYTES};
use super::message::{ANY, HEADER_BYTES, IN, Message, Question, Record, TOP_BIT, Writer};
use crate::transport::PORT;

/// A record of the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owned {
    /// A: the address of the host name.
    Address,
    /// NSEC: the host name has no other types (RFC 6762 section 6.1).
    OnlyAddress,
    /// PTR: the device is one of those that have the service.
    Service,
    /// PTR: there is such a service (RFC 6763 section 9).
    Services,
    /// SRV: the service's host and port.
    Location,
    /// TXT: firmware, hardware address, pin.
    Text,
    /// NSEC: the service's instance has no other types.
    OnlyService,
}

impl Owned {
    pub(super) const ALL: [Self; 7] = [
        Self::Address,
        Self::OnlyAddress,
        Self::Service,
        Self::Services,
        Self::Location,
        Self::Text,
        Self::OnlyService,
    ];

    /// Whether other devices may have a record of the same name and type.
    pub(super) fn is_shared(self) -> bool {
        matches!(self, Self::Service | Self::Services)
    }

    fn kind(self) -> u16 {
        match self {
            Self::Address => TYPE_A,
            Self::Service | Self::Services => TYPE_PTR,
            Self::Location => TYPE_SRV,
            Self::Text => TYPE_TXT,
            Self::OnlyAddress | Self::OnlyService => TYPE_NSEC,
        }
    }

    /// RFC 6762 section 10: 120 s where a host name is in it, 75 minutes otherwise.
    fn ttl(self) -> u32 {
        match self {
            Self::Address | Self::OnlyAddress | Self::Location => 120,
            Self::Service | Self::Services | Self::Text | Self::OnlyService => 4500,
        }
    }
}

impl<'i> Owner<'i> {
    pub(super) fn host(&self) -> [&[u8]; 2] {
        [self.label.as_bytes(), LOCAL]
    }

    pub(super) fn instance(&self) -> [&[u8]; 4] {
        [self.label.as_bytes(), SERVICE[0], SERVICE[1], LOCAL]
    }

    /// What the questions of a message ask for, and whether all of them want it by unicast.
    pub(super) fn asked(&self, message: &Message<'_>) -> (Set, bool) {
        message.questions().fold((Set::NONE, true), |(set, unicast), question| {
            let wanted = self.wanted(&question);
            (set.with(wanted), unicast && (wanted.is_empty() || question.wants_unicast()))
        })
    }

    fn wanted(&self, question: &Question<'_>) -> Set {
        let of = |candidates: &[Owned]| {
            candidates
                .iter()
                .filter(|owned| question.asks_for(owned.kind()))
                .copied()
                .fold(Set::NONE, Set::and)
        };
        let unique = |records: &[Owned], none: Owned| {
            let found = of(records);
            if found.is_empty() && question.is_internet() { Set::NONE.and(none) } else { found }
        };
        if question.name.is(&self.host()) {
            unique(&[Owned::Address], Owned::OnlyAddress)
        } else if question.name.is(&self.instance()) {
            unique(&[Owned::Location, Owned::Text], Owned::OnlyService)
        } else if question.name.is(&SERVICE) {
            of(&[Owned::Service])
        } else if question.name.is(&SERVICES) {
            of(&[Owned::Services])
        } else {
            Set::NONE
        }
    }

    /// What the querier has already, with at least half of its time left (RFC 6762 section 7.1).
    pub(super) fn known(&self, message: &Message<'_>) -> Set {
        let is_known = |owned: &Owned| {
            let fresh = |record: &Record<'_>| record.kind == owned.kind() && record.ttl >= owned.ttl() / 2;
            message.answers().any(|record| {
                fresh(&record) && record.name.is(self.name(*owned).as_slice()) && self.has(*owned, &record)
            })
        };
        Owned::ALL.into_iter().filter(is_known).fold(Set::NONE, Set::and)
    }

    /// Whether the data of this record is ours. Names of an NSEC are not compared: nobody else's matters.
    pub(super) fn has(&self, owned: Owned, record: &Record<'_>) -> bool {
        match owned {
            Owned::Address => record.data == self.address.octets(),
            Owned::Service => record.name_in_data(0).is(&self.instance()),
            Owned::Services => record.name_in_data(0).is(&SERVICE),
            Owned::Location => {
                record.data.starts_with(&LOCATION) && record.name_in_data(LOCATION.len()).is(&self.host())
            }
            Owned::Text => {
                let mut text = [0; TEXT_BYTES];
                let mut writer = Writer::bare(&mut text);
                self.text(&mut writer);
                writer.end().and_then(|bytes| text.get(..bytes)) == Some(record.data)
            }
            Owned::OnlyAddress | Owned::OnlyService => false,
        }
    }

    /// Writes one record; `most` bounds its time to live, in seconds.
    pub(super) fn write(&self, writer: &mut Writer<'_>, owned: Owned, class: u16, most: u32) {
        writer.name(self.name(owned).as_slice());
        writer.word(owned.kind());
        writer.word(class);
        writer.bytes(&owned.ttl().min(most).to_be_bytes());
        writer.data(|writer| match owned {
            Owned::Address => writer.bytes(&self.address.octets()),
            Owned::Service => writer.name(&self.instance()),
            Owned::Services => writer.name(&SERVICE),
            Owned::Location => {
                writer.bytes(&LOCATION);
                writer.name(&self.host());
            }
            Owned::Text => self.text(writer),
            // RFC 4034 section 4.1: the name itself, window 0, and a bit for each type.
            Owned::OnlyAddress => {
                writer.name(&self.host());
                writer.bytes(&[0, 1, 0x80 >> TYPE_A]);
            }
            Owned::OnlyService => {
                writer.name(&self.instance());
                writer.bytes(&[0, 5, 0, 0, 0x80 >> (TYPE_TXT % 8), 0, 0x80 >> (TYPE_SRV % 8)]);
            }
        });
    }

    /// Two questions, for all records of both names, which anybody who has one answers at once (RFC 6762 section 8.1).
    pub(super) fn probe_questions(&self, writer: &mut Writer<'_>) {
        for name in [&self.host()[..], &self.instance()[..]] {
            writer.name(name);
            writer.word(ANY);
            writer.word(IN | TOP_BIT);
        }
    }

    /// RFC 6763 section 6: `key=value`, the length before each.
    fn text(&self, writer: &mut Writer<'_>) {
        let Identity { fw, mac: [a, b, c, d, e, g], cert_sha256, .. } = self.identity;
        let fw = fw.get(..fw.len().min(VERSION_BYTES)).unwrap_or_default();
        // A writer takes everything, and says at the end whether it fitted.
        writer.item(|writer| {
            let _ = write!(writer, "fw={fw}");
        });
        writer.item(|writer| {
            let _ = write!(writer, "mac={a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}");
        });
        writer.item(|writer| {
            writer.bytes(b"pin=");
            for byte in cert_sha256.iter().take(PIN_BYTES) {
                let _ = write!(writer, "{byte:02x}");
            }
        });
    }

    fn name(&self, owned: Owned) -> Labels<'_> {
        match owned {
            Owned::Address | Owned::OnlyAddress => Labels::Two(self.host()),
            Owned::Service => Labels::Three(SERVICE),
            Owned::Services => Labels::Four(SERVICES),
            Owned::Location | Owned::Text | Owned::OnlyService => Labels::Four(self.instance()),
        }
    }
}

/// Whose records they are.
pub(super) struct Owner<'i> {
    pub(super) identity: &'i Identity<'i>,
    pub(super) label: Label,
    pub(super) address: Ipv4Addr,
}

/// The labels of a name, as many as it has.
enum Labels<'l> {
    Two([&'l [u8]; 2]),
    Three([&'l [u8]; 3]),
    Four([&'l [u8]; 4]),
}

impl<'l> Labels<'l> {
    fn as_slice(&self) -> &[&'l [u8]] {
        match self {
            Self::Two(labels) => labels,
            Self::Three(labels) => labels,
            Self::Four(labels) => labels,
        }
    }
}

/// Some of the records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Set(u8);

impl Set {
    pub(super) const NONE: Self = Self(0);
    pub(super) const EVERYTHING: Self = Self((1 << Owned::ALL.len()) - 1);

    pub(super) fn and(self, owned: Owned) -> Self {
        Self(self.0 | 1 << owned as u8)
    }

    pub(super) fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(super) fn contains(self, owned: Owned) -> bool {
        self.0 & 1 << owned as u8 != 0
    }

    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(super) fn count(self) -> u16 {
        self.0.count_ones() as u16
    }

    pub(super) fn iter(self) -> impl Iterator<Item = Owned> {
        Owned::ALL.into_iter().filter(move |owned| self.contains(*owned))
    }

    /// What a querier will ask for next (RFC 6763 section 12), and is not in the answer.
    pub(super) fn additional(self) -> Self {
        let mut next = Self::NONE;
        if self.contains(Owned::Service) {
            next = next.and(Owned::Location).and(Owned::Text);
        }
        if self.with(next).contains(Owned::Location) {
            next = next.and(Owned::Address);
        }
        next.without(self)
    }
}

pub(super) const TYPE_A: u16 = 1;
const TYPE_PTR: u16 = 12;
pub(super) const TYPE_TXT: u16 = 16;
pub(super) const TYPE_SRV: u16 = 33;
pub(super) const TYPE_NSEC: u16 = 47;

const LOCAL: &[u8] = b"local";
const SERVICE: [&[u8]; 3] = [b"_https", b"_tcp", LOCAL];
const SERVICES: [&[u8]; 4] = [b"_services", b"_dns-sd", b"_udp", LOCAL];

/// RFC 2782: priority and weight, of which there is no choice, and the port.
const LOCATION: [u8; 6] = [0, 0, 0, 0, PORT.to_be_bytes()[0], PORT.to_be_bytes()[1]];

/// `<host>.local`: each label with its length, and the end.
const HOST_NAME_BYTES: usize = (1 + LABEL_BYTES) + LOCAL_BYTES;
/// `_https._tcp.local`, and with an instance before it.
const SERVICE_BYTES: usize = (1 + 6) + (1 + 4) + LOCAL_BYTES;
const INSTANCE_BYTES: usize = (1 + LABEL_BYTES) + SERVICE_BYTES;
/// `_services._dns-sd._udp.local`.
const SERVICES_BYTES: usize = (1 + 9) + (1 + 7) + (1 + 4) + LOCAL_BYTES;
const LOCAL_BYTES: usize = (1 + 5) + 1;

/// `fw=`, `mac=` and `pin=` with their values, and the length of each.
const TEXT_BYTES: usize = (1 + 3 + VERSION_BYTES) + (1 + 4 + 17) + (1 + 4 + 2 * PIN_BYTES);

/// Type, class, time to live, and the length of the data.
const FIXED_BYTES: usize = 2 + 2 + 4 + 2;

/// The question that a plain resolver gets back: one for our longest name, with its type and class. It sends no more than one, and
/// gets no answer to a longer section.
pub(super) const QUESTIONS_BYTES: usize = INSTANCE_BYTES + 4;

/// All records at once, behind the question of a plain resolver: the longest message that is composed.
pub(super) const LONGEST_MESSAGE: usize = HEADER_BYTES
    + QUESTIONS_BYTES
    + 7 * FIXED_BYTES
    + (HOST_NAME_BYTES + 4)
    + (HOST_NAME_BYTES + HOST_NAME_BYTES + 3)
    + (SERVICE_BYTES + INSTANCE_BYTES)
    + (SERVICES_BYTES + SERVICE_BYTES)
    + (INSTANCE_BYTES + LOCATION.len() + HOST_NAME_BYTES)
    + (INSTANCE_BYTES + TEXT_BYTES)
    + (INSTANCE_BYTES + INSTANCE_BYTES + 7);
