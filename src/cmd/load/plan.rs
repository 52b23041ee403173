//! From arguments to what is to be done, checked before anything is loaded.

use std::{num::NonZero, sync::Arc, thread, time::Duration};

use rustls::{CipherSuite, NamedGroup, pki_types::ServerName};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::explain;
use crate::{
    cert::OddFile,
    cli::{LoadArgs, ModeArg, ResumeArg, VersionArg},
    client::{
        connect::KnownAddress,
        request::{Afterwards, Request},
        target::Target,
        tls,
        trusting::{Factory, Resume, Settings, Trust, Version},
    },
    cmd::{peer_fault, peer_files, request::request},
    duration::micros,
    error::Result,
    load::{
        gate::Gate,
        plan::{LoadPlan, Mode, StatDuty},
        schedule::{Schedule, StopRule},
        summary::{Load, TrustBasis},
        wiring::Timeouts,
    },
    tls::Suite,
};

/// All that is known before the first packet.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) target: Target,
    pub(super) server_name: ServerName<'static>,
    pub(super) address: Option<KnownAddress>,
    pub(super) trust: TrustBasis,
    pub(super) tls: Factory,
    pub(super) request: Request,
    /// What becomes of a connection after the answer.
    pub(super) afterwards: Afterwards,
    pub(super) timeouts: Timeouts,
    pub(super) plan: LoadPlan,
    pub(super) load: Load,
    pub(super) gates: Vec<Gate>,
    pub(super) threads: usize,
    pub(super) start_at: Option<OffsetDateTime>,
    /// Files that could be read though something about them was odd.
    pub(super) odd_files: Vec<OddFile>,
}

impl Prepared {
    pub(super) fn new(args: &LoadArgs) -> Result<Self> {
        let text = args.target.as_deref().unwrap_or_default();
        let target: Target = text.parse().map_err(peer_fault::bad_target)?;
        let mut odd_files = Vec::new();
        let (trust, basis) = trust(args, &mut odd_files)?;
        let settings = settings(args, trust, &mut odd_files)?;
        let (plan, given) = (plan(args), args.server_name.as_deref());
        let request = request(&args.request, target.path())?;
        Ok(Self {
            server_name: target
                .server_name(given)
                .map_err(|_| peer_fault::bad_server_name(given.unwrap_or_default()))?,
            address: args
                .address
                .as_ref()
                .map(|given| peer_fault::known_address(&target, given))
                .transpose()?,
            trust: basis,
            tls: Factory::new(settings).map_err(explain::bad_settings)?,
            afterwards: if args.mode == ModeArg::Close { Afterwards::Close } else { Afterwards::Keep },
            timeouts: Timeouts {
                connect: args.connect_timeout,
                handshake: args.handshake_timeout,
                answer: args.timeout,
            },
            plan,
            load: described(args, &request, &plan),
            request,
            gates: run_gates(args)?,
            threads: args.threads.map_or_else(cores, usize::from),
            start_at: args.start_at.as_deref().map(start_at).transpose()?,
            target,
            odd_files,
        })
    }
}

/// The gates of a run or a search, whose steps are too short to ask the device for its figures.
fn run_gates(args: &LoadArgs) -> Result<Vec<Gate>> {
    let gates = gates(&args.fail_if)?;
    match gates.iter().find(|gate| gate.looks_at_device()) {
        Some(gate) if args.find_limit => Err(explain::gate_of_no_step(gate)),
        Some(gate) if args.no_stat => Err(explain::gate_without_stat(gate)),
        _ => Ok(gates),
    }
}

/// The gates of a command line.
pub(super) fn gates(texts: &[String]) -> Result<Vec<Gate>> {
    texts.iter().map(|text| text.parse().map_err(|error| explain::bad_gate(text, error))).collect()
}

fn plan(args: &LoadArgs) -> LoadPlan {
    // Without any limit a run lasts ten seconds.
    let duration = args.duration.or_else(|| args.requests.is_none().then_some(DEFAULT_DURATION));
    let schedule = match (args.rate, args.ramp) {
        (Some(per_s), _) => Schedule::Steady { per_s },
        (None, Some((from, to))) => Schedule::Ramp { from, to, over: duration.unwrap_or(DEFAULT_DURATION) },
        (None, None) => Schedule::AsAnswered,
    };
    LoadPlan {
        unit: mode(args.mode).unit(),
        connections: connections(args),
        schedule,
        stop: StopRule { count: args.requests, duration },
        grace: GRACE,
        stat: if args.no_stat { StatDuty::None } else { StatDuty::EachSecond },
    }
}

/// No more connections than units: each is opened before the clock starts.
fn connections(args: &LoadArgs) -> usize {
    let asked = u64::from(args.connections.unwrap_or(1));
    usize::try_from(asked.min(args.requests.unwrap_or(asked))).unwrap_or(1)
}

fn described(args: &LoadArgs, request: &Request, plan: &LoadPlan) -> Load {
    let rates = args.ramp.or(args.rate.map(|rate| (rate, rate)));
    Load {
        mode: mode(args.mode),
        method: request.method.to_string(),
        connections: plan.connections,
        count: plan.stop.count,
        duration_us: plan.stop.duration.map(micros),
        rate_from: rates.map(|(from, _)| from),
        rate_to: rates.map(|(_, to)| to),
        resume: resume(args.resume),
    }
}

fn mode(mode: ModeArg) -> Mode {
    match mode {
        ModeArg::Request => Mode::Request,
        ModeArg::Handshake => Mode::Handshake,
        ModeArg::Close => Mode::Close,
    }
}

fn resume(resume: ResumeArg) -> Resume {
    match resume {
        ResumeArg::Never => Resume::Never,
        ResumeArg::Always => Resume::Always,
        ResumeArg::Natural => Resume::Natural,
    }
}

fn settings(args: &LoadArgs, trust: Trust, odd: &mut Vec<OddFile>) -> Result<Settings> {
    Ok(Settings {
        trust,
        identity: peer_files::identity(args.client_cert.as_deref(), args.client_key.as_deref(), odd)?,
        resume: resume(args.resume),
        version: args.tls.map(|version| match version {
            VersionArg::Tls12 => Version::Tls12,
            VersionArg::Tls13 => Version::Tls13,
        }),
        suite: args.suite.as_deref().map(suite).transpose()?,
        group: args.group.as_deref().map(group).transpose()?,
    })
}

fn suite(name: &str) -> Result<CipherSuite> {
    let known = tls::suites();
    let found = name.parse().ok().filter(|suite: &Suite| known.contains(suite));
    found
        .map(|suite| suite.0.into())
        .ok_or_else(|| explain::bad_name("--suite", "cipher suite", name, &suite_names()))
}

fn group(name: &str) -> Result<NamedGroup> {
    let known = tls::groups();
    let found = name.parse().ok().filter(|group: &crate::tls::NamedGroup| known.contains(group));
    found
        .map(|group| group.0.into())
        .ok_or_else(|| explain::bad_name("--group", "group", name, &group_names()))
}

/// The cipher suites that can be offered, by their registered names.
pub(in crate::cmd) fn suite_names() -> Vec<String> {
    texts(&tls::suites())
}

/// The groups that can be offered, by their registered names.
pub(in crate::cmd) fn group_names() -> Vec<String> {
    texts(&tls::groups())
}

fn texts<T: ToString>(values: &[T]) -> Vec<String> {
    values.iter().map(ToString::to_string).collect()
}

fn trust(args: &LoadArgs, odd: &mut Vec<OddFile>) -> Result<(Trust, TrustBasis)> {
    match (&args.cert, &args.cacert) {
        (Some(path), _) => Ok((Trust::Pin(peer_files::pinned(path, odd)?), TrustBasis::Pin)),
        (None, Some(path)) => Ok((Trust::Cas(Arc::new(peer_files::roots(path, odd)?)), TrustBasis::Ca)),
        (None, None) if args.insecure => Ok((Trust::Any, TrustBasis::Insecure)),
        (None, None) => Ok((Trust::Any, TrustBasis::NotChecked)),
    }
}

fn start_at(text: &str) -> Result<OffsetDateTime> {
    let seconds = || text.parse().ok().and_then(|at| OffsetDateTime::from_unix_timestamp(at).ok());
    let at =
        OffsetDateTime::parse(text, &Rfc3339).ok().or_else(seconds).ok_or_else(|| explain::bad_time(text))?;
    let wait = at - OffsetDateTime::now_utc();
    if wait.is_negative() || wait > time::Duration::days(1) { Err(explain::late_start(text)) } else { Ok(at) }
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

const DEFAULT_DURATION: Duration = Duration::from_secs(10);
/// A handshake that is under way at the end gets the time that a busy small device needs for it.
const GRACE: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use clap::ValueEnum;
    use serde::Serialize;

    use super::*;

    /// Each value is one word on the command line, in JSON, and in the table of the documentation below `option`.
    fn assert_same_words<A: ValueEnum, V: Serialize>(option: &str, value: fn(A) -> V) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/load.md");
        let documentation = fs::read_to_string(path).unwrap();
        let table = documentation.split(&format!("| `{option}` |")).nth(1).unwrap();
        let table = table.split("\n\n").next().unwrap();
        let rows: Vec<&str> =
            table.lines().filter_map(|row| row.strip_prefix("| `")?.split('`').next()).collect();
        let words: Vec<String> = A::value_variants()
            .iter()
            .map(|argument| argument.to_possible_value().unwrap().get_name().to_owned())
            .collect();
        assert_eq!(rows, words, "the table of {option}");
        for (argument, word) in A::value_variants().iter().zip(&words) {
            assert_eq!(serde_json::to_value(value(argument.clone())).unwrap(), word.as_str());
        }
    }

    #[test]
    fn modes_and_resumption_have_the_same_words_everywhere() {
        assert_same_words("--mode", mode);
        assert_same_words("--resume", resume);
    }

    #[test]
    fn the_names_that_are_listed_are_accepted() {
        for name in suite_names() {
            assert!(suite(&name).is_ok(), "{name}");
        }
        for name in group_names() {
            assert!(group(&name).is_ok(), "{name}");
        }
        // The examples in the help of --suite and --group.
        for name in ["x25519", "secp256r1", "secp384r1", "X25519MLKEM768"] {
            assert!(group(name).is_ok(), "{name}");
        }
        assert!(suite("TLS_AES_128_GCM_SHA256").is_ok());
    }
}
