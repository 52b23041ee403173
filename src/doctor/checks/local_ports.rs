//! Local ports: each connection of `load` to one server takes one, and keeps it for a minute after its end.

use crate::{
    doctor::{
        check::{Finding, Registered, Remedy, Verb},
        facts::{Facts, LimitFacts},
        surroundings::System,
    },
    load::{capacity::local_ports, limit::DEFAULT_SESSIONS},
};

pub(in crate::doctor) const CHECK: Registered = Registered {
    id: "local_ports",
    title: "local ports",
    needed_by: &[Verb::Load],
    look: |surroundings| {
        Box::pin(async move {
            local_ports().map(|ports| judge(ports, &surroundings.system)).into_iter().collect()
        })
    },
};

fn judge(allowed: u64, system: &System) -> Finding {
    let remedy = || Remedy::run(system.as_root(r#"sysctl -w net.ipv4.ip_local_port_range="32768 60999""#));
    let sessions = u64::from(DEFAULT_SESSIONS);
    let finding = match allowed {
        _ if allowed < sessions => {
            let what = format!("there are {allowed}, and load --find-limit needs {sessions} at once");
            Finding::problem(what).remedy(remedy())
        }
        _ if allowed < FEW => {
            let what =
                format!("there are {allowed}: load with a new connection for each request runs out of them");
            Finding::warning(what).remedy(remedy())
        }
        _ => Finding::ok(format!("there are {allowed} for connections to one address")),
    };
    finding.facts(Facts::Limit(LimitFacts { allowed: Some(allowed), needed: sessions }))
}

/// A port stays taken for 60 s after its connection, and a small device makes 40 handshakes a second.
const FEW: u64 = 60 * 40;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn load_has_to_have_ports_for_its_connections() {
        let all: String =
            [28_232, 1000, 10].into_iter().map(|ports| judge(ports, &System::debian()).told()).collect();
        insta::assert_snapshot!(all, @r#"
        Ok: there are 28232 for connections to one address
        Warning: there are 1000: load with a new connection for each request runs out of them
          sudo sysctl -w net.ipv4.ip_local_port_range="32768 60999"
        Problem: there are 10, and load --find-limit needs 64 at once
          sudo sysctl -w net.ipv4.ip_local_port_range="32768 60999"
        "#);
    }
}
