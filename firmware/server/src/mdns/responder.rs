//! The responder, without a socket: messages in, messages out, by the clock that it is given.

use core::net::Ipv4Addr;

use embassy_time::{Duration, Instant};

use super::identity::{Identity, Label};
use super::message::{IN, Message, RESPONSE, Record, TOP_BIT, Writer};
use super::records::{Owned, Owner, QUESTIONS_BYTES, Set, TYPE_A, TYPE_NSEC, TYPE_SRV, TYPE_TXT};

/// What answers for one address on one network.
pub struct Responder<'i> {
    owner: Owner<'i>,
    phase: Phase,
    /// When the next message is due that nobody asked for.
    due: Option<Instant>,
    /// When a record was last sent to everyone.
    sent: [Option<Instant>; Owned::ALL.len()],
}

/// How sure the responder is of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// It has asked so many times whether anybody has it (section 8.1).
    Probing(u8),
    /// It has told so many times that it has it (section 8.3).
    Announcing(u8),
    Established,
}

/// Where an answer goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destination {
    /// The group.
    Everyone,
    /// Who asked.
    Sender,
}

/// A message to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reply {
    /// Its length in the buffer.
    pub bytes: usize,
    /// Who gets it.
    pub to: Destination,
    /// How long to wait before, so that not all devices answer at once (section 6).
    pub delay: Duration,
}

impl<'i> Responder<'i> {
    /// Begins to probe for a name.
    #[must_use]
    pub fn new(identity: &'i Identity<'i>, label: Label, address: Ipv4Addr, now: Instant) -> Self {
        let owner = Owner { identity, label, address };
        let due = Some(now + spread(identity, PROBE_INTERVAL));
        Self { owner, phase: Phase::Probing(0), due, sent: [None; Owned::ALL.len()] }
    }

    /// The name that it has or wants.
    #[must_use]
    pub fn label(&self) -> Label {
        self.owner.label
    }

    /// Whether nobody objected to the name.
    #[must_use]
    pub fn has_its_name(&self) -> bool {
        !matches!(self.phase, Phase::Probing(_))
    }

    /// When [`Self::tick`] has something to do.
    #[must_use]
    pub fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Composes the message to everyone that is due, and returns its length.
    pub fn tick(&mut self, now: Instant, buffer: &mut [u8]) -> Option<usize> {
        self.due.filter(|due| *due <= now)?;
        match self.phase {
            Phase::Probing(PROBES) => {
                self.phase = Phase::Announcing(0);
                self.announce(now, buffer)
            }
            Phase::Probing(sent) => {
                self.phase = Phase::Probing(sent + 1);
                self.due = Some(now + PROBE_INTERVAL);
                self.probe(buffer)
            }
            Phase::Announcing(_) => self.announce(now, buffer),
            Phase::Established => {
                self.due = None;
                None
            }
        }
    }

    /// Takes a message from the local link, and composes the answer to it.
    pub fn receive(
        &mut self,
        message: &Message<'_>,
        sender: Sender,
        now: Instant,
        buffer: &mut [u8],
    ) -> Option<Reply> {
        if message.is_response() {
            self.look_for_conflicts(message, now);
            return None;
        }
        if !self.has_its_name() {
            self.break_tie(message, now);
            return None;
        }
        self.answer(message, sender, now, buffer)
    }

    fn answer(
        &mut self,
        message: &Message<'_>,
        sender: Sender,
        now: Instant,
        buffer: &mut [u8],
    ) -> Option<Reply> {
        let (mut answers, unicast) = self.owner.asked(message);
        let to = if sender == Sender::Plain || unicast { Destination::Sender } else { Destination::Everyone };
        if sender == Sender::Plain {
            let bytes = self.owner.plain_answer(message, answers, buffer)?;
            return Some(Reply { bytes, to, delay: Duration::MIN });
        }
        answers = answers.without(self.owner.known(message));
        let mut additional = answers.additional();
        if to == Destination::Everyone {
            let interval = if message.is_probe() { PROBE_INTERVAL } else { LEAST_INTERVAL };
            let recent = self.sent_within(interval, now);
            answers = answers.without(recent);
            additional = additional.without(recent);
        }
        let bytes = self.owner.response(answers, additional, buffer)?;
        if to == Destination::Everyone {
            self.note(answers.with(additional), now);
        }
        let shared = answers.contains(Owned::Service) || answers.contains(Owned::Services);
        let delay =
            if shared { MIN_DELAY + spread(self.owner.identity, DELAY_SPREAD) } else { Duration::MIN };
        Some(Reply { bytes, to, delay })
    }

    fn sent_within(&self, interval: Duration, now: Instant) -> Set {
        let recent = |owned: &Owned| {
            self.sent[*owned as usize].is_some_and(|at| now.saturating_duration_since(at) < interval)
        };
        Owned::ALL.into_iter().filter(recent).fold(Set::NONE, Set::and)
    }

    fn note(&mut self, set: Set, now: Instant) {
        for owned in set.iter() {
            self.sent[owned as usize] = Some(now);
        }
    }

    /// Asks whether anybody has the names, and says what they are wanted for.
    fn probe(&self, buffer: &mut [u8]) -> Option<usize> {
        let mut writer = Writer::new(buffer, 0, 0, 2);
        self.owner.probe_questions(&mut writer);
        let wanted = [Owned::Address, Owned::Location, Owned::Text];
        for owned in wanted {
            self.owner.write(&mut writer, owned, IN, u32::MAX);
        }
        writer.finish(0, wanted.len() as u16, 0)
    }

    fn announce(&mut self, now: Instant, buffer: &mut [u8]) -> Option<usize> {
        let Phase::Announcing(told) = self.phase else { return None };
        (self.phase, self.due) = if told + 1 < ANNOUNCEMENTS {
            (Phase::Announcing(told + 1), Some(now + ANNOUNCEMENT_INTERVAL))
        } else {
            (Phase::Established, None)
        };
        self.note(Set::EVERYTHING, now);
        self.owner.response(Set::EVERYTHING, Set::NONE, buffer)
    }

    /// A record of ours that somebody else has with other data: while probing it has our name, later it may have.
    fn look_for_conflicts(&mut self, message: &Message<'_>, now: Instant) {
        if !message.records().any(|record| self.contradicts(&record)) {
            return;
        }
        if !self.has_its_name() {
            self.owner.label = self.owner.label.next(self.owner.identity);
        }
        self.probe_again(now);
    }

    fn contradicts(&self, record: &Record<'_>) -> bool {
        if record.class != IN || record.ttl == 0 {
            return false;
        }
        if record.name.is(&self.owner.host()) {
            return match record.kind {
                TYPE_A => !self.owner.has(Owned::Address, record),
                TYPE_NSEC => false,
                _ => !self.has_its_name(),
            };
        }
        record.name.is(&self.owner.instance())
            && match record.kind {
                TYPE_SRV => !self.owner.has(Owned::Location, record),
                TYPE_TXT => !self.owner.has(Owned::Text, record),
                _ => false,
            }
    }

    /// Of two that probe for one name at the same time, the one whose record is the lexicographically later one has it (section 8.2);
    /// the other probes again a second later, and meets its defence. There is one record of ours, so the first of theirs decides.
    fn break_tie(&mut self, message: &Message<'_>, now: Instant) {
        let ours = (TYPE_A, &self.owner.address.octets()[..]);
        let theirs = || message.authorities().filter(|record| record.name.is(&self.owner.host()));
        let Some(first) = theirs().map(|record| (record.kind, record.data)).min() else { return };
        if first > ours || (first == ours && theirs().count() > 1) {
            self.probe_again(now);
        }
    }

    /// A second later: this keeps the rule of section 8.1 for many conflicts, too.
    fn probe_again(&mut self, now: Instant) {
        self.phase = Phase::Probing(0);
        self.due = Some(now + AFTER_CONFLICT);
    }
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sender {
    /// A querier of multicast DNS, which sends from port 5353.
    Multicast,
    /// A plain resolver, on any other port (section 6.7).
    Plain,
}

/// Some time below `most`, another one for each device.
fn spread(identity: &Identity<'_>, most: Duration) -> Duration {
    Duration::from_millis(most.as_millis() * u64::from(identity.mac[5]) / 256)
}

impl Owner<'_> {
    fn response(&self, answers: Set, additional: Set, buffer: &mut [u8]) -> Option<usize> {
        if answers.is_empty() {
            return None;
        }
        let mut writer = Writer::new(buffer, 0, RESPONSE | AUTHORITATIVE, 0);
        for owned in answers.iter().chain(additional.iter()) {
            let class = if owned.is_shared() { IN } else { IN | TOP_BIT };
            self.write(&mut writer, owned, class, u32::MAX);
        }
        writer.finish(answers.count(), 0, additional.count())
    }

    /// With the question and the number that a plain resolver sent, and records that it does not keep for long.
    fn plain_answer(&self, message: &Message<'_>, answers: Set, buffer: &mut [u8]) -> Option<usize> {
        let (questions, section) = message.question_section();
        if answers.is_empty() || section.len() > QUESTIONS_BYTES {
            return None;
        }
        let mut writer = Writer::new(buffer, message.id(), RESPONSE | AUTHORITATIVE, questions);
        // At the place where it was, so that compressed names in it point to the same as before.
        writer.bytes(section);
        for owned in answers.iter() {
            self.write(&mut writer, owned, IN, PLAIN_TTL_S);
        }
        writer.finish(answers.count(), 0, 0)
    }
}

/// RFC 1035 section 4.1.1.
const AUTHORITATIVE: u16 = 0x0400;

/// Section 6.7.
const PLAIN_TTL_S: u32 = 10;

/// Section 8.1.
const PROBES: u8 = 3;
const PROBE_INTERVAL: Duration = Duration::from_millis(250);

/// Section 8.3: at least two, at least a second apart.
const ANNOUNCEMENTS: u8 = 2;
const ANNOUNCEMENT_INTERVAL: Duration = Duration::from_secs(1);

/// Section 8.2.
const AFTER_CONFLICT: Duration = Duration::from_secs(1);

/// Section 6: a record is multicast at most once a second.
const LEAST_INTERVAL: Duration = Duration::from_secs(1);

/// Section 6: 20 to 120 ms, for records that others may have as well.
const MIN_DELAY: Duration = Duration::from_millis(20);
const DELAY_SPREAD: Duration = Duration::from_millis(100);

#[cfg(test)]
mod tests;
