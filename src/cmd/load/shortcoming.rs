//! Why a run or a search has failed although it has a result: who caused it, and what to try.

use std::{net::SocketAddr, time::Duration};

use crate::{
    authority::host_and_port,
    cmd::peer_fault::{Obstacle, connecting, fetching, handshaking},
    error::{Code, Error, Fault},
    load::{
        failure::{Blame, Class, Failure, Stage},
        limit::SearchResult,
        remark::{Remark, RemarkCode},
        shortage::Shortage,
        summary::{GateVerdict, LoadedTarget, Summary},
        wiring::Timeouts,
    },
};

/// Why a run has failed: nothing completed, a gate is true, or there is a finding. The timeouts are not known of a run that another
/// machine made.
pub(super) fn of_run(summary: &Summary, timeouts: Option<&Timeouts>) -> Option<Error> {
    nothing_completed(summary, timeouts)
        .or_else(|| failed_gate(summary))
        .or_else(|| unmade(summary))
        .or_else(|| finding(&summary.findings, &summary.target))
}

/// Why a search has failed: no session was opened, the device did not recover, or its figures show a fault.
pub(super) fn of_search(search: &SearchResult, timeouts: &Timeouts) -> Option<Error> {
    let limits = &search.limits;
    if let Some(own) = limits.own_limit {
        let (connections, what) = (own.connections, own.shortage.what());
        let what =
            format!("this machine {what}, with {connections} connections: the device's limit was not found");
        return Some(local_limit(&search.target, own.shortage, what));
    }
    if limits.sessions.is_none_or(|sessions| sessions.most == 0) {
        let Some(first) = &limits.first_failure else {
            let doing = loading(&search.target);
            return Some(Error::new(
                Fault::Inconclusive,
                Code::LOAD_NOTHING_ENDED,
                doing,
                "no session was attempted",
            ));
        };
        let failure = Failure::new(first.class, first.stage);
        return Some(
            of_peer(failure, &search.target, Some(timeouts), "so no session was opened").unwrap_or_else(
                || {
                    let what = format!("no session was opened: {}", first.class);
                    let fault = blamed(first.class.blame());
                    Error::new(fault, Code::LOAD_NO_SESSION, loading(&search.target), what)
                        .hint(advice(first.class))
                },
            ),
        );
    }
    if limits.recovery.is_some_and(|recovery| recovery.after_us.is_none()) {
        let what = "the device did not answer again after the load";
        return Some(
            Error::new(Fault::Finding, Code::LOAD_NOT_RECOVERED, loading(&search.target), what).advised(),
        );
    }
    finding(&search.findings, &search.target).or_else(|| starved(search))
}

/// The limits that were found may be those of this machine.
fn starved(search: &SearchResult) -> Option<Error> {
    let doubt = search.warnings.iter().find(|warning| warning.code == RemarkCode::GeneratorStarved)?;
    let what = format!("could not tell: {}", doubt.text);
    Some(
        Error::new(Fault::Inconclusive, Code::LOAD_GENERATOR_STARVED, loading(&search.target), what)
            .advised(),
    )
}

fn nothing_completed(summary: &Summary, timeouts: Option<&Timeouts>) -> Option<Error> {
    if summary.units.completed > 0 {
        return None;
    }
    let units = summary.load.mode.units();
    if let (0, Some(shortage)) = (summary.units.failed, summary.shortage()) {
        let what = format!("no {units} were made: this machine {}", shortage.what());
        return Some(local_limit(&summary.target, shortage, what));
    }
    let Some(worst) = summary.errors.iter().find(|row| row.class != Class::Local) else {
        let what = format!("no {units} ended, neither well nor badly");
        return Some(
            Error::new(Fault::Inconclusive, Code::LOAD_NOTHING_ENDED, loading(&summary.target), what)
                .advised(),
        );
    };
    let (count, failed) = (worst.took.count, summary.units.failed);
    let failure = Failure::new(worst.class, worst.stage);
    of_peer(failure, &summary.target, timeouts, &in_this_way(count, failed)).or_else(|| {
        let attempts = attempts(count, failed);
        let what = format!("no {units} completed: {attempts} failed with the class {}", worst.class);
        let fault = blamed(worst.class.blame());
        Some(
            Error::new(fault, Code::LOAD_NOTHING_COMPLETED, loading(&summary.target), what)
                .hint(advice(worst.class)),
        )
    })
}

/// How many of several attempts failed in the way that was told; nothing where there was one only.
fn in_this_way(count: u64, failed: u64) -> String {
    if failed > 1 { format!("{} failed in this way", attempts(count, failed)) } else { String::new() }
}

fn attempts(count: u64, failed: u64) -> String {
    match (count, failed) {
        (1, 1) => "the only attempt".to_owned(),
        (2, 2) => "both attempts".to_owned(),
        (count, failed) if count == failed => format!("all {failed} attempts"),
        (count, failed) => format!("{count} of {failed} attempts"),
    }
}

/// The figures are not told of the server when a gate could not be judged for want of this machine's means.
fn unmade(summary: &Summary) -> Option<Error> {
    let shortage = summary.shortage().filter(|_| !summary.gates.is_empty())?;
    let (unmade, units) = (summary.units.unmade, summary.load.mode.units());
    let what = format!(
        "the gates can't be judged: {unmade} {units} were not made, since this machine {}",
        shortage.what()
    );
    Some(local_limit(&summary.target, shortage, what))
}

fn local_limit(target: &LoadedTarget, shortage: Shortage, what: String) -> Error {
    Error::new(Fault::Inconclusive, Code::LOAD_LOCAL_LIMIT, loading(target), what).hint(shortage.remedy())
}

/// The error that a probe would report too; `None` for what only a load notices, or a probe can tell more exactly.
fn of_peer(
    failure: Failure,
    target: &LoadedTarget,
    timeouts: Option<&Timeouts>,
    consequence: &str,
) -> Option<Error> {
    let allowed = |of: fn(&Timeouts) -> Duration| timeouts.map(of);
    let (obstacle, allowed, timeout_option) = match (failure.class, failure.stage) {
        (Class::Refused, _) => (Obstacle::Refused, None, CONNECT_TIMEOUT),
        (Class::Unreachable, _) => (Obstacle::NoRoute, None, CONNECT_TIMEOUT),
        (Class::ConnectTimeout, _) => {
            (Obstacle::ConnectTimeout, allowed(|timeouts| timeouts.connect), CONNECT_TIMEOUT)
        }
        (Class::HandshakeTimeout, _) => {
            (Obstacle::HandshakeTimeout, allowed(|timeouts| timeouts.handshake), HANDSHAKE_TIMEOUT)
        }
        (Class::ResetInHandshake, _) => (Obstacle::Reset, None, HANDSHAKE_TIMEOUT),
        (Class::ClosedEarly, Stage::Handshake) => (Obstacle::Closed, None, HANDSHAKE_TIMEOUT),
        (Class::Alert(alert), _) => (Obstacle::Alert(alert, None), None, HANDSHAKE_TIMEOUT),
        _ => return None,
    };
    let address = address(target);
    let doing = match failure.stage {
        Stage::Lookup | Stage::Connect => connecting(address),
        Stage::Handshake => handshaking(address),
        Stage::Request => fetching(&target.path, address),
    };
    let mut what = obstacle.what(allowed);
    if !consequence.is_empty() {
        what.push_str(&format!("; {consequence}"));
    }
    Some(obstacle.error(doing, what, timeout_option))
}

/// The address that was loaded, or the name where it has several.
fn address(target: &LoadedTarget) -> String {
    match target.addresses[..] {
        [only] => SocketAddr::to_string(&only),
        _ => named(target),
    }
}

fn loading(target: &LoadedTarget) -> String {
    format!("loading {}", named(target))
}

fn named(target: &LoadedTarget) -> String {
    host_and_port(&target.host, target.port)
}

fn blamed(blame: Blame) -> Fault {
    match blame {
        Blame::Reach | Blame::Device => Fault::Device,
        Blame::Peer => Fault::Peer,
        Blame::Answer => Fault::Finding,
        Blame::Machine => Fault::Inconclusive,
    }
}

/// What to try when everything failed with this class.
fn advice(class: Class) -> &'static str {
    match class {
        Class::Dns => "check the spelling, or give the address: --address 192.168.1.7",
        Class::Certificate => {
            "is it another device, or has its certificate been renewed? is it for this name, if you gave --cacert? \
             esp-https probe shows it"
        }
        Class::ReadTimeout | Class::Deadline => {
            "allow more time with --timeout, or use less load with -c or --rate"
        }
        Class::ClosedEarly => "the device may be busy with other clients; try -c 1, and esp-https probe",
        Class::Http(_) => "check the path; esp-https probe HOST/PATH shows the answer",
        _ => "use esp-https probe to see what the device and this client disagree about",
    }
}

fn failed_gate(summary: &Summary) -> Option<Error> {
    let of = |verdict: GateVerdict| -> Vec<String> {
        summary.gates.iter().filter(|gate| gate.verdict == verdict).map(|gate| gate.fail_if.clone()).collect()
    };
    let (failed, unmeasured) = (of(GateVerdict::Failed), of(GateVerdict::NotMeasured));
    if !failed.is_empty() {
        let what = format!("true after the run: {}", failed.join(", "));
        return Some(Error::new(Fault::Finding, Code::LOAD_GATE, "checking --fail-if", what));
    }
    // What this machine could not make is told by its own error.
    (!unmeasured.is_empty() && summary.units.unmade == 0).then(|| {
        let what = format!("nothing was measured for {}", unmeasured.join(", "));
        Error::new(Fault::Inconclusive, Code::LOAD_GATE_NOT_MEASURED, "checking --fail-if", what).advised()
    })
}

fn finding(findings: &[Remark], target: &LoadedTarget) -> Option<Error> {
    let first = findings.first()?;
    let code = match first.code {
        RemarkCode::DeviceLeak => Code::LOAD_DEVICE_LEAK,
        RemarkCode::DeviceRebooted => Code::LOAD_DEVICE_REBOOTED,
        _ => Code::LOAD_DEVICE_SILENT,
    };
    Some(Error::new(Fault::Finding, code, loading(target), first.text.clone()))
}

const CONNECT_TIMEOUT: &str = "--connect-timeout";
const HANDSHAKE_TIMEOUT: &str = "--handshake-timeout";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        device::ready::Stat,
        load::{
            limit::{FirstFailure, LimitKind, Limits, Recovery, Sessions},
            remarks,
            summary::{Device, TrustBasis},
        },
    };

    const TIMEOUTS: Timeouts = Timeouts {
        connect: Duration::from_secs(1),
        handshake: Duration::from_secs(2),
        answer: Duration::from_secs(3),
    };

    #[test]
    fn a_search_that_found_nothing_out_is_explained() {
        let nothing = Limits::default();
        let gone = Limits {
            sessions: Some(Sessions { most: 4, beyond: None }),
            recovery: Some(Recovery { after_us: None }),
            ..Limits::default()
        };
        let told = |limits| of_search(&search(limits, None), &TIMEOUTS).unwrap().told();
        insta::assert_snapshot!(told(nothing) + &told(gone), @r"
        3 load.nothing_ended: loading 192.168.1.7:443: no session was attempted
        1 load.not_recovered: loading 192.168.1.7:443: the device did not answer again after the load
          try: check that it is on, and read what it prints: esp-https monitor
        ");
    }

    #[test]
    fn a_device_that_no_longer_tells_its_figures_is_a_finding() {
        let limits = Limits { sessions: Some(Sessions { most: 4, beyond: None }), ..Limits::default() };
        let stat = Stat {
            uptime_s: 10,
            heap_free: 150_000,
            heap_min: 120_000,
            sessions: 0,
            handshakes: 0,
            resumed: 0,
            handshake_us: 0,
            failed: 0,
            requests: 0,
            frames_dropped: None,
        };
        let device = Device {
            before: stat,
            after: None,
            readings: 1,
            attempts: 1,
            heap_min: Some(120_000),
            sessions_max: 0,
            leak: None,
            first_use: None,
            second_round: None,
        };
        insta::assert_snapshot!(of_search(&search(limits, Some(device)), &TIMEOUTS).unwrap().told(), @r"
        1 load.device_silent: loading 192.168.1.7:443: the device reported its figures before the run, but not after it
        ");
    }

    #[test]
    fn a_search_that_a_broken_protocol_ended_is_explained() {
        let broken =
            FirstFailure { class: Class::Protocol, stage: Stage::Handshake, connections: 1, rate: None };
        let limits = Limits { first_failure: Some(broken), ..Limits::default() };
        insta::assert_snapshot!(of_search(&search(limits, None), &TIMEOUTS).unwrap().told(), @r"
        5 load.no_session: loading 192.168.1.7:443: no session was opened: protocol
          try: use esp-https probe to see what the device and this client disagree about
        ");
    }

    fn search(limits: Limits, device: Option<Device>) -> SearchResult {
        let target = LoadedTarget {
            host: "192.168.1.7".to_owned(),
            port: 443,
            path: "/".to_owned(),
            addresses: Vec::new(),
            dns_us: None,
            trust: TrustBasis::Pin,
        };
        SearchResult {
            kind: LimitKind::Limits,
            target,
            started_at: String::new(),
            elapsed_us: 0,
            limits,
            findings: device.as_ref().map(remarks::device_findings).unwrap_or_default(),
            device,
            warnings: Vec::new(),
        }
    }
}
