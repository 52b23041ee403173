//! All that a small device's TLS accepts, without overloading it: many questions, one connection at a time.
//!
//! `questions` holds one subject a file, `machinery` what they are asked with; `item` and `finding` are what an audit reports.

mod consistency;
pub mod finding;
pub mod ids;
pub mod item;
mod machinery;
mod questions;
pub mod skip;

use std::{net::SocketAddr, time::Duration};

use serde::Serialize;
use time::OffsetDateTime;
use tokio::time::{Instant, sleep};

use self::machinery::{
    asker::Asker, client_certificate_rule::ClientCertificateRule, health::Health, ledger::Ledger, stop::Stop,
};
use self::questions::{Known, client_certificate::CLIENT_CERTIFICATE};
use self::{
    finding::{Finding, findings},
    item::{Item, Verdict},
};
use super::{
    Observation, Unobserved,
    observation::{ProbePlan, ProbeStep, SoFar, reach},
};
use crate::client::{
    connect::{Lookup, LookupError, addresses},
    handshake::ClientCertificateWish,
    observing::{Client, Memory, Settings},
    page::PageOutcome,
};
use crate::tls::AlertDescription;

pub use item::Order;
pub use machinery::{health, ledger, stop};
pub use questions::{
    everything::{Extent, VersionOffer},
    subjects,
};

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
    /// The alert by which the server ends each whole handshake, where that alert says nothing about what was offered: it may
    /// need another name.
    #[serde(skip)]
    pub refused_by: Option<AlertDescription>,
    /// All questions and their answers.
    pub items: Vec<Item>,
    /// With `all`: suites, groups and schemes by version, the newest first.
    pub offers: Vec<VersionOffer>,
    /// Where the answers contradicted each other, even when asked again. What they are about is inconclusive.
    pub contradictions: Vec<String>,
    /// The effect of the audit on the server.
    pub health: Health,
    /// What it cost.
    pub ledger: Ledger,
    /// What is worth acting on, the worst first.
    pub findings: Vec<Finding>,
}

impl Audit {
    /// Whether the server asks for a client certificate.
    #[must_use]
    pub fn wants_client_certificate(&self) -> bool {
        self.items.iter().any(|item| item.subject == CLIENT_CERTIFICATE && item.verdict == Verdict::Yes)
    }
}

/// Audits one server, as of `now` for the certificate's validity; tells `watch` what it is at.
///
/// # Errors
/// [`Unobserved`], when there is no address to ask, our own settings are refused, or something else than TLS answers. A
/// server that does not answer is a result: every question is then inconclusive. So is an audit that `stop` ends: what was
/// not asked is then skipped.
pub async fn audit(
    plan: &ProbePlan,
    scope: Scope,
    limits: Limits,
    now: OffsetDateTime,
    watch: &dyn Fn(ProbeStep),
    stop: Stop,
) -> Result<Audit, Unobserved> {
    watch(ProbeStep::LookUp);
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
    let fresh = || Known::new(scope, observation.as_ref(), refused.as_ref(), &client);
    let mut known = fresh();
    questions::ask(&mut asker, &mut known).await;
    if !consistency::contradictions(&known).is_empty() && asker.reason_to_stop().is_none() {
        known = fresh();
        questions::ask(&mut asker, &mut known).await;
    }
    let contradictions = consistency::withdraw(&mut known);
    let answers = Answers { items: questions::in_order(known.items), offers: known.offers, contradictions };
    Ok(conclude(asker, scope, (observation, refused), answers).await)
}

/// What the questions brought.
struct Answers {
    items: Vec<Item>,
    offers: Vec<VersionOffer>,
    contradictions: Vec<String>,
}

/// Ends the asking, and puts together what was found. The pair is the first handshake, or why there was none.
async fn conclude(
    asker: Asker<'_>,
    scope: Scope,
    (observation, refused): (Option<Observation>, Option<Unobserved>),
    Answers { mut items, offers, contradictions }: Answers,
) -> Audit {
    let refused_by = asker.refuses_all_by;
    let (target, address, ended) = (asker.plan.target.to_string(), asker.address, asker.ended());
    if ended == Ended::Interrupted {
        items.iter_mut().for_each(Item::skip_unless_asked);
    }
    let (health, ledger) = asker.finish().await;
    let mut audit = Audit {
        scope,
        ended,
        target,
        address,
        observation,
        unobserved: refused.as_ref().map(ToString::to_string),
        refused_by,
        items,
        offers,
        contradictions,
        health,
        ledger,
        findings: vec![],
    };
    audit.findings = findings(&audit);
    audit
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
    let (mut attempts, mut pages, mut last) = (1, 0, None);
    loop {
        let attempt = Instant::now();
        asker.begin_attempt();
        let reaching = reach(plan, client, addresses, attempts, asker.first_answer_limit(), asker.watch);
        let reached = asker.stop.or(reaching).await.ok_or(Unobserved::Interrupted)?;
        match reached {
            Ok(reached) => {
                asker.note_first(&reached, attempts - 1);
                let (page_limit, fetching) =
                    (plan.timeout.min(asker.left() / PARTS_OF_THE_DEADLINE), Instant::now());
                let so_far = SoFar { start, lookup, retry: attempt - asking, attempts, page_limit };
                let seen = asker.stop.or(reached.conclude(plan, now, so_far)).await;
                let seen = seen.ok_or(Unobserved::Interrupted)?;
                asker.note_waited(attempt);
                pages += 1;
                let is_slow = fetching.elapsed() >= page_limit;
                match seen {
                    // Broken off by chance, perhaps.
                    Ok(seen)
                        if !is_slow
                            && pages < most_pages(plan, &seen)
                            && asker.reason_to_stop().is_none() =>
                    {
                        last = Some(seen);
                    }
                    seen => return seen,
                }
            }
            Err(error) => match asker.note_unreached(&error) {
                Some(pause) => drop(asker.stop.or(sleep(pause)).await),
                None => return last.ok_or(error),
            },
        }
        attempts += 1;
    }
}

/// How many looks a page is worth that broke off; fewer where it is for want of a certificate, most likely.
fn most_pages(plan: &ProbePlan, seen: &Observation) -> u32 {
    let is_asked = seen.handshake.client_certificate.wish == ClientCertificateWish::Requested;
    match seen.page.outcome {
        PageOutcome::Closed | PageOutcome::Reset | PageOutcome::Truncated
            if is_asked && plan.client.identity.is_none() =>
        {
            PAGES_WITHOUT_CERTIFICATE
        }
        PageOutcome::Closed | PageOutcome::Reset | PageOutcome::Truncated => MOST_PAGES,
        _ => 0,
    }
}

/// A page that does not come to its end leaves most of the time for the questions.
const PARTS_OF_THE_DEADLINE: u32 = 4;
const MOST_PAGES: u32 = 6;
const PAGES_WITHOUT_CERTIFICATE: u32 = 3;
