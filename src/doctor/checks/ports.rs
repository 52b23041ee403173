//! The serial ports: what is at them, whether this user may open them, and who else has them open. None is opened, since that
//! restarts some boards, unless the boards are to be asked.

mod access;
mod asked;
mod none;

use std::path::Path;

use crate::{
    device::serial::{
        lock::PortLock,
        ports::{PortInfo, bridge, likely, list},
    },
    doctor::{
        check::{CheckState, Finding, Registered, Remedy, Verb, blocking},
        facts::{Facts, PortAccess, PortFacts, PortKind, PortUser},
        processes::users_of,
        surroundings::{AskBoards, NamedPort, PortNamedBy, Surroundings, System},
    },
    system::serial::EXAMPLES,
};

pub(in crate::doctor) const CHECK: Registered = Registered {
    id: "port",
    title: "serial port",
    needed_by: &[Verb::Flash, Verb::Monitor],
    look: |surroundings| blocking(move || all(&surroundings)),
};

/// A port, and what is known of it.
struct Seen {
    facts: PortFacts,
    named: Option<PortNamedBy>,
    /// Whether a run of ours has it.
    lock: Lock,
    /// Whether flash takes it where none is named.
    choice: Choice,
    node: access::Node,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Lock {
    Free,
    Held,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Choice {
    Likely,
    ByNameOnly,
}

fn all(surroundings: &Surroundings) -> Vec<Finding> {
    let system = &surroundings.system;
    let seen = see(&surroundings.ports);
    if seen.is_empty() {
        return vec![none::judge(&none::Seen::look(), system)];
    }
    let judged = |port: &Seen| match (judge(port, system), surroundings.boards) {
        (finding, AskBoards::Yes) if port.can_be_asked() => asked::ask(port, finding, &surroundings.stop),
        (finding, _) => finding,
    };
    in_the_way(seen.iter().map(judged).collect())
}

/// The named ports, or all on USB.
fn see(named: &[NamedPort]) -> Vec<Seen> {
    let (listed, mut seen) = (list(), Vec::<Seen>::new());
    let likely: Vec<String> = likely(&listed).into_iter().map(|port| port.path).collect();
    for NamedPort { path, by } in named {
        seen.push(Seen::look(PortInfo::at(path), Some(*by), Choice::Likely));
    }
    if named.iter().any(|port| port.by == PortNamedBy::Flag) {
        return seen;
    }
    let known: Vec<_> =
        seen.iter().filter_map(|port| Path::new(&port.facts.path).canonicalize().ok()).collect();
    let is_new = |port: &PortInfo| !known.iter().any(|path| path == Path::new(&port.path));
    for port in listed.into_iter().filter(|port| port.usb.is_some() && is_new(port)) {
        let choice = if likely.contains(&port.path) { Choice::Likely } else { Choice::ByNameOnly };
        seen.push(Seen::look(port, None, choice));
    }
    seen
}

impl Seen {
    fn look(port: PortInfo, named: Option<PortNamedBy>, choice: Choice) -> Self {
        let node = access::Node::of(Path::new(&port.path));
        let lock = if PortLock::is_held(&port.path) { Lock::Held } else { Lock::Free };
        let kind = match &port.usb {
            None => PortKind::NotUsb,
            Some(_) if port.is_in_the_chip() => PortKind::ChipUsb,
            Some(usb) if bridge(usb.vendor_id).is_some() => PortKind::Bridge,
            Some(_) => PortKind::OtherUsb,
        };
        // The chip's own USB has it as its serial number; that of a bridge is the bridge's.
        let serial = port.usb.as_ref().and_then(|usb| usb.serial.as_ref());
        let mac = serial.filter(|_| kind == PortKind::ChipUsb).and_then(|serial| serial.parse().ok());
        let (access, used_by) = (access::of(&node, &access::Groups::look()), users_of(Path::new(&port.path)));
        let facts = PortFacts { path: port.path, usb: port.usb, kind, mac, access, used_by };
        Self { facts, named, lock, choice, node }
    }

    /// A port that another program has open can be asked, too: the answer is shared with that program, or comes all the same.
    fn can_be_asked(&self) -> bool {
        let is_likely = self.choice == Choice::Likely;
        is_likely && self.facts.access == PortAccess::Allowed && self.node.is_device()
    }

    /// The processes that have it open, by name and number; nothing when there are none.
    fn users(&self) -> String {
        let named = |user: &PortUser| format!("{} (process {})", user.name, user.pid);
        self.facts.used_by.iter().map(named).collect::<Vec<_>>().join(", ")
    }

    fn end_users(&self) -> Remedy {
        let pids: Vec<String> = self.facts.used_by.iter().map(|user| user.pid.to_string()).collect();
        Remedy::run(format!("kill {}", pids.join(" "))).and("or end the program in its own window")
    }

    /// What is at it, for a person.
    fn described(&self) -> String {
        let PortFacts { usb, kind, mac, .. } = &self.facts;
        let ids = usb
            .as_ref()
            .map_or(String::new(), |usb| format!(" ({:04x}:{:04x})", usb.vendor_id, usb.product_id));
        let name = usb.as_ref().and_then(|usb| bridge(usb.vendor_id).or(usb.product.as_deref()));
        match (kind, mac) {
            (PortKind::ChipUsb, Some(mac)) => format!("the chip's own USB, MAC {mac}"),
            (PortKind::ChipUsb, None) => "the chip's own USB".to_owned(),
            (PortKind::NotUsb, _) => "a port that is not on USB".to_owned(),
            _ => format!("{}{ids}", name.unwrap_or("a USB device")),
        }
    }
}

fn judge(port: &Seen, system: &System) -> Finding {
    let what = port.described();
    let finding = match &port.facts.access {
        PortAccess::Absent => absent(port),
        _ if !port.node.is_device() => Finding::problem("it is not a serial port")
            .remedy(Remedy::advice(format!("name one such as {} or {}", EXAMPLES[0], EXAMPLES[1]))),
        PortAccess::Allowed => usable(port, &what),
        denied => access::denied(&what, denied, port, system),
    };
    finding.about(&port.facts.path).facts(Facts::Port(port.facts.clone()))
}

fn absent(port: &Seen) -> Finding {
    match port.named {
        Some(PortNamedBy::Variable) => Finding::problem("ESPFLASH_PORT names it, and there is no such port")
            .remedy(Remedy::run("unset ESPFLASH_PORT")),
        _ => Finding::problem("there is no such port")
            .remedy(Remedy::run("esp-https doctor").and("lists those that there are")),
    }
}

fn usable(port: &Seen, what: &str) -> Finding {
    match (port.facts.used_by.as_slice(), port.lock) {
        ([], Lock::Free) if port.choice == Choice::ByNameOnly => Finding::not_needed(format!(
            "{what}, of no kind that boards come with; it is taken only when --port names it"
        )),
        ([], Lock::Free) => Finding::ok(format!("{what}; you may open it, and it is free")),
        ([], Lock::Held) => Finding::problem(format!("{what}; another esp-https uses it"))
            .remedy(Remedy::advice("wait until it has ended, or end it")),
        (_, _) => {
            Finding::problem(format!("{what}; it is open in {}", port.users())).remedy(port.end_users())
        }
    }
}

/// A port that can't be used is in nobody's way when there is another one, unless it is the one that was named.
fn in_the_way(findings: Vec<Finding>) -> Vec<Finding> {
    let usable = [CheckState::Ok, CheckState::Warning];
    let one_is_usable = findings.iter().any(|finding| usable.iter().any(|state| finding.is(*state)));
    let leave = |finding: Finding| if one_is_usable { finding.blocking([]) } else { finding };
    findings.into_iter().map(leave).collect()
}

#[cfg(test)]
mod tests;
