//! Can a session be resumed, and how: by session id or ticket in TLS 1.2, by PSK in TLS 1.3, with early data? Each is tried:
//! a full handshake, which is as good as a health check, and another connection that offers to resume it.

use rustls::{
    HandshakeKind, SupportedProtocolVersion,
    version::{TLS12, TLS13},
};
use tokio::net::TcpStream;

use super::{
    Known, client_certificate,
    extensions::{TICKET_OFFERED, Unasked},
    hello_retry,
};
use crate::probe::audit::machinery::{
    asker::Asker, handshakes::HandshakeAttempt, health::HealthCheckOutcome,
};
use crate::probe::audit::{
    Ended,
    item::{Evidence, Item, Section, Subject, Verdict},
    skip::SkipReason,
};
use crate::{
    client::{
        handshake::CompletedHandshake,
        observing::{Client, Memory, Settings},
    },
    duration::micros,
    probe::closing::ServerClose,
    tls::ProtocolVersion,
};

pub(super) const SUBJECTS: &[Subject] = &[PSK, EARLY_DATA, TICKET, SESSION_ID];

/// Asks for each way of resuming that the accepted versions have.
pub(super) async fn ask(asker: &mut Asker<'_>, known: &mut Known<'_>) {
    let obstacle = client_certificate::obstacle(asker, known);
    let mut items = ask_both_tls13(asker, known, obstacle.clone()).await;
    items.extend(ask_both_tls12(asker, known, obstacle).await);
    known.items.extend(items);
}

/// By PSK, and with early data. The client of the first handshake may remember a session of TLS 1.3.
async fn ask_both_tls13(asker: &mut Asker<'_>, known: &Known<'_>, obstacle: Option<SkipReason>) -> Vec<Item> {
    match (known.verdict(hello_retry::VERSION), obstacle) {
        (Verdict::Yes, Some(why)) => [PSK, EARLY_DATA].map(|it| it.skipped(why.clone())).to_vec(),
        (Verdict::Yes, None) => {
            let was_tls13 = known.seen.is_some_and(|seen| seen.handshake.version == ProtocolVersion::TLS_1_3);
            let first = was_tls13.then(|| known.client.clone());
            match first.or_else(|| client(asker, Memory::Tickets, ONLY_TLS13)) {
                Some(client) => ask_psk(asker, &client).await,
                None => vec![not_prepared(PSK), not_prepared(EARLY_DATA)],
            }
        }
        (Verdict::No, _) => [PSK, EARLY_DATA]
            .map(|it| it.not_applicable("it needs TLS 1.3, which the server does not accept"))
            .to_vec(),
        (open, _) => [PSK, EARLY_DATA]
            .map(|it| it.item(open, Evidence::known("whether it accepts TLS 1.3 can't be told")))
            .to_vec(),
    }
}

async fn ask_both_tls12(asker: &mut Asker<'_>, known: &Known<'_>, obstacle: Option<SkipReason>) -> Vec<Item> {
    if !known.older_versions.contains(&ProtocolVersion::TLS_1_2) {
        return [TICKET, SESSION_ID].map(|it| Unasked::of(known).item(it)).to_vec();
    }
    let ticket = match (known.item(TICKET_OFFERED), &obstacle) {
        // It has said that it will give none.
        (Some(offered), _) if offered.verdict == Verdict::No => {
            TICKET.item(Verdict::No, offered.evidence.clone())
        }
        (_, Some(why)) => TICKET.skipped(why.clone()),
        (_, None) => ask_tls12(asker, TICKET, Memory::Tickets).await,
    };
    let session_id = match obstacle {
        Some(why) => SESSION_ID.skipped(why),
        None => ask_tls12(asker, SESSION_ID, Memory::SessionIds).await,
    };
    vec![ticket, session_id]
}

/// A first handshake with a client that remembers. A connection that ended in a reset may have lost a ticket, and is made
/// again a few times.
async fn full_handshake(
    asker: &mut Asker<'_>,
    subject: Subject,
    client: &Client,
) -> Result<FirstConnectionEnd, Item> {
    for _ in 0..MOST_RESETS {
        match asker.attempt_handshake(client, 1).await {
            HandshakeAttempt::Done(completed) => {
                asker.note_check(Some(micros(completed.took)), HealthCheckOutcome::FullHandshake);
                let end = asker.end_in_order(completed).await;
                if asker.ended() == Ended::Interrupted {
                    // What it would have given to resume may have been on its way.
                    return Err(unasked(asker, subject, SkipReason::Interrupted));
                }
                match end {
                    ServerClose::CloseNotify | ServerClose::Fin => return Ok(FirstConnectionEnd::Orderly),
                    _ if client.remembers() => return Ok(FirstConnectionEnd::BrokenOff),
                    _ => {}
                }
            }
            HandshakeAttempt::Answered(how) => {
                return Err(subject.item(Verdict::Inconclusive, Evidence::seen(how.to_string(), 1)));
            }
            HandshakeAttempt::None(why) => return Err(unasked(asker, subject, why)),
        }
    }
    Ok(FirstConnectionEnd::Orderly)
}

/// How the connection of the full handshake ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FirstConnectionEnd {
    Orderly,
    /// Servers forget a session whose connection broke off.
    BrokenOff,
}

/// A server that is gone leaves it open; a limit of ours skips it.
fn unasked(asker: &Asker<'_>, subject: Subject, why: SkipReason) -> Item {
    if asker.is_gone() {
        subject.item(Verdict::Inconclusive, Evidence::known(why))
    } else {
        subject.skipped(why)
    }
}

async fn ask_tls12(asker: &mut Asker<'_>, subject: Subject, memory: Memory) -> Item {
    let Some(client) = client(asker, memory, ONLY_TLS12) else { return not_prepared(subject) };
    ask_to_resume(asker, subject, &client).await.0
}

async fn ask_psk(asker: &mut Asker<'_>, client: &Client) -> Vec<Item> {
    let (item, early) = ask_to_resume(asker, PSK, client).await;
    let early = match early {
        Early::Accepted => {
            EARLY_DATA.item(Verdict::Yes, Evidence::known("offered with the ticket, accepted"))
        }
        Early::Refused => {
            EARLY_DATA.item(Verdict::No, Evidence::known("the ticket allows it, but it was refused"))
        }
        Early::NotAllowed if item.verdict == Verdict::Yes => {
            EARLY_DATA.item(Verdict::No, Evidence::known("its tickets do not allow it"))
        }
        Early::NotAllowed if item.verdict == Verdict::No => {
            EARLY_DATA.item(Verdict::No, Evidence::known("no session can be resumed"))
        }
        Early::NotAllowed => EARLY_DATA.item(item.verdict, item.evidence.clone()),
    };
    vec![item, early]
}

/// What became of early data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Early {
    NotAllowed,
    Refused,
    Accepted,
}

/// Offers to resume, as often as it takes to get an answer. A ticket that went with a failed attempt is spent; another full
/// handshake gives the next.
async fn ask_to_resume(asker: &mut Asker<'_>, subject: Subject, client: &Client) -> (Item, Early) {
    asker.begin(subject);
    let (mut failures, mut broken) = (0, 0);
    loop {
        if !client.remembers() {
            match full_handshake(asker, subject, client).await {
                Ok(FirstConnectionEnd::Orderly) => broken = 0,
                Ok(FirstConnectionEnd::BrokenOff) => broken += 1,
                Err(item) => return (item, Early::NotAllowed),
            }
        }
        if !client.remembers() {
            let says = "the full handshake gave no session to resume";
            return (subject.item(Verdict::No, Evidence::seen(says, failures + 1)), Early::NotAllowed);
        }
        let allowed = client.may_send_early_data();
        match asker.attempt_handshake_once(client, 1, failures).await {
            None => (failures, broken) = (failures + 1, broken + 1),
            Some(HandshakeAttempt::Done(completed)) => {
                let (resumed, early) = result_of(&completed, allowed);
                let end = asker.end_in_order(completed).await;
                // The server may have forgotten the session, because its connection broke off; this one gave another.
                if !resumed && broken > 0 && failures < MOST_FAILURES {
                    let is_orderly = matches!(end, ServerClose::CloseNotify | ServerClose::Fin);
                    (failures, broken) = (failures + 1, u32::from(!is_orderly));
                    continue;
                }
                let (verdict, says) = match resumed {
                    true => (Verdict::Yes, "the second connection was resumed"),
                    false => (Verdict::No, "offered, but a full handshake followed"),
                };
                return (subject.item(verdict, Evidence::seen(says, failures + 2)), early);
            }
            Some(HandshakeAttempt::Answered(how)) => {
                let open = subject.item(Verdict::Inconclusive, Evidence::seen(how.to_string(), failures + 2));
                return (open, Early::NotAllowed);
            }
            Some(HandshakeAttempt::None(why)) => return (unasked(asker, subject, why), Early::NotAllowed),
        }
    }
}

/// Whether it was resumed, and what became of the early data that the ticket may have allowed.
fn result_of(completed: &CompletedHandshake<TcpStream>, allowed: bool) -> (bool, Early) {
    let tls = completed.link.tls();
    let early = match (allowed, tls.is_early_data_accepted()) {
        (false, _) => Early::NotAllowed,
        (true, false) => Early::Refused,
        (true, true) => Early::Accepted,
    };
    (tls.handshake_kind() == Some(HandshakeKind::Resumed), early)
}

fn client(
    asker: &Asker<'_>,
    memory: Memory,
    versions: &'static [&'static SupportedProtocolVersion],
) -> Option<Client> {
    Client::new(&Settings { memory, versions, ..asker.plan.client.clone() }).ok()
}

fn not_prepared(subject: Subject) -> Item {
    subject.item(Verdict::Inconclusive, Evidence::known(SkipReason::NotPrepared))
}

const MOST_RESETS: u32 = 4;
const MOST_FAILURES: u32 = 30;
const ONLY_TLS12: &[&SupportedProtocolVersion] = &[&TLS12];
const ONLY_TLS13: &[&SupportedProtocolVersion] = &[&TLS13];

pub(super) const PSK: Subject =
    Subject::new(Section::Sessions, "resumption.psk", "resumption by PSK (TLS 1.3)");
pub(crate) const EARLY_DATA: Subject = Subject::new(Section::Sessions, "early_data", "early data (0-RTT)");
const TICKET: Subject =
    Subject::new(Section::Sessions, "resumption.ticket", "resumption by ticket (TLS 1.2)");
const SESSION_ID: Subject =
    Subject::new(Section::Sessions, "resumption.session_id", "resumption by session id (TLS 1.2)");
