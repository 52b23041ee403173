//! Whole handshakes of an audit: the first look, the health checks, and those that resume or send requests.

use std::time::Duration;

use rustls::HandshakeKind;
use tokio::{net::TcpStream, time::Instant};

use super::{
    asker::{Asker, Check},
    client_certificate_rule::ClientCertificateRule,
    exchange::Reply,
    health::{Health, HealthCheckOutcome},
    ledger::Ledger,
    presence::By,
};
use crate::client::{
    connect::connect,
    handshake::{Broken, ClientCertificateWish, CompletedHandshake, HandshakeError},
    not_tls::Foreign,
    observing::Client,
    page,
};
use crate::duration::micros;
use crate::probe::audit::skip::SkipReason;
use crate::probe::{
    closing::{ServerClose, close},
    observation::{Reached, Unobserved},
};
use crate::tls::{AlertClass, AlertDescription};

/// How a handshake of ours ended.
pub(crate) enum HandshakeAttempt {
    /// It succeeded.
    Done(Box<CompletedHandshake<TcpStream>>),
    /// The server answered, and no handshake came of it: how.
    Answered(HealthCheckOutcome),
    /// None was made, and why.
    None(SkipReason),
}

impl Asker<'_> {
    /// Counts an attempt that is made elsewhere.
    pub(crate) fn begin_attempt(&mut self) {
        self.ledger.attempts += 1;
    }

    /// How long the first attempt may take, of which nothing is known yet.
    pub(crate) fn first_answer_limit(&self) -> Duration {
        self.plan.timeout.min(self.answer_limit())
    }

    /// The first handshake succeeded, after so many failures.
    pub(crate) fn note_first(&mut self, reached: &Reached, failures: u32) {
        self.ledger.connections += 1;
        self.address = reached.address;
        self.note_completed(&reached.completed, failures);
        let took = micros(reached.completed.took);
        self.health.before_us = Some(took);
        self.note_check(Some(took), HealthCheckOutcome::FullHandshake);
    }

    /// The first handshake did not come about; how long to wait before the next attempt, `None` when there shall be none.
    pub(crate) fn note_unreached(&mut self, error: &Unobserved) -> Option<Duration> {
        let (address, failure) = match error {
            // Only of a server that has spoken TLS before is it known that it does.
            _ if error.is_not_tls() && self.health.before_us.is_none() => {
                self.ledger.connections += 1;
                return None;
            }
            Unobserved::Connect { error, .. } => (error.address, Some(Reply::Refused(String::new()))),
            Unobserved::Handshake { error, address, .. } => {
                self.ledger.connections += 1;
                (*address, self.note_broken(error))
            }
            Unobserved::Certificate { address, .. } => (*address, None),
            Unobserved::Setup(_) | Unobserved::Lookup(_) | Unobserved::Interrupted | Unobserved::Lost => {
                return None;
            }
        };
        self.address = address;
        match failure {
            Some(reply) => {
                self.note_failure(&reply, By::Handshake);
                self.reason_to_stop().is_none().then(|| self.pause())
            }
            None => {
                self.ledger.refused_hellos += 1;
                self.note_answered();
                if let Unobserved::Handshake { error, .. } = error {
                    self.refuses_all_by = says_nothing_of_the_offer(&error.reason);
                    self.note_check(None, how(error));
                }
                None
            }
        }
    }

    /// Makes a full handshake and notes how it went; whether the server answered as it did at first.
    pub(crate) async fn check_health(&mut self) -> bool {
        let client = self.client.clone();
        self.name_check(Check::Begins);
        let attempt = self.attempt_handshake(&client, 0).await;
        self.name_check(Check::Ended);
        match attempt {
            HandshakeAttempt::Done(completed) => {
                let took = micros(completed.took);
                self.end_in_order(completed).await;
                self.note_check(Some(took), HealthCheckOutcome::FullHandshake);
                true
            }
            HandshakeAttempt::Answered(how) => {
                let as_before = self.health.checks.first().is_some_and(|first| first.outcome == how);
                self.note_check(None, how);
                as_before && self.refuses_all_by.is_none()
            }
            HandshakeAttempt::None(why) => {
                self.note_check(None, HealthCheckOutcome::NotMade(why));
                false
            }
        }
    }

    /// The handshake after which no question follows; returns the account.
    pub(crate) async fn finish(mut self) -> (Health, Ledger) {
        if self.reason_to_stop_keeping(0).is_none() {
            self.check_health().await;
            self.health.after_us = self.health.checks.last().and_then(|check| check.handshake_us);
        }
        self.health.conclude();
        self.ledger.total_us = micros(self.start.elapsed());
        (self.health, self.ledger)
    }

    /// Makes a handshake with `client`, with as many attempts as it takes; `kept` connections of the limit are left for others.
    pub(crate) async fn attempt_handshake(&mut self, client: &Client, kept: u32) -> HandshakeAttempt {
        let mut failures = 0;
        loop {
            match self.attempt_handshake_once(client, kept, failures).await {
                Some(attempt) => return attempt,
                None => failures += 1,
            }
        }
    }

    /// One attempt at a handshake, after so many failed ones; `None` when this one failed too.
    pub(crate) async fn attempt_handshake_once(
        &mut self,
        client: &Client,
        kept: u32,
        failures: u32,
    ) -> Option<HandshakeAttempt> {
        if let Some(why) = self.reason_to_stop_keeping(kept) {
            return Some(HandshakeAttempt::None(why));
        }
        let Ok(ready) = client.ready(self.plan.server_name.clone()) else {
            return Some(HandshakeAttempt::None(SkipReason::NotPrepared));
        };
        let stopped = || Some(HandshakeAttempt::None(SkipReason::Interrupted));
        if self.stop.or(self.rest()).await.is_none() {
            return stopped();
        }
        self.ledger.attempts += 1;
        let (answer_limit, since) = (self.answer_limit(), Instant::now());
        let Some(connected) = self.stop.or(connect(&[self.address], answer_limit)).await else {
            return stopped();
        };
        let Ok((stream, _)) = connected else {
            self.note_failure(&Reply::Refused(String::new()), By::Handshake);
            return None;
        };
        self.ledger.connections += 1;
        if let (Some(transcript), Ok(own)) = (ready.transcript(), stream.local_addr()) {
            transcript.begin(own, self.address);
        }
        let Some(completed) = self.stop.or(ready.perform(stream, answer_limit)).await else {
            return stopped();
        };
        self.note_waited(since);
        self.note_attempted(completed, failures)
    }

    /// Takes account of an attempt at a handshake; `None` when it failed, perhaps by chance.
    fn note_attempted(
        &mut self,
        completed: Result<CompletedHandshake<TcpStream>, HandshakeError>,
        failures: u32,
    ) -> Option<HandshakeAttempt> {
        match completed {
            Ok(completed) => {
                self.note_completed(&completed, failures);
                Some(HandshakeAttempt::Done(Box::new(completed)))
            }
            Err(error) => match self.note_broken(&error) {
                Some(reply) => {
                    self.note_failure(&reply, By::Handshake);
                    None
                }
                None => {
                    self.ledger.refused_hellos += 1;
                    self.note_answered();
                    Some(HandshakeAttempt::Answered(how(&error)))
                }
            },
        }
    }

    /// Takes account of a handshake that broke off; returns what it was if that may have been chance. A server that asks for
    /// a certificate which we don't have, and then ends it, has answered: by an alert at once, otherwise when it does so
    /// again and again.
    fn note_broken(&mut self, error: &HandshakeError) -> Option<Reply> {
        let mut failure = as_failure(&error.reason, error.received);
        if is_failure_alert(&error.reason) {
            self.failure_alerts_in_a_row += 1;
            let is_answer =
                self.failure_alerts_in_a_row >= MOST_FAILURE_ALERTS || self.refuses_all_by.is_some();
            failure = failure.filter(|_| !is_answer);
        }
        if error.client_certificate == ClientCertificateWish::NotRequested {
            return failure;
        }
        // Before the request came its signature.
        self.ledger.private_key_operations += 1;
        self.ended_at_certificate_request += 1;
        let is_answer = self.client_certificate_rule == ClientCertificateRule::Required
            || self.ended_at_certificate_request >= TIMES_ENDED_AT_CERTIFICATE_REQUEST;
        failure.filter(|_| self.plan.client.identity.is_some() || !is_answer)
    }

    /// Ends a handshake's connection in order.
    pub(crate) async fn end_in_order(
        &mut self,
        mut completed: Box<CompletedHandshake<TcpStream>>,
    ) -> ServerClose {
        let since = Instant::now();
        let closed = self.stop.or(close(&mut completed.link, page::PageOutcome::Answered)).await;
        self.note_waited(since);
        closed.map_or(ServerClose::NotAwaited, |closed| closed.server)
    }

    /// Takes account of a handshake that was made elsewhere.
    pub(crate) fn note_completed(&mut self, completed: &CompletedHandshake<TcpStream>, failures: u32) {
        self.ledger.accepted_hellos += 1;
        self.failure_alerts_in_a_row = 0;
        if !matches!(completed.link.tls().handshake_kind(), Some(HandshakeKind::Resumed)) {
            self.ledger.private_key_operations += 1;
            self.pace.note_handshake(completed.took);
        }
        self.pace.note_failures(failures);
        self.note_answered();
    }
}

/// A failure that may be chance, as a reply; `None` for an answer.
fn as_failure(reason: &Broken, received: u64) -> Option<Reply> {
    match reason {
        Broken::Reset => Some(Reply::Reset),
        Broken::TimedOut(_) => Some(Reply::Silent),
        Broken::Alert(_) if is_failure_alert(reason) => Some(Reply::Closed),
        Broken::Closed | Broken::Io(_) => Some(Reply::Closed),
        Broken::NotTls(_) if received == 0 => Some(Reply::Closed),
        Broken::NotTls(text @ (Foreign::PlainHttp | Foreign::Ssh | Foreign::Text(_))) => {
            Some(Reply::PlainText(text.to_string()))
        }
        _ => None,
    }
}

/// Whether the server says that something in it failed.
fn is_failure_alert(reason: &Broken) -> bool {
    matches!(reason, Broken::Alert(alert) if alert.class() == AlertClass::Failure)
}

/// An alert that a server which serves by name sends to whoever does not know the right one, whatever else was offered.
fn says_nothing_of_the_offer(reason: &Broken) -> Option<AlertDescription> {
    match reason {
        Broken::Alert(alert) if *alert == AlertDescription::UNRECOGNIZED_NAME => Some(*alert),
        Broken::Alert(alert) if is_failure_alert(reason) => Some(*alert),
        _ => None,
    }
}

fn how(error: &HandshakeError) -> HealthCheckOutcome {
    match &error.reason {
        _ if error.client_certificate == ClientCertificateWish::Requested => {
            HealthCheckOutcome::CertificateRequested
        }
        Broken::Alert(alert) => HealthCheckOutcome::Alert(*alert),
        other => HealthCheckOutcome::Failed(other.to_string()),
    }
}

/// After so many alerts of a failure in a row, that is its answer to whole handshakes: of a server that sends it to 30 of 100
/// connections by chance, so many come once in 15 000 times.
const MOST_FAILURE_ALERTS: u32 = 8;
/// After so many handshakes that ended behind the request for a client certificate, that is no chance.
const TIMES_ENDED_AT_CERTIFICATE_REQUEST: u32 = 3;
