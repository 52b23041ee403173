//! Observes a device once: one connection, one handshake, one page. A device that is busy is asked again.

use std::{net::SocketAddr, time::Duration};

use rustls::pki_types::{ServerName, UnixTime};
use serde::Serialize;
use time::OffsetDateTime;
use tokio::{
    net::TcpStream,
    time::{Instant, sleep},
};

use super::closing::{Close, close};
use crate::cert::facts::{Certificate, CertificateError};
use crate::client::{
    connect::{ConnectError, KnownAddress, Lookup, LookupError, Unconnected, addresses, connect},
    exchange::Redirects,
    handshake::{Broken, CompletedHandshake, Handshake, HandshakeError},
    observing::{Client, Settings},
    page::{self, Fetched, Page},
    request::Request,
    target::Target,
    timing::Timing,
    trust::{Expectation, Trust, judge},
};
use crate::duration::micros;

/// Which server to probe, and what to expect of it.
#[derive(Debug)]
pub struct ProbePlan {
    /// Whom to ask.
    pub target: Target,
    /// The name to send as SNI and to check the certificate against.
    pub server_name: ServerName<'static>,
    /// Where to connect to instead of looking the host up.
    pub address: Option<KnownAddress>,
    /// What the certificate is compared with.
    pub expectation: Expectation,
    /// How long each step may take.
    pub timeout: Duration,
    /// How the client shakes hands.
    pub client: Settings,
    /// What is asked for once the handshake is done.
    pub page: PageWish,
    /// The request that is made afterwards, on a connection of its own.
    pub request: Option<Request>,
    /// Whether redirects of its answer are followed.
    pub redirects: Redirects,
}

/// What is asked for on the connection whose handshake is observed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageWish {
    /// The page at the path of the target.
    Get,
    /// Nothing: a request of the user's is made on a connection of its own.
    Nothing,
}

/// What was observed on one connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Observation {
    /// Who was asked.
    pub target: Asked,
    /// How many attempts it took; more than one when the device was busy.
    pub attempts: u32,
    /// What was negotiated.
    pub handshake: Handshake,
    /// The server's own certificate.
    pub certificate: Certificate,
    /// How many certificates the server sent, its own included.
    pub chain_length: usize,
    /// The verdict on the certificate.
    pub trust: Trust,
    /// What `GET` brought.
    pub page: Page,
    /// How the connection ended.
    pub close: Close,
    /// How long it took.
    pub timing: Timing,
}

/// Who was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Asked {
    /// The host as named.
    pub host: String,
    /// The TCP port.
    pub port: u16,
    /// The address and port that took the connection.
    pub address: SocketAddr,
    /// The name sent as SNI; null for an address, which is not sent.
    pub server_name: Option<String>,
}

/// A step of [`observe`], for whoever waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProbeStep {
    /// The name is looked up.
    LookUp,
    /// The connection is opened.
    Connect,
    /// The handshake runs.
    Handshake,
    /// The device was busy; another attempt follows.
    Pause {
        /// How many attempts there have been.
        attempts: u32,
    },
    /// The page is fetched.
    Fetch,
    /// An audit asks its next question.
    Question {
        /// Counted from 1.
        number: u32,
        /// What is asked.
        title: &'static str,
    },
}

/// Why nothing was observed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Unobserved {
    /// It was told to stop.
    #[error("interrupted")]
    Interrupted,
    /// rustls refused our own settings.
    #[error("the handshake can't be prepared: {0}")]
    Setup(rustls::Error),
    /// There is no address to connect to.
    #[error(transparent)]
    Lookup(LookupError),
    /// No address took the connection.
    #[error("{error}")]
    Connect {
        /// What the most telling address said last.
        error: ConnectError,
        /// How many attempts there were.
        attempts: u32,
    },
    /// The handshake broke off.
    #[error("{error}")]
    Handshake {
        /// Why, the last time.
        error: Box<HandshakeError>,
        /// With whom.
        address: SocketAddr,
        /// How many attempts there were.
        attempts: u32,
    },
    /// The certificate could not be read.
    #[error("{error}")]
    Certificate {
        /// Why.
        error: CertificateError,
        /// Whose.
        address: SocketAddr,
    },
    /// What asked this server ended without a result, which only a panic does.
    #[error("it ended without a result")]
    Lost,
}

impl Unobserved {
    /// The size in bits of an RSA key that was too small for its signature to be verified.
    pub(super) fn small_key(&self) -> Option<usize> {
        match self {
            Self::Handshake { error, .. } => match error.reason {
                Broken::SmallKey(bits) => Some(bits),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether something answered that does not speak TLS.
    pub(super) fn is_not_tls(&self) -> bool {
        matches!(self, Self::Handshake { error, .. } if matches!(error.reason, Broken::NotTls(_)))
    }
}

/// Looks once, as of `now` for the certificate's validity; tells `watch` what it is at. A device that refuses the
/// connection, or ends it without a byte, is busy rather than gone: it is asked again, three times in all.
///
/// # Errors
/// [`Unobserved`], when no handshake came about.
pub async fn observe(
    plan: &ProbePlan,
    now: OffsetDateTime,
    watch: &dyn Fn(ProbeStep),
) -> Result<Observation, Unobserved> {
    let start = Instant::now();
    watch(ProbeStep::LookUp);
    let (addresses, lookup) =
        addresses(&plan.target, plan.address, plan.timeout).await.map_err(Unobserved::Lookup)?;
    let client = Client::new(&plan.client).map_err(Unobserved::Setup)?;
    let asking = Instant::now();
    let mut attempts = 1;
    let (reached, retry) = loop {
        let attempt = Instant::now();
        match reach(plan, &client, &addresses, attempts, plan.timeout, watch).await {
            Ok(reached) => break (reached, attempt - asking),
            Err(error) => match pause_after(&error, attempts).filter(|_| start.elapsed() < plan.timeout) {
                Some(pause) => {
                    watch(ProbeStep::Pause { attempts });
                    sleep(pause).await;
                    attempts += 1;
                }
                None => return Err(error),
            },
        }
    };
    watch(ProbeStep::Fetch);
    let so_far = SoFar { start, lookup, retry, attempts };
    reached.conclude(plan, now, so_far).await
}

/// A finished handshake with one address.
pub(super) struct Reached {
    pub(super) address: SocketAddr,
    pub(super) completed: CompletedHandshake<TcpStream>,
    tcp: Duration,
}

/// What went before the handshake that succeeded.
pub(super) struct SoFar {
    pub(super) start: Instant,
    pub(super) lookup: Lookup,
    pub(super) retry: Duration,
    pub(super) attempts: u32,
}

impl SoFar {
    fn timing(&self, tcp: Duration, handshake: Duration, first_byte: Option<Duration>) -> Timing {
        Timing {
            dns_us: match self.lookup {
                Lookup::Literal => None,
                Lookup::Resolved(took) => Some(micros(took)),
            },
            retry_us: micros(self.retry),
            tcp_us: micros(tcp),
            handshake_us: micros(handshake),
            first_byte_us: first_byte.map(micros),
            total_us: micros(self.start.elapsed()),
        }
    }
}

/// Makes one attempt at a handshake.
pub(super) async fn reach(
    plan: &ProbePlan,
    client: &Client,
    addresses: &[SocketAddr],
    attempts: u32,
    limit: Duration,
    watch: &dyn Fn(ProbeStep),
) -> Result<Reached, Unobserved> {
    watch(ProbeStep::Connect);
    let ready = client.ready(plan.server_name.clone()).map_err(Unobserved::Setup)?;
    let start = Instant::now();
    let connected = connect(addresses, limit).await;
    let (stream, address) = connected.map_err(|error| Unobserved::Connect { error, attempts })?;
    let tcp = start.elapsed();
    if let (Some(transcript), Ok(own)) = (ready.transcript(), stream.local_addr()) {
        transcript.begin(own, address);
    }
    watch(ProbeStep::Handshake);
    let completed = ready.perform(stream, limit).await;
    let completed =
        completed.map_err(|error| Unobserved::Handshake { error: Box::new(error), address, attempts })?;
    Ok(Reached { address, completed, tcp })
}

impl Reached {
    /// Fetches the page, ends the connection, and puts together what was seen.
    pub(super) async fn conclude(
        self,
        plan: &ProbePlan,
        now: OffsetDateTime,
        so_far: SoFar,
    ) -> Result<Observation, Unobserved> {
        let CompletedHandshake { mut link, chain, handshake, took } = self.completed;
        let own = chain.first().map(AsRef::as_ref).unwrap_or_default();
        let certificate = Certificate::read(own, now)
            .map_err(|error| Unobserved::Certificate { error, address: self.address })?;
        let name = &plan.server_name;
        let trust = judge(&plan.expectation, &chain, &certificate, name, unix_time(now));
        let target = &plan.target;
        let fetched = match plan.page {
            PageWish::Get => {
                let request = Request::get(target.path());
                page::fetch(&mut link, &target.authority(), &request, plan.timeout).await
            }
            PageWish::Nothing => Fetched::not_asked(target.path()),
        };
        let timing = so_far.timing(self.tcp, took, fetched.first_byte);
        let close = close(&mut link, fetched.page.outcome).await;
        Ok(Observation {
            target: Asked {
                host: target.host().to_string(),
                port: target.port(),
                address: self.address,
                server_name: sni(name),
            },
            attempts: so_far.attempts,
            handshake,
            certificate,
            chain_length: chain.len(),
            trust,
            page: fetched.page,
            close,
            timing,
        })
    }
}

/// How long to wait before the next attempt; `None` when the device said no, or has been asked often enough.
fn pause_after(error: &Unobserved, attempts: u32) -> Option<Duration> {
    let busy = match error {
        Unobserved::Connect { error, .. } => matches!(error.reason, Unconnected::Refused),
        Unobserved::Handshake { error, .. } => {
            error.received == 0 && matches!(error.reason, Broken::Reset | Broken::Closed)
        }
        Unobserved::Interrupted
        | Unobserved::Setup(_)
        | Unobserved::Lookup(_)
        | Unobserved::Lost
        | Unobserved::Certificate { .. } => false,
    };
    let pause = usize::try_from(attempts).ok().and_then(|attempts| PAUSES.get(attempts.saturating_sub(1)));
    pause.copied().filter(|_| busy)
}

fn sni(name: &ServerName<'_>) -> Option<String> {
    match name {
        ServerName::DnsName(name) => Some(name.as_ref().to_owned()),
        _ => None,
    }
}

fn unix_time(time: OffsetDateTime) -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(time.unix_timestamp()).unwrap_or_default()))
}

/// A small device has room again when one handshake of another client is done, which takes it up to a second or two.
const PAUSES: [Duration; 2] = [Duration::from_millis(500), Duration::from_millis(1500)];
