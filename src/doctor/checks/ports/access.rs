//! Whether this user may open a port, and if not, why.

use std::path::Path;

use super::Seen;
use crate::{
    doctor::{
        check::{Finding, Remedy},
        facts::{PortAccess, PortFacts},
        surroundings::{Host, System},
    },
    system::{files::device_node, users},
};

/// A port as a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    Absent,
    There {
        /// Whether the system lets this user read and write, whatever it is by: its mode, or a list of users (ACL).
        may_open: MayOpen,
        kind: NodeKind,
        mode: u32,
        gid: u32,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MayOpen {
    Yes,
    No,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NodeKind {
    CharacterDevice,
    Other,
}

/// The groups of the user.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Groups {
    /// Those of this process, by their numbers.
    pub(super) of_session: Vec<u32>,
    /// All that there are: name, number, members (group(5)).
    pub(super) all: Vec<Group>,
    /// The user's name.
    pub(super) user: String,
}

/// A line of `/etc/group`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) name: String,
    pub(super) gid: u32,
    pub(super) members: Vec<String>,
}

impl Node {
    pub(super) fn of(path: &Path) -> Self {
        let Some(node) = device_node(path) else { return Self::Absent };
        Self::There {
            may_open: if node.is_allowed { MayOpen::Yes } else { MayOpen::No },
            kind: if node.is_device { NodeKind::CharacterDevice } else { NodeKind::Other },
            mode: node.mode,
            gid: node.gid,
        }
    }

    fn gid(&self) -> u32 {
        match self {
            Self::There { gid, .. } => *gid,
            Self::Absent => ROOT,
        }
    }

    pub(super) fn is_device(&self) -> bool {
        matches!(self, Self::There { kind: NodeKind::CharacterDevice, .. })
    }
}

impl Groups {
    pub(super) fn look() -> Self {
        Self {
            of_session: users::groups(),
            all: Group::parse(&users::group_file()),
            user: name_of(users::id(), &users::user_file()).unwrap_or_default(),
        }
    }
}

impl Group {
    fn parse(text: &str) -> Vec<Self> {
        let line = |line: &str| {
            let [name, _, gid, members] = line.split(':').collect::<Vec<_>>()[..] else { return None };
            let members = members.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect();
            Some(Self { name: name.to_owned(), gid: gid.parse().ok()?, members })
        };
        text.lines().filter_map(line).collect()
    }
}

/// passwd(5): the name of the user with that number.
fn name_of(uid: u32, passwd: &str) -> Option<String> {
    let line = passwd.lines().find(|line| line.split(':').nth(2) == Some(&uid.to_string()))?;
    line.split(':').next().map(str::to_owned)
}

/// Whether the user may open the port, and if not, which group lets people do so.
pub(super) fn of(node: &Node, groups: &Groups) -> PortAccess {
    let Node::There { may_open, mode, gid, .. } = node else { return PortAccess::Absent };
    if *may_open == MayOpen::Yes {
        return PortAccess::Allowed;
    }
    let opens = mode & GROUP_MAY_READ_AND_WRITE == GROUP_MAY_READ_AND_WRITE && *gid != ROOT;
    let Some(group) = groups.all.iter().find(|group| group.gid == *gid).filter(|_| opens) else {
        return PortAccess::OwnerOnly;
    };
    let is_member = group.members.contains(&groups.user);
    if is_member && !groups.of_session.contains(gid) {
        PortAccess::NotInSession(group.name.clone())
    } else {
        PortAccess::NotInGroup(group.name.clone())
    }
}

/// What to do where the port may not be opened.
pub(super) fn denied(what: &str, access: &PortAccess, port: &Seen, system: &System) -> Finding {
    match access {
        PortAccess::NotInSession(group) => Finding::problem(format!(
            "{what}; you are in the group {group}, but were not yet when this session began"
        ))
        .remedy(
            Remedy::run(format!("newgrp {group}"))
                .and("for this terminal; log out and in again for all others"),
        ),
        PortAccess::NotInGroup(group) if system.host == Host::Container => {
            Finding::problem(format!("{what}; only members of the group {group} may open it"))
                .remedy(Remedy::advice(format!("start the container with --group-add {}", port.node.gid())))
        }
        PortAccess::NotInGroup(group) => {
            let command = system.as_root(&format!("usermod -aG {group} {}", system.user));
            Finding::problem(format!(
                "{what}; only members of the group {group} may open it, and you are not one"
            ))
            .remedy(Remedy::run(command).and("then log out and in again"))
        }
        _ => {
            Finding::problem(format!("{what}; only its owner may open it")).remedy(rule(&port.facts, system))
        }
    }
}

/// A rule of udev that gives such ports to whoever sits at the machine (udev(7), the tag `uaccess`).
fn rule(port: &PortFacts, system: &System) -> Remedy {
    let Some(usb) = &port.usb else {
        return Remedy::run(system.as_root(&format!("chmod a+rw {}", port.path)));
    };
    let rule = format!(
        r#"SUBSYSTEM=="tty", ATTRS{{idVendor}}=="{:04x}", MODE="0660", TAG+="uaccess""#,
        usb.vendor_id
    );
    let tee = system.as_root("tee /etc/udev/rules.d/70-esp-https.rules");
    Remedy::run(format!("echo '{rule}' | {tee} && {}", system.as_root("udevadm control --reload")))
        .and("then connect the board again")
}

const ROOT: u32 = 0;
/// Mode bits (inode(7)).
const GROUP_MAY_READ_AND_WRITE: u32 = 0o060;

#[cfg(test)]
mod tests {
    use super::*;

    fn node(may_open: MayOpen, mode: u32, gid: u32) -> Node {
        Node::There { may_open, kind: NodeKind::CharacterDevice, mode: 0o020_000 | mode, gid }
    }

    fn groups(of_session: &[u32], members: &str) -> Groups {
        let all =
            Group::parse(&format!("root:x:0:\ndialout:x:20:{members}\nplugdev:x:46:ada\nbroken line\n"));
        Groups { of_session: of_session.to_vec(), all, user: "ada".to_owned() }
    }

    #[test]
    fn why_a_port_may_not_be_opened_is_told_by_its_mode_and_the_groups() {
        let of = |may_open, mode, gid, groups: &Groups| of(&node(may_open, mode, gid), groups);
        let stranger = groups(&[1000], "bob");
        assert_eq!(of(MayOpen::Yes, 0o600, 0, &stranger), PortAccess::Allowed, "root, or a list of users");
        let dialout = || "dialout".to_owned();
        assert_eq!(of(MayOpen::No, 0o660, 20, &stranger), PortAccess::NotInGroup(dialout()));
        let new = groups(&[1000], "bob,ada");
        assert_eq!(of(MayOpen::No, 0o660, 20, &new), PortAccess::NotInSession(dialout()));
        assert_eq!(of(MayOpen::No, 0o600, 0, &new), PortAccess::OwnerOnly);
        assert_eq!(
            of(MayOpen::No, 0o660, 0, &new),
            PortAccess::OwnerOnly,
            "nobody should be in the group root"
        );
        assert_eq!(of(MayOpen::No, 0o640, 20, &new), PortAccess::OwnerOnly, "the group may read only");
        assert_eq!(of(MayOpen::No, 0o660, 99, &new), PortAccess::OwnerOnly, "a group without a name");
        assert_eq!(super::of(&Node::Absent, &new), PortAccess::Absent);
    }

    #[test]
    fn a_user_is_found_by_number() {
        let passwd = "root:x:0:0:root:/root:/bin/bash\nada:x:1000:1000::/home/ada:/bin/sh\n";
        assert_eq!(name_of(1000, passwd), Some("ada".to_owned()));
        assert_eq!(name_of(1, passwd), None);
    }

    #[test]
    fn a_device_is_told_from_a_file() {
        assert!(Node::of(Path::new("/dev/null")).is_device());
        assert!(!Node::of(Path::new("/etc/passwd")).is_device());
        assert_eq!(Node::of(Path::new("/dev/nonexistent")), Node::Absent);
    }
}
