//! The whole truth about a small device's TLS, without hurting it: many questions, one connection at a time.
//!
//! `questions` holds one question a file, `machinery` what they are asked with; `item` and `finding` are what an audit reports.

pub mod finding;
pub mod item;
mod machinery;
mod questions;

use std::{net::SocketAddr, time::Duration};

use serde::Serialize;
use time::OffsetDateTime;
use tokio::time::{Instant, sleep};

use self::machinery::{asker::Asker, health::Health, key_shares::can_share, ledger::Ledger, stop::Stop};
use self::questions::{
    client_certificate::ClientCertificateRule, hello_forms::Known, hello_retry::Retries, older_versions::Old,
};
use self::{
    finding::{Finding, findings},
    item::{Evidence, Item, Section, Subject, Value, Verdict},
};
use super::{
    Observation, Unobserved,
    observation::{Phase, Plan, SoFar, reach},
    page::Outcome,
};
use crate::client::{
    connect::{Lookup, LookupError, addresses},
    handshake::ClientCertificateWish,
    observing::{Client, Memory, Settings},
    verification::observing::distinguished_name,
};
use crate::tls::ProtocolVersion;

pub use machinery::{health, ledger, stop};
pub use questions::everything::{Extent, Order, VersionOffer};

/// How much is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Scope {
    /// Versions, families, extensions, resumption, limits.
    Audit,
    /// And every suite, group and signature scheme of every version.
    All,
}

/// What an audit may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most attempts to connect; `None` for as many as it takes.
    pub max_connections: Option<u32>,
    /// How long all of it may take.
    pub deadline: Duration,
}

/// How an audit ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// All was asked that could be.
    Done,
    /// It was told to stop: what had not been asked by then is skipped.
    Interrupted,
}

/// What an audit found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Audit {
    /// How much was asked.
    pub scope: Scope,
    /// Whether it came to its end.
    pub ended: Ended,
    /// Who was asked, as `HOST:PORT`.
    pub target: String,
    /// The address and port that took the connections.
    pub address: SocketAddr,
    /// What a first whole handshake showed; null when it did not come about.
    pub observation: Option<Observation>,
    /// Why it did not come about; null when it did.
    pub unobserved: Option<String>,
    /// All questions and their answers.
    pub items: Vec<Item>,
    /// With `all`: suites, groups and schemes by version, the newest first.
    pub offers: Vec<VersionOffer>,
    /// The effect of the audit on the server.
    pub health: Health,
    /// What it cost.
    pub ledger: Ledger,
    /// What is worth acting on, the worst first.
    pub findings: Vec<Finding>,
}

/// Audits one server, as of `now` for the certificate's validity; tells `watch` what it is at.
///
/// # Errors
/// [`Unobserved`], when there is no address to ask, our own settings are refused, or something else than TLS answers. A server that does not answer is
/// a result: every question is then inconclusive. So is an audit that `stop` ends: what was not asked is then skipped.
pub async fn audit(
    plan: &Plan,
    scope: Scope,
    limits: Limits,
    now: OffsetDateTime,
    watch: &dyn Fn(Phase),
    stop: Stop,
) -> Result<Audit, Unobserved> {
    watch(Phase::LookUp);
    let start = Instant::now();
    let found = stop.or(addresses(&plan.target, plan.address, plan.timeout)).await;
    let (addresses, lookup) = found.ok_or(Unobserved::Interrupted)?.map_err(Unobserved::Lookup)?;
    let Some(first) = addresses.first() else { return Err(Unobserved::Lookup(LookupError::NoAddress)) };
    let mut asker = Asker::new(plan, limits, *first, watch, stop).map_err(Unobserved::Setup)?;
    let client = Client::new(&Settings { memory: Memory::Tickets, ..plan.client.clone() })
        .map_err(Unobserved::Setup)?;
    let look = first_look(&mut asker, &client, &addresses, lookup, start, now).await;
    asker.client_certificate_rule = ClientCertificateRule::seen(&plan.client, &look);
    let (observation, refused) = match look {
        Ok(observation) => (Some(observation), None),
        // What is not TLS has no more to say about it.
        Err(error) if error.is_not_tls() => return Err(error),
        Err(error) => (None, Some(error)),
    };
    let unobserved = refused.as_ref().map(ToString::to_string);
    let Answers { mut items, offers } = questions(&mut asker, scope, &client, observation.as_ref()).await;
    let (address, ended) = (asker.address, asker.ended());
    if ended == Ended::Interrupted {
        items.iter_mut().for_each(Item::skip_unless_asked);
    }
    let (health, ledger) = asker.finish().await;
    let target = plan.target.to_string();
    let mut audit = Audit {
        scope,
        ended,
        target,
        address,
        observation,
        unobserved,
        items,
        offers,
        health,
        ledger,
        findings: vec![],
    };
    audit.findings = findings(&audit, refused.as_ref());
    Ok(audit)
}

struct Answers {
    items: Vec<Item>,
    offers: Vec<VersionOffer>,
}

async fn questions(
    asker: &mut Asker<'_>,
    scope: Scope,
    client: &Client,
    seen: Option<&Observation>,
) -> Answers {
    let tls13 = questions::hello_retry::ask(asker, seen.map(|seen| &seen.handshake)).await;
    let mut old = questions::older_versions::ask(asker).await;
    ask_limits_tls13(asker, &tls13, &mut old).await;
    let known = Known::of(tls13.accepted, &old, asker.name());
    let newest = tls13.items.first().map_or(Verdict::Inconclusive, |item| item.verdict);
    let mut rest = vec![questions::hello_forms::ask_fallback(asker, newest, &old).await];
    rest.extend(questions::hello_forms::ask(asker, known.as_ref()).await);
    let remembered = seen.filter(|seen| seen.handshake.version == "TLS 1.3").map(|_| client);
    let obstacle = asker.client_certificate_rule.obstacle(newest, &old);
    rest.extend(questions::resumption::ask(asker, remembered, newest, &old, obstacle).await);
    let resumes = rest.iter().any(|item| item.id == "resumption.psk" && item.verdict == Verdict::Yes);
    rest.extend(questions::request_header::ask(asker, resumes.then_some(client), obstacle).await);
    let offers = match scope {
        Scope::Audit => Vec::new(),
        Scope::All => questions::everything::ask(asker, &tls13, &old).await,
    };
    let certificate = client_certificate(seen, &old);
    let alpn = alpn(seen, &old, obstacle);
    Answers { items: in_order(tls13, old, certificate, alpn, rest), offers }
}

/// Where TLS 1.2 is not spoken, the limits on records are asked for in TLS 1.3.
async fn ask_limits_tls13(asker: &mut Asker<'_>, tls13: &Retries, old: &mut Old) {
    let group = tls13.groups.iter().copied().find(|group| can_share(*group));
    let Some(group) = group.filter(|_| !old.versions.contains(&ProtocolVersion::TLS_1_2)) else { return };
    for item in questions::extensions::ask_tls13(asker, group).await {
        if let Some(unasked) = old.items.iter_mut().find(|it| it.id == item.id) {
            *unasked = item;
        }
    }
}

/// The versions first, then what is of one version, then the rest.
fn in_order(tls13: Retries, old: Old, certificate: Item, alpn: Item, rest: Vec<Item>) -> Vec<Item> {
    let all = tls13.items.into_iter().chain(old.items).chain([certificate, alpn]).chain(rest);
    let (mut items, others): (Vec<_>, Vec<_>) = all.partition(|item| item.id.starts_with("version."));
    items.extend(others);
    items
}

/// The first whole handshake, with the page behind it: what is seen, and how the server is before the questions.
async fn first_look(
    asker: &mut Asker<'_>,
    client: &Client,
    addresses: &[SocketAddr],
    lookup: Lookup,
    start: Instant,
    now: OffsetDateTime,
) -> Result<Observation, Unobserved> {
    let (plan, asking) = (asker.plan, Instant::now());
    let (mut attempts, mut pages) = (1, 0);
    loop {
        let attempt = Instant::now();
        asker.begin_attempt();
        let reaching = reach(plan, client, addresses, attempts, asker.first_patience(), asker.watch);
        let reached = asker.stop.or(reaching).await.ok_or(Unobserved::Interrupted)?;
        match reached {
            Ok(reached) => {
                asker.note_first(&reached, attempts - 1);
                let so_far = SoFar { start, lookup, retry: attempt - asking, attempts };
                let seen = asker.stop.or(reached.conclude(plan, now, so_far)).await;
                let seen = seen.ok_or(Unobserved::Interrupted)?;
                asker.note_waited(attempt);
                pages += 1;
                match seen {
                    // Broken off by chance, perhaps.
                    Ok(seen) if pages < most_pages(plan, &seen) && asker.barred().is_none() => {}
                    seen => return seen,
                }
            }
            Err(error) => match asker.note_unreached(&error) {
                Some(pause) => drop(asker.stop.or(sleep(pause)).await),
                None => return Err(error),
            },
        }
        attempts += 1;
    }
}

/// How many looks a page is worth that broke off; fewer where it is for want of a certificate, most likely.
fn most_pages(plan: &Plan, seen: &Observation) -> u32 {
    let is_asked = seen.handshake.client_certificate.wish == ClientCertificateWish::Requested;
    match seen.page.outcome {
        Outcome::Closed | Outcome::Reset | Outcome::Truncated
            if is_asked && plan.client.identity.is_none() =>
        {
            PAGES_WITHOUT_CERTIFICATE
        }
        Outcome::Closed | Outcome::Reset | Outcome::Truncated => MOST_PAGES,
        _ => 0,
    }
}

/// Whether it asks for a client certificate, and for whose: seen in the first handshake or in one of TLS 1.2.
fn client_certificate(seen: Option<&Observation>, old: &Old) -> Item {
    let asked = seen.map(|seen| &seen.handshake.client_certificate);
    let names = match (asked, &old.certificate_request) {
        (Some(asked), _) if asked.wish == ClientCertificateWish::Requested => Some(asked.ca_names.clone()),
        (_, Some(names)) => Some(names.iter().map(|name| distinguished_name(name)).collect()),
        _ => None,
    };
    match names {
        Some(names) => {
            let says = if names.is_empty() { "CertificateRequest, of any CA" } else { "CertificateRequest" };
            CLIENT_CERTIFICATE.with(Verdict::Yes, Value::List(names), Evidence::known(says))
        }
        None if seen.is_some() || !old.versions.is_empty() => {
            CLIENT_CERTIFICATE.item(Verdict::No, Evidence::known("no CertificateRequest came"))
        }
        None => CLIENT_CERTIFICATE.item(Verdict::Inconclusive, Evidence::known("no handshake came about")),
    }
}

/// From the first handshake, or where there was none from the hello with all extensions.
fn alpn(seen: Option<&Observation>, old: &Old, obstacle: Option<&str>) -> Item {
    if let (None, Some(chosen)) = (seen, &old.alpn) {
        return match chosen {
            Some(protocol) => {
                let says = "h2 and http/1.1 offered, chosen";
                ALPN.with(Verdict::Yes, Value::Text(protocol.clone()), Evidence::known(says))
            }
            None => ALPN.item(Verdict::No, Evidence::known("h2 and http/1.1 offered, none chosen")),
        };
    }
    match seen.map(|seen| seen.handshake.alpn.clone()) {
        Some(Some(protocol)) => {
            ALPN.with(Verdict::Yes, Value::Text(protocol), Evidence::known("http/1.1 offered, chosen"))
        }
        Some(None) => ALPN.item(Verdict::No, Evidence::known("http/1.1 offered, none chosen")),
        None => match obstacle {
            Some(why) => ALPN.skipped(why),
            None => ALPN.item(Verdict::Inconclusive, Evidence::known("no handshake came about")),
        },
    }
}

const MOST_PAGES: u32 = 6;
const PAGES_WITHOUT_CERTIFICATE: u32 = 3;
const CLIENT_CERTIFICATE: Subject = Subject {
    section: Section::Extensions,
    id: "client_certificate",
    title: "asks for a client certificate",
};
const ALPN: Subject = Subject { section: Section::Extensions, id: "alpn", title: "ALPN" };
