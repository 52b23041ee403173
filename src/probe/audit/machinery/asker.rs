//! Asks one question after the other: one connection at a time, as fast as the server answers, within our limits, and with
//! checks of its health.

use std::{net::SocketAddr, time::Duration};

use aws_lc_rs::rand;
use tokio::time::{Instant, sleep};

use super::client_certificate_rule::ClientCertificateRule;
use super::{
    exchange::{Reply, exchange},
    facts::FlightFacts,
    health::{Health, HealthCheck, HealthCheckOutcome},
    judge::{Judge, Next},
    key_shares::OutgoingHello,
    ledger::Ledger,
    offer::{FEW_SUITES, Offer, in_pieces},
    outcome::QuestionOutcome,
    pace::Pace,
    presence::{By, Presence, Seen},
    stop::Stop,
};
use crate::probe::audit::{
    Ended, Limits,
    item::{ItemId, Subject},
    skip::SkipReason,
};
use crate::{
    client::observing::Client,
    duration::micros,
    probe::observation::{ProbePlan, ProbeStep},
    tls::{AlertDescription, NamedGroup, TooLong},
};

/// One audit of one server under way.
pub(crate) struct Asker<'a> {
    pub(crate) plan: &'a ProbePlan,
    pub(crate) ledger: Ledger,
    pub(crate) health: Health,
    pub(crate) address: SocketAddr,
    limits: Limits,
    pub(super) client: Client,
    pub(crate) watch: &'a dyn Fn(ProbeStep),
    pub(crate) pace: Pace,
    pub(crate) stop: Stop,
    pub(crate) client_certificate_rule: ClientCertificateRule,
    pub(crate) ended_at_certificate_request: u32,
    pub(super) start: Instant,
    /// The alert by which the server ends every whole handshake, where that alert says nothing of what was offered.
    pub(crate) refuses_all_by: Option<AlertDescription>,
    pub(super) failure_alerts_in_a_row: u32,
    /// What the flights told beside what they were asked for.
    pub(crate) facts: FlightFacts,
    presence: Presence,
    asked_since_check: u32,
    current: ItemId,
}

impl<'a> Asker<'a> {
    pub(crate) fn new(
        plan: &'a ProbePlan,
        limits: Limits,
        address: SocketAddr,
        watch: &'a dyn Fn(ProbeStep),
        stop: Stop,
    ) -> Result<Self, rustls::Error> {
        let now = Instant::now();
        if let Some(transcript) = &plan.client.transcript {
            transcript.note_purpose(ItemId::FIRST_CHECK.text());
        }
        Ok(Self {
            plan,
            ledger: Ledger::default(),
            health: Health::default(),
            address,
            limits,
            client: Client::new(&plan.client)?,
            watch,
            pace: Pace::default(),
            stop,
            client_certificate_rule: ClientCertificateRule::default(),
            ended_at_certificate_request: 0,
            start: now,
            refuses_all_by: None,
            failure_alerts_in_a_row: 0,
            facts: FlightFacts::default(),
            presence: Presence::new(now),
            asked_since_check: 0,
            current: ItemId::FIRST_CHECK,
        })
    }

    /// The name for SNI; `None` where an address was given.
    pub(crate) fn name(&self) -> Option<&'a str> {
        match &self.plan.server_name {
            rustls::pki_types::ServerName::DnsName(name) => Some(name.as_ref()),
            _ => None,
        }
    }

    /// Asks by one hello, as often as it takes.
    pub(crate) async fn ask(&mut self, subject: Subject, offer: &Offer) -> QuestionOutcome {
        let make = || Ok(OutgoingHello::bare(vec![offer.hello(random_pair())?.to_record()?]));
        let outcome = self.ask_with(subject, &make).await.within(offer);
        self.facts.note(offer, &outcome);
        outcome
    }

    /// Asks by one hello; a server that refuses it as one that it can't read is asked again with a few suites at a time.
    pub(crate) async fn ask_in_pieces(&mut self, subject: Subject, offer: &Offer) -> QuestionOutcome {
        let whole = self.ask(subject, offer).await;
        if !whole.is_unread() || offer.suites.len() <= FEW_SUITES {
            return whole;
        }
        let mut last = whole;
        for suites in in_pieces(&offer.suites, FEW_SUITES) {
            last = self.ask(subject, &Offer { suites, ..offer.clone() }).await;
            if !last.is_no() {
                break;
            }
        }
        last
    }

    /// Asks by one hello of TLS 1.3 with a share of that group, and reads what the server encrypts.
    pub(crate) async fn ask_with_share(
        &mut self,
        subject: Subject,
        offer: &Offer,
        group: NamedGroup,
    ) -> QuestionOutcome {
        let make = || OutgoingHello::with_share(offer, group, random_pair());
        let outcome = self.ask_with(subject, &make).await.within(offer);
        self.facts.note(offer, &outcome);
        outcome
    }

    /// Asks by the hellos that `make` makes.
    pub(crate) async fn ask_with(
        &mut self,
        subject: Subject,
        make: &dyn Fn() -> Result<OutgoingHello, TooLong>,
    ) -> QuestionOutcome {
        if self.asked_since_check >= QUESTIONS_PER_CHECK && self.reason_to_stop().is_none() {
            self.check_health().await;
        }
        self.begin(subject);
        let mut judge = Judge::default();
        let outcome = loop {
            if let Some(why) = self.reason_to_stop() {
                break if self.is_gone() { judge.unanswered(&why) } else { judge.given_up(why) };
            }
            let hello = match make() {
                Ok(hello) => hello,
                Err(error) => break judge.given_up(SkipReason::HelloTooLong(error)),
            };
            // No reply: it was told to stop, which ends the loop above.
            let Some(reply) = self.attempt(hello).await else { continue };
            if let Some(why) = self.refuses_all(&reply) {
                break judge.open(why);
            }
            match judge.consider(reply, &self.pace) {
                Next::Again if !self.presence.is_in_doubt() => {}
                Next::Done(outcome) => break outcome,
                // One whole handshake decides whether it is gone: closing odd hellos without an alert is no proof.
                Next::Again | Next::CheckHealth => {
                    if self.check_health().await {
                        judge.note_health();
                        self.pace.clear_overload();
                    }
                }
            }
        };
        if outcome.is_plain() {
            self.pace.note_failures(judge.failures());
        }
        outcome
    }

    /// What a reply says that every hello gets: nothing about what was asked.
    fn refuses_all(&self, reply: &Reply) -> Option<String> {
        let alert = self.refuses_all_by.filter(|alert| *reply == Reply::Alert(*alert))?;
        let hint = match self.name() {
            None => "it may need a name: --server-name NAME".to_owned(),
            Some(name) => format!("it may not know the name {name}: --server-name NAME"),
        };
        Some(format!("alert {}, as to each whole handshake; {hint}", alert.name()))
    }

    /// Notes that a question is asked, by whatever means.
    pub(crate) fn begin(&mut self, subject: Subject) {
        if self.reason_to_stop().is_none() {
            self.ledger.questions += 1;
            self.asked_since_check += 1;
            self.current = subject.id;
            self.name_connections(subject.id);
            (self.watch)(ProbeStep::Question { number: self.ledger.questions, title: subject.title });
        }
    }

    /// Says what the connections from now on are made for, where they are recorded.
    fn name_connections(&self, id: ItemId) {
        if let Some(transcript) = &self.plan.client.transcript {
            transcript.note_purpose(id.text());
        }
    }

    /// The same for a health check, and for what follows it.
    pub(super) fn name_check(&self, when: Check) {
        self.name_connections(match when {
            Check::Begins => ItemId::CHECK,
            Check::Ended => self.current,
        });
    }

    /// Whether the server has stopped answering.
    pub(crate) fn is_gone(&self) -> bool {
        self.health.last_question.is_some()
    }

    /// Whether it was told to stop.
    pub(crate) fn ended(&self) -> Ended {
        if self.stop.is_wanted() { Ended::Interrupted } else { Ended::Done }
    }

    /// Why no more may be asked; `None` while there is no reason.
    pub(crate) fn reason_to_stop(&self) -> Option<SkipReason> {
        self.reason_to_stop_keeping(CONNECTIONS_KEPT_FOR_THE_LAST_CHECK)
    }

    pub(crate) fn reason_to_stop_keeping(&self, kept: u32) -> Option<SkipReason> {
        if self.stop.is_wanted() {
            return Some(SkipReason::Interrupted);
        }
        if self.is_gone() {
            return Some(SkipReason::ServerGone);
        }
        if self.start.elapsed() >= self.limits.deadline {
            return Some(SkipReason::Deadline(self.limits.deadline));
        }
        let most = self.limits.max_connections?;
        (self.ledger.attempts + kept >= most).then_some(SkipReason::ConnectionLimit(most))
    }

    /// Notes a handshake that is as good as a check: a full one, for another purpose.
    pub(crate) fn note_check(&mut self, handshake_us: Option<u64>, outcome: HealthCheckOutcome) {
        self.asked_since_check = 0;
        self.health.checks.push(HealthCheck {
            after_questions: self.ledger.questions,
            handshake_us,
            outcome,
        });
    }

    /// How many closes in a row are a "no" here; see [`Pace::closes_for_a_no`].
    pub(crate) fn closes_for_a_no(&self) -> u32 {
        self.pace.closes_for_a_no()
    }

    /// One connection; `None` when it was told to stop meanwhile.
    async fn attempt(&mut self, hello: OutgoingHello) -> Option<Reply> {
        self.stop.or(self.rest()).await?;
        self.ledger.attempts += 1;
        let since = Instant::now();
        let transcript = self.plan.client.transcript.as_deref();
        let reply = self.stop.or(exchange(self.address, hello, self.answer_limit(), transcript)).await?;
        self.note_waited(since);
        if !matches!(reply, Reply::Refused(_)) {
            self.ledger.connections += 1;
        }
        match &reply {
            Reply::Accepted(flight) | Reply::BrokenOff(flight) => {
                self.ledger.accepted_hellos += 1;
                self.ledger.private_key_operations += u32::from(flight.cost_a_private_key_operation());
                self.note_answered();
            }
            Reply::Alert(_) | Reply::Broken(_) => {
                self.ledger.refused_hellos += 1;
                self.note_answered();
            }
            failure => self.note_failure(failure, By::Hello),
        }
        Some(reply)
    }

    /// Takes account of an attempt that brought no answer; notices when the server is gone.
    pub(crate) fn note_failure(&mut self, reply: &Reply, by: By) {
        match reply {
            Reply::Refused(_) => self.ledger.refused += 1,
            Reply::Reset => self.ledger.reset += 1,
            Reply::Silent => self.ledger.silent += 1,
            Reply::PlainText(_) => self.ledger.plain_text += 1,
            _ => self.ledger.closed += 1,
        }
        self.pace.note_overload();
        if self.presence.note_failure(by, Instant::now()) == Seen::Gone {
            self.health.last_question = Some(self.current);
        }
    }

    /// Takes account of the time since then as the server's.
    pub(crate) fn note_waited(&mut self, since: Instant) {
        self.ledger.server_us += micros(since.elapsed());
    }

    pub(crate) fn note_answered(&mut self) {
        self.presence.note_answer(Instant::now());
        self.pace.note_answer();
    }

    /// Waits as long as this server's pace asks for. Not even a timer's tick while all is well.
    pub(crate) async fn rest(&self) {
        let pause = self.pause();
        if !pause.is_zero() {
            sleep(pause).await;
        }
    }

    pub(crate) fn pause(&self) -> Duration {
        self.pace.pause().min(self.left())
    }

    /// How long to wait for an answer: never longer than the deadline, or than it takes to notice that a server is gone.
    pub(crate) fn answer_limit(&self) -> Duration {
        self.pace.answer_limit().min(self.left()).min(self.presence.answer_limit(Instant::now()))
    }

    /// How much of the deadline is left.
    pub(crate) fn left(&self) -> Duration {
        self.limits.deadline.saturating_sub(self.start.elapsed())
    }
}

/// A health check in the series of questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Check {
    Begins,
    Ended,
}

/// Fresh random bytes for a hello. Where the system has none to give, a fixed pattern does as well: nothing secret
/// depends on them.
pub(crate) fn random_pair() -> [[u8; 32]; 2] {
    let mut pair = [[0x5a; 32], [0xa5; 32]];
    for bytes in &mut pair {
        // As above.
        let _ = rand::fill(bytes);
    }
    pair
}

const QUESTIONS_PER_CHECK: u32 = 16;
const CONNECTIONS_KEPT_FOR_THE_LAST_CHECK: u32 = 1;
